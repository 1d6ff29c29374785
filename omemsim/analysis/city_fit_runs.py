"""The runs behind the question whether the model fits a city.

A town is built from the table, spun up, and run for a year under present practice, a few times with
different random numbers, at a scale that takes seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.city_fit import AtStart, CityFit, Fitted, Start, starts_of
from omemsim.analysis.zone_rows import ZoneRow
from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.config import scenario_from_dict, scenario_to_dict
from omemsim.inputs.scenario import Scenario
from omemsim.measures import count_of
from omemsim.simulation import Simulation
from omemsim.study.dispatch import run_tasks
from omemsim.study.engine import POOL, Engine
from omemsim.study.progress import Progress
from omemsim.study.tasks import Failure, Task
from omemsim.town import Town
from omemsim.vocabulary.errors import OmemError
from omemsim.vocabulary.parameters import ZoneLimits
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

__all__ = ["LARGEST", "RUNS", "city_fit", "scenario_of_fit"]

Floats = NDArray[np.float64]
RUNS = 4  # towns that are run
PEOPLE, EACH = 60_000, 60  # simulated residents: at most so many, or so many a neighbourhood
SCALES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
MOST = 0.5  # of the runs, in which residents can do what blue needs
LARGEST = 500  # neighbourhoods; with more, the town is run only if that is asked for


class Seen(NamedTuple):
    """The zone that police read of each neighbourhood at week 0, and from what, (N,) each.

    ``multiple`` is what `AtStart` calls ``crime``; the other fields are as there.
    """

    zone: NDArray[np.int64]
    multiple: Floats
    calls: Floats
    repeat: Floats
    is_able: NDArray[np.bool_]


class Rates(NamedTuple):
    """What is recorded in some weeks, (N,) each, a year per 1,000 residents."""

    violence: Floats
    property: Floats
    calls: Floats


class FitRun(NamedTuple):
    """One run: what police read at week 0, the year that was fitted, and the year after it."""

    seen: Seen
    before: Rates
    after: Rates


def scenario_of_fit(scenario: Scenario, blueprint: Blueprint) -> Scenario:
    """Return the scenario that is run: a year, at a scale that takes seconds.

    Parameters
    ----------
    scenario : of the table, under present practice; a scale above 1 is the user's and kept.
    blueprint : of the table.
    """
    data = scenario_to_dict(scenario)
    data["years"] = 1.0
    if blueprint.scale == 1:
        people, most = float(blueprint.population.sum()), max(PEOPLE, EACH * len(blueprint.ids))
        data["town"]["scale"] = next((x for x in SCALES if people / x <= most), SCALES[-1])
    return scenario_from_dict(data)


def city_fit(
    scenario: Scenario,
    blueprint: Blueprint,
    rows: Sequence[ZoneRow],
    *,
    engine: Engine = POOL,
    progress: Progress = True,
) -> CityFit:
    """Run a table's town and compare it with the table.

    Parameters
    ----------
    scenario : from `scenario_of_fit`.
    blueprint : of the table.
    rows : what was diagnosed of each neighbourhood.
    engine, progress : as for `dispatch.run_tasks`.

    Raises
    ------
    OmemError
        If a run fails.
    """
    engine.compile(progress)
    runs: dict[int, FitRun] = {}

    def keep(task: Task, found: FitRun | Failure) -> None:
        if isinstance(found, Failure):
            raise OmemError(f"The fitted town could not be run: {found.error}")
        runs[task.payload.replicate] = found

    tasks = [Task(f"fit, replicate {k}", _Asked(scenario, k)) for k in range(RUNS)]
    run_tasks(tasks, run_fitted, engine=engine, on_result=keep, progress=progress)
    each = [runs[replicate] for replicate in sorted(runs)]
    limits = scenario.parameters.zones
    diagnosed = {row.id: row for row in rows}
    starts = _starts(each, [diagnosed[own] for own in blueprint.ids], limits)
    return CityFit(
        RUNS, scenario.town.scale, _crime(each, blueprint), _calls(each, blueprint), starts
    )


class _Asked(NamedTuple):
    scenario: Scenario
    replicate: int


def run_fitted(asked: _Asked) -> FitRun:
    """Fit a town, look at its start, and run it for a year (in a worker process)."""
    simulation = Simulation(asked.scenario, asked.replicate)
    town = simulation.town
    hoods = town.neighbourhoods
    window = max(min(asked.scenario.strategy.window, town.week - town.born, WEEKS_PER_YEAR), 1)
    before = _rates(town, window)
    crime = before.violence + before.property
    mean = float(np.average(crime, weights=hoods.population))
    repeats = count_of(hoods.past_repeats, town.week, window)
    called = count_of(hoods.past_calls, town.week, window)
    simulation.step()  # in which police look, as in the first week of a comparison
    limits = asked.scenario.parameters.zones
    seen = Seen(
        zone=np.array(hoods.zone, np.int64),
        multiple=crime / max(mean, 1e-9),
        calls=before.calls,
        repeat=repeats / np.maximum(called, 1),
        is_able=(np.asarray(hoods.seen_capacity) >= limits.capacity)
        & (np.asarray(hoods.community_led) >= limits.community_led),
    )
    simulation.run_to(simulation.last_week)
    return FitRun(seen, before, _rates(town, WEEKS_PER_YEAR))


def _rates(town: Town, window: int) -> Rates:
    """Return the rates of the last weeks."""
    hoods = town.neighbourhoods
    per_year = 1000 * WEEKS_PER_YEAR / window / np.asarray(hoods.population)
    rings = (hoods.past_recorded_violence, hoods.past_recorded_property, hoods.past_calls)
    return Rates(*(per_year * count_of(ring, town.week, window) for ring in rings))


def _crime(runs: Sequence[FitRun], blueprint: Blueprint) -> Fitted | None:
    """Return what police record of the offences that the table has."""
    streams = (
        ("violence", blueprint.violence, blueprint.coverage[0]),
        ("property", blueprint.property, blueprint.coverage[1]),
    )
    known = [(name, wanted, part) for name, wanted, part in streams if wanted is not None]
    if not known:
        return None

    def made(when: str) -> Floats:
        each = [
            [part * getattr(getattr(run, when), name) for name, _, part in known] for run in runs
        ]
        return np.asarray(np.sum(each, axis=1))

    wanted = np.sum([wanted for _, wanted, _ in known], axis=0)
    return _fitted(wanted, made("before"), made("after"), blueprint)


def _calls(runs: Sequence[FitRun], blueprint: Blueprint) -> Fitted | None:
    if blueprint.calls is None:
        return None
    before, after = (np.stack([getattr(run, x).calls for run in runs]) for x in ("before", "after"))
    return _fitted(blueprint.calls, before, after, blueprint)


def _fitted(recorded: Floats, before: Floats, after: Floats, blueprint: Blueprint) -> Fitted:
    """Return recorded (N,) beside what was made, (runs, N) before week 0 and after it."""
    error = after.std(axis=0, ddof=1) / np.sqrt(len(after)) if len(after) > 1 else np.nan * recorded
    return Fitted(recorded, before.mean(axis=0), after.mean(axis=0), error, blueprint.population)


def _starts(runs: Sequence[FitRun], rows: Sequence[ZoneRow], limits: ZoneLimits) -> list[Start]:
    """Return where each neighbourhood starts: in the zone that most runs start in."""
    crime, calls, repeat, able = (
        np.mean([getattr(run.seen, name) for run in runs], axis=0)
        for name in ("multiple", "calls", "repeat", "is_able")
    )
    zones = np.stack([run.seen.zone for run in runs])
    return starts_of(rows, zones, AtStart(crime, calls, repeat, able >= MOST), limits)
