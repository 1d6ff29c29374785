"""Differences from the baseline in percent, with 95% intervals, one block per measure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from omemsim.figures.ink import BETTER, WORSE, plain
from omemsim.figures.page import BODY, INK, PALE, SMALL, WIDTH, Page, styled
from omemsim.study.contrasts import About, Contrast, in_brief, mismatch, sentence, verdict

__all__ = ["forest_figure", "reach"]

ROW, HEAD = 0.2, 0.3
TOLD = 3.3  # inches from the right edge to where the differences in words begin
BETTER_IN, TIED = 0.72, 0.25  # and to where these columns end
DOWN = 0.28  # inches from the heading to the first rule: the columns' titles stand there


@styled()
def forest_figure(
    rows: Sequence[Contrast],
    *,
    baseline: str,
    notes: Sequence[str],
    provenance: str,
) -> Page:
    """Draw the differences, grouped by measure in the order they come.

    An interval that runs off the axis ends in an arrowhead, and a difference that does stands
    at the edge with its number; all numbers are in the column beside.

    Parameters
    ----------
    rows : differences that have a percentage, the rows of a measure next to each other.
    baseline : the strategy they are differences from.
    notes : lines at the foot.
    """
    page = Page(
        9, title=f"How much does it differ from {plain(baseline)}?", subtitle=_finding(rows)
    )
    groups = [list(group) for _, group in groupby(rows, key=lambda x: x.measure)]
    height = HEAD * len(groups) + ROW * len(rows)
    page.grow(page.top + DOWN + height + 0.65 + page.foot(notes))
    left, wide = 2.35, 3.35
    axes = page.panel(left, page.top + DOWN, wide, height)
    limit = reach(rows)
    axes.set_xlim(-limit, limit)
    axes.set_ylim(height, 0)
    _dress(axes, baseline)
    _columns(page, rows)
    y = 0.0
    for group in groups:
        _heading(page, axes, group[0].known, y=y)
        y += HEAD
        for row in group:
            _row(page, axes, row, y=y + ROW / 2, limit=limit)
            y += ROW
    page.footer(notes, provenance)
    return page


def _finding(rows: Sequence[Contrast]) -> str:
    """Return a sentence per strategy, shorter where they are many."""
    names = list(dict.fromkeys(row.strategy for row in rows))
    most = 3 if len(names) <= 3 else 1
    mine = {name: [row for row in rows if row.strategy == name] for name in names}
    lines = [f"{plain(name)}: {sentence(mine[name], most=most)}." for name in names]
    strange: dict[str, list[str]] = {}
    for name in names:
        if said := mismatch(mine[name]):
            strange.setdefault(said, []).append(plain(name))
    return "\n".join([*lines, *(f"{', '.join(who)}: {said}." for said, who in strange.items())])


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
    """Write what the columns of numbers are, if there are intervals at all."""
    sure = not all(np.isnan(x.low) for x in rows)
    text = "difference (95% interval)" if sure else "difference"
    page.words(WIDTH - TOLD, page.top + DOWN - 0.12, text, color=PALE, va="center")
    if sure:
        for title, right in (("better in", BETTER_IN), ("tied", TIED)):
            style = {"color": PALE, "va": "center", "ha": "right"}
            page.words(WIDTH - right, page.top + DOWN - 0.12, title, **style)


def _cut(name: str) -> str:
    return name if len(name) <= 30 else name[:29] + "…"


def _heading(page: Page, axes: Axes, known: About, *, y: float) -> None:
    limit = axes.get_xlim()[1]
    box = axes.get_position()
    edges = [(x / WIDTH - box.x0) / box.width for x in (0.25, WIDTH - 0.25)]
    rule = axes.get_yaxis_transform()
    axes.plot(edges, [y + 0.03] * 2, color="#d8d8d8", lw=0.7, clip_on=False, transform=rule)
    level = y + HEAD / 2 + 0.02
    style = {"size": BODY, "weight": "bold", "va": "center"}
    page.words(0.25, page.top + DOWN + level, known.title, **style)
    text, x, side, colour = {
        "lower": ("◀ better", -0.02, "right", BETTER),
        "higher": ("better ▶", 0.02, "left", BETTER),
    }.get(known.better, ("neither side is better", 0.02, "left", PALE))
    axes.text(x * limit, level, text, ha=side, va="center", color=colour, size=SMALL)


def _row(page: Page, axes: Axes, row: Contrast, *, y: float, limit: float) -> None:
    word = verdict(row)
    colour = {"better": BETTER, "worse": WORSE}.get(word, PALE)
    low, high = np.clip([row.low, row.high], -limit, limit)
    axes.plot([low, high], [y, y], color=colour, lw=1.8, solid_capstyle="butt", gid="interval")
    for end, edge, head in ((row.low, -limit, "<"), (row.high, limit, ">")):
        if abs(end) > limit and np.sign(end) == np.sign(edge):
            axes.plot([edge], [y], marker=head, color=colour, ms=6, clip_on=False)
    _dot(axes, row, y=y, limit=limit, colour=colour)
    name = page.wrap(plain(row.strategy), 1.95, lines=1)[0]
    page.words(0.4, page.top + DOWN + y, name, va="center")
    page.words(WIDTH - TOLD, page.top + DOWN + y, in_brief(row), va="center")
    if row.found.n > 1 and row.known.better and word != "same":
        shares = (f"{row.share:.0%}", f"{row.found.tied / row.found.n:.0%}")
        for text, right in zip(shares, (BETTER_IN, TIED), strict=True):
            page.words(WIDTH - right, page.top + DOWN + y, text, va="center", ha="right")


def _dot(axes: Axes, row: Contrast, *, y: float, limit: float, colour: str) -> None:
    """Mark the mean difference; off the axis, an arrowhead at its edge and the number."""
    word = verdict(row)
    fill = colour if word in ("better", "worse", "differs") else "white"
    if abs(row.percent) <= limit:
        shape = {"better": "o", "worse": "s", "differs": "D"}.get(word, "o")
        axes.plot([row.percent], [y], marker=shape, ms=6, mfc=fill, mec=colour, mew=1.4, gid="dot")
        return
    side = float(np.sign(row.percent))
    style: dict[str, Any] = {"mfc": fill, "mec": colour, "mew": 1.4, "clip_on": False}
    axes.plot([side * limit], [y], marker=">" if side > 0 else "<", ms=8, gid="off", **style)
    number = f"{row.percent:+.0f}%".replace("-", "−")
    box = {"fc": "white", "ec": "none", "pad": 0.8}
    axes.annotate(
        number, (side * limit, y), xytext=(-7 * side, 0), textcoords="offset points", bbox=box,
        ha="right" if side > 0 else "left", va="center", color=colour, size=SMALL,
    )  # fmt: skip
