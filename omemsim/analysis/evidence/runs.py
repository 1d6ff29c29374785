"""Make the runs that patterns need: each town is spun up once, and each answer is kept.

An answer is the numbers that one reading (`survey`, `decade`, a trial) takes of one town. It is
kept under a key of all it depends on: the scenario, the reading, and the sources of the model and
of this package. A second variant, ``zero``, has every mechanism switched off from the town's birth:
a pattern that remains comes from the initial conditions.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from omemsim.analysis import estimators
from omemsim.analysis.answers import identity_of, numbers_answer, numbers_kept, source_hash
from omemsim.analysis.evidence import (
    careers,
    concentration,
    event_log,
    metrics,
    tactic_trials,
)
from omemsim.analysis.evidence import practice as practices
from omemsim.analysis.evidence import survey as surveys
from omemsim.analysis.evidence.patterns import Pattern
from omemsim.analysis.evidence.tactic_trials import TACTIC_TRIALS, Reader
from omemsim.inputs.config import BASELINE, OF_EVIDENCE, Choice, compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.study.engine import POOL, Engine
from omemsim.study.identity import RunKey, identify
from omemsim.study.manifest import Member
from omemsim.study.parameter_sets import in_world
from omemsim.study.progress import Progress
from omemsim.study.run_times import Left, pace_of
from omemsim.study.runner import Answer, Request, Run, batches, missing, run
from omemsim.study.store import Store
from omemsim.study.tasks import Failure
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.mechanisms import OFF
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, weeks

__all__ = [
    "READINGS",
    "VARIANTS",
    "PlannedReading",
    "TownReading",
    "ValidationPlan",
    "EvidenceRuns",
    "key_of",
    "plan_validation",
    "run_evidence",
]

VARIANTS = ("default", "zero")
SOURCES = (
    *(careers, concentration, estimators, event_log, metrics, practices, surveys),
    tactic_trials,
)
# What a reading runs, and the weeks that takes in all.
READINGS: dict[str, tuple[Reader, int]] = {
    "survey": (surveys.survey, WEEKS_PER_YEAR),
    "season": (surveys.season, surveys.SEASONS * WEEKS_PER_YEAR),
    "decade": (surveys.decade, surveys.DECADE * WEEKS_PER_YEAR),
    "confidence": (
        surveys.confidence,
        (2 * surveys.PRACTISED + surveys.ENFORCED) * WEEKS_PER_YEAR,
    ),
    "crises": (concentration.crises, concentration.CRISES_WEEKS),
    "drift": (concentration.drift, concentration.DRIFT_WEEKS),
    "careers": (careers.careers, careers.CAREER_WEEKS),
    "practice": (practices.practice, practices.PRACTICE_WEEKS),
    "problem_solving": (practices.problem_solving, 2 * practices.SOLVING_WEEKS),
    **TACTIC_TRIALS,
}


@dataclass(frozen=True)
class ValidationPlan:
    """What a validation runs, as the command states it.

    Attributes
    ----------
    town, overrides : as for any run.
    strategy : what the police do at present; trials of a tactic replace it by calls alone, in both
        arms.
    replicates : simulated towns.
    with_zero : whether the same is also computed with all mechanisms off.
    """

    town: Choice | None = OF_EVIDENCE
    strategy: Choice | None = BASELINE
    overrides: tuple[str, ...] = ()
    replicates: int = 4
    with_zero: bool = True

    @property
    def variants(self) -> tuple[str, ...]:
        """Return the variants that are run."""
        return VARIANTS if self.with_zero else VARIANTS[:1]


class TownReading(NamedTuple):
    """Which reading of which town: the variant, what is read, the replicate."""

    variant: str
    needs: str
    replicate: int


@dataclass(frozen=True)
class PlannedReading:
    """A reading to be made: of which scenario, how, and the key its numbers are kept under.

    ``weeks`` is how many the reading runs in all.
    """

    cell: TownReading
    scenario: Scenario
    key: RunKey
    read: Reader
    weeks: int

    @property
    def description(self) -> str:
        """Return which it is, in words."""
        return f"{self.cell.variant}, {self.cell.needs}, replicate {self.cell.replicate}"


@dataclass
class EvidenceRuns:
    """All readings that some patterns or a trial need, and what became of each.

    Attributes
    ----------
    scenario : the town under its present policing.
    planned : every reading that is needed.
    values : by finished reading, its numbers; what could not be computed is missing.
    failures : by reading that failed, why.
    reused : how many were in the store already.
    """

    scenario: Scenario
    planned: dict[TownReading, PlannedReading]
    values: dict[TownReading, dict[str, float]] = dataclasses.field(default_factory=dict)
    failures: dict[TownReading, Failure] = dataclasses.field(default_factory=dict)
    reused: int = 0

    def members(self) -> list[Member]:
        """Return every run, as a study's list in the store names them."""
        return [
            Member(one.key.run_id, f"{reading.variant} {reading.needs}", 0, reading.replicate)
            for reading, one in self.planned.items()
        ]

    def numbers(self, variant: str, needs: str, name: str) -> list[float]:
        """Return a number in every replicate in which it could be computed.

        Parameters
        ----------
        variant : one of `VARIANTS`.
        needs : the reading, as "survey".
        name : of the number.
        """
        each = [v for cell, v in self.values.items() if cell[:2] == (variant, needs)]
        return [numbers[name] for numbers in each if name in numbers]

    def names(self, needs: str) -> list[str]:
        """Return the names of all numbers of a reading."""
        found = (v for cell, v in self.values.items() if cell.needs == needs)
        return list(dict.fromkeys(name for numbers in found for name in numbers))


def plan_validation(patterns: Sequence[Pattern], plan: ValidationPlan) -> EvidenceRuns:
    """Return every reading that these patterns need.

    Raises
    ------
    InputError
        If a word sets what the patterns set, or the town cannot be composed.
    """
    if any(word.startswith(("record.", "years=")) for word in plan.overrides):
        raise InputError(
            "record.* and years= do nothing here: each pattern determines what is recorded, and "
            "for how long."
        )
    scenario = compose_scenario(plan.town, plan.strategy, plan.overrides)
    planned = {}
    for variant in plan.variants:
        here = scenario if variant == "default" else in_world(scenario, _all_off())
        for needs in dict.fromkeys(x.needs for x in patterns):
            for replicate in range(plan.replicates):
                cell = TownReading(variant, needs, replicate)
                key = key_of(here, cell, code=source_hash(*SOURCES))
                planned[cell] = PlannedReading(cell, here, key, *READINGS[needs])
    return EvidenceRuns(scenario, planned)


def _all_off() -> dict[str, float]:
    return {f"parameters.strength.{name}": 0.0 for name in OFF}


def key_of(scenario: Scenario, cell: TownReading, *, code: str, **more: object) -> RunKey:
    """Return the key of a reading; ``more`` is what else it depends on.

    Parameters
    ----------
    scenario : what is run.
    cell : the reading and the replicate; the scenario is that of the variant.
    code : hash of the sources that read it (`source_hash`).
    **more : what else the numbers depend on.
    """
    whole = identity_of(scenario)[1]
    asked = {"reading": cell.needs, "scenario": whole, "code": code, **more}
    names = {"town": scenario.town.name, "strategy": scenario.strategy.name}
    return identify(asked, replicate=cell.replicate, **names)


def run_evidence(
    work: EvidenceRuns,
    store: Store,
    *,
    engine: Engine = POOL,
    progress: Progress = True,
    confirm: Callable[[Left], bool] = lambda _: True,
) -> None:
    """Answer every cell: from the store, else by running it; failures are kept apart.

    Parameters
    ----------
    work : from `plan_validation`; it is filled in.
    store : where answers are kept; what it has is not run.
    engine : where the runs are made.
    progress : as for `dispatch.run_tasks`.
    confirm : called with the estimate before anything is run; False ends it there.
    """
    requests = {cell: _request(one) for cell, one in work.planned.items()}
    left = {request.key.run_id for request in missing(requests.values(), store)}
    answers = [one for one in work.planned.values() if one.key.run_id in left]
    work.reused = len(work.planned) - len(answers)
    todo = batches(requests[one.cell] for one in answers)
    estimate = _estimate(answers, towns=len(todo), kept=work.reused, cores=engine.processes)
    if not confirm(estimate):
        return
    failed = run(todo, store, unit_of=lambda *_: "", engine=engine, progress=progress)
    values, failures = numbers_kept(requests, store, failed, lambda cell: f"{cell.needs} ")
    work.values |= values
    work.failures |= failures


def _request(one: PlannedReading) -> Request:
    start, _ = identity_of(one.scenario)
    read = functools.partial(numbers_of, read=one.read, needs=one.cell.needs, asked=one.description)
    # Every reading runs on from the start in its own way, so that none shares a run.
    return Request(one.key, one.scenario, one.cell.replicate, start, read, one.description)


def _estimate(answers: Sequence[PlannedReading], *, towns: int, kept: int, cores: int) -> Left:
    if not answers:
        return Left(0, "reading", 0, 0.0, kept, 0.0)
    scenario = answers[0].scenario
    pace = pace_of(dataclasses.replace(scenario, years=1.0))
    run_weeks = sum(one.weeks for one in answers)
    spin = pace.build + weeks(scenario.spin_up_years) * pace.spin_week
    seconds = towns * spin + len(answers) * pace.begin + run_weeks * pace.run_week
    years = run_weeks / WEEKS_PER_YEAR
    return Left(len(answers), "reading", towns, years, kept, seconds / cores)


def numbers_of(run: Run, read: Reader, needs: str, asked: str) -> Answer:
    """Return what a reading takes of a town (in a worker process).

    What could not be computed is left out; the scorecard says so.

    Parameters
    ----------
    run : as the runner gives it.
    read : called with (scenario, start, replicate); returns numbers by name.
    needs : the reading's name; each number's name begins with it.
    asked : which run it is, in words: it is kept with the numbers.
    """
    numbers = read(run.scenario, run.start, run.replicate)
    known = {f"{needs} {k}": float(x) for k, x in numbers.items() if np.isfinite(x)}
    return numbers_answer(known, asked)
