"""Stage 6, partner: agencies take cases within capacity; the rest waits.

Referrals come from officers (left by `respond`), from people with an unresolved crisis who ask
for help with probability refer_self (1 + outreach mobilization + organized social_momentum),
from need that social development finds, and from schools, which look at ``schools`` residents
per 1,000 and refer youths and parents with probability of their family precursor. A case goes
to the sector that the latest crisis is about, else that of the largest precursor (youth
services for the youngest with family trouble), in the catchment they live in. A closed agency
drops its cases and takes none. An agency takes waiting cases by (week they began to wait, hash of
the seat). While served, support grows, and it fades slowly ever after:

    faded = 2^(-1/support_decay) support;  support' = faded + [served] treatment skill (1 - faded)

A case closes after service_weeks, waiting ends after give_up weeks, both when the person
moves away. Money for casework and social development adds capacity; social development also
finds people by need, at rate need_found x its share of money x need^2. Relations with police
drift to 1 where partners are mobilized or a Table meets, else to where they started. Local
services drift, at half-time services_pace, to

    services_level + services_assets assets_n + services_brought mobilization_n

The Situation Table (`situation`) meets last. Source: Heller 2014; Sharkey et al. 2017;
practice.md.

Reads: need, unresolved, risk, is_referred, mobilization, funded, is_open. Writes: case, agency,
case_since, support, services, agencies.caseload/waiting/relation, service.table_*.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import (
    choice,
    draw,
    event_id,
    event_uniform,
    kernel,
    probability,
    rows_of,
    uniform,
)
from omemsim.processes import situation
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.parameters import Parameters, Partner
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.wheel import Sector

__all__ = ["NO_CASE", "SERVED", "WAITING", "services_without_help", "step"]

NO_CASE, WAITING, SERVED = 0, 1, 2
YOUNGEST = situation.YOUNGEST


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Close, refer, admit, serve."""
    group = parameters.partner
    close_cases(town, group)
    refer(town, group)
    admit(town, group)
    serve(town, group)
    build_relations(town, group)
    build_services(town, group)
    situation.meet(town, parameters, strategy)


def close_cases(town: Town, group: Partner) -> None:
    """Close cases that are done, given up, or whose person has left."""
    residents = town.residents
    gone = town.newcomers
    residents.support[gone] = 0
    residents.table_week[gone] = town.week - group.table_rest
    close(
        rows_of(residents.case),
        residents.case,
        residents.agency,
        residents.case_since,
        residents.is_moved,
        town.agencies.is_open,
        (town.week, group.service_weeks, group.give_up),
    )


def refer(town: Town, group: Partner) -> None:
    """Put the referred, those who ask and those who are found on the list of an agency."""
    residents, hoods = town.residents, town.neighbourhoods
    troubled = rows_of(residents.unresolved)
    asks = troubled[_may_ask(town, troubled)]
    draws = np.zeros(asks.size, np.float32)
    draw(residents.key[asks], stream(town.seed, Decision.SELF_REFER, town.week), draws)
    hood = town.places.neighbourhood[residents.place[asks]]
    help_near = group.outreach * hoods.mobilization + group.organized * hoods.social_momentum
    p = group.refer_self * (1 + help_near[hood])
    sent = rows_of(residents.is_referred)
    residents.is_referred[sent] = 0
    sent = sent[_may_ask(town, sent)]
    in_crisis = np.union1d(sent, asks[draws < p])
    enlist(town, in_crisis, situation.sector_of_risk(town, in_crisis))
    needy = reach_out(town, group)
    enlist(town, needy, situation.sector_of_need(town, needy))
    pupils = look_in_schools(town, group)
    young = residents.age[pupils] == YOUNGEST
    enlist(town, pupils, np.where(young, Sector.YOUTH, Sector.FAMILY))


def _may_ask(town: Town, rows: Any) -> Any:
    """Return a mask of those without a case whose trouble is not their predecessor's."""
    return (town.residents.case[rows] == NO_CASE) & (town.residents.is_moved[rows] == 0)


def enlist(town: Town, rows: Any, sector: Any) -> None:
    """Let residents without a case wait for their catchment's agency of a sector, if it is open."""
    if rows.size == 0:
        return
    residents = town.residents
    agency = situation.agency_of(town, rows, sector)
    taken = (residents.case[rows] == NO_CASE) & (town.agencies.is_open[agency] == 1)
    rows = rows[taken]
    residents.agency[rows] = agency[taken]
    residents.case[rows] = WAITING
    residents.case_since[rows] = town.week


def look_in_schools(town: Town, group: Partner) -> Any:
    """Return residents whom schools refer: youths, and parents, with trouble in the family."""
    residents, hoods = town.residents, town.neighbourhoods
    looks = group.schools * hoods.residents / 1000
    found = np.zeros(int((looks + 1).sum()), np.int64)
    count = look(
        looks,
        hoods.key,
        hoods.first_resident,
        hoods.residents,
        stream(town.seed, Decision.SCHOOL, town.week),
        residents.family,
        residents.age,
        (residents.household, town.households.children),
        found,
    )
    rows = np.unique(found[:count])
    return rows[residents.is_moved[rows] == 0]


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
    built = group.relation_built * push
    target = group.relation_start + (1 - group.relation_start) * built
    agencies.relation += np.float32(decay(group.relation_pace)) * (target - agencies.relation)


def services_without_help(group: Partner, assets: Any) -> Any:
    """Return the local services that residents' mean assets (N,) sustain by themselves."""
    return np.minimum(group.services_level + group.services_assets * assets, 1)


def build_services(town: Town, group: Partner) -> None:
    """Let local services follow residents' assets, and what mobilization brings."""
    hoods = town.neighbourhoods
    target = services_without_help(group, hoods.assets)
    target = np.minimum(target + group.services_brought * hoods.mobilization, 1)
    hoods.services += np.float32(decay(group.services_pace)) * (target - hoods.services)


def admit(town: Town, group: Partner) -> None:
    """Let each agency take as many waiting cases as it has room for, in order.

    Who has waited long enough to be surely taken is told by counts of waits; only the last
    ones, who waited equally long, are put in order by their hashes. Nobody has waited longer
    than give_up weeks: `close_cases` ran first.
    """
    residents, agencies, n = town.residents, town.agencies, len(town.agencies)
    served, line = np.zeros(n, np.int64), np.zeros((n, group.give_up + 1), np.int64)
    rows = rows_of(residents.case)
    count_waits(
        rows, residents.case, residents.agency, residents.case_since, town.week, served, line
    )
    bought = np.floor(np.cumsum(agencies.funded))  # whole cases; fractions add up down the list
    capacity = agencies.capacity + np.diff(bought, prepend=0).astype(np.int64)
    capacity = capacity * agencies.is_open
    room = np.maximum(capacity - served, 0)
    longer = np.cumsum(line[:, ::-1], axis=1)[:, ::-1] - line
    left = room[:, None] - longer
    last = np.zeros(line[(left > 0) & (left < line)].sum(), np.int64)
    take(rows, residents.case, residents.agency, residents.case_since, town.week, left, line, last)
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
def close(rows, case, agency, since, is_moved, is_open, weeks):  # type: ignore[no-untyped-def]
    week, service_weeks, give_up = weeks
    for i in rows:
        limit = service_weeks if case[i] == SERVED else give_up
        if is_moved[i] == 1 or week - since[i] >= limit or is_open[agency[i]] == 0:
            case[i] = NO_CASE
            agency[i] = -1


@kernel
def count_waits(rows, case, agency, since, week, served, line):  # type: ignore[no-untyped-def]
    for i in rows:
        if case[i] == SERVED:
            served[agency[i]] += 1
        elif case[i] == WAITING:
            line[agency[i], week - since[i]] += 1


@kernel
def take(rows, case, agency, since, week, left, line, last):  # type: ignore[no-untyped-def]
    found = 0
    for i in rows:
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
def look(looks, key, first, residents, luck, family, age, homes, found):  # type: ignore[no-untyped-def]
    household, children = homes
    seen = 0
    for n in range(looks.size):
        event = event_id(key[n], 0, luck[0], luck[1])
        whole = np.int64(looks[n])
        last = event_uniform(event, 0) < looks[n] - whole
        for k in range(whole + last):
            who = first[n] + choice(event, 1 + 2 * k, residents[n])
            in_reach = age[who] == YOUNGEST or children[household[who]] == 1
            if in_reach and event_uniform(event, 2 + 2 * k) < np.float64(family[who]):
                found[seen] = who
                seen += 1
    return seen


@kernel
def find_need(rate, need, key, luck, found):  # type: ignore[no-untyped-def]
    for i in range(need.size):
        p = probability(rate * need[i] * need[i])
        found[i] = np.int32(uniform(key[i], luck[0], luck[1]) < p)
