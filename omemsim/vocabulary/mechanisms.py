"""The switches: every mechanism has a strength in [0, 1], and 0 is off.

A switch is a set of parameters and the value each takes when the mechanism is off; at
strength s a parameter is off + s (its value - off). Nothing in the model knows of
strengths: they are applied once, before a run.

`GROUPS` are switches that are asked about together, because each alone hides what all of them do:
where one is off, another does part of its work.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from omemsim.vocabulary.errors import InputError, nearest
from omemsim.vocabulary.parameters import Parameters, Strengths, declarations

__all__ = [
    "COMBINED",
    "GROUPS",
    "OFF",
    "TOGETHER",
    "SwitchGroup",
    "effective",
    "meaning",
    "switches_of",
]

TOGETHER = "+"  # between the names of what is off at the same time, as design+deterrence

# mechanism -> {parameter: its value when the mechanism is off}
OFF: dict[str, dict[str, float]] = {item.name: item.metadata["off"] for item in fields(Strengths)}


@dataclass(frozen=True)
class SwitchGroup:
    """Switches that are off together: what they are in a line, and their names."""

    doc: str
    members: tuple[str, ...]


GROUPS: dict[str, SwitchGroup] = {
    "place_effects": SwitchGroup(
        "Direct place effects: problem-solving, deterrence, design.",
        ("problem_solving", "deterrence", "design"),
    ),
    "guardians": SwitchGroup(
        "Guardianship: residents who watch, and protect themselves and their homes.",
        ("guardianship", "vigilance_protects", "household_protection", "watch"),
    ),
    "trust": SwitchGroup(
        "Trust: all that moves it, and all that it moves.",
        (
            *("stops_cost_trust", "contact_builds_trust", "answers_build_trust"),
            *("waiting_costs_trust", "unsolved_costs_trust", "legitimacy"),
            *("consultation_trust", "known_officers"),
            *("trust_reports", "trust_calls", "tips", "lasting_trust", "news_of_police"),
            *("bad_contacts_weigh_more", "stops_by_group", "stops_by_age"),
        ),
    ),
    "partners": SwitchGroup(
        "Partners: Situation Tables, health teams, agencies' service and referrals.",
        (
            *("situation_table", "table_learning", "matched_lead", "relations", "health_team"),
            *("treatment", "support", "outreach", "need_outreach", "social_initiatives"),
            *("schools", "triage"),
        ),
    ),
}
# Groups that are also asked about together.
COMBINED = ("place_effects+guardianship", "place_effects+guardians+trust+partners")


def switches_of(word: str) -> tuple[str, ...]:
    """Return the switches that a word means: one, those of a group, or of several with "+" between.

    Raises
    ------
    InputError
        With every name that is neither a switch nor a group.
    """
    names = [name.strip() for name in word.split(TOGETHER)]
    known = (*GROUPS, *OFF)
    problems = [
        f"{word!r}: there is no such mechanism or group of mechanisms"
        + (f": {name!r}." if len(names) > 1 else ".")
        + f"{nearest(name, known)} `omemsim describe mechanisms` lists them."
        for name in names
        if name not in known
    ]
    if problems:
        raise InputError(*problems)
    each = (GROUPS[name].members if name in GROUPS else (name,) for name in names)
    return tuple(dict.fromkeys(member for members in each for member in members))


def meaning(word: str) -> str:
    """Return what a switch, a group or several with "+" between are, without a full stop."""
    names = [name.strip() for name in word.split(TOGETHER)]
    if len(names) > 1:
        return _listed(name.replace("_", " ") for name in names)
    docs = {item.path: item.doc for item in declarations(Strengths)}
    doc = GROUPS[word].doc if word in GROUPS else docs[word]
    return doc.rstrip(".")


def _listed(names: Iterable[str]) -> str:
    """Return e.g. "place effects, trust and partners"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def effective(parameters: Parameters) -> Parameters:
    """Return the parameters a run uses: those given, with every strength applied."""
    groups: dict[str, Any] = {}
    for mechanism, offs in OFF.items():
        strength = getattr(parameters.strength, mechanism)
        if strength == 1:
            continue
        for path, off in offs.items():
            group, name = path.split(".")
            old = groups.get(group, getattr(parameters, group))
            value = off + strength * (getattr(old, name) - off)
            groups[group] = replace(old, **{name: value})
    return replace(parameters, **groups)
