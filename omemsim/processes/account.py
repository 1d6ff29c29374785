"""Stage 12, account: what the week cost, by payer. Cost is reported beside outcomes only.

    bill   = (base x dwellings + price x yearly hours on calls, mean of the four years that end
             bill_lag weeks ago, or of what is on record) / 52
    police = sworn officers x staffing x all-in cost / 52;  agencies = cases served x cost per week
    projects = places designed x design_place + dwellings a project protected x harden

Source: practice.md (all-in cost of an officer). Assumption: capacity is paid when used.

Reads: population, caseload, reactive, places_designed, homes_hardened. Writes:
service.police_cost, agency_cost, project_cost, bill and the record of hours. Source of the
bill: OPP billing model, 2015 (practice.md).
"""

from __future__ import annotations

import numpy as np

from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Account, Parameters
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, per_week

__all__ = ["step"]

AVERAGED, KEPT = 208, 312  # weeks a bill averages, weeks of hours on record


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Add up the week's costs."""
    del strategy
    sworn = parameters.respond.sworn / 100_000 * town.neighbourhoods.population.sum()
    service = town.service
    service.police_cost[0] = per_week(parameters.account.officer) * sworn * service.staffing[0]
    service.past_reactive[0, town.week % KEPT] = service.reactive[0]
    service.weeks_kept[0] = min(service.weeks_kept[0] + 1, KEPT)
    service.bill[0] = bill(town, parameters.account)
    service.agency_cost[0] = parameters.partner.cost * town.agencies.caseload.sum()
    price = parameters.account
    designed, hardened = service.places_designed[0], service.homes_hardened[0]
    service.project_cost[0] = designed * price.design_place + hardened * price.harden


def bill(town: Town, group: Account) -> float:
    """Return what the town would be billed this week, in CAD."""
    service = town.service
    kept = int(service.weeks_kept[0])
    lag = group.bill_lag if kept > group.bill_lag else 0
    latest, averaged = (town.week - lag) % KEPT, min(AVERAGED, kept - lag)
    record = service.past_reactive[0][np.arange(latest, latest - averaged, -1)]  # below 0 it wraps
    hours = float(record.sum()) / averaged
    base = group.bill_base * len(town.households) / WEEKS_PER_YEAR
    return base + group.bill_hour * hours
