"""What a strategy is weighed by, in one world and over worlds.

A world is a parameter set that the evidence allows, with a town of its own. In each, a strategy is
compared with the baseline in the same world with the same random numbers; over worlds it counts how
it does in the worse half of them, so that a strategy cannot win by one lucky world (a conditional
value at risk; Rockafellar & Uryasev 2000, Journal of Risk 2(3)).

- *victims*: victimization in the last year, per 1,000 residents 15+.
- *trust*: residents' trust in police, 0 to 1.
- *gap*: victimization in the most deprived quarter of neighbourhoods less that in the others.
- *cost*: money spent on police, cases, Tables, health teams and projects, CAD a resident and year.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omemsim.series import Series
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

__all__ = ["NEEDED", "OBJECTIVES", "Objective", "front_of", "outcomes_of", "robust"]

Floats = NDArray[np.float64]

QUARTER = 0.25  # of neighbourhoods, the most deprived; our choice
SPENT = ("money_police", "money_cases", "money_joint", "money_projects")
NEEDED = ("victimization", "trust", "deprivation", *SPENT)  # measures that have to be recorded


@dataclass(frozen=True)
class Objective:
    """One thing that is weighed.

    Attributes
    ----------
    key, title, unit : what it is called.
    sign : 1 where less is better, -1 where more is.
    plan : the name of the strategy that is best at it.
    """

    key: str
    title: str
    unit: str
    sign: int
    plan: str


OBJECTIVES = (
    Objective("victims", "Victimization", "per 1,000 residents 15+ a year", 1, "fewest_victims"),
    Objective("trust", "Trust in police", "index 0-1", -1, "most_trust"),
    Objective("gap", "Gap in victimization by deprivation", "per 1,000 a year", 1, "smallest_gap"),
    Objective("cost", "Money spent", "CAD a resident a year", 1, "lowest_cost"),
)


def outcomes_of(series: Series) -> dict[str, float]:
    """Return the objectives of a run by their keys, over its last year."""
    summary = series.summary()
    spent = sum(summary[name] for name in SPENT)
    return {
        "victims": summary["victimization"],
        "trust": summary["trust"],
        "gap": _gap(series),
        "cost": spent * WEEKS_PER_YEAR / float(series.population.sum()),
    }


def _gap(series: Series) -> float:
    """Return how much more victimization there is where deprivation is greatest."""
    last = series.weeks > series.weeks[-1] - WEEKS_PER_YEAR
    harm = series.values["victimization"][last].mean(axis=0)
    order = np.argsort(-series.values["deprivation"][-1], kind="stable")
    count = max(1, math.ceil(QUARTER * len(order)))
    poorest, others = order[:count], order[count:]
    if not len(others):
        return 0.0
    weights = series.residents
    among_poorest, elsewhere = (
        np.average(harm[rows], weights=weights[rows]) for rows in (poorest, others)
    )
    return float(among_poorest - elsewhere)


def robust(mine: Sequence[float], base: Sequence[float], sign: int) -> float:
    """Return by how much a strategy is worse than the baseline, in the worse half of worlds.

    Parameters
    ----------
    mine, base : the outcome in each world, the same worlds in the same order, one at least.
    sign : as of `Objective`.
    """
    worse = np.sort(sign * (np.asarray(mine, float) - np.asarray(base, float)))[::-1]
    return float(worse[: math.ceil(len(worse) / 2)].mean())


def front_of(scores: Mapping[str, Sequence[float]]) -> list[str]:
    """Return the candidates that no other one beats: better in one thing, worse in none.

    Parameters
    ----------
    scores : by candidate, a number for each objective, less is better.
    """
    names = list(scores)
    table = np.array([scores[name] for name in names], float).reshape(len(names), -1)
    kept = []
    for row, name in enumerate(names):
        no_worse, better = (table <= table[row]).all(axis=1), (table < table[row]).any(axis=1)
        if not (no_worse & better).any():
            kept.append(name)
    return kept
