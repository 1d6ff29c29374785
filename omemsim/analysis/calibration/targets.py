"""Targets: what a run is held against, with its error and how far the model may be off.

A target is a number that a run gives (``reading``) and what was observed of it. A band of the
evidence, low to high, is taken as an observation at its middle whose ends are `CUTOFF` standard
errors away: what is inside the band is not ruled out by the observation, and what is outside it
is, but for what the emulator, luck and the model's own discrepancy leave open.

Only the role ``calibrate`` is fitted. ``hold out`` is refused here, by code, and not by habit.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from omemsim.inputs.config import Scenario, config_root
from omemsim.inputs.sources import blueprint_of
from omemsim.run import run_scenario
from omemsim.series import Series
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError, nearest
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

__all__ = [
    "CUTOFF",
    "DISCREPANCY",
    "FITTED",
    "Target",
    "check_fitted",
    "choose",
    "held_out",
    "numbers_of",
    "observe",
    "of_table",
    "shipped",
]

Floats = NDArray[np.float64]

FITTED = "calibrate"  # the only role that is fitted
CUTOFF = 3.0  # Pukelsheim 1994: at least 95% of any unimodal error lies within
DISCREPANCY = 0.05  # of what was observed; assumed: no model of a town is better than this
FILE = "targets.yaml"
HELD = (
    "{name} is held out: it is there to test the model, and nothing is ever fitted to it. "
    "Leave it out."
)
RANKED = 0.05  # standard error of a rank correlation or a slope, observed as 1; assumed


@dataclass(frozen=True)
class Target:
    """One thing observed.

    Attributes
    ----------
    name : short, as P5b.
    title, unit : for people.
    reading : the name of the number in what `observe` returns.
    observed : what was observed, in ``unit``.
    error : its standard error, above 0.
    discrepancy : standard deviation by which the model may differ from a town although its
        parameters are right, 0 or more.
    role : ``calibrate`` or ``hold out``.
    source : where it is from.
    """

    name: str
    title: str
    unit: str
    reading: str
    observed: float
    error: float
    discrepancy: float = 0.0
    role: str = FITTED
    source: str = ""

    @property
    def band(self) -> tuple[float, float]:
        """Return what the observation alone does not rule out."""
        return self.observed - CUTOFF * self.error, self.observed + CUTOFF * self.error


def check_fitted(targets: Sequence[Target]) -> None:
    """Raise `InputError` with every target that may not be fitted or cannot be."""
    held = held_out()
    problems = [
        HELD.format(name=target.name)
        for target in targets
        if target.role != FITTED or target.name in held
    ]
    problems += [
        f"{target.name}: error = {target.error:g} and discrepancy = {target.discrepancy:g}: the "
        "first must be above 0, the second not below it."
        for target in targets
        if not (target.error > 0 and target.discrepancy >= 0)
    ]
    names = [target.name for target in targets]
    problems += [f"{x} is given twice." for x in dict.fromkeys(names) if names.count(x) > 1]
    if not targets:
        problems.append("There is no target to hold the runs against.")
    if problems:
        raise InputError(*problems)


def choose(known: Sequence[Target], names: Iterable[str]) -> list[Target]:
    """Return the targets of these names, or all that may be fitted if there is none.

    Raises
    ------
    InputError
        With every name that is unknown or held out.
    """
    by_name = {target.name: target for target in known}
    asked, held = list(names), held_out()
    problems = [
        HELD.format(name=name)
        if name in held
        else f"There is no target {name!r}.{nearest(name, by_name)} There are: "
        f"{', '.join(by_name)}."
        for name in asked
        if name not in by_name
    ]
    if problems:
        raise InputError(*problems)
    chosen = [by_name[name] for name in asked] or [x for x in known if x.role == FITTED]
    check_fitted(chosen)
    return chosen


def shipped(discrepancy: float = DISCREPANCY) -> list[Target]:
    """Return the rows of the evidence that can be read of one run, the held out ones too.

    Parameters
    ----------
    discrepancy : standard deviation, as a share of what was observed.
    """
    return [_of_row(row, discrepancy) for row in _evidence(config_root() / FILE)["targets"]]


def held_out() -> frozenset[str]:
    """Return the names of the evidence's rows that nothing may be fitted to."""
    return frozenset(_evidence(config_root() / FILE)["held_out"])


@functools.cache
def _evidence(path: Path) -> dict[str, Any]:
    import yaml

    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def _of_row(row: Mapping[str, Any], discrepancy: float) -> Target:
    low, high = float(row["low"]), float(row["high"])
    middle = (low + high) / 2
    return Target(
        name=row["pattern"],
        title=row["title"],
        unit=row["unit"],
        reading=row["reading"],
        observed=middle,
        error=(high - low) / 2 / CUTOFF,
        discrepancy=discrepancy * abs(middle),
        role=row["role"],
        source=row["source"],
    )


def of_table(scenario: Scenario, discrepancy: float = DISCREPANCY) -> list[Target]:
    """Return what a town's own table says of its crime; none for a drawn town.

    The spin-up moves each neighbourhood's opportunity to the table's crime, so that much of this
    is met by construction, whatever the parameters: where it is not, they cannot be right.
    """
    blueprint = blueprint_of(scenario.town)
    wanted = _table_rates(scenario)
    if wanted is None:
        return []
    people = np.asarray(blueprint.population, float)
    total = float(np.average(wanted, weights=people))
    counted = max(total / 1000 * float(people.sum()), 1.0)
    source = f"the table of {scenario.town.name}"
    unit = "per 1,000 residents a year"
    return [
        Target(
            "table_total", "Recorded crime, of the table", unit, "table_total", total,
            total / counted**0.5, discrepancy * total, FITTED, source,
        ),
        Target(
            "table_rank", "Ranks of neighbourhoods by recorded crime", "rank correlation",
            "table_rank", 1.0, RANKED, discrepancy, FITTED, source,
        ),
        Target(
            "table_slope", "Spread of neighbourhoods' recorded crime", "log rate per log rate",
            "table_slope", 1.0, RANKED, discrepancy, FITTED, source,
        ),
    ]  # fmt: skip


def _table_rates(scenario: Scenario) -> Floats | None:
    """Return recorded crime per 1,000 residents a year, (N,), of all offences; None without."""
    blueprint = blueprint_of(scenario.town)
    known = zip((blueprint.violence, blueprint.property), blueprint.coverage, strict=True)
    parts = [rates / share for rates, share in known if rates is not None]
    return np.asarray(sum(parts)) if len(parts) == 2 else None


def observe(scenario: Scenario, replicate: int, start: Town) -> dict[str, float]:
    """Run a scenario and return all that targets may read of it (in a worker process)."""
    series = run_scenario(scenario, replicate, start=start)
    return {**series.summary(), **numbers_of(scenario, series)}


def numbers_of(scenario: Scenario, series: Series) -> dict[str, float]:
    """Return the readings that are no measure's mean; those a run has no value of are left out."""
    numbers = _between_neighbourhoods(series)
    wanted = _table_rates(scenario)
    if wanted is not None and "recorded_crime" in series.values:
        numbers |= _against_table(series, wanted)
    return {name: float(value) for name, value in numbers.items() if np.isfinite(value)}


NEEDED = {"violence", "efficacy", "public_calls"}  # measures, by neighbourhood


def _between_neighbourhoods(series: Series) -> dict[str, float]:
    """Return correlations over neighbourhoods of last year's rates."""
    if not NEEDED <= series.values.keys():
        return {}
    violence, efficacy = (_last_year(series, name) for name in ("violence", "efficacy"))
    calls = _last_year(series, "public_calls")
    ranks = rankdata(calls), rankdata(violence)
    return {
        "efficacy_violence": float(_correlation(efficacy, violence)),
        "calls_violence": float(_correlation(*ranks)),
    }


def _against_table(series: Series, wanted: Floats) -> dict[str, float]:
    made = _last_year(series, "recorded_crime")
    kept = (made > 0) & (wanted > 0)
    logs = np.log(wanted[kept]), np.log(made[kept])
    slope = np.cov(*logs)[0, 1] / np.var(logs[0], ddof=1) if kept.sum() > 2 else np.nan
    return {
        "table_total": float(np.average(made, weights=series.population)),
        "table_rank": float(_correlation(rankdata(wanted), rankdata(made))),
        "table_slope": float(slope),
    }


def _last_year(series: Series, name: str) -> Floats:
    last = series.weeks > series.weeks[-1] - WEEKS_PER_YEAR
    return np.asarray(series.values[name][last].mean(axis=0))


def _correlation(one: Floats, other: Floats) -> float:
    if len(one) < 3 or not (np.ptp(one) > 0 and np.ptp(other) > 0):
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])
