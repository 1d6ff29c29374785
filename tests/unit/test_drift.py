"""The drift of a town by itself, against courses whose slopes are known."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from omemsim.study.drift import Drift, drifts_of, drifts_of_a_run, in_words
from omemsim.study.statistics import Difference

WEEKS = np.arange(13, 53 * 4 + 1, 13)  # 52, 104, 156, 208 end the years; four records in each


def run(harm: Any, red: Any, weeks: Any = WEEKS) -> Any:
    """Return a run with these yearly means; of four neighbourhoods so many are red."""
    year = (weeks - 1) // 52
    season = np.tile([30.0, -10.0, -30.0, 10.0], 20)[: weeks.size]
    course = np.take([*harm, 999.0], year) + season
    zones = np.array([[0] * r + [2] * (4 - r) for r in np.take([*red, 4], year)])
    return SimpleNamespace(
        weeks=weeks,
        values={"true_zone": zones, "victimization": course},
        town_value=lambda name: course if name == "victimization" else None,
    )


def test_a_drift_is_the_slope_of_yearly_means_whatever_the_season() -> None:
    found = drifts_of_a_run(run([200, 206, 209, 217], [0, 1, 1, 3]))
    slope = np.polyfit(range(4), [200, 206, 209, 217], 1)[0]
    assert found["victimization"] == pytest.approx(slope / 208)
    assert found["red"] == pytest.approx(np.polyfit(range(4), [0, 0.25, 0.25, 0.75], 1)[0])


def test_a_part_of_a_year_is_left_out_and_two_years_say_nothing() -> None:
    longer = np.append(WEEKS, [221, 234])
    whole = drifts_of_a_run(run([200, 206, 209, 217], [0, 1, 1, 3]))
    assert drifts_of_a_run(run([200, 206, 209, 217], [0, 1, 1, 3], longer)) == whole
    assert drifts_of_a_run(run([200, 206, 209], [0, 1, 1], WEEKS[:11])) == {}
    assert drifts_of([run([200, 206, 209], [0, 1, 1], WEEKS[:11])]) == []


def test_a_drift_of_one_in_a_hundred_that_no_interval_doubts_is_said() -> None:
    rising = [run([200, 204, 208, 212 + k], [1, 1, 1, 1]) for k in range(3)]
    harm, red = drifts_of(rising)
    assert (harm.what, harm.is_there, red.is_there) == ("victimization", True, False)
    (said,) = in_words([harm, red], "present_practice")
    size = harm.by_year.difference
    assert f"under present_practice alone victimization rises by {size:.1%} of its mean" in said
    assert "red" not in said
    falling = drifts_of(
        [run([200, 196, 192, 188], [3, 2, 1, 0]), run([200, 196, 191, 188], [3] * 4)]
    )
    assert "victimization falls by 2.1% of its mean a year" in in_words(falling, "omem")[0]


@pytest.mark.parametrize(
    ("mean", "low", "high", "is_there"),
    [
        (0.02, 0.001, 0.039, True),
        (-0.02, -0.039, -0.001, True),
        (0.02, -0.001, 0.041, False),
        (0.009, 0.008, 0.010, False),
        (0.01, 0.008, 0.012, True),
    ],
)
def test_what_is_small_or_in_doubt_is_not_said(
    mean: float, low: float, high: float, is_there: bool
) -> None:
    one = Drift("red", Difference(5, mean, 0.0, mean, low, high))
    assert one.is_there is is_there
    assert len(in_words([one], "reactive")) == is_there
