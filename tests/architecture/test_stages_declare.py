"""What a stage reads and writes stands at its top, and is what its kernels do."""

import ast
import copy
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import omemsim
from omemsim import processes
from omemsim.vocabulary.columns import COLUMNS, EVENT_TABLES

PACKAGE = Path(omemsim.__file__).parent
NAMES = {(column.table, column.name) for column in COLUMNS}
NAMES |= {(table, "count") for table in EVENT_TABLES}
TABLES = {table for table, _ in NAMES}
# Short names of tables in kernels.
SHORT = {"hoods": "neighbourhoods", "homes": "households"}
STAGES = [module for module in processes.STAGES if hasattr(module, "STAGE")]
Pairs = set[tuple[str, str]]


class Unrolled(ast.NodeTransformer):
    """Writes out loops over names of columns, as Numba does: ``getattr(table, name)``."""

    def __init__(self, known: dict[str, Any]) -> None:
        self.known = known
        self.name: dict[str, str] = {}  # of the loop's variable, which column it names

    def visit_For(self, node: ast.For) -> Any:
        if not ast.unparse(node.iter).startswith("literal_unroll("):
            return self.generic_visit(node)
        assert isinstance(node.iter, ast.Call)
        assert isinstance(node.target, ast.Name)
        bodies = []
        for name in self.known[ast.unparse(node.iter.args[0])]:
            self.name[node.target.id] = name
            bodies += [self.visit(copy.deepcopy(line)) for line in node.body]
        del self.name[node.target.id]
        return bodies

    def visit_Call(self, node: ast.Call) -> Any:
        column = self.name.get(ast.unparse(node.args[1])) if len(node.args) == 2 else None
        if ast.unparse(node.func) != "getattr" or column is None:
            return self.generic_visit(node)
        return ast.Attribute(node.args[0], column, ast.Load())


def functions(module: ModuleType) -> dict[str, ast.FunctionDef]:
    """Return the functions of a module, and those it imports from other files of the package."""
    tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
    tree = Unrolled(vars(module)).visit(tree)
    found = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("omemsim.processes"):
            path = PACKAGE.parent / ((node.module or "").replace(".", "/") + ".py")
            if path.exists():
                other = __import__(node.module or "", fromlist=["x"])
                theirs = functions(other)
                found |= {name: theirs[name] for name in theirs if name not in found}
    return found


def reached(name: str, known: dict[str, ast.FunctionDef], seen: set[str]) -> set[str]:
    """Return the names of all kernels that one calls."""
    if name not in seen and name in known:
        seen.add(name)
        for node in ast.walk(known[name]):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                reached(node.func.id, known, seen)
    return seen


def table_of(node: ast.expr, local: dict[str, str]) -> str | None:
    """Return the table that an expression is, by its own name or a local one."""
    name = node.attr if isinstance(node, ast.Attribute) else None
    name = node.id if isinstance(node, ast.Name) else name
    name = local.get(name or "", SHORT.get(name or "", name or ""))
    return name if name in TABLES else None


def parameters_given(
    name: str, known: dict[str, ast.FunctionDef], kernels: set[str]
) -> dict[str, set[str]]:
    """Return which tables each parameter of a kernel is called with, where it is another name."""
    given: dict[str, set[str]] = {}
    names = [argument.arg for argument in known[name].args.args]
    for kernel in kernels:
        for node in ast.walk(known[kernel]):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if is_call and node.func.id == name:
                for parameter, value in zip(names, node.args, strict=False):
                    table = table_of(value, {})
                    if table and parameter not in TABLES and parameter not in SHORT:
                        given.setdefault(parameter, set()).add(table)
    return given


def touched(module: ModuleType) -> tuple[Pairs, Pairs]:
    """Return the columns that a stage's kernels read, and those that they write."""
    known = functions(module)
    kernels = reached(module.STAGE.name, known, set())
    found = writers(known)
    reads: Pairs = set()
    writes: Pairs = set()
    for name in kernels:
        given = parameters_given(name, known, kernels)
        for local in _ways(given):
            _walk(known[name], local, found, reads, writes)
    return reads, writes


def _ways(given: dict[str, set[str]]) -> list[dict[str, str]]:
    most = max((len(tables) for tables in given.values()), default=1)
    return [
        {name: sorted(tables)[k % len(tables)] for name, tables in given.items()}
        for k in range(most)
    ]


def _walk(
    function: ast.FunctionDef,
    local: dict[str, str],
    found: dict[str, set[int]],
    reads: Pairs,
    writes: Pairs,
) -> None:
    views: dict[str, tuple[str, str]] = {}  # local names of columns
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target, value in _pairs(node):
                column = _column(value, local)
                if isinstance(target, ast.Name) and column:
                    views[target.id] = column
    stored: set[int] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            base = node.value
            column = _column(base, local)
            if column is None and isinstance(base, ast.Name):
                column = views.get(base.id)
            if column:
                writes.add(column)
                stored.add(id(base))
        if isinstance(node, ast.Call):
            for argument, written in zip(node.args, _written(node, found), strict=False):
                column = _column(argument, local)
                if column is None and isinstance(argument, ast.Name):
                    column = views.get(argument.id)
                if column and written:
                    writes.add(column)
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and id(node) not in stored:
            column = _column(node, local)
            if column:
                reads.add(column)


# Kernels of `omemsim.kernels` that write to a column they are given: which arguments.
WRITERS = {"fade": {0}, "draw": {2}, "list_set": {2}}


def writers(known: dict[str, ast.FunctionDef]) -> dict[str, set[int]]:
    """Return which arguments each kernel writes into, itself or by a kernel it calls."""
    found = {**{name: set() for name in known}, **WRITERS}
    for _ in range(5):  # deeper than any chain of calls
        for name, function in known.items():
            places = {argument.arg: k for k, argument in enumerate(function.args.args)}
            for node in ast.walk(function):
                is_store = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
                base = node.value if is_store else None
                if isinstance(base, ast.Name) and base.id in places:
                    found[name].add(places[base.id])
                if isinstance(node, ast.Call):
                    called = node.func.id if isinstance(node.func, ast.Name) else ""
                    for k in found.get(called, ()):
                        given = node.args[k] if k < len(node.args) else None
                        if isinstance(given, ast.Name) and given.id in places:
                            found[name].add(places[given.id])
    return found


def _written(node: ast.Call, found: dict[str, set[int]]) -> list[bool]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    return [k in found.get(name, ()) for k in range(len(node.args))]


def _pairs(node: ast.Assign) -> list[tuple[ast.expr, ast.expr]]:
    (target,) = node.targets[:1]
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        return list(zip(target.elts, node.value.elts, strict=False))
    return [(target, node.value)]


def _column(node: ast.expr, local: dict[str, str]) -> tuple[str, str] | None:
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        table = table_of(node.value, local)
        if table and (table, node.attr) in NAMES:
            return table, node.attr
    return None


def declared(text: dict[str, str]) -> Pairs:
    return {(table, name) for table, names in text.items() for name in names.split()}


@pytest.mark.parametrize("module", STAGES, ids=lambda module: str(module.STAGE.name))
def test_a_stage_reads_and_writes_what_it_declares(module: ModuleType) -> None:
    reads, writes = touched(module)
    assert declared(module.READS) | declared(module.WRITES) == reads | writes
    assert declared(module.WRITES) == writes
    assert not declared(module.READS) & declared(module.WRITES)


@pytest.mark.parametrize("module", STAGES, ids=lambda module: str(module.STAGE.name))
def test_no_kernel_of_a_stage_reads_by_position(module: ModuleType) -> None:
    """Nothing is a tuple whose parts one must count; a stream's two halves are the exception."""
    known = functions(module)
    for name in reached(module.STAGE.name, known, set()):
        for node in ast.walk(known[name]):
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                base = ast.unparse(node.value)
                is_one_row = _column(node.value, {}) is not None
                assert is_one_row or base in ALLOWED, f"{name}: {ast.unparse(node)}"


ALLOWED = {"u", "cases.number"}  # the draws of a person; one count that several kernels raise
