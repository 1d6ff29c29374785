"""Who is there to be hurt and who is there to offend, in stage 8: boosts and summed exposures.

    exposure   = person exposure x repeat boost x (1 - vigilance effect vigilance)
    dwelling's = repeat boost x (1 - protection effect protection)
                 x (1 - watch watch_momentum_n) if it is in the watch
    offenders  = mean propensity x (1 - supported support) (1 - monitored mark) (1 - avoids wary)
                 of the residents who are not in custody, over all residents
    boost'     = 1 + (boost - 1) 2^(-1/repeat_half_life), 1 for newcomers

Exposures are summed over boosts as they will be when faded: they fade only once the stage has
room for its incidents, since a stage that waits for room is run again.

Source: Johnson et al. 2007. Who of them offends: `offenders`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from omemsim.kernels import FIXED, Column, Double, Single, Whole, kernel, rows_of
from omemsim.town import Table, Town

if TYPE_CHECKING:
    from omemsim.processes.offend import OffendParameters

__all__ = [
    "Exposures",
    "active_propensity",
    "dwellings_at",
    "fade_boosts",
    "pool_offenders",
    "reset_boosts",
    "residents_at",
    "sum_exposures",
    "support_victims",
]

_ONE = np.float32(1)


class Exposures(NamedTuple):
    """Summed exposure at each place, float64 (P,) each."""

    people: Column
    dwellings: Column


@kernel
def reset_boosts(town: Town) -> None:
    """Let newcomers arrive without a boost, their own or their dwelling's."""
    newcomers, residents, homes = town.newcomers, town.residents, town.households
    for row in range(newcomers.count[0]):
        i = newcomers.seat[row]
        residents.boost[i] = homes.boost[residents.household[i]] = 1


@kernel
def fade_boosts(victims: Table, kept: Single) -> None:
    """Let boosts of residents or of households fade by a week."""
    boost = victims.boost
    for i in range(boost.size):
        boost[i] = faded(boost[i], kept)


@kernel
def support_victims(town: Town, p: OffendParameters) -> None:
    """Lower the boosts of victims whom officers helped this week, and of their dwellings."""
    residents, homes = town.residents, town.households
    for i in rows_of(residents.is_helped):
        home = residents.household[i]
        residents.boost[i] = faded(residents.boost[i], _ONE - p.victim_support)
        homes.boost[home] = faded(homes.boost[home], _ONE - p.victim_support)
        residents.is_helped[i] = 0


@kernel
def faded(boost: Single, kept: Single) -> Single:
    """Return a boost a week later."""
    return _ONE + (boost - _ONE) * kept


@kernel
def sum_exposures(town: Town, p: OffendParameters) -> Exposures:
    """Return the exposure of residents and dwellings at each place, with boosts as faded."""
    hoods, places = town.neighbourhoods, town.places
    people, dwellings = np.empty(places.key.size), np.empty(places.key.size)
    for place in range(places.key.size):
        people[place] = exposed_residents(town.residents, residents_at(places, place), p)
    for place in range(places.key.size):
        watched = p.watch * hoods.watch_momentum[places.neighbourhood[place]]
        here = dwellings_at(places, place)
        dwellings[place] = exposed_dwellings(town.households, here, watched, p)
    return Exposures(people, dwellings)


@kernel
def residents_at(places: Table, place: int) -> slice:
    """Return the rows of a place's residents."""
    first = places.first_resident[place]
    return slice(first, first + places.residents[place])


@kernel
def dwellings_at(places: Table, place: int) -> slice:
    """Return the rows of a place's households."""
    first = places.first_household[place]
    return slice(first, first + places.households[place])


@kernel
def exposed_residents(residents: Table, here: slice, p: OffendParameters) -> Double:
    """Return the summed exposure of residents to personal crime.

    Over whole columns: slices would cost as much as the few rows of a place.
    """
    exposure, vigilance, boost = residents.exposure, residents.vigilance, residents.boost
    total = np.int64(0)
    for i in range(here.start, here.stop):
        weight = exposure[i] * faded(boost[i], p.boost_kept) * (_ONE - p.vigilance * vigilance[i])
        total += np.int32(weight * FIXED)
    return from_fixed(total)


@kernel
def exposed_dwellings(homes: Table, here: slice, watched: Single, p: OffendParameters) -> Double:
    """Return the summed exposure of dwellings to household crime."""
    protection, in_watch, boost = homes.protection, homes.in_watch, homes.boost
    total = np.int64(0)
    for i in range(here.start, here.stop):
        weight = faded(boost[i], p.boost_kept) * (_ONE - p.protection * protection[i])
        total += np.int32(weight * (_ONE - watched * np.float32(in_watch[i])) * FIXED)
    return from_fixed(total)


@kernel
def from_fixed(total: Whole) -> Double:
    """Return a sum that was counted in 1/FIXED."""
    return np.float64(total) / np.float64(FIXED)


@kernel
def pool_offenders(town: Town, p: OffendParameters) -> None:
    """Write the mean propensity of each neighbourhood's residents who are at large."""
    hoods, residents, custody = town.neighbourhoods, town.residents, town.custody
    offenders, count = hoods.offenders, hoods.residents
    for n in range(offenders.size):
        here = slice(hoods.first_resident[n], hoods.first_resident[n] + count[n])
        offenders[n] = sum_propensity(residents, here, p) / np.float64(count[n])
    for row in range(custody.count[0]):
        i = custody.resident[row]
        n = town.places.neighbourhood[residents.place[i]]
        absent = active_propensity(
            residents.propensity[i],
            residents.support[i],
            residents.monitored[i],
            residents.wary[i],
            p,
        )
        offenders[n] = max(offenders[n] - np.float64(absent) / np.float64(count[n]), 0.0)


@kernel
def sum_propensity(residents: Table, here: slice, p: OffendParameters) -> Double:
    """Return the summed propensity of residents to offend."""
    propensity, support = residents.propensity[here], residents.support[here]
    monitored, wary, total = residents.monitored[here], residents.wary[here], np.int64(0)
    for i in range(propensity.size):
        active = active_propensity(propensity[i], support[i], monitored[i], wary[i], p)
        total += np.int32(active * FIXED)
    return from_fixed(total)


@kernel
def active_propensity(
    propensity: Single, support: Single, monitored: Single, wary: Single, p: OffendParameters
) -> Single:
    """Return the propensity to offend that support, a mark and remembered risk leave.

    Parameters
    ----------
    propensity : 0 or more.
    support, monitored, wary : 0 to 1.
    """
    watched = (_ONE - p.monitored * monitored) * (_ONE - p.avoids * wary)
    return propensity * (_ONE - p.supported * support) * watched
