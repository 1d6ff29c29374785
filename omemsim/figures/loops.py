"""Capacity from a low and a high start: small multiples, police by row, loops by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from omemsim.analysis.loops import ALL, HELD_WEEKS, KEPT, LOOPS, STARTS, LoopArm, Loops, mean_of
from omemsim.analysis.loops_text import ends_in, percent
from omemsim.figures.ink import ARMS, plain
from omemsim.figures.page import BODY, PALE, SMALL, Page, styled, write
from omemsim.figures.single import provenance, years_of
from omemsim.present.text import counted
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["loops_figure", "save_loops_figure"]

LEFT, GAP, WIDE, TALL = 0.72, 0.16, 1.49, 1.5  # inches
BETWEEN = 1.05  # inches from one row of panels to the next
COLOURS = {"low": ARMS[3][0], "high": ARMS[2][0]}
SPREAD = (0.1, 0.9)  # of neighbourhoods and replicates, shaded
NOTES = (
    "Line: mean over neighbourhoods and replicates. Band: the middle 80% of them. Grey: "
    f"{HELD_WEEKS} weeks in which residents are held at the bottom or the top of efficacy, fear, "
    "participation and leaders known; then they are let go. Precursors and random numbers are "
    "the same.",
    "Left: how much of the gap in mean capacity when last held remains in the last year. Halved: "
    "when the gap was first half of that. Both ends survive where the low start ends red or amber, "
    f"the high start green or blue, with {KEPT:.0%} of the gap left. Interval: 95%, over "
    "replicates.",
    "Police tactics on: the strategy's mix. Off: calls are answered and no free hour is assigned.",
)


def save_loops_figure(found: Loops, out: Path) -> list[Path]:
    """Write the figure as PNG and SVG into folder ``out``."""
    return write(loops_figure(found), out, "loops")


@styled()
def loops_figure(found: Loops) -> Page:
    """Draw capacity over time from both starts, a panel per police and loop that is off."""
    page = Page(9, title="Does a neighbourhood stay where it has been?", subtitle=_finding(found))
    rows = [name for name in found.strategies if _has_any(found, name)]
    height = len(rows) * TALL + (len(rows) - 1) * BETWEEN
    page.grow(page.top + 0.8 + height + 0.6 + page.foot(NOTES))
    top = page.top + 0.8
    for police in rows:
        title = f"Police tactics {police}: {plain(found.strategies[police])}"
        page.words(0.25, top - 0.62, title, size=BODY, weight="bold", va="center")
        for column, loop in enumerate((ALL, *LOOPS)):
            axes = page.panel(LEFT + column * (WIDE + GAP), top, WIDE, TALL)
            _panel(axes, found, police, loop, is_last=police == rows[-1])
            left = LEFT + column * (WIDE + GAP)
            page.words(left, top - 0.33, f"without {loop}" if loop else "all loops", va="center")
            told = _left(found, police, loop)
            page.words(left, top - 0.13, told, va="center", size=SMALL - 1, color=PALE)
        top += TALL + BETWEEN
    series = found.comparison.series(*next(iter(found.comparison.scalars)))
    most = max(len(each) for each in found.found.values())
    page.footer(NOTES, provenance(series, runs=counted(most, "replicate")))
    return page


def _has_any(found: Loops, police: str) -> bool:
    return any(found.found[police, loop] for loop in (ALL, *LOOPS))


def _finding(found: Loops) -> str:
    """Say how far both ends survive with all loops on."""
    parts = []
    for police in found.strategies:
        each = found.found[police, ALL]
        if each:
            weeks = mean_of([x["half_closed"] for x in each])[0]
            parts.append(
                f"Police tactics {police}: both ends survive in {ends_in(each)}; half of the gap "
                f"is gone {weeks:.0f} weeks after release."
            )
    return "\n".join(parts)


def _panel(axes: Axes, found: Loops, police: str, loop: str, *, is_last: bool) -> None:
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2.5, 5, 10]))
    axes.axvspan(0, HELD_WEEKS / WEEKS_PER_YEAR, color="#ececec", lw=0, zorder=0)
    axes.grid(axis="y", color="#efefef", lw=0.7)
    axes.set_axisbelow(True)
    for start in STARTS:
        _line(axes, found, LoopArm(police, loop, start))
    if loop == ALL:
        axes.set_ylabel("capacity (index 0-1)")
    else:
        axes.tick_params(labelleft=False)
    if is_last:
        axes.set_xlabel("years from the start")


def _left(found: Loops, police: str, loop: str) -> str:
    each = found.found[police, loop]
    if not each:
        return "no run finished"
    kept, weeks = (mean_of([x[name] for x in each])[0] for name in ("gap_kept", "half_closed"))
    return f"{percent(kept, np.nan, np.nan)} left, halved in {weeks:.0f} weeks"


def _line(axes: Axes, found: Loops, arm: LoopArm) -> None:
    """Draw one start's mean and band, and name it in the panels with all loops."""
    runs = [found.comparison.series(arm.name(), r) for r in found.comparison.finished(arm.name())]
    if not runs:
        return
    years = years_of(runs[0].weeks)
    each = np.concatenate([run.values["capacity"] for run in runs], axis=1)
    mean, colour = each.mean(axis=1), COLOURS[arm.start]
    low, high = np.quantile(each, SPREAD, axis=1)
    style: dict[str, Any] = {"dashes": ARMS[2][1]} if arm.start == "low" else {}
    axes.fill_between(years, low, high, color=colour, alpha=0.15, lw=0)
    axes.plot(years, mean, color=colour, lw=1.9, gid=f"line-{arm.start}", **style)
    axes.set_xlim(0, float(years[-1]))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True, steps=[1, 2, 5, 10]))
    if arm.loop == ALL:
        at = int(0.1 * len(years)) + 1
        above = arm.start == "high"
        where = (years[at], (high if above else low)[at] + (0.02 if above else -0.02))
        side: dict[str, Any] = {"va": "bottom" if above else "top", "color": colour, "size": SMALL}
        axes.text(*where, f"from {arm.start}", **side)
