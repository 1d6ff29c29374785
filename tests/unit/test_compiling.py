"""Compiling once for all: progress, several starts at a time, Ctrl-C, and when it cannot be kept.

What is compiled here are parts that only sleep; that the real ones are all that a run needs is
the last test.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from omemsim.cache import HANDED_ON
from omemsim.compiling import progress
from omemsim.compiling.progress import Silent

REPO = Path(__file__).parents[2]
linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")

# What would send a process started here to a folder that another test was given.
OTHERS_CACHE = ("NUMBA_CACHE_DIR", HANDED_ON)

# Parts that sleep; each notes in a file who compiled it.
SLEEPING = """
    import multiprocessing, os, pathlib, sys, time
    from omemsim.compiler import CACHE

    HERE = pathlib.Path(__file__).parent
    SECONDS = float(os.environ.get("PART_SECONDS", 0.2))

    class Part:
        def __init__(self, file):
            self.file, self.seconds = file, SECONDS

        @property
        def is_kept(self):
            return CACHE.read(self.file) is not None

        def compile(self):
            with open(HERE / "log", "a") as log:
                log.write(f"{os.getpid()} {self.file}\\n")
            time.sleep(SECONDS)
            if os.environ.get("DIES_IN") == self.file and "sleeping_main" not in sys.modules:
                os._exit(9)
            CACHE.write(self.file, b"code")

    def parts():
        return [Part(f"part-{number}") for number in range(6)]
"""

MAIN = """
    import os, sys
    import omemsim.compiling as compiling
    sys.modules["sleeping_main"] = sys
    compiling.PARTS = "sleeping:parts"
    compiling.available_cores = lambda: 2
    {before}
    try:
        compiling.compile_once()
    except KeyboardInterrupt:
        sys.exit(130)
    print(os.getpid())
"""


class Machine:
    """Starts processes that share a cache folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "sleeping.py").write_text(textwrap.dedent(SLEEPING))
        self.env = {
            **{name: value for name, value in os.environ.items() if name not in OTHERS_CACHE},
            "PYTHONPATH": os.pathsep.join([str(REPO), str(folder)]),
            "XDG_CACHE_HOME": str(folder / "home"),
        }

    def start(self, before: str = "", **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(MAIN).format(before=before)],
            env={**self.env, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, before: str = "", **env: str) -> tuple[int, str]:
        """Return the process's number, and what it said."""
        process = self.start(before, **env)
        out, err = process.communicate(timeout=100)
        assert process.returncode == 0, err
        return int(out), err

    def log(self) -> list[tuple[int, str]]:
        """Return who compiled which part, in order."""
        path = self.folder / "log"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(int(pid), part) for pid, part in map(str.split, lines)]

    def parts(self) -> list[str]:
        return sorted(part for _, part in self.log())


ALL = [f"part-{number}" for number in range(6)]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def wait_until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


# --- Once ------------------------------------------------------------------------------


def test_two_processes_share_the_parts_and_the_next_start_has_nothing_to_do(
    machine: Machine,
) -> None:
    me, said = machine.run()
    assert machine.parts() == ALL
    assert len({pid for pid, _ in machine.log()} - {me}) == 2
    lines = said.splitlines()
    assert re.fullmatch(
        r"Compiling the model for this machine, once: 0 of 6, about \d+ s left", lines[0]
    )
    assert re.fullmatch(r"Compiling the model for this machine, once: done in \d+ s", lines[-1])
    assert machine.run()[1] == ""
    assert machine.parts() == ALL


def test_only_what_is_damaged_is_compiled_again(machine: Machine) -> None:
    machine.run()
    (folder,) = (machine.folder / "home" / "omemsim").iterdir()
    (folder / "part-2").write_bytes(b"")
    (folder / "part-4").unlink()
    _, said = machine.run()
    assert "0 of 2, about" in said
    assert machine.parts() == sorted([*ALL, "part-2", "part-4"])
    assert machine.run()[1] == ""


def test_starts_at_the_same_time_compile_each_part_once(machine: Machine) -> None:
    starts = [machine.start() for _ in range(3)]
    said = [start.communicate(timeout=100)[1] for start in starts]
    assert [start.returncode for start in starts] == [0, 0, 0], said
    assert machine.parts() == ALL
    assert sum("0 of 6" in text for text in said) == 1
    for text in said:
        if "0 of 6" not in text:
            assert text in (
                "",  # it came when all was done
                "Another omemsim is compiling the model for this machine; waiting for it.\n",
            )


@posix
def test_a_lock_that_a_killed_process_left_holds_nobody_up(machine: Machine) -> None:
    first = machine.start(PART_SECONDS="30")
    wait_until(lambda: len(machine.log()) == 2)
    first.kill()
    first.communicate()
    _, said = machine.run()
    assert "Another omemsim" not in said
    assert set(machine.parts()) == set(ALL)


@posix
def test_a_process_without_news_is_not_waited_for_for_ever(machine: Machine) -> None:
    stopped = machine.start(PART_SECONDS="60")
    wait_until(lambda: len(machine.log()) == 2)
    os.kill(stopped.pid, signal.SIGSTOP)
    try:
        _, said = machine.run("compiling.PATIENCE = 1.0")
        assert said.count("Another omemsim is compiling") == 1
        assert "done in" in said
    finally:
        stopped.kill()
        stopped.communicate()


def test_where_the_file_system_knows_no_locks_it_goes_on(machine: Machine) -> None:
    no_locks = "compiling.take = lambda path: os.listdir(path / 'no locks available')"
    _, said = machine.run(no_locks)
    assert "done in" in said
    assert machine.parts() == ALL


def test_a_thread_waits_for_the_other(machine: Machine) -> None:
    before = (
        "import threading; other = threading.Thread(target=compiling.compile_once); other.start()"
    )
    machine.run(before)
    assert machine.parts() == ALL


# --- Alone -----------------------------------------------------------------------------


def test_a_daemonic_process_compiles_alone(machine: Machine) -> None:
    script = """
        import multiprocessing, os, sys
        import omemsim.compiling as compiling

        def work():
            compiling.PARTS = "sleeping:parts"
            compiling.compile_once()
            print(os.getpid())

        if __name__ == "__main__":
            process = multiprocessing.get_context("spawn").Process(target=work, daemon=True)
            process.start()
            process.join()
            sys.exit(process.exitcode)
    """
    (machine.folder / "daemon.py").write_text(textwrap.dedent(script))
    done = subprocess.run(
        [sys.executable, str(machine.folder / "daemon.py")],
        env=machine.env,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert {pid for pid, _ in machine.log()} == {int(done.stdout)}
    assert machine.parts() == ALL
    assert "done in" in done.stderr


@pytest.mark.parametrize(
    "cannot",
    [
        "sys.executable = ''",
        "sys.executable = '/no/such/python'",
        "sys.frozen = True",
        "os.environ['PYTHONHOME'] = '/no/such/place'",  # it starts, and ends at once
    ],
)
def test_where_no_process_can_be_started_it_compiles_alone(machine: Machine, cannot: str) -> None:
    me, said = machine.run(cannot)
    assert {pid for pid, _ in machine.log()} == {me}
    assert machine.parts() == ALL
    assert "done in" in said
    assert machine.run()[1] == ""


def test_where_a_process_dies_the_rest_is_compiled_here(machine: Machine) -> None:
    me, _ = machine.run(DIES_IN="part-3")
    assert (me, "part-3") in machine.log()
    assert set(machine.parts()) == set(ALL)
    assert machine.run()[1] == ""


# --- Stopped ---------------------------------------------------------------------------


@linux
def test_ctrl_c_ends_it_at_once_and_leaves_no_process(machine: Machine) -> None:
    process = machine.start(PART_SECONDS="60")
    wait_until(lambda: len(machine.log()) == 2)
    begun = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - begun < 10
    assert "Traceback" not in err
    assert not any(is_alive(pid) for pid, _ in machine.log())
    (folder,) = (machine.folder / "home" / "omemsim").iterdir()
    assert not any(folder.iterdir())  # neither lock nor half a file


@linux
def test_the_processes_leave_when_their_parent_is_killed(machine: Machine) -> None:
    process = machine.start(PART_SECONDS="60")
    wait_until(lambda: len(machine.log()) == 2)
    process.kill()
    process.communicate()
    started = [pid for pid, _ in machine.log()]
    wait_until(lambda: not any(map(is_alive, started)))
    assert len(started) == 2


# --- Not kept --------------------------------------------------------------------------


def test_what_cannot_be_kept_is_compiled_here_and_said_once(machine: Machine) -> None:
    (machine.folder / "home").touch()
    nowhere = f"import tempfile; tempfile.tempdir = {str(machine.folder / 'no' / 'folder')!r}"
    me, said = machine.run(nowhere)
    assert not (machine.folder / "no").exists()
    assert {pid for pid, _ in machine.log()} == {me}
    (line,) = [line for line in said.splitlines() if "kept" in line]
    assert line.startswith("The compiled model cannot be kept for the next start: ")
    assert str(machine.folder / "home") in line
    assert line.endswith("Set XDG_CACHE_HOME to one that you can write to.")


def test_a_full_disk_is_noticed_and_told(machine: Machine) -> None:
    # A part that is not kept, as the disk is full: nobody goes on in vain.
    text = (machine.folder / "sleeping.py").read_text()
    full = """
import omemsim.cache
def replace(*names):
    raise OSError(28, "No space left on device")
omemsim.cache.os.replace = replace
"""
    (machine.folder / "sleeping.py").write_text(text + full)
    me, said = machine.run()
    assert [part for pid, part in machine.log() if pid == me] == ALL
    assert len(machine.log()) <= 6 + 2
    assert said.count("(No space left on device). Set XDG_CACHE_HOME") == 1


@posix
def test_a_folder_that_others_can_write_is_passed_over_and_said_once(machine: Machine) -> None:
    machine.run()
    (folder,) = (machine.folder / "home" / "omemsim").iterdir()
    folder.chmod(0o777)
    (machine.folder / "temp").mkdir()
    _, said = machine.run(TMPDIR=str(machine.folder / "temp"))
    assert said.count(f"{folder} is not used, since other users can write there") == 1
    assert machine.parts() == sorted(2 * ALL)
    assert machine.run(TMPDIR=str(machine.folder / "temp"))[1] == ""


# --- How far it is ---------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress.time, "monotonic", clock)
    return clock


def test_the_time_left_follows_the_pace(clock: Clock) -> None:
    told = Silent([10.0, 5.0, 4.0, 1.0], processes=2)
    assert told.left() == 10  # as estimated: 20 s of work for two
    clock.now += 2
    assert told.left() == 8  # nothing new but the time
    clock.now += 18
    assert told.left() == 1  # never nothing while something is left
    told.add(10.0)
    # 40 s of two processes for an estimated 10, both 1 surer: (40 + 1) / (10 + 1) times slower.
    assert told.left() == pytest.approx(41 / 11 * 10 / 2)
    clock.now += 4
    assert told.left() == pytest.approx(41 / 11 * 10 / 2 - 4)
    assert told.text() == "1 of 4, about 15 s left"


def test_how_long_processes_take_to_start_tells_how_fast_the_machine_is(clock: Clock) -> None:
    # Four seconds for what takes one, by two processes: (2 * 4 + 1) / (2 * 1 + 1) times slower.
    told = Silent([10.0, 5.0, 4.0, 1.0], 2, started=clock.now - 4)
    assert told.left() == 3 * 20 / 2
    clock.now += 12
    told.add(5.0)
    assert told.left() == pytest.approx((2 * 16 + 1) / (2 + 5 + 1) * 15 / 2)


def test_without_a_terminal_lines_keep_their_distance_and_none_is_said_twice(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    told = progress.shown([1.0] * 40, processes=2, is_shown=True)
    for part in range(40):
        for _ in range(3 if part % 7 else 30):  # a beat a second; every seventh part takes long
            clock.now += 1
            told.beat()
        told.add(1.0)
    told.close()
    lines = capsys.readouterr().err.splitlines()
    assert len(set(lines)) == len(lines)
    counts = [int(n) for line in lines for n in re.findall(r": (\d+) of 40, about", line)]
    assert counts[0] == 0
    assert counts == sorted(set(counts))
    assert 15 < len(counts) < 40  # at most one for five seconds
    assert lines[-1].endswith(f"once: done in {6 * 30 + 34 * 3} s")


def test_what_is_interrupted_is_not_called_done(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    told = progress.shown([1.0, 2.0], processes=1, is_shown=True)
    told.add(1.0)
    told.close()
    assert "done" not in capsys.readouterr().err


def test_a_terminal_gets_a_bar(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    told = progress.shown([6.0, 2.0], processes=2, is_shown=True)
    told.add(6.0)
    told.close()
    said = capsys.readouterr().err
    assert "once: 0 of 2, about 4 s left" in said
    assert "once: 1 of 2, about 1 s left" in said
    assert "\r" in said


def test_who_asked_for_no_progress_is_told_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    told = progress.shown([1.0], processes=1, is_shown=False)
    told.add(1.0)
    told.close()
    assert capsys.readouterr().err == ""


# --- The real parts --------------------------------------------------------------------

RUN = """
    import omemsim as om
    from omemsim.kernels import is_kernel
    from omemsim.processes import WEEK
    from omemsim.processes.context import SEATING
    import sys

    series = om.run(town="small", strategy="omem", years=1.2, overrides=["spin_up_years=0.2"])
    kernels = {
        id(value): value
        for name, module in list(sys.modules.items()) if name.startswith("omemsim")
        for value in vars(module).values() if is_kernel(value)
    }.values()
    kernels = [kernel for kernel in kernels if "compiled" in vars(kernel)]
    made = [kernel.__name__ for kernel in kernels if kernel.compiled.stats.cache_misses]
    made += [stage.name for stage in (*WEEK.values(), SEATING) if not stage.compiled.cache_hits]
    loaded = [kernel.__name__ for kernel in kernels if kernel.compiled.stats.cache_hits]
    loaded += [stage.name for stage in (*WEEK.values(), SEATING) if stage.compiled.cache_hits]
    print(len(loaded), *made)
"""


def test_a_run_needs_no_kernel_that_was_not_compiled_before(tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if k not in OTHERS_CACHE}
    env |= {"PYTHONPATH": str(REPO)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(RUN)],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    loaded, *made = done.stdout.split()
    assert made == []
    assert int(loaded) == 16  # the stages, the first seating, and the loop of the weeks
