"""Counts of recorded crime with cells that have no number: what is taken, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from omemsim.inputs.tables.cells import Part
from omemsim.inputs.tables.mapping import FIELDS, Source
from omemsim.present.text import counted, some

__all__ = ["Filled"]

Numbers = NDArray[np.float64]


class Filled:
    """Sums the columns of each field; of crime, cells without a number get one and its ends.

    Parameters
    ----------
    sources : by our name.
    names : of the N rows, for notes.
    suppressed : the number for such cells; None fills them from the others.

    Attributes
    ----------
    values : field -> (N,), counts as counts; NaN only in fields that a run can do without.
    low, high : field -> (N,), the ends of a count; only of fields with such cells.
    """

    def __init__(
        self, sources: Mapping[str, Source], names: Sequence[str], *, suppressed: float | None
    ) -> None:
        self.sources, self.names, self.suppressed = sources, names, suppressed
        self.values: dict[str, Numbers] = {}
        self.low: dict[str, Numbers] = {}
        self.high: dict[str, Numbers] = {}
        self.unknown: list[str] = []
        self.between: list[str] = []

    def read(self, name: str, parts: Sequence[Part]) -> None:
        """Sum the columns of a field; residents have to be read before counts of crime."""
        if name == "deprivation":
            return
        is_crime = FIELDS[name].is_filled and FIELDS[name].is_count and name != "population"
        is_rate = self.sources[name].per is not None
        each = [
            self._filled(part, is_rate=is_rate) if is_crime and part.column else part
            for part in parts
        ]
        value, low, high = (
            self._counted(name, np.sum([getattr(part, end) for part in each], axis=0))
            for end in ("value", "low", "high")
        )
        self.values[name] = value
        if is_crime and (low < high).any():
            self.low[name], self.high[name] = low, high

    def _counted(self, name: str, total: Numbers) -> Numbers:
        """Turn a rate into a count."""
        source = self.sources[name]
        if source.per is None:
            return np.asarray(total, dtype=np.float64)
        of = self.values.get(source.of, np.full(total.shape, np.nan))
        return np.asarray(total / source.per * of, dtype=np.float64)

    def _filled(self, part: Part, *, is_rate: bool) -> Part:
        """Give each cell without a number one: that which is set, the others' median rate, or 0."""
        empty, wide = np.isnan(part.value), part.low < part.high
        self.unknown += self._told(part, empty)
        self.between += self._told(part, wide)
        value, low, high = part.value.copy(), part.low.copy(), part.high.copy()
        if self.suppressed is not None:
            for array in (value, low, high):
                array[empty | wide] = self.suppressed
        elif empty.any() and not empty.all():
            alike = np.ones(empty.size)
            people = alike if is_rate else self.values.get("population", alike)
            rates = (part.value / people)[~empty]
            value[empty] = np.median(rates) * people[empty]
            low[empty], high[empty] = rates.min() * people[empty], rates.max() * people[empty]
        elif empty.all():
            value, low, high = np.zeros((3, empty.size))
        return Part(part.column, value, low, high, part.texts)

    def _told(self, part: Part, which: NDArray[np.bool_]) -> list[str]:
        return [
            f"{part.column} of {self.names[i]}" + (f" {part.texts[i]!r}" if part.texts[i] else "")
            for i in np.flatnonzero(which).tolist()
        ]

    def notes(self) -> list[str]:
        """Return a sentence for each kind of cell without a number."""
        notes = []
        for cells, what, taken, ends in (
            (
                self.unknown,
                "without a number",
                "the median rate of the others",
                "the others' rates",
            ),
            (self.between, "suppressed", "the middle of what it can be", "what it can be"),
        ):
            if cells and self.suppressed is not None:
                notes.append(
                    f"{counted(len(cells), 'cell')} of crime {what} ({some(cells)}): "
                    f"suppressed={self.suppressed:g} is taken."
                )
            elif cells:
                notes.append(
                    f"{counted(len(cells), 'cell')} of crime {what} ({some(cells)}): {taken} is "
                    f"taken, and 'sure' allows for all of {ends}; suppressed=NUMBER sets it."
                )
        return notes
