"""Results of a trial over many towns: the truth, what trialists would report, and their power."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis import estimators
from omemsim.analysis.answers import source_hash
from omemsim.analysis.evidence import (
    event_log,
    field,
    group_doses,
    metrics,
    tactic_trials,
    trial_design,
    trial_units,
)
from omemsim.analysis.evidence.field import (
    DELIVERED,
    HOURS_WITH,
    HOURS_WITHOUT,
    run_trial,
    span,
    units_needed,
)
from omemsim.analysis.evidence.runs import EvidenceRuns, PlannedReading, TownReading, key_of
from omemsim.analysis.evidence.trial_design import ZONES, TrialDesign, windows
from omemsim.inputs.config import Choice, compose_scenario
from omemsim.inputs.lay import check_places
from omemsim.inputs.sources import blueprint_of
from omemsim.present import csv, text
from omemsim.study.statistics import Difference, mean_difference

__all__ = [
    "GROUPS",
    "TrialWindow",
    "delivered_in",
    "found_in",
    "hours_in",
    "in_words",
    "plan_trial",
    "percent",
    "trial_csv",
    "trial_text",
    "trial_words_problems",
    "towns_csv",
]

Floats = NDArray[np.float64]
TRIAL = "trial"
GROUPS = ZONES
# The code that a town's numbers depend on.
SOURCES = (
    *(estimators, event_log, field, group_doses, metrics),
    *(tactic_trials, trial_design, trial_units),
)


@dataclass(frozen=True)
class TrialWindow:
    """One window of a trial.

    Attributes
    ----------
    window : its name; weeks : its ends, counted from the trial's first week.
    truth : by group of `GROUPS`, the difference over towns with common random numbers.
    true, estimates, errors : of each town; changes as shares or, of stocks, differences; an error
        is on the scale of the estimate's own model (a log ratio for counts).
    lows, highs : ends of each town's 95% interval, on the scale of the estimates.
    units : units in the trial; needed : units for 80% power, NaN if no effect is clear.
    """

    window: str
    weeks: tuple[int, int]
    truth: dict[str, Difference]
    true: Floats
    estimates: Floats
    errors: Floats
    lows: Floats
    highs: Floats
    units: int
    needed: float

    @property
    def covers(self) -> float:
        """Return the share of towns whose interval holds that town's truth."""
        return _share((self.lows <= self.true) & (self.true <= self.highs))

    @property
    def detects(self) -> float:
        """Return the share of towns whose interval excludes no effect, on the truth's side."""
        below = (self.highs < 0) & (self.true < 0)
        return _share(below | ((self.lows > 0) & (self.true > 0)))

    @property
    def misleads(self) -> float:
        """Return the share of towns whose interval excludes no effect, on the wrong side."""
        return _share((self.highs < 0) & (self.true >= 0) | (self.lows > 0) & (self.true <= 0))


def _share(flags: NDArray[np.bool_]) -> float:
    return float(flags.mean()) if flags.size else math.nan


def plan_trial(
    design: TrialDesign,
    *,
    town: Choice | None,
    strategy: Choice | None,
    overrides: Sequence[str],
    replicates: int,
) -> EvidenceRuns:
    """Return a reading for each replicate.

    Parameters
    ----------
    design : the trial; checked here.
    town, strategy, overrides : as for `compose_scenario`.
    replicates : simulated towns, each with random numbers of its own.

    Raises
    ------
    InputError
        With all that is wrong.
    """
    design.check()
    named = f", places: [{', '.join(design.place_names)}]" if design.units == "places" else ""
    asked = f"{{what: {design.what}, dose: {design.dose:g}, to: {design.weeks}{named}}}"
    # Composed once with the intervention, so that a dose out of bounds, or a neighbourhood that
    # the town does not have, is refused here.
    tried = compose_scenario(town, strategy, [*overrides, f"interventions=[{asked}]"])
    check_places(tried, blueprint_of(tried.town))
    scenario = compose_scenario(town, strategy, overrides)
    total = design.baseline + 2 * (design.weeks + design.follow)
    code = source_hash(*SOURCES)
    read = partial(run_trial, design)
    cells = [TownReading("default", TRIAL, number) for number in range(replicates)]
    each = {
        cell: PlannedReading(
            cell, scenario, key_of(scenario, cell, code=code, design=design), read, total
        )
        for cell in cells
    }
    return EvidenceRuns(scenario, each)


def trial_words_problems(overrides: Sequence[str]) -> list[str]:
    """Return what is wrong with words beside a trial that its own words say."""
    return [
        f"{word.partition('=')[0]}= does nothing here: the trial's own words say what is "
        "done (what=, dose=), how long (baseline=, weeks=, follow=) and what is measured."
        for word in overrides
        if word.startswith(("years=", "interventions=", "strategy.interventions=", "record."))
    ]


def found_in(design: TrialDesign, work: EvidenceRuns) -> list[TrialWindow]:
    """Return the result of each window in the towns that finished."""
    towns = [values for _, values in sorted(work.values.items())]
    return [_found(design, name, ends, towns) for name, ends in windows(design).items()]


def _found(
    design: TrialDesign, window: str, weeks: tuple[int, int], towns: Sequence[dict[str, float]]
) -> TrialWindow:
    truth = {group: _mean(towns, f"{window} {group}") for group in GROUPS}
    asked = ("treated", "estimate", "error", "units", "clusters")
    names = [f"{window} {name}" for name in asked]
    whole = [[town[name] for name in names] for town in towns if all(x in town for x in names)]
    true, raw, errors, units, clusters = np.array(whole, float).reshape(-1, 5).T
    half = errors * np.array([span(x) for x in clusters])
    ends = [raw, raw - half, raw + half]
    with np.errstate(over="ignore"):  # of few events in few towns: no upper end
        estimates, lows, highs = (np.expm1(x) if design.is_count else x for x in ends)
    mean = truth["treated"].difference
    effect = math.log1p(mean) if design.is_count and mean > -1 else mean
    error = float(np.sqrt(np.mean(errors**2))) if errors.size else math.nan
    many = float(units.mean()) if units.size else 0.0
    return TrialWindow(
        window, weeks, truth, true, estimates, errors, lows, highs, round(many),
        _needed(truth["treated"], effect, error, many),
    )  # fmt: skip


def _needed(truth: Difference, effect: float, error: float, many: float) -> float:
    """Return the units a trial needs; NaN where the truth may be no effect."""
    is_none = truth.n > 1 and truth.low <= 0 <= truth.high
    return math.nan if is_none else units_needed(effect, error, many)


def _mean(towns: Sequence[dict[str, float]], name: str) -> Difference:
    values = [town[name] for town in towns if name in town]
    return mean_difference(values)


def percent(value: float, design: TrialDesign) -> str:
    """Return a change as "-12.3%" or, of a stock, as "+0.012"."""
    if design.is_count:
        return text.signed(100 * value, "%", decimals=1)
    return text.signed(value, decimals=4)


def _interval(value: Difference, design: TrialDesign) -> str:
    if not value.n:
        return "none"
    write = partial(percent, design=design)
    return text.bracketed(value.difference, value.low, value.high, write)


def delivered_in(work: EvidenceRuns) -> float:
    """Return the mean dose that arrived, in effective hours; NaN if a dose is not hours."""
    values = work.numbers("default", TRIAL, DELIVERED)
    return float(np.mean(values)) if values else math.nan


def hours_in(work: EvidenceRuns) -> tuple[float, float]:
    """Return the effective hours a week of the whole town with the treatment, and without."""
    both = (work.numbers("default", TRIAL, name) for name in (HOURS_WITH, HOURS_WITHOUT))
    one, other = (float(np.mean(values)) if values else math.nan for values in both)
    return one, other


def trial_text(design: TrialDesign, found: Sequence[TrialWindow]) -> str:
    """Return the table and what it says in words."""
    head = f"{'window':<16} {'weeks':<9} {'truth at treated units':<28} {'catchment':<28} elsewhere"
    lines = ["The true effect (with against without, same town and random numbers):", head]
    for one in found:
        each = [_interval(one.truth[group], design) for group in GROUPS]
        lines.append(f"{one.window:<16} {_weeks(one):<9} {each[0]:<28} {each[1]:<28} {each[2]}")
    lines += ["", "What a trial in one such town reports (treated against control units):"]
    lines.append(
        f"{'window':<16} {'estimate, mean':<15} {'its 95% interval, typically':<30} "
        f"{'holds the truth':<16} {'finds it':<9} {'misleads':<9} units  needed"
    )
    lines += [_reported(design, one) for one in found]
    return "\n".join([*lines, "", *in_words(design, found)])


def _weeks(one: TrialWindow) -> str:
    return f"{one.weeks[0]}-{one.weeks[1]}"


def _reported(design: TrialDesign, one: TrialWindow) -> str:
    if not one.estimates.size:
        return f"{one.window:<16} could not be estimated in any town"
    ends = [percent(float(np.median(x)), design) for x in (one.lows, one.highs)]
    return (
        f"{one.window:<16} {percent(float(one.estimates.mean()), design):<15} "
        f"{f'{ends[0]} to {ends[1]}':<30} {one.covers:<16.0%} {one.detects:<9.0%} "
        f"{one.misleads:<9.0%} {one.units:<6} {_units(one)}"
    )


def _units(one: TrialWindow) -> str:
    return f"{one.needed:,.0f}" if math.isfinite(one.needed) else "cannot tell"


def in_words(design: TrialDesign, found: Sequence[TrialWindow]) -> list[str]:
    """Return sentences on the treatment's weeks, and the caveats of this design."""
    first = found[0]
    outcome = design.outcome.replace("_", " ")
    if not first.truth["treated"].n:
        return [
            f"No {outcome} befell treated units in any town without the treatment, so there is no "
            "effect to read: take more units, more weeks=, or a more frequent outcome=.",
            *_caveats(design, first),
        ]
    lines = [
        f"While it lasts, the true change of {outcome} at treated units is "
        f"{_interval(first.truth['treated'], design)}."
    ]
    if math.isfinite(first.needed):
        lines.append(
            f"A real trial like this one, with {first.units} units, finds it in "
            f"{first.detects:.0%} of towns; for 80% power (5%, two-sided) it needs about "
            f"{first.needed:,.0f} units."
        )
    else:
        lines.append(
            f"Over {first.truth['treated'].n} towns this may be no effect at all, so no number of "
            "units is given; more replicates= would show."
        )
    lines += _caveats(design, first)
    return lines


def _caveats(design: TrialDesign, first: TrialWindow) -> list[str]:
    lines = []
    if design.assign == "worst":
        lines.append(
            "Treating the worst first is not a randomised trial: they also regress to the mean, "
            "and the estimate adjusts for the baseline only as well as one period measures it."
        )
    if design.units == "places":
        lines.append(
            "Named places were chosen, not drawn: each is compared with the place closest to it in "
            "recorded crime, which is no randomised control."
            if design.place_names
            else "Places chosen for a bad spell regress to the mean, treated and controls alike: "
            "compare the two, not before and after."
        )
    around = first.truth["catchment"]
    if not around.n:
        lines.append(_no_catchment(design))
    if around.n > 1 and not around.low <= 0 <= around.high:
        sort = "displacement" if around.difference > 0 else "diffusion of benefits"
        if design.is_count:
            lines.append(f"The catchment shows {sort}: control units nearby are not untouched.")
        else:
            lines.append("Control units nearby are not untouched.")
    return lines


def _no_catchment(design: TrialDesign) -> str:
    if design.units == "places" and design.radius > 0:
        return (
            f"No other place lies within radius={design.radius:g} m of the treated, so nothing is "
            "said of a catchment: make radius= larger, or leave it out for the places next to them."
        )
    return "The treated have no catchment with any outcome, so nothing is said of one."


COLUMNS = (
    *("window", "first_week", "last_week", "outcome", "truth", "truth_low", "truth_high"),
    *("catchment", "catchment_low", "catchment_high", "elsewhere", "elsewhere_low"),
    *("elsewhere_high", "estimate_mean", "standard_error", "covers", "detects", "misleads"),
    *("units", "units_needed", "towns"),
)


def trial_csv(design: TrialDesign, found: Sequence[TrialWindow]) -> str:
    """Return a row per window; a missing number is an empty cell."""
    rows = []
    for one in found:
        row: dict[str, object] = {
            "window": one.window,
            "first_week": one.weeks[0],
            "last_week": one.weeks[1],
            "outcome": design.outcome,
        }
        for name, group in (("truth", "treated"), ("catchment",) * 2, ("elsewhere",) * 2):
            mean = one.truth[group]
            ends = (mean.difference, mean.low, mean.high)
            names = (name, f"{name}_low", f"{name}_high")
            row |= dict(zip(names, map(csv.cell, ends), strict=True))
        error = float(np.sqrt(np.mean(one.errors**2))) if one.errors.size else math.nan
        mean_estimate = float(one.estimates.mean()) if one.estimates.size else math.nan
        row |= {"estimate_mean": csv.cell(mean_estimate), "standard_error": csv.cell(error)}
        row |= {name: csv.cell(getattr(one, name)) for name in ("covers", "detects", "misleads")}
        row |= {"units": one.units, "units_needed": csv.cell(one.needed), "towns": one.true.size}
        rows.append(row)
    return csv.of_records(rows, COLUMNS)


def towns_csv(found: Sequence[TrialWindow]) -> str:
    """Return a row per window and town: the truth there, and what its trialist reports."""
    columns = ("window", "town", "truth", "estimate", "low", "high", "standard_error")
    rows = [
        dict(zip(columns, (one.window, k, *map(csv.cell, map(float, each))), strict=True))
        for one in found
        for k, each in enumerate(
            zip(one.true, one.estimates, one.lows, one.highs, one.errors, strict=True)
        )
    ]
    return csv.of_records(rows, columns)
