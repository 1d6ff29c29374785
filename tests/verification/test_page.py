"""The model in the class page, in Chromium, is the model that Python runs: bit for bit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import needs_browser, opened
from parity import ASK, assert_read, changed_run, differing

from omemsim.inputs.config import compose_scenario
from omemsim.measures import MEASURES, of_town
from omemsim.page.readings import read
from omemsim.processes import run_weeks
from omemsim.spin_up import spin_up
from omemsim.vocabulary.wheel import Zone

pytestmark = needs_browser
WEEKS = 520
REPLICATE = 3


@pytest.fixture(scope="module")
def browser(chromium: Any, file: Path) -> Iterator[Any]:
    with opened(chromium, file) as page:
        yield page


def asked(browser: Any, strategy: str, weeks: int, changes: list[Any] = []) -> Any:  # noqa: B006
    job = {"strategy": strategy, "weeks": weeks, "changes": changes, "replicate": REPLICATE}
    return browser.evaluate(ASK, job)


def test_a_town_settles_in_the_page_as_in_python(browser: Any) -> None:
    town = spin_up(compose_scenario("small", "omem"), REPLICATE)
    said = asked(browser, "omem", 0)
    assert differing(town, said["columns"]) == []
    assert_read(town, said["before"])


@pytest.mark.parametrize(
    "strategy", ["omem", "present_practice", "hot_spots", "enforcement_everywhere"]
)
def test_ten_years_in_the_page_are_those_in_python(browser: Any, strategy: str) -> None:
    scenario = compose_scenario("small", strategy)
    town = spin_up(scenario, REPLICATE)
    said = asked(browser, strategy, WEEKS)
    for week in (52, 53, WEEKS):
        run_weeks(town, scenario.parameters, scenario.strategy, week - town.week)
        assert_read(town, said["found"][week - 1])
    assert differing(town, said["columns"]) == []
    assert WEEKS / said["seconds"] > 20  # weeks a second, the least that a class needs


def test_levers_and_shocks_do_in_the_page_what_they_do_in_python(browser: Any) -> None:
    case = changed_run(REPLICATE)
    said = asked(browser, case.strategy, case.weeks, case.changes)
    assert differing(case.town, said["columns"]) == []
    assert_read(case.town, said["found"][-1])
    unchanged = asked(browser, case.strategy, case.weeks)
    assert differing(case.town, unchanged["columns"]) != []


# --- The page as people use it ---------------------------------------------------------------


def test_the_page_is_one_small_file_that_lets_nothing_in(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert file.stat().st_size < 1_500_000
    assert len(re.findall(r'id="start-\d+"', text)) == 20
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    allowed = dict(part.strip().split(" ", 1) for part in policy[1].split(";"))
    assert allowed["default-src"] == "'none'"
    assert re.fullmatch(r"'sha256-[\w+/=]+' 'wasm-unsafe-eval'", allowed["script-src"])
    assert re.fullmatch(r"'sha256-[\w+/=]+'", allowed["style-src"])
    assert not re.search(r"(src|href)=\"(https?:)?//", text)


def month(page: Any, wanted: int) -> None:
    page.wait_for_function(
        "wanted => document.getElementById('month').textContent.match(/\\d+/)[0] == wanted",
        arg=str(wanted),
    )


def zones(page: Any) -> list[str]:
    return list(page.eval_on_selector_all(".arm .map button", "all => all.map(b => b.className)"))


def test_exploring_by_clicks_shows_what_python_says(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        for _ in range(13):
            page.click("#step")
        month(page, 12)
        scenario = compose_scenario("small", "present_practice")
        town = spin_up(scenario, 0)
        run_weeks(town, scenario.parameters, scenario.strategy, 52)
        shown = zones(page)[: len(town.neighbourhoods)]
        assert shown == [f"zone-{zone}" for zone in town.neighbourhoods.zone]
        one = MEASURES["victimization"]
        rate = of_town(one, read(town)[one.name], weights=town.neighbourhoods.residents)
        cells = page.inner_text(".f-now .now")
        assert f"{rate:.0f}" in cells.splitlines()[1]


def test_a_change_can_be_undone_made_again_and_shared(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        for _ in range(7):
            page.click("#step")
        month(page, 6)
        page.fill("#mix-0-typed", "10")
        page.press("#mix-0-typed", "Enter")
        page.wait_for_selector("#more li")
        assert "10%" in page.inner_text("#more li")
        assert page.locator(".arm svg .flag").count() == 1
        for _ in range(26):
            page.click("#step")
        month(page, 30)
        changed, code = page.inner_text(".f-now"), page.input_value("#code")
        page.click("#undo")
        page.wait_for_selector("#more li", state="detached")
        undone = page.inner_text(".f-now")
        assert undone != changed
        page.click("#redo")
        page.wait_for_selector("#more li")
        assert page.inner_text(".f-now") == changed
        page.click("#reset")
        month(page, 0)
        page.fill("#code", code)
        page.click("#take")
        month(page, 30)
        assert page.inner_text(".f-now") == changed


def test_a_budget_that_is_used_up_gives_nothing_more(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        page.click("summary:has-text('Tactics for red')")
        page.fill("#mix-2-typed", "50")
        page.press("#mix-2-typed", "Enter")
        assert page.input_value("#mix-2-typed") == "0"
        assert "lower another tactic first" in page.inner_text("#sentence")
        assert page.locator("#more li").count() == 0


def test_two_strategies_are_compared_in_all_replicates(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        for _ in range(13):
            page.click("#step")
        month(page, 12)
        page.click("#to-compare")
        page.wait_for_selector("#difference:not([hidden])")
        assert "One run says little" in page.inner_text("#difference")
        page.click("#twenty")
        page.wait_for_selector("#difference svg circle, #difference svg rect")
        page.wait_for_function(
            "() => !/are done|One run/.test(document.getElementById('difference').innerText)",
            timeout=60_000,
        )
        dots = page.locator("#difference svg circle, #difference svg rect").count()
        assert dots == 20
        said = page.text_content("#difference [data-of=dots] tbody td")
        assert difference_in_python(0) == pytest.approx(float(said), abs=6e-4)


def difference_in_python(replicate: int) -> float:
    """Return victims per 1,000 under omem less those under present practice, after a year."""
    found = []
    for name in ("present_practice", "omem"):
        scenario = compose_scenario("small", name)
        town = spin_up(scenario, replicate)
        run_weeks(town, scenario.parameters, scenario.strategy, 52)
        one = MEASURES["victimization"]
        found.append(of_town(one, one.read(town, 52), weights=town.neighbourhoods.residents))
    return float(found[1] - found[0])


def test_without_webassembly_recorded_runs_are_played(chromium: Any, file: Path) -> None:
    with opened(chromium, file, before="delete self.WebAssembly") as page:
        assert page.get_attribute("body", "data-engine") == "recorded"
        assert "recorded runs" in page.inner_text("#engine")
        assert page.locator("#bar").count() == 0
        for _ in range(13):
            page.click("#step")
        month(page, 12)
        scenario = compose_scenario("small", "present_practice")
        town = spin_up(scenario, 0)
        run_weeks(town, scenario.parameters, scenario.strategy, 52)
        shown = zones(page)[: len(town.neighbourhoods)]
        assert shown == [f"zone-{zone}" for zone in town.neighbourhoods.zone]


def test_the_keyboard_alone_plays_and_looks_closer(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        reach(page, "#step")
        for _ in range(3):
            page.keyboard.press("Enter")
        month(page, 2)
        reach(page, "#view")
        page.keyboard.press("Home")
        month(page, 0)
        page.keyboard.press("End")
        month(page, 2)
        reach(page, "#mix-0")
        for _ in range(5):
            page.keyboard.press("ArrowLeft")
        page.wait_for_selector("#more li")
        assert page.get_attribute("#mix-0", "aria-valuetext") == "55%; 5% left"
        reach(page, ".map button")
        page.keyboard.press("Enter")
        page.wait_for_selector("#detail[open]")
        assert "Neighbourhood 1" in page.inner_text("#detail")
        scenario = compose_scenario("small", "present_practice")
        town = spin_up(scenario, 0)
        run_weeks(town, scenario.parameters, scenario.strategy, 12)
        assert f"take part\t{town.neighbourhoods.participants[0]}" in page.inner_text("#detail")
        page.keyboard.press("Escape")
        assert page.locator("#detail[open]").count() == 0


def reach(page: Any, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(80):
        if page.evaluate("s => document.activeElement === document.querySelector(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached")


def test_the_address_opens_the_scenario_in_french_too(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        page.select_option("#strategy", "2")
        page.select_option("#replicate", "5")
        for _ in range(4):
            page.click("#step")
        month(page, 3)
        page.select_option("#shock", "3")
        page.click("#happen")
        page.wait_for_selector("#more li")
        address, now = page.evaluate("location.hash"), page.inner_text(".f-now td")
        page.click("#reset")
        month(page, 0)
        page.evaluate("address => { location.hash = address; }", address)
        month(page, 3)
        assert page.input_value("#strategy") == "2"
        assert page.input_value("#replicate") == "5"
        assert page.inner_text(".f-now td") == now
        page.click("#language")
        assert page.get_attribute("html", "lang") == "fr"
        assert page.inner_text("#sentence").startswith("Mois 3\u00a0: ")
        assert "un cinquième des heures de patrouille en moins" in page.inner_text("#more li")


def test_a_link_within_the_page_leaves_the_run_where_it_is(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        for _ in range(3):
            page.click("#step")
        month(page, 2)
        page.focus(".skip")
        page.keyboard.press("Enter")
        page.wait_for_function("() => location.hash === '#stage'")
        page.click("#step")
        month(page, 3)
        page.evaluate("location.hash = '#%'")  # no code, and nothing that can be decoded
        page.wait_for_selector("#sentence:has-text('This is no code of a scenario')")


def test_the_last_change_is_played_again(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        page.select_option("#speed", "52")
        for _ in range(7):
            page.click("#step")
        month(page, 6)
        page.select_option("#allocation", "3")
        page.wait_for_selector("#more li")
        for _ in range(13):
            page.click("#step")
        month(page, 18)
        before = page.inner_text(".f-now")
        page.click("#replay")
        page.wait_for_selector("#play:has-text('Pause')")
        page.wait_for_selector("#play:has-text('Play')", timeout=30_000)
        month(page, 18)
        assert page.inner_text(".f-now") == before


@pytest.mark.parametrize("width", [320, 390, 1366])
def test_the_page_fits_and_its_targets_are_large_enough(
    chromium: Any, file: Path, width: int
) -> None:
    with opened(chromium, file, viewport={"width": width, "height": 700}) as page:
        page.click("#to-compare")
        page.wait_for_selector("#difference:not([hidden])")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        small = page.evaluate(SMALL)
        assert small == []


SMALL = """
() => [...document.querySelectorAll("button, select, input:not([type=radio]), summary")]
  .filter((one) => one.offsetParent)
  .map((one) => [one.id || one.textContent, one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 24 || height < 24)
  .map(([name]) => name)
"""


def test_the_data_to_copy_are_python_s(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        for _ in range(13):
            page.click("#step")
        month(page, 12)
        page.click("#copy")
        lines = [line.split(",") for line in page.input_value("#csv").splitlines()]
    assert len(lines) == 1 + 53
    head, last = lines[0], dict(zip(lines[0], lines[-1], strict=True))
    assert head[:6] == ["week", "strategy", "red", "amber", "green", "blue"]
    scenario = compose_scenario("small", "present_practice")
    town = spin_up(scenario, 0)
    run_weeks(town, scenario.parameters, scenario.strategy, 52)
    hoods = town.neighbourhoods
    for name, values in read(town).items():
        one = MEASURES[name]
        if name != "zone":
            weights = getattr(hoods, one.weight, None) if one.level == "neighbourhood" else None
            whole = values if one.level == "town" else of_town(one, values, weights=weights)
            assert float(last[name]) == pytest.approx(whole, rel=1e-12), name
    shares = np.bincount(hoods.zone, minlength=4).tolist()
    assert [int(last[zone.name.lower()]) for zone in Zone] == shares
