"""Stage 10, reporting: what happened becomes calls, records and knowledge of places.

    p_call = report_<crime> + by_trust (trust - 0.6) + by_vigilance (vigilance - 0.4)

for a victim; report_business for a business; for an episode report_disorder +
disorder_by_trust (trust - 0.6) of whose it is. Calls about anything else are a Poisson stream by
place, with the season and exp(-removed), what problem-solving leaves of them: of its residents'
share 1 - busy, times 1 + service_by_trust (trust_n - 0.6), not below 0, and a share

    busy demand opportunity_n fit_n (1 + visitors_n)/(1 + usual_visitors)

over the town's mean of the last three, that nobody who lives there makes (demand: few addresses
draw most of these; fit_n: what a table's violence says a place offers beyond its residents). An
officer sees an incident nobody called about with probability 1 - exp(-observed visits). Police
record a share of reported crime and all they see. Knowledge of a place gains one per recorded crime
and tips x trust of the victim per one that nobody called about or saw, and fades, as the memory of
public calls does that are not about crime; how many crimes were recorded there is kept week by week
for a month. A call is a repeat if its household called within 4 weeks.

Sources: GSS 2009; practice.md; Sherman, Gartin & Buerger 1989 (calls from few addresses).
Assumption: 4 weeks stand for 30 days; the day is the event's.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import (
    Column,
    Double,
    Flag,
    Hash,
    Whole,
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
from omemsim.program import Stage, has_room
from omemsim.strategies import Strategy
from omemsim.town import EventTable, Table, Town
from omemsim.vocabulary.columns import MONTH
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.questions import OF_A_CRIME, OF_AN_EPISODE
from omemsim.vocabulary.random_numbers import Decision, Stream
from omemsim.vocabulary.rates import DAYS_PER_WEEK, decay, per_week
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import CallType, Crime, Origin

__all__ = ["MEAN_TRUST", "MEAN_VIGILANCE", "STAGE", "step"]

READS = {
    "incidents": "event type day place victim offender count",
    "episodes": "event day resident count",
    "service": "season",
    "neighbourhoods": "population residents first_place places visitors fit_violence opportunity "
    "trust",
    "places": "key neighbourhood first_resident residents visits demand removed",
    "residents": "trust vigilance place household",
}
WRITES = {
    "calls": "event type origin week day place caller offender is_recorded count",
    "places": "knowledge called recorded",
    "households": "last_call",
    "neighbourhoods": "new_calls new_officer_calls new_repeats new_recorded_violence "
    "new_recorded_property",
}

MEAN_TRUST, MEAN_VIGILANCE = 0.6, 0.4  # where the reporting shares of the survey hold
# What a call about anything else is asked, then what a crime is, and an episode.
COUNT_SALT, DAY_SALT, CALLER_SALT, HOME_SALT = 0, 1, 2, 3
REPORT_SALT = OF_A_CRIME["does the victim call"][0]
RECORD_SALT = OF_A_CRIME["do police record it"][0]
SEEN_SALT = OF_A_CRIME["does an officer see it"][0]
EPISODE_SALT = OF_AN_EPISODE["does somebody call"][0]
REPEAT_WEEKS = 4  # within which a household's next call is a repeat
NOBODY = -1  # no resident, and no call
LEAST = 1e-300  # no division by 0 where nobody calls


class ReportingParameters(NamedTuple):
    """What `reporting` needs."""

    report: Annotated[NDArray[np.float64], len(Crime)]  # probability, by crime
    report_disorder: np.float64
    by_trust: np.float64
    disorder_by_trust: np.float64
    service_by_trust: np.float64
    by_vigilance: np.float64
    recorded: np.float64
    observed: np.float64
    tips: np.float64
    knowledge_kept: np.float32  # share that a week leaves
    service: np.float64  # calls about anything else, per week and resident of any age
    busy: np.float64
    usual_visitors: np.float64


def reporting_parameters(parameters: Parameters, strategy: Strategy) -> ReportingParameters:
    """Return what the stage needs."""
    del strategy
    group = parameters.reporting
    return fill(
        ReportingParameters,
        group,
        report=[getattr(group, f"report_{crime.name.lower()}") for crime in Crime],
        knowledge_kept=1 - decay(group.memory),
        service=per_week(group.service / 1000),
        usual_visitors=parameters.offend.usual_visitors,
    )


@kernel
def reporting(town: Town, p: ReportingParameters, week: int) -> None:
    """Make this week's calls and records."""
    stream = stream_of(town.seed, Decision.SERVICE, week)
    service = draw_service(town, stream, p)
    most = town.incidents.count[0] + town.episodes.count[0] + np.int64(np.sum(service.number))
    if not has_room(town, town.calls, most):
        return
    hoods, calls = town.neighbourhoods, town.calls
    fade(town.places.knowledge, p.knowledge_kept)
    town.places.recorded[:, week % MONTH] = 0
    hoods.new_recorded_violence[:], hoods.new_recorded_property[:] = 0, 0
    calls.count[0] = 0
    report_crimes(town, p, week)
    report_episodes(town, p)
    ask_for_service(town, service, stream)
    calls.week[: calls.count[0]] = week
    count_calls(town)
    remember_calls(town.calls, town.places, p)
    count_repeats(town, week)


STAGE = Stage(reporting, ReportingParameters, reporting_parameters)
step = STAGE.step


class Service(NamedTuple):
    """Calls about anything else from each place, (P,), and the share its residents make."""

    number: Column  # uint8
    at_home: Column  # float64


@kernel
def draw_service(town: Town, stream: Stream, p: ReportingParameters) -> Service:
    """Return the calls about anything else."""
    hoods, places, season = town.neighbourhoods, town.places, town.service.season[0]
    key, number = places.key, np.empty(places.key.size, np.uint8)
    u, at_home = np.empty(key.size), np.empty(key.size)
    for place in range(key.size):
        u[place] = event_uniform(event_id(key[place], 0, stream.low, stream.high), COUNT_SALT)
    offers = hoods.fit_violence * hoods.opportunity
    present = (1.0 + hoods.visitors.astype(np.float64)) / (1.0 + p.usual_visitors)
    met = present * hoods.population
    usual = paired_sum(offers * met) / paired_sum(met)
    for n in range(hoods.residents.size):
        usual_here = present[n] * (offers[n] / usual)
        per_seat = p.service * season * hoods.population[n] / hoods.residents[n]
        willing = max(1.0 + p.service_by_trust * (np.float64(hoods.trust[n]) - MEAN_TRUST), 0.0)
        homes = (1.0 - p.busy) * willing
        for place in range(hoods.first_place[n], hoods.first_place[n] + hoods.places[n]):
            busy = p.busy * np.float64(places.demand[place]) * usual_here
            mean = per_seat * places.residents[place] * (homes + busy)
            if places.removed[place] > 0:
                mean *= exponential(-np.float64(places.removed[place]))
            number[place] = poisson(mean, u[place])
            at_home[place] = homes / max(homes + busy, LEAST)
    return Service(number, at_home)


@kernel
def report_crimes(town: Town, p: ReportingParameters, week: int) -> None:
    """Write the calls about crimes; record what police hear and see, and what they know."""
    hoods, places, incidents = town.neighbourhoods, town.places, town.incidents
    for row in range(incidents.count[0]):
        place = incidents.place[row]
        news = hear_of(town, row, p)
        if news.is_recorded:
            n = places.neighbourhood[place]
            places.recorded[place, week % MONTH] += 1
            if incidents.type[row] == Crime.VIOLENCE:
                hoods.new_recorded_violence[n] += 1
            else:
                hoods.new_recorded_property[n] += 1
        places.knowledge[place] += np.float32(news.gain)
        if news.origin != NOBODY:
            call_about_crime(town.calls, incidents, row, news)


class News(NamedTuple):
    """What police come to know of a crime."""

    origin: Whole  # of a call, or NOBODY
    is_recorded: Flag
    gain: Double  # of knowledge of the place


@kernel
def hear_of(town: Town, row: int, p: ReportingParameters) -> News:
    """Return how police come to know of an incident: from who suffered it, by sight, by a tip."""
    incidents, residents = town.incidents, town.residents
    event, victim, willing = incidents.event[row], incidents.victim[row], 0.0
    chance = p.report[incidents.type[row]]
    if victim >= 0:
        willing = np.float64(residents.trust[victim])
        chance += p.by_trust * (willing - MEAN_TRUST)
        chance += p.by_vigilance * (np.float64(residents.vigilance[victim]) - MEAN_VIGILANCE)
    if event_uniform(event, REPORT_SALT) < chance:
        is_recorded = event_uniform(event, RECORD_SALT) < p.recorded
        return News(np.int64(Origin.PUBLIC), is_recorded, np.float64(is_recorded))
    visits = np.float64(town.places.visits[incidents.place[row]])
    if event_uniform(event, SEEN_SALT) < 1.0 - exponential(-p.observed * visits):
        return News(np.int64(Origin.OFFICER), True, 1.0)
    return News(np.int64(NOBODY), False, p.tips * willing)


@kernel
def call_about_crime(calls: EventTable, incidents: EventTable, row: int, news: News) -> None:
    """Write the call about an incident."""
    call = add_row(calls)
    calls.event[call], calls.type[call] = incidents.event[row], incidents.type[row]
    calls.day[call], calls.place[call] = incidents.day[row], incidents.place[row]
    calls.origin[call], calls.caller[call] = news.origin, incidents.victim[row]
    calls.offender[call], calls.is_recorded[call] = incidents.offender[row], news.is_recorded


@kernel
def add_row(calls: EventTable) -> Whole:
    """Return a new row of the calls; as long as nothing else is said, it is about no crime."""
    row = calls.count[0]
    calls.offender[row], calls.is_recorded[row] = NOBODY, 0
    calls.count[0] = row + 1
    return row


@kernel
def report_episodes(town: Town, p: ReportingParameters) -> None:
    """Write the calls about episodes, where somebody makes one."""
    calls, episodes = town.calls, town.episodes
    for row in range(episodes.count[0]):
        who = episodes.resident[row]
        willing = np.float64(town.residents.trust[who]) - MEAN_TRUST
        chance = p.report_disorder + p.disorder_by_trust * willing
        if event_uniform(episodes.event[row], EPISODE_SALT) < chance:
            call = add_row(calls)
            calls.event[call], calls.type[call] = episodes.event[row], CallType.DISORDER
            calls.day[call], calls.place[call] = episodes.day[row], town.residents.place[who]
            calls.origin[call], calls.caller[call] = Origin.PUBLIC, who


@kernel
def ask_for_service(town: Town, service: Service, stream: Stream) -> None:
    """Write the calls about anything else."""
    calls, places = town.calls, town.places
    for place in range(places.key.size):
        for k in range(service.number[place]):
            event, call = (
                event_id(places.key[place], k + 1, stream.low, stream.high),
                add_row(calls),
            )
            calls.event[call], calls.type[call] = event, CallType.SERVICE
            calls.day[call], calls.place[call] = choice(event, DAY_SALT, DAYS_PER_WEEK), place
            calls.origin[call], calls.caller[call] = Origin.PUBLIC, NOBODY
            if event_uniform(event, HOME_SALT) < service.at_home[place]:
                calls.caller[call] = pick_caller(places, place, event)


@kernel
def pick_caller(places: Table, place: int, event: Hash) -> Whole:
    """Return one of a place's residents."""
    return places.first_resident[place] + choice(event, CALLER_SALT, places.residents[place])


@kernel
def count_calls(town: Town) -> None:
    """Count calls by neighbourhood: the public's, and those that officers start."""
    hoods, calls = town.neighbourhoods, town.calls
    hoods.new_calls[:], hoods.new_officer_calls[:] = 0, 0
    for row in range(calls.count[0]):
        n = town.places.neighbourhood[calls.place[row]]
        if calls.origin[row] == Origin.PUBLIC:
            hoods.new_calls[n] += 1
        else:
            hoods.new_officer_calls[n] += 1


@kernel
def remember_calls(calls: EventTable, places: Table, p: ReportingParameters) -> None:
    """Add public calls that are not about crime to what is remembered of places."""
    fade(places.called, p.knowledge_kept)
    for row in range(calls.count[0]):
        if calls.origin[row] == Origin.PUBLIC and calls.type[row] >= CallType.DISORDER:
            places.called[calls.place[row]] += np.float32(1)


@kernel
def count_repeats(town: Town, week: int) -> None:
    """Count a household's public calls but its first, and that too if it called lately.

    To find a household met earlier in this loop without a search, ``last_call`` holds week + 1 +
    its number in ``callers`` while counting; the last loop writes the week back.
    """
    calls, hood, last_call = town.calls, town.places.neighbourhood, town.households.last_call
    new_repeats, rows, found = town.neighbourhoods.new_repeats, calls.count[0], 0
    callers, first = np.empty(rows, np.int64), np.empty(rows, np.int64)
    is_recent = np.empty(rows, np.uint8)
    new_repeats[:] = 0
    for row in range(rows):
        if calls.origin[row] != Origin.PUBLIC or calls.caller[row] < 0:
            continue
        home = town.residents.household[calls.caller[row]]
        number = np.int64(last_call[home]) - week - 1
        if 0 <= number < found and callers[number] == home:
            repeat, earlier = row, first[number]
            if is_before(calls, row, earlier):
                repeat, first[number] = earlier, row
            new_repeats[hood[calls.place[repeat]]] += 1
        else:
            callers[found], first[found] = home, row
            is_recent[found] = week - last_call[home] <= REPEAT_WEEKS
            last_call[home] = week + 1 + found
            found += 1
    for k in range(found):
        new_repeats[hood[calls.place[first[k]]]] += is_recent[k]
        last_call[callers[k]] = week


@kernel
def is_before(calls: EventTable, row: int, other: int) -> Flag:
    """Return whether a call came before another, by its day; of one day, by its identity."""
    if calls.day[row] == calls.day[other]:
        return calls.event[row] < calls.event[other]
    return calls.day[row] < calls.day[other]
