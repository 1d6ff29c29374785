"""Who commits a crime, in stage 8: a resident, most likely of the places near, or an outsider.

Some violence is by family and neighbours of the victim: see `acquainted`. Of all other crimes,
whose offending makes up a neighbourhood's rates says where the offender of a crime there lives:

    sources    = (1 - o) (1 - afar) (1 - reach) offenders_n     its own residents
               + (1 - o) (1 - afar) reach mean of adjoining     those of adjoining neighbourhoods
               + (1 - o) afar mean of the town                  those of the whole town
               + o                                              outsiders, of mean propensity
    o          = outsiders visitors_n/(1 + visitors_n)

Then a resident of there, drawn by propensity (`pool`), and by keyed rejection with weight

    (1 - supported support) (1 - monitored mark) (1 - avoids wary)
        x journey/(journey + distance from home)        (not where the whole town is meant)

not in custody, and not the victim. Whoever was caught is wary at 1, whoever offended where risk is
perceived at ``met_police`` of it at least; it fades by half in wary_half_life.

Sources: Andresen et al. 2014 (journeys are short); Nagin 2013 (the certainty of being caught).
Assumptions: the form of the kernel; within a neighbourhood, how near its offenders live does not
change a place's rate; one journey for all types of crime. Distances are thus an input, as is what
follows from it (P42a); how they differ by type (P42b) follows from who knows whom.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from omemsim.kernels import (
    Double,
    Hash,
    Whole,
    event_uniform,
    fade,
    fraction,
    kernel,
    member,
    sequence_of,
)
from omemsim.processes.acquainted import pick_acquainted
from omemsim.processes.clearance import is_among
from omemsim.processes.pool import Pool, blocks_of, draw_resident
from omemsim.processes.presence import active_share
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

OUTSIDER, EVERYWHERE = -1, -2  # where an offender lives, if not in one neighbourhood
SOURCE_SALT = OF_A_CRIME["where does the offender live"][0]
OFFENDER_SALT = OF_A_CRIME["who is the offender"][0]
LOOKS = 1000  # residents looked at; of those 20 km away, one in 26 goes
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
def pick_offenders(town: Town, pool: Pool, everywhere: Double, p: OffendParameters) -> None:
    """Write who commits each crime of the week, OUTSIDER where it is nobody of the town.

    Parameters
    ----------
    town : its incidents have their event, place and victim.
    pool : of residents who may offend.
    everywhere : mean propensity in the town.
    p : parameters of the stage.
    """
    places, incidents, before = town.places, town.incidents, np.int64(-1)
    s = Sources(0.0, 0.0, 0.0, 0.0)
    for row in range(incidents.count[0]):
        n = np.int64(places.neighbourhood[incidents.place[row]])
        if n != before:  # crimes are listed by place: many in a row have the same sources
            s = sources_of(town.neighbourhoods, town.adjacency, n, everywhere, p)
            before = n
        who = pick_acquainted(town, row, p)
        if who < 0:
            source = choose_source(town, incidents.event[row], n, s)
            who = pick_offender(town, pool, row, source, p)
        incidents.offender[row] = who


@kernel
def choose_source(town: Town, event: Hash, n: Whole, s: Sources) -> Whole:
    """Return the neighbourhood where a crime's offender lives, EVERYWHERE or OUTSIDER.

    Parameters
    ----------
    event : identity of the crime.
    n, s : its neighbourhood, and whose offending makes up the rates there.
    """
    hoods, adjacency = town.neighbourhoods, town.adjacency
    at = event_uniform(event, SOURCE_SALT) * all_sources(s)
    if at < s.own:
        return n
    at -= s.own
    if at < s.adjoining:
        each, near = s.adjoining / around_of(hoods, adjacency, n), n
        for k in range(hoods.first_adjoining[n], hoods.first_adjoining[n] + hoods.adjoining[n]):
            near = np.int64(adjacency.neighbour[k])
            at -= each * hoods.offenders[near]
            if at < 0.0:
                break
        return near
    return np.int64(EVERYWHERE if at - s.adjoining < s.town else OUTSIDER)


@kernel
def around_of(hoods: Table, adjacency: EventTable, n: Whole) -> Double:
    """Return the summed mean propensities of the neighbourhoods that adjoin one."""
    around = 0.0
    for row in range(hoods.first_adjoining[n], hoods.first_adjoining[n] + hoods.adjoining[n]):
        around += hoods.offenders[adjacency.neighbour[row]]
    return around


@kernel
def pick_offender(town: Town, pool: Pool, row: Whole, source: Whole, p: OffendParameters) -> Whole:
    """Return who commits a crime: of some residents by propensity, then by what keeps them.

    Parameters
    ----------
    row : of the crime.
    source : the neighbourhood where they live, EVERYWHERE or OUTSIDER.
    """
    incidents, is_near = town.incidents, source >= 0
    if source == OUTSIDER:
        return np.int64(OUTSIDER)
    blocks = blocks_of(pool, source)
    if pool.before[blocks.start] == pool.before[blocks.stop]:  # nobody offends
        return np.int64(OUTSIDER)
    key, victim = sequence_of(incidents.event[row], OFFENDER_SALT), incidents.victim[row]
    held = town.custody.resident[: town.custody.count[0]]
    for look in range(0, 2 * LOOKS, 2):
        i = draw_resident(town.residents.propensity, pool, blocks, fraction(member(key, look)))
        chance = np.float64(active_share(town.residents, i, p))
        chance *= journey_factor(town, i, incidents.place[row], p) if is_near else 1.0
        if fraction(member(key, look + 1)) < chance and i != victim and not is_among(held, i):
            return i
    return np.int64(OUTSIDER)


@kernel
def journey_factor(town: Town, i: Whole, place: Whole, p: OffendParameters) -> Double:
    """Return how likely a resident goes to a place, against one at home."""
    places, home = town.places, town.residents.place[i]
    x = np.float64(places.x[home]) - np.float64(places.x[place])
    y = np.float64(places.y[home]) - np.float64(places.y[place])
    return p.journey / (p.journey + np.sqrt(x * x + y * y) / METRES)


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
