"""Intervals cover what they say, and small samples are honest.

Power: with 2,000 simulated studies the coverage of a 95% interval has a standard error of
0.5 percentage points, so a true coverage of 92.5% or less fails the test below (which asks
for at least 93.5% where the differences are normal) with probability above 0.95, and a true
coverage of 95% passes with probability above 0.99.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from omemsim.study.statistics import (
    Difference,
    mean_difference,
    paired_difference,
    share_better,
    share_tied,
    smallest_difference,
    student_interval,
    verdict_words,
)

STUDIES = 2000
TRUTH = -3.0


def coverage(n, draw, resamples=600):
    """Return the share of studies whose interval holds the true difference."""
    rng = np.random.default_rng(20240401)
    hits = 0
    for _ in range(STUDIES):
        town = rng.normal(100, 30, n)  # what pairing takes away
        found = paired_difference(town + TRUTH + draw(rng, n), town, resamples=resamples)
        hits += found.low <= TRUTH <= found.high
    return hits / STUDIES


@pytest.mark.parametrize("n", [2, 4, 6, 10, 20])
def test_a_95_interval_covers_normal_differences(n):
    share = coverage(n, lambda rng, n: rng.normal(0, 5, n))
    assert 0.935 <= share <= 0.975


def test_skewed_differences_are_covered_nearly_as_often():
    # Measured 0.92 at n = 20; a plain percentile interval has 0.895.
    share = coverage(20, lambda rng, n: rng.exponential(5, n) - 5)
    assert share >= 0.905


def test_pairing_makes_the_interval_as_narrow_as_the_differences():
    rng = np.random.default_rng(1)
    town = rng.normal(100, 30, 20)
    change = rng.normal(-3, 1, 20)
    paired = paired_difference(town + change, town)
    shuffled = paired_difference(town + change, rng.permutation(town))
    assert paired.high - paired.low < 1.5
    assert shuffled.high - shuffled.low > 10 * (paired.high - paired.low)


def test_values_are_those_of_the_pairs():
    found = paired_difference([1.0, 2.0, 6.0], [2.0, 2.0, 2.0])
    assert (found.n, found.mean, found.baseline_mean) == (3, 3.0, 2.0)
    assert found.difference == pytest.approx(1.0)
    assert found.low < found.difference < found.high


def test_the_same_input_gives_the_same_interval_and_another_seed_another():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, 12))
    assert paired_difference(a, b) == paired_difference(a, b)
    assert paired_difference(a, b, seed=0) != paired_difference(a, b, seed=1)


def test_a_higher_level_gives_a_wider_interval():
    a, b = np.random.default_rng(3).normal(size=(2, 15))
    wide, narrow = paired_difference(a, b, level=0.99), paired_difference(a, b, level=0.8)
    assert wide.low < narrow.low < narrow.high < wide.high


def test_one_replicate_has_no_interval_and_says_cannot_tell():
    found = paired_difference([1.0], [5.0])
    assert (found.n, found.difference) == (1, -4.0)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert verdict_words(found) == "cannot tell"


def test_no_replicate_has_no_value_at_all():
    found = paired_difference([], [])
    assert found.n == 0
    assert math.isnan(found.difference)
    assert math.isnan(share_better([], [], "lower"))


def test_two_replicates_say_how_little_they_know():
    found = paired_difference([1.0, 2.0], [5.0, 4.0])
    assert found.high - found.low > 20  # Student with one degree of freedom: 12.7 errors a side
    assert verdict_words(found) == "cannot tell"


@pytest.mark.parametrize("n", [2, 5, 10])
def test_equal_strategies_are_equal_and_nothing_is_known_of_their_spread(n):
    same = np.arange(float(n))
    found = paired_difference(same, same)
    assert (found.difference, found.tied) == (0, n)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert found.never_differs
    assert verdict_words(found, 0.01) == "equal"


@pytest.mark.parametrize(("n", "word"), [(2, "cannot tell"), (5, "cannot tell"), (6, "higher")])
def test_nor_where_all_replicates_differ_alike(n, word):
    # 0.1 + 0.2 less 0.2, and the like: the same but for rounding.
    base = np.arange(n) / 10
    found = paired_difference(base + 0.1, base)
    assert found.is_constant
    assert not found.never_differs
    assert math.isnan(found.low)
    assert (found.difference, found.tied) == (pytest.approx(0.1), 0)
    assert verdict_words(found, 0.01) == word
    assert verdict_words(found, 0.2) == ("about the same" if n > 5 else "cannot tell")


def test_a_mean_effect_that_never_varies_is_its_interval():
    found = mean_difference([2.0] * 4)
    assert (found.n, found.difference, found.low, found.high) == (4, 2, 2, 2)
    assert (mean_difference([0.0] * 9).low, mean_difference([0.0] * 9).high) == (0, 0)


def test_verdicts():
    noise = np.random.default_rng(4).normal(0, 0.1, 10)
    assert verdict_words(paired_difference(noise - 1, noise * 0)) == "lower"
    assert verdict_words(paired_difference(noise + 1, noise * 0)) == "higher"


@pytest.mark.parametrize(
    ("difference", "low", "high", "word"),
    [
        (0.5, 0.2, 0.8, "about the same"),  # sure, and too small to name
        (0.5, -0.2, 0.9, "about the same"),  # whatever it is, it is too small
        (0.9, 0.2, 1.6, "about the same"),
        (0.5, -0.2, 1.2, "cannot tell"),  # may be large
        (1.5, 0.2, 2.8, "higher"),
        (-1.5, -2.8, -0.2, "lower"),
        (1.5, -0.1, 3.1, "cannot tell"),
    ],
)
def test_small_differences_are_not_named(difference, low, high, word):
    found = Difference(10, 100 + difference, 100.0, difference, low, high)
    assert verdict_words(found, smallest_difference("cases", 100.0)) == word


def test_the_smallest_difference_fits_the_unit():
    assert smallest_difference("cases", -300.0) == pytest.approx(3.0)
    assert smallest_difference("index 0-1", 0.6) == 0.005
    assert smallest_difference("share of hours", 0.7) == 0.005


def test_intervals_over_time_are_those_of_each_time():
    change = np.random.default_rng(5).normal(-2, 1, (5, 3))
    low, high = student_interval(change)
    for t in range(3):
        alone = paired_difference(change[:, t], np.zeros(5))
        assert (low[t], high[t]) == (pytest.approx(alone.low), pytest.approx(alone.high))
    assert np.isnan(student_interval(change[:1])).all()


def test_share_better_counts_wins_and_no_ties():
    a, b = [1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 2.0, 2.0]
    assert share_better(a, b, "lower") == 0.25
    assert share_better(a, b, "higher") == 0.5
    assert math.isnan(share_better(a, b, ""))
    assert share_tied(a, b) == 0.25  # what is left, 0.5 or 0.25, is lost
    assert share_better([0.1 + 0.2, 1.0], [0.3, 2.0], "higher") == 0  # rounding is no win


@pytest.mark.parametrize("pair", [([1.0, 2.0], [1.0]), ([math.nan], [1.0]), ([math.inf], [1.0])])
def test_what_cannot_be_paired_is_refused(pair):
    with pytest.raises(ValueError, match=r"paired|finite"):
        paired_difference(*pair)
