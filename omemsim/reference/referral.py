"""Who becomes a case, in stage 6: crises, need and schools bring people to agencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.act import how_many
from omemsim.reference.draws import choice, cut, event_id, event_uniform, probability, uniform
from omemsim.reference.situation import YOUTH, sector_by_need, sector_by_risk, sector_by_school
from omemsim.vocabulary.random_numbers import Decision

if TYPE_CHECKING:
    from omemsim.reference.agents import Agency, Neighbourhood, Resident
    from omemsim.reference.model import ReferenceModel
    from omemsim.vocabulary.wheel import Sector

__all__ = ["NO_CASE", "SERVED", "WAITING", "refer"]

NO_CASE, WAITING, SERVED = 0, 1, 2


def refer(model: ReferenceModel) -> None:
    """Put on lists those who are sent or ask, those who are found, and those whom schools refer."""
    asking = model.draws.stream(Decision.SELF_REFER, model.week)
    for resident in model.residents:
        is_sent, resident.is_referred = resident.is_referred, False
        if resident.case == NO_CASE:
            comes = False if resident.is_moved else is_sent
            comes = comes or asks_for_help(model, resident, uniform(resident.key, asking))
            if comes:
                put_on_list(model, resident, sector_by_risk(model.draws, resident))
    reach_out(model)
    looking = model.draws.stream(Decision.SCHOOL, model.week)
    for hood in model.neighbourhoods:
        ask_schools(model, hood, event_id(hood.key, 0, looking))


def asks_for_help(model: ReferenceModel, resident: Resident, u: float) -> bool:
    """Draw whether a person with an unresolved crisis of their own asks an agency for help.

    Parameters
    ----------
    u : uniform in (0, 1).
    """
    group = model.parameters.partner
    if resident.unresolved == 0 or resident.is_moved:
        return False
    hood = resident.neighbourhood
    outreach = 1 + group.outreach * hood.mobilization + group.organized * hood.social_momentum
    return model.draws.below(u, group.refer_self * outreach)


def reach_out(model: ReferenceModel) -> None:
    """Put on lists whom social development finds by their need, without any crisis."""
    finding = model.draws.stream(Decision.OUTREACH, model.week)
    cases = dict.fromkeys(model.agencies, 0)
    for resident in model.residents:
        if resident.agency is not None:
            cases[resident.agency] += 1
    free = {agency: free_places(agency, cases[agency]) for agency in model.agencies}
    rates = {hood: outreach_rate(model, hood) for hood in model.neighbourhoods}
    for resident in model.residents:
        hood = resident.neighbourhood
        if resident.case == NO_CASE and rates[hood] > 0:
            sector = sector_by_need(model.draws, resident)
            rate = rates[hood] * free[hood.agencies[sector]] * resident.need**2
            if model.draws.below(uniform(resident.key, finding), probability(rate)):
                put_on_list(model, resident, sector)


def free_places(agency: Agency, cases: int) -> float:
    """Return the free share of the places that social development pays for at an agency.

    Parameters
    ----------
    cases : whom it serves, and who waits for it.
    """
    left = agency.capacity + agency.funded - cases
    return cut(left / agency.outreach) if agency.outreach > 0 else 0.0


def outreach_rate(model: ReferenceModel, hood: Neighbourhood) -> float:
    """Return the weekly rate of finding a person of need 1: as many as paid places can take."""
    group = model.parameters.partner
    looked_for = group.need_found * sum(a.outreach for a in hood.agencies) / group.service_weeks
    reached = hood.agencies[0].catchment
    needs = sum(resident.need**2 for other in reached for resident in other.residents)
    return min(looked_for / max(needs, 1.0), 1.0)


def ask_schools(model: ReferenceModel, hood: Neighbourhood, event: int) -> None:
    """Let schools look at some residents, and refer youths and parents with family troubles.

    Parameters
    ----------
    event : identity of the schools' looks in this neighbourhood and week.
    """
    looks = model.parameters.partner.schools * len(hood.residents) / 1000
    for k in range(how_many(model, looks, event)):
        who = hood.residents[choice(event, 2 * k + 1, len(hood.residents))]
        is_theirs = who.age == YOUTH or who.household.children
        can_come = is_theirs and who.case == NO_CASE and not who.is_moved
        if can_come and model.draws.below(event_uniform(event, 2 * k + 2), who.family):
            put_on_list(model, who, sector_by_school(who))


def put_on_list(model: ReferenceModel, resident: Resident, sector: Sector) -> None:
    """Let a person wait for the agency of a sector that serves their area, if it is open.

    Parameters
    ----------
    sector : of the agency.
    """
    agency = resident.neighbourhood.agencies[sector]
    if agency.is_open:
        resident.agency = agency
        resident.case, resident.case_since = WAITING, model.week
