"""A town, and what its stages need, as one piece of memory at an address of its own.

A host that is not Python (a browser) copies it there, and runs the same compiled program on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.processes import WEEK
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary import layout
from omemsim.vocabulary.parameters import Parameters

__all__ = ["Image", "Place", "image_of"]

ALIGNED = 64  # bytes: a vector of the widest processor, a line of a cache


@dataclass(frozen=True)
class Place:
    """Where an array stands in memory: address, dtype, shape."""

    address: int
    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Image:
    """A piece of memory that holds a town.

    Attributes
    ----------
    memory : its bytes.
    address : of its first byte, a multiple of 64.
    town, records : addresses that the program is given: the town's words, and those of records.
    week : the town's week.
    arrays : where columns and counts stand, by ``table.name``.
    """

    memory: bytes
    address: int
    town: int
    records: int
    week: int
    arrays: dict[str, Place]

    @property
    def end(self) -> int:
        """Return the first address behind it, a multiple of 64."""
        return self.address + len(self.memory)


class _Memory:
    """Bytes that grow, at addresses that do not move."""

    def __init__(self, address: int) -> None:
        self.address = address
        self.bytes = bytearray()

    def add(self, values: NDArray[Any]) -> int:
        """Add an array; return its address."""
        at = self.address + len(self.bytes)
        self.bytes += values.tobytes()
        self.bytes += bytes(-len(self.bytes) % ALIGNED)
        return at


def image_of(town: Town, parameters: Parameters, strategy: Strategy, address: int) -> Image:
    """Return a town as it is, with a record of parameters for each stage, in memory.

    Columns of tables whose rows come and go are there with all the room they have: a program
    that lacks room stops, and only Python makes more.

    Parameters
    ----------
    town : left as it is.
    parameters, strategy : what the records of the stages are worked out from.
    address : of the first byte, a multiple of 64.

    Raises
    ------
    ValueError
        If the address is no multiple of 64.
    """
    if address % ALIGNED:
        raise ValueError(f"address must be a multiple of {ALIGNED}, not {address}")
    memory, arrays = _Memory(address), town.memory()
    words = town.addresses().copy()
    for key, values in arrays.items():
        words[layout.WORD[key]] = memory.add(values)
    words[layout.SIGNAL] = memory.add(town.signal)
    records = [memory.add(stage.record(parameters, strategy)) for stage in WEEK.values()]
    places = {
        ".".join(key): Place(int(words[layout.WORD[key]]), values.dtype.str, values.shape)
        for key, values in arrays.items()
    }
    return Image(
        town=memory.add(words),
        records=memory.add(np.array(records, np.int64)),
        memory=bytes(memory.bytes),
        address=address,
        week=town.week,
        arrays=places,
    )
