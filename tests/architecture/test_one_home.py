"""Every fact has one home: a second one would be missed when the first is changed."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest

import omemsim
import omemsim as om
from omemsim.analysis.ablate import STARTS
from omemsim.analysis.calibration.named import BOUNDS as CALIBRATION_BOUNDS
from omemsim.analysis.calibration.named import POINTS_EACH
from omemsim.analysis.calibration.named import Sizes as CalibrationSizes
from omemsim.analysis.calibration.targets import DISCREPANCY
from omemsim.analysis.evidence.trial_design import ASSIGN, LONGEST, SPANS, UNITS, TrialDesign
from omemsim.analysis.optimize.problem import Sizes as OptimizeSizes
from omemsim.analysis.ranking import Sizes
from omemsim.analysis.ranking_named import BOUNDS as RANKING_BOUNDS
from omemsim.cli import COMMANDS
from omemsim.cli.results import RESULTS
from omemsim.cli.table import PRECISE_TOWNS
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import OF_A_START, Scenario, is_of_a_start, parts_of_a_start
from omemsim.page import LANGUAGES
from omemsim.page import STRATEGIES as OF_A_PAGE
from omemsim.run import spin_up
from omemsim.study.engine import KINDS, MOST_WORKERS, SHORTEST, Engine
from omemsim.study.engine import LONGEST as LONGEST_WAIT
from omemsim.study.export import SHAPES
from omemsim.study.precision import NARROWEST, WIDEST
from omemsim.study.sweep_by_name import composed_sweep

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


def names_in(node: ast.AST) -> set[str]:
    """Return the names of parts of a scenario that an expression reads or states."""
    found = {x.attr for x in ast.walk(node) if isinstance(x, ast.Attribute)}
    found |= {str(x.value) for x in ast.walk(node) if isinstance(x, ast.Constant)}
    return found & set(OF_A_START)


def test_no_other_expression_joins_what_a_start_depends_on() -> None:
    displays = ast.Tuple | ast.List | ast.Set | ast.Dict | ast.JoinedStr
    found = {
        f"{path}:{node.lineno}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, displays)
        and "spin_up_years" in names_in(node)
        and len(names_in(node)) > 2
    }
    assert {where.split(":")[0] for where in found} == {"inputs/scenario.py"}, found


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
    "inputs/tables/sums.py": {"written"},  # a cell that is read again, not by people
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


def rounds(node: ast.AST) -> bool:
    """Return whether an expression is text of one number alone, with digits chosen."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "format":
        return True
    if not isinstance(node, ast.JoinedStr):
        return False
    formatted = [x for x in node.values if isinstance(x, ast.FormattedValue)]
    alone = len(formatted) == 1 and isinstance(formatted[0].value, ast.Name)
    return alone and formatted[0].format_spec is not None


def test_no_nameless_function_writes_numbers() -> None:
    found = {
        f"{path}:{node.lineno}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Lambda)
        and rounds(node.body)
        and len(node.args.args) == 1  # two are Matplotlib's, for the numbers of an axis
        and not path.startswith("present/")
    }
    assert not found, f"{found} belong in present/text.py"


@pytest.mark.parametrize(
    ("written", "homes"),
    [
        (r"csv\.(writer|DictWriter)\(", {"present/csv.py"}),
        (r"import shlex", {"present/shell.py"}),
        (
            r"shell import .*\bjoined",
            {
                *(f"cli/{name}.py" for name in ("again", "frame", "store", "sweep")),
                "inputs/tables/proposals.py",
                "study/lock.py",  # which process has the store open, not what makes it again
            },
        ),
        (r"\"written\": ", {"study/provenance.py"}),
        (r"[\"'](replicates|worlds|points|precision|workers)=\{", set()),
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


def test_a_value_of_a_command_is_declared_with_its_key() -> None:
    """Its default and bounds are in `cli/table.py`; where it is asked for, its name is enough."""
    readers = {"whole", "number", "text", "listed", "is_yes", "value"}
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            of_words = ast.unparse(node.func.value).endswith("words")
            where = f"{path}:{node.lineno} {ast.unparse(node)}"
            if of_words and node.func.attr in readers:
                assert len(node.args) == 1, where
                assert not node.keywords, where
            if node.func.attr == "get" and ast.unparse(node.func.value).endswith("words.own"):
                assert len(node.args) == 1 or is_by_other_words(node), where


def is_by_other_words(node: ast.Call) -> bool:
    """Return whether a default depends on other words, so that no declaration can state it."""
    return not isinstance(node.args[1], ast.Constant)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_default_in_a_help_is_the_declared_one(name: str) -> None:
    for key, declared in COMMANDS[name].keys.items():
        said = declared.help.replace(f"(default {PRECISE_TOWNS:d})", "")
        assert not re.search(r"default \d", said), f"{name} {key}=: write {{default}}"
        assert "{default}" not in declared.text, f"{name} {key}="
        if "{default}" in declared.help:
            assert declared.written(declared.default) in declared.text
        if declared.default is not None:
            typed = declared.written(declared.default)
            read = declared.read(key, typed)
            assert read == declared.default, f"{name} {key}=: its default is not allowed"


def test_what_is_refused_of_a_command_s_value_is_said_in_one_place() -> None:
    said = {path for path, text in UPSTAIRS.items() if "must be a whole number" in text}
    assert said == {"cli/keys.py", "inputs/arguments.py", "inputs/seeds.py"}
    assert {path for path, text in UPSTAIRS.items() if "must be yes or no" in text} == {
        "cli/keys.py"
    }


# Where Python takes the same arguments, its defaults and bounds are the command's.
SIZES_OF_CALIBRATION = CalibrationSizes(points=POINTS_EACH)
DEFAULTS = [
    *((f"trial {key}", value) for key, value in asdict(TrialDesign()).items()),
    *((f"sensitivity {key}", value) for key, value in asdict(Sizes()).items()),
    *((f"optimize {key}", value) for key, value in asdict(OptimizeSizes()).items()),
    ("calibrate discrepancy", DISCREPANCY),
    ("ablate from", STARTS[0]),
    ("compare engine", Engine().kind),
    ("compare engine.timeout", Engine().timeout),
    ("compare store", (RESULTS / "store").as_posix()),
    *(
        (f"calibrate {key}", value)
        for key, value in asdict(CalibrationSizes(points=POINTS_EACH)).items()
    ),
    ("compare replicates", om.USUAL_REPLICATES),
    ("sweep replicates", inspect.signature(composed_sweep).parameters["replicates"].default),
    *(
        (f"{name} replicates", inspect.signature(call).parameters["replicates"].default)
        for name, call in (("validate", om.validate), ("trial", om.trial))
    ),
]
BOUNDS = [
    *((f"trial {key}", (low, LONGEST)) for key, low in SPANS.items()),
    *((f"calibrate {key}", (low, high)) for key, (low, high, _) in CALIBRATION_BOUNDS.items()),
    *((f"sensitivity {key}", (low, high)) for key, (low, high, _) in RANKING_BOUNDS.items()),
    ("compare workers", (1, MOST_WORKERS)),
    ("compare engine.timeout", (SHORTEST, LONGEST_WAIT)),
    ("compare precision", (NARROWEST, WIDEST)),
]
CHOICES = [
    ("trial units", UNITS),
    ("trial assign", ASSIGN),
    ("ablate from", STARTS),
    ("compare engine", KINDS),
    ("export shape", SHAPES),
    ("export language", LANGUAGES),
    ("class language", LANGUAGES),
]


def declared(words: str) -> Any:
    name, key = words.split()
    return COMMANDS[name].keys[key]


@pytest.mark.parametrize(("words", "value"), DEFAULTS)
def test_a_default_of_a_command_is_python_s(words: str, value: object) -> None:
    assert declared(words).default == value


@pytest.mark.parametrize(("words", "ends"), BOUNDS)
def test_the_bounds_of_a_command_are_python_s(words: str, ends: tuple[float, float]) -> None:
    assert (declared(words).low, declared(words).high) == ends


@pytest.mark.parametrize(("words", "choices"), CHOICES)
def test_the_choices_of_a_command_are_python_s(words: str, choices: tuple[str, ...]) -> None:
    assert tuple(declared(words).choices) == tuple(choices)


def test_the_help_of_a_page_lists_its_usual_strategies() -> None:
    said = COMMANDS["export"].keys["strategies"].help
    listed = said.partition("(default")[2].rstrip(")").replace(",", " ").split()
    assert listed == list(OF_A_PAGE)


@pytest.mark.parametrize("word", ["reactive", "present_practice", "city"])
def test_what_is_usual_is_named_once(word: str) -> None:
    named = {path for path, text in UPSTAIRS.items() if re.search(rf"[ (=]\"{word}\"", text)}
    others = {"strategies.py", "measures.py", "vocabulary/columns.py", "analysis/bench.py"}
    others |= {"language/names.py"}  # which names every strategy that is shipped
    assert named - others <= {"inputs/config.py"}
