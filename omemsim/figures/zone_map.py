"""Where the zones are: a map with the names of neighbourhoods, or numbers that a key explains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from omemsim.analysis.diagnosis_words import named_zones
from omemsim.analysis.zone_rows import ZoneRow
from omemsim.figures.ink import GLYPHS, ink_on
from omemsim.figures.maps import Ground, fill, inches_per_unit, sheet, symbols
from omemsim.figures.page import INK, SMALL, WIDTH, Page, styled
from omemsim.language import Language
from omemsim.language.names import zone_name
from omemsim.vocabulary.wheel import COLOURS, SHAPES, Zone

__all__ = ["NAMED", "NUMBERED", "of_ground", "zone_map"]

NAMED = 20  # neighbourhoods, up to which names stand on the map
NUMBERED = 200  # up to which all have a number
LISTED = 40  # that have a number, of more than `NUMBERED`: those that need most
COLUMNS, STEP = 4, 0.155  # of the key, and inches from line to line
HIGHEST = 6.2  # inches of the map
NO_BREAK = "\u00a0"
SMALLEST = 5.5  # points of a number


@styled()
def zone_map(
    rows: Sequence[ZoneRow],
    ground: Ground,
    *,
    language: Language,
    notes: Sequence[str],
    source: str,
) -> Page:
    """Draw the zones diagnosed.

    Parameters
    ----------
    rows : of the N neighbourhoods, in the order of the ground.
    ground : their shapes.
    language : of the words.
    notes : lines at the foot.
    source : where the numbers come from.
    """
    page = Page(
        9,
        title=language.translate("Which neighbourhoods need most?"),
        subtitle=_told(rows, language),
    )
    wide = WIDTH - 0.5
    high = float(np.clip(wide * ground.tall, 1.2, HIGHEST))
    key = [] if len(rows) <= NAMED else _numbered(rows)
    lines = -(-len(key) // COLUMNS)
    below = lines * STEP + (0.25 if key else 0.0)
    page.grow(page.top + 0.35 + high + 0.15 + below + page.foot(notes))
    _legend(page, page.top, language)
    inch = inches_per_unit(ground, wide, high)
    left, _, right, _ = ground.box
    axes = sheet(
        page, ground, left=(WIDTH - (right - left) * inch) / 2, top=page.top + 0.25,
        size=(wide, high),
    )  # fmt: skip
    _draw(axes, page, rows, ground, inch, is_named=not key)
    if key:
        _write_key(page, key, lines, page.top + 0.25 + high + 0.3)
    page.footer(notes, source)
    return page


def _told(rows: Sequence[ZoneRow], language: Language) -> str:
    each = [
        f"{language.number(number)} {zone_name(zone, language)}"
        for zone, number in named_zones(rows).items()
        if number
    ]
    said = language.translate(
        "Zones read off the table, of {n}: {zones}.", n=len(rows), zones=", ".join(each)
    )
    if len(rows) <= NAMED:
        return said
    return f"{said} " + language.translate("Numbers are the order of need.")


def _legend(page: Page, top: float, language: Language) -> None:
    """Write the zones in a row, each as a field of its colour with its shape, and its name."""
    left = 0.25
    for zone in Zone:
        name = language.capital(zone_name(zone, language))
        ground = {"facecolor": COLOURS[zone], "edgecolor": INK, "boxstyle": "square,pad=0.25"}
        page.words(
            left + 0.08, top, GLYPHS[zone], color=ink_on(COLOURS[zone]), va="center", ha="center",
            bbox={**ground, "linewidth": 0.6},
        )  # fmt: skip
        page.words(left + 0.24, top, name, va="center")
        left += 0.24 + page.width_of(name) + 0.3


def _draw(
    axes: Axes, page: Page, rows: Sequence[ZoneRow], ground: Ground, inch: float, *, is_named: bool
) -> None:
    zones = np.array([row.as_zone for row in rows])
    fill(axes, ground, [COLOURS[row.as_zone] for row in rows], edge="#5a5a5a")
    down = -0.13 if is_named else 0.17
    for zone in Zone:
        symbols(axes, ground, zones == zone, SHAPES[zone], ink_on(COLOURS[zone]), down=down)
    if is_named:
        _write_names(axes, page, rows, ground, inch)
    else:
        _write_numbers(axes, rows, ground, inch)


def _write_names(
    axes: Axes, page: Page, rows: Sequence[ZoneRow], ground: Ground, inch: float
) -> None:
    """Write each name under the symbol, dark on a light rim, so that it reads on any colour."""
    for row, centre, size in zip(rows, ground.centres, ground.sizes, strict=True):
        room = max(size * inch, 0.95)
        text = axes.annotate(
            "\n".join(page.wrap(row.label, room, lines=3)), (centre[0], centre[1]),
            xytext=(0, -3), textcoords="offset points", ha="center", va="top", size=SMALL,
            color=INK, linespacing=1.0, parse_math=False, zorder=5,
        )  # fmt: skip
        text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])


def _write_numbers(axes: Axes, rows: Sequence[ZoneRow], ground: Ground, inch: float) -> None:
    shown = {row.rank for row in _numbered(rows)}
    for row, centre, size in zip(rows, ground.centres, ground.sizes, strict=True):
        if row.rank in shown:
            points = float(np.clip(0.42 * size * inch * 72, SMALLEST, SMALL))
            axes.annotate(
                f"{row.rank}", (centre[0], centre[1]), xytext=(0, 0.3 * points),
                textcoords="offset points", ha="center", va="center", size=points,
                weight="bold", color=ink_on(COLOURS[row.as_zone]), zorder=5,
            )  # fmt: skip


def _numbered(rows: Sequence[ZoneRow]) -> list[ZoneRow]:
    """Return the neighbourhoods with a number, those that need most first."""
    ranked = sorted(rows, key=lambda row: row.rank)
    return ranked if len(rows) <= NUMBERED else ranked[:LISTED]


def _write_key(page: Page, key: Sequence[ZoneRow], lines: int, top: float) -> None:
    wide = (WIDTH - 0.5) / COLUMNS
    for place, row in enumerate(key):
        column, line = divmod(place, lines)
        text = f"{row.rank} {GLYPHS[row.as_zone]} {row.label}".replace(" ", NO_BREAK)
        text = page.wrap(text, wide - 0.1, lines=1)[0]  # cut within a word, not before it
        page.words(0.25 + column * wide, top + line * STEP, text, va="center")


def of_ground(rows: Sequence[ZoneRow], ids: Sequence[str]) -> list[ZoneRow]:
    """Return the rows in the order of a map's neighbourhoods."""
    by_id: dict[str, ZoneRow] = {row.id: row for row in rows}
    return [by_id[own] for own in ids]
