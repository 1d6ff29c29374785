"""Stage 4, respond: last week's calls and the queue take officers' hours first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.clearance import clear, follow, release
from omemsim.reference.luck import event_uniform
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import CallType

if TYPE_CHECKING:
    from omemsim.reference.entries import Call
    from omemsim.reference.model import ReferenceModel

__all__ = ["respond"]

PRIORITY = {
    CallType.VIOLENCE: 0,
    CallType.DISORDER: 1,
    CallType.HOUSEHOLD: 2,
    CallType.SERVICE: 3,
    CallType.THEFT: 4,
    CallType.BUSINESS: 4,
}
REFER_SALT, RESOLVE_SALT = 3, 7


def respond(model: ReferenceModel) -> None:
    """Stage 4: last week's calls and the queue take officers' hours, but those kept from them."""
    group, service = model.parameters.respond, model.service
    for officer in model.officers:
        officer.offered = officer.contracted * service.staffing
        officer.proactive, officer.reactive = officer.offered, 0.0
    release(model)
    calls = model.queue + model.calls
    calls.sort(key=lambda c: (PRIORITY[CallType(c.type)], c.week, c.day, c.event))
    pool = hours_for_calls(model)
    teams = model.luck.this_week(service.co_answers, model.week)
    model.queue = []
    service.answered = service.co_answered = service.closed = 0
    service.arrested = service.held = service.cleared = 0
    model.arrests = []
    for call in calls:
        hours = getattr(group, f"hours_{CallType(call.type).name.lower()}")
        hours *= 1 - service.backed_up
        with_team = call.type == CallType.DISORDER and teams > 0
        if with_team:
            teams -= 1
            hours *= 1 - group.co_relief
        if hours <= pool:
            pool -= hours
            send_officers(model, call, hours)
            see(model, call, with_team=with_team)
            clear(model, call)
        else:
            keep_waiting(model, call)
    service.waiting = len(model.queue)
    follow(model)
    tire(model)
    remember_free_hours(model)


def hours_for_calls(model: ReferenceModel) -> float:
    """Return the hours calls can take: all but those the strategy, or a habit, protects."""
    service, offered = model.service, sum(officer.offered for officer in model.officers)
    kept = model.strategy.protected * offered
    if model.week >= 0:
        by_habit = (1 - model.parameters.respond.calls_first) * service.free_before
        kept = max(kept, by_habit)
    return float(offered - min(kept, offered))


def send_officers(model: ReferenceModel, call: Call, hours: float) -> None:
    """Spend hours on a call: the nearest officer with hours left goes first, then the next.

    Parameters
    ----------
    hours : that the call takes, 0 or more.
    """
    number = call.place.neighbourhood.first_officer
    for _ in model.officers:
        officer = model.officers[number]
        taken = min(officer.proactive, hours)
        officer.proactive -= taken
        officer.reactive += taken
        hours -= taken
        if hours <= 0:
            break
        number = (number + 1) % len(model.officers)


def see(model: ReferenceModel, call: Call, *, with_team: bool) -> None:
    """Answer a call: the caller trusts more; who is in a crisis may be referred, or helped.

    Parameters
    ----------
    with_team : whether a health team comes along.
    """
    group, luck = model.parameters.respond, model.luck
    model.service.answered += 1
    model.service.co_answered += with_team
    if call.caller is None:
        return
    if still_there(call):
        call.caller.contact += group.answered_well
    if call.type == CallType.DISORDER:
        refers = luck.below(event_uniform(call.event, REFER_SALT), model.parameters.partner.refer)
        if refers and still_there(call):
            call.caller.is_referred = True
        p = group.co_resolves if with_team else group.police_resolves
        if luck.below(event_uniform(call.event, RESOLVE_SALT), p) and still_there(call):
            call.caller.is_resolved = True


def still_there(call: Call) -> bool:
    """Say whether the caller still lives where they called from, or someone else does."""
    return call.caller is not None and call.week >= call.caller.household.since_week


def keep_waiting(model: ReferenceModel, call: Call) -> None:
    """Let a call wait another week or close it; either costs the caller's trust."""
    group = model.parameters.respond
    if call.caller is not None and still_there(call):
        call.caller.contact -= group.waiting_cost
    if model.week - call.week < group.patience:
        model.queue.append(call)
    else:
        model.service.closed += 1


def tire(model: ReferenceModel) -> None:
    """Let officers tire above the cap and recover; add up the service's hours."""
    group, officers = model.parameters.respond, model.officers
    for officer in officers:
        over = max(0.0, officer.reactive / max(officer.offered, 1e-12) - group.busy_cap)
        fatigue = (1 - group.recovery) * officer.fatigue + group.tiring * over
        fatigue += group.change_tires * model.strategy.training
        officer.fatigue = min(1.0, fatigue)
    model.service.offered = sum(officer.offered for officer in officers)
    model.service.reactive = sum(officer.reactive for officer in officers)


def remember_free_hours(model: ReferenceModel) -> None:
    """Let the mean of free hours follow; what it was before week 0 stays."""
    service = model.service
    free = sum(officer.proactive for officer in model.officers)
    years_part = 1 / min(WEEKS_PER_YEAR, service.weeks_kept + 1)
    service.free_mean += years_part * (free - service.free_mean)
    if model.week < 0:
        service.free_before = service.free_mean
