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

__all__ = ["Left", "Pace", "pace_of", "timed"]

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
    # What is taken off below is the lesser of two: one that was held up would leave nothing.
    begin = min(timed(lambda: run_scenario(short, 0, start=town))[1] for _ in range(2))
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


@dataclass(frozen=True)
class Left:
    """What a study still has to do, and how long it takes by a timed pilot.

    Attributes
    ----------
    number, unit : of what is to be made, as 24 runs or readings.
    spin_ups : of towns for it.
    years : of the model, spin-ups not counted.
    kept : answers found in the store.
    seconds : of this machine, on its workers, if it does nothing else.
    """

    number: int
    unit: str
    spin_ups: int
    years: float
    kept: int
    seconds: float

    def text(self) -> str:
        """Say it in a sentence."""
        stored = f"{self.kept:,} answers are in the store" if self.kept else ""
        if not self.number:
            return f"Nothing to run: {stored}."
        return (
            f"{counted(self.number, self.unit)} of {counted(round(self.years), 'year')} in all "
            f"from {counted(self.spin_ups, 'spin-up')}, about {duration(self.seconds)} if the "
            "processors do nothing else (by a timed pilot)" + (f"; {stored}." if stored else ".")
        )
