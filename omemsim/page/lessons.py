"""Lessons of the class page: a YAML file each, read and checked as a whole.

Everything that is wrong with a file is said at once: where, which value, what is allowed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from omemsim.inputs.config import choices, config_root
from omemsim.inputs.schema import fill, key_of, plain
from omemsim.page.lesson_checks import possible, problems_of
from omemsim.page.lesson_steps import KINDS, Estimate, Lesson, Run, Step, Vote
from omemsim.vocabulary.errors import InputError, nearest

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a lesson is long; both are safe
__all__ = ["read_lesson", "strategies_of", "text_of", "told"]


def read_lesson(name: str, residents: Sequence[int], town: str) -> Lesson:
    """Return a lesson, its steps read and its estimates bounded by what is possible.

    Parameters
    ----------
    name : of the library, or the path of a file.
    residents : of each neighbourhood of the page's town.
    town : the name of that town.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    path = _path(name)
    data = _loaded(path)
    problems: list[str] = []
    lesson = fill(Lesson, data, problems=problems)
    steps = [
        _step(one, f"steps[{number}]", problems) for number, one in enumerate(lesson.steps or [])
    ]
    _needed(replace(lesson, steps=[]), "", problems, skip={"steps"})
    if not problems:
        lesson = replace(lesson, steps=[one for one in steps if one])
        problems += problems_of(lesson, residents, town)
    if problems:
        raise InputError(*(f"{path}: {problem}" for problem in problems))
    return replace(lesson, steps=[_bounded(one, residents) for one in lesson.steps])


def _bounded(step: Step, residents: Sequence[int]) -> Step:
    """Return a step; an estimate of a number with the largest that may be answered."""
    if not isinstance(step, Estimate) or step.as_ == "direction" or step.most:
        return step
    return replace(step, most=possible(step.of, residents))


def text_of(name: str) -> str:
    """Return the file of a lesson of the library as it is, or raise `InputError`."""
    return _path(name).read_text(encoding="utf-8")


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
        data = yaml.load(path.read_text(encoding="utf-8"), LOADER)
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
        low, is_needed = item.metadata.get("low", 0), item.metadata.get("needed")
        is_empty = value in ("", []) or (isinstance(value, int) and value < low)
        if is_needed and is_empty:
            language = {"en": "English", "fr": "French"}.get(item.name)
            why = f"every text is there in {language}, too" if language else "write it"
            problems.append(f"{key}: is missing; {why}.")
        for number, one in enumerate(value if isinstance(value, list) else [value]):
            if is_dataclass(one):
                part = f"{key}[{number}]" if isinstance(value, list) else key
                _needed(one, part, problems)
