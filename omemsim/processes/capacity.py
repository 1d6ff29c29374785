"""The capacity index of a neighbourhood, in [0, 1]: efficacy, assets, people who act.

With weights w and what counts as full:
    capacity = (w_e efficacy + w_a assets + w_p participation/full + w_l leaders/full) / sum w
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omemsim.kernels import Double, Single, Whole, kernel
from omemsim.town import Table
from omemsim.vocabulary.parameters import Assess
from omemsim.vocabulary.records import fill

__all__ = ["CapacityWeights", "capacity_of", "capacity_weights"]


class CapacityWeights(NamedTuple):
    """What each part of the index weighs, their sum, and what counts as full."""

    efficacy_weight: np.float32
    assets_weight: np.float32
    participation_weight: np.float64
    leaders_weight: np.float64
    sum_of_weights: np.float64
    participation_full: np.float64
    leaders_full: np.float64


def capacity_weights(group: Assess) -> CapacityWeights:
    """Return the weights of the index."""
    total = group.efficacy_weight + group.assets_weight
    total = total + group.participation_weight + group.leaders_weight
    return fill(CapacityWeights, group, sum_of_weights=max(total, 1e-9))


@kernel
def capacity_of(hoods: Table, n: Whole, efficacy: Single, by: CapacityWeights) -> Double:
    """Return the index of a neighbourhood, given its collective efficacy."""
    part: Double = min(hoods.participants[n] / hoods.residents[n] / by.participation_full, 1.0)
    led: Double = min(1000 * hoods.leaders[n] / hoods.residents[n] / by.leaders_full, 1.0)
    stocks = np.float64(by.efficacy_weight * efficacy + by.assets_weight * hoods.assets[n])
    people = stocks + by.participation_weight * part + by.leaders_weight * led
    return people / by.sum_of_weights
