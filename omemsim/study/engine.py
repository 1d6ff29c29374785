"""Run many tasks on all cores, and lose nothing when one of them goes wrong.

Python's own process pool gives up on everything when one worker is killed. Here the tasks
that were in flight are run again one at a time, so that a death has one suspect, and a task
that has seen `MAX_DEATHS` workers die is set aside as a `Failure`; the rest goes on. Workers
leave when the driver dies, and Ctrl-C stops them before it is passed on.

The order in which tasks end depends on the machine; what a task returns does not.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import traceback
import types
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, TypeVar

from omemsim.study.progress import Progress, told
from omemsim.vocabulary.errors import InputError

__all__ = ["Failure", "Task", "available_cores", "run_tasks"]

T = TypeVar("T")
MAX_DEATHS = 3
TASKS_AHEAD = 2  # submitted per worker: enough to keep it busy, few to repeat after a death
# A worker is one of many on this machine, so libraries in it must not start threads.
ONE_THREAD = {
    f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA", "NUMEXPR")
} | {"VECLIB_MAXIMUM_THREADS": "1"}


@dataclass(frozen=True)
class Task:
    """Something to be done: ``payload`` goes to the work function and must be picklable.

    Attributes
    ----------
    description : says to a person which task this is, should it fail.
    payload : whatever the work function needs.
    size : number of runs inside, for the progress bar.
    """

    description: str
    payload: Any
    size: int = 1


@dataclass(frozen=True)
class Failure:
    """What is left of a task that failed; a study keeps it and goes on.

    Attributes
    ----------
    description : which task, and how to repeat it alone.
    error : the error in one line.
    traceback : full text, or why there is none.
    problems : the problems of an `InputError`, else empty.
    """

    description: str
    error: str
    traceback: str
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, description: str, error: BaseException) -> Failure:
        """Return the failure that an exception describes."""
        line = "".join(traceback.format_exception_only(error)).strip()
        problems = tuple(error.problems) if isinstance(error, InputError) else ()
        return cls(description, line, "".join(traceback.format_exception(error)), problems)


def available_cores() -> int:
    """Return the number of cores this process may use, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_tasks(
    tasks: Sequence[Task],
    work: Callable[[Any], T],
    *,
    workers: int,
    on_result: Callable[[Task, T | Failure], None],
    progress: Progress = True,
) -> None:
    """Do ``work(task.payload)`` for every task and hand each result over as it comes.

    Parameters
    ----------
    tasks : what to do, in the order to start it.
    work : a function that a new process can import; it returns something picklable.
    workers : processes to use; 1 works in this one, where a crash is not survived.
    on_result : called in this process, once for each task, with the result or a `Failure`.
    progress : True for a bar on standard error (a line every 10 s if that is no terminal),
        False for none, or a function of (runs done, runs in all, failed tasks).

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, after all workers are stopped. What ``on_result`` raises is passed on in
        the same way.
    """
    with told(sum(task.size for task in tasks), progress) as tell:

        def hand_over(task: Task, outcome: T | Failure) -> None:
            on_result(task, outcome)
            tell.add(task.size, failed=isinstance(outcome, Failure))

        if workers <= 1:
            for task in tasks:
                hand_over(task, _attempt(work, task))
        else:
            _Pool(work, min(workers, len(tasks)), hand_over, tell.beat).run(tasks)


def _attempt(work: Callable[[Any], T], task: Task) -> T | Failure:
    """Return what the work returns; runs in the worker, so that any error comes back as text."""
    try:
        return work(task.payload)
    except (Exception, SystemExit) as error:
        return Failure.of(task.description, error)


class _Pool:
    """A process pool that is replaced when it breaks."""

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
        self.hand_over(task, _killed(task))

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
                flying[pool.submit(_attempt, self.work, item[1])] = item
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


def _killed(task: Task) -> Failure:
    return Failure(
        task.description,
        f"its process died {MAX_DEATHS} times (killed, out of memory, or a crash)",
        "No traceback: the process ended without raising an error.",
    )


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
        with _environment(ONE_THREAD), _ctrl_c_held_back():
            super().start()

    def run(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_leave_with_parent, daemon=True).start()
        super().run()


class _MainlessWorker(_Worker):
    """A worker that does not import the user's script.

    A script without ``if __name__ == "__main__":`` would otherwise run again in each worker.
    """

    def start(self) -> None:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            super().start()
        finally:
            sys.modules["__main__"] = main


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set environment variables for a while; a child process keeps what it started with."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Let Ctrl-C wait, so that a child is born deaf to it and shows no traceback."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
