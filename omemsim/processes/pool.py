"""The residents who may offend this week, in stage 8, summed so that one of them is soon drawn.

    offenders_n   = mean active propensity (see `presence`) of a neighbourhood's residents,
                    0 of who is in custody

Propensities are added up in whole numbers of 1/FINE, over blocks of residents of one neighbourhood,
each with all before it. A number drawn evenly below the sum of one or of all neighbourhoods then
belongs to one resident, as often as their propensity says: halving finds the block, adding up the
resident. These are propensities as people have them, whatever was done about them: a strategy that
keeps one person from offending must not move the numbers of all others. Who offends less, or is in
custody, is passed over as often as that says, and another number is drawn (`offenders`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from omemsim.kernels import Column, Double, Whole, kernel
from omemsim.processes.presence import active_propensity
from omemsim.town import Table, Town

if TYPE_CHECKING:
    from omemsim.processes.offend import OffendParameters

__all__ = ["Pool", "active_whole", "blocks_of", "draw_resident", "mean_offenders", "pool_of"]

BLOCK = 16  # residents added up one by one: more take longer, fewer are more blocks
FINE = np.float32(2**19)  # fixed point of propensity, which is at most 4,000 in 31 bits
_HALF = np.float32(0.5)


class Pool(NamedTuple):
    """Who may offend: summed propensities, in 1/FINE.

    Attributes
    ----------
    start : int64 (blocks + 1,), first resident of each block, and the number of residents.
    before : int64 (blocks + 1,), summed propensity before each block, and of all.
    first : int64 (N + 1,), first block of each neighbourhood, and the number of blocks.
    """

    start: Column
    before: Column
    first: Column


@kernel
def mean_offenders(town: Town, p: OffendParameters) -> None:
    """Write the mean active propensity of each neighbourhood's residents who are at large."""
    hoods, residents, custody = town.neighbourhoods, town.residents, town.custody
    for n in range(hoods.residents.size):
        here = slice(hoods.first_resident[n], hoods.first_resident[n] + hoods.residents[n])
        hoods.offenders[n] = mean_of(sum_active(residents, here, p), hoods.residents[n])
    for row in range(custody.count[0]):
        i = custody.resident[row]
        n = town.places.neighbourhood[residents.place[i]]
        absent = mean_of(active_whole(residents, i, p), hoods.residents[n])
        hoods.offenders[n] = max(hoods.offenders[n] - absent, 0.0)


@kernel
def sum_active(residents: Table, here: slice, p: OffendParameters) -> Whole:
    """Return the summed active propensity of residents, in 1/FINE."""
    propensity, support = residents.propensity[here], residents.support[here]
    monitored, wary, total = residents.monitored[here], residents.wary[here], np.int64(0)
    for i in range(propensity.size):
        active = active_propensity(propensity[i], support[i], monitored[i], wary[i], p)
        total += np.int32(active * FINE + _HALF)
    return total


@kernel
def active_whole(residents: Table, i: Whole, p: OffendParameters) -> Whole:
    """Return the active propensity of a resident, in 1/FINE."""
    active = active_propensity(
        residents.propensity[i], residents.support[i], residents.monitored[i], residents.wary[i], p
    )
    return np.int64(np.int32(active * FINE + _HALF))


@kernel
def mean_of(total: Whole, residents: Whole) -> Double:
    """Return a mean from a sum in 1/FINE."""
    return np.float64(total) / np.float64(FINE) / np.float64(residents)


@kernel
def pool_of(hoods: Table, propensity: Column) -> Pool:
    """Return sums over blocks, none of which lies across two neighbourhoods."""
    count = hoods.residents
    first = np.zeros(count.size + 1, np.int64)
    for n in range(count.size):
        first[n + 1] = first[n] + (count[n] + BLOCK - 1) // BLOCK
    blocks, total = first[count.size], np.int64(0)
    start, before = np.empty(blocks + 1, np.int64), np.empty(blocks + 1, np.int64)
    for n in range(count.size):
        end = hoods.first_resident[n] + count[n]
        for block in range(first[n], first[n + 1]):
            at = hoods.first_resident[n] + (block - first[n]) * BLOCK
            start[block], before[block] = at, total
            total += block_sum(propensity[at : min(at + BLOCK, end)])
    start[blocks], before[blocks] = propensity.size, total
    return Pool(start, before, first)


@kernel
def block_sum(propensity: Column) -> Whole:
    """Return the summed propensity of a block, in 1/FINE."""
    total = np.int64(0)
    for i in range(propensity.size):
        total += np.int32(propensity[i] * FINE + _HALF)
    return total


@kernel
def blocks_of(pool: Pool, n: Whole) -> slice:
    """Return the blocks of a neighbourhood, or of the whole town where it is below 0."""
    if n < 0:
        return slice(np.int64(0), pool.first[pool.first.size - 1])
    return slice(pool.first[n], pool.first[n + 1])


@kernel
def draw_resident(propensity: Column, pool: Pool, blocks: slice, u: Double) -> Whole:
    """Return a resident of some blocks, drawn by propensity, of which there is some.

    Parameters
    ----------
    propensity : float32 (residents,).
    pool : sums of it by block.
    blocks : rows of the pool.
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
    own = np.int64(np.int32(propensity[i] * FINE + _HALF))
    while left >= own:
        left, i = left - own, i + 1
        own = np.int64(np.int32(propensity[i] * FINE + _HALF))
    return i
