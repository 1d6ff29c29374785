"""Stage 14, record: the week's counts are filed, and read back."""

import numpy as np

from omemsim import measures
from omemsim.inputs.scenario import Scenario
from omemsim.processes import record
from omemsim.town import Town
from omemsim.vocabulary.columns import COLUMNS, HISTORY

ON_RECORD = [name.removeprefix("past_") for name in record.WRITES["neighbourhoods"].split()]


def test_records_are_filed_in_the_column_of_the_week(town: Town, scenario: Scenario) -> None:
    town.week = 52 * 3 + 7
    for name in ON_RECORD:
        getattr(town.neighbourhoods, f"new_{name}")[:] = [5, 6, 7]
    record.step(town, scenario.parameters, scenario.strategy)
    for name in ON_RECORD:
        past = getattr(town.neighbourhoods, f"past_{name}")
        assert past.shape == (3, HISTORY)
        assert past[:, 7].tolist() == [5, 6, 7]


def test_every_weekly_count_that_has_a_past_is_kept() -> None:
    pasts = {(c.table, c.name.removeprefix("past_")) for c in COLUMNS if c.name.startswith("past_")}
    by_record = {("neighbourhoods", name) for name in ON_RECORD}
    assert pasts == {*by_record, ("service", "reactive")}  # the last is kept by `account`


def test_records_are_counted_back_from_the_week() -> None:
    past = np.zeros((2, HISTORY), np.int32)
    past[0, 51], past[0, 0], past[0, 1], past[1, 50] = 1, 10, 100, 1000
    assert measures.count_of(past, 54, 1).tolist() == [100, 0]  # week 53 is column 1
    assert measures.count_of(past, 54, 3).tolist() == [111, 0]
    assert measures.count_of(past, 54, 52).tolist() == [111, 1000]


def test_records_before_week_zero_count_too() -> None:
    past = np.zeros((1, HISTORY), np.int32)
    past[0, -1 % HISTORY], past[0, -52 % HISTORY] = 3, 40
    assert measures.count_of(past, 0, 1).tolist() == [3]
    assert measures.count_of(past, 0, 52).tolist() == [43]
    assert measures.count_of(past, -51, 1).tolist() == [40]
