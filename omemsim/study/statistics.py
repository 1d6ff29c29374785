"""How large a difference is and how sure we are, from paired replicates.

Replicate r has common random numbers under every strategy, so differences are taken within a
replicate and averaged. Replicates can be made at will, which makes any p-value on them as
small as one likes: none is reported (`study.family` holds false words down by them). An interval
says how well the *simulation* is known at these parameters, not how well the real world is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from omemsim.study.rare_events import are_rare, events_interval

__all__ = [
    "ROUNDING",
    "SMALLEST_ON_INDEX",
    "SMALLEST_PART",
    "Difference",
    "change_of",
    "mean_difference",
    "paired_difference",
    "share_better",
    "share_tied",
    "smallest_difference",
    "student_interval",
    "tails",
    "verdict_words",
]

Floats = NDArray[np.float64]

# Means of fewer resampled values cannot spread far enough for a 95% interval.
FEWEST_TO_RESAMPLE = 6
# A smaller part of the values' size is rounding. What is equal must not differ by it.
ROUNDING = 1e-12
# Replicates that all differ by the same amount, from which on that is no chance: the sign test's
# two-sided probability of it is then below 5%.
FEWEST_ALIKE = 6

# The smallest difference worth naming, assumed: no study says what is too small to matter.
SMALLEST_PART = 0.01  # of the baseline's mean
SMALLEST_ON_INDEX = 0.005  # of an index or a share, which run from 0 to 1


@dataclass(frozen=True)
class Difference:
    """A mean paired difference, ``mean`` - ``baseline_mean``, in the measure's unit.

    ``low`` and ``high`` bound the interval; they are NaN if there is none, as of one replicate
    or where all replicates differ alike. In ``tied`` of the ``n`` replicates the two are equal.
    """

    n: int
    mean: float
    baseline_mean: float
    difference: float
    low: float
    high: float
    tied: int = 0

    @property
    def never_differs(self) -> bool:
        """Say whether there are replicates, two or more, and the two are equal in all."""
        return 1 < self.n == self.tied

    @property
    def is_constant(self) -> bool:
        """Say whether all replicates, two or more, differ by the same amount, as by 0."""
        return self.n > 1 and math.isnan(self.low)


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
    means cannot leave the range of the values.

    Where some replicates do not differ and fewer than ten do, these are rare events, and the
    interval reaches at least as far as `rare_events.events_interval`. Where all replicates
    differ by the same amount, as by 0, nothing is known of their spread, and there is none:
    `rare_events.unseen_share` says in how many replicates something else may occur. The
    coverage is measured in the tests.

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
    change = change_of(first, second)
    if change.size > 1 and np.ptp(change) == 0:
        low, high = math.nan, math.nan
    else:
        low, high = _interval(change, seed=seed, level=level, resamples=resamples)
        if are_rare(change):
            ends = events_interval(change, level=level)
            low, high = min(low, ends[0]), max(high, ends[1])
    return _difference(first, second, change, low=low, high=high)


def mean_difference(effects: ArrayLike, *, seed: int = 0, resamples: int = 2000) -> Difference:
    """Return the mean of an effect in each replicate as a difference from 0.

    An effect need not be one number less another, and that it is 0 in a replicate is no tie of two
    strategies: its interval is that of `paired_difference` without what it does for rare events,
    and ends in the one value that all replicates have, if they do.

    Parameters
    ----------
    effects : float (n,), finite, one per replicate.
    seed, resamples : as for `paired_difference`.
    """
    first, none = _paired(effects, np.zeros(np.shape(effects)))
    low, high = _interval(first, seed=seed, level=0.95, resamples=resamples)
    return _difference(first, none, first, low=low, high=high)


def _difference(
    first: Floats, second: Floats, change: Floats, *, low: float, high: float
) -> Difference:
    n = change.size
    if n == 0:
        return Difference(0, math.nan, math.nan, math.nan, low, high)
    means = float(first.mean()), float(second.mean()), float(change.mean())
    return Difference(n, *means, low, high, tied=int((change == 0).sum()))


def change_of(values: ArrayLike, baseline: ArrayLike) -> Floats:
    """Return the paired differences (n,); what is rounding alone is 0, or equal.

    Raises
    ------
    ValueError
        If the two differ in shape or hold a value that is not finite.
    """
    first, second = _paired(values, baseline)
    change = first - second
    rounding = ROUNDING * float(np.abs([first, second]).max(initial=0.0))
    if change.size and np.ptp(change) <= rounding:
        change = np.full_like(change, change.mean())
    change[np.abs(change) <= rounding] = 0.0
    return change


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

    A tie is no win, and no loss either: the baseline beats the strategy in the share that is
    left after this one and `share_tied`. NaN if there is no replicate, or no direction is better.

    Parameters
    ----------
    values, baseline : float (n,), paired as in `paired_difference`.
    better : ``lower``, ``higher``, or empty where neither is better.
    """
    change = change_of(values, baseline)
    if change.size == 0 or better not in ("lower", "higher"):
        return math.nan
    wins = change < 0 if better == "lower" else change > 0
    return float(wins.mean())


def share_tied(values: ArrayLike, baseline: ArrayLike) -> float:
    """Return the share of replicates in which the two are equal (to rounding), in [0, 1].

    NaN if there is no replicate. Parameters as of `share_better`.
    """
    change = change_of(values, baseline)
    return float((change == 0).mean()) if change.size else math.nan


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

    The word goes by this one difference. Where many are looked at, some miss 0 by chance: see
    `study.family`.

    Parameters
    ----------
    difference : from `paired_difference`.
    smallest : the smallest difference worth naming, as `smallest_difference` gives it.

    Returns
    -------
    str
        ``equal`` if no replicate differs; ``about the same`` if the whole interval is smaller
        than what is worth naming, or the mean difference is and the interval excludes 0;
        ``cannot tell`` if the interval holds 0, or there is none. Where six replicates or more
        all differ by the same amount, that stands for the interval.
    """
    if difference.never_differs:
        return "equal"
    low, high = difference.low, difference.high
    if difference.is_constant and difference.n >= FEWEST_ALIKE:
        low = high = difference.difference
    small = abs(difference.difference) < smallest
    if max(abs(low), abs(high)) < smallest or (small and (low > 0 or high < 0)):
        return "about the same"
    if high < 0:
        return "lower"
    return "higher" if low > 0 else "cannot tell"
