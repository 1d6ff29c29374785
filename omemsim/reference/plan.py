"""Stage 3, plan: shares of hours, what money buys, and what interventions ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.assess import last_weeks
from omemsim.reference.own_tactics import label_own, own_shares
from omemsim.reference.rollout import is_covered, roll_out
from omemsim.vocabulary.rates import per_week
from omemsim.vocabulary.wheel import FIRST_PROJECT, SOCIAL_SECTORS, Sector, Tactic, Work, Zone

if TYPE_CHECKING:
    from omemsim.reference.agents import Agency, Neighbourhood
    from omemsim.reference.entries import Intervention
    from omemsim.reference.model import ReferenceModel

__all__ = ["plan"]

FUNDS = (
    "casework",
    "social_development",
    "situational_prevention",
    "situation_table",
    "co_response",
)


def plan(model: ReferenceModel) -> None:
    """Stage 3: the strategy turns zones, calls and population into shares of hours."""
    roll_out(model)
    weights = [weight(model, hood) for hood in model.neighbourhoods]
    total = sum(weights)
    for hood, part in zip(model.neighbourhoods, weights, strict=True):
        mix = mix_of(model, hood) if is_covered(model, hood) else {}
        hood.share = [part / total * mix.get(tactic.name.lower(), 0.0) for tactic in Tactic]
        hood.own_share = own_shares(model, mix, part / total)
    label_own(model)
    week = model.week
    active = [work for work in model.interventions if work.start <= week < work.end]
    for hood in model.neighbourhoods:
        order(hood, active)
    model.service.extra_hours = sum(hours_of(w) for w in active if w.is_added)
    buy(model)
    for hood in model.neighbourhoods:
        add_cases(hood, active)


def mix_of(model: ReferenceModel, hood: Neighbourhood) -> dict[str, float]:
    """Return what all zones do, the zone's own over it; some patrol is directed to places."""
    mix = dict(model.strategy.mix.get("all", {}))
    mix.update(model.strategy.mix.get(Zone(hood.zone).name.lower(), {}))
    directed = model.strategy.directed
    mix["patrol"] = max(0.0, mix.get("patrol", 0.0) - directed)
    mix["directed_patrol"] = mix.get("directed_patrol", 0.0) + directed
    return mix


def order(hood: Neighbourhood, active: list[Intervention]) -> None:
    """Write what interventions ask for in a neighbourhood: hours, light, dwellings."""
    thousands = len(hood.residents) / 1000
    hood.ordered = [
        thousands * dose(hood, active, tactic) + dose(hood, active, tactic, at_places=True)
        for tactic in Tactic
    ]
    hood.lit = min(1.0, dose(hood, active, Work.LIGHTING))
    hood.hardened = dose(hood, active, Work.TARGET_HARDENING)


def dose(
    hood: Neighbourhood, active: list[Intervention], what: int, *, at_places: bool = False
) -> float:
    """Return the summed dose of the interventions of a kind in a neighbourhood.

    Parameters
    ----------
    active : interventions of this week.
    what : kind, as ``Work``.
    at_places : whether those at single places of it are meant, or those of the whole.
    """
    here = (w for w in active if w.what == what and w.neighbourhood in (None, hood))
    return sum(w.dose for w in here if (w.place is not None) == at_places)


def hours_of(work: Intervention) -> float:
    """Return the hours a week that an intervention of a tactic asks for; 0 of a project."""
    if work.what >= FIRST_PROJECT or work.neighbourhood is None:
        return 0.0
    people = 1000 if work.place is not None else len(work.neighbourhood.residents)
    return work.dose * people / 1000


def add_cases(hood: Neighbourhood, active: list[Intervention]) -> None:
    """Share the cases that interventions pay for alike over a neighbourhood's agencies."""
    cases = dose(hood, active, Work.CASEWORK) * len(hood.residents) / 1000
    for agency in hood.agencies:
        agency.funded += cases / len(Sector)


def weight(model: ReferenceModel, hood: Neighbourhood) -> float:
    """Return a neighbourhood's weight in the strategy's allocation."""
    by = model.strategy.allocation.value
    if by == "equal":
        return 1.0
    if by == "calls":
        return last_weeks(hood.past_calls, model.week, model.strategy.calls_window) + 1.0
    if by == "need":
        return hood.population * (len(Zone) - hood.zone)
    return hood.population


def buy(model: ReferenceModel) -> None:
    """Turn the week's money into cases, Table cases, answered calls and redesigned places."""
    price, service = model.parameters.account, model.service
    population = sum(hood.population for hood in model.neighbourhoods)
    money = per_week(model.strategy.money) * population
    bought = {fund: money * model.strategy.spend.get(fund, 0.0) for fund in FUNDS}
    bought["casework"] += max(0.0, money - sum(bought.values()))
    service.table_cases = bought["situation_table"] / price.table_case * service.seated
    service.co_answers = bought["co_response"] / price.co_answer
    service.design_places = bought["situational_prevention"] / price.design_place
    people = [served(agency, by_need=False) for agency in model.agencies]
    needy = [
        served(agency, by_need=True) if agency.sector in SOCIAL_SECTORS else 0.0
        for agency in model.agencies
    ]
    for agency, some, poor in zip(model.agencies, people, needy, strict=True):
        case = max(model.parameters.partner.cost, 1e-9)
        casework = bought["casework"] * some / sum(people)
        social = bought["social_development"] * poor / max(sum(needy), 1e-12)
        agency.funded, agency.outreach = (casework + social) / case, social / case


def served(agency: Agency, *, by_need: bool) -> float:
    """Return the people of an agency's catchment, each counted by deprivation if by need."""
    return sum(h.population * (h.deprivation if by_need else 1.0) for h in agency.catchment)
