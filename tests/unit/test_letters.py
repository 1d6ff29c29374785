"""Names in every script: letters in a font that has them, a mark for others, and no warning."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from matplotlib.text import Text

from omemsim.figures import letters
from omemsim.figures.letters import FAMILY, MARK, NOTE, families, legible
from omemsim.figures.page import Page, write

NAMES = {
    "Chinese": "南区警队",
    "Arabic": "حي الميناء",
    "syllabics": "ᓄᓇᕗᑦ",
    "emoji": "Harbour 🚓👮🏽‍♀️",
    "Devanagari": "पुलिस",
    "accents": "Orléans",
    "none": "\U000f0000\U000f0001",  # for private use: in no font
}


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine that has no font but matplotlib's own."""
    monkeypatch.setattr(letters, "OTHERS", ())
    for cached in (families, legible):
        cached.cache_clear()
    yield
    for cached in (families, legible):
        cached.cache_clear()


def page_of(name: str) -> Page:
    page = Page(3, title=f"{name} compared", subtitle=f"what {name} does")
    axes = page.panel(2, 1, 4, 1)
    axes.set_yticks([0, 1], [name, "b"])
    axes.text(0.5, 0.5, name, weight="bold")
    axes.set_xlabel(name)
    page.footer([f"A note on {name}."], "where from")
    return page


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("script", NAMES)
def test_no_script_draws_a_box_or_a_warning(script: str, tmp_path: Path) -> None:
    page = page_of(NAMES[script])
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # "Glyph ... missing from font(s)"
        assert len(write(page, tmp_path, "a")) == 2
        write(page, tmp_path, "a")  # drawn again, it is the same
    shown = [text.get_text() for text in page.findobj(Text)]
    has_marks = any(MARK in text for text in shown if text != NOTE)
    assert shown.count(NOTE) == int(has_marks)
    known = letters._letters_of(FAMILY)
    assert all(set(text) <= known | {"\n"} for text in shown)


@pytest.mark.usefixtures("bare")
def test_a_letter_in_no_font_is_one_mark_and_signs_that_join_are_none() -> None:
    assert legible("a南区b") == f"a{MARK}{MARK}b"
    assert legible("x\ufe0f") in ("x", "x\ufe0f")
    assert legible("Orléans\nحي") == "Orléans\nحي"


def test_a_font_that_is_there_is_used_and_then_there_is_no_mark(
    bare: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # STIXGeneral comes with matplotlib and has this bracket, which DejaVu Sans lacks.
    monkeypatch.setattr(letters, "OTHERS", ("A font that is not there", "STIXGeneral"))
    assert families("a\u2329b") == (FAMILY, "STIXGeneral")
    assert families("plain") == (FAMILY,)
    assert legible("a\u2329b") == "a\u2329b"
    page = page_of("a\u2329b")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write(page, tmp_path, "a")
    assert NOTE not in [text.get_text() for text in page.findobj(Text)]
