"""Groups of a class: who has joined, what they answered, and what the instructor says to all.

Plain data in one thread, the server's: nothing here knows of requests or files. A group shares
nothing with another one. Students have no names: a student is a token that a browser holds, and a
number drawn by lot, by which answers of before and after can be paired.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from omemsim.classroom.questions import Question

__all__ = [
    "Answer",
    "Classroom",
    "Committed",
    "Full",
    "Group",
    "Kept",
    "Place",
    "Signal",
    "State",
    "Student",
    "key_of",
]

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so no words; nothing that looks like a digit
CODE_LENGTH = 6  # some 60 million codes: more than can be tried in a day (`app.OF_ADDRESS`)
MOST_STUDENTS = 250  # in a group
MOST_OF_AN_ADDRESS = 150  # of a group's students: one address cannot fill it, one router can
MOST_STEPS = 99
HERE = 30.0  # seconds since a student was last heard of; a waiting page asks again every 20


class Full(Exception):
    """A group has no place left."""


class Committed(Exception):
    """A question is answered already, and otherwise."""


class Answer(NamedTuple):
    """What a student answered: a choice's name, a number, or a text."""

    question: str
    value: str | float


class Place(NamedTuple):
    """Where a page is: at a step of a lesson, counted from 1."""

    lesson: str
    step: int


class Kept(NamedTuple):
    """An answer as it is kept beyond its round; all of a student's have its number."""

    group: int
    round: int
    student: int
    question: str
    value: str | float


class Signal:
    """A number that grows at each change, and can be waited for."""

    def __init__(self) -> None:
        self.version = 1
        self._event = asyncio.Event()

    def change(self) -> None:
        """Count a change, and wake all who wait."""
        self.version += 1
        self._event.set()
        self._event = asyncio.Event()

    async def newer(self, version: int, seconds: float) -> int:
        """Return the version once it is not the one that is known, or when time is up."""
        if self.version == version:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._event.wait()
        return self.version


@dataclass
class State:
    """What the instructor says to all.

    Attributes
    ----------
    is_paused : whether the pages are to wait.
    step : of the lesson, from 1; None while everybody may be anywhere.
    lesson : that the step is of; None where there is none.
    round : counts from 1; each new one begins without answers.
    """

    is_paused: bool = False
    step: int | None = None
    lesson: str | None = None
    round: int = 1


@dataclass
class Student:
    """A browser that has joined.

    Attributes
    ----------
    number : drawn by lot, of no other student in the group.
    address : where it joined from; it is kept in memory only.
    seen : when it was last heard of, in seconds of `time.monotonic`.
    place : where its page is, as it said last; None without a lesson.
    has_left : whether it said that it leaves; its answers stay.
    answers : of this round, by `key_of` their question.
    """

    number: int
    address: str
    seen: float
    place: Place | None = None
    has_left: bool = False
    answers: dict[str, Answer] = field(default_factory=dict)


def key_of(lesson: str, question: str) -> str:
    """Return the one name that a question of a lesson has in a group."""
    return f"{lesson}/{question}"


class Group:
    """A group of students and its instructor.

    Parameters
    ----------
    number : from 1, for people.
    questions : all that may be answered, by `key_of`.
    steps : how many each lesson has, by its name.
    keeps : whether the answers of a round that is over stay in memory.
    """

    def __init__(
        self, number: int, questions: Mapping[str, Question], steps: Mapping[str, int], keeps: bool
    ) -> None:
        self.number = number
        self.keeps = keeps
        self.questions = questions
        self.steps = steps
        self.secret = secrets.token_urlsafe(18)
        self.code = _code()
        self.state = State()
        self.students: dict[str, Student] = {}
        self.told = Signal()  # to students
        self.wall = Signal()  # to the instructor
        self.changed: dict[str, int] = {}  # the wall's version at the last answer to a question
        self.kept: list[Kept] = []  # of rounds that are over

    # ---- students

    def join(self, address: str, token: str = "") -> str:
        """Let a student in; return the token by which it is known.

        Parameters
        ----------
        address : where it comes from.
        token : that it has of an earlier visit: who returns is the same student.

        Raises
        ------
        Full
            If the group, or what one address may have of it, is full.
        """
        if (known := self.students.get(token)) is not None:
            known.seen, known.has_left = time.monotonic(), False
            self.wall.change()
            return token
        of_address = sum(one.address == address for one in self.students.values())
        if len(self.students) >= MOST_STUDENTS or of_address >= MOST_OF_AN_ADDRESS:
            raise Full
        taken = {one.number for one in self.students.values()}
        free = [number for number in range(1, 1_000) if number not in taken]
        token = secrets.token_urlsafe(18)
        self.students[token] = Student(secrets.choice(free), address, time.monotonic())
        self.wall.change()
        return token

    def leave(self, student: Student) -> None:
        """Count a student no longer; its answers stay."""
        student.has_left, student.place = True, None
        self.wall.change()

    def move(self, student: Student, place: Place | None) -> None:
        """Note where a student's page is, in place of where it was."""
        if student.place != place:
            student.place = place
            self.wall.change()

    def joined(self) -> int:
        """Return how many students have joined and not left."""
        return sum(not one.has_left for one in self.students.values())

    def here(self) -> list[Student]:
        """Return the students that were heard of lately."""
        since = time.monotonic() - HERE
        return [one for one in self.students.values() if one.seen >= since and not one.has_left]

    def places(self) -> dict[Place, int]:
        """Return how many of those who are here are at which step."""
        return dict(sorted(Counter(one.place for one in self.here() if one.place).items()))

    def answer(self, student: Student, answer: Answer) -> None:
        """Keep an answer; what is committed stays until the class begins again.

        Raises
        ------
        Committed
            If the student has answered otherwise.
        """
        before = student.answers.get(answer.question)
        if before == answer:
            return  # it was sent twice, as after a broken connection
        if before is not None:
            raise Committed
        student.answers[answer.question] = answer
        self.wall.change()
        for part in self.parts(answer.question):
            if part == answer.question or part in self.changed:
                self.changed[part] = self.wall.version

    def parts(self, key: str) -> list[str]:
        """Return the questions whose answers make up one mix with this one; else this one alone."""
        asked = self.questions.get(key)
        if asked is None or asked.kind != "mix":
            return [key]
        step = (asked.lesson, asked.step, asked.kind)
        return [
            other
            for other, one in self.questions.items()
            if (one.lesson, one.step, one.kind) == step
        ]

    def values(self, question: str) -> list[str | float]:
        """Return all answers to a question, in an order that says nothing of who came when."""
        found = [
            one.answers[question].value for one in self.students.values() if question in one.answers
        ]
        return sorted(found, key=lambda value: (isinstance(value, str), value))

    def answers(self) -> Iterator[Kept]:
        """Yield the answers of this round, by student and question."""
        for one in sorted(self.students.values(), key=lambda student: student.number):
            for key in self.questions:
                if key in one.answers:
                    value = one.answers[key].value
                    yield Kept(self.number, self.state.round, one.number, key, value)

    # ---- the instructor

    def pause(self, is_paused: bool) -> None:
        """Let all pages wait, or go on."""
        self.state.is_paused = is_paused
        self._tell()

    def go_to(self, step: int, lesson: str | None = None) -> None:
        """Bring all pages to a step of a lesson, never past its last.

        Parameters
        ----------
        step : from 1.
        lesson : its name; None is the one that the class is in, else the first.
        """
        self.state.lesson = lesson or self.state.lesson or next(iter(self.steps), None)
        most = self.steps.get(self.state.lesson or "", MOST_STEPS)
        self.state.step = min(max(step, 1), most)
        self._tell()

    def reset(self, *, for_others: bool) -> None:
        """Begin again without answers; for others also without students, and with another code."""
        if self.keeps:
            self.kept += self.answers()
        self.state = State(round=self.state.round + 1)
        for one in self.students.values():
            one.answers.clear()
            one.place = None
        if for_others:
            self.students.clear()
            self.code = _code()
        self.changed.clear()
        self._tell()

    def _tell(self) -> None:
        self.told.change()
        self.wall.change()


class Classroom:
    """All groups of a server; none can be added while it runs.

    Parameters
    ----------
    groups : how many.
    questions : that may be answered in each.
    steps : how many each lesson has, by its name.
    keeps : whether the answers of rounds that are over stay in memory.
    """

    def __init__(
        self,
        groups: int,
        questions: Sequence[Question],
        steps: Mapping[str, int],
        *,
        keeps: bool = False,
    ) -> None:
        known = {key_of(one.lesson, one.name): one for one in questions}
        self.groups = [Group(number, known, steps, keeps) for number in range(1, groups + 1)]
        self.is_over = False

    def by_code(self, code: str) -> Group | None:
        """Return the group with a code, which people may type in small letters."""
        return _same(code.strip().upper(), ((one.code, one) for one in self.groups))

    def by_secret(self, secret: str) -> Group | None:
        """Return the group that an instructor's secret opens."""
        return _same(secret, ((one.secret, one) for one in self.groups))

    def student(self, token: str) -> tuple[Group, Student] | None:
        """Return a student by its token, and its group."""
        for group in self.groups:
            if (found := group.students.get(token)) is not None:
                return group, found
        return None

    def end(self) -> None:
        """Wake all who wait: the server stops."""
        self.is_over = True
        for group in self.groups:
            group.told.change()
            group.wall.change()

    def answers(self) -> list[Kept]:
        """Return all answers of all rounds and groups."""
        return [one for group in self.groups for one in (*group.kept, *group.answers())]


def _code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))


def _same(given: str, known: Iterable[tuple[str, Group]]) -> Group | None:
    """Return the group of a code or secret, in a time that tells nothing of how much is right."""
    found = None
    for secret, group in known:
        if hmac.compare_digest(secret.encode(), given.encode("utf-8", "replace")):
            found = group
    return found
