"""The OMEM wheel: its zones, tactics, leads and sectors, and how a zone is read off.

Zones sort *places by need*. Nothing here changes a neighbourhood: the rule reads rates
and writes a label, and only a strategy reads the label.

Sources: OACP brochure (seed 000) for zones and tactics; the limits are a judgement
(no source gives numbers) and therefore parameters, see ``parameters.ZoneLimits``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from omemsim.vocabulary.parameters import ZoneLimits

__all__ = [
    "AREA_OF_FUND",
    "AREA_OF_TACTIC",
    "Area",
    "COLOURS",
    "CallType",
    "Crime",
    "Indicators",
    "Kind",
    "Lead",
    "ORDINARY",
    "Origin",
    "Pillar",
    "Precursor",
    "Risk",
    "SECTOR_OF_PRECURSOR",
    "SECTOR_OF_RISK",
    "SOCIAL_SECTORS",
    "Sector",
    "Tactic",
    "UNTAUGHT",
    "Zone",
    "move_zone",
    "one_axis_zone",
    "read_zone",
    "relative_zone",
]

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]


class Zone(IntEnum):
    """Need for police, worst first; a higher number is an upgrade."""

    RED = 0
    AMBER = 1
    GREEN = 2
    BLUE = 3


ZONE_TITLES = {
    Zone.RED: "Enforcement & Crime Suppression",
    Zone.AMBER: "Community Mobilization & Crime Prevention",
    Zone.GREEN: "Community Engagement & Liaison",
    Zone.BLUE: "Community Safety & Consultation",
}
# Checked for three colour blindnesses; always drawn with the shape (matplotlib marker).
COLOURS = {
    Zone.RED: "#8f1d1d",
    Zone.AMBER: "#f0b429",
    Zone.GREEN: "#3fa07a",
    Zone.BLUE: "#173f7a",
}
SHAPES = {Zone.RED: "s", Zone.AMBER: "^", Zone.GREEN: "o", Zone.BLUE: "D"}


class Tactic(IntEnum):
    """What an officer's proactive hour is spent on: the wheel's fourteen, and ordinary uses."""

    PATROL = 0
    CRIME_ANALYSIS = 1
    TARGETED_ENFORCEMENT = 2
    MONITOR_CRIME_REDUCTION = 3
    INITIATE_PROBLEM_SOLVING = 4
    MOBILIZE_PARTNERS = 5
    PROBLEM_ORIENTED_POLICING = 6
    MONITOR_CRIME_PREVENTION = 7
    LIAISON = 8
    PUBLIC_EDUCATION = 9
    MONITOR_AT_RISK_GROUPS = 10
    EARLY_INTERVENTION = 11
    ENGAGE_LEADERS = 12
    CONSULTATION = 13
    MONITOR_HAZARDS = 14
    BACKUP = 15
    TRAFFIC = 16
    DIRECTED_PATROL = 17


class Pillar(IntEnum):
    """The OPP's three pillars (seed 003)."""

    ENGAGEMENT = 0
    EDUCATION = 1
    ENFORCEMENT = 2


# What any service does with free hours, the wheel aside: it belongs to no zone.
ORDINARY = (Tactic.PATROL, Tactic.BACKUP, Tactic.TRAFFIC, Tactic.DIRECTED_PATROL)
# What every officer can do, without OMEM's skills and without believing in the model.
UNTAUGHT = (*ORDINARY, Tactic.TARGETED_ENFORCEMENT)
# The zone whose tactic it is (seed 000), and its pillar.
ZONE_OF_TACTIC = {
    Tactic.CRIME_ANALYSIS: Zone.RED,
    Tactic.TARGETED_ENFORCEMENT: Zone.RED,
    Tactic.MONITOR_CRIME_REDUCTION: Zone.RED,
    Tactic.INITIATE_PROBLEM_SOLVING: Zone.RED,
    Tactic.MOBILIZE_PARTNERS: Zone.AMBER,
    Tactic.PROBLEM_ORIENTED_POLICING: Zone.AMBER,
    Tactic.MONITOR_CRIME_PREVENTION: Zone.AMBER,
    Tactic.LIAISON: Zone.GREEN,
    Tactic.PUBLIC_EDUCATION: Zone.GREEN,
    Tactic.MONITOR_AT_RISK_GROUPS: Zone.GREEN,
    Tactic.EARLY_INTERVENTION: Zone.GREEN,
    Tactic.ENGAGE_LEADERS: Zone.BLUE,
    Tactic.CONSULTATION: Zone.BLUE,
    Tactic.MONITOR_HAZARDS: Zone.BLUE,
}
PILLAR_OF_TACTIC = {
    Tactic.PATROL: Pillar.ENFORCEMENT,
    Tactic.CRIME_ANALYSIS: Pillar.ENFORCEMENT,
    Tactic.TARGETED_ENFORCEMENT: Pillar.ENFORCEMENT,
    Tactic.MONITOR_CRIME_REDUCTION: Pillar.ENFORCEMENT,
    Tactic.INITIATE_PROBLEM_SOLVING: Pillar.ENGAGEMENT,
    Tactic.MOBILIZE_PARTNERS: Pillar.ENGAGEMENT,
    Tactic.PROBLEM_ORIENTED_POLICING: Pillar.ENGAGEMENT,
    Tactic.MONITOR_CRIME_PREVENTION: Pillar.ENGAGEMENT,
    Tactic.LIAISON: Pillar.ENGAGEMENT,
    Tactic.PUBLIC_EDUCATION: Pillar.EDUCATION,
    Tactic.MONITOR_AT_RISK_GROUPS: Pillar.ENGAGEMENT,
    Tactic.EARLY_INTERVENTION: Pillar.EDUCATION,
    Tactic.ENGAGE_LEADERS: Pillar.ENGAGEMENT,
    Tactic.CONSULTATION: Pillar.ENGAGEMENT,
    Tactic.MONITOR_HAZARDS: Pillar.EDUCATION,
    Tactic.BACKUP: Pillar.ENFORCEMENT,
    Tactic.TRAFFIC: Pillar.ENFORCEMENT,
    Tactic.DIRECTED_PATROL: Pillar.ENFORCEMENT,
}


class Area(IntEnum):
    """The four areas of a community safety and well-being plan: work by how early it acts.

    Not zones: zones sort places by need (practice.md). Labels only; no rule reads them.
    """

    SOCIAL_DEVELOPMENT = 0
    PREVENTION = 1
    RISK_INTERVENTION = 2
    INCIDENT_RESPONSE = 3


AREA_OF_TACTIC = {
    Tactic.PATROL: Area.INCIDENT_RESPONSE,
    Tactic.CRIME_ANALYSIS: Area.PREVENTION,
    Tactic.TARGETED_ENFORCEMENT: Area.INCIDENT_RESPONSE,
    Tactic.MONITOR_CRIME_REDUCTION: Area.INCIDENT_RESPONSE,
    Tactic.INITIATE_PROBLEM_SOLVING: Area.PREVENTION,
    Tactic.MOBILIZE_PARTNERS: Area.SOCIAL_DEVELOPMENT,
    Tactic.PROBLEM_ORIENTED_POLICING: Area.PREVENTION,
    Tactic.MONITOR_CRIME_PREVENTION: Area.PREVENTION,
    Tactic.LIAISON: Area.PREVENTION,
    Tactic.PUBLIC_EDUCATION: Area.PREVENTION,
    Tactic.MONITOR_AT_RISK_GROUPS: Area.RISK_INTERVENTION,
    Tactic.EARLY_INTERVENTION: Area.SOCIAL_DEVELOPMENT,
    Tactic.ENGAGE_LEADERS: Area.SOCIAL_DEVELOPMENT,
    Tactic.CONSULTATION: Area.PREVENTION,
    Tactic.MONITOR_HAZARDS: Area.PREVENTION,
    Tactic.BACKUP: Area.INCIDENT_RESPONSE,
    Tactic.TRAFFIC: Area.INCIDENT_RESPONSE,
    Tactic.DIRECTED_PATROL: Area.INCIDENT_RESPONSE,
}
# By the name of the fund (`strategies.Fund`).
AREA_OF_FUND = {
    "casework": Area.RISK_INTERVENTION,
    "social_development": Area.SOCIAL_DEVELOPMENT,
    "situational_prevention": Area.PREVENTION,
    "situation_table": Area.RISK_INTERVENTION,
    "co_response": Area.INCIDENT_RESPONSE,
}


class Precursor(IntEnum):
    """Precursors of crime (seed 001), each a column of residents."""

    INCOME = 0
    HOUSING = 1
    ADDICTIONS = 2
    FAMILY = 3


class Risk(IntEnum):
    """What a disorder episode is about; it says which sector should lead."""

    MENTAL_HEALTH = 0
    ADDICTIONS = 1
    DOMESTIC = 2
    HOMELESSNESS = 3
    NOISE = 4


class Sector(IntEnum):
    """An agency's sector."""

    MENTAL_HEALTH = 0
    ADDICTIONS = 1
    HOUSING = 2
    FAMILY = 3
    INCOME = 4
    YOUTH = 5
    COMMUNITY = 6


SECTOR_OF_RISK = {
    Risk.MENTAL_HEALTH: Sector.MENTAL_HEALTH,
    Risk.ADDICTIONS: Sector.ADDICTIONS,
    Risk.DOMESTIC: Sector.FAMILY,
    Risk.HOMELESSNESS: Sector.HOUSING,
    Risk.NOISE: Sector.COMMUNITY,
}
SECTOR_OF_PRECURSOR = {
    Precursor.INCOME: Sector.INCOME,
    Precursor.HOUSING: Sector.HOUSING,
    Precursor.ADDICTIONS: Sector.ADDICTIONS,
    Precursor.FAMILY: Sector.FAMILY,
}
# Sectors that social development pays: they treat precursors.
SOCIAL_SECTORS = (
    Sector.ADDICTIONS,
    Sector.HOUSING,
    Sector.FAMILY,
    Sector.INCOME,
    Sector.YOUTH,
)


class Kind(IntEnum):
    """What an initiative does."""

    PROBLEM_SOLVING = 0
    SOCIAL_DEVELOPMENT = 1
    WATCH = 2
    CONSULTATION = 3


class Lead(IntEnum):
    """Who leads an initiative, in the order it is handed over."""

    POLICE = 0
    AGENCY = 1
    COMMUNITY = 2


class Crime(IntEnum):
    """Streams of crime; the first three have resident victims, BUSINESS has none."""

    VIOLENCE = 0
    THEFT = 1
    HOUSEHOLD = 2
    BUSINESS = 3


class CallType(IntEnum):
    """What a call is about; the first four are the crimes, in their order."""

    VIOLENCE = 0
    THEFT = 1
    HOUSEHOLD = 2
    BUSINESS = 3
    DISORDER = 4
    SERVICE = 5


class Origin(IntEnum):
    """Who started a call. Public calls set zones; officers' own do not."""

    PUBLIC = 0
    OFFICER = 1


@dataclass(frozen=True, kw_only=True)
class Indicators:
    """What a zone is read from, one value per neighbourhood.

    Attributes
    ----------
    calls : public calls per 1,000 residents of all ages a year.
    n_calls : number of calls counted (for the Poisson margin).
    harm : crime as a multiple of ``harm_unit`` (see `read_zone`).
    n_harm : number of crimes counted.
    repeat : share of calls from an address that called within 30 days, in [0, 1].
    capacity, community_led, trust : in [0, 1].
    """

    calls: Floats
    n_calls: Floats
    harm: Floats
    n_harm: Floats
    repeat: Floats
    capacity: Floats
    community_led: Floats
    trust: Floats


def _classify(
    rate: Floats, limits: tuple[float, ...], *, count: Floats, margin: float, shift: float
) -> Labels:
    """Return 3 (below the first limit) to 0 (at or above the third).

    Each limit is moved, the way ``shift`` says, by ``margin`` of itself or by one Poisson
    standard deviation of the count the rate comes from, whichever is further.
    """
    error = rate / np.sqrt(np.maximum(count, 1))
    level = np.full(rate.shape, int(Zone.BLUE), np.int8)
    for limit in limits:
        level -= (rate >= limit + shift * np.maximum(error, margin * limit)).astype(np.int8)
    return level


def read_zone(
    seen: Indicators, limits: ZoneLimits, *, true_harm: bool, shift: float = 0.0
) -> Labels:
    """Return the zone of each neighbourhood, without memory.

    Parameters
    ----------
    seen : indicators over the window.
    limits : the lines between zones.
    true_harm : True if ``seen.harm`` is true incidents per 1,000 residents 15+ a year,
        False if recorded crime as a multiple of the reference mean.
    shift : 0 for the plain lines; -1 asks to be past each line by the margin on the safe
        side (moving up), +1 by the margin on the unsafe side (moving down). The margin is
        the larger of ``limits.margin`` and one Poisson standard deviation of the count.
    """
    harm_limits = (
        (limits.harm_low, limits.harm_mid, limits.harm_high)
        if true_harm
        else (limits.recorded_low, limits.recorded_mid, limits.recorded_high)
    )
    call_limits = (limits.calls_low, limits.calls_mid, limits.calls_high)
    how = {"margin": limits.margin, "shift": shift}
    need = np.minimum(
        _classify(seen.calls, call_limits, count=seen.n_calls, **how),
        _classify(seen.harm, harm_limits, count=seen.n_harm, **how),
    )
    soft = 1 + shift * limits.margin
    able = (seen.capacity * soft >= limits.capacity) & (
        seen.community_led * soft >= limits.community_led
    )
    zone = np.where((need == Zone.BLUE) & ~able, Zone.GREEN, need)
    repeats = (zone == Zone.GREEN) & (seen.repeat >= limits.repeat * soft)
    return np.where(repeats, Zone.AMBER, zone).astype(np.int8)


def move_zone(
    zone: Labels,
    weeks_past: NDArray[np.int32],
    *,
    window: Indicators,
    quarter: Indicators,
    limits: ZoneLimits,
    weeks: int,
    true_harm: bool,
) -> tuple[Labels, NDArray[np.int32]]:
    """Return new zones and the weeks each has now been past the line upwards.

    Up: one step, after ``limits.weeks_up`` weeks past the line by the margin, the last
    quarter alone also past the line; amber to green also needs trust. Down: at once to
    the label, when past the line by the margin.
    """
    up = read_zone(window, limits, true_harm=true_harm, shift=-1)
    down = read_zone(window, limits, true_harm=true_harm, shift=+1)
    now = read_zone(quarter, limits, true_harm=true_harm)
    trusted = (zone != Zone.AMBER) | (window.trust >= limits.trust)
    better = (up > zone) & trusted
    past = np.where(better, weeks_past + weeks, 0).astype(np.int32)
    rises = better & (past >= limits.weeks_up) & (now > zone)
    new = np.where(rises, zone + 1, np.minimum(zone, down)).astype(np.int8)
    return new, np.where(new != zone, 0, past).astype(np.int32)


def one_axis_zone(calls: Floats, limits: ZoneLimits) -> Labels:
    """Return the label by calls alone, kept beside the zone to see how often they differ."""
    lines = (limits.calls_low, limits.calls_mid, limits.calls_high)
    return _classify(calls, lines, count=np.ones_like(calls), margin=0, shift=0)


def relative_zone(calls: Floats) -> Labels:
    """Return the label relative to the town: below -0.5, 0.5, 1.5 SD of its mean, above."""
    deviation = (calls - calls.mean()) / max(float(calls.std()), 1e-9)
    level = np.full(calls.shape, int(Zone.BLUE), np.int8)
    for limit in (-0.5, 0.5, 1.5):
        level -= (deviation >= limit).astype(np.int8)
    return level
