"""From a text file's bytes to rows: encoding, delimiter, line numbers.

Read with the standard library only, so that every problem can name the line it is on.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from omemsim.inputs.tables.grid import Grid, Row
from omemsim.inputs.tables.problems import Problems
from omemsim.vocabulary.errors import InputError

__all__ = ["FORMATS", "bytes_of", "read_text"]

FORMATS = "Tables are read as CSV or TSV text, Excel, Parquet or a map with one feature a row"
_KINDS = {
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"SQLite format 3": "a database whose name does not end in .gpkg",
}
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_WESTERN = ("cp1252", "mac_roman", "cp850", "latin-1")
_NAMES = {
    "cp1252": "Western European (cp1252)",
    "latin-1": "Western European (Latin-1)",
    "mac_roman": "an old Mac's (Mac Roman)",
    "cp850": "DOS's (code page 850)",
}
_LETTERS = "éèêëàâäáãåçñíîïóôöõúùûüßøæœœÉÈÊÀÂÄÁÅÇÑÍÎÓÔÖÚÛÜØÆŒ"
"""Letters beyond ASCII that names of places in Western Europe and the Americas have."""
_SIGNS = "\u00a0\u202f\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u20ac\u00b0\u00ab\u00bb"
"""Signs beyond ASCII that spreadsheets write: spaces, quotation marks, dashes."""


def bytes_of(path: Path) -> bytes:
    """Return a file's bytes.

    Raises
    ------
    InputError
        It cannot be read, or is empty.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from error
    if not raw.strip():
        raise InputError(f"{path}: the file is empty. {FORMATS}, with a header line.")
    return raw


def read_text(raw: bytes, path: Path, problems: Problems) -> Grid:
    """Return the rows of a CSV or TSV file.

    Parameters
    ----------
    raw : the file's bytes, not empty.
    path : to be named in messages.
    problems : gets a quote that is not closed, or a cell longer than one can be.

    Raises
    ------
    InputError
        It is not text.
    """
    text, notes = _decode(raw, path)
    told = re.match(r"sep=([,;\t|])\r?\n", text)  # what a spreadsheet writes to itself
    delimiter = told[1] if told else _sniff(text)
    if delimiter != ",":
        notes.append(f"{path.name} is separated by {_DELIMITERS[delimiter]}.")
    rows = tuple(_parse(text, delimiter, path=path, problems=problems))[1 if told else 0 :]
    return Grid(str(path), rows, is_strict=True, comma=delimiter == ",", notes=notes)


def _decode(raw: bytes, path: Path) -> tuple[str, list[str]]:
    """Return the file's text and what was noticed about its encoding."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strict(raw, "utf-16", path), [f"{path.name} is encoded in UTF-16."]
    wide = _wide(raw)
    if wide:
        return _strict(raw, wide, path), [f"{path.name} is encoded in UTF-16."]
    _refuse_binary(raw, path)
    if re.match(rb"\s*<(!doctype html|html|table)", raw, re.IGNORECASE):
        raise InputError(
            f"{path}: is a web page, whatever its name says. Open it in a spreadsheet and save it "
            "as .xlsx or CSV UTF-8."
        )
    if raw.startswith(codecs.BOM_UTF8):
        note = f"{path.name} starts with a byte order mark, which was dropped."
        return _strict(raw, "utf-8-sig", path), [note]
    try:
        return raw.decode("utf-8"), []
    except UnicodeDecodeError:
        encoding = _western(raw)
        note = f"{path.name} is not UTF-8; its letters are read as {_NAMES[encoding]}."
        return raw.decode(encoding), [note]


def _wide(raw: bytes) -> str:
    """Return the encoding of two bytes a letter that a file without a mark is in, if it is."""
    head = raw[:4096]
    if len(head) < 8:
        return ""
    even, odd = head[0::2].count(0) / len(head[0::2]), head[1::2].count(0) / len(head[1::2])
    if odd > 0.8 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.8 and odd < 0.1 else ""


def _western(raw: bytes) -> str:
    """Return the encoding in which most letters beyond ASCII are those that names have."""

    def score(encoding: str) -> int:
        try:
            beyond = [letter for letter in raw.decode(encoding) if ord(letter) > 127]
        except UnicodeDecodeError:
            return -len(raw)
        return sum(1 if letter in _LETTERS + _SIGNS else -1 for letter in beyond)

    return max(_WESTERN, key=score)  # the first of equals; the last defines every byte


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
    """Return the delimiter that cuts the first lines into most columns, a comma if none does.

    Lines above a header have fewer columns, so what most lines agree on decides.
    """
    sample = [line for line in text.splitlines()[:40] if line.strip()]

    def columns(delimiter: str) -> tuple[int, int]:
        try:
            counts = [len(cells) for cells in csv.reader(sample, delimiter=delimiter)]
        except csv.Error:
            return (0, 0)
        several = [n for n in counts if n > 1]
        if not several:
            return (0, 1)
        usual = max(set(several), key=lambda n: (several.count(n), n))
        return (several.count(usual), usual)

    return max(_DELIMITERS, key=columns)


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
