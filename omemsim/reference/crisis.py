"""Stage 9, crisis: disorder episodes come from need, and unresolved ones come back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omemsim.reference.context import TENANCY
from omemsim.reference.draws import MASK32, choice, event_id, probability, uniform
from omemsim.reference.entries import Episode
from omemsim.reference.partner import SERVED
from omemsim.vocabulary.questions import OF_AN_EPISODE
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import DAYS_PER_WEEK, decay, per_week
from omemsim.vocabulary.wheel import Risk

if TYPE_CHECKING:
    from omemsim.reference.agents import Resident
    from omemsim.reference.model import ReferenceModel

__all__ = ["crisis"]

DAY_SALT, _ = OF_AN_EPISODE["day"]
TROUBLE_DRAW = 33  # number of this draw among those of an occupant
UNKNOWN = -1  # what no episode was about


def crisis(model: ReferenceModel) -> None:
    """Stage 9: disorder episodes come from need, and come back while unresolved."""
    group, service = model.parameters.crisis, model.service
    stream = model.draws.stream(Decision.CRISIS, model.week)
    base = per_week(group.rate) * service.trend * service.season
    trouble = model.draws.stream(Decision.OCCUPANT, 0, TROUBLE_DRAW)
    keep = 1 - decay(model.parameters.partner.acute_memory)
    model.episodes = []
    for hood in model.neighbourhoods:
        hood.new_crises = 0
    for resident in model.residents:
        left = 0 if resident.is_moved or resident.is_resolved else resident.unresolved
        resident.is_resolved = False
        rate = base * resident.crisis_need * (1 - group.relief * resident.support)
        rate *= math.exp(-resident.place.removed)
        if left > 0 and resident.case != SERVED:
            rate *= 1 + group.relapse
        if resident.is_moved:
            resident.risk = UNKNOWN
        resident.unresolved = max(0, left - 1)
        resident.recent = 0.0 if resident.is_moved else keep * resident.recent
        if model.draws.below(uniform(resident.key, stream), probability(rate)):
            resident.unresolved = group.resolve_weeks
            resident.recent += 1
            resident.neighbourhood.new_crises += 1
            event = event_id(resident.key, 0, stream)
            person = resident.key ^ resident.tenancy * TENANCY & MASK32
            day = choice(event, DAY_SALT, DAYS_PER_WEEK)
            resident.risk = about(model, resident, uniform(person, trouble))
            model.episodes.append(Episode(event, day, resident, resident.risk))


def about(model: ReferenceModel, resident: Resident, v: float) -> Risk:
    """Draw what a person's episodes are about, by the precursors.

    Parameters
    ----------
    v : uniform in (0, 1).
    """
    group = model.parameters.crisis
    weights = {
        Risk.MENTAL_HEALTH: group.mental_health,
        Risk.ADDICTIONS: resident.addictions,
        Risk.DOMESTIC: resident.family,
        Risk.HOMELESSNESS: resident.housing,
        Risk.NOISE: group.noise,
    }
    total, passed = sum(weights.values()), 0.0
    for risk, weight in weights.items():
        passed += weight
        if total > 0 and model.draws.below(v, passed / total):
            return risk
    return Risk.MENTAL_HEALTH
