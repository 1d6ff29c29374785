"""What can be said of strategies that ran on the same replicates."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omemsim.study.engine import Failure
from omemsim.study.identity import RunKey
from omemsim.study.shards import shard_of, unpack, write_whole
from omemsim.study.statistics import (
    Difference,
    paired_difference,
    share_better,
    verdict_words,
)
from omemsim.vocabulary.errors import OmemError

if TYPE_CHECKING:
    import pandas as pd

    from omemsim.series import Series

__all__ = ["COLUMNS", "About", "Comparison", "about"]

Floats = NDArray[np.float64]

COLUMNS = [
    *("measure", "unit", "strategy", "baseline", "n", "mean", "baseline_mean"),
    *("difference", "low", "high", "share_better"),
]
HEADLINES = (
    *("victimization", "violence", "public_calls", "recorded_crime", "fear", "trust", "capacity"),
    *("community_led", "utilization", "share_red", "share_green_or_blue", "share_blue"),
    *("upgrades", "downgrades"),
)
BAND = (0.05, 0.95)
N_ZONES = 4
MOST_FAILURES = 5


@dataclass(frozen=True)
class About:
    """Title, unit and better direction of a number in a run's summary."""

    title: str
    unit: str
    better: str = ""


# What a run's summary adds to the measures of the model.
OUTCOME_TITLES = {
    "share_red": "Neighbourhoods in the red zone",
    "share_amber": "Neighbourhoods in the amber zone",
    "share_green": "Neighbourhoods in the green zone",
    "share_blue": "Neighbourhoods in the blue zone",
    "share_green_or_blue": "Neighbourhoods in the green or blue zone",
    "upgrades": "Moves to a zone of less need",
    "downgrades": "Moves to a zone of more need",
}


def about(name: str) -> About:
    """Return what is known of a number in a run's summary."""
    from omemsim.measures import MEASURES
    from omemsim.series import OUTCOME_UNITS

    if name in OUTCOME_UNITS:
        return About(OUTCOME_TITLES[name], *OUTCOME_UNITS[name])
    return About(MEASURES[name].title, MEASURES[name].unit, MEASURES[name].better)


@dataclass(frozen=True)
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

    @property
    def n(self) -> int:
        """Number of replicates in which the baseline finished."""
        return len(self.finished(self.baseline))

    def finished(self, strategy: str) -> list[int]:
        """Return the replicates this strategy finished."""
        return [r for r in range(self.replicates) if (strategy, r) in self.scalars]

    def check(self) -> None:
        """Raise `OmemError` if no strategy can be paired with the baseline."""
        others = [name for name in self.strategies if name != self.baseline]
        if any(self._pairs(name) for name in others):
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
        others = [name for name in self.strategies if name != self.baseline]
        return {name: paired_difference(*self._values(name, measure)) for name in others}

    def table(self) -> pd.DataFrame:
        """Return a row per measure and strategy other than the baseline.

        Columns: measure, unit, strategy, baseline, n (replicates both finished), mean,
        baseline_mean, difference (mean over pairs), low and high (95% interval of it; NaN for
        one replicate), share_better (share of replicates in which the strategy beats the
        baseline; NaN where neither direction is better).
        """
        import pandas as pd

        return pd.DataFrame(list(self._rows()), columns=COLUMNS)

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        for measure in self.measures():
            known = about(measure)
            for name, d in self.differences(measure).items():
                share = share_better(*self._values(name, measure), known.better)
                numbers = (d.n, d.mean, d.baseline_mean, d.difference, d.low, d.high, share)
                yield (measure, known.unit, name, self.baseline, *numbers)

    def write_csv(self) -> Path:
        """Write the table as ``comparison.csv`` in `out`, whole or not at all."""
        path = self.out / "comparison.csv"
        write_whole(path, self.table().to_csv(index=False, lineterminator="\n").encode())
        return path

    def text(self) -> str:
        """Return the headline measures as plain text of at most 100 columns."""
        known = [name for name in HEADLINES if name in self.measures()]
        blocks = [line for name in known for line in _block(self, name)]
        lines = [_heading(self), "", _line("strategy", "mean", "difference", "95% interval", "n")]
        lines += [*blocks, "", *NOTES]
        shown = self.failures[:MOST_FAILURES]
        lines += [f"Failed: {failure.description}: {failure.error}" for failure in shown]
        if len(self.failures) > len(shown):
            lines.append(f"Failed: {len(self.failures) - len(shown)} more, listed in the store.")
        return "\n".join(lines)

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

    def band(self, strategy: str, measure: str) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
        """Return (weeks, mean, low, high), each (T,), of a town's value over replicates.

        ``low`` to ``high`` holds the middle 90% of replicates (5th to 95th percentile): it is
        the spread of worlds, not the uncertainty of the mean.
        """
        digests = self._digests(strategy)
        values = np.array([digest.town[measure] for digest in digests])
        low, high = np.quantile(values, BAND, axis=0)
        return digests[0].weeks, values.mean(axis=0), low, high

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

    @classmethod
    def of(cls, series: Series) -> _Digest:
        zones = np.asarray(series.values["zone"]).astype(np.int64)
        shares = np.stack([(zones == zone).mean(axis=1) for zone in range(N_ZONES)], axis=1)
        town = {name: series.town_value(name) for name in series.values}
        return cls(series.weeks, town, shares, zones[0], zones[-1])


def _from_arrays(arrays: dict[str, NDArray[Any]], meta: dict[str, Any]) -> Series:
    from omemsim.series import Series

    return Series.from_arrays(arrays, meta)


NOTES = (
    "Each replicate has the same town and luck under every strategy; the interval is that of the",
    "mean difference over replicates. Cannot tell: the interval holds 0, or there is none.",
)


def _heading(comparison: Comparison) -> str:
    key = next(iter(comparison.runs.values()))
    total = len(comparison.runs)
    new = total - comparison.reused
    kept = f", {comparison.reused} of them from the store" if comparison.reused else ""
    return (
        f"Town {key.town}, baseline {comparison.baseline}, {comparison.n} replicates; "
        f"{total} runs{kept if new else ', all from the store'}."
    )


def _block(comparison: Comparison, measure: str) -> list[str]:
    """Return a measure's title and a line per strategy, the baseline first."""
    known, differences = about(measure), comparison.differences(measure)
    finished = comparison.finished(comparison.baseline)
    mean = float(np.mean([comparison.scalars[comparison.baseline, r][measure] for r in finished]))
    digits = _decimals([mean, *(d.mean for d in differences.values())], significant=4, most=3)
    ends = [end for d in differences.values() for end in (d.difference, d.low, d.high)]
    finer = max(digits, _decimals(ends, significant=2, most=6))
    n = str(len(finished))
    lines = [_line(comparison.baseline, f"{mean:.{digits}f}", "", "", n, "baseline")]
    for name, d in differences.items():
        interval = f"[{d.low:+.{finer}f}, {d.high:+.{finer}f}]"
        change = f"{d.difference:+.{finer}f}"
        word = _word(d, known.better)
        lines.append(_line(name, f"{d.mean:.{digits}f}", change, interval, str(d.n), word))
    return [f"{known.title} ({known.unit})", *lines]


def _decimals(numbers: list[float], *, significant: int, most: int) -> int:
    """Return the decimals that show the largest of some numbers with that many digits."""
    largest = max((abs(x) for x in numbers if np.isfinite(x)), default=0.0)
    if largest == 0:
        return 0
    return int(np.clip(significant - 1 - np.floor(np.log10(largest)), 1, most))


def _word(difference: Difference, better: str) -> str:
    if difference.low == difference.high == 0:
        return "equal"
    word = verdict_words(difference)
    if word == "cannot tell" or not better:
        return word
    return f"{word}: {'better' if word == better else 'worse'}"


def _line(strategy: str, mean: str, difference: str, interval: str, n: str, word: str = "") -> str:
    name = strategy if len(strategy) <= 24 else f"{strategy[:23]}…"
    return f"  {name:<24} {mean:>10} {difference:>11}  {interval:>24} {n:>5}  {word}".rstrip()
