"""Data flows one way: a file imports only from lines above its own, heavy things in one place."""

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import omemsim
from omemsim.processes import WEEK
from omemsim.study.identity import READERS

PACKAGE = Path(omemsim.__file__).parent

# Top to bottom; a file may import from its own line only within its own folder.
LINES = (
    ("vocabulary", "locks", "cache", "present"),
    ("compiler", "pointers", "shipped", "labelled"),
    ("town",),
    ("kernels", "schedule", "recording", "own"),
    ("strategies", "loop"),
    ("program",),
    ("processes",),
    ("measures",),
    ("inputs",),
    ("language",),
    ("compiling",),
    ("spin_up", "agents"),
    ("simulation",),
    ("model", "series"),
    ("run",),
    ("study",),
    ("analysis",),
    ("figures",),
    ("report",),
    ("page",),
    ("classroom",),
    ("cli",),
    ("__main__",),
)
LINE = {name: number for number, line in enumerate(LINES) for name in line}
APART = {"reference": {"vocabulary"}}  # the twin shares words with the model, not code
FACE = "__init__"  # the package's own face imports from anywhere, but only when asked

# The one import against the direction: a result can draw itself.
AGAINST = {("series", "plot", "figures")}

HEAVY = {
    "numba": {"compiler.py", "pointers.py"},  # the compiler, and how it sees a town
    "llvmlite": {"compiler.py", "pointers.py", "compiling/targets.py"},  # what it is built on
    "mesa": {"agents.py", "model.py"},
    "hydra": {"inputs/config.py"},
    "jinja2": {"present/html/__init__.py"},
    "starlette": {"classroom/app.py"},
    "uvicorn": {"classroom/serving.py"},
    "segno": {"classroom/qr.py"},
    "omegaconf": {"inputs/config.py"},
    "babel": {"language/catalogue.py"},
    "optuna": {"analysis/optimize/search.py"},
    "ema_workbench": {"analysis/discover.py"},
    "distributed": {"study/cluster.py"},
    "geopandas": {"inputs/geography.py"},
    "libpysal": set(),  # the data it ships are read, it is not run
    "pandas": {"series.py", "labelled.py"},
    "xarray": {"labelled.py"},
    "pyarrow": {"study/export.py", "inputs/tables/parquet.py"},  # its writer and its reader
    "python_calamine": {"inputs/tables/workbook.py"},
    "openpyxl": {"present/excel.py"},
}
HEAVY_FOLDERS = {"matplotlib": "figures", "mesa": "reference"}


def sources() -> dict[str, ast.Module]:
    """Return the syntax of every file of the package by its path in it."""
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


SOURCES = sources()


def module_of(path: str) -> str:
    """Return `processes.act` for `processes/act.py`, `processes` for its `__init__.py`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


MODULES = {module_of(path): path for path in SOURCES}


def imports(tree: ast.AST, inside: str = "", is_run: bool = False) -> Iterator[tuple[str, str]]:
    """Yield (function it stands in, full name) of every import, also the late ones.

    With ``is_run`` those for type checkers are left out: nothing runs them.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((inside, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from ((inside, f"{node.module}.{alias.name}") for alias in node.names)
        elif not (is_run and is_for_types(node)):
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from imports(node, node.name if is_function else inside, is_run)


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def own_module(name: str) -> str | None:
    """Return the module of ours that a full name stands for, without `omemsim.`."""
    if not f"{name}.".startswith("omemsim."):
        return None
    parts = name.split(".")[1:]
    while parts and ".".join(parts) not in MODULES:
        parts.pop()
    return ".".join(parts)


def own_imports(path: str, is_run: bool = False) -> Iterator[tuple[str, str]]:
    for function, name in imports(SOURCES[path], is_run=is_run):
        module = own_module(name)
        if module:
            yield function, module


def head(module: str) -> str:
    return module.split(".")[0]


def test_every_file_has_its_line() -> None:
    heads = {head(module) for module in MODULES} - {FACE} - APART.keys()
    assert heads == LINE.keys() & heads
    assert len(heads) >= len(LINES)


def test_what_stands_on_runs_does_not_name_their_results() -> None:
    """A text of a page that changes must not make every stored run another version's."""
    on_runs = {name for line in LINES[LINE["run"] + 1 :] for name in line}
    assert on_runs <= {name.removesuffix(".py") for name in READERS}


@pytest.mark.parametrize("path", [path for path in SOURCES if module_of(path) != FACE])
def test_a_file_imports_only_from_above(path: str) -> None:
    mine = head(module_of(path))
    for function, module in own_imports(path):
        theirs = head(module)
        if theirs == mine or (mine, function, theirs) in AGAINST:
            continue
        if mine in APART:
            assert theirs in APART[mine], f"{path} imports {module}"
        elif theirs in APART:
            assert mine in ("analysis", "cli"), f"{path} imports the twin {module}"
        else:
            assert LINE[theirs] < LINE[mine], f"{path} imports {module}, which is not above it"


def test_the_one_exception_is_there() -> None:
    found = {
        (head(module_of(path)), function, head(module))
        for path in SOURCES
        if module_of(path) not in (FACE, *APART)
        for function, module in own_imports(path)
        if head(module) in LINE and LINE[head(module)] > LINE.get(head(module_of(path)), 99)
    }
    assert found == AGAINST


def test_the_face_imports_only_its_error_when_it_is_imported() -> None:
    at_once = [
        node
        for node in SOURCES["__init__.py"].body
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    own = {name for node in at_once for _, name in imports(ast.Module([node], []))}
    assert {name for name in own if own_module(name)} <= {"omemsim.vocabulary.errors"}


UPSTAIRS = ("present", "language", "study", "analysis", "figures", "report", "cli")


@pytest.mark.parametrize("is_run", [True, False])
def test_no_import_goes_in_a_circle(is_run: bool) -> None:
    # Upstairs not even what is imported for types does.
    needs = {
        module: {other for _, other in own_imports(path, is_run=is_run) if other != module}
        - {to for start, _, to in AGAINST if start == module}
        for module, path in MODULES.items()
        if module != FACE and (is_run or head(module) in UPSTAIRS)
    }
    needs = {module: others & needs.keys() for module, others in needs.items()}
    while needs:
        free = {module for module, others in needs.items() if not others & needs.keys()}
        assert free, f"a circle among {sorted(needs)}"
        needs = {module: others for module, others in needs.items() if module not in free}


@pytest.mark.parametrize("library", sorted(HEAVY.keys() | HEAVY_FOLDERS.keys()))
def test_a_heavy_library_is_imported_in_one_place(library: str) -> None:
    allowed, folder = HEAVY.get(library, set()), HEAVY_FOLDERS.get(library)
    users = {
        path
        for path, tree in SOURCES.items()
        for _, name in imports(tree, is_run=True)
        if head(name) == library
    }
    in_folder = {path for path in users if path.split("/")[0] == folder}
    assert users - in_folder == allowed
    assert bool(in_folder) == (folder is not None)


def test_processes_do_not_call_each_other_s_steps() -> None:
    # What one process takes from another is a function or a name of a state, never a write.
    for path, tree in SOURCES.items():
        if path.startswith("processes/") and path != "processes/__init__.py":
            taken = [name for _, name in imports(tree) if name.startswith("omemsim.processes")]
            assert not [name for name in taken if name.endswith(".step")]


def test_the_reader_s_path_is_short() -> None:
    """From a run to a week to a stage, the longest there is, to what it works on."""
    stages = [f"processes/{name}.py" for name in WEEK]
    longest = max(stages, key=lambda name: len((PACKAGE / name).read_text().splitlines()))
    path = ("run.py", "simulation.py", "processes/__init__.py", longest, "town.py")
    texts = [(PACKAGE / name).read_text(encoding="utf-8") for name in path]
    for (name, text), (following, _) in pairwise(zip(path, texts, strict=True)):
        assert module_of(following).split(".")[-1] in text, f"{name} does not lead to {following}"
    assert sum(len(text.splitlines()) for text in texts) < 1000


def test_a_function_can_be_read() -> None:
    # About ten lines; beyond 60, whatever it is, it is two functions.
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in SOURCES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 60
    ]
    assert long == []
