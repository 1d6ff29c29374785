"""A drawing of a table row by row: a name, bars from one column to another, and a mark."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from omemsim.figures.ink import BETTER, WORSE
from omemsim.figures.page import INK, PALE
from omemsim.present.text import shortened
from omemsim.report.chart import NARROW, Axis, Chart, folded, nice_ticks
from omemsim.report.parts import Sheet

__all__ = ["WIDE_BAR", "Bar", "Rows", "by_sign", "rows_chart"]

LEFT, RIGHT, TALL, LETTERS = 24.0, 328.0, 36.0, 46  # at the right stands what is said
LETTER = 7.4  # units that one takes, at most
WIDE_BAR = "#6f93b5"  # contrast with white and with ink of 3 or more


@dataclass(frozen=True)
class Bar:
    """A bar in every row, from one column's value to another's.

    Attributes
    ----------
    low, high : keys of the columns; an empty ``low`` begins at 0.
    fill : colour.
    half : of its height.
    """

    low: str
    high: str
    fill: str
    half: float


@dataclass(frozen=True)
class Rows:
    """How a table is drawn.

    Attributes
    ----------
    names : of the rows, as they are shown.
    point : key of the column of the marks; empty for none.
    write : makes text of a value, on the axis and at the right of the name.
    bars : drawn in this order, the last on top.
    fill : colour of a row's mark by its value.
    kind : of the mark.
    under : what stands under the axis.
    zero : whether 0 has to be on the axis.
    said : what stands at the right of each name; None for the mark's value.
    """

    names: Sequence[str]
    point: str
    write: Callable[[float], str]
    bars: Sequence[Bar] = ()
    fill: Callable[[float], str] = lambda _: INK
    kind: str = "o"
    under: str = ""
    zero: bool = True
    said: Sequence[str] | None = None


def by_sign(better: str) -> Callable[[float], str]:
    """Return the colour of a change: better, worse, or neither.

    Parameters
    ----------
    better : "lower" or "higher"; empty where neither side is.
    """

    def colour(value: float) -> str:
        if value == 0 or not better:
            return INK
        return BETTER if (value < 0) == (better == "lower") else WORSE

    return colour


def rows_chart(sheet: Sheet, how: Rows, label: str) -> Chart:
    """Return a drawing of every row of a table, the first on top.

    Parameters
    ----------
    sheet : with a row for each of ``how.names``.
    how : which columns are drawn, and as what.
    label : what it shows, for those who cannot see it.
    """
    keys = [how.point] if how.point else []
    keys += [key for bar in how.bars for key in (bar.low, bar.high) if key]
    values = [v for key in keys for v in sheet.values(key) if is_there(v)]
    ends = [*values, *([0.0] if how.zero else [])] or [0.0, 1.0]
    ticks = nice_ticks(min(ends), max(ends))
    bottom = TALL * len(how.names) + 2
    under = folded(how.under, int((NARROW - 4) / LETTER)) if how.under else []
    chart = Chart.of(bottom + 20 + (2 + 14 * len(under) if under else 0), label)
    chart.x = Axis(ticks[0], ticks[-1], LEFT, RIGHT)
    chart.across(ticks, how.write, top=0, bottom=bottom)
    for row, name in enumerate(how.names):
        _row(chart, sheet, how, row, name)
    for number, line in enumerate(under):
        middle = max((LEFT + RIGHT) / 2, 2 + LETTER / 2 * len(line))
        chart.say(middle, bottom + 31 + 14 * number, line, text_anchor="middle", fill=PALE)
    return chart


def _row(chart: Chart, sheet: Sheet, how: Rows, row: int, name: str) -> None:
    assert chart.x is not None
    top = TALL * row
    if row:
        chart.line((0, top), (chart.width, top), stroke=PALE, stroke_width=".6")
    value = sheet.values(how.point)[row] if how.point else math.nan
    said = how.write(value) if is_there(value) else ""
    said = said if how.said is None else how.said[row]
    background = {"paint_order": "stroke", "stroke": "#fff", "stroke_width": "4"}
    chart.say(2, top + 13, shortened(name, LETTERS), **background)
    chart.say(398, top + 13, said, text_anchor="end", **background)
    middle = top + 22
    for bar in how.bars:
        low = sheet.values(bar.low)[row] if bar.low else 0.0
        high = sheet.values(bar.high)[row]
        if is_there(low) and is_there(high):
            start, end = sorted((chart.x.at(low), chart.x.at(high)))
            chart.bar(
                start, middle - bar.half, end - start, 2 * bar.half, fill=bar.fill,
                data_row=str(row), data_from=bar.low, data_to=bar.high,
            )  # fmt: skip
    if is_there(value):
        chart.marker(
            how.kind, chart.x.at(value), middle, size=5, fill=how.fill(value), stroke="#fff",
            data_row=str(row), data_x=how.point,
        )  # fmt: skip


def is_there(value: Any) -> bool:
    """Return whether a value of a table is a number that exists."""
    return isinstance(value, int | float) and math.isfinite(value)
