"""What adjoining neighbourhoods have in common: noise, mixed with itself smoothed."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["clustered"]


def clustered(noise: Any, pairs: Any, clustering: float) -> Any:
    """Return noise mixed with itself smoothed twice over neighbours and scaled to variance 1.

    Parameters
    ----------
    noise : (N,), of mean 0 and variance 1.
    pairs : (M, 2), rows of neighbours, each pair once.
    clustering : from 0, the noise alone, to 1, the smoothed noise alone.
    """
    smooth = noise
    for _ in range(2):
        smooth = _mean_around(smooth, pairs)
        smooth = (smooth - smooth.mean()) / max(smooth.std(), 1e-9)
    return clustering * smooth + (1 - clustering) * noise


def _mean_around(values: Any, pairs: Any) -> Any:
    """Return the mean of each cell and those it borders."""
    total, count = values.copy(), np.ones_like(values)
    for here, there in (pairs.T, pairs.T[::-1]):
        np.add.at(total, here, values[there])
        np.add.at(count, here, 1)
    return total / count
