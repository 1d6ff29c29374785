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

from omemsim.kernels import draw, rows_of
from omemsim.processes.respond import whole_share
from omemsim.strategies import Strategy, TableLead
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.parameters import Parameters, Partner
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import SECTOR_OF_PRECURSOR, SECTOR_OF_RISK, Precursor, Sector

__all__ = ["YOUNGEST", "agency_of", "meet", "sector_of_need", "sector_of_risk"]

MOST_CASES = 290  # a Table and year: Prince Albert's
YOUNGEST = 0  # age group
BY_RISK = np.array(list(SECTOR_OF_RISK.values()))  # in the order of `Risk`
BY_PRECURSOR = np.array(list(SECTOR_OF_PRECURSOR.values()))  # in the order of `Precursor`


def meet(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Discuss whom money and time allow, and lower risk where the Table can."""
    service, residents, group = town.service, town.residents, parameters.partner
    service.table_taken[0] = service.table_lowered[0] = 0
    tables = len(town.agencies) // len(Sector)
    pace = min(service.table_cases[0], tables * MOST_CASES / WEEKS_PER_YEAR)
    service.table_age[0] = service.table_age[0] + 1 if pace > 0 else 0
    taken = at_risk(town, group)[: whole_share(pace, town.week)]
    draws = np.zeros(taken.size, np.float32)
    draw(residents.key[taken], stream(town.seed, Decision.TABLE, town.week), draws)
    right = agency_of(town, taken, sector_of_risk(town, taken))
    fit = np.where(leads(town, strategy)[right], 1, group.mismatch)
    p = group.table_lowers * skill(town, group) * town.agencies.relation[right] * fit
    lowered = taken[draws < p]
    residents.table_week[taken] = town.week
    residents.is_resolved[lowered] = 1
    residents.support[lowered] = np.maximum(residents.support[lowered], group.table_support)
    service.table_taken[0], service.table_lowered[0] = taken.size, lowered.size


def at_risk(town: Town, group: Partner) -> Any:
    """Return rows of residents at acutely elevated risk, most recent episodes first."""
    residents = town.residents
    rows = rows_of(residents.unresolved)
    stays = residents.is_moved[rows] == 0  # else the trouble was their predecessor's
    rows = rows[(residents.recent[rows] >= group.acute) & stays]
    town.service.acute[0] = rows.size
    rows = rows[town.week - residents.table_week[rows] >= group.table_rest]
    return rows[np.lexsort((rows, -residents.recent[rows]))]


def skill(town: Town, group: Partner) -> float:
    """Return how well Tables of this age do, as a share of experienced ones."""
    learnt: float = 1 - 0.5 ** (float(town.service.table_age[0]) / group.table_learns)
    return float(group.table_young + (1 - group.table_young) * learnt)


def leads(town: Town, strategy: Strategy) -> Any:
    """Return a mask of agencies that lead the cases which are theirs."""
    leads = (town.agencies.is_open == 1) & (strategy.table_lead is TableLead.MATCHED)
    for name in strategy.table_absent:
        leads &= town.agencies.sector != Sector[name.upper()]
    return leads


def sector_of_risk(town: Town, rows: Any) -> Any:
    """Return the sector that each resident's latest crisis asks for, else that of their need."""
    risk = town.residents.risk[rows]
    sector, unknown = BY_RISK[risk], risk < 0
    sector[unknown] = sector_of_need(town, rows[unknown])
    return sector


def sector_of_need(town: Town, rows: Any) -> Any:
    """Return the sector of each resident's largest precursor."""
    residents = town.residents
    needs = np.stack([getattr(residents, item.name.lower())[rows] for item in Precursor])
    sector = BY_PRECURSOR[needs.argmax(axis=0)]
    young = (residents.age[rows] == YOUNGEST) & (sector == Sector.FAMILY)
    return np.where(young, Sector.YOUTH, sector)


def agency_of(town: Town, rows: Any, sector: Any) -> Any:
    """Return the agency of a sector in each resident's catchment."""
    hood = town.places.neighbourhood[town.residents.place[rows]]
    return town.neighbourhoods.catchment[hood] * len(Sector) + sector
