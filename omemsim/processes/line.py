"""The line of calls: in which order they are answered, and what becomes of each.

By priority, then in the order in which they came: week, day, shift, and hash of the event.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omemsim.kernels import Column, Whole, kernel
from omemsim.processes.shifts import PERIODS, ShiftParameters, period_of, priority_of
from omemsim.town import EventTable
from omemsim.vocabulary.wheel import Priority

__all__ = ["NEVER", "Line", "first_by_priority", "line_up", "put_in_order"]

NEVER = -1  # the shift that begins a call which is not begun this week
_FEW = 32  # calls in a bucket at most, on average: on so few an insertion sort is fast
_PRIORITIES = len(Priority)


class Line(NamedTuple):
    """The calls of the queue as they are answered; all but the first by their row."""

    order: Column  # their rows, int64 (C,), those that go first first
    priority: Column  # `Priority`, int64 (C,)
    due: Column  # shift in which they came, int64 (C,): 0 is this week's first, below it earlier
    begun: Column  # shift in which they are begun, int64 (C,), or NEVER
    outcome: Column  # `Outcome`, uint8 (C,)
    is_late: Column  # whether they wait longer than their priority allows, uint8 (C,)


@kernel
def line_up(queue: EventTable, p: ShiftParameters, week: Whole) -> Line:
    """Return the calls in the order of answer: by priority, week, day, shift, hash of the event."""
    size = queue.count[0]
    priority, due = np.empty(size, np.int64), np.empty(size, np.int64)
    for call in range(size):
        kind, event = queue.type[call], queue.event[call]
        weeks_ago = max(week - 1 - np.int64(queue.week[call]), 0)
        due[call] = period_of(event, kind, queue.day[call], p) - PERIODS * weeks_ago
        priority[call] = priority_of(event, kind, p)
    return Line(
        put_in_order(queue.event[:size], priority, due),
        priority,
        due,
        np.full(size, NEVER),
        np.zeros(size, np.uint8),
        np.zeros(size, np.uint8),
    )


@kernel
def put_in_order(event: Column, priority: Column, due: Column) -> Column:
    """Return the rows of calls (int64) by priority, shift in which they came, and hash.

    A counting sort into buckets by priority, shift and the leading bits of the hash, then an
    insertion sort within each. Hashes are uniform, so a bucket holds about ``_FEW`` calls at most.
    """
    size = event.size
    rows = np.empty(size, np.int64)
    if size == 0:
        return rows
    oldest, hash_parts = due.min(), 1
    shifts = due.max() - oldest + 1
    while hash_parts * _FEW < size:
        hash_parts *= 2
    end = np.zeros(_PRIORITIES * shifts * hash_parts + 1, np.int64)
    bucket = np.empty(size, np.int64)
    for call in range(size):
        leading = np.int64(
            np.uint64(event[call] >> np.uint64(32)) * np.uint64(hash_parts) >> np.uint64(32)
        )
        by_shift = priority[call] * shifts + due[call] - oldest
        bucket[call] = by_shift * hash_parts + leading
        end[bucket[call] + 1] += 1
    for one in range(1, end.size):
        end[one] += end[one - 1]
    first = end[:-1].copy()
    for call in range(size):
        here = bucket[call]
        at = end[here]
        end[here] += 1
        while at > first[here] and event[rows[at - 1]] > event[call]:
            rows[at] = rows[at - 1]
            at -= 1
        rows[at] = call
    return rows


@kernel
def first_by_priority(line: Line) -> Column:
    """Return where calls of each priority begin in the order, and where the last end (int64)."""
    first = np.zeros(_PRIORITIES + 1, np.int64)
    for k in line.priority:
        first[k + 1] += 1
    for k in range(_PRIORITIES):
        first[k + 1] += first[k]
    return first
