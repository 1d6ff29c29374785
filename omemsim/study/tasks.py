"""A task of a study, how a worker does it, and what is kept of it if it fails."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from omemsim.vocabulary.errors import InputError

__all__ = ["MAX_DEATHS", "TASKS_AHEAD", "Failure", "Task", "attempt", "killed"]

T = TypeVar("T")
MAX_DEATHS = 3  # processes that may die under a task before it is set aside
TASKS_AHEAD = 2  # submitted per worker: enough to keep it busy, few to repeat after a death


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

    @classmethod
    def without(cls, description: str, names: Sequence[str]) -> Failure:
        """Return the failure of a run that gave no finite value of some numbers."""
        reason = f"no finite value of {', '.join(names)}"
        return cls(description, reason, "No traceback: the run ended and gave no number.")


def attempt(work: Callable[[Any], T], task: Task) -> T | Failure:
    """Return what the work returns; runs in the worker, so that any error comes back as text.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C, also where another error was made of it on its way, as code in C does that
        calls Python.
    """
    try:
        return work(task.payload)
    except (Exception, SystemExit) as error:
        if _is_interrupt(error):
            raise KeyboardInterrupt from error
        return Failure.of(task.description, error)


def _is_interrupt(error: BaseException) -> bool:
    """Return whether an error is Ctrl-C, or was raised while it was dealt with."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, KeyboardInterrupt):
        seen = seen.__cause__ or seen.__context__
    return seen is not None


def killed(task: Task, deaths: int = MAX_DEATHS) -> Failure:
    """Return the failure of a task under which this many processes died."""
    return Failure(
        task.description,
        f"its process died {deaths} times (killed, out of memory, or a crash)",
        "No traceback: the process ended without raising an error.",
    )
