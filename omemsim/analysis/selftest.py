"""The self-test of the random numbers: nobody's depend on anybody else.

Two copies of a town differ in one resident's parameters. Then, in turn:

1. events that happen in both have the same identity, day and answers to every question;
2. with the queue slack and every shared stock clamped to the other copy's, nothing differs
   but that resident's row, and events that concern that resident;
3. with everything live, other residents differ only after a shared stock or the queue did,
   and the first such stock is named.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.processes import WEEK
from omemsim.spin_up import spin_up
from omemsim.town import Table, Town

__all__ = ["Check", "check_same_random_numbers", "same_random_numbers"]

SHARED = ("neighbourhoods", "places", "agencies", "officers", "initiatives", "service")
# Every call is answered in its week, and no agency has a waiting list.
SLACK = (
    "parameters.respond.sworn=900",
    "parameters.respond.patrol_share=1",
    "parameters.partner.capacity=100",
    "parameters.partner.refer_self=0.01",
)
OFTEN = "parameters.crisis.rate=5"  # so that a change of one person's need shows in half a year
WEEKS = 26
EVENTS = {"incidents": "victim", "episodes": "resident", "calls": "caller"}


@dataclass(frozen=True)
class Check:
    """One line of the self-test: what was checked, whether it held, what was seen."""

    what: str
    passed: bool
    seen: str


def same_random_numbers() -> int:
    """Run the self-test, print a line per check, and return 0 if all hold, else 1."""
    checks = check_same_random_numbers()
    for check in checks:
        print(f"{'ok    ' if check.passed else 'FAILED'}  {check.what}: {check.seen}")
    return 0 if all(check.passed for check in checks) else 1


def check_same_random_numbers() -> list[Check]:
    """Return the three checks, on a town of 800 residents over half a year."""
    words = ["town.residents=800", "town.neighbourhoods=4", "spin_up_years=0.5"]
    scenario = compose_scenario("small", "omem", [*words, *SLACK, OFTEN])
    start = spin_up(scenario, 0)
    who = int(np.argmin(start.residents.crisis_need))
    return [
        _own_events(scenario, start, who),
        _clamped(scenario, start, who),
        _live(scenario, start, who),
    ]


def _changed(start: Town, who: int) -> Town:
    """Return a copy in which one resident has the greatest need, and no trust to fall back on."""
    town = start.copy()
    town.residents.need[who] = 1.0
    town.residents.crisis_need[who] = town.residents.crisis_need.max()
    town.residents.trust_anchor[who] = 0.0
    return town


def _stages(scenario: Scenario, *towns: Town) -> Iterator[str]:
    """Run towns through a week side by side; yield each stage's name after it."""
    for stage, step in WEEK.items():
        for town in towns:
            step(town, scenario.parameters, scenario.strategy)
        yield stage
    for town in towns:
        town.week += 1


def _own_events(scenario: Scenario, start: Town, who: int) -> Check:
    """Compare the answers of events that happen in both towns."""
    one, other = start.copy(), _changed(start, who)
    both, different = 0, 0
    for _ in range(WEEKS):
        deque(_stages(scenario, one, other), maxlen=0)
        for name in EVENTS:
            a, b = (_by_identity(town.tables()[name]) for town in (one, other))
            both += len(a.keys() & b.keys())
            different += sum(a[event] != b[event] for event in a.keys() & b.keys())
    seen = f"{both} events in both towns, {different} with another day, type or place"
    return Check("an event's answers are its own", both > 0 and different == 0, seen)


def _by_identity(table: Table) -> dict[int, tuple[int, ...]]:
    kept = [getattr(table, name) for name in ("type", "day", "place") if hasattr(table, name)]
    return {
        int(event): tuple(int(column[row]) for column in kept)
        for row, event in enumerate(table.event)
    }


def _clamped(scenario: Scenario, start: Town, who: int) -> Check:
    """Run both towns, the second with the first's shared stocks after every stage."""
    one, other = start.copy(), _changed(start, who)
    concerned, strangers = 0, 0
    for _ in range(WEEKS):
        for _stage in _stages(scenario, one, other):
            for name in SHARED:
                _clamp(other.tables()[name], one.tables()[name])
        for name, person in EVENTS.items():
            for row_person in _in_one_only(one.tables()[name], other.tables()[name], person):
                concerned += row_person == who
                strangers += row_person != who
        strangers += int((_rows_that_differ(one.residents, other.residents) != who).sum())
    held = concerned > 0 and strangers == 0 and len(one.queue) == 0
    seen = f"{concerned} events of the changed resident differ, {strangers} of others"
    return Check("with shared stocks clamped only that resident differs", held, seen)


def _clamp(table: Table, to: Table) -> None:
    for name, values in table.columns().items():
        values[:] = getattr(to, name)


def _in_one_only(a: Table, b: Table, person: str) -> list[int]:
    alone = np.setxor1d(a.event, b.event)
    return [
        int(who) for table in (a, b) for who in getattr(table, person)[np.isin(table.event, alone)]
    ]


def _rows_that_differ(a: Table, b: Table) -> NDArray[np.int64]:
    differ = np.zeros(len(a), bool)
    for name, values in a.columns().items():
        differ |= values != getattr(b, name)
    return np.flatnonzero(differ)


def _live(scenario: Scenario, start: Town, who: int) -> Check:
    """Run both towns freely, and find what differed before other residents did."""
    one, other = start.copy(), _changed(start, who)
    first = ""  # the first shared stock that differed before the stage
    for week in range(WEEKS):
        for stage in _stages(scenario, one, other):
            others = _rows_that_differ(one.residents, other.residents)
            now = _shared_that_differs(one, other)
            if (others != who).any():
                cause = first or now
                seen = f"others differ from week {week}, stage {stage}, after {cause or 'nothing'}"
                return Check("live, others differ only through a stock", cause != "", seen)
            first = now
    return Check("live, others differ only through a stock", False, "no one else ever differs")


def _shared_that_differs(a: Town, b: Town) -> str:
    """Return the first shared column (or the queue) that differs, or an empty string."""
    if not np.array_equal(a.queue.event, b.queue.event):
        return "queue"
    for name in SHARED:
        for column, values in a.tables()[name].columns().items():
            if not np.array_equal(values, getattr(b.tables()[name], column)):
                return f"{name}.{column}"
    return ""
