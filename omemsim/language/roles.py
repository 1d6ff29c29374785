"""What police, agencies and residents can do in each zone, and why there.

The tactics of police are the wheel's own (seeds 000 and 001); what a tactic is in practice, and the
parts of agencies and residents, follow what its authors and the Ontario Provincial Police say of
them (seeds 000 to 003), in words of our own: residents and agencies take part everywhere, lead
where they can, and police lead only until somebody else does.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from omemsim.language.names import tactic_name
from omemsim.language.speech import Language, mark
from omemsim.vocabulary.wheel import ZONE_OF_TACTIC, Tactic, Zone

__all__ = ["OURS", "QUESTIONS", "Part", "Roles", "roles_in"]

OURS = mark(
    "The police tactics are those that the wheel names (Ontario Association of Chiefs of Police, "
    "2010). The parts of agencies and residents follow what its authors say of them, in our words."
)
WHY: Mapping[Zone, str] = {
    Zone.RED: mark(
        "Where police are called most, people are least safe. Crime comes first: people take part "
        "in prevention once they feel safe enough to come outside."
    ),
    Zone.AMBER: mark(
        "Poverty, poor housing, addictions and hard childhoods make people vulnerable to crime. "
        "Where these causes are dealt with together, police are needed less."
    ),
    Zone.GREEN: mark(
        "In safe neighbourhoods threats are easily overlooked. People there have the time and the "
        "means to protect themselves, so prevention in particular situations works best here."
    ),
    Zone.BLUE: mark(
        "People who are safe and rarely call police mostly know how to keep it that way. Police "
        "point to risks; residents deal with them."
    ),
}
PRACTICE: Mapping[Tactic, str] = {
    Tactic.CRIME_ANALYSIS: mark("find the few places, times and people behind most of the crime"),
    Tactic.TARGETED_ENFORCEMENT: mark("enforce there, and tell residents why"),
    Tactic.MONITOR_CRIME_REDUCTION: mark("check every few weeks whether it works; if not, change"),
    Tactic.INITIATE_PROBLEM_SOLVING: mark("ask what keeps the problem going, and who could lead"),
    Tactic.MOBILIZE_PARTNERS: mark("bring agencies and residents together; hand over the lead"),
    Tactic.PROBLEM_ORIENTED_POLICING: mark("take one problem at a time, down to its causes"),
    Tactic.MONITOR_CRIME_PREVENTION: mark("keep alive what works, and end what does not"),
    Tactic.LIAISON: mark("know the groups of the neighbourhood, and be known by them"),
    Tactic.PUBLIC_EDUCATION: mark("tell what the risks are, and what prevents them"),
    Tactic.MONITOR_AT_RISK_GROUPS: mark("look out for those who are vulnerable in a safe place"),
    Tactic.EARLY_INTERVENTION: mark("support those who reach children and families early"),
    Tactic.ENGAGE_LEADERS: mark("find those whom others follow, and support them"),
    Tactic.CONSULTATION: mark("ask, listen, and say what came of it"),
    Tactic.MONITOR_HAZARDS: mark("watch for what could go wrong, and point it out"),
}
AGENCIES: Mapping[Zone, Sequence[str]] = {
    Zone.RED: (
        mark("Take over what police meet and cannot solve: crises, addictions, housing"),
        mark("Keep services open and near while crime is brought down"),
        mark("Share what the law allows about people and places at acute risk"),
    ),
    Zone.AMBER: (
        mark("Lead where the cause is yours: income, housing, addictions, families, youth"),
        mark("Sit at a Situation Table for people and places at acutely elevated risk"),
        mark("Plan social development for years, and say what it needs"),
    ),
    Zone.GREEN: (
        mark("Begin early with children, young people and families at risk"),
        mark("Reach those whom a safe place hides: people who are isolated, frail or new"),
        mark("Teach prevention in schools, clinics and services"),
    ),
    Zone.BLUE: (
        mark("Help when residents ask; let them lead"),
        mark("Pass on early signs that something changes"),
        mark("Put the time that is free where need is greater"),
    ),
}
RESIDENTS: Mapping[Zone, Sequence[str]] = {
    Zone.RED: (
        mark("Report crime, and say where and when you feel unsafe"),
        mark("Stand by victims, and by neighbours who are afraid"),
        mark("Name the people whom others listen to: they can lead later"),
    ),
    Zone.AMBER: (
        mark("Say which causes matter most here"),
        mark("Take part in initiatives, then take over the lead, one by one"),
        mark("Bring in congregations, clubs, schools and businesses"),
    ),
    Zone.GREEN: (
        mark("Make crime harder: locks, light, an eye on the street"),
        mark("Look out for one another, in a watch scheme or without one"),
        mark("Ask for advice, and pass it on"),
    ),
    Zone.BLUE: (
        mark("Lead: choose what matters, act, and look at what came of it"),
        mark("Answer when you are consulted, and report hazards early"),
        mark("Share what works with neighbourhoods that need more"),
    ),
}
QUESTIONS: Sequence[str] = (
    mark("Who belongs to this community, and who is missing at the table?"),
    mark("Does this zone fit what you see every day? What do the records not show?"),
    mark("Who could lead here instead of police, and what would they need?"),
)


@dataclass(frozen=True)
class Part:
    """What one of the three can do: a name where the wheel has one, and what it means.

    ``head`` is the name as it stands before what it means, with a colon.
    """

    text: str
    name: str = ""
    head: str = ""


@dataclass(frozen=True)
class Roles:
    """What police, agencies and residents can do in a zone, and why there, in one language."""

    why: str
    police: Sequence[Part]
    agencies: Sequence[Part]
    residents: Sequence[Part]


def _part_of(tactic: Tactic, language: Language) -> Part:
    name = language.capital(tactic_name(tactic.name.lower(), language))
    return Part(
        text=language.translate(PRACTICE[tactic]),
        name=name,
        head=language.translate("{name}:", name=name),
    )


@functools.cache
def roles_in(zone: Zone, language: Language) -> Roles:
    """Return the parts that the three have in a zone."""
    tactics = [tactic for tactic, home in ZONE_OF_TACTIC.items() if home is zone]
    return Roles(
        why=language.translate(WHY[zone]),
        police=[_part_of(tactic, language) for tactic in tactics],
        agencies=[Part(language.translate(text)) for text in AGENCIES[zone]],
        residents=[Part(language.translate(text)) for text in RESIDENTS[zone]],
    )
