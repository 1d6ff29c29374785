"""The store: nothing acknowledged is lost, nothing else is believed."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import sqlite3
import subprocess
import sys
import textwrap
from enum import Enum
from pathlib import Path

import numpy as np
import pytest

from omemsim.study import identity, series_files
from omemsim.study.identity import content_hash, environment, identify, plain, results_version
from omemsim.study.series_files import pack, unpack, write_whole
from omemsim.study.store import Record, Store, not_finite
from omemsim.study.tasks import Failure
from omemsim.vocabulary.errors import InputError

REPO = Path(__file__).parents[2]
UNITS = {"fear": "index 0-1", "calls": "per 1,000"}


def key(replicate=0, **config):
    """Return a run's key."""
    return identify({"years": 5, **config}, replicate=replicate, town="small", strategy="omem")


def record(replicate=0, fear=0.25, size=100):
    """Return a finished run."""
    shard = pack({"fear": np.full(size, fear)}, {"town": "small"})
    return Record(key(replicate), {"fear": fear, "calls": 200.0 + replicate}, shard, 0.1)


def query(path, text):
    """Read a store's file as an outsider does."""
    with contextlib.closing(sqlite3.connect(path / "runs.sqlite")) as db:
        return db.execute(text).fetchall()


# --- Identity -------------------------------------------------------------------------


class Colour(Enum):
    RED = "red"


@dataclasses.dataclass(frozen=True)
class Config:
    years: float = 5.0
    colour: Colour = Colour.RED
    mix: dict = dataclasses.field(default_factory=dict)


def test_a_config_becomes_json_types():
    config = Config(mix={"a": (1, np.float64(0.5)), "b": Path("x"), "c": None})
    wanted = {"years": 5, "colour": "red", "mix": {"a": [1, 0.5], "b": "x", "c": None}}
    assert plain(config) == wanted


def test_equal_questions_have_one_name_and_others_another():
    base = key()
    assert key() == base
    assert key(years=5.0).run_id == base.run_id
    others = [key(1), key(years=6), key(seed=1)]
    assert len({base.run_id, *(other.run_id for other in others)}) == 4


def test_other_results_have_other_names(monkeypatch):
    before = key().run_id
    monkeypatch.setattr(identity, "results_version", lambda: "2+other")
    assert key().run_id != before


def test_a_table_counts_by_its_content_and_not_by_its_name():
    def of(file, content):
        config = {"town": {"file": file, "scale": 20}}
        return identify(config, replicate=0, town="t", strategy="s", content=content)

    assert of("a.csv", "1").run_id == of("b.csv", "1").run_id
    assert of("a.csv", "1").run_id != of("a.csv", "2").run_id
    assert '"file":"a.csv"' in of("a.csv", "1").config


def test_contents_are_equal_by_value():
    def tree(**changes):
        return Config(mix=[np.arange(3.0), ["a", None], 1.5], **changes)

    assert content_hash(tree()) == content_hash(tree())
    others = [tree(years=6.0), np.arange(3.0), np.arange(3), [["a"], "b"], ["a", ["b"]], None]
    assert len({content_hash(other) for other in [tree(), *others]}) == 7


def test_not_a_number_has_no_name():
    with pytest.raises(ValueError, match="JSON"):
        key(years=float("nan"))


def test_the_results_version_starts_with_the_declared_one():
    declared, _, digest = results_version().partition("+")
    assert declared == str(identity.RESULTS_VERSION)
    assert len(digest) == 12


def test_the_code_that_makes_results_is_part_of_their_version(tmp_path, monkeypatch):
    for name in ("town.py", "cli/main.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    monkeypatch.setattr(identity, "PACKAGE", tmp_path)

    def version():
        results_version.cache_clear()
        return results_version()

    try:
        first = version()
        (tmp_path / "cli/main.py").write_text("x = 2\n")
        assert version() == first
        (tmp_path / "town.py").write_text("x = 2\n")
        assert version() != first
    finally:
        results_version.cache_clear()


# --- Shards ---------------------------------------------------------------------------


def test_a_shard_gives_back_what_was_packed():
    arrays = {"values/fear": np.array([[0.1, np.nan]]), "weeks": np.arange(3)}
    ring = np.array([[0.0, 1.5], [2.0, 3.0]])
    meta = {"town": "Ōsaka", "polygons": [[ring], []], "n": np.int64(3), "config": {"a": None}}
    packed = pack(arrays, meta)
    assert pack(arrays, meta) == packed
    found, about = unpack(packed)
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype
    np.testing.assert_array_equal(about["polygons"][0][0], ring)
    assert about["polygons"][1] == []
    assert (about["town"], about["n"], about["config"]) == ("Ōsaka", 3, {"a": None})


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    path = tmp_path / "folder" / "x.bin"
    write_whole(path, b"one")
    assert path.read_bytes() == b"one"

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(series_files.os, "fsync", full)
    with pytest.raises(InputError, match=r"folder: cannot write here \(no space left"):
        write_whole(path, b"two")
    assert path.read_bytes() == b"one"
    assert [item.name for item in path.parent.iterdir()] == ["x.bin"]


# --- The store ------------------------------------------------------------------------


def test_a_run_is_found_again(tmp_path):
    with Store(tmp_path / "s") as kept:
        assert kept.done([key().run_id]) == set()
        kept.put([record(0), record(1, fear=0.5)], units=UNITS)
    with Store(tmp_path / "s") as kept:
        ids = [key(0).run_id, key(1).run_id, key(2).run_id]
        assert kept.done(ids) == set(ids[:2])
        assert kept.scalars(ids[1]) == {"fear": 0.5, "calls": 201.0}
        arrays, meta = unpack(kept.shard(ids[1]))
    assert arrays["fear"].tolist() == [0.5] * 100
    assert meta == {"town": "small"}


def test_others_read_a_tidy_table_while_it_is_open(tmp_path):
    with Store(tmp_path) as kept:
        kept.put([record(7)], units=UNITS)
        rows = query(tmp_path, "SELECT * FROM results ORDER BY measure")
        assert query(tmp_path, "PRAGMA journal_mode") == [("wal",)]
    assert [row[4:] for row in rows] == [
        ("small", "omem", 7, "calls", "per 1,000", 207.0),
        ("small", "omem", 7, "fear", "index 0-1", 0.25),
    ]


def test_every_run_says_what_made_it(tmp_path):
    with Store(tmp_path) as kept:
        kept.put([record()], units=UNITS)
    (made,) = query(tmp_path, "SELECT environment FROM runs JOIN sessions USING (session)")
    for name, value in environment().items():
        assert f'"{name}": "{value}"' in made[0]
    assert {"omemsim", "commit", "python", "numpy", "numba"} <= set(environment())


def test_a_failure_is_kept_and_gives_way_to_a_result(tmp_path):
    with Store(tmp_path) as kept:
        kept.put_failure(key(), Failure("omem", "ValueError: no", "Traceback: no"))
        assert kept.done([key().run_id]) == set()
        rows = query(tmp_path, "SELECT status, error, traceback FROM runs")
        assert rows == [("failed", "ValueError: no", "Traceback: no")]
        kept.put([record()], units=UNITS)
        assert query(tmp_path, "SELECT status, error FROM runs") == [("done", None)]
        assert kept.done([key().run_id]) == {key().run_id}


def test_a_lost_or_cut_shard_is_not_a_result(tmp_path):
    with Store(tmp_path) as kept:
        kept.put([record(0), record(1)], units=UNITS)
        kept.shard(key(0).run_id).unlink()
        kept.shard(key(1).run_id).write_bytes(b"cut")
        assert kept.done([key(0).run_id, key(1).run_id]) == set()
        kept.put([record(0)], units=UNITS)
        assert kept.done([key(0).run_id, key(1).run_id]) == {key(0).run_id}


def test_a_store_of_a_later_omemsim_is_refused_and_left_alone(tmp_path):
    with Store(tmp_path) as kept:
        kept.put([record()], units=UNITS)
        kept._db.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    before = (tmp_path / "runs.sqlite").read_bytes()
    for opened in (Store, Store.open_to_read):
        with pytest.raises(InputError, match="version 99, and this omemsim knows those up to 2"):
            opened(tmp_path)
    assert (tmp_path / "runs.sqlite").read_bytes() == before
    assert not (tmp_path / "driver.lock").exists()


def test_what_is_no_store_is_refused(tmp_path):
    (tmp_path / "runs.sqlite").write_text("id,population\n" * 100)
    with pytest.raises(InputError, match="not an omemsim store"):
        Store(tmp_path)
    assert (tmp_path / "runs.sqlite").read_text().startswith("id,")
    other = tmp_path / "other"
    other.mkdir()
    with contextlib.closing(sqlite3.connect(other / "runs.sqlite")) as db:
        db.execute("CREATE TABLE pupils (name)")
    with pytest.raises(InputError, match="not an omemsim store"):
        Store(other)
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(InputError, match="this is a file"):
        Store(file)
    with pytest.raises(InputError, match="cannot write here"):
        Store(file / "below")


def test_nothing_is_left_of_a_store_without_runs(tmp_path):
    with Store(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b" / "runs.sqlite").exists()
    assert list(tmp_path.iterdir()) == []
    with Store(tmp_path) as kept:
        kept.put([record()], units=UNITS)
    with Store(tmp_path):
        pass
    assert (tmp_path / "runs.sqlite").exists()


def test_a_full_disk_keeps_what_was_there_and_takes_no_half(tmp_path):
    with Store(tmp_path) as kept:
        kept.put([record(0)], units=UNITS)
        pages = kept._db.execute("PRAGMA page_count").fetchone()[0]
        kept._db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(InputError, match=r"cannot write here \(database or disk is full\)"):
            kept.put([record(r) for r in range(1, 400)], units=UNITS)
        assert query(tmp_path, "SELECT count(*) FROM runs") == [(1,)]
        kept._db.execute("PRAGMA max_page_count = 100000")
        kept.put([record(1)], units=UNITS)
        assert len(kept.done(key(r).run_id for r in range(400))) == 2


def test_what_a_failed_write_took_back_is_not_taken_for_written(tmp_path):
    first, second = record(0), record(1)
    other = Record(key(2, years=9), {"fear": 0.5, "heat": 3.0}, None, 0.1)
    with Store(tmp_path / "s") as store:
        broken = dataclasses.replace(other, scalars={**other.scalars, "without a unit": 1.0})
        with pytest.raises(KeyError):  # after its scenario and two measures were written
            store.put([broken], units={**UNITS, "heat": "degrees"})
        store.put([first, second], units=UNITS)  # takes the numbers that were given back
        store.put([other], units={**UNITS, "heat": "degrees"})
        for one in (first, second, other):
            assert store.scalars(one.key.run_id) == one.scalars
    tables = "runs JOIN scenarios USING (scenario) JOIN configs USING (config)"
    found = dict(query(tmp_path / "s", f"SELECT run_id, text FROM {tables}"))
    assert found == {one.key.run_id: one.key.config for one in (first, second, other)}


def test_a_store_that_turns_read_only_says_so(tmp_path):
    with Store(tmp_path) as kept:
        kept._db.execute("PRAGMA query_only = ON")
        with pytest.raises(InputError, match="cannot write here"):
            kept.put([record(0)], units=UNITS)


def test_scalars_that_are_no_numbers_are_named():
    assert not_finite({"a": 1.0, "b": float("nan"), "c": float("inf")}) == ["b", "c"]


WRITER = """
    import sys
    sys.path[:0] = {paths!r}
    import numpy as np
    from pathlib import Path
    from omemsim.study.identity import identify
    from omemsim.study.series_files import pack
    from omemsim.study.store import Record, Store

    with Store(Path({folder!r})) as kept:
        for r in range(100000):
            key = identify({{"years": 5}}, replicate=r, town="small", strategy="omem")
            shard = pack({{"fear": np.full(2000, r)}}, {{}})
            kept.put([Record(key, {{"fear": r}}, shard, 0.0)], units={{"fear": "index"}})
            print(key.run_id, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 23, 57])
def test_a_driver_killed_while_writing_loses_nothing_acknowledged(tmp_path, lines):
    script = tmp_path / "writer.py"
    folder = tmp_path / "s"
    script.write_text(textwrap.dedent(WRITER).format(paths=[str(REPO)], folder=str(folder)))
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True
    ) as process:
        acknowledged = [process.stdout.readline().strip() for _ in range(lines)]
        process.kill()
        acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
    with Store(folder) as kept:
        assert kept.done(acknowledged) == set(acknowledged)
        (last,) = query(folder, "SELECT run_id FROM runs ORDER BY run DESC LIMIT 1")
        arrays, _ = unpack(kept.shard(last[0]))
        assert arrays["fear"].shape == (2000,)
