"""`omemsim calibrate` and `omemsim sensitivity`: what is told before anything is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from omemsim.cli import main

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
        (["calibrate", "record.series=true"], "a calibration records what its targets read"),
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
    words = ["calibrate", "offend.violence=10..90", "points=8", "replicates=3", "years=0.1"]
    assert main([*words, *TINY, "workers=1", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "1 parameters against P5b, P5c, P10, P26, P13a, P25a: 8 sets a wave x 3" in told
    assert "24 runs from 24 spin-ups" in told
    assert list(folder.iterdir()) == []
