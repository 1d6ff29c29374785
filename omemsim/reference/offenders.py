"""Who commits a crime, in stage 8: a resident, most likely of the places near, or an outsider."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omemsim.reference.draws import event_uniform, fraction, member, sequence_of
from omemsim.reference.presence import active_propensity
from omemsim.vocabulary.questions import OF_A_CRIME
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.wheel import Crime

if TYPE_CHECKING:
    from omemsim.reference.agents import Neighbourhood, Place, Resident
    from omemsim.reference.model import ReferenceModel

__all__ = ["be_wary", "note_arrests", "pick_offender", "sources_of"]

SOURCE_SALT, _ = OF_A_CRIME["where does the offender live"]
OFFENDER_SALT, _ = OF_A_CRIME["who is the offender"]
KNOWN_SALT, _ = OF_A_CRIME["does the victim know the offender"]
LOOKS = 1000  # residents looked at before it was an outsider
FINE = 2**19  # weights are whole numbers of 1/FINE, as they are added up in fixed point


@dataclass
class Sources:
    """Whose offending makes up a neighbourhood's rates."""

    own: float
    adjoining: float
    town: float
    outside: float

    @property
    def all(self) -> float:
        """Return their sum."""
        return self.own + self.adjoining + self.town + self.outside


def sources_of(model: ReferenceModel, hood: Neighbourhood) -> Sources:
    """Return whose offending makes up the rates of a neighbourhood."""
    group = model.parameters.offend
    outside = group.outsiders * hood.visitors / (1 + hood.visitors)
    own, adjoining = hood.offenders, 0.0
    if hood.adjoining:
        around = sum(other.offenders for other in hood.adjoining) / len(hood.adjoining)
        own, adjoining = (1 - group.reach) * own, group.reach * around
    propensities = sum(other.offenders * len(other.residents) for other in model.neighbourhoods)
    everywhere = propensities / len(model.residents)
    near = (1 - outside) * (1 - group.afar)
    return Sources(near * own, near * adjoining, (1 - outside) * group.afar * everywhere, outside)


def pick_offender(
    model: ReferenceModel, place: Place, *, crime: Crime, victim: Resident | None, event: int
) -> Resident | None:
    """Return the resident who commits a crime, None where it is nobody of the town.

    Parameters
    ----------
    place : where it happens.
    crime : its type.
    victim : who suffers it, if a resident does.
    event : identity of the crime.
    """
    known = pick_acquainted(model, place, crime=crime, victim=victim, event=event)
    if known is not None:
        return known
    hood, draws = place.neighbourhood, model.draws
    sources = sources_of(model, hood)
    at = event_uniform(event, SOURCE_SALT) * sources.all
    if draws.below(at, sources.own):
        return look_for(model, hood.residents, place, victim=victim, event=event, is_near=True)
    at -= sources.own
    if draws.below(at, sources.adjoining):
        total = sum(other.offenders for other in hood.adjoining)
        other = hood
        for other in hood.adjoining:
            share = sources.adjoining * other.offenders / total
            if draws.below(at, share):
                break
            at -= share
        return look_for(model, other.residents, place, victim=victim, event=event, is_near=True)
    if draws.below(at - sources.adjoining, sources.town):
        return look_for(model, model.residents, place, victim=victim, event=event, is_near=False)
    return None


def pick_acquainted(
    model: ReferenceModel, place: Place, *, crime: Crime, victim: Resident | None, event: int
) -> Resident | None:
    """Return who of a victim's household or neighbours commits violence, None if none does.

    Parameters
    ----------
    place : where it happens.
    crime : its type.
    victim : who suffers it, if a resident does.
    event : identity of the crime.
    """
    if crime != Crime.VIOLENCE or victim is None or victim.place is not place:
        return None
    group, draws = model.parameters.offend, model.draws
    u = event_uniform(event, KNOWN_SALT)
    if draws.below(u, group.family):
        present = victim.household.residents
    elif draws.below(u, group.family + group.acquainted):
        present = place.residents
    else:
        return None
    held = {row.resident for row in model.custody}
    others = [who for who in present if who is not victim and who not in held]
    weights = [whole_weight(active_propensity(model, who)) for who in others]
    if sum(weights) == 0:
        return None
    return drawn_by(others, weights, fraction(member(sequence_of(event, KNOWN_SALT), 1)))


def look_for(
    model: ReferenceModel,
    residents: list[Resident],
    place: Place,
    *,
    victim: Resident | None,
    event: int,
    is_near: bool,
) -> Resident | None:
    """Return one of some residents, by propensity and then by what keeps them from it.

    None where no look finds one.

    Parameters
    ----------
    residents : one or more.
    place : where the crime happens.
    victim, event : as for `pick_offender`.
    is_near : whether the way from home counts.
    """
    key, draws = sequence_of(event, OFFENDER_SALT), model.draws
    held = {row.resident for row in model.custody}
    weights = [whole_weight(resident.propensity) for resident in residents]
    if sum(weights) == 0:
        return None
    for look in range(LOOKS):
        who = drawn_by(residents, weights, fraction(member(key, 2 * look)))
        goes = active_propensity(model, who) / who.propensity
        goes *= journey_factor(model, who, place) if is_near else 1.0
        is_going = draws.below(fraction(member(key, 2 * look + 1)), goes)
        if is_going and who is not victim and who not in held:
            return who
    return None


def whole_weight(weight: float) -> int:
    """Return a weight in 1/FINE."""
    return math.floor(weight * FINE + 0.5)


def drawn_by(residents: list[Resident], weights: list[int], u: float) -> Resident:
    """Return one of some residents by weight.

    Parameters
    ----------
    residents : at least one.
    weights : of each, in 1/FINE, not all 0.
    u : uniform in (0, 1).
    """
    at, k = math.floor(u * sum(weights)), 0
    while at >= weights[k]:
        at -= weights[k]
        k += 1
    return residents[k]


def journey_factor(model: ReferenceModel, who: Resident, place: Place) -> float:
    """Return how likely a resident goes to a place, against one at home."""
    journey = model.parameters.offend.journey
    km = math.hypot(who.place.x - place.x, who.place.y - place.y) / 1000
    return journey / (journey + km)


def note_arrests(model: ReferenceModel) -> None:
    """Make wary who was arrested or is in custody; newcomers remember nothing."""
    for newcomer in model.newcomers:
        newcomer.seat.wary = 0.0
    for arrest in model.arrests:
        arrest.resident.wary = 1.0
    for row in model.custody:
        row.resident.wary = 1.0


def be_wary(model: ReferenceModel) -> None:
    """Let remembered risk fade, and offenders remember the risk where they were this week."""
    group = model.parameters.offend
    for resident in model.residents:
        resident.wary *= 1 - decay(group.wary_half_life)
    for incident in model.incidents:
        who = incident.offender
        if who is not None:
            who.wary = max(who.wary, group.met_police * incident.place.perceived)
