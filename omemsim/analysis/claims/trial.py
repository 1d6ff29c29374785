"""Run the arms of claims: each run once, each start shared, every number kept.

A claim's arms run in four variants: ``default``; ``control``, its mechanism switched off;
``false``, the parameter set in which it should be false; and ``world``, under other parameters,
the same sets for every claim. The first three run on the same replicates, world w on replicate
w. Runs that start alike (town, parameters, seed, replicate) share one spin-up across claims,
and runs that are alike in all are made once and read for each claim.

A run's numbers are kept under a key of all they depend on: the scenario, the readings, the
sources of the model and of `readings`. So a stopped run goes on where it was, and what has
changed is run again.
"""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from omemsim.analysis.claims import readings as readings_module
from omemsim.analysis.claims.arithmetic import Name
from omemsim.analysis.claims.experiment import Experiment
from omemsim.analysis.claims.readings import Opening, Reading, number, opening_of, unit_of
from omemsim.inputs.config import (
    BASELINE,
    compose_scenario,
    full_key,
    scenario_from_dict,
    scenario_to_dict,
)
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.schema import put
from omemsim.inputs.sources import blueprint_of
from omemsim.run import run_scenario, spin_up
from omemsim.series import Series
from omemsim.study.engine import POOL, Engine, Failure, Task, run_tasks
from omemsim.study.identity import RunKey, content_hash, identify
from omemsim.study.pilot import pace_of
from omemsim.study.progress import Progress
from omemsim.study.shards import pack
from omemsim.study.store import Record, Store
from omemsim.study.vary import start_of
from omemsim.study.worlds import draw_worlds, in_world
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import weeks

__all__ = [
    "Cell",
    "Estimate",
    "Setup",
    "Work",
    "arm_scenarios",
    "identity_of",
    "plan_work",
    "run_work",
]

MOST_RUNS = 24  # in one task: few enough to lose little when stopped, enough to share a start


@dataclass(frozen=True)
class Setup:
    """What the command says: town, ``key=value`` words, how many replicates and worlds."""

    town: str = "city"
    overrides: tuple[str, ...] = ()
    replicates: int = 8
    worlds: int = 10


class Cell(NamedTuple):
    """One run as a claim sees it; ``replicate`` is the world's number in variant ``world``."""

    claim: str
    variant: str
    arm: str
    replicate: int


@dataclass(frozen=True)
class Question:
    """The readings of one arm of one claim, and the key their answers are kept under."""

    key: RunKey
    readings: tuple[tuple[str, Reading], ...]
    description: str


@dataclass(frozen=True)
class Run:
    """One scenario to run, and all that is asked of it."""

    scenario: Scenario
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Batch:
    """Runs of one replicate from one start."""

    replicate: int
    runs: tuple[Run, ...]

    @property
    def questions(self) -> list[Question]:
        """Return the questions of all runs, in their order."""
        return [question for run in self.runs for question in run.questions]


@dataclass(frozen=True)
class _Asked:
    """A cell before it is known what has been kept."""

    scenario: Scenario
    question: Question
    start: str
    whole: str


@dataclass
class Work:
    """All cells of some claims, and what became of each.

    Attributes
    ----------
    asked : every cell.
    values : by finished cell, the number of each reading.
    failures : by cell that failed, why.
    reused : how many cells were answered from the store.
    """

    asked: dict[Cell, _Asked]
    values: dict[Cell, dict[str, float]] = dataclasses.field(default_factory=dict)
    failures: dict[Cell, Failure] = dataclasses.field(default_factory=dict)
    reused: int = 0

    def numbers(self, claim: str, variant: str, replicate: int) -> dict[Name, float]:
        """Return the readings of a replicate's finished arms, by (arm, reading)."""
        return {
            (cell.arm, reading): value
            for cell, values in self._by_claim.get((claim, variant, replicate), [])
            for reading, value in values.items()
        }

    @functools.cached_property
    def _by_claim(self) -> dict[tuple[str, str, int], list[tuple[Cell, dict[str, float]]]]:
        found: dict[tuple[str, str, int], list[tuple[Cell, dict[str, float]]]] = {}
        for cell, values in self.values.items():
            found.setdefault((cell.claim, cell.variant, cell.replicate), []).append((cell, values))
        return found

    def failed(self, claim: str) -> list[tuple[Cell, Failure]]:
        """Return the failures of a claim."""
        return [(cell, failure) for cell, failure in self.failures.items() if cell.claim == claim]


@dataclass(frozen=True)
class Estimate:
    """What is left to do, and how long it takes by a timed pilot."""

    runs: int
    spin_ups: int
    years: float
    kept: int
    seconds: float


def plan_work(experiments: Sequence[Experiment], setup: Setup) -> Work:
    """Return all cells of these experiments; raises `InputError` if an arm does not compose."""
    problems: list[str] = []
    if any(word.startswith("record.") for word in setup.overrides):
        problems.append("record.*: claims read what they need of a run; leave it out.")
    composed: list[tuple[Experiment, dict[str, Scenario], set[str]]] = []
    for experiment in experiments:
        try:
            scenarios, pinned = arm_scenarios(experiment, setup)
            composed.append((experiment, scenarios, pinned))
        except InputError as refused:
            problems += refused.problems
    if problems:
        raise InputError(*problems)
    worlds = draw_worlds(Parameters(), worlds=setup.worlds)
    return Work({cell: asked for one in composed for cell, asked in _cells(*one, setup, worlds)})


def _cells(
    experiment: Experiment,
    scenarios: Mapping[str, Scenario],
    pinned: set[str],
    setup: Setup,
    worlds: Sequence[Mapping[str, float]],
) -> Iterator[tuple[Cell, _Asked]]:
    """Yield every run of a claim and what it asks; a world leaves alone what is set."""
    for variant, replicates, values in _variants(experiment, setup, worlds):
        kept = {k: v for k, v in values.items() if variant != "world" or k not in pinned}
        for arm, scenario in scenarios.items():
            varied = in_world(scenario, kept)
            start, whole = identity_of(varied)
            for replicate in replicates:
                cell = Cell(experiment.claim, variant, arm, replicate)
                yield cell, _Asked(varied, _question(cell, experiment, varied, whole), start, whole)


def _variants(
    experiment: Experiment, setup: Setup, worlds: Sequence[Mapping[str, float]]
) -> Iterator[tuple[str, Sequence[int], Mapping[str, float]]]:
    """Yield variant, its replicates and the parameters that it sets."""
    control = {f"parameters.strength.{name}": 0.0 for name in experiment.mechanism}
    sets: dict[str, Mapping[str, float]] = {"control": control, "false": experiment.false_when}
    yield "default", range(setup.replicates), {}
    for variant, values in sets.items():
        if values:
            yield variant, range(setup.replicates), values
    yield from (("world", [number], world) for number, world in enumerate(worlds))


def arm_scenarios(experiment: Experiment, setup: Setup) -> tuple[dict[str, Scenario], set[str]]:
    """Return each arm's scenario, and the keys that the experiment or the words set.

    An arm's differences win over the command's words, and those over the setting.
    """
    said = {word.partition("=")[0] for word in setup.overrides}
    setting = {key: value for key, value in experiment.setting.items() if key not in said}
    scenarios, problems, keys = {}, [], set(said)
    for arm, differences in experiment.arms.items():
        changes = {**setting, **differences}
        keys |= changes.keys()
        try:
            scenarios[arm] = _composed(changes, setup)
        except InputError as refused:
            problems += [f"{experiment.claim}, arm {arm}: {text}" for text in refused.problems]
    if problems:
        raise InputError(*problems)
    return scenarios, keys


def _composed(changes: Mapping[str, Any], setup: Setup) -> Scenario:
    strategy = str(changes.get("strategy", BASELINE))
    data = _base(setup.town, strategy, setup.overrides)
    for key, value in changes.items():
        if key != "strategy":
            data = put(data, full_key(key), value)
    return scenario_from_dict(data)


@functools.lru_cache(maxsize=64)
def _base(town: str, strategy: str, overrides: tuple[str, ...]) -> dict[str, Any]:
    return scenario_to_dict(compose_scenario(town, strategy, overrides))


def _question(cell: Cell, experiment: Experiment, scenario: Scenario, whole: str) -> Question:
    """Return what a cell asks, under the key of all that its answer depends on."""
    asked = {
        "claim": cell.claim,
        "variant": cell.variant,
        "arm": cell.arm,
        "scenario": whole,
        "readings": experiment.readings,
        "code": _code(),
    }
    names = {"town": scenario.town.name, "strategy": scenario.strategy.name}
    key = identify(asked, replicate=cell.replicate, **names)
    where = f"{cell.claim}, {cell.variant}, arm {cell.arm}, replicate {cell.replicate}"
    return Question(key, tuple(experiment.readings.items()), where)


def identity_of(scenario: Scenario) -> tuple[str, str]:
    """Return what names a scenario's start, and the whole of it."""
    start = start_of(scenario)
    rest = {x.name: getattr(scenario, x.name) for x in dataclasses.fields(scenario)}
    for name in ("town", "parameters"):
        del rest[name]
    return start, content_hash(f"{start} {rest}")


@functools.cache
def _code() -> str:
    """Return a hash of how numbers are read; the model's own sources are in every key."""
    return content_hash(Path(str(readings_module.__file__)).read_text(encoding="utf-8"))


def run_work(
    work: Work,
    store: Store,
    *,
    engine: Engine = POOL,
    progress: Progress = True,
    told: Callable[[Estimate], bool] = lambda _: True,
) -> None:
    """Answer every cell: from the store, else by running it; failures are kept apart.

    Parameters
    ----------
    work : from `plan_work`; it is filled in.
    engine : where the runs are made.
    told : called with the estimate before anything is run; False ends it there.
    """
    done = store.done(asked.question.key.run_id for asked in work.asked.values())
    missing = {c: a for c, a in work.asked.items() if a.question.key.run_id not in done}
    work.reused = len(work.asked) - len(missing)
    tasks = _tasks(missing)
    if not told(_estimate(tasks, kept=work.reused, cores=engine.processes)):
        return
    failed = _run(tasks, store, engine=engine, progress=progress)
    for cell, asked in work.asked.items():
        run_id = asked.question.key.run_id
        if run_id in failed:
            work.failures[cell] = failed[run_id]
            continue
        prefix = f"{cell.claim} "
        scalars = store.scalars(run_id)
        work.values[cell] = {name.removeprefix(prefix): x for name, x in scalars.items()}


def _tasks(missing: Mapping[Cell, _Asked]) -> list[Task]:
    """Return the tasks: runs that share a start and a replicate, in parts of `MOST_RUNS`."""
    groups: dict[tuple[str, int], dict[str, list[_Asked]]] = {}
    for cell, asked in missing.items():
        alike = groups.setdefault((asked.start, cell.replicate), {})
        alike.setdefault(asked.whole, []).append(asked)
    tasks = []
    for (_, replicate), alike in groups.items():
        runs = [Run(x[0].scenario, tuple(a.question for a in x)) for x in alike.values()]
        for first in range(0, len(runs), MOST_RUNS):
            batch = Batch(replicate, tuple(runs[first : first + MOST_RUNS]))
            text = f"{batch.questions[0].description} and those that start alike"
            tasks.append(Task(text, batch, size=len(batch.runs)))
    return tasks


def _estimate(tasks: Sequence[Task], *, kept: int, cores: int) -> Estimate:
    batches: list[Batch] = [task.payload for task in tasks]
    if not batches:
        return Estimate(0, 0, 0.0, kept, 0.0)
    starts = [batch.runs[0].scenario for batch in batches]
    runs = [run.scenario for batch in batches for run in batch.runs]
    pace = pace_of(starts[0])
    run = sum(weeks(scenario.years) for scenario in runs)
    seconds = sum(pace.spin_up(one) for one in starts) + sum(pace.run(one) for one in runs)
    return Estimate(len(runs), len(starts), run / 52, kept, seconds / cores)


def _run(
    tasks: Sequence[Task], store: Store, *, engine: Engine, progress: Progress
) -> dict[str, Failure]:
    """Run the tasks into the store; return the failures by run."""
    failed: dict[str, Failure] = {}

    def keep(task: Task, outcome: list[Record | Failure] | Failure) -> None:
        questions = task.payload.questions
        each = [outcome] * len(questions) if isinstance(outcome, Failure) else outcome
        units: dict[str, str] = {}
        for question, one in zip(questions, each, strict=True):
            units |= _units(question)
            if isinstance(one, Failure):
                failure = dataclasses.replace(one, description=question.description)
                failed[question.key.run_id] = failure
                store.put_failure(question.key, failure)
        store.put([one for one in each if isinstance(one, Record)], units=units)

    if tasks:
        engine.compile(progress)
    run_tasks(tasks, answer, engine=engine, on_result=keep, split=_each_run, progress=progress)
    return failed


def _each_run(task: Task) -> list[Task]:
    """Return a task for each run of a batch."""
    batch: Batch = task.payload
    return [
        Task(run.questions[0].description, Batch(batch.replicate, (run,))) for run in batch.runs
    ]


def _units(question: Question) -> dict[str, str]:
    return {_scalar(question, name): unit_of(reading) for name, reading in question.readings}


def _scalar(question: Question, reading: str) -> str:
    """Return the name a number is kept under: `C8 capacity` is no measure of the model's."""
    return f"{question.description.partition(',')[0]} {reading}"


def answer(batch: Batch) -> list[Record | Failure]:
    """Spin a town up, run from it, and read what is asked (in a worker process)."""
    start = spin_up(batch.runs[0].scenario, batch.replicate)
    opening = opening_of(start, blueprint_of(batch.runs[0].scenario.town))
    found: list[Record | Failure] = []
    for run in batch.runs:
        begun = time.perf_counter()
        try:
            series = run_scenario(run.scenario, batch.replicate, start=start)
        except Exception as error:
            found += [Failure.of(question.description, error) for question in run.questions]
            continue
        seconds = time.perf_counter() - begun
        found += [_answered(question, series, opening, seconds) for question in run.questions]
    return found


def _answered(
    question: Question, series: Series, opening: Opening, seconds: float
) -> Record | Failure:
    try:
        scalars = {
            _scalar(question, name): number(reading, series, opening)
            for name, reading in question.readings
        }
    except Exception as error:
        return Failure.of(question.description, error)
    shard = pack({}, {"asked": question.description, "numbers": scalars})
    return Record(question.key, scalars, shard, seconds)
