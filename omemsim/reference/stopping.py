"""Whom police stop: the group a resident belongs to, and how readily police stop one of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omemsim.reference.draws import choice, event_uniform
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, decay, per_week
from omemsim.vocabulary.wheel import Group

if TYPE_CHECKING:
    from omemsim.reference.agents import Place, Resident
    from omemsim.reference.model import ReferenceModel

__all__ = [
    "draw_group",
    "exposure_by_age",
    "exposure_by_group",
    "past_experience",
    "stopped_at",
    "usual_grievance",
    "usual_loss",
]

AGE_STARTS = (15, 25, 45, 65)
AGE_MIDDLES = (20, 35, 55, 75)  # the age at which somebody of each group is looked at
AGE_SHARES = (0.15, 0.32, 0.32, 0.21)  # of 15-24, 25-44, 45-64 and 65 or older
TRIES = 30  # residents looked at; the last is stopped anyhow


def draw_group(model: ReferenceModel, resident: Resident, u: float) -> Group:
    """Return the group of a new occupant.

    Parameters
    ----------
    u : uniform in (0, 1).
    """
    hood = resident.neighbourhood
    if model.draws.below(u, hood.minority):
        return Group.VISIBLE_MINORITY
    if model.draws.below(u, hood.minority + hood.indigenous):
        return Group.INDIGENOUS
    return Group.OTHER


def exposure_by_age(model: ReferenceModel) -> list[float]:
    """Return how readily police stop residents by age, of mean 1."""
    people = model.parameters.people
    ratios = [people.stopped_young, 1.0, people.stopped_middle, people.stopped_old]
    mean = sum(x * share for x, share in zip(ratios, AGE_SHARES, strict=True))
    return [x / mean for x in ratios]


def exposure_by_group(model: ReferenceModel) -> list[float]:
    """Return how readily police stop residents by group, of mean 1 at the default shares."""
    people = model.parameters.people
    ratios = [1.0, people.stopped_minority, people.stopped_indigenous]
    other = max(1.0 - people.minority - people.indigenous, 0.0)
    shares = [other, people.minority, people.indigenous]
    mean = sum(x * share for x, share in zip(ratios, shares, strict=True)) / sum(shares)
    return [x / mean for x in ratios]


def past_experience(model: ReferenceModel, resident: Resident) -> float:
    """Return what being stopped elsewhere has left with a newcomer, against the mean's."""
    mean = sum(x * felt_years(model, i) for i, x in enumerate(AGE_SHARES))
    own = felt_years(model, resident.age) * exposure_by_group(model)[resident.group]
    stops = model.parameters.people.usual_stops * model.parameters.act.stop_cost
    left = stops * lasting_weight(model) * (mean - own)
    return min(max(float(left), -1.0), 1.0)


def lasting_weight(model: ReferenceModel) -> float:
    """Return what of a bad contact's size lasts in all, with the news of it."""
    group = model.parameters.feel
    return float(group.trust_asymmetry * group.trust_lasting * (1 + group.trust_heard))


def usual_loss(model: ReferenceModel) -> float:
    """Return the lasting trust that usual stops and unsolved crimes take in a week, on average."""
    people = model.parameters.people
    year = people.usual_stops * model.parameters.act.stop_cost
    year += people.usual_unsolved * model.parameters.respond.unsolved_cost
    return per_week(year) * lasting_weight(model)


def usual_grievance(model: ReferenceModel) -> float:
    """Return the grievance that the usual stops sustain: what they add in a week fades in it."""
    group = model.parameters.feel
    added = group.grieve * per_week(model.parameters.people.usual_stops)
    return added / max(added + decay(group.grievance_memory), 1e-12)


def felt_years(model: ReferenceModel, age: int) -> float:
    """Return how many years of usual stops somebody of an age group still feels."""
    half_life = model.parameters.feel.experience_half_life / WEEKS_PER_YEAR
    now, felt = AGE_MIDDLES[age], 0.0
    for then in range(age + 1):
        until = now if then == age else AGE_STARTS[then + 1]
        left = 0.5 ** ((now - until) / half_life) - 0.5 ** ((now - AGE_STARTS[then]) / half_life)
        felt += exposure_by_age(model)[then] * left * half_life / math.log(2)
    return felt


def stopped_at(model: ReferenceModel, place: Place, event: int, number: int) -> Resident:
    """Return the resident of a place whom a stop meets, likelier the more exposed.

    Parameters
    ----------
    event : identity of the place's stops.
    number : of the stop among them, from 0.
    """
    most = max(exposure_by_age(model)) * max(exposure_by_group(model))
    for look in range(TRIES * number, TRIES * (number + 1)):
        who = place.residents[choice(event, 2 * look + 1, len(place.residents))]
        if model.draws.below(event_uniform(event, 2 * look + 2), who.stop_exposure / most):
            break
    return who
