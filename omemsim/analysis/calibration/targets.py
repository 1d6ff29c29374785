"""Targets: what a town is compared with, the error of it, and how far the model may be off.

A target is a number of a town (``reading``) and what was observed of it. The numbers are those of
`omemsim validate`, and so are the bands: low to high is taken as an observation at the middle
whose ends are `CUTOFF` standard errors away: what is inside the band is not ruled out by the
observation, and what is outside it is, except for what the emulator, chance and the model's own
discrepancy leave open.

Only the role ``calibrate`` is fitted, and only where an input does not settle the row already; a
row that sets the size of one parameter (`Pattern.tunes`) is there to be fitted. The rest is refused
here, by code, and not by habit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from omemsim.analysis.calibration.readings import FITTED, SURVEY, patterns_known, table_rates
from omemsim.analysis.evidence.patterns import Pattern
from omemsim.analysis.evidence.survey import FEWEST
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.vocabulary.errors import InputError, nearest

__all__ = [
    "CUTOFF",
    "DISCREPANCY",
    "FITTED",
    "Target",
    "check_fitted",
    "choose",
    "of_table",
    "shipped",
]

CUTOFF = 3.0  # Pukelsheim 1994: at least 95% of any unimodal error lies within
DISCREPANCY = 0.05  # of what was observed; assumed: no model of a town is better than this
HELD = (
    "{name} is held out: it is there to test the model, and nothing is ever fitted to it. "
    "Leave it out."
)
GIVEN = (
    "{name} is by construction in this town: {why}. Meeting it says nothing of the parameters, so "
    "nothing is fitted to it. Leave it out."
)
FEW_HOODS = "P3"  # the row that a town of few neighbourhoods has no number for
RANKED = 0.05  # standard error of a rank correlation or a slope, observed as 1; assumed


@dataclass(frozen=True)
class Target:
    """One thing observed.

    Attributes
    ----------
    name : short, as P5b.
    title, unit : for people.
    reading : the name of the number in what is read of a town.
    observed : what was observed, in ``unit``.
    error : its standard error, above 0.
    discrepancy : standard deviation by which the model may differ from a town although its
        parameters are right, 0 or more.
    role : ``calibrate`` or ``hold out``.
    source : where it is from.
    of_one_town : whether one town was observed, chance included; else it is of many,
        as a national survey is, and chance in one run explains nothing.
    needs : the reading of `evidence` that gives the number.
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
    needs: str = SURVEY

    @property
    def band(self) -> tuple[float, float]:
        """Return what the observation alone does not rule out."""
        return self.observed - CUTOFF * self.error, self.observed + CUTOFF * self.error


def check_fitted(targets: Sequence[Target], kind: str = "any") -> None:
    """Check that every target may be fitted, and can be.

    Parameters
    ----------
    targets : one at least.
    kind : of town; what is by construction depends on it.

    Raises
    ------
    InputError
        With every one that is not.
    """
    problems = [x for target in targets for x in _refused(target.name, kind)]
    problems += [
        HELD.format(name=target.name)
        for target in targets
        if target.role != FITTED and target.name not in patterns_known()
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


def _refused(name: str, kind: str) -> list[str]:
    """Return why nothing is fitted to a row of the evidence; nothing if it may be."""
    row = patterns_known().get(name)
    if row is None:
        return []
    if row.role != FITTED:
        return [HELD.format(name=name)]
    if row.may_be_fitted(kind):
        return []
    return [GIVEN.format(name=name, why=row.by_construction(kind))]


def choose(
    scenario: Scenario, names: Iterable[str] = (), discrepancy: float = DISCREPANCY
) -> list[Target]:
    """Return the targets of these names, or all that may be fitted and that a year shows.

    Parameters
    ----------
    scenario : its town says what is by construction.
    names : of targets, as P5b; empty for all.
    discrepancy : the model's, standard deviation as a share of what was observed, 0 or more.

    Raises
    ------
    InputError
        With every name that is unknown, held out or by construction.
    """
    kind, asked = scenario.town.kind, list(names)
    of_evidence = {x.name: x for x in shipped(discrepancy)}
    of_town = {x.name: x for x in of_table(scenario, discrepancy)}
    known = {**of_evidence, **of_town}
    problems = [
        f"There is no target {name!r}.{nearest(name, known)} There are: {', '.join(known)}."
        for name in asked
        if name not in known
    ]
    problems += [x for name in asked for x in _refused(name, kind)]
    if problems:
        raise InputError(*problems)
    chosen = [known[name] for name in asked] or [
        x for x in known.values() if not _refused(x.name, kind) and _is_usual(x, scenario)
    ]
    check_fitted(chosen, kind)
    return chosen


def _is_usual(target: Target, scenario: Scenario) -> bool:
    """Return whether a year of the town shows it; a trial takes two more."""
    is_told = target.name != FEW_HOODS or scenario.town.neighbourhoods >= FEWEST
    return target.needs == SURVEY and is_told


def shipped(discrepancy: float = DISCREPANCY) -> list[Target]:
    """Return every row of the evidence as a target, those that are refused too.

    Parameters
    ----------
    discrepancy : standard deviation, as a share of what was observed.
    """
    return [_of_row(row, discrepancy) for row in patterns_known().values()]


def _of_row(row: Pattern, discrepancy: float) -> Target:
    middle = (row.low + row.high) / 2
    return Target(
        name=row.pattern,
        title=row.title,
        unit=row.metric,
        reading=row.pattern,
        observed=middle,
        error=(row.high - row.low) / 2 / CUTOFF,
        discrepancy=discrepancy * abs(middle),
        role=row.role,
        source=row.source,
        of_one_town=row.of_one_town,
        needs=row.needs,
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
