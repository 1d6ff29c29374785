"""Zones of a table of unlike neighbourhoods: per resident, of the real town, by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy import stats

from omemsim.analysis.diagnose import diagnose
from omemsim.inputs.blueprint import Blueprint
from omemsim.vocabulary.parameters import ZoneLimits

LIMITS = ZoneLimits(
    recorded_low=0.5,
    recorded_mid=1.1,
    recorded_high=1.8,
    calls_low=150.0,
    calls_mid=400.0,
    calls_high=650.0,
)
# At a scale of 1:4: 8,000, 2,000 and 400 real residents.
POPULATION = np.array([2000.0, 500.0, 100.0])


def table(**changes: Any) -> Blueprint:
    ones = np.ones(3)
    base: dict[str, Any] = {
        "name": "made",
        "ids": ["a", "b", "c"],
        "names": ["Alma", "Birch", "Cedar"],
        "residents": np.array([1600, 420, 90]),
        "population": POPULATION,
        "deprivation": ones / 2,
        "visitors": ones,
        "businesses": ones,
        "moving": ones / 8,
        "xy": np.zeros((3, 2)),
        "area": ones,
        "adjacency": np.zeros((0, 2), np.int32),
        "violence": np.array([8.0, 14.0, 60.0]),
        "property": np.array([30.0, 60.0, 20.0]),
        "scale": 4.0,
    }
    return Blueprint(**base | changes)


RECORDED = np.array([38.0, 74.0, 80.0])
MEAN = (RECORDED * POPULATION).sum() / POPULATION.sum()  # per resident: 46.5, and not 64


def test_crime_is_a_multiple_of_the_mean_per_resident() -> None:
    rows = {row.id: row for row in diagnose(table(), LIMITS).rows}
    for place, own in enumerate("abc"):
        row = rows[own]
        assert row.recorded == pytest.approx(RECORDED[place])
        assert row.multiple == pytest.approx(RECORDED[place] / MEAN)
        assert row.population == 4 * POPULATION[place]
        assert np.isnan(row.calls)
    assert [rows[x].zone for x in "abc"] == ["green", "amber", "amber"]
    assert [row.id for row in diagnose(table(), LIMITS).rows] == ["c", "b", "a"]


def test_a_label_is_as_sure_as_poisson_counts_of_the_real_residents() -> None:
    found = diagnose(table(), LIMITS, seed=3)
    rows = {row.id: row for row in found.rows}
    for place, own in enumerate("abc"):
        thousands = 4 * POPULATION[place] / 1000
        years = stats.poisson(RECORDED[place] * thousands)
        ends = np.array([LIMITS.recorded_mid, LIMITS.recorded_high]) * MEAN * thousands
        below = years.cdf(np.ceil(ends) - 1)
        chance = below[0] if rows[own].zone == "green" else below[1] - below[0]
        assert rows[own].sure == pytest.approx(chance, abs=0.035), own


def test_calls_are_redrawn_as_counts_too() -> None:
    calls = np.array([390.0, 380.0, 390.0])
    bare = table(violence=None, property=None, calls=calls)
    rows = {row.id: row for row in diagnose(bare, LIMITS).rows}
    for place, own in enumerate("abc"):
        thousands = 4 * POPULATION[place] / 1000
        chance = stats.poisson.cdf(np.ceil(400 * thousands) - 1, calls[place] * thousands)
        assert rows[own].zone == "green"
        assert rows[own].sure == pytest.approx(chance, abs=0.035), own
        assert np.isnan(rows[own].multiple)


def test_a_likelier_zone_is_the_one_most_often_read() -> None:
    one = table(population=np.array([2000.0, 500.0, 5.0]), property=np.array([30.0, 60.0, 1.0]))
    limits = dataclasses.replace(LIMITS, recorded_mid=1.3, recorded_high=1.5)
    row = next(x for x in diagnose(one, limits).rows if x.id == "c")
    # 20 residents have 1.22 crimes a year; none gives green, one is 50 per 1,000, amber or less.
    mean = np.average([38.0, 74, 61], weights=[2000.0, 500, 5])
    shares = stats.poisson.pmf([0, 1], 61 * 0.02)
    assert row.multiple == pytest.approx(61 / mean)
    zone_of_one = 50 / mean
    green = shares[0] + (shares[1] if zone_of_one < 1.3 else 0)
    assert (row.zone, row.likelier) == ("amber", "green")
    assert row.likelier_share == pytest.approx(green, abs=0.035)


def test_what_tips_a_zone_is_the_least_change_of_either_number() -> None:
    calls = np.array([390.0, 100.0, 410.0])
    rows = {row.id: row for row in diagnose(table(calls=calls), LIMITS).rows}
    times = RECORDED / MEAN
    assert rows["a"].tipped_by == (
        f"recorded crime {times[0]:.2f} x the mean and 390 calls per 1,000; "
        f"amber if the call rate rises {400 / 390 - 1:.0%}"
    )
    assert rows["b"].tipped_by == (
        f"recorded crime {times[1]:.2f} x the mean; red if crime rises {1.8 / times[1] - 1:.0%}"
    )
    assert rows["c"].tipped_by.endswith(f"red if crime rises {1.8 / times[2] - 1:.0%}")
