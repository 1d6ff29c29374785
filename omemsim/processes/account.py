"""Stage 12, account: what the week cost, by payer. Cost is reported beside outcomes only.

    bill   = (base x dwellings + price x yearly hours on calls, mean of the four years that end
             bill_lag weeks ago, or of what is on record) / 52
    police = sworn officers x staffing x all-in cost / 52;  agencies = cases served x cost per week
    projects = places designed x design_place + dwellings a project protected x harden
    joint work = Table cases taken x table_case + calls answered with a health team x co_answer

Source: practice.md (all-in cost of an officer). Assumption: capacity is paid when used, and so
are Tables and health teams: money that buys cases nobody brings, or seats that stay empty, is
not spent.

Source of the bill: OPP billing model, 2015 (practice.md).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omemsim.kernels import Double, Whole, kernel, paired_sum
from omemsim.program import Stage
from omemsim.strategies import Strategy
from omemsim.town import Table, Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, per_week
from omemsim.vocabulary.records import fill

__all__ = ["STAGE", "step"]

READS = {
    "neighbourhoods": "population",
    "households": "key",
    "agencies": "caseload",
    "service": "staffing reactive places_designed homes_hardened table_taken co_answered",
}
WRITES = {
    "service": "police_cost agency_cost project_cost joint_cost bill past_reactive weeks_kept",
}

AVERAGED, KEPT = 208, 312  # weeks a bill averages, weeks of hours on record


class AccountParameters(NamedTuple):
    """What `account` needs, in CAD."""

    sworn: np.float64  # officers per resident
    officer: np.float64  # each, a week
    design_place: np.float64
    harden: np.float64  # a dwelling
    table_case: np.float64
    co_answer: np.float64  # a call answered with a health team
    case: np.float64  # a case, a week
    bill_base: np.float64  # a dwelling, a year
    bill_hour: np.float64
    bill_lag: np.int64  # weeks


def account_parameters(parameters: Parameters, strategy: Strategy) -> AccountParameters:
    """Return prices, and officers per resident."""
    del strategy
    price = parameters.account
    return fill(
        AccountParameters,
        price,
        sworn=parameters.respond.sworn / 100_000,
        officer=per_week(price.officer),
        case=parameters.partner.cost,
    )


@kernel
def account(town: Town, p: AccountParameters, week: Whole) -> None:
    """Add up the week's costs."""
    service = town.service
    officers = p.sworn * paired_sum(town.neighbourhoods.population)
    service.police_cost[0] = p.officer * officers * service.staffing[0]
    service.agency_cost[0] = p.case * town.agencies.caseload.sum()
    designed = service.places_designed[0] * p.design_place
    service.project_cost[0] = designed + service.homes_hardened[0] * p.harden
    tables = service.table_taken[0] * p.table_case
    service.joint_cost[0] = tables + service.co_answered[0] * p.co_answer
    service.past_reactive[0, week % KEPT] = service.reactive[0]
    service.weeks_kept[0] = min(service.weeks_kept[0] + 1, KEPT)
    service.bill[0] = bill_of(service, week, town.households.key.size, p)


STAGE = Stage(account, AccountParameters, account_parameters)
step = STAGE.step


@kernel
def bill_of(service: Table, week: Whole, dwellings: Whole, p: AccountParameters) -> Double:
    """Return what the town would be billed this week, in CAD."""
    kept = service.weeks_kept[0]
    lag = p.bill_lag if kept > p.bill_lag else 0
    hours = np.empty(min(AVERAGED, kept - lag))
    for k in range(hours.size):
        hours[k] = service.past_reactive[0, (week - lag - k) % KEPT]
    base = p.bill_base * dwellings / WEEKS_PER_YEAR
    return base + p.bill_hour * (paired_sum(hours) / hours.size)
