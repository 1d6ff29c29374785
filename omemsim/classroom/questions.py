"""What may be answered: the questions of the lessons that a page carries.

They are read from the page itself, so that the server knows of exactly those that its students see.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from omemsim.language import LANGUAGES, language_of, mark
from omemsim.language.names import zone_name
from omemsim.vocabulary.wheel import Zone

__all__ = ["KINDS", "Question", "questions_in", "questions_of"]

KINDS = ("choice", "number", "text")
Texts = Mapping[str, str]
_BLOCK = re.compile(r'<script type="text/plain" id="lessons">([^<]*)</script>')
DIRECTIONS = {
    "lower": mark("lower"),
    "same": mark("about the same"),
    "higher": mark("higher"),
}


@dataclass(frozen=True)
class Question:
    """A question of a lesson.

    Attributes
    ----------
    lesson, name : by which the page names it.
    kind : of `KINDS`.
    texts : what is asked, by language.
    choices : of a choice, the names that may be answered, each with its text by language.
    """

    lesson: str
    name: str
    kind: str
    texts: Texts
    choices: Mapping[str, Texts] = field(default_factory=dict)


def questions_in(page: str) -> list[Question]:
    """Return the questions of the lessons in a page; none if it carries none."""
    found = _BLOCK.search(page)
    if found is None:
        return []
    lessons = json.loads(zlib.decompress(base64.b64decode(found[1])))
    return [one for lesson in lessons for one in questions_of(lesson)]


def questions_of(lesson: Mapping[str, Any]) -> Iterator[Question]:
    """Yield the questions of a lesson, in the order of its steps.

    Parameters
    ----------
    lesson : as the page has it, in plain JSON types: ``name`` and ``steps``.
    """
    for step in lesson["steps"]:
        asked = _ASKED.get(step["kind"])
        if asked is not None:
            yield from asked(lesson, step)


def _chosen(lesson: Mapping[str, Any], step: Mapping[str, Any]) -> Iterator[Question]:
    choices = {option["id"]: option["label"] for option in step["options"]}
    yield Question(lesson["name"], step["id"], "choice", _asked(lesson, step), choices)


def _estimated(lesson: Mapping[str, Any], step: Mapping[str, Any]) -> Iterator[Question]:
    if step.get("as", "number") == "number":
        yield Question(lesson["name"], step["id"], "number", _asked(lesson, step))
        return
    choices = {
        name: {code: language_of(code).translate(text) for code in LANGUAGES}
        for name, text in DIRECTIONS.items()
    }
    yield Question(lesson["name"], step["id"], "choice", _asked(lesson, step), choices)


def _explained(lesson: Mapping[str, Any], step: Mapping[str, Any]) -> Iterator[Question]:
    yield Question(lesson["name"], step["id"], "text", _asked(lesson, step))


def _named(lesson: Mapping[str, Any], step: Mapping[str, Any]) -> Iterator[Question]:
    choices = {
        zone.name.lower(): {code: zone_name(zone, language_of(code)) for code in LANGUAGES}
        for zone in Zone
    }
    for place in step["places"]:
        texts = _asked(lesson, step, mark("neighbourhood {place}"), place=str(place))
        yield Question(lesson["name"], f"{step['id']}-{place}", "choice", texts, choices)


_ASKED: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Iterator[Question]]] = {
    "question": _chosen,
    "vote": _chosen,
    "estimate": _estimated,
    "explain": _explained,
    "find_out": _named,
}


def _asked(
    lesson: Mapping[str, Any], step: Mapping[str, Any], more: str = "", **values: str
) -> Texts:
    """Return what is asked: the step's title, and what of it."""
    texts = {}
    for code in LANGUAGES:
        parts = [step["title"][code], language_of(code).translate(more, **values)]
        texts[code] = ", ".join(part for part in parts if part)
    return texts
