"""Zones on the map at the start and at the end, and who moved which way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.path import Path
from numpy.typing import NDArray
from scipy.spatial import KDTree

from omemsim.figures.ink import BETTER, WORSE, ink_on, plain, tell, zone_key
from omemsim.figures.page import BODY, PALE, SMALL, WIDTH, Page, styled
from omemsim.vocabulary.wheel import COLOURS, SHAPES, Zone

__all__ = [
    "Ground",
    "cells",
    "fill",
    "inches_per_unit",
    "map_figure",
    "polygons",
    "sheet",
    "symbols",
]

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
STILL = "#e3e3e3"
FINEST = 450  # pixels across the map: what is finer is not drawn
MOST_NAMED = 60  # cells with a name
FEW = 60  # areas with large symbols
EDGE = 0.04  # inches from a cell's edge to its name


@dataclass(frozen=True)
class Ground:
    """The shapes of neighbourhoods, where their symbols go, and the map's proportions.

    ``paths`` (N), ``centres`` (N, 2), ``sizes`` (N,) roots of the areas, ``box`` =
    left, bottom, right, top, all in the map's units; ``stretch`` is the length of a unit of y
    over that of a unit of x. ``made_up`` says that the areas are cells and not the real ones.
    """

    paths: list[Path]
    centres: Floats
    sizes: Floats
    box: tuple[float, float, float, float]
    stretch: float
    made_up: bool = False

    @property
    def tall(self) -> float:
        """Height over width on paper."""
        left, bottom, right, top = self.box
        return (top - bottom) / (right - left) * self.stretch

    def rings(self, number: int) -> list[Floats]:
        """Return the rings of a neighbourhood, (V, 2) each, in the map's units."""
        return [np.asarray(x) for x in self.paths[number].to_polygons(closed_only=False)]


def polygons(areas: Sequence[Sequence[Floats]]) -> Ground:
    """Return the ground of real areas.

    Parameters
    ----------
    areas : per neighbourhood its rings, each (V, 2); a ring inside another is a hole.
        Coordinates within ±180 and ±90 are taken for degrees.
    """
    rings = [[np.asarray(ring, float) for ring in area] for area in areas]
    points = np.concatenate([ring for area in rings for ring in area])
    (left, bottom), (right, top) = points.min(axis=0), points.max(axis=0)
    degrees = max(abs(left), abs(right)) <= 180 and max(abs(bottom), abs(top)) <= 90
    stretch = 1 / np.cos(np.radians((bottom + top) / 2)) if degrees else 1.0
    scale = FINEST / max(right - left, top - bottom)
    paths = [_path([_simplify(ring, scale) for ring in area]) for area in rings]
    centres = np.array([_centroid(area) for area in rings])
    sizes = np.sqrt([max(abs(_area(ring)) for ring in area) * stretch for area in rings])
    return Ground(paths, centres, sizes, (left, bottom, right, top), float(stretch))


def _simplify(ring: Floats, scale: float) -> Floats:
    """Drop the bends too fine to see; what gaps open are hidden by the white borders."""
    path = Path((ring - ring[0]) * scale)
    path.simplify_threshold = 0.5
    points = np.asarray(path.cleaned(simplify=True).vertices)[:-1] / scale + ring[0]
    return points if len(points) >= 4 else ring


def _path(rings: list[Floats]) -> Path:
    """Join rings; outer ones run one way and holes the other, as filling rules ask."""
    joined = []
    for i, ring in enumerate(rings):
        others = [Path(other) for j, other in enumerate(rings) if j != i]
        hole = sum(other.contains_point(ring[0]) for other in others) % 2 == 1
        joined.append(Path(ring if (_area(ring) < 0) == hole else ring[::-1], closed=False))
    return Path.make_compound_path(*[_closed(path) for path in joined])


def _closed(path: Path) -> Path:
    points = np.asarray(path.vertices)
    return Path(np.vstack([points, points[:1]]), closed=True)


def _area(ring: Floats) -> float:
    x, y = (ring - ring[0]).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def _centroid(area: list[Floats]) -> Floats:
    """Return the centroid of the largest ring: near enough to the middle for a symbol."""
    ring = max(area, key=lambda r: abs(_area(r)))
    x, y = (ring - ring[0]).T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    if abs(cross.sum()) < 1e-30:
        return np.asarray(ring.mean(axis=0))
    centre = [((v + np.roll(v, -1)) * cross).sum() / (3 * cross.sum()) for v in (x, y)]
    return np.asarray(ring[0] + centre)


def cells(xy: Floats) -> Ground:
    """Return the ground of a town without areas: a square around each of the points (N, 2).

    A grid, which is made up, is turned so that its first row is at the top, as one reads.
    """
    xy = np.asarray(xy, float)
    gaps, _ = KDTree(xy).query(xy, k=[2])  # to the next point; infinite for a single one
    gap = float(np.min(gaps)) if len(xy) > 1 else 1.0
    if np.allclose(xy / gap, np.round(xy / gap), atol=1e-6):
        xy = xy * (1, -1)
    half = 0.47 * gap
    square = half * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]])
    paths = [Path(point + square, closed=True) for point in xy]
    (left, bottom), (right, top) = xy.min(axis=0) - half, xy.max(axis=0) + half
    sizes = np.full(len(xy), 2 * half)
    box = (float(left), float(bottom), float(right), float(top))
    return Ground(paths, xy, sizes, box, 1.0, made_up=True)


@styled()
def map_figure(
    zones: Mapping[str, tuple[Labels, Labels]],
    ground: Ground,
    *,
    when: tuple[str, str],
    notes: Sequence[str],
    provenance: str,
    names: Sequence[Sequence[str]] = (),
    which: str = "",
) -> Page:
    """Draw three maps per strategy: before, after, and which way neighbourhoods moved.

    Parameters
    ----------
    zones : strategy to zones before and after, each (N,).
    ground : the shapes of the N neighbourhoods.
    when : what to write over the first two maps.
    notes : lines at the foot.
    provenance : as for `forest_figure`.
    names : what neighbourhoods may be called, (N,) each, best first; the first that fits is
        written into the cells of a made-up ground, if there are at most `MOST_NAMED`.
    which : a sentence that says which of several replicates is shown.
    """
    page = Page(9, title="Where does it change?", subtitle=f"{which} {_finding(zones)}".strip())
    wide = (WIDTH - 0.9) / 3
    high = float(np.clip(wide * ground.tall, 0.8, 2.9))
    labels = _labels(page, ground, names, inches=inches_per_unit(ground, wide, high))
    step = high + 0.62
    page.grow(page.top + 0.3 + len(zones) * step + page.foot(notes))
    zone_key(page, 0.25, page.top)
    _move_key(page, 0.25 + 2 * (wide + 0.2), page.top)
    for row, (name, (before, after)) in enumerate(zones.items()):
        top = page.top + 0.25 + row * step
        title = page.wrap(plain(name), WIDTH - 0.5, size=BODY, bold=True, lines=1)[0]
        page.words(0.25, top + 0.1, title, size=BODY, weight="bold", va="center")
        for column, (text, shown) in enumerate(
            [(when[0], before), (when[1], after), ("change", None)]
        ):
            left = 0.25 + column * (wide + 0.2)
            page.words(left, top + 0.31, text, color=PALE, va="center")
            axes = sheet(page, ground, left=left, top=top + 0.42, size=(wide, high))
            if shown is None:
                _draw_moves(axes, ground, after - before, labels)
            else:
                _draw_zones(axes, ground, shown, labels)
    page.footer(notes, provenance)
    return page


def _finding(zones: Mapping[str, tuple[Labels, Labels]]) -> str:
    steps = {name: after - before for name, (before, after) in zones.items()}
    told = {k: f"{np.sum(x > 0)} safer, {np.sum(x < 0)} riskier" for k, x in steps.items()}
    score = {k: float(np.sum(np.sign(x))) for k, x in steps.items()}
    return f"Zone at the end, of {len(next(iter(steps.values())))}: " + tell(told, score)


def _move_key(page: Page, left: float, top: float) -> None:
    for glyph, colour, text in (
        ("▲", BETTER, "safer"),
        ("▼", WORSE, "riskier"),
        ("■", STILL, "same"),
    ):
        page.words(left, top, glyph, color=colour, va="center", size=11)
        page.words(left + 0.17, top, text, va="center")
        left += 0.17 + page.width_of(text) + 0.2


def sheet(
    page: Page, ground: Ground, *, left: float, top: float, size: tuple[float, float]
) -> Axes:
    """Return axes for a map, in its proportions and without a frame.

    Parameters
    ----------
    page : that is drawn on.
    ground : the shapes of neighbourhoods.
    left, top : inches, from the page's left and upper edge.
    size : inches, width and height.
    """
    axes = page.panel(left, top, *size)
    x0, y0, x1, y1 = ground.box
    axes.set_xlim(x0, x1)
    axes.set_ylim(y0, y1)
    axes.set_aspect(ground.stretch, anchor="W")
    axes.set_axis_off()
    return axes


def inches_per_unit(ground: Ground, wide: float, high: float) -> float:
    """Return inches per unit of the map in a panel of this size.

    Parameters
    ----------
    ground : the shapes of neighbourhoods.
    wide, high : inches.
    """
    left, bottom, right, top = ground.box
    return min(wide / (right - left), high / ((top - bottom) * ground.stretch))


def _labels(
    page: Page, ground: Ground, names: Sequence[Sequence[str]], *, inches: float
) -> list[list[str]]:
    """Return the lines to write into each cell, empty if the cells have no room."""
    room = float(np.min(ground.sizes)) * inches - 2 * EDGE
    most = 2 if room > 0.6 else 1
    if not ground.made_up or len(ground.paths) > MOST_NAMED:
        return [[] for _ in ground.paths]
    for kind in names:
        lines = [page.wrap(name, room, lines=most) for name in kind]
        if not any("…" in line for cell in lines for line in cell):
            return lines
    return [[] for _ in ground.paths]


def _write(axes: Axes, ground: Ground, labels: list[list[str]], colours: list[str]) -> None:
    corners = ground.centres + ground.sizes[:, None] / 2 * (-1, 1)
    for corner, lines, colour in zip(corners, labels, colours, strict=True):
        axes.annotate(
            "\n".join(lines), (corner[0], corner[1]), xytext=(72 * EDGE, -72 * EDGE),
            textcoords="offset points", ha="left", va="top", size=SMALL, color=ink_on(colour),
            linespacing=1.0, parse_math=False, zorder=4,
        )  # fmt: skip


def symbols(
    axes: Axes, ground: Ground, which: NDArray[np.bool_], marker: str, ink: str, *, down: float
) -> None:
    """Put a symbol in each of these areas, as large as the area lets it be.

    Parameters
    ----------
    axes : from `sheet`.
    ground : the shapes of neighbourhoods.
    which : (N,), the areas that get one.
    marker : of matplotlib.
    ink : colour.
    down : how far below the middle, as a part of the area's size: above may be a name.
    """
    box = axes.get_position()
    inch = inches_per_unit(ground, box.width * WIDTH, box.height * _height(axes))
    part, largest = (0.36, 10.0) if len(ground.paths) <= FEW else (0.26, 3.4)
    points = np.clip(part * ground.sizes[which] * inch * 72, 1.4, largest)
    x, y = ground.centres[which].T
    y = y - down * ground.sizes[which]
    axes.scatter(x, y, s=points**2, marker=marker, color=ink, lw=0, zorder=3, clip_on=False)


def _height(axes: Axes) -> float:
    return float(axes.figure.get_size_inches()[1])  # type: ignore[union-attr]


def _draw_zones(axes: Axes, ground: Ground, zones: Labels, labels: list[list[str]]) -> None:
    colours = [COLOURS[Zone(int(zone))] for zone in zones]
    fill(axes, ground, colours)
    for zone in Zone:
        ink = ink_on(COLOURS[zone])
        symbols(axes, ground, zones == zone, SHAPES[zone], ink, down=_down(labels))
    _write(axes, ground, labels, colours)


def _draw_moves(axes: Axes, ground: Ground, steps: Labels, labels: list[list[str]]) -> None:
    colours = [BETTER if s > 0 else WORSE if s < 0 else STILL for s in steps]
    fill(axes, ground, colours)
    symbols(axes, ground, steps > 0, "^", "white", down=_down(labels))
    symbols(axes, ground, steps < 0, "v", "white", down=_down(labels))
    _write(axes, ground, labels, colours)


def _down(labels: list[list[str]]) -> float:
    return 0.15 if any(labels) else 0.0


def fill(axes: Axes, ground: Ground, colours: list[str], *, edge: str = "white") -> None:
    """Fill the areas.

    Parameters
    ----------
    axes : from `sheet`.
    ground : the shapes of neighbourhoods.
    colours : one of each.
    edge : colour of the lines between them.
    """
    shapes = PathCollection(ground.paths, facecolors=colours, edgecolors=edge, linewidths=0.4)
    shapes.set_gid("areas")
    shapes.set_clip_on(False)
    axes.add_collection(shapes, autolim=False)
