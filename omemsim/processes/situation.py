"""The Situation Table, in stage 6: agencies meet over people at acutely elevated risk.

At risk: at least ``acute`` recent episodes, one of them unresolved, not discussed in the last
table_rest weeks; fewer, by table_early, of a vulnerable person whom officers noticed within
table_noticed weeks (`vulnerable`). The Tables take them in order of how urgent they seem,

    recent episodes x (1 - table_misjudged (1 - analysis_gain analysis_n) u)

with u uniform, as many a week as money pays for, at most MOST_CASES a Table and year. A share
table_places of the cases are places instead of people: the worst known ones of neighbourhoods with
a free slot for initiatives, where none works. The right lead is the sector that the latest episode
is about; risk is lowered with probability

    table_lowers [young + (1 - young)(1 - 2^(-age/table_learns))] relation fit

with the relation of the right agency to the police; fit is 1 if that agency leads, ``mismatch``
if it is not at the Table (closed, or left out) or the police always lead.

Then support rises to table_support at least, and the episode is resolved; if it was domestic, the
rest of the household has table_family of that support, and their episodes are resolved, too. At
a place an agency opens problem-solving (`initiatives`), with the same probability under the
community's agency. A case costs police hours the week after.

Source: Ontario risk-tracking data 2022 (practice.md); seed 003.
Assumption: one Table a catchment; all learn alike, by the time since the first meeting.

`partner` calls it, and says what is read and written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from omemsim.kernels import (
    Column,
    Double,
    Whole,
    exponential,
    kernel,
    stream_of,
    uniform,
)
from omemsim.processes.respond import whole_share
from omemsim.town import Table, Town
from omemsim.vocabulary.random_numbers import Decision, Stream
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import (
    SECTOR_OF_PRECURSOR,
    SECTOR_OF_RISK,
    SECTOR_OF_YOUNGEST,
    Precursor,
    Risk,
    Sector,
)

if TYPE_CHECKING:
    from omemsim.processes.partner import PartnerParameters

__all__ = [
    "FAMILY",
    "SECTORS",
    "YOUNGEST",
    "agency_of",
    "meet",
    "sector_of_need",
    "sector_of_precursor",
    "sector_of_risk",
]

MOST_CASES = 290  # a Table and year: Prince Albert's
YOUNGEST = 0  # age group
SECTORS = len(Sector)  # agencies of a catchment, one a sector
INCOME, HOUSING = int(Precursor.INCOME), int(Precursor.HOUSING)
ADDICTIONS, FAMILY = int(Precursor.ADDICTIONS), int(Precursor.FAMILY)
BY_RISK = np.array(list(SECTOR_OF_RISK.values()))  # in the order of `Risk`
BY_PRECURSOR = np.array(list(SECTOR_OF_PRECURSOR.values()))  # in the order of `Precursor`
OF_YOUNGEST = np.array(list(SECTOR_OF_YOUNGEST.values()))  # the same, of 15-24


@kernel
def meet(town: Town, unsettled: Column, p: PartnerParameters, week: int) -> None:
    """Discuss whom money and time allow, and lower risk where the Tables can."""
    service = town.service
    tables = town.agencies.relation.size // SECTORS
    pace = min(service.table_cases[0], tables * MOST_CASES / WEEKS_PER_YEAR)
    service.table_age[0] = service.table_age[0] + 1 if pace > 0 else 0
    taken = list_acute(town, unsettled, p, week, whole_share(pace * (1 - p.table_places), week))
    places = take_places(town, p, week, whole_share(pace * p.table_places, week))
    service.table_taken[0] = taken.size + places
    at_places = np.int64(0)
    for place in town.neighbourhoods.table_place:
        at_places += place >= 0
    service.table_lowered[0] = lower(town, taken, p, week) + at_places


@kernel
def list_acute(
    town: Town, unsettled: Column, p: PartnerParameters, week: int, most: Whole
) -> Column:
    """Count residents at acutely elevated risk; list those who seem most urgent first.

    Of equals the lower row comes first. Who came before a Table in the last table_rest weeks is
    not taken. Who moved in this week is not counted: their row still holds their predecessor's
    crisis.
    """
    residents, stream = town.residents, stream_of(town.seed, Decision.TRIAGE, week)
    taken, urgency = np.empty(most, np.int64), np.empty(most)
    everybody = count = 0
    for i in unsettled:
        if residents.recent[i] < p.noticed_acute or residents.is_moved[i] == 1:
            continue
        is_acute = residents.recent[i] >= p.acute
        everybody += is_acute
        is_noticed = week - residents.noticed[i] <= p.table_noticed
        if (is_acute or is_noticed) and residents.table_week[i] <= week - p.table_rest:
            count = put_in_order(i, seems(town, i, stream, p), taken, urgency, count)
    town.service.acute[0] = everybody
    return taken[:count]


@kernel
def seems(town: Town, i: Whole, stream: Stream, p: PartnerParameters) -> Double:
    """Return how urgent the case of a resident seems: at most as it is."""
    n = town.places.neighbourhood[town.residents.place[i]]
    blind = p.table_misjudged * (
        1.0 - p.analysis_gain * np.float64(town.neighbourhoods.analysis[n])
    )
    u = np.float64(uniform(town.residents.key[i], stream.low, stream.high))
    return np.float64(town.residents.recent[i]) * (1.0 - blind * u)


@kernel
def put_in_order(i: Whole, value: Double, rows: Column, values: Column, count: Whole) -> Whole:
    """Put a row behind those of at least its value, if there is room; return how many there are.

    Parameters
    ----------
    i : the row.
    value : what the order is by, the highest first.
    rows, values : int64 and float64, the rows in order and their values, with room for as many as
        they are long; changed in place.
    count : how many there are.
    """
    at = count
    while at > 0 and values[at - 1] < value:
        at -= 1
    if at == rows.size:
        return count
    count = min(count + 1, rows.size)
    for k in range(count - 1, at, -1):
        rows[k], values[k] = rows[k - 1], values[k - 1]
    rows[at], values[at] = i, value
    return count


@kernel
def take_places(town: Town, p: PartnerParameters, week: int, most: Whole) -> Whole:
    """Take up the worst known places where nobody works yet; return how many."""
    hoods, places, agencies = town.neighbourhoods, town.places, town.agencies
    hoods.table_place[:] = -1
    count = 0
    if most <= 0:
        return count
    is_worked_at, has_room = find_work(town)
    stream = stream_of(town.seed, Decision.TABLE_PLACE, week)
    chance = p.table_lowers * skill(town.service.table_age[0], p)
    for _ in range(most):
        worst, known = -1, np.float32(0)
        for place in range(places.key.size):
            is_free = is_worked_at[place] == 0 and has_room[places.neighbourhood[place]] == 1
            if is_free and places.knowledge[place] > known:
                worst, known = place, places.knowledge[place]
        if worst < 0:
            break
        count += 1
        n = places.neighbourhood[worst]
        is_worked_at[worst], has_room[n] = 1, 0
        right = hoods.catchment[n] * SECTORS + Sector.COMMUNITY
        fit = 1.0 if p.may_lead[Sector.COMMUNITY] and agencies.is_open[right] == 1 else p.mismatch
        works = chance * np.float64(agencies.relation[right]) * fit
        if uniform(places.key[worst], stream.low, stream.high) < works:
            hoods.table_place[n] = worst
    return count


class Work(NamedTuple):
    """Where initiatives work, uint8."""

    at: Column  # (places,), 1 for those at which one does
    room: Column  # (N,), 1 for neighbourhoods with a free slot


@kernel
def find_work(town: Town) -> Work:
    """Return at which places initiatives work, and which neighbourhoods have a free slot."""
    initiatives = town.initiatives
    work = Work(
        np.zeros(town.places.key.size, np.uint8),
        np.zeros(town.neighbourhoods.key.size, np.uint8),
    )
    for i in range(initiatives.is_active.size):
        if initiatives.is_active[i] == 0:
            work.room[initiatives.neighbourhood[i]] = 1
        elif initiatives.place[i] >= 0:
            work.at[initiatives.place[i]] = 1
    return work


@kernel
def lower(town: Town, taken: Column, p: PartnerParameters, week: int) -> Whole:
    """Lower the risk of each case by chance, under the agency that leads it; count those."""
    residents, agencies = town.residents, town.agencies
    chance = np.float32(p.table_lowers * skill(town.service.table_age[0], p))
    stream = stream_of(town.seed, Decision.TABLE, week)
    lowered = 0
    for i in taken:
        sector = sector_of_risk(residents, i)
        right = agency_of(town, i, sector)
        fit = 1.0 if p.may_lead[sector] and agencies.is_open[right] == 1 else p.mismatch
        residents.table_week[i] = week
        works = np.float64(chance * agencies.relation[right]) * fit
        if uniform(residents.key[i], stream.low, stream.high) < works:
            residents.is_resolved[i] = 1
            residents.support[i] = max(residents.support[i], p.table_support)
            if residents.risk[i] == Risk.DOMESTIC and p.table_family > 0:
                support_family(town, i, p)
            lowered += 1
    return lowered


@kernel
def support_family(town: Town, i: Whole, p: PartnerParameters) -> None:
    """Let the plan for a domestic case cover the household."""
    residents, homes = town.residents, town.households
    home = residents.household[i]
    for k in range(homes.first_resident[home], homes.first_resident[home] + homes.residents[home]):
        if k != i:
            residents.support[k] = max(residents.support[k], p.family_support)
            if residents.unresolved[k] > 0:
                residents.is_resolved[k] = 1


@kernel
def skill(age: Whole, p: PartnerParameters) -> Double:
    """Return how well Tables of an age in weeks do, as a share of experienced ones."""
    learnt = 1 - exponential(-p.learning_rate * age)
    return p.table_young + (1 - p.table_young) * learnt


@kernel
def sector_of_risk(residents: Table, i: Whole) -> Whole:
    """Return the sector that a resident's latest crisis asks for, else that of their need."""
    risk = residents.risk[i]
    return BY_RISK[risk] if risk >= 0 else sector_of_need(residents, i)


@kernel
def sector_of_need(residents: Table, i: Whole) -> Whole:
    """Return the sector of a resident's largest precursor; of equal ones, of the first."""
    greatest, most = INCOME, residents.income[i]
    if residents.housing[i] > most:
        greatest, most = HOUSING, residents.housing[i]
    if residents.addictions[i] > most:
        greatest, most = ADDICTIONS, residents.addictions[i]
    if residents.family[i] > most:
        greatest = FAMILY
    return sector_of_precursor(greatest, residents.age[i])


@kernel
def sector_of_precursor(precursor: Whole, age: Whole) -> Whole:
    """Return the sector a precursor asks for: youth services for the youngest's family trouble."""
    return OF_YOUNGEST[precursor] if age == YOUNGEST else BY_PRECURSOR[precursor]


@kernel
def agency_of(town: Town, i: Whole, sector: Whole) -> Whole:
    """Return the agency of a sector in a resident's catchment."""
    n = town.places.neighbourhood[town.residents.place[i]]
    return town.neighbourhoods.catchment[n] * SECTORS + sector
