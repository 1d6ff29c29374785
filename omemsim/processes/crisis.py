"""Stage 9, crisis: disorder episodes come from need, and unresolved ones come back.

    rate = rate/52 trend season [by_need need^2 + (1 - by_need) 0.3]
           (1 - relief support) (1 + relapse [unresolved, unserved])
    p    = 1 - exp(-rate);  an episode is unresolved for resolve_weeks

What an episode is about is drawn by weight: mental health and noise have a fixed one,
addictions, domestic trouble and homelessness that of the person's precursor.

Source: practice.md (calls that are not about crime; 46% repeats within 30 days). Assumption:
an agency that serves a person keeps the episode from coming back; who answers it, or a
Situation Table, may resolve it; at most one episode a week.

Reads: need, precursors, support, case. Writes: unresolved, risk, recent, episodes, new_crises;
empties is_resolved.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import (
    choice,
    event_id,
    event_uniform,
    fade,
    kernel,
    probability,
    rows_of,
    single,
    uniform,
)
from omemsim.processes.partner import SERVED
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.parameters import Crisis, Parameters
from omemsim.vocabulary.rates import DAYS_PER_WEEK, decay, per_week
from omemsim.vocabulary.wheel import Risk

__all__ = ["USUAL_NEED_SQUARED", "step"]

NO_RISK = -1
RISK_SALT = 2
USUAL_NEED_SQUARED = 0.3  # mean of need^2 in a town of middling deprivation


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Draw who has an episode this week."""
    del strategy
    group, residents, service = parameters.crisis, town.residents, town.service
    new = town.newcomers
    residents.unresolved[new], residents.recent[new], residents.risk[new] = 0, 0, NO_RISK
    residents.unresolved[rows_of(residents.is_resolved)] = 0
    residents.is_resolved[:] = 0
    luck = stream(town.seed, Decision.CRISIS, town.week)
    base = per_week(group.rate) * service.trend[0] * service.season[0]
    alike = np.float32((1 - group.by_need) * USUAL_NEED_SQUARED)
    has_episode = np.zeros(len(residents), np.uint8)
    draw_episodes(
        np.float32(base),
        (*single(group, "relief", "relapse", "by_need"), alike),
        np.int8(group.resolve_weeks),
        residents.need,
        residents.support,
        residents.case,
        residents.key,
        luck,
        residents.unresolved,
        has_episode,
    )
    rows = rows_of(has_episode)
    fade(residents.recent, np.float32(1 - decay(parameters.partner.acute_memory)))
    residents.recent[rows] += 1
    event, day = np.zeros(rows.size, np.uint64), np.zeros(rows.size, np.int8)
    risk = np.zeros(rows.size, np.int8)
    name_events(residents.key[rows], luck, risk_weights(town, group, rows), event, day, risk)
    residents.risk[rows] = risk
    town.episodes.replace(event=event, day=day, resident=rows, risk=risk)
    where = town.places.neighbourhood[residents.place[rows]]
    town.neighbourhoods.new_crises[:] = np.bincount(where, minlength=len(town.neighbourhoods))


def risk_weights(town: Town, group: Crisis, rows: Any) -> Any:
    """Return the weight of each `Risk` for residents, summed up from the left, float64 (n, 5)."""
    people = town.residents
    weights = np.empty((rows.size, len(Risk)))
    weights[:, Risk.MENTAL_HEALTH] = group.mental_health
    weights[:, Risk.ADDICTIONS] = people.addictions[rows]
    weights[:, Risk.DOMESTIC] = people.family[rows]
    weights[:, Risk.HOMELESSNESS] = people.housing[rows]
    weights[:, Risk.NOISE] = group.noise
    return weights.cumsum(axis=1)


@kernel
def draw_episodes(  # type: ignore[no-untyped-def]
    base, effects, weeks, need, support, case, key, luck, unresolved, has_episode
):
    relief, relapse, by_need, alike = effects
    one, zero, served = np.float32(1), np.int32(0), np.int32(SERVED)
    for i in range(need.size):
        left = np.int32(unresolved[i])
        open_case = np.int32(left > zero) & np.int32(np.int32(case[i]) != served)
        rate = base * (by_need * need[i] * need[i] + alike) * (one - relief * support[i])
        rate = rate * (one + relapse * np.float32(open_case))
        hit = np.int32(uniform(key[i], luck[0], luck[1]) < probability(rate))
        left = max(left - np.int32(1), zero)
        unresolved[i] = left + hit * (np.int32(weeks) - left)
        has_episode[i] = hit


@kernel
def name_events(key, luck, weights, event, day, risk):  # type: ignore[no-untyped-def]
    last = weights.shape[1] - 1
    for i in range(key.size):
        event[i] = event_id(key[i], 0, luck[0], luck[1])
        day[i] = choice(event[i], 1, DAYS_PER_WEEK)
        bar = event_uniform(event[i], RISK_SALT) * weights[i, last]
        for k in range(last):
            risk[i] += bar >= weights[i, k] and weights[i, last] > 0.0
