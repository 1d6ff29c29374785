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
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.own_tactics import OwnTactic

__all__ = [
    "as_text",
    "interventions_word",
    "measures_word",
    "tactics_word",
    "check",
    "finite",
    "named",
    "names",
    "overrides_problems",
    "plain_value",
    "whole",
]


def check(*found: list[str]) -> None:
    """Raise one error with all problems, if there are any.

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


def as_text(word: str | os.PathLike[str] | None) -> str | None:
    """Return a name, or the path of a file, as text."""
    return None if word is None else os.fspath(word)


def names(**chosen: Any) -> list[str]:
    """Return what is wrong with names, or paths of files, that need not be given (None)."""
    return named(**{key: word for key, word in chosen.items() if word is not None})


def named(**chosen: Any) -> list[str]:
    """Return what is wrong with names of towns and strategies, or paths of their files."""
    problems = []
    for key, word in chosen.items():
        if isinstance(word, list | tuple):
            shown = ", ".join(map(repr, word))
            problems.append(f"{key} = {word!r}: name them one by one, not in a list, as ({shown}).")
        elif not isinstance(word, str | os.PathLike):
            problems.append(
                f"{key} = {word!r}: must be a name in quotes, or the path of a YAML file."
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
    """Return what is wrong with numbers, NumPy's among them; None is none, and allowed."""
    problems = []
    for key, value in values.items():
        number = plain_value(value)
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if number is not None and not (is_number and math.isfinite(number)):
            problems.append(f"{key} = {number!r}: must be a number, as {key}=2.5, and finite.")
    return problems


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
    parts = (
        ", ".join(f"{name}: {_quoted(plain_value(value))}" for name, value in one.items())
        for one in done
    )
    return [f"{key}=[{', '.join(f'{{{part}}}' for part in parts)}]"]


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
    return [f"tactics=[{', '.join(_word(plain(one)) for one in tactics)}]"]


def _word(value: Any) -> str:
    """Return a value as the grammar of words has it."""
    value = plain_value(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_word(part)}' for key, part in value.items())}}}"
    return "null" if value is None else _quoted(value)


def _quoted(value: Any) -> str:
    """Return text in quotes, as Hydra's grammar reads it; else what Python writes."""
    if not isinstance(value, str):
        return str(value)
    text = re.sub(r"(\\*)'", r"\1\1\\'", value)  # what stands before a quote is to be doubled
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
