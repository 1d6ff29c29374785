"""Rare events: intervals that hold for few, and none where there is none.

A world is a rate of events under each of two strategies, in each of n replicates; the truth is
the difference of the rates. Power: over 1,000 simulated studies the coverage has a standard error
of 0.7 percentage points where it is 95%, so that a true coverage of 91% or less fails the test
(which asks for 92.5%) with probability above 0.95, and one of 95% passes with probability above
0.99. An interval of [0, 0] where no event was seen makes it 31% at n = 2 and 64% at n = 5 in the
second of these worlds.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from omemsim.study.rare_events import are_rare, events_interval, unseen_share
from omemsim.study.statistics import mean_difference, paired_difference, share_tied

STUDIES = 1000
RATES = [(0.05, 0.05), (0.2, 0), (0.1, 0.4), (0.5, 0.5), (1, 0.3), (2, 2), (2, 0)]


def poisson(rng, rate, shape):
    return rng.poisson(rate, shape)


def batches(rng, rate, shape):
    """Events that come two at a time on average: one draws others."""
    first = rng.poisson(rate / 2, shape)
    return first + rng.poisson(first)


def coverage(draw, rates, n):
    """Return the share of studies that have an interval, and of those the share that it holds in.

    Both strategies have some events in common, as towns that share their random numbers do.
    """
    rng = np.random.default_rng([n, *(int(100 * rate) for rate in rates)])
    given = hits = 0
    for common in rng.poisson(0.3, (STUDIES, n)):
        values, base = (draw(rng, rate, n) + common for rate in rates)
        found = paired_difference(values, base, resamples=400)
        if math.isnan(found.low):
            assert len(set(values - base)) == 1
            continue
        given += 1
        hits += found.low <= rates[0] - rates[1] <= found.high
    return given / STUDIES, hits / max(given, 1)


@pytest.mark.parametrize("n", [2, 3, 5, 10, 20])
@pytest.mark.parametrize("rates", RATES)
def test_where_there_is_an_interval_it_covers_rare_counts(rates, n):
    given, share = coverage(poisson, rates, n)
    assert share >= 0.925, (given, share)
    if n == 20 and sum(rates) >= 0.2:
        assert given > 0.95


@pytest.mark.parametrize("n", [5, 10, 20])
@pytest.mark.parametrize("rates", [(0.2, 0.2), (0.5, 0), (1, 0)])
def test_and_rare_counts_that_come_in_batches(rates, n):
    # A bootstrap interval covers 0.91 to 0.93 of these.
    given, share = coverage(batches, rates, n)
    assert share >= 0.94, (given, share)


@pytest.mark.parametrize("n", [2, 5, 6, 10, 20])
def test_the_usual_interval_is_no_wider_than_it_was(n):
    rng = np.random.default_rng(n)
    for _ in range(20):
        town, change = rng.normal(300, 40, n), rng.gamma(3, 2, n)
        found, before = (
            paired_difference(town + change, town),
            mean_difference(town + change - town),
        )
        assert (found.low, found.high) == (before.low, before.high)


def test_an_interval_by_hand():
    # Three events up and none down in ten: 3 has the exact Poisson limits 0.6187 and 8.7673, none
    # has 3.6889 for its upper one. So low = 3 - sqrt((3 - 0.6187)^2 + 3.6889^2), high = 8.7673.
    low, high = events_interval(np.array([1.0, 0, 0, 1, 0, 0, 0, 1, 0, 0]))
    assert 10 * low == pytest.approx(3 - math.hypot(3 - 0.61867, 3.68888), abs=1e-3)
    assert 10 * high == pytest.approx(8.76727, abs=1e-3)
    halves = events_interval(np.array([0.5, 0, 0, 0.5, 0, 0, 0, 0.5, 0, 0]))
    assert halves == (pytest.approx(low / 2), pytest.approx(high / 2))
    turned = events_interval(np.array([-1.0, 0, 0, -1, 0, 0, 0, -1, 0, 0]))
    assert turned == (pytest.approx(-high), pytest.approx(-low))
    with pytest.raises(ValueError, match="no event"):
        events_interval(np.zeros(4))


@pytest.mark.parametrize(("events", "is_told"), [(5, False), (6, True), (9, True)])
def test_zero_is_outside_from_six_events_on_one_side_on(events, is_told):
    found = paired_difference([1.0] * events + [0.0] * (20 - events), np.zeros(20))
    assert (found.low > 0) == is_told


def test_what_is_rare():
    assert are_rare(np.array([0.0, 0, 1]))
    assert not are_rare(np.array([2.0, -1, 1]))
    assert not are_rare(np.zeros(3))
    assert not are_rare(np.repeat([0.0, 1.0], 10))


def test_what_none_showed_may_occur_in_about_three_of_n():
    assert unseen_share(10) == pytest.approx(0.2589, abs=1e-4)
    assert unseen_share(1) == pytest.approx(0.95)
    assert unseen_share(300) == pytest.approx(3 / 300, rel=0.01)
    assert unseen_share(10, level=0.5) == pytest.approx(1 - 0.5**0.1)
    with pytest.raises(ValueError, match="n = 0"):
        unseen_share(0)


def test_that_share_is_exceeded_in_five_studies_of_a_hundred():
    rng, n = np.random.default_rng(3), 12
    just_more = unseen_share(n)
    none_seen = (rng.random((20_000, n)) >= just_more).all(axis=1).mean()
    assert none_seen == pytest.approx(0.05, abs=0.005)


def test_ties_are_those_that_are_equal_to_rounding():
    # 0.1 + 0.2 is 0.30000000000000004.
    assert share_tied([0.1 + 0.2, 2.0, 5.0, 7.0], [0.3, 2.0, 4.0, 8.0]) == 0.5
    assert math.isnan(share_tied([], []))
    assert paired_difference([0.1 + 0.2, 2.0, 5.0], [0.3, 2.0, 4.0]).tied == 2
