"""Where spread comes from and how often one is better, against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from omemsim.study.indices import IndexEstimate
from omemsim.study.noise import PARTS, NoiseBudget, noise_budget, share_of_worlds
from omemsim.study.statistics import tails

# Three points of two towns each, three repeats a town: no two counts alike, no two rows alike.
VALUES = np.array(
    [
        [[10.0, 12.0, 17.0], [20.0, 21.0, 28.0]],
        [[31.0, 35.0, 33.0], [30.0, 44.0, 40.0]],
        [[5.0, 1.0, 3.0], [14.0, 8.0, 17.0]],
    ]
)


def nested() -> dict[str, float]:
    """Return the parts by the sums of squares of a nested analysis of variance."""
    points, towns, repeats = VALUES.shape
    squares = {"parameters": 0.0, "town": 0.0, "noise": 0.0}
    whole = sum(VALUES.ravel()) / VALUES.size
    for p in range(points):
        of_point = sum(VALUES[p].ravel()) / (towns * repeats)
        squares["parameters"] += towns * repeats * (of_point - whole) ** 2
        for t in range(towns):
            of_town = sum(VALUES[p, t]) / repeats
            squares["town"] += repeats * (of_town - of_point) ** 2
            squares["noise"] += sum((VALUES[p, t, k] - of_town) ** 2 for k in range(repeats))
    noise = squares["noise"] / (points * towns * (repeats - 1))
    town = squares["town"] / (points * (towns - 1))
    of_points = squares["parameters"] / (points - 1)
    return {
        "parameters": (of_points - town) / (towns * repeats),
        "town": (town - noise) / repeats,
        "noise": noise,
    }


def test_the_parts_are_those_of_a_nested_analysis_of_variance() -> None:
    found, expected = noise_budget(VALUES), nested()
    total = sum(expected.values())
    for part, value in expected.items():
        assert found.variances[part].value == pytest.approx(value)
        assert found.shares[part].value == pytest.approx(value / total)
    assert (found.points, found.towns, found.repeats, found.left_out) == (3, 2, 3, 0)


def test_a_level_far_above_the_spread_takes_nothing_from_the_parts() -> None:
    far, near = noise_budget(VALUES + 1e9), noise_budget(VALUES)
    for part, found in near.variances.items():
        assert far.variances[part].value == pytest.approx(found.value, rel=1e-5)


def test_a_point_with_a_failed_run_is_left_out_and_counted() -> None:
    broken = np.concatenate([VALUES[:1] * np.nan, VALUES])
    broken[0, 0, 0] = 3.0
    found = noise_budget(broken)
    assert (found.points, found.left_out) == (3, 1)
    assert found.variances["noise"].value == pytest.approx(nested()["noise"])


def test_intervals_are_of_whole_points_drawn_again() -> None:
    drawn = np.random.default_rng(7).multinomial(3, np.full(3, 1 / 3), 300)
    each = []
    for count in drawn:
        again = np.repeat(VALUES, count, axis=0)
        noise = again.var(axis=2, ddof=1).mean()
        towns = 3 * again.mean(axis=2).var(axis=1, ddof=1).mean()
        points = 6 * again.mean(axis=(1, 2)).var(ddof=1)
        each.append([(points - towns) / 6, (towns - noise) / 3, noise])
    parts = np.array(each).T
    shares = parts / np.where(parts.sum(axis=0) > 0, parts.sum(axis=0), np.nan)
    found = noise_budget(VALUES, seed=7, resamples=300)
    ends = zip(
        PARTS, *(np.nanquantile(x, tails(3, 0.95), axis=1).T for x in (parts, shares)), strict=True
    )
    for part, variance, share in ends:
        one, other = found.variances[part], found.shares[part]
        assert (one.low, one.high) == pytest.approx(tuple(variance))
        assert (other.low, other.high) == pytest.approx(tuple(share))


def test_the_words_have_shares_from_0_to_100_and_what_would_help() -> None:
    shares = {
        "parameters": (0.2, -0.1, 0.45),
        "town": (-0.05, -0.2, 0.1),
        "noise": (0.85, 0.6, 1.2),
    }
    each = {part: IndexEstimate(*x) for part, x in shares.items()}
    found = NoiseBudget(each, each, 9, 2, 2)
    assert found.in_words("harm") == (
        "Spread of harm between single runs: other random numbers 85% (60 to 100); other "
        "parameters 20% (0 to 45); another initial town 0% (0 to 10). More replicates narrow "
        "the mean."
    )
    assert noise_budget(np.ones((3, 2, 2))).in_words("harm") == "All runs have the same harm."


def test_the_words_name_the_largest_part_first_and_what_would_help() -> None:
    assert (
        noise_budget(VALUES)
        .in_words("harm")
        .startswith("Spread of harm between single runs: other parameters ")
    )
    towns = np.array([[[0.0, 1.0], [20.0, 21.5]], [[30.0, 31.0], [2.0, 1.0]]])
    said = noise_budget(towns).in_words("harm")
    assert "single runs: another initial town" in said
    assert said.endswith("More initial towns (replicates) narrow the mean.")


@pytest.mark.parametrize(("better", "wins"), [("lower", 4), ("higher", 2)])
def test_a_win_is_on_the_better_side_and_a_tie_is_none(better: str, wins: int) -> None:
    values = np.array([1.0, 2.0, 3.0, 9.0, 5.0, 8.0, 4.0, np.nan])
    baseline = np.array([2.0, 4.0, 3.0, 1.0, 6.0, 2.0, 7.0, 1.0])
    found = share_of_worlds(values, baseline, better)
    assert (found.n, found.wins, found.ties) == (7, wins, 1)
    assert found.share == pytest.approx(wins / 7)
    ends = proportion_confint(wins, 7, method="beta")
    assert (found.low, found.high) == pytest.approx(ends)


def test_shares_of_worlds_are_said_with_their_counts() -> None:
    found = share_of_worlds([1.0, 2, 3, 9], [2.0, 4, 3, 1], "lower")
    low, high = stats.binomtest(2, 4).proportion_ci(method="exact")
    assert found.in_words("omem", "reactive", "fear") == (
        "omem beats reactive on fear in 2 of 4 parameter sets, and they are equal in 1: 50% of "
        f"such sets (95% interval {100 * low:.0f} to {100 * high:.0f}%)."
    )
    once = share_of_worlds([1.0, 2, 4], [2.0, 4, 3], "lower")
    assert once.in_words("omem", "reactive", "fear").startswith(
        "omem beats reactive on fear in 2 of 3 parameter sets: 67% of such sets (95% interval "
    )
    none = share_of_worlds([np.nan, 2.0], [1.0, np.nan], "lower")
    assert none.in_words("omem", "reactive", "fear") == (
        "omem and reactive have no parameter set in common."
    )
    assert (none.n, none.wins, none.ties) == (0, 0, 0)
    assert np.isnan([none.share, none.low, none.high]).all()
