"""Stage 4, respond: last week's calls and the queue take officers' hours first.

Last week's calls come in the shifts of a week (`shifts`); what waits from before is there at its
beginning. In every shift calls are begun by (priority, week, day, shift, hash of the event) while
hours are left, of routine and low priority while more than ``reserve`` of the shift's are left; an
emergency is begun in any case. What a call takes beyond its shift, the next ones have less. A call
is passed over if it is too long for what is left of the week; the last shift runs over into the
free hours of the first, as though weeks were alike. Officers whose home area it is give their
hours first, then the next. Last week's backup makes every call shorter by the same share
(backed_up, see `act`).

What is not begun waits; after ``patience`` weeks it is closed unanswered. How long a call waits
stands in `waits`. An answered caller gains a little trust; one whose crime is not cleared loses
some instead, and so does one whose call waits longer than its priority allows, in every week in
which it does. At an answered disorder call the officer refers the person with probability
``refer``. The first disorder calls of a week, as many as money pays for, are answered with a health
team: fewer police hours, and the episode is resolved with probability co_resolves, else
police_resolves. Which crimes are cleared, and who is arrested, stands in `clearance`. What calls
leave is proactive:

    proactive   = offered - reactive
    utilization = reactive / offered
    fatigue'    = (1 - recovery) fatigue + tiring max(0, utilization - busy_cap)
                  + change_tires training, at most 1

Source: practice.md, facts.md (hours per call). Assumption: one pool, near officers first.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import (
    Column,
    Double,
    Whole,
    event_uniform,
    kernel,
    paired_sum,
)
from omemsim.processes.clearance import (
    ClearanceParameters,
    clear_crimes,
    clearance_parameters,
    is_cleared,
    release,
)
from omemsim.processes.line import Line, first_by_priority, line_up
from omemsim.processes.shifts import (
    PERIODS,
    Roster,
    ShiftParameters,
    keep_shifts,
    open_shifts,
    shift_parameters,
)
from omemsim.processes.waits import WaitParameters, held_back, time_answers, wait_parameters
from omemsim.program import Stage, has_room
from omemsim.strategies import Strategy
from omemsim.town import EventTable, Table, Town
from omemsim.vocabulary.parameters import Parameters, Respond
from omemsim.vocabulary.questions import OF_AN_EPISODE
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import CallType, Priority

__all__ = ["STAGE", "call_hours", "step", "whole_share"]

READS = {
    "calls": "event type origin week day place caller offender is_recorded count",
    "neighbourhoods": "first_officer population area",
    "places": "neighbourhood",
    "households": "since_week",
    "residents": "household is_moved",
    "officers": "contracted",
    "service": "backed_up staffing co_answers weeks_kept",
}
WRITES = {
    "queue": "event type origin week day place caller offender is_recorded count",
    "custody": "resident until count",
    "arrests": "resident count",
    "residents": "contact is_referred is_resolved",
    "officers": "offered proactive reactive fatigue",
    "service": "offered reactive answered co_answered arrested held cleared waiting closed "
    "cleared_mean on_record_mean "
    "free_mean free_before shift_offered shift_reactive shift_free shift_free_before free_waking "
    "usual_answers usual_minutes delayed late",
}

REFER_SALT = OF_AN_EPISODE["is the person referred"][0]
RESOLVE_SALT = OF_AN_EPISODE["do police resolve it"][0]
FIRST_SHIFT = 0  # of the week
_PRIORITIES = len(Priority)


class Outcome(IntEnum):
    """How a call ends this week."""

    UNANSWERED = 0
    BY_POLICE = 1
    WITH_HEALTH = 2


class RespondParameters(NamedTuple):
    """What `respond` needs."""

    shifts: ShiftParameters
    waits: WaitParameters
    hours: Annotated[NDArray[np.float64], len(CallType)]  # of officers, by call type
    with_team: np.float64  # share of the hours that a call takes with a health team
    patience: np.int64
    answered_well: np.float32
    waiting_cost: np.float32
    unsolved_cost: np.float32
    refer: np.float64
    police_resolves: np.float64
    co_resolves: np.float64
    clearance: ClearanceParameters
    fatigue_kept: np.float32
    busy_cap: np.float64
    tiring: np.float64
    training_tires: np.float64  # rise of fatigue in a week of as much training


def respond_parameters(parameters: Parameters, strategy: Strategy) -> RespondParameters:
    """Return what the stage needs."""
    group = parameters.respond
    return fill(
        RespondParameters,
        group,
        shifts=shift_parameters(group, strategy),
        waits=wait_parameters(group),
        hours=call_hours(group),
        with_team=1 - group.co_relief,
        refer=parameters.partner.refer,
        clearance=clearance_parameters(group),
        fatigue_kept=1 - group.recovery,
        training_tires=group.change_tires * strategy.training,
    )


def call_hours(group: Respond) -> NDArray[np.float64]:
    """Return officer hours by call type, in the order of `CallType`."""
    return np.array([float(getattr(group, f"hours_{kind.name.lower()}")) for kind in CallType])


@kernel
def respond(town: Town, p: RespondParameters, week: int) -> None:
    """Answer what the hours allow, in order; the rest waits or is closed."""
    queue, custody, officers = town.queue, town.custody, town.officers
    calls = queue.count[0] + town.calls.count[0]
    if not has_room(town, queue, 2 * calls):  # `let_wait` keeps calls behind the others at first
        return
    if not has_room(town, custody, custody.count[0] + calls):
        return
    if not has_room(town, town.arrests, calls):
        return
    join_queue(town.calls, queue)
    line = line_up(queue, p.shifts, week)
    offer_hours(officers, town.service)
    roster = open_shifts(town.service, p.shifts, week)
    answer(town, line, roster, p, week)
    time_answers(town, line, roster, p.waits)
    affect_callers(town, line, p)
    release(custody, town.residents, week)
    clear_crimes(town, line, p.clearance, week)
    let_wait(town, line, p, week)
    tire(officers, p)
    keep_account(officers, town.service, roster, week)


STAGE = Stage(respond, RespondParameters, respond_parameters)
step = STAGE.step


@kernel
def whole_share(per_week: Double, week: Whole) -> Whole:
    """Return this week's whole number of something that comes at a steady rate."""
    return np.int64(np.floor(per_week * (week + 1)) - np.floor(per_week * week))


@kernel
def join_queue(calls: EventTable, queue: EventTable) -> None:
    """Put the new calls behind those that wait."""
    waiting = queue.count[0]
    for call in range(calls.count[0]):
        copy_call(calls, call, queue, waiting + call)
    queue.count[0] = waiting + calls.count[0]


@kernel
def copy_call(source: EventTable, row: Whole, target: EventTable, at: Whole) -> None:
    """Copy a call from a row to a row, of another table or of the same.

    Parameters
    ----------
    source, row : where it is.
    target, at : where it is written.
    """
    target.event[at] = source.event[row]
    target.type[at] = source.type[row]
    target.origin[at] = source.origin[row]
    target.week[at] = source.week[row]
    target.day[at] = source.day[row]
    target.place[at] = source.place[row]
    target.caller[at] = source.caller[row]
    target.offender[at] = source.offender[row]
    target.is_recorded[at] = source.is_recorded[row]


@kernel
def offer_hours(officers: Table, service: Table) -> None:
    """Put officers on patrol for the hours that the budget leaves, all of them free as yet."""
    contracted, offered = officers.contracted, officers.offered
    proactive, reactive = officers.proactive, officers.reactive
    staffing = service.staffing[0]
    for i in range(contracted.size):
        offered[i] = contracted[i] * staffing
        proactive[i] = offered[i]
        reactive[i] = 0.0
    service.offered[0] = paired_sum(offered)


@kernel
def answer(town: Town, line: Line, roster: Roster, p: RespondParameters, week: int) -> None:
    """Begin calls shift by shift while there are hours, some with health teams."""
    queue, service = town.queue, town.service
    kind, hours = queue.type, p.hours * (1 - service.backed_up[0])
    teams = whole_share(service.co_answers[0], week)
    answered, with_health, disorder = 0, 0, 0
    ahead = first_by_priority(line)
    end = ahead[1:].copy()
    pool, later = 0.0, 0.0
    for hours_open in roster.open:
        later += hours_open
    for period in range(PERIODS):
        fresh = roster.open[period]
        roster.carried[period] = min(max(-pool, 0.0), fresh)
        later -= fresh
        pool = fresh + min(pool, 0.0)
        for k in range(_PRIORITIES):
            held = held_back(k, p.waits) * fresh
            while ahead[k] < end[k] and (k == Priority.EMERGENCY or pool > held):
                call = line.order[ahead[k]]
                if line.due[call] > period:
                    break
                ahead[k] += 1
                has_team = kind[call] == CallType.DISORDER and disorder < teams
                disorder += kind[call] == CallType.DISORDER
                need = hours[kind[call]] * (p.with_team if has_team else 1.0)
                if need <= pool + later:
                    pool -= need
                    n = town.places.neighbourhood[queue.place[call]]
                    spend_hours(town.officers, need, town.neighbourhoods.first_officer[n])
                    line.begun[call] = period
                    line.outcome[call] = Outcome.WITH_HEALTH if has_team else Outcome.BY_POLICE
                    roster.work[period, k] += need
                    roster.begun[period] += 1
                    answered += 1
                    with_health += has_team
        roster.used[period] = fresh - max(pool, 0.0)
        if period == FIRST_SHIFT:
            later += max(pool, 0.0)  # the week's last shift may run over into them
    roster.used[FIRST_SHIFT] += max(-pool, 0.0)
    service.answered[0], service.co_answered[0] = answered, with_health


@kernel
def spend_hours(officers: Table, need: Double, officer: Whole) -> None:
    """Take the hours from an officer, then from the next, until there are enough."""
    left, spent = officers.proactive, officers.reactive
    for _ in range(left.size):
        if left[officer] > 0.0:
            taken = min(left[officer], need)
            left[officer] -= taken
            spent[officer] += taken
            need -= taken
            if need <= 0.0:
                break
        officer += 1
        if officer == left.size:
            officer = 0


@kernel
def affect_callers(town: Town, line: Line, p: RespondParameters) -> None:
    """Let callers who still live there feel it; refer and calm those in crisis."""
    queue, residents = town.queue, town.residents
    event, caller = queue.event, queue.caller
    is_there = still_there(queue, residents, town.households)
    for call in line.order:
        if not is_there[call]:
            continue
        who, outcome = caller[call], line.outcome[call]
        if line.is_late[call]:
            residents.contact[who] -= p.waiting_cost
        elif outcome:
            is_crime = queue.type[call] <= CallType.BUSINESS
            if is_crime and not is_cleared(queue, call, p.clearance):
                residents.contact[who] -= p.unsolved_cost
            else:
                residents.contact[who] += p.answered_well
        if outcome and queue.type[call] == CallType.DISORDER:
            resolves = p.co_resolves if outcome == Outcome.WITH_HEALTH else p.police_resolves
            if event_uniform(event[call], REFER_SALT) < p.refer:
                residents.is_referred[who] = 1
            if event_uniform(event[call], RESOLVE_SALT) < resolves:
                residents.is_resolved[who] = 1


@kernel
def still_there(queue: EventTable, residents: Table, homes: Table) -> Column:
    """Say of each call whether its caller is known, and has not moved away since (uint8).

    A loop of its own: its scattered reads do not depend on each other, so that the processor
    fetches several at a time.
    """
    caller, week = queue.caller, queue.week
    household, since = residents.household, homes.since_week
    is_there = np.empty(queue.count[0], np.uint8)
    for call in range(is_there.size):
        is_there[call] = caller[call] >= 0 and week[call] >= since[household[caller[call]]]
    return is_there


@kernel
def let_wait(town: Town, line: Line, p: RespondParameters, week: int) -> None:
    """Let unanswered calls wait on, in the order of the line, or close those too old."""
    queue, calls = town.queue, line.order.size
    unanswered = waiting = 0
    for call in line.order:
        if line.outcome[call] == Outcome.UNANSWERED:
            unanswered += 1
            if week - queue.week[call] < p.patience:
                copy_call(queue, call, queue, calls + waiting)  # no call is lost in between
                waiting += 1
    for k in range(waiting):
        copy_call(queue, calls + k, queue, k)
    queue.count[0] = waiting
    closed = unanswered - waiting
    town.service.waiting[0], town.service.closed[0] = waiting, closed
    town.service.delayed[0] += closed
    town.service.late[0] += closed


@kernel
def tire(officers: Table, p: RespondParameters) -> None:
    """Let officers recover, and tire of training and where calls take most of their hours."""
    offered, reactive, fatigue = officers.offered, officers.reactive, officers.fatigue
    for i in range(fatigue.size):
        utilization = reactive[i] / max(offered[i], 1e-12)
        over = max(utilization - p.busy_cap, 0.0)
        rested = np.float64(p.fatigue_kept * fatigue[i])
        fatigue[i] = min(rested + p.tiring * over + p.training_tires, 1.0)


@kernel
def keep_account(officers: Table, service: Table, roster: Roster, week: int) -> None:
    """Note the hours calls took, and what they left free in a yearly mean."""
    service.reactive[0] = paired_sum(officers.reactive)
    gap = paired_sum(officers.proactive) - service.free_mean[0]
    years = min(WEEKS_PER_YEAR, service.weeks_kept[0] + 1)
    service.free_mean[0] += gap / years
    keep_shifts(service, roster, 1.0 / years, week)
    if week < 0:
        service.free_before[0] = service.free_mean[0]
