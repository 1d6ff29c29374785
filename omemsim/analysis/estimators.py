"""Estimators that several studies use: Moran's I, Spearman's correlation, Poisson regression.

They know nothing of the model, the patterns or a hindcast. A number that cannot be computed is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from omemsim.inputs.regression import poisson_regression

__all__ = ["morans_i", "poisson_regression", "rank_correlation"]

Floats = NDArray[np.float64]
FEWEST = 3  # values from which on ranks can be correlated


def morans_i(values: Floats, neighbours: Sequence[NDArray[Any]]) -> Floats:
    """Return Moran's I over the last axis, the weights of a unit's neighbours summing to one.

    Units without neighbours are left out altogether: of the mean and of the variance too. NaN
    where all the others have the same value, or no unit has neighbours.

    Parameters
    ----------
    values : (..., N).
    neighbours : of each of the N units, the rows next to it.
    """
    linked = [i for i, near in enumerate(neighbours) if len(near)]
    if not linked:
        return np.full(values.shape[:-1], np.nan)
    away = values - values[..., linked].mean(axis=-1, keepdims=True)
    lag = np.stack([away[..., neighbours[i]].mean(axis=-1) for i in linked], axis=-1)
    away = away[..., linked]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((away * lag).mean(axis=-1) / (away**2).mean(axis=-1))


def rank_correlation(first: Floats, second: Floats) -> Floats:
    """Return Spearman's rank correlation over the last axis.

    NaN where one side is constant, or there are fewer than three values.

    Parameters
    ----------
    first, second : (..., N).
    """
    if first.shape[-1] < FEWEST:
        return np.full(first.shape[:-1], np.nan)
    ranks = [rankdata(values, axis=-1) for values in (first, second)]
    a, b = (values - values.mean(axis=-1, keepdims=True) for values in ranks)
    with np.errstate(invalid="ignore", divide="ignore"):
        both = np.sqrt((a**2).sum(axis=-1) * (b**2).sum(axis=-1))
        return np.asarray((a * b).sum(axis=-1) / both)
