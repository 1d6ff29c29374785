"""Problem-solving, in stage 5: projects take away what a place offers, and it grows back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.wheel import Kind, Lead

if TYPE_CHECKING:
    from omemsim.reference.agents import Initiative, Neighbourhood
    from omemsim.reference.model import ReferenceModel

__all__ = ["solve"]


def solve(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Let removed opportunity grow back, and active projects remove more of it."""
    group = model.parameters.act
    for place in hood.places:
        place.removed *= 1 - decay(group.problem_decay)
    for initiative in hood.initiatives:
        is_one = initiative.is_active and initiative.kind == Kind.PROBLEM_SOLVING
        if is_one and initiative.place is not None:
            wanted = group.problem_effect * initiative.momentum
            wanted *= 1 - (1 - group.problem_alone) * (1 - partners(model, initiative))
            gap = wanted - initiative.place.removed
            initiative.place.removed += decay(group.problem_onset) * max(0.0, gap)


def partners(model: ReferenceModel, initiative: Initiative) -> float:
    """Return how far others than police take part in a project, 0 to 1."""
    if initiative.lead != Lead.POLICE:
        return 1.0
    hood = initiative.neighbourhood
    full = model.parameters.assess.participation_full * len(hood.residents)
    missing = 1 - min(1.0, hood.participants / full)
    return 1 - missing * (1 - hood.mobilization)
