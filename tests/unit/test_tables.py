"""A town from a table: what is read, what is assumed, and every way a table can be wrong."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from omegaconf import OmegaConf

from omemsim.inputs.scenario import TownConfig
from omemsim.inputs.sources import blueprint_of
from omemsim.inputs.tables import guess_columns, read_blueprint, state_guess
from omemsim.inputs.tables.numbers import read_number
from omemsim.inputs.tables.problems import Problems
from omemsim.vocabulary.errors import InputError

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("OMEMSIM_DATA") or ROOT / ".." / "shared" / "data")
TORONTO = DATA / "toronto" / "neighbourhoods_toronto.csv"
needs_toronto = pytest.mark.skipif(not TORONTO.is_file(), reason=f"no Toronto table at {TORONTO}")

COLUMNS = {
    "id": "id",
    "name": "name",
    "population": "pop",
    "violence": ["assault", "robbery"],
    "property": "theft",
    "deprivation": {"poor": 1, "income": -1},
    "lon": "lon",
    "lat": "lat",
}
HEADER = "id,name,pop,assault,robbery,theft,poor,income,lon,lat"
ROWS = [
    "1,Alma,1000,10,5,40,12.5,50000,-79.40,43.70",
    "2,Birch,2000,4,0,10,3.0,90000,-79.39,43.70",
    "3,Cedar,500,2,1,5,8.0,70000,-79.40,43.71",
    "4,Doon,4000,40,20,100,20.0,40000,-79.39,43.71",
]


COVERAGE = {"coverage_violence": 1.0, "coverage_property": 1.0, "since": None, "shrink": False}
COVERAGE |= {"sheet": None, "suppressed": None, "totals": "drop"}


def config(file, **changes):
    base = {
        "name": "test",
        "file": None if file is None else str(file),
        "columns": COLUMNS,
        "adjacency": None,
        "polygons": None,
        "year": None,
        "scale": 1.0,
    }
    return SimpleNamespace(**(COVERAGE | base | changes))


def preset(name, **changes):
    fields = OmegaConf.to_container(OmegaConf.load(ROOT / "configs" / "town" / f"{name}.yaml"))
    return SimpleNamespace(**(COVERAGE | fields | changes))


@pytest.fixture
def write(tmp_path):
    """Write a table; text or bytes, rows or the whole file."""

    def _write(content=None, *, rows=ROWS, header=HEADER, name="town.csv", encoding="utf-8"):
        text = "\n".join([header, *rows]) + "\n" if content is None else content
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return _write


def refused(file, **changes):
    """Return the problems of a table that must be refused."""
    with pytest.raises(InputError) as caught:
        read_blueprint(config(file, **changes))
    assert caught.value.exit_code == 2
    return caught.value.problems


def with_cell(row, column, value):
    """Return the rows with one cell replaced; ``row`` counts from 0."""
    place = HEADER.split(",").index(column)
    cells = [line.split(",") for line in ROWS]
    cells[row][place] = value
    return [",".join(line) for line in cells]


# What is read


def test_rates_are_per_1000_residents_of_all_ages(write):
    town = read_blueprint(config(write()))
    np.testing.assert_allclose(town.violence, [15, 2, 6, 15])
    np.testing.assert_allclose(town.property, [40, 5, 10, 25])
    assert town.calls is None
    assert town.ids == ["1", "2", "3", "4"]
    assert town.names == ["Alma", "Birch", "Cedar", "Doon"]


def test_residents_15_use_the_documented_share_and_the_scale(write):
    town = read_blueprint(config(write(), scale=20))
    assert town.residents.tolist() == [42, 83, 21, 166]
    np.testing.assert_allclose(town.population, [50, 100, 25, 200])
    assert town.scale == 20
    assert any("83%" in note for note in town.notes)


def test_at_least_one_resident_lives_everywhere(write):
    town = read_blueprint(config(write(), scale=10_000))
    assert town.residents.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(("column", "expected"), [("pct_0_14", 800), ("population_15", 20)])
def test_residents_15_from_a_column(write, column, expected):
    path = write(header=HEADER + ",young", rows=[row + ",20" for row in ROWS])
    town = read_blueprint(config(path, columns=COLUMNS | {column: "young"}))
    assert town.residents[0] == expected
    assert not any("83%" in note for note in town.notes)


def test_shares_are_told_from_per_cent(write):
    path = write(header=HEADER + ",moved", rows=[row + ",0.2" for row in ROWS])
    town = read_blueprint(config(path, columns=COLUMNS | {"moving": "moved"}))
    np.testing.assert_allclose(town.moving, 0.2)
    assert any("read as shares" in note for note in town.notes)


def test_shares_of_groups_are_taken_from_the_table_where_it_has_them(write):
    path = write(
        header=HEADER + ",pct_visible_minority,first", rows=[row + ",40,5" for row in ROWS]
    )
    groups = {"minority": "pct_visible_minority", "indigenous": "first"}
    town = read_blueprint(config(path, columns=COLUMNS | groups))
    np.testing.assert_allclose(town.minority, 0.4)
    np.testing.assert_allclose(town.indigenous, 0.05)
    without = read_blueprint(config(path))
    assert without.minority is None
    assert without.indigenous is None
    guessed = guess_columns(["id", "pct_visible_minority", "pct_indigenous", "share_racialized"])
    assert (guessed["minority"], guessed["indigenous"]) == (
        "pct_visible_minority",
        "pct_indigenous",
    )


def test_deprivation_is_the_rank_of_mean_z_scores(write):
    town = read_blueprint(config(write()))
    np.testing.assert_allclose(town.deprivation, [2 / 3, 0, 1 / 3, 1])


def test_a_constant_indicator_is_left_out_with_a_note(write):
    rows = [",".join([*row.split(",")[:6], "7", *row.split(",")[7:]]) for row in ROWS]
    town = read_blueprint(config(write(rows=rows)))
    np.testing.assert_allclose(town.deprivation, [2 / 3, 0, 1 / 3, 1])
    assert any("'poor' is the same everywhere" in note for note in town.notes)


def test_without_indicators_crime_is_ranked_and_the_circle_is_said(write):
    town = read_blueprint(config(write(), columns=COLUMNS | {"deprivation": None}))
    np.testing.assert_allclose(town.deprivation, [1, 0, 1 / 3, 2 / 3])
    assert any("cannot show how crime depends on deprivation" in note for note in town.notes)


def test_an_empty_optional_cell_gets_the_median_and_a_note(write):
    town = read_blueprint(config(write(rows=with_cell(0, "poor", ""))))
    assert town.deprivation[3] == 1
    assert any("deprivation: poor: 1 empty cell " in note for note in town.notes)


def test_an_empty_count_gets_the_median_rate_of_the_others(write):
    path = write(
        header=HEADER + ",calls",
        rows=[
            f"{row},{calls}" for row, calls in zip(ROWS, ["300", "400", "", "2000"], strict=True)
        ],
    )
    town = read_blueprint(config(path, columns=COLUMNS | {"calls": "calls"}))
    np.testing.assert_allclose(town.calls, [300, 200, 300, 500])


def test_only_one_kind_of_crime_leaves_the_other_open_and_says_so(write):
    town = read_blueprint(config(write(), columns=COLUMNS | {"violence": None}))
    assert town.violence is None
    assert town.property is not None
    assert town.notes[0].startswith("ONLY PROPERTY CRIME IS COUNTED. violence: no column")


def test_visitors_and_businesses_become_rates(write):
    path = write(header=HEADER + ",v,b", rows=[row + ",500,20" for row in ROWS])
    town = read_blueprint(config(path, columns=COLUMNS | {"visitors": "v", "businesses": "b"}))
    np.testing.assert_allclose(town.visitors, [0.5, 0.25, 1, 0.125])
    np.testing.assert_allclose(town.businesses, [20, 10, 40, 5])


def test_everything_imputed_is_noted(write):
    notes = read_blueprint(config(write())).notes
    for name in ("visitors", "businesses", "moving", "area_km2", "adjacency"):
        assert any(note.startswith(name) for note in notes), name


def test_a_rate_per_households_becomes_a_count(write):
    columns = COLUMNS | {
        "households": {"assume": 1, "per": 2.5, "of": "population"},
        "property": {"columns": "theft", "per": 1000, "of": "households"},
    }
    town = read_blueprint(config(write(), columns=columns))
    np.testing.assert_allclose(town.property, np.array([40, 10, 5, 100]) / 2.5)


def test_units_are_converted(write):
    columns = COLUMNS | {"area_km2": {"columns": "poor", "times": 2}}
    np.testing.assert_allclose(
        read_blueprint(config(write(), columns=columns)).area, [25, 6, 16, 40]
    )


def test_more_crimes_than_residents_is_fine(write):
    town = read_blueprint(config(write(rows=with_cell(0, "theft", "123456"))))
    assert town.property[0] == pytest.approx(123456)


def test_a_name_falls_back_on_the_id(write):
    town = read_blueprint(config(write(rows=with_cell(1, "name", ""))))
    assert town.names == ["Alma", "2", "Cedar", "Doon"]


# Years


@pytest.fixture
def years(write):
    rows = [f"{row},{year}" for year in (2018, 2019) for row in ROWS]
    return write(header=HEADER + ",year", rows=rows)


def test_the_latest_year_is_the_default(years):
    town = read_blueprint(config(years, columns=COLUMNS | {"year": "year"}))
    assert len(town.ids) == 4
    assert "4 of 8 rows are used: year 2019, the latest, of 2018 to 2019." in town.notes


def test_a_year_selects_its_rows(years):
    town = read_blueprint(config(years, columns=COLUMNS | {"year": "year"}, year=2018))
    assert any("year 2018 of 2018 to 2019" in note for note in town.notes)


def test_a_missing_year_lists_those_there_are(years):
    (problem,) = refused(years, columns=COLUMNS | {"year": "year"}, year=2020)
    assert "town.year=2020" in problem
    assert "2018, 2019" in problem


def test_a_year_without_a_year_column(write):
    (problem,) = refused(write(), year=2019)
    assert "town.year: 2019 is asked for" in problem


def test_repeated_ids_suggest_mapping_the_year(years):
    (problem,) = refused(years)
    assert "column 'id': 4 cells (row 6 '1', row 7 '2', row 8 '3' and 1 more): is the id" in problem
    assert problem.endswith("If rows are years, map town.columns.year.")


@pytest.mark.parametrize("bad", ["next", "2019.5", "", "1e999"])
def test_a_faulty_year(write, bad):
    rows = [f"{row},{bad if i == 2 else 2019}" for i, row in enumerate(ROWS)]
    path = write(header=HEADER + ",year", rows=rows)
    (problem,) = refused(path, columns=COLUMNS | {"year": "year"})
    assert f"row 4, column 'year': {bad!r}" in problem
    assert "a year such as 2019" in problem


# Files as people have them


def test_a_byte_order_mark_is_dropped_and_noted(write):
    town = read_blueprint(config(write(encoding="utf-8-sig")))
    assert town.ids[0] == "1"
    assert any("byte order mark" in note for note in town.notes)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16"])
def test_other_encodings_are_read_and_noted(write, encoding):
    path = write(rows=with_cell(0, "name", "Montée-Étoile"), encoding=encoding)
    town = read_blueprint(config(path))
    assert town.names[0] == "Montée-Étoile"
    assert any("UTF-8" in note or "UTF-16" in note for note in town.notes)


@pytest.mark.parametrize(("encoding", "word"), [("mac_roman", "Mac"), ("cp850", "DOS")])
def test_older_encodings_are_told_by_their_letters(write, encoding, word):
    path = write(rows=with_cell(0, "name", "Montée-Étoile à Göß"), encoding=encoding)
    town = read_blueprint(config(path))
    assert town.names[0] == "Montée-Étoile à Göß"
    assert any(word in note for note in town.notes)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_two_bytes_a_letter_without_a_mark(write, encoding):
    town = read_blueprint(config(write(encoding=encoding)))
    assert town.names[0] == "Alma"


@pytest.mark.parametrize(("delimiter", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_delimiters_are_found_and_noted(write, delimiter, word):
    text = "\n".join([HEADER, *ROWS]).replace(",", delimiter)
    town = read_blueprint(config(write(text)))
    np.testing.assert_allclose(town.violence, [15, 2, 6, 15])
    assert any(f"separated by {word}" in note for note in town.notes)


def test_a_spreadsheet_in_french(write):
    text = "\n".join([HEADER, *ROWS]).replace(",", ";").replace(".", ",")
    text = text.replace(";1000;", ";1\u00a0000;")
    town = read_blueprint(config(write(text, encoding="cp1252")))
    np.testing.assert_allclose(town.violence, [15, 2, 6, 15])
    assert town.xy.shape == (4, 2)
    assert any("Decimals are written with a comma" in note for note in town.notes)


def test_windows_line_ends_quotes_and_blank_lines(write):
    text = f'\r\n{HEADER}\r\n"1","Al, ma ""x""",{ROWS[0][7:]}\r\n\r\n,,,,,,,,,\r\n{ROWS[1]}\r\n'
    town = read_blueprint(config(write(text)))
    assert town.names == ['Al, ma "x"', "Birch"]


def test_empty_columns_at_the_right_are_dropped(write):
    path = write(header=HEADER + ",,", rows=[row + ",," for row in ROWS])
    assert len(read_blueprint(config(path)).ids) == 4


def test_lines_are_those_of_the_file(write):
    text = f'{HEADER}\n1,"Al\nma",{ROWS[0][7:]}\n\n{ROWS[1].replace("2000", "few")}\n'
    (problem,) = refused(write(text))
    assert "row 5, column 'pop': 'few' is not a number" in problem


# Files that are no table


def test_a_missing_file_says_where_it_looked_and_the_nearest(write, tmp_path):
    write(name="neighbourhoods.csv")
    (problem,) = refused(tmp_path / "neighborhoods.csv")
    assert str(tmp_path / "neighborhoods.csv") in problem
    assert "Did you mean 'neighbourhoods.csv'?" in problem
    assert "town.file=PATH" in problem


def test_no_file_is_set():
    assert "town.file=PATH" in refused(None)[0]


def test_a_relative_file_is_found_in_the_data_folder(write, tmp_path, monkeypatch):
    write()
    monkeypatch.setenv("OMEMSIM_DATA", str(tmp_path))
    assert len(read_blueprint(config("town.csv")).ids) == 4


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b.csv"])
def test_impossible_names_are_not_there(name):
    assert "no file" in refused(name)[0]


def test_a_folder_in_place_of_a_file(write, tmp_path):
    write()
    (problem,) = refused(tmp_path)
    assert "is a folder" in problem
    assert "town.csv" in problem


@pytest.mark.parametrize("content", ["", "\n\n  \n"])
def test_an_empty_file(write, content):
    assert "the file is empty" in refused(write(content))[0]


@pytest.mark.parametrize("content", [HEADER, HEADER + "\n", HEADER + "\n\n,,,\n"])
def test_a_header_alone(write, content):
    assert "has a header and no rows" in refused(write(content))[0]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04" + bytes(100), "Excel"),
        (b"PAR1" + bytes(100), "Parquet"),
        (bytes(range(256)), "binary"),
        (b"a,b\n1,\x00\n", "binary"),
        (b"\xff\xfea", "utf-16"),
    ],
)
def test_a_binary_file_says_what_is_read(write, content, kind):
    (problem,) = refused(write(content))
    assert kind in problem
    assert "CSV" in problem


def test_a_file_one_may_not_read(write, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    path = write()
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert refused(path) == [f"{path}: cannot be read (Permission denied)."]


def test_a_cell_longer_than_a_table_can_hold(write):
    problems = refused(write(rows=[ROWS[0], ROWS[1].replace("Birch", "x" * 200_000)]))
    assert any("row 3" in problem and "field larger" in problem for problem in problems)


def test_ragged_rows_are_named_with_the_other_problems(write):
    rows = [*with_cell(1, "pop", "-5"), "5,Elm,10", ROWS[0] + ",7"]
    problems = refused(write(rows=rows))
    assert "2 rows (row 6 (3 cells), row 7 (11 cells)): where the header has 10" in problems[0]
    assert "row 3, column 'pop': '-5'" in problems[1]


def test_a_file_of_ragged_rows_only(write):
    assert "row 2: 2 cells" in refused(write(rows=["1,2"]))[0]


def test_a_quote_that_is_not_closed(write):
    problems = refused(write(rows=[ROWS[0], ROWS[1].replace("Birch", '"Birch'), ROWS[2]]))
    assert any("row 3" in problem and "quote" in problem for problem in problems)


# Cells


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("pop", "many", ["is not a number", "a number of at least 1"]),
        ("pop", "0.4", ["too small", "residents of all ages"]),
        ("pop", "-3", ["too small"]),
        ("pop", "inf", ["is not a number"]),
        ("pop", "1e999", ["not a finite number"]),
        ("pop", "1e300", ["too large", "at most 1,000,000,000,000"]),
        ("pop", "1_000", ["is not a number"]),
        ("pop", "\u0661\u0662", ["is not a number"]),
        ("assault", "-1", ["too small", "recorded violent crimes", "at least 0"]),
        ("poor", "12 of 100", ["is not a number", "indicator of deprivation"]),
        ("lon", "191", ["too large", "longitude in degrees", "at most 180"]),
        ("lat", "-91", ["too small", "latitude"]),
    ],
)
def test_a_faulty_cell(write, column, value, words):
    path = write(rows=with_cell(2, column, value))
    (problem,) = refused(path)
    assert problem.startswith(f"{path}, row 4, column {column!r}: {value!r}")
    for word in words:
        assert word in problem


def test_quoted_commas_in_a_comma_file(write):
    rows = with_cell(0, "pop", '"1.234')
    rows[0] = rows[0].replace('"1.234', '"1,234"')
    rows[1] = ROWS[1].replace(",3.0,", ',"3,5",')
    (problem,) = refused(write(rows=rows))
    assert "row 3, column 'poor': '3,5' is not a number; write 3.5" in problem


def test_a_count_that_can_be_read_in_two_ways(write):
    text = "\n".join([HEADER, *ROWS]).replace(",", ";").replace(".", ",")
    (problem,) = refused(write(text.replace(";1000;", ";1,000;")))
    assert "'1,000' can be read in two ways; write 1000" in problem


def test_a_dot_where_decimals_have_commas(write):
    text = "\n".join([HEADER, *ROWS]).replace(",", ";").replace("12.5", "12,5")
    (problem,) = refused(write(text))
    assert "'12,5' is not a number; write 12.5 (decimals are written with a dot here)" in problem


def test_duplicate_and_empty_ids(write):
    problems = refused(write(rows=[ROWS[0], ROWS[0], "," + ROWS[2].partition(",")[2]]))
    assert "row 3, column 'id': '1' is the identifier of another row; the first is 2" in problems[0]
    assert "row 4, column 'id': '' is not allowed" in problems[1]


def test_more_residents_15_than_residents(write):
    path = write(header=HEADER + ",adults", rows=[row + ",600" for row in ROWS])
    (problem,) = refused(path, columns=COLUMNS | {"population_15": "adults"})
    assert "row 4, column 'adults': '600' is more than the population of 500" in problem


def test_all_problems_come_at_once(write, tmp_path):
    rows = with_cell(0, "pop", "few")
    rows[1] = rows[1].replace(",4,", ",-4,")
    (tmp_path / "pairs.csv").write_text("a,b\n1,9\n", encoding="utf-8")
    columns = COLUMNS | {"property": "thefts", "popluation": "pop"}
    problems = refused(write(rows=rows), columns=columns, adjacency="pairs.csv", scale=-1)
    for words in ("'few'", "'-4'", "'thefts'", "popluation", "'9'", "town.scale"):
        assert any(words in problem for problem in problems), words
    assert len(problems) == 6


def test_the_same_fault_in_many_rows_is_told_in_few_lines(write):
    rows = [",".join([str(i), "N", "few", *ROWS[0].split(",")[3:]]) for i in range(50)]
    (problem,) = refused(write(rows=rows))
    assert "column 'pop': 50 cells (row 2 'few', row 3 'few', row 4 'few' and 47 more)" in problem


def test_many_kinds_of_fault_stay_on_a_screen(write):
    header = HEADER + "".join(f",theft{i}" for i in range(40))
    path = write(header=header, rows=[row + ",bad" * 40 for row in ROWS])
    columns = COLUMNS | {"property": [f"theft{i}" for i in range(40)]}
    problems = refused(path, columns=columns)
    assert len(problems) == 16
    assert problems[-1] == "And 25 further kinds of problem."


def test_problems_without_a_fault_raise_nothing():
    problems = Problems()
    problems.check()
    with problems.gather():
        raise InputError("one", "two")
    assert len(problems) == 2
    with pytest.raises(InputError, match="one\ntwo"):
        problems.check()


# Numbers that no town has


def test_rates_beyond_belief_are_noted(write):
    path = write(
        header=HEADER + ",calls",
        rows=[f"{row},{20_000 if i == 2 else 10}" for i, row in enumerate(ROWS)],
    )
    columns = COLUMNS | {"calls": "calls"}
    notes = read_blueprint(config(path, columns=columns)).notes
    (note,) = [note for note in notes if note.startswith("IMPLAUSIBLE")]
    assert "calls above 10,000 a year per 1,000 residents in Cedar (40,000)" in note
    notes = read_blueprint(config(write(rows=with_cell(0, "theft", "1001")))).notes
    (note,) = [note for note in notes if note.startswith("IMPLAUSIBLE")]
    assert "recorded crime above 1,000 a year per 1,000 residents in Alma (1,016)" in note
    assert not any("IMPLAUSIBLE" in note for note in read_blueprint(config(write())).notes)


def test_dots_between_thousands_are_not_decimals(write):
    rows = [
        row.replace(pop, dotted)
        for row, pop, dotted in zip(
            ROWS,
            ("1000", "2000", ",500,", "4000"),
            ("1.000", "2.000", ",500,", "4.000"),
            strict=True,
        )
    ]
    (problem,) = refused(write(rows=rows))
    assert "column 'pop': 3 cells (row 2 '1.000', " in problem
    assert "can be read in two ways; write 1000 if it is a count" in problem
    rows[0] = ROWS[0]
    assert "row 3 '2.000'" in refused(write(rows=rows))[0]


@pytest.mark.parametrize("word", ["Total", "TOTAL (city)", "Grand total", "Ensemble", "Gesamt"])
@pytest.mark.parametrize("column", ["id", "name"])
def test_a_row_named_total_is_left_out(write, column, word):
    path = write(rows=with_cell(3, column, word))
    town = read_blueprint(config(path))
    assert town.ids == ["1", "2", "3"]
    (note,) = [note for note in town.notes if "of other rows left out" in note]
    assert note.startswith("1 total of other rows left out: ")
    assert len(read_blueprint(config(path, totals="keep")).ids) == 4


def test_a_row_that_is_the_sum_of_the_others_is_left_out(write):
    path = write(rows=[*ROWS, "9,Toutville,7500,60,26,160,9.0,60000,-79.4,43.7"])
    town = read_blueprint(config(path))
    assert town.ids == ["1", "2", "3", "4"]
    assert any("Toutville" in note for note in town.notes)
    quiet = write(rows=[*ROWS, "9,Park,7500,1,0,2,9.0,60000,-79.4,43.7"])
    assert len(read_blueprint(config(quiet)).ids) == 5


def test_calls_are_said_not_to_be_fitted(write):
    path = write(header=HEADER + ",calls", rows=[row + ",9" for row in ROWS])
    notes = read_blueprint(config(path, columns=COLUMNS | {"calls": "calls"})).notes
    assert any(note.startswith("calls:") and "no run is fitted" in note for note in notes)


# The mapping


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"popluation": "pop"}, ["town.columns.popluation: unknown name", "'population'"]),
        ({"property": "thefft"}, ["column 'thefft'", "'theft'", "Columns: id, name"]),
        ({"population": None}, ["town.columns.population: missing"]),
        ({"id": None}, ["town.columns.id: missing"]),
        ({"violence": None, "property": None}, ["both missing"]),
        ({"lat": None}, ["lon and lat come together"]),
        ({"x": "lon"}, ["x and y come together"]),
        ({"violence": []}, ["not a list of column names"]),
        ({"violence": ["assault", "assault"]}, ["assault would be counted twice"]),
        ({"violence": 3}, ["3 is not the name of a column"]),
        ({"id": ["id", "name"]}, ["town.columns.id: one column is needed"]),
        ({"deprivation": {"poor": 0}}, ["weight 0 is not allowed"]),
        ({"deprivation": {"poor": "high"}}, ["weight 'high' is not allowed"]),
        ({"deprivation": {}}, ["names no column"]),
        ({"deprivation": {"poorr": 1}}, ["'poorr'", "'poor'"]),
        ({"area_km2": {"column": "poor"}}, ["unknown option", "'columns'"]),
        ({"area_km2": {"columns": "poor", "assume": 3}}, ["either 'columns'"]),
        ({"area_km2": {"columns": "poor", "times": 0}}, ["times: 0 is not a number above 0"]),
        ({"area_km2": {"columns": "poor", "per": 10}}, ["is not such a count"]),
        ({"area_km2": {"assume": 0}}, ["assume: 0 is not allowed", "above 0"]),
        ({"property": {"columns": "theft", "of": "population"}}, ["'of' needs 'per'"]),
        ({"property": {"columns": "theft", "per": 9, "of": "dogs"}}, ["'dogs' is not one of"]),
        (
            {"property": {"columns": "theft", "per": 9, "of": "households"}},
            ["a rate per households, which is not mapped"],
        ),
        ({"id": {"assume": 3}}, ["can only be a column"]),
    ],
)
def test_a_faulty_mapping(write, changes, words):
    problems = refused(write(), columns=COLUMNS | changes)
    text = "\n".join(problems)
    for word in words:
        assert word in text


def test_a_column_that_is_there_twice(write):
    path = write(header=HEADER.replace("income", "poor"))
    problems = refused(path, columns=COLUMNS | {"deprivation": "poor"})
    assert "two columns of that name; rename one. Columns: id" in problems[0]


@pytest.mark.parametrize("scale", [0, -1, 10_001, float("nan"), float("inf")])
def test_a_faulty_scale(write, scale):
    assert "a number from 1 to 10,000" in refused(write(), scale=scale)[0]


# Guesses


def test_a_guess_sums_offences_and_states_itself():
    header = [
        "HOOD_ID",
        "AREA_NAME",
        "Population",
        "ASSAULT",
        "ROBBERY",
        "Break_Enter",
        "Auto_Theft",
    ]
    guess = guess_columns(header)
    assert guess == {
        "id": "HOOD_ID",
        "name": "AREA_NAME",
        "population": "Population",
        "violence": ["ASSAULT", "ROBBERY"],
        "property": ["Break_Enter", "Auto_Theft"],
    }
    assert "violence = ASSAULT + ROBBERY" in state_guess(guess)


def test_a_total_is_preferred_to_its_parts():
    guess = guess_columns(["id", "pop", "assault", "crime_violent", "theft_over", "crime_property"])
    assert guess["violence"] == ["crime_violent"]
    assert guess["property"] == ["crime_property"]


def test_columns_by_year_give_the_latest_and_no_rates():
    header = ["ASSAULT_2023", "ASSAULT_2024", "ASSAULT_RATE_2024", "POPULATION_2024"]
    guess = guess_columns(header)
    assert guess["violence"] == ["ASSAULT_2024"]
    assert guess["population"] == "POPULATION_2024"


def test_half_a_pair_of_coordinates_is_no_guess():
    assert "lon" not in guess_columns(["id", "longitude"])
    assert guess_columns(["Longitude", "Latitude"]) == {"lon": "Longitude", "lat": "Latitude"}


@pytest.mark.parametrize(
    ("header", "violence", "property_"),
    [
        (
            "Assaults,Robberies,Break-ins,Thefts",
            ["Assaults", "Robberies"],
            ["Break-ins", "Thefts"],
        ),
        ("Sexual assaults,Shoplifting", ["Sexual assaults"], ["Shoplifting"]),
        ("Homicide,Burglary,Theft from vehicle", ["Homicide"], ["Burglary", "Theft from vehicle"]),
        ("Violence,Propriété", ["Violence"], ["Propriété"]),
        (
            "Voies de fait,Vols qualifiés,Vols,Introductions par effraction",
            ["Voies de fait", "Vols qualifiés"],
            ["Introductions par effraction", "Vols"],
        ),
        ("B&E,Theft over $5000,Violent crimes", ["Violent crimes"], ["B&E", "Theft over $5000"]),
    ],
)
def test_a_guess_knows_the_usual_words_for_crime(header, violence, property_):
    guess = guess_columns(header.split(","))
    assert guess == {"violence": violence, "property": property_}


@pytest.mark.parametrize("column", ["Residents 2023", "population_2021_census", "Habitants"])
def test_a_guess_knows_people_with_a_year(column):
    assert guess_columns([column]) == {"population": column}


@pytest.mark.parametrize("column", ["income", "Median household income 2021", "Revenu médian"])
def test_a_guess_takes_income_for_better_off(column):
    assert guess_columns([column]) == {"deprivation": {column: -1.0}}


def test_columns_of_numbers_that_nothing_is_read_from_are_named(write):
    header = HEADER + ",loitering,note,loud_2022,loud_2023"
    path = write(header=header, rows=[f"{row},{i},x{i},3,4" for i, row in enumerate(ROWS)])
    (note,) = [
        note
        for note in read_blueprint(config(path, columns={"guess": True})).notes
        if note.startswith("Columns not used: ")
    ]
    assert note.startswith(
        "Columns not used: poor, loitering, loud_2022 to loud_2023 (2 columns). If"
    )
    given = read_blueprint(config(path)).notes
    assert not any("not used: " in note for note in given)


@pytest.mark.parametrize(
    ("header", "rows", "ids"),
    [
        ("City,District,Residents 2023,Thefts", ["X,Hill,100,3", "X,Mill,90,1"], ["Hill", "Mill"]),
        ("City,Residents 2023,Place,Thefts", ["X,100,a,3", "X,90,b,1"], ["a", "b"]),
        ("Key,Residents 2023,Thefts", ["7,100,3", "9,90,1"], ["7", "9"]),
        ("Place,year,Residents,Thefts", ["a,2022,9,1", "a,2023,8,1", "b,2023,8,1"], ["a", "b"]),
    ],
)
def test_a_column_that_tells_rows_apart_is_the_identifier(write, header, rows, ids):
    path = write(header=header, rows=rows)
    assert read_blueprint(config(path, columns={"guess": True})).ids == ids


def test_a_missing_column_is_asked_for_in_words_one_can_type(write):
    path = write(header="Place,Folk 2023,Loot", rows=["a,900,3", "b,800,4"])
    problems = refused(path, columns={"guess": True})
    assert len(problems) == 2
    for problem in problems:
        assert problem.startswith(f"{path}: town.columns.")
        assert "The columns are: Place, Folk 2023, Loot." in problem
    assert problems[0].endswith("as town.columns.population='Folk 2023'.")
    path = write(header="Place,Poplation,Loot,id", rows=["a,900,3,1", "b,800,4,2"])
    (problem,) = refused(path, columns={"guess": True, "property": "Loot"})
    assert "Did you mean 'Poplation'?" in problem


def test_a_guess_of_nothing_says_so():
    assert guess_columns(["", "foo"]) == {}
    assert "No column" in state_guess({})


def test_a_table_without_a_mapping_is_guessed_and_can_be_corrected(write):
    header = HEADER.replace("theft", "auto_theft").replace("pop", "Folk")
    path = write(header=header)
    assert "town.columns.population: missing" in refused(path, columns={"guess": True})[0]
    town = read_blueprint(config(path, columns={"guess": True, "population": "Folk"}))
    np.testing.assert_allclose(town.violence, [15, 2, 6, 15])
    assert any(note.startswith("Guessed from the names of columns: id = id") for note in town.notes)


def test_nothing_is_guessed_unless_asked(write):
    columns = {"id": "id", "population": "pop", "property": "theft", "guess": False}
    town = read_blueprint(config(write(), columns=columns))
    assert town.violence is None
    assert not any("Guessed" in note for note in town.notes)


# Space


def test_neighbours_come_from_a_file(write, tmp_path):
    (tmp_path / "pairs.csv").write_text("a,b,metres\n2,1,9\n1,2,9\n3,3,9\n4,2,9\n", "utf-8")
    town = read_blueprint(config(write(), adjacency="pairs.csv"))
    assert town.adjacency.tolist() == [[0, 1], [1, 3]]
    assert town.adjacency.dtype == np.int32
    assert "Without any neighbour: 3." in town.notes
    assert any(note.endswith("ignored: row 4.") for note in town.notes)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b\n1,2\n1,44\n", "row 3, column 'b': '44' is not an identifier"),
        ("a,b\n1,44\n", "Did you mean '4'?"),
        ("1,2\n2,3\n", "a header line is needed"),
        ("a\n1\n", "one column 'a'"),
        ("a,b\n", "has a header and no rows"),
        ("a,b\n1,2,3\n", "row 2: 3 cells"),
    ],
)
def test_a_faulty_file_of_neighbours(write, tmp_path, content, words):
    (tmp_path / "pairs.csv").write_text(content, encoding="utf-8")
    (problem,) = refused(write(), adjacency="pairs.csv")
    assert words in problem
    assert "pairs.csv" in problem


def test_a_missing_file_of_neighbours_unless_it_is_optional(write):
    assert "town.adjacency: no file 'none.csv'" in refused(write(), adjacency="none.csv")[0]
    town = read_blueprint(config(write(), adjacency="optional none.csv"))
    assert len(town.adjacency) == 5
    assert any("none.csv is not beside the table" in note for note in town.notes)


def test_centres_are_in_metres(write):
    town = read_blueprint(config(write()))
    east = town.xy[1] - town.xy[0]
    assert east[0] == pytest.approx(803.9, abs=0.5)
    assert east[1] == pytest.approx(0)


def test_without_coordinates_there_is_a_grid_and_a_note(write):
    columns = {k: v for k, v in COLUMNS.items() if k not in {"lon", "lat"}}
    town = read_blueprint(config(write(), columns=columns))
    assert town.adjacency.tolist() == [[0, 1], [0, 2], [1, 3], [2, 3]]
    assert any("square grid" in note for note in town.notes)


def square(x, y, **properties):
    corners = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]
    ring = [[-79.4 + 0.01 * a, 43.7 + 0.01 * b] for a, b in corners]
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def save(path, features):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def test_polygons_give_centres_areas_and_neighbours(write, tmp_path):
    squares = [square(i % 2, i // 2, id=i + 1) for i in (3, 2, 1, 0)] + [square(9, 9, id=77)]
    save(tmp_path / "map.geojson", squares)
    columns = {k: v for k, v in COLUMNS.items() if k not in {"lon", "lat"}}
    town = read_blueprint(config(write(), columns=columns, polygons="map.geojson"))
    np.testing.assert_allclose(town.area, 0.894, rtol=0.01)
    assert len(town.adjacency) == 6
    assert town.polygons[0][0].min(axis=0) == pytest.approx([-79.4, 43.7])
    assert town.xy[1, 0] > town.xy[0, 0]
    assert any("1 polygon of other areas left out: 77" in note for note in town.notes)


def test_a_map_that_is_edited_is_read_again(write, tmp_path):
    path = save(tmp_path / "map.geojson", [square(i, 0, id=i + 1) for i in range(4)])
    town = TownConfig(kind="table", file=str(write()), columns=COLUMNS, polygons=str(path))
    first = blueprint_of(town)
    assert blueprint_of(town) is first
    save(path, [square(i, 10.5, id=i + 1) for i in range(4)])
    assert blueprint_of(town).polygons[0][0].tolist() != first.polygons[0][0].tolist()


def test_a_neighbourhood_without_a_polygon(write, tmp_path):
    save(tmp_path / "map.geojson", [square(i, 0, id=i) for i in (1, 2, 3)])
    (problem,) = refused(write(), polygons="map.geojson")
    assert "no feature for '4'" in problem


def test_polygons_without_the_identifier(write, tmp_path):
    save(tmp_path / "map.geojson", [square(0, 0, ids=1)])
    (problem,) = refused(write(), polygons="map.geojson")
    assert "has the property 'id'" in problem
    assert "Did you mean 'ids'?" in problem


def test_a_geojson_is_a_table_with_features_for_rows(tmp_path):
    people = [{"id": i, "pop": 100 * i, "theft": 2} for i in (1, 2, 3)]
    features = [square(i, 0, **own) for i, own in enumerate(people)]
    columns = {"id": "id", "population": "pop", "property": "theft"}
    path = save(tmp_path / "town.geojson", features)
    town = read_blueprint(config(path, columns=columns))
    assert town.adjacency.tolist() == [[0, 1], [1, 2]]
    features[1]["properties"]["pop"] = "few"
    (problem,) = refused(save(path, features), columns=columns)
    assert "feature 2, column 'pop': 'few' is not a number" in problem


# Presets


@needs_toronto
@pytest.mark.parametrize("year", [2014, 2019, 2024])
def test_toronto_has_158_neighbourhoods_in_every_year(year):
    town = read_blueprint(preset("toronto", file=str(TORONTO), year=year))
    assert len(town.ids) == 158
    assert len(town.adjacency) == 475
    assert len(town.polygons) == 158
    assert town.scale == 20
    for values in (town.deprivation, town.moving, town.area, town.violence, town.property):
        assert np.isfinite(values).all()


@needs_toronto
def test_toronto_totals_are_those_published():
    town = read_blueprint(preset("toronto", file=str(TORONTO), scale=1))
    violent = town.violence @ town.population / 1000
    assert violent == pytest.approx(24_165)
    assert town.population.sum() == pytest.approx(2_868_095)
    assert 0.8 < town.residents.sum() / town.population.sum() < 0.9


@needs_toronto
def test_toronto_deprivation_agrees_with_the_citys_own_label():
    lines = TORONTO.with_name("census2021_hood158.csv").read_text("utf-8").splitlines()
    place = lines[0].split(",").index("nia")
    label = {line.split(",")[0]: line.split(",")[place] for line in lines[1:]}
    town = read_blueprint(preset("toronto", file=str(TORONTO)))
    designated = np.array([label[own] == "2" for own in town.ids])
    assert designated.sum() == 33
    above = town.deprivation[designated, None] > town.deprivation[None, ~designated]
    assert above.mean() > 0.9


@needs_toronto
def test_toronto_beside_nothing_still_reads(tmp_path):
    copy = tmp_path / TORONTO.name
    copy.write_bytes(TORONTO.read_bytes())
    town = read_blueprint(preset("toronto", file=str(copy)))
    assert town.polygons is None
    assert sum("is not beside the table" in note for note in town.notes) == 2


def test_toronto_absent_says_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMEMSIM_DATA", str(tmp_path / "mine"))
    with pytest.raises(InputError) as caught:
        read_blueprint(preset("toronto"))
    (problem,) = caught.value.problems
    assert str(tmp_path / "mine" / "toronto" / "neighbourhoods_toronto.csv") in problem
    assert "town.file=PATH" in problem


def test_columbus_has_49_neighbourhoods_and_burglary_only():
    pytest.importorskip("libpysal", reason="needs the extra geo")
    town = read_blueprint(preset("columbus"))
    assert len(town.ids) == 49
    assert len(town.adjacency) == 118
    assert town.violence is None
    # 15.72598 per 1,000 households of 2.75 in the first row.
    assert town.property[0] == pytest.approx(15.72598 / 2.75)
    assert "population: 4000 is assumed." in town.notes


# Numbers


@pytest.mark.parametrize(
    ("cell", "options", "value"),
    [
        ("12", {}, 12),
        ("-1.5e3", {}, -1500),
        (".5", {}, 0.5),
        ("1,5", {"decimal_comma": True}, 1.5),
        ("12,898", {"decimal_comma": True}, 12.898),
        ("1\u202f234\u202f567", {"spaces": True}, 1234567),
        ("1 234,5", {"decimal_comma": True, "spaces": True}, 1234.5),
        ("1 234.5", {"spaces": True}, 1234.5),
    ],
)
def test_numbers_as_people_write_them(cell, options, value):
    assert read_number(cell, **options) == value
