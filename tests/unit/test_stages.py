"""What events, projects, arrests, sectors, watches, legitimacy and the council do to a week.

The rules of single stages, on hand-made numbers, as in `test_processes`.
"""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from parts import (
    admit,
    again,
    alone,
    by_partner,
    choose,
    close_cases,
    exposures,
    get_to_know,
    given,
    participate,
    plain_kernels,
    pool_offenders,
    protect,
    redesign,
    refer,
    replace_leavers,
    run_initiatives,
    spend_hours,
    start_anew,
    survey,
    tell_council,
    use_hours,
)

from omemsim.inputs.build import build, draw_blueprint
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import TownConfig
from omemsim.measures import MEASURES
from omemsim.processes import (
    WEEK,
    account,
    act,
    context,
    crisis,
    feel,
    learn,
    offend,
    partner,
    plan,
    respond,
    run_week,
    situation,
)
from omemsim.schedule import Happening, Work
from omemsim.spin_up import spin_up
from omemsim.strategies import Strategy, TableLead
from omemsim.town import Town
from omemsim.vocabulary.parameters import Feel, Parameters
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.wheel import (
    SOCIAL_SECTORS,
    CallType,
    Crime,
    Kind,
    Lead,
    Risk,
    Sector,
    Tactic,
)

WORDS = ("town.residents=600", "town.neighbourhoods=3", "spin_up_years=0.5")
NOBODY = np.zeros(0, np.int64)
EVERYWHERE = ALL = -1


@pytest.fixture(scope="module")
def spun() -> Town:
    return spin_up(compose_scenario("small", "omem", WORDS), 0)


@pytest.fixture
def town(spun: Town) -> Town:
    return spun.copy()


def changed(**groups: dict[str, Any]) -> Parameters:
    """Return the default parameters, but for some."""
    parameters = Parameters()
    for name, values in groups.items():
        parameters = replace(parameters, **{name: replace(getattr(parameters, name), **values)})
    return parameters


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


def is_done(town: Town, what: Work, dose: float, where: Sequence[int], end: int = 1000) -> None:
    """Put an intervention beside those there are."""
    old = town.interventions.columns()
    new = {"what": what, "start": 0, "end": end, "dose": dose}
    rows = {name: np.full(len(where), value) for name, value in new.items()}
    rows["neighbourhood"] = np.array(where)
    town.interventions.replace(**{name: np.concatenate([old[name], rows[name]]) for name in old})


def set_the_scene(town: Town, parameters: Parameters | None = None) -> None:
    context.step(town, parameters or Parameters(), Strategy())


def nobody_moves(town: Town) -> None:
    town.neighbourhoods.moving[:] = 0
    town.residents.is_moved[:] = 0
    town.newcomers.replace(seat=NOBODY)


# --- context: events ----------------------------------------------------------------------

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


def two_catchments() -> Town:
    """Return a new town of three neighbourhoods; the last has agencies of its own."""
    parameters = changed(partner={"catchment": 1000.0})
    config = TownConfig(residents=1500, neighbourhoods=3)
    town = build(draw_blueprint(config), parameters, 0)
    assert town.neighbourhoods.catchment.tolist() == [0, 0, 1] or len(town.agencies) == 14
    return town


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


# --- context: moving ----------------------------------------------------------------------


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


def test_as_many_dwellings_have_children_as_declared() -> None:
    town = build(draw_blueprint(TownConfig(residents=9000, neighbourhoods=3)), Parameters(), 0)
    share, homes = Parameters().people.children, len(town.households)
    error = np.sqrt(share * (1 - share) / homes)
    assert town.households.children.mean() == pytest.approx(share, abs=4.5 * error)


def test_cohesion_is_less_where_more_move_and_else_left_to_luck() -> None:
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


# --- assess -------------------------------------------------------------------------------


def test_a_survey_asks_about_fear_too(town: Town) -> None:
    survey(town, 2000)
    spread = 4.5 * town.residents.fear.std() / np.sqrt(2000)
    hood = town.places.neighbourhood[town.residents.place]
    fear = [town.residents.fear[hood == n].mean() for n in range(3)]
    assert town.neighbourhoods.seen_fear == pytest.approx(fear, abs=spread)
    survey(town, 0)
    assert town.neighbourhoods.seen_fear.tolist() == [0.5] * 3


# --- plan: interventions ------------------------------------------------------------------


def test_interventions_order_hours_by_residents_where_they_are(town: Town) -> None:
    is_done(town, Work.LIAISON, 2.0, where=[0, 2])
    is_done(town, Work.LIAISON, 1.0, where=[2], end=5)
    is_done(town, Work.PATROL, 4.0, where=[1])
    for week, liaison in ((0, [2, 0, 3]), (5, [2, 0, 2])):
        town.week = week
        plan.step(town, Parameters(), Strategy())
        thousands = town.neighbourhoods.residents / 1000
        ordered = town.neighbourhoods.ordered
        assert ordered[:, Tactic.LIAISON] == pytest.approx(liaison * thousands)
        assert ordered[:, Tactic.PATROL] == pytest.approx([0, 4, 0] * thousands)
        assert np.count_nonzero(ordered) == 3
    town.week = 1000
    plan.step(town, Parameters(), Strategy())
    assert not town.neighbourhoods.ordered.any()


def test_light_and_hardening_are_ordered_as_shares(town: Town) -> None:
    is_done(town, Work.LIGHTING, 0.75, where=[0, 1])
    is_done(town, Work.LIGHTING, 0.5, where=[1])
    is_done(town, Work.TARGET_HARDENING, 0.5, where=[2])
    is_done(town, Work.TARGET_HARDENING, 1.0, where=[2])
    plan.step(town, Parameters(), Strategy())
    hoods = town.neighbourhoods
    assert hoods.lit.tolist() == [0.75, 1, 0]
    assert hoods.hardened.tolist() == [0, 0, 1.5]
    assert not hoods.ordered.any()


def test_casework_is_shared_by_the_agencies_of_the_catchment() -> None:
    town = two_catchments()
    plan.step(town, Parameters(), Strategy(money=10.0))
    by_money = town.agencies.funded.copy()
    is_done(town, Work.CASEWORK, 14.0, where=[0, 2])
    plan.step(town, Parameters(), Strategy(money=10.0))
    added = town.agencies.funded - by_money
    hoods = town.neighbourhoods
    expected = [
        14 * hoods.residents[[0, 2]][hoods.catchment[[0, 2]] == group].sum() / 1000 / 7
        for group in (0, 1)
    ]
    assert added == pytest.approx(np.repeat(expected, len(Sector)))


def test_social_development_pays_those_who_treat_precursors(town: Town) -> None:
    spend = Strategy(money=50.0, spend={"social_development": 1.0})
    plan.step(town, Parameters(), spend)
    social = np.isin(town.agencies.sector, SOCIAL_SECTORS)
    funded = town.agencies.funded
    assert not funded[~social].any()
    assert funded[social] == pytest.approx([funded.sum() / len(SOCIAL_SECTORS)] * social.sum())
    plan.step(town, Parameters(), replace(spend, spend={"casework": 1.0}))
    assert funded == pytest.approx([funded.sum() / len(Sector)] * len(Sector))


def test_a_table_takes_as_many_cases_as_the_council_seats(town: Town) -> None:
    table, found = Strategy(money=50.0, spend={"situation_table": 1.0}), []
    for seated in (1.0, 0.5, 0.0):
        town.service.seated[0] = seated
        plan.step(town, Parameters(), table)
        found.append(town.service.table_cases[0])
    assert found == pytest.approx([found[0], found[0] / 2, 0])
    assert found[0] > 0


# --- respond: kept hours ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("week", "protected", "calls_first", "expected"),
    [
        (0, 0.0, 1.0, 0),
        (0, 0.25, 1.0, 10),
        (0, 0.0, 0.0, 20),
        (0, 0.25, 0.5, 10),
        (0, 0.75, 0.5, 30),
        (-1, 0.25, 0.0, 10),  # before the scenario nothing was free "before"
    ],
)
def test_hours_are_kept_from_calls(
    week: int, protected: float, calls_first: float, expected: float
) -> None:
    parameters = changed(respond={"calls_first": calls_first})
    p = given(respond.STAGE, parameters, Strategy(protected=protected))
    service = SimpleNamespace(offered=[40.0], free_before=[20.0])
    assert alone(respond.kept_hours, service, p, week) == pytest.approx(expected)
    service.free_before[0] = 100.0
    assert alone(respond.kept_hours, service, p, week) <= 40


def give_calls(town: Town, **columns: Any) -> None:
    size = len(next(iter(columns.values())))
    default = {name: np.zeros(size) for name in town.calls.columns()}
    default["event"] = np.arange(1, size + 1)
    town.calls.replace(**{**default, **{k: np.array(v) for k, v in columns.items()}})
    town.queue.replace(**{name: np.zeros(0) for name in town.queue.columns()})


@pytest.mark.parametrize(("calls_first", "is_trapped"), [(1.0, True), (0.0, False)])
def test_calls_eat_prevention_unless_the_trap_is_switched_off(
    town: Town, calls_first: float, is_trapped: bool
) -> None:
    parameters = changed(respond={"calls_first": calls_first})
    town.officers.contracted[:], town.service.staffing[0] = 40 / len(town.officers), 1
    town.service.free_before[0] = 15
    give_calls(town, type=np.full(200, CallType.SERVICE), caller=np.full(200, -1))
    respond.step(town, parameters, Strategy())
    free = float(town.officers.proactive.sum())
    assert (free < parameters.respond.hours_service) == is_trapped
    assert free >= (0 if is_trapped else 15)
    assert town.service.reactive[0] + free == pytest.approx(40)
    calls = town.service.answered[0] + town.service.waiting[0] + town.service.closed[0]
    assert calls == 200
    assert town.service.waiting[0] > 0


# --- respond: custody ---------------------------------------------------------------------


def no_custody(town: Town) -> None:
    town.custody.replace(resident=NOBODY, until=NOBODY)
    nobody_moves(town)


def crimes(town: Town, kind: CallType, count: int, hood: int = 0) -> None:
    place = town.neighbourhoods.first_place[hood]
    give_calls(
        town, type=np.full(count, kind), place=np.full(count, place), caller=np.full(count, -1)
    )


ALWAYS = {"custody_violence": 1.0, "custody_property": 1.0}


def arrest_at(town: Town, parameters: Parameters) -> None:
    town.officers.contracted[:], town.service.staffing[0] = 10_000, 1
    respond.step(town, parameters, Strategy())


@pytest.mark.parametrize("kind", CallType)
def test_arrests_follow_answered_crimes_of_their_kind(town: Town, kind: CallType) -> None:
    for chances, kinds in (
        ({"custody_violence": 1.0, "custody_property": 0.0}, [CallType.VIOLENCE]),
        (
            {"custody_violence": 0.0, "custody_property": 1.0},
            [CallType.THEFT, CallType.HOUSEHOLD, CallType.BUSINESS],
        ),
    ):
        no_custody(town)
        crimes(town, kind, 20, hood=1)
        arrest_at(town, changed(respond=chances))
        assert (town.service.arrested[0] > 0) == (kind in kinds)
        assert len(town.custody) == town.service.arrested[0]
        held = town.custody.resident
        assert (town.places.neighbourhood[town.residents.place[held]] == 1).all()
        assert np.unique(held).size == held.size


def test_no_arrest_without_an_answer(town: Town) -> None:
    no_custody(town)
    crimes(town, CallType.VIOLENCE, 20)
    town.officers.contracted[:] = 0
    respond.step(town, changed(respond=ALWAYS), Strategy())
    assert len(town.custody) == town.service.arrested[0] == 0


def test_an_offender_is_released_when_their_time_is_over(town: Town) -> None:
    no_custody(town)
    parameters = changed(respond={**ALWAYS, "custody_weeks": 3})
    for week in range(10, 15):
        town.week = week
        crimes(town, CallType.VIOLENCE, 5 if week == 10 else 0)
        arrest_at(town, parameters)
        assert (len(town.custody) > 0) == (week < 13)
    assert town.service.arrested[0] == 0


def test_who_moves_away_leaves_custody_and_is_replaced_by_somebody_free(town: Town) -> None:
    no_custody(town)
    town.custody.replace(resident=np.array([3, 9]), until=np.array([99, 99]))
    town.residents.is_moved[9] = 1
    town.newcomers.replace(seat=[9])
    crimes(town, CallType.SERVICE, 0)
    arrest_at(town, Parameters())
    assert town.custody.resident.tolist() == [3]
    assert town.custody.until.tolist() == [99]


def test_nobody_is_taken_twice(town: Town) -> None:
    no_custody(town)
    town.residents.propensity[:] = 0
    town.residents.propensity[:2] = 8  # the only two who offend: always recognized
    crimes(town, CallType.VIOLENCE, 200)
    parameters = changed(respond={**ALWAYS, "custody_weeks": 50})
    arrest_at(town, parameters)
    assert sorted(town.custody.resident.tolist()) == [0, 1]
    assert town.service.arrested[0] == 2
    town.week += 1
    crimes(town, CallType.VIOLENCE, 200)
    arrest_at(town, parameters)
    assert town.service.arrested[0] == 0
    assert len(town.custody) == 2


def test_those_who_offend_more_are_arrested_more(town: Town) -> None:
    r, first = town.residents, town.neighbourhoods.residents[0]
    r.propensity[:first] = np.where(np.arange(first) % 2, 0.5, 2.0)
    events = np.arange(1, 1001, dtype=np.uint64)
    hoods = town.neighbourhoods
    with plain_kernels():
        taken = np.array([respond.find_offender(hoods, r, 0, event) for event in events])
    found = taken[taken >= 0]
    assert found.size > 950  # 30 looks find nobody with probability 0.844 ** 30 = 0.6%
    assert (found % 2 == 0).mean() == pytest.approx(0.8, abs=4.5 * np.sqrt(0.16 / found.size))


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


# --- act: hours asked for, stops, contacts ------------------------------------------------


def free_hours(town: Town, hours: float) -> None:
    """Give officers these proactive hours, all of full effect."""
    officers, service = town.officers, town.service
    officers.proactive[:] = hours / len(officers)
    officers.fatigue[:], officers.skill[:], officers.adoption[:] = 0, 1, 1
    service.survey_hours[0] = service.table_taken[0] = 0
    town.neighbourhoods.share[:], town.neighbourhoods.ordered[:] = 0, 0


def test_what_is_ordered_comes_before_the_mix(town: Town) -> None:
    hoods, service = town.neighbourhoods, town.service
    free_hours(town, 100)
    hoods.ordered[1, Tactic.LIAISON] = 30
    hoods.share[0, Tactic.PATROL], hoods.share[1, Tactic.LIAISON] = 0.5, 0.25
    spend_hours(town, Parameters(), Strategy())
    assert hoods.hours[0, Tactic.PATROL] == pytest.approx(35)
    assert hoods.hours[1, Tactic.LIAISON] == pytest.approx(30 + 17.5)
    assert hoods.hours.sum() == pytest.approx(82.5)
    assert service.unassigned[0] == pytest.approx(17.5)
    hoods.ordered[0, Tactic.CONSULTATION] = 170  # twice what there is: all get half
    spend_hours(town, Parameters(), Strategy())
    assert hoods.hours[0, Tactic.CONSULTATION] == pytest.approx(85)
    assert hoods.hours[1, Tactic.LIAISON] == pytest.approx(15)
    assert hoods.hours.sum() == pytest.approx(100)
    assert service.unassigned[0] == pytest.approx(0)


def test_an_aimed_stop_weighs_less_on_legitimacy(town: Town) -> None:
    hoods, found = town.neighbourhoods, []
    hoods.hours[:], hoods.hours[1, Tactic.TARGETED_ENFORCEMENT] = 0, 20
    hoods.analysis[:] = 0
    for precision, aimed in ((1.0, 0.25), (0.0, 0.25), (1.0, 1.0), (0.6, 0.25)):
        group = replace(Parameters().act, stops=1.0, aimed_burden=aimed, stop_cost=0.25)
        town.residents.contact[:] = 0
        hoods.analysis[:] = 0
        use_hours(town, group, precision)
        stops = -town.residents.contact.sum() / 0.25
        assert not hoods.burden[[0, 2]].any()
        found.append(hoods.burden[1] / stops)
    assert found == pytest.approx([0.25, 1, 1, 0.25 + 0.75 * 0.4], rel=1e-5)


def test_crime_analysis_aims_and_so_lightens_the_burden(town: Town) -> None:
    p = given(act.STAGE, changed(act={"analysis_gain": 0.5}), Strategy(precision=0.6)).visits
    missing = [alone(act.missed, np.float32(analysis), p) for analysis in (0, 0.5, 1)]
    assert missing == pytest.approx([0.4, 0.3, 0.2])


def test_visits_move_on_from_places_that_are_used_to_them(town: Town) -> None:
    hoods, places = town.neighbourhoods, town.places
    first, count = int(hoods.first_place[0]), int(hoods.places[0])
    places.knowledge[:], places.accustomed[:], places.perceived[:] = 0, 0, 0
    places.knowledge[first], places.accustomed[first] = 10, 0.9
    places.knowledge[first + 1] = 5
    hoods.hours[:], hoods.hours[0, Tactic.TARGETED_ENFORCEMENT] = 0, 4
    group = replace(Parameters().act, worst_share=1 / count)
    for rotation, gain, expected in ((0, 1, 0), (1, 1, 1), (1, 0.5, 0), (1, 0, 0)):
        hoods.rotation[:] = rotation
        use_hours(town, replace(group, rotation_gain=gain), 1.0)
        assert places.visits[first : first + count].argmax() == expected


@pytest.mark.parametrize(("relation", "expected"), [(0.0, 0.25), (1.0, 1.0), (0.5, 0.625)])
def test_a_stranger_builds_less_trust(town: Town, relation: float, expected: float) -> None:
    town.residents.contact[:], town.residents.trust[:] = 0, 0.5
    town.neighbourhoods.hours[:] = 0
    town.neighbourhoods.hours[:, Tactic.CONSULTATION] = 2
    town.neighbourhoods.relation[:] = relation
    use_hours(town, replace(Parameters().act, contacts=3.0, contact_gain=0.04, stranger=0.25), 0.6)
    assert town.residents.contact.sum() == pytest.approx(18 * 0.02 * expected, rel=1e-5)


@pytest.mark.parametrize("kind", Kind)
def test_only_problem_solving_takes_opportunity_away(town: Town, kind: Kind) -> None:
    rows = town.initiatives
    rows.is_active[:], rows.place[:] = 0, -1
    rows.is_active[0], rows.place[0], rows.momentum[0], rows.kind[0] = 1, 2, 1.0, kind
    town.places.removed[:] = 0
    use_hours(town, Parameters().act, 0.6)
    assert town.places.removed.any() == (kind is Kind.PROBLEM_SOLVING)


def test_a_campaign_holds_education_up(town: Town) -> None:
    hoods, group = town.neighbourhoods, replace(Parameters().act, education_memory=1.0)
    hoods.hours[:], hoods.education[:] = 0, 0
    hoods.campaign[:] = [0.6, 0, 0.2]
    hoods.hours[:, Tactic.PUBLIC_EDUCATION] = group.education_half * hoods.residents / 1000
    for _ in range(30):
        use_hours(town, group, 0.6)
    assert hoods.education == pytest.approx([0.6, 0.5, 0.5])


def test_lighting_keeps_its_share_of_places_designed_the_worst_first(town: Town) -> None:
    places, hoods, service = town.places, town.neighbourhoods, town.service
    rows = slice(int(hoods.first_place[1]), int(hoods.first_place[1] + hoods.places[1]))
    count = rows.stop - rows.start
    places.designed[:], service.design_places[0] = 0, 0
    places.knowledge[rows] = np.arange(count)
    places.designed[rows.start + 1] = 0.8  # kept up, though it is not among the worst
    hoods.lit[:] = [0, 0.5, 0]
    redesign(town, Parameters().act)
    wanted = round(0.5 * count)
    assert np.flatnonzero(places.designed == 1).tolist() == [
        rows.start + 1,
        *range(rows.stop - wanted + 1, rows.stop),
    ]
    assert service.places_designed[0] == wanted - 1
    for _ in range(60):  # upkeep goes on, and builds nothing anew
        redesign(town, Parameters().act)
        assert service.places_designed[0] == 0
    assert (places.designed[rows] == 1).sum() == wanted
    hoods.lit[:] = 0
    for _ in range(2000):
        redesign(town, Parameters().act)
    assert places.designed.max() < 0.1


# --- partner ------------------------------------------------------------------------------


def no_cases(town: Town) -> None:
    residents = town.residents
    residents.case[:], residents.agency[:], residents.is_referred[:] = partner.NO_CASE, -1, 0
    residents.unresolved[:] = 0
    nobody_moves(town)


def test_a_closed_agency_drops_its_cases_and_takes_none(town: Town) -> None:
    residents, agencies = town.residents, town.agencies
    no_cases(town)
    rows = np.arange(3)
    residents.case[rows] = [partner.SERVED, partner.WAITING, partner.SERVED]
    residents.agency[rows] = [Sector.HOUSING, Sector.HOUSING, Sector.FAMILY]
    residents.case_since[rows] = town.week
    agencies.is_open[Sector.HOUSING] = 0
    agencies.capacity[:], agencies.funded[:] = 50, 1
    close_cases(town, Parameters().partner)
    assert np.flatnonzero(residents.case).tolist() == [2]
    assert residents.agency[rows].tolist() == [-1, -1, Sector.FAMILY]
    residents.is_referred[[7, 8]] = 1
    residents.risk[[7, 8]] = [Risk.HOMELESSNESS, Risk.MENTAL_HEALTH]
    town.service.outreach[0] = 0
    refer(town, replace(Parameters().partner, schools=0.0))
    assert residents.case[[7, 8]].tolist() == [partner.NO_CASE, partner.WAITING]
    residents.case[9], residents.agency[9], residents.case_since[9] = 1, Sector.HOUSING, 0
    admit(town, Parameters().partner)
    assert residents.case[[8, 9]].tolist() == [partner.SERVED, partner.WAITING]
    assert agencies.caseload[Sector.HOUSING] == 0


def test_who_is_found_in_several_ways_is_a_case_once_by_the_first(town: Town) -> None:
    residents = town.residents
    no_cases(town)
    residents.risk[0], residents.is_referred[0], residents.unresolved[0] = Risk.NOISE, 1, 3
    residents.need[:], residents.housing[:], residents.need[0] = 0, 1, 1
    town.service.outreach[0] = 1
    group = replace(Parameters().partner, need_found=1.0, refer_self=1.0, schools=20.0)
    refer(town, group)
    assert residents.agency[0] == Sector.COMMUNITY


def test_schools_refer_youths_and_parents_with_trouble_in_the_family(town: Town) -> None:
    residents, households = town.residents, town.households
    no_cases(town)
    town.service.outreach[0] = 0
    residents.family[:] = 0
    troubled = np.arange(0, len(residents), 2)
    residents.family[troubled] = 1
    town.households.children[:] = np.arange(len(households)) % 2
    town.agencies.capacity[:], town.agencies.funded[:] = 0, 0  # all wait, and nobody gives up
    parameters = changed(partner={"schools": 20.0, "give_up": 520})
    for week in range(300):
        town.week = week
        partner.step(town, parameters, Strategy())
    young = residents.age == 0
    parents = households.children[residents.household] == 1
    found = residents.case == partner.WAITING
    reachable = (young | parents) & (residents.family == 1)
    assert not found[~reachable].any()
    assert found[reachable].mean() > 0.9  # 12 looks a week among 600: each is seen 6 times
    assert (residents.agency[found & young] == Sector.YOUTH).all()
    assert (residents.agency[found & ~young] == Sector.FAMILY).all()


def sent_by_schools(town: Town, schools: float) -> int:
    """Return how many have a case after a week in which only schools look, from none."""
    town.residents.case[:] = partner.NO_CASE
    partner.step(town, changed(partner={"schools": schools}), Strategy())
    return int((town.residents.case != partner.NO_CASE).sum())


def test_schools_look_as_often_as_declared(town: Town) -> None:
    residents = town.residents
    no_cases(town)
    town.service.outreach[0] = 0
    residents.family[:], residents.age[:] = 1, 0
    looks = 0
    for week in range(200):
        town.week = week
        looks += sent_by_schools(town, 2.0)
    # 3 x 0.4 looks a week, a whole one or none: 240 of 600, four and a half errors are 54.
    assert looks == pytest.approx(240, abs=54)
    assert sent_by_schools(town, 0.0) == 0
    residents.is_moved[:] = 1
    assert sent_by_schools(town, 20.0) == 0


def test_social_initiatives_make_people_ask(town: Town) -> None:
    asked = []
    for momentum, organized in ((0.0, 1.0), (1.0, 1.0), (1.0, 0.0)):
        copy = town.copy()
        no_cases(copy)
        copy.residents.unresolved[:] = 2
        copy.neighbourhoods.mobilization[:] = 0
        copy.neighbourhoods.social_momentum[:] = momentum
        group = replace(Parameters().partner, refer_self=0.1, organized=organized, schools=0.0)
        refer(copy, group)
        asked.append(set(np.flatnonzero(copy.residents.case)))
    assert asked[0] == asked[2]
    assert asked[0] < asked[1]
    assert 1.3 < len(asked[1]) / len(asked[0]) < 3  # about 60 and 120


def test_local_services_drift_to_what_residents_and_partners_sustain(town: Town) -> None:
    hoods = town.neighbourhoods
    group = replace(
        Parameters().partner,
        services_level=0.1,
        services_assets=0.5,
        services_brought=0.2,
        services_pace=10.0,
    )
    hoods.assets[:], hoods.mobilization[:], hoods.services[:] = [0, 0.4, 1], [0, 0, 1], 1
    again(10, partner.follow_services, hoods, by_partner(group))
    assert hoods.services == pytest.approx([0.55, 0.65, 0.9])
    again(400, partner.follow_services, hoods, by_partner(group))
    assert hoods.services == pytest.approx([0.1, 0.3, 0.8], abs=1e-5)
    rich = replace(group, services_level=1.0, services_assets=1.0, services_brought=1.0)
    again(400, partner.follow_services, hoods, by_partner(rich))
    assert hoods.services == pytest.approx([1, 1, 1])


def test_a_new_town_has_the_services_its_residents_sustain() -> None:
    town = build(draw_blueprint(TownConfig(residents=900, neighbourhoods=3)), Parameters(), 0)
    group, hoods = Parameters().partner, town.neighbourhoods
    expected = group.services_level + group.services_assets * hoods.assets
    assert hoods.services == pytest.approx(expected)
    most = changed(partner={"services_level": 1.0, "services_assets": 1.0})
    town = build(draw_blueprint(TownConfig(residents=900, neighbourhoods=3)), most, 0)
    assert town.check() == []


@pytest.mark.parametrize(("built", "expected"), [(1.0, 1.0), (0.5, 0.7), (0.0, 0.4)])
def test_a_table_builds_part_of_what_is_missing_to_full_relations(
    town: Town, built: float, expected: float
) -> None:
    group = replace(
        Parameters().partner, relation_start=0.4, relation_built=built, relation_pace=4.0
    )
    town.service.table_cases[0] = 1
    again(200, partner.build_relations, town, by_partner(group))
    assert town.agencies.relation == pytest.approx([expected] * len(Sector), abs=1e-4)


# --- the Situation Table ------------------------------------------------------------------


def table(town: Town, parameters: Parameters, strategy: Strategy, weeks: int = 40) -> float:
    """Return the share of cases about addictions that a Table with full relations lowers."""
    residents, service = town.residents, town.service
    no_cases(town)
    residents.risk[:], residents.recent[:] = Risk.ADDICTIONS, 5
    town.agencies.relation[:], service.table_age[0] = 1, 10**6
    taken = lowered = 0
    for week in range(weeks):
        town.week = week
        service.table_cases[0] = 5.5
        residents.unresolved[:], residents.table_week[:] = 4, -1000
        alone(situation.meet, town, given(partner.STAGE, parameters, strategy), week)
        residents.is_resolved[:] = 0
        taken += service.table_taken[0]
        lowered += service.table_lowered[0]
    assert taken == np.floor(5.5 * weeks)
    return float(lowered / taken)


CERTAIN = {"table_lowers": 1.0, "mismatch": 0.0}


@pytest.mark.parametrize(
    ("lead", "absent", "share"),
    [
        (TableLead.MATCHED, [], 1),
        (TableLead.MATCHED, ["housing", "income"], 1),
        (TableLead.MATCHED, ["addictions"], 0),
        (TableLead.POLICE, [], 0),
        (TableLead.POLICE, ["housing"], 0),
    ],
)
def test_a_case_does_better_under_the_agency_its_risk_asks_for(
    town: Town, lead: TableLead, absent: list[str], share: float
) -> None:
    strategy = Strategy(table_lead=lead, table_absent=absent)
    assert table(town, changed(partner=CERTAIN), strategy) == share


def test_a_closed_agency_does_not_lead_at_the_table(town: Town) -> None:
    town.agencies.is_open[Sector.ADDICTIONS] = 0
    assert table(town, changed(partner=CERTAIN), Strategy()) == 0
    town.agencies.is_open[:] = 1
    town.agencies.is_open[Sector.INCOME] = 0
    assert table(town, changed(partner=CERTAIN), Strategy()) == 1


def test_the_wrong_lead_lowers_fewer_risks_by_its_share(town: Town) -> None:
    group = {"table_lowers": 0.8, "mismatch": 0.5}
    wrong = Strategy(table_lead=TableLead.POLICE)
    found = [table(town, changed(partner=group), s, weeks=80) for s in (Strategy(), wrong)]
    assert found == pytest.approx([0.8, 0.4], abs=4.5 * np.sqrt(0.24 / 440))


@pytest.mark.parametrize("learns", [1.0, 26.0, 260.0])
def test_a_table_learns_by_halves(learns: float) -> None:
    p = given(partner.STAGE, changed(partner={"table_young": 0.2, "table_learns": learns}))
    for age in (0, 1, 26, 52, 260, 2_600, 10**6):
        expected = 0.2 + 0.8 * (1 - 2.0 ** (-age / learns))
        assert alone(situation.skill, np.int64(age), p) == pytest.approx(expected, abs=1e-11)


def test_those_at_acute_risk_are_counted(town: Town) -> None:
    residents, group = town.residents, Parameters().partner
    no_cases(town)
    residents.recent[:], town.service.table_cases[0] = 0, 0
    residents.recent[:6], residents.unresolved[1:8] = group.acute + 0.1, 2
    residents.is_moved[3], residents.table_week[4] = 1, town.week
    alone(situation.meet, town, given(partner.STAGE, changed()), town.week)
    assert town.service.acute[0] == 4  # 1, 2, 4 and 5: resting from the Table is no cure


# --- organize -----------------------------------------------------------------------------


def test_congregations_draw_people_in(town: Town) -> None:
    hoods, residents = town.neighbourhoods, town.residents
    hoods.congregations[:] = [0.5, 1.0, 1.5]
    hoods.mobilization[:] = hoods.momentum[:] = 0
    residents.efficacy[:], residents.trust[:], residents.fear[:] = 1, 1, 0
    nobody_moves(town)
    joined = {}
    for congregate in (0.0, 1.0):
        group = replace(Parameters().organize, congregate=congregate, join=0.01, leave=0.0)
        total = np.zeros(3)
        for week in range(150):
            town.week, residents.takes_part[:] = week, 0
            participate(town, group)
            total += hoods.participants
        joined[congregate] = total
    # 200 residents, 150 weeks: 300 join each; four and a half errors of a ratio are 0.3.
    assert joined[1.0] / joined[0.0] == pytest.approx([0.5, 1, 1.5], abs=0.3)
    assert joined[1.0][0] < joined[0.0][0]
    assert joined[1.0][1] == joined[0.0][1]
    assert joined[1.0][2] > joined[0.0][2]


def opened_kinds(town: Town, lead: Lead, hood: int = 0) -> Any:
    """Return the shares of kinds among 2,000 initiatives that open in a neighbourhood."""
    rows, kinds = town.initiatives, []
    rows.is_active[:], rows.age[:], rows.lead[:] = 1, 0, lead
    opened = np.flatnonzero(rows.neighbourhood == hood)
    for week in range(2000 // opened.size + 1):
        town.week = week
        choose(town)
        kinds.append(rows.kind[opened].copy())
    return np.bincount(np.concatenate(kinds), minlength=len(Kind)) / np.concatenate(kinds).size


NEAR = 4.5 * np.sqrt(0.25 / 2000)


def test_police_open_what_their_hours_go_to(town: Town) -> None:
    hours = town.neighbourhoods.hours
    hours[:] = 0
    assert opened_kinds(town, Lead.POLICE).tolist() == [1, 0, 0, 0]
    hours[0, [Tactic.PROBLEM_ORIENTED_POLICING, Tactic.INITIATE_PROBLEM_SOLVING]] = 2, 1
    assert opened_kinds(town, Lead.POLICE).tolist() == [1, 0, 0, 0]
    hours[0, Tactic.MOBILIZE_PARTNERS] = 9
    assert opened_kinds(town, Lead.POLICE) == pytest.approx([0.25, 0.75, 0, 0], abs=NEAR)


def test_the_community_opens_what_it_has_means_for(town: Town) -> None:
    hoods = town.neighbourhoods
    hoods.hours[:, Tactic.PROBLEM_ORIENTED_POLICING] = 9
    for voice, assets, expected in (
        (0, 0, [0, 1, 0, 0]),
        (0, 1, [0, 0, 1, 0]),
        (1, 0, [0, 0.5, 0, 0.5]),
        (0.5, 0.6, [0, 0.75 * 0.4, 0.75 * 0.6, 0.25]),
    ):
        hoods.voice[:], hoods.assets[:] = voice, assets
        assert opened_kinds(town, Lead.COMMUNITY) == pytest.approx(expected, abs=NEAR)


def initiatives(town: Town, lead: Any, momentum: Any, kind: Any, age: int = 20) -> None:
    """Let each slot of the first neighbourhood hold an initiative, those of others none."""
    rows = town.initiatives
    rows.is_active[:], rows.place[:], rows.momentum[:] = 0, -1, 0
    mine = np.flatnonzero(rows.neighbourhood == 0)[: np.size(lead)]
    rows.is_active[mine], rows.age[mine] = 1, age
    rows.lead[mine], rows.momentum[mine], rows.kind[mine] = lead, momentum, kind


def steer(town: Town, **values: float) -> None:
    parameters = changed(organize=values)
    run_initiatives(town, parameters, Strategy())


STILL = {"momentum_gain": 0.0, "momentum_decay": 0.0, "hand_over": 0.0, "open_community": 0.0}


def test_momentum_is_summed_by_kind_up_to_one(town: Town) -> None:
    hoods = town.neighbourhoods
    hoods.hours[:] = 0
    community = [Lead.COMMUNITY] * 5
    initiatives(
        town,
        [Lead.POLICE, *community],
        [0.9, 0.2, 0.7, 0.6, 0.25, 0.125],
        [
            Kind.PROBLEM_SOLVING,
            Kind.SOCIAL_DEVELOPMENT,
            Kind.WATCH,
            Kind.WATCH,
            *[Kind.CONSULTATION] * 2,
        ],
    )
    steer(town, **STILL)
    assert hoods.social_momentum == pytest.approx([0.2, 0, 0])
    assert hoods.watch_momentum == pytest.approx([1, 0, 0])
    assert hoods.consult_momentum == pytest.approx([0.375, 0, 0])
    assert hoods.police_led == pytest.approx([1 / 3, 0, 0])  # of those at 0.3 or more
    assert hoods.community_led == pytest.approx([2 / 3, 0, 0])


def test_hand_overs_are_counted_once_each(town: Town) -> None:
    hoods = town.neighbourhoods
    hoods.hours[:], hoods.leaders[:], hoods.handed_over[:] = 0, [2, 0, 0], 0
    town.agencies.capacity[:], town.agencies.caseload[:] = 10, 0
    initiatives(town, [Lead.POLICE] * 5, 0.5, Kind.PROBLEM_SOLVING)
    steer(town, **{**STILL, "hand_over": 1.0})
    assert hoods.handed_over.tolist() == [5, 0, 0]  # two to the community, three to agencies
    hoods.leaders[:] = 0
    steer(town, **{**STILL, "hand_over": 1.0})
    assert hoods.handed_over.tolist() == [5, 0, 0]
    hoods.leaders[:] = 5
    steer(town, **{**STILL, "hand_over": 1.0})
    assert hoods.handed_over.tolist() == [8, 0, 0]


def test_watches_are_counted_as_they_open_and_as_they_last(town: Town) -> None:
    hoods, rows = town.neighbourhoods, town.initiatives
    hoods.hours[:], hoods.voice[:], hoods.assets[:] = 0, 0, [1, 0, 0]
    hoods.leaders[:], hoods.participants[:] = 100, hoods.residents
    hoods.watches_opened[:] = hoods.watches_lasted[:] = hoods.handed_over[:] = 0
    initiatives(town, [Lead.AGENCY] * 0, 0.0, Kind.WATCH)
    rows.lead[:] = Lead.POLICE  # whose slots these were
    steer(town, open_community=1.0)  # the assets say: all watches here, none elsewhere
    slots = (rows.neighbourhood == 0).sum()
    opened = hoods.watches_opened.copy()
    assert opened[0] > 0
    assert opened[0] == (rows.is_active[:slots] == 1).sum()
    assert opened[1:].tolist() == [0, 0]
    assert not hoods.handed_over.any()  # a slot that opens anew is not handed over
    initiatives(
        town, [Lead.COMMUNITY] * 3, 0.5, [Kind.WATCH, Kind.WATCH, Kind.CONSULTATION], age=50
    )
    for expected in (0, 2, 2):
        steer(town, **STILL)
        assert hoods.watches_lasted.tolist() == [expected, 0, 0]
    assert np.array_equal(hoods.watches_opened, opened)


def test_consultation_makes_initiatives_yield_more_whoever_runs_it(town: Town) -> None:
    hoods, gains = town.neighbourhoods, []
    for voice, consulting in ((0.0, 0.0), (0.6, 0.2), (0.2, 0.6)):
        hoods.hours[:], hoods.voice[:], hoods.consult_momentum[:] = 1000, voice, consulting
        initiatives(town, [Lead.POLICE], 0.5, Kind.PROBLEM_SOLVING)
        values = {**STILL, "momentum_gain": 0.1, "fitted": 0.5, "open_police": 0.0}
        steer(town, **values)
        gains.append(town.initiatives.momentum[0] - 0.5)
    assert gains == pytest.approx([0.05, 0.05 * 1.3, 0.05 * 1.3], rel=1e-4)


def ready_homes(town: Town) -> None:
    """Let every household be able to take protection, and none have it."""
    households = town.households
    households.protection[:], households.in_watch[:], households.since_week[:] = 0, 0, -10_000
    town.residents.assets[:] = town.residents.vigilance[:] = 1
    town.neighbourhoods.education[:] = town.neighbourhoods.watch_momentum[:] = 0
    town.neighbourhoods.hardened[:] = 0


def taken_up(town: Town, weeks: int = 1, **values: float) -> Any:
    group = replace(Parameters().organize, **values)
    for _ in range(weeks):
        protect(town, group)
        town.week += 1
    return town.households.protection > 0


def test_a_project_hardens_dwellings_whatever_their_means(town: Town) -> None:
    ready_homes(town)
    town.residents.assets[:] = 0
    assert not taken_up(town, protect=1.0).any()
    town.neighbourhoods.hardened[:] = [0, 26, 0]
    protected = taken_up(town, protect=1.0)
    hood = town.places.neighbourhood[town.households.place]
    share, count = -np.expm1(-0.5), (hood == 1).sum()
    assert protected[hood == 1].mean() == pytest.approx(share, abs=4.5 * 0.5 / np.sqrt(count))
    assert not protected[hood != 1].any()
    assert town.service.homes_hardened[0] == protected.sum()
    assert not town.households.in_watch.any()


def test_what_people_do_by_themselves_is_not_the_project_s(town: Town) -> None:
    ready_homes(town)
    alone = town.copy()
    by_themselves = taken_up(alone, protect=0.2)
    assert alone.service.homes_hardened[0] == 0
    town.neighbourhoods.hardened[:] = 5.2
    together = taken_up(town, protect=0.2)
    assert (together >= by_themselves).all()
    assert town.service.homes_hardened[0] == together.sum() - by_themselves.sum() > 0


def test_who_takes_protection_where_a_watch_runs_joins_it(town: Town) -> None:
    ready_homes(town)
    hoods, homes = town.neighbourhoods, town.households
    hood = town.places.neighbourhood[homes.place]
    ready = Parameters().organize.ready
    hoods.watch_momentum[:], hoods.hardened[:] = [ready + 0.01, ready - 0.01, 1], [0, 0, 520]
    protected = taken_up(town, protect=0.05, protect_watch=0.0)
    assert np.array_equal(homes.in_watch[hood == 0], protected[hood == 0])
    assert not homes.in_watch[hood == 1].any()
    assert protected[hood == 1].any()
    by_project = protected & (homes.in_watch == 0) & (hood == 2)
    assert town.service.homes_hardened[0] == by_project.sum() > 0
    assert homes.in_watch[hood == 2].any()


def test_a_watch_recruits_to_protection(town: Town) -> None:
    ready_homes(town)
    without = taken_up(town.copy(), protect=0.05, protect_watch=4.0)
    town.neighbourhoods.watch_momentum[:] = 1
    assert taken_up(town.copy(), protect=0.05, protect_watch=0.0).sum() == without.sum()
    assert taken_up(town, protect=0.05, protect_watch=4.0).sum() > 2.5 * without.sum()


def test_membership_ends_with_a_move_and_with_the_watch(town: Town) -> None:
    ready_homes(town)
    homes = town.households
    hood = town.places.neighbourhood[homes.place]
    homes.in_watch[:], town.neighbourhoods.watch_momentum[:] = 1, [1, 0, 1]
    town.newcomers.replace(seat=np.flatnonzero(town.residents.household == 3))
    start_anew(town)
    taken_up(town, protect=0.0)
    expected = hood != 1
    expected[3] = False
    assert np.array_equal(homes.in_watch == 1, expected)


# --- offend -------------------------------------------------------------------------------


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


# --- crisis -------------------------------------------------------------------------------


def episodes(town: Town, weeks: int, **values: float) -> Any:
    """Return shares of what episodes are about, and how many there were."""
    nobody_moves(town)
    town.residents.need[:], town.residents.support[:] = 1, 0
    parameters, found = changed(crisis={"rate": 5.0, "relapse": 0.0, **values}), []
    for week in range(weeks):
        town.week = week
        crisis.step(town, parameters, Strategy())
        found.append(town.episodes.risk.copy())
        assert np.array_equal(town.residents.risk[town.episodes.resident], town.episodes.risk)
    kinds = np.concatenate(found)
    return np.bincount(kinds, minlength=len(Risk)) / kinds.size, kinds.size


def test_episodes_are_about_what_weighs_on_the_person(town: Town) -> None:
    residents = town.residents
    residents.addictions[:], residents.family[:], residents.housing[:] = 0.4, 0.2, 0.8
    shares, size = episodes(town, 60, mental_health=0.4, noise=0.2)
    assert size > 2000
    expected = np.array([0.4, 0.4, 0.2, 0.8, 0.2]) / 2
    assert shares == pytest.approx(expected, abs=4.5 * np.sqrt(0.25 / size))


def test_who_has_no_trouble_of_a_kind_never_has_it(town: Town) -> None:
    residents = town.residents
    residents.addictions[:], residents.family[:], residents.housing[:] = 0, 0.5, 0
    shares, _ = episodes(town, 5, mental_health=0.0, noise=0.0)
    assert shares.tolist() == [0, 0, 1, 0, 0]
    residents.family[:] = 0  # nothing weighs: the first of them
    shares, size = episodes(town, 5, mental_health=0.0, noise=0.0)
    assert size > 0
    assert shares.tolist() == [1, 0, 0, 0, 0]


def test_newcomers_bring_no_crisis_of_their_predecessors(town: Town) -> None:
    residents = town.residents
    residents.risk[:], residents.recent[:], residents.unresolved[:] = 2, 3, 4
    residents.need[:] = 0
    residents.is_moved[5] = 1
    town.newcomers.replace(seat=[5])
    crisis.step(town, Parameters(), Strategy())
    assert residents.risk[5] == -1
    assert residents.recent[5] == residents.unresolved[5] == 0
    assert (np.delete(residents.risk, 5) == 2).all()


# --- feel ---------------------------------------------------------------------------------


def grieve(town: Town, group: Feel) -> None:
    alone(feel.hold_grievance, town.neighbourhoods, given(feel.STAGE, changed(feel=vars(group))))


def test_grievance_rises_with_burdensome_stops_and_halves(town: Town) -> None:
    hoods, group = town.neighbourhoods, replace(Parameters().feel, grieve=0.5)
    hoods.grievance[:], hoods.scandal[:] = [0, 0.5, 0.8], 0
    hoods.burden[:] = hoods.residents * [0.2, 0.2, 0]
    grieve(town, group)
    keep = 1 - decay(group.grievance_memory)
    assert hoods.grievance == pytest.approx([0.1, 0.5 * keep + 0.1 * 0.5, 0.8 * keep])
    hoods.burden[:], before = 0, hoods.grievance.copy()
    for _ in range(int(group.grievance_memory)):
        grieve(town, group)
    assert hoods.grievance == pytest.approx(before / 2, rel=1e-4)


def test_a_scandal_holds_grievance_up_while_it_lasts(town: Town) -> None:
    hoods, group = town.neighbourhoods, Parameters().feel
    hoods.grievance[:], hoods.burden[:], hoods.scandal[:] = [0, 0.9, 0], 0, [0.5, 0.5, 0]
    grieve(town, group)
    assert hoods.grievance == pytest.approx([0.5, 0.9 * (1 - decay(group.grievance_memory)), 0])
    hoods.scandal[:] = 0
    grieve(town, group)
    assert 0.49 < hoods.grievance[0] < 0.5


def test_trust_drifts_to_an_anchor_that_voice_raises_and_grievance_lowers(town: Town) -> None:
    hoods, residents = town.neighbourhoods, town.residents
    nobody_moves(town)
    residents.contact[:], hoods.burden[:] = 0, 0
    hoods.voice[:], hoods.grievance[:], hoods.scandal[:] = [0, 1, 0], [0, 0, 0.5], [0, 0, 0.5]
    parameters = changed(feel={"trust_voice": 0.1, "trust_grievance": 0.4, "trust_half_life": 1.0})
    for _ in range(40):
        feel.step(town, parameters, Strategy())
    moved = np.array([0, 0.1, -0.2])[town.places.neighbourhood[residents.place]]
    expected = np.clip(residents.trust_anchor + moved, 0, 1)
    assert residents.trust == pytest.approx(expected, abs=1e-5)


def test_services_build_efficacy_around_the_usual(town: Town) -> None:
    hoods, residents = town.neighbourhoods, town.residents
    hoods.community_momentum[:] = 0
    group = replace(Parameters().feel, efficacy_services=0.2)
    hoods.services[:] = [0.4, 0.9, 0]
    hoods.cohesion[:] = 0
    p = given(feel.STAGE, changed(feel=vars(group)))
    target = alone(feel.aim, hoods, p).efficacy
    assert target == pytest.approx(group.efficacy_level + np.array([0, 0.1, -0.08]))
    assert residents.efficacy.max() <= 1
    hoods.cohesion[:] = [-1, 0, 0.5]
    held = alone(feel.aim, hoods, p).efficacy
    assert held - target == pytest.approx(group.efficacy_cohesion * hoods.cohesion, abs=1e-6)


# --- account ------------------------------------------------------------------------------


def test_projects_cost_what_they_build(town: Town) -> None:
    town.service.places_designed[0], town.service.homes_hardened[0] = 3, 20
    parameters = changed(account={"design_place": 5000.0, "harden": 700.0})
    account.step(town, parameters, Strategy())
    assert town.service.project_cost[0] == 3 * 5000 + 20 * 700


def test_tables_and_health_teams_cost_what_they_did_and_not_what_money_could_buy(
    town: Town,
) -> None:
    service = town.service
    service.table_cases[0], service.co_answers[0] = 40.0, 50.0  # what the money would buy
    service.table_taken[0], service.co_answered[0] = 3, 20
    account.step(town, changed(account={"table_case": 2000.0, "co_answer": 30.0}), Strategy())
    assert service.joint_cost[0] == 3 * 2000 + 20 * 30
    service.table_taken[0] = service.co_answered[0] = 0
    account.step(town, Parameters(), Strategy())
    assert service.joint_cost[0] == 0


# --- learn --------------------------------------------------------------------------------


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
    service.council[0], service.bill[0], service.bill_before[0] = 0.9, 1, 1
    service.granted[0] = service.seated[0] = 1
    values = {"council_hours": 0.5, "council_seats": 0.25, "council_pace": 1e9}
    tell_council(town, replace(Parameters().learn, **values), 0.0)
    expected = (1.2, 1.1) if is_set else (1, 1)
    assert (service.granted[0], service.seated[0]) == pytest.approx(expected)


def test_by_default_the_council_gives_all_the_same_hours(town: Town) -> None:
    town.service.council[0], town.week = 0.9, 51
    tell_council(town, Parameters().learn, 0.5)
    assert town.service.granted[0] == town.service.seated[0] == 1


# --- the week -----------------------------------------------------------------------------


def test_a_clamp_is_put_back_after_the_stage_that_writes_it(town: Town) -> None:
    from omemsim.schedule import Held
    from omemsim.vocabulary.columns import COLUMNS

    column = next(c for c in COLUMNS if (c.table, c.name) == ("residents", "trust"))
    held = Held(column, None, 2, 4, value=0.25)
    seen = []
    for _ in range(6):
        run_week(town, Parameters(), Strategy(), [held])
        seen.append(bool((town.residents.trust == 0.25).all()))
    assert seen == [False, False, True, True, False, False]


def test_the_spin_up_knows_no_events_and_no_interventions(town: Town) -> None:
    assert len(town.events) == len(town.interventions) == 0
    before = town.copy()
    for _ in range(3):
        for step in WEEK.values():
            step(town, Parameters(), Strategy())
        town.week += 1
    for name in ("hardship", "scandal", "campaign", "shock"):
        assert not getattr(town.neighbourhoods, name).any()
    assert (town.service.staffing[0], before.service.staffing[0]) == (1, 1)
