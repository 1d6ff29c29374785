"""How long calls wait for a car: expected minutes by shift and priority, and what is too long.

A call that its own shift or a later one begins waits whole shifts until then; within the shift the
mean wait of a queue with priorities and without interruption, in a district with c cars, and the
way of the nearest free car:

    minutes = 60 SHIFT_HOURS (shifts waited) + handling + 60 (wait_k + way_k)
    wait_k  = min(C(c, rho c) S/c/((1 - s_{k-1}) (1 - s_k)), SHIFT_HOURS)
    way_k   = detour sqrt(area/max(free cars, 1))/speed_k,   free cars = cars (1 - rho)

S is the mean time of a call, s_k the part of the hours that calls of priority k or before take,
rho the part that all take, with what earlier shifts began; an emergency meets only 1 - called_off
of routine and low calls. C is Erlang's probability that all cars are busy. A call meets the work of
the others: of n calls begun in a district, (n - 1)/n. Of routine and low priority the shift begins
calls only while more than ``reserve`` of its hours are left, so that to them it is smaller by as
much. The number of cars is whole, at least 1.

Sources: Cobham 1954 (priorities); Erlang (C); Larson 1972, Kolesar & Blum 1973 (way); Green &
Kolesar 1989 (such a queue describes police patrol); Schaack & Larson 1986 (cars held back).
Assumption: within a shift calls come evenly and take times of one exponential distribution, alike
for all priorities; districts are alike; what differs between calls of a priority and a shift is
left out, so that limits are compared with a mean; a call that a car leaves for an emergency takes
no longer for it.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import Column, Double, Flag, Whole, kernel, paired_sum
from omemsim.processes.shifts import PERIODS, Roster
from omemsim.town import Table
from omemsim.vocabulary.parameters import Respond
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import Priority

__all__ = [
    "MINUTES",
    "SHIFT_HOURS",
    "WaitParameters",
    "all_busy",
    "expected_minutes",
    "held_back",
    "is_too_long",
    "queue_hours",
    "wait_parameters",
]

SHIFT_HOURS = 8.0
MINUTES = 60.0
_PRIORITIES = len(Priority)


class WaitParameters(NamedTuple):
    """What waits need."""

    reserve: np.float64
    called_off: np.float64
    crew: np.float64
    district: np.float64
    handling: np.float64
    detour: np.float64
    speed: Annotated[NDArray[np.float64], len(Priority)]
    limit: Annotated[NDArray[np.float64], len(Priority)]


def wait_parameters(group: Respond) -> WaitParameters:
    """Return what waits need."""
    fast = (Priority.EMERGENCY, Priority.URGENT)
    return fill(
        WaitParameters,
        group,
        speed=[group.speed_urgent if one in fast else group.speed for one in Priority],
        limit=[getattr(group, f"limit_{one.name.lower()}") for one in Priority],
    )


@kernel
def held_back(priority: Whole, p: WaitParameters) -> Double:
    """Return the part of a shift's hours that calls of a priority may not use up."""
    return p.reserve if priority >= Priority.ROUTINE else 0.0


@kernel
def all_busy(cars: Whole, load: Double) -> Double:
    """Return the probability that all cars are busy (Erlang's C); 1 where they cannot keep up.

    Parameters
    ----------
    cars : 1 or more.
    load : mean number of cars that the calls would keep busy.
    """
    if load >= cars:
        return 1.0
    blocked = 1.0
    for n in range(1, cars + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked / (1.0 - load / cars * (1.0 - blocked))


@kernel
def queue_hours(busy: Double, each: Double, ahead: Double, upto: Double) -> Double:
    """Return the mean hours in the queue of a priority (Cobham), at most a shift.

    Parameters
    ----------
    busy : probability that all cars are busy.
    each : hours a call takes, over the number of cars.
    ahead, upto : part of the hours that more urgent calls take, and those with these.
    """
    left = (1.0 - min(ahead, 1.0)) * (1.0 - min(upto, 1.0))
    if busy * each >= SHIFT_HOURS * left:
        return SHIFT_HOURS
    return busy * each / left


@kernel
def expected_minutes(hoods: Table, roster: Roster, p: WaitParameters) -> Column:
    """Return the minutes from call to arrival of calls begun, (PERIODS, priorities), in a shift."""
    minutes = np.zeros((PERIODS, _PRIORITIES))
    districts = max(np.floor(paired_sum(hoods.population) / p.district + 0.5), 1.0)
    area = paired_sum(hoods.area) / districts
    for period in range(PERIODS):
        begun, hours = roster.begun[period], roster.open[period]
        if begun == 0 or hours <= 0.0:
            continue
        cars = hours / (SHIFT_HOURS * p.crew * districts)
        others = max(1.0 - districts / begun, 0.0)
        urgent = roster.work[period, Priority.EMERGENCY] + roster.work[period, Priority.URGENT]
        other = roster.work[period, Priority.ROUTINE] + roster.work[period, Priority.LOW]
        stays = roster.carried[period] + others * other
        taken = (stays + others * urgent) / hours
        free = max(cars * (1.0 - min(taken, 1.0)), 1.0)
        way, each = p.detour * np.sqrt(area / free), (urgent + other) / begun / p.crew
        ahead = 0.0
        for k in range(_PRIORITIES):
            there = 1.0 - held_back(k, p)
            servers = np.int64(max(np.floor(cars * there + 0.5), 1.0))
            upto = ahead + others * roster.work[period, k] / hours
            left = p.called_off * stays / hours if k == Priority.EMERGENCY else 0.0
            busy = all_busy(servers, (taken - left) / there * servers)
            waits = queue_hours(busy, each / servers, ahead / there, upto / there)
            minutes[period, k] = p.handling + MINUTES * (waits + way / p.speed[k])
            ahead = upto
    return minutes


@kernel
def is_too_long(minutes: Double, priority: Whole, p: WaitParameters) -> Flag:
    """Return whether a call of a priority waits longer than that allows."""
    return minutes > p.limit[priority]
