"""How large a difference is and how sure we are, from paired replicates.

Replicate r has the same luck under every strategy, so differences are taken within a
replicate and averaged. Replicates can be made at will, which makes any p-value on them as
small as one likes: none is computed. An interval says how well the *simulation* is known at
these parameters, not how well the world is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

__all__ = [
    "SMALLEST_ON_INDEX",
    "SMALLEST_PART",
    "Difference",
    "paired_difference",
    "share_better",
    "smallest_difference",
    "student_interval",
    "tails",
    "verdict_words",
]

Floats = NDArray[np.float64]

# Means of fewer resampled values cannot spread far enough for a 95% interval.
FEWEST_TO_RESAMPLE = 6

# The smallest difference worth naming, assumed: no study says what is too small to matter.
SMALLEST_PART = 0.01  # of the baseline's mean
SMALLEST_ON_INDEX = 0.005  # of an index or a share, which run from 0 to 1


@dataclass(frozen=True)
class Difference:
    """A mean paired difference, ``mean`` - ``baseline_mean``, in the measure's unit.

    ``low`` and ``high`` bound the interval; they are NaN if one replicate is all there is.
    """

    n: int
    mean: float
    baseline_mean: float
    difference: float
    low: float
    high: float


def paired_difference(
    values: ArrayLike,
    baseline: ArrayLike,
    *,
    seed: int = 0,
    level: float = 0.95,
    resamples: int = 2000,
) -> Difference:
    """Return the mean difference of two strategies over the same replicates.

    The interval is the expanded percentile bootstrap (Hesterberg 2015, The American
    Statistician 69(4)): percentiles moved outwards so that few replicates give an interval
    as wide as Student's. Under six replicates it is Student's t interval, because resampled
    means cannot leave the range of the values. Its coverage is measured in the tests.

    Parameters
    ----------
    values, baseline : float (n,), one value per replicate, the same replicates in the same
        order, finite.
    seed : of the resampling; the same input gives the same interval.
    level : coverage asked for, in (0, 1).
    resamples : number of bootstrap samples.

    Raises
    ------
    ValueError
        If the two differ in shape or hold a value that is not finite.
    """
    first, second = _paired(values, baseline)
    change = first - second
    low, high = _interval(change, seed=seed, level=level, resamples=resamples)
    n = change.size
    if n == 0:
        return Difference(0, math.nan, math.nan, math.nan, low, high)
    return Difference(n, float(first.mean()), float(second.mean()), float(change.mean()), low, high)


def _paired(values: ArrayLike, baseline: ArrayLike) -> tuple[Floats, Floats]:
    first = np.asarray(values, np.float64)
    second = np.asarray(baseline, np.float64)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"values of shape {first.shape} cannot be paired with {second.shape}")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("a paired difference needs finite values")
    return first, second


def _interval(change: Floats, *, seed: int, level: float, resamples: int) -> tuple[float, float]:
    n = change.size
    if n < 2:
        return math.nan, math.nan
    if n < FEWEST_TO_RESAMPLE:
        ends = student_interval(change, level=level)
        return float(ends[0]), float(ends[1])
    means = change[_resampling(n, resamples, seed)].mean(axis=1)
    low, high = np.quantile(means, tails(n, level))
    return float(low), float(high)


def tails(n: int, level: float) -> tuple[float, float]:
    """Return the two percentiles (as shares) of resampled estimates that an interval ends at.

    Those of the expanded percentile bootstrap for ``n`` values; see `paired_difference`.
    """
    tail = float(stats.t.ppf((1 + level) / 2, n - 1))
    beyond = float(stats.norm.cdf(-tail * math.sqrt(n / (n - 1))))
    return beyond, 1 - beyond


def student_interval(values: Floats, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the ends of Student's t interval of the mean over the first axis.

    Parameters
    ----------
    values : (n, ...), a value per replicate, at each of any number of times.

    Returns
    -------
    Two arrays (...), low and high; NaN for fewer than two replicates.
    """
    n = len(values)
    if n < 2:
        nothing = np.full(values.shape[1:], np.nan)
        return nothing, nothing
    half = stats.t.ppf((1 + level) / 2, n - 1) * values.std(axis=0, ddof=1) / math.sqrt(n)
    mean = values.mean(axis=0)
    return np.asarray(mean - half), np.asarray(mean + half)


@lru_cache(maxsize=8)
def _resampling(n: int, resamples: int, seed: int) -> NDArray[np.int64]:
    """Return row numbers (resamples, n); all measures of a study share them."""
    return np.random.default_rng(seed).integers(0, n, (resamples, n))


def share_better(values: ArrayLike, baseline: ArrayLike, better: str) -> float:
    """Return the share of replicates in which the strategy beats the baseline, in [0, 1].

    A tie is not a win. NaN if there is no replicate, or no direction is better.

    Parameters
    ----------
    values, baseline : float (n,), paired as in `paired_difference`.
    better : ``lower``, ``higher``, or empty where neither is better.
    """
    first, second = _paired(values, baseline)
    if first.size == 0 or better not in ("lower", "higher"):
        return math.nan
    wins = first < second if better == "lower" else first > second
    return float(wins.mean())


def smallest_difference(unit: str, baseline_mean: float) -> float:
    """Return the smallest difference worth naming, in the measure's unit.

    It is 0.005 on an index or a share, which run from 0 to 1, and elsewhere 1% of the
    baseline's mean. Both are assumed.
    """
    if unit.startswith(("index 0-1", "share")):
        return SMALLEST_ON_INDEX
    return SMALLEST_PART * abs(baseline_mean)


def verdict_words(difference: Difference, smallest: float = 0.0) -> str:
    """Say ``lower``, ``higher``, ``about the same``, ``equal`` or ``cannot tell``.

    Parameters
    ----------
    difference : from `paired_difference`.
    smallest : the smallest difference worth naming, as `smallest_difference` gives it.

    Returns
    -------
    str
        ``equal`` if no replicate differs; ``about the same`` if the whole interval is smaller
        than what is worth naming, or the mean difference is and the interval excludes 0;
        ``cannot tell`` if the interval holds 0, or there is none.
    """
    low, high = difference.low, difference.high
    if low == high == 0:
        return "equal"
    small = abs(difference.difference) < smallest
    if max(abs(low), abs(high)) < smallest or (small and (low > 0 or high < 0)):
        return "about the same"
    if high < 0:
        return "lower"
    return "higher" if low > 0 else "cannot tell"
