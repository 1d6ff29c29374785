"""What interventions do at single places, in stages 5 and 7: visits, problem-solving, light.

An intervention at a place orders ``dose`` hours a week of a tactic for that place alone:

    given = dose x min(1, usable / ordered) x what an hour of the tactic does there

Hours of patrol, directed patrol, enforcement and traffic work become visits to the place, none of
which miss (`visits`). Hours of problem-oriented policing carry initiatives as any other hours do,
and police who open one in the neighbourhood open it at a place with such a dose first. Lighting
keeps ``designed`` of the place at ``dose`` at least, while it lasts.

Hours at places count among their neighbourhood's in all else: stops, stocks, initiatives.

Sources: Braga et al. 2019; Koper 1995. Assumptions: an officer sent to a place gets there; stops
among these visits are as frequent, and weigh as much, as among others of the neighbourhood.

`act` and `organize` call it, and say what is read and written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from omemsim.kernels import Column, Flag, Whole, kernel, paired_sum
from omemsim.town import EventTable, Table, Town
from omemsim.vocabulary.wheel import FIRST_PROJECT, Tactic, Work

if TYPE_CHECKING:
    from omemsim.processes.visits import VisitParameters

__all__ = [
    "AT_ONE_PLACE",
    "dosed_free_place",
    "give_to_places",
    "light_places",
    "rejoin",
    "set_apart",
    "visit_dosed",
]

VISITING = (
    Tactic.PATROL,
    Tactic.DIRECTED_PATROL,
    Tactic.TARGETED_ENFORCEMENT,
    Tactic.TRAFFIC,
)
# What can be done at one place; all else acts on a whole neighbourhood.
AT_ONE_PLACE = (
    *(Work(tactic) for tactic in (*VISITING, Tactic.PROBLEM_ORIENTED_POLICING)),
    Work.LIGHTING,
)
VISITS = np.array([tactic in VISITING for tactic in Tactic])


@kernel
def is_at_place(interventions: EventTable, row: Whole, week: Whole) -> Flag:
    """Say whether an intervention is on this week, and at a single place."""
    is_on = interventions.start[row] <= week < interventions.end[row]
    return is_on and interventions.place[row] >= 0


@kernel
def is_visited(interventions: EventTable, row: Whole, week: Whole) -> Flag:
    """Say whether an intervention sends officers to a single place this week."""
    what = interventions.what[row]
    return is_at_place(interventions, row, week) and what < FIRST_PROJECT and VISITS[what]


@kernel
def give_to_places(town: Town, offered: Column, week: Whole) -> None:
    """Write the effective hours that each intervention at a place gets.

    Parameters
    ----------
    town : its neighbourhoods' effective hours are those of ``offered``.
    offered : float64 (N, tactics), hours before all that makes them do less.
    week : this one.
    """
    hoods, interventions, service = town.neighbourhoods, town.interventions, town.service
    free = paired_sum(town.officers.proactive) - service.withdrawn[0]
    usable = max(free - service.lost[0] + service.extra_hours[0], 0.0)
    met = min(usable / max(paired_sum(hoods.ordered.ravel()), 1e-12), 1.0)
    for row in range(interventions.count[0]):
        interventions.given[row] = 0.0
        n, what = interventions.neighbourhood[row], interventions.what[row]
        if is_at_place(interventions, row, week) and what < FIRST_PROJECT:
            does = hoods.hours[n, what] / max(offered[n, what], 1e-12)
            interventions.given[row] = interventions.dose[row] * met * does


@kernel
def set_apart(hoods: Table, interventions: EventTable, week: Whole) -> None:
    """Take visits' hours at single places out of what their neighbourhoods spread."""
    for row in range(interventions.count[0]):
        n, what = interventions.neighbourhood[row], interventions.what[row]
        if is_visited(interventions, row, week):
            hoods.hours[n, what] = max(hoods.hours[n, what] - interventions.given[row], 0.0)


@kernel
def rejoin(hoods: Table, interventions: EventTable, week: Whole) -> None:
    """Count these hours with their neighbourhoods' again, for all that is not a visit."""
    for row in range(interventions.count[0]):
        n, what = interventions.neighbourhood[row], interventions.what[row]
        if is_visited(interventions, row, week):
            hoods.hours[n, what] += interventions.given[row]


@kernel
def visit_dosed(
    interventions: EventTable, n: Whole, places: Table, p: VisitParameters, week: Whole
) -> None:
    """Send officers to the single places of a neighbourhood that interventions name."""
    for row in range(interventions.count[0]):
        what = interventions.what[row]
        is_here = interventions.neighbourhood[row] == n
        if is_here and is_visited(interventions, row, week):
            an_hour = p.traffic_visits if what == Tactic.TRAFFIC else p.visits_per_hour
            visits = np.float32(an_hour * interventions.given[row])
            places.visits[interventions.place[row]] += visits


@kernel
def dosed_free_place(interventions: EventTable, n: Whole, taken: Column, week: Whole) -> Whole:
    """Return the first place where an intervention asks for problem-solving, not taken; else -1.

    Parameters
    ----------
    interventions : of the town.
    n : the neighbourhood.
    taken : places that initiatives of it work at, -1 for none.
    week : this one.
    """
    for row in range(interventions.count[0]):
        is_asked = interventions.what[row] == Tactic.PROBLEM_ORIENTED_POLICING
        is_here = interventions.neighbourhood[row] == n and is_at_place(interventions, row, week)
        if is_here and is_asked:
            is_free = True
            for place in taken:
                is_free &= place != interventions.place[row]
            if is_free:
                return np.int64(interventions.place[row])
    return np.int64(-1)


@kernel
def light_places(interventions: EventTable, places: Table, week: Whole) -> None:
    """Keep up light and design at the single places that interventions name."""
    for row in range(interventions.count[0]):
        if is_at_place(interventions, row, week) and interventions.what[row] == Work.LIGHTING:
            place, dose = interventions.place[row], np.float32(interventions.dose[row])
            places.designed[place] = max(places.designed[place], dose)
