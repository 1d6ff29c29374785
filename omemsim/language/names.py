"""What the words of the model are called where people read them, in each language.

Keys, as ``problem_oriented_policing``, stay what they are in files and commands. A tactic,
intervention or strategy of the user's own is called by its key, with spaces.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from omemsim.inputs.config import choices, compose_scenario
from omemsim.language.speech import MONTHS, Language, Named, mark
from omemsim.measures import MEASURES, OUTCOME_UNITS
from omemsim.vocabulary.wheel import (
    ZONE_TITLES,
    Area,
    CallType,
    Crime,
    Group,
    Kind,
    Lead,
    Pillar,
    Precursor,
    Priority,
    Risk,
    Sector,
    Shift,
    Tactic,
    Work,
    Zone,
)

__all__ = [
    "BY_TITLE",
    "OUTCOMES",
    "PHRASES",
    "STRATEGIES",
    "WITHOUT_SIZE",
    "Phrases",
    "every_name",
    "key_name",
    "measure_title",
    "named_measure",
    "named_strategy",
    "named_tactic",
    "named_zone",
    "strategy_description",
    "strategy_name",
    "tactic_name",
    "unit_name",
    "word_name",
    "zone_name",
    "zone_title",
]

# Where a key's words alone would not read well.
_TACTICS = {
    "patrol": "routine patrol",
    "initiate_problem_solving": "initiate problem-solving",
    "problem_oriented_policing": "problem-oriented policing",
    "monitor_at_risk_groups": "monitor at-risk groups",
    "backup": "backing up other officers",
    "traffic": "traffic and stops",
}
STRATEGIES = {
    "consultation_1990s": "consultation as in the 1990s",
    "enforcement_everywhere": "enforcement everywhere",
    "engagement_everywhere": "engagement everywhere",
    "hot_spots": "hot spots",
    "mobilization_everywhere": "mobilization everywhere",
    "model_1996": "the model of 1996",
    "omem": "OMEM",
    "omem_average_mix": "OMEM's average mix everywhere",
    "omem_fixed": "OMEM with the zones of the start",
    "omem_no_handover": "OMEM without hand-over",
    "omem_no_reinvestment": "OMEM without reinvestment",
    "omem_no_tables": "OMEM without Situation Tables",
    "omem_shuffled": "OMEM in the wrong zones",
    "pilot_then_rollout": "OMEM as a pilot, then rolled out",
    "present_practice": "present practice",
    "public_relations_1980s": "public relations as in the 1980s",
    "random_patrol": "random patrol",
    "reactive": "calls only",
    "situational_only": "situational prevention only",
    "social_development_first": "social development first",
}
# What a run's summary has beside its measures.
OUTCOMES = {
    "share_red": "Neighbourhoods in the red zone",
    "share_amber": "Neighbourhoods in the amber zone",
    "share_green": "Neighbourhoods in the green zone",
    "share_blue": "Neighbourhoods in the blue zone",
    "share_green_or_blue": "Neighbourhoods in the green or blue zone",
    "upgrades": "Moves to a safer zone",
    "downgrades": "Moves to a riskier zone",
}
# Kinds of words whose name is their key with spaces; each is its own context for translators.
_WORDS: dict[str, type[IntEnum]] = {
    "area": Area,
    "call": CallType,
    "crime": Crime,
    "group": Group,
    "initiative": Kind,
    "lead": Lead,
    "pillar": Pillar,
    "precursor": Precursor,
    "priority": Priority,
    "risk": Risk,
    "sector": Sector,
    "shift": Shift,
    "zone": Zone,
}


class Phrases(NamedTuple):
    """How a fall and a rise of a measure are said; ``{size}`` is "about 9%"."""

    less: str
    more: str


# Measures that have words of their own, since one counts fewer calls and feels less fear. Any
# other measure is said by its title.
PHRASES = {
    "victimization": Phrases(mark("{size} less victimization"), mark("{size} more victimization")),
    "violence": Phrases(
        mark("{size} less violent victimization"), mark("{size} more violent victimization")
    ),
    "household_crime": Phrases(
        mark("{size} less household victimization"), mark("{size} more household victimization")
    ),
    "disorder": Phrases(
        mark("{size} fewer disorder episodes"), mark("{size} more disorder episodes")
    ),
    "public_calls": Phrases(
        mark("{size} fewer calls from the public"), mark("{size} more calls from the public")
    ),
    "recorded_crime": Phrases(
        mark("{size} less recorded crime"), mark("{size} more recorded crime")
    ),
    "fear": Phrases(mark("{size} less fear of crime"), mark("{size} more fear of crime")),
    "trust": Phrases(mark("{size} less trust in police"), mark("{size} more trust in police")),
    "low_trust": Phrases(
        mark("{size} fewer residents with low confidence in police"),
        mark("{size} more residents with low confidence in police"),
    ),
    "capacity": Phrases(
        mark("a community capacity {size} lower"), mark("a community capacity {size} higher")
    ),
    "community_led": Phrases(
        mark("a share of community-led initiatives {size} smaller"),
        mark("a share of community-led initiatives {size} larger"),
    ),
    "utilization": Phrases(
        mark("{size} less patrol time taken by calls"),
        mark("{size} more patrol time taken by calls"),
    ),
    "waiting_list": Phrases(
        mark("a waiting list {size} shorter"), mark("a waiting list {size} longer")
    ),
    "police_cost": Phrases(mark("a police cost {size} lower"), mark("a police cost {size} higher")),
    "agency_cost": Phrases(
        mark("a cost of agencies' cases {size} lower"),
        mark("a cost of agencies' cases {size} higher"),
    ),
    "share_red": Phrases(
        mark("{size} fewer neighbourhoods in the red zone"),
        mark("{size} more neighbourhoods in the red zone"),
    ),
    "share_green_or_blue": Phrases(
        mark("{size} fewer neighbourhoods in the green or blue zone"),
        mark("{size} more neighbourhoods in the green or blue zone"),
    ),
    "share_blue": Phrases(
        mark("{size} fewer neighbourhoods in the blue zone"),
        mark("{size} more neighbourhoods in the blue zone"),
    ),
    "upgrades": Phrases(
        mark("{size} fewer moves to a safer zone"), mark("{size} more moves to a safer zone")
    ),
    "downgrades": Phrases(
        mark("{size} fewer moves to a riskier zone"), mark("{size} more moves to a riskier zone")
    ),
}
# Of any other measure, and of one without a percentage.
BY_TITLE = Phrases(mark("{title} {size} lower"), mark("{title} {size} higher"))
WITHOUT_SIZE = Phrases(mark("{title} lower"), mark("{title} higher"))


def key_name(key: str) -> str:
    """Return a key as words, as "street medics" of ``street_medics``."""
    return key.replace("_", " ")


def named_zone(zone: Zone) -> Named:
    """Return the name of a zone for the catalogue."""
    return Named("zone", _word(zone))


def named_tactic(key: str) -> Named:
    """Return a tactic's or a project's name for the catalogue; the user's own, its key as words."""
    return Named("tactic", _TACTICS.get(key, key_name(key)))


def named_strategy(key: str) -> Named:
    """Return a strategy's name for the catalogue; the user's own, its key as words."""
    return Named("strategy", STRATEGIES.get(key, key_name(key)))


def named_measure(key: str) -> Named:
    """Return the title of a measure, or of what a run's summary adds, for the catalogue.

    Raises
    ------
    KeyError
        If there is no such measure.
    """
    return Named("measure", OUTCOMES[key] if key in OUTCOMES else MEASURES[key].title)


def zone_name(zone: Zone, language: Language) -> str:
    """Return the colour that a zone is called by."""
    return word_name("zone", zone, language)


def zone_title(zone: Zone, language: Language) -> str:
    """Return what the wheel calls a zone (seed 000)."""
    return language.name("zone title", ZONE_TITLES[zone])


def word_name(kind: str, word: IntEnum, language: Language) -> str:
    """Return the name of a member of one of the model's lists.

    Parameters
    ----------
    kind : one of "area", "call", "crime", "group", "initiative", "lead", "pillar", "precursor",
        "priority", "risk", "sector", "shift", "zone".
    word : a member of that list, as ``Sector.HOUSING``.
    language : to be read in.
    """
    return language.name(kind, _word(word))


def _word(word: IntEnum) -> str:
    return key_name(word.name.lower())


def tactic_name(key: str, language: Language) -> str:
    """Return the name of a tactic or a project; the user's own is called by its key."""
    return language.named(named_tactic(key))


def strategy_name(key: str, language: Language) -> str:
    """Return the name of a strategy; the user's own is called by its key."""
    return language.named(named_strategy(key))


def strategy_description(text: str, language: Language) -> str:
    """Return the description of a strategy, in its own words if it is the user's."""
    return language.name("description", text) if text else ""


def measure_title(title: str, language: Language) -> str:
    """Return the title of a measure, or of what a run's summary adds; the user's own as it is."""
    return language.name("measure", title)


def unit_name(unit: str, language: Language) -> str:
    """Return the unit of a measure."""
    return language.name("unit", unit)


def every_name() -> Iterator[Named]:
    """Yield every name that the catalogue must have: what is declared, and what is shipped."""
    for kind, words in _WORDS.items():
        yield from (Named(kind, _word(word)) for word in words)
    yield from (Named("zone title", title) for title in ZONE_TITLES.values())
    for key in dict.fromkeys(work.name.lower() for work in (*Tactic, *Work)):
        yield named_tactic(key)
    for key in choices("strategy"):
        yield named_strategy(key)
        described = compose_scenario(None, key).strategy.description
        yield Named("description", described)
    for title in [*(one.title for one in MEASURES.values()), *OUTCOMES.values()]:
        yield Named("measure", title)
    units = [
        *(one.unit for one in MEASURES.values()),
        *(unit for unit, _ in OUTCOME_UNITS.values()),
    ]
    yield from (Named("unit", unit) for unit in dict.fromkeys(units))
    yield from (Named("month", month) for month in MONTHS)
    yield Named("day", "1")
