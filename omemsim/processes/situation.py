"""The Situation Table, in stage 6: agencies meet over people at acutely elevated risk.

At risk: at least ``acute`` recent episodes, one of them unresolved, not discussed in the last
table_rest weeks. The Tables take them in order of recent episodes, as many a week as money
pays for, at most MOST_CASES a Table and year. The lead is the agency of the largest
precursor; risk is lowered with probability

    table_lowers [young + (1 - young)(1 - 2^(-age/table_learns))] relation of the lead

Then support rises to table_support at least, and the episode is resolved. A case costs police
hours the week after. Source: Ontario risk-tracking data 2022 (practice.md); seed 003.
Assumption: one Table a catchment; all learn alike, by the time since the first meeting.

Reads: recent, unresolved, need, relation. Writes: table_week, support, service.table_*;
leaves is_resolved.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import draw, rows_of
from omemsim.processes.respond import whole_share
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.parameters import Parameters, Partner
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Sector

__all__ = ["lead_agency", "meet"]

MOST_CASES = 290  # a Table and year: Prince Albert's


def meet(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Discuss whom money and time allow, and lower risk where the Table can."""
    del strategy
    service, residents, group = town.service, town.residents, parameters.partner
    service.table_taken[0] = service.table_lowered[0] = 0
    tables = len(town.agencies) // len(Sector)
    pace = min(service.table_cases[0], tables * MOST_CASES / WEEKS_PER_YEAR)
    service.table_age[0] = service.table_age[0] + 1 if pace > 0 else 0
    taken = at_risk(town, group)[: whole_share(pace, town.week)]
    draws = np.zeros(taken.size, np.float32)
    draw(residents.key[taken], stream(town.seed, Decision.TABLE, town.week), draws)
    p = group.table_lowers * skill(town, group)
    lowered = taken[draws < p * town.agencies.relation[lead_agency(town, taken)]]
    residents.table_week[taken] = town.week
    residents.is_resolved[lowered] = 1
    residents.support[lowered] = np.maximum(residents.support[lowered], group.table_support)
    service.table_taken[0], service.table_lowered[0] = taken.size, lowered.size


def at_risk(town: Town, group: Partner) -> Any:
    """Return rows of residents at acutely elevated risk, most recent episodes first."""
    residents = town.residents
    rows = rows_of(residents.unresolved)
    rested = town.week - residents.table_week[rows] >= group.table_rest
    rested &= residents.is_moved[rows] == 0  # else the trouble was their predecessor's
    rows = rows[(residents.recent[rows] >= group.acute) & rested]
    return rows[np.lexsort((rows, -residents.recent[rows]))]


def skill(town: Town, group: Partner) -> float:
    """Return how well Tables of this age do, as a share of experienced ones."""
    learnt: float = 1 - 0.5 ** (float(town.service.table_age[0]) / group.table_learns)
    return float(group.table_young + (1 - group.table_young) * learnt)


def lead_agency(town: Town, rows: Any) -> Any:
    """Return the agency of each resident's largest precursor, in their catchment."""
    residents = town.residents
    needs = np.stack([getattr(residents, sector.name.lower())[rows] for sector in Sector])
    hood = town.places.neighbourhood[residents.place[rows]]
    return town.neighbourhoods.catchment[hood] * len(Sector) + needs.argmax(axis=0)
