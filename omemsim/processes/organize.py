"""Stage 7, organize: residents take part, leaders are found, initiatives change hands.

Participation, per resident and week (the fear gate is the power of 1 - fear):
    p_join  = join efficacy trust (1 - fear)^gate (1 + recruit mobilization + led momentum)
              (1 + congregate (congregations_n - 1))
    p_leave = leave (1 + fear_leaves fear)
A natural leader becomes known at rate emerge efficacy (1 - fear) + search x weekly hours of
engaging leaders (and half of mobilization's) per 1,000 residents, and steps back at rate lose.
An initiative's momentum m rises with its lead's support s and decays:
    m' = m + momentum_gain (1 + fitted max(voice, consulting)) s (1 - m)
           - momentum_decay (1 - sustained upkeep) m
and after a quarter it is given up with probability attrition (1 - sustained upkeep)(1 - m') a
week; with s = police hours over hours needed; the agencies' free capacity; or, for the community,
leaders per initiative times participation. A running initiative (m >= ready) passes to the
community where a leader is free, else from police to an agency with room (above a tenth of
capacity), with probability hand_over a week; that frees police hours for opening others, with
probability open_police min(1, spare + hours of initiating). Free leaders open some of their own,
with probability open_community x participation. What police open is social development with the
share of mobilization among the hours that open it, else problem-solving, at the worst known place;
what the community opens is consultation with probability voice/2, else a watch with that of its
assets, else social development.
A household takes protection at rate protect means^2 vigilance (1 + taught education +
protect_watch watching), means = assets + protect_support support (1 - assets), or from a project
with hardened/52; where a watch runs, who takes it by themselves also joins the watch, until they
move or the watch is dead.

Sources: seeds 000, 001 (leaders, hand-over, who can use situational prevention); practice.md.
Assumption: one leader carries one initiative; households' means are the first resident's.

Reads: people's stocks, hours, mobilization, education, caseload, knowledge, hardened. Writes:
takes_part, is_found, initiatives, protection, in_watch, participants, leaders, momentum,
capacity, counts of hand-overs and watches, service.homes_hardened.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import draw, kernel, probability, rows_of, single, uniform
from omemsim.processes.act import worst_places
from omemsim.processes.assess import capacity_index
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.parameters import Organize, Parameters
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, decay
from omemsim.vocabulary.wheel import Kind, Lead, Sector, Tactic

__all__ = ["step"]

CLOSING_MOMENTUM, CLOSING_AGE = 0.02, 13  # an initiative that never got going is given up


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Let people join, leaders come forward, initiatives run and change hands."""
    group = parameters.organize
    participate(town, group)
    find_leaders(town, group)
    run_initiatives(town, parameters, strategy)
    protect(town, group)
    places = town.neighbourhoods
    places.capacity[:] = capacity_index(places, places.efficacy, parameters.assess)


def participate(town: Town, group: Organize) -> None:
    """Draw who joins and who leaves."""
    places, residents = town.neighbourhoods, town.residents
    moved = town.newcomers
    residents.takes_part[moved] = 0
    residents.is_found[moved] = 0
    pull = 1 + group.recruit * places.mobilization + group.led * places.momentum
    pull = pull * (1 + group.congregate * (places.congregations - 1))
    draw_participation(
        places.first_resident,
        places.residents,
        (np.float32(group.join) * pull).astype(np.float32),
        single(group, "leave", "fear_leaves"),
        gate_weights(group.fear_gate),
        (residents.efficacy, residents.trust, residents.fear),
        residents.key,
        stream(town.seed, Decision.JOIN, town.week),
        residents.takes_part,
        places.participants,
    )


def gate_weights(power: float) -> Any:
    """Return weights w (7,) of whole powers so that sum w_k x**k stands for x**power.

    Between two whole powers it is their weighted mean, which is exact at whole ones.
    """
    return np.maximum(1 - np.abs(power - np.arange(7)), 0).astype(np.float32)


def find_leaders(town: Town, group: Organize) -> None:
    """Draw which natural leaders become known, and which step back."""
    places, residents = town.neighbourhoods, town.residents
    hours = places.hours[:, Tactic.ENGAGE_LEADERS] + 0.5 * places.hours[:, Tactic.MOBILIZE_PARTNERS]
    rate = group.search * 1000 * hours / places.residents
    rows = rows_of(residents.is_leader)
    n = town.places.neighbourhood[residents.place[rows]]
    draw_leaders(
        rows,
        rate.astype(np.float32)[n],
        single(group, "emerge", "lose"),
        (residents.efficacy, residents.fear),
        residents.key,
        stream(town.seed, Decision.LEADER, town.week),
        residents.is_found,
    )
    places.leaders[:] = np.bincount(n[residents.is_found[rows] == 1], minlength=len(places))


def run_initiatives(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Support, hand over, close and open initiatives; sum them up by neighbourhood."""
    group, places, rows = parameters.organize, town.neighbourhoods, town.initiatives
    hours = places.hours[:, Tactic.PROBLEM_ORIENTED_POLICING]
    hours = hours + places.hours[:, Tactic.MOBILIZE_PARTNERS]
    starting = places.hours[:, Tactic.INITIATE_PROBLEM_SOLVING] / parameters.act.problem_hours
    part = places.participants / places.residents / parameters.assess.participation_full
    was_active, led_by = rows.is_active.copy(), rows.lead.copy()
    fitted = group.fitted * np.maximum(places.voice, places.consult_momentum).astype(float)
    steer(
        group.slots,
        hours / parameters.act.problem_hours,
        starting,
        agency_room(town),
        places.leaders,
        np.minimum(part, 1.0),
        group.momentum_gain * (1 + fitted),
        group.momentum_decay * (1 - group.sustained * places.upkeep.astype(float)),
        group.ready,
        (group.open_police, group.open_community, group.hand_over * strategy.hand_over),
        rows.key,
        stream(town.seed, Decision.HAND_OVER, town.week),
        stream(town.seed, Decision.OPEN, town.week),
        stream(town.seed, Decision.ATTRITION, town.week),
        group.attrition * (1 - group.sustained * places.upkeep.astype(float)),
        (rows.is_active, rows.lead, rows.momentum, rows.age),
    )
    opened = np.flatnonzero((was_active == 0) & (rows.is_active == 1))
    choose_kinds(town, opened)
    choose_places(town, opened)
    sum_up(
        group.slots,
        group.ready,
        (rows.is_active, rows.lead, rows.kind, rows.momentum),
        (places.momentum, places.community_momentum, places.community_led, places.police_led),
        (places.social_momentum, places.watch_momentum, places.consult_momentum),
    )
    runs = (rows.is_active == 1) & (rows.momentum >= group.ready)
    lasted = np.flatnonzero(runs & (rows.age == WEEKS_PER_YEAR))
    for count, which in (
        (places.handed_over, np.flatnonzero((was_active == 1) & (rows.lead != led_by))),
        (places.watches_opened, opened[rows.kind[opened] == Kind.WATCH]),
        (places.watches_lasted, lasted[rows.kind[lasted] == Kind.WATCH]),
    ):
        np.add.at(count, rows.neighbourhood[which], 1)


def choose_kinds(town: Town, opened: Any) -> None:
    """Give each initiative that was opened its kind, by who opened it and what they have."""
    if opened.size == 0:
        return
    rows, hoods = town.initiatives, town.neighbourhoods
    n = rows.neighbourhood[opened]
    draws = np.zeros(opened.size, np.float32)
    draw(rows.key[opened], stream(town.seed, Decision.KIND, town.week), draws)
    mobilizing = hoods.hours[n, Tactic.MOBILIZE_PARTNERS]
    solving = hoods.hours[n][:, [Tactic.PROBLEM_ORIENTED_POLICING, Tactic.INITIATE_PROBLEM_SOLVING]]
    social = mobilizing / np.maximum(mobilizing + solving.sum(axis=1), 1e-12)
    by_police = np.where(draws < social, Kind.SOCIAL_DEVELOPMENT, Kind.PROBLEM_SOLVING)
    consulting = 0.5 * hoods.voice[n].astype(float)
    watching = consulting + (1 - consulting) * hoods.assets[n]
    by_community = np.where(draws < watching, Kind.WATCH, Kind.SOCIAL_DEVELOPMENT)
    by_community = np.where(draws < consulting, Kind.CONSULTATION, by_community)
    rows.kind[opened] = np.where(rows.lead[opened] == Lead.POLICE, by_police, by_community)


def choose_places(town: Town, opened: Any) -> None:
    """Give each problem police opened an initiative for the worst known place none works at."""
    rows, places = town.initiatives, town.neighbourhoods
    rows.place[rows.is_active == 0] = -1
    for row in opened:
        rows.place[row] = -1
        if rows.lead[row] != Lead.POLICE or rows.kind[row] != Kind.PROBLEM_SOLVING:
            continue
        n = rows.neighbourhood[row]
        taken = rows.place[(rows.neighbourhood == n) & (rows.is_active == 1)]
        first, count = places.first_place[n], places.places[n]
        worst = worst_places(town.places.knowledge, first, count, taken.size + 1)
        free = worst[~np.isin(worst, taken)]
        rows.place[row] = free[0] if free.size else -1


def agency_room(town: Town) -> Any:
    """Return the free share of agencies' capacity in each neighbourhood's catchment, (N,)."""
    open_capacity = (town.agencies.capacity + town.agencies.funded) * town.agencies.is_open
    capacity = open_capacity.reshape(-1, len(Sector)).sum(axis=1)
    caseload = town.agencies.caseload.reshape(-1, len(Sector)).sum(axis=1)
    free = 1 - caseload / np.maximum(capacity, 1)
    return np.where(capacity > 0, np.maximum(free, 0), 0)[town.neighbourhoods.catchment]


def protect(town: Town, group: Organize) -> None:
    """Draw which households lock, light and watch, and which a project protects."""
    places, households, residents = town.neighbourhoods, town.households, town.residents
    new = households.since_week == town.week
    households.protection[new] = 0
    households.in_watch[new] = 0
    running = places.watch_momentum >= group.ready
    end_watches(places.first_household, places.households, running, households.in_watch)
    pull = 1 + group.protect_taught * places.education + group.protect_watch * places.watch_momentum
    rate = (group.protect * pull).astype(np.float32)
    given = (places.hardened / WEEKS_PER_YEAR).astype(np.float32)
    luck = stream(town.seed, Decision.PROTECT, town.week)
    may_take = np.zeros(len(households), np.uint8)
    wear(
        places.first_household,
        places.households,
        rate + given,
        np.float32(1 - decay(group.protect_decay)),
        households.key,
        luck,
        households.protection,
        may_take,
    )
    rows = rows_of(may_take)  # the rest would not take it at any means: p <= rate
    head = households.first_resident[rows]
    n = town.places.neighbourhood[households.place[rows]]
    town.service.homes_hardened[0] = take_up(
        rows,
        (rate[n], given[n]),
        running[n],
        means(residents, head, np.float32(group.protect_support)),
        residents.vigilance[head],
        households.key[rows],
        luck,
        (households.protection, households.in_watch),
    )


def means(residents: Any, head: Any, by_support: Any) -> Any:
    """Return what households have to protect themselves with, as their first residents do."""
    assets = residents.assets[head]
    return assets + by_support * residents.support[head] * (1 - assets)


@kernel
def draw_participation(  # type: ignore[no-untyped-def]
    first, count, join, leaving, gate, people, key, luck, takes_part, participants
):
    efficacy, trust, fear = people
    for n in range(first.size):
        rows = slice(first[n], first[n] + count[n])
        participants[n] = _participate(
            join[n],
            leaving[0],
            leaving[1],
            gate,
            efficacy[rows],
            trust[rows],
            fear[rows],
            key[rows],
            luck,
            takes_part[rows],
        )


@kernel
def _participate(join, leave, by_fear, gate, efficacy, trust, fear, key, luck, takes_part):  # type: ignore[no-untyped-def]
    total = np.int64(0)
    one = np.float32(1)
    for i in range(key.size):
        p_join = probability(join * efficacy[i] * trust[i] * _open(one - fear[i], gate))
        p_leave = probability(leave * (one + by_fear * fear[i]))
        now = np.int32(takes_part[i])
        p = p_join + np.float32(now) * (p_leave - p_join)
        flips = np.int32(uniform(key[i], luck[0], luck[1]) < p)
        now = now ^ flips
        takes_part[i] = now
        total += now
    return total


@kernel
def _open(x, w):  # type: ignore[no-untyped-def]
    return w[0] + x * (w[1] + x * (w[2] + x * (w[3] + x * (w[4] + x * (w[5] + x * w[6])))))


@kernel
def draw_leaders(rows, search, rates, people, key, luck, is_found):  # type: ignore[no-untyped-def]
    emerge, lose = rates
    efficacy, fear = people
    for j in range(rows.size):
        i = rows[j]
        rate = emerge * efficacy[i] * (np.float32(1) - fear[i]) + search[j]
        p = probability(lose) if is_found[i] == 1 else probability(rate)
        if uniform(key[i], luck[0], luck[1]) < p:
            is_found[i] = 1 - is_found[i]


@kernel
def steer(  # type: ignore[no-untyped-def]
    slots,
    carried,
    starting,
    room,
    leaders,
    part,
    gain,
    loss,
    ready,
    rates,
    key,
    pass_luck,
    open_luck,
    end_luck,
    attrition,
    rows,
):
    open_police, open_community, hand_over = rates
    is_active, lead, momentum, age = rows
    for n in range(carried.size):
        first = n * slots
        by_lead = np.zeros(3)
        for i in range(first, first + slots):
            if is_active[i] == 1:
                by_lead[lead[i]] += 1
        police = min(1.0, carried[n] / max(by_lead[0], 1.0))
        community = min(1.0, leaders[n] / max(by_lead[2], 1.0)) * part[n]
        spare_hours = max(0.0, carried[n] - by_lead[0]) + starting[n]
        free_leaders = leaders[n] - by_lead[2]
        for i in range(first, first + slots):
            u = uniform(key[i], open_luck[0], open_luck[1])
            if is_active[i] == 1:
                support = police if lead[i] == 0 else room[n] if lead[i] == 1 else community
                m = np.float64(momentum[i])
                momentum[i] = min(max(m + gain[n] * support * (1.0 - m) - loss[n] * m, 0.0), 1.0)
                age[i] += 1
                passes = uniform(key[i], pass_luck[0], pass_luck[1])
                if m >= ready and lead[i] < 2 and passes < hand_over:
                    if free_leaders >= 1.0:
                        lead[i] = 2
                        free_leaders -= 1.0
                    elif lead[i] == 0 and room[n] > 0.1:
                        lead[i] = 1
                ends = uniform(key[i], end_luck[0], end_luck[1])
                given_up = ends < attrition[n] * (1.0 - np.float64(momentum[i]))
                if age[i] > CLOSING_AGE and (given_up or momentum[i] < CLOSING_MOMENTUM):
                    is_active[i] = 0
            elif spare_hours > 0.0 and u < open_police * min(1.0, spare_hours):
                is_active[i], lead[i], momentum[i], age[i] = 1, 0, 0.0, 0
                spare_hours -= 1.0
            elif free_leaders >= 1.0 and u > 1.0 - open_community * part[n]:
                is_active[i], lead[i], momentum[i], age[i] = 1, 2, 0.0, 0
                free_leaders -= 1.0


@kernel
def sum_up(slots, ready, rows, sums, by_kind):  # type: ignore[no-untyped-def]
    is_active, lead, kind, momentum = rows
    all_momentum, community_momentum, community_led, police_led = sums
    total, running = np.zeros(3), np.zeros(3)  # by lead
    of_kind = np.zeros(4)
    for n in range(all_momentum.size):
        total[:], running[:], of_kind[:] = 0.0, 0.0, 0.0
        for i in range(n * slots, n * slots + slots):
            if is_active[i] == 1:
                m = np.float64(momentum[i])
                total[lead[i]] += m
                running[lead[i]] += momentum[i] >= ready
                of_kind[kind[i]] += m
        all_momentum[n] = total.sum() / slots
        community_momentum[n] = total[2] / slots
        all_running = max(running.sum(), 1.0)
        police_led[n] = running[0] / all_running
        community_led[n] = running[2] / all_running
        for k in range(3):
            by_kind[k][n] = min(of_kind[k + 1], 1.0)


@kernel
def wear(first, count, rate, keep, key, luck, protection, may_take):  # type: ignore[no-untyped-def]
    for n in range(first.size):
        rows = slice(first[n], first[n] + count[n])
        _wear(rate[n], keep, key[rows], luck, protection[rows], may_take[rows])


@kernel
def _wear(rate, keep, key, luck, protection, may_take):  # type: ignore[no-untyped-def]
    for h in range(key.size):
        protection[h] = protection[h] * keep
        may_take[h] = np.int32(uniform(key[h], luck[0], luck[1]) < rate)


@kernel
def end_watches(first, count, running, in_watch):  # type: ignore[no-untyped-def]
    for n in range(first.size):
        if not running[n]:
            in_watch[first[n] : first[n] + count[n]] = 0


@kernel
def take_up(rows, rates, running, able, vigilance, key, luck, taken):  # type: ignore[no-untyped-def]
    rate, given = rates
    protection, in_watch = taken
    by_project = 0
    for j in range(rows.size):
        own = rate[j] * able[j] * able[j] * vigilance[j]
        u = uniform(key[j], luck[0], luck[1])
        if u < probability(own + given[j]):
            protection[rows[j]] = np.float32(1)
            if u >= probability(own):
                by_project += 1
            elif running[j]:
                in_watch[rows[j]] = 1
    return by_project
