"""What interventions do at single places, in stages 5 and 7: visits, problem-solving, light."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.vocabulary.wheel import FIRST_PROJECT, Tactic, Work

if TYPE_CHECKING:
    from omemsim.reference.agents import Neighbourhood, Place
    from omemsim.reference.entries import Intervention
    from omemsim.reference.model import ReferenceModel

__all__ = ["dosed_places", "give_to_places", "light_places", "spread_hours", "visit_dosed"]

VISITING = (
    Tactic.PATROL,
    Tactic.DIRECTED_PATROL,
    Tactic.TARGETED_ENFORCEMENT,
    Tactic.TRAFFIC,
)


def at_places(model: ReferenceModel) -> list[Intervention]:
    """Return the interventions at single places that are on this week."""
    week = model.week
    return [w for w in model.interventions if w.place is not None and w.start <= week < w.end]


def give_to_places(
    model: ReferenceModel, met: float, rested: float, trained: float, awake: float
) -> None:
    """Write the effective hours that each intervention at a place gets.

    Parameters
    ----------
    met : share of what is ordered that there are hours for.
    rested, trained : what an hour does, of tactics that need no skill and of those that do.
    awake : what an hour of tactics that need people awake does, of that.
    """
    for work in model.interventions:
        work.given = 0.0
    for work in at_places(model):
        if work.what < FIRST_PROJECT:
            use = list(Tactic)[work.what].use
            does = trained if use.takes_skill else rested
            work.given = work.dose * met * does * (1.0 if use.at_night else awake)


def spread_hours(model: ReferenceModel, hood: Neighbourhood) -> list[float]:
    """Return the hours of a neighbourhood without those of visits to single places."""
    hours = list(hood.hours)
    for work in at_places(model):
        if work.neighbourhood is hood and work.what in VISITING:
            hours[work.what] = max(0.0, hours[work.what] - work.given)
    return hours


def visit_dosed(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Send officers to the single places of a neighbourhood that interventions name."""
    group = model.parameters.act
    for work in at_places(model):
        if work.neighbourhood is hood and work.what in VISITING and work.place is not None:
            is_traffic = work.what == Tactic.TRAFFIC
            an_hour = group.traffic_visits if is_traffic else group.visits_per_hour
            work.place.visits += an_hour * work.given


def dosed_places(model: ReferenceModel, hood: Neighbourhood) -> list[Place]:
    """Return the single places of a neighbourhood where interventions ask for problem-solving."""
    solving = (w for w in at_places(model) if w.what == Tactic.PROBLEM_ORIENTED_POLICING)
    return [w.place for w in solving if w.place is not None and w.neighbourhood is hood]


def light_places(model: ReferenceModel) -> None:
    """Keep up light and design at the single places that interventions name."""
    for work in at_places(model):
        if work.what == Work.LIGHTING and work.place is not None:
            work.place.designed = max(work.place.designed, work.dose)
