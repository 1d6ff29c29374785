"""Read a store, also while a study writes in it; see `store` for what it holds."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from omemsim.inputs.schema import put
from omemsim.present.shell import quoted
from omemsim.study import manifest
from omemsim.study.manifest import Progress, Study
from omemsim.study.schema import SCHEMA_VERSION, OldTables, check_schema
from omemsim.study.series_files import shard_of
from omemsim.vocabulary.errors import InputError

__all__ = ["FILE", "Kept", "Reader"]

FILE = "runs.sqlite"
FEW = 1000  # runs asked for one by one; for more the whole table is read once
MOST_FOUND = 10  # runs whose ids begin with a word
OF_STUDY = "AND run IN (SELECT run FROM members JOIN studies USING (study) WHERE name = ?)"


@dataclass(frozen=True)
class Kept:
    """What a store knows of one run; ``status`` is asked, done or failed.

    ``description``, ``error`` and ``traceback`` are a failed run's; ``environment`` is that of
    the process that kept it.
    """

    run_id: str
    status: str
    town: str | None
    strategy: str | None
    replicate: int
    seconds: float | None
    description: str | None
    error: str | None
    traceback: str | None
    environment: dict[str, str]


class Reader:
    """A store that is only read: no lock is taken, and no driver waits for it.

    Use as a context manager.

    Parameters
    ----------
    folder : the store's.

    Raises
    ------
    InputError
        If there is no store, or it is not one of this version (`OldTables` if it is older).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILE
        if not self.path.is_file():
            raise InputError(f"{folder}: there is no store here. Name its folder.")
        self._db = _connect_to_read(self.path)
        try:
            self._check()
        except BaseException:
            self._db.close()
            raise

    def _check(self) -> None:
        try:
            found = check_schema(self._db, self.path)
        except sqlite3.DatabaseError as error:
            raise InputError(f"{self.path}: this is not an omemsim store ({error}).") from error
        if found < SCHEMA_VERSION:
            raise OldTables(
                f"{self.folder}: an older omemsim made this store (tables of version {found}, now "
                f"{SCHEMA_VERSION}). `omemsim status {quoted(self.folder)}` brings them to the "
                "present one and keeps the runs."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def done(self, run_ids: Iterable[str]) -> set[str]:
        """Return those runs whose results are here, whole."""
        asked = run_ids if isinstance(run_ids, Collection) else list(run_ids)
        query = "SELECT run_id, bytes FROM runs WHERE status = 'done'"
        if len(asked) > FEW:
            wanted = set(asked)
            found = {r: size for r, size in self._db.execute(query) if r in wanted}
        else:
            rows = (self._db.execute(f"{query} AND run_id = ?", (r,)).fetchone() for r in asked)
            found = dict(row for row in rows if row)
        return {r for r, size in found.items() if size is None or self._is_whole(r, size)}

    def _is_whole(self, run_id: str, size: int) -> bool:
        try:
            return os.stat(self.shard(run_id)).st_size == size
        except OSError:
            return False

    def scalars(self, run_id: str) -> dict[str, float]:
        """Return a finished run's value of each measure, in the order they were kept."""
        query = (
            "SELECT name, value FROM scalars JOIN runs USING (run) JOIN measures USING (measure) "
            "WHERE run_id = ? AND status = 'done' ORDER BY measure"
        )
        return dict(self._db.execute(query, (run_id,)))

    def shard(self, run_id: str) -> Path:
        """Return the file with a finished run's series, if it kept one; read it with `unpack`."""
        return shard_of(self.folder, run_id)

    def config_of(self, run_id: str) -> dict[str, Any]:
        """Return the whole config of a run that was tried: the kept one with its changes.

        Raises
        ------
        InputError
            If the store does not know the run, or it has not been tried.
        """
        row = self._db.execute(
            "SELECT text, changes FROM runs JOIN scenarios USING (scenario) "
            "JOIN configs USING (config) WHERE run_id = ?",
            (run_id,),
        ).fetchone()
        if row is None:
            raise InputError(f"{self.folder}: no run {run_id} has been tried here.")
        config: dict[str, Any] = json.loads(row[0])
        for path, value in json.loads(row[1]).items():
            config = put(config, path, value)
        return config

    def study(self, name: str | None = None, *, members: bool = True) -> Study:
        """Return what was asked under a name, by default last; ``members`` may be many."""
        return manifest.read(self._db, name, members=members)

    def studies(self) -> list[tuple[str, str, int]]:
        """Return name, folder and time of asking (seconds since 1970), the last one last."""
        return manifest.all_studies(self._db)

    def progress(self, name: str | None = None) -> Progress:
        """Return how far a study is, by default the one asked last."""
        return manifest.progress(self._db, name)

    def counts(self) -> dict[str, int]:
        """Return the number of runs in the store by status."""
        found = dict(self._db.execute("SELECT status, count(*) FROM runs GROUP BY status"))
        return {status: found.get(status, 0) for status in ("done", "failed", "asked")}

    def finished_since(self, since: float, *, study: str | None = None) -> int:
        """Return how many runs, of all or of a study, are done since a time (s from 1970)."""
        inside = "" if study is None else OF_STUDY
        query = f"SELECT count(*) FROM runs WHERE status = 'done' AND finished >= ? {inside}"
        values = (since,) if study is None else (since, study)
        row = self._db.execute(query, values).fetchone()
        return int(row[0])

    def failed(self, name: str | None = None) -> list[Kept]:
        """Return the failed runs of a study, or of the whole store."""
        inside = "" if name is None else OF_STUDY
        query = f"SELECT run_id FROM runs WHERE status = 'failed' {inside} ORDER BY run"
        rows = self._db.execute(query, () if name is None else (name,)).fetchall()
        return [self.kept(run_id) for (run_id,) in rows]

    def kept(self, run_id: str) -> Kept:
        """Return what is known of a run.

        Raises
        ------
        InputError
            If it is not here.
        """
        row = self._db.execute(
            "SELECT run_id, status, town, strategy, replicate, seconds, description, error, "
            "traceback, environment FROM runs LEFT JOIN scenarios USING (scenario) "
            "LEFT JOIN sessions USING (session) WHERE run_id = ?",
            (run_id,),
        ).fetchone()
        if row is None:
            raise InputError(f"{self.folder}: there is no run {run_id}.")
        return Kept(*[*row[:-1], json.loads(row[-1] or "{}")])

    def find(self, word: str, *, study: str | None = None) -> list[str]:
        """Return the runs that a word means: the start of an id, or arm/point/replicate.

        Parameters
        ----------
        word : the start of a run's id, of which at most `MOST_FOUND` are returned; or
            ``arm/point/replicate``, all three.
        study : where the latter is looked for; None is the study asked last.

        Raises
        ------
        InputError
            If only one or two of arm, point and replicate are named.
        """
        if "/" not in word:
            rows = self._db.execute(
                "SELECT run_id FROM runs WHERE run_id >= ? AND run_id < ? LIMIT ?",
                (word, word + "~", MOST_FOUND),
            )
            return [run_id for (run_id,) in rows]
        parts = word.rsplit("/", 2)  # an arm may be a file in a folder
        if len(parts) < 3:
            raise InputError(
                f"{word!r}: must be the start of a run's id, or arm/point/replicate, all three "
                "(point 0 in a comparison), as omem/0/3."
            )
        arm, point, replicate = parts
        name = self.study(study, members=False).name
        rows = self._db.execute(
            "SELECT run_id FROM members JOIN studies USING (study) JOIN runs USING (run) WHERE "
            "name = ? AND arm = ? AND CAST(point AS TEXT) = ? "
            "AND CAST(members.replicate AS TEXT) = ?",
            (name, arm, point, replicate),
        )
        return [run_id for (run_id,) in rows]

    def environments(self) -> list[tuple[str, dict[str, str]]]:
        """Return when each session that kept runs began, and its environment; the last one last."""
        rows = self._db.execute(
            "SELECT opened, environment FROM sessions WHERE session IN "
            "(SELECT session FROM runs) ORDER BY session"
        )
        return [(str(opened), json.loads(text)) for opened, text in rows]

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield what a query finds, one by one."""
        yield from self._db.execute(query, values)


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a file for reading, also in a folder that cannot be written."""
    uri = path.resolve().as_uri()
    db = sqlite3.connect(f"{uri}?mode=ro", uri=True, isolation_level=None, timeout=30)
    try:
        db.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError as error:
        db.close()
        # WAL wants a file of its own beside the store; without one nobody is writing.
        wal = Path(f"{path}-wal")
        if wal.exists() and wal.stat().st_size:
            raise InputError(f"{path}: cannot read it ({error}).") from error
        db = sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None)
    except sqlite3.DatabaseError:
        pass  # no database; said by who checks it
    return db
