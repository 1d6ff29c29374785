"""Patrol time of present practice, and problem-solving at its own places."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from omemsim.analysis.evidence import practice
from omemsim.inputs.build import build
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.run import spin_up
from omemsim.town import Town


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return compose_scenario("small", "reactive", ["spin_up_years=0.5"])


@pytest.fixture(scope="module")
def start(scenario: Scenario) -> Town:
    return spin_up(scenario, 0)


def test_patrol_time_on_calls_is_of_all_hours_together() -> None:
    # 30 of 40 hours in one week, 10 of 120 in another: 40 of 160, not the mean of two shares.
    assert practice.reactive_share([30.0, 10.0], [40.0, 120.0]) == 0.25
    assert np.isnan(practice.reactive_share([0.0], [0.0]))


def test_present_practice_is_run_whatever_the_strategy(scenario: Scenario, start: Town) -> None:
    found = practice.practice(scenario, start, 0)
    assert 0.1 < found["P32a"] < 1
    other = replace(scenario, strategy=compose_scenario(None, "omem").strategy)
    assert practice.practice(other, start, 0) == pytest.approx(found, nan_ok=True)
    busier = replace(
        scenario,
        parameters=replace(
            scenario.parameters, respond=replace(scenario.parameters.respond, hours_service=3.0)
        ),
    )
    assert practice.practice(busier, start, 0)["P32a"] > found["P32a"]


def test_hours_out_of_service_count_as_patrol_and_are_nobodys_to_use(
    scenario: Scenario, start: Town
) -> None:
    """The sources divide by all patrol hours; the town has only those in service."""
    respond = replace(scenario.parameters.respond, out_of_service=0.4)
    less = replace(scenario, parameters=replace(scenario.parameters, respond=respond))
    before = practice.practice(scenario, start, 0)["P32a"]
    now = practice.practice(less, start, 0)["P32a"]  # of the same town, with the same hours
    in_service = 1 - scenario.parameters.respond.out_of_service
    assert now / before == pytest.approx(0.6 / in_service)
    hours = [
        build(blueprint_of(one.town), one.parameters, 1).officers.contracted.sum()
        for one in (scenario, less)
    ]
    assert hours[1] / hours[0] == pytest.approx(0.6 / in_service)


def test_places_of_projects_are_those_of_running_problem_solving() -> None:
    town: Any = SimpleNamespace(
        places=range(6),
        initiatives=SimpleNamespace(
            is_active=np.array([1, 0, 1, 1, 1]),
            kind=np.array([0, 0, 2, 0, 0]),  # a watch
            place=np.array([4, 1, 2, -1, 3]),
        ),
    )
    found = practice.places_of_projects(town)
    np.testing.assert_array_equal(np.flatnonzero(found), [3, 4])


def test_places_are_treated_where_only_the_treated_arm_worked(
    monkeypatch: pytest.MonkeyPatch, scenario: Scenario
) -> None:
    class Log:
        def __init__(self, place: list[int], recorded: list[bool]) -> None:
            self.place, self.recorded = np.array(place), np.array(recorded)

        def events(self, first: int, last: int) -> Any:
            assert (first, last) == (26, 78)
            return SimpleNamespace(place=self.place, is_recorded=self.recorded)

    worked, control = np.array([1, 1, 0, 1], bool), np.array([0, 0, 0, 1], bool)
    arms = iter(
        [
            practice._Followed(
                worked, np.array([3, 4, 50, 90]), Log([0, 1, 2, 3], [True, False, True, True])
            ),
            practice._Followed(
                control,
                np.array([6, 4, 20, 10]),
                Log([0, 0, 1, 1, 2], [True, True, True, False, True]),
            ),
        ]
    )
    monkeypatch.setattr(practice, "_followed", lambda *_: next(arms))
    found = practice.problem_solving(scenario, SimpleNamespace(), 0)  # type: ignore[arg-type]
    assert found == {
        "P40a": pytest.approx(7 / 10 - 1),  # places 0 and 1 only
        "calls at treated places": pytest.approx(7 / 10 - 1),
        "recorded crime at treated places": pytest.approx(1 / 3 - 1),
        "true crime at treated places": pytest.approx(2 / 4 - 1),
    }


def test_problem_solving_without_effect_changes_hardly_anything_at_its_places(
    scenario: Scenario, start: Town
) -> None:
    off = replace(
        scenario,
        parameters=replace(
            scenario.parameters, strength=replace(scenario.parameters.strength, problem_solving=0.0)
        ),
    )
    with_it = practice.problem_solving(scenario, start, 0)
    without = practice.problem_solving(off, start, 0)
    name = "true crime at treated places"
    assert with_it[name] < without[name] - 0.05
