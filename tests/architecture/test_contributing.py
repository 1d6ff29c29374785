"""CONTRIBUTING.md: the files, commands and names that it tells people to use are there."""

import re
from pathlib import Path

import pytest
import yaml

from omemsim.inputs.config import choices

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
WORDS = {"STAGE": "feel", "NAME": "crisis", "CNN": "C08"}  # what a reader puts in their place


def paths() -> list[str]:
    """Return what looks like a file or folder of this repository."""
    quoted = re.findall(r"`([\w./-]+)`", GUIDE) + re.findall(r"\]\(([\w./-]+)\)", GUIDE)
    words = re.findall(r"\b(?:tests|docs|omemsim|configs)/[\w./-]*\w", GUIDE)
    roots = ("tests/", "docs/", "omemsim/", "configs/")
    named = [path for path in quoted if path.startswith(roots) or path.endswith(".md")]
    return sorted({*named, *words})


@pytest.mark.parametrize("path", paths())
def test_a_file_it_names_is_there(path: str) -> None:
    for word, one in WORDS.items():
        path = re.sub(rf"\b{word}\b|(?<=test_){word}\b", one, path)
    if path.startswith("configs/strategy/"):
        path = f"configs/strategy/{choices('strategy')[0]}.yaml"
    if path != "claims.md":  # what the command writes
        assert (ROOT / path).exists()


def test_it_says_what_every_folder_of_the_package_is_for() -> None:
    folders = {path.parent.name for path in (ROOT / "omemsim").glob("*/__init__.py")}
    rows = " ".join(re.findall(r"^\| (`omemsim/.*?) \|", GUIDE, flags=re.MULTILINE))
    told = {word.removeprefix("omemsim/") for word in re.findall(r"`([\w/]+)`", rows)}
    assert folders == told


def test_what_it_calls_with_make_is_a_rule() -> None:
    rules = re.findall(r"^([\w./-]+):", MAKEFILE, flags=re.MULTILINE)
    called = re.findall(r"^\s*make ([\w./-]+)|`make (\w+)", GUIDE, flags=re.MULTILINE)
    assert called
    assert {one or other for one, other in called} <= set(rules)


def test_names_of_the_code_that_it_uses_are_there() -> None:
    for name, path in (
        ("FeelParameters", "processes/feel.py"),
        ("Strengths", "vocabulary/parameters.py"),
        ("def _flows", "measures.py"),
        ("def _stocks", "measures.py"),
        ("def _help_and_costs", "measures.py"),
        ("RESULTS_VERSION", "study/identity.py"),
    ):
        assert name.removeprefix("def ") in GUIDE
        assert name in (ROOT / "omemsim" / path).read_text(encoding="utf-8")
    when = (ROOT / "tests/architecture/test_parameters.py").read_text(encoding="utf-8")
    assert "\nWHEN" in when


def test_the_matrix_has_every_python_and_calls_make() -> None:
    text = (ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    supported = re.findall(r"Python :: (3\.\d+)", project)
    matrix = jobs["test"]["strategy"]["matrix"]
    assert matrix["python"] == supported
    assert len(matrix["system"]) == 3
    steps = {name: " ".join(str(x.get("run")) for x in job["steps"]) for name, job in jobs.items()}
    assert "make check" in steps["check"]
    assert "make test" in steps["test"]
