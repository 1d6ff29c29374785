"""One report of a comparison for those who decide: an HTML file that needs nothing else.

`chapters` computes what it says, as plain data (`parts`); a figure is drawn from its table alone
(`chart`); `present.html` makes the page. Every sentence is in the report's language (`language`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from omemsim.figures.ink import OF_PAGES
from omemsim.language import language_of
from omemsim.present.html import page
from omemsim.report.chapters import report_of
from omemsim.report.parts import Report, as_plain
from omemsim.study.comparison import Comparison
from omemsim.study.export import BookSheet, write_workbook
from omemsim.study.series_files import write_whole

__all__ = ["FILE", "WORKBOOK", "report_of", "report_page", "save_report"]

FILE, WORKBOOK = "report.html", "comparison.xlsx"


def save_report(
    comparison: Comparison, out: Path, *, language: str = "en", command: str = ""
) -> str:
    """Write the report of a comparison and its tables as a workbook, each whole or not at all.

    Parameters
    ----------
    comparison : with a strategy and the baseline in common.
    out : folder that is there, for ``report.html`` and ``comparison.xlsx``.
    language : "en" or "fr".
    command : that makes it again, as typed; empty where no command can.

    Returns
    -------
    str
        Why there is no workbook; empty if there is one.

    Raises
    ------
    InputError
        If the language is none of these, or the folder is full or read-only.
    """
    report = report_of(comparison, language_of(language), command)
    write_whole(out / FILE, report_page(report).encode())
    return write_workbook(out / WORKBOOK, list(_sheets(report, comparison)))


def report_page(report: Report) -> str:
    """Return a report as HTML."""
    say = language_of(report.code)
    return page(
        "report.html",
        OF_PAGES,
        lang=report.code,
        _=say.translate,
        title=report.title,
        report=report,
        command=report.command,
        caveat="",
    )


def _sheets(report: Report, comparison: Comparison) -> Iterator[BookSheet]:
    """Yield what the workbook holds: the whole comparison, every run, and each figure's table."""
    about = [("command", report.command), ("made by", report.footer), ("title", report.title)]
    yield BookSheet("about", ["what", "text"], about)
    for name, table in (("comparison", comparison.table()), ("runs", comparison.runs_table())):
        rows = [[as_plain(value) for value in row] for row in table.itertuples(index=False)]
        yield BookSheet(name, list(table.columns), rows)
    for figure in report.figures:
        columns = [column.key for column in figure.sheet.columns]
        rows = [[as_plain(value) for value in row] for row in figure.sheet.rows]
        yield BookSheet(figure.name, columns, rows)
