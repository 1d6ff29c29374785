"""The OMEM wheel, declared: zones, tactics, sectors, and the other words of the model.

A tactic is declared once, in `Tactic`, with everything about it: zone, pillar, area, whether it
takes OMEM skill, what its hours build up, and how that is switched off. Parameters, columns,
switches, measures and documents are derived from it. A sector is declared once, in `Sector`.
Numbers are in stored results: they never change, and what is new gets the next.

Another tactic is a member of `Tactic`, its effect in a stage and in that stage's twin, and a
strategy that uses it; another sector is a member of `Sector`. `tests/architecture/test_adding.py`
adds one of each.

How a zone is read off stands in `zones`. Source: OACP brochure (seed 000) for zones and tactics.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import CONTINUOUS, UNIQUE, IntEnum, verify

__all__ = [
    "AREA_OF_TACTIC",
    "Area",
    "COLOURS",
    "CallType",
    "Crime",
    "FIRST_PROJECT",
    "Group",
    "Kind",
    "Lead",
    "Origin",
    "PILLAR_OF_TACTIC",
    "Pillar",
    "Precursor",
    "Priority",
    "Risk",
    "SECTOR_OF_PRECURSOR",
    "SECTOR_OF_RISK",
    "SECTOR_OF_YOUNGEST",
    "SHAPES",
    "SOCIAL_SECTORS",
    "STOCKS",
    "SWITCHES",
    "Sector",
    "Serves",
    "Shift",
    "Stock",
    "Switch",
    "Tactic",
    "Use",
    "Work",
    "ZONE_OF_TACTIC",
    "ZONE_TITLES",
    "Zone",
]


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


class Pillar(IntEnum):
    """The OPP's three pillars (seed 003)."""

    ENGAGEMENT = 0
    EDUCATION = 1
    ENFORCEMENT = 2


class Area(IntEnum):
    """The four areas of a community safety and well-being plan: work by how early it acts.

    Not zones: zones sort places by need (practice.md). Labels only; no rule reads them.
    """

    SOCIAL_DEVELOPMENT = 0
    PREVENTION = 1
    RISK_INTERVENTION = 2
    INCIDENT_RESPONSE = 3


@dataclass(frozen=True)
class Stock:
    """A dose in [0, 1] that follows a tactic's hours per 1,000 residents 15+, and fades.

    Attributes
    ----------
    name : of its column of neighbourhoods; its parameters are ``act.<name>_half`` and ``_memory``.
    hours : whose hours it follows, as the parameters' descriptions say it.
    half, half_bounds, half_source : weekly hours per 1,000 that give half of the greatest dose.
    memory, memory_bounds, memory_source : half-life in weeks.
    dose : what the column holds; "<hours> in force" if empty.
    """

    name: str
    hours: str
    half: float
    memory: float
    memory_source: str
    half_source: str = "assumed"
    half_bounds: tuple[float, float] = (0.01, 100)
    memory_bounds: tuple[float, float] = (1, 520)
    dose: str = ""

    @property
    def doc(self) -> str:
        """What the column holds."""
        return self.dose or f"{self.hours} in force"


@dataclass(frozen=True)
class Switch:
    """A mechanism that can be off: its name, what it does, and {parameter: value when off}."""

    name: str
    doc: str
    off: dict[str, float]


@dataclass(frozen=True)
class Use:
    """What a tactic is.

    Attributes
    ----------
    number : its place in mixes and in columns by tactic; never changed.
    zone : whose tactic it is (seed 000); None for what any service does with free hours.
    pillar, area : labels; no rule reads them.
    takes_skill : whether an hour does less without OMEM's skills and without believing in it.
    at_night : whether it can be done while people sleep and offices are closed.
    stock : what its hours build up, if they do.
    switches : mechanisms by which it acts and no other tactic does; what several share
        (contacts, stops, initiatives) stands in `parameters.Strengths`.
    """

    number: int
    zone: Zone | None
    pillar: Pillar
    area: Area
    takes_skill: bool = True
    at_night: bool = False
    stock: Stock | None = None
    switches: tuple[Switch, ...] = ()


# fmt: off
@verify(UNIQUE, CONTINUOUS)
class Tactic(IntEnum):
    """What an officer's proactive hour is spent on: the wheel's fourteen, and ordinary uses."""

    _value_: int
    use: Use

    def __new__(cls, use: Use) -> Tactic:
        """Make the member: its number, with what it is."""
        tactic = int.__new__(cls, use.number)
        tactic._value_ = use.number
        tactic.use = use
        return tactic

    PATROL = Use(
        0, None, Pillar.ENFORCEMENT, Area.INCIDENT_RESPONSE, takes_skill=False, at_night=True
    )
    CRIME_ANALYSIS = Use(
        1, Zone.RED, Pillar.ENFORCEMENT, Area.PREVENTION, at_night=True,
        stock=Stock("analysis", "crime analysis", 1.0, 4.0, "evidence: weeks"),
        switches=(
            Switch(
                "crime_analysis", "Crime analysis aims visits, projects and Tables.",
                {"act.analysis_gain": 0.0},
            ),
            Switch(
                "tracking", "Analysis shows managers what officers do.", {"learn.tracked": 0.0}
            ),
        ),
    )
    TARGETED_ENFORCEMENT = Use(
        2, Zone.RED, Pillar.ENFORCEMENT, Area.INCIDENT_RESPONSE, takes_skill=False, at_night=True
    )
    MONITOR_CRIME_REDUCTION = Use(
        3, Zone.RED, Pillar.ENFORCEMENT, Area.INCIDENT_RESPONSE, at_night=True,
        stock=Stock("rotation", "monitoring of crime reduction", 1.0, 4.0, "evidence: weeks"),
        switches=(
            Switch(
                "rotation", "Monitoring of crime reduction moves visits on.",
                {"act.rotation_gain": 0.0},
            ),
            Switch(
                "unpaid_moves", "Monitoring of crime reduction moves visits that do not pay.",
                {"act.unpaid_moves": 0.0},
            ),
            Switch(
                "sooner", "Monitoring of crime reduction shortens the lag of assessment.",
                {"assess.sooner": 0.0},
            ),
        ),
    )
    INITIATE_PROBLEM_SOLVING = Use(
        4, Zone.RED, Pillar.ENGAGEMENT, Area.PREVENTION,
        switches=(
            Switch(
                "initiating", "Hours of initiating problem-solving open and carry initiatives.",
                {"organize.initiated": 0.0, "organize.opens_sooner": 0.0},
            ),
        ),
    )
    MOBILIZE_PARTNERS = Use(
        5, Zone.AMBER, Pillar.ENGAGEMENT, Area.SOCIAL_DEVELOPMENT,
        stock=Stock(
            "mobilization", "mobilization", 2.0, 26.0,
            "evidence: onset 3-12 months, decay 1-3 years",
            dose="partners mobilized",
        ),
        switches=(
            Switch(
                "recruitment", "Mobilized partners recruit participants.",
                {"organize.recruit": 0.0},
            ),
            Switch(
                "outreach", "Mobilized partners make people ask for help.",
                {"partner.outreach": 0.0},
            ),
        ),
    )
    PROBLEM_ORIENTED_POLICING = Use(6, Zone.AMBER, Pillar.ENGAGEMENT, Area.PREVENTION)
    MONITOR_CRIME_PREVENTION = Use(
        7, Zone.AMBER, Pillar.ENGAGEMENT, Area.PREVENTION,
        stock=Stock("upkeep", "monitoring of crime prevention", 1.0, 4.0, "evidence: weeks"),
        switches=(
            Switch(
                "monitoring_sustains", "Monitoring of crime prevention sustains initiatives.",
                {"organize.sustained": 0.0},
            ),
            Switch(
                "review", "Monitoring of crime prevention ends or passes on what fails.",
                {"organize.review": 0.0},
            ),
        ),
    )
    LIAISON = Use(8, Zone.GREEN, Pillar.ENGAGEMENT, Area.PREVENTION)
    PUBLIC_EDUCATION = Use(
        9, Zone.GREEN, Pillar.EDUCATION, Area.PREVENTION,
        stock=Stock(
            "education", "education", 2.0, 8.0, "evidence: 1-3 months",
            dose="public education in force",
        ),
        switches=(
            Switch(
                "education", "Public education teaches vigilance and protection.",
                {"feel.alert_taught": 0.0, "organize.protect_taught": 0.0},
            ),
        ),
    )
    MONITOR_AT_RISK_GROUPS = Use(
        10, Zone.GREEN, Pillar.ENGAGEMENT, Area.RISK_INTERVENTION,
        switches=(
            Switch(
                "monitoring_offenders", "Monitored offenders offend less.",
                {"offend.monitored": 0.0},
            ),
            Switch(
                "noticing", "Officers find the vulnerable, and bring them to help.",
                {"act.reached": 0.0},
            ),
            Switch(
                "victim_support", "Victims whom officers help are less at risk again.",
                {"offend.victim_support": 0.0},
            ),
        ),
    )
    EARLY_INTERVENTION = Use(
        11, Zone.GREEN, Pillar.EDUCATION, Area.SOCIAL_DEVELOPMENT,
        stock=Stock("early", "early intervention", 2.0, 26.0, "assumed"),
        switches=(
            Switch(
                "early_intervention", "Those who grew up with early intervention offend less.",
                {"people.early_effect": 0.0},
            ),
        ),
    )
    ENGAGE_LEADERS = Use(12, Zone.BLUE, Pillar.ENGAGEMENT, Area.SOCIAL_DEVELOPMENT)
    CONSULTATION = Use(
        13, Zone.BLUE, Pillar.ENGAGEMENT, Area.PREVENTION,
        stock=Stock("voice", "consultation", 1.0, 26.0, "evidence: 6-12 months"),
        switches=(
            Switch(
                "consultation_fits", "Consultation makes initiatives yield more.",
                {"organize.fitted": 0.0},
            ),
            Switch("consultation_trust", "Consultation builds trust.", {"feel.trust_voice": 0.0}),
        ),
    )
    MONITOR_HAZARDS = Use(
        14, Zone.BLUE, Pillar.EDUCATION, Area.PREVENTION,
        stock=Stock("foresight", "monitoring of hazards", 0.5, 4.0, "evidence: weeks"),
        switches=(
            Switch("foresight", "Monitored hazards do less damage.", {"context.foreseen": 0.0}),
            Switch(
                "defusing", "Monitored hazards are defused where residents are vigilant.",
                {"context.hazard_defused": 0.0},
            ),
        ),
    )
    BACKUP = Use(
        15, None, Pillar.ENFORCEMENT, Area.INCIDENT_RESPONSE, takes_skill=False, at_night=True,
        switches=(
            Switch(
                "backup", "Officers who back up others shorten calls.",
                {"act.backup_saves": 0.0},
            ),
        ),
    )
    TRAFFIC = Use(
        16, None, Pillar.ENFORCEMENT, Area.INCIDENT_RESPONSE, takes_skill=False, at_night=True
    )
    DIRECTED_PATROL = Use(
        17, None, Pillar.ENFORCEMENT, Area.INCIDENT_RESPONSE, takes_skill=False, at_night=True
    )
# fmt: on


ZONE_OF_TACTIC = {t: t.use.zone for t in Tactic if t.use.zone is not None}
PILLAR_OF_TACTIC = {tactic: tactic.use.pillar for tactic in Tactic}
AREA_OF_TACTIC = {tactic: tactic.use.area for tactic in Tactic}
STOCKS = {tactic: tactic.use.stock for tactic in Tactic if tactic.use.stock is not None}
SWITCHES = tuple(switch for tactic in Tactic for switch in tactic.use.switches)


FIRST_PROJECT = 100  # projects are numbered apart, so that a new tactic changes no number


@verify(UNIQUE)
class Work(IntEnum):
    """What an intervention does: any tactic, by its number, or a project."""

    _ignore_ = "tactic"
    for tactic in Tactic:
        vars()[tactic.name] = tactic.value
    LIGHTING = FIRST_PROJECT
    TARGET_HARDENING = 101
    CASEWORK = 102


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


@dataclass(frozen=True)
class Serves:
    """What a sector is.

    Attributes
    ----------
    number : its place among the agencies of a catchment; never changed.
    risks : what crises are about whose cases it leads.
    precursor, youth : the precursor whose cases it takes; of residents of 25 and older, and of
        those of 15 to 24 if no other sector takes the youths'.
    is_social : whether social development pays it: it treats precursors.
    """

    number: int
    risks: tuple[Risk, ...] = ()
    precursor: Precursor | None = None
    youth: Precursor | None = None
    is_social: bool = False


@verify(UNIQUE, CONTINUOUS)
class Sector(IntEnum):
    """An agency's sector."""

    _value_: int
    serves: Serves

    def __new__(cls, serves: Serves) -> Sector:
        """Make the member: its number, with what it is."""
        sector = int.__new__(cls, serves.number)
        sector._value_ = serves.number
        sector.serves = serves
        return sector

    MENTAL_HEALTH = Serves(0, risks=(Risk.MENTAL_HEALTH,))
    ADDICTIONS = Serves(1, (Risk.ADDICTIONS,), Precursor.ADDICTIONS, is_social=True)
    HOUSING = Serves(2, (Risk.HOMELESSNESS,), Precursor.HOUSING, is_social=True)
    FAMILY = Serves(3, (Risk.DOMESTIC,), Precursor.FAMILY, is_social=True)
    INCOME = Serves(4, precursor=Precursor.INCOME, is_social=True)
    YOUTH = Serves(5, youth=Precursor.FAMILY, is_social=True)
    COMMUNITY = Serves(6, risks=(Risk.NOISE,))


# In the order of `Risk` and of `Precursor`; each has one sector.
SECTOR_OF_RISK = {risk: next(s for s in Sector if risk in s.serves.risks) for risk in Risk}
SECTOR_OF_PRECURSOR = {
    precursor: next(s for s in Sector if s.serves.precursor is precursor) for precursor in Precursor
}
SECTOR_OF_YOUNGEST = {  # of those of 15 to 24
    precursor: next((s for s in Sector if s.serves.youth is precursor), sector)
    for precursor, sector in SECTOR_OF_PRECURSOR.items()
}
SOCIAL_SECTORS = tuple(sector for sector in Sector if sector.serves.is_social)


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


class Group(IntEnum):
    """Whom a resident belongs to as police may see it; it decides who is stopped, nothing else."""

    OTHER = 0
    VISIBLE_MINORITY = 1
    INDIGENOUS = 2


class CallType(IntEnum):
    """What a call is about; the first four are the crimes, in their order."""

    VIOLENCE = 0
    THEFT = 1
    HOUSEHOLD = 2
    BUSINESS = 3
    DISORDER = 4
    SERVICE = 5


class Priority(IntEnum):
    """How urgent a call is; those of a lower number go first."""

    EMERGENCY = 0
    URGENT = 1
    ROUTINE = 2
    LOW = 3


class Shift(IntEnum):
    """The three shifts of a day, in their order: 23 to 7, 7 to 15, 15 to 23 o'clock."""

    NIGHT = 0
    DAY = 1
    EVENING = 2


class Origin(IntEnum):
    """Who started a call. Public calls set zones; officers' own do not."""

    PUBLIC = 0
    OFFICER = 1
