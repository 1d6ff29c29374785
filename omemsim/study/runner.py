"""The one runner: requests in, answers kept in the store, what failed back.

A study is a question, the requests it makes of the model, and a verdict on their answers. A request
says what is run, from which start, what is read of it, and under which key the answer is kept. What
the store holds is not run again. Requests that start alike (the same town of the same replicate)
share a spin-up, those of the same run share the run; a request that fails does not affect the
others.
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
    "answer",
    "batches",
    "missing",
    "run",
]


class Answer(NamedTuple):
    """What is read of a run: a finite number for each name, and its packed series, if kept."""

    scalars: dict[str, float]
    shard: bytes | None = None


@dataclass(frozen=True)
class Request:
    """One answer that is wanted.

    Attributes
    ----------
    key : under which it is kept: of all that the answer depends on.
    scenario : what is run.
    replicate : which simulated town and random numbers.
    start : what its spin-up depends on, beside the replicate (`vary.start_of`); empty where
        ``read`` makes its own town.
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
    """Requests of one start: what a worker is given at once."""

    requests: tuple[Request, ...]

    @property
    def runs(self) -> list[tuple[Request, ...]]:
        """Return the requests of each run."""
        groups: dict[str, list[Request]] = {}
        for request in self.requests:
            groups.setdefault(request.run_name, []).append(request)
        return [tuple(group) for group in groups.values()]


def missing(requests: Iterable[Request], store: Reader) -> list[Request]:
    """Return the requests whose answers the store does not hold."""
    each = list(requests)
    done = store.done(request.key.run_id for request in each)
    return [request for request in each if request.key.run_id not in done]


def batches(requests: Iterable[Request], most: int | None = None) -> list[Batch]:
    """Return requests in batches that share a start, each run's next to each other.

    Parameters
    ----------
    most : runs in a batch: few cost little when one is stopped, many share a spin-up.
    """
    groups: dict[tuple[object, int], list[Request]] = {}
    for request in requests:
        start = request.start or request.key.run_id
        groups.setdefault((start, request.replicate), []).append(request)
    found = []
    for group in groups.values():
        runs = Batch(tuple(group)).runs
        size = most or len(runs)
        for first in range(0, len(runs), size):
            part = runs[first : first + size]
            found.append(Batch(tuple(request for each in part for request in each)))
    return found


def run(
    work: Sequence[Batch],
    store: Store,
    *,
    unit_of: Callable[[Request, str], str],
    engine: Engine = POOL,
    progress: Progress = True,
    simulation: Simulator = MODEL,
    stops_at_wrong_input: bool = False,
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

    Returns
    -------
    dict
        By run id what failed, in the order of ``work``.

    Raises
    ------
    InputError
        If a folder cannot be written, or see ``stops_at_wrong_input``.
    """
    failures: dict[str, Failure] = {}

    def keep(task: Task, outcome: list[Record | Failure] | Failure) -> None:
        requests: tuple[Request, ...] = task.payload.requests
        each = [outcome] * len(requests) if isinstance(outcome, Failure) else outcome
        units: dict[str, str] = {}
        records = []
        for request, one in zip(requests, each, strict=True):
            if isinstance(one, Failure):
                if one.problems and stops_at_wrong_input:
                    raise InputError(*one.problems)
                failed = dataclasses.replace(one, description=request.description)
                failures[request.key.run_id] = failed
                store.put_failure(request.key, failed)
            else:
                records.append(one)
                units |= {name: unit_of(request, name) for name in one.scalars}
        store.put(records, units=units)

    if work:
        engine.compile(progress)
    tasks = [_task(batch) for batch in work]
    do = partial(answer, simulation=simulation)
    run_tasks(tasks, do, engine=engine, on_result=keep, split=_split, progress=progress)
    ids = (request.key.run_id for batch in work for request in batch.requests)
    return {run_id: failures[run_id] for run_id in ids if run_id in failures}


def _task(batch: Batch) -> Task:
    runs, text = batch.runs, batch.requests[0].description
    more = " and those that start alike" if len(runs) > 1 else ""
    return Task(text + more, batch, size=len(runs))


def _split(task: Task) -> list[Task]:
    """Return a task for each run of a batch."""
    batch: Batch = task.payload
    return [_task(Batch(requests)) for requests in batch.runs]


def answer(batch: Batch, simulation: Simulator) -> list[Record | Failure]:
    """Spin a town up, run from it, and read what is asked (in a worker process)."""
    first = batch.requests[0]
    start = simulation.spin_up(first.scenario, first.replicate) if first.start else None
    of_start: dict[Any, Any] = {}
    found: list[Record | Failure] = []
    for requests in batch.runs:
        made = Run(requests[0].scenario, first.replicate, start, simulation, of_start)
        found += [_answered(request, made) for request in requests]
    return found


def _answered(request: Request, made: Run) -> Record | Failure:
    begun = time.perf_counter()
    try:
        scalars, shard = request.read(made)
    except Exception as error:
        return Failure.of(request.description, error)
    if lacking := not_finite(scalars):
        return Failure.without(request.description, lacking)
    return Record(request.key, scalars, shard, time.perf_counter() - begun)
