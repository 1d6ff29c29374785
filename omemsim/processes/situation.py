"""The Situation Table, in stage 6: agencies meet over people at acutely elevated risk.

At risk: at least ``acute`` recent episodes, one of them unresolved, not discussed in the last
table_rest weeks. The Tables take them in order of recent episodes, as many a week as money
pays for, at most MOST_CASES a Table and year. The right lead is the sector that the latest
episode is about; risk is lowered with probability

    table_lowers [young + (1 - young)(1 - 2^(-age/table_learns))] relation fit

with the relation of the right agency to the police; fit is 1 if that agency leads, ``mismatch``
if it is not at the Table (closed, or left out) or the police always lead.

Then support rises to table_support at least, and the episode is resolved. A case costs police
hours the week after. Source: Ontario risk-tracking data 2022 (practice.md); seed 003.
Assumption: one Table a catchment; all learn alike, by the time since the first meeting.

Reads: recent, unresolved, risk, relation, is_open. Writes: table_week, support, service.table_*;
leaves is_resolved.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import kernel, list_set, stream_of, uniform
from omemsim.processes.respond import whole_share
from omemsim.strategies import Strategy, TableLead
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Parameters, Partner
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import SECTOR_OF_PRECURSOR, SECTOR_OF_RISK, Sector

__all__ = [
    "SECTORS",
    "YOUNGEST",
    "agency_of",
    "meet",
    "needs",
    "sector_of_need",
    "sector_of_precursor",
    "sector_of_risk",
]

MOST_CASES = 290  # a Table and year: Prince Albert's
YOUNGEST = 0  # age group
SECTORS = len(Sector)  # agencies of a catchment, one a sector
BY_RISK = np.array(list(SECTOR_OF_RISK.values()))  # in the order of `Risk`
BY_PRECURSOR = np.array(list(SECTOR_OF_PRECURSOR.values()))  # in the order of `Precursor`
OF_YOUNGEST = np.where(BY_PRECURSOR == Sector.FAMILY, Sector.YOUTH, BY_PRECURSOR)  # of 15-24


def meet(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Discuss whom money and time allow, and lower risk where the Table can."""
    service, group = town.service, parameters.partner
    tables = len(town.agencies) // SECTORS
    pace = min(float(service.table_cases[0]), tables * MOST_CASES / WEEKS_PER_YEAR)
    age = service.table_age[0] + 1 if pace > 0 else 0
    lowers = group.table_lowers * skill(float(age), group)
    residents, agencies, hoods = town.residents, town.agencies, town.neighbourhoods
    service.table_age[0] = age
    service.acute[0], service.table_taken[0], service.table_lowered[0] = take_cases(
        (np.uint64(town.seed), np.int64(town.week)),
        (float(group.acute), town.week - group.table_rest, whole_share(pace, town.week)),
        (lowers, float(group.mismatch), float(group.table_support)),
        (residents.unresolved, residents.recent, residents.is_moved),
        (residents.key, residents.risk),
        needs(town),
        (residents.place, town.places.neighbourhood, hoods.catchment),
        (may_lead(strategy), agencies.is_open, agencies.relation),
        (residents.table_week, residents.is_resolved, residents.support),
    )


def skill(age: float, group: Partner) -> float:
    """Return how well Tables of an age in weeks do, as a share of experienced ones."""
    learnt: float = 1 - 0.5 ** (age / group.table_learns)
    return group.table_young + (1 - group.table_young) * learnt


@once
def may_lead(strategy: Strategy) -> Any:
    """Return a mask of the sectors that lead the cases which are theirs."""
    absent = [name.upper() for name in strategy.table_absent]
    is_matched = strategy.table_lead is TableLead.MATCHED
    return np.array([is_matched and sector.name not in absent for sector in Sector])


def needs(town: Town) -> tuple[Any, tuple[Any, ...]]:
    """Return the columns that tell which sector is right: ages, and the precursors."""
    residents = town.residents
    return residents.age, (
        residents.income,
        residents.housing,
        residents.addictions,
        residents.family,
    )


@kernel
def take_cases(now, limits, chances, trouble, known, needs, near, table, after):  # type: ignore[no-untyped-def]
    """Count residents at acutely elevated risk, take those who come first, and lower their risk."""
    acute, rested, most = limits
    taken = np.empty(most, np.int64)
    everybody, count = list_acute(np.float32(acute), rested, trouble, after[0], taken)
    lowered = lower(now, chances, taken[:count], known, needs, near, table, after)
    return everybody, count, lowered


@kernel
def list_acute(acute, rested, trouble, table_week, taken):  # type: ignore[no-untyped-def]
    """Count residents at acutely elevated risk; list those with most recent episodes first.

    Of as many episodes the lower row comes first. Who came before a Table since the week
    ``rested`` is not taken, nor is anybody counted whose trouble is their predecessor's.
    """
    unresolved, recent, is_moved = trouble
    rows = np.empty(unresolved.size + 1, np.int64)
    words = unresolved[: unresolved.size & ~7].view(np.uint64)
    everybody = count = 0
    for i in rows[: list_set(words, unresolved, rows)]:
        if recent[i] >= acute and is_moved[i] == 0:
            everybody += 1
            if table_week[i] <= rested:
                count = put_in_order(i, recent, taken, count)
    return everybody, count


@kernel
def put_in_order(i, value, rows, count):  # type: ignore[no-untyped-def]
    """Put a row behind those of at least its value, if there is room; return how many there are."""
    at = count
    while at > 0 and value[rows[at - 1]] < value[i]:
        at -= 1
    if at == rows.size:
        return count
    count = min(count + 1, rows.size)
    for k in range(count - 1, at, -1):
        rows[k] = rows[k - 1]
    rows[at] = i
    return count


@kernel
def lower(now, chances, taken, known, needs, near, table, after):  # type: ignore[no-untyped-def]
    """Lower the risk of each case by chance, under the agency that leads it; count those."""
    seed, week = now
    experienced, mismatch, least = np.float32(chances[0]), chances[1], np.float32(chances[2])
    key, risk = known
    place, neighbourhood, catchment = near
    may_lead, is_open, relation = table
    table_week, is_resolved, support = after
    low, high = stream_of(seed, Decision.TABLE, week)
    lowered = 0
    for i in taken:
        sector = sector_of_risk(i, risk, needs)
        right = agency_of(i, sector, place, neighbourhood, catchment)
        fit = 1.0 if may_lead[sector] and is_open[right] == 1 else mismatch
        table_week[i] = week
        if uniform(key[i], low, high) < np.float64(experienced * relation[right]) * fit:
            is_resolved[i] = 1
            support[i] = max(support[i], least)
            lowered += 1
    return lowered


@kernel
def sector_of_risk(i, risk, needs):  # type: ignore[no-untyped-def]
    """Return the sector that a resident's latest crisis asks for, else that of their need."""
    return BY_RISK[risk[i]] if risk[i] >= 0 else sector_of_need(i, needs)


@kernel
def sector_of_need(i, needs):  # type: ignore[no-untyped-def]
    """Return the sector of a resident's largest precursor."""
    age, precursors = needs
    greatest = 0
    for k in range(1, len(precursors)):
        if precursors[k][i] > precursors[greatest][i]:
            greatest = k
    return sector_of_precursor(greatest, age[i])


@kernel
def sector_of_precursor(precursor, age):  # type: ignore[no-untyped-def]
    """Return the sector a precursor asks for: youth services for the youngest's family trouble."""
    return OF_YOUNGEST[precursor] if age == YOUNGEST else BY_PRECURSOR[precursor]


@kernel
def agency_of(i, sector, place, neighbourhood, catchment):  # type: ignore[no-untyped-def]
    """Return the agency of a sector in a resident's catchment."""
    return catchment[neighbourhood[place[i]]] * SECTORS + sector
