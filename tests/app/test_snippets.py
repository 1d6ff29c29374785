"""README, in both languages, and docs: every command, script and file they show is used here.

A Python block runs, in a town made tiny where it is composed. A command is parsed and composed as
it stands, by the functions that it calls for a person, up to the first run of the model. A file is
read and composed as what it is. What nobody here knows how to check fails.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from own_code import start_again

import omemsim as om
from omemsim import cli
from omemsim.cli.table import COMMANDS
from omemsim.inputs import config
from omemsim.inputs.lay import check_places
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.strategies import Strategy
from omemsim.vocabulary.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / ".." / "shared" / "data"
TUTORIALS = ROOT / "docs" / "tutorials"
PAGES = (
    "README.md",
    "README.fr.md",
    *sorted(
        path.relative_to(ROOT).as_posix()
        for folder in (ROOT / "docs", TUTORIALS, ROOT / "docs" / "howto", ROOT / "docs" / "fr")
        for path in folder.glob("*.md")
    ),
)
# A person's table: with the columns that the pages name, and neighbourhoods of those names.
TABLE = """id,name,Residents_2023,assault,robbery,break_and_enter,theft,calls
a,Riverside,12000,600,100,500,1000,9000
b,Hill,9000,15,5,30,60,1100
c,Old Mill,15000,120,30,200,400,6600
d,Harbour,11000,100,20,120,300,3000
"""
TINY = {
    "town": {"residents": 200, "neighbourhoods": 2},
    "years": 0.1,
    "spin_up_years": 0.1,
}


@dataclass(frozen=True)
class Snippet:
    """A piece of a page that a person copies.

    Attributes
    ----------
    page, line : where it begins.
    kind : the language of its block, "" where the page says none, "inline" within a sentence.
    text : what it says.
    before : the page up to it.
    """

    page: str
    line: int
    kind: str
    text: str
    before: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def snippets(page: str) -> Iterator[Snippet]:
    """Yield the blocks in fences, those set in by four spaces, and the words in backticks."""
    text = (ROOT / page).read_text(encoding="utf-8")
    fences = list(re.finditer(r"^```(\w*)\n(.*?)^```$", text, flags=re.M | re.S))
    for found in fences:
        yield at(page, text, found.start(2), found[1], found[2])
    for found in reversed(fences):  # of the rest, with its lines where they were
        blank = re.sub(r"[^\n]", " ", found[0])
        text = text[: found.start()] + blank + text[found.end() :]
    for found in re.finditer(r"(?<=\n\n)(?: {4}\S.*\n)(?: {4}.*\n)*", text):
        yield at(page, text, found.start(), "", re.sub(r"^ {4}", "", found[0], flags=re.M))
    for found in re.finditer(r"`([^`\n]+)`", text):
        yield at(page, text, found.start(), "inline", found[1])


def at(page: str, text: str, start: int, kind: str, content: str) -> Snippet:
    return Snippet(page, 1 + text.count("\n", 0, start), kind, content, text[:start])


ALL = [one for page in PAGES for one in snippets(page)]


def commands_in(text: str) -> Iterator[str]:
    """Yield the lines of a shell's block, those that go on joined, comments left out."""
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def program_of(line: str) -> str:
    """Return what kind of program a line calls, "" if none that the pages use."""
    words = words_of(line)
    kinds = [name for name, (start, _) in PROGRAMS.items() if words[: len(start)] == start]
    return kinds[-1] if kinds else ""


def words_of(line: str) -> list[str]:
    """Return a line's words; a Windows path to a program is that program."""
    try:
        words = shlex.split(line, comments=True, posix="\\" not in line)
    except ValueError:  # a formula's apostrophe
        return line.split()
    return [words[0].rpartition("\\")[2], *words[1:]] if words else []


# --- What each program is asked, and whether it can be ---------------------------------------


def check_make(words: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    rules = re.findall(r"^(\w+):", makefile, flags=re.M)
    settings = re.findall(r"^(\w+) \?=", makefile, flags=re.M)
    for word in words:
        name, is_setting, _ = word.partition("=")
        assert name in (settings if is_setting else rules), word


def check_pip(words: list[str]) -> None:
    package = words[-1].replace('"', "")
    named = re.fullmatch(r"(?:omemsim|\.)(?:\[([\w,]+)\])?", package)
    assert named
    assert words[0] == "install"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = named[1].split(",") if named[1] else []
    assert set(extras) <= project["optional-dependencies"].keys()


def check_module(words: list[str]) -> None:
    if words[0] == "pip":
        check_pip(words[1:])
    elif words[0] == "omemsim":
        understood(words[1:])
    else:
        assert importlib.util.find_spec(words[0])
        assert all((ROOT / word).exists() for word in words[1:] if "/" in word)


def check_script(words: list[str]) -> None:
    assert (ROOT / words[0]).is_file()


def check_job(words: list[str]) -> None:
    (name,) = words
    jobs = {
        match[1]
        for one in ALL
        if one.kind == "bash" and (match := re.search(r"`([\w.]+)`:\n+```bash\n$", one.before))
    }
    assert name in jobs


def understood(words: list[str]) -> None:
    """Parse a command's words, and refuse a key, a flag or a value that it does not have."""
    if words and words[0] in COMMANDS:
        parser = cli._parser(COMMANDS[words[0]])
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
            from omemsim.cli.words import read_words

            read_words(parser.parse_intermixed_args(words[1:]))
    else:
        assert words in (["--help"], ["--version"], [])


PROGRAMS: dict[str, tuple[list[str], Any]] = {
    "omemsim": (["omemsim"], understood),
    "make": (["make"], check_make),
    "pip": (["pip"], check_pip),
    "sh": (["sh"], check_script),
    "python": (["python"], check_script),
    "python -m": (["python", "-m"], check_module),
    "py -m": (["py", "-m"], check_module),
    "sbatch": (["sbatch"], check_job),
}


def shell_blocks() -> list[Snippet]:
    """Return the blocks without a language that are a shell's and not a formula."""
    plain = [one for one in ALL if one.kind == ""]
    return [one for one in plain if any(map(program_of, commands_in(one.text)))]


def lines() -> list[tuple[str, str]]:
    """Return every command line of a shell's block or a job's script, and where it stands."""
    blocks = [*shell_blocks(), *(one for one in ALL if one.kind == "bash")]
    found = [(str(one), line) for one in blocks for line in commands_in(one.text)]
    return list({line: (where, line) for where, line in reversed(found)}.values())[::-1]


LINES = lines()


def test_every_block_is_checked_here_or_is_no_snippet() -> None:
    kinds = {one.kind for one in ALL}
    # What a tutorial says is said, `text`, is checked by `docs/walk.py` at full size.
    assert kinds <= {"", "inline", "python", "yaml", "bash", "text"}, "a language nobody checks"
    text = {one.page for one in ALL if one.kind == ""} - {one.page for one in shell_blocks()}
    assert text <= {"docs/odd.md"}, "a block that is neither a command nor the model's equations"
    for one in shell_blocks():
        unknown = [line for line in commands_in(one.text) if not program_of(line)]
        assert not unknown, f"{one}: nobody checks {unknown}"
    assert {"README.md", "docs/cluster.md", "docs/toronto.md"} <= {one.page for one in ALL}


OTHERS = sorted({line for _, line in LINES if program_of(line) not in ("", "omemsim")})
WITHIN = sorted({one.text for one in ALL if one.kind == "inline" and program_of(one.text)})


@pytest.mark.parametrize("line", [*OTHERS, *WITHIN])
def test_what_it_calls_is_there(line: str) -> None:
    start, check = PROGRAMS[program_of(line)]
    check(words_of(line)[len(start) :])


def test_what_is_not_there_is_found() -> None:
    wrong = (
        "make demmo",
        "make class CLAS=1",
        "pip install 'omemsim[clusters]'",
        "sh experiments/none.sh",
    )
    for line in (*wrong, "python -m omemsim.cli.none", "sbatch none.sh", "omemsim runn"):
        start, check = PROGRAMS[program_of(line)]
        with pytest.raises((AssertionError, ModuleNotFoundError)):
            check(words_of(line)[len(start) :])


# --- Commands: composed as they stand -------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the pages speak of."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "neighbourhoods.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "scheduler.json").write_text("{}", encoding="utf-8")
    # What `omemsim new practice ours` writes.
    (tmp_path / "ours.yaml").write_text("base: present_practice\n", encoding="utf-8")
    for one in FILES:
        (tmp_path / file_of(one)).write_text(one.text, encoding="utf-8")
    for table in TUTORIALS.glob("*.csv"):
        shutil.copy(table, tmp_path)
    for one in MODULES:
        (tmp_path / module_of(one)).write_text(one.text, encoding="utf-8")
        start_again(Path(module_of(one)).stem)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


class Ran(BaseException):
    """The model would run now."""


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise Ran

    pace = importlib.import_module("omemsim.study.run_times").Pace(0.01, 0.001, 0.01, 0.001, 21)
    monkeypatch.setattr("omemsim.study.run_times.pace_of", lambda *_: pace)  # which times real runs
    monkeypatch.setattr("omemsim.study.dispatch._do", stop)  # the one way of all studies
    monkeypatch.setattr(importlib.import_module("omemsim.run"), "run_scenario", stop)
    monkeypatch.setattr("omemsim.page.page_of", stop)
    for name in ("bench.main", "selftest.same_random_numbers"):
        monkeypatch.setattr(f"omemsim.analysis.{name}", stop)


@pytest.mark.parametrize("line", [line for _, line in LINES if program_of(line) == "omemsim"])
def test_a_command_is_composed_as_it_stands(
    line: str,
    here: Path,
    nothing_runs: None,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "town=toronto" in line:
        request.getfixturevalue("toronto")  # or it is skipped
        monkeypatch.setenv("OMEMSIM_DATA", os.environ.get("OMEMSIM_DATA") or str(DATA))
    name = words_of(line)[1]
    if name == "new":  # a page may use what another has made
        (here / f"{words_of(line)[-1]}.yaml").unlink(missing_ok=True)
    free = ["port=0"] if name == "class" else []  # the usual one may be taken here
    try:
        assert cli.dispatch([*words_of(line)[1:], *free]) == 0
    except Ran:
        return
    assert name in ("diagnose", "describe", "new") or "--dry-run" in line, (
        "it neither ran nor only spoke"
    )


def test_a_command_that_is_wrong_is_found(here: Path, nothing_runs: None) -> None:
    for words in (["run", "stratgy=omem"], ["compare", "omem", "my_plam.yaml"], ["sweep", "omem"]):
        with pytest.raises(InputError):
            cli.dispatch(words)


# --- Python: run as it stands, in a tiny town -----------------------------------------------


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every scenario, whoever composes it, of two neighbourhoods and a few weeks."""
    compose = config.scenario_from_dict

    def shrunk(data: dict[str, Any]) -> Scenario:
        compose(data)  # as it stands it is right too
        return compose({**data, **TINY, "town": {**data["town"], **TINY["town"]}})

    monkeypatch.setattr(config, "scenario_from_dict", shrunk)
    monkeypatch.setattr("omemsim.study.engine.available_cores", lambda: 1)


def face_s_own() -> Snippet:
    """Return what the package's docstring shows."""
    shown = re.findall(r"^>>> (.*)$", str(om.__doc__), flags=re.M)
    return Snippet("omemsim/__init__.py", 1, "python", "\n".join(shown), "")


def module_of(snippet: Snippet) -> str:
    """Return the file that a Python block is to be saved as, "" if it is to be run."""
    named = re.search(r"`(\w+\.py)`[^`\n]*:\n\n```python\n$", snippet.before)
    return named[1] if named else ""


MODULES = [one for one in ALL if one.kind == "python" and module_of(one)]
SCRIPTS = [one for one in ALL if one.kind == "python" and not module_of(one)]
PYTHON = [*SCRIPTS, face_s_own()]


@pytest.mark.parametrize("snippet", PYTHON, ids=str)
def test_python_runs(
    snippet: Snippet, here: Path, tiny: None, capsys: pytest.CaptureFixture[str]
) -> None:
    if "to_xarray" in snippet.text:
        pytest.importorskip("xarray", reason="needs the extra xarray")
    exec(compile(snippet.text, str(snippet), "exec"), {"__name__": "snippet"})
    written = re.findall(r"savefig\(\"(.*?)\"", snippet.text)
    assert all((here / name).stat().st_size > 1000 for name in written)
    said = capsys.readouterr().out
    if "om.compare" in snippet.text:
        assert "Victimization" in said
        (number,) = re.findall(r"replicates=(\d+)", snippet.text)
        assert f"{number} replicates" in said


# --- Files: composed as what they are -------------------------------------------------------

FILES = [one for one in ALL if one.kind == "yaml"]


@functools.cache
def file_of(snippet: Snippet) -> str:
    """Return the name that the page gives the file, in the sentences before it."""
    section = snippet.before.rpartition("\n## ")[2]
    paragraph = section.removesuffix("```yaml\n").rstrip().rpartition("\n\n")[2]
    named = re.findall(r"\b([\w.]+\.yaml)\b", paragraph)
    return named[-1] if named else f"line_{snippet.line}.yaml"


@pytest.mark.parametrize("snippet", FILES, ids=str)
def test_a_file_is_composed_as_what_it_is(snippet: Snippet, here: Path) -> None:
    keys = set(yaml.safe_load(snippet.text))
    name = file_of(snippet)
    if {"file", "columns"} & keys:
        scenario = config.compose_scenario(name)
    else:
        assert keys <= vars(Strategy()).keys() | {"base"}
        words = ["town.file=neighbourhoods.csv", "town.columns.population=Residents_2023"]
        scenario = config.compose_scenario("table", name, words)
        assert scenario.strategy.name == Path(name).stem
    blueprint = blueprint_of(scenario.town)
    check_places(scenario, blueprint)
    assert blueprint.names == ["Riverside", "Hill", "Old Mill", "Harbour"]
    if "scale" in keys:
        assert scenario.town.scale == yaml.safe_load(snippet.text)["scale"]


def test_files_are_where_the_page_says() -> None:
    names = [file_of(one) for one in FILES]
    assert {"my_town.yaml", "my_plan.yaml"} <= set(names)
    assert len(set(names)) == len(names)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_the_job_scripts_are_a_shell_s() -> None:
    for one in ALL:
        if one.kind == "bash":
            done = subprocess.run(["sh", "-n"], input=one.text, text=True, capture_output=True)
            assert done.returncode == 0, f"{one}: {done.stderr}"
