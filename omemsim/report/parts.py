"""What a report is made of: chapters of paragraphs, lists, tables and figures, as plain data.

A figure is drawn from its table alone, and what can be taken away from it, as CSV and as JSON, is
that table: whoever reads one reads the other.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from omemsim.present import csv
from omemsim.report.chart import Chart

__all__ = [
    "Block",
    "Chapter",
    "Column",
    "Figure",
    "Listed",
    "Parts",
    "Report",
    "Sheet",
    "Text",
    "as_plain",
    "as_text",
]

Write = Callable[[Any], str]


def as_text(value: Any) -> str:
    """Return a value of a table that is text already; nothing for none."""
    return "" if value is None else str(value)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    key : its name in the CSV and the JSON.
    title : its head, in the report's language.
    unit : of its values, in English as declared, for the files.
    write : makes text of a value; None for text, which stands on the left.
    code : the language of its cells if it is not the page's.
    """

    key: str
    title: str
    unit: str = ""
    write: Write | None = None
    code: str = ""

    @property
    def is_number(self) -> bool:
        """Return whether its cells stand on the right."""
        return self.write is not None

    def text(self, value: Any) -> str:
        """Return a cell; one without a value is empty."""
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return ""
        return (self.write or as_text)(value)


@dataclass(frozen=True)
class Sheet:
    """A table: values as they are, and how they are written.

    Attributes
    ----------
    name : of its files, as "neighbourhoods".
    caption : what it holds, in a line.
    columns : the first names the row.
    rows : a value for each column.
    is_long : whether a page shows it only when asked.
    is_prose : whether its cells are sentences, which a narrow page puts below each other.
    """

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    is_long: bool = False
    is_prose: bool = False

    def __post_init__(self) -> None:
        """Check that every row has a value for each column."""
        wrong = [row for row in self.rows if len(row) != len(self.columns)]
        if wrong:
            raise ValueError(f"{self.name}: {wrong[0]} has not {len(self.columns)} values")

    def values(self, key: str) -> list[Any]:
        """Return the values of a column."""
        place = [column.key for column in self.columns].index(key)
        return [row[place] for row in self.rows]

    def cells(self) -> list[list[str]]:
        """Return the table as a page shows it."""
        pairs = [zip(self.columns, row, strict=True) for row in self.rows]
        return [[column.text(value) for column, value in row] for row in pairs]

    def csv(self) -> str:
        """Return it as CSV text; a value that is not there is an empty cell."""
        rows = ([as_plain(value) for value in row] for row in self.rows)
        return csv.of_rows([column.key for column in self.columns], rows)

    def json(self, **more: Any) -> str:
        """Return it as JSON text with titles and units, and what else is to be said of it."""
        columns = [{"name": one.key, "title": one.title, "unit": one.unit} for one in self.columns]
        keys = [one.key for one in self.columns]
        rows = [dict(zip(keys, map(as_plain, row), strict=True)) for row in self.rows]
        content = {"name": self.name, "caption": self.caption, **more}
        content |= {"columns": columns, "rows": rows}
        return json.dumps(content, ensure_ascii=False, indent=1)


def as_plain(value: Any) -> Any:
    """Return a value as files hold it: one that does not exist is None."""
    if hasattr(value, "item"):  # NumPy's numbers
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass(frozen=True)
class Text:
    """A paragraph; ``role`` is "", "lead" (larger), "warn" or "pale"."""

    text: str
    role: str = ""
    kind: str = field(default="text", init=False)


@dataclass(frozen=True)
class Listed:
    """A list of sentences, or of (word, sentence); ``code`` is its language if not the page's."""

    items: Sequence[str] = ()
    terms: Sequence[tuple[str, str]] = ()
    is_ordered: bool = False
    code: str = ""
    kind: str = field(default="list", init=False)


@dataclass(frozen=True)
class Parts:
    """A heading within a chapter."""

    title: str
    kind: str = field(default="heading", init=False)


@dataclass(frozen=True)
class Figure:
    """A drawing, or none, with the table that it shows.

    Attributes
    ----------
    title : its finding, as a sentence.
    sheet : what it shows; its name is the figure's.
    chart : drawn from ``sheet``; None where the table is what is shown.
    notes : how to read it.
    """

    title: str
    sheet: Sheet
    chart: Chart | None = None
    notes: Sequence[str] = ()
    kind: str = field(default="figure", init=False)

    @property
    def name(self) -> str:
        """Return what it is called in links and files."""
        return self.sheet.name

    def csv_link(self) -> str:
        """Return its CSV as a link that holds it."""
        return _link("text/csv", self.sheet.csv())

    def json_link(self, command: str) -> str:
        """Return its JSON as a link that holds it, the command that makes it among it."""
        return _link("application/json", self.sheet.json(finding=self.title, command=command))


def _link(kind: str, text: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(text.encode()).decode()}"


Block = Text | Listed | Parts | Figure


@dataclass(frozen=True)
class Chapter:
    """A chapter; ``key`` is its place in links."""

    key: str
    title: str
    blocks: Sequence[Block]

    @property
    def figures(self) -> list[Figure]:
        """Return its figures and tables."""
        return [block for block in self.blocks if isinstance(block, Figure)]


@dataclass(frozen=True)
class Report:
    """A report.

    Attributes
    ----------
    code : of its language, "en" or "fr".
    title : the choice.
    chapters : the first is the first page.
    command : that makes it again, as typed; empty where no command can.
    footer : a line on what made it.
    """

    code: str
    title: str
    chapters: Sequence[Chapter]
    command: str
    footer: str

    @property
    def figures(self) -> list[Figure]:
        """Return all figures and tables that can be taken away."""
        return [x for chapter in self.chapters for x in chapter.figures]
