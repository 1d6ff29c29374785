"""The shifts of a week: when calls come, how urgent they are, and which hours officers are on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omemsim.reference.draws import event_uniform
from omemsim.vocabulary.questions import OF_A_CRIME
from omemsim.vocabulary.wheel import CallType, Priority, Shift, Tactic

if TYPE_CHECKING:
    from omemsim.reference.entries import Call
    from omemsim.reference.model import ReferenceModel

__all__ = ["OnDuty", "come_in", "keep_shifts", "put_on_duty", "waking_share"]

# What a call is asked; the same of a crime, an episode and anything else.
SHIFT_SALT, _ = OF_A_CRIME["in which shift does the call come"]
URGENCY_SALT, _ = OF_A_CRIME["how urgent is the call"]
WEEKEND = (5, 6)
LIKE = {CallType.VIOLENCE: "violence", CallType.DISORDER: "disorder", CallType.SERVICE: "service"}


@dataclass
class OnDuty:
    """One shift of the week: its hours, and the calls that it begins."""

    shift: Shift
    offered: float
    open: float
    carried: float = 0.0
    used: float = 0.0
    work: dict[Priority, float] = field(default_factory=lambda: dict.fromkeys(Priority, 0.0))
    begun: int = 0


def come_in(model: ReferenceModel, call: Call) -> tuple[Priority, int]:
    """Return how urgent a call is, and in which shift it came, counted from this week's first."""
    group, draws = model.parameters.respond, model.draws
    kind = CallType(call.type)
    like = LIKE.get(kind, "property")
    night, evening = getattr(group, f"night_{like}"), getattr(group, f"evening_{like}")
    if call.day in WEEKEND and like in ("violence", "disorder"):
        night, evening = (
            night + group.weekend_night * (1 - night),
            evening * (1 - group.weekend_night),
        )
    u = event_uniform(call.event, SHIFT_SALT)
    shift = Shift.EVENING
    if draws.below(u, night):
        shift = Shift.NIGHT
    elif draws.below(u, 1 - evening):
        shift = Shift.DAY
    days = call.day - 7 * max(0, model.week - 1 - call.week)
    return urgency(model, call, like), 3 * days + shift


def urgency(model: ReferenceModel, call: Call, like: str) -> Priority:
    """Return how urgent a call is: by draw, or as its kind usually is.

    Parameters
    ----------
    like : name of the kinds that share their numbers.
    """
    group, draws = model.parameters.respond, model.draws
    u, emergency = event_uniform(call.event, URGENCY_SALT), getattr(group, f"emergency_{like}")
    if draws.below(u, emergency):
        return Priority.EMERGENCY
    if draws.below(u, emergency + getattr(group, f"urgent_{like}")):
        return Priority.URGENT
    return Priority.ROUTINE if like in ("violence", "disorder") else Priority.LOW


def put_on_duty(model: ReferenceModel) -> list[OnDuty]:
    """Return the week's shifts, each with the hours that calls may take of it."""
    group, service = model.parameters.respond, model.service
    parts = {
        Shift.NIGHT: group.staff_night,
        Shift.DAY: 1 - group.staff_night - group.staff_evening,
        Shift.EVENING: group.staff_evening,
    }
    days = [group.staff_weekend if day in WEEKEND else 1.0 for day in range(7)]
    on_duty = []
    for weight in days:
        of_week = weight / sum(days)
        for shift in Shift:
            offered = service.offered * of_week * parts[shift]
            kept = model.strategy.protected * offered
            if model.week >= 0 and parts[shift] > 0:
                habit = (1 - group.calls_first) * service.shift_free_before[shift]
                kept = max(kept, habit * of_week)
            on_duty.append(OnDuty(shift, offered, offered - min(kept, offered)))
    return on_duty


def keep_shifts(model: ReferenceModel, on_duty: list[OnDuty], years_part: float) -> None:
    """Note what calls took and left in each shift of the day.

    Parameters
    ----------
    on_duty : the week's shifts, after calls are answered.
    years_part : pace of the yearly mean, above 0 to 1.
    """
    service = model.service
    for shift in Shift:
        mine = [duty for duty in on_duty if duty.shift == shift]
        service.shift_offered[shift] = sum(duty.offered for duty in mine)
        service.shift_reactive[shift] = sum(duty.used for duty in mine)
        free = service.shift_offered[shift] - service.shift_reactive[shift]
        service.shift_free[shift] += years_part * (free - service.shift_free[shift])
    if model.week < 0:
        service.shift_free_before = list(service.shift_free)
    service.free_waking = max(
        0.0,
        sum(
            service.shift_offered[shift] - service.shift_reactive[shift]
            for shift in (Shift.DAY, Shift.EVENING)
        ),
    )


def waking_share(model: ReferenceModel, free: float, given: list[list[float]]) -> float:
    """Return what an hour of work with people does, some of it perhaps while they sleep.

    Parameters
    ----------
    free : hours that calls left.
    given : hours by neighbourhood and tactic.
    """
    service = model.service
    needed = sum(hours[t] for hours in given for t in Tactic if not t.use.at_night)
    needed += sum(sum(hood.own_hours) for hood in model.neighbourhoods)
    kept = 1 - service.withdrawn / max(free, 1e-12)
    waking = max(0.0, service.free_waking * kept + service.extra_hours - service.lost)
    if needed <= waking:
        return 1.0
    return (waking + model.parameters.act.night_use * (needed - waking)) / needed
