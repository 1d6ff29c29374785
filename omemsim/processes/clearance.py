"""Which crimes are cleared, and who is arrested for them, in stage 4.

A crime that police recorded, and whose call is answered, is cleared with probability
clear_violence or clear_property, whoever did it. If its offender is a resident, and still lives
where they did, they are arrested: charged with probability ``charged``, and then in custody for
custody_weeks with probability custody_violence or custody_property, unless they are already. In
custody nobody offends; what an arrest does to those who stay at large stands in `offenders`.

Source: Statistics Canada's clearance by type (facts.md): an input, per recorded crime. Assumptions:
the number of officers, and how long a call has waited, do not change it; police never arrest
somebody else; an outsider is held elsewhere.

`respond` calls it, and says what is read and written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from omemsim.kernels import Column, Flag, Whole, event_uniform, kernel
from omemsim.town import EventTable, Table, Town
from omemsim.vocabulary.parameters import Respond
from omemsim.vocabulary.questions import OF_A_CRIME
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import CallType

if TYPE_CHECKING:
    from omemsim.processes.line import Line

__all__ = [
    "ClearanceParameters",
    "clear_crimes",
    "clearance_parameters",
    "is_among",
    "is_cleared",
    "release",
]

CLEAR_SALT = OF_A_CRIME["do police clear it"][0]
CHARGE_SALT = OF_A_CRIME["is the offender charged"][0]
CUSTODY_SALT = OF_A_CRIME["is the offender taken into custody"][0]


class ClearanceParameters(NamedTuple):
    """What clearing crimes needs."""

    clear_violence: np.float64
    clear_property: np.float64
    charged: np.float64
    custody_violence: np.float64  # of those charged
    custody_property: np.float64
    custody_weeks: np.int64


def clearance_parameters(group: Respond) -> ClearanceParameters:
    """Return what clearing crimes needs."""
    return fill(ClearanceParameters, group)


@kernel
def release(custody: EventTable, residents: Table, week: Whole) -> None:
    """Keep in custody those whose time is not over and who have not moved away."""
    held = 0
    for row in range(custody.count[0]):
        who, until = custody.resident[row], custody.until[row]
        if until > week and not residents.is_moved[who]:
            custody.resident[held], custody.until[held] = who, until
            held += 1
    custody.count[0] = held


@kernel
def clear_crimes(town: Town, line: Line, p: ClearanceParameters, week: Whole) -> None:
    """Clear recorded crimes whose calls are answered, and arrest their offenders."""
    queue, service = town.queue, town.service
    cleared, held = 0, town.custody.count[0]
    town.arrests.count[0] = 0
    for call in line.order:
        if line.outcome[call] and is_cleared(queue, call, p):
            cleared += 1
            if is_at_large(town, call):
                arrest(town, call, p, week)
    service.cleared[0], service.arrested[0] = cleared, town.arrests.count[0]
    service.held[0] = town.custody.count[0] - held
    follow(town, cleared)


@kernel
def is_cleared(queue: EventTable, call: Whole, p: ClearanceParameters) -> Flag:
    """Say whether a call is about a crime that police clear if they answer it."""
    if queue.type[call] > CallType.BUSINESS or not queue.is_recorded[call]:
        return False
    is_violence = queue.type[call] == CallType.VIOLENCE
    chance = p.clear_violence if is_violence else p.clear_property
    is_solved: Flag = event_uniform(queue.event[call], CLEAR_SALT) < chance
    return is_solved


@kernel
def is_at_large(town: Town, call: Whole) -> Flag:
    """Say whether a crime's offender is a resident who has not moved, and is not in custody."""
    who = town.queue.offender[call]
    held = town.custody.resident[: town.custody.count[0]]
    if who < 0 or is_among(held, who):
        return False
    since = town.households.since_week[town.residents.household[who]]
    return town.queue.week[call] >= since


@kernel
def is_among(rows: Column, row: Whole) -> Flag:
    """Say whether a row is among some; without a branch, so that it vectorizes."""
    is_one = False
    for one in rows:
        is_one |= one == row
    return is_one


@kernel
def arrest(town: Town, call: Whole, p: ClearanceParameters, week: Whole) -> None:
    """Arrest the offender of a crime; who is charged may be taken into custody."""
    queue, arrests, custody = town.queue, town.arrests, town.custody
    event, who = queue.event[call], queue.offender[call]
    arrests.resident[arrests.count[0]] = who
    arrests.count[0] += 1
    is_violence = queue.type[call] == CallType.VIOLENCE
    chance = p.custody_violence if is_violence else p.custody_property
    is_charged = event_uniform(event, CHARGE_SALT) < p.charged
    if is_charged and event_uniform(event, CUSTODY_SALT) < chance:
        row = custody.count[0]
        custody.resident[row], custody.until[row] = who, week + p.custody_weeks
        custody.count[0] = row + 1


@kernel
def follow(town: Town, cleared: Whole) -> None:
    """Follow in yearly means the crimes that come on record and those that are cleared."""
    calls, service, on_record = town.calls, town.service, 0
    for call in range(calls.count[0]):
        on_record += calls.is_recorded[call]
    weeks = min(WEEKS_PER_YEAR, service.weeks_kept[0] + 1)
    service.cleared_mean[0] += (cleared - service.cleared_mean[0]) / weeks
    service.on_record_mean[0] += (on_record - service.on_record_mean[0]) / weeks
