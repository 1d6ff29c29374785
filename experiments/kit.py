"""What the numbered experiments share: their size, arms, and how paired towns are read.

OMEMSIM_EXPERIMENTS=tiny makes every town tiny, for tests; nothing true can be read off those.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from kit_drawing import FIGURES, cloud, dots, lines
from kit_effect import Effect, Floats
from numpy.typing import NDArray

import omemsim as om

__all__ = [
    "FIGURES",
    "REPORTED",
    "Effect",
    "arm",
    "by_year",
    "cloud",
    "done",
    "dots",
    "effect",
    "less_base",
    "lines",
    "over",
    "ranked",
    "report",
    "size",
    "within",
]

Bools = NDArray[np.bool_]

IS_TINY = os.environ.get("OMEMSIM_EXPERIMENTS") == "tiny"
WEEKS_PER_YEAR = 52

# Of the scripts that ran in this process: a line each, for the end of `make experiments`.
REPORTED: list[str] = []


def size(replicates: int, years: float = 5, **more: Any) -> dict[str, Any]:
    """Return how large an experiment is, for `om.compare` and `om.sweep`: the town ``small``."""
    if not IS_TINY:
        return {"town": "small", "years": years, "replicates": replicates, **more}
    town = {"base": "small", "residents": 240, "neighbourhoods": 4}
    overrides = {"spin_up_years": 0.1, **more.pop("overrides", {})}
    tiny = {"town": town, "replicates": 2, "overrides": overrides, "workers": 1}
    return {**tiny, "years": years, **more}


def effect(
    found: om.Comparison,
    strategy: str,
    measure: str,
    *,
    base: str = "",
    label: str = "",
    digits: int = 1,
) -> Effect:
    """Return the paired difference of two strategies in a measure of the last year.

    Parameters
    ----------
    found : has run both.
    strategy, base : what is read less what it is compared with, by default the baseline.
    measure : its name (``omemsim describe measures``).
    label : what a figure calls it; by default the two names.
    digits : decimals shown.
    """
    base = base or found.baseline
    runs = found.runs_table()
    runs = runs[runs.measure == measure]
    unit = runs.unit.iloc[0]
    by_town = runs.pivot(index="replicate", columns="strategy", values="value")
    values = (by_town[strategy] - by_town[base]).dropna().to_numpy()
    return Effect(label or f"{strategy}\nless {base}", values, unit, digits)


def by_year(
    found: om.Comparison, strategy: str, measure: str, years: Sequence[int], digits: int = 1
) -> list[Effect]:
    """Return the difference of a strategy from the baseline in a measure of each of these years."""
    at, values = town_series(found, strategy, measure)
    change = values - town_series(found, found.baseline, measure)[1]
    unit = effect(found, strategy, measure).unit
    return [Effect(f"year {y}", over(at, change, y - 1, y), unit, digits) for y in years]


def done(what: str, where: str, dose: float, *, first: int = 0, last: int = 5200) -> dict[str, Any]:
    """Return an intervention of a strategy: hours a week per 1,000 residents, from week to week."""
    return {"what": what, "where": [where], "dose": float(dose), "from": first, "to": last}


def arm(name: str, *interventions: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return present practice with trained officers, and what an experiment changes in it."""
    base = {"base": "present_practice", "name": name, "training": 0.02}
    return {**base, "interventions": list(interventions), **changed}


def ranked(found: om.Comparison, measure: str, part: float, *, highest: bool = True) -> Bools:
    """Return which neighbourhoods of each town, (n, N), are the highest in a measure at week 0.

    Parameters
    ----------
    found : whose baseline is read.
    measure : its name.
    part : share of neighbourhoods chosen.
    highest : the highest of them, or the lowest.
    """
    runs = [found.series(found.baseline, one) for one in found.finished(found.baseline)]
    start = np.array([run.values[measure][0] for run in runs])
    place = (-start if highest else start).argsort(axis=1, kind="stable").argsort(axis=1)
    return np.asarray(place < max(round(part * start.shape[1]), 1))


def within(
    found: om.Comparison, strategy: str, measure: str, chosen: Bools
) -> tuple[Floats, Floats]:
    """Return years (T,) and the mean over chosen neighbourhoods (n, N) of each town, (n, T)."""
    runs = [found.series(strategy, replicate) for replicate in found.finished(strategy)]
    values = [
        run.values[measure][:, are].mean(axis=1) for run, are in zip(runs, chosen, strict=True)
    ]
    return runs[0].weeks / WEEKS_PER_YEAR, np.array(values)


def less_base(
    found: om.Comparison, measure: str, chosen: Bools | None = None
) -> tuple[Floats, dict[str, Floats]]:
    """Return years (T,), and by strategy its (n, T) values less the baseline's.

    Parameters
    ----------
    found : has run them.
    measure : its name.
    chosen : neighbourhoods to read, (n, N); None is the whole town.
    """
    values = {}
    for name in found.strategies:
        read = town_series(found, name, measure) if chosen is None else None
        years, values[name] = read or within(found, name, measure, chosen)
    base = values.pop(found.baseline)
    return years, {name: one - base for name, one in values.items()}


def over(years: Floats, values: Floats, first: float, last: float) -> Floats:
    """Return the mean of (n, T) values over the records after ``first``, up to ``last`` years."""
    return np.asarray(values[:, (years > first) & (years <= last)].mean(axis=1))


def town_series(found: om.Comparison, strategy: str, measure: str) -> tuple[Floats, Floats]:
    """Return the years (T,) of records, and the whole town's value in them, (n, T)."""
    runs = [found.series(strategy, replicate) for replicate in found.finished(strategy)]
    values = np.array([run.town_value(measure) for run in runs])
    return runs[0].weeks / WEEKS_PER_YEAR, values


def report(finding: str, *effects: Effect) -> None:
    """Print what was found: the finding, each effect with its interval, and how sure it is."""
    print(f"\n{finding}.")
    for one in effects:
        label = one.label.replace("\n", " ")
        print(f"  {label}: {one} {one.unit} ({one.sure})")
    print("  Intervals are of chance alone: parameters that are assumed can move it more.")
    REPORTED.append(f"{finding}: {effects[0]} {effects[0].unit} ({effects[0].sure}).")
