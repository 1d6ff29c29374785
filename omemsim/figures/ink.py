"""Colours, shapes, line styles and labels that do not run into each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from omemsim.figures.page import INK, PALE, SMALL, Page
from omemsim.present.html import Chip
from omemsim.vocabulary.wheel import COLOURS, SHAPES, Zone

__all__ = [
    "ARMS",
    "BETTER",
    "GLYPHS",
    "OF_PAGES",
    "WORSE",
    "EndLabel",
    "chip",
    "end_labels",
    "ink_of_chip",
    "ink_on",
    "luminance",
    "plain",
    "spread",
    "tell",
    "zone_key",
    "zone_name",
]

Floats = NDArray[np.float64]
LINE = 0.165  # inches from one line of small type to the next

GLYPHS = {zone: {"s": "■", "^": "▲", "o": "●", "D": "◆"}[SHAPES[zone]] for zone in Zone}

# One colour and dash per strategy, the baseline first. None is a zone's colour; each reads
# as text on white (contrast 4.5); the dashes tell them apart where colours cannot.
ARMS: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("#3a3a3a", ()),
    ("#8a2fb8", ()),
    ("#007c9e", (5, 1.5)),
    ("#c2267a", (1.5, 1.2)),
    ("#8a5a1f", (7, 1.5, 1.5, 1.5)),
    ("#5d6b00", (3, 1)),
    ("#5f62d6", (9, 2)),
    ("#6d7278", (4, 1.2, 1, 1.2, 1, 1.2)),
)
BETTER, WORSE = "#2f7fc1", "#c65a11"
OF_PAGES = {"ink": INK, "pale": PALE, "better": BETTER, "worse": WORSE}  # of HTML


def plain(name: str) -> str:
    """Return a strategy's name as words."""
    return name.replace("_", " ")


def tell(told: Mapping[str, str], score: Mapping[str, float]) -> str:
    """Say something of each strategy; of more than four, of the extremes and the baseline.

    Parameters
    ----------
    told : strategy to what is said of it, the baseline first.
    score : strategy to the number that orders them.
    """
    if len(told) <= 4:
        return "; ".join(f"{plain(name)} {text}" for name, text in told.items()) + "."
    lowest, highest = (choose(score, key=score.__getitem__) for choose in (min, max))
    chosen = {"highest": highest, "lowest": lowest, "baseline": next(iter(told))}
    return "; ".join(f"{plain(x)} {told[x]} ({role})" for role, x in chosen.items()) + "."


def zone_name(zone: Zone) -> str:
    """Return "Red" and so on."""
    return zone.name.capitalize()


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2)."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def ink_on(colour: str) -> str:
    """Return white or near-black, whichever is easier to read on ``colour``."""
    light = luminance(colour)
    return "white" if 1.05 / (light + 0.05) > (light + 0.05) / 0.05 else "#111111"


def ink_of_chip(colour: str) -> str:
    """Return white or black: small type on ``WORSE`` needs all of black to reach 4.5."""
    return "white" if ink_on(colour) == "white" else "black"


def chip(text: str, colour: str) -> Chip:
    """Return a word of an HTML page on a ground of its colour."""
    return Chip(text, colour, ink_of_chip(colour))


def spread(wanted: Floats, heights: Floats, *, low: float, high: float) -> Floats:
    """Return positions near ``wanted`` at which labels of these heights do not overlap.

    Parameters
    ----------
    wanted, heights : (L,), in one unit; positions are of the labels' centres.
    low, high : bounds on the centres; ignored at the top if the labels do not fit.

    Returns
    -------
    (L,) positions in the order of ``wanted``, which they keep; the sum of squared moves is
    the least possible (isotonic regression by pooling neighbours).
    """
    order = np.argsort(wanted, kind="stable")
    gaps = (heights[order][1:] + heights[order][:-1]) / 2
    offsets = np.concatenate([[0.0], np.cumsum(gaps)])
    pools: list[tuple[float, int]] = []
    for value in wanted[order] - offsets:
        mean, size = float(value), 1
        while pools and pools[-1][0] > mean:
            before, n = pools.pop()
            mean, size = (mean * size + before * n) / (size + n), size + n
        pools.append((mean, size))
    level = np.repeat([m for m, _ in pools], [n for _, n in pools])
    result = np.empty_like(level)
    result[order] = np.clip(level, low, max(low, high - offsets[-1])) + offsets
    return result


@dataclass(frozen=True)
class EndLabel:
    """What stands at the end of a line: ``value`` on the y axis, one line of text or more."""

    value: float
    lines: tuple[str, ...]
    colour: str = INK
    marker: str = ""
    bold: bool = False


def end_labels(
    page: Page, axes: Axes, labels: Sequence[EndLabel], *, start: float = 0.02, gap: float = 0.1
) -> None:
    """Write labels to the right of ``axes``, moved apart, a thin leader to each.

    Parameters
    ----------
    page : that the axes are on.
    axes : with the limits of y that it will have.
    labels : in any order; those that would overlap are moved.
    start, gap : inches right of the axes, from where and to where leaders run.
    """
    box = axes.get_position()
    width, height = box.width * page.inches[0], box.height * page.inches[1]
    bottom, top = axes.get_ylim()
    wanted = (np.array([x.value for x in labels], float) - bottom) / (top - bottom) * height
    heights = np.array([LINE * len(x.lines) for x in labels])
    places = spread(wanted, heights, low=0.02, high=height - 0.02)
    for label, origin, place in zip(labels, wanted, places, strict=True):
        bend = [1 + start / width, 1 + gap / width]
        axes.plot(
            bend,
            [origin / height, place / height],
            transform=axes.transAxes,
            clip_on=False,
            lw=0.8,
            color="#9a9a9a" if label.colour == INK else label.colour,
        )
        _write_label(axes, label, x=1 + (gap + 0.04) / width, y=place / height, inch=1 / width)


def _write_label(axes: Axes, label: EndLabel, *, x: float, y: float, inch: float) -> None:
    if label.marker:
        mark: dict[str, Any] = {"marker": label.marker, "ms": 6, "mec": "#444444", "mew": 0.4}
        axes.plot(
            [x + 0.06 * inch],
            [y],
            transform=axes.transAxes,
            clip_on=False,
            ls="",
            color=_zone_colour(label.marker),
            **mark,
        )
        x += 0.16 * inch
    text = axes.text(
        x,
        y,
        "\n".join(label.lines),
        transform=axes.transAxes,
        color=label.colour,
        va="center",
        size=SMALL,
        weight="bold" if label.bold else "normal",
        linespacing=1.25,
        parse_math=False,
    )
    text.set_gid("end-label")


def _zone_colour(marker: str) -> str:
    return next(COLOURS[zone] for zone in Zone if SHAPES[zone] == marker)


def zone_key(page: Page, left: float, top: float) -> None:
    """Write the four zones in a row: shape, colour, name.

    Parameters
    ----------
    page : that is drawn on.
    left, top : inches, from the page's left and upper edge, of the first sign's middle.
    """
    for zone in Zone:
        page.words(left, top, GLYPHS[zone], color=COLOURS[zone], va="center", size=11)
        page.words(left + 0.17, top, zone_name(zone), va="center")
        left += 0.17 + page.width_of(zone_name(zone)) + 0.25
