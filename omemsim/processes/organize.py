"""Stage 7, organize: residents take part, leaders are found, initiatives change hands.

Participation, per resident and week, each with probability 1 - exp(-rate). The fear gate is the
power of 1 - fear, between whole powers a weighted mean of the two:

    rate of joining = join efficacy trust (1 - fear)^gate (1 + recruit mobilization + led momentum)
                      (1 + congregate (congregations_n - 1))
    rate of leaving = leave (1 + fear_leaves fear)

A natural leader becomes known at rate emerge efficacy (1 - fear) + search x weekly hours of
engaging leaders (and half of mobilization's) per 1,000 residents, and steps back at rate lose;
tactics of the user's own may add hours of it (`own_tactics`).
Initiatives run and change hands in `initiatives`.
A household takes protection by its own means, or is given it by a project, at the rates

    own   = protect means^2 vigilance (1 + protect_taught education + protect_watch watching)
    given = hardened/52
    means = assets + protect_support support (1 - assets)

Where a watch runs, who takes it by themselves also joins the watch, until they move or the watch
no longer runs.

Sources: seeds 000, 001 (leaders, hand-over, who can use situational prevention); practice.md.
Assumption: one leader carries one initiative; households' means are the first resident's.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import Column, Single, Whole, kernel, list_set, probability, stream_of, uniform
from omemsim.processes.capacity import CapacityWeights, capacity_of, capacity_weights
from omemsim.processes.initiatives import (
    InitiativeParameters,
    initiative_parameters,
    run_initiatives,
)
from omemsim.processes.own_tactics import own_hours_as, strengths
from omemsim.program import Stage
from omemsim.strategies import Strategy
from omemsim.town import EventTable, Table, Town
from omemsim.vocabulary.own_tactics import ROOM_FOR
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.random_numbers import Decision, Stream
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, decay
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import Tactic

__all__ = ["STAGE", "step"]

READS = {
    "newcomers": "seat count",
    "neighbourhoods": "first_resident residents first_household households first_place places "
    "catchment mobilization congregations efficacy assets hours education hardened voice upkeep "
    "own_hours analysis table_place",
    "residents": "key household efficacy trust fear assets support vigilance is_leader",
    "households": "key first_resident",
    "places": "knowledge called",
    "agencies": "capacity funded is_open caseload",
    "initiatives": "key",
    "interventions": "count start end what neighbourhood place",
}
WRITES = {
    "neighbourhoods": "participants leaders capacity momentum community_momentum community_led "
    "police_led social_momentum watch_momentum consult_momentum handed_over watches_opened "
    "watches_lasted",
    "residents": "takes_part is_found",
    "households": "protection in_watch",
    "initiatives": "is_active lead kind momentum place age",
    "service": "homes_hardened",
}

POWERS = 7  # of (1 - fear) that the fear gate is made of: 0 to 6
_SLACK = np.float32(1e-5)  # above all rounding of a probability
_ONE = np.float32(1)


class OrganizeParameters(NamedTuple):
    """What `organize` needs; rates are per week."""

    join: np.float32
    recruit: np.float32
    led: np.float32
    congregate: np.float32
    gate: Annotated[NDArray[np.float32], POWERS]  # weights of the powers of 1 - fear
    ungated: np.float32  # the first of them
    leave: np.float32
    fear_leaves: np.float32
    search: np.float64  # leaders found per hour and resident
    own_search: Annotated[NDArray[np.float64], ROOM_FOR]  # hours of it in one of the user's own
    emerge: np.float32
    lose: np.float32
    protect: np.float32
    protect_taught: np.float32
    protect_watch: np.float32
    protect_support: np.float32
    protection_kept: np.float32
    ready: np.float32  # momentum from which a watch runs
    initiatives: InitiativeParameters
    capacity: CapacityWeights


def organize_parameters(parameters: Parameters, strategy: Strategy) -> OrganizeParameters:
    """Return what the stage needs."""
    group = parameters.organize
    gate = gate_weights(group.fear_gate)
    return fill(
        OrganizeParameters,
        group,
        gate=gate,
        ungated=gate[0],
        search=group.search * 1000,
        own_search=strengths(strategy.tactics, "leaders"),
        protection_kept=1 - decay(group.protect_decay),
        initiatives=initiative_parameters(parameters, strategy),
        capacity=capacity_weights(parameters.assess),
    )


def gate_weights(power: float) -> NDArray[np.float32]:
    """Return weights w (7,) of whole powers so that sum w_k x**k stands for x**power.

    Between two whole powers it is their weighted mean, which is exact at whole ones.
    """
    weights = np.maximum(1 - np.abs(power - np.arange(POWERS)), 0)
    return np.asarray(weights, np.float32)


@kernel
def organize(town: Town, p: OrganizeParameters, week: Whole) -> None:
    """Let people take part, then initiatives run, then households protect themselves."""
    hoods = town.neighbourhoods
    reset_newcomers(town.newcomers, town.residents, town.households)
    draw_people(town, p, week)
    run_initiatives(town, p.initiatives, week)
    draw_protection(town, p, week)
    for n in range(hoods.capacity.size):
        hoods.capacity[n] = capacity_of(hoods, n, hoods.efficacy[n], p.capacity)


STAGE = Stage(organize, OrganizeParameters, organize_parameters)
step = STAGE.step


@kernel
def reset_newcomers(newcomers: EventTable, residents: Table, homes: Table) -> None:
    """Let newcomers bring nothing of what those had done who lived there before."""
    for row in range(newcomers.count[0]):
        i = newcomers.seat[row]
        residents.takes_part[i] = residents.is_found[i] = 0
        homes.protection[residents.household[i]] = 0
        homes.in_watch[residents.household[i]] = 0


@kernel
def draw_people(town: Town, p: OrganizeParameters, week: Whole) -> None:
    """Draw who joins and leaves, and which natural leaders become known or step back.

    One neighbourhood after the other, while its people are at hand.
    """
    hoods, residents = town.neighbourhoods, town.residents
    part_stream = stream_of(town.seed, Decision.JOIN, week)
    lead_stream = stream_of(town.seed, Decision.LEADER, week)
    most = hoods.residents.max()
    may_change, found = np.empty(most, np.uint8), np.empty(most + 1, np.int64)
    for n in range(hoods.residents.size):
        here = slice(hoods.first_resident[n], hoods.first_resident[n] + hoods.residents[n])
        some = may_change[: hoods.residents[n]]
        pull = pull_of(hoods, n, p)
        screen_participants(residents, here, pull, part_stream, some, p)
        join_or_leave(residents, here, rows_set(some, found), pull, part_stream, p)
        hoods.participants[n] = count_set(residents.takes_part[here])
        leaders = rows_set(residents.is_leader[here], found)
        hoods.leaders[n] = lead(residents, here, leaders, search_of(hoods, n, p), lead_stream, p)


@kernel
def pull_of(hoods: Table, n: Whole, p: OrganizeParameters) -> Single:
    """Return what draws people of a neighbourhood to take part, per week."""
    pull = _ONE + p.recruit * hoods.mobilization[n] + p.led * hoods.momentum[n]
    return p.join * (pull * (_ONE + p.congregate * (hoods.congregations[n] - _ONE)))


@kernel
def search_of(hoods: Table, n: Whole, p: OrganizeParameters) -> Single:
    """Return how many natural leaders police find there, per leader and week."""
    mobilizing = 0.5 * hoods.hours[n, Tactic.MOBILIZE_PARTNERS]
    searching = hoods.hours[n, Tactic.ENGAGE_LEADERS] + mobilizing
    searching += own_hours_as(hoods, n, p.own_search)
    return np.float32(p.search * searching / hoods.residents[n])


@kernel
def rows_set(flags: Column, rows: Column) -> Column:
    """Return the rows where a byte is not 0, in order, written to ``rows``."""
    return rows[: list_set(flags[: flags.size & ~7].view(np.uint64), flags, rows)]


@kernel
def count_set(flags: Column) -> Whole:
    """Return how many bytes are 1."""
    total = np.int64(0)
    for i in range(flags.size):
        total += flags[i]
    return total


@kernel
def screen_participants(
    residents: Table, here: slice, pull: Single, stream: Stream, may_change: Column,
    p: OrganizeParameters,
) -> None:  # fmt: skip
    """Flag those whose draw is below an upper bound of their chance.

    The rate itself stands for 1 - exp(-rate), and a straight line above the gate for its power. It
    costs a fifth of the exact chance, which is left to be worked out for one in a hundred.

    Parameters
    ----------
    here : rows of a neighbourhood's residents.
    pull : float32, rate of joining a week at full efficacy, trust and calm.
    stream : stream of the decision.
    may_change : uint8 (n,), one for each of them, written to.
    """
    key, efficacy, trust = residents.key[here], residents.efficacy[here], residents.trust[here]
    fear, takes_part = residents.fear[here], residents.takes_part[here]
    leave, by_fear, ungated = p.leave, p.fear_leaves, p.ungated
    for i in range(key.size):
        joins = pull * efficacy[i] * trust[i] * (_ONE - (_ONE - ungated) * fear[i])
        leaves = leave * (_ONE + by_fear * fear[i])
        now = np.float32(takes_part[i])
        most = now * leaves + (_ONE - now) * joins + _SLACK
        may_change[i] = np.int32(uniform(key[i], stream.low, stream.high) < most)


@kernel
def join_or_leave(
    residents: Table,
    here: slice,
    maybe: Column,
    pull: Single,
    stream: Stream,
    p: OrganizeParameters,
) -> None:
    """Draw, of those who may, who begins or ends to take part.

    Parameters
    ----------
    here : rows of a neighbourhood's residents.
    maybe : int64, which of them may change, counted from the first.
    pull : as for `screen_participants`.
    stream : stream of the decision.
    """
    key, efficacy, trust = residents.key[here], residents.efficacy[here], residents.trust[here]
    fear, takes_part = residents.fear[here], residents.takes_part[here]
    for i in maybe:
        joining = pull * efficacy[i] * trust[i] * gate_open(_ONE - fear[i], p.gate)
        leaving = p.leave * (_ONE + p.fear_leaves * fear[i])
        u = uniform(key[i], stream.low, stream.high)
        if u < (leaving if takes_part[i] else joining) + _SLACK:  # most probabilities are not asked
            joins, leaves = probability(joining), probability(leaving)
            if u < joins + np.float32(takes_part[i]) * (leaves - joins):
                takes_part[i] = 1 - takes_part[i]


@kernel
def gate_open(x: Single, weights: Column) -> Single:
    """Return the sum of weighted powers of x, the highest first."""
    total = weights[POWERS - 1]
    for k in range(POWERS - 2, -1, -1):
        total = weights[k] + x * total
    return total


@kernel
def lead(
    residents: Table, here: slice, leaders: Column, search: Single, stream: Stream,
    p: OrganizeParameters,
) -> Whole:  # fmt: skip
    """Draw which natural leaders become known or step back; return how many are known.

    Parameters
    ----------
    here : rows of a neighbourhood's residents.
    leaders : int64, which of them are natural leaders, counted from the first.
    search : float32, rate a week that police add to finding them.
    stream : stream of the decision.
    """
    key, efficacy = residents.key[here], residents.efficacy[here]
    fear, is_found = residents.fear[here], residents.is_found[here]
    known = 0
    most = max(p.emerge + search, p.lose) + _SLACK  # of few the own chance has to be known
    for i in leaders:
        u = uniform(key[i], stream.low, stream.high)
        if u < most:
            emerges = probability(p.emerge * efficacy[i] * (_ONE - fear[i]) + search)
            if u < (probability(p.lose) if is_found[i] == 1 else emerges):
                is_found[i] = 1 - is_found[i]
        known += is_found[i]
    return known


@kernel
def draw_protection(town: Town, p: OrganizeParameters, week: Whole) -> None:
    """Draw which homes protect themselves and join a watch, and which a project protects."""
    hoods, residents, homes = town.neighbourhoods, town.residents, town.households
    stream = stream_of(town.seed, Decision.PROTECT, week)
    most = hoods.households.max()
    may_take, found = np.empty(most, np.uint8), np.empty(most + 1, np.int64)
    hardened = 0
    for n in range(hoods.households.size):
        first = hoods.first_household[n]
        here = slice(first, first + hoods.households[n])
        watch_runs = hoods.watch_momentum[n] >= p.ready
        if not watch_runs:
            homes.in_watch[here] = 0
        alarm = _ONE + p.protect_taught * hoods.education[n]
        rate = p.protect * (alarm + p.protect_watch * hoods.watch_momentum[n])
        given = hoods.hardened[n] / np.float32(WEEKS_PER_YEAR)
        some = may_take[: hoods.households[n]]
        wear_and_screen(homes, here, rate + given, stream, some, p)
        for j in rows_set(some, found):
            home = first + j
            own = rate_of_own(residents, homes.first_resident[home], rate, p)
            u = uniform(homes.key[home], stream.low, stream.high)
            if u < own + given + _SLACK and u < probability(own + given):
                homes.protection[home] = _ONE
                if u >= probability(own):
                    hardened += 1
                elif watch_runs:
                    homes.in_watch[home] = 1
    town.service.homes_hardened[0] = hardened


@kernel
def wear_and_screen(
    homes: Table, here: slice, rate: Single, stream: Stream, may_take: Column, p: OrganizeParameters
) -> None:
    """Let protection wear; flag who might take it at full means: nobody else would.

    Parameters
    ----------
    here : rows of a neighbourhood's households.
    rate : float32, a week at full means: of taking protection, and of being given it.
    stream : stream of the decision.
    may_take : uint8 (n,), one for each of them, written to.
    """
    key, protection = homes.key[here], homes.protection[here]
    for h in range(key.size):
        protection[h] = protection[h] * p.protection_kept
        may_take[h] = np.int32(uniform(key[h], stream.low, stream.high) < rate)


@kernel
def rate_of_own(residents: Table, i: Whole, rate: Single, p: OrganizeParameters) -> Single:
    """Return the rate at which a household takes protection by its own means."""
    assets = residents.assets[i]
    able = assets + p.protect_support * residents.support[i] * (_ONE - assets)
    return rate * able * able * residents.vigilance[i]
