"""How often somebody may ask: a token bucket for each, which fills again with time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

__all__ = ["Limit"]

MOST_KEYS = 4_096  # those who asked longest ago are forgotten


class Limit:
    """A limit for each of many keys, such as addresses.

    Parameters
    ----------
    at_once : how many may be asked at once, 1 or more.
    per_second : how many more with each second.
    clock : gives seconds.
    """

    def __init__(
        self, at_once: float, per_second: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.at_once = at_once
        self.per_second = per_second
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, key: str) -> bool:
        """Return whether the key may ask once more, and count it if so."""
        now = self._clock()
        left = self._now(key, now)
        if is_allowed := left >= 1:
            left -= 1
        self._left[key] = (left, now)
        self._left.move_to_end(key)
        if len(self._left) > MOST_KEYS:
            self._left.popitem(last=False)
        return is_allowed

    def _now(self, key: str, now: float) -> float:
        left, since = self._left.get(key, (self.at_once, now))
        return min(self.at_once, left + (now - since) * self.per_second)
