"""Predictive distributions of counts: mixtures of negative binomials, and how good they are.

A count is predicted as Poisson around a rate that is itself not known, gamma with a relative
variance ``alpha``: negative binomial with variance mu + alpha mu^2 (NB2; Hilbe 2011). Where
several parameter sets predict, each is one component of equal weight.

Scores are proper (Gneiting & Raftery 2007, JASA 102(477)): the logarithmic score and the
continuous ranked probability score. Calibration is read off the randomised probability integral
transform for counts (Czado, Gneiting & Held 2009, Biometrics 65(4)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import nbinom

__all__ = ["Forecast", "Summary", "draw_counts", "fit_alpha", "summarized"]

Floats = NDArray[np.float64]
LEAST_ALPHA, MOST_ALPHA = 1e-7, 10.0  # the least is Poisson for any count of a neighbourhood
LEAST_MEAN = 1e-3
LEAST_CHANCE = 1e-300  # the score of a count that was taken to be impossible, not infinity
LEVELS = {"50": (0.25, 0.75), "90": (0.05, 0.95)}


@dataclass(frozen=True)
class Forecast:
    """What one way of predicting says of one measure.

    Attributes
    ----------
    mean, alpha : (K, Y, N), expected counts and relative variances of K components.
    """

    mean: Floats
    alpha: Floats

    @property
    def expected(self) -> Floats:
        """Return the expected count, (Y, N)."""
        return np.asarray(self.mean.mean(axis=0))


@dataclass(frozen=True)
class Summary:
    """A forecast compared with what was counted; every array is (Y, N).

    Attributes
    ----------
    median, low50, high50, low90, high90 : counts.
    crps, log_score : lower is better; the latter is minus the log of the chance given.
    pit : where in its distribution the count fell, 0 to 1, drawn within the count's own step.
    """

    median: Floats
    low50: Floats
    high50: Floats
    low90: Floats
    high90: Floats
    crps: Floats
    log_score: Floats
    pit: Floats


def summarized(forecast: Forecast, observed: Floats, *, seed: int = 0) -> Summary:
    """Return quantiles and scores of a forecast, cell by cell.

    Parameters
    ----------
    forecast : of components (K, Y, N).
    observed : (Y, N), counts.
    seed : of the draw within a count's step.
    """
    rng = np.random.default_rng(seed).random(observed.shape)
    values = np.empty((8, *observed.shape))
    for cell in np.ndindex(*observed.shape):
        mean, alpha = forecast.mean[:, *cell], forecast.alpha[:, *cell]
        values[:, *cell] = _cell(mean, alpha, round(float(observed[cell])), float(rng[cell]))
    return Summary(*values)


def _cell(mean: Floats, alpha: Floats, count: int, u: float) -> tuple[float, ...]:
    """Return the eight numbers of `Summary` for one count."""
    chances = _chances(mean, alpha, count)
    below = np.minimum(np.cumsum(chances), 1.0)
    wanted = (0.5, *LEVELS["50"], *LEVELS["90"])
    quantiles = np.searchsorted(below, np.array(wanted)).clip(0, below.size - 1)
    crps = float(np.sum((below - (np.arange(below.size) >= count)) ** 2))
    chance = float(chances[count])
    under = float(below[count - 1]) if count else 0.0
    score = -float(np.log(max(chance, LEAST_CHANCE)))
    return (*map(float, quantiles), crps, score, min(under + u * chance, 1.0))


def _chances(mean: Floats, alpha: Floats, count: int) -> Floats:
    """Return the chances of 0, 1, 2, ... up to beyond what matters, the count included."""
    mean, size = _sound(mean, alpha)
    spread = np.sqrt(mean + mean**2 / size)
    most = int(max(np.max(mean + 12 * spread), count)) + 20
    grid = np.arange(most)[:, None]
    each = np.asarray(nbinom.pmf(grid, size, size / (size + mean)), np.float64)
    return np.asarray(each.mean(axis=1))


def _sound(mean: Floats, alpha: Floats) -> tuple[Floats, Floats]:
    """Return means above 0 and the shape of the gamma, 1 / alpha, within bounds."""
    return np.maximum(mean, LEAST_MEAN), 1 / np.clip(alpha, LEAST_ALPHA, MOST_ALPHA)


def draw_counts(forecast: Forecast, draws: int, *, seed: int = 0) -> Floats:
    """Return counts drawn from a forecast, each cell by itself, (draws, Y, N).

    Parameters
    ----------
    forecast : of components (K, Y, N).
    draws : 1 or more.
    seed : the same number gives the same counts.
    """
    rng = np.random.default_rng(seed)
    mean, size = _sound(forecast.mean, forecast.alpha)
    which = rng.integers(mean.shape[0], size=draws)  # one parameter set for all cells of a draw
    rate = rng.gamma(size[which], mean[which] / size[which])
    return np.asarray(rng.poisson(rate), np.float64)


def fit_alpha(mean: Floats, observed: Floats) -> float:
    """Return the relative variance under which counts around these means are likeliest.

    Parameters
    ----------
    mean, observed : equal shapes, expected and counted.
    """
    expected, counts = np.maximum(mean.ravel(), LEAST_MEAN), np.rint(observed.ravel())

    def unlikely(log_alpha: float) -> float:
        size = np.exp(-log_alpha)
        return -float(nbinom.logpmf(counts, size, size / (size + expected)).sum())

    bounds = (np.log(LEAST_ALPHA), np.log(MOST_ALPHA))
    found = minimize_scalar(unlikely, bounds=bounds, method="bounded")
    return float(np.exp(found.x))
