"""Tables that give a count and its rate below each other, as those of Statistics Canada."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from omemsim.inputs.tables.grid import Row, Table
from omemsim.inputs.tables.rates import per_of
from omemsim.inputs.tables.roles import Roles, held, like
from omemsim.inputs.tables.sums import reading, written
from omemsim.inputs.tables.words import ONE
from omemsim.present.text import some

__all__ = ["only_counts"]

_COUNTS = re.compile(
    r"actual|incidents?|counts?|numbers?|nombre|anzahl|f[äa]lle|total|recorded|affaires",
    re.IGNORECASE,
)
_SHARE = re.compile(r"rate|taux|%|percent|\bper\b|change|index|quote", re.IGNORECASE)


def only_counts(table: Table, roles: Roles) -> Table:
    """Keep the rows that count, where others are rates or changes of the same, with a note.

    Where no column is the population, it follows from the counts and their rates.

    Parameters
    ----------
    table : with several rows a neighbourhood.
    roles : which column is what.
    """
    kinds = list(dict.fromkeys(held(table, roles.statistic))) if roles.statistic else []
    counts = [kind for kind in kinds if _COUNTS.search(kind) and not _SHARE.search(kind)]
    if len(kinds) < 2 or not counts or not roles.count:
        return table
    place = table.header.index(roles.statistic)
    rows = [row for row in table.rows if row.cells[place] == counts[0]]
    note = f"{roles.statistic}: only rows of {counts[0]!r} are read ({some(kinds)})."
    made = replace(table.made(rows), notes=[*table.notes, note])
    rate = next((kind for kind in kinds if per_of(kind) is not None), "")
    if not rate or like(table, ONE["population"]):
        return made
    people = _people(table, roles, counts[0], rate)
    note = f"population: not in the table; it follows from the counts and the {rate!r}."
    widened = [Row(row.line, (*row.cells, people.get(_key(table, roles, row), ""))) for row in rows]
    made = replace(made, notes=[*made.notes, note])
    return made.made(widened, [*table.header, "population"])


Key = tuple[str, ...]
"""The area of a row, and its year where rows have one."""


@dataclass(frozen=True)
class _Counted:
    """The row of a count: of which area and year, how many, and its rate."""

    key: Key
    count: float
    rate: float


def _key(table: Table, roles: Roles, row: Row, *more: str) -> Key:
    columns = [column for column in (roles.area, roles.year, *more) if column]
    return tuple(row.cells[table.header.index(column)] for column in columns)


def _people(table: Table, roles: Roles, count: str, rate: str) -> dict[Key, str]:
    """Return residents by area and year, of the most frequent offence, whose rate is most exact."""
    per = per_of(rate)
    most: dict[Key, _Counted] = {}
    for found in _counted(table, roles, count, rate):
        if found.key not in most or found.count > most[found.key].count:
            most[found.key] = found
    number = 1.0 if per is None else per.number
    return {key: written(round(own.count / own.rate * number)) for key, own in most.items()}


def _counted(table: Table, roles: Roles, count: str, rate: str) -> Iterator[_Counted]:
    place, value = (table.header.index(c) for c in (roles.statistic, roles.count))
    style = table.style(roles.count)
    rates = {
        _key(table, roles, row, roles.offence): reading(row.cells[value], style).value
        for row in table.rows
        if row.cells[place] == rate
    }
    for row in table.rows:
        own = rates.get(_key(table, roles, row, roles.offence), 0.0)
        number = reading(row.cells[value], style).value
        if row.cells[place] == count and own > 0 and number > 0:
            yield _Counted(_key(table, roles, row), number, own)
