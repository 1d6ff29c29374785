"""Violence among people who know each other, in stage 8: by family and by neighbours.

Where a victim of violence lives at the place of the crime, it was committed

    with probability family         by another of the household, if there is an active one
    with probability acquainted     by another who lives at the place, if there is an active one
    else                            by somebody drawn as for any crime (`offenders`)

among them by active propensity, none of them in custody. It says who did it, and never how much
violence there is. How far offenders of violence live from the crime (P42b) follows, and is read
out.

Sources: Conroy 2021 (26% of victims of violence that police recorded in Canada in 2019 by family;
all of it is taken to be at home); Statistics Canada 2005 (known offenders, 122 police services).
Assumptions: who is hurt away from home is hurt by somebody drawn as for other crimes, though
acquaintances meet there, too; neighbours stand for acquaintances; family who live elsewhere count
among the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from omemsim.kernels import Flag, Whole, event_uniform, fraction, kernel, member, sequence_of
from omemsim.processes.clearance import is_among
from omemsim.processes.pool import active_whole
from omemsim.processes.presence import residents_at
from omemsim.town import Town
from omemsim.vocabulary.questions import OF_A_CRIME
from omemsim.vocabulary.wheel import Crime

if TYPE_CHECKING:
    from omemsim.processes.offend import OffendParameters

__all__ = ["pick_acquainted"]

KNOWN_SALT = OF_A_CRIME["does the victim know the offender"][0]
NOBODY = -1  # no resident


@kernel
def pick_acquainted(town: Town, row: Whole, p: OffendParameters) -> Whole:
    """Return who of a victim's household or neighbours commits a crime, NOBODY if none does.

    Parameters
    ----------
    row : of the crime.
    """
    incidents, residents, homes = town.incidents, town.residents, town.households
    victim: Whole = incidents.victim[row]
    place: Whole = incidents.place[row]
    if incidents.type[row] != Crime.VIOLENCE or victim < 0 or residents.place[victim] != place:
        return np.int64(NOBODY)
    event = incidents.event[row]
    u = event_uniform(event, KNOWN_SALT)
    found = np.int64(NOBODY)
    if u < p.family:
        home = residents.household[victim]
        first = np.int64(homes.first_resident[home])
        found = pick_among(town, slice(first, first + homes.residents[home]), row, p)
    elif u < p.family + p.acquainted:
        found = pick_among(town, residents_at(town.places, place), row, p)
    return found


@kernel
def pick_among(town: Town, here: slice, row: Whole, p: OffendParameters) -> Whole:
    """Return one of a few residents by active propensity, not the victim; NOBODY if none is."""
    victim, total = town.incidents.victim[row], np.int64(0)
    for i in range(here.start, here.stop):
        if may_do_it(town, i, victim):
            total += active_whole(town.residents, i, p)
    key = sequence_of(town.incidents.event[row], KNOWN_SALT)
    left = np.int64(fraction(member(key, 1)) * np.float64(total))
    for i in range(here.start, here.stop):
        if may_do_it(town, i, victim):
            left -= active_whole(town.residents, i, p)
            if left < 0:
                return np.int64(i)
    return np.int64(NOBODY)


@kernel
def may_do_it(town: Town, i: Whole, victim: Whole) -> Flag:
    """Say whether a resident is at large, and not the victim."""
    custody = town.custody
    return i != victim and not is_among(custody.resident[: custody.count[0]], i)
