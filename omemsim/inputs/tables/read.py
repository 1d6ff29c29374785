"""Find a file and read the tables in it, whatever its format."""

from __future__ import annotations

import os
from pathlib import Path

from omemsim.inputs.tables.grid import Grid, Table
from omemsim.inputs.tables.header import tables_of
from omemsim.inputs.tables.parquet import MAGIC, read_parquet
from omemsim.inputs.tables.problems import Problems
from omemsim.inputs.tables.text import bytes_of, read_text
from omemsim.inputs.tables.workbook import is_workbook, read_workbook
from omemsim.vocabulary.errors import InputError, nearest

__all__ = ["find_file", "read_table", "read_tables"]

SUFFIXES = {
    ".csv",
    ".tsv",
    ".txt",
    ".xlsx",
    ".xls",
    ".ods",
    ".parquet",
    ".geojson",
    ".gpkg",
    ".shp",
}


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
        inside = [p.name for p in _listing(found[0]) if p.suffix.lower() in SUFFIXES]
        examples = f" It holds {', '.join(sorted(inside)[:5])}." if inside else ""
        raise InputError(f"{setting}: {found[0]} is a folder, a file is needed.{examples}")
    return found[0]


def read_table(path: Path, problems: Problems) -> Table:
    """Read the first table of a file; see `read_tables`."""
    return read_tables(path, problems)[0]


def read_tables(path: Path, problems: Problems, *, sheet: str | None = None) -> list[Table]:
    """Read all tables of a file; rows of another length than the header go to ``problems``.

    Parameters
    ----------
    path : a text file, a workbook or a Parquet file, told by its first bytes.
    problems : gets what is wrong with rows.
    sheet : of a workbook, its name or number; None for all of them.

    Raises
    ------
    InputError
        The file cannot be read as a table at all: missing, empty, binary, header only.
    """
    tables: list[Table] = []
    faults: list[InputError] = []
    for grid in _grids(path, problems, sheet):
        try:
            tables += tables_of(grid, problems)
        except InputError as error:  # a cover sheet is none, if another sheet is one
            faults.append(error)
    if not tables:
        raise faults[0]
    return tables


def _grids(path: Path, problems: Problems, sheet: str | None) -> list[Grid]:
    raw = bytes_of(path)
    if raw.startswith(MAGIC):
        return [read_parquet(raw, path)]
    if is_workbook(raw):
        return read_workbook(raw, path, sheet)
    if sheet is not None:
        raise InputError(f"{path}: town.sheet={sheet} is asked for, and this is no workbook.")
    return [read_text(raw, path, problems)]


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
