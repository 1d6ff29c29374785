"""The first page: the choice, the verdict, three caveats, and a dot for each town."""

from __future__ import annotations

from collections.abc import Sequence

from omemsim.language import mark
from omemsim.language.names import strategy_description
from omemsim.report.assumptions import known_share
from omemsim.report.between import between_the_best
from omemsim.report.dots import dots_figure
from omemsim.report.facts import FEW, ROOMY, Facts
from omemsim.report.gains import direction, fifth_of, gains_of
from omemsim.report.over_time import calm_shares
from omemsim.report.parts import Block, Chapter, Listed, Text
from omemsim.report.verdict import better_and_worse, in_a_sentence
from omemsim.study.drift import in_words as drift_in_words
from omemsim.study.effort import Unlike, efforts, unlike_baseline

__all__ = ["first_page"]

FEW_TOWNS = 10


def first_page(facts: Facts) -> Chapter:
    """Return the chapter that stands before everything else."""
    say = facts.language
    is_roomy = len(facts.others) <= ROOMY
    blocks: list[Block] = [Text(_choice(facts)), *(_options(facts) if is_roomy else [])]
    for name in facts.others[:FEW]:
        called = say.capital(facts.called(name))
        told = say.translate("{x}: {said}.", x=called, said=in_a_sentence(facts, name))
        more = [*([_in_numbers(facts, name)] if is_roomy else []), *better_and_worse(facts, name)]
        more += _who_gains(facts, name) if is_roomy else []
        blocks += [Text(told, "lead"), Text(" ".join(more))]
    blocks += between_the_best(facts)
    blocks.append(Text(_calm(facts)))
    if len(facts.others) > FEW:
        blocks.append(Text(_others_are(facts), "pale"))
    if any(facts.changes(name).size for name in facts.others[:FEW]):
        blocks.append(dots_figure(facts))
    blocks.append(Text(say.translate("Three caveats"), "label"))
    blocks.append(Listed(caveats(facts), is_ordered=True))
    return Chapter("verdict", say.translate("The choice and the verdict"), blocks)


def _who_gains(facts: Facts, strategy: str) -> list[str]:
    """Return in how many neighbourhoods victims are fewer, and what the worst and best off gain."""
    if len(facts.first.ids) < 2:
        return []
    say, found = facts.language, gains_of(facts, strategy)
    ways = direction(found.change)
    told = say.translate(
        "Who gains: on average {fewer} of {n} neighbourhoods have fewer victims and {more} have "
        "more",
        fewer=ways.fewer,
        n=found.change.size,
        more=ways.more,
    )
    worst, best = (fifth_of(facts, found, is_worst=x).percent for x in (True, False))
    if worst is None or best is None:
        return [f"{told}."]
    ends = say.translate(
        "the fifth with most victims {worst}, the fifth with fewest {best}",
        worst=facts.signed(worst),
        best=facts.signed(best),
    )
    return [f"{told} ({ends})."]


def _calm(facts: Facts) -> str:
    """Return how many neighbourhoods need little of the police at first and at the end."""
    say = facts.language
    shares = {name: calm_shares(facts, name) for name in facts.names[: FEW + 1]}
    ends = [
        say.translate("{share} under {x}", share=say.share(one.last), x=facts.called(name))
        for name, one in shares.items()
    ]
    all_fall = mark(
        "Under every strategy fewer neighbourhoods are green or blue (need little of the police) "
        "at the end: {first} at first, then {ends}."
    )
    some_do = mark(
        "Neighbourhoods that are green or blue (need little of the police): {first} at first; at "
        "the end {ends}."
    )
    has_fallen = all(one.last < one.first for one in shares.values())
    return say.translate(
        all_fall if has_fallen else some_do,
        first=say.share(shares[facts.baseline].first),
        ends=say.listed(ends),
    )


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
        text = text.replace("'", "’")  # as everywhere else on the page
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
        "Depending on numbers that the evidence leaves open, and with chance taken out, the change "
        "in victims is: {ranges}.",
        ranges="; ".join(told),
    )


def _of_this(facts: Facts) -> str:
    """Return the greatest doubt that is this comparison's own."""
    say, n = facts.language, facts.comparison.n
    used = efforts(facts.comparison)
    unlike = unlike_baseline(used)
    if unlike.hours or unlike.money:
        return _of_effort(facts, unlike)
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


def _of_effort(facts: Facts, unlike: Unlike) -> str:
    """Return which strategy does more or less than the baseline, and of what."""
    say = facts.language
    texts = (
        (unlike.hours, mark("patrol hours in use differ from those of {baseline} under {names}")),
        (unlike.money, mark("money spent differs from that of {baseline} under {names}")),
    )
    told = [
        say.translate(
            text,
            baseline=facts.called(facts.baseline),
            names=say.listed([facts.called(name) for name in names]),
        )
        for names, text in texts
        if names
    ]
    return say.translate(
        "{differ}: there, part of the difference comes from how much was done, not from how it was "
        "done (see {chapter}).",
        differ=say.capital("; ".join(told)),
        chapter=say.quoted(say.translate("Hours and money a year")),
    )
