"""A list of everything that is wrong with a table, raised once at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from omemsim.vocabulary.errors import InputError

__all__ = ["Problems"]

_SHOWN = 5
"""Cells of one column with the same fault that are spelled out; the rest are row numbers."""


class Problems:
    """Collects problems in the order they are met; `check` raises them all at once."""

    def __init__(self) -> None:
        # (what is counted in which file, column, fault) -> (line, sentence) of each cell.
        self._groups: dict[tuple[str, str, str], list[tuple[int, str]]] = {}

    def add(self, text: str) -> None:
        """Add a problem that has no row."""
        self._groups.setdefault((text, "", ""), []).append((0, text))

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
        place = f"{where}, {unit} {line}, column {column!r}"
        # A reason differs by its hint ("Write 1.5."), so faults are grouped by the first clause.
        key = (f"{where}, {unit}s", column, reason.partition(";")[0])
        self._groups.setdefault(key, []).append((line, f"{place}: {value!r} {reason}"))

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
        for (where, column, _), found in self._groups.items():
            yield from (text for _, text in found[:_SHOWN])
            rest = ", ".join(str(line) for line, _ in found[_SHOWN:])
            if rest and column:
                yield f"{where} {rest}, column {column!r}: the same fault."
