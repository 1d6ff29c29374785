"""A randomised trial inside the model: what it would find, and what is true.

The town first runs under its present policing for a baseline. Then units are assigned, and the town
is run twice with the same random numbers, with the intervention and without it. The two runs differ
by the intervention alone: that is the *truth*. A real trial has one town, in which it compares
treated and control units; its *estimate* and standard error are computed there as a trialist would:
log-linear regression of counts (for stocks a linear one) on treatment and baseline, with robust
standard errors (Huber-White), clustered by neighbourhood or, in groups, by household.

Units are neighbourhoods, single places (named ones, or the worst of the whole town), or residents
of a group (`trial_units`). Effects are read week by week in three zones: at treated units, in their
catchment, and elsewhere. Whether what is gained at treated units is lost around them is read as in
the field, by the weighted displacement quotient (Bowers & Johnson 2003), in every run by itself.

Hours are moved or added. Moved ones come out of what the service has, before the mix, so that
everything else gets less, pro rata, everywhere; added ones come on top of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from omemsim.analysis.estimators import (
    displacement_quotient,
    log_ratio_of_ratios,
    poisson_regression,
)
from omemsim.analysis.evidence.event_log import police_of
from omemsim.analysis.evidence.group_doses import dose_members
from omemsim.analysis.evidence.tactic_trials import change
from omemsim.analysis.evidence.trial_design import FEWEST, OF_HOURS, ZONES, TrialDesign, windows
from omemsim.analysis.evidence.trial_units import (
    TrialUnits,
    member_rows,
    units_of_group,
    units_of_places,
)
from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.lay import place_id
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.schedule import Clamp, Intervention, Work
from omemsim.simulation import Simulation
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import FIRST_PROJECT, Crime, Origin

__all__ = [
    "DELIVERED",
    "HOURS_WITH",
    "HOURS_WITHOUT",
    "POWER",
    "Fit",
    "ancova",
    "assign",
    "run_trial",
    "span",
    "told",
    "units_needed",
]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
POWER, LEVEL = 0.8, 0.95
DELIVERED = "dose delivered"
HOURS_WITH, HOURS_WITHOUT = "hours with", "hours without"  # effective, a week, of the town
ASSIGNING = 1201  # stream of who is treated


@dataclass(frozen=True)
class WeekEvents:
    """Events of a week: where each was, and whom it concerns (-1 nobody)."""

    place: NDArray[Any]
    resident: NDArray[Any]


def events_of(outcome: str, town: Town, recorded: float) -> WeekEvents:
    """Return this week's events of an outcome.

    Parameters
    ----------
    outcome : of `OUTCOMES`.
    town : after the week.
    recorded : share of reported crime that police record (`reporting.recorded`).
    """
    if outcome == "public_calls":
        mine = town.calls.origin == Origin.PUBLIC
        return WeekEvents(town.calls.place[mine], town.calls.caller[mine])
    crimes = town.incidents
    if outcome == "victimization":
        mine = crimes.victim >= 0
    elif outcome == "violence":
        mine = crimes.type == Crime.VIOLENCE
    elif outcome == "crime":
        mine = np.ones(len(crimes), bool)
    else:
        is_reported, _, is_recorded = police_of(crimes.event, town.calls, recorded)
        mine = is_reported if outcome == "reported_crime" else is_recorded
    return WeekEvents(crimes.place[mine], crimes.victim[mine])


@dataclass
class Watched:
    """What a run of some weeks leaves.

    Attributes
    ----------
    town : at the end.
    spans : the outcome by row in each span of weeks: counts, or means of stocks.
    weekly : (weeks,) by zone, counts or means.
    hours : effective hours a week by neighbourhood and tactic, mean over the first span.
    given : effective hours a week at single places, all together, mean over the first span.
    recorded : (places,), crimes recorded in the last weeks that rank places.
    hit_week : (residents,), week in which each last was a victim; -1 never.
    """

    town: Town
    spans: list[Floats]
    weekly: dict[str, list[float]]
    hours: Floats
    given: float
    recorded: Floats
    hit_week: NDArray[np.int64]


@dataclass(frozen=True)
class Assigned:
    """Who is treated: units by row of the outcome, and the neighbourhoods if they are the units."""

    units: TrialUnits
    hoods: Bools | None = None
    tenancy: NDArray[Any] | None = None  # of residents, when the trial began


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
    earlier = _watch(scenario, start, replicate, design, [design.baseline])
    town, before = earlier.town, earlier.spans[0]
    acute = scenario.parameters.partner.acute
    assigned = _assigned(design, earlier, blueprint, acute, replicate)
    spans = [b - a for a, b in windows(design).values()]
    done = _with(scenario, design, blueprint, assigned, town)
    one = _watch(done, town, replicate, design, spans, assigned, is_treated=True)
    other = _watch(scenario, town, replicate, design, spans, assigned)
    values = _findings(design, town, assigned, before, (one.spans, other.spans))
    values |= _weekly(one, other) | _delivered(design, town, assigned, one)
    values |= {HOURS_WITH: float(one.hours.sum()), HOURS_WITHOUT: float(other.hours.sum())}
    return values


def _assigned(
    design: TrialDesign, earlier: Watched, blueprint: Blueprint, acute: float, replicate: int
) -> Assigned:
    """Return who is treated, drawn at the end of the baseline."""
    town, before = earlier.town, earlier.spans[0]
    if design.units == "neighbourhoods":
        return _of_hoods(design, town, assign(design, town, before, replicate))
    rng = np.random.default_rng([ASSIGNING, replicate])
    if design.units == "places":
        return Assigned(units_of_places(design, town, earlier.recorded, blueprint, rng))
    members = member_rows(design, town, earlier.hit_week, acute)
    units = units_of_group(design, town, members, before, rng)
    return Assigned(units, tenancy=town.residents.tenancy.copy())


def _of_hoods(design: TrialDesign, town: Town, treated: Bools) -> Assigned:
    """Return treated neighbourhoods, adjoining ones that are not, and the others as controls."""
    around = np.zeros(treated.size, bool)
    for n in np.flatnonzero(treated):
        around[town.adjoining[town.start[n] : town.start[n + 1]]] = True
    around &= ~treated
    zones = [treated, ~treated & ~around, around, np.zeros(treated.size, bool)]
    if design.is_count:
        zones = [rows[town.places.neighbourhood] for rows in zones]
    return Assigned(TrialUnits(*zones), treated)


def _with(
    scenario: Scenario, design: TrialDesign, blueprint: Blueprint, assigned: Assigned, town: Town
) -> Scenario:
    """Return the scenario with the intervention where it is to be."""
    work, first, last = Work[design.what.upper()], town.week, town.week + design.weeks
    if design.units == "groups":
        return _hours_taken(scenario, design, int(assigned.units.treated.sum()), first)
    done = Intervention(work, [], first, last, design.dose, added=design.hours == "added")
    if design.units == "places":
        rows = np.flatnonzero(assigned.units.treated)
        done = replace(done, places=[place_id(int(row), town, blueprint) for row in rows])
    elif assigned.hoods is not None:
        done = replace(done, where=[blueprint.ids[n] for n in np.flatnonzero(assigned.hoods)])
    strategy = scenario.strategy
    more = replace(strategy, interventions=[*strategy.interventions, done])
    return replace(scenario, strategy=more)


def _hours_taken(scenario: Scenario, design: TrialDesign, members: int, first: int) -> Scenario:
    """Return the scenario without the hours that a group gets, if they are moved."""
    if design.hours == "added" or Work[design.what.upper()] not in OF_HOURS:
        return scenario
    hours = design.dose * members / 1000
    taken = Clamp("service.extra_hours", [], first, first + design.weeks, value=-hours)
    return replace(scenario, clamps=[*scenario.clamps, taken])


def _watch(
    scenario: Scenario,
    start: Town,
    replicate: int,
    design: TrialDesign,
    spans: list[int],
    assigned: Assigned | None = None,
    *,
    is_treated: bool = False,
) -> Watched:
    """Run some spans of weeks and return what they leave.

    Parameters
    ----------
    scenario, start, replicate, design : as for `run_trial`.
    spans : weeks of each.
    assigned : whose zones are read week by week; None in the baseline.
    is_treated : whether members of a group get their dose in the first span.
    """
    long = replace(scenario, years=sum(spans) / WEEKS_PER_YEAR)
    model = Simulation(long, replicate, start.copy())
    town, share = model.town, model.parameters.reporting.recorded
    zones = {} if assigned is None else assigned.units.zones()
    seen = Watched(
        town,
        [],
        {name: [] for name in zones},
        np.zeros_like(town.neighbourhoods.hours),
        0.0,
        np.zeros(len(town.places)),
        np.full(len(town.residents), -1, np.int64),
    )
    for number, weeks in enumerate(spans):
        total = np.zeros(_rows(design, town))
        for week in range(weeks):
            if is_treated and number == 0 and assigned is not None and design.units == "groups":
                members = assigned.units.treated & _still(assigned, town)
                dose_members(model, design, np.flatnonzero(members), replicate)
            model.step()
            if number == 0:
                seen.hours += town.neighbourhoods.hours / weeks
                seen.given += float(town.interventions.given.sum()) / weeks
            if assigned is None:
                _note_baseline(seen, design, week, share)
            values = _values(design, town, share, assigned)
            total += values if design.is_count else np.nan_to_num(values) / weeks
            for name, rows in zones.items():
                seen.weekly[name].append(_sum_or_mean(design, values[rows]))
        seen.spans.append(total)
    return seen


def _note_baseline(seen: Watched, design: TrialDesign, week: int, share: float) -> None:
    """Note a week's recorded crimes by place, if they rank places, and its victims."""
    if week >= design.baseline - design.ranked:
        place = events_of("recorded_crime", seen.town, share).place
        seen.recorded += np.bincount(place, minlength=seen.recorded.size)
    victim = seen.town.incidents.victim
    seen.hit_week[victim[victim >= 0]] = week


def _rows(design: TrialDesign, town: Town) -> int:
    """Return how many rows the outcome has: residents, places or neighbourhoods."""
    if design.units == "groups":
        return len(town.residents)
    return len(town.places) if design.is_count else len(town.neighbourhoods)


def _still(assigned: Assigned | None, town: Town) -> Bools:
    """Return which residents' seats hold whom they held when the trial began."""
    if assigned is None or assigned.tenancy is None:
        return np.ones(len(town.residents), bool)
    return np.asarray(town.residents.tenancy == assigned.tenancy)


def _values(design: TrialDesign, town: Town, share: float, assigned: Assigned | None) -> Floats:
    """Return this week's outcome by row; a stock of whoever moved in since is NaN."""
    if not design.is_count and design.units != "groups":
        return np.asarray(getattr(town.neighbourhoods, design.outcome), float)
    if not design.is_count:
        values = np.asarray(getattr(town.residents, design.outcome), float)
        return np.where(_still(assigned, town), values, np.nan)
    events = events_of(design.outcome, town, share)
    if design.units != "groups":
        return np.asarray(np.bincount(events.place, minlength=_rows(design, town)), float)
    who = events.resident[events.resident >= 0].astype(np.int64)
    counts = np.bincount(who, minlength=_rows(design, town))
    return np.asarray(counts * _still(assigned, town), float)


def _sum_or_mean(design: TrialDesign, values: Floats) -> float:
    known = values[np.isfinite(values)]
    if design.is_count:
        return float(known.sum())
    return float(known.mean()) if known.size else math.nan


def _delivered(
    design: TrialDesign, town: Town, assigned: Assigned, one: Watched
) -> dict[str, float]:
    """Return the effective hours a week that treated units had: per 1,000 residents, or a place."""
    kind = Work[design.what.upper()]
    if kind >= FIRST_PROJECT or design.units == "groups":
        return {}
    if design.units == "places":
        return {DELIVERED: one.given / max(int(assigned.units.treated.sum()), 1)}
    people = town.neighbourhoods.residents[assigned.hoods].sum()
    return {DELIVERED: float(1000 * one.hours[assigned.hoods, kind].sum() / people)}


def _weekly(one: Watched, other: Watched) -> dict[str, float]:
    """Return the outcome of each zone and week, with and without the intervention."""
    return {
        f"week {week} {zone} {name}": value
        for zone in ZONES
        for name, seen in (("with", one), ("without", other))
        for week, value in enumerate(seen.weekly[zone])
    }


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
    rng = np.random.default_rng([ASSIGNING, replicate])
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
    assigned: Assigned,
    before: Floats,
    both: tuple[list[Floats], list[Floats]],
) -> dict[str, float]:
    """Return numbers by window: the truth in three zones, estimate, its error, units, counts."""
    zones, values = assigned.units.zones(), {}
    for k, name in enumerate(windows(design)):
        one, other = both[0][k], both[1][k]
        for zone in ZONES:
            values[f"{name} {zone}"] = _effect(design, one[zones[zone]], other[zones[zone]])
        fit = _estimated(design, town, assigned, before, one)
        values |= {f"{name} estimate": fit.estimate, f"{name} error": fit.error}
        values |= {f"{name} units": float(fit.n), f"{name} clusters": float(fit.clusters)}
        if design.is_count:
            found = _spill(zones, before, one, other)
            values |= {f"{name} {key}": value for key, value in found.items()}
    return values


def _effect(design: TrialDesign, one: Floats, other: Floats) -> float:
    """Return the change as a share of what would have been or, of a stock, the difference."""
    if design.is_count:
        return change(float(one.sum()), float(other.sum()))
    return float(one.mean() - other.mean()) if one.size else float("nan")


def _spill(zones: dict[str, Bools], before: Floats, one: Floats, other: Floats) -> dict[str, float]:
    """Return displacement in a window: quotients in the field and in truth, and what can be told.

    In the field the treated, their catchment and the controls are compared with the baseline; in
    truth with the same town without the intervention. The two changes that the field can test are
    log ratios against the controls; 1 in ``displaced`` or ``diffused`` is what they tell. Nothing
    where there is no catchment.
    """
    names = ("treated", "catchment", "control")
    earlier, now, without = (
        [float(values[zones[name]].sum()) for name in names] for values in (before, one, other)
    )
    if not zones["catchment"].any():
        return {}
    around = log_ratio_of_ratios(earlier[1:], now[1:])
    verdict = told(earlier, now)
    return {
        "quotient": displacement_quotient(earlier, now),
        "true quotient": displacement_quotient(without, now),
        "catchment estimate": around[0] if min(earlier[1:]) > 0 else math.nan,
        "displaced": float(verdict == "displacement"),
        "diffused": float(verdict == "diffusion"),
    }


def told(before: list[float], after: list[float]) -> str:
    """Return what a trial can tell of its catchment: displacement, diffusion, or nothing.

    Something can be told where the treated fell against the controls and the catchment changed
    against them, each by more than chance (95% intervals of log ratios of counts).

    Parameters
    ----------
    before, after : counts (3,) at treated units, in their catchment, and at controls.
    """
    treated = log_ratio_of_ratios([before[0], before[2]], [after[0], after[2]], level=LEVEL)
    around = log_ratio_of_ratios(before[1:], after[1:], level=LEVEL)
    if treated[2] >= 0:
        return "nothing"
    if around[1] > 0:
        return "displacement"
    return "diffusion" if around[2] < 0 else "nothing"


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
    design: TrialDesign, town: Town, assigned: Assigned, before: Floats, after: Floats
) -> Fit:
    """Return what the trialist finds in the run with the intervention."""
    if assigned.hoods is None:
        chosen = assigned.units.treated | assigned.units.control
        rows = np.arange(chosen.size) if design.units == "places" else town.residents.household
        return ancova(
            after[chosen],
            before[chosen],
            assigned.units.treated[chosen],
            np.ones(int(chosen.sum())),
            groups=np.asarray(rows)[chosen],
            count=design.is_count,
        )
    exposure = town.neighbourhoods.residents.astype(float)
    return ancova(
        _by_hood(design, town, after),
        _by_hood(design, town, before),
        assigned.hoods,
        exposure,
        groups=np.arange(assigned.hoods.size),
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
    is_one_arm = treated.all() or not treated.any()
    # Without an event in one of the arms the likelihood has no maximum.
    is_empty = count and not (after[treated].sum() > 0 and after[~treated].sum() > 0)
    if after.size < FEWEST or is_one_arm or is_empty:
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
