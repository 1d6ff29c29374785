"""The loop of the weeks, compiled: stage after stage, week after week, without Python between them.

A stage is called by its address, wherever its machine code comes from.
"""

from __future__ import annotations

import numpy as np

from omemsim.compiler import types_of
from omemsim.kernels import Column, Whole, kernel
from omemsim.pointers import call_stage
from omemsim.vocabulary.layout import DONE, ROOM

__all__ = ["LOOP_TYPES", "call_in_turn"]


@kernel
def call_in_turn(
    functions: Column,
    words: Whole,
    records: Column,
    week: Whole,
    signal: Column,
    first: Whole,
    last: Whole,
) -> Whole:
    """Call stages, number ``first`` to ``last`` counted on over weeks; return where it stopped.

    That is ``last``, or earlier where a stage lacks room or has not come to its end.

    Parameters
    ----------
    functions : int64 (S,), addresses of the stages' machine code.
    words : int64, address of the town's words (`vocabulary.layout`).
    records : int64 (S,), addresses of the stages' parameters.
    week : int64, the town's, when turn 0 would be called.
    signal : int64 (2,), what a stage says: that it lacks room, that it is done.
    first, last : turns, counted on over weeks; ``last`` is not called.
    """
    for turn in range(first, last):
        stage = turn % functions.size
        signal[DONE] = 0
        call_stage(  # type: ignore[call-arg]
            functions[stage], words, records[stage], week + turn // functions.size
        )
        if signal[ROOM] or not signal[DONE]:
            return turn
    return last


# Of the arguments of `call_in_turn`, as `Program.run` gives them.
_WORDS = np.zeros(1, np.int64)
LOOP_TYPES = types_of((_WORDS, 0, _WORDS, 0, _WORDS, 0, 0))
