"""Who is there to be hurt and who is there to offend, in stage 8: boosts fade, exposures add up.

    exposure   = person exposure x repeat boost x (1 - vigilance effect vigilance)
    dwelling's = repeat boost x (1 - protection effect protection)
                 x (1 - watch watch_momentum_n) if it is in the watch
    offenders  = mean propensity x (1 - supported support) (1 - monitored mark) of the residents
                 who are not in custody, over all residents
    boost'     = 1 + (boost - 1) 2^(-1/repeat_half_life), 1 for newcomers

Sources: Johnson et al. 2007. Assumption: offenders of a neighbourhood are interchangeable.

Reads: people, support, monitored, protection, watches, custody. Writes: boost of residents
and households, offenders.
"""

from __future__ import annotations

import numpy as np

from omemsim.kernels import FIXED, kernel

__all__ = ["pool_offenders", "sum_exposures"]


@kernel
def sum_exposures(keep, avoided, newcomers, rows, people, homes, watch):  # type: ignore[no-untyped-def]
    """Fade boosts; return summed exposure of residents and households by place, float64 (P,)."""
    by_vigilance, by_protection, by_watch = avoided
    seats, household = newcomers
    first_resident, residents, first_household, households = rows
    exposure, vigilance, boost = people
    protection, in_watch, home_boost = homes
    momentum, hood = watch
    sum_people, sum_homes = np.empty(hood.size), np.empty(hood.size)
    fade_to_one(boost, keep)
    fade_to_one(home_boost, keep)
    for i in seats:
        boost[i] = home_boost[household[i]] = 1
    for p in range(hood.size):
        here = slice(first_resident[p], first_resident[p] + residents[p])
        total = _sum_people(by_vigilance, exposure[here], vigilance[here], boost[here])
        sum_people[p] = np.float64(total) / np.float64(FIXED)
        here = slice(first_household[p], first_household[p] + households[p])
        effects = (by_protection, by_watch * momentum[hood[p]])
        total = _sum_homes(effects, protection[here], in_watch[here], home_boost[here])
        sum_homes[p] = np.float64(total) / np.float64(FIXED)
    return sum_people, sum_homes


@kernel
def fade_to_one(boost, keep):  # type: ignore[no-untyped-def]
    one = np.float32(1)
    for i in range(boost.size):
        boost[i] = one + (boost[i] - one) * keep


@kernel
def _sum_people(by_vigilance, exposure, vigilance, boost):  # type: ignore[no-untyped-def]
    total = np.int64(0)
    for i in range(boost.size):
        weight = exposure[i] * boost[i] * (np.float32(1) - by_vigilance * vigilance[i])
        total += np.int32(weight * FIXED)
    return total


@kernel
def _sum_homes(effects, protection, in_watch, boost):  # type: ignore[no-untyped-def]
    by_protection, watched = effects
    total = np.int64(0)
    one = np.float32(1)
    for i in range(boost.size):
        weight = boost[i] * (one - by_protection * protection[i])
        total += np.int32(weight * (one - watched * np.float32(in_watch[i])) * FIXED)
    return total


@kernel
def pool_offenders(first, count, effects, people, custody, out):  # type: ignore[no-untyped-def]
    """Write the mean propensity of each neighbourhood's residents who are at large."""
    propensity, support, monitored = people
    for n in range(first.size):
        rows = slice(first[n], first[n] + count[n])
        total = _sum_propensity(effects, propensity[rows], support[rows], monitored[rows])
        out[n] = np.float64(total) / np.float64(FIXED) / np.float64(count[n])
    held, place, hood = custody
    for i in held:
        n = hood[place[i]]
        absent = _offends(effects, propensity[i], support[i], monitored[i])
        out[n] = max(out[n] - np.float64(absent) / np.float64(count[n]), 0.0)


@kernel
def _sum_propensity(effects, propensity, support, monitored):  # type: ignore[no-untyped-def]
    total = np.int64(0)
    for i in range(propensity.size):
        total += np.int32(_offends(effects, propensity[i], support[i], monitored[i]) * FIXED)
    return total


@kernel
def _offends(effects, propensity, support, monitored):  # type: ignore[no-untyped-def]
    supported, watched = effects
    one = np.float32(1)
    return propensity * (one - supported * support) * (one - watched * monitored)
