"""Who becomes a case, in stage 6: crises, need and schools bring people to agencies.

Four ways, in this order. People with an unresolved crisis ask for help with probability

    refer_self (1 + outreach mobilization + organized social_momentum)

Officers refer people (left by `respond`). Outreach by social development finds people by need, at
rate

    need_found (places / service_weeks) (need^2 / sum of need^2) free

with the places that its money pays for in the catchment, the sum over all who live there, and free
the share of those places that the person's agency still has (at most 1), once it has counted
whom it serves and who waits. So outreach brings as many a week as end in places of its own, and
none to an agency that is full or has a line. Schools look at ``schools`` residents per 1,000, and
refer youths and parents with a probability equal to their family precursor.

A case goes to the sector that the latest crisis is about, else, or if need or a school brought
it, that of the precursor (youth services for the youngest with family trouble), in the catchment
they live in, if that agency is open. Who is found in several ways comes by the first.

The line of an agency is in order of urgency: weeks of waiting, and ``triage`` weeks more for who is
in an unresolved crisis of their own at the time.

`partner` calls it, and says what is read and written. Assumption: workers of all sectors of a
catchment look for people together, and find them in proportion to need squared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from omemsim.kernels import (
    FIXED,
    Column,
    Double,
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
    SECTORS,
    YOUNGEST,
    agency_of,
    sector_of_need,
    sector_of_precursor,
    sector_of_risk,
)
from omemsim.town import Table, Town
from omemsim.vocabulary.random_numbers import Decision, Stream

if TYPE_CHECKING:
    from omemsim.processes.partner import PartnerParameters

__all__ = ["NO_CASE", "SERVED", "WAITING", "Cases", "refer", "urgency"]

NO_CASE, WAITING, SERVED = 0, 1, 2  # what `residents.case` says


class Cases(NamedTuple):
    """Who waits for an agency."""

    waiting: Column  # their rows, int64, with room for everybody, in any order
    number: Column  # how many there are, int64 (1,)
    line: Column  # how many, by agency and urgency in weeks, int64 (A, give_up + triage + 1)


@kernel
def refer(town: Town, unsettled: Column, cases: Cases, p: PartnerParameters, week: int) -> None:
    """Put on lists those who ask, those whom officers or schools refer, and those who are found."""
    stream = stream_of(town.seed, Decision.OUTREACH, week)
    rates = outreach_rates(town, p)
    maybe = could_be_found(town.residents.key, stream, rates.max())  # first: it caches all keys
    ask(town, unsettled, cases, p, week)
    take_referred(town, cases, p, week)
    by = Outreach(stream, rates, free_places(town.agencies, cases))
    reach_out(town, maybe, by, cases, p, week)
    look(town, cases, p, week)


class Outreach(NamedTuple):
    """How social development looks for people this week."""

    stream: Stream
    rates: Column  # at which it finds who has a need of 1, a week, by catchment, float32
    free: Column  # share of the places that it pays for which are free, by agency, float32


@kernel
def outreach_rates(town: Town, p: PartnerParameters) -> Column:
    """Return the weekly rate of finding a resident of need 1 in each catchment, float32, 0 to 1.

    Cases last service_weeks, so this is how many a week the places that money pays for can take.
    """
    hoods, need = town.neighbourhoods, town.residents.need
    places = town.agencies.outreach
    rates = np.zeros(places.size // SECTORS, np.float32)
    if places.sum() <= 0 or p.need_found <= 0:
        return rates
    needs = np.zeros(rates.size)
    for n in range(hoods.catchment.size):
        first = hoods.first_resident[n]
        needs[hoods.catchment[n]] += sum_of_squares(need[first : first + hoods.residents[n]])
    for c in range(rates.size):
        looked_for = p.need_found * places[c * SECTORS : (c + 1) * SECTORS].sum() / p.service_weeks
        rates[c] = min(looked_for / max(needs[c], 1.0), 1.0)
    return rates


@kernel
def sum_of_squares(column: Column) -> Double:
    """Return the sum of the squares of numbers in [0, 1], each to a part in FIXED."""
    total = np.int64(0)
    for i in range(column.size):
        total += np.int32(column[i] * column[i] * FIXED)
    return total / FIXED


@kernel
def free_places(agencies: Table, cases: Cases) -> Column:
    """Return the share of the places bought for outreach that are free, of each agency, float32."""
    free = np.zeros(agencies.capacity.size, np.float32)
    for a in range(free.size):
        if agencies.outreach[a] > 0:
            taken = agencies.caseload[a] + cases.line[a].sum()
            left = agencies.capacity[a] + agencies.funded[a] - taken
            free[a] = min(max(left / agencies.outreach[a], 0.0), 1.0)
    return free


@kernel
def urgency(residents: Table, i: Whole, week: int, p: PartnerParameters) -> Whole:
    """Return how urgent a waiting case is: weeks of waiting, and more if the crisis is unresolved.

    What is unresolved of who moved in this week is their predecessor's.
    """
    is_acute = (residents.unresolved[i] > 0) & (residents.is_moved[i] == 0)
    return week - residents.case_since[i] + p.triage * is_acute


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
            enlist(town, i, sector_of_risk(residents, i), cases, p, week)


@kernel
def take_referred(town: Town, cases: Cases, p: PartnerParameters, week: int) -> None:
    """Enlist those whom officers referred, unless they moved away since."""
    residents = town.residents
    for i in rows_of(residents.is_referred):
        residents.is_referred[i] = 0
        if residents.is_moved[i] == 0:
            enlist(town, i, sector_of_risk(residents, i), cases, p, week)


@kernel
def reach_out(
    town: Town, maybe: Column, by: Outreach, cases: Cases, p: PartnerParameters, week: int
) -> None:
    """Enlist those whom social development finds by their need, without any crisis.

    Parameters
    ----------
    maybe : uint8 (residents,), not 0 for those who would be found at a need of 1 and the
        highest rate.
    by : how it looks for people.
    cases : who waits; it is added to.
    """
    residents = town.residents
    for i in rows_of(maybe):
        sector = sector_of_need(residents, i)
        mine = agency_of(town, i, sector)
        rate = by.rates[mine // SECTORS] * by.free[mine]
        found = probability(rate * residents.need[i] * residents.need[i])
        if uniform(residents.key[i], by.stream.low, by.stream.high) < found:
            enlist(town, i, sector, cases, p, week)


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
                enlist(town, i, sector_of_precursor(FAMILY, age), cases, p, week)


@kernel
def enlist(
    town: Town, i: Whole, sector: Whole, cases: Cases, p: PartnerParameters, week: int
) -> None:
    """Let a resident without a case wait for an agency of a sector, if theirs is open."""
    residents, mine = town.residents, agency_of(town, i, sector)
    if residents.case[i] == NO_CASE and town.agencies.is_open[mine] == 1:
        residents.case[i], residents.agency[i], residents.case_since[i] = WAITING, mine, week
        cases.waiting[cases.number[0]] = i
        cases.number[0] += 1
        cases.line[mine, urgency(residents, i, week, p)] += 1
