"""A randomised trial inside the model: what it would find, and what is true.

The town first runs under its present policing for a baseline. Then units are assigned, and the town
is run twice with the same random numbers, with the intervention and without it. The two runs differ
by the intervention alone: that is the *truth*. A real trial has one town, in which it compares
treated and control units; its *estimate* and standard error are computed there as a trialist would:
log-linear regression of counts (for stocks a linear one) on treatment and baseline, with robust
standard errors (Huber-White), clustered by neighbourhood where units are places.

Doses go to neighbourhoods, and within them police choose the places: units=places measures at the
tenth of places known as worst when the trial begins, in treated and in control neighbourhoods, and
requires an intervention that acts at places. A dose for single, named places cannot be requested.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from omemsim.analysis.estimators import poisson_regression
from omemsim.analysis.evidence.event_log import police_of
from omemsim.analysis.evidence.tactic_trials import change, hot_spots_of, near_places
from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.schedule import Intervention, Work
from omemsim.simulation import Simulation
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError, nearest
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import FIRST_PROJECT, Crime, Origin

__all__ = [
    "ASSIGN",
    "DELIVERED",
    "LONGEST",
    "SPANS",
    "AT_PLACES",
    "OUTCOMES",
    "POWER",
    "STOCKS",
    "UNITS",
    "TrialDesign",
    "Fit",
    "ancova",
    "assign",
    "run_trial",
    "span",
    "units_needed",
    "windows",
]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
UNITS = ("neighbourhoods", "places")
ASSIGN = ("random", "pairs", "worst")
AT_PLACES = (
    "patrol",
    "targeted_enforcement",
    "problem_oriented_policing",
    "initiate_problem_solving",
    "lighting",
)
POWER, LEVEL = 0.8, 0.95
SOON = 13  # weeks after the end that are looked at by themselves
DELIVERED = "dose delivered"
SPANS = {"baseline": 4, "weeks": 1, "follow": 0}  # and how many weeks each is at least
LONGEST = 1040  # weeks of a span
FEWEST = 4  # units: fewer leave no standard error


def _incidents(town: Town, recorded: float) -> Any:
    del recorded
    return town.incidents.place[town.incidents.victim >= 0]


def _crime(town: Town, recorded: float) -> Any:
    del recorded
    return town.incidents.place


def _violence(town: Town, recorded: float) -> Any:
    del recorded
    return town.incidents.place[town.incidents.type == Crime.VIOLENCE]


def _reported(town: Town, recorded: float) -> Any:
    is_reported, _, _ = police_of(town.incidents.event, town.calls, recorded)
    return town.incidents.place[is_reported]


def _recorded(town: Town, recorded: float) -> Any:
    _, _, is_recorded = police_of(town.incidents.event, town.calls, recorded)
    return town.incidents.place[is_recorded]


def _public_calls(town: Town, recorded: float) -> Any:
    del recorded
    return town.calls.place[town.calls.origin == Origin.PUBLIC]


# Counts: where this week's events were, a place each.
OUTCOMES: dict[str, Callable[[Town, float], Any]] = {
    "victimization": _incidents,
    "crime": _crime,
    "violence": _violence,
    "reported_crime": _reported,
    "recorded_crime": _recorded,
    "public_calls": _public_calls,
}
STOCKS = ("trust", "fear", "efficacy", "vigilance")  # means of a neighbourhood's residents


@dataclass(frozen=True)
class TrialDesign:
    """The design of a trial.

    Attributes
    ----------
    what, dose : as of an intervention; doses are per week and 1,000 residents 15+, or shares.
    units : of `UNITS`; share : of neighbourhoods that are treated, in (0, 1).
    assign : random; pairs, matched by baseline outcome, one of each at random; worst, those with
        the highest baseline outcome per resident, as practice often does.
    baseline, weeks, follow : weeks before, of treatment, and after it.
    outcome : of `OUTCOMES` or, for neighbourhoods, `STOCKS`.
    """

    what: str = "targeted_enforcement"
    dose: float = 4.0
    units: str = "neighbourhoods"
    share: float = 0.5
    assign: str = "random"
    baseline: int = WEEKS_PER_YEAR
    weeks: int = WEEKS_PER_YEAR // 2
    follow: int = WEEKS_PER_YEAR
    outcome: str = "victimization"

    @property
    def is_count(self) -> bool:
        """Return whether the outcome is a number of events."""
        return self.outcome in OUTCOMES

    def check(self) -> None:
        """Check all of it.

        Raises
        ------
        InputError
            With everything that is wrong.
        """
        known = {
            "what": ([x.name.lower() for x in Work], self.what),
            "units": (UNITS, self.units),
            "assign": (ASSIGN, self.assign),
            "outcome": ((*OUTCOMES, *STOCKS), self.outcome),
        }
        problems = [
            f"{key} = {value!r}: must be one of {', '.join(names)}.{nearest(value, names)}"
            for key, (names, value) in known.items()
            if value not in names
        ]
        if not 0 < self.share < 1:
            problems.append(f"share = {self.share:g}: must be between 0 and 1, as 0.5.")
        if self.assign == "pairs" and self.share != 0.5:
            problems.append("assign=pairs treats one of two: leave share= out, or share=0.5.")
        problems += self._place_problems()
        if problems:
            raise InputError(*problems)

    def _place_problems(self) -> list[str]:
        if self.units != "places":
            return []
        problems = []
        if self.what not in AT_PLACES:
            problems.append(
                f"units=places: {self.what} acts on a whole neighbourhood, not at places; these "
                f"act at places: {', '.join(AT_PLACES)}. Or units=neighbourhoods."
            )
        if self.outcome in STOCKS:
            problems.append(
                f"units=places: {self.outcome} is known by neighbourhood; at places one counts "
                f"{', '.join(OUTCOMES)}."
            )
        return problems


def windows(design: TrialDesign) -> dict[str, tuple[int, int]]:
    """Return the spans of weeks that are measured, from the trial's first week: name -> ends."""
    found = {"during": (0, design.weeks)}
    end = design.weeks + design.follow
    if design.follow > SOON:
        found[f"{SOON} weeks after"] = (design.weeks, design.weeks + SOON)
        found["later"] = (design.weeks + SOON, end)
    elif design.follow:
        found["after"] = (design.weeks, end)
    return found


def run_trial(
    design: TrialDesign, scenario: Scenario, start: Town, replicate: int
) -> dict[str, float]:
    """Return what the trial finds and what is true in one town, by window.

    Parameters
    ----------
    design : the trial.
    scenario : the town and its present policing.
    start : the town in week 0; it is left as it is.
    replicate : which random numbers, that of ``start``.
    """
    blueprint = blueprint_of(scenario.town)
    town, (before,), _ = _series(scenario, start, replicate, design, [design.baseline])
    treated = assign(design, town, before, replicate)
    spans = [b - a for a, b in windows(design).values()]
    done = _with(scenario, design, blueprint, treated, town.week)
    _, one, hours = _series(done, town, replicate, design, spans)
    _, other, _ = _series(scenario, town, replicate, design, spans)
    spots = hot_spots_of(town, np.arange(treated.size), scenario.parameters.act.worst_share)
    values = _findings(design, town, treated, spots, before, (one, other))
    return values | _delivered(design, town, treated, hours)


def _delivered(design: TrialDesign, town: Town, treated: Bools, hours: Floats) -> dict[str, float]:
    """Return the effective hours a week per 1,000 residents 15+ that treated areas had."""
    kind = Work[design.what.upper()]
    if kind >= FIRST_PROJECT:
        return {}
    people = town.neighbourhoods.residents[treated].sum()
    return {DELIVERED: float(1000 * hours[treated, kind].sum() / people)}


def _with(
    scenario: Scenario, design: TrialDesign, blueprint: Blueprint, treated: Bools, week: int
) -> Scenario:
    """Return the scenario with the intervention where it is to be."""
    where = [blueprint.ids[n] for n in np.flatnonzero(treated)]
    done = Intervention(Work[design.what.upper()], where, week, week + design.weeks, design.dose)
    strategy = scenario.strategy
    more = replace(strategy, interventions=[*strategy.interventions, done])
    return replace(scenario, strategy=more)


def _series(
    scenario: Scenario, start: Town, replicate: int, design: TrialDesign, spans: list[int]
) -> tuple[Town, list[Floats], Floats]:
    """Return the town at the end, the outcome in each span of weeks, and mean hours in the first.

    Outcomes are counts by place or, of stocks, means by neighbourhood; hours are effective ones a
    week, by neighbourhood and tactic.
    """
    long = replace(scenario, years=sum(spans) / WEEKS_PER_YEAR)
    model = Simulation(long, replicate, start.copy())
    town, share = model.town, model.parameters.reporting.recorded
    found: list[Floats] = []
    hours = np.zeros_like(town.neighbourhoods.hours)
    for weeks in spans:
        rows = len(town.places) if design.is_count else len(town.neighbourhoods)
        total = np.zeros(rows)
        for _ in range(weeks):
            model.step()
            if not found:
                hours += town.neighbourhoods.hours / weeks
            if design.is_count:
                total += np.bincount(OUTCOMES[design.outcome](town, share), minlength=rows)
            else:
                total += getattr(town.neighbourhoods, design.outcome) / weeks
        found.append(total)
    return town, found, hours


def _by_hood(design: TrialDesign, town: Town, values: Floats) -> Floats:
    """Return the outcome by neighbourhood."""
    if not design.is_count:
        return values
    hood, n = town.places.neighbourhood, len(town.neighbourhoods)
    return np.asarray(np.bincount(hood, weights=values, minlength=n), float)


def assign(design: TrialDesign, town: Town, before: Floats, replicate: int) -> Bools:
    """Return which neighbourhoods are treated.

    Parameters
    ----------
    design : how units are assigned, and how many.
    town : at the end of the baseline; it is only read.
    before : the baseline's outcome, by place or, of stocks, by neighbourhood.
    replicate : each has a draw of its own.

    Raises
    ------
    InputError
        If the town has too few neighbourhoods for a trial.
    """
    n = len(town.neighbourhoods)
    if n < FEWEST:
        raise InputError(f"A trial needs {FEWEST} neighbourhoods or more; the town has {n}.")
    rng = np.random.default_rng([1201, replicate])
    rate = _by_hood(design, town, before)
    if design.is_count:
        rate = rate / town.neighbourhoods.residents
    treated = np.zeros(n, bool)
    order = np.argsort(-rate, kind="stable")
    if design.assign == "pairs":
        for first in range(0, n - 1, 2):
            treated[order[first + int(rng.integers(2))]] = True
        return treated
    many = min(max(round(design.share * n), 1), n - 1)
    treated[order[:many] if design.assign == "worst" else rng.permutation(n)[:many]] = True
    return treated


def _findings(
    design: TrialDesign,
    town: Town,
    treated: Bools,
    spots: Bools,
    before: Floats,
    both: tuple[list[Floats], list[Floats]],
) -> dict[str, float]:
    """Return numbers by window: the truth in three sorts of places, estimate, its error, units."""
    groups = _groups(design, town, treated, spots)
    values: dict[str, float] = {}
    for k, name in enumerate(windows(design)):
        one, other = both[0][k], both[1][k]
        for group, rows in groups.items():
            values[f"{name} {group}"] = _effect(design, one[rows], other[rows])
        fit = _estimated(design, town, treated, spots, before, one)
        values |= {f"{name} estimate": fit.estimate, f"{name} error": fit.error}
        values |= {f"{name} units": float(fit.n), f"{name} clusters": float(fit.clusters)}
    return values


def _effect(design: TrialDesign, one: Floats, other: Floats) -> float:
    """Return the change as a share of what would have been or, of a stock, the difference."""
    if design.is_count:
        return change(float(one.sum()), float(other.sum()))
    return float(one.mean() - other.mean()) if one.size else float("nan")


def _groups(design: TrialDesign, town: Town, treated: Bools, spots: Bools) -> dict[str, Bools]:
    """Return which rows are treated, in the catchment, and elsewhere.

    Rows are places where the outcome is counted, neighbourhoods where it is a stock. The catchment
    are adjoining neighbourhoods that are not treated, or places near to treated ones.
    """
    if design.units == "places":
        mine = spots & treated[town.places.neighbourhood]
        around = near_places(town, mine) & ~spots
        return {"treated": mine, "catchment": around, "elsewhere": ~mine & ~around}
    around = np.zeros(treated.size, bool)
    for n in np.flatnonzero(treated):
        around[town.adjoining[town.start[n] : town.start[n + 1]]] = True
    groups = {"treated": treated, "catchment": around & ~treated, "elsewhere": ~around & ~treated}
    if design.is_count:
        hood = town.places.neighbourhood
        groups = {name: rows[hood] for name, rows in groups.items()}
    return groups


@dataclass(frozen=True)
class Fit:
    """What a trial reports: the effect (a log ratio for counts), its standard error, units.

    ``clusters`` is how many the error is clustered by.
    """

    estimate: float
    error: float
    n: int
    clusters: int


def _estimated(
    design: TrialDesign, town: Town, treated: Bools, spots: Bools, before: Floats, after: Floats
) -> Fit:
    """Return what the trialist finds in the run with the intervention."""
    if design.units == "places":
        hood = town.places.neighbourhood[spots]
        return ancova(
            after[spots], before[spots], treated[hood], np.ones(hood.size), groups=hood, count=True
        )
    exposure = town.neighbourhoods.residents.astype(float)
    return ancova(
        _by_hood(design, town, after),
        _by_hood(design, town, before),
        treated,
        exposure,
        groups=np.arange(treated.size),
        count=design.is_count,
    )


def ancova(
    after: Floats,
    before: Floats,
    treated: Bools,
    exposure: Floats,
    *,
    groups: NDArray[Any],
    count: bool,
) -> Fit:
    """Return the effect of treatment, baseline held equal, with a clustered robust error.

    Parameters
    ----------
    after, before : outcome of each unit (n,).
    treated : bool (n,).
    exposure : (n,), residents; counts are per unit of it.
    groups : (n,), cluster of each unit.
    count : log-linear (Poisson) regression on the log of baseline plus a half, or linear.
    """
    many = np.unique(groups).size
    if after.size < FEWEST or treated.all() or not treated.any() or (count and after.sum() == 0):
        return Fit(math.nan, math.nan, after.size, many)
    level = np.log((before + 0.5) / exposure) if count else before
    design = np.column_stack([np.ones(after.size), treated.astype(float), level - level.mean()])
    if count:
        beta = poisson_regression(after, design, exposure)
        mean = exposure * np.exp(design @ beta)
        weight = mean
    else:
        beta = np.linalg.lstsq(design, after, rcond=None)[0]
        mean, weight = design @ beta, np.ones(after.size)
    error = _robust(design, after - mean, weight, groups)
    return Fit(float(beta[1]), error, after.size, many)


def _robust(design: Floats, residual: Floats, weight: Floats, groups: NDArray[Any]) -> float:
    """Return the sandwich standard error of the second coefficient, few clusters corrected."""
    bread = np.linalg.pinv(design.T @ (weight[:, None] * design))
    _, row = np.unique(groups, return_inverse=True)
    many = int(row.max()) + 1
    sums = np.zeros((many, design.shape[1]))
    np.add.at(sums, row, design * residual[:, None])
    cover = bread @ (sums.T @ sums) @ bread
    return float(math.sqrt(max(cover[1, 1], 0.0) * many / max(many - design.shape[1], 1)))


def span(clusters: float) -> float:
    """Return the standard errors on either side of an estimate in its 95% interval (Student's t).

    A constant, treatment and baseline are estimated from ``clusters`` independent sums.
    """
    return float(stats.t.ppf((1 + LEVEL) / 2, max(clusters - 3, 1)))


def units_needed(effect: float, error: float, n: float) -> float:
    """Return how many units a trial like this needs for 80% power at 5%, two-sided.

    Parameters
    ----------
    effect : on the scale of the estimate: a log ratio, or a difference.
    error : the standard error with ``n`` units; it falls with their square root.
    n : units, above 0.
    """
    if not (math.isfinite(effect) and math.isfinite(error)) or effect == 0:
        return math.nan
    wanted = float(stats.norm.ppf((1 + LEVEL) / 2) + stats.norm.ppf(POWER))
    return float(math.ceil(n * (wanted * error / abs(effect)) ** 2))
