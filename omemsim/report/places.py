"""The map and the wheel of one simulated town: a sign for every neighbourhood, before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.figures.ink import ink_on
from omemsim.figures.maps import Ground
from omemsim.figures.page import INK, PALE
from omemsim.figures.single import ground_of, wheels
from omemsim.figures.wheel import dots
from omemsim.language import mark
from omemsim.language.names import zone_name
from omemsim.report.chart import FAINT, NARROW, Chart
from omemsim.report.facts import FEW, Facts
from omemsim.report.parts import Block, Column, Figure, Parts, Sheet, Text
from omemsim.series import Series
from omemsim.vocabulary.wheel import COLOURS, SHAPES, Zone

__all__ = ["map_and_wheel"]

Labels = NDArray[np.int64]
START = "start"
SHARP = 60  # neighbourhoods up to which signs and numbers are large
TINY = 2.8  # of a sign that stands alone, where a square would be as small
KEY = 24.0
FEW_PANELS = 3  # maps that have room on a page of paper if each is as wide as the drawing
TALLEST = 1.2  # of a map, its width being 1: seven of them have to fit on a page


def map_and_wheel(facts: Facts) -> list[Block]:
    """Return the wheel and the map of the town nearest the mean; none if no town is in common."""
    if facts.study.shown is None:
        return []
    say, shown = facts.language, facts.study.shown_series()
    text = say.translate(
        "One simulated town can be shown in one picture: number {k}, whose change in green and "
        "blue neighbourhoods is nearest the mean of all {n}. Another would look different.",
        k=str(facts.study.shown),
        n=facts.study.common,
    )
    names = facts.names[: FEW + 1]
    panels = [Panel(START, shown[names[0]], 0), *(Panel(x, shown[x], 1) for x in names)]
    blocks: list[Block] = [Parts(say.translate("The wheel and the map")), Text(text)]
    blocks.append(_figure(facts, "wheel", panels, None))
    ground = ground_of(facts.first)
    if ground is not None:
        blocks.append(_figure(facts, "map", panels, ground))
    return blocks


class Panel(NamedTuple):
    """A picture: its name, the run that it shows, and whether at the end or at the start."""

    key: str
    series: Series
    which: int


def _figure(facts: Facts, name: str, panels: Sequence[Panel], ground: Ground | None) -> Figure:
    say = facts.language
    columns = [Column("neighbourhood", say.translate("neighbourhood"))]
    zones = {}
    for key, series, which in panels:
        columns.append(Column(key, _called(facts, key)))
        zones[key] = wheels(series)[which].zones
    rows = [
        (called, *(zone_name(Zone(int(zones[key][k])), say) for key in zones))
        for k, called in enumerate(facts.first.names)
    ]
    caption = say.translate(
        "Zone of each neighbourhood, at the start and after {time}",
        time=facts.time(facts.years),
    )
    sheet = Sheet(name, caption, columns, rows, is_long=True)
    title = _red(facts, zones) if ground is None else _moves(facts, zones)
    notes = [_note_of_wheel(facts)] if ground is None else _note_of_map(facts, ground)
    chart = _wheels(facts, panels, title) if ground is None else _maps(facts, panels, ground, title)
    return Figure(title, sheet, chart, notes)


def _red(facts: Facts, zones: Mapping[str, Labels]) -> str:
    """Say how many neighbourhoods are red, at the start and at the end."""
    say = facts.language
    first, *rest = [(key, int((found == Zone.RED).sum())) for key, found in zones.items()]
    told = [say.translate("{n} under {x}", n=n, x=_called(facts, key)) for key, n in rest]
    return say.translate(
        "Of {all} neighbourhoods {start} are red at the start; at the end {told}",
        all=len(zones[START]),
        start=first[1],
        told=say.listed(told),
    )


def _moves(facts: Facts, zones: Mapping[str, Labels]) -> str:
    """Say how many neighbourhoods are in a safer or in a riskier zone at the end."""
    say = facts.language
    told = []
    for key, found in zones.items():
        if key != START:
            step = found - zones[START]
            told.append(
                say.translate(
                    "{up} safer and {down} riskier under {x}",
                    up=int((step > 0).sum()),
                    down=int((step < 0).sum()),
                    x=_called(facts, key),
                )
            )
    return say.translate("At the end, neighbourhoods are {told}", told="; ".join(told))


def _called(facts: Facts, key: str) -> str:
    return facts.language.translate("at the start") if key == START else facts.called(key)


def _note_of_wheel(facts: Facts) -> str:
    return facts.language.translate(
        "A sign for each neighbourhood, in the quarter of its zone: at the start, and at the end "
        "under each strategy; clockwise from most to fewest calls from the public."
    )


def _note_of_map(facts: Facts, ground: Ground) -> list[str]:
    if not ground.made_up:
        return []
    square = mark("Each neighbourhood is drawn as a square: its shape is not known.")
    sign = mark("Each neighbourhood is drawn as a sign at its centre: its shape is not known.")
    return [facts.language.translate(sign if len(ground.paths) > SHARP else square)]


class Layout(NamedTuple):
    """How pictures stand on a drawing: beside each other in columns, each ``tall`` units high."""

    columns: int
    tall: float

    def corner(self, number: int) -> tuple[float, float]:
        """Return the upper left corner of a picture, its name included."""
        row, column = divmod(number, self.columns)
        return NARROW / self.columns * column, KEY + row * (self.tall + 30)

    def drawing(self, facts: Facts, count: int, label: str) -> Chart:
        """Return a drawing with room for so many pictures, the key of zones on top.

        Parameters
        ----------
        facts : of the comparison.
        count : pictures.
        label : what the drawing shows.
        """
        rows = -(-count // self.columns)
        chart = Chart.of(rows * (self.tall + 30) + KEY + 6, label)
        for number, zone in enumerate(Zone):
            left, style = 4.0 + 96 * number, {"stroke": INK, "stroke_width": ".8"}
            chart.marker(SHAPES[zone], left + 6, 11, size=5, fill=COLOURS[zone], **style)
            chart.say(left + 16, 15, zone_name(zone, facts.language))
        return chart


# ---- the wheel


def _wheels(facts: Facts, panels: Sequence[Panel], label: str) -> Chart:
    layout = Layout(2, 188.0)
    chart = layout.drawing(facts, len(panels), label)
    for number, (key, series, which) in enumerate(panels):
        left, top = layout.corner(number)
        wheel = wheels(series)[which]
        x, y, radius = left + 98, top + 24 + 90, 88.0
        chart.say(left + 4, top + 14, _called(facts, key), font_weight="bold")
        chart.circle(x, y, radius=radius, fill="#fff", stroke=PALE)
        for a, b in (((x - radius, y), (x + radius, y)), ((x, y - radius), (x, y + radius))):
            chart.line(a, b, stroke=PALE)
        size = 5.0 if len(wheel.zones) <= SHARP else 2.6
        for row, (place, zone) in enumerate(
            zip(dots(wheel.zones, wheel.calls), wheel.zones, strict=True)
        ):
            one = Zone(int(zone))
            chart.marker(
                SHAPES[one], float(x + radius * place[0]), float(y - radius * place[1]), size=size,
                fill=COLOURS[one], stroke=INK, stroke_width=".6", data_row=str(row), data_zone=key,
            )  # fmt: skip
    return chart


# ---- the map


def _maps(facts: Facts, panels: Sequence[Panel], ground: Ground, label: str) -> Chart:
    columns = 1 if len(ground.paths) > SHARP and len(panels) <= FEW_PANELS else 2
    wide = NARROW / columns - 12
    tall = wide * min(ground.tall, TALLEST)
    layout = Layout(columns, tall)
    chart = layout.drawing(facts, len(panels), label)
    x0, y0, x1, y1 = ground.box
    unit = min(wide / (x1 - x0), tall / ((y1 - y0) * ground.stretch))
    for number, (key, series, which) in enumerate(panels):
        left, top = layout.corner(number)
        chart.say(left + 4, top + 14, _called(facts, key), font_weight="bold")
        zones = wheels(series)[which].zones
        is_tiny = ground.made_up and len(zones) > SHARP
        for row, zone in enumerate([] if is_tiny else zones):
            one = Zone(int(zone))
            chart.shape(
                _on_paper(ground, row, (left + 4, top + 20), unit), fill=COLOURS[one], stroke=INK,
                stroke_width=".8" if len(zones) <= SHARP else ".4", data_row=str(row),
                data_zone=key,
            )  # fmt: skip
        for row, (centre, size, zone) in enumerate(
            zip(ground.centres, ground.sizes, zones, strict=True)
        ):
            one = Zone(int(zone))
            x = left + 4 + (centre[0] - x0) * unit
            y = top + 20 + (y1 - centre[1]) * ground.stretch * unit
            if is_tiny:
                chart.marker(
                    SHAPES[one], float(x), float(y), size=TINY, fill=COLOURS[one], stroke=INK,
                    stroke_width=".5", data_row=str(row), data_zone=key,
                )  # fmt: skip
                continue
            half = float(np.clip(0.2 * size * unit, 1.2, 6.0 if columns > 1 else 3.0))
            chart.marker(
                SHAPES[one],
                float(x),
                float(y),
                size=half,
                fill=ink_on(COLOURS[one]),
                stroke=FAINT,
                stroke_width=".2",
            )
    return chart


def _on_paper(ground: Ground, number: int, corner: tuple[float, float], unit: float) -> str:
    """Return the outline of a neighbourhood as SVG's commands."""
    x0, _, _, y1 = ground.box
    parts = []
    for ring in ground.rings(number):
        xs = corner[0] + (ring[:, 0] - x0) * unit
        ys = corner[1] + (y1 - ring[:, 1]) * ground.stretch * unit
        parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(xs, ys, strict=True)) + "Z")
    return "".join(parts)
