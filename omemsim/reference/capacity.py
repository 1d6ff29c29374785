"""The capacity index of a neighbourhood, in stages 2 (assess) and 7 (organize)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omemsim.reference.agents import Neighbourhood
    from omemsim.vocabulary.parameters import Assess

__all__ = ["capacity_index"]


def capacity_index(hood: Neighbourhood, efficacy: float, weights: Assess) -> float:
    """Return the capacity index of a neighbourhood, given its collective efficacy.

    Parameters
    ----------
    efficacy : 0 to 1, true or as a survey has it.
    weights : and what counts as full.
    """
    n = len(hood.residents)
    part = min(1.0, hood.participants / n / weights.participation_full)
    led = min(1.0, 1000 * hood.leaders / n / weights.leaders_full)
    parts = (
        (weights.efficacy_weight, efficacy),
        (weights.assets_weight, hood.assets),
        (weights.participation_weight, part),
        (weights.leaders_weight, led),
    )
    return sum(w * x for w, x in parts) / max(sum(w for w, _ in parts), 1e-9)
