"""Readings: one number from one run, as a claim's file asks for it.

A run is its `Series` and its opening: every measure in week 0, of which a series has no
record. A rate in week 0 is that of the 52 weeks before. A reading looks at a part of the
neighbourhoods (``where``) in a part of the run (``at``); rates are per year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.lay import neighbourhoods_of
from omemsim.measures import MEASURES
from omemsim.series import Series
from omemsim.town import Town
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Zone

__all__ = ["READERS", "Opening", "Reading", "is_label", "number", "opening_of", "unit_of"]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Reading:
    """What is read of a run; `experiment` says which of these a kind of reading takes."""

    read: str
    measure: str = "true_zone"
    at: str = "last_year"
    where: tuple[str, ...] = ("all",)
    other: str = ""
    method: str = "spearman"
    since: str = "start"
    at_least: float | None = None
    at_most: float | None = None
    over: int = 0
    zone: tuple[str, ...] = ()


@dataclass(frozen=True)
class Opening:
    """A town in week 0: ``values`` by measure, (N,) or a number; the town answers ``where``."""

    town: Town
    blueprint: Blueprint
    values: dict[str, Floats]


def opening_of(town: Town, blueprint: Blueprint) -> Opening:
    """Return what is measured of a town before its first week; rates are of the last year."""
    values = {
        name: np.asarray(measure.read(town, WEEKS_PER_YEAR), float)
        for name, measure in MEASURES.items()
    }
    return Opening(town, blueprint, values)


def is_label(measure: str) -> bool:
    """Say whether a measure is a zone's number, of which a mean over weeks says nothing."""
    return measure in ("zone", "true_zone", "call_zone", "relative_zone")


def unit_of(reading: Reading) -> str:
    """Return the unit of a reading's number."""
    unit = MEASURES[reading.measure].unit
    return {
        "slope": f"{unit} a year",
        "correlation": "correlation",
        "share": "share of neighbourhoods",
        "weeks_until": "weeks",
        "final_zone_share": "share of neighbourhoods",
        **dict.fromkeys(("upgrades", "downgrades", "relapses"), "steps per neighbourhood a year"),
    }.get(reading.read, unit)


def number(reading: Reading, series: Series, opening: Opening) -> float:
    """Return the number of a reading.

    Parameters
    ----------
    reading : which number of a run.
    series : the run's, with every measure of every neighbourhood.
    opening : of the same town, in the week in which the run begins.

    Raises
    ------
    ValueError
        If this run has none; it says why.
    """
    value = READERS[reading.read](reading, _Run(series, opening, reading.where))
    if not np.isfinite(value):
        raise ValueError(f"{reading.read} of {reading.measure} has no value in this run")
    return float(value)


class _Run:
    """A run with its opening as the record of week 0, and the neighbourhoods looked at."""

    def __init__(self, series: Series, opening: Opening, where: Iterable[str]) -> None:
        self.series = series
        self.opening = opening
        self.weeks = np.concatenate([[0], series.weeks])
        self.mask = _selected(tuple(where), opening)

    def values(self, measure: str) -> Floats:
        """Return a measure at every record, (T + 1,) or (T + 1, those looked at)."""
        records = self.series.values[measure]
        joined = np.concatenate([[self.opening.values[measure]], records]).astype(float)
        return joined[:, self.mask] if joined.ndim == 2 else joined

    def course(self, measure: str) -> Floats:
        """Return a measure of those looked at as one number a record, (T + 1,)."""
        values, how = self.values(measure), MEASURES[measure].weight
        if values.ndim == 1:
            return values
        if how == "sum":
            return np.asarray(values.sum(axis=1))
        weights = {"population": self.series.population, "residents": self.series.residents}
        mine = weights[how][self.mask] if how in weights else None
        return np.asarray(np.average(values, axis=1, weights=mine))

    def rows(self, at: str) -> NDArray[np.int64]:
        """Return the rows of the records in a period."""
        kind, _, count = at.partition(" ")
        last, n = int(self.weeks[-1]), int(count or 1)
        if kind == "start":
            return np.array([0])
        if kind == "week":
            later = np.flatnonzero(self.weeks >= n)[:1]
            return self._found(later, at)
        low, high = {
            "whole": (0, last),
            "first_year": (0, WEEKS_PER_YEAR),
            "last_year": (last - WEEKS_PER_YEAR, last),
            "year": ((n - 1) * WEEKS_PER_YEAR, n * WEEKS_PER_YEAR),
        }[kind]
        inside = (self.weeks > max(low, 0)) & (self.weeks <= high)
        return self._found(np.flatnonzero(inside), at)

    def _found(self, rows: NDArray[np.int64], at: str) -> NDArray[np.int64]:
        if not rows.size:
            end = self.weeks[-1]
            raise ValueError(f"at: {at}: the run has no record then; it ends in week {end}")
        return rows


def _selected(where: tuple[str, ...], opening: Opening) -> Mask:
    """Return which neighbourhoods are looked at; they are chosen by the state in week 0."""
    mask = np.zeros(len(opening.blueprint.ids), bool)
    for word in where:
        mask[_rows(word, opening)] = True
    if not mask.any():
        raise ValueError(f"where: {', '.join(where)}: no neighbourhood is one in this run")
    return mask


def _rows(word: str, opening: Opening) -> NDArray[np.int64]:
    """Return the neighbourhoods a word means; beside those of a schedule, by any measure."""
    kind, _, rest = word.partition(":")
    if kind not in ("highest", "lowest"):
        return neighbourhoods_of([word], opening.town, opening.blueprint)
    measure, _, share = rest.partition(":")
    values = opening.values[measure]
    order = np.argsort(-values if kind == "highest" else values, kind="stable")
    return order[: max(1, int(float(share) * values.size + 0.5))]


def _level(reading: Reading, run: _Run) -> float:
    return float(run.course(reading.measure)[run.rows(reading.at)].mean())


def _change(reading: Reading, run: _Run) -> float:
    course = run.course(reading.measure)
    last, then = (course[run.rows(at)].mean() for at in ("last_year", reading.since))
    return float(last - then)


def _slope(reading: Reading, run: _Run) -> float:
    rows = run.rows(reading.at)
    if rows.size < 2:
        raise ValueError(f"at: {reading.at}: a slope needs two records or more")
    years = run.weeks[rows] / WEEKS_PER_YEAR
    return float(np.polyfit(years, run.course(reading.measure)[rows], 1)[0])


def _correlation(reading: Reading, run: _Run) -> float:
    rows = run.rows(reading.at)
    one, two = (run.values(name)[rows].mean(axis=0) for name in (reading.measure, reading.other))
    if one.size < 3:
        raise ValueError(f"a correlation needs three neighbourhoods or more, not {one.size}")
    if np.ptp(one) == 0 or np.ptp(two) == 0:
        return 0.0  # the same everywhere: it goes with nothing
    if reading.method == "spearman":
        one, two = rankdata(one), rankdata(two)
    return float(np.corrcoef(one, two)[0, 1])


def _is_past(reading: Reading, values: Floats) -> Mask:
    if reading.at_least is not None:
        return np.asarray(values >= reading.at_least)
    assert reading.at_most is not None, "`experiment` asks for one of the two"
    return np.asarray(values <= reading.at_most)


def _share(reading: Reading, run: _Run) -> float:
    values = run.values(reading.measure)[run.rows(reading.at)]
    seen = values if is_label(reading.measure) else values.mean(axis=0)
    return float(_is_past(reading, seen).mean())


def _weeks_until(reading: Reading, run: _Run) -> float:
    """Return the first week from which it stays so; the length of the run if there is none."""
    course, weeks = run.course(reading.measure)[1:], run.weeks[1:]
    if reading.over:
        course = np.array([course[(weeks > w - reading.over) & (weeks <= w)].mean() for w in weeks])
    short = np.flatnonzero(~_is_past(reading, course))
    first = int(short[-1]) + 1 if short.size else 0
    return float(weeks[min(first, weeks.size - 1)])


def _moves(reading: Reading, run: _Run) -> tuple[Floats, NDArray[np.int64], float]:
    """Return steps between records (T, n), the rows of the period in them, and its years."""
    steps = np.diff(run.values(reading.measure), axis=0)
    rows = run.rows(reading.at)
    years = (run.weeks[rows[-1]] - run.weeks[rows[0] - 1]) / WEEKS_PER_YEAR
    return steps, rows - 1, float(years)


def _upgrades(reading: Reading, run: _Run) -> float:
    steps, rows, years = _moves(reading, run)
    return float(steps[rows].clip(min=0).sum() / steps.shape[1] / years)


def _downgrades(reading: Reading, run: _Run) -> float:
    steps, rows, years = _moves(reading, run)
    return float(-steps[rows].clip(max=0).sum() / steps.shape[1] / years)


def _relapses(reading: Reading, run: _Run) -> float:
    """Return steps down within a year of a step up of the same neighbourhood."""
    steps, rows, years = _moves(reading, run)
    weeks, total = run.weeks[1:], 0.0
    for row in rows:
        recent = (weeks < weeks[row]) & (weeks >= weeks[row] - WEEKS_PER_YEAR)
        rose = (steps[recent] > 0).any(axis=0)
        total += float(-steps[row][rose].clip(max=0).sum())
    return float(total / steps.shape[1] / years)


def _final_zone_share(reading: Reading, run: _Run) -> float:
    labels = run.values(reading.measure)[-1]
    return float(np.isin(labels, [Zone[name.upper()] for name in reading.zone]).mean())


READERS: dict[str, Callable[[Reading, _Run], float]] = {
    "level": _level,
    "change": _change,
    "slope": _slope,
    "correlation": _correlation,
    "share": _share,
    "weeks_until": _weeks_until,
    "upgrades": _upgrades,
    "downgrades": _downgrades,
    "relapses": _relapses,
    "final_zone_share": _final_zone_share,
}
