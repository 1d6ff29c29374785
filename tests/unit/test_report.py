"""A report says what its comparison says: its sentences, its tables, and its drawings."""

from __future__ import annotations

import base64
import csv
import dataclasses
import io
import json
import math
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pytest

import omemsim as om
from omemsim.analysis.assumptions import PREFIX, InfluenceStudy
from omemsim.figures.ink import luminance
from omemsim.figures.page import INK
from omemsim.language import ENGLISH, FRENCH, language_of
from omemsim.language.sentences import CERTAINTY, Frequency, Worlds
from omemsim.report import FILE, WORKBOOK, report_of, report_page, save_report
from omemsim.report.chart import FAINT, Axis, folded, nice_ticks
from omemsim.report.dots import DOTS, dots_of
from omemsim.report.facts import Facts
from omemsim.report.gains import Gains, direction, gains_of
from omemsim.report.methods import GLOSSARY
from omemsim.report.money import avoided_by, paid_by
from omemsim.report.moved import is_left_open
from omemsim.report.over_time import whole_years
from omemsim.report.parts import Column, Figure, Listed, Report, Sheet, Text
from omemsim.report.rivals import Rivals, rivals, strongest
from omemsim.report.rows import WIDE_BAR
from omemsim.report.tactic_evidence import FUNDS, TACTICS
from omemsim.report.tactics import used_tactics
from omemsim.report.verdict import in_a_sentence
from omemsim.strategies import Fund
from omemsim.study.comparison import Comparison
from omemsim.study.effort import PARTS, SPENT, Effort, Unlike, efforts, unlike_baseline
from omemsim.study.plausible import separating
from omemsim.study.statistics import paired_difference
from omemsim.vocabulary.parameters import Parameters, declarations
from omemsim.vocabulary.wheel import COLOURS, Tactic, Zone

COMMAND = "omemsim compare hot_spots omem town=small report=yes"
SETS = [
    {"parameters.act.problem_effect": 0.1 + 0.1 * k, "parameters.offend.deterrence": 0.3}
    for k in range(6)
]


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = tmp_path_factory.mktemp("report")
    return om.compare(
        *("present_practice", "hot_spots", "omem"),
        town="small",
        years=1,
        overrides=["spin_up_years=0.5"],
        replicates=4,
        uncertainty=SETS,
        store=folder / "store",
        out=folder,
        workers=1,
        progress=False,
    )


@pytest.fixture(scope="module")
def facts(comparison: Comparison) -> Facts:
    return Facts(comparison, ENGLISH, COMMAND)


@pytest.fixture(scope="module")
def report(comparison: Comparison) -> Report:
    return report_of(comparison, ENGLISH, COMMAND)


@pytest.fixture(scope="module")
def html(report: Report) -> str:
    return report_page(report)


@pytest.fixture(scope="module")
def figures(html: str) -> dict[str, Drawn]:
    found = re.findall(r'<figure id="([^"]+)"[^>]*>(.*?)</figure>', html, re.DOTALL)
    return {name: Drawn(text) for name, text in found}


class Drawn:
    """A figure as it stands in the page: its drawing, its table, and the files that it holds."""

    def __init__(self, text: str) -> None:
        self.text = text
        svg = re.search(r"<svg .*?</svg>", text, re.DOTALL)
        self.shapes = list(ElementTree.fromstring(svg[0])) if svg else []
        data = re.search(r'href="data:text/csv;base64,([^"]+)"', text)
        assert data
        self.rows = list(csv.DictReader(io.StringIO(base64.b64decode(data[1]).decode())))
        data = re.search(r'href="data:application/json;base64,([^"]+)"', text)
        assert data
        self.json = json.loads(base64.b64decode(data[1]))

    def scale(self, way: str) -> tuple[float, float]:
        """Return the slope and start of an axis, read off the numbers that stand at its ticks."""
        ticks = [x for x in self.shapes if f"data-tick-{way}" in x.attrib]
        values = [float(x.attrib[f"data-tick-{way}"]) for x in ticks]
        places = [float(x.attrib[way]) - (4 if way == "y" else 0) for x in ticks]
        slope = (places[-1] - places[0]) / (values[-1] - values[0])
        assert np.allclose(places, places[0] + slope * (np.array(values) - values[0]), atol=0.11)
        return slope, places[0] - slope * values[0]

    def value(self, way: str, place: float) -> float:
        slope, start = self.scale(way)
        return (place - start) / slope

    def near(self, way: str, place: float, cell: str) -> bool:
        """Return whether a place shows a cell: as near as a tenth of a unit lets it be."""
        return abs(self.value(way, place) - float(cell)) <= 0.16 / abs(self.scale(way)[0])


def middle(shape: ElementTree.Element) -> tuple[float, float]:
    """Return where a mark stands."""
    if "cx" in shape.attrib:
        return float(shape.attrib["cx"]), float(shape.attrib["cy"])
    corners = np.array([pair.split(",") for pair in shape.attrib["points"].split()], float)
    return float((corners[:, 0].min() + corners[:, 0].max()) / 2), float(corners[:, 1].mean())


# ---- drawings


def test_every_mark_stands_where_its_table_says(figures: dict[str, Drawn]) -> None:
    marks: Counter[str] = Counter()
    for name, one in figures.items():
        for shape in one.shapes:
            if "data-row" in shape.attrib and "data-x" in shape.attrib:
                row = one.rows[int(shape.attrib["data-row"])]
                x, y = middle(shape)
                assert one.near("x", x, row[shape.attrib["data-x"]]), (name, row)
                if "data-y" in shape.attrib:
                    slope = 0.4 / abs(one.scale("y")[0])  # a triangle's middle is a little off
                    assert abs(one.value("y", y) - float(row[shape.attrib["data-y"]])) < slope
                marks[name] += 1
    assert marks["dots"] == 2 * len(SETS)  # a dot for each town, since there are fewer than 50
    assert marks["three-doubts"] == 2
    assert marks["neighbourhoods-omem"] == 10
    assert marks["fifths"] == 4
    assert marks["pairs"] == 3
    assert marks["other-wins"] == len(SETS)
    assert marks["recorded-and-true"] == 4
    assert marks["assumptions"] > 20


def test_every_bar_ends_where_its_table_says(figures: dict[str, Drawn]) -> None:
    bars = 0
    for name, one in figures.items():
        for shape in one.shapes:
            if "data-to" in shape.attrib:
                row = one.rows[int(shape.attrib["data-row"])]
                start = float(shape.attrib["x"])
                ends = sorted(
                    [
                        float(row.get(shape.attrib["data-from"]) or 0),
                        float(row[shape.attrib["data-to"]]),
                    ]
                )
                assert one.near("x", start, str(ends[0])), name
                assert one.near("x", start + float(shape.attrib["width"]), str(ends[1])), name
                bars += 1
    assert bars >= 30


def test_parts_of_a_bar_are_as_long_as_the_table_says(figures: dict[str, Drawn]) -> None:
    for name in ("hours", "payers", "moved"):
        one = figures[name]
        parts = [x for x in one.shapes if "data-part" in x.attrib]
        wide = {}
        for shape in parts:
            row = one.rows[int(shape.attrib["data-row"])]
            key = shape.attrib["data-part"]
            if name == "moved" and key == "prevented":
                value = float(row["blocked"]) - float(row["near"]) - float(row["away"])
            else:
                value = float(row[key])
            wide[float(shape.attrib["width"])] = value
        most = max(wide)
        for width, value in wide.items():
            assert width == pytest.approx(most * value / wide[most], abs=0.25), name


def test_curves_go_through_their_tables(figures: dict[str, Drawn]) -> None:
    for name in ("victimization", "disorder", "public-calls", "trust", "fear", "capacity"):
        one = figures[f"{name}-over-time"]
        curves = [x for x in one.shapes if x.tag.endswith("polyline")]
        assert [x.attrib["data-y"] for x in curves] == ["present_practice", "hot_spots", "omem"]
        for curve in curves:
            points = [tuple(map(float, x.split(","))) for x in curve.attrib["points"].split()]
            assert len(points) == len(one.rows) == 4
            for (x, y), row in zip(points, one.rows, strict=True):
                assert one.near("x", x, row["year"])
                assert one.near("y", y, row[curve.attrib["data-y"]])


def test_bands_of_zones_are_as_high_as_the_table_says(figures: dict[str, Drawn]) -> None:
    one = figures["zones-omem"]
    bands = [x for x in one.shapes if "data-band" in x.attrib]
    assert [x.attrib["data-band"] for x in bands] == ["blue", "green", "amber", "red"]
    for band in bands:
        zone = band.attrib["data-band"]
        assert band.attrib["fill"] == COLOURS[Zone[zone.upper()]]
        corners = [tuple(map(float, x.split(","))) for x in band.attrib["points"].split()]
        upper, lower = corners[: len(one.rows)], corners[len(one.rows) :][::-1]
        for (_, high), (_, low), row in zip(upper, lower, one.rows, strict=True):
            assert one.value("y", high) - one.value("y", low) == pytest.approx(
                float(row[zone]), abs=0.002
            )
    for row in one.rows:
        assert sum(float(row[zone.name.lower()]) for zone in Zone) == pytest.approx(1)


@pytest.mark.parametrize("name", ["wheel", "map"])
def test_signs_have_the_zone_of_the_table(figures: dict[str, Drawn], name: str) -> None:
    one = figures[name]
    signs = [x for x in one.shapes if "data-zone" in x.attrib]
    assert len(signs) == 4 * 10  # the start, and the end of three strategies
    for sign in signs:
        zone = one.rows[int(sign.attrib["data-row"])][sign.attrib["data-zone"]]
        assert sign.attrib["fill"] == COLOURS[Zone[zone.upper()]]
        assert sign.attrib["stroke"] == "#222222"  # amber on white has no contrast of its own


def test_a_table_of_a_page_is_its_file(report: Report, figures: dict[str, Drawn]) -> None:
    assert [one.name for one in report.figures] == list(figures)
    assert len(set(figures)) == len(report.figures) > 20
    for figure in report.figures:
        shown = figures[figure.name]
        body = re.search(r"<tbody>(.*?)</tbody>", shown.text, re.DOTALL)
        assert body
        rows = ElementTree.fromstring(f"<t>{body[1].replace('&nbsp;', ' ')}</t>")
        cells = [["".join(cell.itertext()) for cell in row] for row in rows]
        assert cells == figure.sheet.cells()
        assert len(shown.rows) == len(cells) == len(shown.json["rows"])
        assert shown.json["finding"] == figure.title
        assert shown.json["command"] == COMMAND
        for from_csv, from_json in zip(shown.rows, shown.json["rows"], strict=True):
            for key, value in from_json.items():
                assert from_csv[key] == ("" if value is None else str(value))


# ---- what is said


def test_dots_are_the_towns_in_their_proportion() -> None:
    values = np.array([-3.0, -2.0, -1.0, 1.0])
    assert dots_of(values[::-1]).tolist() == values.tolist()
    assert dots_of(np.arange(50.0)).tolist() == list(range(50))
    assert Counter(dots_of(np.repeat(values, 25))) == {-3.0: 13, -2.0: 12, -1.0: 13, 1.0: 12}
    assert len(dots_of(np.arange(500.0))) == DOTS
    assert set(dots_of(np.arange(500.0))) <= set(range(500))


def test_noise_of_adding_is_no_gain() -> None:
    # 0.1 + 0.2 - 0.3 is 5.6e-17 and its mean with nothing 2.8e-17: no change, and not a fall
    changes = np.array([[0.1, -1.0, 2.0], [0.2, -1.0, 2.0], [-0.3, -1.0, 2.0]])
    assert changes[:, 0].mean() != 0
    found = Gains(np.ones(3), np.ones(3), changes)
    assert found.change.tolist() == [0.0, -1.0, 2.0]
    assert direction(found.change) == (1, 1, 1)


def test_dots_of_a_comparison_are_those_of_its_parameter_sets(
    facts: Facts, figures: dict[str, Drawn]
) -> None:
    over = facts.comparison.over_sets
    assert over is not None
    one, base = (over.values[x, "victimization"].mean(axis=1) for x in ("omem", "present_practice"))
    change = 100 * (one - base) / base
    shown = {float(row["percent"]) for row in figures["dots"].rows if row["strategy"] == "OMEM"}
    assert np.allclose(sorted(shown), sorted(set(change)))
    found = facts.frequency("omem")
    assert found == (int((change < 0).sum()), len(SETS), Worlds.PLAUSIBLE)
    assert in_a_sentence(facts, "omem").count(f"of {found.n} ") <= 1


def test_a_verdict_has_its_size_its_frequency_and_its_doubt(facts: Facts, html: str) -> None:
    row = facts.row("omem")
    said = in_a_sentence(facts, "omem")
    assert f"about {abs(row.percent):.0f}%" in said or "less than 1%" in said
    assert ("fewer victims" if row.percent < 0 else "more victims") in said
    assert "plausible town" in said
    assert said in html


def test_without_sets_the_towns_are_counted(facts: Facts) -> None:
    bare = Facts(dataclasses.replace(facts.comparison, over_sets=None), ENGLISH, "")
    row = bare.row("hot_spots")
    wins = sum(
        bare.comparison.scalars["hot_spots", r]["victimization"]
        < bare.comparison.scalars["present_practice", r]["victimization"]
        for r in range(4)
    )
    assert bare.frequency("hot_spots") == (wins, 4, Worlds.SIMULATED)
    assert bare.changes("hot_spots").mean() == pytest.approx(row.percent)
    text = report_page(report_of(bare.comparison, ENGLISH))
    assert "is not shown" in text
    assert "Make it again" not in text  # no command made it


# ---- who gains


def test_gains_are_those_of_the_series(facts: Facts) -> None:
    gains = gains_of(facts, "omem")
    both = [(facts.series("omem", r), facts.series("present_practice", r)) for r in range(4)]
    each = [
        (a.values["victimization"].mean(axis=0) - b.values["victimization"].mean(axis=0))
        for a, b in both
    ]
    assert np.allclose(gains.changes, each)  # a year is all that was run
    assert np.array_equal(gains.better, (np.array(each) < 0).sum(axis=0))
    fifths = gains.fifths()
    assert Counter(fifths.tolist()) == dict.fromkeys(range(5), 2)
    assert gains.before[fifths == 4].min() >= gains.before[fifths == 0].max()


def test_the_table_of_neighbourhoods_has_the_largest_gain_first(
    facts: Facts, figures: dict[str, Drawn]
) -> None:
    rows = figures["neighbourhoods-omem"].rows
    changes = [float(row["change"]) for row in rows]
    assert changes == sorted(changes)
    gains = gains_of(facts, "omem")
    at = facts.first.names.index(rows[0]["neighbourhood"])
    assert rows[0]["better"] == f"{gains.better[at]} of 4"
    assert float(rows[0]["share"]) == gains.better[at] / 4


def test_pairs_are_paired(facts: Facts, figures: dict[str, Drawn]) -> None:
    rows = {(row["strategy"], row["other"]): row for row in figures["pairs"].rows}
    assert len(rows) == 3
    row = rows["OMEM", "hot spots"]
    values = (facts.values(x, "victimization", range(4)) for x in ("omem", "hot_spots"))
    found = paired_difference(*values)
    assert float(row["percent"]) == pytest.approx(100 * found.difference / found.baseline_mean)
    assert float(row["low"]) == pytest.approx(100 * found.low / found.baseline_mean)


@pytest.mark.parametrize(
    ("wins", "n", "is_open"), [(12, 24, True), (24, 24, False), (6, 6, False), (0, 24, False)]
)
def test_evidence_leaves_open_what_towns_do_not_agree_on(wins: int, n: int, is_open: bool) -> None:
    assert is_left_open(Frequency(wins, n, Worlds.PLAUSIBLE)) is is_open


@pytest.mark.parametrize(("last", "ticks"), [(5.0, 6), (2.0, 3), (20.0, 5)])
def test_years_at_an_axis_are_whole(last: float, ticks: int) -> None:
    assert len(whole_years(last)) == ticks
    assert all(year.is_integer() and 0 <= year <= last for year in whole_years(last))


def test_what_is_worked_is_compared_by_strategy() -> None:
    # 100 hours offered, all used; money 1,000, and 3% more, which is over the 2% that is said
    used = dict.fromkeys(PARTS, 0.0) | {"patrol_calls": 100.0}
    spent = dict.fromkeys(SPENT, 0.0)
    base = Effort("a", 100.0, used, spent | {"money_police": 1000.0})
    idle = {"patrol_calls": 90.0, "patrol_idle": 10.0}
    dear = Effort("b", 100.0, used, spent | {"money_police": 1000.0, "money_cases": 30.0})
    lazy = Effort("c", 100.0, used | idle, spent | {"money_police": 1001.0})
    assert unlike_baseline([base, dear, lazy]) == Unlike(["c"], ["b"])
    assert unlike_baseline([]) == Unlike([], [])


def test_what_moves_is_part_of_what_is_stopped(figures: dict[str, Drawn]) -> None:
    for row in figures["moved"].rows:
        stopped, near, away = (float(row[key]) for key in ("blocked", "near", "away"))
        assert near >= 0
        assert away >= 0
        assert near + away <= stopped
        assert float(row["moved"]) == pytest.approx((near + away) / stopped)


# ---- money


def test_payers_add_up_to_what_was_spent(facts: Facts) -> None:
    used = efforts(facts.comparison)
    sheet = paid_by(facts, used)
    for row, one in zip(sheet.rows, used, strict=True):
        assert sum(row[1:-1]) == pytest.approx(row[-1]) == pytest.approx(52 * one.spent)


def test_a_price_per_victim_is_money_over_victims(facts: Facts, figures: dict[str, Drawn]) -> None:
    used = efforts(facts.comparison)
    one = avoided_by(facts, "omem", used)
    found = facts.row("omem").found
    assert one.victims == pytest.approx(-found.difference * 5000 / 1000)
    assert (one.low, one.high) == pytest.approx((-found.high * 5, -found.low * 5))
    for row in figures["per-victim"].rows:
        if row["each"]:
            assert float(row["each"]) == pytest.approx(float(row["money"]) / float(row["avoided"]))
            assert float(row["low"]) > 0  # never where fewer victims may be chance


# ---- what would have to be true


def test_the_parameter_that_tells_where_the_other_wins_is_found() -> None:
    sets = [{"parameters.a.x": float(k), "parameters.a.y": float(k % 3)} for k in range(12)]
    gain = np.array([1.0 if k < 8 else -1.0 for k in range(12)])
    first = separating(sets, gain)[0]
    assert (first.path, first.is_high, first.strength, first.middle) == (
        "parameters.a.x",
        True,
        1.0,
        9.5,
    )
    assert separating(sets, np.ones(12)) == []
    found = Rivals("a", "b", 8.0 - np.arange(12.0), sets)
    best = strongest(found)
    assert (best.path, best.is_high) == ("parameters.a.x", True)


def test_rivals_are_the_two_with_fewest_victims(facts: Facts) -> None:
    over = facts.comparison.over_sets
    assert over is not None
    mean = {x: over.values[x, "victimization"].mean() for x in facts.names}
    found = rivals(facts)
    assert found is not None
    assert [found.first, found.second] == sorted(mean, key=lambda x: mean[x])[:2]
    assert found.gap.size == len(SETS)
    assert found.gap.mean() > 0


# ---- tactics


def test_every_tactic_and_fund_has_its_row_of_evidence() -> None:
    assert set(TACTICS) == {tactic.name.lower() for tactic in Tactic}
    assert set(FUNDS) == {fund.value for fund in Fund} - {"casework"}
    known = {item.path for item in declarations(Parameters)}
    for one in (*TACTICS.values(), *FUNDS.values()):
        assert set(one.rests_on) <= known
        assert one.source


def test_tactics_are_those_that_hours_were_spent_on(
    facts: Facts, figures: dict[str, Drawn]
) -> None:
    used = {one.key: one.by for one in used_tactics(facts)}
    assert set(used["targeted_enforcement"]) == {"hot_spots", "omem"}
    assert set(used["backup"]) == {"present_practice"}
    assert "own" not in used
    assert used["consultation"]["omem"] == pytest.approx(
        52 * facts.mean("omem", "hours_consultation")
    )
    assert len(figures["tactics-in-use"].rows) == len(used) + len(FUNDS)
    paths = [row["parameter"] for row in figures["assumptions"].rows]
    assert len(paths) == len(set(paths))
    assert not any(path.startswith(PREFIX) for path in paths)


# ---- the page


def test_a_page_needs_nothing_from_outside(html: str) -> None:
    assert not re.search(r"<(script|link|img|iframe|object)\b", html)
    links = re.findall(r'(?:href|src)="([^"]+)"', html)
    assert {link.partition(":")[0] if not link.startswith("#") else "#" for link in links} == {
        "#",
        "data",
    }
    targets = {link[1:] for link in links if link.startswith("#")}
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert targets <= set(ids)
    assert len(ids) == len(set(ids))
    assert "url(" not in html


def test_a_page_can_be_read_aloud(html: str) -> None:
    levels = [int(x) for x in re.findall(r"<h(\d)", html)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    for svg in re.findall(r"<svg [^>]*>", html):
        assert 'role="img"' in svg
        assert re.search(r'aria-label="[^"]{10,}"', svg)
    assert html.count("<figcaption>") == html.count("<figure ")
    assert html.count("<caption>") == html.count("<table ")
    assert '<html lang="en">' in html


@pytest.mark.parametrize("code", ["en", "fr"])
def test_a_saved_report_has_a_page_and_a_workbook(
    comparison: Comparison, tmp_path: Path, code: str
) -> None:
    assert save_report(comparison, tmp_path, language=code, command=COMMAND) == ""
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    assert f'<html lang="{code}">' in text
    book = openpyxl.load_workbook(tmp_path / WORKBOOK, read_only=True)
    report = report_of(comparison, language_of(code), COMMAND)
    assert book.sheetnames[:3] == ["about", "comparison", "runs"]
    assert book.sheetnames[3:] == [one.name[:31] for one in report.figures]
    table = comparison.table()
    rows = list(book["comparison"].iter_rows(values_only=True))
    assert list(rows[0]) == list(table.columns)
    assert len(rows) == len(table) + 1
    assert rows[1][7] == pytest.approx(table.difference.iloc[0])
    book.close()


def test_a_report_in_french_leaves_no_placeholder(comparison: Comparison) -> None:
    text = report_page(report_of(comparison, FRENCH, COMMAND))
    visible = re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL)
    assert not re.search(r"\{\w+\}", visible)


def said(report: Report) -> list[str]:
    """Return every sentence of a report, in order."""
    found = [report.title]
    for chapter in report.chapters:
        found.append(chapter.title)
        for block in chapter.blocks:
            match block:
                case Text():
                    found.append(block.text)
                case Listed() if not block.code:
                    found += [*block.items, *(text for pair in block.terms for text in pair)]
                case Figure():
                    found += [block.title, block.sheet.caption, *block.notes]
                    found += [column.title for column in block.sheet.columns]
    return found


def test_every_sentence_is_in_the_language_of_the_report(
    comparison: Comparison, report: Report
) -> None:
    french = said(report_of(comparison, FRENCH, COMMAND))
    english = said(report)
    assert len(french) == len(english) > 150
    same = {a for a, b in zip(english, french, strict=True) if a == b and " " in a}
    assert not same


# ---- contrast


def contrast(colour: str, other: str = "#ffffff") -> float:
    light, dark = sorted((luminance(colour), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_and_marks_stand_out_from_the_page(report: Report) -> None:
    texts, marks = set(), set()
    for figure in report.figures:
        for shape in figure.chart.shapes if figure.chart else ():
            fill = shape.attributes.get("fill", "#222222")
            if shape.tag == "text":
                texts.add(fill)
            elif "data-row" in shape.attributes and shape.attributes.get("stroke") != INK:
                marks.add(fill)  # a dark outline stands out whatever is in it
    assert all(contrast(fill) >= 4.5 for fill in texts)
    assert all(contrast(fill) >= 3 for fill in marks - {FAINT})  # faint bars only lead to a mark
    assert contrast(WIDE_BAR, INK) >= 3


# ---- parts


def test_a_table_that_does_not_fit_its_columns_is_an_error() -> None:
    with pytest.raises(ValueError, match="2 values"):
        Sheet("x", "c", [Column("a", "A"), Column("b", "B")], [(1,)])


def test_what_is_not_there_is_an_empty_cell() -> None:
    sheet = Sheet(
        "x", "c", [Column("a", "A"), Column("b", "B", write=ENGLISH.percent)], [("r", math.nan)]
    )
    assert sheet.cells() == [["r", ""]]
    assert sheet.csv() == "a,b\nr,\n"
    assert json.loads(sheet.json())["rows"] == [{"a": "r", "b": None}]
    assert Figure("t", sheet).csv_link() == "data:text/csv;base64,YSxiCnIsCg=="


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0, 10, [0, 2.5, 5, 7.5, 10]), (-3, 1, [-3, -2, -1, 0, 1]), (2, 2, [1, 1.5, 2, 2.5, 3])],
)
def test_ticks_are_round_and_cover_the_range(low: float, high: float, ticks: list[float]) -> None:
    assert nice_ticks(low, high) == ticks


def test_an_axis_ends_at_its_ends() -> None:
    axis = Axis(0, 10, 100, 200)
    assert [axis.at(x) for x in (-5, 0, 5, 20)] == [100, 100, 150, 200]


def test_a_text_is_folded_at_words() -> None:
    assert folded("one two three", 7) == ["one two", "three"]
    assert folded("incomprehensible it is", 5) == ["incomprehensible", "it is"]


def test_a_glossary_says_each_word_once() -> None:
    words = [word for word, _ in GLOSSARY]
    assert len(words) == len(set(words))
    scale = dict(GLOSSARY)["Very likely, likely …"].lower()
    for one in CERTAINTY[:-1]:
        assert re.search(rf"\b{one.word} (on )?from {one.least:.0%}", scale)


# ---- small and strange comparisons


@pytest.mark.parametrize(("years", "neighbourhoods"), [(0.5, 1), (0.05, 2)])
def test_a_town_where_hardly_anything_happens_has_a_report(
    tmp_path: Path, years: float, neighbourhoods: int
) -> None:
    size = [f"town.neighbourhoods={neighbourhoods}", "town.residents=200"]
    found = om.compare(
        "omem",
        town="small",
        years=years,
        overrides=[*size, "spin_up_years=0.1"],
        replicates=1,
        store=tmp_path / "store",
        out=tmp_path,
        workers=1,
        progress=False,
    )
    page = report_page(report_of(found, ENGLISH))
    visible = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert not re.search(r"\b(nan|inf)\b", visible)
    assert ("fifths" in page) == (neighbourhoods > 1)


def test_influence_is_told_of_what_the_study_compared(
    comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = InfluenceStudy("trust", "hot_spots", "omem", {})
    monkeypatch.setattr("omemsim.report.tactics.influence_study", lambda: study)
    for language, told in (
        (ENGLISH, "the difference in “Trust in police” between hot spots and OMEM"),
        (FRENCH, "la différence de « Confiance envers la police »"),
    ):
        page = report_page(report_of(comparison, language))
        assert told.replace(" »", "\u00a0»").replace("« ", "«\u00a0") in page
