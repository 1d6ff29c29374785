"""The agents, and what they hold: the columns of `omemsim.vocabulary.columns`, as attributes.

Rows that refer to other rows hold the agents themselves; lists of agents are in row order.
Rows that come and go are in `omemsim.reference.entries`.
"""

from __future__ import annotations

import mesa

__all__ = [
    "Agency",
    "Household",
    "Initiative",
    "Neighbourhood",
    "Officer",
    "Place",
    "Resident",
    "Row",
]


class Row(mesa.Agent):
    """An agent that is a row of a table of the town.

    Parameters
    ----------
    model : the twin.
    row : number in its table, from 0.
    key : uint32, by which it draws; 0 for what draws nothing.
    """

    def __init__(self, model: mesa.Model, row: int, key: int = 0) -> None:
        super().__init__(model)
        self.row = row
        self.key = key


class Neighbourhood(Row):
    """A neighbourhood, as planners name it."""

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
    congregations: float
    cohesion: float
    minority: float
    indigenous: float
    area: float
    opportunity: float

    assets: float
    drift: float
    shock: float
    hardship: float
    scandal: float
    campaign: float
    hazard: float
    looked: int
    calls_at_start: int
    table_place: Place | None
    zone: int
    true_zone: int
    call_zone: int
    relative_zone: int
    weeks_past: int
    true_weeks_past: int
    seen_efficacy: float
    seen_trust: float
    seen_fear: float
    seen_capacity: float
    capacity: float
    share: list[float]
    ordered: list[float]
    lit: float
    hardened: float
    hours: list[float]
    burden: float
    analysis: float
    rotation: float
    upkeep: float
    mobilization: float
    education: float
    early: float
    cohort: float
    own_share: list[float]
    own_hours: list[float]
    own_dose: list[float]
    voice: float
    foresight: float
    services: float
    momentum: float
    social_momentum: float
    watch_momentum: float
    consult_momentum: float
    police_led: float
    handed_over: int
    watches_opened: int
    watches_lasted: int
    community_momentum: float
    community_led: float
    leaders: int
    participants: int
    offenders: float
    expected_violence: float
    expected_property: float
    expected_business: float
    new_violence: int
    new_household: int
    new_incidents: int
    new_crises: int
    new_calls: int
    new_officer_calls: int
    new_repeats: int
    new_recorded_violence: int
    new_recorded_property: int
    relation: float
    grievance: float
    crime_felt: float
    disorder_felt: float
    contacts_felt: float
    trust: float
    fear: float
    efficacy: float
    vigilance: float
    past_violence: list[int]
    past_household: list[int]
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
    x: float
    y: float
    opportunity: float
    dwelling_opportunity: float
    businesses: float
    demand: float
    crisis_need: float

    visits: float
    perceived: float
    accustomed: float
    removed: float
    dosed: int
    known_before: float
    triggered: float
    designed: float
    knowledge: float
    called: float
    recorded: list[int]


class Household(Row):
    """A dwelling and those who live in it; the first resident is its head."""

    place: Place
    residents: list[Resident]

    since_week: int
    children: bool
    protection: float
    in_watch: bool
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
    crisis_need: float
    trust_anchor: float
    group: int
    stop_exposure: float
    is_leader: bool
    is_moved: bool
    trust: float
    fear: float
    efficacy: float
    vigilance: float
    experience: float
    contact: float
    is_hit: bool
    boost: float
    takes_part: bool
    is_found: bool
    is_resolved: bool
    risk: int
    recent: float
    table_week: int
    unresolved: int
    is_referred: bool
    case: int
    agency: Agency | None
    case_since: int
    support: float
    monitored: float
    wary: float
    noticed: int
    is_helped: bool


class Agency(Row):
    """A service of one sector; its catchment is the neighbourhoods it serves."""

    sector: int
    catchment: list[Neighbourhood]
    capacity: int
    skill: float

    is_open: bool
    funded: float
    outreach: float
    relation: float
    caseload: int
    waiting: int


class Officer(Row):
    """A sworn member."""

    home: Neighbourhood
    contracted: float

    offered: float
    reactive: float
    proactive: float
    fatigue: float
    relation: float
    awareness: float
    skill: float
    adoption: float
    is_promoted: bool


class Initiative(Row):
    """A slot of a neighbourhood in which an effort can run."""

    neighbourhood: Neighbourhood

    is_active: bool
    lead: int
    kind: int
    momentum: float
    place: Place | None
    age: int
