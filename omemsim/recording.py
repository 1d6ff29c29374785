"""What of a run is recorded: which measures, how often, of which neighbourhoods.

A run's arrays are allocated before its first week, so their size is known before, too
(`recorded_bytes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from omemsim.vocabulary.parameters import parameter

__all__ = ["ALL", "NONE", "Recording", "record_weeks", "recorded_bytes"]

ALL, NONE = "all", "none"
BYTES = 8  # of a number that is recorded


def _all() -> list[str]:
    return [ALL]


@dataclass(frozen=True)
class Recording:
    """What a run's series holds.

    ``measures`` names measures, or ``all`` for the model's; one's own are named beside those as
    ``module:function`` (`omemsim.measures.measure`). ``neighbourhoods`` names those (id or name)
    whose own values are kept, ``all``, or ``none`` for the town's values only; whichever are kept,
    a run's summary is of the whole town. ``series`` false keeps no series in a store: a run then
    leaves its summary.
    """

    measures: list[str] = field(default_factory=_all)
    every: int = parameter(4, "weeks", 1, 52, "chosen", "Time between two records; the last week always is one.")  # fmt: skip  # noqa: E501
    neighbourhoods: list[str] = field(default_factory=_all)
    series: bool = True

    @property
    def is_whole(self) -> bool:
        """Whether every measure of every neighbourhood is recorded, and its series kept."""
        return self.series and ALL in self.measures and self.neighbourhoods == [ALL]


def record_weeks(weeks: int, interval: int) -> NDArray[np.int64]:
    """Return the weeks after which a run of so many weeks is recorded; the last always is."""
    times = np.arange(interval, weeks + 1, interval, dtype=np.int64)
    return times if times.size and times[-1] == weeks else np.append(times, np.int64(weeks))


def recorded_bytes(levels: Sequence[str], *, weeks: int, every: int, kept: int, n: int) -> int:
    """Return how many bytes a run's records take in memory, before any compression.

    Parameters
    ----------
    levels : of each measure, ``neighbourhood`` or ``town``.
    weeks, every : length of the run and of the time between two records.
    kept : neighbourhoods whose own values are kept.
    n : neighbourhoods of the town; where fewer are kept, so are the town's values.
    """
    local = sum(level == "neighbourhood" for level in levels)
    each = kept + (kept < n)  # numbers of a neighbourhood measure in one record
    return BYTES * record_weeks(weeks, every).size * (local * each + len(levels) - local)
