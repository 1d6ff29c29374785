"""The pages of docs say what the code says; what follows the tutorials sees what is untrue."""

import importlib.util
import os
import re
from pathlib import Path
from types import ModuleType

import pytest

from omemsim import processes

ROOT = Path(__file__).resolve().parents[2]


def module_at(path: str) -> ModuleType:
    """Return a module of the checkout that is in no package."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_architecture_is_drawn_with_the_layers_that_imports_are_held_to() -> None:
    drawn = module_at("docs/drawings.py").LAYERS
    held = module_at("tests/architecture/test_layers.py").LINES
    assert tuple(names for names, _ in drawn) == held


def test_the_week_s_page_has_the_stages_as_the_code_lists_them() -> None:
    listed = re.findall(r"^(\d+)\. +(\w+) +(.+)$", str(processes.__doc__), flags=re.M)
    page = (ROOT / "docs" / "week.md").read_text(encoding="utf-8")
    assert len(listed) == 14
    assert re.findall(r"^\| (\d+) \| (\w+) \| (.+) \|$", page, flags=re.M) == listed


# What a program said, and what a page shows of it.
SAID = "zones\n  red   3\n  amber 2\nsure\n"


@pytest.mark.parametrize("shown", ["red 3\n...\nsure\n", "zones\nsure\n", ""])
def test_lines_that_were_said_in_this_order_are_true(shown: str) -> None:
    module_at("docs/walk.py")._compare(shown, SAID, "page")


@pytest.mark.parametrize("shown", ["red 4\n", "sure\nzones\n", "red\n"])
def test_a_line_that_was_not_said_or_not_then_is_untrue(shown: str) -> None:
    walk = module_at("docs/walk.py")
    with pytest.raises(walk.Untrue, match="page: it does not say"):
        walk._compare(shown, SAID, "page")


def test_a_page_is_walked_in_a_folder_of_its_own(tmp_path: Path, monkeypatch) -> None:
    walk = module_at("docs/walk.py")
    monkeypatch.setattr(walk, "ROOT", tmp_path)
    page = tmp_path / "page.md"
    lines = ["Save it as `mine.py`:\n", "```python", "N = 3", "```\n", "```python"]
    lines += ["import mine", "print(mine.N)", 'open("n.txt", "w").write("3")', "```\n"]
    lines += ["```text", "3", "```\n", "<!-- made: n.txt -->", "![N](shown/n.txt)"]
    page.write_text("\n".join(lines), encoding="utf-8")
    walk.walk(page)
    assert (tmp_path / "shown" / "n.txt").read_text() == "3"
    page.write_text(page.read_text().replace("\n3\n", "\n4\n"), encoding="utf-8")
    with pytest.raises(walk.Untrue, match=r"page\.md:13"):
        walk.walk(page)


@pytest.mark.skipif(os.name == "nt", reason="the command is a shell script here")
def test_what_is_installed_is_walked_without_the_checkout(tmp_path: Path, monkeypatch) -> None:
    walk = module_at("docs/walk.py")
    monkeypatch.setattr(walk, "ROOT", tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "bin").mkdir()
    for name, says in (("omemsim", "typed $*"), ("python", "$PYTHONPATH nothing of it")):
        (tmp_path / "bin" / name).write_text(f'#!/bin/sh\necho "{says}"; touch n.txt\n')
        (tmp_path / "bin" / name).chmod(0o755)
    page = tmp_path / "page.md"
    lines = ["```", "omemsim run", "```\n", "```text", "typed run", "```\n", "```python", "1"]
    lines += ["```\n", "```text", "nothing of it", "```\n", "<!-- made: n.txt -->", "![N](n.txt)"]
    page.write_text("\n".join(lines), encoding="utf-8")
    walk.walk(page, tmp_path / "bin" / "python")
    assert not (tmp_path / "n.txt").exists()
