"""Run many tasks on all cores or on a cluster, and lose nothing when one of them goes wrong.

A task that raises is data, a worker that is killed costs a repetition, a task that kills its
worker `MAX_DEATHS` times is set aside as a `Failure`; the rest goes on. `pool` does it on this
machine, `cluster` (Dask) on many.

The order in which tasks end depends on the machine; what a task returns does not.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from omemsim.study.engine import Engine, is_daemonic
from omemsim.study.pool import Pool
from omemsim.study.progress import Progress, told
from omemsim.study.tasks import MAX_DEATHS, Failure, Task, attempt

__all__ = ["MAX_DEATHS", "run_tasks"]

T = TypeVar("T")


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
