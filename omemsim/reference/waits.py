"""How long calls wait for a car: a queue with priorities in each shift, and the way."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omemsim.vocabulary.wheel import Priority

if TYPE_CHECKING:
    from omemsim.reference.model import ReferenceModel
    from omemsim.reference.shifts import OnDuty

__all__ = ["SHIFT_HOURS", "held_back", "minutes_of_shift"]

SHIFT_HOURS = 8.0
SOON = (Priority.EMERGENCY, Priority.URGENT)


def held_back(model: ReferenceModel, priority: Priority) -> float:
    """Return the part of a shift's hours that is held back from calls of a priority."""
    return 0.0 if priority in SOON else float(model.parameters.respond.reserve)


def minutes_of_shift(model: ReferenceModel, duty: OnDuty) -> dict[Priority, float]:
    """Return the expected minutes from call to arrival of those that a shift begins."""
    group = model.parameters.respond
    if duty.begun == 0:
        return dict.fromkeys(Priority, 0.0)
    if duty.open <= 0:
        return dict.fromkeys(Priority, group.handling + 60 * SHIFT_HOURS)
    people = sum(hood.population for hood in model.neighbourhoods)
    districts = max(people, 1.0) / group.district
    cars = duty.open / SHIFT_HOURS / group.crew / districts
    others = max(0.0, 1 - max(1.0, districts) / duty.begun)
    all_work = sum(duty.work.values())
    taken = (duty.carried + others * all_work) / duty.open
    free = max(1.0, cars * (1 - min(1.0, taken)))
    area = sum(hood.area for hood in model.neighbourhoods) / districts
    way = group.detour * math.sqrt(area / free)
    found = {}
    can_leave = duty.carried + others * (duty.work[Priority.ROUTINE] + duty.work[Priority.LOW])
    for priority in Priority:
        there = 1 - held_back(model, priority)
        sooner = sum(hours for one, hours in duty.work.items() if one < priority)
        ahead = others * sooner / duty.open / there
        upto = others * (sooner + duty.work[priority]) / duty.open / there
        met = taken
        if priority == Priority.EMERGENCY:
            met -= group.called_off * can_leave / duty.open
        left = (1 - min(1.0, ahead)) * (1 - min(1.0, upto))
        wait = busy_per_car(cars * there, met / there) * all_work / duty.begun / group.crew
        wait = wait / left if wait < SHIFT_HOURS * left else SHIFT_HOURS
        speed = group.speed_urgent if priority in SOON else group.speed
        found[priority] = group.handling + 60 * (wait + way / speed)
    return found


def busy_per_car(cars: float, taken: float) -> float:
    """Return the chance that a call finds all cars busy, over their number.

    Parameters
    ----------
    cars : above 0, any number; less than one is one.
    taken : part of their hours that is taken, 0 or more.
    """
    cars = max(1.0, cars)
    least = math.floor(cars)
    ends = [chance_of_a_queue(n, taken * n) / n for n in (least, least + 1)]
    return ends[0] * (least + 1 - cars) + ends[1] * (cars - least)


def chance_of_a_queue(servers: int, load: float) -> float:
    """Return the probability that all servers are busy (M/M/c).

    Parameters
    ----------
    servers : 1 or more.
    load : servers that the work keeps busy on average, 0 or more.
    """
    if load >= servers:
        return 1.0
    turned_away = 1.0  # of a service without a queue, server by server
    for n in range(1, servers + 1):
        turned_away *= load / (n + load * turned_away)
    return servers * turned_away / (servers - load * (1 - turned_away))
