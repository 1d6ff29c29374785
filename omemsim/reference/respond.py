"""Stage 4, respond: last week's calls and the queue take officers' hours first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.draws import choice, event_uniform
from omemsim.reference.entries import Custody
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import CallType

if TYPE_CHECKING:
    from omemsim.reference.agents import Resident
    from omemsim.reference.entries import Call
    from omemsim.reference.model import ReferenceModel

__all__ = ["SURELY_ACTIVE", "TRIES", "respond"]

PRIORITY = {
    CallType.VIOLENCE: 0,
    CallType.DISORDER: 1,
    CallType.HOUSEHOLD: 2,
    CallType.SERVICE: 3,
    CallType.THEFT: 4,
    CallType.BUSINESS: 4,
}
PROPERTY = (CallType.THEFT, CallType.HOUSEHOLD, CallType.BUSINESS)
REFER_SALT, RESOLVE_SALT, CUSTODY_SALT, FIRST_TRY = 3, 7, 8, 100
TRIES = 30  # residents looked at to find an active offender
SURELY_ACTIVE = 8.0  # propensity from which an offender who is looked at is always recognized


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
    teams = model.draws.this_week(service.co_answers, model.week)
    model.queue = []
    service.answered = service.co_answered = service.closed = service.arrested = 0
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
            arrest(model, call)
        else:
            keep_waiting(model, call)
    service.waiting = len(model.queue)
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
    group, draws = model.parameters.respond, model.draws
    model.service.answered += 1
    model.service.co_answered += with_team
    if call.caller is None:
        return
    if still_there(call):
        call.caller.contact += group.answered_well
    if call.type == CallType.DISORDER:
        refers = draws.below(event_uniform(call.event, REFER_SALT), model.parameters.partner.refer)
        if refers and still_there(call):
            call.caller.is_referred = True
        p = group.co_resolves if with_team else group.police_resolves
        if draws.below(event_uniform(call.event, RESOLVE_SALT), p) and still_there(call):
            call.caller.is_resolved = True


def still_there(call: Call) -> bool:
    """Say whether the caller still lives where they called from, or someone else does."""
    return call.caller is not None and call.week >= call.caller.household.since_week


def release(model: ReferenceModel) -> None:
    """Let go those whose time is over; who has moved away in custody is another's seat now."""
    model.custody = [
        row for row in model.custody if row.until > model.week and not row.resident.is_moved
    ]


def arrest(model: ReferenceModel, call: Call) -> None:
    """Draw whether an answered call ends with an offender in custody, and who it is."""
    group = model.parameters.respond
    if call.type == CallType.VIOLENCE:
        p = group.custody_violence
    elif call.type in PROPERTY:
        p = group.custody_property
    else:
        return
    if not model.draws.below(event_uniform(call.event, CUSTODY_SALT), p):
        return
    who = find_offender(model, call)
    if who is not None and all(row.resident is not who for row in model.custody):
        model.custody.append(Custody(who, model.week + group.custody_weeks))
        model.service.arrested += 1


def find_offender(model: ReferenceModel, call: Call) -> Resident | None:
    """Return a resident around, by keyed rejection with weight propensity; None if none is."""
    near = call.place.neighbourhood.residents
    for salt in range(FIRST_TRY, FIRST_TRY + 2 * TRIES, 2):
        who = near[choice(call.event, salt, len(near))]
        u = event_uniform(call.event, salt + 1)
        if model.draws.below(u, who.propensity / SURELY_ACTIVE):
            return who
    return None


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
