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

from omemsim.kernels import draw, fade, kernel, probability, rows_of, uniform
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
    admit(town)
    serve(town, group)
    build_relations(town, group)
    situation.meet(town, parameters, strategy)


def close_cases(town: Town, group: Partner) -> None:
    """Close cases that are done, given up, or whose person has left."""
    residents = town.residents
    gone = rows_of(residents.is_moved)
    residents.support[gone] = 0
    residents.table_week[gone] = town.week - group.table_rest
    cases = rows_of(residents.case)
    limit = np.where(residents.case[cases] == SERVED, group.service_weeks, group.give_up)
    over = (town.week - residents.case_since[cases] >= limit) | (residents.is_moved[cases] == 1)
    residents.case[cases[over]] = NO_CASE
    residents.agency[cases[over]] = -1


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


def admit(town: Town) -> None:
    """Let each agency take as many waiting cases as it has room for, in order."""
    residents, agencies = town.residents, town.agencies
    cases = rows_of(residents.case)
    is_served = residents.case[cases] == SERVED
    served = np.bincount(residents.agency[cases[is_served]], minlength=len(agencies))
    rows = cases[~is_served]
    hashes = np.zeros(rows.size, np.float32)
    draw(residents.key[rows], stream(town.seed, Decision.REFER, town.week), hashes)
    agency = residents.agency[rows]
    order = np.lexsort((rows, hashes, residents.case_since[rows], agency))
    bought = np.floor(np.cumsum(agencies.funded))  # whole cases; fractions add up down the list
    capacity = agencies.capacity + np.diff(bought, prepend=0).astype(np.int64)
    rows, agency = rows[order], agency[order]
    place_in_line = np.arange(rows.size) - np.searchsorted(agency, agency)
    taken = rows[place_in_line < (capacity - served)[agency]]
    residents.case[taken] = SERVED
    residents.case_since[taken] = town.week
    agencies.caseload[:] = served + np.bincount(residents.agency[taken], minlength=len(agencies))
    agencies.waiting[:] = np.bincount(agency, minlength=len(agencies)) - np.bincount(
        residents.agency[taken], minlength=len(agencies)
    )


def serve(town: Town, group: Partner) -> None:
    """Let support fade for all and grow for those served."""
    residents = town.residents
    fade(residents.support, np.float32(1 - decay(group.support_decay)))
    cases = rows_of(residents.case)
    rows = cases[residents.case[cases] == SERVED]
    gain: Any = np.float32(group.treatment) * town.agencies.skill[residents.agency[rows]]
    residents.support[rows] += gain * (1 - residents.support[rows])


@kernel
def find_need(rate, need, key, luck, found):  # type: ignore[no-untyped-def]
    for i in range(need.size):
        p = probability(rate * need[i] * need[i])
        found[i] = np.int32(uniform(key[i], luck[0], luck[1]) < p)
