"""Where the spread of an outcome comes from, and how often one strategy beats another.

The noise budget splits the variance of single runs into three parts: other parameters, another
initial town, other random numbers in the same town. It says what more replicates can and cannot do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from omemsim.present import text
from omemsim.study.indices import IndexEstimate
from omemsim.study.statistics import tails

__all__ = ["PARTS", "NoiseBudget", "WorldShare", "noise_budget", "share_of_worlds"]

Floats = NDArray[np.float64]

PARTS = {
    "parameters": "other parameters",
    "town": "another initial town",
    "noise": "other random numbers",
}
LEVEL, RESAMPLES = 0.95, 2000
FEWEST = 2


@dataclass(frozen=True)
class NoiseBudget:
    """The variance of one outcome by where it comes from.

    Attributes
    ----------
    variances : by part (keys of `PARTS`), in the outcome's unit squared. An estimate may be
        negative, which says that the part is too small to be seen; it is given as it is.
    shares : the same as shares of their sum, with 95% intervals.
    points, towns, repeats : size of the design.
    left_out : points with a run that failed.
    """

    variances: dict[str, IndexEstimate]
    shares: dict[str, IndexEstimate]
    points: int
    towns: int
    repeats: int
    left_out: int = 0

    def in_words(self, outcome: str) -> str:
        """Return where the spread of ``outcome`` comes from, and what follows."""
        if not sum(x.value for x in self.variances.values()) > 0:
            return f"All runs have the same {outcome}."
        ranked = sorted(PARTS, key=lambda part: -self.shares[part].value)
        told = []
        for part in ranked:
            found = self.shares[part]
            ends = max(found.low, 0.0), min(found.high, 1.0)
            told.append(f"{PARTS[part]} {text.share(max(found.value, 0.0), *ends)}")
        most = {
            "parameters": "More replicates will not narrow it: better known parameters would.",
            "town": "More initial towns (replicates) narrow the mean.",
            "noise": "More replicates narrow the mean.",
        }[ranked[0]]
        return f"Spread of {outcome} between single runs: {'; '.join(told)}. {most}"


def noise_budget(values: ArrayLike, *, seed: int = 0, resamples: int = RESAMPLES) -> NoiseBudget:
    """Split the variance of an outcome into parameters, initial town and chance.

    Nested random effects, ``y[p, t, l] = mean + P_p + T_t(p) + L_l(t, p)``, by the mean squares
    of the analysis of variance (Searle, Casella & McCulloch 1992, Variance Components, ch. 3):
    noise = MS_L, town = (MS_T - MS_L) / repeats, parameters = (MS_P - MS_T) / (towns repeats).
    The intervals are bootstrap percentiles over whole points (Davison & Hinkley 1997, section 3.8),
    moved outwards for few of them as in `statistics.paired_difference`. With fewer than about
    twenty points those of the parameters' part are rough; their coverage is measured in the tests.

    Parameters
    ----------
    values : float (points, towns, repeats), at least two of each: points are parameter sets, towns
        replicates of a point, *different ones in each point* (a town that all points share
        would be taken from the parameters' part), repeats the same town with other
        random numbers (``noise_seed``).
        A point with NaN, a run that failed, is left out.
    seed : of the resampling.
    resamples : bootstrap samples.

    Raises
    ------
    ValueError
        If the shape does not fit, or fewer than two points are whole.
    """
    table = np.asarray(values, np.float64)
    if table.ndim != 3 or min(table.shape) < FEWEST:
        raise ValueError(f"values of shape {table.shape}: two points, towns and runs needed")
    whole = np.isfinite(table).all(axis=(1, 2))
    if whole.sum() < FEWEST:
        raise ValueError(f"{whole.sum()} of {len(table)} points are whole: two are needed")
    table = table[whole]
    n = len(table)
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), resamples) / n
    found = _components(table, np.full((1, n), 1 / n))
    spread = _components(table, counts)
    return NoiseBudget(
        variances=_estimates(found, spread, n),
        shares=_estimates(_shares(found), _shares(spread), n),
        points=n,
        towns=table.shape[1],
        repeats=table.shape[2],
        left_out=int((~whole).sum()),
    )


def _components(table: Floats, weights: Floats) -> Floats:
    """Return the variances (3, K) in the order of `PARTS`, for points weighted (K, points)."""
    n, towns, repeats = table.shape
    town = table.mean(axis=2)
    point = town.mean(axis=1)
    point = point - point.mean()  # keeps digits where the spread is small beside the mean
    of_noise = weights @ table.var(axis=2, ddof=1).mean(axis=1)
    of_towns = repeats * (weights @ town.var(axis=1, ddof=1))
    between = (weights @ point**2 - (weights @ point) ** 2) * n / (n - 1)
    of_points = towns * repeats * between
    return np.array(
        [(of_points - of_towns) / (towns * repeats), (of_towns - of_noise) / repeats, of_noise]
    )


def _shares(components: Floats) -> Floats:
    total = components.sum(axis=0)
    return np.asarray(components / np.where(total > 0, total, np.nan))


def _estimates(found: Floats, spread: Floats, n: int) -> dict[str, IndexEstimate]:
    if np.isnan(spread).all():
        return {part: IndexEstimate(math.nan, math.nan, math.nan) for part in PARTS}
    low, high = np.nanquantile(spread, tails(n, LEVEL), axis=1)
    each = zip(found[:, 0], low, high, strict=True)
    return dict(zip(PARTS, (IndexEstimate(*map(float, x)) for x in each), strict=True))


@dataclass(frozen=True)
class WorldShare:
    """In how many worlds (parameter sets) one strategy beats another; a tie is not a win.

    ``low`` and ``high`` are the ends of the exact 95% interval of ``share``.
    """

    n: int
    wins: int
    ties: int
    share: float
    low: float
    high: float

    def in_words(self, strategy: str, baseline: str, outcome: str) -> str:
        """Return the finding as a sentence.

        Parameters
        ----------
        strategy, baseline : their names.
        outcome : in plain words, as in a sentence.
        """
        if not self.n:
            return f"{strategy} and {baseline} have no parameter set in common."
        ties = f", and they are equal in {self.ties}" if self.ties else ""
        ends = f"{100 * self.low:.0f} to {100 * self.high:.0f}%"
        return (
            f"{strategy} beats {baseline} on {outcome} in {self.wins} of {self.n} parameter sets"
            f"{ties}: {100 * self.share:.0f}% of such sets (95% interval {ends})."
        )


def share_of_worlds(values: ArrayLike, baseline: ArrayLike, better: str) -> WorldShare:
    """Return the share of worlds in which a strategy beats the baseline.

    The interval is exact (Clopper & Pearson 1934, Biometrika 26(4)): it covers the share in at
    least 95% of studies, whatever it is.

    Parameters
    ----------
    values, baseline : float (n,), an outcome in each world, the same worlds in the same order;
        a world with NaN in either is left out.
    better : ``lower`` or ``higher``.

    Raises
    ------
    ValueError
        If shapes differ, or neither direction is better.
    """
    first, second = np.asarray(values, np.float64), np.asarray(baseline, np.float64)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"values of shape {first.shape} cannot be paired with {second.shape}")
    if better not in ("lower", "higher"):
        raise ValueError(f"better = {better!r}: must be lower or higher")
    whole = np.isfinite(first) & np.isfinite(second)
    change = (first - second)[whole] * (1 if better == "higher" else -1)
    n, wins = change.size, int((change > 0).sum())
    if not n:
        return WorldShare(0, 0, 0, math.nan, math.nan, math.nan)
    ends = stats.binomtest(wins, n).proportion_ci(LEVEL, method="exact")
    low, high = float(ends.low), float(ends.high)
    return WorldShare(n, wins, int((change == 0).sum()), wins / n, low, high)
