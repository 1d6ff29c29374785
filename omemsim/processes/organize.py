"""Stage 7, organize: residents take part, leaders are found, initiatives change hands.

Participation, per resident and week (the fear gate is the power of 1 - fear):
    p_join  = join efficacy trust (1 - fear)^gate (1 + recruit mobilization + led momentum)
              (1 + congregate (congregations_n - 1))
    p_leave = leave (1 + fear_leaves fear)
A natural leader becomes known at rate emerge efficacy (1 - fear) + search x weekly hours of
engaging leaders (and half of mobilization's) per 1,000 residents, and steps back at rate lose.
Initiatives run and change hands in `initiatives`.
A household takes protection at rate protect means^2 vigilance (1 + taught education +
protect_watch watching), means = assets + protect_support support (1 - assets), or from a project
with hardened/52; where a watch runs, who takes it by themselves also joins the watch, until they
move or the watch is dead.

Sources: seeds 000, 001 (leaders, hand-over, who can use situational prevention); practice.md.
Assumption: one leader carries one initiative; households' means are the first resident's.

Reads: people's stocks, hours, mobilization, education, caseload, knowledge, hardened. Writes:
takes_part, is_found, initiatives, protection, in_watch, participants, leaders, momentum,
capacity, counts of hand-overs and watches, service.homes_hardened.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import kernel, list_set, probability, single, stream_of, uniform
from omemsim.processes.capacity import capacity_weights, write_capacity
from omemsim.processes.initiatives import run_initiatives
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Organize, Parameters
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, decay
from omemsim.vocabulary.wheel import Tactic

__all__ = ["step"]

_SLACK = np.float32(1e-5)  # above all rounding of a probability


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Let people join, leaders come forward, initiatives run and change hands."""
    start_anew(town)
    participate(town, parameters.organize)
    run_initiatives(town, parameters, strategy)
    protect(town, parameters.organize)
    places = town.neighbourhoods
    write_capacity(
        capacity_weights(parameters.assess),
        places.efficacy,
        places.assets,
        (places.participants, places.leaders, places.residents),
        places.capacity,
    )


def start_anew(town: Town) -> None:
    """Let newcomers bring nothing of what those had done who lived there before."""
    residents, households = town.residents, town.households
    forget(
        town.newcomers,
        residents.household,
        (residents.takes_part, residents.is_found),
        (households.protection, households.in_watch),
    )


def participate(town: Town, group: Organize) -> None:
    """Draw who joins and leaves, and which natural leaders become known or step back."""
    places, residents = town.neighbourhoods, town.residents
    draw_people(
        *people_rates(group),
        (np.uint64(town.seed), town.week),
        (places.first_resident, places.residents),
        (places.mobilization, places.momentum, places.congregations, places.hours),
        (residents.key, residents.efficacy, residents.trust, residents.fear),
        residents.takes_part,
        (residents.is_leader, residents.is_found),
        (places.participants, places.leaders),
    )


@once
def people_rates(group: Organize) -> tuple[Any, ...]:
    """Return what draws people in, lets them leave, and brings leaders forward."""
    joining = single(group, "join", "recruit", "led", "congregate")
    leaving = single(group, "leave", "fear_leaves")
    leading = (group.search * 1000, *single(group, "emerge", "lose"))
    return joining, gate_weights(group.fear_gate), leaving, leading


def gate_weights(power: float) -> Any:
    """Return weights w (7,) of whole powers so that sum w_k x**k stands for x**power.

    Between two whole powers it is their weighted mean, which is exact at whole ones.
    """
    return np.maximum(1 - np.abs(power - np.arange(7)), 0).astype(np.float32)


def protect(town: Town, group: Organize) -> None:
    """Draw which households lock, light and watch, and which a project protects."""
    places, households, residents = town.neighbourhoods, town.households, town.residents
    town.service.homes_hardened[0] = draw_protection(
        protecting(group),
        (np.uint64(town.seed), town.week),
        (places.first_household, places.households),
        (places.education, places.watch_momentum, places.hardened),
        (residents.assets, residents.support, residents.vigilance),
        (households.key, households.first_resident),
        households.protection,
        households.in_watch,
    )


@once
def protecting(group: Organize) -> tuple[np.float32, ...]:
    """Return the rates of taking protection, and the share of it that lasts a week."""
    names = ("protect", "protect_taught", "protect_watch", "protect_support", "ready")
    return (*single(group, *names), np.float32(1 - decay(group.protect_decay)))


@kernel
def forget(newcomers, household, people, homes):  # type: ignore[no-untyped-def]
    takes_part, is_found = people
    protection, in_watch = homes
    for i in newcomers:
        takes_part[i] = is_found[i] = 0
        protection[household[i]] = 0
        in_watch[household[i]] = 0


@kernel
def draw_people(  # type: ignore[no-untyped-def]
    joining, gate, leaving, leading, week, seats, places, people, takes_part, leads, counts
):
    """Draw for one neighbourhood after the other, while its people are at hand."""
    join, recruit, led, congregate = joining
    search, emerge, lose = leading
    first, count = seats
    mobilization, momentum, congregations, hours = places
    key, efficacy, trust, fear = people
    is_leader, is_found = leads
    participants, leaders = counts
    part_luck = stream_of(week[0], Decision.JOIN, week[1])
    lead_luck = stream_of(week[0], Decision.LEADER, week[1])
    one = np.float32(1)
    may_change = np.empty(count.max(), np.uint8)
    who = np.empty(count.max() + 1, np.int64)
    for n in range(first.size):
        rows, few = slice(first[n], first[n] + count[n]), may_change[: count[n]]
        mine = key[rows], efficacy[rows], trust[rows], fear[rows]
        pull = one + recruit * mobilization[n] + led * momentum[n]
        pull = join * (pull * (one + congregate * (congregations[n] - one)))
        _may_change(pull, leaving, gate[0], mine, part_luck, takes_part[rows], few)
        _change(pull, leaving, gate, mine, part_luck, _rows(few, who), takes_part[rows])
        participants[n] = _count(takes_part[rows])
        searching = hours[n, Tactic.ENGAGE_LEADERS] + 0.5 * hours[n, Tactic.MOBILIZE_PARTNERS]
        rates = emerge, np.float32(search * searching / count[n]), lose
        leaders[n] = _lead(rates, mine, lead_luck, _rows(is_leader[rows], who), is_found[rows])


@kernel
def _rows(flags, who):  # type: ignore[no-untyped-def]
    """Return the rows where a byte is not 0, in order, written to ``who``."""
    return who[: list_set(flags[: flags.size & ~7].view(np.uint64), flags, who)]


@kernel
def _may_change(pull, leaving, ungated, people, luck, takes_part, may_change):  # type: ignore[no-untyped-def]
    """Flag those whose draw is below an upper bound of their chance: rates, and a straight gate.

    It costs a fifth of everybody's own chance, and leaves one in a hundred.
    """
    leave, by_fear = leaving
    key, efficacy, trust, fear = people
    one = np.float32(1)
    for i in range(key.size):
        joins = pull * efficacy[i] * trust[i] * (one - (one - ungated) * fear[i])
        leaves = leave * (one + by_fear * fear[i])
        now = np.float32(takes_part[i])
        most = now * leaves + (one - now) * joins + _SLACK
        may_change[i] = np.int32(uniform(key[i], luck[0], luck[1]) < most)


@kernel
def _change(pull, leaving, gate, people, luck, rows, takes_part):  # type: ignore[no-untyped-def]
    leave, by_fear = leaving
    key, efficacy, trust, fear = people
    one = np.float32(1)
    for i in rows:
        p_join = probability(pull * efficacy[i] * trust[i] * _open(one - fear[i], gate))
        p_leave = probability(leave * (one + by_fear * fear[i]))
        p = p_join + np.float32(takes_part[i]) * (p_leave - p_join)
        if uniform(key[i], luck[0], luck[1]) < p:
            takes_part[i] = 1 - takes_part[i]


@kernel
def _open(x, w):  # type: ignore[no-untyped-def]
    return w[0] + x * (w[1] + x * (w[2] + x * (w[3] + x * (w[4] + x * (w[5] + x * w[6])))))


@kernel
def _count(flags):  # type: ignore[no-untyped-def]
    total = np.int64(0)
    for i in range(flags.size):
        total += flags[i]
    return total


@kernel
def _lead(rates, people, luck, natural, is_found):  # type: ignore[no-untyped-def]
    emerge, search, lose = rates
    key, efficacy, _, fear = people
    known = 0
    for i in natural:
        rate = emerge * efficacy[i] * (np.float32(1) - fear[i]) + search
        p = probability(lose) if is_found[i] == 1 else probability(rate)
        if uniform(key[i], luck[0], luck[1]) < p:
            is_found[i] = 1 - is_found[i]
        known += is_found[i]
    return known


@kernel
def draw_protection(rates, week, homes, places, people, households, protection, in_watch):  # type: ignore[no-untyped-def]
    protect, by_education, by_watch, by_support, ready, keep = rates
    first, count = homes
    education, watch_momentum, hardened = places
    assets, support, vigilance = people
    key, head = households
    luck = stream_of(week[0], Decision.PROTECT, week[1])
    one = np.float32(1)
    may_take = np.empty(count.max(), np.uint8)
    who = np.empty(count.max() + 1, np.int64)
    by_project = 0
    for n in range(first.size):
        here = slice(first[n], first[n] + count[n])
        running = watch_momentum[n] >= ready
        if not running:
            in_watch[here] = 0
        rate = protect * (one + by_education * education[n] + by_watch * watch_momentum[n])
        given = hardened[n] / np.float32(WEEKS_PER_YEAR)
        few = may_take[: count[n]]  # the rest would not take it at any means: p <= rate
        _wear(rate + given, keep, key[here], luck, protection[here], few)
        for j in _rows(few, who):
            h = first[n] + j
            i = head[h]
            able = assets[i] + by_support * support[i] * (one - assets[i])
            own = rate * able * able * vigilance[i]
            u = uniform(key[h], luck[0], luck[1])
            if u < probability(own + given):
                protection[h] = one
                if u >= probability(own):
                    by_project += 1
                elif running:
                    in_watch[h] = 1
    return by_project


@kernel
def _wear(rate, keep, key, luck, protection, may_take):  # type: ignore[no-untyped-def]
    for h in range(key.size):
        protection[h] = protection[h] * keep
        may_take[h] = np.int32(uniform(key[h], luck[0], luck[1]) < rate)
