"""Shrinkage and its regression, against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from omemsim.inputs.regression import design_of, shrunken_rates

ONES = np.ones((3, 1))
COUNTS = np.array([[4.0, 30.0, 2.0], [8.0, 20.0, 0.0]])
PEOPLE = np.array([[100.0, 400.0, 50.0], [140.0, 360.0, 70.0]])


def test_a_rate_lies_between_its_own_and_the_regression_s_by_the_weights_of_the_equation() -> None:
    total, people = COUNTS.sum(axis=0), PEOPLE.sum(axis=0)  # 12, 50, 2 of 240, 760, 120
    mu = 64 / 1120  # no column: the same rate everywhere
    expected = mu * people
    between = (((total - expected) ** 2).sum() - expected.sum()) / (expected**2).sum()
    flat = total / people * PEOPLE
    shared = flat * (COUNTS.sum(axis=1) / flat.sum(axis=1))[:, None]
    squares = ((COUNTS - shared) ** 2).sum()
    within = max((squares - 0.5 * shared.sum()) / (0.5 * (shared**2).sum()), 0.0)
    apart = max(between - within / 2, 0.0)
    weight = apart / (apart + within / 2 + 1 / expected)
    wanted = weight * total / people + (1 - weight) * mu
    found = shrunken_rates(COUNTS, PEOPLE, ONES)
    np.testing.assert_allclose(found, wanted)


def test_units_that_differ_by_chance_alone_get_the_regression_s_rate() -> None:
    # 12, 38 and 6 are exactly proportional to residents: there is less than Poisson noise.
    counts = np.array([[6.0, 19.0, 3.0], [6.0, 19.0, 3.0]])
    people = np.array([[120.0, 380.0, 60.0]] * 2)
    np.testing.assert_allclose(shrunken_rates(counts, people, ONES), [0.05] * 3)


def test_a_unit_with_many_events_keeps_its_own_rate_and_one_with_few_does_not() -> None:
    counts = np.array([[9000.0, 1000.0, 3.0, 0.0]])
    people = np.array([[10_000.0, 10_000.0, 10.0, 10.0]])
    own = (counts / people)[0]
    found = shrunken_rates(counts, people, np.ones((4, 1)))
    mean = counts.sum() / people.sum()
    kept = (found - mean) / (own - mean)
    assert kept[0] == pytest.approx(1, abs=1e-3)
    assert kept[1] == pytest.approx(1, abs=1e-3)
    assert kept[2] == pytest.approx(kept[3])
    assert 0 < kept[2] < 0.8
    assert found[3] > 0  # none seen is not none to come


def test_years_that_vary_beyond_chance_weigh_less() -> None:
    steady = np.array([[50.0, 20.0, 90.0], [50.0, 20.0, 90.0]])
    swings = np.array([[90.0, 5.0, 60.0], [10.0, 35.0, 120.0]])  # the same sums
    people = np.full((2, 3), 1000.0)
    mean = 320 / 6000
    far = [np.abs(shrunken_rates(x, people, ONES) - mean).sum() for x in (steady, swings)]
    assert far[1] < 0.9 * far[0]


def test_shrunken_rates_predict_better_than_own_means_do() -> None:
    rng = np.random.default_rng(1)
    poor = rng.normal(size=300)
    rate = 0.01 * np.exp(0.5 * poor) * rng.gamma(4, 1 / 4, 300)
    people = np.tile(rng.uniform(200, 3000, 300), (4, 1))
    counts = rng.poisson(rate * people).astype(float)
    found = shrunken_rates(counts, people, design_of([poor], 300))
    own = counts.sum(axis=0) / people.sum(axis=0)
    assert ((found - rate) ** 2).sum() < 0.85 * ((own - rate) ** 2).sum()


def test_a_gap_gets_the_median_and_a_flat_column_is_left_out() -> None:
    columns = [np.array([1.0, np.nan, 4.0, 7.0]), np.full(4, 3.0), np.full(4, np.nan)]
    full = np.array([1.0, 4.0, 4.0, 7.0])
    expected = np.column_stack([np.ones(4), (full - 4) / full.std()])
    np.testing.assert_allclose(design_of(columns, 4), expected)
