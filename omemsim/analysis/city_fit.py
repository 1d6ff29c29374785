"""Does the model fit a city? Simulated beside recorded, before any forecast.

Recorded crime is what the spin-up was fitted to: that it agrees says that the fit worked, and
nothing about next year (`hindcast` asks that). Calls are fitted to nothing: where the table has
them, they are a test.

A comparison starts from the zones that the model's police read at week 0, off its own records: they
may be other than those diagnosed, and `Start` says why. `city_fit_runs` makes the runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.tipping import CALLS, CRIME
from omemsim.analysis.zone_rows import ZoneRow
from omemsim.vocabulary.parameters import ZoneLimits
from omemsim.vocabulary.wheel import Zone

__all__ = ["CLOSE", "AtStart", "CityFit", "Fitted", "Reason", "Start", "starts_of"]

Floats = NDArray[np.float64]
CLOSE = 0.2  # of what is recorded: a judgement
CHANCE = 2.0  # standard errors of the mean over the runs


class Reason(StrEnum):
    """Why a comparison starts from another zone than the one diagnosed."""

    NONE = ""
    CALLS = "calls"  # those of the model differ from the table's, or the table has none
    REPEATS = "repeat calls"  # the same homes call again: green becomes amber
    CAPACITY = "residents"  # the model knows what residents can do: green becomes blue
    CRIME = "crime"  # what the model's police record differs from the table
    CHANCE = "chance"  # it is near a line, and a small simulated town is noisy


@dataclass(frozen=True)
class Fitted:
    """Simulated beside recorded, (N,) each, a year per 1,000 residents.

    Attributes
    ----------
    recorded : of the table.
    fitted, simulated : means over runs, of the last year of the spin-up, which is fitted, and of
        the year after it, under present practice.
    error : standard error of the latter; NaN for a single run.
    weights : residents.
    """

    recorded: Floats
    fitted: Floats
    simulated: Floats
    error: Floats
    weights: Floats

    @property
    def is_close(self) -> NDArray[np.bool_]:
        """Say where both are within a fifth, or within what chance explains, (N,)."""
        apart = np.abs(self.simulated - self.recorded)
        by_chance = CHANCE * np.nan_to_num(self.error)
        return np.asarray(apart <= np.maximum(CLOSE * self.recorded, by_chance))

    def of_town(self, values: Floats) -> float:
        """Return the rate of the whole town."""
        return float(np.average(values, weights=self.weights))


@dataclass(frozen=True)
class Start:
    """Where a comparison starts from in a neighbourhood, and why that is not the zone diagnosed.

    ``share`` is of the runs that start there. ``crime`` and ``calls`` are what the model's police
    read: recorded crime as a multiple of its mean, and calls per 1,000; ``repeat`` the share of
    calls that come from a home that called within 30 days.
    """

    id: str
    zone: str
    share: float
    reason: Reason
    crime: float
    calls: float
    repeat: float

    def cells(self) -> dict[str, object]:
        """Return what a table says of it, by column."""
        return {
            "start_zone": self.zone,
            "start_share": self.share,
            "start_differs_by": str(self.reason),
            "start_multiple": self.crime,
            "start_calls": self.calls,
            "start_repeat": self.repeat,
        }


@dataclass(frozen=True)
class CityFit:
    """How the model fits a table.

    Attributes
    ----------
    runs, scale : towns that were run, and real residents per simulated one.
    crime, calls : simulated beside recorded; None where the table has none.
    starts : one of each neighbourhood.
    """

    runs: int
    scale: float
    crime: Fitted | None
    calls: Fitted | None
    starts: list[Start]


class AtStart(NamedTuple):
    """What the model's police read of each neighbourhood at the start, (N,) each.

    Attributes
    ----------
    crime : recorded crime as a multiple of its mean.
    calls : from the public, per 1,000 residents a year.
    repeat : share of calls from a home that called within 30 days.
    is_able : whether capacity and initiatives are what blue needs.
    """

    crime: Floats
    calls: Floats
    repeat: Floats
    is_able: NDArray[np.bool_]


def starts_of(
    rows: Sequence[ZoneRow], zones: NDArray[np.int64], seen: AtStart, limits: ZoneLimits
) -> list[Start]:
    """Return where each neighbourhood starts: in the zone that most towns start in.

    Parameters
    ----------
    rows : what was diagnosed, N of them.
    zones : in which each town starts, (towns, N), in the order of the rows.
    seen : means over these towns.
    limits : the lines between zones.
    """
    counts = np.stack([(zones == zone).sum(axis=0) for zone in Zone])
    found = []
    for place, row in enumerate(rows):
        zone = Zone(int(counts[:, place].argmax()))
        found.append(
            Start(
                row.id,
                zone.name.lower(),
                float(counts[zone, place] / len(zones)),
                _reason(row, zone, seen, place, limits),
                *(float(values[place]) for values in (seen.crime, seen.calls, seen.repeat)),
            )
        )
    return found


def _need(value: float, low: float, mid: float, high: float) -> Zone:
    return Zone(3 - sum(value >= line for line in (low, mid, high)))


def _reason(row: ZoneRow, start: Zone, seen: AtStart, place: int, limits: ZoneLimits) -> Reason:
    """Return the first reason that is enough, by the means over towns."""
    diagnosed = row.as_zone
    if start is diagnosed:
        return Reason.NONE
    calls = _need(seen.calls[place], limits.calls_low, limits.calls_mid, limits.calls_high)
    crime = _need(seen.crime[place], limits.recorded_low, limits.recorded_mid, limits.recorded_high)
    if start is Zone.BLUE:
        return Reason.CAPACITY if seen.is_able[place] else Reason.CHANCE
    if start < diagnosed:  # the model sees more need
        if crime <= start:
            return Reason.CRIME
        if calls <= start:
            return Reason.CALLS
        is_lifted = start is Zone.AMBER and seen.repeat[place] >= limits.repeat
        return Reason.REPEATS if is_lifted else Reason.CHANCE
    # It sees less: what decided the zone diagnosed is less in the model.
    decided = {reading.kind for reading in row.tip.deciding}
    if CRIME in decided and crime > diagnosed:
        return Reason.CRIME
    return Reason.CALLS if CALLS in decided and calls > diagnosed else Reason.CHANCE
