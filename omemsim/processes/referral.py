"""Who becomes a case, in stage 6: crises, need and schools bring people to agencies.

Officers refer people (left by `respond`). People with an unresolved crisis ask for help with
probability

    refer_self (1 + outreach mobilization + organized social_momentum)

Social development finds people by need, at rate need_found x its share of money x need^2.
Schools look at ``schools`` residents per 1,000, and refer youths and parents with probability
of their family precursor.

A case goes to the sector that the latest crisis is about, else, or if need or a school brought
it, that of the precursor (youth services for the youngest with family trouble), in the catchment
they live in, if that agency is open. Who is found in several ways comes by the first.

Reads: need, unresolved, risk, mobilization, social_momentum, service.outreach, is_open.
Writes: case, agency, case_since; empties is_referred.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import (
    choice,
    event_id,
    event_uniform,
    kernel,
    list_set,
    probability,
    single,
    stream_of,
    uniform,
)
from omemsim.processes import situation
from omemsim.processes.situation import (
    YOUNGEST,
    agency_of,
    sector_of_need,
    sector_of_precursor,
    sector_of_risk,
)
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Partner
from omemsim.vocabulary.wheel import Precursor

__all__ = ["NO_CASE", "SERVED", "WAITING", "refer"]

NO_CASE, WAITING, SERVED = 0, 1, 2
FAMILY = int(Precursor.FAMILY)


def refer(town: Town, group: Partner) -> Any:
    """Put the referred, those who ask and those who are found on lists; return their rows."""
    residents, hoods = town.residents, town.neighbourhoods
    return find_cases(
        (np.uint64(town.seed), np.int64(town.week)),
        asking(group),
        np.float32(group.need_found * town.service.outreach[0]),
        group.schools,
        (hoods.key, hoods.first_resident, hoods.residents),
        (hoods.mobilization, hoods.social_momentum),
        (residents.key, residents.is_moved, residents.need),
        (residents.unresolved, residents.is_referred, residents.risk),
        (residents.household, town.households.children),
        situation.needs(town),
        (residents.case, residents.agency, residents.case_since),
        (residents.place, town.places.neighbourhood, hoods.catchment, town.agencies.is_open),
    )


@once
def asking(group: Partner) -> tuple[np.float32, ...]:
    """Return the chance to ask for help, and what raises it."""
    return single(group, "refer_self", "outreach", "organized")


@kernel
def find_cases(  # type: ignore[no-untyped-def]
    now, asking, rate, schools, areas, help_near, people, trouble, homes, needs, cases, near
):
    """Enlist whom a crisis, need or school brings to an agency; return their rows."""
    key = people[0]
    rows = np.empty(key.size + 1, np.int64)  # at hand for all; pages not written cost nothing
    maybe = np.empty(key.size, np.uint8)
    could_be_found(now, rate, key, maybe)  # first: it brings all keys into the cache
    lists = (np.empty(key.size + 1, np.int64), cases, near)
    count = ask(now, asking, areas, help_near, people, trouble, needs, lists, rows)
    count = reach_out(now, rate, maybe, people, needs, lists, rows, count)
    count = look(now, schools, areas, people, homes, needs, lists, count)
    return lists[0][:count].copy()


@kernel
def enlist(i, sector, week, lists, count):  # type: ignore[no-untyped-def]
    """Let a resident without a case wait for their catchment's agency of a sector, if it is open.

    Return how many are on the lists by then.
    """
    rows, (case, agency, since), (place, neighbourhood, catchment, is_open) = lists
    mine = agency_of(i, sector, place, neighbourhood, catchment)
    if case[i] != NO_CASE or is_open[mine] == 0:
        return count
    case[i], agency[i], since[i] = WAITING, mine, week
    rows[count] = i
    return count + 1


@kernel
def ask(now, asking, areas, help_near, people, trouble, needs, lists, rows):  # type: ignore[no-untyped-def]
    """Enlist those in an unresolved crisis who ask for help, and those whom officers referred.

    The trouble of those who moved in this week is their predecessor's.
    """
    seed, week = now
    refer_self, outreach, organized = asking
    _, first, residents = areas
    mobilization, momentum = help_near
    key, is_moved, _ = people
    unresolved, is_referred, risk = trouble
    low, high = stream_of(seed, Decision.SELF_REFER, week)
    words = key.size & ~7
    n = count = 0
    for i in rows[: list_set(unresolved[:words].view(np.uint64), unresolved, rows)]:
        while i >= first[n] + residents[n]:
            n += 1
        help_n = outreach * mobilization[n] + organized * momentum[n]
        p = refer_self * (np.float32(1) + help_n)
        if uniform(key[i], low, high) < p and is_moved[i] == 0:
            count = enlist(i, sector_of_risk(i, risk, needs), week, lists, count)
    for i in rows[: list_set(is_referred[:words].view(np.uint64), is_referred, rows)]:
        is_referred[i] = 0
        if is_moved[i] == 0:
            count = enlist(i, sector_of_risk(i, risk, needs), week, lists, count)
    return count


@kernel
def could_be_found(now, rate, key, maybe):  # type: ignore[no-untyped-def]
    """Mark those whom social development would find if their need were 1."""
    low, high = stream_of(now[0], Decision.OUTREACH, now[1])
    for i in range(key.size):
        maybe[i] = np.int32(uniform(key[i], low, high) < rate)


@kernel
def reach_out(now, rate, maybe, people, needs, lists, rows, count):  # type: ignore[no-untyped-def]
    """Enlist those whom social development finds by their need, without any crisis."""
    seed, week = now
    key, _, need = people
    low, high = stream_of(seed, Decision.OUTREACH, week)
    for i in rows[: list_set(maybe[: key.size & ~7].view(np.uint64), maybe, rows)]:
        if uniform(key[i], low, high) < probability(rate * need[i] * need[i]):
            count = enlist(i, sector_of_need(i, needs), week, lists, count)
    return count


@kernel
def look(now, schools, areas, people, homes, needs, lists, count):  # type: ignore[no-untyped-def]
    """Enlist whom schools refer: youths, and parents, with trouble in the family."""
    seed, week = now
    key, first, residents = areas
    _, is_moved, _ = people
    household, children = homes
    age, precursors = needs
    low, high = stream_of(seed, Decision.SCHOOL, week)
    for n in range(key.size):
        looks = schools * residents[n] / 1000
        whole = np.int64(looks)
        event = event_id(key[n], 0, low, high)
        last = event_uniform(event, 0) < looks - whole
        for k in range(whole + last):
            i = first[n] + choice(event, 1 + 2 * k, residents[n])
            in_reach = age[i] == YOUNGEST or children[household[i]] == 1
            is_seen = event_uniform(event, 2 + 2 * k) < np.float64(precursors[FAMILY][i])
            if in_reach and is_seen and is_moved[i] == 0:
                count = enlist(i, sector_of_precursor(FAMILY, age[i]), week, lists, count)
    return count
