"""What all tests share: no windows, hypothesis that repeats itself, and the command line."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("MPLBACKEND", "Agg")

# The same examples every time: a failure in a change is the change's. Machines differ in
# speed, and the first example compiles kernels, so time is no failure.
settings.register_profile(
    "omemsim", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("omemsim")

ROOT = Path(__file__).resolve().parents[1]
# What the week is compiled for anew, which takes a worker half a minute while the others wait.
COMPILED = re.compile(r"verification/test_(class_page|lessons|page\w*|shipping|webassembly)\.py$")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a file to one worker, so that what its tests share is made once."""
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return "compiled" if COMPILED.search(file) else file

    return ByFile(config, log)


@pytest.fixture
def omemsim(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line as a person does: in an empty folder, in a process of its own."""

    def call(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **settings}
        return subprocess.run(
            [sys.executable, "-m", "omemsim", *words],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return call


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write every figure as an empty file: drawing takes most of a command's time."""
    monkeypatch.setattr("omemsim.figures.page._bytes", lambda *_, **__: b"")


@pytest.fixture
def toronto() -> list[str]:
    """Return the words that find the real table of Toronto; skip where it is absent."""
    data = Path(os.environ.get("OMEMSIM_DATA") or ROOT / ".." / "shared" / "data")
    table = (data / "toronto" / "neighbourhoods_toronto.csv").resolve()
    if not table.is_file():
        pytest.skip(f"the real data are absent: no {table}")
    return [f"town.file='{table}'"]
