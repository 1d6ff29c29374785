"""Do what the tutorials say, word for word, each in a fresh folder: `make docs` calls this first.

A block without a language is typed into a shell, a Python block is run (or kept as the file that
the line above it names), and every line of a text block must stand in what the block before it
said. A picture or link below
`<!-- made: GLOB -->` is copied from what the tutorial made. So the pages
cannot show what the code no longer does.

`with=PYTHON` does the same as somebody who has only what is installed for that Python, with nothing
of this checkout, and copies nothing: `make tried` says whether a wheel does what the pages say.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PAGES = sorted([*(HERE / "tutorials").glob("*.md"), *(HERE / "fr").glob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"<!-- made: (\S+) -->\n!?\[[^\]]*\]\(([^)]+)\)")
KEPT_AS = re.compile(r"`(\w+\.(?:py|yaml))`[^`\n]*:\n\n$")
LEFT_OUT = "..."


class Untrue(Exception):
    """A page shows what does not happen."""


def walk(page: Path, python: Path | None = None) -> None:
    """Follow a page in a folder of its own, and fetch the pictures and files it shows.

    Parameters
    ----------
    page
        A page of the documentation.
    python
        The Python for which omemsim is installed, if not this checkout is to be tried.

    Raises
    ------
    Untrue
        If a command fails, or says something else than the page shows, or makes no such picture.
    """
    text = page.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="à l’essai ") as name:
        folder = Path(name)
        for table in (HERE / "tutorials").glob("*.csv"):
            shutil.copy(table, folder)
        said = ""
        for block in FENCE.finditer(text):
            kind, content = block[1], block[2]
            kept = KEPT_AS.search(text[: block.start()])
            where = f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, block.start()) + 1}"
            if kind == "text":
                _compare(content, said, where)
            elif kept:
                (folder / kept[1]).write_text(content, encoding="utf-8")
            elif kind == "python":
                (folder / "script.py").write_text(content, encoding="utf-8")
                said = _run([str(python or sys.executable), "script.py"], folder, where, python)
            elif not kind:
                lines = [_words(line, python) for line in lines_of(content)]
                said = "".join(_run(words, folder, where, python) for words in lines)
        for made, shown in SHOWN.findall(text):
            found = sorted(folder.glob(made))
            if len(found) != 1:
                raise Untrue(f"{page.name}: {len(found)} files are {made}, not one.")
            if python:
                continue
            target = page.parent / shown
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(found[0], target)


def lines_of(block: str) -> list[str]:
    """Return the lines of a shell's block, those that go on joined."""
    return block.replace("\\\n", " ").splitlines()


def _words(line: str, python: Path | None) -> list[str]:
    program, *rest = shlex.split(line, comments=True)
    if program != "omemsim":
        raise Untrue(f"{line}: only omemsim is typed in a tutorial.")
    command = [str(python.with_name(program))] if python else [sys.executable, "-m", program]
    return [*command, *rest]


def _run(command: list[str], folder: Path, where: str, python: Path | None) -> str:
    environment = dict(os.environ)
    before = environment.pop("PYTHONPATH", "")
    if not python:
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), before]))
        environment["MPLBACKEND"] = "Agg"
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        text=True,
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        raise Untrue(f"{where}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


def _compare(shown: str, said: str, where: str) -> None:
    """Check that the lines of a page stand in an output, in their order."""
    rest = iter([" ".join(line.split()) for line in said.splitlines()])
    for line in shown.splitlines():
        wanted = " ".join(line.split())
        if wanted not in ("", LEFT_OUT) and wanted not in rest:
            raise Untrue(f"{where}: it does not say {line!r}. It says:\n{said}")


def told_of(page: Path, python: Path | None = None) -> str:
    """Walk a page; return what is untrue in it, empty if nothing is."""
    began = time.perf_counter()
    try:
        walk(page, python)
    except Untrue as wrong:
        return str(wrong)
    finally:
        print(f"{page.relative_to(ROOT)}: {time.perf_counter() - began:.0f} s", flush=True)
    return ""


def main() -> int:
    """Walk the pages named, or all, two at a time; return 1 if one is untrue."""
    words = sys.argv[1:]
    pythons = [Path(word.removeprefix("with=")) for word in words if word.startswith("with=")]
    python = pythons[-1].absolute() if pythons else None
    pages = [HERE / word for word in words if not word.startswith("with=")] or PAGES
    with ThreadPoolExecutor(2) as pool:
        wrong = [found for found in pool.map(partial(told_of, python=python), pages) if found]
    for found in wrong:
        print(found, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
