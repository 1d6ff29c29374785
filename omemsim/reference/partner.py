"""Stage 6, partner: agencies take cases within capacity; the rest waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.draws import cut, uniform
from omemsim.reference.referral import NO_CASE, SERVED, refer
from omemsim.reference.situation import meet
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import decay

if TYPE_CHECKING:
    from omemsim.reference.agents import Agency, Neighbourhood, Resident
    from omemsim.reference.model import ReferenceModel

__all__ = ["SERVED", "partner"]


def partner(model: ReferenceModel) -> None:
    """Stage 6: close, refer, admit, serve; services, relations, and the Situation Table."""
    for resident in model.residents:
        close_case(model, resident)
    refer(model)
    admit(model)
    serve(model)
    for hood in model.neighbourhoods:
        build_services(model, hood)
    build_relations(model)
    meet(model)


def close_case(model: ReferenceModel, resident: Resident) -> None:
    """End a case that is done, a wait that is too long; either if person or agency is gone."""
    group = model.parameters.partner
    if resident.is_moved:
        resident.support = 0.0
        resident.table_week = model.week - group.table_rest
    if resident.agency is not None:
        limit = group.service_weeks if resident.case == SERVED else group.give_up
        is_over = resident.is_moved or model.week - resident.case_since >= limit
        if is_over or not resident.agency.is_open:
            resident.case, resident.agency = NO_CASE, None


def admit(model: ReferenceModel) -> None:
    """Let each agency take as many waiting cases as it has room for, the most urgent first."""
    lottery = model.draws.stream(Decision.REFER, model.week)
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
        line.sort(key=lambda r: (-urgency(model, r), uniform(r.key, lottery), r.row))
        before, bought = bought, bought + agency.funded
        capacity = agency.capacity + model.draws.whole(bought) - model.draws.whole(before)
        if not agency.is_open:
            capacity = 0
        taken = line[: max(0, capacity - agency.caseload)]
        for resident in taken:
            resident.case, resident.case_since = SERVED, model.week
        agency.caseload += len(taken)
        agency.waiting = len(line) - len(taken)


def urgency(model: ReferenceModel, resident: Resident) -> int:
    """Return the weeks of waiting of a case, and more if its crisis is unresolved: triage."""
    is_acute = resident.unresolved > 0 and not resident.is_moved
    head_start = int(model.parameters.partner.triage) if is_acute else 0
    return model.week - resident.case_since + head_start


def serve(model: ReferenceModel) -> None:
    """Let support fade for all and grow for those served."""
    group = model.parameters.partner
    for resident in model.residents:
        resident.support *= 1 - decay(group.support_decay)
        if resident.case == SERVED and resident.agency is not None:
            gain = group.treatment * resident.agency.skill
            resident.support += gain * (1 - resident.support)


def build_services(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Let local services follow what residents sustain and mobilized partners bring."""
    group = model.parameters.partner
    target = group.services_level + group.services_assets * hood.assets
    target += group.services_brought * hood.mobilization
    hood.services += decay(group.services_pace) * (cut(target) - hood.services)


def build_relations(model: ReferenceModel) -> None:
    """Let agencies and police share more where partners are mobilized or a Table meets."""
    group = model.parameters.partner
    for agency in model.agencies:
        push = sum(h.mobilization for h in agency.catchment) / max(len(agency.catchment), 1)
        if model.service.table_cases > 0:
            push = 1.0
        push = min(1.0, push * (1 + group.backed * (model.service.council - 0.5)))
        missing = group.relation_built * (1 - group.relation_start)
        target = group.relation_start + missing * push
        agency.relation += decay(group.relation_pace) * (target - agency.relation)
