"""The range of a difference over the parameter sets that agree with the evidence.

Three kinds of uncertainty are kept apart. Replicates say how well the simulation is known at one
set of parameters: more of them narrow the interval. Parameter sets say how well the theory is
known: more runs do not narrow that. What is not in the model is in neither. An interval over
replicates and a range over sets are therefore never mixed into one.

Every set runs in the same few towns with common random numbers, under every strategy. Each set's
difference is the mean over these towns, in percent of its own baseline. What the towns have in
common moves all sets alike; the noise that is left is known from how a set's towns disagree
(two-way analysis of variance without replication), and is removed: the sets' differences are shrunk
towards their mean until their variance is what is left without noise (Louis 1984, Journal of the
American Statistical Association 79(386)). Where sets differ by no more than noise could give,
nothing is removed, and the text says so. The range is from the least to the greatest: the sets are
spread over what is not ruled out, as far apart as can be, and are no sample of which percentiles
would be probabilities.
"""

from __future__ import annotations

import dataclasses
import math
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from omemsim.inputs.scenario import Scenario
from omemsim.present import text
from omemsim.study.contrasts import about
from omemsim.study.design import Point, design
from omemsim.study.engine import POOL, Engine
from omemsim.study.expand import Expanded, Sweep, expand, study_of
from omemsim.study.progress import Progress
from omemsim.study.store import Store
from omemsim.study.sweep import RECORDED, missing_of, run_sweep
from omemsim.study.sweep_results import read_results

__all__ = [
    "COLUMNS",
    "NOT_ASKED",
    "TOWNS",
    "OverSets",
    "Spread",
    "no_range",
    "run_over",
    "spread_of",
]

Floats = NDArray[np.float64]

TOWNS = 2  # in which every set runs: the fewest that separate noise from parameters
FEWEST = 2  # sets of which there is a range, and towns that separate noise from parameters
LEVEL = 0.95  # of noise, beyond which sets are said to differ
WIDTH = 100
COLUMNS = ("sets", "percent_low_over_sets", "percent_high_over_sets")
SPOKEN = ("victimization", "disorder", "public_calls", "fear", "trust", "capacity")
APART = (
    "The 95% interval is over replicates: how well the simulation is known at its default "
    "parameters, which more replicates improve. It says nothing of the real world. The range "
    "is over parameters: how far the same difference moves where the evidence leaves them open. "
    "What no set varies, and what is not in the model, is in neither."
)


def no_range(reason: str) -> str:
    """Return what is said where no set was run."""
    return f"The range over plausible parameters is not shown: {reason}"


NOT_ASKED = no_range("no parameter set was run.")


@dataclass(frozen=True)
class Spread:
    """One strategy's difference from the baseline on one measure, over parameter sets.

    Attributes
    ----------
    sets : in which both strategies finished in all towns.
    low, high : ends of the range in percent of each set's own baseline; noise is removed where
        ``is_clear``, else it is in them.
    noise : share of the variance between sets' differences that noise alone gives, 0 or more; NaN
        where every set ran in one town.
    is_clear : whether the sets differ by more than noise gives in 19 of 20 cases (F test).
    """

    sets: int
    low: float
    high: float
    noise: float
    is_clear: bool

    def in_words(self) -> str:
        """Return e.g. "between 5% and 22% lower"; where noise may be all of it, this too."""
        ends = self._ends()
        said = ends[0] if len(ends) == 1 else f"between {ends[0]} and {ends[1]}"
        return said if self.is_clear else f"{said}, as noise alone could give"

    def in_brief(self) -> str:
        """Return e.g. "5% to 22% lower", or "5% to 22% lower (or noise)"."""
        said = " to ".join(self._ends())
        return said if self.is_clear else f"{said} (or noise)"

    def _ends(self) -> list[str]:
        """Return the two ends, that nearer to 0 first; one where they are alike."""
        if self.low == self.high == 0:
            return ["no difference in any set"]
        low, high = sorted((self.low, self.high), key=abs)
        if self.low < 0 < self.high:
            return [text.change(self.low), text.change(self.high)]
        if text.percent(low) == text.percent(high):
            return [f"{text.change(high)} in all sets"]
        return [text.percent(low), text.change(high)]


def spread_of(values: Floats, baseline: Floats) -> Spread | None:
    """Return the range over sets; None if there is no percentage, or fewer than two sets.

    Parameters
    ----------
    values, baseline : float (sets, towns), the same towns for every set and both strategies; a set
        with NaN, a run that failed, is left out.
    """
    whole = np.isfinite(values).all(axis=1) & np.isfinite(baseline).all(axis=1)
    mine, base = values[whole], baseline[whole]
    level = np.abs(base.mean(axis=1, keepdims=True))
    if len(mine) < FEWEST or (level < 1e-12).any():
        return None
    change = 100 * (mine - base) / level
    means = change.mean(axis=1)
    noise, is_clear = _noise(change)
    kept = math.sqrt(1 - noise) if is_clear else 1.0
    shrunk = means.mean() + kept * (means - means.mean())
    return Spread(len(means), float(shrunk.min()), float(shrunk.max()), noise, is_clear)


def _noise(change: Floats) -> tuple[float, bool]:
    """Return the part of the variance of sets' means that is noise, and if it is clearly not all.

    ``change`` is (sets, towns); NaN and False for one town, where noise is not known.
    """
    sets, towns = change.shape
    if towns < FEWEST:
        return math.nan, False
    means = change.mean(axis=1)
    found = float(means.var(ddof=1))
    if found < 1e-18:
        return 0.0, True  # no set differs: there is nothing for noise to explain
    rest = change - means[:, np.newaxis] - change.mean(axis=0) + change.mean()
    freedom = (sets - 1) * (towns - 1)
    of_noise = float((rest**2).sum()) / freedom / towns
    beyond = float(stats.f.ppf(LEVEL, sets - 1, freedom))
    return of_noise / found, found > beyond * of_noise


@dataclass(frozen=True)
class OverSets:
    """Runs of the strategies of a comparison over parameter sets.

    Attributes
    ----------
    sets : what each sets.
    source : where they are from, in words.
    baseline : the strategy that others are subtracted from.
    values : by strategy and measure, float (sets, towns); NaN where a run did not finish.
    failed : runs.
    """

    sets: Sequence[Point]
    source: str
    baseline: str
    values: Mapping[tuple[str, str], Floats]
    failed: int = 0

    @property
    def towns(self) -> int:
        """Return in how many towns each set ran."""
        return int(next(iter(self.values.values())).shape[1])

    def spread(self, strategy: str, measure: str) -> Spread | None:
        """Return the range of a strategy's difference; None if there is none."""
        mine, base = ((name, measure) for name in (strategy, self.baseline))
        if mine not in self.values or base not in self.values:
            return None
        return spread_of(self.values[mine], self.values[base])

    def under(self, strategy: str, measure: str) -> list[str]:
        """Return the line that stands under a strategy's difference in a table."""
        found = self.spread(strategy, measure)
        return (
            [] if found is None else [f"      over {found.sets} parameter sets: {found.in_words()}"]
        )

    def columns(self, strategy: str, measure: str) -> dict[str, float]:
        """Return the values of `COLUMNS` for a row of a table."""
        found = self.spread(strategy, measure)
        numbers = (0, math.nan, math.nan) if found is None else (found.sets, found.low, found.high)
        return dict(zip(COLUMNS, numbers, strict=True))

    def notes(self) -> list[str]:
        """Return what the two doubts are and how the range was made, for a terminal."""
        return [*textwrap.wrap(APART, WIDTH), *textwrap.wrap(self.how(), WIDTH)]

    def how(self) -> str:
        """Say what the sets are, in which towns they ran, and how much noise was removed."""
        parts = [
            found.noise
            for strategy, measure in self.values
            if measure == "victimization" and strategy != self.baseline
            if (found := self.spread(strategy, measure)) is not None and found.is_clear
        ]
        part = f" (up to {max(parts):.0%} of the variance of victimization)" if parts else ""
        failed = f" {self.failed} runs failed." if self.failed else ""
        return (
            f"Range: {self.source}; {len(self.sets[0])} parameters vary. Every set ran in the same "
            f"{self.towns} towns with common random numbers, under every strategy. The noise "
            f"between replicates is removed from the spread over sets{part}; the range is from "
            f"the smallest to the largest difference.{failed}"
        )

    def in_words(self, strategies: Sequence[str]) -> list[str]:
        """Return a sentence for each strategy on the measures that are spoken of."""
        lines = []
        for name in strategies:
            told = [
                f"{about(measure).title.lower()} {found.in_words()}"
                for measure in SPOKEN
                if (found := self.spread(name, measure)) is not None
            ]
            if told:
                said = f"{name}: {'; '.join(told)}."
                lines += textwrap.wrap(said, WIDTH, initial_indent="  ", subsequent_indent="    ")
        head = f"Over {len(self.sets)} parameter sets that agree with the evidence:"
        return [head, *lines] if lines else []


def run_over(
    scenarios: Mapping[str, Scenario],
    sets: Sequence[Point],
    *,
    source: str,
    baseline: str,
    kept: Store,
    engine: Engine = POOL,
    command: tuple[str, ...] = (),
    progress: Progress = True,
) -> OverSets:
    """Run every strategy under every set in `TOWNS` towns: what the store lacks of it.

    Parameters
    ----------
    scenarios : by strategy's name; the sets are laid over them.
    sets : each of full dotted keys and values, all of the same keys.
    source : where the sets are from, in words.
    baseline : the strategy that others are subtracted from.
    kept, engine, command, progress : as in `sweep.run_sweep`.

    Raises
    ------
    OmemError
        If no run finished.
    """
    expanded = _expanded(scenarios, sets)
    arms = expanded.sweep.arms
    tally = run_sweep(expanded, kept, engine=engine, command=command, progress=progress)
    found = read_results(expanded, kept, study_of(expanded, command).name)
    values = {(arm, name): found.of(arm, name) for arm in arms for name in found.names}
    return OverSets(list(sets), source, baseline, values, len(tally.failures))


def left_over(
    kept: Store, scenarios: Mapping[str, Scenario], sets: Sequence[Point]
) -> tuple[list[int], int]:
    """Return the runs that `run_over` would still do, by set and town, and how many are kept.

    Parameters
    ----------
    kept : the store; it is only read.
    scenarios : by strategy's name.
    sets : laid over them.
    """
    expanded = _expanded(scenarios, sets)
    missing = missing_of(expanded, kept)
    starts = Counter((member.point, member.replicate) for member in missing)
    return list(starts.values()), len(scenarios) * len(sets) * TOWNS - len(missing)


def _expanded(scenarios: Mapping[str, Scenario], sets: Sequence[Point]) -> Expanded:
    arms = {name: _short(scenario) for name, scenario in scenarios.items()}
    return expand(Sweep(arms, design("list", points=sets), TOWNS))


def _short(scenario: Scenario) -> Scenario:
    """Return the scenario with only the headlines recorded, and no series kept."""
    record = dataclasses.replace(scenario.record, measures=list(RECORDED), series=False)
    return dataclasses.replace(scenario, record=record)
