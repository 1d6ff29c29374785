"""What a study asked for: kept in the store before its first run, so that it can go on.

A study is arms x points of a design x replicates. Its members name runs; a run may be a member
of many studies and is made once.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omemsim.vocabulary.errors import InputError

__all__ = ["Member", "Progress", "Study", "all_studies", "keep", "named_after", "progress", "read"]

MAY_GROW = ("points", "replicates", "n")  # of a design: asking for more extends the study


@dataclass(frozen=True)
class Member:
    """One run of a study: ``point`` is a number of its design's (0 where there is none)."""

    run_id: str
    arm: str
    point: int
    replicate: int


@dataclass(frozen=True)
class Study:
    """What is asked.

    Attributes
    ----------
    name : by which it is found again; the same name is the same study, perhaps extended.
    kind : what asked for it, as "compare" or "sweep".
    command : the words that ask again, "omemsim" first; empty if asked from Python.
    design : plain JSON types. ``points``, if there, is a list of {path: value}, in the order of
        the members' numbers.
    members : every run asked for.
    """

    name: str
    kind: str
    command: tuple[str, ...]
    design: dict[str, Any]
    members: Sequence[Member]


@dataclass(frozen=True)
class Progress:
    """How far a study is, in runs; ``seconds`` is the time all finished ones took."""

    total: int
    done: int
    failed: int
    seconds: float

    @property
    def left(self) -> int:
        """Number of runs that have not been tried."""
        return self.total - self.done - self.failed


def named_after(kind: str, question: object) -> str:
    """Return a short name that the same question gets again, as ``compare-1f0c22aa``."""
    text = json.dumps(question, sort_keys=True, default=str)
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def keep(db: sqlite3.Connection, study: Study) -> int:
    """Write a study in the place of what it asked before; part of the caller's transaction.

    Raises
    ------
    InputError
        If a study of this name asks something else: another design, not just more of it.
    """
    design = {key: value for key, value in study.design.items() if key != "points"}
    points: Sequence[Mapping[str, Any]] = study.design.get("points", ())
    digest = _digest(study)
    row = db.execute("SELECT study, digest FROM studies WHERE name = ?", (study.name,)).fetchone()
    if row is not None:
        _refuse_other(db, row[0], study, points)
    values = (study.kind, json.dumps(study.command), json.dumps(design), os.getcwd(), time.time())
    db.execute(
        "INSERT INTO studies (kind, command, design, folder, asked, digest, name) "
        "VALUES (?, ?, ?, ?, CAST(? AS INTEGER), ?, ?) ON CONFLICT (name) DO UPDATE SET "
        "kind = excluded.kind, command = excluded.command, design = excluded.design, "
        "folder = excluded.folder, asked = excluded.asked, digest = excluded.digest",
        (*values, digest, study.name),
    )
    number = int(_row_of(db, study.name)[0])
    if row is None or row[1] != digest:
        _keep_members(db, number, study.members)
        _keep_points(db, number, points)
    return number


def _digest(study: Study) -> bytes:
    """Return what changes with the members or the points: a million of them are not rewritten."""
    digest = hashlib.blake2b(digest_size=16)
    for one in study.members:
        digest.update(f"{one.run_id} {one.arm} {one.point} {one.replicate}\n".encode())
    for point in study.design.get("points", ()):
        digest.update(repr(sorted(point.items())).encode())
    return digest.digest()


def _keep_members(db: sqlite3.Connection, number: int, members: Sequence[Member]) -> None:
    """Name the study's runs; those not made yet get their row now."""
    db.execute("DELETE FROM members WHERE study = ?", (number,))
    db.executemany(
        "INSERT OR IGNORE INTO runs (run_id, status, replicate) VALUES (?, 'asked', ?)",
        ((one.run_id, one.replicate) for one in members),
    )
    db.executemany(
        "INSERT INTO members SELECT ?, ?, ?, ?, run FROM runs WHERE run_id = ?",
        ((number, one.arm, one.point, one.replicate, one.run_id) for one in members),
    )
    db.execute(
        "DELETE FROM runs WHERE status = 'asked' AND NOT EXISTS "
        "(SELECT 1 FROM members WHERE members.run = runs.run)"
    )


def _keep_points(db: sqlite3.Connection, number: int, points: Sequence[Mapping[str, Any]]) -> None:
    db.execute("DELETE FROM point_values WHERE study = ?", (number,))
    names = dict.fromkeys(name for point in points for name in point)
    db.executemany(
        "INSERT OR IGNORE INTO factors (study, name) VALUES (?, ?)",
        ((number, name) for name in names),
    )
    rows = db.execute("SELECT name, factor FROM factors WHERE study = ?", (number,))
    factors = dict(rows.fetchall())
    db.executemany(
        "INSERT INTO point_values VALUES (?, ?, ?, ?)",
        (
            (number, place, factors[name], _as_cell(value))
            for place, point in enumerate(points)
            for name, value in point.items()
        ),
    )


def _as_cell(value: Any) -> Any:
    """Return a value as SQLite keeps it: numbers as they are, all else as JSON."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else json.dumps(value, sort_keys=True)


def _from_cell(cell: Any) -> Any:
    return json.loads(cell) if isinstance(cell, str) else cell


def _refuse_other(
    db: sqlite3.Connection, number: int, study: Study, points: Sequence[Mapping[str, Any]]
) -> None:
    """Raise `InputError` with every difference if the study's name stands for another one."""
    kind, text = db.execute(
        "SELECT kind, design FROM studies WHERE study = ?", (number,)
    ).fetchone()
    there = {key: value for key, value in json.loads(text).items() if key not in MAY_GROW}
    asked = {key: value for key, value in study.design.items() if key not in MAY_GROW}
    here = json.loads(json.dumps(asked))
    found = _differences({"kind": kind, **there}, {"kind": study.kind, **here})
    for place, old in _points(db, number):
        if place < len(points) and len(found) < 10:
            new = {name: _from_cell(_as_cell(value)) for name, value in points[place].items()}
            found += _differences(old, new, f"point {place}, ")
    if found:
        raise InputError(
            f"The study {study.name!r} in this store asks something else:",
            *(f"  {line}" for line in found),
            "Give this one another name, or another folder with store=.",
        )


def _differences(there: Any, here: Any, where: str = "") -> list[str]:
    """Return a line for every value that differs between two trees of JSON."""
    if isinstance(there, dict) and isinstance(here, dict):
        return [
            line
            for key in dict.fromkeys([*there, *here])
            for line in _differences(there.get(key), here.get(key), f"{where}{key}: ")
        ]
    return [] if there == here else [f"{where.removesuffix(': ')}: {there!r} there, {here!r} here"]


def _row_of(db: sqlite3.Connection, name: str | None) -> Any:
    """Return the row of a study, by default that asked last.

    Raises
    ------
    InputError
        If there is none.
    """
    columns = "SELECT study, name, kind, command, design, folder, asked FROM studies"
    if name is None:
        row = db.execute(f"{columns} ORDER BY asked DESC, study DESC LIMIT 1").fetchone()
    else:
        row = db.execute(f"{columns} WHERE name = ?", (name,)).fetchone()
    if row is None:
        known = ", ".join(x for (x,) in db.execute("SELECT name FROM studies ORDER BY study"))
        there = f"There are: {known}." if known else "It holds none."
        asked = "no study" if name is None else f"no study {name!r}"
        raise InputError(f"The store has {asked}. {there}")
    return row


def all_studies(db: sqlite3.Connection) -> list[tuple[str, str, int]]:
    """Return name, folder and time of asking (seconds since 1970) of each, the last one last."""
    query = "SELECT name, folder, asked FROM studies ORDER BY asked, study"
    return [(str(name), str(folder), int(asked)) for name, folder, asked in db.execute(query)]


def read(db: sqlite3.Connection, name: str | None, *, members: bool = True) -> Study:
    """Return a study.

    Parameters
    ----------
    db : a store's database.
    name : of the study; None is the one asked last.
    members : False leaves out its members and points, which may be many.
    """
    number, name, kind, command, design, _, _ = _row_of(db, name)
    tree = json.loads(design)
    if members and (points := [point for _, point in _points(db, number)]):
        tree["points"] = points
    rows = db.execute(
        "SELECT run_id, arm, point, members.replicate FROM members JOIN runs USING (run) "
        "WHERE study = ? ORDER BY members.run",
        (number if members else None,),  # which no study has
    )
    return Study(str(name), kind, tuple(json.loads(command)), tree, [Member(*row) for row in rows])


def _points(db: sqlite3.Connection, number: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and values of every point."""
    rows = db.execute(
        "SELECT point, name, value FROM point_values JOIN factors USING (study, factor) "
        "WHERE study = ? ORDER BY point, factor",
        (number,),
    )
    place, point = -1, dict[str, Any]()
    for found, name, cell in rows:
        if found != place and point:
            yield place, point
            point = {}
        place = found
        point[name] = _from_cell(cell)
    if point:
        yield place, point


def progress(db: sqlite3.Connection, name: str | None) -> Progress:
    """Return how far a study is, by default the last."""
    row = db.execute(
        "SELECT count(*), total(status = 'done'), total(status = 'failed'), total(seconds) "
        "FROM members JOIN runs USING (run) WHERE study = ?",
        (_row_of(db, name)[0],),
    ).fetchone()
    return Progress(int(row[0]), int(row[1]), int(row[2]), float(row[3]))
