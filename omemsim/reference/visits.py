"""Visits to places, in stage 5: where officers go, and what offenders make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.placed import spread_hours, visit_dosed
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.wheel import Tactic

if TYPE_CHECKING:
    from collections.abc import Callable

    from omemsim.reference.agents import Neighbourhood, Place
    from omemsim.reference.model import ReferenceModel

__all__ = ["missing", "notice", "visit", "worst_places"]


def missing(model: ReferenceModel, hood: Neighbourhood) -> float:
    """Return the share of aimed visits that miss the worst places."""
    gain = model.parameters.act.analysis_gain
    return float((1 - model.strategy.precision) * (1 - gain * hood.analysis))


def visit(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Send patrol everywhere alike, and what is aimed to the worst places, as far as it hits."""
    group = model.parameters.act
    missed = missing(model, hood)
    hours = spread_hours(model, hood)
    enforcing = group.visits_per_hour * hours[Tactic.TARGETED_ENFORCEMENT]
    directed = group.visits_per_hour * hours[Tactic.DIRECTED_PATROL]
    spread = group.visits_per_hour * hours[Tactic.PATROL] + missed * (enforcing + directed)
    spread += group.traffic_visits * hours[Tactic.TRAFFIC]
    for place in hood.places:
        place.visits = spread / len(hood.places)
    most = max(1, round(group.worst_share * len(hood.places)))
    each = (1 - missed) * enforcing / most
    if each > 0:
        worst = worst_places(hood.places, lambda place: turn(model, place))[:most]
        for place in worst:
            place.visits += each
        for place in hood.places:
            judge(model, place, is_aimed_at=place in worst)
    for place in worst_places(hood.places, last_month)[:most]:
        place.visits += (1 - missed) * directed / most
    visit_dosed(model, hood)


def turn(model: ReferenceModel, place: Place) -> float:
    """Return how soon it is a place's turn: less where they are used to visits, or these failed."""
    group, rotation = model.parameters.act, place.neighbourhood.rotation
    score = place.knowledge * (1 - group.rotation_gain * rotation * place.accustomed)
    return score * (1 - group.unpaid_moves * rotation) if place.dosed < 0 else score


def judge(model: ReferenceModel, place: Place, *, is_aimed_at: bool) -> None:
    """Count weeks of visits aimed at a place, and mark it where they did not lower what is known.

    Parameters
    ----------
    is_aimed_at : whether visits are aimed at it this week.
    """
    weeks = model.parameters.act.unpaid_weeks
    if place.dosed < 0:
        place.dosed += 1
        return
    if not is_aimed_at:
        place.dosed = 0
        return
    if place.dosed == 0:
        place.known_before = place.knowledge
    place.dosed += 1
    if place.dosed >= weeks:
        failed = model.draws.reaches(place.knowledge, place.known_before)
        place.dosed = -weeks if failed else 0


def last_month(place: Place) -> float:
    """Return how bad a place was last month: its crimes on record, then what else is known."""
    return sum(place.recorded) + place.knowledge / (1 + place.knowledge)


def notice(model: ReferenceModel, place: Place) -> None:
    """Let offenders notice visits, and get used to them."""
    group = model.parameters.act
    seen = place.visits / (place.visits + group.visits_half)
    place.perceived += decay(group.visits_memory) * (seen - place.perceived)
    place.accustomed += decay(group.accustom) * (place.perceived - place.accustomed)


def worst_places(places: list[Place], score: Callable[[Place], float]) -> list[Place]:
    """Return places by their score, worst (highest) first, ties by row."""
    return sorted(places, key=lambda place: -score(place))
