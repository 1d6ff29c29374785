"""What may be answered: the questions of the lessons that a page carries.

They are read from the page itself, so that the server knows of exactly those that its students see.
An answer bears its step's id; where a step has parts (places, roles, zones), ``id.part``.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from omemsim.language import LANGUAGES, language_of, mark
from omemsim.language.names import zone_name
from omemsim.vocabulary.wheel import Zone

__all__ = ["KINDS", "Question", "questions_in", "questions_of"]

KINDS = ("choice", "number", "text")
Texts = Mapping[str, str]
Tree = Mapping[str, Any]
_BLOCK = re.compile(r'<script type="text/plain" id="lessons">([^<]*)</script>')
WAYS = {"lower": mark("lower"), "same": mark("about the same"), "higher": mark("higher")}


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


def questions_of(lesson: Tree) -> Iterator[Question]:
    """Yield the questions of a lesson, in the order of its steps.

    Parameters
    ----------
    lesson : as the page has it, in plain JSON types.
    """
    for step in lesson["steps"]:
        asked = _ASKED.get(step["kind"])
        if asked is not None:
            for part in asked(lesson, step):
                yield part.question(lesson, step)


@dataclass(frozen=True)
class _Part:
    """A part of a step that is answered; ``name`` and ``texts`` are empty where it is the whole."""

    kind: str
    choices: Mapping[str, Texts] = field(default_factory=dict)
    name: str = ""
    texts: Texts = field(default_factory=dict)

    def question(self, lesson: Tree, step: Tree) -> Question:
        name = f"{step['id']}.{self.name}" if self.name else step["id"]
        texts = {
            code: ", ".join(x for x in (step["title"][code], self.texts.get(code, "")) if x)
            for code in LANGUAGES
        }
        return Question(lesson["name"], name, self.kind, texts, self.choices)


def _question(lesson: Tree, step: Tree) -> Iterator[_Part]:
    steps = {one["id"]: one for one in lesson["steps"]}
    first = steps[step["repeats"]] if step.get("repeats") else step
    yield _Part("choice", _options(first))


def _estimate(lesson: Tree, step: Tree) -> Iterator[_Part]:
    del lesson
    is_number = step.get("as", "number") == "number"
    ways = {name: _in_all(text) for name, text in WAYS.items()}
    yield _Part("number") if is_number else _Part("choice", ways)


def _explain(lesson: Tree, step: Tree) -> Iterator[_Part]:
    del lesson, step
    yield _Part("text")


def _find_out(lesson: Tree, step: Tree) -> Iterator[_Part]:
    del lesson
    zones = {zone.name.lower(): _zones([zone]) for zone in Zone}
    for place in step["places"]:
        where = _in_all(mark("neighbourhood {place}"), place=str(place))
        yield _Part("choice", zones, str(place), where)
    yield _Part("number", name="hours", texts=_in_all(mark("hours used")))


def _choose(lesson: Tree, step: Tree) -> Iterator[_Part]:
    del lesson
    for group in step["groups"]:
        zones = [Zone[name.upper()] for name in group["zones"]]
        yield _Part("text", name="-".join(group["zones"]), texts=_zones(zones))


def _vote(lesson: Tree, step: Tree) -> Iterator[_Part]:
    options = _options(step)
    for role in lesson["roles"]:
        yield _Part("choice", options, role["id"], role["label"])
    yield _Part("choice", options)


_ASKED: Mapping[str, Callable[[Tree, Tree], Iterator[_Part]]] = {
    "question": _question,
    "estimate": _estimate,
    "explain": _explain,
    "find_out": _find_out,
    "choose": _choose,
    "vote": _vote,
}


def _options(step: Tree) -> dict[str, Texts]:
    return {option["id"]: option["label"] for option in step["options"]}


def _zones(zones: Sequence[Zone]) -> Texts:
    return {
        code: ", ".join(zone_name(zone, language_of(code)) for zone in zones) for code in LANGUAGES
    }


def _in_all(text: str, **values: str) -> Texts:
    return {code: language_of(code).translate(text, **values) for code in LANGUAGES}
