"""Which column of a table with several rows a neighbourhood is what: month, offence, count."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omemsim.inputs.tables.grid import Table
from omemsim.inputs.tables.guess import guess_columns, tells_apart
from omemsim.inputs.tables.periods import periods_of
from omemsim.inputs.tables.words import COUNT, MONTH, OFFENCE, ONE, STATISTIC, SUMS, plain

__all__ = ["Roles", "held", "is_crime", "like", "roles_of"]

_SOME, _MOST = 0.3, 0.5
"""Shares of a column's kinds of cells that are names of crimes, by which it is one of offences."""


@dataclass(frozen=True)
class Roles:
    """Which column of a long table is what; empty where there is none."""

    area: str
    year: str = ""
    month: str = ""
    offence: str = ""
    count: str = ""
    statistic: str = ""
    other: str = ""


def like(table: Table, patterns: Sequence[str]) -> list[str]:
    """Return the columns that patterns over a plain name match, in order of the patterns."""
    return [
        column
        for pattern in patterns
        for column in table.header
        if re.fullmatch(pattern, plain(column)) and table.header.count(column) == 1
    ]


def roles_of(table: Table, given: Mapping[str, Any]) -> Roles | None:
    """Say which column is what, if the table has several rows a neighbourhood and year.

    Parameters
    ----------
    table : of any shape.
    given : the mapping so far; what it names is not guessed.
    """
    year = _one(table, given, "year", ONE["year"])
    month, offence = _month(table, given), _offence(table, given)
    offence = "" if offence == month else offence
    count = _one(table, given, "count", (COUNT,), besides=(year, month, offence))
    # Of one offence there is one row each, and still it is the offence that is counted.
    is_one = bool(offence and count) and _known_share(table, offence) > _MOST
    area = _area(table, given, Roles("", year, month, offence), is_one=is_one)
    if not area:
        return None
    statistic = next((c for c in like(table, (STATISTIC,)) if c not in (offence, month)), "")
    other = "" if month or offence else _other(table, (area, year, count))
    if not (month or offence or other):
        return None  # rows that are alike: their reader says which
    return Roles(area, year, month, offence, count, statistic, other)


def _month(table: Table, given: Mapping[str, Any]) -> str:
    month = _one(table, given, "month", (MONTH,))
    return month if month and all(p.months for p in periods_of(held(table, month))) else ""


def _offence(table: Table, given: Mapping[str, Any]) -> str:
    named = like(table, ONE["id"][1:2] + ONE["name"])
    return _one(table, given, "offence", (OFFENCE,)) or _by_values(table, given, named)


def _area(table: Table, given: Mapping[str, Any], roles: Roles, *, is_one: bool) -> str:
    """Return the column of areas of which there are several rows each; empty if there is none.

    Parameters
    ----------
    table, given : as for `roles_of`.
    roles : as far as they are known.
    is_one : one row each is enough.
    """
    years = table.cells(roles.year) if roles.year else []
    named = like(table, ONE["id"][1:2] + ONE["name"])
    asked = given.get("id") if given.get("id") in table.header else None
    areas = [str(asked)] if asked else named
    is_apart = any(tells_apart(table, c, years) for c in areas if c != roles.offence)
    own = like(table, ONE["id"][:1])
    is_own = not (roles.month or roles.offence) and any(tells_apart(table, c, years) for c in own)
    if not areas or is_own or (is_apart and not is_one):
        return ""
    every = [
        c for c in (areas if asked else [*own, *areas]) if c not in (roles.offence, roles.year)
    ]
    kinds = {column: len(set(table.cells(column))) for column in every}
    fitting = {c: n for c, n in kinds.items() if 0 < n < len(table.rows) or (is_one and c in areas)}
    return max(fitting, key=lambda column: fitting[column], default="")


def _other(table: Table, taken: Sequence[str]) -> str:
    """Return a column of few kinds, such as age or sex, by which rows alike in all else differ."""
    keys = [table.cells(column) for column in taken[:2] if column]
    for column in table.header:
        cells = table.cells(column)
        if column in taken or table.header.count(column) > 1 or len(set(cells)) > len(cells) // 2:
            continue
        is_year = all(period.year is not None for period in periods_of(cells))
        if (
            not is_year
            and not table.holds_numbers(column)
            and len(set(zip(*keys, cells, strict=True))) == len(cells)
        ):
            return column
    return ""


def held(table: Table, column: str) -> list[str]:
    """Return the cells of a column that are not empty."""
    return [cell for cell in table.cells(column) if cell]


def _one(
    table: Table,
    given: Mapping[str, Any],
    name: str,
    patterns: Sequence[str],
    besides: Sequence[str] = (),
) -> str:
    """Return the column of a role: the one that is given, else the first that its name says."""
    if name in given:
        asked = given[name]
        return asked if isinstance(asked, str) and asked in table.header else ""
    found = [column for column in like(table, patterns) if column not in besides]
    if name == "count":
        found = [column for column in found if table.share_of_numbers(column) > 0.5]
    if name == "offence":
        found = [c for c in found if not table.holds_numbers(c)]
        found.sort(key=lambda c: -_known_share(table, c))
    return found[0] if found else ""


def _by_values(table: Table, given: Mapping[str, Any], named: Sequence[str]) -> str:
    """Return a column whose cells are mostly kinds of crime, whatever it is called."""
    if "offence" in given:
        return ""
    free = [c for c in table.header if c and c not in named and not table.holds_numbers(c)]
    return next((column for column in free if _known_share(table, column) > _SOME), "")


def _known_share(table: Table, column: str) -> float:
    kinds = list(dict.fromkeys(held(table, column)))
    return sum(map(is_crime, kinds)) / len(kinds) if kinds else 0.0


def is_crime(word: str) -> bool:
    """Say whether a word is the name of a crime or of a total of crimes."""
    return bool(guess_columns([word]).keys() & SUMS.keys())
