"""Stage 3, plan: the strategy turns zones, calls and population into shares of hours.

    share[n, tactic] = weight_n / sum of weights * mix[zone_n, tactic]

with weight by the strategy's allocation: equal (1), residents (population), calls (public
calls over the window), need (population times 4 for red, 3, 2, 1 for blue). Shares sum to
at most 1; what is left over is unassigned. Before the roll-out only pilot neighbourhoods, drawn
by their keys, get tactics. Money buys cases at agencies (casework by
population, social development by population x deprivation in the sectors that treat
precursors), Situation Table cases as far as the council seats them, calls answered with a
health team, and redesigned places, each at its price. Interventions that are on this week
order hours (dose per 1,000 residents), light, hardened dwellings and cases beside all that.
Source: strategy files.

Reads: zone, past_calls, population, deprivation, interventions. Writes: share, ordered, lit,
hardened, agencies.funded, service.table_cases/co_answers/design_places/outreach.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import draw
from omemsim.processes.assess import count_of
from omemsim.schedule import Work
from omemsim.strategies import Allocation, Fund, Strategy, money_by_fund, shares_by_zone
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import per_week
from omemsim.vocabulary.wheel import SOCIAL_SECTORS, Sector, Tactic, Zone

__all__ = ["step"]

IS_SOCIAL = np.array([sector in SOCIAL_SECTORS for sector in Sector])


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Write each neighbourhood's share of proactive hours by tactic, and what money buys."""
    places = town.neighbourhoods
    weight = weights(town, strategy)
    mix = shares_by_zone(strategy.mix)[places.zone]
    if town.week < strategy.rollout:
        draws = np.zeros(len(places), np.float32)
        draw(places.key, stream(town.seed, Decision.PILOT, 0), draws)
        mix = mix * (draws < strategy.pilot)[:, None]
    places.share[:] = (weight / weight.sum())[:, None] * mix
    buy(town, parameters, strategy)
    intervene(town)


def buy(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Turn the week's money into cases, Table cases, answered calls and redesigned places."""
    hoods, agencies, service, price = (
        town.neighbourhoods,
        town.agencies,
        town.service,
        parameters.account,
    )
    money = per_week(strategy.money) * hoods.population.sum()
    bought = money_by_fund(strategy.spend, money)
    seated = service.seated[0]
    service.table_cases[0] = seated * bought[Fund.SITUATION_TABLE] / price.table_case
    service.co_answers[0] = bought[Fund.CO_RESPONSE] / price.co_answer
    service.design_places[0] = bought[Fund.SITUATIONAL_PREVENTION] / price.design_place
    service.outreach[0] = bought[Fund.SOCIAL_DEVELOPMENT] / max(money, 1e-12)
    people = _by_agency(town, hoods.population)
    needy = _by_agency(town, hoods.population * hoods.deprivation)
    needy = needy * IS_SOCIAL[agencies.sector]
    cases = bought[Fund.CASEWORK] * people / people.sum()
    cases = cases + bought[Fund.SOCIAL_DEVELOPMENT] * needy / max(needy.sum(), 1e-12)
    agencies.funded[:] = cases / max(parameters.partner.cost, 1e-9)


def intervene(town: Town) -> None:
    """Add up what the interventions of this week ask for."""
    hoods, agencies, rows = town.neighbourhoods, town.agencies, town.interventions
    if len(rows) == 0:
        for column in (hoods.ordered, hoods.lit, hoods.hardened):
            column[:] = 0
        return
    now = (rows.start <= town.week) & (town.week < rows.end)
    dose = np.zeros((len(hoods), len(Work)))
    np.add.at(dose, (rows.neighbourhood[now], rows.what[now]), rows.dose[now])
    thousands = hoods.residents / 1000
    hoods.ordered[:] = dose[:, : len(Tactic)] * thousands[:, None]
    hoods.lit[:] = np.minimum(dose[:, Work.LIGHTING], 1)
    hoods.hardened[:] = dose[:, Work.TARGET_HARDENING]
    agencies.funded += _by_agency(town, dose[:, Work.CASEWORK] * thousands) / len(Sector)


def _by_agency(town: Town, weight: Any) -> Any:
    """Return a neighbourhood weight summed over each agency's catchment, (agencies,)."""
    groups = len(town.agencies) // len(Sector)
    total = np.bincount(town.neighbourhoods.catchment, weights=weight, minlength=groups)
    return np.repeat(total, len(Sector))


def weights(town: Town, strategy: Strategy) -> Any:
    """Return the weight of each neighbourhood, float64 (N,), with a positive sum."""
    places = town.neighbourhoods
    if strategy.allocation is Allocation.EQUAL:
        return np.ones(len(places))
    if strategy.allocation is Allocation.CALLS:
        calls = count_of(places.past_calls, town.week, strategy.window)
        return calls + 1.0  # a place without a call is still somebody's beat
    if strategy.allocation is Allocation.NEED:
        return places.population * (len(Zone) - places.zone)
    return places.population.copy()
