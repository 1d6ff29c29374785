"""Stage 8, offend: crime happens at places; household crime triggers more there and near."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

from omemsim.reference.displacement import passes, place_of
from omemsim.reference.draws import choice, event_id, event_uniform
from omemsim.reference.entries import Incident
from omemsim.reference.hazards import hazards_against_usual
from omemsim.reference.offenders import be_wary, note_arrests, pick_offender, sources_of
from omemsim.reference.presence import (
    exposure,
    fade_boosts,
    pool_offenders,
    support_victims,
    weakness,
)
from omemsim.vocabulary.questions import OF_A_CRIME
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import DAYS_PER_WEEK, decay, per_week
from omemsim.vocabulary.wheel import Crime

if TYPE_CHECKING:
    from collections.abc import Callable

    from omemsim.reference.agents import Neighbourhood, Place, Resident
    from omemsim.reference.draws import Stream
    from omemsim.reference.model import ReferenceModel

__all__ = ["offend"]

DAY_SALT, _ = OF_A_CRIME["day"]
PASSER_SALT, _ = OF_A_CRIME["is the victim passing by"]
FIRST_TRY, END_OF_TRIES = OF_A_CRIME["who is the victim"]

Candidate = TypeVar("Candidate")


def offend(model: ReferenceModel) -> None:
    """Stage 8: fade old boosts, draw this week's incidents, pick their victims and offenders."""
    fade_boosts(model)
    note_arrests(model)
    pool_offenders(model)
    stream = model.draws.stream(Decision.OFFEND, model.week)
    model.incidents = []
    service = model.service
    service.blocked = service.diffused = service.displaced = service.displaced_away = 0
    for hood in model.neighbourhoods:
        hood.expected_violence = hood.expected_property = hood.expected_business = 0.0
        hood.new_violence = hood.new_household = hood.new_incidents = 0
        factors = neighbourhood_factors(model, hood)
        for place in hood.places:
            suffer(model, place, rates=place_rates(model, place, factors), stream=stream)
    support_victims(model)
    leave_traces(model)
    be_wary(model)


def neighbourhood_factors(model: ReferenceModel, hood: Neighbourhood) -> list[float]:
    """Return what multiplies the rates of a neighbourhood's places, by type of crime."""
    group, service = model.parameters.offend, model.service
    common = service.season * sources_of(model, hood).all
    foreseen = model.parameters.context.foreseen * hood.foresight * hood.vigilance
    common *= 1 + hood.shock * (1 - hood.vigilance) * (1 - foreseen)
    common *= hazards_against_usual(model, hood.hazard)
    common *= math.exp(hood.drift - group.guardianship * (hood.efficacy - 0.5))
    attraction = (1 + hood.visitors) / (1 + group.usual_visitors)
    per_home = len(hood.residents) / len(hood.households)
    return [
        common * hood.fit_violence * attraction * per_week(group.violence / 1000),
        common * hood.fit_property * attraction * per_week(group.theft / 1000),
        common * hood.fit_property * per_home * per_week(group.household / 1000),
        common * hood.fit_property * per_week(group.business / 1000),
    ]


def place_rates(model: ReferenceModel, place: Place, factors: list[float]) -> list[float]:
    """Return expected attempts at a place this week, by type; add what passes to the totals.

    Parameters
    ----------
    factors : of the neighbourhood, by type of crime.
    """
    people = sum(exposure(model, resident) for resident in place.residents)
    homes = sum(weakness(model, household) for household in place.households)
    offered = (
        place.opportunity * people,
        place.opportunity * people,
        place.dwelling_opportunity * homes,
        place.businesses,
    )
    rates = [factor * offer for factor, offer in zip(factors, offered, strict=True)]
    rates[Crime.HOUSEHOLD] += place.triggered
    hood, share = place.neighbourhood, passes(model, place)
    hood.expected_violence += share * rates[Crime.VIOLENCE]
    hood.expected_property += share * (rates[Crime.THEFT] + rates[Crime.HOUSEHOLD])
    hood.expected_business += share * rates[Crime.BUSINESS]
    return rates


def suffer(model: ReferenceModel, place: Place, *, rates: list[float], stream: Stream) -> None:
    """Draw the attempts at a place, what becomes of them, and who was part of it.

    Parameters
    ----------
    rates : expected attempts this week, by type of crime.
    stream : stream of the week's crimes.
    """
    counts = event_id(place.key, 0, stream)
    for crime in Crime:
        u = event_uniform(counts, crime)
        for k in range(model.draws.poisson(rates[crime], u)):
            event = event_id(place.key, len(Crime) * (k + 1) + crime, stream)
            where = place_of(model, place, crime=crime, event=event)
            if where is not None:
                victim = pick_victim(model, where, crime=crime, event=event)
                day = choice(event, DAY_SALT, DAYS_PER_WEEK)
                offender = pick_offender(model, where, crime=crime, victim=victim, event=event)
                model.incidents.append(Incident(event, crime, day, where, victim, offender))


def pick_victim(
    model: ReferenceModel, place: Place, *, crime: Crime, event: int
) -> Resident | None:
    """Return the victim: a head of household, a resident, a passer-by, or none (business).

    Parameters
    ----------
    crime : its type.
    event : identity of the crime.
    """
    group, people = model.parameters.offend, model.parameters.people
    if crime == Crime.BUSINESS:
        return None
    if crime == Crime.HOUSEHOLD:
        home = reject(model, place.households, event=event, weight=weakness, most=group.repeat)
        return home.residents[0]
    visitors = place.neighbourhood.visitors * place.opportunity
    is_passer = model.draws.below(event_uniform(event, PASSER_SALT), visitors / (1 + visitors))
    present = model.residents if is_passer else place.residents
    most = (1 + people.exposure_need / 2) * (people.exposure_power + 1) * group.repeat
    return reject(model, present, event=event, weight=exposure, most=most)


def reject(
    model: ReferenceModel,
    candidates: list[Candidate],
    *,
    event: int,
    weight: Callable[[ReferenceModel, Candidate], float],
    most: float,
) -> Candidate:
    """Return a candidate drawn with a weight of at most ``most``, by keyed rejection.

    Parameters
    ----------
    candidates : one or more.
    event : identity of the crime.
    weight : of a candidate, 0 to ``most``.
    most : above 0; a looser bound takes more tries.
    """
    for t in range(FIRST_TRY, END_OF_TRIES, 2):
        candidate = candidates[choice(event, t, len(candidates))]
        if model.draws.below(event_uniform(event, t + 1), weight(model, candidate) / most):
            break
    return candidate


def leave_traces(model: ReferenceModel) -> None:
    """Fade and add what crimes trigger, mark victims, raise boosts, count by neighbourhood."""
    group = model.parameters.offend
    for place in model.places:
        place.triggered *= 1 - decay(group.near_half_life)
    for incident in model.incidents:
        place, victim = incident.place, incident.victim
        if incident.type == Crime.HOUSEHOLD:
            first_week = group.near * decay(group.near_half_life)
            place.triggered += group.near_there * first_week
            for near in place.near:
                near.triggered += (1 - group.near_there) / len(place.near) * first_week
        place.neighbourhood.new_violence += incident.type == Crime.VIOLENCE
        place.neighbourhood.new_household += incident.type == Crime.HOUSEHOLD
        if victim is not None:
            place.neighbourhood.new_incidents += 1
            hit(victim, incident.type, group.repeat)


def hit(victim: Resident, crime: int, repeat: float) -> None:
    """Mark a victim; a household crime hits all of the household.

    Parameters
    ----------
    crime : its type, as ``Crime``.
    repeat : boost of a fresh victim, 1 or more.
    """
    if crime == Crime.HOUSEHOLD:
        victim.household.boost = repeat
        for resident in victim.household.residents:
            resident.is_hit = True
    else:
        victim.boost = repeat
        victim.is_hit = True
