"""Stage 6, partner: agencies take cases within capacity; the rest waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference import situation
from omemsim.reference.luck import probability, uniform
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.rates import decay

if TYPE_CHECKING:
    from omemsim.reference.agents import Agency, Resident
    from omemsim.reference.model import ReferenceModel

__all__ = ["SERVED", "partner"]

NO_CASE, WAITING, SERVED = 0, 1, 2


def partner(model: ReferenceModel) -> None:
    """Stage 6: close, refer, admit, serve; then relations, and the Situation Table."""
    asking = model.luck.stream(Decision.SELF_REFER, model.week)
    finding = model.luck.stream(Decision.OUTREACH, model.week)
    for resident in model.residents:
        close_case(model, resident)
        is_sent, resident.is_referred = resident.is_referred, False
        if resident.case == NO_CASE:
            comes = False if resident.is_moved else is_sent
            comes = comes or asks_for_help(model, resident, uniform(resident.key, asking))
            if comes or is_found(model, resident, uniform(resident.key, finding)):
                resident.agency = situation.lead_agency(model, resident)
                resident.case, resident.case_since = WAITING, model.week
    admit(model)
    serve(model)
    build_relations(model)
    situation.meet(model)


def close_case(model: ReferenceModel, resident: Resident) -> None:
    """End a case that is done, a wait that is too long, either when the person has left."""
    group = model.parameters.partner
    if resident.is_moved:
        resident.support = 0.0
        resident.table_week = model.week - group.table_rest
    if resident.case != NO_CASE:
        limit = group.service_weeks if resident.case == SERVED else group.give_up
        if resident.is_moved or model.week - resident.case_since >= limit:
            resident.case, resident.agency = NO_CASE, None


def asks_for_help(model: ReferenceModel, resident: Resident, u: float) -> bool:
    """Draw whether a person with an unresolved crisis of their own asks an agency for help."""
    group = model.parameters.partner
    if resident.unresolved == 0 or resident.is_moved:
        return False
    outreach = 1 + group.outreach * resident.neighbourhood.mobilization
    return model.luck.below(u, group.refer_self * outreach)


def is_found(model: ReferenceModel, resident: Resident, u: float) -> bool:
    """Draw whether social development finds a person by their need, without any crisis."""
    money = model.service.outreach
    rate = model.parameters.partner.need_found * money * resident.need**2
    return money > 0 and model.luck.below(u, probability(rate))


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
    bought = 0.0  # whole cases; fractions add up down the list
    for agency, line in lines.items():
        line.sort(key=lambda r: (r.case_since, uniform(r.key, lottery), r.row))
        before, bought = bought, bought + agency.funded
        capacity = agency.capacity + model.luck.whole(bought) - model.luck.whole(before)
        taken = line[: max(0, capacity - agency.caseload)]
        for resident in taken:
            resident.case, resident.case_since = SERVED, model.week
        agency.caseload += len(taken)
        agency.waiting = len(line) - len(taken)


def serve(model: ReferenceModel) -> None:
    """Let support fade for all and grow for those served."""
    group = model.parameters.partner
    for resident in model.residents:
        resident.support *= 1 - decay(group.support_decay)
        if resident.case == SERVED and resident.agency is not None:
            gain = group.treatment * resident.agency.skill
            resident.support += gain * (1 - resident.support)


def build_relations(model: ReferenceModel) -> None:
    """Let agencies and police share more where partners are mobilized or a Table meets."""
    group = model.parameters.partner
    for agency in model.agencies:
        push = sum(h.mobilization for h in agency.catchment) / max(len(agency.catchment), 1)
        if model.service.table_cases > 0:
            push = 1.0
        target = group.relation_start + (1 - group.relation_start) * push
        agency.relation += decay(group.relation_pace) * (target - agency.relation)
