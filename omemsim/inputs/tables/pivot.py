"""Several rows a neighbourhood, by month, offence or both, made one row for each year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from omemsim.inputs.tables.grid import Row, Table
from omemsim.inputs.tables.guess import guess_columns
from omemsim.inputs.tables.numbers import Cell, Style
from omemsim.inputs.tables.periods import MONTHS, periods_of
from omemsim.inputs.tables.roles import Roles, held, is_crime, like, roles_of
from omemsim.inputs.tables.statistic import only_counts
from omemsim.inputs.tables.sums import added, reading
from omemsim.inputs.tables.words import ONE, SUMS, TOTAL
from omemsim.present.text import counted, some

__all__ = ["SHAPE", "one_row_each"]

SHAPE = ("offence", "month", "count")
"""Our names for the columns that a long table is pivoted by; they are gone afterwards."""
YEAR = "year"  # the column of years where a month says them
_WIDEST = 80  # offences that become columns; of more, those that are recognized


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
    roles = roles_of(table, given)
    if roles is None:
        return table
    table = only_counts(table, roles)
    if _has_year_in_month(table, roles):
        table, roles = _dated(table, roles.month), replace(roles, year=YEAR)
    pivot = _Pivot(table, roles)
    if not pivot.flows:
        return table
    made = table.made(pivot.rows(), pivot.header)
    return replace(made, notes=[*table.notes, *pivot.notes()])


def _filled_down(table: Table) -> Table:
    """Fill the cells below a name that stands only in the first row of its neighbourhood."""
    for column in like(table, ONE["id"][1:2] + ONE["name"]):
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


def _has_year_in_month(table: Table, roles: Roles) -> bool:
    """Say whether months name their year, as 2023-04, and no column does."""
    if not roles.month or roles.year:
        return False
    return all(period.year is not None for period in periods_of(table.cells(roles.month)))


def _dated(table: Table, month: str) -> Table:
    """Add a column of the years that months name."""
    periods = periods_of(table.cells(month))
    rows = [
        Row(row.line, (*row.cells, str(period.year)))
        for row, period in zip(table.rows, periods, strict=True)
    ]
    return table.made(rows, [*table.header, YEAR])


class _Pivot:
    """Adds up the rows of each neighbourhood and year."""

    def __init__(self, table: Table, roles: Roles) -> None:
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
        """Return the columns of counts: the one of numbers, those recognized, or the rows."""
        if self.roles.count:
            return [self.roles.count]
        guess = guess_columns(self.table.header)
        known: list[str] = []
        for name in (*SUMS, "calls"):
            found = guess.get(name, [])
            known += [found] if isinstance(found, str) else found if isinstance(found, list) else []
        known = [
            c for c in known if c != self.roles.offence and self.table.share_of_numbers(c) > 0.5
        ]
        if known:
            return [*known, *self._people(guess)]
        return [""] if self.roles.offence else []  # each row is one crime

    def _people(self, guess: Mapping[str, Any]) -> list[str]:
        """Return the columns of people that rows share out among them, as by age."""
        found = [guess[name] for name in ("population", "population_15") if name in guess]
        if not self.roles.other:
            return []
        areas = self.table.cells(self.roles.area)
        own = [column for column in found if isinstance(column, str)]
        return [
            c for c in own if len({*zip(areas, self.table.cells(c), strict=True)}) > len({*areas})
        ]

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
        kinds = list(dict.fromkeys(held(self.table, self.roles.offence)))
        return kinds if len(kinds) <= _WIDEST else [kind for kind in kinds if is_crime(kind)]

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
            Row(
                rows[0].line,
                tuple(self._cells(rows, MONTHS / self.months.get(year, MONTHS), styles)),
            )
            for (_, year), rows in groups.items()
        ]

    def _cells(
        self, rows: Sequence[Row], times: float, styles: Mapping[str, Style]
    ) -> Iterator[str]:
        for column in self.kept:
            held = [row.cells[self.place[column]] for row in rows]
            yield next((cell for cell in reversed(held) if cell), "")
        if not self._is_by_offence:
            for flow in self.flows:
                yield self._sum(
                    [reading(r.cells[self.place[flow]], styles[flow]) for r in rows], times
                )
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
            shown = some(
                f"{year or 'the table'} has {counted(n, 'month')}" for year, n in short.items()
            )
            notes.append(f"Counts of a part of a year are scaled to {MONTHS} months: {shown}.")
        if self.unknown:
            notes.append(
                f"{counted(self.unknown, 'sum')} of cells some of which have no number: those are "
                "taken to be as the others of the neighbourhood and year are."
            )
        return notes
