"""A trial week by week, and its displacement: what the runs say together, as rows.

Effects in a zone are those of the town with the intervention against the same town without it. A
week holds few events, so that counts are summed over towns before they are compared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from omemsim.analysis.estimators import ratio_change
from omemsim.analysis.evidence.runs import EvidenceRuns
from omemsim.analysis.evidence.trial_design import ZONES, TrialDesign, windows
from omemsim.present import csv, text
from omemsim.study.statistics import Difference, mean_difference

__all__ = [
    "DISPLACEMENT_COLUMNS",
    "WEEK_COLUMNS",
    "Displacement",
    "WeekEffect",
    "displacement_csv",
    "displacement_in",
    "displacement_text",
    "effect_of",
    "weeks_csv",
    "weeks_in",
]

Towns = Sequence[dict[str, float]]


@dataclass(frozen=True)
class WeekEffect:
    """The effect in one zone in one week.

    Attributes
    ----------
    week : from the trial's first, 0; phase : during or after.
    zone : treated, catchment or elsewhere.
    treated, control : the outcome with and without the intervention, mean over towns.
    effect, low, high : change as a share or, of a stock, difference, with a 95% interval.
    towns : replicates.
    """

    week: int
    phase: str
    zone: str
    treated: float
    control: float
    effect: float
    low: float
    high: float
    towns: int


WEEK_COLUMNS = (
    *("week", "phase", "zone", "outcome", "mean_with", "mean_without", "effect"),
    *("effect_low", "effect_high", "towns"),
)


def effect_of(
    design: TrialDesign, treated: Sequence[float], control: Sequence[float]
) -> tuple[float, float, float]:
    """Return an effect over towns with the ends of its 95% interval.

    Parameters
    ----------
    design : says whether the outcome is counted.
    treated, control : the outcome in each town with and without the intervention.
    """
    one, other = (np.asarray(values, float) for values in (treated, control))
    if design.is_count:
        return ratio_change(one, other)
    found = mean_difference(one - other)
    return found.difference, found.low, found.high


def weeks_in(design: TrialDesign, work: EvidenceRuns) -> list[WeekEffect]:
    """Return a row per zone and week, in the towns that finished."""
    towns = [values for _, values in sorted(work.values.items())]
    return [
        _week(design, towns, zone, week)
        for zone in ZONES
        for week in range(design.weeks + design.follow)
    ]


def _week(design: TrialDesign, towns: Towns, zone: str, week: int) -> WeekEffect:
    names = [f"week {week} {zone} {name}" for name in ("with", "without")]
    pairs = [[town[x] for x in names] for town in towns if all(x in town for x in names)]
    one, other = np.array(pairs, float).reshape(-1, 2).T
    effect, low, high = effect_of(design, one.tolist(), other.tolist())
    treated, control = (float(x.mean()) if x.size else math.nan for x in (one, other))
    phase = "during" if week < design.weeks else "after"
    return WeekEffect(week, phase, zone, treated, control, effect, low, high, len(pairs))


def weeks_csv(design: TrialDesign, found: Sequence[WeekEffect]) -> str:
    """Return a row per zone and week; a missing number is an empty cell."""
    numbers = ("treated", "control", "effect", "low", "high")
    rows = [
        (
            *(one.week, one.phase, one.zone, design.outcome),
            *(csv.cell(getattr(one, name)) for name in numbers),
            one.towns,
        )
        for one in found
    ]
    return csv.of_rows(WEEK_COLUMNS, rows)


@dataclass(frozen=True)
class Displacement:
    """Whether what a window gained was lost, or gained again, near by.

    Attributes
    ----------
    window : its name; weeks : its ends; runs : towns.
    told : runs in which the trial can tell displacement, and diffusion, from chance.
    true : runs in which, against the same town without the intervention, the treated fell and the
        catchment rose, and fell.
    quotients, true_quotients : weighted displacement quotient of each run that has one.
    catchment : change of the catchment against the controls that trials report, as a share.
    """

    window: str
    weeks: tuple[int, int]
    runs: int
    told: tuple[int, int]
    true: tuple[int, int]
    quotients: tuple[float, ...]
    true_quotients: tuple[float, ...]
    catchment: Difference

    @property
    def not_told(self) -> int:
        """Return in how many runs a trial can tell neither."""
        return self.runs - sum(self.told)

    @property
    def true_neither(self) -> int:
        """Return in how many runs the treated did not fall, or the catchment did not change."""
        return self.runs - sum(self.true)


DISPLACEMENT_COLUMNS = (
    *("window", "first_week", "last_week", "outcome", "runs"),
    *("displacement_told", "diffusion_told", "neither_told"),
    *("true_displacement", "true_diffusion", "true_neither"),
    *("quotient_median", "quotient_lower_quartile", "quotient_upper_quartile"),
    *("true_quotient_median", "true_quotient_lower_quartile", "true_quotient_upper_quartile"),
    *("catchment_estimate", "catchment_estimate_low", "catchment_estimate_high"),
)


def displacement_in(design: TrialDesign, work: EvidenceRuns) -> list[Displacement]:
    """Return a row per window; none of a stock, or without a catchment."""
    towns = [values for _, values in sorted(work.values.items())]
    if not design.is_count:
        return []
    found = [_displacement(name, ends, towns) for name, ends in windows(design).items()]
    return [one for one in found if one.runs]


def _displacement(name: str, ends: tuple[int, int], towns: Towns) -> Displacement:
    def known(key: str) -> list[float]:
        return [town[f"{name} {key}"] for town in towns if f"{name} {key}" in town]

    displaced, diffused = known("displaced"), known("diffused")
    true = known("true quotient")
    return Displacement(
        window=name,
        weeks=ends,
        runs=len(displaced),
        told=(int(sum(displaced)), int(sum(diffused))),
        true=(sum(x < 0 for x in true), sum(x > 0 for x in true)),
        quotients=tuple(known("quotient")),
        true_quotients=tuple(true),
        catchment=mean_difference(np.expm1(known("catchment estimate"))),
    )


def _quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return median, lower and upper quartile: a quotient may be divided by next to nothing."""
    if not values:
        return math.nan, math.nan, math.nan
    middle, low, high = np.quantile(values, [0.5, 0.25, 0.75]).tolist()
    return middle, low, high


def displacement_csv(design: TrialDesign, found: Sequence[Displacement]) -> str:
    """Return a row per window; a missing number is an empty cell."""
    rows = [
        (
            *(one.window, *one.weeks, design.outcome, one.runs),
            *(*one.told, one.not_told, *one.true, one.true_neither),
            *map(csv.cell, _quartiles(one.quotients)),
            *map(csv.cell, _quartiles(one.true_quotients)),
            *map(csv.cell, (one.catchment.difference, one.catchment.low, one.catchment.high)),
        )
        for one in found
    ]
    return csv.of_rows(DISPLACEMENT_COLUMNS, rows)


def displacement_text(found: Sequence[Displacement]) -> str:
    """Return what became of the catchment, by window, as a table; nothing of a stock."""
    if not found:
        return ""
    lines = [
        "Displacement and diffusion, in how many runs (quotient: Bowers & Johnson 2003; above 0 is",
        "diffusion, below 0 displacement; only where the treated fell against the controls):",
        f"{'window':<16} {'a trial tells of displacement/diffusion/neither':<49} "
        f"{'true ones':<14} true quotient, median [quartiles]",
    ]
    for one in found:
        says = f"{one.told[0]}/{one.told[1]}/{one.not_told}"
        truly = f"{one.true[0]}/{one.true[1]}/{one.true_neither}"
        middle, low, high = _quartiles(one.true_quotients)
        write = partial(text.signed, decimals=2)
        quotient = text.bracketed(middle, low, high, write) if one.true_quotients else "none"
        lines.append(f"{one.window:<16} {says:<49} {truly:<14} {quotient}")
    return "\n".join(lines)
