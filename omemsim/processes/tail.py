"""A trait with a long tail, a part of stage 1: what a few residents have most of.

Gamma of mean 1 and a given shape: with it, offences of a person are negative binomial, as careers
of offenders are described (Lehoczky 1986; Ezell & Cohen 2004). Its quantiles stand in a table by
the share of people above, in equal pieces of each halving of that share, so that the last of
millions is told as well as the median; between two of them it is a straight line.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import Column, Single, kernel

__all__ = ["QUANTILES", "gamma_quantiles", "long_tailed"]

HALVINGS = 24  # a uniform of 23 bits is never nearer to 1 than 2**-24
PIECES = 32  # of each halving
QUANTILES = HALVINGS * PIECES + 2  # the last stands twice
_ONE, _TWO, _HALF = np.float32(1), np.float32(2), np.float32(0.5)


@lru_cache(maxsize=8)
def gamma_quantiles(shape: float) -> NDArray[np.float64]:
    """Return the quantiles that `long_tailed` looks up, float64 (QUANTILES,), of mean 1.

    Parameters
    ----------
    shape : of the gamma, above 0; the smaller, the fewer have most.
    """
    from scipy.special import gammainccinv  # late: a run whose people are drawn needs it once

    halving, piece = np.divmod(np.arange(QUANTILES - 1), PIECES)
    above = 2.0**-halving * (1 - piece / (2 * PIECES))
    found = gammainccinv(shape, above)
    mean = -np.diff(above) @ (found[1:] + found[:-1]) / 2
    return np.append(found, found[-1]) / mean


@kernel
def long_tailed(u: Single, quantiles: Column) -> Single:
    """Return the trait at a quantile u, in (0, 1) and of 23 bits.

    Parameters
    ----------
    quantiles : float32 (QUANTILES,).
    """
    above, start = _ONE - u, np.int64(0)
    while above <= _HALF:
        above, start = above * _TWO, start + PIECES
    at = (_ONE - above) * np.float32(2 * PIECES)
    piece = np.int64(at)
    left = quantiles[start + piece]
    return left + (at - np.float32(piece)) * (quantiles[start + piece + 1] - left)
