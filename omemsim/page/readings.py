"""The measures that a page shows, and how it reads them: derived from Python's declarations."""

from __future__ import annotations

from typing import Any

from omemsim.measures import MEASURES, columns_read
from omemsim.town import Town
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

__all__ = ["SHOWN", "read", "readings"]

# In the order in which the page shows them; the first is what a zone is, the second orders dots.
SHOWN = (
    "zone",
    "public_calls",
    "victimization",
    "recorded_crime",
    "trust",
    "fear",
    "efficacy",
    "capacity",
    "utilization",
    "hours_unassigned",
)


def readings() -> list[dict[str, Any]]:
    """Return how each measure is read, in plain JSON types.

    Raises
    ------
    ValueError
        If a measure needs more than a few columns: the page cannot read it.
    """
    return [_reading(name) for name in SHOWN]


def _reading(name: str) -> dict[str, Any]:
    one = MEASURES[name]
    found = columns_read(one)
    if found is None:
        raise ValueError(f"{name}: a page cannot read a measure of more than a few columns")
    kind, given = found
    told: dict[str, Any] = {"name": name, "kind": kind, "weight": one.weight, "better": one.better}
    told["level"] = one.level
    if kind == "flow":
        return {**told, "records": list(given[0]), "base": given[1]}
    if kind == "ratio":
        return {**told, "columns": list(given)}
    return {**told, "column": given[0]}


def read(town: Town) -> dict[str, Any]:
    """Return the values of the shown measures, flows over the last year: (N,) or a number."""
    return {name: MEASURES[name].read(town, WEEKS_PER_YEAR) for name in SHOWN}
