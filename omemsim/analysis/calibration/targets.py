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

from omemsim.analysis.calibration.readings import table_rates
from omemsim.inputs.config import Scenario, config_root
from omemsim.inputs.sources import blueprint_of
from omemsim.vocabulary.errors import InputError, nearest

__all__ = [
    "CUTOFF",
    "DISCREPANCY",
    "FITTED",
    "Target",
    "check_fitted",
    "choose",
    "held_out",
    "of_table",
    "shipped",
]

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
    of_one_town : whether one town was observed, whose luck then was part of it; else it is of many,
        as a national survey is, and the luck of a run explains nothing.
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
    of_one_town: bool = False

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
        of_one_town=row.get("of_one_town", False),
    )


def of_table(scenario: Scenario, discrepancy: float = DISCREPANCY) -> list[Target]:
    """Return what a town's own table says of its crime; none for a drawn town.

    The spin-up moves each neighbourhood's opportunity to the table's crime, so that much of this
    is met by construction, whatever the parameters: where it is not, they cannot be right.
    """
    blueprint = blueprint_of(scenario.town)
    wanted = table_rates(scenario)
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
            total / counted**0.5, discrepancy * total, FITTED, source, True,
        ),
        Target(
            "table_rank", "Ranks of neighbourhoods by recorded crime", "rank correlation",
            "table_rank", 1.0, RANKED, discrepancy, FITTED, source, True,
        ),
        Target(
            "table_slope", "Spread of neighbourhoods' recorded crime", "log rate per log rate",
            "table_slope", 1.0, RANKED, discrepancy, FITTED, source, True,
        ),
    ]  # fmt: skip
