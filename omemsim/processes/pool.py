"""The residents who may offend this week, in stage 8, summed so that one of them is soon drawn.

    offenders_n   = mean active propensity (see `presence`) of a neighbourhood's residents,
                    0 of who is in custody

Active propensities are added up in whole numbers of 1/FINE, over blocks of residents of one
neighbourhood, each with all before it. A number drawn evenly below the sum of one or of all
neighbourhoods then belongs to one resident, as often as their active propensity says: halving
finds the block, adding up the resident. In these sums those in custody are still among the
others; whoever draws one of them draws again (`offenders`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from omemsim.kernels import Column, Double, Whole, kernel
from omemsim.processes.presence import active_propensity, whole_sum
from omemsim.town import Table, Town

if TYPE_CHECKING:
    from omemsim.processes.offend import OffendParameters

__all__ = ["Pool", "active_whole", "blocks_of", "draw_active", "pool_offenders"]

BLOCK = 16  # residents added up one by one: more take longer, fewer are more blocks
FINE = np.float32(2**19)  # fixed point of propensity, which is at most 4,000 in 31 bits
_HALF = np.float32(0.5)


class Pool(NamedTuple):
    """Who may offend: summed active propensities, in 1/FINE.

    Attributes
    ----------
    start : int64 (blocks + 1,), first resident of each block, and the number of residents.
    before : int64 (blocks + 1,), summed active propensity before each block, and of all.
    first : int64 (N + 1,), first block of each neighbourhood, and the number of blocks.
    """

    start: Column
    before: Column
    first: Column


@kernel
def pool_offenders(town: Town, p: OffendParameters) -> Pool:
    """Return who may offend, and write the mean active propensity of each neighbourhood."""
    hoods, residents, custody = town.neighbourhoods, town.residents, town.custody
    pool = sum_blocks(hoods, residents, p)
    for n in range(hoods.residents.size):
        total = pool.before[pool.first[n + 1]] - pool.before[pool.first[n]]
        hoods.offenders[n] = mean_of(total, hoods.residents[n])
    for row in range(custody.count[0]):
        i = custody.resident[row]
        n = town.places.neighbourhood[residents.place[i]]
        absent = mean_of(active_whole(residents, i, p), hoods.residents[n])
        hoods.offenders[n] = max(hoods.offenders[n] - absent, 0.0)
    return pool


@kernel
def mean_of(total: Whole, residents: Whole) -> Double:
    """Return a mean from a sum in 1/FINE."""
    return np.float64(total) / np.float64(FINE) / np.float64(residents)


@kernel
def sum_blocks(hoods: Table, residents: Table, p: OffendParameters) -> Pool:
    """Return sums over blocks, none of which lies across two neighbourhoods."""
    count = hoods.residents
    first, active = np.zeros(count.size + 1, np.int64), np.empty(count.max(), np.int32)
    for n in range(count.size):
        first[n + 1] = first[n] + (count[n] + BLOCK - 1) // BLOCK
    blocks, total = first[count.size], np.int64(0)
    start, before = np.empty(blocks + 1, np.int64), np.empty(blocks + 1, np.int64)
    for n in range(count.size):
        here = slice(hoods.first_resident[n], hoods.first_resident[n] + count[n])
        note_active(residents, here, active[: count[n]], p)
        for k in range(first[n + 1] - first[n]):
            start[first[n] + k], before[first[n] + k] = here.start + k * BLOCK, total
            total += whole_sum(active[k * BLOCK : min((k + 1) * BLOCK, count[n])])
    start[blocks], before[blocks] = residents.key.size, total
    return Pool(start, before, first)


@kernel
def note_active(residents: Table, here: slice, active: Column, p: OffendParameters) -> None:
    """Write the active propensity of a neighbourhood's residents, in 1/FINE."""
    propensity, support = residents.propensity[here], residents.support[here]
    monitored, wary = residents.monitored[here], residents.wary[here]
    for i in range(active.size):
        found = active_propensity(propensity[i], support[i], monitored[i], wary[i], p)
        active[i] = np.int32(found * FINE + _HALF)


@kernel
def active_whole(residents: Table, i: Whole, p: OffendParameters) -> Whole:
    """Return the active propensity of a resident, in 1/FINE."""
    found = active_propensity(
        residents.propensity[i], residents.support[i], residents.monitored[i], residents.wary[i], p
    )
    return np.int64(np.int32(found * FINE + _HALF))


@kernel
def blocks_of(pool: Pool, n: Whole) -> slice:
    """Return the blocks of a neighbourhood, or of the whole town where it is below 0."""
    if n < 0:
        return slice(np.int64(0), pool.first[pool.first.size - 1])
    return slice(pool.first[n], pool.first[n + 1])


@kernel
def draw_active(
    residents: Table, pool: Pool, blocks: slice, u: Double, p: OffendParameters
) -> Whole:
    """Return a resident of some blocks, drawn by active propensity, of which there is some.

    Parameters
    ----------
    u : uniform in (0, 1).
    """
    low, high = blocks.start, blocks.stop
    total = pool.before[high] - pool.before[low]
    at = pool.before[low] + np.int64(u * np.float64(total))
    while high - low > 1:
        middle = (low + high) // 2
        is_before = pool.before[middle] <= at
        low = middle if is_before else low
        high = high if is_before else middle
    left, i = at - pool.before[low], pool.start[low]
    own = active_whole(residents, i, p)
    while left >= own:
        left, i = left - own, i + 1
        own = active_whole(residents, i, p)
    return i
