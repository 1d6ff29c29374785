"""What can be said of strategies that ran on the same replicates."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omemsim import labelled
from omemsim.present.text import counted, shortened
from omemsim.study.contrasts import (
    HEADLINES,
    MAY_BE_CHANCE,
    SMALL,
    About,
    about,
    contrasts,
    headlines,
    plain_words,
)
from omemsim.study.drift import Drift, drifts_of
from omemsim.study.drift import in_words as drift_in_words
from omemsim.study.effort import COLUMNS as OF_EFFORT
from omemsim.study.effort import effort_columns, effort_lines, efforts, unequal
from omemsim.study.family import FALSE_WORDS, by_chance, clear_of
from omemsim.study.identity import RunKey
from omemsim.study.rare_events import unseen_share
from omemsim.study.series_files import shard_of, unpack, write_whole
from omemsim.study.statistics import (
    Difference,
    paired_difference,
    share_better,
    share_tied,
    smallest_difference,
    student_interval,
    verdict_words,
)
from omemsim.study.tasks import Failure
from omemsim.study.uncertain import COLUMNS as OF_SETS
from omemsim.study.uncertain import NOT_ASKED, OverSets
from omemsim.vocabulary.errors import OmemError
from omemsim.vocabulary.wheel import Zone

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from omemsim.series import Series
    from omemsim.study.precision import Reached

__all__ = ["COLUMNS", "HEADLINES", "About", "Comparison", "about"]

Floats = NDArray[np.float64]
Prepare = Callable[[Floats], Floats]

COLUMNS = [
    *("measure", "unit", "strategy", "baseline", "n", "mean", "baseline_mean"),
    *("difference", "low", "high", "share_better", "share_tied", "word"),
    *OF_EFFORT,
    *OF_SETS,
]
BAND = (0.05, 0.95)
FEWEST_FOR_BAND = 6  # replicates; percentiles of fewer are not worth the name
N_ZONES = len(Zone)
GREEN = int(Zone.GREEN)
MOST_FAILURES = 5
MOST_OF_DRIFT = 40  # replicates whose series are read for the drift of the baseline


@dataclass(frozen=True, repr=False)
class Comparison:
    """Paired replicates of two or more strategies, read from the store when asked.

    Attributes
    ----------
    strategies : in the order they were given.
    baseline : the one that others are subtracted from.
    replicates : number asked for; `n` is the number in which the baseline finished.
    out, store : folders of what is written and of the runs.
    runs, scalars : of each finished run, by (strategy, replicate).
    failures : runs that failed just now; asking again tries them again.
    reused : runs found in the store instead of run.
    reached : why there are this many replicates, if a precision or a time was asked for.
    over_sets : the same strategies over parameter sets, if they ran; never mixed into replicates.
    no_range : what is said where they did not.
    """

    strategies: list[str]
    baseline: str
    replicates: int
    out: Path
    store: Path
    runs: dict[tuple[str, int], RunKey]
    scalars: dict[tuple[str, int], dict[str, float]]
    failures: list[Failure] = field(default_factory=list)
    reused: int = 0
    reached: Reached | None = None
    over_sets: OverSets | None = None
    no_range: str = NOT_ASKED

    def __repr__(self) -> str:
        """Say what it is in a line: a thousand numbers would hide that."""
        town = next(iter(self.runs.values())).town if self.runs else "?"
        others = ", ".join(self._others)
        return (
            f"<Comparison: town {town}, {others} with {self.baseline}; "
            f"{counted(self.n, 'replicate')}, {len(self.runs)} runs>"
        )

    @property
    def n(self) -> int:
        """Number of replicates in which the baseline finished."""
        return len(self.finished(self.baseline))

    @property
    def _others(self) -> list[str]:
        """The strategies other than the baseline."""
        return [name for name in self.strategies if name != self.baseline]

    def finished(self, strategy: str) -> list[int]:
        """Return the replicates this strategy finished."""
        return [r for r in range(self.replicates) if (strategy, r) in self.scalars]

    def check(self) -> None:
        """Check that there is something to compare.

        Raises
        ------
        OmemError
            If no strategy can be paired with the baseline.
        """
        if any(self._pairs(name) for name in self._others):
            return
        first = f" The first: {self.failures[0].error} ({self.failures[0].description})."
        raise OmemError(
            f"{len(self.failures)} of {len(self.strategies) * self.replicates} runs failed, so "
            f"nothing can be compared with {self.baseline}.{first} Tracebacks are in the table "
            f"'runs' of {self.store / 'runs.sqlite'}."
        )

    def _pairs(self, strategy: str) -> list[int]:
        both = set(self.finished(strategy)) & set(self.finished(self.baseline))
        return sorted(both)

    def _values(self, strategy: str, measure: str) -> tuple[list[float], list[float]]:
        """Return the strategy's and the baseline's values over the replicates both have."""
        pairs = self._pairs(strategy)
        return (
            [self.scalars[strategy, r][measure] for r in pairs],
            [self.scalars[self.baseline, r][measure] for r in pairs],
        )

    def measures(self) -> list[str]:
        """Return the names of all numbers in the table, in the order of the model."""
        return list(next(iter(self.scalars.values())))

    def differences(self, measure: str) -> dict[str, Difference]:
        """Return the paired difference from the baseline of every other strategy."""
        return {name: paired_difference(*self._values(name, measure)) for name in self._others}

    def table(self) -> pd.DataFrame:
        """Return a row per measure and strategy other than the baseline.

        Columns: measure, unit, strategy, baseline, n (replicates both finished), mean,
        baseline_mean, difference (mean over pairs), low and high (95% interval of it; NaN if
        there is none: see `Difference`), share_better (share of replicates in which the strategy
        beats the baseline, a tie being no win; NaN where neither direction is better),
        share_tied (share in which the two are equal), word (as in `words`; empty for a measure
        that has none); patrol hours used and idle (hours a week) and money spent (CAD a week) by
        the strategy and by the baseline, the same in every row of a strategy; how many parameter
        sets it also ran over, and the ends of the range of the difference over them in percent of
        the baseline (0 and NaN without any).
        """
        return labelled.frame(COLUMNS, self._rows())

    def runs_table(self) -> pd.DataFrame:
        """Return a row per run and number: strategy, replicate, measure, value, unit."""
        columns = ("strategy", "replicate", "measure", "value", "unit")
        rows = (
            (strategy, replicate, name, value, about(name).unit)
            for (strategy, replicate), numbers in self.scalars.items()
            for name, value in numbers.items()
        )
        return labelled.frame(columns, rows)

    def to_xarray(self) -> xr.Dataset:
        """Return every number by strategy and replicate, with the extra ``xarray``.

        A replicate is the same town under every strategy, so that what is subtracted along
        ``strategy`` is a paired difference; a run that failed is NaN.
        """
        axes = ("strategy", "replicate")
        nothing: dict[str, float] = {}
        return labelled.dataset(
            {
                name: (
                    axes,
                    [
                        [
                            self.scalars.get((x, r), nothing).get(name, np.nan)
                            for r in range(self.replicates)
                        ]
                        for x in self.strategies
                    ],
                    about(name).unit,
                )
                for name in self.measures()
            },
            {
                "strategy": (("strategy",), self.strategies, ""),
                "replicate": (("replicate",), range(self.replicates), ""),
            },
            {"baseline": self.baseline, "town": next(iter(self.runs.values())).town},
        )

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        effort = effort_columns(self)
        words = self.words()
        for measure in self.measures():
            known = about(measure)
            for name, d in self.differences(measure).items():
                pair = self._values(name, measure)
                numbers = (d.n, d.mean, d.baseline_mean, d.difference, d.low, d.high)
                shares = (share_better(*pair, known.better), share_tied(*pair))
                said = (*numbers, *shares, words.get((measure, name), ""))
                beside = effort[name] | self._over(name, measure)
                beside_row = (beside[column] for column in (*OF_EFFORT, *OF_SETS))
                yield (measure, known.unit, name, self.baseline, *said, *beside_row)

    def _over(self, strategy: str, measure: str) -> dict[str, float]:
        if self.over_sets is None:
            return dict(zip(OF_SETS, (0, np.nan, np.nan), strict=True))
        return self.over_sets.columns(strategy, measure)

    def words(self) -> dict[tuple[str, str], str]:
        """Return the word of each headline measure and strategy other than the baseline.

        It is that of `verdict_words`; but ``may be chance`` instead of ``lower`` or ``higher``
        where, among all differences that have a word, that may be (`study.family`).
        """
        clear = clear_of(self._chances())
        words: dict[tuple[str, str], str] = {}
        for measure in self._headlines():
            for name, d in self.differences(measure).items():
                smallest = smallest_difference(about(measure).unit, d.baseline_mean)
                word = verdict_words(d, smallest)
                unsure = word in ("lower", "higher") and (measure, name) not in clear
                words[measure, name] = MAY_BE_CHANCE if unsure else word
        return words

    def looked_at(self) -> int:
        """Return how many differences words are chosen among: those that could have been any."""
        return int(np.isfinite(list(self._chances().values())).sum())

    def _chances(self) -> dict[tuple[str, str], float]:
        return {
            (measure, name): by_chance(*self._values(name, measure))
            for measure in self._headlines()
            for name in self._others
        }

    def _headlines(self) -> list[str]:
        return headlines(self.measures())

    def write_csv(self) -> Path:
        """Write the table as ``comparison.csv`` in `out`, whole or not at all."""
        path = self.out / "comparison.csv"
        write_whole(path, self.table().to_csv(index=False, lineterminator="\n").encode())
        return path

    def text(self) -> str:
        """Return the headline measures as plain text of at most 100 columns."""
        words = self.words()
        blocks = [line for name in self._headlines() for line in _block(self, name, words)]
        lines = [_heading(self), "", *effort_lines(efforts(self))]
        lines += [_line("strategy", "mean", "difference", "95% interval", "n")]
        lines += [*blocks, "", *(x for note in _notes(self, words) for x in _folded(note))]
        lines += ["", *_range_lines(self)]
        if self.reached is not None:
            said = self.reached.in_words(runs_each=len(self.strategies))
            lines += ["", *textwrap.wrap(said, 100)]
        shown = self.failures[:MOST_FAILURES]
        lines += [f"Failed: {failure.description}: {failure.error}" for failure in shown]
        if len(self.failures) > len(shown):
            lines.append(f"Failed: {len(self.failures) - len(shown)} more, listed in the store.")
        return "\n".join(lines)

    def in_words(self) -> str:
        """Return what each strategy makes better and worse, in plain words (100 columns)."""
        said = [plain_words(contrasts(self.table()), self.baseline)]
        if self.over_sets is not None:
            said += self.over_sets.in_words(self._others)
        for warning in [*unequal(efforts(self)), *drift_in_words(self.drifts(), self.baseline)]:
            said += textwrap.wrap(warning, 100, subsequent_indent="  ")
        return "\n".join(said)

    def drifts(self) -> list[Drift]:
        """Return how the town changes by itself under the baseline.

        Empty if runs are short, or if the store has no series of them.
        """
        chosen = self.finished(self.baseline)[:MOST_OF_DRIFT]
        try:
            return drifts_of([self.series(self.baseline, replicate) for replicate in chosen])
        except FileNotFoundError:
            return []

    def series(self, strategy: str, replicate: int) -> Series:
        """Return the series of one run.

        Raises
        ------
        OmemError
            If there is no such run, or it failed.
        """
        if (strategy, replicate) not in self.runs:
            raise OmemError(f"{strategy}, replicate {replicate}: there is no finished run.")
        run_id = self.runs[strategy, replicate].run_id
        return _from_arrays(*unpack(shard_of(self.store, run_id)))

    def band(
        self, strategy: str, measure: str, *, prepare: Prepare | None = None
    ) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
        """Return (weeks, mean, low, high), each (T,), of a town's value over replicates.

        ``low`` to ``high`` holds the middle 90% of replicates (5th to 95th percentile), or all of
        them if there are fewer than six: it is the spread of worlds, not the uncertainty of the
        mean.

        Parameters
        ----------
        strategy : one of `strategies`.
        measure : name of a measure that was recorded.
        prepare : is done to each replicate's values (T,) first, as smoothing; None leaves them.
        """
        digests = self._digests(strategy)
        values = _prepared([digest.town[measure] for digest in digests], prepare)
        low, high = np.quantile(values, BAND if len(values) >= FEWEST_FOR_BAND else (0, 1), axis=0)
        return digests[0].weeks, values.mean(axis=0), low, high

    def paired_band(
        self, strategy: str, measure: str, *, prepare: Prepare | None = None
    ) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
        """Return (weeks, mean, low, high), each (T,), of the difference from the baseline.

        The difference is taken within replicates that both finished; ``low`` and ``high`` are the
        ends of Student's 95% interval of its mean at each time, NaN for one replicate.

        Parameters
        ----------
        strategy, measure, prepare : as for `band`; ``prepare`` is done to each replicate's
            differences.

        Raises
        ------
        OmemError
            If the strategy and the baseline have no replicate in common.
        """
        pairs = self._pairs(strategy)
        if not pairs:
            raise OmemError(f"{strategy} and {self.baseline} finished no replicate in common.")
        mine = [self._digest(strategy, r) for r in pairs]
        base = [self._digest(self.baseline, r) for r in pairs]
        both = zip(mine, base, strict=True)
        change = _prepared([a.town[measure] - b.town[measure] for a, b in both], prepare)
        return mine[0].weeks, change.mean(axis=0), *student_interval(change)

    def typical_replicate(self, strategies: Sequence[str]) -> int | None:
        """Return the replicate to show in pictures that can show only one.

        It is the one whose change in the share of green and blue neighbourhoods is nearest the
        mean (least squares over these strategies) of those that all of them finished; None if
        there is none.
        """
        common = sorted(set.intersection(*(set(self.finished(name)) for name in strategies)))
        if not common:
            return None
        changes = np.array([[self._digest(x, r).safer for r in common] for x in strategies])
        away = ((changes - changes.mean(axis=1, keepdims=True)) ** 2).sum(axis=0)
        return common[int(np.argmin(away.round(12)))]  # rounded: equals must stay equal

    def mean_zone_shares(self, strategy: str) -> tuple[NDArray[np.int64], Floats]:
        """Return weeks (T,) and the share of neighbourhoods in each zone (T, 4), red first."""
        digests = self._digests(strategy)
        return digests[0].weeks, np.mean([digest.shares for digest in digests], axis=0)

    def transitions(self, strategy: str) -> NDArray[np.int64]:
        """Return counts (4, 4) of neighbourhoods by first (row) and last (column) zone.

        All replicates are pooled.
        """
        counts = np.zeros((N_ZONES, N_ZONES), np.int64)
        for digest in self._digests(strategy):
            np.add.at(counts, (digest.first, digest.last), 1)
        return counts

    def _digests(self, strategy: str) -> list[_Digest]:
        if not self.finished(strategy):
            raise OmemError(f"{strategy}: no replicate finished.")
        return [self._digest(strategy, r) for r in self.finished(strategy)]

    def _digest(self, strategy: str, replicate: int) -> _Digest:
        if (strategy, replicate) not in self._cache:
            self._cache[strategy, replicate] = _Digest.of(self.series(strategy, replicate))
        return self._cache[strategy, replicate]

    @functools.cached_property
    def _cache(self) -> dict[tuple[str, int], _Digest]:
        return {}


@dataclass(frozen=True)
class _Digest:
    """What figures over replicates need of one run, small enough to keep for all of them."""

    weeks: NDArray[np.int64]
    town: dict[str, Floats]
    shares: Floats
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    @property
    def safer(self) -> float:
        """Return by how much the share of green and blue neighbourhoods rose."""
        return float(self.shares[-1, GREEN:].sum() - self.shares[0, GREEN:].sum())

    @classmethod
    def of(cls, series: Series) -> _Digest:
        zones = np.asarray(series.values["zone"]).astype(np.int64)
        shares = np.stack([(zones == zone).mean(axis=1) for zone in range(N_ZONES)], axis=1)
        town = {name: series.town_value(name) for name in series.values}
        return cls(series.weeks, town, shares, zones[0], zones[-1])


def _prepared(values: list[Floats], prepare: Prepare | None) -> Floats:
    return np.array([x if prepare is None else prepare(x) for x in values])


def _from_arrays(arrays: dict[str, NDArray[Any]], meta: dict[str, Any]) -> Series:
    from omemsim.series import Series

    return Series.from_arrays(arrays, meta)


WHAT_IT_IS = (
    "Each replicate has the same town and random numbers under every strategy; the interval is "
    "that of the mean difference over replicates. It says how well the simulation is known, and "
    "nothing about the real world. Cannot tell: the interval includes 0, or there is none."
)


def _notes(comparison: Comparison, words: dict[tuple[str, str], str]) -> list[str]:
    """Return what stands under the table, a text each."""
    notes = [WHAT_IT_IS, *_on_words(comparison), SMALL]
    alike = [
        d.n
        for measure in dict.fromkeys(measure for measure, _ in words)
        for d in comparison.differences(measure).values()
        if d.is_constant
    ]
    if alike:
        n = min(alike)
        notes.append(
            f"No difference, or none (all alike): all of {counted(n, 'replicate')} agree, which "
            "shows no spread. Another difference may still occur in up to about "
            f"{unseen_share(n):.0%} of them (95% confidence: 1 - 0.05^(1/n), about 3/n)."
        )
    return notes


def _on_words(comparison: Comparison) -> list[str]:
    """Say what the words go by, if there are any that a difference could have had."""
    many = comparison.looked_at()
    if not many:
        return []
    return [
        f"Lower and higher are stricter than the intervals: they allow for all {many} differences "
        f"looked at here (Holm), so that at most {FALSE_WORDS:.0%} of comparisons without any "
        "effect have a false one. May be chance: the interval excludes 0, and that is not enough "
        "among so many. Measures that are not shown have no word."
    ]


def _range_lines(comparison: Comparison) -> list[str]:
    """Return what is said of parameters: the notes of a range over them, or why there is none."""
    found = comparison.over_sets
    return _folded(comparison.no_range) if found is None else found.notes()


def _folded(text: str) -> list[str]:
    return textwrap.wrap(text, 100)


def _heading(comparison: Comparison) -> str:
    key = next(iter(comparison.runs.values()))
    total = len(comparison.runs)
    new = total - comparison.reused
    kept = f", {comparison.reused} of them from the store" if comparison.reused else ""
    return (
        f"Town {key.town}, baseline {comparison.baseline}, {counted(comparison.n, 'replicate')}; "
        f"{total} runs{kept if new else ', all from the store'}."
    )


def _block(comparison: Comparison, measure: str, words: dict[tuple[str, str], str]) -> list[str]:
    """Return a measure's title and a line per strategy, the baseline first."""
    known, differences = about(measure), comparison.differences(measure)
    finished = comparison.finished(comparison.baseline)
    mean = float(np.mean([comparison.scalars[comparison.baseline, r][measure] for r in finished]))
    digits = _decimals([mean, *(d.mean for d in differences.values())], significant=4, most=3)
    ends = [end for d in differences.values() for end in (d.difference, d.low, d.high)]
    finer = max(digits, _decimals(ends, significant=2, most=6))
    n = str(len(finished))
    lines = [_line(comparison.baseline, f"{mean:,.{digits}f}", "", "", n, "baseline")]
    for name, d in differences.items():
        change = f"{d.difference:+,.{finer}f}"
        interval, word = _interval(d, finer), _word(words[measure, name], known)
        lines.append(_line(name, f"{d.mean:,.{digits}f}", change, interval, str(d.n), word))
        if comparison.over_sets is not None:
            lines += comparison.over_sets.under(name, measure)
    return [f"{known.title} ({known.unit})", *lines]


def _decimals(numbers: list[float], *, significant: int, most: int) -> int:
    """Return the decimals that show the largest of some numbers with that many digits."""
    largest = max((abs(x) for x in numbers if np.isfinite(x)), default=0.0)
    if largest == 0:
        return 0
    wanted = significant - 1 - np.floor(np.log10(largest))
    return int(np.clip(wanted, 0 if largest >= 10_000 else 1, most))


def _interval(difference: Difference, digits: int) -> str:
    if difference.n < 2:
        return f"none ({counted(difference.n, 'replicate')})"
    if difference.never_differs:
        return f"may occur in up to {unseen_share(difference.n):.0%}"
    if difference.is_constant:
        return "none (all alike)"
    return f"[{difference.low:+,.{digits}f}, {difference.high:+,.{digits}f}]"


def _word(word: str, known: About) -> str:
    if word == "equal":
        return "no difference"
    if word not in ("lower", "higher") or not known.better:
        return word
    return f"{word}: {'better' if word == known.better else 'worse'}"


def _line(strategy: str, mean: str, difference: str, interval: str, n: str, word: str = "") -> str:
    name = shortened(strategy, 24)
    return f"  {name:<24} {mean:>10} {difference:>11}  {interval:>24} {n:>5}  {word}".rstrip()
