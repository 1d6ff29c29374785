"""From a table's text to typed columns: the rows of one year, every cell checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from omemsim.inputs.tables import check
from omemsim.inputs.tables.mapping import FIELDS, Source
from omemsim.inputs.tables.problems import Problems
from omemsim.inputs.tables.read import Row, Table, read_number
from omemsim.vocabulary.errors import nearest

__all__ = ["Columns", "read_columns"]

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Columns:
    """The rows of one year, typed.

    Attributes
    ----------
    rows : the rows used, N of them.
    ids, names : text, N each.
    values : field -> float64 (N,), counts as counts; NaN where an optional cell is empty.
    indicators : column -> float64 (N,), what deprivation is averaged from; NaN where empty.
    weights : column -> weight of an indicator.
    notes : one sentence each.
    """

    rows: list[Row]
    ids: list[str]
    names: list[str]
    values: dict[str, Numbers]
    indicators: dict[str, Numbers]
    weights: dict[str, float]
    notes: list[str]


def read_columns(
    table: Table, sources: Mapping[str, Source], *, year: int | None, problems: Problems
) -> Columns:
    """Read the rows of one year; every fault goes to ``problems``.

    Parameters
    ----------
    table : of any number of years.
    sources : by our name; columns that the table lacks are a fault.
    year : None takes the latest in the table.
    problems : with one in it, do not use the result.
    """
    sources = _known_columns(table, sources, problems=problems)
    notes = [f"{name}: {_assumed(s)} is assumed." for name, s in sources.items() if _assumed(s)]
    table = _one_year(table, source=sources.get("year"), year=year, problems=problems, notes=notes)
    reader = _Reader(table, problems)
    ids = reader.ids(sources)
    names = reader.texts(sources["name"]) if "name" in sources else ids
    values: dict[str, Numbers] = {}
    for name in FIELDS:
        source = sources.get(name)
        if source and not FIELDS[name].is_text and name not in {"year", "deprivation"}:
            values[name] = reader.numbers(name, source, known=values)
    _check_people(table, values, sources=sources, problems=problems)
    check.thousands(table, sources, problems)
    check.totals(table, values, sources=sources, problems=problems)
    weights = dict(sources.get("deprivation", Source()).weights)
    indicators = {column: reader.indicator(column) for column in weights}
    names = [name or own for name, own in zip(names, ids, strict=True)]
    return Columns(list(table.rows), ids, names, values, indicators, weights, notes)


def _known_columns(
    table: Table, sources: Mapping[str, Source], *, problems: Problems
) -> dict[str, Source]:
    """Report columns that the table does not have once, and keep the sources it has."""
    known: dict[str, Source] = {}
    for name, source in sources.items():
        wrong = [column for column in source.weights if table.header.count(column) != 1]
        for column in wrong:
            if column in table.header:
                fault = "the table has two columns of that name; rename one."
            else:
                fault = f"not in the table.{nearest(column, table.header)}"
            problems.add(
                f"{table.path}, column {column!r} (town.columns.{name}): {fault} "
                f"Columns: {', '.join(table.header)}."
            )
        known |= {} if wrong else {name: source}
    return known


def _assumed(source: Source) -> str:
    """Say what a mapping assumes, an empty text if it assumes nothing."""
    if source.assume is None:
        return ""
    return f"{source.assume:g}" + (f" per {source.per:g} of {source.of}" if source.per else "")


def _one_year(
    table: Table,
    *,
    source: Source | None,
    year: int | None,
    problems: Problems,
    notes: list[str],
) -> Table:
    """Keep the rows of one year."""
    if source is None:
        if year is not None:
            problems.add(f"town.year: {year} is asked for, and no column is mapped to year.")
        return table
    column = next(iter(source.weights))
    years = [_year(table, row, column=column, problems=problems) for row in table.rows]
    known = sorted({y for y in years if y is not None})
    if not known:
        return replace(table, rows=())
    wanted = known[-1] if year is None else year
    if wanted not in known:
        shown = ", ".join(map(str, known))
        problems.add(
            f"{table.path}, column {column!r}: no row of town.year={year}. It has {shown}."
        )
        return replace(table, rows=())
    rows = tuple(row for row, own in zip(table.rows, years, strict=True) if own == wanted)
    if len(known) > 1:
        latest = ", the latest," if year is None else ""
        notes.append(
            f"{len(rows)} of {len(table.rows)} rows are used: year {wanted}{latest} "
            f"of {known[0]} to {known[-1]}."
        )
    return replace(table, rows=rows)


def _year(table: Table, row: Row, *, column: str, problems: Problems) -> int | None:
    cell = row.cells[table.header.index(column)]
    try:
        value = read_number(cell, decimal_comma=table.decimal_comma, spaces=table.spaces)
    except ValueError as error:
        reason = str(error)
    else:
        if value == int(value):
            return int(value)
        reason = "is not a whole number"
    _report(
        table, row, column=column, reason=f"{reason}; allowed is a year such as 2019.", to=problems
    )
    return None


def _report(table: Table, row: Row, *, column: str, reason: str, to: Problems) -> None:
    cell = row.cells[table.header.index(column)]
    to.cell(table.path, row.line, column, value=cell, reason=reason, unit=table.unit)


class _Reader:
    """Reads columns of one table as text or numbers, reporting every faulty cell."""

    def __init__(self, table: Table, problems: Problems) -> None:
        self.table = table
        self.problems = problems

    def texts(self, source: Source) -> list[str]:
        """Return one column as text."""
        return self.table.cells(next(iter(source.weights)))

    def ids(self, sources: Mapping[str, Source]) -> list[str]:
        """Return identifiers, reporting empty and repeated ones; empty text without a column."""
        if "id" not in sources:
            return [""] * len(self.table.rows)
        ids = self.texts(sources["id"])
        column = next(iter(sources["id"].weights))
        first: dict[str, int] = {}
        hint = ""
        if "year" not in sources and any(c.lower() == "year" for c in self.table.header):
            hint = " If rows are years, map town.columns.year."
        for row, own in zip(self.table.rows, ids, strict=True):
            if not own:
                reason = "is not allowed; every row needs an identifier of its own."
                _report(self.table, row, column=column, reason=reason, to=self.problems)
            elif own in first:
                reason = f"is already the identifier of {self.table.unit} {first[own]}.{hint}"
                _report(self.table, row, column=column, reason=reason, to=self.problems)
            first.setdefault(own, row.line)
        return ids

    def numbers(self, name: str, source: Source, *, known: Mapping[str, Numbers]) -> Numbers:
        """Return a field, (N,): columns summed, converted, and counted if it is a rate."""
        n = len(self.table.rows)
        if source.assume is not None:
            total = np.full(n, source.assume)
        else:
            # Allowed values are checked after the conversion, since bounds are in our units.
            parts = [self._cells(name, column, times=source.times) for column in source.weights]
            total = np.sum(parts, axis=0) * source.times
        if source.per is not None:
            total = total / source.per * known.get(source.of, np.full(n, np.nan))
        return np.asarray(total, dtype=np.float64)

    def indicator(self, column: str) -> Numbers:
        """Return an indicator of deprivation, (N,); NaN where the cell is empty."""
        return self._cells("deprivation", column, times=1.0)

    def _cells(self, name: str, column: str, *, times: float) -> Numbers:
        place = self.table.header.index(column)
        values = np.full(len(self.table.rows), np.nan)
        for i, row in enumerate(self.table.rows):
            if row.cells[place] or FIELDS[name].is_filled:
                try:
                    values[i] = self._value(name, row.cells[place], times=times)
                except ValueError as error:
                    reason = f"{error}. Allowed is {FIELDS[name].allowed}."
                    _report(self.table, row, column=column, reason=reason, to=self.problems)
        return values

    def _value(self, name: str, cell: str, *, times: float) -> float:
        spec, table = FIELDS[name], self.table
        value = read_number(
            cell,
            decimal_comma=table.decimal_comma,
            spaces=table.spaces,
            is_count=spec.is_count,
        )
        if not spec.takes(value * times):
            raise ValueError("is too large" if value * times > spec.high else "is too small")
        return value


def _check_people(
    table: Table,
    values: Mapping[str, Numbers],
    *,
    sources: Mapping[str, Source],
    problems: Problems,
) -> None:
    """Report rows with more residents 15 and over than residents."""
    if not {"population", "population_15"} <= set(values):
        return
    column = next(iter(sources["population_15"].weights), "assume")
    for row, part, whole in zip(
        table.rows, values["population_15"], values["population"], strict=True
    ):
        if part > whole:
            problems.cell(
                table.path,
                row.line,
                column,
                value=f"{part:g}",
                reason=f"is more than the population of {whole:g}.",
                unit=table.unit,
            )
