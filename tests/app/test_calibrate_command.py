"""`omemsim calibrate` and `omemsim sensitivity`: what is told before anything is run."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from omemsim.cli import main
from omemsim.cli.calibrate import _asked
from omemsim.cli.table import COMMANDS

pytestmark = pytest.mark.usefixtures("undrawn")

EXPERIMENT = Path(__file__).resolve().parents[2] / "experiments" / "calibrate_city.yaml"
TINY = ["town=small", "town.residents=200", "town.neighbourhoods=2", "spin_up_years=0.1"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["calibrate", "targets=P6a"], "P6a is held out: it is there to test the model"),
        (["calibrate", "targets=P5x"], "There is no target 'P5x'"),
        (["calibrate", "offend.violense"], "offend.violense"),
        (["calibrate", "offend.violence=5..2"], "the first end must be below the second"),
        (["calibrate", "offend.violence", "parameters.offend.violence=3"], "is set and calibrated"),
        (["calibrate", "offend.violence", "offend.violence=1..9"], "varies twice"),
        (["calibrate", "discrepancy=3"], "must be from 0 to 1"),
        (["calibrate", "points=5"], "needs at least 18 in a wave"),
        (["calibrate", "targets=P9a"], "P9a is by construction in this town: the shares reported"),
        (["calibrate", "record.series=true"], "records what its targets need"),
        (["calibrate", "years=3"], "records what its targets need"),
        (["calibrate", "none.yaml"], "none.yaml: cannot read it"),
        (["sensitivity", "omem"], "Name two strategies or more"),
        (["sensitivity", "reactive", "omem", "outcome=hamr"], "is not recorded"),
        (["sensitivity", "reactive", "omem", "outcome=upgrades"], "neither direction"),
        (["compare", "reactive", "omem", "uncertainty=none.json"], "cannot read it"),
    ],
)
def test_a_mistake_is_told_before_anything_runs(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], match: str
) -> None:
    assert main([*words, *TINY]) == 2
    assert match in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_a_dry_run_says_the_size_and_leaves_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["calibrate", "offend.violence=10..90", "points=8", "replicates=3", "targets=P5b,P15a"]
    assert main([*words, *TINY, "workers=1", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "1 parameters against P5b, P15a: 8 sets a wave x 3 replicates" in told
    assert "a spin-up of 0.1 years and 3 more (survey, hot_spots)" in told
    assert "24 runs from 24 spin-ups" in told
    assert "6 at most and the best set: at most" in told
    assert list(folder.iterdir()) == []


def test_a_file_holds_words_and_the_command_line_wins(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path_factory.mktemp("asked") / "mine.yaml"
    lines = ["targets: [P5b, P10]", "points: 8", "replicates: 9", "offend.violence: 10..90"]
    file.write_text("\n".join([*lines, "offend.theft:"]), encoding="utf-8")
    said = ["replicates=3", "parameters.offend.violence=50"]
    assert main(["calibrate", str(file), *said, *TINY, "workers=1", "--dry-run"]) == 0
    assert "1 parameters against P5b, P10: 8 sets a wave x 3" in capsys.readouterr().out


def test_what_is_written_to_ask_again_can_be_typed() -> None:
    said = ["offend.violence=10..90", "targets=P5b,P10,P15a", "misses=1", *TINY, "workers=1"]
    args = argparse.Namespace(command=COMMANDS["calibrate"], words=said, budget=None)
    again = _asked(args).command(misses=2)
    assert "misses=2" in again
    assert main([*again[1:], "workers=1", "--dry-run"]) == 0


def test_the_shipped_experiment_can_be_asked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["calibrate", str(EXPERIMENT), *TINY, "workers=1", "--dry-run"]
    assert main(words) == 0
    told = capsys.readouterr().out
    assert "P1, P5a, P5b, P5c, P8a, P10, P11, P13a, P15a, P25a, P25b, P26: 128 sets" in told


def test_a_calibration_ends_in_a_setting_that_runs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["calibrate", "offend.violence=10..90", "targets=P5c", "points=4", "replicates=2"]
    assert main([*words, *TINY, "waves=1", "fresh=2", "workers=1", "out=o", "store=s"]) == 0
    told = capsys.readouterr().out
    assert "at the best set" in told
    assert "best.yaml" in told
    again = ["run", "town=small", *TINY[1:], "years=0.1", "setting=o/best.yaml", "out=r"]
    assert main([*again, "record.series=false"]) == 0
