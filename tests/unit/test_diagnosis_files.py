"""What a diagnosis leaves in a folder: text is data, cards are for three, it fits a screen."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import omemsim as om
from omemsim.analysis.diagnose import Diagnosis, diagnose
from omemsim.analysis.diagnosis_screen import LINES, WIDTH
from omemsim.figures.cards_html import card_pages, cards_page
from omemsim.figures.diagnosis import save_diagnosis
from omemsim.figures.ink import ink_on, luminance
from omemsim.inputs.blueprint import Blueprint
from omemsim.language import ENGLISH, FRENCH
from omemsim.language.names import tactic_name
from omemsim.language.roles import roles_in
from omemsim.present.csv import as_text
from omemsim.vocabulary.parameters import ZoneLimits
from omemsim.vocabulary.wheel import COLOURS, ZONE_OF_TACTIC, Zone

NAMES = [
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x")',
    "-2+3",
    "@SUM(A1)",
    "L’Île & $x_1$",
    "Elm",
    "Elm",
]
MANY = 3000


def town(n: int = len(NAMES), **changes: Any) -> Blueprint:
    ones, rng = np.ones(n), np.random.default_rng(5)
    names = (
        NAMES if n == len(NAMES) else [f"A neighbourhood with a long name {k}" for k in range(n)]
    )
    base: dict[str, Any] = {
        "name": "made.csv",
        "ids": [f"N{k}" for k in range(n)],
        "names": names,
        "residents": np.full(n, 3000),
        "population": 4000 * ones,
        "deprivation": ones / 2,
        "visitors": rng.gamma(1, 0.3, n),
        "businesses": ones,
        "moving": ones / 8,
        "xy": np.column_stack([np.arange(n) % 60, np.arange(n) // 60]).astype(float),
        "area": ones,
        "adjacency": np.zeros((0, 2), np.int32),
        "violence": np.linspace(1, 20, n),
        "property": np.linspace(8, 80, n),
        "calls": np.linspace(90, 700, n),
        "notes": [
            f"Note {k} is a sentence that goes on for a while and then ends." for k in range(9)
        ],
    }
    return Blueprint(**base | changes)


@pytest.fixture(scope="module")
def found() -> Diagnosis:
    return diagnose(town(), ZoneLimits())


@pytest.fixture(scope="module")
def folder(found: Diagnosis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("diagnosis")
    assert save_diagnosis(found, out, command="omemsim diagnose made.csv") == []
    return out


def test_every_file_is_there_and_nothing_else(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        *("cards.html", "diagnosis.xlsx", "map.png", "map.svg", "notes.txt", "zones.csv"),
    ]
    notes = (folder / "notes.txt").read_text(encoding="utf-8").splitlines()
    assert notes == town().notes


# ---- text is data


def test_no_text_of_a_workbook_is_a_formula(folder: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")
    book = openpyxl.load_workbook(folder / "diagnosis.xlsx")
    assert book.sheetnames == ["zones", "rules side by side", "notes", "how to read"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n", "b"}
    for sheet in ("zones", "rules side by side"):
        rows = list(book[sheet].iter_rows())
        head = [cell.value for cell in rows[0]]
        names = [row[head.index("neighbourhood")] for row in rows[1:]]
        assert sorted(cell.value for cell in names) == sorted(NAMES)
        for cell in names:
            assert bool(cell.quotePrefix) == (cell.value[0] in "=+-@")  # a text when edited, too
        assert book[sheet].freeze_panes == "A2"
        widths = [book[sheet].column_dimensions[cell.column_letter].width for cell in rows[0]]
        assert min(widths) >= 8


def test_a_workbook_has_the_numbers_of_the_table(folder: Path, found: Diagnosis) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")
    sheet = openpyxl.load_workbook(folder / "diagnosis.xlsx")["zones"]
    head, *rows = list(sheet.iter_rows(values_only=True))
    table = [dict(zip(head, row, strict=True)) for row in rows]
    assert [row["identifier"] for row in table] == [row.id for row in found.rows]
    for told, row in zip(table, found.rows, strict=True):
        assert told["zone"] == row.zone
        assert told["calls per 1,000"] == pytest.approx(row.calls, abs=0.06)
        assert told["recorded crime per 1,000"] == pytest.approx(row.recorded, abs=0.06)
        assert told["what tips it"] == row.tipped_by
        assert told["could be blue"] is row.could_be_blue


def test_no_cell_of_a_csv_is_a_formula(folder: Path, found: Diagnosis) -> None:
    with (folder / "zones.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [row.id for row in found.rows]
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if re.match(r"[=+\-@\t\r]", cell) and not number(cell)]
    told = {row["id"]: row["name"] for row in rows}
    assert (told["N1"], told["N2"], told["N3"]) == (
        "'" + NAMES[1],
        "'" + NAMES[2],
        "'" + NAMES[3],
    )
    assert (told["N0"], told["N4"]) == (NAMES[0], NAMES[4])
    assert found.table().set_index("id")["name"]["N1"] == NAMES[1]  # in Python a name is a name


def number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_numbers_and_signs_are_no_formulas() -> None:
    kept = ["-1.5", "+3%", "-", "−3", "a=b", "", 3.5, None, True]
    assert [as_text(value) for value in kept] == kept
    guarded = ["=1", " =1", "+a", "-2+3", "@x", "\t=1", "-a"]
    assert [as_text(value) for value in guarded] == [f"'{value}" for value in guarded]


class Tags(HTMLParser):
    """Collects the tags of a page and its text, by language."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.cards: dict[str, str] = {}
        self._card = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "article":
            self._card = str(dict(attrs)["id"])
            self.cards[self._card] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self._card = ""

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self._card:
            self.cards[self._card] += data


def read(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def test_a_name_never_becomes_mark_up(folder: Path) -> None:
    page = (folder / "cards.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    tags = read(page)
    assert NAMES[0] in "".join(tags.text)
    assert {tag for tag, _ in tags.tags} & {"script", "link", "iframe", "img"} == set()
    links = [a["href"] for tag, a in tags.tags if tag in ("a", "use") and a.get("href")]
    assert all(str(link).startswith("#") for link in links)  # it needs nothing from anywhere
    ids = [a["id"] for _, a in tags.tags if a.get("id")]
    assert len(ids) == len(set(ids))
    assert {str(link)[1:] for link in links} <= set(ids)


# ---- cards


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u00a0]+", " ", text)


@pytest.mark.parametrize(("zone", "language"), [(z, s) for z in Zone for s in (ENGLISH, FRENCH)])
def test_the_wheel_s_roles_are_those_of_all_three(zone: Zone, language: Any) -> None:
    roles = roles_in(zone, language)
    wheel = [tactic for tactic, home in ZONE_OF_TACTIC.items() if home is zone]
    names = [language.capital(tactic_name(tactic.name.lower(), language)) for tactic in wheel]
    assert [part.name for part in roles.police] == names
    assert min(len(roles.police), len(roles.agencies), len(roles.residents)) >= 3
    assert roles.why


def test_a_card_says_what_police_agencies_and_residents_can_do(found: Diagnosis) -> None:
    cards = read(cards_page(found, found.rows)).cards
    assert set(cards) == {f"{code}-{row.rank}" for row in found.rows for code in ("en", "fr")}
    for row in found.rows:
        for language in (ENGLISH, FRENCH):
            card = squeezed(cards[f"{language.code}-{row.rank}"])
            zones = [row.as_zone, *([Zone.BLUE] if row.could_be_blue else [])]
            for zone in zones:
                roles = roles_in(zone, language)
                for part in (*roles.police, *roles.agencies, *roles.residents):
                    assert squeezed(part.text) in card
                assert squeezed(roles.why) in card
            other = roles_in(Zone.AMBER if row.as_zone is Zone.RED else Zone.RED, language)
            assert squeezed(other.residents[0].text) not in card
    red, could_be = found.rows[0], next(row for row in found.rows if row.could_be_blue)
    assert red.zone == "red"
    assert "Targeted enforcement: enforce there, and tell residents why" in squeezed(
        cards[f"en-{red.rank}"]
    )
    assert (
        "If residents already lead here and can keep it so, it is blue."
        in cards[f"en-{could_be.rank}"]
    )
    assert "Zone verte" in cards[f"fr-{could_be.rank}"]
    assert "crime analysis" not in cards[f"fr-{red.rank}"].lower()


def test_a_card_says_what_tips_it_and_how_sure_it_is(found: Diagnosis) -> None:
    cards = read(cards_page(found, found.rows)).cards
    for row in found.rows:
        card = squeezed(cards[f"en-{row.rank}"])
        assert row.tipped_by[1:] in card
        years = re.search(r"again in (\d+) of 20 years like this one", card)
        assert years is not None
        assert abs(int(years[1]) / 20 - row.sure) <= 0.05
        assert row.label in card
    unsure = diagnose(town(population=np.full(len(NAMES), 90.0)), ZoneLimits())
    row = min(unsure.rows, key=lambda row: row.sure)
    card = squeezed(read(cards_page(unsure, [row])).cards[f"en-{row.rank}"])
    assert "Small place: with 90 residents" in card
    assert "Chance: the counts are small or near a line" in card


def test_a_card_is_a_page_and_one_with_two_zones_is_set_smaller(found: Diagnosis) -> None:
    page = cards_page(found, found.rows)
    cards = [a for tag, a in read(page).tags if tag == "article"]
    for row in found.rows:
        classes = {str(a["class"]) for a in cards if str(a["id"]).endswith(f"-{row.rank}")}
        assert classes == {"card dense" if row.could_be_blue else "card"}
    printed = page.split("@media print {", 1)[1]
    assert "break-after: page" in printed
    assert "size: A4" in page


def test_one_language_can_be_asked_for(found: Diagnosis) -> None:
    english, french = (
        read(card_pages(found, language=code, command="x")["cards.html"]) for code in ("en", "fr")
    )
    assert {a["lang"] for tag, a in english.tags if tag == "article"} == {"en"}
    assert {a["lang"] for tag, a in french.tags if tag == "article"} == {"fr"}
    assert next(a["lang"] for tag, a in french.tags if tag == "html") == "fr"
    assert "Ce que chacun peut faire ici" in "".join(french.text)
    assert "What each can do here" not in "".join(french.text)
    # A card of French has no word of English but names, sources and the command.
    told = squeezed(" ".join(french.cards.values()))
    for word in (" the ", " and ", " with ", " recorded ", " zone is "):
        assert word not in told


def test_every_colour_of_a_card_can_be_read_and_has_a_shape(found: Diagnosis) -> None:
    page = cards_page(found, found.rows)
    pairs = set(re.findall(r"background:(#\w{6});color:(\S+?)\"", page))
    assert {ground for ground, _ in pairs} <= set(COLOURS.values())
    for ground, ink in pairs:
        lighter, darker = sorted((luminance(ground), luminance(ink)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (ground, ink)
    assert not re.findall(rf"(?<!-)color:{COLOURS[Zone.AMBER]}", page)
    assert ink_on(COLOURS[Zone.AMBER]) != "white"
    for tag, attributes in read(page).tags:
        if tag == "p" and attributes.get("class") == "badge":
            assert attributes["style"]
    assert len(re.findall(r"class=\"badge\"[^>]*>[■▲●◆] ", page)) == 2 * len(found.rows)


def test_drawings_say_what_they_show(found: Diagnosis) -> None:
    shown = [
        a for tag, a in read(cards_page(found, found.rows)).tags
        if tag == "svg" and a.get("role") == "img"
    ]  # fmt: skip
    assert len(shown) == 4 * 2 * len(found.rows)  # wheel, crime, calls, dots, in two languages
    assert all(a.get("aria-label") for a in shown)


# ---- many, and one


@pytest.fixture(scope="module")
def many() -> Diagnosis:
    rng = np.random.default_rng(2)
    level = rng.lognormal(0, 0.6, MANY)
    return diagnose(
        town(MANY, violence=7 * level, property=33 * level, calls=300 * level), ZoneLimits()
    )


def test_a_long_table_is_one_screen(many: Diagnosis) -> None:
    lines = many.text().splitlines()
    assert len(lines) <= LINES == 36
    assert max(map(len, lines)) <= WIDTH
    assert lines[0] == "made.csv: 3,000 neighbourhoods, 12,000,000 residents"
    for row in many.rows[:10]:
        start = next(line for line in lines if line.startswith(f"{row.rank:>2} "))
        assert f" {row.zone} " in start
    assert not [line for line in lines if line.startswith("11 ")]
    unsure = sorted((row for row in many.rows if row.sure < 0.8), key=lambda row: row.sure)
    told = next(line for line in lines if line.startswith("Borderline"))
    assert f"{len(unsure)} of 3,000 zones" in told
    first = lines[lines.index(told) + 1]
    assert f"{unsure[0].sure:.0%}" in first
    counts = {
        zone: sum(row.zone == zone for row in many.rows) for zone in ("red", "amber", "green")
    }
    for zone, number in counts.items():
        assert re.search(rf"^  {zone} +{number:,}  ", many.text(), re.MULTILINE)


def test_a_screen_has_as_many_notes_as_it_has_room_for() -> None:
    many = [f"Note number {k}, which is told in full where there is room." for k in range(40)]
    for n in (1, len(NAMES), MANY):
        text = diagnose(town(n, notes=many), ZoneLimits()).text()
        told = sum(f"Note: {note}" in text for note in many)
        assert len(text.splitlines()) == LINES
        assert f"{40 - told} more notes: see notes.txt." in text
    few = diagnose(town(notes=many[:2]), ZoneLimits()).text()
    assert "more note" not in few
    assert few.endswith(f"Note: {many[1]}")


def test_a_name_gives_a_terminal_no_commands() -> None:
    names = ["\x1b[31mRed\x07", *NAMES[1:]]
    text = diagnose(town(names=names), ZoneLimits()).text()
    assert "?[31mRed?" in text
    assert all(line.isprintable() for line in text.splitlines())


def test_a_long_table_has_its_cards_in_several_files(many: Diagnosis) -> None:
    pages = card_pages(many, language="en", command="x")
    cards = [
        card for page in pages.values() for card in re.findall(r'<article[^>]*id="(\S+)"', page)
    ]
    assert cards == [f"en-{rank + 1}" for rank in range(MANY)]
    assert list(pages)[:2] == ["cards.html", "cards-2.html"]
    assert all(name in pages["cards.html"] for name in pages)


def test_one_neighbourhood_has_a_card_and_a_map(tmp_path: Path) -> None:
    alone = diagnose(town(1, names=["Downtown"]), ZoneLimits())
    assert save_diagnosis(alone, tmp_path, language="en") == []
    card = squeezed(read((tmp_path / "cards.html").read_text(encoding="utf-8")).cards["en-1"])
    assert "There is no other neighbourhood to compare with" in card
    assert "by need" not in card
    assert (tmp_path / "map.png").stat().st_size > 10_000


def test_without_openpyxl_it_says_what_is_left_out(
    found: Diagnosis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omemsim.present.excel.is_installed", lambda: False)
    (left_out,) = save_diagnosis(found, tmp_path, language="en")
    assert "diagnosis.xlsx is left out" in left_out
    assert "pip install 'omemsim[excel]'" in left_out
    assert not (tmp_path / "diagnosis.xlsx").exists()
    assert (tmp_path / "zones.csv").exists()


def test_from_python_it_is_the_same(tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("id,name,population,violence,property\na,=1+1,5000,40,120\nb,B,4000,10,60\n")
    found = om.diagnose(table)
    assert {row.name for row in found.rows} == {"=1+1", "B"}
    assert ",'=1+1," in found.csv()
