"""A store's results as one table for other programs: CSV, Parquet or Excel.

``tidy`` has a row per run and measure, with its unit; ``wide`` a row per run and a column per
measure, with the units in a second table. Both name the run and the values of its design point.
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omemsim.present import csv, excel
from omemsim.study.reader import Reader
from omemsim.study.series_files import whole
from omemsim.vocabulary.errors import InputError, nearest

__all__ = ["FORMATS", "SHAPES", "BookSheet", "Table", "export", "table_of", "write_workbook"]

SHAPES = ("tidy", "wide")
FORMATS = (".csv", ".parquet", ".xlsx")
NAMES = ("study", "arm", "point", "replicate", "run_id", "town", "strategy")
BATCH = 50_000  # rows of a Parquet row group
EXTRA = {".parquet": "pyarrow", ".xlsx": "openpyxl"}

Row = Sequence[Any]


@dataclass(frozen=True)
class Table:
    """Columns, their kinds (int, float or str), units of measures, and the rows, read as needed."""

    columns: list[str]
    kinds: list[type]
    units: dict[str, str]
    rows: Callable[[], Iterator[Row]]
    n_rows: int


def export(store: Reader, out: Path, *, study: str | None = None, shape: str = "tidy") -> int:
    """Write finished runs as a table; return its number of rows.

    Parameters
    ----------
    store : what is read.
    out : a file whose ending says the format; there whole or not at all.
    study : whose runs, by default the study asked last; all runs if there is no study.
    shape : "tidy" or "wide"; the units of a wide CSV or Parquet file go to ``<name>.units.csv``.

    Raises
    ------
    InputError
        If a word is wrong, a package is missing, there are no results, too many for Excel, or
        the file cannot be written.
    """
    _check(out, shape)
    table = table_of(store, study=study, shape=shape)
    if not table.n_rows:
        raise InputError(f"{store.folder}: no run of this study is done yet.")
    if out.suffix.lower() == ".xlsx" and table.n_rows >= excel.ROWS:
        raise InputError(
            f"{out}: {table.n_rows:,} rows, and Excel holds {excel.ROWS:,} with the header. "
            "Write shape=wide, or a .csv or .parquet file."
        )
    with whole(out) as path:
        _WRITERS[out.suffix.lower()](table, path)
    if shape == "wide" and out.suffix.lower() != ".xlsx":
        with whole(out.with_name(f"{out.stem}.units.csv")) as path:
            csv.write_rows(path, ["measure", "unit"], table.units.items())
    return table.n_rows


def _check(out: Path, shape: str) -> None:
    problems = []
    if out.suffix.lower() not in FORMATS:
        problems.append(f"out={out}: the name must end in {', '.join(FORMATS)}.")
    if shape not in SHAPES:
        hint = nearest(shape, SHAPES)
        problems.append(f"shape = {shape!r}: must be one of {', '.join(SHAPES)}.{hint}")
    if out.is_dir():
        problems.append(f"out={out}: a folder stands there; name a file.")
    package = EXTRA.get(out.suffix.lower())
    if package and not problems:
        try:
            importlib.import_module(package)
        except ImportError:
            problems.append(
                f"out={out}: a {out.suffix} file needs the package {package}: "
                'pip install "omemsim[export]"; or write a .csv file.'
            )
    if problems:
        raise InputError(*problems)


def table_of(store: Reader, *, study: str | None = None, shape: str = "tidy") -> Table:
    """Return the finished runs of a study as a table; its rows are read when they are asked for.

    Parameters
    ----------
    store : what is read.
    study : by name; None is the study asked last, or all runs if there is no study.
    shape : "tidy", a row per run and measure, or "wide", a row per run.
    """
    has_any = study is not None or store.studies()
    runs = _Runs(store, store.study(study, members=False).name if has_any else None)
    names = [*NAMES, *runs.factors]
    kinds = [str, str, int, int, str, str, str, *map(runs.kind_of, runs.factors)]
    if shape == "tidy":
        columns, more = [*names, "measure", "unit", "value"], [str, str, float]
        return Table(columns, kinds + more, runs.units, runs.tidy, runs.count("JOIN scalars"))
    more = [float] * len(runs.units)
    return Table([*names, *runs.units], kinds + more, runs.units, runs.wide, runs.count())


class _Runs:
    """The finished runs of a study in the order of its members; without a study all there are."""

    def __init__(self, store: Reader, name: str | None) -> None:
        self.store = store
        self.name = name
        # The order of the joins is said (CROSS JOIN), so that rows come run by run, unsorted.
        self.source = "(SELECT *, NULL AS arm, NULL AS point FROM runs) AS runs"
        self.where, self.order = "status = 'done' AND ? IS NULL", "runs.run"
        if name is not None:
            self.source = "members CROSS JOIN runs USING (run)"
            study = "(SELECT study FROM studies WHERE name = ?)"
            self.where = f"status = 'done' AND members.study = {study}"
            self.order = "arm, point, members.replicate"
        query = "SELECT DISTINCT factor FROM points WHERE study = ?"
        self.factors = [factor for (factor,) in store.rows(query, (name,))]
        measures = store.rows(
            "SELECT name, unit FROM measures AS asked WHERE EXISTS (SELECT 1 FROM "
            f"{self.source} CROSS JOIN scalars USING (run) "
            f"WHERE {self.where} AND scalars.measure = asked.measure) ORDER BY measure",
            (name,),
        )
        self.units = {str(measure): str(unit) for measure, unit in measures}

    def kind_of(self, factor: str) -> type:
        """Return the kind of a factor's column: numbers, unless one of its values is a text."""
        query = "SELECT DISTINCT typeof(value) FROM points WHERE study = ? AND factor = ?"
        found = {kind for (kind,) in self.store.rows(query, (self.name, factor))}
        return str if "text" in found else float

    def count(self, joined: str = "") -> int:
        """Return the number of finished runs, or of their rows in a table joined to them."""
        using = f"{joined} USING (run)" if joined else ""
        query = f"SELECT count(*) FROM {self.source} {using} WHERE {self.where}"
        return int(next(self.store.rows(query, (self.name,)))[0])

    def tidy(self) -> Iterator[Row]:
        """Yield a row per run and measure."""
        for run, values in self._each():
            yield from ([*run, name, self.units[name], value] for name, value in values)

    def wide(self) -> Iterator[Row]:
        """Yield a row per run."""
        for run, values in self._each():
            found = dict(values)
            yield [*run, *(found.get(name) for name in self.units)]

    def _each(self) -> Iterator[tuple[list[Any], list[tuple[str, float]]]]:
        """Yield what names each run, and its measures."""
        query = (
            "SELECT runs.run, arm, point, runs.replicate, run_id, town, strategy, "
            f"measures.name, value FROM {self.source} CROSS JOIN scenarios USING (scenario) "
            "CROSS JOIN scalars ON scalars.run = runs.run CROSS JOIN measures USING (measure) "
            f"WHERE {self.where} ORDER BY {self.order}"
        )
        place: int | None = None
        settings: list[Any] = []
        rows = self.store.rows(query, (self.name,))
        for _, group in itertools.groupby(rows, key=lambda row: row[:3]):
            found = list(group)
            point = found[0][2]
            if point != place:
                place, settings = point, self._settings(point)
            yield [self.name, *found[0][1:7], *settings], [row[7:] for row in found]

    def _settings(self, point: int) -> list[Any]:
        """Return the values of a design point."""
        if not self.factors:
            return []
        query = "SELECT factor, value FROM points WHERE study = ? AND point = ?"
        found = dict(self.store.rows(query, (self.name, point)))
        return [found.get(factor) for factor in self.factors]


@dataclass(frozen=True)
class BookSheet:
    """A sheet of a workbook: its name, of at most 31 letters, its head and its rows."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Row]


def write_workbook(path: Path, sheets: Sequence[BookSheet]) -> str:
    """Write an Excel file, whole or not at all; return why there is none, empty if there is one.

    Raises
    ------
    InputError
        If the folder is full or read-only.
    """
    if not excel.is_installed():
        return f"{path.name} is left out: {excel.NEEDED}."
    with whole(path) as temporary:
        excel.write_book(
            temporary, [excel.Sheet(one.name[:31], one.columns, one.rows) for one in sheets]
        )
    return ""


def _to_csv(table: Table, path: Path) -> None:
    csv.write_rows(path, table.columns, table.rows())


def _to_parquet(table: Table, path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    arrow = {int: pa.int64(), float: pa.float64(), str: pa.string()}
    schema = pa.schema(
        [
            pa.field(
                name,
                arrow[kind],
                metadata={"unit": table.units[name]} if name in table.units else None,
            )
            for name, kind in zip(table.columns, table.kinds, strict=True)
        ]
    )
    rows = table.rows()
    with parquet.ParquetWriter(path, schema) as writer:
        while batch := list(itertools.islice(rows, BATCH)):
            columns = [
                pa.array(_of_kind(column, kind), arrow[kind])
                for column, kind in zip(zip(*batch, strict=True), table.kinds, strict=True)
            ]
            writer.write_table(pa.table(columns, schema=schema))


def _of_kind(column: Sequence[Any], kind: type) -> list[Any]:
    return [None if value is None else kind(value) for value in column]


def _to_excel(table: Table, path: Path) -> None:
    units = list(table.units.items())
    excel.write_book(
        path,
        [
            excel.Sheet("results", table.columns, table.rows()),
            excel.Sheet("units", ["measure", "unit"], units),
        ],
    )


_WRITERS = {".csv": _to_csv, ".parquet": _to_parquet, ".xlsx": _to_excel}
