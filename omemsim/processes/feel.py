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
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Feel, Parameters
from omemsim.vocabulary.rates import decay, per_week

__all__ = ["step", "usual_rates"]

LEAST_BOOST = 1e-6  # below it there is no repeat victimization
USUAL_SERVICES = np.float32(0.4)  # at which local services add nothing to efficacy
ONE, HALF = np.float32(1), np.float32(0.5)

Singles = tuple[np.float32, ...]


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Fold the week into what residents feel."""
    del strategy
    hear(town, parameters)
    grieve(town, parameters.feel)
    welcome(town, parameters.feel)
    drift(town, parameters)


def hear(town: Town, parameters: Parameters) -> None:
    """Let what is heard of crime and disorder follow what happened, in usual rates."""
    hoods = town.neighbourhoods
    follow_news(
        *hearing(parameters),
        hoods.residents,
        (hoods.new_incidents, hoods.new_crises),
        (hoods.crime_felt, hoods.disorder_felt),
    )


@once
def hearing(parameters: Parameters) -> tuple[np.float32, tuple[float, float]]:
    """Return the pace at which news is followed, and the usual rates it is told in."""
    return np.float32(decay(parameters.feel.memory)), usual_rates(parameters)


def usual_rates(parameters: Parameters) -> tuple[float, float]:
    """Return what residents are used to: incidents and episodes per resident and week."""
    crime = parameters.offend
    incidents = per_week((crime.violence + crime.theft + crime.household) / 1000)
    return max(incidents, 1e-9), max(per_week(parameters.crisis.rate) * USUAL_NEED_SQUARED, 1e-9)


def grieve(town: Town, group: Feel) -> None:
    """Let grievance fade, stops add to it, and a scandal hold it up."""
    hoods = town.neighbourhoods
    hold_grievance(
        group.grieve, kept(group), hoods.residents, hoods.burden, hoods.scandal, hoods.grievance
    )


@once
def kept(group: Feel) -> np.float32:
    """Return the share of grievance that stays after a week."""
    return np.float32(1 - decay(group.grievance_memory))


def welcome(town: Town, group: Feel) -> None:
    """Set what newcomers feel on arrival, and let them have moved in."""
    residents = town.residents
    settle(
        town.newcomers,
        arrival(group),
        (residents.assets, residents.trust_anchor),
        (residents.fear, residents.trust, residents.efficacy, residents.vigilance),
        residents.contact,
        residents.is_moved,
    )


@once
def arrival(group: Feel) -> Singles:
    """Return what decides the feelings of newcomers."""
    return single(
        group, "fear_level", "alert_level", "newcomer", "efficacy_level", "efficacy_assets"
    )


def drift(town: Town, parameters: Parameters) -> None:
    """Move the four stocks of every resident towards their targets, and empty the letter boxes."""
    group, hoods, residents = parameters.feel, town.neighbourhoods, town.residents
    follow_targets(
        hoods.first_resident,
        hoods.residents,
        targets(town, group),
        fear_by_boost(parameters),
        *paces(group),
        (residents.boost, residents.assets, residents.takes_part, residents.trust_anchor),
        (residents.contact, residents.is_hit),
        (residents.fear, residents.trust, residents.efficacy, residents.vigilance),
        (hoods.fear, hoods.trust, hoods.efficacy, hoods.vigilance),
    )


@once
def fear_by_boost(parameters: Parameters) -> Singles:
    """Return the fear per unit of boost, the boost of a fresh victim, and 1 if boosts count.

    Without repeat victimization there is no boost to tell old victims by: only fresh ones fear.
    """
    fresh = parameters.offend.repeat - 1
    counts = fresh > LEAST_BOOST
    fresh = fresh if counts else 1.0
    fear = parameters.feel.fear_victim / fresh
    return np.float32(fear), np.float32(fresh), np.float32(counts)


@once
def paces(group: Feel) -> tuple[Singles, Singles]:
    """Return the paces of fear and vigilance, trust, efficacy, and the effects on efficacy."""
    half_times = group.pace, group.trust_half_life, group.efficacy_pace
    return (
        tuple(np.float32(decay(half_time)) for half_time in half_times),
        single(group, "efficacy_assets", "efficacy_part", "efficacy_fear"),
    )


def targets(town: Town, group: Feel) -> Any:
    """Return the part of the targets a neighbourhood shares, float32 (4, N).

    Rows: fear, what trust's anchor is moved by, efficacy, vigilance.
    """
    hoods = town.neighbourhoods
    out = np.empty((4, len(hoods)), np.float32)
    aim(
        weights(group),
        (hoods.crime_felt, hoods.disorder_felt, hoods.efficacy, hoods.community_momentum),
        (hoods.services, hoods.voice, hoods.grievance, hoods.education),
        out,
    )
    return out


@once
def weights(group: Feel) -> tuple[Singles, ...]:
    """Return the weights of the shared part of each target."""
    return (
        single(group, "fear_level", "fear_crime", "fear_disorder", "fear_efficacy"),
        single(group, "trust_voice", "trust_grievance"),
        single(group, "efficacy_level", "efficacy_led", "efficacy_services"),
        single(group, "alert_level", "alert_crime", "alert_taught"),
    )


@kernel
def follow_news(pace, usual, residents, new, felt):  # type: ignore[no-untyped-def]
    for k in range(2):
        for n in range(residents.size):
            heard = np.float32(new[k][n] / residents[n] / usual[k])
            felt[k][n] += pace * (heard - felt[k][n])


@kernel
def hold_grievance(grieve, kept, residents, burden, scandal, grievance):  # type: ignore[no-untyped-def]
    for n in range(residents.size):
        gain = np.float32(grieve * burden[n] / residents[n])
        risen = kept * grievance[n] + gain * (ONE - grievance[n])
        grievance[n] = min(max(risen, scandal[n]), ONE)


@kernel
def settle(newcomers, arrival, people, stocks, contact, is_moved):  # type: ignore[no-untyped-def]
    fear_level, alert_level, newcomer, efficacy_level, by_assets = arrival
    assets, anchor = people
    fear, trust, efficacy, vigilance = stocks
    for i in newcomers:
        fear[i] = fear_level
        trust[i] = anchor[i]
        efficacy[i] = unit(newcomer * (efficacy_level + by_assets * assets[i]))
        vigilance[i] = alert_level
        contact[i] = 0
        is_moved[i] = 0


@kernel
def aim(weights, felt, conditions, out):  # type: ignore[no-untyped-def]
    (fear, by_crime, by_disorder, by_efficacy), (by_voice, by_grievance) = weights[0], weights[1]
    (level, by_lead, by_services), (alert, by_alarm, by_teaching) = weights[2], weights[3]
    crime_felt, disorder_felt, efficacy, community_momentum = felt
    services, voice, grievance, education = conditions
    for n in range(voice.size):
        crime = crime_felt[n] / (ONE + crime_felt[n])
        disorder = disorder_felt[n] / (ONE + disorder_felt[n])
        afraid = fear + by_crime * crime + by_disorder * disorder
        out[0, n] = afraid - by_efficacy * (efficacy[n] - HALF)
        out[1, n] = by_voice * voice[n] - by_grievance * grievance[n]
        able = level + by_lead * community_momentum[n]
        out[2, n] = able + by_services * (services[n] - USUAL_SERVICES)
        out[3, n] = alert + by_alarm * crime + by_teaching * education[n]


@kernel
def follow_targets(  # type: ignore[no-untyped-def]
    first, count, target, by_boost, pace, effects, people, events, stocks, means
):
    """Go through the town once per stock: few columns at a time, in long runs, are read faster."""
    boost, assets, takes_part, anchor = people
    contact, is_hit = events
    fear, trust, efficacy, vigilance = stocks
    for n in range(first.size):
        rows = slice(first[n], first[n] + count[n])
        _fear(target[0, n], by_boost, pace[0], boost[rows], is_hit[rows], fear[rows])
        means[0][n] = _mean(fear[rows])
    for n in range(first.size):
        rows = slice(first[n], first[n] + count[n])
        _trust(pace[1], target[1, n], anchor[rows], contact[rows], trust[rows])
        means[1][n] = _mean(trust[rows])
    for n in range(first.size):
        rows = slice(first[n], first[n] + count[n])
        drives = assets[rows], takes_part[rows], fear[rows]
        _efficacy(target[2, n], pace[2], effects, drives, efficacy[rows])
        means[2][n] = _mean(efficacy[rows])
    for n in range(first.size):
        rows = slice(first[n], first[n] + count[n])
        _vigilance(unit(target[3, n]), pace[0], vigilance[rows])
        means[3][n] = _mean(vigilance[rows])


@kernel
def _fear(level, boosts, pace, boost, is_hit, fear):  # type: ignore[no-untyped-def]
    by_boost, fresh, counts = boosts
    for i in range(fear.size):
        left = min((boost[i] - ONE) * counts, fresh)
        recent = max(left, np.float32(is_hit[i]) * fresh)
        target = unit(level + by_boost * recent)
        gap = target - fear[i]
        step = pace + np.float32(is_hit[i]) * (ONE - pace)
        rises = max(gap, np.float32(0)) * step
        falls = min(gap, np.float32(0)) * pace
        fear[i] = fear[i] + rises + falls
        is_hit[i] = 0


@kernel
def _trust(pace, moved, anchor, contact, trust):  # type: ignore[no-untyped-def]
    for i in range(trust.size):
        trust[i] = unit(trust[i] + pace * (unit(anchor[i] + moved) - trust[i]) + contact[i])
        contact[i] = 0


@kernel
def _efficacy(level, pace, effects, drives, efficacy):  # type: ignore[no-untyped-def]
    by_assets, by_part, by_fear = effects
    assets, takes_part, fear = drives
    for i in range(efficacy.size):
        target = level + by_assets * assets[i] + by_part * np.float32(takes_part[i])
        target = unit(target - by_fear * fear[i])
        efficacy[i] = efficacy[i] + pace * (target - efficacy[i])


@kernel
def _vigilance(target, pace, vigilance):  # type: ignore[no-untyped-def]
    for i in range(vigilance.size):
        vigilance[i] = vigilance[i] + pace * (target - vigilance[i])


@kernel
def _mean(stock):  # type: ignore[no-untyped-def]
    total = np.float64(fixed_sum(stock)) / np.float64(FIXED)
    return np.float32(total / np.float64(stock.size))
