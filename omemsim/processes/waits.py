"""How long calls wait for a car: expected minutes by shift and priority, and what is too long.

A call that its own shift or a later one begins waits whole shifts until then; within the shift the
mean wait of a queue with priorities and without interruption, in a district with c cars, and the
way of the nearest free car:

    minutes = 60 SHIFT_HOURS (shifts waited) + handling + 60 (wait_k + way_k)
    wait_k  = min(C(c, rho c) S/c/((1 - s_{k-1}) (1 - s_k)), SHIFT_HOURS)
    way_k   = detour sqrt(area/max(free cars, 1))/speed_k,   free cars = cars (1 - rho)

S is the mean time of a call, s_k the part of the hours that calls of priority k or before take,
rho the part that all take, with what earlier shifts began; of that and of routine and low calls an
emergency meets only 1 - called_off. C is Erlang's probability that all cars are busy. A call meets
the work of the others: of n calls begun in a district, or in a smaller town, (n - 1)/n. Of routine
and low priority the shift begins calls only while more than ``reserve`` of its hours are left, so
that to them it is smaller by as much. Between whole numbers of cars, C/c is on a straight line;
less than one car is one.

Sources: Cobham 1954 (priorities); Erlang (C); Larson 1972, Kolesar & Blum 1973 (way); Green &
Kolesar 1989 (such a queue describes police patrol); Schaack & Larson 1986 (cars held back).
Assumption: within a shift calls come evenly and take times of one exponential distribution, alike
for all priorities; districts are alike, and a town smaller than one shares it with towns like it;
what differs between calls of a priority and a shift is left out, so that limits are compared with a
mean; a call that a car leaves for an emergency takes no longer for it.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import Column, Double, Flag, Whole, kernel, paired_sum
from omemsim.processes.line import NEVER, Line
from omemsim.processes.shifts import PERIODS, Roster
from omemsim.town import Table, Town
from omemsim.vocabulary.parameters import Respond
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import Priority

__all__ = [
    "SHIFT_HOURS",
    "WaitParameters",
    "all_busy",
    "busy_per_car",
    "expected_minutes",
    "held_back",
    "is_too_long",
    "queue_hours",
    "time_answers",
    "wait_parameters",
]

SHIFT_HOURS = 8.0  # of a shift
MINUTES = 60.0  # in an hour
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
    if load <= 0.0:
        return 0.0
    per_load, inverse = 1.0 / load, 1.0  # of the probability that a call is blocked (Erlang's B)
    for n in range(1, cars + 1):
        inverse = 1.0 + n * per_load * inverse
    part = load / cars
    return 1.0 / (inverse * (1.0 - part) + part)


@kernel
def busy_per_car(cars: Double, taken: Double) -> Double:
    """Return the probability that all cars are busy over their number, between whole numbers.

    Parameters
    ----------
    cars : above 0; less than one is one.
    taken : part of their hours that calls take, 0 or more.
    """
    least = np.int64(max(cars, 1.0))
    fewer = all_busy(least, taken * least) / least
    more = all_busy(least + 1, taken * (least + 1)) / (least + 1)
    return fewer + (max(cars, 1.0) - least) * (more - fewer)


@kernel
def queue_hours(busy: Double, each: Double, ahead: Double, upto: Double) -> Double:
    """Return the mean hours in the queue of a priority (Cobham), at most a shift.

    Parameters
    ----------
    busy : probability that all cars are busy, over their number.
    each : hours a call takes of a car.
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
    districts = max(paired_sum(hoods.population), 1.0) / p.district
    area = paired_sum(hoods.area) / districts
    for period in range(PERIODS):
        begun, hours = roster.begun[period], roster.open[period]
        if begun == 0:
            continue
        if hours <= 0.0:  # nobody is there: an emergency waits for the next shift
            minutes[period, :] = p.handling + MINUTES * SHIFT_HOURS
            continue
        cars = hours / (SHIFT_HOURS * p.crew * districts)
        others = max(1.0 - max(districts, 1.0) / begun, 0.0)
        urgent = roster.work[period, Priority.EMERGENCY] + roster.work[period, Priority.URGENT]
        other = roster.work[period, Priority.ROUTINE] + roster.work[period, Priority.LOW]
        stays = roster.carried[period] + others * other
        taken = (stays + others * urgent) / hours
        free = max(cars * (1.0 - min(taken, 1.0)), 1.0)
        way, each = p.detour * np.sqrt(area / free), (urgent + other) / begun / p.crew
        ahead = 0.0
        for k in range(_PRIORITIES):
            there = 1.0 - held_back(k, p)
            upto = ahead + others * roster.work[period, k] / hours
            left = p.called_off * stays / hours if k == Priority.EMERGENCY else 0.0
            busy = busy_per_car(cars * there, (taken - left) / there)
            waits = queue_hours(busy, each, ahead / there, upto / there)
            minutes[period, k] = p.handling + MINUTES * (waits + way / p.speed[k])
            ahead = upto
    return minutes


@kernel
def is_too_long(minutes: Double, priority: Whole, p: WaitParameters) -> Flag:
    """Return whether a call of a priority waits longer than that allows."""
    return minutes > p.limit[priority]


@kernel
def time_answers(town: Town, line: Line, roster: Roster, p: WaitParameters) -> None:
    """Say how long calls wait, which of them too long, and keep yearly means by priority."""
    service, minutes = town.service, expected_minutes(town.neighbourhoods, roster, p)
    answers, waited = np.zeros(_PRIORITIES), np.zeros(_PRIORITIES)
    delayed, late = 0, 0
    for call in range(line.due.size):
        k, begun = line.priority[call], line.begun[call]
        until = PERIODS if begun == NEVER else begun
        time = MINUTES * SHIFT_HOURS * (until - line.due[call])
        if begun != NEVER:
            time += minutes[begun, k]
            answers[k] += 1.0
            waited[k] += time
            delayed += begun > line.due[call]
            late += is_too_long(time, k, p)
        line.is_late[call] = is_too_long(time, k, p)
    years_part = 1.0 / min(WEEKS_PER_YEAR, service.weeks_kept[0] + 1)
    for k in range(_PRIORITIES):
        service.usual_answers[0, k] += years_part * (answers[k] - service.usual_answers[0, k])
        service.usual_minutes[0, k] += years_part * (waited[k] - service.usual_minutes[0, k])
    service.delayed[0], service.late[0] = delayed, late
