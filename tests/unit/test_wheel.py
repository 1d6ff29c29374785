"""The zone rule: what is read, and when a neighbourhood moves."""

from typing import Any

import numpy as np
import pytest

from omemsim.vocabulary.parameters import ZoneLimits
from omemsim.vocabulary.wheel import (
    COLOURS,
    ORDINARY,
    SHAPES,
    UNTAUGHT,
    ZONE_OF_TACTIC,
    ZONE_TITLES,
    CallType,
    Crime,
    Indicators,
    Tactic,
    Zone,
    move_zone,
    one_axis_zone,
    read_zone,
    relative_zone,
)

LIMITS = ZoneLimits()
MANY = 1_000_000.0  # records: their Poisson margin is nothing


def seen(**values: Any) -> Indicators:
    """Return indicators of one neighbourhood: blue unless told otherwise."""
    best = {"calls": 100, "harm": 0.3, "repeat": 0.1, "capacity": 0.9, "community_led": 0.9}
    numbers = {**best, "trust": 0.7, "n_calls": MANY, "n_harm": MANY, **values}
    return Indicators(**{name: np.array([value], float) for name, value in numbers.items()})


def zone_of(shift: float = 0, true_harm: bool = False, **values: Any) -> Zone:
    return Zone(int(read_zone(seen(**values), LIMITS, true_harm=true_harm, shift=shift)[0]))


@pytest.mark.parametrize(
    ("calls", "zone"),
    [(199.9, "BLUE"), (200, "GREEN"), (399.9, "GREEN"), (400, "AMBER"), (650, "RED")],
)
def test_calls_read_from_the_line_on(calls: float, zone: str) -> None:
    assert zone_of(calls=calls) is Zone[zone]
    assert one_axis_zone(np.array([calls]), LIMITS)[0] == Zone[zone]


@pytest.mark.parametrize(
    ("harm", "zone"), [(0.55, "BLUE"), (0.56, "GREEN"), (1.12, "AMBER"), (1.68, "RED")]
)
def test_recorded_harm_reads_as_a_multiple(harm: float, zone: str) -> None:
    assert zone_of(harm=harm) is Zone[zone]


@pytest.mark.parametrize(
    ("harm", "zone"), [(149, "BLUE"), (150, "GREEN"), (300, "AMBER"), (450, "RED")]
)
def test_true_harm_reads_as_a_rate(harm: float, zone: str) -> None:
    assert zone_of(true_harm=True, harm=harm) is Zone[zone]


def test_the_worse_of_calls_and_harm_decides() -> None:
    assert zone_of(calls=700, harm=0.1) is Zone.RED
    assert zone_of(calls=10, harm=1.2) is Zone.AMBER


@pytest.mark.parametrize("lacking", [{"capacity": 0.69}, {"community_led": 0.59}])
def test_blue_needs_a_community_that_leads(lacking: dict[str, float]) -> None:
    assert zone_of() is Zone.BLUE
    assert zone_of(**lacking) is Zone.GREEN


def test_capacity_does_not_save_a_place_in_need() -> None:
    assert zone_of(calls=700, capacity=1, community_led=1) is Zone.RED


def test_repeat_calls_make_green_amber_but_leave_blue() -> None:
    assert zone_of(calls=300, repeat=0.34) is Zone.GREEN
    assert zone_of(calls=300, repeat=0.35) is Zone.AMBER
    assert zone_of(calls=500, repeat=0.35) is Zone.AMBER
    assert zone_of(repeat=0.35) is Zone.BLUE


def test_a_shift_asks_for_the_margin_on_either_side() -> None:
    assert [zone_of(shift, calls=385) for shift in (-1, 0, 1)] == [
        Zone.AMBER,
        Zone.GREEN,
        Zone.GREEN,
    ]
    assert [zone_of(shift, calls=415) for shift in (-1, 0, 1)] == [
        Zone.AMBER,
        Zone.AMBER,
        Zone.GREEN,
    ]


def test_few_records_widen_the_margin() -> None:
    # 16 calls have a standard deviation of a quarter: 500 - 125 is then not past 400.
    assert zone_of(1, calls=532, n_calls=16) is Zone.GREEN
    assert zone_of(1, calls=534, n_calls=16) is Zone.AMBER


def test_a_place_without_any_crime_is_past_every_line() -> None:
    assert zone_of(-1, calls=0, n_calls=0, harm=0, n_harm=0) is Zone.BLUE


def move(
    zone: Zone,
    past: int,
    quarter: Indicators | None = None,
    limits: ZoneLimits = LIMITS,
    **values: Any,
) -> Any:
    window = seen(**values)
    labels, weeks = move_zone(
        np.array([zone], np.int8),
        np.array([past], np.int32),
        window=window,
        quarter=quarter or window,
        limits=limits,
        weeks=13,
        true_harm=False,
    )
    return Zone(int(labels[0])), int(weeks[0])


def test_up_takes_two_quarters_and_one_step() -> None:
    assert move(Zone.RED, 0, calls=100) == (Zone.RED, 13)
    assert move(Zone.RED, 13, calls=100) == (Zone.AMBER, 0)


def test_up_waits_for_the_last_quarter() -> None:
    assert move(Zone.RED, 13, seen(calls=800), calls=100) == (Zone.RED, 26)


def test_time_past_the_line_starts_anew_after_a_relapse() -> None:
    assert move(Zone.RED, 13, calls=700) == (Zone.RED, 0)


def test_amber_becomes_green_only_where_police_are_trusted() -> None:
    assert move(Zone.AMBER, 13, calls=300, trust=0.49) == (Zone.AMBER, 0)
    assert move(Zone.AMBER, 13, calls=300, trust=0.5) == (Zone.GREEN, 0)
    assert move(Zone.RED, 13, calls=300, trust=0.0) == (Zone.AMBER, 0)


def test_without_a_wait_the_window_and_trust_are_still_asked() -> None:
    at_once = ZoneLimits(weeks_up=0)
    assert move(Zone.AMBER, 0, limits=at_once, calls=300) == (Zone.GREEN, 0)
    assert move(Zone.AMBER, 0, limits=at_once, calls=300, trust=0.1)[0] is Zone.AMBER
    assert move(Zone.AMBER, 0, seen(calls=100), at_once, calls=410)[0] is Zone.AMBER


def test_down_is_at_once_and_all_the_way() -> None:
    assert move(Zone.BLUE, 13, calls=800) == (Zone.RED, 0)


def test_down_needs_the_margin() -> None:
    assert move(Zone.GREEN, 0, calls=439) == (Zone.GREEN, 0)
    assert move(Zone.GREEN, 0, calls=441) == (Zone.AMBER, 0)


def test_relative_zones_compare_with_the_town() -> None:
    # Mean 346, standard deviation 172: -1.4, -0.3, 0.7 and 2.6 deviations.
    calls = np.array([100.0, *[300] * 7, 460, 800])
    expected = [Zone.BLUE, *[Zone.GREEN] * 7, Zone.AMBER, Zone.RED]
    assert relative_zone(calls).tolist() == expected
    assert relative_zone(calls * 9).tolist() == expected


def test_a_town_of_equals_has_no_relative_reds() -> None:
    assert set(relative_zone(np.full(4, 300.0)).tolist()) == {Zone.GREEN}


def test_zones_are_ordered_from_worst_to_best() -> None:
    assert sorted(Zone) == [Zone.RED, Zone.AMBER, Zone.GREEN, Zone.BLUE]
    assert set(ZONE_TITLES) == set(COLOURS) == set(SHAPES) == set(Zone)
    assert len(set(COLOURS.values())) == len(set(SHAPES.values())) == len(Zone)


def test_every_zone_has_tactics_and_every_tactic_but_ordinary_work_a_zone() -> None:
    assert len(ZONE_OF_TACTIC) == 14
    assert set(ZONE_OF_TACTIC) == set(Tactic) - set(ORDINARY)
    assert set(ORDINARY) < set(UNTAUGHT) == {*ORDINARY, Tactic.TARGETED_ENFORCEMENT}
    assert set(ZONE_OF_TACTIC.values()) == set(Zone)


def test_crimes_are_the_first_call_types() -> None:
    assert [kind.name for kind in CallType][: len(Crime)] == [crime.name for crime in Crime]
