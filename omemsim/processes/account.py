"""Stage 12, account: what the week cost, by payer. Cost is reported beside outcomes only.

    police = sworn officers x all-in cost / 52;  agencies = cases served x cost per week

Source: practice.md (all-in cost of an officer). Assumption: capacity is paid when used.

Reads: population, caseload. Writes: service.police_cost, service.agency_cost.
"""

from __future__ import annotations

from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import per_week

__all__ = ["step"]


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Add up the week's costs."""
    del strategy
    sworn = parameters.respond.sworn / 100_000 * town.neighbourhoods.population.sum()
    town.service.police_cost[0] = per_week(parameters.account.officer) * sworn
    town.service.agency_cost[0] = parameters.partner.cost * town.agencies.caseload.sum()
