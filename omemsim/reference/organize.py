"""Stage 7, organize: residents take part, leaders come forward, households protect themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.capacity import capacity_index
from omemsim.reference.draws import probability, uniform
from omemsim.reference.initiatives import run_initiatives
from omemsim.reference.own_tactics import own_hours_as
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import decay, per_week
from omemsim.vocabulary.wheel import Tactic

if TYPE_CHECKING:
    from omemsim.reference.agents import Resident
    from omemsim.reference.draws import Stream
    from omemsim.reference.model import ReferenceModel

__all__ = ["organize"]

USUAL_CONGREGATIONS = 1.0  # of the mean


def organize(model: ReferenceModel) -> None:
    """Stage 7: residents take part, leaders come forward, initiatives change hands."""
    participate(model)
    run_initiatives(model)
    protect(model)
    for hood in model.neighbourhoods:
        hood.capacity = capacity_index(hood, hood.efficacy, model.parameters.assess)


def participate(model: ReferenceModel) -> None:
    """Let residents join or leave, and leaders come forward or step back."""
    joining = model.draws.stream(Decision.JOIN, model.week)
    leading = model.draws.stream(Decision.LEADER, model.week)
    for hood in model.neighbourhoods:
        for resident in hood.residents:
            if resident.is_moved:
                resident.takes_part = resident.is_found = False
            join_or_leave(model, resident, joining)
            if resident.is_leader:
                find_or_lose(model, resident, leading)
        hood.participants = sum(r.takes_part for r in hood.residents)
        hood.leaders = sum(r.is_leader and r.is_found for r in hood.residents)


def join_or_leave(model: ReferenceModel, resident: Resident, joining: Stream) -> None:
    """Draw whether a resident begins or ends taking part.

    Parameters
    ----------
    joining : stream of the decision.
    """
    group, hood = model.parameters.organize, resident.neighbourhood
    if resident.takes_part:
        rate = group.leave * (1 + group.fear_leaves * resident.fear)
    else:
        pull = 1 + group.recruit * hood.mobilization + group.led * hood.momentum
        pull *= 1 + group.congregate * (hood.congregations - USUAL_CONGREGATIONS)
        willing = resident.efficacy * resident.trust * gate(resident.fear, group.fear_gate)
        rate = group.join * pull * willing
    if model.draws.below(uniform(resident.key, joining), probability(rate)):
        resident.takes_part = not resident.takes_part


def gate(fear: float, power: float) -> float:
    """Return (1 - fear) to a power; between whole powers, the mean of the two around it."""
    lower = int(power)
    part = power - lower
    return (1 - part) * (1 - fear) ** lower + part * (1 - fear) ** (lower + 1)


def find_or_lose(model: ReferenceModel, resident: Resident, leading: Stream) -> None:
    """Draw whether a natural leader becomes known, or one who is known steps back.

    Parameters
    ----------
    leading : stream of the decision.
    """
    group, hood = model.parameters.organize, resident.neighbourhood
    if resident.is_found:
        rate = group.lose
    else:
        hours = hood.hours[Tactic.ENGAGE_LEADERS] + 0.5 * hood.hours[Tactic.MOBILIZE_PARTNERS]
        hours += own_hours_as(model, resident.neighbourhood, "leaders")
        search = group.search * 1000 * hours / len(hood.residents)
        rate = group.emerge * resident.efficacy * (1 - resident.fear) + search
    if model.draws.below(uniform(resident.key, leading), probability(rate)):
        resident.is_found = not resident.is_found


def protect(model: ReferenceModel) -> None:
    """Let households take up protection, alone or in a watch; it wears out."""
    group = model.parameters.organize
    keep = 1 - decay(group.protect_decay)
    stream = model.draws.stream(Decision.PROTECT, model.week)
    model.service.homes_hardened = 0
    for hood in model.neighbourhoods:
        watched = group.protect_watch * hood.watch_momentum
        rate = group.protect * (1 + group.protect_taught * hood.education + watched)
        has_watch = model.draws.reaches(hood.watch_momentum, group.ready)
        for household in hood.households:
            if household.since_week == model.week:
                household.protection, household.in_watch = 0.0, False
            household.in_watch = household.in_watch and has_watch
            household.protection *= keep
            head, u = household.residents[0], uniform(household.key, stream)
            means = head.assets + group.protect_support * head.support * (1 - head.assets)
            able = rate * means**2 * head.vigilance
            if model.draws.below(u, probability(able + per_week(hood.hardened))):
                household.protection = 1.0
                by_itself = hood.hardened == 0 or model.draws.below(u, probability(able))
                household.in_watch = household.in_watch or (has_watch and by_itself)
                model.service.homes_hardened += not by_itself
