"""Stage 5, act: hours and what they do to places, people and stocks."""

from dataclasses import replace

import numpy as np
import pytest
from parts import alone, given, redesign, spend_hours, use_hours
from stages.by_hand import changed

from omemsim.processes import act, visits
from omemsim.processes.problems import problem_parameters, solve_problems
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.wheel import Kind, Lead, Tactic


def test_the_worst_places_are_the_best_known() -> None:
    knowledge = np.array([9.0, 1, 3, 3, 2, 8])
    assert visits.worst_places(knowledge, 1, 4, 3).tolist() == [2, 3, 4]


def test_hours_are_booked_once(town: Town) -> None:
    town.neighbourhoods.share[:] = 0
    town.neighbourhoods.share[0, Tactic.PATROL] = 0.5
    town.officers.proactive[:] = 100 / len(town.officers)
    town.officers.fatigue[:] = 0
    service = town.service
    service.survey_hours[0], service.table_taken[0] = 10, 4
    spend_hours(town, changed(partner={"table_hours": 2.5}), Strategy(training=0.1))
    assert (service.withdrawn[0], service.lost[0]) == pytest.approx((0, 30))
    assert service.unassigned[0] == pytest.approx(35)
    assert town.neighbourhoods.hours[0, Tactic.PATROL] == pytest.approx(35)


@pytest.mark.parametrize(("reinvest", "before", "withdrawn"), [(True, 60, 0), (False, 60, 20)])
def test_hours_set_free_are_kept_or_taken_away(
    town: Town, reinvest: bool, before: float, withdrawn: float
) -> None:
    town.officers.proactive[:] = 100 / len(town.officers)
    service = town.service
    service.survey_hours[0], service.table_taken[0] = 0, 0
    service.free_before[0], service.free_mean[0] = before, 80
    spend_hours(town, Parameters(), Strategy(reinvest=reinvest))
    assert (service.withdrawn[0], service.lost[0]) == pytest.approx((withdrawn, 0))
    service.free_mean[0] = 40  # fewer than before: none to take away
    spend_hours(town, Parameters(), Strategy(reinvest=reinvest))
    assert service.withdrawn[0] == 0


def test_skill_and_conviction_count_for_all_but_what_any_officer_can_do(town: Town) -> None:
    parameters, officers = (
        changed(act={"untrained": 0.4, "reluctant": 0.2, "night_use": 1.0}),
        town.officers,
    )
    town.neighbourhoods.share[:] = 1 / len(Tactic) / 3
    officers.proactive[:], officers.fatigue[:] = len(Tactic) / len(officers), 0
    town.service.survey_hours[0], town.service.table_taken[0] = 0, 0
    for skill, adoption, expected in ((0, 1, 0.4), (1, 0, 0.2), (1, 1, 1), (0.5, 0.25, 0.28)):
        officers.skill[:], officers.adoption[:] = skill, adoption
        spend_hours(town, parameters, Strategy())
        hours = town.neighbourhoods.hours.sum(axis=0)
        untaught = [Tactic.PATROL, Tactic.TARGETED_ENFORCEMENT, Tactic.BACKUP, Tactic.TRAFFIC]
        untaught.append(Tactic.DIRECTED_PATROL)
        assert hours[untaught] == pytest.approx([1] * 5)
        assert np.delete(hours, untaught) == pytest.approx([expected] * 13)


def test_tired_officers_do_less(town: Town) -> None:
    town.neighbourhoods.share[:] = 1 / len(Tactic) / 3
    town.officers.proactive[:], town.officers.fatigue[:] = len(Tactic) / len(town.officers), 1
    town.service.survey_hours[0], town.service.table_taken[0] = 0, 0
    spend_hours(town, Parameters(), Strategy())
    assert town.neighbourhoods.hours[:, Tactic.PATROL].sum() == pytest.approx(
        1 - Parameters().act.tired
    )


@pytest.mark.parametrize("precision", [0.0, 0.6, 1.0])
def test_visits_add_up_and_aimed_ones_go_to_the_worst(town: Town, precision: float) -> None:
    group, hoods, places = Parameters().act, town.neighbourhoods, town.places
    hoods.hours[:] = 0
    hoods.hours[1, Tactic.TARGETED_ENFORCEMENT] = 10
    hoods.analysis[:] = 0
    use_hours(town, group, precision)
    assert places.visits.sum() == pytest.approx(10 * group.visits_per_hour)
    first, count = hoods.first_place[1], int(hoods.places[1])
    most = max(1, round(group.worst_share * count))
    worst = visits.worst_places(places.knowledge, first, count, most)
    even = (1 - precision) * most / count
    expected = (precision + even) * 10 * group.visits_per_hour
    assert places.visits[worst].sum() == pytest.approx(expected)


def test_patrol_stops_nobody_and_enforcement_some(town: Town) -> None:
    hoods, group = town.neighbourhoods, replace(Parameters().act, stops=1.0)
    for tactic, has_stops in ((Tactic.PATROL, False), (Tactic.TARGETED_ENFORCEMENT, True)):
        hoods.hours[:] = 0
        hoods.hours[:, tactic] = 5
        town.residents.contact[:] = 0
        use_hours(town, group, 0.6)
        assert (town.residents.contact < 0).any() == has_stops
        assert (hoods.burden > 0).any() == has_stops


def test_contacts_move_the_distrustful_more(town: Town) -> None:
    town.residents.contact[:], town.residents.trust[:] = 0, 0.25
    town.neighbourhoods.hours[:] = 0
    town.neighbourhoods.hours[:, Tactic.LIAISON] = 2
    town.neighbourhoods.relation[:] = 1
    group = replace(Parameters().act, contacts=3.0)
    use_hours(town, group, 0.6)
    gain = group.contact_gain * 0.75
    assert town.residents.contact.sum() == pytest.approx(3 * 6 * gain, rel=1e-5)


def test_a_solved_problem_takes_opportunity_away_at_its_place_only(town: Town) -> None:
    group, rows = Parameters().act, town.initiatives
    rows.is_active[:], rows.place[:] = 0, -1
    rows.is_active[0], rows.place[0], rows.momentum[0] = 1, 2, 1.0
    rows.kind[0], rows.lead[0] = Kind.PROBLEM_SOLVING, Lead.COMMUNITY
    town.places.removed[:] = 0
    for _ in range(400):
        use_hours(town, group, 0.6)
    expected = town.places.removed[2]
    assert 0.8 * group.problem_effect < expected <= group.problem_effect
    assert town.places.removed.sum() == expected
    rows.is_active[0] = 0
    for _ in range(52):
        use_hours(town, group, 0.6)
    assert town.places.removed[2] == pytest.approx(expected / 2, rel=1e-4)


@pytest.mark.parametrize(
    ("lead", "mobilization", "participation", "share"),
    [
        (Lead.POLICE, 0.0, 0.0, 0.4),  # alone
        (Lead.POLICE, 0.5, 0.0, 0.7),
        (Lead.POLICE, 0.0, 0.1, 0.7),  # half of full participation
        (Lead.POLICE, 0.5, 0.1, 0.85),  # 1 - 0.6 x 0.5 x 0.5
        (Lead.POLICE, 0.0, 0.9, 1.0),
        (Lead.AGENCY, 0.0, 0.0, 1.0),
        (Lead.COMMUNITY, 0.0, 0.0, 1.0),
    ],
)
def test_problem_solving_without_partners_does_less(
    town: Town, lead: Lead, mobilization: float, participation: float, share: float
) -> None:
    """In a week a twentieth of the gap to 0.4 x momentum 0.5 x share is closed."""
    onset = 1 / np.log2(1 / 0.95)  # half-time of a twentieth a week
    values = {"problem_effect": 0.4, "problem_alone": 0.4, "problem_onset": onset}
    parameters = changed(act=values, assess={"participation_full": 0.2})
    rows, hoods = town.initiatives, town.neighbourhoods
    rows.is_active[:], rows.place[:] = 0, -1
    rows.is_active[0], rows.place[0], rows.momentum[0] = 1, 2, 0.5
    rows.kind[0], rows.lead[0] = Kind.PROBLEM_SOLVING, lead
    hoods.mobilization[:], hoods.participants[:] = mobilization, participation * hoods.residents
    # Participants are whole people: as many as come nearest.
    part = min(hoods.participants[0] / hoods.residents[0] / 0.2, 1.0)
    near = 1 - 0.6 * (1 - mobilization) * (1 - part) if lead == Lead.POLICE else 1.0
    assert near == pytest.approx(share, abs=0.02)
    town.places.removed[:] = 0
    problems = problem_parameters(parameters)
    alone(solve_problems, town.as_kernels_see_it(), problems)
    assert town.places.removed[2] == pytest.approx(0.05 * 0.4 * 0.5 * near, rel=1e-5)


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
    spend_hours(town, changed(act={"night_use": 1.0}), Strategy())
    assert hoods.hours[0, Tactic.PATROL] == pytest.approx(35)
    assert hoods.hours[1, Tactic.LIAISON] == pytest.approx(30 + 17.5)
    assert hoods.hours.sum() == pytest.approx(82.5)
    assert service.unassigned[0] == pytest.approx(17.5)
    hoods.ordered[0, Tactic.CONSULTATION] = 170  # twice what there is: all get half
    spend_hours(town, changed(act={"night_use": 1.0}), Strategy())
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
