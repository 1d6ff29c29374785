"""Stage 13, learn: officers, and the council."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from parts import alone, get_to_know, replace_leavers, tell_council
from stages.by_hand import changed

from omemsim.processes import learn
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters

# --- officers ------------------------------------------------------------------------------


def test_officers_learn_and_those_who_leave_are_replaced(town: Town) -> None:
    officers = town.officers
    officers.skill[:], officers.awareness[:], officers.adoption[:] = 0.5, 0.6, 0.2
    values = {"by_training": 0.5, "by_doing": 0.1, "aware_pace": 1.0, "turnover": 0.0}
    values |= {"champions": 0.0, "by_success": 0.0}
    learn.step(town, changed(learn=values), Strategy(training=0.2))
    assert officers.skill == pytest.approx(np.full(len(officers), 0.55))
    assert officers.awareness == pytest.approx(np.full(len(officers), 0.8))
    convinced = 0.2 + 0.1 * (0.8 * 0.55 - 0.2)
    assert officers.adoption == pytest.approx(np.full(len(officers), convinced))
    assert town.service.replaced[0] == 0
    learn.step(town, changed(learn=values), Strategy(training=0.0))
    assert officers.skill == pytest.approx(np.full(len(officers), 0.55))
    assert officers.awareness == pytest.approx(np.full(len(officers), 0.8))
    start = {"skill_start": 0.1, "aware_start": 0.3, "adoption_start": 0.4}
    learn.step(town, changed(learn=values | start | {"turnover": 1e6}), Strategy())
    found = [getattr(officers, name)[0] for name in ("skill", "awareness", "adoption")]
    assert found == pytest.approx([0.1, 0.3, 0.4])
    assert town.service.replaced[0] == len(officers)


def unmoved(**values: float) -> Parameters:
    """Return parameters under which officers learn nothing but what is asked for."""
    still = {"by_training": 0.0, "by_doing": 0.0, "by_success": 0.0, "champions": 0.0}
    return changed(learn={**still, "turnover": 0.0, **values})


@pytest.mark.parametrize(
    ("training", "communication", "expected"), [(0, 0, 0.25), (0, 0.5, 0.4), (0.1, 0, 0.8)]
)
def test_officers_hear_of_the_model_by_training_or_from_the_service(
    town: Town, training: float, communication: float, expected: float
) -> None:
    town.officers.awareness[:] = 0.25
    parameters = unmoved(aware=0.8, aware_pace=1.0)
    for _ in range(40):
        learn.step(town, parameters, Strategy(training=training, communication=communication))
    assert town.officers.awareness == pytest.approx(np.full(len(town.officers), expected))


def test_convinced_colleagues_spread_what_the_service_asks_for(town: Town) -> None:
    parameters, officers = unmoved(aware=0.0, champions=0.1), town.officers
    for communication, expected in ((0.0, 0.5), (1.0, 0.5 + 0.1 * 0.8 * 0.5)):
        officers.awareness[:], officers.adoption[:] = 0.5, 0.8
        learn.step(town, parameters, Strategy(communication=communication))
        assert officers.awareness == pytest.approx(np.full(len(officers), expected))


def a_year_of_calls(town: Town, before: float, now: float, week: int = 10) -> None:
    town.service.calls_before[0], town.week, town.born = before, week, week - 52
    town.neighbourhoods.past_calls[:] = 0
    town.neighbourhoods.past_calls[0, 3] = now


@pytest.mark.parametrize(
    ("before", "now", "week", "success"),
    [(200, 150, 10, 0.25), (200, 200, 10, 0), (200, 300, 10, 0), (0, 50, 10, 0), (200, 0, -3, 0)],
)
def test_success_convinces(
    town: Town, before: float, now: float, week: int, success: float
) -> None:
    town.officers.adoption[:] = 0.5
    a_year_of_calls(town, before, now, week)
    learn.step(town, unmoved(by_success=0.2), Strategy())
    expected = 0.5 + 0.2 * success * 0.5
    assert town.officers.adoption == pytest.approx(np.full(len(town.officers), expected))


def test_what_is_before_is_set_in_week_zero(town: Town) -> None:
    a_year_of_calls(town, 0, 77, week=0)
    town.service.bill[0] = 1234
    learn.step(town, Parameters(), Strategy())
    assert (town.service.calls_before[0], town.service.bill_before[0]) == (77, 1234)
    a_year_of_calls(town, 77, 60, week=1)
    learn.step(town, Parameters(), Strategy())
    assert town.service.calls_before[0] == 77


def test_half_a_year_of_calls_counts_as_a_year_at_that_pace(town: Town) -> None:
    a_year_of_calls(town, 0, 40, week=0)
    town.born = -26
    learn.step(town, Parameters(), Strategy())
    assert town.service.calls_before[0] == 80


def test_officers_get_to_know_their_area_in_the_hours_calls_leave(town: Town) -> None:
    officers, group = town.officers, replace(Parameters().learn, relation_pace=4.0)
    officers.offered[:], officers.proactive[:], officers.relation[:] = 40, 10, 1
    for _ in range(4):
        get_to_know(town, group)
    assert officers.relation == pytest.approx(np.full(len(officers), 0.625))
    for _ in range(100):
        get_to_know(town, group)
    assert officers.relation == pytest.approx(np.full(len(officers), 0.25), abs=1e-4)
    assert town.neighbourhoods.relation == pytest.approx([0.25] * 3, abs=1e-4)
    officers.offered[:] = officers.proactive[:] = 0
    for _ in range(100):
        get_to_know(town, group)
    assert officers.relation == pytest.approx(np.zeros(len(officers)), abs=1e-4)


def test_a_new_officer_is_a_stranger(town: Town) -> None:
    town.officers.relation[:] = 1
    replace_leavers(town, replace(Parameters().learn, turnover=1e6))
    assert not town.officers.relation.any()


def test_an_area_without_officers_knows_them_as_well_as_the_town() -> None:
    hoods = SimpleNamespace(relation=np.zeros(3))
    officers = SimpleNamespace(relation=np.array([0.2, 0.4, 0.9]))
    for home, expected in (([0, 0, 2], [0.3, 0.5, 0.9]), ([1, 0, 2], [0.4, 0.2, 0.9])):
        officers.home = np.array(home)
        alone(learn.average_at_home, officers, hoods)
        assert hoods.relation == pytest.approx(expected)


# --- the council ---------------------------------------------------------------------------


def council(town: Town, **values: float) -> float:
    """Return the council's support after long enough."""
    still = {"council_results": 0.0, "council_leadership": 0.0, "council_bill": 0.0}
    group = replace(Parameters().learn, **{**still, "council_pace": 1.0, **values})
    fall = 1 - town.neighbourhoods.past_calls.sum() / town.service.calls_before[0]
    for _ in range(40):
        tell_council(town, group, float(fall))
    return float(town.service.council[0])


def test_the_council_follows_results_leadership_and_the_bill(town: Town) -> None:
    a_year_of_calls(town, 200, 150)
    town.officers.adoption[:] = 0.9
    town.service.bill[0], town.service.bill_before[0] = 120, 100
    assert council(town) == pytest.approx(0.5)
    assert council(town, council_results=1.0) == pytest.approx(0.75)
    assert council(town, council_leadership=0.5) == pytest.approx(0.7)
    assert council(town, council_bill=1.0) == pytest.approx(0.3)
    assert council(town, council_bill=1.0, council_results=0.4) == pytest.approx(0.4)
    assert council(town, council_results=10.0) == pytest.approx(1)
    assert council(town, council_bill=10.0) == pytest.approx(0)
    town.week = -5
    assert council(town, council_bill=10.0) == pytest.approx(0.5)


def test_the_council_moves_by_halves(town: Town) -> None:
    a_year_of_calls(town, 200, 100)
    group = replace(Parameters().learn, council_pace=8.0, council_leadership=0.0, council_bill=0.0)
    town.service.council[0] = 0.5
    for _ in range(8):
        tell_council(town, group, 0.5)
    assert town.service.council[0] == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("week", "is_set"), [(-1, False), (50, False), (51, True), (52, False), (103, True)]
)
def test_once_a_year_the_council_sets_hours_and_seats(town: Town, week: int, is_set: bool) -> None:
    town.week, service = week, town.service
    service.council[0], service.bill[0], service.bill_before[0] = 0.1, 1, 1
    service.granted[0] = service.seated[0] = 1
    values = {"council_hours": 0.5, "council_seats": 0.25, "council_pace": 1e9}
    tell_council(town, replace(Parameters().learn, **values), 0.0)
    expected = (0.8, 0.9) if is_set else (1, 1)
    assert (service.granted[0], service.seated[0]) == pytest.approx(expected)


def test_by_default_the_council_gives_all_the_same_hours(town: Town) -> None:
    town.service.council[0], town.week = 0.9, 51
    tell_council(town, Parameters().learn, 0.5)
    assert town.service.granted[0] == town.service.seated[0] == 1
