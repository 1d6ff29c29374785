"""Visits to places, in stage 5: where officers go, and what offenders make of it.

``precision`` of targeted enforcement goes evenly to the worst known places of the
neighbourhood, the rest and all patrol evenly to every place; crime analysis aims visits that
would miss, and monitoring of crime reduction moves visits on from places that are used to
them. Directed patrol is aimed as well, at the places with most crimes recorded over the last four
weeks (of equals, those known as worse). Officers on traffic work are seen at fewer places an hour
(traffic_visits), anywhere. Deterrence, per place:

    seen       = visits / (visits + visits_half)
    perceived' = perceived + (1 - 2^(-1/memory)) (seen - perceived)
    accustomed'= accustomed + (1 - 2^(-1/accustom)) (perceived' - accustomed)

`offend` reads perceived - accustomed share of it, so a constant dose wears off.
Sources: Sherman 1990; Sorg et al. 2013. Assumption: officers on traffic work deter as patrol does,
visit by visit.

Reads: hours, analysis, rotation, knowledge, recorded. Writes: visits, perceived, accustomed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import kernel, single
from omemsim.vocabulary.parameters import Act
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.wheel import Tactic

__all__ = ["enforcing", "missed", "visit_places", "visit_rates", "worst_of", "worst_places"]


def worst_places(knowledge: Any, first: int, count: int, most: int) -> Any:
    """Return the rows of a neighbourhood's worst known places, worst first, ties by row."""
    order = np.argsort(-knowledge[first : first + count], kind="stable")
    return first + order[:most]


def visit_rates(group: Act) -> tuple[Any, ...]:
    """Return what analysis gains, what hours visit, what rotation moves, and memories."""
    return (
        float(group.analysis_gain),
        (float(group.visits_per_hour), float(group.traffic_visits), float(group.worst_share)),
        single(group, "rotation_gain", "visits_half"),
        (np.float32(decay(group.visits_memory)), np.float32(decay(group.accustom))),
    )


@kernel
def missed(not_precise, gain, analysis):  # type: ignore[no-untyped-def]
    """Return the share of aimed visits that miss the worst places, float64 (N,)."""
    missing = np.empty(analysis.size)
    for n in range(analysis.size):
        missing[n] = not_precise * (1.0 - gain * np.float64(analysis[n]))
    return missing


@kernel
def visit_places(rates, hours, missing, rotation, rows, known, risks):  # type: ignore[no-untyped-def]
    """Send officers to places, and let offenders notice."""
    _, (per_hour, traffic_visits, worst_share), (rotation_gain, half), paces = rates
    first, count = rows
    knowledge, recorded = known
    visits, perceived, accustomed, _ = risks
    for n in range(first.size):
        here = slice(first[n], first[n] + count[n])
        precision = 1.0 - missing[n]
        aimed = per_hour * hours[n, Tactic.TARGETED_ENFORCEMENT]
        directed = per_hour * hours[n, Tactic.DIRECTED_PATROL]
        spread = per_hour * hours[n, Tactic.PATROL] + (1.0 - precision) * (aimed + directed)
        spread += traffic_visits * hours[n, Tactic.TRAFFIC]
        visits[here] = np.float32(spread / count[n])
        most = np.int64(max(np.rint(worst_share * count[n]), 1.0))
        if directed > 0.0:
            for p in worst_of(last_month(recorded[here], knowledge[here]), most):
                visits[first[n] + p] += np.float32(precision * directed / most)
        share = np.float32(precision * aimed / most)
        if share > np.float32(0):
            used = rotation_gain * rotation[n]
            fresh = knowledge[here] * (np.float32(1) - used * accustomed[here])
            for p in worst_of(fresh, most):
                visits[first[n] + p] += share
        _notice(visits[here], half, paces, perceived[here], accustomed[here])


@kernel
def last_month(recorded, knowledge):  # type: ignore[no-untyped-def]
    """Return a score by crimes recorded over the last weeks, of equals by what is known."""
    score = np.empty(knowledge.size)
    for p in range(score.size):
        known = np.float64(knowledge[p])
        score[p] = recorded[p].sum() + known / (1.0 + known)
    return score


@kernel
def enforcing(rates, hours):  # type: ignore[no-untyped-def]
    """Return which share of the visits of a neighbourhood's hours is targeted enforcement."""
    _, (per_hour, traffic_visits, _), _, _ = rates
    aimed = hours[Tactic.TARGETED_ENFORCEMENT]
    others = hours[Tactic.PATROL] + hours[Tactic.DIRECTED_PATROL]
    others += traffic_visits / per_hour * hours[Tactic.TRAFFIC]
    return aimed / max(aimed + others, 1e-12)


@kernel
def worst_of(score, most):  # type: ignore[no-untyped-def]
    """Return the rows of the highest scores, highest first, ties by row, as `worst_places`."""
    rows = np.empty(min(most, score.size), np.int64)
    found = 0
    for p in range(score.size if most > 0 else 0):
        if found == rows.size and not score[p] > score[rows[found - 1]]:
            continue
        found = min(found + 1, rows.size)
        k = found - 1
        while k > 0 and score[p] > score[rows[k - 1]]:
            rows[k] = rows[k - 1]
            k -= 1
        rows[k] = p
    return rows


@kernel
def _notice(visits, half, paces, perceived, accustomed):  # type: ignore[no-untyped-def]
    memory, accustom = paces
    for p in range(visits.size):
        seen = visits[p] / (visits[p] + half)
        perceived[p] += memory * (seen - perceived[p])
        accustomed[p] += accustom * (perceived[p] - accustomed[p])
