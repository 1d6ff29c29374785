"""Scenario discovery: a known box is found, chance is not, and what is told is of other points."""

from __future__ import annotations

import csv
import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

from omemsim.analysis.discover import (
    Box,
    Discovery,
    Limit,
    Points,
    Tally,
    boxes_csv,
    boxes_of,
    discovered,
    discovery_text,
    held_back,
    inside,
    sweep_for,
)
from omemsim.cli import main
from omemsim.figures.boxes import boxes_figure, save_boxes_figure
from omemsim.inputs.config import compose_scenario
from omemsim.study.factors import Factor
from omemsim.study.sweep import arms_of
from omemsim.study.sweep_results import Swept
from omemsim.vocabulary.errors import InputError

pytestmark = pytest.mark.usefixtures("undrawn")

pytest.importorskip("ema_workbench")

NAMES = ("parameters.offend.near", "parameters.respond.sworn", "c", "d", "e")


def tried(number: int = 600, seed: int = 1, noise: float = 0.0) -> Points:
    """Return points; it does worse where the first is above 0.6 and the second below 0.4."""
    rng = np.random.default_rng(seed)
    values = rng.random((number, len(NAMES)))
    is_worse = (values[:, 0] > 0.6) & (values[:, 1] < 0.4)
    is_worse ^= rng.random(number) < noise
    return Points(NAMES, values, is_worse)


def discovery(points: Points) -> Discovery:
    return Discovery("omem", "present_practice", "victimization", points, boxes_of(points), 0)


def test_a_known_box_is_found_with_its_limits() -> None:
    (box, *others) = boxes_of(tried())
    assert others == []
    limits = {limit.path: limit for limit in box.limits}
    assert limits.keys() == set(NAMES[:2])
    assert limits[NAMES[0]].low == pytest.approx(0.6, abs=0.03)
    assert limits[NAMES[1]].high == pytest.approx(0.4, abs=0.03)
    assert limits[NAMES[0]].is_open_above
    assert limits[NAMES[1]].is_open_below
    assert box.held.density > 0.9
    assert box.held.coverage > 0.9


def test_density_and_coverage_are_of_the_points_held_back() -> None:
    points = tried(noise=0.05)
    box = boxes_of(points)[0]
    mine, held = inside(points, box.limits), held_back(len(points.values))
    assert held.sum() == 200
    assert box.held == Tally(
        int((mine & held).sum()),
        int((mine & held & points.is_worse).sum()),
        int((held & points.is_worse).sum()),
    )
    assert box.found.points + box.held.points == mine.sum()
    assert 0.6 < box.held.density < 1


def test_limits_that_hardly_matter_are_left_out() -> None:
    # Few points and many parameters, as in a real study: PRIM then limits some by chance.
    rng = np.random.default_rng(5)
    values = rng.random((150, 10))
    points = Points([*"abcdefghij"], values, (values[:, 3] > 0.75) ^ (rng.random(150) < 0.05))
    (box,) = boxes_of(points)[:1]
    assert "d" in [limit.path for limit in box.limits]
    assert len(box.limits) <= 2


def test_two_boxes_are_found_one_after_the_other() -> None:
    rng = np.random.default_rng(3)
    values = rng.random((900, 4))
    is_worse = (values[:, 0] > 0.7) | (values[:, 2] < 0.15)
    boxes = boxes_of(Points(("a", "b", "c", "d"), values, is_worse))
    assert [[limit.path for limit in box.limits] for box in boxes[:2]] == [["a"], ["c"]]


@pytest.mark.parametrize("seed", range(4))
def test_chance_gives_no_box_that_holds_elsewhere(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = Points(NAMES, rng.random((300, len(NAMES))), rng.random(300) < 0.2)
    assert [box for box in boxes_of(points) if box.held.density > 0.5] == []


@pytest.mark.parametrize(("worse", "part"), [(0, "too few"), (300, "nearly everywhere")])
def test_where_there_is_nothing_to_find_it_says_so(worse: int, part: str) -> None:
    values = np.random.default_rng(0).random((300, 2))
    points = Points(("a", "b"), values, np.arange(300) < worse)
    found = discovery(points)
    assert found.boxes == []
    assert part in discovery_text(found)[1]
    assert boxes_csv(found).count("\n") == 1


def test_it_is_told_in_words_and_written_as_a_table() -> None:
    found = discovery(tried())
    first, second = discovery_text(found)
    worse = int(found.points.is_worse.sum())
    assert f"at {worse} of 600 points of 5 parameters" in first
    box = found.boxes[0]
    assert "respond: sworn at most 0.398 and offend: near at least 0.59." in second
    assert f"{box.held.worse} of all {box.held.worse_in_all}" in second
    rows = list(csv.DictReader(boxes_csv(found).splitlines()))
    assert [row["parameter"] for row in rows] == [limit.path for limit in box.limits]
    assert float(rows[0]["density"]) == pytest.approx(box.held.density, rel=1e-4)


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (Limit("a", 0.0, 0.4, 0.0, 1.0), "a at most 0.4"),
        (Limit("a", 0.6, 1.0, 0.0, 1.0), "a at least 0.6"),
        (Limit("a", 0.2, 0.4, 0.0, 1.0), "a from 0.2 to 0.4"),
    ],
)
def test_a_limit_in_words(limit: Limit, said: str) -> None:
    none = Tally(0, 0, 0)
    assert Box([limit], none, none).in_words() == said
    assert np.isnan(none.density)
    assert np.isnan(none.coverage)


def test_the_figure_has_a_bar_for_every_limit(tmp_path: Path) -> None:
    found = discovery(tried(noise=0.03))
    page = boxes_figure(found, provenance="omemsim")
    limits = sum(len(box.limits) for box in found.boxes)
    assert len(page.axes) == 1 + limits
    drawn = sum(len(line.get_xdata()) for line in page.axes[0].lines)
    assert drawn == 600
    scenario = compose_scenario("small", "omem")
    assert [x.name for x in save_boxes_figure(found, scenario, tmp_path)] == [
        *("boxes.png", "boxes.svg"),
    ]
    assert save_boxes_figure(dataclasses.replace(found, boxes=[]), scenario, tmp_path) == []


# ---- runs


def swept(outcome: str, mine: float, base: float) -> Swept:
    arms = arms_of(["present_practice", "omem"], town="small")
    factors = [Factor("parameters.offend.near", 0.3, 0.9), Factor("strategy.money", 0.0, 12.0)]
    sweep = sweep_for(arms, factors, points=30, replicates=2)
    values = np.zeros((2, 30, 2, 1))
    values[0], values[1] = base, mine
    values[1, 4, 1] = np.nan
    return Swept(sweep, [outcome], values)


@pytest.mark.parametrize(
    ("outcome", "mine", "base", "is_worse"),
    [
        ("victimization", 2.0, 1.0, True),
        ("victimization", 1.0, 2.0, False),
        ("victimization", 1.0, 1.0, False),
        ("trust", 2.0, 1.0, False),
        ("trust", 1.0, 2.0, True),
    ],
)
def test_worse_is_by_which_way_is_better(
    outcome: str, mine: float, base: float, is_worse: bool
) -> None:
    found = discovered(swept(outcome, mine, base), outcome)
    assert found.points.is_worse.tolist() == [is_worse] * 29
    assert found.failed == 1
    assert "At 1 more a run failed." in discovery_text(found)[0]


def test_what_is_better_neither_way_is_refused() -> None:
    with pytest.raises(InputError, match="neither more nor less of it is better"):
        discovered(swept("recorded_crime", 1.0, 2.0), "recorded_crime")


def test_choices_are_no_ranges() -> None:
    arms = arms_of(["present_practice", "omem"], town="small")
    factors = [Factor("strategy.hand_over", values=(True, False))]
    with pytest.raises(InputError, match="boxes are ranges of numbers"):
        sweep_for(arms, factors, points=30, replicates=1)


TINY = ["town.residents=200", "town.neighbourhoods=2", "years=0.2", "spin_up_years=0.2"]


def test_from_a_command_to_files_and_again_from_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    varied = ["vary.parameters.offend.near=0.3..0.9", "vary.strategy.money=0..12"]
    words = ["discover", "omem", *varied, "points=30", "replicates=1", "workers=1", *TINY]
    assert main([*words, "out=first"]) == 0
    said = capsys.readouterr().out
    assert "omem does worse than present_practice on victimization at" in said
    assert "Try next: omemsim discover present_practice omem" in said
    assert main([*words, "out=second"]) == 0
    again = capsys.readouterr().out
    assert again.splitlines()[0] == said.splitlines()[0]
    first, second = (tmp_path / name / "boxes.csv" for name in ("first", "second"))
    assert first.read_text() == second.read_text()


def test_without_the_extra_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ema_workbench", None)
    monkeypatch.setitem(sys.modules, "ema_workbench.analysis", None)
    assert main(["discover", "omem"]) == 2
    assert "pip install 'omemsim[optimize]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "Name a strategy"),
        (["a", "b", "c"], "Name a strategy"),
        (["omem", "vary.years=1..2"], "two parameters or more"),
        (["omem", "vary.parameters.offend.neer=0..1"], "Did you mean"),
        (["omem", "outcome=victimisation"], "is not recorded"),
        (
            ["omem", "vary.strategy.money=0..9", "vary.years=1..2", "strategy.money=3"],
            "strategy.money is set and varied",
        ),
        (["omem", "points=3"], "must be a whole number from 30"),
    ],
)
def test_discover_says_what_it_needs(
    words: list[str], part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["discover", *words]) == 2
    assert part in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_says_what_it_takes_and_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*["discover", "omem", "points=30", "replicates=3"], *TINY, "--dry-run"]) == 0
    assert "180 runs" in capsys.readouterr().out
    assert not list(tmp_path.rglob("*.csv"))
