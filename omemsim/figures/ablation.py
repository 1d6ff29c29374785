"""What each mechanism contributes: harm without it as an interval, the other measures as cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from omemsim.analysis.ablate import FIRST, STARTS, meaning
from omemsim.figures.forest import reach
from omemsim.figures.ink import BETTER, WORSE, ink_on, plain
from omemsim.figures.page import BODY, GRID, INK, PALE, SMALL, Page, styled, write
from omemsim.figures.single import provenance
from omemsim.present import text
from omemsim.present.text import counted
from omemsim.study.contrasts import Contrast, verdict

if TYPE_CHECKING:
    from pathlib import Path

    from omemsim.analysis.ablate import Ablation

__all__ = ["ablation_figure", "save_ablation_figure"]

ROW, HEAD, DOWN = 0.2, 0.3, 0.5
LABEL, LEFT, WIDE = 3.05, 3.35, 2.05  # inches: names' room, left edge and width of the intervals
CELL = 0.5
FULL = 25.0  # percent at which a cell has its full colour
# The cells of a row: every measure of an ablation but the first, and what stands over it.
COLUMNS = {
    "disorder": "disorder",
    "public_calls": "calls",
    "fear": "fear",
    "trust": "trust",
    "capacity": "capacity",
    "utilization": "patrol time\non calls",
    "true_zone": "true\nzone",
}
HEADINGS = {
    "more": "Without it: more victimization",
    "less": "Without it: less victimization",
    "other": "Without it: no clear change in victimization, but in something else",
}
NAMED = 3  # mechanisms in the finding


def save_ablation_figure(ablation: Ablation, out: Path) -> list[Path]:
    """Write the figure as PNG and SVG into folder ``out``."""
    return write(ablation_figure(ablation), out, "ablation")


@styled()
def ablation_figure(ablation: Ablation) -> Page:
    """Draw mechanisms that clearly change something, in the order of their effect on harm."""
    groups = {group: names for group, names in ablation.groups().items() if names}
    nothing = groups.pop("nothing", [])
    page = Page(9, title="What does each mechanism do?", subtitle=_finding(ablation))
    height = max(sum(HEAD + ROW * len(names) for names in groups.values()), ROW)
    notes = _notes(ablation, nothing)
    page.grow(page.top + DOWN + height + 0.6 + page.foot(notes))
    axes = _intervals_panel(page, ablation, groups, height)
    cells = _cells_panel(page, height)
    y = 0.0
    for group, names in groups.items():
        style: dict[str, Any] = {"size": BODY, "weight": "bold", "va": "center"}
        style["bbox"] = {"fc": "white", "ec": "none", "pad": 1.0}
        page.words(0.25, page.top + DOWN + y + HEAD / 2 + 0.02, HEADINGS[group], **style)
        y += HEAD
        for name in names:
            _row(page, (axes, cells), ablation, name, y=y + ROW / 2)
            y += ROW
    first = next(iter(ablation.comparison.scalars))
    series = ablation.comparison.series(*first)
    page.footer(notes, provenance(series, runs=_runs(ablation)))
    return page


def _finding(ablation: Ablation) -> str:
    """Say which mechanisms matter most for harm, and how many do little."""
    groups = ablation.groups()
    more = [_without(ablation, name) for name in groups["more"][:NAMED]]
    less = [_without(ablation, name) for name in groups["less"][::-1][:NAMED]]
    parts = [f"More victimization without {'; '.join(more)}." if more else ""]
    parts += [f"Less without {'; '.join(less)}." if less else ""]
    count, total = len(groups["nothing"]), len(ablation.ranked())
    parts.append(f"{count} of {total} mechanisms make no clear difference here.")
    return "\n".join(part for part in parts if part)


def _without(ablation: Ablation, name: str) -> str:
    """Return e.g. "near repeats (−38%, −44 to −32)"."""
    row = ablation.found[name, FIRST]
    ends = "" if np.isnan(row.low) else f", {_signed(row.low, '')} to {_signed(row.high, '')}"
    return f"{plain(name)} ({_signed(row.percent, '%')}{ends})"


def _notes(ablation: Ablation, nothing: Sequence[str]) -> list[str]:
    since = (
        "from week 0 only: all start from the same town"
        if ablation.start == STARTS[0]
        else "from birth: the town has grown without it"
    )
    by_chance = 0.05 * len(ablation.ranked())
    notes = [
        f"Under {plain(ablation.strategy)}. Each mechanism is off {since}. Dot and line: mean "
        "paired difference from the full model and its 95% interval; hollow: cannot tell.",
        "Cells: percent of the full model's mean; blank where one cannot tell or it is too small "
        "to name. Orange: worse without it. Blue: better without it.",
        "The whole effect is switched off, its usual level included: guardianship is measured from "
        "efficacy 0.5, so where efficacy is lower, there is less crime without it.",
        f"About {by_chance:.2g} of the {len(ablation.ranked())} intervals of a measure miss 0 by "
        "chance alone.",
    ]
    if nothing:
        notes.append(f"Nothing clear: {', '.join(map(plain, nothing))}.")
    return notes


def _runs(ablation: Ablation) -> str:
    return counted(max((x.found.n for x in ablation.found.values()), default=0), "replicate")


def _intervals_panel(
    page: Page, ablation: Ablation, groups: dict[str, list[str]], height: float
) -> Axes:
    """Return the panel of differences in victimization."""
    axes = page.panel(LEFT, page.top + DOWN, WIDE, height)
    rows = [ablation.found[name, FIRST] for names in groups.values() for name in names]
    limit = reach(rows) if rows else 1.0
    axes.set_xlim(-limit, limit)
    axes.set_ylim(height, 0)
    axes.spines[["left"]].set_visible(False)
    axes.set_yticks([])
    axes.axvline(0, color=INK, lw=1)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _signed(x, "%")))
    axes.grid(axis="x", color=GRID, lw=0.7)
    axes.set_axisbelow(True)
    axes.set_xlabel("change, % of the full model's mean")
    page.words(LEFT + WIDE / 2, page.top + DOWN - 0.12, "victimization without it", ha="center")
    return axes


def _cells_panel(page: Page, height: float) -> Axes:
    """Return the panel of cells, a column per further measure, with their names."""
    left = LEFT + WIDE + 0.15
    axes = page.panel(left, page.top + DOWN, CELL * len(COLUMNS), height)
    axes.set_xlim(0, len(COLUMNS))
    axes.set_ylim(height, 0)
    axes.set_axis_off()
    for number, title in enumerate(COLUMNS.values()):
        place = (left + CELL * (number + 0.5), page.top + DOWN - 0.06)
        page.words(*place, title, ha="center", va="bottom", size=SMALL - 1, linespacing=1.05)
    return axes


def _row(page: Page, panels: tuple[Axes, Axes], ablation: Ablation, name: str, *, y: float) -> None:
    axes, cells = panels
    label = page.wrap(meaning(name), LABEL - 0.02, lines=1)[0]
    page.words(0.3, page.top + DOWN + y, label, va="center")
    _interval(axes, ablation.found[name, FIRST], y=y)
    for number, measure in enumerate(COLUMNS):
        _cell(cells, ablation.found[name, measure], number=number, y=y)


def _interval(axes: Axes, row: Contrast, *, y: float) -> None:
    word, limit = verdict(row), axes.get_xlim()[1]
    colour = {"better": BETTER, "worse": WORSE}.get(word, PALE)
    ends = np.clip([row.low, row.high], -limit, limit)
    axes.plot(ends, [y, y], color=colour, lw=1.8, solid_capstyle="butt", gid="interval")
    inside = abs(row.percent) <= limit
    shape = "o" if inside else ">" if row.percent > 0 else "<"
    fill = colour if word in ("better", "worse") else "white"
    at = float(np.clip(row.percent, -limit, limit))
    axes.plot([at], [y], marker=shape, ms=5.5, mfc=fill, mec=colour, mew=1.3, clip_on=False)
    if not inside:
        side = float(np.sign(row.percent))
        where: dict[str, Any] = {"xytext": (-7 * side, 0), "textcoords": "offset points"}
        where |= {"ha": "right" if side > 0 else "left", "va": "center", "color": colour}
        where["bbox"] = {"fc": "white", "ec": "none", "pad": 0.8}
        axes.annotate(_signed(row.percent, "%"), (at, y), size=SMALL, **where)


def _cell(axes: Axes, row: Contrast, *, number: int, y: float) -> None:
    """Colour a cell by how much better or worse it is without the mechanism."""
    word = verdict(row)
    if word not in ("better", "worse", "differs") or not row.has_percent:
        return
    base = {"better": BETTER, "worse": WORSE}.get(word, PALE)
    part = 0.12 + 0.88 * min(abs(row.percent) / FULL, 1.0)
    red, green, blue = (1 - part * (1 - x) for x in to_rgb(base))
    colour = to_hex((red, green, blue))
    place = (number + 0.03, y - ROW / 2 + 0.01)
    axes.add_patch(Rectangle(place, 0.94, ROW - 0.02, fc=colour, ec="none", gid="cell"))
    number_text = _signed(row.percent, "")
    style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "size": SMALL - 1}
    axes.text(number + 0.5, y, number_text, color=ink_on(colour), **style)


def _signed(percent: float, unit: str) -> str:
    """Return e.g. "+3.2" or "−12", the unit after it; no change is "0", without a sign."""
    decimals = 0 if abs(percent) >= 9.95 or unit else 1
    return text.typographic(text.signed(percent, unit, decimals=decimals))
