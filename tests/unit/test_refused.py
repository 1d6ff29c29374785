"""What to do where writing is refused fits the reason: space, locks, rights, a read-only disk."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from omemsim import locks
from omemsim.cli import main
from omemsim.cli.results import saving
from omemsim.locks import LockRefused
from omemsim.study.refused import advice
from omemsim.study.series_files import writable
from omemsim.study.store import Store
from omemsim.vocabulary.errors import InputError

SPACE, LOCKS, RIGHTS, NOTHING = (
    "Free some space",
    "does not lock",
    "may not write",
    "Nothing can be",
)
REASONS = {
    "ENOSPC": SPACE,
    "EDQUOT": SPACE,
    "ENOLCK": LOCKS,
    "EACCES": RIGHTS,
    "EPERM": RIGHTS,
    "EROFS": NOTHING,
    "EFBIG": "limits",
    "EMFILE": "limits",
    "EIO": "failed",
    "EOPNOTSUPP": "Name another folder",  # of something else than a lock
}


def error_of(name: str) -> OSError:
    number = getattr(errno, name)
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize("name", REASONS)
def test_the_advice_fits_the_reason(name: str, tmp_path: Path) -> None:
    told = []
    with pytest.raises(InputError) as first, writable(tmp_path):
        raise error_of(name)
    told.append(str(first.value))
    with pytest.raises(InputError) as second, saving(tmp_path, "results.csv"):
        raise error_of(name)
    told.append(str(second.value))
    for text in told:
        assert REASONS[name].lower() in text.lower()
        assert ("Free some space" in text) == (REASONS[name] == SPACE)
        assert str(tmp_path) in text
    assert "store=" in told[0]
    assert "store=" not in told[1]


def test_what_sqlite_refuses_is_told_by_its_own_reason(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "a.sqlite", isolation_level=None)
    db.execute("CREATE TABLE t (x)")
    db.execute("PRAGMA max_page_count = 2")
    with pytest.raises(sqlite3.OperationalError) as full:
        db.execute("INSERT INTO t VALUES (?)", ("x" * 100_000,))
    db.execute("PRAGMA query_only = 1")
    with pytest.raises(sqlite3.OperationalError) as locked:
        db.execute("INSERT INTO t VALUES (1)")
    db.close()
    assert SPACE in advice(full.value)
    assert NOTHING in advice(locked.value)


@pytest.mark.parametrize("name", ["ENOLCK", "EOPNOTSUPP", "ENOSYS", "EINVAL"])
def test_a_file_system_that_refuses_locks_is_told_as_one(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(file: object) -> None:
        raise error_of(name)

    monkeypatch.setattr(locks, "_lock", refuse)
    with pytest.raises(InputError, match=LOCKS) as refused:
        Store(tmp_path / "store")
    assert isinstance(refused.value.__cause__, LockRefused)
    assert SPACE not in str(refused.value)
    assert "another study" not in str(refused.value)
    monkeypatch.chdir(tmp_path)
    assert main(["compare", "reactive", "omem", "store=here", "out=out"]) == 2
    said = capsys.readouterr().err
    assert LOCKS in said
    assert SPACE not in said
    assert not (tmp_path / "here").exists()


def test_a_lock_that_another_holds_is_still_told_as_that(tmp_path: Path) -> None:
    with Store(tmp_path / "a store"), pytest.raises(InputError, match="another study") as refused:
        Store(tmp_path / "a store")
    assert f"`omemsim status '{tmp_path / 'a store'}'`" in str(refused.value)
