"""The scorecard as a figure: a dot with its interval against the band, one row a pattern.

Patterns have units of their own, so each row has its own scale: the band fills the same stretch in
every row, and a value is drawn as far from it as it is, in widths of the band. One that is far off
is an arrowhead at the edge, its number beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from omemsim.analysis.evidence import Pattern, PatternScore
from omemsim.analysis.evidence.patterns import ROLES
from omemsim.analysis.evidence.table import interval, shown, summary
from omemsim.figures.ink import ARMS, BETTER, WORSE, plain
from omemsim.figures.page import BODY, PALE, WIDTH, Page, styled, write
from omemsim.figures.provenance import provenance_line
from omemsim.inputs.scenario import Scenario

__all__ = [
    "COLOURS_OF_VERDICTS",
    "REACH",
    "TITLES",
    "evidence_figure",
    "place",
    "save_evidence_figure",
]

COLOURS_OF_VERDICTS = {
    "inside": BETTER,
    "overlaps": ARMS[2][0],
    "outside": WORSE,
    "by construction": ARMS[7][0],
    "not computed": ARMS[0][0],
    "failed": ARMS[0][0],
}
TITLES = {"calibrate": "Calibrate", "hold out": "Hold out: never fitted to"}  # by role
MARKS = {"inside": "o", "overlaps": "D", "outside": "s", "by construction": "o"}
REACH = 1.6  # widths of the band that are drawn on either side of it
ROW, HEAD = 0.21, 0.34
LEFT, WIDE = 3.0, 2.9
NUMBERS = LEFT + WIDE + 0.2


def place(pattern: Pattern, value: float) -> float:
    """Return where a value stands: 0 at the band's lower end, 1 at its upper one.

    Where ratios matter, distances are those of logs.
    """
    low, high = pattern.low, pattern.high
    if pattern.scale == "log" and value > 0:
        low, high, value = np.log(low), np.log(high), np.log(value)
    return float((value - low) / (high - low))


def save_evidence_figure(
    scores: Sequence[PatternScore], scenario: Scenario, out: Path, *, replicates: int
) -> list[Path]:
    """Write the figure into ``out``.

    Parameters
    ----------
    scores, scenario, replicates : as for `evidence_figure`.
    out : folder for the PNG and the SVG.
    """
    return write(evidence_figure(scores, scenario, replicates=replicates), out, "validation")


@styled()
def evidence_figure(scores: Sequence[PatternScore], scenario: Scenario, *, replicates: int) -> Page:
    """Return the figure: those to calibrate first, those held out under them.

    Parameters
    ----------
    scores : one per pattern; those of a role are drawn in their order.
    scenario : the town and its present policing.
    replicates : simulated towns, each with its own random numbers, that a value is the mean of.
    """
    page = Page(
        9,
        title=f"Does the town “{plain(scenario.town.name)}” look like a real one?",
        subtitle="\n".join(summary(scores)[:2]),
    )
    groups = [(role, [x for x in scores if x.pattern.role == role]) for role in ROLES]
    groups = [(role, rows) for role, rows in groups if rows]
    height = HEAD * len(groups) + ROW * len(scores)
    page.grow(page.top + 0.1 + height + 0.3 + page.foot(NOTES))
    axes = _axes(page, height)
    y = 0.0
    for role, rows in groups:
        _heading(page, axes, role, y=y)
        y += HEAD
        axes.axvspan(
            0,
            1,
            ymin=1 - (y + ROW * len(rows)) / height,
            ymax=1 - y / height,
            color="#e4ebf1",
            lw=0,
        )
        for one in rows:
            _row(page, axes, one, y=y + ROW / 2)
            y += ROW
    page.footer(NOTES, _provenance(scenario, replicates))
    return page


NOTES = (
    "Shaded: the band, of the same width in every row; each row has its own scale. ● inside (the "
    "whole 95% interval over simulated towns lies in the band), ◆ overlaps, ■ outside; grey ○: by "
    "construction, counted in no share. △ the same with every mechanism off.",
)


def _axes(page: Page, height: float) -> Axes:
    axes = page.panel(LEFT, page.top + 0.1, WIDE, height)
    axes.set_xlim(-REACH, 1 + REACH)
    axes.set_ylim(height, 0)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def _heading(page: Page, axes: Axes, role: str, *, y: float) -> None:
    top = page.top + 0.1 + y + HEAD / 2 + 0.02
    page.words(0.25, top, TITLES[role], size=BODY, weight="bold", va="center")
    page.words(NUMBERS, top, "value [95% interval]", color=PALE, va="center")
    page.words(WIDTH - 0.25, top, "band", color=PALE, va="center", ha="right")
    axes.text(0.5, y + HEAD / 2 + 0.02, "band", ha="center", va="center", color=PALE)


def _row(page: Page, axes: Axes, one: PatternScore, *, y: float) -> None:
    top, pattern = page.top + 0.1 + y, one.pattern
    colour = COLOURS_OF_VERDICTS[one.verdict]
    page.words(0.25, top, pattern.pattern, va="center", color=PALE)
    page.words(0.7, top, page.wrap(pattern.title, LEFT - 0.75, lines=1)[0], va="center")
    text = interval(one.value) if one.value.n else one.verdict
    page.words(NUMBERS, top, text, va="center", color=colour if one.value.n else PALE)
    band = f"{shown(pattern.low)} to {shown(pattern.high)}"
    page.words(WIDTH - 0.25, top, band, va="center", ha="right", color=PALE)
    if one.zero.n:
        _mark(axes, place(pattern, one.zero.difference), y, marker="^", ms=4, mfc="none", mec=PALE)
    if one.value.n:
        _interval(axes, one, y, colour)


def _interval(axes: Axes, one: PatternScore, y: float, colour: str) -> None:
    ends = [place(one.pattern, x) for x in (one.value.low, one.value.high)]
    if np.isfinite(ends).all():
        low, high = np.clip(ends, -REACH, 1 + REACH)
        axes.plot([low, high], [y, y], color=colour, lw=1.8, solid_capstyle="butt", gid="interval")
    fill = "white" if one.verdict == "by construction" else colour
    style = {"mfc": fill, "mec": colour, "mew": 1.3, "ms": 6, "zorder": 3, "gid": "dot"}
    _mark(axes, place(one.pattern, one.value.difference), y, marker=MARKS[one.verdict], **style)


def _mark(axes: Axes, x: float, y: float, *, marker: str, **style: Any) -> None:
    """Draw a mark; off the axis, an arrowhead at its edge."""
    edge = float(np.clip(x, -REACH, 1 + REACH))
    shape = marker if edge == x else "<" if x < 0 else ">"
    axes.plot([edge], [y], marker=shape, clip_on=False, ls="", **style)


def _provenance(scenario: Scenario, replicates: int) -> str:
    return provenance_line(
        f"{scenario.town.name}, scale {scenario.town.scale:g}",
        f"{plain(scenario.strategy.name)} policing",
        f"{replicates} simulated towns",
        f"seed {scenario.seed}",
    )
