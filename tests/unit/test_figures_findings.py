"""The words over figures and the numbers drawn in them, worked out by hand on unlike cases."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text

from omemsim.analysis.ablate import FIRST, MEASURES, Ablation, name_of
from omemsim.analysis.bench_curves import Point
from omemsim.analysis.evidence.patterns import Pattern
from omemsim.analysis.hindcast.experiment import LEARNT, MODEL
from omemsim.figures import plot_series
from omemsim.figures.ablation import _finding as finding_of_ablation
from omemsim.figures.budget import noise_figure, parameter_sets_figure
from omemsim.figures.compared import _finding as finding_of_lines
from omemsim.figures.evidence import place
from omemsim.figures.forest import forest_figure
from omemsim.figures.hindcast import calibration_figure, level_figure, predicted_figure
from omemsim.figures.ink import tell
from omemsim.figures.maps import Ground, cells, map_figure, polygons
from omemsim.figures.one_run import records_in, smooth
from omemsim.figures.page import Page
from omemsim.figures.performance import _finding as finding_of_costs
from omemsim.figures.plausible import _halves, _least
from omemsim.figures.sensitivity import morris_figure, sobol_figure
from omemsim.figures.single import moves, series_figures, wheels
from omemsim.figures.wheel import Wheel, wheel_figure
from omemsim.figures.zones import shares_figure, transitions_figure
from omemsim.inputs.tables.panel import Panel
from omemsim.series import Series
from omemsim.study.comparison import Comparison
from omemsim.study.contrasts import Contrast, about
from omemsim.study.effort import PARTS, SPENT, Effort
from omemsim.study.indices import IndexEstimate, Morris, Sobol
from omemsim.study.noise import noise_budget, share_of_worlds
from omemsim.study.statistics import Difference
from omemsim.study.uncertain import Spread


def texts(page: Page) -> list[str]:
    return [x.get_text() for x in page.findobj(Text) if x.get_text().strip()]


def labelled(page: Page, gid: str) -> list[Any]:
    return page.findobj(lambda artist: artist.get_gid() == gid)


def contrast(
    strategy: str, measure: str, percent: float, half: float = 1.0, *, base: float = 200.0
) -> Contrast:
    """Return a contrast of ten replicates with the better side that the measure has."""
    change = percent * base / 100
    ends = (change - half * base / 100, change + half * base / 100)
    found = Difference(10, base + change, base, change, *ends, tied=2)
    return Contrast(measure, about(measure), strategy, found, 0.7)


# --- comparisons


@pytest.mark.parametrize(
    ("measure", "best"), [("fear", "plan b, 9.0% lower"), ("trust", "plan d, 12% higher")]
)
def test_the_largest_improvement_is_on_the_measure_s_better_side(measure: str, best: str) -> None:
    each = {"plan_a": -4.0, "plan_b": -9.0, "plan_c": 3.0, "plan_d": 12.0, "plan_e": 0.2}
    rows = [contrast(name, measure, percent) for name, percent in each.items()]
    said = finding_of_lines(rows, "reactive")
    better, worse = (2, 2)
    assert said.startswith(
        f"In the last year, against reactive: {better} better, {worse} worse, 1 cannot tell. "
        f"Largest improvement: {best} ("
    )


def test_few_strategies_are_told_one_by_one() -> None:
    rows = [contrast("plan_a", "fear", -4.0), contrast("plan_b", "fear", 12.0, 2.0)]
    assert finding_of_lines(rows, "reactive") == (
        "In the last year, against reactive: plan a 4.0% lower (3.0% to 5.0%); "
        "plan b 12% higher (10% to 14%)."
    )


def test_a_forest_says_what_each_strategy_makes_better_and_in_how_many_replicates() -> None:
    rows = [
        contrast("plan_a", "fear", -4.0),
        contrast("plan_b", "fear", 12.0),
        contrast("plan_a", "trust", -6.0),
        contrast("plan_b", "trust", 20.0),
    ]
    used = [
        Effort(name, 200.0, dict(zip(PARTS, hours, strict=True)), dict.fromkeys(SPENT, money))
        for name, hours, money in (
            ("reactive", (80.0, 0.0, 10.0, 70.0, 40.0), 100.0),
            ("plan_a", (60.0, 90.0, 20.0, 30.0, 0.0), 130.0),
        )
    ]
    spreads = {("plan_b", "trust"): Spread(5, 4.0, 22.0, 0.2, True)}
    page = forest_figure(
        rows, baseline="reactive", notes=[], provenance="p", used=used, spreads=spreads
    )
    told = texts(page)
    assert "plan a: fear of crime 4.0% lower; worse: " in " ".join(told).lower()
    assert told.count("70%") == 4
    assert told.count("20%") == 4  # tied in two of ten
    assert "35% of 200 a week; CAD 400 a week" in told
    assert "15% of 200 a week; CAD 520 a week" in told
    shares = [x.get_width() for x in labelled(page, "patrol_tactics")]
    assert shares == pytest.approx([0, 0.45])
    (bar,) = labelled(page, "range")
    assert (bar.get_x(), bar.get_width()) == pytest.approx((4, 18))


def test_many_strategies_are_told_by_extremes_with_the_baseline() -> None:
    score = {"base": 0.3, "a": 0.1, "b": 0.9, "c": 0.5, "d_e": 0.2}
    told = {name: f"{x:.0%}" for name, x in score.items()}
    assert tell(told, score) == "b 90% (highest); a 10% (lowest); base 30% (baseline)."


def test_the_last_record_s_shares_of_green_and_blue_are_told() -> None:
    shares = np.array([[0.1, 0.2, 0.3, 0.4], [0.5, 0.1, 0.15, 0.25]])
    page = shares_figure({"plan_a": shares}, np.array([0.5, 1]), notes=[], provenance="p")
    assert "Green or blue at the end: plan a 40%." in texts(page)
    ends = [x for x in texts(page) if x.endswith("%") and x.split()[0] in ZONES]
    assert sorted(ends) == ["Amber 10%", "Blue 25%", "Green 15%", "Red 50%"]


ZONES = ("Red", "Amber", "Green", "Blue")
TABLE = np.array([[1, 3, 0, 2], [0, 5, 1, 0], [4, 0, 5, 0], [0, 0, 2, 8]])


def test_moves_to_the_right_of_the_start_are_safer() -> None:
    page = transitions_figure({"plan_a": TABLE}, span="s", notes=[], provenance="p")
    assert any("plan a 19% safer, 19% riskier" in x for x in texts(page))
    other = TABLE.copy()
    other[3, 0] = 9
    page = transitions_figure({"plan_a": other}, span="s", notes=[], provenance="p")
    assert any("plan a 15% safer, 38% riskier" in x for x in texts(page))
    told = texts(page)
    assert "17%" in told  # 1 of 6 that began red
    assert "47%" in told  # 9 of 19 that began blue


# --- one run


def run(years: float = 1.0) -> Series:
    """Return a run of three neighbourhoods: one rises twice, one falls, one stays."""
    weeks = np.arange(4, round(52 * years) + 1, 4)
    zones = np.tile([0.0, 3.0, 2.0], (weeks.size, 1))
    zones[4:, 0] = 1
    zones[8:, 0] = 2
    zones[6:, 1] = 2
    calls = np.arange(weeks.size)[:, None] * [10.0, 1.0, 0.0] + [0.0, 50.0, 70.0]
    return Series(
        weeks=weeks,
        ids=["a", "b", "c"],
        names=["A", "B", "C"],
        population=np.array([100.0, 900.0, 400.0]),
        residents=np.array([90, 300, 350]),
        values={"zone": zones, "public_calls": calls},
        meta={"town": "made", "strategy": "omem", "replicate": 3, "config": {"seed": 5}},
    )


def test_a_run_s_finding_counts_zones_at_both_ends_and_moves_each_way() -> None:
    assert (
        "Start: 1 red, 0 amber, 1 green, 1 blue. End: 0 red, 0 amber, 3 green, 0 blue. "
        "Moves on the way: 2 safer, 1 riskier." in texts(plot_series(run()))
    )
    (page,) = [page for name, page in series_figures(run()) if name == "transitions"]
    assert any("omem 33% safer, 33% riskier" in x for x in texts(page))


def test_a_table_of_moves_has_the_start_in_its_rows() -> None:
    found = moves(np.array([[0, 3, 2], [1, 3, 2], [2, 2, 2]]))
    expected = np.zeros((4, 4))
    expected[0, 2] = expected[3, 2] = expected[2, 2] = 1
    np.testing.assert_array_equal(found, expected)


def test_wheels_have_the_calls_of_the_first_and_of_the_last_quarter() -> None:
    first, last = wheels(run())
    few = records_in(13, run().weeks)
    assert few == 3
    np.testing.assert_array_equal(first.zones, [0, 3, 2])
    np.testing.assert_array_equal(last.zones, [2, 2, 2])
    np.testing.assert_allclose(first.calls, [10, 51, 70])
    np.testing.assert_allclose(last.calls, [110, 61, 70])


def test_a_trailing_mean_takes_the_record_itself_and_those_before() -> None:
    values = np.array([3.0, 1.0, 8.0, 6.0, 2.0])
    np.testing.assert_allclose(smooth(values, 3), [3, 2, 4, 5, 16 / 3])


FRAME: dict[str, Any] = {"when": ("before", "after"), "notes": [], "provenance": "p"}


def test_a_map_s_finding_counts_moves_each_way() -> None:
    before, after = np.array([0, 1, 2, 3, 0]), np.array([2, 2, 2, 0, 1])
    ground = cells(np.array([[0.0, 0], [100, 0], [200, 0], [0, 100], [100, 100]]))
    page = map_figure({"plan_a": (before, after)}, ground, **FRAME)
    assert "Zone at the end, of 5: plan a 3 safer, 1 riskier." in texts(page)


def area_at(east: float, north: float) -> Ground:
    """Return the ground of one area, 4 wide and 2 high."""
    return polygons([[np.array([[0.0, 0], [4, 0], [4, 2], [0, 2]]) + np.array([east, north])]])


def test_a_map_in_degrees_reaches_further_east_than_north() -> None:
    assert area_at(170, 60).stretch == pytest.approx(1 / np.cos(np.radians(61)))
    assert area_at(80, 91).stretch == 1
    assert area_at(179, 60).stretch == 1
    ground = area_at(100, 60)
    assert ground.tall == pytest.approx(2 / 4 / np.cos(np.radians(61)))
    assert ground.sizes == pytest.approx([np.sqrt(8 / np.cos(np.radians(61)))])
    assert ground.centres[0] == pytest.approx([102, 61])


def test_a_wheel_s_finding_counts_green_and_blue_before_and_after() -> None:
    calls = np.arange(5.0)
    before = Wheel(np.array([0, 1, 2, 3, 0]), calls)
    after = Wheel(np.array([2, 2, 3, 0, 2]), calls)
    page = wheel_figure({"plan_a": (before, after)}, **FRAME)
    assert "Green or blue, of 5: plan a 2 to 4." in texts(page)
    assert [x for x in texts(page) if x.endswith("%")] == ["40%", "80%"]


# --- mechanisms, headline


def ablation(**percents: tuple[float, float]) -> Ablation:
    """Return what mechanisms change: victimization in percent, and half its interval."""
    found = {
        (name, measure): contrast(
            name, measure, *(percents[name] if measure == FIRST else (0.0, 5))
        )
        for name in percents
        for measure in MEASURES
    }
    comparison = Comparison(["omem"], "omem", 10, Path(), Path(), {}, {})
    return Ablation("omem", "week0", found, comparison)


def test_the_finding_names_what_changes_harm_most_each_way_the_most_first() -> None:
    found = ablation(
        tips=(30.0, 3.0),
        watch=(12.0, 2.0),
        custody=(45.0, 5.0),
        season=(5.0, 1.0),
        fear_gate=(-3.0, 1.0),
        relapse=(-20.0, 2.0),
        design=(-8.0, 1.5),
        foresight=(-11.0, 1.0),
        support=(1.5, 4.0),
    )
    assert finding_of_ablation(found) == (
        "More victimization without custody (+45%, +40 to +50); tips (+30%, +27 to +33); "
        "watch (+12%, +10 to +14).\n"
        "Less without relapse (−20%, −22 to −18); foresight (−11%, −12 to −10); "
        "design (−8%, −9.5 to −6.5).\n"
        "1 of 9 mechanisms make no clear difference here."
    )
    assert found.ranked()[0] == "custody"
    assert name_of("omem", "tips") == "omem without tips"


# --- sensitivity


def test_sobol_s_figure_tells_noise_s_part_of_single_runs_and_both_indices() -> None:
    estimates = {"x": IndexEstimate(0.5, 0.4, 0.62), "y": IndexEstimate(0.2, 0.1, 0.3)}
    totals = {"x": IndexEstimate(0.6, 0.5, 0.75), "y": IndexEstimate(0.33, 0.2, 0.4)}
    found = Sobol(("x", "y"), estimates, totals, 6.0, 2.0, 32, 1, 4)
    told = texts(sobol_figure(found, outcome="fear", provenance="p"))
    assert any("in single runs it makes 25% of the variance." in x for x in told)
    assert {"60% (50 to 75)", "50% (40 to 62)", "33% (20 to 40)", "20% (10 to 30)"} <= set(told)
    assert any("x 60% (50 to 75); y 33% (20 to 40) (total index" in x for x in told)


def test_morris_s_figure_points_up_where_the_outcome_rises() -> None:
    star = {"x": IndexEstimate(3.0, 2.5, 3.5), "y": IndexEstimate(5.0, 4.0, 6.0)}
    mean = {"x": IndexEstimate(3.0, 2.5, 3.5), "y": IndexEstimate(-4.0, -5.0, -3.0)}
    sigma = {"x": IndexEstimate(1.0, 0.5, 1.5), "y": IndexEstimate(2.0, 1.0, 3.0)}
    found = Morris(("x", "y"), star, mean, sigma, {"x": 0.5, "y": 0.4}, 8, 0, 3)
    page = morris_figure(found, outcome="fear", unit="index", provenance="p")
    marks = {(x.get_xdata()[0], x.get_ydata()[0]): x.get_marker() for x in labelled(page, "effect")}
    assert marks == {(3.0, 1.0): "^", (5.0, 2.0): "v"}
    assert any("of fear: y (5); x (3)." in x for x in texts(page))


def test_a_stack_of_parts_has_the_width_of_each_share() -> None:
    rng = np.random.default_rng(3)
    values = (
        rng.normal(0, 3, (12, 1, 1)) + rng.normal(0, 2, (12, 3, 1)) + rng.normal(0, 1, (12, 3, 4))
    )
    budget = noise_budget(values, resamples=200)
    page = noise_figure({"Fear": budget}, provenance="p")
    for part, share in budget.shares.items():
        (bar,) = labelled(page, part)
        assert bar.get_width() == pytest.approx(share.value)
    assert any(
        x.startswith("Spread of fear between single runs: other parameters") for x in texts(page)
    )


def test_worlds_are_coloured_by_which_side_of_a_half_the_interval_lies() -> None:
    often = share_of_worlds(np.zeros(20), np.r_[np.ones(17), -np.ones(3)], "lower")
    rarely = share_of_worlds(np.zeros(20), np.r_[np.ones(2), -np.ones(18)], "lower")
    page = parameter_sets_figure(
        {("Fear", "plan_a"): often, ("Fear", "plan_b"): rarely}, baseline="r", provenance="p"
    )
    first, second = labelled(page, "dot")
    assert (first.get_xdata()[0], second.get_xdata()[0]) == (0.85, 0.1)
    assert first.get_markerfacecolor() != second.get_markerfacecolor()
    sides = {x.get_text(): x.get_color() for x in page.findobj(Text)}
    assert first.get_markerfacecolor() == sides["mostly better ▶"]
    assert second.get_markerfacecolor() == sides["◀ rarely better"]
    assert f"85% ({100 * often.low:.0f} to {100 * often.high:.0f}), 20" in texts(page)


# --- calibration, evidence, cost


def test_readings_are_drawn_in_half_bands_from_the_middle() -> None:
    target = SimpleNamespace(observed=10.0, band=(7.0, 13.0))
    rows = [np.array([0.0, x]) for x in (10.0, 13.0, 5.5, np.nan, 90.0)]
    np.testing.assert_allclose(_halves(rows, 1, target), [0, 1, -1.5, 4])


def test_a_cell_has_the_least_implausibility_of_its_points() -> None:
    points = np.array([[0.05, 0.9, 0.5], [0.06, 0.1, 0.55], [0.07, 0.5, 0.52], [0.99, 0.5, 0.01]])
    found = _least(points, np.array([3.0, 1.5, 2.0, 4.0]), (0, 2))
    assert found[0, 6] == 1.5  # of twelve cells each way
    assert found[11, 0] == 4.0
    assert np.isfinite(found).sum() == 2


def test_a_value_stands_in_widths_of_its_band_or_of_its_logs() -> None:
    names = {x.name: "" for x in dataclasses.fields(Pattern)}
    pattern = Pattern(**{**names, "low": 2.0, "high": 8.0, "scale": "linear"})  # type: ignore[arg-type]
    assert place(pattern, 3.5) == pytest.approx(0.25)
    logs = dataclasses.replace(pattern, scale="log")
    assert place(logs, 4.0) == pytest.approx(0.5)
    assert place(logs, 1.0) == pytest.approx(-0.5)


def test_the_cheapest_week_is_told_beside_its_own_floor() -> None:
    costs = {"week": {1000: 90.0, 10_000: 12.0, 100_000: 15.0}, "floor": {1000: 1.0, 10_000: 3.0}}
    costs["floor"][100_000] = 5.0
    assert finding_of_costs(costs) == (
        "Least at 10,000 residents: 12 ns per resident-week, 4 times the floor."
    )
    assert Point("week", 10, 1.0).value == 1.0


# --- hindcast


def hindcast() -> Any:
    """Return what figures read of a hindcast: two neighbourhoods, two years."""
    names = ["a", "b"]
    counts = {"violence": np.array([[4000.0, 1000.0], [3000.0, 2500.0]])}
    window = Panel(names, names, [2001, 2002], np.array([[9e5, 8e5], [1e6, 5e5]]), counts, {})
    later = Panel(
        names,
        names,
        [2003, 2004],
        np.array([[2e6, 4e5], [1e6, 8e5]]),
        {"violence": np.array([[5000.0, 800.0], [7000.0, 600.0]])},
        {},
    )
    expected = np.array([[4400.0, 900.0], [4500.0, 950.0]])
    forecasts = {MODEL: expected, LEARNT: expected, "last year": expected * 2}
    forecasts |= {"mean rate": expected * 3, "regression": expected / 2}
    told = SimpleNamespace(
        median=expected - 100,
        low90=expected - 400,
        high90=expected + 300,
        pit=np.array([[0.05, 0.07], [0.55, 0.98]]),
    )
    return SimpleNamespace(
        measures=["violence"],
        question=SimpleNamespace(fit=(2001, 2002), predict=(2003, 2004), replicates=3),
        predicted=SimpleNamespace(
            window=window,
            forecasts={"violence": {x: SimpleNamespace(expected=y) for x, y in forecasts.items()}},
            blueprint=SimpleNamespace(name="Made", scale=20),
        ),
        later=later,
        summaries={"violence": dict.fromkeys(forecasts, told)},
    )


def test_the_town_s_level_is_drawn_in_thousands_by_year() -> None:
    axes = level_figure(hindcast(), "p").axes[0]
    lines = {x.get_label(): (list(x.get_xdata()), list(x.get_ydata())) for x in axes.lines}
    assert lines["recorded, fitted to"] == ([2001, 2002], [5.0, 5.5])
    assert lines["recorded"] == ([2003, 2004], [5.8, 7.6])
    assert lines[MODEL] == ([2003, 2004], [5.3, 5.45])
    assert lines["last year"] == ([2003, 2004], [10.6, 10.9])
    assert LEARNT not in lines


def test_rates_are_drawn_per_assumed_against_per_actual_residents() -> None:
    first, last = predicted_figure(hindcast(), "p").axes[:2]
    (dots,) = [x for x in first.lines if x.get_marker() == "o"]
    assert list(dots.get_xdata()) == pytest.approx([4300 / 1000, 800 / 500])
    assert list(dots.get_ydata()) == pytest.approx([5000 / 2000, 800 / 400])
    (dots,) = [x for x in last.lines if x.get_marker() == "o"]
    assert list(dots.get_ydata()) == pytest.approx([7000 / 1000, 600 / 800])


def test_a_pit_histogram_has_shares_of_all_counts() -> None:
    axes = calibration_figure(hindcast(), "p").axes[0]
    heights = [x.get_height() for x in axes.patches]
    assert heights == pytest.approx([0.5, 0, 0, 0, 0, 0.25, 0, 0, 0, 0.25])
