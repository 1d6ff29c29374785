"""Tables as CSV text: UTF-8, commas, a header, lines that end in a line feed."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["as_text", "cell", "of_dataclasses", "of_records", "of_rows", "write_rows"]

_FORMULA = re.compile(r"\s*[=+\-@\t\r]")  # what makes a spreadsheet calculate a cell
_SIGNED = re.compile(r"[+-][\d.,]*%?$")


def of_rows(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table of a header and rows in its order."""
    file = io.StringIO()
    _write(file, header, rows)
    return file.getvalue()


def of_records(rows: Iterable[Mapping[str, Any]], header: Sequence[str] | None = None) -> str:
    """Return a table of mappings; a column that a row does not have is an empty cell.

    Parameters
    ----------
    rows : one at least where no header is given.
    header : the columns; those of the first row if None.

    Raises
    ------
    ValueError
        If a row has a column that is not in the header.
    """
    each = list(rows)
    names = list(each[0]) if header is None else list(header)
    for row in each:
        if unknown := row.keys() - set(names):
            raise ValueError(f"no such column: {', '.join(sorted(unknown))}")
    return of_rows(names, ([row.get(name, "") for name in names] for row in each))


def of_dataclasses(kind: type[DataclassInstance], rows: Iterable[DataclassInstance]) -> str:
    """Return a table of dataclasses of one kind, a column for each of its fields."""
    return of_records(map(asdict, rows), [item.name for item in fields(kind)])


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table of any length into a file, row by row.

    Parameters
    ----------
    path : in a folder that is there.
    header : the columns.
    rows : each with a cell for each column.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with open(path, "w", newline="", encoding="utf-8") as file:
        _write(file, header, rows)


def _write(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)


def cell(value: float) -> str:
    """Return a number in six figures; one that does not exist is an empty cell."""
    return f"{value:.6g}" if math.isfinite(value) else ""


def as_text(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: one that would be gets an apostrophe.

    Numbers, and texts that are numbers with a sign, stay as they are.
    """
    is_formula = isinstance(value, str) and _FORMULA.match(value) and not _SIGNED.match(value)
    return f"'{value}" if is_formula else value
