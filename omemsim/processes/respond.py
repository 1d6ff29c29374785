"""Stage 4, respond: last week's calls and the queue take officers' hours first.

Calls are taken by (priority, week, day, hash of the event). A call is answered if the hours
left in the whole service cover it; officers whose home area it is go first, then the next. Last
week's backup makes every call shorter by the same share (backed_up, see `act`).
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

Reads: calls, queue, staffing, backed_up. Writes: queue, custody, officers' hours and fatigue,
service.offered..closed; leaves contact, is_referred and is_resolved with the caller.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np

from omemsim.kernels import choice, event_uniform, kernel, paired_sum, single
from omemsim.strategies import Strategy
from omemsim.town import Table, Town
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Parameters, Respond
from omemsim.vocabulary.rates import DAYS_PER_WEEK, WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import CallType

__all__ = ["PRIORITY", "TRIES", "TYPICAL_MOST", "call_hours", "step", "whole_share"]

# Lower is sooner, by call type in the order of `CallType`.
PRIORITY = np.array([0, 4, 2, 4, 1, 3], np.int8)
REFER_SALT, RESOLVE_SALT, CUSTODY_SALT, FIRST_TRY = 3, 7, 8, 100
NOBODY = -1
TYPICAL_MOST = 8.0  # propensity that is always recognized; those above are no likelier
_FEW = 32  # calls of a class of priority, week and day, to be told apart by their hashes
TRIES = 30  # residents looked at to find an active offender


class Outcome(IntEnum):
    """How a call ends this week."""

    UNANSWERED = 0
    BY_POLICE = 1
    WITH_HEALTH = 2


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Answer what the hours allow, in order; the rest waits or is closed."""
    calls, custody, service = all_calls(town), town.custody, town.service
    hoods, officers, residents = town.neighbourhoods, town.officers, town.residents
    waits, who, until = take_calls(
        int(town.week),
        rates(parameters, strategy),
        call_hours(parameters.respond) * (1 - service.backed_up[0]),
        (calls.event, calls.type, calls.week, calls.day, calls.place, calls.caller),
        (officers.contracted, officers.offered, officers.proactive, officers.reactive),
        officers.fatigue,
        (town.places.neighbourhood, hoods.first_officer, hoods.first_resident, hoods.residents),
        (residents.household, town.households.since_week, residents.is_moved, residents.propensity),
        (residents.contact, residents.is_referred, residents.is_resolved),
        (custody.resident, custody.until),
        (service.staffing, service.co_answers, service.free_before, service.free_mean),
        (service.offered, service.reactive, service.weeks_kept),
        (service.answered, service.co_answered, service.arrested, service.waiting, service.closed),
    )
    if who.size != len(custody) or service.arrested[0]:
        custody.replace(resident=who, until=until)
    if waits.size or len(town.queue):
        town.queue.replace(**{k: values[waits] for k, values in calls.columns().items()})


def all_calls(town: Town) -> Table:
    """Return the table of all calls: those that wait, and the new ones behind them."""
    calls = town.calls
    if len(town.queue):
        new = calls.columns()
        calls = town.queue
        calls.replace(**{k: np.concatenate([v, new[k]]) for k, v in calls.columns().items()})
    return calls


@once
def call_hours(group: Respond) -> Any:
    """Return officer hours by call type, float64, in the order of `CallType`."""
    return np.array([float(getattr(group, f"hours_{kind.name.lower()}")) for kind in CallType])


@once
def rates(parameters: Parameters, strategy: Strategy) -> tuple[tuple[Any, ...], ...]:
    """Return what is kept; what an answer does; who is arrested; how officers tire."""
    group = parameters.respond
    tires = float(group.change_tires * strategy.training)
    return (
        (float(strategy.protected), float(1 - group.calls_first)),
        (float(1 - group.co_relief), int(group.patience)),
        single(group, "answered_well", "waiting_cost"),
        (float(parameters.partner.refer), float(group.police_resolves), float(group.co_resolves)),
        (float(group.custody_violence), float(group.custody_property), int(group.custody_weeks)),
        (np.float32(1 - group.recovery), float(group.busy_cap), float(group.tiring), tires),
    )


@kernel
def whole_share(per_week, week):  # type: ignore[no-untyped-def]
    """Return this week's whole number of something that comes at a steady rate."""
    return np.int64(np.floor(per_week * (week + 1)) - np.floor(per_week * week))


@kernel
def take_calls(  # type: ignore[no-untyped-def]
    week,
    rates,
    hours,
    calls,
    officers,
    fatigue,
    near,
    people,
    letters,
    custody,
    known,
    spent,
    counts,
):
    """Answer calls in order; return the calls that wait, and who is in custody until when."""
    keeping, answering, trust, chances, arresting, tiring = rates
    relieved, patience = answering
    event, kind, week_of, day, place, caller = calls
    _, offered, proactive, reactive = officers
    staffing, co_answers, free_before, free_mean = known
    answered, co_answered, arrested, waiting, closed = counts
    order = line_up(kind, week_of, day, event)
    spent[0][0] = offer_hours(officers, staffing[0])
    kept = kept_hours(week, keeping, spent[0][0], free_before[0])
    teams = whole_share(co_answers[0], week)
    outcome = np.empty(order.size, np.uint8)
    answered[0], co_answered[0] = answer(
        (kept, teams, relieved, hours), order, (kind, place), near, (proactive, reactive), outcome
    )
    serve(order, outcome, (event, kind, week_of, caller), people, trust, chances, letters)
    who, until, arrested[0] = arrest(
        week, arresting, order, outcome, (event, kind, place), near, people, custody
    )
    waits, waiting[0], closed[0] = let_wait(week, patience, order, outcome, week_of)
    tire(offered, reactive, tiring, fatigue)
    keep_account(week, (proactive, reactive), free_mean, free_before, spent)
    return waits, who, until


@kernel
def line_up(kind, week, day, event):  # type: ignore[no-untyped-def]
    """Return the calls in the order of answer: by priority, week, day, and hash of the event.

    Hashes are even, so that calls fall apart into as many classes as there are calls; what is
    left to put in order within a class is next to nothing.
    """
    rows = np.empty(kind.size, np.int64)
    if kind.size == 0:
        return rows
    oldest, fine = week.min(), 1
    while fine * _FEW < kind.size:
        fine *= 2
    weeks = np.int64(week.max()) - oldest + 1
    ends = np.zeros(PRIORITY.size * weeks * DAYS_PER_WEEK * fine + 1, np.int64)
    of_call = np.empty(kind.size, np.int64)
    for call in range(kind.size):
        coarse = (PRIORITY[kind[call]] * weeks + week[call] - oldest) * DAYS_PER_WEEK + day[call]
        part = np.int64(np.uint64(event[call] >> np.uint64(32)) * np.uint64(fine) >> np.uint64(32))
        of_call[call] = coarse * fine + part
        ends[of_call[call] + 1] += 1
    for one in range(1, ends.size):
        ends[one] += ends[one - 1]
    first = ends[:-1].copy()
    for call in range(kind.size):
        mine = of_call[call]
        at = ends[mine]
        ends[mine] += 1
        while at > first[mine] and event[rows[at - 1]] > event[call]:
            rows[at] = rows[at - 1]
            at -= 1
        rows[at] = call
    return rows


@kernel
def offer_hours(officers, staffing):  # type: ignore[no-untyped-def]
    """Put officers on patrol for the hours that the budget leaves, all of them free as yet."""
    contracted, offered, proactive, reactive = officers
    for i in range(contracted.size):
        offered[i] = contracted[i] * staffing
        proactive[i] = offered[i]
        reactive[i] = 0.0
    return paired_sum(offered)


@kernel
def kept_hours(week, keeping, offered, free_before):  # type: ignore[no-untyped-def]
    """Return the hours of the week that calls may not take."""
    protected, not_first = keeping
    usual = free_before if week >= 0 else 0.0
    return min(max(protected * offered, not_first * usual), offered)


@kernel
def answer(terms, order, calls, near, hours_of, outcome):  # type: ignore[no-untyped-def]
    """Answer calls in order while hours last; return how many, and how many with health teams."""
    kept, teams, relieved, hours = terms
    kind, place = calls
    neighbourhood, first_officer, _, _ = near
    left, spent = hours_of
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
def serve(order, outcome, calls, people, trust, chances, letters):  # type: ignore[no-untyped-def]
    """Let callers who still live there feel it; refer and calm those in crisis."""
    event, kind, week, caller = calls
    household, since, _, _ = people
    contact, is_referred, is_resolved = letters
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
def arrest(week, arresting, order, outcome, calls, near, people, custody):  # type: ignore[no-untyped-def]
    """Release whose time is over or who moved away; take offenders into custody.

    Return who is inside, until when, and how many of them are new.
    """
    violence, property_crime, custody_weeks = arresting
    who = np.empty(custody[0].size + order.size, np.int64)
    until = np.empty(who.size, np.int32)
    held = release(custody, week, people[2], who, until)
    chances = violence, property_crime
    inside = take_offenders(order, outcome, calls, near, people[3], chances, who, held)
    until[held:inside] = week + custody_weeks
    return who[:inside].copy(), until[:inside].copy(), inside - held


@kernel
def release(custody, week, is_moved, who, still_until):  # type: ignore[no-untyped-def]
    """List who stays in custody, and return how many."""
    resident, until = custody
    held = 0
    for i in range(resident.size):
        if until[i] > week and not is_moved[resident[i]]:
            who[held], still_until[held] = resident[i], until[i]
            held += 1
    return held


@kernel
def take_offenders(  # type: ignore[no-untyped-def]
    order, outcome, calls, near, propensity, chances, who, inside
):
    """Add those arrested at answered calls about crime to who is inside; return how many are."""
    event, kind, place = calls
    neighbourhood, _, first, residents = near
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
def let_wait(week, patience, order, outcome, week_of):  # type: ignore[no-untyped-def]
    """Return which calls wait on, in their order; how many do, and how many close."""
    waits = np.empty(order.size, np.int64)
    unanswered = waiting = 0
    for k in range(order.size):
        if outcome[k] == Outcome.UNANSWERED:
            unanswered += 1
            if week - week_of[order[k]] < patience:
                waits[waiting] = order[k]
                waiting += 1
    return waits[:waiting].copy(), waiting, unanswered - waiting


@kernel
def tire(offered, reactive, rates, fatigue):  # type: ignore[no-untyped-def]
    rested, busy_cap, tiring, change = rates
    for i in range(fatigue.size):
        utilization = reactive[i] / max(offered[i], 1e-12)
        over = max(utilization - busy_cap, 0.0)
        fatigue[i] = min(np.float64(rested * fatigue[i]) + tiring * over + change, 1.0)


@kernel
def keep_account(week, hours_of, free_mean, free_before, spent):  # type: ignore[no-untyped-def]
    """Note the hours calls took, and what they left free in a yearly mean."""
    _, reactive, weeks_kept = spent
    reactive[0] = paired_sum(hours_of[1])
    gap = paired_sum(hours_of[0]) - free_mean[0]
    free_mean[0] += gap / min(WEEKS_PER_YEAR, weeks_kept[0] + 1)
    if week < 0:
        free_before[0] = free_mean[0]
