"""Stage 11, feel: fear, trust, efficacy and vigilance drift to targets that events move.

With pace k = 1 - 2^(-1/half-time), everything cut to [0, 1], c and d crime and disorder
heard of around, in usual rates, as c/(1 + c):
    fear       -> fear_level + fear_crime c + fear_disorder d + fear_victim (boost - 1)/(repeat - 1)
                  - fear_efficacy (efficacy_n - 1/2);   a victim's rises there at once, with
                  the boost of a fresh victim (dwellings' victims too)
    trust      -> what years have left + trust_voice voice - trust_grievance (grievance - usual),
                  then what officers did: see `trust`
    efficacy   -> efficacy_level + efficacy_assets assets + efficacy_part [takes part]
                  + efficacy_led community-led momentum - efficacy_fear fear
                  + efficacy_services (services_n - 0.4) + efficacy_cohesion cohesion_n
    vigilance  -> alert_level + alert_crime c + alert_taught education
Grievance, of a neighbourhood, rises by grieve burden/residents (1 - grievance), is never below a
scandal, and fades. Newcomers start at their levels; without ties efficacy starts at ``newcomer``
of its level, so turnover erodes it. Where little happens vigilance fades.

Sources: seeds 000, 001 (fear gate, complacency); Peyton et al. 2019; Sampson et al. 1997.
Assumption: people hear of what happens in their own neighbourhood only.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import FIXED, Column, Single, fixed_sum, kernel, unit
from omemsim.processes.context import AGE_SHARES
from omemsim.processes.needs import USUAL_NEED_SQUARED
from omemsim.processes.trust import (
    entry_experience,
    follow_trust_here,
    hear_of_contacts,
    usual_cost,
    usual_grievance,
)
from omemsim.program import Stage
from omemsim.strategies import Strategy
from omemsim.town import Table, Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import decay, per_week
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import Group

__all__ = ["STAGE", "step", "usual_rates"]

READS = {
    "newcomers": "seat count",
    "neighbourhoods": "first_resident residents new_incidents new_crises burden scandal "
    "community_momentum services cohesion voice education",
    "residents": "boost assets takes_part trust_anchor age group stop_exposure",
}
WRITES = {
    "neighbourhoods": "crime_felt disorder_felt contacts_felt grievance fear trust efficacy "
    "vigilance",
    "residents": "fear trust experience efficacy vigilance contact is_hit is_moved",
}

LEAST_BOOST = 1e-6  # below it there is no repeat victimization
USUAL_SERVICES = 0.4  # at which local services add nothing to efficacy
_ONE, _HALF = np.float32(1), np.float32(0.5)
_AGES, _GROUPS = len(AGE_SHARES), len(Group)


class FeelParameters(NamedTuple):
    """What `feel` needs. A pace is the share of a gap that closes in a week."""

    pace: np.float32  # of fear and vigilance
    trust_pace: np.float32
    efficacy_pace: np.float32
    news_pace: np.float32
    usual_crime: np.float64  # incidents per resident and week
    usual_disorder: np.float64  # episodes per resident and week
    fear_level: np.float32
    fear_crime: np.float32
    fear_disorder: np.float32
    fear_efficacy: np.float32
    fear_boost: np.float32  # fear per unit of boost above 1
    fresh_boost: np.float32  # of a fresh victim, above 1
    boost_counts: np.float32  # 0 where no boost tells who was a victim
    trust_voice: np.float32
    trust_grievance: np.float32
    trust_asymmetry: np.float32
    trust_lasting: np.float32
    trust_heard: np.float32
    resented: np.float32  # lasting trust that full grievance takes in a week
    usual_grievance: np.float32
    usual_loss: np.float32  # lasting trust that usual bad contacts, with news, take in a week
    experience_kept: np.float32
    entry: Annotated[NDArray[np.float32], _AGES * _GROUPS]  # experience by age, then group
    grieve: np.float64
    grievance_kept: np.float32
    efficacy_level: np.float32
    efficacy_led: np.float32
    efficacy_services: np.float32
    efficacy_cohesion: np.float32
    efficacy_assets: np.float32
    efficacy_part: np.float32
    efficacy_fear: np.float32
    newcomer: np.float32
    alert_level: np.float32
    alert_crime: np.float32
    alert_taught: np.float32


def feel_parameters(parameters: Parameters, strategy: Strategy) -> FeelParameters:
    """Return what the stage needs; without repeat victimization only fresh victims fear more."""
    del strategy
    group = parameters.feel
    fresh_boost = parameters.offend.repeat - 1
    boost_counts = fresh_boost > LEAST_BOOST
    fresh_boost = fresh_boost if boost_counts else 1.0
    usual_crime, usual_disorder = usual_rates(parameters)
    return fill(
        FeelParameters,
        group,
        pace=decay(group.pace),
        trust_pace=decay(group.trust_half_life),
        efficacy_pace=decay(group.efficacy_pace),
        news_pace=decay(group.memory),
        usual_crime=usual_crime,
        usual_disorder=usual_disorder,
        fear_boost=group.fear_victim / fresh_boost,
        fresh_boost=fresh_boost,
        boost_counts=boost_counts,
        grievance_kept=1 - decay(group.grievance_memory),
        resented=per_week(group.trust_resented),
        usual_grievance=usual_grievance(parameters),
        usual_loss=usual_cost(parameters) * group.trust_lasting * (1 + group.trust_heard),
        experience_kept=1 - decay(group.experience_half_life),
        entry=entry_experience(parameters).ravel(),
    )


def usual_rates(parameters: Parameters) -> tuple[float, float]:
    """Return what residents are used to: incidents and episodes per resident and week."""
    crime = parameters.offend
    household = crime.household / (1 - crime.near)  # with what they trigger
    incidents = per_week((crime.violence + crime.theft + household) / 1000)
    return max(incidents, 1e-9), max(per_week(parameters.crisis.rate) * USUAL_NEED_SQUARED, 1e-9)


@kernel
def feel(town: Town, p: FeelParameters, week: int) -> None:
    """Fold the week into what residents feel."""
    hoods, residents = town.neighbourhoods, town.residents
    follow_news(hoods, p)
    hold_grievance(hoods, p)
    reset_newcomers(town.newcomers, residents, p)
    hear_of_contacts(hoods, residents, p)
    aims = aim(hoods, p)
    for n in range(hoods.residents.size):  # one stock after the other: few columns at a time,
        follow_fear(hoods, residents, n, aims.fear[n], p)  # in long runs, are read faster
    for n in range(hoods.residents.size):
        follow_trust(hoods, residents, n, aims.trust[n], p)
    for n in range(hoods.residents.size):
        follow_efficacy(hoods, residents, n, aims.efficacy[n], p)
    for n in range(hoods.residents.size):
        follow_vigilance(hoods, residents, n, aims.vigilance[n], p)


STAGE = Stage(feel, FeelParameters, feel_parameters)
step = STAGE.step


@kernel
def follow_news(hoods: Table, p: FeelParameters) -> None:
    """Let what is heard follow what happened, in usual rates."""
    for n in range(hoods.residents.size):
        crime = np.float32(hoods.new_incidents[n] / hoods.residents[n] / p.usual_crime)
        hoods.crime_felt[n] += p.news_pace * (crime - hoods.crime_felt[n])
        disorder = np.float32(hoods.new_crises[n] / hoods.residents[n] / p.usual_disorder)
        hoods.disorder_felt[n] += p.news_pace * (disorder - hoods.disorder_felt[n])


@kernel
def hold_grievance(hoods: Table, p: FeelParameters) -> None:
    """Let grievance fade, stops add to it, and a scandal hold it up."""
    grievance = hoods.grievance
    for n in range(grievance.size):
        gain = np.float32(p.grieve * hoods.burden[n] / hoods.residents[n])
        risen = p.grievance_kept * grievance[n] + gain * (_ONE - grievance[n])
        grievance[n] = min(max(risen, hoods.scandal[n]), _ONE)


@kernel
def reset_newcomers(newcomers: Table, residents: Table, p: FeelParameters) -> None:
    """Set what newcomers feel on arrival; from now on they have moved in."""
    for row in range(newcomers.count[0]):
        i = newcomers.seat[row]
        level = p.efficacy_level + p.efficacy_assets * residents.assets[i]
        residents.fear[i] = p.fear_level
        entry = p.entry[residents.age[i] * _GROUPS + residents.group[i]]
        residents.experience[i] = entry
        residents.trust[i] = unit(residents.trust_anchor[i] + entry)
        residents.efficacy[i] = unit(p.newcomer * level)
        residents.vigilance[i] = p.alert_level
        residents.contact[i] = 0
        residents.is_moved[i] = 0


class Aims(NamedTuple):
    """The part of the targets that a neighbourhood's residents share, float32 (N,) each.

    That of trust is added to each resident's anchor and experience.
    """

    fear: Column
    trust: Column
    efficacy: Column
    vigilance: Column


@kernel
def aim(hoods: Table, p: FeelParameters) -> Aims:
    """Return what neighbourhoods' circumstances move feelings to."""
    size = hoods.residents.size
    fear, trust = np.empty(size, np.float32), np.empty(size, np.float32)
    efficacy, vigilance = np.empty(size, np.float32), np.empty(size, np.float32)
    for n in range(size):
        crime = hoods.crime_felt[n] / (_ONE + hoods.crime_felt[n])
        disorder = hoods.disorder_felt[n] / (_ONE + hoods.disorder_felt[n])
        alarm = p.fear_level + p.fear_crime * crime + p.fear_disorder * disorder
        fear[n] = alarm - p.fear_efficacy * (hoods.efficacy[n] - _HALF)
        aggrieved = hoods.grievance[n] - p.usual_grievance
        trust[n] = p.trust_voice * hoods.voice[n] - p.trust_grievance * aggrieved
        led = p.efficacy_level + p.efficacy_led * hoods.community_momentum[n]
        served = p.efficacy_services * (hoods.services[n] - np.float32(USUAL_SERVICES))
        efficacy[n] = led + served + p.efficacy_cohesion * hoods.cohesion[n]
        vigilance[n] = p.alert_level + p.alert_crime * crime + p.alert_taught * hoods.education[n]
    return Aims(fear, trust, efficacy, vigilance)


@kernel
def residents_of(hoods: Table, n: int) -> slice:
    """Return the rows of a neighbourhood's residents."""
    return slice(hoods.first_resident[n], hoods.first_resident[n] + hoods.residents[n])


@kernel
def follow_fear(hoods: Table, residents: Table, n: int, aim: Single, p: FeelParameters) -> None:
    """Let fear follow its target: at once after a crime, else gradually."""
    here = residents_of(hoods, n)
    boost, is_hit, fear = residents.boost[here], residents.is_hit[here], residents.fear[here]
    for i in range(fear.size):
        left = min((boost[i] - _ONE) * p.boost_counts, p.fresh_boost)
        recent = max(left, np.float32(is_hit[i]) * p.fresh_boost)
        gap = unit(aim + p.fear_boost * recent) - fear[i]
        at_once = p.pace + np.float32(is_hit[i]) * (_ONE - p.pace)
        rises = max(gap, np.float32(0)) * at_once
        falls = min(gap, np.float32(0)) * p.pace
        fear[i] = fear[i] + rises + falls
        is_hit[i] = 0
    hoods.fear[n] = mean(fear)


@kernel
def follow_trust(hoods: Table, residents: Table, n: int, aim: Single, p: FeelParameters) -> None:
    """Let trust follow what years have left, and what officers did this week."""
    here = residents_of(hoods, n)
    follow_trust_here(hoods, residents, n, here, aim, p)
    hoods.trust[n] = mean(residents.trust[here])


@kernel
def follow_efficacy(hoods: Table, residents: Table, n: int, aim: Single, p: FeelParameters) -> None:
    """Let efficacy follow its target, which fear lowers and taking part raises."""
    here = residents_of(hoods, n)
    assets, takes_part = residents.assets[here], residents.takes_part[here]
    fear, efficacy = residents.fear[here], residents.efficacy[here]
    for i in range(efficacy.size):
        able = aim + p.efficacy_assets * assets[i] + p.efficacy_part * np.float32(takes_part[i])
        gap = unit(able - p.efficacy_fear * fear[i]) - efficacy[i]
        efficacy[i] = efficacy[i] + p.efficacy_pace * gap
    hoods.efficacy[n] = mean(efficacy)


@kernel
def follow_vigilance(
    hoods: Table, residents: Table, n: int, aim: Single, p: FeelParameters
) -> None:
    """Let vigilance follow its target, the same for all residents of a neighbourhood."""
    here, target = residents_of(hoods, n), unit(aim)
    vigilance = residents.vigilance[here]
    for i in range(vigilance.size):
        vigilance[i] = vigilance[i] + p.pace * (target - vigilance[i])
    hoods.vigilance[n] = mean(vigilance)


@kernel
def mean(stock: Column) -> Single:
    """Return the mean of a column in [0, 10], exact in any order."""
    total = np.float64(fixed_sum(stock)) / np.float64(FIXED)
    return np.float32(total / np.float64(stock.size))
