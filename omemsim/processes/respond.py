"""Stage 4, respond: last week's calls and the queue take officers' hours first.

Calls are taken by (priority, week, day, hash of the event). A call is answered if the hours
left in the whole service cover it; officers whose home area it is go first, then the next.
Hours kept for prevention are out of calls' reach: the strategy's protected share, or, where
calls do not come first, what they left free before week 0:

    kept = max(protected offered, (1 - calls_first) free_before)

A call that is too long for what is left is passed over, a shorter one after it may be answered.
What is not answered waits; after ``patience`` weeks it is closed unanswered. An answered
caller gains a little trust, a waiting one loses some in every week. At an answered disorder
call the officer refers the person with probability ``refer``. The first disorder calls of a
week, as many as money pays for, are answered with a health team: fewer police hours, and the
episode is resolved with probability co_resolves, else police_resolves. An answered call
about crime ends with an arrest with probability custody_violence or custody_property: a
resident of the neighbourhood, by keyed rejection with weight propensity, is in custody for
custody_weeks and offends nobody. What calls leave is proactive:

    proactive = offered - reactive           fatigue' = (1 - recovery) fatigue
    utilization = reactive / offered                    + tiring max(0, utilization - cap)
                                                        + change_tires training

Source: practice.md (hours per call). Assumption: one pool, near officers first; whoever is
arrested lives where the crime was.

Reads: calls, queue, staffing. Writes: queue, custody, officers' hours and fatigue,
service.offered..closed; leaves contact, is_referred and is_resolved with the caller.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Any

import numpy as np

from omemsim.kernels import choice, event_uniform, kernel
from omemsim.strategies import Strategy
from omemsim.town import Table, Town
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Parameters, Respond
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import CallType

__all__ = ["PRIORITY", "TRIES", "TYPICAL_MOST", "call_hours", "step", "whole_share"]

# Lower is sooner, by call type in the order of `CallType`.
PRIORITY = np.array([0, 4, 2, 4, 1, 3], np.int8)
REFER_SALT, RESOLVE_SALT, CUSTODY_SALT, FIRST_TRY = 3, 7, 8, 100
NOBODY = -1
TYPICAL_MOST = 8.0  # propensity that is always recognized; those above are no likelier
TRIES = 30  # residents looked at to find an active offender


class Outcome(IntEnum):
    """How a call ends this week."""

    UNANSWERED = 0
    BY_POLICE = 1
    WITH_HEALTH = 2


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Answer what the hours allow, in order; the rest waits or is closed."""
    group = parameters.respond
    calls, order = line_up(town)
    offer_hours(town)
    outcome = answer_calls(town, group, strategy, calls, order)
    serve_callers(town, parameters, calls, order, outcome)
    arrest(town, group, calls, order, outcome)
    let_wait(town, group, calls, order[outcome == 0])
    _tire(town, group, strategy.training)
    keep_account(town)


def line_up(town: Town) -> tuple[Table, Any]:
    """Return the table of all calls, new and waiting, and its rows in the order of answer."""
    calls = town.calls
    if len(town.queue):
        new = calls.columns()
        calls = town.queue
        calls.replace(**{k: np.concatenate([v, new[k]]) for k, v in calls.columns().items()})
    return calls, np.lexsort((calls.event, calls.day, calls.week, PRIORITY[calls.type]))


def offer_hours(town: Town) -> None:
    """Put officers on patrol for the hours that the budget leaves, all of them free as yet."""
    officers = town.officers
    officers.offered[:] = officers.contracted * town.service.staffing[0]
    officers.proactive[:] = officers.offered
    officers.reactive[:] = 0
    town.service.offered[0] = officers.offered.sum()


def kept_hours(town: Town, group: Respond, strategy: Strategy) -> float:
    """Return the hours of the week that calls may not take."""
    offered = float(town.service.offered[0])
    usual = float(town.service.free_before[0]) if town.week >= 0 else 0.0
    kept = max(strategy.protected * offered, (1 - group.calls_first) * usual)
    return min(kept, offered)


@once
def call_hours(group: Respond) -> Any:
    """Return officer hours by call type, float64, in the order of `CallType`."""
    return np.array([getattr(group, f"hours_{kind.name.lower()}") for kind in CallType])


def answer_calls(town: Town, group: Respond, strategy: Strategy, calls: Table, order: Any) -> Any:
    """Spend officers' hours on calls; return how each call of the order ends, uint8."""
    officers, service = town.officers, town.service
    outcome = np.empty(order.size, np.uint8)
    service.answered[0], service.co_answered[0] = answer(
        kept_hours(town, group, strategy),
        whole_share(service.co_answers[0], town.week),
        1 - group.co_relief,
        call_hours(group),
        order,
        calls.type,
        calls.place,
        town.places.neighbourhood,
        town.neighbourhoods.first_officer,
        officers.proactive,
        officers.reactive,
        outcome,
    )
    return outcome


def whole_share(per_week: float, week: int) -> int:
    """Return this week's whole number of something that comes at a steady rate."""
    return math.floor(per_week * (week + 1)) - math.floor(per_week * week)


def serve_callers(
    town: Town, parameters: Parameters, calls: Table, order: Any, outcome: Any
) -> None:
    """Let callers who still live there feel it; refer and calm those in crisis."""
    group, residents = parameters.respond, town.residents
    serve(
        order,
        outcome,
        calls.event,
        calls.type,
        calls.week,
        calls.caller,
        residents.household,
        town.households.since_week,
        (np.float32(group.answered_well), np.float32(group.waiting_cost)),
        (parameters.partner.refer, group.police_resolves, group.co_resolves),
        residents.contact,
        residents.is_referred,
        residents.is_resolved,
    )


def arrest(town: Town, group: Respond, calls: Table, order: Any, outcome: Any) -> None:
    """Release whose time is over or who moved away; take offenders into custody."""
    custody, residents, hoods = town.custody, town.residents, town.neighbourhoods
    who = np.empty(len(custody) + order.size, np.int64)
    until = np.empty(who.size, np.int32)
    held = release(custody.resident, custody.until, town.week, residents.is_moved, who, until)
    inside = take_offenders(
        order,
        outcome,
        calls.event,
        calls.type,
        calls.place,
        town.places.neighbourhood,
        hoods.first_resident,
        hoods.residents,
        residents.propensity,
        (group.custody_violence, group.custody_property),
        who,
        held,
    )
    until[held:inside] = town.week + group.custody_weeks
    town.service.arrested[0] = inside - held
    if not len(custody) == held == inside:
        custody.replace(resident=who[:inside].copy(), until=until[:inside].copy())


def let_wait(town: Town, group: Respond, calls: Table, unanswered: Any) -> None:
    """Queue the calls that nobody answered, in their order, and close those out of patience."""
    service = town.service
    service.waiting[0] = service.closed[0] = 0
    if unanswered.size or len(town.queue):
        waits = unanswered[town.week - calls.week[unanswered] < group.patience]
        town.queue.replace(**{k: values[waits] for k, values in calls.columns().items()})
        service.waiting[0] = waits.size
        service.closed[0] = unanswered.size - waits.size


def _tire(town: Town, group: Respond, training: float) -> None:
    officers = town.officers
    tire(
        officers.offered,
        officers.reactive,
        np.float32(1 - group.recovery),
        (group.busy_cap, group.tiring, group.change_tires * training),
        officers.fatigue,
    )


def keep_account(town: Town) -> None:
    """Note the hours calls took, and what they left free in a yearly mean."""
    officers, service = town.officers, town.service
    service.reactive[0] = officers.reactive.sum()
    gap = officers.proactive.sum() - service.free_mean[0]
    service.free_mean[0] += gap / min(WEEKS_PER_YEAR, service.weeks_kept[0] + 1)
    if town.week < 0:
        service.free_before[0] = service.free_mean[0]


@kernel
def answer(  # type: ignore[no-untyped-def]
    kept,
    teams,
    relieved,
    hours,
    order,
    kind,
    place,
    neighbourhood,
    first_officer,
    left,
    spent,
    outcome,
):
    """Answer calls in order while hours last; return how many, and how many with health teams."""
    pool = -kept
    for hours_left in left:
        pool += hours_left
    answered, with_health, disorder = 0, 0, 0
    for k in range(order.size):
        call = order[k]
        has_team = kind[call] == CallType.DISORDER and disorder < teams
        disorder += kind[call] == CallType.DISORDER
        need = hours[kind[call]] * (relieved if has_team else 1.0)
        outcome[k] = Outcome.UNANSWERED
        if need <= pool:
            pool -= need
            _spend(need, first_officer[neighbourhood[place[call]]], left, spent)
            outcome[k] = Outcome.WITH_HEALTH if has_team else Outcome.BY_POLICE
            answered += 1
            with_health += has_team
    return answered, with_health


@kernel
def _spend(need, officer, left, spent):  # type: ignore[no-untyped-def]
    """Take the hours from an officer, then from the next, until there are enough."""
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
def serve(  # type: ignore[no-untyped-def]
    order,
    outcome,
    event,
    kind,
    week,
    caller,
    household,
    since,
    trust,
    chances,
    contact,
    is_referred,
    is_resolved,
):
    """Add to contact what an answer or waiting does; draw who is referred, and resolved."""
    gain, cost = trust
    refer, police_resolves, co_resolves = chances
    is_there = np.empty(caller.size, np.uint8)  # known, and not moved away since
    for call in range(caller.size):  # apart: rows all over memory are fetched side by side
        is_there[call] = caller[call] >= 0 and week[call] >= since[household[caller[call]]]
    for k in range(order.size):
        call = order[k]
        who = caller[call]
        if not is_there[call]:
            continue
        contact[who] += gain if outcome[k] else -cost
        if outcome[k] and kind[call] == CallType.DISORDER:
            resolves = co_resolves if outcome[k] == Outcome.WITH_HEALTH else police_resolves
            if event_uniform(event[call], REFER_SALT) < refer:
                is_referred[who] = 1
            if event_uniform(event[call], RESOLVE_SALT) < resolves:
                is_resolved[who] = 1


@kernel
def release(resident, until, week, is_moved, who, still_until):  # type: ignore[no-untyped-def]
    """List who stays in custody, and return how many."""
    held = 0
    for i in range(resident.size):
        if until[i] > week and not is_moved[resident[i]]:
            who[held], still_until[held] = resident[i], until[i]
            held += 1
    return held


@kernel
def take_offenders(  # type: ignore[no-untyped-def]
    order,
    outcome,
    event,
    kind,
    place,
    neighbourhood,
    first,
    residents,
    propensity,
    chances,
    who,
    inside,
):
    """Add those arrested at answered calls about crime to who is inside; return how many are."""
    violence, property_crime = chances
    for k in range(order.size):
        call = order[k]
        if outcome[k] and kind[call] <= CallType.BUSINESS:
            chance = violence if kind[call] == CallType.VIOLENCE else property_crime
            if event_uniform(event[call], CUSTODY_SALT) < chance:
                n = neighbourhood[place[call]]
                found = find_offender(event[call], first[n], residents[n], propensity)
                if found != NOBODY and not _is_among(who[:inside], found):
                    who[inside] = found
                    inside += 1
    return inside


@kernel
def _is_among(rows, found):  # type: ignore[no-untyped-def]
    is_among = False
    for row in rows:
        is_among |= row == found
    return is_among


@kernel
def find_offender(event, first, residents, propensity):  # type: ignore[no-untyped-def]
    """Return a resident of a neighbourhood, likelier the more they offend, or nobody."""
    for t in range(TRIES):
        who = first + choice(event, FIRST_TRY + 2 * t, residents)
        u = event_uniform(event, FIRST_TRY + 2 * t + 1)
        if u < np.float64(propensity[who]) / TYPICAL_MOST:
            return who
    return NOBODY


@kernel
def tire(offered, reactive, rested, rates, fatigue):  # type: ignore[no-untyped-def]
    busy_cap, tiring, change = rates
    for i in range(fatigue.size):
        utilization = reactive[i] / max(offered[i], 1e-12)
        over = max(utilization - busy_cap, 0.0)
        fatigue[i] = min(np.float64(rested * fatigue[i]) + tiring * over + change, 1.0)
