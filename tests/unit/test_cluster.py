"""The same tasks on Dask: equal results, lost workers, a lost scheduler, other code.

Every test starts a cluster of its own on this machine, which takes some seconds.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="engine=dask needs the extra `cluster`")

from omemsim.study import cluster
from omemsim.study.dispatch import run_tasks
from omemsim.study.engine import Engine
from omemsim.study.tasks import MAX_DEATHS, Failure, Task
from omemsim.vocabulary.errors import InputError, OmemError

REPO = Path(__file__).parents[2]
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")

# Worker processes import these, so they need a module of their own.
JOBS = """
    import os, pathlib, signal, time
    from omemsim.vocabulary.errors import InputError

    def odd_ones(x):
        if x == 3:
            raise ValueError("three is not wanted")
        if x == 4:
            raise InputError("row 7: bad")
        return x * 0.1

    def deadly_2(folder_and_x):
        folder, x = folder_and_x
        with open(pathlib.Path(folder) / f"{x}", "a") as file:
            file.write("x")
        if x == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        if x == 5 and not (pathlib.Path(folder) / "died").exists():
            (pathlib.Path(folder) / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.05)
        return x

    def slow(x):
        time.sleep(0.3)
        return os.environ["NUMBA_NUM_THREADS"] if x == 0 else x

    def forever(folder_and_x):
        folder, x = folder_and_x
        (pathlib.Path(folder) / f"pid-{os.getpid()}").touch()
        time.sleep(60)
"""


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    """The module of jobs, importable here and in workers."""
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "cluster_jobs.py").write_text(textwrap.dedent(JOBS))
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "cluster_jobs", raising=False)
    return importlib.import_module("cluster_jobs")


def collect(payloads, work, *, engine, on_each=None):
    """Run the payloads; return outcome by position."""
    tasks = [Task(f"task {number}", payload) for number, payload in enumerate(payloads)]
    outcomes = {}

    def keep(task, outcome):
        number = tasks.index(task)
        assert number not in outcomes, "a result was handed over twice"
        outcomes[number] = outcome
        if on_each is not None:
            on_each(number)

    run_tasks(tasks, work, engine=engine, on_result=keep, progress=False)
    return [outcomes[number] for number in range(len(tasks))]


def test_a_local_cluster_gives_what_the_pool_gives(jobs):
    pool = collect(range(12), jobs.odd_ones, engine=Engine(workers=2))
    dask = collect(range(12), jobs.odd_ones, engine=Engine("dask", workers=2))
    same = [x for x in range(12) if x not in (3, 4)]
    assert [pool[x] for x in same] == [dask[x] for x in same]
    assert dask[3].error == pool[3].error == "ValueError: three is not wanted"
    assert "in odd_ones" in dask[3].traceback
    assert dask[4].problems == ("row 7: bad",)


@posix
def test_a_deadly_task_is_set_aside_and_its_neighbours_are_not(jobs, tmp_path):
    payloads = [(str(tmp_path), x) for x in range(8)]
    outcomes = collect(payloads, jobs.deadly_2, engine=Engine("dask", workers=2))
    assert isinstance(outcomes[2], Failure)
    assert f"died {MAX_DEATHS} times" in outcomes[2].error
    assert [x for x in outcomes if x != outcomes[2]] == [0, 1, 3, 4, 5, 6, 7]
    # Task 5 kills a worker once, perhaps while task 2 waits there: the others are 2's own deaths.
    assert len((tmp_path / "2").read_text()) in (MAX_DEATHS - 1, MAX_DEATHS)
    assert len((tmp_path / "5").read_text()) >= 2  # killed once from outside, then done


def test_nothing_to_do_starts_no_cluster(jobs, monkeypatch):
    monkeypatch.setattr(cluster, "run_on_cluster", None)
    assert collect([], jobs.odd_ones, engine=Engine("dask")) == []


def test_an_error_in_keeping_a_result_stops_everything_and_is_passed_on(jobs):
    def refuse(task, outcome):
        raise OSError("disk full")

    begun = time.monotonic()
    with pytest.raises(OSError, match="disk full"):
        run_tasks(
            [Task("t", x) for x in range(200)],
            jobs.slow,
            engine=Engine("dask", workers=2),
            on_result=refuse,
            progress=False,
        )
    assert time.monotonic() - begun < 25  # one thread would need a minute


def test_a_worker_with_other_code_refuses(jobs):
    code = {**cluster._code(), "numpy": "0.1"}
    refusal = cluster.attempt_with(code, jobs.odd_ones, Task("t", 1))
    assert isinstance(refusal, Failure)
    assert "numpy is" in refusal.problems[0]
    assert "0.1 here" in refusal.problems[0]
    assert cluster.attempt_with(cluster._code(), jobs.odd_ones, Task("t", 1)) == 0.1


# --- A cluster that is joined ----------------------------------------------------------


@pytest.fixture
def joined(jobs, tmp_path):
    """A scheduler and a worker as `docs/cluster.md` starts them; the file that says where."""
    file = tmp_path / "scheduler.json"
    path = os.pathsep.join([str(REPO), str(Path(jobs.__file__).parent)])
    env = {**os.environ, "PYTHONPATH": path, "NUMBA_NUM_THREADS": "1"}
    processes = []

    def start(*words):
        command = [sys.executable, "-m", "dask", *words, "--scheduler-file", str(file)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        processes.append(subprocess.Popen(command, env=env, cwd=tmp_path, **quiet))
        return processes[-1]

    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    wait_until(file.exists)
    start("worker", "--nthreads", "1", "--no-dashboard")
    yield file, scheduler
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(is_so, seconds=40.0):
    """Wait until something is so, or fail."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def test_a_cluster_is_joined_and_a_lost_scheduler_ends_it_in_clear_words(joined, jobs):
    file, scheduler = joined
    engine = Engine("dask", scheduler=str(file), timeout=3)
    assert collect(range(3), jobs.slow, engine=engine) == ["1", 1, 2]
    kept = []

    def lose(number):
        kept.append(number)
        if len(kept) == 2:
            scheduler.kill()
            scheduler.wait()

    begun = time.monotonic()
    with pytest.raises(OmemError, match=r"scheduler.* is lost: no answer for 3 s") as lost:
        collect(range(100), jobs.slow, engine=engine, on_each=lose)
    assert not isinstance(lost.value, InputError)
    assert "the same command goes on from there" in str(lost.value)
    assert 2 <= len(kept) < 20
    assert time.monotonic() - begun < 30


def test_no_scheduler_at_the_address(jobs):
    engine = Engine("dask", scheduler="tcp://127.0.0.1:9", timeout=2)
    with pytest.raises(InputError, match=r"engine.scheduler = tcp://127.0.0.1:9: no scheduler"):
        collect([1], jobs.odd_ones, engine=engine)


# --- What can be wrong before anything runs --------------------------------------------


@pytest.mark.parametrize(
    ("engine", "part"),
    [
        (Engine("dusk"), "must be one of pool, dask. Did you mean 'dask'?"),
        (Engine(workers=0), "workers = 0: must be from 1"),
        (Engine("dask", timeout=0), "engine.timeout = 0"),
        (Engine(scheduler="tcp://a:1"), "engine.scheduler= is for engine=dask"),
        (Engine("dask", workers=2, scheduler="tcp://a:1"), "workers= does nothing beside"),
        (Engine("dask", scheduler="nowhere.json"), "neither an address"),
    ],
)
def test_an_engine_that_cannot_be_is_refused(engine, part):
    with pytest.raises(InputError) as refused:
        engine.check()
    assert part in str(refused.value)


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("omemsim.study.engine.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'omemsim\[cluster\]'"):
        Engine("dask").check()
    Engine().check()
