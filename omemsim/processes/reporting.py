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

from omemsim.kernels import choice, event_id, event_uniform, exponential, kernel, poisson
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
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
    crimes, is_recorded = report_crimes(town, group)
    parts = [crimes, report_episodes(town, group), call_for_service(town, group)]
    calls = {name: np.concatenate([part[name] for part in parts]) for name in crimes}
    week = np.full(calls["event"].size, town.week, np.int32)
    town.calls.replace(week=week, **calls)
    count(town, is_recorded)


def report_crimes(town: Town, group: Reporting) -> tuple[dict[str, Any], Any]:
    """Return calls about this week's incidents, and whether each incident is recorded."""
    rows, residents, places = town.incidents, town.residents, town.places
    origin = np.full(len(rows), NOBODY, np.int8)
    is_recorded = np.zeros(len(rows), np.uint8)
    places.knowledge *= np.float32(1 - decay(group.memory))
    decide(
        np.array([getattr(group, f"report_{crime.name.lower()}") for crime in Crime]),
        (group.by_trust, group.by_vigilance, group.recorded, group.observed, group.tips),
        (rows.event, rows.type, rows.place, rows.victim),
        residents.trust,
        residents.vigilance,
        places.visits,
        places.knowledge,
        origin,
        is_recorded,
    )
    kept = origin != NOBODY
    calls = {name: getattr(rows, name)[kept] for name in ("event", "type", "day", "place")}
    return {**calls, "origin": origin[kept], "caller": rows.victim[kept]}, is_recorded


def report_episodes(town: Town, group: Reporting) -> dict[str, Any]:
    """Return calls about disorder."""
    rows = town.episodes
    called = np.zeros(len(rows), np.uint8)
    draw_calls(rows.event, group.report_disorder, called)
    who = rows.resident[called == 1]
    return {
        "event": rows.event[called == 1],
        "type": np.full(who.size, CallType.DISORDER, np.int8),
        "day": rows.day[called == 1],
        "place": town.residents.place[who],
        "origin": np.full(who.size, Origin.PUBLIC, np.int8),
        "caller": who,
    }


def call_for_service(town: Town, group: Reporting) -> dict[str, Any]:
    """Return calls about anything else: a Poisson number per place."""
    places, hoods = town.places, town.neighbourhoods
    per_seat = (hoods.population / hoods.residents)[places.neighbourhood]
    mean = per_week(group.service / 1000) * town.service.season[0] * per_seat * places.residents
    luck = stream(town.seed, Decision.SERVICE, town.week)
    counts = np.zeros(len(places), np.uint8)
    draw_service(mean, places.key, luck, counts)
    place = np.repeat(np.arange(len(places)), counts)
    event, day = np.zeros(place.size, np.uint64), np.zeros(place.size, np.int8)
    caller = np.zeros(place.size, np.int64)
    name_service(
        counts, places.key, places.first_resident, places.residents, luck, event, day, caller
    )
    kind = np.full(place.size, CallType.SERVICE, np.int8)
    origin = np.full(place.size, Origin.PUBLIC, np.int8)
    return {
        "event": event,
        "type": kind,
        "day": day,
        "place": place,
        "origin": origin,
        "caller": caller,
    }


def count(town: Town, is_recorded: Any) -> None:
    """Count calls, repeats and records by neighbourhood."""
    calls, hoods, households = town.calls, town.neighbourhoods, town.households
    where = town.places.neighbourhood[calls.place]
    public = calls.origin == Origin.PUBLIC
    n = len(hoods)
    hoods.new_calls[:] = np.bincount(where[public], minlength=n)
    hoods.new_officer_calls[:] = np.bincount(where[~public], minlength=n)
    known = np.flatnonzero(public & (calls.caller >= 0))
    home = town.residents.household[calls.caller[known]]
    order = np.lexsort((calls.event[known], calls.day[known], home))
    first_of_home = np.ones(home.size, bool)
    first_of_home[1:] = home[order][1:] != home[order][:-1]
    recent = town.week - households.last_call[home[order]] <= REPEAT_WEEKS
    repeats = known[order][recent | ~first_of_home]
    hoods.new_repeats[:] = np.bincount(where[repeats], minlength=n)
    households.last_call[home] = town.week
    crimes = town.incidents
    place = town.places.neighbourhood[crimes.place]
    violent, kept = crimes.type == Crime.VIOLENCE, is_recorded == 1
    hoods.new_recorded_violence[:] = np.bincount(place[kept & violent], minlength=n)
    hoods.new_recorded_property[:] = np.bincount(place[kept & ~violent], minlength=n)


@kernel
def decide(  # type: ignore[no-untyped-def]
    base, effects, rows, trust, vigilance, visits, knowledge, origin, is_recorded
):
    by_trust, by_vigilance, recorded, observed, tips = effects
    event, kind, place, victim = rows
    for row in range(event.size):
        who, where = victim[row], place[row]
        p = base[kind[row]]
        willing = 0.0
        if who >= 0:
            willing = np.float64(trust[who])
            p += by_trust * (willing - MEAN_TRUST)
            p += by_vigilance * (np.float64(vigilance[who]) - MEAN_VIGILANCE)
        if event_uniform(event[row], REPORT_SALT) < p:
            origin[row] = 0
            is_recorded[row] = event_uniform(event[row], RECORD_SALT) < recorded
        elif event_uniform(event[row], SEEN_SALT) < 1.0 - exponential(
            -observed * np.float64(visits[where])
        ):
            origin[row] = 1
            is_recorded[row] = 1
        gain = 1.0 if is_recorded[row] == 1 else tips * willing * (origin[row] < 0)
        knowledge[where] += np.float32(gain)


@kernel
def draw_calls(event, p, out):  # type: ignore[no-untyped-def]
    for row in range(event.size):
        out[row] = event_uniform(event[row], REPORT_SALT) < p


@kernel
def draw_service(mean, key, luck, counts):  # type: ignore[no-untyped-def]
    for p in range(key.size):
        counts[p] = poisson(mean[p], event_uniform(event_id(key[p], 0, luck[0], luck[1]), 0))


@kernel
def name_service(counts, key, first, residents, luck, event, day, caller):  # type: ignore[no-untyped-def]
    row = 0
    for p in range(counts.size):
        for k in range(counts[p]):
            event[row] = event_id(key[p], k + 1, luck[0], luck[1])
            day[row] = choice(event[row], 1, DAYS_PER_WEEK)
            caller[row] = first[p] + choice(event[row], 2, residents[p])
            row += 1
