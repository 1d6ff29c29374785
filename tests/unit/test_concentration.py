"""Readings of how calls, crimes and drift concentrate: numbers worked out by hand."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from omemsim.analysis.evidence import concentration, metrics
from omemsim.analysis.evidence.concentration import (
    extra_variance,
    harmonic,
    repeat_share,
    share_of_few,
    share_of_repeats,
    share_that_holds,
    thinned_share,
)
from omemsim.inputs.config import compose_scenario
from omemsim.spin_up import spin_up
from omemsim.vocabulary.wheel import CallType, Origin, Risk


def test_the_share_of_places_that_holds_half() -> None:
    counts = np.array([0, 6, 1, 0, 3, 0, 0, 0, 0, 0])
    # 5 of 10 events: five sixths of the worst of ten places.
    assert share_that_holds(counts) == pytest.approx(5 / 6 / 10)
    assert share_that_holds(counts, 0.9) == pytest.approx(2 / 10)  # 6 + 3 of 10
    assert share_that_holds(counts, 0.95) == pytest.approx(2.5 / 10)
    assert share_that_holds(np.array([5, 5, 5, 5])) == pytest.approx(0.5)
    assert np.isnan(share_that_holds(np.zeros(4, int)))


def test_thinning_leaves_so_many_events_and_takes_none_from_nowhere() -> None:
    counts = np.array([8, 0, 2, 0])
    assert thinned_share(counts, 10) == share_that_holds(counts)
    assert thinned_share(np.array([9, 0, 0]), 2) == pytest.approx(1 / 6)  # one of two
    assert thinned_share(np.array([1, 1, 0, 0]), 1) == pytest.approx(0.5 / 4)
    assert np.isnan(thinned_share(counts, 11))
    assert np.isnan(thinned_share(counts, 0))
    many = np.full(400, 50)  # even, but 20 of 20,000 look concentrated by chance
    assert thinned_share(many, 20) < 0.05 < 0.5 == share_that_holds(many)


def test_events_at_places_with_two_or_more() -> None:
    assert repeat_share(np.array([3, 1, 1, 0, 2])) == pytest.approx(5 / 7)
    assert repeat_share(np.array([1, 1])) == 0
    assert np.isnan(repeat_share(np.zeros(3, int)))


def test_a_repeat_call_has_an_earlier_one_by_the_same_person_in_thirty_days() -> None:
    person = np.array([7, 8, 7, 7, 8, 7])
    day = np.array([40, 3, 10, 71, 33, 71])
    # Person 7: days 10, 40 (30 later), 71 (31 later), 71 again; person 8: 3, 33 (30 later).
    assert share_of_repeats(person, day) == pytest.approx(3 / 6)
    # Counted from day 34 on: 40, 71 and 71; the call of day 10 is looked back at.
    assert share_of_repeats(person, day, since=34) == pytest.approx(2 / 3)
    assert share_of_repeats(person, day, within=31, since=34) == pytest.approx(1)
    assert np.isnan(share_of_repeats(person, day, since=72))


def test_the_calls_of_a_handful_of_people_per_residents() -> None:
    person = np.repeat([1, 2, 3, 4], [10, 5, 3, 2])
    assert share_of_few(person, 20_000) == pytest.approx(1.0)  # five: all four of them
    assert share_of_few(person, 4_000) == pytest.approx(10 / 20)  # one
    assert share_of_few(person, 6_000) == pytest.approx((10 + 0.5 * 5) / 20)  # one and a half
    assert np.isnan(share_of_few(np.array([], int), 4_000))


def test_extra_variance_by_hand() -> None:
    # Rows 40 and 60, columns 40 and 60, total 100: m = 16, 24, 24, 36.
    counts = np.array([[10.0, 30.0], [30.0, 30.0]])
    squares = 4 * 36  # each is 6 from its mean
    sizes = (16**2 + 24**2 + 24**2 + 36**2) / 2
    assert extra_variance(counts) == pytest.approx((squares - 100 / 2) / sizes)
    # The town's trend is no drift: rows in proportion differ from their means by nothing.
    even = np.array([[10.0, 20.0, 30.0], [20.0, 40.0, 60.0]])
    size = ((np.outer([60, 120], [30, 60, 90]) / 180) ** 2).sum()
    assert extra_variance(even) == pytest.approx(-180 / size)
    assert np.isnan(extra_variance(np.zeros((2, 2))))


def test_poisson_counts_have_no_extra_variance_and_a_random_walk_accumulates() -> None:
    rng, hoods, years = np.random.default_rng(3), 4000, 11
    flat = rng.poisson(100, (hoods, years)).astype(float)
    assert extra_variance(flat) == pytest.approx(0, abs=2e-4)
    walk = 1e6 * np.exp(np.cumsum(rng.normal(0, 0.05, (hoods, years)), axis=1))
    two = np.mean([extra_variance(walk[:, k : k + 2]) for k in range(years - 1)])
    assert two == pytest.approx(0.05**2 / 2, rel=0.1)
    assert extra_variance(walk) / two == pytest.approx(4, rel=0.15)  # (11 + 1)/6 over 1/2
    noise = 1e6 * np.exp(rng.normal(0, 0.05, (hoods, years)))
    pairs = np.mean([extra_variance(noise[:, k : k + 2]) for k in range(years - 1)])
    assert extra_variance(noise) / pairs == pytest.approx(1, rel=0.05)


def test_the_harmonic_is_of_daily_rates() -> None:
    days = concentration.DAYS_OF_MONTHS
    assert harmonic(10.0 * days) == pytest.approx(1)  # longer months have more, at the same rate
    middle = (np.cumsum(days) - days / 2) / 365
    wave = days * np.exp(0.1 * np.cos(2 * np.pi * (middle - 0.6)))
    assert harmonic(1000 * wave) == pytest.approx(np.exp(0.2), rel=1e-6)
    assert np.isnan(harmonic(np.zeros(12)))


def test_a_crisis_call_is_a_public_one_about_mental_health() -> None:
    mental, other = int(Risk.MENTAL_HEALTH), int(Risk.NOISE)
    town: Any = SimpleNamespace(
        episodes=SimpleNamespace(
            event=np.array([11, 12, 13], np.uint64), risk=np.array([mental, other, mental])
        ),
        calls=SimpleNamespace(
            event=np.array([12, 13, 11, 99], np.uint64),
            type=np.array([CallType.DISORDER] * 3 + [CallType.SERVICE]),
            origin=np.array([Origin.PUBLIC, Origin.PUBLIC, Origin.OFFICER, Origin.PUBLIC]),
            day=np.array([1, 4, 2, 0], np.int8),
            caller=np.array([0, 2, 1, 0]),
            place=np.array([5, 6, 7, 5], np.int32),
        ),
    )
    town.residents = type("Rows", (), {"tenancy": np.array([0, 0, 3]), "__len__": lambda _: 3})()
    day, person, place = concentration.crisis_calls(town)
    assert (day.tolist(), place.tolist()) == ([4], [6])
    assert person.tolist() == [2 + 3 * 3]  # who moves in later is another person


def test_four_years_of_a_town_give_every_reading_and_leave_it_as_it_was() -> None:
    words = ["town.residents=1200", "town.neighbourhoods=4", "spin_up_years=0.2"]
    scenario = compose_scenario("small", "reactive", words)
    start = spin_up(scenario, 0)
    week = start.week
    found = concentration.crises(scenario, start, 0)
    assert start.week == week
    names = {"P28a", "P28b", "P29a", "P29b", "P35a", "P35b", "P45a", "P45b"}
    assert found.keys() == names | {"P50a", "P50b", "P50c"}
    assert np.isnan(found["P50b"])  # four neighbourhoods have no worst 5%
    assert 0 <= found["P29a"] <= 1
    assert 0 <= found["P29b"] <= 1
    assert found["P50a"] > 0
    huge = compose_scenario(
        "small", "reactive", [*words, "parameters.people.residents_per_place=300"]
    )
    there = concentration.crises(huge, spin_up(huge, 0), 0)
    assert np.isnan(there["P29a"])  # 361 residents of all ages: larger than an intersection
    assert np.isnan(there["P29b"])


def test_segments_are_put_together_to_intersections() -> None:
    """Places of 50 residents, three to an intersection; 7 and 4 of them in two neighbourhoods."""
    town: Any = SimpleNamespace(
        neighbourhoods=SimpleNamespace(
            population=np.array([350.0, 200.0]), first_place=np.array([0, 7])
        ),
        places=type(
            "Rows", (), {"neighbourhood": np.repeat([0, 1], [7, 4]), "__len__": lambda _: 11}
        )(),
    )
    assert concentration.intersections(town).tolist() == [0, 0, 0, 1, 1, 1, 2, 3, 3, 3, 4]


def test_drift_is_read_over_eleven_years() -> None:
    words = ["town.residents=600", "town.neighbourhoods=3", "spin_up_years=0.2"]
    scenario = compose_scenario("small", "reactive", words)
    found = concentration.drift(scenario, spin_up(scenario, 0), 0)
    assert found.keys() == {"P47a", "P47b"}
    assert np.isfinite(found["P47a"])


def test_the_worst_twentieth_of_neighbourhoods() -> None:
    assert metrics.share_of_top(np.array([8.0] + [1.0] * 39), 0.05) == pytest.approx(9 / 47)


def test_break_ins_are_as_many_household_crimes_as_the_source_has() -> None:
    """Of 100 at one place, 200 at a place each: of ten left a third is at the first."""
    household = np.array([100] + [1] * 200)
    all_left = concentration.repeats_of_break_ins(household, residents=1e6)
    assert all_left == pytest.approx(1 / 3)
    few = concentration.thinnings(household, 10)
    assert {int(counts.sum()) for counts in few} == {10}
    found = concentration.repeats_of_break_ins(household, residents=10 / 2.65 * 1000)
    assert found == pytest.approx(np.mean([counts[0] * (counts[0] > 1) / 10 for counts in few]))
    assert 0 < found < 0.4
