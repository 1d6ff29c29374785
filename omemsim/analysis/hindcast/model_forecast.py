"""From the counts of simulated towns to a predictive distribution of the real count.

A town at a scale of 1:k has a k-th of the crimes. With S the simulated count of a year, m and s2
its mean and variance over R replicates, the real count is expected to be c k m (c: the share of
recorded crime that the table's offences make up). A simulated year has the Poisson noise of a
k-th of the residents, and multiplying it by k would multiply that noise, too. So it is taken
out: s2 - m is what rates differ by over replicates, as a share a of m^2, pooled over
neighbourhoods (one neighbourhood's own is too noisy to use). The real count is then Poisson
around a gamma rate of relative variance

    alpha = a + (1 + a m) / (R m)

the last term being the noise of m itself. Crimes that come in clusters, as repeats of one victim
do, also raise s2; here that counts as doubt about the rate, which makes intervals wider.

This spread knows only what differs between replicates. A second forecast with the same means
has the spread that the model showed inside the fit window (`rivals.spread_by_lead`), if larger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.hindcast.counted import RunCounts
from omemsim.analysis.hindcast.predictive import Forecast
from omemsim.analysis.hindcast.rivals import spread_by_lead
from omemsim.analysis.hindcast.runs import HindcastRun

__all__ = ["own_forecast", "with_learnt_spread"]

Floats = NDArray[np.float64]
LEAST = 0.5  # simulated crimes over all replicates: none seen is not none to come


def own_forecast(
    ran: Mapping[HindcastRun, RunCounts],
    origin: int,
    *,
    row: int,
    leads: Sequence[int],
    times: Floats,
) -> Forecast:
    """Return what the runs fitted to ``origin`` predict, from their own spread.

    Parameters
    ----------
    ran : finished runs.
    origin : last year of the fit.
    row : 0 violence, 1 property.
    leads : years after the fit.
    times : (N,), real crimes of the table per simulated recorded crime.
    """
    points = sorted({cell.point for cell in ran if cell.origin == origin})
    years = np.array(leads) - 1
    parts = []
    for point in points:
        chosen = [x for cell, x in ran.items() if cell.origin == origin and cell.point == point]
        counts = np.stack([x.recorded[years, row] for x in chosen])
        parts.append(_rate(counts))
    mean = np.stack([mean for mean, _ in parts]) * times
    return Forecast(mean, np.stack([alpha for _, alpha in parts]))


def _rate(counts: Floats) -> tuple[Floats, Floats]:
    """Return mean simulated counts and relative variances, (Y, N), of counts (R, Y, N)."""
    replicates = len(counts)
    mean = np.maximum(counts.mean(axis=0), LEAST / replicates)
    if replicates > 1:
        excess = (counts.var(axis=0, ddof=1) - mean).sum(axis=1) / (mean**2).sum(axis=1)
    else:
        excess = np.zeros(len(mean))
    share = np.maximum(excess, 0.0)[:, None]
    return mean, share + (1 + share * mean) / (replicates * mean)


def with_learnt_spread(
    own: Forecast,
    ran: Mapping[HindcastRun, RunCounts],
    fit: Sequence[int],
    *,
    row: int,
    observed: Floats,
    leads: Sequence[int],
    times: Mapping[int, Floats],
) -> Forecast:
    """Return the same means with the spread that fits to parts of the window had, if larger.

    Parameters
    ----------
    own : the model's own forecast, (K, Y, N).
    ran : finished runs, those fitted to parts of the window among them.
    fit : F years of the window, increasing.
    row : 0 violence, 1 property.
    observed : (F, N), counts of the window.
    leads : Y, years after the fit.
    times : by origin, as in `own_forecast`.
    """

    def expected(origin: int, lead: int) -> Floats:
        year = fit[origin]
        ahead = [fit[origin + lead] - year]
        return own_forecast(ran, year, row=row, leads=ahead, times=times[year]).expected.reshape(-1)

    learnt = np.array(spread_by_lead(expected, observed, leads))
    return Forecast(own.mean, np.maximum(own.alpha, learnt[None, :, None]))
