"""Where plausible parameter sets lie: ranges before and after, pairs, and what they give."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray

from omemsim.analysis.calibration import Calibrated
from omemsim.figures.budget import parameter_sets_figure
from omemsim.figures.ink import BETTER
from omemsim.figures.page import INK, PALE, SMALL, WIDTH, Page, styled, write
from omemsim.figures.provenance import provenance_line, provenance_of
from omemsim.inputs.schema import value_at
from omemsim.present.text import counted
from omemsim.study.comparison import Comparison
from omemsim.study.contrasts import about
from omemsim.study.indices import short_name
from omemsim.study.plausible import Over

__all__ = [
    "pairs_figure",
    "ranges_figure",
    "save_calibration_figures",
    "save_sets_figure",
    "targets_figure",
]

Floats = NDArray[np.float64]

ROW = 0.34
DOWN = 0.3
LEFT, WIDE = 2.75, 4.3
BEFORE, AFTER = "#d9d9d9", BETTER
BINS = 12
LOOKED_AT = 1 << 14  # points of the whole space
MOST_PAIRED = 8  # parameters in the figure of pairs
REACH = 4.0  # half bands on either side
DEPTH = LinearSegmentedColormap.from_list("depth", ["#ffffff", "#7fa8c9", "#1d3557"])
IMPLAUSIBLE = LinearSegmentedColormap.from_list("implausible", ["#1f5f99", "#f7f7f7", "#a6611a"])


def save_calibration_figures(found: Calibrated, out: Path) -> list[Path]:
    """Write the figures of a calibration into ``out``: PNG and SVG of each."""
    line = _provenance(found)
    paths = write(targets_figure(found, provenance=line), out, "targets")
    if found.sets:
        paths += write(ranges_figure(found, provenance=line), out, "plausible-ranges")
    if len(found.plan.factors) > 1:
        paths += write(pairs_figure(found, provenance=line), out, "plausible-pairs")
    return paths


def save_sets_figure(found: Sequence[Over], comparison: Comparison, out: Path) -> list[Path]:
    """Write in how many plausible sets each strategy is better into ``out``.

    Parameters
    ----------
    found : from `plausible.over`.
    comparison : with its runs over parameter sets.
    out : folder for the PNG and the SVG.
    """
    over = comparison.over_sets
    assert over is not None
    town = next(iter(comparison.runs.values())).town
    ran = f"{len(over.sets):,} parameter sets × {over.towns} towns"
    line = provenance_line(town, ran)
    shares = {(about(one.measure).title, one.strategy): one.share for one in found}
    page = parameter_sets_figure(shares, baseline=comparison.baseline, provenance=line)
    return write(page, out, "plausible-sets")


def _provenance(found: Calibrated) -> str:
    plan = found.plan
    runs = f"{len(found.ran):,} sets × {plan.replicates} replicates"
    return provenance_of(plan.scenario, f"{counted(len(found.waves), 'wave')}, {runs}")


@styled()
def ranges_figure(found: Calibrated, *, provenance: str) -> Page:
    """Draw each parameter's range before, and where in it the plausible sets lie."""
    factors = found.plan.factors
    page = Page(9, title="Which values does the evidence leave open?", subtitle=_finding(found))
    notes = [
        "Grey: the range looked at. A mark is a plausible set; the line holds the middle 90% of "
        "them. ◆ the package's default. A wide line means that the evidence does not determine "
        "this parameter, alone or together with others (see the figure of pairs).",
    ]
    height = ROW * len(factors)
    page.grow(page.top + DOWN + height + 0.35 + page.foot(notes))
    axes = page.panel(LEFT, page.top + DOWN, WIDE, height)
    axes.set_xlim(0, 1)
    axes.set_ylim(height, 0)
    axes.axis("off")
    page.words(LEFT, page.top + DOWN - 0.12, "range before", color=PALE, va="center")
    title = "middle 90% of plausible sets"
    page.words(WIDTH - 0.25, page.top + DOWN - 0.12, title, color=AFTER, va="center", ha="right")
    for number in range(len(factors)):
        _range_row(page, axes, found, number)
    page.footer(notes, provenance)
    return page


def _finding(found: Calibrated) -> str:
    share = 100 * found.waves[-1].volume
    return (
        f"{found.plausible:,} of {len(found.ran):,} sets that were run fit all targets; about "
        f"{share:.2g}% of the space of these parameters is not ruled out."
    )


def _range_row(page: Page, axes: Axes, found: Calibrated, number: int) -> None:
    factor, y = found.plan.factors[number], ROW * (number + 0.5)
    low, high = factor.ends()
    units = np.array([one.unit[number] for one in found.sets])
    axes.plot([0, 1], [y, y], color=BEFORE, lw=9, solid_capstyle="butt", zorder=1)
    ends = np.quantile(units, [0.05, 0.95])
    axes.plot(ends, [y, y], color=AFTER, lw=2.2, zorder=2, gid="after")
    axes.plot(units, [y] * len(units), "|", color=AFTER, ms=9, mew=0.8, alpha=0.6, zorder=2)
    usual = (value_at(found.plan.scenario, factor.path) - low) / (high - low)
    if 0 <= usual <= 1:
        style: dict[str, Any] = {"mfc": "white", "mec": INK, "mew": 1.1, "zorder": 4}
        axes.plot([usual], [y], marker="D", ms=5.5, gid="default", **style)
    level = page.top + DOWN + y
    label = page.wrap(short_name(factor.path), LEFT - 0.9, lines=1)[0]
    page.words(LEFT - 0.6, level, label, va="center", ha="right")
    page.words(LEFT - 0.08, level, f"{low:g}", va="center", ha="right", color=PALE)
    page.words(LEFT + WIDE + 0.08, level, f"{high:g}", va="center", color=PALE)
    values = low + ends * (high - low)
    text = f"{values[0]:.3g} to {values[1]:.3g}"
    page.words(WIDTH - 0.25, level, text, va="center", ha="right", color=AFTER)


@styled()
def targets_figure(found: Calibrated, *, provenance: str) -> Page:
    """Draw what the first wave's sets and the plausible ones give, in half bands off the middle."""
    targets = found.plan.targets
    said = _finding(found) if found.plausible else "No set that was run fits all targets."
    page = Page(9, title="Does it give what was observed?", subtitle=said)
    notes = [
        "Each mark is the mean of a set's replicates; grey: sets of the first wave, drawn over the "
        "whole space; blue: plausible sets. Shaded: the band of what was observed. A plausible "
        "set may lie a little outside: the model's discrepancy and the uncertainty of the mean are "
        "allowed for. A set off the axis stands at its edge.",
    ]
    height = ROW * 1.15 * len(targets)
    page.grow(page.top + DOWN + height + 0.6 + page.foot(notes))
    axes = page.panel(3.4, page.top + DOWN, WIDTH - 3.4 - 1.3, height)
    axes.set_xlim(-REACH, REACH)
    axes.set_ylim(height, 0)
    axes.spines[["left"]].set_visible(False)
    axes.set_yticks([])
    axes.axvspan(-1, 1, color="#eef3ea", zorder=0, gid="band")
    axes.set_xlabel("distance from the middle of the band, in half bands")
    page.words(WIDTH - 0.25, page.top + DOWN - 0.12, "band", color=PALE, va="center", ha="right")
    first = [one.readings for one in found.waves[0].ran]
    fitting = [one.readings for one in found.sets]
    for k, target in enumerate(targets):
        y = ROW * 1.15 * (k + 0.5)
        _marks(axes, _halves(first, k, target), y + 0.07, "#a8a8a8")
        _marks(axes, _halves(fitting, k, target), y - 0.06, AFTER)
        label = page.wrap(f"{target.name} {target.title}", 3.0, lines=1)[0]
        page.words(3.25, page.top + DOWN + y, label, va="center", ha="right")
        text = "{:.3g} to {:.3g}".format(*target.band)
        page.words(WIDTH - 0.25, page.top + DOWN + y, text, va="center", ha="right")
    page.footer(notes, provenance)
    return page


def _halves(rows: list[Floats], k: int, target: Any) -> Floats:
    low, high = target.band
    values = np.array([row[k] for row in rows if np.isfinite(row[k])])
    return np.asarray(np.clip((values - target.observed) / ((high - low) / 2), -REACH, REACH))


def _marks(axes: Axes, at: Floats, y: float, colour: str) -> None:
    style: dict[str, Any] = {"color": colour, "ms": 7, "mew": 0.9, "alpha": 0.7, "clip_on": False}
    axes.plot(at, np.full(len(at), y), "|", gid="sets", **style)


@styled()
def pairs_figure(found: Calibrated, *, provenance: str) -> Page:
    """Draw pairs of parameters: least implausibility below the diagonal, optical depth above."""
    names = [factor.path for factor in found.plan.factors][:MOST_PAIRED]
    page = Page(11, title="Where does what is not ruled out lie?", subtitle=_pairs_said(found))
    notes = [
        f"Below the diagonal: the least implausibility over all other parameters (blue: below "
        f"the cutoff {found.plan.cutoff:g}; brown: ruled out whatever the others are). Above: "
        "which share of the space behind each point is left (dark: more; white: none found; each "
        f"panel has its own scale). By the emulators, from {LOOKED_AT:,} points and those left.",
    ]
    if len(found.plan.factors) > MOST_PAIRED:
        notes.append(f"The first {MOST_PAIRED} of {len(found.plan.factors)} parameters.")
    left, side = 1.45, (WIDTH - 1.45 - 0.3) / len(names)
    side = min(side, 1.6)
    page.grow(page.top + 0.1 + side * len(names) + 0.55 + page.foot(notes))
    points, worst = _looked_at(found)
    for i, row in enumerate(names):
        top = page.top + 0.1 + side * i
        label = "\n".join(page.wrap(short_name(row), 1.2, lines=2))
        page.words(left - 0.1, top + side / 2, label, va="center", ha="right")
        under = "\n".join(page.wrap(short_name(row), side - 0.04, lines=2))
        foot = page.top + 0.16 + side * len(names)
        page.words(left + side * (i + 0.5), foot, under, va="top", ha="center")
        for j in range(len(names)):
            axes = page.panel(left + side * j, top, side - 0.05, side - 0.05)
            _pair(axes, found, (i, j), points, worst)
    page.footer(notes, provenance)
    return page


def _pairs_said(found: Calibrated) -> str:
    share = 100 * found.waves[-1].volume
    if not share:
        return "Nowhere: the emulators rule out the whole space."
    return f"{share:.2g}% of the space is not ruled out after {counted(len(found.waves), 'wave')}."


def _looked_at(found: Calibrated) -> tuple[Floats, Floats]:
    """Return points of the whole space and those left, and their implausibility."""
    rng = np.random.default_rng(found.plan.scenario.seed)
    points = rng.random((LOOKED_AT, len(found.plan.factors)))
    points = np.concatenate([points, found.left[: LOOKED_AT // 4]])
    return points, found.region.implausibility(points)


def _pair(
    axes: Axes, found: Calibrated, at: tuple[int, int], points: Floats, worst: Floats
) -> None:
    i, j = at
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    if i == j:
        low, high = found.plan.factors[i].ends()
        axes.spines[["left", "bottom"]].set_visible(False)
        text = f"{low:g}\nto {high:g}"
        axes.text(0.5, 0.5, text, ha="center", va="center", size=SMALL, color=PALE)
        return
    image: dict[str, Any] = {"extent": (0, 1, 0, 1), "origin": "lower", "aspect": "auto"}
    if i > j:
        image |= {"cmap": IMPLAUSIBLE, "vmin": 0, "vmax": 2 * found.plan.cutoff}
        axes.imshow(_least(points, worst, at), **image)
        return
    volume = found.waves[-1].volume
    counts, _, _ = np.histogram2d(
        found.left[:, i] if volume else np.empty(0),
        found.left[:, j] if volume else np.empty(0),
        bins=BINS,
        range=[[0, 1], [0, 1]],
    )
    axes.imshow(counts, cmap=DEPTH, vmin=0, vmax=max(float(counts.max()), 1.0), **image)


def _least(points: Floats, worst: Floats, at: tuple[int, int]) -> Floats:
    """Return the least implausibility in each cell, (bins, bins), rows by the first parameter."""
    cells = np.minimum((points[:, list(at)] * BINS).astype(int), BINS - 1)
    found = np.full((BINS, BINS), np.nan)
    order = np.argsort(-worst)  # the least is written last
    found[cells[order, 0], cells[order, 1]] = worst[order]
    return found
