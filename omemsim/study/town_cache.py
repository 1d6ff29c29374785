"""Spun-up towns that a process keeps, so that the next runs from the same one need not wait."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from omemsim.town import Town

__all__ = ["MOST_BYTES", "MOST_KEPT", "TownCache"]

MOST_KEPT = 4  # towns
MOST_BYTES = 256 << 20  # of all that are kept; one is, whatever its size


class TownCache:
    """The towns spun up last, by what their spin-up depends on; the oldest goes first.

    A town that is handed out must be left as it is.
    """

    def __init__(self, most: int = MOST_KEPT, most_bytes: int = MOST_BYTES) -> None:
        self.most, self.most_bytes = most, most_bytes
        self._kept: OrderedDict[object, Any] = OrderedDict()

    def get(self, key: object, make: Callable[[], Any]) -> Any:
        """Return the town of this key, made if it is not kept."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        town = self._kept[key] = make()
        while len(self._kept) > 1 and self._is_full():
            self._kept.popitem(last=False)
        return town

    def _is_full(self) -> bool:
        if len(self._kept) > self.most:
            return True
        return sum(map(bytes_of, self._kept.values())) > self.most_bytes

    def clear(self) -> None:
        """Let go of all of them."""
        self._kept.clear()


def bytes_of(town: Town) -> int:
    """Return the bytes of a town's columns."""
    columns = (vars(table).values() for table in town.tables().values())
    return sum(x.nbytes for values in columns for x in values if isinstance(x, np.ndarray))
