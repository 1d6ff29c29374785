"""Stage 7, organize: participation, initiatives and protection."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from parts import alone, choose, given, participate, protect, run_initiatives, start_anew
from stages.by_hand import changed, nobody_moves

from omemsim.processes import initiatives, organize, visits
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.random_numbers import Decision, stream
from omemsim.vocabulary.wheel import Kind, Lead, Tactic

# --- participation -------------------------------------------------------------------------


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0, 5.0, 6.0])
def test_the_gate_is_exact_at_whole_powers(power: float) -> None:
    weights = organize.gate_weights(power)
    for x in (0.0, 0.3, 1.0):
        assert organize.gate_open(np.float32(x), weights) == pytest.approx(x**power, abs=1e-6)


def test_the_gate_lies_between_powers_and_closes_as_they_rise() -> None:
    x, powers = np.float32(0.5), np.linspace(0, 6, 25)
    found = [organize.gate_open(x, organize.gate_weights(power)) for power in powers]
    assert (np.diff(found) < 0).all()
    assert organize.gate_open(x, organize.gate_weights(1.5)) == pytest.approx((0.5 + 0.25) / 2)


@pytest.mark.parametrize("gate", [0.0, 0.4, 1.0, 2.5, 6.0])
@pytest.mark.parametrize(("pull", "leave", "by_fear"), [(0.02, 0.01, 2), (40, 0, 0), (1, 1, 9)])
def test_whoever_would_join_or_leave_is_among_those_looked_at(
    gate: float, pull: float, leave: float, by_fear: float
) -> None:
    """Of 5,000, a few of them as willing, trusting and calm as can be."""
    drawn, chance = stream(1, Decision.JOIN, 2), np.random.default_rng(3)
    size, here = 5000, slice(0, 5000)
    names = ("efficacy", "trust", "fear")
    feelings = (np.minimum(chance.random((3, size)) * 1.01, 1)).astype(np.float32)
    takes_part = chance.integers(2, size=size, dtype=np.uint8)
    key = chance.integers(2**32, size=size, dtype=np.uint32)
    people = SimpleNamespace(key=key, **dict(zip(names, feelings, strict=True)))
    group = replace(Parameters().organize, fear_gate=gate, leave=leave, fear_leaves=by_fear)
    p, flags = given(organize.STAGE, replace(Parameters(), organize=group)), np.zeros(size, "u1")
    people.takes_part = takes_part.copy()
    alone(organize.screen_participants, people, here, np.float32(pull), drawn, flags, p)
    after = []
    for rows in (np.arange(size), np.flatnonzero(flags)):
        people.takes_part = takes_part.copy()
        alone(organize.join_or_leave, people, here, rows, np.float32(pull), drawn, p)
        after.append(people.takes_part)
    assert np.array_equal(*after)
    assert (after[0] != takes_part).any()


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


# --- initiatives ---------------------------------------------------------------------------


def steer(town: Town, *, may_hand_over: bool = True, **values: float) -> None:
    run_initiatives(town, changed(organize=values), Strategy(hand_over=may_hand_over))


def test_each_initiative_of_police_gets_a_place_of_its_own(town: Town) -> None:
    rows, hoods = town.initiatives, town.neighbourhoods
    rows.is_active[:], rows.place[:], rows.age[:], rows.lead[:] = 1, -1, 0, Lead.POLICE
    rows.lead[[1, 2]] = Lead.COMMUNITY
    hoods.hours[:] = 0  # then police open nothing but problem-solving
    choose(town, changed(act={"problem_precision": 1.0}))
    assert (rows.kind[rows.lead == Lead.POLICE] == Kind.PROBLEM_SOLVING).all()
    assert rows.place[[1, 2]].tolist() == [-1, -1]
    taken = rows.place[rows.place >= 0]
    assert np.unique(taken).size == taken.size == np.minimum([4, 6, 6], hoods.places).sum()
    assert np.array_equal(town.places.neighbourhood[taken], rows.neighbourhood[rows.place >= 0])
    trouble = (
        town.places.knowledge + np.float32(Parameters().act.problem_calls) * town.places.called
    )
    worst = visits.worst_places(trouble, hoods.first_place[0], hoods.places[0], 1)
    assert rows.place[0] == worst[0]


def test_a_place_is_given_up_with_its_initiative(town: Town) -> None:
    town.initiatives.is_active[:], town.initiatives.place[:] = 0, 3
    choose(town)
    assert (town.initiatives.place == -1).all()


def test_an_initiative_that_runs_keeps_its_kind_and_place(town: Town) -> None:
    rows = town.initiatives
    rows.is_active[:], rows.place[:], rows.age[:], rows.kind[:] = 1, 3, 1, Kind.WATCH
    choose(town)
    assert (rows.place == 3).all()
    assert (rows.kind == Kind.WATCH).all()


def test_a_problem_is_solved_at_the_worst_known_place_none_works_at() -> None:
    places = SimpleNamespace(
        knowledge=np.array([9, 1, 3, 3, 0], np.float32), called=np.zeros(5, np.float32)
    )
    hoods = SimpleNamespace(first_place=np.array([0, 1]), places=np.array([1, 4]))
    p = given(organize.STAGE, changed(act={"problem_calls": 0.2})).initiatives

    def free(*taken: int) -> int:
        rows = np.array(taken)
        # The first place is elsewhere.
        return int(alone(initiatives.worst_free_place, places, hoods, 1, rows, p))

    assert free(-1, -1) == 2
    assert free(2, -1) == 3
    assert free(3, 1, 2) == 4
    assert free(3, 1, 2, 4) == -1
    places.called[4] = 14  # a chronic address: 14 calls at 0.2 are less than 3 crimes, 16 more
    assert free(-1) == 2
    places.called[4] = 16
    assert free(-1) == 4


def test_room_of_agencies_is_their_free_share(town: Town) -> None:
    agencies = town.agencies
    agencies.capacity[:], agencies.caseload[:] = 4, [4, 4, 2, 2, 4, 4, 1]
    for funded, expected in ((0, 0.25), ([4, 0, 0, 0, 0, 3, 0], 0.4)):
        agencies.funded[:] = funded
        assert room(town) == pytest.approx(expected)
    agencies.is_open[:], agencies.caseload[2] = [1, 1, 1, 1, 1, 1, 0], 0  # 27 open, 19 taken
    agencies.funded[:] = [0, 0, 3, 0, 0, 0, 5]
    assert room(town) == pytest.approx(1 - 19 / 27)
    agencies.caseload[:] = 6
    assert room(town) == 0
    agencies.capacity[:], agencies.funded[:] = 0, 0
    assert room(town) == 0


def room(town: Town) -> float:
    """Return the free share of the one catchment's agencies."""
    (free,) = alone(initiatives.free_capacity, town.agencies)
    return float(free)


def start_initiatives(town: Town, lead: Lead, momentum: float) -> None:
    rows = town.initiatives
    rows.is_active[:], rows.lead[:], rows.momentum[:], rows.age[:] = 1, lead, momentum, 1
    rows.place[:] = -1


def test_a_running_initiative_passes_to_the_community_where_there_are_leaders(town: Town) -> None:
    start_initiatives(town, Lead.POLICE, 0.5)
    town.neighbourhoods.leaders[:] = [2, 0, 100]
    town.agencies.capacity[:] = 0
    steer(town, hand_over=1.0)
    by_hood = [town.initiatives.lead[town.initiatives.neighbourhood == n] for n in range(3)]
    assert [(leads == Lead.COMMUNITY).sum() for leads in by_hood] == [
        2,
        0,
        Parameters().organize.slots,
    ]
    assert not (town.initiatives.lead == Lead.AGENCY).any()


def test_without_leaders_it_passes_to_an_agency_with_room(town: Town) -> None:
    start_initiatives(town, Lead.POLICE, 0.5)
    town.neighbourhoods.leaders[:] = 0
    town.agencies.capacity[:], town.agencies.caseload[:] = 10, 0
    steer(town, hand_over=1.0)
    assert (town.initiatives.lead == Lead.AGENCY).all()


@pytest.mark.parametrize(("momentum", "hand_over"), [(0.2, True), (0.5, False)])
def test_an_initiative_is_kept_while_it_is_young_or_not_handed_over(
    town: Town, momentum: float, hand_over: bool
) -> None:
    start_initiatives(town, Lead.POLICE, momentum)
    town.neighbourhoods.leaders[:] = 100
    steer(town, may_hand_over=hand_over, hand_over=1.0)
    assert (town.initiatives.lead == Lead.POLICE).all()


def test_an_initiative_nobody_carries_loses_momentum_and_is_given_up(town: Town) -> None:
    group = Parameters().organize
    start_initiatives(town, Lead.POLICE, 0.5)
    town.neighbourhoods.hours[:], town.neighbourhoods.leaders[:] = 0, 0
    steer(town, hand_over=0.0)
    assert town.initiatives.momentum[0] == pytest.approx(0.5 * (1 - group.momentum_decay))
    for _ in range(150):
        steer(town, hand_over=0.0)
    assert not town.initiatives.is_active.any()
    assert not town.neighbourhoods.momentum.any()


def test_momentum_settles_where_gain_and_loss_meet(town: Town) -> None:
    group = Parameters().organize
    start_initiatives(town, Lead.POLICE, 0.1)
    town.initiatives.kind[:] = Kind.SOCIAL_DEVELOPMENT  # whose time is never over
    town.neighbourhoods.hours[:] = 1000
    for _ in range(300):
        steer(town, hand_over=0.0)
    expected = group.momentum_gain / (group.momentum_gain + group.momentum_decay)
    assert town.initiatives.momentum == pytest.approx(np.full(len(town.initiatives), expected))
    assert town.neighbourhoods.momentum == pytest.approx([expected] * 3)


def test_hours_of_new_officers_carry_a_project_and_trained_ones_need_fewer(town: Town) -> None:
    """Six initiatives at 10 hours each, of officers whose hour is worth 0.7 x 0.5."""
    parameters = changed(
        act={"problem_hours": 10.0, "untrained": 0.4, "reluctant": 0.0},
        learn={"skill_start": 0.5, "adoption_start": 0.5},
    )
    p = given(organize.STAGE, parameters).initiatives
    assert p.problem_hours == pytest.approx(10 * 0.7 * 0.5)
    hoods, rows = town.neighbourhoods, town.initiatives
    town.newcomers.replace(seat=[])
    for hours, support in ((6 * 10 * 0.35, 1.0), (6 * 10 * 0.35 / 2, 0.5)):
        start_initiatives(town, Lead.POLICE, 0.0)
        rows.kind[:], hoods.voice[:], hoods.consult_momentum[:] = Kind.SOCIAL_DEVELOPMENT, 0, 0
        hoods.hours[:] = 0
        hoods.hours[:, Tactic.PROBLEM_ORIENTED_POLICING] = hours
        alone(initiatives.run_initiatives, town.as_kernels_see_it(), p, 0)
        expected = parameters.organize.momentum_gain * support
        assert rows.momentum == pytest.approx(np.full(len(rows), expected), rel=1e-5)


@pytest.mark.parametrize("lead", list(Lead))
def test_a_problem_solving_project_is_over_in_time_and_sets_its_officers_free(
    town: Town, lead: Lead
) -> None:
    weeks, rows = Parameters().act.problem_weeks, town.initiatives
    start_initiatives(town, lead, 0.6)
    rows.age[:], rows.kind[:] = 0, Kind.PROBLEM_SOLVING
    rows.kind[0] = Kind.SOCIAL_DEVELOPMENT
    town.neighbourhoods.hours[:], town.neighbourhoods.leaders[:] = 1000, 1000
    for week in range(1, weeks + 1):
        assert rows.is_active.all(), week
        town.week = 0  # the same draws in every week: none of them gives up or opens
        steer(town, hand_over=0.0, attrition=0.0, open_police=0.0, open_community=0.0)
    assert rows.is_active.tolist() == [1] + [0] * (len(rows) - 1)


def test_community_led_is_a_share_of_those_that_run(town: Town) -> None:
    start_initiatives(town, Lead.POLICE, 0.6)
    rows = town.initiatives
    rows.lead[:3], rows.momentum[2] = Lead.COMMUNITY, 0.05
    town.neighbourhoods.leaders[:] = 0
    steer(town, hand_over=0.0, slots=6)
    assert town.neighbourhoods.community_led[:2] == pytest.approx([2 / 5, 0])


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


def give_initiatives(town: Town, lead: Any, momentum: Any, kind: Any, age: int = 20) -> None:
    """Let each slot of the first neighbourhood hold an initiative, those of others none."""
    rows = town.initiatives
    rows.is_active[:], rows.place[:], rows.momentum[:] = 0, -1, 0
    mine = np.flatnonzero(rows.neighbourhood == 0)[: np.size(lead)]
    rows.is_active[mine], rows.age[mine] = 1, age
    rows.lead[mine], rows.momentum[mine], rows.kind[mine] = lead, momentum, kind


STILL = {"momentum_gain": 0.0, "momentum_decay": 0.0, "hand_over": 0.0, "open_community": 0.0}


def test_momentum_is_summed_by_kind_up_to_one(town: Town) -> None:
    hoods = town.neighbourhoods
    hoods.hours[:] = 0
    community = [Lead.COMMUNITY] * 5
    give_initiatives(
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
    give_initiatives(town, [Lead.POLICE] * 5, 0.5, Kind.PROBLEM_SOLVING)
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
    give_initiatives(town, [Lead.AGENCY] * 0, 0.0, Kind.WATCH)
    rows.lead[:] = Lead.POLICE  # whose slots these were
    steer(town, open_community=1.0)  # the assets say: all watches here, none elsewhere
    slots = (rows.neighbourhood == 0).sum()
    opened = hoods.watches_opened.copy()
    assert opened[0] > 0
    assert opened[0] == (rows.is_active[:slots] == 1).sum()
    assert opened[1:].tolist() == [0, 0]
    assert not hoods.handed_over.any()  # a slot that opens anew is not handed over
    give_initiatives(
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
        give_initiatives(town, [Lead.POLICE], 0.5, Kind.PROBLEM_SOLVING)
        values = {**STILL, "momentum_gain": 0.1, "fitted": 0.5, "open_police": 0.0}
        steer(town, **values)
        gains.append(town.initiatives.momentum[0] - 0.5)
    assert gains == pytest.approx([0.05, 0.05 * 1.3, 0.05 * 1.3], rel=1e-4)


# --- protection of dwellings ---------------------------------------------------------------


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
