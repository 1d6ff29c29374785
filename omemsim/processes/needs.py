"""Needs for crises, a part of stage 1: few people and few places have most of them.

    need = [by_need need^2 + (1 - by_need) 0.3] skew(u) times the place's crisis_need
    skew(u) = (power + 1) u^power with power crisis_power: of mean 1 over people, and between two
              whole powers a weighted mean of both

Whoever lives in a shelter or a care home is one of many in need at the same address: that is the
place's own multiple, laid down when the town is built (`inputs.opportunity`). A person's goes when
they move.

Sources: Vaughan et al. 2017; White & Goldberg 2018 (places); Owen Sound 2018-19 and Fort Frances
(people).
Assumption: a person's and a place's multiple do not depend on each other, nor on precursors.

`context` calls it, and says what is read and written.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omemsim.kernels import Half, Single, Whole, kernel, substream_of, uniform
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.records import fill

__all__ = ["USUAL_NEED_SQUARED", "NeedParameters", "crisis_need", "need_parameters", "skewed"]

USUAL_NEED_SQUARED = 0.3  # mean of need^2 in a town of middling deprivation
CRISIS_DRAW = 32  # number of this draw among those of an occupant: apart from all others
_ONE = np.float32(1)


class NeedParameters(NamedTuple):
    """What needs for crises depend on."""

    by_need: np.float32
    alike: np.float32  # of the rate, what is everybody's
    power: np.int64  # whole part of the skew's
    between: np.float32  # how far it is on to the next


def need_parameters(parameters: Parameters) -> NeedParameters:
    """Return what needs for crises depend on."""
    group, power = parameters.crisis, parameters.people.crisis_power
    return fill(
        NeedParameters,
        group,
        alike=(1 - group.by_need) * USUAL_NEED_SQUARED,
        power=int(power),
        between=power - int(power),
    )


@kernel
def crisis_need(town: Town, i: Whole, person: Half, p: NeedParameters) -> Single:
    """Return the need for crises of who sits in a seat, given their precursors.

    Parameters
    ----------
    i : row of the seat.
    person : uint32, key of the random numbers of who sits there.
    """
    residents = town.residents
    stream = substream_of(town.seed, Decision.OCCUPANT, 0, CRISIS_DRAW)
    u = uniform(person, stream.low, stream.high)
    less, more = skewed(u, p.power), skewed(u, p.power + 1)
    own = less + p.between * (more - less)
    usual = p.by_need * residents.need[i] * residents.need[i] + p.alike
    return usual * own * town.places.crisis_need[residents.place[i]]


@kernel
def skewed(u: Single, power: Whole) -> Single:
    """Return (power + 1) u^power: of mean 1 over uniforms, and the more skewed the higher."""
    skew = np.float32(power + 1)
    for _ in range(power):
        skew = skew * u
    return skew
