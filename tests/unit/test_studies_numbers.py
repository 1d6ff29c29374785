"""Sweeps, comparisons, budgets and rankings: their numbers by hand on unlike cases."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from omemsim.analysis.ranking import _best, _by_set, _shares, _survivors
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.schema import value_at
from omemsim.series import Series
from omemsim.study.comparison import Comparison
from omemsim.study.contrasts import about, contrasts, in_brief, mismatch
from omemsim.study.cost_estimate import estimate, estimate_tasks
from omemsim.study.design import design
from omemsim.study.effort import PARTS, SPENT, Effort
from omemsim.study.expand import Sweep
from omemsim.study.factor_importance import drivers_of, worlds_of
from omemsim.study.factors import Factor
from omemsim.study.identity import identify
from omemsim.study.indices import IndexEstimate, Morris
from omemsim.study.parameter_sets import draw_worlds, range_of, uncertain
from omemsim.study.plausible import over
from omemsim.study.precision import Reached, Until, known
from omemsim.study.run_times import Pace
from omemsim.study.statistics import paired_difference
from omemsim.study.sweep_results import Swept
from omemsim.study.uncertain import OverSets, spread_of
from omemsim.vocabulary.parameters import Parameters

# --- sweeps

FACTORS = (Factor("parameters.offend.violence", 0.0, 100.0), Factor("strategy.precision", 0.0, 1.0))
POINTS = [
    {"parameters.offend.violence": v, "strategy.precision": p, "strategy.reinvest": r}
    for v, p, r in (
        (10.0, 0.9, True),
        (20.0, 0.2, False),
        (80.0, 0.5, True),
        (40.0, 0.7, False),
        (55.0, 0.1, True),
        (5.0, 0.3, False),
        (90.0, 0.6, False),
        (30.0, 0.8, True),
    )
]
RNG = np.random.default_rng(12)
VALUES = RNG.gamma(4, 20, (2, 8, 3, 2)).round(1)  # arms, points, replicates, measures
VALUES[1, 3, 1] = VALUES[1, 6] = np.nan  # a run that failed, and a point of which none finished


def swept(
    values: np.ndarray = VALUES, names: tuple[str, ...] = ("victimization", "trust")
) -> Swept:
    scenario = compose_scenario("small", "reactive")
    arms = {"reactive": scenario, "omem": scenario}
    return Swept(Sweep(arms, design("list", points=POINTS), 3), list(names), values)


def interval(values: np.ndarray) -> tuple[float, float, float]:
    """Return mean and ends: variances of the means over points and over replicates, added."""
    points, replicates = (np.nanmean(values, axis=axis) for axis in (1, 0))
    points = points[np.isfinite(points)]
    spread = sum(np.var(x, ddof=1) / x.size for x in (points, replicates))
    half = stats.t.ppf(0.975, min(points.size, replicates.size) - 1) * math.sqrt(spread)
    mean = np.nanmean(values)
    return mean, mean - half, mean + half


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_a_sweep_s_text_has_means_intervals_and_the_share_of_pairs_that_are_lower() -> None:
    lines = swept().text().splitlines()
    change = VALUES[1, ..., 0] - VALUES[0, ..., 0]
    rows = {"reactive": VALUES[0, ..., 0], "omem": VALUES[1, ..., 0], "omem less reactive": change}
    for name, values in rows.items():
        (line,) = [x for x in lines if x.startswith(f"  {name}  ")]
        mean, low, high = (f"{x:,.{1 if abs(x) >= 10 else 3}f}" for x in interval(values))
        assert f"{mean}   {low} to {high}" in line
    lower = np.mean(change[np.isfinite(change)] < 0)
    assert lower != 0.5
    assert any(x.endswith(f", lower in {lower:.0%} of pairs") for x in lines)


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_effects_are_rank_correlations_and_shares_of_variance_over_points() -> None:
    found = {x.path: x for x in swept().effects("omem", "victimization")}
    means = np.nanmean(VALUES[1, ..., 0], axis=1)
    kept = np.isfinite(means)
    for path in ("parameters.offend.violence", "strategy.precision"):
        factor = np.array([point[path] for point in POINTS])[kept]
        expected = stats.spearmanr(factor, means[kept]).statistic
        assert found[path].strength == pytest.approx(expected)
    on = np.array([point["strategy.reinvest"] for point in POINTS])[kept]
    outcome = means[kept]
    groups = [outcome[on], outcome[~on]]
    between = sum(x.size * (x.mean() - outcome.mean()) ** 2 for x in groups)
    total = ((outcome - outcome.mean()) ** 2).sum()
    choice = found["strategy.reinvest"]
    assert (choice.is_choice, choice.strength) == (True, pytest.approx(between / total))
    sizes = [abs(x.strength) for x in swept().effects("omem", "victimization")]
    assert sizes == sorted(sizes, reverse=True)


def test_rows_tell_each_finished_run_with_its_point_and_replicate() -> None:
    head, *rows = swept().rows()
    assert head[:2] == ["arm", "point"]
    row = next(x for x in rows if x[0] == "omem" and x[1] == 4 and x[5] == 2)
    assert row[2:5] == [55.0, 0.1, True]
    assert row[6:] == VALUES[1, 4, 2].tolist()
    assert len(rows) == 48 - 4


def test_drivers_are_of_each_arm_and_of_its_difference_from_the_first() -> None:
    made = design("morris", FACTORS, n=3, seed=2)
    assert made.unit is not None
    x, y = made.unit.T
    one, other = 10 * x + 3 * y, 4 * x + 8 * y
    values = np.stack([one, other])[..., None, None].repeat(2, axis=2)
    scenario = compose_scenario("small", "reactive")
    both = Swept(Sweep({"a": scenario, "b": scenario}, made, 2), ["victimization"], values)
    found = {x.name: x for x in drivers_of(both, "victimization")}
    effects = {
        name: [round(x.value, 6) for x in one.found.mu.values()]  # type: ignore[union-attr]
        for name, one in found.items()
    }
    assert effects == {"a": [10, 3], "b": [4, 8], "b-less-a": [-6, 5]}


@pytest.mark.parametrize(("measure", "wins"), [("victimization", 3), ("trust", 2)])
def test_worlds_of_a_sobol_design_are_its_first_two_blocks(measure: str, wins: int) -> None:
    made = design("sobol", FACTORS, n=4, seed=2)
    base = np.zeros(16)
    other = np.array([-1, -2, 3, 1, -4, 0, 0, 0, *[-9] * 8], float)  # lower in 3 of 8, higher in 2
    values = np.stack([base, other])[..., None, None].repeat(2, axis=2)
    values[1, :, 0] += 0.5  # two replicates, of which the mean counts
    values[1, :, 1] -= 0.5
    scenario = compose_scenario("small", "reactive")
    both = Swept(Sweep({"a": scenario, "b": scenario}, made, 2), [measure], values)
    (share,) = worlds_of(both, [measure]).values()
    assert (share.n, share.wins, share.ties) == (8, wins, 3)


# --- how long it takes

PACE = Pace(build=2.0, spin_week=0.01, begin=0.5, run_week=0.02, numbers=7)


def test_a_sweep_s_time_is_spin_ups_and_runs_over_all_workers() -> None:
    words = ["years=2", "spin_up_years=3"]
    scenario = compose_scenario("small", "reactive", words)
    spin_up, run = 2 + 156 * 0.01, 0.5 + 104 * 0.02
    assert (PACE.spin_up(scenario), PACE.run(scenario)) == pytest.approx((spin_up, run))
    points = [{"strategy.precision": x} for x in (0.1, 0.2, 0.3)]
    sweep = Sweep({"a": scenario, "b": scenario}, design("list", points=points), 5)
    told = estimate(sweep, PACE, workers=3)
    # Five starts shared by six runs each; a part lasts two spin-ups, so two of them need one.
    each = round(6 * run / (2 * spin_up))
    assert (told.runs, told.spin_ups) == (30, 5 * min(3, each))
    assert told.seconds == pytest.approx((told.spin_ups * spin_up + 30 * run) / 3)
    varied = [{"parameters.feel.pace": x} for x in (3.0, 4.0)]
    other = estimate(Sweep({"a": scenario}, design("list", points=varied), 5), PACE, workers=1)
    assert (other.runs, other.spin_ups) == (10, 10)
    assert other.seconds == pytest.approx(10 * (spin_up + run))


def test_tasks_take_at_least_as_long_as_the_longest_of_a_part() -> None:
    scenario = compose_scenario("small", "reactive", ["years=2", "spin_up_years=3"])
    spin_up, run = PACE.spin_up(scenario), PACE.run(scenario)
    found = estimate_tasks([[9, 1, 1], [2, 2]], scenario, PACE, workers=2, kept=4)
    first = max((3 * spin_up + 11 * run) / 2, spin_up + 9 * run)
    second = (2 * spin_up + 4 * run) / 2
    assert first == spin_up + 9 * run
    assert found.seconds == pytest.approx(first + second)
    assert (found.runs, found.spin_ups, found.kept) == (15, 5, 4)


# --- precision


def test_half_a_width_is_a_share_of_the_baseline_s_mean_and_says_how_many_more() -> None:
    rng = np.random.default_rng(4)
    base = rng.normal(-50, 5, 12)
    found = paired_difference(base + rng.normal(3, 4, 12), base)
    one = known("harm", found, 0.02)
    half = (found.high - found.low) / 2 / abs(found.baseline_mean)
    assert one.half == pytest.approx(half)
    error = half / stats.t.ppf(0.975, 11) * math.sqrt(12)
    needed = next(
        n for n in range(12, 2000) if stats.t.ppf(0.975, n - 1) * error / math.sqrt(n) <= 0.02
    )
    assert abs(one.more - (needed - 12)) <= 1
    assert not one.is_precise
    assert known("harm", found, half).is_precise


def test_where_it_ends_is_told_with_what_is_still_needed() -> None:
    found = (
        known("harm of a", paired_difference([1.0, 2.0, 4.0], [4.0, 5.0, 3.0]), 0.1),
        known("fear of a", paired_difference([1.0, 2.0, 4.0], [4.0, 5.0, 9.0]), 0.1),
    )
    worst = max(found, key=lambda x: x.more)
    reached = Reached(Until(precision=0.1, most=3), 3, 1, "replicates", found, 2.0)
    said = reached.in_words(runs_each=4)
    assert f"the difference in {worst.what} is known to ±{100 * worst.half:.2g}%" in said
    more = int(worst.more)
    assert f"About {4 * more:,} more runs are needed ({more} replicates, about " in said


# --- comparisons

ZONES = {"reactive": ([0, 0, 1], [1, 0, 3]), "omem": ([0, 2, 1], [2, 2, 0])}


def run_of(name: str, replicate: int) -> Series:
    first, last = ZONES[name]
    level = (3.0 if name == "omem" else 5.0) + replicate * (2.0 if name == "omem" else 0.5)
    calls = np.array([[10.0, 20, 60], [20, 40, 90]]) * level
    return Series(
        weeks=np.array([26, 52]),
        ids=["a", "b", "c"],
        names=["A", "B", "C"],
        population=np.array([100.0, 300.0, 50.0]),
        residents=np.array([80, 30, 200]),
        values={"zone": np.array([first, last], float), "public_calls": calls},
        meta={},
    )


class Made(Comparison):
    def series(self, strategy: str, replicate: int) -> Series:
        return run_of(strategy, replicate)


def comparison(n: int = 3, **changes: Any) -> Comparison:
    names = ["reactive", "omem"]
    runs = {(name, r): run_of(name, r) for name in names for r in range(n)}
    key = identify({}, replicate=0, town="made", strategy="x")
    scalars = {key: run.summary() for key, run in runs.items()}
    base: dict[str, Any] = {
        "strategies": names,
        "baseline": "reactive",
        "replicates": n,
        "out": Path(),
        "store": Path(),
        "runs": dict.fromkeys(runs, key),
        "scalars": scalars,
    }
    return Made(**base | changes)


def test_transitions_go_from_the_first_zone_in_rows_to_the_last_in_columns() -> None:
    expected = np.zeros((4, 4))
    expected[0, 2] = expected[2, 2] = expected[1, 0] = 3  # three replicates
    np.testing.assert_array_equal(comparison().transitions("omem"), expected)
    _, shares = comparison().mean_zone_shares("reactive")
    np.testing.assert_allclose(shares, [[2 / 3, 1 / 3, 0, 0], [1 / 3, 1 / 3, 0, 1 / 3]])


def town_calls(name: str, replicate: int) -> np.ndarray:
    run = run_of(name, replicate)
    return np.asarray(run.values["public_calls"] @ run.population / run.population.sum())


def test_bands_are_over_replicates_and_differences_within_them() -> None:
    found = comparison(n=7)
    each = np.array([town_calls("omem", r) for r in range(7)])
    _, mean, low, high = found.band("omem", "public_calls")
    np.testing.assert_allclose(mean, each.mean(axis=0))
    np.testing.assert_allclose([low, high], np.quantile(each, [0.05, 0.95], axis=0))
    few = comparison(n=3)
    _, _, low, high = few.band("omem", "public_calls")
    np.testing.assert_allclose([low, high], [each[:3].min(axis=0), each[:3].max(axis=0)])
    change = each - [town_calls("reactive", r) for r in range(7)]
    _, mean, low, high = found.paired_band("omem", "public_calls")
    half = stats.t.ppf(0.975, 6) * change.std(axis=0, ddof=1) / math.sqrt(7)
    np.testing.assert_allclose(mean, change.mean(axis=0))
    np.testing.assert_allclose([low, high], [mean - half, mean + half])


def test_the_table_and_the_text_tell_the_strategy_s_own_mean_and_its_difference() -> None:
    found = comparison()
    table = found.table().set_index(["measure", "strategy"])
    row = table.loc["public_calls", "omem"]
    mine = np.array([found.scalars["omem", r]["public_calls"] for r in range(3)])
    base = np.array([found.scalars["reactive", r]["public_calls"] for r in range(3)])
    assert mine.mean() == pytest.approx(np.mean([town_calls("omem", r) for r in range(3)]))
    assert (row["mean"], row["baseline_mean"]) == pytest.approx((mine.mean(), base.mean()))
    assert row["difference"] == pytest.approx((mine - base).mean())
    expected = stats.ttest_rel(mine, base).confidence_interval()
    assert (row["low"], row["high"]) == pytest.approx((expected.low, expected.high))
    assert row["share_better"] == pytest.approx((mine < base).mean()) == 2 / 3
    assert row["share_tied"] == 0
    lines = found.text().splitlines()
    at = next(i for i, x in enumerate(lines) if x.startswith(about("public_calls").title))
    assert lines[at + 1].split()[:2] == ["reactive", f"{base.mean():.1f}"]
    assert lines[at + 2].split()[:3] == [
        "omem",
        f"{mine.mean():.1f}",
        f"{(mine - base).mean():+.1f}",
    ]
    (contrast,) = [x for x in contrasts(found.table()) if x.measure == "public_calls"]
    assert contrast.percent == pytest.approx(100 * (mine - base).mean() / base.mean())
    assert in_brief(contrast).startswith("cannot tell (")


def test_a_percentage_of_a_negative_mean_keeps_the_sign_of_the_difference() -> None:
    rows = [{"measure": "trust", "strategy": "omem", "n": 3, "mean": -1.0, "baseline_mean": -4.0}]
    numbers = {"difference": 3.0, "low": 1.0, "high": 5.0, "share_better": 1.0, "share_tied": 0.0}
    (found,) = contrasts(pd.DataFrame([rows[0] | numbers | {"word": "higher"}]))
    assert (found.percent, found.low, found.high) == (75, 25, 125)


def test_recorded_crime_and_harm_that_part_are_said_the_right_way_round() -> None:
    def rows(recorded: str, harm: str) -> Any:
        pairs = {"recorded_crime": recorded, "victimization": harm}
        return [SimpleNamespace(measure=name, says=word) for name, word in pairs.items()]

    assert mismatch(rows("higher", "lower")).startswith("recorded crime rose while harm fell")
    assert "upon less of it" in mismatch(rows("lower", "higher"))
    assert mismatch(rows("higher", "higher")) == ""


def test_the_share_of_hours_idle_is_of_those_offered() -> None:
    hours = dict(zip(PARTS, (30.0, 20.0, 10.0, 25.0, 35.0), strict=True))
    one = Effort("a", 120.0, hours, dict(zip(SPENT, (5.0, 2.0, 1.0, 0.5), strict=True)))
    assert (one.used, one.idle, one.spent) == (60, 25, 8.5)
    assert one.share(one.used) == 0.5


# --- parameter sets and worlds


def test_a_range_over_sets_is_of_each_set_s_own_baseline_less_noise() -> None:
    base = np.array([[90.0, 110.0, 100.0], [40.0, 50.0, 60.0], [300.0, 280.0, 320.0], [10, 12, 11]])
    mine = base * np.array([[0.8, 0.9, 0.7], [1.4, 1.0, 1.3], [0.5, 0.55, 0.6], [1.1, 1.0, 1.2]])
    change = 100 * (mine - base) / base.mean(axis=1, keepdims=True)
    means = change.mean(axis=1)
    sets, towns = change.shape
    rest = change - means[:, None] - change.mean(axis=0) + change.mean()
    noise = (rest**2).sum() / ((sets - 1) * (towns - 1)) / towns / means.var(ddof=1)
    found = spread_of(mine, base)
    assert found is not None
    assert found.noise == pytest.approx(noise)
    assert found.is_clear
    ends = means.mean() + math.sqrt(1 - noise) * (means[[2, 1]] - means.mean())
    assert (found.low, found.high) == pytest.approx(tuple(ends))


def test_whether_sets_differ_beyond_noise_is_an_f_test_of_the_two_way_table() -> None:
    rng = np.random.default_rng(3)
    words = set()
    for scale in (2.0, 3.0, 4.0, 5.0, 6.0, 8.0):
        base = np.full((5, 3), 100.0)
        mine = base + scale * np.arange(5)[:, None] + rng.normal(0, 8, (5, 3))
        rest = mine - mine.mean(axis=1, keepdims=True) - mine.mean(axis=0) + mine.mean()
        ratio = 3 * mine.mean(axis=1).var(ddof=1) / ((rest**2).sum() / (4 * 2))
        found = spread_of(mine, base)
        assert found is not None
        assert found.is_clear == (stats.f.sf(ratio, 4, 8) < 0.05)
        words.add(found.is_clear)
    assert words == {True, False}


@pytest.mark.parametrize(("measure", "side"), [("victimization", "high"), ("trust", "low")])
def test_where_a_strategy_fails_is_told_by_the_area_under_the_curve(
    measure: str, side: str
) -> None:
    x = np.array([1.0, 8, 3, 9, 4, 12, 7, 15, 2, 6, 11])
    gain = np.array([5.0, -1, 4, -2, 3, -3, 2, -4, 1, 6, 0])  # the last one ties
    sets = [{"parameters.offend.violence": v, "parameters.feel.pace": 3.0} for v in x]
    sign = -1 if about(measure).better == "lower" else 1
    x_of_loss = x if side == "high" else -x
    sets = [
        {**one, "parameters.offend.violence": v} for one, v in zip(sets, x_of_loss, strict=True)
    ]
    values = {
        ("a", measure): np.zeros((11, 2)),
        ("b", measure): np.stack([sign * gain - 1, sign * gain + 1], axis=1),
    }
    (found,) = over(OverSets(sets, "made", "a", values), [measure])
    lost, kept = gain < 0, gain != 0
    area = roc_auc_score(lost[kept], x[kept])
    assert area > 0.7
    middle = np.median(x_of_loss[lost])
    assert found.fails == (
        f"it fails mostly where offend: violence is {side} (middle of these {middle:.3g})"
    )
    assert (found.share.wins, found.share.ties, found.share.n) == (6, 1, 11)


def test_another_world_is_from_half_to_one_and_a_half_times_a_parameter_s_value() -> None:
    parameters = Parameters()
    drawn = draw_worlds(parameters, worlds=40, seed=3)
    for item in uncertain(parameters):
        low, high = range_of(parameters, item)
        value = float(value_at(parameters, item.path.removeprefix("parameters.")))
        ends = sorted([value / 2, 1.5 * value])
        assert item.low <= low < high <= item.high
        assert ends[0] - 1e-9 <= low
        assert high <= ends[1] + 1e-9
        numbers = np.array([world[item.path] for world in drawn])
        assert low <= numbers.min()
        assert numbers.max() <= high
        if item.type is float:  # a draw in each fortieth of the range
            parts = np.floor(40 * (numbers - low) / (high - low)).clip(0, 39)
            assert sorted(parts) == list(range(40))


# --- rankings


def world_sweep(first: np.ndarray, other: np.ndarray, measure: str) -> Swept:
    """Return a sweep of points (set, noise) by replicates (towns), of two arms."""
    points = [{"seed": s, "noise_seed": k} for s in range(len(first)) for k in (1, 2)]
    scenario = compose_scenario("small", "reactive")
    arms = {"a": scenario, "b": scenario}
    values = np.stack([x.transpose(0, 2, 1).reshape(-1, x.shape[1]) for x in (first, other)])
    return Swept(
        Sweep(arms, design("list", points=points), first.shape[1]), [measure], values[..., None]
    )


@pytest.mark.parametrize(("measure", "best"), [("victimization", 0.25), ("trust", 0.75)])
def test_the_best_arm_of_a_world_is_by_its_mean_over_towns_and_noises(
    measure: str, best: float
) -> None:
    rng = np.random.default_rng(7)
    first = rng.normal(100, 1, (4, 3, 2))  # sets, towns, repeats
    shift = np.array([3.0, 5.0, -4.0, 6.0])
    other = first + shift[:, None, None] + np.array([-9.0, 9.0])  # repeats that cancel out
    found = world_sweep(first, other, measure)
    np.testing.assert_array_equal(_by_set(found, "b", measure), other)
    assert _best(found, measure) == {"a": 1 - best, "b": best}
    share = _shares(found, [measure])[about(measure).title, "b"]
    assert (share.wins, share.n) == (4 * best, 4)


def test_parameters_survive_by_their_part_of_the_largest_effect_above_noise() -> None:
    def screened(stars: dict[str, float], floors: dict[str, float]) -> Any:
        each = {name: IndexEstimate(x, x, x) for name, x in stars.items()}
        return SimpleNamespace(found=Morris(tuple(stars), each, each, each, floors, 4, 0, 2))

    names = ("w", "x", "y", "z")
    one = screened(dict(zip(names, (10.0, 4.0, 1.0, 3.0), strict=True)), dict.fromkeys(names, 2.0))
    two = screened(dict(zip(names, (0.1, 0.2, 0.9, 0.5), strict=True)), dict.fromkeys(names, 0.6))
    # Of the first: w 1, x 0.4, z 0.3; of the second y alone is above noise, and its largest.
    assert _survivors([one, two], 9) == ["w", "y", "x", "z"]
    assert _survivors([one, two], 3) == ["w", "y", "x"]
