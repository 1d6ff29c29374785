"""Tables of other shapes: several rows a neighbourhood, a column a year or month, part years."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tabled import FORMS, about, problems_of, save, town_of

from omemsim.inputs.config import CALLS_ONLY, compose_scenario
from omemsim.inputs.tables import read_panel, table_years

every_form = pytest.mark.parametrize("form", FORMS)
PEOPLE = (2000, 4000, 5000)


def long(kinds: Any, years: Any = (2022, 2023)) -> list[list[Any]]:
    """Return a row for each area, offence and year: 10 x area + offence + year's last digit."""
    return [
        [f"Area {a}", kind, year, 10 * a + k + year % 10, people]
        for a, people in enumerate(PEOPLE)
        for k, kind in enumerate(kinds)
        for year in years
    ]


def totals(town: Any) -> tuple[list[float], list[float]]:
    """Return the counts of violence and property."""
    return tuple(list(np.rint(x * town.population / 1000)) for x in (town.violence, town.property))


@every_form
@pytest.mark.parametrize(
    ("header", "kinds"),
    [
        (["neighbourhood", "offence", "year", "count", "population"],
         ("Assault", "Robbery", "Break and Enter", "Theft")),
        (["Quartier", "Catégorie", "Année", "Nombre", "Population"],
         ("Voies de fait", "Vols qualifiés", "Introduction", "Méfait")),
        (["Stadtteil", "Delikt", "Jahr", "Anzahl", "Einwohner"],
         ("Körperverletzung", "Raub", "Einbruch", "Diebstahl")),
        (["Ward Name", "What", "Year", "Total", "Residents"],
         ("ASSAULT", "BATTERY", "BURGLARY", "MOTOR VEHICLE THEFT")),
    ],
)  # fmt: skip
def test_offences_below_each_other_become_columns(
    tmp_path: Path, form: str, header: Any, kinds: Any
) -> None:
    path = save(tmp_path, [header, *long(kinds)], form)
    town = town_of(path)
    assert totals(town) == ([7, 27, 47], [11, 31, 51])
    note = about(town, "several a neighbourhood")
    assert note.startswith(f"24 rows, several a neighbourhood (by {header[1]}, {header[2]})")
    assert "town.columns.offence=" in note
    earlier = town_of(path, "town.year=2022")
    assert totals(earlier) == ([5, 25, 45], [9, 29, 49])


@every_form
@pytest.mark.parametrize(
    "months",
    [
        list(range(1, 13)),
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
        ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
         "octobre", "novembre", "décembre"],
        ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
         "Oktober", "November", "Dezember"],
        [f"2024-{month:02d}" for month in range(1, 13)],
    ],
)  # fmt: skip
def test_months_are_summed_to_a_year(tmp_path: Path, form: str, months: Any) -> None:
    header = ["id", "name", "year", "month", "population", "violence", "property"]
    rows = [
        [f"N{a}", f"Area {a}", 2024, month, people, a + 1, 2]
        for a, people in enumerate(PEOPLE)
        for month in months
    ]
    town = town_of(save(tmp_path, [header, *rows], form))
    assert totals(town) == ([12, 24, 36], [24, 24, 24])
    np.testing.assert_allclose(town.population, PEOPLE)
    assert "by month, year" in about(town, "several a neighbourhood")
    assert not any("scaled" in note for note in town.notes)


@every_form
@pytest.mark.parametrize("quarters", [("Q1", "Q2", "Q3", "Q4"), ("T1", "T2", "T3", "T4")])
def test_four_quarters_are_a_year(tmp_path: Path, form: str, quarters: Any) -> None:
    header = ["Area", "Quarter", "Population", "Violent crime"]
    rows = [[f"A{a}", q, p, 5] for a, p in enumerate(PEOPLE) for q in quarters]
    town = town_of(save(tmp_path, [header, *rows], form))
    np.testing.assert_allclose(town.violence * town.population / 1000, 20)
    assert not any("scaled" in note for note in town.notes)


@every_form
def test_a_part_of_the_last_year_is_scaled_and_said(tmp_path: Path, form: str) -> None:
    header = ["Area", "Month", "Offence", "Count", "Population"]
    months = [f"2023-{m:02d}" for m in range(1, 13)] + [f"2024-{m:02d}" for m in range(1, 10)]
    rows = [
        [f"A{a}", m, k, 3, p]
        for a, p in enumerate(PEOPLE)
        for m in months
        for k in ("Theft", "Arson")
    ]
    path = save(tmp_path, [header, *rows], form)
    town = town_of(path)
    np.testing.assert_allclose(town.property * town.population / 1000, 2 * 9 * 3 * 12 / 9)
    assert about(town, "scaled") == (
        "Counts of a part of a year are scaled to 12 months: 2024 has 9 months."
    )
    whole = town_of(path, "town.year=2023")
    np.testing.assert_allclose(whole.property * whole.population / 1000, 2 * 12 * 3)


def test_a_title_can_say_which_months_it_is(tmp_path: Path) -> None:
    rows = [
        ["Police statistics, January to June 2024", "", ""],
        ["Area", "Population", "Violent crimes"],
    ]
    rows += [[f"A{a}", p, 20] for a, p in enumerate(PEOPLE)]
    town = town_of(save(tmp_path, rows))
    np.testing.assert_allclose(town.violence * town.population / 1000, 40)
    assert "Counts are of 6 months" in about(town, "scaled to 12")


@every_form
def test_rows_that_are_crimes_are_counted(tmp_path: Path, form: str) -> None:
    rows = [
        [
            f"2023-{1 + i % 12:02d}-05",
            ("Assault", "Theft")[i % 3 == 0],
            f"A{i % 3}",
            PEOPLE[i % 3],
            i,
        ]
        for i in range(360)
    ]
    header = ["date", "offence", "neighbourhood", "population", "event_id"]
    town = town_of(save(tmp_path, [header, *rows], form))
    assert totals(town) == ([0, 120, 120], [120, 0, 0])
    assert about(town, "each row is taken as one crime")


def test_rows_by_another_column_are_summed_without_its_total(tmp_path: Path) -> None:
    rows = [
        [f"A{a}", sex, people, {"Men": 5, "Women": 3, "Both sexes": 8}[sex]]
        for a, people in enumerate(PEOPLE)
        for sex in ("Men", "Women", "Both sexes")
    ]
    town = town_of(save(tmp_path, [["Area", "Sex", "Population", "Assaults"], *rows]))
    np.testing.assert_allclose(town.violence * town.population / 1000, 8)
    assert "(by Sex)" in about(town, "several a neighbourhood")


def test_cells_without_a_number_are_as_the_other_months(tmp_path: Path) -> None:
    rows = [
        [f"A{a}", m, p, "x" if m == 3 and a == 0 else 4]
        for a, p in enumerate(PEOPLE)
        for m in range(1, 13)
    ]
    town = town_of(save(tmp_path, [["Area", "Month", "Population", "Assault"], *rows]))
    np.testing.assert_allclose(town.violence * town.population / 1000, 48)
    assert about(town, "have no number").startswith("1 sum of cells")
    rows = [[*row[:3], "<5"] for row in rows]
    town = town_of(save(tmp_path, [["Area", "Month", "Population", "Assault"], *rows]))
    np.testing.assert_allclose(town.between.high * town.population / 1000, 48)
    np.testing.assert_allclose(town.between.low, 0)


@every_form
def test_names_only_in_the_first_row_are_filled_down(tmp_path: Path, form: str) -> None:
    rows: list[list[Any]] = []
    for a, people in enumerate(PEOPLE):
        rows += [
            [f"Area {a}", "Assault", 5 + a, people],
            ["", "Theft", 9, people],
            ["", "Arson", 1, people],
        ]
    town = town_of(save(tmp_path, [["Area", "Offence", "Count", "Population"], *rows], form))
    assert totals(town) == ([5, 6, 7], [10, 10, 10])


def test_rows_that_are_alike_are_refused_in_one_sentence(tmp_path: Path) -> None:
    rows = [["N1", "Area", 2000, 5] for _ in range(30)]
    (problem,) = problems_of(save(tmp_path, [["id", "name", "population", "assault"], *rows]))
    assert "29 cells (row 3 'N1', row 4 'N1', row 5 'N1' and 26 more)" in problem
    assert "town.columns.offence=NAME or town.columns.month=NAME" in problem


# ---- a column for each year or month


@every_form
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ASSAULT_2022,ASSAULT_2023", "THEFT_OVER_2022,THEFT_OVER_2023"),
        ("2022 Violent,2023 Violent", "2022 Property,2023 Property"),
        (
            "Violent crimes (2022),Violent crimes (2023)",
            "Property crimes (2022),Property crimes (2023)",
        ),
        ("Voies de fait 2022,Voies de fait 2023", "Introductions 2022,Introductions 2023"),
    ],
)
def test_a_column_a_year_is_a_row_a_year(
    tmp_path: Path, form: str, first: str, second: str
) -> None:
    header = ["Ward", "Population 2021", *first.split(","), *second.split(",")]
    rows = [[f"W{a}", p, 10 + a, 20 + a, 30 + a, 40 + a] for a, p in enumerate(PEOPLE)]
    path = save(tmp_path, [header, *rows], form)
    assert totals(town_of(path)) == ([20, 21, 22], [40, 41, 42])
    assert totals(town_of(path, "town.year=2022")) == ([10, 11, 12], [30, 31, 32])
    assert "A column a year is read as a row a year" in " ".join(town_of(path).notes)
    town = compose_scenario(str(path), CALLS_ONLY, []).town
    assert table_years(town) == [2022, 2023]
    panel = read_panel(town, [2022, 2023])
    np.testing.assert_allclose(panel.counts["violence"], [[10, 11, 12], [20, 21, 22]])


def test_a_mapping_of_one_year_s_column_is_kept_to(tmp_path: Path) -> None:
    header = ["Ward", "Population", "ASSAULT_2022", "ASSAULT_2023"]
    rows = [[f"W{a}", p, 10 + a, 20 + a] for a, p in enumerate(PEOPLE)]
    town = town_of(save(tmp_path, [header, *rows]), "town.columns.violence=ASSAULT_2022")
    np.testing.assert_allclose(town.violence * town.population / 1000, [10, 11, 12])


@every_form
@pytest.mark.parametrize(
    ("periods", "times"),
    [
        (["2021", "2022", "2023"], 1),
        (["2021", "2022", "2023 YTD"], 1),
        (["Jan", "Feb", "Mar"], 12),
        (["Jan-23", "Feb-23", "Mar-23", "Apr-23"], 12),
        (["2021-22", "2022-23"], 1),
    ],
)
def test_columns_named_by_time_alone(tmp_path: Path, form: str, periods: Any, times: int) -> None:
    header = ["Area", "Population", "Offence", *periods]
    rows = [
        [f"A{a}", p, kind, *[10 + a] * len(periods)]
        for a, p in enumerate(PEOPLE)
        for kind in ("Assault", "Theft")
    ]
    town = town_of(save(tmp_path, [header, *rows], form))
    expected = list(times * np.array([10, 11, 12]))
    assert totals(town) == (expected, expected)
    if "YTD" in periods[-1]:
        assert about(town, "a part of the year but not which").endswith("2023.")
    if periods[0] == "2021-22":
        assert about(town, "Fiscal years")


def test_a_part_of_a_year_in_a_header_is_scaled_if_it_says_which(tmp_path: Path) -> None:
    rows = [["A", 1000, "Assault", 10, 12], ["B", 2000, "Assault", 8, 9]]
    header = ["Area", "Population", "Offence", "2022", "2023 (Jan to Sep)"]
    town = town_of(save(tmp_path, [header, *rows]))
    assert totals_of_one(town) == [16, 12]
    assert about(town, "scaled to 12 months").endswith("2023 (9 months).")
    header[4] = "2023 to date"
    assert totals_of_one(town_of(save(tmp_path, [header, *rows]))) == [10, 8]


def totals_of_one(town: Any) -> list[float]:
    return list(np.rint(town.violence * town.population / 1000))


@every_form
@pytest.mark.parametrize(
    "years", [("2021-2022", "2022-2023"), ("2021/22", "2022/23"), ("FY2021", "FY2022")]
)
def test_fiscal_years_are_called_by_their_first(tmp_path: Path, form: str, years: Any) -> None:
    rows = [[f"A{a}", y, p, 5 + i] for a, p in enumerate(PEOPLE) for i, y in enumerate(years)]
    town = town_of(save(tmp_path, [["Area", "Year", "Population", "Assault"], *rows], form))
    np.testing.assert_allclose(town.violence * town.population / 1000, 6)
    assert "year 2022, the latest, of 2021 to 2022" in about(town, "rows are used")
    assert about(town, "Fiscal years")


def test_counts_and_rates_below_each_other(tmp_path: Path) -> None:
    """The shape of Statistics Canada's tables; residents follow from a count and its rate."""
    header = ["REF_DATE", "GEO", "Violations", "Statistics", "UOM_ID", "VALUE", "STATUS"]
    kinds = ("Total, all violations [0]", "Total violent Criminal Code violations [100]",
             "Total property crime violations [140]")  # fmt: skip
    rows: list[list[Any]] = []
    for year in (2022, 2023):
        for a, people in enumerate((400_000, 200_000, 100_000)):
            for k, kind in enumerate(kinds):
                count = (5000 - 1000 * k) * (a + 1)
                rate = 1e5 * count / people
                own = [year, f"City {a}, Ontario", kind]
                rows.append([*own, "Actual incidents", 223, count, ""])
                rows.append([*own, "Rate per 100,000 population", 257, rate, ""])
                rows.append([*own, "Percentage change in rate", 239, "", ".."])
    town = town_of(save(tmp_path, [header, *rows]))
    np.testing.assert_allclose(town.population, [400_000, 200_000, 100_000])
    assert totals(town) == ([4000, 8000, 12000], [3000, 6000, 9000])
    assert "follows from the counts" in about(town, "population: not in the table")


def test_people_that_rows_share_out_are_summed(tmp_path: Path) -> None:
    rows = [
        [f"A{a}", age, people * share, 4]
        for a, people in enumerate(PEOPLE)
        for age, share in (("0-17", 0.25), ("18-64", 0.5), ("65+", 0.25))
    ]
    town = town_of(save(tmp_path, [["Area", "Age group", "Population", "Violent crime"], *rows]))
    np.testing.assert_allclose(town.population, PEOPLE)
    np.testing.assert_allclose(town.violence * town.population / 1000, 12)


@every_form
def test_months_as_six_digits(tmp_path: Path, form: str) -> None:
    header = ["MajorText", "MinorText", "WardName", "WardCode", "Population"]
    kinds = (("VIOLENCE AGAINST THE PERSON", "HARASSMENT"), ("BURGLARY", "DOMESTIC BURGLARY"))
    rows = [
        [*kind, f"Ward {a}", f"E0{a}", p, *[2] * 12] for a, p in enumerate(PEOPLE) for kind in kinds
    ]
    months = [f"2023{month:02d}" for month in range(1, 13)]
    town = town_of(save(tmp_path, [[*header, *months], *rows], form))
    assert totals(town) == ([24] * 3, [24] * 3)
    assert (town.ids[0], town.names[0]) == ("E00", "Ward 0")


@every_form
@pytest.mark.parametrize(
    "names",
    [("Population", "Assaults", "Thefts"), ("Einwohner", "Raub", "Diebstahl"),
     ("Habitants", "Agressions", "Vols")],
)  # fmt: skip
def test_a_table_that_lies_on_its_side_is_turned(tmp_path: Path, form: str, names: Any) -> None:
    rows = [["Indicator", "Alder", "Birch", "Cedar"], [names[0], *PEOPLE], [names[1], 4, 8, 9]]
    town = town_of(save(tmp_path, [*rows, [names[2], 10, 20, 30]], form))
    assert town.names == ["Alder", "Birch", "Cedar"]
    assert totals(town) == ([4, 8, 9], [10, 20, 30])
    assert about(town, "the table is turned")


@pytest.mark.parametrize(
    "name", ["Population (000s)", "Population in thousands", "Einwohner (in Tausend)"]
)
def test_people_in_thousands(tmp_path: Path, name: str) -> None:
    rows = [["A", 5.2, 100, 5], ["B", 4.125, 90, 6], ["C", 12.345, 80, 7]]
    header = ["Ward", name, "Violent crime", "Theft over 5,000"]
    town = town_of(save(tmp_path, [header, *rows]))
    np.testing.assert_allclose(town.population, [5200, 4125, 12345])
    assert "times 1,000" in about(town, "Guessed")
    assert town.property is not None


def test_a_total_of_each_part_does_not_make_a_table_long(tmp_path: Path) -> None:
    rows = [["North", "A", 5000, 3, 9], ["North", "B", 4000, 4, 7], ["North", "Total", 9000, 7, 16]]
    rows += [
        ["South", "C", 4500, 3, 3],
        ["South", "D", 4600, 7, 4],
        ["South", "Total", 9100, 10, 7],
    ]
    rows += [["City", "Total", 18100, 17, 23]]
    header = ["Division", "Ward", "Population", "Violence", "Property"]
    town = town_of(save(tmp_path, [header, *rows]))
    assert town.ids == ["A", "B", "C", "D"]
    assert not any("several a neighbourhood" in note for note in town.notes)
    assert about(town, "of other rows left out").startswith("3 totals")


@pytest.mark.parametrize("name", ["Reporting year", "Berichtsjahr", "Année", "Reported Year"])
def test_years_are_never_summed(tmp_path: Path, name: str) -> None:
    rows = [
        [f"A{a}", year, p, 5 + year % 10] for a, p in enumerate(PEOPLE) for year in (2022, 2023)
    ]
    town = town_of(save(tmp_path, [["Area", name, "Population", "Assault"], *rows]))
    assert totals_of_one(town) == [8, 8, 8]
    for when in ("{}", "FY{}"):
        own = [[area, when.format(year), *more] for area, year, *more in rows]
        path = save(tmp_path, [["Area", "When", "Population", "Assault"], *own])
        (problem,) = problems_of(path)
        assert "3 cells" in problem


def test_columns_of_one_name_are_not_used_and_said(tmp_path: Path) -> None:
    header = ["Ward", "Population", "Violence", "Violence", "Property"]
    town = town_of(save(tmp_path, [header, *([f"W{a}", p, 3, 4, 5] for a, p in enumerate(PEOPLE))]))
    assert "Violence (2 columns of that name: rename them)" in about(town, "Columns not used")
