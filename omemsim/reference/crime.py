"""Stages 8 (offend) and 9 (crisis): incidents at places, episodes of residents."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

from omemsim.reference.entries import Episode, Incident
from omemsim.reference.luck import choice, event_id, event_uniform, probability, uniform
from omemsim.reference.services import SERVED
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.rates import DAYS_PER_WEEK, decay, per_week
from omemsim.vocabulary.wheel import Crime, Risk

if TYPE_CHECKING:
    from collections.abc import Callable

    from omemsim.reference.agents import Household, Neighbourhood, Place, Resident
    from omemsim.reference.luck import Stream
    from omemsim.reference.model import ReferenceModel

__all__ = ["USUAL_NEED_SQUARED", "crisis", "offend"]

COUNT_SALT, DAY_SALT, PASSER_SALT, FIRST_TRY = 0, 1, 2, 16
TRIES = 400
USUAL_NEED_SQUARED = 0.3
EPISODE_DAY_SALT, RISK_SALT = 1, 2
UNKNOWN = -1  # what no episode was about
THERE, NEARBY = 0.6, 0.1  # of what a household crime triggers: at its place, at each near one

Candidate = TypeVar("Candidate")


def offend(model: ReferenceModel) -> None:
    """Stage 8: fade old boosts, draw this week's incidents, pick their victims."""
    fade_boosts(model)
    pool_offenders(model)
    luck = model.luck.stream(Decision.OFFEND, model.week)
    model.incidents = []
    for hood in model.neighbourhoods:
        hood.expected_violence = hood.expected_property = hood.expected_business = 0.0
        hood.new_violence = hood.new_household = hood.new_incidents = 0
        factors = neighbourhood_factors(model, hood)
        for place in hood.places:
            suffer(model, place, rates=place_rates(model, place, factors), luck=luck)
    leave_traces(model)


def fade_boosts(model: ReferenceModel) -> None:
    """Let repeat boosts fade; newcomers bring none."""
    keep = 1 - decay(model.parameters.offend.repeat_half_life)
    for resident in model.residents:
        boost = 1.0 if resident.is_moved else resident.boost
        resident.boost = 1 + (boost - 1) * keep
    for household in model.households:
        boost = 1.0 if household.since_week == model.week else household.boost
        household.boost = 1 + (boost - 1) * keep


def pool_offenders(model: ReferenceModel) -> None:
    """Write mean propensity by neighbourhood, of all but those in custody.

    Who is supported or monitored offends less.
    """
    group = model.parameters.offend
    away = {row.resident for row in model.custody}
    for hood in model.neighbourhoods:
        hood.offenders = 0.0
        for r in hood.residents:
            stays = (1 - group.supported * r.support) * (1 - group.monitored * r.monitored)
            if r not in away:
                hood.offenders += r.propensity * stays / len(hood.residents)


def neighbourhood_factors(model: ReferenceModel, hood: Neighbourhood) -> list[float]:
    """Return what multiplies the rates of a neighbourhood's places, by type of crime."""
    group, service = model.parameters.offend, model.service
    around = hood.offenders
    if hood.adjoining:
        around = sum(other.offenders for other in hood.adjoining) / len(hood.adjoining)
    common = service.season * ((1 - group.reach) * hood.offenders + group.reach * around)
    foreseen = model.parameters.context.foreseen * hood.foresight * hood.vigilance
    common *= 1 + hood.shock * (1 - hood.vigilance) * (1 - foreseen)
    common *= math.exp(-group.guardianship * (hood.efficacy - 0.5))
    attraction = (1 + hood.visitors) / (1 + group.usual_visitors)
    per_home = len(hood.residents) / len(hood.households)
    return [
        common * hood.fit_violence * attraction * per_week(group.violence / 1000),
        common * hood.fit_property * attraction * per_week(group.theft / 1000),
        common * hood.fit_property * per_home * per_week(group.household / 1000),
        common * hood.fit_property * per_week(group.business / 1000),
    ]


def place_rates(model: ReferenceModel, place: Place, factors: list[float]) -> list[float]:
    """Return expected incidents at a place this week, by type; add them to the totals."""
    group = model.parameters.offend
    spill = (group.diffused - group.displaced) * sum(deterrence(model, near) for near in place.near)
    solved = place.removed + group.designed * place.designed
    direct = min(group.cap, deterrence(model, place) + solved)
    risk = math.exp(-direct - spill / len(place.near))
    people = sum(exposure(model, resident) for resident in place.residents)
    homes = sum(weakness(model, household) for household in place.households)
    offered = (
        place.opportunity * people,
        place.opportunity * people,
        place.dwelling_opportunity * homes,
        place.businesses,
    )
    rates = [factor * risk * offer for factor, offer in zip(factors, offered, strict=True)]
    rates[Crime.HOUSEHOLD] += risk * place.triggered
    hood = place.neighbourhood
    hood.expected_violence += rates[Crime.VIOLENCE]
    hood.expected_property += rates[Crime.THEFT] + rates[Crime.HOUSEHOLD]
    hood.expected_business += rates[Crime.BUSINESS]
    return rates


def deterrence(model: ReferenceModel, place: Place) -> float:
    """Return what perceived risk takes off the log rate at a place."""
    group = model.parameters.offend
    return group.deterrence * max(0.0, place.perceived - group.accustomed * place.accustomed)


def exposure(model: ReferenceModel, resident: Resident) -> float:
    """Return a resident's exposure to personal crime."""
    alert = model.parameters.offend.vigilance * resident.vigilance
    return resident.exposure * resident.boost * (1 - alert)


def weakness(model: ReferenceModel, household: Household) -> float:
    """Return a household's exposure to household crime: less behind locks, or in a watch."""
    group, hood = model.parameters.offend, household.place.neighbourhood
    watched = group.watch * household.in_watch * hood.watch_momentum
    return household.boost * (1 - group.protection * household.protection) * (1 - watched)


def suffer(model: ReferenceModel, place: Place, *, rates: list[float], luck: Stream) -> None:
    """Draw the incidents at a place and whom they hit."""
    for crime in Crime:
        u = event_uniform(event_id(place.key, crime, luck), COUNT_SALT)
        for k in range(model.luck.poisson(rates[crime], u)):
            event = event_id(place.key, len(Crime) * (k + 1) + crime, luck)
            victim = pick_victim(model, place, crime=crime, event=event)
            day = choice(event, DAY_SALT, DAYS_PER_WEEK)
            model.incidents.append(Incident(event, crime, day, place, victim))


def pick_victim(
    model: ReferenceModel, place: Place, *, crime: Crime, event: int
) -> Resident | None:
    """Return the victim: a head of household, a resident, a passer-by, or none (business)."""
    group, people = model.parameters.offend, model.parameters.people
    if crime == Crime.BUSINESS:
        return None
    if crime == Crime.HOUSEHOLD:
        home = reject(model, place.households, event=event, weight=weakness, most=group.repeat)
        return home.residents[0]
    visitors = place.neighbourhood.visitors * place.opportunity
    passes = model.luck.below(event_uniform(event, PASSER_SALT), visitors / (1 + visitors))
    present = model.residents if passes else place.residents
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
    """Return a candidate drawn with a weight of at most ``most``, by keyed rejection."""
    for t in range(FIRST_TRY, FIRST_TRY + 2 * TRIES, 2):
        candidate = candidates[choice(event, t, len(candidates))]
        if model.luck.below(event_uniform(event, t + 1), weight(model, candidate) / most):
            break
    return candidate


def leave_traces(model: ReferenceModel) -> None:
    """Mark victims, raise boosts of victims and places, count by neighbourhood."""
    group = model.parameters.offend
    for place in model.places:
        place.triggered *= 1 - decay(group.near_half_life)
    for incident in model.incidents:
        place, victim = incident.place, incident.victim
        if incident.type == Crime.HOUSEHOLD:
            first_week = group.near * decay(group.near_half_life)
            place.triggered += THERE * first_week
            for near in place.near:
                near.triggered += NEARBY * first_week
        place.neighbourhood.new_violence += incident.type == Crime.VIOLENCE
        place.neighbourhood.new_household += incident.type == Crime.HOUSEHOLD
        if victim is not None:
            place.neighbourhood.new_incidents += 1
            hit(victim, incident.type, group.repeat)


def hit(victim: Resident, crime: int, repeat: float) -> None:
    """Mark a victim; a household crime hits all of the household."""
    if crime == Crime.HOUSEHOLD:
        victim.household.boost = repeat
        for resident in victim.household.residents:
            resident.is_hit = True
    else:
        victim.boost = repeat
        victim.is_hit = True


def crisis(model: ReferenceModel) -> None:
    """Stage 9: disorder episodes come from need, and come back while unresolved."""
    group, service = model.parameters.crisis, model.service
    luck = model.luck.stream(Decision.CRISIS, model.week)
    base = per_week(group.rate) * service.trend * service.season
    keep = 1 - decay(model.parameters.partner.acute_memory)
    model.episodes = []
    for hood in model.neighbourhoods:
        hood.new_crises = 0
    for resident in model.residents:
        left = 0 if resident.is_moved or resident.is_resolved else resident.unresolved
        resident.is_resolved = False
        needy = group.by_need * resident.need**2 + (1 - group.by_need) * USUAL_NEED_SQUARED
        rate = base * needy * (1 - group.relief * resident.support)
        if left > 0 and resident.case != SERVED:
            rate *= 1 + group.relapse
        if resident.is_moved:
            resident.risk = UNKNOWN
        resident.unresolved = max(0, left - 1)
        resident.recent = 0.0 if resident.is_moved else keep * resident.recent
        if model.luck.below(uniform(resident.key, luck), probability(rate)):
            resident.unresolved = group.resolve_weeks
            resident.recent += 1
            resident.neighbourhood.new_crises += 1
            event = event_id(resident.key, 0, luck)
            day = choice(event, EPISODE_DAY_SALT, DAYS_PER_WEEK)
            resident.risk = about(model, resident, event_uniform(event, RISK_SALT))
            model.episodes.append(Episode(event, day, resident, resident.risk))


def about(model: ReferenceModel, resident: Resident, v: float) -> Risk:
    """Draw what an episode is about, by the person's precursors."""
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
        if total > 0 and model.luck.below(v, passed / total):
            return risk
    return Risk.MENTAL_HEALTH
