"""Stage 9, crisis: disorder episodes come from need, and unresolved ones come back.

    rate = rate/52 trend season [by_need need^2 + (1 - by_need) 0.3]
           (1 - relief support) (1 + relapse [unresolved, unserved])
    p    = 1 - exp(-rate);  an episode is unresolved for resolve_weeks

What an episode is about is drawn by weight: mental health and noise have a fixed one,
addictions, domestic trouble and homelessness that of the person's precursor.

Source: practice.md (calls that are not about crime; 46% repeats within 30 days). Assumption:
an agency that serves a person keeps the episode from coming back; who answers it, or a
Situation Table, may resolve it; at most one episode a week.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omemsim.kernels import (
    Column,
    Hash,
    Single,
    Whole,
    choice,
    event_id,
    event_uniform,
    fade,
    kernel,
    list_set,
    probability,
    stream_of,
    uniform,
)
from omemsim.processes.partner import SERVED
from omemsim.program import Stage, has_room
from omemsim.strategies import Strategy
from omemsim.town import EventTable, Table, Town
from omemsim.vocabulary.luck import Decision, Stream
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.questions import OF_AN_EPISODE
from omemsim.vocabulary.rates import DAYS_PER_WEEK, decay, per_week
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import Risk

__all__ = ["STAGE", "USUAL_NEED_SQUARED", "step"]

READS = {
    "newcomers": "seat count",
    "service": "trend season",
    "neighbourhoods": "first_resident residents",
    "residents": "key need support case addictions family housing",
}
WRITES = {
    "neighbourhoods": "new_crises",
    "residents": "is_resolved unresolved recent risk",
    "episodes": "event day resident risk count",
}

NO_RISK = -1
DAY_SALT = OF_AN_EPISODE["day"][0]
RISK_SALT = OF_AN_EPISODE["what about"][0]
USUAL_NEED_SQUARED = 0.3  # mean of need^2 in a town of middling deprivation
_ONE = np.float32(1)


class CrisisParameters(NamedTuple):
    """What `crisis` needs."""

    rate: np.float64  # episodes per week of a resident with need 1, unsupported
    by_need: np.float32
    alike: np.float32  # of the rate, what is everybody's
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
        alike=(1 - group.by_need) * USUAL_NEED_SQUARED,
        recent_kept=1 - decay(parameters.partner.acute_memory),
    )


@kernel
def crisis(town: Town, p: CrisisParameters, week: int) -> None:
    """Draw who has an episode this week, and what it is about."""
    residents, episodes, service = town.residents, town.episodes, town.service
    if not has_room(town, episodes, residents.key.size):
        return
    luck = stream_of(town.seed, Decision.CRISIS, week)
    base = np.float32(p.rate * service.trend[0] * service.season[0])
    reset_newcomers(town.newcomers, residents)
    resolve(residents)
    fade(residents.recent, p.recent_kept)
    find_episodes(town, base, luck, p)
    for row in range(episodes.count[0]):
        write_episode(episodes, residents, row, luck, p)


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
    resolved = np.empty(residents.is_resolved.size + 1, np.int64)
    for i in resolved[: list_rows(residents.is_resolved, resolved)]:
        residents.unresolved[i] = residents.is_resolved[i] = 0


@kernel
def list_rows(flags: Column, rows: Column) -> Whole:
    """Write the rows of bytes that are not 0; return how many."""
    return list_set(flags[: flags.size & ~7].view(np.uint64), flags, rows)


@kernel
def find_episodes(town: Town, base: Single, luck: Stream, p: CrisisParameters) -> None:
    """List who has an episode, in order: those whose chance may be enough are looked at."""
    hoods, residents, episodes = town.neighbourhoods, town.residents, town.episodes
    key, need, support, case = residents.key, residents.need, residents.support, residents.case
    first, count, found = hoods.first_resident, hoods.residents, 0
    flags, maybe = np.empty(count.max(), np.uint8), np.empty(count.max() + 1, np.int64)
    for n in range(count.size):
        here, some = slice(first[n], first[n] + count[n]), flags[: count[n]]
        age_and_screen(residents, here, base, luck, p, some)
        before = found
        for j in maybe[: list_rows(some, maybe)]:
            i = first[n] + j
            is_open = np.float32(some[j] > 1 and case[i] != SERVED)
            rate = base * (p.by_need * need[i] * need[i] + p.alike) * (_ONE - p.relief * support[i])
            rate = rate * (_ONE + p.relapse * is_open)
            if uniform(key[i], luck.low, luck.high) < probability(rate):
                residents.unresolved[i] = p.resolve_weeks
                episodes.resident[found] = i
                found += 1
        hoods.new_crises[n] = found - before
    episodes.count[0] = found


@kernel
def age_and_screen(
    residents: Table, here: slice, base: Single, luck: Stream, p: CrisisParameters, flags: Column
) -> None:
    """Flag whose draw is below an upper bound of their chance: 1, or 2 if an episode is unresolved.

    The bound is the rate of somebody without support whom nobody serves; it holds since
    1 - exp(-rate) <= rate. Exact chances are worked out for these few only. Unresolved episodes
    are a week older then.

    Parameters
    ----------
    here : rows of a neighbourhood's residents.
    base : float32, rate a week before a person's needs, trend and season in it.
    luck : stream of the decision.
    flags : uint8 (n,), one for each of them, written to.
    """
    key, need, unresolved = residents.key[here], residents.need[here], residents.unresolved[here]
    for i in range(need.size):
        left = np.int32(unresolved[i])
        is_left = np.int32(left > np.int32(0))
        most = base * (p.by_need * need[i] * need[i] + p.alike)
        most = most * (_ONE + p.relapse * np.float32(is_left))
        is_below = np.int32(uniform(key[i], luck.low, luck.high) < most)
        flags[i] = is_below * (np.int32(1) + is_left)
        unresolved[i] = max(left - np.int32(1), np.int32(0))


@kernel
def write_episode(
    episodes: EventTable, residents: Table, row: int, luck: Stream, p: CrisisParameters
) -> None:
    """Write which episode it is, on which day, and what it is about; the person has one more."""
    i = episodes.resident[row]
    event = event_id(residents.key[i], 0, luck.low, luck.high)
    risk = draw_risk(residents, i, event, p)
    episodes.event[row], episodes.risk[row] = event, risk
    episodes.day[row] = choice(event, DAY_SALT, DAYS_PER_WEEK)
    residents.risk[i] = risk
    residents.recent[i] += _ONE


@kernel
def draw_risk(residents: Table, i: int, event: Hash, p: CrisisParameters) -> Risk:
    """Return what an episode of a resident is about, by weight."""
    upto_addictions = p.mental_health + np.float64(residents.addictions[i])
    upto_domestic = upto_addictions + np.float64(residents.family[i])
    upto_homelessness = upto_domestic + np.float64(residents.housing[i])
    total = upto_homelessness + p.noise
    bar = event_uniform(event, RISK_SALT) * total
    if bar < p.mental_health or total == 0.0:
        return Risk.MENTAL_HEALTH
    if bar < upto_addictions:
        return Risk.ADDICTIONS
    if bar < upto_domestic:
        return Risk.DOMESTIC
    if bar < upto_homelessness:
        return Risk.HOMELESSNESS
    return Risk.NOISE
