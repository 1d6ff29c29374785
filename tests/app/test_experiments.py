"""The numbered scripts of experiments/: short, in one order, by the public functions alone."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import omemsim as om

FOLDER = Path(__file__).resolve().parents[2] / "experiments"
SCRIPTS = sorted(FOLDER.glob("[0-9][0-9]_*.py"))
PARTS = ["What", "How", "Notice", "Try", "Extend", "Cite"]
MOST_LINES = 40  # a script is read whole, on one screen


def test_questions_are_numbered_without_a_gap():
    assert [path.name[:2] for path in SCRIPTS] == [f"{n:02}" for n in range(1, 11)]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_is_short_and_its_parts_are_in_order(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert re.findall(r"\*\*(\w+)\.\*\*", text) == PARTS
    title, line = ast.get_docstring(ast.parse(text)).splitlines()[:2]
    assert title.endswith("?")
    assert line == "=" * len(title)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_has_its_figure_and_shows_it(path):
    text = path.read_text(encoding="utf-8")
    assert f".. image:: ../../experiments/figures/{path.stem}.svg" in text
    assert f'"{path.stem}"' in text  # the name it is saved by
    assert (FOLDER / "figures" / f"{path.stem}.svg").read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize("path", [*SCRIPTS, *FOLDER.glob("kit*.py")], ids=lambda path: path.stem)
def test_only_the_public_functions_are_used(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] != "omemsim"
        elif isinstance(node, ast.Import):
            assert not any(one.name.startswith("omemsim.") for one in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert node.value.id != "om" or node.attr in om.__all__


def run_all(*numbers: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run experiments in tiny towns, with their figures and store in a folder."""
    tiny = {"OMEMSIM_EXPERIMENTS": "tiny", "OMEMSIM_EXPERIMENTS_FIGURES": str(folder)}
    path = os.pathsep.join([str(FOLDER.parent), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, str(FOLDER / "run_all.py"), *numbers]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **tiny, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_two_run_in_tiny_towns_and_say_what_they_found(tmp_path):
    """One with lines and one with dots; 2 towns each, as the last lines count them."""
    made = run_all("04", "08", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    end = made.stdout[made.stdout.index("What was found") :]
    assert re.search(r"^04 .*In the fifth year hand-over .* in [012] of 2 towns\)", end, re.M)
    assert re.search(r"^08 .*% of what it added to trust is left", end, re.M)
    assert sorted(path.name for path in tmp_path.glob("*.svg")) == [
        "04_hand_over.svg",
        "08_liaison_stops.svg",
    ]


def test_a_number_that_there_is_not_is_said_before_anything_runs(tmp_path):
    made = run_all("04", "77", folder=tmp_path)
    assert made.returncode == 2
    assert made.stderr.startswith("No experiment 77. There are: 01, 02,")
    assert not list(tmp_path.iterdir())
