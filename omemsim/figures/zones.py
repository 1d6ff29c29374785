"""Zones over time, moves from zone to zone, and one row of zones per neighbourhood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from omemsim.figures.ink import (
    BETTER,
    GLYPHS,
    WORSE,
    EndLabel,
    end_labels,
    plain,
    tell,
    zone_name,
)
from omemsim.figures.page import BODY, INK, PALE, SMALL, WIDTH, Page, styled, years_axis
from omemsim.present.text import shortened
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import COLOURS, SHAPES, Zone

__all__ = [
    "NAMED",
    "draw_history",
    "draw_shares",
    "grid",
    "shares_figure",
    "transitions_figure",
]

Floats = NDArray[np.float64]
# Safest at the bottom, so that "more blue and green" reads as rising ground.
STACK = (Zone.BLUE, Zone.GREEN, Zone.AMBER, Zone.RED)
NAMED = 24  # neighbourhoods, up to which rows have names


def grid(count: int) -> tuple[int, int]:
    """Return (rows, columns), at most three columns, four as two by two."""
    columns = 2 if count == 4 else min(count, 3)
    return -(-count // columns), columns


@styled()
def shares_figure(
    shares: Mapping[str, Floats], years: Floats, *, notes: Sequence[str], provenance: str
) -> Page:
    """Draw the share of neighbourhoods in each zone over time, a panel per strategy.

    Parameters
    ----------
    shares : strategy to (T, 4), each row summing to 1, columns as ``Zone``.
    years : (T,) since the start.
    notes : lines at the foot, e.g. over how many replicates the shares are averaged.
    provenance : version, town, time, seed.
    """
    rows, columns = grid(len(shares))
    page = Page(9, title="Which zones are the neighbourhoods in?", subtitle=_shares_finding(shares))
    cell, height, step = (WIDTH - 0.95) / columns, 2.1 if columns < 3 else 1.9, 0.95
    page.grow(page.top + rows * (height + step) + page.foot(notes))
    for number, (name, values) in enumerate(shares.items()):
        row, column = divmod(number, columns)
        left, top = 0.75 + column * cell, page.top + 0.4 + row * (height + step)
        _panel_title(page, left, top - 0.06, plain(name), room=cell - 0.2)
        axes = page.panel(left, top, cell - 1.2, height)
        draw_shares(page, axes, values, years, label_y=column == 0)
    page.footer(notes, provenance)
    return page


def _shares_finding(shares: Mapping[str, Floats]) -> str:
    safe = {name: float(x[-1, Zone.GREEN] + x[-1, Zone.BLUE]) for name, x in shares.items()}
    return "Green or blue at the end: " + tell({k: f"{v:.0%}" for k, v in safe.items()}, safe)


def _panel_title(page: Page, left: float, top: float, text: str, *, room: float) -> None:
    """Write a panel's title so that it ends at ``top``, on two lines if it must."""
    lines = page.wrap(text, room, size=BODY, bold=True, lines=2)
    page.words(left, top, "\n".join(lines), size=BODY, weight="bold", va="bottom", linespacing=1.1)


def draw_shares(
    page: Page, axes: Axes, shares: Floats, years: Floats, *, label_y: bool = True
) -> None:
    """Stack the shares (T, 4) on ``axes`` and write each zone's last share beside it.

    Parameters
    ----------
    page : that the axes are on.
    axes : the panel; there has to be room for words right of it.
    shares : (T, 4), each row summing to 1, columns as ``Zone``.
    years : (T,) since the start.
    label_y : whether the y axis is named and has numbers.
    """
    years, shares = _drawable(years, shares)
    upper = np.cumsum(shares[:, STACK], axis=1)
    lower = upper - shares[:, STACK]
    for low, high, zone in zip(lower.T, upper.T, STACK, strict=True):
        axes.fill_between(
            years, low, high, step="pre", color=COLOURS[zone], lw=0, gid=f"zone-{zone.name.lower()}"
        )
        axes.plot(years, high, drawstyle="steps-pre", color="white", lw=0.6)
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_yticks([0, 0.5, 1])
    axes.tick_params(labelleft=label_y)
    if label_y:
        axes.set_ylabel("share of neighbourhoods")
    years_axis(axes, float(years[-1]))
    middle = (lower[-1] + upper[-1]) / 2
    labels = [
        EndLabel(
            float(middle[i]), (f"{zone_name(zone)} {shares[-1, zone]:.0%}",), marker=SHAPES[zone]
        )
        for i, zone in enumerate(STACK)
    ]
    end_labels(page, axes, labels)


def _drawable(years: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Begin at year 0, and keep no more records than there are pixels across."""
    step = -(-len(years) // 520)
    keep = np.unique(np.append(np.arange(0, len(years), step), len(years) - 1))
    return np.append(0.0, years[keep]), np.vstack([shares[:1], shares[keep]])


@styled()
def transitions_figure(
    counts: Mapping[str, NDArray[np.int64]],
    *,
    span: str,
    notes: Sequence[str],
    provenance: str,
) -> Page:
    """Draw a table per strategy: zone at the start (row) to zone at the end (column).

    Parameters
    ----------
    counts : strategy to (4, 4), neighbourhoods pooled over replicates.
    span : between when, e.g. "week 4 to week 260, 20 replicates pooled".
    notes : lines at the foot.
    provenance : as for `forest_figure`.
    """
    rows, columns = grid(len(counts))
    page = Page(
        9,
        title="Where did neighbourhoods move?",
        subtitle=f"Zone at the start (row) and at the end (column), {span}. "
        + _moves_finding(counts),
    )
    cell, height, step = (WIDTH - 0.4) / columns, 1.95, 1.0
    page.grow(page.top + rows * (height + step) + page.foot(notes))
    for number, (name, table) in enumerate(counts.items()):
        row, column = divmod(number, columns)
        wide = min(cell - 1.15, 3.0)
        left, top = 1.1 + column * cell, page.top + 0.7 + row * (height + step)
        _panel_title(page, left - 0.83, top - 0.38, plain(name), room=cell - 0.2)
        _draw_table(page.panel(left, top, wide, height), np.asarray(table))
    page.footer(notes, provenance)
    return page


def _moves_finding(counts: Mapping[str, NDArray[np.int64]]) -> str:
    told, score = {}, {}
    for name, table in counts.items():
        total = max(int(np.sum(table)), 1)
        up, down = (float(x.sum()) / total for x in (np.triu(table, 1), np.tril(table, -1)))
        told[name], score[name] = f"{up:.0%} safer, {down:.0%} riskier", up - down
    return "At the end: " + tell(told, score)


def _draw_table(axes: Axes, table: NDArray[np.int64]) -> None:
    axes.set_xlim(0, 4)
    axes.set_ylim(4, 0)
    axes.set_axis_off()
    for start in Zone:
        _glyph(axes, start, 0, start + 0.5, offset=(-50, 0))
        _word(axes, start, 0, start + 0.5, offset=(-42, 0))
        _glyph(axes, start, start + 0.5, 0, offset=(0, 20))
        _word(axes, start, start + 0.5, 0, offset=(0, 9), ha="center")
        for end in Zone:
            _cell(axes, start, end, count=int(table[start, end]), total=int(table[start].sum()))


def _word(
    axes: Axes, zone: Zone, x: float, y: float, *, offset: tuple[float, float], ha: str = "left"
) -> None:
    axes.annotate(
        zone_name(zone), (x, y), xytext=offset, textcoords="offset points",
        size=SMALL, ha=ha, va="center", annotation_clip=False,
    )  # fmt: skip


def _glyph(axes: Axes, zone: Zone, x: float, y: float, *, offset: tuple[float, float]) -> None:
    axes.annotate(
        GLYPHS[zone], (x, y), xytext=offset, textcoords="offset points", color=COLOURS[zone],
        size=10, ha="center", va="center", annotation_clip=False,
    )  # fmt: skip


def _cell(axes: Axes, start: Zone, end: Zone, *, count: int, total: int) -> None:
    """Draw one cell: percent of the row over the count, or a dash in a row without any."""
    share = count / total if total else 0.0
    same = start == end
    colour = "#7d7d7d" if same else BETTER if end > start else WORSE
    axes.add_patch(
        Rectangle(
            (end + 0.03, start + 0.03),
            0.94,
            0.94,
            gid="cell",
            fc=to_rgba(colour, 0.06 + (0.25 if same else 0.5) * share if count else 0.0),
            ec=INK if same else "#d8d8d8",
            lw=1.4 if same else 0.6,
            zorder=2 + same,
        )
    )
    style: dict[str, Any] = {"ha": "center", "size": SMALL, "zorder": 4}
    x = end + 0.5
    if not count:
        axes.text(x, start + 0.5, "0" if total else "–", va="center", color=PALE, **style)
        return
    axes.text(x, start + 0.49, f"{share:.0%}", va="bottom", weight="bold", **style)
    axes.text(x, start + 0.54, f"{count:,}", va="top", **style)


def draw_history(
    axes: Axes, zones: NDArray[np.int64], weeks: NDArray[np.int64], *, names: Sequence[str]
) -> None:
    """Draw one row of coloured cells per neighbourhood, worst start on top.

    Parameters
    ----------
    axes : the panel.
    zones : (T, N). Rows are ordered by the zone at the start, then by the mean zone.
    weeks : (T,), after which there is a record.
    names : (N,), written beside the rows where there are at most `NAMED`.
    """
    order = np.lexsort((zones.mean(axis=0), zones[0]))
    rgba = np.array([to_rgba(COLOURS[zone]) for zone in Zone])
    weekly = np.repeat(zones[:, order], np.diff(weeks, prepend=0), axis=0)
    pixels = (rgba[weekly.T] * 255).round().astype(np.uint8)
    last = float(weeks[-1] / WEEKS_PER_YEAR)
    axes.imshow(pixels, aspect="auto", interpolation="nearest", extent=(0, last, len(order), 0))
    years_axis(axes, last)
    if len(order) > NAMED:
        axes.set_yticks([])
        axes.set_ylabel(f"{len(order)} neighbourhoods")
        return
    axes.set_yticks(np.arange(len(order)) + 0.5, [shortened(names[i], 20) for i in order])
    axes.tick_params(axis="y", length=0, pad=15)
    axes.hlines(np.arange(1, len(order)), 0, last, color="white", lw=0.6)
    for x, week, edge in ((0.0, 0, -1), (last, -1, 1)):
        _end_shapes(axes, zones[week, order], x, side=edge)


def _end_shapes(axes: Axes, zones: NDArray[np.int64], x: float, *, side: int) -> None:
    for row, zone in enumerate(zones):
        _glyph(axes, Zone(int(zone)), x, row + 0.5, offset=(7.0 * side, 0))
