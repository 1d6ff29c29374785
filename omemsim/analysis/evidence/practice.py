"""What present practice and problem-solving leave in records: hours, waits, treated places.

Present practice (`present_practice`) is the arm that the evidence on patrol time is of: calls only
would leave hours unused that an ordinary service uses. Problem-solving is tried as its evaluations
tried it, with partners brought in, and measured where its projects were.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.evidence.event_log import EventLog
from omemsim.analysis.evidence.tactic_trials import beside_calls, change
from omemsim.inputs.config import BASELINE, compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.measures import MEASURES
from omemsim.schedule import FOREVER
from omemsim.simulation import Simulation
from omemsim.town import Town
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Kind, Zone

__all__ = ["PRACTICE_WEEKS", "SOLVING_WEEKS", "practice", "problem_solving", "reactive_share"]

Bools = NDArray[np.bool_]
PRACTICE_WEEKS = WEEKS_PER_YEAR
STARTED = WEEKS_PER_YEAR // 2  # weeks in which the projects begin that are followed
SOLVING_WEEKS = STARTED + WEEKS_PER_YEAR
# Of free hours: projects, and bringing in the partners that evaluated ones had; assumed.
SOLVING = {"problem_oriented_policing": 0.8, "mobilize_partners": 0.2}
# The measures of response times, by pattern.
WAITS = {"P33a": "response_emergency", "P33b": "response_ratio"}


def practice(scenario: Scenario, start: Town, replicate: int) -> dict[str, float]:
    """Return patrol time on calls, and response times, in a year of present practice.

    Parameters
    ----------
    scenario : the town; its strategy gives way to present practice.
    start : the town in week 0; it is left as it is.
    replicate : which random numbers, that of ``start``.
    """
    usual = compose_scenario(None, BASELINE).strategy
    model = Simulation(replace(scenario, strategy=usual, years=1.0), replicate, start.copy())
    reactive, offered = np.zeros(PRACTICE_WEEKS), np.zeros(PRACTICE_WEEKS)
    for week in range(PRACTICE_WEEKS):
        model.step()
        service = model.town.service
        reactive[week], offered[week] = service.reactive[0], service.offered[0]
    in_service = 1 - model.parameters.respond.out_of_service  # the sources count all patrol hours
    return {"P32a": in_service * reactive_share(reactive, offered)} | {
        pattern: _measured(name, model.town) for pattern, name in WAITS.items()
    }


def reactive_share(reactive: Any, offered: Any) -> float:
    """Return hours on calls over hours offered, of all weeks together; NaN without any hours.

    Parameters
    ----------
    reactive, offered : hours of each week.
    """
    total = float(np.sum(offered))
    return float(np.sum(reactive)) / total if total else float("nan")


def _measured(name: str, town: Town) -> float:
    """Return a response time at the end of the year; NaN where no such call was answered."""
    value = float(np.asarray(MEASURES[name].read(town, PRACTICE_WEEKS)))
    return value if value > 0 else float("nan")


@beside_calls
def problem_solving(scenario: Scenario, start: Town, replicate: int) -> dict[str, float]:
    """Return the change at places where problems were worked on, against a paired control arm.

    Half of the neighbourhoods, drawn, spend their free hours on projects and on bringing in
    partners. Of the places where a project was begun in the first half year, calls and crimes of
    the following twelve months are compared with those at the same places, with the same random
    numbers, without projects.

    Parameters
    ----------
    scenario : the control arm.
    start, replicate : as for `practice`.
    """
    mix = {zone.name.lower(): dict(SOLVING) for zone in Zone}
    tactic = replace(scenario.strategy, name="problem_solving", mix=mix, pilot=0.5, rollout=FOREVER)
    treated = _followed(replace(scenario, strategy=tactic), start, replicate)
    control = _followed(scenario, start, replicate)
    places = treated.worked & ~control.worked
    arms = [arm.at(places) for arm in (treated, control)]
    values = {f"{name} at treated places": change(arms[0][name], arms[1][name]) for name in arms[0]}
    return {"P40a": values["calls at treated places"], **values}


class _Followed:
    """An arm, run: where projects began, and the calls and crimes of the year that followed."""

    def __init__(self, worked: Bools, calls_at: Any, log: EventLog) -> None:
        self.worked, self.calls_at, self.log = worked, calls_at, log

    def at(self, places: Bools) -> dict[str, float]:
        """Return public calls, recorded and true crimes at these places in the year followed."""
        events = self.log.events(STARTED, SOLVING_WEEKS)
        here = places[events.place]
        return {
            "calls": float(self.calls_at[places].sum()),
            "recorded crime": float((here & events.is_recorded).sum()),
            "true crime": float(here.sum()),
        }


def _followed(scenario: Scenario, start: Town, replicate: int) -> _Followed:
    """Run an arm for the weeks in which projects begin, and a year on."""
    longer = replace(scenario, years=SOLVING_WEEKS / WEEKS_PER_YEAR)
    model = Simulation(longer, replicate, start.copy())
    town = model.town
    log = EventLog(town, recorded=model.parameters.reporting.recorded)
    worked, before = np.zeros(len(town.places), bool), np.zeros(len(town.places), np.int64)
    for week in range(SOLVING_WEEKS):
        model.step()
        log.note(town)
        if week < STARTED:
            worked |= places_of_projects(town)
            before = log.calls_at.copy()
    return _Followed(worked, log.calls_at - before, log)


def places_of_projects(town: Town) -> Bools:
    """Return at which places a problem-solving project runs.

    Parameters
    ----------
    town : it is only read.
    """
    found = np.zeros(len(town.places), bool)
    runs = town.initiatives
    is_one = (runs.is_active == 1) & (runs.kind == Kind.PROBLEM_SOLVING) & (runs.place >= 0)
    found[runs.place[is_one]] = True
    return found
