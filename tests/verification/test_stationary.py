"""Present practice leaves a town as the spin-up left it: less than a hundredth changes a year.

Power: towns are spun up with their own random numbers, so their slopes over eight years differ by
about 2.5% of the mean victimization a year. The mean of 48 has a 95% interval of about 0.7 points
to either side; a drift of 1.6% a year, as where the spin-up was of police who answer calls only
(the first three years alone: 3%), lies outside it with a probability above 0.98.
"""

from __future__ import annotations

import functools

import numpy as np
import pytest

from omemsim.inputs.config import compose_scenario
from omemsim.run import run_scenario, spin_up
from omemsim.series import Series
from omemsim.study.drift import LITTLE, Drift, drifts_of, in_words
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

TOWNS, YEARS = 48, 8
RECORDED = "record.measures=[victimization, true_zone, trust]"


@functools.cache
def runs(*words: str) -> list[Series]:
    words = (f"years={YEARS}", "record.every=13", RECORDED, *words)
    scenario = compose_scenario("small", "present_practice", list(words))
    return [run_scenario(scenario, k, start=spin_up(scenario, k)) for k in range(TOWNS)]


@functools.cache
def drifts(*words: str) -> list[Drift]:
    return drifts_of(runs(*words))


def yearly(measure: str) -> np.ndarray:
    """Return the mean of a measure in each year, (towns, years)."""
    quarters = WEEKS_PER_YEAR // 13
    return np.array([x.town_value(measure).reshape(-1, quarters).mean(axis=1) for x in runs()])


@pytest.mark.parametrize("row", [0, 1], ids=["victimization", "red"])
def test_present_practice_changes_less_than_a_hundredth_a_year(row: int) -> None:
    one = drifts()[row]
    size = one.by_year.difference
    half = (one.by_year.high - one.by_year.low) / 2
    assert half < LITTLE, (one.what, half)  # so many towns tell a hundredth from nothing
    assert abs(size) < LITTLE, (one.what, size)
    assert not one.is_there
    assert in_words([one], "present_practice") == []


def test_the_first_year_is_like_the_others() -> None:
    """A novelty that wears off shows in the first year, and hardly in a slope over eight."""
    harm = yearly("victimization")
    gap = (harm[:, 0] - harm[:, 1:].mean(axis=1)) / harm.mean()
    error = gap.std(ddof=1) / np.sqrt(gap.size)
    assert error < 0.02
    assert abs(gap.mean()) < max(2.5 * error, 0.02)


def test_a_town_that_gets_worse_every_year_is_found_out() -> None:
    worse = "events=[{what: crime, size: 0.15, from: 52}, {what: crime, size: 0.2, from: 156}]"
    harm, _ = drifts(worse)
    assert harm.is_there
    assert harm.by_year.difference > drifts()[0].by_year.difference + 0.02
    assert "victimization rises by" in in_words([harm], "present_practice")[0]
