"""Stage 13, learn: officers gain skill and conviction, or leave; the council makes up its mind.

With a = 1 where there is training, else the larger of the strategy's communication and leadership;
convinced = mean adoption, but those who are promoted weigh leadership by_promoted of it:
    skill'     = skill + by_training training (1 - skill)
    awareness' = awareness + k max(aware a - awareness, 0)
                 + champions a convinced (1 - awareness)
    adoption'  = adoption + by_doing (1 + tracked mean analysis) (awareness' skill' - adoption)
                 + by_success success (1 - adoption),   success = share by which calls have fallen
    relation'  = relation + k (proactive/offered - relation)      with the home area
An officer is promoted with probability promotion/52 x [1 - leadership + leadership adoption/mean
adoption]. One is replaced with p = 1 - exp(-turnover/52 (1 + burnout fatigue)) and another starts
anew, a stranger to the area, with the adoption of a new officer and hired leadership of what is
missing to 1.
Support of council and board drifts, at half-time council_pace, to

    1/2 + results x fall of calls + leadership (mean adoption - 1/2) - bill x rise of the bill

since week 0. Once a year it sets next year's hours and seats at the Situation Table, each as
1 + council_hours, council_seats (support - 1/2), seats at most 1: money for a case that no agency
sits for stays unspent. council_hours is 0 unless one asks for it, so that strategies are offered
equal hours; support works through agencies' relations as well (`partner`).

Source: seed 003 (training, communication, champions, promotion, success, the board).
Assumption: an officer who is more skilled than convinced becomes convinced, one less skilled
loses conviction; champions count those who are promoted for it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omemsim.kernels import (
    Column,
    Double,
    Whole,
    kernel,
    paired_sum,
    probability,
    stream_of,
    uniform,
)
from omemsim.program import Stage
from omemsim.strategies import Strategy
from omemsim.town import Table, Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.random_numbers import Decision, Stream
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, decay, per_week
from omemsim.vocabulary.records import fill

__all__ = ["STAGE", "UNDECIDED", "step"]

READS = {
    "officers": "key home proactive offered fatigue",
    "neighbourhoods": "past_calls analysis",
    "service": "bill",
}
WRITES = {
    "officers": "skill awareness adoption relation is_promoted",
    "neighbourhoods": "relation",
    "service": "calls_before bill_before replaced council granted seated",
}

UNDECIDED = 0.5  # council's support, and officers' adoption, that tip no scale
LEAST_ADOPTION = 1e-9  # no division by 0 where nobody has adopted anything
_BLOCK = 8192  # rows whose sum NumPy takes at once in a mean


class LearnParameters(NamedTuple):
    """What `learn` needs; effects of training are the strategy's."""

    trained: np.float32  # share of what is left to learn, a week
    aware_pace: np.float64
    aware: np.float64  # awareness that training or communication leads to
    champions: np.float64
    by_doing: np.float64
    by_success: np.float64
    turnover: np.float32  # per week
    burnout: np.float32
    promotion: np.float64  # per week
    leadership: np.float64
    by_promoted: np.float64  # weight of the promoted
    tracked: np.float64
    skill_start: np.float64
    aware_start: np.float64
    adoption_start: np.float64
    relation_pace: np.float32
    council_pace: np.float64
    council_results: np.float64
    council_leadership: np.float64
    council_bill: np.float64
    council_hours: np.float64
    council_seats: np.float64


def learn_parameters(parameters: Parameters, strategy: Strategy) -> LearnParameters:
    """Return what the stage needs: no training, no effect but by what the service tells."""
    group = parameters.learn
    told = max(strategy.communication, strategy.leadership)
    effort = 1.0 if strategy.training > 0 else told
    by_hiring = strategy.leadership * group.hired * (1 - group.adoption_start)
    return fill(
        LearnParameters,
        group,
        trained=min(group.by_training * strategy.training, 1.0),
        aware_pace=decay(group.aware_pace),
        aware=group.aware * effort,
        champions=group.champions * effort,
        leadership=strategy.leadership,
        promotion=per_week(group.promotion),
        by_promoted=strategy.leadership * group.by_promoted,
        adoption_start=group.adoption_start + by_hiring,
        turnover=per_week(group.turnover),
        relation_pace=decay(group.relation_pace),
        council_pace=decay(group.council_pace),
    )


@kernel
def learn(town: Town, p: LearnParameters, week: Whole) -> None:
    """Let officers learn, leave and get to know their area, and the council make up its mind."""
    hoods, officers, service = town.neighbourhoods, town.officers, town.service
    calls = yearly_calls(hoods, week, town.born)
    if week == 0:
        service.calls_before[0], service.bill_before[0] = calls, service.bill[0]
    fall, dearer = 0.0, 0.0
    if week >= 0:
        fall = -rise(calls, service.calls_before[0])
        dearer = rise(service.bill[0], service.bill_before[0])
    shown = mean(hoods.analysis)
    train(officers, go_by(officers, p), min(max(fall, 0.0), 1.0), shown, p)
    promote(officers, stream_of(town.seed, Decision.PROMOTION, week), p)
    turnover_stream = stream_of(town.seed, Decision.TURNOVER, week)
    service.replaced[0] = replace_leavers(officers, turnover_stream, p)
    get_to_know(officers, p)
    average_at_home(officers, hoods)
    convinced = mean(officers.adoption) - UNDECIDED if week >= 0 else 0.0
    tell_council(service, week, fall, convinced, dearer, p)


STAGE = Stage(learn, LearnParameters, learn_parameters)
step = STAGE.step


@kernel
def yearly_calls(hoods: Table, week: Whole, born: Whole) -> Double:
    """Return the public calls of the year before this week, scaled up from what is on record."""
    weeks_seen = min(WEEKS_PER_YEAR, max(week - born, 1))
    return hoods.past_calls.sum() * (WEEKS_PER_YEAR / weeks_seen)


@kernel
def rise(now: Double, before: Double) -> Double:
    """Return by which share something has risen; 0 where there was nothing before."""
    return now / before - 1 if before > 0 else 0.0


@kernel
def mean(stock: Column) -> Double:
    """Return the mean of a column, added up as NumPy does."""
    total = 0.0
    for first in range(0, stock.size, _BLOCK):
        total += paired_sum(stock[first : first + _BLOCK])
    return total / stock.size


@kernel
def go_by(officers: Table, p: LearnParameters) -> Double:
    """Return the adoption that officers go by: all colleagues', and more that of the promoted."""
    of_all, of_promoted, count = mean(officers.adoption), 0.0, 0
    for i in range(officers.adoption.size):
        if officers.is_promoted[i] == 1:
            of_promoted += np.float64(officers.adoption[i])
            count += 1
    return of_all + p.by_promoted * (of_promoted / count - of_all) if count > 0 else of_all


@kernel
def promote(officers: Table, stream: Stream, p: LearnParameters) -> None:
    """Promote some, under leadership those more who have adopted the model."""
    of_all = max(mean(officers.adoption), LEAST_ADOPTION)
    for i in range(officers.key.size):
        fit = 1 - p.leadership + p.leadership * np.float64(officers.adoption[i]) / of_all
        if uniform(officers.key[i], stream.low, stream.high) < p.promotion * fit:
            officers.is_promoted[i] = 1


@kernel
def train(
    officers: Table, convinced: Double, success: Double, shown: Double, p: LearnParameters
) -> None:
    """Raise skill and awareness; let adoption follow what officers know, can and see succeed."""
    skill, awareness, adoption = officers.skill, officers.awareness, officers.adoption
    for i in range(skill.size):
        skill[i] += p.trained * (np.float32(1) - skill[i])
        known = np.float64(awareness[i])
        gain = p.aware_pace * max(p.aware - known, 0.0)
        gain += p.champions * convinced * (1.0 - known)
        awareness[i] = min(known + gain, 1.0)
        adopted = np.float64(adoption[i])
        gain = (
            p.by_doing
            * (1.0 + p.tracked * shown)
            * (np.float64(awareness[i]) * np.float64(skill[i]) - adopted)
        )
        gain += p.by_success * success * (1.0 - adopted)
        adoption[i] = min(max(adopted + gain, 0.0), 1.0)


@kernel
def replace_leavers(officers: Table, stream: Stream, p: LearnParameters) -> Whole:
    """Return how many leave; who takes their seat starts anew, a stranger to the area."""
    left = 0
    for i in range(officers.key.size):
        chance = probability(p.turnover * (np.float32(1) + p.burnout * officers.fatigue[i]))
        if uniform(officers.key[i], stream.low, stream.high) < chance:
            left += 1
            officers.skill[i], officers.awareness[i] = p.skill_start, p.aware_start
            officers.adoption[i], officers.relation[i] = p.adoption_start, 0.0
            officers.is_promoted[i] = 0
    return left


@kernel
def get_to_know(officers: Table, p: LearnParameters) -> None:
    """Let officers and their home area get to know each other in the hours calls leave."""
    for i in range(officers.relation.size):
        free = officers.proactive[i] / max(officers.offered[i], 1e-12)
        known = np.float64(officers.relation[i])
        officers.relation[i] = known + np.float64(p.relation_pace) * (free - known)


@kernel
def average_at_home(officers: Table, hoods: Table) -> None:
    """Write the mean relation of officers at home in each neighbourhood, else of all."""
    total, count = np.zeros(hoods.relation.size), np.zeros(hoods.relation.size)
    of_all = mean(officers.relation)
    for i in range(officers.home.size):
        total[officers.home[i]] += np.float64(officers.relation[i])
        count[officers.home[i]] += 1
    for n in range(hoods.relation.size):
        hoods.relation[n] = total[n] / count[n] if count[n] > 0 else of_all


@kernel
def tell_council(
    service: Table,
    week: Whole,
    fall: Double,
    leadership: Double,
    dearer: Double,
    p: LearnParameters,
) -> None:
    """Let the council's support drift, and once a year set next year's hours and seats by it."""
    target = UNDECIDED + p.council_results * fall + p.council_leadership * leadership
    target -= p.council_bill * dearer
    service.council[0] += p.council_pace * (min(max(target, 0.0), 1.0) - service.council[0])
    if week > 0 and (week + 1) % WEEKS_PER_YEAR == 0:
        beyond = service.council[0] - UNDECIDED
        service.granted[0] = 1 + p.council_hours * beyond
        service.seated[0] = min(1 + p.council_seats * beyond, 1.0)
