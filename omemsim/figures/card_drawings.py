"""What is drawn on a neighbourhood's card: its place on the wheel, its numbers, how sure it is."""

from __future__ import annotations

import math
from itertools import pairwise

from omemsim.analysis.diagnosis_words import reading_words
from omemsim.analysis.tipping import CRIME, Reading
from omemsim.figures.ink import GLYPHS, ink_on
from omemsim.figures.page import INK, PALE
from omemsim.language import Language
from omemsim.language.names import zone_name
from omemsim.present.html import Drawing
from omemsim.vocabulary.wheel import COLOURS, Zone

__all__ = ["dots", "scale", "wheel"]

SIDE, HUB = 150.0, 0.40  # of the wheel; the hub as a part of its radius
WIDE, BAR, TOP = 520.0, 15.0, 22.0  # of a scale: width, height of the bar, and where it begins
STEPS = 16  # corners of a quarter's arc
EACH, ROW = 22.0, 10  # of the dots: distance, and how many in a row


def wheel(zone: Zone, name: str, language: Language) -> Drawing:
    """Return the wheel with one quarter filled.

    Parameters
    ----------
    zone : the quarter of the neighbourhood.
    name : of the neighbourhood, for those who cannot see it.
    language : of the zones' names.
    """
    here = zone_name(zone, language)
    said = language.translate("{name} on the wheel: {zone}", name=name, zone=here)
    drawing = Drawing(SIDE, SIDE, said)
    for one in Zone:
        fill = COLOURS[one] if one is zone else "#ececec"
        drawing.polygon(_quarter(one), fill=fill, stroke=INK if one is zone else "#ffffff")
        x, y = _at(one, (HUB + 1) / 2)
        ink = ink_on(COLOURS[one]) if one is zone else PALE
        centred = {"text_anchor": "middle", "fill": ink}
        drawing.words(x, y - 1, GLYPHS[one], **centred)
        weight = {"font_weight": "700"} if one is zone else {}
        drawing.words(x, y + 12, zone_name(one, language), font_size="11", **centred, **weight)
    return drawing


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


def scale(reading: Reading, language: Language, is_alone: bool) -> Drawing:
    """Return a number on a bar whose parts are the zones, with a mark where it is.

    Parameters
    ----------
    reading : the number and its lines.
    language : of the words.
    is_alone : whether crime is a multiple of the usual rate.
    """
    said = reading_words(reading, language, is_alone=is_alone)
    drawing = Drawing(WIDE, TOP + BAR + 19, said)
    most = max(1.35 * reading.lines[2], 1.08 * reading.value)
    ends = [0.0, reading.lines[1], reading.lines[2], most]
    parts = zip((Zone.GREEN, Zone.AMBER, Zone.RED), pairwise(ends), strict=True)
    for zone, (start, end) in parts:
        left, right = (WIDE * value / most for value in (start, end))
        width = right - left - (0 if zone is Zone.RED else 2)
        drawing.rectangle(left, TOP, width, BAR, fill=COLOURS[zone])
        ink = ink_on(COLOURS[zone])
        drawing.words(
            (left + right) / 2, TOP + 12, f"{GLYPHS[zone]} {zone_name(zone, language)}",
            text_anchor="middle", fill=ink, font_size="11",
        )  # fmt: skip
    for line in reading.lines[1:]:
        written = language.number(line, 2 if reading.kind == CRIME else 0)
        x = WIDE * line / most
        drawing.words(x, TOP + BAR + 13, written, text_anchor="middle", fill=PALE, font_size="11")
    x = WIDE * reading.value / most
    drawing.polygon([(x - 6, TOP - 10), (x + 6, TOP - 10), (x, TOP - 1)], fill=INK)
    drawing.line((x, TOP), (x, TOP + BAR), stroke="#ffffff", stroke_width="5")
    drawing.line((x, TOP), (x, TOP + BAR), stroke=INK, stroke_width="2")
    anchor, place = ("end", x - 9) if x > WIDE / 2 else ("start", x + 9)
    drawing.words(place, TOP - 6, said, text_anchor=anchor, font_weight="600")
    return drawing


def dots(years: int, zone: Zone, said: str) -> Drawing:
    """Return twenty dots, those filled in which the zone is the same.

    Parameters
    ----------
    years : out of twenty.
    zone : whose colour fills them.
    said : the same in words.
    """
    total = 2 * ROW
    drawing = Drawing(EACH * ROW, EACH * total / ROW, said)
    for k in range(total):
        x, y = EACH * (k % ROW + 0.5), EACH * (k // ROW + 0.5)
        fill = COLOURS[zone] if k < years else "#ffffff"
        drawing.circle(x, y, radius=8, fill=fill, stroke=INK)
    return drawing
