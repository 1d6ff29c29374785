"""Numbers of a table of unlike neighbourhoods: which column, year, weight and denominator."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.geography import areas, project
from omemsim.inputs.regression import design_of, shrunken_rates
from omemsim.inputs.tables import guess_columns, read_blueprint, read_panel, table_years

HEADER = (
    "hood,year,people,adults,kids,homes,assault,robbery,theft,calls911,poor,income,movers,"
    "guests,firms"
)
# Two years, whose rows stand in another order, of three neighbourhoods of unlike size.
ROWS = [
    "A,2020,1000,800,30,400,10,2,40,500,12.5,50000,10,300,45",
    "B,2020,2000,1700,10,900,4,1,10,300,3.0,90000,20,900,20",
    "C,2020,500,450,20,100,2,0,5,250,8.0,70000,5,50,30",
    "C,2021,600,500,25,110,9,1,15,200,9.0,65000,6,60,36",
    "A,2021,1100,850,28,420,20,4,70,600,11.0,52000,12,330,55",
    "B,2021,2500,2000,12,950,5,5,20,450,6.0,95000,22,1000,25",
]
COLUMNS: dict[str, Any] = {
    "id": "hood",
    "year": "year",
    "population": "people",
    "violence": ["assault", "robbery"],
    "property": "theft",
    "deprivation": {"poor": 2, "income": -1},
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "town.csv"
    path.write_text("\n".join([HEADER, *ROWS]) + "\n", encoding="utf-8")
    return path


def config(file: Path, columns: dict[str, Any] | None = None, **changes: Any) -> Any:
    base = {
        "name": "made",
        "file": str(file),
        "columns": COLUMNS | (columns or {}),
        "adjacency": None,
        "polygons": None,
        "year": None,
        "since": None,
        "shrink": False,
        "coverage_violence": 1.0,
        "coverage_property": 1.0,
        "scale": 1.0,
        "sheet": None,
        "suppressed": None,
        "totals": "drop",
    }
    return SimpleNamespace(**(base | changes))


def town(file: Path, columns: dict[str, Any] | None = None, **changes: Any) -> Blueprint:
    return read_blueprint(config(file, columns, **changes))


PEOPLE = np.array([600.0, 1100.0, 2500.0])  # C, A, B in 2021


def test_rates_are_sums_of_columns_per_resident_of_the_same_year(file: Path) -> None:
    found = town(file)
    assert found.ids == ["C", "A", "B"]
    np.testing.assert_allclose(found.violence, 1000 * np.array([10, 24, 10]) / PEOPLE)
    np.testing.assert_allclose(found.property, 1000 * np.array([15, 70, 20]) / PEOPLE)
    earlier = town(file, year=2020)
    np.testing.assert_allclose(earlier.violence, [12, 5 / 2, 4])


def test_pooled_rates_are_all_years_crimes_over_all_years_residents(file: Path) -> None:
    found = town(file, since=2020)
    assert found.ids == ["C", "A", "B"]
    pooled = np.array([12 / 1100, 36 / 2100, 15 / 4500])
    np.testing.assert_allclose(found.violence, 1000 * pooled)
    np.testing.assert_allclose(found.property, 1000 * np.array([20 / 1100, 110 / 2100, 30 / 4500]))
    np.testing.assert_array_equal(found.population, PEOPLE)


def test_a_panel_lays_every_year_in_the_order_of_the_first(file: Path) -> None:
    found = read_panel(config(file), [2020, 2021], extra=["guests"])
    assert (found.ids, found.years) == (["A", "B", "C"], [2020, 2021])
    np.testing.assert_array_equal(found.population, [[1000, 2000, 500], [1100, 2500, 600]])
    np.testing.assert_array_equal(found.counts["violence"], [[12, 5, 2], [24, 10, 10]])
    np.testing.assert_array_equal(found.extra["guests"], [[300, 900, 50], [330, 1000, 60]])
    assert table_years(config(file)) == [2020, 2021]


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("population_15", "adults", [500, 850, 2000]),
        ("pct_0_14", "kids", PEOPLE * [0.75, 0.72, 0.88]),
        ("population_15", {"columns": "homes", "times": 2}, [220, 840, 1900]),
    ],
)
def test_residents_15_are_counted_or_what_children_leave(
    file: Path, name: str, source: Any, expected: Any
) -> None:
    found = town(file, {name: source}, scale=2)
    np.testing.assert_array_equal(found.residents, np.rint(np.array(expected) / 2))
    np.testing.assert_array_equal(found.population, PEOPLE / 2)


def test_rates_per_resident_of_what_is_counted(file: Path) -> None:
    columns = {"visitors": "guests", "businesses": "firms", "calls": "calls911", "moving": "movers"}
    found = town(file, columns, scale=5)
    np.testing.assert_allclose(found.visitors, np.array([60, 330, 1000]) / PEOPLE)
    np.testing.assert_allclose(found.businesses, 1000 * np.array([36, 55, 25]) / PEOPLE)
    np.testing.assert_allclose(found.calls, 1000 * np.array([200, 600, 450]) / PEOPLE)
    np.testing.assert_allclose(found.moving, [0.06, 0.12, 0.22])


def test_a_rate_becomes_a_count_of_what_it_is_per(file: Path) -> None:
    per_home = {"columns": "movers", "per": 100, "of": "households"}
    found = town(file, {"households": "homes", "businesses": per_home})
    firms = np.array([6 * 110, 12 * 420, 22 * 950]) / 100
    np.testing.assert_allclose(found.businesses, 1000 * firms / PEOPLE)
    found = town(file, {"businesses": {"columns": "movers", "times": 3, "per": 1000}})
    np.testing.assert_allclose(found.businesses, [18, 36, 66])
    found = town(file, {"visitors": {"assume": 250, "per": 1000}})
    np.testing.assert_allclose(found.visitors, [0.25, 0.25, 0.25])


def test_deprivation_ranks_weighted_means_of_z_scores(tmp_path: Path) -> None:
    rows = [
        ("A", 1000, 22.0, 73000, 6.9),
        ("B", 2000, 3.0, 65000, 6.5),
        ("C", 500, 23.0, 40000, 5.6),
        ("D", 800, 14.0, 45000, 7.8),
        ("E", 700, 10.0, 77000, 5.9),
    ]
    path = tmp_path / "five.csv"
    lines = [",".join(map(str, (*row, 3, 4))) for row in rows]
    path.write_text("\n".join(["hood,people,poor,income,alone,assault,theft", *lines]) + "\n")
    weights = {"poor": 2, "income": -1, "alone": 0.5}
    columns = {**COLUMNS, "violence": "assault", "deprivation": weights}
    columns.pop("year")
    found = read_blueprint(_of(path, columns))
    each = np.array([row[2:] for row in rows]).T
    score = sum(w * stats.zscore(x) for w, x in zip(weights.values(), each, strict=True))
    expected = (stats.rankdata(score) - 1) / 4
    np.testing.assert_allclose(found.deprivation, expected)
    # Neither the plain sum, nor equal weights, nor one indicator alone would rank them so.
    for other in (
        sum(w * x for w, x in zip(weights.values(), each, strict=True)),
        sum(np.sign(w) * stats.zscore(x) for w, x in zip(weights.values(), each, strict=True)),
        each[0],
        -each[1],
    ):
        assert ((stats.rankdata(other) - 1) / 4 != expected).any()


def _of(path: Path, columns: dict[str, Any]) -> Any:
    made = config(path)
    made.columns = columns
    return made


def test_without_indicators_all_recorded_crime_per_resident_is_ranked(file: Path) -> None:
    found = town(file, {"deprivation": None})
    rate = np.array([25, 94, 30]) / PEOPLE
    np.testing.assert_allclose(found.deprivation, (stats.rankdata(rate) - 1) / 2)


def test_an_empty_count_has_the_median_rate_and_an_empty_share_the_median(tmp_path: Path) -> None:
    rows = ["A,1000,50,1,2,10", "B,4000,,1,2,", "C,500,5,1,2,30", "D,200,30,1,2,40"]
    path = tmp_path / "gaps.csv"
    path.write_text("\n".join(["hood,people,firms,assault,theft,movers", *rows]) + "\n")
    columns = {
        "id": "hood",
        "population": "people",
        "businesses": "firms",
        "violence": "assault",
        "property": "theft",
        "moving": "movers",
    }
    found = read_blueprint(_of(path, columns))
    np.testing.assert_allclose(found.businesses, [50, 50, 10, 150])  # the median of 50, 10, 150
    np.testing.assert_allclose(found.moving, [0.1, 0.3, 0.3, 0.4])


def test_areas_are_assumed_from_residents_and_a_grid_is_as_wide(file: Path) -> None:
    found = town(file)
    np.testing.assert_allclose(found.area, PEOPLE / 3000)
    spacing = 1000 * np.sqrt(found.area.mean())
    np.testing.assert_allclose(found.xy, [[0, 0], [spacing, 0], [0, spacing]])


def test_degrees_become_metres_shorter_east_than_north() -> None:
    lon, lat = np.array([-79.5, -79.1, -79.4]), np.array([43.5, 44.1, 43.6])
    found = project(lon, lat)
    metres = 6_371_008.8 * np.pi / 180
    np.testing.assert_allclose(found[:, 1], metres * (lat - lat.mean()))
    np.testing.assert_allclose(
        found[:, 0], metres * np.cos(np.radians(lat.mean())) * (lon - lon.mean())
    )
    ring = np.array([[0.0, 60.0], [0.2, 60.0], [0.2, 60.1], [0.0, 60.1], [0.0, 60.0]])
    middle = np.radians(ring[:, 1].mean())
    expected = 0.2 * 0.1 * (metres / 1000) ** 2 * np.cos(middle)
    assert areas([[ring]], in_degrees=True) == pytest.approx([expected])
    assert areas([[ring * 1000]], in_degrees=False) == pytest.approx([0.02])


def test_the_latest_of_dated_columns_is_taken() -> None:
    header = [
        *("HOOD_ID", "POPULATION_2019", "POPULATION_2024", "POPULATION_2021", "CALLS_2020"),
        *("CALLS_2022", "ASSAULT_2023", "ASSAULT_2024", "ROBBERY_2024", "ASSAULT_RATE_2024"),
        *("THEFT_2022", "THEFT_2024", "MEDIAN_INCOME"),
    ]
    found = guess_columns(header)
    assert found["population"] == "POPULATION_2024"
    assert found["calls"] == "CALLS_2022"
    assert found["violence"] == ["ASSAULT_2024", "ROBBERY_2024"]
    assert found["property"] == ["THEFT_2024"]
    assert found["deprivation"] == {"MEDIAN_INCOME": -1.0}


def test_shrunken_rates_pool_own_years_with_the_last_year_s_columns(file: Path) -> None:
    poor = {"deprivation": "poor"}
    found = town(file, poor, since=2020, shrink=True)
    design = design_of([np.array([9.0, 11.0, 6.0])], 3)  # C, A, B in 2021
    people = np.array([[500.0, 1000.0, 2000.0], PEOPLE])
    violence = np.array([[2.0, 12.0, 5.0], [10.0, 24.0, 10.0]])
    expected = 1000 * shrunken_rates(violence, people, design)
    np.testing.assert_allclose(found.violence, expected)
    assert not np.allclose(found.violence, town(file, poor, since=2020).violence)
    assert "pooled with what its other columns say" in " ".join(found.notes)
    alone = town(file, poor, shrink=True)  # a single year is shrunken, too
    expected = 1000 * shrunken_rates(violence[1:], people[1:], design)
    np.testing.assert_allclose(alone.violence, expected)
