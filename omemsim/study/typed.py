"""Names of files and folders as they have to be typed for a command to take them as such."""

from __future__ import annotations

import shlex
from pathlib import Path

__all__ = ["bare", "quoted"]


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
