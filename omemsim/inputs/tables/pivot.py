"""Several rows a neighbourhood, by month, offence or both, made one row for each year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from omemsim.inputs.tables.grid import Row, Table
from omemsim.inputs.tables.guess import guess_columns, per_of, tells_apart
from omemsim.inputs.tables.numbers import Cell, Style
from omemsim.inputs.tables.periods import MONTHS, periods_of
from omemsim.inputs.tables.sums import added, reading, written
from omemsim.inputs.tables.words import COUNT, MONTH, OFFENCE, ONE, STATISTIC, SUMS, TOTAL, plain
from omemsim.present.text import counted, some

__all__ = ["SHAPE", "one_row_each"]

SHAPE = ("offence", "month", "count")
"""Our names for the columns that a long table is pivoted by; they are gone afterwards."""
_WIDEST = 80  # offences that become columns; of more, those that are recognized
_COUNTS = re.compile(
    r"actual|incidents?|counts?|numbers?|nombre|anzahl|f[äa]lle|total|recorded|affaires", re.IGNORECASE
)

_SHARE = re.compile(r"rate|taux|%|percent|\bper\b|change|index|quote", re.IGNORECASE)


@dataclass(frozen=True)
class _Roles:
    """Which column of a long table is what; empty where there is none."""

    area: str
    year: str = ""
    month: str = ""
    offence: str = ""
    count: str = ""
    statistic: str = ""
    other: str = ""


def one_row_each(table: Table, given: Mapping[str, Any]) -> Table:
    """Return a table with one row for each neighbourhood and year.

    Offences become columns of their own names, months are summed, and a year of fewer than 12
    months is scaled to 12, each with a note. A table that has one row each is returned as it is.

    Parameters
    ----------
    table : of any shape.
    given : the mapping so far; its ``offence``, ``month`` and ``count`` name the columns, None
        says that there is no such column.
    """
    table = _filled_down(table)
    roles = _roles(table, given)
    if roles is None:
        return table
    table, notes = _one_statistic(table, roles)
    table, roles, dated = _dated(table, roles)
    pivot = _Pivot(table, roles)
    if not pivot.flows:
        return table
    rows, header = pivot.rows(), pivot.header
    made = table.made(rows, header)
    notes = [*table.notes, *notes, *dated, *pivot.notes()]
    return replace(made, notes=notes)


def _filled_down(table: Table) -> Table:
    """Fill the cells below a name that stands only in the first row of its neighbourhood."""
    for column in _like(table, ONE["id"][1:2] + ONE["name"]):
        cells = table.cells(column)
        empty = sum(not cell for cell in cells)
        if not cells or not cells[0] or empty * 2 < len(cells):
            continue
        place, last, rows = table.header.index(column), "", []
        for row in table.rows:
            last = row.cells[place] or last
            rows.append(Row(row.line, (*row.cells[:place], last, *row.cells[place + 1 :])))
        note = f"{column}: {counted(empty, 'empty cell')} filled with the name above."
        table = replace(table.made(rows), notes=[*table.notes, note])
    return table


def _like(table: Table, patterns: Sequence[str]) -> list[str]:
    """Return the columns that patterns name, in order of the patterns."""
    return [
        column
        for pattern in patterns
        for column in table.header
        if re.fullmatch(pattern, plain(column)) and table.header.count(column) == 1
    ]


def _roles(table: Table, given: Mapping[str, Any]) -> _Roles | None:
    """Say which column is what, if the table has several rows a neighbourhood and year."""
    year = _one(table, given, "year", ONE["year"])
    years = table.cells(year) if year else []
    named = _like(table, ONE["id"][1:2] + ONE["name"])
    month = _one(table, given, "month", (MONTH,))
    month = month if month and all(p.months for p in periods_of(_held(table, month))) else ""
    offence = _one(table, given, "offence", (OFFENCE,)) or _by_values(table, given, named)
    offence = "" if offence == month else offence
    asked = given.get("id") if isinstance(given.get("id"), str) else None
    areas = [asked] if asked in table.header else named
    count = _one(table, given, "count", (COUNT,), besides=(year, month, offence))
    is_apart = any(tells_apart(table, c, years) for c in areas if c != offence)
    # Of one offence there is one row each, and still it is the offence that is counted.
    is_one = bool(offence and count) and _known_share(table, offence) > 0.5
    if not areas or (is_apart and not is_one):
        return None
    own = _like(table, ONE["id"][:1])
    if not (month or offence) and any(tells_apart(table, column, years) for column in own):
        return None
    areas = areas if asked else [*own, *areas]
    kinds = {column: len(set(table.cells(column))) for column in areas if column not in (offence, year)}
    kinds = {c: n for c, n in kinds.items() if 0 < n < len(table.rows) or (is_one and c in named)}
    if not kinds:
        return None
    area = max(kinds, key=lambda column: kinds[column])
    statistic = next(iter(c for c in _like(table, (STATISTIC,)) if c not in (offence, month)), "")
    other = "" if month or offence else _other(table, (area, year, count))
    if not (month or offence or other):
        return None  # rows that are alike: their reader says which
    return _Roles(area, year, month, offence, count, statistic, other)


def _other(table: Table, taken: Sequence[str]) -> str:
    """Return a column of few kinds, such as age or sex, by which rows alike in all else differ."""
    keys = [table.cells(column) for column in taken[:2] if column]
    for column in table.header:
        cells = table.cells(column)
        if column in taken or table.header.count(column) > 1 or len(set(cells)) > len(cells) // 2:
            continue
        if len(set(zip(*keys, cells, strict=True))) == len(cells):
            return column
    return ""


def _held(table: Table, column: str) -> list[str]:
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
    found = [column for column in _like(table, patterns) if column not in besides]
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
    return next((column for column in free if _known_share(table, column) > 0.3), "")


def _known_share(table: Table, column: str) -> float:
    kinds = list(dict.fromkeys(_held(table, column)))
    return sum(map(_is_crime, kinds)) / len(kinds) if kinds else 0.0


def _is_crime(word: str) -> bool:
    return bool(guess_columns([word]).keys() & SUMS.keys())


def _one_statistic(table: Table, roles: _Roles) -> tuple[Table, list[str]]:
    """Keep the rows that count, where others are rates or changes of the same.

    Where no column is the population, it follows from the counts and their rates.
    """
    kinds = list(dict.fromkeys(_held(table, roles.statistic))) if roles.statistic else []
    counts = [kind for kind in kinds if _COUNTS.search(kind) and not _SHARE.search(kind)]
    if len(kinds) < 2 or not counts or not roles.count:
        return table, []
    place = table.header.index(roles.statistic)
    rows = [row for row in table.rows if row.cells[place] == counts[0]]
    notes = [f"{roles.statistic}: only rows of {counts[0]!r} are read ({some(kinds)})."]
    made = table.made(rows)
    rate = next((kind for kind in kinds if per_of(kind) is not None), "")
    if not rate or any(re.fullmatch(p, plain(c)) for c in table.header for p in ONE["population"]):
        return made, notes
    people = _people(table, roles, counts[0], rate)
    keyed = [(row, people.get(_key(table, roles, row), "")) for row in rows]
    notes.append(f"population: not in the table; it follows from the counts and the {rate!r}.")
    widened = [Row(row.line, (*row.cells, count)) for row, count in keyed]
    return made.made(widened, [*table.header, "population"]), notes


def _key(table: Table, roles: _Roles, row: Row) -> tuple[str, ...]:
    columns = [column for column in (roles.area, roles.year) if column]
    return tuple(row.cells[table.header.index(column)] for column in columns)


def _people(table: Table, roles: _Roles, count: str, rate: str) -> dict[tuple[str, ...], str]:
    """Return residents by area and year, of the most frequent offence, whose rate is most exact."""
    place, value = (table.header.index(c) for c in (roles.statistic, roles.count))
    style, per = table.style(roles.count), per_of(rate) or 1.0
    offence = table.header.index(roles.offence) if roles.offence else place
    rates: dict[tuple[str, ...], float] = {}
    most: dict[tuple[str, ...], tuple[float, float]] = {}
    for row in table.rows:
        if row.cells[place] == rate:
            key = (*_key(table, roles, row), row.cells[offence] if roles.offence else "")
            rates[key] = reading(row.cells[value], style).value
    for row in table.rows:
        own = _key(table, roles, row)
        each = rates.get((*own, row.cells[offence] if roles.offence else ""), 0.0)
        number = reading(row.cells[value], style).value
        if row.cells[place] == count and each > 0 and number > most.get(own, (0.0, 0.0))[0]:
            most[own] = (number, number / each * per)
    return {own: written(round(people)) for own, (_, people) in most.items()}


def _dated(table: Table, roles: _Roles) -> tuple[Table, _Roles, list[str]]:
    """Add the year that is part of a month's cell, as in 2023-04."""
    if not roles.month:
        return table, roles, []
    periods = periods_of(table.cells(roles.month))
    if roles.year or any(period.year is None for period in periods):
        return table, roles, []
    rows = [
        Row(row.line, (*row.cells, str(period.year)))
        for row, period in zip(table.rows, periods, strict=True)
    ]
    return table.made(rows, [*table.header, "year"]), replace(roles, year="year"), []


class _Pivot:
    """Adds up the rows of each neighbourhood and year."""

    def __init__(self, table: Table, roles: _Roles) -> None:
        self.table, self.roles = table, roles
        self.place = {column: i for i, column in enumerate(table.header)}
        self.flows = self._flows()
        self.months = self._months()
        gone = {roles.month, roles.offence, roles.statistic, roles.other, *self.flows} - {""}
        gone -= {roles.area, roles.year}
        self.kept = [column for column in table.header if column not in gone]
        self.offences = self._offences()
        self.header = [*self.kept, *(self.offences if self._is_by_offence else self.flows)]
        self.unknown = 0

    @property
    def _is_by_offence(self) -> bool:
        return bool(self.roles.offence) and len(self.flows) == 1

    def _flows(self) -> list[str]:
        """Return the columns of counts: the one of numbers, those recognized, or the rows themselves."""
        if self.roles.count:
            return [self.roles.count]
        guess = guess_columns(self.table.header)
        known: list[str] = []
        for name in (*SUMS, "calls"):
            found = guess.get(name, [])
            known += [found] if isinstance(found, str) else found if isinstance(found, list) else []
        known = [c for c in known if c != self.roles.offence and self.table.share_of_numbers(c) > 0.5]
        if known:
            return known
        return [""] if self.roles.offence else []  # each row is one crime

    def _months(self) -> dict[str, int]:
        """Return how many months the table has of each year."""
        if not self.roles.month:
            return {}
        seen: dict[str, set[int]] = {}
        cells = self.table.cells(self.roles.month)
        for year, period in zip(self._years(), periods_of(cells), strict=True):
            seen.setdefault(year, set()).update(period.months)
        return {year: len(months) for year, months in seen.items() if months}

    def _years(self) -> list[str]:
        year = self.roles.year
        return self.table.cells(year) if year else [""] * len(self.table.rows)

    def _offences(self) -> list[str]:
        if not self._is_by_offence:
            return []
        kinds = list(dict.fromkeys(_held(self.table, self.roles.offence)))
        return kinds if len(kinds) <= _WIDEST else [kind for kind in kinds if _is_crime(kind)]

    def rows(self) -> list[Row]:
        """Return one row for each neighbourhood and year, in the order they are met."""
        groups: dict[tuple[str, str], list[Row]] = {}
        area = self.place[self.roles.area]
        other = self.place.get(self.roles.other, area)
        for row, year in zip(self.table.rows, self._years(), strict=True):
            is_total = other != area and bool(TOTAL.fullmatch(row.cells[other]))
            if row.cells[area] and not is_total:
                groups.setdefault((row.cells[area], year), []).append(row)
        styles = {flow: self.table.style(flow, is_count=True) for flow in self.flows if flow}
        return [
            Row(rows[0].line, tuple(self._cells(rows, MONTHS / self.months.get(year, MONTHS), styles)))
            for (_, year), rows in groups.items()
        ]

    def _cells(self, rows: Sequence[Row], times: float, styles: Mapping[str, Style]) -> Iterator[str]:
        for column in self.kept:
            held = [row.cells[self.place[column]] for row in rows]
            yield next((cell for cell in reversed(held) if cell), "")
        if not self._is_by_offence:
            for flow in self.flows:
                yield self._sum([reading(r.cells[self.place[flow]], styles[flow]) for r in rows], times)
            return
        (flow,) = self.flows
        of_offence: dict[str, list[Cell]] = {}
        for row in rows:
            cell = reading(row.cells[self.place[flow]], styles[flow]) if flow else Cell(1, 1, 1)
            of_offence.setdefault(row.cells[self.place[self.roles.offence]], []).append(cell)
        for offence in self.offences:
            yield self._sum(of_offence.get(offence, [Cell(0, 0, 0)]), times)

    def _sum(self, cells: Sequence[Cell], times: float) -> str:
        self.unknown += len(cells) > 1 and any(cell.value != cell.value for cell in cells)
        return added(cells, times=times)

    def notes(self) -> list[str]:
        """Return what was done, one sentence a kind; only after `rows`."""
        roles = self.roles
        by = [c for c in (roles.offence, roles.month, roles.year, roles.other) if c]
        told = f"{len(self.table.rows):,} rows, several a neighbourhood (by {', '.join(by)})"
        what = "are summed to one a year" if roles.year else "are summed to one each"
        if self._is_by_offence:
            what += f", a column an offence ({some(self.offences)})"
        keys = [f"town.columns.{x}=NAME" for x in ("month", "offence") if getattr(roles, x)]
        choose = f" Other columns: {' '.join(keys)}; null for none." if keys else ""
        notes = [f"{told}, {what}.{choose}"]
        if self.flows == [""]:
            notes.append("No column counts: each row is taken as one crime.")
        short = {y: n for y, n in self.months.items() if n < MONTHS}
        if short:
            shown = some(f"{year or 'the table'} has {counted(n, 'month')}" for year, n in short.items())
            notes.append(f"Counts of a part of a year are scaled to {MONTHS} months: {shown}.")
        if self.unknown:
            notes.append(
                f"{counted(self.unknown, 'sum')} of cells some of which have no number: those are "
                "taken to be as the others of the neighbourhood and year are."
            )
        return notes


