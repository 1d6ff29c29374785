"""A list of everything that is wrong with a table, a sentence a kind, raised once at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from omemsim.present.text import some
from omemsim.vocabulary.errors import InputError

__all__ = ["Problems"]

_SHOWN = 3
"""Cells with the same fault that are spelled out; the rest are counted."""
_MOST = 15
"""Sentences that are printed, so that the first of them stay on the screen."""


@dataclass(frozen=True)
class _Fault:
    """One place: how it is called alone, and among others of its kind."""

    alone: str
    among: str
    reason: str


class Problems:
    """Collects problems in the order they are met; `check` raises them all at once."""

    def __init__(self) -> None:
        # (where, what is counted there, fault) -> each place with it.
        self._groups: dict[tuple[str, str, str], list[_Fault]] = {}

    def add(self, text: str) -> None:
        """Add a problem that has no row."""
        self._groups.setdefault((text, "", ""), [_Fault(text, text, "")])

    def row(self, where: str, line: int, what: str, *, reason: str) -> None:
        """Add the problem of a whole row.

        Parameters
        ----------
        where : the file, as shown in messages.
        line : of the file, from 1.
        what : what the row has, before the reason in the sentence.
        reason : faults that are alike in it are reported together.
        """
        fault = _Fault(f"{where}, row {line}: {what} {reason}", f"row {line} ({what})", reason)
        self._groups.setdefault((where, "rows", reason), []).append(fault)

    def cell(
        self, where: str, line: int, column: str, *, value: str, reason: str, unit: str = "row"
    ) -> None:
        """Add the problem of one cell.

        Parameters
        ----------
        where : the file, as shown in messages.
        line : of the file, from 1; or the number of the feature.
        column : its name.
        value : what is in the cell.
        reason : what follows the value in the sentence; faults that are alike up to its first
            semicolon are reported together.
        unit : what ``line`` counts, "row" or "feature".
        """
        alone = f"{where}, {unit} {line}, column {column!r}: {value!r} {reason}"
        # A reason differs by its hint ("Write 1.5."), so faults are grouped by the first clause.
        key = (f"{where}, column {column!r}", "cells", reason.partition(";")[0])
        fault = _Fault(alone, f"{unit} {line} {value!r}", reason)
        self._groups.setdefault(key, []).append(fault)

    @contextmanager
    def gather(self) -> Iterator[None]:
        """Turn an `InputError` raised inside into entries of this list, and go on."""
        try:
            yield
        except InputError as error:
            for problem in error.problems:
                self.add(problem)

    def check(self) -> None:
        """Raise one error with everything collected, if there is anything.

        Raises
        ------
        InputError
            If anything is wrong.
        """
        if self._groups:
            raise InputError(*self._sentences())

    def __len__(self) -> int:
        return sum(len(group) for group in self._groups.values())

    def _sentences(self) -> Iterator[str]:
        groups = list(self._groups.items())
        for (where, what, _), found in groups[:_MOST]:
            if len(found) == 1:
                yield found[0].alone
            else:
                places = some((fault.among for fault in found), _SHOWN)
                yield f"{where}: {len(found):,} {what} ({places}): {found[0].reason}"
        if len(groups) > _MOST:
            yield f"And {len(groups) - _MOST} further kinds of problem."
