"""From a file's bytes to rows of text: encoding, delimiter, decimal sign, line numbers.

Read with the standard library only, so that every problem can name the line it is on.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from omemsim.inputs.tables.problems import Problems
from omemsim.vocabulary.errors import InputError, nearest

__all__ = ["Row", "Table", "find_file", "read_number", "read_table"]

FORMATS = "Tables are read as CSV or TSV text (or GeoJSON with one feature a neighbourhood)"
_KINDS = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"SQLite format 3": "a GeoPackage or SQLite database",
}
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_SPACES = "\u0020\u00a0\u202f"
_DOT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?", re.ASCII)
_WITH_COMMA = re.compile(rf"[+-]?\d[\d{_SPACES}]*,\d+", re.ASCII)
_SPACED = re.compile(rf"([+-]?\d{{1,3}}(?:[{_SPACES}]\d{{3}})+)((?:[.,]\d+)?)", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)


@dataclass(frozen=True)
class Row:
    """One record: the file's line it starts on and its cells, stripped."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes
    ----------
    path : the file, as shown in messages.
    header, rows : column names and records; each row has one cell per column.
    decimal_comma : numbers are written 1,5 (never in a comma-separated file).
    spaces : thousands may be set off by spaces (never in a comma-separated file).
    unit : what ``Row.line`` counts, "row" (a line of the file) or "feature".
    notes : what was worked out about the file, one sentence each.
    """

    path: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    decimal_comma: bool = False
    spaces: bool = False
    unit: str = "row"
    notes: list[str] = field(default_factory=list)

    def cells(self, column: str) -> list[str]:
        """Return the cells of a column, the first of that name."""
        place = self.header.index(column)
        return [row.cells[place] for row in self.rows]

    def holds_numbers(self, column: str) -> bool:
        """Say whether all cells of a column that are not empty are numbers, and some are."""
        cells = [cell for cell in self.cells(column) if cell]
        try:
            for cell in cells:
                read_number(cell, decimal_comma=self.decimal_comma, spaces=self.spaces)
        except ValueError:
            return False
        return bool(cells)


def data_folder() -> Path:
    """Return the folder of data sets: OMEMSIM_DATA, else ../shared/data."""
    return Path(os.environ.get("OMEMSIM_DATA") or Path("..", "shared", "data"))


def find_file(name: str, *, setting: str, beside: Path | None = None) -> Path:
    """Find a file by its path, also beside another one and in the data folder.

    Parameters
    ----------
    name : absolute, or relative to ``beside``, the current folder, or the data folder.
    setting : the config key to name in messages, such as "town.file".
    beside : a folder to look in first; None for none.

    Raises
    ------
    InputError
        Nothing is there, or a folder is; says where it looked.
    """
    folders = [Path(), data_folder()] if beside is None else [beside, Path(), data_folder()]
    tried = list(dict.fromkeys((folder / Path(name).expanduser()) for folder in folders))
    found = [path for path in tried if _exists(path)]
    if not found:
        looked = ", ".join(str(path.absolute()) for path in tried)
        siblings = [p.name for path in tried for p in _listing(path.parent) if p.is_file()]
        hint = nearest(Path(name).name, siblings)
        raise InputError(
            f"{setting}: no file {name!r}. Looked for {looked}.{hint} "
            f"Pass {setting}=PATH, or name your data folder in the variable OMEMSIM_DATA."
        )
    if not found[0].is_file():
        inside = [p.name for p in _listing(found[0]) if p.suffix.lower() in {".csv", ".tsv"}]
        examples = f" It holds {', '.join(sorted(inside)[:5])}." if inside else ""
        raise InputError(f"{setting}: {found[0]} is a folder, a file is needed.{examples}")
    return found[0]


def read_table(path: Path, problems: Problems) -> Table:
    """Read a CSV or TSV file; ragged rows go to ``problems`` and are left out.

    Raises
    ------
    InputError
        The file cannot be read as a table at all: missing, empty, binary, header only.
    """
    text, notes = _decode(path)
    delimiter = _sniff(text)
    header, rows = _records(text, delimiter, path=path, problems=problems)
    comma = delimiter != "," and any(_WITH_COMMA.fullmatch(c) for row in rows for c in row.cells)
    if delimiter != ",":
        notes.append(f"{path.name} is separated by {_DELIMITERS[delimiter]}.")
    if comma:
        notes.append(f"{path.name} writes decimals with a comma (1,5 is read as 1.5).")
    return Table(
        str(path), header, tuple(rows), decimal_comma=comma, spaces=delimiter != ",", notes=notes
    )


def read_number(
    cell: str, *, decimal_comma: bool = False, spaces: bool = False, is_count: bool = False
) -> float:
    """Read one number written by a person or a spreadsheet.

    Parameters
    ----------
    cell : stripped text.
    decimal_comma, spaces : how the table writes numbers, see `Table`.
    is_count : a whole number is expected, so 1,234 is ambiguous in a decimal-comma file.

    Raises
    ------
    ValueError
        Not a finite number, or one that can be read in two ways; the message says why
        and what to write.
    """
    text = cell
    spaced = _SPACED.fullmatch(text)
    if spaced and spaces:
        text = re.sub(f"[{_SPACES}]", "", text)
    if decimal_comma and is_count and _GROUPED.fullmatch(text):
        raise ValueError(f"can be read in two ways; write {text.replace(',', '')} if it is a count")
    if not (_COMMA if decimal_comma else _DOT).fullmatch(text):
        raise ValueError("is not a number" + _hint(cell, decimal_comma=decimal_comma))
    value = float(text.replace(",", "."))
    if not math.isfinite(value):
        raise ValueError("is not a finite number")
    return value


def _hint(cell: str, *, decimal_comma: bool) -> str:
    """Say what to write instead, where that can be guessed."""
    if not cell:
        return "; the cell is empty"
    if cell.lower().lstrip("+-") in {"nan", "inf", "infinity", "na", "n/a"}:
        return "; leave the cell empty if the value is unknown"
    spaced = _SPACED.fullmatch(cell)
    if spaced:
        return f"; write {re.sub(f'[{_SPACES}]', '', spaced[1])}{spaced[2]} (no spaces)"
    if _GROUPED.fullmatch(cell):
        return f"; write {cell.replace(',', '')} (no thousands separator)"
    if _COMMA.fullmatch(cell):
        return (
            f"; write {cell.replace(',', '.')} (a decimal comma is read in files separated by "
            "semicolons or tabs only)"
        )
    if decimal_comma and _DOT.fullmatch(cell):
        return "; this file writes decimals with a comma, a dot can be read in two ways"
    return "; digits only, without units, signs of currency or per cent"


def _exists(path: Path) -> bool:
    # A name too long, or one that no file can have, is one more name that is not there.
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _listing(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except (OSError, ValueError):
        return []


def _decode(path: Path) -> tuple[str, list[str]]:
    """Return the file's text and what was noticed about its encoding."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from error
    if not raw.strip():
        raise InputError(f"{path}: the file is empty. {FORMATS}, with a header line.")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strict(raw, "utf-16", path), [f"{path.name} is encoded in UTF-16."]
    _refuse_binary(raw, path)
    if raw.startswith(codecs.BOM_UTF8):
        note = f"{path.name} starts with a byte order mark, which was dropped."
        return _strict(raw, "utf-8-sig", path), [note]
    try:
        return raw.decode("utf-8"), []
    except UnicodeDecodeError:
        note = f"{path.name} is not UTF-8; its letters are read as Western European (cp1252)."
        # cp1252 leaves five bytes undefined; Latin-1 defines all of them.
        defined = not set(raw) & {0x81, 0x8D, 0x8F, 0x90, 0x9D}
        return raw.decode("cp1252" if defined else "latin-1"), [note]


def _strict(raw: bytes, encoding: str, path: Path) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: starts as {encoding} text, but byte {error.start} is not. "
            "Save the file again as CSV UTF-8."
        ) from error


def _refuse_binary(raw: bytes, path: Path) -> None:
    kind = next((name for magic, name in _KINDS.items() if raw.startswith(magic)), "")
    head = raw[:65536]
    controls = sum(byte < 32 and byte not in b"\t\n\r\f" for byte in head)
    if kind or 0 in head or controls > len(head) // 100:
        raise InputError(
            f"{path}: is {kind or 'a binary file'}, not text. {FORMATS}: "
            "save it as CSV UTF-8 from your spreadsheet first."
        )


def _sniff(text: str) -> str:
    """Return the delimiter that cuts the first lines into most columns, a comma if none does."""
    sample = [line for line in text.splitlines()[:20] if line.strip()]

    def columns(delimiter: str) -> tuple[int, int]:
        try:
            counts = [len(cells) for cells in csv.reader(sample, delimiter=delimiter)]
        except csv.Error:
            return (0, 0)
        agreeing = sum(n == counts[0] for n in counts)
        return (agreeing if counts[0] > 1 else 0, counts[0])

    return max(_DELIMITERS, key=columns)


def _records(
    text: str, delimiter: str, *, path: Path, problems: Problems
) -> tuple[tuple[str, ...], list[Row]]:
    """Split text into a header and rows of equal length."""
    records = _parse(text, delimiter, path=path, problems=problems)
    first = next(records, None)
    if first is None:
        raise InputError(f"{path}: no header line could be read. {FORMATS}.")
    header = _without_empty_tail(first.cells)
    rows: list[Row] = []
    before = len(problems)
    for row in records:
        cells = row.cells
        if len(cells) > len(header) and not any(cells[len(header) :]):
            cells = cells[: len(header)]
        if len(cells) == len(header):
            rows.append(Row(row.line, cells))
        else:
            problems.add(
                f"{path}, row {row.line}: {len(cells)} cells where the header has {len(header)} "
                f"columns. Put text that holds {delimiter!r} in quotes, or add the missing cells."
            )
    if not rows and len(problems) == before:
        raise InputError(f"{path}: has a header and no rows; one row a neighbourhood is needed.")
    return header, rows


def _parse(text: str, delimiter: str, *, path: Path, problems: Problems) -> Iterator[Row]:
    """Yield the records that hold anything, each with the line it starts on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            stripped = tuple(cell.strip() for cell in cells)
            if any(stripped):
                yield Row(line, stripped)
            line = reader.line_num + 1
    except csv.Error as error:
        problems.add(f"{path}, row {line}: {error}. Look for a quote that is not closed.")


def _without_empty_tail(cells: Sequence[str]) -> tuple[str, ...]:
    """Drop the nameless columns that spreadsheets leave at the right."""
    end = max(i for i, cell in enumerate(cells) if cell) + 1
    return tuple(cells[:end])
