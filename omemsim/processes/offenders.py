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

over a propensity from which nobody is likelier; not in custody, and not the victim. Whoever was
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
    Column,
    Double,
    Flag,
    Whole,
    event_uniform,
    fade,
    kernel,
    lower,
    member,
    sequence_of,
    upper,
)
from omemsim.processes.clearance import is_among
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
    "pick_offenders",
    "sources_of",
]

OUTSIDER = -1
SOURCE_SALT = OF_A_CRIME["where does the offender live"][0]
OFFENDER_SALT = OF_A_CRIME["who is the offender"][0]
# Propensity above which nobody is likelier: in `city` 1% are above, with 3% of all offending.
SURE_PROPENSITY = 12.0
LOOKS = 1000  # residents looked at; at usual skew one in twelve is active enough
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


class Search(NamedTuple):
    """The search for the offenders of the week's crimes, a row each."""

    start: Column  # int64, first of the residents looked at
    many: Column  # int64, how many they are; 0 for a crime by an outsider
    is_near: Column  # uint8, whether the way from home counts
    look: Column  # int64, how many looks were taken
    found: Column  # int64, who was found, to be looked at closer


@kernel
def pick_offenders(town: Town, everywhere: Double, p: OffendParameters) -> None:
    """Write who commits each crime of the week, OUTSIDER where it is nobody of the town.

    All crimes take a step together, so that the processor fetches what they need at a time.

    Parameters
    ----------
    town : its incidents have their event, place and victim.
    everywhere : mean propensity in the town.
    p : parameters of the stage.
    """
    incidents = town.incidents
    crimes = incidents.count[0]
    search = begin(town, crimes, everywhere, p)
    pending = np.empty(crimes, np.int64)
    waiting = 0
    for row in range(crimes):
        incidents.offender[row] = OUTSIDER
        pending[waiting] = row
        waiting += search.many[row] > 0
    while waiting > 0:
        for k in range(waiting):
            look_on(search, pending[k], incidents, town.residents.propensity)
        waiting = settle(town, search, pending, waiting, p)


@kernel
def begin(town: Town, crimes: Whole, everywhere: Double, p: OffendParameters) -> Search:
    """Draw among whom each crime's offender is to be found."""
    places, incidents = town.places, town.incidents
    start, many = np.empty(crimes, np.int64), np.empty(crimes, np.int64)
    look, found = np.zeros(crimes, np.int64), np.empty(crimes, np.int64)
    search = Search(start, many, np.empty(crimes, np.uint8), look, found)
    for row in range(crimes):
        n = places.neighbourhood[incidents.place[row]]
        s = sources_of(town.neighbourhoods, town.adjacency, n, everywhere, p)
        choose_source(town, search, row, n, s)
    return search


@kernel
def choose_source(town: Town, search: Search, row: Whole, n: Whole, s: Sources) -> None:
    """Draw where a crime's offender lives, of whose offending makes up the rates there.

    Parameters
    ----------
    search : written to.
    row : of the crime.
    n, s : its neighbourhood, and whose offending there is.
    """
    hoods = town.neighbourhoods
    at = event_uniform(town.incidents.event[row], SOURCE_SALT) * all_sources(s)
    near = n if at < s.own else np.int64(OUTSIDER)
    at -= s.own
    if 0.0 <= at < s.adjoining:
        each = s.adjoining / around_of(hoods, town.adjacency, n)
        for k in range(hoods.first_adjoining[n], hoods.first_adjoining[n] + hoods.adjoining[n]):
            near = town.adjacency.neighbour[k]
            at -= each * hoods.offenders[near]
            if at < 0.0:
                break
    search.is_near[row] = near != OUTSIDER
    if near != OUTSIDER:
        search.start[row], search.many[row] = hoods.first_resident[near], hoods.residents[near]
        return
    is_of_town = 0.0 <= at - s.adjoining < s.town
    search.start[row], search.many[row] = 0, town.residents.key.size if is_of_town else 0


@kernel
def around_of(hoods: Table, adjacency: EventTable, n: Whole) -> Double:
    """Return the summed mean propensities of the neighbourhoods that adjoin one."""
    around = 0.0
    for row in range(hoods.first_adjoining[n], hoods.first_adjoining[n] + hoods.adjoining[n]):
        around += hoods.offenders[adjacency.neighbour[row]]
    return around


@kernel
def look_on(search: Search, row: Whole, incidents: EventTable, propensity: Column) -> None:
    """Look at residents until one may be active enough: most are ruled out by propensity alone."""
    key = sequence_of(incidents.event[row], OFFENDER_SALT)
    start, count, victim = search.start[row], search.many[row], incidents.victim[row]
    search.found[row] = OUTSIDER
    look = search.look[row]
    while look < LOOKS:
        h = member(key, look)
        i = start + upper(h, count)
        look += 1
        if lower(h) * SURE_PROPENSITY < propensity[i] and i != victim:
            search.found[row] = i
            break
    search.look[row] = look


@kernel
def settle(
    town: Town, search: Search, pending: Column, waiting: Whole, p: OffendParameters
) -> Whole:
    """Look closer at those found; keep for more looks the crimes whose offender they are not."""
    incidents, left = town.incidents, 0
    for k in range(waiting):
        row = pending[k]
        i = search.found[row]
        bar = SURE_PROPENSITY * lower(
            member(sequence_of(incidents.event[row], OFFENDER_SALT), search.look[row] - 1)
        )
        closer = max(i, 0)  # without a branch, so that many are under way
        is_it = bar < weight_of(town, closer, incidents.place[row], search.is_near[row], p)
        if is_it and is_among(town.custody.resident[: town.custody.count[0]], i):
            is_it = False
        incidents.offender[row] = i if is_it else np.int64(OUTSIDER)
        pending[left] = row
        left += i >= 0 and not is_it
    return left


@kernel
def weight_of(town: Town, i: Whole, place: Whole, is_near: Flag, p: OffendParameters) -> Double:
    """Return how likely a resident who is at large is to be the offender at a place."""
    residents, places = town.residents, town.places
    active = active_propensity(
        residents.propensity[i], residents.support[i], residents.monitored[i], residents.wary[i], p
    )
    home = residents.place[i]
    x = np.float64(places.x[home]) - np.float64(places.x[place])
    y = np.float64(places.y[home]) - np.float64(places.y[place])
    km = np.sqrt(x * x + y * y) / METRES * is_near
    return np.float64(active) * (p.journey / (p.journey + km))


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
