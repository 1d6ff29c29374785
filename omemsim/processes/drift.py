"""Drift of neighbourhoods' risk of crime from year to year, a part of stage 1.

At the beginning of each year after the first the log of a neighbourhood's risk, x, becomes

    x' = mean + kept (x - mean) + size sqrt(12) (u - 1/2)
    kept = 2^(-1/drift_memory),  spread^2 = size^2 / (1 - kept^2),  mean = -spread^2 / 2

so that risk, exp(x), has the mean one over years and neighbourhoods, and no trend. A synthetic town
begins with x as it would be after many years; where a table's crime is fitted x begins at 0, since
the table holds what has drifted so far. Nothing drifts before week 0.

Source: Toronto 2014-2024 (P47a). Assumption: all crime of a neighbourhood drifts together.

`context` calls it, and says what is read and written.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omemsim.kernels import Whole, kernel, stream_of, uniform
from omemsim.town import Town
from omemsim.vocabulary.parameters import Context
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

__all__ = ["DriftParameters", "drift", "drift_parameters", "spread_of"]

_HALF = np.float32(0.5)
_WIDTH = 12**0.5  # of uniforms whose standard deviation is 1


class DriftParameters(NamedTuple):
    """What drift needs: in log points, but for the share that is kept."""

    width: np.float32  # from the least to the most that a year can add
    kept: np.float32  # share of the distance from the mean that a year leaves
    mean: np.float32


def drift_parameters(group: Context) -> DriftParameters:
    """Return what drift needs."""
    width, kept = _WIDTH * group.drift, kept_of(group)
    return DriftParameters(
        np.float32(width), np.float32(kept), np.float32(-(spread_of(group) ** 2) / 2)
    )


def kept_of(group: Context) -> float:
    """Return the share of a drift that is left after a year."""
    return float(0.5 ** (1 / group.drift_memory))


def spread_of(group: Context) -> float:
    """Return the standard deviation of log risk over neighbourhoods, after many years."""
    return float(group.drift / (1 - kept_of(group) ** 2) ** 0.5)


@kernel
def drift(town: Town, p: DriftParameters, week: Whole) -> None:
    """Let risk drift where a year begins."""
    if week <= 0 or week % WEEKS_PER_YEAR != 0:
        return
    hoods, stream = town.neighbourhoods, stream_of(town.seed, Decision.DRIFT, week)
    for n in range(hoods.drift.size):
        step = p.width * (uniform(hoods.key[n], stream.low, stream.high) - _HALF)
        hoods.drift[n] = p.mean + p.kept * (hoods.drift[n] - p.mean) + step
