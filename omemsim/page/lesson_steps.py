"""What a lesson's file may hold: the lesson, its steps by kind, and what each of them needs.

Every text is in English and French. A field marked `NEEDED` has to be written; all else may be
left out. `lessons.py` reads files into these, `lesson_checks.py` holds one field to another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from omemsim.inputs.config import BASELINE

__all__ = [
    "KINDS",
    "Choose",
    "Debrief",
    "Estimate",
    "Explain",
    "FindOut",
    "Lesson",
    "Objective",
    "Option",
    "Question",
    "Quote",
    "Read",
    "Reading",
    "Role",
    "Run",
    "See",
    "Source",
    "Step",
    "Text",
    "Vote",
]


NEEDED = {"needed": True}
PLACE = {"low": 1, "high": 10_000, "unit": "a neighbourhood's number", **NEEDED}


def _needed() -> Any:
    return field(default="", metadata=NEEDED)


def _whole(low: int, high: int, unit: str, default: int = 0) -> Any:
    """Return a field for a whole number; it is needed where its default is out of bounds."""
    bounds = {"low": low, "high": high, "unit": unit, "needed": not low <= default <= high}
    return field(default=default, metadata=bounds)


@dataclass(frozen=True)
class Text:
    """The same in both languages; an empty line begins a paragraph."""

    en: str = _needed()
    fr: str = _needed()


@dataclass(frozen=True)
class Quote:
    """What somebody wrote, a translation of it, and where it stands."""

    text: Text = field(default_factory=Text, metadata=NEEDED)
    source: Text = field(default_factory=Text, metadata=NEEDED)


@dataclass(frozen=True)
class Notes:
    """The instructor's script of a step: what to say and ask, and what tends to go wrong."""

    say: Text | None = None
    ask: Text | None = None
    wrong: Text | None = None


@dataclass(frozen=True)
class Step:
    """What every step has.

    Attributes
    ----------
    id : by which other steps and gathered answers name it.
    minutes : that the class takes over it.
    notice : what to see here; `quote` is the source behind it.
    """

    kind: str = _needed()
    id: str = _needed()
    minutes: int = _whole(1, 90, "minutes")
    title: Text = field(default_factory=Text, metadata=NEEDED)
    text: Text | None = None
    notice: Text | None = None
    quote: Quote | None = None
    notes: Notes = field(default_factory=Notes)


@dataclass(frozen=True)
class Read(Step):
    """Read a text; with ``wheel``, the four zones and their tactics stand beside it."""

    wheel: bool = False


@dataclass(frozen=True)
class Option:
    """One of the answers to choose from; of a vote, the strategy that it stands for."""

    id: str = _needed()
    label: Text = field(default_factory=Text, metadata=NEEDED)
    strategy: str = ""


@dataclass(frozen=True)
class Question(Step):
    """A question on ideas, whose answer is a source's; asked before, and with ``repeats`` after.

    Attributes
    ----------
    options : of a question that repeats another, that one's.
    answer, because : shown where the question is repeated, not before.
    """

    options: list[Option] = field(default_factory=list)
    answer: str = ""
    because: Text | None = None
    repeats: str = ""


@dataclass(frozen=True)
class Reading:
    """A number of the town: of all of it, of one neighbourhood, or how many are in a zone.

    Attributes
    ----------
    place : number of a neighbourhood, from 1; 0 is the whole town.
    zone : a zone's name, with the measure ``zone`` or ``true_zone``.
    """

    measure: str = _needed()
    place: int = _whole(0, 10_000, "a neighbourhood's number")
    zone: str = ""


@dataclass(frozen=True)
class Estimate(Step):
    """A number, or a direction, before it is seen.

    Attributes
    ----------
    run : a later run whose end tells; empty is the town as it stands.
    as_ : ``number``, or ``direction``: lower, about the same, higher.
    most : the largest number that may be answered; 0 is what the town allows, if it bounds it.
    """

    of: Reading = field(default_factory=Reading, metadata=NEEDED)
    as_: str = "number"
    run: str = ""
    most: int = _whole(0, 1_000_000_000, "the largest number that may be answered")


@dataclass(frozen=True)
class Source:
    """A way to find something out of one neighbourhood, and its price.

    Attributes
    ----------
    measure : of the neighbourhood, as the model has it.
    asked : in place of the measure of all residents, the mean over ``residents`` or over
        ``participants``, those who take part in something.
    first : how many of them are asked.
    """

    id: str = _needed()
    label: Text = field(default_factory=Text, metadata=NEEDED)
    about: Text | None = None
    price: int = _whole(1, 1_000, "hours")
    measure: str = _needed()
    asked: str = ""
    first: int = _whole(1, 1_000, "residents asked", 8)


@dataclass(frozen=True)
class FindOut(Step):
    """Buy sources with a budget of hours, then name the zone of each neighbourhood."""

    hours: int = _whole(1, 10_000, "hours")
    places: list[int] = field(default_factory=list, metadata=PLACE)
    sources: list[Source] = field(default_factory=list, metadata=NEEDED)


@dataclass(frozen=True)
class Group:
    """Zones that get one mix of hours."""

    zones: list[str] = field(default_factory=list, metadata=NEEDED)
    tactics: list[str] = field(default_factory=list, metadata=NEEDED)


@dataclass(frozen=True)
class Choose(Step):
    """Spread the hours that calls leave; what is not given out goes to routine patrol."""

    groups: list[Group] = field(default_factory=list, metadata=NEEDED)


@dataclass(frozen=True)
class Run(Step):
    """Let weeks pass.

    Attributes
    ----------
    strategy : from the first week of this run on; empty goes on with what was chosen or voted.
    anew : begin in week 0 again.
    against : a strategy run from week 0 to the same week, with the same random numbers.
    replicates : whether both are run in all towns of the page, for a claim.
    """

    weeks: int = _whole(1, 520, "weeks")
    strategy: str = ""
    anew: bool = False
    against: str = ""
    replicates: bool = False


@dataclass(frozen=True)
class See(Step):
    """Look at what came, beside what was estimated.

    Attributes
    ----------
    estimates : ids of earlier estimates.
    named : id of an earlier step in which zones were named.
    run : id of an earlier run; empty is the town as it stands.
    pictures : of `lesson_checks.PICTURES`.
    measures : in a table; with the first of them, dots for replicates.
    across : two measures, a dot for each neighbourhood.
    """

    estimates: list[str] = field(default_factory=list)
    named: str = ""
    run: str = ""
    pictures: list[str] = field(default_factory=list)
    measures: list[str] = field(default_factory=list)
    across: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Explain(Step):
    """Write a few sentences."""


@dataclass(frozen=True)
class Role:
    """A member of the council: what they want, and the number that they watch."""

    id: str = _needed()
    label: Text = field(default_factory=Text, metadata=NEEDED)
    brief: Text = field(default_factory=Text, metadata=NEEDED)
    measure: str = _needed()


@dataclass(frozen=True)
class Vote(Step):
    """Each role votes for one of a few strategies; ``casting`` is the role that breaks a tie."""

    options: list[Option] = field(default_factory=list, metadata=NEEDED)
    casting: str = _needed()


@dataclass(frozen=True)
class Debrief(Step):
    """All answers beside what came, and questions to talk about."""

    questions: list[Text] = field(default_factory=list, metadata=NEEDED)


@dataclass(frozen=True)
class Objective:
    """A measure by which the council judges the whole game."""

    measure: str = _needed()
    label: Text = field(default_factory=Text, metadata=NEEDED)


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes
    ----------
    town : whose numbers its texts state; empty fits any.
    replicate : of the town that everybody sees.
    strategy : of the first week.
    steps : in the file, each a mapping with its ``kind``; `lessons.read_lesson` makes each one of
        `KINDS`.
    """

    name: str = _needed()
    title: Text = field(default_factory=Text, metadata=NEEDED)
    about: Text = field(default_factory=Text, metadata=NEEDED)
    minutes: int = _whole(10, 600, "minutes")
    town: str = ""
    replicate: int = _whole(0, 19, "replicate", 0)
    strategy: str = BASELINE
    roles: list[Role] = field(default_factory=list)
    objectives: list[Objective] = field(default_factory=list)
    steps: list[Any] = field(default_factory=list, metadata=NEEDED)


KINDS: dict[str, type[Step]] = {
    "read": Read,
    "question": Question,
    "estimate": Estimate,
    "find_out": FindOut,
    "choose": Choose,
    "run": Run,
    "see": See,
    "explain": Explain,
    "vote": Vote,
    "debrief": Debrief,
}
