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

from omemsim.kernels import kernel, stream_of, uniform
from omemsim.processes.assess import count_of
from omemsim.schedule import Work
from omemsim.strategies import Allocation, Fund, Strategy, money_by_fund, shares_by_zone
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import per_week
from omemsim.vocabulary.wheel import SOCIAL_SECTORS, Sector, Tactic, Zone

__all__ = ["step"]

IS_SOCIAL = np.array([sector in SOCIAL_SECTORS for sector in Sector])
_SECTORS, _TACTICS, _WORKS = len(Sector), len(Tactic), len(Work)


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Write each neighbourhood's share of proactive hours by tactic, and what money buys."""
    share_out(town, strategy)
    buy(town, parameters, strategy)
    intervene(town)


def share_out(town: Town, strategy: Strategy) -> None:
    """Share out the hours: by weight to neighbourhoods, by the mix of their zone to tactics."""
    places, weight = town.neighbourhoods, weights(town, strategy)
    share_hours(
        weight,
        weight.sum(),
        mix_by_zone(strategy),
        places.zone,
        places.key,
        np.uint64(town.seed),
        np.float32(strategy.pilot if town.week < strategy.rollout else 1.0),
        places.share,
    )


@once
def mix_by_zone(strategy: Strategy) -> Any:
    """Return the strategy's shares of hours, (zones, tactics)."""
    return shares_by_zone(strategy.mix)


def buy(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Turn the week's money into cases, Table cases, answered calls and redesigned places."""
    hoods, agencies, service = town.neighbourhoods, town.agencies, town.service
    price = parameters.account
    money = per_week(strategy.money) * float(hoods.population.sum())
    bought = money_by_fund(strategy.spend, money)
    seated = service.seated[0]
    service.table_cases[0] = seated * bought[Fund.SITUATION_TABLE] / price.table_case
    service.co_answers[0] = bought[Fund.CO_RESPONSE] / price.co_answer
    service.design_places[0] = bought[Fund.SITUATIONAL_PREVENTION] / price.design_place
    service.outreach[0] = bought[Fund.SOCIAL_DEVELOPMENT] / max(money, 1e-12)
    people, needy = served(hoods.population, hoods.deprivation, hoods.catchment, agencies.sector)
    fund(
        bought[Fund.CASEWORK],
        bought[Fund.SOCIAL_DEVELOPMENT],
        max(parameters.partner.cost, 1e-9),
        (people, people.sum()),
        (needy, needy.sum()),
        agencies.funded,
    )


def intervene(town: Town) -> None:
    """Add up what the interventions of this week ask for."""
    hoods, rows = town.neighbourhoods, town.interventions
    add_up(
        town.week,
        (rows.start, rows.end, rows.what, rows.neighbourhood, rows.dose),
        hoods.residents,
        hoods.catchment,
        (hoods.ordered, hoods.lit, hoods.hardened),
        town.agencies.funded,
    )


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
    return places.population


@kernel
def share_hours(weight, total, mix, zone, key, seed, pilot, share):  # type: ignore[no-untyped-def]
    luck = stream_of(seed, Decision.PILOT, 0)
    for n in range(weight.size):
        is_in = uniform(key[n], luck[0], luck[1]) < pilot
        mine = weight[n] / total if is_in else 0.0
        for tactic in range(mix.shape[1]):
            share[n, tactic] = mine * mix[zone[n], tactic]


@kernel
def served(population, deprivation, catchment, sector):  # type: ignore[no-untyped-def]
    """Return the people of each agency's catchment; and the deprived, for who treats precursors."""
    people, needy = np.zeros(sector.size), np.zeros(sector.size)
    for n in range(population.size):
        for agency in range(catchment[n] * _SECTORS, (catchment[n] + 1) * _SECTORS):
            people[agency] += population[n]
            needy[agency] += population[n] * deprivation[n] * IS_SOCIAL[sector[agency]]
    return people, needy


@kernel
def fund(casework, social, cost, people, needy, funded):  # type: ignore[no-untyped-def]
    for agency in range(funded.size):
        money = casework * people[0][agency] / people[1]
        money += social * needy[0][agency] / max(needy[1], 1e-12)
        funded[agency] = money / cost


@kernel
def add_up(week, rows, residents, catchment, work, funded):  # type: ignore[no-untyped-def]
    start, end, what, where, asked = rows
    ordered, lit, hardened = work
    dose = np.zeros((residents.size, _WORKS))
    for row in range(start.size):
        if start[row] <= week < end[row]:
            dose[where[row], what[row]] += asked[row]
    cases = np.zeros(funded.size // _SECTORS)
    for n in range(residents.size):
        thousands = residents[n] / 1000
        for tactic in range(_TACTICS):
            ordered[n, tactic] = dose[n, tactic] * thousands
        lit[n] = min(dose[n, Work.LIGHTING], 1.0)
        hardened[n] = dose[n, Work.TARGET_HARDENING]
        cases[catchment[n]] += dose[n, Work.CASEWORK] * thousands
    for agency in range(funded.size):
        funded[agency] += cases[agency // _SECTORS] / _SECTORS
