"""The weeks in WebAssembly, in Node, are the weeks that Python runs: bit for bit, 104 in a row."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omemsim.compiling.image import Image, image_of
from omemsim.compiling.webassembly import IMAGE_AT, LINKER
from omemsim.inputs.config import compose_scenario
from omemsim.processes import WEEK, run_weeks
from omemsim.spin_up import spin_up
from omemsim.town import Town

HOST = Path(__file__).with_name("weeks.mjs")
WEEKS = 104
ROOM = 50_000  # rows: ten a resident; more than any table of these weeks needs


def missing() -> str:
    """Return what is not on this machine, empty if all is."""
    if shutil.which(LINKER) is None:
        return f"no {LINKER} (Debian: apt install lld)"
    return "" if shutil.which("node") else "no node (Debian: apt install nodejs)"


pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it once, as docs/webassembly.md says: in a process of its own."""
    path = tmp_path_factory.mktemp("wasm") / "week.wasm"
    command = [sys.executable, "-m", "omemsim.compiling.webassembly", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return path


def in_node(module: Path, image: Image, weeks: int, rounds: int = 1) -> tuple[bytes, Any]:
    """Run weeks of an image in Node; return its memory after that, and what Node says."""
    folder = module.parent
    (folder / "town.bin").write_bytes(image.memory)
    numbers = {name: getattr(image, name) for name in ("address", "town", "records", "week")}
    files = {"module": module, "image": folder / "town.bin", "result": folder / "after.bin"}
    job = {"weeks": weeks, "rounds": rounds, "stages": len(WEEK), **numbers}
    job |= {name: str(path) for name, path in files.items()}
    (folder / "job.json").write_text(json.dumps(job))
    command = ["node", str(HOST), str(folder / "job.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return files["result"].read_bytes(), json.loads(done.stdout)


def roomy(town: Town, rows: int) -> Town:
    """Return a copy whose tables all have room for so many rows."""
    copy = town.copy()
    for table in copy.event_tables().values():
        table.make_room(rows)
    return copy


def differing(town: Town, image: Image, memory: bytes) -> list[str]:
    """Return the arrays that are not the same in a town and in a piece of memory, bit by bit."""
    found = []
    for key, values in town.memory().items():
        name = ".".join(key)
        start = image.arrays[name].address - image.address
        if memory[start : start + values.nbytes] != values.tobytes():
            found.append(name)
    return found


@pytest.mark.parametrize("strategy", ["omem", "present_practice"])
def test_the_weeks_in_node_are_those_in_python(module: Path, strategy: str) -> None:
    scenario = compose_scenario("small", strategy)
    start = roomy(spin_up(scenario, 0), ROOM)
    image = image_of(start, scenario.parameters, scenario.strategy, IMAGE_AT)
    assert differing(start, image, image.memory) == []
    native = start.copy()
    run_weeks(native, scenario.parameters, scenario.strategy, WEEKS)
    memory, said = in_node(module, image, WEEKS)
    assert said["imports"] == []
    assert differing(native, image, memory) == []
    # What was compared is not what was there before.
    changed = differing(native, image, image.memory)
    assert {"residents.fear", "places.recorded", "calls.event", "officers.skill"} <= set(changed)
    assert len(native.calls) > 0
    assert not np.array_equal(native.neighbourhoods.fear, start.neighbourhoods.fear)


def test_a_town_without_room_stops_and_goes_on(module: Path) -> None:
    """It stops where Python would make room, and tells that by the number of turns."""
    scenario = compose_scenario("small", "omem")
    town = spin_up(scenario, 0)
    tight = town.copy()
    tight.incidents.make_room(1)
    image = image_of(tight, scenario.parameters, scenario.strategy, IMAGE_AT)
    with pytest.raises(AssertionError, match="lacks room: 7 of 14"):
        in_node(module, image, 1)
