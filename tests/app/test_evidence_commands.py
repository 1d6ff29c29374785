"""`omemsim validate` and `omemsim trial` as a person types them, in this process."""

from __future__ import annotations

import csv
import json
import shlex
from pathlib import Path

import pytest

from omemsim.analysis.evidence import ValidationPlan
from omemsim.analysis.evidence import runs as evidence_runs
from omemsim.cli import main
from omemsim.cli.validate import _following
from omemsim.study.store import Store

TINY = [
    *("town.residents=800", "town.neighbourhoods=5", "town=small", "spin_up_years=0.1"),
    "workers=1",
]
VALIDATE = ["validate", "P1", "P5", "P6a", "P27", "replicates=2", *TINY]
TRIAL = ["trial", "baseline=4", "weeks=3", "follow=0", "replicates=2", *TINY]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_validate_writes_a_scorecard_and_goes_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*VALIDATE, "out=a"]) == 0
    told = capsys.readouterr()
    assert "8 readings" in told.err
    assert "Hold out:" in told.out
    assert "by construction" in told.out
    rows = {row["pattern"]: row for row in rows_of(folder / "a" / "validation.csv")}
    assert list(rows) == ["P1", "P5a", "P5b", "P5c", "P6a", "P27"]
    assert rows["P6a"]["role"] == "hold out"
    assert float(rows["P5b"]["low"]) <= float(rows["P5b"]["value"]) <= float(rows["P5b"]["high"])
    assert rows["P5b"]["zero_value"]
    page = (folder / "a" / "validation.html").read_text(encoding="utf-8")
    assert page.count("<article") == 6
    assert "http" not in page.replace("http-equiv", "")
    assert (folder / "a" / "validation.png").stat().st_size > 10_000

    again = shlex.split(json.loads((folder / "a" / "provenance.json").read_text())["command"])
    assert main([*again[1:], "out=b", "workers=1"]) == 0
    assert "Nothing to run: 8 answers are in the store" in capsys.readouterr().err
    both = [(folder / x / "validation.csv").read_text() for x in ("a", "b")]
    assert both[0] == both[1]


def test_more_replicates_extend_what_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*VALIDATE, "zero=no", "out=a"]) == 0
    more = [word.replace("replicates=2", "replicates=3") for word in VALIDATE]
    assert main([*more, "zero=no", "out=b"]) == 0
    assert "2 readings" in capsys.readouterr().err


def test_a_reading_that_fails_is_said_and_the_rest_stays(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> dict[str, float]:
        raise ArithmeticError("no officers")

    monkeypatch.setitem(evidence_runs.READINGS, "training", (broken, 52))
    assert main([*VALIDATE, "zero=no", "out=a"]) == 1
    rows = {row["pattern"]: row for row in rows_of(folder / "a" / "validation.csv")}
    assert rows["P27"]["verdict"] == "failed"
    assert "no officers" in rows["P27"]["why"]
    assert rows["P5b"]["value"]
    assert "no officers" in capsys.readouterr().out


def test_what_validate_says_to_try_next_is_of_the_same_strategy() -> None:
    plan = ValidationPlan(strategy="omem", overrides=("town.scale=20",), with_zero=False)
    words = _following([], plan)
    assert {"strategy=omem", "zero=no", "replicates=8", "town.scale=20"} <= set(words)
    assert not any(
        word.startswith(("strategy=", "zero=")) for word in _following([], ValidationPlan())
    )


def test_validate_dry_run_runs_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*VALIDATE, "--dry-run"]) == 0
    assert "8 readings" in capsys.readouterr().out
    assert not list(folder.rglob("validation.csv"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["validate", "P77"], "There is no pattern 'P77'"),
        (["validate", "P1", "zero=perhaps"], "zero = 'perhaps': must be yes or no"),
        (["validate", "P1", "years=3"], "years= do nothing here"),
        (["validate", "P1", "replicates=1"], "from 2 to"),
        (["trial", "liaison"], "Did you mean what=liaison?"),
        (["trial", "what=liasion"], "Did you mean"),
        (["trial", "what=liaison", "units=places"], "acts on a whole neighbourhood"),
        (["trial", "units=places", "places=worst:3"], "needs 4 places or more"),
        (["trial", "units=places", "places=nowhere/1"], "no such neighbourhood"),
        (["trial", "units=groups", "what=liaison", "group=old"], "There are age:15-24"),
        (["trial", "radius=200"], "write units=places, or leave them out"),
        (["trial", "hours=borrowed"], "must be one of moved, added"),
        (["trial", "years=3"], "years= does nothing here"),
        (["trial", "weeks=0"], "from 1 to"),
        (["trial", "what=lighting", "dose=7"], "for lighting it must be from 0 to 1"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    assert main(words) == 2
    assert said in capsys.readouterr().err
    assert not list(folder.iterdir())


def test_trial_writes_truth_and_reports_and_goes_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*TRIAL, "out=a"]) == 0
    told = capsys.readouterr().out
    assert "The true effect" in told
    assert "effective hours a week" in told
    rows = rows_of(folder / "a" / "trial.csv")
    assert [row["window"] for row in rows] == ["during"]
    assert rows[0]["towns"] == "2"
    assert len(rows_of(folder / "a" / "trial_towns.csv")) == 2
    assert (folder / "a" / "trial.svg").stat().st_size > 1000
    provenance = json.loads((folder / "a" / "provenance.json").read_text())
    assert provenance["design"]["weeks"] == 3
    again = shlex.split(provenance["command"])
    assert main([*again[1:], "out=b", "workers=1"]) == 0
    assert "Nothing to run: 2 answers" in capsys.readouterr().err
    with Store(folder / "omemsim-results" / "store") as kept:
        assert kept.progress().done == 2


def test_a_trial_at_places_writes_weeks_and_displacement(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["units=places", "places=worst:6", "what=patrol", "dose=3", "outcome=crime"]
    assert main([*TRIAL, *words, "out=a"]) == 0
    told = capsys.readouterr().out
    assert "50% of the 6 places with most recorded crime in 4 weeks" in told
    assert "effective hours a week at each treated place" in told
    assert "Displacement and diffusion" in told
    weeks = rows_of(folder / "a" / "trial_weeks.csv")
    assert [row["zone"] for row in weeks] == [
        zone for zone in ("treated", "catchment", "elsewhere") for _ in range(3)
    ]
    (row,) = rows_of(folder / "a" / "trial_displacement.csv")
    assert int(row["runs"]) == 2
    assert (folder / "a" / "trial_weeks.png").stat().st_size > 10_000
