"""Stage 10, reporting: what happened becomes calls, records and knowledge of places.

    p_call = report_<crime> + by_trust (trust - 0.6) + by_vigilance (vigilance - 0.4)

for a victim; report_business for a business; report_disorder for an episode. Calls about
anything else are a Poisson stream by place, with the season. An officer sees an incident nobody
called about with probability 1 - exp(-observed visits). Police record a share of reported
crime and all they see. Knowledge of a place gains one per recorded crime and tips x trust of
the victim per one that nobody called about or saw, and fades. A call is a repeat if its
household called within 4 weeks.

Source: GSS 2009; practice.md. Assumption: 4 weeks stand for 30 days; the day is the event's.

Reads: incidents, episodes, trust, vigilance, visits. Writes: calls, knowledge, last_call,
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
    poisson,
    stream_of,
)
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Parameters, Reporting
from omemsim.vocabulary.rates import DAYS_PER_WEEK, decay, per_week
from omemsim.vocabulary.wheel import CallType, Crime, Origin

__all__ = ["MEAN_TRUST", "MEAN_VIGILANCE", "step"]

MEAN_TRUST, MEAN_VIGILANCE = 0.6, 0.4  # where the reporting shares of the survey hold
REPORT_SALT, RECORD_SALT, SEEN_SALT = 4, 5, 6
REPEAT_WEEKS = 4
NOBODY = -1


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Make this week's calls and records."""
    del strategy
    group = parameters.reporting
    told = report_crimes(town, group), report_episodes(town, group), call_for_service(town, group)
    file_calls(town, *told)
    count(town)


def report_crimes(town: Town, group: Reporting) -> Any:
    """Return who calls about each incident (Origin, or NOBODY); record what police hear and see."""
    crimes, residents, places = town.incidents, town.residents, town.places
    hoods = town.neighbourhoods
    origin = np.empty(len(crimes), np.int8)
    decide(
        *sharing(group),
        (crimes.event, crimes.type, crimes.place, crimes.victim),
        (residents.trust, residents.vigilance),
        (places.neighbourhood, places.visits, places.knowledge),
        (hoods.new_recorded_violence, hoods.new_recorded_property),
        origin,
    )
    return origin


@once
def sharing(group: Reporting) -> tuple[Any, tuple[float, ...], np.float32]:
    """Return reporting by crime, what else decides about records, and knowledge that stays."""
    base = np.array([getattr(group, f"report_{crime.name.lower()}") for crime in Crime])
    effects = group.by_trust, group.by_vigilance, group.recorded, group.observed, group.tips
    return base, tuple(map(float, effects)), np.float32(1 - decay(group.memory))


def report_episodes(town: Town, group: Reporting) -> Any:
    """Return whether somebody calls about each episode."""
    is_told = np.empty(len(town.episodes), np.uint8)
    draw_calls(town.episodes.event, float(group.report_disorder), is_told)
    return is_told


def call_for_service(town: Town, group: Reporting) -> Any:
    """Return the number of calls about anything else from each place."""
    hoods, places = town.neighbourhoods, town.places
    counts = np.empty(len(places), np.uint8)
    draw_service(
        np.uint64(town.seed),
        town.week,
        per_week(group.service / 1000) * town.service.season[0],
        (hoods.population, hoods.residents),
        (places.key, places.neighbourhood, places.residents),
        counts,
    )
    return counts


def file_calls(town: Town, *told: Any) -> None:
    """Put the calls about incidents, episodes and anything else into the table."""
    crimes, episodes, places, calls = town.incidents, town.episodes, town.places, town.calls
    rows = how_many(*told)
    new = {name: np.empty(rows, column.dtype) for name, column in calls.columns().items()}
    write_calls(
        np.uint64(town.seed),
        town.week,
        told,
        (crimes.event, crimes.type, crimes.day, crimes.place, crimes.victim),
        (episodes.event, episodes.day, episodes.resident, town.residents.place),
        (places.key, places.first_resident, places.residents),
        tuple(new[name] for name in ("event", "type", "origin", "day", "place", "caller")),
        new["week"],
    )
    calls.replace(**new)


def count(town: Town) -> None:
    """Count calls and repeats by neighbourhood, and note when each household called."""
    calls, hoods, households = town.calls, town.neighbourhoods, town.households
    neighbourhood = town.places.neighbourhood
    count_calls(
        calls.origin, calls.place, neighbourhood, hoods.new_calls, hoods.new_officer_calls
    )
    count_repeats(
        town.week,
        (calls.origin, calls.day, calls.event, calls.place, calls.caller),
        neighbourhood,
        town.residents.household,
        households.last_call,
        hoods.new_repeats,
    )


@kernel
def decide(  # type: ignore[no-untyped-def]
    base, effects, memory, crimes, feelings, places, records, origin
):
    by_trust, by_vigilance, recorded, observed, tips = effects
    event, kind, place, victim = crimes
    trust, vigilance = feelings
    neighbourhood, visits, knowledge = places
    fade(knowledge, memory)
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
        knowledge[where] += np.float32(gain)


@kernel
def draw_calls(event, p, is_told):  # type: ignore[no-untyped-def]
    for row in range(event.size):
        is_told[row] = event_uniform(event[row], REPORT_SALT) < p


@kernel
def draw_service(seed, week, rate, hoods, places, counts):  # type: ignore[no-untyped-def]
    population, simulated = hoods
    key, neighbourhood, residents = places
    low, high = stream_of(seed, Decision.SERVICE, week)
    u = np.empty(key.size)
    for p in range(key.size):
        u[p] = event_uniform(event_id(key[p], 0, low, high), 0)
    per_seat = population / simulated
    for p in range(key.size):
        counts[p] = poisson(rate * per_seat[neighbourhood[p]] * residents[p], u[p])


@kernel
def how_many(origin, is_told, counts):  # type: ignore[no-untyped-def]
    rows = np.int64(0)
    for caller in origin:
        rows += caller != NOBODY
    for told in is_told:
        rows += told
    for calls in counts:
        rows += calls
    return rows


@kernel
def write_calls(seed, week, told, crimes, episodes, places, out, weeks):  # type: ignore[no-untyped-def]
    origin, is_told, counts = told
    weeks[:] = week
    row = 0
    event, kind, day, place, victim = crimes
    for i in range(origin.size):
        if origin[i] != NOBODY:
            _put(out, row, event[i], kind[i], origin[i], day[i], place[i], victim[i])
            row += 1
    event, day, resident, home = episodes
    for i in range(is_told.size):
        if is_told[i]:
            who = resident[i]
            _put(out, row, event[i], CallType.DISORDER, Origin.PUBLIC, day[i], home[who], who)
            row += 1
    key, first, residents = places
    low, high = stream_of(seed, Decision.SERVICE, week)
    for p in range(counts.size):
        for k in range(counts[p]):
            call = event_id(key[p], k + 1, low, high)
            on, who = choice(call, 1, DAYS_PER_WEEK), first[p] + choice(call, 2, residents[p])
            _put(out, row, call, CallType.SERVICE, Origin.PUBLIC, on, p, who)
            row += 1


@kernel
def _put(out, row, event, kind, origin, day, place, caller):  # type: ignore[no-untyped-def]
    events, kinds, origins, days, places, callers = out
    events[row], kinds[row], origins[row] = event, kind, origin
    days[row], places[row], callers[row] = day, place, caller


@kernel
def count_calls(origin, place, neighbourhood, new_calls, new_officer_calls):  # type: ignore[no-untyped-def]
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
    origin, day, event, place, caller = calls
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
