"""What happens or is done at certain weeks and places: events, interventions, clamps.

An *event* happens to the town whatever the strategy; an *intervention* is done in addition to a
strategy, and one of the user's *own* is a function of theirs; a *clamp* holds a column of the
state, so that an experiment can cut a loop. All are data of a scenario; weeks count from the end of
the spin-up (`Town.week`), and ``to`` is the week after the last. In YAML and in words the field
``from_`` is the key ``from``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.town import Town
from omemsim.vocabulary.columns import Column
from omemsim.vocabulary.parameters import parameter
from omemsim.vocabulary.wheel import Work

__all__ = [
    "FOREVER",
    "Clamp",
    "Event",
    "Happening",
    "Held",
    "Intervention",
    "OwnIntervention",
    "Work",
    "bounds",
]

FOREVER = 5200  # weeks: a hundred years, the longest run


class Happening(IntEnum):
    """What an event is; ``size`` is a share of the usual rate or an index from 0 to 1."""

    CRIME = 0
    ECONOMIC = 1
    LEGITIMACY = 2
    BUDGET_CUT = 3
    AGENCY_CLOSING = 4
    CAMPAIGN = 5


@dataclass(frozen=True)
class Event:
    """Something that happens to the town.

    ``size`` by kind: crime, rise of offending where nobody is vigilant (share); economic,
    deprivation added; legitimacy, least grievance while it lasts; budget_cut, share of patrol
    hours taken away; agency_closing, none (``sector`` says which agencies); campaign, least
    dose of public education. ``where`` empty is everywhere.
    """

    what: Happening = Happening.CRIME
    where: list[str] = field(default_factory=list)
    from_: int = parameter(0, "week", 0, FOREVER, "chosen", "First week.")
    to: int = parameter(FOREVER, "week", 0, FOREVER, "chosen", "Week after the last.")
    size: float = parameter(0.3, "share or index", 0, 5, "chosen", "How strong.")
    sector: str = ""


@dataclass(frozen=True)
class Intervention:
    """Something done at certain places for a time, beside the strategy's mix.

    ``dose`` by kind: a tactic, hours a week per 1,000 residents 15+, taken from the free hours
    before the mix; lighting, share of the neighbourhood's places kept in good light and
    design; target_hardening, share of dwellings protected in a year, whatever their means;
    casework, cases per 1,000 residents 15+ added to the agencies of the catchment. Projects
    are paid beside the strategy's money and booked (`project_cost`, `agency_cost`).

    ``places`` names single places in place of ``where``, as [3/12, 5/1]: the id of a neighbourhood
    and the number of a place in it, from 1. What acts at places (`placed.AT_ONE_PLACE`) is then
    done there alone: of a tactic, ``dose`` is hours a week at each place; of lighting, how well
    the place is kept lit and designed, 0 to 1. ``added`` hours come on top of those the service
    has; others are taken from the mix everywhere, pro rata.
    """

    what: Work = Work.LIGHTING
    where: list[str] = field(default_factory=list)
    from_: int = parameter(0, "week", 0, FOREVER, "chosen", "First week.")
    to: int = parameter(FOREVER, "week", 0, FOREVER, "chosen", "Week after the last.")
    dose: float = parameter(0.5, "by kind", 0, 1000, "chosen", "How much.")
    places: list[str] = field(default_factory=list)
    added: bool = False


@dataclass(frozen=True)
class OwnIntervention:
    """A function of the user's own that is given the town between two weeks, and may change it.

    ``do`` is the function, as ``module:function`` (`omemsim.own`). It is called with the town
    before week ``from`` is run and after every so many weeks from then on. What it writes must
    stay within the columns' bounds, and lasts if no stage makes the column anew each week from
    others, as neighbourhoods.fear from residents.fear (`omemsim describe columns`).
    `omemsim.keyed` gives it random numbers.
    """

    do: str = ""
    from_: int = parameter(0, "week", 0, FOREVER, "chosen", "First week.")
    to: int = parameter(FOREVER, "week", 0, FOREVER, "chosen", "Week after the last.")
    every: int = parameter(1, "weeks", 1, FOREVER, "chosen", "Time between two calls.")

    def next_week(self, week: int) -> int | None:
        """Return the first week, from ``week`` on, that it is called before; None without one."""
        turns = max(-(-(week - self.from_) // self.every), 0)
        found = self.from_ + turns * self.every
        return found if found < self.to else None


@dataclass(frozen=True)
class Clamp:
    """A column that an experiment holds, right after the stage that writes it.

    ``column`` is ``table.column``. With neither ``value`` nor ``add`` or ``times`` given it is
    held as it was when the clamp began: at the start of week ``from``. ``value`` holds it at a
    number; ``add`` and ``times`` hold it at ``times`` what it was then, plus ``add``, cut to the
    column's bounds and, where it counts, rounded. ``where`` is as in interventions and holds the
    rows of those neighbourhoods only. Rows are seats: a newcomer gets what their row is held at.
    """

    column: str = ""
    where: list[str] = field(default_factory=list)
    from_: int = parameter(0, "week", 0, FOREVER, "chosen", "First week.")
    to: int = parameter(FOREVER, "week", 0, FOREVER, "chosen", "Week after the last.")
    value: float | None = None
    add: float = 0.0
    times: float = 1.0


@dataclass
class Held:
    """A clamp whose column and rows are found: what a week applies (`processes.run_week`).

    Attributes
    ----------
    column : the declaration of what is held; its writer is the stage after which it is put back.
    rows : int64, which rows; all if None.
    start, end : first week, week after the last.
    value, add, times : as in `Clamp`.
    kept : what the rows are held at, in the column's own type; None before it begins.
    """

    column: Column
    rows: NDArray[np.int64] | None
    start: int
    end: int
    value: float | None = None
    add: float = 0.0
    times: float = 1.0
    kept: NDArray[Any] | None = None

    def begins(self, town: Town) -> bool:
        """Return whether it holds this week; when it first does, keep what it holds."""
        is_on = self.start <= town.week < self.end
        if is_on and self.kept is None:
            values = self._values(town)
            self.kept = self._changed(values if self.rows is None else values[self.rows])
        return is_on

    def put(self, town: Town) -> None:
        """Write what is kept over what the stage wrote."""
        self._values(town)[slice(None) if self.rows is None else self.rows] = self.kept

    def _values(self, town: Town) -> NDArray[Any]:
        values: NDArray[Any] = getattr(getattr(town, self.column.table), self.column.name)
        return values

    def _changed(self, then: NDArray[Any]) -> NDArray[Any]:
        """Return what to hold in place of what was there then."""
        if self.value is None and (self.add, self.times) == (0, 1):
            return then.copy()
        numbers = then.astype(float) * self.times + self.add
        if self.value is not None:
            numbers = np.full(then.shape, self.value)
        low, high = bounds(self.column)
        if then.dtype.kind in "iu":
            numbers = np.rint(numbers)
        return np.clip(numbers, low, high).astype(then.dtype)


def bounds(column: Column) -> tuple[float, float]:
    """Return between which numbers a column stays: its own bounds, within those of its type."""
    dtype = np.dtype(column.dtype)
    if dtype.kind not in "iu":
        return column.low, column.high
    info = np.iinfo(dtype)
    return max(column.low, info.min), min(column.high, info.max)
