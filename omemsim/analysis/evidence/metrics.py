"""Estimators of criminology's patterns, from counts, dates and places; nothing of the model.

A number that cannot be computed is NaN. Sources stand at each function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, spatial, special, stats

from omemsim.analysis.estimators import poisson_regression

__all__ = [
    "Knox",
    "dispersion",
    "excess_gini",
    "generalised_gini",
    "half_life",
    "knox",
    "rate_ratio",
    "share_of_top",
    "wave",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NULL_DRAWS = 200  # the mean's standard error is then a tenth of a percent and less
NO_CLUSTER = 1e6  # a dispersion as large is a Poisson process
NAN = float("nan")


def dispersion(counts: Ints) -> float:
    """Return the maximum-likelihood k of a negative binomial with mean m and variance m + m^2/k.

    Small k is strong clustering; infinite where counts vary no more than Poisson counts do.
    The mean is estimated by the sample's, which is its maximum-likelihood estimate whatever k.

    Parameters
    ----------
    counts : whole numbers >= 0, one per place.
    """
    values, times = np.unique(counts, return_counts=True)
    mean = float(np.mean(counts)) if counts.size else 0.0
    if counts.size < 2 or mean == 0:
        return NAN
    if np.var(counts) <= mean:
        return float("inf")

    def loss(log_k: float) -> float:
        k = np.exp(log_k)
        each = special.gammaln(values + k) - special.gammaln(k)
        each = each + k * np.log(k / (k + mean)) + values * np.log(mean / (k + mean))
        return -float(times @ each)

    ends = (np.log(1e-4), np.log(NO_CLUSTER))
    found = optimize.minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


def generalised_gini(counts: Ints) -> float:
    """Return the Gini coefficient against the most even spread that whole crimes allow, 0 to 1.

    With fewer crimes than places most places have none however even the risk; the ordinary
    coefficient calls that concentration (Bernasco & Steenbeek 2017, JQC 33(3)).
    """
    n, total = counts.size, int(counts.sum())
    if total == 0:
        return NAN
    ranks = np.arange(1, n + 1)
    sum_ranked = float(2 * (ranks @ np.sort(counts)) / total - n - 1)
    return max(1 / total, 1 / n) * sum_ranked - max(n / total, 1.0) + 1


def excess_gini(counts: Ints, *, seed: int = 0) -> float:
    """Return the generalised Gini less its mean if the same crimes fell on places by chance."""
    total, n = int(counts.sum()), counts.size
    if total == 0:
        return NAN
    rng = np.random.default_rng(seed)
    chance = [
        generalised_gini(np.bincount(rng.integers(0, n, total), minlength=n))
        for _ in range(NULL_DRAWS)
    ]
    return generalised_gini(counts) - float(np.mean(chance))


def share_of_top(counts: NDArray[Any], share: float) -> float:
    """Return the part of the total that falls on the worst ``share`` of units.

    Where ``share`` is not a whole number of units, the next one counts in proportion.
    """
    total = counts.sum()
    if total == 0:
        return NAN
    worst = np.sort(counts)[::-1].astype(float)
    most = share * worst.size
    whole = int(most)
    rest = (most - whole) * worst[whole] if whole < worst.size else 0.0
    return float((worst[:whole].sum() + rest) / total)


@dataclass(frozen=True)
class Knox:
    """Pairs of events near in space and time, against what shuffled dates would give.

    ``near`` and ``late`` are ratios of observed to expected pairs: within the window of days,
    and that many days apart or more; ``pairs`` is how many pairs are near in space.
    """

    near: float
    late: float
    pairs: int


def knox(
    xy: Floats,
    days: Ints,
    units: Ints,
    *,
    within: float = 200.0,
    soon: int = 14,
    late: int = 60,
) -> Knox:
    """Return Knox ratios (Knox 1964; Johnson et al. 2007, JQC 23).

    The expected number is exact for shuffled dates: pairs near in space times the share of all
    pairs of dates that are near in time. Season alone lifts the ratio a little, as in the field.

    Parameters
    ----------
    xy : metres (E, 2).
    days : day of each event.
    units : dwelling of each; pairs at one dwelling are repeats and left out of the near ones.
    within, soon, late : metres; days, the window's last one; days from which pairs are late.
    """
    if days.size < 3:
        return Knox(NAN, NAN, 0)
    pairs = spatial.cKDTree(xy).query_pairs(within, output_type="ndarray")
    pairs = pairs[units[pairs[:, 0]] != units[pairs[:, 1]]]
    apart = np.abs(days[pairs[:, 0]] - days[pairs[:, 1]])
    share_soon, share_late = _shares_of_dates(days, soon, late)
    if not len(pairs) or not share_soon or not share_late:
        return Knox(NAN, NAN, len(pairs))
    return Knox(
        float((apart <= soon).mean() / share_soon),
        float((apart >= late).mean() / share_late),
        len(pairs),
    )


def _shares_of_dates(days: Ints, soon: int, late: int) -> tuple[float, float]:
    """Return the shares of all pairs of events that are soon, and late, after one another."""
    per_day = np.bincount(days - days.min()).astype(float)
    by_gap = np.correlate(per_day, per_day, "full")[per_day.size - 1 :]
    by_gap[0] = (per_day * (per_day - 1)).sum() / 2
    total = days.size * (days.size - 1) / 2
    return float(by_gap[: soon + 1].sum() / total), float(by_gap[late:].sum() / total)


def rate_ratio(counts: Floats, exposure: Floats, of: Floats, *, equal: Floats) -> float:
    """Return the ratio of rates per standard deviation of ``of``, ``equal`` held equal.

    Parameters
    ----------
    counts : (n,), >= 0.
    exposure : (n,), > 0; enters as an offset.
    of : (n,), what the ratio is per standard deviation of.
    equal : (n,), what is held equal.
    """
    if counts.sum() == 0 or np.ptp(of) == 0:
        return NAN
    others = (equal - equal.mean()) / (equal.std() or 1.0)
    design = np.column_stack([np.ones(counts.size), (of - of.mean()) / of.std(), others])
    return float(np.exp(poisson_regression(counts, design, exposure)[1]))


def wave(counts: Floats, *, period: float) -> float:
    """Return peak over trough of a wave of this period fitted to counts by Poisson regression.

    A wave has only two coefficients, so noise raises this ratio little; it would raise the ratio of
    the extremes of raw counts much more.

    Parameters
    ----------
    counts : one per time step, at least two periods of them.
    """
    if counts.size < 2 * period or counts.sum() == 0:
        return NAN
    turn = 2 * np.pi * np.arange(counts.size) / period
    flat, trend = np.ones(counts.size), np.arange(counts.size) / counts.size
    design = np.column_stack([flat, np.cos(turn), np.sin(turn), trend])
    beta = poisson_regression(counts, design, flat)
    return float(np.exp(2 * np.hypot(beta[1], beta[2])))


def half_life(gains: Sequence[float] | Floats, *, step: float) -> float:
    """Return the half-life of a decaying gain, from a line through its logs.

    Parameters
    ----------
    gains : one per step, the first just after the cause; the line ends before the first <= 0.
    step : time between two of them.
    """
    values = np.asarray(gains, float)
    below = np.flatnonzero(values <= 0)
    values = values[: below[0]] if below.size else values
    if values.size < 3:
        return NAN
    slope = stats.linregress(step * np.arange(values.size), np.log(values)).slope
    return float(-np.log(2) / slope) if slope < 0 else NAN
