"""What a file holds before anything is known of it: rows of text, and a table of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from omemsim.inputs.tables.numbers import Style, cell_of, decimal_of, style_of

__all__ = ["Grid", "Row", "Table"]

ALMOST = 0.8
"""Share of a column's cells that are numbers, from which it is a column of numbers."""


@dataclass(frozen=True)
class Row:
    """One record: the file's line it starts on and its cells, stripped."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """The rows of a file or of a sheet that hold anything, of any length.

    Attributes
    ----------
    path : the file, as shown in messages.
    sheet : its name in a workbook, else empty.
    is_strict : a row of another length than the header is a fault, as in a text file.
    comma : cells are separated by commas, so that a comma in a cell is one between thousands.
    unit : what ``Row.line`` counts, "row" (a line of the file) or "feature".
    notes : what was worked out about the file, one sentence each.
    faults : what is wrong with it, if a table on it is to be read.
    """

    path: str
    rows: tuple[Row, ...]
    sheet: str = ""
    is_strict: bool = False
    comma: bool = True
    unit: str = "row"
    notes: list[str] = field(default_factory=list)
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes
    ----------
    path : the file, as shown in messages.
    header, rows : column names and records; each row has one cell per column.
    comma : as for `Grid`.
    unit : what ``Row.line`` counts, "row" (a line of the file) or "feature".
    notes : what was worked out about the file, one sentence each.
    titles : lines that stand above the header.
    sign : the decimal sign of the file this table was made from; None if its own cells show it.
    faults : as for `Grid`.
    """

    path: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    comma: bool = True
    unit: str = "row"
    notes: list[str] = field(default_factory=list)
    titles: tuple[str, ...] = ()
    sign: str | None = None
    faults: tuple[str, ...] = ()

    def made(self, rows: Sequence[Row], header: Sequence[str] | None = None) -> Table:
        """Return a table made from this one, which writes numbers as this one does."""
        names = self.header if header is None else tuple(header)
        return replace(self, header=names, rows=tuple(rows), sign=self.decimal)

    def cells(self, column: str) -> list[str]:
        """Return the cells of a column, the first of that name."""
        place = self.header.index(column)
        return [row.cells[place] for row in self.rows]

    @cached_property
    def decimal(self) -> str:
        """The decimal sign that the file's numbers show, empty where none does."""
        if self.sign is not None:
            return self.sign
        found = decimal_of(cell for row in self.rows for cell in row.cells)
        return found if len(found) == 1 else ""

    def style(self, column: str, *, is_count: bool = False) -> Style:
        """Return how a column writes its numbers.

        Parameters
        ----------
        is_count : whole numbers are expected, so that 1,234 is more likely 1234.
        """
        cells = self.cells(column)
        return style_of(cells, decimal=self.decimal, comma=self.comma, is_count=is_count)

    def share_of_numbers(self, column: str) -> float:
        """Return the share of a column's cells that are numbers, of those that say anything."""
        style = self.style(column)
        found = said = 0
        for cell in self.cells(column):
            try:
                read = cell_of(cell, style)
            except ValueError:
                said += 1
            else:
                found += read.is_number or read.is_range
                said += read.is_number or read.is_range
        return found / said if said else 0.0

    def holds_numbers(self, column: str) -> bool:
        """Say whether almost all cells of a column that say anything are numbers."""
        return self.share_of_numbers(column) >= ALMOST
