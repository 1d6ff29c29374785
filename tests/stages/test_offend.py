"""Stage 8, offend: offenders, exposure, victims, and what a crime leaves."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from parts import alone, exposures, given, leave_traces, mean_offenders, plain_kernels
from stages.by_hand import changed, no_custody

from omemsim.inputs.scenario import Scenario
from omemsim.processes import displacement, offend, offenders, pool
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.wheel import Crime


def test_offenders_in_reach_are_own_around_of_the_town_and_from_outside() -> None:
    own, first, count = np.array([1.0, 2, 4]), np.array([0, 2, 3]), np.array([2, 1, 0])
    hoods = SimpleNamespace(
        offenders=own,
        first_adjoining=first,
        adjoining=count,
        visitors=np.array([0.0, 1, 3], np.float32),
    )
    adjacency = SimpleNamespace(neighbour=np.array([1, 2, 0]))

    def in_reach(everywhere: float = 0.0, **group: float) -> list[float]:
        p = given(offend.STAGE, changed(offend={"afar": 0.0, "outsiders": 0.0, **group}))
        return [
            alone(offenders.all_sources, alone(offenders.sources_of, hoods, adjacency, n, x, p))
            for n, x in enumerate([everywhere] * 3)
        ]

    assert in_reach(reach=0.25) == pytest.approx([0.75 + 0.25 * 3, 1.5 + 0.25, 4])
    assert in_reach(reach=0.0) == [1, 2, 4]
    assert in_reach(3.0, reach=0.0, afar=0.5) == [2, 2.5, 3.5]
    # Half of all offenders are from outside where visitors are without number: 0, 1/4, 3/8 here.
    assert in_reach(reach=0.0, outsiders=0.5) == pytest.approx([1, 1.5 + 0.25, 2.5 + 0.375])


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
    town.places.perceived[::3] = 0.9  # so that some attempts move
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
    r.wary[:] = 0
    mean_offenders(town, group)
    free = town.neighbourhoods.offenders.copy()
    inside = np.array([0, 5, int(town.neighbourhoods.first_resident[2])])
    r.support[0], r.monitored[5] = 0.5, 1
    r.wary[:], r.wary[inside[2]] = 0, 0.5
    mean_offenders(town, group)
    before = town.neighbourhoods.offenders.copy()
    town.custody.replace(resident=inside, until=np.full(3, 99))
    mean_offenders(town, group)
    active = r.propensity[inside] * [
        1 - group.supported / 2,
        1 - group.monitored,
        1 - group.avoids / 2,
    ]
    lost = np.array([active[0] + active[1], 0, active[2]]) / town.neighbourhoods.residents
    assert before - town.neighbourhoods.offenders == pytest.approx(lost, rel=1e-4, abs=1e-9)
    assert (before <= free).all()
    everybody = np.arange(len(r))
    town.custody.replace(resident=everybody, until=np.full(len(r), 99))
    mean_offenders(town, group)
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
    assert variance > 200
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


# --- who did it ----------------------------------------------------------------------------


def spread_out(town: Town) -> None:
    """Let all be alike, in places in a row, a neighbourhood beside the next, 100 m apart."""
    r, places = town.residents, town.places
    r.propensity[:], r.support[:], r.monitored[:], r.wary[:] = 1, 0, 0, 0
    places.x[:], places.y[:] = 100 * np.arange(len(places)), 0
    town.neighbourhoods.visitors[:] = 0
    no_custody(town)


def offenders_of(
    town: Town,
    parameters: Parameters,
    events: int,
    place: int = 0,
    victim: int = -1,
    kind: int = Crime.VIOLENCE,
) -> Any:
    """Return who commits each of so many crimes at a place."""
    columns = {name: np.zeros(events) for name in town.incidents.columns()}
    columns |= {"event": np.arange(1, events + 1), "place": np.full(events, place)}
    columns |= {"victim": np.full(events, victim), "type": np.full(events, kind)}
    town.incidents.replace(**columns)
    p, seen = given(offend.STAGE, parameters), town.as_kernels_see_it()
    with plain_kernels():
        pool.mean_offenders(seen, p)
        found = pool.pool_of(seen.neighbourhoods, seen.residents.propensity)
        everywhere = offenders.mean_everywhere(seen.neighbourhoods)
        offenders.pick_offenders(seen, found, everywhere, p)
    return town.incidents.offender.copy()


NEAR_ONLY = {"reach": 0.0, "afar": 0.0, "outsiders": 0.0}


def is_share(found: Any, share: float) -> None:
    """Check a share, within 4.5 standard errors."""
    error = np.sqrt(share * (1 - share) / found.size)
    assert found.mean() == pytest.approx(float(share), abs=4.5 * float(error))


def test_offenders_come_from_where_the_rates_say(town: Town) -> None:
    spread_out(town)
    hoods, r = town.neighbourhoods, town.residents
    r.propensity[: hoods.residents[0]] = 2  # of the first neighbourhood, where the crimes are
    hoods.visitors[0] = 1
    group = {"reach": 0.4, "afar": 0.2, "outsiders": 0.5, "journey": 100.0}
    who = offenders_of(town, changed(offend=group), 1200)
    home = np.where(who < 0, -1, town.places.neighbourhood[r.place[who]])
    # A quarter of offenders of mean propensity are outsiders. Of residents 0.8 are near: 0.6 of
    # these of its own, of propensity 2, and 0.4 of two neighbourhoods of propensity 1.
    count = town.adjacency.neighbour[hoods.first_adjoining[0] :][: hoods.adjoining[0]]
    assert sorted(count) == [1, 2]
    mean = r.propensity.mean()
    own, around, town_wide = 0.75 * 0.8 * 0.6 * 2, 0.75 * 0.8 * 0.4, 0.75 * 0.2 * mean
    total = own + around + town_wide + 0.25
    of_own = 2 * hoods.residents[0] / (2 * hoods.residents[0] + hoods.residents[1:].sum())
    is_share(who == offenders.OUTSIDER, 0.25 / total)
    is_share(home == 0, (own + town_wide * of_own) / total)


def test_offenders_live_near_as_the_kernel_says(town: Town) -> None:
    spread_out(town)
    journey = changed(offend={**NEAR_ONLY, "journey": 0.3})
    who = offenders_of(town, journey, 1500)
    hoods, places = town.neighbourhoods, town.places
    here = np.arange(hoods.places[0])
    weight = places.residents[here] * 0.3 / (0.3 + 0.1 * here)
    next_door = who < places.residents[0]
    assert (town.places.neighbourhood[town.residents.place[who]] == 0).all()
    is_share(next_door, weight[0] / weight.sum())
    anywhere = offenders_of(town, changed(offend={**NEAR_ONLY, "journey": 100.0}), 1500)
    is_share(anywhere < places.residents[0], places.residents[0] / hoods.residents[0])


def test_those_who_are_active_offend_and_nobody_in_custody(town: Town) -> None:
    spread_out(town)
    r, first = town.residents, int(town.neighbourhoods.residents[0])
    r.propensity[:first] = np.where(np.arange(first) % 2, 0.5, 2.0)
    usual = changed(offend={**NEAR_ONLY, "journey": 100.0})
    is_share(offenders_of(town, usual, 1000) % 2 == 0, 0.8)
    r.wary[:first:2] = 1  # those of 2 are caught: they offend like 1.6
    is_share(offenders_of(town, usual, 1000) % 2 == 0, 1.6 / 2.1)
    held = np.arange(0, first, 2)
    town.custody.replace(resident=held, until=np.full(held.size, 99))
    assert (offenders_of(town, usual, 100) % 2 == 1).all()
    r.propensity[3] = 12
    held = np.delete(np.arange(first), 3)
    town.custody.replace(resident=held, until=np.full(held.size, 99))
    only = offenders_of(town, usual, 20)
    assert set(only) <= {3, offenders.OUTSIDER}  # 1,000 looks may miss it
    assert (only == 3).sum() > 10
    assert set(offenders_of(town, usual, 20, victim=3)) == {offenders.OUTSIDER}


def test_a_number_below_the_sum_belongs_to_one_resident(town: Town) -> None:
    """Of a neighbourhood and of the town: the one that adding up all propensities finds."""
    spread_out(town)
    r, hoods = town.residents, town.neighbourhoods
    r.propensity[:] = np.arange(len(r)) % 7 / 4  # a seventh of them is never active
    r.propensity[5] = 100
    with plain_kernels():
        found = pool.pool_of(hoods, r.propensity)
        assert (np.diff(found.start) <= pool.BLOCK).all()
        assert set(hoods.first_resident) <= set(found.start)
        for n in (-1, 0, 2):
            first = 0 if n < 0 else hoods.first_resident[n]
            size = len(r) if n < 0 else hoods.residents[n]
            upto = np.cumsum(r.propensity[first : first + size].astype(float))
            blocks = pool.blocks_of(found, n)
            u = (np.arange(200) + 0.4) / 200
            who = [pool.draw_resident(r.propensity, found, blocks, x) for x in u]
            assert who == (first + np.searchsorted(upto, u * upto[-1], "right")).tolist()


def test_nobody_is_too_active_to_be_told_from_others(town: Town) -> None:
    spread_out(town)
    r, first = town.residents, int(town.neighbourhoods.residents[0])
    r.propensity[0] = 4 * (first - 1)  # four in five of the neighbourhood's crimes
    who = offenders_of(town, changed(offend={**NEAR_ONLY, "journey": 100.0}), 800)
    is_share(who == 0, 0.8)


def test_family_and_neighbours_commit_violence_at_home(town: Town) -> None:
    spread_out(town)
    r, homes, places = town.residents, town.households, town.places
    large = np.flatnonzero((homes.residents > 2) & (homes.place == 0))[0]
    first, size = int(homes.first_resident[large]), int(homes.residents[large])
    victim, neighbours = first + 1, int(places.residents[0])
    r.propensity[first] = 3 * (size - 2)  # three in four of what the family does
    usual = {**NEAR_ONLY, "journey": 100.0}
    family = changed(offend={**usual, "family": 1.0, "acquainted": 0.0})
    who = offenders_of(town, family, 600, victim=victim)
    assert set(who) == set(range(first, first + size)) - {victim}
    is_share(who == first, 0.75)
    near = changed(offend={**usual, "family": 0.0, "acquainted": 1.0})
    who = offenders_of(town, near, 600, victim=victim)
    assert who.max() < neighbours
    assert set(who) > set(range(first, first + size)) - {victim}
    both = changed(offend={**usual, "family": 0.3, "acquainted": 0.4})
    who = offenders_of(town, both, 1500, victim=victim)
    active = float(r.propensity[: town.neighbourhoods.residents[0]].sum()) - 1
    at_home = (r.propensity[:neighbours].sum() - 1) / active
    is_share(who < neighbours, 0.7 + 0.3 * at_home)
    others = np.delete(np.arange(first, first + size), 1)
    town.custody.replace(resident=others, until=np.full(others.size, 99))
    who = offenders_of(town, family, 300, victim=victim)  # nobody of the family is at large
    assert not np.isin(who, others).any()
    assert (who >= neighbours).any()


@pytest.mark.parametrize("case", ["a passer-by", "a theft", "alone at home"])
def test_other_crimes_are_not_by_family(town: Town, case: str) -> None:
    spread_out(town)
    homes, few = town.households, 300
    wanted = homes.residents == 1 if case == "alone at home" else homes.residents > 1
    home = np.flatnonzero(wanted & (homes.place == (1 if case == "a passer-by" else 0)))[0]
    victim = int(homes.first_resident[home])
    usual = {**NEAR_ONLY, "journey": 100.0, "acquainted": 0.0}
    kind = Crime.THEFT if case == "a theft" else Crime.VIOLENCE
    with_family = offenders_of(
        town, changed(offend={**usual, "family": 1.0}), few, victim=victim, kind=kind
    )
    without = offenders_of(
        town, changed(offend={**usual, "family": 0.0}), few, victim=victim, kind=kind
    )
    assert (with_family == without).all()
    assert np.unique(without).size > 20


def test_what_is_remembered_fades_and_is_never_passed_on(town: Town) -> None:
    spread_out(town)
    r, group = town.residents, Parameters().offend
    none = changed(offend={"violence": 0.0, "theft": 0.0, "household": 0.0, "business": 0.0})
    town.arrests.replace(resident=[7])
    town.custody.replace(resident=[9], until=[99])
    r.wary[11] = 0.4
    town.newcomers.replace(seat=[11])
    town.places.triggered[:] = 0
    offend.step(town, none, Strategy())
    kept = 0.5 ** (1 / group.wary_half_life)
    assert r.wary[[7, 9, 11]] == pytest.approx([kept, kept, 0])
    town.arrests.replace(resident=np.zeros(0, int))
    for _ in range(int(group.wary_half_life) - 1):
        offend.step(town, none, Strategy())
    assert r.wary[[7, 9]] == pytest.approx([0.5, kept])  # custody goes on, and is remembered


def test_offenders_remember_the_risk_where_they_were(town: Town) -> None:
    spread_out(town)
    town.places.perceived[:], town.places.accustomed[:] = 0.6, 0.6
    no_custody(town)
    town.arrests.count[0] = 0
    offend.step(town, changed(offend={"violence": 500.0}), Strategy())
    who = np.unique(town.incidents.offender)
    who = who[who >= 0]
    assert who.size > 3
    assert town.residents.wary[who] == pytest.approx(np.full(who.size, 0.3))
    assert not np.delete(town.residents.wary, who).any()


# --- what becomes of attempts --------------------------------------------------------------

MUCH = {"violence": 3000.0, "theft": 0.0, "household": 0.0, "business": 0.0}


def attempts(town: Town, weeks: int, **group: float) -> dict[str, int]:
    """Return what became of attempts over some weeks in which nothing else changes."""
    parameters = changed(offend={**MUCH, "repeat": 1.0, "avoids": 0.0, **group})
    counted = dict.fromkeys(("blocked", "displaced", "displaced_away", "diffused", "crimes"), 0)
    for week in range(weeks):
        town.week = week
        offend.step(town, parameters, Strategy())
        for name in list(counted)[:-1]:
            counted[name] += int(getattr(town.service, name)[0])
        counted["crimes"] += len(town.incidents)
    return counted


def guard(town: Town, place: int) -> None:
    """Leave opportunity at a place, which a solved problem blocks, and at its near ones."""
    places = town.places
    places.perceived[:], places.removed[:], places.designed[:] = 0, 0, 0
    places.opportunity[:] = 0
    places.opportunity[place], places.removed[place] = 20, 1.2
    town.neighbourhoods.visitors[:] = 0


def test_effort_that_is_blocked_moves_as_often_as_it_says(town: Town) -> None:
    guard(town, 0)
    near = np.setdiff1d(town.places.near[0], [0])
    town.places.opportunity[near] = 1e-6  # no attempts of their own
    found = attempts(town, 60, cap=3.0, displaced=0.5, diffused=0.0, onward=0.0)
    assert found["blocked"] > 300
    is_share(np.arange(found["blocked"]) < found["displaced"], 0.5)
    assert found["diffused"] == 0
    rows = town.incidents.place
    assert set(rows) <= {0, *near}
    assert (rows != 0).any()
    all_of_them = found["crimes"] - found["displaced"] + found["blocked"]
    is_share(np.arange(all_of_them) < found["blocked"], 1 - np.exp(-1.2))


def test_effort_goes_where_the_opportunity_is_and_is_blocked_there_too(town: Town) -> None:
    guard(town, 0)
    near = np.unique(np.setdiff1d(town.places.near[0], [0]))
    town.places.opportunity[near[0]] = 1e-6  # the only place near that offers anything
    town.places.removed[near[0]] = 0.7
    found = attempts(town, 60, cap=3.0, displaced=1.0, diffused=0.0, onward=0.0)
    assert set(town.incidents.place) <= {0, near[0]}
    is_share(np.arange(found["blocked"]) < found["displaced"], np.exp(-0.7))
    town.places.opportunity[near[0]] = 0
    assert attempts(town, 5, cap=3.0, displaced=1.0, diffused=0.0, onward=0.0)["displaced"] == 0


def test_a_part_of_what_moves_crosses_into_adjoining_neighbourhoods(town: Town) -> None:
    guard(town, 0)
    town.places.opportunity[1:] = 1e-6
    town.places.near[0] = 1
    found = attempts(town, 60, cap=3.0, displaced=1.0, diffused=0.0, onward=0.3)
    assert found["displaced"] == found["blocked"] > 300
    is_share(np.arange(found["displaced"]) < found["displaced_away"], 0.3)
    alone_in_town = attempts(town, 5, cap=3.0, displaced=0.0, diffused=0.0, onward=0.3)
    assert alone_in_town["displaced"] == alone_in_town["displaced_away"] == 0


def test_benefits_spread_without_any_displacement_and_beside_it(town: Town) -> None:
    guard(town, 0)
    town.places.removed[:] = 0
    near = np.unique(town.places.near[0])
    town.places.removed[near] = 1.0
    town.places.near[0] = near[0]
    for displaced in (0.0, 1.0):
        found = attempts(town, 40, cap=3.0, displaced=displaced, diffused=0.5, onward=0.0)
        assert found["blocked"] == found["displaced"] == 0  # nothing is done at the place itself
        is_share(np.arange(found["diffused"] + found["crimes"]) < found["diffused"], 0.393469)
    off = attempts(town, 5, cap=3.0, displaced=0.5, diffused=0.0, onward=0.0)
    assert off["diffused"] == 0


@pytest.mark.parametrize(
    ("column", "value", "parameter", "expected"),
    [
        ("perceived", 0.5, {"deterrence": 0.6}, 0.3),
        ("removed", 0.4, {}, 0.4),
        ("designed", 0.5, {"designed": 0.5}, 0.25),
        ("removed", 1.5, {"cap": 0.9}, 0.9),
    ],
)
def test_every_direct_tactic_blocks(
    town: Town, column: str, value: float, parameter: dict[str, float], expected: float
) -> None:
    for name in ("perceived", "accustomed", "removed", "designed"):
        getattr(town.places, name)[:] = 0
    getattr(town.places, column)[:] = value
    p = given(offend.STAGE, changed(offend={"diffused": 0.5, **parameter}))
    passing = alone(displacement.passing_of, town.places, p)
    assert passing.direct == pytest.approx(np.full(len(town.places), expected))
    assert passing.share == pytest.approx(np.exp(-1.5 * passing.direct))


def test_household_and_business_crime_move_to_what_they_need() -> None:
    places = SimpleNamespace(
        opportunity=np.array([0.5]),
        dwelling_opportunity=np.array([2.0]),
        businesses=np.array([3.0]),
        households=np.array([4]),
        residents=np.array([10]),
    )
    found = [alone(displacement.offered, places, 0, kind) for kind in Crime]
    assert found == [5, 5, 8, 3]
