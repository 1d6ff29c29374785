"""The pages of a class in both languages: lobby, desk, and the class page with its listener."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from omemsim.classroom.questions import Outline, Question, without_scripts
from omemsim.classroom.rooms import CODE_LENGTH, key_of
from omemsim.classroom.served import File, file_of
from omemsim.classroom.words import DESK, LOBBY, STUDENT
from omemsim.language import LANGUAGES, Language, language_of, mark, said
from omemsim.page.bundle import served
from omemsim.present.html import page

__all__ = ["DESK_PATH", "files_of"]

WEB = Path(__file__).with_name("web")
DESK_PATH = "/desk"
OWN_NAMES = {"en": "English", "fr": "Français"}
TITLES = {
    "lobby": mark("Join the class"),
    "desk": mark("The class: instructor’s desk"),
    "wall": mark("The class"),
}
WORDS = {"lobby": LOBBY, "desk": DESK, "wall": DESK}
PATHS = {"lobby": "", "desk": DESK_PATH, "wall": "/wall"}
JAVASCRIPT, CSS, HTML = "text/javascript", "text/css", "text/html"


def files_of(
    class_page: str,
    questions: Sequence[Question],
    outlines: Mapping[str, Outline],
    language: str,
) -> dict[str, File]:
    """Return everything that the server sends as it is, by path.

    Parameters
    ----------
    class_page : the text of `omemsim export page`.
    questions : that the desk shows answers to, in their order.
    outlines : of the lessons, whose steps the desk names.
    language : of pages whose path names none.
    """
    asked = {
        code: {
            "questions": [_asked(one, code) for one in questions],
            "lessons": {name: _outlined(one, code) for name, one in outlines.items()},
        }
        for code in LANGUAGES
    }
    files = {
        "/page": _class_page(class_page),
        "/class.css": file_of(_text("class.css"), CSS),
        **{
            f"/{name}.js": file_of(_text(f"{name}.js"), JAVASCRIPT) for name in (*TITLES, "answers")
        },
    }
    for code in LANGUAGES:
        for name, path in PATHS.items():
            file = _rendered(name, language_of(code), asked[code] if name == "desk" else {})
            files[f"/{code}{path}"] = file
            if code == language:
                files[path or "/"] = file
    return files


def _class_page(text: str) -> File:
    words = {code: said(STUDENT, language_of(code)) for code in LANGUAGES}
    made = served(
        without_scripts(text), _text("student.css"), _text("student.js"), {"class-words": words}
    )
    return file_of(made.text, HTML, f"{made.policy}; frame-ancestors 'none'")


def _rendered(name: str, language: Language, asked: Mapping[str, Any]) -> File:
    other = next(code for code in LANGUAGES if code != language.code)
    path = f"/{other}{PATHS[name]}"
    text = page(
        f"class_{name}.html",
        {},
        lang=language.code,
        _=language.translate,
        title=language.translate(TITLES[name]),
        name=name,
        other={"code": other, "name": OWN_NAMES[other], "path": path},
        words=said(WORDS[name], language),
        asked=asked,
        wall=f"/{language.code}{PATHS['wall']}",
        letters=CODE_LENGTH,
    )
    return file_of(text, HTML)


def _asked(one: Question, code: str) -> dict[str, Any]:
    """Return a question as the desk shows it."""
    choices = [{"name": name, "text": texts[code]} for name, texts in one.choices.items()]
    return {
        "key": key_of(one.lesson, one.name),
        "lesson": one.lesson,
        "step": one.step,
        "kind": one.kind,
        "unit": one.unit.get(code, ""),
        "text": one.texts[code],
        "part": one.part.get(code, ""),
        "choices": choices,
    }


def _outlined(one: Outline, code: str) -> dict[str, Any]:
    """Return a lesson as the desk names it."""
    steps = [title[code] for title in one.steps]
    return {"title": one.title[code], "steps": steps, "kinds": list(one.kinds)}


def _text(name: str) -> str:
    return (WEB / name).read_text(encoding="utf-8")
