"""A strategy on the OMEM wheel: what the hours of each zone go to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Circle, Wedge

from omemsim.figures.ink import GLYPHS, ink_on, zone_name
from omemsim.figures.page import BODY, INK, PALE, SMALL, WIDTH, Page, styled, write
from omemsim.language import ENGLISH
from omemsim.language.names import tactic_name
from omemsim.present.text import whole_percent
from omemsim.strategies import Strategy, mix_in
from omemsim.vocabulary.wheel import COLOURS, ZONE_TITLES, Tactic, Zone

__all__ = ["Part", "mix_figure", "parts_of", "save_mix_figure"]

SIDE = 3.7  # of the wheel, inches
INNER, OUTER, RIM = 0.42, 0.86, 0.93
ANY, OWN, UNUSED = "#9aa0a6", "#6b4fa0", "#ffffff"  # ordinary uses, the user's own, no use
LINE = 0.2
LEAST_NUMBERED = 0.07  # share of a zone's hours whose wedge has room for its number


class Part(NamedTuple):
    """What a share of a zone's hours goes to; ``key`` is empty for hours that are not used."""

    key: str
    share: float
    zone: Zone | None


def parts_of(strategy: Strategy, zone: Zone) -> list[Part]:
    """Return what a zone's hours go to, the most first, and at the end what is not used."""
    row = dict(mix_in(strategy.mix, zone))
    patrol, directed = Tactic.PATROL.name.lower(), Tactic.DIRECTED_PATROL.name.lower()
    if strategy.directed:
        row[patrol] = row.get(patrol, 0.0) - strategy.directed
        row[directed] = row.get(directed, 0.0) + strategy.directed
    parts = [Part(key, share, _zone_of(key)) for key, share in row.items() if share > 1e-9]
    parts.sort(key=lambda part: -part.share)
    left = 1 - sum(part.share for part in parts)
    return [*parts, *([Part("", left, None)] if left > 1e-9 else [])]


def _zone_of(key: str) -> Zone | None:
    known = {tactic.name.lower(): tactic.use.zone for tactic in Tactic}
    return known.get(key)


@styled()
def mix_figure(strategy: Strategy, *, provenance: str) -> Page:
    """Draw a strategy's mix: a ring of wedges in each zone's quarter, and what they are beside.

    A quarter is all free hours of a neighbourhood in that zone. A wedge has the colour of the zone
    that its tactic belongs to; ordinary uses of hours are grey, tactics of the user's own violet,
    unused hours empty.

    Parameters
    ----------
    strategy : whose mix is drawn.
    provenance : what the line at the foot says.
    """
    notes = [
        "A quarter is all hours that calls leave in neighbourhoods of that zone. A tactic has the "
        "sign and the colour of its own zone; ○ is what any service does with free hours, ◇ a "
        "tactic of one's own, – hours that nobody uses.",
        _spread_note(strategy),
    ]
    parts = {zone: parts_of(strategy, zone) for zone in Zone}
    most = max(len(each) for each in parts.values())
    title = f"What does {strategy.name} do with its hours?"
    page = Page(6, title=title, subtitle=strategy.description)
    side = max(SIDE, 2 * (0.5 + LINE * most))
    top = page.top
    page.grow(top + side + page.foot(notes) + 0.15)
    axes = page.panel((WIDTH - SIDE) / 2, top + (side - SIDE) / 2, SIDE, SIDE)
    _wheel(axes, parts)
    for zone in Zone:
        _list(page, zone, parts[zone], top=top, side=side)
    page.footer(notes, provenance)
    return page


def save_mix_figure(strategy: Strategy, out: Path, *, provenance: str) -> list[Path]:
    """Write the figure of a strategy as ``strategy-NAME.png`` and ``.svg`` into a folder.

    Parameters
    ----------
    strategy : whose mix is drawn.
    out : the folder, made if need be.
    provenance : as for `mix_figure`.
    """
    name = "".join(x if x.isalnum() or x in "-_" else "_" for x in strategy.name)
    return write(mix_figure(strategy, provenance=provenance), out, f"strategy-{name}")


def _spread_note(strategy: Strategy) -> str:
    over = {
        "equal": "alike over all neighbourhoods",
        "residents": "over neighbourhoods by residents",
        "calls": "over neighbourhoods by public calls",
        "need": "over neighbourhoods by residents, four times as many where red as where blue",
    }[strategy.allocation.value]
    kept = (
        f" {whole_percent(strategy.training)}% of all hours are training."
        if strategy.training
        else ""
    )
    return f"Hours are spread {over}.{kept}"


def _wheel(axes: Axes, parts: Mapping[Zone, list[Part]]) -> None:
    axes.set_xlim(-1.0, 1.0)
    axes.set_ylim(-1.0, 1.0)
    axes.set_axis_off()
    axes.set_aspect("equal")
    for zone in Zone:
        first = 180.0 - 90 * int(zone)
        axes.add_patch(
            Wedge((0, 0), RIM, first - 90, first, width=RIM - OUTER, fc=COLOURS[zone], lw=0)
        )
        for part in parts[zone]:
            _wedge(axes, part, first)
            first -= 90 * part.share
    axes.plot([-1, 1], [0, 0], color="white", lw=3, zorder=3)
    axes.plot([0, 0], [-1, 1], color="white", lw=3, zorder=3)
    axes.add_patch(Circle((0, 0), INNER, fc="white", lw=0, zorder=4))
    for zone in Zone:
        x, y = ((-1, 1), (1, 1), (1, -1), (-1, -1))[int(zone)]
        axes.text(
            0.17 * x,
            0.14 * y,
            zone_name(zone).lower(),
            size=BODY,
            ha="center",
            va="center",
            weight="bold",
            zorder=5,
        )


def _wedge(axes: Axes, part: Part, first: float) -> None:
    colour = _colour(part)
    last = first - 90 * part.share
    axes.add_patch(
        Wedge(
            (0, 0),
            OUTER - 0.02,
            last,
            first,
            width=OUTER - INNER - 0.02,
            fc=colour,
            ec=INK,
            hatch="" if part.key else "///",
            lw=0.5,
        )
    )
    if part.share < LEAST_NUMBERED:
        return
    angle, radius = math.radians((first + last) / 2), (INNER + OUTER) / 2
    axes.text(
        radius * math.cos(angle),
        radius * math.sin(angle),
        f"{whole_percent(part.share)}",
        ha="center",
        va="center",
        size=SMALL,
        color=ink_on(colour),
        zorder=5,
    )


def _colour(part: Part) -> str:
    if not part.key:
        return UNUSED
    if part.zone is not None:
        return COLOURS[part.zone]
    return ANY if part.key.upper() in Tactic.__members__ else OWN


def _sign(part: Part) -> str:
    if not part.key:
        return "–"
    if part.zone is not None:
        return GLYPHS[part.zone]
    return "○" if part.key.upper() in Tactic.__members__ else "◇"


def _list(page: Page, zone: Zone, parts: list[Part], *, top: float, side: float) -> None:
    """Write what a zone's hours go to in its corner of the page."""
    is_left, is_low = zone in (Zone.RED, Zone.BLUE), zone in (Zone.GREEN, Zone.BLUE)
    left = 0.25 if is_left else (WIDTH + SIDE) / 2 + 0.1
    room = (WIDTH - SIDE) / 2 - 0.35
    head = page.wrap(ZONE_TITLES[zone], room, bold=True, lines=2)
    line = top + (side - LINE * (len(parts) + len(head)) - 0.1 if is_low else 0.1)
    for words in head:
        page.words(left, line, words, weight="bold", va="center")
        line += LINE
    for part in parts:
        name = tactic_name(part.key, ENGLISH) if part.key else "unused"
        share = f"{whole_percent(part.share)}%"
        colour = _colour(part) if part.key else PALE
        page.words(left, line, _sign(part), color=colour, va="center", size=10)
        page.words(left + 0.52, line, share, va="center", ha="right")
        page.words(left + 0.6, line, page.wrap(name, room - 0.6, lines=1)[0], va="center")
        line += LINE
