"""The two strategies with fewest victims, one against the other: how often, and which bet."""

from __future__ import annotations

from omemsim.language.sentences import Frequency, Worlds, certain
from omemsim.report.facts import Facts
from omemsim.report.parts import Block, Text
from omemsim.report.rivals import Rivals, rivals

__all__ = ["between_the_best"]

WIDER = 1.5  # times as wide a range is a wider bet: a judgement


def between_the_best(facts: Facts) -> list[Block]:
    """Return how often the strategy with fewest victims beats the next.

    Nothing where one of the two is the baseline: the page has said that above.
    """
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
        "When {other} has fewer victims is told in the chapter {chapter}.",
        other=facts.called(found.second),
        chapter=say.quoted(say.translate("Three doubts")),
    )
    more = [*_by_how_much(facts, found), *_bets(facts, found), where]
    return [Text(said, "lead"), Text(" ".join(more))]


def _by_how_much(facts: Facts, found: Rivals) -> list[str]:
    """Return by how much each is better at most; nothing where one always is."""
    most, least = float(found.gap.max()), float(found.gap.min())
    if not least < 0 < most:
        return []
    say = facts.language
    first, second = facts.called(found.first), facts.called(found.second)
    return [
        say.translate(
            "Where {first} has fewer victims, {second} has up to {more} more; elsewhere {second} "
            "has up to {fewer} fewer.",
            first=first,
            second=second,
            more=say.percent(most),
            fewer=say.percent(least),
        )
    ]


def _bets(facts: Facts, found: Rivals) -> list[str]:
    """Return which of the two the evidence leaves much more open."""
    names = [found.first, found.second]
    spreads = [facts.spread(name) for name in names]
    one, two = spreads
    if one is None or two is None:
        return []
    say = facts.language
    wide = {name: each.high - each.low for name, each in zip(names, (one, two), strict=True)}
    ends = {
        name: say.to(facts.signed(each.low), facts.signed(each.high))
        for name, each in zip(names, (one, two), strict=True)
    }
    bold, calm = sorted(names, key=lambda name: -wide[name])
    if wide[bold] < WIDER * wide[calm]:
        return []
    return [
        say.translate(
            "{bold} is the wider bet ({bold_ends}), {calm} the steadier one ({calm_ends}), both "
            "against {baseline}.",
            bold=say.capital(facts.called(bold)),
            bold_ends=ends[bold],
            calm=facts.called(calm),
            calm_ends=ends[calm],
            baseline=facts.called(facts.baseline),
        )
    ]
