"""A comparison as a report asks it: names in its language, differences, how often, how many."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from omemsim.figures.compared import DrawnComparison
from omemsim.figures.ink import ARMS
from omemsim.language import Language
from omemsim.language.names import measure_title, strategy_name, unit_name
from omemsim.language.sentences import Effect, Frequency, Worlds
from omemsim.present import text
from omemsim.series import Series
from omemsim.study.comparison import Comparison
from omemsim.study.contrasts import Contrast, about, contrasts, effect_of, frequency_of
from omemsim.study.identity import ANY_TABLE
from omemsim.study.noise import share_of_worlds
from omemsim.study.plausible import over
from omemsim.study.uncertain import Spread
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

__all__ = ["FEW", "HARM", "ROOMY", "Facts"]

Floats = NDArray[np.float64]
T = TypeVar("T")
HARM = "victimization"
ROUNDS = 0.05  # percent: less is written as 0
ROOMY = 2  # strategies that a first page has room to describe
FEW = 6  # strategies that a page shows beside each other


class Facts:
    """What a report says is computed from.

    Parameters
    ----------
    comparison : finished.
    language : of the report.
    command : that makes the report again; empty where no command can.

    Attributes
    ----------
    names : strategies with a finished run, the baseline first.
    baseline, others : the first of them, and those that can be compared with it on `HARM`.
    rows : by (strategy, measure), of every strategy but the baseline.
    first : the series of the baseline's first finished run.
    """

    def __init__(self, comparison: Comparison, language: Language, command: str) -> None:
        self.comparison, self.language, self.command = comparison, language, command
        self.study = DrawnComparison(comparison)
        self.names, self.first = self.study.names, self.study.first
        self.baseline = self.names[0]
        each = contrasts(comparison.table())
        self.rows = {(row.strategy, row.measure): row for row in each if row.found.n}
        self.others = [name for name in self.names[1:] if (name, HARM) in self.rows]
        self._known: dict[tuple[str, ...], Any] = {}

    def once(self, key: tuple[str, ...], make: Callable[[], T]) -> T:
        """Return what ``make`` returns, made the first time that this key is asked for."""
        if key not in self._known:
            self._known[key] = make()
        found: T = self._known[key]
        return found

    # ---- names

    def called(self, strategy: str) -> str:
        """Return what a strategy is called."""
        return strategy_name(strategy, self.language)

    def title(self, measure: str) -> str:
        """Return what a measure is called."""
        return measure_title(about(measure).title, self.language)

    def unit(self, measure: str) -> str:
        """Return the unit of a measure."""
        return unit_name(about(measure).unit, self.language)

    def colour(self, strategy: str) -> tuple[str, tuple[float, ...]]:
        """Return a strategy's colour and dashes, the same in every figure."""
        return ARMS[self.names.index(strategy) % len(ARMS)]

    # ---- numbers

    def signed(self, value: float) -> str:
        """Return a change in percent with its sign; one that rounds to nothing is 0."""
        return self.language.signed_percent(value if abs(value) >= ROUNDS else 0.0)

    def figures(self, value: float) -> str:
        """Return a number in three figures."""
        return text.typographic(self.language.localised(text.figures(value)))

    def more(self, value: float) -> str:
        """Return a difference in three figures, a positive one with its plus."""
        return text.typographic(self.language.localised(text.figures(value, sign=True)))

    def whole(self, value: float) -> str:
        """Return a number without decimals."""
        return text.typographic(self.language.number(value, 0))

    # ---- the town

    @property
    def config(self) -> dict[str, Any]:
        """Return the scenario of the baseline, as it was stored."""
        return dict(self.first.meta.get("config") or {})

    def settings(self, strategy: str) -> dict[str, Any]:
        """Return how a strategy is set, as it was stored."""
        series = self.comparison.series(strategy, self.comparison.finished(strategy)[0])
        return dict((series.meta.get("config") or {}).get("strategy") or {})

    @property
    def town(self) -> str:
        """Return the town's name; that of its file where it is any table."""
        named, file = str(self.first.meta.get("town", "?")), self.table
        return (Path(file).stem if file and named == ANY_TABLE else named).replace("_", " ")

    @property
    def table(self) -> str:
        """Return the file of the town's table; empty where the town is made up."""
        town = self.config.get("town") or {}
        return str(town.get("file") or "") if town.get("kind") == "table" else ""

    @property
    def scale(self) -> float:
        """Return how many real residents one simulated resident stands for."""
        return float((self.config.get("town") or {}).get("scale", 1.0))

    @property
    def residents(self) -> float:
        """Return the town's real residents of 15 or older."""
        return float(self.first.residents.sum()) * self.scale

    @property
    def people(self) -> float:
        """Return the town's real residents of all ages."""
        return float(self.first.population.sum()) * self.scale

    @property
    def years(self) -> float:
        """Return how many years were simulated."""
        return float(self.first.weeks[-1]) / WEEKS_PER_YEAR

    def time(self, years: float) -> str:
        """Return a number of years in words, as "5 years"."""
        return self.language.plural("{number} year", "{number} years", round(years, 1))

    # ---- differences

    def row(self, strategy: str, measure: str = HARM) -> Contrast:
        """Return a strategy against the baseline on a measure."""
        return self.rows[strategy, measure]

    def effect(self, strategy: str, measure: str = HARM) -> Effect:
        """Return the same as numbers for sentences."""
        return effect_of(self.row(strategy, measure), self.baseline)

    def frequency(self, strategy: str) -> Frequency:
        """Return in how many plausible towns a strategy has fewer victims; or simulated ones."""
        found = self.comparison.over_sets
        if found is not None:
            for one in over(found, [HARM]):
                if one.strategy == strategy:
                    return Frequency(one.share.wins, one.share.n, Worlds.PLAUSIBLE)
        by_replicates = frequency_of(self.row(strategy))
        assert by_replicates is not None  # fewer victims are better
        return by_replicates

    def over_sets(self, strategy: str, other: str) -> Frequency | None:
        """Return in how many plausible towns one strategy has fewer victims than another.

        None where no parameter sets were run, or not of both.

        Parameters
        ----------
        strategy, other : names, the baseline's too.
        """
        found = self.comparison.over_sets
        if found is None or not {(strategy, HARM), (other, HARM)} <= set(found.values):
            return None
        mine, base = (found.values[name, HARM].mean(axis=1) for name in (strategy, other))
        share = share_of_worlds(mine, base, "lower")
        return Frequency(share.wins, share.n, Worlds.PLAUSIBLE)

    def spread(self, strategy: str, measure: str = HARM) -> Spread | None:
        """Return the range of a difference over parameter sets; None where none were run."""
        found = self.comparison.over_sets
        return None if found is None else found.spread(strategy, measure)

    def pairs(self, strategy: str, other: str) -> list[int]:
        """Return the replicates that both finished."""
        finished = self.comparison.finished
        return sorted(set(finished(strategy)) & set(finished(other)))

    def values(self, strategy: str, measure: str, replicates: Sequence[int]) -> Floats:
        """Return a number of these runs, (R,).

        Parameters
        ----------
        strategy : of the runs.
        measure : number of a run's summary.
        replicates : finished.
        """
        return np.array([self.comparison.scalars[strategy, r][measure] for r in replicates])

    def mean(self, strategy: str, measure: str) -> float:
        """Return the mean over all finished runs of a strategy."""
        return float(self.values(strategy, measure, self.comparison.finished(strategy)).mean())

    def changes(self, strategy: str) -> Floats:
        """Return the difference in victims in percent, one per plausible or simulated town.

        Those of parameter sets where there are any, each the mean over its towns; empty where the
        baseline's mean is 0.
        """
        found = self.comparison.over_sets
        if found is not None and (strategy, HARM) in found.values:
            mine, base = (found.values[x, HARM].mean(axis=1) for x in (strategy, self.baseline))
            known = np.isfinite(mine) & np.isfinite(base) & (base != 0)
            return np.asarray(100 * (mine - base)[known] / np.abs(base[known]))
        both = self.pairs(strategy, self.baseline)
        mine, base = (self.values(x, HARM, both) for x in (strategy, self.baseline))
        level = abs(float(base.mean()))
        return np.asarray(100 * (mine - base) / level) if level else np.empty(0)

    def is_recorded(self, *measures: str) -> bool:
        """Return whether all runs have these measures."""
        return set(measures) <= set(self.measures)

    @functools.cached_property
    def measures(self) -> list[str]:
        """Return the numbers of a run's summary."""
        return self.comparison.measures()

    def series(self, strategy: str, replicate: int) -> Series:
        """Return the series of one run."""
        return self.comparison.series(strategy, replicate)
