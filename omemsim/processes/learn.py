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

from omemsim.kernels import kernel, probability, stream_of, uniform
from omemsim.processes.assess import weeks_seen
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.once import once
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
    teach(town, group, strategy, success=min(max(fall, 0.0), 1.0))
    replace_leavers(town, group)
    get_to_know(town, group)
    tell_council(town, group, fall)


def _rise(now: float, before: float) -> float:
    return now / before - 1 if before > 0 else 0.0


def teach(town: Town, group: Learn, strategy: Strategy, *, success: float) -> None:
    """Raise skill and awareness; let adoption follow what officers know, can and see succeed."""
    officers = town.officers
    train(
        teaching(group, strategy),
        mean_adoption(town),
        success,
        officers.skill,
        officers.awareness,
        officers.adoption,
    )


@once
def teaching(group: Learn, strategy: Strategy) -> tuple[Any, ...]:
    """Return the paces of skill, awareness and adoption, as `train` unpacks them."""
    effort = 1.0 if strategy.training > 0 else strategy.communication
    return (
        np.float32(min(group.by_training * strategy.training, 1.0)),
        decay(group.aware_pace),
        group.aware * effort,
        group.champions * effort,
        group.by_doing,
        group.by_success,
    )


def mean_adoption(town: Town) -> float:
    """Return the mean adoption of officers."""
    return float(town.officers.adoption.sum(dtype=float) / len(town.officers))


def replace_leavers(town: Town, group: Learn) -> None:
    """Draw who leaves, and seat their successors."""
    officers = town.officers
    town.service.replaced[0] = draw_leavers(
        leaving(group),
        (np.uint64(town.seed), town.week),
        officers.key,
        (officers.skill, officers.adoption, officers.awareness, officers.relation),
    )


@once
def leaving(group: Learn) -> tuple[np.float32, tuple[float, ...]]:
    """Return the weekly rate of leaving, and what successors start with, as strangers."""
    start = group.skill_start, group.adoption_start, group.aware_start, 0.0
    return np.float32(per_week(group.turnover)), start


def get_to_know(town: Town, group: Learn) -> None:
    """Let officers and their home area get to know each other in the hours calls leave."""
    officers = town.officers
    meet(relation_pace(group), officers.proactive, officers.offered, officers.relation)
    town_mean = officers.relation.sum(dtype=float) / len(officers)
    mean_at_home(officers.relation, officers.home, town_mean, town.neighbourhoods.relation)


@once
def relation_pace(group: Learn) -> np.float32:
    """Return the share of what officers and area do not yet know that they learn in a week."""
    return np.float32(decay(group.relation_pace))


@kernel
def train(paces, convinced, success, skill, awareness, adoption):  # type: ignore[no-untyped-def]
    trained, pace, aware, champions, by_doing, by_success = paces
    for i in range(skill.size):
        skill[i] += trained * (np.float32(1) - skill[i])
        known = np.float64(awareness[i])
        gain = pace * max(aware - known, 0.0) + champions * convinced * (1.0 - known)
        awareness[i] = min(known + gain, 1.0)
        adopted = np.float64(adoption[i])
        gain = by_doing * (np.float64(awareness[i]) * np.float64(skill[i]) - adopted)
        gain += by_success * success * (1.0 - adopted)
        adoption[i] = min(max(adopted + gain, 0.0), 1.0)


@kernel
def draw_leavers(rates, week, key, stocks):  # type: ignore[no-untyped-def]
    """Return how many leave; who takes their seat starts with other stocks."""
    leave, start = rates
    luck = stream_of(week[0], Decision.TURNOVER, week[1])
    left, p = 0, probability(leave)
    for i in range(key.size):
        if uniform(key[i], luck[0], luck[1]) < p:
            left += 1
            for k in range(4):
                stocks[k][i] = start[k]
    return left


@kernel
def meet(pace, proactive, offered, relation):  # type: ignore[no-untyped-def]
    for i in range(relation.size):
        free = proactive[i] / max(offered[i], 1e-12)
        known = np.float64(relation[i])
        relation[i] = known + np.float64(pace) * (free - known)


@kernel
def mean_at_home(values, home, town_mean, out):  # type: ignore[no-untyped-def]
    """Write the mean over officers at home in each neighbourhood, else that over the town."""
    total, count = np.zeros(out.size), np.zeros(out.size)
    for i in range(home.size):
        total[home[i]] += np.float64(values[i])
        count[home[i]] += 1
    for n in range(out.size):
        out[n] = total[n] / count[n] if count[n] > 0 else town_mean


def tell_council(town: Town, group: Learn, fall: float) -> None:
    """Let the council's support drift, and set next year's hours and seats by it."""
    service, target = town.service, UNDECIDED
    if town.week >= 0:
        adoption = mean_adoption(town)
        target += group.council_results * fall
        target += group.council_leadership * (adoption - UNDECIDED)
        target -= group.council_bill * _rise(service.bill[0], service.bill_before[0])
    gap = min(max(target, 0.0), 1.0) - service.council[0]
    service.council[0] += decay(group.council_pace) * gap
    if town.week > 0 and (town.week + 1) % WEEKS_PER_YEAR == 0:
        service.granted[0] = 1 + group.council_hours * (service.council[0] - UNDECIDED)
        service.seated[0] = 1 + group.council_seats * (service.council[0] - UNDECIDED)
