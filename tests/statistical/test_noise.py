"""The noise budget finds the parts that were put in; shares of worlds cover.

Power: over 200 simulated studies a mean share has a standard error of at most 0.01, so that a
bias of 0.05 fails with probability above 0.99. A coverage of 0.95 has one of 1.5 percentage
points; an interval that covers 0.83 or less fails the test that asks for 0.88 with probability
above 0.95.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from omemsim.study.noise import PARTS, noise_budget, share_of_worlds

STUDIES = 200


def draw(rng, sds, shape, skew=False):
    """Return values (points, towns, repeats) with these standard deviations of the parts."""
    p, t, repeats = shape
    of_points = rng.uniform(-1, 1, p) * math.sqrt(3) if skew else rng.normal(0, 1, p)
    return (
        300
        + sds[0] * of_points[:, None, None]
        + sds[1] * rng.normal(0, 1, (p, t, 1))
        + sds[2] * rng.normal(0, 1, shape)[:, :, :repeats]
    )


@pytest.mark.parametrize("is_uniform", [False, True])
def test_parts_are_found_without_bias_and_covered(is_uniform):
    # Points of a Latin hypercube give rather uniform effects, so both are tried.
    rng, found, hits = np.random.default_rng(1), [], []
    truth = np.array([9.0, 4.0, 1.0])
    for seed in range(STUDIES):
        values = draw(rng, np.sqrt(truth), (30, 3, 3), is_uniform)
        budget = noise_budget(values, seed=seed, resamples=400)
        found.append([budget.variances[part].value for part in PARTS])
        shares = truth / truth.sum()
        hits.append(
            [
                budget.shares[x].low <= y <= budget.shares[x].high
                for x, y in zip(PARTS, shares, strict=True)
            ]
        )
    np.testing.assert_allclose(np.mean(found, axis=0), truth, rtol=0.06)
    assert (np.mean(hits, axis=0) >= 0.88).all(), np.mean(hits, axis=0)


def test_a_part_that_is_not_there_may_come_out_negative_and_is_reported_so():
    rng = np.random.default_rng(2)
    towns = [
        noise_budget(draw(rng, (1.0, 0.0, 1.0), (20, 3, 2)), resamples=50).variances["town"].value
        for _ in range(STUDIES)
    ]
    assert 0.3 < np.mean(np.array(towns) < 0) < 0.7
    assert abs(np.mean(towns)) < 0.05  # clipped at 0 it would be 0.08 or more


def test_words_name_the_largest_part_first():
    values = draw(np.random.default_rng(3), (1.0, 0.1, 9.0), (20, 3, 3))
    words = noise_budget(values).in_words("victimization")
    assert words.startswith("Spread of victimization between single runs: other random numbers 9")
    assert words.endswith("More replicates narrow the mean.")
    assert "same harm" in noise_budget(np.ones((3, 2, 2))).in_words("harm")


def test_a_point_with_a_failed_run_is_left_out_and_small_designs_are_refused():
    values = draw(np.random.default_rng(4), (1, 1, 1), (6, 2, 2))
    whole = noise_budget(values[1:])
    values[0, 1, 1] = np.nan
    found = noise_budget(values)
    assert (found.points, found.left_out) == (5, 1)
    assert found.variances["noise"].value == pytest.approx(whole.variances["noise"].value)
    with pytest.raises(ValueError, match="two points, towns and runs"):
        noise_budget(values[:, :, :1])
    with pytest.raises(ValueError, match="1 of 2 points are whole"):
        noise_budget(values[:2])


def test_share_of_worlds_counts_wins_and_covers():
    rng = np.random.default_rng(5)
    hits = []
    for share in (0.5, 0.9, 0.99):
        for _ in range(STUDIES):
            wins = (rng.random(30) < share).astype(float)
            found = share_of_worlds(wins, np.full(30, 0.5), "higher")
            hits.append(found.low <= share <= found.high)
    assert np.mean(hits) >= 0.94  # the exact interval covers at least 95%


def test_share_of_worlds_in_words():
    found = share_of_worlds([1.0, 2, 3, 4, np.nan], [2.0, 3, 3, 3, 1], "lower")
    assert (found.n, found.wins, found.ties, found.share) == (4, 2, 1, 0.5)
    said = found.in_words("omem", "reactive", "victimization")
    assert said.startswith("omem beats reactive on victimization in 2 of 4 parameter sets, and")
    assert "equal in 1: 50% of such sets (95% interval 7 to 93%)." in said
    assert math.isnan(share_of_worlds([], [], "lower").share)
    with pytest.raises(ValueError, match="must be lower or higher"):
        share_of_worlds([1.0], [1.0], "")
    with pytest.raises(ValueError, match="cannot be paired"):
        share_of_worlds([1.0], [1.0, 2.0], "lower")
