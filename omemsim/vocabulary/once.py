"""Compute once what stays the same for a whole run."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["once"]

T = TypeVar("T")


def once(function: Callable[..., T]) -> Callable[..., T]:
    """Remember the last answer, for as long as the arguments are the very same objects.

    For functions of frozen parameters and strategies only: a run passes the same ones each
    week. Compared by identity, since comparing four hundred numbers costs more than it saves.
    What is returned is shared between weeks, so that nobody may write to it.
    """
    last: tuple[tuple[Any, ...], T] | None = None

    @functools.wraps(function)
    def remembered(*arguments: Any) -> T:
        nonlocal last
        before = last  # read and written as one: other threads run towns of their own
        if before is not None and _are_the_same(before[0], arguments):
            return before[1]
        answer = function(*arguments)
        last = arguments, answer
        return answer

    return remembered


def _are_the_same(some: tuple[object, ...], others: tuple[object, ...]) -> bool:
    return len(some) == len(others) and all(map(operator.is_, some, others))
