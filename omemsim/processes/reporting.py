"""Stage 10, reporting: what happened becomes calls, records and knowledge of places.

    p_call = report_<crime> + by_trust (trust - 0.6) + by_vigilance (vigilance - 0.4)

for a victim; report_business for a business; report_disorder for an episode. Calls about
anything else are a Poisson stream by place, with the season: of its residents' share 1 - busy,
and a share busy opportunity fit_n (1 + visitors_n)/(1 + usual_visitors) that nobody who lives
there makes (fit_n: what a table's violence says a place offers beyond its residents, over the
town's mean). An officer sees an incident nobody called about with probability
1 - exp(-observed visits). Police record a share of reported crime and all they see. Knowledge of
a place gains one per recorded crime and tips x trust of the victim per one that nobody called
about or saw, and fades; how many were recorded there is kept week by week for a month. A call is a
repeat if its household called within 4 weeks.

Sources: GSS 2009; practice.md; Sherman, Gartin & Buerger 1989 (calls from few addresses).
Assumption: 4 weeks stand for 30 days; the day is the event's.

Reads: incidents, episodes, trust, vigilance, season, visits, opportunity, visitors, fit_violence,
population. Writes: calls, knowledge, recorded, last_call,
new_calls, new_officer_calls, new_repeats, new_recorded_*.
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
    paired_sum,
    poisson,
    stream_of,
)
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.columns import MONTH
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Offend, Parameters, Reporting
from omemsim.vocabulary.rates import DAYS_PER_WEEK, decay, per_week
from omemsim.vocabulary.wheel import CallType, Crime, Origin

__all__ = ["MEAN_TRUST", "MEAN_VIGILANCE", "step"]

MEAN_TRUST, MEAN_VIGILANCE = 0.6, 0.4  # where the reporting shares of the survey hold
REPORT_SALT, RECORD_SALT, SEEN_SALT = 4, 5, 6
REPEAT_WEEKS = 4
CALLER_SALT, HOME_SALT = 2, 3
NOBODY = -1
LEAST = 1e-300  # no division by 0 where nobody calls
COLUMNS = ("event", "type", "origin", "day", "place", "caller", "week")  # of calls


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Make this week's calls and records."""
    del strategy
    crimes, episodes, residents = town.incidents, town.episodes, town.residents
    places, households, hoods = town.places, town.households, town.neighbourhoods
    columns = report(
        np.uint64(town.seed),
        town.week,
        rates(parameters.reporting, parameters.offend),
        town.service.season,
        (crimes.event, crimes.type, crimes.day, crimes.place, crimes.victim),
        (episodes.event, episodes.day, episodes.resident),
        (residents.trust, residents.vigilance, residents.place, residents.household),
        (places.key, places.neighbourhood, places.first_resident, places.residents),
        (
            places.visits,
            places.knowledge,
            places.recorded[:, town.week % MONTH],
            places.opportunity,
        ),
        households.last_call,
        (hoods.population, hoods.residents, hoods.visitors, hoods.fit_violence),
        (hoods.new_recorded_violence, hoods.new_recorded_property),
        (hoods.new_calls, hoods.new_officer_calls, hoods.new_repeats),
    )
    town.calls.replace(**dict(zip(COLUMNS, columns, strict=True)))


@once
def rates(group: Reporting, crime: Offend) -> tuple[Any, ...]:
    """Return shares of crimes and episodes told of, what moves them, memory, calls for service."""
    base = [getattr(group, f"report_{crime.name.lower()}") for crime in Crime]
    effects = group.by_trust, group.by_vigilance, group.recorded, group.observed, group.tips
    return (
        tuple(map(float, base)),
        float(group.report_disorder),
        tuple(map(float, effects)),
        np.float32(1 - decay(group.memory)),
        (per_week(group.service / 1000), float(group.busy), float(crime.usual_visitors)),
    )


@kernel
def report(  # type: ignore[no-untyped-def]
    seed, week, rates, season, crimes, episodes, residents, places, police,
    last_call, hoods, records, counts,
):  # fmt: skip
    """Return the columns of this week's calls, counted by neighbourhood."""
    shares, disorder, effects, memory, service = rates
    home, household = residents[2], residents[3]
    neighbourhood = places[1]
    luck = stream_of(seed, Decision.SERVICE, np.int64(week))
    visits, knowledge, recorded, opportunity = police
    seen = visits, knowledge, recorded
    origin = decide(shares, effects, memory, crimes, residents, neighbourhood, seen, records)
    is_told = draw_calls(episodes[0], disorder)
    number, at_home = draw_service(luck, season[0], service, hoods, places, opportunity)
    told = origin, is_told, number
    calls = write_calls(week, luck, told, at_home, crimes, episodes, home, places)
    count_calls(calls, neighbourhood, counts[0], counts[1])
    count_repeats(week, calls, neighbourhood, household, last_call, counts[2])
    return calls


@kernel
def decide(  # type: ignore[no-untyped-def]
    base, effects, memory, crimes, residents, neighbourhood, police, records
):
    """Return who calls about each crime, Origin or NOBODY; record what police hear and see."""
    by_trust, by_vigilance, recorded, observed, tips = effects
    event, kind, _, place, victim = crimes
    trust, vigilance, _, _ = residents
    visits, knowledge, recorded_here = police
    origin = np.empty(event.size, np.int8)
    fade(knowledge, memory)
    recorded_here[:] = 0
    for record in records:
        record[:] = 0
    for row in range(event.size):
        who, where = victim[row], place[row]
        p = base[kind[row]]
        willing = 0.0
        if who >= 0:
            willing = np.float64(trust[who])
            p += by_trust * (willing - MEAN_TRUST)
            p += by_vigilance * (np.float64(vigilance[who]) - MEAN_VIGILANCE)
        origin[row], is_recorded, gain = NOBODY, False, tips * willing
        if event_uniform(event[row], REPORT_SALT) < p:
            origin[row], gain = Origin.PUBLIC, 0.0
            is_recorded = event_uniform(event[row], RECORD_SALT) < recorded
        elif event_uniform(event[row], SEEN_SALT) < 1.0 - exponential(
            -observed * np.float64(visits[where])
        ):
            origin[row], is_recorded = Origin.OFFICER, True
        if is_recorded:
            gain = 1.0
            records[np.int64(kind[row] != Crime.VIOLENCE)][neighbourhood[where]] += 1
            recorded_here[where] += 1
        knowledge[where] += np.float32(gain)
    return origin


@kernel
def draw_calls(event, p):  # type: ignore[no-untyped-def]
    """Return whether somebody calls about each episode."""
    is_told = np.empty(event.size, np.uint8)
    for row in range(event.size):
        is_told[row] = event_uniform(event[row], REPORT_SALT) < p
    return is_told


@kernel
def draw_service(luck, season, service, hoods, places, opportunity):  # type: ignore[no-untyped-def]
    """Return the calls about anything else from each place, and the share its residents make."""
    rate, busy, usual_visitors = service
    population, simulated, visitors, fit = hoods
    key, neighbourhood, _, residents = places
    number, u, at_home = np.empty(key.size, np.uint8), np.empty(key.size), np.empty(key.size)
    for p in range(key.size):
        u[p] = event_uniform(event_id(key[p], 0, luck[0], luck[1]), 0)
    usual_fit = paired_sum(fit * population) / paired_sum(population)
    for p in range(key.size):
        n = neighbourhood[p]
        present = (1.0 + np.float64(visitors[n])) / (1.0 + usual_visitors)
        passing = busy * np.float64(opportunity[p]) * (present * (fit[n] / usual_fit))
        per_seat = rate * season * population[n] / simulated[n]
        number[p] = poisson(per_seat * residents[p] * (1.0 - busy + passing), u[p])
        at_home[p] = (1.0 - busy) / max(1.0 - busy + passing, LEAST)
    return number, at_home


@kernel
def write_calls(week, luck, told, at_home, crimes, episodes, home, places):  # type: ignore[no-untyped-def]
    """Return the columns of the calls that are made."""
    origin, is_told, number = told
    rows = np.count_nonzero(origin != NOBODY) + np.count_nonzero(is_told)
    rows += np.int64(np.sum(number))
    small = np.empty(rows, np.int8), np.empty(rows, np.int8), np.empty(rows, np.int8)
    where, caller = np.empty(rows, np.int32), np.empty(rows, np.int64)
    weeks = np.full(rows, week, np.int32)
    calls = (np.empty(rows, np.uint64), *small, where, caller, weeks)
    row = 0
    event, kind, day, place, victim = crimes
    for i in range(origin.size):
        if origin[i] != NOBODY:
            _put(calls, row, event[i], kind[i], origin[i], day[i], place[i], victim[i])
            row += 1
    event, day, resident = episodes
    for i in range(is_told.size):
        if is_told[i]:
            who = resident[i]
            _put(calls, row, event[i], CallType.DISORDER, Origin.PUBLIC, day[i], home[who], who)
            row += 1
    key, _, first, residents = places
    for p in range(number.size):
        for k in range(number[p]):
            call = event_id(key[p], k + 1, luck[0], luck[1])
            on, who = choice(call, 1, DAYS_PER_WEEK), np.int64(NOBODY)
            if event_uniform(call, HOME_SALT) < at_home[p]:
                who = first[p] + choice(call, CALLER_SALT, residents[p])
            _put(calls, row, call, CallType.SERVICE, Origin.PUBLIC, on, p, who)
            row += 1
    return calls


@kernel
def _put(calls, row, event, kind, origin, day, place, caller):  # type: ignore[no-untyped-def]
    events, kinds, origins, days, places, callers, _ = calls
    events[row], kinds[row], origins[row] = event, kind, origin
    days[row], places[row], callers[row] = day, place, caller


@kernel
def count_calls(calls, neighbourhood, new_calls, new_officer_calls):  # type: ignore[no-untyped-def]
    _, _, origin, _, place, _, _ = calls
    new_calls[:] = 0
    new_officer_calls[:] = 0
    for row in range(origin.size):
        if origin[row] == Origin.PUBLIC:
            new_calls[neighbourhood[place[row]]] += 1
        else:
            new_officer_calls[neighbourhood[place[row]]] += 1


@kernel
def count_repeats(  # type: ignore[no-untyped-def]
    week, calls, neighbourhood, household, last_call, new_repeats
):
    """Count a household's public calls but its first, and that too if it called lately.

    Until all are counted, ``last_call`` says which of ``homes``, those that call, it is.
    """
    event, _, origin, day, place, caller, _ = calls
    new_repeats[:] = 0
    homes, first = np.empty(origin.size, np.int64), np.empty(origin.size, np.int64)
    is_recent = np.empty(origin.size, np.uint8)
    found = 0
    for row in range(origin.size):
        if origin[row] != Origin.PUBLIC or caller[row] < 0:
            continue
        home = household[caller[row]]
        number = np.int64(last_call[home]) - week - 1
        if 0 <= number < found and homes[number] == home:
            repeat, earlier = row, first[number]
            if (day[row], event[row]) < (day[earlier], event[earlier]):
                repeat, first[number] = earlier, row
            new_repeats[neighbourhood[place[repeat]]] += 1
        else:
            homes[found], first[found] = home, row
            is_recent[found] = week - last_call[home] <= REPEAT_WEEKS
            last_call[home] = week + 1 + found
            found += 1
    for number in range(found):
        new_repeats[neighbourhood[place[first[number]]]] += is_recent[number]
        last_call[homes[number]] = week
