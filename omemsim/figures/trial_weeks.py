"""A trial's effect week by week at treated units, in their catchment and elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from omemsim.analysis.evidence.trial_design import ZONES, TrialDesign
from omemsim.analysis.evidence.trial_results import percent
from omemsim.analysis.evidence.trial_weeks import WeekEffect
from omemsim.figures.ink import ARMS, BETTER, plain
from omemsim.figures.page import BODY, GRID, INK, PALE, WIDTH, Page, styled, write
from omemsim.figures.provenance import provenance_of
from omemsim.inputs.scenario import Scenario
from omemsim.present.text import typographic

__all__ = ["save_weeks_figure", "trial_weeks_figure"]

LEFT, RIGHT, PANEL, GAP = 0.85, 1.75, 1.45, 0.28
COLOUR = {"treated": BETTER, "catchment": ARMS[1][0], "elsewhere": ARMS[7][0]}
DURING, AFTER, SPREAD = "#efece2", "#f9f8f4", 0.18
WIDEST = 0.9  # share of the ends of intervals that the axis holds


def save_weeks_figure(
    design: TrialDesign, found: Sequence[WeekEffect], scenario: Scenario, out: Path
) -> list[Path]:
    """Write the figure into ``out``.

    Parameters
    ----------
    design, found, scenario : as for `trial_weeks_figure`.
    out : folder for the PNG and the SVG.
    """
    return write(trial_weeks_figure(design, found, scenario), out, "trial_weeks")


@styled()
def trial_weeks_figure(
    design: TrialDesign, found: Sequence[WeekEffect], scenario: Scenario
) -> Page:
    """Return the figure, a panel per zone, the weeks of treatment shaded.

    Parameters
    ----------
    design : the trial.
    found : a row per zone and week.
    scenario : the town and its present policing.
    """
    outcome = plain(design.outcome)
    page = Page(
        9,
        title=f"{plain(design.what).capitalize()}: what becomes of {outcome}, week by week?",
        subtitle="The town with the treatment against the same town and random numbers without "
        "it. Line: weekly effect over all simulated towns; band: 95% interval.",
    )
    notes = _notes(design)
    step = PANEL + GAP
    page.grow(page.top + 0.3 + len(ZONES) * step + 0.25 + page.foot(notes))
    limits = _limits(found)
    for number, zone in enumerate(ZONES):
        rows = [one for one in found if one.zone == zone]
        top = page.top + 0.3 + number * step
        axes = page.panel(LEFT, top, WIDTH - LEFT - RIGHT, PANEL)
        _panel(axes, design, rows, limits, is_last=number == len(ZONES) - 1)
        _label(page, design, rows, zone, top)
        if number == 0:
            _phases(page, design, top)
        if number == 1:
            axes.set_ylabel(f"{'change' if design.is_count else 'difference'} of {outcome}")
    page.footer(notes, _provenance(design, found, scenario))
    return page


def _limits(found: Sequence[WeekEffect]) -> tuple[float, float]:
    """Return the ends of the axis: a few wild intervals must not hide the rest."""
    ends = np.array([x for one in found for x in (one.low, one.high, one.effect)], float)
    known = np.abs(ends[np.isfinite(ends)])
    reach = float(np.quantile(known, WIDEST)) if known.size else 0.0
    middle = np.abs([one.effect for one in found if np.isfinite(one.effect)])
    reach = max(reach, float(middle.max(initial=0.0)), 1e-6) * 1.08
    return -reach, reach


def _panel(
    axes: Axes,
    design: TrialDesign,
    rows: Sequence[WeekEffect],
    limits: tuple[float, float],
    *,
    is_last: bool,
) -> None:
    weeks = np.array([one.week for one in rows]) + 0.5
    effect, low, high = (
        np.array([getattr(one, name) for one in rows], float) for name in ("effect", "low", "high")
    )
    colour = COLOUR[rows[0].zone] if rows else INK
    end = design.weeks + design.follow
    axes.axvspan(0, design.weeks, color=DURING, lw=0, gid="during")
    axes.axvspan(design.weeks, end, color=AFTER, lw=0, gid="after")
    axes.axhline(0, color=INK, lw=0.8)
    axes.fill_between(weeks, low, high, color=colour, alpha=SPREAD, lw=0, gid="band")
    axes.plot(weeks, effect, color=colour, lw=1.5, gid="effect", marker="o", ms=2.2)
    axes.set_xlim(0, end)
    axes.set_ylim(*limits)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda x, _: _number(x, design)))
    axes.grid(axis="y", color=GRID, lw=0.7)
    axes.set_axisbelow(True)
    if is_last:
        axes.set_xlabel("weeks from the start of treatment")
    else:
        axes.tick_params(labelbottom=False)


def _number(x: float, design: TrialDesign) -> str:
    text = f"{100 * x:+.3g}%" if design.is_count else f"{x:+.3g}"
    return typographic(text) if round(x, 9) else "0"


def _rounded(x: float, design: TrialDesign) -> str:
    return typographic(percent(x, design)) if np.isfinite(x) else "none"


def _label(
    page: Page, design: TrialDesign, rows: Sequence[WeekEffect], zone: str, top: float
) -> None:
    """Write beside a panel which zone it is, and its effect in each phase."""
    left, colour = WIDTH - RIGHT + 0.12, COLOUR[zone]
    page.words(left, top + 0.42, _named(design, zone), size=BODY, weight="bold", color=colour)
    y = top + 0.64
    for phase in ("during", "after"):
        mine = [one for one in rows if one.phase == phase]
        if mine:
            text = f"{phase}: {_rounded(_mean(design, mine), design)}"
            page.words(left, y, text, color=colour)
            y += 0.19


def _named(design: TrialDesign, zone: str) -> str:
    if zone == "treated":
        return {"groups": "treated residents"}.get(design.units, f"treated {design.units}")
    return zone


def _mean(design: TrialDesign, rows: Sequence[WeekEffect]) -> float:
    """Return the effect over some weeks: of sums, where events are counted."""
    one, other = (float(np.nansum([getattr(x, k) for x in rows])) for k in ("treated", "control"))
    if design.is_count:
        return one / other - 1 if other else float("nan")
    return (one - other) / len(rows)


def _phases(page: Page, design: TrialDesign, top: float) -> None:
    wide = WIDTH - LEFT - RIGHT
    page.words(LEFT + 0.05, top - 0.1, "during treatment", color=PALE, va="center")
    if design.follow:
        share = design.weeks / (design.weeks + design.follow)
        page.words(
            LEFT + max(wide * share, 1.2) + 0.05, top - 0.1, "after", color=PALE, va="center"
        )


def _notes(design: TrialDesign) -> list[str]:
    around = {
        "neighbourhoods": "adjoining neighbourhoods that are not treated",
        "places": f"all places within {design.radius:g} m"
        if design.radius > 0
        else "the places next to treated ones",
        "groups": "residents who live at the same places",
    }[design.units]
    return [
        f"Catchment: {around}. Elsewhere: all others, controls among them. Hours are "
        f"{design.hours}. The axis may cut the widest intervals."
    ]


def _provenance(design: TrialDesign, found: Sequence[WeekEffect], scenario: Scenario) -> str:
    towns = found[0].towns if found else 0
    return provenance_of(
        scenario, f"dose {design.dose:g}", f"units: {design.units}", f"{towns} simulated towns"
    )
