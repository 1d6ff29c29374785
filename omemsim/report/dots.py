"""A dot for each town that was simulated, by how much victims change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from omemsim.figures.ink import BETTER, WORSE
from omemsim.figures.page import INK, PALE
from omemsim.language import mark
from omemsim.language.sentences import Worlds
from omemsim.report.chart import Axis, Chart, nice_ticks
from omemsim.report.facts import FEW, HARM, ROOMY, Facts
from omemsim.report.parts import Column, Figure, Sheet

__all__ = ["DOTS", "dots_figure", "dots_of"]

Floats = NDArray[np.float64]
DOTS = 50  # read better than an interval in text: Fernandes et al. 2018, CHI, paper 144
TALL, MIDDLE, LOW = 124.0, 84.0, 58.0  # of a row of dots: many, few, or of many strategies
FEW_DOTS = 24
LEFT, RIGHT = 24.0, 380.0
RADIUS = 3.6


def dots_of(values: Floats) -> Floats:
    """Return the values in order, a dot each; of more than fifty, fifty that stand for all.

    These are the quantiles at 1%, 3%, ... 99%. Each is a value that was simulated: none is made up
    between two of them.
    """
    if values.size <= DOTS:
        return np.sort(values)
    shares = (np.arange(DOTS) + 0.5) / DOTS
    return np.asarray(np.quantile(values, shares, method="inverted_cdf"))


def dots_figure(facts: Facts) -> Figure:
    """Return a dot for each town under each strategy, or fifty for more than fifty."""
    say = facts.language
    each = {name: facts.changes(name) for name in facts.others[:FEW]}
    shown = {name: dots_of(values) for name, values in each.items() if values.size}
    columns = [
        Column("strategy", say.translate("strategy")),
        Column("dot", say.translate("dot"), write=say.number),
        Column("percent", facts.title(HARM), "percent of the baseline", facts.signed),
    ]
    rows = [
        (facts.called(name), k + 1, float(x))
        for name, xs in shown.items()
        for k, x in enumerate(xs)
    ]
    told = [
        say.translate(
            "{name} in {wins} of {n} ({ends})",
            name=facts.called(name),
            wins=int((values < 0).sum()),
            n=values.size,
            ends=say.to(facts.signed(float(values.min())), facts.signed(float(values.max()))),
        )
        for name, values in each.items()
        if values.size
    ]
    is_plausible = facts.frequency(facts.others[0]).worlds is Worlds.PLAUSIBLE
    plausible = mark("Plausible towns with fewer victims than under {baseline}: {told}")
    simulated = mark("Simulated towns with fewer victims than under {baseline}: {told}")
    title = say.translate(
        plausible if is_plausible else simulated,
        baseline=facts.called(facts.baseline),
        told="; ".join(told),
    )
    caption = say.translate("Change in victims against {x}", x=facts.called(facts.baseline))
    sheet = Sheet("dots", caption, columns, rows, is_long=True)
    return Figure(title, sheet, _dots_chart(facts, sheet, title), [_what_dots_are(facts)])


def _what_dots_are(facts: Facts) -> str:
    say = facts.language
    found = facts.frequency(facts.others[0])
    is_plausible, is_each = found.worlds is Worlds.PLAUSIBLE, found.n <= DOTS
    texts = {
        (True, True): mark(
            "Each dot is one of {n} plausible towns: versions of the town whose numbers all agree "
            "with the evidence. Left of the line: fewer victims than under {baseline}. The ends "
            "differ a little from the range in the caveats, from which chance is taken out."
        ),
        (True, False): mark(
            "Each dot stands for 2% of {n} plausible towns: versions of the town whose numbers all "
            "agree with the evidence. Left of the line: fewer victims than under {baseline}. The "
            "ends differ a little from the range in the caveats, from which chance is taken out."
        ),
        (False, True): mark(
            "Each dot is one of {n} simulated towns, which differ by chance alone. Left of the "
            "line: fewer victims than under {baseline}."
        ),
        (False, False): mark(
            "Each dot stands for 2% of {n} simulated towns, which differ by chance alone. Left of "
            "the line: fewer victims than under {baseline}."
        ),
    }
    text = texts[is_plausible, is_each]
    return say.translate(text, n=found.n, baseline=facts.called(facts.baseline))


def _dots_chart(facts: Facts, sheet: Sheet, label: str) -> Chart:
    names = list(dict.fromkeys(sheet.values("strategy")))
    percents = np.array(sheet.values("percent"))
    reach = max(abs(float(percents.min())), abs(float(percents.max()))) or 1.0
    low, high = min(-0.2 * reach, float(percents.min())), max(0.2 * reach, float(percents.max()))
    ticks = nice_ticks(low, high, 6)
    most = max(sheet.values("dot"))
    tall = LOW if len(names) > ROOMY else MIDDLE if most <= FEW_DOTS else TALL
    chart = Chart.of(tall * len(names) + 40, label)
    chart.x = Axis(ticks[0], ticks[-1], LEFT, RIGHT)
    bottom = tall * len(names) + 4
    chart.across(ticks, facts.signed, top=0, bottom=bottom)
    for number, name in enumerate(names):
        if number:
            chart.line((0, tall * number), (chart.width, tall * number), stroke=PALE)
        rows = [k for k, x in enumerate(sheet.values("strategy")) if x == name]
        _pile(chart, rows, percents[rows], foot=tall * (number + 1), high=tall - 26)
        chart.say(LEFT, tall * number + 13, name, font_weight="bold")
    less, more = (facts.language.translate(x) for x in (mark("← fewer victims"), mark("more →")))
    zero = chart.x.at(0)
    if zero - LEFT > 90:
        chart.say(zero - 6, bottom + 30, less, text_anchor="end", fill=PALE)
    if RIGHT - zero > 50:
        chart.say(zero + 6, bottom + 30, more, fill=PALE)
    return chart


def _pile(chart: Chart, rows: Sequence[int], percents: Floats, *, foot: float, high: float) -> None:
    """Pile dots, the least first, each on the lowest level where it touches no other.

    Parameters
    ----------
    chart : with its x axis.
    rows, percents : of the dots, in increasing order.
    foot, high : where the pile stands, and the most it may take.
    """
    assert chart.x is not None
    levels: list[float] = []  # the last place on each
    placed: list[int] = []
    places = [chart.x.at(float(value)) for value in percents]
    for place in places:
        level = next((k for k, last in enumerate(levels) if place - last >= 2 * RADIUS), None)
        if level is None:
            level = len(levels)
            levels.append(place)
        levels[level] = place
        placed.append(level)
    step = min(2 * RADIUS + 0.6, high / len(levels))
    for row, place, value, level in zip(rows, places, percents, placed, strict=True):
        fill = BETTER if value < 0 else WORSE if value > 0 else INK
        chart.circle(
            place, foot - 4 - step * (level + 0.5), radius=RADIUS, fill=fill, stroke="#fff",
            stroke_width=".5", data_row=str(row), data_x="percent",
        )  # fmt: skip
