"""Stage 10, reporting: calls, repeats and what police record."""

from typing import Any

import numpy as np
import pytest
from parts import alone, given
from stages.by_hand import changed, give_calls

from omemsim.processes import reporting
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.wheel import CallType


def count_repeats(town: Town) -> None:
    alone(reporting.count_repeats, town.as_kernels_see_it(), town.week)


def crimes_told(town: Town, parameters: Parameters) -> Any:
    """Return who calls about the incidents of this week, of those somebody calls about."""
    reporting.step(town, parameters, Strategy())
    return town.calls.origin[town.calls.type < CallType.DISORDER]


def test_a_second_call_within_four_weeks_is_a_repeat(town: Town) -> None:
    town.households.last_call[:] = -10_000
    seat = town.residents.household[np.array([0, 0, 300])]
    town.week = 20
    town.households.last_call[seat[2]] = 16
    give_calls(town, caller=[0, 0, 300, -1], place=town.residents.place[[0, 0, 300, 0]])
    count_repeats(town)
    hoods = town.places.neighbourhood[town.residents.place[[0, 300]]]
    expected = np.bincount(hoods, minlength=3)
    assert town.neighbourhoods.new_repeats.tolist() == expected.tolist()
    assert (town.households.last_call[seat] == 20).all()
    town.week = 25
    give_calls(town, caller=[300], place=town.residents.place[[300]])
    count_repeats(town)
    assert not town.neighbourhoods.new_repeats.any()


def test_of_a_household_s_calls_in_a_week_the_earliest_is_no_repeat(town: Town) -> None:
    town.households.last_call[:] = -10_000
    near, far = town.residents.place[[0, 300]]
    give_calls(town, caller=[0, 0, 0], place=[near, far, near], day=[3, 1, 2], event=[7, 9, 8])
    count_repeats(town)
    hoods = town.places.neighbourhood[[near, near]]
    assert hoods[0] != town.places.neighbourhood[far]
    assert town.neighbourhoods.new_repeats.tolist() == np.bincount(hoods, minlength=3).tolist()
    give_calls(town, caller=[0, 0], place=[near, far], day=[1, 1], event=[7, 6])
    town.week = 9
    count_repeats(town)
    assert town.neighbourhoods.new_repeats.tolist() == np.bincount(hoods[:1], minlength=3).tolist()


def test_trust_and_vigilance_make_victims_call(town: Town) -> None:
    parameters = changed(reporting={"by_trust": 1.0, "report_violence": 0.4, "observed": 0.0})
    rows = 300
    columns = {name: np.zeros(rows) for name in town.incidents.columns()}
    town.incidents.replace(
        **{**columns, "event": np.arange(1, rows + 1, dtype=np.uint64), "victim": np.arange(rows)}
    )
    calls = []
    for trust in (0.1, 1.0):
        town.residents.trust[:] = trust
        town.residents.vigilance[:] = reporting.MEAN_VIGILANCE
        calls.append(crimes_told(town, parameters).size)
    assert calls[0] == 0  # 0.4 - 0.5
    assert calls[1] / rows == pytest.approx(0.8, abs=0.1)  # more than four standard errors


def test_police_record_what_they_see_and_a_share_of_what_they_hear(town: Town) -> None:
    rows = 400
    columns = {name: np.zeros(rows) for name in town.incidents.columns()}
    events = np.arange(1, rows + 1, dtype=np.uint64)
    town.incidents.replace(**{**columns, "event": events, "victim": np.full(rows, -1)})
    recorded = town.neighbourhoods.new_recorded_violence
    crimes_told(town, changed(reporting={"report_violence": 1.0, "recorded": 0.6}))
    assert recorded.sum() / rows == pytest.approx(0.6, abs=0.1)
    town.places.visits[:] = 1000
    origin = crimes_told(town, changed(reporting={"report_violence": 0.0, "observed": 1.0}))
    assert recorded.sum() == origin.size == rows
    assert (origin == 1).all()


def disorder_told(town: Town, trust: float, **rates: float) -> int:
    rows = 400
    columns = {name: np.zeros(rows) for name in town.episodes.columns()}
    events = np.arange(1, rows + 1, dtype=np.uint64)
    town.episodes.replace(**{**columns, "event": events, "resident": np.arange(rows)})
    town.residents.trust[:] = trust
    nothing = {"service": 0.0, "report_disorder": 0.5}
    reporting.step(town, changed(reporting=nothing | rates), Strategy())
    return int((town.calls.type == CallType.DISORDER).sum())


def test_calls_about_episodes_rise_with_the_trust_of_whose_they_are(town: Town) -> None:
    assert disorder_told(town, 0.1, disorder_by_trust=1.0) == 0  # 0.5 - 0.5
    assert disorder_told(town, 1.0, disorder_by_trust=1.0) / 400 == pytest.approx(0.9, abs=0.07)
    usual = [disorder_told(town, trust, disorder_by_trust=0.0) for trust in (0.1, 1.0)]
    assert usual[0] == usual[1]


def service_told(town: Town, trust: float, **rates: float) -> tuple[int, int]:
    """Return calls about anything else in ten weeks: those residents make, and others."""
    town.neighbourhoods.trust[:] = trust
    town.episodes.replace(**{name: np.zeros(0) for name in town.episodes.columns()})
    town.incidents.replace(**{name: np.zeros(0) for name in town.incidents.columns()})
    parameters, made = changed(reporting={"service": 20_000.0, "busy": 0.5} | rates), np.zeros(2)
    for week in range(10):
        town.week = week
        reporting.step(town, parameters, Strategy())
        is_known = town.calls.caller >= 0
        made += is_known.sum(), (~is_known).sum()
    return int(made[0]), int(made[1])


def test_calls_about_anything_else_rise_with_trust_where_residents_make_them(town: Town) -> None:
    town.places.demand[:], town.places.removed[:] = 1, 0
    usual, others = service_told(town, 0.6, service_by_trust=1.5)
    more, same = service_told(town, 1.0, service_by_trust=1.5)
    none, still = service_told(town, 0.0, service_by_trust=1.5)
    assert usual > 900
    assert more / usual == pytest.approx(1.6, rel=0.15)  # four standard errors
    assert none / usual == pytest.approx(0.1, abs=0.05)
    assert [same / others, still / others] == pytest.approx([1, 1], rel=0.15)


def test_problem_solving_lowers_the_calls_a_place_draws(town: Town) -> None:
    """Removing ln 2 halves them: of some 5,000, and elsewhere nothing changes."""
    places, weeks = town.places, 400
    solved = np.arange(len(places)) % 2 == 0
    numbers = []
    for removed in (0.0, np.log(2)):
        places.removed[:] = np.where(solved, removed, 0)
        count = np.zeros(len(places))
        for week in range(weeks):
            town.week = week
            reporting.step(town, changed(reporting={"service": 700.0}), Strategy())
            is_service = town.calls.type == CallType.SERVICE
            count += np.bincount(town.calls.place[is_service], minlength=len(places))
        numbers.append(count)
    before, after = numbers
    assert before[solved].sum() > 1000
    assert np.array_equal(before[~solved], after[~solved])
    expected = before[solved].sum() / 2
    assert after[solved].sum() == pytest.approx(expected, abs=4.5 * np.sqrt(expected))


def test_a_chronic_address_calls_hundreds_of_times_a_year(town: Town) -> None:
    places, hoods = town.places, town.neighbourhoods
    places.removed[:], places.demand[:] = 0, 0
    places.demand[0] = 100.0
    hoods.visitors[:], hoods.opportunity[:] = 0.3, 1.0
    count = np.zeros(len(places))
    parameters = changed(reporting={"service": 130.0, "busy": 0.5})
    for week in range(520):
        town.week = week
        reporting.step(town, parameters, Strategy())
        is_service = town.calls.type == CallType.SERVICE
        is_elsewhere = town.calls.caller < 0
        where = town.calls.place[is_service & is_elsewhere]
        count += np.bincount(where, minlength=len(places))
    people = places.residents[0] * hoods.population[0] / hoods.residents[0]
    expected = 10 * 0.130 * 0.5 * 100 * people * town.service.season[0]
    assert count[0] == pytest.approx(expected, abs=4.5 * np.sqrt(expected))
    assert count[0] > 1000
    assert count[1:].sum() == 0


def test_public_calls_that_are_not_about_crime_are_remembered_and_fade(town: Town) -> None:
    town.places.called[:] = 8.0
    kinds = [CallType.SERVICE, CallType.DISORDER, CallType.SERVICE, CallType.VIOLENCE]
    give_calls(town, caller=[-1] * 4, place=[2, 2, 3, 2], type=kinds, origin=[0, 0, 1, 0])
    p = given(reporting.STAGE, changed(reporting={"memory": 1.0}))  # half of it a week
    seen = town.as_kernels_see_it()
    alone(reporting.remember_calls, seen.calls, seen.places, p)
    assert town.places.called[2] == pytest.approx(4 + 2)  # a call of service and one of disorder
    assert town.places.called[3] == pytest.approx(4)  # an officer's own is none
    assert (np.delete(town.places.called, 2) == 4).all()
