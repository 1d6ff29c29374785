"""Estimators against SciPy, statsmodels, esda, or numbers worked out by hand."""

from __future__ import annotations

import itertools

import libpysal.weights
import numpy as np
import pytest
import statsmodels.api as sm
from esda.moran import Moran
from scipy import stats

from omemsim.analysis.estimators import morans_i, poisson_regression, rank_correlation
from omemsim.analysis.evidence import metrics
from omemsim.analysis.hindcast.space import neighbours_of

# Five units and an island: 0-1, 0-2, 1-2, 2-3, 3-4; 5 has none.
PAIRS = np.array([[0, 1], [0, 2], [1, 2], [2, 3], [3, 4]], np.int32)
VALUES = np.array([1.0, 4.0, 2.5, 9.0, 7.0, 30.0])


def test_morans_i_is_esda_s_on_the_units_that_have_neighbours() -> None:
    near = neighbours_of(PAIRS, 5)
    weights = libpysal.weights.W({i: x.tolist() for i, x in enumerate(near)})
    rows = np.array([VALUES[:5], VALUES[:5] ** 2, VALUES[4::-1]])
    expected = [Moran(row, weights, permutations=0).I for row in rows]
    np.testing.assert_allclose(morans_i(rows, near), expected)
    # An island, whose value is far from the others', changes neither mean nor spread.
    assert morans_i(VALUES, neighbours_of(PAIRS, 6)) == pytest.approx(expected[0])


def test_there_is_no_morans_i_of_islands_alone_or_of_one_value() -> None:
    alone = neighbours_of(np.zeros((0, 2), np.int32), 3)
    assert np.isnan(morans_i(np.array([[1.0, 2.0, 4.0], [2.0, 1.0, 0.0]]), alone)).all()
    assert np.isnan(morans_i(np.full(5, 3.0), neighbours_of(PAIRS, 5)))


def test_rank_correlation_is_scipy_s_row_by_row() -> None:
    first = np.array([[1.0, 3, 3, 7, 2, 9], [4.0, 4, 1, 0, 2, 8], [5.0, 5, 5, 5, 5, 5]])
    second = np.array([2.0, 1, 6, 6, 3, 4])
    found = rank_correlation(first, np.tile(second, (3, 1)))
    expected = [stats.spearmanr(row, second).statistic for row in first[:2]]
    np.testing.assert_allclose(found[:2], expected)
    assert np.isnan(found[2])  # one side is constant
    assert rank_correlation(first[0], second) == pytest.approx(expected[0])
    assert np.isnan(rank_correlation(np.array([1.0, 2.0]), np.array([1.0, 2.0])))


def test_dispersion_is_statsmodels_negative_binomial() -> None:
    counts = np.repeat([0, 1, 2, 3, 5, 9], [30, 9, 5, 3, 2, 1])
    model = sm.NegativeBinomial(counts, np.ones(counts.size))
    alpha = model.fit(disp=0).params[1]
    assert metrics.dispersion(counts) == pytest.approx(1 / alpha, rel=1e-3)


def test_generalised_gini_is_the_ordinary_one_with_more_crimes_than_places() -> None:
    counts = np.array([7, 1, 0, 4])
    pairs = itertools.product(counts, counts)
    ordinary = sum(abs(a - b) for a, b in pairs) / (2 * 4 * counts.sum())
    assert metrics.generalised_gini(counts) == pytest.approx(ordinary)
    # Three crimes at two of five places. The Lorenz curve ends 0, 0, 0, 1/3, 1; the most even
    # spread has one crime at each of three.
    few = np.array([0, 2, 0, 1, 0])
    ranked = 2 * (4 * 1 + 5 * 2) / 3 - 5 - 1
    assert metrics.generalised_gini(few) == pytest.approx(ranked / 3 - 5 / 3 + 1)


def test_what_chance_gives_is_taken_off_the_gini() -> None:
    counts = np.array([6, 0, 1, 0, 3, 0, 0, 2])
    rng = np.random.default_rng(11)
    thrown = rng.multinomial(counts.sum(), np.full(8, 1 / 8), 4000)
    chance = np.mean([metrics.generalised_gini(x) for x in thrown])
    found = metrics.excess_gini(counts)
    assert found == pytest.approx(metrics.generalised_gini(counts) - chance, abs=0.02)


def test_knox_is_counted_pair_by_pair() -> None:
    rng = np.random.default_rng(4)
    xy, days, units = rng.uniform(0, 500, (40, 2)), rng.integers(0, 90, 40), rng.integers(0, 30, 40)
    days[:2], days[2] = 14, 74  # so that there are pairs at the very ends of both windows
    every = list(itertools.combinations(range(40), 2))
    gap = {(i, j): abs(int(days[i] - days[j])) for i, j in every}
    near = [(i, j) for i, j in every if np.hypot(*(xy[i] - xy[j])) <= 200 and units[i] != units[j]]
    assert {14, 60} <= set(gap.values())
    soon = np.mean([gap[x] <= 14 for x in near]) / np.mean([gap[x] <= 14 for x in every])
    late = np.mean([gap[x] >= 60 for x in near]) / np.mean([gap[x] >= 60 for x in every])
    found = metrics.knox(xy, days, units)
    assert (found.near, found.late) == pytest.approx((soon, late))
    assert found.pairs == len(near)


COUNTS = np.array([3.0, 0, 7, 2, 12, 5, 1, 9])
EXPOSURE = np.array([100.0, 40, 300, 90, 210, 400, 60, 150])
ONE = np.array([0.1, 0.9, 0.4, 0.3, 0.8, 0.2, 0.5, 0.7])
OTHER = np.array([2.0, 1.0, 5.0, 3.0, 4.0, 6.0, 2.5, 0.5])


def test_poisson_regression_is_statsmodels() -> None:
    columns = np.column_stack([ONE, OTHER])
    design = sm.add_constant(columns)
    found = poisson_regression(COUNTS, design, EXPOSURE)
    model = sm.GLM(COUNTS, design, family=sm.families.Poisson(), exposure=EXPOSURE)
    np.testing.assert_allclose(found, model.fit().params, rtol=1e-6)


def test_poisson_regression_of_no_events_is_finite_and_near_nothing() -> None:
    found = poisson_regression(np.zeros(8), np.ones((8, 1)), EXPOSURE)
    assert np.exp(found[0]) * EXPOSURE.sum() < 1e-6


def test_a_rate_ratio_is_per_standard_deviation_of_these_units() -> None:
    columns = np.column_stack([ONE / ONE.std(), OTHER])  # all units there are: no n - 1
    model = sm.GLM(
        COUNTS, sm.add_constant(columns), family=sm.families.Poisson(), exposure=EXPOSURE
    )
    expected = np.exp(model.fit().params[1])
    assert metrics.rate_ratio(COUNTS, EXPOSURE, ONE, equal=OTHER) == pytest.approx(expected)


def test_a_wave_is_peak_over_trough_of_what_statsmodels_fits() -> None:
    weeks = np.arange(26)
    counts = np.random.default_rng(2).poisson(20 + 8 * np.cos(2 * np.pi * weeks / 12) + weeks / 4)
    turn = 2 * np.pi * weeks / 12
    columns = np.column_stack([np.cos(turn), np.sin(turn), weeks])
    fit = sm.GLM(counts, sm.add_constant(columns), family=sm.families.Poisson()).fit()
    size = np.hypot(fit.params[1], fit.params[2])
    assert metrics.wave(counts.astype(float), period=12) == pytest.approx(np.exp(2 * size))


def test_a_half_life_is_of_the_line_through_the_logs_before_the_first_loss() -> None:
    gains = [8.0, 5.0, 1.5, 1.0, -0.1, 6.0]
    line = stats.linregress([0, 7, 14, 21], np.log(gains[:4]))
    assert metrics.half_life(gains, step=7) == pytest.approx(-np.log(2) / line.slope)
