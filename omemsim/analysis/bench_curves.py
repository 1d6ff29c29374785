"""How the cost of a week and of a study grows: against residents, neighbourhoods, runs, workers."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from omemsim.analysis.bench import STREAMED, stream_once, week_seconds
from omemsim.analysis.bench_runs import sweeping
from omemsim.present import csv
from omemsim.study.design import design
from omemsim.study.factors import Factor

__all__ = ["CURVES", "Point", "csv_of", "curves"]

RESIDENTS = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000)
NEIGHBOURHOODS = (1, 10, 60, 300, 1_000, 3_000)
OF_A_CITY = 100_000
RUNS = (30, 100, 300, 1_000)
LEVER = Factor("strategy.precision", low=0.2, high=0.8)
FLOORS = 25  # rounds


@dataclass(frozen=True)
class Point:
    """One measured cost.

    Attributes
    ----------
    curve : a key of `CURVES`.
    at : residents, neighbourhoods, runs or workers.
    value : the cost there, in the curve's unit.
    """

    curve: str
    at: int
    value: float


CURVES = {
    "week": ("a week against residents", "ns per resident-week"),
    "floor": ("six columns read and written once", "ns per resident-week"),
    "neighbourhoods": ("a week of 100,000 residents", "ns per resident-week"),
    "runs": ("a run of `small` for 5 years in a sweep, all cores", "ms per run, wall clock"),
    "workers": ("the same by workers, 300 runs", "ms per run, wall clock"),
}


def curves(workers: int) -> Iterator[Point]:
    """Yield every cost as it is measured; ``workers`` is the most that are tried."""
    for residents in RESIDENTS:
        weeks = max(2, min(26, 3_000_000 // residents))
        week = week_seconds(residents, warm_up=weeks + 10, rounds=5, weeks=weeks)
        yield Point("week", residents, 1e9 * week / residents)
        yield Point("floor", residents, 1e9 * _floor(residents) / residents)
    for hoods in NEIGHBOURHOODS:
        week = week_seconds(OF_A_CITY, neighbourhoods=hoods, warm_up=20, rounds=5, weeks=8)
        yield Point("neighbourhoods", hoods, 1e9 * week / OF_A_CITY)
    for runs in RUNS:
        yield Point("runs", runs, _run_ms(runs, workers))
    for number in range(1, workers + 1):
        yield Point("workers", number, _run_ms(300, number))


def _floor(residents: int) -> float:
    columns = tuple(np.zeros(residents, np.float32) for _ in STREAMED)
    stream_once(columns)
    return statistics.median(_seconds(lambda: stream_once(columns)) for _ in range(FLOORS))


def _run_ms(runs: int, workers: int) -> float:
    took = sweeping(design("latin", [LEVER], n=runs), workers=workers)
    return 1000 * took.last / took.runs


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def csv_of(points: list[Point]) -> str:
    """Return the points as CSV text: curve, title, at, value, unit."""
    rows = []
    for point in points:
        title, unit = CURVES[point.curve]
        rows.append([point.curve, title, point.at, f"{point.value:.4g}", unit])
    return csv.of_rows(["curve", "title", "at", "value", "unit"], rows)
