"""Kinds of fault seen in public tables, each in several forms: what must come of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tabled import FORMS, about, labels_of, problems_of, save, town_of

DATA = Path(os.environ.get("OMEMSIM_DATA") or Path(__file__).parents[2] / ".." / "shared" / "data")
CASES = DATA.parent / "cases" / "tables"
HEADER = ["id", "name", "population", "violence", "property"]
THREE = [["A", "Alder", 5000, 40, 120], ["B", "Birch", 4000, 10, 60], ["C", "Cedar", 6000, 90, 300]]
every_form = pytest.mark.parametrize("form", FORMS)


def with_cell(row: int, column: str, value: Any, rows: Any = THREE) -> list[list[Any]]:
    """Return a header and rows with one cell replaced; ``row`` counts from 0."""
    cells = [list(own) for own in rows]
    cells[row][HEADER.index(column)] = value
    return [HEADER, *cells]


# ---- a rate is never a count

RATES = [
    ["Alder", 20000, 40.0],
    ["Birch", 2000, 40.0],
    ["Cedar", 10000, 40.0],
    ["Dale", 10000, 80.0],
]


@every_form
@pytest.mark.parametrize(
    ("header", "per"),
    [
        (["Neighbourhood", "Population", "Crime rate per 1000"], 1000),
        (["Quartier", "Population totale", "Taux de criminalité pour 100 000 habitants"], 100_000),
        (["Stadtteil", "Einwohner", "Häufigkeitszahl"], 100_000),
        (["Ward", "Residents", "Offences per 1,000 population"], 1000),
    ],
)
def test_a_rate_is_made_a_count(tmp_path: Path, form: str, header: list[str], per: int) -> None:
    town = town_of(save(tmp_path, [header, *RATES], form))
    assert town.violence is not None
    assert town.property is not None
    np.testing.assert_allclose(
        town.violence + town.property, np.array([40, 40, 40, 80]) * 1000 / per
    )
    assert f"a rate per {per:,} of population" in about(town, "Guessed")
    assert "ALL CRIME" in town.notes[0]
    labels = labels_of(town)
    assert labels["Alder"].zone == labels["Birch"].zone == "green"
    assert labels["Dale"].zone == "amber"


@pytest.mark.parametrize("name", ["Crime rate", "Violent crime rate", "Taux de criminalité"])
def test_a_rate_per_nobody_knows_what_is_asked_for_in_words_to_type(
    tmp_path: Path, name: str
) -> None:
    path = save(tmp_path, [["Area", "Population", name], *RATES])
    (problem,) = problems_of(path)
    assert "is a rate, not a count" in problem
    typed = f"town.columns.crime={{columns: {name}, per: 1000, of: population}}"
    assert typed in problem
    town = town_of(path, typed)
    np.testing.assert_allclose(town.violence + town.property, [40, 40, 40, 80])


def test_a_count_wins_over_a_rate_of_the_same(tmp_path: Path) -> None:
    header = ["Area", "Population", "Assault rate per 1000", "Assaults", "Thefts", "Theft %"]
    rows = [["A", 1000, 9, 30, 60, 5], ["B", 2000, 8, 20, 80, 6]]
    guessed = about(town_of(save(tmp_path, [header, *rows])), "Guessed")
    assert "violence = Assaults; property = Thefts" in guessed


# ---- which column is the name, which tells rows apart


@every_form
@pytest.mark.parametrize(
    "header",
    [
        ["id", "name", "ward", "population", "violence", "property"],
        ["ward", "name", "id", "population", "violence", "property"],
        ["beat", "Nom", "ID", "Population", "Violence", "Propriété"],
        ["Bezirk", "Bezeichnung", "id", "Einwohner", "Gewaltdelikte", "Eigentumsdelikte"],
    ],
)
def test_an_exact_header_wins_over_a_synonym(tmp_path: Path, form: str, header: list[str]) -> None:
    values = {"id": "abc", "ward": (12, 7, 7), "name": ("Alder", "Birch", "Cedar")}
    rows = []
    for i, numbers in enumerate([[5000, 40, 120], [4000, 10, 60], [6000, 90, 300]]):
        own = {"id": values["id"][i], "ward": values["ward"][i], "name": values["name"][i]}
        first = [own.get(_meant(column), "") for column in header[:3]]
        rows.append([*first, *numbers])
    town = town_of(save(tmp_path, [header, *rows], form))
    assert town.names == ["Alder", "Birch", "Cedar"]
    assert town.ids == ["a", "b", "c"]


def _meant(column: str) -> str:
    low = column.lower()
    return "id" if low == "id" else "ward" if low in ("ward", "beat", "bezirk") else "name"


def test_an_identifier_that_does_not_tell_rows_apart_is_passed_over(tmp_path: Path) -> None:
    header = ["Code", "hood_id", "Area", "Population", "Assault"]
    rows = [[1, 7, "X", 1000, 5], [1, 8, "Y", 2000, 9], [1, 9, "Z", 1500, 3]]
    town = town_of(save(tmp_path, [header, *rows]))
    assert (town.ids, town.names) == (["7", "8", "9"], ["X", "Y", "Z"])


@every_form
@pytest.mark.parametrize("name", ["Riverside", "Saint-Jérôme", "=1+1"])
def test_names_that_repeat_are_shown_with_their_identifier(
    tmp_path: Path, form: str, name: str
) -> None:
    rows = [
        [f"N{i}", name if i < 3 else f"Other {i}", 2000 + 137 * i, 8 + 3 * i, 29] for i in range(5)
    ]
    town = town_of(save(tmp_path, [HEADER, *rows], form))
    assert town.names[:4] == [f"{name} (N0)", f"{name} (N1)", f"{name} (N2)", "Other 3"]
    assert about(town, "repeat").endswith(f"{name}.")


# ---- rows that are no neighbourhood

LEAVES = [
    ["A", "Alder", 5000, 40, 120],
    ["B", "Birch", 4000, 10, 60],
    ["C", "Cedar", 6000, 90, 300],
    ["D", "Dogwood", 5500, 20, 90],
]
NORTH, SOUTH = ["N1", "North District", 9000, 50, 180], ["S1", "South District", 11500, 110, 390]
CITY = ["X", "Springfield", 20700, 161, 571]


@every_form
@pytest.mark.parametrize(
    "rows",
    [
        [*LEAVES, NORTH, SOUTH, CITY],
        [CITY, NORTH, *LEAVES[:2], SOUTH, *LEAVES[2:]],
        [*LEAVES[:2], NORTH, *LEAVES[2:], SOUTH],
        [["K", "Canada", 20500, 160, 570], *LEAVES],
        [*LEAVES, ["", "Gesamtstadt", 20600, 170, 600]],
        [*LEAVES, ["", "Ville (total)", "", "", ""]],
    ],
)
def test_a_row_about_others_is_left_out_and_named(tmp_path: Path, form: str, rows: Any) -> None:
    town = town_of(save(tmp_path, [HEADER, *rows], form))
    assert sorted(town.names) == ["Alder", "Birch", "Cedar", "Dogwood"]
    lost = [row[1] for row in rows if row not in LEAVES]
    noted = [note for note in town.notes if "left out" in note]
    assert all(any(name in note for note in noted) for name in lost)
    assert len(noted) == 1


def test_totals_can_be_kept(tmp_path: Path) -> None:
    path = save(tmp_path, [HEADER, *LEAVES, NORTH, SOUTH, CITY])
    assert len(town_of(path, "town.totals=keep").ids) == 7
    assert "must be one of drop, keep" in problems_of(path, "town.totals=kep")[0]


def test_a_large_place_is_no_total(tmp_path: Path) -> None:
    rows = [*LEAVES, ["E", "Elm", 21000, 300, 300]]
    assert len(town_of(save(tmp_path, [HEADER, *rows])).ids) == 5
    rows = [*LEAVES[:2], ["E", "Elm", 9000, 31, 100]]  # as many people, fewer crimes
    assert len(town_of(save(tmp_path, [HEADER, *rows])).ids) == 3
    rows = [["A", "All Saints", 5000, 4, 3], *LEAVES[1:]]
    assert "All Saints" in town_of(save(tmp_path, [HEADER, *rows])).names


@every_form
@pytest.mark.parametrize(
    "name", ["Unknown / not assignable", "NSA", "Non attribué", "Unbekannt", "Q"]
)
@pytest.mark.parametrize("people", ["", 0, "n/a"])
def test_an_area_without_residents_is_left_out_with_its_crimes(
    tmp_path: Path, form: str, name: str, people: Any
) -> None:
    town = town_of(save(tmp_path, [HEADER, *THREE, ["Z", name, people, 12, 55]], form))
    assert town.ids == ["A", "B", "C"]
    assert about(town, "without residents") == (
        f"1 row without residents left out, with 67 recorded crimes: {name}."
    )


def test_a_table_without_any_resident_is_refused_in_a_sentence(tmp_path: Path) -> None:
    rows = [[*row[:2], 0, *row[3:]] for row in THREE]
    (problem,) = problems_of(save(tmp_path, [HEADER, *rows]))
    assert problem.endswith("column 'population': no row has residents.")


# ---- cells


@every_form
@pytest.mark.parametrize("cells", [("15.5%", "9.0%", "22.1%"), ("15.5 %", "9 %", "22.1 %")])
@pytest.mark.parametrize("column", ["low_income_pct", "Taux de pauvreté", "Arbeitslosenquote in %"])
def test_per_cent_is_read(tmp_path: Path, form: str, cells: Any, column: str) -> None:
    rows = [[*row, cell] for row, cell in zip(THREE, cells, strict=True)]
    town = town_of(save(tmp_path, [[*HEADER, column], *rows], form))
    np.testing.assert_allclose(town.deprivation, [0.5, 0, 1])


def test_a_guess_stops_nothing(tmp_path: Path) -> None:
    header = [*HEADER, "low_income_pct", "lon", "lat", "households", "pop_15"]
    more = [["n. Chr.", 200, 45, "some", 9999], [5, -75, 45, 9, 1], [7, -75.1, 45.1, 8, 1]]
    rows = [[*row, *own] for row, own in zip(THREE, more, strict=True)]
    town = town_of(save(tmp_path, [header, *rows]))
    assert town.ids == ["A", "B", "C"]
    assert about(town, "so taken as empty").startswith("2 cells of guessed columns")
    given = "town.columns.deprivation=[low_income_pct]"
    (problem,) = problems_of(save(tmp_path, [header, *rows]), given)
    assert "'n. Chr.' is not a number" in problem


@pytest.mark.parametrize(
    ("headers", "weights"),
    [
        (["pct_poverty", "census_general_unemployment_rate",
          "median_after_tax_income_of_households"], (1, 1, -1)),
        (["Faible revenu (%)", "Taux de chômage", "Revenu médian des ménages"], (1, 1, -1)),
        (["SGB II-Quote", "Arbeitslosenquote", "Mittleres Haushaltseinkommen"], (1, 1, -1)),
        (["Lone-parent families (%)", "No certificate, diploma or degree", "Average income 2020"],
         (1, 1, -1)),
    ],
)  # fmt: skip
def test_census_headers_are_recognized(tmp_path: Path, headers: Any, weights: Any) -> None:
    more = [[10, 5, 60000], [4, 3, 80000], [25, 9, 40000]]
    rows = [[*row, *own] for row, own in zip(THREE, more, strict=True)]
    town = town_of(save(tmp_path, [[*HEADER, *headers], *rows]))
    guessed = about(town, "Guessed")
    for column, weight in zip(headers, weights, strict=True):
        assert f"{column} ({weight:+d})" in guessed
    np.testing.assert_allclose(town.deprivation, [0.5, 0, 1])


NONE = ["n/a", "-", "..", "", "x", "F", "N.A.", "—", "#N/A", "suppressed", "keine Angabe", "n.d."]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cell", NONE)
def test_a_cell_without_a_number_is_filled_said_and_less_sure(
    tmp_path: Path, form: str, cell: str
) -> None:
    rows = [[f"N{i}", f"Area {i}", 3000, 30 + 30 * (i % 2), 60] for i in range(8)]
    path = save(tmp_path, with_cell(3, "violence", cell, rows), form)
    town = town_of(path)
    assert town.violence[3] == pytest.approx(10)  # the median of 10 and 20 per 1,000
    note = about(town, "without a number")
    assert note.startswith("1 cell of crime without a number (violence of Area 3")
    assert "'sure' allows for" in note
    assert town.between is not None
    assert (town.between.low[3], town.between.high[3]) == pytest.approx((30, 40))
    set_to = town_of(path, "suppressed=60")
    assert set_to.violence[3] == pytest.approx(20)
    assert set_to.between is None
    assert "suppressed=60 is taken" in about(set_to, "suppressed=")


def test_many_cells_without_a_number_are_one_sentence(tmp_path: Path) -> None:
    rows = [
        [f"N{i}", f"Area {i}", 3000, "-" if i % 2 else 40, ".." if i % 3 else 9] for i in range(40)
    ]
    town = town_of(save(tmp_path, [HEADER, *rows]))
    note = about(town, "without a number")
    assert note.startswith("46 cells")
    assert " and 43 more" in note


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("cell", "low", "high"),
    [("<5", 0, 4), ("< 5", 0, 4), ("fewer than 5", 0, 4), ("moins de 5", 0, 4), ("unter 5", 0, 4),
     ("≤5", 0, 5), ("1-4", 1, 4), ("1 to 4", 1, 4)],
)  # fmt: skip
def test_a_suppressed_cell_is_an_interval(
    tmp_path: Path, form: str, cell: str, low: int, high: int
) -> None:
    if form == "french" and "≤" in cell:
        pytest.skip("cp1252 has no such sign")
    path = save(tmp_path, with_cell(0, "violence", cell), form)
    town = town_of(path)
    assert town.violence[0] == pytest.approx((low + high) / 2 / 5)
    assert town.between.low[0] == pytest.approx((120 + low) / 5)
    assert town.between.high[0] == pytest.approx((120 + high) / 5)
    assert about(town, "suppressed (").startswith(
        f"1 cell of crime suppressed (violence of Alder {cell!r}"
    )


def test_what_is_not_known_makes_a_label_less_sure(tmp_path: Path) -> None:
    rows = [[f"N{i}", f"Area {i}", 30000, 300, 600 if i else 780] for i in range(9)]
    known = labels_of(town_of(save(tmp_path, [HEADER, *rows])))["Area 0"]
    wide = with_cell(0, "property", "600-960", rows)
    doubtful = labels_of(town_of(save(tmp_path, wide)))["Area 0"]
    assert known.zone == doubtful.zone
    assert doubtful.sure < known.sure - 0.1


@pytest.mark.parametrize("form", ["csv", "french", "tabs"])
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("5,000", "4,000", "6,000"), (5000, 4000, 6000)),
        (("1 234", "4 000", "600"), (1234, 4000, 600)),
        (("1\u202f234", "12\u00a0345", "600"), (1234, 12345, 600)),
        (("1'234", "12’345", "600"), (1234, 12345, 600)),
        (("1,234,567", "400,000", "600"), (1234567, 400000, 600)),
        (("1.234", "12.345", "600"), (1234, 12345, 600)),
    ],
)
def test_thousands_where_nothing_else_can_be_meant(
    tmp_path: Path, form: str, cells: Any, expected: Any
) -> None:
    if form == "french" and "\u202f" in cells[0]:
        cells = tuple(cell.replace("\u202f", "\u00a0") for cell in cells)  # cp1252 has no other
    rows = [[*row[:2], cell, *row[3:]] for row, cell in zip(THREE, cells, strict=True)]
    if cells[0] == "5,000" and form != "csv":
        assert "two ways" in problems_of(save(tmp_path, [HEADER, *rows], form))[0]
    else:
        town = town_of(save(tmp_path, [HEADER, *rows], form), "town.totals=keep")
        np.testing.assert_allclose(town.population, expected)


def test_a_separator_that_other_columns_explain_is_no_question(tmp_path: Path) -> None:
    header = [*HEADER, "unemployment rate"]
    numbers = (("5.000", "12,5"), ("4.000", "3,0"), ("6.000", "8,0"))
    rows = [[*r[:2], n[0], *r[3:], n[1]] for r, n in zip(THREE, numbers, strict=True)]
    town = town_of(save(tmp_path, [header, *rows], "tabs"))
    np.testing.assert_allclose(town.population, [5000, 4000, 6000])
    np.testing.assert_allclose(town.deprivation, [1, 0, 0.5])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("names", [("lon", "lat"), ("Longitude", "Latitude"), ("x", "y")])
def test_a_place_without_coordinates_is_laid_out_otherwise(
    tmp_path: Path, form: str, names: Any
) -> None:
    more = [[-75.1, 45.1], ["", ""], [-75.2, 45.2]]
    rows = [[*row, *own] for row, own in zip(THREE, more, strict=True)]
    town = town_of(save(tmp_path, [[*HEADER, *names], *rows], form))
    assert np.isfinite(town.xy).all()
    assert town.xy[1, 1] < town.xy[[0, 2], 1].min()
    assert about(town, "without coordinates").endswith("B.")
    assert len(town.adjacency) == 3


# ---- what is missing


@every_form
@pytest.mark.parametrize(
    "header",
    [
        ["Year", "Code", "Location", "Robbery", "Theft"],
        ["Jahr", "Nr", "Stadtteil", "Raub", "Diebstahl"],
        ["Année", "Code", "Quartier", "Vols qualifiés", "Vols"],
    ],
)
def test_no_population(tmp_path: Path, form: str, header: list[str]) -> None:
    rows = [[2019, 1, "Area One", 70, 2263], [2019, 2, "Area Two", 65, 3203]]
    (problem,) = problems_of(save(tmp_path, [header, *rows], form))
    assert "town.columns.population: missing" in problem
    assert "Nothing looks like a number of residents: add a column" in problem
    assert "Did you mean" not in problem
    assert "town.columns.population=" not in problem


@every_form
@pytest.mark.parametrize("numbers", [[9000, 120, 600], [500, 1, 0], [120000, 900, 4000]])
def test_one_neighbourhood_is_told_its_rates(tmp_path: Path, form: str, numbers: Any) -> None:
    town = town_of(save(tmp_path, [HEADER, ["A", "Downtown", *numbers]], form))
    assert town.notes[0].startswith("ONE NEIGHBOURHOOD: ")
    people, violence, _ = numbers
    assert f"violence {1000 * violence / people:.3g}"[:12] in town.notes[0]
    assert "35 to 58" in town.notes[0]


def test_a_place_of_violence_is_not_the_safest(tmp_path: Path) -> None:
    rows = [["A", "Mall Area", 6000, 10, 700], ["B", "Violent Area", 6000, 160, 60]]
    rows += [[x, f"Calm {x}", 6000, 30, 150] for x in "CDE"]
    town = town_of(save(tmp_path, [HEADER, *rows]))
    total = town.violence + town.property
    assert total[1] > total[2:].max()


# ---- text is data


@every_form
@pytest.mark.parametrize(
    "name",
    ["=1+1", "=HYPERLINK(http://x)", "@SUM(A1)", "-2+3", "<script>alert(1)</script>", "$x_1$"],
)
def test_text_is_data(tmp_path: Path, form: str, name: str) -> None:
    town = town_of(save(tmp_path, with_cell(2, "name", name), form))
    assert town.names == ["Alder", "Birch", name]


# ---- the cases as they were found, where they are

ENDS = {
    "city_row_own_name": 4,
    "dash": 12,
    "deprivation_names": 3,
    "dupname": 12,
    "formula": 12,
    "html_name": 3,
    "long": 12,
    "missing_lonlat": 3,
    "monthly": 12,
    "na_advice": 3,
    "na_advice_followed": 3,
    "name_ward": 3,
    "no_population": 0,
    "one": 1,
    "percent_optional": 3,
    "property_vs_violence": 5,
    "rate_as_count": 4,
    "suppressed": 3,
    "thousands": 3,
    "unknown_area": 3,
}


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases are absent")
def test_every_case_ends_as_it_should() -> None:
    found = {path.stem: path for path in CASES.glob("*.csv")}
    assert found.keys() == ENDS.keys()
    for name, number in ENDS.items():
        if number:
            assert len(labels_of(town_of(found[name]))) == number, name
        else:
            assert len(problems_of(found[name])) == 1, name
