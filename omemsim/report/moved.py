"""Whether crime was prevented or only moved, and every strategy against every other."""

from __future__ import annotations

import math
from typing import NamedTuple

from omemsim.figures.ink import BETTER, WORSE
from omemsim.figures.page import INK, PALE
from omemsim.language import mark
from omemsim.language.sentences import Frequency, certainty_word
from omemsim.report.chart import Axis, Chart
from omemsim.report.facts import FEW, HARM, Facts
from omemsim.report.parts import Block, Column, Figure, Sheet
from omemsim.report.rows import Bar, Rows, by_sign, rows_chart
from omemsim.study.statistics import paired_difference
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

__all__ = ["each_pair", "is_left_open", "moved"]

OPEN = ("likely", "about as likely as not", "unlikely")  # neither is very likely to be better
MOST_DRAWN = 24  # pairs that have room on a page of paper
NEAR_BY = "#e0a06a"  # between the colours of better and worse
ATTEMPTS = ("blocked", "displaced", "displaced_away", "diffused")


# ---- moved or prevented


class Moved(NamedTuple):
    """What became of attempts under a strategy, a year; ``moved`` is a share of those stopped."""

    strategy: str
    blocked: float
    near: float
    away: float
    diffused: float
    moved: float | None


def moved(facts: Facts) -> list[Block]:
    """Return what became of attempts that were stopped; nothing where that was not recorded."""
    if not facts.is_recorded(*ATTEMPTS):
        return []
    say = facts.language
    unit = "a year"
    columns = [
        Column("strategy", say.translate("strategy")),
        Column("blocked", say.translate("attempts stopped"), unit, facts.whole),
        Column(
            "near", say.translate("of these, moved within the neighbourhood"), unit, facts.whole
        ),
        Column("away", say.translate("moved to another neighbourhood"), unit, facts.whole),
        Column("diffused", say.translate("stopped near by as well"), unit, facts.whole),
        Column("moved", say.translate("moved, in percent"), "share of those stopped", say.share),
    ]
    rows = []
    for name in facts.names[: FEW + 1]:
        year = WEEKS_PER_YEAR * facts.scale
        blocked, displaced, away, spared = (facts.mean(name, x) * year for x in ATTEMPTS)
        share = displaced / blocked if blocked > 0 else None
        rows.append(Moved(facts.called(name), blocked, displaced - away, away, spared, share))
    most = max(rows, key=lambda row: row.moved or 0.0)
    title = say.translate(
        "Most crime that is stopped at a place is prevented, and some moves: {share} under {x}",
        share=say.share(most.moved or 0.0),
        x=most.strategy,
    )
    if (most.moved or 0.0) > 0.5:
        title = say.translate(
            "Most crime that is stopped at a place moves: {share} under {x}",
            share=say.share(most.moved or 0.0),
            x=most.strategy,
        )
    caption = say.translate("What happens to attempts that visits, projects and design stop")
    sheet = Sheet("moved", caption, columns, rows)
    return [Figure(title, sheet, _moved_chart(facts, sheet, title), [_what_moved_is(facts)])]


def _what_moved_is(facts: Facts) -> str:
    return facts.language.translate(
        "In the last year, of the whole town. Counted are attempts that what police and projects "
        "do at a place stops; crime that is prevented through people (trust, support, growing up) "
        "moves nowhere and is not in this table."
    )


def _moved_chart(facts: Facts, sheet: Sheet, label: str) -> Chart:
    """Draw for each strategy what was prevented, moved near by and moved away, as one bar."""
    say = facts.language
    blocked = sheet.values("blocked")
    chart = Chart.of(46 * len(sheet.rows) + 30, label)
    chart.x = Axis(0.0, max(*blocked, 1e-9), 4, 396)
    for row, name in enumerate(sheet.values("strategy")):
        top = 46 * row
        total, near, away = (sheet.values(key)[row] for key in ("blocked", "near", "away"))
        chart.say(4, top + 13, name)
        chart.say(396, top + 13, facts.whole(total), text_anchor="end")
        start = 0.0
        parts = (
            (total - near - away, BETTER, "prevented"),
            (near, NEAR_BY, "near"),
            (away, WORSE, "away"),
        )
        for size, fill, key in parts:
            left, right = chart.x.at(start), chart.x.at(start + max(size, 0.0))
            chart.bar(
                left, top + 18, right - left, 18, fill=fill, stroke=INK, stroke_width=".6",
                data_row=str(row), data_part=key,
            )  # fmt: skip
            start += max(size, 0.0)
    foot = 46 * len(sheet.rows) + 14
    keys = (
        (BETTER, mark("prevented")),
        (NEAR_BY, mark("moved near by")),
        (WORSE, mark("moved away")),
    )
    for place, (fill, text) in zip((4, 130, 280), keys, strict=True):
        chart.bar(place, foot - 9, 11, 11, fill=fill, stroke=INK, stroke_width=".6")
        chart.say(place + 16, foot + 1, say.translate(text), fill=PALE)
    return chart


# ---- every strategy against every other


def each_pair(facts: Facts) -> Figure:
    """Return the difference in victims of every strategy from every other."""
    say = facts.language
    columns = [
        Column("strategy", say.translate("strategy")),
        Column("other", say.translate("against")),
        Column("better", say.translate("fewer victims in")),
        Column("percent", say.translate("change in victims"), "percent of the other", facts.signed),
        Column("low", say.translate("95% interval from"), "percent of the other", facts.signed),
        Column("high", say.translate("to"), "percent of the other", facts.signed),
        Column("sets", say.translate("fewer in plausible towns")),
    ]
    names = facts.names
    rows = [_pair(facts, a, b) for k, b in enumerate(names) for a in names[k + 1 :]]
    clear = sum(row.high < 0 or row.low > 0 for row in rows)
    title = say.translate(
        "Chance alone does not explain the difference in {k} of {n} pairs of strategies",
        k=clear,
        n=len(rows),
    )
    unsure = [f"{row.strategy} – {row.other}" for row in rows if row.is_open]
    if unsure:
        left = say.translate(
            "the evidence leaves open which is better: {pairs}", pairs=", ".join(unsure)
        )
        title = f"{title}; {left}"
    caption = say.translate("Victims under each strategy against each other")
    sheet = Sheet("pairs", caption, columns, [row[: len(columns)] for row in rows])
    shown = [f"{row.strategy} – {row.other}" for row in rows]
    how = Rows(
        shown, "percent", facts.signed, [Bar("low", "high", INK, 2.5)], by_sign("lower"),
        under=say.translate("change in victims, percent of the second"),
    )  # fmt: skip
    note = say.translate(
        "Of many intervals, about one in twenty misses 0 by chance alone although nothing differs. "
        "The words of the first page allow for that."
    )
    if facts.comparison.over_sets is not None:
        evidence = say.translate(
            "The intervals are of chance alone, at one set of parameters. What the evidence leaves "
            "open is in the last column: in how many plausible towns the first has fewer victims."
        )
        note = f"{note} {evidence}"
    chart = rows_chart(sheet, how, title) if len(rows) <= MOST_DRAWN else None
    return Figure(title, sheet, chart, [note])


class Pair(NamedTuple):
    """Victims under a strategy against another, in percent of the other's mean."""

    strategy: str
    other: str
    better: str
    percent: float
    low: float
    high: float
    sets: str
    is_open: bool


def _pair(facts: Facts, one: str, other: str) -> Pair:
    both = facts.pairs(one, other)
    mine, base = (facts.values(x, HARM, both) for x in (one, other))
    found = paired_difference(mine, base)
    part = 100 / found.baseline_mean if found.baseline_mean else math.nan
    wins = _of(facts, int((mine < base).sum()), len(both))
    ends = found.difference * part, found.low * part, found.high * part
    often = facts.over_sets(one, other)
    sets = "" if often is None else _of(facts, often.wins, often.n)
    is_open = often is not None and is_left_open(often)
    return Pair(facts.called(one), facts.called(other), wins, *ends, sets, is_open)


def is_left_open(found: Frequency) -> bool:
    """Return whether some plausible towns, and not only very few, say the opposite of others."""
    return 0 < found.wins < found.n and certainty_word(found.wins, found.n) in OPEN


def _of(facts: Facts, wins: int, n: int) -> str:
    return facts.language.translate("{wins} of {n}", wins=wins, n=n)
