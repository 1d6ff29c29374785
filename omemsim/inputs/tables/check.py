"""Tables that can be read, but hold what no town has: totals, lost dots, odd rates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from omemsim.inputs.tables.mapping import FIELDS, Source
from omemsim.inputs.tables.problems import Problems
from omemsim.inputs.tables.read import Table

__all__ = ["implausible", "thousands", "totals"]

Values = Mapping[str, NDArray[np.float64]]
MOST_CRIME = 1_000.0  # recorded a year per 1,000 residents: one each
MOST_CALLS = 10_000.0  # a year per 1,000 residents: ten each
SHOWN = 5
_GROUPED = re.compile(r"[1-9]\d{0,2}\.\d{3}", re.ASCII)
_SMALL = re.compile(r"\d{1,3}", re.ASCII)
_TOTAL = re.compile(r"(.*\W)?(sub)?totals?(\W.*)?|ensemble|sum|somme", re.IGNORECASE)


def implausible(values: Values, names: Sequence[str], notes: list[str]) -> None:
    """Note places with more recorded crime or calls than is plausible.

    Parameters
    ----------
    values : field -> (N,) of all fields read, counts as counts.
    names : display name of each row.
    notes : gets a sentence for each, at its beginning.
    """
    counts = [values[name] for name in ("violence", "property") if name in values]
    found = {"recorded crime": (np.sum(counts, axis=0), MOST_CRIME)}
    if "calls" in values:
        found["calls"] = (values["calls"], MOST_CALLS)
    for what, (count, most) in found.items():
        rate = 1000 * count / values["population"]
        odd = np.flatnonzero(rate > most)
        if odd.size:
            shown = ", ".join(f"{names[i]} ({rate[i]:,.0f})" for i in odd[:SHOWN])
            more = f" and {odd.size - SHOWN} more" if odd.size > SHOWN else ""
            notes.insert(
                0,
                f"IMPLAUSIBLE: {what} above {most:,.0f} a year per 1,000 residents "
                f"in {shown}{more}. Check columns and units; join places where few live.",
            )


def thousands(table: Table, sources: Mapping[str, Source], problems: Problems) -> None:
    """Report counts whose dots look like those between thousands, as in 12.345.

    Parameters
    ----------
    table : its cells are looked at as text.
    sources : by our name, which columns are read.
    problems : gets each such column.
    """
    counted = [
        (name, column)
        for name, source in sources.items()
        if FIELDS[name].is_count and source.per is None and source.times == 1
        for column in source.weights
    ]
    for name, column in [] if table.decimal_comma else counted:
        cells = [cell for cell in table.cells(column) if cell]
        grouped = [cell for cell in cells if _GROUPED.fullmatch(cell)]
        if grouped and all(cell in grouped or _SMALL.fullmatch(cell) for cell in cells):
            problems.add(
                f"{table.path}, column {column!r} (town.columns.{name}): {grouped[0]!r} and all "
                f"other dots look like thousands. Write {grouped[0].replace('.', '')} if they "
                "are; if they are decimals, write more or fewer than three."
            )


def totals(
    table: Table, values: Values, *, sources: Mapping[str, Source], problems: Problems
) -> None:
    """Report rows that are a total of the others, by their name or by their numbers.

    Parameters
    ----------
    table : its rows are those of ``values``.
    values : field -> (N,) of all fields read, counts as counts.
    sources : by our name, which columns are read.
    problems : gets each such row.
    """
    named = [c for name in ("id", "name") if name in sources for c in sources[name].weights]
    people = list(sources["population"].weights) if "population" in sources else []
    sums = _sums(values)
    for i, row in enumerate(table.rows):
        cells = {column: row.cells[table.header.index(column)] for column in [*named, *people]}
        words = [column for column in named if _TOTAL.fullmatch(cells[column])]
        for column in words[:1] or (people[:1] if i in sums else []):
            reason = "is that of a total" if words else "is the sum of all other rows"
            problems.cell(
                table.path,
                row.line,
                column,
                value=cells[column],
                reason=f"{reason}, not of a neighbourhood; leave the row out.",
                unit=table.unit,
            )


def _sums(values: Values) -> list[int]:
    """Return the rows that hold everybody, and at least all crime, of the other rows.

    More crime than the others is what a total has that counts offences without an address.
    """
    people = values.get("population", np.zeros(0))
    crimes = [values[name] for name in ("violence", "property") if name in values]
    if people.size < 3 or not crimes:
        return []
    crime = np.sum(crimes, axis=0)
    everybody = np.abs(2 * people - people.sum()) < 0.5
    return list(np.flatnonzero(everybody & (crime > 0) & (2 * crime >= crime.sum())))
