"""What direct tactics do to attempts at crime, in stage 8: each has draws of its own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omemsim.reference.draws import choice, event_uniform
from omemsim.vocabulary.questions import OF_A_CRIME
from omemsim.vocabulary.wheel import Crime

if TYPE_CHECKING:
    from omemsim.reference.agents import Place
    from omemsim.reference.model import ReferenceModel

__all__ = ["passes", "place_of"]

BLOCK_SALT, _ = OF_A_CRIME["is it blocked, there or by what spreads from near"]
MOVE_SALT, _ = OF_A_CRIME["does it move"]
ONWARD_SALT, _ = OF_A_CRIME["does it leave the neighbourhood"]
HOOD_SALT, _ = OF_A_CRIME["for which neighbourhood"]
PLACE_SALT, _ = OF_A_CRIME["for which place"]
AGAIN_SALT, _ = OF_A_CRIME["is it blocked there as well"]


def direct(model: ReferenceModel, place: Place) -> float:
    """Return what direct tactics take off the log rate at a place."""
    group = model.parameters.offend
    deterred = group.deterrence * max(0.0, place.perceived - group.accustomed * place.accustomed)
    return float(min(group.cap, deterred + place.removed + group.designed * place.designed))


def passes_own(model: ReferenceModel, place: Place) -> float:
    """Return the probability that an attempt passes what is done at the place itself."""
    return math.exp(-direct(model, place))


def passes_near(model: ReferenceModel, place: Place) -> float:
    """Return the probability that it passes what spreads from near places."""
    mean = sum(direct(model, near) for near in place.near) / len(place.near)
    return math.exp(-model.parameters.offend.diffused * mean)


def passes(model: ReferenceModel, place: Place) -> float:
    """Return the probability that an attempt at a place becomes a crime there."""
    return passes_own(model, place) * passes_near(model, place)


def place_of(model: ReferenceModel, place: Place, *, crime: Crime, event: int) -> Place | None:
    """Return where an attempt becomes a crime, if it does; count what happened to it.

    Parameters
    ----------
    place : where it is made first.
    crime : its type.
    event : its identity.
    """
    draws, service = model.draws, model.service
    u = event_uniform(event, BLOCK_SALT)
    if draws.below(u, passes(model, place)):
        return place
    if draws.below(u, passes_own(model, place)):
        service.diffused += 1
        return None
    service.blocked += 1
    if not draws.below(event_uniform(event, MOVE_SALT), model.parameters.offend.displaced):
        return None
    other = elsewhere(model, place, crime=crime, event=event)
    if other is None or not draws.below(event_uniform(event, AGAIN_SALT), passes(model, other)):
        return None
    service.displaced += 1
    service.displaced_away += other.neighbourhood is not place.neighbourhood
    return other


def elsewhere(model: ReferenceModel, place: Place, *, crime: Crime, event: int) -> Place | None:
    """Return another place for an attempt, None where there is no opportunity for it.

    Parameters
    ----------
    place : where it is blocked.
    crime : its type.
    event : its identity.
    """
    hoods, onward = place.neighbourhood.adjoining, model.parameters.offend.onward
    near = place.near
    if hoods and model.draws.below(event_uniform(event, ONWARD_SALT), onward):
        near = hoods[choice(event, HOOD_SALT, len(hoods))].places
    offers = [offered(other, crime) for other in near]
    at = event_uniform(event, PLACE_SALT) * sum(offers)
    for other, offer in zip(near, offers, strict=True):
        if model.draws.below(at, offer):
            return other
        at -= offer
    return None


def offered(place: Place, crime: Crime) -> float:
    """Return the opportunity that a place offers for a type of crime."""
    if crime == Crime.BUSINESS:
        return place.businesses
    if crime == Crime.HOUSEHOLD:
        return place.dwelling_opportunity * len(place.households)
    return place.opportunity * len(place.residents)
