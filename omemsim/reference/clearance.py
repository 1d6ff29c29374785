"""Which crimes are cleared, and who is arrested for them, in stage 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.draws import event_uniform
from omemsim.reference.entries import Arrest, Custody
from omemsim.vocabulary.questions import OF_A_CRIME
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import CallType

if TYPE_CHECKING:
    from omemsim.reference.entries import Call
    from omemsim.reference.model import ReferenceModel

__all__ = ["clear", "follow", "is_cleared", "release"]

CLEAR_SALT, _ = OF_A_CRIME["do police clear it"]
CHARGE_SALT, _ = OF_A_CRIME["is the offender charged"]
CUSTODY_SALT, _ = OF_A_CRIME["is the offender taken into custody"]


def release(model: ReferenceModel) -> None:
    """Let go those whose time is over; who has moved away in custody is another's seat now."""
    model.custody = [
        row for row in model.custody if row.until > model.week and not row.resident.is_moved
    ]


def is_cleared(model: ReferenceModel, call: Call) -> bool:
    """Say whether police clear the crime that a call is about, if they answer it."""
    if call.type > CallType.BUSINESS or not call.is_recorded:
        return False
    group = model.parameters.respond
    chance = group.clear_violence if call.type == CallType.VIOLENCE else group.clear_property
    return bool(model.draws.below(event_uniform(call.event, CLEAR_SALT), chance))


def clear(model: ReferenceModel, call: Call) -> None:
    """Draw whether an answered call's crime is cleared, and what becomes of its offender."""
    if not is_cleared(model, call):
        return
    group, draws = model.parameters.respond, model.draws
    is_violence = call.type == CallType.VIOLENCE
    model.service.cleared += 1
    who = call.offender
    if who is None or call.week < who.household.since_week:
        return
    if any(row.resident is who for row in model.custody):
        return
    model.arrests.append(Arrest(who))
    model.service.arrested += 1
    held = group.custody_violence if is_violence else group.custody_property
    is_charged = draws.below(event_uniform(call.event, CHARGE_SALT), group.charged)
    if is_charged and draws.below(event_uniform(call.event, CUSTODY_SALT), held):
        model.custody.append(Custody(who, model.week + group.custody_weeks))
        model.service.held += 1


def follow(model: ReferenceModel) -> None:
    """Follow in yearly means the crimes that come on record and those that are cleared."""
    service = model.service
    part = 1 / min(WEEKS_PER_YEAR, service.weeks_kept + 1)
    on_record = sum(call.is_recorded for call in model.calls)
    service.cleared_mean += part * (service.cleared - service.cleared_mean)
    service.on_record_mean += part * (on_record - service.on_record_mean)
