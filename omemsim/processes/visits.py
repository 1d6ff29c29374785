"""Visits to places, in stage 5: where officers go, and what offenders make of it.

``precision`` of targeted enforcement goes evenly to the worst known places of the neighbourhood,
the rest and all patrol evenly to every place; crime analysis aims visits that would miss, and
monitoring of crime reduction moves visits on from places that are used to them, or from places
where they do not pay: if after unpaid_weeks of targeted visits police know of no less there than
before (`dosed`, `known_before`), the place counts for so many weeks as if less were known of it, by
a share unpaid_moves rotation_n. Directed patrol is aimed as well, at the places with most crimes
recorded over the last four weeks (of equals, those known as worse). Officers on traffic work are
seen at fewer places an hour (traffic_visits), anywhere. Deterrence, per place:

    seen       = visits / (visits + visits_half)
    perceived' = perceived + (1 - 2^(-1/memory)) (seen - perceived)
    accustomed'= accustomed + (1 - 2^(-1/accustom)) (perceived' - accustomed)

`offend` reads perceived - accustomed share of it, so a constant dose wears off.
Sources: Sherman 1990; Sorg et al. 2013. Assumption: officers on traffic work deter as patrol does,
visit by visit.

`act` calls it, and says what is read and written.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omemsim.kernels import Column, Double, Single, Whole, kernel
from omemsim.processes.placed import visit_dosed
from omemsim.town import Table, Town
from omemsim.vocabulary.parameters import Act
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import Tactic

__all__ = [
    "VisitParameters",
    "missed",
    "share_enforcing",
    "visit_parameters",
    "visit_places",
    "worst_of",
    "worst_places",
]


class VisitParameters(NamedTuple):
    """What visits need."""

    precision: np.float64  # share of aimed visits that reach the worst places
    analysis_gain: np.float64
    visits_per_hour: np.float64
    traffic_visits: np.float64  # per hour of traffic work
    worst_share: np.float64  # of a neighbourhood's places
    rotation_gain: np.float32
    unpaid_weeks: np.int64
    unpaid_moves: np.float32
    visits_half: np.float32
    perceive_pace: np.float32
    accustom_pace: np.float32


def visit_parameters(group: Act, precision: float) -> VisitParameters:
    """Return what visits need."""
    return fill(
        VisitParameters,
        group,
        precision=precision,
        perceive_pace=decay(group.visits_memory),
        accustom_pace=decay(group.accustom),
    )


@kernel
def missed(analysis: Single, p: VisitParameters) -> Double:
    """Return the share of a neighbourhood's aimed visits that miss the worst places."""
    return (1 - p.precision) * (1.0 - p.analysis_gain * np.float64(analysis))


@kernel
def visit_places(town: Town, p: VisitParameters, week: Whole) -> None:
    """Send officers to places, and let offenders notice."""
    hoods, places = town.neighbourhoods, town.places
    for n in range(hoods.places.size):
        here = slice(hoods.first_place[n], hoods.first_place[n] + hoods.places[n])
        patrol_everywhere(hoods, n, places.visits[here], p)
        visit_worst_of_month(hoods, n, places, here, p)
        visit_worst_known(hoods, n, places, here, p)
        visit_dosed(town.interventions, n, places, p, week)
        notice(places, here, p)


@kernel
def patrol_everywhere(hoods: Table, n: Whole, visits: Column, p: VisitParameters) -> None:
    """Spread patrol, traffic work and visits that miss evenly over all places."""
    hours, hits = hoods.hours[n], 1.0 - missed(hoods.analysis[n], p)
    aimed = p.visits_per_hour * hours[Tactic.TARGETED_ENFORCEMENT]
    directed = p.visits_per_hour * hours[Tactic.DIRECTED_PATROL]
    spread = p.visits_per_hour * hours[Tactic.PATROL] + (1.0 - hits) * (aimed + directed)
    spread += p.traffic_visits * hours[Tactic.TRAFFIC]
    visits[:] = np.float32(spread / visits.size)


@kernel
def places_aimed_at(places: Whole, p: VisitParameters) -> Whole:
    """Return how many of a neighbourhood's places aimed visits go to."""
    return np.int64(max(np.rint(p.worst_share * places), 1.0))


@kernel
def visit_worst_of_month(
    hoods: Table, n: Whole, places: Table, here: slice, p: VisitParameters
) -> None:
    """Direct patrol to the places with most crimes recorded over the last weeks."""
    visits, recorded, knowledge = places.visits[here], places.recorded[here], places.knowledge[here]
    directed = p.visits_per_hour * hoods.hours[n, Tactic.DIRECTED_PATROL]
    if directed > 0.0:
        hits, most = 1.0 - missed(hoods.analysis[n], p), places_aimed_at(visits.size, p)
        score = np.empty(visits.size)
        for q in range(visits.size):
            known = np.float64(knowledge[q])
            score[q] = recorded[q].sum() + known / (1.0 + known)  # below 1, so it only breaks ties
        for q in worst_of(score, most):
            visits[q] += np.float32(hits * directed / most)


@kernel
def visit_worst_known(
    hoods: Table, n: Whole, places: Table, here: slice, p: VisitParameters
) -> None:
    """Enforce at the worst known places, and where visits rotate, at those not used to them."""
    visits, knowledge = places.visits[here], places.knowledge[here]
    accustomed, dosed = places.accustomed[here], places.dosed[here]
    most = places_aimed_at(visits.size, p)
    aimed = p.visits_per_hour * hoods.hours[n, Tactic.TARGETED_ENFORCEMENT]
    each = np.float32((1.0 - missed(hoods.analysis[n], p)) * aimed / most)
    if each > np.float32(0):
        used = p.rotation_gain * hoods.rotation[n]
        moved = p.unpaid_moves * hoods.rotation[n]
        score = knowledge * (np.float32(1) - used * accustomed)
        for q in range(score.size):
            if dosed[q] < 0:
                score[q] *= np.float32(1) - moved
        aimed_at = np.zeros(score.size, np.uint8)
        for q in worst_of(score, most):
            visits[q] += each
            aimed_at[q] = 1
        judge(dosed, places.known_before[here], knowledge, aimed_at, p)


@kernel
def judge(
    dosed: Column, before: Column, knowledge: Column, aimed_at: Column, p: VisitParameters
) -> None:
    """Count weeks of aimed visits at places; mark where they did not lower what is known.

    Parameters
    ----------
    dosed, before, knowledge : of a neighbourhood's places; the first two are written to.
    aimed_at : uint8, 1 for those that visits are aimed at this week.
    """
    for q in range(dosed.size):
        if dosed[q] < 0:
            dosed[q] += 1
        elif aimed_at[q] == 0:
            dosed[q] = 0
        else:
            if dosed[q] == 0:
                before[q] = knowledge[q]
            dosed[q] += 1
            if dosed[q] >= p.unpaid_weeks:
                dosed[q] = -p.unpaid_weeks if knowledge[q] >= before[q] else 0


@kernel
def notice(places: Table, here: slice, p: VisitParameters) -> None:
    """Let offenders perceive visits, and get used to what they perceive."""
    visits, perceived = places.visits[here], places.perceived[here]
    accustomed = places.accustomed[here]
    for q in range(visits.size):
        seen = visits[q] / (visits[q] + p.visits_half)
        perceived[q] += p.perceive_pace * (seen - perceived[q])
        accustomed[q] += p.accustom_pace * (perceived[q] - accustomed[q])


@kernel
def share_enforcing(hours: Column, p: VisitParameters) -> Double:
    """Return which share of the visits of a neighbourhood's hours is targeted enforcement."""
    aimed = hours[Tactic.TARGETED_ENFORCEMENT]
    others = hours[Tactic.PATROL] + hours[Tactic.DIRECTED_PATROL]
    others += p.traffic_visits / p.visits_per_hour * hours[Tactic.TRAFFIC]
    return aimed / max(aimed + others, 1e-12)


@kernel
def worst_of(score: Column, most: Whole) -> Column:
    """Return the rows of the highest scores, highest first, of equals the lower row first."""
    rows = np.empty(max(min(most, score.size), 0), np.int64)
    found = 0
    for row in range(score.size if most > 0 else 0):
        if found == rows.size and not score[row] > score[rows[found - 1]]:
            continue
        found = min(found + 1, rows.size)
        k = found - 1
        while k > 0 and score[row] > score[rows[k - 1]]:
            rows[k] = rows[k - 1]
            k -= 1
        rows[k] = row
    return rows


def worst_places(knowledge: Column, first: int, count: int, most: int) -> Column:
    """Return a neighbourhood's worst known places, worst first: `worst_of`, for use in Python.

    Parameters
    ----------
    knowledge : (places,), of all places of the town.
    first, count : first row and number of the neighbourhood's places.
    most : how many are wanted; fewer where it has fewer.
    """
    order = np.argsort(-knowledge[first : first + count], kind="stable")
    return first + order[:most]
