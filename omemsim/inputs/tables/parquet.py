"""Parquet files, with the extra ``export``: the one reader of them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from omemsim.inputs.tables.grid import Grid, Row
from omemsim.vocabulary.errors import InputError

__all__ = ["MAGIC", "read_parquet"]

MAGIC = b"PAR1"


def read_parquet(raw: bytes, path: Path) -> Grid:
    """Return the rows of a Parquet file, the header first; nested values are left out.

    Raises
    ------
    InputError
        The extra is not installed, or the file is damaged.
    """
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise InputError(
            f"{path}: is a Parquet file, which the extra 'export' reads. Install it with: "
            'pip install "omemsim[export]", or save the table as CSV UTF-8.'
        ) from error
    try:
        table = parquet.read_table(io.BytesIO(raw))
    except (ArrowException, OSError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read as Parquet ({error}). Save it again, or as CSV."
        ) from error
    flat = [name for name in table.column_names if table.schema.field(name).type.num_fields == 0]
    columns = [table.column(name).to_pylist() for name in flat]
    rows = [Row(1, tuple(flat))]
    rows += [
        Row(line, tuple(map(_text, cells)))
        for line, cells in enumerate(zip(*columns, strict=True), start=2)
    ]
    return Grid(str(path), tuple(row for row in rows if any(row.cells)))


def _text(value: Any) -> str:
    if value is None or isinstance(value, bytes):
        return ""
    if isinstance(value, float):
        return "" if value != value else str(int(value)) if value.is_integer() else repr(value)
    return str(value).strip()
