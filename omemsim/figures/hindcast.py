"""A hindcast drawn: scores by forecast, predicted against recorded, calibration, level."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter
from numpy.typing import NDArray

from omemsim.analysis.hindcast.experiment import LEARNT, MODEL, Hindcast
from omemsim.analysis.hindcast.scores import SCORES
from omemsim.analysis.hindcast.words import TITLES
from omemsim.figures.ink import ARMS
from omemsim.figures.page import BODY, GRID, INK, PALE, SMALL, WIDTH, Page, styled

__all__ = ["hindcast_figures"]

DRAWN = ("rank", "error", "crps", "log", "within90", "width90")
BINS = 10


def hindcast_figures(hindcast: Hindcast, provenance: str) -> Iterator[tuple[str, Page]]:
    """Yield names and figures in the order to show them."""
    yield "scores", scores_figure(hindcast, provenance)
    yield "predicted", predicted_figure(hindcast, provenance)
    yield "calibration", calibration_figure(hindcast, provenance)
    yield "level", level_figure(hindcast, provenance)


def _colours(hindcast: Hindcast) -> dict[str, str]:
    names = hindcast.predicted.forecasts[hindcast.measures[0]]
    order = (1, 6, 0, 4, 2, 5)  # of the arms' colours: the two of the model are alike
    return {name: ARMS[k][0] for name, k in zip(names, order, strict=False)}


@styled()
def scores_figure(hindcast: Hindcast, provenance: str) -> Page:
    """Draw every forecast's scores with their intervals, a column of panels per measure."""
    notes = [
        "Line: 95% interval from resampled neighbourhoods, each with its neighbours. Intervals "
        "of two forecasts may overlap and their paired difference still be clear: see scores.csv.",
    ]
    page = Page(9, title="How good are the forecasts?", subtitle=_subtitle(hindcast))
    step, high = 1.6, 1.0
    page.grow(page.top + 0.3 + step * len(DRAWN) + page.foot(notes))
    wide = (WIDTH - 2.0) / len(hindcast.measures) - 0.35
    for column, measure in enumerate(hindcast.measures):
        left = 1.85 + column * (wide + 0.35)
        page.words(left, page.top + 0.02, TITLES[measure], weight="bold", size=BODY, va="top")
        for row, name in enumerate(DRAWN):
            axes = page.panel(left, page.top + 0.5 + step * row, wide, high)
            _dots(axes, hindcast, measure, name)
            axes.set_title(f"{SCORES[name].title} ({_wanted(name)})", size=SMALL, loc="left")
            if column:
                axes.set_yticklabels([])
    page.footer(notes, provenance)
    return page


def _wanted(name: str) -> str:
    better = SCORES[name].better
    if better in ("lower", "higher"):
        return f"{better} is better"
    return f"should be {better}" if better else SCORES[name].unit.partition(" residents")[0]


def _dots(axes: Axes, hindcast: Hindcast, measure: str, name: str) -> None:
    colours = _colours(hindcast)
    for place, (forecast, colour) in enumerate(colours.items()):
        score = hindcast.score(forecast, measure, name)
        axes.plot([score.low, score.high], [place, place], color=colour, lw=2)
        axes.plot([score.value], [place], "o", color=colour, ms=5)
    if SCORES[name].better not in ("lower", "higher", ""):
        axes.axvline(float(SCORES[name].better), color=INK, lw=0.8, ls="--")
    axes.set_yticks(range(len(colours)), list(colours))
    axes.set_ylim(len(colours) - 0.5, -0.5)
    axes.spines[["left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=GRID, lw=0.7)
    axes.set_axisbelow(True)
    axes.locator_params(axis="x", nbins=5)


@styled()
def predicted_figure(hindcast: Hindcast, provenance: str) -> Page:
    """Draw recorded against predicted rates of each neighbourhood, first and last year."""
    notes = [
        "Dot: a neighbourhood. Thin line: the model's 90% interval with its learnt spread. "
        "On the diagonal the prediction was right. Both axes are logarithmic.",
    ]
    years = dict.fromkeys((0, len(hindcast.question.predict) - 1))
    page = Page(9, title="Predicted and recorded rates", subtitle=_subtitle(hindcast))
    step = 3.9
    page.grow(page.top + 0.1 + step * len(hindcast.measures) + page.foot(notes))
    for row, measure in enumerate(hindcast.measures):
        for column, year in enumerate(years):
            axes = page.panel(0.75 + column * 4.4, page.top + 0.35 + step * row, 3.7, 3.0)
            _scatter(axes, hindcast, measure, year)
    page.footer(notes, provenance)
    return page


def _scatter(axes: Axes, hindcast: Hindcast, measure: str, row: int) -> None:
    summary = hindcast.summaries[measure][LEARNT]
    assumed = hindcast.predicted.window.population[-1] / 1000
    rate = hindcast.later.counts[measure][row] / hindcast.later.population[row] * 1000
    seen = rate[rate > 0].min(initial=np.inf)  # a year in which nothing was recorded has none
    least = 0.5 * min(seen, (summary.median[row] / assumed).min() + 1e-3)
    y = np.maximum(rate, least)
    ends = [np.maximum(x[row] / assumed, least) for x in (summary.low90, summary.high90)]
    axes.hlines(y, *ends, color=_colours(hindcast)[LEARNT], lw=0.6, alpha=0.45)
    middle = np.maximum(summary.median[row] / assumed, least)
    axes.plot(middle, y, "o", ms=3, color=_colours(hindcast)[MODEL], alpha=0.8)
    both = [float(min(y.min(), middle.min())) * 0.9, float(max(y.max(), middle.max())) * 1.1]
    axes.plot(both, both, color=INK, lw=0.8)
    for axis, set_scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        set_scale("log")
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(ScalarFormatter())
        axis.set_minor_formatter(NullFormatter())
    axes.set_xlim(*both)
    axes.set_ylim(*both)
    axes.set_title(f"{TITLES[measure]}, {hindcast.question.predict[row]}", size=BODY, loc="left")
    axes.set_xlabel("predicted per 1,000 residents")
    axes.set_ylabel("recorded per 1,000 residents")


@styled()
def calibration_figure(hindcast: Hindcast, provenance: str) -> Page:
    """Draw the PIT histogram of every forecast: flat if its chances were right."""
    notes = [
        "Where recorded counts fell in the predicted distribution, all years (randomised "
        "probability integral transform). Dashed: what calibrated forecasts would show. A "
        "trough in the middle: intervals too narrow; a slope: the level was off.",
    ]
    colours = _colours(hindcast)
    page = Page(9, title="Did the chances come true?", subtitle=_subtitle(hindcast))
    step = 1.75
    page.grow(page.top + 0.3 + step * len(hindcast.measures) + page.foot(notes))
    wide = (WIDTH - 0.9) / len(colours)
    for row, measure in enumerate(hindcast.measures):
        shares = {x: _shares(summary.pit) for x, summary in hindcast.summaries[measure].items()}
        for column, (forecast, colour) in enumerate(colours.items()):
            left, top = 0.6 + column * wide, page.top + 0.35 + step * row
            axes = page.panel(left, top, wide - 0.2, 1.05)
            edges = np.arange(BINS) / BINS
            axes.bar(
                edges, shares[forecast], width=1 / BINS, align="edge", color=colour, ec="white"
            )
            axes.set_ylim(0, 1.08 * max(share.max() for share in shares.values()))
            axes.axhline(1 / BINS, color=INK, lw=0.8, ls="--")
            axes.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
            axes.set_xlim(0, 1)
            axes.locator_params(axis="y", nbins=3)
            axes.tick_params(labelleft=not column)
            axes.set_title(forecast, size=SMALL, loc="left")
        page.words(0.25, page.top + 0.04 + step * row, TITLES[measure], weight="bold", va="top")
    page.footer(notes, provenance)
    return page


def _shares(pit: NDArray[np.float64]) -> NDArray[np.float64]:
    counts, _ = np.histogram(pit, BINS, (0, 1))
    return counts / pit.size


@styled()
def level_figure(hindcast: Hindcast, provenance: str) -> Page:
    """Draw the whole town's crimes by year: fit window, forecasts, what was recorded."""
    notes = [
        "Sums over all neighbourhoods. No forecast here knows what will move a whole town at "
        "once, as an epidemic, a law, or another way of recording.",
    ]
    page = Page(9, title="The whole town's level", subtitle=_subtitle(hindcast))
    page.grow(page.top + 3.5 + page.foot(notes))
    wide = (WIDTH - 0.9) / len(hindcast.measures)
    for column, measure in enumerate(hindcast.measures):
        axes = page.panel(0.8 + column * wide, page.top + 0.35, wide - 0.85, 2.4)
        _levels(axes, hindcast, measure)
        if not column:
            axes.legend(frameon=False, loc="lower left", fontsize=SMALL - 1)
    page.footer(notes, provenance)
    return page


def _levels(axes: Axes, hindcast: Hindcast, measure: str) -> None:
    window, later = hindcast.predicted.window, hindcast.later
    for panel, style in ((window, ":"), (later, "-")):
        total = panel.counts[measure].sum(axis=1) / 1000
        label = "recorded" if panel is later else "recorded, fitted to"
        axes.plot(panel.years, total, color=PALE, lw=2.4, ls=style, marker="o", ms=4, label=label)
    for forecast, colour in _colours(hindcast).items():
        if forecast != LEARNT:  # same means
            expected = hindcast.predicted.forecasts[measure][forecast].expected.sum(axis=1) / 1000
            # These two often lie on top of another line.
            dash = "--" if forecast in ("regression", "shrunken mean") else "-"
            (line,) = axes.plot(later.years, expected, color=colour, ls=dash, label=forecast)
            line.set(linewidth=1.4, marker="s", markersize=3)
    axes.set_title(f"{TITLES[measure]}, thousands a year", size=BODY, loc="left")
    axes.set_ylim(0, 1.08 * max(line.get_ydata().max() for line in axes.lines))  # type: ignore[union-attr]
    axes.locator_params(axis="x", integer=True)


def _subtitle(hindcast: Hindcast) -> str:
    question = hindcast.question
    fit, predict = question.fit, question.predict
    return (
        f"{hindcast.predicted.blueprint.name}, {len(hindcast.later.ids)} neighbourhoods: fitted to "
        f"{fit[0]} to {fit[-1]}, predicted {predict[0]} to {predict[-1]}, "
        f"{question.replicates} replicates at 1:{hindcast.predicted.blueprint.scale:g}."
    )
