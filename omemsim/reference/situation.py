"""The Situation Table, last in stage 6: agencies meet over people at acute risk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.draws import uniform
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import (
    SECTOR_OF_PRECURSOR,
    SECTOR_OF_RISK,
    SECTOR_OF_YOUNGEST,
    Precursor,
    Risk,
    Sector,
)

if TYPE_CHECKING:
    from omemsim.reference.agents import Agency, Place, Resident
    from omemsim.reference.draws import Draws
    from omemsim.reference.model import ReferenceModel

__all__ = ["YOUTH", "meet", "sector_by_need", "sector_by_risk", "sector_by_school"]

MOST_CASES = 290  # of a Table in a year
MATCHED = "matched"  # the lead by which the agency for the risk takes a case
UNKNOWN = -1  # what no episode was about
YOUTH = 0  # age group


def meet(model: ReferenceModel) -> None:
    """Take whom money and time allow, worst first, and lower risk where the Table can."""
    service = model.service
    tables = len(model.agencies) / len(Sector)
    pace = min(service.table_cases, tables * MOST_CASES / WEEKS_PER_YEAR)
    service.table_age = service.table_age + 1 if pace > 0 else 0
    group = model.parameters.partner
    service.acute = sum(is_acute(model, r, group.acute) for r in model.residents)
    bar = {True: group.acute * (1 - group.table_early), False: group.acute}
    at_risk = [
        r
        for r in model.residents
        if is_acute(model, r, bar[model.week - r.noticed <= group.table_noticed])
        and model.week - r.table_week >= group.table_rest
    ]
    triage = model.draws.stream(Decision.TRIAGE, model.week)
    at_risk.sort(key=lambda r: -seems(model, r, uniform(r.key, triage)))
    share = group.table_places
    taken = at_risk[: model.draws.this_week(pace * (1 - share), model.week)]
    places = take_places(model, model.draws.this_week(pace * share, model.week))
    stream = model.draws.stream(Decision.TABLE, model.week)
    service.table_taken = len(taken) + places
    service.table_lowered = sum(h.table_place is not None for h in model.neighbourhoods)
    for resident in taken:
        discuss(model, resident, uniform(resident.key, stream))


def seems(model: ReferenceModel, resident: Resident, u: float) -> float:
    """Return how urgent a person's case seems to a Table.

    Parameters
    ----------
    u : uniform in (0, 1).
    """
    blind = 1 - model.parameters.act.analysis_gain * resident.neighbourhood.analysis
    return resident.recent * (1 - model.parameters.partner.table_misjudged * blind * u)


def take_places(model: ReferenceModel, most: int) -> int:
    """Take up the worst known places where nobody works, in neighbourhoods with a free slot."""
    taken: list[Place] = []
    for hood in model.neighbourhoods:
        hood.table_place = None
    for _ in range(most):
        could = [place for place in model.places if may_come(place, taken)]
        if not could:
            break
        taken.append(max(could, key=lambda place: (place.knowledge, -place.row)))
    for place in taken:
        agency = place.neighbourhood.agencies[Sector.COMMUNITY]
        u = uniform(place.key, model.draws.stream(Decision.TABLE_PLACE, model.week))
        if model.draws.below(u, chance(model, agency, Sector.COMMUNITY)):
            place.neighbourhood.table_place = place
    return len(taken)


def may_come(place: Place, taken: list[Place]) -> bool:
    """Say whether a Table could take up a place.

    Parameters
    ----------
    taken : those that it took up this week.
    """
    slots = place.neighbourhood.initiatives
    is_free = not any(slot.is_active and slot.place is place for slot in slots)
    has_room = not all(slot.is_active for slot in slots)
    is_first = all(other.neighbourhood is not place.neighbourhood for other in taken)
    return place.knowledge > 0 and is_free and has_room and is_first


def chance(model: ReferenceModel, agency: Agency, sector: Sector) -> float:
    """Return the probability that the Table lowers a risk of which this agency is to take care.

    Parameters
    ----------
    agency, sector : the right one, and its sector.
    """
    group = model.parameters.partner
    learnt = 1 - 0.5 ** (model.service.table_age / group.table_learns)
    skill = group.table_young + (1 - group.table_young) * learnt
    is_present = agency.is_open and sector.name.lower() not in model.strategy.table_absent
    leads = is_present and model.strategy.table_lead.value == MATCHED
    return float(group.table_lowers * skill * agency.relation * (1.0 if leads else group.mismatch))


def is_acute(model: ReferenceModel, resident: Resident, bar: float) -> bool:
    """Say whether a person's risk is acutely elevated: in a crisis of their own, after others.

    Parameters
    ----------
    bar : recent episodes from which it is.
    """
    is_own = resident.unresolved > 0 and not resident.is_moved
    return is_own and model.draws.reaches(resident.recent, bar)


def discuss(model: ReferenceModel, resident: Resident, u: float) -> None:
    """Draw whether the Table lowers the risk of a person.

    Parameters
    ----------
    u : uniform in (0, 1).
    """
    group, service = model.parameters.partner, model.service
    resident.table_week = model.week
    sector = SECTOR_OF_RISK[Risk(resident.risk)]
    agency = resident.neighbourhood.agencies[sector]
    if model.draws.below(u, chance(model, agency, sector)):
        resident.is_resolved = True
        resident.support = max(resident.support, group.table_support)
        if resident.risk == Risk.DOMESTIC and group.table_family > 0:
            for other in resident.household.residents:
                if other is not resident:
                    least = group.table_family * group.table_support
                    other.support = max(other.support, least)
                    other.is_resolved = other.is_resolved or other.unresolved > 0
        service.table_lowered += 1


def sector_by_risk(draws: Draws, resident: Resident) -> Sector:
    """Return the sector for what a person's latest episode was about, else for their need."""
    if resident.risk == UNKNOWN:
        return sector_by_need(draws, resident)
    return SECTOR_OF_RISK[Risk(resident.risk)]


def sector_by_need(draws: Draws, resident: Resident) -> Sector:
    """Return the sector for a person's largest precursor; of equal ones, for the first."""
    needs = [getattr(resident, precursor.name.lower()) for precursor in Precursor]
    largest = 0
    for precursor in range(1, len(needs)):
        if not draws.reaches(needs[largest], needs[precursor]):
            largest = precursor
    return sector_by_precursor(Precursor(largest), resident)


def sector_by_school(resident: Resident) -> Sector:
    """Return the sector for what schools see: trouble in the family."""
    return sector_by_precursor(Precursor.FAMILY, resident)


def sector_by_precursor(precursor: Precursor, resident: Resident) -> Sector:
    """Return the sector for a precursor: for the young it may be one of their own."""
    is_young = resident.age == YOUTH
    return SECTOR_OF_YOUNGEST[precursor] if is_young else SECTOR_OF_PRECURSOR[precursor]
