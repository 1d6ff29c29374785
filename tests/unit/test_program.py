"""Compiled weeks: what fails in them is an exception in Python, and what they lack is made."""

from typing import NamedTuple

import numpy as np
import pytest

from omemsim.inputs.config import compose_scenario
from omemsim.kernels import Whole, kernel
from omemsim.processes import WEEK, run_weeks
from omemsim.program import Stage, program_of
from omemsim.run import spin_up
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.errors import OmemError
from omemsim.vocabulary.mechanisms import effective
from omemsim.vocabulary.parameters import Parameters

WORDS = ["town.residents=200", "town.neighbourhoods=2", "spin_up_years=0.1"]


class TooMuch(NamedTuple):
    """What `too_much` needs."""

    rows: np.int64


def too_much_parameters(parameters: Parameters, strategy: Strategy) -> TooMuch:
    del parameters, strategy
    return TooMuch(rows=np.int64(-5))


@kernel
def too_much(town: Town, p: TooMuch, week: Whole) -> None:
    """Ask for memory that there is not."""
    town.service.moves[0] = np.empty(p.rows).size


@pytest.fixture(scope="module")
def town() -> Town:
    return spin_up(compose_scenario("small", "omem", WORDS), 0)


def test_an_error_in_machine_code_is_an_exception(town: Town) -> None:
    failing = Stage(too_much, TooMuch, too_much_parameters)
    stages = [WEEK["context"], failing]
    with pytest.raises(OmemError, match=r"Stage too_much failed in week 0: \w+Error"):
        program_of(stages, Parameters(), Strategy()).run(town.copy(), 3)


def test_weeks_in_one_call_are_weeks_one_by_one(town: Town) -> None:
    scenario = compose_scenario("small", "omem", WORDS)
    parameters, strategy = effective(scenario.parameters), scenario.strategy
    at_once, one_by_one, in_parts = town.copy(), town.copy(), town.copy()
    run_weeks(at_once, parameters, strategy, 30)
    for _ in range(30):
        run_weeks(one_by_one, parameters, strategy, 1)
    for weeks in (7, 1, 22):
        run_weeks(in_parts, parameters, strategy, weeks)
    for other in (one_by_one, in_parts):
        assert other.week == at_once.week == 30
        assert _columns(other) == _columns(at_once)


def test_room_that_lacks_in_the_middle_is_made_and_no_event_is_lost(town: Town) -> None:
    scenario = compose_scenario("small", "omem", WORDS)
    parameters, strategy = effective(scenario.parameters), scenario.strategy
    roomy, tight = town.copy(), town.copy()
    for table in roomy.event_tables().values():
        table.make_room(len(table) + 5000)
    for table in tight.event_tables().values():
        table.make_room(len(table))
    run_weeks(roomy, parameters, strategy, 25)
    run_weeks(tight, parameters, strategy, 25)
    assert _columns(tight) == _columns(roomy)
    assert any(table.moves > 1 for table in tight.event_tables().values())


def _columns(town: Town) -> dict[tuple[str, str], bytes]:
    return {
        (name, column): values.tobytes()
        for name, table in town.tables().items()
        for column, values in table.columns().items()
    }
