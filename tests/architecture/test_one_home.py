"""Every fact has one home: a second one would be missed when the first is changed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import omemsim
from omemsim.analysis.evidence.field import Design
from omemsim.analysis.ranking import Sizes
from omemsim.cli import COMMANDS
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import OF_A_START, Scenario, is_of_a_start, parts_of_a_start
from omemsim.run import spin_up

PACKAGE = Path(omemsim.__file__).parent
MODEL = ("processes", "compiling", "reference", "kernels", "pointers", "program", "cache")
SOURCES = {
    path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(PACKAGE.rglob("*.py"))
}
UPSTAIRS = {
    path: text
    for path, text in SOURCES.items()
    if path.split("/")[0].removesuffix(".py") not in MODEL
}
TREES = {path: ast.parse(text) for path, text in UPSTAIRS.items()}


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                yield path, node


# ---- what a spin-up depends on


class Watched:
    """A scenario that notes which of its parts are read."""

    def __init__(self, scenario: Scenario, read: set[str]) -> None:
        self._scenario, self._read = scenario, read

    def __getattr__(self, name: str) -> object:
        self._read.add(name)
        return getattr(self._scenario, name)


def test_a_spin_up_reads_what_its_list_says_and_nothing_else() -> None:
    scenario = compose_scenario("small", "omem", ["years=1", "spin_up_years=0.1"])
    read: set[str] = set()
    spin_up(Watched(scenario, read), 0)  # type: ignore[arg-type]
    assert read == set(OF_A_START)
    assert list(parts_of_a_start(scenario)) == list(OF_A_START)


def test_a_key_is_of_a_start_if_its_part_is() -> None:
    for item in fields(Scenario):
        assert is_of_a_start(item.name) == (item.name in OF_A_START)
        assert is_of_a_start(f"{item.name}.x") == (item.name in OF_A_START)


def test_what_a_start_depends_on_is_listed_once() -> None:
    both = {
        path
        for path, text in UPSTAIRS.items()
        if re.search(r"[^=]spin_up_years\b[^=].{0,30}\bseed\b", text)
    }
    assert both == {"inputs/scenario.py"}


# ---- numbers, tables, pages, commands

# Functions that make words of a number and say more than the number: a unit, a name, a verdict.
IN_WORDS = {
    "analysis/calibration/waves.py": {"_time_of"},
    "analysis/headline.py": {"_share_words"},
    "cli/odd.py": {"_bounds", "_number"},
    "cli/trial.py": {"_arrived"},
    "figures/headline.py": {"_becomes"},
    "study/contrasts.py": {"none_seen"},
    "study/lock.py": {"clock"},
}
NUMBERS = {"float", "int", "float | None", "int | None"}


def is_formatter(node: ast.FunctionDef) -> bool:
    """Return whether a function makes text of numbers alone, with a rule of its own."""
    kinds = [x.annotation and ast.unparse(x.annotation) for x in node.args.args]
    if node.returns is None or ast.unparse(node.returns) != "str" or not set(kinds) & NUMBERS:
        return False
    formats = [x for x in ast.walk(node) if isinstance(x, ast.FormattedValue) and x.format_spec]
    rounds = [x for x in ast.walk(node) if isinstance(x, ast.Name) and x.id == "round"]
    return set(kinds) <= {*NUMBERS, "str", "bool"} and bool(formats or rounds)


def test_numbers_are_written_in_one_place() -> None:
    found: dict[str, set[str]] = {}
    for path, node in functions():
        if is_formatter(node) and not path.startswith("present/"):
            found.setdefault(path, set()).add(node.name)
    for path, names in found.items():
        assert names <= IN_WORDS.get(path, set()), f"{path}: {names} belong in present/text.py"


@pytest.mark.parametrize(
    ("written", "homes"),
    [
        (r"csv\.(writer|DictWriter)\(", {"present/csv.py"}),
        (r"import shlex", {"present/shell.py"}),
        (r"from html import|<!doctype|<svg ", set()),
        (r"import jinja2|from jinja2", {"present/html/__init__.py"}),
        (r"(store|kept)\.done\(", {"study/runner.py"}),
        (r"no finite value of", {"study/tasks.py"}),
        (r"Try next: ", {"cli/frame.py"}),
        (r"Results are in ", {"cli/frame.py"}),
        (r"LatinHypercube|rng\.permutation\(n\) \+", {"study/design.py"}),
        (r"\[\"omemsim\", \"[a-z]+\"", set()),
        (r"'s' \* \(|else 's'\}", set()),
        (r"\*groups, \w+ = \w+\.split", set()),
    ],
)
def test_it_is_written_in_one_place(written: str, homes: set[str]) -> None:
    assert {path for path, text in UPSTAIRS.items() if re.search(written, text)} <= homes


# ---- defaults


def test_a_usual_size_of_a_command_is_said_once() -> None:
    # `words.whole("replicates", 10, ...)` twice in a file is a default with two homes.
    for path, text in UPSTAIRS.items():
        said = re.findall(r"\.whole\(\s*\"(\w+)\", (\d+)", text)
        assert len({key for key, _ in said}) == len(said), f"{path}: {said}"


@pytest.mark.parametrize("word", ["reactive", "present_practice", "city"])
def test_what_is_usual_is_named_once(word: str) -> None:
    named = {path for path, text in UPSTAIRS.items() if re.search(rf"[ (=]\"{word}\"", text)}
    others = {"strategies.py", "measures.py", "vocabulary/columns.py", "analysis/bench.py"}
    assert named - others <= {"inputs/config.py"}


# Where a command's own defaults are, if not in its file: how many of the key there are.
SIZES = {"trial": Design(), "sensitivity": Sizes()}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_default_in_a_help_is_the_command_s(name: str) -> None:
    path = "cli/commands.py" if f"cli/{name}.py" not in UPSTAIRS else f"cli/{name}.py"
    used = dict(re.findall(r"\.whole\(\s*\"(\w+)\", (\d[\d_]*)", UPSTAIRS[path]))
    for key, text in COMMANDS[name].keys.items():
        found = re.search(r"\(default (\d+)", text)
        usual = used.get(key, getattr(SIZES.get(name), key, None))
        if found and usual is not None:
            assert int(found[1]) == int(usual), f"{name} {key}="
