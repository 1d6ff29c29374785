"""Tables with a column for each year or month, made long: a row for each neighbourhood and year."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from omemsim.inputs.tables.grid import Row, Table
from omemsim.inputs.tables.guess import guess_columns
from omemsim.inputs.tables.periods import MONTHS, Period, period_of
from omemsim.inputs.tables.sums import added, reading
from omemsim.inputs.tables.words import SUMS
from omemsim.present.text import some

__all__ = ["COUNTED", "by_row"]

COUNTED = "count"
"""The column that holds the numbers where the headers were years or months alone."""
_LAST = re.compile(r"(?P<stem>.*[^\W\d_].*?)[\s_(,:-]*(?P<when>(?<!\d)(19|20)\d\d([-/–](19|20)?\d\d)?(\s*\(?ytd\)?)?)\)?", re.I)  # fmt: skip  # noqa: E501
_FIRST = re.compile(r"(?P<when>(19|20)\d\d([-/–](19|20)?\d\d)?)[\s_:-]+(?P<stem>.*[^\W\d_].*)")


@dataclass(frozen=True)
class _Family:
    """Columns alike but for the time they are of: what is before it, and each one's time."""

    stem: str
    columns: dict[str, Period]

    def at(self, period: Period) -> str | None:
        """Return the column of a time, else that of the nearest year; None if it names no year."""
        same = [column for column, own in self.columns.items() if own == period]
        if same or period.year is None:
            return same[0] if same else None
        years = {c: abs((own.year or 0) - period.year) for c, own in self.columns.items()}
        return min(years, key=lambda column: years[column])


def by_row(table: Table, given: Mapping[str, Any], named: Collection[str]) -> Table:
    """Return a table with a row for each year or month for one with a column for each.

    Parameters
    ----------
    table : of any shape; returned as it is where no columns of crime differ by time alone.
    given : the mapping so far.
    named : columns that the mapping names; what it names stays as it is.
    """
    families = [f for f in _families(table.header) if not set(f.columns) & set(named)]
    alone = [f for f in families if not f.stem and len(f.columns) > 1 and _has_numbers(table, f)]
    crimes = [f for f in families if f.stem and len(f.columns) > 1 and _is_crime(f.stem)]
    told = alone[:1] or crimes
    if not told or given.get("year") in table.header:
        return table
    kept = [f for f in families if f.stem and len(f.columns) > 1] if not alone else []
    every = _periods(told)
    whole = [period for period in every if period.months or not period.is_partial]
    if not whole:
        return table
    notes = [*table.notes, *_notes(told, whole, [p for p in every if p not in whole])]
    if alone:
        told = [_Family(COUNTED, alone[0].columns)]
        kept = told
    moved = {column for family in kept for column in family.columns}
    return _laid(table, kept, whole, moved, notes, scaled={f.stem for f in told})


def _families(header: Sequence[str]) -> list[_Family]:
    found: dict[str, dict[str, Period]] = {}
    for column in header:
        period, stem = period_of(column), ""
        if period.year is None and not period.months:
            match = _LAST.fullmatch(column) or _FIRST.fullmatch(column)
            if not match:
                continue
            period, stem = period_of(match["when"]), match["stem"].strip(" _-(")
        if period.year is not None or period.months:
            found.setdefault(stem, {})[column] = period
    return [_Family(stem, columns) for stem, columns in found.items()]


def _has_numbers(table: Table, family: _Family) -> bool:
    months_only = all(period.year is None for period in family.columns.values())
    if months_only and (len(family.columns) < 3 or any(c.isdecimal() for c in family.columns)):
        return False
    return all(table.share_of_numbers(column) > 0.5 for column in family.columns)


def _is_crime(stem: str) -> bool:
    return bool(guess_columns([stem]).keys() & {*SUMS, "calls"})


def _periods(families: Sequence[_Family]) -> list[Period]:
    every = {period for family in families for period in family.columns.values()}
    return sorted(every, key=lambda period: (period.year or 0, period.months))


def _notes(told: Sequence[_Family], whole: Sequence[Period], left: Sequence[Period]) -> list[str]:
    columns = [column for family in told for column in family.columns]
    is_monthly = any(period.months and not period.is_partial for period in whole)
    what = "month" if is_monthly else "year"
    notes = [f"A column a {what} is read as a row a {what}: {some(columns)}."]
    if any(period.is_fiscal for period in whole):
        notes.append("Fiscal years are called by the year that they begin in.")
    parts = [p for p in whole if p.is_partial]
    if parts:
        shown = some(f"{p.year} ({len(p.months)} months)" for p in parts)
        notes.append(f"Counts of a part of a year are scaled to {MONTHS} months: {shown}.")
    if left:
        shown = some(str(p.year) for p in left)
        notes.append(f"Left out, since the header says a part of the year but not which: {shown}.")
    return notes


def _laid(
    table: Table,
    families: Sequence[_Family],
    periods: Sequence[Period],
    moved: Collection[str],
    notes: list[str],
    scaled: Collection[str],
) -> Table:
    """Lay out a row for each row and time."""
    still = [i for i, column in enumerate(table.header) if column not in moved]
    is_dated = any(period.year is not None for period in periods)
    is_monthly = any(period.months and not period.is_partial for period in periods)
    added_names = [*["year"] * is_dated, *["month"] * is_monthly]
    header = [table.header[i] for i in still] + [f.stem for f in families] + added_names
    place = {column: i for i, column in enumerate(table.header)}
    rows = []
    for row in table.rows:
        for period in periods:
            cells = [row.cells[i] for i in still]
            for family in families:
                column = family.at(period)
                cell = "" if column is None else row.cells[place[column]]
                if column and period.is_partial and family.stem in scaled:
                    read = reading(cell, table.style(column, is_count=True))
                    cell = added([read], times=MONTHS / len(period.months))
                cells.append(cell)
            cells += [str(period.year)] * is_dated
            cells += [str(period.months[0]) if period.months else ""] * is_monthly
            rows.append(Row(row.line, tuple(cells)))
    return replace(table.made(rows, header), notes=notes)
