"""Spin-up: the town runs under present practice, until its rates settle.

So a strategy begins in a town that is used to ordinary policing, and what is compared with it, the
baseline, goes on as before: nobody takes notice of patrol and of stops that have always been there.

A town read from a table is fitted on the way: each neighbourhood's opportunity for violence
and for property crime is multiplied until the crime its police would expect to record is
the table's. What is fitted is expected crime, season taken out, not one noisy draw.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from omemsim.compiling import compile_once
from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.build import build
from omemsim.inputs.config import BASELINE, compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.processes import run_weeks
from omemsim.processes.reporting import MEAN_TRUST, MEAN_VIGILANCE
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.mechanisms import effective
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.random_numbers import replicate_seed
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, weeks

__all__ = ["present_policing", "settling", "spin_up"]

ROUND = 13  # weeks between two corrections
STEP = 0.8  # power of the correction; below 1, since trust and fear answer too
LIMITS = (0.01, 100.0)  # of the multipliers


@functools.cache
def present_policing() -> Strategy:
    """Return what police do before the scenario begins: the library's baseline."""
    return compose_scenario(None, BASELINE).strategy


def spin_up(scenario: Scenario, replicate: int) -> Town:
    """Return the town in week 0, ready for any strategy; a pure function of its arguments."""
    compile_once()
    blueprint, parameters = blueprint_of(scenario.town), effective(scenario.parameters)
    town = build(blueprint, parameters, replicate_seed(scenario.seed, replicate))
    town.week = town.born = -weeks(scenario.spin_up_years)
    for _ in settling(town, blueprint, parameters):
        pass
    return town


def settling(town: Town, blueprint: Blueprint, parameters: Parameters) -> Iterator[None]:
    """Run a town up to week 0; pause after each correction of what it is fitted by, if any.

    Parameters
    ----------
    town : as it was built, changed in place.
    blueprint : what it was built from; says whether there is something to fit.
    parameters : those in effect.
    """
    if blueprint.violence is None and blueprint.property is None:
        run_weeks(town, parameters, present_policing(), -town.week)
        return
    while town.week < 0:
        to_next_round = -town.week % ROUND or ROUND
        fit(town, blueprint, parameters, expect(town, parameters, to_next_round))
        yield


def expect(town: Town, parameters: Parameters, weeks: int) -> Any:
    """Run some weeks; return the incidents a week expected in them, season taken out, (N, 3).

    Parameters
    ----------
    town : changed in place.
    parameters : those in effect.
    weeks : 1 or more.
    """
    hoods, expected = town.neighbourhoods, np.zeros((len(town.neighbourhoods), 3))
    for _ in range(weeks):
        run_weeks(town, parameters, present_policing(), 1)
        week = (hoods.expected_violence, hoods.expected_property, hoods.expected_business)
        expected += np.stack(week, axis=1) / town.service.season[0]
    return expected / weeks


def fit(town: Town, blueprint: Blueprint, parameters: Parameters, expected: Any) -> None:
    """Correct each neighbourhood's multipliers towards the crime its table records, if any.

    Parameters
    ----------
    town : its columns ``fit_violence`` and ``fit_property`` are changed in place.
    blueprint : recorded crime, (N,) a year per 1,000 residents of all ages, or None.
    parameters : those in effect.
    expected : float (N, 3), as `expect` returns it.
    """
    hoods = town.neighbourhoods
    for column, wanted, coverage, modelled in zip(
        (hoods.fit_violence, hoods.fit_property),
        (blueprint.violence, blueprint.property),
        blueprint.coverage,
        expected_records(town, parameters, expected),
        strict=True,
    ):
        if wanted is not None:
            ratio = wanted / np.maximum(coverage * modelled, 1e-9)
            column[:] = np.clip(column * ratio**STEP, *LIMITS)


def expected_records(town: Town, parameters: Parameters, expected: Any) -> tuple[Any, Any]:
    """Return violence and property crime police would record a year per 1,000 residents.

    Parameters
    ----------
    town : it is only read.
    parameters : those in effect.
    expected : incidents a week (N, 3): violence, property of residents, of businesses.
    """
    hoods, group, crime = town.neighbourhoods, parameters.reporting, parameters.offend
    willing = group.by_trust * (hoods.trust - MEAN_TRUST)
    willing = willing + group.by_vigilance * (hoods.vigilance - MEAN_VIGILANCE)
    household = crime.household / (1 - crime.near)  # with what they trigger
    both = max(crime.theft + household, 1e-9)
    personal = (crime.theft * group.report_theft + household * group.report_household) / both
    yearly = 1000 * WEEKS_PER_YEAR * group.recorded / hoods.population
    violence = expected[:, 0] * np.clip(group.report_violence + willing, 0, 1)
    residents = expected[:, 1] * np.clip(personal + willing, 0, 1)
    return yearly * violence, yearly * (residents + expected[:, 2] * group.report_business)
