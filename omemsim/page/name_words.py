"""The class page's names for what the model has: zones, tactics, funds, measures, strategies."""

from __future__ import annotations

from omemsim.language import Named, mark

__all__ = ["NAMES"]

# Colours by themselves: where they describe a zone, French has another form of green and blue.
ZONES: dict[str, str | Named] = {
    "zone.0": Named("zone", "red"),
    "zone.1": Named("zone", "amber"),
    "zone.2": Named("colour", "green"),
    "zone.3": Named("colour", "blue"),
    "zone.title.0": mark("enforcement, suppression"),
    "zone.title.1": mark("mobilization, prevention"),
    "zone.title.2": mark("engagement, liaison"),
    "zone.title.3": mark("safety, consultation"),
}
TACTICS = {
    "tactic.patrol": mark("Routine patrol"),
    "tactic.crime_analysis": mark("Crime analysis"),
    "tactic.targeted_enforcement": mark("Targeted enforcement"),
    "tactic.monitor_crime_reduction": mark("Monitor crime reduction"),
    "tactic.initiate_problem_solving": mark("Initiate problem-solving"),
    "tactic.mobilize_partners": mark("Mobilize partners"),
    "tactic.problem_oriented_policing": mark("Problem-oriented policing"),
    "tactic.monitor_crime_prevention": mark("Monitor crime prevention"),
    "tactic.liaison": mark("Liaison"),
    "tactic.public_education": mark("Public education"),
    "tactic.monitor_at_risk_groups": mark("Monitor at-risk groups"),
    "tactic.early_intervention": mark("Early intervention"),
    "tactic.engage_leaders": mark("Engage leaders"),
    "tactic.consultation": mark("Consultation"),
    "tactic.monitor_hazards": mark("Monitor hazards"),
    "tactic.backup": mark("Backing up other officers"),
    "tactic.traffic": mark("Traffic and stops"),
    "tactic.directed_patrol": mark("Directed patrol"),
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
MEASURES: dict[str, str | Named] = {
    "measure.public_calls": mark("Calls, per 1,000 people"),
    "measure.victimization": mark("Victims, per 1,000 people 15+"),
    "measure.recorded_crime": mark("Recorded crime, per 1,000"),
    "measure.trust": Named("measure", "Trust in police"),
    "measure.fear": Named("measure", "Fear of crime"),
    "measure.efficacy": mark("Willing to act together"),
    "measure.capacity": mark("Community capacity"),
    "measure.utilization": mark("Patrol time on calls last week"),
    "measure.hours_unassigned": mark("Idle hours a week"),
    "measure.safe": mark("Neighbourhoods green or blue"),
}
UNITS = {
    "unit.public_calls": mark("calls per 1,000 residents a year, B less A"),
    "unit.victimization": mark("incidents per 1,000 residents 15+ a year, B less A"),
    "unit.trust": mark("index from 0 to 1, B less A"),
    "unit.fear": mark("index from 0 to 1, B less A"),
    "unit.utilization": mark("share of hours, B less A"),
    "unit.safe": mark("share of neighbourhoods, B less A"),
}
DETAILS = {
    "detail.grievance": mark("Grievance against police"),
    "detail.community_led": mark("Initiatives that the community leads"),
    "detail.leaders": mark("Natural leaders known"),
    "detail.participants": mark("Residents who take part"),
    "detail.true_zone": mark("True zone"),
    "detail.call_zone": mark("Zone by calls alone"),
}
STRATEGIES: dict[str, str | Named] = {
    "strategy.present_practice": mark("Present practice"),
    "strategy.hot_spots": mark("Hot spots"),
    "strategy.enforcement_everywhere": mark("Enforcement everywhere"),
    "strategy.mobilization_everywhere": mark("Mobilization everywhere"),
    "strategy.omem": Named("strategy", "OMEM"),
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
    **STRATEGIES,
    **ABOUT,
}
