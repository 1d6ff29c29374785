"""Who commits a crime, in stage 8: a resident, most likely of the places near, or an outsider.

Whose offending makes up a neighbourhood's rates says where the offender of a crime there lives:

    sources    = (1 - o) (1 - afar) (1 - reach) offenders_n     its own residents
               + (1 - o) (1 - afar) reach mean of adjoining     those of adjoining neighbourhoods
               + (1 - o) afar mean of the town                  those of the whole town
               + o                                              outsiders, of mean propensity
    o          = outsiders visitors_n/(1 + visitors_n)

Then a resident of there, by keyed rejection with weight

    propensity (1 - supported support) (1 - monitored mark) (1 - avoids wary)
        x journey/(journey + distance from home)        (not where the whole town is meant)

over the greatest propensity there can be; nobody who is in custody, nor the victim. Whoever was
caught is wary at 1, whoever offended where risk is perceived at ``met_police`` of it at least;
it fades by half in wary_half_life.

Sources: Andresen et al. 2014 (journeys are short); Nagin 2013 (the certainty of being caught).
Assumptions: the form of the kernel; within a neighbourhood, how near its offenders live does not
change a place's rate; one journey for all types of crime. Distances are thus an input, as is what
follows from it (P42a); how they differ by type (P42b) is an outcome without a mechanism of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from omemsim.kernels import (
    Double,
    Flag,
    Hash,
    Whole,
    event_uniform,
    fade,
    kernel,
    lower,
    member,
    sequence_of,
    upper,
)
from omemsim.processes.presence import active_propensity
from omemsim.town import EventTable, Table, Town
from omemsim.vocabulary.questions import OF_A_CRIME

if TYPE_CHECKING:
    from omemsim.processes.offend import OffendParameters

__all__ = [
    "OUTSIDER",
    "Sources",
    "all_sources",
    "be_wary",
    "mean_everywhere",
    "note_arrests",
    "pick_offender",
    "sources_of",
]

OUTSIDER = -1
SOURCE_SALT = OF_A_CRIME["where does the offender live"][0]
OFFENDER_SALT = OF_A_CRIME["who is the offender"][0]
LOOKS = 2000  # residents looked at; at usual skew one in thirty is active enough
METRES = 1000.0  # in a kilometre


class Sources(NamedTuple):
    """Whose offending makes up a neighbourhood's rates, in multiples of the mean propensity."""

    own: Double
    adjoining: Double
    town: Double
    outside: Double


@kernel
def sources_of(
    hoods: Table, adjacency: EventTable, n: Whole, everywhere: Double, p: OffendParameters
) -> Sources:
    """Return whose offending makes up a neighbourhood's rates.

    Parameters
    ----------
    hoods, adjacency : tables of the town.
    n : row of the neighbourhood.
    everywhere : mean propensity in the town.
    p : parameters of the stage.
    """
    visitors = np.float64(hoods.visitors[n])
    outside = p.outsiders * visitors / (1.0 + visitors)
    own, first, count = hoods.offenders[n], hoods.first_adjoining[n], hoods.adjoining[n]
    around = 0.0
    for row in range(first, first + count):
        around += hoods.offenders[adjacency.neighbour[row]]
    near = (1.0 - outside) * (1.0 - p.afar)
    if count == 0:  # its own stand for those around
        return Sources(near * own, 0.0, (1.0 - outside) * p.afar * everywhere, outside)
    return Sources(
        near * (1.0 - p.reach) * own,
        near * p.reach * (around / count),
        (1.0 - outside) * p.afar * everywhere,
        outside,
    )


@kernel
def all_sources(s: Sources) -> Double:
    """Return the offending in reach of a neighbourhood."""
    return s.own + s.adjoining + s.town + s.outside


@kernel
def mean_everywhere(hoods: Table) -> Double:
    """Return the mean propensity of the town's residents who are at large."""
    total, residents = 0.0, np.int64(0)
    for n in range(hoods.residents.size):
        total += hoods.offenders[n] * np.float64(hoods.residents[n])
        residents += hoods.residents[n]
    return total / np.float64(residents)


@kernel
def pick_offender(
    town: Town, place: Whole, victim: Whole, event: Hash, s: Sources, p: OffendParameters
) -> Whole:
    """Return the resident who commits a crime, OUTSIDER where it is nobody of the town.

    Parameters
    ----------
    town : only read.
    place : row of where it happens.
    victim : row of the resident who suffers it, -1 for none: nobody is their own offender.
    event : identity of the crime.
    s : whose offending there is in its neighbourhood.
    p : parameters of the stage.
    """
    hoods, n = town.neighbourhoods, town.places.neighbourhood[place]
    at = event_uniform(event, SOURCE_SALT) * all_sources(s)
    if at < s.own:
        return look_for(town, residents_of(hoods, n), place, victim, event, True, p)
    at -= s.own
    if at < s.adjoining:
        first, count = hoods.first_adjoining[n], hoods.adjoining[n]
        each = s.adjoining / around_of(hoods, town.adjacency, n)
        other = n
        for row in range(first, first + count):
            other = town.adjacency.neighbour[row]
            at -= each * hoods.offenders[other]
            if at < 0.0:
                break
        return look_for(town, residents_of(hoods, other), place, victim, event, True, p)
    if at - s.adjoining < s.town:
        everybody = slice(0, town.residents.key.size)
        return look_for(town, everybody, place, victim, event, False, p)
    return np.int64(OUTSIDER)


@kernel
def around_of(hoods: Table, adjacency: EventTable, n: Whole) -> Double:
    """Return the summed mean propensities of the neighbourhoods that adjoin one."""
    around = 0.0
    for row in range(hoods.first_adjoining[n], hoods.first_adjoining[n] + hoods.adjoining[n]):
        around += hoods.offenders[adjacency.neighbour[row]]
    return around


@kernel
def residents_of(hoods: Table, n: Whole) -> slice:
    """Return the rows of a neighbourhood's residents."""
    return slice(hoods.first_resident[n], hoods.first_resident[n] + hoods.residents[n])


@kernel
def look_for(
    town: Town,
    among: slice,
    place: Whole,
    victim: Whole,
    event: Hash,
    is_near: Flag,
    p: OffendParameters,
) -> Whole:
    """Return one of some residents by keyed rejection, OUTSIDER where no look finds one.

    Most who are looked at are ruled out by propensity alone, and the rest is not worked out.
    """
    propensity, key = town.residents.propensity, sequence_of(event, OFFENDER_SALT)
    start, count = among.start, among.stop - among.start
    for look in range(LOOKS):
        h = member(key, look)
        i, bar = start + upper(h, count), lower(h) * p.most_active
        if bar < propensity[i] and i != victim and bar < weight_of(town, i, place, is_near, p):
            return i
    return np.int64(OUTSIDER)


@kernel
def weight_of(town: Town, i: Whole, place: Whole, is_near: Flag, p: OffendParameters) -> Double:
    """Return how likely a resident is to be the offender at a place; 0 for who is in custody."""
    residents, places = town.residents, town.places
    if residents.in_custody[i]:
        return 0.0
    weight = np.float64(
        active_propensity(
            residents.propensity[i],
            residents.support[i],
            residents.monitored[i],
            residents.wary[i],
            p,
        )
    )
    if is_near:
        home = residents.place[i]
        x = np.float64(places.x[home]) - np.float64(places.x[place])
        y = np.float64(places.y[home]) - np.float64(places.y[place])
        weight *= p.journey / (p.journey + np.sqrt(x * x + y * y) / METRES)
    return weight


@kernel
def note_arrests(town: Town) -> None:
    """Make wary who was arrested this week or is in custody; newcomers remember nothing.

    The same however often it is done in a week.
    """
    newcomers, wary = town.newcomers, town.residents.wary
    for row in range(newcomers.count[0]):
        wary[newcomers.seat[row]] = 0
    for row in range(town.arrests.count[0]):
        wary[town.arrests.resident[row]] = 1
    for row in range(town.custody.count[0]):
        wary[town.custody.resident[row]] = 1


@kernel
def be_wary(town: Town, p: OffendParameters) -> None:
    """Let remembered risk fade, and offenders remember the risk where they were this week."""
    incidents, wary = town.incidents, town.residents.wary
    fade(wary, p.wary_kept)
    for row in range(incidents.count[0]):
        who = incidents.offender[row]
        if who >= 0:
            wary[who] = max(wary[who], p.met_police * town.places.perceived[incidents.place[row]])
