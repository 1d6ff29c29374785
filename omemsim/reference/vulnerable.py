"""Finding the vulnerable, in stage 5: officers bring them to agencies, Tables, victim support."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.draws import choice, event_id, event_uniform
from omemsim.reference.own_tactics import own_hours_as
from omemsim.reference.stopping import TRIES
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.wheel import Tactic

if TYPE_CHECKING:
    from omemsim.reference.agents import Neighbourhood, Resident
    from omemsim.reference.model import ReferenceModel

__all__ = ["notice_vulnerable"]


def notice_vulnerable(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Let officers look for vulnerable residents, and see that they are helped."""
    group, draws = model.parameters.act, model.draws
    event = event_id(hood.key, 0, draws.stream(Decision.VULNERABLE, model.week))
    hours = hood.hours[Tactic.MONITOR_AT_RISK_GROUPS] + own_hours_as(model, hood, "monitoring")
    mean = group.reached * (1 - group.watch_offenders) * hours
    whole = draws.whole(mean)
    for k in range(whole + draws.below(event_uniform(event, 0), mean - whole)):
        for look in range(TRIES * k, TRIES * (k + 1)):
            who = hood.residents[choice(event, 2 * look + 1, len(hood.residents))]
            if draws.below(event_uniform(event, 2 * look + 2), vulnerability(model, who)):
                who.noticed = model.week
                who.is_referred = who.is_helped = True
                break


def vulnerability(model: ReferenceModel, who: Resident) -> float:
    """Return how vulnerable a resident looks, 0 to 1: need, recent victimization, crises."""
    fresh = max(model.parameters.offend.repeat - 1, 1e-9)
    victim = (max(who.boost, who.household.boost) - 1) / fresh
    return (who.need**2 + victim + min(who.recent, 1.0)) / 3
