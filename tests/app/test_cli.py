"""The command line as a person meets it: what it says, what it refuses, how it ends."""

import csv
import errno
import importlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import omemsim as om
from omemsim import cli
from omemsim.cli import main
from omemsim.cli.describe import TOPICS
from omemsim.cli.table import COMMANDS, GROUPS
from omemsim.cli.words import seconds_of
from omemsim.inputs.config import compose_scenario
from omemsim.model import OmemModel
from omemsim.vocabulary.errors import InputError, OmemError

pytestmark = pytest.mark.usefixtures("undrawn")

HEAVY = {"numpy", "numba", "mesa", "hydra", "matplotlib", "pandas", "scipy", "omegaconf"}
TINY = ["town.residents=200", "town.neighbourhoods=2", "years=0.2", "spin_up_years=0.2"]
ROOT = Path(__file__).resolve().parents[2]
TABLE = """id,name,population,violence,property,calls
a,Harbour,12000,700,1500,9000
b,Hill,9000,20,90,1100
c,Old Town,15000,150,600,6600
d,Mill,11000,120,420,3000
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(capsys, *words):
    """Return what a refused command line says, which is on stderr and has no traceback."""
    code = main(words)
    said = capsys.readouterr()
    assert code == 2, said.err
    assert said.out == ""
    assert "Traceback" not in said.err
    return said.err


def test_alone_says_what_it_can_do(capsys):
    assert main([]) == 0
    said = capsys.readouterr().out
    assert 8 <= len(said.splitlines()) <= 42  # a screen
    assert max(len(line) for line in said.splitlines()) <= 96
    for name in COMMANDS:
        assert said.count(f"  omemsim {name} ") == 1
    for title, names in GROUPS.items():
        group = said.partition(f"\n{title}:\n")[2].partition("\n\n")[0].splitlines()
        assert [line.split()[1] for line in group] == list(names)


def test_the_help_of_describe_names_every_topic():
    more = COMMANDS["describe"].more.removeprefix("Topics: ").removesuffix(".")
    assert re.split(r",\s", more) == list(TOPICS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_has_examples_that_name_its_command(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert said.split("examples:")[1].count(f"omemsim {name}") >= 1
    assert "--traceback" in said
    for key in COMMANDS[name].keys:
        assert f"  {key}=" in said


def test_help_imports_nothing_heavy_and_is_quick(omemsim):
    script = (
        "import sys, omemsim.cli\n"
        "omemsim.cli.main(['--help'])\n"
        "sys.exit(','.join({name.split('.')[0] for name in sys.modules} & set(sys.argv[1:])))"
    )
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", script, *HEAVY], cwd=ROOT, capture_output=True, text=True
        )
        seconds.append(time.perf_counter() - start)
        assert done.stderr.strip() == ""
    assert min(seconds) < 0.5


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ["run"],
            "Running present_practice. Town small, scale 1, 0.02 years after a spin-up of 0.02.",
        ),
        (
            ["compare", "hot_spots", "reactive", "replicates=1"],
            "Comparing hot_spots, reactive with common random numbers. Town small, scale 1, "
            "0.02 years after a spin-up of 0.02.",
        ),
        (
            ["demo", "replicates=1"],
            "Comparing present_practice, hot_spots, omem with common random numbers. Town small, "
            "scale 1, 0.02 years after a spin-up of 0.02.",
        ),
    ],
)
def test_what_a_command_does_is_said_before_what_takes_long_is_imported(omemsim, words, line):
    # Numba, Mesa and Matplotlib take seconds to import on a slow disk, and then it may compile.
    short = ["years=0.02", "spin_up_years=0.02", "town.residents=100"]
    done = omemsim(*words, *short, PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0, done.stderr
    said = done.stderr.splitlines()
    heavy = [
        at for at, text in enumerate(said) if re.search(r"\| +(numba|mesa|matplotlib)\b", text)
    ]
    assert said.index(line) < heavy[0]


def test_a_command_that_is_refused_says_nothing_before(omemsim):
    done = omemsim("compare", "reactive", "omem", "years=-1")
    assert done.returncode == 2
    assert "Comparing" not in done.stderr


def test_version(omemsim):
    done = omemsim("--version")
    assert (done.returncode, done.stdout.strip()) == (0, f"omemsim {om.__version__}")


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["compar"], ["'compar'", "'compare'", "diagnose"]),
        (["run", "--foo"], ["--foo", "omemsim run --help"]),
        (["run", "omem"], ["strategy=omem"]),
        (["run", "small"], ["town=small"]),
        (["run", "mine.yaml"], ["town=mine.yaml or strategy=mine.yaml"]),
        (["run", ""], ["'' is an empty word"]),
        (["run", f"out={'x' * 300}"], ["out=xxx", "too long"]),
        (["run", "yeers=1", "stratgy=omem"], ["'years'", "'strategy'"]),
        (["run", "replicats=1"], ["'replicate'"]),
        (["run", "years=1", "years=2"], ["twice"]),
        (["run", "+years=1"], ["'+'"]),
        (["run", "years=0"], ["years = 0", "0.02 to 100 (years)"]),
        (["run", "replicate=-1"], ["replicate = '-1'", "from 0 to"]),
        (["run", "replicate=1.5"], ["whole number"]),
        (["run", "town=smal"], ["'small'"]),
        (["compare"], ["a strategy or more", "present_practice", "hot_spots"]),
        (["compare", "present_practice"], ["a strategy or more", "omemsim compare omem"]),
        (["compare", "omem", "omen"], ["'omen'", "'omem'"]),
        (["compare", "omem", "omem"], ["two strategies named 'omem'"]),
        (["compare", "omem", "reactive", "strategy=omem"], ["without 'strategy='"]),
        (["compare", "omem", "reactive", "replicates=0"], ["replicates = '0'", "from 1"]),
        (["compare", "omem", "reactive", "workers=many"], ["workers = 'many'"]),
        (["compare", "omem", "reactive", "baseline=omme"], ["'omem'"]),
        (["compare", "omem", "reactive", "engine=dusk"], ["pool, dask", "'dask'"]),
        (["compare", "omem", "reactive", "engine.scheduler=tcp://a:1"], ["engine=dask"]),
        (["compare", "omem", "reactive", "engine.timeout=0"], ["engine.timeout = '0'", "seconds"]),
        (["compare", "omem", "reactive", "precision=2%"], ["precision = '2%'", "0.02"]),
        (["compare", "omem", "reactive", "precision=2"], ["precision = 2: must be from 0.0001"]),
        (["compare", "omem", "reactive", "precise=fear"], ["without precision="]),
        (["compare", "omem", "reactive", "precision=0.1", "precise=feer"], ["'fear'"]),
        (["compare", "omem", "reactive", "--budget=soon"], ["--budget=soon", "30min"]),
        (["compare", "omem", "reactive", "replicats=3"], ["'replicates'"]),
        (["demo", "small"], ["town=small"]),
        (["demo", "strategy=omem"], ["The demo compares present_practice, hot_spots, omem"]),
        (["diagnose"], ["Name a table"]),
        (["diagnose", "a.csv", "b.csv"], ["One table"]),
        (["diagnose", "absent.csv"], ["absent.csv"]),
        (["diagnose", "my.yaml"], ["town=my.yaml"]),
        (["diagnose", "a.csv", "town=small"], ["town=small is a synthetic town"]),
        (["diagnose", "a.csv", "years=3", "strategy=omem"], ["years= does", "strategy= does"]),
        (["diagnose", "a.csv", "town.residents=3"], ["town.residents= does nothing"]),
        (["describe"], ["parameters, measures"]),
        (["describe", "mesures"], ["'measures'"]),
        (["selftest", "now"], ["'now'"]),
        (["selftest", "years=1"], ["no key 'years'"]),
        (["bench", "residents=few"], ["residents = 'few'"]),
    ],
)
def test_wrong_words_are_refused(words, parts, capsys, here):
    said = refusal(capsys, *words)
    for part in parts:
        assert part in said
    assert list(here.iterdir()) == []


def test_all_problems_stand_under_each_other(capsys, here):
    lines = refusal(capsys, "run", "yeers=1", "margn=2").splitlines()
    assert lines[0] == "omemsim run:"
    assert [line.split("'")[1] for line in lines[1:]] == ["yeers", "margn"]


@pytest.mark.parametrize("key", ["out", "store"])
def test_results_are_refused_before_anything_runs(key, capsys, here, monkeypatch):
    (here / "file").write_text("mine", encoding="utf-8")
    command = ["compare", "reactive", "omem", *TINY]
    assert "a file stands there" in refusal(capsys, *command, f"{key}=file")
    assert "a file stands there" in refusal(capsys, *command, f"{key}=file/inside")
    assert (here / "file").read_text(encoding="utf-8") == "mine"

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("omemsim.cli.results.os.fsync", full)
    assert "No space left" in refusal(capsys, *command, f"{key}=new/folder")
    assert [path.name for path in here.iterdir()] == ["file"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder nobody can write to")
def test_read_only_folder_is_refused(capsys, here):
    assert "cannot write there" in refusal(capsys, "run", *TINY, "out=/proc/omemsim")


def test_a_failing_run_leaves_no_empty_folder(capsys, here, monkeypatch):
    def fail(*_):
        raise OmemError("the town is empty")

    monkeypatch.setattr(importlib.import_module("omemsim.run"), "run_scenario", fail)
    assert main(["run", *TINY]) == 1
    said = capsys.readouterr().err
    assert "the town is empty" in said
    assert "--traceback" in said
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "code", "part"),
    [
        (KeyError("x"), 1, "KeyError: 'x'"),
        (KeyboardInterrupt(), 130, "Stopped"),
        (OSError(errno.ENOSPC, "No space left on device", "x.csv"), 2, "x.csv: No space left"),
        (OSError(errno.EIO, "Input/output error"), 1, "Input/output error"),
    ],
)
def test_endings(error, code, part, capsys, monkeypatch):
    def fail(_):
        raise error

    monkeypatch.setattr("omemsim.cli.commands.describe", fail)
    assert main(["describe", "week"]) == code
    said = capsys.readouterr().err
    assert part in said
    assert "Traceback" not in said


def in_shell(command, cwd):
    """Return what `sh` does with a command line in which PYTHON is this Python."""
    return subprocess.run(
        ["sh", "-c", command.replace("PYTHON", shlex.quote(sys.executable))],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_output_that_cannot_be_written_is_called_so(here):
    done = in_shell("PYTHON -m omemsim describe week > /dev/full", here)
    assert done.returncode == 2
    assert done.stderr == "omemsim describe: Cannot write the output: No space left on device.\n"


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_closed_output_is_no_error(here):
    done = in_shell("PYTHON -m omemsim describe week >&-", here)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="a folder in use cannot be removed there")
def test_a_folder_that_is_gone(here):
    (here / "gone").mkdir()
    done = in_shell("rmdir ../gone; PYTHON -m omemsim run", here / "gone")
    assert done.returncode == 2
    assert "current folder is no longer there" in done.stderr


def test_a_disk_that_fills_up_costs_the_figures_only(capsys, here, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("omemsim.figures.save_series_figures", full)
    assert main(["run", *TINY, "out=one"]) == 2
    said = capsys.readouterr()
    assert said.out.startswith("Town small, scale 1, 0.2 years after a spin-up of 0.2.")
    assert "Public calls" in said.out
    assert "one: cannot write there (No space left" in said.err
    assert "some or all figures" in said.err
    assert (here / "one" / "series.csv").exists()
    monkeypatch.setattr("omemsim.figures.save_comparison_figures", full)
    assert main(["compare", "reactive", "omem", *TINY, "replicates=2", "workers=1"]) == 2
    assert "Victimization" in capsys.readouterr().out


def test_traceback_is_shown_on_request(capsys, here):
    assert main(["run", "years=0", "--traceback"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_a_reader_that_leaves_early_is_no_error(omemsim, tmp_path):
    done = subprocess.Popen(
        [sys.executable, "-m", "omemsim", "describe", "parameters", "columns"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    done.stdout.close()
    said = done.stderr.read()
    done.stderr.close()
    assert done.wait() == 0
    assert said == b""


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent as a POSIX signal")
def test_ctrl_c_ends_with_130(tmp_path):
    words = ["compare", "reactive", "omem", "town=city", "years=100", "workers=1"]
    running = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "omemsim",
            *words,
            f"out={tmp_path / 'o'}",
            f"store={tmp_path / 's'}",
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "s").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    said = running.communicate(timeout=60)[1]
    assert running.returncode == 130, said
    assert "Stopped" in said
    assert "Traceback" not in said


@pytest.mark.skipif(os.name == "nt", reason="SIGTERM is a POSIX signal")
def test_sigterm_leaves_no_empty_folder(here):
    words = ["run", "town=city", "years=100", "out=new/one"]
    running = subprocess.Popen(
        [sys.executable, "-m", "omemsim", *words],
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (here / "new" / "one").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(signal.SIGTERM)
    said = running.communicate(timeout=60)[1]
    assert running.returncode == 143, said
    assert said.startswith("Running present_practice. Town city")
    assert said.split()[-1] == "Stopped."
    assert "Traceback" not in said
    assert list(here.iterdir()) == []


def test_kept_runs_are_promised_only_if_there_are_any(here):
    from omemsim.cli.results import told_what_is_kept
    from omemsim.study.identity import identify
    from omemsim.study.store import Record, Store

    key = identify({}, replicate=0, town="small", strategy="omem")

    def stopped(*records):
        try:
            with told_what_is_kept(here / "s"), Store(here / "s") as kept:
                kept.put(records, units={})
                raise KeyboardInterrupt
        except KeyboardInterrupt as stop:
            return "".join(stop.args)

    assert stopped() == ""
    assert stopped(Record(key, {}, None, 0.1)) == (
        "The same command continues from the runs that were kept."
    )
    with Store(here / "s") as kept:
        kept._db.execute("UPDATE runs SET finished = 1")
    assert stopped() == ""


def test_ctrl_c_during_a_callback_from_c_is_not_lost(omemsim):
    """As when numba compiles: the exception is dropped there, and must come again."""
    script = (
        "import ctypes, signal, sys, time\n"
        "from omemsim import cli\n"
        "from omemsim.cli import commands\n"
        "press = ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(signal.SIGINT))\n"
        "commands.describe = lambda args: [press(), *(time.sleep(0.1) for _ in range(50))] and 0\n"
        "sys.exit(cli.main(['describe', 'week']))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 130
    assert done.stderr.strip().startswith("Stopped")


def test_plain_console_gets_question_marks_not_a_crash(omemsim):
    done = omemsim("describe", "towns", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert "small" in done.stdout


@pytest.mark.parametrize(
    ("topic", "parts"),
    [
        ("parameters", ["parameters.zones.calls_low = 200.0", "(20 to 2,000)", "Source: assumed"]),
        ("measures", ["victimization", "1,000"]),
        ("strategies", ["hot_spots", "targeted_enforcement 100%"]),
        ("towns", ["small", "5,000 residents"]),
        ("columns", ["neighbourhoods", "written by"]),
        ("week", ["1.", "14."]),
    ],
)
def test_describe(topic, parts, capsys):
    assert main(["describe", topic]) == 0
    said = capsys.readouterr().out
    for part in parts:
        assert part in said


def test_a_topic_given_twice_is_described_once(capsys):
    assert main(["describe", "week", "week"]) == 0
    twice = capsys.readouterr().out
    assert main(["describe", "week"]) == 0
    assert capsys.readouterr().out == twice


def next_words(said):
    """Return the words of the command that is proposed at the end."""
    proposed = said.rstrip().splitlines()[-1].removeprefix("Try next: ")
    name, *words = shlex.split(proposed)
    assert name == "omemsim"
    return words


def test_run_writes_a_table_and_figures(capsys, here):
    assert main(["run", *TINY, "strategy=omem", "out=one"]) == 0
    said = capsys.readouterr().out
    with (here / "one" / "series.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {"week", "neighbourhood", "measure", "value", "unit"} <= set(rows[0])
    assert list((here / "one").glob("*.png"))
    assert "Results are in one" in said
    assert next_words(said) == ["compare", "omem", "town=small", *TINY]


def test_a_run_has_one_default_strategy_however_it_is_started(capsys, here):
    assert main(["run", *TINY, "out=one"]) == 0
    assert next_words(capsys.readouterr().out)[:2] == ["compare", "omem"]
    with (here / "one" / "series.csv").open(encoding="utf-8") as file:
        typed = [row["value"] for row in csv.DictReader(file)]
    words = [word for word in TINY if not word.startswith("years=")]
    years = float(next(word for word in TINY if word.startswith("years=")).partition("=")[2])
    series = om.run(years=years, overrides=words)
    series.to_frame().to_csv("ours.csv", index=False)
    with open("ours.csv", encoding="utf-8") as file:
        assert [row["value"] for row in csv.DictReader(file)] == typed
    model = OmemModel(overrides=tuple(TINY))
    assert model.config == compose_scenario(overrides=TINY)
    assert model.config.strategy.name == series.meta["strategy"] == "present_practice"
    model.close()


def test_one_strategy_alone_is_compared_with_present_practice(capsys, here):
    assert main(["compare", "omem", *TINY, "replicates=2", "workers=1", "out=both"]) == 0
    said = capsys.readouterr().out
    assert next_words(said)[:3] == ["run", "town=small", "strategy=omem"]
    with (here / "both" / "comparison.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {(row["strategy"], row["baseline"]) for row in rows} == {("omem", "present_practice")}
    made = json.loads((here / "both" / "provenance.json").read_text(encoding="utf-8"))
    assert "omemsim compare present_practice omem town=small" in json.dumps(made)
    overrides = [word for word in TINY if not word.startswith("years=")]
    table = om.compare("omem", replicates=2, years=0.2, overrides=overrides, workers=1).table()
    assert set(table["baseline"]) == {"present_practice"}


def test_compare_writes_its_table_and_goes_on_from_its_store(capsys, here):
    words = ["compare", "reactive", "omem", *TINY, "replicates=2", "workers=1", "baseline=omem"]
    assert main([*words, "out=first"]) == 0
    first = capsys.readouterr().out
    assert main([*words, "out=second"]) == 0
    second = capsys.readouterr().out
    tables = [(here / name / "comparison.csv").read_bytes() for name in ("first", "second")]
    assert tables[0] == tables[1]
    with (here / "first" / "comparison.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert ",".join(rows[0]) == (
        "measure,unit,strategy,baseline,n,mean,baseline_mean,difference,low,high,share_better,"
        "share_tied,word,"
        "hours_used,baseline_hours_used,hours_idle,baseline_hours_idle,money_spent,"
        "baseline_money_spent,sets,percent_low_over_sets,percent_high_over_sets"
    )
    assert {row["baseline"] for row in rows} == {"omem"}
    assert "from the store" in second
    assert "from the store" not in first
    assert "Results are in second" in second


def test_compare_adds_replicates_until_it_is_precise_or_may_not(capsys, here):
    words = ["compare", "reactive", "omem", *TINY, "workers=1", "out=both"]
    asked = [*words, "precision=0.0001", "precise=victimization,trust", "replicates=11"]
    assert main(asked) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Cannot tell yet, after 11 replicates (the most that were asked for)" in said
    assert "more runs are needed" in said
    made = json.loads((here / "both" / "provenance.json").read_text())
    assert made["replicates"] == 11
    assert "replicates=11 precision=0.0001 precise=victimization,trust" in made["command"]
    assert main(asked) == 0  # the same command may write there again, and runs nothing
    assert "22 runs, all from the store" in capsys.readouterr().out
    assert main([*words[:-1], "out=other", "precision=1"]) == 0
    assert "Precise enough after 10 replicates and 1 look" in capsys.readouterr().out


def test_compare_fills_a_budget(capsys, here):
    words = ["compare", "reactive", "omem", *TINY, "workers=1", "replicates=3", "--budget=1h"]
    assert main(words) == 0
    assert "Stopped after 3 replicates: the most that were asked for." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30min", 1800), ("2h", 7200), ("90s", 90), ("1h30min", 5400), ("1.5h", 5400)],
)
def test_times_are_read(text, seconds):
    assert seconds_of(text) == seconds
    for wrong in ("30", "min", "-5min", "0s", "3 weeks"):
        with pytest.raises(InputError, match="as 30min"):
            seconds_of(wrong)


def test_a_folder_of_another_study_is_refused(capsys, here):
    command = ["run", *TINY, "strategy=reactive", "out=one"]
    assert main(command) == 0
    assert next_words(capsys.readouterr().out)[:3] == ["compare", "reactive", "town=small"]
    before = (here / "one" / "series.csv").read_bytes()
    assert main(command) == 0
    capsys.readouterr()
    (here / "mine.csv").write_text(TABLE, encoding="utf-8")
    for other in (
        ["run", *TINY, "strategy=omem", "out=one"],
        ["run", *TINY, "strategy=reactive", "replicate=1", "out=one"],
        ["compare", "reactive", "omem", *TINY, "out=one"],
        ["diagnose", "mine.csv", "out=one"],
    ):
        said = refusal(capsys, *other)
        assert "out=one: already holds provenance.json, series.csv of another study" in said
        assert "omemsim run town=small strategy=reactive" in said
    (here / "one" / "provenance.json").unlink()
    assert "its command is not known" in refusal(capsys, *command)
    assert (here / "one" / "series.csv").read_bytes() == before
    assert sorted(path.name for path in here.iterdir()) == ["mine.csv", "one"]


def test_compare_says_what_is_assumed_of_a_table(capsys, here, monkeypatch):
    (here / "my table.csv").write_text(TABLE, encoding="utf-8")
    table = ["town=table", "town.file=my table.csv", "town.scale=500"]
    words = [*table, "years=0.2", "spin_up_years=0.2"]
    command = ["compare", "reactive", "omem", *words, "replicates=2", "workers=1", "out=both"]
    assert main(command) == 0
    said = capsys.readouterr().out
    first = said.splitlines()[0]
    assert first == (
        "Town table, file my table.csv, year latest, scale 500, 0.2 years after a spin-up of 0.2."
    )
    block = said.split("\nAssumptions\n")[1].split("\n\n")[0]
    assert block.startswith("  Guessed from the names of columns: id = id;")
    assert block.count("Residents aged 15 and over") == 1
    assert max(map(len, block.splitlines())) <= 100
    # What is proposed is understood as it stands, and the same study may be written again.
    proposed = next_words(said)
    assert proposed == ["run", table[0], "strategy=omem", *words[1:]]
    assert main([*proposed, "out=next"]) == 0
    assert main(command) == 0
    capsys.readouterr()
    assert "of another study" in refusal(capsys, *command[:-3], "replicates=3", "out=both")


def test_default_folders_are_dated_and_never_the_same(here):
    from omemsim.cli.results import results_folder
    from omemsim.cli.words import Words

    with results_folder(Words(), "run") as first:
        (first / "x").touch()
    with results_folder(Words(), "run") as second:
        (second / "x").touch()
    assert first != second
    assert first.parent.name == "omemsim-results"
    assert first.name.endswith("-run")


def test_diagnose_reads_a_table(capsys, here):
    (here / "mine.csv").write_text(TABLE, encoding="utf-8")
    assert main(["diagnose", "mine.csv", "out=zones", "fit=no"]) == 0
    said = capsys.readouterr().out
    with (here / "zones" / "zones.csv").open(encoding="utf-8") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert {key: row["zone"] for key, row in rows.items()} == {
        "a": "red",
        "b": "green",
        "c": "amber",
        "d": "green",
    }
    assert rows["b"]["could_be_blue"] == "True"
    assert rows["d"]["could_be_blue"] == "False"
    assert {rows[key]["zone"]: rows[key]["tactics"] for key in "acb"} == {
        "red": "crime analysis, targeted enforcement, monitor crime reduction, "
        "initiate problem-solving",
        "amber": "mobilize partners, problem-oriented policing, monitor crime prevention",
        "green": "liaison, public education, monitor at-risk groups, early intervention",
    }
    assert rows["a"]["tipped_by"].endswith("amber only if both fall")
    assert rows["c"]["tipped_by"] == "440 calls per 1,000; green if the call rate falls 9%"
    assert re.match(r"mine.csv: 4 neighbourhoods, [\d,]+ residents\nZones rest on recorded", said)
    assert "Harbour" in said
    assert next_words(said) == ["compare", "omem", "town=table", "town.file=mine.csv"]


def test_diagnose_says_whether_the_model_fits(capsys, here):
    (here / "mine.csv").write_text(TABLE, encoding="utf-8")
    words = ["diagnose", "mine.csv", "town.scale=20", "language=en", "workers=1", "out=zones"]
    assert main(words) == 0
    told = capsys.readouterr()
    assert "Running the town 4 times for a year (1:20)" in told.err
    said = told.out.replace("\n  ", " ")
    fit = said.split("Does the model fit your city?")[1].split("\n\n")[0]
    assert re.search(r"Recorded crime: \d+ per 1,000 residents in a year under present", fit)
    assert re.search(r"Calls, to which nothing was fitted: \d+ per 1,000", fit)
    same = int(re.search(r"zone diagnosed in (\d) of 4 neighbourhoods", fit)[1])
    with (here / "zones" / "zones.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(row["zone"] == row["start_zone"] for row in rows) == same
    assert all(bool(row["start_differs_by"]) == (row["zone"] != row["start_zone"]) for row in rows)
    assert (here / "zones" / "fit.png").exists()
    assert main([*words, "fit=maybe"]) == 2
    assert "fit = 'maybe': must be one of auto, yes, no" in capsys.readouterr().err
    assert main([*words[:-1], "fit=no"]) == 0
    again = capsys.readouterr().out
    assert "Does the model fit" not in again
    assert len(said.splitlines()) <= 50


def test_diagnose_proposes_what_can_be_pasted(capsys, here):
    large = TABLE.replace("12000", "212000").replace("population", "Residents 2023")
    (here / "our town.csv").write_text(large, encoding="utf-8")
    own = "town.columns.population=Residents 2023"
    assert main(["diagnose", "our town.csv", own, "fit=no"]) == 0
    words = next_words(capsys.readouterr().out)
    assert words[2:] == ["town=table", "town.file=our town.csv", own, "town.scale=20"]
    assert main(["diagnose", "our town.csv", "town.scale=50", "fit=no"]) == 0
    assert next_words(capsys.readouterr().out)[-1] == "town.scale=50"
    silent = TABLE.replace("700,1500", "0,0").replace("20,90", "0,0")
    silent = silent.replace("150,600", "0,0").replace("120,420", "0,0")
    (here / "zero.csv").write_text(silent, encoding="utf-8")
    assert "zero.csv: no crime is recorded" in refusal(capsys, "diagnose", "zero.csv")


def test_python_face_is_lazy_and_stays_itself():
    script = (
        "import sys, omemsim as om\n"
        "assert 'numpy' not in sys.modules\n"
        "import omemsim.run\n"
        "assert callable(om.run) and om.run.__name__ == 'run'\n"
        "assert om.Series.__name__ == 'Series' and om.Comparison.__name__ == 'Comparison'\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_python_compare(here):
    comparison = om.compare(
        "reactive", "omem", replicates=2, years=0.2, overrides=TINY[:2] + TINY[3:], workers=1
    )
    table = comparison.table()
    assert set(table["n"]) == {2}
    assert "reactive" in comparison.text()


@pytest.mark.parametrize(
    ("ask", "part"),
    [
        (lambda: om.run(replicate=-1), "replicate = -1: must be a whole number from 0"),
        (lambda: om.run(replicate=1.5), "replicate = 1.5"),
        (lambda: om.run(town=3), "town = 3: must be a name in quotes"),
        (lambda: om.run(overrides="years=1"), "must be a list of key=value words"),
        (lambda: om.run(years=1, overrides=["years=2"]), "argument years says it too"),
        (lambda: om.run(overrides=["seed=2", "seed=3"]), "seed= is given twice"),
        (lambda: om.compare(["reactive", "omem"]), "one by one"),
        (lambda: om.compare("reactive", "omem", replicates=2.0), "replicates = 2.0"),
        (lambda: om.compare("reactive", "omem", replicates=True), "replicates = True"),
        (lambda: om.compare("reactive", "omem", workers=0), "workers = 0"),
        (lambda: om.compare("reactive", "omem", overrides="seed=1"), "must be a list"),
        (lambda: om.compare("reactive", "omem", town=3, baseline=4), "baseline = 4"),
    ],
)
def test_python_face_refuses_in_clear_words(ask, part, here):
    with pytest.raises(InputError) as refused:
        ask()
    assert part in str(refused.value)
    assert list(here.iterdir()) == []


def test_python_face_takes_paths(here):
    (here / "own.yaml").write_text("base: omem\n", encoding="utf-8")
    series = om.run(strategy=Path("own.yaml"), years=0.2, overrides=[*TINY[:2], TINY[3]])
    assert series.meta["strategy"] == "own"


def test_every_command_has_its_function():
    from omemsim.cli import commands

    assert set(cli.COMMANDS) == {name.rstrip("_") for name in commands.__all__}


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="hydra.main fails on Python 3.14")
def test_hydra_run_sweeps_behind_hydra_main(here):
    script = [sys.executable, str(ROOT / "experiments" / "hydra_run.py")]
    words = ["--multirun", "strategy=reactive,omem", "hydra.sweep.dir=jobs", *TINY]
    done = subprocess.run(
        [*script, *words],
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "calling model.step" not in done.stdout
    tables = [(here / "jobs" / job / "series.csv").read_bytes() for job in ("0", "1")]
    assert tables[0] != tables[1]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_says_which_package_is_missing(here):
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, here)
    fake = here / "a python"
    fake.write_text('#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\n', encoding="utf-8")
    fake.chmod(0o755)
    for python, part in ((fake, "apt install python3-venv"), ("absent", "Python is missing")):
        done = subprocess.run(
            ["make", "demo", f"PYTHON={python}"], cwd=here, capture_output=True, text=True
        )
        assert done.returncode != 0
        assert part in done.stderr
    assert not (here / ".venv").exists()
