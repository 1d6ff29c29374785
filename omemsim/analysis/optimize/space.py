"""What a candidate is: numbers from 0 to 1, and the strategy that they mean.

There is a number for each tactic in each zone, one for each fund, and one for how much of the money
is spent. A number up to a half means that the tactic or fund gets nothing, so that most mixes have
few parts; above, shares are in proportion to what it is above a half. All else is the base's:
hours, allocation, training. No candidate has more hours or money than the base.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from omemsim.analysis.best_mix import shares_of
from omemsim.strategies import Fund, Strategy, mix_in
from omemsim.vocabulary.wheel import Tactic, Zone

__all__ = ["MONEY", "candidate", "genes", "numbers_of_strategy"]

Genes = dict[str, float]

TACTICS = [tactic.name.lower() for tactic in Tactic]
FUNDS = [fund.value for fund in Fund]
MONEY, SPEND = "money", "spend"
NOTHING = 0.5  # up to which a number means no share; assumed: half of all tactics are left out
CENTS = 2


def genes() -> list[str]:
    """Return the names of a candidate's numbers, in their order."""
    zones = [f"{zone.name.lower()}.{tactic}" for zone in Zone for tactic in TACTICS]
    return [*zones, *(f"{SPEND}.{fund}" for fund in FUNDS), MONEY]


def candidate(base: Strategy, numbers: Mapping[str, float], name: str) -> Strategy:
    """Return the strategy that numbers mean.

    Parameters
    ----------
    base : what all candidates share.
    numbers : from 0 to 1, by `genes`.
    name : of the strategy.
    """
    mix = {zone.name.lower(): _divided(f"{zone.name.lower()}.", TACTICS, numbers) for zone in Zone}
    spend = _divided(f"{SPEND}.", FUNDS, numbers)
    money = round(base.money * numbers[MONEY], CENTS)
    return replace(base, name=name, mix=mix, directed=0.0, spend=spend, money=money)


def _divided(prefix: str, keys: Sequence[str], numbers: Mapping[str, float]) -> dict[str, float]:
    given = np.array([numbers[prefix + key] for key in keys])
    parts = np.maximum(given - NOTHING, 0.0)
    if not parts.any():
        parts = (given == given.max()).astype(float)
    return shares_of(keys, parts / parts.sum())


def numbers_of_strategy(strategy: Strategy, money: float) -> Genes:
    """Return the numbers of a strategy's mix, spending and money: where a search may begin.

    Parameters
    ----------
    strategy : what it has beside these is lost, as are hours that it does not use.
    money : the most that a candidate may spend, in CAD a resident and year, above 0.
    """
    patrol, directed = Tactic.PATROL.name.lower(), Tactic.DIRECTED_PATROL.name.lower()
    found = dict.fromkeys(genes(), 0.0)
    for zone in Zone:
        row = dict(mix_in(strategy.mix, zone))
        row[patrol] = row.get(patrol, 0.0) - strategy.directed
        row[directed] = row.get(directed, 0.0) + strategy.directed
        for tactic in TACTICS:
            found[f"{zone.name.lower()}.{tactic}"] = _number(row.get(tactic, 0.0))
    spend = {fund: strategy.spend.get(fund, 0.0) for fund in FUNDS}
    spend[Fund.CASEWORK.value] += max(1 - sum(spend.values()), 0.0)
    found |= {f"{SPEND}.{fund}": _number(share) for fund, share in spend.items()}
    return found | {MONEY: min(strategy.money / money, 1.0)}


def _number(share: float) -> float:
    return NOTHING + share * (1 - NOTHING) if share > 0 else 0.0
