"""Stage 3, plan: the strategy turns zones, calls and population into shares of hours.

    share[n, tactic] = weight_n / sum of weights * mix[zone_n, tactic]

with weight by the strategy's allocation: equal (1), residents (population), calls (public
calls over calls_window), need (population times 4 for red, 3, 2, 1 for blue). The mix of a zone
is the mix of ``all``, with the zone's own entries in place of those; ``directed`` of the hours goes
from patrol to directed patrol.
Tactics of the user's own (`own_tactics`) have shares of the mix, too.
Shares sum to at most 1; what is left over is unassigned. Before the roll-out only pilot
neighbourhoods get tactics (`rollout`). Money buys cases at agencies (casework by
population, social development by population x deprivation in the sectors that treat
precursors), Situation Table cases as far as the council seats them, calls answered with a
health team, and redesigned places, each at its price. Interventions that are on this week
order hours (dose per 1,000 residents, or at a single place), light, hardened dwellings and cases
beside all that; hours that are added come on top of those the service has (``extra_hours``).
Source: strategy files.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import Column, Double, Whole, kernel, paired_sum
from omemsim.processes.assess import count_in
from omemsim.processes.rollout import RolloutParameters, roll_out, rollout_parameters
from omemsim.program import Stage
from omemsim.strategies import Allocation, Fund, Strategy, own_shares_by_zone, shares_by_zone
from omemsim.town import Table, Town
from omemsim.vocabulary.own_tactics import ROOM_FOR
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import per_week
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import FIRST_PROJECT, Sector, Tactic, Work, Zone

__all__ = ["STAGE", "step"]

READS = {
    "neighbourhoods": "key zone residents population deprivation catchment past_calls",
    "agencies": "sector",
    "interventions": "count start end what neighbourhood place is_added dose",
    "service": "seated",
}
WRITES = {
    "neighbourhoods": "share ordered lit hardened own_share calls_at_start",
    "agencies": "funded outreach",
    "service": "table_cases co_answers design_places own_pillar own_area extra_hours covered",
}

IS_SOCIAL = np.array([sector.serves.is_social for sector in Sector])
ALLOCATIONS, FUNDS = list(Allocation), list(Fund)
_EQUAL, _CALLS, _NEED = map(
    ALLOCATIONS.index, (Allocation.EQUAL, Allocation.CALLS, Allocation.NEED)
)
_CASEWORK, _SOCIAL, _SITUATIONAL, _SITUATION_TABLE, _CO_RESPONSE = map(
    FUNDS.index,
    (
        Fund.CASEWORK,
        Fund.SOCIAL_DEVELOPMENT,
        Fund.SITUATIONAL_PREVENTION,
        Fund.SITUATION_TABLE,
        Fund.CO_RESPONSE,
    ),
)
_SECTORS, _TACTICS, _PROJECTS = len(Sector), len(Tactic), len(Work) - len(Tactic)
_ZONES, _FUNDS, _ROOM = len(Zone), len(FUNDS), ROOM_FOR


class PlanParameters(NamedTuple):
    """What `plan` needs of the strategy, and prices in CAD."""

    mix: Annotated[NDArray[np.float64], (_ZONES, _TACTICS)]  # shares of hours
    own_mix: Annotated[NDArray[np.float64], (_ZONES, _ROOM)]  # of tactics of the user's own
    own_pillar: Annotated[NDArray[np.int64], _ROOM]  # of each; -1 where there is none
    own_area: Annotated[NDArray[np.int64], _ROOM]
    allocation: np.int64  # its number in `Allocation`
    calls_window: np.int64  # weeks
    rollout: RolloutParameters
    money: np.float64  # a resident and week
    spend: Annotated[NDArray[np.float64], _FUNDS]  # shares of money
    case: np.float64
    table_case: np.float64
    co_answer: np.float64
    design_place: np.float64


def plan_parameters(parameters: Parameters, strategy: Strategy) -> PlanParameters:
    """Return what the stage needs."""
    own = strategy.tactics
    none = [-1] * (ROOM_FOR - len(own))
    return fill(
        PlanParameters,
        parameters.account,
        mix=shares_by_zone(strategy.mix, strategy.directed, [one.name for one in own]),
        own_mix=own_shares_by_zone(strategy.mix, own),
        own_pillar=[*(int(one.pillar) for one in own), *none],
        own_area=[*(int(one.area) for one in own), *none],
        allocation=ALLOCATIONS.index(strategy.allocation),
        calls_window=strategy.calls_window,
        rollout=rollout_parameters(strategy),
        money=per_week(strategy.money),
        spend=[strategy.spend.get(fund.value, 0.0) for fund in FUNDS],
        case=max(parameters.partner.cost, 1e-9),
    )


@kernel
def plan(town: Town, p: PlanParameters, week: Whole) -> None:
    """Share out hours, buy, and add what interventions ask for."""
    hoods = town.neighbourhoods
    share_hours(town, week, p)
    label_own(town.service, p)
    money = p.money * paired_sum(hoods.population)
    by_fund = split_money(money, p)
    buy(town.service, by_fund, p)
    fund_agencies(hoods, town.agencies, by_fund, p)
    add_interventions(town, week)


STAGE = Stage(plan, PlanParameters, plan_parameters)
step = STAGE.step


@kernel
def share_hours(town: Town, week: Whole, p: PlanParameters) -> None:
    """Write each neighbourhood's share of proactive hours by tactic."""
    hoods, place = town.neighbourhoods, roll_out(town, p.rollout, week)
    covered = np.float32(town.service.covered[0])
    weight = weights(hoods, week, p)
    total = paired_sum(weight)
    for n in range(weight.size):
        mine = weight[n] / total if place[n] < covered else 0.0
        for tactic in range(_TACTICS):
            hoods.share[n, tactic] = mine * p.mix[hoods.zone[n], tactic]
        for own in range(_ROOM):
            hoods.own_share[n, own] = mine * p.own_mix[hoods.zone[n], own]


@kernel
def label_own(service: Table, p: PlanParameters) -> None:
    """Say of what pillar and area the tactics of the user's own are, for who counts their hours."""
    for own in range(_ROOM):
        service.own_pillar[0, own] = p.own_pillar[own]
        service.own_area[0, own] = p.own_area[own]


@kernel
def weights(hoods: Table, week: Whole, p: PlanParameters) -> Column:
    """Return the weight of each neighbourhood, float64 (N,), with a positive sum."""
    weight = hoods.population.copy()
    for n in range(weight.size):
        if p.allocation == _EQUAL:
            weight[n] = 1.0
        elif p.allocation == _CALLS:  # a place without a call is still somebody's beat
            weight[n] = count_in(hoods.past_calls[n], week, p.calls_window) + 1.0
        elif p.allocation == _NEED:
            weight[n] *= _ZONES - hoods.zone[n]
    return weight


@kernel
def split_money(money: Double, p: PlanParameters) -> Column:
    """Return the week's money by fund; what the shares leave over is casework."""
    by_fund = np.empty(_FUNDS)
    spent = 0.0
    for fund in range(_FUNDS):
        by_fund[fund] = money * p.spend[fund]
        spent += by_fund[fund]
    by_fund[_CASEWORK] += max(money - spent, 0.0)
    return by_fund


@kernel
def buy(service: Table, by_fund: Column, p: PlanParameters) -> None:
    """Turn money into Table cases, answered calls and redesigned places."""
    service.table_cases[0] = service.seated[0] * by_fund[_SITUATION_TABLE] / p.table_case
    service.co_answers[0] = by_fund[_CO_RESPONSE] / p.co_answer
    service.design_places[0] = by_fund[_SITUATIONAL] / p.design_place


@kernel
def fund_agencies(hoods: Table, agencies: Table, by_fund: Column, p: PlanParameters) -> None:
    """Buy cases: casework by people, social development where the deprived live."""
    people, needy = np.zeros(agencies.sector.size), np.zeros(agencies.sector.size)
    for n in range(hoods.population.size):
        first = hoods.catchment[n] * _SECTORS
        for agency in range(first, first + _SECTORS):
            people[agency] += hoods.population[n]
            treats = IS_SOCIAL[agencies.sector[agency]]
            needy[agency] += hoods.population[n] * hoods.deprivation[n] * treats
    all_people, all_needy = paired_sum(people), paired_sum(needy)
    for agency in range(people.size):
        casework = by_fund[_CASEWORK] * people[agency] / all_people
        social = by_fund[_SOCIAL] * needy[agency] / max(all_needy, 1e-12)
        agencies.funded[agency] = (casework + social) / p.case
        agencies.outreach[agency] = social / p.case


@kernel
def add_interventions(town: Town, week: Whole) -> None:
    """Add up what the interventions of this week ask for."""
    hoods, agencies, interventions = town.neighbourhoods, town.agencies, town.interventions
    hours = np.zeros((hoods.residents.size, _TACTICS))
    placed = np.zeros((hoods.residents.size, _TACTICS))  # hours at single places
    projects = np.zeros((hoods.residents.size, _PROJECTS))
    extra = 0.0
    for row in range(interventions.count[0]):
        if interventions.start[row] <= week < interventions.end[row]:
            n, what = interventions.neighbourhood[row], interventions.what[row]
            is_placed, is_added = interventions.place[row] >= 0, interventions.is_added[row] == 1
            if what < FIRST_PROJECT and is_placed:
                placed[n, what] += interventions.dose[row]
                extra += interventions.dose[row] * is_added
            elif what < FIRST_PROJECT:
                hours[n, what] += interventions.dose[row]
                extra += interventions.dose[row] * (hoods.residents[n] / 1000) * is_added
            elif not is_placed:  # at a place: see `placed`
                projects[n, what - FIRST_PROJECT] += interventions.dose[row]
    town.service.extra_hours[0] = extra
    cases = np.zeros(agencies.funded.size // _SECTORS)  # by catchment
    for n in range(hoods.residents.size):
        thousands = hoods.residents[n] / 1000
        for tactic in range(_TACTICS):
            hoods.ordered[n, tactic] = hours[n, tactic] * thousands + placed[n, tactic]
        hoods.lit[n] = min(projects[n, Work.LIGHTING - FIRST_PROJECT], 1.0)
        hoods.hardened[n] = projects[n, Work.TARGET_HARDENING - FIRST_PROJECT]
        cases[hoods.catchment[n]] += projects[n, Work.CASEWORK - FIRST_PROJECT] * thousands
    for agency in range(agencies.funded.size):
        agencies.funded[agency] += cases[agency // _SECTORS] / _SECTORS
