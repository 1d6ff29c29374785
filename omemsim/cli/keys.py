"""The keys of commands: type, bounds, default and help of each, in one declaration.

What is read, what is refused and why, what `--help` says and how a command is written again all
come from here; `table.py` has the declarations. Nothing is imported that takes time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from omemsim.vocabulary.errors import InputError, nearest

__all__ = ["Choice", "Key", "Listed", "Number", "Whole", "YesOrNo"]


@dataclass(frozen=True)
class Key:
    """A key whose value is text: a name, a file, a folder.

    Attributes
    ----------
    help : what it means; ``{default}`` in it stands for the default.
    default : where the key is not typed; None where there is none, or it depends on other words.
    """

    help: str
    default: Any = None

    @property
    def text(self) -> str:
        """Return the help, with the default."""
        if "{default}" not in self.help:
            return self.help
        return self.help.replace("{default}", self.written(self.default))

    def read(self, name: str, text: str) -> Any:
        """Return the value that is typed.

        Parameters
        ----------
        name : of the key, for the message.
        text : what stands behind the "=".

        Raises
        ------
        InputError
            If it is none of what is allowed.
        """
        del name
        return text

    def written(self, value: Any) -> str:
        """Return a value as one types it."""
        return str(value)


@dataclass(frozen=True)
class Choice(Key):
    """A key whose value is one of a few words."""

    choices: Sequence[str] = ()

    def read(self, name: str, text: str) -> str:
        """Return the word; see `Key.read`.

        Raises
        ------
        InputError
            If it is none of the choices.
        """
        if text not in self.choices:
            hint = nearest(text, self.choices)
            raise InputError(f"{name} = {text!r}: must be one of {', '.join(self.choices)}.{hint}")
        return text


@dataclass(frozen=True)
class YesOrNo(Key):
    """A key whose value is yes or no."""

    def read(self, name: str, text: str) -> bool:
        """Return whether it is yes; see `Key.read`.

        Raises
        ------
        InputError
            If it is neither yes nor no.
        """
        if text not in ("yes", "no", "true", "false"):  # as values of the scenario are written
            raise InputError(f"{name} = {text!r}: must be yes or no.")
        return text in ("yes", "true")

    def written(self, value: Any) -> str:
        """Return yes or no."""
        return "yes" if value else "no"


@dataclass(frozen=True)
class Whole(Key):
    """A key whose value is a whole number from ``low`` to ``high``, of ``unit``."""

    low: int = 0
    high: int = 0
    unit: str = ""

    def read(self, name: str, text: str) -> int:
        """Return the number; see `Key.read`.

        Raises
        ------
        InputError
            If it is no such number, or out of bounds.
        """
        is_whole = text.isascii() and text.isdecimal() and len(text) < 16
        if not is_whole or not self.low <= int(text) <= self.high:
            limits = f"from {self.low:,} to {self.high:,} ({self.unit})"
            raise InputError(f"{name} = {text!r}: must be a whole number {limits}.")
        return int(text)


@dataclass(frozen=True)
class Number(Key):
    """A key whose value is a number from ``low`` to ``high``, of ``unit``; ``example`` is one."""

    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    example: str = ""

    def read(self, name: str, text: str) -> float:
        """Return the number; see `Key.read`.

        Raises
        ------
        InputError
            If it is no such number, or out of bounds.
        """
        such = f"as {name}={self.example}"
        try:
            number = float(text)
        except ValueError:
            raise InputError(f"{name} = {text!r}: must be a number, {such}.") from None
        if not self.low <= number <= self.high:
            limits = f"from {self.low:g} to {self.high:g} ({self.unit})"
            raise InputError(f"{name} = {number:g}: must be {limits}, {such}.")
        return number

    def written(self, value: Any) -> str:
        """Return the number in its shortest form."""
        return f"{value:g}"


@dataclass(frozen=True)
class Listed(Key):
    """A key whose value is words between commas, each once."""

    def read(self, name: str, text: str) -> tuple[str, ...]:
        """Return the words; see `Key.read`."""
        del name
        each = (word.strip() for word in text.split(","))
        return tuple(dict.fromkeys(word for word in each if word))

    def written(self, value: Any) -> str:
        """Return the words with commas between them."""
        return ",".join(value)
