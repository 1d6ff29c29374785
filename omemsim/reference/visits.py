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
    used = group.rotation_gain * hood.rotation
    worst = worst_places(hood.places, lambda place: place.knowledge * (1 - used * place.accustomed))
    most = max(1, round(group.worst_share * len(hood.places)))
    for place in worst[:most]:
        place.visits += (1 - missed) * enforcing / most
    for place in worst_places(hood.places, last_month)[:most]:
        place.visits += (1 - missed) * directed / most
    visit_dosed(model, hood)


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
