"""What there is to compile: the stages of the week, and the loop that runs them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

from omemsim.compiler import CACHE, file_of
from omemsim.kernels import is_kernel
from omemsim.loop import LOOP_TYPES, call_in_turn
from omemsim.processes import WEEK
from omemsim.processes.context import SEATING

__all__ = ["Part", "parts_of_the_model"]

# Seconds that a part takes, and a byte of the bytecode that it and all it calls consist of.
SECONDS, SECONDS_PER_BYTE = 0.2, 0.0003


@dataclass(frozen=True)
class Part:
    """Something that is compiled by itself.

    Attributes
    ----------
    file : the name of the file in the cache that keeps it.
    make : compiles it, or loads it if the cache has it.
    seconds : that compiling it takes about, on the machine this was written on.
    """

    file: str
    make: Callable[[], Any]
    seconds: float

    @property
    def is_kept(self) -> bool:
        """Return whether the cache has it, whole."""
        return CACHE.read(self.file) is not None

    def compile(self) -> None:
        """Compile it, or load it if the cache has it."""
        self.make()


def parts_of_the_model() -> list[Part]:
    """Return the parts, those that take longest first, so that the last ones are short."""
    stages = [*WEEK.values(), SEATING]
    parts = [
        Part(one.file, functools.partial(getattr, one, "compiled"), seconds_of(one.run))
        for one in stages
    ]
    loop: Any = call_in_turn
    made = Part(
        file_of(loop, LOOP_TYPES), lambda: loop.compiled.compile(LOOP_TYPES), seconds_of(loop)
    )
    return sorted([*parts, made], key=lambda part: -part.seconds)


def seconds_of(kernel: Any) -> float:
    """Return about how long a kernel takes to compile, from the size of it and all it calls."""
    size = sum(len(one.py_func.__code__.co_code) for one in _with_callees(kernel, {}).values())
    return SECONDS + SECONDS_PER_BYTE * size


def _with_callees(kernel: Any, found: dict[int, Any]) -> dict[int, Any]:
    if id(kernel) not in found:
        found[id(kernel)] = kernel
        for name in _names(kernel.py_func.__code__):
            callee = kernel.py_func.__globals__.get(name)
            if is_kernel(callee):
                _with_callees(callee, found)
    return found


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
