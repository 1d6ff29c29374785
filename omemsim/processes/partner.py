"""Stage 6, partner: agencies take cases within capacity; the rest waits.

Referrals come from officers (left by `respond`) and from people with an unresolved crisis
who ask for help with probability refer_self (1 + outreach mobilization). A case goes to
the sector of the person's largest precursor, in the catchment they live in. An agency
takes waiting cases by (week they began to wait, hash of the seat). While served, support
grows, and it fades slowly ever after:

    faded = 2^(-1/support_decay) support;  support' = faded + [served] treatment skill (1 - faded)

A case closes after service_weeks, waiting ends after give_up weeks, both when the person
moves away. Money for casework and social development adds capacity; social development also
finds people by need, at rate need_found x its share of money x need^2. Relations with police
drift to 1 where partners are mobilized or a Table meets, else to where they started.
The Situation Table (`situation`) meets last. Source: Heller 2014; practice.md.

Reads: need, unresolved, is_referred, mobilization, funded. Writes: case, agency, case_since,
support, agencies.caseload/waiting/relation, service.table_*.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import draw, kernel, probability, rows_of, uniform
from omemsim.processes import situation
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.parameters import Parameters, Partner
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.wheel import Sector

__all__ = ["NO_CASE", "SERVED", "WAITING", "step"]

NO_CASE, WAITING, SERVED = 0, 1, 2


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Close, refer, admit, serve."""
    group = parameters.partner
    close_cases(town, group)
    refer(town, group)
    admit(town, group)
    serve(town, group)
    build_relations(town, group)
    situation.meet(town, parameters, strategy)


def close_cases(town: Town, group: Partner) -> None:
    """Close cases that are done, given up, or whose person has left."""
    residents = town.residents
    gone = rows_of(residents.is_moved)
    residents.support[gone] = 0
    residents.table_week[gone] = town.week - group.table_rest
    close(
        residents.case,
        residents.agency,
        residents.case_since,
        residents.is_moved,
        (town.week, group.service_weeks, group.give_up),
    )


def refer(town: Town, group: Partner) -> None:
    """Put the referred and those who ask on the list of the agency for their main need."""
    residents = town.residents
    troubled = rows_of(residents.unresolved)
    new = residents.is_moved == 1  # the trouble, and the referral, were their predecessor's
    asks = troubled[(residents.case[troubled] == NO_CASE) & ~new[troubled]]
    draws = np.zeros(asks.size, np.float32)
    draw(residents.key[asks], stream(town.seed, Decision.SELF_REFER, town.week), draws)
    hood = town.places.neighbourhood[residents.place[asks]]
    p = group.refer_self * (1 + group.outreach * town.neighbourhoods.mobilization[hood])
    sent = rows_of(residents.is_referred)
    residents.is_referred[sent] = 0
    sent = sent[(residents.case[sent] == NO_CASE) & ~new[sent]]
    rows = np.union1d(np.union1d(sent, asks[draws < p]), reach_out(town, group))
    residents.agency[rows] = situation.lead_agency(town, rows)
    residents.case[rows] = WAITING
    residents.case_since[rows] = town.week


def reach_out(town: Town, group: Partner) -> Any:
    """Return residents whom social development finds by their need, without any crisis."""
    residents, money = town.residents, town.service.outreach[0]
    if money == 0:
        return np.zeros(0, np.int64)
    found = np.zeros(len(residents), np.uint8)
    find_need(
        np.float32(group.need_found * money),
        residents.need,
        residents.key,
        stream(town.seed, Decision.OUTREACH, town.week),
        found,
    )
    rows = rows_of(found)
    return rows[residents.case[rows] == NO_CASE]


def build_relations(town: Town, group: Partner) -> None:
    """Let agencies and police share more where partners are mobilized or a Table meets."""
    agencies, hoods = town.agencies, town.neighbourhoods
    groups = len(agencies) // len(Sector)
    count = np.maximum(np.bincount(hoods.catchment, minlength=groups), 1)
    mobilized = np.bincount(hoods.catchment, weights=hoods.mobilization, minlength=groups) / count
    push = np.maximum(np.repeat(mobilized, len(Sector)), float(town.service.table_cases[0] > 0))
    target = group.relation_start + (1 - group.relation_start) * push
    agencies.relation += np.float32(decay(group.relation_pace)) * (target - agencies.relation)


def admit(town: Town, group: Partner) -> None:
    """Let each agency take as many waiting cases as it has room for, in order.

    Who has waited long enough to be surely taken is told by counts of waits; only the last
    ones, who waited equally long, are put in order by their hashes. Nobody has waited longer
    than give_up weeks: `close_cases` ran first.
    """
    residents, agencies, n = town.residents, town.agencies, len(town.agencies)
    served, line = np.zeros(n, np.int64), np.zeros((n, group.give_up + 1), np.int64)
    count_waits(residents.case, residents.agency, residents.case_since, town.week, served, line)
    bought = np.floor(np.cumsum(agencies.funded))  # whole cases; fractions add up down the list
    capacity = agencies.capacity + np.diff(bought, prepend=0).astype(np.int64)
    room = np.maximum(capacity - served, 0)
    longer = np.cumsum(line[:, ::-1], axis=1)[:, ::-1] - line
    left = room[:, None] - longer
    last = np.zeros(line[(left > 0) & (left < line)].sum(), np.int64)
    take(residents.case, residents.agency, residents.case_since, town.week, left, line, last)
    hashes = np.zeros(last.size, np.float32)
    draw(residents.key[last], stream(town.seed, Decision.REFER, town.week), hashes)
    last = last[np.lexsort((last, hashes, residents.agency[last]))]
    agency = residents.agency[last]
    place_in_line = np.arange(last.size) - np.searchsorted(agency, agency)
    wait = town.week - residents.case_since[last]
    lucky = last[place_in_line < left[agency, wait]]
    residents.case[lucky] = SERVED
    residents.case_since[lucky] = town.week
    taken = np.minimum(room, line.sum(axis=1))
    agencies.caseload[:] = served + taken
    agencies.waiting[:] = line.sum(axis=1) - taken


def serve(town: Town, group: Partner) -> None:
    """Let support fade for all and grow for those served."""
    residents = town.residents
    support_cases(
        np.float32(1 - decay(group.support_decay)),
        np.float32(group.treatment) * town.agencies.skill,
        residents.case,
        residents.agency,
        residents.support,
    )


@kernel
def close(case, agency, since, is_moved, weeks):  # type: ignore[no-untyped-def]
    week, service_weeks, give_up = weeks
    for i in range(case.size):
        if case[i] != NO_CASE:
            limit = service_weeks if case[i] == SERVED else give_up
            if is_moved[i] == 1 or week - since[i] >= limit:
                case[i] = NO_CASE
                agency[i] = -1


@kernel
def count_waits(case, agency, since, week, served, line):  # type: ignore[no-untyped-def]
    for i in range(case.size):
        if case[i] == SERVED:
            served[agency[i]] += 1
        elif case[i] == WAITING:
            line[agency[i], week - since[i]] += 1


@kernel
def take(case, agency, since, week, left, line, last):  # type: ignore[no-untyped-def]
    found = 0
    for i in range(case.size):
        if case[i] == WAITING:
            a, wait = agency[i], week - since[i]
            if left[a, wait] >= line[a, wait]:
                case[i] = SERVED
                since[i] = week
            elif left[a, wait] > 0:
                last[found] = i
                found += 1


@kernel
def support_cases(keep, gain, case, agency, support):  # type: ignore[no-untyped-def]
    for i in range(case.size):
        support[i] = support[i] * keep
        if case[i] == SERVED:
            support[i] += gain[agency[i]] * (np.float32(1) - support[i])


@kernel
def find_need(rate, need, key, luck, found):  # type: ignore[no-untyped-def]
    for i in range(need.size):
        p = probability(rate * need[i] * need[i])
        found[i] = np.int32(uniform(key[i], luck[0], luck[1]) < p)
