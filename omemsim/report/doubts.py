"""How sure it is: three doubts, each apart, and what would have to be true for another to win."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from omemsim.figures.page import INK
from omemsim.language import mark
from omemsim.report.facts import Facts
from omemsim.report.parts import Block, Chapter, Column, Figure, Listed, Parts, Sheet, Text
from omemsim.report.rivals import other_wins
from omemsim.report.rows import WIDE_BAR, Bar, Rows, by_sign, rows_chart

__all__ = ["LEFT_OUT", "doubts"]

# What no run can show, since the model does not have it.
LEFT_OUT = (
    mark("How courts decide, what prison does to people, and what both cost."),
    mark("Organized crime, fraud and crime on the Internet."),
    mark(
        "Road deaths, missing persons and whatever else police work does that is not about crime."
    ),
    mark("Force used by the police, and harm they do beyond lost trust."),
    mark("Elections, laws, wages and prices: they stay as they are."),
    mark("People who move to the town, or leave it, because of its police."),
    mark(
        "Whether a service would do what it plans: only skill, belief and fatigue get in the "
        "way here."
    ),
)


def doubts(facts: Facts) -> Chapter:
    """Return the chapter on what is not known, and why."""
    say = facts.language
    blocks: list[Block] = [
        Text(
            say.translate(
                "Three kinds of doubt are kept apart, since each has another remedy. A small one "
                "says nothing of the others: a difference can be clear of chance and still be left "
                "open by the evidence."
            )
        ),
        Listed(terms=_kinds(facts)),
        _both(facts),
        Text(_mechanisms(facts), "pale"),
        Parts(say.translate("What is not in the model")),
        Listed([say.translate(text) for text in LEFT_OUT]),
        *other_wins(facts),
    ]
    return Chapter("doubts", say.translate("Three doubts"), blocks)


def _mechanisms(facts: Facts) -> str:
    command = f"omemsim ablate {facts.others[-1]} --against {facts.baseline}"
    return facts.language.translate(
        "Which parts of the model a difference rests on, such as the deterrence of visits or the "
        "effect of problem-solving, can be seen by those who have the program with {command}.",
        command=command,
    )


def _kinds(facts: Facts) -> list[tuple[str, str]]:
    say, found = facts.language, facts.comparison.over_sets
    parameters = say.translate(
        "Not shown here: all runs have the same parameters. With uncertainty=shipped, or a file "
        "of parameter sets, it is."
    )
    if found is not None:
        parameters = say.translate(
            "{sets} sets of parameters agree with the evidence; each ran in {towns} towns under "
            "every strategy. More runs do not narrow this doubt: better evidence would.",
            sets=len(found.sets),
            towns=found.towns,
        )
    return [
        (
            say.translate("Chance"),
            say.plural(
                "{number} simulated town, each strategy in it. More towns narrow this doubt.",
                "{number} simulated towns, each strategy in all of them. More towns narrow this "
                "doubt.",
                facts.comparison.n,
            ),
        ),
        (say.translate("Evidence"), parameters),
        (
            say.translate("The model itself"),
            say.translate("What is not in it cannot show in any run: see the list below."),
        ),
    ]


class Both(NamedTuple):
    """A strategy's interval over replicates and its range over parameter sets, in percent."""

    strategy: str
    percent: float
    low: float
    high: float
    towns: int
    sets_low: float | None
    sets_high: float | None
    sets: int

    @property
    def is_wider_over_sets(self) -> bool:
        """Return whether the range over sets is wider than the interval, or alone there."""
        if self.sets_low is None or self.sets_high is None:
            return False
        return not self.sets_high - self.sets_low <= self.high - self.low


def _both(facts: Facts) -> Figure:
    """Return the interval over replicates and the range over parameter sets, a row a strategy."""
    say, over = facts.language, facts.comparison.over_sets
    rows = []
    for name in facts.others:
        row = facts.row(name)
        spread = facts.spread(name)
        ends = (None, None, 0) if spread is None else (spread.low, spread.high, spread.sets)
        called = facts.called(name)
        rows.append(Both(called, row.percent, row.low, row.high, row.found.n, *ends))
    percent = "percent of the baseline"
    columns = [
        Column("strategy", say.translate("strategy")),
        Column("percent", say.translate("change"), percent, facts.signed),
        Column("low", say.translate("95% interval from"), percent, facts.signed),
        Column("high", say.translate("to"), percent, facts.signed),
        Column("towns", say.translate("towns"), "simulated towns", say.number),
        Column("sets_low", say.translate("range from"), percent, facts.signed),
        Column("sets_high", say.translate("to"), percent, facts.signed),
        Column("sets", say.translate("parameter sets"), "sets", say.number),
    ]
    caption = say.translate("Victims against {x}", x=facts.called(facts.baseline))
    sheet = Sheet("three-doubts", caption, columns, rows)
    title = _title_of_both(facts, rows)
    bars = [Bar("low", "high", INK, 2.5)]
    notes = [say.translate("Thin bar: chance (95% interval over simulated towns).")]
    if over is not None:
        bars.insert(0, Bar("sets_low", "sets_high", WIDE_BAR, 7))
        notes.append(say.translate("Wide bar: evidence (range over parameter sets)."))
    how = Rows(
        [row.strategy for row in rows], "percent", facts.signed, bars, by_sign("lower"),
        under=caption,
    )  # fmt: skip
    return Figure(title, sheet, rows_chart(sheet, how, title), [" ".join(notes)])


def _title_of_both(facts: Facts, rows: Sequence[Both]) -> str:
    say = facts.language
    if facts.comparison.over_sets is None:
        return say.translate(
            "Only what chance leaves open is shown, and not what the evidence leaves open"
        )
    wider = [row.strategy for row in rows if row.is_wider_over_sets]
    if wider:
        names = say.listed(wider)
        return say.translate("The evidence leaves more open than chance does: {names}", names=names)
    return say.translate("Chance leaves more open than the evidence does: more towns would help")
