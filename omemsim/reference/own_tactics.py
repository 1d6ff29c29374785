"""Tactics of the user's own, a part of stages 3, 5 and 7: their hours, dose, and what they feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omemsim.vocabulary.own_tactics import ROOM_FOR
from omemsim.vocabulary.rates import decay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omemsim.reference.agents import Neighbourhood
    from omemsim.reference.model import ReferenceModel

__all__ = ["build_own_doses", "fed", "label_own", "own_hours_as", "own_shares"]


def own_shares(model: ReferenceModel, mix: Mapping[str, float], part: float) -> list[float]:
    """Return what the user's own tactics get of the town's hours.

    Parameters
    ----------
    mix : shares by tactic in a neighbourhood.
    part : the neighbourhood's of the town's hours.
    """
    shares = [part * mix.get(tactic.name, 0.0) for tactic in model.strategy.tactics]
    return filled(shares, 0.0)


def label_own(model: ReferenceModel) -> None:
    """Say of what pillar and area they are."""
    tactics = model.strategy.tactics
    model.service.own_pillar = filled([int(tactic.pillar) for tactic in tactics], -1)
    model.service.own_area = filled([int(tactic.area) for tactic in tactics], -1)


def filled(values: list[Any], nothing: Any) -> list[Any]:
    """Return the values, and one for each tactic there could be beside."""
    return values + [nothing] * (ROOM_FOR - len(values))


def own_hours_as(model: ReferenceModel, hood: Neighbourhood, channel: str) -> float:
    """Return the hours that they do of what a channel names.

    Parameters
    ----------
    channel : a key of `vocabulary.own_tactics.BY_HOURS`.
    """
    total = 0.0
    for hours, tactic in zip(hood.own_hours, model.strategy.tactics, strict=False):
        total += hours * tactic.channels.get(channel, 0.0)
    return total


def build_own_doses(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Let doses follow hours per 1,000 residents 15+, and fade; without a tactic at once."""
    for k in range(ROOM_FOR):
        if k < len(model.strategy.tactics):
            tactic = model.strategy.tactics[k]
            hours = 1000 * hood.own_hours[k] / len(hood.residents)
            target, pace = hours / (hours + tactic.half), decay(tactic.memory)
        else:
            target, pace = 0.0, 1.0
        hood.own_dose[k] += pace * (target - hood.own_dose[k])


def fed(model: ReferenceModel, hood: Neighbourhood, channel: str) -> float:
    """Return how far the doses move a stock's target towards 1.

    Parameters
    ----------
    channel : the stock, one of `vocabulary.own_tactics.BY_DOSE`.
    """
    kept = 1.0
    for dose, tactic in zip(hood.own_dose, model.strategy.tactics, strict=False):
        kept *= 1 - tactic.channels.get(channel, 0.0) * dose
    return 1 - kept
