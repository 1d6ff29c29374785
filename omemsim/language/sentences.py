"""From numbers to words: direction, size, certainty and frequency of a difference.

The number always stands in the sentence, since everybody understands a word of probability in their
own way (Wintle et al. 2019, PLOS ONE 14(4) e0213522), and numbers cost little trust (van der Bles
et al. 2020, PNAS 117(14) 7672).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from omemsim.language.names import (
    BY_TITLE,
    PHRASES,
    WITHOUT_SIZE,
    Phrases,
    measure_title,
    strategy_name,
)
from omemsim.language.speech import Language, mark

__all__ = [
    "CERTAINTY",
    "FEWEST_FOR_A_WORD",
    "Effect",
    "Frequency",
    "Worlds",
    "certain",
    "certainty_word",
    "change",
    "finding",
    "frequency",
    "size",
    "spread",
]


class Likelihood(NamedTuple):
    """A word of probability, and the chance from which on it is used."""

    least: float
    word: str


# The scale of the IPCC (Mastrandrea et al. 2010, Guidance Note on Consistent Treatment of
# Uncertainties, table 1), from the greatest chance down; "virtually certain" is left out, since a
# model cannot know that.
CERTAINTY = (
    Likelihood(0.90, mark("very likely")),
    Likelihood(0.66, mark("likely")),
    Likelihood(0.33, mark("about as likely as not")),
    Likelihood(0.10, mark("unlikely")),
    Likelihood(0.0, mark("very unlikely")),
)
FEWEST_FOR_A_WORD = 5  # worlds; fewer are counted, and have no word; assumed
MOST = 1000  # percent, from which on a size is only said to be over it
NOTHING = 0.05  # percent; what is smaller is written as no difference


class Worlds(Enum):
    """What a frequency counts."""

    PLAUSIBLE = "plausible"  # parameter sets that the evidence allows
    SIMULATED = "simulated"  # replicates at one parameter set


class Frequency(NamedTuple):
    """In how many worlds a strategy is better.

    Attributes
    ----------
    wins : 0 to ``n``; a tie is not a win.
    n : worlds.
    worlds : what they are.
    """

    wins: int
    n: int
    worlds: Worlds = Worlds.PLAUSIBLE


@dataclass(frozen=True)
class Effect:
    """A strategy against a baseline on one measure, as numbers.

    Attributes
    ----------
    measure, title : its key and its English title.
    strategy, baseline : keys.
    word : ``lower``, ``higher``, ``about the same``, ``equal``, ``cannot tell`` or ``may be
        chance`` (`study.statistics.verdict_words`; the last is `study.contrasts.MAY_BE_CHANCE`).
    percent, low, high : the difference and its interval in percent of the baseline's mean; NaN
        where that mean is 0, or there is no interval.
    """

    measure: str
    title: str
    strategy: str
    baseline: str
    word: str
    percent: float
    low: float = math.nan
    high: float = math.nan


def size(percent: float, language: Language) -> str:
    """Return the size of a difference in percent, as "about 9%" or "less than 1%"; no sign.

    Parameters
    ----------
    percent : any finite number.
    language : to be read in.

    Raises
    ------
    ValueError
        If it is not finite, and so has no size.
    """
    if not math.isfinite(percent):
        raise ValueError(f"{percent} has no size")
    amount = abs(percent)
    if amount >= MOST:
        return language.translate("over {limit}%", limit=MOST)
    if amount < 0.5:
        return language.translate("less than {limit}%", limit=1)
    return language.translate("about {percent}%", percent=round(amount))


def change(effect: Effect, language: Language) -> str:
    """Return direction and size, as "about 9% less victimization".

    Parameters
    ----------
    effect : whatever its word: the sign of ``percent`` says which way. Where there is no
        percentage, its word does, and there is no size.
    language : to be read in.
    """
    title = _title(effect, language)
    if abs(effect.percent) < NOTHING:
        return language.translate("no difference in {title}", title=title)
    if not math.isfinite(effect.percent):
        is_up = effect.percent > 0 or (math.isnan(effect.percent) and effect.word == "higher")
        return language.translate(_way(WITHOUT_SIZE, is_up), title=title)
    phrases = PHRASES.get(effect.measure, BY_TITLE)
    said = size(effect.percent, language)
    return language.translate(_way(phrases, effect.percent > 0), title=title, size=said)


def _way(phrases: Phrases, is_up: bool) -> str:
    return phrases.more if is_up else phrases.less


def spread(effect: Effect, language: Language) -> str:
    """Return the interval, as "5.0% to 13%" or "from 3.0% lower to 5.0% higher".

    Empty where there is none. The directions are told where it holds 0.
    """
    if not (math.isfinite(effect.low) and math.isfinite(effect.high)):
        return ""
    low, high = sorted((effect.low, effect.high))
    if low * high > 0:
        near, far = sorted((abs(low), abs(high)))
        return language.to(language.percent(near), language.percent(far))
    return language.translate(
        "from {low} lower to {high} higher",
        low=language.percent(low),
        high=language.percent(high),
    )


def frequency(found: Frequency, language: Language) -> str:
    """Return how often a strategy is better, as "better in 17 of 20 plausible towns".

    Raises
    ------
    ValueError
        If there are more wins than worlds, or fewer than none.
    """
    wins, n = found.wins, found.n
    if not 0 <= wins <= n:
        raise ValueError(f"better in {wins} of {n}")
    is_set = found.worlds is Worlds.PLAUSIBLE
    if n == 0:
        none, other = mark("no plausible town was run"), mark("no town was run")
        return language.translate(none if is_set else other)
    if wins in (0, n):
        return _all_or_none(found, language)
    some = mark("better in {wins} of {n} plausible towns")
    plain = mark("better in {wins} of {n} simulated towns")
    return language.translate(some if is_set else plain, wins=wins, n=n)


def _all_or_none(found: Frequency, language: Language) -> str:
    n, is_all = found.n, found.wins > 0
    if found.worlds is Worlds.PLAUSIBLE and is_all:
        return language.plural(
            "better in the only plausible town", "better in all {number} plausible towns", n
        )
    if found.worlds is Worlds.PLAUSIBLE:
        return language.plural(
            "not better in the only plausible town", "better in none of {number} plausible towns", n
        )
    if is_all:
        return language.plural(
            "better in the only simulated town", "better in all {number} simulated towns", n
        )
    return language.plural(
        "not better in the only simulated town", "better in none of {number} simulated towns", n
    )


def certainty_word(wins: int, n: int) -> str:
    """Return the English word for how sure it is that a strategy is better; empty for few worlds.

    The chance is that of another such world, by Laplace's rule of succession,
    (wins + 1) / (n + 2): what was better in 20 of 20 is not certain in the next.

    Parameters
    ----------
    wins, n : as in `Frequency`.
    """
    if n < FEWEST_FOR_A_WORD:
        return ""
    chance = (wins + 1) / (n + 2)
    return next(each.word for each in CERTAINTY if chance >= each.least)


def certain(found: Frequency, language: Language) -> str:
    """Return certainty with its number, as "very likely (better in 19 of 20 plausible towns)"."""
    counted = frequency(found, language)
    word = certainty_word(found.wins, found.n)
    return f"{language.translate(word)} ({counted})" if word else counted


def finding(effect: Effect, language: Language, found: Frequency | None = None) -> str:
    """Return what is found as a sentence, or that one cannot tell.

    Parameters
    ----------
    effect : what is found.
    language : to be read in.
    found : how often the strategy is better; None leaves it out.
    """
    both = {
        "strategy": strategy_name(effect.strategy, language),
        "baseline": strategy_name(effect.baseline, language),
    }
    said = _verdict(effect, language)
    counted = "" if found is None else certain(found, language)
    if counted:
        sentence = language.translate(
            "{strategy} instead of {baseline}: {said}; {certain}.",
            said=said,
            certain=counted,
            **both,
        )
    else:
        sentence = language.translate(
            "{strategy} instead of {baseline}: {said}.", said=said, **both
        )
    return language.capital(sentence)


def _verdict(effect: Effect, language: Language) -> str:
    title, ends = _title(effect, language), spread(effect, language)
    if effect.word == "equal":
        return language.translate("no difference in {title}", title=title)
    if effect.word == "about the same":
        said = language.translate("{title} about the same", title=title)
        ends = _one_way(effect, ends, language)
    elif effect.word == "cannot tell":
        said = language.translate(
            "one cannot tell whether {title} would be higher or lower", title=title
        )
    else:
        said = change(effect, language)
    if effect.word == "may be chance":
        ends = "; ".join(filter(None, [ends, language.translate("this may be chance")]))
    return f"{said} ({ends})" if ends else said


def _one_way(effect: Effect, ends: str, language: Language) -> str:
    """Return the ends of an interval with their direction, which nothing beside them says."""
    if not ends or effect.low * effect.high <= 0:
        return ends
    lower, higher = mark("{range} lower"), mark("{range} higher")
    return language.translate(lower if effect.high < 0 else higher, range=ends)


def _title(effect: Effect, language: Language) -> str:
    return language.small(measure_title(effect.title, language))
