"""What a strategy may spend: shares that fit into a whole, and orders that fit into the hours.

What is refused is refused with the sum worked out, so that one sees what to take away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.scenario import Scenario
from omemsim.schedule import Intervention
from omemsim.vocabulary.rates import per_week
from omemsim.vocabulary.wheel import FIRST_PROJECT

__all__ = ["ROUNDING", "hours_of", "not_a_share", "ordered_problems", "sum_worked_out"]

ROUNDING = 1e-9  # a hair above 1, so that ten shares of 0.1 pass


def sum_worked_out(shares: Mapping[str, float]) -> str:
    """Return the sum of shares that are more than 1, as "0.7 (patrol) + 0.5 (liaison) = ..."."""
    total = sum(shares.values())
    parts = " + ".join(f"{share:g} ({name})" for name, share in shares.items() if share)
    return f"{parts} = {total:.6g}, so take {total - 1:.6g} away"


def not_a_share(where: str, value: float, row: Mapping[str, float]) -> str:
    """Return why a number is no share of hours, and what share it would be if it is hours.

    Parameters
    ----------
    where : the key.
    value : out of bounds.
    row : all numbers of the zone, by tactic.
    """
    said = f"{where} = {value}: must be from 0 to 1 (share)."
    total = sum(row.values())
    if value <= 1 or len(row) < 2 or min(row.values()) < 0:
        return said
    return (
        f"{said} If these are hours of a week, divide each by their sum: "
        f"{value:g} / {total:g} = {value / total:.3g}."
    )


def hours_of(scenario: Scenario, blueprint: Blueprint) -> float:
    """Return the patrol hours a week of a town's service, those out of service among them."""
    group = scenario.parameters.respond
    officers = group.sworn / 100_000 * float(blueprint.population.sum())
    return officers * per_week(group.hours_per_year) * group.patrol_share


def ordered_problems(scenario: Scenario, blueprint: Blueprint) -> list[str]:
    """Return a sentence if interventions order more hours than the whole service has, else none.

    Only what is certain before a town lives is counted: as many of the smallest neighbourhoods as
    are chosen by name or by a share, and none that are chosen by their zone.

    Parameters
    ----------
    scenario : its interventions fit by themselves.
    blueprint : of its town.
    """
    orders = {
        f"strategy.interventions[{number}] ({item.what.name.lower()})": item
        for number, item in enumerate(scenario.strategy.interventions)
        if item.what < FIRST_PROJECT and not item.added
    }
    has = hours_of(scenario, blueprint)
    for week in sorted({item.from_ for item in orders.values()}):
        asked = {
            path: _least_hours(item, blueprint)
            for path, item in orders.items()
            if item.from_ <= week < item.to
        }
        total = sum(asked.values())
        if total > has * (1 + ROUNDING):
            parts = " + ".join(f"{hours:,.1f} for {path}" for path, hours in asked.items() if hours)
            return [
                f"In week {week} interventions order {total:,.1f} hours ({parts}); the whole "
                f"service has {has:,.1f} hours a week. Lower the doses by {total - has:,.1f} "
                "hours in all, or say added: true of hours that come on top."
            ]
    return []


def _least_hours(item: Intervention, blueprint: Blueprint) -> float:
    """Return the hours a week that an intervention orders at least."""
    if item.places:
        return item.dose * len(item.places)
    return item.dose * _least_residents(item.where, blueprint) / 1000


def _least_residents(where: Sequence[str], blueprint: Blueprint) -> float:
    """Return how many residents live where at least: in as many of the smallest neighbourhoods."""
    number = len(blueprint.residents)
    named = [word for word in where if ":" not in word]
    least = number if not where or "all" in where else len(named)
    for word in where:
        kind, _, share = word.partition(":")
        if kind.startswith(("most_", "least_")):
            least = max(least, int(number * float(share) + 0.5))
    return float(np.sort(blueprint.residents)[:least].sum())
