"""Extremes stay sane: no table leaves its bounds, and what cannot be is not.

Each world runs for years, with `Town.check` looked at every quarter.
"""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from omemsim.inputs.config import compose_scenario
from omemsim.inputs.lay import lay_schedule, resolve_clamps
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.measures import MEASURES
from omemsim.processes import run_week
from omemsim.run import spin_up
from omemsim.schedule import FOREVER, Clamp, Event, Happening
from omemsim.town import Town
from omemsim.vocabulary.mechanisms import effective
from omemsim.vocabulary.wheel import Zone

P = "parameters."
EVEN = [P + "people.place_shape=0.4", P + "people.dwelling_shape=2"]  # few places: crime at all
SMALL = ["town.residents=500", "town.neighbourhoods=4", "spin_up_years=1", *EVEN]
QUARTER = 13

# name: (strategy, words, events, clamps)
Extreme = tuple[str, list[str], list[Event], list[Clamp]]
EXTREMES: dict[str, Extreme] = {
    "usual": ("omem", [], [], []),
    "no police": ("omem", [P + "respond.sworn=0"], [], []),
    "no agencies": ("omem", [P + "partner.capacity=0", "strategy.money=0"], [], []),
    "all agencies closed": ("omem", [], [Event(Happening.AGENCY_CLOSING)], []),
    "all leaders": (
        "omem",
        [P + "people.leader_prevalence=0.2", P + "organize.emerge=1", P + "organize.lose=0"],
        [],
        [Clamp("residents.is_leader", value=1.0)],
    ),
    "all poor": ("omem", [], [Event(Happening.ECONOMIC, size=1.0)], []),
    "everybody trusts": ("omem", [], [], [Clamp("residents.trust", value=1.0)]),
    "nobody trusts": ("omem", [], [], [Clamp("residents.trust", value=0.0)]),
    "everybody fears": ("omem", [], [], [Clamp("residents.fear", value=1.0)]),
    "nobody fears": ("omem", [], [], [Clamp("residents.fear", value=0.0)]),
    "everybody moves": (
        "omem",
        [P + "context.flight=5"],
        [],
        [Clamp("neighbourhoods.fear", value=1.0)],
    ),
    "everybody is arrested": (
        "enforcement_everywhere",
        [
            P + "respond.clear_violence=1",
            P + "respond.clear_property=1",
            P + "respond.charged=1",
            P + "respond.custody_violence=1",
            P + "respond.custody_property=1",
            P + "respond.custody_weeks=260",
            P + "respond.sworn=1000",
        ],
        [],
        [],
    ),
    "every disaster": (
        "omem",
        [],
        [Event(what, size=5.0 if what is Happening.CRIME else 1.0) for what in Happening],
        [],
    ),
}


def scenario_of(name: str, *words: str) -> Scenario:
    strategy, own, events, clamps = EXTREMES[name]
    scenario = compose_scenario("small", strategy, [*SMALL, *own, *words])
    return replace(scenario, events=events, clamps=clamps)


def lived(scenario: Scenario, years: int, look: Callable[[Town], Any] = id) -> Town:
    """Return the town after some years, sane in every quarter."""
    town, blueprint = spin_up(scenario, 0), blueprint_of(scenario.town)
    lay_schedule(town, scenario, blueprint)
    clamps = resolve_clamps(town, scenario, blueprint)
    parameters = effective(scenario.parameters)
    for _ in range(4 * years):
        for _ in range(QUARTER):
            run_week(town, parameters, scenario.strategy, clamps)
        assert town.check() == []
        look(town)
    for name, measure in MEASURES.items():
        assert np.isfinite(measure.read(town, QUARTER)).all(), name
    return town


@functools.cache
def after(name: str) -> Town:
    """Return the town of an extreme after three years."""
    return lived(scenario_of(name), years=3)


def read(name: str, measure: str) -> float:
    """Return the mean of a measure, a flow over the last year."""
    return float(np.mean(MEASURES[measure].read(after(name), 52)))


@pytest.mark.parametrize("name", EXTREMES)
def test_an_extreme_world_goes_on_within_its_bounds(name: str) -> None:
    town = after(name)
    assert town.week == 3 * 52
    # Nobody is a victim or in crisis once a week all year: rates are saturated nowhere.
    assert 0 < read(name, "victimization") < 10_000
    assert 0 < read(name, "disorder") < 10_000


def test_without_police_nothing_police_do_is_done() -> None:
    town = after("no police")
    assert read("no police", "calls_answered") == read("no police", "hours_offered") == 0
    assert len(town.custody) == 0
    assert not town.neighbourhoods.hours.any()
    assert not town.places.removed.any()
    assert read("no police", "known_officers") < 0.01
    assert (town.initiatives.lead[town.initiatives.is_active == 1] > 0).all()  # others may start


@pytest.mark.parametrize("name", ["no agencies", "all agencies closed"])
def test_without_agencies_nobody_is_served(name: str) -> None:
    town = after(name)
    assert read(name, "caseload") == read(name, "agency_cost") == 0
    assert read(name, "disorder") > read("usual", "disorder")
    led_by_agency = (town.initiatives.lead == 1) & (town.initiatives.is_active == 1)
    assert not led_by_agency.any()
    if name == "all agencies closed":
        assert read(name, "waiting_list") == 0


def test_where_all_are_leaders_no_more_are_known_than_there_are() -> None:
    town = after("all leaders")
    assert (town.neighbourhoods.leaders <= town.neighbourhoods.residents).all()
    assert town.neighbourhoods.leaders.sum() > 0.9 * len(town.residents)
    assert read("all leaders", "community_led") > read("usual", "community_led")
    assert len(town.initiatives) >= town.initiatives.is_active.sum()


def test_where_all_are_poor_there_is_more_of_what_poverty_does() -> None:
    assert read("all poor", "deprivation") == 1
    for measure in ("disorder", "victimization", "fear"):
        assert read("all poor", measure) > read("usual", measure)
    for measure in ("capacity", "services", "protection"):
        assert read("all poor", measure) < read("usual", measure)


def test_trust_lets_police_hear_more_and_makes_more_take_part() -> None:
    for measure in ("participation",):
        assert read("everybody trusts", measure) > read("usual", measure)
        assert read("nobody trusts", measure) == pytest.approx(0, abs=0.01)
    reported = {
        name: read(name, "recorded_violence") / read(name, "violence")
        for name in ("everybody trusts", "nobody trusts")
    }
    assert reported["everybody trusts"] > 1.5 * reported["nobody trusts"]


def test_full_fear_closes_the_gate_and_none_opens_it() -> None:
    assert read("everybody fears", "participation") < 0.01
    assert read("nobody fears", "participation") > read("usual", "participation")
    assert read("everybody fears", "efficacy") < read("usual", "efficacy")


def test_flight_empties_no_seat() -> None:
    town = after("everybody moves")
    assert len(town.residents) == 500
    moves = [after(name).residents.tenancy.mean() for name in ("everybody moves", "usual")]
    assert moves[0] > 2 * moves[1]  # at fear 1, flight 5: 1 + 5 (1 - 0.3) times the usual rate
    assert town.residents.tenancy.max() < 40


def test_more_cannot_be_in_custody_than_live_there() -> None:
    town = after("everybody is arrested")
    assert 0 < len(town.custody) <= len(town.residents)
    assert np.unique(town.custody.resident).size == len(town.custody)
    assert (town.neighbourhoods.offenders >= 0).all()
    assert read("everybody is arrested", "victimization") < read("usual", "victimization")


def test_a_disaster_that_ends_is_survived() -> None:
    """A year of everything at once; ten years later the town is much as it would have been."""
    scenario = scenario_of("every disaster")
    ended = [replace(event, to=52) for event in scenario.events]
    assert all(event.to == FOREVER for event in scenario.events)
    survived = lived(replace(scenario, events=ended), years=10)
    spared = lived(replace(scenario, events=[]), years=10)
    for measure, near in (("trust", 0.1), ("fear", 0.1), ("efficacy", 0.1), ("services", 0.1)):
        found, usual = (np.mean(MEASURES[measure].read(town, 52)) for town in (survived, spared))
        assert found == pytest.approx(usual, abs=near), measure
    assert not survived.neighbourhoods.hardship.any()
    assert survived.service.staffing[0] == 1


@pytest.mark.parametrize("trend", [-0.2, 0.2])
def test_thirty_years_of_a_trend_end_within_bounds(trend: float) -> None:
    """At the widest trend declared, disorder grows 237 times: calls close, the town goes on."""
    town = lived(scenario_of("usual", f"{P}context.disorder_trend={trend}"), years=30)
    grown = (1 + trend) ** 30
    assert town.service.trend[0] == pytest.approx(grown, rel=0.01)
    answered, offered = town.service.answered[0], town.service.offered[0]
    assert 0 <= town.service.reactive[0] <= offered
    if trend == 0.2:
        assert town.service.closed[0] > answered
        assert town.neighbourhoods.new_crises.sum() <= len(town.residents)
    if trend == -0.2:
        assert town.neighbourhoods.past_crises.sum() < 10
        assert town.service.waiting[0] <= 2  # of the last shift: they wait for the next


def test_every_zone_is_left_again_in_some_run() -> None:
    """No label is a trap: of each, somebody comes, by what police see and by what is true."""
    left: dict[str, set[int]] = {"zone": set(), "true_zone": set()}
    seen: dict[str, set[int]] = {"zone": set(), "true_zone": set()}
    last: dict[str, Any] = {}

    def look(town: Town) -> None:
        for name in left:
            now = getattr(town.neighbourhoods, name).copy()
            seen[name].update(now.tolist())
            if name in last:
                left[name].update(last[name][last[name] != now].tolist())
            last[name] = now

    # Lines low enough for blue and red, and calls that rise or fall past all of them.
    lines = [P + "zones.capacity=0.3", P + "zones.community_led=0", P + "zones.weeks_up=13"]
    for trend, rate in ((0.2, 0.1), (-0.2, 3.0)):
        last.clear()
        words = [*lines, f"{P}context.disorder_trend={trend}", f"{P}crisis.rate={rate}"]
        low = ["violence=5", "theft=5", "household=5"] if trend > 0 else []
        words += [f"{P}offend.{pair}" for pair in low]
        lived(scenario_of("usual", *words), years=15, look=look)
    assert seen["zone"] == left["zone"] == set(Zone)
    assert left["true_zone"] == seen["true_zone"]
