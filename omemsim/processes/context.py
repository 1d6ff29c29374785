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
    exposure   = (1 + exposure_need (need - 1/2)) (exposure_power + 1) u^exposure_power
    trust      = trust_level - trust_need need + trust_spread (2u - 1)
    leader with probability 2 leader_prevalence assets
Assumption: newcomers resemble those who leave, and live their first week with the feelings of
their predecessors (stage 11 makes them their own). Source: census mobility (moving rates).

Reads: events, deprivation, moving, fear. Writes: who lives where, children, shock, hardship,
scandal, campaign, agencies.is_open, service.season/trend/shock/staffing/moves/moved_*.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from omemsim.kernels import (
    FIXED,
    fixed_sum,
    kernel,
    list_set,
    probability,
    single,
    stream_of,
    uniform,
    unit,
)
from omemsim.schedule import Happening
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Parameters, People
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, per_week, season
from omemsim.vocabulary.wheel import Sector

__all__ = ["bear_children", "mean_by", "occupants", "step"]

AGE_LIMITS = np.array([0.15, 0.47, 0.79], np.float32)  # census 2021, Ontario 15+: cumulative
AGE_SHARES = np.array([0.15, 0.32, 0.32, 0.21])
AGE_OFFENDING = np.array([np.nan, 1.0, 0.5, 0.15])  # assumed age-crime curve; youth: parameter
DRAWS = 12
TENANT = 0x9E3779B1  # mixes the tenancy number into a key (golden ratio)
USUAL_FEAR = 0.3  # at which moving is the census's
_EVERY_WEEK = per_week(1.0)
_KINDS, _SECTORS = len(Happening), len(Sector)


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
    hoods, agencies, events = town.neighbourhoods, town.agencies, town.events
    struck = set_scene(
        town.week,
        (events.start, events.end, events.what, events.neighbourhood),
        (events.size, events.sector),
        (hoods.shock, hoods.scandal, hoods.campaign, hoods.hardship),
        (town.service.shock, town.service.granted, town.service.staffing),
        (agencies.sector, hoods.catchment, agencies.is_open),
    )
    if struck.size:
        occupants(town, people, seats_of(hoods.first_resident[struck], hoods.residents[struck]))


def move(town: Town, parameters: Parameters) -> None:
    """Draw the households that move, and seat their successors."""
    hoods, households, residents = town.neighbourhoods, town.households, town.residents
    seats, moves = change_tenants(
        (np.uint64(town.seed), town.week),
        float(parameters.context.flight),
        np.float32(parameters.people.children),
        (hoods.first_household, hoods.households, hoods.moving, hoods.fear),
        (households.key, households.first_resident, households.residents),
        (households.since_week, households.children),
        residents.is_moved,
        persons(town, parameters.people),
        (hoods.first_resident, hoods.residents, hoods.assets),
    )
    service = town.service
    town.newcomers.replace(seat=seats)
    service.moves[0], service.moved_out[0], service.moved_in[0] = moves, seats.size, seats.size


def bear_children(town: Town, people: People, homes: Any) -> None:
    """Draw which of these dwellings (rows of households) have children."""
    households, share = town.households, np.float32(people.children)
    home = households.key, households.first_resident, households.residents
    tenancy = town.residents.tenancy
    draw_children(np.uint64(town.seed), share, homes, home, tenancy, households.children)


def occupants(town: Town, people: People, seats: Any) -> None:
    """Draw the people who sit in these seats (rows of residents) from their own keys."""
    draw_occupants(seats, persons(town, people))


def persons(town: Town, people: People) -> tuple[Any, ...]:
    """Return what people are drawn from, and where they are written."""
    residents, hoods = town.residents, town.neighbourhoods
    return (
        occupant_luck(town.seed),
        kinds_of_people(people),
        (hoods.deprivation, hoods.hardship, hoods.cohort),
        (residents.key, residents.tenancy, residents.place, town.places.neighbourhood),
        (residents.income, residents.housing, residents.addictions, residents.family),
        (residents.need, residents.assets, residents.propensity, residents.exposure),
        (residents.trust_anchor, residents.age, residents.is_leader),
    )


@lru_cache(maxsize=64)
def occupant_luck(seed: int) -> Any:
    """Return the streams of an occupant's draws, uint32 (2, DRAWS): low halves, high halves."""
    streams = [stream(seed, Decision.OCCUPANT, 0, k) for k in range(DRAWS)]
    return np.array([[s.low for s in streams], [s.high for s in streams]])


@once
def kinds_of_people(people: People) -> tuple[Any, Any, tuple[int, int]]:
    """Return the spreads a person is drawn with, offending by age, and powers of skew."""
    offending = AGE_OFFENDING.copy()
    offending[0] = people.youth_propensity
    offending /= offending @ AGE_SHARES
    spreads = single(
        people,
        "deprivation_within",
        "precursor_spread",
        "asset_spread",
        "propensity_floor",
        "early_effect",
        "exposure_need",
        "trust_level",
        "trust_need",
        "trust_spread",
        "leader_prevalence",
    )
    powers = people.propensity_power, people.exposure_power
    return spreads, offending.astype(np.float32), powers


@kernel
def set_scene(week, on, effects, scene, service, agencies):  # type: ignore[no-untyped-def]
    """Add up the events that are on; return the neighbourhoods where hardship changes."""
    start, end, what, where = on
    size, closed = effects
    shock, scandal, campaign, hardship = scene
    usual, granted, staffing = service
    everywhere, here = np.zeros(_KINDS), np.zeros((_KINDS, shock.size))
    staff = 1.0
    for row in range(what.size):
        if start[row] <= week < end[row]:
            if what[row] == Happening.BUDGET_CUT:
                staff *= 1.0 - min(size[row], 1.0)
            elif where[row] < 0:
                everywhere[what[row]] += size[row]
            else:
                here[what[row], where[row]] += size[row]
    staffing[0] = granted[0] * staff
    close_agencies(week, on, closed, agencies)
    struck = np.zeros(shock.size, np.uint8)
    for n in range(shock.size):
        shock[n] = usual[0] + (here[Happening.CRIME, n] + everywhere[Happening.CRIME])
        legitimacy = here[Happening.LEGITIMACY, n] + everywhere[Happening.LEGITIMACY]
        taught = here[Happening.CAMPAIGN, n] + everywhere[Happening.CAMPAIGN]
        economic = here[Happening.ECONOMIC, n] + everywhere[Happening.ECONOMIC]
        scandal[n], campaign[n] = min(legitimacy, 1.0), min(taught, 1.0)
        hard = np.float32(min(economic, 1.0))
        struck[n], hardship[n] = hard != hardship[n], hard
    return np.flatnonzero(struck)


@kernel
def close_agencies(week, on, closed, agencies):  # type: ignore[no-untyped-def]
    """Close the agencies that an event closes, for as long as it lasts."""
    start, end, what, where = on
    sector, catchment, is_open = agencies
    is_open[:] = 1
    for row in range(what.size):
        if what[row] == Happening.AGENCY_CLOSING and start[row] <= week < end[row]:
            for agency in range(sector.size):
                is_here = where[row] < 0 or agency // _SECTORS == catchment[where[row]]
                if is_here and (closed[row] < 0 or closed[row] == sector[agency]):
                    is_open[agency] = 0


@kernel
def change_tenants(  # type: ignore[no-untyped-def]
    now, flight, share, hoods, homes, tenants, is_moved, persons, rows
):
    """Return the seats of the households that move, with new people in them, and the moves."""
    seed, week = now
    since_week, children = tenants
    tenancy, assets = persons[3][1], persons[5][1]
    moved = movers(seed, week, flight, hoods, homes[0])
    seats = seats_of(homes[1][moved], homes[2][moved])
    since_week[moved] = week
    for seat in seats:
        tenancy[seat] += 1
        is_moved[seat] = 1
    draw_occupants(seats, persons)
    draw_children(seed, share, moved, homes, tenancy, children)
    mean_by(rows[0], rows[1], assets, rows[2])
    return seats, moved.size


@kernel
def movers(seed, week, flight, hoods, key):  # type: ignore[no-untyped-def]
    """Return the households that move this week, in order."""
    first, count, moving, fear = hoods
    low, high = stream_of(seed, Decision.MOVE, np.int64(week))
    is_moving = np.empty(key.size, np.uint8)
    for n in range(first.size):
        rows = slice(first[n], first[n] + count[n])
        urge = max(1.0 + flight * (np.float64(fear[n]) - USUAL_FEAR), 0.0)
        rate = np.float32(_EVERY_WEEK * urge * np.float64(moving[n]))
        _draw_rate(key[rows], low, high, probability(rate), is_moving[rows])
    found = np.empty(key.size + 1, np.int64)
    words = is_moving[: key.size & ~7].view(np.uint64)
    return found[: list_set(words, is_moving, found)].copy()


@kernel
def _draw_rate(key, low, high, p, out):  # type: ignore[no-untyped-def]
    for i in range(key.size):
        out[i] = np.int32(uniform(key[i], low, high) < p)


@kernel
def seats_of(first, count):  # type: ignore[no-untyped-def]
    """Return the rows first[i] .. first[i] + count[i] - 1 of all i, in order."""
    seats = np.empty(count.sum(), np.int64)
    row = 0
    for i in range(first.size):
        for k in range(count[i]):
            seats[row] = first[i] + k
            row += 1
    return seats


@kernel
def draw_children(seed, share, homes, home, tenancy, children):  # type: ignore[no-untyped-def]
    key, first, _ = home
    low, high = stream_of(seed, Decision.CHILDREN, 0)
    for row in homes:
        family = _occupant(key[row], tenancy[first[row]])
        children[row] = uniform(family, low, high) < share


@kernel
def _occupant(key, tenancy):  # type: ignore[no-untyped-def]
    """Return the key of the luck of who now sits in a seat."""
    return np.uint32(key ^ np.uint32(np.uint32(tenancy) * np.uint32(TENANT)))


@kernel
def mean_by(first, count, column, out):  # type: ignore[no-untyped-def]
    """Write the mean of a column of residents by neighbourhood."""
    for n in range(first.size):
        total = fixed_sum(column[first[n] : first[n] + count[n]])
        out[n] = np.float64(total) / np.float64(FIXED) / np.float64(count[n])


@kernel
def draw_occupants(seats, persons):  # type: ignore[no-untyped-def]
    luck, (spreads, offending, powers), hoods, rows, precursors, traits, others = persons
    deprivation, hardship, cohort = hoods
    key, tenancy, place, neighbourhood = rows
    (within, spread, asset_spread, floor, early, by_need, trust, trust_need,
     trust_spread, prevalence) = spreads  # fmt: skip
    income, housing, addictions, family = precursors
    need_of, assets_of, propensity_of, exposure_of = traits
    trust_anchor, age, is_leader = others
    one, two, half = np.float32(1), np.float32(2), np.float32(0.5)
    u = np.empty(DRAWS, np.float32)
    for i in seats:
        n = neighbourhood[place[i]]
        _draw_all(_occupant(key[i], tenancy[i]), luck[0], luck[1], u)
        common = min(deprivation[n] + hardship[n], one)
        common = unit(common + within * (u[0] + u[1] - one))
        income[i] = unit(common + spread * (two * u[2] - one))
        housing[i] = unit(common + spread * (two * u[3] - one))
        addictions[i] = unit(common + spread * (two * u[4] - one))
        family[i] = unit(common + spread * (two * u[5] - one))
        need = (income[i] + housing[i] + addictions[i] + family[i]) * np.float32(0.25)
        assets = unit(one - common + asset_spread * (two * u[6] - one))
        group = np.int64(0)
        for limit in AGE_LIMITS:
            group += np.int64(u[7] >= limit)
        need_of[i] = need
        assets_of[i] = assets
        grown = one - early * cohort[n] if group == 0 else one
        skew = _skewed(u[8], powers[0])
        propensity_of[i] = (floor + two * (one - floor) * need) * skew * offending[group] * grown
        exposure_of[i] = (one + by_need * (need - half)) * _skewed(u[9], powers[1])
        trust_anchor[i] = unit(trust - trust_need * need + trust_spread * (two * u[10] - one))
        age[i] = group
        is_leader[i] = u[11] < two * prevalence * assets


@kernel
def _skewed(u, power):  # type: ignore[no-untyped-def]
    """Return (power + 1) u^power: of mean 1 over uniforms, and the more skewed the higher."""
    skew = np.float32(power + 1)
    for _ in range(power):
        skew = skew * u
    return skew


@kernel
def _draw_all(key, low, high, out):  # type: ignore[no-untyped-def]
    for k in range(out.size):
        out[k] = uniform(key, low[k], high[k])
