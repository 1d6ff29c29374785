"""What the words after a command mean."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.inputs import arguments
from omemsim.inputs.config import (
    DEFAULTS,
    GROUPS,
    config_keys,
    full_key,
    is_of_strategy,
    split_override,
)
from omemsim.inputs.schema import kind_of, unknown_key
from omemsim.vocabulary.errors import InputError

__all__ = [
    "Words",
    "choice_of",
    "engine_of",
    "is_name",
    "is_of_strategy",
    "read_words",
    "seconds_of",
    "until_of",
]

if TYPE_CHECKING:
    from omemsim.study.engine import Engine
    from omemsim.study.precision import Until

MOST_ASKED = 1_000_000


@dataclass
class Words:
    """Bare words, values of the command itself, and overrides for the scenario."""

    names: list[str] = field(default_factory=list)
    own: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    overrides: list[str] = field(default_factory=list)

    def whole(self, key: str, default: int, *, low: int, high: int, unit: str) -> int:
        """Return the command's own value as a whole number within bounds.

        Parameters
        ----------
        key : one of the command's own.
        default : what is returned where it was not typed.
        low, high : the smallest and the largest that is allowed.
        unit : of the number, told in the message.

        Raises
        ------
        InputError
            If it is no whole number within the bounds.
        """
        text = self.own.get(key)
        if text is None:
            return default
        is_whole = text.isascii() and text.isdecimal() and len(text) < 16
        if not is_whole or not low <= int(text) <= high:
            raise InputError(
                f"{key} = {text!r}: must be a whole number from {low:,} to {high:,} ({unit})."
            )
        return int(text)

    def number(self, key: str) -> float | None:
        """Return the command's own value as a number, None if it is not given.

        Raises
        ------
        InputError
            If it is no number.
        """
        text = self.own.get(key)
        try:
            return None if text is None else float(text)
        except ValueError:
            raise InputError(f"{key} = {text!r}: must be a number, as {key}=0.02.") from None

    def listed(self, key: str, default: str) -> tuple[str, ...]:
        """Return the command's own value as the words between its commas, each once."""
        each = (name.strip() for name in self.own.get(key, default).split(","))
        return tuple(dict.fromkeys(name for name in each if name))


def read_words(args: argparse.Namespace) -> Words:
    """Sort the words of a command.

    Raises
    ------
    InputError
        With every key that is not known or is given twice.
    """
    words, problems = Words(), []
    seen: set[str] = set()
    for word in args.words:
        if not word.strip():
            problems.append(f"{word!r} is an empty word: leave it out.")
            continue
        if is_name(word, args):
            words.names.append(word)
            continue
        try:
            key, text = split_override(word)
        except InputError as refused:
            problems += refused.problems
            continue
        if key in seen:
            problems.append(f"{key}= is given twice.")
        seen.add(key)
        if key in args.command.keys:
            words.own[key] = text
        elif args.command.config and key in GROUPS:
            words.chosen[key] = text
        elif args.command.config and _is_config_key(key):
            words.overrides.append(word)
        elif key in (option.partition(" ")[0] for option in args.command.options):
            problems.append(f"{word}: is an option here, write --{key} {text}.")
        else:
            known = [*args.command.keys, *(config_keys() if args.command.config else ())]
            problems.append(unknown_key(key, known))
    if problems:
        raise InputError(*problems)
    return words


def is_name(word: str, args: argparse.Namespace) -> bool:
    """Return whether a word is a name or a file, though there may be an "=" in it.

    It is where what stands before the "=" is no key and the file is there, or there is a folder
    in it, as in "./a=b.yaml".
    """
    key, equals, _ = word.partition("=")
    if not equals:
        return True
    if key in args.command.keys or (args.command.config and (key in GROUPS or _is_config_key(key))):
        return False
    return bool({"/", os.sep} & set(key)) or Path(word).expanduser().exists()


def _is_config_key(key: str) -> bool:
    from omemsim.inputs.scenario import Scenario

    return kind_of(Scenario, full_key(key)) is not None


def engine_of(words: Words) -> Engine:
    """Return where the command runs; raise `InputError` if it cannot run there."""
    from omemsim.study.engine import KINDS, LONGEST, MOST_WORKERS, Engine

    engine = Engine(
        kind=words.own.get("engine", KINDS[0]),
        workers=words.whole("workers", 0, low=1, high=MOST_WORKERS, unit="processes") or None,
        scheduler=words.own.get("engine.scheduler"),
        timeout=words.whole("engine.timeout", 60, low=1, high=LONGEST, unit="seconds"),
    )
    engine.check()
    return engine


def until_of(args: argparse.Namespace, words: Words) -> Until | None:
    """Return when to stop adding replicates; None if a number of them is all that is said.

    Raises
    ------
    InputError
        If the words do not fit together, or a value is wrong.
    """
    from omemsim.study.precision import until_asked

    precision, budget = words.number("precision"), getattr(args, "budget", None)
    measures = words.listed("precise", "victimization")
    if precision is None and "precise" in words.own:
        raise InputError("precise= does nothing without precision=: add it, as precision=0.02.")
    if not measures:
        raise InputError("precise= names no measure, as precise=victimization,trust.")
    if precision is None and budget is None:
        return None
    most = words.whole("replicates", 0, low=1, high=MOST_ASKED, unit="towns") or None
    seconds = None if budget is None else seconds_of(budget)
    processes = engine_of(words).processes
    return until_asked(precision, measures, most, seconds=seconds, processes=processes)


def seconds_of(text: str) -> float:
    """Return the time that was typed as a budget, as 30min, in seconds."""
    return arguments.seconds_of(text, "--budget=")


def choice_of(words: Words, group: str, usual: str | None = None) -> str | None:
    """Return the word that chose a town or strategy, or what is usual; None is the setting's.

    Parameters
    ----------
    words : what was typed.
    group : ``town`` or ``strategy``.
    usual : where nobody and no setting chose; None is the default of `DEFAULTS`.
    """
    if group in words.chosen or not any(word.startswith("setting=") for word in words.overrides):
        return words.chosen.get(group, usual or DEFAULTS[group])
    return None
