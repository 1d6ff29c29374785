"""Sobol and Morris find what is known to be there, and noise is not taken for an effect.

Power: coverages are shares of 200 simulated studies; their standard error at 0.95 is 1.5
percentage points, so an interval whose true coverage is 0.83 or less fails a test that asks
for 0.88 with probability above 0.95, and one that covers 0.93 passes with probability above
0.99. Means over the studies have the standard error that is written beside them; a bias of five
such errors fails with probability above 0.95.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from omemsim.study.indices import morris_analysis, sobol_analysis

NAMES = ("one", "two", "three")
STUDIES = 200


def ishigami(x):
    """Return the Ishigami function of shares (n, 3); see `ISHIGAMI`."""
    angles = np.pi * (2 * x - 1)
    return (
        np.sin(angles[:, 0])
        + 7 * np.sin(angles[:, 1]) ** 2
        + 0.1 * angles[:, 2] ** 4 * np.sin(angles[:, 0])
    )


# Analytic (Ishigami & Homma 1990), a = 7, b = 0.1.
V1, V2, V13 = 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 49 / 8, 0.01 * np.pi**8 * 8 / 225
ISHIGAMI_FIRST = np.array([V1, V2, 0]) / (V1 + V2 + V13)
ISHIGAMI_TOTAL = np.array([V1 + V13, V2, V13]) / (V1 + V2 + V13)
COEFFICIENTS = np.array([3.0, 1.0, 0.0])
LINEAR = COEFFICIENTS**2 / (COEFFICIENTS**2).sum()


def linear(x):
    return x @ COEFFICIENTS


def layout(n, d, rng):
    """Return the points of blocks A, B, AB_1 ... AB_d, (n (d + 2), d)."""
    a, b = rng.random((2, n, d))
    mixed = [np.where(np.arange(d) == i, b, a) for i in range(d)]
    return np.concatenate([a, b, *mixed])


def noisy(outcome, rows, rng, *, sd, replicates, shared=False):
    """Return outcomes (points, R) with noise; ``shared``: the same for all points of a row."""
    if not shared:
        return outcome[:, None] + rng.normal(0, sd, (outcome.size, replicates))
    noise = rng.normal(0, sd, (rows, replicates))
    return outcome[:, None] + np.tile(noise, (outcome.size // rows, 1))


def columns(found):
    return (
        np.array([found.first[name].value for name in found.names]),
        np.array([found.total[name].value for name in found.names]),
    )


def test_without_noise_the_indices_are_scipys():
    rng = np.random.default_rng(1)
    points = layout(512, 3, rng)
    outcome = ishigami(points)
    found = columns(sobol_analysis(outcome, n=512, names=NAMES, resamples=10))
    blocks = outcome.reshape(5, 1, 512)
    scipys = stats.sobol_indices(
        func={"f_A": blocks[0], "f_B": blocks[1], "f_AB": blocks[2:]}, n=512
    )
    np.testing.assert_allclose(found[0], np.ravel(scipys.first_order), rtol=1e-9)
    np.testing.assert_allclose(found[1], np.ravel(scipys.total_order), rtol=1e-9)


def test_ishigami_with_much_noise():
    # Noise of one run has 1.4 times the variance of the function; errors at n = 4096: about 0.02.
    rng = np.random.default_rng(2)
    points = layout(4096, 3, rng)
    values = noisy(ishigami(points), 4096, rng, sd=4.4, replicates=4)
    found = sobol_analysis(values, n=4096, names=NAMES, resamples=50)
    first, total = columns(found)
    np.testing.assert_allclose(first, ISHIGAMI_FIRST, atol=0.1)
    np.testing.assert_allclose(total, ISHIGAMI_TOTAL, atol=0.1)
    assert found.variance == pytest.approx(V1 + V2 + V13, rel=0.1)
    assert found.noise == pytest.approx(4.4**2, rel=0.05)
    assert found.ranked()[0] == "one"


@pytest.mark.parametrize("shared", [False, True])
def test_noise_raises_no_index_and_intervals_cover(shared):
    # The noise variance of a run is that of the function, so with 3 replicates it would raise
    # every total index by 0.33 / 1.33 if it were left in. Standard errors of the means: 0.01.
    rng, n = np.random.default_rng(3), 64
    sd = math.sqrt((COEFFICIENTS**2).sum() / 12)
    firsts, totals, hits = [], [], []
    for seed in range(STUDIES):
        points = layout(n, 3, rng)
        values = noisy(linear(points), n, rng, sd=sd, replicates=3, shared=shared)
        found = sobol_analysis(values, n=n, names=NAMES, seed=seed, resamples=300)
        first, total = columns(found)
        firsts.append(first)
        totals.append(total)
        hits.append(
            [
                [
                    group[x].low <= truth <= group[x].high
                    for x, truth in zip(NAMES, LINEAR, strict=True)
                ]
                for group in (found.first, found.total)
            ]
        )
    np.testing.assert_allclose(np.mean(firsts, axis=0), LINEAR, atol=0.06)
    np.testing.assert_allclose(np.mean(totals, axis=0), LINEAR, atol=0.06)
    assert (np.mean(hits, axis=0) >= 0.88).all(), np.mean(hits, axis=0)


def test_with_one_replicate_noise_cannot_be_taken_out_and_it_says_so():
    rng = np.random.default_rng(4)
    points = layout(2048, 3, rng)
    values = noisy(linear(points), 2048, rng, sd=1.0, replicates=1)
    found = sobol_analysis(values, n=2048, names=NAMES, resamples=50)
    assert found.total["three"].value > 0.3  # has no effect at all
    assert math.isnan(found.noise)
    assert "its noise could not be removed" in found.in_words("harm")


def test_nothing_but_noise_is_called_so():
    values = np.random.default_rng(5).normal(0, 1, (64 * 5, 4))
    found = sobol_analysis(values, n=64, names=NAMES)
    words = found.in_words("harm")
    assert "do not move harm more than noise" in words or "cannot be told" in words


def test_a_run_that_failed_costs_its_row():
    rng = np.random.default_rng(6)
    points = layout(64, 3, rng)
    values = noisy(linear(points), 64, rng, sd=0.1, replicates=2)
    values[64 * 3 + 7, 1] = np.nan
    found = sobol_analysis(values, n=64, names=NAMES)
    assert (found.n, found.left_out) == (63, 1)
    kept = np.delete(values.reshape(5, 64, 2), 7, axis=1).reshape(-1, 2)
    assert columns(found)[1] == pytest.approx(columns(sobol_analysis(kept, n=63, names=NAMES))[1])
    assert "one 8" in found.in_words("harm") or "one 9" in found.in_words("harm")


def test_sobol_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="expected 320 points"):
        sobol_analysis(np.zeros(300), n=64, names=NAMES)
    with pytest.raises(ValueError, match="0 of 4 rows"):
        sobol_analysis(np.full(20, np.nan), n=4, names=NAMES)


# --- Morris ----------------------------------------------------------------------------


def trajectories(k, d, rng, levels=4):
    """Return Morris trajectories as shares, (k (d + 1), d)."""
    step, points = levels / (2 * (levels - 1)), []
    for _ in range(k):
        x = rng.integers(0, levels // 2, d) / (levels - 1)
        points.append(x)
        for i in rng.permutation(d):
            x = x.copy()
            x[i] += step
            points.append(x)
    return np.array(points)


def test_morris_of_a_linear_function_is_its_coefficients():
    points = trajectories(10, 3, np.random.default_rng(7))
    found = morris_analysis(points @ [3.0, -1.0, 0.0], points=points, names=NAMES)
    assert [found.mu_star[x].value for x in NAMES] == pytest.approx([3, 1, 0])
    assert [found.mu[x].value for x in NAMES] == pytest.approx([3, -1, 0])
    assert [found.sigma[x].value for x in NAMES] == pytest.approx([0, 0, 0], abs=1e-6)
    assert found.above_noise() == ["one", "two"]
    assert "one (3); two (1)" in found.in_words("harm")


def test_morris_equals_salib():
    morris = pytest.importorskip("SALib.analyze.morris", reason="SALib is in the extra dev")
    rng = np.random.default_rng(8)
    points = trajectories(12, 3, rng)
    outcome = ishigami(points)
    problem = {"num_vars": 3, "names": list(NAMES), "bounds": [[0, 1]] * 3}
    theirs = morris.analyze(problem, points, outcome, num_levels=4, seed=1)
    ours = morris_analysis(outcome, points=points, names=NAMES)
    for key, group in (("mu_star", ours.mu_star), ("mu", ours.mu), ("sigma", ours.sigma)):
        wanted = [float(x) for x in theirs[key]]
        assert [group[x].value for x in NAMES] == pytest.approx(wanted, rel=1e-6)


def test_morris_takes_noise_out_of_sigma_and_tells_its_floor():
    # Means over 200 studies of 20 trajectories: standard errors 0.01.
    rng, sigmas, floors, stars, false = np.random.default_rng(9), [], [], [], 0
    for seed in range(STUDIES):
        points = trajectories(20, 3, rng)
        values = noisy(points @ [3.0, 1.0, 0.0], 1, rng, sd=0.4, replicates=4)
        found = morris_analysis(values, points=points, names=NAMES, seed=seed, resamples=300)
        sigmas.append(found.sigma["three"].value)
        floors.append(found.floor["three"])
        stars.append(found.mu_star["three"].value)
        false += "three" in found.above_noise()
    noise = 0.4 * math.sqrt(2 / 4) / (2 / 3)
    assert np.mean(floors) == pytest.approx(math.sqrt(2 / math.pi) * noise, rel=0.03)
    assert np.mean(stars) == pytest.approx(np.mean(floors), rel=0.05)
    assert np.mean(sigmas) < 0.5 * noise
    assert false / STUDIES <= 0.08  # 2.5% are to be expected of a 95% interval


def test_morris_intervals_cover():
    # mu of "one" is that of the whole grid, 4 levels: f = x1 + x1 x2.
    rng, hits = np.random.default_rng(10), 0
    for seed in range(STUDIES):
        points = trajectories(20, 2, rng)
        outcome = points[:, 0] + points[:, 0] * points[:, 1]
        found = morris_analysis(outcome, points=points, names=("one", "two"), seed=seed)
        hits += found.mu["one"].low <= 1.5 <= found.mu["one"].high
    assert hits / STUDIES >= 0.88


def test_morris_leaves_out_a_trajectory_with_a_failure_and_refuses_what_is_none():
    points = trajectories(5, 3, np.random.default_rng(11))
    values = linear(points)
    values[6] = np.nan
    found = morris_analysis(values, points=points, names=NAMES)
    assert (found.n, found.left_out) == (4, 1)
    with pytest.raises(ValueError, match="no trajectories of 3"):
        morris_analysis(values[:-1], points=points[:-1], names=NAMES)
    points[1] = points[0]
    with pytest.raises(ValueError, match="must change one parameter"):
        morris_analysis(linear(points), points=points, names=NAMES)
