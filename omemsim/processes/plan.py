"""Stage 3, plan: the strategy turns zones, calls and population into shares of hours.

    share[n, tactic] = weight_n / sum of weights * mix[zone_n, tactic]

with weight by the strategy's allocation: equal (1), residents (population), calls (public
calls over calls_window), need (population times 4 for red, 3, 2, 1 for blue). The mix of a zone
is that of all zones under its own; ``directed`` of the hours goes from patrol to directed patrol.
Shares sum to at most 1; what is left over is unassigned. Before the roll-out only pilot
neighbourhoods, drawn by their keys, get tactics. Money buys cases at agencies (casework by
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

from omemsim.kernels import kernel, paired_sum, stream_of, uniform
from omemsim.processes.assess import count_of
from omemsim.schedule import Work
from omemsim.strategies import Allocation, Strategy, money_by_fund, shares_by_zone
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import per_week
from omemsim.vocabulary.wheel import SOCIAL_SECTORS, Sector, Tactic, Zone

__all__ = ["step"]

IS_SOCIAL = np.array([sector in SOCIAL_SECTORS for sector in Sector])
ALLOCATIONS = list(Allocation)
_EQUAL, _CALLS, _NEED = map(
    ALLOCATIONS.index, (Allocation.EQUAL, Allocation.CALLS, Allocation.NEED)
)
_SECTORS, _TACTICS, _WORKS, _ZONES = len(Sector), len(Tactic), len(Work), len(Zone)


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Write each neighbourhood's share of proactive hours by tactic, and what money buys."""
    hoods, agencies = town.neighbourhoods, town.agencies
    service, rows = town.service, town.interventions
    mix, levers = levers_of(strategy)
    pilot = strategy.pilot if town.week < strategy.rollout else 1.0
    money = per_week(strategy.money) * paired_sum(hoods.population)
    write_plan(
        (np.uint64(town.seed), town.week),
        (*levers, np.float32(pilot)),
        mix,
        (money, *money_by_fund(strategy.spend, money)),
        prices(parameters),
        (hoods.key, hoods.zone, hoods.population, hoods.past_calls, hoods.share),
        (hoods.deprivation, hoods.catchment, agencies.sector, agencies.funded),
        (service.seated, service.table_cases),
        (service.co_answers, service.design_places, service.outreach),
        (rows.start, rows.end, rows.what, rows.neighbourhood, rows.dose),
        (hoods.residents, hoods.ordered, hoods.lit, hoods.hardened),
    )


@once
def levers_of(strategy: Strategy) -> tuple[Any, tuple[int, int]]:
    """Return shares of hours, (zones, tactics); and the allocation's number and window."""
    number = ALLOCATIONS.index(strategy.allocation)
    return shares_by_zone(strategy.mix, strategy.directed), (number, strategy.calls_window)


@once
def prices(parameters: Parameters) -> tuple[float, ...]:
    """Return the price of a case, a Table case, an answer with a health team, and a place."""
    price = parameters.account
    cost = max(parameters.partner.cost, 1e-9)
    return cost, float(price.table_case), float(price.co_answer), float(price.design_place)


@kernel
def write_plan(  # type: ignore[no-untyped-def]
    now, levers, mix, money, prices, hoods, agencies, table, others, interventions, work
):
    """Share out hours, buy, and add what interventions ask for."""
    seed, week = now
    allocation, window, pilot = levers
    key, zone, population, past_calls, share = hoods
    deprivation, catchment, sector, funded = agencies
    weight = weights(allocation, week, window, zone, population, past_calls)
    share_hours(weight, paired_sum(weight), mix, zone, key, seed, pilot, share)
    buy(money, prices, table, others)
    people, needy = served(population, deprivation, catchment, sector)
    fund(
        money[1],
        money[2],
        prices[0],
        (people, paired_sum(people)),
        (needy, paired_sum(needy)),
        funded,
    )
    add_up(week, interventions, catchment, work, funded)


@kernel
def weights(allocation, week, window, zone, population, past_calls):  # type: ignore[no-untyped-def]
    """Return the weight of each neighbourhood, float64 (N,), with a positive sum."""
    weight = population.copy()
    if allocation == _EQUAL:
        weight[:] = 1.0
    elif allocation == _CALLS:
        calls = count_of(past_calls, week, window)
        weight[:] = calls + 1.0  # a place without a call is still somebody's beat
    elif allocation == _NEED:
        for n in range(zone.size):
            weight[n] = population[n] * (_ZONES - zone[n])
    return weight


@kernel
def share_hours(weight, total_weight, mix, zone, key, seed, pilot, share):  # type: ignore[no-untyped-def]
    low, high = stream_of(seed, Decision.PILOT, 0)
    for n in range(weight.size):
        is_in = uniform(key[n], low, high) < pilot
        mine = weight[n] / total_weight if is_in else 0.0
        for tactic in range(mix.shape[1]):
            share[n, tactic] = mine * mix[zone[n], tactic]


@kernel
def buy(money, prices, table, others):  # type: ignore[no-untyped-def]
    """Turn the week's money into Table cases, answered calls and redesigned places."""
    everything, _, social, situational, situation, response = money
    _, table_case, co_answer, design_place = prices
    seated, table_cases = table
    co_answers, design_places, outreach = others
    table_cases[0] = seated[0] * situation / table_case
    co_answers[0] = response / co_answer
    design_places[0] = situational / design_place
    outreach[0] = social / max(everything, 1e-12)


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
def add_up(week, rows, catchment, work, funded):  # type: ignore[no-untyped-def]
    """Add up what the interventions of this week ask for."""
    start, end, what, where, asked = rows
    residents, ordered, lit, hardened = work
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
