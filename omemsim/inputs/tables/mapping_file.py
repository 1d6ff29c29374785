"""A mapping written for its user to correct: every name, what it takes, what is in the column."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from omemsim.inputs.tables.grid import Table
from omemsim.inputs.tables.mapping import FIELDS
from omemsim.inputs.tables.pivot import SHAPE
from omemsim.inputs.tables.shape import Shaped
from omemsim.present.text import shortened, some

__all__ = ["mapping_text"]

_FIRST = 3  # cells that are shown of a column
_HELP = """\
# After a name stands COLUMN, or [COLUMN, COLUMN] for their sum, or null for none, or
#   {columns: COLUMN, per: 1000, of: population}   a rate, which is made a count
#   {columns: COLUMN, times: 2.59}                 another unit
#   {assume: 4000}                                 not in the table
# deprivation takes {COLUMN: weight}, negative where more means better off; no crime there."""


class Town(Protocol):
    """The fields of a town's config that a mapping repeats."""

    @property
    def file(self) -> str | None: ...
    @property
    def sheet(self) -> str | None: ...
    @property
    def suppressed(self) -> float | None: ...
    @property
    def totals(self) -> str: ...
    @property
    def year(self) -> int | None: ...
    @property
    def scale(self) -> float: ...


def mapping_text(town: Town, shaped: Shaped) -> str:
    """Return a town's file, YAML with comments, that reads its table as it is read now.

    Parameters
    ----------
    town : whose table it is.
    shaped : the table as it is understood.
    """
    name = Path(str(town.file)).stem
    lines = [
        f"# Which column of {Path(str(town.file)).name} is what. Correct what is wrong, then:",
        f"#   omemsim diagnose town={name}-mapping.yaml",
        "base: table",
        f"name: {_written(name)}",
        f"file: {_written(town.file)}",
        *([f"sheet: {_written(town.sheet)}"] if town.sheet is not None else []),
        f"year: {_written(town.year)}  # null: the latest in the table",
        f"suppressed: {_written(town.suppressed)}  # cells of crime without a number; null: filled",
        f"totals: {town.totals}  # rows that are the sum of others: drop or keep",
        f"scale: {town.scale:g}  # real residents for each one that is simulated",
        "",
        *(f"# {note}" for note in shaped.table.notes),
        _HELP,
        "columns:",
        "  guess: true  # so that the shape of the table is found; what is written below is not",
        *_columns(shaped),
        "",
        *_unused(shaped),
    ]
    return "\n".join(lines) + "\n"


def _columns(shaped: Shaped) -> Iterator[str]:
    for name, field in FIELDS.items():
        if name in SHAPE:
            continue
        value = shaped.mapping.get(name)
        yield f"  # {field.meaning}{_shown(shaped.table, value)}"
        yield f"  {name}: {_written(value)}"
    yield "  # Only for a table with several rows a neighbourhood; without these they are found."
    for name in SHAPE:
        yield f"  # {name}: COLUMN  # {FIELDS[name].meaning}"


def _shown(table: Table, value: Any) -> str:
    """Return the first cells of the first column that a value names."""
    inside = value.get("columns", value) if isinstance(value, dict) else value
    names = [inside] if isinstance(inside, str) else [*(inside or [])]
    known = [column for column in names if table.header.count(column) == 1]
    if not known:
        return ""
    cells = [shortened(cell, 20) for cell in table.cells(known[0])[:_FIRST]]
    return f": {', '.join(cells)}, ...".replace("\n", " ")


def _unused(shaped: Shaped) -> list[str]:
    used = {column for source in shaped.sources.values() for column in source.weights}
    free = [column for column in shaped.table.header if column and column not in used]
    return (
        [f"# Columns that nothing is read from: {some(map(_written, free), 60)}."] if free else []
    )


def _written(value: Any) -> str:
    """Write a value on one line of YAML."""
    import yaml

    plain = list(value) if isinstance(value, tuple) else value
    text = yaml.safe_dump(
        plain, default_flow_style=True, allow_unicode=True, width=10**6, sort_keys=False
    )
    return str(text).removesuffix("...\n").strip()
