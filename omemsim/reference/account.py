"""Stage 12, account: what the week cost, by payer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.vocabulary.rates import per_week

if TYPE_CHECKING:
    from omemsim.reference.model import ReferenceModel

__all__ = ["account"]

BILLED = 208  # weeks of hours a bill averages
ON_RECORD = 312  # weeks of hours kept


def account(model: ReferenceModel) -> None:
    """Stage 12: what the week cost, by payer."""
    parameters, service = model.parameters, model.service
    population = sum(hood.population for hood in model.neighbourhoods)
    sworn = parameters.respond.sworn / 100_000 * population
    service.police_cost = per_week(parameters.account.officer) * sworn * service.staffing
    service.agency_cost = parameters.partner.cost * sum(a.caseload for a in model.agencies)
    service.past_reactive[model.week % ON_RECORD] = service.reactive
    service.weeks_kept = min(ON_RECORD, service.weeks_kept + 1)
    service.bill = bill(model)
    price = parameters.account
    service.project_cost = service.places_designed * price.design_place
    service.project_cost += service.homes_hardened * price.harden
    service.joint_cost = service.table_taken * price.table_case
    service.joint_cost += service.co_answered * price.co_answer


def bill(model: ReferenceModel) -> float:
    """Return the town's bill: dwellings, and hours on calls of up to four years that ended."""
    group, service = model.parameters.account, model.service
    lag = group.bill_lag if service.weeks_kept > group.bill_lag else 0
    last = model.week - lag
    oldest = model.week - service.weeks_kept + 1
    weeks = [week for week in range(last - BILLED + 1, last + 1) if week >= oldest]
    hours = sum(service.past_reactive[week % ON_RECORD] for week in weeks) / len(weeks)
    return per_week(group.bill_base) * len(model.households) + group.bill_hour * hours
