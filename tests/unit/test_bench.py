"""The benchmark measures what it says: by what it counts, never by seconds."""

from __future__ import annotations

import json
import math

import pytest

from omemsim import program
from omemsim.analysis import bench, bench_curves, bench_runs
from omemsim.figures.performance import performance_figure
from omemsim.processes import run_week
from omemsim.study.design import design
from omemsim.study.factors import Factor


def test_every_number_is_explained_and_told_whether_it_is_as_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "ROUNDS", 1)
    monkeypatch.setattr(bench, "WARM_UP", 2)
    bench.main(400, only=["week"], json=True)
    numbers = json.loads(capsys.readouterr().out)
    assert numbers.keys() <= bench.FIGURES.keys()
    assert numbers["residents"] == 400
    assert all(value > 0 for value in numbers.values())
    assert bench.FIGURES["twin_ratio"].holds(1000)
    assert not bench.FIGURES["twin_ratio"].holds(999)
    assert not bench.FIGURES["help_seconds"].holds(0.51)
    assert bench.FIGURES["peak_mb"].holds(math.inf)


def test_the_clock_counts_the_compiled_weeks_and_are_taken_away() -> None:
    scenario, town = bench.town_of(400)
    run_week(town, scenario.parameters, scenario.strategy)
    before = program.loop_of_weeks
    with bench_runs._clocks() as clock:
        assert program.loop_of_weeks is not before
        share = bench_runs._share(
            clock, lambda: run_week(town, scenario.parameters, scenario.strategy)
        )
    assert program.loop_of_weeks is before
    assert 0 < share < 1


def test_a_study_s_time_is_its_start_and_its_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    took = bench_runs.Sweeping(runs=101, first=10.0, last=20.0, at_first=1)
    assert took.minutes(101) == pytest.approx(20 / 60)
    assert took.minutes(201) == pytest.approx(30 / 60)
    points = design("latin", [Factor("strategy.precision", low=0.2, high=0.8)], n=3)
    real = bench_runs.arms_of
    tiny = ["years=0.1", "spin_up_years=0.1", "town.residents=200", "town.neighbourhoods=2"]
    monkeypatch.setattr(bench_runs, "arms_of", lambda x, **_: real(x, town="small", overrides=tiny))
    took = bench_runs.sweeping(points, workers=1)
    assert took.runs == 3
    assert 0 < took.first <= took.last


def test_curves_are_drawn_with_the_floor() -> None:
    points = [
        bench_curves.Point(name, at, value + at / 1000)
        for name, value in (
            ("week", 30.0),
            ("floor", 1.0),
            ("neighbourhoods", 25.0),
            ("runs", 60.0),
        )
        for at in (100, 1000, 10_000)
    ]
    points += [bench_curves.Point("workers", at, 100 / at) for at in (1, 2)]
    page = performance_figure(points, machine="a machine")
    assert len(page.axes) == 4
    assert len(page.axes[0].lines) == 3  # the week, the floor, and what is asked for
    assert bench_curves.csv_of(points).count("\n") == 1 + len(points)
