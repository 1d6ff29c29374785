"""One run on one page: every neighbourhood's zones, their shares, harm, calls, capacity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from omemsim.figures.ink import ARMS, zone_key
from omemsim.figures.page import BODY, WIDTH, Page, styled, years_axis
from omemsim.figures.zones import NAMED, draw_history, draw_shares
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Zone

__all__ = ["QUARTER", "Trace", "averaging", "records_in", "run_figure", "smooth"]

Floats = NDArray[np.float64]
QUARTER = WEEKS_PER_YEAR // 4


@dataclass(frozen=True)
class Trace:
    """A town value (T,) over time; ``ceiling`` tops the axis (None: as the data ask).

    ``season`` (T,) is what its trailing mean is divided by: 1 for what has no season.
    """

    title: str
    unit: str
    values: Floats
    ceiling: float | None = None
    season: Floats | float = 1.0


def averaging(weeks: NDArray[np.int64]) -> tuple[int, int]:
    """Return over how many weeks to average, and how many of the records, (T,), these hold."""
    return QUARTER, records_in(QUARTER, weeks)


def records_in(span: int, weeks: NDArray[np.int64]) -> int:
    """Return how many records, made after these weeks, ``span`` weeks hold (at least one)."""
    return max(1, round(span / float(np.median(np.diff(weeks, prepend=0)))))


def smooth(values: Floats, span: int) -> Floats:
    """Return the mean of each record and up to ``span`` - 1 before it, (T, ...)."""
    total = np.cumsum(np.insert(values, 0, 0.0, axis=0), axis=0)
    last = np.arange(1, len(values) + 1)
    first = np.maximum(last - span, 0)
    records = (last - first).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray((total[last] - total[first]) / records)


@styled()
def run_figure(
    zones: NDArray[np.int64],
    weeks: NDArray[np.int64],
    traces: Sequence[Trace],
    *,
    names: Sequence[str],
    title: str,
    provenance: str,
) -> Page:
    """Draw one run.

    Parameters
    ----------
    zones : (T, N) as ``Zone``.
    weeks : (T,), after which there is a record.
    traces : up to three, drawn side by side under the zones.
    names : (N,) of the neighbourhoods.
    title : the town and the strategy in words.
    provenance : as for `forest_figure`.
    """
    shares = np.stack([(zones == zone).mean(axis=1) for zone in Zone], axis=1)
    page = Page(9, title=title, subtitle=_finding(zones))
    named = zones.shape[1] <= NAMED
    rows = zones.shape[1] * 0.19 if named else 2.6
    high = max(rows, 0.4)
    years = weeks / WEEKS_PER_YEAR
    notes = [
        f"Thin line: as recorded. Thick line: mean of the last {averaging(weeks)[0]} weeks, "
        "season taken out. One replicate: no band."
    ]
    page.grow(
        page.top
        + 0.4
        + high
        + 0.9
        + 1.45
        + (0.95 + 1.45 if traces else 0)
        + 0.45
        + page.foot(notes)
    )
    top = page.top + 0.25
    left = 1.95 if named else 0.75
    page.words(0.25, top - 0.2, "Zone of each neighbourhood", size=BODY, weight="bold", va="center")
    zone_key(page, 2.6, top - 0.2)
    history = page.panel(left, top, WIDTH - left - (0.55 if named else 0.25), high)
    draw_history(history, zones, weeks, names=names)
    top += high + 0.9
    _heading(page, 0.75, top, "Share of neighbourhoods in each zone")
    draw_shares(page, page.panel(0.75, top, WIDTH - 0.75 - 1.25, 1.45), shares, years)
    top += 1.45 + 0.95
    _draw_traces(page, traces, weeks, top=top)
    page.footer(notes, provenance)
    return page


def _heading(page: Page, left: float, top: float, text: str) -> None:
    page.words(left, top - 0.1, text, size=BODY, weight="bold", va="bottom")


def _finding(zones: NDArray[np.int64]) -> str:
    ends = [_count(zones[week]) for week in (0, -1)]
    moves = np.diff(zones, axis=0)
    up, down = int(np.sum(moves > 0)), int(np.sum(moves < 0))
    return f"Start: {ends[0]}. End: {ends[1]}. Moves on the way: {up} safer, {down} riskier."


def _count(zones: NDArray[np.int64]) -> str:
    return ", ".join(f"{int(np.sum(zones == zone))} {zone.name.lower()}" for zone in Zone)


def _draw_traces(
    page: Page, traces: Sequence[Trace], weeks: NDArray[np.int64], *, top: float
) -> None:
    wide = (WIDTH - 0.25 - 0.75 * len(traces)) / max(len(traces), 1)
    for number, trace in enumerate(traces):
        left = 0.75 + number * (wide + 0.75)
        _heading(page, left - 0.5, top, trace.title)
        axes = page.panel(left, top, wide, 1.45)
        draw_trace(axes, trace, weeks)
        axes.set_ylabel("\n".join(page.wrap(trace.unit, 1.5, lines=2)))


def draw_trace(axes: Axes, trace: Trace, weeks: NDArray[np.int64]) -> None:
    """Draw the records thinly and over them their trailing mean, season out, from 0 upwards.

    Parameters
    ----------
    axes : the panel.
    trace : values (T,).
    weeks : (T,), after which there is a record.
    """
    colour, years = ARMS[0][0], weeks / WEEKS_PER_YEAR
    marker = "o" if len(years) == 1 else ""
    axes.plot(years, trace.values, color=colour, lw=0.6, alpha=0.35, marker=marker)
    axes.plot(years, smooth(trace.values / trace.season, averaging(weeks)[1]), color=colour, lw=2)
    highest = float(np.nanmax(trace.values)) if trace.ceiling is None else trace.ceiling
    axes.set_ylim(0, max(1.06 * highest, 1e-9) if trace.ceiling is None else trace.ceiling)
    years_axis(axes, float(years[-1]))
