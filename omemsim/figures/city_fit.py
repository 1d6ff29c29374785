"""Does the model fit a city? Simulated against recorded, and where a comparison starts from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter
from numpy.typing import NDArray

from omemsim.analysis.city_fit import CLOSE, CityFit, Fitted
from omemsim.analysis.diagnosis_words import fit_words, starts_words
from omemsim.analysis.zone_rows import ZoneRow
from omemsim.figures.ink import GLYPHS
from omemsim.figures.page import BODY, INK, PALE, SMALL, WIDTH, Page, styled
from omemsim.language import Language
from omemsim.language.names import zone_name
from omemsim.present.text import shortened
from omemsim.vocabulary.wheel import COLOURS, SHAPES, Zone

__all__ = ["fit_figure"]

SIDE = 2.05  # inches of a panel
FEW, WIDE_RANGE = 20, 6.0  # neighbourhoods, and highest over lowest rate, for axes by ratio
FAR = 3  # neighbourhoods that are named: those farthest off


@styled()
def fit_figure(
    fit: CityFit, rows: Sequence[ZoneRow], *, language: Language, notes: Sequence[str], source: str
) -> Page:
    """Draw how a town fits its table.

    Parameters
    ----------
    fit : of the town.
    rows : what was diagnosed of its neighbourhoods, in the order of the fit's.
    language : of the words.
    notes : lines at the foot.
    source : where the numbers come from.
    """
    say = language
    same, *why = starts_words(fit, language)
    told = "\n".join([*fit_words(fit, language), same])
    notes = [*why, *notes]
    page = Page(9, title=say.translate("Does the model fit this city?"), subtitle=told)
    panels = [
        (say.translate("Recorded crime (fitted)"), fit.crime),
        (say.translate("Calls (not fitted)"), fit.calls),
    ]
    drawn = [(title, one) for title, one in panels if one is not None]
    page.grow(page.top + 0.35 + SIDE + 0.55 + page.foot(notes))
    step = (WIDTH - 0.25) / 3
    for place, (title, one) in enumerate(drawn):
        left = 0.8 + place * step
        page.words(left - 0.55, page.top + 0.1, title, size=BODY, weight="bold", va="center")
        axes = page.panel(left, page.top + 0.35, SIDE, SIDE)
        _draw_fit(axes, one, rows, language)
    left = 0.8 + len(drawn) * step
    title = say.translate("Zones (number of neighbourhoods)")
    page.words(left - 0.55, page.top + 0.1, title, size=BODY, weight="bold", va="center")
    _draw_zones(page.panel(left, page.top + 0.35, SIDE - 0.15, SIDE - 0.15), fit, rows, language)
    page.footer(notes, source)
    return page


def _draw_fit(axes: Axes, one: Fitted, rows: Sequence[ZoneRow], language: Language) -> None:
    """Draw a mark for each neighbourhood, the line where both agree, and the band around it."""
    ends = _ends(axes, one)
    axes.fill_between(ends, (1 - CLOSE) * ends, (1 + CLOSE) * ends, color="#ececec", lw=0)
    axes.plot(ends, ends, color=PALE, lw=0.8)
    zones = np.array([row.as_zone for row in rows])
    for zone in Zone:
        here = zones == zone
        axes.plot(
            one.recorded[here], one.simulated[here], ls="", marker=SHAPES[zone], ms=5.5,
            color=COLOURS[zone], mec=INK, mew=0.5, clip_on=False, gid="neighbourhoods",
        )  # fmt: skip
    axes.set_xlabel(language.translate("recorded, per 1,000 a year"))
    axes.set_ylabel(language.translate("simulated, per 1,000 a year"))
    off = np.argsort(-np.abs(one.simulated - one.recorded))[:FAR]
    for place in off:
        if not one.is_close[place]:
            _name(axes, rows[place].label, one.recorded[place], one.simulated[place])


def _ends(axes: Axes, one: Fitted) -> NDArray[np.float64]:
    """Set both axes alike and return their ends; by ratio where many rates span a wide range."""
    both = np.concatenate([one.recorded, one.simulated])
    low, high = float(both.min()), 1.08 * max(float(both.max()), 1e-9)
    is_ratio = low > 0 and one.recorded.size > FEW and high > WIDE_RANGE * low
    ends = np.array([low / 1.15 if is_ratio else 0.0, high])
    for axis, set_scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        if is_ratio:
            set_scale("log")
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.set_major_formatter(ScalarFormatter())
            axis.set_minor_formatter(NullFormatter())
    axes.set_xlim(*ends)
    axes.set_ylim(*ends)
    return ends


def _name(axes: Axes, name: str, x: float, y: float) -> None:
    at = axes.transAxes.inverted().transform(axes.transData.transform((x, y)))
    is_right = at[0] > 0.5
    axes.annotate(
        shortened(name, 24), (x, y), xytext=(-6 if is_right else 6, 5),
        textcoords="offset points", ha="right" if is_right else "left", size=SMALL - 1.5,
        parse_math=False,
    )  # fmt: skip


def _draw_zones(axes: Axes, fit: CityFit, rows: Sequence[ZoneRow], language: Language) -> None:
    """Draw how many neighbourhoods are in each pair of zones; outlined where both are the same."""
    table = np.zeros((len(Zone), len(Zone)), int)
    for row, begun in zip(rows, fit.starts, strict=True):
        table[row.as_zone, Zone[begun.zone.upper()]] += 1
    axes.set_xlim(-0.5, 3.5)
    axes.set_ylim(3.5, -0.5)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    for diagnosed in Zone:
        for start in Zone:
            number = int(table[diagnosed, start])
            is_same = diagnosed is start
            axes.add_patch(_box(start, diagnosed, INK if is_same else "#cccccc", number))
            axes.text(
                start, diagnosed, f"{number}" if number else "", ha="center", va="center",
                size=BODY, weight="bold" if is_same else "normal",
            )  # fmt: skip
    names = [f"{GLYPHS[zone]}\n{zone_name(zone, language)}" for zone in Zone]
    axes.set_xticks(range(4), names)
    axes.set_yticks(range(4), [f"{zone_name(z, language)} {GLYPHS[z]}" for z in Zone])
    axes.set_xlabel(language.translate("a comparison starts from"))
    axes.set_ylabel(language.translate("diagnosed"))


def _box(x: float, y: float, edge: str, number: int) -> Rectangle:
    ground = "#f3f3f3" if number else "white"
    return Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, fc=ground, ec=edge, lw=1.2)
