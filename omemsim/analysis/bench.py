"""The benchmark: how fast a week, a large town, a small run, a start and a study are.

Every figure is measured in the run that prints it. `Figure` says what each is and what we aim at;
the parts that make them are in `PARTS`. Ratios count where machines differ: the model, the same
week as plain Mesa agents (`omemsim.reference`, one resident at a time) and the floor (reading
and writing six of the residents' columns once) start from one town under one strategy, on one
thread. Rounds of model and floor alternate and the median counts, so that a noisy machine hits
both alike.
"""

from __future__ import annotations

import json as json_format
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from omemsim.analysis.bench_runs import small_run, start_of_all, studies
from omemsim.inputs.build import build
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.kernels import Column, kernel
from omemsim.processes import run_weeks
from omemsim.reference import ReferenceModel
from omemsim.town import Town
from omemsim.vocabulary.random_numbers import replicate_seed

__all__ = ["FIGURES", "PARTS", "Figure", "main", "town_of", "week_seconds"]

ROUNDS, WEEKS_PER_ROUND, WARM_UP = 9, 13, 60
TWIN_WEEKS = 2
LARGE, LARGE_WARM_UP, LARGE_ROUNDS, LARGE_WEEKS = 2_800_000, 12, 3, 3
TEN_YEARS, YEAR = 520, 52  # weeks
TINY, SMALL = 60, 5000  # residents
PER_NEIGHBOURHOOD, MOST_NEIGHBOURHOODS = 1667, 3000  # residents, as in `city`
STREAMED = ("trust", "fear", "efficacy", "vigilance", "boost", "support")


@dataclass(frozen=True)
class Figure:
    """What a number of the benchmark is, and its target.

    Attributes
    ----------
    title, unit : what is measured, and in what.
    bound : ``at most``, ``at least``, or empty where there is no target.
    limit : the target, in ``unit``; NaN where there is none.
    """

    title: str
    unit: str
    bound: str = ""
    limit: float = float("nan")

    def holds(self, value: float) -> bool:
        """Say whether a value meets the target; True where there is none."""
        return {"at most": value <= self.limit, "at least": value >= self.limit}.get(
            self.bound, True
        )


FIGURES = {
    "residents": Figure("residents 15+ of the town", "residents"),
    "ns_per_resident_week": Figure("a week of this model", "ns per resident", "at most", 16),
    "twin_ratio": Figure("the same week as plain Mesa agents", "x this model", "at least", 1000),
    "floor_ratio": Figure("a week of this model", "x the floor"),
    "bytes_per_resident": Figure("state", "bytes per resident", "at most", 150),
    "peak_mb": Figure("peak memory, before the twin is made", "MB"),
    "tiny_week_us": Figure("a week of 60 residents", "us", "at most", 40),
    "small_week_us": Figure("a week of 5,000 residents (`small`)", "us", "at most", 150),
    "large_seconds": Figure("2.8 million residents for ten years", "s", "at most", 20),
    "large_gb": Figure("peak memory of that town", "GB", "at most", 1),
    "small_run_ms": Figure("`small` for 5 years from a spun-up town", "ms", "at most", 45),
    "small_beyond_kernels_ms": Figure("of that, beyond its kernels", "ms", "at most", 8),
    "small_spin_up_ms": Figure("spin-up of `small`", "ms", "at most", 35),
    "help_seconds": Figure("omemsim --help", "s", "at most", 0.5),
    "compile_seconds": Figure("first compile, on all cores", "s", "at most", 30),
    "first_week_seconds": Figure("start to first week, Numba's code cached", "s", "at most", 1.5),
    "shipped_week_seconds": Figure("start to first week, shipped library", "s", "at most", 1),
    "sobol_levers_minutes": Figure(
        "10,000-run Sobol over levers, `small`, 5 years", "min", "at most", 3
    ),
    "sobol_parameters_minutes": Figure("the same over parameters", "min", "at most", 5),
    "sobol_workers": Figure("workers of both", "processes"),
    "sobol_timed_runs": Figure("runs of each that were timed", "runs"),
}


def main(residents: int = 100_000, json: bool = False, only: Sequence[str] = ()) -> int:
    """Measure, print, and return 0.

    Parameters
    ----------
    residents : residents 15+ of the town that is raced, 1 or more.
    json : print one line of JSON instead of a table.
    only : names of `PARTS`; all if empty.
    """
    numbers: dict[str, float] = {}
    for name in only or PARTS:
        print(f"Measuring: {name} ...", file=sys.stderr, flush=True)
        numbers |= PARTS[name](residents)
    if json:
        print(json_format.dumps(numbers))
        return 0
    for name, value in numbers.items():
        print(_line(FIGURES[name], value))
    print("Next: omemsim bench residents=1000000 only=week, or --json for a script.")
    return 0


def _line(figure: Figure, value: float) -> str:
    asked = f"({figure.bound} {figure.limit:g})" if figure.bound else ""
    missed = "" if figure.holds(value) else "  not met"
    return f"{figure.title:<52}{value:>14,.2f} {figure.unit:<18} {asked}{missed}".rstrip()


def _week_part(residents: int) -> dict[str, float]:
    scenario, town = town_of(residents)
    _run(town, scenario, WARM_UP)
    streamed = tuple(getattr(town.residents, name).copy() for name in STREAMED)
    stream_once(streamed)
    model, floor = [], []
    for _ in range(ROUNDS):
        model.append(_seconds(lambda: _run(town, scenario, WEEKS_PER_ROUND), 1) / WEEKS_PER_ROUND)
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


def _large_part(residents: int) -> dict[str, float]:
    """Return the time of ten years, from the median week of a few rounds, and the peak memory.

    Building the town is not counted in the time.
    """
    del residents
    week = week_seconds(LARGE, warm_up=LARGE_WARM_UP, rounds=LARGE_ROUNDS, weeks=LARGE_WEEKS)
    return {"large_seconds": round(TEN_YEARS * week, 1), "large_gb": round(_peak_mb() / 1024, 2)}


def _fixed_part(residents: int) -> dict[str, float]:
    """Return what a week of a small town costs, where residents hardly count."""
    del residents
    tiny, small = (1e6 * week_seconds(n, weeks=YEAR) for n in (TINY, SMALL))
    return {"tiny_week_us": round(tiny, 1), "small_week_us": round(small, 1)}


PARTS: dict[str, Callable[[int], dict[str, float]]] = {
    "week": _week_part,
    "fixed": _fixed_part,
    "large": _large_part,
    "small": lambda _: small_run(),
    "start": lambda _: start_of_all(),
    "studies": lambda _: studies(),
}


def town_of(residents: int, neighbourhoods: int | None = None) -> tuple[Scenario, Town]:
    """Return the scenario of a town of this size under `omem`, and the town before any week."""
    usual = max(1, min(MOST_NEIGHBOURHOODS, residents // PER_NEIGHBOURHOOD))
    hoods = usual if neighbourhoods is None else neighbourhoods
    words = [f"town.residents={residents}", f"town.neighbourhoods={hoods}"]
    scenario = compose_scenario("city", "omem", words)
    return scenario, build(blueprint_of(scenario.town), scenario.parameters, replicate_seed(0, 0))


def week_seconds(
    residents: int,
    *,
    neighbourhoods: int | None = None,
    warm_up: int = WARM_UP,
    rounds: int = ROUNDS,
    weeks: int = WEEKS_PER_ROUND,
) -> float:
    """Return the seconds of a week: the median over rounds of so many weeks.

    Parameters
    ----------
    residents : residents 15+ of the town.
    neighbourhoods : how many; None for about one per `PER_NEIGHBOURHOOD` residents.
    warm_up : weeks that are run before, and not timed.
    rounds : timed, 1 or more.
    weeks : in a round, 1 or more.
    """
    scenario, town = town_of(residents, neighbourhoods)
    _run(town, scenario, warm_up)
    each = [_seconds(lambda: _run(town, scenario, weeks), 1) / weeks for _ in range(rounds)]
    return statistics.median(each)


def _run(town: Town, scenario: Scenario, weeks: int) -> None:
    """Run weeks as a study does: many in one call of the program."""
    run_weeks(town, scenario.parameters, scenario.strategy, weeks)


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
def stream_once(columns: tuple[Column, ...]) -> None:
    """Read and write some columns once: the floor of a week."""
    for column in columns:
        _touch(column)


@kernel
def _touch(column: Column) -> None:
    for i in range(column.size):
        column[i] = column[i] + np.float32(1e-6)
