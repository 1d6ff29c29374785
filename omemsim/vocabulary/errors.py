"""Error messages: where, which value, what is allowed, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["InputError", "OmemError", "nearest"]


class OmemError(Exception):
    """Something failed that is not the user's input (exit code 1)."""

    exit_code = 1


class InputError(OmemError):
    """The input is wrong (exit code 2). Carries every problem found, not the first only.

    Parameters
    ----------
    *problems
        One sentence or more per problem: file, row, column or path; the value; what is
        allowed; what to do.
    """

    exit_code = 2

    def __init__(self, *problems: str) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[str, ...]]:
        return type(self), tuple(self.problems)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the closest known name, or an empty string."""
    match = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" Did you mean {match[0]!r}?" if match else ""
