"""Calibration's arithmetic by hand, and its emulator against scikit-learn's Gaussian process."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text
from scipy import stats
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct

from omemsim.analysis.calibration import targets as module
from omemsim.analysis.calibration import waves
from omemsim.analysis.calibration.best import means_of
from omemsim.analysis.calibration.emulator import fit_emulator
from omemsim.analysis.calibration.plan import Best, Calibrated, Plan, Ran, Wave
from omemsim.analysis.calibration.readings import table_rates
from omemsim.analysis.calibration.region import (
    Region,
    Rule,
    apart,
    implausible,
    nearest_worst,
    sampled,
)
from omemsim.analysis.calibration.table import best_text, calibration_text
from omemsim.analysis.calibration.targets import CUTOFF, Target, of_table, shipped
from omemsim.analysis.evidence.patterns import read_patterns
from omemsim.figures.plausible import ranges_figure
from omemsim.inputs.config import compose_scenario
from omemsim.study.factors import Factor

TARGET = Target("P1", "one", "u", "P1", observed=10.0, error=2.0, discrepancy=1.5)


def test_a_distance_is_in_what_may_explain_it() -> None:
    mean, variance = np.array([4.0, 13.0]), np.array([0.75, 3.0])
    alike = np.sqrt(variance + 1.5**2 + 2.0**2)
    np.testing.assert_allclose(implausible(TARGET, mean, variance, 7.0), [6, 3] / alike)
    one_town = dataclasses.replace(TARGET, of_one_town=True)
    with_noise = np.sqrt(variance + 7.0 + 1.5**2 + 2.0**2)
    np.testing.assert_allclose(implausible(one_town, mean, variance, 7.0), [6, 3] / with_noise)


def test_what_counts_is_the_largest_but_for_the_misses() -> None:
    rows = np.array([[1.0, 9.0], [5.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(nearest_worst(rows, 0), [5, 9])
    np.testing.assert_array_equal(nearest_worst(rows, 1), [3, 4])
    np.testing.assert_array_equal(nearest_worst(rows, 7), [1, 2])  # never none


def plan(**changes: Any) -> Plan:
    factors = (Factor("parameters.offend.violence", 20.0, 60.0), Factor("years", 1.0, 2.0))
    other = Target("P2", "two", "u", "P2", observed=1.0, error=0.5)
    base: dict[str, Any] = {
        "scenario": compose_scenario("small", "reactive", ["parameters.offend.violence=57"]),
        "factors": factors,
        "targets": (TARGET, other),
        "cutoff": 2.0,
    }
    return Plan(**base | changes)


def test_sets_are_held_against_targets_by_the_noise_of_their_means() -> None:
    means = np.array([[13.0, 1.0], [10.0, np.nan], [4.0, 3.0]])
    each, worst = plan().implausibility(means, np.array([8.0, 0.6]), 4)
    first = np.abs([3.0, 0.0, -6.0]) / np.sqrt(8 / 4 + 1.5**2 + 4)
    second = np.array([0.0, np.nan, 2.0]) / np.sqrt(0.6 / 4 + 0.25)
    np.testing.assert_allclose(each, [first, second])
    np.testing.assert_allclose(worst, [first[0], np.inf, second[2]])


def test_bands_become_observations_whose_ends_are_at_the_cutoff() -> None:
    rows = {x.pattern: x for x in read_patterns()}
    for target in shipped(discrepancy=0.1):
        row = rows[target.name]
        assert target.band == pytest.approx((row.low, row.high)), target.name
        assert target.error == pytest.approx((row.high - row.low) / 2 / CUTOFF)
        assert target.discrepancy == pytest.approx(0.1 * abs(row.low + row.high) / 2)


def test_a_table_is_a_target_by_its_residents_and_its_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blueprint = SimpleNamespace(
        population=np.array([1000.0, 5000.0, 250.0]),
        violence=np.array([5.0, 2.0, 8.0]),
        property=np.array([30.0, 10.0, 50.0]),
        coverage=(0.5, 0.8),
    )
    monkeypatch.setattr(module, "blueprint_of", lambda _: blueprint)
    monkeypatch.setattr("omemsim.analysis.calibration.readings.blueprint_of", lambda _: blueprint)
    scenario = compose_scenario("small", "reactive")
    rates = np.array([5, 2, 8]) / 0.5 + np.array([30, 10, 50]) / 0.8
    found = table_rates(scenario)
    assert found is not None
    np.testing.assert_allclose(found, rates)
    total = (rates * [1000, 5000, 250]).sum() / 6250
    first = of_table(scenario, 0.2)[0]
    assert first.observed == pytest.approx(total)
    assert first.error == pytest.approx(total / np.sqrt(total * 6.25))
    assert first.discrepancy == pytest.approx(0.2 * total)
    assert first.of_one_town


VALUES = np.array(  # three sets, three replicates, two targets
    [
        [[1.0, 10.0], [4.0, 30.0], [2.0, 20.0]],
        [[7.0, np.nan], [9.0, 5.0], [np.nan, 9.0]],
        [[3.0, 8.0], [np.nan, np.nan], [np.nan, np.nan]],
    ]
)


def test_means_are_over_the_replicates_that_finished() -> None:
    expected = [[7 / 3, 20.0], [8.0, 7.0], [3.0, 8.0]]
    np.testing.assert_allclose(means_of(VALUES), expected)


def test_noise_is_the_variance_of_one_run_pooled_over_sets() -> None:
    pooled = []
    for k in range(2):
        groups = [x[np.isfinite(x)] for x in VALUES[:, :, k]]
        squares = sum(((x - x.mean()) ** 2).sum() for x in groups)
        pooled.append(squares / sum(x.size - 1 for x in groups))
    np.testing.assert_allclose(waves._noise(VALUES), pooled)
    # Two replicates: the sample variance, which a divisor of n would halve.
    pair = np.array([[[1.0], [5.0]]])
    np.testing.assert_allclose(waves._noise(pair), [np.var([1.0, 5.0], ddof=1)])


def test_an_emulator_is_scikit_learn_s_with_a_linear_mean() -> None:
    rng = np.random.default_rng(6)
    points = rng.random((30, 2))
    values = 50 + 8 * points[:, 0] - 3 * points[:, 1] + 4 * np.sin(4 * points[:, 0] * points[:, 1])
    values += rng.normal(0, 0.3, 30)
    made = fit_emulator(points, values, 0.09)
    # A constant and slopes of which nothing is known: a very wide linear kernel.
    smooth = ConstantKernel(made.signal, "fixed") * RBF(made.lengths, "fixed")
    vague = ConstantKernel(1e5, "fixed") * DotProduct(1.0, "fixed")
    other = GaussianProcessRegressor(smooth + vague, alpha=0.09 / made.scale**2, optimizer=None)
    other.fit(points, (values - values.mean()) / values.std())
    new = rng.random((40, 2))
    mean, error = other.predict(new, return_std=True)
    found, variance = made.predict(new)
    np.testing.assert_allclose(found, values.mean() + values.std() * mean, atol=2e-3)
    expected = (values.std() * error) ** 2 * made.check.inflation
    np.testing.assert_allclose(variance, expected, rtol=0.01)
    np.testing.assert_allclose(made.mean(new), found)


def test_points_left_out_are_counted_as_refits_would() -> None:
    rng = np.random.default_rng(2)
    points = rng.random((14, 1))
    values = np.sin(6 * points[:, 0]) + rng.normal(0, 0.4, 14)
    made = fit_emulator(points, values, 0.02)
    off, error = [], []
    for out in range(14):
        rest = np.arange(14) != out
        design = np.column_stack([np.ones(14), points])
        apart_by = (points - points.T) / made.lengths
        matrix = made.signal * np.exp(-0.5 * apart_by**2)
        noisy = matrix + 0.02 / made.scale**2 * np.eye(14)
        y = (values - made.centre) / made.scale
        inverse = np.linalg.inv(noisy[np.ix_(rest, rest)])
        basis, near = design[rest], matrix[out, rest]
        spread = np.linalg.inv(basis.T @ inverse @ basis)
        slopes = spread @ basis.T @ inverse @ y[rest]
        mean = design[out] @ slopes + near @ inverse @ (y[rest] - basis @ slopes)
        left = design[out] - near @ inverse @ basis
        variance = noisy[out, out] - near @ inverse @ near + left @ spread @ left
        error.append(y[out] - mean)
        off.append((y[out] - mean) / np.sqrt(variance))
    y = (values - made.centre) / made.scale
    assert made.check.explained == pytest.approx(1 - np.mean(np.square(error)) / y.var())
    assert made.check.inflation == pytest.approx(max(1, np.mean(np.square(off))))
    assert made.check.beyond == pytest.approx(np.mean(np.abs(off) > 3))


class Straight:
    """An emulator that is sure that a reading is the first parameter times 20."""

    check = SimpleNamespace(explained=0.9, beyond=0.0)

    def predict(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return 20 * points[:, 0], np.full(len(points), 0.5)

    def mean(self, points: np.ndarray) -> np.ndarray:
        return 20 * points[:, 0]


def rule(**changes: Any) -> Rule:
    base: dict[str, Any] = {
        "targets": (TARGET,),
        "emulators": (Straight(),),
        "noise": (7.0,),
        "cutoff": 0.8,
    }
    return Rule(**base | changes)


def test_the_space_left_is_what_lies_within_the_cutoff() -> None:
    half = 0.8 * np.sqrt(0.5 + 1.5**2 + 2**2)
    found = sampled(Region(2, (rule(),)), seed=1)
    assert found.volume == pytest.approx(2 * half / 20, rel=0.01)
    inside = np.abs(20 * found.points[:, 0] - 10) <= half
    assert inside.all()


def test_unsureness_is_the_emulator_s_part_of_all_other_variance() -> None:
    points = np.random.default_rng(1).random((10, 2))
    assert waves._unsure(rule(), points) == pytest.approx((0.5 / (1.5**2 + 2**2),))
    noisy = rule(targets=(dataclasses.replace(TARGET, of_one_town=True),))
    assert waves._unsure(noisy, points) == pytest.approx((0.5 / (7 + 1.5**2 + 2**2),))


def test_points_are_chosen_each_as_far_as_can_be_from_those_before() -> None:
    points = np.array([[0.1, 0.0], [0.9, 0.0], [0.4, 0.0], [0.65, 0.0]])
    assert apart(points, 2, np.array([[0.0, 0.0]])).tolist() == [1, 2]
    assert apart(points, 9, np.array([[0.0, 0.0]])).tolist() == [0, 1, 2, 3]


def calibrated() -> Calibrated:
    asked = plan()
    readings = [[11.0, 1.2], [14.0, 0.7], [30.0, 1.0]]
    each = [[0.3, 0.4], [1.2, 0.6], [6.0, 0.0]]
    ran = tuple(
        Ran(0, np.array([0.2 * k, 0.5]), asked.point(np.array([0.2 * k, 0.5])), *numbers)
        for k, numbers in enumerate(
            (np.array(a), np.array(b), max(b)) for a, b in zip(readings, each, strict=True)
        )
    )
    wave = Wave(
        0, ran, rule(targets=asked.targets, emulators=(Straight(), Straight())), 0.125, (0.3,), 1
    )
    best = Best(
        point=ran[0].point,
        readings=np.array([[10.0, 1.0], [12.0, 1.1], [11.5, np.nan]]),
        usual=np.array([[20.0, 3.0], [26.0, 3.4], [25.0, 2.9]]),
        each=np.array([0.4, 0.1]),
        usual_each=np.array([4.5, 1.9]),
        worst=0.4,
        usual_worst=4.5,
        tried=8,
    )
    return Calibrated(asked, (wave,), "waves", ran[:2], 2, 0, np.empty((0, 2)), best)


def test_the_text_has_bands_and_ranges_of_plausible_sets_and_of_all() -> None:
    lines = calibration_text(calibrated()).splitlines()
    target = next(x for x in lines if x.startswith("  P1 one"))
    assert target.split()[2:] == ["4..16", "11..14", "11..30"]
    other = next(x for x in lines if x.startswith("  P2 two"))
    assert other.split()[2:] == ["-0.5..2.5", "0.7..1.2", "0.7..1.2"]
    factor = next(x for x in lines if x.startswith("  parameters.offend.violence"))
    assert factor.split()[1:3] == ["20..60", "20..28"]
    wave = next(x for x in lines if x.startswith("  1 "))
    assert wave.split()[:4] == ["1", "3", "2", "12%"]
    assert "2 of the 3 sets that were run are plausible" in " ".join(lines)


def test_the_best_set_s_means_have_student_s_intervals_beside_the_defaults() -> None:
    line = next(x for x in best_text(calibrated()).splitlines() if x.startswith("  P1 one"))
    known = np.array([10.0, 12.0, 11.5])
    half = stats.t.ppf(0.975, 2) * known.std(ddof=1) / np.sqrt(3)
    usual = np.array([20.0, 26.0, 25.0])
    wide = stats.t.ppf(0.975, 2) * usual.std(ddof=1) / np.sqrt(3)
    assert f"11.2 [{11.1667 - half:.3g}, {11.1667 + half:.3g}]" in line
    assert f"23.7 [{23.6667 - wide:.3g}, {23.6667 + wide:.3g}]*" in line


def test_ranges_are_drawn_and_told_in_their_middle_90_percent() -> None:
    found = calibrated()
    page = ranges_figure(found, provenance="p")
    lines = page.findobj(lambda x: x.get_gid() == "after")
    ends = np.quantile([0.0, 0.2], [0.05, 0.95])
    assert list(lines[0].get_xdata()) == pytest.approx(list(ends))
    usual = found.plan.scenario.parameters.offend.violence
    (default, *_) = page.findobj(lambda x: x.get_gid() == "default")
    assert default.get_xdata()[0] == pytest.approx((usual - 20) / 40)
    told = {x.get_text() for x in page.findobj(Text)}
    assert f"{20 + 40 * ends[0]:.3g} to {20 + 40 * ends[1]:.3g}" in told
    assert any(x.startswith("2 of 3 sets that were run fit all targets; about 12%") for x in told)
