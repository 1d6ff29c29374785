"""The model in the class page, in Firefox, is the model that Python runs: bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from firefox import Firefox, needs_firefox, started
from pages import needs_linker, page_file
from parity import ASK, assert_read, changed_run, differing

from omemsim.inputs.config import compose_scenario
from omemsim.processes import run_weeks
from omemsim.spin_up import spin_up

pytestmark = [needs_linker, needs_firefox]
STRATEGIES = ("omem", "present_practice", "hot_spots", "enforcement_everywhere")
WEEKS, REPLICATE = 520, 4


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    file: Path = page_file(tmp_path_factory)
    with started(tmp_path_factory.mktemp("firefox")) as browser:
        browser.open(file)
        yield browser


def test_the_page_runs_the_model_itself(firefox: Firefox) -> None:
    assert firefox.run("return document.body.dataset.engine") == "model"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_ten_years_in_firefox_are_those_in_python(firefox: Firefox, strategy: str) -> None:
    scenario = compose_scenario("small", strategy)
    town = spin_up(scenario, REPLICATE)
    run_weeks(town, scenario.parameters, scenario.strategy, WEEKS)
    job = {"strategy": strategy, "weeks": WEEKS, "changes": [], "replicate": REPLICATE}
    said = firefox.run(f"return ({ASK})(...arguments)", job)
    assert_read(town, said["found"][-1])
    assert differing(town, said["columns"]) == []
    assert WEEKS / said["seconds"] > 20  # weeks a second, the least that a class needs


def test_moved_levers_and_a_recession_do_in_firefox_what_they_do_in_python(
    firefox: Firefox,
) -> None:
    case = changed_run(REPLICATE)
    job = {"strategy": case.strategy, "weeks": case.weeks, "replicate": REPLICATE}
    said = firefox.run(f"return ({ASK})(...arguments)", {**job, "changes": case.changes})
    assert_read(case.town, said["found"][-1])
    assert differing(case.town, said["columns"]) == []
    unchanged = firefox.run(f"return ({ASK})(...arguments)", {**job, "changes": []})
    assert differing(case.town, unchanged["columns"]) != []
