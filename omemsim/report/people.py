"""Who gains and who loses: neighbourhoods by name, worst and best fifths, moved or prevented."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.language import mark
from omemsim.report.chart import FAINT
from omemsim.report.facts import FEW, HARM, Facts
from omemsim.report.moved import each_pair, moved
from omemsim.report.parts import Block, Chapter, Column, Figure, Parts, Sheet, Text
from omemsim.report.rows import Bar, Rows, by_sign, rows_chart
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

__all__ = ["Gains", "gains_of", "people"]

Floats = NDArray[np.float64]
MOST_DRAWN = 16  # neighbourhoods in one drawing; of more, those that gain and lose most
FIFTH = 5


@dataclass(frozen=True)
class Gains:
    """What one strategy does to each neighbourhood.

    Attributes
    ----------
    before : victims per 1,000 residents 15+ in the first year under the baseline, (N,).
    base : in the last year under the baseline, (N,), mean over replicates.
    changes : under the strategy less that under the baseline, (R, N): below 0 is a gain.
    """

    before: Floats
    base: Floats
    changes: Floats

    @property
    def change(self) -> Floats:
        """Return the mean change over replicates, (N,)."""
        return np.asarray(self.changes.mean(axis=0))

    @property
    def better(self) -> NDArray[np.int64]:
        """Return in how many replicates there are fewer victims, (N,)."""
        return np.asarray((self.changes < 0).sum(axis=0))

    @property
    def n(self) -> int:
        """Return how many replicates there are."""
        return len(self.changes)

    def fifths(self) -> NDArray[np.int64]:
        """Return the fifth of each neighbourhood by harm before, (N,): 0 the least, 4 the most.

        Fifths hold as many neighbourhoods each, or nearly; of ties the first counts as less. Of
        fewer than five, the least is a fifth, and the most.
        """
        ranks = np.argsort(np.argsort(self.before, kind="stable"), kind="stable")
        if len(ranks) < FIFTH:
            return np.asarray(ranks * (FIFTH - 1) // max(len(ranks) - 1, 1))
        return np.asarray(ranks * FIFTH // len(ranks))


def gains_of(facts: Facts, strategy: str) -> Gains:
    """Return what a strategy does to each neighbourhood, over the replicates both finished."""
    return facts.once(("gains", strategy), functools.partial(_gains, facts, strategy))


def _gains(facts: Facts, strategy: str) -> Gains:
    both = facts.pairs(strategy, facts.baseline)
    mine = np.array([_year(facts, strategy, r).last for r in both])
    base = [_year(facts, facts.baseline, r) for r in both]
    last = np.array([year.last for year in base])
    before = np.array([year.first for year in base])
    return Gains(before.mean(axis=0), last.mean(axis=0), mine - last)


class Years(NamedTuple):
    """Victims per 1,000 in the first and the last year of a run, (N,) each."""

    first: Floats
    last: Floats


def _year(facts: Facts, strategy: str, replicate: int) -> Years:
    make = functools.partial(_read_year, facts, strategy, replicate)
    return facts.once(("years", strategy, str(replicate)), make)


def _read_year(facts: Facts, strategy: str, replicate: int) -> Years:
    series = facts.series(strategy, replicate)
    weeks, harm = np.asarray(series.weeks), series.values[HARM]
    is_first, is_last = weeks <= WEEKS_PER_YEAR, weeks > weeks[-1] - WEEKS_PER_YEAR
    return Years(np.asarray(harm[is_first].mean(axis=0)), np.asarray(harm[is_last].mean(axis=0)))


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
        *moved(facts),
        Parts(say.translate("Every strategy against every other")),
    ]
    blocks.append(each_pair(facts))
    return Chapter("people", say.translate("Who gains and who loses"), blocks)


# ---- neighbourhoods by name


def _by_name(facts: Facts, strategy: str) -> Figure:
    say, found = facts.language, gains_of(facts, strategy)
    unit = "per 1,000 residents 15+ a year"
    columns = [
        Column("neighbourhood", say.translate("neighbourhood")),
        Column("better", say.translate("chance of fewer victims"), "simulated towns"),
        Column("share", say.translate("in percent"), "share of simulated towns", say.share),
        Column("change", say.translate("change in victims per 1,000"), unit, facts.figures),
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
    gain = int((found.change < 0).sum())
    title = say.translate(
        "{strategy}: fewer victims in {gain} of {n} neighbourhoods; most in {most}",
        strategy=say.capital(called),
        gain=gain,
        n=len(rows),
        most=facts.first.names[order[0]],
    )
    drawn, note = _drawn(facts, sheet)
    how = Rows(
        drawn.values("neighbourhood"), "change", facts.figures, fill=by_sign("lower"),
        bars=[Bar("", "change", FAINT, 3)], said=drawn.values("better"),
        under=say.translate("change in victims per 1,000 residents of 15 or older"),
    )  # fmt: skip
    reading = say.translate(
        "On the right: in how many simulated towns the neighbourhood has fewer victims than under "
        "{baseline}.",
        baseline=facts.called(facts.baseline),
    )
    return Figure(
        title, sheet, rows_chart(drawn, how, title), [" ".join(filter(None, [reading, note]))]
    )


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
        Column("change", say.translate("change"), unit, facts.figures),
        Column(
            "percent", say.translate("change in percent"), "percent of the baseline", facts.signed
        ),
    ]
    rows, closes = [], []
    residents = np.asarray(facts.first.residents, float)
    for name in facts.others[:FEW]:
        found = gains_of(facts, name)
        each = {}
        for which, title in ((FIFTH - 1, mark("{x}: worst fifth")), (0, mark("{x}: best fifth"))):
            weights = residents * (found.fifths() == which)
            base = float(np.average(found.base, weights=weights))
            each[which] = np.average(found.changes, axis=1, weights=weights)
            change = float(each[which].mean())
            said = say.translate(title, x=facts.called(name))
            rows.append((said, base, change, 100 * change / base if base else None))
        wins = int((each[FIFTH - 1] < each[0]).sum())
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
        sheet.values("group"), "change", facts.figures, [Bar("", "change", FAINT, 3)],
        by_sign("lower"), under=say.translate("change in victims per 1,000 residents of 15 or "
            "older"),
    )  # fmt: skip
    note = say.translate(
        "Fifths of the neighbourhoods by victims in the first year under {baseline}, so that "
        "chance "
        "in the last year does not choose them.",
        baseline=facts.called(facts.baseline),
    )
    return Figure(title, sheet, rows_chart(sheet, how, title), [note])
