"""Run tasks on a Dask cluster: one that is joined, or one of processes on this machine.

A few tasks for each thread of the cluster are submitted ahead; the rest waits here. A task
whose worker died is submitted again; what has died twice is done at the end, alone, so that a
task that shared a worker with a deadly one is not blamed for it, and the third death makes it a
`Failure`. If the connection to the scheduler is lost, Dask's client tries to come back for
``engine.timeout`` seconds, and what was under way is submitted again if it does. Results that
were handed over before are never asked for twice.

Workers that have other code than the driver would give other numbers: they refuse.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import queue
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from typing import Any

from omemsim.study.engine import Engine
from omemsim.study.identity import environment
from omemsim.study.tasks import MAX_DEATHS, TASKS_AHEAD, Failure, Task, attempt, killed
from omemsim.study.worker_processes import ONE_THREAD, ctrl_c_held_back, without_main
from omemsim.vocabulary.errors import InputError, OmemError

__all__ = ["run_on_cluster"]

BETWEEN_COUNTS = 5.0  # seconds between two counts of the cluster's threads
ELSEWHERE = ("commit", "platform")  # of the environment: may differ between machines
RESUME = "All results until now are kept; the same command goes on from there."


def run_on_cluster(
    tasks: Sequence[Task],
    work: Callable[[Any], Any],
    engine: Engine,
    *,
    hand_over: Callable[[Task, Any], None],
    beat: Callable[[], None],
) -> None:
    """Do ``work(task.payload)`` for every task on the cluster that ``engine`` says.

    Parameters
    ----------
    tasks : what to do; they are submitted in this order.
    work : as for `dispatch.run_tasks`.
    engine : of kind ``dask``: the scheduler to join, or how many processes to start here.
    hand_over : called in this thread, once for each task, with its result or `Failure`.
    beat : called about once a second.

    Raises
    ------
    InputError
        If there is no scheduler at the address.
    OmemError
        If the scheduler is lost and does not come back within ``engine.timeout`` seconds.
    """
    with _quiet(), _client(engine, work, len(tasks)) as client:
        _Loop(client, work, engine, hand_over, beat).run(tasks)


def attempt_with(code: Mapping[str, str], work: Callable[[Any], Any], task: Task) -> Any:
    """Do a task (in a worker) if this process has the driver's code; `Failure` otherwise.

    Parameters
    ----------
    code : the driver's versions by name, as `identity.environment` has them, without `ELSEWHERE`.
    work : done with ``task.payload``.
    task : its description names the `Failure` that any error becomes.
    """
    mine = _code()
    different = [
        f"{name} is {mine[name]} there and {code[name]} here"
        for name in mine
        if mine[name] != code.get(name)
    ]
    if different:
        problem = (
            f"A worker of the cluster would give other numbers: {'; '.join(different)}. "
            "Install the same on all machines (see docs/cluster.md)."
        )
        return Failure.of(task.description, InputError(problem))
    return attempt(work, task)


@functools.cache
def _code() -> dict[str, str]:
    """Return the versions that the numbers depend on."""
    return {key: value for key, value in environment().items() if key not in ELSEWHERE}


class _Loop:
    """Keeps the cluster busy until all tasks are handed over."""

    def __init__(
        self,
        client: Any,
        work: Callable[[Any], Any],
        engine: Engine,
        hand_over: Callable[[Task, Any], None],
        beat: Callable[[], None],
    ) -> None:
        self.client = client
        self.work = work
        self.engine = engine
        self.hand_over = hand_over
        self.beat = beat
        self.ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.flying: dict[Any, tuple[int, Task]] = {}
        self.waiting: deque[tuple[int, Task]] = deque()
        self.alone: deque[tuple[int, Task]] = deque()  # have died too often to have company
        self.deaths: Counter[int] = Counter()
        self.threads: int | None = None
        self.counted = -BETWEEN_COUNTS

    def run(self, tasks: Sequence[Task]) -> None:
        """Do all tasks; hand each over once."""
        self.waiting.extend(enumerate(tasks))
        while self.waiting or self.alone or self.flying:
            self._count_threads()
            self._submit()
            for future in self._next_ended():
                self._take(future)
            self.beat()

    def _count_threads(self) -> None:
        """Look how large the cluster is now; say so if nobody is there to work."""
        if time.monotonic() - self.counted < BETWEEN_COUNTS:
            return
        before, self.counted = self.threads, time.monotonic()
        with contextlib.suppress(OSError, TimeoutError):
            self.threads = sum(self.client.nthreads().values())
        if self.threads == 0 and before != 0:
            none = "no worker yet" if before is None else "lost all its workers"
            print(f"The cluster has {none}; waiting for some.", file=sys.stderr)

    def _submit(self) -> None:
        """Fill the window; when nothing else is left, do one of those that die alone."""
        window = TASKS_AHEAD * max(self.threads or 0, 1)
        while self.waiting and len(self.flying) < window:
            self._send(self.waiting.popleft())
        if self.alone and not self.flying and not self.waiting:
            self._send(self.alone.popleft())

    def _send(self, item: tuple[int, Task]) -> None:
        future = self.client.submit(attempt_with, _code(), self.work, item[1], pure=False)
        self.flying[future] = item
        future.add_done_callback(self.ended.put)

    def _next_ended(self) -> list[Any]:
        """Return the futures that have ended, after a second's wait at most."""
        found = []
        with contextlib.suppress(queue.Empty):
            found.append(self.ended.get(timeout=1.0))
            while True:
                found.append(self.ended.get_nowait())
        return [future for future in found if future in self.flying]

    def _take(self, future: Any) -> None:
        """Hand over what a future holds, or submit its task again."""
        item = self.flying.pop(future)
        try:
            if future.status == "error":
                self._failed(item, future.exception())
                return
            outcome = future.result()
        except CancelledError:  # the connection to the scheduler broke, before or just now
            self._come_back()
            self.waiting.append(item)
            return
        self.hand_over(item[1], outcome)

    def _failed(self, item: tuple[int, Task], error: BaseException) -> None:
        """Try again if the worker died, else hand the failure over."""
        from distributed import KilledWorker

        number, task = item
        if not isinstance(error, KilledWorker):  # the payload or the result cannot be pickled
            self.hand_over(task, Failure.of(task.description, error))
            return
        was_alone = self.deaths[number] >= MAX_DEATHS - 1
        self.deaths[number] += error.allowed_failures + 1
        if was_alone:
            self.hand_over(task, killed(task, self.deaths[number]))
        elif self.deaths[number] >= MAX_DEATHS - 1:
            self.alone.append(item)
        else:
            self.waiting.append(item)

    def _come_back(self) -> None:
        """Wait for the scheduler that was lost; give up after the engine's timeout."""
        end = time.monotonic() + self.engine.timeout
        while self.client.status == "connecting" and time.monotonic() < end:
            self.beat()
            time.sleep(0.2)
        if self.client.status != "running":
            raise OmemError(
                f"The scheduler of the cluster ({self.engine.scheduler or 'on this machine'}) is "
                f"lost: no answer for {self.engine.timeout:g} s (engine.timeout). {RESUME}"
            )


@contextlib.contextmanager
def _client(engine: Engine, work: Callable[[Any], Any], tasks: int) -> Iterator[Any]:
    """Give a client of the cluster that was asked for, closed in the end."""
    if engine.scheduler is None:
        with _local_cluster(engine, work, tasks) as cluster, _joined(cluster, engine) as client:
            yield client
        return
    with _joined(engine.scheduler, engine) as client:
        yield client


@contextlib.contextmanager
def _joined(where: Any, engine: Engine) -> Iterator[Any]:
    from distributed import Client

    is_file = isinstance(where, str) and "://" not in where
    place = {"scheduler_file": where} if is_file else {"address": where}
    options = {"timeout": engine.timeout, "set_as_default": False}
    try:
        client = Client(**place, **options)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, ImportError) as error:
        raise InputError(
            f"engine.scheduler = {where}: no scheduler answers there ({_line(error)}). Is "
            "`dask scheduler` running, and can this machine reach it? (see docs/cluster.md)"
        ) from error
    try:
        yield client
    finally:
        with contextlib.suppress(OSError, TimeoutError):
            client.close(timeout=2)  # type: ignore[no-untyped-call]


def _line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


@contextlib.contextmanager
def _local_cluster(engine: Engine, work: Callable[[Any], Any], tasks: int) -> Iterator[Any]:
    """Give a cluster of processes of this machine; every death is told to us at once."""
    from distributed import LocalCluster

    options: dict[str, Any] = {
        "n_workers": min(engine.processes, tasks),
        "threads_per_worker": 1,
        "processes": True,
        "dashboard_address": None,
        "memory_limit": 0,
        "env": ONE_THREAD,
        "silence_logs": logging.CRITICAL,
        "scheduler_kwargs": {"allowed_failures": 0},
    }
    # Workers that replace dead ones start at any time, from a thread that starts now.
    hidden = contextlib.nullcontext() if work.__module__ == "__main__" else without_main()
    with hidden:
        with ctrl_c_held_back():
            cluster = LocalCluster(**options)  # type: ignore[no-untyped-call]
        try:
            yield cluster
        finally:
            with contextlib.suppress(OSError, TimeoutError):
                cluster.close(timeout=5)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Dask logs about lost workers and connections from our output: we say it."""
    import distributed

    loggers = [
        logging.getLogger(name)
        for name in logging.root.manager.loggerDict
        if name.startswith(distributed.__name__)
    ]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
