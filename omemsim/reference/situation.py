"""The Situation Table, last in stage 6: agencies meet over people at acute risk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.luck import uniform
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Sector

if TYPE_CHECKING:
    from omemsim.reference.agents import Agency, Resident
    from omemsim.reference.model import ReferenceModel

__all__ = ["lead_agency", "meet"]

MOST_CASES = 290  # of a Table in a year


def meet(model: ReferenceModel) -> None:
    """Take whom money and time allow, worst first, and lower risk where the Table can."""
    service = model.service
    tables = len(model.agencies) / len(Sector)
    pace = min(service.table_cases, tables * MOST_CASES / WEEKS_PER_YEAR)
    service.table_age = service.table_age + 1 if pace > 0 else 0
    at_risk = [r for r in model.residents if is_at_risk(model, r)]
    at_risk.sort(key=lambda r: -r.recent)
    taken = at_risk[: model.luck.this_week(pace, model.week)]
    luck = model.luck.stream(Decision.TABLE, model.week)
    service.table_taken, service.table_lowered = len(taken), 0
    for resident in taken:
        discuss(model, resident, uniform(resident.key, luck))


def is_at_risk(model: ReferenceModel, resident: Resident) -> bool:
    """Say whether a person's risk is acutely elevated and no Table took them lately."""
    group = model.parameters.partner
    is_rested = model.week - resident.table_week >= group.table_rest
    is_own = resident.unresolved > 0 and not resident.is_moved
    return is_own and is_rested and resident.recent >= group.acute


def discuss(model: ReferenceModel, resident: Resident, u: float) -> None:
    """Draw whether the Table lowers the risk of a person."""
    group, service = model.parameters.partner, model.service
    learnt = 1 - 0.5 ** (service.table_age / group.table_learns)
    skill = group.table_young + (1 - group.table_young) * learnt
    resident.table_week = model.week
    if model.luck.below(u, group.table_lowers * skill * lead_agency(model, resident).relation):
        resident.is_resolved = True
        resident.support = max(resident.support, group.table_support)
        service.table_lowered += 1


def lead_agency(model: ReferenceModel, resident: Resident) -> Agency:
    """Return the agency, of those that serve a person's neighbourhood, for their main need."""
    needs = [getattr(resident, sector.name.lower()) for sector in Sector]
    largest = 0
    for sector in range(1, len(needs)):
        if not model.luck.reaches(needs[largest], needs[sector]):
            largest = sector
    return resident.neighbourhood.agencies[largest]
