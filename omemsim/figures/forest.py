"""Differences from the baseline in percent, with 95% intervals, one block per measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from omemsim.figures.ink import BETTER, WORSE, plain
from omemsim.figures.page import BODY, INK, PALE, SMALL, WIDTH, Page, styled

__all__ = ["Contrast", "forest_figure", "in_words", "verdict"]

ROW, HEAD = 0.22, 0.34
DOWN = 0.28  # inches from the heading to the first rule: the columns' titles stand there


@dataclass(frozen=True)
class Contrast:
    """One strategy against the baseline on one measure, in percent of the baseline's mean.

    ``low`` and ``high`` bound the 95% interval and are NaN when there is none (one
    replicate); ``better`` is "lower", "higher" or ""; ``share`` is the share of replicates
    in which the strategy is the better one.
    """

    measure: str
    strategy: str
    percent: float
    low: float
    high: float
    better: str
    share: float


def verdict(row: Contrast) -> str:
    """Return "better", "worse", "differs" (no direction is better), "same" or "cannot tell".

    It is the same if no replicate differs, and one cannot tell if the interval holds 0 or
    there is none.
    """
    if row.low == row.high == 0:
        return "same"
    if not (row.low > 0 or row.high < 0):
        return "cannot tell"
    if not row.better:
        return "differs"
    return "better" if (row.percent > 0) == (row.better == "higher") else "worse"


def in_words(row: Contrast) -> str:
    """Return e.g. "18% lower (12% to 24%)" or "cannot tell (3% lower to 5% higher)"."""
    if verdict(row) == "same":
        return "no difference in any replicate"
    if np.isnan(row.low):
        return _side(row.percent)
    if verdict(row) == "cannot tell":
        return f"cannot tell ({_side(row.low)} to {_side(row.high)})"
    low, high = sorted([abs(row.low), abs(row.high)])
    ends = [_digits(low), _digits(high)]
    if ends[0] == ends[1]:  # a narrow interval needs a digit more than the size of its ends asks
        ends = [f"{low:.1f}%", f"{high:.1f}%"]
    return f"{_side(row.percent)} ({ends[0]} to {ends[1]})"


def _side(percent: float) -> str:
    if percent == 0:
        return "equal"
    return f"{_digits(abs(percent))} {'higher' if percent > 0 else 'lower'}"


def _digits(percent: float) -> str:
    if 0 < percent < 0.05:
        return "<0.1%"
    return f"{percent:.1f}%" if percent < 9.95 else f"{percent:.0f}%"


@styled()
def forest_figure(
    rows: Sequence[Contrast],
    *,
    baseline: str,
    notes: Sequence[str],
    provenance: str,
) -> Page:
    """Draw the differences, grouped by measure in the order they come.

    An interval that runs off the axis ends in an arrowhead; its numbers stand beside it.
    """
    page = Page(
        9, title=f"How much does it differ from {plain(baseline)}?", subtitle=_finding(rows)
    )
    groups = [(name, list(group)) for name, group in groupby(rows, key=lambda x: x.measure)]
    height = HEAD * len(groups) + ROW * len(rows)
    page.grow(page.top + DOWN + height + 0.65 + page.foot(notes))
    left, wide = 2.35, 3.6
    axes = page.panel(left, page.top + DOWN, wide, height)
    limit = reach(rows)
    axes.set_xlim(-limit, limit)
    axes.set_ylim(height, 0)
    _dress(axes, baseline)
    _columns(page, rows)
    y = 0.0
    for name, group in groups:
        _heading(page, axes, name, group[0].better, y=y, left=left + wide)
        y += HEAD
        for row in group:
            _row(page, axes, row, y=y + ROW / 2, limit=limit)
            y += ROW
    page.footer(notes, provenance)
    return page


def _finding(rows: Sequence[Contrast]) -> str:
    count = {word: sum(verdict(x) == word for x in rows) for word in ("better", "worse")}
    rest = len(rows) - sum(count.values())
    return (
        f"Of {len(rows)} differences {count['better']} are clearly better (● blue), "
        f"{count['worse']} clearly worse (■ orange), {rest} neither, or one cannot tell (○)."
    )


def reach(rows: Sequence[Contrast]) -> float:
    """Return half the width of the axis in percent: one wild interval must not hide the rest."""
    ends = np.abs([[x.percent, x.low, x.high] for x in rows])
    widest = float(np.nanmax(ends))
    usual = max(
        4 * float(np.nanmedian(ends)), 1.3 * float(np.quantile(ends[:, 0], 0.9, method="lower"))
    )
    return max(1.0, min(widest, max(10.0, usual)) * 1.08)


def _dress(axes: Axes, baseline: str) -> None:
    axes.spines[["left"]].set_visible(False)
    axes.set_yticks([])
    axes.axvline(0, color=INK, lw=1)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: f"{x:+g}%".replace("-", "−") if x else "0")
    )
    axes.grid(axis="x", color="#e6e6e6", lw=0.7)
    axes.set_axisbelow(True)
    axes.set_xlabel(f"difference, % of the mean under {_cut(plain(baseline))}")


def _columns(page: Page, rows: Sequence[Contrast]) -> None:
    """Write what the two columns of numbers are, if there are intervals at all."""
    sure = not all(np.isnan(x.low) for x in rows)
    text = "difference (95% interval)" if sure else "difference"
    page.words(WIDTH - 3.05, page.top + DOWN - 0.12, text, color=PALE, va="center")
    page.words(
        WIDTH - 0.25, page.top + DOWN - 0.12, "better in", color=PALE, va="center", ha="right"
    )


def _cut(name: str) -> str:
    return name if len(name) <= 30 else name[:29] + "…"


def _heading(page: Page, axes: Axes, name: str, better: str, *, y: float, left: float) -> None:
    limit = axes.get_xlim()[1]
    box = axes.get_position()
    edges = [(x / WIDTH - box.x0) / box.width for x in (0.25, WIDTH - 0.25)]
    rule = axes.get_yaxis_transform()
    axes.plot(edges, [y + 0.03] * 2, color="#d8d8d8", lw=0.7, clip_on=False, transform=rule)
    page.words(
        0.25, page.top + DOWN + y + HEAD / 2 + 0.02, name, size=BODY, weight="bold", va="center"
    )
    arrow = {"lower": ("◀ better", -0.02, "right"), "higher": ("better ▶", 0.02, "left")}
    if better in arrow:
        text, x, side = arrow[better]
        axes.text(
            x * limit, y + HEAD / 2 + 0.02, text, ha=side, va="center", color=BETTER, size=SMALL
        )


def _row(page: Page, axes: Axes, row: Contrast, *, y: float, limit: float) -> None:
    word = verdict(row)
    colour = {"better": BETTER, "worse": WORSE}.get(word, PALE)
    shape = {"better": "o", "worse": "s", "differs": "D"}.get(word, "o")
    fill = "white" if word in ("cannot tell", "same") else colour
    low, high = np.clip([row.low, row.high], -limit, limit)
    axes.plot([low, high], [y, y], color=colour, lw=1.8, solid_capstyle="butt", gid="interval")
    for end, edge, head in ((row.low, -limit, "<"), (row.high, limit, ">")):
        if abs(end) > limit and np.sign(end) == np.sign(edge):
            axes.plot([edge], [y], marker=head, color=colour, ms=6, clip_on=False)
    if abs(row.percent) <= limit:
        axes.plot([row.percent], [y], marker=shape, ms=6, mfc=fill, mec=colour, mew=1.4, gid="dot")
    name = page.wrap(plain(row.strategy), 1.95, lines=1)[0]
    page.words(0.4, page.top + DOWN + y, name, va="center")
    page.words(WIDTH - 3.05, page.top + DOWN + y, in_words(row), va="center")
    if not np.isnan(row.share) and row.better:
        page.words(WIDTH - 0.25, page.top + DOWN + y, f"{row.share:.0%}", va="center", ha="right")
