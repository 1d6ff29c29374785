"""Hours and money of a comparison: each line, each column, and what is said where they differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from omemsim.study.comparison import Comparison
from omemsim.study.effort import COLUMNS, LITTLE, PARTS, SPENT, effort_lines, efforts, unequal
from omemsim.study.identity import identify

# Hours a week on calls, tactics, overhead, idle, taken away; CAD a week by payer.
CALLS_ONLY = ((60, 0, 2, 38, 0), (1000, 400, 0, 0))
BUSY = ((50, 45, 5, 0, 0), (1000, 430, 60, 10))


def of_run(hours: tuple[float, ...], money: tuple[float, ...]) -> dict[str, float]:
    parts = dict(zip(PARTS, map(float, hours), strict=True))
    spent = dict(zip(SPENT, map(float, money), strict=True))
    return {"patrol_offered": float(sum(hours)), **parts, **spent, "victimization": 100.0}


def made(**runs: list[tuple[tuple[float, ...], tuple[float, ...]]]) -> Comparison:
    """Return a comparison with these runs, the first strategy the baseline."""
    scalars = {(name, r): of_run(*one) for name, each in runs.items() for r, one in enumerate(each)}
    key = identify({}, replicate=0, town="t", strategy="x")
    n = max(map(len, runs.values()))
    first = next(iter(runs))
    return Comparison(list(runs), first, n, Path(), Path(), dict.fromkeys(scalars, key), scalars)


def test_hours_and_money_are_means_over_replicates() -> None:
    other = ((70, 0, 2, 28, 0), (1000, 200, 0, 0))
    reactive, omem = efforts(made(reactive=[CALLS_ONLY, other], omem=[BUSY, BUSY]))
    assert (reactive.used, reactive.idle, reactive.spent) == (67, 33, 1300)
    assert (omem.used, omem.idle, omem.spent) == (100, 0, 1500)
    assert reactive.share(reactive.idle) == pytest.approx(0.33)


def test_the_baseline_stands_first_whatever_the_order() -> None:
    found = made(omem=[BUSY], reactive=[CALLS_ONLY])
    object.__setattr__(found, "baseline", "reactive")
    assert [one.strategy for one in efforts(found)] == ["reactive", "omem"]


def test_each_row_of_the_table_has_the_hours_and_money_of_both() -> None:
    table = made(reactive=[CALLS_ONLY], omem=[BUSY]).table()
    assert set(COLUMNS) <= set(table.columns)
    assert table[list(COLUMNS)].drop_duplicates().to_dict("records") == [
        {
            "hours_used": 100,
            "baseline_hours_used": 62,
            "hours_idle": 0,
            "baseline_hours_idle": 38,
            "money_spent": 1500,
            "baseline_money_spent": 1400,
        }
    ]


def test_a_table_of_runs_that_recorded_none_says_nothing() -> None:
    found = made(reactive=[CALLS_ONLY], omem=[BUSY])
    for numbers in found.scalars.values():
        del numbers["money_joint"]
    assert efforts(found) == []
    assert effort_lines([]) == []
    assert found.table()[list(COLUMNS)].isna().all(axis=None)


def test_every_strategy_has_a_line_of_hours_and_one_of_money() -> None:
    found = efforts(made(reactive=[CALLS_ONLY], omem=[BUSY]))
    lines = effort_lines(found)
    assert lines[1].split() == ["reactive", "100", "60%", "0%", "2%", "38%", "0%", "62%"]
    assert lines[2].split() == ["omem", "100", "50%", "45%", "5%", "0%", "0%", "100%"]
    assert lines[6].split() == ["omem", "1,500", "1,000", "430", "60", "10"]
    assert max(map(len, lines)) <= 100


def test_it_is_said_who_used_how_much() -> None:
    hours, money = unequal(efforts(made(reactive=[CALLS_ONLY], omem=[BUSY], patrol=[BUSY])))
    assert hours == (
        "Unequal hours: reactive leaves 38% of 100 patrol hours a week unused; omem and patrol use "
        "all. Part of the difference is that more work was done."
    )
    assert money == (
        "Unequal money: against reactive (CAD 1,400 a week), omem spends 7.1% more (1,500); "
        "patrol spends 7.1% more (1,500)."
    )


def test_less_work_is_called_less() -> None:
    hours, money = unequal(efforts(made(omem=[BUSY], reactive=[CALLS_ONLY])))
    assert "Part of the difference is that less work was done." in hours
    assert "reactive spends 6.7% less (1,400)" in money


@pytest.mark.parametrize(("part", "is_said"), [(0.9, False), (1.1, True)])
def test_a_little_more_is_not_said(part: float, is_said: bool) -> None:
    """The threshold is of the hours offered (100), and of the baseline's money (1,000)."""
    more = part * LITTLE * 100
    one = ((60, 0, 0, 40, 0), (1000, 0, 0, 0))
    other = ((60, more, 0, 40 - more, 0), (1000, part * LITTLE * 1000, 0, 0))
    assert len(unequal(efforts(made(a=[one], b=[other])))) == 2 * is_said


def test_hours_taken_away_are_not_used() -> None:
    taken = ((60, 10, 0, 0, 30), (1000, 0, 0, 0))
    full = ((60, 40, 0, 0, 0), (1000, 0, 0, 0))
    (hours,) = unequal(efforts(made(a=[full], b=[taken])))
    assert "b leaves 30% of 100 patrol hours a week unused" in hours


def test_a_strategy_of_which_no_run_finished_has_the_baselines_effort_only() -> None:
    found = made(reactive=[CALLS_ONLY], omem=[BUSY])
    found.strategies.append("lost")
    rows = found.table().set_index("strategy").loc["lost"]
    assert (rows.baseline_hours_idle == 38).all()
    assert rows.hours_idle.isna().all()
