"""What residents do: their part in stage 7 (organize), and stage 11 (feel)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omemsim.reference.crime import USUAL_NEED_SQUARED
from omemsim.reference.luck import cut, probability, uniform
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.rates import decay, per_week
from omemsim.vocabulary.wheel import Tactic

if TYPE_CHECKING:
    from omemsim.reference.agents import Neighbourhood, Resident
    from omemsim.reference.luck import Stream
    from omemsim.reference.model import ReferenceModel

__all__ = ["feel", "participate", "protect"]

LEAST_BOOST = 1e-6  # below it nobody remembers being a victim
USUAL_SERVICES = 0.4  # local services around which efficacy is counted
USUAL_CONGREGATIONS = 1.0  # of the mean


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
        pull *= 1 + group.congregate * (hood.congregations - USUAL_CONGREGATIONS)
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
    """Stage 7, last part: households take up protection, alone or in a watch; it wears out."""
    group = model.parameters.organize
    keep = 1 - decay(group.protect_decay)
    stream = model.luck.stream(Decision.PROTECT, model.week)
    model.service.homes_hardened = 0
    for hood in model.neighbourhoods:
        watched = group.protect_watch * hood.watch_momentum
        rate = group.protect * (1 + group.protect_taught * hood.education + watched)
        has_watch = model.luck.reaches(hood.watch_momentum, group.ready)
        for household in hood.households:
            if household.since_week == model.week:
                household.protection, household.in_watch = 0.0, False
            household.in_watch = household.in_watch and has_watch
            household.protection *= keep
            head, u = household.residents[0], uniform(household.key, stream)
            means = head.assets + group.protect_support * head.support * (1 - head.assets)
            able = rate * means**2 * head.vigilance
            if model.luck.below(u, probability(able + per_week(hood.hardened))):
                household.protection = 1.0
                by_itself = hood.hardened == 0 or model.luck.below(u, probability(able))
                household.in_watch = household.in_watch or (has_watch and by_itself)
                model.service.homes_hardened += not by_itself


@dataclass
class Pull:
    """Where the residents of a neighbourhood are drawn, and how fast."""

    fear: float
    trust: float
    efficacy: float
    vigilance: float
    pace: float
    trust_pace: float
    efficacy_pace: float


def feel(model: ReferenceModel) -> None:
    """Stage 11: fear, trust, efficacy and vigilance drift to targets that events move."""
    for hood in model.neighbourhoods:
        hear(model, hood)
        grieve(model, hood)
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
    household = offend.household / (1 - offend.near)
    usual_crime = per_week((offend.violence + offend.theft + household) / 1000)
    usual_disorder = per_week(model.parameters.crisis.rate) * USUAL_NEED_SQUARED
    crime = hood.new_incidents / len(hood.residents) / max(usual_crime, 1e-9)
    disorder = hood.new_crises / len(hood.residents) / max(usual_disorder, 1e-9)
    hood.crime_felt += pace * (crime - hood.crime_felt)
    hood.disorder_felt += pace * (disorder - hood.disorder_felt)


def grieve(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Let grievance over stops grow and fade; a scandal sets the least of it."""
    group = model.parameters.feel
    stops = hood.burden / len(hood.residents)
    old = hood.grievance
    new = (1 - decay(group.grievance_memory)) * old + group.grieve * stops * (1 - old)
    hood.grievance = max(cut(new), hood.scandal)


def shared_targets(model: ReferenceModel, hood: Neighbourhood) -> Pull:
    """Return what all residents' targets have in common."""
    group = model.parameters.feel
    crime = hood.crime_felt / (1 + hood.crime_felt)
    disorder = hood.disorder_felt / (1 + hood.disorder_felt)
    fear = group.fear_level + group.fear_crime * crime + group.fear_disorder * disorder
    alert = group.alert_level + group.alert_crime * crime + group.alert_taught * hood.education
    led = group.efficacy_led * hood.community_momentum
    served = group.efficacy_services * (hood.services - USUAL_SERVICES)
    return Pull(
        fear=fear - group.fear_efficacy * (hood.efficacy - 0.5),
        trust=group.trust_voice * hood.voice - group.trust_grievance * hood.grievance,
        efficacy=group.efficacy_level + led + served + group.efficacy_cohesion * hood.cohesion,
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
    repeats = repeat - 1 > LEAST_BOOST
    left = min((resident.boost - 1) / (repeat - 1), 1.0) if repeats else 0.0
    recent = 1.0 if resident.is_hit else left
    gap = cut(pull.fear + group.fear_victim * recent) - resident.fear
    resident.fear += gap if resident.is_hit and gap > 0 else pull.pace * gap
    calm = pull.trust_pace * (cut(resident.trust_anchor + pull.trust) - resident.trust)
    resident.trust = cut(resident.trust + calm + resident.contact)
    able = pull.efficacy + group.efficacy_assets * resident.assets
    able += group.efficacy_part * resident.takes_part - group.efficacy_fear * resident.fear
    resident.efficacy += pull.efficacy_pace * (cut(able) - resident.efficacy)
    resident.vigilance += pull.pace * (pull.vigilance - resident.vigilance)
