"""Words: in at most 5% of comparisons without any effect is one of them false.

The measures below are correlated, and take few or many values, as those of the model are: what
is copied is the correlation of paired differences of two runs of the small town that differ in
noise alone (400 replicates of `reactive`, rounded), and how often a measure does not differ.
Power: over 500 comparisons the rate has a standard error of 1 percentage point, so that a true
rate of 7.5% or more fails with probability above 0.95. What is measured is 2% to 4%; on the runs
themselves it is 3% to 4%, and 41% to 50% with words that go by each interval alone.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from omemsim.study.family import FALSE_WORDS, by_chance, clear_of

COMPARISONS = 500
MEASURES = (
    *("victimization", "violence", "disorder", "public_calls", "recorded_crime", "fear", "trust"),
    *("capacity", "community_led", "utilization", "waiting_list", "agency_cost", "share_red"),
    *("share_green_or_blue", "share_blue", "upgrades", "downgrades"),
)
CORRELATED = {
    "victimization": {"violence": 0.7, "public_calls": 0.6, "recorded_crime": 0.8, "fear": 0.8},
    "utilization": {"victimization": 0.3, "violence": 0.2},
    "violence": {"public_calls": 0.5, "recorded_crime": 0.6, "fear": 0.6, "share_red": 0.3},
    "disorder": {"public_calls": 0.5, "utilization": 0.3, "waiting_list": 0.3},
    "public_calls": {"recorded_crime": 0.6, "fear": 0.5, "utilization": 0.6},
    "recorded_crime": {"fear": 0.6, "utilization": 0.3, "share_red": 0.3},
    "fear": {"capacity": -0.4, "community_led": -0.2, "share_red": 0.3, "downgrades": 0.3},
    "capacity": {"community_led": 0.6, "waiting_list": 0.2},
    "share_red": {"upgrades": -0.2, "downgrades": 0.4},
    "share_green_or_blue": {"upgrades": 0.2, "downgrades": -0.4},
    "share_blue": {"upgrades": 0.3},
    "upgrades": {"downgrades": 0.6},
}
# How many values a measure takes in a standard deviation either way, where these are few.
STEPS = {"share_red": 1.25, "share_green_or_blue": 1.1, "share_blue": 0.7, "upgrades": 1.4}
STEPS |= {"downgrades": 1.5, "community_led": 6.0}


def draw(rng, n, effects=0.0):
    """Return paired differences (measures, n)."""
    size = len(MEASURES)
    correlation = np.eye(size)
    for one, others in CORRELATED.items():
        for other, value in others.items():
            i, j = MEASURES.index(one), MEASURES.index(other)
            correlation[i, j] = correlation[j, i] = value
    values, vectors = np.linalg.eigh(correlation)  # what is left out makes it slightly indefinite
    root = vectors * np.sqrt(np.maximum(values, 1e-6))
    change = root @ rng.normal(size=(size, n))
    for name, steps in STEPS.items():
        row = MEASURES.index(name)
        change[row] = np.round(change[row] * steps)
    return change + np.reshape(effects, (-1, 1))


def clear(change):
    none = np.zeros(change.shape[1])
    return clear_of(
        {name: by_chance(row, none) for name, row in zip(MEASURES, change, strict=True)}
    )


@pytest.mark.parametrize("n", [5, 10, 20])
def test_few_comparisons_without_any_effect_have_a_false_word(n):
    rng = np.random.default_rng(n)
    drawn = [draw(rng, n) for _ in range(COMPARISONS)]
    false = np.mean([bool(clear(change)) for change in drawn])
    assert false <= FALSE_WORDS
    alone = np.mean(
        [min(by_chance(row, np.zeros(n)) for row in change) < 0.05 for change in drawn[:150]]
    )
    assert alone > 0.3  # what words by each interval alone would do


def test_nor_have_those_in_which_half_of_the_measures_differ():
    rng, n = np.random.default_rng(1), 10
    effects = np.where(np.arange(len(MEASURES)) % 2, 3.0, 0.0)
    false = missed = 0
    for _ in range(300):
        found = clear(draw(rng, n, effects))
        apart = {name for name, effect in zip(MEASURES, effects, strict=True) if effect}
        false += bool(found - apart)
        missed += len(apart - found)
    assert false / 300 <= FALSE_WORDS + 0.02
    assert missed / (300 * 8) < 0.2


def test_holm_by_hand():
    # 0.05 / 4 = 0.0125, 0.05 / 3 = 0.0167, 0.05 / 2 = 0.025: the third stops it, and the fourth
    # with it. What is NaN does not count.
    chances = {"a": 0.012, "b": 0.016, "c": 0.026, "d": 0.030, "e": math.nan}
    assert clear_of(chances) == {"a", "b"}
    assert clear_of({**chances, "e": 0.5}) == set()
    assert clear_of({}) == set()


def test_a_chance_by_hand():
    # Mean 2, deviation 1, n = 3: t = 2 sqrt(3) with two degrees of freedom, where the two-sided
    # probability is 1 - t / sqrt(t^2 + 2).
    t = 2 * math.sqrt(3)
    expected = 1 - t / math.sqrt(t**2 + 2)
    assert by_chance([5.0, 7.0, 9.0], [4.0, 5.0, 6.0]) == pytest.approx(expected)
    # Six of six on one side, the others equal: 2 / 2^6; nothing is said of how large they are.
    assert by_chance([1.0] * 6 + [0.0] * 14, np.zeros(20)) == pytest.approx(2 / 2**6)
    assert by_chance(np.full(7, 3.5), np.full(7, 3.0)) == pytest.approx(2 / 2**7)


@pytest.mark.parametrize("values", [[], [1.0], [0.0, 0.0], [0.0] * 20])
def test_what_can_have_no_word_does_not_count(values):
    assert math.isnan(by_chance(values, np.zeros(len(values))))
