"""How long runs will take on this machine: from a few weeks, timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from omemsim.inputs.scenario import Scenario
from omemsim.present.text import counted, duration
from omemsim.run import run_scenario, spin_up
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, weeks

__all__ = ["Pace", "left_to_do", "pace_of", "timed"]

WEEKS = 8  # of a pilot


@dataclass(frozen=True)
class Pace:
    """Seconds of one processor: to build a town, to begin a run, and of a week of each.

    ``numbers`` is how many a run's summary holds.
    """

    build: float
    spin_week: float
    begin: float
    run_week: float
    numbers: int

    def spin_up(self, scenario: Scenario) -> float:
        """Return the seconds of a spin-up."""
        return self.build + weeks(scenario.spin_up_years) * self.spin_week

    def run(self, scenario: Scenario) -> float:
        """Return the seconds of a run from a town that is spun up."""
        return self.begin + weeks(scenario.years) * self.run_week


def pace_of(scenario: Scenario) -> Pace:
    """Return the pace of a scenario, from `WEEKS` weeks of its spin-up and of its run."""
    year = 1 / WEEKS_PER_YEAR
    short = replace(scenario, spin_up_years=year, years=year, events=[], clamps=[])
    short = replace(short, strategy=replace(scenario.strategy, interventions=[]))
    longer = replace(short, spin_up_years=(1 + WEEKS) * year, years=(1 + WEEKS) * year)
    run_scenario(longer, 0, start=spin_up(short, 0))  # what comes first also compiles
    town, build = timed(lambda: spin_up(short, 0))
    _, spun = timed(lambda: spin_up(longer, 0))
    _, begin = timed(lambda: run_scenario(short, 0, start=town))
    series, run = timed(lambda: run_scenario(longer, 0, start=town))
    each = max(run - begin, 0.0) / WEEKS
    return Pace(
        build=build,
        spin_week=max(spun - build, 0.0) / WEEKS,
        begin=max(begin - each, 0.0),
        run_week=each,
        numbers=len(series.summary()),
    )


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """Return the result and the processor's time: what else the machine does now will end."""
    begun = time.process_time()
    result = call()
    return result, time.process_time() - begun


def left_to_do(
    number: int, unit: str, *, years: float, spin_ups: int, seconds: float, kept: int
) -> str:
    """Return in words what is to be run, how long it takes, and what is in the store already."""
    stored = f"{kept:,} answers are in the store" if kept else ""
    if not number:
        return f"Nothing to run: {stored}."
    return (
        f"{counted(number, unit)} of {counted(round(years), 'year')} in all from "
        f"{counted(spin_ups, 'spin-up')}, about {duration(seconds)} if the processors do nothing "
        "else (by a timed pilot)" + (f"; {stored}." if stored else ".")
    )
