"""Where a strategy fails: the ranges of each box, and the points that it holds."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from omemsim.analysis.discover import Box, Discovery, Limit, held_back
from omemsim.figures.ink import BETTER, WORSE, plain
from omemsim.figures.page import BODY, PALE, WIDTH, Page, styled, write
from omemsim.figures.provenance import provenance_of
from omemsim.inputs.scenario import Scenario
from omemsim.present.text import counted, figures, whole_percent
from omemsim.study.contrasts import about
from omemsim.study.indices import short_name

__all__ = ["boxes_figure", "save_boxes_figure"]

SIDE = 3.0  # of the map of points, inches
LEFT, BAR = 4.15, 2.6  # where names of parameters begin; length of a bar, inches
ROW = 0.36


def save_boxes_figure(found: Discovery, scenario: Scenario, out: Path) -> list[Path]:
    """Write ``boxes.png`` and ``.svg`` into a folder; nothing where there is no box.

    Parameters
    ----------
    found : where a strategy does worse.
    scenario : of the runs.
    out : the folder, made if need be.
    """
    if not found.boxes:
        return []
    line = provenance_of(
        scenario, counted(scenario.years, "year"), f"{len(found.points.values):,} points"
    )
    return write(boxes_figure(found, provenance=line), out, "boxes")


@styled()
def boxes_figure(found: Discovery, *, provenance: str) -> Page:
    """Draw the points in the two narrowest ranges of the first box, and all ranges of all boxes.

    Parameters
    ----------
    found : with one box at least.
    provenance : what the line at the foot says.
    """
    points = found.points
    worse = int(points.is_worse.sum())
    title = about(found.outcome).title.lower()
    notes = [
        "A box is a part of what was tried in which the strategy mostly does worse. Density: the "
        "share of the box's points at which it does. Coverage: the share of all points at which it "
        "does that lie in the box. Both are of every third point, which was held back from finding "
        "the box (large marks).",
    ]
    page = Page(
        6,
        title=f"Where does {plain(found.strategy)} fail?",
        subtitle=f"It does worse than {plain(found.baseline)} on {title} at {worse} of "
        f"{len(points.values)} points.",
    )
    rows = sum(len(box.limits) + 1.3 for box in found.boxes)
    page.grow(page.top + max(SIDE + 0.7, ROW * rows + 0.2) + page.foot(notes) + 0.25)
    _map(page.panel(0.7, page.top + 0.2, SIDE - 0.2, SIDE - 0.2), found)
    top = page.top + 0.1
    for rank, box in enumerate(found.boxes, 1):
        top = _ranges(page, rank, box, top)
    page.footer(notes, provenance)
    return page


def _map(axes: Axes, found: Discovery) -> None:
    points, box = found.points, found.boxes[0]
    first, *others = box.limits
    names = list(points.names)
    across = names.index(first.path)
    up = names.index(others[0].path) if others else next(
        n for n in range(len(names)) if n != across
    )  # fmt: skip
    is_held = held_back(len(points.values))
    for worse, colour, marker in ((False, BETTER, "o"), (True, WORSE, "X")):
        for held, size in ((False, 3.0), (True, 5.5)):
            rows = (points.is_worse == worse) & (is_held == held)
            x, y = points.values[rows, across], points.values[rows, up]
            axes.plot(x, y, marker, color=colour, ms=size, mew=0, ls="", gid="points")
    low, high = (others[0].low, others[0].high) if others else axes.get_ylim()
    axes.add_patch(
        Rectangle(
            (first.low, low), first.high - first.low, high - low, fill=False, ec="#222222", lw=1.4
        )
    )
    axes.set_xlabel(short_name(first.path))
    axes.set_ylabel(short_name(names[up]))
    axes.set_title("box 1:  ✕ worse   ● not worse", loc="left", size=BODY)


def _ranges(page: Page, rank: int, box: Box, top: float) -> float:
    held = box.held
    said = (
        f"density {whole_percent(held.density)}% ({held.worse} of {held.points}), coverage "
        f"{whole_percent(held.coverage)}% ({held.worse} of {held.worse_in_all})"
    )
    page.words(LEFT, top, f"Box {rank}", weight="bold", va="center", size=BODY)
    page.words(LEFT + 0.6, top, said, va="center")
    top += ROW
    for limit in box.limits:
        _bar(page, limit, top)
        top += ROW
    return top + 0.3 * ROW


def _bar(page: Page, limit: Limit, top: float) -> None:
    """Draw the range of a parameter in the box within what was tried."""
    room = WIDTH - LEFT - BAR - 0.35
    name = page.wrap(short_name(limit.path), room, lines=1)[0]
    page.words(LEFT, top, name, va="center")
    axes = page.panel(WIDTH - 0.3 - BAR, top - 0.06, BAR, 0.12)
    axes.set_axis_off()
    axes.set_xlim(limit.least, limit.most)
    axes.set_ylim(0, 1)
    axes.axhspan(0.35, 0.65, color="#d5d7da", lw=0)
    axes.add_patch(Rectangle((limit.low, 0.0), limit.high - limit.low, 1.0, fc=WORSE, lw=0))
    ends = ((limit.low, "left", limit.is_open_below), (limit.high, "right", limit.is_open_above))
    for value, side, is_end in ends:
        if not is_end:
            axes.text(value, -0.35, figures(value), ha="center", va="top", size=7.5)
        else:
            axes.text(value, -0.35, figures(value), ha=side, va="top", size=7.5, color=PALE)
