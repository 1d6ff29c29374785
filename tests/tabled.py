"""Tables written as people write them, and what the reader makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from omemsim.analysis.diagnose import diagnose
from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.config import CALLS_ONLY, compose_scenario
from omemsim.inputs.tables import read_blueprint
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import ZoneLimits

FORMS = ("csv", "french", "tabs", "xlsx", "parquet")
Cells = Sequence[Sequence[object]]


def save(folder: Path, rows: Cells, form: str = "csv", name: str = "table") -> Path:
    """Write rows, the header first, in one of several forms."""
    if form == "xlsx":
        return _workbook(folder / f"{name}.xlsx", rows)
    if form == "parquet":
        return _parquet(folder / f"{name}.parquet", rows)
    if form == "french":  # a spreadsheet in French on Windows
        text = "\r\n".join(";".join(_quoted(_comma(cell), ";") for cell in row) for row in rows)
        content = text.encode("cp1252")
    elif form == "tabs":
        content = "\n".join("\t".join(map(str, row)) for row in rows).encode("utf-16")
    else:
        content = "\n".join(
            ",".join(_quoted(str(cell), ",") for cell in row) for row in rows
        ).encode()
    path = folder / f"{name}.csv"
    path.write_bytes(content)
    return path


def _quoted(text: str, separator: str) -> str:
    return '"' + text.replace('"', '""') + '"' if separator in text or '"' in text else text


def _comma(cell: object) -> str:
    return str(cell).replace(".", ",") if isinstance(cell, float) else str(cell)


def _workbook(path: Path, rows: Cells) -> Path:
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra export")
    pytest.importorskip("python_calamine", reason="needs the extra excel")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([None if cell == "" else cell for cell in row])
    for row in book.active.iter_rows():
        for cell in row:  # text is text, also what begins with "="
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    book.save(path)
    return path


def _parquet(path: Path, rows: Cells) -> Path:
    arrow = pytest.importorskip("pyarrow", reason="needs the extra export")
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra export")
    columns = list(zip(*rows[1:], strict=True))
    arrays = []
    for column in columns:
        is_number = all(isinstance(cell, int | float) or cell == "" for cell in column)
        cells = [None if cell == "" else cell if is_number else str(cell) for cell in column]
        arrays.append(arrow.array(cells))
    parquet.write_table(arrow.table(arrays, names=[str(name) for name in rows[0]]), path)
    return path


def town_of(path: Path, *words: str) -> Blueprint:
    """Return what a table is read as, with ``key=value`` words as they are typed."""
    return read_blueprint(compose_scenario(str(path), CALLS_ONLY, words).town)


def problems_of(path: Path, *words: str) -> list[str]:
    """Return what is wrong with a table that must be refused."""
    with pytest.raises(InputError) as caught:
        town_of(path, *words)
    return caught.value.problems


def about(town: Blueprint, word: str) -> str:
    """Return the one note in which a word stands."""
    (note,) = [note for note in town.notes if word in note]
    return note


@dataclass(frozen=True)
class Label:
    """A neighbourhood's zone and how sure it is."""

    zone: str
    sure: float


def labels_of(town: Blueprint) -> dict[str, Label]:
    """Return the label of each neighbourhood by its name."""
    rows = diagnose(town, ZoneLimits()).rows
    return {row.name: Label(row.zone, row.sure) for row in rows}
