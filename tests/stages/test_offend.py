"""Stage 8, offend: offenders, exposure, victims, and what a crime leaves."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from parts import alone, exposures, given, leave_traces, pool_offenders
from stages.by_hand import changed, no_custody

from omemsim.inputs.scenario import Scenario
from omemsim.processes import offend
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.wheel import Crime


def test_offenders_in_reach_are_own_and_around() -> None:
    own, first, count = np.array([1.0, 2, 4]), np.array([0, 2, 3]), np.array([2, 1, 0])
    hoods = SimpleNamespace(offenders=own, first_adjoining=first, adjoining=count)
    adjacency = SimpleNamespace(neighbour=np.array([1, 2, 0]))

    def in_reach(reach: float) -> list[float]:
        p = given(offend.STAGE, changed(offend={"reach": reach}))
        return [alone(offend.in_reach, hoods, adjacency, n, p) for n in range(3)]

    assert in_reach(0.25) == pytest.approx([0.75 + 0.25 * 3, 1.5 + 0.25, 4])
    assert in_reach(0.0) == [1, 2, 4]


def test_no_resident_weighs_more_than_the_fixed_maximum(town: Town) -> None:
    parameters = Parameters()
    most = offend.most_exposed(parameters.people, parameters.offend)
    weight = town.residents.exposure * town.residents.boost
    assert weight.max() <= most
    assert town.households.boost.max() <= parameters.offend.repeat


def test_victims_are_where_they_are_said_to_be(town: Town, scenario: Scenario) -> None:
    parameters = changed(
        offend={"household": 900.0, "violence": 0.0, "theft": 0.0, "business": 500.0}
    )
    offend.step(town, parameters, scenario.strategy)
    rows = town.incidents
    at_home = rows.type == 2
    assert at_home.sum() > 3
    assert np.array_equal(town.residents.place[rows.victim[at_home]], rows.place[at_home])
    assert (rows.victim[rows.type == 3] == -1).all()
    assert np.unique(rows.event).size == len(rows)


@pytest.mark.parametrize(("visitors", "least", "most"), [(0.0, 1.0, 1.0), (1000.0, 0.0, 0.3)])
def test_passers_by_come_from_the_whole_town_others_from_the_place(
    town: Town, visitors: float, least: float, most: float
) -> None:
    town.neighbourhoods.visitors[:] = visitors
    town.places.opportunity[:] = 1
    group = changed(offend={"violence": 1000.0, "theft": 0.0, "household": 0.0, "business": 0.0})
    offend.step(town, group, Strategy())
    rows = town.incidents
    assert len(rows) > 5
    is_home = town.residents.place[rows.victim] == rows.place
    assert least <= is_home.mean() <= most


def test_a_household_crime_triggers_others_here_and_near(town: Town) -> None:
    group, places = Parameters().offend, town.places
    places.triggered[:] = 0
    columns = {name: np.zeros(2) for name in town.incidents.columns()}
    seat = town.places.first_resident[0]
    kinds, victims = np.array([Crime.HOUSEHOLD, Crime.VIOLENCE]), np.full(2, seat)
    crimes = {**columns, "type": kinds, "victim": victims, "place": np.array([0, 5])}
    town.incidents.replace(**crimes)
    leave_traces(town, group)  # violence at place 5 triggers nothing
    near = np.setdiff1d(places.near[0], [0])
    assert places.triggered[near] == pytest.approx(np.full(near.size, places.triggered[0] / 6))
    others = np.setdiff1d(np.arange(len(places)), [0, *near])
    assert not places.triggered[others].any()
    total = 0.0
    for _ in range(60):  # weeks: what one triggers adds up to ``near``
        total += places.triggered.sum()
        town.incidents.replace(**{name: np.zeros(0) for name in columns})
        leave_traces(town, group)
    assert total == pytest.approx(group.near, rel=1e-4)


def test_what_is_triggered_is_deterred_as_well(town: Town) -> None:
    none = changed(
        offend={"violence": 0.0, "theft": 0.0, "household": 0.0, "business": 0.0, "diffused": 0.0}
    )
    town.places.triggered[:], town.places.removed[:] = 0.2, 0
    town.places.removed[town.places.neighbourhood == 1] = 0.5
    offend.step(town, none, Strategy())
    expected = 0.2 * town.neighbourhoods.places
    found = town.neighbourhoods.expected_property / expected
    assert found[1] / found[0] == pytest.approx(np.exp(-0.5), rel=0.05)


def test_a_household_crime_is_felt_by_all_who_live_there(town: Town) -> None:
    size = town.households.residents
    home = int(np.flatnonzero(size > 1)[0])
    seat = town.households.first_resident[home]
    columns = {name: np.zeros(1) for name in town.incidents.columns()}
    town.incidents.replace(**{**columns, "type": np.full(1, 2), "victim": np.full(1, seat)})
    town.residents.is_hit[:], town.residents.boost[:] = 0, 1
    leave_traces(town, Parameters().offend)
    assert np.flatnonzero(town.residents.is_hit).tolist() == list(range(seat, seat + size[home]))
    assert town.households.boost[home] == Parameters().offend.repeat
    assert (town.residents.boost == 1).all()


def test_who_is_in_custody_offends_nobody(town: Town) -> None:
    group, r = Parameters().offend, town.residents
    no_custody(town)
    pool_offenders(town, group)
    free = town.neighbourhoods.offenders.copy()
    inside = np.array([0, 5, int(town.neighbourhoods.first_resident[2])])
    r.support[0], r.monitored[5] = 0.5, 1
    pool_offenders(town, group)
    before = town.neighbourhoods.offenders.copy()
    town.custody.replace(resident=inside, until=np.full(3, 99))
    pool_offenders(town, group)
    active = r.propensity[inside] * [1 - group.supported / 2, 1 - group.monitored, 1]
    lost = np.array([active[0] + active[1], 0, active[2]]) / town.neighbourhoods.residents
    assert before - town.neighbourhoods.offenders == pytest.approx(lost, rel=1e-4)
    assert (before <= free).all()
    everybody = np.arange(len(r))
    town.custody.replace(resident=everybody, until=np.full(len(r), 99))
    pool_offenders(town, group)
    assert town.neighbourhoods.offenders == pytest.approx([0] * 3, abs=1e-5)


def test_a_watch_protects_its_members_as_far_as_it_runs(town: Town) -> None:
    homes, hoods = town.households, town.neighbourhoods
    homes.boost[:], homes.protection[:], homes.in_watch[:] = 1, 0, 0
    group = replace(Parameters().offend, watch=0.4, protection=0.5)
    hoods.watch_momentum[:] = [0.5, 0, 1]
    assert exposures(town, group).dwellings == pytest.approx(town.places.households)
    homes.in_watch[:] = 1
    share = np.array([0.8, 1, 0.6])[town.places.neighbourhood]
    assert exposures(town, group).dwellings == pytest.approx(town.places.households * share)
    homes.protection[:] = 1
    assert exposures(town, group).dwellings == pytest.approx(town.places.households * share / 2)


def test_victims_are_fewer_among_members_of_a_watch(town: Town) -> None:
    """Of dwellings in the same places; some 2,000 crimes see a share that is off by a tenth."""
    homes = town.households
    homes.protection[:], town.neighbourhoods.watch_momentum[:] = 0, 1
    homes.in_watch[:] = np.arange(len(homes)) % 2
    rates = {"violence": 0.0, "theft": 0.0, "business": 0.0, "household": 1000.0}
    parameters = changed(offend={**rates, "watch": 0.6, "repeat": 1.0, "near": 0.0})
    members = 0.0
    expected = variance = 0.0
    exposed = np.where(homes.in_watch == 1, 0.4, 1.0)
    total = np.bincount(homes.place, exposed, minlength=len(town.places))
    inside = np.bincount(homes.place, exposed * homes.in_watch, minlength=len(town.places)) / total
    for week in range(200):
        town.week = week
        offend.step(town, parameters, Strategy())
        home = town.residents.household[town.incidents.victim]
        members += homes.in_watch[home].sum()
        share = inside[town.incidents.place]
        expected, variance = expected + share.sum(), variance + (share * (1 - share)).sum()
    assert variance > 250
    assert members == pytest.approx(expected, abs=4.5 * np.sqrt(variance))
    by_place = np.bincount(town.places.neighbourhood[town.incidents.place], minlength=3)
    assert town.neighbourhoods.new_household.tolist() == by_place.tolist()


def test_household_crimes_are_counted_by_themselves(town: Town) -> None:
    parameters = changed(offend={"violence": 500.0, "household": 500.0, "business": 3000.0})
    offend.step(town, parameters, Strategy())
    where = town.places.neighbourhood[town.incidents.place]
    at_home = np.bincount(where[town.incidents.type == Crime.HOUSEHOLD], minlength=3)
    assert town.neighbourhoods.new_household.tolist() == at_home.tolist()
    assert 0 < at_home.sum() < (town.incidents.type != Crime.BUSINESS).sum()
