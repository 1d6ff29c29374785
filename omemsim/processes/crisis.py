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
from omemsim.vocabulary.parameters import Crisis, Parameters
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
    leave_behind(town)
    rows = draw_episodes(town, parameters)
    name_episodes(town, parameters.crisis, rows)


def leave_behind(town: Town) -> None:
    """Newcomers bring no episode; what was resolved this week no longer is unresolved."""
    residents = town.residents
    forget(
        town.newcomers,
        residents.is_resolved,
        residents.unresolved,
        residents.recent,
        residents.risk,
    )


def draw_episodes(town: Town, parameters: Parameters) -> Any:
    """Return who has an episode (rows), and count them by neighbourhood."""
    hoods, residents, service = town.neighbourhoods, town.residents, town.service
    base = per_week(parameters.crisis.rate) * service.trend[0] * service.season[0]
    rows = np.empty(len(residents), np.int64)  # pages that are not written cost nothing
    found = find_episodes(
        (np.uint64(town.seed), np.int64(town.week)),
        (hoods.first_resident, hoods.residents),
        (np.float32(base), *effects(parameters)),
        (residents.need, residents.support, residents.case, residents.key),
        (residents.unresolved, residents.recent),
        hoods.new_crises,
        rows,
    )
    return rows[:found].copy()


def name_episodes(town: Town, group: Crisis, rows: Any) -> None:
    """Draw day and risk of the episodes of residents (rows)."""
    residents = town.residents
    event, day = np.empty(rows.size, np.uint64), np.empty(rows.size, np.int8)
    risk = np.empty(rows.size, np.int8)
    name_events(
        (np.uint64(town.seed), np.int64(town.week)),
        rows,
        residents.key,
        (
            group.mental_health,
            residents.addictions,
            residents.family,
            residents.housing,
            group.noise,
        ),
        (residents.risk, residents.recent),
        (event, day, risk),
    )
    town.episodes.replace(event=event, day=day, resident=rows, risk=risk)


@once
def effects(parameters: Parameters) -> tuple[Any, ...]:
    """Return effects of support, relapse, need, of none; weeks unresolved; what stays recent."""
    group = parameters.crisis
    alike = np.float32((1 - group.by_need) * USUAL_NEED_SQUARED)
    keep = np.float32(1 - decay(parameters.partner.acute_memory))
    weeks = np.int8(group.resolve_weeks)
    return (*single(group, "relief", "relapse", "by_need"), alike, weeks, keep)


@kernel
def forget(newcomers, is_resolved, unresolved, recent, risk):  # type: ignore[no-untyped-def]
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
def find_episodes(  # type: ignore[no-untyped-def]
    run, hoods, constants, people, state, new_crises, rows
):
    low, high = stream_of(run[0], Decision.CRISIS, run[1])
    first, count = hoods
    need, support, case, key = people
    unresolved, recent = state
    base, relief, relapse, by_need, alike, weeks, keep = constants
    factors = (base, relief, relapse, by_need, alike)
    most = count.max()
    rate, flags = np.empty(most, np.float32), np.empty(most, np.uint8)
    maybe = np.empty(most + 1, np.int64)
    found = 0
    for n in range(first.size):
        here, some = slice(first[n], first[n] + count[n]), flags[: count[n]]
        settings = (need[here], support[here], case[here], key[here])
        _screen(factors, settings, low, high, unresolved[here], rate, some)
        fade(recent[here], keep)
        before = found
        for j in maybe[: set_rows(some, maybe)]:
            i = first[n] + j
            if uniform(key[i], low, high) < probability(rate[j]):
                unresolved[i] = weeks
                rows[found] = i
                found += 1
        new_crises[n] = found - before
    return found


@kernel
def _screen(factors, people, low, high, unresolved, rates, flags):  # type: ignore[no-untyped-def]
    """Flag whose draw is below the rate, as every draw below 1 - exp(-rate) is."""
    base, relief, relapse, by_need, alike = factors
    need, support, case, key = people
    one, zero, served = np.float32(1), np.int32(0), np.int32(SERVED)
    for i in range(need.size):
        left = np.int32(unresolved[i])
        open_case = np.int32(left > zero) & np.int32(np.int32(case[i]) != served)
        rate = base * (by_need * need[i] * need[i] + alike) * (one - relief * support[i])
        rate = rate * (one + relapse * np.float32(open_case))
        rates[i] = rate
        flags[i] = np.int32(uniform(key[i], low, high) < rate)
        unresolved[i] = max(left - np.int32(1), zero)


@kernel
def name_events(run, rows, keys, weights, people, out):  # type: ignore[no-untyped-def]
    low, high = stream_of(run[0], Decision.CRISIS, run[1])
    mental_health, addictions, family, housing, noise = weights
    risk_of, recent = people
    event, day, risk = out
    upto = np.empty(_RISKS)  # weights of the risks, summed up from the left
    for j in range(rows.size):
        i = rows[j]
        event[j] = event_id(keys[i], 0, low, high)
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
