"""Where the results of runs are kept: a folder with one SQLite file, and a file per series.

``runs.sqlite`` has a row per run, a row per scalar (run, measure, value), and what each study
asked for; the views ``results`` (study, arm, point, ..., measure, unit, value) and ``points``
(study, point, factor, value) are tidy tables that pandas, R or DuckDB can read while a study is
still writing. A run that is in two studies is in ``results`` twice, in none once, without a
study's name: say ``WHERE study = '...'``. ``series/ab/<run id>.npz`` holds the series of a run
that kept any.

Only the process that drives a study writes, and only one at a time (`lock`). A series is complete
before the row that names it is, and rows are written all or none, so that a kill at any moment
costs the runs in flight and nothing else. A power cut may also cost those of the last moments,
which SQLite had not yet put on the disk; the store stays whole, and they are run again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import math
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from omemsim.study import manifest
from omemsim.study.identity import RunKey, differences, environment
from omemsim.study.lock import Lock
from omemsim.study.manifest import Study
from omemsim.study.reader import FILE, Reader
from omemsim.study.schema import (
    SCHEMA_VERSION,
    OldTables,
    check_schema,
    create,
    digest_of,
    is_empty,
    migrate,
)
from omemsim.study.series_files import writable, write_whole
from omemsim.study.tasks import Failure
from omemsim.vocabulary.errors import InputError

__all__ = ["SCHEMA_VERSION", "Allowed", "Record", "Store", "not_finite"]

MOST_KNOWN = 10_000  # scenarios whose row numbers are remembered


@dataclasses.dataclass(frozen=True)
class Record:
    """What a finished run leaves: a finite scalar per measure; its packed series, if kept."""

    key: RunKey
    scalars: dict[str, float]
    shard: bytes | None
    seconds: float


@dataclasses.dataclass(frozen=True)
class Allowed:
    """What may differ between who made a store's runs and who adds to them.

    A run's id counts the code, so runs of other code are never taken for this one's; a run of
    another environment is, if this is allowed.
    """

    code: bool = False
    environment: bool = False


class Store(Reader):
    """A folder of results, to write in. Use as a context manager; one driver at a time.

    Parameters
    ----------
    folder : made if it does not exist; taken away again on closing if nothing was put in.
    allowed : whether other code or another environment may have made what is in it.

    Raises
    ------
    InputError
        If the folder is not a store, cannot be written, has another driver at work, or holds
        runs made by what is not allowed.
    """

    def __init__(self, folder: Path, allowed: Allowed = Allowed()) -> None:
        self.folder = folder
        self.path = folder / FILE
        self._new = not self.path.exists()
        self._made = [path for path in (folder, *folder.parents) if not path.exists()]
        if not self._made and not folder.is_dir():
            raise InputError(f"{folder}: the store has to be a folder, and this is a file.")
        with writable(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._lock = Lock(folder)
        self._scenarios: dict[bytes, int] = {}
        self._measures: dict[str, int] = {}
        try:
            with writable(folder):
                self._db = sqlite3.connect(self.path, isolation_level=None, timeout=30)
                self._open()
            self._refuse_others(allowed)
        except BaseException:
            self.close()
            raise

    @staticmethod
    def open_to_read(folder: Path) -> Reader:
        """Return the store for reading (see `Reader`); older tables are first renewed."""
        try:
            return Reader(folder)
        except OldTables:
            with Store(folder, Allowed(code=True, environment=True)):
                return Reader(folder)

    def _open(self) -> None:
        """Read the file, or make or renew its tables in one transaction: all of them or none."""
        try:
            if not is_empty(self._db) and check_schema(self._db, self.path) == SCHEMA_VERSION:
                self._tune()
                return
            with self._transaction():
                if is_empty(self._db):
                    create(self._db)
                else:
                    migrate(self._db, self.path)
            self._tune()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            raise InputError(f"{self.path}: this is not an omemsim store ({error}).") from error

    def _tune(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA cache_size = -65536")  # KiB; ids are spread over their index

    def _refuse_others(self, allowed: Allowed) -> None:
        """Refuse runs of other code or another environment, unless some are of this one."""
        here, made = environment(), self.environments()
        found = [differences(there, here) for _, there in made]
        if not made or any(not code and not around for code, around in found):
            return
        code, around = found[-1]
        code, around = [] if allowed.code else code, [] if allowed.environment else around
        if code or around:
            raise InputError(*_refusal(self.folder, made[-1][0], code=code, around=around))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # SQLite has rolled back by itself if the disk is full
                self._db.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Write rows: all or none, and a clear message if the disk refuses them."""
        with writable(self.folder):
            try:
                with self._transaction():
                    yield
            except BaseException:
                self._scenarios.clear()  # their rows may not be there
                self._measures.clear()
                raise

    def close(self) -> None:
        """Close the file; leave no empty store behind where there was none."""
        unused, db = False, getattr(self, "_db", None)
        if db is not None:
            with contextlib.suppress(sqlite3.Error):
                tried = {} if is_empty(db) else self.counts()
                unused = not (tried.get("done") or tried.get("failed"))
            db.close()
        unused = self._new and (unused or db is None)
        if unused:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
        self._lock.release()
        if unused:
            with contextlib.suppress(OSError):
                for folder in self._made:
                    folder.rmdir()

    def begin(self, study: Study) -> int:
        """Keep what a study asks for, before its first run; return its number.

        Asked again by the same name, it takes the place of what it asked before.

        Raises
        ------
        InputError
            If the name stands for another study here, or the folder is full or read-only.
        """
        with self._writing():
            return manifest.keep(self._db, study)

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
            if record.shard is not None:
                write_whole(self.shard(record.key.run_id), record.shard)
        _ = self._session
        with self._writing():
            for record in records:
                size = None if record.shard is None else len(record.shard)
                run = self._row(record.key, "done", seconds=record.seconds, size=size)
                self._db.executemany(
                    "INSERT INTO scalars VALUES (?, ?, ?)",
                    [
                        (run, self._measure(name, units[name]), value)
                        for name, value in record.scalars.items()
                    ],
                )

    def put_failure(self, key: RunKey, failure: Failure) -> None:
        """Keep what is known of a run that failed; it will be tried again when asked for."""
        _ = self._session
        with self._writing():
            texts = (failure.description, failure.error, failure.traceback)
            self._row(key, "failed", texts=texts)

    def _row(
        self,
        key: RunKey,
        status: str,
        *,
        seconds: float | None = None,
        size: int | None = None,
        texts: tuple[str | None, str | None, str | None] = (None, None, None),
    ) -> int:
        """Write a run's row in the place of an older one; return its number."""
        values = (status, self._scenario(key), self._session, int(time.time()), seconds, size)
        self._db.execute(
            "INSERT INTO runs (status, scenario, session, finished, seconds, bytes, "
            "description, error, traceback, replicate, run_id) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run_id) DO UPDATE SET "
            "status = excluded.status, scenario = excluded.scenario, "
            "session = excluded.session, finished = excluded.finished, "
            "seconds = excluded.seconds, bytes = excluded.bytes, "
            "description = excluded.description, error = excluded.error, "
            "traceback = excluded.traceback",
            (*values, *texts, key.replicate, key.run_id),
        )
        query = "SELECT run FROM runs WHERE run_id = ?"
        run = int(self._db.execute(query, (key.run_id,)).fetchone()[0])
        self._db.execute("DELETE FROM scalars WHERE run = ?", (run,))
        return run

    @functools.cached_property
    def _session(self) -> int:
        """The row that says what wrote this session's runs; made with the first of them.

        In a transaction of its own: it must stay if that of the runs does not.
        """
        with self._writing():
            cursor = self._db.execute(
                "INSERT INTO sessions (opened, environment) VALUES (?, ?)",
                (datetime.now(UTC).isoformat(timespec="seconds"), json.dumps(environment())),
            )
        return int(cursor.lastrowid or 0)

    def _scenario(self, key: RunKey) -> int:
        """Return the number of a run's scenario, whose config is kept once."""
        digest = digest_of(key.config, key.changes, key.town, key.strategy)
        if digest not in self._scenarios:
            if len(self._scenarios) >= MOST_KNOWN:
                self._scenarios.clear()
            config = self._number("configs", "config", digest_of(key.config), text=key.config)
            names = {"changes": key.changes, "town": key.town, "strategy": key.strategy}
            number = self._number("scenarios", "scenario", digest, config=config, **names)
            self._scenarios[digest] = number
        return self._scenarios[digest]

    def _number(self, table: str, column: str, digest: bytes, **values: object) -> int:
        """Return the number of the row with this digest, which is written if it is not there."""
        query = f"SELECT {column} FROM {table} WHERE digest = ?"
        row = self._db.execute(query, (digest,)).fetchone()
        if row is None:
            names = ", ".join(["digest", *values])
            marks = ", ".join("?" * (1 + len(values)))
            insert = f"INSERT INTO {table} ({names}) VALUES ({marks})"
            self._db.execute(insert, (digest, *values.values()))
            row = self._db.execute(query, (digest,)).fetchone()
        return int(row[0])

    def _measure(self, name: str, unit: str) -> int:
        if name not in self._measures:
            insert = "INSERT OR IGNORE INTO measures (name, unit) VALUES (?, ?)"
            self._db.execute(insert, (name, unit))
            query = "SELECT measure FROM measures WHERE name = ?"
            self._measures[name] = int(self._db.execute(query, (name,)).fetchone()[0])
        return self._measures[name]


def _refusal(folder: Path, when: str, *, code: list[str], around: list[str]) -> list[str]:
    """Return what is said of a store that something else made, line by line."""
    made = " and ".join(["by other code"] * bool(code) + ["in another environment"] * bool(around))
    lines = [f"{folder}: the runs kept here (the last on {when}) were made {made}:"]
    lines += [f"  {line}" for line in [*code, *around]]
    flags = ["--allow-other-code"] * bool(code) + ["--allow-other-environment"] * bool(around)
    lines.append(
        "Name another folder with store=, use what made them, or go on here with "
        f"{' '.join(flags)}:"
    )
    if code:
        lines.append("  runs of other code are then kept, and made again beside them;")
    if around:
        lines.append("  runs of the other environment are then used as they are.")
    return lines


def not_finite(scalars: Mapping[str, float]) -> list[str]:
    """Return the measures that have no finite value: a run with one is a failure."""
    return [name for name, value in scalars.items() if not math.isfinite(value)]
