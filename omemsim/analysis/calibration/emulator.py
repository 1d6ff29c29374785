"""An emulator: what a run would give at parameters that were not run, and how sure that is.

A Gaussian process with a linear mean and a smooth part whose correlation falls with the squared
distance, a length per parameter (Rasmussen & Williams 2006, Gaussian Processes for Machine
Learning, ch. 2, 5). The runs' own noise, from having few replicates, is known from the
replicates and given to it, so that it does not pass for a response. Its lengths and variance
are those of the greatest likelihood; the mean's coefficients are integrated out.

It is tested by leaving out each point in turn, which needs no second fit (Dubrule 1983,
Mathematical Geology 15(6)). Where the points left out lie further off than it says, its variance
is raised by that factor: an emulator that is too sure would rule out what is right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

__all__ = ["FAR", "FEWEST_FOR", "Check", "Emulator", "fit_emulator"]

Floats = NDArray[np.float64]

FEWEST_FOR = 2  # points for each coefficient of the mean
FAR = 3.0  # standard errors; of a unimodal error at least 95% lie nearer (Pukelsheim 1994)
SHORTEST, LONGEST = 0.1, 20.0  # correlation lengths, in widths of a parameter's range
LEAST_NOISE = 1e-6  # of the outcome's variance: a matrix that can be solved
STARTS = (0.5, 2.0)  # lengths from which the likelihood is climbed


@dataclass(frozen=True)
class Check:
    """How the emulator did on points left out.

    Attributes
    ----------
    n : points.
    explained : share of the variance between points that it predicts, 1 less the mean squared
        error over the variance; below 0 it is worse than the mean.
    beyond : share of points more than `FAR` of its standard errors off.
    inflation : what its variance was multiplied by, at least 1.
    """

    n: int
    explained: float
    beyond: float
    inflation: float


@dataclass(frozen=True)
class Emulator:
    """A fitted emulator of one reading; use `predict`.

    Attributes
    ----------
    points : float (n, d), in the unit cube.
    lengths : float (d,), of correlation, in widths of a parameter's range.
    check : how it did on points left out.
    """

    points: Floats
    lengths: Floats
    check: Check
    centre: float
    scale: float
    signal: float
    weights: Floats
    slopes: Floats
    factor: Floats
    spread: Floats

    def mean(self, points: Floats) -> Floats:
        """Return the mean alone, (m,), at points (m, d): much cheaper than with its variance."""
        near = self.signal * _correlation(points, self.points, self.lengths)
        return self.centre + self.scale * (_basis(points) @ self.slopes + near @ self.weights)

    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """Return mean and variance (without the runs' noise), each (m,), at points (m, d)."""
        near = self.signal * _correlation(points, self.points, self.lengths)
        basis = _basis(points)
        mean = basis @ self.slopes + near @ self.weights
        solved = cho_solve((self.factor, True), near.T)
        left = basis - (near @ cho_solve((self.factor, True), _basis(self.points)))
        variance = self.signal - np.einsum("ij,ji->i", near, solved)
        variance = variance + np.einsum("ij,jk,ik->i", left, self.spread, left)
        raised = np.maximum(variance, 0) * self.check.inflation
        return self.centre + self.scale * mean, self.scale**2 * raised


def fit_emulator(points: Floats, values: Floats, noise: float) -> Emulator:
    """Return the emulator of values at points.

    Parameters
    ----------
    points : float (n, d) in the unit cube, n at least `FEWEST_FOR` (d + 1).
    values : float (n,), a reading's mean over the replicates of each point.
    noise : variance of such a mean by chance, in the reading's unit squared, 0 or more.

    Raises
    ------
    ValueError
        If there are too few points.
    """
    n, d = points.shape
    if n < FEWEST_FOR * (d + 1):
        raise ValueError(f"{n} points: {FEWEST_FOR * (d + 1)} are needed for {d} parameters")
    centre, scale = float(values.mean()), float(values.std()) or 1.0
    y = (values - centre) / scale
    level = max(noise / scale**2, LEAST_NOISE)
    signal, lengths = _likeliest(points, y, level)
    return _assembled(points, y, (signal, level), lengths, centre=centre, scale=scale)


def _likeliest(points: Floats, y: Floats, level: float) -> tuple[float, Floats]:
    """Return the signal's variance and the lengths of the greatest likelihood."""
    d = points.shape[1]
    ends = [(np.log(1e-6), np.log(1e3)), *[(np.log(SHORTEST), np.log(LONGEST))] * d]
    tries = [
        minimize(
            _minus_likelihood,
            np.log([0.5, *[length] * d]),
            args=(points, y, level),
            jac=True,
            bounds=ends,
            method="L-BFGS-B",
        )
        for length in STARTS
    ]
    best = min(tries, key=lambda found: float(found.fun))
    return float(np.exp(best.x[0])), np.exp(best.x[1:])


def _minus_likelihood(
    logs: Floats, points: Floats, y: Floats, level: float
) -> tuple[float, Floats]:
    """Return minus the log likelihood and its gradient; the mean's coefficients are the best."""
    signal, lengths = float(np.exp(logs[0])), np.exp(logs[1:])
    smooth = signal * _correlation(points, points, lengths)
    factor = np.linalg.cholesky(smooth + level * np.eye(len(y)))
    inverse = cho_solve((factor, True), np.eye(len(y)))
    basis = _basis(points)
    slopes = np.linalg.solve(basis.T @ inverse @ basis, basis.T @ (inverse @ y))
    rest = y - basis @ slopes
    alpha = inverse @ rest
    value = 0.5 * rest @ alpha + np.log(np.diag(factor)).sum()
    pull = 0.5 * (inverse - np.outer(alpha, alpha)) * smooth
    apart = [(points[:, [i]] - points[:, i]) ** 2 / lengths[i] ** 2 for i in range(len(lengths))]
    return float(value), np.array([pull.sum(), *((pull * x).sum() for x in apart)])


def _assembled(
    points: Floats,
    y: Floats,
    variances: tuple[float, float],
    lengths: Floats,
    *,
    centre: float,
    scale: float,
) -> Emulator:
    signal, level = variances
    matrix = signal * _correlation(points, points, lengths) + level * np.eye(len(y))
    factor, _ = cho_factor(matrix, lower=True)
    factor = np.tril(factor)
    basis = _basis(points)
    inverse = cho_solve((factor, True), np.eye(len(y)))
    spread = np.asarray(np.linalg.inv(basis.T @ inverse @ basis), np.float64)
    slopes = spread @ (basis.T @ (inverse @ y))
    return Emulator(
        points=points,
        lengths=lengths,
        check=_check(inverse, basis @ spread @ basis.T, y),
        centre=centre,
        scale=scale,
        signal=signal,
        weights=inverse @ (y - basis @ slopes),
        slopes=slopes,
        factor=factor,
        spread=spread,
    )


def _check(inverse: Floats, fitted: Floats, y: Floats) -> Check:
    """Return how each point is foretold by all others, from one fit (Dubrule 1983)."""
    without = inverse - inverse @ fitted @ inverse
    error = (without @ y) / np.diag(without)
    off = error * np.sqrt(np.diag(without))  # in standard errors, noise included
    return Check(
        n=len(y),
        explained=float(1 - (error**2).mean() / max(float(y.var()), 1e-300)),
        beyond=float((np.abs(off) > FAR).mean()),
        inflation=max(1.0, float((off**2).mean())),
    )


def _basis(points: Floats) -> Floats:
    """Return the linear mean's columns, (m, d + 1)."""
    return np.column_stack([np.ones(len(points)), points])


def _correlation(one: Floats, other: Floats, lengths: Floats) -> Floats:
    """Return exp(-squared distance / 2), (m, n)."""
    a, b = one / lengths, other / lengths
    apart = (a**2).sum(axis=1)[:, np.newaxis] + (b**2).sum(axis=1) - 2 * a @ b.T
    return np.asarray(np.exp(-0.5 * np.maximum(apart, 0)))
