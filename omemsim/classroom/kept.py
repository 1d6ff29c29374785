"""Answers as a table: to be downloaded, or kept in a file if the instructor says so."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from omemsim.classroom.rooms import Classroom, Kept
from omemsim.present import csv
from omemsim.present.text import counted
from omemsim.study.series_files import whole
from omemsim.vocabulary.errors import InputError

__all__ = ["HEADER", "Keeper", "csv_of"]

HEADER = ("group", "round", "student", "lesson", "question", "value")


def csv_of(answers: Iterable[Kept]) -> str:
    """Return answers as CSV; no text in it is taken for a formula by a spreadsheet."""
    return csv.of_rows(HEADER, map(_row, answers))


def _row(one: Kept) -> tuple[int | str | float, ...]:
    lesson, _, question = one.question.partition("/")
    value = f"{one.value:.15g}" if isinstance(one.value, float) else csv.as_text(one.value)
    return one.group, one.round, one.student, lesson, question, value


class Keeper:
    """Writes the answers of all groups and rounds to a file, whenever there are new ones.

    Parameters
    ----------
    classroom : whose answers are kept.
    path : of the file; None keeps nothing.
    """

    def __init__(self, classroom: Classroom, path: Path | None) -> None:
        self.classroom = classroom
        self.path = path
        self._written: list[int] | None = None
        self._is_told = False

    def keep(self) -> None:
        """Write what is new; if the file cannot be written, say so once and try again."""
        if self.path is None:
            return
        versions = [group.wall.version for group in self.classroom.groups]
        if versions == self._written:
            return
        try:
            with whole(self.path) as path:
                path.write_text(csv_of(self.classroom.answers()), encoding="utf-8", newline="")
        except (InputError, OSError) as error:
            if not self._is_told:
                print(f"The answers are not kept yet: {error}", file=sys.stderr, flush=True)
            self._is_told = True
            return
        self._written, self._is_told = versions, False

    def told(self) -> str:
        """Return what is kept, as a sentence, after a last attempt to keep it."""
        self.keep()
        if self.path is None:
            return "Nothing was kept of the class."
        many = counted(len(self.classroom.answers()), "answer")
        if self._written is None or self._is_told:
            return f"The last answers could not be kept in {self.path}."
        return f"{many} kept in {self.path}."
