"""Differences, probabilities and indices against SciPy, statsmodels and SALib."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW

from omemsim.study.family import by_chance, clear_of
from omemsim.study.indices import morris_analysis, sobol_analysis
from omemsim.study.rare_events import are_rare, events_interval, unseen_share
from omemsim.study.statistics import (
    paired_difference,
    share_better,
    share_tied,
    smallest_difference,
    student_interval,
    tails,
)

ONE = np.array([3.0, 8.0, 5.5, 9.0, 2.0])
OTHER = np.array([4.0, 6.5, 1.0, 9.5, 0.5])


def test_few_pairs_have_student_s_interval_of_their_differences() -> None:
    found = paired_difference(ONE, OTHER)
    ends = DescrStatsW(ONE - OTHER).tconfint_mean()
    assert (found.low, found.high) == pytest.approx(ends)
    assert (found.mean, found.baseline_mean) == pytest.approx((5.5, 4.3))
    assert found.difference == pytest.approx(1.2)


def test_student_s_interval_at_each_of_several_times() -> None:
    values = np.array([[1.0, 10.0], [4.0, 10.5], [2.0, 30.0]])
    low, high = student_interval(values, level=0.9)
    for k in range(2):
        ends = DescrStatsW(values[:, k]).tconfint_mean(alpha=0.1)
        assert (low[k], high[k]) == pytest.approx(ends)


def test_many_pairs_have_percentiles_moved_outwards() -> None:
    rng = np.random.default_rng(5)
    values = rng.gamma(2.0, 3.0, 12)
    found = paired_difference(values, np.zeros(12), seed=3, resamples=500)
    means = values[np.random.default_rng(3).integers(0, 12, (500, 12))].mean(axis=1)
    beyond = stats.norm.cdf(-math.sqrt(12 / 11) * stats.t.ppf(0.975, 11))
    assert tails(12, 0.95) == pytest.approx((beyond, 1 - beyond))
    ends = np.quantile(means, [beyond, 1 - beyond])
    assert (found.low, found.high) == pytest.approx(tuple(ends))
    assert beyond < 0.025


@pytest.mark.parametrize(("better", "share"), [("lower", 2 / 6), ("higher", 3 / 6)])
def test_shares_of_wins_and_of_ties(better: str, share: float) -> None:
    one, other = [1.0, 2, 3, 9, 8, 6], [2.0, 4, 3, 1, 2, 5]
    assert share_better(one, other, better) == pytest.approx(share)
    assert share_tied(one, other) == pytest.approx(1 / 6)


def test_the_smallest_difference_is_a_size_whatever_the_sign_of_the_mean() -> None:
    assert smallest_difference("CAD a week", -250.0) == pytest.approx(2.5)
    assert smallest_difference("CAD a week", 250.0) == pytest.approx(2.5)
    assert smallest_difference("index 0-1", -250.0) == 0.005
    assert smallest_difference("share of neighbourhoods, last year", 0.3) == 0.005


def test_the_probability_of_a_mean_is_scipy_s_paired_one() -> None:
    expected = stats.ttest_rel(ONE, OTHER).pvalue
    assert by_chance(ONE, OTHER) == pytest.approx(expected)
    assert by_chance(OTHER, ONE) == pytest.approx(expected)


def test_rare_or_constant_differences_have_that_of_the_sign_test() -> None:
    change = np.array([0.0, 0, 0, 0, 5, 6, 5.5, -0.1])
    signs = stats.binomtest(3, 4).pvalue
    student = stats.ttest_1samp(change, 0).pvalue
    assert by_chance(change, np.zeros(8)) == pytest.approx(max(signs, student))
    alike = np.full(7, 2.5)
    assert by_chance(alike, np.zeros(7)) == pytest.approx(2 * 0.5**7)


def test_holm_is_that_of_statsmodels_over_what_can_have_a_word() -> None:
    chances = {"a": 0.03, "b": 0.011, "c": 0.001, "d": 0.6, "e": math.nan, "f": 0.0131}
    known = {name: p for name, p in chances.items() if not math.isnan(p)}
    rejected = multipletests(list(known.values()), alpha=0.05, method="holm")[0]
    expected = {name for name, yes in zip(known, rejected, strict=True) if yes}
    assert clear_of(chances) == expected == {"b", "c", "f"}


def test_an_unseen_share_is_clopper_and_pearson_s_limit() -> None:
    for n in (1, 9, 20):
        limit = stats.binomtest(0, n).proportion_ci(confidence_level=0.9, method="exact").high
        assert unseen_share(n) == pytest.approx(limit)


def test_rare_events_rest_on_gamma_intervals_of_either_side() -> None:
    change = np.array([0.0] * 6 + [4.0, 1.0, -2.0])
    assert are_rare(change)

    def gamma(sizes: list[float]) -> tuple[float, float]:
        total, squares = sum(sizes), sum(x * x for x in sizes)
        low = stats.gamma.ppf(0.025, total**2 / squares, scale=squares / total)
        more, wider = total + 4.0, squares + 16.0
        return low, stats.gamma.ppf(0.975, more**2 / wider, scale=wider / more)

    (up_low, up_high), (down_low, down_high) = gamma([4.0, 1.0]), gamma([2.0])
    low = 5 - 2 - math.hypot(5 - up_low, down_high - 2)
    high = 5 - 2 + math.hypot(up_high - 5, 2 - down_low)
    assert events_interval(change) == pytest.approx((low / 9, high / 9))
    found = paired_difference(change, np.zeros(9))
    assert found.low <= low / 9
    assert found.high >= high / 9


def test_sobol_indices_are_ratios_of_means_over_the_rows() -> None:
    rng = np.random.default_rng(8)
    n, names = 6, ("parameters.a.b", "parameters.a.c")
    blocks = rng.gamma(2, 5, (4, n))  # A, B, AB of the first parameter, AB of the second
    found = sobol_analysis(blocks.ravel(), n=n, names=names, resamples=20)
    a, b = blocks[0], blocks[1]
    variance = np.var(np.concatenate([a, b]))
    middle = np.concatenate([a, b]).mean()
    assert found.variance == pytest.approx(variance)
    for name, mixed in zip(names, blocks[2:], strict=True):
        first = np.mean((b - middle) * (mixed - a)) / variance
        assert found.first[name].value == pytest.approx(first)
        assert found.total[name].value == pytest.approx(np.mean((a - mixed) ** 2) / 2 / variance)


def test_noise_is_taken_out_of_sobol_indices_by_products_of_different_replicates() -> None:
    rng = np.random.default_rng(9)
    n, names = 5, ("x", "y")
    table = rng.gamma(2, 5, (4, n, 3))
    found = sobol_analysis(table.reshape(4 * n, 3), n=n, names=names, resamples=20)
    centred = table - np.concatenate([table[0], table[1]]).mean(axis=0)

    def across(one: np.ndarray, other: np.ndarray) -> float:
        pairs = [(r, s) for r in range(3) for s in range(3) if r != s]
        return float(np.mean([np.mean(one[:, r] * other[:, s]) for r, s in pairs]))

    a, b = centred[0], centred[1]
    variance = (across(a, a) + across(b, b)) / 2
    assert found.variance == pytest.approx(variance)
    assert found.noise == pytest.approx(table.var(axis=2, ddof=1).mean())
    for name, mixed in zip(names, centred[2:], strict=True):
        assert found.first[name].value == pytest.approx(across(b, mixed - a) / variance)
        total = across(a - mixed, a - mixed) / 2 / variance
        assert found.total[name].value == pytest.approx(total)


def test_morris_effects_are_salib_s() -> None:
    from SALib.analyze import morris
    from SALib.sample import morris as sample

    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    points = sample.sample(problem, 5, seed=4)
    values = 4 * points[:, 0] - 7 * points[:, 1] * points[:, 2] + points[:, 2] ** 2
    expected = morris.analyze(problem, points, values, seed=1)
    found = morris_analysis(values, points=points, names=problem["names"], resamples=20)
    for k, name in enumerate(found.names):
        assert found.mu[name].value == pytest.approx(expected["mu"][k])
        assert found.mu_star[name].value == pytest.approx(expected["mu_star"][k])
        assert found.sigma[name].value == pytest.approx(expected["sigma"][k])


def test_what_noise_alone_gives_an_effect_is_the_mean_of_a_half_normal() -> None:
    points = np.array(
        [[0.0, 0.0], [2 / 3, 0.0], [2 / 3, 2 / 3], [1.0, 1 / 3], [1.0, 1.0], [1 / 3, 1]]
    )
    values = np.array(
        [
            [1.0, 4.0, 2.0],
            [9.0, 3.0, 6.0],
            [5.0, 5.0, 8.0],
            [2.0, 9.0, 4.0],
            [7.0, 1.0, 1.0],
            [3, 3, 6],
        ]
    )
    found = morris_analysis(values, points=points, names=("x", "y"), resamples=20)
    # Each effect is a change over a step of 2/3 (down in the last); its noise is a mean of three.
    effects = {
        "x": [(values[1] - values[0]) * 1.5, (values[5] - values[4]) * -1.5],
        "y": [(values[2] - values[1]) * 1.5, (values[4] - values[3]) * 1.5],
    }
    for name, each in effects.items():
        noise = np.array([np.var(x, ddof=1) / 3 for x in each])
        means = np.array([x.mean() for x in each])
        half_normal = stats.halfnorm.mean(scale=np.sqrt(noise.mean()))
        assert found.floor[name] == pytest.approx(half_normal)
        assert found.mu[name].value == pytest.approx(means.mean())
        assert found.mu_star[name].value == pytest.approx(np.abs(means).mean())
        spread = np.var(means, ddof=1) - noise.mean()
        assert found.sigma[name].value == pytest.approx(math.sqrt(max(spread, 0.0)))
