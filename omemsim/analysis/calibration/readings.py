"""Readings: the numbers of one town that targets are compared with, each as `evidence` reads it.

What a year of the town shows, and the result of a trial in it, is computed by the functions that
`omemsim validate` uses, from the same start and with the same random numbers. One start serves
all. What is held out is not even read. Beside these stands what a town's own table says of its
crime.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.answers import source_hash
from omemsim.analysis.estimators import rank_correlation
from omemsim.analysis.evidence.patterns import Pattern, read_patterns
from omemsim.analysis.evidence.runs import READINGS, SOURCES
from omemsim.analysis.evidence.survey import SURVEYED, Read, Year, survey
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.study.identity import content_hash
from omemsim.town import Town

__all__ = ["FITTED", "SURVEY", "Observed", "patterns_known", "table_rates"]

Floats = NDArray[np.float64]

FITTED = "calibrate"  # the only role that is fitted
SURVEY = "survey"  # the reading that a town's own table is held against too


@functools.cache
def patterns_known() -> Mapping[str, Pattern]:
    """Return every row of the evidence by its name, those held out too."""
    return {row.pattern: row for row in read_patterns()}


@dataclass(frozen=True)
class Observed:
    """What is read of each town: called with (scenario, replicate, start), in a worker process.

    Attributes
    ----------
    needs : readings of `evidence`, as ``survey`` and ``hot_spots``.
    """

    needs: tuple[str, ...]

    def __call__(self, scenario: Scenario, replicate: int, start: Town) -> dict[str, float]:
        """Return every number that may be fitted; one that cannot be computed is left out."""
        numbers: dict[str, float] = {}
        for needs in self.needs:
            if needs == SURVEY:
                numbers |= survey(scenario, start, replicate, _read_of_a_year(scenario))
            else:
                found = READINGS[needs][0](scenario, start, replicate)
                numbers |= {name: x for name, x in found.items() if name in _fitted()}
        return {name: float(x) for name, x in numbers.items() if np.isfinite(x)}

    @property
    def weeks(self) -> int:
        """Return the weeks that are run after the spin-up."""
        return sum(READINGS[needs][1] for needs in self.needs)

    @property
    def name(self) -> str:
        """Return what names the question, with a hash of the code that answers it."""
        code = source_hash(*SOURCES, sys.modules[__name__])
        return "+".join([*self.needs, content_hash([code, *_fitted()])[:12]])


def _fitted() -> Sequence[str]:
    return [name for name, row in patterns_known().items() if row.role == FITTED]


def _read_of_a_year(scenario: Scenario) -> dict[str, Read]:
    reads = {name: SURVEYED[name] for name in _fitted() if name in SURVEYED}
    wanted = table_rates(scenario)
    return reads if wanted is None else reads | _against_table(wanted)


def _against_table(wanted: Floats) -> dict[str, Read]:
    """Return what is read of a year and compared with a table's recorded crime, (N,)."""
    return {
        "table_total": lambda year: float(np.average(_recorded(year), weights=_people(year))),
        "table_rank": lambda year: float(rank_correlation(wanted, _recorded(year))),
        "table_slope": lambda year: _slope(wanted, _recorded(year)),
    }


def _people(year: Year) -> Floats:
    return np.asarray(year.town.neighbourhoods.population, float)


def _recorded(year: Year) -> Floats:
    """Return recorded crimes per 1,000 residents by neighbourhood."""
    return 1000 * year.by_hood(year.crimes.is_recorded) / _people(year)


def _slope(wanted: Floats, made: Floats) -> float:
    kept = (made > 0) & (wanted > 0)
    if kept.sum() < 3 or np.ptp(wanted[kept]) == 0:
        return float("nan")
    return float(np.polyfit(np.log(wanted[kept]), np.log(made[kept]), 1)[0])


def table_rates(scenario: Scenario) -> Floats | None:
    """Return recorded crime per 1,000 residents a year, (N,), of all offences; None without."""
    blueprint = blueprint_of(scenario.town)
    known = zip((blueprint.violence, blueprint.property), blueprint.coverage, strict=True)
    parts = [rates / share for rates, share in known if rates is not None]
    return np.asarray(sum(parts)) if len(parts) == 2 else None
