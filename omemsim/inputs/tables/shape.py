"""A table made one row a neighbourhood and year, and which of its columns is what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from omemsim.inputs.tables.grid import Row, Table
from omemsim.inputs.tables.guess import guess_columns, recognize
from omemsim.inputs.tables.mapping import Source, parse_mapping
from omemsim.inputs.tables.melt import by_row
from omemsim.inputs.tables.periods import MONTHS, months_named
from omemsim.inputs.tables.pivot import SHAPE, one_row_each
from omemsim.inputs.tables.problems import Problems
from omemsim.inputs.tables.sums import added, reading
from omemsim.present.text import some

__all__ = ["Shaped", "best_of"]

_NEEDED = ("population", "violence", "property", "crime", "calls", "deprivation", "name", "id")
_CRIMES = ("violence", "property", "crime", "calls")
_WHAT = {"population", "violence", "property", "crime"}
AREA = "neighbourhood"  # the column of names where a table was turned


class Mapped(Protocol):
    """The field of a town's config that says which column is what."""

    @property
    def columns(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Shaped:
    """A table as it is understood.

    Attributes
    ----------
    table : one row a neighbourhood and year.
    guess : the part of the mapping that was guessed.
    mapping : the whole of it.
    sources : the same, checked.
    is_guessed : whether a guess was asked for.
    problems : of the file and the mapping.
    """

    table: Table
    guess: dict[str, Any]
    mapping: dict[str, Any]
    sources: dict[str, Source]
    is_guessed: bool
    problems: Problems


def best_of(tables: Sequence[Table], config: Mapped, problems: Problems) -> Shaped:
    """Return the table of a file in which most is recognized, with a note on the others.

    Parameters
    ----------
    tables : of the file, one or more.
    config : whose ``columns`` are the mapping; a guess fills it where it is asked for.
    problems : gets what is wrong with the mapping of the table that is chosen.

    Raises
    ------
    InputError
        No row could be read, for reasons that are among the problems.
    """
    if len(problems) and not any(table.rows for table in tables):
        problems.check()  # what is missing is missing since no row could be read
    given = {name: value for name, value in config.columns.items() if name != "guess"}
    is_guessed = bool(config.columns.get("guess")) or not given
    each = [_understood(table, given, is_guessed) for table in tables]
    # The latest of equals, if sheets are named after years, else the first.
    best = max(range(len(each)), key=lambda i: (_score(each[i].guess | given), _year_of(tables[i])))
    table, guess = each[best].table, each[best].guess
    others = [other.path for i, other in enumerate(tables) if i != best]
    if others:
        table = replace(table, notes=[_of_others(tables[best], others), *table.notes])
    for fault in table.faults:
        problems.add(fault)
    mapping = {name: value for name, value in (guess | given).items() if name not in SHAPE}
    sources = parse_mapping(mapping, table, problems, guessed=guess.keys())
    return Shaped(table, guess, mapping, sources, is_guessed, problems)


def _score(mapping: Mapping[str, Any]) -> tuple[int, int]:
    found = [name for name in _NEEDED if mapping.get(name) is not None]
    return len(_WHAT & set(found)), len(found)


def _year_of(table: Table) -> int:
    sheet = table.path.rpartition(", sheet ")[2] if ", sheet " in table.path else ""
    years = re.findall(r"(?:19|20)\d\d", sheet)
    return int(years[-1]) if years else 0


def _of_others(table: Table, others: Sequence[str]) -> str:
    apart = list(dict.fromkeys(path for path in others if path != table.path))
    if apart:
        names = some(path.rpartition(", sheet ")[2] for path in apart)
        return f"Read is {table.path}; of other sheets ({names}) nothing: town.sheet=NAME chooses."
    return (
        f"{len(others) + 1} tables stand in {table.path}; the one is read in which most is "
        "recognized. For another, put it in a file of its own."
    )


@dataclass(frozen=True)
class _Guessed:
    """A table of one row each, and what is guessed of its columns."""

    table: Table
    guess: dict[str, Any]


def _understood(table: Table, given: Mapping[str, Any], is_guessed: bool) -> _Guessed:
    """Return a table of one row each, and what is guessed of its columns."""
    if is_guessed:
        table = _upright(table)
    if is_guessed or given.keys() & set(SHAPE):
        named = {column for name, value in given.items() for column in _named(name, value)}
        table = one_row_each(by_row(table, given, named), given)
    if not is_guessed:
        return _Guessed(table, {})
    guess = recognize(table, {name: x for name, x in given.items() if name not in SHAPE})
    return _Guessed(_whole_year(table, guess), guess)


def _upright(table: Table) -> Table:
    """Turn a table whose columns are neighbourhoods and whose rows say what is counted."""
    if len(table.header) < 3 or len(table.rows) < 2 or guess_columns(table.header).keys() & _WHAT:
        return table
    names = table.cells(table.header[0])
    if not {"population"} < guess_columns(names).keys() & _WHAT:
        return table
    cells = zip(*(row.cells for row in table.rows), strict=True)
    rows = [
        Row(table.rows[0].line, (area, *own))
        for area, own in zip(table.header[1:], list(cells)[1:], strict=True)
        if area
    ]
    note = "Rows say what is counted and columns are neighbourhoods: the table is turned."
    return replace(table.made(rows, [AREA, *names]), notes=[*table.notes, note])


def _named(name: str, value: Any) -> list[str]:
    """Return the columns that a value of a mapping names, as far as it is well formed."""
    if isinstance(value, Mapping) and name != "deprivation":
        value = value.get("columns")
    if isinstance(value, str):
        return [value]
    return [x for x in value if isinstance(x, str)] if isinstance(value, list | dict) else []


def _whole_year(table: Table, guess: Mapping[str, Any]) -> Table:
    """Scale counts to a year where a title says which months they are of."""
    months = next((found for found in map(months_named, table.titles) if found), ())
    counts = {c for name in _CRIMES for c in _named(name, guess.get(name))}
    if (
        not months
        or len(months) == MONTHS
        or not counts
        or any("scaled to" in n for n in table.notes)
    ):
        return table
    styles = {column: table.style(column, is_count=True) for column in counts}
    times = MONTHS / len(months)
    rows = [
        replace(
            row,
            cells=tuple(
                added([reading(cell, styles[column])], times=times) if column in counts else cell
                for column, cell in zip(table.header, row.cells, strict=True)
            ),
        )
        for row in table.rows
    ]
    title = next(title for title in table.titles if months_named(title))
    note = f"Counts are of {len(months)} months ({title!r}) and are scaled to {MONTHS}."
    return replace(table.made(rows), notes=[*table.notes, note])
