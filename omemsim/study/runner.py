"""The one runner: requests in, answers kept in the store, what failed back.

A study is a question, the requests it makes of the model, and a verdict on their answers. A request
says what is run, from which start, what is read of it, and under which key the answer is kept. What
the store holds is not run again. Requests that start alike (the same town of the same replicate)
share a spin-up, those of the same run share the run; a request that fails does not affect the
others.

Requests go out in batches: of one start each (`batches`), or, where runs are many and short, of
about a second each (`batches_of_time`).
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from omemsim.study.dispatch import run_tasks
from omemsim.study.engine import POOL, Engine
from omemsim.study.identity import RunKey
from omemsim.study.progress import Progress
from omemsim.study.store import Record, Store, not_finite
from omemsim.study.tasks import Failure, Task
from omemsim.study.town_cache import TownCache
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.study.reader import Reader

__all__ = [
    "MODEL",
    "Answer",
    "Batch",
    "Request",
    "Run",
    "Simulator",
    "Tally",
    "answer",
    "batches",
    "batches_of_time",
    "missing",
    "not_kept",
    "run",
]


TASK_SECONDS = 1.0  # of a batch: what a killed worker costs, against what it costs to hand out
SPIN_UPS = 2.0  # a batch of many runs from one start lasts this many times its spin-up


class Answer(NamedTuple):
    """What is read of a run: a finite number for each name, and its packed series, if kept."""

    scalars: dict[str, float]
    shard: bytes | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One answer that is wanted.

    Attributes
    ----------
    key : under which it is kept: of all that the answer depends on.
    scenario : what is run, or a function without arguments that returns it: a worker calls it.
    replicate : which simulated town and random numbers.
    start : what its spin-up depends on, beside the replicate (`scenario_changes.start_of`); empty
        where ``read`` makes its own town.
    read : a function of a `Run` that a new process can import.
    description : which request it is, in words; a failure is reported by them.
    whole : what the run depends on, the replicate aside: requests that are alike in it share the
        run. Empty if no other request is of the same run.
    """

    key: RunKey
    scenario: Any
    replicate: int
    start: str
    read: Callable[[Run], Answer]
    description: str
    whole: str = ""

    @property
    def run_name(self) -> str:
        """Return what tells its run from others of the same start."""
        return self.whole or self.key.run_id

    def composed(self) -> Any:
        """Return the scenario."""
        return self.scenario() if callable(self.scenario) else self.scenario


class Simulator(NamedTuple):
    """How towns are spun up and run: functions that a new process can import.

    ``spin_up(scenario, replicate)`` returns a town, ``run(scenario, replicate, start=town)`` a
    series, and leaves the town as it is.
    """

    spin_up: Callable[[Any, int], Any]
    run: Callable[..., Any]


def _spin_up(scenario: Any, replicate: int) -> Any:
    from omemsim.run import spin_up

    return spin_up(scenario, replicate)


def _run_scenario(scenario: Any, replicate: int, start: Any) -> Any:
    from omemsim.run import run_scenario

    return run_scenario(scenario, replicate, start=start)


MODEL = Simulator(_spin_up, _run_scenario)


@dataclass
class Run:
    """A run as its readers see it, in a worker process.

    Attributes
    ----------
    start : the town it starts from, to be left as it is; None where the request names no start.
    """

    scenario: Any
    replicate: int
    start: Any
    simulation: Simulator
    _of_start: dict[Any, Any] = field(repr=False)  # shared by all runs from this start
    _made: list[Any] = field(default_factory=list, repr=False)

    @property
    def series(self) -> Any:
        """Return the run's series; it is run when that is first asked for."""
        if not self._made:
            try:
                self._made = [self.simulation.run(self.scenario, self.replicate, start=self.start)]
            except Exception as error:  # the next request of this run fails in the same way
                self._made = [error]
        if isinstance(self._made[0], Exception):
            raise self._made[0]
        return self._made[0]

    def of_start(self, read: Callable[[Any, Any], Any]) -> Any:
        """Return ``read(scenario, start)``, which is done once for all runs from this start."""
        if read not in self._of_start:
            self._of_start[read] = read(self.scenario, self.start)
        return self._of_start[read]


@dataclass(frozen=True)
class Batch:
    """Requests that a worker is given at once, those of a start next to each other.

    Attributes
    ----------
    shares_starts : whether another batch has runs from the same start, so that a worker keeps the
        towns it spun up last.
    """

    requests: tuple[Request, ...]
    shares_starts: bool = False

    @property
    def runs(self) -> list[tuple[Request, ...]]:
        """Return the requests of each run."""
        groups: dict[str, list[Request]] = {}
        for request in self.requests:
            groups.setdefault(request.run_name, []).append(request)
        return [tuple(group) for group in groups.values()]


@dataclass
class Tally:
    """What became of a study's requests, as it goes.

    Attributes
    ----------
    total, reused : all answers that are wanted, and those of them the store held.
    done : those given now.
    failures : what failed now, by run id.
    seconds : of the driver's own work, without waiting.
    """

    total: int = 0
    reused: int = 0
    done: int = 0
    seconds: float = 0.0
    failures: dict[str, Failure] = field(default_factory=dict)


def not_kept(run_ids: Iterable[str], store: Reader) -> list[str]:
    """Return the ids under which the store holds no answer, in their order."""
    each = list(run_ids)
    done = store.done(each)
    return [run_id for run_id in each if run_id not in done]


def missing(requests: Iterable[Request], store: Reader) -> list[Request]:
    """Return the requests whose answers the store does not hold."""
    each = list(requests)
    left = set(not_kept((request.key.run_id for request in each), store))
    return [request for request in each if request.key.run_id in left]


def _by_start(requests: Iterable[Request]) -> list[tuple[Request, ...]]:
    """Return the requests of each start."""
    groups: dict[tuple[str, int], list[Request]] = {}
    for request in requests:
        start = request.start or request.key.run_id
        groups.setdefault((start, request.replicate), []).append(request)
    return [tuple(group) for group in groups.values()]


def batches(requests: Iterable[Request], most: int | None = None) -> list[Batch]:
    """Return requests in batches that share a start, each run's next to each other.

    Parameters
    ----------
    requests : in any order; those of a start are put next to each other.
    most : runs in a batch: few cost little when one is stopped, many share a spin-up.
    """
    found = []
    for group in _by_start(requests):
        runs = Batch(group).runs
        size = most or len(runs)
        for first in range(0, len(runs), size):
            part = runs[first : first + size]
            found.append(Batch(tuple(request for each in part for request in each)))
    return found


def batches_of_time(
    requests: Iterable[Request], *, spin_up: float, run: float, workers: int
) -> list[Batch]:
    """Return requests in batches of about `TASK_SECONDS`, whatever number of starts is in each.

    Parameters
    ----------
    requests : in any order; those of a start are put next to each other.
    spin_up, run : how long each takes, in seconds.
    workers : processes, at least 1; there are about two batches for each, or more.
    """
    groups = [Batch(group).runs for group in _by_start(requests)]
    whole = len(groups) * spin_up + sum(map(len, groups)) * run
    enough = min(max(TASK_SECONDS, SPIN_UPS * spin_up), whole / (2 * workers))
    parts: list[list[Request]] = [[]]
    seconds = 0.0
    for group in groups:
        seconds += spin_up
        for each in group:
            if parts[-1] and seconds + run > enough:
                parts.append([])
                seconds = run
            parts[-1] += each
            seconds += run
    return [Batch(tuple(part), shares_starts=True) for part in parts if part]


def run(
    work: Sequence[Batch],
    store: Store,
    *,
    unit_of: Callable[[Request, str], str],
    engine: Engine = POOL,
    progress: Progress = True,
    simulation: Simulator = MODEL,
    stops_at_wrong_input: bool = False,
    describe: Callable[[Request], str] | None = None,
    tally: Tally | None = None,
) -> dict[str, Failure]:
    """Answer requests and keep what comes back.

    Parameters
    ----------
    work : from `batches`, of what is `missing`.
    store : where answers are kept; a request that fails leaves its failure there.
    unit_of : returns the unit of a number of a request's answer.
    engine, progress : as for `dispatch.run_tasks`.
    simulation : how towns are spun up and run.
    stops_at_wrong_input : whether input that a run finds wrong ends it all: it is so for the other
        runs too. Otherwise it is a failure like another.
    describe : returns the words by which a failure is reported; a request's own if None.
    tally : filled in as answers come, for whoever wants to know after Ctrl-C.

    Returns
    -------
    dict
        By run id what failed, in the order of ``work``.

    Raises
    ------
    InputError
        If a folder cannot be written, or see ``stops_at_wrong_input``.
    """
    tally = Tally() if tally is None else tally
    keeper = _Keeper(store, tally, unit_of, describe or _described, stops_at_wrong_input)
    if work:
        engine.compile(progress)
    tasks = [_task(batch) for batch in work]
    do = partial(answer, simulation=simulation)
    try:
        run_tasks(tasks, do, engine=engine, on_result=keeper.keep, split=_split, progress=progress)
    finally:
        TOWNS.clear()  # in this process, where there is one worker
    ids = (request.key.run_id for batch in work for request in batch.requests)
    return {run_id: tally.failures[run_id] for run_id in ids if run_id in tally.failures}


def _described(request: Request) -> str:
    return request.description


@dataclass(frozen=True)
class _Keeper:
    """Puts what comes back into the store; its attributes are arguments of `run`."""

    store: Store
    tally: Tally
    unit_of: Callable[[Request, str], str]
    describe: Callable[[Request], str]
    stops_at_wrong_input: bool

    def keep(self, task: Task, outcome: list[Record | Failure] | Failure) -> None:
        begun = time.perf_counter()
        requests: tuple[Request, ...] = task.payload.requests
        each = [outcome] * len(requests) if isinstance(outcome, Failure) else outcome
        units: dict[str, str] = {}
        records = []
        for request, one in zip(requests, each, strict=True):
            if isinstance(one, Failure):
                self.keep_failure(request, one)
            else:
                records.append(one)
                units |= {name: self.unit_of(request, name) for name in one.scalars}
        self.store.put(records, units=units)
        self.tally.done += len(records)
        self.tally.seconds += time.perf_counter() - begun

    def keep_failure(self, request: Request, found: Failure) -> None:
        if found.problems and self.stops_at_wrong_input:
            raise InputError(*found.problems)
        failure = dataclasses.replace(found, description=self.describe(request))
        self.tally.failures[request.key.run_id] = failure
        self.store.put_failure(request.key, failure)


def _task(batch: Batch) -> Task:
    runs, text = batch.runs, batch.requests[0].description
    more = " and those that start alike" if len(runs) > 1 else ""
    return Task(text + more, batch, size=len(runs))


def _split(task: Task) -> list[Task]:
    """Return a task for each run of a batch."""
    batch: Batch = task.payload
    return [_task(dataclasses.replace(batch, requests=requests)) for requests in batch.runs]


TOWNS = TownCache()  # of this process: towns for batches that share starts


def answer(batch: Batch, simulation: Simulator) -> list[Record | Failure]:
    """Spin towns up, run from them, and read what is asked (in a worker process)."""
    towns = TOWNS if batch.shares_starts else TownCache(most=1)
    of_starts: dict[object, dict[Any, Any]] = {}
    found: list[Record | Failure] = []
    for requests in batch.runs:
        first = requests[0]
        key = (first.start or first.run_name, first.replicate)
        try:
            made = _begun(first, simulation, towns, of_starts.setdefault(key, {}))
        except Exception as error:
            found += [Failure.of(request.description, error) for request in requests]
        else:
            found += [_answered(request, made) for request in requests]
    return found


def _begun(
    request: Request, simulation: Simulator, towns: TownCache, of_start: dict[Any, Any]
) -> Run:
    """Return the run of a request, its town spun up or found among those that are kept."""
    scenario, replicate = request.composed(), request.replicate
    start = None
    if request.start:
        key = simulation.spin_up, request.start, replicate
        start = towns.get(key, lambda: simulation.spin_up(scenario, replicate))
    return Run(scenario, replicate, start, simulation, of_start)


def _answered(request: Request, made: Run) -> Record | Failure:
    begun = time.perf_counter()
    try:
        scalars, shard = request.read(made)
    except Exception as error:
        return Failure.of(request.description, error)
    if lacking := not_finite(scalars):
        return Failure.without(request.description, lacking)
    return Record(request.key, scalars, shard, time.perf_counter() - begun)
