"""The benchmark of runs and studies: a small run, the first start, and sweeps.

What is beyond a run's kernels is its time less that of the calls of the compiled loop of the weeks,
taken in the same runs by a clock around each call.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omemsim import program
from omemsim.run import run_scenario, spin_up
from omemsim.shipped import fitting_library
from omemsim.study.design import Design, design
from omemsim.study.engine import POOL, Engine
from omemsim.study.expand import Sweep, expand
from omemsim.study.factors import factors_of
from omemsim.study.store import Store
from omemsim.study.sweep import arms_of, run_sweep

__all__ = ["Sweeping", "small_run", "start_of_all", "studies", "sweeping"]

ROUNDS = 7
RUNS, ROWS = 10_000, 64  # of the study that is meant, and of the Sobol blocks that are timed
LEVERS = ("strategy.precision", "strategy.training", "strategy.communication")
UNCERTAIN = ("parameters.feel.pace", "parameters.organize.join", "parameters.offend.guardianship")


def small_run() -> dict[str, float]:
    """Time `small` for five years as a sweep runs it, and the part of it in kernels."""
    scenario = arms_of(["omem"], town="small", overrides=["years=5"])["omem"]
    town = spin_up(scenario, 0)
    run_scenario(scenario, 0, start=town)
    spun = _median(lambda: spin_up(scenario, 0))
    whole = _median(lambda: run_scenario(scenario, 0, start=town))
    with _clocks() as clock:
        share = statistics.median(
            _share(clock, lambda: run_scenario(scenario, 0, start=town)) for _ in range(ROUNDS)
        )
    return {
        "small_run_ms": round(1000 * whole, 1),
        "small_beyond_kernels_ms": round(1000 * whole * (1 - share), 1),
        "small_spin_up_ms": round(1000 * spun, 1),
    }


def _median(call: Callable[[], Any]) -> float:
    each = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        call()
        each.append(time.perf_counter() - begun)
    return statistics.median(each)


def _share(clock: list[float], call: Callable[[], Any]) -> float:
    """Return the share of a call's time that the clock has counted."""
    clock[0] = 0.0
    begun = time.perf_counter()
    call()
    return clock[0] / (time.perf_counter() - begun)


@contextmanager
def _clocks() -> Iterator[list[float]]:
    """Put a clock around the compiled loop of the weeks: all compiled code of a run is in it."""
    clock, untimed = [0.0], program.loop_of_weeks
    program.loop_of_weeks = lambda: _timed(untimed(), clock)  # type: ignore[assignment]
    try:
        yield clock
    finally:
        program.loop_of_weeks = untimed


def _timed(function: Callable[..., Any], clock: list[float]) -> Callable[..., Any]:
    now = time.perf_counter

    def timed(*arguments: Any) -> Any:
        begun = now()
        result = function(*arguments)
        clock[0] += now() - begun
        return result

    return timed


def start_of_all() -> dict[str, float]:
    """Time `--help`, and the first run with no compiled code against the second."""
    with tempfile.TemporaryDirectory() as folder:
        run = ["run", "town=small", "strategy=omem", "years=0.1", f"out={folder}/out"]
        shown = _command(["--help"], folder)
        first, again = _command(run, folder), _command(run, folder)
        figures = {"help_seconds": round(shown, 2)}
        if fitting_library():  # nothing was compiled
            return figures | {"shipped_week_seconds": round(_first_week(run, folder), 2)}
        return figures | {
            "compile_seconds": round(first - again, 1),
            "first_week_seconds": round(_first_week(run, folder), 2),
        }


# Python that says when its first week would begin, and ends.
FIRST_WEEK = """
import time
from omemsim import processes

def first(*arguments):
    print("first week at", time.time())
    raise SystemExit

processes.week_program = first
from omemsim.cli import main
main()
"""


def _first_week(words: list[str], folder: str) -> float:
    """Return the least seconds, of `ROUNDS` tries, from a process's start to its first week."""
    least = float("inf")
    for _ in range(ROUNDS):
        begun = time.time()
        done = subprocess.run(
            [sys.executable, "-c", FIRST_WEEK, *words],
            env=_apart(folder),
            check=True,
            capture_output=True,
            text=True,
        )
        least = min(least, float(done.stdout.split()[-1]) - begun)
    return least


def _command(words: list[str], folder: str) -> float:
    """Return the seconds of a command in a new process, with its cache in this folder."""
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "omemsim", *words],
        env=_apart(folder),
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - begun


def _apart(folder: str) -> dict[str, str]:
    return {**os.environ, "XDG_CACHE_HOME": folder, "NUMBA_CACHE_DIR": folder}


def studies() -> dict[str, float]:
    """Time two Sobol designs on all cores.

    What 10,000 runs take is the time to the first result, once, and the rest in proportion.
    """
    levers, uncertain = (_sobol(paths) for paths in (LEVERS, UNCERTAIN))
    return {
        "sobol_levers_minutes": round(levers.minutes(RUNS), 2),
        "sobol_parameters_minutes": round(uncertain.minutes(RUNS), 2),
        "sobol_workers": POOL.processes,
        "sobol_timed_runs": levers.runs,
    }


@dataclass(frozen=True)
class Sweeping:
    """How long a sweep took.

    Attributes
    ----------
    runs : how many.
    first, last : seconds to the first result, and to the last.
    at_first : runs that were done at the first result.
    """

    runs: int
    first: float
    last: float
    at_first: int

    def minutes(self, runs: int) -> float:
        """Return the minutes that so many runs would take."""
        each = (self.last - self.first) / (self.runs - self.at_first)
        return (self.first + each * (runs - self.at_first)) / 60


def _sobol(paths: tuple[str, ...]) -> Sweeping:
    factors = [factor for path in paths for factor in factors_of(path, "default")]
    return sweeping(design("sobol", factors, n=ROWS))


def sweeping(points: Design, *, workers: int | None = None) -> Sweeping:
    """Time a sweep of `small` for five years over these points, from an empty store."""
    told: list[tuple[float, int]] = []
    begun = time.perf_counter()
    many = expand(Sweep(arms_of(["omem"], town="small", overrides=["years=5"]), points))
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder)) as kept:
        run_sweep(
            many,
            kept,
            engine=Engine(workers=workers),
            progress=lambda done, *_: told.append((time.perf_counter() - begun, done)),
        )
    (first, at_first), (last, runs) = told[0], told[-1]
    return Sweeping(runs, first, last, at_first)
