"""Three kinds of figure, whose titles are what was found; written as SVG."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from kit_effect import Effect, Floats, interval
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

FIGURES = Path(os.environ.get("OMEMSIM_EXPERIMENTS_FIGURES", Path(__file__).parent / "figures"))
PALE, INK, BLUE, RED = "#5a5a5a", "#222222", "#173f7a", "#8f1d1d"
COLOURS = (BLUE, RED)  # of lines; no experiment has more
STYLE = {
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#8a8a8a",
    "text.color": INK,
    "svg.hashsalt": "omemsim",
    "svg.fonttype": "path",
}
WIDTH = 8.4  # inches
LETTERS = 78  # of a title's line


@dataclass
class Drawn:
    """A figure that has its title; `save` writes it."""

    figure: Figure
    axes: Axes

    def save(self, name: str, note: str) -> None:
        """Write ``name.svg``, with a note below it of what is shown."""
        lines = textwrap.wrap(note, 118)
        self.figure.text(0.02, 0.015, "\n".join(lines), size=8, color=PALE, va="bottom")
        FIGURES.mkdir(parents=True, exist_ok=True)
        with rc_context(STYLE):
            self.figure.savefig(FIGURES / f"{name}.svg", metadata={"Date": None})


def _blank(height: float, title: str) -> Drawn:
    lines = textwrap.wrap(title, LETTERS)
    figure = Figure(figsize=(WIDTH, height + 0.22 * len(lines)), facecolor="white")
    FigureCanvasAgg(figure)
    figure.text(0.02, 0.98, "\n".join(lines), size=12.5, weight="bold", va="top")
    tall = figure.get_size_inches()[1]
    left, right, below, above = 1.9, 1.75, 0.8, 0.3 + 0.22 * len(lines)
    box = (left / WIDTH, below / tall, 1 - (left + right) / WIDTH, 1 - (below + above) / tall)
    return Drawn(figure, figure.add_axes(box))


def dots(name: str, rows: Sequence[Effect], *, axis: str, title: str) -> None:
    """Draw every town as a dot, with the mean and its 95% interval; a row per effect."""
    with rc_context(STYLE):
        drawn = _blank(1.3 + 0.62 * len(rows), title)
        axes = drawn.axes
        axes.axvline(0, color="#8a8a8a", lw=1)
        luck = np.random.default_rng(1)
        for row, one in enumerate(rows):
            mean, low, high = one.ends
            above = row - 0.16 - 0.14 * luck.random(len(one.values))
            axes.plot(one.values, above, ".", color="#9a9a9a", ms=4, mew=0, zorder=1)
            axes.plot([low, high], [row + 0.12] * 2, color=BLUE, lw=4, solid_capstyle="butt")
            axes.plot(mean, row + 0.12, "o", color="white", mec=BLUE, ms=6, mew=1.8)
            axes.text(1.03, row, str(one), transform=axes.get_yaxis_transform(), va="center",
                      size=9)  # fmt: skip
        axes.set_yticks(range(len(rows)), [one.label for one in rows])
        axes.set_ylim(len(rows) - 0.5, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel(axis)
        towns = len(rows[0].values)
        shown = f"A dot is a simulated town ({towns}); the bar is the 95% interval of the mean."
        drawn.save(name, shown)


def lines(
    name: str, x: Floats, arms: Mapping[str, Floats], *, labels: tuple[str, str], title: str,
    marks: Mapping[float, str],
) -> None:  # fmt: skip
    """Draw the mean over towns of (n, T) values of each arm, with its 95% interval as a band.

    Parameters
    ----------
    name : of the file.
    x : (T,), where the values are.
    arms : by name, written at the line's end.
    labels : of the two axes.
    title : what was found.
    marks : words at places on the first axis.
    """
    with rc_context(STYLE):
        drawn = _blank(3.6, title)
        axes = drawn.axes
        _, low, _, tall = axes.get_position().bounds
        axes.set_position((0.07, low, 0.74, tall * 0.94))
        axes.axhline(0, color="#8a8a8a", lw=1)
        ends = []
        for colour, (label, values) in zip(COLOURS, arms.items(), strict=False):
            mean, low, high = interval(values)
            axes.fill_between(x, low, high, color=colour, alpha=0.16, lw=0)
            axes.plot(x, mean, color=colour, lw=1.8)
            ends.append((float(mean[-1]), label, colour))
        for at, word in marks.items():
            axes.axvline(at, color=PALE, lw=0.8, ls=":")
            axes.text(at, 1.0, f" {word}", transform=axes.get_xaxis_transform(), size=8.5,
                      va="top", color=PALE)  # fmt: skip
        axes.set_xlim(0, x[-1])
        axes.set_xticks(range(round(x[-1]) + 1))
        axes.set_xlabel(labels[0])
        _on_top(axes, labels[1])
        for place, (label, colour) in _apart(ends, axes):
            axes.annotate(label, (1.01, place), xycoords=axes.get_yaxis_transform(), color=colour,
                          va="center", size=9)  # fmt: skip
        towns = len(next(iter(arms.values())))
        shown = f"Mean of {towns} simulated towns; the bands are 95% intervals of the mean."
        drawn.save(name, shown)


def cloud(name: str, x: Floats, y: Floats, *, labels: tuple[str, str], title: str) -> None:
    """Draw a dot per parameter set: the value of one parameter, and a difference; 0 is marked."""
    with rc_context(STYLE):
        drawn = _blank(3.6, title)
        axes = drawn.axes
        _, low, _, tall = axes.get_position().bounds
        axes.set_position((0.07, low, 0.89, tall * 0.94))
        axes.axhline(0, color="#8a8a8a", lw=1)
        for is_worse, colour, mark in ((y > 0, RED, "^"), (y <= 0, BLUE, "o")):
            axes.plot(x[is_worse], y[is_worse], mark, color=colour, ms=5, alpha=0.8, mew=0)
        axes.set_xlabel(labels[0])
        _on_top(axes, labels[1])
        drawn.save(name, f"A mark is a parameter set ({len(x)}); triangles lie above 0.")


def _on_top(axes: Axes, label: str) -> None:
    """Write what the second axis shows above it, where it can be read without turning the head."""
    axes.text(-0.06, 1.04, label, transform=axes.transAxes, va="bottom", size=9.5)


def _apart(
    ends: Sequence[tuple[float, str, str]], axes: Axes
) -> list[tuple[float, tuple[str, str]]]:
    """Return where the lines' names stand: at their ends, but not upon each other."""
    low, high = axes.get_ylim()
    places: list[tuple[float, tuple[str, str]]] = []
    lowest = -np.inf
    for end, label, colour in sorted(ends):
        height = 0.055 * (1 + label.count("\n")) * (high - low)
        middle = max(end, lowest + height / 2)
        places.append((middle, (label, colour)))
        lowest = middle + height / 2
    return places
