"""Trust in police at two speeds, in stage 11: weeks, on top of years.

A contact moves trust at once; what it did halves in weeks, but for a part that lasts:

    lived       = contact if it was good, trust_asymmetry contact if it was bad
    trust'      = trust + k(trust_half_life) (level - trust) + lived
    level       = cut(trust_anchor + experience + trust_voice voice
                  - trust_grievance (grievance - usual grievance))
    experience' = 2^(-1/experience_half_life) experience + trust_lasting (lived + usual cost)
                  - trust_lasting trust_heard (stop_exposure contacts_felt - usual cost)
                  - trust_resented/52 (grievance - usual grievance)
    contacts_felt follows what bad contacts cost residents around, on average, with the news
    usual cost  = trust_asymmetry (stop_cost usual_stops + unsolved_cost usual_unsolved)/52
    usual grievance is where usual_stops that weigh in full hold it: see `usual_grievance`

``contact`` is what the week as a whole did to a resident: stops, waiting and crimes that are not
cleared are bad, answers and meetings good, each in trust as if good and bad weighed the same. Here,
and nowhere else, they become unequal. Bad contacts are news and good ones are not, and people hear
most of what is done to people like them: as much more as police stop them more readily. Grievance,
which a scandal holds up, wears lasting trust down while it lasts: a scandal is remembered longer
than it is news.
Over years trust comes back towards what a person arrived with. A survey asks people who live with
police as they are, so trust_level is what usual_stops and usual_unsolved crimes a year, on average,
have left: experience and grievance count from there. Where there are that many, mean trust stays;
who is stopped more readily than the mean, or is more often a victim without a result, trusts less;
with fewer of both trust rises over years. Newcomers arrive with the experience that usual stops
leave at their age and in their group, less the mean's. So age and group move trust by who is
stopped alone: at entry, by contacts, and by news.

Sources: Skogan 2006 and Oliveira et al. 2021 (asymmetry); Peyton et al. 2019 (weeks); Rosenbaum
et al. 2005 (vicarious experience); MOPAC's survey of London (years of decline).
Assumption: the week counts as a whole: a good contact and a bad one of the same week offset.
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
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, decay, per_week

if TYPE_CHECKING:
    from omemsim.processes.feel import FeelParameters

__all__ = [
    "bad_contacts",
    "entry_experience",
    "follow_trust_here",
    "hear_of_contacts",
    "usual_cost",
    "usual_grievance",
]

_ZERO, _ONE = np.float32(0), np.float32(1)


def usual_cost_of_stops(parameters: Parameters) -> float:
    """Return the trust that the usual stops cost residents in a week, on average, 0 or more.

    Parameters
    ----------
    parameters : those in effect.
    """
    stop = parameters.act.stop_cost * parameters.feel.trust_asymmetry
    return per_week(parameters.people.usual_stops) * stop


def usual_cost(parameters: Parameters) -> float:
    """Return the trust that usual stops and unsolved crimes cost residents in a week, on average.

    Parameters
    ----------
    parameters : those in effect.
    """
    unsolved = parameters.respond.unsolved_cost * parameters.feel.trust_asymmetry
    crimes = per_week(parameters.people.usual_unsolved)
    return usual_cost_of_stops(parameters) + crimes * unsolved


def usual_grievance(parameters: Parameters) -> float:
    """Return the grievance at which a week of usual stops adds what fades, 0 to 1.

    Parameters
    ----------
    parameters : those in effect.
    """
    gain = parameters.feel.grieve * per_week(parameters.people.usual_stops)
    return gain / max(gain + decay(parameters.feel.grievance_memory), 1e-12)


def entry_experience(parameters: Parameters) -> NDArray[np.float64]:
    """Return the experience with police people arrive with, by age group and group.

    Parameters
    ----------
    parameters : those in effect.

    Returns
    -------
    float64 (4, 3), in trust, -1 to 1; the mean of a town of the default shares is 0.
    """
    feel = parameters.feel
    exposures = stop_exposures(parameters.people, AGE_SHARES)
    years = past_stops(exposures.by_age, feel.experience_half_life / WEEKS_PER_YEAR)
    lasts = feel.trust_lasting * (1 + feel.trust_heard)
    each = WEEKS_PER_YEAR * usual_cost_of_stops(parameters) * lasts  # of a year, at mean exposure
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
    unusual = p.resented * (hoods.grievance[n] - p.usual_grievance) - p.usual_loss
    anchor, contact = residents.trust_anchor[here], residents.contact[here]
    experience, trust = residents.experience[here], residents.trust[here]
    exposure = residents.stop_exposure[here]
    for i in range(trust.size):
        lived = max(contact[i], _ZERO) + p.trust_asymmetry * min(contact[i], _ZERO)
        gap = unit(anchor[i] + experience[i] + aim) - trust[i]
        trust[i] = unit(trust[i] + p.trust_pace * gap + lived)
        after = p.experience_kept * experience[i] + p.trust_lasting * lived
        after = after - heard * exposure[i] - unusual
        experience[i] = min(max(after, -_ONE), _ONE)
        contact[i] = 0
