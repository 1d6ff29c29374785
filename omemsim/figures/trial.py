"""A trial as a figure: what is true, and under it what a trialist in each town would report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from omemsim.analysis.evidence.trial_design import TrialDesign
from omemsim.analysis.evidence.trial_results import GROUPS, TrialWindow, in_words, percent
from omemsim.figures.ink import ARMS, BETTER, WORSE, plain
from omemsim.figures.page import BODY, GRID, INK, PALE, Page, styled, write
from omemsim.figures.provenance import provenance_of
from omemsim.inputs.scenario import Scenario
from omemsim.present.text import typographic

__all__ = ["save_trial_figure", "trial_figure"]

ROW, THIN, HEAD = 0.24, 0.075, 0.32
LEFT, WIDE = 1.75, 4.6
MOST = 20  # towns drawn
TRUTH = BETTER
AROUND = ARMS[7][0]


def save_trial_figure(
    design: TrialDesign, found: Sequence[TrialWindow], scenario: Scenario, out: Path
) -> list[Path]:
    """Write the figure into ``out``.

    Parameters
    ----------
    design, found, scenario : as for `trial_figure`.
    out : folder for the PNG and the SVG.
    """
    return write(trial_figure(design, found, scenario), out, "trial")


@styled()
def trial_figure(design: TrialDesign, found: Sequence[TrialWindow], scenario: Scenario) -> Page:
    """Return the figure, a block per window.

    Parameters
    ----------
    design : the trial.
    found : by window, the treatment's weeks first.
    scenario : the town and its present policing.
    """
    title = f"What would a trial of {plain(design.what)} find?"
    page = Page(9, title=title, subtitle="\n".join(in_words(design, found)[:2]))
    notes = _notes(found)
    heights = [HEAD + len(GROUPS) * ROW + THIN * min(x.true.size, MOST) + 0.1 for x in found]
    page.grow(page.top + sum(heights) + 0.6 + page.foot(notes))
    axes = _axes(page, design, found, sum(heights))
    y = 0.0
    for one, height in zip(found, heights, strict=True):
        _block(page, axes, design, one, y)
        y += height
    page.footer(notes, _provenance(design, found, scenario))
    return page


def _axes(page: Page, design: TrialDesign, found: Sequence[TrialWindow], height: float) -> Axes:
    axes = page.panel(LEFT, page.top, WIDE, height)
    axes.set_ylim(height, 0)
    reach = _reach(found)
    axes.set_xlim(-reach, reach)
    axes.spines[["left"]].set_visible(False)
    axes.set_yticks([])
    axes.axvline(0, color=INK, lw=1)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _tick(x, design)))
    axes.grid(axis="x", color=GRID, lw=0.7)
    axes.set_axisbelow(True)
    what = "change" if design.is_count else "difference"
    axes.set_xlabel(f"{what} of {plain(design.outcome)}")
    return axes


def _tick(x: float, design: TrialDesign) -> str:
    text = f"{100 * x:+g}%" if design.is_count else f"{x:+g}"
    return typographic(text) if round(x, 9) else "0"


def _reach(found: Sequence[TrialWindow]) -> float:
    """Return half the width of the axis: one wild interval must not hide the rest."""
    truth = [abs(x) for one in found for d in one.truth.values() for x in (d.low, d.high)]
    ends = np.concatenate([np.abs(x) for one in found for x in (one.lows, one.highs)])
    known = [x for x in truth if np.isfinite(x)]
    ends = ends[np.isfinite(ends)]
    usual = min(float(ends.max()), 2 * float(np.quantile(ends, 0.75))) if ends.size else 0.0
    return max(usual, *known, 1e-6) * 1.08


def _block(page: Page, axes: Axes, design: TrialDesign, one: TrialWindow, y: float) -> None:
    top = page.top + y
    name = f"{one.window[:1].upper()}{one.window[1:]}, weeks {one.weeks[0]} to {one.weeks[1]}"
    page.words(0.25, top + HEAD / 2, name, size=BODY, weight="bold", va="center")
    y += HEAD
    for group in GROUPS:
        truth, at = one.truth[group], y + ROW / 2
        words = "true, treated" if group == "treated" else f"true, {group}"
        page.words(0.35, page.top + at, words, va="center")
        colour = TRUTH if group == "treated" else AROUND
        axes.plot([truth.low, truth.high], [at, at], color=colour, lw=2, gid="interval")
        axes.plot([truth.difference], [at], marker="o", ms=6, color=colour, gid="dot")
        text = typographic(percent(truth.difference, design))
        page.words(LEFT + WIDE + 0.2, page.top + at, text, va="center", color=colour)
        y += ROW
    _towns(page, axes, one, y)


def _towns(page: Page, axes: Axes, one: TrialWindow, y: float) -> None:
    """Draw what each town's trialist reports; one whose interval misses the truth is marked."""
    if not one.true.size:
        return
    page.words(0.35, page.top + y + 0.08, "reported, by town", va="center")
    text = f"{one.covers:.0%} hold the truth,"
    page.words(LEFT + WIDE + 0.2, page.top + y + 0.08, text, va="center")
    page.words(LEFT + WIDE + 0.2, page.top + y + 0.26, f"{one.detects:.0%} find it", va="center")
    for k in range(min(one.true.size, MOST)):
        at = y + THIN * (k + 0.8)
        holds = one.lows[k] <= one.true[k] <= one.highs[k]
        colour = PALE if holds else WORSE
        axes.plot([one.lows[k], one.highs[k]], [at, at], color=colour, lw=1.1, gid="town")
        axes.plot([one.estimates[k]], [at], marker="|", ms=4, color=colour)


def _notes(found: Sequence[TrialWindow]) -> list[str]:
    notes = [
        "True: the town with the intervention against the same town and random numbers "
        "without it, mean and 95% interval over towns. Reported: treated against control units in "
        "one town, with its 95% interval; orange where it misses that town's truth.",
    ]
    if any(one.true.size > MOST for one in found):
        notes.append(f"The first {MOST} towns are drawn.")
    return notes


def _assigned(design: TrialDesign) -> str:
    if design.units == "places" and design.place_names:
        return f"at {len(design.place_names)} named places"
    of = {"neighbourhoods": "neighbourhoods", "places": design.places, "groups": design.group}
    return f"{design.share:.0%} of {of[design.units]}, {design.assign}"


def _provenance(design: TrialDesign, found: Sequence[TrialWindow], scenario: Scenario) -> str:
    return provenance_of(
        scenario,
        f"dose {design.dose:g}",
        _assigned(design),
        f"units: {found[0].units} {design.units}",
        f"{found[0].true.size} simulated towns",
    )
