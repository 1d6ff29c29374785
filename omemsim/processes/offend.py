"""Stage 8, offend: crime happens at places; household crime triggers more there and near.

A Poisson number per place and type, from one keyed uniform each. With E the summed exposure
of the residents of the place, H that of its households (`presence`) and opp its opportunity:

    rate = base/52 season (1 + shock_n (1 - v)(1 - foreseen foresight_n v)) fit_n in_reach_n
           exp(drift_n - guardianship (efficacy_n - 1/2)) hazards_n (see `hazards`)
           x opp attraction E              (violence, theft); v is vigilance_n
           x dwelling_opp H residents_n/households_n   (household crime)
           x businesses                    (business crime; base is per business)
    to which household crimes add what earlier ones trigger
    in_reach   = offenders near, in the town and from outside: see `offenders`
    attraction = (1 + visitors) / (1 + usual_visitors);  a victim is a passer-by with
                 probability v/(1 + v), v = visitors opp

These are attempts: what visits, removed opportunity and design do to each, and whether it moves,
stands in `displacement`. What becomes a crime has a victim: keyed rejection with weight exposure
over its fixed maximum, among the residents of the place or, for a passer-by, of the town; for
household crime among its households. Who did it: `offenders`. A victim's boost jumps to ``repeat``
and fades; what is above 1 falls by victim_support where officers put them in touch with victim
support. A household crime triggers ``near`` others, near_there of them at its place and the rest
evenly at the near ones, from the next week on.

Sources: GSS 2019; Sampson et al. 1997; Johnson et al. 2007. Assumption: supported, monitored and
wary offenders offend less, and those in custody not at all.
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
from omemsim.processes.displacement import NOWHERE, Passing, passing_of, place_of
from omemsim.processes.hazards import usual_hazard
from omemsim.processes.offenders import (
    all_sources,
    be_wary,
    mean_everywhere,
    note_arrests,
    pick_offenders,
    sources_of,
)
from omemsim.processes.pool import mean_offenders, pool_of
from omemsim.processes.presence import (
    Exposures,
    dwellings_at,
    fade_boosts,
    reset_boosts,
    residents_at,
    sum_exposures,
    support_victims,
)
from omemsim.program import Stage, has_room
from omemsim.strategies import Strategy
from omemsim.town import Table, Town
from omemsim.vocabulary.parameters import Offend, Parameters, People
from omemsim.vocabulary.questions import OF_A_CRIME, VICTIM_TRIES
from omemsim.vocabulary.random_numbers import Decision, Stream
from omemsim.vocabulary.rates import DAYS_PER_WEEK, decay, per_week
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import Crime

__all__ = ["STAGE", "step"]

READS = {
    "newcomers": "seat count",
    "custody": "resident count",
    "arrests": "resident count",
    "adjacency": "neighbour",
    "service": "season",
    "neighbourhoods": "first_resident residents first_household households first_place places "
    "first_adjoining adjoining efficacy "
    "vigilance foresight shock hazard drift visitors fit_violence fit_property watch_momentum",
    "places": "key neighbourhood x y near first_resident residents first_household households "
    "opportunity dwelling_opportunity businesses perceived accustomed removed designed",
    "households": "first_resident residents protection in_watch",
    "residents": "key household place exposure vigilance propensity support monitored",
}
WRITES = {
    "neighbourhoods": "offenders expected_violence expected_property expected_business "
    "new_violence new_household new_incidents",
    "places": "triggered",
    "households": "boost",
    "residents": "boost is_hit is_helped wary",
    "incidents": "event type day place victim offender count",
    "service": "blocked displaced displaced_away diffused",
}

DAY_SALT = OF_A_CRIME["day"][0]
PASSER_SALT = OF_A_CRIME["is the victim passing by"][0]
FIRST_TRY, TRIES = OF_A_CRIME["who is the victim"][0], VICTIM_TRIES
AT_ONCE = 8  # candidates looked at together (divides TRIES): vectorizes, few mispredicted branches
KINDS = len(Crime)  # types of crime
NOBODY = -1  # no resident
NEAR = 4  # places near to each
_ONE = np.float32(1)


class OffendParameters(NamedTuple):
    """What `offend` needs."""

    violence: np.float64  # crimes per week and resident, at mean conditions; so the next two
    theft: np.float64
    household: np.float64
    business: np.float64  # crimes per week and business
    reach: np.float64
    afar: np.float64
    outsiders: np.float64
    journey: np.float64  # km
    family: np.float64
    acquainted: np.float64
    avoids: np.float32
    met_police: np.float32
    wary_kept: np.float32  # share of remembered risk that a week leaves
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
    displaced: np.float64
    onward: np.float64
    diffused: np.float64
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
        wary_kept=1 - decay(group.wary_half_life),
        usual_hazard=usual_hazard(parameters.context),
        boost_kept=1 - decay(group.repeat_half_life),
        most_exposed=most_exposed(parameters.people, group),
        there=group.near_there * most,
        nearby=(1 - group.near_there) / NEAR * most,
        triggered_kept=1 - fades,
    )


def most_exposed(people: People, group: Offend) -> float:
    """Return the greatest weight a resident can have."""
    return (1 + people.exposure_need / 2) * (people.exposure_power + 1) * group.repeat


@kernel
def offend(town: Town, p: OffendParameters, week: int) -> None:
    """Draw this week's incidents, pick their victims and offenders, fade old boosts.

    How many there are is known only when they are drawn. What is written before there is room
    for them would be written again with the same values: all that fades does so after.
    """
    stream = stream_of(town.seed, Decision.OFFEND, week)
    reset_boosts(town)
    note_arrests(town)
    mean_offenders(town, p)
    passing, everywhere = passing_of(town.places, p), mean_everywhere(town.neighbourhoods)
    counts = draw_counts(town, sum_exposures(town, p), passing, everywhere, stream, p)
    if not has_room(town, town.incidents, np.int64(np.sum(counts))):
        return
    fade_boosts(town.residents, p.boost_kept)
    fade_boosts(town.households, p.boost_kept)
    list_incidents(town, counts, passing, stream, p)
    pool = pool_of(town.neighbourhoods, town.residents.propensity)
    pick_offenders(town, pool, everywhere, p)
    support_victims(town, p)
    leave_traces(town, p)
    be_wary(town, p)


STAGE = Stage(offend, OffendParameters, offend_parameters)
step = STAGE.step


@kernel
def draw_counts(
    town: Town,
    exposures: Exposures,
    passing: Passing,
    everywhere: Double,
    stream: Stream,
    p: OffendParameters,
) -> Column:
    """Return attempts by place and type, uint8 (P, 4); write the rates of what passes.

    Parameters
    ----------
    exposures, passing : by place.
    everywhere : mean propensity in the town.
    stream : stream of the week's crimes.
    """
    hoods, places = town.neighbourhoods, town.places
    key, hood, opportunity = places.key, places.neighbourhood, places.opportunity
    people, dwellings = exposures.people, exposures.dwellings
    factors = rate_factors(town, everywhere, p)
    hoods.expected_violence[:], hoods.expected_property[:] = 0, 0
    hoods.expected_business[:] = 0
    u, rate = np.empty((KINDS, key.size)), np.empty(KINDS)
    counts = np.empty((key.size, KINDS), np.uint8)  # `poisson` ends at 255
    draw_uniforms(key, stream, u)
    for place in range(key.size):
        n = hood[place]
        fresh = factors[n, Crime.HOUSEHOLD] * places.dwelling_opportunity[place] * dwellings[place]
        rate[Crime.VIOLENCE] = factors[n, Crime.VIOLENCE] * opportunity[place] * people[place]
        rate[Crime.THEFT] = factors[n, Crime.THEFT] * opportunity[place] * people[place]
        rate[Crime.HOUSEHOLD] = fresh + places.triggered[place]
        rate[Crime.BUSINESS] = factors[n, Crime.BUSINESS] * places.businesses[place]
        for kind in range(KINDS):
            counts[place, kind] = poisson(rate[kind], u[kind, place])
        hoods.expected_violence[n] += passing.share[place] * rate[Crime.VIOLENCE]
        hoods.expected_property[n] += passing.share[place] * (
            rate[Crime.THEFT] + rate[Crime.HOUSEHOLD]
        )
        hoods.expected_business[n] += passing.share[place] * rate[Crime.BUSINESS]
    return counts


@kernel
def rate_factors(town: Town, everywhere: Double, p: OffendParameters) -> Column:
    """Return what multiplies rates in each neighbourhood, float64 (N, 4), by type."""
    hoods, season = town.neighbourhoods, town.service.season[0]
    factors = np.empty((hoods.residents.size, KINDS))
    for n in range(hoods.residents.size):
        common = season * all_sources(sources_of(hoods, town.adjacency, n, everywhere, p))
        alert = np.float64(hoods.vigilance[n])
        spared = (1 - alert) * (1 - p.foreseen * hoods.foresight[n] * alert)
        common *= 1 + hoods.shock[n] * spared
        common *= (1 + np.float64(hoods.hazard[n])) / (1 + p.usual_hazard)
        guarded = p.guardianship * (0.5 - np.float64(hoods.efficacy[n]))
        common *= exponential(guarded + np.float64(hoods.drift[n]))
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
def draw_uniforms(key: Column, stream: Stream, u: Column) -> None:
    """Write the uniforms that say how many crimes of each type there are at each place.

    Parameters
    ----------
    key : uint32 (places,).
    stream : stream of the week's crimes.
    u : float64 (4, places), written to.
    """
    violence, theft, household, business = u[0], u[1], u[2], u[3]
    for place in range(key.size):
        event = event_id(key[place], 0, stream.low, stream.high)
        violence[place] = event_uniform(event, Crime.VIOLENCE)
        theft[place] = event_uniform(event, Crime.THEFT)
        household[place] = event_uniform(event, Crime.HOUSEHOLD)
        business[place] = event_uniform(event, Crime.BUSINESS)


@kernel
def list_incidents(
    town: Town, counts: Column, passing: Passing, stream: Stream, p: OffendParameters
) -> None:
    """List the incidents of the week, by place of the attempt and type, each with its victim."""
    places, incidents, service = town.places, town.incidents, town.service
    service.blocked[0], service.diffused[0] = 0, 0
    service.displaced[0], service.displaced_away[0] = 0, 0
    row = 0
    for place in range(places.key.size):
        for kind in range(KINDS):
            for k in range(counts[place, kind]):
                number = KINDS + KINDS * k + kind  # the first says how many there are
                event = event_id(places.key[place], number, stream.low, stream.high)
                where = place_of(town, place, kind, event, passing, p)
                if where != NOWHERE:
                    write_incident(town, row, where, kind, event, p)
                    row += 1
    incidents.count[0] = row


@kernel
def write_incident(
    town: Town, row: Whole, place: Whole, kind: Whole, event: Hash, p: OffendParameters
) -> None:
    """Write an incident, with its victim.

    Parameters
    ----------
    row : of the incident.
    place, kind : where it happens, and its type.
    event : its identity.
    """
    incidents = town.incidents
    incidents.event[row], incidents.type[row] = event, kind
    incidents.day[row] = choice(event, DAY_SALT, DAYS_PER_WEEK)
    incidents.place[row] = place
    incidents.victim[row] = pick_victim(town, place, kind, event, p)


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
