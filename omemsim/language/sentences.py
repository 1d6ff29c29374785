"""From numbers to words: direction, size, certainty and frequency of a difference.

The number always stands in the sentence, since a word alone is understood differently by everyone
(Wintle et al. 2019, PLOS ONE 14(4) e0213522; van der Bles et al. 2020, PNAS 117(14) 7672).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from omemsim.language.names import measure_title, strategy_name
from omemsim.language.speech import Language, mark

__all__ = [
    "CERTAINTY",
    "FEWEST_FOR_A_WORD",
    "Effect",
    "Worlds",
    "certain",
    "certainty_word",
    "change",
    "finding",
    "frequency",
    "how_sure",
    "size",
    "spread",
]

# Words by the chance that the strategy is better: the scale of the IPCC (Mastrandrea et al. 2010,
# Guidance Note on Consistent Treatment of Uncertainties), from the greatest chance down.
CERTAINTY = (
    (0.90, mark("very likely")),
    (0.66, mark("likely")),
    (0.33, mark("about as likely as not")),
    (0.10, mark("unlikely")),
    (0.0, mark("very unlikely")),
)
FEWEST_FOR_A_WORD = 5  # worlds; fewer are counted, and have no word; assumed
MOST = 1000.0  # percent, from which on a size is only said to be over it


class Worlds(Enum):
    """What a frequency counts."""

    PLAUSIBLE = "plausible towns"  # parameter sets that the evidence allows
    SIMULATED = "simulated towns"  # replicates at one parameter set


@dataclass(frozen=True)
class Effect:
    """A strategy against a baseline on one measure, as numbers.

    Attributes
    ----------
    measure, title : its key and its English title.
    strategy, baseline : keys.
    word : ``lower``, ``higher``, ``about the same``, ``equal``, ``cannot tell`` or ``may be
        chance`` (`study.statistics.verdict_words`, `study.comparison`).
    percent, low, high : the difference and its interval in percent of the baseline's mean; NaN
        where that mean is 0, or there is no interval.
    better : which way is better: ``lower``, ``higher``, or empty where neither is.
    """

    measure: str
    title: str
    strategy: str
    baseline: str
    word: str
    percent: float
    low: float = math.nan
    high: float = math.nan
    better: str = ""


# Measures whose change is said in a phrase of their own: fewer of what is counted, lower of what
# has a level. Any other is said by its title.
PHRASES = {
    "victimization": (mark("{size} less victimization"), mark("{size} more victimization")),
}


def size(percent: float, language: Language) -> str:
    """Return the size of a difference in percent, as "about 9%" or "less than 1%"; no sign.

    Parameters
    ----------
    percent : any; NaN where there is no percentage.
    language : to be read in.
    """
    amount = abs(percent)
    if math.isnan(amount):
        return language.translate("an unknown amount")
    if amount >= MOST:
        return language.translate("over {limit}%", limit=int(MOST))
    if amount < 0.5:
        return language.translate("less than {limit}%", limit=1)
    return language.translate("about {percent}%", percent=round(amount))


def change(effect: Effect, language: Language) -> str:
    """Return direction and size, as "about 9% less victimization".

    Parameters
    ----------
    effect : whatever its word; the sign of ``percent`` says which way.
    language : to be read in.
    """
    return _change(effect, effect.percent, language)


def _change(effect: Effect, percent: float, language: Language) -> str:
    title = measure_title(effect.title, language)
    if percent == 0:
        return language.translate("{title}: no difference", title=title)
    said = size(percent, language)
    if effect.measure in PHRASES:
        return language.translate(PHRASES[effect.measure][percent > 0], size=said)
    less, more = mark("{title}: {size} lower"), mark("{title}: {size} higher")
    return language.translate(more if percent > 0 else less, title=title, size=said)


def spread(effect: Effect, language: Language) -> str:
    """Return the interval with its directions, as "from 3% lower to 5% higher".

    Empty where there is no interval.
    """
    if not math.isfinite(effect.low) or not math.isfinite(effect.high):
        return ""
    low, high = sorted((effect.low, effect.high))
    if low * high > 0:
        return language.to(
            *(language.percent(end) for end in sorted((abs(low), abs(high))))
        )
    return language.translate(
        "from {low} lower to {high} higher",
        low=language.percent(low),
        high=language.percent(high),
    )


def frequency(wins: int, n: int, worlds: Worlds, language: Language) -> str:
    """Return how often a strategy is better, as "better in 17 of 20 plausible towns".

    Parameters
    ----------
    wins : worlds in which it is better, 0 to ``n``; a tie is not a win.
    n : worlds.
    worlds : what they are.
    language : to be read in.

    Raises
    ------
    ValueError
        If ``wins`` is not from 0 to ``n``.
    """
    if not 0 <= wins <= n:
        raise ValueError(f"better in {wins} of {n}")
    is_set = worlds is Worlds.PLAUSIBLE
    if n == 0:
        return language.translate("no plausible town was run" if is_set else "no town was run")
    return language.translate(
        "better in {wins} of {n} plausible towns" if is_set else "better in {wins} of {n} towns",
        wins=wins,
        n=n,
    )


def certainty_word(wins: int, n: int) -> str:
    """Return the English word for how sure it is that a strategy is better; empty for few worlds.

    The chance is that of another such world, by Laplace's rule of succession,
    (wins + 1) / (n + 2): what was better in all 20 of 20 is not certain in the next.

    Parameters
    ----------
    wins, n : as for `frequency`.
    """
    if n < FEWEST_FOR_A_WORD:
        return ""
    chance = (wins + 1) / (n + 2)
    return next(word for least, word in CERTAINTY if chance >= least)


def certain(wins: int, n: int, worlds: Worlds, language: Language) -> str:
    """Return certainty with its number, as "very likely (better in 19 of 20 plausible towns)".

    Parameters
    ----------
    wins, n, worlds, language : as for `frequency`.
    """
    counted = frequency(wins, n, worlds, language)
    word = certainty_word(wins, n)
    return f"{language.translate(word)} ({counted})" if word else counted


how_sure = certain


def finding(effect: Effect, language: Language) -> str:
    """Return a sentence with what is found, or that one cannot tell."""
    return change(effect, language)
