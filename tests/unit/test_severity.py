"""Labels by severity, by hand on three neighbourhoods of unlike size, crime and visitors."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

import omemsim as om
from omemsim.analysis.diagnose import diagnose
from omemsim.analysis.severity import BOUNDS, Severity, severity_labels, severity_of
from omemsim.analysis.zone_rules import Rule
from omemsim.cli.table import COMMANDS
from omemsim.vocabulary.parameters import ZoneLimits
from tests.unit.test_diagnose_numbers import table

LIMITS = ZoneLimits(recorded_low=0.5, recorded_mid=1.0, recorded_high=2.0)
VIOLENCE = np.array([27.0, 2.0, 4.0])  # per 1,000 residents
PROPERTY = np.array([10.0, 90.0, 30.0])
POPULATION = np.array([4000.0, 1000.0, 500.0])
VISITORS = np.array([0.1, 3.0, 0.5])  # the second is a mall


def labels(**changes: Any) -> Any:
    severity = Severity(**{"violence": 100.0, "property": 20.0, **changes})
    return severity_labels(
        VIOLENCE,
        PROPERTY,
        population=POPULATION,
        visitors=VISITORS,
        limits=LIMITS,
        severity=severity,
    )


def test_weighted_crime_is_over_residents_and_the_visitors_where_they_are_many() -> None:
    found = labels()
    weighed = np.array([2900.0, 2000.0, 1000.0]) * POPULATION / 1000
    present = np.array([4000.0, 4000.0, 750.0])  # one visitor in ten residents is not many
    rate = weighed / present
    np.testing.assert_allclose(found.multiple, rate / (weighed.sum() / present.sum()))
    np.testing.assert_array_equal(found.with_visitors, [False, True, True])
    np.testing.assert_array_equal(found.is_small, [False, False, True])


def test_violence_is_red_and_a_mall_is_not_once_severity_counts() -> None:
    # Multiples of the mean per person present: 1.77, 0.31, 0.41.
    np.testing.assert_array_equal(labels().zone, [1, 2, 2])
    alike = labels(violence=1.0, property=1.0, visitors=999.0)  # plain crime over residents
    plain = (VIOLENCE + PROPERTY) / np.average(VIOLENCE + PROPERTY, weights=POPULATION)
    np.testing.assert_allclose(alike.multiple, plain)
    np.testing.assert_array_equal(alike.zone, [2, 1, 2])  # 0.80, 1.99, 0.73


def test_only_the_ratio_of_weights_matters_and_no_crime_is_no_crime() -> None:
    np.testing.assert_allclose(labels().multiple, labels(violence=50.0, property=10.0).multiple)
    assert not labels(violence=0.0, property=0.0).multiple.any()


def test_a_diagnosis_tells_the_second_label_and_small_places() -> None:
    found = diagnose(table(), LIMITS, severity=Severity(violence=100.0, property=20.0))
    rows = {row.id: row for row in found.rows}
    # 8,000, 2,000 and 400 real residents, each with as many visitors: these cancel.
    weighed = np.array([8 * 100 + 30 * 20, 14 * 100 + 60 * 20, 60 * 100 + 20 * 20], float)
    mean = np.average(weighed, weights=[8000, 2000, 400])
    for name, each in zip("abc", weighed / mean, strict=True):
        assert rows[name].severity_multiple == pytest.approx(each)
    assert [rows[name].harm_weighted for name in "abc"] == ["green", "amber", "red"]
    assert [rows[name].small for name in "abc"] == [False, False, True]
    assert rows["c"].other_rules == {Rule.HARM_WEIGHTED: "red"}
    assert "small place" in rows["c"].doubts
    assert "Zones that another rule reads otherwise: fixed limits" in found.text()
    assert "weighted by harm 1." in found.text()
    bare = diagnose(
        table(violence=None, property=None, calls=np.array([100.0, 300.0, 700.0])), LIMITS
    )
    assert {row.harm_weighted for row in bare.rows} == {""}
    assert "weighted by harm" not in bare.text()


def test_both_doors_have_the_same_weights_bounds_and_usual_values() -> None:
    usual = Severity()
    assert list(BOUNDS) == [item.name for item in fields(Severity)]
    for name, (low, high, unit) in BOUNDS.items():
        key: Any = COMMANDS["diagnose"].keys[f"severity.{name}"]
        assert (key.low, key.high, key.unit) == (low, high, unit)
        assert key.default == getattr(usual, name)
    assert severity_of(None) == usual
    assert severity_of({"violence": 7}) == Severity(violence=7.0)
    with pytest.raises(om.InputError) as refused:
        severity_of({"violent": 3, "property": -1})
    assert len(refused.value.problems) == 2
