"""The 21 shifts of a week: when calls come, how urgent they are, which hours officers are on.

A call keeps its day; its kind and a keyed uniform say in which of the day's three shifts it comes,
and another how urgent it is (`Priority`): an emergency, urgent, or what its kind usually is.
Theft, household and business crime share their numbers. On Saturdays and Sundays a part of the
violent and disorder calls of the day and the evening comes by night:

    night' = night + weekend_night (1 - night);   evening' = (1 - weekend_night) evening

Patrol hours are divided over the shifts by fixed parts, alike for all officers. In each shift s
some are out of calls' reach, the strategy's protected share, or, where calls do not come first,
what they left free in such shifts before week 0:

    open_s = offered_s - min(offered_s, max(protected offered_s, (1 - calls_first) free_before_s))

Free hours count in the shift in which they are free. Tactics that need people awake, beside
training, survey and Tables, take those of the day and the evening first; where these do not
suffice, the rest is done by night, where an hour does night_use of an hour:

    waking = free hours by day and in the evening, as far as they are not withdrawn, - overhead
    done   = min(needed, waking) + night_use max(needed - waking, 0)

Sources: Toronto 2018 (assaults by hour, computed); Ottawa 2018, Edmonton 2018 (urgent shares).
Assumption: days of the week are alike in calls; officers take turns in all shifts; whoever plans
puts work with people where people are awake.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import Column, Double, Hash, Whole, event_uniform, kernel, paired_sum
from omemsim.strategies import Strategy
from omemsim.town import Table, Town
from omemsim.vocabulary.parameters import Respond
from omemsim.vocabulary.questions import OF_A_CRIME
from omemsim.vocabulary.rates import DAYS_PER_WEEK
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import CallType, Priority, Shift, Tactic

__all__ = [
    "NEEDS_PEOPLE",
    "PERIODS",
    "Roster",
    "ShiftParameters",
    "keep_shifts",
    "open_shifts",
    "period_of",
    "priority_of",
    "shift_parameters",
    "waking_share",
]

# What a call is asked; the same of a crime, an episode and anything else.
SHIFT_SALT = OF_A_CRIME["in which shift does the call come"][0]
URGENCY_SALT = OF_A_CRIME["how urgent is the call"][0]
SATURDAY = 5  # day of the week, from Monday, 0
PERIODS = DAYS_PER_WEEK * len(Shift)  # shifts of a week
PROFILE = {
    CallType.VIOLENCE: "violence",
    CallType.THEFT: "property",
    CallType.HOUSEHOLD: "property",
    CallType.BUSINESS: "property",
    CallType.DISORDER: "disorder",
    CallType.SERVICE: "service",
}
LATER_ON_WEEKENDS = (CallType.VIOLENCE, CallType.DISORDER)
# How urgent a call is that is neither an emergency nor urgent, in the order of `CallType`.
USUAL = np.array(
    [
        *(Priority.ROUTINE, Priority.LOW, Priority.LOW),
        *(Priority.LOW, Priority.ROUTINE, Priority.LOW),
    ],
    np.int64,
)
NEEDS_PEOPLE = np.array([not tactic.use.at_night for tactic in Tactic])
_PRIORITIES = len(Priority)


class ShiftParameters(NamedTuple):
    """What shifts need: parts of calls by their type, on weekdays and on weekends."""

    by_night: Annotated[NDArray[np.float64], (len(CallType), 2)]
    before_evening: Annotated[NDArray[np.float64], (len(CallType), 2)]  # by night or by day
    emergency: Annotated[NDArray[np.float64], len(CallType)]
    pressing: Annotated[NDArray[np.float64], len(CallType)]  # emergencies and urgent calls
    on_shift: Annotated[NDArray[np.float64], PERIODS]  # part of the week's patrol hours
    protected: np.float64
    not_first: np.float64  # how far hours free before week 0 are kept


def shift_parameters(group: Respond, strategy: Strategy) -> ShiftParameters:
    """Return what shifts need."""
    night, evening = np.empty((len(CallType), 2)), np.empty((len(CallType), 2))
    for kind in CallType:
        moved = group.weekend_night if kind in LATER_ON_WEEKENDS else 0.0
        late = getattr(group, f"night_{PROFILE[kind]}")
        night[kind] = late, late + moved * (1 - late)
        evening[kind] = getattr(group, f"evening_{PROFILE[kind]}") * np.array([1, 1 - moved])
    emergency = np.array([getattr(group, f"emergency_{PROFILE[kind]}") for kind in CallType])
    urgent = np.array([getattr(group, f"urgent_{PROFILE[kind]}") for kind in CallType])
    return fill(
        ShiftParameters,
        group,
        by_night=night,
        before_evening=1 - evening,
        emergency=emergency,
        pressing=emergency + urgent,
        on_shift=_parts(group),
        protected=strategy.protected,
        not_first=1 - group.calls_first,
    )


def _parts(group: Respond) -> NDArray[np.float64]:
    """Return the part of a week's patrol hours that each of its shifts has."""
    day = 1 - group.staff_night - group.staff_evening
    weights = np.ones(DAYS_PER_WEEK)
    weights[SATURDAY:] = group.staff_weekend
    parts = np.outer(weights / weights.sum(), [group.staff_night, day, group.staff_evening])
    return np.asarray(parts.ravel())


class Roster(NamedTuple):
    """The hours of the week's shifts, (PERIODS,) float64, as calls take them."""

    offered: Column
    open: Column  # what calls may take
    carried: Column  # taken by calls that an earlier shift began
    used: Column  # taken by calls
    work: Column  # (PERIODS, priorities): hours of the calls that the shift began
    begun: Column  # calls that the shift began


@kernel
def period_of(event: Hash, kind: Whole, day: Whole, p: ShiftParameters) -> Whole:
    """Return the shift of the week in which a call comes, 0 to PERIODS - 1.

    Parameters
    ----------
    event : identity of the call.
    kind : `CallType`.
    day : of the week, 0 Monday.
    """
    u, weekend = event_uniform(event, SHIFT_SALT), np.int64(day >= SATURDAY)
    shift = np.int64(u >= p.by_night[kind, weekend])
    shift += np.int64(u >= p.before_evening[kind, weekend])
    return np.int64(day) * 3 + shift


@kernel
def priority_of(event: Hash, kind: Whole, p: ShiftParameters) -> Whole:
    """Return how urgent a call of a kind is (`Priority`)."""
    u = event_uniform(event, URGENCY_SALT)
    if u < p.emergency[kind]:
        return np.int64(Priority.EMERGENCY)
    if u < p.pressing[kind]:
        return np.int64(Priority.URGENT)
    return np.int64(USUAL[kind])


@kernel
def open_shifts(service: Table, p: ShiftParameters, week: Whole) -> Roster:
    """Return the hours of each shift, as yet without calls, and what is kept out of their reach."""
    roster = Roster(
        np.empty(PERIODS),
        np.empty(PERIODS),
        np.zeros(PERIODS),
        np.zeros(PERIODS),
        np.zeros((PERIODS, _PRIORITIES)),
        np.zeros(PERIODS, np.int64),
    )
    parts = np.zeros(3)
    for period in range(PERIODS):
        parts[period % 3] += p.on_shift[period]
    for period in range(PERIODS):
        offered, shift = service.offered[0] * p.on_shift[period], period % 3
        usual = service.shift_free_before[0, shift] if week >= 0 else 0.0
        free_before = usual * p.on_shift[period] / max(parts[shift], 1e-12)
        kept = max(p.protected * offered, p.not_first * free_before)
        roster.offered[period], roster.open[period] = offered, offered - min(kept, offered)
    return roster


@kernel
def keep_shifts(service: Table, roster: Roster, years_part: Double, week: Whole) -> None:
    """Note what calls took in each shift of the day; keep a yearly mean of what they left free.

    Parameters
    ----------
    years_part : pace of the yearly mean, above 0 to 1.
    """
    service.shift_offered[0, :], service.shift_reactive[0, :] = 0.0, 0.0
    for period in range(PERIODS):
        service.shift_offered[0, period % 3] += roster.offered[period]
        service.shift_reactive[0, period % 3] += roster.used[period]
    for shift in range(3):
        free = service.shift_offered[0, shift] - service.shift_reactive[0, shift]
        service.shift_free[0, shift] += years_part * (free - service.shift_free[0, shift])
        if week < 0:
            service.shift_free_before[0, shift] = service.shift_free[0, shift]
    waking = service.shift_offered[0, Shift.DAY] + service.shift_offered[0, Shift.EVENING]
    waking -= service.shift_reactive[0, Shift.DAY] + service.shift_reactive[0, Shift.EVENING]
    service.free_waking[0] = max(waking, 0.0)


@kernel
def waking_share(town: Town, offered: Column, kept_share: Double, night_use: Double) -> Double:
    """Return what an hour of tactics that need people awake does, for want of waking hours.

    Tactics of the user's own act through people: all of their hours count. Hours that are added for
    a trial are worked by day.

    Parameters
    ----------
    offered : float64 (N, tactics), hours that tactics are given.
    kept_share : of free hours, those that are not withdrawn, 0 to 1.
    night_use : effect of such an hour at night, 0 to 1.
    """
    needed = 0.0
    for n in range(len(offered)):
        for tactic in range(NEEDS_PEOPLE.size):
            if NEEDS_PEOPLE[tactic]:
                needed += offered[n, tactic]
    needed += paired_sum(town.neighbourhoods.own_hours.ravel())
    service = town.service
    waking = service.free_waking[0] * kept_share + service.extra_hours[0]
    waking = max(waking - service.lost[0], 0.0)
    if needed <= waking:
        return 1.0
    return (waking + night_use * (needed - waking)) / needed
