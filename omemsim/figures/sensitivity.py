"""Which parameters matter: Sobol indices as dots with intervals, Morris as a map of effects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from omemsim.figures.ink import BETTER, WORSE
from omemsim.figures.page import GRID, INK, PALE, SMALL, WIDTH, Page, styled
from omemsim.present import text
from omemsim.present.text import counted
from omemsim.study.indices import IndexEstimate, Morris, Sobol, short_name

__all__ = ["morris_figure", "sobol_figure"]

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]  # left, bottom, right, top in inches

ROW, DOWN = 0.26, 0.3
LEFT, WIDE = 2.75, 3.75  # inches: left edge and width of the indices
MOST_ROWS = 24
MOST_LABELS = 14
TOTAL, FIRST = WORSE, BETTER


@styled()
def sobol_figure(found: Sobol, *, outcome: str, provenance: str) -> Page:
    """Draw total and first indices with their intervals, the largest total on top.

    Parameters
    ----------
    found : with one parameter or more; the largest `MOST_ROWS` are drawn.
    outcome : what the indices are of, in plain words.
    provenance : where the numbers come from, a line.
    """
    rows = found.ranked()[:MOST_ROWS]
    page = Page(9, title=f"What drives {outcome}?", subtitle=found.in_words(outcome))
    notes = _sobol_notes(found, left_out=len(found.names) - len(rows))
    height = ROW * len(rows)
    page.grow(page.top + DOWN + height + 0.65 + page.foot(notes))
    axes = page.panel(LEFT, page.top + DOWN, WIDE, height)
    groups = (found.first, found.total)
    ends = [x for group in groups for name in rows for x in (group[name].low, group[name].high)]
    finite = [x for x in ends if np.isfinite(x)]
    axes.set_xlim(min(0.0, max(min(finite, default=0), -0.2)) - 0.02, _top(finite))
    axes.set_ylim(height, 0)
    _dress(axes)
    axes.axvline(0, color=INK, lw=1)
    axes.set_xlabel(f"share of the variance of {outcome} over the design")
    for number, name in enumerate(rows):
        _sobol_row(page, axes, found, name, y=ROW * (number + 0.5))
    _column_titles(page)
    page.footer(notes, provenance)
    return page


def _top(ends: Sequence[float]) -> float:
    return min(max([*ends, 0.1]), 1.3) * 1.04


def _dress(axes: Axes) -> None:
    axes.spines[["left"]].set_visible(False)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: text.typographic(f"{round(100 * x)}%"))
    )
    axes.grid(axis="x", color=GRID, lw=0.7)
    axes.set_axisbelow(True)


def _column_titles(page: Page) -> None:
    """Name the two indices above their columns of numbers, in their colour and with their mark."""
    style: dict[str, Any] = {"va": "bottom", "ha": "right", "linespacing": 1.1}
    page.words(WIDTH - 1.5, page.top + DOWN - 0.04, "● with interactions", color=TOTAL, **style)
    page.words(WIDTH - 0.25, page.top + DOWN - 0.04, "○ alone", color=FIRST, **style)


def _sobol_row(page: Page, axes: Axes, found: Sobol, name: str, *, y: float) -> None:
    label = page.wrap(short_name(name), LEFT - 0.4, lines=1)[0]
    page.words(LEFT - 0.1, page.top + DOWN + y, label, va="center", ha="right")
    each = ((found.total[name], TOTAL, TOTAL, -0.045), (found.first[name], FIRST, "white", 0.045))
    for index, colour, fill, shift in each:
        level = y + shift
        low, high = np.clip([index.low, index.high], *axes.get_xlim())
        axes.plot([low, high], [level] * 2, color=colour, lw=1.6, gid="interval")
        if np.isfinite(index.value):
            at = float(np.clip(index.value, *axes.get_xlim()))
            axes.plot([at], [level], marker="o", ms=5, mfc=fill, mec=colour, mew=1.3, gid="dot")
    for index, colour, right in ((found.total[name], TOTAL, 1.5), (found.first[name], FIRST, 0.25)):
        place = (WIDTH - right, page.top + DOWN + y)
        page.words(*place, _numbers(index), color=colour, va="center", ha="right")


def _numbers(index: IndexEstimate) -> str:
    """Return e.g. "62% (55 to 70)"."""
    return text.typographic(text.share(index.value, index.low, index.high))


def _sobol_notes(found: Sobol, *, left_out: int) -> list[str]:
    each = counted(found.replicates, "replicate")
    runs = f"{found.n:,} rows of {len(found.names) + 2} points, {each} each"
    notes = [
        f"Line: 95% bootstrap interval over the rows of the design ({runs}); an interval that "
        "holds 0 says that no effect is seen. Alone: first Sobol index; with interactions: total.",
    ]
    if found.replicates > 1:
        share = found.noise / max(found.noise + max(found.variance, 0), 1e-300)
        notes.append(
            "Noise between replicates is removed from the indices; in single runs it makes "
            f"{share:.0%} of the variance."
        )
    if left_out:
        notes.append(f"{left_out} more parameters have smaller total indices.")
    return notes + _failed(found.left_out, "rows")


def _failed(count: int, what: str) -> list[str]:
    return [f"{count} {what} have a run that failed, and are left out."] if count else []


@styled()
def morris_figure(found: Morris, *, outcome: str, unit: str, provenance: str) -> Page:
    """Draw each parameter by the size of its effect (mu*) and how much it varies (sigma).

    Parameters
    ----------
    found : with one parameter or more.
    outcome : what the effects are on, in plain words.
    unit : of the outcome.
    provenance : as for `forest_figure`.
    """
    page = Page(9, title=f"Which parameters move {outcome}?", subtitle=found.in_words(outcome))
    notes = _morris_notes(found)
    height = 4.2
    page.grow(page.top + height + 0.75 + page.foot(notes))
    axes = page.panel(0.95, page.top + 0.1, WIDTH - 1.5, height)
    stars = np.array([found.mu_star[name].value for name in found.names])
    sigmas = np.array([found.sigma[name].value for name in found.names])
    ends = np.array([[found.mu_star[x].high, found.sigma[x].high] for x in found.names])
    axes.set_xlim(0, max(float(ends[:, 0].max()), 1e-12) * 1.12)
    axes.set_ylim(0, max(float(ends[:, 1].max()), float(stars.max()) * 0.3, 1e-12) * 1.12)
    axes.grid(color=GRID, lw=0.7)
    axes.set_axisbelow(True)
    axes.set_xlabel(f"mean absolute effect over the whole range (μ*), {unit}")
    axes.set_ylabel(f"how much the effect varies (σ), {unit}")
    _floor_band(axes, found)
    clear = found.above_noise()
    for name, x, y in zip(found.names, stars, sigmas, strict=True):
        _effect(axes, found, name, x=x, y=y, is_clear=name in clear)
    _labels(page, axes, found, clear[:MOST_LABELS])
    page.footer(notes, provenance)
    return page


def _floor_band(axes: Axes, found: Morris) -> None:
    """Shade what noise between replicates alone would give."""
    levels = [level for level in found.floor.values() if np.isfinite(level)]
    if not levels or max(levels) <= 0:
        return
    axes.axvspan(0, max(levels), color="#efefef", zorder=0, gid="floor")
    top = axes.get_ylim()[1]
    style: dict[str, Any] = {"color": PALE, "size": SMALL, "va": "top", "ha": "left"}
    axes.text(max(levels) + 0.01 * axes.get_xlim()[1], top, "◀ noise alone gives this", **style)


def _effect(axes: Axes, found: Morris, name: str, *, x: float, y: float, is_clear: bool) -> None:
    star, sigma = found.mu_star[name], found.sigma[name]
    colour = (WORSE if found.mu[name].value > 0 else BETTER) if is_clear else "#a8a8a8"
    thin: dict[str, Any] = {"color": colour, "lw": 0.9, "alpha": 0.55, "gid": "interval"}
    axes.plot([star.low, star.high], [y, y], **thin)
    axes.plot([x, x], [sigma.low, sigma.high], **thin)
    shape = "^" if found.mu[name].value > 0 else "v"
    fill = colour if is_clear else "white"
    style: dict[str, Any] = {"gid": "effect", "zorder": 3, "clip_on": False}
    axes.plot([x], [y], marker=shape, ms=7, mfc=fill, mec=colour, mew=1.2, **style)


def _labels(page: Page, axes: Axes, found: Morris, names: Sequence[str]) -> None:
    """Write names beside their marks, where they cover neither marks nor each other."""
    box = axes.get_position()
    size = np.array([box.width * page.inches[0], box.height * page.inches[1]])
    scale = size / np.array([axes.get_xlim()[1], axes.get_ylim()[1]])
    marks = {x: scale * (found.mu_star[x].value, found.sigma[x].value) for x in found.names}
    behind = {"fc": "white", "ec": "none", "pad": 0.3, "alpha": 0.75}
    style: dict[str, Any] = {"zorder": 4, "bbox": behind}
    taken = [_around(at, 0.07) for at in marks.values()]
    for name in names:
        width = page.width_of(short_name(name))
        for left, bottom in _places(marks[name], width):
            spot = (left, bottom, left + width, bottom + 0.14)
            is_inside = left >= 0 and bottom >= 0.02 and spot[2] <= size[0] and spot[3] <= size[1]
            if is_inside and not any(_overlap(spot, other) for other in taken):
                taken.append(spot)
                at = (left / scale[0], bottom / scale[1])
                axes.text(*at, short_name(name), size=SMALL, va="bottom", gid="name", **style)
                break


def _places(at: Floats, width: float) -> Iterator[tuple[float, float]]:
    """Yield left and bottom of a name, in inches: beside its mark and off its lines, or further."""
    for far in (0.0, 0.13, 0.26):
        for up in (0.03 + far, -0.17 - far, -0.07):
            yield at[0] + 0.1, at[1] + up
            yield at[0] - 0.1 - width, at[1] + up
        yield at[0] - width / 2, at[1] + 0.1 + far
        yield at[0] - width / 2, at[1] - 0.24 - far


def _around(at: Floats, reach: float) -> Box:
    return (at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _morris_notes(found: Morris) -> list[str]:
    many = f"{found.n} trajectories, {counted(found.replicates, 'replicate')} each"
    notes = [
        "▲ the outcome rises with the parameter, ▼ it falls (on average); hollow and grey: not "
        "distinguishable from noise. The higher up, the more the effect depends on other "
        "parameters or is not linear.",
        f"Thin lines: 95% bootstrap intervals over trajectories ({many}).",
    ]
    unnamed = len(found.above_noise()) - MOST_LABELS
    if unnamed > 0:
        notes.append(f"Named: the {MOST_LABELS} largest of those that stand out from noise.")
    return notes + _failed(found.left_out, "trajectories")
