"""The verdict on a strategy in plain words: how large, how sure, how often, at what price."""

from __future__ import annotations

import math

from omemsim.language import Language, mark
from omemsim.language.sentences import certain, change, frequency, size
from omemsim.report.facts import Facts
from omemsim.report.money import PAYERS
from omemsim.study.contrasts import MAY_BE_CHANCE, verdict
from omemsim.study.effort import LITTLE, SPENT, efforts
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

__all__ = ["ASIDE", "better_and_worse", "how_often", "in_a_sentence", "victims"]

# What else is said of a strategy, in this order; parts of victimization are not.
ASIDE = ("disorder", "public_calls", "fear", "trust", "capacity", "waiting_list")


def how_often(facts: Facts, strategy: str) -> str:
    """Return e.g. "better in 17 of 20 plausible towns"."""
    return frequency(facts.frequency(strategy), facts.language)


def in_a_sentence(facts: Facts, strategy: str) -> str:
    """Return the verdict on harm: its size, how often it is better, and what is not sure of it.

    As "about 9% fewer victims; better in 17 of 20 plausible towns".
    """
    say, row, spread = facts.language, facts.row(strategy), facts.spread(strategy)
    if row.says == "equal":
        return say.translate("no difference in victims in any simulated town")
    if not row.has_percent:
        return say.translate("there are no victims to compare with")
    if spread is None and row.says == "cannot tell":
        start = say.translate("one cannot tell whether there are more victims or fewer")
        ends = "" if math.isnan(row.low) else f" ({_ends(facts, row.low, row.high)})"
        return f"{start}{ends}; {how_often(facts, strategy)}"
    is_clear = row.says in ("lower", "higher")
    often = certain(facts.frequency(strategy), say) if is_clear else how_often(facts, strategy)
    parts = [victims(row.percent, say), often]
    if spread is not None and spread.low < 0 < spread.high:
        open_ends = _ends(facts, spread.low, spread.high)
        parts.append(
            say.translate(
                "the evidence leaves open whether there would be fewer or more ({ends})",
                ends=open_ends,
            )
        )
    if row.says == "about the same":
        parts.append(say.translate("too little to matter"))
    elif row.says in (MAY_BE_CHANCE, "cannot tell"):
        chance = say.plural(
            "it may be chance ({number} simulated town)",
            "it may be chance ({number} simulated towns)",
            row.found.n,
        )
        parts.append(chance)
    return "; ".join(parts)


def _ends(facts: Facts, low: float, high: float) -> str:
    return facts.language.to(facts.signed(low), facts.signed(high))


def victims(percent: float, say: Language) -> str:
    """Return e.g. "about 9% fewer victims"."""
    amount = size(percent, say)
    if percent < 0:
        return say.translate("{size} fewer victims", size=amount)
    return say.translate("{size} more victims", size=amount)


def better_and_worse(facts: Facts, strategy: str) -> list[str]:
    """Return what else is clearly better, what is clearly worse, and what it takes."""
    say = facts.language
    told: dict[str, list[str]] = {"better": [], "worse": []}
    for measure in ASIDE:
        if (strategy, measure) in facts.rows:
            word = verdict(facts.row(strategy, measure))
            if word in told:
                told[word].append(change(facts.effect(strategy, measure), say))
    lines = []
    if told["better"]:
        lines.append(say.translate("Also better: {what}.", what=say.listed(told["better"])))
    if told["worse"]:
        lines.append(say.translate("Worse: {what}.", what=say.listed(told["worse"])))
    return [*lines, *_takes(facts, strategy)]


def _takes(facts: Facts, strategy: str) -> list[str]:
    """Return what a strategy costs beside the baseline, if hours and money were recorded."""
    say, used = facts.language, {one.strategy: one for one in efforts(facts.comparison)}
    if strategy not in used or facts.baseline not in used:
        return []
    mine, base = used[strategy], used[facts.baseline]
    idle = say.share(mine.share(mine.idle))
    hours = say.translate("{share} of patrol hours are left idle", share=idle)
    if mine.share(mine.idle) < LITTLE:
        hours = say.translate("no patrol hours are left idle")
    gap = mine.spent - base.spent
    if not base.spent or abs(gap) < LITTLE * base.spent:
        money = say.translate("about as much money")
    else:
        more = mark("{amount} a year more ({size}), most of it for {what}")
        less = mark("{amount} a year less ({size}), most of it for {what}")
        sign = 1 if gap > 0 else -1
        part = max(SPENT, key=lambda key: sign * (mine.money[key] - base.money[key]))
        money = say.translate(
            more if gap > 0 else less,
            amount=say.money(abs(gap) * WEEKS_PER_YEAR * facts.scale),
            size=say.percent(100 * gap / base.spent),
            what=say.translate(PAYERS[part]),
        )
    return [say.translate("What it costs: {money}; {hours}.", money=money, hours=hours)]
