"""From a table's text to typed columns: the rows of one year, every cell checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from omemsim.inputs.tables import fill
from omemsim.inputs.tables.cells import Part, Reader
from omemsim.inputs.tables.grid import Row, Table
from omemsim.inputs.tables.impute import split_crime
from omemsim.inputs.tables.mapping import FIELDS, LISTED, Source
from omemsim.inputs.tables.periods import period_of
from omemsim.inputs.tables.problems import Problems
from omemsim.inputs.tables.rows import Counted, rows_used
from omemsim.present.text import counted, some
from omemsim.vocabulary.errors import nearest

__all__ = ["Columns", "Rules", "read_columns", "year_in"]

Numbers = NDArray[np.float64]
CRIMES = ("violence", "property", "crime")


@dataclass(frozen=True)
class Rules:
    """What is done with cells without a number, and with totals.

    Attributes
    ----------
    suppressed : the number of crimes taken for such a cell; None fills it from the others.
    has_totals : rows that are the total of others are looked for and left out.
    """

    suppressed: float | None = None
    has_totals: bool = True


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
    low, high : field -> float64 (N,), the ends between which a count of crime is; only of fields
        some of whose cells have no number.
    """

    rows: list[Row]
    ids: list[str]
    names: list[str]
    values: dict[str, Numbers]
    indicators: dict[str, Numbers]
    weights: dict[str, float]
    notes: list[str]
    low: dict[str, Numbers] = field(default_factory=dict)
    high: dict[str, Numbers] = field(default_factory=dict)


def read_columns(
    table: Table,
    sources: Mapping[str, Source],
    *,
    year: int | None,
    problems: Problems,
    rules: Rules | None = None,
) -> Columns:
    """Read the rows of one year; every fault goes to ``problems``.

    Parameters
    ----------
    table : of any number of years, one row a neighbourhood and year.
    sources : by our name; columns that the table lacks are a fault.
    year : None takes the latest in the table.
    problems : with one in it, do not use the result.
    rules : the usual ones if None.
    """
    rules = Rules() if rules is None else rules
    sources = _known_columns(table, sources, problems=problems)
    notes = [f"{name}: {_assumed(s)} is assumed." for name, s in sources.items() if _assumed(s)]
    table = _one_year(table, source=sources.get("year"), year=year, problems=problems, notes=notes)
    reader = Reader(table, problems)
    parts = {name: reader.parts(name, source) for name, source in _numeric(sources).items()}
    keep = _used(table, sources, parts, rules=rules, problems=problems, notes=notes)
    rows = [row for row, kept in zip(table.rows, keep, strict=True) if kept]
    reader = Reader(table.made(rows), problems)
    ids = reader.ids(sources)
    names = reader.texts(sources["name"]) if "name" in sources else ids
    names = _told_apart([name or own for name, own in zip(names, ids, strict=True)], ids, notes)
    parts = {name: [part.at(keep) for part in each] for name, each in parts.items()}
    filled = fill.Filled(sources, names, suppressed=rules.suppressed)
    for name, each in parts.items():
        filled.read(name, each)
    _check_people(table, rows, filled.values, sources=sources, problems=problems)
    weights = dict(sources.get("deprivation", Source()).weights)
    indicators = {p.column: p.value for p in parts.get("deprivation", [])}
    every = [part for each in parts.values() for part in each]
    notes += [*filled.notes(), *_unreadable(every)]
    split_crime(filled.values, notes)
    return Columns(
        rows, ids, names, filled.values, indicators, weights, notes, filled.low, filled.high
    )


def _numeric(sources: Mapping[str, Source]) -> dict[str, Source]:
    """Return the sources of numbers, in the order of our names: residents come before crimes."""
    return {
        name: sources[name]
        for name, spec in FIELDS.items()
        if name in sources and not spec.is_text and name != "year"
    }


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
                f"Columns: {some(table.header, LISTED)}."
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
        return table.made([])
    wanted = known[-1] if year is None else year
    if wanted not in known:
        shown = ", ".join(map(str, known))
        problems.add(
            f"{table.path}, column {column!r}: no row of town.year={year}. It has {shown}."
        )
        return table.made([])
    rows = [row for row, own in zip(table.rows, years, strict=True) if own == wanted]
    if any(period_of(cell).is_fiscal for cell in set(table.cells(column))):
        notes.append("Fiscal years are called by the year that they begin in.")
    if len(known) > 1:
        latest = ", the latest," if year is None else ""
        notes.append(
            f"{len(rows)} of {len(table.rows)} rows are used: year {wanted}{latest} "
            f"of {known[0]} to {known[-1]}."
        )
    return table.made(rows)


def _year(table: Table, row: Row, *, column: str, problems: Problems) -> int | None:
    cell = row.cells[table.header.index(column)]
    found = year_in(cell)
    if found is None:
        reason = "is not a number; allowed is a year such as 2019."
        problems.cell(table.path, row.line, column, value=cell, reason=reason, unit=table.unit)
    return found


def year_in(cell: str) -> int | None:
    """Return the year that a cell names, the first of a fiscal one; None if it names none."""
    return period_of(cell).year


def _used(
    table: Table,
    sources: Mapping[str, Source],
    parts: Mapping[str, list[Part]],
    *,
    rules: Rules,
    problems: Problems,
    notes: list[str],
) -> NDArray[np.bool_]:
    """Return which rows are neighbourhoods (N,)."""
    n = len(table.rows)
    is_told = "population" in parts and sources["population"].assume is None
    if not is_told or not n or len(problems):
        return np.ones(n, dtype=bool)
    labels = [c for name in ("id", "name") if name in sources for c in sources[name].weights]
    each = [[row.cells[table.header.index(column)] for column in labels] for row in table.rows]
    people = np.sum([part.value for part in parts["population"]], axis=0)
    crimes = [part.value for name in CRIMES for part in parts.get(name, []) if part.column]
    found = rows_used(
        Counted(each, people, np.array(crimes).reshape(-1, n)), has_totals=rules.has_totals
    )
    notes += found.notes
    if not found.keep.any():
        column = next(iter(sources["population"].weights))
        problems.add(f"{table.path}, column {column!r}: no row has residents.")
    return found.keep


def _told_apart(names: list[str], ids: list[str], notes: list[str]) -> list[str]:
    """Return names with the identifier beside those that more than one neighbourhood bears."""
    twice = (
        {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else set()
    )
    if not twice or names == ids:
        return names
    notes.append(f"Names that repeat are shown with their identifier: {some(sorted(twice))}.")
    return [
        f"{name} ({own})" if name in twice else name for name, own in zip(names, ids, strict=True)
    ]


def _unreadable(parts: list[Part]) -> list[str]:
    """Say which cells of guessed columns were taken as empty."""
    cells = [cell for part in parts for cell in part.unreadable]
    if not cells:
        return []
    number = counted(len(cells), "cell")
    return [f"{number} of guessed columns cannot be used, so taken as empty: {some(cells)}."]


def _check_people(
    table: Table,
    rows: list[Row],
    values: dict[str, Numbers],
    *,
    sources: Mapping[str, Source],
    problems: Problems,
) -> None:
    """Report rows with more residents 15 and over than residents; a guess of them is dropped."""
    if not {"population", "population_15"} <= set(values):
        return
    column = next(iter(sources["population_15"].weights), "assume")
    over = values["population_15"] > values["population"]
    if over.any() and sources["population_15"].is_guess:
        del values["population_15"]
        return
    for i in np.flatnonzero(over):
        problems.cell(
            table.path,
            rows[i].line,
            column,
            value=f"{values['population_15'][i]:g}",
            reason=f"is more than the population of {values['population'][i]:g}.",
            unit=table.unit,
        )
