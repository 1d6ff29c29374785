"""How numbers are written: each rule on numbers in which every part of it matters."""

import dataclasses
import math

import pytest

from omemsim.present import csv, text

NAN = math.nan


@pytest.mark.parametrize(
    ("value", "told"),
    [(1234.5, "1,234"), (12.345, "12.3"), (0.12345, "0.123"), (-0.0001, "0.000"), (NAN, "-")],
)
def test_an_amount_has_fewer_decimals_the_larger_it_is(value: float, told: str) -> None:
    assert text.amount(value) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "0"),
        (1234.5, "1234"),
        (45.678, "45.7"),
        (0.012345, "0.0123"),
        (0.001234, "0.00123"),
        (-math.inf, "none"),
    ],
)
def test_three_figures(value: float, told: str) -> None:
    assert text.figures(value) == told


def test_small_figures_may_have_few_decimals_and_a_sign() -> None:
    assert text.figures(0.001234, decimals=4) == "0.0012"
    assert text.figures(0.00001, decimals=4) == "0"
    assert text.figures(0.5, sign=True) == "+0.5"
    assert text.figures(-2345.6, sign=True) == "-2346"


@pytest.mark.parametrize(
    ("value", "told"), [(1234.5, "1,234"), (2.3456, "2.35"), (0.5, "0.500"), (NAN, "none")]
)
def test_a_score_keeps_three_decimals_under_one(value: float, told: str) -> None:
    assert text.score(value) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.0141, "+0.0141"), (-21.61, "-21.6"), (-1234.5, "-1,234"), (1e-12, "0"), (NAN, "none")],
)
def test_a_signed_number_has_three_figures(value: float, told: str) -> None:
    assert text.signed(value) == told


def test_a_signed_number_may_have_a_unit_and_decimals() -> None:
    assert text.signed(-3.26, "%", decimals=1) == "-3.3%"
    assert text.typographic(text.signed(-3.26, "%", decimals=0)) == "−3%"
    assert text.signed(0, "%") == "0%"


def test_intervals_are_left_out_where_there_is_none() -> None:
    assert text.to(1, 2.5) == "1 to 2.5"
    assert text.to(NAN, NAN) == "none"
    assert text.bracketed(0.27, 0.26, 0.285) == "0.27 [0.26, 0.285]"
    assert text.bracketed(0.27, NAN, NAN) == "0.27"


@pytest.mark.parametrize(
    ("value", "size", "words", "signed"),
    [
        (-18.4, "18%", "18% lower", "−18%"),
        (9.94, "9.9%", "9.9% higher", "+9.9%"),
        (0.04, "<0.1%", "<0.1% higher", "+<0.1%"),
        (0, "0.0%", "equal", "0"),
    ],
)
def test_percentages(value: float, size: str, words: str, signed: str) -> None:
    assert text.percent(value) == size
    assert text.change(value) == words
    assert text.signed_percent(value) == signed


def test_shares_and_their_intervals() -> None:
    assert text.share(0.124, -0.031, 0.188) == "12% (-3 to 19)"
    assert text.share_in_percents(0.124, 0.052, 0.188) == "12% (5% to 19%)"
    assert text.share_in_percents(-0.001, NAN, NAN) == "0%"
    assert text.share(NAN, NAN, NAN) == "none"
    assert text.share_in_percents(NAN, NAN, NAN) == "none"
    assert text.share_in_percents(NAN, 0.1, 0.2) == "none"
    assert (text.likely(0.994), text.likely(0.98)) == (">99%", "98%")
    assert (text.small_share(0.00123), text.small_share(0)) == ("0.12%", "nothing")


def test_numbers_with_units() -> None:
    assert text.counted(1, "year") == "1 year"
    assert text.counted(2.5, "year") == "2.5 years"
    assert text.counted(1_234_567, "run") == "1,234,567 runs"
    assert text.counted(3, "switch", "switches") == "3 switches"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.2, "1 second"),
        (89.4, "89 seconds"),
        (91, "2 minutes"),
        (5399, "90 minutes"),
        (5400, "1.5 hours"),
        (7_200_000, "2,000.0 hours"),
    ],
)
def test_durations(seconds: float, written: str) -> None:
    assert text.duration(seconds) == written


@pytest.mark.parametrize(
    ("size", "written"), [(999, "999 bytes"), (12_345, "12 kB"), (2.5e9, "2.5 GB")]
)
def test_sizes_of_data(size: float, written: str) -> None:
    assert text.data_size(size) == written


def test_words_are_tallied_in_order_of_first_occurrence() -> None:
    assert text.tallied(["red", "blue", "red", "red"]) == "3 red, 1 blue"
    assert text.tallied([]) == ""


def test_a_long_name_is_cut() -> None:
    assert text.shortened("hot_spots", 9) == "hot_spots"
    assert text.shortened("hot_spots", 8) == "hot_spo…"


@dataclasses.dataclass
class Row:
    name: str
    value: float


def test_tables_quote_and_end_lines_in_one_way(tmp_path) -> None:
    rows = [Row('a, "b"', 0.5), Row("ü", 2)]
    table = 'name,value\n"a, ""b""",0.5\nü,2\n'
    assert csv.of_dataclasses(Row, rows) == table
    assert csv.of_records(map(dataclasses.asdict, rows)) == table
    assert csv.of_rows(["name", "value"], [(row.name, row.value) for row in rows]) == table
    csv.write_rows(tmp_path / "x.csv", ["name", "value"], [(row.name, row.value) for row in rows])
    assert (tmp_path / "x.csv").read_bytes() == table.encode()


def test_a_cell_that_a_record_lacks_is_empty_and_one_too_many_is_refused() -> None:
    assert csv.of_records([{"a": 1}, {"b": 2}], ["a", "b"]) == "a,b\n1,\n,2\n"
    with pytest.raises(ValueError, match="no such column: c"):
        csv.of_records([{"a": 1, "c": 2}], ["a", "b"])
    assert (csv.cell(1 / 3), csv.cell(NAN)) == ("0.333333", "")
