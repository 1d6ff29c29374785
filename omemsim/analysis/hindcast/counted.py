"""What is read of a run of a hindcast: its records by year, and how they are spread over places.

A hash of this file is in the keys that runs are kept under: after a change here they are made
again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.hindcast.places import tally
from omemsim.inputs.scenario import Scenario
from omemsim.kernels import event_uniform
from omemsim.measures import MEASURES
from omemsim.processes.reporting import RECORD_SALT
from omemsim.simulation import Simulation
from omemsim.town import Town
from omemsim.vocabulary.columns import HISTORY
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Crime, Origin

__all__ = ["KINDS", "RunCounts", "simulate"]

Floats = NDArray[np.float64]
KINDS = ("violence", "property")


@dataclass(frozen=True)
class RunCounts:
    """What a run leaves.

    Attributes
    ----------
    recorded : (years, 2, N), violence and property crime recorded in each year after the fit.
    measures : name -> (N,), measures of the first year after the fit.
    places : (2, N, 4), how violence and property crime recorded in that year are spread over
        places.
    """

    recorded: Floats
    measures: dict[str, Floats]
    places: Floats


def simulate(scenario: Scenario, replicate: int, measures: Sequence[str]) -> RunCounts:
    """Fit a town, run it, and count by year; a pure function of its arguments.

    Parameters
    ----------
    scenario : of a table's town, as long as whole years are to be counted.
    replicate : which town and random numbers.
    measures : names of measures of neighbourhoods, read at the end of the first year.
    """
    model = Simulation(scenario, replicate)
    town, parameters, recorded = model.town, model.parameters, []
    hoods, at = town.neighbourhoods, np.zeros((len(KINDS), len(town.places)), np.int64)
    seen: dict[str, Floats] = {}
    while town.week < model.last_week:
        model.step()
        if town.week <= WEEKS_PER_YEAR:
            _count_places(town, at, parameters.reporting.recorded)
        if town.week % HISTORY == 0:
            rings = (hoods.past_recorded_violence, hoods.past_recorded_property)
            recorded.append([ring.sum(axis=1) for ring in rings])
        if town.week == WEEKS_PER_YEAR:
            seen = {x: np.array(MEASURES[x].read(town, WEEKS_PER_YEAR), float) for x in measures}
    tallies = [tally(own, town.places.neighbourhood, len(hoods)) for own in at]
    return RunCounts(np.array(recorded, float), seen, np.stack(tallies))


def _count_places(town: Town, at: NDArray[np.int64], recorded: float) -> None:
    """Add the crimes that police recorded this week at the place of each.

    Calls do not say whether a crime was recorded: the random number that decided it does.
    """
    calls = town.calls
    is_crime = calls.type <= max(Crime)
    drawn = np.array([event_uniform(event, RECORD_SALT) for event in calls.event[is_crime]])
    kind, place = calls.type[is_crime], calls.place[is_crime]
    is_recorded = (calls.origin[is_crime] == Origin.OFFICER) | (drawn < recorded)
    is_violent = kind == Crime.VIOLENCE
    for own, rows in zip(at, (is_violent, ~is_violent), strict=True):
        own += np.bincount(place[rows & is_recorded], minlength=own.size)
