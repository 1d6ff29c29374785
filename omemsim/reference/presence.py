"""Who is there to be hurt and who is there to offend, in stage 8: boosts and exposures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.vocabulary.rates import decay

if TYPE_CHECKING:
    from omemsim.reference.agents import Household, Resident
    from omemsim.reference.model import ReferenceModel

__all__ = ["exposure", "fade_boosts", "pool_offenders", "support_victims", "weakness"]


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


def exposure(model: ReferenceModel, resident: Resident) -> float:
    """Return a resident's exposure to personal crime."""
    alert = model.parameters.offend.vigilance * resident.vigilance
    return resident.exposure * resident.boost * (1 - alert)


def weakness(model: ReferenceModel, household: Household) -> float:
    """Return a household's exposure to household crime: less behind locks, or in a watch."""
    group, hood = model.parameters.offend, household.place.neighbourhood
    watched = group.watch * household.in_watch * hood.watch_momentum
    return household.boost * (1 - group.protection * household.protection) * (1 - watched)
