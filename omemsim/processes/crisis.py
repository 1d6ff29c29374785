"""Stage 9, crisis: disorder episodes come from need, and unresolved ones come back.

    rate = rate/52 trend season need for crises (`needs`)
           (1 - relief support) (1 + relapse [unresolved, unserved]) exp(-removed)
    p    = 1 - exp(-rate);  an episode is unresolved for resolve_weeks

with ``removed`` of the place where the person lives: problem-solving at a shelter or a care home
lowers the crises there as it lowers crime.

What a person's episodes are about is drawn by weight, and stays so: mental health and noise have a
fixed one, addictions, domestic trouble and homelessness that of the person's precursor.

Source: practice.md (calls that are not about crime; 46% repeats within 30 days). Assumption:
an agency that serves a person keeps the episode from coming back; who answers it, or a
Situation Table, may resolve it; at most one episode a week.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omemsim.kernels import (
    Column,
    Single,
    Whole,
    choice,
    event_id,
    exponential,
    fade,
    kernel,
    list_set,
    probability,
    rows_of,
    stream_of,
    substream_of,
    uniform,
)
from omemsim.processes.context import occupant_key
from omemsim.processes.partner import SERVED
from omemsim.program import Stage, has_room
from omemsim.strategies import Strategy
from omemsim.town import EventTable, Table, Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.questions import OF_AN_EPISODE
from omemsim.vocabulary.random_numbers import Decision, Stream
from omemsim.vocabulary.rates import DAYS_PER_WEEK, decay, per_week
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import Risk

__all__ = ["STAGE", "step"]

READS = {
    "newcomers": "seat count",
    "service": "trend season",
    "neighbourhoods": "first_resident residents",
    "places": "removed",
    "residents": "key tenancy place crisis_need support case addictions family housing",
}
WRITES = {
    "neighbourhoods": "new_crises",
    "residents": "is_resolved unresolved recent risk",
    "episodes": "event day resident risk count",
}

NO_RISK = -1  # what the latest episode was about, before there is one
DAY_SALT = OF_AN_EPISODE["day"][0]
TROUBLE_DRAW = 33  # number of this draw among those of an occupant: apart from all others
_ONE = np.float32(1)


class CrisisParameters(NamedTuple):
    """What `crisis` needs."""

    rate: np.float64  # episodes a week at a need for crises of 1, without support
    relief: np.float32
    relapse: np.float32
    resolve_weeks: np.int8
    recent_kept: np.float32  # share of recent episodes that a week leaves
    mental_health: np.float64
    noise: np.float64


def crisis_parameters(parameters: Parameters, strategy: Strategy) -> CrisisParameters:
    """Return what the stage needs."""
    del strategy
    group = parameters.crisis
    return fill(
        CrisisParameters,
        group,
        rate=per_week(group.rate),
        recent_kept=1 - decay(parameters.partner.acute_memory),
    )


@kernel
def crisis(town: Town, p: CrisisParameters, week: int) -> None:
    """Draw who has an episode this week, and what it is about."""
    residents, episodes, service = town.residents, town.episodes, town.service
    if not has_room(town, episodes, residents.key.size):
        return
    stream = stream_of(town.seed, Decision.CRISIS, week)
    base = np.float32(p.rate * service.trend[0] * service.season[0])
    reset_newcomers(town.newcomers, residents)
    resolve(residents)
    fade(residents.recent, p.recent_kept)
    find_episodes(town, base, stream, p)
    trouble = substream_of(town.seed, Decision.OCCUPANT, 0, TROUBLE_DRAW)
    for row in range(episodes.count[0]):
        write_episode(episodes, residents, row, Streams(stream, trouble), p)


STAGE = Stage(crisis, CrisisParameters, crisis_parameters)
step = STAGE.step


@kernel
def reset_newcomers(newcomers: EventTable, residents: Table) -> None:
    """Let newcomers arrive without an episode."""
    for row in range(newcomers.count[0]):
        i = newcomers.seat[row]
        residents.unresolved[i], residents.recent[i] = 0, 0
        residents.risk[i] = NO_RISK


@kernel
def resolve(residents: Table) -> None:
    """Let go of the episodes that were resolved this week."""
    for i in rows_of(residents.is_resolved):
        residents.unresolved[i] = residents.is_resolved[i] = 0


@kernel
def list_rows(flags: Column, rows: Column) -> Whole:
    """Write the rows of bytes that are not 0; return how many."""
    return list_set(flags[: flags.size & ~7].view(np.uint64), flags, rows)


@kernel
def find_episodes(town: Town, base: Single, stream: Stream, p: CrisisParameters) -> None:
    """List who has an episode, in order: those whose chance may be enough are looked at."""
    hoods, residents, episodes = town.neighbourhoods, town.residents, town.episodes
    key, need, support = residents.key, residents.crisis_need, residents.support
    case, removed, home = residents.case, town.places.removed, residents.place
    first, count, found = hoods.first_resident, hoods.residents, 0
    flags, maybe = np.empty(count.max(), np.uint8), np.empty(count.max() + 1, np.int64)
    for n in range(count.size):
        here, some = slice(first[n], first[n] + count[n]), flags[: count[n]]
        age_and_screen(residents, here, base, stream, p, some)
        before = found
        for j in maybe[: list_rows(some, maybe)]:
            i = first[n] + j
            is_open = np.float32(some[j] > 1 and case[i] != SERVED)
            rate = base * need[i] * (_ONE - p.relief * support[i])
            rate = rate * (_ONE + p.relapse * is_open)
            if removed[home[i]] > 0:
                rate = rate * np.float32(exponential(-np.float64(removed[home[i]])))
            if uniform(key[i], stream.low, stream.high) < probability(rate):
                residents.unresolved[i] = p.resolve_weeks
                episodes.resident[found] = i
                found += 1
        hoods.new_crises[n] = found - before
    episodes.count[0] = found


@kernel
def age_and_screen(
    residents: Table, here: slice, base: Single, stream: Stream, p: CrisisParameters, flags: Column
) -> None:
    """Flag whose draw is below an upper bound of their chance: 1, or 2 if an episode is unresolved.

    The bound is the rate of somebody without support whom nobody serves; it holds since
    1 - exp(-rate) <= rate. Exact chances are worked out for these few only. Unresolved episodes
    are a week older then.

    Parameters
    ----------
    here : rows of a neighbourhood's residents.
    base : float32, rate a week before a person's needs, trend and season in it.
    stream : stream of the decision.
    flags : uint8 (n,), one for each of them, written to.
    """
    key, unresolved = residents.key[here], residents.unresolved[here]
    need = residents.crisis_need[here]
    for i in range(need.size):
        left = np.int32(unresolved[i])
        is_left = np.int32(left > np.int32(0))
        most = base * need[i] * (_ONE + p.relapse * np.float32(is_left))
        is_below = np.int32(uniform(key[i], stream.low, stream.high) < most)
        flags[i] = is_below * (np.int32(1) + is_left)
        unresolved[i] = max(left - np.int32(1), np.int32(0))


class Streams(NamedTuple):
    """Of the week's episodes, and of what each person's are about."""

    week: Stream
    trouble: Stream


@kernel
def write_episode(
    episodes: EventTable, residents: Table, row: int, stream: Streams, p: CrisisParameters
) -> None:
    """Write which episode it is, on which day, and what it is about; the person has one more."""
    i = episodes.resident[row]
    event = event_id(residents.key[i], 0, stream.week.low, stream.week.high)
    risk = draw_risk(residents, i, stream.trouble, p)
    episodes.event[row], episodes.risk[row] = event, risk
    episodes.day[row] = choice(event, DAY_SALT, DAYS_PER_WEEK)
    residents.risk[i] = risk
    residents.recent[i] += _ONE


@kernel
def draw_risk(residents: Table, i: int, stream: Stream, p: CrisisParameters) -> Risk:
    """Return what the episodes of a resident are about, by weight."""
    upto_addictions = p.mental_health + np.float64(residents.addictions[i])
    upto_domestic = upto_addictions + np.float64(residents.family[i])
    upto_homelessness = upto_domestic + np.float64(residents.housing[i])
    total = upto_homelessness + p.noise
    person = occupant_key(residents.key[i], residents.tenancy[i])
    bar = np.float64(uniform(person, stream.low, stream.high)) * total
    if bar < p.mental_health or total == 0.0:
        return Risk.MENTAL_HEALTH
    if bar < upto_addictions:
        return Risk.ADDICTIONS
    if bar < upto_domestic:
        return Risk.DOMESTIC
    if bar < upto_homelessness:
        return Risk.HOMELESSNESS
    return Risk.NOISE
