"""Zones of a table beside those at the start; in which plausible towns a strategy wins."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import omemsim as om
from omemsim.analysis.diagnose import diagnose, table_of
from omemsim.inputs.config import compose_scenario
from omemsim.language import ENGLISH, FRENCH
from omemsim.report.conditions import Condition, condition_of, condition_words
from omemsim.report.facts import Facts
from omemsim.report.parts import Figure, Listed, Parts, Text
from omemsim.report.starts import diagnosed_and_started
from omemsim.study.comparison import Comparison
from omemsim.vocabulary.parameters import ZoneLimits
from omemsim.vocabulary.wheel import Zone
from tests.tabled import save

HEAD = ["name", "population", "violence", "property"]
# Mean crime is 40 per 1,000: A has 0.25, B and C have 0.75, D 2.25 times the mean.
TABLE = [HEAD, ["A", 400, 1, 3], ["B", 400, 4, 8], ["C", 400, 4, 8], ["D", 400, 12, 24]]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("table"), TABLE, name="our_town")


@pytest.fixture(scope="module")
def comparison(path: Path) -> Comparison:
    return om.compare(
        *("present_practice", "omem"),
        town=str(path),
        years=0.5,
        overrides=["spin_up_years=0.5"],
        replicates=3,
        store=path.parent / "store",
        out=path.parent / "out",
        workers=1,
        progress=False,
    )


@pytest.fixture(scope="module")
def facts(comparison: Comparison) -> Facts:
    return Facts(comparison, ENGLISH, "")


def test_both_zones_are_those_of_the_table_and_of_the_runs(path: Path, facts: Facts) -> None:
    assert facts.town == "our town"
    (figure,) = [x for x in diagnosed_and_started(facts) if isinstance(x, Figure)]
    rows = {row[0]: row for row in figure.sheet.rows}
    found = diagnose(table_of(compose_scenario(str(path), "omem")), ZoneLimits())
    assert {row.name: row.zone for row in found.rows} == {
        name: row[1] for name, row in rows.items()
    }
    assert {name: row[1] for name, row in rows.items()} == {
        "A": "green",
        "B": "green",
        "C": "green",
        "D": "red",
    }
    begun = np.array([facts.series("present_practice", r).values["zone"][0] for r in range(3)])
    for place, name in enumerate(facts.first.names):
        zone, times = Counter(begun[:, place]).most_common(1)[0]
        towns = int(rows[name][3].split(" of ")[0])
        assert towns == times
        if times > 1:  # three zones in three towns have no most common one
            assert rows[name][2] == Zone(int(zone)).name.lower()
        assert bool(rows[name][4]) == (rows[name][1] != rows[name][2])
    same = sum(row[1] == row[2] for row in rows.values())
    assert f"in {same} of 4 neighbourhoods" in figure.title


def test_its_boxes_hold_the_numbers_of_its_table(facts: Facts) -> None:
    blocks = diagnosed_and_started(facts)
    (figure,) = [x for x in blocks if isinstance(x, Figure)]
    pairs = Counter((row[1], row[2]) for row in figure.sheet.rows)
    assert figure.chart is not None
    drawn = {
        (x.attributes["data-diagnosed"], x.attributes["data-start"]): x.text
        for x in figure.chart.shapes
        if "data-diagnosed" in x.attributes
    }
    assert len(drawn) == 16
    assert {key: int(text) for key, text in drawn.items() if text} == pairs
    listed = [item for x in blocks if isinstance(x, Listed) for item in x.items]
    other = sum(row[1] != row[2] for row in figure.sheet.rows)
    assert sum(int(item.split(" ")[0]) for item in listed) == other


def test_in_french_there_is_as_much(facts: Facts, comparison: Comparison) -> None:
    french = diagnosed_and_started(Facts(comparison, FRENCH, ""))
    assert [x.kind for x in french] == [x.kind for x in diagnosed_and_started(facts)]
    assert french[0] == Parts("Zones diagnostiquées et zones de départ")


def test_a_table_that_is_gone_is_said(
    path: Path, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = Facts(comparison, ENGLISH, "")
    meta = facts.first.meta | {
        "config": facts.config | {"town": facts.config["town"] | {"file": "gone.csv"}}
    }
    monkeypatch.setattr(facts, "first", dataclasses.replace(facts.first, meta=meta))
    _, text = diagnosed_and_started(facts)
    assert isinstance(text, Text)
    assert "it could not be read again" in text.text
    assert "gone.csv" in text.text


# ---- in which towns the other wins


def sets_of(wins_below: float, n: int = 24) -> tuple[list[dict[str, float]], np.ndarray]:
    """Return sets in which the second wins where x is at most a value; y says nothing."""
    sets = [{"parameters.a.x": k / n, "parameters.a.y": float(k * 7 % n)} for k in range(n)]
    gap = np.array([-1.0 if one["parameters.a.x"] <= wins_below else 1.0 for one in sets])
    return sets, gap


def test_patient_rules_find_the_range_in_which_it_wins() -> None:
    pytest.importorskip("ema_workbench", reason="needs the extra optimize")
    sets, gap = sets_of(0.5)
    found = condition_of(sets, gap)
    assert found is not None
    assert found.held is not None
    assert [one.path for one in found.limits] == ["parameters.a.x"]
    # Every third of 24 is held back: 2, 5, 8, 11, ...: four of them have x at most 0.5, all won.
    assert (found.held.worse, found.held.points) == (4, 4)
    assert found.wins.sum() == 13
    assert (found.wins & found.inside).sum() >= 12


def test_without_the_extra_one_parameter_is_split(
    facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ema_workbench.analysis", None)
    found = condition_of(*sets_of(0.5))
    assert found is not None
    (limit,) = found.limits
    assert (limit.path, limit.low, limit.high) == ("parameters.a.x", 0.0, 0.5)
    assert (found.held, found.has_rules, found.tried) == (None, False, 2)
    assert np.array_equal(found.inside, found.wins)  # the cut tells them apart wholly
    said = condition_words(facts, found)
    assert "is at most 0.5: in 13 of 13 such towns, and in 0 of the 11 others" in said
    assert "Of 2 numbers" in said
    assert "omemsim[optimize]" in said


def test_nothing_is_said_where_nothing_tells_them_apart() -> None:
    sets, gap = sets_of(0.5)
    noise = np.where(np.arange(24) % 2 == 0, 1.0, -1.0)  # x and y are alike in both halves
    assert condition_of(sets, noise) is None
    assert condition_of(sets, np.abs(gap)) is None  # it never wins
    assert condition_of([], np.empty(0)) is None
    few = np.array([-1.0] * 3 + [1.0] * 21)
    assert condition_of(sets, few) is None  # three wins are too few to say


def test_how_it_was_found_is_said(facts: Facts) -> None:
    found = condition_of(*sets_of(0.5))
    assert found is not None
    one = dataclasses.replace(found, held=None, has_rules=False, tried=1)
    several = dataclasses.replace(one, has_rules=True, tried=15)
    assert "This limit was chosen" in condition_words(facts, one)
    assert "rule induction" not in condition_words(facts, one)
    assert "Of 15 numbers" in condition_words(facts, several)
    assert "No combination of several numbers" in condition_words(facts, several)
    # a fall of the log rate by 0.121 leaves exp(-0.121) = 0.886 of crime
    light = found.limits[0]._replace(path="parameters.offend.designed", high=0.121)
    told = condition_words(facts, dataclasses.replace(one, limits=[light]))
    assert "is at most 11% less crime there (0.121)" in told
    assert isinstance(one, Condition)
