"""Stage 8, offend: crime happens at places; household crime triggers more there and near.

A Poisson number per place and type, from one keyed uniform each. With E the summed exposure
of the residents of the place, H that of its households (`presence`) and opp its opportunity:

    rate = base/52 season (1 + shock_n (1 - v)(1 - foreseen foresight_n v)) fit_n offenders_n
           exp(-guardianship (efficacy_n - 1/2)) exp(-direct - spill)
           x opp attraction E              (violence, theft); v is vigilance_n
           x dwelling_opp H residents_n/households_n   (household crime)
           x businesses                    (business crime; base is per business)
    to which household crimes add what earlier ones trigger, triggered exp(-direct - spill)
    offenders  = (1 - reach) own mean propensity + reach mean of adjoining neighbourhoods
    direct     = min(cap, deterrence max(0, perceived - accustomed part) + removed
                 + design x designed)
    spill      = (diffused - displaced) mean deterrence of the near places
    attraction = (1 + visitors) / (1 + usual_visitors);  a victim is a passer-by with
                 probability v/(1 + v), v = visitors opp

Then who: keyed rejection with weight exposure over its fixed maximum, among the residents
of the place or, for a passer-by, of the town; for household crime among its households.
A victim's boost jumps to ``repeat`` and fades. A household crime triggers ``near`` others, 0.6
of them at its place and 0.1 at each of the near ones, from the next week on.

Sources: GSS 2019; Sampson et al. 1997; Johnson et al. 2007; Braga et al. 2019. Assumption:
offenders of a neighbourhood are interchangeable; supported and monitored ones offend less,
and those in custody not at all.

Reads: people, places, efficacy, vigilance, visits' stocks. Writes: incidents, boosts,
triggered, offenders, expected_*, new_violence, new_household, new_incidents; leaves is_hit
with the victims.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import (
    choice,
    event_id,
    event_uniform,
    exponential,
    fade,
    kernel,
    poisson,
    single,
    stream_of,
)
from omemsim.processes.presence import pool_offenders, sum_exposures
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Context, Offend, Parameters, People
from omemsim.vocabulary.rates import DAYS_PER_WEEK, decay, per_week
from omemsim.vocabulary.wheel import Crime

__all__ = ["step"]

# What an event is asked, so that one answer never depends on another question.
COUNT_SALT, DAY_SALT, PASSER_SALT, FIRST_TRY = 0, 1, 2, 16
TRIES = 400
_AT_ONCE = 8  # candidates looked at together (divides TRIES): vectorizes, few mispredicted branches
_KINDS = len(Crime)
# Of what a household crime triggers: where it was, and at each of four places near; assumed.
THERE, NEARBY = 0.6, 0.1


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Fade old boosts, draw this week's incidents, pick their victims."""
    del strategy
    hoods, places, people, homes = town.neighbourhoods, town.places, town.residents, town.households
    event, kind, day, place, victim = offend(
        rates(parameters.people, parameters.context, parameters.offend),
        (np.uint64(town.seed), town.week),
        (town.newcomers.seat, town.custody.resident),
        (town.service.season, hoods.efficacy),
        (town.start, town.adjoining),
        (hoods.first_resident, hoods.residents, hoods.households),
        (hoods.shock, hoods.vigilance, hoods.foresight),
        (hoods.visitors, hoods.fit_violence, hoods.fit_property),
        (hoods.offenders, hoods.watch_momentum),
        (hoods.expected_violence, hoods.expected_property, hoods.expected_business),
        (hoods.new_violence, hoods.new_household, hoods.new_incidents),
        (places.key, places.neighbourhood, places.near, places.triggered),
        (places.first_resident, places.residents, places.first_household, places.households),
        (places.perceived, places.accustomed, places.removed, places.designed),
        (places.opportunity, places.dwelling_opportunity, places.businesses),
        (people.exposure, people.vigilance, people.boost),
        (people.propensity, people.support, people.monitored),
        (people.household, people.place, people.is_hit),
        (homes.protection, homes.in_watch, homes.boost),
        (homes.first_resident, homes.residents),
    )
    town.incidents.replace(event=event, type=kind, day=day, place=place, victim=victim)


@once
def rates(people: People, context: Context, group: Offend) -> tuple[Any, ...]:
    """Return what keeps offenders and victims apart, what brings them together, and jumps."""
    return (
        single(group, "supported", "monitored"),
        single(group, "vigilance", "protection", "watch"),
        np.float32(1 - decay(group.repeat_half_life)),
        yearly(group, context),
        deterrents(group),
        (np.float32(most_exposed(people, group)), np.float32(group.repeat)),
        jumps(group),
    )


def deterrents(group: Offend) -> tuple[Any, ...]:
    """Return deterrence, the share one is accustomed to; cap, share of near places, design."""
    shared = group.diffused - group.displaced
    return (*single(group, "deterrence", "accustomed"), group.cap, shared, group.designed)


def yearly(group: Offend, context: Context) -> tuple[Any, ...]:
    """Return reach, guardianship, foresight, usual visitors, and weekly rates by type."""
    per_resident = (group.violence / 1000, group.theft / 1000, group.household / 1000)
    rates = [per_week(rate) for rate in (*per_resident, group.business / 1000)]
    return (
        group.reach,
        group.guardianship,
        np.float32(context.foreseen),
        group.usual_visitors,
        *rates,
    )


def jumps(group: Offend) -> tuple[np.float32, ...]:
    """Return a victim's boost; crimes a week that one triggers there and near, and what lasts."""
    fades = decay(group.near_half_life)
    most = group.near * fades  # of the first week, so that all weeks add up to ``near``
    return (
        *single(group, "repeat"),
        np.float32(THERE * most),
        np.float32(NEARBY * most),
        np.float32(1 - fades),
    )


def most_exposed(people: People, group: Offend) -> float:
    """Return the greatest weight a resident can have."""
    return (1 + people.exposure_need / 2) * (people.exposure_power + 1) * group.repeat


@kernel
def offend(  # type: ignore[no-untyped-def]
    rates, week, who, town, around, hoods, shocks, fits, sums, expected, new,
    places, rows, stocks, attractions, people, offenders, links, homes, homes_rows,
):  # fmt: skip
    """Return this week's incidents: event, type, day, place, victim."""
    restraints, avoided, kept, by_year, deterring, most, leaving = rates
    newcomers, custody = who
    first_resident, residents, households = hoods
    own, momentum = sums
    key, hood, near, triggered = places
    opportunity, _, _ = attractions
    household, place, is_hit = links
    luck = stream_of(week[0], Decision.OFFEND, week[1])
    held = custody, place, hood
    pool_offenders(first_resident, residents, restraints, offenders, held, own)
    watch, moved = (momentum, hood), (newcomers, household)
    exposure = sum_exposures(kept, avoided, moved, rows, people, homes, watch)
    (season, efficacy), crowd = town, (residents, households)
    factors = multiply(season[0], by_year, (*around, own), efficacy, shocks, fits, crowd)
    risk = risk_of_places(deterring, stocks, near)
    counts = draw_places(
        luck, factors, risk, attractions, exposure, (hood, key, triggered), expected
    )
    scene, nearby = (key, opportunity, hood), (fits[0], momentum)
    dwellings = (*homes, homes_rows[0])
    incidents = who_suffers(luck, counts, rows, scene, nearby, people, dwellings, avoided, most)
    victims, shared = (household, people[2], is_hit), (*homes_rows, homes[2])
    leave_traces(incidents, leaving, (near, triggered, hood), victims, shared, new)
    return incidents


@kernel
def multiply(season, constants, offenders, efficacy, shocks, fits, homes):  # type: ignore[no-untyped-def]
    """Return rate multipliers (N, 4): violence, theft, household, business."""
    reach, guardianship, foreseen, usual_visitors, violence, theft, household, business = constants
    start, adjoining, own = offenders
    shock, vigilance, foresight = shocks
    visitors, fit_violence, fit_property = fits
    residents, households = homes
    factors = np.empty((own.size, _KINDS))
    for n in range(own.size):
        common = season * in_reach(n, start, adjoining, own, reach)
        alert = np.float64(vigilance[n])
        common *= 1 + shock[n] * ((1 - alert) * (1 - foreseen * foresight[n] * alert))
        common *= exponential(guardianship * (0.5 - np.float64(efficacy[n])))
        attraction = (1 + np.float64(visitors[n])) / (1 + usual_visitors)
        property_crime = common * np.float64(fit_property[n])
        factors[n, Crime.VIOLENCE] = common * np.float64(fit_violence[n]) * attraction * violence
        factors[n, Crime.THEFT] = property_crime * attraction * theft
        factors[n, Crime.HOUSEHOLD] = property_crime * (residents[n] / households[n]) * household
        factors[n, Crime.BUSINESS] = property_crime * business
    return factors


@kernel
def in_reach(n, start, adjoining, own, reach):  # type: ignore[no-untyped-def]
    """Return offenders in reach of neighbourhood n: its own, and those of adjoining ones."""
    if start[n] == start[n + 1]:
        return (1 - reach) * own[n] + reach * own[n]
    around = 0.0
    for j in range(start[n], start[n + 1]):
        around += own[adjoining[j]]
    return (1 - reach) * own[n] + reach * (around / (start[n + 1] - start[n]))


@kernel
def draw_places(luck, factors, risk, attractions, exposure, places, expected):  # type: ignore[no-untyped-def]
    """Return counts by place and type, uint8 (P, 4); write the rates expected."""
    opportunity, dwelling, businesses = attractions
    people, dwellings = exposure
    hood, key, triggered = places
    by_violence, by_property, by_business = expected
    by_violence[:], by_property[:], by_business[:] = 0, 0, 0
    u, rate = np.empty((_KINDS, key.size)), np.empty(_KINDS)
    counts = np.empty((key.size, _KINDS), np.uint8)
    for kind in range(_KINDS):
        ask_counts(key, kind, luck, u[kind])
    for p in range(key.size):
        n = hood[p]
        rate[0] = factors[n, 0] * risk[p] * opportunity[p] * people[p]
        rate[1] = factors[n, 1] * risk[p] * opportunity[p] * people[p]
        rate[2] = risk[p] * (factors[n, 2] * dwelling[p] * dwellings[p] + triggered[p])
        rate[3] = factors[n, 3] * risk[p] * businesses[p]
        for kind in range(_KINDS):
            counts[p, kind] = poisson(rate[kind], u[kind, p])
        by_violence[n] += rate[0]
        by_property[n] += rate[1] + rate[2]
        by_business[n] += rate[3]
    return counts


@kernel
def risk_of_places(constants, stocks, near):  # type: ignore[no-untyped-def]
    """Return exp(-direct - spill)."""
    deterrence, used_to, cap, shared, by_design = constants
    perceived, accustomed, removed, designed = stocks
    risk, deter = np.empty(removed.size), np.empty(removed.size, np.float32)
    for p in range(risk.size):
        deter[p] = deterrence * max(perceived[p] - used_to * accustomed[p], np.float32(0))
    for p in range(risk.size):
        nearby = 0.0
        for j in range(near.shape[1]):
            nearby += np.float64(deter[near[p, j]])
        spill = shared * nearby / near.shape[1]
        solved = np.float64(removed[p]) + by_design * np.float64(designed[p])
        risk[p] = -min(cap, np.float64(deter[p]) + solved) - spill
    for p in range(risk.size):  # by itself, so that it vectorizes
        risk[p] = exponential(risk[p])
    return risk


@kernel
def ask_counts(key, kind, luck, u):  # type: ignore[no-untyped-def]
    for p in range(key.size):
        u[p] = event_uniform(event_id(key[p], kind, luck[0], luck[1]), COUNT_SALT)


@kernel
def who_suffers(luck, counts, rows, places, hoods, people, homes, avoided, most):  # type: ignore[no-untyped-def]
    """Return the incidents of the week, in order of place and type, each with its victim."""
    first_resident, residents, first_household, households = rows
    key, opportunity, hood = places
    visitors, momentum = hoods
    by_vigilance, by_protection, by_watch = avoided
    total = np.int64(np.sum(counts))
    event_of, type_of = np.empty(total, np.uint64), np.empty(total, np.int8)
    day_of, place_of = np.empty(total, np.int8), np.empty(total, np.int32)
    victim_of = np.empty(total, np.int64)
    row = 0
    for p in range(counts.shape[0]):
        for kind in range(_KINDS):
            for k in range(counts[p, kind]):
                event = event_id(key[p], _KINDS + _KINDS * k + kind, luck[0], luck[1])
                victim = np.int64(-1)
                if kind == Crime.HOUSEHOLD:
                    watched = by_watch * momentum[hood[p]]
                    effects = (by_protection, watched, most[1])
                    victim = burgled(event, first_household[p], households[p], effects, homes)
                elif kind != Crime.BUSINESS:
                    v = np.float64(visitors[hood[p]] * opportunity[p])
                    passes = event_uniform(event, PASSER_SALT) < v / (1.0 + v)
                    start = np.int64(0) if passes else first_resident[p]
                    count = np.int64(people[0].size) if passes else residents[p]
                    victim = attacked(event, start, count, (by_vigilance, most[0]), people)
                event_of[row] = event
                type_of[row] = kind
                day_of[row] = choice(event, DAY_SALT, DAYS_PER_WEEK)
                place_of[row] = p
                victim_of[row] = victim
                row += 1
    return event_of, type_of, day_of, place_of, victim_of


@kernel
def attacked(event, start, count, effects, people):  # type: ignore[no-untyped-def]
    """Return one of ``count`` residents by keyed rejection, weight exposure."""
    exposure, vigilance, boost = people
    by_vigilance, most = effects
    for t in range(FIRST_TRY, FIRST_TRY + 2 * TRIES, 2 * _AT_ONCE):
        found = _AT_ONCE
        for j in range(_AT_ONCE - 1, -1, -1):  # backwards, so that the first one taken stays
            i = start + choice(event, t + 2 * j, count)
            weight = exposure[i] * boost[i] * (np.float32(1) - by_vigilance * vigilance[i])
            found = j if event_uniform(event, t + 2 * j + 1) < weight / most else found
        if found < _AT_ONCE:
            return start + choice(event, t + 2 * found, count)
    return start + choice(event, FIRST_TRY + 2 * TRIES - 2, count)


@kernel
def burgled(event, start, count, effects, homes):  # type: ignore[no-untyped-def]
    """Return the first resident of one of ``count`` households by keyed rejection."""
    protection, in_watch, boost, first_resident = homes
    by_protection, watched, most = effects
    for t in range(FIRST_TRY, FIRST_TRY + 2 * TRIES, 2 * _AT_ONCE):
        found = _AT_ONCE
        for j in range(_AT_ONCE - 1, -1, -1):
            h = start + choice(event, t + 2 * j, count)
            weight = boost[h] * (np.float32(1) - by_protection * protection[h])
            weight = weight * (np.float32(1) - watched * np.float32(in_watch[h]))
            found = j if event_uniform(event, t + 2 * j + 1) < weight / most else found
        if found < _AT_ONCE:
            return first_resident[start + choice(event, t + 2 * found, count)]
    return first_resident[start + choice(event, FIRST_TRY + 2 * TRIES - 2, count)]


@kernel
def leave_traces(incidents, constants, places, people, homes, new):  # type: ignore[no-untyped-def]
    """Fade and add what crimes trigger, mark victims, raise boosts, count by neighbourhood."""
    _, kinds, _, where, victims = incidents
    repeat, there, nearby, keep = constants
    near, triggered, hood = places
    household, boost, is_hit = people
    home_first, home_size, home_boost = homes
    new_violence, new_household, new_incidents = new
    new_violence[:], new_household[:], new_incidents[:] = 0, 0, 0
    fade(triggered, keep)
    for row in range(kinds.size):
        p, victim, n = where[row], victims[row], hood[where[row]]
        new_violence[n] += kinds[row] == Crime.VIOLENCE
        new_household[n] += kinds[row] == Crime.HOUSEHOLD
        new_incidents[n] += victim >= 0
        if kinds[row] == Crime.HOUSEHOLD:
            # As many wherever it was: multiples of the place's rate would run away at hot places.
            triggered[p] += there
            for j in range(near.shape[1]):
                triggered[near[p, j]] += nearby
            home = household[victim]
            home_boost[home] = repeat
            for i in range(home_first[home], home_first[home] + home_size[home]):
                is_hit[i] = 1
        elif victim >= 0:
            boost[victim] = repeat
            is_hit[victim] = 1
