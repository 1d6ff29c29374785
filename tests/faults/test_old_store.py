"""Stores that something else made: an older omemsim, other code, another environment."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from omemsim.cli import main
from omemsim.study import identity, store
from omemsim.study.identity import RunKey, differences, environment, identify
from omemsim.study.series_files import pack, shard_of, write_whole
from omemsim.study.store import Allowed, Record, Store
from omemsim.vocabulary.errors import InputError

# The statements of version 1, as they were.
VERSION_1 = """
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
"""  # noqa: E501

UNITS = {"fear": "index 0-1"}


def key(replicate: int = 0) -> RunKey:
    return identify({"years": 5}, replicate=replicate, town="small", strategy="omem")


def record(replicate: int = 0, fear: float = 0.25) -> Record:
    return Record(key(replicate), {"fear": fear}, pack({"fear": np.ones(3)}, {}), 0.5)


def old_store(folder: Path, made_by: dict[str, str]) -> None:
    """Write what version 1 left of two finished runs and a failed one, with its statements."""
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(folder / "runs.sqlite", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(VERSION_1)
        db.execute(f"PRAGMA application_id = {0x4F4D454D}")
        meta = {"schema": "1", "results version": "2"}
        db.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        when = "2026-03-01T10:00:00+00:00"
        db.execute("INSERT INTO sessions VALUES (1, ?, ?)", (when, json.dumps(made_by)))
        db.execute("INSERT INTO scenarios VALUES (7, ?, 'small', 'omem')", (key().config,))
        db.execute("INSERT INTO measures VALUES (3, 'fear', 'index 0-1')")
        for replicate in range(3):
            one = record(replicate)
            path = shard_of(folder, one.key.run_id)
            write_whole(path, one.shard)
            ended = ("done", 0.5, path.relative_to(folder).as_posix(), len(one.shard), None, None)
            failed = ("failed", None, None, None, "ValueError: no", "Traceback")
            db.execute(
                "INSERT INTO runs VALUES (?, ?, 7, ?, 1, ?, ?, ?, ?, ?, ?, ?)",
                (replicate + 1, one.key.run_id, replicate, when)
                + (failed if replicate == 2 else ended),
            )
            if replicate < 2:
                db.execute("INSERT INTO scalars VALUES (?, 3, ?)", (replicate + 1, replicate / 4))


def check_renewed(folder: Path) -> None:
    with Store.open_to_read(folder) as kept:
        ids = [key(r).run_id for r in range(3)]
        assert kept.done(ids) == set(ids[:2])
        assert [kept.scalars(run_id) for run_id in ids] == [{"fear": 0.0}, {"fear": 0.25}, {}]
        assert kept.config_of(ids[1]) == {"years": 5}
        assert [one.error for one in kept.failed()] == ["ValueError: no"]
        assert kept.studies() == []
        (finished,) = next(kept.rows("SELECT finished FROM runs WHERE run = 1"))
    assert finished == 1772359200


def test_a_store_of_version_1_is_renewed_and_used(tmp_path, capsys):
    old_store(tmp_path / "s", environment())
    with Store(tmp_path / "s") as kept:
        assert "version 1 to 2, its runs are kept" in capsys.readouterr().err
        kept.put([record(2, fear=0.75)], units=UNITS)
        assert kept.scalars(key(2).run_id) == {"fear": 0.75}
        kept.put_failure(key(2), store.Failure("x", "ValueError: no", "Traceback"))
    check_renewed(tmp_path / "s")
    assert capsys.readouterr().err == ""


def test_a_store_of_version_1_is_renewed_by_who_reads_it(tmp_path, capsys):
    old_store(tmp_path / "s", {**environment(), "results": "1+abc"})
    assert main(["status", str(tmp_path / "s")]) == 0
    said = capsys.readouterr()
    assert "2 runs done, 1 failed" in said.out
    assert "made by an older omemsim" in said.err
    check_renewed(tmp_path / "s")
    with pytest.raises(InputError, match=r"results: 1\+abc there"):
        Store(tmp_path / "s")


def test_a_renewal_that_is_broken_off_leaves_the_old_store(tmp_path, monkeypatch):
    old_store(tmp_path / "s", environment())

    def broken(db, path):
        real(db, path)
        raise KeyboardInterrupt

    real = store.migrate
    monkeypatch.setattr(store, "migrate", broken)
    with pytest.raises(KeyboardInterrupt):
        Store(tmp_path / "s")
    monkeypatch.undo()
    with contextlib.closing(sqlite3.connect(tmp_path / "s" / "runs.sqlite")) as db:
        assert db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone() == ("1",)
        assert db.execute("SELECT count(*) FROM results").fetchone() == (2,)
    with Store(tmp_path / "s"):
        pass
    check_renewed(tmp_path / "s")


# --- Other code, another environment --------------------------------------------------


def made_elsewhere(monkeypatch, **changes: str) -> None:
    """Let this process be another one."""
    here = {**environment(), **changes}
    monkeypatch.setattr(store, "environment", lambda: here)


@pytest.mark.parametrize(
    ("changes", "lines", "flags"),
    [
        ({"results": "9+f00"}, ["made by other code:", "9+f00 here"], ["--allow-other-code"]),
        (
            {"python": "3.99.1", "numpy": "9.9"},
            ["made in another environment:", "3.99.1 here", "numpy: "],
            ["--allow-other-environment"],
        ),
        (
            {"results": "9+f00", "machine": "Plan9 vax"},
            ["by other code and in another", "Plan9 vax here"],
            ["--allow-other-code", "--allow-other-environment"],
        ),
    ],
)
def test_runs_made_by_others_are_refused_line_by_line(tmp_path, monkeypatch, changes, lines, flags):
    with Store(tmp_path / "s") as kept:
        kept.put([record()], units=UNITS)
    made_elsewhere(monkeypatch, **changes)
    with pytest.raises(InputError) as caught:
        Store(tmp_path / "s")
    assert caught.value.exit_code == 2
    for part in [*lines, *flags, "store="]:
        assert part in str(caught.value)
    assert len(caught.value.problems) >= 3
    allowed = Allowed(
        code="--allow-other-code" in flags,
        environment=len(flags) > 1 or "--allow-other-code" not in flags,
    )
    with Store(tmp_path / "s", allowed) as kept:
        assert kept.done([key().run_id]) == {key().run_id}
        kept.put([record(1)], units=UNITS)
    with Store(tmp_path / "s") as kept:  # some of its runs are of this one now
        assert len(kept.environments()) == 2
    for half in (Allowed(code=True), Allowed(environment=True)):
        if len(flags) == 2:
            made_elsewhere(monkeypatch, results="7", machine="other")
            with pytest.raises(InputError, match="were made"):
                Store(tmp_path / "s", half)


def test_what_changes_no_number_is_no_difference():
    here = environment()
    python = ".".join([*here["python"].split(".")[:2], "99"])
    same = {**here, "python": python, "platform": "a newer kernel", "commit": "other"}
    assert differences(here, same) == ([], [])
    assert differences({"results": here["results"]}, here) == ([], [])  # says no more
    code, around = differences({**here, "results": "1", "commit": "abc"}, here)
    assert [line.partition(":")[0] for line in code] == ["results", "commit"]
    assert around == []


def test_commands_pass_the_flags_on(tmp_path, monkeypatch, capsys):
    asked = []

    def opened(folder, allowed):
        asked.append(allowed)
        raise InputError("enough")

    monkeypatch.setattr(store, "Store", opened)
    monkeypatch.chdir(tmp_path)
    flags = ["--allow-other-code", "--allow-other-environment"]
    for words in (
        ["compare", "reactive", "omem"],
        ["demo"],
        ["ablate"],
        ["loops"],
        ["claims", "C8"],
    ):
        assert main([*words, *flags]) == 2
        assert main(words) == 2
    capsys.readouterr()
    assert asked == [Allowed(code=True, environment=True), Allowed()] * 5
    assert identity.environment()["machine"]
