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

from omemsim.kernels import kernel, paired_sum, probability, stream_of, uniform
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
    officers, hoods, service = town.officers, town.neighbourhoods, town.service
    learn(
        paces(parameters.learn, strategy),
        (np.uint64(town.seed), town.week, weeks_seen(town, WEEKS_PER_YEAR)),
        (officers.key, officers.home, officers.proactive, officers.offered),
        (officers.skill, officers.awareness, officers.adoption, officers.relation),
        (hoods.past_calls, hoods.relation),
        (service.calls_before, service.bill, service.bill_before),
        (service.council, service.granted, service.seated, service.replaced),
    )


@once
def paces(group: Learn, strategy: Strategy) -> tuple[Any, ...]:
    """Return what moves officers, lets them leave, acquaints them, and moves the council."""
    effort = 1.0 if strategy.training > 0 else strategy.communication
    teaching = (
        np.float32(min(group.by_training * strategy.training, 1.0)),
        decay(group.aware_pace),
        float(group.aware * effort),
        float(group.champions * effort),
        float(group.by_doing),
        float(group.by_success),
    )
    fresh = group.skill_start, group.aware_start, group.adoption_start, 0.0  # and a stranger
    leaving = np.float32(per_week(group.turnover)), tuple(map(float, fresh))
    by = group.council_results, group.council_leadership, group.council_bill
    sets = group.council_hours, group.council_seats
    council = tuple(map(float, by)), decay(group.council_pace), tuple(map(float, sets))
    return teaching, leaving, np.float32(decay(group.relation_pace)), council


@kernel
def learn(paces, week, officers, stocks, hoods, before, council):  # type: ignore[no-untyped-def]
    """Let officers learn, leave and get to know their area, and the council make up its mind."""
    teaching, leaving, acquaintance, by_council = paces
    seed, now, weeks_seen = week
    key, home, proactive, offered = officers
    skill, awareness, adoption, relation = stocks
    past_calls, relation_of = hoods
    calls = past_calls.sum() * (WEEKS_PER_YEAR / weeks_seen)  # of the year before this week
    calls_before, bill, bill_before = before
    if now == 0:
        calls_before[0], bill_before[0] = calls, bill[0]
    fall, dearer = 0.0, 0.0
    if now >= 0:
        fall, dearer = -_rise(calls, calls_before[0]), _rise(bill[0], bill_before[0])
    train(teaching, mean(adoption), min(max(fall, 0.0), 1.0), skill, awareness, adoption)
    support, granted, seated, replaced = council
    replaced[0] = replace_leavers(leaving, stream_of(seed, Decision.TURNOVER, now), key, stocks)
    meet(acquaintance, proactive, offered, relation)
    mean_at_home(relation, home, mean(relation), relation_of)
    convinced = mean(adoption) - UNDECIDED if now >= 0 else 0.0
    tell_council(by_council, now, (fall, convinced, dearer), support, granted, seated)


@kernel
def _rise(now, before):  # type: ignore[no-untyped-def]
    return now / before - 1 if before > 0 else 0.0


@kernel
def mean(stock):  # type: ignore[no-untyped-def]
    """Return the mean over officers, as NumPy adds them up."""
    total = 0.0
    for first in range(0, stock.size, 8192):
        total += paired_sum(stock[first : first + 8192])
    return total / stock.size


@kernel
def train(paces, convinced, success, skill, awareness, adoption):  # type: ignore[no-untyped-def]
    """Raise skill and awareness; let adoption follow what officers know, can and see succeed."""
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
def replace_leavers(leaving, luck, key, stocks):  # type: ignore[no-untyped-def]
    """Return how many leave; who takes their seat starts with other stocks."""
    rate, fresh = leaving
    left, p = 0, probability(rate)
    for i in range(key.size):
        if uniform(key[i], luck[0], luck[1]) < p:
            left += 1
            for k in range(4):
                stocks[k][i] = fresh[k]
    return left


@kernel
def meet(pace, proactive, offered, relation):  # type: ignore[no-untyped-def]
    """Let officers and their home area get to know each other in the hours calls leave."""
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


@kernel
def tell_council(by, week, seen, support, granted, seated):  # type: ignore[no-untyped-def]
    """Let the council's support drift, and once a year set next year's hours and seats by it."""
    (by_results, by_leadership, by_bill), pace, (hours, seats) = by
    fall, convinced, dearer = seen
    target = UNDECIDED + by_results * fall + by_leadership * convinced - by_bill * dearer
    support[0] += pace * (min(max(target, 0.0), 1.0) - support[0])
    if week > 0 and (week + 1) % WEEKS_PER_YEAR == 0:
        granted[0] = 1 + hours * (support[0] - UNDECIDED)
        seated[0] = 1 + seats * (support[0] - UNDECIDED)
