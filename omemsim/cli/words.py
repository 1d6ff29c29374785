"""What the words after a command mean."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omemsim.inputs import arguments
from omemsim.inputs.config import (
    DEFAULTS,
    GROUPS,
    config_keys,
    full_key,
    has_setting,
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
    "read_varied",
    "read_words",
    "seconds_of",
    "until_of",
    "varied_pair",
]

VARY = "vary."  # before a key that is varied

if TYPE_CHECKING:
    from omemsim.cli.keys import Key
    from omemsim.study.engine import Engine
    from omemsim.study.precision import Until


@dataclass
class Words:
    """Bare words, values of the command itself, and overrides for the scenario.

    Attributes
    ----------
    names : bare words: names and files.
    own : what is typed of the command's own keys, as it is typed.
    chosen : what chose the town and the strategy.
    overrides : ``key=value`` words for the scenario.
    keys : the declarations of the command's own keys.
    values : what ``own`` means, by those.
    """

    names: list[str] = field(default_factory=list)
    own: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    overrides: list[str] = field(default_factory=list)
    keys: Mapping[str, Key] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def value(self, key: str) -> Any:
        """Return the value of one of the command's own keys, its default where it is not typed."""
        return self.values[key] if key in self.values else self.keys[key].default

    def whole(self, key: str) -> int:
        """Return the value of a key that is a whole number."""
        return int(self.value(key))

    def number(self, key: str) -> float | None:
        """Return the value of a key that is a number, None if there is none."""
        value = self.value(key)
        return None if value is None else float(value)

    def text(self, key: str) -> str:
        """Return the value of a key that is a word."""
        return str(self.value(key))

    def listed(self, key: str) -> tuple[str, ...]:
        """Return the value of a key that is a list of words."""
        return tuple(self.value(key))

    def is_yes(self, key: str) -> bool:
        """Return the value of a key that is yes or no."""
        return bool(self.value(key))


def read_words(args: argparse.Namespace, some: Sequence[str] | None = None) -> Words:
    """Sort the words of a command.

    Parameters
    ----------
    args : the command and its words.
    some : those of its words that are sorted; all if None.

    Raises
    ------
    InputError
        With every key that is not known or is given twice, and every value of the command's own
        keys that is not allowed (`keys.py`).
    """
    words, problems = Words(keys=args.command.keys), []
    seen: set[str] = set()
    for word in args.words if some is None else some:
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
            try:
                words.values[key] = words.keys[key].read(key, text)
            except InputError as refused:
                problems += refused.problems
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


def read_varied(args: argparse.Namespace) -> tuple[list[str], Words]:
    """Return the words that say what varies (``vary.KEY=...``), and the others as `read_words`."""
    varied = [word for word in args.words if word.startswith(VARY)]
    return varied, read_words(args, [word for word in args.words if not word.startswith(VARY)])


def varied_pair(word: str) -> tuple[str, str]:
    """Return the key that a word varies, and what over."""
    key, text = split_override(word)
    return key.removeprefix(VARY), text


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
    from omemsim.study.engine import Engine

    engine = Engine(
        kind=words.text("engine"),
        workers=words.value("workers"),
        scheduler=words.value("engine.scheduler"),
        timeout=words.whole("engine.timeout"),
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
    measures = words.listed("precise")
    if precision is None and "precise" in words.own:
        raise InputError("precise= does nothing without precision=: add it, as precision=0.02.")
    if not measures:
        raise InputError("precise= names no measure, as precise=victimization,trust.")
    if precision is None and budget is None:
        return None
    seconds = None if budget is None else seconds_of(budget)
    processes = engine_of(words).processes
    most = words.values.get("replicates")
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
    if group in words.chosen or not has_setting(words.overrides):
        return words.chosen.get(group, usual or DEFAULTS[group])
    return None
