"""Worker processes on this machine, replaced when one of them is killed.

Python's own process pool gives up on everything when one worker is killed. Here the tasks
that were in flight are run again one at a time, so that a death has one suspect, and a task
that has seen `MAX_DEATHS` workers die is set aside as a `Failure`; the rest goes on. Workers
leave when the driver dies, and Ctrl-C stops them before it is passed on.
"""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from omemsim.compiling import left_to_the_parent
from omemsim.study.tasks import MAX_DEATHS, TASKS_AHEAD, Failure, Task, attempt, killed
from omemsim.study.worker_processes import (
    ONE_THREAD,
    ctrl_c_held_back,
    environment_with,
    without_main,
)

__all__ = ["Pool"]


class Pool:
    """A process pool that is replaced when it breaks.

    Parameters
    ----------
    work : as for `dispatch.run_tasks`.
    workers : processes, 1 or more.
    hand_over : called in this thread, once for each task, with its result or `Failure`.
    beat : called about once a second.
    """

    def __init__(
        self,
        work: Callable[[Any], Any],
        workers: int,
        hand_over: Callable[[Task, Any], None],
        beat: Callable[[], None],
    ) -> None:
        self.work = work
        self.workers = workers
        self.hand_over = hand_over
        self.beat = beat
        self.deaths: Counter[int] = Counter()

    def run(self, tasks: Sequence[Task]) -> None:
        """Do all tasks; hand each over once."""
        waiting = deque(enumerate(tasks))
        while waiting:
            suspects = self._drain(waiting, self.workers)
            for suspect in suspects:
                self._alone(suspect)

    def _alone(self, suspect: tuple[int, Task]) -> None:
        """Run a task in a pool of its own until it ends or has seen too many deaths."""
        number, task = suspect
        while self.deaths[number] < MAX_DEATHS:
            if not self._drain(deque([suspect]), 1):
                return
        self.hand_over(task, killed(task))

    def _drain(self, waiting: deque[tuple[int, Task]], workers: int) -> list[tuple[int, Task]]:
        """Run what is waiting; return the tasks in flight if a worker died, else nothing."""
        flying: dict[Future[Any], tuple[int, Task]] = {}
        broken: list[tuple[int, Task]] = []
        with _Executor(workers, self.work) as pool:
            while (waiting or flying) and not broken:
                broken += self._submit(pool, waiting, flying, workers * TASKS_AHEAD)
                done, _ = concurrent.futures.wait(
                    flying, timeout=1.0, return_when=concurrent.futures.FIRST_COMPLETED
                )
                if not done:
                    pool.notice_death()
                broken += self._collect(done, flying)
                self.beat()
            if broken:  # every other future of a broken pool ends now, a few with a result
                done, _ = concurrent.futures.wait(flying)
                broken += self._collect(done, flying)
        self.deaths.update(number for number, _ in broken)
        return sorted(broken, key=lambda item: item[0])

    def _submit(
        self,
        pool: ProcessPoolExecutor,
        waiting: deque[tuple[int, Task]],
        flying: dict[Future[Any], tuple[int, Task]],
        window: int,
    ) -> list[tuple[int, Task]]:
        """Fill the window; return the task that found the pool broken, if any."""
        while waiting and len(flying) < window:
            item = waiting.popleft()
            try:
                flying[pool.submit(attempt, self.work, item[1])] = item
            except BrokenProcessPool:
                return [item]
        return []

    def _collect(
        self, done: set[Future[Any]], flying: dict[Future[Any], tuple[int, Task]]
    ) -> list[tuple[int, Task]]:
        """Hand over what is done; return the tasks whose worker died."""
        broken = []
        for future in done:
            number, task = flying.pop(future)
            error = future.exception()
            if isinstance(error, BrokenProcessPool):
                broken.append((number, task))
            elif error is not None:  # the payload or the result could not be pickled
                self.hand_over(task, Failure.of(task.description, error))
            else:
                self.hand_over(task, future.result())
        return broken


class _Executor(ProcessPoolExecutor):
    """A pool that knows its processes and leaves none behind, whatever happens inside."""

    def __init__(self, workers: int, work: Callable[[Any], Any]) -> None:
        self.spawn = _Spawn(_Worker if work.__module__ == "__main__" else _MainlessWorker)
        super().__init__(workers, mp_context=self.spawn)

    def __exit__(self, kind: type[BaseException] | None, *details: object) -> None:
        if kind is not None:
            self._kill()
        self.shutdown(wait=True, cancel_futures=kind is not None)

    def notice_death(self) -> None:
        """Break if a worker has died and nothing was heard of it for a second."""
        if not all(worker.is_alive() for worker in self.spawn.workers):
            self._kill()

    def _kill(self) -> None:
        """Kill the workers and close our end of their results' pipe.

        Killed in the middle of a message, a worker leaves the pool waiting for the rest of it
        for as long as any process, this one too, holds the pipe open (seen with Python 3.11).
        The pool has no public way to end that.
        """
        for worker in self.spawn.workers:
            if worker.pid is not None:  # else it could not be started, which is what went wrong
                worker.kill()
        writer = getattr(getattr(self, "_result_queue", None), "_writer", None)
        if writer is not None:
            writer.close()


class _Spawn(SpawnContext):
    """Starts processes of one kind and remembers them."""

    def __init__(self, kind: type[SpawnProcess]) -> None:
        self.kind = kind
        self.workers: list[SpawnProcess] = []

    def Process(self, *args: Any, **options: Any) -> SpawnProcess:  # type: ignore[override]
        self.workers.append(self.kind(*args, **options))
        return self.workers[-1]


class _Worker(SpawnProcess):
    """A process that has one thread for numbers, ignores Ctrl-C and outlives no parent."""

    def start(self) -> None:
        with environment_with(ONE_THREAD), ctrl_c_held_back():
            super().start()

    def run(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_leave_with_parent, daemon=True).start()
        left_to_the_parent()
        super().run()


class _MainlessWorker(_Worker):
    """A worker that does not import the user's script."""

    def start(self) -> None:
        with without_main():
            super().start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
