"""Stage 6, partner: agencies take cases within capacity; the rest waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.luck import uniform
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.wheel import Sector

if TYPE_CHECKING:
    from omemsim.reference.agents import Agency, Resident
    from omemsim.reference.model import ReferenceModel

__all__ = ["SERVED", "partner"]

NO_CASE, WAITING, SERVED = 0, 1, 2


def partner(model: ReferenceModel) -> None:
    """Stage 6: close, refer, admit, serve."""
    asking = model.luck.stream(Decision.SELF_REFER, model.week)
    for resident in model.residents:
        close_case(model, resident)
        is_sent, resident.is_referred = resident.is_referred, False
        if resident.case == NO_CASE and not resident.is_moved:
            asks = resident.unresolved > 0 and asks_for_help(
                model, resident, uniform(resident.key, asking)
            )
            if is_sent or asks:
                send(model, resident)
    admit(model)
    keep = 1 - decay(model.parameters.partner.support_decay)
    for resident in model.residents:
        resident.support *= keep
        if resident.case == SERVED and resident.agency is not None:
            gain = model.parameters.partner.treatment * resident.agency.skill
            resident.support += gain * (1 - resident.support)


def close_case(model: ReferenceModel, resident: Resident) -> None:
    """End a case that is done, a wait that is too long, either when the person has left."""
    group = model.parameters.partner
    if resident.is_moved:
        resident.support = 0.0
    if resident.case != NO_CASE:
        limit = group.service_weeks if resident.case == SERVED else group.give_up
        if resident.is_moved or model.week - resident.case_since >= limit:
            resident.case, resident.agency = NO_CASE, None


def asks_for_help(model: ReferenceModel, resident: Resident, u: float) -> bool:
    """Draw whether a person with an unresolved crisis asks an agency for help."""
    group = model.parameters.partner
    outreach = 1 + group.outreach * resident.neighbourhood.mobilization
    return model.luck.below(u, group.refer_self * outreach)


def send(model: ReferenceModel, resident: Resident) -> None:
    """Put a person on the list of the agency for their largest precursor."""
    needs = [getattr(resident, sector.name.lower()) for sector in Sector]
    largest = 0
    for sector in range(1, len(needs)):
        if not model.luck.reaches(needs[largest], needs[sector]):
            largest = sector
    resident.agency = resident.neighbourhood.agencies[largest]
    resident.case, resident.case_since = WAITING, model.week


def admit(model: ReferenceModel) -> None:
    """Let each agency take as many waiting cases as it has room for, longest wait first."""
    lottery = model.luck.stream(Decision.REFER, model.week)
    lines: dict[Agency, list[Resident]] = {agency: [] for agency in model.agencies}
    for agency in model.agencies:
        agency.caseload = 0
    for resident in model.residents:
        if resident.agency is not None and resident.case == SERVED:
            resident.agency.caseload += 1
        elif resident.agency is not None:
            lines[resident.agency].append(resident)
    for agency, line in lines.items():
        line.sort(key=lambda r: (r.case_since, uniform(r.key, lottery), r.row))
        taken = line[: max(0, agency.capacity - agency.caseload)]
        for resident in taken:
            resident.case, resident.case_since = SERVED, model.week
        agency.caseload += len(taken)
        agency.waiting = len(line) - len(taken)
