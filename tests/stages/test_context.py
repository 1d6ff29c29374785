"""Stage 1, context: events, and who moves in."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from parts import alone
from stages.by_hand import changed, nobody_moves, two_catchments

from omemsim.inputs.build import build, draw_blueprint
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario, TownConfig
from omemsim.measures import MEASURES
from omemsim.processes import context, drift, needs, offend, respond
from omemsim.schedule import Happening
from omemsim.spin_up import spin_up
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.random_numbers import Decision, stream, uniforms
from omemsim.vocabulary.wheel import Sector

EVERYWHERE = ALL = -1


def happens(
    town: Town,
    what: Happening,
    size: float = 0.0,
    where: Sequence[int] = (EVERYWHERE,),
    *,
    sector: int = ALL,
    start: int = 0,
    end: int = 1000,
) -> None:
    """Put an event beside those there are."""
    old = town.events.columns()
    new = {"what": what, "start": start, "end": end, "size": size, "sector": sector}
    rows = {name: np.full(len(where), value) for name, value in new.items()}
    rows["neighbourhood"] = np.array(where)
    town.events.replace(**{name: np.concatenate([old[name], rows[name]]) for name in old})


def set_the_scene(town: Town, parameters: Parameters | None = None) -> None:
    context.step(town, parameters or Parameters(), Strategy())


# --- shocks and the trend ------------------------------------------------------------------


@pytest.mark.parametrize(("week", "expected"), [(4, 0.0), (5, 0.5), (13, 0.25), (21, 0.125)])
def test_a_shock_hits_once_and_halves(town: Town, week: int, expected: float) -> None:
    town.week = week
    context.step(town, changed(context={"shock_week": 5, "shock_half_life": 8.0}), Strategy())
    assert town.service.shock[0] == pytest.approx(expected)


def test_no_shock_by_default(town: Town) -> None:
    town.week = 5
    context.step(town, Parameters(), Strategy())
    assert town.service.shock[0] == 0


def test_the_trend_compounds_from_the_start_of_the_scenario(town: Town) -> None:
    for week, expected in ((-52, 1.0), (0, 1.0), (52, 1.1), (104, 1.21)):
        town.week = week
        context.step(town, changed(context={"disorder_trend": 0.1}), Strategy())
        assert town.service.trend[0] == pytest.approx(expected)


# --- events --------------------------------------------------------------------------------


FELT = {
    Happening.CRIME: "shock",
    Happening.LEGITIMACY: "scandal",
    Happening.CAMPAIGN: "campaign",
    Happening.ECONOMIC: "hardship",
}


@pytest.mark.parametrize("what", FELT)
@pytest.mark.parametrize(("week", "expected"), [(4, 0), (5, 0.25), (8, 0.25), (9, 0)])
def test_an_event_lasts_from_its_first_week_to_the_one_after_its_last(
    town: Town, what: Happening, week: int, expected: float
) -> None:
    happens(town, what, 0.25, start=5, end=9)
    town.week = week
    set_the_scene(town)
    assert getattr(town.neighbourhoods, FELT[what]) == pytest.approx([expected] * 3)


@pytest.mark.parametrize("what", FELT)
def test_events_add_up_where_they_are(town: Town, what: Happening) -> None:
    happens(town, what, 0.25)
    happens(town, what, 0.5, where=[0, 2])
    happens(town, what, 0.125, where=[2])
    happens(town, what, 3.0, where=[1], start=20, end=30)
    set_the_scene(town)
    assert getattr(town.neighbourhoods, FELT[what]) == pytest.approx([0.75, 0.25, 0.875])
    others = [name for kind, name in FELT.items() if kind is not what]
    assert not any(getattr(town.neighbourhoods, name).any() for name in others)
    town.week = 25
    set_the_scene(town)
    most = 3.25 if what is Happening.CRIME else 1  # a share of 325%, but no index above 1
    assert getattr(town.neighbourhoods, FELT[what])[1] == pytest.approx(most)


def test_a_crime_shock_is_beside_the_one_that_halves(town: Town) -> None:
    parameters = changed(context={"shock_week": 0, "shock_size": 0.5})
    happens(town, Happening.CRIME, 0.25, where=[1])
    set_the_scene(town, parameters)
    assert town.neighbourhoods.shock == pytest.approx([0.5, 0.75, 0.5])


def test_a_crime_shock_raises_offending_where_it_is(town: Town) -> None:
    parameters, hoods = changed(offend={"reach": 0.0}), town.neighbourhoods
    nobody_moves(town)
    hoods.vigilance[:], hoods.foresight[:] = 0.5, 0
    found = []
    for week in (0, 5):
        happens(town, Happening.CRIME, 0.6, where=[1], start=5)
        copy = town.copy()
        copy.week = week
        set_the_scene(copy, parameters)
        copy.service.season[0] = 1
        offend.step(copy, parameters, Strategy())
        found.append(copy.neighbourhoods.expected_violence.copy())
    assert found[1] / found[0] == pytest.approx([1, 1 + 2 * 0.6 * 0.5, 1])


def test_budget_cuts_multiply_and_leave_what_the_council_grants(town: Town) -> None:
    town.service.granted[0] = 1.5
    happens(town, Happening.BUDGET_CUT, 0.2)
    happens(town, Happening.BUDGET_CUT, 0.5, end=3)
    set_the_scene(town)
    assert town.service.staffing[0] == pytest.approx(1.5 * 0.8 * 0.5)
    respond.step(town, Parameters(), Strategy())
    assert town.officers.offered == pytest.approx(town.officers.contracted * 0.6)
    assert town.service.offered[0] == pytest.approx(town.officers.contracted.sum() * 0.6)
    town.week = 3
    set_the_scene(town)
    assert town.service.staffing[0] == pytest.approx(1.5 * 0.8)
    happens(town, Happening.BUDGET_CUT, 2.0)
    set_the_scene(town)
    assert town.service.staffing[0] == 0


def test_agencies_close_by_sector_and_catchment_while_the_event_lasts() -> None:
    town, sectors = two_catchments(), len(Sector)
    far = int(town.neighbourhoods.catchment[2])
    assert far == 1
    for where, sector, closed in (
        ((EVERYWHERE,), ALL, list(range(14))),
        ((EVERYWHERE,), Sector.YOUTH, [Sector.YOUTH, sectors + Sector.YOUTH]),
        ((2,), ALL, list(range(sectors, 14))),
        ((2,), Sector.HOUSING, [sectors + Sector.HOUSING]),
        ((0, 2), Sector.HOUSING, [Sector.HOUSING, sectors + Sector.HOUSING]),
    ):
        copy = town.copy()
        happens(copy, Happening.AGENCY_CLOSING, where=where, sector=sector, end=7)
        set_the_scene(copy)
        assert np.flatnonzero(copy.agencies.is_open == 0).tolist() == closed
        copy.week = 7
        set_the_scene(copy)
        assert copy.agencies.is_open.all()


def test_hard_times_make_everybody_what_they_would_be_where_it_is_harder(town: Town) -> None:
    nobody_moves(town)
    hoods, before = town.neighbourhoods, town.copy()
    happens(town, Happening.ECONOMIC, 0.3, where=[1], end=4)
    set_the_scene(town)
    struck = town.places.neighbourhood[town.residents.place] == 1
    r, old = town.residents, before.residents
    assert r.need[struck].mean() > old.need[struck].mean() + 0.2
    assert (r.assets[struck] <= old.assets[struck]).all()
    assert hoods.assets[1] == pytest.approx(r.assets[struck].mean(), abs=1e-6)
    for name in ("need", "assets", "propensity", "trust_anchor"):
        assert np.array_equal(getattr(r, name)[~struck], getattr(old, name)[~struck])
    for name in ("trust", "fear", "efficacy", "is_moved", "tenancy", "age"):
        assert np.array_equal(getattr(r, name), getattr(old, name))
    poorer = before.copy()
    poorer.neighbourhoods.deprivation[1] += np.float32(0.3)
    context.SEATING.step(poorer, Parameters(), Strategy())
    assert r.need == pytest.approx(poorer.residents.need, abs=1e-6)
    deprivation = MEASURES["deprivation"].read(town, 1) - MEASURES["deprivation"].read(before, 1)
    assert deprivation == pytest.approx([0, 0.3, 0])
    town.week = 4
    set_the_scene(town)
    for name in ("need", "assets", "propensity", "trust_anchor", "is_leader"):
        assert np.array_equal(getattr(r, name), getattr(old, name))


def test_hard_times_end_at_full_deprivation(town: Town) -> None:
    nobody_moves(town)
    happens(town, Happening.ECONOMIC, 1.0)
    set_the_scene(town)
    assert (MEASURES["deprivation"].read(town, 1) == 1).all()
    assert town.check() == []


# --- moving --------------------------------------------------------------------------------


def test_seats_are_counted_by_households() -> None:
    homes = SimpleNamespace(residents=np.array([2, 1, 3, 5], np.int8))
    assert alone(context.count_seats, homes, np.array([0, 1, 2])) == 6
    assert alone(context.count_seats, homes, np.array([3])) == 5
    assert alone(context.count_seats, homes, np.zeros(0, np.int64)) == 0


def test_a_move_seats_new_people_and_no_others(town: Town) -> None:
    before = town.copy()
    town.neighbourhoods.moving[:] = 1
    context.step(town, Parameters(), Strategy())
    moved = town.households.since_week == town.week
    assert 0 < town.service.moves[0] == moved.sum() < moved.size
    seats = moved[town.residents.household]
    assert np.array_equal(town.residents.is_moved == 1, seats)
    assert np.array_equal(town.residents.tenancy, before.residents.tenancy + seats)
    assert np.array_equal(town.residents.need[~seats], before.residents.need[~seats])
    assert (town.residents.need[seats] != before.residents.need[seats]).mean() > 0.95


def test_nobody_moves_where_nobody_moves(town: Town) -> None:
    town.neighbourhoods.moving[:] = 0
    context.step(town, Parameters(), Strategy())
    assert town.service.moves[0] == 0
    assert not town.residents.is_moved.any()


def move_share(town: Town, fear: float, flight: float, weeks: int = 150) -> float:
    """Return moves per household and week at this fear."""
    hoods, moves = town.neighbourhoods, 0.0
    hoods.moving[:], hoods.fear[:] = 0.5, fear
    for week in range(weeks):
        town.week = week
        context.step(town, changed(context={"flight": flight}), Strategy())
        moves += town.service.moves[0]
    return moves / weeks / len(town.households)


def test_fear_makes_people_move_and_calm_makes_them_stay(town: Town) -> None:
    usual = move_share(town.copy(), fear=0.3, flight=2.0)
    # 150 weeks of 300 dwellings at 0.0096 a week: 430 moves, of which four errors are a fifth.
    assert usual == pytest.approx(-np.expm1(-0.5 / 52), rel=0.2)
    assert move_share(town.copy(), fear=1.0, flight=0.0) == usual
    afraid = move_share(town.copy(), fear=0.8, flight=2.0)
    assert afraid == pytest.approx(-np.expm1(-0.5 / 52 * 2), rel=0.15)
    assert move_share(town.copy(), fear=0.0, flight=5.0) == 0


def test_who_comes_is_counted_as_who_goes(town: Town) -> None:
    town.neighbourhoods.moving[:] = 1
    context.step(town, Parameters(), Strategy())
    seats = int(town.residents.is_moved.sum())
    assert town.service.moved_in[0] == town.service.moved_out[0] == seats > 0
    assert np.array_equal(town.newcomers.seat, np.flatnonzero(town.residents.is_moved))


@pytest.mark.parametrize("children", [0.0, 1.0])
def test_children_come_with_those_who_move_in(town: Town, children: float) -> None:
    before = town.households.children.copy()
    assert 0 < before.mean() < 1
    town.neighbourhoods.moving[:] = 1
    context.step(town, changed(people={"children": children}), Strategy())
    moved = town.households.since_week == town.week
    assert (town.households.children[moved] == children).all()
    assert np.array_equal(town.households.children[~moved], before[~moved])


# --- who lives in a new town ---------------------------------------------------------------


def test_need_is_the_mean_of_the_precursors(town: Town) -> None:
    r = town.residents
    expected = (r.income + r.housing + r.addictions + r.family) / 4
    assert np.allclose(r.need, expected, atol=1e-6)


def test_people_are_as_declared(scenario: Scenario) -> None:
    people = compose_scenario("small", "omem", ["town.residents=20000"])
    town = spin_up(replace(people, spin_up_years=0.02), 0)
    r = town.residents
    shares = np.bincount(r.age, minlength=4) / len(r)
    # 20,000 draws: 0.015 is more than four standard errors.
    assert np.abs(shares - context.AGE_SHARES).max() < 0.015
    assert r.propensity.mean() == pytest.approx(1, abs=0.08)
    assert r.exposure.mean() == pytest.approx(1, abs=0.05)
    expected = 2 * people.parameters.people.leader_prevalence * r.assets.mean()
    assert r.is_leader.mean() == pytest.approx(expected, abs=0.004)


def test_as_many_dwellings_have_children_as_declared() -> None:
    town = build(draw_blueprint(TownConfig(residents=9000, neighbourhoods=3)), Parameters(), 0)
    share, homes = Parameters().people.children, len(town.households)
    error = np.sqrt(share * (1 - share) / homes)
    assert town.households.children.mean() == pytest.approx(share, abs=4.5 * error)


def test_cohesion_is_less_where_more_move_and_else_left_to_noise() -> None:
    parameters = changed(people={"cohesion_moving": 4.0})
    drawn = draw_blueprint(TownConfig(residents=80, neighbourhoods=80))
    usual = build(drawn, parameters, 0).neighbourhoods.cohesion
    assert (np.abs(usual) <= 1).all()
    assert usual.std() == pytest.approx(1 / np.sqrt(3), abs=0.1)
    assert abs(np.corrcoef(usual, drawn.deprivation)[0, 1]) < 0.45  # 4 standard errors
    restless = build(replace(drawn, moving=drawn.moving + 0.1), parameters, 0).neighbourhoods
    assert restless.cohesion == pytest.approx(np.maximum(usual - 0.4, -1), abs=1e-6)


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.0])
def test_congregations_lie_around_the_mean_by_their_spread(spread: float) -> None:
    parameters = changed(people={"congregation_spread": spread})
    town = build(draw_blueprint(TownConfig(residents=80, neighbourhoods=80)), parameters, 0)
    found = town.neighbourhoods.congregations
    assert (np.abs(found - 1) <= spread).all()
    assert np.ptp(found) >= 1.6 * spread
    assert found.mean() == pytest.approx(1, abs=4.5 * spread / np.sqrt(3 * 80) + 1e-9)


# --- drift and needs -----------------------------------------------------------------------


@pytest.mark.parametrize("week", [-52, 0, 1, 51, 53, 103])
def test_risk_drifts_at_the_beginning_of_later_years_only(town: Town, week: int) -> None:
    town.week, before = week, town.neighbourhoods.drift.copy()
    set_the_scene(town)
    assert np.array_equal(town.neighbourhoods.drift, before)


def test_what_has_drifted_goes_back_by_halves_and_a_year_adds_to_it(town: Town) -> None:
    """Half-life 1 year, size 0.3: kept 0.5, spread 0.3 / sqrt(0.75), mean -spread^2 / 2 = -0.06."""
    parameters = changed(context={"drift": 0.3, "drift_memory": 1.0})
    hoods, steps = town.neighbourhoods, []
    for year in range(1, 1500):
        town.week = 52 * year
        hoods.drift[:] = 0.94
        set_the_scene(town, parameters)
        steps.append(hoods.drift.astype(float) - (-0.06 + 0.5 * 1.0))
    added = np.array(steps)
    assert np.abs(added).max() <= 0.3 * np.sqrt(3) + 1e-6  # of a uniform with deviation 0.3
    assert added.std() == pytest.approx(0.3, rel=0.05)
    assert added.mean() == pytest.approx(0, abs=4.5 * 0.3 / np.sqrt(added.size))
    assert np.corrcoef(added.T)[0, 1] == pytest.approx(0, abs=0.12)  # each by its own key


def test_drift_has_no_trend_and_the_spread_it_began_with() -> None:
    parameters = changed(context={"drift": 0.2, "drift_memory": 3.0})
    blueprint = draw_blueprint(TownConfig(residents=1500, neighbourhoods=1500))
    town = build(blueprint, parameters, 11)
    spread = 0.2 / np.sqrt(1 - 0.5 ** (2 / 3))
    for year in range(1, 31):
        town.week = 52 * year
        alone(
            drift.drift,
            town.as_kernels_see_it(),
            drift.drift_parameters(parameters.context),
            town.week,
        )
        log = town.neighbourhoods.drift.astype(float)
        assert log.std() == pytest.approx(spread, rel=0.1)
        assert np.exp(log).mean() == pytest.approx(1, abs=5 * spread / np.sqrt(1500))


def test_drift_multiplies_crime_alike(town: Town) -> None:
    other = town.copy()
    other.neighbourhoods.drift[:] += np.log(2)
    for one in (town, other):
        offend.step(one, Parameters(), Strategy())
    for name in ("expected_violence", "expected_business"):
        once, twice = (getattr(one.neighbourhoods, name) for one in (town, other))
        assert twice == pytest.approx(2 * once, rel=1e-5)


def test_needs_for_crises_are_those_of_precursors_person_and_place(town: Town) -> None:
    """Between powers 2 and 3 halfway: (3 u^2 + 4 u^3) / 2."""
    parameters = changed(people={"crisis_power": 2.5}, crisis={"by_need": 0.8})
    town.places.crisis_need[:] = 2.0
    town.residents.need[7] = 0.5
    p = needs.need_parameters(parameters)
    person, noise = np.uint32(12345), stream(town.seed, Decision.OCCUPANT, 0, needs.CRISIS_DRAW)
    u = float(uniforms(np.array([person]), noise)[0])
    found = alone(needs.crisis_need, town.as_kernels_see_it(), 7, person, p)
    expected = (0.8 * 0.25 + 0.2 * 0.3) * (3 * u**2 + 4 * u**3) / 2 * 2.0
    assert found == pytest.approx(expected, rel=1e-5)


def test_a_household_that_moves_takes_its_needs_along(town: Town) -> None:
    town.neighbourhoods.moving[:] = 1.0
    before = town.copy()
    for week in range(1, 40):
        town.week = week
        set_the_scene(town)
    moved = town.residents.tenancy != before.residents.tenancy
    assert 0 < moved.sum() < len(moved)
    same = town.residents.crisis_need == before.residents.crisis_need
    assert same[~moved].all()
    assert not same[moved].any()
