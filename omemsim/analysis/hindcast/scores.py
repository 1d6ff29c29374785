"""How good forecasts are: levels, ranks, calibration, and differences with intervals.

Intervals come from resampled neighbourhoods, each with all its neighbours (`space.block_draws`);
every forecast is scored on the same resamples, so that differences are paired. Years stay
together. Nothing is resampled over years: five years are one draw of a city's history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from omemsim.analysis.estimators import rank_correlation
from omemsim.analysis.hindcast.predictive import Forecast, Summary

__all__ = ["SCORES", "ForecastScore", "ScoreKind", "held_against"]

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
LEVEL = (0.025, 0.975)


@dataclass(frozen=True)
class ScoreKind:
    """A score: what it is, in which unit, and which way is better.

    ``better`` is ``lower``, ``higher``, or the value it should have as a number.
    """

    title: str
    unit: str
    better: str


SCORES: dict[str, ScoreKind] = {
    "rank": ScoreKind("rank correlation of rates", "Spearman's rho", "higher"),
    "error": ScoreKind("mean absolute error", "crimes per 1,000 residents", "lower"),
    "error_given_level": ScoreKind(
        "mean absolute error, the city's total given", "crimes per 1,000 residents", "lower"
    ),
    "deviance": ScoreKind("mean Poisson deviance", "per neighbourhood and year", "lower"),
    "crps": ScoreKind("continuous ranked probability score", "crimes", "lower"),
    "log": ScoreKind("logarithmic score", "minus log chance", "lower"),
    "within50": ScoreKind("counts inside the 50% interval", "share", "0.5"),
    "within90": ScoreKind("counts inside the 90% interval", "share", "0.9"),
    "width90": ScoreKind("mean width of the 90% interval", "crimes per 1,000 residents", ""),
    "level": ScoreKind("predicted over recorded, whole town", "ratio", "1"),
}


@dataclass(frozen=True)
class ForecastScore:
    """One number with its 95% interval.

    ``against`` names the rival that a difference is from, empty for a score itself; ``year`` is
    0 for all years: their mean.
    """

    forecast: str
    against: str
    measure: str
    year: int
    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class _Cells:
    """What the scores are made of, each (Y, N)."""

    local: dict[str, Floats]
    expected: Floats
    predicted_rate: Floats
    recorded: Floats
    recorded_rate: Floats


def held_against(
    forecasts: Mapping[str, Forecast],
    summaries: Mapping[str, Summary],
    *,
    measure: str,
    years: Sequence[int],
    recorded: Floats,
    residents: tuple[Floats, Floats],
    resamples: Rows,
    mine: Sequence[str],
) -> list[ForecastScore]:
    """Return every score of every forecast of a measure, and the differences that matter.

    Parameters
    ----------
    forecasts : by name, each of means (K, Y, N).
    summaries : by the same names, from `predictive.summarized`.
    measure : its name, written into the scores.
    years : Y, those predicted.
    recorded : (Y, N), counts.
    residents : those the forecasts assume (N,), and those there were (Y, N).
    resamples : (B, N), rows of neighbourhoods.
    mine : forecasts whose differences from all others are scored.
    """
    whole = np.arange(recorded.shape[1])[None]
    cells = {
        name: _cells(forecast, summaries[name], recorded, residents)
        for name, forecast in forecasts.items()
    }
    point = {name: _all(own, whole)[:, :, 0] for name, own in cells.items()}
    drawn = {name: _all(own, resamples) for name, own in cells.items()}
    names = {"measure": measure, "years": years}
    found = [s for x in forecasts for s in _scores(x, "", point[x], drawn[x], **names)]  # type: ignore[arg-type]
    for own in mine:
        for rival in forecasts:
            if rival not in mine:
                change, spread = point[own] - point[rival], drawn[own] - drawn[rival]
                found += _scores(own, rival, change, spread, **names)  # type: ignore[arg-type]
    return found


def _cells(
    forecast: Forecast, summary: Summary, recorded: Floats, residents: tuple[Floats, Floats]
) -> _Cells:
    """Return what is added up over neighbourhoods."""
    assumed, there = residents
    per_1000, rate = 1000 / assumed, 1000 * recorded / there
    expected = forecast.expected
    level = recorded.sum(axis=1, keepdims=True) / expected.sum(axis=1, keepdims=True)
    deviance = 2 * (xlogy(recorded, np.maximum(recorded, 1) / expected) - recorded + expected)
    local = {
        "error": np.abs(summary.median * per_1000 - rate),
        "error_given_level": np.abs(summary.median * level - recorded) * 1000 / there,
        "deviance": deviance,
        "crps": summary.crps,
        "log": summary.log_score,
        "within50": ((summary.low50 <= recorded) & (recorded <= summary.high50)).astype(float),
        "within90": ((summary.low90 <= recorded) & (recorded <= summary.high90)).astype(float),
        "width90": (summary.high90 - summary.low90) * per_1000,
    }
    return _Cells(local, expected, expected * per_1000, recorded, rate)


def _all(cells: _Cells, rows: Rows) -> Floats:
    """Return every score of `SCORES` in each year, then all years, (S, Y + 1, B)."""
    yearly = {name: values[:, rows].mean(axis=-1) for name, values in cells.local.items()}
    yearly["rank"] = rank_correlation(cells.predicted_rate[:, rows], cells.recorded_rate[:, rows])
    totals = cells.expected[:, rows].sum(axis=-1), cells.recorded[:, rows].sum(axis=-1)
    yearly["level"] = totals[0] / np.maximum(totals[1], 1)
    each = np.stack([yearly[name] for name in SCORES])
    return np.concatenate([each, each.mean(axis=1, keepdims=True)], axis=1)


def _scores(
    forecast: str,
    against: str,
    point: Floats,
    drawn: Floats,
    *,
    measure: str,
    years: Sequence[int],
) -> Iterator[ForecastScore]:
    low, high = np.nanquantile(drawn, LEVEL, axis=-1)
    for i, name in enumerate(SCORES):
        for j, year in enumerate([*years, 0]):
            ends = float(low[i, j]), float(high[i, j])
            yield ForecastScore(forecast, against, measure, year, name, float(point[i, j]), *ends)
