"""Excel and OpenDocument workbooks, with the extra ``excel``: the one file that imports it."""

from __future__ import annotations

import datetime
import html
import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omemsim.inputs.tables.grid import Grid, Row
from omemsim.present.text import counted, some
from omemsim.vocabulary.errors import InputError, nearest

__all__ = ["is_workbook", "read_workbook"]

_OLD = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
# A formula's cell in the file: with the value it had when it was last calculated, or without one.
_CELL = re.compile(r"<c\b[^>]*\br=\"([A-Z]+\d+)\"[^>]*>(.*?)</c>", re.DOTALL)
_EMPTY = re.compile(r"<v>[^<]+</v>")


def is_workbook(raw: bytes) -> bool:
    """Say whether a file is a workbook by its first bytes: text is often named .xls."""
    return raw.startswith((_OLD, _ZIP))


def read_workbook(raw: bytes, path: Path, sheet: str | None) -> list[Grid]:
    """Return the sheets that hold anything; the one asked for, if one is.

    Parameters
    ----------
    raw : the file's bytes.
    path : to be named in messages.
    sheet : its name or its number from 1; None for all of them.

    Raises
    ------
    InputError
        The extra is not installed, the workbook has a password or is damaged, the sheet asked for
        is not there, or nothing is written on it.
    """
    book = _opened(raw, path)
    names = [item.name for item in book.sheets_metadata if "WorkSheet" in str(item.typ)]
    chosen = _asked(names, sheet, path) if sheet else names
    lost = _never_calculated(raw)
    grids = [_grid(book.get_sheet_by_name(name), path, lost.get(name, [])) for name in chosen]
    found = [grid for grid in grids if grid.rows]
    if not found:
        which = f"The sheet {chosen[0]!r} is" if len(chosen) == 1 else "All sheets are"
        raise InputError(f"{path}: {which} empty. The sheets are: {', '.join(names)}.")
    return found


def _opened(raw: bytes, path: Path) -> Any:
    try:
        import python_calamine
    except ImportError as error:
        raise InputError(
            f"{path}: is a workbook, which the extra 'excel' reads. Install it with: "
            'pip install "omemsim[excel]", or save the sheet as CSV UTF-8.'
        ) from error
    if path.suffix.lower() == ".zip":
        raise InputError(f"{path}: is an archive. Unpack it and name the file inside.")
    protected = f"{path}: is protected by a password. Save a copy without one."
    # A workbook with a password is packed in the old format, whatever its name says.
    if raw.startswith(_OLD) and "EncryptedPackage".encode("utf-16-le") in raw:
        raise InputError(protected)
    try:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw))
    except python_calamine.PasswordError as error:
        raise InputError(protected) from error
    # A damaged file makes the library raise errors of several kinds, all of them its own.
    except Exception as error:
        raise InputError(
            f"{path}: cannot be read as an Excel workbook ({error}). Save it again, or as CSV."
        ) from error


def _asked(names: Sequence[str], sheet: str, path: Path) -> list[str]:
    if sheet in names:
        return [sheet]
    if sheet.isdecimal() and 1 <= int(sheet) <= len(names):
        return [names[int(sheet) - 1]]
    raise InputError(
        f"{path}: town.sheet={sheet}: no such sheet.{nearest(sheet, names)} "
        f"The sheets are: {', '.join(names)}."
    )


def _grid(sheet: Any, path: Path, lost: Sequence[str]) -> Grid:
    cells = [[_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        for line in range(top, min(bottom + 1, len(cells))):
            for place in range(left, min(right + 1, len(cells[line]))):
                cells[line][place] = cells[top][left]
    rows = tuple(Row(line, tuple(row)) for line, row in enumerate(cells, start=1) if any(row))
    where = f"{path}, sheet {sheet.name!r}"
    fault = (
        f"{where}: {counted(len(lost), 'formula')} never calculated ({some(lost)}), so their cells "
        "are empty. Open the workbook in a spreadsheet, save it, and try again."
    )
    return Grid(where, rows, sheet=sheet.name, faults=(fault,) if lost else ())


def _text(value: Any) -> str:
    """Write a cell's value as text; 1.0 and 1 are the same."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value).strip()


def _never_calculated(raw: bytes) -> dict[str, list[str]]:
    """Return, by sheet, the cells of formulas without a value, as a program writes them."""
    found: dict[str, list[str]] = {}
    if not raw.startswith(_ZIP):
        return found
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            for name, part in _parts(package).items():
                text = package.read(part).decode("utf-8", "replace")
                found[name] = [
                    place
                    for place, inside in _CELL.findall(text)
                    if "<f" in inside and not _EMPTY.search(inside)
                ]
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError):
        return {}
    return found


def _parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Return the file of each sheet inside a workbook, by the sheet's name."""
    book = package.read("xl/workbook.xml").decode("utf-8", "replace")
    links = package.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    target = {}
    for link in re.findall(r"<Relationship\b[^>]*>", links):
        own = dict(re.findall(r'(\w+)="([^"]*)"', link))
        target[own.get("Id", "")] = own.get("Target", "").removeprefix("/xl/")
    found = {}
    for sheet in re.findall(r"<sheet\b[^>]*>", book):
        own = dict(re.findall(r'([\w:]+)="([^"]*)"', sheet))
        found[html.unescape(own.get("name", ""))] = f"xl/{target.get(own.get('r:id', ''), '')}"
    return found
