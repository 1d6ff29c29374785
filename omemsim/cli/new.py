"""`omemsim new`: a file to begin with, for a strategy, a practice or a lesson of one's own."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from pathlib import Path

from omemsim.cli.again import command
from omemsim.cli.frame import say, try_next
from omemsim.cli.words import Words, read_words
from omemsim.inputs.config import BASELINE, choices, compose_scenario, offered_strategies
from omemsim.inputs.strategy_file import PRACTICE, STRATEGY, strategy_file
from omemsim.present.shell import quoted
from omemsim.vocabulary.errors import InputError, nearest

__all__ = ["new"]

LESSON = "lesson"
KINDS = (STRATEGY, PRACTICE, LESSON)
STARTS = {STRATEGY: "omem", PRACTICE: BASELINE, LESSON: "wheel"}  # what a new file begins with
DESCRIPTIONS = {
    STRATEGY: "Say in a sentence what this strategy does.",
    PRACTICE: "What our service does now with the hours that calls leave.",
}
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def new(args: argparse.Namespace) -> int:
    """Write the file of a strategy, a practice or a lesson, to be changed.

    Raises
    ------
    InputError
        If the words are not a kind and a name, the name is taken, or a file stands there.
    """
    from omemsim.study.series_files import write_whole

    words = read_words(args)
    kind, name = _kind_and_name(words)
    folder = Path(words.text("out")).expanduser()
    path = folder / f"{name}.yaml"
    if path.exists():
        raise InputError(f"{path} is there already: give another name, or remove it first.")
    start = words.own.get("start", STARTS[kind])
    if kind == LESSON:
        write_whole(path, _lesson(start, name).encode())
        say(
            f"{path} is the lesson {start} under your name. Change texts, steps and numbers in any "
            "editor; docs/instructor.md says what each step can be.",
            try_next(command("export", f"lessons={quoted(str(path))}", names=["page"])),
        )
        return 0
    strategy = compose_scenario(None, start).strategy
    own = strategy.tactics or strategy.interventions or strategy.own_interventions
    if own:
        raise InputError(
            f"start = {start}: has tactics or interventions of its own, which a new file cannot "
            "repeat. Copy its file, or write `base: NAME` and what differs."
        )
    strategy = replace(strategy, name=name, description=DESCRIPTIONS[kind])
    write_whole(path, strategy_file(strategy, kind=kind, baseline=BASELINE).encode())
    word = name if folder == Path() else str(path)
    both = [BASELINE, word] if kind == STRATEGY else [word, "omem"]
    say(
        f"{path} has the numbers of {start} and says what each means. Change them in any editor.",
        f"`omemsim describe strategy {quoted(word)}` draws it.",
        try_next(command("compare", "town=small", names=both)),
    )
    return 0


def _lesson(start: str, name: str) -> str:
    """Return the file of a lesson of the library under another name."""
    from omemsim.page.lessons import text_of

    return re.sub(r"^name: .*$", f"name: {name}", text_of(start), count=1, flags=re.MULTILINE)


def _kind_and_name(words: Words) -> tuple[str, str]:
    if len(words.names) != 2 or words.names[0] not in KINDS:
        said = ""
        if words.names and words.names[0] not in KINDS:
            said = f"There is no {words.names[0]!r} to make.{nearest(words.names[0], KINDS)} "
        raise InputError(
            f"{said}Say what is new and its name: `omemsim new {STRATEGY} my_plan`, "
            f"`omemsim new {PRACTICE} ours` or `omemsim new {LESSON} my_lesson`."
        )
    kind, name = words.names[0], words.names[1]
    if not NAME.fullmatch(name):
        raise InputError(
            f"{name!r} is no name for a {kind}: a letter, then letters, digits, _ or -, as my_plan."
        )
    taken = choices(LESSON) if kind == LESSON else [*choices("strategy"), *offered_strategies()]
    if name in taken:
        raise InputError(
            f"There is a {LESSON if kind == LESSON else STRATEGY} {name!r} already: give yours "
            f"another name, as my_{name}."
        )
    return kind, name
