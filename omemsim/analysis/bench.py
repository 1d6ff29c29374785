"""The benchmark: this model, the same week as plain Mesa agents, and the floor, in one run.

All three start from the same town under the same strategy, on one thread. The twin is
`omemsim.reference`, one resident at a time; the floor reads and writes the residents' stocks
once. Rounds of model and floor alternate and the median counts, so that a noisy machine
hits both alike.
"""

from __future__ import annotations

import json as json_format
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from omemsim.inputs.build import build
from omemsim.inputs.config import Scenario, compose_scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.kernels import kernel
from omemsim.processes import run_week
from omemsim.reference import ReferenceModel
from omemsim.town import Town
from omemsim.vocabulary.luck import replicate_seed

__all__ = ["main", "measure"]

ROUNDS, WEEKS_PER_ROUND, WARM_UP = 9, 13, 60
TWIN_WEEKS = 2
STREAMED = ("trust", "fear", "efficacy", "vigilance", "boost", "support")


def main(residents: int = 100_000, json: bool = False) -> int:
    """Measure, print, and return 0.

    Parameters
    ----------
    residents : residents 15+ of the town.
    json : print one line of JSON instead of a table.
    """
    numbers = measure(residents)
    if json:
        print(json_format.dumps(numbers))
        return 0
    twin = numbers["ns_per_resident_week"] * numbers["twin_ratio"]
    floor = numbers["ns_per_resident_week"] / numbers["floor_ratio"]
    print(f"{residents:,} residents, strategy omem, one thread, one run")
    print(f"  this model          {numbers['ns_per_resident_week']:12,.1f} ns per resident-week")
    print(f"  plain Mesa twin     {twin:12,.1f} ns   {numbers['twin_ratio']:,.0f} x this model")
    print(
        f"  floor (six columns) {floor:12,.2f} ns   this model is {numbers['floor_ratio']:,.0f} x"
    )
    print(f"  state               {numbers['bytes_per_resident']:12,.0f} bytes per resident")
    print(f"  peak memory         {numbers['peak_mb']:12,.0f} MB, before the twin is made")
    print("Next: omemsim bench residents=1000000, or --json for a script.")
    return 0


def measure(residents: int) -> dict[str, float]:
    """Return the figures by key, in one run: see `main`."""
    hoods = max(1, min(3000, residents // 1667))
    words = [f"town.residents={residents}", f"town.neighbourhoods={hoods}"]
    scenario = compose_scenario("city", "omem", words)
    town = build(blueprint_of(scenario.town), scenario.parameters, replicate_seed(0, 0))
    for _ in range(WARM_UP):
        _week(town, scenario)
    streamed = tuple(getattr(town.residents, name).copy() for name in STREAMED)
    stream_once(streamed)
    model, floor = [], []
    for _ in range(ROUNDS):
        model.append(_seconds(lambda: _week(town, scenario), WEEKS_PER_ROUND))
        floor.append(_seconds(lambda: stream_once(streamed), WEEKS_PER_ROUND))
    peak = _peak_mb()
    week = statistics.median(model)
    twin = ReferenceModel.from_town(town, scenario.parameters, scenario.strategy)
    slow = _seconds(twin.step, TWIN_WEEKS)
    return {
        "residents": residents,
        "ns_per_resident_week": round(week / residents * 1e9, 2),
        "twin_ratio": round(slow / week, 1),
        "floor_ratio": round(week / statistics.median(floor), 1),
        "bytes_per_resident": round(_bytes(town) / residents, 1),
        "peak_mb": round(peak, 1),
    }


def _week(town: Town, scenario: Scenario) -> None:
    run_week(town, scenario.parameters, scenario.strategy)


def _seconds(step: Callable[[], Any], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        step()
    return (time.perf_counter() - start) / times


def _bytes(town: Town) -> int:
    """Return the size of the whole state, columns of all tables."""
    arrays = [a for table in town.tables().values() for a in table.columns().values()]
    return sum(array.nbytes for array in arrays)


def _peak_mb() -> float:
    """Return the most memory this process has held, in MB (Linux counts in kB)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 1024


@kernel
def stream_once(columns):  # type: ignore[no-untyped-def]
    for column in columns:
        _touch(column)


@kernel
def _touch(column):  # type: ignore[no-untyped-def]
    for i in range(column.size):
        column[i] = column[i] + np.float32(1e-6)
