"""`omemsim sweep` as a person types it, in this process (a new one costs seconds)."""

from __future__ import annotations

import csv
import json
import shlex
from pathlib import Path

import pytest

from omemsim.cli import main
from omemsim.study import sweep as sweep_module
from omemsim.study.runner import Answer, Run
from omemsim.study.store import Store
from omemsim.study.sweep import summarized

pytestmark = pytest.mark.usefixtures("undrawn")

SMALL = [
    *("town.residents=200", "town.neighbourhoods=2", "years=0.1", "spin_up_years=0.1"),
    "workers=1",
]
VARY = "vary.strategy.precision=0.2..0.8"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


def test_it_writes_a_table_says_what_came_out_and_goes_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["sweep", "reactive", "omem", VARY, "points=8", "replicates=2", *SMALL]
    assert main([*words, "out=a"]) == 0
    told = capsys.readouterr().out
    assert "32 of 32 runs finished" in told
    assert "omem less reactive" in told
    rows = rows_of(folder / "a" / "results.csv")
    assert len(rows) == 32
    assert {row["arm"] for row in rows} == {"reactive", "omem"}
    provenance = json.loads((folder / "a" / "provenance.json").read_text())
    again = shlex.split(provenance["command"])
    assert provenance["config"].keys() == {"reactive", "omem"}
    assert not list(folder.rglob("*.npz"))

    following = next(line for line in told.splitlines() if line.startswith("Try next"))
    assert "replicates=4" in following
    assert main([*again[1:], "out=b", "workers=1"]) == 0
    assert "32 of them found in the store" in capsys.readouterr().out
    assert (folder / "b" / "results.csv").read_text() == (folder / "a" / "results.csv").read_text()
    with Store(folder / "omemsim-results" / "store") as kept:
        assert kept.progress().done == 32


def test_a_dry_run_says_the_size_and_leaves_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["sweep", "omem", VARY, "vary.parameters.feel.pace=default", "design=sobol", "points=8"]
    assert main([*words, *SMALL, "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "32 points (sobol, 2 factors)" in told
    assert "32 runs from 16 spin-ups" in told
    assert list(folder.iterdir()) == []


def test_a_budget_says_what_it_chose(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "omem", VARY, *SMALL, "--budget", "2s", "--dry-run"]) == 0
    told = capsys.readouterr()
    assert "--budget 2s: points=" in told.err
    words = ["vary.strategy.hand_over=true,false", "design=grid", "--budget=2s", "--dry-run"]
    assert main(["sweep", "omem", *words, *SMALL]) == 0
    assert "--budget 2s: replicates=" in capsys.readouterr().err


def test_a_file_of_points(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "p.csv").write_text("strategy.precision,years\n0.2,0.1\n0.7,0.2\n")
    words = [word for word in SMALL if not word.startswith("years")]
    assert main(["sweep", "omem", "design=p.csv", *words, "out=a"]) == 0
    assert "2 of 2 runs finished" in capsys.readouterr().out
    rows = rows_of(folder / "a" / "results.csv")
    assert [row["years"] for row in rows] == ["0.1", "0.2"]


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["omem"], "Nothing varies"),
        (["omem", "vary.strategy.precison=0..1"], "Did you mean 'strategy.precision'"),
        (["omem", "vary.strategy.precision=0..2"], "from 0 to 1"),
        (["omem", VARY, "strategy.precision=0.4"], "is set and varied"),
        (["omem", VARY, "design=sobol", "points=6"], "powers of 2"),
        (["omem", VARY, "design=list"], "design=my_points.csv"),
        (["omem", VARY, "outcome=capasity"], "Did you mean 'capacity'"),
        (["omem", VARY, "points=4", "replicates=2", "--budget=1h"], "both are given"),
        (["omem", VARY, "--budget=soon"], "as 30min, 2h"),
        (["omem", "vary.strategy=omem,reactive"], "do one of the two"),
        (["omen", VARY], "Did you mean 'omem'"),
        (["omem", "vary.parameters.zones.calls_low=100..900"], "each line must be above"),
    ],
)
def test_a_mistake_is_told_before_anything_runs(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], match: str
) -> None:
    assert main(["sweep", *words, *SMALL]) == 2
    told = capsys.readouterr()
    assert match in told.err
    assert "Traceback" not in told.err
    assert list(folder.iterdir()) == []


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["sweep", "omem", VARY, "points=6", *SMALL]
    put = Store.put

    def stop(*args: object, **more: object) -> None:
        put(*args, **more)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "put", stop)
    assert main(words) == 130
    told = capsys.readouterr().err
    assert "runs (1 replicates of 6 points) are kept" in told
    assert "omemsim resume" in told
    monkeypatch.setattr(Store, "put", put)
    assert main(words) == 0
    assert "found in the store" in capsys.readouterr().out


def test_failures_are_told_with_the_command_that_repeats_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Run] = []

    def fails(run: Run) -> Answer:
        asked.append(run)
        if len(asked) == 2:
            raise ValueError("boom")
        return summarized(run)

    monkeypatch.setattr(sweep_module, "summarized", fails)
    assert main(["sweep", "omem", VARY, "points=3", *SMALL]) == 1
    told = capsys.readouterr()
    assert "2 of 3 runs finished" in told.out
    assert "1 runs failed" in told.err
    assert "omemsim run town=small strategy=omem replicate=0" in told.err


def test_what_is_compared_is_recorded_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "reactive", "omem", "record.measures=[trust]", *SMALL]) == 2
    assert "`omemsim sweep` records what you name" in capsys.readouterr().err


def test_the_table_a_sweep_wrote_gives_its_points_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vary = ["vary.strategy=omem,reactive", "vary.strategy.hand_over=true,false"]
    assert main(["sweep", *vary, "design=grid", *SMALL, "replicates=2", "out=out"]) == 0
    assert main(["export", "out=wide.csv", "shape=wide"]) == 0
    assert main(["export", "out=tidy.csv"]) == 0
    capsys.readouterr()
    for file in ("out/results.csv", "wide.csv", "tidy.csv"):
        assert main(["sweep", f"design={file}", *SMALL, "replicates=2", "--dry-run"]) == 0
        said = capsys.readouterr()
        assert "Nothing to run: all 8 runs are in the store" in said.out
        assert "Its 4 points of strategy, strategy.hand_over are taken" in said.err


def test_the_same_table_is_taken_from_python(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import omemsim as om

    words = ["sweep", "omem", "reactive", "vary.parameters.feel.pace=2,3.5", "design=grid"]
    assert main([*words, *SMALL, "replicates=2", "out=out"]) == 0
    overrides = [word for word in SMALL if not word.startswith(("years=", "workers="))]
    again = om.sweep(
        "omem",
        points=folder / "out" / "results.csv",
        years=float(next(word for word in SMALL if word.startswith("years=")).partition("=")[2]),
        overrides=overrides,
        workers=1,
    )
    assert [point["parameters.feel.pace"] for point in again.sweep.design.points] == [2, 3.5]
    assert "2 points of parameters.feel.pace are taken" in capsys.readouterr().err
