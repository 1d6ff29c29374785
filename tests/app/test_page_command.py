"""`omemsim export page` as a person meets it."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path

import pytest

import omemsim.page as pages
from omemsim.cli import main
from omemsim.compiling import browser
from omemsim.vocabulary.errors import InputError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_page_is_one_file(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pages, "module", lambda: b"\0asm")  # the weeks: test_page runs them
    assert main(["export", "page", "strategies=omem", "language=fr"]) == 0
    assert [path.name for path in here.iterdir()] == ["omemsim-small.html"]
    text = (here / "omemsim-small.html").read_text(encoding="utf-8")
    assert '<html lang="fr">' in text
    assert len(text.encode()) < pages.MOST_BYTES
    said = capsys.readouterr().out
    assert "omemsim-small.html: 1.3" in said
    assert "20 replicates" in said


def test_a_page_has_the_lessons_that_are_asked_for(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pages, "module", lambda: b"\0asm")
    assert main(["new", "lesson", "mine", "start=problem"]) == 0
    assert main(["export", "page", "strategies=omem", "lessons=council,mine.yaml"]) == 0
    text = (here / "omemsim-small.html").read_text(encoding="utf-8")
    packed = re.search(r'id="lessons">([^<]*)<', text)
    assert packed
    lessons = json.loads(zlib.decompress(base64.b64decode(packed[1])))
    assert [one["name"] for one in lessons] == ["council", "mine"]
    records = json.loads(re.search(r'id="records">([^<]*)<', text)[1])  # type: ignore[index]
    names = {name for name, *_ in records["names"]}
    assert {"hot_spots", "mobilization_everywhere"} <= names  # the council can vote for them
    offered = json.loads(re.search(r'id="data">([^<]*)<', text)[1])["strategies"]  # type: ignore[index]
    assert [one["name"] for one in offered] == ["omem"]
    assert main(["new", "lesson", "mine"]) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["out=page.txt"], "must end in .html"),
        (["shape=wide"], "shape= says nothing of a page"),
        (["store=x"], "store= says nothing of a page"),
        (["more"], "takes no further word, here 'more'"),
        (["language=de"], "must be one of en, fr"),
        (["strategies=omen"], "Did you mean 'omem'?"),
        (["strategies=,"], "names none"),
        (["town=city"], "100,000 residents"),
        (["lessons=weel"], "Did you mean 'wheel'?"),
        (["lessons=mine.yaml"], "there is no such file"),
    ],
)
def test_wrong_words_are_told_and_nothing_is_written(
    here: Path, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "page", *words]) == 2
    assert told in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_words_of_a_page_say_nothing_of_a_study(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "out=x.csv", "language=fr"]) == 2
    assert "language= is a word of `omemsim export page`" in capsys.readouterr().err


# --- Where the compiled weeks come from -------------------------------------------------------


@pytest.fixture
def no_cache(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("NUMBA_CACHE_DIR", "OMEMSIM_PRIVATE_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(here / "cache"))
    monkeypatch.setattr(browser, "FOLDER", here / "compiled")
    (here / "compiled").mkdir()
    return here


def test_the_weeks_for_browsers_are_made_once(
    no_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bytes] = []
    monkeypatch.setattr(browser, "_made", lambda: made.append(b"weeks") or made[-1])
    assert browser.module() == browser.module() == b"weeks"
    assert made == [b"weeks"]


def test_a_package_s_own_weeks_are_taken_if_whole_and_of_these_sources(
    no_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "_made", lambda: b"made here")
    folder = no_cache / "compiled"
    browser.write_module(folder, b"of the package")
    assert browser.module() == b"of the package"
    (folder / browser.FILE).write_bytes(b"of the pack")
    assert browser.module() == b"made here"
    browser.write_module(folder, b"of the package")
    monkeypatch.setattr(browser, "_identity", lambda: 64 * "0")
    assert browser.module() == b"made here"


def test_without_a_linker_the_message_says_what_to_install(
    no_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser.shutil, "which", lambda name: None)
    with pytest.raises(InputError, match="sudo apt install lld"):
        browser.module()
