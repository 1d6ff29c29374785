"""Differences from the baseline in percent, one block per measure, and what was used for them.

The interval over replicates is a thin dark line, the range over parameter sets a broad pale bar
behind it: two kinds of uncertainty, two marks. Over the blocks stands what each strategy used of
its hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from omemsim.figures.ink import BETTER, WORSE, plain
from omemsim.figures.page import BODY, GRID, INK, PALE, SMALL, WIDTH, Page, styled
from omemsim.present.text import shortened, typographic
from omemsim.study.contrasts import About, Contrast, in_brief, mismatch, sentence, verdict
from omemsim.study.effort import Effort
from omemsim.study.uncertain import Spread

__all__ = ["forest_figure", "reach"]

Spreads = Mapping[tuple[str, str], Spread]  # by strategy and measure

ROW, HEAD = 0.2, 0.3
TALL = 0.36  # a row with a range: its words stand under those of the interval
RANGE = "#d9c7e8"  # pale violet: neither better nor worse, and no colour of a zone
RANGE_WORDS = "#6b4a8a"
BAR, GAP = 0.22, 0.5  # inches of a strategy's hours, and around all of them
HOURS = {
    "patrol_calls": ("calls", "#5f6b76"),
    "patrol_tactics": ("tactics", "#7fa8c9"),
    "patrol_overhead": ("overhead", "#c3ccd4"),
    "patrol_withdrawn": ("taken away", "#efe3c8"),
    "patrol_idle": ("idle", "#ffffff"),
}
LEFT, WIDE = 2.35, 3.35  # of the panels, inches
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
    spreads: Spreads | None = None,
    used: Sequence[Effort] = (),
) -> Page:
    """Draw the differences, grouped by measure in the order they come.

    An interval that runs off the axis ends in an arrowhead, and a difference that does stands
    at the edge with its number; all numbers are in the column beside.

    Parameters
    ----------
    rows : differences that have a percentage, the rows of a measure next to each other.
    baseline : the strategy they are differences from.
    notes : lines at the foot.
    provenance : where the numbers come from, a line under the notes.
    spreads : ranges over parameter sets, where there are any.
    used : hours and money of each strategy, the baseline first; none draws none.
    """
    spreads = {} if spreads is None else spreads
    page = Page(
        9, title=f"How much does it differ from {plain(baseline)}?", subtitle=_finding(rows)
    )
    groups = [list(group) for _, group in groupby(rows, key=lambda x: x.measure)]
    tall = [TALL if (x.strategy, x.measure) in spreads else ROW for x in rows]
    height = HEAD * len(groups) + sum(tall)
    hours = BAR * len(used) + GAP if used else 0.0
    page.grow(page.top + hours + DOWN + height + 0.65 + page.foot(notes))
    _effort(page, used)
    page.top += hours
    axes = page.panel(LEFT, page.top + DOWN, WIDE, height)
    limit = reach(rows, spreads.values())
    axes.set_xlim(-limit, limit)
    axes.set_ylim(height, 0)
    _dress(axes, baseline)
    _columns(page, rows)
    if spreads:
        _two_doubts(page)
    y = 0.0
    for group in groups:
        _heading(page, axes, group[0].known, y=y)
        y += HEAD
        for row in group:
            spread = spreads.get((row.strategy, row.measure))
            if spread is not None:
                _range(page, axes, spread, y=y + ROW / 2, limit=limit)
            _row(page, axes, row, y=y + ROW / 2, limit=limit)
            y += ROW if spread is None else TALL
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


def _effort(page: Page, used: Sequence[Effort]) -> None:
    """Draw a bar of hours for each strategy, and say what was idle and spent."""
    if not used:
        return
    top = page.top + 0.34
    page.words(0.25, top - 0.17, "Patrol hours", weight="bold", va="center")
    axes = page.panel(LEFT, top, WIDE, BAR * len(used))
    axes.set_xlim(0, 1)
    axes.set_ylim(BAR * len(used), 0)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    _legend(page, used, top - 0.17)
    page.words(WIDTH - TOLD, top - 0.17, "hours idle; all money spent", color=PALE, va="center")
    for number, one in enumerate(used):
        y, start = BAR * (number + 0.5), 0.0
        for name, (_, colour) in HOURS.items():
            share = one.share(one.hours[name])
            bar: dict[str, Any] = {"height": BAR * 0.72, "left": start, "color": colour}
            axes.barh(y, share, edgecolor=PALE, linewidth=0.6, gid=name, **bar)
            start += share
        page.words(0.4, top + y, page.wrap(plain(one.strategy), 1.95, lines=1)[0], va="center")
        text = (
            f"{one.share(one.idle):.0%} of {one.offered:,.0f} a week; CAD {one.spent:,.0f} a week"
        )
        page.words(WIDTH - TOLD, top + y, text, va="center")


def _legend(page: Page, used: Sequence[Effort], level: float) -> None:
    """Name the parts of the bars that any strategy has, over the bars."""
    parts = [
        (text, colour)
        for name, (text, colour) in HOURS.items()
        if any(one.share(one.hours[name]) > 0.0005 for one in used)
    ]
    step = WIDE / max(len(parts), 1)
    for number, (text, colour) in enumerate(parts):
        x = LEFT + step * number
        mark = {"fc": colour, "ec": PALE, "pad": 1.6, "lw": 0.6}
        page.words(x + 0.04, level, "  ", size=SMALL, va="center", bbox=mark)
        page.words(x + 0.2, level, text, size=SMALL, color=PALE, va="center")


def _range(page: Page, axes: Axes, spread: Spread, *, y: float, limit: float) -> None:
    """Draw the range over parameter sets behind the interval, and say it under that."""
    low, high = np.clip([spread.low, spread.high], -limit, limit)
    axes.barh(y, high - low, left=low, height=0.15, color=RANGE, zorder=0.5, gid="range")
    text = f"sets: {spread.in_brief()}"
    level = page.top + DOWN + y + 0.15
    page.words(WIDTH - TOLD, level, text, va="center", size=SMALL, color=RANGE_WORDS)


def reach(rows: Sequence[Contrast], spreads: Iterable[Spread] = ()) -> float:
    """Return half the width of the axis in percent: one wild interval must not hide the rest."""
    ends = np.abs(
        [[x.percent, x.low, x.high] for x in rows] + [[x.low, x.low, x.high] for x in spreads]
    )
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
        FuncFormatter(lambda x, _: typographic(f"{x:+g}%") if x else "0")
    )
    axes.grid(axis="x", color=GRID, lw=0.7)
    axes.set_axisbelow(True)
    axes.set_xlabel(f"difference, % of the mean under {shortened(plain(baseline), 30)}")


def _columns(page: Page, rows: Sequence[Contrast]) -> None:
    """Write what the columns of numbers are, if there are intervals at all."""
    sure = not all(np.isnan(x.low) for x in rows)
    text = "difference (95% interval)" if sure else "difference"
    page.words(WIDTH - TOLD, page.top + DOWN - 0.12, text, color=PALE, va="center")
    if sure:
        for title, right in (("better in", BETTER_IN), ("tied", TIED)):
            style = {"color": PALE, "va": "center", "ha": "right"}
            page.words(WIDTH - right, page.top + DOWN - 0.12, title, **style)


def _two_doubts(page: Page) -> None:
    """Show beside each other what the line and the pale bar are."""
    level = page.top + DOWN - 0.12
    bar = {"fc": RANGE, "ec": "none", "pad": 1.2}
    page.words(LEFT - 1.6, level, "●—", color=BETTER, va="center")
    page.words(LEFT - 1.35, level, "over replicates: the simulation", color=PALE, va="center")
    page.words(LEFT + 0.7, level, "   ", va="center", bbox=bar)
    text = "over parameter sets: the theory"
    page.words(LEFT + 0.93, level, text, color=RANGE_WORDS, va="center")


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
    number = typographic(f"{row.percent:+.0f}%")
    box = {"fc": "white", "ec": "none", "pad": 0.8}
    axes.annotate(
        number, (side * limit, y), xytext=(-7 * side, 0), textcoords="offset points", bbox=box,
        ha="right" if side > 0 else "left", va="center", color=colour, size=SMALL,
    )  # fmt: skip
