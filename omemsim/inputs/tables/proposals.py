"""What to type for a column that a table needs and no guess found; nothing that cannot fit."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from difflib import get_close_matches

from omemsim.inputs.tables.grid import Table
from omemsim.inputs.tables.numbers import cell_of
from omemsim.inputs.tables.words import ONE, RATE, plain
from omemsim.present.shell import joined

__all__ = ["proposal"]

_LIKE = 0.7  # of names, from which one may be a misspelling of the other
_PEOPLE = 100  # a neighbourhood has more residents, as a rule
_LAST_YEAR = 2100
_PER = (1_000, 100_000)
_NEEDED = {
    "id": "Add a column that names each neighbourhood.",
    "population": (
        "Nothing looks like a number of residents: add a column with the residents of each "
        "neighbourhood (a census has them)."
    ),
    "property": "Nothing looks like a number of recorded crimes: add a column of them.",
}


def proposal(name: str, free: Sequence[str], table: Table) -> str:
    """Say how to name a column that is still free, as one would type it, or what to add.

    Parameters
    ----------
    name : of ours: id, population or property, which stands for crime.
    free : columns that nothing is read from yet.
    table : whose cells are asked whether a column can be it.
    """
    rates = [c for c in free if RATE.search(plain(c))] if name == "property" else []
    rates = [column for column in rates if table.holds_numbers(column)]
    if rates:
        either = " or ".join(f"{per:d}" for per in _PER)
        one = f"{{columns: {_quoted(rates[0])}, per: {_PER[0]}, of: population}}"
        return (
            f" {rates[0]!r} is a rate, not a count: if it is per so many residents ({either}), say "
            f"so, as {joined([f'town.columns.crime={one}'])}."
        )
    fitting = [column for column in free if _fits(name, column, table)]
    lower = {column.lower(): column for column in reversed(fitting)}
    near = [lower[word] for word in get_close_matches(name, lower, n=1, cutoff=_LIKE)]
    asked = f" Did you mean {near[0]!r}?" if near else ""
    if not near + fitting:
        return f" {_NEEDED[name]}"
    column = (near + fitting)[0]
    return f"{asked} Say which it is, as town.columns.{name}={joined([_quoted(column)])}."


def _quoted(column: str) -> str:
    """Return a column's name as the reader of values takes it for text."""
    is_plain = re.fullmatch(r"[^\W\d][\w ()%&./-]*", column)
    return column if is_plain else f"'{column}'"


def _fits(name: str, column: str, table: Table) -> bool:
    """Say whether a column's cells can be what is missing."""
    if name == "id":
        return not table.holds_numbers(column) and len(set(table.cells(column))) > 1
    style = table.style(column, is_count=True)
    values = []
    for cell in table.cells(column):
        try:
            values.append(cell_of(cell, style).value)
        except ValueError:
            return False
    known = sorted(value for value in values if not math.isnan(value))
    is_label = any(re.fullmatch(p, plain(column)) for p in (*ONE["id"], *ONE["year"]))
    if not known or is_label or known[0] < 0 or any(value % 1 for value in known):
        return False
    is_alike = len(known) > 1 and len(set(known)) == 1
    if is_alike or RATE.search(plain(column)) or re.search(r"(id|code|no|nr)$", plain(column)):
        return False
    is_years = known[0] >= 1900 and known[-1] <= _LAST_YEAR and len(set(known)) < len(known)
    return name != "population" or (known[len(known) // 2] >= _PEOPLE and not is_years)
