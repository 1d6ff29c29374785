"""Initiatives, a part of stage 7: they gain momentum, change hands, end, and new ones open.

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

`organize` calls it, and says sources, assumptions, and what is read and written.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import kernel, stream_of, uniform
from omemsim.strategies import Strategy
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Kind, Lead, Sector, Tactic

__all__ = ["rates", "run_initiatives"]

CLOSING_MOMENTUM, CLOSING_AGE = 0.02, 13  # an initiative that never got going is given up
LEAST_ROOM = 0.1  # free share of agencies' capacity from which they take an initiative over
_SECTORS = len(Sector)


def rates(parameters: Parameters, strategy: Strategy) -> tuple[Any, ...]:
    """Return slots, what initiatives need and how momentum moves, and chances of hand-over."""
    group = parameters.organize
    needs = parameters.act.problem_hours, parameters.assess.participation_full
    momentum = group.momentum_gain, group.fitted, group.momentum_decay, group.sustained
    hand_over = group.hand_over * strategy.hand_over
    chances = group.ready, hand_over, group.attrition, group.open_police, group.open_community
    return int(group.slots), tuple(map(float, needs + momentum)), tuple(map(float, chances))


@kernel
def run_initiatives(rates, week, rows, means, people, stocks, known, momenta, kinds, counts):  # type: ignore[no-untyped-def]
    """Support, hand over, close and open initiatives; sum them up by neighbourhood."""
    slots, growth, chances = rates
    key, is_active, lead, momentum, age, kind, place = rows
    hours, catchment, agencies = means
    voice, consulting, upkeep, assets = stocks
    handed_over, watches_opened, watches_lasted = counts
    steer(
        slots,
        growth,
        chances,
        week,
        (hours, agency_room(agencies), catchment),
        people,
        (voice, consulting, upkeep),
        key,
        (is_active, lead, momentum, age),
        handed_over,
    )
    settle(
        slots,
        week,
        (hours, voice, assets),
        known,
        (key, is_active, lead, age),
        (kind, place),
        watches_opened,
    )
    going = is_active, lead, kind, momentum, age
    sum_up(slots, chances[0], going, momenta, kinds, watches_lasted)


@kernel
def agency_room(agencies):  # type: ignore[no-untyped-def]
    """Return the free share of the agencies' capacity in each catchment."""
    capacity, funded, is_open, caseload = agencies
    room = np.zeros(capacity.size // _SECTORS)
    for group in range(room.size):
        offered, taken = 0.0, 0
        for a in range(group * _SECTORS, (group + 1) * _SECTORS):
            offered += (capacity[a] + funded[a]) * is_open[a]
            taken += caseload[a]
        if offered > 0:
            room[group] = max(1 - taken / max(offered, 1.0), 0.0)
    return room


@kernel
def steer(  # type: ignore[no-untyped-def]
    slots, growth, chances, week, means, people, stocks, key, rows, handed_over
):
    """Support, hand over, close and open the initiatives of each neighbourhood."""
    needed, full, gain, fitted, losing, sustained = growth
    ready, hand_over, attrition, open_police, open_community = chances
    hours, rooms, catchment = means
    leaders, participants, residents = people
    voice, consulting, upkeep = stocks
    is_active, lead, momentum, age = rows
    pass_luck = stream_of(week[0], Decision.HAND_OVER, week[1])
    open_luck = stream_of(week[0], Decision.OPEN, week[1])
    end_luck = stream_of(week[0], Decision.ATTRITION, week[1])
    for n in range(residents.size):
        here = slice(n * slots, (n + 1) * slots)
        by_police, by_community = _led(is_active[here], lead[here])
        solving = hours[n, Tactic.PROBLEM_ORIENTED_POLICING] + hours[n, Tactic.MOBILIZE_PARTNERS]
        carried, room = solving / needed, rooms[catchment[n]]
        part = min(participants[n] / residents[n] / full, 1.0)
        helped = min(1.0, leaders[n] / max(by_community, 1.0)) * part
        support = (min(1.0, carried / max(by_police, 1.0)), room, helped)  # by lead
        spare_hours = max(0.0, carried - by_police)
        spare_hours += hours[n, Tactic.INITIATE_PROBLEM_SOLVING] / needed
        free_leaders = leaders[n] - by_community
        rise = gain * (1 + fitted * np.float64(max(voice[n], consulting[n])))
        kept_up = 1 - sustained * np.float64(upkeep[n])
        for i in range(n * slots, (n + 1) * slots):
            if is_active[i] == 0:
                u = uniform(key[i], open_luck[0], open_luck[1])
                if u < open_police * min(1.0, spare_hours):
                    is_active[i], lead[i], momentum[i], age[i] = 1, Lead.POLICE, 0.0, 0
                    spare_hours -= 1.0
                elif free_leaders >= 1.0 and u > 1.0 - open_community * part:
                    is_active[i], lead[i], momentum[i], age[i] = 1, Lead.COMMUNITY, 0.0, 0
                    free_leaders -= 1.0
                continue
            m = np.float64(momentum[i])
            grown = m + rise * support[lead[i]] * (1.0 - m) - losing * kept_up * m
            momentum[i] = min(max(grown, 0.0), 1.0)
            age[i] += 1
            passes = uniform(key[i], pass_luck[0], pass_luck[1]) < hand_over
            if m >= ready and lead[i] != Lead.COMMUNITY and passes:
                if free_leaders >= 1.0:
                    lead[i] = Lead.COMMUNITY
                    free_leaders -= 1.0
                    handed_over[n] += 1
                elif lead[i] == Lead.POLICE and room > LEAST_ROOM:
                    lead[i] = Lead.AGENCY
                    handed_over[n] += 1
            gives_up = attrition * kept_up * (1.0 - np.float64(momentum[i]))
            given_up = uniform(key[i], end_luck[0], end_luck[1]) < gives_up
            if age[i] > CLOSING_AGE and (given_up or momentum[i] < CLOSING_MOMENTUM):
                is_active[i] = 0


@kernel
def _led(is_active, lead):  # type: ignore[no-untyped-def]
    """Return how many initiatives police lead, and how many the community."""
    by_police, by_community = 0.0, 0.0
    for i in range(lead.size):
        by_police += is_active[i] == 1 and lead[i] == Lead.POLICE
        by_community += is_active[i] == 1 and lead[i] == Lead.COMMUNITY
    return by_police, by_community


@kernel
def settle(slots, week, means, known, rows, chosen, watches_opened):  # type: ignore[no-untyped-def]
    """Find kinds and places, one initiative after the other: no two get the same place."""
    hours, voice, assets = means
    first_place, places, knowledge = known
    key, is_active, lead, age = rows
    kind, place = chosen
    luck = stream_of(week[0], Decision.KIND, week[1])
    for n in range(voice.size):
        here = slice(n * slots, (n + 1) * slots)
        place[here][is_active[here] == 0] = -1
        for i in range(n * slots, (n + 1) * slots):
            if is_active[i] == 0 or age[i] > 0:
                continue
            u = uniform(key[i], luck[0], luck[1])
            by_police = lead[i] == Lead.POLICE
            if by_police:
                kind[i] = opened_by_police(u, hours[n])
            else:
                kind[i] = opened_by_community(u, voice[n], assets[n])
            watches_opened[n] += kind[i] == Kind.WATCH
            place[i] = -1
            if by_police and kind[i] == Kind.PROBLEM_SOLVING:
                place[i] = worst_free_place(knowledge, first_place[n], places[n], place[here])


@kernel
def opened_by_police(u, hours):  # type: ignore[no-untyped-def]
    """Return the kind of initiative that police open: what their hours go to."""
    mobilizing = hours[Tactic.MOBILIZE_PARTNERS]
    solving = hours[Tactic.PROBLEM_ORIENTED_POLICING] + hours[Tactic.INITIATE_PROBLEM_SOLVING]
    social = mobilizing / max(mobilizing + solving, 1e-12)
    return Kind.SOCIAL_DEVELOPMENT if u < social else Kind.PROBLEM_SOLVING


@kernel
def opened_by_community(u, voice, assets):  # type: ignore[no-untyped-def]
    """Return the kind of initiative that the community opens: what it has voice and means for."""
    consulting = 0.5 * np.float64(voice)
    if u < consulting:
        return Kind.CONSULTATION
    watching = consulting + (1 - consulting) * assets
    return Kind.WATCH if u < watching else Kind.SOCIAL_DEVELOPMENT


@kernel
def worst_free_place(knowledge, first, count, taken):  # type: ignore[no-untyped-def]
    """Return the worst known place that is not taken, ties by row; -1 if all are."""
    worst, most = -1, -1.0
    for p in range(first, first + count):
        if knowledge[p] > most and not (taken == p).any():
            worst, most = p, np.float64(knowledge[p])
    return worst


@kernel
def sum_up(slots, ready, rows, sums, by_kind, watches_lasted):  # type: ignore[no-untyped-def]
    is_active, lead, kind, momentum, age = rows
    all_momentum, community_momentum, community_led, police_led = sums
    total, running = np.zeros(3), np.zeros(3)  # by lead
    of_kind = np.zeros(4)
    for n in range(all_momentum.size):
        total[:], running[:], of_kind[:] = 0.0, 0.0, 0.0
        for i in range(n * slots, (n + 1) * slots):
            if is_active[i] == 1:
                m = np.float64(momentum[i])
                total[lead[i]] += m
                running[lead[i]] += m >= ready
                of_kind[kind[i]] += m
                lasts = m >= ready and age[i] == WEEKS_PER_YEAR
                watches_lasted[n] += lasts and kind[i] == Kind.WATCH
        all_momentum[n] = total.sum() / slots
        community_momentum[n] = total[2] / slots
        all_running = max(running.sum(), 1.0)
        police_led[n] = running[0] / all_running
        community_led[n] = running[2] / all_running
        for k in range(3):
            by_kind[k][n] = min(of_kind[k + 1], 1.0)
