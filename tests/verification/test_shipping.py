"""The libraries that a wheel carries run the weeks that Numba compiles here: bit for bit."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from built import built

from omemsim import shipped
from omemsim.compiling.shipping import LINKER, MACHINES
from omemsim.inputs.config import compose_scenario
from omemsim.processes import WEEK, run_weeks
from omemsim.spin_up import spin_up
from omemsim.town import Town

pytestmark = pytest.mark.skipif(
    shutil.which(LINKER) is None, reason=f"no {LINKER} (Debian: apt install lld)"
)
here = pytest.mark.skipif(
    "x86-64-v3" not in shipped.machines_here(), reason="a processor of x86-64's third level"
)
WEEKS = 60
STRATEGIES = ("omem", "present_practice")

# What a process does that has a folder of libraries: it says what it loaded, and what came out.
RUN = """
import json, sys
from pathlib import Path
from omemsim import shipped
shipped.FOLDER = Path(sys.argv[1])
if sys.argv[2]:
    shipped.machines_here = lambda: (sys.argv[2],)
from omemsim.inputs.config import compose_scenario
from omemsim.processes import run_weeks
from omemsim.spin_up import spin_up
import hashlib
said = {}
for strategy in json.loads(sys.argv[3]):
    scenario = compose_scenario("small", strategy)
    town = spin_up(scenario, 0)
    run_weeks(town, scenario.parameters, scenario.strategy, int(sys.argv[4]))
    said[strategy] = {
        ".".join(key): hashlib.sha256(values.tobytes()).hexdigest()
        for key, values in town.memory().items()
    }
library = shipped.fitting_library()
said["machine"] = library.machine if library else None
said["numba"] = "numba" in sys.modules
said["mesa"] = "mesa" in sys.modules
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory)


@pytest.fixture(scope="module")
def by_numba() -> dict[str, dict[str, str]]:
    """Return a digest of every column after the weeks, by strategy."""
    assert shipped.fitting_library() is None, (
        "a checkout carries no libraries, or they are of other code"
    )
    found = {}
    for strategy in STRATEGIES:
        scenario = compose_scenario("small", strategy)
        town = spin_up(scenario, 0)
        run_weeks(town, scenario.parameters, scenario.strategy, WEEKS)
        found[strategy] = digests(town)
    return found


def digests(town: Town) -> dict[str, str]:
    return {
        ".".join(key): hashlib.sha256(values.tobytes()).hexdigest()
        for key, values in town.memory().items()
    }


def run_with(
    folder: Path, machine: str = "", weeks: int = WEEKS, code: str = RUN, **env: str
) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), machine, json.dumps(STRATEGIES), str(weeks)],
        capture_output=True,
        text=True,
        env={**os.environ, **env},
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@here
@pytest.mark.parametrize("machine", ["x86-64-v3", "x86-64"])
def test_a_library_runs_the_same_weeks_without_numba_or_mesa(
    folder: Path, machine: str, by_numba: dict[str, dict[str, str]]
) -> None:
    said = run_with(folder, machine)
    assert (said["machine"], said["numba"], said["mesa"]) == (machine, False, False)
    for strategy in STRATEGIES:
        assert said[strategy] == by_numba[strategy]


@here
def test_the_best_library_for_this_processor_is_taken(folder: Path) -> None:
    assert run_with(folder, weeks=1)["machine"] == "x86-64-v3"


@here
def test_one_variable_has_the_week_compiled_here_all_the_same(folder: Path) -> None:
    said = run_with(folder, weeks=1, OMEMSIM_COMPILE="1")
    assert (said["machine"], said["numba"]) == (None, True)


@here
@pytest.mark.parametrize("how", ["other sources", "damaged", "gone", "no list", "not JSON"])
def test_what_does_not_fit_is_left_and_numba_compiles(
    folder: Path, tmp_path: Path, how: str
) -> None:
    copy = tmp_path / "compiled"
    shutil.copytree(folder, copy)
    told = json.loads((copy / shipped.LIST).read_text())
    library = copy / told["machines"]["x86-64"]["file"]
    if how == "other sources":
        told["sources"] = "0" * 64
        (copy / shipped.LIST).write_text(json.dumps(told))
    elif how == "damaged":
        code = bytearray(library.read_bytes())
        code[len(code) // 2] ^= 1
        library.write_bytes(code)
    elif how == "gone":
        library.unlink()
    elif how == "no list":
        (copy / shipped.LIST).unlink()
    else:
        (copy / shipped.LIST).write_text("[" + 50 * "x")
    said = run_with(copy, "x86-64", weeks=1)
    assert (said["machine"], said["numba"]) == (None, True)


# A stage that asks for memory that there is not; its code is linked in, as the week's is.
FAILING = """
import json, sys
import numpy as np
from typing import NamedTuple
from pathlib import Path
from omemsim import shipped
from omemsim.kernels import kernel
from omemsim.program import Stage
import omemsim.compiling.portable as portable

class TooMuch(NamedTuple):
    rows: np.int64

@kernel
def too_much(town, p, week):
    town.service.moves[0] = np.empty(p.rows).size

failing = Stage(too_much, TooMuch, lambda parameters, strategy: TooMuch(np.int64(2**61)))
portable.STAGES = (failing,)
import omemsim.compiling.shipping as shipping
shipping.STAGES = (failing,)
shipping.MACHINES = {"x86-64": shipping.MACHINES["x86-64"]}
shipping.write_libraries(Path(sys.argv[1]))
shipped.FOLDER = Path(sys.argv[1])
shipped.machines_here = lambda: ("x86-64",)

from omemsim.inputs.build import build
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.program import program_of
from omemsim.vocabulary.errors import OmemError
scenario = compose_scenario("small", "omem", ["town.residents=200", "town.neighbourhoods=2"])
town = build(blueprint_of(scenario.town), scenario.parameters, 1)
try:
    program_of([failing], scenario.parameters, scenario.strategy).run(town, 3)
except OmemError as error:
    print(json.dumps({"error": str(error), "machine": shipped.fitting_library().machine}))
"""


@here
def test_an_error_in_a_library_is_an_exception(tmp_path: Path) -> None:
    said = run_with(tmp_path, code=FAILING)
    assert said["machine"] == "x86-64"
    assert str(said["error"]).startswith("Stage too_much failed in week 0: it did not come to its")


def test_there_is_a_library_for_each_machine(folder: Path) -> None:
    told = json.loads((folder / shipped.LIST).read_text())
    assert told["machines"].keys() == MACHINES.keys()
    assert {f"{stage.run.__module__}.{name}" for name, stage in WEEK.items()} <= set(told["stages"])
    kinds = {"x86-64-v3": 62, "x86-64": 62, "aarch64": 183}  # e_machine of ELF
    for machine, made in told["machines"].items():
        code = (folder / made["file"]).read_bytes()
        assert code[:5] == b"\x7fELF\x02"
        assert int.from_bytes(code[18:20], "little") == kinds[machine]
        assert hashlib.sha256(code).hexdigest() == made["sha256"]


def test_what_is_compiled_says_nothing_of_the_machine_that_compiled_it(folder: Path) -> None:
    places = [str(Path(shipped.__file__).parent).encode(), sys.prefix.encode()]
    compiled = [path for path in folder.iterdir() if path.suffix in (".so", ".wasm")]
    assert len(compiled) == len(MACHINES) + 1
    for path in compiled:
        assert [place for place in places if place in path.read_bytes()] == [], path.name
        assert b"site-packages" not in path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("system", "kind", "flags", "machines"),
    [
        ("linux", "x86_64", "fpu avx avx2 bmi1 bmi2 f16c fma abm movbe", ("x86-64-v3", "x86-64")),
        ("linux", "x86_64", "fpu avx bmi1", ("x86-64",)),
        ("linux", "aarch64", "", ("aarch64",)),
        ("linux", "riscv64", "", ()),
        ("darwin", "arm64", "", ()),
        ("win32", "AMD64", "", ()),
    ],
)
def test_the_machine_is_told_by_what_its_processors_can_do(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    system: str,
    kind: str,
    flags: str,
    machines: tuple[str, ...],
) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text(f"processor : 0\nflags\t\t: {flags} sse4_2\n\nprocessor : 1\nflags : {flags}\n")
    monkeypatch.setattr(shipped, "PROCESSOR", told)
    monkeypatch.setattr(shipped.sys, "platform", system)
    monkeypatch.setattr(shipped.platform, "machine", lambda: kind)
    assert shipped.machines_here() == machines
