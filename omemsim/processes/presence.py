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

from typing import Any

import numpy as np

from omemsim.kernels import FIXED, kernel, single
from omemsim.town import Town
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Offend
from omemsim.vocabulary.rates import decay

__all__ = ["exposures", "pool_offenders"]


def exposures(town: Town, group: Offend) -> tuple[Any, Any]:
    """Fade boosts; return summed exposure of residents and households by place, float64 (P,)."""
    places, residents, homes = town.places, town.residents, town.households
    people, dwellings = np.empty(len(places)), np.empty(len(places))
    sum_exposures(
        precautions(group),
        (town.newcomers, residents.household),
        (places.first_resident, places.residents, places.first_household, places.households),
        (residents.exposure, residents.vigilance, residents.boost),
        (homes.protection, homes.in_watch, homes.boost),
        (town.neighbourhoods.watch_momentum, places.neighbourhood),
        people,
        dwellings,
    )
    return people, dwellings


def pool_offenders(town: Town, group: Offend) -> None:
    """Write the mean propensity of each neighbourhood's residents who are at large."""
    hoods, residents = town.neighbourhoods, town.residents
    mean_propensity(
        hoods.first_resident,
        hoods.residents,
        restraints(group),
        (residents.propensity, residents.support, residents.monitored),
        (town.custody.resident, residents.place, town.places.neighbourhood),
        hoods.offenders,
    )


@once
def precautions(group: Offend) -> tuple[np.float32, ...]:
    """Return what a week leaves of a boost, and the crime vigilance, protection, a watch avoid."""
    keep = np.float32(1 - decay(group.repeat_half_life))
    return (keep, *single(group, "vigilance", "protection", "watch"))


@once
def restraints(group: Offend) -> tuple[np.float32, ...]:
    """Return how much less those who are supported and those who are monitored offend."""
    return single(group, "supported", "monitored")


@kernel
def sum_exposures(  # type: ignore[no-untyped-def]
    constants, newcomers, rows, people, homes, watch, sum_people, sum_homes
):
    keep, by_vigilance, by_protection, by_watch = constants
    seats, household = newcomers
    first_resident, residents, first_household, households = rows
    exposure, vigilance, boost = people
    protection, in_watch, home_boost = homes
    momentum, hood = watch
    fade_to_one(boost, keep)
    fade_to_one(home_boost, keep)
    for i in seats:
        boost[i] = home_boost[household[i]] = 1
    for p in range(hood.size):
        rows = slice(first_resident[p], first_resident[p] + residents[p])
        total = _sum_people(by_vigilance, exposure[rows], vigilance[rows], boost[rows])
        sum_people[p] = np.float64(total) / np.float64(FIXED)
        rows = slice(first_household[p], first_household[p] + households[p])
        effects = (by_protection, by_watch * momentum[hood[p]])
        total = _sum_homes(effects, protection[rows], in_watch[rows], home_boost[rows])
        sum_homes[p] = np.float64(total) / np.float64(FIXED)


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
def mean_propensity(first, count, effects, people, custody, out):  # type: ignore[no-untyped-def]
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
