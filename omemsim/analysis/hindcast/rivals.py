"""Simple rivals of the model: last year's rate, the mean, a regression, the shrunken mean.

Each is a rule that turns the first years of a panel into a rate per resident. How far such a
rule is off so many years ahead is learnt inside the fit window: it is applied to the years up to
each of its years, and compared with the later ones (a rolling origin; Tashman 2000, Int. J.
Forecasting 16(4)). That spread includes the trends and shocks of those years.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.estimators import poisson_regression
from omemsim.analysis.hindcast.predictive import Forecast, fit_alpha
from omemsim.inputs.regression import design_of, shrunken_rates
from omemsim.inputs.tables.panel import Panel

__all__ = ["RIVALS", "covariates_of", "forecast_by", "spread_by_lead"]

Floats = NDArray[np.float64]
Rule = Callable[[Panel, str, int], Floats]
LEAST = 0.5  # crimes; a neighbourhood without any is not taken to be safe for ever


def last_year(panel: Panel, measure: str, last: int) -> Floats:
    """Return the rate of year ``last`` (a row of the panel), (N,).

    Parameters
    ----------
    panel : the fit window.
    measure : ``violence`` or ``property``.
    last : row of the last year that is known.
    """
    return np.asarray(np.maximum(panel.counts[measure][last], LEAST) / panel.population[last])


def mean_rate(panel: Panel, measure: str, last: int) -> Floats:
    """Return the crimes of all years up to ``last`` over their residents, (N,).

    Parameters
    ----------
    all : as for `last_year`.
    """
    counts = panel.counts[measure][: last + 1].sum(axis=0)
    return np.asarray(np.maximum(counts, LEAST) / panel.population[: last + 1].sum(axis=0))


def census(panel: Panel, measure: str, last: int) -> Floats:
    """Return the rates a Poisson regression on the panel's extra columns gives, (N,).

    Parameters
    ----------
    all : as for `last_year`.
    """
    counts = panel.counts[measure][: last + 1].sum(axis=0)
    exposure = panel.population[: last + 1].sum(axis=0)
    design = covariates_of(panel, last)
    return np.asarray(np.exp(design @ poisson_regression(counts, design, exposure)))


def shrunken(panel: Panel, measure: str, last: int) -> Floats:
    """Return the mean rate pooled with what the census says, (N,): `shrunken_rates`.

    Parameters
    ----------
    all : as for `last_year`.
    """
    counts, population = panel.counts[measure][: last + 1], panel.population[: last + 1]
    return shrunken_rates(counts, population, covariates_of(panel, last))


RIVALS: dict[str, Rule] = {
    "last year": last_year,
    "mean rate": mean_rate,
    "regression": census,
    "shrunken mean": shrunken,
}


def covariates_of(panel: Panel, year: int) -> Floats:
    """Return the panel's extra columns in a year, z-scored, after a column of ones, (N, P)."""
    return design_of([values[year] for values in panel.extra.values()], len(panel.ids))


def spread_by_lead(
    expected: Callable[[int, int], Floats], observed: Floats, leads: Sequence[int]
) -> list[float]:
    """Return the relative variance of forecasts so many years ahead, one for each lead.

    Parameters
    ----------
    expected : row of the last year that is known, and years ahead -> expected counts (N,).
    observed : (Y, N), counts of the fit window, two years at least.
    leads : years ahead; one beyond what the window holds has the spread of its longest.
    """
    years = len(observed)
    known: dict[int, float] = {}
    for lead in {min(lead, years - 1) for lead in leads}:
        origins = range(years - lead)
        mean = np.stack([expected(origin, lead) for origin in origins])
        known[lead] = fit_alpha(mean, observed[lead:])
    return [known[min(lead, years - 1)] for lead in leads]


def forecast_by(rule: Rule, panel: Panel, measure: str, leads: Sequence[int]) -> Forecast:
    """Return a rival's forecast, the last year's population held.

    Parameters
    ----------
    rule : of `RIVALS`.
    panel : the fit window, nothing later.
    measure : ``violence`` or ``property``.
    leads : years ahead of its last year, Y of them.
    """
    counts, population = panel.counts[measure], panel.population

    def expected(origin: int, lead: int) -> Floats:
        del lead  # no rule knows of a trend
        return np.asarray(rule(panel, measure, origin) * population[origin])

    alphas = spread_by_lead(expected, counts, leads)
    mean = np.tile(expected(len(counts) - 1, 0), (len(leads), 1))
    alpha = np.broadcast_to(np.array(alphas)[:, None], mean.shape)
    return Forecast(mean[None], np.array(alpha)[None])
