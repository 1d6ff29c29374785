"""Stage 4, respond: last week's calls and the queue take officers' hours first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omemsim.reference.clearance import clear, follow, is_cleared, release
from omemsim.reference.draws import event_uniform
from omemsim.reference.shifts import OnDuty, come_in, keep_shifts, put_on_duty
from omemsim.reference.waits import SHIFT_HOURS, held_back, minutes_of_shift
from omemsim.vocabulary.questions import OF_AN_EPISODE
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import CallType, Priority

if TYPE_CHECKING:
    from omemsim.reference.entries import Call
    from omemsim.reference.model import ReferenceModel

__all__ = ["respond"]

REFER_SALT, _ = OF_AN_EPISODE["is the person referred"]
RESOLVE_SALT, _ = OF_AN_EPISODE["do police resolve it"]


@dataclass
class Waiting:
    """A call in line: how urgent it is, in which shift it came, and which one begins it."""

    call: Call
    priority: Priority
    due: int
    is_passed_over: bool = False
    begun: int | None = None
    with_team: bool = False


def respond(model: ReferenceModel) -> None:
    """Stage 4: last week's calls and the queue take officers' hours, but those kept from them."""
    service = model.service
    for officer in model.officers:
        officer.offered = officer.contracted * service.staffing
        officer.proactive, officer.reactive = officer.offered, 0.0
    service.offered = sum(officer.offered for officer in model.officers)
    release(model)
    line = [Waiting(call, *come_in(model, call)) for call in model.queue + model.calls]
    line.sort(key=lambda one: (one.priority, one.due, one.call.event))
    on_duty = put_on_duty(model)
    model.queue = []
    service.answered = service.co_answered = service.closed = 0
    service.arrested = service.held = service.cleared = 0
    service.delayed = service.late = 0
    model.arrests = []
    answer(model, line, on_duty)
    close_accounts(model, line, on_duty)
    service.waiting = len(model.queue)
    follow(model)
    tire(model)
    remember_free_hours(model, on_duty)


def answer(model: ReferenceModel, line: list[Waiting], on_duty: list[OnDuty]) -> None:
    """Let each shift begin calls that have come, those that go first first, while it has hours.

    Parameters
    ----------
    line : in the order of answer.
    on_duty : the week's shifts in their order.
    """
    teams = model.draws.this_week(model.service.co_answers, model.week)
    owed = reach = 0.0
    for number, duty in enumerate(on_duty):
        duty.carried = min(owed, duty.open)
        pool = duty.open - owed
        later = sum(other.open for other in on_duty[number + 1 :]) + reach
        for one in line:
            if one.begun is not None or one.is_passed_over or one.due > number:
                continue
            short = pool <= held_back(model, one.priority) * duty.open
            if short and one.priority != Priority.EMERGENCY:
                continue
            one.with_team = one.call.type == CallType.DISORDER and teams > 0
            teams -= one.with_team
            hours = hours_of(model, one)
            if hours > pool + later:
                one.is_passed_over = True
                continue
            pool -= hours
            one.begun = number
            duty.begun += 1
            duty.work[one.priority] += hours
            send_officers(model, one.call, hours)
        duty.used = duty.open - max(0.0, pool)
        owed = max(0.0, -pool)
        if number == 0:
            reach = max(0.0, pool)
    on_duty[0].used += owed


def hours_of(model: ReferenceModel, one: Waiting) -> float:
    """Return the officer hours of a call."""
    group = model.parameters.respond
    hours = getattr(group, f"hours_{CallType(one.call.type).name.lower()}")
    hours *= 1 - model.service.backed_up
    return float(hours * (1 - group.co_relief) if one.with_team else hours)


def close_accounts(model: ReferenceModel, line: list[Waiting], on_duty: list[OnDuty]) -> None:
    """Let what was begun be seen, and the rest wait; keep yearly means of response times.

    Parameters
    ----------
    line, on_duty : as after `answer`.
    """
    group, service = model.parameters.respond, model.service
    minutes = [minutes_of_shift(model, duty) for duty in on_duty]
    answers, waited = dict.fromkeys(Priority, 0), dict.fromkeys(Priority, 0.0)
    for one in line:
        limit = getattr(group, f"limit_{one.priority.name.lower()}")
        until = len(on_duty) if one.begun is None else one.begun
        time = 60 * SHIFT_HOURS * (until - one.due)
        if one.begun is None:
            keep_waiting(model, one.call, is_late=time > limit)
            continue
        time += minutes[one.begun][one.priority]
        is_late = model.draws.below(limit, time)
        answers[one.priority] += 1
        waited[one.priority] += time
        service.delayed += one.begun > one.due
        service.late += is_late
        see(model, one.call, with_team=one.with_team, is_late=is_late)
        clear(model, one.call)
    years_part = 1 / min(WEEKS_PER_YEAR, service.weeks_kept + 1)
    for k in Priority:
        service.usual_answers[k] += years_part * (answers[k] - service.usual_answers[k])
        service.usual_minutes[k] += years_part * (waited[k] - service.usual_minutes[k])


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


def see(model: ReferenceModel, call: Call, *, with_team: bool, is_late: bool) -> None:
    """Answer a call: the caller trusts more, or less if a crime stays unsolved.

    Who is in a crisis may be referred, or helped.

    Parameters
    ----------
    with_team : whether a health team comes along.
    is_late : whether the caller waited too long, and trusts less.
    """
    group, draws = model.parameters.respond, model.draws
    model.service.answered += 1
    model.service.co_answered += with_team
    if call.caller is None:
        return
    if still_there(call):
        if is_late:
            call.caller.contact -= group.waiting_cost
        elif call.type <= CallType.BUSINESS and not is_cleared(model, call):
            call.caller.contact -= group.unsolved_cost
        else:
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


def keep_waiting(model: ReferenceModel, call: Call, *, is_late: bool) -> None:
    """Let a call wait another week or close it.

    Parameters
    ----------
    is_late : whether it has waited too long already, which costs the caller's trust.
    """
    group, service = model.parameters.respond, model.service
    if is_late and call.caller is not None and still_there(call):
        call.caller.contact -= group.waiting_cost
    if model.week - call.week < group.patience:
        model.queue.append(call)
    else:
        service.closed += 1
        service.delayed += 1
        service.late += 1


def tire(model: ReferenceModel) -> None:
    """Let officers tire above the cap and recover; add up the service's hours."""
    group, officers = model.parameters.respond, model.officers
    for officer in officers:
        over = max(0.0, officer.reactive / max(officer.offered, 1e-12) - group.busy_cap)
        fatigue = (1 - group.recovery) * officer.fatigue + group.tiring * over
        fatigue += group.change_tires * model.strategy.training
        officer.fatigue = min(1.0, fatigue)
    model.service.reactive = sum(officer.reactive for officer in officers)


def remember_free_hours(model: ReferenceModel, on_duty: list[OnDuty]) -> None:
    """Let the mean of free hours follow; what it was before week 0 stays."""
    service = model.service
    free = sum(officer.proactive for officer in model.officers)
    years_part = 1 / min(WEEKS_PER_YEAR, service.weeks_kept + 1)
    service.free_mean += years_part * (free - service.free_mean)
    keep_shifts(model, on_duty, years_part)
    if model.week < 0:
        service.free_before = service.free_mean
