"""Files of every format, what people put around a table, and the ways it can be broken."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tabled import about, labels_of, problems_of, save, town_of

import omemsim as om
from omemsim.inputs.tables.header import tables_of
from omemsim.inputs.tables.problems import Problems
from omemsim.inputs.tables.text import read_text

HEADER = ["Ward", "Population", "Violence", "Property crime"]
ROWS = [[f"Ward {i}", 4000 + 100 * i, 20 + i, 140 + i] for i in range(5)]


@pytest.fixture
def book() -> Any:
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra export")
    pytest.importorskip("python_calamine", reason="needs the extra excel")
    made = openpyxl.Workbook()
    made.remove(made.active)
    return made


def sheet(book: Any, name: str, rows: Any) -> Any:
    made = book.create_sheet(name)
    for row in rows:
        made.append([None if cell == "" else cell for cell in row])
    return made


def saved(book: Any, folder: Path) -> Path:
    path = folder / "town.xlsx"
    book.save(path)
    return path


# ---- what stands around a table


def test_titles_and_remarks_are_left_out(tmp_path: Path) -> None:
    text = "\n".join(
        [
            "Police recorded crime, by ward",
            '"Year ending March 2023"',
            "",
            ",".join(HEADER),
            *(",".join(map(str, row)) for row in ROWS),
            "",
            "Source: records system, extracted 2024-01-05",
            "[note 1] Figures are provisional, and may change",
            "* Excludes the airport",
        ]
    )
    path = tmp_path / "town.csv"
    path.write_text(text, encoding="utf-8")
    town = town_of(path)
    assert town.names == [row[0] for row in ROWS]
    assert about(town, "above the header").startswith("2 lines")
    assert about(town, "remarks").startswith("3 remarks")


def test_a_header_over_two_lines_with_merged_cells(book: Any, tmp_path: Path) -> None:
    rows = [
        ["Springfield Police Service"],
        [],
        ["Ward", "Population", 2022, "", 2023, ""],
        ["", "", "Violent", "Property", "Violent", "Property"],
        *([f"Ward {i}", 5000, 20 + i, 100, 25 + i, 110] for i in range(5)),
        ["Total", 25000, 110, 500, 135, 550],
        [],
        ["Source: records"],
    ]
    made = sheet(book, "Crime", rows)
    for cells in ("A1:F1", "C3:D3", "E3:F3", "A3:A4", "B3:B4"):
        made.merge_cells(cells)
    path = saved(book, tmp_path)
    town = town_of(path)
    np.testing.assert_allclose(town.violence, [5, 5.2, 5.4, 5.6, 5.8])
    np.testing.assert_allclose(town_of(path, "town.year=2022").violence, [4, 4.2, 4.4, 4.6, 4.8])


def test_a_header_over_two_lines_of_text(tmp_path: Path) -> None:
    rows = [["Ward", "Population", "2022", "", "2023", ""], ["", "", *["Violent", "Property"] * 2]]
    rows += [[f"Ward {i}", 5000, 20 + i, 100, 25 + i, 110] for i in range(5)]
    np.testing.assert_allclose(town_of(save(tmp_path, rows)).violence, [5, 5.2, 5.4, 5.6, 5.8])
    rows[1] = ["", "(persons)", *["Violent", "Property"] * 2]
    np.testing.assert_allclose(town_of(save(tmp_path, rows)).property, 22)


def test_cells_merged_down_hold_for_each_row(book: Any, tmp_path: Path) -> None:
    rows: list[Any] = [["Neighbourhood", "Offence", "Count", "Population"]]
    for i, area in enumerate(("Alder", "Birch", "Cedar")):
        rows += [[area, "Assault", 5 + i, 2000], ["", "Theft", 9, ""]]
    made = sheet(book, "Crime", rows)
    for first in (2, 4, 6):
        made.merge_cells(f"A{first}:A{first + 1}")
        made.merge_cells(f"D{first}:D{first + 1}")
    town = town_of(saved(book, tmp_path))
    np.testing.assert_allclose(town.violence, [2.5, 3, 3.5])
    np.testing.assert_allclose(town.property, 4.5)


def test_the_sheet_of_crime_is_found_or_chosen(book: Any, tmp_path: Path) -> None:
    sheet(book, "Read me", [["This workbook holds crime statistics."], ["Contact us"]])
    sheet(book, "Staff", [["Ward", "Officers"], ["Ward 1", 12], ["Ward 2", 13]])
    sheet(book, "2022", [HEADER, *([row[0], row[1], 9, 9] for row in ROWS)])
    sheet(book, "2023", [HEADER, *ROWS])
    sheet(book, "Empty", [])
    path = saved(book, tmp_path)
    town = town_of(path)
    np.testing.assert_allclose(town.violence[0] * town.population[0], 20_000)  # of the last year
    note = about(town, "of other sheets")
    assert "sheet '2023'; of other sheets ('Read me', 'Staff', '2022')" in note
    assert "town.sheet=NAME" in note
    for word in ("sheet=2022", "town.sheet=3"):
        assert town_of(path, word).property[0] == pytest.approx(9 / 4)
    assert "The sheets are: Read me, Staff, 2022, 2023, Empty" in problems_of(path, "sheet=2032")[0]
    assert "The sheet 'Empty' is empty" in problems_of(path, "sheet=Empty")[0]


def test_the_better_of_two_tables_on_a_sheet_is_read(tmp_path: Path) -> None:
    staff = [["Table 1: staff"], ["Ward", "Officers", "Cars"], ["Ward 0", 3, 2], ["Ward 1", 4, 2]]
    crime = [["Table 2: crime"], HEADER, *ROWS]
    for first, second in ((staff, crime), (crime, staff)):
        lines = [",".join(map(str, row)) for row in first] + [""]
        lines += [",".join(map(str, row)) for row in second]
        path = tmp_path / "two.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        town = town_of(path)
        assert len(town.ids) == 5
        assert any("2 tables stand in" in x or "'Table 1: staff'" in x for x in town.notes)


def test_two_tables_beside_each_other(book: Any, tmp_path: Path) -> None:
    rows = [[*HEADER, "", "Ward", "Officers", "Cars"]]
    rows += [[*row, "", f"Ward {i}", i, 2] for i, row in enumerate(ROWS)]
    sheet(book, "Both", rows)
    town = town_of(saved(book, tmp_path))
    assert town.violence[0] == pytest.approx(5)
    assert about(town, "most is recognized")


def test_identifiers_that_a_spreadsheet_made_decimals(tmp_path: Path) -> None:
    rows = [[f"{101 + i}.0", *row[1:]] for i, row in enumerate(ROWS)]
    assert town_of(save(tmp_path, [["id", *HEADER[1:]], *rows])).ids == [
        "101",
        "102",
        "103",
        "104",
        "105",
    ]


# ---- workbooks and other formats that cannot be read


def test_a_workbook_with_a_password(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine", reason="needs the extra excel")
    path = tmp_path / "town.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(508) + "EncryptedPackage".encode("utf-16-le"))
    assert "is protected by a password. Save a copy without one." in problems_of(path)[0]


@pytest.mark.parametrize("content", [b"PK\x03\x04 torn", b"\xd0\xcf\x11\xe0 torn"])
def test_a_damaged_workbook(tmp_path: Path, content: bytes) -> None:
    pytest.importorskip("python_calamine", reason="needs the extra excel")
    path = tmp_path / "town.xls"
    path.write_bytes(content)
    assert "cannot be read as an Excel workbook" in problems_of(path)[0]


def test_sheets_without_anything(book: Any, tmp_path: Path) -> None:
    sheet(book, "One", [])
    sheet(book, "Two", [])
    assert (
        "All sheets are empty. The sheets are: One, Two." in problems_of(saved(book, tmp_path))[0]
    )


def test_formulas_that_were_never_calculated(book: Any, tmp_path: Path) -> None:
    sheet(book, "Other", [["a", "b"], ["=1+1", 2]])
    sheet(book, "Crime & more", [HEADER, *([*row[:2], f"=2+{row[2]}", row[3]] for row in ROWS)])
    path = saved(book, tmp_path)
    problems = problems_of(path)
    assert "5 formulas never calculated (C2, C3, C4 and 2 more)" in problems[0]
    assert len(problems) == 1
    del book["Crime & more"]
    sheet(book, "Plain", [HEADER, *ROWS])
    assert len(town_of(saved(book, tmp_path)).ids) == 5


@pytest.mark.parametrize(
    ("library", "extra", "form"),
    [("python_calamine", "excel", "xlsx"), ("pyarrow", "export", "parquet")],
)
def test_a_missing_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, extra: str, form: str
) -> None:
    path = save(tmp_path, [HEADER, *ROWS], form)
    monkeypatch.setitem(sys.modules, library, None)
    (problem,) = problems_of(path)
    assert f'pip install "omemsim[{extra}]"' in problem


def test_parquet_without_its_geometry(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow", reason="needs the extra export")
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra export")
    columns = dict(zip(HEADER, zip(*ROWS, strict=True), strict=True)) | {"geometry": [b"x"] * 5}
    columns |= {"id": [float(i) for i in range(5)], "tags": [["a"]] * 5}
    path = tmp_path / "town.parquet"
    parquet.write_table(arrow.table(columns), path)
    town = town_of(path)
    assert town.ids == ["0", "1", "2", "3", "4"]
    path.write_bytes(path.read_bytes()[:200])
    assert "cannot be read as Parquet" in problems_of(path)[0]


# ---- maps


def square(x: float, y: float, side: float = 0.01) -> list[list[float]]:
    return [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]


def feature(name: str, ring: Any, **more: Any) -> dict[str, Any]:
    geometry = None if ring is None else {"type": "Polygon", "coordinates": [ring]}
    own = {"AREA_NAME": name, "population": 1000, "assault": 5, "theft_over": 30, **more}
    return {"type": "Feature", "properties": own, "geometry": geometry}


FEATURES = [feature(f"Z{i}", square(-75 + 0.01 * i, 45)) for i in range(4)]
CROSSED = [[-75, 45.01], [-74.98, 45.03], [-74.98, 45.01], [-75, 45.03], [-75, 45.01]]


def map_of(folder: Path, features: Any) -> Path:
    path = folder / "town.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
    )
    return path


def test_an_island_has_no_neighbour_and_is_named(tmp_path: Path) -> None:
    town = town_of(map_of(tmp_path, [*FEATURES, feature("Isle", square(-70, 45))]))
    assert "Without any neighbour: Isle." in town.notes
    assert len(town.adjacency) == 3


def test_an_outline_that_crosses_itself_is_mended(tmp_path: Path) -> None:
    pytest.importorskip("geopandas", reason="needs the extra geo")
    town = town_of(map_of(tmp_path, [*FEATURES, feature("Bow", CROSSED)]))
    assert (town.area > 0).all()
    assert town.polygons is not None


def test_without_the_extra_it_is_said_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omemsim.inputs.geography.find_spec", lambda _: None)
    town = town_of(map_of(tmp_path, [*FEATURES, feature("Bow", CROSSED)]))
    assert town.polygons is None
    assert about(town, "without an outline").startswith("1 neighbourhood without an outline (Bow)")


def test_a_feature_that_is_nowhere(tmp_path: Path) -> None:
    nowhere = feature("Unknown", None, population=None)
    town = town_of(map_of(tmp_path, [*FEATURES, nowhere]))
    assert len(town.ids) == 4
    assert town.polygons is not None
    assert about(town, "without residents").endswith("with 35 recorded crimes: Unknown.")


@pytest.mark.parametrize(("suffix", "crs"), [(".shp", 26918), (".gpkg", 2950), (".geojson", 26918)])
def test_any_projection(tmp_path: Path, suffix: str, crs: int) -> None:
    geopandas = pytest.importorskip("geopandas", reason="needs the extra geo")
    frame = geopandas.read_file(map_of(tmp_path, FEATURES)).to_crs(crs)
    path = tmp_path / f"projected{suffix}"
    frame.to_file(path)
    town = town_of(path)
    np.testing.assert_allclose(town.area, 0.877, rtol=0.01)
    assert town.adjacency.tolist() == [[0, 1], [1, 2], [2, 3]]


# ---- large, many, hostile


def test_3000_rows_are_read_in_seconds(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    people, crimes = rng.integers(500, 9000, 3000), rng.integers(0, 60, (3000, 2))
    rows = [[i, f"Area {i}", people[i], crimes[i, 0], crimes[i, 1]] for i in range(3000)]
    path = save(tmp_path, [["id", "name", "population", "assault", "theft"], *rows])
    before = time.process_time()
    town = town_of(path)
    assert time.process_time() - before < 10
    assert len(town.ids) == 3000
    assert sum(map(len, town.notes)) < 2000


def test_3000_bad_rows_are_one_screen(tmp_path: Path) -> None:
    rows = [[i % 7, f"Area {i % 9}", "few", "-3", "none of these"] for i in range(3000)]
    path = save(tmp_path, [["id", "name", "population", "assault", "theft"], *rows])
    names = ("id", "name", "population", "violence")
    words = [f"town.columns.{ours}={theirs}" for ours, theirs in
             zip(names, ("id", "name", "population", "assault"), strict=True)]  # fmt: skip
    problems = problems_of(path, *words)
    assert len(problems) == 3
    assert all(len(problem) < 600 for problem in problems)


def test_a_grid_of_nothing_is_refused() -> None:
    problems = Problems()
    grid = read_text(b"a,b\n1,2", Path("x.csv"), problems)
    (table,) = tables_of(grid, problems)
    assert table.header == ("a", "b")


# ---- by its file's name, in place of a town


def test_a_table_can_be_named_in_place_of_a_town(tmp_path: Path) -> None:
    path = save(tmp_path, [HEADER, *ROWS], name="springfield")
    found = om.diagnose(town=str(path))
    assert found.town == "springfield"
    assert len(found.rows) == 5
    series = om.run(town=str(path), strategy="reactive", years=0.1, overrides=["spin_up_years=0.1"])
    assert series.meta["town"] == "springfield" or len(series.values)


# ---- public files, invented: each ends with a diagnosis


ENGLAND = """Table C2a: Police recorded crime by offence, year ending March 2023

LSOA code,LSOA name,Mid-year population,Violence against the person,Sexual offences,Robbery,Burglary,Vehicle offences [note 2],Criminal damage and arson,IMD score
E01000001,Hill 001A,"1,500",20,4,3,10,12,8,10.0
E01000002,Hill 001B,"1,537",23,c,4,11,13,9,12.5
E01000003,Hill 001C,"1,574",26,6,5,12,14,10,15.0

Source: Home Office
[note 1] Figures are provisional.
[c] Confidential, fewer than 3
Contains public sector information licensed under the Open Government Licence, v3
"""  # noqa: E501
MONTREAL = """Arrondissement;Population (2021);Méfaits;Introductions;Vols qualifiés;Vol de véhicule à moteur;Vol dans / sur véhicule à moteur;Infractions entraînant la mort;Revenu médian des ménages (2020);Superficie (km²);Taux de chômage (%)
Ahuntsic–Cartierville;40 000;300;200;40;100;150;1;50 200 $;20,5;6,0 %
Côte-des-Neiges;43 111;307;211;43;109;155;2;51 200 $;21,5;6,3 %
Montréal-Nord;46 222;314;222;46;118;160;1;52 200 $;22,5;6,6 %
Montréal (total);129 333;921;633;129;327;465;4;;;
Source : SPVM; Ville de Montréal
"""  # noqa: E501
GERMANY = """Straftaten nach Stadtteilen 2023

Nr.;Stadtteil;Einwohner;Körperverletzung;Raub;Diebstahl;Wohnungseinbruch;Sachbeschädigung;Arbeitslosenquote in %;Fläche in km²
01;Altstadt;8.123;50;5;300;20;60;5,1;1,20
02;Südstadt;9.234;59;6;1.320;–;61;5,5;1,50
03;Weißenfels;10.345;68;7;340;22;62;5,9;1,80
;Gesamtstadt;27.702;177;18;1.960;42;183;5,5;4,50
Quelle: Polizeipräsidium; – = nichts vorhanden
"""  # noqa: E501
SYMBOLS = """Geography,"Population, 2021",Violent crime,Property crime,"Unemployment rate (%)",Median total income of household ($)
"Tract 0500.00","4,000",12,100,6.1,"60,000"
"Tract 0501.00","4,111",F,109,F,"62,000"
"Tract 0502.00","4,222",x,118,8.1,"64,000"
"Tract 0503.00","4,333",..,127,9.1,"66,000"
"Tract 0504.00","4,444",31E,136,10.1,"68,000"
"Tract 0505.00","4,555",44r,145,11.1,"70,000"
"Symbols: F too unreliable; x suppressed; .. not available"
"""  # noqa: E501


@pytest.mark.parametrize(
    ("text", "encoding", "names", "counts"),
    [
        (ENGLAND, "utf-8-sig", ["Hill 001A", "Hill 001B", "Hill 001C"], (27, 30)),
        (
            MONTREAL,
            "cp1252",
            ["Ahuntsic–Cartierville", "Côte-des-Neiges", "Montréal-Nord"],
            (41, 750),
        ),
        (GERMANY, "cp1252", ["Altstadt", "Südstadt", "Weißenfels"], (55, 380)),
        (SYMBOLS, "utf-8", [f"Tract 050{i}.00" for i in range(6)], (12, 100)),
    ],
)
def test_public_files_end_with_a_diagnosis(
    tmp_path: Path, text: str, encoding: str, names: list[str], counts: tuple[int, int]
) -> None:
    path = tmp_path / "public.csv"
    path.write_bytes(text.encode(encoding))
    town = town_of(path)
    assert town.names == names
    thousands = town.population[0] / 1000
    assert (town.violence[0] * thousands, town.property[0] * thousands) == pytest.approx(counts)
    assert set(labels_of(town)) == set(names)
    assert "deprivation: no indicator" not in " ".join(town.notes)


def test_sheets_named_after_years_give_the_latest(book: Any, tmp_path: Path) -> None:
    for year in (2021, 2023, 2022):
        sheet(book, str(year), [HEADER, *([row[0], 1000, year - 2000, 5] for row in ROWS)])
    np.testing.assert_allclose(town_of(saved(book, tmp_path)).violence, 23)


def test_what_a_spreadsheet_says_of_its_separator(tmp_path: Path) -> None:
    path = tmp_path / "town.csv"
    lines = ["sep=;", ";".join(HEADER), *(";".join(map(str, row)) for row in ROWS)]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert len(town_of(path).ids) == 5


def test_names_that_lie_about_a_format(tmp_path: Path) -> None:
    path = tmp_path / "town.xls"
    path.write_text(
        "\n".join("\t".join(map(str, row)) for row in [HEADER, *ROWS]), encoding="utf-8"
    )
    assert len(town_of(path).ids) == 5
    path.write_text("<html><table><tr><td>Ward</td></tr></table></html>", encoding="utf-8")
    assert "is a web page, whatever its name says" in problems_of(path)[0]
    archive = tmp_path / "town.zip"
    archive.write_bytes(b"PK\x03\x04 whatever")
    pytest.importorskip("python_calamine", reason="needs the extra excel")
    assert "is an archive. Unpack it" in problems_of_file(archive)


def problems_of_file(path: Path) -> str:
    """Return what is wrong with a file that is no town's by its name."""
    return problems_of(save(path.parent, [HEADER, *ROWS]), f"town.file={path}")[0]


def test_a_table_without_a_header(tmp_path: Path) -> None:
    (problem,) = problems_of(save(tmp_path, [[1, 5000, 10, 20], [2, 4000, 11, 30]]))
    assert problem.endswith(
        "the first line holds numbers; a header line is needed, with names of columns."
    )
