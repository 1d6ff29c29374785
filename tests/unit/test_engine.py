"""The engine under faults: raised errors, killed workers, Ctrl-C, a dead driver."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from omemsim.study.dispatch import MAX_DEATHS, run_tasks
from omemsim.study.engine import Engine, available_cores
from omemsim.study.progress import told
from omemsim.study.tasks import Failure, Task, attempt

REPO = Path(__file__).parents[2]
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and /proc are POSIX")

# Worker processes import these, so they need a module of their own.
JOBS = """
    import os, pathlib, signal, struct, sys, time
    from omemsim.vocabulary.errors import InputError

    def square(x):
        return x * x

    def raise_on_3(x):
        if x == 3:
            raise ValueError("three is not wanted")
        if x == 4:
            raise InputError("row 7: bad", "row 9: worse")
        return x

    def leave_on_2(x):
        if x == 2:
            os._exit(1)
        time.sleep(0.02)
        return x

    def die_once(folder_and_x):
        folder, x = folder_and_x
        with open(pathlib.Path(folder) / f"{x}", "a") as file:
            file.write("x")
        if x == 1 and not (pathlib.Path(folder) / "died").exists():
            (pathlib.Path(folder) / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.02)
        return x

    def die_handing_over(x):
        if x == 1:  # the head of a long message, then nothing
            frame = sys._getframe()
            while "result_queue" not in frame.f_locals:
                frame = frame.f_back
            os.write(frame.f_locals["result_queue"]._writer.fileno(), struct.pack("!i", 9999))
            os._exit(1)
        return x

    def threads(_):
        return os.environ["NUMBA_NUM_THREADS"], os.environ["OMP_NUM_THREADS"]

    def no_pickle(x):
        return (lambda: x) if x == 1 else x

    def sleep_and_tell(folder_and_x):
        folder, x = folder_and_x
        (pathlib.Path(folder) / f"pid-{os.getpid()}").touch()
        time.sleep(60)
"""


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    """The module of jobs, importable here and in workers."""
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "engine_jobs.py").write_text(textwrap.dedent(JOBS))
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "engine_jobs", raising=False)
    return importlib.import_module("engine_jobs")


def collect(payloads, work, *, workers, progress=False):
    """Run the payloads; return outcome by position."""
    tasks = [Task(f"task {number}", payload) for number, payload in enumerate(payloads)]
    outcomes = {}

    def keep(task, outcome):
        number = tasks.index(task)
        assert number not in outcomes, "a result was handed over twice"
        outcomes[number] = outcome

    run_tasks(tasks, work, engine=Engine(workers=workers), on_result=keep, progress=progress)
    return [outcomes[number] for number in range(len(tasks))]


def test_one_and_two_workers_give_the_same(jobs):
    wanted = [x * x for x in range(20)]
    assert collect(range(20), jobs.square, workers=1) == wanted
    assert collect(range(20), jobs.square, workers=2) == wanted


@pytest.mark.parametrize("workers", [1, 2])
def test_a_task_that_raises_is_data_and_the_rest_goes_on(jobs, workers):
    outcomes = collect(range(6), jobs.raise_on_3, workers=workers)
    failure, wrong_input = outcomes[3], outcomes[4]
    assert isinstance(failure, Failure)
    assert failure.description == "task 3"
    assert failure.error == "ValueError: three is not wanted"
    assert "in raise_on_3" in failure.traceback
    assert failure.problems == ()
    assert wrong_input.problems == ("row 7: bad", "row 9: worse")
    assert [outcomes[x] for x in (0, 1, 2, 5)] == [0, 1, 2, 5]


def test_a_task_that_kills_its_process_is_set_aside_alone(jobs):
    outcomes = collect(range(8), jobs.leave_on_2, workers=2)
    assert isinstance(outcomes[2], Failure)
    assert f"died {MAX_DEATHS} times" in outcomes[2].error
    assert [x for x in outcomes if x != outcomes[2]] == [0, 1, 3, 4, 5, 6, 7]


@posix
def test_a_worker_killed_from_outside_costs_nothing(jobs, tmp_path):
    outcomes = collect([(str(tmp_path), x) for x in range(8)], jobs.die_once, workers=2)
    assert outcomes == list(range(8))
    assert (tmp_path / "1").read_text() == "xx"


@posix
def test_a_worker_that_dies_in_the_middle_of_a_result_does_not_hang_the_pool(jobs):
    outcomes = collect(range(3), jobs.die_handing_over, workers=2)
    assert isinstance(outcomes[1], Failure)
    assert [outcomes[0], outcomes[2]] == [0, 2]


def test_a_result_that_cannot_be_sent_is_a_failure(jobs):
    outcomes = collect(range(3), jobs.no_pickle, workers=2)
    assert isinstance(outcomes[1], Failure)
    assert "ickl" in outcomes[1].error
    assert [outcomes[0], outcomes[2]] == [0, 2]


def test_workers_use_one_thread_and_the_driver_keeps_its_own(jobs, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    assert collect([0], jobs.threads, workers=2) == [("1", "1")]
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "NUMBA_NUM_THREADS" not in os.environ


def test_an_error_in_keeping_a_result_stops_everything_and_is_passed_on(jobs):
    def refuse(task, outcome):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        run_tasks(
            [Task("t", x) for x in range(50)],
            jobs.square,
            engine=Engine(workers=2),
            on_result=refuse,
            progress=False,
        )


def test_progress_counts_runs_and_failures(jobs):
    told = []
    tasks = [Task("t", x, size=3) for x in (1, 3)]
    run_tasks(
        tasks,
        jobs.raise_on_3,
        engine=Engine(workers=1),
        on_result=lambda task, outcome: None,
        progress=lambda *counts: told.append(counts),
    )
    assert told == [(3, 6, 0), (6, 6, 3)]


def test_where_there_is_no_terminal_only_a_long_job_prints(jobs, capsys, monkeypatch):
    collect(range(3), jobs.square, workers=1, progress=True)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("omemsim.study.progress.SECONDS_BETWEEN_LINES", 0.0)
    collect(range(3), jobs.square, workers=1, progress=True)
    assert "2 of 3 runs, about 00:00 left" in capsys.readouterr().err


def test_no_line_of_progress_is_said_twice(capsys, monkeypatch):
    now = [500.0]
    monkeypatch.setattr("omemsim.study.progress.time.monotonic", lambda: now[0])
    with told(40, True) as tell:
        for runs in (0, 0, 0, 1, 0, 37, 0, 0, 0, 0, 1, 0):
            now[0] += 11
            tell.add(runs, failed=0)
            now[0] += 1  # too soon for another line
            tell.beat()
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "0 of 40 runs, time left not known yet after 00:11"
    assert lines[1] == "0 of 40 runs, time left not known yet after 00:23"
    assert len(set(lines)) == len(lines) > 6


def test_nothing_to_do_and_cores(jobs):
    assert collect([], jobs.square, workers=2) == []
    assert available_cores() >= 1


# --- The driver as a program of its own -----------------------------------------------

# No `if __name__ == "__main__"`: a user's script has none either.
DRIVER = """
    import sys
    sys.path.insert(0, {modules!r})
    import engine_jobs
    from omemsim.study.dispatch import run_tasks
    from omemsim.study.engine import Engine
    from omemsim.study.tasks import Task
    print("started", flush=True)
    try:
        run_tasks([Task("t", ({folder!r}, x)) for x in range(4)], engine_jobs.sleep_and_tell,
                  engine=Engine(workers=2), on_result=lambda task, outcome: None, progress=False)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        sys.exit(130)
"""


@pytest.fixture
def driver(jobs, tmp_path):
    """A driver with two busy workers, and their process ids."""
    script = tmp_path / "driver.py"
    modules = str(Path(jobs.__file__).parent)
    text = textwrap.dedent(DRIVER).format(modules=modules, folder=str(tmp_path))
    script.write_text(text)
    path = os.pathsep.join([str(REPO), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    )
    try:
        wait_until(lambda: len(list(tmp_path.glob("pid-*"))) == 2)
        yield process, [int(path.name[4:]) for path in tmp_path.glob("pid-*")]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_until(is_so, seconds=20.0):
    """Wait until something is so, or fail."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def is_alive(pid):
    """Say whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


@linux
def test_ctrl_c_stops_the_workers_and_is_passed_on(driver):
    process, workers = driver
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the driver and its workers
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert out.split() == ["started", "interrupted"]
    assert "Traceback" not in err
    assert not any(is_alive(pid) for pid in workers)


@linux
def test_workers_leave_when_the_driver_is_killed(driver):
    process, workers = driver
    process.kill()
    process.wait()
    wait_until(lambda: not any(is_alive(pid) for pid in workers))
    assert not any(is_alive(pid) for pid in workers)


def test_ctrl_c_that_became_another_error_is_still_ctrl_c():
    def interrupted(chained):
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as stop:
            raise SystemError("returned a result with an exception set") from chained and stop

    for chained in (True, None):  # as a cause, and as what was being dealt with
        with pytest.raises(KeyboardInterrupt):
            attempt(interrupted, Task("a run", chained))
    found = attempt(int, Task("a run", "x"))
    assert isinstance(found, Failure)
