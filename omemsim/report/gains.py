"""What a strategy does to each neighbourhood, and to the worst and the best off."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.report.facts import HARM, Facts
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

__all__ = ["Fifth", "Gains", "direction", "fifth_of", "gains_of"]

Floats = NDArray[np.float64]
NOISE = 9  # decimals of a rate: what is left beyond is the noise of adding, and no change
FIFTH = 5


@dataclass(frozen=True)
class Gains:
    """What one strategy does to each neighbourhood.

    Attributes
    ----------
    before : victims per 1,000 residents 15+ in the first year under the baseline, (N,).
    base : in the last year under the baseline, (N,), mean over replicates.
    changes : under the strategy less that under the baseline, (R, N): below 0 is a gain.
    """

    before: Floats
    base: Floats
    changes: Floats

    @property
    def change(self) -> Floats:
        """Return the mean change over replicates, (N,)."""
        return without_noise(self.changes.mean(axis=0))

    @property
    def better(self) -> NDArray[np.int64]:
        """Return in how many replicates there are fewer victims, (N,)."""
        return np.asarray((self.changes < 0).sum(axis=0))

    @property
    def n(self) -> int:
        """Return how many replicates there are."""
        return len(self.changes)

    def fifths(self) -> NDArray[np.int64]:
        """Return the fifth of each neighbourhood by harm before, (N,): 0 the least, 4 the most.

        Fifths hold as many neighbourhoods each, or nearly; of ties the first counts as less. Of
        fewer than five neighbourhoods, that with least is 0 and that with most is 4.
        """
        ranks = np.argsort(np.argsort(self.before, kind="stable"), kind="stable")
        if len(ranks) < FIFTH:
            return np.asarray(ranks * (FIFTH - 1) // max(len(ranks) - 1, 1))
        return np.asarray(ranks * FIFTH // len(ranks))


class Direction(NamedTuple):
    """How many neighbourhoods have fewer victims on average, as many, and more."""

    fewer: int
    same: int
    more: int


def direction(change: Floats) -> Direction:
    """Return how many neighbourhoods gain and lose by a change, (N,)."""
    return Direction(int((change < 0).sum()), int((change == 0).sum()), int((change > 0).sum()))


def without_noise(values: Floats) -> Floats:
    """Return rates in which what only adding in another order leaves is 0."""
    return np.asarray(np.round(values, NOISE) + 0.0)


def gains_of(facts: Facts, strategy: str) -> Gains:
    """Return what a strategy does to each neighbourhood, over the replicates both finished."""
    return facts.once(("gains", strategy), functools.partial(_gains, facts, strategy))


def _gains(facts: Facts, strategy: str) -> Gains:
    both = facts.pairs(strategy, facts.baseline)
    mine = np.array([_year(facts, strategy, r).last for r in both])
    base = [_year(facts, facts.baseline, r) for r in both]
    last = np.array([year.last for year in base])
    before = np.array([year.first for year in base])
    return Gains(before.mean(axis=0), last.mean(axis=0), without_noise(mine - last))


class Years(NamedTuple):
    """Victims per 1,000 in the first and the last year of a run, (N,) each."""

    first: Floats
    last: Floats


def _year(facts: Facts, strategy: str, replicate: int) -> Years:
    make = functools.partial(_read_year, facts, strategy, replicate)
    return facts.once(("years", strategy, str(replicate)), make)


def _read_year(facts: Facts, strategy: str, replicate: int) -> Years:
    series = facts.series(strategy, replicate)
    weeks, harm = np.asarray(series.weeks), series.values[HARM]
    is_first, is_last = weeks <= WEEKS_PER_YEAR, weeks > weeks[-1] - WEEKS_PER_YEAR
    return Years(np.asarray(harm[is_first].mean(axis=0)), np.asarray(harm[is_last].mean(axis=0)))


@dataclass(frozen=True)
class Fifth:
    """Victims per 1,000 residents in a fifth of the neighbourhoods.

    Attributes
    ----------
    base : in the last year under the baseline.
    changes : under the strategy less that, one for each replicate, (R,).
    """

    base: float
    changes: Floats

    @property
    def change(self) -> float:
        """Return the mean change."""
        return float(without_noise(self.changes.mean()))

    @property
    def percent(self) -> float | None:
        """Return it in percent of the baseline; None where that is 0."""
        return 100 * self.change / self.base if self.base else None


def fifth_of(facts: Facts, found: Gains, *, is_worst: bool) -> Fifth:
    """Return the fifth with most harm before, or that with least, weighted by residents.

    Parameters
    ----------
    facts : of the comparison.
    found : what a strategy does to each neighbourhood.
    is_worst : whether it is the fifth with most harm.
    """
    residents = np.asarray(facts.first.residents, float)
    weights = residents * (found.fifths() == (FIFTH - 1 if is_worst else 0))
    changes = np.average(found.changes, axis=1, weights=weights)
    return Fifth(float(np.average(found.base, weights=weights)), without_noise(changes))
