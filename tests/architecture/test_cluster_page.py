"""docs/cluster.md: what it tells people to type exists."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from omemsim.cli.table import COMMANDS, MACHINES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "cluster.md").read_text(encoding="utf-8")
BASH = re.findall(r"```bash\n(.*?)```", PAGE, flags=re.DOTALL)


def test_every_key_is_a_key_of_every_command_that_the_page_names() -> None:
    assert set(re.findall(r"\b(engine[.a-z]*)=", PAGE)) == set(MACHINES) - {"workers"}
    named = re.search(r"makes many runs \((.*?)\)", PAGE, flags=re.DOTALL)
    assert named
    for name in re.findall(r"`(\w+)`", named[1]):
        assert MACHINES.keys() <= COMMANDS[name].keys.keys()


@pytest.mark.parametrize("program", ["scheduler", "worker"])
def test_dask_has_the_options_that_the_page_uses(program: str) -> None:
    pytest.importorskip("distributed", reason="needs the extra `cluster`")
    command = [sys.executable, "-m", "dask", program, "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    (call,) = re.findall(rf"^dask {program} (.*?[^\\])\n", "\n".join(BASH), flags=re.M | re.S)
    options = re.findall(r"--[a-z-]+", call)
    assert options
    # `--no-dashboard` is the other side of `--dashboard`; help shows both.
    assert [option for option in options if option not in said] == []


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("script", BASH)
def test_the_job_files_are_bash(script: str) -> None:
    found = subprocess.run(
        ["bash", "-n"], input=script, text=True, capture_output=True, check=False
    )
    assert found.returncode == 0, found.stderr
    assert script.startswith("#!/bin/bash\n#SBATCH ")
