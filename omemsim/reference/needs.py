"""Needs for crises, a part of stage 1: few people and few places have most of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.draws import uniform
from omemsim.vocabulary.random_numbers import Decision

if TYPE_CHECKING:
    from omemsim.reference.agents import Resident
    from omemsim.reference.model import ReferenceModel

__all__ = ["USUAL_NEED_SQUARED", "crisis_need"]

USUAL_NEED_SQUARED = 0.3  # mean of need^2 in a town of middling deprivation
CRISIS_DRAW = 32  # number of this draw among those of an occupant


def crisis_need(model: ReferenceModel, resident: Resident, person: int) -> float:
    """Return the need for crises of who sits in a seat, given their precursors.

    Parameters
    ----------
    person : 32 bits, key of who sits there.
    """
    group, power = model.parameters.crisis, model.parameters.people.crisis_power
    u = uniform(person, model.draws.stream(Decision.OCCUPANT, 0, CRISIS_DRAW))
    whole = int(power)
    between = power - whole
    own = (1 - between) * skew(u, whole) + between * skew(u, whole + 1)
    usual = group.by_need * resident.need**2 + (1 - group.by_need) * USUAL_NEED_SQUARED
    return float(usual * own * resident.place.crisis_need)


def skew(u: float, power: int) -> float:
    """Return a number of mean 1 over uniforms, the more skewed the higher the power.

    Parameters
    ----------
    u : in (0, 1).
    power : 0 or more.
    """
    return float((power + 1) * u**power)
