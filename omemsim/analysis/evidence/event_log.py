"""What a run leaves week by week: the victims, places, days and records of single events.

A town keeps a year of counts by neighbourhood and one week of events. A survey asks residents
about twelve months, and police have a date and a place for each record, so the events are
gathered here, beside the run and without touching it. An event takes 36 bytes: two years of a
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

__all__ = ["EventLog", "Events", "persons", "police_of"]

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
    offender : person who did it (see `persons`); -1 somebody from outside the town.
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

    Attributes
    ----------
    calls : (weeks, neighbourhoods, 2), public calls about crime, and about anything else.
    calls_at : (places,), public calls so far.
    """

    def __init__(self, town: Town, *, recorded: float) -> None:
        self.recorded, self.first = recorded, town.week
        self.weeks: list[list[NDArray[Any]]] = []
        self.calls: list[NDArray[np.int64]] = []
        self.calls_at = np.zeros(len(town.places), np.int64)
        self.arrests: list[Ints] = []

    def note(self, town: Town) -> None:
        """Write down the week that has just been run."""
        crimes, calls = town.incidents, town.calls
        police = police_of(crimes.event, calls, self.recorded)
        victim = crimes.victim.astype(np.int64)
        home = np.where(victim >= 0, town.residents.household[np.maximum(victim, 0)], NOBODY)
        day = DAYS_PER_WEEK * (town.week - 1 - self.first) + crimes.day.astype(np.int64)
        offender = persons(town, crimes.offender)
        kind, place = crimes.type.copy(), crimes.place.copy()  # the columns are next week's too
        self.weeks.append([day, kind, place, victim, home, *police, offender])
        arrested = persons(town, town.arrests.resident)
        monday = DAYS_PER_WEEK * (town.week - 1 - self.first)
        self.arrests.append(np.column_stack([arrested, np.full(arrested.size, monday)]))
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

    def arrests_of(self, first: int = 0, last: int | None = None) -> Ints:
        """Return who was arrested in weeks ``first`` to before ``last``, and on which day, (A, 2).

        An arrest has no day of its own: it is told as of its week's first.
        """
        return np.concatenate([np.zeros((0, 2), np.int64), *self.arrests[first:last]])


def persons(town: Town, seat: Any) -> Ints:
    """Return a number for each person in a seat: its next occupant is somebody else.

    Parameters
    ----------
    town : in the week that is told of.
    seat : rows of residents; -1, nobody of the town, stays.
    """
    tenancy = town.residents.tenancy[np.maximum(seat, 0)].astype(np.int64)
    return np.where(seat >= 0, seat + len(town.residents) * tenancy, NOBODY)


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
