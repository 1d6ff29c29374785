"""A strategy: how the police spend the hours that calls leave them. Pure data.

The library is `configs/strategy/*.yaml`, each a file of differences from this base.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from omemsim.schedule import Intervention, OwnIntervention
from omemsim.vocabulary.own_tactics import ROOM_FOR, OwnTactic
from omemsim.vocabulary.parameters import parameter
from omemsim.vocabulary.wheel import Tactic, Zone

__all__ = [
    "ALL_ZONES",
    "Allocation",
    "Fund",
    "Strategy",
    "TableLead",
    "mix_in",
    "own_shares_by_zone",
    "shares_by_zone",
]

ALL_ZONES = "all"  # the key of a mix that every zone has


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


@dataclass(frozen=True)
class Strategy:
    """Levers. ``mix`` gives, per zone, shares of proactive hours by tactic (sum <= 1).

    The key ``all`` of ``mix`` is for every zone; what a zone has of its own is laid over it,
    tactic by tactic. Hours a mix leaves over are booked as unassigned, with no dose: every
    strategy is offered the same hours. A zone with neither gets no tactic. ``spend`` gives shares
    of ``money`` by `Fund`; what it leaves over goes to the agencies' general casework.
    ``reinvest`` false takes away the hours that falling calls set free. ``table_absent`` names
    sectors that do not sit at the Situation Table. ``own_interventions`` are functions of the user's
    own, called between weeks. ``tactics`` declares tactics of the user's own, whose names the mix
    may then have; those of other packages that it names are filled in.
    """

    name: str = "reactive"
    description: str = "Calls only: the hours that calls leave are not used."
    allocation: Allocation = Allocation.RESIDENTS
    calls_window: int = parameter(52, "weeks", 1, 52, "chosen", "Public calls that an allocation by calls looks back on, whatever the window of assessments.")
    mix: dict[str, dict[str, float]] = field(default_factory=dict)
    tactics: list[OwnTactic] = field(default_factory=list)
    directed: float = parameter(0.0, "share of hours", 0, 0.2, "chosen; Famega, Frank & Mazerolle 2005: 6% of unassigned time", "Hours directed to last month's worst places, taken from the mix's routine patrol.")
    assess_every: int = parameter(13, "weeks", 1, 520, "assumed", "Time between two assessments of the zones.")
    window: int = parameter(52, "weeks", 13, 52, "evidence: practice.md", "Records an assessment looks back on.")
    survey_size: int = parameter(50, "residents/neighbourhood/year", 0, 1000, "assumed", "Residents asked about capacity and trust; 0 = no survey.")
    precision: float = parameter(0.6, "share", 0, 1, "assumed", "Share of aimed visits that go to the places known as worst.")
    hand_over: bool = True
    reinvest: bool = True
    pilot: float = parameter(1.0, "share", 0, 1, "chosen", "Neighbourhoods the mix applies to before the roll-out; the others get no tactic.")
    rollout: int = parameter(0, "week", 0, 5200, "chosen", "Week from which the mix applies everywhere.")
    rollout_needs: float = parameter(-1.0, "share", -1, 1, "chosen", "Fall of public calls in the pilot, against the other neighbourhoods, from which it is rolled out; -1 = whatever it did.")
    rollout_step: float = parameter(1.0, "share", 0.01, 1, "chosen", "Neighbourhoods that are added in a quarter from the roll-out on.")
    money: float = parameter(6.0, "CAD/resident/year", 0, 200, "assumed", "Budget beside the police's, the same under every strategy of the library.")
    spend: dict[str, float] = field(default_factory=dict)
    training: float = parameter(0.0, "share of hours", 0, 0.5, "assumed", "Officer hours spent on learning OMEM skills.")
    communication: float = parameter(0.0, "share", 0, 1, "chosen", "How far the service tells its officers of the model, without training.")
    leadership: float = parameter(0.0, "share", 0, 1, "chosen; seed 003 (Commissioner and Deputies model the change)", "How far the highest level models the change: it tells of it, hires for it, and promotes those who have adopted it.")
    protected: float = parameter(0.0, "share of hours", 0, 0.9, "chosen", "Hours kept for prevention, whatever the calls.")
    table_lead: TableLead = TableLead.MATCHED
    table_absent: list[str] = field(default_factory=list)
    interventions: list[Intervention] = field(default_factory=list)
    own_interventions: list[OwnIntervention] = field(default_factory=list)


def mix_in(mix: dict[str, dict[str, float]], zone: Zone) -> dict[str, float]:
    """Return shares of proactive hours by tactic in a zone: those of all, under its own."""
    return {**mix.get(ALL_ZONES, {}), **mix.get(zone.name.lower(), {})}


def shares_by_zone(
    mix: dict[str, dict[str, float]], directed: float = 0.0, own: Sequence[str] = ()
) -> NDArray[np.float64]:
    """Return shares of proactive hours, (zones, tactics), each row summing to at most 1.

    Parameters
    ----------
    mix, directed : as in `Strategy`; ``directed`` is at most any zone's routine patrol.
    own : tactics of the user's own, which have a table to themselves (`own_shares_by_zone`).
    """
    shares = np.zeros((len(Zone), len(Tactic)))
    for zone in Zone:
        for tactic, share in mix_in(mix, zone).items():
            if tactic not in own:
                shares[zone, Tactic[tactic.upper()]] = share
    shares[:, Tactic.PATROL] -= directed
    shares[:, Tactic.DIRECTED_PATROL] += directed
    return np.maximum(shares, 0.0)  # a share less itself may be a hair below 0


def own_shares_by_zone(
    mix: dict[str, dict[str, float]], tactics: Sequence[OwnTactic]
) -> NDArray[np.float64]:
    """Return shares of proactive hours of tactics of the user's own, (zones, ROOM_FOR).

    Parameters
    ----------
    mix : as in `Strategy`.
    tactics : at most `ROOM_FOR`.
    """
    shares = np.zeros((len(Zone), ROOM_FOR))
    for zone in Zone:
        row = mix_in(mix, zone)
        shares[zone, : len(tactics)] = [row.get(one.name, 0.0) for one in tactics]
    return shares
