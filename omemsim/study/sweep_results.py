"""The results of a sweep: a tidy table, and in words which strategy and which factor matter."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from omemsim import labelled
from omemsim.present import csv, text
from omemsim.study.contrasts import about, headlines
from omemsim.study.expand import Expanded, Sweep
from omemsim.study.store import Store
from omemsim.vocabulary.errors import InputError, OmemError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["Effect", "Swept", "read_results"]

Floats = NDArray[np.float64]

FEWEST_POINTS = 8  # that a rank correlation is told of
MOST_FACTORS = 6  # in the text
MOST_ARMS = 5  # in a table of means


@dataclass(frozen=True)
class Effect:
    """How closely an outcome goes with a factor, over the points of one arm.

    ``strength`` is Spearman's rank correlation, in [-1, 1], where the factor is a number; for
    choices the share of variance between them, in [0, 1], and ``is_choice`` is true.
    """

    path: str
    strength: float
    is_choice: bool


@dataclass(frozen=True, repr=False)
class Swept:
    """The finished runs of a sweep.

    Attributes
    ----------
    sweep : what was asked.
    names : the numbers a run leaves.
    values : float64 (arms, points, replicates, names); NaN where a run did not finish.
    """

    sweep: Sweep
    names: list[str]
    values: Floats

    def __repr__(self) -> str:
        """Say what it is in a line."""
        design = self.sweep.design
        sizes = (
            text.counted(len(self.sweep.arms), "strategy", "strategies"),
            text.counted(len(design.points), "point"),
            text.counted(self.sweep.replicates, "replicate"),
        )
        told = f"{self.finished:,} of {self.sweep.size:,} runs finished"
        varied = text.counted(len(design.names), "key")
        return f"<Swept: {', '.join(sizes)} ({design.kind}, {varied}); {told}>"

    @property
    def finished(self) -> int:
        """Return the number of finished runs."""
        return int(np.isfinite(self.values[..., 0]).sum())

    def main(self, asked: str | None) -> str:
        """Return the outcome that is reported first: the one asked for, or the first headline.

        Raises
        ------
        InputError
            If it is not recorded.
        """
        if asked is None:
            return next(iter(headlines(self.names)), self.names[0])
        if asked not in self.names:
            known = ", ".join(self.names)
            raise InputError(f"{asked!r} is not recorded. There are: {known}.")
        return asked

    def of(self, arm: str, name: str) -> Floats:
        """Return an outcome by point and replicate, (P, R)."""
        chosen = list(self.sweep.arms).index(arm), self.names.index(name)
        return np.asarray(self.values[chosen[0], :, :, chosen[1]])

    def effects(self, arm: str, name: str) -> list[Effect]:
        """Return how closely an outcome goes with each factor, the closest first."""
        by_point = _means(self.of(arm, name))
        known = np.isfinite(by_point)
        points = [
            p for p, is_known in zip(self.sweep.design.points, known, strict=True) if is_known
        ]
        found = [_effect(path, points, by_point[known]) for path in self.sweep.design.names]
        told = [effect for effect in found if effect is not None]
        return sorted(told, key=lambda effect: -abs(effect.strength))

    def rows(self) -> Iterator[list[Any]]:
        """Yield the head and a row per finished run: arm, point, factors, replicate, numbers."""
        design = self.sweep.design
        yield ["arm", "point", *design.names, "replicate", *self.names]
        for arm, number in self.sweep.cells():
            point = design.points[number]
            index = list(self.sweep.arms).index(arm)
            for replicate, numbers in enumerate(self.values[index, number].tolist()):
                if math.isfinite(numbers[0]):
                    factors = (point[path] for path in design.names)
                    yield [arm, number, *factors, replicate, *numbers]

    def csv(self) -> str:
        """Return the table; a unit for each number is in the store."""
        header, *rows = self.rows()
        return csv.of_rows(header, rows)

    def table(self) -> pd.DataFrame:
        """Return a row per finished run: arm, point, what varies, replicate, numbers."""
        header, *rows = self.rows()
        return labelled.frame(header, rows)

    def to_xarray(self) -> xr.Dataset:
        """Return every number by arm, point and replicate, with the extra ``xarray``.

        What varies is a coordinate along ``point``, by its key; a run that did not finish is NaN.
        """
        design, axes = self.sweep.design, ("arm", "point", "replicate")
        coordinates: dict[str, labelled.Variable] = {
            "arm": (("arm",), list(self.sweep.arms), ""),
            "point": (("point",), range(len(design.points)), ""),
            "replicate": (("replicate",), range(self.sweep.replicates), ""),
        }
        for path in design.names:
            values = [point[path] for point in design.points]
            coordinates[path] = (("point",), values, "")
        numbers = {
            name: (axes, self.values[..., k], about(name).unit) for k, name in enumerate(self.names)
        }
        return labelled.dataset(numbers, coordinates, {"design": design.kind})

    def text(self, outcome: str | None = None) -> str:
        """Return means by arm, what tells the arms apart, and the factors that go with it."""
        main = self.main(outcome)
        lines = [*self._of_main(main), "", *self._of_others(main)]
        factors = self._of_factors(main)
        return "\n".join([*lines, *(["", *factors] if factors else [])])

    def _of_main(self, main: str) -> list[str]:
        """Return the lines on the main outcome: a mean and an interval per arm, and pairs."""
        arms = list(self.sweep.arms)
        width = max(24, *map(len, arms)) + 2
        told = [
            f"{about(main).title}, {about(main).unit}",
            f"  {'':<{width}}{'mean':>10}   95% interval",
        ]
        for arm in arms:
            values = self.of(arm, main)
            if np.isfinite(values).any():
                mean, low, high = _interval(values)
                told.append(f"  {arm:<{width}}{text.amount(mean):>10}   {_between(low, high)}")
        told += [self._pair(arm, arms[0], main, width) for arm in arms[1:] if self._has_pairs(arm)]
        repeats = (
            "over points and replicates"
            if self.sweep.replicates > 1
            else "over points; with one replicate the noise is not known"
        )
        return [*told, f"Intervals are of the mean {repeats}."]

    def _has_pairs(self, arm: str) -> bool:
        """Return whether an arm has runs at the points and replicates of the first."""
        first = np.isfinite(self.values[0, ..., 0])
        index = list(self.sweep.arms).index(arm)
        return bool((first & np.isfinite(self.values[index, ..., 0])).any())

    def _pair(self, arm: str, first: str, main: str, width: int) -> str:
        """Return the line on an arm less the first, point by point and replicate by replicate."""
        change = self.of(arm, main) - self.of(first, main)
        mean, low, high = _interval(change)
        lower = float((change[np.isfinite(change)] < 0).mean())
        told = f"{text.amount(mean):>10}   {_between(low, high)}"
        return f"  {f'{arm} less {first}':<{width}}{told}, lower in {lower:.0%} of pairs"

    def _of_others(self, main: str) -> list[str]:
        """Return a line per other headline with the mean of each arm."""
        arms = list(self.sweep.arms)[:MOST_ARMS]
        lines = [f"{'Means':<46}" + "".join(f" {arm[:12]:>12}" for arm in arms)]
        for name in [x for x in headlines(self.names) if x != main]:
            means = (_mean(self.of(arm, name)) for arm in arms)
            cells = "".join(f" {text.amount(mean):>12}" for mean in means)
            lines.append(f"  {about(name).title[:43]:<44}{cells}")
        return lines if len(lines) > 1 else []

    def _of_factors(self, main: str) -> list[str]:
        """Return a line per arm with the factors that go most with the main outcome."""
        if len(self.sweep.design.points) < FEWEST_POINTS:
            return []
        lines = []
        for arm in self.sweep.arms:
            told = ", ".join(map(_told, self.effects(arm, main)[:MOST_FACTORS]))
            lines += [f"  {arm}: {told}"] if told else []
        head = f"What goes most with {about(main).title.lower()} (rank correlation, -1 to 1):"
        return [head, *lines] if lines else []


def _told(effect: Effect) -> str:
    if effect.is_choice:
        return f"{effect.path} ({effect.strength:.0%} of the variance)"
    return f"{effect.path} {effect.strength:+.2f}"


def _effect(path: str, points: Sequence[dict[str, Any]], outcome: Floats) -> Effect | None:
    """Return what goes with a factor; None if it, or the outcome, is the same at all points."""
    values = [point[path] for point in points]
    if len(set(map(str, values))) < 2 or np.ptp(outcome) == 0:
        return None
    if all(isinstance(x, int | float) and not isinstance(x, bool) for x in values):
        strength = stats.spearmanr(np.array(values, float), outcome).statistic
        return Effect(path, float(strength), is_choice=False)
    groups: dict[str, list[float]] = {}
    for value, number in zip(values, outcome.tolist(), strict=True):
        groups.setdefault(str(value), []).append(number)
    between = sum(len(g) * (np.mean(g) - outcome.mean()) ** 2 for g in groups.values())
    return Effect(path, float(between / ((outcome - outcome.mean()) ** 2).sum()), is_choice=True)


def _means(values: Floats) -> Floats:
    """Return the mean over replicates of each point; NaN where none finished."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else math.nan


def _interval(values: Floats) -> tuple[float, float, float]:
    """Return mean and 95% interval of values (P, R), NaN where it cannot be known.

    Every point has the same replicates, so that two things spread the mean: which points and
    which replicates were drawn. Their variances of it are added (each from the means over the
    other), with the fewer degrees of freedom of Student's t; one point or replicate adds none.
    """
    known = values[np.isfinite(values)]
    mean = float(known.mean())
    spread, fewest = 0.0, 0
    for means in (_means(values), _means(values.T)):
        means = means[np.isfinite(means)]
        if means.size > 1:
            spread += float(means.var(ddof=1)) / means.size
            fewest = min(fewest or means.size, means.size)
    if not fewest:
        return mean, math.nan, math.nan
    half = float(stats.t.ppf(0.975, fewest - 1)) * math.sqrt(spread)
    return mean, mean - half, mean + half


def _between(low: float, high: float) -> str:
    return text.to(low, high, text.amount) if math.isfinite(low) else "(one value: none)"


def read_results(expanded: Expanded, kept: Store, study: str) -> Swept:
    """Return the finished runs of a study from the store.

    Parameters
    ----------
    expanded : the sweep's runs.
    kept : the store they are in.
    study : the name it is kept by there (`study_of`).

    Raises
    ------
    OmemError
        If none finished.
    """
    sweep = expanded.sweep
    arms = {arm: number for number, arm in enumerate(sweep.arms)}
    names = [str(name) for (name,) in kept.rows(f"SELECT DISTINCT name {JOINED}", (study,))]
    if not names:
        raise OmemError(
            f"None of the {sweep.size:,} runs finished, so there is nothing to report. "
            f"Tracebacks are in the table 'runs' of {kept.path}."
        )
    place = {name: number for number, name in enumerate(names)}
    shape = (len(arms), len(sweep.design.points), sweep.replicates, len(names))
    values = np.full(shape, np.nan)
    query = f"SELECT arm, point, members.replicate, name, value {JOINED}"
    for arm, point, replicate, name, value in kept.rows(query, (study,)):
        values[arms[arm], point, replicate, place[name]] = value
    return Swept(sweep, names, values)


JOINED = (
    "FROM members JOIN scalars USING (run) JOIN measures USING (measure) "
    "WHERE members.study = (SELECT study FROM studies WHERE studies.name = ?)"
)
