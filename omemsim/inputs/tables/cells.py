"""The cells of a table's columns as numbers and text, each fault with its row and column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from omemsim.inputs.tables.grid import Row, Table
from omemsim.inputs.tables.mapping import FIELDS, Source
from omemsim.inputs.tables.numbers import Cell, cell_of
from omemsim.inputs.tables.problems import Problems

__all__ = ["Part", "Reader"]

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """One column that a field is the sum of, or what is assumed for it (``column`` empty).

    Attributes
    ----------
    value : (N,), in our units; NaN where a cell has no number.
    low, high : (N,), the ends of what a cell says, alike for a number.
    texts : the cells, N.
    unreadable : cells of a guessed column that were taken as empty, as they are told.
    """

    column: str
    value: Numbers
    low: Numbers
    high: Numbers
    texts: list[str]
    unreadable: list[str] = field(default_factory=list)

    def at(self, keep: NDArray[np.bool_]) -> Part:
        """Return it for some of the rows."""
        texts = [text for text, kept in zip(self.texts, keep, strict=True) if kept]
        value, low, high = (array[keep] for array in (self.value, self.low, self.high))
        return replace(self, value=value, low=low, high=high, texts=texts)


class Reader:
    """Reads columns of one table as text or numbers, reporting every faulty cell."""

    def __init__(self, table: Table, problems: Problems) -> None:
        self.table = table
        self.problems = problems

    def texts(self, source: Source) -> list[str]:
        """Return one column as text."""
        return self.table.cells(next(iter(source.weights)))

    def ids(self, sources: Mapping[str, Source]) -> list[str]:
        """Return identifiers, reporting empty and repeated ones; empty text without a column."""
        if "id" not in sources:
            return [""] * len(self.table.rows)
        ids = _without_decimals(self.texts(sources["id"]))
        column = next(iter(sources["id"].weights))
        first: dict[str, int] = {}
        hint = ""
        if "year" not in sources and any(c.lower() == "year" for c in self.table.header):
            hint = " If rows are years, map town.columns.year."
        elif not {"offence", "month"} & sources.keys():
            hint = (
                " If each row is a part of a neighbourhood, name what the rows differ by, as "
                "town.columns.offence=NAME or town.columns.month=NAME."
            )
        for row, own in zip(self.table.rows, ids, strict=True):
            if not own:
                reason = "is not allowed; every row needs an identifier of its own."
                self._report(row, column, reason)
            elif own in first:
                unit = self.table.unit
                reason = f"is the identifier of another {unit}; the first is {first[own]}.{hint}"
                self._report(row, column, reason)
            first.setdefault(own, row.line)
        return ids

    def parts(self, name: str, source: Source) -> list[Part]:
        """Return the columns of a field, converted but not yet summed."""
        n = len(self.table.rows)
        if source.assume is not None:
            same = np.full(n, source.assume)
            return [Part("", same, same, same, [""] * n)]
        return [self._part(name, column, source) for column in source.weights]

    def _part(self, name: str, column: str, source: Source) -> Part:
        is_count = FIELDS[name].is_count and source.per is None and source.times == 1
        style = self.table.style(column, is_count=is_count)
        texts = self.table.cells(column)
        ends = np.full((3, len(texts)), np.nan)
        unreadable = []
        for i, (row, text) in enumerate(zip(self.table.rows, texts, strict=True)):
            try:
                cell = cell_of(text, style)
                _check(name, cell, source.times)
                ends[:, i] = cell.value, cell.low, cell.high
            except ValueError as error:
                is_doubtful = "two ways" in str(error) and FIELDS[name].is_filled
                if source.is_guess and not is_doubtful:
                    unreadable.append(f"{column} of row {row.line} {text!r}")
                elif is_doubtful and len(source.weights) == 1:
                    one = f"{{columns: {column}, times: 1000}}"
                    whole = f"or, if all are thousands, say 'town.columns.{name}={one}'"
                    self._report(row, column, f"{error}, {whole}.")
                else:
                    self._report(row, column, f"{error}. Allowed is {FIELDS[name].allowed}.")
        value, low, high = ends * source.times
        return Part(column, value, low, high, texts, unreadable)

    def _report(self, row: Row, column: str, reason: str) -> None:
        table = self.table
        cell = row.cells[table.header.index(column)]
        self.problems.cell(table.path, row.line, column, value=cell, reason=reason, unit=table.unit)


def _check(name: str, cell: Cell, times: float) -> None:
    """Refuse what is out of bounds, which are in our units; residents of 0 leave the row out."""
    value, spec = cell.value * times, FIELDS[name]
    is_nobody = name == "population" and value == 0
    if cell.value == cell.value and not spec.takes(value) and not is_nobody:
        raise ValueError("is too large" if value > spec.high else "is too small")


def _without_decimals(ids: list[str]) -> list[str]:
    """Return identifiers that a spreadsheet wrote as decimals, as 101.0, without them."""
    if any(ids) and all(re.fullmatch(r"-?\d+\.0+", own) for own in ids if own):
        return [own.partition(".")[0] for own in ids]
    return ids
