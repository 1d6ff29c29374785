"""The capacity index of neighbourhoods, in [0, 1]: efficacy, assets, people who act.

With weights w and what counts as full:
    capacity = (w_e efficacy + w_a assets + w_p participation/full + w_l leaders/full) / sum w
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import kernel, single
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Assess

__all__ = ["capacity_weights", "write_capacity"]


@once
def capacity_weights(group: Assess) -> tuple[Any, ...]:
    """Return weights, their sum, and what counts as full, as `write_capacity` unpacks them."""
    stocks = single(group, "efficacy_weight", "assets_weight")
    people = group.participation_weight, group.leaders_weight
    total = group.efficacy_weight + group.assets_weight + people[0] + people[1]
    return (*stocks, *people, max(total, 1e-9), group.participation_full, group.leaders_full)


@kernel
def write_capacity(weights, efficacy, assets, people, capacity):  # type: ignore[no-untyped-def]
    """Write the index of each neighbourhood, given its collective efficacy and its assets."""
    by_efficacy, by_assets, by_part, by_leaders, total, full_part, full_leaders = weights
    participants, leaders, residents = people
    for n in range(capacity.size):
        part = min(participants[n] / residents[n] / full_part, 1.0)
        led = min(1000 * leaders[n] / residents[n] / full_leaders, 1.0)
        stocks = np.float64(by_efficacy * efficacy[n] + by_assets * assets[n])
        capacity[n] = (stocks + by_part * part + by_leaders * led) / total
