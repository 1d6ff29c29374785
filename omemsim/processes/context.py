"""Stage 1, context: season, trend, shocks and other events; households move.

Season is a cosine of the week, trend compounds by the year, a shock decays by half-lives.
Events that are on this week add up by neighbourhood: crime to the shock, economic shocks to
hardship, legitimacy shocks to scandal, campaigns to campaign; budget cuts multiply staffing;
closed agencies are closed. Where hardship changes, everybody becomes what the same person
would be at deprivation + hardship (the youngest with today's early intervention): their
feelings stay. A household moves with probability

    p = 1 - exp(-moving/52 max(0, 1 + flight (fear_n - 0.3)))

then new people sit in its seats, drawn from the neighbourhood's distribution with the tenancy
number in their key, and children live there with probability ``children``.

Occupant of a neighbourhood with deprivation + hardship d (u.. uniforms, all cut to [0, 1]):
    common     = d + deprivation_within (u0 + u1 - 1)
    precursor  = common + precursor_spread (2u - 1), four of them; need is their mean
    assets     = 1 - common + asset_spread (2u - 1)
    propensity = (floor + 2 (1 - floor) need) (power + 1) u^power age / mean age
                 x (1 - early_effect cohort_n) for the youngest
    exposure   = (1 + exposure_need (need - 1/2)) (1 + exposure_spread (u^3 - 1/4))
    trust      = trust_level - trust_need need + trust_spread (2u - 1)
    leader with probability 2 leader_prevalence assets
Assumption: newcomers resemble those who leave, and live their first week with the feelings of
their predecessors (stage 11 makes them their own). Source: census mobility (moving rates).

Reads: events, deprivation, moving, fear. Writes: who lives where, children, shock, hardship,
scandal, campaign, agencies.is_open, service.season/trend/shock/staffing/moves/moved_*.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import (
    FIXED,
    draw,
    fixed_sum,
    kernel,
    probability,
    rows_of,
    single,
    uniform,
    unit,
)
from omemsim.schedule import Happening
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.parameters import Parameters, People
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, per_week, season
from omemsim.vocabulary.wheel import Sector

__all__ = ["bear_children", "occupants", "step"]

AGE_LIMITS = np.array([0.15, 0.47, 0.79], np.float32)  # census 2021, Ontario 15+: cumulative
AGE_SHARES = np.array([0.15, 0.32, 0.32, 0.21])
AGE_OFFENDING = np.array([np.nan, 1.0, 0.5, 0.15])  # assumed age-crime curve; youth: parameter
DRAWS = 12
TENANT = 0x9E3779B1  # mixes the tenancy number into a key (golden ratio)
USUAL_FEAR = 0.3  # at which moving is the census's


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Set the scene of the week, and let households move."""
    del strategy
    group, service, week = parameters.context, town.service, town.week
    service.season[0] = season(week, group.peak_to_trough, group.peak_week)
    service.trend[0] = (1 + group.disorder_trend) ** (max(week, 0) / WEEKS_PER_YEAR)
    since = week - group.shock_week
    hit = group.shock_week >= 0 and since >= 0
    service.shock[0] = group.shock_size * 0.5 ** (since / group.shock_half_life) if hit else 0.0
    happen(town, parameters.people)
    move(town, parameters)


def happen(town: Town, people: People) -> None:
    """Let this week's events set the scene of each neighbourhood."""
    hoods, service = town.neighbourhoods, town.service
    hoods.shock[:] = service.shock[0] + sizes(town, Happening.CRIME)
    hoods.scandal[:] = np.minimum(sizes(town, Happening.LEGITIMACY), 1)
    hoods.campaign[:] = np.minimum(sizes(town, Happening.CAMPAIGN), 1)
    cuts = town.events.size[on_now(town, Happening.BUDGET_CUT)]
    service.staffing[0] = service.granted[0] * np.prod(1 - np.minimum(cuts, 1))
    close_agencies(town)
    before = hoods.hardship.copy()
    hoods.hardship[:] = np.minimum(sizes(town, Happening.ECONOMIC), 1)
    struck = np.flatnonzero(hoods.hardship != before)
    if struck.size == 0:
        return
    occupants(town, people, seats_of(hoods.first_resident[struck], hoods.residents[struck]))


def on_now(town: Town, what: Happening) -> Any:
    """Return the rows of events of a kind that are on this week."""
    events = town.events
    now = (events.start <= town.week) & (town.week < events.end)
    return np.flatnonzero(now & (events.what == what))


def sizes(town: Town, what: Happening) -> Any:
    """Return the sum of sizes of such events on this week, by neighbourhood (N,), or 0."""
    rows = on_now(town, what)
    if rows.size == 0:
        return 0.0
    where, size = town.events.neighbourhood[rows], town.events.size[rows]
    local = np.bincount(where[where >= 0], size[where >= 0], minlength=len(town.neighbourhoods))
    return local + size[where < 0].sum()


def close_agencies(town: Town) -> None:
    """Close the agencies that an event closes, for as long as it lasts."""
    agencies, events = town.agencies, town.events
    agencies.is_open[:] = 1
    catchment = np.arange(len(agencies)) // len(Sector)
    for row in on_now(town, Happening.AGENCY_CLOSING):
        n, sector = events.neighbourhood[row], events.sector[row]
        here = (n < 0) | (catchment == town.neighbourhoods.catchment[n])
        agencies.is_open[here & ((sector < 0) | (agencies.sector == sector))] = 0


def move(town: Town, parameters: Parameters) -> None:
    """Draw the households that move, and seat their successors."""
    places, households, residents = town.neighbourhoods, town.households, town.residents
    movers = np.zeros(len(households), np.uint8)
    fear = places.fear.astype(float)
    urge = np.maximum(1 + parameters.context.flight * (fear - USUAL_FEAR), 0)
    rate = (per_week(1.0) * urge * places.moving).astype(np.float32)
    draw_moves(
        places.first_household,
        places.households,
        rate,
        households.key,
        stream(town.seed, Decision.MOVE, town.week),
        movers,
    )
    moved = rows_of(movers)
    town.service.moves[0] = moved.size
    households.since_week[moved] = town.week
    seats = seats_of(households.first_resident[moved], households.residents[moved])
    residents.tenancy[seats] += 1
    residents.is_moved[seats] = 1
    town.newcomers = seats
    town.service.moved_out[0] = town.service.moved_in[0] = seats.size
    occupants(town, parameters.people, seats)
    bear_children(town, parameters.people, moved)
    mean_by(places.first_resident, places.residents, residents.assets, places.assets)


def seats_of(first: Any, count: Any) -> Any:
    """Return the rows first[i] .. first[i] + count[i] - 1 of all i, in order."""
    count = count.astype(np.int64)
    offset = np.repeat(first - (np.cumsum(count) - count), count)
    return offset + np.arange(count.sum())


def bear_children(town: Town, people: People, homes: Any) -> None:
    """Draw which of these dwellings (rows of households) have children."""
    households, residents = town.households, town.residents
    tenancy = residents.tenancy[households.first_resident[homes]].astype(np.uint32)
    draws = np.zeros(homes.size, np.float32)
    luck = stream(town.seed, Decision.CHILDREN, 0)
    draw(households.key[homes] ^ (tenancy * np.uint32(TENANT)), luck, draws)
    households.children[homes] = draws < people.children


def occupants(town: Town, people: People, seats: Any) -> None:
    """Draw the people who sit in these seats (rows of residents) from their own keys."""
    offending = AGE_OFFENDING.copy()
    offending[0] = people.youth_propensity
    offending /= offending @ AGE_SHARES
    streams = [stream(town.seed, Decision.OCCUPANT, 0, k) for k in range(DRAWS)]
    residents = town.residents
    hood = town.places.neighbourhood[residents.place[seats]]
    hoods = town.neighbourhoods
    youth = 1 - people.early_effect * hoods.cohort[hood]
    draw_occupants(
        seats,
        np.minimum(hoods.deprivation + hoods.hardship, 1)[hood],
        youth.astype(np.float32),
        residents.key,
        residents.tenancy,
        np.array([s.low for s in streams]),
        np.array([s.high for s in streams]),
        single(
            people,
            "deprivation_within",
            "precursor_spread",
            "asset_spread",
            "propensity_floor",
            "exposure_need",
            "exposure_spread",
            "trust_level",
            "trust_need",
            "trust_spread",
            "leader_prevalence",
        ),
        people.propensity_power,
        AGE_LIMITS,
        offending.astype(np.float32),
        (residents.income, residents.housing, residents.addictions, residents.family),
        (residents.need, residents.assets, residents.propensity, residents.exposure),
        residents.trust_anchor,
        residents.age,
        residents.is_leader,
    )


@kernel
def draw_moves(first, count, rate, key, luck, movers):  # type: ignore[no-untyped-def]
    for n in range(first.size):
        rows = slice(first[n], first[n] + count[n])
        _draw_rate(key[rows], luck, probability(rate[n]), movers[rows])


@kernel
def _draw_rate(key, luck, p, out):  # type: ignore[no-untyped-def]
    for i in range(key.size):
        out[i] = uniform(key[i], luck[0], luck[1]) < p


@kernel
def mean_by(first, count, column, out):  # type: ignore[no-untyped-def]
    for n in range(first.size):
        total = fixed_sum(column[first[n] : first[n] + count[n]])
        out[n] = np.float64(total) / np.float64(FIXED) / np.float64(count[n])


@kernel
def draw_occupants(  # type: ignore[no-untyped-def]
    seats,
    deprivation,
    youth,
    key,
    tenancy,
    low,
    high,
    people,
    power,
    age_limits,
    offending,
    precursors,
    traits,
    trust_anchor,
    age,
    is_leader,
):
    (within, spread, asset_spread, floor, by_need, by_chance, trust, trust_need, trust_spread,
     prevalence) = people  # fmt: skip
    income, housing, addictions, family = precursors
    need_of, assets_of, propensity_of, exposure_of = traits
    one, two, half = np.float32(1), np.float32(2), np.float32(0.5)
    u = np.empty(low.size, np.float32)
    for j in range(seats.size):
        i = seats[j]
        person = np.uint32(key[i] ^ np.uint32(np.uint32(tenancy[i]) * np.uint32(TENANT)))
        for k in range(low.size):
            u[k] = uniform(person, low[k], high[k])
        common = unit(deprivation[j] + within * (u[0] + u[1] - one))
        income[i] = unit(common + spread * (two * u[2] - one))
        housing[i] = unit(common + spread * (two * u[3] - one))
        addictions[i] = unit(common + spread * (two * u[4] - one))
        family[i] = unit(common + spread * (two * u[5] - one))
        need = (income[i] + housing[i] + addictions[i] + family[i]) * np.float32(0.25)
        assets = unit(one - common + asset_spread * (two * u[6] - one))
        group = np.int64(0)
        for limit in age_limits:
            group += np.int64(u[7] >= limit)
        skew = np.float32(power + 1)
        for _ in range(power):
            skew = skew * u[8]
        need_of[i] = need
        assets_of[i] = assets
        grown = youth[j] if group == 0 else one
        propensity_of[i] = (floor + two * (one - floor) * need) * skew * offending[group] * grown
        exposure_of[i] = (one + by_need * (need - half)) * (
            one + by_chance * (u[9] * u[9] * u[9] - np.float32(0.25))
        )
        trust_anchor[i] = unit(trust - trust_need * need + trust_spread * (two * u[10] - one))
        age[i] = group
        is_leader[i] = u[11] < two * prevalence * assets
