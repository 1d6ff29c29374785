"""Lessons of the class page: a YAML file each, read and checked as a whole.

Everything that is wrong with a file is said at once: where, which value, what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from omemsim.inputs.config import choices, config_root
from omemsim.inputs.schema import fill, key_of, plain
from omemsim.page.lesson_steps import (
    KINDS,
    Choose,
    Estimate,
    FindOut,
    Lesson,
    Question,
    Run,
    See,
    Step,
    Vote,
)
from omemsim.page.readings import SHOWN
from omemsim.vocabulary.errors import InputError, nearest
from omemsim.vocabulary.wheel import Tactic, Zone

__all__ = ["COLUMNS", "PICTURES", "read_lesson", "strategies_of", "told"]

PICTURES = ("wheel", "map", "shares", "history", "dots")
# Columns of neighbourhoods that a lesson can show besides the measures of the page.
COLUMNS = ("true_zone", "call_zone", "participants", "leaders", "community_led", "grievance")
LABELS = ("zone", "true_zone", "call_zone")
ASKED = {"trust", "fear", "efficacy"}  # of residents, in interviews
WAYS = ("number", "direction")
ID = re.compile(r"[a-z][a-z0-9_-]*")
ZONES = tuple(zone.name.lower() for zone in Zone)
TACTICS = tuple(tactic.name.lower() for tactic in Tactic)


def read_lesson(name: str, hoods: int) -> Lesson:
    """Return a lesson, its steps read.

    Parameters
    ----------
    name : of the library, or the path of a file.
    hoods : neighbourhoods of the page's town.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    path = _path(name)
    data, problems = _loaded(path), []
    lesson = fill(Lesson, data, problems=problems)
    steps = [
        _step(one, f"steps[{number}]", problems) for number, one in enumerate(lesson.steps or [])
    ]
    _needed(replace(lesson, steps=[]), "", problems, skip={"steps"})
    if not problems:
        lesson = replace(lesson, steps=[one for one in steps if one])
        problems += _whole(lesson)
        problems += [x for step in lesson.steps for x in _checked(step, lesson, hoods)]
    if problems:
        raise InputError(*(f"{path}: {problem}" for problem in problems))
    return lesson


def told(lesson: Lesson) -> dict[str, Any]:
    """Return a lesson in plain JSON types, as the page reads it: what is not said is left out."""
    found: dict[str, Any] = _without_nothing(plain(lesson))
    return found


def strategies_of(lesson: Lesson) -> set[str]:
    """Return the names of all strategies that a lesson runs."""
    found = {lesson.strategy}
    for step in lesson.steps:
        if isinstance(step, Run):
            found |= {step.strategy, step.against}
        if isinstance(step, Vote):
            found |= {option.strategy for option in step.options}
    return found - {""}


def _without_nothing(tree: Any) -> Any:
    if isinstance(tree, dict):
        kept = {key: _without_nothing(value) for key, value in tree.items()}
        return {key: x for key, x in kept.items() if x not in (None, "", [], {}, False)}
    return [_without_nothing(one) for one in tree] if isinstance(tree, list) else tree


def _path(name: str) -> Path:
    if name in choices("lesson"):
        return config_root() / "lesson" / f"{name}.yaml"
    path = Path(name).expanduser()
    if path.suffix not in (".yaml", ".yml"):
        raise InputError(
            f"lessons = {name}: there is no such lesson.{nearest(name, choices('lesson'))} "
            f"There are {', '.join(choices('lesson'))}; one of your own is named by its file, "
            "as lessons=my_lesson.yaml."
        )
    if not path.is_file():
        raise InputError(f"lessons = {name}: there is no such file.")
    return path


def _loaded(path: Path) -> Mapping[str, Any]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not UTF-8 text; save it as UTF-8.") from None
    except yaml.YAMLError as refused:
        mark = getattr(refused, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        said = getattr(refused, "problem", None) or "cannot be read"
        raise InputError(
            f"{path}{where}: is not YAML ({said}). Put text that holds ': ' or '#' in quotes, "
            "or behind '|' on lines of its own."
        ) from None
    if not isinstance(data, Mapping):
        raise InputError(f"{path}: must be keys and values: name, title, about, minutes, steps.")
    return data


def _step(data: Any, where: str, problems: list[str]) -> Step | None:
    kind = data.get("kind") if isinstance(data, Mapping) else None
    if kind not in KINDS:
        hint = nearest(str(kind), KINDS)
        problems.append(f"{where}.kind = {kind!r}: must be one of {', '.join(KINDS)}.{hint}")
        return None
    step = fill(KINDS[kind], data, problems=problems, path=where)
    _needed(step, where, problems)
    return step


def _needed(tree: Any, where: str, problems: list[str], skip: Collection[str] = ()) -> None:
    """Add a problem for each field that has to be written and is not."""
    for item in fields(tree):
        value, key = getattr(tree, item.name), f"{where}.{key_of(item.name)}".lstrip(".")
        told_before = tuple(f"{key}{sign}" for sign in (" = ", ": ", "."))
        if item.name in skip or any(problem.startswith(told_before) for problem in problems):
            continue
        low, is_needed = item.metadata.get("low"), item.metadata.get("needed")
        is_empty = value in ("", []) or (low is not None and value is not None and value < low)
        if is_needed and (value is None or is_empty):
            language = {"en": "English", "fr": "French"}.get(item.name)
            why = f"every text is there in {language}, too" if language else "write it"
            problems.append(f"{key}: is missing; {why}.")
        for number, one in enumerate(value if isinstance(value, list) else [value]):
            if is_dataclass(one):
                part = f"{key}[{number}]" if isinstance(value, list) else key
                _needed(one, part, problems)


def _whole(lesson: Lesson) -> Iterator[str]:
    """Yield what is wrong with the lesson as a whole."""
    total = sum(step.minutes for step in lesson.steps)
    if total != lesson.minutes:
        yield f"minutes = {lesson.minutes}: its steps take {total} together; make them agree."
    yield from _twice("steps", [step.id for step in lesson.steps])
    yield from _twice("roles", [role.id for role in lesson.roles])
    yield from _strategy("strategy", lesson.strategy)
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


def _checked(step: Step, lesson: Lesson, hoods: int) -> Iterator[str]:
    """Yield what is wrong with a step, named by its id."""
    number = next(k for k, one in enumerate(lesson.steps) if one is step)
    before, after = lesson.steps[:number], lesson.steps[number + 1 :]
    for problem in _of_kind(step, lesson, hoods, before, after):
        yield f"step {step.id}: {problem}"


def _of_kind(
    step: Step, lesson: Lesson, hoods: int, before: Sequence[Step], after: Sequence[Step]
) -> Iterator[str]:
    if isinstance(step, Question):
        yield from _question(step, before)
    elif isinstance(step, Estimate):
        yield from _estimate(step, hoods, after)
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


def _estimate(step: Estimate, hoods: int, after: Sequence[Step]) -> Iterator[str]:
    yield from _one_of("as", step.as_, WAYS)
    yield from _one_of("of.measure", step.of.measure, (*SHOWN, *COLUMNS))
    yield from _place(step.of.place, hoods)
    if step.of.measure in LABELS:
        yield from _one_of("of.zone", step.of.zone, ZONES)
    elif step.of.zone:
        yield f"of.zone = {step.of.zone!r}: only measures that are zones have one; leave it out."
    if step.run:
        yield from _earlier("run", step.run, after, Run)
    elif step.as_ == "direction":
        yield "as = direction: needs run, a later step that tells which way it goes."


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
            yield from _one_of(f"measure of {one.id}", one.measure, (*SHOWN, *COLUMNS))
        if one.measure in ("zone", "true_zone"):
            yield f"measure of {one.id} = {one.measure}: would tell the answer."
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
    for one in (*step.measures, *step.across):
        yield from _one_of("measures", one, (*SHOWN[1:], *COLUMNS))
    if step.across and len(step.across) != 2:
        yield f"across = {step.across}: must name two measures."


def _vote(step: Vote, lesson: Lesson, after: Sequence[Step]) -> Iterator[str]:
    if not lesson.roles:
        yield "kind = vote: the lesson has no roles; write them beside its steps."
        return
    yield from _twice("options", [option.id for option in step.options])
    yield from _one_of("casting", step.casting, [role.id for role in lesson.roles])
    for option in step.options:
        yield from _strategy(f"strategy of {option.id}", option.strategy)
    if not any(isinstance(one, Run) for one in after):
        yield "kind = vote: no run follows, so that the vote decides nothing."
