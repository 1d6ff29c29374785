"""Stage 3, plan: the strategy turns zones, calls and population into shares of hours.

    share[n, tactic] = weight_n / sum of weights * mix[zone_n, tactic]

with weight by the strategy's allocation: equal (1), residents (population), calls (public
calls over the window), need (population times 4 for red, 3, 2, 1 for blue). Shares sum to
at most 1; what is left over is unassigned. Source: strategy files. Assumption: a share is
kept until the next week's plan.

Reads: zone, past_calls, population. Writes: neighbourhoods.share.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.processes.assess import count_of
from omemsim.strategies import Allocation, Strategy, shares_by_zone
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.wheel import Zone

__all__ = ["step"]


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Write each neighbourhood's share of proactive hours by tactic."""
    del parameters
    places = town.neighbourhoods
    weight = weights(town, strategy)
    mix = shares_by_zone(strategy.mix)[places.zone]
    places.share[:] = (weight / weight.sum())[:, None] * mix


def weights(town: Town, strategy: Strategy) -> Any:
    """Return the weight of each neighbourhood, float64 (N,), with a positive sum."""
    places = town.neighbourhoods
    if strategy.allocation is Allocation.EQUAL:
        return np.ones(len(places))
    if strategy.allocation is Allocation.CALLS:
        calls = count_of(places.past_calls, town.week, strategy.window)
        return calls + 1.0  # a place without a call is still somebody's beat
    if strategy.allocation is Allocation.NEED:
        return places.population * (len(Zone) - places.zone)
    return places.population.copy()
