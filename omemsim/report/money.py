"""Hours and money a year: what is used, who pays, per victim avoided, what waiting means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from omemsim.figures.ink import BETTER
from omemsim.figures.page import INK, PALE
from omemsim.language import mark
from omemsim.report.chart import Axis, Chart
from omemsim.report.facts import Facts
from omemsim.report.parts import Block, Chapter, Column, Figure, Sheet, Text
from omemsim.report.waiting import waiting
from omemsim.study.contrasts import verdict
from omemsim.study.effort import PARTS, SPENT, Effort, efforts
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

__all__ = ["PAYERS", "avoided_by", "money", "paid_by"]

# What hours and money are used for; as `study.effort` counts them.
HOURS = {
    "patrol_calls": mark("calls"),
    "patrol_tactics": mark("tactics"),
    "patrol_overhead": mark("training, survey and Tables"),
    "patrol_idle": mark("idle"),
    "patrol_withdrawn": mark("taken away"),
}
PAYERS = {
    "money_police": mark("police"),
    "money_cases": mark("agencies’ cases"),
    "money_joint": mark("Situation Tables and health teams"),
    "money_projects": mark("projects at places and dwellings"),
}
FILLS = ("#3a3a3a", BETTER, "#c98a1b", "#e6e6e6", "#b9a3c9")
assert (HOURS.keys(), PAYERS.keys()) == (PARTS.keys(), SPENT.keys())


def money(facts: Facts) -> Chapter:
    """Return the chapter on hours and money."""
    say = facts.language
    used = efforts(facts.comparison)
    title = say.translate("Hours and money a year")
    if not used:
        text = say.translate("Hours and money were not recorded in these runs.")
        return Chapter("money", title, [Text(text)])
    intro = say.translate(
        "Means over the last year, for the whole town. What something costs stands beside what it "
        "does and is never traded against it: what one victim fewer is worth is for those who "
        "decide to say."
    )
    blocks: list[Block] = [Text(intro), _hours(facts, used), _payers(facts, used)]
    blocks += [*_bill(facts), *_per_victim(facts, used), *waiting(facts)]
    return Chapter("money", title, blocks)


def _hours(facts: Facts, used: Sequence[Effort]) -> Figure:
    say = facts.language
    columns = [Column("strategy", say.translate("strategy"))]
    columns += [
        Column(key, say.translate(text), "patrol hours a year", facts.whole)
        for key, text in HOURS.items()
    ]
    columns.append(Column("offered", say.translate("in all"), "patrol hours a year", facts.whole))
    year = WEEKS_PER_YEAR * facts.scale
    rows = [
        (facts.called(x.strategy), *(x.hours[key] * year for key in HOURS), x.offered * year)
        for x in used
    ]
    shares = say.listed(
        [
            f"{say.share(x.share(x.hours['patrol_calls']))} ({facts.called(x.strategy)})"
            for x in used
        ]
    )
    title = say.translate("Calls take {shares} of patrol time", shares=shares)
    sheet = Sheet("hours", say.translate("What patrol hours are used for"), columns, rows)
    return Figure(title, sheet, _stacked(facts, sheet, list(HOURS), list(HOURS.values()), title))


def paid_by(facts: Facts, used: Sequence[Effort]) -> Sheet:
    """Return who pays how much a year, in CAD, a row a strategy.

    Parameters
    ----------
    facts : of the comparison.
    used : what each strategy used.
    """
    say = facts.language
    columns = [Column("strategy", say.translate("strategy"))]
    columns += [
        Column(key, say.translate(text), "CAD a year", say.money) for key, text in PAYERS.items()
    ]
    columns.append(Column("spent", say.translate("in all"), "CAD a year", say.money))
    year = WEEKS_PER_YEAR * facts.scale
    rows = [
        (facts.called(x.strategy), *(x.money[key] * year for key in PAYERS), x.spent * year)
        for x in used
    ]
    return Sheet(
        "payers", say.translate("What money goes to, Canadian dollars a year"), columns, rows
    )


def _payers(facts: Facts, used: Sequence[Effort]) -> Figure:
    say, sheet = facts.language, paid_by(facts, used)
    spent = sheet.values("spent")
    told = []
    for name, mine in zip(sheet.values("strategy")[1:], spent[1:], strict=True):
        gap = mine - spent[0]
        more, less = mark("{amount} more under {x}"), mark("{amount} less under {x}")
        told.append(say.translate(more if gap >= 0 else less, amount=say.money(abs(gap)), x=name))
    title = say.translate("A year costs {told}", told=say.listed(told))
    notes = [
        say.translate(
            "The police cost the same whatever their hours are used for: sworn officers at their "
            "full cost. Agencies are paid for the people they serve, and Situation Tables for "
            "those they discuss: places that stay empty are not counted. Whose budget pays for "
            "agencies and projects (province, municipality, donors) is not in the model."
        )
    ]
    chart = _stacked(facts, sheet, list(PAYERS), list(PAYERS.values()), title)
    return Figure(title, sheet, chart, notes)


def _stacked(
    facts: Facts, sheet: Sheet, keys: Sequence[str], titles: Sequence[str], label: str
) -> Chart:
    """Draw a bar for each row, its parts beside each other; parts too small to see are left out."""
    say = facts.language
    # What is written as 0 everywhere has no colour.
    shown = [key for key in keys if any(round(x) for x in sheet.values(key))]
    foot = 44 * len(sheet.rows) + 8
    most = max(sum(sheet.values(key)[row] for key in keys) for row in range(len(sheet.rows)))
    chart = Chart.of(foot + 17 * len(shown) + 4, label)
    chart.x = Axis(0.0, max(most, 1e-9), 4, 396)
    for row, name in enumerate(sheet.values(sheet.columns[0].key)):
        top, start = 44 * row, 0.0
        chart.say(4, top + 13, name)
        for key, fill in zip(keys, FILLS, strict=False):
            if key not in shown:
                continue
            size = sheet.values(key)[row]
            left, right = chart.x.at(start), chart.x.at(start + size)
            chart.bar(
                left, top + 19, right - left, 18, fill=fill, stroke=INK, stroke_width=".6",
                data_row=str(row), data_part=key,
            )  # fmt: skip
            start += size
        total = sheet.columns[-1].text(sheet.rows[row][-1])
        chart.say(396, top + 13, total, text_anchor="end")
    each = [x for x in zip(keys, titles, FILLS, strict=False) if x[0] in shown]
    for place, (_, text, fill) in enumerate(each):
        y = foot + 17 * place
        chart.bar(4, y, 11, 11, fill=fill, stroke=INK, stroke_width=".6")
        chart.say(20, y + 10, say.translate(text), fill=PALE)
    return chart


# ---- the municipality's bill


def _bill(facts: Facts) -> list[Block]:
    if not facts.is_recorded("bill"):
        return []
    say = facts.language
    year = WEEKS_PER_YEAR * facts.scale
    bills = [(name, facts.mean(name, "bill") * year) for name in facts.names]
    base = bills[0][1]
    columns = [
        Column("strategy", say.translate("strategy")),
        Column("bill", say.translate("bill"), "CAD a year", say.money),
        Column("change", say.translate("change"), "percent of the baseline", facts.signed),
    ]
    rows = [
        (facts.called(name), x, None if k == 0 or not base else 100 * (x / base - 1))
        for k, (name, x) in enumerate(bills)
    ]
    told = [
        f"{facts.signed(100 * (x / base - 1))} ({facts.called(name)})"
        for name, x in bills[1:]
        if base
    ]
    title = say.translate("The municipality’s bill: {told}", told=say.listed(told))
    sheet = Sheet("bill", say.translate("What a municipality would be billed"), columns, rows)
    note = say.translate(
        "As the Ontario Provincial Police (OPP) bills: a base for each property, and hours on "
        "calls averaged over four years that end two years before. So most of a change of calls is "
        "not in it yet. The bill is another way to count what police cost, and comes not on top of "
        "the sums above."
    )
    return [Figure(title, sheet, None, [note])]


# ---- per victim avoided


@dataclass(frozen=True)
class Avoided:
    """Victims fewer and money more in a year than under the baseline."""

    victims: float
    low: float
    high: float
    money: float


class Price(NamedTuple):
    """Victims avoided in a year, their interval, money more, and money for each, NaN if none."""

    strategy: str
    avoided: float
    low: float
    high: float
    money: float
    each: float


def avoided_by(facts: Facts, strategy: str, used: Sequence[Effort]) -> Avoided:
    """Return what a strategy avoids and costs more in a year, in the real town.

    Parameters
    ----------
    facts : of the comparison.
    strategy : other than the baseline.
    used : what each strategy used, the baseline first.
    """
    found = facts.row(strategy).found
    people = facts.residents / 1000
    spent = {one.strategy: one.spent for one in used}
    extra = (spent[strategy] - spent[facts.baseline]) * WEEKS_PER_YEAR * facts.scale
    return Avoided(-found.difference * people, -found.high * people, -found.low * people, extra)


def _per_victim(facts: Facts, used: Sequence[Effort]) -> list[Block]:
    say = facts.language
    columns = [
        Column("strategy", say.translate("strategy")),
        Column("avoided", say.translate("victims avoided"), "a year", facts.whole),
        Column("low", say.translate("95% interval from"), "a year", facts.whole),
        Column("high", say.translate("to"), "a year", facts.whole),
        Column("money", say.translate("more money"), "CAD a year", say.money),
        Column("each", say.translate("per victim avoided"), "CAD", say.money),
    ]
    rows, told = [], []
    for name in facts.others:
        one = avoided_by(facts, name, used)
        is_sure = verdict(facts.row(name)) == "better"
        each = one.money / one.victims if is_sure and one.money > 0 else math.nan
        called = facts.called(name)
        rows.append(Price(called, one.victims, one.low, one.high, one.money, each))
        told.append(_price(facts, name, one, is_sure=is_sure))
    title = say.translate("Money per victim avoided: {told}", told="; ".join(told))
    caption = say.translate("Against {x}, in a year", x=facts.called(facts.baseline))
    return [Figure(title, Sheet("per-victim", caption, columns, rows), None, _why_not(facts, rows))]


def _price(facts: Facts, strategy: str, one: Avoided, *, is_sure: bool) -> str:
    say, called = facts.language, facts.called(strategy)
    if not is_sure:
        return say.translate("cannot be told for {x}", x=called)
    if one.money <= 0:
        return say.translate("{x} costs no more", x=called)
    return say.translate("{amount} for {x}", amount=say.money(one.money / one.victims), x=called)


def _why_not(facts: Facts, rows: Sequence[Price]) -> list[str]:
    if not any(math.isnan(row.each) for row in rows):
        return []
    return [
        facts.language.translate(
            "A price per victim is given only where fewer victims are clear and cost more. It is "
            "what these years cost: initiatives and early help act later, too."
        )
    ]
