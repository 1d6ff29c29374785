"""Trust in police at two speeds, in stage 11: weeks, on top of years.

A contact moves trust at once; what it did halves in weeks, but for a part that lasts:

    lived       = contact if it was good, trust_asymmetry contact if it was bad
    trust'      = trust + k(trust_half_life) (level - trust) + lived
    level       = cut(trust_anchor + experience + trust_voice voice - trust_grievance grievance)
    experience' = 2^(-1/experience_half_life) experience + trust_lasting lived
                  - trust_lasting trust_heard stop_exposure contacts_felt
                  - trust_resented/52 grievance
    contacts_felt follows what bad contacts cost residents around, on average, with the news

``contact`` is what the week as a whole did to a resident: stops and waiting are bad, answers and
meetings good, each in trust as if good and bad weighed the same. Here, and nowhere else, they
become unequal. Bad contacts are news and good ones are not, and people hear most of what is done
to people like them: as much more as police stop them more readily. Grievance, which a scandal
holds up, wears lasting trust down while it lasts: a scandal is remembered longer than it is news.
Over years trust comes back towards what a person arrived with. Newcomers have been stopped
elsewhere, usual_stops a year on average: they arrive with the experience that this leaves at their
age and in their group, less the mean's (trust_level is what people as they are have). So age and
group move trust by who is stopped alone: at entry, by contacts, and by news.

Sources: Skogan 2006 and Oliveira et al. 2021 (asymmetry); Peyton et al. 2019 (weeks); Rosenbaum
et al. 2005 (vicarious experience); MOPAC's survey of London (years of decline).
Assumptions: the week counts as a whole: a good contact and a bad one of the same week offset;
stops in the town come on top of the usual ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import FIXED, Column, Double, Single, Whole, kernel, unit
from omemsim.processes.context import AGE_SHARES
from omemsim.processes.stopping import past_stops, stop_exposures
from omemsim.town import Table
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

if TYPE_CHECKING:
    from omemsim.processes.feel import FeelParameters

__all__ = ["bad_contacts", "entry_experience", "follow_trust_here", "hear_of_contacts"]

_ZERO, _ONE = np.float32(0), np.float32(1)


def entry_experience(parameters: Parameters) -> NDArray[np.float64]:
    """Return the experience with police people arrive with, by age group and group.

    Parameters
    ----------
    parameters : those in effect.

    Returns
    -------
    float64 (4, 3), in trust, -1 to 1; the mean of a town of the default shares is 0.
    """
    people, feel = parameters.people, parameters.feel
    exposures = stop_exposures(people, AGE_SHARES)
    years = past_stops(exposures.by_age, feel.experience_half_life / WEEKS_PER_YEAR)
    stop = parameters.act.stop_cost * feel.trust_asymmetry * feel.trust_lasting
    each = people.usual_stops * stop * (1 + feel.trust_heard)  # of a year, at mean exposure
    left = each * (years @ AGE_SHARES - np.outer(years, exposures.by_group))
    return np.asarray(np.clip(left, -1.0, 1.0))


@kernel
def bad_contacts(contact: Column) -> Double:
    """Return the sum of what a column of contacts takes from trust, exact in any order."""
    total = np.int64(0)
    for i in range(contact.size):
        total += np.int32(-min(contact[i], _ZERO) * FIXED)
    return np.float64(total) / np.float64(FIXED)


@kernel
def hear_of_contacts(hoods: Table, residents: Table, p: FeelParameters) -> None:
    """Let what is heard of bad contacts around follow this week's."""
    for n in range(hoods.residents.size):
        here = slice(hoods.first_resident[n], hoods.first_resident[n] + hoods.residents[n])
        bad = bad_contacts(residents.contact[here]) / np.float64(hoods.residents[n])
        cost = p.trust_asymmetry * np.float32(bad)
        hoods.contacts_felt[n] += p.news_pace * (cost - hoods.contacts_felt[n])


@kernel
def follow_trust_here(
    hoods: Table, residents: Table, n: Whole, here: slice, aim: Single, p: FeelParameters
) -> None:
    """Move trust and experience of a neighbourhood's residents by the week; contacts are spent.

    Parameters
    ----------
    n : row of the neighbourhood.
    here : rows of its residents.
    aim : float32, what its voice and grievance add to trust while they last.
    p : the stage's.
    """
    heard = p.trust_lasting * p.trust_heard * hoods.contacts_felt[n]
    resented = p.resented * hoods.grievance[n]
    anchor, contact = residents.trust_anchor[here], residents.contact[here]
    experience, trust = residents.experience[here], residents.trust[here]
    exposure = residents.stop_exposure[here]
    for i in range(trust.size):
        lived = max(contact[i], _ZERO) + p.trust_asymmetry * min(contact[i], _ZERO)
        gap = unit(anchor[i] + experience[i] + aim) - trust[i]
        trust[i] = unit(trust[i] + p.trust_pace * gap + lived)
        after = p.experience_kept * experience[i] + p.trust_lasting * lived
        after = after - heard * exposure[i] - resented
        experience[i] = min(max(after, -_ONE), _ONE)
        contact[i] = 0
