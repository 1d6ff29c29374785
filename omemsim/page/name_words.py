"""The class page's names for what the model has: zones, tactics, funds, measures, strategies."""

from __future__ import annotations

from omemsim.language import Named, mark
from omemsim.language.names import (
    STRATEGIES,
    named_measure,
    named_strategy,
    named_tactic,
    named_zone,
)
from omemsim.vocabulary.wheel import Tactic, Zone

__all__ = ["NAMES"]


def _label(one: Named) -> Named:
    return one._replace(is_label=True)


ZONES: dict[str, str | Named] = {
    **{f"zone.{int(zone)}": named_zone(zone) for zone in Zone},
    # Shorter than the wheel's own titles, with which the legend takes twice as much of a phone.
    "zone.title.0": mark("enforcement, suppression"),
    "zone.title.1": mark("mobilization, prevention"),
    "zone.title.2": mark("engagement, liaison"),
    "zone.title.3": mark("safety, consultation"),
}
TACTICS = {
    f"tactic.{key}": _label(named_tactic(key)) for key in (one.name.lower() for one in Tactic)
}
ALLOCATIONS = {
    "allocation.equal": mark("everywhere the same"),
    "allocation.residents": mark("by residents"),
    "allocation.calls": mark("where calls are"),
    "allocation.need": mark("where need is highest"),
}
FUNDS: dict[str, str | Named] = {
    "fund.casework": mark("Cases at agencies"),
    "fund.social_development": mark("Social development"),
    "fund.situational_prevention": mark("Safer places"),
    "fund.situation_table": mark("Situation Table"),
    "fund.co_response": Named("measure", "Calls answered with a health team"),
}
SHOCKS = {
    "shock.crime": mark("a wave of crime: half more, for half a year"),
    "shock.economic": mark("a recession of two years"),
    "shock.legitimacy": mark("a police scandal"),
    "shock.budget_cut": mark("a fifth fewer patrol hours for a year"),
    "shock.campaign": mark("a public education campaign of half a year"),
}
# A label of the page says the unit or the time, for which it has no column of its own.
MEASURES: dict[str, str | Named] = {
    "measure.public_calls": mark("Calls, per 1,000 people"),
    "measure.victimization": mark("Victims, per 1,000 people 15+"),
    "measure.recorded_crime": mark("Recorded crime, per 1,000"),
    "measure.trust": named_measure("trust"),
    "measure.fear": named_measure("fear"),
    "measure.efficacy": mark("Willing to act together"),  # of the report's "collective efficacy"
    "measure.capacity": named_measure("capacity"),
    "measure.utilization": mark("Patrol time on calls last week"),
    "measure.hours_unassigned": mark("Unassigned hours a week"),
    "measure.safe": named_measure("share_green_or_blue"),
}
UNITS = {
    "unit.public_calls": mark("calls per 1,000 residents a year, B less A"),
    "unit.victimization": mark("incidents per 1,000 residents 15+ a year, B less A"),
    "unit.trust": mark("index from 0 to 1, B less A"),
    "unit.fear": mark("index from 0 to 1, B less A"),
    "unit.utilization": mark("share of hours, B less A"),
    "unit.safe": mark("share of neighbourhoods, B less A"),
}
DETAILS: dict[str, str | Named] = {
    "detail.grievance": mark("Grievance against police"),
    "detail.community_led": named_measure("community_led"),
    "detail.leaders": mark("Natural leaders known"),
    "detail.participants": mark("Residents who take part"),
    "detail.true_zone": named_measure("true_zone"),
    "detail.call_zone": named_measure("call_zone"),
}
ABOUT = {
    "about.present_practice": mark(
        "Calls first; free hours go to routine patrol, backup and traffic."
    ),
    "about.hot_spots": mark("Free hours go to enforcement at the worst places."),
    "about.enforcement_everywhere": mark("Free hours go to enforcement, in every neighbourhood."),
    "about.mobilization_everywhere": mark(
        "Free hours go to mobilizing partners and solving problems, in every neighbourhood."
    ),
    "about.omem": mark(
        "Tactics matched to each neighbourhood's zone, more hours where need is higher."
    ),
}
NAMES: dict[str, str | Named] = {
    **ZONES,
    **TACTICS,
    **ALLOCATIONS,
    **FUNDS,
    **SHOCKS,
    **MEASURES,
    **UNITS,
    **DETAILS,
    **{f"strategy.{key}": _label(named_strategy(key)) for key in STRATEGIES},
    **ABOUT,
}
