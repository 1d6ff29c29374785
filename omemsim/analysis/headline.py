"""What a headline depends on: the difference from a baseline, with each switch off in both.

A strategy and a baseline run on the same towns with common random numbers, once as they are and
once with each switch, or group of switches, off in both of them. Where the difference disappears
with a switch, it depends on that mechanism, and is as certain as the evidence for it.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.ablate import (
    ALL_GROUPS,
    CLEAR,
    FIRST,
    STARTS,
    check_switches,
    chosen,
    contrast_of,
    name_of,
    since_words,
    without,
)
from omemsim.inputs.config import BASELINE
from omemsim.present import csv, text
from omemsim.study.asked import FROM_PYTHON, Asked
from omemsim.study.contrasts import (
    SMALL,
    Contrast,
    about,
    check_outcome,
    in_words,
    verdict,
)
from omemsim.study.engine import POOL, Engine
from omemsim.study.statistics import Difference, paired_difference, verdict_words
from omemsim.study.switched_off import compare_in_parts
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.mechanisms import GROUPS, OFF, TOGETHER, meaning, switches_of

if TYPE_CHECKING:
    from omemsim.inputs.scenario import Scenario
    from omemsim.study.comparison import Comparison
    from omemsim.study.progress import Progress
    from omemsim.study.store import Store

__all__ = [
    "NOTHING",
    "Headline",
    "HeadlineRow",
    "Under",
    "arms_of",
    "headline",
    "named",
    "notes",
]

Floats = NDArray[np.float64]

NOTHING = "nothing"  # what is off in the headline itself
COLUMNS_OF_TEXT = 100
FEW = 12  # switches; no more than these are all shown, whatever they do
LABEL = 26  # letters; a longer name has a line above its numbers
WORDS = {"higher": "smaller", "lower": "larger"}  # what is gone, as what becomes of the headline


@dataclass(frozen=True)
class HeadlineRow:
    """A switch, as in headline.csv: the difference with it off in both, and how much is gone.

    ``percent`` and its ends are of the baseline's mean under the same switch. ``gone`` and its
    ends are in percentage points of it (in the unit where a baseline's mean is 0): above 0 the
    difference is smaller without the switch. ``gone_share`` is in percent of the headline, empty
    where the headline may be 0.
    """

    switch: str
    members: str
    strategy: str
    baseline: str
    measure: str
    unit: str
    n: int
    baseline_mean: float
    strategy_mean: float
    difference: float
    low: float
    high: float
    percent: float
    percent_low: float
    percent_high: float
    gone: float
    gone_low: float
    gone_high: float
    gone_share: float
    verdict: str


@dataclass(frozen=True)
class Under:
    """The strategy less the baseline with a switch off in both, and how much of it is gone."""

    contrast: Contrast
    gone: Difference
    smallest: float  # worth naming, in the unit of ``gone``

    @property
    def verdict(self) -> str:
        """Return "smaller", "larger", "equal", "about the same" or "cannot tell"."""
        word = verdict_words(self.gone, self.smallest)
        return WORDS.get(word, word)

    @property
    def is_clear(self) -> bool:
        """Say whether the headline clearly becomes smaller or larger."""
        return self.verdict in WORDS.values()


@dataclass(frozen=True)
class Headline:
    """What a difference between two strategies depends on.

    Attributes
    ----------
    strategy, baseline : names.
    outcome : the measure.
    start : "week0" or "birth", since when switches are off.
    whole : the difference with nothing off.
    found : by switch (a name, a group, or several with "+" between).
    comparison : of all runs; a switched scenario is called as `ablate.name_of` says.
    """

    strategy: str
    baseline: str
    outcome: str
    start: str
    whole: Contrast
    found: dict[str, Under]
    comparison: Comparison

    def ranked(self) -> list[str]:
        """Return the switches, first the one that takes most of the headline with it."""
        return sorted(self.found, key=lambda name: -self.found[name].gone.difference)

    def shown(self) -> list[str]:
        """Return the switches that deserve a line: the clear ones; all if they are few."""
        ranked = self.ranked()
        return ranked if len(ranked) <= FEW else [x for x in ranked if self.found[x].is_clear]

    def left_out(self) -> list[str]:
        """Return the others."""
        shown = set(self.shown())
        return [name for name in self.ranked() if name not in shown]

    def share(self, switch: str) -> float:
        """Return how much of the headline is gone without a switch, in percent of it.

        NaN where the headline itself may be 0.
        """
        is_known = verdict(self.whole) in CLEAR
        now, then = self._size(self.whole), self._size(self.found[switch].contrast)
        return 100 * (1 - then / now) if is_known and now else math.nan

    def in_percent(self) -> bool:
        """Say whether sizes are given in percent of the baseline's mean, which must not be 0."""
        return all(x.has_percent for x in (self.whole, *(y.contrast for y in self.found.values())))

    def _size(self, x: Contrast) -> float:
        return x.percent if self.in_percent() else x.found.difference

    def rows(self) -> list[HeadlineRow]:
        """Return a row for the headline and one per switch, in the order of `ranked`."""
        return [self._row(NOTHING), *map(self._row, self.ranked())]

    def _row(self, switch: str) -> HeadlineRow:
        under = self.found.get(switch)
        x = self.whole if under is None else under.contrast
        d, gone = x.found, None if under is None else under.gone
        ends = (0.0, 0.0, 0.0) if gone is None else (gone.difference, gone.low, gone.high)
        return HeadlineRow(
            switch=switch,
            members=" ".join(() if under is None else switches_of(switch)),
            strategy=self.strategy,
            baseline=self.baseline,
            measure=self.outcome,
            unit=x.known.unit,
            n=d.n,
            baseline_mean=d.baseline_mean,
            strategy_mean=d.mean,
            difference=d.difference,
            low=d.low,
            high=d.high,
            percent=x.percent,
            percent_low=x.low,
            percent_high=x.high,
            gone=ends[0],
            gone_low=ends[1],
            gone_high=ends[2],
            gone_share=0.0 if under is None else self.share(switch),
            verdict="" if under is None else under.verdict,
        )

    def csv(self) -> str:
        """Return the rows as CSV text."""
        return csv.of_dataclasses(HeadlineRow, self.rows())

    def finding(self) -> str:
        """Say in a sentence or two what the headline is and what takes most of it away."""
        known = about(self.outcome)
        said = in_words(self.whole)
        first = f"{known.title} under {self.strategy} against {self.baseline}: {said}."
        best = next(iter(self.ranked()), None)
        if best is None or not self.found[best].is_clear or math.isnan(self.share(best)):
            return first
        left = in_words(self.found[best].contrast)
        return f"{first} Without {named(best)}: {left}; {_share_words(self.share(best))}."

    def text(self) -> str:
        """Return what was found as plain text of at most 100 columns."""
        return "\n".join(_lines(self))


def arms_of(
    scenario: Scenario, baseline: Scenario, *, only: Sequence[str] = (), start: str = STARTS[0]
) -> dict[str, Scenario]:
    """Return the scenarios to run by name: the baseline first, the strategy as it is last.

    Both arms of a switch stand together, so that where they are off from birth, they share the
    spin-up.

    Parameters
    ----------
    scenario, baseline : alike in all but the strategy.
    only, start : as for `headline`.

    Raises
    ------
    InputError
        If a switch or ``start`` is not known, or the two have one name.
    """
    names = _chosen(only)
    check_switches(names, start)
    mine, other = scenario.strategy.name, baseline.strategy.name
    if mine == other:
        raise InputError(
            f"{mine} is both the strategy and the baseline: name another baseline, as --against "
            f"{'omem' if mine == BASELINE else BASELINE}."
        )
    arms = {other: baseline}
    for name in names:
        arms[name_of(other, name)] = without(baseline, name, start)
        arms[name_of(mine, name)] = without(scenario, name, start)
    return arms | {mine: scenario}


def _chosen(only: Sequence[str]) -> list[str]:
    """Return the switches that words name; every group and every switch if none."""
    return chosen(only or [ALL_GROUPS, *OFF])


def headline(
    scenario: Scenario,
    baseline: Scenario,
    *,
    replicates: int,
    out: Path,
    store: Path | Store,
    only: Sequence[str] = (),
    start: str = STARTS[0],
    outcome: str = FIRST,
    asked: Asked = FROM_PYTHON,
    engine: Engine = POOL,
    progress: Progress = True,
) -> Headline:
    """Run both strategies as they are and without each switch; return the parts of the difference.

    Parameters
    ----------
    scenario, baseline : alike in all but the strategy.
    only : switches, groups of them, several with "+" between, or "groups", which is every group;
        all groups and all switches if empty.
    start : "week0", off from the scenario's start, or "birth", off in the spin-up too.
    outcome : the number of a run's summary that the headline is about.
    replicates, out, store, asked, engine, progress : as in `study.compare.compare`.

    Raises
    ------
    InputError
        If a switch, ``start`` or ``outcome`` is not known, or a folder cannot be written.
    OmemError
        If no replicate of both finished.
    """
    check_outcome(outcome, scenario.record)
    arms = arms_of(scenario, baseline, only=only, start=start)
    mine, other = scenario.strategy.name, baseline.strategy.name
    comparison = compare_in_parts(
        arms,
        baseline=other,
        replicates=replicates,
        out=out,
        store=store,
        asked=asked,
        engine=engine,
        progress=progress,
    )
    pairs = _Pairs(comparison, mine, other, outcome)
    whole = pairs.contrast(pairs.finished())
    found = {name: pairs.under(name, whole) for name in _chosen(only) if pairs.finished(name)}
    return Headline(mine, other, outcome, start, whole, found, comparison)


@dataclass(frozen=True)
class _Pairs:
    """The outcome of a strategy and of its baseline, replicate by replicate."""

    comparison: Comparison
    strategy: str
    baseline: str
    outcome: str

    def finished(self, switch: str = "") -> list[int]:
        """Return the replicates that all finished: both as they are, and both without a switch."""
        names = [*self._names(""), *self._names(switch)]
        return sorted(set.intersection(*(set(self.comparison.finished(x)) for x in names)))

    def _names(self, switch: str) -> list[str]:
        both = (self.strategy, self.baseline)
        return [name_of(name, switch) if switch else name for name in both]

    def values(self, replicates: Sequence[int], switch: str = "") -> tuple[Floats, Floats]:
        """Return the strategy's and the baseline's values, (R,) each."""
        mine, base = (
            np.array([self.comparison.scalars[name, r][self.outcome] for r in replicates])
            for name in self._names(switch)
        )
        return mine, base

    def contrast(self, replicates: Sequence[int], switch: str = "") -> Contrast:
        """Return the strategy against the baseline, with the switch off in both."""
        return contrast_of(self.outcome, self.strategy, *self.values(replicates, switch))

    def under(self, switch: str, whole: Contrast) -> Under:
        """Return the difference without a switch, and what of the headline has gone with it."""
        replicates = self.finished(switch)
        contrast = self.contrast(replicates, switch)
        is_percent = whole.has_percent and contrast.has_percent
        sign = -1.0 if whole.found.difference < 0 else 1.0
        now = _effects(*self.values(replicates), is_percent=is_percent)
        then = _effects(*self.values(replicates, switch), is_percent=is_percent)
        smallest = whole.smallest
        if is_percent:
            smallest *= 100 / abs(whole.found.baseline_mean)
        return Under(contrast, paired_difference(sign * now, sign * then), smallest)


def _effects(values: Floats, baseline: Floats, *, is_percent: bool) -> Floats:
    """Return the difference of each replicate, (R,), in percent of the baseline's mean if asked.

    A percentage is a ratio of two means. Each replicate's part in it is that ratio's
    linearisation (the delta method): the mean of the parts is the ratio itself, and their spread
    allows for the baseline's mean not being known exactly either.
    """
    difference = values - baseline
    if not is_percent:
        return difference
    mean = baseline.mean()
    ratio = difference.mean() / abs(mean)
    return np.asarray(100 * (ratio + (difference - ratio * np.sign(mean) * baseline) / abs(mean)))


def _lines(found: Headline) -> Iterator[str]:
    yield from textwrap.wrap(found.finding(), COLUMNS_OF_TEXT)
    yield ""
    unit = "%" if found.in_percent() else found.whole.known.unit
    known, n = found.whole.known, text.counted(found.whole.found.n, "replicate")
    head = (
        f"{known.title}, {found.strategy} less {found.baseline}, with the named switch off in both "
        f"since {since_words(found.start)}. {n}; absolute: {known.unit}."
    )
    yield from textwrap.wrap(head, COLUMNS_OF_TEXT)
    yield _line("off in both", unit, "95% interval", "absolute", "gone", "95% interval", "of it")
    yield _cells(found, NOTHING, found.whole)
    for name in found.shown():
        if len(name) > LABEL:
            yield f"  {name}"
        yield _cells(found, name, found.found[name].contrast)
    if found.left_out():
        yield ""
        names = ", ".join(found.left_out())
        said = f"Without any one of these it stays about the same, or one cannot tell: {names}."
        yield from textwrap.wrap(said, COLUMNS_OF_TEXT)
    yield ""
    for note in notes(found):
        yield from textwrap.wrap(note, COLUMNS_OF_TEXT)


def notes(found: Headline) -> list[str]:
    """Return what a reader must know of the numbers."""
    points = "percentage points" if found.in_percent() else "in the unit"
    return [
        f"Gone: how much smaller the difference is without the switch ({points}; below 0, larger). "
        "Of it: the same in percent of the difference with nothing off. Parts need not add up: "
        "mechanisms do part of each other's work.",
        "Intervals are over replicates: they say how well the simulation is known at these "
        "parameters, not how well the real world is.",
        SMALL,
    ]


def _cells(found: Headline, name: str, x: Contrast) -> str:
    """Return a switch's line of numbers."""
    under = found.found.get(name)
    share = math.nan if under is None else found.share(name)
    d, write = x.found, partial(text.signed, decimals=1 if found.in_percent() else None)
    size, ends = (x.percent, (x.low, x.high)) if found.in_percent() else (d.difference, _ends(d))
    gone = None if under is None else under.gone
    return _line(
        name if len(name) <= LABEL else "",
        write(size),
        text.to(*ends, write),
        text.signed(d.difference),
        "" if gone is None else write(gone.difference),
        "" if gone is None else text.to(*_ends(gone), write),
        "" if math.isnan(share) else f"{share + 0.0:.0f}%".replace("-0%", "0%"),
    )


def _ends(d: Difference) -> tuple[float, float]:
    return d.low, d.high


def _line(*cells: str) -> str:
    name, size, ends, absolute, gone, gone_ends, share = cells
    return (
        f"  {name:<{LABEL}} {size:>7}  {ends:>16} {absolute:>9} {gone:>7}  {gone_ends:>16} "
        f"{share:>6}"
    ).rstrip()


def _share_words(share: float) -> str:
    """Say how much of a headline is gone, or how much larger it is."""
    if share < 0:
        return f"it is {-share:.0f}% larger"
    if share > 100:
        return "all of it is gone, and the difference is the other way round"
    return f"{share:.0f}% of it is gone"


def named(switch: str) -> str:
    """Return what a switch or a group is called within a sentence, as "direct place effects"."""
    if switch not in GROUPS:
        return meaning(switch) if TOGETHER in switch else switch.replace("_", " ")
    said = meaning(switch).partition(":")[0]
    return said[:1].lower() + said[1:]
