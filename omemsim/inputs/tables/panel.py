"""Several years of a table: recorded crime averaged for a fit, or year by year to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from omemsim.inputs.regression import design_of, shrunken_rates
from omemsim.inputs.tables.columns import Columns, Rules, read_columns, year_in
from omemsim.inputs.tables.grid import Table
from omemsim.inputs.tables.mapping import Source
from omemsim.inputs.tables.problems import Problems
from omemsim.inputs.tables.sums import reading
from omemsim.vocabulary.errors import nearest

__all__ = ["CENSUS", "CRIMES", "Panel", "panel_of", "pool_crime", "years_of"]

Floats = NDArray[np.float64]
CRIMES = ("violence", "property")
CENSUS = ("pct_0_14", "households", "deprivation", "moving", "area_km2")  # what a census tells


class Years(Protocol):
    """The fields of a town's config that say which years are averaged."""

    @property
    def year(self) -> int | None: ...
    @property
    def since(self) -> int | None: ...
    @property
    def shrink(self) -> bool: ...


@dataclass(frozen=True)
class Panel:
    """Recorded crime of N neighbourhoods in Y years.

    Attributes
    ----------
    ids, names : N each, in the order of the first year's rows.
    years : Y, increasing.
    population : (Y, N), residents of all ages.
    counts : crimes of the year by measure, ``violence`` or ``property``, (Y, N).
    extra : other columns by name, (Y, N); NaN where a cell is empty or not a number.
    """

    ids: list[str]
    names: list[str]
    years: list[int]
    population: Floats
    counts: dict[str, Floats]
    extra: dict[str, Floats]


def pool_crime(
    table: Table,
    sources: Mapping[str, Source],
    latest: Columns,
    *,
    config: Years,
    problems: Problems,
    rules: Rules | None = None,
) -> Columns:
    """Return the rows of ``latest`` with the mean recorded crime of the years ``since`` on.

    The mean is of rates, weighted by population: the crimes of all years over the residents
    of all years. With ``shrink`` a neighbourhood's own mean is pooled with what its other columns
    say in the last year. Everything else stays the last year's.

    Parameters
    ----------
    table : of several years.
    sources : by our name; ``year`` is among them, else it is a fault.
    latest : rows of ``config.year``, or of the last year.
    config : ``since``, the first year of the mean, None the last; and ``shrink``.
    problems : with one in it, ``latest`` is returned as it is.
    rules : as for `panel_of`.
    """
    last = _year_of(table, sources, latest, problems)
    first = config.since
    if last is None or len(problems):
        return latest
    first = last if first is None else first
    if first > last:
        problems.add(f"town.since: {first} is after town.year={last}; it is the first year.")
        return latest
    years = [y for y in years_of(table, sources) if first <= y <= last]
    panel = panel_of(table, sources, years, problems=problems, rules=rules)
    if len(problems):
        return latest
    order = [panel.ids.index(own) for own in latest.ids]
    mean = _shrunken if config.shrink else _own_mean
    pooled = {
        name: mean(counts, panel.population, latest, order) * latest.values["population"]
        for name, counts in panel.counts.items()
    }
    note = (
        f"Recorded crime is the mean rate of {len(years)} years, {years[0]} to {years[-1]}; "
        f"everything else is of {last}."
    )
    if config.shrink:
        note += " Each neighbourhood's own rate is pooled with what its other columns say of it."
    values, notes = latest.values | pooled, [*latest.notes, note]
    return replace(latest, values=values, notes=notes, low={}, high={})


def _own_mean(counts: Floats, population: Floats, latest: Columns, order: Sequence[int]) -> Floats:
    """Return the crimes of all years over the residents of all years, in the order of ``latest``.

    Parameters
    ----------
    counts, population : (Y, N).
    order : of each of the rows of ``latest``, its place in the panel.
    """
    del latest
    return np.asarray((counts.sum(axis=0) / population.sum(axis=0))[order])


def _shrunken(counts: Floats, population: Floats, latest: Columns, order: Sequence[int]) -> Floats:
    """Return the same, pooled with what the last year's columns say (`CENSUS`, indicators).

    Parameters
    ----------
    all : as for `_own_mean`.
    """
    known = [latest.values[name] for name in CENSUS if name in latest.values]
    design = design_of([*known, *latest.indicators.values()], len(latest.ids))
    return shrunken_rates(counts[:, order], population[:, order], design)


def panel_of(
    table: Table,
    sources: Mapping[str, Source],
    years: Sequence[int],
    *,
    problems: Problems,
    extra: Sequence[str] = (),
    rules: Rules | None = None,
) -> Panel:
    """Return what the table records in these years; each must have the same neighbourhoods.

    Parameters
    ----------
    table : of any number of years.
    sources : by our name.
    years : increasing; the first gives the order of neighbourhoods.
    problems : with one in it, the panel is empty.
    extra : further columns of the table to read as numbers.
    rules : for cells without a number and totals; the usual ones if None.
    """
    for column in extra:
        if column not in table.header:
            hint = nearest(column, table.header)
            problems.add(f"{table.path}: there is no column {column!r}.{hint}")
    each = [
        read_columns(table, sources, year=year, problems=problems, rules=rules) for year in years
    ]
    if len(problems) or not each:
        return Panel([], [], list(years), np.empty((0, 0)), {}, {})
    both = list(zip(each, years, strict=True))
    orders = [_order(each[0], columns, year, problems) for columns, year in both]
    if len(problems):
        return Panel([], [], list(years), np.empty((0, 0)), {}, {})

    def laid(read: Callable[[Columns], Floats]) -> Floats:
        return np.stack([read(c)[order] for c, order in zip(each, orders, strict=True)])

    crimes = [name for name in CRIMES if name in each[0].values]
    return Panel(
        each[0].ids,
        each[0].names,
        list(years),
        laid(lambda c: c.values["population"]),
        {name: laid(lambda c, name=name: c.values[name]) for name in crimes},  # type: ignore[misc]
        {x: laid(lambda c, x=x: _numbers(table, c, x)) for x in extra},  # type: ignore[misc]
    )


def _order(first: Columns, other: Columns, year: int, problems: Problems) -> list[int]:
    """Return where each of the first year's neighbourhoods stands in another year."""
    place = {own: row for row, own in enumerate(other.ids)}
    missing = [own for own in first.ids if own not in place]
    added = set(place) - set(first.ids)
    if missing or added:
        problems.add(
            f"year {year}: the neighbourhoods are not those of the first year "
            f"({len(missing)} are missing, {len(added)} are new). Every year needs the same."
        )
        return []
    return [place[own] for own in first.ids]


def _numbers(table: Table, columns: Columns, column: str) -> Floats:
    """Return a column's cells of some rows as numbers, NaN where there is none."""
    place = table.header.index(column)
    style = table.style(column)
    return np.array([reading(row.cells[place], style).value for row in columns.rows])


def years_of(table: Table, sources: Mapping[str, Source]) -> list[int]:
    """Return the years of a table, increasing; a cell that is none is left to its reader."""
    if "year" not in sources:
        return []
    place = table.header.index(next(iter(sources["year"].weights)))
    found = {year_in(row.cells[place]) for row in table.rows}
    return sorted(year for year in found if year is not None)


def _year_of(
    table: Table, sources: Mapping[str, Source], latest: Columns, problems: Problems
) -> int | None:
    """Return the year of some rows, which are of one year."""
    if "year" not in sources:
        problems.add("town.since: no column is mapped to year, so there is nothing to average.")
        return None
    if not latest.rows:
        return None
    column = next(iter(sources["year"].weights))
    return year_in(latest.rows[0].cells[table.header.index(column)])
