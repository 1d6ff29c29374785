"""What would have to be true for another strategy to win, as a sentence and a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from omemsim.analysis.assumptions import PREFIX
from omemsim.figures.page import INK, PALE
from omemsim.language import mark
from omemsim.report.chart import Axis, Chart, folded, nice_ticks
from omemsim.report.conditions import Condition, condition_of, condition_words, meaning
from omemsim.report.facts import HARM, Facts
from omemsim.report.parts import Block, Column, Figure, Parts, Sheet, Text
from omemsim.study.design import Point

__all__ = ["Rivals", "Strongest", "other_wins", "rivals", "strongest"]

Floats = NDArray[np.float64]
SIZE = 4.5  # of a mark
FIRST, SECOND = "#6f93b5", "#7a5195"  # neither better nor worse: which of the two wins
LETTERS = 44  # in a line under the axis, or over the drawing
BAND = "#ececec"
TOWN = "town"  # what is drawn along the axis where no parameter is


@dataclass(frozen=True)
class Rivals:
    """The strategy with fewest victims, and the next.

    Attributes
    ----------
    first, second : names.
    gap : victims under the second less those under the first, in percent of the first, one for
        each set of parameters, or replicate: below 0 where the second wins.
    sets : of parameters; empty where they are replicates.
    """

    first: str
    second: str
    gap: Floats
    sets: Sequence[Point]


def rivals(facts: Facts) -> Rivals | None:
    """Return the two strategies with fewest victims; None without any, or a run in common."""
    over = facts.comparison.over_sets
    if over is not None:
        mean = {
            name: float(np.nanmean(over.values[name, HARM]))
            for name in facts.names
            if (name, HARM) in over.values
        }
    else:
        mean = {name: facts.mean(name, HARM) for name in facts.names}
    if len(mean) < 2:
        return None
    first, second = sorted(mean, key=lambda name: mean[name])[:2]
    if over is not None:
        one, two = (over.values[name, HARM].mean(axis=1) for name in (first, second))
        known = np.isfinite(one) & np.isfinite(two) & (one > 0)
        one, two = one[known], two[known]
        sets = [point for point, is_known in zip(over.sets, known, strict=True) if is_known]
        return Rivals(first, second, 100 * (two - one) / one, sets)
    both = facts.pairs(first, second)
    one, two = (facts.values(name, HARM, both) for name in (first, second))
    is_known = bool(both) and bool((one > 0).all())
    return Rivals(first, second, 100 * (two - one) / one, []) if is_known else None


def other_wins(facts: Facts) -> list[Block]:
    """Return the heading, the sentence and the figure; nothing where no two share a run."""
    found = rivals(facts)
    if found is None or not found.gap.size:
        return []
    say = facts.language
    second = facts.called(found.second)
    title = say.translate("What would have to be true for {other} to win", other=second)
    where = condition_of(found.sets, found.gap)
    figure = _gap_figure(facts, found, where)
    return [Parts(say.capital(title)), Text(_in_a_sentence(facts, found, where)), figure]


def _in_a_sentence(facts: Facts, found: Rivals, where: Condition | None) -> str:
    """Return in a sentence when the second strategy wins."""
    say = facts.language
    first, second = facts.called(found.first), facts.called(found.second)
    wins, n = int((found.gap < 0).sum()), int(found.gap.size)
    if not found.sets:
        return say.translate(
            "{first} has the fewest victims on average and {second} is next; {second} wins in "
            "{wins} of {n} simulated towns. Which parameters would have to be different cannot be "
            "told: all towns here have the same.",
            first=say.capital(first),
            second=second,
            wins=wins,
            n=n,
        )
    start = say.translate(
        "{first} has the fewest victims on average and {second} is next; {second} wins in "
        "{wins} of {n} plausible towns.",
        first=say.capital(first),
        second=second,
        wins=wins,
        n=n,
    )
    return f"{start} {_parameters_of(facts, found, where)}"


def _parameters_of(facts: Facts, found: Rivals, where: Condition | None) -> str:
    say, second = facts.language, facts.called(found.second)
    if where is not None:
        return condition_words(facts, where)
    if (found.gap < 0).any():
        return say.translate(
            "No single parameter, and no ranges of a few, tell well in which of them it wins: "
            "several would have to be different together."
        )
    best = strongest(found)
    if best is None:
        return say.translate("Nothing that the sets vary moves the gap between the two.")
    return say.translate(
        "No set that agrees with the evidence makes {second} win. It comes nearest where "
        "{what} is {side}.",
        second=second,
        what=meaning(facts, best.path),
        side=say.translate("high") if best.is_high else say.translate("low"),
    )


@dataclass(frozen=True)
class Strongest:
    """The parameter that goes most with the gap, and whether the second gains where it is high."""

    path: str
    is_high: bool


def strongest(found: Rivals) -> Strongest | None:
    """Return the parameter whose ranks go most with those of the gap (Spearman).

    None where there is no set, or nothing that varies.
    """
    paths = (
        [k for k, x in found.sets[0].items() if isinstance(x, int | float)] if found.sets else []
    )
    each = {path: np.array([float(one[path]) for one in found.sets]) for path in paths}
    vary = {path: values for path, values in each.items() if np.ptp(values) > 0}
    if not vary or np.ptp(found.gap) == 0:
        return None
    rank = {path: float(stats.spearmanr(x, found.gap).statistic) for path, x in vary.items()}
    path = max(rank, key=lambda name: abs(rank[name]))
    return Strongest(path, rank[path] < 0)


def _gap_figure(facts: Facts, found: Rivals, where: Condition | None) -> Figure:
    say = facts.language
    sheet = _gap_sheet(facts, found, where)
    under = sheet.columns[1].title
    plausible = mark("{second} wins in {wins} of {n} plausible towns")
    simulated = mark("{second} wins in {wins} of {n} simulated towns")
    title = say.translate(
        plausible if found.sets else simulated,
        second=say.capital(facts.called(found.second)),
        wins=int((found.gap < 0).sum()),
        n=len(sheet.rows),
    )
    is_inside = [bool(x) for x in where.inside] if where else [False] * len(sheet.rows)
    chart = _gap_chart(facts, sheet, title, under, is_inside)
    return Figure(title, sheet, chart, [_gap_note(facts, found, under, has_ranges=bool(where))])


def _gap_note(facts: Facts, found: Rivals, under: str, *, has_ranges: bool) -> str:
    """Return how to read the figure."""
    say = facts.language
    first, second = facts.called(found.first), facts.called(found.second)
    note = say.translate(
        "Triangles below the line: fewer victims under {second}; circles above it: fewer under "
        "{first}. From left to right: {what}.",
        second=second,
        first=first,
        what=under,
    )
    if not has_ranges:
        return note
    ranges = say.translate(
        "Grey, and with a dark edge: the towns within the ranges in which {second} mostly wins.",
        second=second,
    )
    return f"{note} {ranges}"


def _gap_sheet(facts: Facts, found: Rivals, where: Condition | None) -> Sheet:
    """Return the gap in each town, by the parameter of ``where``, or that goes most with it."""
    say = facts.language
    first, second = facts.called(found.first), facts.called(found.second)
    best = strongest(found)
    path = where.limits[0].path if where else "" if best is None else best.path
    xs = [float(one[path]) for one in found.sets] if path else [*range(1, found.gap.size + 1)]
    key = path.removeprefix(PREFIX) or TOWN
    under = meaning(facts, path) if path else say.translate("one town after the other")
    columns = [
        Column(
            "number",
            say.translate("plausible town") if found.sets else say.translate("simulated town"),
        ),
        Column("x", under, key, facts.figures),
        Column("gap", say.translate("gap"), f"percent of {found.first}", facts.signed),
    ]
    rows = [[str(k + 1), x, float(g)] for k, (x, g) in enumerate(zip(xs, found.gap, strict=True))]
    if where is not None:
        columns.append(Column("within", say.translate("within the ranges")))
        for row, is_inside in zip(rows, where.inside, strict=True):
            row.append(say.translate("yes") if is_inside else say.translate("no"))
    caption = say.translate(
        "Victims under {second} less those under {first}", second=second, first=first
    )
    return Sheet("other-wins", caption, columns, rows, is_long=True)


def _gap_chart(
    facts: Facts, sheet: Sheet, label: str, under: str, is_inside: Sequence[bool]
) -> Chart:
    xs, gaps = sheet.values("x"), sheet.values("gap")
    down, along = nice_ticks(min(0.0, *gaps), max(0.0, *gaps)), nice_ticks(min(xs), max(xs))
    is_parameter = sheet.columns[1].unit != TOWN
    shown = [tick for tick in along if is_parameter or tick == round(tick)]
    chart = Chart.of(262 + 14 * (len(folded(under, LETTERS)) - 1), label)
    over = folded(sheet.caption, LETTERS)
    top = 12 + 14.0 * len(over)
    chart.x, chart.y = Axis(along[0], along[-1], 60, 385), Axis(down[0], down[-1], 214, top)
    within = [chart.x.at(x) for x, is_in in zip(xs, is_inside, strict=True) if is_in]
    if within:
        left, right = min(within) - SIZE - 3, max(within) + SIZE + 3
        chart.bar(left, top, right - left, 214 - top, fill=BAND)
    chart.across(shown, facts.figures, top=top, bottom=214)
    chart.upwards(down, facts.signed, left=52, right=390)
    for row, (x, gap) in enumerate(zip(xs, gaps, strict=True)):
        chart.marker(
            "v" if gap < 0 else "o", chart.x.at(x), chart.y.at(gap), size=SIZE,
            fill=SECOND if gap < 0 else FIRST, stroke=INK if is_inside[row] else "#fff",
            data_row=str(row), data_x="x", data_y="gap",
        )  # fmt: skip
    for number, line in enumerate(folded(under, LETTERS)):
        chart.say(222, 248 + 14 * number, line, text_anchor="middle", fill=PALE)
    for number, line in enumerate(over):
        chart.say(2, 13 + 14 * number, line, fill=PALE)
    return chart
