"""From a comparison to its figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from omemsim.figures.forest import Contrast, forest_figure, in_words, verdict
from omemsim.figures.ink import plain
from omemsim.figures.lines import Arm, lines_figure
from omemsim.figures.maps import Ground, map_figure
from omemsim.figures.one_run import averaging, smooth
from omemsim.figures.page import Page
from omemsim.figures.single import (
    ONE,
    TABLE_NOTES,
    ground_of,
    has_season,
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
from omemsim.study.comparison import HEADLINES, about

if TYPE_CHECKING:
    from omemsim.series import Series
    from omemsim.study.comparison import Comparison

__all__ = ["comparison_figures", "contrasts", "without_percent"]

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
    study = Study(comparison)
    yield "zones_over_time", _shares(study)
    if study.shown is not None:
        yield "wheel_before_after", _wheel(study)
    yield "transitions", _transitions(study)
    recorded = study.first.values
    table = comparison.table()
    rows, dropped = contrasts(table), without_percent(table)
    for measure in OVER_TIME:
        if measure in recorded:
            yield f"{measure}_over_time", _lines(study, measure, rows)
    if rows:
        yield "differences", _forest(study, rows, dropped)
    ground = ground_of(study.first)
    if ground is not None and study.shown is not None:
        yield "map", _map(study, ground)


class Study:
    """A comparison as figures need it.

    Attributes
    ----------
    names : strategies with a finished run, the baseline first: it keeps its colour throughout.
    shown : the first replicate all of them finished, None if there is none.
    first : the series of the baseline's first finished run.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        rest = [x for x in comparison.strategies if x != comparison.baseline]
        self.names = [x for x in (comparison.baseline, *rest) if comparison.finished(x)]
        done = [set(comparison.finished(x)) for x in self.names]
        self.shown = min(set.intersection(*done), default=None)
        self.first = comparison.series(self.names[0], min(done[0]))
        self.most, self.fewest = max(map(len, done)), min(map(len, done))

    @property
    def count(self) -> str:
        """Return "20 replicates", or "18 to 20 replicates" where some runs failed."""
        if self.most == 1:
            return "one replicate"
        span = f"{self.fewest} to " if self.fewest < self.most else ""
        return f"{span}{self.most} replicates"

    @property
    def source(self) -> str:
        """Return where the numbers come from."""
        return provenance(self.first, runs=self.count)

    @property
    def which(self) -> str:
        """Say which replicate is shown."""
        if self.most == 1:
            return ONE
        return (
            f"Replicate {self.shown} is shown, with the same town and luck for all strategies; "
            f"the mean over {self.count} is in 'Which zones are the neighbourhoods in?'."
        )

    def shown_series(self) -> dict[str, Series]:
        """Return the series of the replicate shown, by strategy."""
        assert self.shown is not None
        return {name: self.comparison.series(name, self.shown) for name in self.names}


def _shares(study: Study) -> Page:
    shares = {name: study.comparison.mean_zone_shares(name)[1] for name in study.names}
    notes = [f"Mean over {study.count}." if study.most > 1 else ONE]
    years = years_of(study.first.weeks)
    return shares_figure(shares, years, notes=notes, provenance=study.source)


def _wheel(study: Study) -> Page:
    return wheel_figure(
        {name: wheels(series) for name, series in study.shown_series().items()},
        when=when(study.first),
        notes=[study.which, wheel_note(study.first)],
        provenance=study.source,
    )


def _transitions(study: Study) -> Page:
    pooled = " pooled" if study.most > 1 else ""
    return transitions_figure(
        {name: study.comparison.transitions(name) for name in study.names},
        span=f"{span(study.first)}, {study.count}{pooled}",
        notes=TABLE_NOTES,
        provenance=study.source,
    )


def _lines(study: Study, measure: str, rows: list[Contrast]) -> Page:
    question, ceiling = OVER_TIME[measure]
    known = about(measure)
    weeks = study.first.weeks
    calm = ", season taken out" if has_season(study.first, measure) else ""
    mine = [x for x in rows if x.measure == known.title]
    return lines_figure(
        [_arm(study, name, measure) for name in study.names],
        years_of(weeks),
        title=question,
        finding=_finding(mine, study.names[0]),
        axis=f"{known.title}, {known.unit}",
        ceiling=ceiling,
        band=f"5th-95th percentile of {study.count}",
        averaged=f"Each point is the mean of up to {averaging(weeks)[0]} weeks{calm}.",
        provenance=study.source,
    )


def _arm(study: Study, name: str, measure: str) -> Arm:
    weeks, *curves = study.comparison.band(name, measure)
    season = season_of(study.first, measure)
    mean, low, high = (smooth(curve / season, averaging(weeks)[1]) for curve in curves)
    return Arm(name, mean, low, high) if study.most > 1 else Arm(name, mean)


def _finding(rows: list[Contrast], baseline: str) -> str:
    """Say in words how the strategies differ from the baseline."""
    if not rows:
        return ""
    start = f"In the last year, against {plain(baseline)}: "
    if len(rows) <= 3:
        return start + "; ".join(f"{plain(x.strategy)} {in_words(x)}" for x in rows) + "."
    count = {w: sum(verdict(x) == w for x in rows) for w in ("better", "worse", "cannot tell")}
    sign = -1 if rows[0].better == "lower" else 1
    best = max(rows, key=lambda x: sign * x.percent)
    told = ", ".join(f"{n} {word}" for word, n in count.items() if n)
    named = f" Best: {plain(best.strategy)}, {in_words(best)}." if verdict(best) == "better" else ""
    return f"{start}{told}.{named}"


def contrasts(table: pd.DataFrame) -> list[Contrast]:
    """Return a comparison's headline rows in percent of the baseline's mean.

    Rows whose baseline mean is 0 have no percentage and are left out, see `without_percent`.
    """
    return [_contrast(row) for row in _headlines(table) if _has_percent(row)]


def without_percent(table: pd.DataFrame) -> list[str]:
    """Return the titles of headline measures whose mean under the baseline is 0."""
    names = [row["measure"] for row in _headlines(table) if not _has_percent(row)]
    return [about(name).title for name in dict.fromkeys(names)]


def _headlines(table: pd.DataFrame) -> list[dict[Any, Any]]:
    rows = table[table["measure"].isin(HEADLINES)].to_dict("records")
    return sorted(rows, key=lambda row: HEADLINES.index(row["measure"]))


def _has_percent(row: dict[Any, Any]) -> bool:
    return bool(abs(row["baseline_mean"]) > 1e-12)  # also false for NaN: no pair finished


def _contrast(row: dict[Any, Any]) -> Contrast:
    known = about(row["measure"])
    scale = 100 / abs(row["baseline_mean"])
    return Contrast(
        measure=known.title,
        strategy=row["strategy"],
        percent=row["difference"] * scale,
        low=row["low"] * scale,
        high=row["high"] * scale,
        better=known.better,
        share=row["share_better"],
    )


def _forest(study: Study, rows: list[Contrast], dropped: list[str]) -> Page:
    if study.most == 1:
        notes = ["One replicate: no interval, so no difference is called better or worse."]
    else:
        notes = [
            f"Bar: 95% interval of the mean difference, {study.count} in pairs. "
            "It says how sure the simulation is, not how sure the world is. "
            "Better in: share of replicates."
        ]
    if dropped:
        notes.append(f"Left out, as the mean under the baseline is 0: {', '.join(dropped)}.")
    return forest_figure(rows, baseline=study.names[0], notes=notes, provenance=study.source)


def _map(study: Study, ground: Ground) -> Page:
    zones = {name: zones_of(series) for name, series in study.shown_series().items()}
    return map_figure(
        {name: (z[0], z[-1]) for name, z in zones.items()},
        ground,
        when=when(study.first),
        notes=[study.which],
        provenance=study.source,
    )
