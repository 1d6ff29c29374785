"""The tables of a store, and what happens to those that an older omemsim made.

A config is kept once, however many runs differ from it in a few values; a run that a study
asks for has a row from then on, so that what is left is known at any time.
"""

from __future__ import annotations

import hashlib
import sqlite3
import sys
from pathlib import Path

from omemsim.vocabulary.errors import InputError

__all__ = [
    "SCHEMA_VERSION",
    "OldTables",
    "check_schema",
    "create",
    "digest_of",
    "is_empty",
    "migrate",
]

SCHEMA_VERSION = 2
APPLICATION_ID = 0x4F4D454D  # "OMEM" in the file's header tells a store from other databases

KEPT = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE sessions (session INTEGER PRIMARY KEY, opened TEXT NOT NULL, environment TEXT NOT NULL);
CREATE TABLE measures (measure INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, unit TEXT NOT NULL);
CREATE TABLE scalars (
    run INTEGER NOT NULL REFERENCES runs, measure INTEGER NOT NULL REFERENCES measures,
    value REAL NOT NULL, PRIMARY KEY (run, measure)) WITHOUT ROWID
"""  # noqa: E501 - tables read best a line each; these are as they were in version 1

# `finished` and `asked` are seconds since 1970 in UTC; `bytes` is the length of the series' file,
# NULL if the run kept none; `digest` stands for long texts where they must be told apart.
ADDED = """
CREATE TABLE configs (
    config INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, text TEXT NOT NULL);
CREATE TABLE scenarios (
    scenario INTEGER PRIMARY KEY, config INTEGER NOT NULL REFERENCES configs,
    digest BLOB NOT NULL UNIQUE, changes TEXT NOT NULL, town TEXT NOT NULL, strategy TEXT NOT NULL);
CREATE TABLE runs (
    run INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL CHECK (status IN ('asked', 'done', 'failed')),
    scenario INTEGER REFERENCES scenarios, replicate INTEGER NOT NULL,
    session INTEGER REFERENCES sessions, finished INTEGER, seconds REAL, bytes INTEGER,
    description TEXT, error TEXT, traceback TEXT);
CREATE TABLE studies (
    study INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    command TEXT NOT NULL, design TEXT NOT NULL, folder TEXT NOT NULL, asked INTEGER NOT NULL,
    digest BLOB NOT NULL);
CREATE TABLE members (
    study INTEGER NOT NULL REFERENCES studies, arm TEXT NOT NULL, point INTEGER NOT NULL,
    replicate INTEGER NOT NULL, run INTEGER NOT NULL REFERENCES runs,
    PRIMARY KEY (study, arm, point, replicate)) WITHOUT ROWID;
CREATE INDEX members_by_run ON members (run);
CREATE TABLE factors (
    factor INTEGER PRIMARY KEY, study INTEGER NOT NULL REFERENCES studies, name TEXT NOT NULL,
    UNIQUE (study, name));
CREATE TABLE point_values (
    study INTEGER NOT NULL, point INTEGER NOT NULL, factor INTEGER NOT NULL REFERENCES factors,
    value NOT NULL, PRIMARY KEY (study, point, factor)) WITHOUT ROWID;
CREATE VIEW points AS
    SELECT studies.name AS study, point, factors.name AS factor, value
    FROM point_values JOIN factors USING (study, factor) JOIN studies USING (study);
CREATE VIEW results AS
    SELECT studies.name AS study, members.arm, members.point, runs.run_id, scenarios.town,
           scenarios.strategy, runs.replicate, measures.name AS measure, measures.unit,
           scalars.value
    FROM scalars JOIN runs USING (run) JOIN scenarios USING (scenario)
    JOIN measures USING (measure) LEFT JOIN members USING (run) LEFT JOIN studies USING (study)
"""


class OldTables(InputError):
    """An older omemsim made this store."""


def digest_of(*texts: str) -> bytes:
    """Return 16 bytes that stand for texts."""
    digest = hashlib.blake2b(digest_size=16)
    for text in texts:
        digest.update(f"{len(text)} ".encode() + text.encode())
    return digest.digest()


def is_empty(db: sqlite3.Connection) -> bool:
    """Say whether a file has no tables yet."""
    return not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def create(db: sqlite3.Connection) -> None:
    """Make the tables; the caller's transaction makes it all of them or none."""
    _run(db, KEPT + ";" + ADDED)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("INSERT INTO meta VALUES ('schema', ?)", (str(SCHEMA_VERSION),))


def _run(db: sqlite3.Connection, script: str) -> None:
    # Not executescript, which ends the transaction it is in.
    for statement in script.split(";\n"):
        db.execute(statement.strip(";\n"))


def check_schema(db: sqlite3.Connection, path: Path) -> int:
    """Return the version of a store's tables; refuse what is no store, or a newer one.

    Raises
    ------
    InputError
        If the file is not a store's, or a later omemsim made it.
    """
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise InputError(f"{path}: this database is not an omemsim store.")
    row = db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    found = int(row[0]) if row and row[0].isdecimal() else 0
    if not 1 <= found <= SCHEMA_VERSION:
        raise InputError(
            f"{path}: this store's tables have version {found or 'unknown'}, and this omemsim "
            f"knows those up to {SCHEMA_VERSION}. Use the omemsim that made it, or name another "
            "folder."
        )
    return found


def migrate(db: sqlite3.Connection, path: Path) -> None:
    """Bring the tables of version 1 to the present one; part of the caller's transaction.

    Version 1 kept the whole config with every scenario, the shard's name, times as text, and
    no studies: its runs are then in no study.
    """
    db.execute("DROP VIEW results")
    for table in ("runs", "scenarios"):
        db.execute(f"CREATE TEMP TABLE old_{table} AS SELECT * FROM {table}")
        db.execute(f"DROP TABLE main.{table}")
    _run(db, ADDED)
    rows = db.execute("SELECT scenario, config, town, strategy FROM old_scenarios")
    for scenario, text, town, strategy in rows.fetchall():
        db.execute("INSERT INTO configs VALUES (?, ?, ?)", (scenario, digest_of(text), text))
        digest = digest_of(text, "{}", town, strategy)
        values = (scenario, scenario, digest, "{}", town, strategy)
        db.execute("INSERT INTO scenarios VALUES (?, ?, ?, ?, ?, ?)", values)
    db.execute(
        "INSERT INTO runs SELECT run, run_id, status, scenario, replicate, session, "
        "CAST(strftime('%s', finished) AS INTEGER), seconds, bytes, NULL, error, traceback "
        "FROM old_runs"
    )
    for table in ("runs", "scenarios"):
        db.execute(f"DROP TABLE old_{table}")
    db.execute("DELETE FROM meta WHERE key = 'results version'")  # every session says it
    db.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(SCHEMA_VERSION),))
    print(
        f"{path.parent}: this store was made by an older omemsim; its tables are brought from "
        f"version 1 to {SCHEMA_VERSION}, its runs are kept.",
        file=sys.stderr,
    )
