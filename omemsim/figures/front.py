"""The front: what one thing costs in another, found strategies beside those that have a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from omemsim.analysis.optimize.judged import Optimized
from omemsim.analysis.optimize.outcomes import Objective
from omemsim.figures.ink import ARMS, plain
from omemsim.figures.page import INK, PALE, SMALL, WIDTH, Page, styled, write
from omemsim.figures.provenance import provenance_of
from omemsim.inputs.scenario import Scenario
from omemsim.present.text import counted, signed, typographic

__all__ = ["front_figure", "places_of_letters", "save_front_figure"]

Floats = NDArray[np.float64]

FOUND, NAMED = ARMS[1][0], ARMS[2][0]
SIDE, GAP, LEFT = 2.3, 0.68, 0.72  # of a panel, between panels, before the first; inches
ROW = 0.2
HEAD = 0.38  # over a panel, for its title
LETTER = 11.0  # points between a mark and its letter
AROUND = [(x, y) for x, y in product((-1, 0, 1), repeat=2) if (x, y) != (0, 0)]
COLUMNS = (2.75, 4.15, 5.45, 6.75, 8.05)  # of the table, inches: four objectives, a frequency


class Marked(NamedTuple):
    """A strategy on the figure: its letter, name, colour, marker and difference by objective."""

    letter: str
    name: str
    colour: str
    marker: str
    at: Mapping[str, float]


def save_front_figure(
    found: Optimized, scenario: Scenario, sizes: Mapping[str, int], out: Path
) -> list[Path]:
    """Write ``front.png`` and ``.svg`` into a folder; nothing where nothing could be judged.

    Parameters
    ----------
    found : what a search found.
    scenario : of the search.
    sizes : how much was searched: the number of each thing, by its name.
    out : the folder, made if need be.
    """
    if not found.whole:
        return []
    parts = [counted(scenario.years, "year"), *(f"{x} {n:,}" for x, n in sizes.items())]
    line = provenance_of(scenario, *(part.replace("_", " ") for part in parts))
    return write(front_figure(found, provenance=line), out, "front")


@styled()
def front_figure(found: Optimized, *, provenance: str) -> Page:
    """Draw victims against each other objective, and say below what the letters are.

    Parameters
    ----------
    found : what a search found; its strategies were judged in one world at least.
    provenance : what the line at the foot says.
    """
    marked = _marked(found)
    notes = [
        "Small dots: candidates where they were tried, dark ones on the front: no other candidate "
        "is better in one thing and worse in none. Letters: strategies in "
        f"{counted(len(found.whole), 'world')} that no choice has seen, squares the found ones, "
        "circles the named ones. A world is a parameter set that the evidence allows, with its own "
        "town.",
        f"All are differences from {plain(found.baseline)} in the same world.",
    ]
    page = Page(
        8,
        title="What can be had together, and what costs what?",
        subtitle=f"Differences from {plain(found.baseline)}. In each panel, down and left is less.",
    )
    top = page.top + HEAD
    table = top + SIDE + 0.75
    page.grow(table + ROW * (len(marked) + 1) + page.foot(notes) + 0.2)
    first, *others = found.objectives
    for number, other in enumerate(others):
        left = LEFT + number * (SIDE + GAP)
        _panel(page.panel(left, top, SIDE, SIDE), found, marked, first, other)
    _table(page, found, marked, table)
    page.footer(notes, provenance)
    return page


def _marked(found: Optimized) -> list[Marked]:
    names = [*found.strategies, *(x for x in found.named if x != found.baseline)]
    marked = []
    for number, name in enumerate(names):
        is_found = name in found.strategies
        at = {x.key: found.compared(name, x).difference.difference for x in found.objectives}
        colour, marker = (FOUND, "s") if is_found else (NAMED, "o")
        marked.append(Marked(chr(ord("A") + number), name, colour, marker, at))
    return marked


def _panel(
    axes: Axes, found: Optimized, marked: Sequence[Marked], first: Objective, other: Objective
) -> None:
    names = [name for name in found.tried if name not in found.named]
    base = found.baseline
    x, y = (
        np.array([found.found(name, one) - found.found(base, one) for name in names])
        for one in (first, other)
    )
    is_front = np.array([found.tried[name].is_front for name in names], bool)
    axes.plot(x[~is_front], y[~is_front], ".", color="#c9ccd1", ms=3, mew=0, gid="candidates")
    axes.plot(x[is_front], y[is_front], ".", color="#7d8288", ms=4.5, mew=0, gid="front")
    axes.axhline(0, color="#b5b5b5", lw=0.8, zorder=0)
    axes.axvline(0, color="#b5b5b5", lw=0.8, zorder=0)
    for one in marked:
        at = one.at[first.key], one.at[other.key]
        axes.plot(*at, one.marker, color=one.colour, ms=5, mec="white", mew=0.6, zorder=4)
    axes.margins(0.12)
    axes.set_xlabel(f"{first.title.lower()}\n({first.unit})")
    way = "less is better" if other.sign > 0 else "more is better"
    axes.set_title(f"{other.title}\n({other.unit}; {way})", loc="left", size=SMALL)
    _letters(axes, [(one, one.at[first.key], one.at[other.key]) for one in marked])


def _letters(axes: Axes, points: Sequence[tuple[Marked, float, float]]) -> None:
    """Write each letter beside its mark, where it is farthest from others."""
    axes.autoscale_view()
    marks = axes.transData.transform([(x, y) for _, x, y in points]) * 72 / axes.figure.dpi
    for (one, x, y), offset in zip(points, places_of_letters(marks), strict=True):
        axes.annotate(
            one.letter,
            (x, y),
            xytext=(float(offset[0]), float(offset[1])),
            textcoords="offset points",
            ha="center",
            va="center",
            size=SMALL,
            weight="bold",
            color=one.colour,
            zorder=5,
        )


def places_of_letters(points: Floats) -> Floats:
    """Return where letters stand beside their marks, (N, 2) in points from each mark.

    Parameters
    ----------
    points : (N, 2), the marks, in points of the page.
    """
    taken = [tuple(point) for point in points]
    offsets = []
    for point in points:
        best, room = AROUND[0], -1.0
        for way in AROUND:
            place = point + LETTER * np.array(way) / np.hypot(*way)
            gaps = np.hypot(*(np.array(taken) - place).T)
            if (nearest := float(gaps.min())) > room + 0.5:
                best, room = way, nearest
        offset = LETTER * np.array(best) / np.hypot(*best)
        taken.append(tuple(point + offset))
        offsets.append(offset)
    return np.array(offsets).reshape(-1, 2)


def _table(page: Page, found: Optimized, marked: Sequence[Marked], top: float) -> None:
    heads = [*(x.key for x in found.objectives), "fewer victims in"]
    for left, head in zip(COLUMNS, heads, strict=True):
        page.words(min(left + 0.6, WIDTH - 0.25), top, head, color=PALE, ha="right", va="center")
    for number, one in enumerate(marked):
        line = top + ROW * (number + 1)
        page.words(0.25, line, one.letter, color=one.colour, weight="bold", va="center")
        name = page.wrap(plain(one.name), COLUMNS[0] - 0.6, lines=1)[0]
        page.words(0.5, line, name, va="center", color=INK)
        for left, objective in zip(COLUMNS, found.objectives, strict=False):
            size = typographic(signed(one.at[objective.key]))
            page.words(left + 0.6, line, size, ha="right", va="center")
        share = found.compared(one.name, found.objectives[0]).share
        page.words(
            min(COLUMNS[-1] + 0.6, WIDTH - 0.25),
            line,
            f"{share.wins} of {share.n}",
            ha="right",
            va="center",
        )
