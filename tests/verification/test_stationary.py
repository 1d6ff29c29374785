"""Present practice should leave a town as the spin-up left it; where it does not, that is found."""

from __future__ import annotations

import functools

import pytest

from omemsim.inputs.config import compose_scenario
from omemsim.run import run_scenario, spin_up
from omemsim.study.drift import LITTLE, Drift, drifts_of, in_words

TOWNS, YEARS = 32, 5
MOST = 0.04  # a year: more than this in a town nobody does anything new to is a fault of the model


@functools.cache
def drifts(*words: str) -> list[Drift]:
    scenario = compose_scenario("small", "present_practice", [f"years={YEARS}", *words])
    starts = ((k, spin_up(scenario, k)) for k in range(TOWNS))
    return drifts_of([run_scenario(scenario, k, start=start) for k, start in starts])


@pytest.mark.parametrize("row", [0, 1], ids=["victimization", "red"])
def test_a_drift_under_present_practice_is_found_or_is_less_than_a_hundredth_a_year(
    row: int,
) -> None:
    one = drifts()[row]
    size = one.by_year.difference
    assert abs(size) < MOST, (one.what, size)
    # So many towns tell a hundredth from nothing: whatever is larger is said on the report.
    half = (one.by_year.high - one.by_year.low) / 2
    assert half < 1.5 * LITTLE, (one.what, half)
    if abs(size) > half and abs(size) >= LITTLE:
        assert one.what in " ".join(in_words([one], "present_practice"))


def test_a_town_that_gets_worse_every_year_is_found_out() -> None:
    worse = "events=[{what: crime, size: 0.15, from: 52}, {what: crime, size: 0.2, from: 156}]"
    harm, _ = drifts(worse)
    assert harm.is_there
    assert harm.by_year.difference > drifts()[0].by_year.difference + 0.03
    assert "victimization rises by" in in_words([harm], "present_practice")[0]
