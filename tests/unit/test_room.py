"""A stage that lacks room for what happens asks for it, and then does what it would have done."""

from types import ModuleType

import numpy as np
import pytest

from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.processes import STAGES, WEEK
from omemsim.spin_up import spin_up
from omemsim.town import Town

P = "parameters."
WORDS = [
    *("town.residents=900", "town.neighbourhoods=3", "spin_up_years=0.2"),
    *(P + "offend.household=90", P + "crisis.rate=4", P + "respond.sworn=400"),
]
WEEKS = 12
WRITERS = [
    module
    for module in STAGES
    if hasattr(module, "STAGE")
    and any("count" in names.split() for names in module.WRITES.values())
]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return compose_scenario("small", "omem", WORDS)


@pytest.fixture(scope="module")
def spun(scenario: Scenario) -> Town:
    return spin_up(scenario, 0)


def test_there_are_stages_that_need_room() -> None:
    assert WRITERS


@pytest.mark.parametrize("module", WRITERS, ids=lambda module: str(module.STAGE.name))
def test_a_stage_without_room_does_what_it_does_with_room(
    spun: Town, scenario: Scenario, module: ModuleType
) -> None:
    """Each week the stage starts with room for last week's rows, and with room for many more."""
    names = [table for table, columns in module.WRITES.items() if "count" in columns.split()]
    town, moves = spun.copy(), 0
    for _ in range(WEEKS):
        for name, step in WEEK.items():
            if name == module.STAGE.name:
                tight, roomy = town.copy(), town.copy()
                for table in names:
                    rows = len(town.event_tables()[table])
                    tight.event_tables()[table].make_room(rows)
                    roomy.event_tables()[table].make_room(rows + 5000)
                moves -= sum(tight.event_tables()[table].moves for table in names)
                for copy in (tight, roomy):
                    step(copy, scenario.parameters, scenario.strategy)
                moves += sum(tight.event_tables()[table].moves for table in names)
                assert differing(tight, roomy) == []
            step(town, scenario.parameters, scenario.strategy)
        town.week += 1
    assert moves > 0  # room was lacking


def differing(one: Town, other: Town) -> list[str]:
    """Return the columns that are not the same, bit by bit."""
    return [
        f"{name}.{column}"
        for name, table in one.tables().items()
        for column, values in table.columns().items()
        if not np.array_equal(values, getattr(other.tables()[name], column))
    ]
