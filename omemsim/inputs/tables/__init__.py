"""A town from a table of real neighbourhoods.

In the order in which a file passes through them: ``read`` (``text``, ``workbook``, ``parquet``)
makes rows of text, ``header`` finds the tables in them, ``melt`` and ``pivot`` make one row of each
neighbourhood and year, ``guess`` and ``mapping`` say which column is what, ``columns``
(``numbers``, ``rows``, ``fill``) makes numbers and leaves out what is no neighbourhood, ``impute``
and ``space`` fill in what the table lacks, and `read_blueprint` puts them together. Whatever is
wrong is collected and raised once, a sentence a kind; whatever is assumed is a sentence in the
blueprint's notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from omemsim.inputs import geography
from omemsim.inputs.blueprint import Between, Blueprint
from omemsim.inputs.tables import check, impute, space
from omemsim.inputs.tables.beside import FilesBeside, load_map
from omemsim.inputs.tables.columns import Columns, Rules, read_columns
from omemsim.inputs.tables.guess import guess_columns, state_guess, state_unused
from omemsim.inputs.tables.panel import Panel, panel_of, pool_crime, years_of
from omemsim.inputs.tables.problems import Problems
from omemsim.inputs.tables.read import find_file, read_tables
from omemsim.inputs.tables.shape import Shaped, best_of
from omemsim.vocabulary.errors import InputError

__all__ = [
    "guess_columns",
    "mapped_columns",
    "read_blueprint",
    "read_panel",
    "state_guess",
    "table_folder",
    "table_years",
    "understood",
]

_BUNDLED = "libpysal:"
_LOUD = ("ONE NEIGHBOURHOOD", "ONLY", "IMPLAUSIBLE")
MOST_SCALE = 10_000  # as the config declares it


class TableConfig(Protocol):
    """The fields of a town's config that a table is read by."""

    @property
    def name(self) -> str: ...
    @property
    def file(self) -> str | None: ...
    @property
    def columns(self) -> dict[str, Any]: ...
    @property
    def adjacency(self) -> str | None: ...
    @property
    def polygons(self) -> str | None: ...
    @property
    def year(self) -> int | None: ...
    @property
    def since(self) -> int | None: ...
    @property
    def shrink(self) -> bool: ...
    @property
    def coverage_violence(self) -> float: ...
    @property
    def coverage_property(self) -> float: ...
    @property
    def scale(self) -> float: ...
    @property
    def sheet(self) -> str | None: ...
    @property
    def suppressed(self) -> float | None: ...
    @property
    def totals(self) -> str: ...


@dataclass(frozen=True)
class _Read:
    """Everything read from files, checked."""

    columns: Columns
    layout: space.Layout
    notes: list[str]


def read_blueprint(config: TableConfig) -> Blueprint:
    """Read a town from a table of neighbourhoods.

    Parameters
    ----------
    config : ``file`` (text, a workbook, Parquet or a vector format; ``libpysal:NAME`` for one that
        PySAL ships), ``sheet`` (of a workbook; None finds it), ``columns`` (see
        `omemsim.inputs.tables.mapping`; empty or ``guess: true`` guesses from the header),
        ``suppressed`` (the number for cells of crime without one; None fills them), ``totals``
        ("keep" keeps rows that are the sum of others), ``year`` (None: the latest), ``since``
        (recorded crime is the mean rate of the years from then to ``year``), ``shrink`` (that rate
        is pooled with what other columns say of the neighbourhood), ``coverage_...``
        (share of recorded crime the table's offences make up), ``scale`` (real residents one
        simulated resident stands for), ``adjacency`` and ``polygons`` (files, also beside
        the table; ``optional NAME`` need not exist).

    Returns
    -------
    Blueprint of the N rows of that year, in file order. ``violence`` or ``property`` is
    None where the mapping has only the other.

    Raises
    ------
    InputError
        With every problem of the table, the mapping and the files beside it.
    """
    problems = Problems()
    found = _read(config, problems)
    values, notes = found.columns.values, found.notes
    residents = impute.residents_15(values, notes) / config.scale
    place = space.place(found.layout, values, ids=found.columns.ids, notes=notes)
    check.implausible(values, found.columns.names, notes)
    check.alone(values, notes)
    crime = {name: _crime(name, found.columns, notes=notes) for name in ("violence", "property")}
    notes.sort(key=lambda note: not note.startswith(_LOUD))  # what matters most comes first
    return Blueprint(
        name=config.name,
        ids=found.columns.ids,
        names=found.columns.names,
        residents=np.maximum(1, np.rint(residents)).astype(np.int64),
        population=values["population"] / config.scale,
        deprivation=impute.deprivation(
            values, found.columns.indicators, weights=found.columns.weights, notes=notes
        ),
        visitors=impute.visitors(values, notes),
        businesses=impute.businesses(values, notes),
        moving=impute.moving(values, notes),
        xy=place.xy,
        area=place.area,
        adjacency=place.adjacency,
        violence=crime["violence"],
        property=crime["property"],
        calls=impute.calls(values, notes),
        between=_between(found.columns),
        minority=impute.of_group(values, "minority", notes),
        indigenous=impute.of_group(values, "indigenous", notes),
        polygons=_outlines(found.layout, notes),
        coverage=(config.coverage_violence, config.coverage_property),
        scale=float(config.scale),
        notes=notes,
    )


def table_years(config: TableConfig) -> list[int]:
    """Return the years a table has rows of, increasing; empty if no column is its year.

    Raises
    ------
    InputError
        If the table or its mapping is wrong.
    """
    shaped = _opened(config)
    return years_of(shaped.table, shaped.sources)


def mapped_columns(config: TableConfig, names: Sequence[str]) -> list[str]:
    """Return the table's columns that these names of ours are mapped to, each once.

    Raises
    ------
    InputError
        If the table or its mapping is wrong.
    """
    sources = _opened(config).sources
    found = [column for name in names if name in sources for column in sources[name].weights]
    return list(dict.fromkeys(found))


def read_panel(config: TableConfig, years: Sequence[int], *, extra: Sequence[str] = ()) -> Panel:
    """Read recorded crime year by year; nothing of other years is looked at.

    Parameters
    ----------
    config : as for `read_blueprint`; its ``year`` and ``since`` are not asked.
    years : increasing.
    extra : further columns of the table to read as numbers.

    Raises
    ------
    InputError
        With every problem of the table in these years.
    """
    shaped, problems = _opened(config), Problems()
    panel = panel_of(
        shaped.table, shaped.sources, years, problems=problems, extra=extra, rules=_rules(config)
    )
    problems.check()
    return panel


def understood(config: TableConfig) -> Shaped:
    """Return a table as it is understood, with everything that is wrong with it so far.

    Parameters
    ----------
    config : as for `read_blueprint`.

    Raises
    ------
    InputError
        The file cannot be read as a table at all.
    """
    problems = Problems()
    path = _table_path(config)
    if path.suffix.lower() in geography.SUFFIXES:
        return best_of([load_map(path).table], config, problems)
    return best_of(read_tables(path, problems, sheet=config.sheet), config, problems)


def table_folder(config: TableConfig) -> Path:
    """Return the folder the table lies in, beside which other files are looked for."""
    return _table_path(config).parent


def _opened(config: TableConfig) -> Shaped:
    shaped = understood(config)
    shaped.problems.check()
    return shaped


def _rules(config: TableConfig) -> Rules:
    return Rules(suppressed=config.suppressed, has_totals=config.totals != "keep")


def _read(config: TableConfig, problems: Problems) -> _Read:
    """Read all files, and raise everything that is wrong with them at once."""
    if not 1 <= config.scale <= MOST_SCALE:
        problems.add(
            f"town.scale: {config.scale!r} is not allowed; a number from 1 to {MOST_SCALE:,} is."
        )
    path = _table_path(config)
    features = None
    if path.suffix.lower() in geography.SUFFIXES:
        loaded = load_map(path)
        tables, features = [loaded.table], loaded.features
    else:
        tables = read_tables(path, problems, sheet=config.sheet)
    shaped = best_of(tables, config, problems)
    table, sources, notes = shaped.table, shaped.sources, list(shaped.table.notes)
    if shaped.is_guessed and (shaped.guess or not sources):
        used = {column for source in sources.values() for column in source.weights}
        notes += [state_guess(shaped.guess), *filter(None, [state_unused(table, used)])]
    rules = _rules(config)
    columns = read_columns(table, sources, year=config.year, problems=problems, rules=rules)
    if config.since is not None or config.shrink:
        columns = pool_crime(table, sources, columns, config=config, problems=problems, rules=rules)
    id_column = next(iter(sources["id"].weights), "id") if "id" in sources else "id"
    files = FilesBeside(config, path, columns=columns, problems=problems, notes=notes)
    layout = files.layout(features, id_column=id_column)
    problems.check()
    return _Read(columns, layout, notes + columns.notes)


def _table_path(config: TableConfig) -> Path:
    if not config.file:
        raise InputError("town.file: not set. Pass town.file=PATH, a CSV of neighbourhoods.")
    if config.file.startswith(_BUNDLED):
        return geography.bundled(config.file.removeprefix(_BUNDLED))
    return find_file(config.file, setting="town.file")


def _outlines(layout: space.Layout, notes: list[str]) -> list[list[np.ndarray[Any, Any]]] | None:
    """Return the outlines if every neighbourhood has one: a map is drawn of all or of cells."""
    if layout.rings is None or all(layout.rings):
        return layout.rings
    notes.append("Some neighbourhoods have no outline, so none is drawn.")
    return None


def _between(columns: Columns) -> Between | None:
    """Return the ends of recorded crime per 1,000 residents; None if every cell has a number."""
    if not columns.low:
        return None
    rest = [n for n in ("violence", "property") if n in columns.values and n not in columns.low]
    sure = sum((columns.values[n] for n in rest if "crime" not in columns.low), np.zeros(1))
    low, high = (sure + sum(ends.values()) for ends in (columns.low, columns.high))
    return Between(impute.per_1000(low, columns.values), impute.per_1000(high, columns.values))


def _crime(name: str, columns: Columns, *, notes: list[str]) -> np.ndarray[Any, Any] | None:
    """Return recorded crimes a year per 1,000 residents, (N,), or None if not in the table."""
    counts = columns.values.get(name)
    if counts is not None:
        return impute.per_1000(counts, columns.values)
    other = {"violence": "property crime", "property": "violence"}[name]
    notes.insert(
        0,
        f"ONLY {other.upper()} IS COUNTED. {name}: no column is mapped to it; the town's own "
        "follows from its deprivation.",
    )
    return None
