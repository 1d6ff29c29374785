"""Stage 11, feel: fear, trust, efficacy and vigilance drift to targets that events move.

With pace k = 1 - 2^(-1/half-time), everything cut to [0, 1], c and d crime and disorder
heard of around, in usual rates, as c/(1 + c):
    fear       -> fear_level + fear_crime c + fear_disorder d + fear_victim (boost - 1)/(repeat - 1)
                  - fear_efficacy (efficacy_n - 1/2);   a victim's rises there at once, with
                  the boost of a fresh victim (dwellings' victims too)
    trust      -> the person's own anchor + trust_voice voice - trust_grievance grievance,
                  then + contact      (contact: what officers did)
    efficacy   -> efficacy_level + assets + taking part + community-led momentum - fear
                  + efficacy_services (services_n - 0.4) + efficacy_cohesion cohesion_n
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
USUAL_SERVICES = 0.4  # at which local services add nothing to efficacy
_ONE, _HALF = np.float32(1), np.float32(0.5)

Singles = tuple[np.float32, ...]


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Fold the week into what residents feel."""
    del strategy
    hoods, residents = town.neighbourhoods, town.residents
    fold_week(
        *news(parameters),
        fear_by_boost(parameters),
        *paces(parameters.feel),
        weights(parameters.feel),
        town.newcomers,
        (hoods.first_resident, hoods.residents),
        (hoods.new_incidents, hoods.new_crises, hoods.burden, hoods.scandal),
        (hoods.community_momentum, hoods.services, hoods.cohesion),
        (hoods.voice, hoods.education),
        (hoods.crime_felt, hoods.disorder_felt, hoods.grievance),
        (hoods.fear, hoods.trust, hoods.efficacy, hoods.vigilance),
        (residents.boost, residents.assets, residents.takes_part, residents.trust_anchor),
        (residents.contact, residents.is_hit, residents.is_moved),
        (residents.fear, residents.trust, residents.efficacy, residents.vigilance),
    )


@once
def news(parameters: Parameters) -> tuple[np.float32, tuple[float, float], float]:
    """Return the pace of news, the usual rates it is told in, and grievance per stop."""
    group = parameters.feel
    return np.float32(decay(group.memory)), usual_rates(parameters), float(group.grieve)


def usual_rates(parameters: Parameters) -> tuple[float, float]:
    """Return what residents are used to: incidents and episodes per resident and week."""
    crime = parameters.offend
    household = crime.household / (1 - crime.near)  # with what they trigger
    incidents = per_week((crime.violence + crime.theft + household) / 1000)
    return max(incidents, 1e-9), max(per_week(parameters.crisis.rate) * USUAL_NEED_SQUARED, 1e-9)


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
def paces(group: Feel) -> tuple[np.float32, Singles]:
    """Return the share of grievance that stays; the paces of fear, trust, efficacy, vigilance."""
    half_times = group.pace, group.trust_half_life, group.efficacy_pace, group.pace
    kept = np.float32(1 - decay(group.grievance_memory))
    return kept, tuple(np.float32(decay(half_time)) for half_time in half_times)


@once
def weights(group: Feel) -> tuple[Singles, ...]:
    """Return the weights of the targets of fear, trust, efficacy and vigilance."""
    return (
        single(group, "fear_level", "fear_crime", "fear_disorder", "fear_efficacy"),
        single(group, "trust_voice", "trust_grievance"),
        single(group, "efficacy_level", "efficacy_led", "efficacy_services", "efficacy_cohesion"),
        single(group, "alert_level", "alert_crime", "alert_taught"),
        single(group, "efficacy_assets", "efficacy_part", "efficacy_fear", "newcomer"),
    )


@kernel
def fold_week(  # type: ignore[no-untyped-def]
    news_pace, usual, grieve, boosts, kept, paces, weights, newcomers,
    rows, week, ties, taught, felt, means, people, letters, stocks,
):  # fmt: skip
    """Hear and resent, let newcomers settle, aim, and follow the targets."""
    residents = rows[1]
    new_incidents, new_crises, burden, scandal = week
    crime_felt, disorder_felt, grievance = felt
    follow_news(news_pace, usual[0], residents, new_incidents, crime_felt)
    follow_news(news_pace, usual[1], residents, new_crises, disorder_felt)
    hold_grievance(grieve, kept, residents, burden, scandal, grievance)
    settle(newcomers, weights, people, letters, stocks)
    target = aim(weights, felt, ties, taught, means[2])
    follow_targets(rows, target, boosts, paces, weights[4], people, letters, stocks, means)


@kernel
def follow_news(pace, usual, residents, new, felt):  # type: ignore[no-untyped-def]
    """Let what is heard follow what happened, in usual rates."""
    for n in range(residents.size):
        felt[n] += pace * (np.float32(new[n] / residents[n] / usual) - felt[n])


@kernel
def hold_grievance(grieve, kept, residents, burden, scandal, grievance):  # type: ignore[no-untyped-def]
    """Let grievance fade, stops add to it, and a scandal hold it up."""
    for n in range(residents.size):
        gain = np.float32(grieve * burden[n] / residents[n])
        risen = kept * grievance[n] + gain * (_ONE - grievance[n])
        grievance[n] = min(max(risen, scandal[n]), _ONE)


@kernel
def settle(newcomers, weights, people, letters, stocks):  # type: ignore[no-untyped-def]
    """Set what newcomers feel on arrival; from now on they have moved in."""
    fear_level, efficacy_level, alert_level = weights[0][0], weights[2][0], weights[3][0]
    by_assets, _, _, newcomer = weights[4]
    _, assets, _, anchor = people
    contact, _, is_moved = letters
    fear, trust, efficacy, vigilance = stocks
    for i in newcomers:
        fear[i] = fear_level
        trust[i] = anchor[i]
        efficacy[i] = unit(newcomer * (efficacy_level + by_assets * assets[i]))
        vigilance[i] = alert_level
        contact[i] = 0
        is_moved[i] = 0


@kernel
def aim(weights, felt, ties, taught, efficacy):  # type: ignore[no-untyped-def]
    """Return the part of the targets that a neighbourhood shares, float32 (4, N).

    Rows: fear, what trust's anchor is moved by, efficacy, vigilance.
    """
    level, by_crime, by_disorder, by_efficacy = weights[0]
    by_voice, by_grievance = weights[1]
    able, by_lead, by_services, by_cohesion = weights[2]
    alert, by_alarm, by_teaching = weights[3]
    crime_felt, disorder_felt, grievance = felt
    community_momentum, services, cohesion = ties
    voice, education = taught
    target = np.empty((4, voice.size), np.float32)
    for n in range(voice.size):
        crime = crime_felt[n] / (_ONE + crime_felt[n])
        disorder = disorder_felt[n] / (_ONE + disorder_felt[n])
        fear = level + by_crime * crime + by_disorder * disorder
        target[0, n] = fear - by_efficacy * (efficacy[n] - _HALF)
        target[1, n] = by_voice * voice[n] - by_grievance * grievance[n]
        led = able + by_lead * community_momentum[n]
        served = by_services * (services[n] - np.float32(USUAL_SERVICES))
        target[2, n] = led + served + by_cohesion * cohesion[n]
        target[3, n] = alert + by_alarm * crime + by_teaching * education[n]
    return target


@kernel
def follow_targets(  # type: ignore[no-untyped-def]
    residents, target, boosts, pace, effects, people, letters, stocks, means
):
    """Go through the town once per stock: few columns at a time, in long runs, are read faster."""
    first, count = residents
    boost, assets, takes_part, anchor = people
    contact, is_hit, _ = letters
    fear, trust, efficacy, vigilance = stocks
    for n in range(first.size):
        rows = slice(first[n], first[n] + count[n])
        _fear(target[0, n], boosts, pace[0], boost[rows], is_hit[rows], fear[rows])
        means[0][n] = _mean(fear[rows])
    for n in range(first.size):
        rows = slice(first[n], first[n] + count[n])
        _trust(target[1, n], pace[1], anchor[rows], contact[rows], trust[rows])
        means[1][n] = _mean(trust[rows])
    for n in range(first.size):
        rows = slice(first[n], first[n] + count[n])
        drives = assets[rows], takes_part[rows], fear[rows]
        _efficacy(target[2, n], pace[2], effects, drives, efficacy[rows])
        means[2][n] = _mean(efficacy[rows])
    for n in range(first.size):
        rows = slice(first[n], first[n] + count[n])
        _vigilance(unit(target[3, n]), pace[3], vigilance[rows])
        means[3][n] = _mean(vigilance[rows])


@kernel
def _fear(level, boosts, pace, boost, is_hit, fear):  # type: ignore[no-untyped-def]
    by_boost, fresh, counts = boosts
    for i in range(fear.size):
        left = min((boost[i] - _ONE) * counts, fresh)
        recent = max(left, np.float32(is_hit[i]) * fresh)
        target = unit(level + by_boost * recent)
        gap = target - fear[i]
        step = pace + np.float32(is_hit[i]) * (_ONE - pace)
        rises = max(gap, np.float32(0)) * step
        falls = min(gap, np.float32(0)) * pace
        fear[i] = fear[i] + rises + falls
        is_hit[i] = 0


@kernel
def _trust(moved, pace, anchor, contact, trust):  # type: ignore[no-untyped-def]
    for i in range(trust.size):
        trust[i] = unit(trust[i] + pace * (unit(anchor[i] + moved) - trust[i]) + contact[i])
        contact[i] = 0


@kernel
def _efficacy(level, pace, effects, drives, efficacy):  # type: ignore[no-untyped-def]
    by_assets, by_part, by_fear, _ = effects
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
