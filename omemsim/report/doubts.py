"""How sure it is: three doubts, each apart, and what would have to be true for another to win."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from omemsim.analysis.assumptions import PREFIX
from omemsim.figures.ink import BETTER, WORSE
from omemsim.figures.page import INK, PALE
from omemsim.language import mark
from omemsim.report.chart import Axis, Chart, nice_ticks
from omemsim.report.facts import HARM, Facts
from omemsim.report.parts import Block, Chapter, Column, Figure, Listed, Parts, Sheet, Text
from omemsim.report.rows import PALE_BAR, Bar, Rows, by_sign, rows_chart
from omemsim.study.design import Point
from omemsim.study.plausible import CLEAR, FEWEST, separating
from omemsim.vocabulary.parameters import Parameters, declarations

__all__ = ["LEFT_OUT", "doubts", "rivals"]

Floats = NDArray[np.float64]
TOLD = 2  # parameters in a sentence

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

# What shipped sets of parameters vary, in plain words.
VARIED = {
    "offend.violence": mark("the frequency of violent crime"),
    "offend.theft": mark("the frequency of theft"),
    "offend.household": mark("the frequency of household crime"),
    "offend.near": mark("the pull of one break-in on others near by"),
    "offend.guardianship": mark("the effect of residents who act together"),
    "feel.efficacy_cohesion": mark("the effect of cohesion on acting together"),
    "people.place_shape": mark("the evenness of opportunities for crime over places"),
    "people.dwelling_shape": mark("the evenness of opportunities for household crime"),
    "offend.deterrence": mark("the deterrence of police visits"),
    "act.problem_effect": mark("the effect of problem-solving at a place"),
    "act.problem_hours": mark("the hours that problem-solving takes"),
    "offend.designed": mark("the effect of light and design"),
    "offend.supported": mark("the effect of support on offending"),
    "offend.repeat": mark("the risk of being a victim again"),
    "offend.vigilance": mark("the protection that vigilance gives"),
}


def doubts(facts: Facts) -> Chapter:
    """Return the chapter on what is not known, and why."""
    say = facts.language
    blocks: list[Block] = [
        Text(
            say.translate(
                "Three kinds of doubt are kept apart: each calls for a different remedy, and none "
                "says anything about the other two."
            )
        ),
        Listed(terms=_kinds(facts)),
        _both(facts),
        Parts(say.translate("What is not in the model")),
        Listed([say.translate(text) for text in LEFT_OUT]),
        *_other_wins(facts),
    ]
    return Chapter("doubts", say.translate("Three doubts"), blocks)


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


def _both(facts: Facts) -> Figure:
    """Return the interval over replicates and the range over parameter sets, a row a strategy."""
    say, over = facts.language, facts.comparison.over_sets
    rows = []
    for name in facts.others:
        row = facts.row(name)
        spread = facts.spread(name)
        ends = (None, None, 0) if spread is None else (spread.low, spread.high, spread.sets)
        rows.append((facts.called(name), row.percent, row.low, row.high, row.found.n, *ends))
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
    notes = [say.translate("Dark bar: chance (95% interval over simulated towns).")]
    if over is not None:
        bars.insert(0, Bar("sets_low", "sets_high", PALE_BAR, 7))
        notes.append(say.translate("Pale bar: evidence (range over parameter sets)."))
    how = Rows(
        [row[0] for row in rows], "percent", facts.signed, bars, by_sign("lower"),
        under=caption,
    )  # fmt: skip
    return Figure(title, sheet, rows_chart(sheet, how, title), [" ".join(notes)])


def _title_of_both(facts: Facts, rows: Sequence[Sequence[object]]) -> str:
    say = facts.language
    wider = [
        str(r[0]) for r in rows if r[5] is not None and _width(r[5], r[6]) > _width(r[2], r[3])
    ]
    if facts.comparison.over_sets is None:
        return say.translate(
            "Only what chance leaves open is shown, and not what the evidence leaves open"
        )
    if wider:
        names = say.listed(wider)
        return say.translate("The evidence leaves more open than chance does: {names}", names=names)
    return say.translate("Chance leaves more open than the evidence does: more towns would help")


def _width(low: object, high: object) -> float:
    return abs(float(high) - float(low)) if low is not None and high is not None else 0.0  # type: ignore[arg-type]


# ---- what would have to be true for another to win


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
    """Return the two strategies that have fewest victims; None where they share no run."""
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
        known = np.isfinite(one) & np.isfinite(two)
        sets = [point for point, is_known in zip(over.sets, known, strict=True) if is_known]
        return Rivals(first, second, (100 * (two - one) / one)[known], sets)
    both = facts.pairs(first, second)
    one, two = (facts.values(name, HARM, both) for name in (first, second))
    return Rivals(first, second, 100 * (two - one) / one, []) if both else None


def _other_wins(facts: Facts) -> list[Block]:
    found = rivals(facts)
    if found is None or not found.gap.size:
        return []
    say = facts.language
    second = facts.called(found.second)
    title = say.translate("What would have to be true for {other} to win", other=second)
    return [Parts(say.capital(title)), Text(_condition(facts, found)), _gap_figure(facts, found)]


def _condition(facts: Facts, found: Rivals) -> str:
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
        "{wins} of "
        "{n} plausible towns.",
        first=say.capital(first),
        second=second,
        wins=wins,
        n=n,
    )
    return f"{start} {_parameters_of(facts, found)}"


def _parameters_of(facts: Facts, found: Rivals) -> str:
    say, second = facts.language, facts.called(found.second)
    wins = int((found.gap < 0).sum())
    if not wins:
        best = strongest(found)
        if best is None:
            return say.translate("Nothing that the sets vary moves the gap between the two.")
        return say.translate(
            "No set that agrees with the evidence makes {second} win. It comes nearest where "
            "{what} is {side}.",
            second=second,
            what=_meaning(facts, best.path),
            side=say.translate("high") if best.is_high else say.translate("low"),
        )
    told = [one for one in separating(found.sets, found.gap) if one.strength >= CLEAR][:TOLD]
    if min(wins, found.gap.size - wins) < FEWEST or not told:
        return say.translate(
            "No single parameter tells well in which of them it wins: several would have to be "
            "different together."
        )
    low, high = mark("{what} is low (about {value})"), mark("{what} is high (about {value})")
    parts = [
        say.translate(
            high if one.is_high else low,
            what=_meaning(facts, one.path),
            value=facts.figures(one.middle),
        )
        for one in told
    ]
    return say.translate("It wins mostly where {parts}.", parts=say.listed(parts))


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


def _meaning(facts: Facts, path: str) -> str:
    """Return a parameter as people know it, and its key."""
    key = path.removeprefix(PREFIX)
    docs = {item.path: item.doc for item in declarations(Parameters)}
    said = (
        facts.language.translate(VARIED[key]) if key in VARIED else docs.get(key, key).rstrip(".")
    )
    return f"{said} ({key})"


def _gap_figure(facts: Facts, found: Rivals) -> Figure:
    say = facts.language
    first, second = facts.called(found.first), facts.called(found.second)
    best = strongest(found)
    path = "" if best is None else best.path
    xs = [float(one[path]) for one in found.sets] if path else [*range(1, found.gap.size + 1)]
    key = path.removeprefix(PREFIX) or "town"
    columns = [
        Column(
            "number",
            say.translate("plausible town") if found.sets else say.translate("simulated town"),
        ),
        Column("x", key, key, facts.figures),
        Column("gap", say.translate("gap"), f"percent of {found.first}", facts.signed),
    ]
    rows = [(str(k + 1), x, float(g)) for k, (x, g) in enumerate(zip(xs, found.gap, strict=True))]
    caption = say.translate(
        "Victims under {second} less those under {first}", second=second, first=first
    )
    sheet = Sheet("other-wins", caption, columns, rows, is_long=True)
    wins = int((found.gap < 0).sum())
    title = say.translate(
        "{second} wins in {wins} of {n}", second=say.capital(second), wins=wins, n=len(rows)
    )
    note = say.translate(
        "Below the line: fewer victims under {second}. From left to right: {what}.",
        second=second,
        what=_meaning(facts, path) if path else say.translate("one town after the other"),
    )
    return Figure(title, sheet, _gap_chart(facts, sheet, title, key), [note])


def _gap_chart(facts: Facts, sheet: Sheet, label: str, key: str) -> Chart:
    xs, gaps = sheet.values("x"), sheet.values("gap")
    down, along = nice_ticks(min(0.0, *gaps), max(0.0, *gaps)), nice_ticks(min(xs), max(xs))
    chart = Chart.of(262, label)
    chart.x, chart.y = Axis(along[0], along[-1], 60, 385), Axis(down[0], down[-1], 214, 12)
    chart.across(along, facts.figures, top=12, bottom=214)
    chart.upwards(down, facts.signed, left=52, right=390)
    for row, (x, gap) in enumerate(zip(xs, gaps, strict=True)):
        chart.marker(
            "v" if gap < 0 else "o", chart.x.at(x), chart.y.at(gap), size=4.5,
            fill=WORSE if gap < 0 else BETTER, stroke="#fff", data_row=str(row), data_x="x",
            data_y="gap",
        )  # fmt: skip
    chart.say(222, 250, key, text_anchor="middle", fill=PALE)
    return chart
