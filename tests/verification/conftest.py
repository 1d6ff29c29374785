"""What tests of the class page share: the page of `small`, and the browser that opens it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pages import page_file


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of `small`."""
    return page_file(tmp_path_factory)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Give Chromium, not yet started."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium
