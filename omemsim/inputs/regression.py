"""Rates of units from their own counts and from what is known of them: regression, shrinkage.

A unit's own mean rate is noisy where events are few, and the more extreme of two rates is the more
likely one to be extreme by chance. *Shrinkage* pools it with what the unit's columns say (empirical
Bayes, gamma-Poisson: Clayton & Kaldor 1987, Biometrics 43(3)). With y events at an exposure e over
T years, and a rate mu from a Poisson regression, the rate is

    w y / e + (1 - w) mu        w = a / (a + d / T + 1 / (e mu))

a is the relative variance of rates beside the regression, d that of a unit's years around its own
mean (beyond Poisson noise, and without what all units share in a year), both by moments.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["design_of", "poisson_regression", "shrunken_rates"]

Floats = NDArray[np.float64]
LEAST = 0.5  # a total count of 0 is taken as this, so that it has a logarithm
MOST_ROUNDS, CLOSE = 50, 1e-10
MOST_LINEAR = 30.0  # of the log rate's change from the mean, against overflow on the way


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


def design_of(columns: Sequence[Floats], units: int) -> Floats:
    """Return columns z-scored, after a column of ones, (N, P).

    A gap gets the median of the others; a column that is the same everywhere is left out.

    Parameters
    ----------
    columns : (N,) each, NaN a gap.
    units : N.
    """
    kept = []
    for column in columns:
        if np.isnan(column).all():
            continue
        full = np.where(np.isnan(column), np.nanmedian(column), column)
        if full.std() > 0:
            kept.append((full - full.mean()) / full.std())
    return np.stack([np.ones(units), *kept], axis=1)


def shrunken_rates(counts: Floats, exposure: Floats, design: Floats) -> Floats:
    """Return each unit's rate, its own pooled with what its columns say, (N,), all above 0.

    Parameters
    ----------
    counts : (T, N), events of T years, >= 0.
    exposure : (T, N), > 0, as residents.
    design : (N, P), the first column ones.
    """
    total, years = counts.sum(axis=0), len(counts)
    at_risk = exposure.sum(axis=0)
    rate = np.exp(design @ poisson_regression(total, design, at_risk))
    expected = at_risk * rate
    between = _beyond_poisson(total, expected, 1.0)
    within = _of_years(counts, exposure)
    apart = max(between - within / years, 0.0)
    weight = apart / (apart + within / years + 1 / expected)
    return np.asarray(weight * total / at_risk + (1 - weight) * rate)


def _of_years(counts: Floats, exposure: Floats) -> float:
    """Return the relative variance of years around each unit's mean, beyond Poisson noise."""
    years = len(counts)
    if years < 2 or not counts.sum():
        return 0.0
    own = counts.sum(axis=0) / exposure.sum(axis=0)  # each unit's mean rate
    flat = own * exposure
    shared = counts.sum(axis=1, keepdims=True) / flat.sum(axis=1, keepdims=True)
    return _beyond_poisson(counts, shared * flat, 1 - 1 / years)


def _beyond_poisson(counts: Floats, mean: Floats, left: float) -> float:
    """Return the relative variance of counts around means that Poisson noise leaves, >= 0.

    ``left`` is the share of squared deviations that is left where means come from the counts.
    """
    more = ((counts - mean) ** 2).sum() - left * mean.sum()
    return float(max(more / (left * (mean**2).sum()), 0.0))
