"""From a comparison to its figures."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omemsim.figures.forest import forest_figure
from omemsim.figures.ink import plain
from omemsim.figures.lines import ArmCurve, lines_figure
from omemsim.figures.maps import Ground, map_figure
from omemsim.figures.one_run import averaging, smooth
from omemsim.figures.page import Page
from omemsim.figures.single import (
    ONE,
    TABLE_NOTES,
    ground_of,
    has_season,
    map_notes,
    provenance,
    season_of,
    span,
    wheel_note,
    wheels,
    when,
    years_of,
    zones_of,
)
from omemsim.figures.wheel import wheel_figure
from omemsim.figures.zones import shares_figure, transitions_figure
from omemsim.present.text import counted
from omemsim.study.comparison import FEWEST_FOR_BAND
from omemsim.study.contrasts import (
    MAY_BE_CHANCE,
    SMALL,
    Contrast,
    about,
    contrasts,
    headlines,
    in_words,
    none_seen,
    verdict,
)
from omemsim.study.effort import efforts, unequal
from omemsim.study.family import FALSE_WORDS
from omemsim.study.uncertain import Spread

if TYPE_CHECKING:
    from omemsim.series import Series
    from omemsim.study.comparison import Comparison

__all__ = ["DrawnComparison", "comparison_figures"]

Floats = NDArray[np.float64]
# Measure: the question over its figure, and the top of its axis if it is an index.
OVER_TIME: dict[str, tuple[str, float | None]] = {
    "victimization": ("How much harm is there?", None),
    "public_calls": ("How often do people call the police?", None),
    "fear": ("How afraid are people?", 1.0),
    "trust": ("How far do people trust the police?", 1.0),
    "capacity": ("How well can neighbourhoods look after themselves?", 1.0),
}


def comparison_figures(comparison: Comparison) -> Iterator[tuple[str, Page]]:
    """Yield (file name, figure), one drawn at a time.

    Left out are measures that were not recorded, strategies of which no run finished, and
    pictures of a single replicate if there is none that all strategies finished.
    """
    study = DrawnComparison(comparison)
    yield "zones_over_time", _shares(study)
    if study.shown is not None:
        yield "wheel_before_after", _wheel(study)
    yield "transitions", _transitions(study)
    recorded = study.first.values
    rows = _headlines([x for x in contrasts(comparison.table()) if x.found.n])
    alike = _never_differing(rows)
    for measure in OVER_TIME:
        if measure in recorded:
            yield f"{measure}_over_time", _lines(study, measure, rows)
    if any(x.has_percent and x.measure not in alike for x in rows):
        yield "differences", _forest(study, rows, alike)
    ground = ground_of(study.first)
    if ground is not None and study.shown is not None:
        yield "map", _map(study, ground)


class DrawnComparison:
    """A comparison as figures need it.

    Attributes
    ----------
    names : strategies with a finished run, the baseline first: it keeps its colour throughout.
    shown : of the replicates that all of them finished, the one nearest the mean; None without
        any.
    common : how many replicates all of them finished.
    first : the series of the baseline's first finished run.
    most, fewest : how many replicates the strategy with most finished, and that with fewest.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        rest = [x for x in comparison.strategies if x != comparison.baseline]
        self.names = [x for x in (comparison.baseline, *rest) if comparison.finished(x)]
        done = [set(comparison.finished(x)) for x in self.names]
        self.shown = comparison.typical_replicate(self.names)
        self.common = len(set.intersection(*done))
        self.first = comparison.series(self.names[0], min(done[0]))
        self.most, self.fewest = max(map(len, done)), min(map(len, done))

    @property
    def count(self) -> str:
        """Return "20 replicates", or "18 to 20 replicates" where some runs failed."""
        from_fewest = f"{self.fewest} to " if self.fewest < self.most else ""
        return from_fewest + counted(self.most, "replicate")

    @property
    def source(self) -> str:
        """Return where the numbers come from."""
        return provenance(self.first, runs=self.count)

    @property
    def which(self) -> str:
        """Say in a sentence which of the replicates is shown."""
        if self.common == 1:
            return "" if self.most == 1 else "The one town that all strategies finished."
        return f"One of {self.common} towns: the one nearest the mean."

    @property
    def why(self) -> str:
        """Say why this replicate is shown."""
        if self.most == 1:
            return ONE
        return (
            f"Replicate {self.shown}, with the same town and random numbers for all strategies: "
            f"its change in green or blue neighbourhoods is nearest the mean of {self.count}, "
            "which is in 'Which zones are the neighbourhoods in?'."
        )

    @property
    def band(self) -> str:
        """Say what the bands over replicates are."""
        if self.most < FEWEST_FOR_BAND:
            return f"range of {self.count}"
        text = f"5th-95th percentile of {self.count}"
        few = f" (range if fewer than {FEWEST_FOR_BAND})"
        return text + few * (self.fewest < FEWEST_FOR_BAND)

    def shown_series(self) -> dict[str, Series]:
        """Return the series of the replicate shown, by strategy."""
        assert self.shown is not None
        return {name: self.comparison.series(name, self.shown) for name in self.names}


def _shares(study: DrawnComparison) -> Page:
    shares = {name: study.comparison.mean_zone_shares(name)[1] for name in study.names}
    notes = [f"Mean over {study.count}." if study.most > 1 else ONE]
    years = years_of(study.first.weeks)
    return shares_figure(shares, years, notes=notes, provenance=study.source)


def _wheel(study: DrawnComparison) -> Page:
    return wheel_figure(
        {name: wheels(series) for name, series in study.shown_series().items()},
        when=when(study.first),
        notes=[study.why, wheel_note(study.first)],
        provenance=study.source,
        which=study.which,
    )


def _transitions(study: DrawnComparison) -> Page:
    pooled = " pooled" if study.most > 1 else ""
    return transitions_figure(
        {name: study.comparison.transitions(name) for name in study.names},
        span=f"{span(study.first)}, {study.count}{pooled}",
        notes=TABLE_NOTES,
        provenance=study.source,
    )


def _lines(study: DrawnComparison, measure: str, rows: list[Contrast]) -> Page:
    question, ceiling = OVER_TIME[measure]
    known = about(measure)
    weeks = study.first.weeks
    calm = ", season taken out" if has_season(study.first, measure) else ""
    mine = [x for x in rows if x.measure == measure]
    return lines_figure(
        [_arm(study, name, measure) for name in study.names],
        [_change(study, x.strategy, measure) for x in mine],
        years_of(weeks),
        title=question,
        finding=_finding([x for x in mine if x.has_percent], study.names[0]),
        axis=f"{known.title}, {known.unit}",
        ceiling=ceiling,
        smallest=max((x.smallest for x in mine), default=0.0),
        band=study.band,
        averaged=f"Each point is the mean of up to {averaging(weeks)[0]} weeks{calm}.",
        provenance=study.source,
    )


def _calm(study: DrawnComparison, measure: str, curve: Floats) -> Floats:
    """Return a curve (T,) without its season, averaged over a quarter."""
    return smooth(curve / season_of(study.first, measure), averaging(study.first.weeks)[1])


def _arm(study: DrawnComparison, name: str, measure: str) -> ArmCurve:
    prepare = functools.partial(_calm, study, measure)
    _, mean, low, high = study.comparison.band(name, measure, prepare=prepare)
    return ArmCurve(name, mean, low, high) if study.most > 1 else ArmCurve(name, mean)


def _change(study: DrawnComparison, name: str, measure: str) -> ArmCurve:
    prepare = functools.partial(_calm, study, measure)
    _, mean, low, high = study.comparison.paired_band(name, measure, prepare=prepare)
    return ArmCurve(name, mean, low, high) if np.isfinite(low).all() else ArmCurve(name, mean)


def _finding(rows: list[Contrast], baseline: str) -> str:
    """Say in words how the strategies differ from the baseline."""
    if not rows:
        return ""
    start = f"In the last year, against {plain(baseline)}: "
    if len(rows) <= 3:
        return start + "; ".join(f"{plain(x.strategy)} {in_words(x)}" for x in rows) + "."
    words = {"better": "better", "worse": "worse", "same": "about the same"}
    words |= {word: word for word in (MAY_BE_CHANCE, "cannot tell")}
    count = {text: sum(verdict(x) == word for x in rows) for word, text in words.items()}
    sign = -1 if rows[0].known.better == "lower" else 1
    best = max(rows, key=lambda x: sign * x.percent)
    told = ", ".join(f"{n} {word}" for word, n in count.items() if n)
    if verdict(best) != "better":
        return f"{start}{told}."
    # That it is better than the next one is another question, which nothing here answers.
    return f"{start}{told}. Largest improvement: {plain(best.strategy)}, {in_words(best)}."


def _headlines(rows: list[Contrast]) -> list[Contrast]:
    """Return the rows of headline measures, in the order of those."""
    order = headlines(row.measure for row in rows)
    mine = [row for row in rows if row.measure in order]
    return sorted(mine, key=lambda row: order.index(row.measure))


def _forest(study: DrawnComparison, rows: list[Contrast], alike: list[str]) -> Page:
    """Draw the differences in percent; what has none is listed at the foot."""
    drawn = [x for x in rows if x.has_percent and x.measure not in alike]
    if study.most == 1:
        notes = ["One replicate: no interval, so no difference is called better or worse."]
    else:
        notes = [
            f"Bar: 95% interval of the mean difference, {study.count} in pairs. "
            "It says how well the simulation is known, and nothing about the real world. "
            "Better in, tied: share of replicates in which it is better, and in which the two are "
            "equal.",
            STRICTER,
        ]
    notes += _of_sets(study)
    if any(x.found.never_differs for x in drawn):
        notes.append("None in n: no replicate differs, and one may in up to the share in brackets.")
    notes.append(f"● better, ■ worse, ○ cannot tell, may be chance or about the same. {SMALL}")
    if not all(x.known.better for x in drawn):
        notes.append(NEITHER)
    lost = [x.measure for x in rows if not x.has_percent and x.measure not in alike]
    if lost:
        notes.append(f"Left out, as the mean under the baseline is 0: {_titles(lost)}.")
    if alike:
        n = min(x.found.n for x in rows if x.measure in alike)
        notes.append(f"Left out, {none_seen(n)}: {_titles(alike)}.")
    used = efforts(study.comparison)
    return forest_figure(
        drawn,
        baseline=study.names[0],
        notes=[*unequal(used), *notes],
        provenance=study.source,
        spreads=_spreads(study, drawn),
        used=used,
    )


def _spreads(study: DrawnComparison, rows: list[Contrast]) -> dict[tuple[str, str], Spread]:
    """Return the ranges over parameter sets of what is drawn, where there are any."""
    over = study.comparison.over_sets
    if over is None:
        return {}
    found = {(x.strategy, x.measure): over.spread(x.strategy, x.measure) for x in rows}
    return {key: spread for key, spread in found.items() if spread is not None}


def _of_sets(study: DrawnComparison) -> list[str]:
    """Say what the pale bars are, or why there are none."""
    over = study.comparison.over_sets
    if over is None:
        return [study.comparison.no_range]
    return [f"Pale bar and words under an interval: another kind of uncertainty. {over.how()}"]


STRICTER = (
    "Better and worse are stricter than the bars: they allow for all differences looked at "
    f"(Holm), so that at most {FALSE_WORDS:.0%} of comparisons without any effect have a false "
    "one. May be chance: the bar misses 0, and that is not enough among so many."
)
NEITHER = (
    "◆ Neither side is better: recorded crime also rises when more of it is reported or found, "
    "and more moves to a safer zone are counted when a neighbourhood slips and recovers."
)


def _never_differing(rows: list[Contrast]) -> list[str]:
    """Return the measures in which no strategy differs from the baseline in any replicate."""
    apart = {x.measure for x in rows if x.found.tied < x.found.n}
    return [name for name in dict.fromkeys(x.measure for x in rows) if name not in apart]


def _titles(names: list[str]) -> str:
    return ", ".join(about(name).title for name in dict.fromkeys(names))


def _map(study: DrawnComparison, ground: Ground) -> Page:
    zones = {name: zones_of(series) for name, series in study.shown_series().items()}
    return map_figure(
        {name: (z[0], z[-1]) for name, z in zones.items()},
        ground,
        when=when(study.first),
        notes=[study.why, *map_notes(ground)],
        provenance=study.source,
        names=(study.first.names, study.first.ids),
        which=study.which,
    )
