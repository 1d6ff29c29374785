"""Arguments from Python: what is wrong with them, in sentences, and what NumPy's mean.

Each check returns one sentence per problem, so that all of them are reported at once (`check`).
"""

from __future__ import annotations

import math
import operator
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from omemsim.inputs.schema import plain
from omemsim.own import reference_of
from omemsim.vocabulary.errors import InputError, nearest
from omemsim.vocabulary.own_tactics import OwnTactic

__all__ = [
    "as_text",
    "check",
    "finite",
    "interventions_word",
    "measures_word",
    "named",
    "names",
    "overrides_problems",
    "plain_tree",
    "plain_value",
    "progress_problems",
    "seconds_of",
    "sizes_given",
    "tactics_word",
    "whole",
    "word_text",
]


def check(*found: list[str]) -> None:
    """Raise one error with all problems, if there are any.

    Parameters
    ----------
    *found : lists of problems, a sentence each; empty ones say that nothing is wrong.

    Raises
    ------
    InputError
        If anything is wrong.
    """
    problems = [problem for each in found for problem in each]
    if problems:
        raise InputError(*problems)


def plain_value(value: Any) -> Any:
    """Return what NumPy and pandas hold as Python's own: numbers as numbers, arrays as lists."""
    to_list = getattr(value, "tolist", None)
    return to_list() if callable(to_list) else value


def plain_tree(value: Any) -> Any:
    """Return mappings, lists and arrays of whatever depth as dicts and lists of Python's own."""
    if isinstance(value, Mapping):
        return {str(plain_value(key)): plain_tree(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain_tree(part) for part in value]
    return os.fspath(value) if isinstance(value, os.PathLike) else plain_value(value)


def word_text(value: Any) -> str:
    """Return a value as one types it after ``key=``: it is read back as the same value.

    Parameters
    ----------
    value : a number, a bool, text, None, or lists and mappings of them; NumPy's, too.

    Raises
    ------
    InputError
        If it is none of these.
    """
    plain = plain_tree(value)
    if not isinstance(plain, str):
        return _typed(plain)
    needs_quotes = plain in ("", "null") or plain[0] in "'\"" or plain != plain.strip()
    return f'"{plain}"' if needs_quotes else plain


def _typed(value: Any) -> str:
    """Return a value as it is typed within a list or a mapping."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_typed, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_typed(part)}' for key, part in value.items())}}}"
    raise InputError(
        f"{value!r}: must be a number, text, true or false, None, or a list or mapping of these."
    )


def as_text(word: str | os.PathLike[str] | None) -> str | None:
    """Return a name, or the path of a file, as text."""
    return None if word is None else os.fspath(word)


def names(**chosen: Any) -> list[str]:
    """Return what is wrong with names, or paths of files, that need not be given (None)."""
    return named(**{key: word for key, word in chosen.items() if word is not None})


def named(**chosen: Any) -> list[str]:
    """Return what is wrong with names of towns and strategies, paths of their files, mappings."""
    problems = []
    for key, word in chosen.items():
        if isinstance(word, list | tuple):
            shown = ", ".join(map(repr, word))
            problems.append(f"{key} = {word!r}: name them one by one, not in a list, as ({shown}).")
        elif not isinstance(word, str | os.PathLike | Mapping):
            problems.append(
                f"{key} = {word!r}: must be a name in quotes, the path of a YAML file, or a "
                "mapping that holds what such a file does, as {'base': 'omem', 'precision': 0.4}."
            )
    return problems


def whole(low: int, high: int, **values: Any) -> list[str]:
    """Return what is wrong with whole numbers, NumPy's among them.

    Parameters
    ----------
    low, high : the smallest and the largest that is allowed.
    **values : by the argument's name; None is not one.
    """
    problems = []
    for key, value in values.items():
        number = plain_value(value)
        try:
            is_within = not isinstance(number, bool) and low <= operator.index(number) <= high
        except TypeError:
            is_within = False
        if not is_within:
            problems.append(f"{key} = {number!r}: must be a whole number from {low:,} to {high:,}.")
    return problems


def finite(**values: Any) -> list[str]:
    """Return what is wrong with numbers, NumPy's among them; None is allowed: it is none."""
    problems = []
    for key, value in values.items():
        number = plain_value(value)
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if number is not None and not (is_number and math.isfinite(number)):
            problems.append(f"{key} = {number!r}: must be a number, as {key}=2.5, and finite.")
    return problems


def sizes_given(
    given: Mapping[str, Any], bounds: Mapping[str, tuple[int, int, str]], study: str
) -> dict[str, int]:
    """Return the sizes of a study that are given, as Python's own numbers; None is not given.

    Parameters
    ----------
    given : by name.
    bounds : of each size there is, least, most, and what it counts.
    study : whose sizes they are, as "A calibration".

    Raises
    ------
    InputError
        With every size that is unknown, no whole number, or out of bounds.
    """
    problems = [
        f"{study} has no {key!r}.{nearest(key, bounds)} There are: {', '.join(bounds)}."
        for key in given
        if key not in bounds
    ]
    known = {key: value for key, value in given.items() if key in bounds and value is not None}
    check(problems, *(whole(*bounds[key][:2], **{key: value}) for key, value in known.items()))
    return {key: int(plain_value(value)) for key, value in known.items()}


def progress_problems(progress: Any) -> list[str]:
    """Return what is wrong with what is to be told of progress."""
    if isinstance(progress, bool) or callable(progress):
        return []
    return [
        f"progress = {progress!r}: must be True, False, or a function that is given the runs done, "
        "all runs, and those that failed."
    ]


LONGEST_BUDGET = 3_600_000  # seconds


def seconds_of(budget: str | float, name: str = "budget = ") -> float:
    """Return a time as 30min, 2h, 90s or 1h30min, or a number of seconds, in seconds.

    Parameters
    ----------
    budget : text, or a number, NumPy's too.
    name : what stands before the value in the message.

    Raises
    ------
    InputError
        If it is no such time, or not from 1s to 1000h.
    """
    plain = plain_value(budget)
    seconds = _seconds_of_text(plain) if isinstance(plain, str) else plain
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not (is_number and 1 <= seconds <= LONGEST_BUDGET):
        raise InputError(
            f"{name}{plain}: must be a time from 1s to 1000h, as 30min, 2h, 90s or 1h30min."
        )
    return float(seconds)


def _seconds_of_text(text: str) -> float:
    found = re.fullmatch(r"(?:([\d.]+)h)?(?:([\d.]+)min)?(?:([\d.]+)s)?", text.replace(" ", ""))
    try:
        parts = [float(x or 0) for x in found.groups()] if found else []
    except ValueError:
        return 0.0
    return sum(x * y for x, y in zip(parts, (3600, 60, 1), strict=bool(parts)))


def measures_word(
    measures: Sequence[object], beside: Sequence[str], overrides: Sequence[str]
) -> list[str]:
    """Return the word that records measures, the user's own among them; none if none are named.

    Parameters
    ----------
    measures : functions, or names, or text of the form module:function.
    beside : what is recorded where nothing is said, and stays.
    overrides : the other words, which cannot say it too.

    Raises
    ------
    InputError
        If a function cannot be imported by worker processes.
    """
    if isinstance(measures, str) or not isinstance(measures, list | tuple):
        raise InputError(f"measures = {measures!r}: must be a list of functions or names.")
    if not measures:
        return []
    key = "record.measures"
    if any(word.partition("=")[0] == key for word in overrides):
        raise InputError(f"{key}= is in overrides, and the argument measures says it too.")
    words = dict.fromkeys([*beside, *map(reference_of, measures)])
    return [f"{key}=[{','.join(words)}]"]


def interventions_word(interventions: Sequence[object], overrides: Sequence[str]) -> list[str]:
    """Return the word that has the user's own interventions done; none if there are none.

    Parameters
    ----------
    interventions : functions, or text of the form module:function, called before every week; or
        mappings ``{"do": one of these, "from": week, "to": week, "every": weeks}``.
    overrides : the other words, which cannot say it too.

    Raises
    ------
    InputError
        If a function cannot be imported by worker processes.
    """
    if isinstance(interventions, str) or not isinstance(interventions, list | tuple):
        raise InputError(
            f"interventions = {interventions!r}: must be a list of functions, or of mappings, as "
            "[{'do': my_code.function, 'from': 26, 'to': 52, 'every': 4}]."
        )
    if not interventions:
        return []
    key = "own_interventions"
    if any(word.partition("=")[0].removeprefix("strategy.") == key for word in overrides):
        raise InputError(f"{key}= is in overrides, and the argument interventions says it too.")
    each = [dict(one) if isinstance(one, Mapping) else {"do": one} for one in interventions]
    done = [{**one, "do": reference_of(one.get("do"))} for one in each]
    return [f"{key}={_typed(plain_tree(done))}"]


def tactics_word(tactics: Sequence[object], overrides: Sequence[str]) -> list[str]:
    """Return the word that declares tactics of the user's own; none if there are none.

    Parameters
    ----------
    tactics : what `omemsim.tactic` returns, or mappings of its arguments.
    overrides : the other words, which cannot say it too.

    Raises
    ------
    InputError
        If they are no such list.
    """
    is_list = isinstance(tactics, list | tuple)
    if not is_list or not all(isinstance(one, OwnTactic | Mapping) for one in tactics):
        raise InputError(
            f"tactics = {tactics!r}: must be a list of tactics, as "
            "[om.tactic('street_medics', channels={'contacts': 0.5})], or of mappings of the same."
        )
    if not tactics:
        return []
    if any(word.partition("=")[0].removeprefix("strategy.") == "tactics" for word in overrides):
        raise InputError("tactics= is in overrides, and the argument tactics says it too.")
    return [f"tactics={_typed([plain_tree(plain(one)) for one in tactics])}"]


def _quoted(value: str) -> str:
    """Return text in quotes, as Hydra's grammar reads it."""
    text = re.sub(r"(\\*)'", r"\1\1\\'", value)  # backslashes before a quote are doubled
    ended = re.sub(r"(\\+)$", r"\1\1", text)
    return f"'{ended}'"


def overrides_problems(overrides: Any, **arguments: str) -> list[str]:
    """Return what is wrong with key=value words; ``arguments`` are keys with one of their own."""
    example = "overrides=['town.scale=20', 'seed=3']"
    if not isinstance(overrides, list | tuple) or not all(isinstance(w, str) for w in overrides):
        return [f"overrides = {overrides!r}: must be a list of key=value words, as {example}."]
    keys = [word.partition("=")[0] for word in overrides]
    own = [
        f"{key}= is in overrides, and the argument {arguments[key]} says it too: set it there."
        for key in dict.fromkeys(keys)
        if key in arguments
    ]
    twice = [f"{key}= is given twice in overrides." for key in set(keys) if keys.count(key) > 1]
    return own + sorted(twice)
