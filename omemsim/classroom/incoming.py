"""What a request may say: size, shape, type, length and words are checked before anything else.

Whatever passes here is plain data of known kinds. It is shown as text by the browser and written
through the `csv` module, and reaches no path, shell or template.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping, Set
from typing import Any, NamedTuple, NoReturn

from omemsim.classroom.questions import WHOLE, Question, mix_text
from omemsim.classroom.rooms import MOST_STEPS, Answer, Place, key_of

__all__ = [
    "ACTIONS",
    "MOST_BYTES",
    "MOST_LETTERS",
    "Control",
    "Refused",
    "answer_in",
    "code_in",
    "control_in",
    "place_in",
]

MOST_BYTES = 4_096  # of a body: a text's letters of four bytes, and what stands around them
MOST_LETTERS = 600  # of a text, as many as the page lets one write
LARGEST = 1e12  # of a number that nothing else bounds
ROUNDING = 1e-6  # by which shares may add up to more than the whole
ACTIONS = ("pause", "go", "step", "reset", "next")
_SPACE = re.compile(r"\s+")
# Control characters, surrogates, private and unassigned code points; then marks that turn the
# direction of what follows.
_UNSEEN = ("Cc", "Cs", "Co", "Cn")
_TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Refused(Exception):
    """A request that is not answered as asked.

    Parameters
    ----------
    status : of HTTP.
    reason : one word, for the page that asked.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def answer_in(body: bytes, questions: Mapping[str, Question]) -> Answer:
    """Return the answer that a body gives.

    Raises
    ------
    Refused
        If the body is no answer, or none to one of the questions.
    """
    said = _object(body, {"lesson", "question", "kind", "value"})
    key = key_of(_word(said["lesson"]), _word(said["question"]))
    question = questions.get(key)
    if question is None or said["kind"] != question.kind:
        raise Refused(422, "question")
    return Answer(key, _value(said["value"], question))


def place_in(body: bytes, steps: Mapping[str, int]) -> Place | None:
    """Return the step that a body names, None if the page has no lesson open.

    Parameters
    ----------
    body : of the request.
    steps : how many each lesson has, by its name.

    Raises
    ------
    Refused
        If there is no such step.
    """
    said = _object(body, {"lesson", "step"})
    if said["lesson"] is None:
        return None
    lesson = _word(said["lesson"])
    return Place(lesson, _step(said["step"], steps.get(lesson, 0)))


def code_in(body: bytes) -> str:
    """Return the room code that a body gives.

    Raises
    ------
    Refused
        If there is none.
    """
    return _word(_object(body, {"code"})["code"])


class Control(NamedTuple):
    """What an instructor asks for.

    Attributes
    ----------
    action : one of `ACTIONS`.
    step, lesson : where to, of the action "step"; None where it says nothing of it.
    """

    action: str
    step: int | None = None
    lesson: str | None = None


def control_in(body: bytes, steps: Mapping[str, int]) -> Control:
    """Return what an instructor asks for.

    Parameters
    ----------
    body : of the request.
    steps : how many each lesson has, by its name.

    Raises
    ------
    Refused
        If it is nothing of that kind.
    """
    said = _object(body, {"action", "step"}, may={"lesson"})
    action, lesson = said["action"], said.get("lesson")
    if action not in ACTIONS:
        raise Refused(422, "action")
    if action != "step":
        return Control(action)
    if lesson is not None and _word(lesson) not in steps:
        raise Refused(422, "lesson")
    return Control(action, _step(said["step"], MOST_STEPS), lesson)


def _step(value: Any, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise Refused(422, "step")
    return value


def _value(value: Any, question: Question) -> str | float:
    if question.kind == "choice":
        if not isinstance(value, str) or value not in question.choices:
            raise Refused(422, "choice")
        return value
    if question.kind == "number":
        return _number(value, LARGEST if question.most is None else question.most)
    if question.kind == "mix":
        return _mix(value, question)
    return _text(value)


def _number(value: Any, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(422, "number")
    if not 0 <= value <= most or not math.isfinite(value):
        raise Refused(422, "number")
    return float(value)


def _mix(value: Any, question: Question) -> str:
    if not isinstance(value, dict) or not value.keys() <= question.choices.keys():
        raise Refused(422, "mix")
    shares = {name: _number(share, WHOLE) for name, share in value.items()}
    if sum(shares.values()) > WHOLE + ROUNDING:
        raise Refused(422, "mix")
    return mix_text(shares, question)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MOST_LETTERS:
        raise Refused(422, "text")
    spaced = _SPACE.sub(" ", unicodedata.normalize("NFC", value))
    seen = "".join(letter for letter in spaced if unicodedata.category(letter) not in _UNSEEN)
    text = _SPACE.sub(" ", _TURNS.sub("", seen)).strip()[:MOST_LETTERS]
    if not text:
        raise Refused(422, "text")
    return text


def _word(value: Any) -> str:
    if not isinstance(value, str) or not value.isascii() or len(value) > 80:
        raise Refused(422, "word")
    return value


def _object(body: bytes, keys: set[str], may: Set[str] = frozenset()) -> dict[str, Any]:
    """Return the JSON object of a body, which has these keys, may have some, and has no others."""
    try:
        said = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused(400, "json") from None
    if not isinstance(said, dict) or not keys <= said.keys() <= keys | may:
        raise Refused(422, "keys")
    return said


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
