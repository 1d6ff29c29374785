"""What comes and goes: the rows of tables that a week, or a scenario, lays down anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omemsim.reference.agents import Neighbourhood, Place, Resident

__all__ = [
    "Arrest",
    "Call",
    "Custody",
    "Episode",
    "Event",
    "Incident",
    "Intervention",
    "Newcomer",
    "Service",
]


@dataclass
class Newcomer:
    """Who moved in this week."""

    seat: Resident


@dataclass
class Incident:
    """A crime of this week; a business is no resident victim, an outsider no resident offender."""

    event: int
    type: int
    day: int
    place: Place
    victim: Resident | None
    offender: Resident | None


@dataclass
class Episode:
    """A disorder episode of this week, and what it is about."""

    event: int
    day: int
    resident: Resident
    risk: int


@dataclass
class Call:
    """A call, of this week or waiting."""

    event: int
    type: int
    origin: int
    week: int
    day: int
    place: Place
    caller: Resident | None
    offender: Resident | None = None
    is_recorded: bool = False


@dataclass
class Custody:
    """An offender in custody, until the week of release."""

    resident: Resident
    until: int


@dataclass
class Arrest:
    """Who was arrested this week."""

    resident: Resident


@dataclass
class Event:
    """Something that befalls the town from week ``start`` to the one before ``end``.

    Without a neighbourhood it is everywhere; sector -1 is all sectors.
    """

    what: int
    start: int
    end: int
    size: float
    neighbourhood: Neighbourhood | None
    sector: int


@dataclass
class Intervention:
    """Something done in a neighbourhood from week ``start`` to the one before ``end``."""

    what: int
    start: int
    end: int
    dose: float
    neighbourhood: Neighbourhood | None
    place: Place | None = None
    is_added: bool = False
    given: float = 0.0


@dataclass
class Service:
    """The police service as a whole, and what is the same in the whole town."""

    season: float
    trend: float
    shock: float
    staffing: float
    design_places: float
    table_cases: float
    co_answers: float
    own_pillar: list[int]
    own_area: list[int]
    covered: float
    moves: int
    moved_out: int
    moved_in: int
    survey_hours: float
    reference_crime: float
    offered: float
    reactive: float
    answered: int
    co_answered: int
    free_mean: float
    free_before: float
    shift_offered: list[float]
    shift_reactive: list[float]
    shift_free: list[float]
    shift_free_before: list[float]
    free_waking: float
    usual_answers: list[float]
    usual_minutes: list[float]
    delayed: int
    late: int
    arrested: int
    held: int
    cleared: int
    cleared_mean: float
    on_record_mean: float
    blocked: int
    displaced: int
    displaced_away: int
    diffused: int
    table_age: int
    acute: int
    table_taken: int
    table_lowered: int
    waiting: int
    closed: int
    lost: float
    withdrawn: float
    places_designed: int
    homes_hardened: int
    project_cost: float
    joint_cost: float
    unassigned: float
    extra_hours: float
    backed_up: float
    police_cost: float
    agency_cost: float
    bill: float
    weeks_kept: int
    past_reactive: list[float]
    replaced: int
    council: float
    granted: float
    seated: float
    calls_before: float
    bill_before: float
