"""Stage 6, partner: cases, local services and the Situation Table."""

from dataclasses import replace

import numpy as np
import pytest
from parts import admit, again, alone, by_partner, close_cases, given, refer, unsettled
from stages.by_hand import changed, nobody_moves

from omemsim.inputs.build import build, draw_blueprint
from omemsim.inputs.scenario import TownConfig
from omemsim.processes import partner, referral, situation
from omemsim.strategies import Strategy, TableLead
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters, Partner
from omemsim.vocabulary.wheel import Precursor, Risk, Sector

# --- cases ---------------------------------------------------------------------------------


def no_cases(town: Town) -> None:
    residents = town.residents
    residents.case[:], residents.agency[:], residents.is_referred[:] = partner.NO_CASE, -1, 0
    residents.unresolved[:] = 0
    nobody_moves(town)


def test_agencies_take_those_who_waited_longest_up_to_capacity(town: Town) -> None:
    residents, agencies = town.residents, town.agencies
    residents.case[:], residents.agency[:] = 0, -1
    agencies.capacity[:], agencies.funded[:] = 2, 0
    rows = np.array([3, 9, 40, 77])
    residents.case[rows], residents.agency[rows] = partner.WAITING, 1
    residents.case_since[rows] = [-3, -9, -1, -2]
    admit(town, Parameters().partner)
    assert np.flatnonzero(residents.case == partner.SERVED).tolist() == [3, 9]
    assert agencies.caseload.tolist() == [0, 2, 0, 0, 0, 0, 0]
    assert agencies.waiting.tolist() == [0, 2, 0, 0, 0, 0, 0]
    assert (residents.case_since[[3, 9]] == town.week).all()


def test_agencies_triage_those_in_a_crisis_come_before_those_who_waited_longer(town: Town) -> None:
    residents, agencies = town.residents, town.agencies
    no_cases(town)
    agencies.capacity[:], agencies.funded[:] = 3, 0
    rows = np.array([3, 9, 40, 77, 81])
    residents.case[rows], residents.agency[rows] = partner.WAITING, 1
    residents.case_since[rows] = [-20, -1, -3, -25, -2]
    residents.unresolved[[9, 40, 81]] = [4, 1, 2]
    residents.is_moved[81] = 1  # the crisis was their predecessor's
    admit(town, Parameters().partner)
    assert np.flatnonzero(residents.case == partner.SERVED).tolist() == [9, 40, 77]
    residents.case[rows] = partner.WAITING
    residents.case_since[rows] = [-20, -1, -3, -25, -2]
    admit(town, replace(Parameters().partner, triage=0.0))
    assert np.flatnonzero(residents.case == partner.SERVED).tolist() == [3, 40, 77]


def test_of_those_in_a_crisis_who_waited_longest_comes_first(town: Town) -> None:
    residents, agencies = town.residents, town.agencies
    no_cases(town)
    residents.unresolved[:] = 4
    agencies.capacity[:], agencies.funded[:] = 2, 0
    rows = np.array([3, 9, 40, 77])
    residents.case[rows], residents.agency[rows] = partner.WAITING, 1
    residents.case_since[rows] = [-3, -9, -1, -2]
    admit(town, Parameters().partner)
    assert np.flatnonzero(residents.case == partner.SERVED).tolist() == [3, 9]


def test_nobody_in_a_crisis_waits_behind_others_whatever_weeks_they_wait(town: Town) -> None:
    """A whole town in line, week by week: whoever is left out is no more urgent than who is in."""
    residents, agencies, group = town.residents, town.agencies, Parameters().partner
    no_cases(town)
    rng = np.random.default_rng(1)
    residents.case[:], residents.agency[:] = partner.WAITING, np.arange(len(residents)) % 7
    residents.case_since[:] = -rng.integers(0, group.give_up, len(residents))
    residents.unresolved[:] = np.where(rng.random(len(residents)) < 0.3, 3, 0)
    agencies.capacity[:], agencies.funded[:] = [5, 20, 26, 40, 60, 80, 86], 0
    waited = np.where(residents.unresolved > 0, 1000, 0) - residents.case_since
    admit(town, group)
    for agency in range(7):
        mine = residents.agency == agency
        served = mine & (residents.case == partner.SERVED)
        assert served.sum() == min(agencies.capacity[agency], mine.sum())
        assert waited[served].min() >= waited[mine & ~served].max(initial=0)


def test_money_buys_whole_cases_and_fractions_add_up_over_agencies(town: Town) -> None:
    residents, agencies = town.residents, town.agencies
    residents.case[:], residents.case_since[:] = partner.WAITING, -1
    residents.agency[:] = np.arange(len(residents)) % 4
    agencies.capacity[:4], agencies.funded[:4] = [1, 0, 1, 0], [0.5, 0.5, 1.25, 0.625]
    agencies.capacity[4:], agencies.funded[4:] = 5, 0
    admit(town, Parameters().partner)
    served = residents.agency[residents.case == partner.SERVED]
    assert np.bincount(served, minlength=4).tolist() == [1, 1, 2, 0]  # 2.875 bought: two whole
    assert agencies.caseload.tolist() == [1, 1, 2, 0, 0, 0, 0]
    assert agencies.waiting.tolist() == [149, 149, 148, 150, 0, 0, 0]


def give_needs(town: Town, row: int, greatest: Precursor, age: int) -> None:
    for other in Precursor:
        getattr(town.residents, other.name.lower())[row] = 0.9 if other is greatest else 0.1
    town.residents.age[row] = age


# Whom a resident of 25 years or more, and one of 15 to 24, goes to.
BY_NEED = [
    (Precursor.INCOME, Sector.INCOME, Sector.INCOME),
    (Precursor.HOUSING, Sector.HOUSING, Sector.HOUSING),
    (Precursor.ADDICTIONS, Sector.ADDICTIONS, Sector.ADDICTIONS),
    (Precursor.FAMILY, Sector.FAMILY, Sector.YOUTH),
]


def test_a_case_goes_to_the_sector_that_the_latest_crisis_asks_for(town: Town) -> None:
    residents = town.residents
    no_cases(town)
    rows = np.arange(len(Risk))
    residents.risk[rows], residents.is_referred[rows] = list(Risk), 1
    refer(town, replace(Parameters().partner, schools=0.0))
    expected = [
        Sector.MENTAL_HEALTH,
        Sector.ADDICTIONS,
        Sector.FAMILY,
        Sector.HOUSING,
        Sector.COMMUNITY,
    ]
    assert residents.agency[rows].tolist() == expected
    assert np.flatnonzero(residents.case == partner.WAITING).tolist() == rows.tolist()
    assert not residents.is_referred.any()


@pytest.mark.parametrize("is_found", [False, True], ids=["referred", "found"])
def test_without_a_crisis_a_case_goes_to_the_sector_of_the_greatest_need(
    town: Town, is_found: bool
) -> None:
    residents = town.residents
    no_cases(town)
    residents.need[:] = 0
    for row, (greatest, *_) in enumerate(BY_NEED):
        give_needs(town, row, greatest, age=1)
        give_needs(town, row + len(BY_NEED), greatest, age=0)
    rows = np.arange(2 * len(BY_NEED))
    # Of catchments' weekly rates at most 1: all places are free, and there are enough of them.
    town.agencies.outreach[:], town.agencies.funded[:] = 1e6 * is_found, 1e6
    # The last trouble of whom outreach finds is over: what they need decides.
    residents.risk[rows] = Risk.NOISE if is_found else -1
    residents.need[rows], residents.is_referred[rows] = is_found, not is_found
    group = replace(Parameters().partner, schools=0.0)
    for week in range(40):  # found with probability 0.63 a week
        town.week = week
        refer(town, group)
    expected = [adult for _, adult, _ in BY_NEED] + [young for _, _, young in BY_NEED]
    assert residents.agency[rows].tolist() == expected
    assert (residents.case == partner.WAITING).sum() == rows.size


def test_needs_that_are_as_great_go_to_the_first(town: Town) -> None:
    for item in Precursor:
        getattr(town.residents, item.name.lower())[:2] = 0.5
    town.residents.income[1] = 0.4
    assert [alone(situation.sector_of_need, town.residents, row) for row in (0, 1)] == [
        Sector.INCOME,
        Sector.HOUSING,
    ]


def test_those_in_crisis_ask_more_where_partners_are_mobilized(town: Town) -> None:
    asked = []
    for mobilization in (0.0, 1.0):
        copy = town.copy()
        no_cases(copy)
        copy.residents.unresolved[:] = 2
        copy.neighbourhoods.mobilization[:] = mobilization
        copy.neighbourhoods.social_momentum[:] = 0
        group = replace(Parameters().partner, refer_self=0.1, outreach=1.0, schools=0.0)
        refer(copy, group)
        asked.append(int((copy.residents.case == partner.WAITING).sum()))
    # Of 600, about 60 and 120; by common random numbers each who asks in the first asks again.
    assert 35 < asked[0] < 85
    assert 85 < asked[1] < 155


def test_cases_close_when_done_given_up_or_gone(town: Town) -> None:
    group, residents = Parameters().partner, town.residents
    no_cases(town)
    town.week = 100
    states = ((partner.SERVED, group.service_weeks), (partner.WAITING, group.give_up))
    for row, (state, weeks) in enumerate(states):
        residents.case[[2 * row, 2 * row + 1]] = state
        residents.case_since[[2 * row, 2 * row + 1]] = [100 - weeks, 101 - weeks]
    residents.case[8], residents.case_since[8] = partner.SERVED, 99
    residents.is_moved[8] = 1
    town.newcomers.replace(seat=[8])
    residents.support[8] = 0.5
    residents.agency[np.flatnonzero(residents.case)] = 2
    close_cases(town, group)
    assert np.flatnonzero(residents.case).tolist() == [1, 3]
    assert residents.support[8] == 0


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
    town.agencies.outreach[:] = 0
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
    town.agencies.outreach[:], town.agencies.funded[:] = 1e6, 1e6
    group = replace(Parameters().partner, refer_self=1.0, schools=20.0)
    refer(town, group)
    assert residents.agency[0] == Sector.COMMUNITY


def test_schools_refer_youths_and_parents_with_trouble_in_the_family(town: Town) -> None:
    residents, households = town.residents, town.households
    no_cases(town)
    town.agencies.outreach[:] = 0
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
    town.agencies.outreach[:] = 0
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


# --- outreach by need ----------------------------------------------------------------------


def looks_for_people(town: Town, places: float) -> None:
    """Let social development pay for so many places at each agency, and nobody else come."""
    no_cases(town)
    town.agencies.capacity[:] = 0
    town.agencies.outreach[:], town.agencies.funded[:] = places, places


def found_in(town: Town, weeks: int, group: Partner) -> float:
    """Return how many outreach finds a week, where none of them stays."""
    found = 0
    for week in range(weeks):
        town.week, town.residents.case[:] = week, partner.NO_CASE
        town.agencies.caseload[:] = 0
        refer(town, group)
        found += int((town.residents.case == partner.WAITING).sum())
    return found / weeks


@pytest.mark.parametrize(("places", "times"), [(5.2, 1.0), (10.4, 1.0), (5.2, 2.0), (5.2, 0.0)])
def test_outreach_finds_as_many_as_end_in_the_places_that_money_pays_for(
    town: Town, places: float, times: float
) -> None:
    looks_for_people(town, places)
    group = replace(Parameters().partner, schools=0.0, need_found=times)
    expected = times * 7 * places / group.service_weeks
    error = 4.5 * np.sqrt(expected / 400)  # a sum of rare events
    assert found_in(town, 400, group) == pytest.approx(expected, abs=error + 0.01 * expected)


def test_outreach_goes_by_need_squared_and_money_not_by_its_share(town: Town) -> None:
    looks_for_people(town, 26.0)
    residents, hoods = town.residents, town.neighbourhoods
    residents.need[:] = np.where(np.arange(len(residents)) % 2, 0.8, 0.4)
    group = replace(Parameters().partner, schools=0.0)
    rates = alone(referral.outreach_rates, town, by_partner(group))
    assert len(set(hoods.catchment)) == rates.size == 1
    # 7 cases a week among 300 of need 0.8 and 300 of 0.4.
    assert rates == pytest.approx(7 / (300 * 0.64 + 300 * 0.16), rel=1e-5)
    town.agencies.outreach[:] *= 2
    assert alone(referral.outreach_rates, town, by_partner(group)) == pytest.approx(2 * rates)


@pytest.mark.parametrize(
    ("caseload", "waiting", "free"), [(0, 0, 1), (14, 0, 1), (17, 0, 0.4), (14, 4, 0.2), (30, 9, 0)]
)
def test_outreach_slows_as_the_places_it_could_fill_are_taken(
    town: Town, caseload: int, waiting: int, free: float
) -> None:
    town.agencies.capacity[:], town.agencies.funded[:] = 10, 9
    town.agencies.outreach[:], town.agencies.caseload[:] = [5] * 6 + [0], caseload
    cases = alone(partner.no_cases, town, by_partner(Parameters().partner))
    cases.line[:, 3] = waiting
    found = alone(referral.free_places, town.agencies, cases)
    assert found == pytest.approx([free] * 6 + [0], abs=1e-6)


def after_three_years(town: Town, places: float, need_found: float) -> Town:
    """Return the town after outreach with so many places an agency, beside two of its own."""
    copy = town.copy()
    parameters = changed(partner={"schools": 0.0, "need_found": need_found})
    looks_for_people(copy, places)
    copy.agencies.capacity[:] = 2
    for week in range(156):
        copy.week = week
        partner.step(copy, parameters, Strategy())
    return copy


def test_with_more_money_for_outreach_no_line_grows(town: Town) -> None:
    """More money finds more people; who looks for too many stops as places are taken."""
    served = []
    for places in (1.0, 3.0, 10.0):
        for need_found in (1.0, 10.0):
            agencies = after_three_years(town, places, need_found).agencies
            assert agencies.waiting.sum() <= 7
        served.append(int(agencies.caseload.sum()))
    assert served[0] < served[1] < served[2]


# --- local services and relations ----------------------------------------------------------


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


# --- the Situation Table -------------------------------------------------------------------


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
        alone(
            situation.meet, town, unsettled(town), given(partner.STAGE, parameters, strategy), week
        )
        residents.is_resolved[:] = 0
        taken += service.table_taken[0]
        lowered += service.table_lowered[0]
    assert taken == np.floor(5.5 * weeks)
    return float(lowered / taken)


CERTAIN = {"table_lowers": 1.0, "mismatch": 0.0, "table_places": 0.0}


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
    alone(situation.meet, town, unsettled(town), given(partner.STAGE, changed()), town.week)
    assert town.service.acute[0] == 4  # 1, 2, 4 and 5: resting from the Table is no cure
