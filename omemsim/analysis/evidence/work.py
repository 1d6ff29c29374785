"""Run what the patterns need: each town spun up once, each answer kept, and gone on with later.

An answer is the numbers that one reading (`survey`, `decade`, a trial) takes of one town. It is
kept under a key of all it depends on: the scenario, the reading, and the sources of the model and
of this package. A second variant, ``zero``, has every mechanism switched off from the town's birth:
a pattern that stays is there by its initial conditions.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np

from omemsim.analysis.claims.trial import identity_of
from omemsim.analysis.evidence import arms, careers, diary, metrics
from omemsim.analysis.evidence import survey as surveys
from omemsim.analysis.evidence.arms import ARMS, Reader
from omemsim.analysis.evidence.patterns import Pattern
from omemsim.inputs.config import CALLS_ONLY, OF_EVIDENCE, compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.study.engine import POOL, Engine
from omemsim.study.identity import RunKey, content_hash, identify
from omemsim.study.pilot import Left, pace_of
from omemsim.study.progress import Progress
from omemsim.study.runner import Answer as Read
from omemsim.study.runner import Request, Run, batches, missing, run
from omemsim.study.shards import pack
from omemsim.study.store import Store
from omemsim.study.tasks import Failure
from omemsim.study.worlds import in_world
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.mechanisms import OFF
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, weeks

__all__ = [
    "READINGS",
    "VARIANTS",
    "Answer",
    "Cell",
    "Plan",
    "Work",
    "code_of",
    "key_of",
    "plan_work",
    "run_work",
]

VARIANTS = ("default", "zero")
SOURCES = (arms, careers, diary, metrics, surveys)
# What a reading runs, and the weeks that takes in all.
READINGS: dict[str, tuple[Reader, int]] = {
    "survey": (surveys.survey, WEEKS_PER_YEAR),
    "season": (surveys.season, surveys.SEASONS * WEEKS_PER_YEAR),
    "decade": (surveys.decade, surveys.DECADE * WEEKS_PER_YEAR),
    **ARMS,
}


@dataclass(frozen=True)
class Plan:
    """What the command says.

    Attributes
    ----------
    town, overrides : as for any run; ``strategy`` is what the police do at present.
    replicates : simulated towns.
    with_zero : whether the same is also computed with all mechanisms off.
    """

    town: str | None = OF_EVIDENCE
    strategy: str | None = CALLS_ONLY
    overrides: tuple[str, ...] = ()
    replicates: int = 4
    with_zero: bool = True

    @property
    def variants(self) -> tuple[str, ...]:
        """Return the variants that are run."""
        return VARIANTS if self.with_zero else VARIANTS[:1]


class Cell(NamedTuple):
    """One reading of one town."""

    variant: str
    needs: str
    replicate: int


@dataclass(frozen=True)
class Answer:
    """A cell to be answered, by which reading, and the key the answer is kept under.

    ``weeks`` is how many the reading runs in all.
    """

    cell: Cell
    scenario: Scenario
    key: RunKey
    read: Reader
    weeks: int

    @property
    def description(self) -> str:
        """Return which it is, in words."""
        return f"{self.cell.variant}, {self.cell.needs}, replicate {self.cell.replicate}"


@dataclass
class Work:
    """All cells of some patterns, and what became of each.

    Attributes
    ----------
    scenario : the town under its present policing.
    asked : every cell.
    values : by finished cell, its numbers; what could not be computed is missing.
    failures : by cell that failed, why.
    reused : how many were in the store already.
    """

    scenario: Scenario
    asked: dict[Cell, Answer]
    values: dict[Cell, dict[str, float]] = dataclasses.field(default_factory=dict)
    failures: dict[Cell, Failure] = dataclasses.field(default_factory=dict)
    reused: int = 0

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


def plan_work(patterns: Sequence[Pattern], plan: Plan) -> Work:
    """Return every reading that these patterns need.

    Raises
    ------
    InputError
        If a word sets what the patterns set, or the town cannot be composed.
    """
    if any(word.startswith(("record.", "years=")) for word in plan.overrides):
        raise InputError(
            "record.* and years= do nothing here: each pattern says how long it watches, and what."
        )
    scenario = compose_scenario(plan.town, plan.strategy, plan.overrides)
    asked = {}
    for variant in plan.variants:
        here = scenario if variant == "default" else in_world(scenario, _all_off())
        for needs in dict.fromkeys(x.needs for x in patterns):
            for replicate in range(plan.replicates):
                cell = Cell(variant, needs, replicate)
                key = key_of(here, cell, code=code_of(*SOURCES))
                asked[cell] = Answer(cell, here, key, *READINGS[needs])
    return Work(scenario, asked)


def _all_off() -> dict[str, float]:
    return {f"parameters.strength.{name}": 0.0 for name in OFF}


def key_of(scenario: Scenario, cell: Cell, *, code: str, **more: object) -> RunKey:
    """Return the key of a reading; ``more`` is what else it depends on.

    Parameters
    ----------
    scenario : what is run.
    cell : the reading and the replicate; the variant is told by the scenario.
    code : hash of the sources that read it (`code_of`).
    **more : what else the numbers depend on.
    """
    whole = identity_of(scenario)[1]
    asked = {"reading": cell.needs, "scenario": whole, "code": code, **more}
    names = {"town": scenario.town.name, "strategy": scenario.strategy.name}
    return identify(asked, replicate=cell.replicate, **names)


@functools.cache
def code_of(*modules: ModuleType) -> str:
    """Return a hash of how numbers are read; the model's own sources are in every key."""
    texts = [Path(str(module.__file__)).read_text(encoding="utf-8") for module in modules]
    return content_hash(texts)


def run_work(
    work: Work,
    store: Store,
    *,
    engine: Engine = POOL,
    progress: Progress = True,
    told: Callable[[Left], bool] = lambda _: True,
) -> None:
    """Answer every cell: from the store, else by running it; failures are kept apart.

    Parameters
    ----------
    work : from `plan_work`; it is filled in.
    store : where answers are kept; what it has is not run.
    engine : where the runs are made.
    progress : as for `dispatch.run_tasks`.
    told : called with the estimate before anything is run; False ends it there.
    """
    requests = {cell: _request(one) for cell, one in work.asked.items()}
    left = {request.key.run_id for request in missing(requests.values(), store)}
    answers = [one for one in work.asked.values() if one.key.run_id in left]
    work.reused = len(work.asked) - len(answers)
    todo = batches(requests[one.cell] for one in answers)
    estimate = _estimate(answers, towns=len(todo), kept=work.reused, cores=engine.processes)
    if not told(estimate):
        return
    failed = run(todo, store, unit_of=lambda *_: "", engine=engine, progress=progress)
    for cell, asked in work.asked.items():
        run_id = asked.key.run_id
        if run_id in failed:
            work.failures[cell] = failed[run_id]
            continue
        prefix = f"{cell.needs} "
        scalars = store.scalars(run_id)
        work.values[cell] = {name.removeprefix(prefix): x for name, x in scalars.items()}


def _request(one: Answer) -> Request:
    start, _ = identity_of(one.scenario)
    read = functools.partial(numbers_of, read=one.read, needs=one.cell.needs, asked=one.description)
    # Every reading runs on from the start in its own way, so that none shares a run.
    return Request(one.key, one.scenario, one.cell.replicate, start, read, one.description)


def _estimate(answers: Sequence[Answer], *, towns: int, kept: int, cores: int) -> Left:
    if not answers:
        return Left(0, "reading", 0, 0.0, kept, 0.0)
    scenario = answers[0].scenario
    pace = pace_of(dataclasses.replace(scenario, years=1.0))
    run_weeks = sum(one.weeks for one in answers)
    spin = pace.build + weeks(scenario.spin_up_years) * pace.spin_week
    seconds = towns * spin + len(answers) * pace.begin + run_weeks * pace.run_week
    years = run_weeks / WEEKS_PER_YEAR
    return Left(len(answers), "reading", towns, years, kept, seconds / cores)


def numbers_of(run: Run, read: Reader, needs: str, asked: str) -> Read:
    """Return what a reading takes of a town (in a worker process).

    What could not be computed is left out, and said when it is shown.

    Parameters
    ----------
    run : as the runner gives it.
    read : called with (scenario, start, replicate); returns numbers by name.
    needs : the reading's name; each number's name begins with it.
    asked : which run it is, in words: it is kept with the numbers.
    """
    numbers = read(run.scenario, run.start, run.replicate)
    known = {f"{needs} {k}": float(x) for k, x in numbers.items() if np.isfinite(x)}
    return Read(known, pack({}, {"asked": asked, "numbers": known}))
