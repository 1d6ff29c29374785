"""Where the spread of outcomes comes from, and how often a strategy is better."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter

from omemsim.figures.ink import BETTER, WORSE, ink_on, plain
from omemsim.figures.page import GRID, INK, PALE, SMALL, WIDTH, Page, styled
from omemsim.present import text
from omemsim.study.noise import PARTS, NoiseBudget, WorldShare

__all__ = ["noise_figure", "parameter_sets_figure"]

ROW, BAR, DOWN = 0.56, 0.27, 0.32
COLOURS = {"parameters": "#3d5a80", "town": "#7fa8c9", "noise": "#d9d9d9"}
LEFT, WIDE = 2.4, WIDTH - 2.7
LINE_ROW = 0.3


@styled()
def noise_figure(budgets: Mapping[str, NoiseBudget], *, provenance: str) -> Page:
    """Draw one stacked bar a measure: the parts of the variance of single runs.

    Parameters
    ----------
    budgets : by title of the measure, in the order to draw them.
    provenance : as for `forest_figure`.
    """
    said = [budget.in_words(title.lower()) for title, budget in budgets.items()]
    page = Page(9, title="Where does the spread between runs come from?", subtitle=said[0])
    notes = _notes(budgets)
    height = ROW * len(budgets)
    page.grow(page.top + DOWN + height + 0.65 + page.foot(notes))
    axes = page.panel(LEFT, page.top + DOWN, WIDE, height)
    axes.set_xlim(0, 1)
    axes.set_ylim(height, 0)
    _percent_axis(axes)
    axes.set_xlabel("share of the variance of single runs")
    _key(page)
    for number, (title, budget) in enumerate(budgets.items()):
        label = page.wrap(title, LEFT - 0.4, lines=2)
        y = page.top + DOWN + ROW * (number + 0.5)
        style: dict[str, Any] = {"va": "center", "ha": "right", "linespacing": 1.15}
        page.words(LEFT - 0.1, y - 0.07, "\n".join(label), **style)
        _stack(axes, budget, y=ROW * (number + 0.5) - 0.07)
    page.footer(notes, provenance)
    return page


def _percent_axis(axes: Axes) -> None:
    axes.spines[["left"]].set_visible(False)
    axes.set_yticks([])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{100 * x:.0f}%"))


def _key(page: Page) -> None:
    """Name the parts above the bars."""
    left = LEFT
    for part, name in PARTS.items():
        page.words(left, page.top + DOWN - 0.1, "■", color=COLOURS[part], va="center", size=11)
        page.words(left + 0.17, page.top + DOWN - 0.1, name, va="center")
        left += 0.17 + page.width_of(name) + 0.3


def _stack(axes: Axes, budget: NoiseBudget, *, y: float) -> None:
    """Draw the bar; under it each part's interval, where there is room."""
    clipped = np.array([max(np.nan_to_num(budget.shares[part].value), 0.0) for part in PARTS])
    if clipped.sum() <= 0:
        axes.text(0.01, y, "all runs are the same", va="center", size=SMALL, color=PALE)
        return
    start = 0.0
    for part, share in zip(PARTS, clipped / clipped.sum(), strict=True):
        place = (start, y - BAR / 2)
        colour = COLOURS[part]
        axes.add_patch(Rectangle(place, share, BAR, fc=colour, ec="white", lw=0.8, gid=part))
        middle, found = start + share / 2, budget.shares[part]
        said, ends = f"{100 * found.value:.0f}%", _ends(found.low, found.high)
        style: dict[str, Any] = {"ha": "center", "size": SMALL}
        if _has_room(said, share):
            axes.text(middle, y, said, va="center_baseline", color=ink_on(colour), **style)
        if _has_room(ends, found.value):
            axes.text(middle, y + BAR / 2 + 0.09, ends, va="center", color=PALE, **style)
        start += share


def _has_room(said: str, share: float) -> bool:
    """Return whether a text is narrower than its part of the bar."""
    return 0.07 * len(said) + 0.08 < share * WIDE


def _ends(low: float, high: float) -> str:
    """Return e.g. "48 to 73"."""
    return text.typographic(text.to(low, high, text.whole_percent))


def _notes(budgets: Mapping[str, NoiseBudget]) -> list[str]:
    one = next(iter(budgets.values()))
    notes = [
        f"In the bars: share of the variance; under them, where there is room, its 95% bootstrap "
        f"interval over parameter sets. {one.points} parameter sets, {one.towns} initial towns in "
        f"each, {one.repeats} runs in each town. An interval may leave 0 to 100%: the parts are "
        "differences of mean squares.",
    ]
    small = [
        f"{title.lower()}, {PARTS[part]} {_ends(found.low, found.high)}"
        for title, budget in budgets.items()
        for part, found in budget.shares.items()
        if found.value >= 0 and not _has_room(_ends(found.low, found.high), found.value)
    ]
    if small:
        notes.append(f"No room for the interval of: {'; '.join(small)}.")
    negative = [
        f"{title}, {PARTS[part]}: {text.typographic(f'{100 * budget.shares[part].value:.1f}%')}"
        for title, budget in budgets.items()
        for part in PARTS
        if budget.shares[part].value < 0
    ]
    if negative:
        notes.append(
            f"Estimated below 0, too small to be seen, and drawn as 0: {'; '.join(negative)}."
        )
    left_out = max(budget.left_out for budget in budgets.values())
    if left_out:
        notes.append(f"{left_out} parameter sets have a run that failed, and are left out.")
    return notes


@styled()
def parameter_sets_figure(
    shares: Mapping[tuple[str, str], WorldShare], *, baseline: str, provenance: str
) -> Page:
    """Draw in which share of parameter sets each strategy beats the baseline, with exact intervals.

    Parameters
    ----------
    shares : by (title of the measure, strategy), in the order to draw them.
    baseline : the strategy that others are held against.
    provenance : as for `forest_figure`.
    """
    said = [
        share.in_words(plain(strategy), plain(baseline), measure.lower())
        for (measure, strategy), share in shares.items()
    ]
    title = f"In how many parameter sets is it better than {plain(baseline)}?"
    page = Page(9, title=title, subtitle=said[0])
    notes = [
        "Each parameter set has its own towns and random numbers, the same for both. Line: "
        "exact 95% interval of the share; 50% is a coin's toss. Hollow: the interval holds 50%. A "
        "tie is not a win.",
    ]
    height = LINE_ROW * len(shares)
    page.grow(page.top + DOWN + height + 0.65 + page.foot(notes))
    left = 3.3
    axes = page.panel(left, page.top + DOWN, WIDTH - left - 1.9, height)
    axes.set_xlim(0, 1)
    axes.set_ylim(height, 0)
    _percent_axis(axes)
    axes.axvline(0.5, color=INK, lw=1)
    axes.grid(axis="x", color=GRID, lw=0.7)
    axes.set_axisbelow(True)
    axes.set_xlabel("share of parameter sets")
    for number, ((measure, strategy), share) in enumerate(shares.items()):
        _set_row(page, axes, share, y=LINE_ROW * (number + 0.5))
        label = page.wrap(f"{plain(strategy)}: {measure.lower()}", left - 0.4, lines=1)[0]
        y = page.top + DOWN + LINE_ROW * (number + 0.5)
        page.words(left - 0.15, y, label, va="center", ha="right")
    _sides(page, left=left, width=WIDTH - left - 1.9)
    page.footer(notes, provenance)
    return page


def _sides(page: Page, *, left: float, width: float) -> None:
    y = page.top + DOWN - 0.1
    page.words(left + width / 2 - 0.08, y, "◀ rarely better", ha="right", va="center", color=WORSE)
    page.words(left + width / 2 + 0.08, y, "mostly better ▶", va="center", color=BETTER)
    page.words(WIDTH - 0.25, y, "share (95%), sets", ha="right", va="center", color=PALE)


def _set_row(page: Page, axes: Axes, share: WorldShare, *, y: float) -> None:
    said = "no parameter set in common"
    if share.n:
        is_clear = share.low > 0.5 or share.high < 0.5
        colour = PALE if not is_clear else BETTER if share.share > 0.5 else WORSE
        axes.plot([share.low, share.high], [y, y], color=colour, lw=1.8, gid="interval")
        fill = colour if is_clear else "white"
        style: dict[str, Any] = {"marker": "o", "ms": 6.5, "mec": colour, "mew": 1.4}
        axes.plot([share.share], [y], mfc=fill, clip_on=False, gid="dot", **style)
        said = f"{100 * share.share:.0f}% ({_ends(share.low, share.high)}), {share.n}"
    page.words(WIDTH - 0.25, page.top + DOWN + y, said, va="center", ha="right")
