"""Who becomes a case, in stage 6: crises, need and schools bring people to agencies.

Four ways, in this order. People with an unresolved crisis ask for help with probability

    refer_self (1 + outreach mobilization + organized social_momentum)

Officers refer people (left by `respond`). Social development finds people by need, at rate
need_found x its share of money x need^2. Schools look at ``schools`` residents per 1,000, and
refer youths and parents with a probability equal to their family precursor.

A case goes to the sector that the latest crisis is about, else, or if need or a school brought
it, that of the precursor (youth services for the youngest with family trouble), in the catchment
they live in, if that agency is open. Who is found in several ways comes by the first.

`partner` calls it, and says what is read and written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from omemsim.kernels import (
    Column,
    Single,
    Whole,
    choice,
    event_id,
    event_uniform,
    kernel,
    probability,
    rows_of,
    stream_of,
    uniform,
)
from omemsim.processes.situation import (
    FAMILY,
    YOUNGEST,
    agency_of,
    sector_of_need,
    sector_of_precursor,
    sector_of_risk,
)
from omemsim.town import Town
from omemsim.vocabulary.random_numbers import Decision, Stream

if TYPE_CHECKING:
    from omemsim.processes.partner import PartnerParameters

__all__ = ["NO_CASE", "SERVED", "WAITING", "Cases", "refer"]

NO_CASE, WAITING, SERVED = 0, 1, 2


class Cases(NamedTuple):
    """Who waits for an agency."""

    waiting: Column  # their rows, int64, with room for everybody, in any order
    number: Column  # how many there are, int64 (1,)
    line: Column  # how many, by agency and weeks of waiting, int64 (A, give_up + 1)


@kernel
def refer(town: Town, unsettled: Column, cases: Cases, p: PartnerParameters, week: int) -> None:
    """Put on lists those who ask, those whom officers or schools refer, and those who are found."""
    stream = stream_of(town.seed, Decision.OUTREACH, week)
    rate = np.float32(p.need_found * town.service.outreach[0])
    maybe = could_be_found(town.residents.key, stream, rate)  # first: it caches all keys
    ask(town, unsettled, cases, p, week)
    take_referred(town, cases, week)
    reach_out(town, maybe, stream, rate, cases, week)
    look(town, cases, p, week)


@kernel
def could_be_found(key: Column, stream: Stream, rate: Single) -> Column:
    """Mark those whom social development would find if their need were 1 (uint8)."""
    maybe = np.empty(key.size, np.uint8)
    for i in range(key.size):
        maybe[i] = np.int32(uniform(key[i], stream.low, stream.high) < rate)
    return maybe


@kernel
def ask(town: Town, unsettled: Column, cases: Cases, p: PartnerParameters, week: int) -> None:
    """Enlist those in an unresolved crisis who ask for help.

    The trouble of those who moved in this week is their predecessor's.
    """
    hoods, residents = town.neighbourhoods, town.residents
    stream = stream_of(town.seed, Decision.SELF_REFER, week)
    n = 0
    for i in unsettled:
        while i >= hoods.first_resident[n] + hoods.residents[n]:
            n += 1
        help_n = p.outreach * hoods.mobilization[n] + p.organized * hoods.social_momentum[n]
        chance = p.refer_self * (np.float32(1) + help_n)
        asks = uniform(residents.key[i], stream.low, stream.high) < chance
        if asks and residents.is_moved[i] == 0:
            enlist(town, i, sector_of_risk(residents, i), cases, week)


@kernel
def take_referred(town: Town, cases: Cases, week: int) -> None:
    """Enlist those whom officers referred, unless they moved away since."""
    residents = town.residents
    for i in rows_of(residents.is_referred):
        residents.is_referred[i] = 0
        if residents.is_moved[i] == 0:
            enlist(town, i, sector_of_risk(residents, i), cases, week)


@kernel
def reach_out(
    town: Town, maybe: Column, stream: Stream, rate: Single, cases: Cases, week: int
) -> None:
    """Enlist those whom social development finds by their need, without any crisis.

    Parameters
    ----------
    maybe : uint8 (residents,), not 0 for those who would be found at a need of 1.
    stream : stream of the decision.
    rate : float32, a week at a need of 1.
    cases : who waits; it is added to.
    """
    residents = town.residents
    for i in rows_of(maybe):
        found = probability(rate * residents.need[i] * residents.need[i])
        if uniform(residents.key[i], stream.low, stream.high) < found:
            enlist(town, i, sector_of_need(residents, i), cases, week)


@kernel
def look(town: Town, cases: Cases, p: PartnerParameters, week: int) -> None:
    """Enlist whom schools refer: youths, and parents, with trouble in the family."""
    hoods, residents, homes = town.neighbourhoods, town.residents, town.households
    stream = stream_of(town.seed, Decision.SCHOOL, week)
    for n in range(hoods.key.size):
        looks = p.schools * hoods.residents[n] / 1000
        whole = np.int64(looks)
        event = event_id(hoods.key[n], 0, stream.low, stream.high)
        last = event_uniform(event, 0) < looks - whole
        for k in range(whole + last):
            i = hoods.first_resident[n] + choice(event, 1 + 2 * k, hoods.residents[n])
            age = residents.age[i]
            in_reach = age == YOUNGEST or homes.children[residents.household[i]] == 1
            is_seen = event_uniform(event, 2 + 2 * k) < np.float64(residents.family[i])
            if in_reach and is_seen and residents.is_moved[i] == 0:
                enlist(town, i, sector_of_precursor(FAMILY, age), cases, week)


@kernel
def enlist(town: Town, i: Whole, sector: Whole, cases: Cases, week: int) -> None:
    """Let a resident without a case wait for an agency of a sector, if theirs is open."""
    residents, mine = town.residents, agency_of(town, i, sector)
    if residents.case[i] == NO_CASE and town.agencies.is_open[mine] == 1:
        residents.case[i], residents.agency[i], residents.case_since[i] = WAITING, mine, week
        cases.waiting[cases.number[0]] = i
        cases.number[0] += 1
        cases.line[mine, 0] += 1
