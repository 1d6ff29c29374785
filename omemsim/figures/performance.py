"""What a week and a run cost, and how it grows."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from omemsim.analysis.bench import FIGURES
from omemsim.analysis.bench_curves import Point
from omemsim.figures.ink import BETTER, WORSE
from omemsim.figures.page import BODY, GRID, INK, PALE, SMALL, Page, styled

__all__ = ["performance_figure"]

LEFT, WIDE, HIGH = (0.75, 5.3), 3.6, 2.3  # inches
ASKED = FIGURES["ns_per_resident_week"].limit  # of a town of 100,000
NS = "ns per resident-week"


@styled()
def performance_figure(points: Sequence[Point], *, machine: str) -> Page:
    """Draw cost against residents, neighbourhoods, runs and workers; the floor is drawn in.

    Parameters
    ----------
    points : of the curves "week", "floor", "neighbourhoods", "runs" and "workers".
    machine : what it was measured on, a line.
    """
    by_curve: dict[str, dict[int, float]] = {}
    for point in points:
        by_curve.setdefault(point.curve, {})[point.at] = point.value
    page = Page(9, title="What does a week cost?", subtitle=_finding(by_curve))
    notes = [
        "Medians of a few rounds. Floor: six float32 columns of the residents read and written "
        "once. Small towns pay for what a week costs whoever lives there; large ones for memory, "
        "once their columns outgrow the caches; many neighbourhoods for what each does by itself.",
    ]
    page.grow(page.top + 2 * HIGH + 1.7 + page.foot(notes))
    top, below = page.top + 0.3, page.top + HIGH + 1.05
    _residents(page.panel(LEFT[0], top, WIDE, HIGH), by_curve)
    _one(page.panel(LEFT[1], top, WIDE, HIGH), by_curve["neighbourhoods"], "neighbourhoods", NS)
    _one(page.panel(LEFT[0], below, WIDE, HIGH), by_curve["runs"], "runs in a sweep", "ms per run")
    _workers(page.panel(LEFT[1], below, WIDE, HIGH), by_curve["workers"])
    titles = (
        "a week, by residents",
        "100,000 residents, by neighbourhoods",
        "a run of small, 5 years, by runs in the sweep",
        "the same, by workers",
    )
    for number, title in enumerate(titles):
        at = (top, below)[number // 2]
        page.words(LEFT[number % 2], at - 0.12, title, size=BODY, weight="bold")
    page.footer(notes, machine)
    return page


def _finding(curves: dict[str, dict[int, float]]) -> str:
    week, floor = curves["week"], curves["floor"]
    best = min(week, key=lambda at: week[at])
    return (
        f"Least at {best:,} residents: {week[best]:.0f} {NS}, "
        f"{week[best] / floor[best]:.0f} times the floor."
    )


def _dress(axes: Axes) -> None:
    axes.grid(color=GRID, lw=0.7)
    axes.set_axisbelow(True)


def _residents(axes: Axes, curves: dict[str, dict[int, float]]) -> None:
    _dress(axes)
    axes.set_xscale("log")
    axes.set_yscale("log")
    for name, colour, label in (("week", WORSE, "a week"), ("floor", PALE, "floor")):
        x, y = list(curves[name]), list(curves[name].values())
        axes.plot(x, y, marker="o", ms=4, color=colour, lw=1.6)
        axes.annotate(
            label,
            (x[-2], y[-2]),
            xytext=(0, -14 if name == "week" else 8),
            textcoords="offset points",
            color=colour,
            size=SMALL,
            ha="center",
        )
    axes.axhline(ASKED, color=BETTER, lw=1, ls="--")
    axes.annotate(
        f"asked for at 100,000: {ASKED:g}",
        (100_000, ASKED),
        xytext=(-8, 5),
        textcoords="offset points",
        color=BETTER,
        size=SMALL,
        ha="right",
    )
    plain = FuncFormatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_major_formatter(plain)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlabel("residents")
    axes.set_ylabel(NS)


def _one(axes: Axes, curve: dict[int, float], what: str, unit: str) -> None:
    _dress(axes)
    axes.set_xscale("log")
    axes.plot(list(curve), list(curve.values()), marker="o", ms=4, color=WORSE, lw=1.6)
    axes.set_ylim(0, max(curve.values()) * 1.15)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlabel(what)
    axes.set_ylabel(unit)


def _workers(axes: Axes, curve: dict[int, float]) -> None:
    _dress(axes)
    first = curve[1]
    axes.plot(list(curve), list(curve.values()), marker="o", ms=4, color=WORSE, lw=1.6)
    axes.plot(list(curve), [first / number for number in curve], color=INK, lw=1, ls=":")
    axes.annotate(
        "if workers cost nothing",
        (max(curve), first / max(curve)),
        xytext=(-4, -12),
        textcoords="offset points",
        size=SMALL,
        ha="right",
        color=INK,
    )
    axes.set_ylim(0, first * 1.15)
    axes.set_xticks(list(curve))
    axes.set_xlabel("workers")
    axes.set_ylabel("ms per run")
