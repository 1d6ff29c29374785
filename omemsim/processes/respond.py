"""Stage 4, respond: last week's calls and the queue take officers' hours first.

Calls are taken by (priority, week, day, hash of the event). A call is answered if the hours
left in the whole service cover it; officers whose home area it is go first, then the next.
What is not answered waits; after ``patience`` weeks it is closed unanswered. An answered
caller gains a little trust, a waiting one loses some in every week. At an answered disorder
call the officer refers the person with probability ``refer``. What calls leave is proactive:

    proactive = offered - reactive           fatigue' = (1 - recovery) fatigue
    utilization = reactive / offered                    + tiring max(0, utilization - cap)

Source: practice.md (hours per call). Assumption: one pool, near officers first.

Reads: calls, queue. Writes: queue, officers' hours and fatigue, service.offered..closed;
leaves contact and is_referred with the caller.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import event_uniform, kernel
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters, Respond
from omemsim.vocabulary.wheel import CallType

__all__ = ["PRIORITY", "call_hours", "step"]

# Lower is sooner, by call type in the order of `CallType`.
PRIORITY = np.array([0, 4, 2, 4, 1, 3], np.int8)
REFER_SALT = 3


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Answer what the hours allow, in order; the rest waits or is closed."""
    del strategy
    group, officers, service = parameters.respond, town.officers, town.service
    calls = _in_order(town)
    officers.proactive[:] = officers.offered
    officers.reactive[:] = 0
    is_answered = np.zeros(calls["event"].size, np.uint8)
    answer(
        call_hours(group)[calls["type"]],
        town.neighbourhoods.first_officer[town.places.neighbourhood[calls["place"]]],
        officers.proactive,
        officers.reactive,
        is_answered,
    )
    _feel_served(town, parameters, calls, is_answered.astype(bool))
    keep = (is_answered == 0) & (town.week - calls["week"] < group.patience)
    town.queue.replace(**{name: values[keep] for name, values in calls.items()})
    _tire(town, group)
    service.offered[0] = officers.offered.sum()
    service.reactive[0] = officers.reactive.sum()
    service.answered[0] = is_answered.sum()
    service.waiting[0] = keep.sum()
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
    known = calls["caller"] >= 0
    home = town.households.since_week[residents.household[calls["caller"]]]
    known &= calls["week"] >= home  # else the caller has moved away
    gain = np.where(is_answered, group.answered_well, -group.waiting_cost).astype(np.float32)
    np.add.at(residents.contact, calls["caller"][known], gain[known])
    seen = is_answered & known & (calls["type"] == CallType.DISORDER)
    referred = np.zeros(int(seen.sum()), np.uint8)
    refer(calls["event"][seen], parameters.partner.refer, referred)
    residents.is_referred[calls["caller"][seen][referred == 1]] = 1


def _tire(town: Town, group: Respond) -> None:
    officers = town.officers
    utilization = officers.reactive / np.maximum(officers.offered, 1e-12)
    over = np.maximum(utilization - group.busy_cap, 0)
    fatigue = (1 - group.recovery) * officers.fatigue + group.tiring * over
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
