"""The runs of a hindcast: the town fitted to some years, run on, its records counted.

Runs are made once and kept: the store's key holds all they depend on, the table by what the fit
reads of it. Later years are not read here at all.

Beside the runs that predict, the town is fitted to the window's first years and run to its later
ones, for every year that can end such a fit: from these the model learns how far it is off so
many years ahead, in the same way as its rivals do (`rivals.spread_by_lead`).
"""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.hindcast.places import tally
from omemsim.inputs.config import scenario_from_dict, scenario_to_dict
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.schema import put
from omemsim.inputs.sources import blueprint_of
from omemsim.kernels import event_uniform
from omemsim.measures import MEASURES
from omemsim.model import OmemModel
from omemsim.processes.reporting import RECORD_SALT
from omemsim.study.engine import POOL, Engine, Failure, Task, run_tasks
from omemsim.study.identity import FILES, RunKey, content_hash, identify, plain
from omemsim.study.pilot import pace_of
from omemsim.study.progress import Progress
from omemsim.study.shards import pack, unpack
from omemsim.study.store import Record, Store
from omemsim.town import Town
from omemsim.vocabulary.columns import HISTORY
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Crime, Origin

__all__ = ["Cell", "Estimate", "Ran", "Runs", "cells_of", "run_cells", "simulate"]

Floats = NDArray[np.float64]
LEAST_ORIGIN = 10  # replicates of a fit to a part of the window
OF_ORIGIN = 4  # of so many replicates that predict, one is run from each such fit
KINDS = ("violence", "property")


class Cell(NamedTuple):
    """One run: the last year it is fitted to, its parameter set, its luck."""

    origin: int
    point: int
    replicate: int


@dataclass(frozen=True)
class Ran:
    """What a run leaves.

    Attributes
    ----------
    recorded : (years, 2, N), violence and property crime recorded in each year after the fit.
    measures : name -> (N,), measures of the first year after the fit.
    places : (2, N, 4), how violence and property crime recorded in that year lie over places.
    """

    recorded: Floats
    measures: dict[str, Floats]
    places: Floats


@dataclass(frozen=True)
class Runs:
    """All that is to be run: scenarios by origin and parameter set, replicates of each."""

    scenarios: Mapping[tuple[int, int], Scenario]
    keys: Mapping[Cell, RunKey]
    measures: tuple[str, ...]


@dataclass(frozen=True)
class Estimate:
    """What is left to do, and how long it takes by a timed pilot."""

    runs: int
    kept: int
    seconds: float


def cells_of(
    scenario: Scenario,
    *,
    fit: Sequence[int],
    last: int,
    replicates: int,
    points: Sequence[Mapping[str, Any]] = (),
    measures: Sequence[str] = (),
) -> Runs:
    """Return what is to be run.

    Parameters
    ----------
    scenario : the town and the strategy.
    fit : years of the fit window, increasing.
    last : last year that is predicted.
    points : parameter sets that predict, each once as often; empty for the scenario's own.
    measures : what is read of the first year, beside records and places.
    """
    scenarios = {
        (fit[-1], number): _fitted(scenario, fit[0], fit[-1], last - fit[-1], point)
        for number, point in enumerate(points or [{}])
    }
    for origin in fit[:-1]:
        scenarios[origin, 0] = _fitted(scenario, fit[0], origin, fit[-1] - origin, {})
    fewer = min(replicates, max(LEAST_ORIGIN, replicates // OF_ORIGIN))
    keys = {
        Cell(origin, point, replicate): key
        for (origin, point), one in scenarios.items()
        for replicate, key in enumerate(
            _keys(one, measures, replicates if origin == fit[-1] else fewer)
        )
    }
    return Runs(scenarios, keys, tuple(measures))


def _fitted(
    scenario: Scenario, first: int, origin: int, years: int, point: Mapping[str, Any]
) -> Scenario:
    """Return the scenario of a town fitted to these years, with a set's parameters."""
    data = scenario_to_dict(scenario)
    data["town"] |= {"since": first, "year": origin}
    data["years"] = float(years)
    for path, value in point.items():
        data = put(data, path, value)
    return scenario_from_dict(data)


def _keys(scenario: Scenario, measures: Sequence[str], replicates: int) -> list[RunKey]:
    """Return the keys of a scenario's runs; a table counts by what is read of it."""
    tree = plain(scenario)
    tree["town"] |= dict.fromkeys(FILES)
    content = content_hash(blueprint_of(scenario.town))
    asked = {"scenario": tree, "content": content, "measures": list(measures), "code": _code()}
    names = {"town": scenario.town.name, "strategy": scenario.strategy.name}
    return [identify(asked, replicate=number, **names) for number in range(replicates)]


@functools.cache
def _code() -> str:
    """Return a hash of what is read of a run; the model's own sources are in every key."""
    here = Path(__file__)
    texts = [path.read_text(encoding="utf-8") for path in (here, here.with_name("places.py"))]
    return content_hash(texts)


def simulate(scenario: Scenario, replicate: int, measures: Sequence[str]) -> Ran:
    """Fit a town, run it, and count by year; a pure function of its arguments."""
    model = OmemModel(scenario=scenario, replicate=replicate, collect=False)
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
    model.close()
    return Ran(np.array(recorded, float), seen, np.stack(tallies))


def _count_places(town: Town, at: NDArray[np.int64], recorded: float) -> None:
    """Add the crimes that police recorded this week at the place of each.

    Calls do not say whether a crime was recorded; it was if the luck that decided it says so.
    """
    calls = town.calls
    is_crime = calls.type <= max(Crime)
    luck = np.array([event_uniform(event, RECORD_SALT) for event in calls.event[is_crime]])
    kind, place = calls.type[is_crime], calls.place[is_crime]
    is_recorded = (calls.origin[is_crime] == Origin.OFFICER) | (luck < recorded)
    is_violent = kind == Crime.VIOLENCE
    for own, rows in zip(at, (is_violent, ~is_violent), strict=True):
        own += np.bincount(place[rows & is_recorded], minlength=own.size)


def run_cells(
    runs: Runs,
    store: Store,
    *,
    engine: Engine = POOL,
    progress: Progress = True,
    told: Any = lambda _: True,
) -> tuple[dict[Cell, Ran], list[Failure]]:
    """Make what the store lacks and return all runs that finished, and why others did not.

    ``told`` is called with the `Estimate` before anything is run; False ends it there.
    """
    done = store.done([key.run_id for key in runs.keys.values()])
    missing = [cell for cell, key in runs.keys.items() if key.run_id not in done]
    if not told(_estimate(runs, missing, cores=engine.processes)):
        return {}, []
    failures: list[Failure] = []

    def keep(task: Task, outcome: Record | Failure) -> None:
        if isinstance(outcome, Failure):
            failures.append(outcome)
            store.put_failure(task.payload[0], outcome)
        else:
            store.put([outcome], units={"recorded": "crimes recorded in all years"})

    tasks = [_task(runs, cell) for cell in missing]
    if tasks:
        engine.compile(progress)
    run_tasks(tasks, work, engine=engine, on_result=keep, progress=progress)
    return _kept(runs, store), failures


def _estimate(runs: Runs, missing: Sequence[Cell], *, cores: int) -> Estimate:
    kept = len(runs.keys) - len(missing)
    if not missing:
        return Estimate(0, kept, 0.0)
    first = runs.scenarios[missing[0].origin, missing[0].point]
    pace = pace_of(first)
    each = [runs.scenarios[cell.origin, cell.point] for cell in missing]
    seconds = sum(pace.spin_up(one) + pace.run(one) for one in each)
    return Estimate(len(missing), kept, seconds / cores)


def _task(runs: Runs, cell: Cell) -> Task:
    scenario = runs.scenarios[cell.origin, cell.point]
    text = f"fit to {cell.origin}, parameter set {cell.point}, replicate {cell.replicate}"
    return Task(text, (runs.keys[cell], scenario, cell.replicate, runs.measures))


def work(payload: tuple[RunKey, Scenario, int, tuple[str, ...]]) -> Record:
    """Make one run (in a worker process)."""
    key, scenario, replicate, measures = payload
    begun = time.perf_counter()
    ran = simulate(scenario, replicate, measures)
    arrays = {f.name: getattr(ran, f.name) for f in dataclasses.fields(ran) if f.name != "measures"}
    arrays |= {f"measure.{name}": values for name, values in ran.measures.items()}
    total = {"recorded": float(ran.recorded.sum())}
    return Record(key, total, pack(arrays, {}), time.perf_counter() - begun)


def _kept(runs: Runs, store: Store) -> dict[Cell, Ran]:
    """Read the runs that are in the store."""
    done = store.done([key.run_id for key in runs.keys.values()])
    found = {}
    for cell, key in runs.keys.items():
        if key.run_id in done:
            arrays, _ = unpack(store.shard(key.run_id))
            named = {x: arrays.pop(f"measure.{x}") for x in runs.measures}
            found[cell] = Ran(measures=named, **arrays)
    return found
