"""The weeks in WebAssembly, in Node, are the weeks that Python runs: bit for bit, 104 in a row."""

import json
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from built import built

from omemsim.compiling.image import Image, image_of
from omemsim.compiling.portable import helpers as code_of
from omemsim.compiling.targets import object_of
from omemsim.compiling.webassembly import BROWSER, IMAGE_AT, LINKER, link
from omemsim.inputs.config import compose_scenario
from omemsim.processes import STAGES, WEEK, run_weeks
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
    return built(tmp_path_factory) / "week.wasm"


def in_node(module: Path, image: Image, weeks: int, **others: Any) -> tuple[bytes, Any]:
    """Run weeks of an image in Node; return its memory after that, and what Node says."""
    folder = module.parent
    (folder / "town.bin").write_bytes(image.memory)
    numbers = {name: getattr(image, name) for name in ("address", "town", "records", "week")}
    files = {"module": module, "image": folder / "town.bin", "result": folder / "after.bin"}
    job = {"weeks": weeks, "rounds": 1, "stages": len(WEEK), "free": image.end, **numbers}
    job |= {name: str(path) for name, path in files.items()} | others
    (folder / "job.json").write_text(json.dumps(job))
    command = ["node", str(HOST), str(folder / "job.json")]
    said = json.loads(said_by(command))
    return files["result"].read_bytes(), said


def said_by(command: list[str]) -> str:
    """Return what a program says that must end well."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


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
    changed = set(differing(native, image, image.memory))
    assert [module.STAGE.name for module in STAGES if not written_by(module) & changed] == []


def written_by(stage: ModuleType) -> set[str]:
    return {f"{table}.{name}" for table, names in stage.WRITES.items() for name in names.split()}


@pytest.fixture(scope="module")
def image() -> Image:
    scenario = compose_scenario("small", "omem")
    town = spin_up(scenario, 0)
    town.incidents.make_room(1)
    return image_of(town, scenario.parameters, scenario.strategy, IMAGE_AT)


def test_a_town_without_room_stops_before_the_stage_that_needs_it(
    module: Path, image: Image
) -> None:
    with pytest.raises(AssertionError, match=f"lacks room: {list(WEEK).index('offend')} of 14"):
        in_node(module, image, 1)


def test_a_stage_without_memory_ends_in_an_error(module: Path, image: Image) -> None:
    with pytest.raises(AssertionError, match="RuntimeError: unreachable"):
        in_node(module, image, 1, free=2**32 - 2**16)


def test_a_town_stands_at_a_round_address() -> None:
    scenario = compose_scenario("small", "omem", ["town.residents=60", "spin_up_years=0.1"])
    with pytest.raises(ValueError, match="must be a multiple of 64, not 100"):
        image_of(spin_up(scenario, 0), scenario.parameters, scenario.strategy, 100)


# --- What the program asks for besides ------------------------------------------------------

HELPERS_IN_NODE = """
const wasm = new WebAssembly.Module(require("fs").readFileSync(process.argv[1]));
const of = new WebAssembly.Instance(wasm, {}).exports;
const at = of.__heap_base.value, words = () => new BigInt64Array(of.memory.buffer, at, 16);
const big = (text) => BigInt.asIntN(64, BigInt(text));
const asked = {
  product: (...halves) => {
    of.__multi3(at, ...halves.map(big));
    return [...words().slice(0, 2)].map((half) => BigInt.asUintN(64, half).toString());
  },
  reshape: (size, shape, strides, other) => {
    const n = shape.length, m = other.length;
    words().set([...shape, ...strides, ...other].map(big));
    const places = [at, at + 8 * n, BigInt(m), at + 16 * n, at + 16 * n + 8 * m];
    const done = of.numba_attempt_nocopy_reshape(BigInt(n), ...places, BigInt(size), 0);
    return done ? [...words().slice(2 * n + m, 2 * n + 2 * m)].map(Number) : null;
  },
  room: (size) => {
    const start = of.NRT_MemInfo_alloc_aligned(BigInt(size), 32) >>> 0;
    return [start, start === 0 || start + size <= of.memory.buffer.byteLength];
  },
};
const questions = JSON.parse(process.argv[2]);
console.log(JSON.stringify(questions.map(([what, ...given]) => asked[what](...given))));
"""


@pytest.fixture(scope="module")
def helpers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    names = ["__multi3", "numba_attempt_nocopy_reshape", "NRT_MemInfo_alloc_aligned"]
    path = tmp_path_factory.mktemp("helpers") / "helpers.wasm"
    path.write_bytes(link(object_of(code_of("portable", "webassembly"), BROWSER, names), names))
    return path


def answers(helpers: Path, questions: list[Any]) -> list[Any]:
    said = said_by(["node", "-e", HELPERS_IN_NODE, str(helpers), json.dumps(questions)])
    return list(json.loads(said))


def test_the_product_of_128_bits_is_python_s(helpers: Path) -> None:
    rng, top = np.random.default_rng(5), 2**64 - 1
    halves = [[int(half) for half in row] for row in rng.integers(0, top, (60, 4), np.uint64)]
    halves += [[top] * 4, [top, 0, top, 0], [1, 0, top, 7], [2**32, 0, 2**32, 0], [0, 1, 0, 1]]
    found = answers(helpers, [["product", *map(str, row)] for row in halves])
    for (a, a_high, b, b_high), (low, high) in zip(halves, found, strict=True):
        product = (a + (a_high << 64)) * (b + (b_high << 64)) % 2**128
        assert int(low) + (int(high) << 64) == product


def test_an_array_without_gaps_gets_another_shape(helpers: Path) -> None:
    cases: dict[tuple[Any, ...], list[int] | None] = {
        (8, (3, 5), (40, 8), (15,)): [8],
        (4, (12,), (4,), (2, 3, 2)): [24, 8, 4],
        (8, (1, 5), (800, 8), (5,)): [8],  # one row: how far the next were does not matter
        (8, (0, 5), (40, 8), (0,)): [8],
        (8, (3, 5), (80, 8), (15,)): None,  # gaps between rows
        (8, (3, 5), (8, 24), (15,)): None,  # by columns
        (8, (3, 5), (40, 8), (14,)): None,  # another size
    }
    assert answers(helpers, [["reshape", *case] for case in cases]) == list(cases.values())


def test_memory_grows_until_there_is_none(helpers: Path) -> None:
    found = answers(helpers, [["room", size] for size in (1, 100, 10**7, 2**32, 10**6)])
    starts = [start for start, _ in found]
    assert all(is_there for _, is_there in found)
    assert all(start % 64 == 0 for start in starts)
    assert starts[0] + 64 == starts[1]
    assert starts[1] + 128 == starts[2]
    assert starts[3] == 0
    assert starts[2] + 10**7 <= starts[4] < starts[2] + 10**7 + 64
