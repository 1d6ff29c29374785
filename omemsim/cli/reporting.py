"""The report of a comparison, where one is asked for: its file, and the workbook beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.cli.frame import Frame, say
from omemsim.cli.results import saving
from omemsim.cli.words import Words
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.study.comparison import Comparison

__all__ = ["check_report", "write_report"]


def check_report(words: Words) -> None:
    """Check, before anything is run, that the words about a report fit together.

    Raises
    ------
    InputError
        If they do not.
    """
    if "language" in words.own and not words.is_yes("report"):
        raise InputError("language= does nothing without report=yes: add it.")


def write_report(frame: Frame, comparison: Comparison, out: Path) -> None:
    """Write the report and its tables as a workbook into ``out``, if the words ask for them.

    Parameters
    ----------
    frame : of the command.
    comparison : that it has made.
    out : folder of its results.
    """
    if "report" not in frame.words.keys or not frame.words.is_yes("report"):
        return
    from omemsim.report import save_report  # late: its pictures take a while

    language = frame.words.text("language")
    again = [
        f"{key}={frame.words.own[key]}" for key in ("report", "language") if key in frame.words.own
    ]
    with saving(out, "the report"):
        missing = save_report(comparison, out, language=language, command=frame.text_with(*again))
    if missing:
        say("", missing)
