"""What is drawn on a neighbourhood's card: its place on the wheel, its numbers, how sure it is.

The wheel, the bar of a scale and the dots are the same on many cards. They are drawn once in a page
and used by their names (`Symbol`); only the mark on a scale is a card's own.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from itertools import pairwise

from omemsim.analysis.diagnosis_words import YEARS, reading_words
from omemsim.analysis.tipping import CRIME, Reading
from omemsim.figures.ink import GLYPHS, ink_on
from omemsim.figures.page import INK, PALE
from omemsim.language import Language
from omemsim.language.names import zone_name
from omemsim.present.html import Drawing
from omemsim.vocabulary.wheel import COLOURS, Zone

__all__ = ["Scale", "Symbol", "dots", "scale", "wheel"]

SIDE, HUB = 150.0, 0.40  # of the wheel; the hub as a part of its radius
WIDE, BAR, TOP = 420.0, 15.0, 28.0  # of a scale: width, height of the bar, and where it begins
LETTER = 8.6  # width of a bold letter, about: it keeps a text within the drawing
MOST = 1.35  # of the line from which red begins: the end of a scale
STEPS = 16  # corners of a quarter's arc
EACH, ROW = 22.0, 10  # of the dots: distance, and how many in a row


@dataclass(frozen=True, eq=False)
class Symbol:
    """A drawing by its name in the page."""

    name: str
    drawing: Drawing


@dataclass(frozen=True)
class Scale:
    """A number on a bar: the bar, which many cards have, and the mark over it."""

    bar: Symbol
    mark: Drawing


@functools.cache
def wheel(zone: Zone, language: Language) -> Symbol:
    """Return the wheel with one quarter filled, its zones named in a language."""
    drawing = Drawing(SIDE, SIDE, zone_name(zone, language))
    for one in Zone:
        fill = COLOURS[one] if one is zone else "#ececec"
        drawing.polygon(_quarter(one), fill=fill, stroke=INK if one is zone else "#ffffff")
        x, y = _at(one, (HUB + 1) / 2)
        ink = ink_on(COLOURS[one]) if one is zone else PALE
        centred = {"text_anchor": "middle", "fill": ink}
        drawing.words(x, y - 1, GLYPHS[one], **centred)
        weight = {"font_weight": "700"} if one is zone else {}
        drawing.words(x, y + 12, zone_name(one, language), font_size="11", **centred, **weight)
    return Symbol(f"wheel-{zone.name.lower()}-{language.code}", drawing)


def _quarter(zone: Zone) -> list[tuple[float, float]]:
    """Return the corners of a quarter ring: red upper left, then clockwise."""
    start = math.radians(180 - 90 * int(zone))
    gap = math.radians(1.5)
    angles = [start - gap - (math.pi / 2 - 2 * gap) * k / STEPS for k in range(STEPS + 1)]
    outer = [_point(angle, 1.0) for angle in angles]
    return outer + [_point(angle, HUB) for angle in reversed(angles)]


def _at(zone: Zone, radius: float) -> tuple[float, float]:
    return _point(math.radians(135 - 90 * int(zone)), radius)


def _point(angle: float, radius: float) -> tuple[float, float]:
    half = SIDE / 2 - 2
    return SIDE / 2 + half * radius * math.cos(angle), SIDE / 2 - half * radius * math.sin(angle)


def scale(reading: Reading, language: Language, is_alone: bool) -> Scale:
    """Return a number on a bar whose parts are the zones, with a mark where it is.

    Parameters
    ----------
    reading : the number and its lines; one beyond the scale is an arrow at its end.
    language : of the words.
    is_alone : whether crime is a multiple of the usual rate.
    """
    said = reading_words(reading, language, is_alone=is_alone)
    mark = Drawing(WIDE, TOP + BAR + 19, said)
    most = MOST * reading.lines[2]
    x = WIDE * min(reading.value / most, 1.0)
    if reading.value > most:
        x -= 8
        mark.polygon([(x - 2, TOP - 11), (x + 8, TOP - 5.5), (x - 2, TOP)], fill=INK)
    else:
        mark.polygon([(x - 6, TOP - 10), (x + 6, TOP - 10), (x, TOP - 1)], fill=INK)
        mark.line((x, TOP), (x, TOP + BAR), stroke="#ffffff", stroke_width="5")
        mark.line((x, TOP), (x, TOP + BAR), stroke=INK, stroke_width="2")
    half = LETTER * len(said) / 2
    anchor, place = "middle", x
    if x < half:
        anchor, place = "start", 0.0
    elif x > WIDE - half:
        anchor, place = "end", WIDE
    mark.words(place, TOP - 14, said, text_anchor=anchor, font_weight="600")
    return Scale(_bar(reading.kind, reading.lines, language), mark)


@functools.cache
def _bar(kind: str, lines: tuple[float, float, float], language: Language) -> Symbol:
    """Return the parts of a scale, and the numbers at which one zone ends and the next begins."""
    drawing = Drawing(WIDE, TOP + BAR + 19, kind)
    most = MOST * lines[2]
    ends = pairwise([0.0, lines[1], lines[2], most])
    for zone, (start, end) in zip((Zone.GREEN, Zone.AMBER, Zone.RED), ends, strict=True):
        left, right = (WIDE * value / most for value in (start, end))
        width = right - left - (0 if zone is Zone.RED else 2)
        drawing.rectangle(left, TOP, width, BAR, fill=COLOURS[zone])
        drawing.words(
            (left + right) / 2, TOP + 12, f"{GLYPHS[zone]} {zone_name(zone, language)}",
            text_anchor="middle", fill=ink_on(COLOURS[zone]), font_size="11",
        )  # fmt: skip
    for line in lines[1:]:
        written = language.number(line, 2 if kind == CRIME else 0)
        x = WIDE * line / most
        drawing.words(x, TOP + BAR + 13, written, text_anchor="middle", fill=PALE, font_size="11")
    return Symbol(f"bar-{kind}-{language.code}", drawing)


@functools.cache
def dots(years: int, zone: Zone) -> Symbol:
    """Return twenty dots, as many of them filled as there are years with the same zone."""
    drawing = Drawing(EACH * ROW, EACH * YEARS / ROW, f"{years} / {YEARS}")
    for k in range(YEARS):
        x, y = EACH * (k % ROW + 0.5), EACH * (k // ROW + 0.5)
        fill = COLOURS[zone] if k < years else "#ffffff"
        drawing.circle(x, y, radius=8, fill=fill, stroke=INK)
    return Symbol(f"dots-{years}-{zone.name.lower()}", drawing)
