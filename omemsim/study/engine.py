"""Where tasks are done: processes of this machine, or a cluster."""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import dataclass
from importlib.util import find_spec

from omemsim.compiling import available_cores, compile_once
from omemsim.study.progress import Progress
from omemsim.vocabulary.errors import InputError, nearest

__all__ = [
    "KINDS",
    "POOL",
    "Engine",
    "available_cores",
    "is_daemonic",
]

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
        """Check all of it, before anything is run.

        Raises
        ------
        InputError
            If the kind is unknown, a number is out of bounds, the scheduler does not suit, or a
            package is missing.
        """
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
