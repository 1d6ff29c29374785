"""Stage 4, respond: last week's calls and the queue take officers' hours first.

Calls are taken by (priority, week, day, hash of the event). A call is answered if the hours
left in the whole service cover it; officers whose home area it is go first, then the next.
What is not answered waits; after ``patience`` weeks it is closed unanswered. An answered
caller gains a little trust, a waiting one loses some in every week. At an answered disorder
call the officer refers the person with probability ``refer``. The first disorder calls of a
week, as many as money pays for, are answered with a health team: fewer police hours, and the
episode is resolved with probability co_resolves, else police_resolves. What calls leave is
proactive:

    proactive = offered - reactive           fatigue' = (1 - recovery) fatigue
    utilization = reactive / offered                    + tiring max(0, utilization - cap)
                                                        + change_tires training

Source: practice.md (hours per call). Assumption: one pool, near officers first.

Reads: calls, queue. Writes: queue, officers' hours and fatigue, service.offered..closed;
leaves contact, is_referred and is_resolved with the caller.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from omemsim.kernels import event_uniform, kernel
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters, Respond
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import CallType

__all__ = ["PRIORITY", "call_hours", "step"]

# Lower is sooner, by call type in the order of `CallType`.
PRIORITY = np.array([0, 4, 2, 4, 1, 3], np.int8)
REFER_SALT, RESOLVE_SALT = 3, 7


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Answer what the hours allow, in order; the rest waits or is closed."""
    group, officers, service = parameters.respond, town.officers, town.service
    calls = _in_order(town)
    with_health = _first_disorder(calls["type"], whole_share(service.co_answers[0], town.week))
    hours = call_hours(group)[calls["type"]] * np.where(with_health, 1 - group.co_relief, 1)
    officers.proactive[:] = officers.offered
    officers.reactive[:] = 0
    is_answered = np.zeros(calls["event"].size, np.uint8)
    answer(
        hours,
        town.neighbourhoods.first_officer[town.places.neighbourhood[calls["place"]]],
        officers.proactive,
        officers.reactive,
        is_answered,
    )
    _feel_served(town, parameters, calls, is_answered.astype(bool))
    seen = (is_answered == 1) & (calls["type"] == CallType.DISORDER) & _still_there(town, calls)
    resolve_seen(town, group, calls, seen=seen, with_health=with_health)
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
def answer(hours, first, left, spent, is_answered):  # type: ignore[no-untyped-def]
    pool = 0.0
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
def draw_resolved(event, p, out):  # type: ignore[no-untyped-def]
    for c in range(event.size):
        out[c] = event_uniform(event[c], RESOLVE_SALT) < p[c]
