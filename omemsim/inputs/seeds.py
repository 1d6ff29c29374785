"""Which replicate Mesa's arguments mean: its seeds, and the iterations of its batches."""

from __future__ import annotations

import copy
import inspect
import random
from typing import Any

import numpy as np

from omemsim.inputs.arguments import check, plain_value, whole
from omemsim.vocabulary.errors import InputError

__all__ = ["replicate_of"]

LAST_REPLICATE = 2**31 - 1
BATCH_RUN = "mesa.batchrunner"  # the module of `mesa.batch_run`, in Mesa 3.3 to 3.5


def replicate_of(replicate: Any, rng: Any) -> int:
    """Return the replicate that is asked for, or the one that Mesa's arguments mean.

    Parameters
    ----------
    replicate : a whole number; None for a fresh one; "rng" for that of ``rng``.
    rng : a seed as Mesa takes it; None for the iteration of `mesa.batch_run`, 0 outside of one.

    Raises
    ------
    InputError
        If it is not a whole number from 0 to `LAST_REPLICATE`, or ``rng`` is not a seed.
    """
    if replicate is None:
        return random.SystemRandom().getrandbits(31)
    if not isinstance(replicate, str):
        check(whole(0, LAST_REPLICATE, replicate=replicate))
        return int(replicate)
    if replicate != "rng":
        raise InputError(
            f"replicate = {replicate!r}: must be a whole number from 0 to {LAST_REPLICATE:,}, "
            "None for a fresh one, or 'rng' for that of rng= or of mesa.batch_run's iteration."
        )
    return _iteration() if rng is None else _hashed(rng)


def _hashed(rng: Any) -> int:
    """Return the replicate that a seed means: itself if it is one, else a hash of it."""
    seed = plain_value(rng)
    is_whole = isinstance(seed, int) and not isinstance(seed, bool)
    if is_whole and 0 <= seed <= LAST_REPLICATE:
        return int(seed)
    try:
        if isinstance(seed, bool):
            raise TypeError
        # Of a copy: Mesa draws from the generator it is given.
        return int(np.random.default_rng(copy.deepcopy(seed)).integers(LAST_REPLICATE + 1))
    except (TypeError, ValueError):
        raise InputError(
            f"rng = {seed!r}: must be a whole number from 0, which is the replicate, or another "
            "seed that numpy.random.default_rng takes."
        ) from None


def _iteration() -> int:
    """Return which iteration of `mesa.batch_run` asks for this model; 0 outside of one.

    Mesa (3.3 to 3.5) does not pass it to a model, so it is read where Mesa keeps it: in the
    function, somewhere below this one on the stack, that makes the model and steps it.
    """
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_globals.get("__name__") == BATCH_RUN:
            return int(frame.f_locals.get("iteration", 0))
        frame = frame.f_back
    return 0
