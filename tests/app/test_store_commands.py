"""status, resume, reproduce and export as a person meets them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from omemsim.cli import main
from omemsim.study.identity import identify
from omemsim.study.store import Record, Store
from omemsim.study.tasks import Failure

pytestmark = pytest.mark.usefixtures("undrawn")

ROOT = Path(__file__).resolve().parents[2]
TINY = ["town.residents=200", "town.neighbourhoods=2", "years=0.2", "spin_up_years=0.2"]
COMPARE = ["compare", "reactive", "omem", "replicates=2", *TINY]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder in which two strategies were compared."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main([*COMPARE, "out=o", "workers=1"]) == 0
    return folder


@pytest.fixture
def here(made, tmp_path, monkeypatch):
    """A copy of that folder, to be spoiled."""
    shutil.copytree(made, tmp_path / "x")
    monkeypatch.chdir(tmp_path / "x")
    return tmp_path / "x"


def change(query, *values):
    with sqlite3.connect("omemsim-results/store/runs.sqlite") as db:
        db.execute(query, values)
    db.close()


def test_status_says_how_far_a_study_is(here, capsys):
    assert main(["status"]) == 0
    said = capsys.readouterr().out
    assert "4 of 4 runs done, 0 failed, 0 left" in said
    assert "  omemsim compare reactive omem town=small replicates=2 " in said
    assert "resume" not in said
    change("UPDATE runs SET status = 'asked' WHERE replicate = 1")
    assert main(["status", "omemsim-results/store"]) == 0
    said = capsys.readouterr().out
    assert "2 of 4 runs done, 0 failed, 2 left" in said
    assert said.endswith("Go on with the last: omemsim resume omemsim-results/store\n")


def test_status_lists_failures_with_what_repeats_each(here, capsys):
    change(
        "UPDATE runs SET status = 'failed', error = 'ValueError: no', traceback = 'Trace', "
        "description = 'omem in small, replicate 1; repeat it alone: omemsim run x' "
        "WHERE replicate = 1 AND run IN (SELECT run FROM members WHERE arm = 'omem')"
    )
    assert main(["status"]) == 0
    said = capsys.readouterr().out
    assert "Failed: omem in small, replicate 1: ValueError: no" in said
    (again,) = [line for line in said.splitlines() if "repeat it alone" in line]
    assert main(["status", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (study,) = told["studies"]
    (failure,) = study["failures"]
    assert (study["done"], study["failed"], study["left"]) == (3, 1, 0)
    assert (failure["error"], failure["traceback"]) == ("ValueError: no", "Trace")
    assert again.endswith(failure["repeat"])
    assert told["driver"] is None
    words = failure["repeat"].split()[1:]
    assert main(words) == 1  # it ends well now, which is not what was kept
    assert "ended without an error" in capsys.readouterr().out


def test_status_of_a_study_at_work_says_who_and_how_long(here, capsys):
    with Store(Path("omemsim-results/store")) as kept:
        kept._db.execute("UPDATE runs SET status = 'asked' WHERE replicate = 1")
        kept._db.execute("UPDATE runs SET finished = unixepoch() + 1 WHERE status = 'done'")
        assert main(["status"]) == 0
        said = capsys.readouterr().out
        assert f"At work now: process {os.getpid()} on " in said
        assert "runs a minute, about " in said
        assert "Go on with" not in said


def test_a_run_is_reproduced_bit_for_bit(here, capsys):
    assert main(["reproduce", "omem/0/1"]) == 0
    said = capsys.readouterr().out
    assert "omem in small, replicate 1" in said
    assert "victimization" in said
    assert "Identical, bit for bit, in all" in said
    run_id = next(iter(Path("omemsim-results/store/series").glob("*/*.npz"))).stem
    assert main(["reproduce", run_id[:10], "store=omemsim-results/store"]) == 0
    capsys.readouterr()


def test_a_run_that_is_not_the_same_is_called_so(here, capsys):
    change("UPDATE scalars SET value = value + 1e-13 WHERE measure = 1")
    assert main(["reproduce", "omem/0/1"]) == 1
    said = capsys.readouterr().out
    assert said.count("NOT the same") == 2
    assert "made by others" not in said
    change("""UPDATE sessions SET environment = json_set(environment, '$.numpy', '0.1')""")
    assert main(["reproduce", "omem/0/1"]) == 1
    assert "It was made by others: numpy: 0.1 there" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["reproduce"], "Name one run"),
        (["reproduce", "omem/0/9"], "there is no run 'omem/0/9'"),
        (["reproduce", ""], "empty word"),
        (["status", "nowhere"], "nowhere: there is no store here"),
        (["status", "a", "store=b"], "One store at a time"),
        (["resume", "study=compare-1"], "There are: compare-"),
        (["export"], "Name the file"),
        (["export", "out=a.txt"], "must end in .csv"),
    ],
)
def test_what_cannot_be_is_refused(here, capsys, words, part):
    assert main(words) == 2
    said = capsys.readouterr()
    assert part in said.err
    assert "Traceback" not in said.err


def test_an_id_that_means_many_runs_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    keys = [identify({"n": n}, replicate=0, town="t", strategy="s") for n in range(40)]
    with Store(tmp_path / "s") as kept:
        kept.put([Record(key, {"fear": 1.0}, None, 0.1) for key in keys], units={"fear": ""})
        kept.put_failure(
            identify({"claim": "C8"}, replicate=0, town="t", strategy="s"), Failure("C8", "no", "")
        )
        (claim,) = [one.run_id for one in kept.failed()]
    first = {key.run_id[0] for key in keys}
    twice = next(x for x in first if sum(key.run_id[0] == x for key in keys) > 1)
    assert main(["reproduce", twice, "store=s"]) == 2
    assert "more than one run's id" in capsys.readouterr().err
    assert main(["reproduce", claim, "store=s"]) == 2
    assert "`omemsim claims C8` with another store=" in capsys.readouterr().err


def test_a_study_is_resumed_where_it_was_asked(here, tmp_path, monkeypatch, capsys):
    change("UPDATE studies SET folder = ?", str(here))
    change("UPDATE runs SET status = 'asked' WHERE replicate = 1")
    shutil.rmtree("o")
    monkeypatch.chdir(tmp_path)
    assert main(["resume", "x/omemsim-results/store", "workers=1"]) == 0
    said = capsys.readouterr()
    assert "omemsim compare reactive omem" in said.err
    assert "4 runs, 2 of them from the store" in " ".join(said.out.split())
    assert (here / "o" / "comparison.csv").exists()
    assert main(["status", str(here / "omemsim-results/store")]) == 0
    assert "4 of 4 runs done" in capsys.readouterr().out


def test_what_python_asked_is_resumed_by_python(here, capsys):
    change("UPDATE studies SET command = '[]'")
    assert main(["resume"]) == 2
    assert "started from Python" in capsys.readouterr().err


def test_results_are_exported(here, capsys):
    assert main(["export", "out=a/b.csv", "shape=wide"]) == 0
    assert "4 rows in a/b.csv and b.units.csv" in capsys.readouterr().out
    lines = Path("a/b.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 5
    assert lines[1].split(",")[1:4] == ["omem", "0", "0"]


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_a_real_study_is_stopped_and_resumed(here, made):
    """Ctrl-C in the midst of it, and `omemsim resume`: as if nothing had happened."""
    store = here / "s"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "omemsim", "compare", "reactive", "omem", *TINY, "workers=1"]
    running = subprocess.Popen(
        [*words, "replicates=400", f"store={store}"],
        cwd=here,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 100
    while not list(store.glob("series/*/*.npz")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    said = running.communicate(timeout=60)[1]
    assert running.returncode == 130, said
    assert "The same command continues from the runs that were kept." in said
    with Store.open_to_read(store) as kept:
        so_far = kept.progress()
        assert 0 < so_far.done < so_far.total == 800
        done = list(kept.rows("SELECT run_id, value FROM results WHERE replicate < 2"))
    before = sqlite3.connect(made / "omemsim-results" / "store" / "runs.sqlite")
    wanted = set(before.execute("SELECT run_id, value FROM results"))
    before.close()
    assert done
    assert set(done) <= wanted


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be set")
@pytest.mark.parametrize(("zone", "shift"), [("America/St_Johns", "0"), ("Asia/Kolkata", "+05:30")])
def test_every_time_has_its_zone(here, monkeypatch, capsys, zone, shift):
    from omemsim.study.lock import Driver

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert main(["status", "--json"]) == 0
        asked = json.loads(capsys.readouterr().out)["studies"][0]["asked"]
        assert main(["status"]) == 0
        assert asked in capsys.readouterr().out
        # 2025-06-15 15:06:40 UTC
        at_work = Driver(7, "a machine", "omemsim sweep", 1_750_000_000).text()
    finally:
        monkeypatch.undo()
        time.tzset()
    moment = datetime.fromisoformat(asked)
    assert moment.utcoffset() is not None
    assert abs(moment.timestamp() - time.time()) < 3600
    expected = {"0": "2025-06-15 12:36:40-02:30", "+05:30": "2025-06-15 20:36:40+05:30"}
    assert f"since {expected[shift]}:" in at_work
