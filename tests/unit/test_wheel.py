"""The zone rule: what is read, and when a neighbourhood moves."""

import copy
import pickle
from collections import Counter
from enum import IntEnum
from typing import Any

import numpy as np
import pytest

from omemsim.vocabulary.columns import COLUMNS
from omemsim.vocabulary.mechanisms import OFF
from omemsim.vocabulary.parameters import Act, Strengths, ZoneLimits, declarations
from omemsim.vocabulary.wheel import (
    AREA_OF_TACTIC,
    COLOURS,
    PILLAR_OF_TACTIC,
    SECTOR_OF_PRECURSOR,
    SECTOR_OF_RISK,
    SECTOR_OF_YOUNGEST,
    SHAPES,
    SOCIAL_SECTORS,
    STOCKS,
    SWITCHES,
    ZONE_OF_TACTIC,
    ZONE_TITLES,
    Area,
    CallType,
    Crime,
    Pillar,
    Precursor,
    Risk,
    Sector,
    Tactic,
    Zone,
)
from omemsim.vocabulary.zones import (
    Indicators,
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
    ordinary = {tactic for tactic in Tactic if tactic.use.zone is None}
    untaught = {tactic for tactic in Tactic if not tactic.use.takes_skill}
    assert set(ZONE_OF_TACTIC) == set(Tactic) - ordinary
    assert ordinary < untaught == {*ordinary, Tactic.TARGETED_ENFORCEMENT}
    assert set(ZONE_OF_TACTIC.values()) == set(Zone)


def test_crimes_are_the_first_call_types() -> None:
    assert [kind.name for kind in CallType][: len(Crime)] == [crime.name for crime in Crime]


NUMBERS = """patrol crime_analysis targeted_enforcement monitor_crime_reduction
initiate_problem_solving mobilize_partners problem_oriented_policing monitor_crime_prevention
liaison public_education monitor_at_risk_groups early_intervention engage_leaders consultation
monitor_hazards backup traffic directed_patrol"""
SECTORS = "mental_health addictions housing family income youth community"


@pytest.mark.parametrize(("kind", "names"), [(Tactic, NUMBERS), (Sector, SECTORS)])
def test_numbers_never_change(kind: type[IntEnum], names: str) -> None:
    """They are in stored results, and count columns by tactic and agencies of a catchment."""
    known = list(enumerate(names.split()))
    assert [(item.value, item.name.lower()) for item in kind][: len(known)] == known
    assert list(kind) == list(range(len(kind)))


def test_a_tactic_is_the_same_in_another_process_and_is_a_whole_number() -> None:
    for tactic in Tactic:
        assert pickle.loads(pickle.dumps(tactic)) is copy.deepcopy(tactic) is Tactic(tactic.value)
        assert f"{tactic}" == str(tactic.value)


def test_what_a_tactic_is_stands_in_its_declaration() -> None:
    """A few, written out by hand from the brochure, the OPP's pillars and the safety plan."""
    tactic, zone = Tactic.PUBLIC_EDUCATION, Zone.GREEN
    assert (ZONE_OF_TACTIC[tactic], PILLAR_OF_TACTIC[tactic]) == (zone, Pillar.EDUCATION)
    assert AREA_OF_TACTIC[tactic] is Area.PREVENTION
    assert {zone: [t for t in Tactic if t.use.zone is zone] for zone in Zone} == {
        Zone.RED: [1, 2, 3, 4],
        Zone.AMBER: [5, 6, 7],
        Zone.GREEN: [8, 9, 10, 11],
        Zone.BLUE: [12, 13, 14],
    }
    counts = Counter(AREA_OF_TACTIC.values()), Counter(PILLAR_OF_TACTIC.values())
    assert [counts[0][area] for area in Area] == [3, 8, 1, 6]
    assert [counts[1][pillar] for pillar in Pillar] == [8, 3, 7]


def test_every_stock_has_a_column_parameters_and_a_switch() -> None:
    columns = {c.name: c for c in COLUMNS if c.table == "neighbourhoods"}
    act = {item.path: item for item in declarations(Act)}
    for tactic, stock in STOCKS.items():
        column = columns[stock.name]
        assert (column.writer, column.low, column.high, column.dtype) == ("act", 0, 1, "f4")
        half, memory = act[f"{stock.name}_half"], act[f"{stock.name}_memory"]
        assert (half.default, memory.default) == (stock.half, stock.memory)
        assert stock.hours in half.doc
        assert stock.hours in memory.doc
        assert tactic.use.switches, f"{tactic.name}: what it builds up cannot be switched off"
    assert len({stock.name for stock in STOCKS.values()}) == len(STOCKS)


def test_tactics_switches_are_strengths_with_what_they_set() -> None:
    strengths = {item.path: item for item in declarations(Strengths)}
    for switch in SWITCHES:
        assert strengths[switch.name].doc == switch.doc
        assert OFF[switch.name] == switch.off
    assert OFF["education"] == {"feel.alert_taught": 0.0, "organize.protect_taught": 0.0}


def test_every_risk_and_every_precursor_has_one_sector() -> None:
    risks = [risk for sector in Sector for risk in sector.serves.risks]
    assert sorted(risks) == list(Risk)
    treated = [s.serves.precursor for s in Sector if s.serves.precursor is not None]
    assert sorted(treated) == list(Precursor)
    assert SECTOR_OF_RISK[Risk.HOMELESSNESS] is SECTOR_OF_PRECURSOR[Precursor.HOUSING]
    young = {p: s for p, s in SECTOR_OF_YOUNGEST.items() if s is not SECTOR_OF_PRECURSOR[p]}
    assert young == {Precursor.FAMILY: Sector.YOUTH}
    assert set(SOCIAL_SECTORS) == {*SECTOR_OF_PRECURSOR.values(), Sector.YOUTH}
