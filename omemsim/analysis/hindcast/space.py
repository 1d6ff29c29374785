"""Space: who adjoins whom, and resampling that keeps neighbours together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["block_draws", "neighbours_of"]


def neighbours_of(pairs: NDArray[np.int32], n: int) -> list[NDArray[np.int64]]:
    """Return the rows next to each of n neighbourhoods, of pairs (M, 2), each pair once."""
    found: list[list[int]] = [[] for _ in range(n)]
    for a, b in pairs.tolist():
        found[a].append(b)
        found[b].append(a)
    return [np.array(sorted(own), np.int64) for own in found]


def block_draws(
    neighbours: list[NDArray[np.int64]], draws: int, *, seed: int = 0
) -> NDArray[np.int64]:
    """Return resampled rows (draws, N): neighbourhoods drawn with all their neighbours.

    A block bootstrap for irregular areas (after Lahiri 2003, Resampling Methods for Dependent
    Data, ch. 12): blocks are as small as adjacency allows, so dependence that reaches further
    is not covered, and intervals are still somewhat narrow.

    Parameters
    ----------
    neighbours : of each of the N neighbourhoods, rows (n,).
    draws : 1 or more.
    seed : the same number gives the same rows.
    """
    rng = np.random.default_rng(seed)
    n = len(neighbours)
    blocks = [np.append(i, near) for i, near in enumerate(neighbours)]
    rows = np.empty((draws, n), np.int64)
    for draw in rows:
        filled = 0
        while filled < n:
            block = rng.permutation(blocks[rng.integers(n)])[: n - filled]
            draw[filled : filled + block.size] = block
            filled += block.size
    return rows
