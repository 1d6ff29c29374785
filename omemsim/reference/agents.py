"""The agents, and what they hold: the columns of `omemsim.vocabulary.columns`, as attributes.

Rows that refer to other rows hold the agents themselves; lists of agents are in row order.
"""

from __future__ import annotations

from dataclasses import dataclass

import mesa

__all__ = [
    "Agency",
    "Call",
    "Episode",
    "Household",
    "Incident",
    "Initiative",
    "Neighbourhood",
    "Officer",
    "Place",
    "Resident",
    "Service",
]


class Row(mesa.Agent):
    """An agent that is a row of a table of the town."""

    def __init__(self, model: mesa.Model, row: int, key: int = 0) -> None:
        super().__init__(model)
        self.row = row
        self.key = key


class Neighbourhood(Row):
    """A place planners name."""

    population: float
    deprivation: float
    visitors: float
    moving: float
    fit_violence: float
    fit_property: float
    first_officer: int
    agencies: list[Agency]
    adjoining: list[Neighbourhood]
    places: list[Place]
    households: list[Household]
    residents: list[Resident]
    initiatives: list[Initiative]

    assets: float
    zone: int
    true_zone: int
    call_zone: int
    relative_zone: int
    weeks_past: int
    true_weeks_past: int
    seen_efficacy: float
    seen_trust: float
    seen_capacity: float
    capacity: float
    share: list[float]
    hours: list[float]
    analysis: float
    rotation: float
    upkeep: float
    mobilization: float
    education: float
    early: float
    cohort: float
    voice: float
    foresight: float
    momentum: float
    community_momentum: float
    community_led: float
    leaders: int
    participants: int
    offenders: float
    expected_violence: float
    expected_property: float
    expected_business: float
    new_violence: int
    new_incidents: int
    new_crises: int
    new_calls: int
    new_officer_calls: int
    new_repeats: int
    new_recorded_violence: int
    new_recorded_property: int
    crime_felt: float
    disorder_felt: float
    trust: float
    fear: float
    efficacy: float
    vigilance: float
    past_violence: list[int]
    past_incidents: list[int]
    past_crises: list[int]
    past_calls: list[int]
    past_officer_calls: list[int]
    past_repeats: list[int]
    past_recorded_violence: list[int]
    past_recorded_property: list[int]


class Place(Row):
    """A street segment."""

    neighbourhood: Neighbourhood
    near: list[Place]
    households: list[Household]
    residents: list[Resident]
    opportunity: float
    dwelling_opportunity: float
    businesses: float

    visits: float
    perceived: float
    accustomed: float
    removed: float
    boost: float
    designed: float
    knowledge: float


class Household(Row):
    """A dwelling and those who live in it; the first resident is its head."""

    place: Place
    residents: list[Resident]

    since_week: int
    protection: float
    boost: float
    last_call: int


class Resident(Row):
    """A seat in a dwelling and who sits in it, 15 or older."""

    household: Household
    place: Place
    neighbourhood: Neighbourhood

    tenancy: int
    age: int
    income: float
    housing: float
    addictions: float
    family: float
    need: float
    assets: float
    propensity: float
    exposure: float
    trust_anchor: float
    is_leader: bool
    is_moved: bool
    trust: float
    fear: float
    efficacy: float
    vigilance: float
    contact: float
    is_hit: bool
    boost: float
    takes_part: bool
    is_found: bool
    is_resolved: bool
    recent: float
    table_week: int
    unresolved: int
    is_referred: bool
    case: int
    agency: Agency | None
    case_since: int
    support: float
    monitored: float


class Agency(Row):
    """A service of one sector; its catchment is the neighbourhoods it serves."""

    sector: int
    catchment: list[Neighbourhood]
    capacity: int
    skill: float

    funded: float
    relation: float
    caseload: int
    waiting: int


class Officer(Row):
    """A sworn member."""

    offered: float

    reactive: float
    proactive: float
    fatigue: float
    awareness: float
    skill: float
    adoption: float


class Initiative(Row):
    """A slot of a neighbourhood in which an effort can run."""

    neighbourhood: Neighbourhood

    is_active: bool
    lead: int
    momentum: float
    place: Place | None
    age: int


@dataclass
class Incident:
    """A crime of this week; a business has no resident victim."""

    event: int
    type: int
    day: int
    place: Place
    victim: Resident | None


@dataclass
class Episode:
    """A disorder episode of this week."""

    event: int
    day: int
    resident: Resident


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


@dataclass
class Service:
    """The police service as a whole, and the town's weather."""

    season: float
    trend: float
    shock: float
    design_places: float
    table_cases: float
    co_answers: float
    outreach: float
    moves: int
    survey_hours: float
    reference_crime: float
    offered: float
    reactive: float
    answered: int
    co_answered: int
    free_mean: float
    free_before: float
    table_age: int
    table_taken: int
    table_lowered: int
    waiting: int
    closed: int
    lost: float
    withdrawn: float
    unassigned: float
    police_cost: float
    agency_cost: float
    bill: float
    weeks_kept: int
    past_reactive: list[float]
    replaced: int
