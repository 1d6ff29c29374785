"""Guess what the columns of an open-data table are, from their names and what is in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from omemsim.inputs.tables.grid import Table
from omemsim.inputs.tables.mapping import FIELDS
from omemsim.inputs.tables.numbers import cell_of
from omemsim.inputs.tables.periods import period_of
from omemsim.inputs.tables.rates import Per, per_of, rates_of
from omemsim.inputs.tables.words import (
    DEPRIVATION,
    ONE,
    RATE,
    SUMS,
    THOUSANDS,
    TOTAL,
    YEAR_AT_END,
    plain,
)
from omemsim.present.text import some

__all__ = [
    "guess_columns",
    "recognize",
    "state_guess",
    "state_unused",
    "tells_apart",
]

Fits = Callable[[str, str], bool]
"""Whether a column can be what one of our names says."""


def guess_columns(header: Sequence[str], fits: Fits = lambda _, __: True) -> dict[str, Any]:
    """Guess a mapping for a table from its header.

    Parameters
    ----------
    header : column names. Where offences have a column a year (ASSAULT_2023,
        ASSAULT_2024), the latest year is taken.
    fits : whether a column can be what our name says; the next best one is tried if not.

    Returns
    -------
    Mapping of our names to columns, as a preset writes it; only what was recognized.
    """
    names: dict[str, str] = {}
    for column in header:
        names.setdefault(plain(column), column)
    guess: dict[str, Any] = {}
    for name, patterns in ONE.items():
        free = {p: c for p, c in names.items() if p and c not in guess.values()}
        found = next((c for c in _ranked(patterns, free) if fits(name, c)), None)
        guess |= {name: found} if found else {}
    guess |= _crimes(names, fits)
    people = guess.get("population")
    if people is not None and THOUSANDS.search(people):
        guess["population"] = {"columns": people, "times": 1000}
    indicators = _indicators(names, {*_columns(guess)}, fits)
    guess |= {"deprivation": indicators} if indicators else {}
    return _in_pairs(guess)


def recognize(table: Table, given: Mapping[str, Any]) -> dict[str, Any]:
    """Guess what a mapping leaves out, from a table's header and cells.

    Parameters
    ----------
    table : one row a neighbourhood, and a year if it has several.
    given : the mapping so far; its columns are taken.
    """
    taken = set(_columns({name: value for name, value in given.items() if name != "guess"}))
    free = [column for column in table.header if column not in taken]
    years = _years(table, given, free)

    def fits(name: str, column: str) -> bool:
        if table.header.count(column) != 1:
            return False
        if name == "id":
            return tells_apart(table, column, years)
        if name == "name":
            return not table.holds_numbers(column)
        return _holds(table, name, column)

    found = guess_columns(free, fits)
    guess = {name: value for name, value in found.items() if name not in given}
    if any(given.get(name) is not None for name in SUMS):
        guess = {name: value for name, value in guess.items() if name != "crime"}
    if "id" not in guess and "id" not in given:
        column = _identifier(table, guess | dict(given), years)
        guess = ({"id": column} if column else {}) | guess
    return guess


def tells_apart(table: Table, column: str, years: Sequence[str] = ()) -> bool:
    """Say whether no two rows, of a year where rows are years, are alike in a column.

    Parameters
    ----------
    table : of any shape.
    column : of the table.
    years : the year of each row; empty where rows are no years.
    """
    when = years or [""] * len(table.rows)
    rows = zip(table.cells(column), when, strict=True)
    used = [row for row in rows if not TOTAL.fullmatch(row[0])]  # each part may have its total
    held = sum(bool(cell) for cell, _ in used)
    return held * 2 > len(used) and len(set(used)) == len(used)


def _years(table: Table, given: Mapping[str, Any], free: Sequence[str]) -> list[str]:
    asked = given.get("year")
    if isinstance(asked, str) and asked in table.header:
        return table.cells(asked)
    found = [c for c in free if any(re.fullmatch(p, plain(c)) for p in ONE["year"])]
    good = [c for c in found if "year" not in given and _holds(table, "year", c)]
    return table.cells(good[0]) if good else []


def _holds(table: Table, name: str, column: str) -> bool:
    """Say whether a column's cells can be what our name says."""
    cells = [cell for cell in table.cells(column) if cell]
    if name == "year":
        return bool(cells) and all(period_of(cell).year is not None for cell in cells)
    if name in ("lon", "lat"):
        return table.holds_numbers(column) and all(map(_is_degree(table, name, column), cells))
    if name in ("x", "y"):
        return table.holds_numbers(column)
    return table.share_of_numbers(column) > 0.5 if cells else False


def _is_degree(table: Table, name: str, column: str) -> Callable[[str], bool]:
    style = table.style(column)

    def is_one(cell: str) -> bool:
        try:
            read = cell_of(cell, style)
        except ValueError:
            return True  # its reader says so
        return not read.is_number or FIELDS[name].takes(read.value)

    return is_one


def _identifier(table: Table, guess: Mapping[str, Any], years: Sequence[str]) -> str | None:
    """Return a column that tells the rows apart: the name, else text, else the first column.

    If none does, what looks most like an identifier is returned, so that its reader says which
    rows are alike.
    """
    taken = set(_columns({name: value for name, value in guess.items() if name != "name"}))
    free = [c for c in table.header if c and c not in taken and table.header.count(c) == 1]
    areas = [c for c in free if any(re.fullmatch(p, plain(c)) for p in ONE["name"][1:])]
    order = [
        *(c for c in areas if table.holds_numbers(c)),  # a number beside a name
        *(c for c in free if c == guess.get("name")),
        *(c for c in free if not table.holds_numbers(c)),
        *(c for c in free if c == table.header[0]),
    ]
    alike = [c for c in free if any(re.fullmatch(p, plain(c)) for p in ONE["id"][:2] + ONE["name"])]
    unlike = [column for column in order if tells_apart(table, column, years)]
    return next(iter([*unlike, *alike]), None)


def state_unused(table: Table, used: Collection[str]) -> str:
    """Say which columns of numbers nothing is read from; an empty text if there are none.

    Columns that differ by their year only are named once.
    """
    families: dict[str, list[str]] = {}
    for column in table.header:
        if column and column not in used and table.holds_numbers(column):
            dated = YEAR_AT_END.fullmatch(column)
            families.setdefault(dated[1] if dated else column, []).append(column)
    if not families:
        return ""
    names = [_told(own) for own in families.values()]
    return (
        f"Columns not used: {some(names, 6)}. If one holds recorded crime, add it to "
        "town.columns.violence or town.columns.property."
    )


def _told(alike: Sequence[str]) -> str:
    """Name columns that differ by their year only, or not at all."""
    if len(alike) == 1:
        return alike[0]
    if len(set(alike)) == 1:
        return f"{alike[0]} ({len(alike)} columns of that name: rename them)"
    return f"{alike[0]} to {alike[-1]} ({len(alike)} columns)"


def _columns(mapping: Mapping[str, Any]) -> Iterator[str]:
    """Yield the columns that a mapping names."""
    for name, value in mapping.items():
        inside = value.get("columns", []) if _is_options(name, value) else value
        if inside is not None and not isinstance(inside, bool | int | float):
            yield from [inside] if isinstance(inside, str) else inside


def _is_options(name: str, value: Any) -> bool:
    return isinstance(value, Mapping) and name != "deprivation"


def state_guess(guess: Mapping[str, Any]) -> str:
    """Say in one sentence what was guessed."""
    if not guess:
        return "No column was recognized by its name."
    found = "; ".join(f"{name} = {_written(value)}" for name, value in guess.items())
    return f"Guessed from the names of columns: {found}."


def _written(value: Any) -> str:
    if isinstance(value, Mapping) and "times" in value:
        return f"{_written(value['columns'])} times {value['times']:,g}"
    if isinstance(value, Mapping) and "columns" in value:
        return f"{_written(value['columns'])} (a rate per {value['per']:,g} of {value['of']})"
    if isinstance(value, Mapping):
        return ", ".join(f"{column} ({weight:+g})" for column, weight in value.items())
    return value if isinstance(value, str) else " + ".join(value)


def _ranked(patterns: Sequence[str], names: Mapping[str, str]) -> Iterator[str]:
    """Yield columns, those of the most telling pattern first, of them the latest year first."""
    for pattern in patterns:
        found = [name for name in names if re.fullmatch(pattern, name)]
        for name in sorted(found, key=_year_of, reverse=True):
            yield names[name]


def _year_of(name: str) -> str:
    years = re.findall(r"(?:19|20)\d\d", name)
    return years[-1] if years else ""


def _crimes(names: Mapping[str, str], fits: Fits) -> dict[str, Any]:
    """Return the columns of recorded crime; rates only for what no column counts."""
    counts, rates = _latest(names), rates_of(names)
    guess: dict[str, Any] = {}
    for name, (totals, parts) in SUMS.items():
        if name == "crime" and guess:
            break
        counted = _of_sum(name, totals, parts, names=counts, fits=fits)
        rated = [] if counted else _of_sum(name, totals, parts, names=rates, fits=fits)
        if counted:
            guess[name] = counted
        elif rated:
            per = per_of(rated[0]) or Per(1.0)
            same = [column for column in rated if per_of(column) == per]
            guess[name] = {"columns": same, "per": per.number, "of": per.of}
    return guess


def _of_sum(
    name: str, totals: Sequence[str], parts: Sequence[str], *, names: Mapping[str, str], fits: Fits
) -> list[str]:
    """Return the column of a total, else those of the offences that it is the sum of."""
    total = next((c for c in _ranked(totals, names) if fits(name, c)), None)
    if total:
        return [total]
    every = [
        column
        for pattern in parts
        for word, column in names.items()
        if re.fullmatch(pattern, word) and fits(name, column)
    ]
    return list(dict.fromkeys(every))


def _latest(names: Mapping[str, str]) -> dict[str, str]:
    """Return plain names without their year, of the latest year, and none that is a rate."""
    dated = {name: YEAR_AT_END.fullmatch(name) for name in names if not RATE.search(name)}
    latest = max((match[2] for match in dated.values() if match and match[1]), default="")
    return {
        (match[1] if match else name): names[name]
        for name, match in dated.items()
        if match is None or match[2] == latest
    }


def _indicators(names: Mapping[str, str], used: Collection[str], fits: Fits) -> dict[str, float]:
    """Return the first column of each kind of indicator with its weight."""
    found: dict[str, float] = {}
    for pattern, weight in DEPRIVATION.items():
        column = next(
            (
                column
                for name, column in names.items()
                if re.search(pattern, name)
                and column not in used
                and column not in found
                and fits("deprivation", column)
            ),
            None,
        )
        found |= {column: weight} if column else {}
    return found


def _in_pairs(guess: dict[str, Any]) -> dict[str, Any]:
    """Drop half of a pair of coordinates."""
    for pair in (("lon", "lat"), ("x", "y")):
        if len(guess.keys() & set(pair)) == 1:
            guess = {name: value for name, value in guess.items() if name not in pair}
    return guess
