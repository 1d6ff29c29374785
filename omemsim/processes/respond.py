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
from typing import Any

import numpy as np

from omemsim.kernels import choice, event_uniform, kernel
from omemsim.strategies import Strategy
from omemsim.town import Town
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
CRIMES = (CallType.VIOLENCE, CallType.THEFT, CallType.HOUSEHOLD, CallType.BUSINESS)


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Answer what the hours allow, in order; the rest waits or is closed."""
    group, officers, service = parameters.respond, town.officers, town.service
    calls = _in_order(town)
    with_health = _first_disorder(calls["type"], whole_share(service.co_answers[0], town.week))
    hours = call_hours(group)[calls["type"]] * np.where(with_health, 1 - group.co_relief, 1)
    officers.offered[:] = officers.contracted * service.staffing[0]
    officers.proactive[:] = officers.offered
    officers.reactive[:] = 0
    is_answered = np.zeros(calls["event"].size, np.uint8)
    answer(
        kept_hours(town, group, strategy),
        hours,
        town.neighbourhoods.first_officer[town.places.neighbourhood[calls["place"]]],
        officers.proactive,
        officers.reactive,
        is_answered,
    )
    _feel_served(town, parameters, calls, is_answered.astype(bool))
    seen = (is_answered == 1) & (calls["type"] == CallType.DISORDER) & _still_there(town, calls)
    resolve_seen(town, group, calls, seen=seen, with_health=with_health)
    arrest(town, group, calls, is_answered=is_answered == 1)
    keep = (is_answered == 0) & (town.week - calls["week"] < group.patience)
    town.queue.replace(**{name: values[keep] for name, values in calls.items()})
    _tire(town, group, strategy.training)
    service.offered[0] = officers.offered.sum()
    service.reactive[0] = officers.reactive.sum()
    service.answered[0] = is_answered.sum()
    service.waiting[0] = keep.sum()
    service.co_answered[0] = (with_health & (is_answered == 1)).sum()
    gap = officers.proactive.sum() - service.free_mean[0]
    service.free_mean[0] += gap / min(WEEKS_PER_YEAR, service.weeks_kept[0] + 1)
    if town.week < 0:
        service.free_before[0] = service.free_mean[0]
    service.closed[0] = keep.size - is_answered.sum() - keep.sum()


def kept_hours(town: Town, group: Respond, strategy: Strategy) -> float:
    """Return the hours of the week that calls may not take."""
    offered = float(town.officers.offered.sum())
    usual = float(town.service.free_before[0]) if town.week >= 0 else 0.0
    kept = max(strategy.protected * offered, (1 - group.calls_first) * usual)
    return min(kept, offered)


def arrest(town: Town, group: Respond, calls: dict[str, Any], *, is_answered: Any) -> None:
    """Release whose time is over or who moved away; take offenders into custody."""
    custody, residents, hoods = town.custody, town.residents, town.neighbourhoods
    stays = (custody.until > town.week) & (residents.is_moved[custody.resident] == 0)
    held = custody.resident[stays]
    crimes = np.flatnonzero(is_answered & (calls["type"] < len(CRIMES)))
    violent = calls["type"][crimes] == CallType.VIOLENCE
    n = town.places.neighbourhood[calls["place"][crimes]]
    taken = np.full(crimes.size, NOBODY, np.int64)
    find_offenders(
        calls["event"][crimes],
        np.where(violent, group.custody_violence, group.custody_property),
        hoods.first_resident[n],
        hoods.residents[n],
        residents.propensity,
        taken,
    )
    in_cells = set(held.tolist())
    found = dict.fromkeys(taken[taken != NOBODY].tolist())  # once each, in the order of the calls
    new = [who for who in found if who not in in_cells]
    until = np.full(len(new), town.week + group.custody_weeks)
    custody.replace(
        resident=np.concatenate([held, np.array(new, np.int64)]),
        until=np.concatenate([custody.until[stays], until]),
    )
    town.service.arrested[0] = len(new)


def call_hours(group: Respond) -> Any:
    """Return officer hours by call type, float64, in the order of `CallType`."""
    return np.array([getattr(group, f"hours_{kind.name.lower()}") for kind in CallType])


def _in_order(town: Town) -> dict[str, Any]:
    new, old = town.calls.columns(), town.queue.columns()
    calls = {name: np.concatenate([old[name], new[name]]) for name in old}
    order = np.lexsort((calls["event"], calls["day"], calls["week"], PRIORITY[calls["type"]]))
    return {name: values[order] for name, values in calls.items()}


def _feel_served(
    town: Town, parameters: Parameters, calls: dict[str, Any], is_answered: Any
) -> None:
    residents, group = town.residents, parameters.respond
    known = _still_there(town, calls)
    gain = np.where(is_answered, group.answered_well, -group.waiting_cost).astype(np.float32)
    np.add.at(residents.contact, calls["caller"][known], gain[known])
    seen = is_answered & known & (calls["type"] == CallType.DISORDER)
    referred = np.zeros(int(seen.sum()), np.uint8)
    refer(calls["event"][seen], parameters.partner.refer, referred)
    residents.is_referred[calls["caller"][seen][referred == 1]] = 1


def _first_disorder(kinds: Any, most: int) -> Any:
    """Return a mask of the first ``most`` disorder calls in the order they are taken."""
    is_disorder = kinds == CallType.DISORDER
    return is_disorder & (np.cumsum(is_disorder) <= most)


def whole_share(per_week: float, week: int) -> int:
    """Return this week's whole number of something that comes at a steady rate."""
    return math.floor(per_week * (week + 1)) - math.floor(per_week * week)


def _still_there(town: Town, calls: dict[str, Any]) -> Any:
    """Return a mask of calls whose caller is known and has not moved away since."""
    home = town.households.since_week[town.residents.household[calls["caller"]]]
    return (calls["caller"] >= 0) & (calls["week"] >= home)


def resolve_seen(
    town: Town, group: Respond, calls: dict[str, Any], *, seen: Any, with_health: Any
) -> None:
    """Draw which disorder episodes are resolved by those who answer them."""
    p = np.where(with_health[seen], group.co_resolves, group.police_resolves)
    resolved = np.zeros(p.size, np.uint8)
    draw_resolved(calls["event"][seen], p, resolved)
    town.residents.is_resolved[calls["caller"][seen][resolved == 1]] = 1


def _tire(town: Town, group: Respond, training: float) -> None:
    officers = town.officers
    utilization = officers.reactive / np.maximum(officers.offered, 1e-12)
    over = np.maximum(utilization - group.busy_cap, 0)
    fatigue = (1 - group.recovery) * officers.fatigue + group.tiring * over
    fatigue = fatigue + group.change_tires * training
    officers.fatigue[:] = np.minimum(fatigue, 1)


@kernel
def answer(kept, hours, first, left, spent, is_answered):  # type: ignore[no-untyped-def]
    pool = -kept
    for hours_left in left:
        pool += hours_left
    for c in range(hours.size):
        need = hours[c]
        if need > pool:
            continue
        officer = first[c]
        for _ in range(left.size):
            taken = min(left[officer], need)
            left[officer] -= taken
            spent[officer] += taken
            need -= taken
            if need <= 0.0:
                break
            officer = (officer + 1) % left.size
        pool -= hours[c]
        is_answered[c] = 1


@kernel
def refer(event, p, out):  # type: ignore[no-untyped-def]
    for c in range(event.size):
        out[c] = event_uniform(event[c], REFER_SALT) < p


@kernel
def find_offenders(event, p, first, residents, propensity, taken):  # type: ignore[no-untyped-def]
    for c in range(event.size):
        if event_uniform(event[c], CUSTODY_SALT) < p[c]:
            for t in range(TRIES):
                who = first[c] + choice(event[c], FIRST_TRY + 2 * t, residents[c])
                u = event_uniform(event[c], FIRST_TRY + 2 * t + 1)
                if u < np.float64(propensity[who]) / TYPICAL_MOST:
                    taken[c] = who
                    break


@kernel
def draw_resolved(event, p, out):  # type: ignore[no-untyped-def]
    for c in range(event.size):
        out[c] = event_uniform(event[c], RESOLVE_SALT) < p[c]
