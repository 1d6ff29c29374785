"""What tactics do where no other test of a stage looks: numbers by hand, on a few rows."""

from typing import Any

import numpy as np
import pytest
from parts import alone, choose, given, run_initiatives, unsettled
from stages.by_hand import changed, nobody_moves

from omemsim.inputs.build import build, draw_blueprint
from omemsim.inputs.scenario import TownConfig
from omemsim.processes import (
    act,
    assess,
    hazards,
    learn,
    partner,
    plan,
    presence,
    situation,
    visits,
    vulnerable,
)
from omemsim.processes.offend import STAGE as OFFEND
from omemsim.processes.rollout import roll_out
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.wheel import Kind, Lead, Risk, Sector, Tactic

CERTAIN = {"open_police": 1.0, "opens_sooner": 0.0, "uncarried": 1.0, "hand_over": 0.0}


def steer(town: Town, **values: float) -> None:
    # An hour counts in full, two carry a project, and none is over by its age.
    plain = {"problem_hours": 2.0, "untrained": 1.0, "reluctant": 1.0, "problem_weeks": 1000}
    parameters = changed(organize={**CERTAIN, **values}, act=plain)
    run_initiatives(town, parameters, Strategy())


def without_initiatives(town: Town) -> Any:
    town.initiatives.is_active[:], town.neighbourhoods.hours[:] = 0, 0
    town.neighbourhoods.leaders[:], town.neighbourhoods.table_place[:] = 0, -1
    return town.initiatives


# --- initiatives ---------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "opened"), [(0.19, 0), (0.5, 1)])
def test_hours_of_initiating_open_what_they_carry_a_part_of(
    town: Town, hours: float, opened: int
) -> None:
    rows = without_initiatives(town)
    town.neighbourhoods.hours[0, Tactic.INITIATE_PROBLEM_SOLVING] = hours
    for week in range(40):  # half of the hours carry, of 2 needed: 0.0475 or 0.125 of one
        town.week = week
        steer(town)
    assert rows.is_active[rows.neighbourhood == 0].sum() == opened
    assert rows.is_active[rows.neighbourhood > 0].sum() == 0


def test_what_nobody_carries_ends_at_once_and_frees_its_slot(town: Town) -> None:
    rows = without_initiatives(town)
    rows.is_active[:2], rows.lead[:2], rows.age[:2] = 1, Lead.POLICE, 1
    rows.momentum[:2] = 0.9
    town.neighbourhoods.hours[0, Tactic.PROBLEM_ORIENTED_POLICING] = 0.5  # an eighth of two
    steer(town, carried_least=0.12)
    assert rows.is_active[:2].tolist() == [1, 1]
    steer(town, carried_least=0.13)
    assert rows.is_active[:2].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("lead", "leaders", "after"),
    [(Lead.POLICE, 1, Lead.COMMUNITY), (Lead.POLICE, 0, None), (Lead.COMMUNITY, 1, Lead.COMMUNITY)],
)
def test_who_monitors_prevention_passes_on_or_ends_what_fails(
    town: Town, lead: Lead, leaders: int, after: Lead | None
) -> None:
    rows = without_initiatives(town)
    rows.is_active[0], rows.lead[0], rows.age[0], rows.momentum[0] = 1, lead, 30, 0.2
    town.neighbourhoods.leaders[0], town.neighbourhoods.upkeep[:] = leaders, 1
    town.agencies.capacity[:] = 0
    values = {"review": 1.0, "uncarried": 0.0, "attrition": 0.0, "hand_over": 1e-9}
    steer(town, **values, failing=32.0)
    assert rows.age[0] == 31  # one that is not of that age yet stays as it is
    steer(town, **values, failing=32.0)
    assert rows.is_active[0] == (after is not None)
    if after is not None:
        assert rows.lead[0] == after
        assert rows.age[0] == (32 if lead == after else 1)


def test_analysis_mends_the_aim_of_projects(town: Town) -> None:
    found = {}
    for dose in (0.0, 1.0):
        rows, hits = without_initiatives(town), []
        rows.is_active[:1], rows.lead[:1] = 1, Lead.POLICE
        town.neighbourhoods.analysis[:] = dose
        town.places.knowledge[:] = 0
        first = town.neighbourhoods.first_place[0]
        worst = first + town.neighbourhoods.places[0] - 1
        town.places.knowledge[worst] = 5
        for week in range(2000):
            town.week, rows.age[:1], rows.place[:1] = week, 0, -1
            choose(town, changed(act={"problem_precision": 0.2, "analysis_gain": 0.75}))
            hits.append(rows.place[0] == worst)
        found[dose] = np.mean(hits)
    any_place = 1 / town.neighbourhoods.places[0]
    for dose, missed in ((0.0, 0.8), (1.0, 0.2)):
        expected = 1 - missed * (1 - any_place)
        assert found[dose] == pytest.approx(expected, abs=4.5 * (0.25 / 2000) ** 0.5)


def test_an_agency_works_at_the_place_that_a_table_took_up(town: Town) -> None:
    rows = without_initiatives(town)
    place = town.neighbourhoods.first_place[1]
    town.neighbourhoods.table_place[1] = place
    steer(town)
    one = np.flatnonzero(rows.is_active)
    assert rows.neighbourhood[one].tolist() == [1]
    assert (rows.lead[one], rows.kind[one]) == (Lead.AGENCY, Kind.PROBLEM_SOLVING)
    assert rows.place[one] == place


# --- visits --------------------------------------------------------------------------------


def test_visits_that_do_not_pay_leave_a_place_alone_for_a_while() -> None:
    p = given(act.STAGE, changed(act={"unpaid_weeks": 2})).visits
    dosed, before = np.zeros(3, np.int32), np.zeros(3, np.float32)
    aimed = np.array([1, 1, 0], np.uint8)
    seen = []
    for known in ([4, 4, 4], [4, 3, 4], [4, 3, 4], [4, 3, 4]):
        alone(visits.judge, dosed, before, np.array(known, np.float32), aimed, p)
        seen.append(dosed.tolist())
    # The first knows no less after two weeks and is left alone for two; the second begins anew.
    assert seen == [[1, 1, 0], [-2, 0, 0], [-1, 1, 0], [0, -2, 0]]
    assert before[:2].tolist() == [4, 3]


# --- hazards -------------------------------------------------------------------------------


def test_hazards_fade_and_are_defused_where_somebody_watches(town: Town) -> None:
    values = {"hazard_rate": 0.0, "hazard_memory": 1.0, "hazard_defused": 0.5}
    p = hazards.hazard_parameters(changed(context=values).context)
    hoods = town.neighbourhoods
    hoods.hazard[:], hoods.foresight[:], hoods.vigilance[:] = 0.4, [0, 1, 1], [1, 0, 0.5]
    alone(hazards.meet_hazards, town.as_kernels_see_it(), p, 0)
    assert hoods.hazard == pytest.approx([0.2, 0.2, 0.15])


def test_hazards_leave_base_rates_where_they_were(town: Town) -> None:
    group = changed(context={"hazard_rate": 0.3, "hazard_size": 0.2, "hazard_memory": 2.0}).context
    p, seen = hazards.hazard_parameters(group), []
    town.neighbourhoods.foresight[:] = 0
    for week in range(3000):
        alone(hazards.meet_hazards, town.as_kernels_see_it(), p, week)
        seen.append(town.neighbourhoods.hazard.mean())
    usual = hazards.usual_hazard(group)
    assert usual == pytest.approx(0.3 * 0.2 / decay(2.0))
    # Weeks hang together by 0.71 each: 9,000 values are worth about 1,500.
    spread = 0.2 * (0.21 / (1 - 0.5)) ** 0.5
    assert np.mean(seen[50:]) == pytest.approx(usual, abs=4.5 * spread / 1500**0.5)


# --- the vulnerable ------------------------------------------------------------------------


def test_officers_notice_the_most_vulnerable_and_bring_them_to_help(town: Town) -> None:
    residents, hoods = town.residents, town.neighbourhoods
    residents.need[:], residents.recent[:] = 0, 0
    residents.boost[:], town.households.boost[:] = 1, 1
    residents.is_referred[:], residents.is_helped[:], residents.noticed[:] = 0, 0, -1000
    hoods.hours[:] = 0
    hoods.hours[0, Tactic.MONITOR_AT_RISK_GROUPS] = 100
    some = hoods.first_resident[0] + np.arange(5)
    residents.need[some] = 1
    p = given(act.STAGE, changed(act={"reached": 0.5, "watch_offenders": 0.5}))
    town.week = 7
    alone(vulnerable.notice_vulnerable, town.as_kernels_see_it(), p.vulnerable, p.own, 7)
    noticed = np.flatnonzero(residents.noticed == 7)
    assert set(noticed) <= set(some)
    assert noticed.size > 1
    assert np.array_equal(noticed, np.flatnonzero(residents.is_referred))
    assert np.array_equal(noticed, np.flatnonzero(residents.is_helped))


@pytest.mark.parametrize(
    ("need", "boost", "home", "recent", "expected"),
    [(1, 1, 1, 0, 1 / 3), (0.5, 1, 1, 0, 1 / 12), (0, 3, 1, 0, 1 / 3), (0, 2, 3, 5, 2 / 3)],
)
def test_need_victimization_and_crises_count_alike(
    town: Town, need: float, boost: float, home: float, recent: float, expected: float
) -> None:
    residents, homes = town.residents, town.households
    residents.need[0], residents.boost[0], residents.recent[0] = need, boost, recent
    homes.boost[residents.household[0]] = home
    p = vulnerable.vulnerable_parameters(Parameters())
    assert alone(vulnerable.vulnerability, residents, homes, 0, p) == pytest.approx(expected)


def test_victim_support_lowers_what_victims_risk_again(town: Town) -> None:
    residents, homes = town.residents, town.households
    residents.boost[:], homes.boost[:], residents.is_helped[:] = 3, 2, 0
    residents.is_helped[0] = 1
    p = given(OFFEND, changed(offend={"victim_support": 0.25}))
    alone(presence.support_victims, town.as_kernels_see_it(), p)
    assert residents.boost[:2] == pytest.approx([2.5, 3])
    assert homes.boost[residents.household[0]] == pytest.approx(1.75)
    assert not residents.is_helped.any()


# --- the Situation Table -------------------------------------------------------------------


def at_table(town: Town, **values: float) -> Any:
    """Let the Tables meet, that are sure to lower what they take, and return the residents."""
    town.agencies.relation[:], town.service.table_age[0] = 1, 10**6
    sure = {"table_lowers": 1.0, "mismatch": 1.0, **values}
    p = given(partner.STAGE, changed(partner=sure))
    alone(situation.meet, town.as_kernels_see_it(), unsettled(town), p, town.week)
    return town.residents


def calm(town: Town) -> Any:
    nobody_moves(town)
    residents = town.residents
    residents.unresolved[:], residents.recent[:], residents.table_week[:] = 0, 0, -1000
    residents.noticed[:], residents.is_resolved[:], residents.support[:] = -1000, 0, 0
    return residents


def test_a_table_takes_noticed_people_before_their_risk_is_acute(town: Town) -> None:
    residents = calm(town)
    residents.recent[:3], residents.unresolved[:3] = [2, 1.2, 1.2], 2
    residents.risk[:3], residents.noticed[1] = Risk.ADDICTIONS, town.week - 3
    town.service.table_cases[0] = 5
    at_table(town, acute=2.0, table_early=0.5, table_places=0.0)
    assert residents.is_resolved[:3].tolist() == [1, 1, 0]
    assert town.service.acute[0] == 1


def test_a_domestic_case_is_the_family_s(town: Town) -> None:
    residents = calm(town)
    sizes = town.households.residents
    homes = np.flatnonzero(sizes >= 2)[:2]
    first = town.households.first_resident[homes]
    residents.recent[first], residents.unresolved[first] = 5, 2
    residents.risk[first] = [Risk.DOMESTIC, Risk.NOISE]
    residents.unresolved[first[0] + 1] = 1
    town.service.table_cases[0] = 5
    at_table(town, table_support=0.8, table_family=0.5, table_places=0.0)
    assert residents.support[first] == pytest.approx([0.8, 0.8])
    assert residents.support[first + 1] == pytest.approx([0.4, 0])
    assert residents.is_resolved[first + 1].tolist() == [1, 0]


def test_a_table_takes_up_the_worst_place_where_nobody_works(town: Town) -> None:
    calm(town)
    rows = without_initiatives(town)
    hoods, places = town.neighbourhoods, town.places
    rows.is_active[rows.neighbourhood == 0] = 1  # no slot is free there
    places.knowledge[:] = 1
    places.knowledge[hoods.first_place[0]] = 9
    second = hoods.first_place[1] + 1
    places.knowledge[second], town.service.table_cases[0] = 5, 1
    at_table(town, table_places=1.0)
    assert hoods.table_place.tolist() == [-1, second, -1]
    assert (town.service.table_taken[0], town.service.table_lowered[0]) == (1, 1)


def test_analysis_tells_a_table_who_is_most_urgent(town: Town) -> None:
    found = []
    for dose in (0.0, 1.0):
        residents, right = calm(town), 0
        town.neighbourhoods.analysis[:] = dose
        for week in range(400):
            town.week = week
            residents.recent[:2], residents.unresolved[:2] = [3, 4], 2
            residents.table_week[:2], residents.risk[:2] = -1000, Risk.NOISE
            town.service.table_cases[0] = 1
            p = given(partner.STAGE, changed(partner={"table_misjudged": 1.0, "table_places": 0.0},
                                             act={"analysis_gain": 1.0}))  # fmt: skip
            alone(situation.meet, town.as_kernels_see_it(), unsettled(town), p, week)
            right += residents.table_week[1] == week
        found.append(right / 400)
    # Without, 4 u > 3 v decides: it is the case with probability 1 - 3/8.
    assert found == pytest.approx([0.625, 1.0], abs=4.5 * (0.25 / 400) ** 0.5)


def test_a_council_behind_it_builds_relations_sooner(town: Town) -> None:
    built = []
    for support in (0.5, 0.0):
        town.service.council[0], town.service.table_cases[0] = support, 1
        town.agencies.relation[:] = 0.4
        p = given(partner.STAGE, changed(partner={"backed": 1.0}))
        alone(partner.build_relations, town.as_kernels_see_it(), p)
        built.append(town.agencies.relation[Sector.HOUSING] - 0.4)
    assert built[1] / built[0] == pytest.approx(0.5, abs=1e-4)


# --- assess, plan, learn ---------------------------------------------------------------------


def test_who_monitors_reduction_looks_again_sooner(town: Town) -> None:
    hoods = town.neighbourhoods
    p = given(assess.STAGE, changed(assess={"sooner": 0.5}), Strategy(assess_every=12))
    hoods.looked[:], hoods.rotation[:] = 0, [0, 0.5, 1]
    for week, expected in ((5, [0, 0, 0]), (6, [0, 0, 1]), (9, [0, 1, 1]), (12, [1, 1, 1])):
        due = [alone(assess.is_due, hoods, n, week, p) for n in range(3)]
        assert due == [bool(x) for x in expected]


@pytest.mark.parametrize(
    ("needs", "calls", "grows"),
    [(-1.0, 200, 1), (0.4, 50, 1), (0.6, 50, 0), (0.0, 100, 1), (0.01, 100, 0), (-0.5, 160, 0)],
)
def test_what_a_pilot_did_decides_its_roll_out(
    town: Town, needs: float, calls: int, grows: int
) -> None:
    hoods, service = town.neighbourhoods, town.service

    def roll(week: int, pilot: float) -> Any:
        strategy = Strategy(pilot=pilot, rollout=10, rollout_needs=needs, rollout_step=0.001)
        p = given(plan.STAGE, Parameters(), strategy).rollout
        return alone(roll_out, town.as_kernels_see_it(), p, week)

    place = roll(9, 0.5)
    pilot = float(np.sort(place)[:2].mean())  # the first in line, of three
    hoods.calls_at_start[:], hoods.past_calls[:] = 100, 0
    hoods.past_calls[:, 0] = np.where(place < pilot, calls, 100)
    roll(9, pilot)
    assert service.covered[0] == pytest.approx(pilot)
    roll(10, pilot)
    assert service.covered[0] == pytest.approx(pilot + 0.001 * grows)
    roll(11, pilot)  # not before the next quarter
    assert service.covered[0] == pytest.approx(pilot + 0.001 * grows)
    roll(23, pilot)
    assert service.covered[0] == pytest.approx(pilot + 0.002 * grows)


def test_tired_officers_leave_sooner(town: Town) -> None:
    values = {"turnover": 5.0, "burnout": 3.0}
    p = given(learn.STAGE, changed(learn=values))
    found = []
    for fatigue in (0.0, 1.0):
        left = 0
        for week in range(500):
            town.officers.fatigue[:] = fatigue
            stream = np.array([week, 3], np.uint32)
            left += alone(learn.replace_leavers, town.officers, _Stream(*stream), p)
        found.append(left / (500 * len(town.officers)))
    expected = [1 - np.exp(-rate / 52) for rate in (5, 20)]
    n = 500 * len(town.officers)
    assert found == pytest.approx(expected, abs=4.5 * (0.25 / n) ** 0.5)


class _Stream:
    """The two halves of a stream's key."""

    def __init__(self, low: np.uint32, high: np.uint32) -> None:
        self.low, self.high = low, high


def many_officers() -> Any:
    """Return the officers of a town that has many."""
    config = TownConfig(residents=600, neighbourhoods=3)
    officers = build(draw_blueprint(config), changed(respond={"sworn": 5000.0}), 0).officers
    assert len(officers) > 10
    return officers


def test_under_leadership_officers_go_by_the_promoted() -> None:
    officers = many_officers()
    officers.adoption[:], officers.is_promoted[:] = 0.2, 0
    officers.adoption[0], officers.is_promoted[0] = 1.0, 1
    mean = 0.2 + 0.8 / len(officers)
    for leadership, expected in ((0.0, mean), (1.0, mean + 0.5 * (1 - mean))):
        p = given(learn.STAGE, Parameters(), Strategy(leadership=leadership))
        assert alone(learn.go_by, officers, p) == pytest.approx(expected)
    officers.is_promoted[:] = 0
    assert alone(learn.go_by, officers, p) == pytest.approx(mean)


def test_under_leadership_those_who_adopted_are_promoted() -> None:
    officers = many_officers()
    half = len(officers) // 2
    p = given(learn.STAGE, changed(learn={"promotion": 5.2}), Strategy(leadership=1.0))
    count = np.zeros(len(officers))
    for week in range(400):
        officers.adoption[:], officers.is_promoted[:] = 0, 0
        officers.adoption[:half] = 1
        alone(learn.promote, officers, _Stream(np.uint32(week), np.uint32(5)), p)
        count += officers.is_promoted
    assert not count[half:].any()
    rate = 0.1 * len(officers) / half
    assert count[:half].mean() / 400 == pytest.approx(rate, abs=4.5 * (0.25 / (400 * half)) ** 0.5)


def test_hiring_for_adoption_under_leadership() -> None:
    p = given(learn.STAGE, changed(learn={"hired": 0.4}), Strategy(leadership=0.5))
    assert p.adoption_start == pytest.approx(0.5 + 0.5 * 0.4 * 0.5)


def test_analytics_help_managers(town: Town) -> None:
    officers = town.officers
    gains = []
    for shown in (0.0, 1.0):
        officers.adoption[:], officers.awareness[:], officers.skill[:] = 0.1, 1, 1
        p = given(learn.STAGE, changed(learn={"tracked": 0.5}))
        alone(learn.train, officers, 0.0, 0.0, shown, p)
        gains.append(officers.adoption[0] - 0.1)
    assert gains[1] / gains[0] == pytest.approx(1.5, rel=1e-4)
