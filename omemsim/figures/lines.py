"""A measure over time: a line per strategy, named where it ends, with its band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from omemsim.figures.ink import ARMS, EndLabel, end_labels, plain
from omemsim.figures.page import WIDTH, Page, styled, years_axis

__all__ = ["Arm", "draw_arms", "lines_figure", "same_lines", "top_of"]

Floats = NDArray[np.float64]
BANDS = 3  # more bands than this over each other are mud: then only the last one is drawn


@dataclass(frozen=True)
class Arm:
    """One strategy's mean over replicates, (T,), and its band; ``low`` is None without one."""

    name: str
    mean: Floats
    low: Floats | None = None
    high: Floats | None = None


@styled()
def lines_figure(
    arms: Sequence[Arm],
    years: Floats,
    *,
    title: str,
    finding: str,
    axis: str,
    ceiling: float | None,
    band: str,
    averaged: str,
    provenance: str,
) -> Page:
    """Draw one measure over time.

    Parameters
    ----------
    arms : the baseline first.
    years : (T,) since the start.
    axis : the y axis in words, with its unit.
    ceiling : the top of the y axis (1 for an index from 0 to 1); None fits the data. The
        axis always starts at 0.
    band : what the band is, e.g. "5th-95th percentile of 20 replicates".
    averaged : over how many weeks points are averaged.
    """
    page = Page(9, title=title, subtitle=finding)
    notes = _notes(arms, band, averaged)
    page.grow(page.top + 3.9 + page.foot(notes))
    names = [tuple(page.wrap(plain(x.name), 1.75, lines=2 if len(arms) > 4 else 3)) for x in arms]
    start = 0.02 if len(arms) <= BANDS else 0.1 + 0.085 * len(arms)
    gap = start + (0.1 if len(arms) <= BANDS else 0.25)
    room = gap + max(page.width_of(line, bold=True) for name in names for line in name) + 0.35
    axes = page.panel(0.75, page.top + 0.3, WIDTH - 0.75 - room, 3.05)
    axes.set_ylim(0, ceiling if ceiling is not None else top_of(arms))
    axes.set_ylabel(axis, rotation=0, ha="left", va="bottom")
    axes.yaxis.set_label_coords(-0.5 / (axes.get_position().width * WIDTH), 1.04)
    years_axis(axes, float(years[-1]))
    draw_arms(axes, arms, years)
    labels = [
        EndLabel(float(arm.mean[-1]), name, colour=_style(i)[0], bold=i == 0)
        for i, (arm, name) in enumerate(zip(arms, names, strict=True))
    ]
    end_labels(page, axes, labels, start=start, gap=gap)
    page.footer(notes, provenance)
    return page


def _style(number: int) -> tuple[str, tuple[float, ...]]:
    return ARMS[number % len(ARMS)]


def _notes(arms: Sequence[Arm], band: str, averaged: str) -> list[str]:
    if arms[0].low is None:
        notes = ["One replicate: no band. Another seed would give other lines."]
    elif len(arms) <= BANDS:
        notes = [f"Line: mean. Band: {band}."]
    else:
        notes = [f"Line: mean. Bar at the right end: {band}, at the end of the run."]
    notes[0] += f" {averaged}"
    return notes + [f"The lines of {' and '.join(pair)} coincide." for pair in same_lines(arms)]


def same_lines(arms: Sequence[Arm]) -> list[list[str]]:
    """Return groups of strategies whose means never differ by more than a line's width."""
    width = 0.004 * top_of(arms)
    groups: list[list[Arm]] = []
    for arm in arms:
        home = next((g for g in groups if np.nanmax(np.abs(g[0].mean - arm.mean)) <= width), None)
        if home is None:
            groups.append([arm])
        else:
            home.append(arm)
    return [[plain(x.name) for x in group] for group in groups if len(group) > 1]


def top_of(arms: Sequence[Arm]) -> float:
    """Return the top of a y axis that starts at 0 and holds every line and band."""
    values = [x.mean if x.high is None else np.fmax(x.mean, x.high) for x in arms]
    return max(1.06 * float(np.nanmax(np.concatenate(values))), 1e-9)


def draw_arms(axes: Axes, arms: Sequence[Arm], years: Floats) -> None:
    """Draw lines, first arm underneath and widest so that a later one over it shows both."""
    point = "o" if len(years) == 1 else ""
    for number, arm in enumerate(arms):
        colour, dashes = _style(number)
        axes.plot(
            years, arm.mean, color=colour, dashes=dashes or (None, None), marker=point,
            lw=3.2 if number == 0 else 1.9, alpha=0.75 if number == 0 else 1.0,
            gid=f"arm-{number}", solid_capstyle="butt", zorder=3 + number / 100,
        )  # fmt: skip
        if arm.low is None or arm.high is None:
            continue
        if len(arms) <= BANDS:
            axes.fill_between(years, arm.low, arm.high, color=colour, alpha=0.13, lw=0, zorder=1)
            for edge in (arm.low, arm.high):
                axes.plot(years, edge, color=colour, lw=0.6, alpha=0.6, zorder=2)
        else:
            _end_bar(axes, arm, colour=colour, number=number)


def _end_bar(axes: Axes, arm: Arm, *, colour: str, number: int) -> None:
    """Draw the last band as a bar right of the axes, a dot at the mean, a place per strategy."""
    assert arm.low is not None
    assert arm.high is not None
    x = 1 + (0.1 + 0.085 * number) / (axes.get_position().width * WIDTH)
    where: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "clip_on": False}
    where["color"] = colour
    ends = [arm.low[-1], arm.high[-1]]
    axes.plot([x, x], ends, lw=3, alpha=0.5, solid_capstyle="butt", gid=f"bar-{number}", **where)
    axes.plot([x], [arm.mean[-1]], marker="o", ms=3.5, **where)
