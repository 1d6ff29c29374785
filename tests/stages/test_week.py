"""The stages as a whole: their order, what they say of themselves, and the town they turn."""

import numpy as np
import pytest

from omemsim.inputs.scenario import Scenario
from omemsim.processes import STAGES, WEEK, run_week
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.columns import COLUMNS
from omemsim.vocabulary.parameters import Parameters


def test_a_week_has_its_fourteen_stages_in_order() -> None:
    assert list(WEEK) == [
        "context",
        "assess",
        "plan",
        "respond",
        "act",
        "partner",
        "organize",
        "offend",
        "crisis",
        "reporting",
        "feel",
        "account",
        "learn",
        "record",
    ]


def test_a_town_and_its_copy_go_the_same_way_apart(town: Town, scenario: Scenario) -> None:
    other = town.copy()
    run_week(town, scenario.parameters, scenario.strategy)
    assert other.week == 0
    assert town.week == 1
    assert not np.shares_memory(town.residents.fear, other.residents.fear)
    run_week(other, scenario.parameters, scenario.strategy)
    for name, table in town.tables().items():
        for column, values in table.columns().items():
            assert np.array_equal(values, getattr(other.tables()[name], column))


def test_check_names_what_is_broken(town: Town) -> None:
    assert town.check() == []
    town.residents.fear[3] = 1.5
    town.places.triggered[0] = np.nan
    town.residents.place[0] += 1
    town.service.offered[0] += 1
    problems = "\n".join(town.check())
    assert "residents.fear leaves [0, 1]" in problems
    assert "places.triggered is not finite" in problems
    assert "a resident's place is not their household's" in problems
    assert "hours offered" in problems
    assert len(town.check()) == 4


def test_a_table_is_replaced_whole(town: Town) -> None:
    with pytest.raises(ValueError, match="expected the columns"):
        town.incidents.replace(event=np.zeros(1))
    with pytest.raises(AttributeError, match="no column 'colour'"):
        _ = town.incidents.colour
    types = {name: values.dtype for name, values in town.incidents.columns().items()}
    town.incidents.replace(**{name: np.ones(4) for name in types})
    assert len(town.incidents) == 4
    assert {name: values.dtype for name, values in town.incidents.columns().items()} == types


@pytest.mark.parametrize("stage", list(WEEK))
def test_a_stage_says_what_it_does_reads_and_writes(stage: str) -> None:
    module = STAGES[list(WEEK).index(stage)]
    text = module.__doc__ or ""
    assert text.startswith(f"Stage {list(WEEK).index(stage) + 1}, {stage}:")
    assert module.STAGE.run.__doc__ if hasattr(module, "STAGE") else "Writes:" in text


def test_a_clamp_is_put_back_after_the_stage_that_writes_it(town: Town) -> None:
    from omemsim.schedule import Held

    column = next(c for c in COLUMNS if (c.table, c.name) == ("residents", "trust"))
    held = Held(column, None, 2, 4, value=0.25)
    seen = []
    for _ in range(6):
        run_week(town, Parameters(), Strategy(), [held])
        seen.append(bool((town.residents.trust == 0.25).all()))
    assert seen == [False, False, True, True, False, False]


def test_the_spin_up_knows_no_events_and_no_interventions(town: Town) -> None:
    assert len(town.events) == len(town.interventions) == 0
    before = town.copy()
    for _ in range(3):
        for step in WEEK.values():
            step(town, Parameters(), Strategy())
        town.week += 1
    for name in ("hardship", "scandal", "campaign", "shock"):
        assert not getattr(town.neighbourhoods, name).any()
    assert (town.service.staffing[0], before.service.staffing[0]) == (1, 1)
