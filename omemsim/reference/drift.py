"""Drift of neighbourhoods' risk of crime from year to year, a part of stage 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.draws import uniform
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

if TYPE_CHECKING:
    from omemsim.reference.model import ReferenceModel

__all__ = ["drift"]


def drift(model: ReferenceModel) -> None:
    """Let log risk go back some way to its mean, and add a step, where a year begins."""
    if model.week <= 0 or model.week % WEEKS_PER_YEAR:
        return
    group, stream = model.parameters.context, model.draws.stream(Decision.DRIFT, model.week)
    kept = 0.5 ** (1 / group.drift_memory)
    mean = -(group.drift**2) / (1 - kept**2) / 2
    for hood in model.neighbourhoods:
        step = group.drift * 12**0.5 * (uniform(hood.key, stream) - 0.5)
        hood.drift = mean + kept * (hood.drift - mean) + step
