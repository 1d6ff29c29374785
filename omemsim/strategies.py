"""A strategy: how the police spend the hours that calls leave them. Pure data.

The library is `configs/strategy/*.yaml`, each a file of differences from this base.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from omemsim.schedule import Intervention
from omemsim.vocabulary.parameters import parameter
from omemsim.vocabulary.wheel import Tactic, Zone

__all__ = ["Allocation", "Fund", "Strategy", "TableLead", "money_by_fund", "shares_by_zone"]


class Allocation(Enum):
    """How proactive hours are spread over neighbourhoods."""

    EQUAL = "equal"
    RESIDENTS = "residents"
    CALLS = "calls"
    NEED = "need"


class TableLead(Enum):
    """Who leads a Situation Table's case: the agency its risk asks for, or always the police."""

    MATCHED = "matched"
    POLICE = "police"


class Fund(Enum):
    """What money buys."""

    CASEWORK = "casework"
    SOCIAL_DEVELOPMENT = "social_development"
    SITUATIONAL_PREVENTION = "situational_prevention"
    SITUATION_TABLE = "situation_table"
    CO_RESPONSE = "co_response"


_FUNDS = [fund.value for fund in Fund]


@dataclass(frozen=True)
class Strategy:
    """Levers. ``mix`` gives, per zone, shares of proactive hours by tactic (sum <= 1).

    Hours a mix leaves over are booked as unassigned, with no dose: every strategy is
    offered the same hours. A zone absent from ``mix`` gets no tactic. ``spend`` gives shares
    of ``money`` by `Fund`; what it leaves over goes to the agencies' general casework.
    ``reinvest`` false takes away the hours that falling calls set free. ``table_absent`` names
    sectors that do not sit at the Situation Table.
    """

    name: str = "reactive"
    description: str = "Answer calls; the hours left are not assigned."
    allocation: Allocation = Allocation.RESIDENTS
    mix: dict[str, dict[str, float]] = field(default_factory=dict)
    assess_every: int = parameter(13, "weeks", 1, 520, "assumed", "Time between two assessments of the zones.")
    window: int = parameter(52, "weeks", 13, 52, "evidence: practice.md", "Records an assessment looks back on.")
    survey_size: int = parameter(50, "residents/neighbourhood/year", 0, 1000, "assumed", "Residents asked about capacity and trust; 0 = no survey.")
    precision: float = parameter(0.6, "share", 0, 1, "assumed", "Share of aimed visits that go to the places known as worst.")
    hand_over: bool = True
    reinvest: bool = True
    pilot: float = parameter(1.0, "share", 0, 1, "chosen", "Neighbourhoods the mix applies to before the roll-out; the others get no tactic.")
    rollout: int = parameter(0, "week", 0, 5200, "chosen", "Week from which the mix applies everywhere.")
    money: float = parameter(6.0, "CAD/resident/year", 0, 200, "assumed", "Budget beside the police's, the same under every strategy of the library.")
    spend: dict[str, float] = field(default_factory=dict)
    training: float = parameter(0.0, "share of hours", 0, 0.5, "assumed", "Officer hours spent on learning OMEM skills.")
    communication: float = parameter(0.0, "share", 0, 1, "chosen", "How far the service tells its officers of the model, without training.")
    protected: float = parameter(0.0, "share of hours", 0, 0.9, "chosen", "Hours kept for prevention, whatever the calls.")
    table_lead: TableLead = TableLead.MATCHED
    table_absent: list[str] = field(default_factory=list)
    interventions: list[Intervention] = field(default_factory=list)


def shares_by_zone(mix: dict[str, dict[str, float]]) -> NDArray[np.float64]:
    """Return shares of proactive hours, (zones, tactics), each row summing to at most 1."""
    shares = np.zeros((len(Zone), len(Tactic)))
    for zone, row in mix.items():
        for tactic, share in row.items():
            shares[Zone[zone.upper()], Tactic[tactic.upper()]] = share
    return shares


def money_by_fund(spend: dict[str, float], money: float) -> list[float]:
    """Return money in the order of `Fund`; what the shares leave over is casework, the first."""
    split = [money * spend.get(fund, 0.0) for fund in _FUNDS]
    split[0] += max(money - sum(split), 0.0)
    return split
