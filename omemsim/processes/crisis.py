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
    list_set,
    probability,
    single,
    stream_of,
    uniform,
)
from omemsim.processes.partner import SERVED
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import DAYS_PER_WEEK, decay, per_week
from omemsim.vocabulary.wheel import Risk

__all__ = ["USUAL_NEED_SQUARED", "step"]

NO_RISK = -1
RISK_SALT = 2
_RISKS = len(Risk)
USUAL_NEED_SQUARED = 0.3  # mean of need^2 in a town of middling deprivation


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Draw who has an episode this week, and what it is about."""
    del strategy
    hoods, residents, service = town.neighbourhoods, town.residents, town.service
    event, day, resident, risk = go_through_crises(
        (np.uint64(town.seed), town.week),
        rates(parameters),
        (service.trend, service.season),
        town.newcomers.seat,
        (hoods.first_resident, hoods.residents, hoods.new_crises),
        (residents.key, residents.need, residents.support, residents.case),
        (residents.addictions, residents.family, residents.housing),
        (residents.is_resolved, residents.unresolved, residents.recent, residents.risk),
    )
    town.episodes.replace(event=event, day=day, resident=resident, risk=risk)


@once
def rates(parameters: Parameters) -> tuple[Any, ...]:
    """Return the weekly rate, what moves it, what lasts of an episode, and weights of risks."""
    group = parameters.crisis
    alike = np.float32((1 - group.by_need) * USUAL_NEED_SQUARED)
    keep = np.float32(1 - decay(parameters.partner.acute_memory))
    return (
        per_week(group.rate),
        (*single(group, "relief", "relapse", "by_need"), alike),
        (np.int8(group.resolve_weeks), keep),
        (float(group.mental_health), float(group.noise)),
    )


@kernel
def go_through_crises(run, rates, when, newcomers, hoods, people, precursors, state):  # type: ignore[no-untyped-def]
    """Return the episodes: event, day, resident, what it is about; count them by neighbourhood."""
    rate, effects, lasting, usual = rates
    trend, season = when
    luck = stream_of(run[0], Decision.CRISIS, run[1])
    factors = np.float32(rate * trend[0] * season[0]), *effects
    leave_behind(newcomers, state)
    rows = find_episodes(factors, lasting, luck, hoods, people, state)
    event, day, risk = name_episodes(rows, luck, people[0], usual, precursors, state)
    return event, day, rows, risk


@kernel
def leave_behind(newcomers, state):  # type: ignore[no-untyped-def]
    """Newcomers bring no episode; what was resolved this week no longer is unresolved."""
    is_resolved, unresolved, recent, risk = state
    for i in newcomers:
        unresolved[i], recent[i], risk[i] = 0, 0, NO_RISK
    resolved = np.empty(is_resolved.size + 1, np.int64)
    for i in resolved[: set_rows(is_resolved, resolved)]:
        unresolved[i] = is_resolved[i] = 0


@kernel
def set_rows(flags, rows):  # type: ignore[no-untyped-def]
    """Write the rows of bytes that are not 0; return how many."""
    return list_set(flags[: flags.size & ~7].view(np.uint64), flags, rows)


@kernel
def find_episodes(factors, lasting, luck, hoods, people, state):  # type: ignore[no-untyped-def]
    """Return who has an episode, in order: those whose chance may be enough are looked at."""
    base, relief, relapse, by_need, alike = factors
    weeks, keep = lasting
    first, count, new_crises = hoods
    key, need, support, case = people
    _, unresolved, recent, _ = state
    one, found = np.float32(1), 0
    rows = np.empty(key.size, np.int64)  # pages that are not written cost nothing
    flags, maybe = np.empty(count.max(), np.uint8), np.empty(count.max() + 1, np.int64)
    for n in range(first.size):
        here, some = slice(first[n], first[n] + count[n]), flags[: count[n]]
        _screen(
            (base, relapse, by_need, alike), need[here], key[here], luck, unresolved[here], some
        )
        before = found
        for j in maybe[: set_rows(some, maybe)]:
            i = first[n] + j
            is_open = np.float32(some[j] > 1 and case[i] != SERVED)
            rate = base * (by_need * need[i] * need[i] + alike) * (one - relief * support[i])
            rate = rate * (one + relapse * is_open)
            if uniform(key[i], luck[0], luck[1]) < probability(rate):
                unresolved[i] = weeks
                rows[found] = i
                found += 1
        new_crises[n] = found - before
    fade(recent, keep)
    return rows[:found].copy()


@kernel
def _screen(factors, need, key, luck, unresolved, flags):  # type: ignore[no-untyped-def]
    """Flag whose draw is below the rate if nobody served or helped them, by 2 if unresolved.

    Every draw below 1 - exp(-rate) is.
    """
    base, relapse, by_need, alike = factors
    one, zero = np.float32(1), np.int32(0)
    for i in range(need.size):
        left = np.int32(unresolved[i])
        is_left = np.int32(left > zero)
        most = base * (by_need * need[i] * need[i] + alike)
        most = most * (one + relapse * np.float32(is_left))
        is_below = np.int32(uniform(key[i], luck[0], luck[1]) < most)
        flags[i] = is_below * (np.int32(1) + is_left)
        unresolved[i] = max(left - np.int32(1), zero)


@kernel
def name_episodes(rows, luck, keys, usual, precursors, state):  # type: ignore[no-untyped-def]
    """Return event, day and risk of the episodes of residents (rows)."""
    mental_health, noise = usual
    addictions, family, housing = precursors
    _, _, recent, risk_of = state
    event, day = np.empty(rows.size, np.uint64), np.empty(rows.size, np.int8)
    risk = np.empty(rows.size, np.int8)
    upto = np.empty(_RISKS)  # weights of the risks, summed up from the left
    for j in range(rows.size):
        i = rows[j]
        event[j] = event_id(keys[i], 0, luck[0], luck[1])
        day[j] = choice(event[j], 1, DAYS_PER_WEEK)
        upto[Risk.MENTAL_HEALTH] = mental_health
        upto[Risk.ADDICTIONS] = upto[Risk.MENTAL_HEALTH] + np.float64(addictions[i])
        upto[Risk.DOMESTIC] = upto[Risk.ADDICTIONS] + np.float64(family[i])
        upto[Risk.HOMELESSNESS] = upto[Risk.DOMESTIC] + np.float64(housing[i])
        upto[Risk.NOISE] = upto[Risk.HOMELESSNESS] + noise
        bar = event_uniform(event[j], RISK_SALT) * upto[Risk.NOISE]
        risk[j] = 0
        for k in range(Risk.NOISE):
            risk[j] += bar >= upto[k] and upto[Risk.NOISE] > 0.0
        risk_of[i] = risk[j]
        recent[i] += np.float32(1)
    return event, day, risk
