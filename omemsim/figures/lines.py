"""A measure over time: a line per strategy, named where it ends, with its band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, ScalarFormatter
from numpy.typing import NDArray

from omemsim.figures.ink import ARMS, EndLabel, end_labels, plain
from omemsim.figures.page import WIDTH, Page, styled, years_axis

__all__ = [
    "ArmCurve",
    "change_limits",
    "draw_arms",
    "level_limits",
    "lines_figure",
    "same_lines",
    "top_of",
]

Floats = NDArray[np.float64]
UPPER, GAP, LOWER = 2.3, 0.62, 1.5  # inches: both panels, and what is between them
LEFT = 0.85  # inches to the panels
BANDS = 3  # more bands than this cannot be told apart: then only the last one is drawn


@dataclass(frozen=True)
class ArmCurve:
    """One strategy's mean over replicates, (T,), and its band; ``low`` is None without one."""

    name: str
    mean: Floats
    low: Floats | None = None
    high: Floats | None = None


@styled()
def lines_figure(
    arms: Sequence[ArmCurve],
    changes: Sequence[ArmCurve],
    years: Floats,
    *,
    title: str,
    finding: str,
    axis: str,
    ceiling: float | None,
    smallest: float,
    band: str,
    averaged: str,
    provenance: str,
) -> Page:
    """Draw one measure over time, and below it the difference from the baseline.

    Parameters
    ----------
    arms : the level of each strategy, the baseline first.
    changes : of other strategies, the mean difference within replicates and its 95% interval.
    years : (T,) since the start.
    title : the question that it answers.
    finding : what came out, under the title; may be empty.
    axis : the y axis in words, with its unit.
    ceiling : the top of the y axis (1 for an index from 0 to 1); None fits the data.
    smallest : the smallest difference worth naming, shaded.
    band : what the band is, e.g. "5th-95th percentile of 20 replicates".
    averaged : over how many weeks points are averaged.
    provenance : as for `forest_figure`.
    """
    page = Page(9, title=title, subtitle=finding)
    limits = level_limits(arms, ceiling)
    shaded = f"Shaded: too small to name, under {smallest:.2g} (assumed)."
    notes = _notes(arms, changes, band=band, averaged=averaged)
    notes.append("The upper axis does not start at 0. " * (limits[0] > 0) + shaded * bool(changes))
    groups = same_lines(arms, limits[1] - limits[0])
    notes += [f"The lines of {' and '.join(pair)} coincide." for pair in groups]
    below = GAP + LOWER if changes else 0.0
    page.grow(page.top + 0.3 + UPPER + below + 0.55 + page.foot(notes))
    place = _Place(page, [plain(x.name) for x in arms])
    axes = place.panel(page.top + 0.3, UPPER, axis)
    axes.set_ylim(*limits)
    years_axis(axes, float(years[-1]), label=not changes)
    draw_arms(axes, arms, years, numbers=range(len(arms)), gid="arm")
    place.name(axes, arms, range(len(arms)))
    if changes:
        _draw_changes(place, arms, changes, years, smallest=smallest)
    page.footer(notes, provenance)
    return page


class _Place:
    """The two panels' common left and right edge, and how strategies are named beside them."""

    def __init__(self, page: Page, names: Sequence[str]) -> None:
        self.page = page
        many = len(names) > BANDS
        self.names = [tuple(page.wrap(x, 1.75, lines=1 if many else 2)) for x in names]
        self.start = 0.1 + 0.085 * len(names) if many else 0.02
        self.gap = self.start + (0.25 if many else 0.1)
        longest = max(page.width_of(line, bold=True) for name in self.names for line in name)
        self.wide = WIDTH - LEFT - self.gap - longest - 0.35

    def panel(self, top: float, height: float, text: str) -> Axes:
        """Return a panel with ``text`` over its y axis."""
        axes = self.page.panel(LEFT, top, self.wide, height)
        axes.set_ylabel(text, rotation=0, ha="left", va="bottom")
        axes.yaxis.set_label_coords(-(LEFT - 0.25) / self.wide, 1 + 0.12 / height)
        return axes

    def name(self, axes: Axes, arms: Sequence[ArmCurve], numbers: Sequence[int]) -> None:
        """Name each line where it ends."""
        labels = [
            EndLabel(float(arm.mean[-1]), self.names[i], colour=_style(i)[0], bold=i == 0)
            for i, arm in zip(numbers, arms, strict=True)
        ]
        end_labels(self.page, axes, labels, start=self.start, gap=self.gap)


def _draw_changes(
    place: _Place,
    arms: Sequence[ArmCurve],
    changes: Sequence[ArmCurve],
    years: Floats,
    *,
    smallest: float,
) -> None:
    names = [arm.name for arm in arms]
    numbers = [names.index(change.name) for change in changes]
    text = f"difference from {plain(names[0])}, same unit"
    axes = place.panel(place.page.top + 0.3 + UPPER + GAP, LOWER, text)
    axes.set_ylim(*change_limits(changes, smallest))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(_Signed(useOffset=False))
    axes.axhspan(-smallest, smallest, color="#efefef", lw=0, zorder=0, gid="small")
    axes.axhline(0, color=ARMS[0][0], lw=1.2, zorder=2)
    years_axis(axes, float(years[-1]))
    draw_arms(axes, changes, years, numbers=numbers, gid="change", bars=len(arms) > BANDS)
    place.name(axes, changes, numbers)


class _Signed(ScalarFormatter):
    """Ticks that say + as well as −, all with the same decimals."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        text = str(super().__call__(x, pos))
        return f"+{text}" if x > 1e-12 else text


def level_limits(arms: Sequence[ArmCurve], ceiling: float | None) -> tuple[float, float]:
    """Return the ends of the y axis: from 0 if the lines then take up enough of the panel.

    Otherwise the axis holds all lines and bands and is at least 15% of the highest.
    """
    values = np.concatenate(
        [x for arm in arms for x in (arm.mean, arm.low, arm.high) if x is not None]
    )
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    full = ceiling if ceiling is not None else top_of(arms)
    span = max(1.2 * (high - low), 0.15 * high)
    if low <= 0.4 * high or span > 0.6 * full:
        return 0.0, full
    bottom = (low + high - span) / 2
    return bottom, min(bottom + span, full) if ceiling is not None else bottom + span


def change_limits(changes: Sequence[ArmCurve], smallest: float) -> tuple[float, float]:
    """Return the ends of an axis of differences: it holds 0, the lines and what is too small.

    Intervals are held too unless they are wild, as those of two replicates are.
    """
    lines = np.concatenate([x.mean for x in changes])
    ends = np.concatenate([y for x in changes for y in (x.low, x.high) if y is not None] or [lines])
    furthest = 3 * max(float(np.nanmax(np.abs(lines))), smallest)
    known = [*lines, *np.clip(ends, -furthest, furthest), -1.3 * smallest, 1.3 * smallest]
    low, high = float(np.nanmin(known)), float(np.nanmax(known))
    margin = max(0.06 * (high - low), 1e-9)
    return low - margin, high + margin


def _style(number: int) -> tuple[str, tuple[float, ...]]:
    return ARMS[number % len(ARMS)]


def _notes(
    arms: Sequence[ArmCurve], changes: Sequence[ArmCurve], *, band: str, averaged: str
) -> list[str]:
    """Say what the lines and bands are."""
    if arms[0].low is None:
        return [f"One replicate: no band. Another seed would give other lines. {averaged}"]
    where = "band" if len(arms) <= BANDS else "bar at the right end"
    text = f"Line: mean. {where.capitalize()}: {band}"
    if any(x.low is not None for x in changes):
        text += (
            "; below, the 95% interval of the mean paired difference, which shows how well the "
            "simulation is known and says nothing about the real world"
        )
    return [f"{text}. {averaged}"]


def same_lines(arms: Sequence[ArmCurve], span: float) -> list[list[str]]:
    """Return groups of strategies whose means never differ by more than a line's width.

    ``span`` is how much the y axis spans.
    """
    width = 0.004 * span
    groups: list[list[ArmCurve]] = []
    for arm in arms:
        home = next((g for g in groups if np.nanmax(np.abs(g[0].mean - arm.mean)) <= width), None)
        if home is None:
            groups.append([arm])
        else:
            home.append(arm)
    return [[plain(x.name) for x in group] for group in groups if len(group) > 1]


def top_of(arms: Sequence[ArmCurve]) -> float:
    """Return the top of a y axis that starts at 0 and holds every line and band."""
    values = [x.mean if x.high is None else np.fmax(x.mean, x.high) for x in arms]
    return max(1.06 * float(np.nanmax(np.concatenate(values))), 1e-9)


def draw_arms(
    axes: Axes,
    arms: Sequence[ArmCurve],
    years: Floats,
    *,
    numbers: Sequence[int],
    gid: str,
    bars: bool | None = None,
) -> None:
    """Draw lines, first arm underneath and widest so that a later one over it shows both.

    Parameters
    ----------
    axes : the panel; its limits are set before where bands are bars.
    arms : each (T,).
    years : (T,) since the start.
    numbers : of the strategies, which give colour and dashes; 0 is the baseline.
    gid : what lines are called in the SVG, with their number.
    bars : whether to draw bands as bars at the right end; None: if there are many.
    """
    point = "o" if len(years) == 1 else ""
    for number, arm in zip(numbers, arms, strict=True):
        colour, dashes = _style(number)
        axes.plot(
            years, arm.mean, color=colour, dashes=dashes or (None, None), marker=point,
            lw=3.2 if number == 0 else 1.9, alpha=0.75 if number == 0 else 1.0,
            gid=f"{gid}-{number}", solid_capstyle="butt", zorder=3 + number / 100,
        )  # fmt: skip
        if arm.low is None or arm.high is None:
            continue
        if len(arms) > BANDS if bars is None else bars:
            _end_bar(axes, arm, colour=colour, number=number)
            continue
        axes.fill_between(years, arm.low, arm.high, color=colour, alpha=0.13, lw=0, zorder=1)
        for edge in (arm.low, arm.high):
            axes.plot(years, edge, color=colour, lw=0.6, alpha=0.6, zorder=2)


def _end_bar(axes: Axes, arm: ArmCurve, *, colour: str, number: int) -> None:
    """Draw the last band as a bar right of the axes, a dot at the mean, a place per strategy."""
    assert arm.low is not None
    assert arm.high is not None
    x = 1 + (0.1 + 0.085 * number) / (axes.get_position().width * WIDTH)
    where: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "clip_on": False}
    where["color"] = colour
    ends = np.clip([arm.low[-1], arm.high[-1]], *axes.get_ylim())  # else it runs off the panel
    axes.plot([x, x], ends, lw=3, alpha=0.5, solid_capstyle="butt", gid=f"bar-{number}", **where)
    axes.plot([x], [arm.mean[-1]], marker="o", ms=3.5, **where)
