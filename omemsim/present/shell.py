"""Commands as a shell takes them, and names of files and folders as they are typed in one."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

__all__ = ["bare", "joined", "quoted"]


def bare(name: str | Path) -> str:
    """Return a name or a path for a place where a word with "=" would set a value.

    What holds an "=" or begins with a "-" gets the folder that it is in put before it.
    """
    text = str(name)
    is_plain = "=" not in text and not text.startswith("-")
    is_rooted = text.startswith("~") or Path(text).is_absolute()
    return text if is_plain or is_rooted else f"./{text}"


def quoted(name: str | Path) -> str:
    """Return the same as a shell takes it."""
    return shlex.quote(bare(name))


def joined(words: Iterable[str]) -> str:
    """Return a command's words as one line that can be pasted into a shell."""
    return shlex.join(words)
