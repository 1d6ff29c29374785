"""What decides a zone, and the smallest change of a number that would make it another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from omemsim.vocabulary.parameters import ZoneLimits
from omemsim.vocabulary.wheel import Zone

__all__ = ["CALLS", "CRIME", "Change", "Reading", "Tip", "readings", "tip_of"]

CRIME, CALLS = "crime", "calls"


@dataclass(frozen=True)
class Reading:
    """One number that a zone is read from.

    Attributes
    ----------
    kind : `CRIME`, as a multiple of the mean, or `CALLS`, per 1,000 residents a year.
    value : NaN if it is unknown.
    lines : where blue ends, and amber and red begin.
    """

    kind: str
    value: float
    lines: tuple[float, float, float]

    @property
    def level(self) -> int:
        """Return how many lines the value is at or past; -1 if it is unknown."""
        return -1 if np.isnan(self.value) else sum(self.value >= line for line in self.lines)

    def change_to(self, line: int) -> float:
        """Return the change that brings the value to a line, as a share of it."""
        return self.lines[line] / self.value - 1 if self.value else np.inf


@dataclass(frozen=True, order=True)
class Change:
    """A change of one number, by a share of it, that makes the zone another."""

    by: float
    kind: str
    is_rise: bool
    zone: Zone


@dataclass(frozen=True)
class Tip:
    """What decides a zone.

    Attributes
    ----------
    deciding : the number or numbers that decide it, at least one.
    nearest : the smallest change of one number that makes it another; None if no single one does.
    otherwise : the zone if all that decide fall, where ``nearest`` is None.
    """

    deciding: tuple[Reading, ...]
    nearest: Change | None
    otherwise: Zone


def readings(multiple: float, calls: float, limits: ZoneLimits) -> list[Reading]:
    """Return the numbers that are known, crime first.

    Parameters
    ----------
    multiple, calls, limits : as for `tip_of`.
    """
    crime = (limits.recorded_low, limits.recorded_mid, limits.recorded_high)
    called = (limits.calls_low, limits.calls_mid, limits.calls_high)
    both = (Reading(CRIME, multiple, crime), Reading(CALLS, calls, called))
    return [one for one in both if one.level >= 0]


def tip_of(multiple: float, calls: float, limits: ZoneLimits) -> Tip:
    """Return what decides a zone.

    Parameters
    ----------
    multiple : recorded crime as a multiple of the mean; NaN if there is none.
    calls : per 1,000 residents a year, likewise; one of the two is known.
    limits : the lines between zones.
    """
    known = readings(multiple, calls, limits)
    level = max(reading.level for reading in known)
    deciding = tuple(reading for reading in known if reading.level == level)
    return Tip(deciding, _nearest(known, deciding, level), Zone(min(4 - level, int(Zone.GREEN))))


def _nearest(known: list[Reading], deciding: tuple[Reading, ...], level: int) -> Change | None:
    """Return the nearest line.

    For a better zone all that decide have to fall, so it is offered only where one decides. The
    lowest line, green to blue, is no option: crime and calls alone never make a zone blue.
    """
    options = []
    line = max(level, 1)
    if level < 3:
        rises = [(reading.change_to(line), reading.kind) for reading in known]
        options = [Change(by, kind, True, Zone(2 - line)) for by, kind in rises]
    if level >= 2 and len(deciding) == 1:
        fall = -deciding[0].change_to(level - 1)
        options.append(Change(fall, deciding[0].kind, False, Zone(4 - level)))
    return min(options, default=None)
