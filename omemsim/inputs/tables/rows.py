"""Rows that are no neighbourhood: totals of others, unknown areas, rows without residents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omemsim.inputs.tables.words import TOTAL, UNKNOWN, WHOLE
from omemsim.present.text import counted, some

__all__ = ["Counted", "RowsUsed", "rows_used"]

Floats = NDArray[np.float64]
NEAR = 0.02  # how far a total's residents may be from the sum of the others'
LEAST, MOST = 0.98, 1.3  # its crimes, of theirs: it may count those without an address
EXACT = 0.5  # counts that differ by less are equal
_LEVELS = 5  # of totals of totals


@dataclass(frozen=True)
class Counted:
    """What tells rows apart from totals: labels, residents and crimes of each of N rows.

    Attributes
    ----------
    labels : for each row, what it is called, one text or more.
    people : (N,), NaN where there is no number.
    crimes : (K, N), one row for each column of crime, NaN where there is no number.
    """

    labels: Sequence[Sequence[str]]
    people: Floats
    crimes: Floats


@dataclass(frozen=True)
class RowsUsed:
    """Which rows are neighbourhoods (N,), and a sentence for each kind of the others."""

    keep: NDArray[np.bool_]
    notes: list[str]


def rows_used(rows: Counted, *, has_totals: bool = True) -> RowsUsed:
    """Return which rows are neighbourhoods.

    Parameters
    ----------
    rows : of the table, of one year.
    has_totals : whether totals are looked for; if not, every row with residents is kept.
    """
    empty = ~(np.nan_to_num(rows.people) >= 1)
    notes = list(_of_empty(rows, empty))
    keep = ~empty
    if has_totals:
        named = np.array([_is_named_total(rows, i) for i in range(keep.size)], dtype=bool) & keep
        keep &= ~named
        summed = _sums(rows, keep)
        keep &= ~summed
        notes += _of_totals(rows, np.flatnonzero(named | summed).tolist())
    return RowsUsed(keep, notes)


def _name(rows: Counted, i: int) -> str:
    labels = [label for label in rows.labels[i] if label]
    return labels[-1] if labels else f"row {i + 1} of the data"


def _of_empty(rows: Counted, empty: NDArray[np.bool_]) -> Iterator[str]:
    places: list[int] = np.flatnonzero(empty).tolist()
    if places:
        crimes = np.nansum(rows.crimes[:, places]) if rows.crimes.size else 0.0
        known = [i for i in places if any(UNKNOWN.fullmatch(label) for label in rows.labels[i])]
        which = [*known, *(i for i in places if i not in known)]
        yield (
            f"{counted(len(places), 'row')} without residents left out, with {crimes:,.0f} "
            f"recorded crimes: {some([_name(rows, i) for i in which])}."
        )


def _of_totals(rows: Counted, places: Sequence[int]) -> Iterator[str]:
    if len(places):
        yield (
            f"{counted(len(places), 'total', 'totals')} of other rows left out: "
            f"{some([_name(rows, i) for i in places])}. Keep with town.totals=keep."
        )


def _is_named_total(rows: Counted, i: int) -> bool:
    labels = [label.strip(" *:.") for label in rows.labels[i]]
    if any(TOTAL.fullmatch(label) for label in labels):
        return True
    others = np.nansum(rows.people) - rows.people[i]
    return any(WHOLE.fullmatch(label) for label in labels) and bool(rows.people[i] >= others / 2)


def _sums(rows: Counted, keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the rows, among those kept, that are the sum of others, whatever they are called."""
    found = np.zeros(keep.size, dtype=bool)
    if not rows.crimes.size:
        return found
    for _ in range(_LEVELS):
        left = np.flatnonzero(keep & ~found)
        whole = _whole(rows, left)
        parts = _subtotals(rows, left)
        if whole is None and parts:
            of_parts = [i for i in left if i not in parts]
            whole = _whole(rows, np.array(of_parts))
            is_told = whole is not None or _cover(parts, left)
            parts = parts if is_told else {t: run for t, run in parts.items() if run.is_beside}
        new = [*parts, *([] if whole is None else [whole])]
        if not new:
            break
        found[new] = True
    return found


def _whole(rows: Counted, left: NDArray[np.int64]) -> int | None:
    """Return the row that is about the sum of all others of these, if one is."""
    if left.size < 3:
        return None
    people = rows.people[left]
    crimes = np.nan_to_num(rows.crimes[:, left]).sum(axis=0)
    top = int(np.argmax(people))
    others, crime = people.sum() - people[top], crimes.sum() - crimes[top]
    if abs(people[top] - others) < EXACT:
        return int(left[top]) if crimes[top] > 0 and crimes[top] >= crime else None
    is_near = left.size > 3 and abs(people[top] - others) <= NEAR * others
    is_like = crime > 0 and LEAST * crime <= crimes[top] <= MOST * crime
    return int(left[top]) if is_near and is_like else None


@dataclass(frozen=True)
class _Run:
    """Rows one after another that a row is the sum of, and whether it stands beside them."""

    first: int
    last: int
    is_beside: bool


def _subtotals(rows: Counted, left: NDArray[np.int64]) -> dict[int, _Run]:
    """Return the rows that are exactly the sum of several others that follow each other."""
    counts = np.nan_to_num(np.vstack([rows.people[left], rows.crimes[:, left]]))
    people, found = counts[0], dict[int, _Run]()
    targets = np.unique(people)
    for first in range(left.size - 1):
        sums = np.cumsum(people[first:])
        for length in np.flatnonzero(np.isin(sums[1:], targets)) + 2:
            last = first + int(length) - 1
            total = counts[:, first : last + 1].sum(axis=1)
            same = np.all(np.abs(counts - total[:, None]) < EXACT, axis=0)
            for place in np.flatnonzero(same & (total[1:].sum() > 0)):
                if not first <= place <= last:
                    beside = place in (first - 1, last + 1)
                    found[int(left[place])] = _Run(int(left[first]), int(left[last]), beside)
    return found


def _cover(parts: dict[int, _Run], left: NDArray[np.int64]) -> bool:
    """Say whether several totals have, together, every other row among their parts."""
    inside = {i for run in parts.values() for i in range(run.first, run.last + 1)}
    return len(parts) > 1 and {int(i) for i in left} <= inside | set(parts)
