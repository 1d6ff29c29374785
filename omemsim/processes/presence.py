"""Who is there to be hurt, and how readily residents offend, in stage 8.

    exposure   = person exposure x repeat boost x (1 - vigilance effect vigilance)
    dwelling's = repeat boost x (1 - protection effect protection)
                 x (1 - watch watch_momentum_n) if it is in the watch
    active     = propensity x (1 - supported support) (1 - monitored mark) (1 - avoids wary)
    boost'     = 1 + (boost - 1) 2^(-1/repeat_half_life), 1 for newcomers

Exposures are summed over boosts as they will be when faded: they fade only once the stage has
room for its incidents, since a stage that waits for room is run again.

Source: Johnson et al. 2007. Who of them offends: `pool`, `offenders`.
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
    "active_share",
    "dwellings_at",
    "fade_boosts",
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
    hoods, places, homes = town.neighbourhoods, town.places, town.households
    people, dwellings = np.empty(places.key.size), np.empty(places.key.size)
    each = np.empty(max(hoods.residents.max(), hoods.households.max()), np.int32)
    for n in range(hoods.residents.size):
        here = slice(hoods.first_place[n], hoods.first_place[n] + hoods.places[n])
        first, size = hoods.first_resident[n], hoods.residents[n]
        expose_residents(town.residents, slice(first, first + size), each[:size], p)
        sum_by_place(each, places.residents[here], people[here])
        first, size = hoods.first_household[n], hoods.households[n]
        watched = p.watch * hoods.watch_momentum[n]
        expose_dwellings(homes, slice(first, first + size), watched, each[:size], p)
        sum_by_place(each, places.households[here], dwellings[here])
    return Exposures(people, dwellings)


@kernel
def sum_by_place(each: Column, count: Column, total: Column) -> None:
    """Add up what stands in 1/FIXED, for one place of a neighbourhood after the other.

    Parameters
    ----------
    each : int32, of residents or dwellings in their order.
    count : how many each place has.
    total : float64 (places,), written to.
    """
    at = np.int64(0)
    for place in range(count.size):
        total[place] = from_fixed(whole_sum(each[at : at + count[place]]))
        at += count[place]


@kernel
def whole_sum(each: Column) -> Whole:
    """Return the sum of whole numbers."""
    total = np.int64(0)
    for i in range(each.size):
        total += each[i]
    return total


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
def expose_residents(residents: Table, here: slice, each: Column, p: OffendParameters) -> None:
    """Write the exposure of a neighbourhood's residents to personal crime, in 1/FIXED."""
    exposure, vigilance = residents.exposure[here], residents.vigilance[here]
    boost = residents.boost[here]
    for i in range(each.size):
        weight = exposure[i] * faded(boost[i], p.boost_kept) * (_ONE - p.vigilance * vigilance[i])
        each[i] = np.int32(weight * FIXED)


@kernel
def expose_dwellings(
    homes: Table, here: slice, watched: Single, each: Column, p: OffendParameters
) -> None:
    """Write the exposure of a neighbourhood's dwellings to household crime, in 1/FIXED."""
    protection, in_watch, boost = homes.protection[here], homes.in_watch[here], homes.boost[here]
    for i in range(each.size):
        weight = faded(boost[i], p.boost_kept) * (_ONE - p.protection * protection[i])
        each[i] = np.int32(weight * (_ONE - watched * np.float32(in_watch[i])) * FIXED)


@kernel
def from_fixed(total: Whole) -> Double:
    """Return a sum that was counted in 1/FIXED."""
    return np.float64(total) / np.float64(FIXED)


@kernel
def active_share(residents: Table, i: Whole, p: OffendParameters) -> Single:
    """Return the share of a resident's propensity that is active, 0 to 1."""
    return active_propensity(
        _ONE, residents.support[i], residents.monitored[i], residents.wary[i], p
    )


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
