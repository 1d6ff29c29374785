"""A public function says what it takes, where that is three things or more, and what it raises.

Shape, dtype, unit and range are for people to read; that every parameter and every exception is
named is counted here. A class says what makes an instance of it. Kernels of the week take tables,
parameters and the week, which the equations at the top of their module explain: only what they take
besides is counted. Their twin takes the model and its agents, whose classes say all of them: only
the rest has to be named.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import omemsim

PACKAGE = Path(omemsim.__file__).parent
MANY = 3  # parameters that need a section
MANY_OF_A_KERNEL = 4  # beside the usual ones
USUAL = {"town", "p", "week"}
TABLES = {"Town", "Table", "EventTable"}
TWIN = "omemsim.reference."
WHAT_CODE_IS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)
THE_REST = re.compile(r"^(?:the rest|all) : as for `([\w.]+)`", re.MULTILINE)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Public:
    """A function, method or class that others may use, and the folder or file it is of."""

    name: str
    node: Function | ast.ClassDef
    room: str = ""
    is_method: bool = False
    told_by: ast.ClassDef | None = None  # the class, of what makes an instance

    @property
    def text(self) -> str:
        return inspect.cleandoc(ast.get_docstring(self.told_by or self.node) or "")

    @property
    def decorators(self) -> set[str]:
        return {ast.unparse(one).split("(")[0].split(".")[-1] for one in self.node.decorator_list}

    @property
    def given(self) -> list[ast.arg]:
        """Its parameters, without self or cls."""
        assert not isinstance(self.node, ast.ClassDef)
        given = self.node.args
        found = [*given.posonlyargs, *given.args]
        if self.is_method and "staticmethod" not in self.decorators:
            found = found[1:]
        return [*found, *given.kwonlyargs, *(x for x in (given.vararg, given.kwarg) if x)]

    @property
    def takes(self) -> list[str]:
        """The names of what has to be explained."""
        found, most = self.given, MANY - 1
        if "kernel" in self.decorators:
            found = [one for one in found if not is_usual(one)]
            most = MANY_OF_A_KERNEL - 1
        if len(found) <= most:
            return []
        has_agents = self.name.startswith(TWIN)
        return [one.arg for one in found if not (has_agents and kind_of(one) in agents())]

    @property
    def raises(self) -> set[str]:
        """The classes of exceptions raised in its own body, but not in functions within it."""
        assert not isinstance(self.node, ast.ClassDef)
        return {name for part in self.node.body for name in raised(part)}

    def explained(self, section: str) -> set[str]:
        return names_in(sections(self.text).get(section, ""))

    @property
    def lacks(self) -> list[str]:
        """What its docstring leaves out, or explains though it is not there."""
        named = self.explained("Parameters")
        strange = named - {one.arg for one in self.given} - {"the rest", "all"}
        unsaid = set(self.takes) - named
        if unsaid and (other := THE_REST.search(sections(self.text).get("Parameters", ""))):
            unsaid -= {name for one in called(other[1]) for name in known_of(one)}
        said = self.explained("Raises")
        return [
            *(f"{self.name}: Parameters lack {name}" for name in self.takes if name in unsaid),
            *(f"{self.name}: does not take {name}" for name in sorted(strange)),
            *(f"{self.name}: Raises lacks {name}" for name in sorted(self.raises - said)),
        ]


def kind_of(one: ast.arg) -> str:
    return ast.unparse(one.annotation) if one.annotation else ""


def is_usual(one: ast.arg) -> bool:
    kind = kind_of(one)
    return one.arg in USUAL or kind in TABLES or kind.endswith("Parameters")


@cache
def agents() -> set[str]:
    """The classes of the twin: its model, and what lives in it."""
    files = [PACKAGE / "reference" / name for name in ("agents.py", "entries.py", "model.py")]
    bodies = (ast.parse(file.read_text(encoding="utf-8")).body for file in files)
    return {node.name for body in bodies for node in body if isinstance(node, ast.ClassDef)}


def raised(node: ast.AST) -> Iterator[str]:
    if isinstance(node, WHAT_CODE_IS):
        return
    if isinstance(node, ast.Raise) and node.exc is not None:
        what = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        name = ast.unparse(what).split(".")[-1]
        if name[0].isupper():
            yield name
    for child in ast.iter_child_nodes(node):
        yield from raised(child)


def sections(text: str) -> dict[str, str]:
    parts = SECTION.split(text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def names_in(section: str) -> set[str]:
    heads = [line.split(" : ")[0] for line in section.splitlines() if line[:1].strip()]
    return {name.strip().lstrip("*") for head in heads for name in head.split(",")}


def known_of(one: Public) -> set[str]:
    return one.explained("Parameters") | one.explained("Attributes")


def members(
    body: list[ast.stmt], where: str, room: str = "", in_class: bool = False
) -> Iterator[Public]:
    for node in body:
        if isinstance(node, ast.If):
            yield from members([*node.body, *node.orelse], where, room, in_class)
        elif isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            one = Public(f"{where}.{node.name}", node, room, in_class)
            if not one.decorators & {"overload", "setter"}:
                yield one
            if isinstance(node, ast.ClassDef):
                yield from members(node.body, one.name, room, in_class=True)
                yield from makers(node, one)


def makers(node: ast.ClassDef, known: Public) -> Iterator[Public]:
    """The `__init__` of a class, if it has one of its own: the class explains what it takes."""
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
            yield Public(f"{known.name}.__init__", inner, known.room, True, told_by=node)


@cache
def everything() -> tuple[Public, ...]:
    found: list[Public] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        names = path.relative_to(PACKAGE.parent).with_suffix("").parts
        where = ".".join(name for name in names if name != "__init__")
        found += members(ast.parse(path.read_text(encoding="utf-8")).body, where, names[1])
    return tuple(found)


def called(name: str) -> list[Public]:
    """What a docstring may mean by a name, which may be the end of a longer one."""
    return [one for one in everything() if f".{one.name}".endswith(f".{name}")]


def functions(room: str) -> list[Public]:
    mine = (one for one in everything() if one.room == room)
    return [one for one in mine if not isinstance(one.node, ast.ClassDef)]


def rooms() -> list[str]:
    """The folders and the files at the top of the package."""
    return sorted({one.room for one in everything()})


@pytest.mark.parametrize("room", rooms())
def test_a_public_function_explains_what_it_takes_and_raises(room: str) -> None:
    lacks = [what for one in functions(room) for what in one.lacks]
    assert not lacks, f"{len(lacks)} left out:\n" + "\n".join(lacks)


def test_what_is_explained_elsewhere_is_there() -> None:
    named = [(one.name, other) for one in everything() for other in THE_REST.findall(one.text)]
    assert not [f"{name}: as for {other}" for name, other in named if not called(other)]


SMALL = '''
def one(a, b, c):
    """Do it.

    Parameters
    ----------
    a, b : (N,) counts.
    d : is not there.
    the rest : as for `x`.
    """
    if a:
        raise ValueError(b)
    def within():
        raise KeyError
    try:
        pass
    except OSError as error:
        raise error
    raise

class Some:
    """It.

    Parameters
    ----------
    a, b : counts.
    """

    def __init__(self, a, b, c):
        raise OSError

    @staticmethod
    def plain(a, b, *c):
        """Do it."""

    def method(self, a, b):
        """Do it."""

    def _private(self, a, b, c):
        raise ValueError

@kernel
def step(town: Town, p: SomeParameters, week, a, b, hoods: Table, c):
    """Do it."""

@kernel
def more(town: Town, a, b, c, d):
    """Do it."""
'''


def test_the_count_itself() -> None:
    found = [
        one
        for one in members(ast.parse(SMALL).body, "small")
        if not isinstance(one.node, ast.ClassDef)
    ]
    assert {one.name: (one.takes, sorted(one.raises)) for one in found} == {
        "small.one": (["a", "b", "c"], ["ValueError"]),
        "small.Some.plain": (["a", "b", "c"], []),
        "small.Some.method": ([], []),
        "small.Some.__init__": (["a", "b", "c"], ["OSError"]),
        "small.step": ([], []),
        "small.more": (["a", "b", "c", "d"], []),
    }
    lacks = {one.name: one.lacks for one in found}
    assert lacks["small.one"] == [
        "small.one: Parameters lack c",
        "small.one: does not take d",
        "small.one: Raises lacks ValueError",
    ]
    assert lacks["small.Some.__init__"] == [
        "small.Some.__init__: Parameters lack c",
        "small.Some.__init__: Raises lacks OSError",
    ]
