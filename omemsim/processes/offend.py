"""Stage 8, offend: crime happens at places, and makes the same and near ones riskier.

A Poisson number per place and type, from one keyed uniform each. With E the summed exposure
of the residents of the place, H that of its households and opp its opportunity:

    rate = base/52 season (1 + shock_n (1 - v)(1 - foreseen foresight_n v)) fit_n offenders_n
           exp(-guardianship (efficacy_n - 1/2)) exp(-direct - spill) (1 + boost)
           x opp attraction E              (violence, theft); v is vigilance_n
           x dwelling_opp H residents_n/households_n   (household crime)
           x businesses                    (business crime; base is per business)
    exposure   = person exposure x repeat boost x (1 - vigilance effect vigilance)
    dwelling's = repeat boost x (1 - protection effect protection)
                 x (1 - watch watch_momentum_n) if it is in the watch
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
offenders of a neighbourhood are interchangeable; supported and monitored ones offend less:
propensity (1 - supported support) (1 - monitored mark), and those in custody not at all.

Reads: people, places, efficacy, vigilance, visits' stocks. Writes: incidents, boosts,
offenders, expected_*, new_violence, new_household, new_incidents; leaves is_hit with the victims.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import (
    FIXED,
    choice,
    event_id,
    event_uniform,
    exponential,
    kernel,
    poisson,
    single,
)
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.parameters import Context, Offend, Parameters, People
from omemsim.vocabulary.rates import DAYS_PER_WEEK, decay, per_week
from omemsim.vocabulary.wheel import Crime

__all__ = ["step"]

# What an event is asked, so that one answer never depends on another question.
COUNT_SALT, DAY_SALT, PASSER_SALT, FIRST_TRY = 0, 1, 2, 16
TRIES = 400


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Fade old boosts, draw this week's incidents, pick their victims."""
    del strategy
    group = parameters.offend
    fade_boosts(town, group)
    pool_offenders(town, group)
    luck = stream(town.seed, Decision.OFFEND, town.week)
    counts = draw_counts(town, parameters, luck)
    pick_victims(town, parameters, counts, luck)
    leave_traces(town, group)


def fade_boosts(town: Town, group: Offend) -> None:
    """Let repeat and near-repeat boosts fade; newcomers bring none."""
    residents, households = town.residents, town.households
    residents.boost[town.newcomers] = 1
    households.boost[households.since_week == town.week] = 1
    keep = np.float32(1 - decay(group.repeat_half_life))
    fade_to_one(residents.boost, keep)
    fade_to_one(households.boost, keep)


def pool_offenders(town: Town, group: Offend) -> None:
    """Write the mean propensity of each neighbourhood's residents."""
    places, residents = town.neighbourhoods, town.residents
    mean_propensity(
        places.first_resident,
        places.residents,
        single(group, "supported", "monitored"),
        residents.propensity,
        residents.support,
        residents.monitored,
        places.offenders,
    )
    leave_out(
        town.custody.resident,
        places_of(town, town.custody.resident),
        places.residents,
        single(group, "supported", "monitored"),
        (residents.propensity, residents.support, residents.monitored),
        places.offenders,
    )


def places_of(town: Town, residents: Any) -> Any:
    """Return the neighbourhood of residents, by row."""
    return town.places.neighbourhood[town.residents.place[residents]]


def in_reach(town: Town, reach: float) -> Any:
    """Return offenders in reach of each neighbourhood, float64 (N,), mean about 1."""
    own = town.neighbourhoods.offenders
    degree = np.diff(town.start)
    around = np.bincount(
        np.repeat(np.arange(degree.size), degree), own[town.adjoining], minlength=degree.size
    )
    around = np.where(degree > 0, around / np.maximum(degree, 1), own)
    return (1 - reach) * own + reach * around


def neighbourhood_factors(town: Town, group: Offend, context: Context) -> Any:
    """Return rate multipliers (N, 4): violence, theft, household, business."""
    places, service = town.neighbourhoods, town.service
    common = service.season[0] * in_reach(town, group.reach)
    alert = places.vigilance.astype(float)
    damage = (1 - alert) * (1 - context.foreseen * places.foresight * alert)
    common = common * (1 + places.shock * damage)
    common = common * np.exp(-group.guardianship * (places.efficacy.astype(float) - 0.5))
    attraction = (1 + places.visitors.astype(float)) / (1 + group.usual_visitors)
    violence, fitted = places.fit_violence.astype(float), places.fit_property.astype(float)
    per_dwelling = places.residents / places.households
    return np.stack(
        [
            common * violence * attraction * per_week(group.violence / 1000),
            common * fitted * attraction * per_week(group.theft / 1000),
            common * fitted * per_dwelling * per_week(group.household / 1000),
            common * fitted * per_week(group.business / 1000),
        ],
        axis=1,
    )


def draw_counts(town: Town, parameters: Parameters, luck: Any) -> Any:
    """Return counts by place and type, uint8 (P, 4), and write the expected rates."""
    group = parameters.offend
    places, hoods = town.places, town.neighbourhoods
    expected = np.zeros((len(hoods), 3))
    counts = np.zeros((len(places), len(Crime)), np.uint8)
    felt = places.perceived - np.float32(group.accustomed) * places.accustomed
    deter = np.float32(group.deterrence) * np.maximum(felt, 0)
    draw_places(
        neighbourhood_factors(town, group, parameters.context),
        deter,
        (places.removed, places.designed, places.boost, places.near),
        (group.cap, group.diffused - group.displaced, group.designed),
        places.neighbourhood,
        (places.opportunity, places.dwelling_opportunity, places.businesses),
        exposures(town, group),
        places.key,
        luck,
        counts,
        expected,
    )
    hoods.expected_violence[:] = expected[:, 0]
    hoods.expected_property[:] = expected[:, 1]
    hoods.expected_business[:] = expected[:, 2]
    return counts


def exposures(town: Town, group: Offend) -> tuple[Any, Any]:
    """Return summed exposure of residents and of households by place, float64 (P,)."""
    places, residents, households = town.places, town.residents, town.households
    people, dwellings = np.zeros(len(places)), np.zeros(len(places))
    sum_residents(
        places.first_resident,
        places.residents,
        np.float32(group.vigilance),
        residents.exposure,
        residents.boost,
        residents.vigilance,
        people,
    )
    sum_households(
        places.first_household,
        places.households,
        np.float32(group.protection),
        watching(town, group),
        (households.boost, households.protection, households.in_watch),
        dwellings,
    )
    return people, dwellings


def watching(town: Town, group: Offend) -> Any:
    """Return the share of household crime that members of a watch avoid, float32 (P,)."""
    by_watch = np.float32(group.watch) * town.neighbourhoods.watch_momentum
    return by_watch[town.places.neighbourhood]


def most_exposed(people: People, group: Offend) -> float:
    """Return the greatest weight a resident can have: what rejection divides by."""
    return (1 + people.exposure_need / 2) * (1 + 0.75 * people.exposure_spread) * group.repeat


def pick_victims(town: Town, parameters: Parameters, counts: Any, luck: Any) -> None:
    """Write the incidents of the week, in order of place and type."""
    places, residents, households = town.places, town.residents, town.households
    group, total = parameters.offend, int(counts.sum())
    rows = {name: np.zeros(total, a.dtype) for name, a in town.incidents.columns().items()}
    visitors = town.neighbourhoods.visitors[places.neighbourhood]
    who_suffers(
        counts,
        (visitors * places.opportunity).astype(np.float64),
        (places.first_resident, places.residents, places.first_household, places.households),
        (residents.exposure, residents.boost, residents.vigilance),
        (households.boost, households.protection, households.in_watch, households.first_resident),
        watching(town, group),
        (
            *single(group, "vigilance", "protection"),
            np.float32(most_exposed(parameters.people, group)),
            np.float32(group.repeat),
        ),
        places.key,
        luck,
        (rows["event"], rows["type"], rows["day"], rows["place"], rows["victim"]),
    )
    town.incidents.replace(**rows)


def leave_traces(town: Town, group: Offend) -> None:
    """Mark victims, raise boosts, count by neighbourhood."""
    rows, places, hoods = town.incidents, town.places, town.neighbourhoods
    mark(
        rows.type,
        rows.victim,
        np.float32(group.repeat),
        town.residents.household,
        (town.households.first_resident, town.households.residents, town.households.boost),
        town.residents.boost,
        town.residents.is_hit,
    )
    hit = np.zeros(len(places), np.float32)
    hit[places.near[rows.place].ravel()] = 0.5
    hit[rows.place] = 1
    # A jump to a ceiling, not a sum: sums would let hot places excite themselves for ever.
    places.boost *= np.float32(1 - decay(group.near_half_life))
    np.maximum(places.boost, np.float32(group.near) * hit, out=places.boost)
    where = places.neighbourhood[rows.place]
    suffered, violent = rows.victim >= 0, rows.type == Crime.VIOLENCE
    hoods.new_incidents[:] = np.bincount(where[suffered], minlength=len(hoods))
    hoods.new_violence[:] = np.bincount(where[violent], minlength=len(hoods))
    hoods.new_household[:] = np.bincount(where[rows.type == Crime.HOUSEHOLD], minlength=len(hoods))


@kernel
def fade_to_one(boost, keep):  # type: ignore[no-untyped-def]
    one = np.float32(1)
    for i in range(boost.size):
        boost[i] = one + (boost[i] - one) * keep


@kernel
def mean_propensity(first, count, effects, propensity, support, monitored, out):  # type: ignore[no-untyped-def]
    for n in range(first.size):
        rows = slice(first[n], first[n] + count[n])
        total = _sum_propensity(effects, propensity[rows], support[rows], monitored[rows])
        out[n] = np.float64(total) / np.float64(FIXED) / np.float64(count[n])


@kernel
def _sum_propensity(effects, propensity, support, monitored):  # type: ignore[no-untyped-def]
    total = np.int64(0)
    one = np.float32(1)
    for i in range(propensity.size):
        active = propensity[i] * (one - effects[0] * support[i])
        active = active * (one - effects[1] * monitored[i])
        total += np.int32(active * FIXED)
    return total


@kernel
def leave_out(rows, hood, count, effects, people, out):  # type: ignore[no-untyped-def]
    propensity, support, monitored = people
    one = np.float32(1)
    for j in range(rows.size):
        i = rows[j]
        active = propensity[i] * (one - effects[0] * support[i]) * (one - effects[1] * monitored[i])
        out[hood[j]] = max(out[hood[j]] - np.float64(active) / np.float64(count[hood[j]]), 0.0)


@kernel
def sum_residents(first, count, effect, exposure, boost, vigilance, out):  # type: ignore[no-untyped-def]
    for p in range(first.size):
        rows = slice(first[p], first[p] + count[p])
        total = _sum_exposure(effect, exposure[rows], boost[rows], vigilance[rows])
        out[p] = np.float64(total) / np.float64(FIXED)


@kernel
def _sum_exposure(effect, exposure, boost, vigilance):  # type: ignore[no-untyped-def]
    total = np.int64(0)
    for i in range(exposure.size):
        weight = exposure[i] * boost[i] * (np.float32(1) - effect * vigilance[i])
        total += np.int32(weight * FIXED)
    return total


@kernel
def sum_households(first, count, effect, watched, homes, out):  # type: ignore[no-untyped-def]
    boost, protection, in_watch = homes
    for p in range(first.size):
        rows = slice(first[p], first[p] + count[p])
        total = _sum_dwellings(effect, watched[p], boost[rows], protection[rows], in_watch[rows])
        out[p] = np.float64(total) / np.float64(FIXED)


@kernel
def _sum_dwellings(effect, watched, boost, protection, in_watch):  # type: ignore[no-untyped-def]
    total = np.int64(0)
    one = np.float32(1)
    for i in range(boost.size):
        weight = boost[i] * (one - effect * protection[i])
        total += np.int32(weight * (one - watched * np.float32(in_watch[i])) * FIXED)
    return total


@kernel
def draw_places(  # type: ignore[no-untyped-def]
    factors, deter, stocks, limits, hood, attractions, exposure, key, luck, counts, expected
):
    removed, designed, boost, near = stocks
    cap, shared, by_design = limits
    opportunity, dwelling, businesses = attractions
    people, dwellings = exposure
    rate = np.zeros(4)
    for p in range(key.size):
        n = hood[p]
        around = 0.0
        for j in range(near.shape[1]):
            around += np.float64(deter[near[p, j]])
        spill = shared * around / near.shape[1]
        solved = np.float64(removed[p]) + by_design * np.float64(designed[p])
        direct = min(cap, np.float64(deter[p]) + solved)
        risk = exponential(-direct - spill) * (1.0 + np.float64(boost[p]))
        rate[0] = factors[n, 0] * risk * opportunity[p] * people[p]
        rate[1] = factors[n, 1] * risk * opportunity[p] * people[p]
        rate[2] = factors[n, 2] * risk * dwelling[p] * dwellings[p]
        rate[3] = factors[n, 3] * risk * businesses[p]
        for kind in range(4):
            event = event_id(key[p], kind, luck[0], luck[1])
            counts[p, kind] = poisson(rate[kind], event_uniform(event, COUNT_SALT))
        expected[n, 0] += rate[0]
        expected[n, 1] += rate[1] + rate[2]
        expected[n, 2] += rate[3]


@kernel
def who_suffers(  # type: ignore[no-untyped-def]
    counts, passers, rows, people, homes, watched, effects, key, luck, out
):
    first_resident, residents, first_household, households = rows
    exposure, boost, vigilance = people
    home_boost, protection, in_watch, home_first = homes
    by_vigilance, by_protection, most, repeat = effects
    event_of, type_of, day_of, place_of, victim_of = out
    row = 0
    for p in range(counts.shape[0]):
        for kind in range(4):
            for k in range(counts[p, kind]):
                event = event_id(key[p], 4 + 4 * k + kind, luck[0], luck[1])
                victim = np.int64(-1)
                if kind == 2:
                    for t in range(TRIES):
                        h = first_household[p] + choice(event, FIRST_TRY + 2 * t, households[p])
                        weight = home_boost[h] * (np.float32(1) - by_protection * protection[h])
                        weight = weight * (np.float32(1) - watched[p] * np.float32(in_watch[h]))
                        victim = home_first[h]
                        if event_uniform(event, FIRST_TRY + 2 * t + 1) < weight / repeat:
                            break
                elif kind < 2:
                    passes = event_uniform(event, PASSER_SALT) < passers[p] / (1.0 + passers[p])
                    start = np.int64(0) if passes else first_resident[p]
                    count = np.int64(exposure.size) if passes else residents[p]
                    for t in range(TRIES):
                        victim = start + choice(event, FIRST_TRY + 2 * t, count)
                        weight = exposure[victim] * boost[victim]
                        weight = weight * (np.float32(1) - by_vigilance * vigilance[victim])
                        if event_uniform(event, FIRST_TRY + 2 * t + 1) < weight / most:
                            break
                event_of[row] = event
                type_of[row] = kind
                day_of[row] = choice(event, DAY_SALT, DAYS_PER_WEEK)
                place_of[row] = p
                victim_of[row] = victim
                row += 1


@kernel
def mark(kinds, victims, repeat, household, homes, boost, is_hit):  # type: ignore[no-untyped-def]
    home_first, home_size, home_boost = homes
    for row in range(kinds.size):
        victim = victims[row]
        if kinds[row] == 2:
            home = household[victim]
            home_boost[home] = repeat
            for i in range(home_first[home], home_first[home] + home_size[home]):
                is_hit[i] = 1
        elif victim >= 0:
            boost[victim] = repeat
            is_hit[victim] = 1
