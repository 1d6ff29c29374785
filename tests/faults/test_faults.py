"""What a study survives: nothing acknowledged is lost or run twice, and it says what to do.

The study is `town.py`'s, a process of its own, so that it can really be killed and starved.
"""

from __future__ import annotations

import contextlib
import functools
import os
import random
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from omemsim.study.lock import driver_of
from omemsim.study.series_files import shard_of
from omemsim.study.store import Store

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("town.py")
REPLICATES = 30
posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals and limits")
linux_only = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


def start(store: Path, *before: str, **said: object) -> subprocess.Popen[str]:
    """Start the study; ``before`` are words in front of the command."""
    words = {"log": store.with_suffix(".log"), "replicates": REPLICATES, **said}
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "TOWN": " ".join(f"{key}={value}" for key, value in words.items()),
    }
    return subprocess.Popen(
        [*before, sys.executable, str(PROGRAM), str(store)],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(store: Path, *before: str, **said: object) -> tuple[int, list[str], str]:
    """Run the study to its end; return exit code, what was acknowledged, and what it said."""
    with start(store, *before, **said) as process:
        out, err = process.communicate(timeout=120)
    return process.returncode, runs_in(out), err


def runs_in(text: str) -> list[str]:
    """Return the runs of whole lines; of one that was being written, only its end may be left."""
    lines = [line for line in text.splitlines(keepends=True) if line.endswith("\n")]
    return [line.strip() for line in lines if line.strip() and not line.startswith("end")]


def content(store: Path) -> list[tuple[object, ...]]:
    """Return every number of a store, and the bytes of every series."""
    query = (
        "SELECT run_id, arm, point, replicate, town, strategy, measure, unit, value "
        "FROM results ORDER BY run_id, measure"
    )
    with contextlib.closing(sqlite3.connect(store / "runs.sqlite")) as db:
        rows = db.execute(query).fetchall()
        done = [x for (x,) in db.execute("SELECT run_id FROM runs WHERE status = 'done'")]
    return rows + [(run_id, shard_of(store, run_id).read_bytes()) for run_id in sorted(done)]


def log(store: Path) -> list[str]:
    path = store.with_suffix(".log")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@functools.cache
def _undisturbed(folder: Path) -> list[tuple[object, ...]]:
    code, acknowledged, err = finish(folder / "s")
    assert (code, len(acknowledged)) == (0, 2 * REPLICATES), err
    return content(folder / "s")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    """What the study leaves when nothing happens."""
    return _undisturbed(tmp_path_factory.mktemp("undisturbed"))


class Lives:
    """The same command again and again; what was acknowledged may not be run again."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.acknowledged: set[str] = set()

    def add(self, runs: list[str]) -> None:
        """Take note of the runs that a process acknowledged before it ended."""
        assert not self.acknowledged & set(runs), "run twice"
        self.acknowledged |= set(runs)
        self.begun = len(log(self.store))

    def end(self, undisturbed: list[tuple[object, ...]]) -> None:
        """Let it come to its end; nothing is lost, nothing run twice, all is equal."""
        begun = len(log(self.store))
        before = set(self.acknowledged)
        code, runs, err = finish(self.store)
        assert code == 0, err
        self.add(runs)
        assert not before & set(log(self.store)[begun:])
        assert len(self.acknowledged) <= 2 * REPLICATES
        assert content(self.store) == undisturbed


def kill(process: subprocess.Popen[str]) -> list[str]:
    """Kill -9 a study; return all it had acknowledged that was not read yet."""
    process.kill()
    out, _ = process.communicate(timeout=60)
    return runs_in(out)


@posix_only
def test_a_driver_killed_at_20_random_moments_ends_equal(tmp_path, undisturbed):
    rng = random.Random(4)
    lives = Lives(tmp_path / "s")
    for trial in range(20):
        begun, known = len(log(lives.store)), set(lives.acknowledged)
        process = start(lives.store, seconds=0.002, workers=1 + (trial % 7 == 3))
        runs = []
        for _ in range(rng.choice([0, 1, 1, 2, 3])):  # 0: it dies while it starts
            line = process.stdout.readline()
            runs += runs_in(line)
        time.sleep(rng.random() * (0.02 if runs else 1.5))
        lives.add(runs + kill(process))
        assert not known & set(log(lives.store)[begun:])
    assert driver_of(lives.store) is None  # the lock of the dead blocks nobody
    assert len(lives.acknowledged) > 0
    lives.end(undisturbed)


@linux_only
def test_a_killed_worker_costs_nothing(tmp_path, undisturbed):
    store = tmp_path / "s"
    with start(store, seconds=0.02, workers=2) as process:
        process.stdout.readline()
        (victim, *_) = workers_of(process.pid)
        os.kill(victim, signal.SIGKILL)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert out.splitlines()[-1] == "end 0"
    assert content(store) == undisturbed


def workers_of(pid: int) -> list[int]:
    """Return the worker processes of a driver: not the one that minds shared resources."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            command = path.with_name("cmdline").read_bytes()
            if int(fields[1]) == pid and b"spawn_main" in command:
                found.append(int(path.parent.name))
    return sorted(found)


def living(group: int) -> list[int]:
    """Return the processes of a group that have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, its_group = path.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                found.append(int(path.parent.name))
    return found


@linux_only
def test_ctrl_c_leaves_no_orphan_and_ends_with_130(tmp_path, undisturbed):
    lives = Lives(tmp_path / "s")
    process = start(lives.store, seconds=0.02, workers=2)
    first = runs_in(process.stdout.readline())
    assert len(living(process.pid)) >= 3
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    deadline = time.monotonic() + 10
    while living(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert living(process.pid) == []
    lives.add(first + runs_in(out))
    assert driver_of(lives.store) is None
    lives.end(undisturbed)


@posix_only
def test_runs_that_go_wrong_are_kept_with_their_reason_and_cost_nobody_else(tmp_path, undisturbed):
    store = tmp_path / "s"
    wrong = {"boom": "omem/3", "nan": "omem/5", "die": "omem/7"}
    code, runs, err = finish(store, workers=2, **wrong)
    assert code == 0, err
    with Store.open_to_read(store) as kept:
        failed = {one.description.partition(" in ")[0]: one for one in kept.failed()}
        reasons = {(one.strategy, one.replicate): one.error for one in kept.failed()}
        assert kept.progress().failed == len(reasons) == 3
        assert kept.progress().done == len(runs) == 2 * REPLICATES - 3
    assert reasons["omem", 3] == "ValueError: boom happened"
    assert reasons["omem", 5] == "no finite value of victimization"
    # The run that shared its spin-up, and its process, was done again alone.
    assert "its process died 3 times" in reasons["omem", 7]
    assert "repeat it alone: omemsim run town=toy strategy=omem" in failed["omem"].description
    begun = len(log(store))
    code, again, err = finish(store)
    assert code == 0, err
    tried = ["omem 3", "omem 5", "omem 7"]
    assert sorted(again) == sorted(log(store)[begun:]) == tried
    assert content(store) == undisturbed


# --- Disks ----------------------------------------------------------------------------


def starved(store: Path, *before: str, **said: object) -> Lives:
    """Run the study on a disk that fills up; it says so, and what to do."""
    lives = Lives(store)
    code, runs, err = finish(store, *before, **said)
    assert code == 2, err
    assert "cannot write here" in err
    assert "the same command goes on from there" in err
    assert "Traceback" not in err
    assert len(runs) < 2 * REPLICATES
    lives.add(runs)
    return lives


@posix_only
@pytest.mark.parametrize("writes", random.Random(1).sample(range(2 * REPLICATES), 3))
def test_a_disk_full_at_a_random_write(tmp_path, undisturbed, writes):
    starved(tmp_path / "s", full=writes).end(undisturbed)


@posix_only
@pytest.mark.parametrize("size", [60_000, 150_000, 250_000])
def test_a_database_that_may_not_grow(tmp_path, undisturbed, size):
    lives = starved(tmp_path / "s", file_bytes=size)
    lives.end(undisturbed)


def in_namespace(script: str) -> list[str]:
    """Return words that run a command in a file system of its own; skip where that is not allowed.

    The command comes behind and is "$@" of the script.
    """
    words = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", f'{script}; exec "$@"']
    tried = shutil.which("unshare") and subprocess.run(
        [*words, "sh", "true"], capture_output=True, check=False
    )
    if not tried or tried.returncode:
        pytest.skip("this machine lets no user mount")
    return [*words, "sh"]


@posix_only
def test_a_full_file_system(tmp_path, undisturbed):
    disk, copy = tmp_path / "disk", tmp_path / "s"
    disk.mkdir()
    disk_, copy_ = shlex.quote(str(disk)), shlex.quote(str(copy))
    # What was on it when the study had ended is what the next one finds.
    words = in_namespace(f"mount -t tmpfs -o size=600k none {disk_}")
    words[-2] = words[-2].replace(
        'exec "$@"', f'"$@" && c=0 || c=$?; cp -r {disk_} {copy_}; exit $c'
    )
    with start(disk, *words) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 2, err
    assert "cannot write here" in err
    assert "the same command goes on from there" in err
    lives = Lives(copy)
    lives.add(runs_in(out))
    assert 0 < len(lives.acknowledged) < 2 * REPLICATES
    lives.end(undisturbed)


@posix_only
def test_a_read_only_store_is_refused_and_can_be_read(tmp_path, undisturbed):
    store = tmp_path / "s"
    assert finish(store)[0] == 0
    folder = shlex.quote(str(store))
    words = in_namespace(f"mount --bind {folder} {folder}; mount -o remount,bind,ro {folder}")
    code, runs, err = finish(store, *words, replicates=REPLICATES + 1)
    assert (code, runs) == (2, [])
    assert "cannot write here (read-only file system)" in err
    done = subprocess.run(
        [*words, sys.executable, "-m", "omemsim", "status", str(store)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"{2 * REPLICATES} of {2 * REPLICATES} runs done" in done.stdout
    assert content(store) == undisturbed


# --- Two drivers ----------------------------------------------------------------------


@posix_only
def test_a_second_driver_is_told_who_is_at_work(tmp_path, undisturbed):
    store = tmp_path / "s"
    with start(store, seconds=0.2) as first:
        said = runs_in(first.stdout.readline())
        code, runs, err = finish(store)
        assert (code, runs) == (2, [])
        assert f"another study is using this store (process {first.pid} on " in err
        assert "town.py" in err
        assert "Wait for it" in err
        assert "store=" in err
        with Store.open_to_read(store) as kept:  # who only reads is not kept out
            assert 1 <= kept.progress().done < 2 * REPLICATES
        assert driver_of(store).pid == first.pid
        said += kill(first)
    lives = Lives(store)
    lives.add(said)
    assert (store / "driver.lock").exists()  # it says what a dead process wrote
    assert driver_of(store) is None
    lives.end(undisturbed)
    assert not (store / "driver.lock").exists()
