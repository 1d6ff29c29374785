"""The switches: every mechanism has a strength in [0, 1], and 0 is off.

A switch is a set of parameters and the value each takes when the mechanism is off; at
strength s a parameter is off + s (its value - off). Nothing in the model knows of
strengths: they are applied once, before a run.

`GROUPS` are switches that are asked about together, because each alone hides what all of them do:
where one is off, another does part of its work.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
OFF: dict[str, dict[str, float]] = {
    "season": {"context.peak_to_trough": 1.0},
    "fear_gate": {"organize.fear_gate": 0.0, "organize.fear_leaves": 0.0},
    "recruitment": {"organize.recruit": 0.0},
    "momentum_recruits": {"organize.led": 0.0},
    "leaders_emerge": {"organize.emerge": 0.0},
    "leader_search": {"organize.search": 0.0},
    "attrition": {"organize.attrition": 0.0},
    "hand_over": {"organize.hand_over": 0.0},
    "ties": {"feel.efficacy_part": 0.0},
    "community_lead": {"feel.efficacy_led": 0.0},
    "fear_isolates": {"feel.efficacy_fear": 0.0},
    "fear_of_crime": {"feel.fear_crime": 0.0},
    "fear_of_disorder": {"feel.fear_disorder": 0.0},
    "fear_of_victims": {"feel.fear_victim": 0.0},
    "efficacy_calms": {"feel.fear_efficacy": 0.0},
    "complacency": {"feel.alert_crime": 0.0},
    "education": {"feel.alert_taught": 0.0, "organize.protect_taught": 0.0},
    "crime_analysis": {"act.analysis_gain": 0.0},
    "monitoring_offenders": {"offend.monitored": 0.0},
    "early_intervention": {"people.early_effect": 0.0},
    "consultation_fits": {"organize.fitted": 0.0},
    "monitoring_sustains": {"organize.sustained": 0.0},
    "foresight": {"context.foreseen": 0.0},
    "guardianship": {"offend.guardianship": 0.0},
    "vigilance_protects": {"offend.vigilance": 0.0},
    "household_protection": {"offend.protection": 0.0},
    "repeat_victimization": {"offend.repeat": 1.0},
    "near_repeats": {"offend.near": 0.0},
    "offenders_travel": {"offend.reach": 0.0},
    "deterrence": {"offend.deterrence": 0.0},
    "wearing_off": {"offend.accustomed": 0.0},
    "displacement": {"offend.displaced": 0.0},
    "diffusion": {"offend.diffused": 0.0},
    "problem_solving": {"act.problem_effect": 0.0},
    "stops_cost_trust": {"act.stop_cost": 0.0},
    "contact_builds_trust": {"act.contact_gain": 0.0},
    "answers_build_trust": {"respond.answered_well": 0.0},
    "waiting_costs_trust": {"respond.waiting_cost": 0.0},
    "backup": {"act.backup_saves": 0.0},
    "fatigue": {"respond.tiring": 0.0, "respond.change_tires": 0.0},
    "design": {"offend.designed": 0.0},
    "situation_table": {"partner.table_lowers": 0.0},
    "health_team": {"respond.co_relief": 0.0, "respond.co_resolves": 0.0},
    "police_resolve": {"respond.police_resolves": 0.0},
    "need_outreach": {"partner.need_found": 0.0},
    "support": {"offend.supported": 0.0, "crisis.relief": 0.0},
    "skill": {"act.untrained": 1.0},
    "treatment": {"partner.treatment": 0.0},
    "outreach": {"partner.outreach": 0.0},
    "relapse": {"crisis.relapse": 0.0},
    "trust_reports": {"reporting.by_trust": 0.0},
    "vigilance_reports": {"reporting.by_vigilance": 0.0},
    "tips": {"reporting.tips": 0.0},
    "officers_find_crime": {"reporting.observed": 0.0},
    "need": {
        "people.propensity_floor": 1.0,
        "people.exposure_need": 0.0,
        "people.trust_need": 0.0,
        "crisis.by_need": 0.0,
    },
    "means": {  # with the default levels, nothing changes at mean assets
        "feel.efficacy_level": 0.6,
        "feel.efficacy_assets": 0.0,
        "partner.services_level": 0.4,
        "partner.services_assets": 0.0,
    },
    "support_means": {"organize.protect_support": 0.0},
    "buy_in": {"act.reluctant": 1.0},
    "demand_trap": {"respond.calls_first": 0.0},
    "custody": {"respond.custody_violence": 0.0, "respond.custody_property": 0.0},
    "legitimacy": {"feel.trust_grievance": 0.0},
    "consultation_trust": {"feel.trust_voice": 0.0},
    "known_officers": {"act.stranger": 1.0},
    "services": {"feel.efficacy_services": 0.0},
    "congregations": {"organize.congregate": 0.0},
    "social_initiatives": {"partner.organized": 0.0},
    "schools": {"partner.schools": 0.0},
    "matched_lead": {"partner.mismatch": 1.0},
    "watch": {"offend.watch": 0.0, "organize.protect_watch": 0.0},
    "flight": {"context.flight": 0.0},
    "awareness": {"learn.aware": 0.0},
    "champions": {"learn.champions": 0.0},
    "visible_success": {"learn.by_success": 0.0},
    "table_learning": {"partner.table_young": 1.0},
    "rotation": {"act.rotation_gain": 0.0},
    "relations": {"partner.relation_built": 0.0},
    "cohesion": {"feel.efficacy_cohesion": 0.0},
    "busy_places": {"reporting.busy": 0.0},
    "cap": {"offend.cap": 3.0},
}


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
            *("waiting_costs_trust", "legitimacy", "consultation_trust", "known_officers"),
            *("trust_reports", "tips"),
        ),
    ),
    "partners": SwitchGroup(
        "Partners: Situation Tables, health teams, agencies' service and referrals.",
        (
            *("situation_table", "table_learning", "matched_lead", "relations", "health_team"),
            *("treatment", "support", "outreach", "need_outreach", "social_initiatives"),
            "schools",
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
