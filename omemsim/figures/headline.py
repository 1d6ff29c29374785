"""What a headline depends on: how much of a difference is left with each switch off in both."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from omemsim.analysis.ablate import STARTS, meaning
from omemsim.analysis.headline import NOTHING, named, notes
from omemsim.figures.ink import BETTER, WORSE, plain
from omemsim.figures.page import BODY, INK, PALE, SMALL, Page, styled, write
from omemsim.figures.single import provenance
from omemsim.present import text
from omemsim.present.text import counted
from omemsim.study.contrasts import Contrast, in_words, verdict
from omemsim.vocabulary.mechanisms import GROUPS, switches_of

if TYPE_CHECKING:
    from pathlib import Path

    from omemsim.analysis.headline import Headline

__all__ = ["headline_figure", "save_headline_figure"]

ROW, BAR = 0.27, 0.62  # inches of a row, and the share of it that a bar fills
LABEL, LEFT, WIDE = 3.35, 3.7, 3.4  # inches: room of the names, left edge and width of the bars
GONE = "#e4e4e4"
AXIS = 0.5


def save_headline_figure(found: Headline, out: Path) -> list[Path]:
    """Write the figure as PNG and SVG into folder ``out``."""
    return write(headline_figure(found), out, "headline")


@styled()
def headline_figure(found: Headline) -> Page:
    """Draw the difference with nothing off, and what is left of it without each switch."""
    title = f"What does the difference in {found.whole.known.title.lower()} depend on?"
    page = Page(9, title=title, subtitle=_subtitle(found))
    rows = [NOTHING, *found.shown()]
    height = ROW * len(rows)
    said = _notes(found)
    page.grow(page.top + 0.3 + height + AXIS + page.foot(said))
    top = page.top + 0.3
    axes = _panel(page, found, rows, top=top, height=height)
    page.words(0.25, top - 0.14, "off in both strategies", color=PALE, va="center")
    page.words(LEFT + WIDE + 0.15, top - 0.14, "what is left", color=PALE, va="center")
    for number, name in enumerate(rows):
        _row(page, axes, found, name, y=number + 0.5, top=top)
    first = next(iter(found.comparison.scalars))
    series = found.comparison.series(*first)
    page.footer(said, provenance(series, runs=counted(found.whole.found.n, "replicate")))
    return page


def _subtitle(found: Headline) -> str:
    """Say the headline, and what takes most of it away."""
    mine, other = plain(found.strategy), plain(found.baseline)
    lines = [f"Nothing off: {mine} against {other}, {in_words(found.whole)}."]
    best = next(iter(found.ranked()), None)
    if best is not None and not math.isnan(found.share(best)):
        left = in_words(found.found[best].contrast)
        lines.append(f"Without {named(best)}: {left}.")
    return "\n".join(lines)


def _notes(found: Headline) -> list[str]:
    since = (
        "from week 0 only: all start from the same town"
        if found.start == STARTS[0]
        else "from birth: each town has grown without it"
    )
    groups = [GROUPS[name].doc for name in found.shown() if name in GROUPS]
    lines = [
        f"Each switch is off in both strategies {since}. Bar: what is left of the difference, with "
        "its 95% interval; grey: what is gone.",
        *([" ".join(groups)] if groups else []),
        *notes(found)[1:],
    ]
    if found.left_out():
        lines.append(f"No clear change without {', '.join(map(plain, found.left_out()))}.")
    return lines


def _size(found: Headline, x: Contrast) -> tuple[float, float, float]:
    """Return the difference and the ends of its interval, as it is drawn."""
    if found.in_percent():
        return x.percent, x.low, x.high
    return x.found.difference, x.found.low, x.found.high


def _panel(page: Page, found: Headline, rows: list[str], *, top: float, height: float) -> Axes:
    axes = page.panel(LEFT, top, WIDE, height)
    each = [_size(found, _contrast(found, name)) for name in rows]
    numbers = [0.0, *(x for row in each for x in row if math.isfinite(x))]
    low, high = min(numbers), max(numbers)
    if low == high:  # no replicate differs
        high = 1.0
    room = 0.04 * (high - low)
    axes.set_xlim(low - room * (low < 0), high + room * (high > 0))
    if found.whole.found.difference < 0:
        axes.invert_xaxis()  # bars begin on the left, beside their names
    axes.set_ylim(len(rows), 0)
    axes.spines[["left"]].set_visible(False)
    axes.set_yticks([])
    axes.axvline(0, color=INK, lw=1)
    axes.axvline(each[0][0], color=INK, lw=0.8, ls=(0, (2, 2)), zorder=0.5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    unit = "%" if found.in_percent() else ""
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _signed(x, unit)))
    of = f"% of {plain(found.baseline)}'s mean" if found.in_percent() else found.whole.known.unit
    axes.set_xlabel(f"{plain(found.strategy)} less {plain(found.baseline)}, {of}")
    return axes


def _contrast(found: Headline, name: str) -> Contrast:
    return found.whole if name == NOTHING else found.found[name].contrast


def _row(page: Page, axes: Axes, found: Headline, name: str, *, y: float, top: float) -> None:
    x = _contrast(found, name)
    size, low, high = _size(found, x)
    whole = _size(found, found.whole)[0]
    is_group = name == NOTHING or len(switches_of(name)) > 1
    style: dict[str, Any] = {"weight": "bold"} if is_group else {}
    label = NOTHING if name == NOTHING else meaning(name).partition(":")[0]
    shown = page.wrap(label[:1].upper() + label[1:], LABEL, size=SMALL, bold=is_group, lines=1)[0]
    page.words(0.25, top + ROW * y, shown, va="center", size=SMALL, **style)
    colour = {"better": BETTER, "worse": WORSE}.get(verdict(x), PALE)
    if name != NOTHING and abs(size) < abs(whole):
        axes.barh(y, whole, height=BAR, color=GONE, zorder=0.6, gid="gone")
    axes.barh(y, size, height=BAR, color=colour, zorder=1, gid="left")
    if math.isfinite(low):
        ends: dict[str, Any] = {"color": INK, "lw": 1.1, "solid_capstyle": "butt", "zorder": 2}
        axes.plot([low, high], [y, y], gid="interval", **ends)
    told = _signed(size, "%" if found.in_percent() else "", digits=1)
    style |= {"va": "center", "size": BODY}
    page.words(LEFT + WIDE + 0.15, top + ROW * y, told, **style)
    share = math.nan if name == NOTHING else found.share(name)
    if not math.isnan(share):
        page.words(LEFT + WIDE + 0.85, top + ROW * y, _becomes(share), **style)


def _becomes(share: float) -> str:
    """Say in a word or two how much of the headline is gone."""
    rounded = round(share)
    if rounded > 100:
        return "turned round"
    if rounded < 0:
        return f"{-rounded}% larger"
    return f"{rounded}% gone"


def _signed(value: float, unit: str, *, digits: int = 0) -> str:
    """Return e.g. "+3.2%" or "−12%"; without a unit, three figures with four decimals at most."""
    return text.typographic(text.signed(value, unit, decimals=digits if unit else None))
