"""The class page, made once for all tests of a run, and a browser that opens it."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from built import built

import omemsim.page as pages
from omemsim.compiling.webassembly import LINKER
from omemsim.locks import let_go, take
from omemsim.page.lesson_steps import Step

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_LINKER = f"no {LINKER} (Debian: apt install lld)"
BROWSER = next((path for path in map(shutil.which, NAMES) if path), None)


def missing() -> str:
    """Return what is not on this machine, empty if all is."""
    if shutil.which(LINKER) is None:
        return NO_LINKER
    if importlib.util.find_spec("playwright") is None:
        return "no playwright (pip install playwright)"
    return "" if BROWSER else "no Chromium (Debian: apt install chromium)"


needs_linker = pytest.mark.skipif(shutil.which(LINKER) is None, reason=NO_LINKER)
needs_browser = pytest.mark.skipif(bool(missing()), reason=missing())


def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of `small`; whoever comes second waits."""
    compiled = built(tmp_path_factory)
    path, lock = compiled / "page.html", compiled / "page.lock"
    while (held := take(lock)) is None:
        time.sleep(0.2)
    try:
        if not path.exists():
            with patch.object(pages, "module", (compiled / "week.wasm").read_bytes):
                text = pages.page_of("small", pages.STRATEGIES, "en").text
            path.write_text(text, encoding="utf-8")
    finally:
        let_go(held, lock)
    return path


def with_few_towns(page: str, few: int) -> str:
    """Return a page that carries few towns, so that a lesson takes seconds."""
    return re.sub(
        r'<script type="text/plain" id="start-(\d+)">[^<]*</script>\n?',
        lambda found: found[0] if int(found[1]) < few else "",
        page,
    )


def answer_step(page: Any, step: Step) -> None:
    """Answer a step of a lesson as a hasty student does: the first of everything."""
    form = page.locator("#exercise form")
    if step.kind == "find_out":
        form.locator("[data-ask]:not([disabled])").first.click()
        page.wait_for_selector("#exercise td strong")
        for select in form.locator("select").all():
            select.select_option("red")
    names = form.locator("input[type=radio]").evaluate_all("all => all.map(one => one.name)")
    for name in dict.fromkeys(names):
        form.locator(f"input[name='{name}']").first.check()
    for box in form.locator("input[type=number]").all():
        box.fill("10")
    if step.kind == "explain":
        form.locator("textarea").fill("Because <b>hours</b> are fixed.")


@contextmanager
def opened(chromium: Any, path: Path, *, before: str = "", **settings: Any) -> Iterator[Any]:
    """Give a page of a browser that has opened a file and is ready; complain of what it logged.

    ``before`` is JavaScript that runs before the page's own.
    """
    wrong: list[str] = []
    sandbox = [] if sys.platform != "linux" else ["--no-sandbox"]
    browser = chromium.launch(executable_path=BROWSER, args=sandbox)
    try:
        page = browser.new_page(**settings)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: wrong.append(asked.url) if is_outside(asked.url) else None)
        page.add_init_script(before or "0")
        page.goto(path.as_uri())
        page.wait_for_selector("body[data-engine]", timeout=60_000)
        yield page
    finally:
        browser.close()
    assert wrong == []


def is_outside(url: str) -> bool:
    return not url.startswith(("file:", "blob:", "data:"))
