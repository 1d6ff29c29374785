"""Stage 8, offend: crime happens at places, and makes the same and near ones riskier.

A Poisson number per place and type, from one keyed uniform each. With E the summed exposure
of the residents of the place, H that of its households (`presence`) and opp its opportunity:

    rate = base/52 season (1 + shock_n (1 - v)(1 - foreseen foresight_n v)) fit_n offenders_n
           exp(-guardianship (efficacy_n - 1/2)) exp(-direct - spill) (1 + boost)
           x opp attraction E              (violence, theft); v is vigilance_n
           x dwelling_opp H residents_n/households_n   (household crime)
           x businesses                    (business crime; base is per business)
    offenders  = (1 - reach) own mean propensity + reach mean of adjoining neighbourhoods
    direct     = min(cap, deterrence max(0, perceived - accustomed part) + removed
                 + design x designed)
    spill      = (diffused - displaced) mean deterrence of the near places
    attraction = (1 + visitors) / (1 + usual_visitors);  a victim is a passer-by with
                 probability v/(1 + v), v = visitors opp

Then who: keyed rejection with weight exposure over its fixed maximum, among the residents
of the place or, for a passer-by, of the town; for household crime among its households.
A victim's boost jumps to ``repeat`` and fades; the place's jumps to ``near``, that of the
places it is near to at least to half of it, from the next week on.

Sources: GSS 2019; Sampson et al. 1997; Johnson et al. 2007; Braga et al. 2019. Assumption:
offenders of a neighbourhood are interchangeable; supported and monitored ones offend less,
and those in custody not at all.

Reads: people, places, efficacy, vigilance, visits' stocks. Writes: incidents, boosts,
offenders, expected_*, new_violence, new_household, new_incidents; leaves is_hit with the victims.
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
from omemsim.processes.presence import exposures, pool_offenders
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


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Fade old boosts, draw this week's incidents, pick their victims."""
    del strategy
    group = parameters.offend
    pool_offenders(town, group)
    exposure = exposures(town, group)
    counts, total = draw_counts(town, parameters, exposure)
    pick_victims(town, parameters, counts, total)
    leave_traces(town, group)


def neighbourhood_factors(town: Town, parameters: Parameters) -> Any:
    """Return rate multipliers (N, 4): violence, theft, household, business."""
    hoods, group = town.neighbourhoods, parameters.offend
    guarded = np.exp(group.guardianship * (0.5 - hoods.efficacy.astype(float)))
    factors = np.empty((len(hoods), _KINDS))
    multiply(
        town.service.season[0],
        yearly(group, parameters.context),
        (town.start, town.adjoining, hoods.offenders),
        guarded,
        (hoods.shock, hoods.vigilance, hoods.foresight),
        (hoods.visitors, hoods.fit_violence, hoods.fit_property),
        (hoods.residents, hoods.households),
        factors,
    )
    return factors


def draw_counts(town: Town, parameters: Parameters, exposure: Any) -> tuple[Any, int]:
    """Return counts by place and type, uint8 (P, 4), and their sum; write the expected rates."""
    places, hoods, group = town.places, town.neighbourhoods, parameters.offend
    counts = np.empty((len(places), _KINDS), np.uint8)
    total = draw_places(
        (np.uint64(town.seed), np.int64(town.week)),
        deterrents(group),
        neighbourhood_factors(town, parameters),
        (places.perceived, places.accustomed, places.removed, places.designed),
        (places.near, places.boost),
        (places.opportunity, places.dwelling_opportunity, places.businesses),
        exposure,
        places.neighbourhood,
        places.key,
        counts,
        (hoods.expected_violence, hoods.expected_property, hoods.expected_business),
    )
    return counts, total


def pick_victims(town: Town, parameters: Parameters, counts: Any, total: int) -> None:
    """Write the incidents of the week, in order of place and type."""
    places, hoods = town.places, town.neighbourhoods
    residents, homes = town.residents, town.households
    rows = {name: np.empty(total, a.dtype) for name, a in town.incidents.columns().items()}
    who_suffers(
        (np.uint64(town.seed), np.int64(town.week)),
        counts,
        (places.first_resident, places.residents, places.first_household, places.households),
        (places.key, places.opportunity, places.neighbourhood),
        (hoods.visitors, hoods.watch_momentum),
        (residents.exposure, residents.boost, residents.vigilance),
        (homes.boost, homes.protection, homes.in_watch, homes.first_resident),
        weights(parameters.people, parameters.offend),
        (rows["event"], rows["type"], rows["day"], rows["place"], rows["victim"]),
    )
    town.incidents.replace(**rows)


def leave_traces(town: Town, group: Offend) -> None:
    """Mark victims, raise boosts, count by neighbourhood."""
    rows, places, hoods = town.incidents, town.places, town.neighbourhoods
    residents, homes = town.residents, town.households
    mark(
        (rows.type, rows.place, rows.victim),
        jumps(group),
        (places.near, places.boost, places.neighbourhood),
        (residents.household, residents.boost, residents.is_hit),
        (homes.first_resident, homes.residents, homes.boost),
        (hoods.new_violence, hoods.new_household, hoods.new_incidents),
    )


@once
def deterrents(group: Offend) -> tuple[Any, ...]:
    """Return deterrence, the share one is accustomed to; cap, share of near places, design."""
    shared = group.diffused - group.displaced
    return (*single(group, "deterrence", "accustomed"), group.cap, shared, group.designed)


@once
def yearly(group: Offend, context: Context) -> tuple[Any, ...]:
    """Return reach, foresight, usual visitors, and the weekly rate of each type."""
    per_resident = (group.violence / 1000, group.theft / 1000, group.household / 1000)
    rates = [per_week(rate) for rate in (*per_resident, group.business / 1000)]
    return (group.reach, np.float32(context.foreseen), group.usual_visitors, *rates)


@once
def jumps(group: Offend) -> tuple[np.float32, ...]:
    """Return what a victim's and a place's boost jump to, and what a week leaves of the place's."""
    return (*single(group, "repeat", "near"), np.float32(1 - decay(group.near_half_life)))


@once
def weights(people: People, group: Offend) -> tuple[np.float32, ...]:
    """Return the crime that precautions avoid, and the greatest weights of person and household."""
    avoided = single(group, "vigilance", "protection", "watch")
    return (*avoided, np.float32(most_exposed(people, group)), np.float32(group.repeat))


def most_exposed(people: People, group: Offend) -> float:
    """Return the greatest weight a resident can have."""
    return (1 + people.exposure_need / 2) * (1 + 0.75 * people.exposure_spread) * group.repeat


@kernel
def multiply(  # type: ignore[no-untyped-def]
    season, constants, offenders, guarded, shocks, fits, homes, factors
):
    reach, foreseen, usual_visitors, violence, theft, household, business = constants
    start, adjoining, own = offenders
    shock, vigilance, foresight = shocks
    visitors, fit_violence, fit_property = fits
    residents, households = homes
    for n in range(own.size):
        common = season * in_reach(n, start, adjoining, own, reach)
        alert = np.float64(vigilance[n])
        common *= 1 + shock[n] * ((1 - alert) * (1 - foreseen * foresight[n] * alert))
        common *= guarded[n]
        attraction = (1 + np.float64(visitors[n])) / (1 + usual_visitors)
        property_crime = common * np.float64(fit_property[n])
        factors[n, Crime.VIOLENCE] = common * np.float64(fit_violence[n]) * attraction * violence
        factors[n, Crime.THEFT] = property_crime * attraction * theft
        factors[n, Crime.HOUSEHOLD] = property_crime * (residents[n] / households[n]) * household
        factors[n, Crime.BUSINESS] = property_crime * business


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
def draw_places(  # type: ignore[no-untyped-def]
    run, constants, factors, stocks, around, attractions, exposure, hood, key, counts, expected
):
    low, high = stream_of(run[0], Decision.OFFEND, run[1])
    opportunity, dwelling, businesses = attractions
    people, dwellings = exposure
    by_violence, by_property, by_business = expected
    by_violence[:], by_property[:], by_business[:] = 0, 0, 0
    risk, u, rate = np.empty(key.size), np.empty((_KINDS, key.size)), np.empty(_KINDS)
    risk_of_places(constants, stocks, around, risk)
    for kind in range(_KINDS):
        ask_counts(key, kind, low, high, u[kind])
    total = 0
    for p in range(key.size):
        n = hood[p]
        rate[0] = factors[n, 0] * risk[p] * opportunity[p] * people[p]
        rate[1] = factors[n, 1] * risk[p] * opportunity[p] * people[p]
        rate[2] = factors[n, 2] * risk[p] * dwelling[p] * dwellings[p]
        rate[3] = factors[n, 3] * risk[p] * businesses[p]
        for kind in range(_KINDS):
            count = poisson(rate[kind], u[kind, p])
            counts[p, kind] = count
            total += count
        by_violence[n] += rate[0]
        by_property[n] += rate[1] + rate[2]
        by_business[n] += rate[3]
    return total


@kernel
def risk_of_places(constants, stocks, around, risk):  # type: ignore[no-untyped-def]
    """Write exp(-direct - spill) (1 + boost)."""
    deterrence, used_to, cap, shared, by_design = constants
    perceived, accustomed, removed, designed = stocks
    near, boost = around
    deter = np.empty(risk.size, np.float32)
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
        risk[p] = exponential(risk[p]) * (1.0 + np.float64(boost[p]))


@kernel
def ask_counts(key, kind, low, high, u):  # type: ignore[no-untyped-def]
    for p in range(key.size):
        u[p] = event_uniform(event_id(key[p], kind, low, high), COUNT_SALT)


@kernel
def who_suffers(  # type: ignore[no-untyped-def]
    run, counts, rows, places, hoods, people, homes, constants, out
):
    low, high = stream_of(run[0], Decision.OFFEND, run[1])
    first_resident, residents, first_household, households = rows
    key, opportunity, hood = places
    visitors, momentum = hoods
    by_vigilance, by_protection, by_watch, most, repeat = constants
    event_of, type_of, day_of, place_of, victim_of = out
    row = 0
    for p in range(counts.shape[0]):
        for kind in range(_KINDS):
            for k in range(counts[p, kind]):
                event = event_id(key[p], _KINDS + _KINDS * k + kind, low, high)
                victim = np.int64(-1)
                if kind == Crime.HOUSEHOLD:
                    watched = by_watch * momentum[hood[p]]
                    effects = (by_protection, watched, repeat)
                    victim = burgled(event, first_household[p], households[p], effects, homes)
                elif kind != Crime.BUSINESS:
                    v = np.float64(visitors[hood[p]] * opportunity[p])
                    passes = event_uniform(event, PASSER_SALT) < v / (1.0 + v)
                    start = np.int64(0) if passes else first_resident[p]
                    count = np.int64(people[0].size) if passes else residents[p]
                    victim = attacked(event, start, count, (by_vigilance, most), people)
                event_of[row] = event
                type_of[row] = kind
                day_of[row] = choice(event, DAY_SALT, DAYS_PER_WEEK)
                place_of[row] = p
                victim_of[row] = victim
                row += 1


@kernel
def attacked(event, start, count, effects, people):  # type: ignore[no-untyped-def]
    """Return one of ``count`` residents by keyed rejection, weight exposure."""
    exposure, boost, vigilance = people
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
    boost, protection, in_watch, first_resident = homes
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
def mark(incidents, constants, places, people, homes, new):  # type: ignore[no-untyped-def]
    kinds, where, victims = incidents
    repeat, ceiling, keep = constants
    near, place_boost, hood = places
    household, boost, is_hit = people
    home_first, home_size, home_boost = homes
    new_violence, new_household, new_incidents = new
    new_violence[:], new_household[:], new_incidents[:] = 0, 0, 0
    fade(place_boost, keep)
    for row in range(kinds.size):
        p, victim, n = where[row], victims[row], hood[where[row]]
        # A jump to a ceiling, not a sum: sums would let hot places excite themselves for ever.
        place_boost[p] = max(place_boost[p], ceiling)
        for j in range(near.shape[1]):
            q = near[p, j]
            place_boost[q] = max(place_boost[q], ceiling * np.float32(0.5))
        new_violence[n] += kinds[row] == Crime.VIOLENCE
        new_household[n] += kinds[row] == Crime.HOUSEHOLD
        new_incidents[n] += victim >= 0
        if kinds[row] == Crime.HOUSEHOLD:
            home = household[victim]
            home_boost[home] = repeat
            for i in range(home_first[home], home_first[home] + home_size[home]):
                is_hit[i] = 1
        elif victim >= 0:
            boost[victim] = repeat
            is_hit[victim] = 1
