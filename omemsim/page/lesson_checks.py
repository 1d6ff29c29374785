"""What one field of a lesson says of another: references, names of the model, sums.

Each check yields a sentence for each thing that is wrong: where, which value, what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from omemsim.inputs.config import choices
from omemsim.page.lesson_steps import (
    KINDS,
    Choose,
    Estimate,
    FindOut,
    Lesson,
    Question,
    Reading,
    Run,
    See,
    Step,
    Vote,
)
from omemsim.page.readings import SHOWN
from omemsim.vocabulary.errors import nearest
from omemsim.vocabulary.wheel import Tactic, Zone

__all__ = ["COLUMNS", "PICTURES", "possible", "problems_of"]

PICTURES = ("wheel", "map", "shares", "history", "dots")
# Columns of neighbourhoods that a lesson can show besides the measures of the page.
COLUMNS = ("true_zone", "call_zone", "participants", "leaders", "community_led", "grievance")
LABELS = ("zone", "true_zone", "call_zone")
NUMBERS = tuple(name for name in (*SHOWN, *COLUMNS) if name not in LABELS)
PEOPLE = ("participants", "leaders")
SHARES = ("trust", "fear", "efficacy", "capacity", "utilization", "community_led", "grievance")
ASKED = {"trust", "fear", "efficacy"}  # of residents, in interviews
WAYS = ("number", "direction")
ID = re.compile(r"[a-z][a-z0-9_-]*")
ZONES = tuple(zone.name.lower() for zone in Zone)
TACTICS = tuple(tactic.name.lower() for tactic in Tactic)


def possible(of: Reading, residents: Sequence[int]) -> int:
    """Return the largest number that a reading can have, as it is answered; 0 if none bounds it.

    Parameters
    ----------
    of : what is read.
    residents : of each neighbourhood.
    """
    if of.measure in LABELS:
        return len(residents)
    if of.measure in PEOPLE:
        return residents[of.place - 1] if of.place else sum(residents)
    return 100 if of.measure in SHARES else 0


def problems_of(lesson: Lesson, residents: Sequence[int], town: str) -> list[str]:
    """Return what is wrong with a lesson whose fields are all there and of the right kind.

    Parameters
    ----------
    lesson : with its steps read.
    residents : of each neighbourhood of the town that it is given in.
    town : its name.
    """
    if lesson.town and lesson.town != town:
        return [
            f"town = {lesson.town}: its texts are of this town, and the page is of {town}. "
            f"Name town={lesson.town}, or leave town out of a lesson that fits any."
        ]
    found = list(_whole(lesson))
    for number, step in enumerate(lesson.steps):
        before, after = lesson.steps[:number], lesson.steps[number + 1 :]
        found += [
            f"step {step.id}: {problem}"
            for problem in _of_kind(step, lesson, residents, before, after)
        ]
    return found


def _whole(lesson: Lesson) -> Iterator[str]:
    """Yield what is wrong with the lesson as a whole."""
    total = sum(step.minutes for step in lesson.steps)
    if total != lesson.minutes:
        yield f"minutes = {lesson.minutes}: its steps take {total} together; make them agree."
    yield from _twice("steps", [step.id for step in lesson.steps])
    yield from _twice("roles", [role.id for role in lesson.roles])
    yield from _strategy("strategy", lesson.strategy)
    if not lesson.roles and any(isinstance(step, Vote) for step in lesson.steps):
        yield "kind = vote: the lesson has no roles; write them beside its steps."
    for group in (lesson.roles, lesson.objectives):
        for one in group:
            yield from _one_of(f"measure of {_name(one)}", one.measure, SHOWN[1:])


def _name(one: Any) -> str:
    return str(getattr(one, "id", one.measure))


def _twice(where: str, ids: Sequence[str]) -> Iterator[str]:
    for one in dict.fromkeys(ids):
        if not ID.fullmatch(one):
            yield f"{where}: id = {one!r}: a small letter, then small letters, digits, _ or -."
        elif ids.count(one) > 1:
            yield f"{where}: id = {one!r} is there {ids.count(one)} times; each needs its own."


def _one_of(where: str, value: str, allowed: Collection[str]) -> Iterator[str]:
    if value not in allowed:
        yield f"{where} = {value!r}: must be one of {', '.join(allowed)}.{nearest(value, allowed)}"


def _strategy(where: str, value: str) -> Iterator[str]:
    known = choices("strategy")
    if value not in known:
        yield (
            f"{where} = {value!r}: there is no such strategy.{nearest(value, known)} "
            "`omemsim describe strategies` lists them."
        )


def _of_kind(
    step: Step,
    lesson: Lesson,
    residents: Sequence[int],
    before: Sequence[Step],
    after: Sequence[Step],
) -> Iterator[str]:
    hoods = len(residents)
    if isinstance(step, Question):
        yield from _question(step, before)
    elif isinstance(step, Estimate):
        yield from _estimate(step, residents, after)
    elif isinstance(step, FindOut):
        yield from _find_out(step, hoods)
    elif isinstance(step, Choose):
        for group in step.groups:
            for zone in group.zones:
                yield from _one_of("zones", zone, ZONES)
            for tactic in group.tactics:
                yield from _one_of("tactics", tactic, TACTICS)
        yield from _twice("zones", [zone for group in step.groups for zone in group.zones])
    elif isinstance(step, Run):
        for key in ("strategy", "against"):
            if value := getattr(step, key):
                yield from _strategy(key, value)
        if step.replicates and not step.against:
            yield "replicates = true: needs against, the strategy that it is compared with."
    elif isinstance(step, See):
        yield from _see(step, before)
    elif isinstance(step, Vote):
        yield from _vote(step, lesson, after)


def _question(step: Question, before: Sequence[Step]) -> Iterator[str]:
    asked = next((one for one in before if one.id == step.repeats), step)
    options = asked.options if isinstance(asked, Question) else []
    ids = [option.id for option in options]
    yield from _twice("options", ids)
    if step.repeats:
        yield from _earlier("repeats", step.repeats, before, Question)
        if step.options:
            yield "options: are those of the question that it repeats; leave them out."
        if not step.answer or step.because is None:
            yield "repeats: a question that is asked again needs answer and because."
    elif len(options) < 2:
        yield f"options: has {len(options)}, and a choice needs two or more."
    if step.answer and ids:
        yield from _one_of("answer", step.answer, ids)


def _earlier(where: str, value: str, steps: Sequence[Step], kind: type[Step]) -> Iterator[str]:
    ids = [one.id for one in steps if isinstance(one, kind)]
    word = next(key for key, one in KINDS.items() if one is kind)
    if value not in ids:
        there = f"there are {', '.join(ids)}" if ids else "there is none"
        yield f"{where} = {value!r}: must be the id of a step of kind {word} there; {there}."


def _estimate(step: Estimate, residents: Sequence[int], after: Sequence[Step]) -> Iterator[str]:
    yield from _one_of("as", step.as_, WAYS)
    yield from _one_of("of.measure", step.of.measure, (*SHOWN, *COLUMNS))
    elsewhere = list(_place(step.of.place, len(residents)))
    yield from elsewhere
    if step.most and not elsewhere:
        yield from _most(step, possible(step.of, residents))
    if step.of.measure in LABELS:
        yield from _one_of("of.zone", step.of.zone, ZONES)
        if step.of.place:
            yield f"of.place = {step.of.place}: zones are counted in the whole town; leave it out."
    elif step.of.zone:
        yield f"of.zone = {step.of.zone!r}: only measures that are zones have one; leave it out."
    if step.run:
        yield from _earlier("run", step.run, after, Run)
    elif step.as_ == "direction":
        yield "as = direction: needs run, a later step that tells which way it goes."


def _most(step: Estimate, most: int) -> Iterator[str]:
    if step.as_ == "direction":
        yield f"most = {step.most}: only as = number has one; leave it out."
    elif most and step.most > most:
        yield (
            f"most = {step.most}: no answer above {most} is possible for {step.of.measure} there; "
            f"name {most} or less, or leave it out."
        )


def _place(place: int, hoods: int) -> Iterator[str]:
    if place > hoods:
        yield f"place = {place}: the town has {hoods} neighbourhoods."


def _find_out(step: FindOut, hoods: int) -> Iterator[str]:
    yield from _twice("sources", [source.id for source in step.sources])
    for place in step.places:
        yield from _place(place, hoods)
    for one in step.sources:
        if one.asked:
            yield from _one_of("asked", one.asked, ("residents", "participants"))
            yield from _one_of(f"measure of {one.id}, asked", one.measure, sorted(ASKED))
        else:
            yield from _one_of(f"measure of {one.id}", one.measure, NUMBERS)
    whole = len(step.places) * sum(source.price for source in step.sources)
    if whole <= step.hours:
        yield (
            f"hours = {step.hours}: everything together costs {whole}, so that nobody has to "
            "choose; give fewer hours or higher prices."
        )


def _see(step: See, before: Sequence[Step]) -> Iterator[str]:
    for one in step.estimates:
        yield from _earlier("estimates", one, before, Estimate)
    if step.named:
        yield from _earlier("named", step.named, before, FindOut)
    if step.run:
        yield from _earlier("run", step.run, before, Run)
    for picture in step.pictures:
        yield from _one_of("pictures", picture, PICTURES)
    if "dots" in step.pictures:
        run = next((one for one in before if one.id == step.run), None)
        if not step.measures or not isinstance(run, Run) or not run.replicates:
            yield "pictures = dots: needs measures, and a run with replicates: true."
        else:
            yield from _one_of("measures[0], whose dots are shown", step.measures[0], SHOWN[1:])
    for one in (*step.measures, *step.across):
        yield from _one_of("measures", one, NUMBERS)
    if step.across and len(step.across) != 2:
        yield f"across = {step.across}: must name two measures."


def _vote(step: Vote, lesson: Lesson, after: Sequence[Step]) -> Iterator[str]:
    if not lesson.roles:
        return  # said once, of the whole lesson
    yield from _twice("options", [option.id for option in step.options])
    yield from _one_of("casting", step.casting, [role.id for role in lesson.roles])
    for option in step.options:
        yield from _strategy(f"strategy of {option.id}", option.strategy)
    if not any(isinstance(one, Run) for one in after):
        yield "kind = vote: no run follows, so that the vote decides nothing."
