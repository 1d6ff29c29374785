"""The runs of a hindcast: the town fitted to some years, run on, its records counted.

Runs are made once and kept under a key of all they depend on; of the table, that is what the fit
reads. Later years are not read here at all.

Beside the runs that predict, the town is fitted to the window's first years and run to its later
ones, for every year that can end such a fit: from these the model learns its error so many years
ahead, in the same way as its rivals do (`rivals.spread_by_lead`).
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.answers import source_hash
from omemsim.analysis.hindcast import counted, places
from omemsim.analysis.hindcast.counted import RunCounts, simulate
from omemsim.inputs.config import scenario_from_dict, scenario_to_dict
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.schema import put
from omemsim.inputs.sources import blueprint_of
from omemsim.study.engine import POOL, Engine
from omemsim.study.identity import FILES, RunKey, content_hash, identify, plain
from omemsim.study.progress import Progress
from omemsim.study.run_times import Left, pace_of
from omemsim.study.runner import Answer, Request, Run, batches, missing, run
from omemsim.study.series_files import pack, unpack
from omemsim.study.store import Store
from omemsim.study.tasks import Failure

__all__ = ["HindcastRun", "HindcastRuns", "plan_runs", "run_hindcast"]

Floats = NDArray[np.float64]
LEAST_ORIGIN = 10  # replicates of a fit to a part of the window
OF_ORIGIN = 4  # of so many replicates that predict, one is run from each such fit


class HindcastRun(NamedTuple):
    """One run: the last year it is fitted to, its parameter set, its replicate."""

    origin: int
    point: int
    replicate: int


@dataclass(frozen=True)
class HindcastRuns:
    """All that is to be run: scenarios by origin and parameter set, replicates of each."""

    scenarios: Mapping[tuple[int, int], Scenario]
    keys: Mapping[HindcastRun, RunKey]
    measures: tuple[str, ...]


def plan_runs(
    scenario: Scenario,
    *,
    fit: Sequence[int],
    last: int,
    replicates: int,
    points: Sequence[Mapping[str, Any]] = (),
    measures: Sequence[str] = (),
) -> HindcastRuns:
    """Return what is to be run.

    Parameters
    ----------
    scenario : the town and the strategy.
    fit : years of the fit window, increasing.
    last : last year that is predicted.
    replicates : of each fit to the whole window; of one to a part of it fewer are run.
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
        HindcastRun(origin, point, replicate): key
        for (origin, point), one in scenarios.items()
        for replicate, key in enumerate(
            _keys(one, measures, replicates if origin == fit[-1] else fewer)
        )
    }
    return HindcastRuns(scenarios, keys, tuple(measures))


def _fitted(
    scenario: Scenario, first: int, origin: int, years: int, point: Mapping[str, Any]
) -> Scenario:
    """Return the scenario of a town fitted to these years, shrunken, with a set's parameters."""
    data = scenario_to_dict(scenario)
    data["town"] |= {"since": first, "year": origin, "shrink": True}
    data["years"] = float(years)
    for path, value in point.items():
        data = put(data, path, value)
    return scenario_from_dict(data)


def _keys(scenario: Scenario, measures: Sequence[str], replicates: int) -> list[RunKey]:
    """Return the keys of a scenario's runs; of a table, what is read of it counts."""
    tree = plain(scenario)
    tree["town"] |= dict.fromkeys(FILES)
    content = content_hash(blueprint_of(scenario.town))
    asked = {
        "scenario": tree,
        "content": content,
        "measures": list(measures),
        "code": source_hash(counted, places),
    }
    names = {"town": scenario.town.name, "strategy": scenario.strategy.name}
    return [identify(asked, replicate=number, **names) for number in range(replicates)]


def run_hindcast(
    runs: HindcastRuns,
    store: Store,
    *,
    engine: Engine = POOL,
    progress: Progress = True,
    confirm: Callable[[Left], bool] = lambda _: True,
) -> tuple[dict[HindcastRun, RunCounts], list[Failure]]:
    """Make what the store lacks and return all runs that finished, and why others did not.

    Parameters
    ----------
    runs : from `plan_runs`.
    store : where runs are kept; what it has is not run.
    engine : where they are made.
    progress : as for `dispatch.run_tasks`.
    confirm : called with the estimate before anything is run; False ends it there.
    """
    requests = {cell: _request(runs, cell) for cell in runs.keys}
    left = {request.key.run_id for request in missing(requests.values(), store)}
    cells = [cell for cell, key in runs.keys.items() if key.run_id in left]
    if not confirm(_estimate(runs, cells, cores=engine.processes)):
        return {}, []
    failures = run(
        batches(requests[cell] for cell in cells),
        store,
        unit_of=lambda *_: "crimes recorded in all years",
        engine=engine,
        progress=progress,
    )
    return _kept(runs, store, failures), list(failures.values())


def _estimate(runs: HindcastRuns, cells: Sequence[HindcastRun], *, cores: int) -> Left:
    kept = len(runs.keys) - len(cells)
    if not cells:
        return Left(0, "run", 0, 0.0, kept, 0.0)
    first = runs.scenarios[cells[0].origin, cells[0].point]
    pace = pace_of(first)
    each = [runs.scenarios[cell.origin, cell.point] for cell in cells]
    seconds = sum(pace.spin_up(one) + pace.run(one) for one in each)
    years = sum(one.years for one in each)
    return Left(len(cells), "run", len(cells), years, kept, seconds / cores)


def _request(runs: HindcastRuns, cell: HindcastRun) -> Request:
    scenario = runs.scenarios[cell.origin, cell.point]
    text = f"fit to {cell.origin}, parameter set {cell.point}, replicate {cell.replicate}"
    read = functools.partial(records_of, measures=runs.measures)
    # Each has a town of its own, fitted and run week by week: there is no start to share.
    return Request(runs.keys[cell], scenario, cell.replicate, "", read, text)


def records_of(run: Run, measures: Sequence[str]) -> Answer:
    """Return what a run leaves, packed (in a worker process)."""
    ran = simulate(run.scenario, run.replicate, measures)
    arrays = {f.name: getattr(ran, f.name) for f in dataclasses.fields(ran) if f.name != "measures"}
    arrays |= {f"measure.{name}": values for name, values in ran.measures.items()}
    return Answer({"recorded": float(ran.recorded.sum())}, pack(arrays, {}))


def _kept(
    runs: HindcastRuns, store: Store, failures: Mapping[str, Failure]
) -> dict[HindcastRun, RunCounts]:
    """Read the runs that are in the store."""
    found = {}
    for cell, key in runs.keys.items():
        if key.run_id not in failures:
            arrays, _ = unpack(store.shard(key.run_id))
            named = {x: arrays.pop(f"measure.{x}") for x in runs.measures}
            found[cell] = RunCounts(measures=named, **arrays)
    return found
