"""Where the results of runs are kept: a folder with one SQLite file and a shard per run.

``runs.sqlite`` has a row per run and a row per scalar (run, measure, value); the view
``results`` joins them into a tidy table that pandas, R or DuckDB can read while a study is
still writing. ``series/ab/<run id>.npz`` holds a run's series. Only the process that drives a
study writes; a shard is complete before the row that names it is, so a kill at any moment
costs the runs in flight and nothing else.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from omemsim.study.engine import Failure
from omemsim.study.identity import RESULTS_VERSION, RunKey, environment
from omemsim.study.shards import shard_of, writable, write_whole
from omemsim.vocabulary.errors import InputError

__all__ = ["SCHEMA_VERSION", "Record", "Store", "not_finite"]

SCHEMA_VERSION = 1
APPLICATION_ID = 0x4F4D454D  # "OMEM" in the file's header tells a store from other databases

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE sessions (session INTEGER PRIMARY KEY, opened TEXT NOT NULL, environment TEXT NOT NULL);
CREATE TABLE scenarios (
    scenario INTEGER PRIMARY KEY, config TEXT NOT NULL UNIQUE, town TEXT NOT NULL,
    strategy TEXT NOT NULL);
CREATE TABLE runs (
    run INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE,
    scenario INTEGER NOT NULL REFERENCES scenarios, replicate INTEGER NOT NULL,
    session INTEGER NOT NULL REFERENCES sessions, finished TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('done', 'failed')),
    seconds REAL, shard TEXT, bytes INTEGER, error TEXT, traceback TEXT);
CREATE TABLE measures (measure INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, unit TEXT NOT NULL);
CREATE TABLE scalars (
    run INTEGER NOT NULL REFERENCES runs, measure INTEGER NOT NULL REFERENCES measures,
    value REAL NOT NULL, PRIMARY KEY (run, measure)) WITHOUT ROWID;
CREATE VIEW results AS
    SELECT runs.run_id, scenarios.town, scenarios.strategy, runs.replicate,
           measures.name AS measure, measures.unit, scalars.value
    FROM scalars JOIN runs USING (run) JOIN scenarios USING (scenario)
    JOIN measures USING (measure);
"""  # noqa: E501 - tables read best a line each


@dataclasses.dataclass(frozen=True)
class Record:
    """What a finished run leaves: a finite scalar per measure and its packed series."""

    key: RunKey
    scalars: dict[str, float]
    shard: bytes
    seconds: float


class Store:
    """A folder of results. Use as a context manager; one process may write at a time.

    Parameters
    ----------
    folder : made if it does not exist; taken away again on closing if nothing was put in.

    Raises
    ------
    InputError
        If the folder is not a store, cannot be written, or holds results of another version.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "runs.sqlite"
        self._new = not self.path.exists()
        self._made = [path for path in (folder, *folder.parents) if not path.exists()]
        if not self._made and not folder.is_dir():
            raise InputError(f"{folder}: the store has to be a folder, and this is a file.")
        with writable(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        try:
            with writable(folder):
                self._open()
            self._refuse_others()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        """Read the file, or make its tables in one transaction: all of them or none."""
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            with self._transaction():
                if self._is_empty():
                    self._create()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            raise InputError(f"{self.path}: this is not an omemsim store ({error}).") from error

    def _is_empty(self) -> bool:
        return not self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]

    def _create(self) -> None:
        for statement in SCHEMA.split(";\n"):
            self._db.execute(statement)
        self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self._db.executemany("INSERT INTO meta VALUES (?, ?)", _versions().items())

    def _refuse_others(self) -> None:
        if self._db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise InputError(f"{self.path}: this database is not an omemsim store.")
        found = dict(self._db.execute("SELECT key, value FROM meta"))
        different = [
            f"{key} is {found.get(key, 'missing')} there and {value} here"
            for key, value in _versions().items()
            if found.get(key) != value
        ]
        if different:
            raise InputError(
                f"{self.folder}: this store was made by another version of omemsim: "
                f"{'; '.join(different)}. Name another folder with store=, or use the version "
                "that made it."
            )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:  # SQLite has rolled back by itself if the disk is full
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Write rows: all or none, and a clear message if the disk refuses them."""
        with writable(self.folder):
            _ = self._session  # its row must stay if the rows of this transaction do not
            with self._transaction():
                yield

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; leave no empty store behind where there was none."""
        unused = False
        with contextlib.suppress(sqlite3.Error):
            unused = self._is_empty() or not self._count()
        self._db.close()
        if unused and self._new:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
                for folder in self._made:
                    folder.rmdir()

    def _count(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM runs").fetchone()[0])

    def done(self, run_ids: Iterable[str]) -> set[str]:
        """Return those runs whose results are here, whole."""
        return {run_id for run_id in run_ids if self._is_done(run_id)}

    def _is_done(self, run_id: str) -> bool:
        row = self._db.execute(
            "SELECT shard, bytes FROM runs WHERE run_id = ? AND status = 'done'", (run_id,)
        ).fetchone()
        if row is None:
            return False
        shard = self.folder / row[0]
        return bool(shard.is_file() and shard.stat().st_size == row[1])

    def put(self, records: Sequence[Record], *, units: Mapping[str, str]) -> None:
        """Keep finished runs: all of them or, if something goes wrong, none.

        Parameters
        ----------
        records : finished runs.
        units : the unit of every measure in them.

        Raises
        ------
        InputError
            If the folder is full or read-only.
        """
        for record in records:
            write_whole(self.shard(record.key.run_id), record.shard)
        with self._writing():
            for record in records:
                run = self._row(
                    record.key,
                    status="done",
                    seconds=record.seconds,
                    shard=self.shard(record.key.run_id).relative_to(self.folder).as_posix(),
                    bytes=len(record.shard),
                )
                self._db.executemany(
                    "INSERT INTO scalars VALUES (?, ?, ?)",
                    [
                        (run, self._measure(name, units[name]), value)
                        for name, value in record.scalars.items()
                    ],
                )

    def put_failure(self, key: RunKey, failure: Failure) -> None:
        """Keep what is known of a run that failed; it will be tried again when asked for."""
        with self._writing():
            self._row(key, status="failed", error=failure.error, traceback=failure.traceback)

    def _row(self, key: RunKey, **values: object) -> int:
        """Write a run's row in the place of an older one; return its number."""
        self._db.execute(
            "DELETE FROM scalars WHERE run IN (SELECT run FROM runs WHERE run_id = ?)",
            (key.run_id,),
        )
        self._db.execute("DELETE FROM runs WHERE run_id = ?", (key.run_id,))
        row = {
            "run_id": key.run_id,
            "scenario": self._scenario(key),
            "replicate": key.replicate,
            "session": self._session,
            "finished": _now(),
            **values,
        }
        marks = ", ".join("?" * len(row))
        cursor = self._db.execute(
            f"INSERT INTO runs ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
        )
        return int(cursor.lastrowid or 0)

    @functools.cached_property
    def _session(self) -> int:
        """The row that says what wrote this session's runs; made with the first of them."""
        cursor = self._db.execute(
            "INSERT INTO sessions (opened, environment) VALUES (?, ?)",
            (_now(), json.dumps(environment())),
        )
        return int(cursor.lastrowid or 0)

    def _scenario(self, key: RunKey) -> int:
        self._db.execute(
            "INSERT OR IGNORE INTO scenarios (config, town, strategy) VALUES (?, ?, ?)",
            (key.config, key.town, key.strategy),
        )
        query = "SELECT scenario FROM scenarios WHERE config = ?"
        return int(self._db.execute(query, (key.config,)).fetchone()[0])

    def _measure(self, name: str, unit: str) -> int:
        self._db.execute("INSERT OR IGNORE INTO measures (name, unit) VALUES (?, ?)", (name, unit))
        query = "SELECT measure FROM measures WHERE name = ?"
        return int(self._db.execute(query, (name,)).fetchone()[0])

    def scalars(self, run_id: str) -> dict[str, float]:
        """Return a finished run's value of each measure, in the order they were kept."""
        query = (
            "SELECT name, value FROM scalars JOIN runs USING (run) JOIN measures USING (measure) "
            "WHERE run_id = ? AND status = 'done' ORDER BY measure"
        )
        return dict(self._db.execute(query, (run_id,)))

    def shard(self, run_id: str) -> Path:
        """Return the file with a finished run's series; read it with `unpack`."""
        return shard_of(self.folder, run_id)


def _versions() -> dict[str, str]:
    return {"schema": str(SCHEMA_VERSION), "results version": str(RESULTS_VERSION)}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def not_finite(scalars: Mapping[str, float]) -> list[str]:
    """Return the measures that have no finite value: a run with one is a failure."""
    return [name for name, value in scalars.items() if not math.isfinite(value)]
