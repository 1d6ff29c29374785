"""Four rules on the same records by hand, kinds of doubt, and cells that are not a number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from omemsim.analysis.diagnose import diagnose
from omemsim.analysis.doubts import Doubt
from omemsim.analysis.severity import Severity
from omemsim.analysis.zone_rules import USUAL_RECORDED, Rule, absolute_lines
from omemsim.inputs.blueprint import Between, Blueprint
from omemsim.vocabulary.parameters import ZoneLimits
from tests.unit.test_diagnose_numbers import table

LIMITS = ZoneLimits(recorded_low=0.5, recorded_mid=1.1, recorded_high=1.8)


def zones(blueprint: Blueprint, rule: Rule) -> list[str]:
    rows = {row.id: row for row in diagnose(blueprint, LIMITS).rows}
    return [rows[own].by_rule[rule] for own in "abc"]


def test_a_calm_town_has_no_red_by_fixed_limits_and_a_rough_one_no_green() -> None:
    # 38, 74 and 80 crimes per 1,000; amber from 51.15, red from 83.7.
    assert absolute_lines(LIMITS)[1:] == pytest.approx((51.15, 83.7))
    assert zones(table(), Rule.ABSOLUTE) == ["green", "amber", "amber"]
    half = table(violence=table().violence / 2, property=table().property / 2)
    assert zones(half, Rule.ABSOLUTE) == ["green", "green", "green"]
    twice = table(violence=2 * table().violence, property=2 * table().property)
    assert zones(twice, Rule.ABSOLUTE) == ["amber", "red", "red"]
    for scaled in (half, twice):  # against the town's own mean nothing has changed
        assert zones(scaled, Rule.RELATIVE) == ["green", "amber", "amber"]


def test_offences_that_the_table_lacks_are_added_before_fixed_limits() -> None:
    # 8/.5 + 30/.5 = 76; 14/.5 + 60/.5 = 148; 160.
    assert zones(table(coverage=(0.5, 0.5)), Rule.ABSOLUTE) == ["amber", "red", "red"]
    assert zones(table(coverage=(0.5, 0.5)), Rule.RELATIVE) == ["green", "amber", "amber"]


def test_calls_count_by_fixed_limits_and_alone_on_one_axis() -> None:
    calls = np.array([100.0, 300.0, 700.0])
    called = table(calls=calls)
    assert zones(called, Rule.ONE_AXIS) == ["blue", "green", "red"]
    assert zones(called, Rule.ABSOLUTE) == ["green", "amber", "red"]
    assert zones(called, Rule.RELATIVE) == ["green", "amber", "amber"]


def test_a_rule_says_nothing_where_its_numbers_are_not_in_the_table() -> None:
    only = table(property=None)
    assert {rule: zones(only, rule) for rule in Rule} == {
        Rule.ABSOLUTE: ["", "", ""],
        Rule.RELATIVE: ["green", "amber", "red"],  # 8, 14, 60 over their mean of 11.2
        Rule.ONE_AXIS: ["", "", ""],
        Rule.HARM_WEIGHTED: ["green", "amber", "red"],
    }
    bare = table(violence=None, property=None, calls=np.array([100.0, 300.0, 700.0]))
    assert zones(bare, Rule.RELATIVE) == ["", "", ""]
    assert zones(bare, Rule.ABSOLUTE) == ["green", "green", "red"]


def kinds(blueprint: Blueprint, **more: Any) -> dict[str, set[Doubt]]:
    found = diagnose(blueprint, LIMITS, severity=Severity(**more))
    return {row.id: set(row.kinds_of_doubt) for row in found.rows}


def test_each_kind_of_doubt_is_where_it_belongs() -> None:
    whole = table(calls=np.array([90.0, 300.0, 300.0]), visitors=np.array([0.1, 2.0, 0.1]))
    found = kinds(whole)
    assert Doubt.SMALL in found["c"]  # 400 real residents
    assert Doubt.SMALL not in found["a"] | found["b"]
    assert [own for own in "abc" if Doubt.VISITORS in found[own]] == ["b"]
    assert not any(Doubt.MISSING in each for each in found.values())
    assert all(Doubt.MISSING in each for each in kinds(table()).values())
    assert Doubt.COUNTS in found["c"]
    assert Doubt.COUNTS not in found["a"]
    # By harm c is red, and b's visitors, if they count, make a amber.
    assert Doubt.RULES in found["a"] & found["c"]
    without = kinds(whole, visitors=100.0)
    assert Doubt.RULES in without["c"]
    assert Doubt.RULES not in without["a"]  # blue by one axis beside green is no other need
    low = table(
        violence=np.array([2.0, 14.0, 60.0]),
        property=np.array([10.0, 60.0, 20.0]),
        calls=np.array([90.0, 300.0, 300.0]),
    )
    assert Doubt.CAPACITY in kinds(low)["a"]
    assert Doubt.CAPACITY not in found["a"]  # its calls are low, its crime is not


def test_a_cell_without_a_number_is_doubted_and_makes_a_zone_less_sure() -> None:
    crime = np.array([38.0, 74.0, 80.0])
    wide = Between(low=crime * (1, 0.2, 1), high=crime * (1, 1.8, 1))
    certain, unsure = (
        {row.id: row for row in diagnose(one, LIMITS).rows}
        for one in (table(), table(between=wide))
    )
    assert Doubt.FILLED in unsure["b"].kinds_of_doubt
    assert Doubt.FILLED not in certain["b"].kinds_of_doubt + unsure["a"].kinds_of_doubt
    assert unsure["b"].zone == certain["b"].zone == "amber"
    assert unsure["b"].sure < certain["b"].sure - 0.2
    # Uniform from 14.8 to 133.2: amber between 51.15 and 83.7 of the mean of 46.5.
    expected = (1.8 * 46.4615 - 1.1 * 46.4615) / (1.6 * 74)
    assert unsure["b"].sure == pytest.approx(expected, abs=0.04)
    assert unsure["a"].sure == pytest.approx(certain["a"].sure, abs=0.02)


def test_names_that_repeat_have_their_identifier_beside_them() -> None:
    rows = {row.id: row for row in diagnose(table(names=["Elm", "Elm", "Oak"]), LIMITS).rows}
    assert [rows[own].label for own in "abc"] == ["Elm (a)", "Elm (b)", "Oak"]
    assert rows["a"].name == "Elm"


def test_those_that_need_most_come_first_by_calls_too() -> None:
    calls = np.array([640.0, 410.0, 300.0])
    bare = table(violence=None, property=None, calls=calls, population=np.full(3, 2000.0))
    rows = diagnose(bare, LIMITS).rows
    assert [(row.rank, row.id) for row in rows] == [(1, "a"), (2, "b"), (3, "c")]


def test_the_usual_rate_is_the_middle_of_what_is_known() -> None:
    assert pytest.approx((35 + 58) / 2) == USUAL_RECORDED
