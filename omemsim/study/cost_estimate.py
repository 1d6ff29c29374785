"""Before a sweep runs: how long it takes, and how much of it a budget allows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.lay import recorded_rows
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.measures import declared, recorded_measures
from omemsim.present.text import data_size, duration
from omemsim.recording import recorded_bytes
from omemsim.study import run_times
from omemsim.study.design import Design, design
from omemsim.study.expand import Sweep, starts_of
from omemsim.study.manifest import Member
from omemsim.study.run_times import Pace
from omemsim.study.runner import SPIN_UPS, TASK_SECONDS
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.rates import weeks

__all__ = ["CostEstimate", "estimate", "estimate_tasks", "fitted", "in_time"]

BYTES_PER_RUN = 500  # of its rows, in a store; measured in tests/unit/test_sweep.py
BYTES_PER_NUMBER = 25
MOST_REPLICATES = 1_000_000
MOST_ROWS = 1 << 20
FEWEST_ROWS = {"latin": 2, "sobol": 2, "morris": 1}  # of a design that a time chooses the size of


@dataclass(frozen=True)
class CostEstimate:
    """What a sweep is and takes.

    Attributes
    ----------
    runs, kept : to be run, and found in the store.
    spin_ups : starts that are spun up; each worker spins a shared one up for itself.
    seconds : of this machine, on its workers, if it does nothing else.
    disk : bytes of the store at most, for the runs to be run.
    memory : bytes of a run's records while it runs.
    """

    runs: int
    kept: int
    spin_ups: int
    seconds: float
    disk: int
    memory: int

    def text(self) -> str:
        """Say it in two lines."""
        kept = f"; {self.kept:,} are in the store already" if self.kept else ""
        if not self.runs:
            return f"Nothing to run{kept}."
        return (
            f"{self.runs:,} runs from {self.spin_ups:,} spin-ups{kept}.\n"
            f"By a timed pilot about {duration(self.seconds)} if the processors do nothing else; "
            f"at most {data_size(self.disk)} on disk, {data_size(self.memory)} of memory for a "
            "run's records."
        )


def estimate(
    sweep: Sweep,
    pace: Pace,
    *,
    workers: int,
    missing: Sequence[Member] | None = None,
    unlike: int | None = None,
) -> CostEstimate:
    """Return what a sweep takes.

    Parameters
    ----------
    sweep : its first arm stands for all in how long a run takes.
    pace : of this machine, in seconds.
    workers : processes, at least 1.
    missing : the runs that the store lacks; None estimates as if nothing of it were in the store.
    unlike : number of its runs that differ, of which the ``missing`` are to be run; None if nothing
        is in the store.
    """
    starts = starts_of(sweep)
    if missing is None:
        runs, shared = sweep.size, len(set(starts.values())) * sweep.replicates
    else:
        runs = len(missing)
        shared = len({(starts[one.arm, one.point], one.replicate) for one in missing})
    scenario = next(iter(sweep.arms.values()))
    spin_up, run = pace.spin_up(scenario), pace.run(scenario)
    # Each worker that gets a part of a start's runs spins it up for itself.
    tasks_each = runs * run / max(shared, 1) / max(TASK_SECONDS, SPIN_UPS * spin_up)
    spin_ups = shared * min(workers, max(round(tasks_each), 1))
    return _estimated(
        scenario,
        pace,
        runs=runs,
        kept=0 if unlike is None else unlike - runs,
        spin_ups=spin_ups,
        seconds=(spin_ups * spin_up + runs * run) / workers,
    )


def estimate_tasks(
    parts: Sequence[Sequence[int]], scenario: Scenario, pace: Pace, *, workers: int, kept: int
) -> CostEstimate:
    """Return what tasks take that spin one town up each and run several scenarios from it.

    Parameters
    ----------
    parts : the number of runs of each task; a part begins when the one before it has ended.
    scenario : one of them, whose pace it is.
    pace : of this machine, in seconds.
    workers : processes, at least 1.
    kept : runs found in the store.
    """
    spin_up, run = pace.spin_up(scenario), pace.run(scenario)
    seconds = 0.0
    for sizes in parts:
        each = [spin_up + size * run for size in sizes]
        seconds += max(sum(each) / workers, max(each, default=0.0))
    return _estimated(
        scenario,
        pace,
        runs=sum(map(sum, parts)),
        kept=kept,
        spin_ups=sum(map(len, parts)),
        seconds=seconds,
    )


def _estimated(
    scenario: Scenario, pace: Pace, *, runs: int, kept: int, spin_ups: int, seconds: float
) -> CostEstimate:
    """Return the estimate with the disk and memory that so many runs take."""
    memory = _recorded(scenario, blueprint_of(scenario.town))
    series = memory if scenario.record.series else 0
    disk = runs * (BYTES_PER_RUN + BYTES_PER_NUMBER * pace.numbers + series)
    return CostEstimate(
        runs=runs, kept=kept, spin_ups=spin_ups, seconds=seconds, disk=disk, memory=memory
    )


def _recorded(scenario: Scenario, blueprint: Blueprint) -> int:
    """Return the bytes of a run's records."""
    n, rows = len(blueprint.ids), recorded_rows(scenario.record, blueprint)
    levels = [
        one.level for one in map(declared, recorded_measures(scenario.record)) if one is not None
    ]
    return recorded_bytes(
        levels,
        weeks=weeks(scenario.years),
        every=scenario.record.every,
        kept=n if rows is None else rows.size,
        n=n,
    )


def in_time(sweep: Sweep, *, by_rows: bool, workers: int, seconds: float) -> Sweep:
    """Return a sweep of as many points, or replicates, as a time allows, by a timed pilot.

    Parameters
    ----------
    sweep : what is asked; its number of what is to be chosen is not read.
    by_rows : whether the points of its sampled design are chosen; else its replicates are.
    workers : processes, at least 1.
    seconds : of this machine, on its workers.

    Raises
    ------
    InputError
        If not even the smallest fits.
    """
    made, first = sweep.design, next(iter(sweep.arms.values()))

    def redraw(n: int) -> Design:
        return design(made.kind, made.factors, n=n, seed=first.seed)

    if by_rows:
        sweep = dataclasses.replace(sweep, design=redraw(FEWEST_ROWS[made.kind]))
    return fitted(
        sweep,
        run_times.pace_of(first),
        workers=workers,
        seconds=seconds,
        redraw=redraw if by_rows else None,
    )


def fitted(
    sweep: Sweep,
    pace: Pace,
    *,
    workers: int,
    seconds: float,
    redraw: Callable[[int], Design] | None = None,
) -> Sweep:
    """Return the largest sweep that fits in so many seconds.

    Parameters
    ----------
    sweep : the smallest to consider.
    pace, workers : as for `estimate`.
    seconds : of this machine, on its workers; 0 or more.
    redraw : makes the design with n rows, where the rows are to be chosen; None chooses replicates.

    Raises
    ------
    InputError
        If not even ``sweep`` fits.
    """

    def sized(n: int) -> Sweep:
        if redraw is None:
            return dataclasses.replace(sweep, replicates=n)
        return dataclasses.replace(sweep, design=redraw(n))

    def takes(n: int) -> float:
        return estimate(sized(n), pace, workers=workers).seconds

    is_sobol = redraw is not None and sweep.design.kind == "sobol"
    first = sweep.replicates if redraw is None else max(sweep.design.n, 1)
    if takes(first) > seconds:
        raise InputError(
            f"budget: {duration(seconds)} is too little; the smallest such sweep "
            f"({sized(first).size:,} runs) takes about {duration(takes(first))}."
        )
    most = MOST_REPLICATES if redraw is None else MOST_ROWS
    low = first
    while low * 2 <= most and takes(low * 2) <= seconds:
        low *= 2
    high = min(low * 2, most + 1)
    while not is_sobol and high - low > max(low // 50, 1):  # 2% is finer than a pilot knows
        middle = (low + high) // 2
        low, high = (middle, high) if takes(middle) <= seconds else (low, middle)
    return sized(low)
