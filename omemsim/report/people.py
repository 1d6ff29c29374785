"""Who gains and who loses: neighbourhoods by name, worst and best fifths, moved or prevented."""

from __future__ import annotations

import math

import numpy as np

from omemsim.language import mark
from omemsim.report.chart import FAINT
from omemsim.report.facts import FEW, Facts
from omemsim.report.gains import Gains, direction, fifth_of, gains_of
from omemsim.report.moved import each_pair, moved
from omemsim.report.parts import Block, Chapter, Column, Figure, Parts, Sheet, Text
from omemsim.report.rows import Bar, Rows, by_sign, rows_chart
from omemsim.report.tactics import used_tactics

__all__ = ["people"]

SURE = 7 / 8  # of simulated towns, from which on a neighbourhood gains in nearly all: a judgement
FEWEST_TOWNS = 4  # of which "nearly all" is said
MOST_DRAWN = 16  # neighbourhoods in one drawing; of more, those that gain and lose most


def people(facts: Facts) -> Chapter:
    """Return the chapter on who gains and who loses."""
    say = facts.language
    blocks: list[Block] = [
        Text(
            say.translate(
                "A mean over a town can hide that some gain and others lose. Here is each "
                "neighbourhood, the worst off beside the best off, and whether crime was prevented "
                "or only moved."
            )
        )
    ]
    for name in facts.others[:FEW]:
        blocks.append(_by_name(facts, name))
    if len(facts.first.ids) > 1:
        blocks.append(_fifths(facts))
    blocks += [
        *_who_is_stopped(facts),
        *moved(facts),
        Parts(say.translate("Every strategy against every other")),
    ]
    blocks.append(each_pair(facts))
    return Chapter("people", say.translate("Who gains and who loses"), blocks)


def _who_is_stopped(facts: Facts) -> list[Block]:
    """Return who bears targeted enforcement, and how much of it each strategy does."""
    say = facts.language
    hours = {one.key: one.by for one in used_tactics(facts)}.get("targeted_enforcement")
    if not hours:
        return []
    told = [
        say.translate("{hours} hours under {x}", hours=facts.whole(amount), x=facts.called(name))
        for name, amount in hours.items()
    ]
    text = say.translate(
        "Who is stopped: targeted enforcement, {told} a year, stops young and racialized "
        "residents most, and each stop can cost trust. So these residents may lose where all gain "
        "on average.",
        told=say.listed(told),
    )
    return [Text(text)]


# ---- neighbourhoods by name


def _by_name(facts: Facts, strategy: str) -> Figure:
    say, found = facts.language, gains_of(facts, strategy)
    unit = "per 1,000 residents 15+ a year"
    columns = [
        Column("neighbourhood", say.translate("neighbourhood")),
        Column("better", say.translate("chance of fewer victims"), "simulated towns"),
        Column("share", say.translate("in percent"), "share of simulated towns", say.share),
        Column("change", say.translate("change in victims per 1,000"), unit, facts.more),
        Column("base", facts.called(facts.baseline), unit, facts.figures),
    ]
    order = np.argsort(found.change, kind="stable")
    rows = [
        (
            facts.first.names[k],
            say.translate("{wins} of {n}", wins=int(found.better[k]), n=found.n),
            float(found.better[k] / found.n),
            float(found.change[k]),
            float(found.base[k]),
        )
        for k in order
    ]
    called = facts.called(strategy)
    caption = say.translate("Victims by neighbourhood under {x}, last year", x=called)
    sheet = Sheet(
        f"neighbourhoods-{strategy.replace('_', '-')}", caption, columns, rows, is_long=True
    )
    title = _title_by_name(facts, called, found)
    drawn, note = _drawn(facts, sheet)
    how = Rows(
        drawn.values("neighbourhood"), "change", facts.more, fill=by_sign("lower"),
        bars=[Bar("", "change", FAINT, 3)], said=drawn.values("better"),
        under=say.translate("change in victims per 1,000 residents of 15 or older"),
    )  # fmt: skip
    reading = say.translate(
        "On the right: in how many simulated towns the neighbourhood has fewer victims than under "
        "{baseline}.",
        baseline=facts.called(facts.baseline),
    )
    notes = [" ".join(filter(None, [reading, note])), *_of_visitors(facts)]
    return Figure(title, sheet, rows_chart(drawn, how, title), notes)


def _title_by_name(facts: Facts, called: str, found: Gains) -> str:
    """Return in how many neighbourhoods victims are fewer, and in how many nearly always."""
    say, ways = facts.language, direction(found.change)
    start = say.translate(
        "{strategy}: on average fewer victims in {fewer} of {n} neighbourhoods, as many in {same}, "
        "more in {more}",
        strategy=say.capital(called),
        fewer=ways.fewer,
        n=found.change.size,
        same=ways.same,
        more=ways.more,
    )
    if found.n < FEWEST_TOWNS:
        return start
    least = math.ceil(SURE * found.n)
    sure = say.translate(
        "fewer in at least {least} of {towns} simulated towns: {sure} neighbourhoods",
        least=least,
        towns=found.n,
        sure=int((found.better >= least).sum()),
    )
    return f"{start}; {sure}"


def _of_visitors(facts: Facts) -> list[str]:
    """Return what a rate per resident hides; the town of a table has real centres."""
    if not facts.table:
        return []
    return [
        facts.language.translate(
            "Rates are per resident: where many people visit or work, as downtown, they are high "
            "because of crime that visitors bring, and are not the risk of those who live there."
        )
    ]


def _drawn(facts: Facts, sheet: Sheet) -> tuple[Sheet, str]:
    """Return the part of a long table that is drawn, its first and last rows, and what is said."""
    if len(sheet.rows) <= MOST_DRAWN:
        return sheet, ""
    half = MOST_DRAWN // 2
    rows = [*sheet.rows[:half], *sheet.rows[-half:]]
    say = facts.language
    note = say.translate(
        "Shown are the {k} that gain most and the {k} that gain least or lose; the table has all.",
        k=half,
    )
    return Sheet(sheet.name, sheet.caption, sheet.columns, rows), note


# ---- fifths


def _fifths(facts: Facts) -> Figure:
    """Return the change in the fifth of neighbourhoods with most harm, and in that with least."""
    say = facts.language
    unit = "per 1,000 residents 15+ a year"
    columns = [
        Column("group", say.translate("neighbourhoods")),
        Column("base", facts.called(facts.baseline), unit, facts.figures),
        Column("change", say.translate("change"), unit, facts.more),
        Column(
            "percent", say.translate("change in percent"), "percent of the baseline", facts.signed
        ),
    ]
    rows, closes = [], []
    for name in facts.others[:FEW]:
        found = gains_of(facts, name)
        each = {}
        for is_worst, title in ((True, mark("{x}: worst fifth")), (False, mark("{x}: best fifth"))):
            one = fifth_of(facts, found, is_worst=is_worst)
            each[is_worst] = one.changes
            said = say.translate(title, x=facts.called(name))
            rows.append((said, one.base, one.change, one.percent))
        wins = int((each[True] < each[False]).sum())
        closes.append(
            say.translate(
                "{wins} of {n} towns under {x}", wins=wins, n=found.n, x=facts.called(name)
            )
        )
    title = say.translate(
        "The gap between worst and best off closes in {closes}", closes=say.listed(closes)
    )
    sheet = Sheet("fifths", say.translate("Victims in the worst and the best fifth"), columns, rows)
    how = Rows(
        sheet.values("group"), "change", facts.more, [Bar("", "change", FAINT, 3)],
        by_sign("lower"), under=say.translate("change in victims per 1,000 residents of 15 or "
            "older"),
    )  # fmt: skip
    note = say.translate(
        "Fifths of the neighbourhoods by victims in the first year under {baseline}, so that "
        "chance in the last year does not choose them.",
        baseline=facts.called(facts.baseline),
    )
    return Figure(title, sheet, rows_chart(sheet, how, title), [note])
