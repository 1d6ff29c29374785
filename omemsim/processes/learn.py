"""Stage 13, learn: officers gain skill and conviction, or leave; the council makes up its mind.

With a = 1 where there is training, else the strategy's communication:
    skill'     = skill + by_training training (1 - skill)
    awareness' = awareness + k max(aware a - awareness, 0)
                 + champions a mean adoption (1 - awareness)
    adoption'  = adoption + by_doing (awareness' skill' - adoption)
                 + by_success success (1 - adoption),   success = share by which calls have fallen
    relation'  = relation + k (proactive/offered - relation)      with the home area
An officer is replaced with p = 1 - exp(-turnover/52) and starts anew, a stranger to the area.
Support of council and board drifts, at half-time council_pace, to

    1/2 + results x fall of calls + leadership (mean adoption - 1/2) - bill x rise of the bill

since week 0. Once a year it sets next year's hours and seats at the Situation Table, each as
1 + council_hours, council_seats (support - 1/2); both are 0 unless one asks for them, so that
strategies are offered equal hours and money.

Source: seed 003 (training, communication, champions, promotion, success, the board).
Assumption: an officer who is more skilled than convinced becomes convinced, one less skilled
loses conviction; champions count those who are promoted for it.

Reads: strategy.training, communication, past_calls, bill, officers' hours. Writes:
officers.skill/awareness/adoption/relation, neighbourhoods.relation, service.replaced, council,
granted, seated, calls_before, bill_before.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import draw, probability
from omemsim.processes.assess import weeks_seen
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.parameters import Learn, Parameters
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, decay, per_week

__all__ = ["UNDECIDED", "step"]

UNDECIDED = 0.5  # council's support, and officers' adoption, that tip no scale


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Train those who stay, replace those who leave, and tell the council."""
    group, service = parameters.learn, town.service
    calls = float(town.neighbourhoods.past_calls.sum())  # of the 52 weeks before this one
    calls *= WEEKS_PER_YEAR / weeks_seen(town, WEEKS_PER_YEAR)
    if town.week == 0:
        service.calls_before[0], service.bill_before[0] = calls, service.bill[0]
    fall = -_rise(calls, service.calls_before[0]) if town.week >= 0 else 0.0
    teach(town, group, strategy)
    convince(town, group, success=min(max(fall, 0.0), 1.0))
    replace_leavers(town, group)
    get_to_know(town, group)
    tell_council(town, group, fall)


def _rise(now: float, before: float) -> float:
    return now / before - 1 if before > 0 else 0.0


def teach(town: Town, group: Learn, strategy: Strategy) -> None:
    """Raise skill by training, and awareness by training, telling and convinced colleagues."""
    officers = town.officers
    trained = np.float32(group.by_training * strategy.training)
    officers.skill += np.minimum(trained, 1) * (1 - officers.skill)
    effort = 1.0 if strategy.training > 0 else strategy.communication
    aware = officers.awareness.astype(float)
    gain = decay(group.aware_pace) * np.maximum(group.aware * effort - aware, 0)
    convinced = officers.adoption.mean(dtype=float)
    gain = gain + group.champions * effort * convinced * (1 - aware)
    officers.awareness[:] = np.minimum(aware + gain, 1)


def convince(town: Town, group: Learn, *, success: float) -> None:
    """Let adoption follow what officers know and can, and what they see succeed."""
    officers = town.officers
    adoption = officers.adoption.astype(float)
    gain = group.by_doing * (officers.awareness.astype(float) * officers.skill - adoption)
    gain = gain + group.by_success * success * (1 - adoption)
    officers.adoption[:] = np.clip(adoption + gain, 0, 1)


def replace_leavers(town: Town, group: Learn) -> None:
    """Draw who leaves, and seat their successors."""
    officers = town.officers
    draws = np.zeros(len(officers), np.float32)
    draw(officers.key, stream(town.seed, Decision.TURNOVER, town.week), draws)
    new = draws < probability(np.float32(per_week(group.turnover)))
    officers.skill[new] = group.skill_start
    officers.adoption[new] = group.adoption_start
    officers.awareness[new] = group.aware_start
    officers.relation[new] = 0
    town.service.replaced[0] = new.sum()


def get_to_know(town: Town, group: Learn) -> None:
    """Let officers and their home area get to know each other in the hours calls leave."""
    officers, n = town.officers, len(town.neighbourhoods)
    free = officers.proactive / np.maximum(officers.offered, 1e-12)
    officers.relation += np.float32(decay(group.relation_pace)) * (free - officers.relation)
    town.neighbourhoods.relation[:] = mean_at_home(
        officers.relation.astype(float), officers.home, n
    )


def mean_at_home(values: Any, home: Any, n: int) -> Any:
    """Return the mean over officers at home in each of n neighbourhoods, else over all."""
    count = np.bincount(home, minlength=n)
    total = np.bincount(home, values, minlength=n)
    if count.all():
        return total / count
    return np.where(count > 0, total / np.maximum(count, 1), values.mean())


def tell_council(town: Town, group: Learn, fall: float) -> None:
    """Let the council's support drift, and set next year's hours and seats by it."""
    service, target = town.service, UNDECIDED
    if town.week >= 0:
        adoption = town.officers.adoption.mean(dtype=float)
        target += group.council_results * fall
        target += group.council_leadership * (adoption - UNDECIDED)
        target -= group.council_bill * _rise(service.bill[0], service.bill_before[0])
    gap = min(max(target, 0.0), 1.0) - service.council[0]
    service.council[0] += decay(group.council_pace) * gap
    if town.week > 0 and (town.week + 1) % WEEKS_PER_YEAR == 0:
        service.granted[0] = 1 + group.council_hours * (service.council[0] - UNDECIDED)
        service.seated[0] = 1 + group.council_seats * (service.council[0] - UNDECIDED)
