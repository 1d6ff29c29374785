"""Differences that are 0 in many replicates: what an interval of their mean can rest on.

Moves between zones, calls that wait, people in custody: in many replicates such a measure is
the same under both strategies, and in a few it differs. A spread estimated from few events is
no guide, and where no replicate differs there is none at all. A mean's interval then rests on
the number of events, as of Poisson counts; where there is no event, none is given, and what can
be said is in how many replicates an event may still occur.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = ["are_rare", "events_interval", "unseen_share"]

Floats = NDArray[np.float64]

ENOUGH = 10  # replicates that differ, from which on their spread is a guide; see the tests


def unseen_share(n: int, *, level: float = 0.95) -> float:
    """Return the largest share of replicates in which what none of ``n`` showed may occur.

    It is 1 - (1 - level)^(1 / n), the exact upper limit of a share of which none was seen
    (Clopper & Pearson 1934, Biometrika 26(4)); at 95% about 3 / n, the rule of three (Hanley &
    Lippman-Hand 1983, JAMA 249(13)).

    Raises
    ------
    ValueError
        If ``n`` is below 1.
    """
    if n < 1:
        raise ValueError(f"n = {n}: one replicate or more is needed")
    return float(1 - (1 - level) ** (1 / n))


def are_rare(change: Floats) -> bool:
    """Say whether paired differences (n,) are rare events: some are 0, and few are not."""
    apart = int(np.count_nonzero(change))
    return 0 < apart < min(change.size, ENOUGH)


def events_interval(change: Floats, *, level: float = 0.95) -> tuple[float, float]:
    """Return the ends of the interval of the mean of paired differences that are rare events.

    Each replicate that differs is an event of the size of its difference. The mean of the
    positive ones, and that of the negative ones, is a sum of independent Poisson counts weighted
    by those sizes, whose interval is the gamma interval (Fay & Feuer 1997, Statistics in Medicine
    16(7)); an event that was not seen is taken to be as large as the largest that was. The
    interval of their difference is made of the two by the method of variance estimates recovery
    (Zou & Donner 2008, Statistics in Medicine 27(10)). It covers at least as often as it says
    wherever that was measured, in the tests; 0 is outside from six events on one side on.

    Parameters
    ----------
    change : float (n,), of which one or more is not 0.

    Raises
    ------
    ValueError
        If all are 0.
    """
    largest = float(np.abs(change).max(initial=0.0))
    if largest == 0:
        raise ValueError("no difference: there is no event")
    up, down = np.maximum(change, 0), np.maximum(-change, 0)
    up_low, up_high = _gamma_interval(up, largest=largest, level=level)
    down_low, down_high = _gamma_interval(down, largest=largest, level=level)
    total_up, total_down = float(up.sum()), float(down.sum())
    low = total_up - total_down - math.hypot(total_up - up_low, down_high - total_down)
    high = total_up - total_down + math.hypot(up_high - total_up, total_down - down_low)
    return low / change.size, high / change.size


def _gamma_interval(sizes: Floats, *, largest: float, level: float) -> tuple[float, float]:
    """Return the ends of the interval of a sum of Poisson events of these sizes."""
    tail = (1 - level) / 2
    total, squares = float(sizes.sum()), float((sizes**2).sum())
    low = 0.0
    if total > 0:
        low = squares / (2 * total) * float(stats.chi2.ppf(tail, 2 * total**2 / squares))
    more, wider = total + largest, squares + largest**2
    high = wider / (2 * more) * float(stats.chi2.ppf(1 - tail, 2 * more**2 / wider))
    return low, high
