"""Tables as a workbook of Excel, with the extra ``excel``: text is text, and never a formula.

This is the one file that writes with openpyxl. A name that begins with "=" would be calculated
by whoever opens the file; here every text is stored as a text and marked as one, so that it stays
one when its cell is edited too. Rows are written as they come: a sheet may be long.
"""

from __future__ import annotations

import functools
import importlib.util
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["NEEDED", "ROWS", "Sheet", "is_installed", "write_book"]

NEEDED = "a workbook needs the package openpyxl: pip install 'omemsim[excel]'"
ROWS = 1_048_576  # of a sheet, the header among them; a limit of the format
SHORTEST, LONGEST = 8, 60  # letters of a column


@dataclass(frozen=True)
class Sheet:
    """One table.

    Attributes
    ----------
    title : at most 31 letters.
    columns : what stands in the first row, which stays in sight.
    rows : cells of numbers, texts, yes or no, and None.
    widths : of the columns, in letters; where it is shorter, headers say how wide a column is.
    is_wrapped : whether long texts run over several lines of a cell.
    """

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]
    widths: Sequence[int] = ()
    is_wrapped: bool = False


def is_installed() -> bool:
    """Return whether a workbook can be written."""
    return importlib.util.find_spec("openpyxl") is not None


def write_book(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write a workbook, its sheets in this order.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    for one in sheets:
        sheet = book.create_sheet(one.title)
        sheet.freeze_panes = "A2"
        for number, width in enumerate(_widths(one)):
            sheet.column_dimensions[_letters(number)].width = width
        sheet.append([_cell(sheet, name, is_head=True) for name in one.columns])
        for row in one.rows:
            sheet.append([_cell(sheet, value, is_wrapped=one.is_wrapped) for value in row])
    book.save(path)


def _widths(one: Sheet) -> list[int]:
    usual = [min(max(len(name) + 2, SHORTEST), LONGEST) for name in one.columns]
    return [*one.widths, *usual[len(one.widths) :]]


def _letters(number: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(number + 1))


def _cell(sheet: Any, value: Any, *, is_head: bool = False, is_wrapped: bool = False) -> Any:
    """Return a cell: plain where it can be, and a text as a text."""
    if not isinstance(value, str):
        is_missing = isinstance(value, float) and not math.isfinite(value)
        return None if is_missing else value
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"  # openpyxl takes what begins with "=" for a formula
    if value[:1] in ("=", "+", "-", "@"):
        cell.quotePrefix = True
    if is_head:
        cell.font = Font(bold=True)
    if is_head or is_wrapped:
        cell.alignment = _lines()
    return cell


@functools.cache
def _lines() -> Any:
    """Return the alignment of texts over several lines, once: a sheet has many such cells."""
    from openpyxl.styles import Alignment

    return Alignment(wrap_text=True, vertical="top")
