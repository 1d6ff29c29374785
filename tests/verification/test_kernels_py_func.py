"""Every kernel is its own plain Python, bit for bit, in real weeks.

A town lives some weeks twice: compiled, and with every kernel run as Python on the same arrays.
Every array must then be the same to the last bit, and every kernel must have been called.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from parts import modules, plain_kernels

from omemsim import kernels as kernels_of_all
from omemsim.analysis import bench
from omemsim.analysis.evidence import event_log
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.lay import lay_schedule
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.kernels import Kernel, is_kernel
from omemsim.processes import STAGES, run_week
from omemsim.processes.context import SEATING
from omemsim.run import spin_up
from omemsim.town import Town
from omemsim.vocabulary.mechanisms import effective
from omemsim.vocabulary.random_numbers import Decision, stream

WORDS = [
    "town.residents=240",
    "parameters.people.place_shape=0.4",
    "parameters.people.dwelling_shape=2",  # few places: crime at all of them
    "parameters.offend.household=66",
    "town.neighbourhoods=3",
    "spin_up_years=0.1",
    "parameters.respond.sworn=900",
    "parameters.offend.displaced=1",  # what is blocked moves
    "parameters.reporting.service=900",  # some homes call twice in a week
    # Tables meet, for households and places too; officers look for the vulnerable.
    *("parameters.account.table_case=20", "parameters.crisis.rate=6"),
    *("parameters.partner.table_places=0.5", "parameters.act.reached=5"),
    "strategy.interventions=[{what: lighting, where: [all], dose: 0.5}, "
    "{what: monitor_at_risk_groups, where: [all], dose: 3}]",
    *("parameters.partner.table_family=1", "parameters.partner.table_lowers=0.9"),
    *("parameters.partner.table_young=1", "parameters.crisis.mental_health=0.1"),
    "events=[{what: crime, where: [all], size: 0.2, to: 30}]",
]
ORDINARY = 4  # the last weeks, under present practice
ROLLED_OUT = 42  # the week in which a pilot decides
WEEKS = 49  # long enough for initiatives to run in numbers, and for one survey
# What only the compiled loop of the weeks calls, which Python is in place of.
LOOP = {"omemsim.loop.call_in_turn"}


def full_name(kernel: Kernel) -> str:
    return f"{kernel.py_func.__module__}.{kernel.py_func.__name__}"


def kernels() -> dict[str, Kernel]:
    """Return every compiled kernel of the package by its full name."""
    found = (value for module in modules() for value in vars(module).values())
    return {full_name(value): value for value in found if is_kernel(value)}


def is_same(a: Any, b: Any) -> bool:
    """Return whether two values have the same bits; numba returns scalars as Python's own."""
    if isinstance(a, tuple):
        return all(is_same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    return bool(a == b)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return compose_scenario("small", "omem", WORDS)


def counted(kernel: Kernel, calls: Counter[str]) -> Callable[..., Any]:
    def run(*arguments: Any) -> Any:
        calls[full_name(kernel)] += 1
        return kernel.py_func(*arguments)

    return run


@pytest.fixture(scope="module")
def weeks(scenario: Scenario) -> tuple[Counter[str], Town, Town]:
    """Return how often each kernel was called, the town of Python, and that of machine code."""
    start = spin_up(scenario, 0)
    lay_schedule(start, scenario, blueprint_of(scenario.town))
    drawn = stream(1, Decision.OCCUPANT, 0)
    fast, slow, calls = start.copy(), start.copy(), Counter()
    parameters = effective(scenario.parameters)
    ordinary = compose_scenario("small", "present_practice", WORDS).strategy
    unasked = replace(scenario.strategy, survey_size=0)  # in the week of the survey
    usual = [scenario.strategy] * (WEEKS - ORDINARY - 1)
    pilot = compose_scenario("small", "pilot_then_rollout", WORDS).strategy
    pilot = replace(pilot, rollout=ROLLED_OUT, rollout_needs=-0.99)
    strategies = [unasked, *usual, *[ordinary] * ORDINARY]
    strategies[ROLLED_OUT : ROLLED_OUT + 2] = [pilot] * 2
    with plain_kernels(lambda kernel: counted(kernel, calls)):
        for strategy in strategies:
            for module in STAGES:
                module.STAGE.in_python(slow, parameters, strategy)
            slow.week += 1
        SEATING.in_python(slow.copy(), parameters, scenario.strategy)
        event_log._noise(np.arange(7, dtype=np.uint64), np.empty(7))
        kernels_of_all.draw(np.arange(9, dtype=np.uint32), drawn, np.ones(9, "f4"))
        bench.stream_once((np.ones(9, np.float32), np.arange(5, dtype=np.float32)))
    for strategy in strategies:
        run_week(fast, parameters, strategy)
    return calls, slow, fast


def test_the_package_has_kernels() -> None:
    assert len(kernels()) > 40


@pytest.mark.parametrize("name", sorted(kernels().keys() - LOOP))
def test_a_kernel_is_run_as_python(weeks: tuple[Counter[str], Town, Town], name: str) -> None:
    assert weeks[0][name] > 0, f"{name} was never called"


def test_weeks_without_numba_are_the_same_weeks(weeks: tuple[Counter[str], Town, Town]) -> None:
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
