"""What the words after a command mean, and where results may be written."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from omemsim.inputs.config import GROUPS, config_keys, split_override
from omemsim.inputs.schema import kind_of, unknown_key
from omemsim.vocabulary.errors import InputError

__all__ = ["RESULTS", "Words", "read_words", "results_folder"]

RESULTS = Path("omemsim-results")
PROBE_BYTES = 1 << 16  # what must fit on the disk before a run is worth starting


@dataclass
class Words:
    """Bare words, values of the command itself, and overrides for the scenario."""

    names: list[str] = field(default_factory=list)
    own: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    overrides: list[str] = field(default_factory=list)

    def whole(self, key: str, default: int, *, low: int, high: int, unit: str) -> int:
        """Return the command's own value as a whole number within bounds."""
        text = self.own.get(key)
        if text is None:
            return default
        is_whole = text.isascii() and text.isdecimal() and len(text) < 16
        if not is_whole or not low <= int(text) <= high:
            raise InputError(
                f"{key} = {text!r}: must be a whole number from {low:,} to {high:,} ({unit})."
            )
        return int(text)


def read_words(args: argparse.Namespace) -> Words:
    """Sort the words of a command; raise `InputError` with every key that is not known."""
    words, problems = Words(), []
    seen: set[str] = set()
    for word in args.words:
        if "=" not in word:
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
        else:
            known = [*args.command.keys, *(config_keys() if args.command.config else ())]
            problems.append(unknown_key(key, known))
    if problems:
        raise InputError(*problems)
    return words


def _is_config_key(key: str) -> bool:
    from omemsim.inputs.config import Scenario

    return kind_of(Scenario, key) is not None


@contextlib.contextmanager
def results_folder(words: Words, command: str, *, key: str = "out") -> Iterator[Path]:
    """Give a folder that can be written, made if need be; take it away again if empty.

    Raises
    ------
    InputError
        If a file stands there, or the folder cannot be made or written.
    """
    text = words.own.get(key)
    folder = Path(text).expanduser() if text else _default(key, command)
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        _check_writable(folder, key)
        yield folder
    finally:
        for path in missing:
            with contextlib.suppress(OSError):
                path.rmdir()  # succeeds only if empty


def _default(key: str, command: str) -> Path:
    if key == "store":
        return RESULTS / "store"
    stamp = datetime.datetime.now().strftime("%Y-%m-%d-%H%M%S")
    first = RESULTS / f"{stamp}-{command}"
    later = (first.with_name(f"{first.name}-{k}") for k in range(2, 1000))
    return next(path for path in (first, *later) if not path.exists())


def _check_writable(folder: Path, key: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(PROBE_BYTES))
            probe.flush()
            os.fsync(probe.fileno())
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(f"{key}={folder}: a file stands there; name a folder.") from error
    except OSError as error:
        raise InputError(
            f"{key}={folder}: cannot write there ({error.strerror}). "
            f"Name a folder you can write to, as {key}=results."
        ) from error
