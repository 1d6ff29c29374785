"""Whether a town changes by itself: what moves, year by year, under the baseline alone.

A comparison of strategies assumes that the baseline stays where it is after the spin-up. Where it
does not, a later year differs from an earlier one under every strategy, and a difference grows or
shrinks with the year that is looked at. So a drift is measured, and said where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omemsim.study.statistics import Difference, mean_difference
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Zone

if TYPE_CHECKING:
    from omemsim.series import Series

__all__ = ["DRIFTS", "FEWEST_YEARS", "LITTLE", "Drift", "drifts_of", "drifts_of_a_run", "in_words"]

Floats = NDArray[np.float64]
# A year, from which on a drift is told (assumed): over five years it makes the smallest effects.
LITTLE = 0.01
FEWEST_YEARS = 3  # of a run, before a slope over years says anything
# What is looked at, and how a change of it is said.
DRIFTS = {
    "victimization": "victimization {verb} by {size:.1%} of its mean a year",
    "red": "the share of neighbourhoods that are red by what is true {verb} by {size:.1%} of all "
    "neighbourhoods a year",
}


@dataclass(frozen=True)
class Drift:
    """The change a year of something under one strategy, over replicates.

    ``by_year`` is a share: of the mean over the years for victimization, of all neighbourhoods for
    those that are red.
    """

    what: str
    by_year: Difference

    @property
    def is_there(self) -> bool:
        """Say whether it is `LITTLE` a year or more, and its interval, if any, excludes 0."""
        change = self.by_year
        is_sure = change.n < 2 or not change.low <= 0 <= change.high
        return abs(change.difference) >= LITTLE and is_sure


def drifts_of(runs: Sequence[Series]) -> list[Drift]:
    """Return the drift of each of `DRIFTS` over some runs of one strategy; empty if too short.

    Parameters
    ----------
    runs : of one scenario, a replicate each.
    """
    each = [found for found in map(drifts_of_a_run, runs) if found]
    return [Drift(what, mean_difference([x[what] for x in each])) for what in DRIFTS if each]


def drifts_of_a_run(series: Series) -> dict[str, float]:
    """Return the change a year of each of `DRIFTS` in a run; empty under `FEWEST_YEARS` years.

    The slope is of yearly means, so that the season does not matter; a part of a year at the end
    is left out.
    """
    year = (np.asarray(series.weeks) - 1) // WEEKS_PER_YEAR
    whole = int(series.weeks[-1]) // WEEKS_PER_YEAR
    known = {"victimization", "true_zone"} <= series.values.keys()
    if whole < FEWEST_YEARS or not known:
        return {}
    harm = _by_year(series.town_value("victimization"), year, whole)
    red = _by_year((series.values["true_zone"] == Zone.RED).mean(axis=1), year, whole)
    mean = float(harm.mean())
    return {"victimization": _slope(harm) / mean if mean else 0.0, "red": _slope(red)}


def _by_year(course: Floats, year: NDArray[np.int64], years: int) -> Floats:
    """Return the mean over the records of each whole year, (years,)."""
    return np.array([course[year == k].mean() for k in range(years)])


def _slope(values: Floats) -> float:
    """Return the change a year by least squares."""
    return float(np.polyfit(np.arange(values.size), values, 1)[0])


def in_words(drifts: Sequence[Drift], strategy: str) -> list[str]:
    """Return a sentence on what drifts under a strategy; none if nothing does."""
    parts = [
        DRIFTS[one.what].format(
            verb="rises" if one.by_year.difference > 0 else "falls",
            size=abs(one.by_year.difference),
        )
        for one in drifts
        if one.is_there
    ]
    if not parts:
        return []
    return [
        f"Not stationary: under {strategy} alone {' and '.join(parts)}. A later year differs from "
        "an earlier one by this, too, whatever is done."
    ]
