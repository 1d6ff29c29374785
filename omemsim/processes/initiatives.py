"""Initiatives, a part of stage 7: they gain momentum, change hands, end, and new ones open.

An initiative's momentum m rises with its lead's support s and decays:
    m' = m + momentum_gain (1 + fitted max(voice, consulting)) s (1 - m)
           - momentum_decay (1 - sustained upkeep) m
with s = police hours over hours needed, both counted as those of trained, convinced officers,
those of initiating counted by ``initiated``; the agencies' free capacity; or, for the community,
leaders per initiative times participation.

End. Once older than ``starting`` it is given up with probability attrition (1 - sustained
upkeep)(1 - m') a week, and for certain once m' is below ``faded``; at any age with probability
``uncarried`` where s is below carried_least. A problem-solving project is over after problem_weeks,
whoever leads it. Where prevention is monitored, one of police or agencies that at the age
``failing`` or later does not run is reviewed with probability review upkeep a week: it begins
again under a lead with room, or ends.

Hand-over. A running initiative (m >= ready) passes to the community where a leader is free, else
from police to an agency with room (above least_room of capacity), with probability hand_over a
week; one that does not run yet with probability hand_over started, where

    started = min(1, hours of initiating/hours needed),

since officers who initiate look for a lead. That frees police hours for opening others.

Opening. Police open one in a free slot with probability

    open_police (1 + opens_sooner started) min(1, spare),

where ``spare``, what their hours could carry beyond what they lead, is carried_least of one or
more. Free leaders open some of their own, with probability open_community x participation.

Kind and place. What police open is social development with the share of mobilization in the hours
of mobilization, problem-oriented policing and initiating, else problem-solving: at a place that an
intervention names (`placed`), else at any with probability (1 - problem_precision)(1 -
analysis_gain analysis_n), else where the crimes that police know of and problem_calls times the
calls remembered add up to most. What the community opens is consultation with probability voice/2,
else a watch with that of its assets, else social development. A place that a Situation Table took
up gets problem-solving that an agency leads, if a slot is free.

`organize` calls it, and says sources, assumptions, and what is read and written.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omemsim.kernels import (
    Column,
    Double,
    Flag,
    Half,
    Single,
    Whole,
    choice,
    event_id,
    event_uniform,
    kernel,
    stream_of,
    uniform,
)
from omemsim.processes.placed import dosed_free_place
from omemsim.strategies import Strategy
from omemsim.town import Table, Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.random_numbers import Decision, Stream
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import Kind, Lead, Sector, Tactic

__all__ = ["InitiativeParameters", "initiative_parameters", "run_initiatives"]

LEAST_NEEDED = 1e-12  # hours: new officers may do nothing at all
RESTARTED = 1  # age in weeks of what has its kind and place; at 0 they are still to be found
_SECTORS, _LEADS, _KINDS = len(Sector), len(Lead), len(Kind)


class InitiativeParameters(NamedTuple):
    """What initiatives need; chances are per week."""

    slots: np.int64  # of a neighbourhood
    problem_hours: np.float64  # effective police hours a week that one takes
    problem_weeks: np.int64  # after which a project is over
    problem_calls: np.float32  # crimes that a call weighs as much as
    participation_full: np.float64
    momentum_gain: np.float64
    fitted: np.float64  # gain that being consulted adds
    momentum_decay: np.float64
    sustained: np.float64  # decay that monitoring of prevention takes away
    ready: np.float64  # momentum from which one runs
    hand_over: np.float64
    attrition: np.float64
    starting: np.int64  # age
    faded: np.float64  # momentum
    least_room: np.float64
    initiated: np.float64  # share of hours of initiating that carry
    opens_sooner: np.float64
    carried_least: np.float64
    uncarried: np.float64
    review: np.float64
    failing: np.int64  # age
    problem_missed: np.float64  # share of projects
    analysis_gain: np.float64
    open_police: np.float64
    open_community: np.float64


def initiative_parameters(parameters: Parameters, strategy: Strategy) -> InitiativeParameters:
    """Return what initiatives need."""
    group = parameters.organize
    return fill(
        InitiativeParameters,
        group,
        parameters.act,
        problem_hours=max(parameters.act.problem_hours * effect_of_new(parameters), LEAST_NEEDED),
        problem_missed=1 - parameters.act.problem_precision,
        participation_full=parameters.assess.participation_full,
        hand_over=group.hand_over * strategy.hand_over,
    )


def effect_of_new(parameters: Parameters) -> float:
    """Return the dose of an hour of officers as they are when new: see `act`."""
    group, start = parameters.act, parameters.learn
    skilled = group.untrained + (1 - group.untrained) * start.skill_start
    return skilled * (group.reluctant + (1 - group.reluctant) * start.adoption_start)


@kernel
def run_initiatives(town: Town, p: InitiativeParameters, week: Whole) -> None:
    """Support, hand over, close and open initiatives; sum them up by neighbourhood."""
    agencies_free = free_capacity(town.agencies)
    steer(town, p, week, agencies_free)
    review(town, p, week, agencies_free)
    open_for_tables(town, p)
    settle_kinds(town, p, week)
    sum_up(town.neighbourhoods, town.initiatives, p)


@kernel
def free_capacity(agencies: Table) -> Column:
    """Return the free share of the agencies' capacity in each catchment."""
    free = np.zeros(agencies.capacity.size // _SECTORS)
    for catchment in range(free.size):
        offered, taken = 0.0, 0
        for a in range(catchment * _SECTORS, (catchment + 1) * _SECTORS):
            offered += (agencies.capacity[a] + agencies.funded[a]) * agencies.is_open[a]
            taken += agencies.caseload[a]
        if offered > 0:
            free[catchment] = max(1 - taken / max(offered, 1.0), 0.0)
    return free


@kernel
def steer(town: Town, p: InitiativeParameters, week: Whole, agencies_free: Column) -> None:
    """Support, hand over, close and open the initiatives of each neighbourhood."""
    hoods, initiatives = town.neighbourhoods, town.initiatives
    is_active, lead = initiatives.is_active, initiatives.lead
    momentum, age, key = initiatives.momentum, initiatives.age, initiatives.key
    pass_stream = stream_of(town.seed, Decision.HAND_OVER, week)
    open_stream = stream_of(town.seed, Decision.OPEN, week)
    end_stream = stream_of(town.seed, Decision.ATTRITION, week)
    for n in range(hoods.residents.size):
        here = slice(n * p.slots, (n + 1) * p.slots)
        led_by_police = count_led(is_active[here], lead[here], Lead.POLICE)
        led_by_community = count_led(is_active[here], lead[here], Lead.COMMUNITY)
        hours = hoods.hours[n]
        solving = hours[Tactic.PROBLEM_ORIENTED_POLICING] + hours[Tactic.MOBILIZE_PARTNERS]
        initiating = hours[Tactic.INITIATE_PROBLEM_SOLVING]
        solving += p.initiated * initiating
        carried, room = solving / p.problem_hours, agencies_free[hoods.catchment[n]]
        part = min(hoods.participants[n] / hoods.residents[n] / p.participation_full, 1.0)
        support_of_police = min(1.0, carried / max(led_by_police, 1.0))
        support_of_community = min(1.0, hoods.leaders[n] / max(led_by_community, 1.0)) * part
        spare = max(0.0, carried - led_by_police)  # initiatives that police hours could carry
        started = min(initiating / p.problem_hours, 1.0)
        opens = min(p.open_police * (1 + p.opens_sooner * started), 1.0)
        free_leaders = hoods.leaders[n] - led_by_community
        heard = np.float64(max(hoods.voice[n], hoods.consult_momentum[n]))
        rise = p.momentum_gain * (1 + p.fitted * heard)
        kept_up = 1 - p.sustained * np.float64(hoods.upkeep[n])
        for i in range(n * p.slots, (n + 1) * p.slots):
            if is_active[i] == 0:
                u = uniform(key[i], open_stream.low, open_stream.high)
                if spare >= p.carried_least and u < opens * min(1.0, spare):
                    is_active[i], lead[i], momentum[i], age[i] = 1, Lead.POLICE, 0.0, 0
                    spare -= 1.0
                # The upper end of the same draw: police use the lower one.
                elif free_leaders >= 1.0 and u > 1.0 - p.open_community * part:
                    is_active[i], lead[i], momentum[i], age[i] = 1, Lead.COMMUNITY, 0.0, 0
                    free_leaders -= 1.0
                continue
            support = room
            if lead[i] == Lead.POLICE:
                support = support_of_police
            elif lead[i] == Lead.COMMUNITY:
                support = support_of_community
            m = np.float64(momentum[i])
            grown = m + rise * support * (1.0 - m) - p.momentum_decay * kept_up * m
            momentum[i] = min(max(grown, 0.0), 1.0)
            age[i] += 1
            before = lead[i]
            u = uniform(key[i], pass_stream.low, pass_stream.high)
            passes = u < p.hand_over * started or (m >= p.ready and u < p.hand_over)
            if passes:
                free_leaders = pass_on(hoods, n, lead, i, free_leaders, room > p.least_room)
            gives_up = p.attrition * kept_up * (1.0 - np.float64(momentum[i]))
            end = uniform(key[i], end_stream.low, end_stream.high)
            is_carried = support >= p.carried_least or lead[i] != before
            if closes(initiatives, i, end, gives_up, is_carried, p):
                is_active[i] = 0


@kernel
def closes(
    initiatives: Table,
    i: Whole,
    end: Single,
    gives_up: Double,
    is_carried: Flag,
    p: InitiativeParameters,
) -> Flag:
    """Say whether an initiative ends: carried by nobody, over by its age, or given up.

    Parameters
    ----------
    i : its row.
    end : the draw that decides, a uniform.
    gives_up : chance that it is given up, once it is no longer starting.
    is_carried : whether its lead has means for it, or is new.
    """
    age = initiatives.age[i]
    is_over = initiatives.kind[i] == Kind.PROBLEM_SOLVING and age >= p.problem_weeks
    has_faded = initiatives.momentum[i] < p.faded
    is_given_up = age > p.starting and (end < gives_up or has_faded)
    return is_over or is_given_up or (not is_carried and end < p.uncarried)


@kernel
def review(town: Town, p: InitiativeParameters, week: Whole, agencies_free: Column) -> None:
    """Pass on or end what fails, where prevention is monitored."""
    hoods, initiatives = town.neighbourhoods, town.initiatives
    lead, age = initiatives.lead, initiatives.age
    stream = stream_of(town.seed, Decision.REVIEW, week)
    for n in range(hoods.residents.size):
        here = slice(n * p.slots, (n + 1) * p.slots)
        led_by_community = count_led(initiatives.is_active[here], lead[here], Lead.COMMUNITY)
        free_leaders = hoods.leaders[n] - led_by_community
        has_room = agencies_free[hoods.catchment[n]] > p.least_room
        chance = p.review * np.float64(hoods.upkeep[n])
        for i in range(n * p.slots, (n + 1) * p.slots):
            is_failing = initiatives.is_active[i] == 1 and age[i] >= p.failing
            is_failing = is_failing and initiatives.momentum[i] < p.ready
            is_failing = is_failing and lead[i] != Lead.COMMUNITY  # which police do not end
            if not is_failing or not uniform(initiatives.key[i], stream.low, stream.high) < chance:
                continue
            before = lead[i]
            if p.hand_over > 0.0:
                free_leaders = pass_on(hoods, n, lead, i, free_leaders, has_room)
            if lead[i] != before:
                age[i] = RESTARTED
            else:
                initiatives.is_active[i] = 0


@kernel
def pass_on(
    hoods: Table, n: Whole, lead: Column, i: Whole, free_leaders: Double, has_room: Flag
) -> Double:
    """Pass an initiative to a free leader, else from police to agencies; return the leaders left.

    Parameters
    ----------
    n : row of the neighbourhood.
    lead : of all initiatives, changed in place.
    i : row of the initiative.
    free_leaders : who lead nothing.
    has_room : whether the agencies have enough capacity left to take one over.
    """
    if lead[i] != Lead.COMMUNITY and free_leaders >= 1.0:
        lead[i] = Lead.COMMUNITY
        hoods.handed_over[n] += 1
        return free_leaders - 1.0
    if lead[i] == Lead.POLICE and has_room:
        lead[i] = Lead.AGENCY
        hoods.handed_over[n] += 1
    return free_leaders


@kernel
def open_for_tables(town: Town, p: InitiativeParameters) -> None:
    """Let an agency work at the place that a Situation Table took up, if a slot is free."""
    hoods, initiatives = town.neighbourhoods, town.initiatives
    for n in range(hoods.table_place.size):
        if hoods.table_place[n] < 0:
            continue
        for i in range(n * p.slots, (n + 1) * p.slots):
            if initiatives.is_active[i] == 0:
                initiatives.is_active[i], initiatives.lead[i] = 1, Lead.AGENCY
                initiatives.momentum[i], initiatives.age[i] = 0.0, RESTARTED
                initiatives.kind[i] = Kind.PROBLEM_SOLVING
                initiatives.place[i] = hoods.table_place[n]
                break


@kernel
def count_led(is_active: Column, lead: Column, by: Whole) -> Double:
    """Return how many active initiatives a lead has."""
    count = 0.0
    for i in range(lead.size):
        count += is_active[i] == 1 and lead[i] == by
    return count


@kernel
def settle_kinds(town: Town, p: InitiativeParameters, week: Whole) -> None:
    """Find kinds and places, one initiative after the other: no two get the same place."""
    hoods, initiatives = town.neighbourhoods, town.initiatives
    stream = stream_of(town.seed, Decision.KIND, week)
    place_stream = stream_of(town.seed, Decision.PROBLEM_PLACE, week)
    for n in range(hoods.voice.size):
        missed = p.problem_missed * (1.0 - p.analysis_gain * np.float64(hoods.analysis[n]))
        for i in range(n * p.slots, (n + 1) * p.slots):
            if initiatives.is_active[i] == 0:
                initiatives.place[i] = -1
        for i in range(n * p.slots, (n + 1) * p.slots):
            if initiatives.is_active[i] == 0 or initiatives.age[i] > 0:
                continue
            u = uniform(initiatives.key[i], stream.low, stream.high)
            by_police = initiatives.lead[i] == Lead.POLICE
            if by_police:
                kind = opened_by_police(u, hoods.hours[n])
            else:
                kind = opened_by_community(u, hoods.voice[n], hoods.assets[n])
            hoods.watches_opened[n] += kind == Kind.WATCH
            initiatives.kind[i], initiatives.place[i] = kind, -1
            if by_police and kind == Kind.PROBLEM_SOLVING:
                taken = initiatives.place[n * p.slots : (n + 1) * p.slots]
                dosed = dosed_free_place(town.interventions, n, taken, week)
                any_place = missing_place(hoods, n, initiatives.key[i], place_stream, missed)
                if dosed >= 0:
                    initiatives.place[i] = dosed
                elif any_place >= 0 and not is_among(taken, any_place):
                    initiatives.place[i] = any_place
                else:
                    initiatives.place[i] = worst_free_place(town.places, hoods, n, taken, p)


@kernel
def opened_by_police(u: Single, hours: Column) -> Whole:
    """Return the kind of initiative that police open: what their hours go to."""
    mobilizing = hours[Tactic.MOBILIZE_PARTNERS]
    solving = hours[Tactic.PROBLEM_ORIENTED_POLICING] + hours[Tactic.INITIATE_PROBLEM_SOLVING]
    social = mobilizing / max(mobilizing + solving, 1e-12)
    return Kind.SOCIAL_DEVELOPMENT if u < social else Kind.PROBLEM_SOLVING


@kernel
def opened_by_community(u: Single, voice: Single, assets: Single) -> Whole:
    """Return the kind of initiative that the community opens: what it has voice and means for."""
    consulting = 0.5 * np.float64(voice)
    if u < consulting:
        return Kind.CONSULTATION
    watching = consulting + (1 - consulting) * assets
    return Kind.WATCH if u < watching else Kind.SOCIAL_DEVELOPMENT


@kernel
def missing_place(hoods: Table, n: Whole, key: Half, stream: Stream, missed: Double) -> Whole:
    """Return any place of a neighbourhood, where a project misses the worst one; else -1.

    Parameters
    ----------
    n : row of the neighbourhood.
    key : of the initiative.
    stream : of the decision.
    missed : probability, 0 to 1.
    """
    event = event_id(key, 0, stream.low, stream.high)
    if event_uniform(event, 0) < missed:
        return np.int64(hoods.first_place[n] + choice(event, 1, hoods.places[n]))
    return np.int64(-1)


@kernel
def worst_free_place(
    places: Table, hoods: Table, n: Whole, taken: Column, p: InitiativeParameters
) -> Whole:
    """Return the worst known place that is not taken, ties by row; -1 if all are."""
    first, worst, most = hoods.first_place[n], -1, np.float32(-1)
    for place in range(first, first + hoods.places[n]):
        trouble = places.knowledge[place] + p.problem_calls * places.called[place]
        if trouble > most and not is_among(taken, place):
            worst, most = place, trouble
    return worst


@kernel
def is_among(rows: Column, wanted: Whole) -> Flag:
    """Say whether a row is one of these."""
    found = False
    for row in rows:
        found |= row == wanted
    return found


@kernel
def sum_up(hoods: Table, initiatives: Table, p: InitiativeParameters) -> None:
    """Add up momentum and running initiatives of each neighbourhood, by lead and by kind."""
    momentum_of, running_of = np.zeros(_LEADS), np.zeros(_LEADS)  # by lead
    of_kind = np.zeros(_KINDS)
    for n in range(hoods.momentum.size):
        momentum_of[:], running_of[:], of_kind[:] = 0.0, 0.0, 0.0
        for i in range(n * p.slots, (n + 1) * p.slots):
            if initiatives.is_active[i] == 1:
                momentum = np.float64(initiatives.momentum[i])
                lead, kind = initiatives.lead[i], initiatives.kind[i]
                momentum_of[lead] += momentum
                running_of[lead] += momentum >= p.ready
                of_kind[kind] += momentum
                is_a_year_old = momentum >= p.ready and initiatives.age[i] == WEEKS_PER_YEAR
                hoods.watches_lasted[n] += is_a_year_old and kind == Kind.WATCH
        hoods.momentum[n] = momentum_of.sum() / p.slots
        hoods.community_momentum[n] = momentum_of[Lead.COMMUNITY] / p.slots
        running = max(running_of.sum(), 1.0)
        hoods.police_led[n] = running_of[Lead.POLICE] / running
        hoods.community_led[n] = running_of[Lead.COMMUNITY] / running
        hoods.social_momentum[n] = min(of_kind[Kind.SOCIAL_DEVELOPMENT], 1.0)
        hoods.watch_momentum[n] = min(of_kind[Kind.WATCH], 1.0)
        hoods.consult_momentum[n] = min(of_kind[Kind.CONSULTATION], 1.0)
