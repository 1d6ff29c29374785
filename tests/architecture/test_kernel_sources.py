"""The cache of machine code is named after every file that a kernel's machine code comes from.

Were one missing, a change in it would go unnoticed, and old code would run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import omemsim
from omemsim.vocabulary.identity import sources

PACKAGE = Path(omemsim.__file__).parent
COVERED = {path.relative_to(PACKAGE).as_posix() for path in sources()}
TREES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}
NUMBER_OF_KERNELS = 100  # at least, or this test looks for them in the wrong way


def kernels_of(tree: ast.Module) -> list[ast.FunctionDef]:
    """Return the functions that are compiled."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id == "kernel" for mark in node.decorator_list)
    ]


def file_of(module: str) -> str | None:
    """Return the file of one of our modules, by its full name."""
    if module != "omemsim" and not module.startswith("omemsim."):
        return None
    inner = module.removeprefix("omemsim").strip(".").replace(".", "/")
    names = (f"{inner}.py", f"{inner}/__init__.py".lstrip("/"))
    return next((name for name in names if name in TREES), None)


def imported(path: str) -> dict[str, tuple[str, str]]:
    """Return by name what a file imports from ours: the file it is from, and its name there."""
    found: dict[str, tuple[str, str]] = {}
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                name = alias.asname or alias.name
                whole = file_of(f"{node.module}.{alias.name}")
                source = file_of(node.module)
                if whole is not None:
                    found[name] = (whole, "")
                elif source is not None:
                    found[name] = (source, alias.name)
    return found


def made_of(path: str, name: str) -> list[ast.AST]:
    """Return the statements of a file that make a name; all of them for an empty name."""
    if not name:
        return list(TREES[path].body)
    return [node for node in TREES[path].body if name in set(bound(node))]


def bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement at the top of a file makes."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.If | ast.For | ast.With):
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                yield inner.id


def used(node: ast.AST) -> set[str]:
    """Return the names that a statement reads; what decorates a function is no part of it."""
    parts = node.body if isinstance(node, ast.FunctionDef) else [node]
    return {inner.id for part in parts for inner in ast.walk(part) if isinstance(inner, ast.Name)}


def origins(path: str, nodes: list[ast.AST], seen: set[tuple[str, str]]) -> Iterator[str]:
    """Yield every file of ours that makes something used in these statements, near or far."""
    taken = imported(path)
    for name in {name for node in nodes for name in used(node)}:
        where, what = taken.get(name, (path, name))
        if (where, what) in seen:
            continue
        seen.add((where, what))
        made = made_of(where, what)
        if made:
            yield where
            yield from origins(where, made, seen)


HOLDERS = {path: kernels for path, tree in TREES.items() if (kernels := kernels_of(tree))}


def test_the_kernels_are_found() -> None:
    assert sum(map(len, HOLDERS.values())) > NUMBER_OF_KERNELS
    assert "kernels.py" in HOLDERS


@pytest.mark.parametrize("path", HOLDERS)
def test_what_a_kernel_is_made_of_is_covered(path: str) -> None:
    found = set(origins(path, list(HOLDERS[path]), set()))
    # The cache looks at a kernel's own file besides (`compiler._Kept`).
    assert found - {path} <= COVERED


@pytest.mark.parametrize("path", [path for path in HOLDERS if not path.startswith("analysis/")])
def test_what_holds_a_kernel_of_the_model_is_covered(path: str) -> None:
    assert path in COVERED


def test_the_origins_are_found_over_several_files() -> None:
    # offend -> kernels.draw or uniform, and its constants and enums -> vocabulary.
    found = set(origins("processes/offend.py", list(HOLDERS["processes/offend.py"]), set()))
    assert {"processes/offend.py", "kernels.py"} < found
    assert any(path.startswith("vocabulary/") for path in found)


def test_every_study_has_the_model_compiled_before_its_processes_start() -> None:
    callers = {
        path: tree
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "run_tasks"
    }
    assert callers.keys() == {"study/runner.py", "analysis/city_fit_runs.py"}
    for path, tree in callers.items():
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert "engine.compile" in calls, path
