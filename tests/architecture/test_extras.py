"""The package's metadata says each thing once, and every extra is imported somewhere."""

import ast
import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
IMPORTED_BY_OTHERS = {"pyogrio"}  # geopandas reads files with it


def names(requirements: list[str]) -> list[str]:
    return [re.match(r"[\w-]+", text)[0].lower() for text in requirements]  # type: ignore[index]


def mentioned() -> set[str]:
    """Return the packages that the code imports or names in a text, as for a late import."""
    found: set[str] = set()
    for path in (ROOT / "omemsim").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(str(node.module).partition(".")[0])
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= set(re.findall(r"\b[a-z_]+\b", node.value))
    return found


def test_the_version_is_the_tag_s_and_what_people_cite_is_the_last_in_the_changelog() -> None:
    assert (PROJECT["dynamic"], "version" in PROJECT) == (["version"], False)
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## (\S+)", changes, re.MULTILINE)[1] == cited  # type: ignore[index]
    for path in (ROOT / "omemsim").rglob("*.py"):
        assert cited not in path.read_text(encoding="utf-8"), path


def test_no_list_names_a_package_twice() -> None:
    for listed in (PROJECT["dependencies"], *EXTRAS.values()):
        assert len(names(listed)) == len(set(names(listed)))


def test_every_extra_of_users_is_used() -> None:
    used = mentioned() | IMPORTED_BY_OTHERS
    for extra, listed in EXTRAS.items():
        if extra not in ("dev", "docs"):  # tools of this checkout, which the package never imports
            assert {name.replace("-", "_") for name in names(listed)} <= used, extra
