"""Run a sweep: what the store lacks, in parts of about a second, on all cores.

A part's runs are grouped by the town they start from, and a worker keeps the last few towns it
spun up. What the store holds is not run again; a run that fails is kept as a failure, and the
others go on. A part whose process dies is run again one run at a time, so that one costs one.
"""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from omemsim.inputs.config import Choice, compose_scenarios
from omemsim.inputs.scenario import Scenario
from omemsim.measures import MEASURES, OUTCOME_UNITS, declared
from omemsim.recording import ALL
from omemsim.study.contrasts import HEADLINES, about
from omemsim.study.design import Point
from omemsim.study.dispatch import run_tasks
from omemsim.study.engine import POOL, Engine
from omemsim.study.expand import Expanded, study_of
from omemsim.study.manifest import Member
from omemsim.study.pilot import Pace, pace_of
from omemsim.study.plan import chunks_of
from omemsim.study.progress import Progress
from omemsim.study.shards import pack
from omemsim.study.starts import Starts
from omemsim.study.store import Record, Store, not_finite
from omemsim.study.tasks import Failure, Task
from omemsim.study.vary import vary

__all__ = [
    "Chunk",
    "Done",
    "Observe",
    "Outcome",
    "RECORDED",
    "Tally",
    "arms_of",
    "missing_of",
    "run_sweep",
    "simulate",
    "simulate_observed",
]

# What a sweep records where nobody says: the numbers a comparison leads with.
RECORDED = (*(name for name in HEADLINES if name in MEASURES), "zone")


@dataclass(frozen=True)
class Chunk:
    """Some runs, and all that a worker needs for them.

    Attributes
    ----------
    arms : scenarios by name.
    points : what each point sets, by its number.
    starts : by arm and point, what the spin-up depends on beside the replicate.
    runs : arm, point and replicate of each.
    """

    arms: Mapping[str, Scenario]
    points: Mapping[int, Point]
    starts: Mapping[tuple[str, int], str]
    runs: tuple[tuple[str, int, int], ...]


class Done(NamedTuple):
    """A finished run: a number per measure, its packed series if kept, and how long it took."""

    scalars: dict[str, float]
    shard: bytes | None
    seconds: float


Outcome = Done | Failure
Work = Callable[[Chunk], list[Outcome]]
Observe = Callable[[Scenario, int, Any], Mapping[str, float]]  # scenario, replicate, start


@dataclass
class Tally:
    """What became of a sweep's runs, as it goes.

    Attributes
    ----------
    total, reused : all runs that differ, and those of them the store held.
    done : those finished now.
    failures : what failed now, by run.
    seconds : of the driver's own work, without waiting.
    """

    total: int = 0
    reused: int = 0
    done: int = 0
    seconds: float = 0.0
    failures: dict[Member, Failure] = field(default_factory=dict)


def arms_of(
    strategies: Sequence[Choice], *, town: Choice | None = None, overrides: Sequence[str] = ()
) -> dict[str, Scenario]:
    """Return the scenarios of a sweep by the word that chose the strategy, or by its name.

    Where the words say nothing of it, `RECORDED` is recorded and no series is kept.

    Parameters
    ----------
    strategies : names, files, or mappings, which go by their names.
    town, overrides : as for `compose_scenario`.
    """
    said = {word.partition("=")[0] for word in overrides}
    scenarios = compose_scenarios(strategies, town=town, overrides=overrides)
    return {
        word if isinstance(word, str) else scenario.strategy.name: dataclasses.replace(
            scenario, record=_record(scenario, said)
        )
        for word, scenario in zip(strategies, scenarios, strict=True)
    }


def _record(scenario: Scenario, said: set[str]) -> Any:
    record = scenario.record
    if "record.measures" not in said and record.measures == [ALL]:
        record = dataclasses.replace(record, measures=list(RECORDED))
    return record if "record.series" in said else dataclasses.replace(record, series=False)


def missing_of(expanded: Expanded, kept: Store) -> list[Member]:
    """Return the runs that the store does not hold; of points that are alike, the first."""
    unlike = expanded.unlike()
    done = kept.done(list(unlike))
    return [member for run_id, member in unlike.items() if run_id not in done]


def run_sweep(
    expanded: Expanded,
    kept: Store,
    *,
    tally: Tally | None = None,
    pace: Pace | None = None,
    engine: Engine = POOL,
    command: tuple[str, ...] = (),
    describe: Callable[[Member], str] | None = None,
    progress: Progress = True,
    work: Work | None = None,
    units: Mapping[str, str] | None = None,
) -> Tally:
    """Run what the store lacks.

    Parameters
    ----------
    expanded : from `expand`.
    kept : the store, open to write in; what it has is not run.
    tally : filled in as runs end, for who wants to know after Ctrl-C.
    pace : from a pilot; timed here if None and there are runs to divide.
    engine : where the runs are made.
    command : the words that ask again.
    describe : says which run it is, and how to repeat it alone.
    progress : as for `dispatch.run_tasks`.
    work : what a worker does with a chunk; `simulate` if None.
    units : of the numbers that are no measures and that ``work`` gives beside them.

    Raises
    ------
    InputError
        If the store cannot be written.
    """
    tally = Tally() if tally is None else tally
    engine.check()
    kept.begin(study_of(expanded, command))
    missing = missing_of(expanded, kept)
    tally.total = len(expanded.unlike())
    tally.reused = tally.total - len(missing)
    if not missing:
        return tally
    engine.compile(progress)
    pace = pace_of(next(iter(expanded.sweep.arms.values()))) if pace is None else pace
    chunks = chunks_of(expanded, missing, pace, workers=engine.processes)
    keeper = _Keeper(expanded, kept, tally, describe or _describe, units or {})
    try:
        run_tasks(
            _tasks(expanded, chunks),
            simulate if work is None else work,
            engine=engine,
            on_result=keeper.keep,
            split=keeper.split,
            progress=progress,
        )
    finally:
        STARTS.clear()  # in this process, where there is one worker
    return tally


def _describe(member: Member) -> str:
    return f"{member.arm}, point {member.point}, replicate {member.replicate}"


def _tasks(expanded: Expanded, chunks: Sequence[Sequence[Member]]) -> list[Task]:
    """Return a task per chunk; the points in it are shared with the design's."""
    sweep = expanded.sweep
    tasks: list[Task] = []
    for chunk in chunks:
        cells = {(one.arm, one.point) for one in chunk}
        payload = Chunk(
            {arm: sweep.arms[arm] for arm in {one.arm for one in chunk}},
            {number: sweep.changes(number) for number in {one.point for one in chunk}},
            {cell: expanded.starts[cell] for cell in cells},
            tuple((one.arm, one.point, one.replicate) for one in chunk),
        )
        tasks.append(_ChunkTask(_describe(chunk[0]), payload, len(chunk), tuple(chunk)))
    return tasks


@dataclass(frozen=True)
class _ChunkTask(Task):
    """A task that knows whose runs are in it; a worker is sent the payload only."""

    members: tuple[Member, ...] = ()


def _members(task: Task) -> tuple[Member, ...]:
    return task.members if isinstance(task, _ChunkTask) else ()


class _Keeper:
    """Puts what comes back into the store."""

    def __init__(
        self,
        expanded: Expanded,
        kept: Store,
        tally: Tally,
        describe: Callable[[Member], str],
        units: Mapping[str, str],
    ) -> None:
        self.expanded, self.kept, self.tally, self.describe = expanded, kept, tally, describe
        self.units = units

    def split(self, task: Task) -> list[Task]:
        """Return a task for each run of one."""
        return _tasks(self.expanded, [[one] for one in _members(task)])

    def keep(self, task: Task, outcome: list[Outcome] | Failure) -> None:
        begun = time.perf_counter()
        members = _members(task)
        each = [outcome] * len(members) if isinstance(outcome, Failure) else outcome
        pairs = list(zip(members, each, strict=True))
        for member, one in pairs:
            if isinstance(one, Failure):
                failure = dataclasses.replace(one, description=self.describe(member))
                self.tally.failures[member] = failure
                self.kept.put_failure(self.expanded.key(member), failure)
        done = [(member, one) for member, one in pairs if isinstance(one, Done)]
        names = {name for _, one in done for name in one.scalars}
        records = [Record(self.expanded.key(member), *one) for member, one in done]
        self.kept.put(records, units={x: self.units.get(x) or _unit(x) for x in names})
        self.tally.done += len(done)
        self.tally.seconds += time.perf_counter() - begun


def _unit(name: str) -> str:
    """Return the unit of a number of a run; of one that is no measure nothing is known."""
    return about(name).unit if declared(name) or name in OUTCOME_UNITS else "number"


STARTS = Starts()  # of this process


def simulate(chunk: Chunk) -> list[Outcome]:
    """Run a chunk (in a worker process); one failing run leaves the others."""
    return [_run(chunk, *run) for run in chunk.runs]


def simulate_observed(chunk: Chunk, observe: Observe) -> list[Outcome]:
    """Do what `simulate` does, with the numbers that ``observe`` gives of a run, and no series.

    Parameters
    ----------
    observe : a function of (scenario, replicate, start) that a new process can import; it runs
        the scenario from the start, and leaves that as it is.
    """
    end = functools.partial(_observed, observe)
    return [_ended(chunk, *run, end) for run in chunk.runs]


def _run(chunk: Chunk, arm: str, number: int, replicate: int) -> Outcome:
    return _ended(chunk, arm, number, replicate, _summarized)


def _ended(
    chunk: Chunk,
    arm: str,
    number: int,
    replicate: int,
    end: Callable[[Scenario, int, Any], tuple[dict[str, float], bytes | None]],
) -> Outcome:
    from omemsim.run import spin_up

    try:
        scenario = vary(chunk.arms[arm], chunk.points[number])
        key = chunk.starts[arm, number], replicate
        start = STARTS.get(key, lambda: spin_up(scenario, replicate))
        begun = time.perf_counter()
        scalars, shard = end(scenario, replicate, start)
    except Exception as error:
        return Failure.of("", error)
    if lacking := not_finite(scalars):
        return Failure.without("", lacking)
    return Done(scalars, shard, time.perf_counter() - begun)


def _summarized(
    scenario: Scenario, replicate: int, start: Any
) -> tuple[dict[str, float], bytes | None]:
    from omemsim.run import run_scenario

    series = run_scenario(scenario, replicate, start=start)
    scalars = {name: float(value) for name, value in series.summary().items()}
    return scalars, pack(series.to_arrays(), series.meta) if scenario.record.series else None


def _observed(
    observe: Observe, scenario: Scenario, replicate: int, start: Any
) -> tuple[dict[str, float], bytes | None]:
    numbers = observe(scenario, replicate, start)
    return {name: float(value) for name, value in numbers.items()}, None
