"""Who is there to be hurt and who is there to offend, in stage 8: boosts and exposures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.vocabulary.rates import decay

if TYPE_CHECKING:
    from omemsim.reference.agents import Household, Resident
    from omemsim.reference.model import ReferenceModel

__all__ = [
    "active_propensity",
    "exposure",
    "fade_boosts",
    "pool_offenders",
    "support_victims",
    "weakness",
]


def fade_boosts(model: ReferenceModel) -> None:
    """Let repeat boosts fade; newcomers bring none."""
    keep = 1 - decay(model.parameters.offend.repeat_half_life)
    for resident in model.residents:
        boost = 1.0 if resident.is_moved else resident.boost
        resident.boost = 1 + (boost - 1) * keep
    for household in model.households:
        boost = 1.0 if household.since_week == model.week else household.boost
        household.boost = 1 + (boost - 1) * keep


def support_victims(model: ReferenceModel) -> None:
    """Let victim support lower the risk of those whom officers sent there, and of their homes."""
    left = 1 - model.parameters.offend.victim_support
    for resident in model.residents:
        if resident.is_helped:
            for victim in (resident, resident.household):
                victim.boost = 1 + (victim.boost - 1) * left
            resident.is_helped = False


def pool_offenders(model: ReferenceModel) -> None:
    """Write mean propensity by neighbourhood, of all but those in custody.

    Who is supported, monitored or wary offends less.
    """
    away = {row.resident for row in model.custody}
    for hood in model.neighbourhoods:
        hood.offenders = 0.0
        for r in hood.residents:
            if r not in away:
                hood.offenders += active_propensity(model, r) / len(hood.residents)


def active_propensity(model: ReferenceModel, resident: Resident) -> float:
    """Return the propensity to offend that support, a mark and remembered risk leave."""
    group = model.parameters.offend
    helped = 1 - group.supported * resident.support
    watched = 1 - group.monitored * resident.monitored
    return resident.propensity * helped * watched * (1 - group.avoids * resident.wary)


def exposure(model: ReferenceModel, resident: Resident) -> float:
    """Return a resident's exposure to personal crime."""
    alert = model.parameters.offend.vigilance * resident.vigilance
    return resident.exposure * resident.boost * (1 - alert)


def weakness(model: ReferenceModel, household: Household) -> float:
    """Return a household's exposure to household crime: less behind locks, or in a watch."""
    group, hood = model.parameters.offend, household.place.neighbourhood
    watched = group.watch * household.in_watch * hood.watch_momentum
    return household.boost * (1 - group.protection * household.protection) * (1 - watched)
