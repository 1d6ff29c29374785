"""The class page of a town from a table: its fitted crime bit for bit, and its real map."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from axe import violations
from built import built
from pages import needs_browser, opened
from parity import ASK, assert_read, differing

import omemsim.page as pages
from omemsim.inputs.sources import blueprint_of
from omemsim.page.towns import RESIDENTS, outlines_of, scenarios_of
from omemsim.processes import run_weeks
from omemsim.spin_up import spin_up

pytestmark = needs_browser
STRATEGIES = ("present_practice", "omem")
ACROSS, DOWN = 4, 3  # neighbourhoods of the town that is made here
SIDE = 0.01  # degrees
WEEKS = 156


@dataclass(frozen=True)
class Page:
    """A page that was made, and the name of its town."""

    town: str
    file: Path


def collection() -> dict[str, Any]:
    """Return 12 leaning quadrilaterals from west to east and south to north, with their crime."""
    features = []
    for n in range(ACROSS * DOWN):
        x, y = n % ACROSS, n // ACROSS
        corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)]
        ring = [[-80 + SIDE * (i + 0.3 * j), 43 + SIDE * j] for i, j in corners]
        told = {"id": f"n{n}", "name": f"Area <{n}>", "population": 2000 + 100 * n}
        told |= {"violence": 12 + 5 * (n % 5), "property": 60 + 9 * (n % 7), "low_income": 10 + n}
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": told, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}


def made(
    tmp_path_factory: pytest.TempPathFactory, town: str, strategies: tuple[str, ...], most: int
) -> Page:
    module = (built(tmp_path_factory) / "week.wasm").read_bytes
    with patch.object(pages, "module", module), patch.object(pages, "MOST_REPLICATES", most):
        text = pages.page_of(town, strategies, "en").text
    file = tmp_path_factory.mktemp("table") / "page.html"
    file.write_text(text, encoding="utf-8")
    return Page(town, file)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Page:
    path = tmp_path_factory.mktemp("areas") / "areas.geojson"
    path.write_text(json.dumps(collection()), encoding="utf-8")
    return made(tmp_path_factory, str(path), STRATEGIES, 3)


def assert_parity(page: Any, town_name: str, replicate: int) -> None:
    """Hold every column after three years under the last strategy to Python's."""
    scenario = scenarios_of(STRATEGIES, town_name)[-1]
    town = spin_up(scenario, replicate)
    job = {"strategy": "omem", "weeks": WEEKS, "changes": [], "replicate": replicate}
    said = page.evaluate(ASK, job)
    assert_read(town, said["before"])
    run_weeks(town, scenario.parameters, scenario.strategy, WEEKS)
    assert_read(town, said["found"][-1])
    assert differing(town, said["columns"]) == []
    fitted = town.neighbourhoods.fit_property
    assert not np.allclose(fitted, 1.0)  # or nothing was fitted that could differ


def test_a_table_s_town_is_scaled_down_and_no_other() -> None:
    (drawn,) = scenarios_of(["omem"], "small")
    assert drawn.town.scale == 1
    # 49 neighbourhoods of 4,000 people, 83% of them 15 or older: 162,680 for 8,000.
    (columbus,) = scenarios_of(["omem"], "columbus")
    assert columbus.town.scale == pytest.approx(49 * 4000 * 0.83 / RESIDENTS, rel=1e-3)
    assert blueprint_of(columbus.town).residents.sum() == pytest.approx(RESIDENTS, abs=49)


def test_outlines_are_projected_and_drawn_from_the_north(small: Page) -> None:
    (scenario,) = scenarios_of(["omem"], small.town)
    found = outlines_of(blueprint_of(scenario.town))
    # 4.9 sides from west to east at latitude 43, 3 from south to north.
    east, north = (ACROSS + 0.3 * DOWN) * np.cos(np.radians(43 + 1.5 * SIDE)), DOWN
    assert found["box"] == [1000, round(1000 * north / east)]
    first, last = (np.array(found["centres"][n]) for n in (0, ACROSS * DOWN - 1))
    assert first[0] < last[0]
    assert first[1] > last[1]  # y grows downwards
    numbers = [int(x) for x in re.findall(r"-?\d+", found["paths"][0])]
    begin, steps = np.array(numbers[:2]), np.array(numbers[2:]).reshape(-1, 2)
    corners = begin + np.vstack([[0, 0], np.cumsum(steps, axis=0)])
    assert corners[-1].tolist() == corners[0].tolist()
    high = found["box"][1]
    assert corners[:, 1].max() == high  # the southernmost
    assert np.ptp(corners[:, 1]) == pytest.approx(high / DOWN, abs=1)


def test_a_fitted_town_in_the_page_is_python_s(chromium: Any, small: Page) -> None:
    assert small.file.stat().st_size < 3_000_000
    with opened(chromium, small.file) as page:
        for replicate in (0, 2):
            assert_parity(page, small.town, replicate)


def test_the_map_has_the_table_s_outlines_with_their_zones(chromium: Any, small: Page) -> None:
    with opened(chromium, small.file) as page:
        for _ in range(13):
            page.click("#step")
        page.wait_for_function("() => /12$/.test(document.getElementById('month').textContent)")
        scenario = scenarios_of(STRATEGIES, small.town)[0]
        town = spin_up(scenario, 0)
        run_weeks(town, scenario.parameters, scenario.strategy, 52)
        fills = page.eval_on_selector_all(
            ".arm:first-child .map path[data-n]", "all => all.map((p) => p.getAttribute('fill'))"
        )
        colours = ("#8f1d1d", "#f0b429", "#3fa07a", "#173f7a")
        assert fills == [colours[zone] for zone in town.neighbourhoods.zone]
        page.locator(".map path[data-n='7']:visible").click()
        page.wait_for_selector("#detail[open]")
        assert "Area <7>" in page.inner_text("#detail")
        page.keyboard.press("Escape")
        assert violations(page) == []
        page.click("#to-compare")
        page.wait_for_selector("#difference:not([hidden])")
        assert page.locator("#difference svg path").count() == ACROSS * DOWN
        assert violations(page) == []
        assert "8,000" not in page.inner_text("#more")
        assert "one simulated resident stands for" in page.inner_text("#more")


def test_arrows_lead_over_the_map_which_is_one_stop_of_tab(chromium: Any, small: Page) -> None:
    with opened(chromium, small.file) as page:
        page.focus(".map path[data-n='0']")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        focused = "() => document.activeElement.dataset.n"
        assert page.evaluate(focused) == "2"
        page.keyboard.press("End")
        assert page.evaluate(focused) == str(ACROSS * DOWN - 1)
        page.keyboard.press("Enter")
        page.wait_for_selector("#detail[open]")
        assert f"Area <{ACROSS * DOWN - 1}>" in page.inner_text("#detail")
        page.keyboard.press("Escape")
        page.focus(f".map path[data-n='{ACROSS * DOWN - 1}']")
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.tagName") == "SUMMARY"


def toronto() -> str:
    """Return what is not there for the test of Toronto; empty if all is."""
    folder = os.environ.get("OMEMSIM_DATA", "")
    path = Path(folder or "../shared/data") / "toronto" / "neighbourhoods_toronto.csv"
    return "" if path.is_file() else f"no {path}"


@pytest.mark.skipif(bool(toronto()), reason=toronto())
def test_toronto_s_page_is_python_s_and_has_room_for_20_replicates(
    chromium: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page_ = made(tmp_path_factory, "toronto", STRATEGIES, 2)
    text = page_.file.read_text(encoding="utf-8")
    second = re.search(r'id="start-1">([^<]*)<', text)
    assert second
    recorded = re.search(r'id="recorded">([^<]*)<', text)
    assert recorded
    # With all five strategies there are 2.5 times as many recorded runs.
    whole = len(text.encode()) + 18 * len(second[1]) + 1.5 * len(recorded[1])
    assert whole < 3_000_000
    with opened(chromium, page_.file) as page:
        assert page.locator(".arm:first-child .map path[data-n]").count() == 158
        assert_parity(page, "toronto", 1)
