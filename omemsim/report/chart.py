"""Drawings with axes, in which every mark says which row and column of its table it shows."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from omemsim.figures.page import PALE
from omemsim.present.html.drawing import Drawing

__all__ = ["FAINT", "NARROW", "Axis", "Chart", "folded", "nice_ticks"]

NARROW = 400.0  # units; as wide as every drawing, so that type has one size on a phone and on paper
FAINT = "#d8d8d8"
SMALL = "12"


@dataclass(frozen=True)
class Axis:
    """From values to places: ``low`` is at ``start``, ``high`` at ``end``."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the place of a value; beyond the ends it is the end."""
        part = (value - self.low) / (self.high - self.low)
        return self.start + (self.end - self.start) * min(max(part, 0.0), 1.0)


def nice_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers that cover a range, the first at most ``low``.

    Parameters
    ----------
    low, high : ends; alike, they are moved apart.
    most : ticks, 2 or more, about.
    """
    if not high > low:
        low, high = low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2
    rough = (high - low) / (most - 1)
    size = 10 ** math.floor(math.log10(rough))
    step = next(k * size for k in (1, 2, 2.5, 5, 10) if k * size >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(k * step, 10) for k in range(first, last + 1)]


@dataclass
class Chart(Drawing):
    """A drawing as wide as all others; ``x`` and ``y`` are its axes where it has them."""

    x: Axis | None = None
    y: Axis | None = None

    @classmethod
    def of(cls, height: float, label: str) -> Chart:
        """Return an empty one.

        Parameters
        ----------
        height : in units, of which `NARROW` are its width.
        label : what it shows, for those who cannot see it.
        """
        return cls(NARROW, height, label)

    def across(
        self, ticks: Sequence[float], write: Callable[[float], str], *, top: float, bottom: float
    ) -> None:
        """Draw the x axis, which has to be set, as thin lines with a number under each.

        Parameters
        ----------
        ticks : values.
        write : makes text of one.
        top, bottom : from where to where the lines run.
        """
        assert self.x is not None
        for tick in ticks:
            x = self.x.at(tick)
            self.line((x, top), (x, bottom), stroke=PALE if tick == 0 else FAINT)
            self.words(
                x, bottom + 14, _tick_text(write(tick)), text_anchor="middle", fill=PALE,
                font_size=SMALL, data_tick_x=repr(float(tick)),
            )  # fmt: skip

    def upwards(
        self, ticks: Sequence[float], write: Callable[[float], str], *, left: float, right: float
    ) -> None:
        """Draw the y axis, which has to be set, as thin lines with a number at the left of each.

        Parameters
        ----------
        ticks : values.
        write : makes text of one.
        left, right : from where to where the lines run.
        """
        assert self.y is not None
        for tick in ticks:
            y = self.y.at(tick)
            self.line((left, y), (right, y), stroke=PALE if tick == 0 else FAINT)
            self.words(
                left - 5, y + 4, _tick_text(write(tick)), text_anchor="end", fill=PALE,
                font_size=SMALL, data_tick_y=repr(float(tick)),
            )  # fmt: skip

    def say(self, x: float, y: float, text: str, **style: str) -> None:
        """Write small type.

        Parameters
        ----------
        x, y, text, **style : as for `Drawing.words`.
        """
        self.words(x, y, text, **{"font_size": SMALL, **style})

    def wrapped(self, x: float, y: float, text: str, *, letters: int, **style: str) -> float:
        """Write a text in lines of at most so many letters; return the place of the last.

        Parameters
        ----------
        x, y : of the first line.
        text : words.
        letters : in a line, about.
        **style : as for `Drawing.words`.
        """
        lines = folded(text, letters)
        for number, line in enumerate(lines):
            self.say(x, y + 14 * number, line, **style)
        return y + 14 * (len(lines) - 1)

    def curve(self, points: Sequence[tuple[float, float]], *, stroke: str, **style: str) -> None:
        """Draw a line through points.

        Parameters
        ----------
        points : (x, y) each.
        stroke : colour.
        **style : as for `Drawing.line`.
        """
        text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._add("polyline", {}, points=text, fill="none", stroke=stroke, **style)

    def shape(self, path: str, *, fill: str, **style: str) -> None:
        """Draw an SVG path.

        Parameters
        ----------
        path : its commands.
        fill : colour.
        **style : as for `Drawing.line`.
        """
        self._add("path", {}, d=path, fill=fill, **style)

    def bar(self, x: float, y: float, width: float, height: float, **style: str) -> None:
        """Draw a rectangle.

        Parameters
        ----------
        x, y, width, height : in the drawing's units, from the upper left corner.
        **style : as for `Drawing.line`.
        """
        self._add("rect", {"x": x, "y": y, "width": width, "height": height}, **style)

    def marker(
        self, kind: str, x: float, y: float, *, size: float, fill: str, **style: str
    ) -> None:
        """Draw a sign that can be told from others without its colour.

        Parameters
        ----------
        kind : "o" a circle, "s" a square, "^" and "v" triangles, "D" a diamond.
        x, y : of its middle.
        size : half its height.
        fill : colour.
        **style : as for `Drawing.line`.
        """
        if kind == "o":
            self.circle(x, y, radius=size, fill=fill, **style)
            return
        corners = np.array(SIGNS[kind]) * size + (x, y)
        self.polygon([(float(a), float(b)) for a, b in corners], fill=fill, **style)


def _tick_text(text: str) -> str:
    """Return the number at a tick without a decimal that is 0: "5%" beside "10%"."""
    return re.sub(r"[.,]0(?!\d)", "", text)


SIGNS = {
    "s": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
    "^": [(0, -1.1), (1.1, 0.9), (-1.1, 0.9)],
    "v": [(0, 1.1), (1.1, -0.9), (-1.1, -0.9)],
    "D": [(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)],
}


def folded(text: str, letters: int) -> list[str]:
    """Return a text in lines of at most so many letters; a longer word has a line of its own."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= letters:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
