"""What interventions do at single places, by hand: hours, visits, problem-solving, light."""

from __future__ import annotations

import numpy as np
import pytest
from stages.by_hand import changed

from omemsim.processes import act, organize
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.wheel import Kind, Lead, Tactic, Work


def is_done(town: Town, *rows: tuple[int, float, int, int]) -> None:
    """Put interventions in place of any: what, dose, neighbourhood, place."""
    what, dose, hood, place = (list(column) for column in zip(*rows, strict=True))
    rest = {"start": 0, "end": 52, "is_added": 0, "given": 0.0}
    town.interventions.replace(
        what=what,
        dose=dose,
        neighbourhood=hood,
        place=place,
        **{name: [value] * len(rows) for name, value in rest.items()},
    )


def has_hours(town: Town, free: float) -> None:
    """Let rested officers have so many free hours, nothing of which is lost or planned."""
    town.officers.proactive[:], town.officers.fatigue[:] = free / len(town.officers), 0
    town.neighbourhoods.share[:], town.neighbourhoods.ordered[:] = 0, 0
    town.service.survey_hours[0] = town.service.table_taken[0] = 0
    town.service.free_mean[0] = town.service.free_before[0] = 0
    town.service.extra_hours[0] = 0


def test_visits_to_a_single_place_go_there_alone_and_none_misses(town: Town) -> None:
    group, hoods = Parameters().act, town.neighbourhoods
    has_hours(town, 30.0)
    first, many = int(hoods.first_place[1]), int(hoods.places[1])
    is_done(
        town,
        (Work(Tactic.TARGETED_ENFORCEMENT), 6.0, 1, first + 1),
        (Work(Tactic.TRAFFIC), 4.0, 1, first + 2),
    )
    hoods.ordered[1, Tactic.TARGETED_ENFORCEMENT], hoods.ordered[1, Tactic.TRAFFIC] = 6.0, 4.0
    hoods.share[1, Tactic.PATROL] = 0.5  # of the 20 hours that are left
    act.step(town, Parameters(), Strategy(training=0, reinvest=True))
    spread = group.visits_per_hour * 10 / many
    expected = np.full(many, spread)
    expected[1] += group.visits_per_hour * 6
    expected[2] += group.traffic_visits * 4
    assert town.places.visits[first : first + many] == pytest.approx(expected, rel=1e-5)
    assert town.interventions.given == pytest.approx([6, 4])
    # Hours at places are hours of their neighbourhood in all else.
    assert hoods.hours[1, Tactic.TARGETED_ENFORCEMENT] == pytest.approx(6)
    assert town.service.unassigned[0] == pytest.approx(10)


def test_where_more_is_ordered_than_there_is_each_place_gets_its_part(town: Town) -> None:
    has_hours(town, 5.0)
    first = town.neighbourhoods.first_place
    is_done(town, *((Work(Tactic.PATROL), dose, n, int(first[n])) for n, dose in ((0, 8), (2, 2))))
    town.neighbourhoods.ordered[0, Tactic.PATROL], town.neighbourhoods.ordered[2, 0] = 8.0, 2.0
    act.step(town, Parameters(), Strategy(training=0, reinvest=True))
    assert town.interventions.given == pytest.approx([4, 1])
    town.service.extra_hours[0] = 10.0  # now that they are added, nothing is short
    act.step(town, Parameters(), Strategy(training=0, reinvest=True))
    assert town.interventions.given == pytest.approx([8, 2])
    assert town.service.unassigned[0] == pytest.approx(5)


def test_nothing_is_given_before_and_after(town: Town) -> None:
    has_hours(town, 30.0)
    is_done(town, (Work(Tactic.PATROL), 3.0, 0, 0), (Work.LIGHTING, 1.0, 0, 1))
    town.week, town.places.designed[:] = 52, 0
    act.step(town, Parameters(), Strategy(training=0, reinvest=True))
    assert not town.interventions.given.any()
    assert town.places.designed[1] == 0
    assert not town.places.visits.any()


def test_light_at_a_place_is_kept_at_the_dose(town: Town) -> None:
    has_hours(town, 0.0)
    town.neighbourhoods.lit[:], town.service.design_places[0] = 0, 0
    town.places.designed[:] = 0
    town.places.designed[3] = 0.9
    is_done(town, (Work.LIGHTING, 0.6, 0, 2), (Work.LIGHTING, 0.3, 0, 3))
    act.step(town, Parameters(), Strategy(reinvest=True))
    assert town.places.designed[2] == pytest.approx(0.6)
    assert 0.3 < town.places.designed[3] < 0.9  # it fades, and is not taken down to the dose
    assert town.service.places_designed[0] == 1  # the other was well kept before


def test_police_open_problem_solving_at_a_named_place_before_the_worst_known(town: Town) -> None:
    hoods, slots = town.neighbourhoods, town.initiatives
    slots.is_active[:], slots.place[:] = 0, -1
    hoods.hours[:] = 0
    hoods.hours[1, Tactic.PROBLEM_ORIENTED_POLICING] = 1e3
    first, many = int(hoods.first_place[1]), int(hoods.places[1])
    here = slice(first, first + many)
    town.places.knowledge[here] = np.arange(many)
    is_done(
        town,
        (Work(Tactic.PROBLEM_ORIENTED_POLICING), 5.0, 1, first + 1),
        (Work(Tactic.PROBLEM_ORIENTED_POLICING), 5.0, 1, first),
    )
    parameters = changed(act={"problem_weeks": 1000, "problem_precision": 1.0})
    for week in range(60):
        town.week = week % 50
        organize.step(town, parameters, Strategy())
    mine = (slots.is_active == 1) & (slots.kind == Kind.PROBLEM_SOLVING) & (slots.place >= 0)
    places = slots.place[mine & (slots.neighbourhood == 1)]
    assert (slots.lead[mine] != Lead.COMMUNITY).any()
    assert {first, first + 1} <= set(places.tolist())
    worst = first + many - 1
    assert np.unique(places).size == places.size
    if places.size > 2:
        assert worst in places
