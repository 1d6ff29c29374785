"""Small drawings within a page: shapes with their places, which a template writes as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Drawing", "Shape"]


class Shape(NamedTuple):
    """One element: its tag, its attributes, and the text inside it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Drawing:
    """A drawing in units of its own; it is as wide as the page lets it be.

    Attributes
    ----------
    width, height : in the drawing's units.
    label : what it shows, for those who cannot see it.
    """

    width: float
    height: float
    label: str
    shapes: list[Shape] = field(default_factory=list)

    def rectangle(self, x: float, y: float, width: float, height: float, *, fill: str) -> None:
        """Draw a rectangle from its upper left corner.

        Parameters
        ----------
        x, y, width, height : in the drawing's units, y downwards.
        fill : colour.
        """
        self._add("rect", {"x": x, "y": y, "width": width, "height": height}, fill=fill)

    def line(
        self, start: tuple[float, float], end: tuple[float, float], *, stroke: str, **style: str
    ) -> None:
        """Draw a line.

        Parameters
        ----------
        start, end : (x, y) in the drawing's units, y downwards.
        stroke : colour.
        **style : SVG's attributes, with _ for -.
        """
        ends = {"x1": start[0], "x2": end[0], "y1": start[1], "y2": end[1]}
        self._add("line", ends, stroke=stroke, **style)

    def circle(self, x: float, y: float, *, radius: float, fill: str, **style: str) -> None:
        """Draw a filled circle.

        Parameters
        ----------
        x, y, radius : in the drawing's units, y downwards.
        fill : colour.
        **style : as for `line`.
        """
        self._add("circle", {"cx": x, "cy": y, "r": radius}, fill=fill, **style)

    def polygon(self, corners: Sequence[tuple[float, float]], *, fill: str, **style: str) -> None:
        """Draw a polygon.

        Parameters
        ----------
        corners : (x, y) each, in the drawing's units, y downwards.
        fill : colour.
        **style : as for `line`.
        """
        points = " ".join(f"{_number(x)},{_number(y)}" for x, y in corners)
        self._add("polygon", {}, points=points, fill=fill, **style)

    def words(self, x: float, y: float, text: str, **style: str) -> None:
        """Write a text from here, or with ``text_anchor`` around or before it.

        Parameters
        ----------
        x, y : of the text's beginning on its base line, in the drawing's units, y downwards.
        text : as it is: the template escapes it.
        **style : as for `line`.
        """
        self._add("text", {"x": x, "y": y}, text=text, **style)

    def _add(self, tag: str, places: dict[str, float], *, text: str = "", **style: str) -> None:
        attributes = {name: _number(value) for name, value in places.items()}
        attributes |= {name.replace("_", "-"): value for name, value in style.items()}
        self.shapes.append(Shape(tag, attributes, text))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
