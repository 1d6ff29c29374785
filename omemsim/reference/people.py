"""What residents do: stages 1 (context) and 11 (feel), and their part in 7 (organize)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omemsim.reference.luck import MASK32, probability, uniform
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, decay, per_week, season
from omemsim.vocabulary.wheel import Tactic

if TYPE_CHECKING:
    from omemsim.reference.agents import Neighbourhood, Resident
    from omemsim.reference.luck import Stream
    from omemsim.reference.model import ReferenceModel

__all__ = ["context", "feel", "participate", "protect"]

AGE_LIMITS = (0.15, 0.47, 0.79)  # cumulative shares of 15-24, 25-44, 45-64; then 65 or older
AGE_OFFENDING = (1.0, 0.5, 0.15)  # of 25-44, 45-64, 65 or older; youth is a parameter
YOUTH = 0
OCCUPANT_DRAWS = 12
TENANCY = 0x9E3779B1  # spreads the tenancy number over the bits of a seat's key
USUAL_NEED_SQUARED = 0.3


def cut(value: float) -> float:
    """Return a value cut to [0, 1]."""
    return min(max(value, 0.0), 1.0)


def context(model: ReferenceModel) -> None:
    """Stage 1: season, trend and shock; households move."""
    group, service, week = model.parameters.context, model.service, model.week
    service.season = season(week, group.peak_to_trough, group.peak_week)
    service.trend = (1 + group.disorder_trend) ** (max(week, 0) / WEEKS_PER_YEAR)
    service.shock = 0.0
    if 0 <= group.shock_week <= week:
        age = week - group.shock_week
        service.shock = group.shock_size * 0.5 ** (age / group.shock_half_life)
    service.moves = 0
    moving = model.luck.stream(Decision.MOVE, week)
    seating = [model.luck.stream(Decision.OCCUPANT, 0, k) for k in range(OCCUPANT_DRAWS)]
    for hood in model.neighbourhoods:
        p = probability(per_week(hood.moving))
        for household in hood.households:
            if model.luck.below(uniform(household.key, moving), p):
                service.moves += 1
                household.since_week = week
                for resident in household.residents:
                    seat_newcomer(model, resident, seating)
        hood.assets = sum(r.assets for r in hood.residents) / len(hood.residents)


def seat_newcomer(model: ReferenceModel, resident: Resident, streams: list[Stream]) -> None:
    """Draw who sits in a seat from now on."""
    people, luck = model.parameters.people, model.luck
    resident.tenancy = (resident.tenancy + 1) % 2**16
    resident.is_moved = True
    person = resident.key ^ resident.tenancy * TENANCY & MASK32
    u = [uniform(person, stream) for stream in streams]
    common = cut(resident.neighbourhood.deprivation + people.deprivation_within * (u[0] + u[1] - 1))
    precursors = [cut(common + people.precursor_spread * (2 * x - 1)) for x in u[2:6]]
    resident.income, resident.housing, resident.addictions, resident.family = precursors
    resident.need = sum(precursors) / 4
    resident.assets = cut(1 - common + people.asset_spread * (2 * u[6] - 1))
    resident.age = sum(not luck.below(u[7], limit) for limit in AGE_LIMITS)
    level = people.propensity_floor + 2 * (1 - people.propensity_floor) * resident.need
    skew = (people.propensity_power + 1) * u[8] ** people.propensity_power
    resident.propensity = level * skew * offending_by_age(people.youth_propensity)[resident.age]
    if resident.age == YOUTH:
        resident.propensity *= 1 - people.early_effect * resident.neighbourhood.cohort
    resident.exposure = (1 + people.exposure_need * (resident.need - 0.5)) * (
        1 + people.exposure_spread * (u[9] ** 3 - 0.25)
    )
    anchor = people.trust_level - people.trust_need * resident.need
    resident.trust_anchor = cut(anchor + people.trust_spread * (2 * u[10] - 1))
    resident.is_leader = luck.below(u[11], 2 * people.leader_prevalence * resident.assets)


def offending_by_age(youth: float) -> list[float]:
    """Return offending by age group, as a multiple of the mean over all ages."""
    relative = (youth, *AGE_OFFENDING)
    limits = (0.0, *AGE_LIMITS, 1.0)
    mean = sum(x * (limits[i + 1] - limits[i]) for i, x in enumerate(relative))
    return [x / mean for x in relative]


def participate(model: ReferenceModel) -> None:
    """Stage 7, first part: residents join or leave, leaders come forward or step back."""
    joining = model.luck.stream(Decision.JOIN, model.week)
    leading = model.luck.stream(Decision.LEADER, model.week)
    for hood in model.neighbourhoods:
        for resident in hood.residents:
            if resident.is_moved:
                resident.takes_part = resident.is_found = False
            join_or_leave(model, resident, joining)
            if resident.is_leader:
                find_or_lose(model, resident, leading)
        hood.participants = sum(r.takes_part for r in hood.residents)
        hood.leaders = sum(r.is_leader and r.is_found for r in hood.residents)


def join_or_leave(model: ReferenceModel, resident: Resident, joining: Stream) -> None:
    """Draw whether a resident begins or ends taking part."""
    group, hood = model.parameters.organize, resident.neighbourhood
    if resident.takes_part:
        rate = group.leave * (1 + group.fear_leaves * resident.fear)
    else:
        pull = 1 + group.recruit * hood.mobilization + group.led * hood.momentum
        willing = resident.efficacy * resident.trust * gate(resident.fear, group.fear_gate)
        rate = group.join * pull * willing
    if model.luck.below(uniform(resident.key, joining), probability(rate)):
        resident.takes_part = not resident.takes_part


def gate(fear: float, power: float) -> float:
    """Return (1 - fear) to a power; between whole powers, the mean of the two around it."""
    lower = int(power)
    part = power - lower
    return (1 - part) * (1 - fear) ** lower + part * (1 - fear) ** (lower + 1)


def find_or_lose(model: ReferenceModel, resident: Resident, leading: Stream) -> None:
    """Draw whether a natural leader becomes known, or one who is known steps back."""
    group, hood = model.parameters.organize, resident.neighbourhood
    if resident.is_found:
        rate = group.lose
    else:
        hours = hood.hours[Tactic.ENGAGE_LEADERS] + 0.5 * hood.hours[Tactic.MOBILIZE_PARTNERS]
        search = group.search * 1000 * hours / len(hood.residents)
        rate = group.emerge * resident.efficacy * (1 - resident.fear) + search
    if model.luck.below(uniform(resident.key, leading), probability(rate)):
        resident.is_found = not resident.is_found


def protect(model: ReferenceModel) -> None:
    """Stage 7, last part: households take up protection, and it wears out."""
    group = model.parameters.organize
    keep = 1 - decay(group.protect_decay)
    stream = model.luck.stream(Decision.PROTECT, model.week)
    for hood in model.neighbourhoods:
        rate = group.protect * (1 + group.protect_taught * hood.education)
        for household in hood.households:
            if household.since_week == model.week:
                household.protection = 0.0
            head = household.residents[0]
            p = probability(rate * head.assets**2 * head.vigilance)
            household.protection *= keep
            if model.luck.below(uniform(household.key, stream), p):
                household.protection = 1.0


@dataclass
class Pull:
    """Where the residents of a neighbourhood are drawn, and how fast."""

    fear: float
    efficacy: float
    vigilance: float
    pace: float
    trust_pace: float
    efficacy_pace: float


def feel(model: ReferenceModel) -> None:
    """Stage 11: fear, trust, efficacy and vigilance drift to targets that events move."""
    for hood in model.neighbourhoods:
        hear(model, hood)
        pull = shared_targets(model, hood)
        for resident in hood.residents:
            if resident.is_moved:
                welcome(model, resident)
            drift(model, resident, pull)
            resident.contact = 0.0
            resident.is_hit = resident.is_moved = False
        n = len(hood.residents)
        hood.fear = sum(r.fear for r in hood.residents) / n
        hood.trust = sum(r.trust for r in hood.residents) / n
        hood.efficacy = sum(r.efficacy for r in hood.residents) / n
        hood.vigilance = sum(r.vigilance for r in hood.residents) / n


def hear(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Let what is heard of crime and disorder follow the week, in usual rates."""
    offend, pace = model.parameters.offend, decay(model.parameters.feel.memory)
    usual_crime = per_week((offend.violence + offend.theft + offend.household) / 1000)
    usual_disorder = per_week(model.parameters.crisis.rate) * USUAL_NEED_SQUARED
    crime = hood.new_incidents / len(hood.residents) / max(usual_crime, 1e-9)
    disorder = hood.new_crises / len(hood.residents) / max(usual_disorder, 1e-9)
    hood.crime_felt += pace * (crime - hood.crime_felt)
    hood.disorder_felt += pace * (disorder - hood.disorder_felt)


def shared_targets(model: ReferenceModel, hood: Neighbourhood) -> Pull:
    """Return what all residents' targets have in common."""
    group = model.parameters.feel
    crime = hood.crime_felt / (1 + hood.crime_felt)
    disorder = hood.disorder_felt / (1 + hood.disorder_felt)
    fear = group.fear_level + group.fear_crime * crime + group.fear_disorder * disorder
    alert = group.alert_level + group.alert_crime * crime + group.alert_taught * hood.education
    return Pull(
        fear=fear - group.fear_efficacy * (hood.efficacy - 0.5),
        efficacy=group.efficacy_level + group.efficacy_led * hood.community_momentum,
        vigilance=cut(alert),
        pace=decay(group.pace),
        trust_pace=decay(group.trust_half_life),
        efficacy_pace=decay(group.efficacy_pace),
    )


def welcome(model: ReferenceModel, resident: Resident) -> None:
    """Set what a newcomer feels on arrival."""
    group = model.parameters.feel
    resident.trust = resident.trust_anchor
    resident.fear = group.fear_level
    resident.vigilance = group.alert_level
    ties = group.efficacy_level + group.efficacy_assets * resident.assets
    resident.efficacy = cut(group.newcomer * ties)
    resident.contact = 0.0


def drift(model: ReferenceModel, resident: Resident, pull: Pull) -> None:
    """Move a resident's feelings towards their targets."""
    group, repeat = model.parameters.feel, model.parameters.offend.repeat
    by_boost = group.fear_victim / max(repeat - 1, 1e-6)
    recent = max(resident.boost - 1, (repeat - 1) if resident.is_hit else 0.0)
    gap = cut(pull.fear + by_boost * recent) - resident.fear
    resident.fear += gap if resident.is_hit and gap > 0 else pull.pace * gap
    calm = pull.trust_pace * (resident.trust_anchor - resident.trust)
    resident.trust = cut(resident.trust + calm + resident.contact)
    able = pull.efficacy + group.efficacy_assets * resident.assets
    able += group.efficacy_part * resident.takes_part - group.efficacy_fear * resident.fear
    resident.efficacy += pull.efficacy_pace * (cut(able) - resident.efficacy)
    resident.vigilance += pull.pace * (pull.vigilance - resident.vigilance)
