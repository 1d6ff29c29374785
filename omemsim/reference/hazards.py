"""Local hazards, in stage 1: they come up, last, and are defused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.draws import uniform
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import decay

if TYPE_CHECKING:
    from omemsim.reference.model import ReferenceModel

__all__ = ["hazards_against_usual", "meet_hazards"]


def meet_hazards(model: ReferenceModel) -> None:
    """Let hazards fade, be defused where somebody watches, and come up."""
    group = model.parameters.context
    stream = model.draws.stream(Decision.HAZARD, model.week)
    for hood in model.neighbourhoods:
        hood.hazard *= 1 - decay(group.hazard_memory)
        hood.hazard *= 1 - group.hazard_defused * hood.foresight * hood.vigilance
        if model.draws.below(uniform(hood.key, stream), group.hazard_rate):
            hood.hazard += group.hazard_size


def hazards_against_usual(model: ReferenceModel, hazard: float) -> float:
    """Return what hazards multiply rates with: 1 on average where nobody defuses any."""
    group = model.parameters.context
    usual = group.hazard_rate * group.hazard_size / decay(group.hazard_memory)
    return float((1 + hazard) / (1 + usual))
