"""Stage 11, feel: fear, trust, efficacy and vigilance drift to targets that events move.

With pace k = 1 - 2^(-1/half-time), everything cut to [0, 1], c and d crime and disorder
heard of around, in usual rates, as c/(1 + c):
    fear       -> fear_level + fear_crime c + fear_disorder d + fear_victim (boost - 1)/(repeat - 1)
                  - fear_efficacy (efficacy_n - 1/2);   a victim's rises there at once, with
                  the boost of a fresh victim (dwellings' victims too)
    trust      -> the person's own anchor + trust_voice voice - trust_grievance grievance,
                  then + contact      (contact: what officers did)
    efficacy   -> efficacy_level + assets + taking part + community-led momentum - fear
                  + efficacy_services (services_n - 0.4)
    vigilance  -> alert_level + alert_crime c + alert_taught education
Grievance, of a neighbourhood, rises by grieve burden/residents (1 - grievance), is never below a
scandal, and fades. Newcomers start at their anchors; without ties efficacy starts at ``newcomer``
of its level, so turnover erodes it. Where little happens vigilance fades.

Sources: seeds 000, 001 (fear gate, complacency); Peyton et al. 2019; Sampson et al. 1997.
Assumption: people hear of what happens in their own neighbourhood only.

Reads: incidents, episodes, boost, takes_part, education, services, burden, scandal, voice.
Writes: the four stocks and their means, crime_felt, disorder_felt, grievance; empties contact,
is_hit, is_moved.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import FIXED, fixed_sum, kernel, single, unit
from omemsim.processes.crisis import USUAL_NEED_SQUARED
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Feel, Parameters
from omemsim.vocabulary.rates import decay, per_week

__all__ = ["step", "usual_rates"]

LEAST_BOOST = 1e-6  # below it there is no repeat victimization
USUAL_SERVICES = 0.4  # at which local services add nothing to efficacy


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Fold the week into what residents feel."""
    del strategy
    group = parameters.feel
    hear(town, parameters)
    grieve(town, group)
    welcome(town, group)
    places, residents = town.neighbourhoods, town.residents
    crime = places.crime_felt / (1 + places.crime_felt)
    disorder = places.disorder_felt / (1 + places.disorder_felt)
    drift(
        places.first_resident,
        places.residents,
        targets(town, group, crime, disorder),
        *fear_by_boost(parameters),
        (
            np.float32(decay(group.pace)),
            np.float32(decay(group.trust_half_life)),
            np.float32(decay(group.efficacy_pace)),
        ),
        single(group, "efficacy_assets", "efficacy_part", "efficacy_fear"),
        (residents.boost, residents.assets, residents.takes_part, residents.trust_anchor),
        (residents.contact, residents.is_hit),
        (residents.fear, residents.trust, residents.efficacy, residents.vigilance),
        (places.fear, places.trust, places.efficacy, places.vigilance),
    )
    residents.contact[:] = 0
    residents.is_hit[:] = 0
    residents.is_moved[town.newcomers] = 0


def fear_by_boost(parameters: Parameters) -> tuple[Any, Any, Any]:
    """Return the fear per unit of boost, the boost of a fresh victim, and 1 if boosts count.

    Without repeat victimization there is no boost to tell old victims by: only fresh ones fear.
    """
    fresh = parameters.offend.repeat - 1
    counts = fresh > LEAST_BOOST
    fresh = fresh if counts else 1.0
    fear = parameters.feel.fear_victim / fresh
    return np.float32(fear), np.float32(fresh), np.float32(counts)


def usual_rates(parameters: Parameters) -> tuple[float, float]:
    """Return what residents are used to: incidents and episodes per resident and week."""
    crime = parameters.offend
    incidents = per_week((crime.violence + crime.theft + crime.household) / 1000)
    return max(incidents, 1e-9), max(per_week(parameters.crisis.rate) * USUAL_NEED_SQUARED, 1e-9)


def hear(town: Town, parameters: Parameters) -> None:
    """Let what is heard of crime and disorder follow what happened, in usual rates."""
    places = town.neighbourhoods
    pace = np.float32(decay(parameters.feel.memory))
    for felt, new, usual in zip(
        (places.crime_felt, places.disorder_felt),
        (places.new_incidents, places.new_crises),
        usual_rates(parameters),
        strict=True,
    ):
        felt += pace * ((new / places.residents / usual).astype(np.float32) - felt)


def grieve(town: Town, group: Feel) -> None:
    """Let grievance fade, stops add to it, and a scandal hold it up."""
    places = town.neighbourhoods
    gain = (group.grieve * places.burden / places.residents).astype(np.float32)
    kept = np.float32(1 - decay(group.grievance_memory)) * places.grievance
    grievance = kept + gain * (1 - places.grievance)
    places.grievance[:] = np.clip(grievance, places.scandal, 1)


def targets(town: Town, group: Feel, crime: Any, disorder: Any) -> Any:
    """Return the part of the targets a neighbourhood shares, float32 (N, 4).

    Columns: fear, efficacy, vigilance, and what trust's anchor is moved by.
    """
    places = town.neighbourhoods
    fear = group.fear_level + group.fear_crime * crime + group.fear_disorder * disorder
    fear = fear - group.fear_efficacy * (places.efficacy - 0.5)
    efficacy = group.efficacy_level + group.efficacy_led * places.community_momentum
    efficacy = efficacy + group.efficacy_services * (places.services - USUAL_SERVICES)
    trusted = group.trust_voice * places.voice - group.trust_grievance * places.grievance
    alert = group.alert_level + group.alert_crime * crime + group.alert_taught * places.education
    return np.stack([fear, efficacy, alert, trusted], axis=1).astype(np.float32)


def welcome(town: Town, group: Feel) -> None:
    """Set what newcomers feel on arrival."""
    residents = town.residents
    rows = town.newcomers
    ties = group.efficacy_level + group.efficacy_assets * residents.assets[rows]
    residents.trust[rows] = residents.trust_anchor[rows]
    residents.fear[rows] = group.fear_level
    residents.vigilance[rows] = group.alert_level
    residents.efficacy[rows] = np.clip(group.newcomer * ties, 0, 1)
    residents.contact[rows] = 0


@kernel
def drift(  # type: ignore[no-untyped-def]
    first, count, target, by_boost, fresh, counts, pace, effects, people, events, stocks, means
):
    boost, assets, takes_part, anchor = people
    contact, is_hit = events
    fear, trust, efficacy, vigilance = stocks
    for n in range(first.size):
        rows = slice(first[n], first[n] + count[n])
        _fear(target[n, 0], by_boost, fresh, counts, pace[0], boost[rows], is_hit[rows], fear[rows])
        _trust(pace[1], target[n, 3], anchor[rows], contact[rows], trust[rows])
        _efficacy(
            target[n, 1], pace[2], effects, assets[rows], takes_part[rows], fear[rows],
            efficacy[rows],
        )  # fmt: skip
        _vigilance(unit(target[n, 2]), pace[0], vigilance[rows])
        for k in range(4):
            total = np.float64(fixed_sum(stocks[k][rows])) / np.float64(FIXED)
            means[k][n] = np.float32(total / np.float64(count[n]))


@kernel
def _fear(level, by_boost, fresh, counts, pace, boost, is_hit, fear):  # type: ignore[no-untyped-def]
    for i in range(fear.size):
        left = min((boost[i] - np.float32(1)) * counts, fresh)
        recent = max(left, np.float32(is_hit[i]) * fresh)
        target = unit(level + by_boost * recent)
        gap = target - fear[i]
        step = pace + np.float32(is_hit[i]) * (np.float32(1) - pace)
        rises = max(gap, np.float32(0)) * step
        falls = min(gap, np.float32(0)) * pace
        fear[i] = fear[i] + rises + falls


@kernel
def _trust(pace, moved, anchor, contact, trust):  # type: ignore[no-untyped-def]
    for i in range(trust.size):
        trust[i] = unit(trust[i] + pace * (unit(anchor[i] + moved) - trust[i]) + contact[i])


@kernel
def _efficacy(level, pace, effects, assets, takes_part, fear, efficacy):  # type: ignore[no-untyped-def]
    by_assets, by_part, by_fear = effects
    for i in range(efficacy.size):
        target = level + by_assets * assets[i] + by_part * np.float32(takes_part[i])
        target = unit(target - by_fear * fear[i])
        efficacy[i] = efficacy[i] + pace * (target - efficacy[i])


@kernel
def _vigilance(target, pace, vigilance):  # type: ignore[no-untyped-def]
    for i in range(vigilance.size):
        vigilance[i] = vigilance[i] + pace * (target - vigilance[i])
