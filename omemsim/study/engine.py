"""Run many tasks on all cores or on a cluster, and lose nothing when one of them goes wrong.

A task that raises is data, a worker that is killed costs a repetition, a task that kills its
worker `MAX_DEATHS` times is set aside as a `Failure`; the rest goes on. `pool` does it on this
machine, `cluster` (Dask) on many.

The order in which tasks end depends on the machine; what a task returns does not.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, TypeVar

from omemsim.compiling import compile_once
from omemsim.study.pool import Pool
from omemsim.study.progress import Progress, told
from omemsim.study.tasks import MAX_DEATHS, Failure, Task, attempt
from omemsim.vocabulary.errors import InputError, nearest

__all__ = [
    "KINDS",
    "MAX_DEATHS",
    "POOL",
    "Engine",
    "Failure",
    "Task",
    "available_cores",
    "run_tasks",
]

T = TypeVar("T")
KINDS = ("pool", "dask")
MOST_WORKERS = 1024
SHORTEST, LONGEST = 1, 86_400  # seconds that a lost scheduler may be waited for


@dataclass(frozen=True)
class Engine:
    """Where tasks are done.

    Attributes
    ----------
    kind : ``pool``, processes of this machine, or ``dask``, a cluster.
    workers : processes; all cores if None; 1 in a pool works in this process, where a crash is
        not survived, and so does any number in a process that may start no others. A cluster that
        is joined has its own.
    scheduler : of a Dask cluster to join: its address, as ``tcp://node1:8786``, or the JSON
        file that ``dask scheduler --scheduler-file`` writes; None starts one on this machine.
    timeout : seconds to wait for a scheduler that does not answer, 1 to 86,400.
    """

    kind: str = "pool"
    workers: int | None = None
    scheduler: str | None = None
    timeout: float = 60.0

    def check(self) -> None:
        """Raise `InputError` with all that is wrong with it, before anything is run."""
        problems = []
        if self.kind not in KINDS:
            hint = nearest(self.kind, KINDS)
            problems.append(f"engine = {self.kind!r}: must be one of {', '.join(KINDS)}.{hint}")
        if self.workers is not None and not 1 <= self.workers <= MOST_WORKERS:
            problems.append(f"workers = {self.workers}: must be from 1 to {MOST_WORKERS:,}.")
        if not SHORTEST <= self.timeout <= LONGEST:
            limits = f"from {SHORTEST} to {LONGEST:,} (seconds)"
            problems.append(f"engine.timeout = {self.timeout:g}: must be {limits}.")
        problems += self._scheduler_problems()
        if self.kind == "dask" and find_spec("distributed") is None:
            problems.append(
                "engine=dask needs the package distributed: pip install 'omemsim[cluster]'."
            )
        if problems:
            raise InputError(*problems)

    def _scheduler_problems(self) -> list[str]:
        if self.scheduler is None:
            return []
        if self.kind != "dask":
            return ["engine.scheduler= is for engine=dask: add it, or leave the scheduler out."]
        problems = []
        if self.workers is not None:
            problems.append(
                "workers= does nothing beside engine.scheduler=: that cluster has its own workers."
            )
        is_address = "://" in self.scheduler
        if not is_address and not os.path.isfile(self.scheduler):
            problems.append(
                f"engine.scheduler = {self.scheduler!r}: neither an address, as tcp://node1:8786, "
                "nor a file that `dask scheduler --scheduler-file` wrote."
            )
        return problems

    def compile(self, progress: Progress = True) -> None:
        """Have the model compiled once for all processes of this machine that will run it.

        ``progress`` is that of the runs; a cluster that is joined compiles for itself.
        """
        if self.scheduler is None:
            compile_once(is_shown=progress is not False)

    @property
    def processes(self) -> int:
        """Return how many processes work on this machine; 1, this one, where it may start none."""
        wanted = available_cores() if self.workers is None else self.workers
        return 1 if is_daemonic() else wanted


POOL = Engine()


def is_daemonic() -> bool:
    """Say whether this process may start no others: a worker of `multiprocessing.Pool` or Dask."""
    return multiprocessing.current_process().daemon


def available_cores() -> int:
    """Return the number of cores this process may use, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_tasks(
    tasks: Sequence[Task],
    work: Callable[[Any], T],
    *,
    engine: Engine,
    on_result: Callable[[Task, T | Failure], None],
    split: Callable[[Task], Sequence[Task]] | None = None,
    progress: Progress = True,
) -> None:
    """Do ``work(task.payload)`` for every task and hand each result over as it comes.

    Work that runs the model wants it compiled before, once for all: `Engine.compile`.

    Parameters
    ----------
    tasks : what to do, in the order to start it. A cluster wants tasks of a second or more.
    work : a function that a new process can import; it returns something picklable.
    engine : where it is done.
    on_result : called in this process, once for each task, with the result or a `Failure`.
    split : returns the tasks that a task is made of. One that fails whole (it raised, or its
        process died) is then done again in these parts, after all others, and not handed over:
        a run that kills its process takes no other run with it.
    progress : True for a bar on standard error (a line every 10 s if that is no terminal),
        False for none, or a function of (runs done, runs in all, failed runs).

    Raises
    ------
    InputError
        If the engine cannot be had: an unknown kind, no such scheduler, a package missing.
    OmemError
        If the scheduler of a cluster is lost; what was handed over until then stays.
    KeyboardInterrupt
        On Ctrl-C, after all workers are stopped. What ``on_result`` raises is passed on in
        the same way.
    """
    engine.check()
    with told(sum(task.size for task in tasks), progress) as tell:
        again: list[Task] = []

        def hand_over(task: Task, outcome: T | Failure) -> None:
            on_result(task, outcome)
            tell.add(task.size, failed=_failed_runs(task, outcome))

        def hand_over_or_split(task: Task, outcome: T | Failure) -> None:
            failed_whole = isinstance(outcome, Failure) and not outcome.problems
            if failed_whole and split is not None and task.size > 1:
                again.extend(split(task))
            else:
                hand_over(task, outcome)

        _do(tasks, work, engine, hand_over_or_split, tell.beat)
        _do(again, work, engine, hand_over, tell.beat)


def _do(
    tasks: Sequence[Task],
    work: Callable[[Any], T],
    engine: Engine,
    hand_over: Callable[[Task, T | Failure], None],
    beat: Callable[[], None],
) -> None:
    if not tasks:
        return
    starts_none = is_daemonic() and engine.scheduler is None
    if starts_none and engine.workers != 1:
        _say_alone()
    if engine.kind == "dask" and not starts_none:
        from omemsim.study.cluster import run_on_cluster

        run_on_cluster(tasks, work, engine, hand_over=hand_over, beat=beat)
    elif engine.processes <= 1:
        for task in tasks:
            hand_over(task, attempt(work, task))
    else:
        Pool(work, min(engine.processes, len(tasks)), hand_over, beat).run(tasks)


@functools.cache  # once is enough
def _say_alone() -> None:
    print(
        "omemsim: this process is itself a worker, which may start no others, so it does all the "
        "work alone (workers=1).",
        file=sys.stderr,
    )


def _failed_runs(task: Task, outcome: object) -> int:
    """Return how many of a task's runs failed; work on many returns a list, an item a run."""
    if isinstance(outcome, Failure):
        return task.size
    each = outcome if isinstance(outcome, list) else []
    return sum(isinstance(one, Failure) for one in each)
