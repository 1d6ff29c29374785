"""What direct tactics do to attempts at crime, in stage 8: what stops, what moves, what spreads.

Rates say how many attempts there are at each place. Visits, removed opportunity and design block
an attempt; what is blocked moves or stays at home; places near to places that are guarded benefit:

    direct   = min(cap, deterrence max(0, perceived - share accustomed) + removed
                   + design designed), with share and design the parameters accustomed and designed
    passes   with probability exp(-direct) at the place itself, else it is *blocked*
    passes   with probability exp(-diffused x mean direct of the near places), else it is prevented
             by what *diffuses* from there
    blocked  : with probability ``displaced`` it is made once more: with probability ``onward`` in a
               neighbourhood that adjoins, any one alike, else at one of the near places; which
               place, in proportion to the opportunity for this type of crime. There it passes with
               the product of both probabilities, and is given up otherwise.

Both happen side by side, and each can be switched off without the other. Sources: Braga et al. 2019
and Weisburd et al. 2006 (displacement is the exception, diffusion of benefits the more common).
Assumptions: sizes; what is blocked at a hot spot goes where the opportunity is; a victim is found
where the crime then happens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from omemsim.kernels import (
    Column,
    Double,
    Hash,
    Whole,
    choice,
    event_uniform,
    exponential,
    kernel,
)
from omemsim.town import Table, Town
from omemsim.vocabulary.questions import OF_A_CRIME
from omemsim.vocabulary.wheel import Crime

if TYPE_CHECKING:
    from omemsim.processes.offend import OffendParameters

__all__ = ["NOWHERE", "Passing", "elsewhere", "passing_of", "place_of"]

NOWHERE = -1  # where an attempt happens that becomes no crime
BLOCK_SALT = OF_A_CRIME["is it blocked, there or by what spreads from near"][0]
MOVE_SALT = OF_A_CRIME["does it move"][0]
ONWARD_SALT = OF_A_CRIME["does it leave the neighbourhood"][0]
HOOD_SALT = OF_A_CRIME["for which neighbourhood"][0]
PLACE_SALT = OF_A_CRIME["for which place"][0]
AGAIN_SALT = OF_A_CRIME["is it blocked there as well"][0]


class Passing(NamedTuple):
    """What an attempt has to pass at each place, float64 (P,)."""

    direct: Column  # what is done there takes off the log rate
    share: Column  # of attempts that pass it, and what spreads from near places


@kernel
def passing_of(places: Table, p: OffendParameters) -> Passing:
    """Return what attempts at each place have to pass."""
    perceived, accustomed, near = places.perceived, places.accustomed, places.near
    direct, share = np.empty(perceived.size), np.empty(perceived.size)
    for place in range(direct.size):
        unusual = max(perceived[place] - p.accustomed * accustomed[place], np.float32(0))
        solved = np.float64(places.removed[place]) + p.designed * np.float64(places.designed[place])
        direct[place] = min(p.cap, np.float64(p.deterrence * unusual) + solved)
    for place in range(direct.size):
        nearby = 0.0
        for other in near[place]:
            nearby += direct[other]
        share[place] = -direct[place] - p.diffused * nearby / near[place].size
    for place in range(direct.size):  # by itself, so that it vectorizes
        share[place] = exponential(share[place])
    return Passing(direct, share)


@kernel
def place_of(
    town: Town, place: Whole, kind: Whole, event: Hash, passing: Passing, p: OffendParameters
) -> Whole:
    """Return where an attempt becomes a crime, NOWHERE if it does not; count what happened to it.

    Parameters
    ----------
    town : its service counts.
    place, kind : where it is made first, and its type.
    event : its identity, also where it moves.
    passing : by place.
    p : parameters of the stage.
    """
    service = town.service
    u = event_uniform(event, BLOCK_SALT)
    if u < passing.share[place]:  # the product of both probabilities
        return place
    if u < exponential(-passing.direct[place]):
        service.diffused[0] += 1
        return np.int64(NOWHERE)
    service.blocked[0] += 1
    if event_uniform(event, MOVE_SALT) >= p.displaced:
        return np.int64(NOWHERE)
    other = elsewhere(town, place, kind, event, p)
    if other == NOWHERE or event_uniform(event, AGAIN_SALT) >= passing.share[other]:
        return np.int64(NOWHERE)
    service.displaced[0] += 1
    hood = town.places.neighbourhood
    service.displaced_away[0] += hood[other] != hood[place]
    return other


@kernel
def elsewhere(town: Town, place: Whole, kind: Whole, event: Hash, p: OffendParameters) -> Whole:
    """Return another place for an attempt, NOWHERE where there is no opportunity for it."""
    hoods, places = town.neighbourhoods, town.places
    n = places.neighbourhood[place]
    first, count = hoods.first_adjoining[n], hoods.adjoining[n]
    if count > 0 and event_uniform(event, ONWARD_SALT) < p.onward:
        other = town.adjacency.neighbour[first + choice(event, HOOD_SALT, count)]
        start = hoods.first_place[other]
        return pick_place(places, np.arange(start, start + hoods.places[other]), kind, event)
    return pick_place(places, places.near[place].astype(np.int64), kind, event)


@kernel
def pick_place(places: Table, rows: Column, kind: Whole, event: Hash) -> Whole:
    """Return one of some places, in proportion to the opportunity for a type of crime.

    Opportunity never changes, so a draw over its sum hangs on nothing but the event.
    """
    total = 0.0
    for row in rows:
        total += offered(places, row, kind)
    at = event_uniform(event, PLACE_SALT) * total
    for row in rows:
        at -= offered(places, row, kind)
        if at < 0.0:
            return row
    return np.int64(NOWHERE)


@kernel
def offered(places: Table, place: Whole, kind: Whole) -> Double:
    """Return the opportunity that a place offers for a type of crime."""
    if kind == Crime.BUSINESS:
        return np.float64(places.businesses[place])
    if kind == Crime.HOUSEHOLD:
        homes = np.float64(places.households[place])
        return np.float64(places.dwelling_opportunity[place]) * homes
    return np.float64(places.opportunity[place]) * np.float64(places.residents[place])
