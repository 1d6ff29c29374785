"""Which parameters an outcome depends on: Sobol indices and Morris screening, without noise.

A simulation's outcome at a point of the design is a mean over few replicates, and has noise.
Left in, noise passes for an effect: a parameter that does nothing gets a total index above 0.
Here every product that the estimators are made of is taken between *different* replicates r and
s, ``sum over r != s of a_r b_s / (R (R - 1))``, in which noise has mean 0. For a square that is
the square of the mean less the variance of the replicates over R, which is the noise variance
of the mean. It holds whether neighbouring points share random numbers or not. With one
replicate nothing can be taken out, and the result says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from omemsim.present import text
from omemsim.study.statistics import ROUNDING, tails

__all__ = ["IndexEstimate", "Morris", "Sobol", "morris_analysis", "short_name", "sobol_analysis"]

Floats = NDArray[np.float64]

LEVEL, RESAMPLES = 0.95, 1000
NAMED = 3  # parameters in a sentence


@dataclass(frozen=True)
class IndexEstimate:
    """A number with its 95% interval; the ends are NaN where there is none."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Sobol:
    """Sobol indices of one outcome.

    Attributes
    ----------
    names : of the d parameters.
    first : share of the variance that a parameter makes alone, by name. Estimates of indices
        near 0 may be below it.
    total : the same together with its interactions.
    variance : of the outcome over the design, noise removed, in the outcome's unit squared.
    noise : variance of one run at one point, over replicates; NaN with one replicate.
    n : rows of the design that were used; ``left_out``, those with a run that failed.
    replicates : runs of each point.
    """

    names: tuple[str, ...]
    first: dict[str, IndexEstimate]
    total: dict[str, IndexEstimate]
    variance: float
    noise: float
    n: int
    left_out: int
    replicates: int

    def ranked(self) -> list[str]:
        """Return the names, the largest total index first."""
        return sorted(self.names, key=lambda name: -np.nan_to_num(self.total[name].value))

    def in_words(self, outcome: str) -> str:
        """Return one or two sentences about what drives ``outcome``."""
        if not self.variance > 0:
            return f"The parameters do not move {outcome} more than noise does."
        clear = [name for name in self.ranked() if self.total[name].low > 0][:NAMED]
        if not clear:
            return f"Which parameters move {outcome} cannot be told from {self.n} rows."
        told = {name: self.total[name] for name in clear}
        each = [
            f"{short_name(name)} {text.share(x.value, max(x.low, 0.0), x.high)}"
            for name, x in told.items()
        ]
        found = f"Of the variance of {outcome} over the design, {'; '.join(each)}"
        found += " (total index, with interactions; 95% interval)."
        return found + ("" if self.replicates > 1 else f" {WITH_NOISE}")


WITH_NOISE = "One replicate a point: its noise could not be removed and raises the total indices."


def sobol_analysis(
    values: ArrayLike, *, n: int, names: Sequence[str], seed: int = 0, resamples: int = RESAMPLES
) -> Sobol:
    """Return first and total Sobol indices with 95% bootstrap intervals.

    First: ``S_i = E[f(B) (f(AB_i) - f(A))] / V`` (Saltelli et al. 2010, Computer Physics
    Communications 181(2), table 2 b). Total: ``T_i = E[(f(A) - f(AB_i))^2] / (2 V)`` (Jansen
    1999, Computer Physics Communications 117). V is the variance over A and B. Every product is
    between different replicates (see above). Rows are resampled whole, all d + 2 points and
    replicates of each, so that the intervals include the noise; for that replicates must differ
    between rows or be many. For the points of a Sobol sequence, which lie more evenly than
    random ones, they are a little too wide.

    Parameters
    ----------
    values : float (n (d + 2), R), the blocks A, B, AB_1 ... AB_d of n rows each; NaN marks a run
        that failed, which costs its row.
    n : rows of a block.
    names : of the d parameters.
    seed : of the resampling.
    resamples : bootstrap samples.

    Raises
    ------
    ValueError
        If the shape does not fit, or fewer than two rows are whole.
    """
    table = _table(values, n * (len(names) + 2)).reshape(len(names) + 2, n, -1)
    whole = np.isfinite(table).all(axis=(0, 2))
    if whole.sum() < 2:
        raise ValueError(f"{whole.sum()} of {n} rows are whole: indices need two or more")
    table = _without_rounding(table[:, whole])
    products = _sobol_products(table)
    counts = _counts(int(whole.sum()), resamples, seed)
    found = _sobol_ratios(products.mean(axis=1, keepdims=True))[:, 0]
    spread = _sobol_ratios(products @ counts.T)
    ends = _ends(spread, n=int(whole.sum()))
    estimates = [IndexEstimate(*map(float, x)) for x in zip(found, *ends, strict=True)]
    noise = table.var(axis=2, ddof=1).mean() if table.shape[2] > 1 else math.nan
    return Sobol(
        names=tuple(names),
        first=dict(zip(names, estimates[: len(names)], strict=True)),
        total=dict(zip(names, estimates[len(names) :], strict=True)),
        variance=float(products[0].mean()),
        noise=float(noise),
        n=int(whole.sum()),
        left_out=int((~whole).sum()),
        replicates=table.shape[2],
    )


def _sobol_products(table: Floats) -> Floats:
    """Return (1 + 2 d, n): of each row its part of V, of each S_i V and of each T_i V."""
    a, b, mixed = table[0], table[1], table[2:]
    middle = np.concatenate([a, b]).mean(axis=0)  # of each replicate, which may be a town
    a, b, mixed = a - middle, b - middle, mixed - middle
    variance = (_across(a, a) + _across(b, b)) / 2
    first = [_across(b, one - a) for one in mixed]
    total = [_across(a - one, a - one) / 2 for one in mixed]
    return np.array([variance, *first, *total])


def _sobol_ratios(means: Floats) -> Floats:
    """Return indices (2 d, K) from mean products (1 + 2 d, K); NaN where there is no variance."""
    variance = np.where(means[0] > 0, means[0], np.nan)
    return np.asarray(means[1:] / variance)


def _across(one: Floats, other: Floats) -> Floats:
    """Return the mean over pairs of different replicates of one_r other_s, (..., R) to (...)."""
    count = one.shape[-1]
    same = (one * other).sum(axis=-1)
    if count == 1:
        return np.asarray(same)
    return np.asarray((one.sum(axis=-1) * other.sum(axis=-1) - same) / (count * (count - 1)))


@dataclass(frozen=True)
class Morris:
    """Elementary effects of one outcome: what a step over a parameter's whole range would do.

    Attributes
    ----------
    names : of the d parameters.
    mu_star : mean of the effects' absolute values, the parameter's weight, in the outcome's unit.
    mu : mean of the effects, with its sign.
    sigma : standard deviation of the effects, noise removed: how far the effect depends on
        the other parameters, or bends. 0 where noise explains all of it.
    floor : the ``mu_star`` that noise alone would give a parameter without effect, by name; NaN
        with one replicate. A ``mu_star`` no higher cannot be told from noise.
    n : trajectories that were used; ``left_out``, those with a run that failed.
    replicates : runs of each point.
    """

    names: tuple[str, ...]
    mu_star: dict[str, IndexEstimate]
    mu: dict[str, IndexEstimate]
    sigma: dict[str, IndexEstimate]
    floor: dict[str, float]
    n: int
    left_out: int
    replicates: int

    def ranked(self) -> list[str]:
        """Return the names, the largest mean absolute effect first."""
        return sorted(self.names, key=lambda name: -self.mu_star[name].value)

    def above_noise(self) -> list[str]:
        """Return, in that order, those whose whole interval lies above what noise would give."""
        floor = {name: np.nan_to_num(level) for name, level in self.floor.items()}
        return [name for name in self.ranked() if self.mu_star[name].low > floor[name]]

    def influence(self) -> dict[str, float]:
        """Return mu* as a part of the largest, by name; 0 where it is no more than noise gives."""
        largest = max(max(x.value for x in self.mu_star.values()), 1e-300)
        return {
            name: x.value / largest if x.value > np.nan_to_num(self.floor[name]) else 0.0
            for name, x in self.mu_star.items()
        }

    def in_words(self, outcome: str) -> str:
        """Return one or two sentences about what moves ``outcome``."""
        clear = self.above_noise()
        if not clear:
            return f"No parameter moves {outcome} clearly more than noise does."
        each = [f"{short_name(name)} ({self.mu_star[name].value:.3g})" for name in clear[:NAMED]]
        found = f"Over its whole range, the mean absolute change of {outcome}: {'; '.join(each)}."
        few = len(self.names) - len(clear)
        level = "noise" if self.replicates > 1 else "nothing"
        return f"{found} {few} of {len(self.names)} parameters cannot be told from {level}."


def morris_analysis(
    values: ArrayLike,
    *,
    points: ArrayLike,
    names: Sequence[str],
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Morris:
    """Return mu*, mu and sigma of the elementary effects with 95% bootstrap intervals.

    ``d_i = (f(x + step) - f(x)) / step``, the step as a share of the parameter's range. mu is
    the mean, mu* the mean of the absolute values, sigma the standard deviation over trajectories
    (Morris 1991, Technometrics 33(2); mu*: Campolongo et al. 2007, Environmental Modelling &
    Software 22). Trajectories are resampled whole.

    Parameters
    ----------
    values : float (K (d + 1), R), K trajectories of d + 1 rows each; NaN marks a run that failed,
        which costs its trajectory.
    points : float (K (d + 1), d), the parameters as shares of their ranges, 0 to 1; from row to
        row of a trajectory one of them changes.
    names : of the d parameters.
    seed : of the resampling.
    resamples : bootstrap samples.

    Raises
    ------
    ValueError
        If shapes do not fit, a step changes none or several parameters, or fewer than two
        trajectories are whole.
    """
    d = len(names)
    places = np.asarray(points, np.float64)
    if places.ndim != 2 or places.shape[1] != d or len(places) % (d + 1):
        raise ValueError(f"points of shape {places.shape} are no trajectories of {d} parameters")
    table = _table(values, len(places)).reshape(-1, d + 1, _replicates(values))
    whole = np.isfinite(table).all(axis=(1, 2))
    if whole.sum() < 2:
        raise ValueError(f"{whole.sum()} of {whole.size} trajectories are whole: two are needed")
    effects = _effects(_without_rounding(table[whole]), places.reshape(-1, d + 1, d)[whole])
    counts = _counts(len(effects), resamples, seed)
    mean, noise = effects.mean(axis=2), _noise(effects)
    return Morris(
        names=tuple(names),
        mu_star=_estimates(names, np.abs(mean), counts),
        mu=_estimates(names, mean, counts),
        sigma=_sigmas(names, mean, noise, counts),
        floor=dict(zip(names, _floor(noise).tolist(), strict=True)),
        n=effects.shape[0],
        left_out=int((~whole).sum()),
        replicates=table.shape[2],
    )


def _effects(table: Floats, places: Floats) -> Floats:
    """Return elementary effects (K, d, R) in the order of the parameters."""
    steps = np.diff(places, axis=1)
    moved = np.abs(steps) > 1e-12
    if not (moved.sum(axis=2) == 1).all() or not (moved.sum(axis=1) == 1).all():
        raise ValueError("each step of a trajectory must change one parameter, and each once")
    which = moved.argmax(axis=2)
    size = np.take_along_axis(steps, which[:, :, None], axis=2)
    changes = np.diff(table, axis=1) / size
    effects = np.empty_like(changes)
    np.put_along_axis(effects, which[:, :, None], changes, axis=1)
    return effects


def _noise(effects: Floats) -> Floats:
    """Return the noise variance (K, d) of each effect's mean over replicates; NaN for one."""
    count = effects.shape[2]
    if count == 1:
        return np.full(effects.shape[:2], np.nan)
    return np.asarray(effects.var(axis=2, ddof=1) / count)


def _floor(noise: Floats) -> Floats:
    """Return the mean absolute value of noise alone, if it is normal: sqrt(2 / pi) sd."""
    return np.asarray(np.sqrt(2 / np.pi * noise.mean(axis=0)))


def _estimates(names: Sequence[str], each: Floats, counts: Floats) -> dict[str, IndexEstimate]:
    ends = _ends((counts @ each).T, n=len(each))
    found = zip(each.mean(axis=0), *ends, strict=True)
    return dict(zip(names, (IndexEstimate(*map(float, x)) for x in found), strict=True))


def _sigmas(
    names: Sequence[str], mean: Floats, noise: Floats, counts: Floats
) -> dict[str, IndexEstimate]:
    """Return the effects' standard deviations, without the part that is noise."""
    n, taken = len(mean), np.nan_to_num(noise)

    def deviation(weights: Floats) -> Floats:
        variance = (weights @ mean**2 - (weights @ mean) ** 2) * n / (n - 1)
        return np.asarray(np.sqrt(np.maximum(variance - weights @ taken, 0)))

    found = deviation(np.full((1, n), 1 / n))[0]
    ends = _ends(deviation(counts).T, n=n)
    each = (IndexEstimate(*map(float, x)) for x in zip(found, *ends, strict=True))
    return dict(zip(names, each, strict=True))


def _replicates(values: ArrayLike) -> int:
    array = np.asarray(values)
    return 1 if array.ndim == 1 else array.shape[1]


def _table(values: ArrayLike, rows: int) -> Floats:
    """Return the values as (rows, R)."""
    array = np.asarray(values, np.float64)
    table = array[:, None] if array.ndim == 1 else array
    if table.ndim != 2 or len(table) != rows or not table.shape[1]:
        raise ValueError(f"values of shape {array.shape}: expected {rows} points by replicates")
    return table


def _without_rounding(table: Floats) -> Floats:
    """Return zeros for an outcome that differs by rounding alone: that has no variance to split."""
    is_constant = np.ptp(table) <= ROUNDING * np.abs(table).max()
    return np.zeros_like(table) if is_constant else table


def _counts(n: int, resamples: int, seed: int) -> Floats:
    """Return how often each of n rows is in each resample, over n: (resamples, n)."""
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), resamples) / n


def _ends(spread: Floats, *, n: int) -> tuple[Floats, Floats]:
    """Return the ends of the 95% intervals from resampled estimates (I, resamples)."""
    ends = np.full((2, len(spread)), np.nan)
    known = ~np.isnan(spread).all(axis=1)  # of an outcome that is constant nothing is known
    ends[:, known] = np.nanquantile(spread[known], tails(n, LEVEL), axis=1)
    return ends[0], ends[1]


def short_name(path: str) -> str:
    """Return a key as a person reads it: ``organize: join`` of ``parameters.organize.join``."""
    *groups, last = path.removeprefix("parameters.").split(".")
    return ": ".join([*groups, last.replace("_", " ")])
