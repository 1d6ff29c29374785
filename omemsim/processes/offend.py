"""Stage 8, offend: crime happens at places; household crime triggers more there and near.

A Poisson number per place and type, from one keyed uniform each. With E the summed exposure
of the residents of the place, H that of its households (`presence`) and opp its opportunity:

    rate = base/52 season (1 + shock_n (1 - v)(1 - foreseen foresight_n v)) fit_n in_reach_n
           exp(-guardianship (efficacy_n - 1/2)) exp(-direct - spill) hazards_n (see `hazards`)
           x opp attraction E              (violence, theft); v is vigilance_n
           x dwelling_opp H residents_n/households_n   (household crime)
           x businesses                    (business crime; base is per business)
    to which household crimes add what earlier ones trigger, triggered exp(-direct - spill)
    in_reach   = (1 - reach) own mean propensity + reach mean of adjoining neighbourhoods
    direct     = min(cap, deterrence max(0, perceived - share accustomed) + removed
                 + design designed), with share and design the parameters accustomed and designed
    spill      = (diffused - displaced) mean deterrence of the near places
    attraction = (1 + visitors) / (1 + usual_visitors);  a victim is a passer-by with
                 probability v/(1 + v), v = visitors opp

Then who: keyed rejection with weight exposure over its fixed maximum, among the residents
of the place or, for a passer-by, of the town; for household crime among its households.
A victim's boost jumps to ``repeat`` and fades; what is above 1 falls by victim_support where
officers put them in touch with victim support. A household crime triggers ``near`` others, 0.6
of them at its place and 0.1 at each of the near ones, from the next week on.

Sources: GSS 2019; Sampson et al. 1997; Johnson et al. 2007; Braga et al. 2019. Assumption:
offenders of a neighbourhood are interchangeable; supported and monitored ones offend less,
and those in custody not at all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omemsim.kernels import (
    Column,
    Double,
    Hash,
    Single,
    Whole,
    choice,
    event_id,
    event_uniform,
    exponential,
    fade,
    kernel,
    poisson,
    stream_of,
)
from omemsim.processes.hazards import usual_hazard
from omemsim.processes.presence import (
    Exposures,
    dwellings_at,
    fade_boosts,
    pool_offenders,
    reset_boosts,
    residents_at,
    sum_exposures,
    support_victims,
)
from omemsim.program import Stage, has_room
from omemsim.strategies import Strategy
from omemsim.town import EventTable, Table, Town
from omemsim.vocabulary.parameters import Offend, Parameters, People
from omemsim.vocabulary.random_numbers import Decision, Stream
from omemsim.vocabulary.rates import DAYS_PER_WEEK, decay, per_week
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import Crime

__all__ = ["STAGE", "step"]

READS = {
    "newcomers": "seat count",
    "custody": "resident count",
    "adjacency": "neighbour",
    "service": "season",
    "neighbourhoods": "first_resident residents households first_adjoining adjoining efficacy "
    "vigilance foresight shock hazard visitors fit_violence fit_property watch_momentum",
    "places": "key neighbourhood near first_resident residents first_household households "
    "opportunity dwelling_opportunity businesses perceived accustomed removed designed",
    "households": "first_resident residents protection in_watch",
    "residents": "key household place exposure vigilance propensity support monitored",
}
WRITES = {
    "neighbourhoods": "offenders expected_violence expected_property expected_business "
    "new_violence new_household new_incidents",
    "places": "triggered",
    "households": "boost",
    "residents": "boost is_hit is_helped",
    "incidents": "event type day place victim count",
}

# What an event is asked, so that one answer never depends on another question.
COUNT_SALT, DAY_SALT, PASSER_SALT, FIRST_TRY = 0, 1, 2, 16
TRIES = 400
AT_ONCE = 8  # candidates looked at together (divides TRIES): vectorizes, few mispredicted branches
KINDS = len(Crime)
NOBODY = -1
# Of what a household crime triggers: where it was, and at each of four places near; assumed.
THERE, NEARBY = 0.6, 0.1
_ONE = np.float32(1)


class OffendParameters(NamedTuple):
    """What `offend` needs."""

    violence: np.float64  # crimes per week and resident, at mean conditions; so the next two
    theft: np.float64
    household: np.float64
    business: np.float64  # crimes per week and business
    reach: np.float64
    guardianship: np.float64
    usual_visitors: np.float64
    foreseen: np.float32  # share of a shock
    usual_hazard: np.float64
    supported: np.float32
    monitored: np.float32
    vigilance: np.float32
    protection: np.float32
    watch: np.float32
    deterrence: np.float32
    accustomed: np.float32
    designed: np.float64
    cap: np.float64
    shared: np.float64  # of deterrence, what near places gain, less what moves there
    repeat: np.float32  # boost of a fresh victim
    victim_support: np.float32  # share of a boost, above 1, that help takes away
    boost_kept: np.float32  # share of a boost, above 1, that a week leaves
    most_exposed: np.float32  # greatest weight of a resident
    there: np.float32  # crimes that a household crime triggers in the first week at its place
    nearby: np.float32  # and at each place near
    triggered_kept: np.float32  # share of it that a week leaves


def offend_parameters(parameters: Parameters, strategy: Strategy) -> OffendParameters:
    """Return what the stage needs."""
    del strategy
    group = parameters.offend
    fades = decay(group.near_half_life)
    most = group.near * fades  # of the first week, so that all weeks add up to ``near``
    return fill(
        OffendParameters,
        group,
        violence=per_week(group.violence / 1000),
        theft=per_week(group.theft / 1000),
        household=per_week(group.household / 1000),
        business=per_week(group.business / 1000),
        foreseen=parameters.context.foreseen,
        usual_hazard=usual_hazard(parameters.context),
        shared=group.diffused - group.displaced,
        boost_kept=1 - decay(group.repeat_half_life),
        most_exposed=most_exposed(parameters.people, group),
        there=THERE * most,
        nearby=NEARBY * most,
        triggered_kept=1 - fades,
    )


def most_exposed(people: People, group: Offend) -> float:
    """Return the greatest weight a resident can have."""
    return (1 + people.exposure_need / 2) * (people.exposure_power + 1) * group.repeat


@kernel
def offend(town: Town, p: OffendParameters, week: int) -> None:
    """Draw this week's incidents, pick their victims, fade old boosts.

    How many there are is known only when they are drawn. What is written before there is room
    for them would be written again with the same values: boosts and what is triggered fade after.
    """
    stream = stream_of(town.seed, Decision.OFFEND, week)
    reset_boosts(town)
    pool_offenders(town, p)
    counts = draw_counts(town, sum_exposures(town, p), stream, p)
    if not has_room(town, town.incidents, np.int64(np.sum(counts))):
        return
    fade_boosts(town.residents, p.boost_kept)
    fade_boosts(town.households, p.boost_kept)
    list_incidents(town, counts, stream, p)
    support_victims(town, p)
    leave_traces(town, p)


STAGE = Stage(offend, OffendParameters, offend_parameters)
step = STAGE.step


@kernel
def draw_counts(town: Town, exposures: Exposures, stream: Stream, p: OffendParameters) -> Column:
    """Return crimes by place and type, uint8 (P, 4); write the rates expected."""
    hoods, places = town.neighbourhoods, town.places
    key, hood, opportunity = places.key, places.neighbourhood, places.opportunity
    people, dwellings = exposures.people, exposures.dwellings
    factors, risk = rate_factors(town, p), place_risks(places, p)
    hoods.expected_violence[:], hoods.expected_property[:] = 0, 0
    hoods.expected_business[:] = 0
    u, rate = np.empty((KINDS, key.size)), np.empty(KINDS)
    counts = np.empty((key.size, KINDS), np.uint8)  # `poisson` ends at 255
    for kind in range(KINDS):
        draw_uniforms(key, kind, stream, u[kind])
    for place in range(key.size):
        n = hood[place]
        violence = factors[n, Crime.VIOLENCE] * risk[place] * opportunity[place] * people[place]
        theft = factors[n, Crime.THEFT] * risk[place] * opportunity[place] * people[place]
        fresh = factors[n, Crime.HOUSEHOLD] * places.dwelling_opportunity[place] * dwellings[place]
        household = risk[place] * (fresh + places.triggered[place])
        business = factors[n, Crime.BUSINESS] * risk[place] * places.businesses[place]
        rate[Crime.VIOLENCE], rate[Crime.THEFT] = violence, theft
        rate[Crime.HOUSEHOLD], rate[Crime.BUSINESS] = household, business
        for kind in range(KINDS):
            counts[place, kind] = poisson(rate[kind], u[kind, place])
        hoods.expected_violence[n] += violence
        hoods.expected_property[n] += theft + household
        hoods.expected_business[n] += business
    return counts


@kernel
def rate_factors(town: Town, p: OffendParameters) -> Column:
    """Return what multiplies rates in each neighbourhood, float64 (N, 4), by type."""
    hoods, season = town.neighbourhoods, town.service.season[0]
    factors = np.empty((hoods.residents.size, KINDS))
    for n in range(hoods.residents.size):
        common = season * in_reach(hoods, town.adjacency, n, p)
        alert = np.float64(hoods.vigilance[n])
        spared = (1 - alert) * (1 - p.foreseen * hoods.foresight[n] * alert)
        common *= 1 + hoods.shock[n] * spared
        common *= (1 + np.float64(hoods.hazard[n])) / (1 + p.usual_hazard)
        common *= exponential(p.guardianship * (0.5 - np.float64(hoods.efficacy[n])))
        attraction = (1 + np.float64(hoods.visitors[n])) / (1 + p.usual_visitors)
        personal = common * np.float64(hoods.fit_violence[n]) * attraction
        of_property = common * np.float64(hoods.fit_property[n])
        crowding = hoods.residents[n] / hoods.households[n]
        factors[n, Crime.VIOLENCE] = personal * p.violence
        factors[n, Crime.THEFT] = of_property * attraction * p.theft
        factors[n, Crime.HOUSEHOLD] = of_property * crowding * p.household
        factors[n, Crime.BUSINESS] = of_property * p.business
    return factors


@kernel
def in_reach(hoods: Table, adjacency: EventTable, n: int, p: OffendParameters) -> Double:
    """Return offenders in reach of a neighbourhood: its own, and those of adjoining ones."""
    own, first, count = hoods.offenders[n], hoods.first_adjoining[n], hoods.adjoining[n]
    if count == 0:  # its own stand for those around
        return (1 - p.reach) * own + p.reach * own
    around = 0.0
    for row in range(first, first + count):
        around += hoods.offenders[adjacency.neighbour[row]]
    return (1 - p.reach) * own + p.reach * (around / count)


@kernel
def place_risks(places: Table, p: OffendParameters) -> Column:
    """Return exp(-direct - spill) of each place, float64 (P,)."""
    perceived, accustomed, near = places.perceived, places.accustomed, places.near
    risk, deter = np.empty(perceived.size), np.empty(perceived.size, np.float32)
    for place in range(risk.size):
        unusual = max(perceived[place] - p.accustomed * accustomed[place], np.float32(0))
        deter[place] = p.deterrence * unusual
    for place in range(risk.size):
        nearby = 0.0
        for other in near[place]:
            nearby += np.float64(deter[other])
        spill = p.shared * nearby / near[place].size
        solved = np.float64(places.removed[place]) + p.designed * np.float64(places.designed[place])
        risk[place] = -min(p.cap, np.float64(deter[place]) + solved) - spill
    for place in range(risk.size):  # by itself, so that it vectorizes
        risk[place] = exponential(risk[place])
    return risk


@kernel
def draw_uniforms(key: Column, kind: int, stream: Stream, u: Column) -> None:
    """Write the uniform that says how many crimes of a type there are at each place.

    Parameters
    ----------
    key : uint32 (places,).
    kind : of crime, as ``Crime``.
    stream : stream of the week's crimes.
    u : float64 (places,), written to.
    """
    for place in range(key.size):
        u[place] = event_uniform(event_id(key[place], kind, stream.low, stream.high), COUNT_SALT)


@kernel
def list_incidents(town: Town, counts: Column, stream: Stream, p: OffendParameters) -> None:
    """List the incidents of the week, in order of place and type, each with its victim."""
    places, incidents = town.places, town.incidents
    row = 0
    for place in range(places.key.size):
        for kind in range(KINDS):
            for k in range(counts[place, kind]):
                number = KINDS + KINDS * k + kind  # the first ask how many there are
                event = event_id(places.key[place], number, stream.low, stream.high)
                incidents.event[row], incidents.type[row] = event, kind
                incidents.day[row] = choice(event, DAY_SALT, DAYS_PER_WEEK)
                incidents.place[row] = place
                incidents.victim[row] = pick_victim(town, place, kind, event, p)
                row += 1
    incidents.count[0] = row


@kernel
def pick_victim(town: Town, place: int, kind: int, event: Hash, p: OffendParameters) -> Whole:
    """Return the resident who suffers; for household crime, the first who lives there."""
    hoods, places = town.neighbourhoods, town.places
    n = places.neighbourhood[place]
    if kind == Crime.BUSINESS:
        return np.int64(NOBODY)
    if kind == Crime.HOUSEHOLD:
        watched = p.watch * hoods.watch_momentum[n]
        return pick_dwelling(town.households, dwellings_at(places, place), watched, event, p)
    v = np.float64(hoods.visitors[n] * places.opportunity[place])
    if event_uniform(event, PASSER_SALT) < v / (1.0 + v):
        return pick_resident(town.residents, slice(0, town.residents.key.size), event, p)
    return pick_resident(town.residents, residents_at(places, place), event, p)


@kernel
def pick_resident(residents: Table, among: slice, event: Hash, p: OffendParameters) -> Whole:
    """Return one of some residents by keyed rejection, weight exposure."""
    exposure, vigilance, boost = residents.exposure, residents.vigilance, residents.boost
    start, count = among.start, among.stop - among.start
    for t in range(FIRST_TRY, FIRST_TRY + 2 * TRIES, 2 * AT_ONCE):
        found = AT_ONCE
        for j in range(AT_ONCE - 1, -1, -1):  # backwards, so that the first one taken stays
            i = start + choice(event, t + 2 * j, count)
            weight = exposure[i] * boost[i] * (_ONE - p.vigilance * vigilance[i])
            taken = event_uniform(event, t + 2 * j + 1) < weight / p.most_exposed
            found = j if taken else found
        if found < AT_ONCE:
            return start + choice(event, t + 2 * found, count)
    # None was taken, which practically never happens: the last one looked at stands.
    return start + choice(event, FIRST_TRY + 2 * TRIES - 2, count)


@kernel
def pick_dwelling(
    homes: Table, among: slice, watched: Single, event: Hash, p: OffendParameters
) -> Whole:
    """Return the first resident of one of some households by keyed rejection."""
    protection, in_watch, boost = homes.protection, homes.in_watch, homes.boost
    start, count = among.start, among.stop - among.start
    for t in range(FIRST_TRY, FIRST_TRY + 2 * TRIES, 2 * AT_ONCE):
        found = AT_ONCE
        for j in range(AT_ONCE - 1, -1, -1):
            h = start + choice(event, t + 2 * j, count)
            weight = boost[h] * (_ONE - p.protection * protection[h])
            weight = weight * (_ONE - watched * np.float32(in_watch[h]))
            found = j if event_uniform(event, t + 2 * j + 1) < weight / p.repeat else found
        if found < AT_ONCE:
            return homes.first_resident[start + choice(event, t + 2 * found, count)]
    return homes.first_resident[start + choice(event, FIRST_TRY + 2 * TRIES - 2, count)]


@kernel
def leave_traces(town: Town, p: OffendParameters) -> None:
    """Fade and add what crimes trigger, mark victims, raise boosts, count by neighbourhood."""
    hoods, places, incidents = town.neighbourhoods, town.places, town.incidents
    residents, homes = town.residents, town.households
    hoods.new_violence[:], hoods.new_household[:], hoods.new_incidents[:] = 0, 0, 0
    fade(places.triggered, p.triggered_kept)
    for row in range(incidents.count[0]):
        kind, place, victim = incidents.type[row], incidents.place[row], incidents.victim[row]
        n = places.neighbourhood[place]
        hoods.new_violence[n] += kind == Crime.VIOLENCE
        hoods.new_household[n] += kind == Crime.HOUSEHOLD
        hoods.new_incidents[n] += victim >= 0
        if kind == Crime.HOUSEHOLD:
            trigger(places, place, p)
            home = residents.household[victim]
            homes.boost[home] = p.repeat
            first = homes.first_resident[home]
            residents.is_hit[first : first + homes.residents[home]] = 1
        elif victim >= 0:
            residents.boost[victim] = p.repeat
            residents.is_hit[victim] = 1


@kernel
def trigger(places: Table, place: int, p: OffendParameters) -> None:
    """Add what a household crime triggers, as much wherever it was.

    Multiples of the place's rate would run away at hot places.
    """
    places.triggered[place] += p.there
    for other in places.near[place]:
        places.triggered[other] += p.nearby
