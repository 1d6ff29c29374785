"""Readings: the numbers of one run that targets are held against.

Every measure's number of the whole town is one; what compares neighbourhoods is made here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from omemsim.inputs.config import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.run import run_scenario
from omemsim.series import Series
from omemsim.town import Town
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

__all__ = ["NEEDED", "numbers_of", "observe", "table_rates"]

Floats = NDArray[np.float64]

# Measures that are read by neighbourhood.
NEEDED = frozenset({"violence", "efficacy", "public_calls", "recorded_crime"})


def observe(scenario: Scenario, replicate: int, start: Town) -> dict[str, float]:
    """Run a scenario and return all that targets may read of it (in a worker process)."""
    series = run_scenario(scenario, replicate, start=start)
    return {**series.summary(), **numbers_of(scenario, series)}


def numbers_of(scenario: Scenario, series: Series) -> dict[str, float]:
    """Return the readings that are no measure's mean; those a run has no value of are left out."""
    if not series.values.keys() >= NEEDED:
        return {}
    numbers = _between_neighbourhoods(series)
    wanted = table_rates(scenario)
    if wanted is not None:
        numbers |= _against_table(series, wanted)
    return {name: float(value) for name, value in numbers.items() if np.isfinite(value)}


def _between_neighbourhoods(series: Series) -> dict[str, float]:
    """Return correlations over neighbourhoods of last year's rates."""
    violence, efficacy = (_last_year(series, name) for name in ("violence", "efficacy"))
    calls = _last_year(series, "public_calls")
    ranks = rankdata(calls), rankdata(violence)
    return {
        "efficacy_violence": float(_correlation(efficacy, violence)),
        "calls_violence": float(_correlation(*ranks)),
    }


def _against_table(series: Series, wanted: Floats) -> dict[str, float]:
    made = _last_year(series, "recorded_crime")
    kept = (made > 0) & (wanted > 0)
    logs = np.log(wanted[kept]), np.log(made[kept])
    slope = np.cov(*logs)[0, 1] / np.var(logs[0], ddof=1) if kept.sum() > 2 else np.nan
    return {
        "table_total": float(np.average(made, weights=series.population)),
        "table_rank": float(_correlation(rankdata(wanted), rankdata(made))),
        "table_slope": float(slope),
    }


def _last_year(series: Series, name: str) -> Floats:
    last = series.weeks > series.weeks[-1] - WEEKS_PER_YEAR
    return np.asarray(series.values[name][last].mean(axis=0))


def _correlation(one: Floats, other: Floats) -> float:
    if len(one) < 3 or not (np.ptp(one) > 0 and np.ptp(other) > 0):
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])


def table_rates(scenario: Scenario) -> Floats | None:
    """Return recorded crime per 1,000 residents a year, (N,), of all offences; None without."""
    blueprint = blueprint_of(scenario.town)
    known = zip((blueprint.violence, blueprint.property), blueprint.coverage, strict=True)
    parts = [rates / share for rates, share in known if rates is not None]
    return np.asarray(sum(parts)) if len(parts) == 2 else None
