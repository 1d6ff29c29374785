"""Stage 12, account: what the week cost, by payer. Cost is reported beside outcomes only.

    bill   = (base x dwellings + price x yearly hours on calls, mean of the four years that end
             bill_lag weeks ago, or of what is on record) / 52
    police = sworn officers x staffing x all-in cost / 52;  agencies = cases served x cost per week
    projects = places designed x design_place + dwellings a project protected x harden
    joint work = Table cases taken x table_case + calls answered with a health team x co_answer

Source: practice.md (all-in cost of an officer). Assumption: capacity is paid when used, and so
are Tables and health teams: money that buys cases nobody brings, or seats that stay empty, is
not spent.

Reads: population, caseload, reactive, places_designed, homes_hardened, table_taken, co_answered.
Writes: service.police_cost, agency_cost, project_cost, joint_cost, bill and the record of hours.
Source of the bill: OPP billing model, 2015 (practice.md).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import kernel, paired_sum
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, per_week

__all__ = ["step"]

AVERAGED, KEPT = 208, 312  # weeks a bill averages, weeks of hours on record


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Add up the week's costs."""
    del strategy
    service = town.service
    add_up(
        prices(parameters),
        town.week,
        (town.neighbourhoods.population, len(town.households), town.agencies.caseload),
        (service.staffing, service.reactive),
        (service.places_designed, service.homes_hardened),
        (service.table_taken, service.co_answered),
        (service.past_reactive, service.weeks_kept),
        (service.police_cost, service.agency_cost, service.bill),
        (service.project_cost, service.joint_cost),
    )


@once
def prices(parameters: Parameters) -> tuple[Any, ...]:
    """Return sworn officers per resident and what each costs; of what is bought, and the bill."""
    price = parameters.account
    return (
        (parameters.respond.sworn / 100_000, per_week(price.officer)),
        (float(price.design_place), float(price.harden)),
        (float(price.table_case), float(price.co_answer)),
        float(parameters.partner.cost),
        (float(price.bill_base), float(price.bill_hour), int(price.bill_lag)),
    )


@kernel
def add_up(  # type: ignore[no-untyped-def]
    prices, week, town, patrol, projects, joint, record, costs, of_strategies
):
    (sworn, officer), (design_place, harden), (table_case, co_answer), case, rates = prices
    population, dwellings, caseload = town
    staffing, reactive = patrol
    designed, hardened = projects
    table_taken, co_answered = joint
    police_cost, agency_cost, bill = costs
    project_cost, joint_cost = of_strategies
    police_cost[0] = officer * (sworn * paired_sum(population)) * staffing[0]
    agency_cost[0] = case * caseload.sum()
    project_cost[0] = designed[0] * design_place + hardened[0] * harden
    joint_cost[0] = table_taken[0] * table_case + co_answered[0] * co_answer
    past_reactive, weeks_kept = record
    past_reactive[0, week % KEPT] = reactive[0]
    weeks_kept[0] = min(weeks_kept[0] + 1, KEPT)
    bill[0] = _bill(rates, week, dwellings, past_reactive[0], weeks_kept[0])


@kernel
def _bill(rates, week, dwellings, past_reactive, kept):  # type: ignore[no-untyped-def]
    """Return what the town would be billed this week, in CAD."""
    base, hour, bill_lag = rates
    lag = bill_lag if kept > bill_lag else 0
    hours = np.empty(min(AVERAGED, kept - lag))
    for k in range(hours.size):
        hours[k] = past_reactive[(week - lag - k) % KEPT]
    return base * dwellings / WEEKS_PER_YEAR + hour * (paired_sum(hours) / hours.size)
