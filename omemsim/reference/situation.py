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
    from omemsim.reference.agents import Resident
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
    acute = [r for r in model.residents if is_acute(model, r)]
    service.acute = len(acute)
    rest = model.parameters.partner.table_rest
    at_risk = [r for r in acute if model.week - r.table_week >= rest]
    at_risk.sort(key=lambda r: -r.recent)
    taken = at_risk[: model.draws.this_week(pace, model.week)]
    stream = model.draws.stream(Decision.TABLE, model.week)
    service.table_taken, service.table_lowered = len(taken), 0
    for resident in taken:
        discuss(model, resident, uniform(resident.key, stream))


def is_acute(model: ReferenceModel, resident: Resident) -> bool:
    """Say whether a person's risk is acutely elevated: in a crisis of their own, after others."""
    is_own = resident.unresolved > 0 and not resident.is_moved
    return is_own and resident.recent >= model.parameters.partner.acute


def discuss(model: ReferenceModel, resident: Resident, u: float) -> None:
    """Draw whether the Table lowers the risk of a person.

    Parameters
    ----------
    u : uniform in (0, 1).
    """
    group, service = model.parameters.partner, model.service
    learnt = 1 - 0.5 ** (service.table_age / group.table_learns)
    skill = group.table_young + (1 - group.table_young) * learnt
    resident.table_week = model.week
    sector = SECTOR_OF_RISK[Risk(resident.risk)]
    agency = resident.neighbourhood.agencies[sector]
    is_present = agency.is_open and sector.name.lower() not in model.strategy.table_absent
    leads = is_present and model.strategy.table_lead.value == MATCHED
    fit = 1.0 if leads else group.mismatch
    if model.draws.below(u, group.table_lowers * skill * agency.relation * fit):
        resident.is_resolved = True
        resident.support = max(resident.support, group.table_support)
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
