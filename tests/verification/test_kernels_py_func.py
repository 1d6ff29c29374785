"""Every kernel is its own `py_func`, bit for bit, with the arguments of real weeks.

Each compiled kernel of the package is replaced by a twin that runs both on copies of the same
arguments and compares every array and return value. The Python side calls twins too, so that
inner functions are compared one by one, and the whole Python path is Python all the way down.
"""

import importlib
import pkgutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

import omemsim
from omemsim.analysis import bench
from omemsim.analysis.evidence import diary
from omemsim.inputs import build
from omemsim.inputs.config import Scenario, compose_scenario
from omemsim.measures import MEASURES
from omemsim.processes import run_week
from omemsim.run import spin_up
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream

WORDS = [
    "town.residents=240",
    "parameters.people.place_shape=0.4",
    "parameters.people.dwelling_shape=2",  # few places: crime at all of them
    "parameters.offend.household=66",
    "town.neighbourhoods=3",
    "spin_up_years=0.1",
    "parameters.respond.sworn=600",
]
ORDINARY = 4  # the last weeks, under present practice
WEEKS = 49  # long enough for initiatives to run in numbers, and for one survey


def modules() -> list[ModuleType]:
    names = [found.name for found in pkgutil.walk_packages(omemsim.__path__, "omemsim.")]
    return [importlib.import_module(name) for name in names if not name.endswith("__main__")]


def kernels() -> dict[str, Dispatcher]:
    """Return every compiled kernel of the package by its full name."""
    found = (value for module in modules() for value in vars(module).values())
    return {full_name(value): value for value in found if isinstance(value, Dispatcher)}


def full_name(kernel: Dispatcher) -> str:
    return f"{kernel.py_func.__module__}.{kernel.py_func.__name__}"


def copied(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, tuple):
        parts = [copied(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value


def is_same(a: Any, b: Any) -> bool:
    """Return whether two values have the same bits; numba returns scalars as Python's own."""
    if isinstance(a, tuple):
        return all(is_same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    return bool(a == b)


class Twins:
    """Stands in for every kernel; counts calls, and lists those that differ."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.differing: Counter[str] = Counter()
        self.kernels = kernels()
        self.sites = [
            (vars(module), name, full_name(value))
            for module in modules()
            for name, value in list(vars(module).items())
            if isinstance(value, Dispatcher)
        ]
        self.twins = {name: self.twin(name) for name in self.kernels}

    def twin(self, name: str) -> Callable[..., Any]:
        kernel = self.kernels[name]

        def run(*arguments: Any) -> Any:
            mine = copied(arguments)
            self.put(self.kernels)  # a kernel met with new types is compiled only now
            compiled = kernel(*mine)
            self.put(self.twins)
            plain = kernel.py_func(*arguments)
            self.calls[name] += 1
            self.differing[name] += not (is_same(mine, arguments) and is_same(compiled, plain))
            return plain

        return run

    def put(self, functions: dict[str, Any]) -> None:
        for names, name, kernel in self.sites:
            names[name] = functions[kernel]

    @contextmanager
    def everywhere(self) -> Iterator[None]:
        self.put(self.twins)
        try:
            with np.errstate(over="ignore"):  # hashes are meant to wrap around
                yield
        finally:
            self.put(self.kernels)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return compose_scenario("small", "omem", WORDS)


@pytest.fixture(scope="module")
def weeks(scenario: Scenario) -> tuple[Twins, Town, Town]:
    """Return the twins after some weeks of a town, that town, and the same weeks compiled."""
    start = spin_up(scenario, 0)
    fast, slow, twins = start.copy(), start.copy(), Twins()
    ordinary = compose_scenario("small", "present_practice", WORDS).strategy
    strategies = [scenario.strategy] * (WEEKS - ORDINARY) + [ordinary] * ORDINARY
    with twins.everywhere():
        for strategy in strategies:
            run_week(slow, scenario.parameters, strategy)
        MEASURES["targeting"].read(slow, 1)
        diary._luck(np.arange(7, dtype=np.uint64), np.empty(7))
        build.draw(np.arange(9, dtype=np.uint32), stream(1, Decision.OCCUPANT, 0), np.ones(9, "f4"))
        bench.stream_once((np.ones(9, np.float32), np.arange(5, dtype=np.float32)))
    for strategy in strategies:
        run_week(fast, scenario.parameters, strategy)
    return twins, slow, fast


def test_the_package_has_kernels() -> None:
    assert len(kernels()) > 40


@pytest.mark.parametrize("name", kernels())
def test_a_kernel_is_its_py_func(weeks: tuple[Twins, Town, Town], name: str) -> None:
    twins = weeks[0]
    assert twins.calls[name] > 0, f"{name} was never called"
    assert twins.differing[name] == 0, f"{twins.differing[name]} of {twins.calls[name]} calls"


def test_weeks_without_numba_are_the_same_weeks(weeks: tuple[Twins, Town, Town]) -> None:
    _, slow, fast = weeks
    assert slow.week == fast.week == WEEKS
    different = [
        f"{table}.{column}"
        for table, rows in slow.tables().items()
        for column, values in rows.columns().items()
        if not is_same(values, getattr(fast.tables()[table], column))
    ]
    assert different == []


def test_a_difference_in_the_last_bit_is_seen() -> None:
    one = np.ones(3, np.float32)
    other = one.copy()
    other[2] = np.nextafter(other[2], np.float32(2))
    assert is_same((one, 1), (one.copy(), 1))
    assert not is_same((one, 1), (other, 1))
    assert not is_same((one, 1), (one, 2))
    assert not is_same(one, one.astype(np.float64))
