"""Stage 11, feel: fear, trust, efficacy and vigilance drift to targets that events move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omemsim.reference.draws import cut
from omemsim.reference.needs import USUAL_NEED_SQUARED
from omemsim.reference.stopping import past_experience, usual_grievance, usual_loss
from omemsim.vocabulary.rates import decay, per_week

if TYPE_CHECKING:
    from omemsim.reference.agents import Neighbourhood, Resident
    from omemsim.reference.model import ReferenceModel

__all__ = ["feel"]

LEAST_BOOST = 1e-6  # below it nobody remembers being a victim
USUAL_SERVICES = 0.4  # local services around which efficacy is counted


@dataclass
class Pull:
    """Where the residents of a neighbourhood are drawn, and how fast."""

    fear: float
    trust: float
    efficacy: float
    vigilance: float
    pace: float
    trust_pace: float
    soured: float  # lasting trust a week takes from who is stopped as readily as the mean
    resented: float  # lasting trust a week takes from everybody, beyond what is usual
    efficacy_pace: float


def feel(model: ReferenceModel) -> None:
    """Stage 11: fear, trust, efficacy and vigilance drift to targets that events move."""
    for hood in model.neighbourhoods:
        hear(model, hood)
        grieve(model, hood)
        hear_of_contacts(model, hood)
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


def hear_of_contacts(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Let what is heard of bad contacts follow what they cost residents this week."""
    group = model.parameters.feel
    lost = sum(-min(r.contact, 0.0) for r in hood.residents if not r.is_moved)
    cost = group.trust_asymmetry * lost / len(hood.residents)
    hood.contacts_felt += decay(group.memory) * (cost - hood.contacts_felt)


def shared_targets(model: ReferenceModel, hood: Neighbourhood) -> Pull:
    """Return what all residents' targets have in common."""
    group = model.parameters.feel
    crime = hood.crime_felt / (1 + hood.crime_felt)
    disorder = hood.disorder_felt / (1 + hood.disorder_felt)
    fear = group.fear_level + group.fear_crime * crime + group.fear_disorder * disorder
    alert = group.alert_level + group.alert_crime * crime + group.alert_taught * hood.education
    led = group.efficacy_led * hood.community_momentum
    served = group.efficacy_services * (hood.services - USUAL_SERVICES)
    aggrieved = hood.grievance - usual_grievance(model)
    return Pull(
        fear=fear - group.fear_efficacy * (hood.efficacy - 0.5),
        trust=group.trust_voice * hood.voice - group.trust_grievance * aggrieved,
        efficacy=group.efficacy_level + led + served + group.efficacy_cohesion * hood.cohesion,
        vigilance=cut(alert),
        pace=decay(group.pace),
        trust_pace=decay(group.trust_half_life),
        soured=group.trust_lasting * group.trust_heard * hood.contacts_felt,
        resented=per_week(group.trust_resented) * aggrieved - usual_loss(model),
        efficacy_pace=decay(group.efficacy_pace),
    )


def welcome(model: ReferenceModel, resident: Resident) -> None:
    """Set what a newcomer feels on arrival."""
    group = model.parameters.feel
    resident.experience = past_experience(model, resident)
    resident.trust = cut(resident.trust_anchor + resident.experience)
    resident.fear = group.fear_level
    resident.vigilance = group.alert_level
    ties = group.efficacy_level + group.efficacy_assets * resident.assets
    resident.efficacy = cut(group.newcomer * ties)
    resident.contact = 0.0


def drift(model: ReferenceModel, resident: Resident, pull: Pull) -> None:
    """Move a resident's feelings towards their targets.

    Parameters
    ----------
    pull : targets and paces of the neighbourhood.
    """
    group, repeat = model.parameters.feel, model.parameters.offend.repeat
    repeats = repeat - 1 > LEAST_BOOST
    left = min((resident.boost - 1) / (repeat - 1), 1.0) if repeats else 0.0
    recent = 1.0 if resident.is_hit else left
    gap = cut(pull.fear + group.fear_victim * recent) - resident.fear
    resident.fear += gap if resident.is_hit and gap > 0 else pull.pace * gap
    weight = group.trust_asymmetry if resident.contact < 0 else 1.0
    lived = weight * resident.contact
    level = cut(resident.trust_anchor + resident.experience + pull.trust)
    resident.trust = cut(resident.trust + pull.trust_pace * (level - resident.trust) + lived)
    kept = (1 - decay(group.experience_half_life)) * resident.experience
    taken = pull.soured * resident.stop_exposure + pull.resented
    resident.experience = min(max(kept + group.trust_lasting * lived - taken, -1.0), 1.0)
    able = pull.efficacy + group.efficacy_assets * resident.assets
    able += group.efficacy_part * resident.takes_part - group.efficacy_fear * resident.fear
    resident.efficacy += pull.efficacy_pace * (cut(able) - resident.efficacy)
    resident.vigilance += pull.pace * (pull.vigilance - resident.vigilance)
