"""Where a compiled program finds what it names: one array of whole numbers, an int64 a word.

The first words are numbers of the run. Then comes, for each column of each table, the address of
its data, and as far behind, ``LENGTHS`` words on, its number of rows. Machine code has these
places built in, so that a change here, or of a column, makes it void.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.vocabulary.columns import COLUMNS, EVENT_TABLES

__all__ = [
    *("BORN", "COUNTS", "DONE", "LENGTHS", "ROOM", "SEED", "SIGNAL", "WORD"),
    *("addresses", "put", "shapes"),
]

SEED, BORN, SIGNAL = 0, 1, 2  # what is drawn with, first week on record, address of the signal
FIRST = 3
ROOM, DONE = 0, 1  # of the signal: a stage lacks room in a table; it has come to its end
COUNTS = ("count", "capacity", "wanted")  # of tables whose rows come and go, int64 (1,)


def shapes() -> dict[tuple[str, str], tuple[str, int]]:
    """Return dtype and width (1: a plain column) of every array a kernel reaches, in order."""
    found = {(column.table, column.name): (column.dtype, column.width) for column in COLUMNS}
    found |= {(table, name): ("i8", 1) for table in EVENT_TABLES for name in COUNTS}
    return found


WORD = {key: FIRST + number for number, key in enumerate(shapes())}
LENGTHS = len(WORD)


_EXPECTED = {
    key: (np.dtype(dtype), (width,) if width > 1 else ())
    for key, (dtype, width) in shapes().items()
}


def addresses(
    arrays: Mapping[tuple[str, str], NDArray[Any]], signal: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the words of a town, int64 (FIRST + 2 LENGTHS,); whoever holds them keeps the arrays.

    Raises
    ------
    TypeError
        If an array is not what its declaration says: machine code would read something else.
    """
    words = np.zeros(FIRST + 2 * LENGTHS, np.int64)
    words[SIGNAL] = signal.__array_interface__["data"][0]
    put(words, {key: arrays[key] for key in _EXPECTED})
    return words


def put(words: NDArray[np.int64], arrays: Mapping[tuple[str, str], NDArray[Any]]) -> None:
    """Write where some arrays are, and how long, to the words of a town; else as `addresses`.

    Raises
    ------
    TypeError
        If an array is not what its declaration says.
    """
    for key, values in arrays.items():
        dtype, wide = _EXPECTED[key]
        if values.dtype != dtype or values.shape[1:] != wide or not values.flags.c_contiguous:
            raise TypeError(
                f"{'.'.join(key)} is {values.dtype} {values.shape}, not {dtype} of width {wide}"
            )
        words[WORD[key]] = values.__array_interface__["data"][0]
        words[WORD[key] + LENGTHS] = len(values)
