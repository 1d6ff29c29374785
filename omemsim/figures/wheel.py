"""The OMEM wheel before and after: a dot for every neighbourhood, in the quarter of its zone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Wedge
from numpy.typing import NDArray
from scipy.spatial import KDTree

from omemsim.figures.ink import plain, tell, zone_key
from omemsim.figures.page import BODY, PALE, SMALL, WIDTH, Page, styled
from omemsim.vocabulary.wheel import COLOURS, SHAPES, Zone

__all__ = ["Wheel", "dots", "wheel_figure"]

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
INNER, OUTER, HUB = 0.48, 0.93, 0.4


@dataclass(frozen=True)
class Wheel:
    """Zones (N,) as ``Zone`` and public calls (N,) per 1,000 residents a year, at one time."""

    zones: Labels
    calls: Floats


def dots(zones: Labels, calls: Floats) -> Floats:
    """Return where each neighbourhood stands on a wheel of radius 1, (N, 2).

    Red is the upper left quarter, then clockwise amber, green, blue: need for police falls
    clockwise all the way round. Within its quarter a neighbourhood stands by rank of calls,
    most first; the dots of a quarter fill rings so that they do not touch.
    """
    places = np.zeros((len(zones), 2))
    for zone in Zone:
        inside = np.flatnonzero(zones == zone)
        ranked = inside[np.argsort(-calls[inside], kind="stable")]
        angle, radius = _slots(len(ranked))
        turned = np.radians(180 - 90 * int(zone) - angle)
        places[ranked] = np.column_stack([np.cos(turned), np.sin(turned)]) * radius[:, None]
    return places


def _slots(count: int) -> tuple[Floats, Floats]:
    """Return angle (degrees from a quarter's start) and radius of its slots, clockwise.

    Slots lie on rings, on each as many as its length allows, evenly.
    """
    rings = _rings(count)
    radii = INNER + (OUTER - INNER) * (np.arange(rings) + 0.5) / rings
    last = np.round(count * np.cumsum(radii) / radii.sum()).astype(int)
    each = np.diff(last, prepend=0)
    share = np.concatenate([(np.arange(n) + 0.5) / n for n in each if n] or [np.zeros(0)])
    radius, angle = np.repeat(radii, each), 5 + 80 * share
    order = np.lexsort((radius, angle))
    return angle[order], radius[order]


def _rings(count: int) -> int:
    """Return the number of rings at which ``count`` dots keep about equal distances."""
    middle = math.pi / 2 * (INNER + OUTER) / 2
    return max(1, round(math.sqrt(count * (OUTER - INNER) / middle)))


@styled()
def wheel_figure(
    pairs: Mapping[str, tuple[Wheel, Wheel]],
    *,
    when: tuple[str, str],
    notes: Sequence[str],
    provenance: str,
    which: str = "",
) -> Page:
    """Draw a wheel before and one after for each strategy.

    Parameters
    ----------
    pairs : strategy to (before, after).
    when : what to write over the two, e.g. ("start", "after 5 years").
    notes : lines at the foot.
    provenance : as for `forest_figure`.
    which : a sentence that says which of several replicates is shown.
    """
    columns = 1 if len(pairs) == 1 else 2
    rows = -(-len(pairs) // columns)
    side = 3.2 if columns == 1 else 2.08
    page = Page(9, title="How does the wheel turn?", subtitle=f"{which} {_finding(pairs)}".strip())
    step = side + 0.75
    page.grow(page.top + 0.25 + rows * step + page.foot(notes) + 0.1)
    zone_key(page, 0.25, page.top + 0.05)
    size = _dot_size([wheel for pair in pairs.values() for wheel in pair], side)
    for number, (name, pair) in enumerate(pairs.items()):
        row, column = divmod(number, columns)
        middle = WIDTH * (column + 0.5) / columns
        _draw_pair(
            page,
            name,
            pair,
            middle=middle,
            top=page.top + 0.25 + row * step,
            side=side,
            when=when,
            size=size,
        )
    page.footer(notes, provenance)
    return page


def _finding(pairs: Mapping[str, tuple[Wheel, Wheel]]) -> str:
    safe = {
        name: [int((x.zones >= Zone.GREEN).sum()) for x in pair] for name, pair in pairs.items()
    }
    total = len(next(iter(pairs.values()))[0].zones)
    told = {name: f"{a} to {b}" for name, (a, b) in safe.items()}
    return f"Green or blue, of {total}: " + tell(told, {k: float(b) for k, (_, b) in safe.items()})


def _draw_pair(
    page: Page,
    name: str,
    pair: tuple[Wheel, Wheel],
    *,
    middle: float,
    top: float,
    side: float,
    when: tuple[str, str],
    size: float,
) -> None:
    room = 2 * side + 0.3
    title = page.wrap(plain(name), room, size=BODY, bold=True, lines=1)
    page.words(middle, top + 0.12, title[0], size=BODY, weight="bold", ha="center", va="center")
    for offset, wheel, text in zip((-1, 1), pair, when, strict=True):
        centre = middle + offset * (side + 0.16) / 2
        page.words(centre, top + 0.36, text, color=PALE, ha="center", va="center")
        _draw_wheel(page.panel(centre - side / 2, top + 0.45, side, side), wheel, size)
    page.words(middle, top + 0.45 + side / 2, "→", size=12, color=PALE, ha="center", va="center")


def _draw_wheel(axes: Axes, wheel: Wheel, size: float) -> None:
    axes.set_xlim(-1.08, 1.08)
    axes.set_ylim(-1.08, 1.08)
    axes.set_axis_off()
    axes.set_aspect("equal")
    places = dots(wheel.zones, wheel.calls)
    for zone in Zone:
        first = 180 - 90 * int(zone)
        axes.add_patch(Wedge((0, 0), 1, first - 90, first, fc=COLOURS[zone], alpha=0.16, lw=0))
        _count(axes, zone, int(np.sum(wheel.zones == zone)))
    axes.plot([-1, 1], [0, 0], color="white", lw=2)
    axes.plot([0, 0], [-1, 1], color="white", lw=2)
    for zone in Zone:
        x, y = places[wheel.zones == zone].T
        axes.plot(
            x,
            y,
            ls="",
            marker=SHAPES[zone],
            ms=size,
            color=COLOURS[zone],
            mec="white",
            mew=0.5,
            gid="dots",
        )
    axes.add_patch(Circle((0, 0), HUB, fc="white", lw=0))
    safe = float(np.mean(wheel.zones >= Zone.GREEN))
    axes.text(0, 0.06, f"{safe:.0%}", ha="center", va="center", size=11, weight="bold")
    axes.text(
        0, -0.15, "green\nor blue", ha="center", va="center", size=8.5, linespacing=0.95, color=PALE
    )


def _dot_size(wheels: Iterable[Wheel], side: float) -> float:
    """Return the markers' size in points, one for the page, at which dots do not touch."""
    nearest = 1.0
    for wheel in wheels:
        places = dots(wheel.zones, wheel.calls)
        gaps, _ = KDTree(places).query(places, k=[2])
        nearest = min(nearest, float(np.min(gaps)))
    return float(np.clip(0.75 * nearest * side * 72 / 2.16, 2.5, 7.0))


def _count(axes: Axes, zone: Zone, count: int) -> None:
    x, y = ((-1, 1), (1, 1), (1, -1), (-1, -1))[int(zone)]
    size = 6.5 if SHAPES[zone] == "D" else 8.0  # a diamond is a square on its tip
    axes.plot(x, y * 0.96, SHAPES[zone], color=COLOURS[zone], ms=size, mew=0)
    axes.text(
        x * 0.88, y * 0.955, f"{count}", size=SMALL + 2.5, weight="bold",
        ha="left" if x < 0 else "right", va="center_baseline",
    )  # fmt: skip
