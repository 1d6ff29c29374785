"""Which of many differences may be called lower or higher, so that few such words are false.

One 95% interval in twenty misses 0 by chance where there is no difference, and a comparison
shows some twenty measures of each strategy. A word that went by the interval alone would be
false on one measure or another in many a comparison without any effect. So words are given by
Holm's method (1979, Scandinavian Journal of Statistics 6(2)) over all differences a comparison
has words for: whatever the measures' correlations, and whichever of them do differ, at most 5%
of comparisons hold a false word. That is stricter than holding the share of false words among
those given (Benjamini & Hochberg 1995): a plan is made by single words.

The probabilities that this takes are not reported: replicates can be made at will, and with
them any of these becomes as small as one likes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from omemsim.study.rare_events import are_rare
from omemsim.study.statistics import change_of

__all__ = ["FALSE_WORDS", "by_chance", "clear_of"]

Floats = NDArray[np.float64]
Key = TypeVar("Key")

FALSE_WORDS = 0.05  # of comparisons without any effect, at most


def by_chance(values: ArrayLike, baseline: ArrayLike) -> float:
    """Return the probability of so large a mean difference, or larger, if there is none.

    It is Student's (paired, two sides). Of differences that are rare events, or the same in
    every replicate, it is no smaller than that of the sign test, which rests on their number
    alone (Dixon & Mood 1946, Journal of the American Statistical Association 41(236)). NaN
    where no word can be given: for fewer than two replicates, or where none differs.

    Parameters
    ----------
    values, baseline : float (n,), paired as in `statistics.paired_difference`.
    """
    change = change_of(values, baseline)
    if change.size < 2 or not change.any():
        return math.nan
    if np.ptp(change) == 0:
        return _of_signs(change)
    student = _of_mean(change)
    return max(student, _of_signs(change)) if are_rare(change) else student


def _of_mean(change: Floats) -> float:
    error = float(change.std(ddof=1)) / math.sqrt(change.size)
    return 2 * float(stats.t.sf(abs(float(change.mean())) / error, change.size - 1))


def _of_signs(change: Floats) -> float:
    up, apart = int((change > 0).sum()), int(np.count_nonzero(change))
    return float(stats.binomtest(up, apart).pvalue)


def clear_of(chances: Mapping[Key, float]) -> set[Key]:
    """Return the differences that may be called lower or higher, by Holm's method.

    The smallest probability is held against `FALSE_WORDS` over their number, the next against that
    over the number less one, and so on until the first that is too large.

    Parameters
    ----------
    chances : by difference, from `by_chance`; those that are NaN can have no word, and so do not
        count (Tarone 1990, Biometrics 46(2)).
    """
    known = {key: chance for key, chance in chances.items() if not math.isnan(chance)}
    clear: set[Key] = set()
    for done, key in enumerate(sorted(known, key=lambda key: known[key])):
        if known[key] > FALSE_WORDS / (len(known) - done):
            break
        clear.add(key)
    return clear
