"""What there is to compile: the kernels that a week calls, and the types they are called with.

Both are found by trying: a town of ten people lives a few weeks with every kernel in plain Python
(see `Recorder`), which takes a twentieth of a second.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType
from typing import Any

import numpy as np

from omemsim.inputs.build import build, draw_blueprint
from omemsim.inputs.config import TownConfig
from omemsim.kernels import CACHE, file_of, is_kernel, types_of
from omemsim.measures import MEASURES
from omemsim.processes import run_week
from omemsim.strategies import Strategy
from omemsim.vocabulary.parameters import Parameters

__all__ = ["Part", "parts_of_the_model"]

PEOPLE = TownConfig(residents=10, neighbourhoods=2)
WEEKS = 3  # before week 0 and from then on: zones are read, and the survey asks
# Seconds that a kernel takes, and a byte of the bytecode that it and all it calls consist of
# (correlation with what was measured: 0.94).
SECONDS, SECONDS_PER_BYTE = 0.05, 0.00024


@dataclass(frozen=True)
class Part:
    """A kernel and the types of its arguments.

    Attributes
    ----------
    seconds : that compiling it takes about, on the machine this was written on.
    """

    kernel: Any
    types: tuple[Any, ...]
    seconds: float

    @property
    def file(self) -> str:
        """Return the name of the file that keeps it."""
        return file_of(self.kernel, self.types)

    @property
    def is_kept(self) -> bool:
        """Return whether the cache has it, whole."""
        return CACHE.read(self.file) is not None

    def compile(self) -> None:
        """Compile it, or load it if the cache has it."""
        self.kernel.compile(self.types)


def parts_of_the_model() -> list[Part]:
    """Return the parts, those that take longest first, so that the last ones are short."""
    recorder = Recorder()
    with recorder.everywhere(), np.errstate(over="ignore"):  # hashes are meant to wrap around
        town = build(draw_blueprint(PEOPLE), Parameters(), seed=0)
        town.week = town.born = -WEEKS
        while town.week < WEEKS:
            run_week(town, Parameters(), Strategy())
        for measure in MEASURES.values():
            measure.read(town, 1)
    parts = [Part(kernel, types, seconds_of(kernel)) for kernel, types in recorder.called]
    return sorted(parts, key=lambda part: -part.seconds)


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


class Recorder:
    """Stands in for every kernel of the package, and notes what is called from Python.

    What a kernel calls is part of it, and not noted.
    """

    def __init__(self) -> None:
        self.called: dict[tuple[Any, tuple[Any, ...]], None] = {}
        self.is_inside = False
        self.sites = [
            (names, name, kernel)
            for names in [vars(module) for name, module in _package()]
            for name, kernel in list(names.items())
            if is_kernel(kernel)
        ]

    @contextmanager
    def everywhere(self) -> Iterator[None]:
        """Put it in every kernel's place for a while."""
        for names, name, kernel in self.sites:
            names[name] = self._plain(kernel)
        try:
            yield
        finally:
            for names, name, kernel in self.sites:
                names[name] = kernel

    def _plain(self, kernel: Any) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            if self.is_inside:
                return kernel.py_func(*arguments)
            self.called[kernel, types_of(arguments)] = None
            self.is_inside = True
            try:
                return kernel.py_func(*arguments)
            finally:
                self.is_inside = False

        return run


def _package() -> list[tuple[str, Any]]:
    return [(name, module) for name, module in sys.modules.items() if name.startswith("omemsim")]
