"""What may be answered: the questions of the lessons that a page carries.

They are read from the page itself, so that the server knows of exactly those that its students see.
An answer bears its step's id; where a step has parts (places, roles, zones), ``id.part``. Whatever
can be chosen is answered by its name, so that answers in two languages are one.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from omemsim.language import LANGUAGES, language_of, mark, said
from omemsim.language.names import zone_name
from omemsim.page.exercise_words import EXERCISE
from omemsim.page.lesson_checks import SHARES
from omemsim.page.name_words import NAMES, TACTICS
from omemsim.vocabulary.wheel import Tactic, Zone

__all__ = [
    "KINDS",
    "WHOLE",
    "Outline",
    "Question",
    "mix_of",
    "mix_text",
    "outlines_in",
    "questions_in",
    "questions_of",
    "scripts_in",
    "without_scripts",
]

KINDS = ("choice", "number", "mix", "text")
WHOLE = 100.0  # percent of the hours that a mix shares out
_OF_THE_PAGE = {**EXERCISE, **TACTICS}
REST = Tactic.PATROL.name.lower()  # takes the hours that a mix gives to nothing else
Texts = Mapping[str, str]
Tree = Mapping[str, Any]
_BLOCK = re.compile(r'<script type="text/plain" id="lessons">([^<]*)</script>')
WAYS = ("lower", "same", "higher")


@dataclass(frozen=True)
class Question:
    """A question of a lesson.

    Attributes
    ----------
    lesson, name : by which the page names it.
    kind : of `KINDS`.
    texts : what is asked, by language.
    choices : of a choice, the names that may be answered, each with its text by language; of a
        mix, the tactics that may have a share.
    most : the largest number that is possible; None where there is none. The smallest is 0.
    step : of the lesson, from 1.
    unit : of a number, by language; empty where it has none.
    part : of the step that is asked for, by language; empty where it is the whole.
    """

    lesson: str
    name: str
    kind: str
    texts: Texts
    choices: Mapping[str, Texts] = field(default_factory=dict)
    most: float | None = None
    step: int = 1
    unit: Texts = field(default_factory=dict)
    part: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Outline:
    """A lesson's title and those of its steps, each by language, and the kinds of its steps."""

    title: Texts
    steps: Sequence[Texts]
    kinds: Sequence[str]


def questions_in(page: str) -> list[Question]:
    """Return the questions of the lessons in a page; none if it carries none."""
    return [one for lesson in _lessons_in(page) for one in questions_of(lesson)]


def outlines_in(page: str) -> dict[str, Outline]:
    """Return the outlines of the lessons in a page, by their names."""
    return {
        lesson["name"]: Outline(
            lesson["title"],
            [step["title"] for step in lesson["steps"]],
            [step["kind"] for step in lesson["steps"]],
        )
        for lesson in _lessons_in(page)
    }


def scripts_in(page: str) -> dict[str, list[Tree]]:
    """Return the instructor's script of each step of the lessons in a page, by lesson."""
    return {
        lesson["name"]: [step.get("notes", {}) for step in lesson["steps"]]
        for lesson in _lessons_in(page)
    }


def without_scripts(page: str) -> str:
    """Return a page whose lessons lack the instructor's script, as students get it."""
    lessons = _lessons_in(page)
    for lesson in lessons:
        for step in lesson["steps"]:
            step.pop("notes", None)
    packed = zlib.compress(json.dumps(lessons, ensure_ascii=False).encode(), 9)
    text = base64.b64encode(packed).decode()
    return _BLOCK.sub(lambda found: found[0].replace(found[1], text), page)


def _lessons_in(page: str) -> list[Tree]:
    found = _BLOCK.search(page)
    return json.loads(zlib.decompress(base64.b64decode(found[1]))) if found else []


def mix_text(shares: Mapping[str, float], question: Question) -> str:
    """Return a mix as it is kept, the same for every language: "liaison 40, patrol 60".

    Parameters
    ----------
    shares : percent of the hours, by tactic; they leave 0 or more.
    question : whose answer it is.
    """
    whole = {**shares, REST: shares.get(REST, 0.0) + WHOLE - sum(shares.values())}
    given = {name: whole.get(name, 0.0) for name in question.choices}
    return ", ".join(f"{name} {share:.6g}" for name, share in given.items() if share > 0)


def mix_of(text: str) -> dict[str, float]:
    """Return the shares of a mix that `mix_text` wrote."""
    pairs = (part.rsplit(" ", 1) for part in text.split(", "))
    return {name: float(share) for name, share in pairs}


def questions_of(lesson: Tree) -> Iterator[Question]:
    """Yield the questions of a lesson, in the order of its steps.

    Parameters
    ----------
    lesson : as the page has it, in plain JSON types.
    """
    for number, step in enumerate(lesson["steps"], 1):
        asked = _ASKED.get(step["kind"])
        if asked is not None:
            for part in asked(lesson, step):
                found = part.question(lesson, step)
                yield replace(found, step=number, unit=part.unit, part=part.texts)


@dataclass(frozen=True)
class _Part:
    """A part of a step that is answered; ``name`` and ``texts`` are empty where it is the whole."""

    kind: str
    choices: Mapping[str, Texts] = field(default_factory=dict)
    name: str = ""
    texts: Texts = field(default_factory=dict)
    most: float | None = None
    unit: Texts = field(default_factory=dict)

    def question(self, lesson: Tree, step: Tree) -> Question:
        name = f"{step['id']}.{self.name}" if self.name else step["id"]
        texts = {
            code: ", ".join(x for x in (step["title"][code], self.texts.get(code, "")) if x)
            for code in LANGUAGES
        }
        return Question(lesson["name"], name, self.kind, texts, self.choices, self.most)


def _question(lesson: Tree, step: Tree) -> Iterator[_Part]:
    steps = {one["id"]: one for one in lesson["steps"]}
    first = steps[step["repeats"]] if step.get("repeats") else step
    yield _Part("choice", _options(first))


def _estimate(lesson: Tree, step: Tree) -> Iterator[_Part]:
    del lesson
    if step.get("as", "number") == "number":
        yield _Part("number", most=step.get("most"), unit=_unit(step.get("of", {})))
    else:
        yield _Part("choice", {way: _page_says(f"exercise.way.{way}") for way in WAYS})


def _explain(lesson: Tree, step: Tree) -> Iterator[_Part]:
    del lesson, step
    yield _Part("text")


def _find_out(lesson: Tree, step: Tree) -> Iterator[_Part]:
    del lesson
    zones = {zone.name.lower(): _zones([zone]) for zone in Zone}
    for place in step["places"]:
        where = _in_all(mark("neighbourhood {place}"), place=str(place))
        yield _Part("choice", zones, str(place), where)
    used = _in_all(mark("hours used"))
    yield _Part("number", name="hours", texts=used, most=step["hours"])


def _choose(lesson: Tree, step: Tree) -> Iterator[_Part]:
    del lesson
    for group in step["groups"]:
        zones = [Zone[name.upper()] for name in group["zones"]]
        shared = {name: _page_says(f"tactic.{name}") for name in (*group["tactics"], REST)}
        yield _Part("mix", shared, "-".join(group["zones"]), _zones(zones))


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


def _unit(of: Tree) -> Texts:
    """Return what a number counts, as the page names it."""
    measure = of.get("measure", "")
    if of.get("zone"):
        return _in_all(mark("Neighbourhoods"))
    name = NAMES.get(f"measure.{measure}", NAMES.get(f"detail.{measure}"))
    if name is None:
        return {}
    found = {code: said({"": name}, language_of(code))[""] for code in LANGUAGES}
    if measure not in SHARES:
        return found
    return {
        code: language_of(code).translate(mark("{name}, percent"), name=text)
        for code, text in found.items()
    }


def _page_says(key: str) -> Texts:
    """Return a text of the page, so that desk and page cannot differ."""
    one = {key: _OF_THE_PAGE[key]}
    return {code: said(one, language_of(code))[key] for code in LANGUAGES}


def _in_all(text: str, **values: str) -> Texts:
    return {code: language_of(code).translate(text, **values) for code in LANGUAGES}
