"""Estimators that several studies use: Moran's I, Spearman's correlation, Poisson regression.

They know nothing of the model, the patterns or a hindcast. A number that cannot be computed is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

__all__ = ["morans_i", "poisson_regression", "rank_correlation"]

Floats = NDArray[np.float64]
FEWEST = 3  # values from which on ranks can be correlated
LEAST = 0.5  # a total count of 0 is taken as this, so that it has a logarithm
MOST_ROUNDS, CLOSE = 50, 1e-10
MOST_LINEAR = 30.0  # of the log rate's change from the mean, against overflow on the way


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


def poisson_regression(counts: Floats, design: Floats, exposure: Floats) -> Floats:
    """Return the coefficients (P,) of a Poisson regression with a log link and an offset.

    Maximum likelihood by iteratively reweighted least squares (McCullagh & Nelder 1989,
    section 2.5). Overdispersion does not move the coefficients, only their spread, which is left to
    the caller.

    Parameters
    ----------
    counts : (N,), >= 0.
    design : (N, P), the first column ones.
    exposure : (N,), > 0, as residents; its log is the offset.
    """
    offset = np.log(exposure)
    middle = np.log(max(counts.sum(), LEAST) / exposure.sum())
    linear = np.full(counts.size, middle)
    for _ in range(MOST_ROUNDS):
        mean = np.exp(offset + linear)
        working = linear + (counts - mean) / mean
        root = np.sqrt(mean)
        coefficients, *_ = np.linalg.lstsq(design * root[:, None], working * root, rcond=None)
        before, linear = (
            linear,
            np.clip(design @ coefficients, middle - MOST_LINEAR, middle + MOST_LINEAR),
        )
        if np.max(np.abs(linear - before)) < CLOSE:
            break
    return np.asarray(coefficients)
