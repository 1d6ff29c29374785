"""The report and the cards in Chromium, offline: axe, a narrow screen, one printed first page."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import BROWSER, needs_browser

import omemsim as om
from omemsim.analysis.diagnose import diagnose
from omemsim.figures.cards_html import cards_page
from omemsim.report import FILE, save_report
from omemsim.study.comparison import Comparison
from omemsim.vocabulary.parameters import ZoneLimits
from tests.unit.test_diagnosis_files import town

pytestmark = needs_browser
COMMAND = "omemsim compare hot_spots omem town=small report=yes"
PAPER = (688, 1016)  # CSS pixels of A4 within margins of 14 mm: 182 by 269 mm at 96 an inch


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = tmp_path_factory.mktemp("browser")
    return om.compare(
        *("present_practice", "hot_spots", "omem"),
        town="small",
        years=0.5,
        overrides=["town.residents=600", "town.neighbourhoods=6", "spin_up_years=0.3"],
        replicates=2,
        uncertainty=[{"parameters.offend.deterrence": x} for x in np.linspace(0.1, 0.7, 6)],
        store=folder / "store",
        out=folder,
        workers=1,
        progress=False,
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        sandbox = [] if sys.platform != "linux" else ["--no-sandbox"]
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=sandbox)
        yield chromium
        chromium.close()


def opened(browser: Any, path: Path, wide: int, high: int = 900) -> Any:
    """Return a page that has no network and shows a file."""
    context = browser.new_context(viewport={"width": wide, "height": high}, offline=True)
    page = context.new_page()
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("code", ["en", "fr"])
def test_a_report_is_accessible_reflows_and_prints(
    comparison: Comparison, browser: Any, tmp_path: Path, code: str
) -> None:
    from axe import violations

    save_report(comparison, tmp_path, language=code, command=COMMAND)
    page = opened(browser, tmp_path / FILE, 1366)
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == 320  # WCAG 2.2, 1.4.10
    assert cut_texts(page) == []
    page.set_viewport_size({"width": PAPER[0], "height": PAPER[1]})
    page.emulate_media(media="print")
    first = page.evaluate("document.querySelector('section').getBoundingClientRect().bottom")
    assert first <= PAPER[1]
    page.context.close()


def cut_texts(page: Any) -> list[str]:
    """Return the texts of drawings that reach beyond their drawing, which cuts them."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("figure svg text")].filter((text) => {
            const mine = text.getBBox(), box = text.ownerSVGElement.viewBox.baseVal;
            return mine.x < -0.5 || mine.x + mine.width > box.width + 0.5;
        }).map((text) => text.textContent)"""
    )
    return found


def test_cards_are_accessible_and_reflow(browser: Any, tmp_path: Path) -> None:
    from axe import violations

    path = tmp_path / "cards.html"
    few = diagnose(town(6), ZoneLimits())
    path.write_text(cards_page(few, few.rows), encoding="utf-8")
    page = opened(browser, path, 1366)
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.context.close()
