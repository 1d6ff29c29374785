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
from omemsim.processes.initiatives import rates as initiative_rates
from omemsim.processes.initiatives import run_initiatives
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, decay
from omemsim.vocabulary.wheel import Tactic

__all__ = ["step"]

_SLACK = np.float32(1e-5)  # above all rounding of a probability


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Let people join, leaders come forward, initiatives run and change hands."""
    hoods, residents, homes = town.neighbourhoods, town.residents, town.households
    rows, agencies, places = town.initiatives, town.agencies, town.places
    organize(
        rates(parameters, strategy),
        (np.uint64(town.seed), town.week),
        (town.newcomers.seat, residents.household),
        (hoods.first_resident, hoods.residents),
        (hoods.first_household, hoods.households),
        (hoods.mobilization, hoods.congregations, hoods.efficacy, hoods.assets),
        (hoods.hours, hoods.education, hoods.hardened, hoods.voice, hoods.upkeep),
        (residents.key, residents.efficacy, residents.trust, residents.fear),
        (residents.assets, residents.support, residents.vigilance),
        (residents.takes_part, residents.is_leader, residents.is_found),
        (homes.key, homes.first_resident, homes.protection, homes.in_watch),
        (rows.key, rows.is_active, rows.lead, rows.momentum, rows.age, rows.kind, rows.place),
        (hoods.catchment, agencies.capacity, agencies.funded, agencies.is_open, agencies.caseload),
        (hoods.first_place, hoods.places, places.knowledge),
        (hoods.participants, hoods.leaders, hoods.capacity),
        (hoods.momentum, hoods.community_momentum, hoods.community_led, hoods.police_led),
        (hoods.social_momentum, hoods.watch_momentum, hoods.consult_momentum),
        (hoods.handed_over, hoods.watches_opened, hoods.watches_lasted),
        town.service.homes_hardened,
    )


@once
def rates(parameters: Parameters, strategy: Strategy) -> tuple[Any, ...]:
    """Return rates of people's part, of homes' protection, of initiatives; weights of capacity."""
    group = parameters.organize
    joining = single(group, "join", "recruit", "led", "congregate")
    leading = (group.search * 1000, *single(group, "emerge", "lose"))
    people = joining, gate_weights(group.fear_gate), single(group, "leave", "fear_leaves"), leading
    names = ("protect", "protect_taught", "protect_watch", "protect_support", "ready")
    homes = (*single(group, *names), np.float32(1 - decay(group.protect_decay)))
    initiatives = initiative_rates(parameters, strategy)
    return people, homes, initiatives, capacity_weights(parameters.assess)


def gate_weights(power: float) -> tuple[np.float32, ...]:
    """Return weights w (7,) of whole powers so that sum w_k x**k stands for x**power.

    Between two whole powers it is their weighted mean, which is exact at whole ones.
    """
    return tuple(np.maximum(1 - np.abs(power - np.arange(7)), 0).astype(np.float32))


@kernel
def organize(  # type: ignore[no-untyped-def]
    rates, week, newcomers, seats, dwellings, conditions, doses, people, means, part, homes,
    rows, agencies, known, sums, momenta, kinds, counts, homes_hardened,
):  # fmt: skip
    """Let people take part, then initiatives run, then households protect themselves."""
    by_people, by_homes, by_initiatives, weights = rates
    mobilization, congregations, efficacy, assets = conditions
    hours, education, hardened, voice, upkeep = doses
    takes_part, _, is_found = part
    participants, leaders, capacity = sums
    forget(newcomers, (takes_part, is_found), homes[2:])
    pulls = mobilization, momenta[0], congregations, hours
    draw_people(by_people, week, seats, pulls, people, part, (participants, leaders))
    means_of_all = hours, agencies[0], agencies[1:]
    acting, told = (leaders, participants, seats[1]), (voice, kinds[2], upkeep, assets)
    run_initiatives(
        by_initiatives, week, rows, means_of_all, acting, told, known, momenta, kinds, counts
    )
    alarm = education, kinds[1], hardened
    homes_hardened[0] = draw_protection(by_homes, week, dwellings, alarm, means, homes)
    write_capacity(weights, efficacy, assets, (participants, leaders, seats[1]), capacity)


@kernel
def forget(newcomers, people, homes):  # type: ignore[no-untyped-def]
    """Let newcomers bring nothing of what those had done who lived there before."""
    seats, household = newcomers
    takes_part, is_found = people
    protection, in_watch = homes
    for i in seats:
        takes_part[i] = is_found[i] = 0
        protection[household[i]] = 0
        in_watch[household[i]] = 0


@kernel
def draw_people(rates, week, seats, places, people, part, counts):  # type: ignore[no-untyped-def]
    """Draw who joins and leaves, and which natural leaders become known or step back.

    One neighbourhood after the other, while its people are at hand.
    """
    joining, gate, leaving, leading = rates
    join, recruit, led, congregate = joining
    search, emerge, lose = leading
    first, count = seats
    mobilization, momentum, congregations, hours = places
    key, efficacy, trust, fear = people
    takes_part, is_leader, is_found = part
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
def draw_protection(rates, week, seats, places, people, homes):  # type: ignore[no-untyped-def]
    """Return how many homes a project protects; draw which lock, light and watch by themselves."""
    protect, by_education, by_watch, by_support, ready, keep = rates
    first, count = seats
    education, watch_momentum, hardened = places
    assets, support, vigilance = people
    key, head, protection, in_watch = homes
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
