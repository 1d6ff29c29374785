"""What each strategy does, a row for each tactic and fund, and what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from omemsim.analysis.assumptions import PREFIX, Entry
from omemsim.figures.ink import BETTER
from omemsim.figures.page import PALE
from omemsim.language import mark
from omemsim.language.names import tactic_name, zone_name
from omemsim.report.assumptions import influence_study, of_paths
from omemsim.report.chart import FAINT, Axis, Chart, nice_ticks
from omemsim.report.facts import Facts
from omemsim.report.parts import Block, Chapter, Column, Figure, Parts, Sheet, Text
from omemsim.report.tactic_evidence import FUNDS, OWN, QUALITY, TACTICS, Known, Quality
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Tactic

__all__ = ["Used", "tactics", "used_tactics"]

LEAST = 1e-6  # hours a year: less is none
STATUS = {
    "assumed": mark("assumed"),
    "derived": mark("derived from a source"),
    "measured": mark("measured"),
    "chosen": mark("chosen"),
}
# From the worst known to the best: where it stands on the drawing.
STANDING = ("assumed", "derived", "measured")
FUND_NAMES = {
    "social_development": mark("social development"),
    "situational_prevention": mark("situational prevention"),
    "situation_table": mark("Situation Tables"),
    "co_response": mark("health teams at calls"),
}


@dataclass(frozen=True)
class Used:
    """A tactic that a strategy uses, or a fund that it pays.

    Attributes
    ----------
    key, name : as files and people call it.
    known : what the evidence says of it.
    by : each strategy that uses it, with its hours or money a year.
    is_money : whether it is a fund.
    """

    key: str
    name: str
    known: Known
    by: dict[str, float]
    is_money: bool = False


def tactics(facts: Facts) -> Chapter:
    """Return the chapter on what strategies do."""
    say = facts.language
    used = [*used_tactics(facts), *_used_funds(facts)]
    blocks: list[Block] = [
        Text(
            say.translate(
                "Each tactic that a strategy here uses, by the five questions that the College of "
                "Policing asks of a practice (EMMIE): effect, mechanism, for whom and where, what "
                "it takes, and cost. Effects are those of studies, and not results of this "
                "comparison: the model sets some of them as inputs, at places or people who are "
                "treated."
            )
        ),
        _emmie(facts, used),
        Parts(say.translate("What the tactics rest on")),
        *_resting(facts, used),
    ]
    return Chapter("tactics", say.translate("What each tactic does"), blocks)


def used_tactics(facts: Facts) -> list[Used]:
    """Return the tactics that any strategy spends hours on, those with most hours first."""
    keys = {**TACTICS, "own": OWN}
    found = []
    for key, known in keys.items():
        measure = f"hours_{key}"
        if not facts.is_recorded(measure):
            continue
        hours = {
            name: facts.mean(name, measure) * WEEKS_PER_YEAR * facts.scale for name in facts.names
        }
        by = {name: x for name, x in hours.items() if x > LEAST}
        if by:
            found.append(Used(key, _name_of(facts, key), known, by))
    return sorted(found, key=lambda one: -max(one.by.values()))


def _name_of(facts: Facts, key: str) -> str:
    if key == "own":
        return facts.language.translate("tactics of the user’s own")
    return tactic_name(key, facts.language)


def _used_funds(facts: Facts) -> Iterator[Used]:
    """Yield the funds that any strategy pays, with the money of its budget a year."""
    settings = {name: facts.settings(name) for name in facts.names}
    for key, known in FUNDS.items():
        by = {
            name: float((one.get("spend") or {}).get(key, 0.0)) * float(one.get("money") or 0.0)
            for name, one in settings.items()
        }
        paid = {name: x * facts.people for name, x in by.items() if x > 0}
        if paid:
            called = facts.language.translate(FUND_NAMES[key])
            yield Used(key, called, known, paid, is_money=True)


def _emmie(facts: Facts, used: list[Used]) -> Figure:
    say = facts.language
    price = _price_of_hour(facts)
    columns = [
        Column("tactic", say.translate("tactic")),
        Column("zone", say.translate("zone")),
        Column("effect", say.translate("effect")),
        Column("how", say.translate("how it works")),
        Column("where", say.translate("for whom and where")),
        Column("takes", say.translate("what it takes")),
        Column("cost", say.translate("cost a year here")),
        Column("quality", say.translate("evidence")),
    ]
    rows = []
    for one in used:
        known = one.known
        said = (say.translate(text) for text in (known.effect, known.how, known.where, known.takes))
        quality = f"{say.translate(QUALITY[known.quality])} ({say.translate(known.source)})"
        rows.append((one.name, _zone(facts, one), *said, _cost(facts, one, price), quality))
    good = sum(one.known.quality is Quality.GOOD for one in used)
    title = say.translate(
        "Good evidence stands behind {good} of the {n} things that are done here",
        good=good,
        n=len(used),
    )
    notes = []
    if price is not None:
        notes.append(
            say.translate(
                "Hours are patrol hours a year; an hour costs {price}, an officer’s all-in cost "
                "over the hours of a year. The police are paid whatever they do.",
                price=say.money(price),
            )
        )
    return Figure(
        title,
        Sheet("tactics-in-use", say.translate("Tactics in use"), columns, rows, is_prose=True),
        None,
        notes,
    )


def _zone(facts: Facts, one: Used) -> str:
    is_tactic = one.key in TACTICS
    zone = Tactic[one.key.upper()].use.zone if is_tactic else None
    return "" if zone is None else zone_name(zone, facts.language)


def _price_of_hour(facts: Facts) -> float | None:
    """Return what an officer's hour costs in CAD, None if the runs do not say."""
    given: dict[str, Any] = facts.config.get("parameters") or {}
    try:
        return float(given["account"]["officer"]) / float(given["respond"]["hours_per_year"])
    except KeyError:
        return None


def _cost(facts: Facts, one: Used, price: float | None) -> str:
    """Return hours and money of each strategy that uses it, in words."""
    say = facts.language
    told = []
    for name, amount in one.by.items():
        if one.is_money:
            said = say.translate("{money} set aside", money=say.money(amount))
        elif price is None:
            said = say.translate("{hours} hours", hours=facts.whole(amount))
        else:
            hours, money = facts.whole(amount), say.money(amount * price)
            said = say.translate("{hours} hours, {money}", hours=hours, money=money)
        told.append(say.translate("{x}: {said}", x=facts.called(name), said=said))
    return "; ".join(told)


# ---- what the tactics rest on


def _resting(facts: Facts, used: list[Used]) -> list[Block]:
    say = facts.language
    users: dict[str, list[str]] = {}
    for one in used:
        for path in one.known.rests_on:
            users.setdefault(path, []).append(one.name)
    every = sorted(of_paths(tuple(users)), key=lambda one: -one.share)
    columns = [
        Column("parameter", say.translate("parameter")),
        Column("what", say.translate("what it is"), code="en"),
        Column("used", say.translate("used by")),
        Column("status", say.translate("how well it is known")),
        Column("influence", say.translate("influence"), "share of the largest", say.share),
    ]
    rows = [_resting_row(facts, one, users) for one in every]
    assumed = sum(one.status == "assumed" for one in every)
    title = say.translate(
        "{assumed} of {n} numbers that the tactics rest on are judgements",
        assumed=assumed,
        n=len(rows),
    )
    caption = say.translate("Assumptions by how well they are known and how much they matter")
    sheet = Sheet("assumptions", caption, columns, rows, is_long=True)
    study = influence_study()
    note = say.translate(
        "Influence: how far a number moves the difference in “{measure}” between {strategy} and "
        "{baseline}, in the study that comes with the package, as a share of the most influential "
        "of all; another question would give another order. Empty: not varied.",
        measure=facts.title(study.outcome),
        strategy=facts.called(study.strategy),
        baseline=facts.called(study.baseline),
    )
    return [Figure(title, sheet, _standing_chart(facts, every, sheet, title), [note])]


def _resting_row(facts: Facts, one: Entry, users: dict[str, list[str]]) -> tuple[object, ...]:
    say, path = facts.language, one.item.path.removeprefix(PREFIX)
    share = one.influence.share if one.influence else None
    return path, one.item.doc, say.listed(users[path]), say.translate(STATUS[one.status]), share


def _standing_chart(facts: Facts, every: list[Entry], sheet: Sheet, label: str) -> Chart:
    """Draw each number by how well it is known (rows) and its influence (across)."""
    say = facts.language
    chart = Chart.of(300, label)
    shown = [
        (row, one)
        for row, one in enumerate(every)
        if one.status in STANDING and sheet.values("influence")[row] is not None
    ]
    ticks = nice_ticks(0.0, max((one.share for _, one in shown), default=1.0))
    chart.x = Axis(0.0, ticks[-1], 100, 380)
    chart.across(ticks, say.share, top=8, bottom=262)
    places = [(one.status, round(chart.x.at(one.share) / 8)) for _, one in shown]
    step = min(7.5, 72 / max(Counter(places).values(), default=1))  # the highest pile has room
    stack: Counter[tuple[str, int]] = Counter()
    for (row, one), place in zip(shown, places, strict=True):
        y = 84 * (STANDING.index(one.status) + 1) - 5 - step * stack[place]
        stack[place] += 1
        chart.circle(
            chart.x.at(one.share), y, radius=3.5, fill=BETTER, stroke="#fff", stroke_width=".6",
            data_row=str(row), data_x="influence",
        )  # fmt: skip
    for number, status in enumerate(STANDING):
        foot = 84 * (number + 1) + 3
        chart.line((0, foot), (390, foot), stroke=FAINT)
        chart.wrapped(2, foot - 24, say.translate(STATUS[status]), letters=15)
    chart.say(
        240, 294, say.translate("influence on the difference"), text_anchor="middle", fill=PALE
    )
    return chart
