"""A calibration that is killed goes on by the same command, and finds what it would have found."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from omemsim.study.store import Store

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [
    *("calibrate", "parameters.offend.violence=10..200", "parameters.offend.theft=10..200"),
    *("town=small", "town.residents=200", "town.neighbourhoods=2", "fresh=2"),
    *("spin_up_years=0.04", "targets=P5b,P10", "points=12", "replicates=2", "waves=2"),
    *("workers=1", "store=s"),
]


def start(folder: Path, out: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "omemsim", *COMMAND, f"out={out}"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def runs_in(store: Path) -> int:
    with Store(store) as kept:
        return kept.counts().get("done", 0)


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_killed_in_a_wave_it_goes_on_and_ends_equal(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir()
    cut.mkdir()
    with start(whole, "o") as process:
        _, err = process.communicate(timeout=600)
    assert process.returncode == 0, err

    with start(cut, "o") as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("Wave 1 of"):
                break
        deadline = time.monotonic() + 300
        while not list((cut / "s").glob("runs.sqlite-wal")) and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode != 0
    assert not (cut / "o" / "plausible.json").exists()
    before = runs_in(cut / "s")

    with start(cut, "o") as process:
        _, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    assert before <= runs_in(cut / "s") == runs_in(whole / "s")  # of all its studies; none twice
    for name in ("calibration.csv", "best.yaml"):
        texts = [(folder / "o" / name).read_text() for folder in (cut, whole)]
        assert texts[0] == texts[1]
