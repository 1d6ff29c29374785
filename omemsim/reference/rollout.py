"""From a pilot to its roll-out, in stage 3: what the pilot did decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.draws import uniform
from omemsim.vocabulary.random_numbers import Decision

if TYPE_CHECKING:
    from omemsim.reference.agents import Neighbourhood
    from omemsim.reference.model import ReferenceModel

__all__ = ["is_covered", "roll_out"]

QUARTER = 13  # weeks


def roll_out(model: ReferenceModel) -> None:
    """Say how far the mix applies this week."""
    strategy, service, week = model.strategy, model.service, model.week
    if week == 0:
        for hood in model.neighbourhoods:
            hood.calls_at_start = sum(hood.past_calls)
    if week < strategy.rollout:
        service.covered = strategy.pilot
    elif (week - strategy.rollout) % QUARTER == 0:
        if week == strategy.rollout == 0:
            service.covered = strategy.pilot
        is_shown = strategy.rollout_needs <= -1
        if is_shown or model.draws.reaches(fall(model), strategy.rollout_needs):
            service.covered = min(1.0, service.covered + strategy.rollout_step)


def line_of(model: ReferenceModel, hood: Neighbourhood) -> float:
    """Return the place of a neighbourhood in the line for the mix, 0 to 1."""
    return uniform(hood.key, model.draws.stream(Decision.PILOT, 0))


def is_covered(model: ReferenceModel, hood: Neighbourhood) -> bool:
    """Say whether the mix applies in a neighbourhood."""
    return model.draws.below(line_of(model, hood), model.service.covered)


def fall(model: ReferenceModel) -> float:
    """Return by which share calls fell in the pilot, against where the mix does not apply."""
    hoods = model.neighbourhoods
    treated = [hood for hood in hoods if line_of(model, hood) < model.strategy.pilot]
    others = [hood for hood in hoods if line_of(model, hood) >= model.service.covered]
    treated = [hood for hood in treated if hood not in others]
    now, before = calls_of(treated)
    now_others, before_others = calls_of(others)
    if now_others == 0 or before == 0 or before_others == 0:
        return 1.0
    return 1 - (now / before) / (now_others / before_others)


def calls_of(hoods: list[Neighbourhood]) -> tuple[int, int]:
    """Return the public calls of the last year, and of the one before week 0."""
    return sum(sum(hood.past_calls) for hood in hoods), sum(hood.calls_at_start for hood in hoods)
