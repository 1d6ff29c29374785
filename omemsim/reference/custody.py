"""Custody, last in stage 4: some answered calls about crime end with an offender taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.entries import Custody
from omemsim.reference.luck import choice, event_uniform
from omemsim.vocabulary.wheel import CallType

if TYPE_CHECKING:
    from omemsim.reference.agents import Resident
    from omemsim.reference.entries import Call
    from omemsim.reference.model import ReferenceModel

__all__ = ["arrest", "release"]

CUSTODY_SALT = 8
FIRST_TRY, TRIES = 100, 30
SURELY_ACTIVE = 8.0  # propensity from which an offender who is looked at is always taken
PROPERTY = (CallType.THEFT, CallType.HOUSEHOLD, CallType.BUSINESS)


def release(model: ReferenceModel) -> None:
    """Let go those whose time is over; who has moved away in custody is another's seat now."""
    model.custody = [
        row for row in model.custody if row.until > model.week and not row.resident.is_moved
    ]


def arrest(model: ReferenceModel, call: Call) -> None:
    """Draw whether an answered call ends with an offender in custody, and who it is."""
    group = model.parameters.respond
    if call.type == CallType.VIOLENCE:
        p = group.custody_violence
    elif call.type in PROPERTY:
        p = group.custody_property
    else:
        return
    if not model.luck.below(event_uniform(call.event, CUSTODY_SALT), p):
        return
    who = find_offender(model, call)
    if who is not None and all(row.resident is not who for row in model.custody):
        model.custody.append(Custody(who, model.week + group.custody_weeks))
        model.service.arrested += 1


def find_offender(model: ReferenceModel, call: Call) -> Resident | None:
    """Return a resident around, by keyed rejection with weight propensity; None if none is."""
    near = call.place.neighbourhood.residents
    for salt in range(FIRST_TRY, FIRST_TRY + 2 * TRIES, 2):
        who = near[choice(call.event, salt, len(near))]
        u = event_uniform(call.event, salt + 1)
        if model.luck.below(u, who.propensity / SURELY_ACTIVE):
            return who
    return None
