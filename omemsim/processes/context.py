"""Stage 1, context: season, trend, shocks and other events; households move.

Season is a cosine of the week, trend compounds by the week, a shock decays by half-lives. Events
that are on this week add up by neighbourhood: crime to the shock, economic shocks to hardship,
legitimacy shocks to scandal, campaigns to campaign; budget cuts multiply staffing; closed agencies
are closed. Local hazards stand in `hazards`. Where hardship changes, everybody becomes what the
same person would be at deprivation + hardship (the youngest with today's early intervention): their
feelings stay. A household moves with probability

    p = 1 - exp(-moving/52 max(0, 1 + flight (fear_n - 0.3)))

then new people sit in its seats, drawn from the neighbourhood's distribution with the tenancy
number in their key, and children live there with probability ``children``.

Occupant of a neighbourhood with deprivation + hardship d (u.. uniforms, all cut to [0, 1]):
    common     = d + deprivation_within (u0 + u1 - 1)
    precursor  = common + precursor_spread (2u - 1), four of them; need is their mean
    assets     = 1 - common + asset_spread (2u - 1)
    propensity = (floor + 2 (1 - floor) need) tail(u) age / mean age, at most 4,000 (see `tail`)
                 x (1 - early_effect cohort_n) for the youngest
    exposure   = (1 + exposure_need (need - 1/2)) (exposure_power + 1) u^exposure_power
    trust      = trust_level - trust_need need + trust_spread (2u - 1), on arrival
    group, stop_exposure: see `stopping`
    leader with probability 2 leader_prevalence assets
and what they need when a crisis comes stands in `needs`. Risk drifts by neighbourhood in `drift`.
Assumption: newcomers resemble those who leave, and live their first week with the feelings of
their predecessors (stage 11 makes them their own). Source: census mobility (moving rates).
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import (
    FIXED,
    Column,
    Flag,
    Half,
    Single,
    Whole,
    fixed_sum,
    kernel,
    probability,
    rows_of,
    stream_of,
    substream_of,
    uniform,
    unit,
    whole_power,
)
from omemsim.processes.drift import DriftParameters, drift, drift_parameters
from omemsim.processes.hazards import HazardParameters, hazard_parameters, meet_hazards
from omemsim.processes.needs import NeedParameters, crisis_need, need_parameters, skewed
from omemsim.processes.stopping import group_of, stop_exposures
from omemsim.processes.tail import QUANTILES, gamma_quantiles, long_tailed
from omemsim.program import Stage, has_room
from omemsim.schedule import Happening
from omemsim.strategies import Strategy
from omemsim.town import EventTable, Table, Town
from omemsim.vocabulary.parameters import Parameters, People
from omemsim.vocabulary.random_numbers import Decision, Stream
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, per_week, season
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import Group, Sector

__all__ = ["AGE_SHARES", "SEATING", "STAGE", "mean_by", "occupant_key", "step"]

READS = {
    "events": "count what start end size neighbourhood sector",
    "neighbourhoods": "key first_resident residents first_household households catchment "
    "deprivation moving fear cohort minority indigenous foresight vigilance",
    "places": "neighbourhood crisis_need",
    "households": "key first_resident residents",
    "residents": "key place",
    "agencies": "sector",
    "service": "granted",
}
WRITES = {
    "newcomers": "seat count",
    "neighbourhoods": "assets drift shock hardship scandal campaign hazard",
    "households": "since_week children",
    "residents": "tenancy age income housing addictions family need assets propensity exposure "
    "crisis_need trust_anchor group stop_exposure is_leader is_moved",
    "agencies": "is_open",
    "service": "season trend shock staffing moves moved_out moved_in",
}

AGE_LIMITS = np.array([0.15, 0.47, 0.79], np.float32)  # census 2021, Ontario 15+: cumulative
AGE_SHARES = np.array([0.15, 0.32, 0.32, 0.21])  # of 15-24, 25-44, 45-64, 65 or older
DRAWS = 13  # uniforms that an occupant is made of
TENANT = 0x9E3779B1  # mixes the tenancy number into a key (golden ratio)
USUAL_FEAR = 0.3  # at which moving is the census's
MOST_ACTIVE = np.float32(4000)  # times the mean; only extreme parameters reach it
_EVERY_WEEK = per_week(1.0)
_HAPPENINGS, _SECTORS, _AGES = len(Happening), len(Sector), len(AGE_SHARES)
_GROUPS = len(Group)
_ONE, _TWO, _HALF = np.float32(1), np.float32(2), np.float32(0.5)


class ContextParameters(NamedTuple):
    """What `context` needs."""

    seasons: Annotated[NDArray[np.float64], WEEKS_PER_YEAR]  # factor by week of the year
    disorder_growth: np.float64  # factor of a week
    shock_week: np.int64
    shock_size: np.float64
    shock_kept: np.float64  # share that a week leaves
    hazards: HazardParameters
    flight: np.float64
    children: np.float32
    deprivation_within: np.float32
    precursor_spread: np.float32
    asset_spread: np.float32
    propensity_floor: np.float32
    propensity: Annotated[NDArray[np.float32], QUANTILES]  # of people alike, by share above
    early_effect: np.float32
    offending: Annotated[NDArray[np.float32], _AGES]  # by age group, mean 1
    exposure_need: np.float32
    exposure_power: np.int64
    trust_level: np.float32
    trust_need: np.float32
    trust_spread: np.float32
    leader_prevalence: np.float32
    stopped_by_age: Annotated[NDArray[np.float32], _AGES]  # how readily, mean 1
    stopped_by_group: Annotated[NDArray[np.float32], _GROUPS]  # the same
    drift: DriftParameters
    needs: NeedParameters


def context_parameters(parameters: Parameters, strategy: Strategy) -> ContextParameters:
    """Return what the stage needs."""
    del strategy
    group, people = parameters.context, parameters.people
    by_week = [season(w, group.peak_to_trough, group.peak_week) for w in range(WEEKS_PER_YEAR)]
    stopped = stop_exposures(people, AGE_SHARES)
    return fill(
        ContextParameters,
        group,
        people,
        seasons=by_week,
        disorder_growth=(1 + group.disorder_trend) ** (1 / WEEKS_PER_YEAR),
        hazards=hazard_parameters(group),
        propensity=gamma_quantiles(people.propensity_shape),
        shock_kept=0.5 ** (1 / group.shock_half_life),
        offending=offending_by_age(people),
        stopped_by_age=stopped.by_age,
        stopped_by_group=stopped.by_group,
        drift=drift_parameters(group),
        needs=need_parameters(parameters),
    )


def offending_by_age(people: People) -> NDArray[np.float64]:
    """Return offending by age group, as a multiple of the mean over all ages."""
    curve = people.youth_propensity, 1.0, people.middle_propensity, people.old_propensity
    return np.asarray(np.array(curve) / (np.array(curve) @ AGE_SHARES))


@kernel
def context(town: Town, p: ContextParameters, week: Whole) -> None:
    """Set the scene of the week, and let households move."""
    homes = town.households
    moving = draw_moves(town, p, week)
    if not has_room(town, town.newcomers, count_seats(homes, moving)):
        return
    set_season(town.service, p, week)
    drift(town, p.drift, week)
    close_agencies(town, week)
    happen(town, p, week)
    meet_hazards(town, p.hazards, week)
    move(town, p, week, moving)


STAGE = Stage(context, ContextParameters, context_parameters)
step = STAGE.step


@kernel
def seat_everybody(town: Town, p: ContextParameters, week: Whole) -> None:
    """Seat the first occupants of a new town."""
    stream = occupant_streams(town)
    for i in range(town.residents.key.size):
        draw_occupant(town, i, stream, p)
    for home in range(town.households.key.size):
        draw_children(town, home, p)
    average_assets(town.neighbourhoods, town.residents)


SEATING = Stage(seat_everybody, ContextParameters, context_parameters)


@kernel
def set_season(service: Table, p: ContextParameters, week: Whole) -> None:
    """Write season, trend and the shock that befalls the whole town."""
    service.season[0] = p.seasons[week % WEEKS_PER_YEAR]
    service.trend[0] = whole_power(p.disorder_growth, max(week, 0))
    since = week - p.shock_week
    is_hit = p.shock_week >= 0 and since >= 0
    service.shock[0] = p.shock_size * whole_power(p.shock_kept, since) if is_hit else 0.0


@kernel
def is_on(events: EventTable, row: Whole, week: Whole) -> Flag:
    """Say whether an event happens this week."""
    return events.start[row] <= week < events.end[row]


@kernel
def close_agencies(town: Town, week: Whole) -> None:
    """Close the agencies that an event closes, for as long as it lasts."""
    events, agencies = town.events, town.agencies
    agencies.is_open[:] = 1
    for row in range(events.count[0]):
        if events.what[row] != Happening.AGENCY_CLOSING or not is_on(events, row, week):
            continue
        where, sector = events.neighbourhood[row], events.sector[row]
        for agency in range(agencies.sector.size):
            is_here = where < 0 or agency // _SECTORS == town.neighbourhoods.catchment[where]
            if is_here and (sector < 0 or sector == agencies.sector[agency]):
                agencies.is_open[agency] = 0


@kernel
def happen(town: Town, p: ContextParameters, week: Whole) -> None:
    """Let this week's events set the scene; where hardship changes, so do the people."""
    hoods, events, service = town.neighbourhoods, town.events, town.service
    everywhere = np.zeros(_HAPPENINGS)
    here = np.zeros((_HAPPENINGS, hoods.residents.size))
    staff = 1.0
    for row in range(events.count[0]):
        if is_on(events, row, week):
            what, where, size = events.what[row], events.neighbourhood[row], events.size[row]
            if what == Happening.BUDGET_CUT:
                staff *= 1.0 - min(size, 1.0)
            elif where < 0:
                everywhere[what] += size
            else:
                here[what, where] += size
    service.staffing[0] = service.granted[0] * staff
    stream = occupant_streams(town)
    for n in range(hoods.residents.size):
        crime = here[Happening.CRIME, n] + everywhere[Happening.CRIME]
        legitimacy = here[Happening.LEGITIMACY, n] + everywhere[Happening.LEGITIMACY]
        taught = here[Happening.CAMPAIGN, n] + everywhere[Happening.CAMPAIGN]
        economic = here[Happening.ECONOMIC, n] + everywhere[Happening.ECONOMIC]
        hoods.shock[n] = service.shock[0] + crime
        hoods.scandal[n], hoods.campaign[n] = min(legitimacy, 1.0), min(taught, 1.0)
        hardship = np.float32(min(economic, 1.0))
        is_struck, hoods.hardship[n] = hardship != hoods.hardship[n], hardship
        if is_struck:
            first = hoods.first_resident[n]
            for i in range(first, first + hoods.residents[n]):
                draw_occupant(town, i, stream, p)


@kernel
def draw_moves(town: Town, p: ContextParameters, week: Whole) -> Column:
    """Return the households (rows) that move this week, in order."""
    hoods, homes = town.neighbourhoods, town.households
    stream = stream_of(town.seed, Decision.MOVE, week)
    is_moving = np.empty(homes.key.size, np.uint8)
    for n in range(hoods.households.size):
        here = slice(hoods.first_household[n], hoods.first_household[n] + hoods.households[n])
        urge = max(1.0 + p.flight * (np.float64(hoods.fear[n]) - USUAL_FEAR), 0.0)
        rate = np.float32(_EVERY_WEEK * urge * np.float64(hoods.moving[n]))
        draw_with(homes.key[here], stream, probability(rate), is_moving[here])
    return rows_of(is_moving)


@kernel
def draw_with(key: Column, stream: Stream, chance: Single, out: Column) -> None:
    """Draw yes or no for each row, with the same chance.

    Parameters
    ----------
    key : uint32 (n,).
    stream : stream of the decision.
    chance : float32, 0 to 1.
    out : uint8 (n,), written to: 1 for yes.
    """
    for i in range(key.size):
        out[i] = np.int32(uniform(key[i], stream.low, stream.high) < chance)


@kernel
def count_seats(homes: Table, rows: Column) -> Whole:
    """Return how many residents these households have."""
    seats = 0
    for home in rows:
        seats += homes.residents[home]
    return seats


@kernel
def move(town: Town, p: ContextParameters, week: Whole, moving: Column) -> None:
    """Seat the successors of households that move."""
    homes, residents, newcomers = town.households, town.residents, town.newcomers
    service = town.service
    stream, row = occupant_streams(town), 0
    for home in moving:
        first = homes.first_resident[home]
        homes.since_week[home] = week
        for i in range(first, first + homes.residents[home]):
            residents.tenancy[i] += 1
            residents.is_moved[i] = 1
            draw_occupant(town, i, stream, p)
            newcomers.seat[row] = i
            row += 1
        draw_children(town, home, p)
    newcomers.count[0] = row
    average_assets(town.neighbourhoods, residents)
    service.moves[0], service.moved_out[0], service.moved_in[0] = moving.size, row, row


@kernel
def average_assets(hoods: Table, residents: Table) -> None:
    """Write the mean assets of each neighbourhood's residents."""
    mean_by(hoods.first_resident, hoods.residents, residents.assets, hoods.assets)


@kernel
def mean_by(first: Column, count: Column, column: Column, out: Column) -> None:
    """Write the mean of a column of residents by neighbourhood.

    Parameters
    ----------
    first, count : int64 (N,), first row and number of each neighbourhood's residents.
    column : float32 (residents,), 0 to 10.
    out : (N,), written to.
    """
    for n in range(first.size):
        total = fixed_sum(column[first[n] : first[n] + count[n]])
        out[n] = np.float64(total) / np.float64(FIXED) / np.float64(count[n])


@kernel
def draw_children(town: Town, home: Whole, p: ContextParameters) -> None:
    """Draw whether children live in a household."""
    homes = town.households
    stream = stream_of(town.seed, Decision.CHILDREN, 0)
    family = occupant_key(homes.key[home], town.residents.tenancy[homes.first_resident[home]])
    homes.children[home] = uniform(family, stream.low, stream.high) < p.children


@kernel
def occupant_key(key: Half, tenancy: Whole) -> Half:
    """Return the key of the random numbers of who now sits in a seat."""
    return np.uint32(key ^ np.uint32(np.uint32(tenancy) * np.uint32(TENANT)))


class OccupantStreams(NamedTuple):
    """The streams of an occupant's draws: their halves, uint32 (DRAWS,) each."""

    low: Column
    high: Column


@kernel
def occupant_streams(town: Town) -> OccupantStreams:
    """Return the streams that occupants are drawn from, in any week."""
    low, high = np.empty(DRAWS, np.uint32), np.empty(DRAWS, np.uint32)
    for k in range(DRAWS):
        stream = substream_of(town.seed, Decision.OCCUPANT, 0, k)
        low[k], high[k] = stream.low, stream.high
    return OccupantStreams(low, high)


@kernel
def draw_occupant(town: Town, i: Whole, stream: OccupantStreams, p: ContextParameters) -> None:
    """Draw the person who sits in a seat from its own key."""
    residents, hoods = town.residents, town.neighbourhoods
    n = town.places.neighbourhood[residents.place[i]]
    key = occupant_key(residents.key[i], residents.tenancy[i])
    u = np.empty(DRAWS, np.float32)
    for k in range(DRAWS):
        u[k] = uniform(key, stream.low[k], stream.high[k])
    common = min(hoods.deprivation[n] + hoods.hardship[n], _ONE)
    common = unit(common + p.deprivation_within * (u[0] + u[1] - _ONE))
    income = unit(common + p.precursor_spread * (_TWO * u[2] - _ONE))
    housing = unit(common + p.precursor_spread * (_TWO * u[3] - _ONE))
    addictions = unit(common + p.precursor_spread * (_TWO * u[4] - _ONE))
    family = unit(common + p.precursor_spread * (_TWO * u[5] - _ONE))
    need = (income + housing + addictions + family) * np.float32(0.25)
    assets = unit(_ONE - common + p.asset_spread * (_TWO * u[6] - _ONE))
    age = age_group(u[7])
    grown = _ONE - p.early_effect * hoods.cohort[n] if age == 0 else _ONE
    offends = long_tailed(u[8], p.propensity) * p.offending[age] * grown
    floor = p.propensity_floor
    trust = p.trust_level - p.trust_need * need + p.trust_spread * (_TWO * u[10] - _ONE)
    residents.income[i], residents.housing[i] = income, housing
    residents.addictions[i], residents.family[i] = addictions, family
    residents.need[i], residents.assets[i], residents.age[i] = need, assets, age
    active = (floor + _TWO * (_ONE - floor) * need) * offends
    residents.propensity[i] = min(active, MOST_ACTIVE)
    exposed = _ONE + p.exposure_need * (need - _HALF)
    residents.exposure[i] = exposed * skewed(u[9], p.exposure_power)
    residents.crisis_need[i] = crisis_need(town, i, key, p.needs)
    residents.trust_anchor[i] = unit(trust)
    group = group_of(u[12], hoods.minority[n], hoods.indigenous[n])
    residents.group[i] = group
    residents.stop_exposure[i] = p.stopped_by_age[age] * p.stopped_by_group[group]
    residents.is_leader[i] = u[11] < _TWO * p.leader_prevalence * assets


@kernel
def age_group(u: Single) -> Whole:
    """Return the age group at a quantile."""
    group = np.int64(0)
    for limit in AGE_LIMITS:
        group += np.int64(u >= limit)
    return group
