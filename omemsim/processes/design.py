"""Light and design of places, in stage 5: money and projects renew them, time wears them out.

    designed'  = 2^(-1/half-life) designed,  half-life = upkeep (neglect + (1 - neglect) capacity_n)

Money renews the worst places of the town, by knowledge x (1 - designed), as many as it pays for. A
lighting project keeps its share of a neighbourhood's places designed, the worst known first; one
at a single place is `placed`.
`offend` reads what is designed. The parameters are `act.design_upkeep` and `act.design_neglect`.

Assumption: how long design lasts depends on the neighbourhood's capacity alone.

`act` calls it, and says what is read and written.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from omemsim.kernels import Double, Single, Whole, exponential, fade, kernel
from omemsim.processes.placed import light_places
from omemsim.processes.respond import whole_share
from omemsim.processes.visits import worst_of
from omemsim.town import Table, Town
from omemsim.vocabulary.parameters import Act

__all__ = ["DesignParameters", "design_parameters", "redesign"]

LN_2 = math.log(2)
WELL_KEPT = 0.5  # light and design that a project keeps up rather than builds anew
_ONE = np.float32(1)  # a float64 1 would turn float32 columns into float64


class DesignParameters(NamedTuple):
    """What light and design need."""

    upkeep: np.float32  # half-life in weeks where it is cared for
    neglect: np.float32  # share of it where nobody cares
    care: np.float32  # the rest


def design_parameters(group: Act) -> DesignParameters:
    """Return what light and design need."""
    neglect = group.design_neglect
    return DesignParameters(
        upkeep=np.float32(group.design_upkeep),
        neglect=np.float32(neglect),
        care=np.float32(1 - neglect),
    )


@kernel
def redesign(town: Town, p: DesignParameters, week: Whole) -> None:
    """Let light and design decay where nobody keeps them up; money renews the worst places."""
    hoods, places, service = town.neighbourhoods, town.places, town.service
    for n in range(hoods.places.size):
        first = hoods.first_place[n]
        kept = share_kept(hoods.capacity[n], p)
        fade(places.designed[first : first + hoods.places[n]], kept)
    before = count_well_kept(places)
    renew(places, whole_share(service.design_places[0], week))
    for n in range(hoods.places.size):
        if hoods.lit[n] > 0:
            light(hoods, n, places)
    light_places(town.interventions, places, week)
    service.places_designed[0] = count_well_kept(places) - before


@kernel
def share_kept(capacity: Single, p: DesignParameters) -> Single:
    """Return the share of design that a week leaves, the more the abler the neighbourhood."""
    half_life = p.upkeep * (p.neglect + p.care * capacity)
    return np.float32(exponential(-LN_2 / np.float64(half_life)))


@kernel
def count_well_kept(places: Table) -> Whole:
    """Return how many places are well designed; from here on in a week none is less so."""
    count = 0
    for place in range(places.designed.size):
        count += places.designed[place] >= WELL_KEPT
    return count


@kernel
def renew(places: Table, most: Whole) -> None:
    """Redesign the worst known places of the town, as many as money pays for."""
    if most <= 0:
        return
    score = places.knowledge * (_ONE - places.designed)
    for place in worst_of(score, most):
        if score[place] > 0:
            places.designed[place] = 1


@kernel
def light(hoods: Table, n: Whole, places: Table) -> None:
    """Keep up what is designed in a neighbourhood, and add worst places to a project's share."""
    here = slice(hoods.first_place[n], hoods.first_place[n] + hoods.places[n])
    designed, knowledge = places.designed[here], places.knowledge[here]
    kept = 0
    score = np.empty(designed.size)
    for place in range(designed.size):
        if designed[place] >= WELL_KEPT:
            designed[place] = 1
        kept += designed[place] == 1
        score[place] = knowledge[place] if designed[place] < WELL_KEPT else -1.0
    wanted: Double = max(np.rint(hoods.lit[n] * hoods.places[n]), 1.0)
    for place in worst_of(score, np.int64(wanted - kept)):
        if score[place] >= 0:
            designed[place] = 1
