"""Estimators that several studies use: Moran's I, Spearman's correlation, Poisson regression.

They know nothing of the model, the patterns or a hindcast. A number that cannot be computed is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.stats import rankdata

from omemsim.inputs.regression import poisson_regression

__all__ = [
    "displacement_quotient",
    "log_ratio_of_ratios",
    "morans_i",
    "poisson_regression",
    "rank_correlation",
    "ratio_change",
]

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


def displacement_quotient(before: Sequence[float], after: Sequence[float]) -> float:
    """Return the weighted displacement quotient (Bowers & Johnson 2003).

    (B1/C1 - B0/C0) / (A1/C1 - A0/C0). Where A fell against C, above 0 is diffusion of benefits and
    above 1 more than the treated gained; below 0 is displacement, and below -1 more is displaced
    than was gained. NaN where it says nothing: A did not fall against C, or C had none.

    Parameters
    ----------
    before, after : counts (3,) in the treated area A, its catchment B and the control area C.
    """
    a0, b0, c0 = before
    a1, b1, c1 = after
    if not (c0 > 0 and c1 > 0):
        return float("nan")
    success = a1 / c1 - a0 / c0
    return (b1 / c1 - b0 / c0) / success if success < 0 else float("nan")


def log_ratio_of_ratios(
    before: Sequence[float], after: Sequence[float], *, level: float = 0.95
) -> tuple[float, float, float]:
    """Return by how much an area changed against another, as a log ratio with an interval.

    log(x1/c1) - log(x0/c0), with the error of four independent Poisson counts, each with a half
    added so that none is 0 (Haldane-Anscombe).

    Parameters
    ----------
    before, after : counts (2,) in the area and in the one that it is compared with.
    level : of the interval, in (0, 1).
    """
    cells = np.array([*after, *before], float) + 0.5
    signs = np.array([1.0, -1.0, -1.0, 1.0])
    middle = float(signs @ np.log(cells))
    half = float(stats.norm.ppf((1 + level) / 2) * np.sqrt((1 / cells).sum()))
    return middle, middle - half, middle + half


def ratio_change(
    treated: Floats, control: Floats, *, level: float = 0.95
) -> tuple[float, float, float]:
    """Return the change of a sum over replicates against another, as a share, with an interval.

    sum(treated)/sum(control) - 1, with the error of a ratio of paired means by the delta method and
    Student's t. All NaN where the control has none; the ends alone with fewer than two replicates.

    Parameters
    ----------
    treated, control : (n,), paired, >= 0.
    level : of the interval, in (0, 1).
    """
    nan = float("nan")
    n, mean = control.size, float(control.mean()) if control.size else 0.0
    if mean <= 0:
        return nan, nan, nan
    ratio = float(treated.mean()) / mean
    if n < 2:
        return ratio - 1, nan, nan
    error = float(np.std(treated - ratio * control, ddof=1)) / (mean * np.sqrt(n))
    half = float(stats.t.ppf((1 + level) / 2, n - 1)) * error
    return ratio - 1, ratio - 1 - half, ratio - 1 + half
