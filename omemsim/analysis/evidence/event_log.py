"""What a run leaves week by week: the victims, places, days and records of single events.

A town keeps a year of counts by neighbourhood and one week of events. A survey asks residents
about twelve months, and police have a date and a place for each record, so the events are
gathered here, beside the run and without touching it. An event takes 30 bytes: two years of a
town of 100,000 residents about 2 MB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import Column, event_uniform, kernel
from omemsim.processes.reporting import RECORD_SALT
from omemsim.town import Town
from omemsim.vocabulary.rates import DAYS_PER_WEEK
from omemsim.vocabulary.wheel import CallType, Crime, Origin

__all__ = ["EventLog", "Events", "police_of"]

Ints = NDArray[np.int64]
NOBODY = -1
CRIMES = len(Crime)


@dataclass(frozen=True)
class Events:
    """The crimes of some weeks, a row each.

    Attributes
    ----------
    day : day since the log began; kind : `Crime`; place : row; victim : row, -1 a business.
    household : the victim's, -1 none.
    is_reported, is_known, is_recorded : whether the public called about it, whether police came to
        know of it at all, and whether they recorded it.
    offender : a person in reach, drawn in proportion to propensity; -1 if none was drawn.
    """

    day: Ints
    kind: Ints
    place: Ints
    victim: Ints
    household: Ints
    is_reported: NDArray[np.bool_]
    is_known: NDArray[np.bool_]
    is_recorded: NDArray[np.bool_]
    offender: Ints


COLUMNS = tuple(Events.__dataclass_fields__)


class EventLog:
    """Gathers events, calls by place and counts by neighbourhood, a week at a time.

    Parameters
    ----------
    town : the town, before its first week.
    recorded : share of reported crime that police record (`reporting.recorded`).
    reach : share of offending that comes from adjoining neighbourhoods (`offend.reach`).
    offenders : whether to draw an offender for each crime; costs a pass over residents a week.

    Attributes
    ----------
    calls : (weeks, neighbourhoods, 2), public calls about crime, and about anything else.
    calls_at : (places,), public calls so far.
    """

    def __init__(
        self, town: Town, *, recorded: float, reach: float = 0.0, offenders: bool = False
    ) -> None:
        self.recorded, self.reach, self.offenders = recorded, reach, offenders
        self.first = town.week
        self.weeks: list[list[NDArray[Any]]] = []
        self.calls: list[NDArray[np.int64]] = []
        self.calls_at = np.zeros(len(town.places), np.int64)
        self.rng = np.random.default_rng(town.seed % 2**63)

    def note(self, town: Town) -> None:
        """Write down the week that has just been run."""
        crimes, calls = town.incidents, town.calls
        police = police_of(crimes.event, calls, self.recorded)
        victim = crimes.victim.astype(np.int64)
        home = np.where(victim >= 0, town.residents.household[np.maximum(victim, 0)], NOBODY)
        day = DAYS_PER_WEEK * (town.week - 1 - self.first) + crimes.day.astype(np.int64)
        offender = self._offenders(town) if self.offenders else np.full(len(crimes), NOBODY)
        kind, place = crimes.type.copy(), crimes.place.copy()  # the columns are next week's too
        self.weeks.append([day, kind, place, victim, home, *police, offender])
        self._note_calls(town)

    def _note_calls(self, town: Town) -> None:
        calls, n = town.calls, len(town.neighbourhoods)
        is_public = calls.origin == Origin.PUBLIC
        place = calls.place[is_public]
        self.calls_at += np.bincount(place, minlength=self.calls_at.size)
        is_other = calls.type[is_public] >= CallType.DISORDER
        hood = town.places.neighbourhood[place]
        both = np.bincount(2 * hood + is_other, minlength=2 * n).reshape(n, 2)
        self.calls.append(both)

    def events(self, first: int = 0, last: int | None = None) -> Events:
        """Return the crimes of weeks ``first`` to before ``last``, counted from the beginning."""
        chosen = self.weeks[first:last]
        joined = [np.concatenate([week[k] for week in chosen]) for k in range(len(COLUMNS))]
        kinds = (bool if name.startswith("is_") else np.int64 for name in COLUMNS)
        return Events(*(x.astype(kind) for x, kind in zip(joined, kinds, strict=True)))

    def calls_of(self, first: int = 0, last: int | None = None) -> Ints:
        """Return public calls by neighbourhood about crime and about anything else, (N, 2)."""
        return np.asarray(np.sum(self.calls[first:last], axis=0))

    def _offenders(self, town: Town) -> Ints:
        """Return a resident in reach of each crime, in proportion to propensity."""
        hoods, crimes = town.neighbourhoods, town.incidents
        home = self._homes(town, town.places.neighbourhood[crimes.place])
        summed = np.concatenate([[0.0], np.cumsum(town.residents.propensity, dtype=float)])
        first = hoods.first_resident[home]
        low, high = summed[first], summed[first + hoods.residents[home]]
        at = low + self.rng.random(home.size) * (high - low)
        who = np.searchsorted(summed, at, side="right") - 1
        who = np.clip(who, first, first + hoods.residents[home] - 1)
        # A seat's next occupant is somebody else.
        return np.asarray(who + len(town.residents) * town.residents.tenancy[who].astype(np.int64))

    def _homes(self, town: Town, hood: Any) -> Any:
        """Return the neighbourhoods that the offenders of crimes in these come from."""
        own, degree = town.neighbourhoods.offenders, np.diff(town.start)
        owner = np.repeat(np.arange(own.size), degree)
        summed = np.bincount(owner, weights=own[town.adjoining], minlength=own.size)
        around = summed / np.maximum(degree, 1)
        outside = self.reach * around
        share = np.where(
            degree > 0, outside / np.maximum(outside + (1 - self.reach) * own, 1e-12), 0
        )
        is_outside = self.rng.random(hood.size) < share[hood]
        home = hood.astype(np.int64)
        for row in np.flatnonzero(is_outside):
            near = town.adjoining[town.start[hood[row]] : town.start[hood[row] + 1]]
            weight = own[near].sum()
            if weight > 0:
                home[row] = self.rng.choice(near, p=own[near] / weight)
        return home


def police_of(event: Any, calls: Any, share: float) -> tuple[Any, Any, Any]:
    """Return which crimes the public reported, police know of and police recorded (`reporting`).

    Parameters
    ----------
    event : uint64 (E,), identities of crimes.
    calls : the town's table of this week's calls.
    share : of reported crime that police record, 0 to 1.
    """
    about = calls.type < CRIMES
    known, origin = calls.event[about], calls.origin[about]
    if not known.size:
        return tuple(np.zeros((3, event.size), bool))
    order = np.argsort(known)
    at = np.minimum(np.searchsorted(known[order], event), known.size - 1)
    is_known = known[order][at] == event
    is_reported = is_known & (origin[order][at] == Origin.PUBLIC)
    noise = np.empty(event.size)
    _noise(event, noise)
    return is_reported, is_known, is_known & (~is_reported | (noise < share))


@kernel
def _noise(event: Column, out: Column) -> None:
    for row in range(event.size):
        out[row] = event_uniform(event[row], RECORD_SALT)
