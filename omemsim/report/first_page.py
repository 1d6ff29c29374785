"""The first page: the choice, the verdict, three caveats, and fifty dots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from omemsim.figures.ink import BETTER, WORSE
from omemsim.figures.page import INK, PALE
from omemsim.language import mark
from omemsim.language.names import strategy_description
from omemsim.language.sentences import Frequency, Worlds, certain
from omemsim.report.assumptions import known_share
from omemsim.report.chart import Axis, Chart, nice_ticks
from omemsim.report.facts import FEW, HARM, Facts
from omemsim.report.parts import Block, Chapter, Column, Figure, Listed, Sheet, Text
from omemsim.report.rivals import rivals
from omemsim.report.verdict import better_and_worse, in_a_sentence
from omemsim.study.drift import in_words as drift_in_words
from omemsim.study.effort import efforts, unequal

__all__ = ["DOTS", "first_page", "fifty"]

Floats = NDArray[np.float64]
DOTS = 50  # read better than an interval in text: Fernandes et al. 2018, CHI, paper 144
FEW_TOWNS = 10
ROOMY = 2  # strategies that a first page has room to describe
TALL, LOW = 124.0, 58.0  # of a row of dots
LEFT, RIGHT = 24.0, 380.0
RADIUS = 3.6


def first_page(facts: Facts) -> Chapter:
    """Return the chapter that stands before everything else."""
    say = facts.language
    is_roomy = len(facts.others) <= ROOMY
    blocks: list[Block] = [Text(_choice(facts)), *(_options(facts) if is_roomy else [])]
    for name in facts.others[:FEW]:
        called = say.capital(facts.called(name))
        told = say.translate("{x}: {said}.", x=called, said=in_a_sentence(facts, name))
        more = [*([_in_numbers(facts, name)] if is_roomy else []), *better_and_worse(facts, name)]
        blocks += [Text(told, "lead"), Text(" ".join(more))]
    blocks += _between_the_best(facts)
    if len(facts.others) > FEW:
        blocks.append(Text(_others_are(facts), "pale"))
    if any(facts.changes(name).size for name in facts.others[:FEW]):
        blocks.append(dots_figure(facts))
    blocks.append(Text(say.translate("Three caveats"), "label"))
    blocks.append(Listed(caveats(facts), is_ordered=True))
    return Chapter("verdict", say.translate("The choice and the verdict"), blocks)


def _between_the_best(facts: Facts) -> list[Block]:
    """Return how often the strategy with fewest victims beats the next; the baseline is above."""
    found = rivals(facts)
    if found is None or not found.gap.size or facts.baseline in (found.first, found.second):
        return []
    say = facts.language
    worlds = Worlds.PLAUSIBLE if found.sets else Worlds.SIMULATED
    often = Frequency(int((found.gap > 0).sum()), int(found.gap.size), worlds)
    said = say.translate(
        "{first} against {second}: {often}.",
        first=say.capital(facts.called(found.first)),
        second=facts.called(found.second),
        often=certain(often, say),
    )
    where = say.translate(
        "What would have to be true for {other} to win stands in the chapter {chapter}.",
        other=facts.called(found.second),
        chapter=say.quoted(say.translate("Three doubts")),
    )
    return [Text(said, "lead"), Text(where)]


def _others_are(facts: Facts) -> str:
    say = facts.language
    return say.translate(
        "The first {k} are shown here and in most figures; {chapter} has all.",
        k=FEW,
        chapter=say.quoted(say.translate("Every strategy against every other")),
    )


def _choice(facts: Facts) -> str:
    say = facts.language
    names = [facts.called(name) for name in facts.others]
    return say.translate(
        "The town {town} has {people} residents in {n} neighbourhoods. Its police can go on with "
        "{baseline}, or change to {others}. What would be different after {time}?",
        town=say.quoted(say.capital(facts.town)),
        people=round(facts.people),
        n=len(facts.first.ids),
        baseline=facts.called(facts.baseline),
        others=_or(facts, names),
        time=facts.time(facts.years),
    )


def _or(facts: Facts, names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    first = ", ".join(names[:-1])
    return facts.language.translate("{first} or {last}", first=first, last=names[-1])


def _options(facts: Facts) -> list[Block]:
    """Return what each strategy is, in its own words."""
    say = facts.language
    terms = []
    for name in facts.names[: FEW + 1]:
        text = strategy_description(str(facts.settings(name).get("description") or ""), say)
        terms.append((say.capital(facts.called(name)), text))
    return [Listed(terms=[pair for pair in terms if pair[1]])] if any(x[1] for x in terms) else []


def _in_numbers(facts: Facts, strategy: str) -> str:
    say, found = facts.language, facts.row(strategy).found
    return say.translate(
        "In the last year there are {mine} victims of crime per 1,000 residents of 15 or older, "
        "against {base} under {baseline}.",
        mine=say.number(found.mean, 0),
        base=say.number(found.baseline_mean, 0),
        baseline=facts.called(facts.baseline),
    )


# ---- three caveats


def caveats(facts: Facts) -> list[str]:
    """Return the three things to know first: of what is doubtful, the most important."""
    say = facts.language
    first = say.translate(
        "A simulation shows what follows from its assumptions, and is no forecast: {assumed} of "
        "the {all} numbers that describe people and their town are judgements that no study has "
        "measured.",
        assumed=known_share().assumed,
        all=known_share().every,
    )
    return [first, _of_parameters(facts), _of_this(facts)]


def _of_parameters(facts: Facts) -> str:
    """Return what is said of parameters that the evidence leaves open."""
    say, found = facts.language, facts.comparison.over_sets
    if found is None:
        return say.translate(
            "The evidence leaves many of these numbers open. How far that could move the result is "
            "not shown: every run here has the same numbers."
        )
    told = []
    for name in facts.others[:FEW]:
        spread = facts.spread(name)
        if spread is not None:
            ends = say.to(facts.signed(spread.low), facts.signed(spread.high))
            told.append(f"{facts.called(name)} {ends}")
    return say.translate(
        "Depending on numbers that the evidence leaves open, the change in victims is: {ranges}.",
        ranges="; ".join(told),
    )


def _of_this(facts: Facts) -> str:
    """Return the greatest doubt that is this comparison's own."""
    say, n = facts.language, facts.comparison.n
    used = efforts(facts.comparison)
    if unequal(used):
        return say.translate(
            "The strategies do not use the same hours or money, so part of each difference comes "
            "from how much was done, not from how it was done (see {chapter}).",
            chapter=say.quoted(say.translate("Hours and money a year")),
        )
    drifts = drift_in_words(facts.comparison.drifts(), facts.baseline)
    if drifts:
        return say.translate(
            "Under {baseline} alone the town changes by itself, so that a later year differs from "
            "an earlier one whatever is done.",
            baseline=facts.called(facts.baseline),
        )
    if n < FEW_TOWNS:
        return say.plural(
            "Only {number} town was simulated: what is rare is not seen, and small differences "
            "cannot be told from chance.",
            "Only {number} towns were simulated: what is rare is not seen, and small differences "
            "cannot be told from chance.",
            n,
        )
    return say.translate(
        "What is not in the model cannot show in any run (see {chapter}).",
        chapter=say.quoted(say.translate("Three doubts")),
    )


# ---- fifty dots


def fifty(values: Floats) -> Floats:
    """Return fifty values that stand for all, (50,), in order: the quantiles at 1%, 3%, ... 99%.

    Each is a value that was simulated: none is made up between two of them.
    """
    shares = (np.arange(DOTS) + 0.5) / DOTS
    return np.asarray(np.quantile(values, shares, method="inverted_cdf"))


def dots_figure(facts: Facts) -> Figure:
    """Return fifty dots for each strategy, each a fiftieth of the towns that were simulated."""
    say = facts.language
    each = {name: facts.changes(name) for name in facts.others[:FEW]}
    shown = {name: fifty(values) for name, values in each.items() if values.size}
    columns = [
        Column("strategy", say.translate("strategy")),
        Column("dot", say.translate("dot"), write=say.number),
        Column("percent", facts.title(HARM), "percent of the baseline", facts.signed),
    ]
    rows = [(name, k + 1, float(x)) for name, xs in shown.items() for k, x in enumerate(xs)]
    better = {name: int((xs < 0).sum()) for name, xs in shown.items()}
    told = [
        say.translate("{n} of {all} dots under {name}", n=k, all=DOTS, name=facts.called(name))
        for name, k in better.items()
    ]
    title = say.translate("Fewer victims: {dots}", dots=say.listed(told))
    caption = say.translate("Change in victims against {x}", x=facts.called(facts.baseline))
    sheet = Sheet("fifty-dots", caption, columns, rows, is_long=True)
    return Figure(title, sheet, _dots_chart(facts, sheet, title), [_what_dots_are(facts)])


def _what_dots_are(facts: Facts) -> str:
    say = facts.language
    found = facts.frequency(facts.others[0])
    if found.worlds is Worlds.PLAUSIBLE:
        text = mark(
            "Each dot stands for 2% of {n} plausible towns: versions of the town whose numbers all "
            "agree with the evidence. Left of the line: fewer victims than under {baseline}."
        )
    else:
        text = mark(
            "Each dot stands for 2% of {n} simulated towns, which differ by chance alone. Left of "
            "the line: fewer victims than under {baseline}."
        )
    return say.translate(text, n=found.n, baseline=facts.called(facts.baseline))


def _dots_chart(facts: Facts, sheet: Sheet, label: str) -> Chart:
    names = list(dict.fromkeys(sheet.values("strategy")))
    percents = np.array(sheet.values("percent"))
    reach = max(abs(float(percents.min())), abs(float(percents.max()))) or 1.0
    low, high = min(-0.2 * reach, float(percents.min())), max(0.2 * reach, float(percents.max()))
    ticks = nice_ticks(low, high, 6)
    tall = TALL if len(names) <= ROOMY else LOW
    chart = Chart.of(tall * len(names) + 40, label)
    chart.x = Axis(ticks[0], ticks[-1], LEFT, RIGHT)
    bottom = tall * len(names) + 4
    chart.across(ticks, facts.signed, top=0, bottom=bottom)
    for number, name in enumerate(names):
        rows = [k for k, x in enumerate(sheet.values("strategy")) if x == name]
        _pile(chart, rows, percents[rows], foot=tall * (number + 1), high=tall - 26)
        chart.say(LEFT, tall * number + 13, facts.called(name), font_weight="bold")
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
