"""Initiatives, a part of stage 7: they gain momentum, change hands, close, and new ones open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omemsim.reference.draws import choice, event_id, event_uniform, uniform
from omemsim.reference.placed import dosed_places
from omemsim.reference.visits import worst_places
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Kind, Lead, Tactic

if TYPE_CHECKING:
    from omemsim.reference.agents import Initiative, Neighbourhood
    from omemsim.reference.draws import Stream
    from omemsim.reference.model import ReferenceModel

__all__ = ["run_initiatives"]

RESTARTED = 1  # age in weeks of what begins with a kind and a place
LEAST_NEEDED = 1e-12  # hours: new officers may do nothing at all


@dataclass
class Means:
    """What a neighbourhood has for its initiatives this week."""

    support: dict[int, float]  # of one initiative, 0 to 1, by lead
    has_room: bool  # whether agencies can take one over
    part: float  # participation, 0 to 1
    spare: float  # initiatives that police hours could carry beyond those they lead
    opening: float  # probability that police open one in a free slot, hours permitting
    seeking: float  # share of the hours of an initiative that are spent on initiating
    free_leaders: float  # known leaders who lead nothing


def run_initiatives(model: ReferenceModel) -> None:
    """Support, hand over, close and open initiatives; sum them up by neighbourhood."""
    passing = model.draws.stream(Decision.HAND_OVER, model.week)
    opening = model.draws.stream(Decision.OPEN, model.week)
    choosing = model.draws.stream(Decision.KIND, model.week)
    for hood in model.neighbourhoods:
        means = find_means(model, hood)
        opened = []
        for initiative in hood.initiatives:
            if initiative.is_active:
                carry_on(model, initiative, means=means, stream=passing)
            elif opens(model, initiative, means=means, stream=opening):
                choose_kind(model, initiative, uniform(initiative.key, choosing))
                opened.append(initiative)
        review(model, hood, means)
        open_for_table(hood)
        sum_up(model, hood)
        for initiative in hood.initiatives:
            if not initiative.is_active:
                initiative.place = None
        for initiative in opened:
            choose_place(model, initiative)


def find_means(model: ReferenceModel, hood: Neighbourhood) -> Means:
    """Return what supports the initiatives of each lead, and what is left to open more."""
    leads = [i.lead for i in hood.initiatives if i.is_active]
    by_police, by_community = leads.count(Lead.POLICE), leads.count(Lead.COMMUNITY)
    hours = hood.hours[Tactic.PROBLEM_ORIENTED_POLICING] + hood.hours[Tactic.MOBILIZE_PARTNERS]
    police, start = model.parameters.act, model.parameters.learn
    skilled = police.untrained + (1 - police.untrained) * start.skill_start
    convinced = police.reluctant + (1 - police.reluctant) * start.adoption_start
    needed = max(police.problem_hours * skilled * convinced, LEAST_NEEDED)
    group = model.parameters.organize
    initiating = hood.hours[Tactic.INITIATE_PROBLEM_SOLVING]
    hours += group.initiated * initiating
    carried = hours / needed
    eager = 1 + group.opens_sooner * min(1.0, initiating / needed)
    full = model.parameters.assess.participation_full
    part = min(1.0, hood.participants / len(hood.residents) / full)
    room = agency_room(hood)
    return Means(
        support={
            Lead.POLICE: min(1.0, carried / max(by_police, 1)),
            Lead.AGENCY: room,
            Lead.COMMUNITY: min(1.0, hood.leaders / max(by_community, 1)) * part,
        },
        has_room=room > group.least_room,
        part=part,
        spare=max(0.0, carried - by_police),
        seeking=min(1.0, initiating / needed),
        opening=min(1.0, group.open_police * eager),
        free_leaders=hood.leaders - by_community,
    )


def agency_room(hood: Neighbourhood) -> float:
    """Return the free share of the capacity of the agencies that serve a neighbourhood."""
    capacity = sum(a.capacity + a.funded for a in hood.agencies if a.is_open)
    caseload = sum(agency.caseload for agency in hood.agencies)
    return max(0.0, 1 - caseload / max(capacity, 1)) if capacity > 0 else 0.0


def carry_on(
    model: ReferenceModel, initiative: Initiative, *, means: Means, stream: Stream
) -> None:
    """Let an active initiative gain or lose momentum, change hands, or close.

    Parameters
    ----------
    means : what the neighbourhood has for its initiatives this week.
    stream : of the decision to hand over.
    """
    group, draws, before = model.parameters.organize, model.draws, initiative.momentum
    hood = initiative.neighbourhood
    fitting = 1 + group.fitted * max(hood.voice, hood.consult_momentum)
    gain = group.momentum_gain * fitting * means.support[initiative.lead]
    loss = group.momentum_decay * (1 - group.sustained * hood.upkeep)
    initiative.momentum = min(max(before + gain * (1 - before) - loss * before, 0.0), 1.0)
    initiative.age += 1
    if initiative.kind == Kind.WATCH and initiative.age == WEEKS_PER_YEAR:
        hood.watches_lasted += draws.reaches(initiative.momentum, group.ready)
    support = means.support[initiative.lead]
    is_carried = support >= group.carried_least
    if initiative.lead == Lead.POLICE:  # of others it is a ratio of whole numbers: no near tie
        is_carried = draws.reaches(support, group.carried_least)
    rate = group.hand_over if model.strategy.hand_over else 0.0
    u = uniform(initiative.key, stream)
    is_wanted = draws.below(u, rate * means.seeking)
    if is_wanted or (before >= group.ready and draws.below(u, rate)):
        is_carried = hand_over(initiative, means) or is_carried
    staying = group.attrition * (1 - group.sustained * hood.upkeep)
    ends = uniform(initiative.key, draws.stream(Decision.ATTRITION, model.week))
    given_up = draws.below(ends, staying * (1 - initiative.momentum))
    faded = not draws.reaches(initiative.momentum, group.faded)
    dropped = not is_carried and draws.below(ends, group.uncarried)
    is_project = initiative.kind == Kind.PROBLEM_SOLVING
    is_over = is_project and initiative.age >= model.parameters.act.problem_weeks
    if dropped or is_over or (initiative.age > group.starting and (given_up or faded)):
        initiative.is_active = False


def review(model: ReferenceModel, hood: Neighbourhood, means: Means) -> None:
    """Pass on or end what fails, where officers monitor prevention.

    Parameters
    ----------
    means : what the neighbourhood has for its initiatives this week.
    """
    group, draws = model.parameters.organize, model.draws
    active = [initiative for initiative in hood.initiatives if initiative.is_active]
    means.free_leaders = hood.leaders - sum(i.lead == Lead.COMMUNITY for i in active)
    stream = draws.stream(Decision.REVIEW, model.week)
    for initiative in active:
        if initiative.lead == Lead.COMMUNITY or initiative.age < group.failing:
            continue
        if draws.reaches(initiative.momentum, group.ready):
            continue
        if draws.below(uniform(initiative.key, stream), group.review * hood.upkeep):
            may_pass = model.strategy.hand_over and group.hand_over > 0
            if may_pass and hand_over(initiative, means):
                initiative.age = RESTARTED
            else:
                initiative.is_active = False


def hand_over(initiative: Initiative, means: Means) -> bool:
    """Pass an initiative to a free leader, or from police to agencies with room; say if it did."""
    hood = initiative.neighbourhood
    if initiative.lead == Lead.COMMUNITY:
        return False
    if means.free_leaders >= 1:
        initiative.lead = Lead.COMMUNITY
        means.free_leaders -= 1
    elif initiative.lead == Lead.POLICE and means.has_room:
        initiative.lead = Lead.AGENCY
    else:
        return False
    hood.handed_over += 1
    return True


def open_for_table(hood: Neighbourhood) -> None:
    """Let an agency solve problems at the place that a Situation Table took up."""
    free = [initiative for initiative in hood.initiatives if not initiative.is_active]
    if hood.table_place is not None and free:
        first = free[0]
        first.is_active, first.lead, first.kind = True, Lead.AGENCY, Kind.PROBLEM_SOLVING
        first.momentum, first.age, first.place = 0.0, RESTARTED, hood.table_place


def opens(model: ReferenceModel, initiative: Initiative, *, means: Means, stream: Stream) -> bool:
    """Draw whether police or, failing them, free leaders open an initiative in a free slot.

    Parameters
    ----------
    means : what the neighbourhood has left for initiatives; what is used is taken off.
    stream : of the decision to open.
    """
    group, draws = model.parameters.organize, model.draws
    u = uniform(initiative.key, stream)
    could_carry = means.spare > 0 and draws.reaches(means.spare, group.carried_least)
    if could_carry and draws.below(u, means.opening * min(1.0, means.spare)):
        initiative.lead = Lead.POLICE
        means.spare -= 1
    elif means.free_leaders >= 1 and draws.below(1 - group.open_community * means.part, u):
        initiative.lead = Lead.COMMUNITY
        means.free_leaders -= 1
    else:
        return False
    initiative.is_active, initiative.momentum, initiative.age = True, 0.0, 0
    return True


def choose_kind(model: ReferenceModel, initiative: Initiative, v: float) -> None:
    """Draw what a new initiative does: by police hours, or by residents' voice and means.

    Parameters
    ----------
    v : uniform in (0, 1).
    """
    draws, hood = model.draws, initiative.neighbourhood
    if initiative.lead == Lead.POLICE:
        partners = hood.hours[Tactic.MOBILIZE_PARTNERS]
        problems = hood.hours[Tactic.PROBLEM_ORIENTED_POLICING]
        problems += hood.hours[Tactic.INITIATE_PROBLEM_SOLVING]
        share = partners / (partners + problems) if partners + problems > 0 else 0.0
        is_social = draws.below(v, share)
        initiative.kind = Kind.SOCIAL_DEVELOPMENT if is_social else Kind.PROBLEM_SOLVING
        return
    consults = 0.5 * hood.voice
    if draws.below(v, consults):
        initiative.kind = Kind.CONSULTATION
    elif draws.below(v, consults + (1 - consults) * hood.assets):
        initiative.kind = Kind.WATCH
        hood.watches_opened += 1
    else:
        initiative.kind = Kind.SOCIAL_DEVELOPMENT


def sum_up(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Write momentum, over slots and by kind, and the share of running initiatives by lead."""
    active = [i for i in hood.initiatives if i.is_active]
    ready = model.parameters.organize.ready
    running = [i for i in active if model.draws.reaches(i.momentum, ready)]
    led = [i for i in active if i.lead == Lead.COMMUNITY]
    slots = len(hood.initiatives)
    hood.momentum = sum(i.momentum for i in active) / slots
    hood.community_momentum = sum(i.momentum for i in led) / slots
    hood.community_led = sum(i.lead == Lead.COMMUNITY for i in running) / max(len(running), 1)
    hood.police_led = sum(i.lead == Lead.POLICE for i in running) / max(len(running), 1)
    hood.social_momentum = momentum_of(active, Kind.SOCIAL_DEVELOPMENT)
    hood.watch_momentum = momentum_of(active, Kind.WATCH)
    hood.consult_momentum = momentum_of(active, Kind.CONSULTATION)


def momentum_of(active: list[Initiative], kind: Kind) -> float:
    """Return the summed momentum of the active initiatives of a kind, at most 1."""
    return min(1.0, sum(i.momentum for i in active if i.kind == kind))


def choose_place(model: ReferenceModel, initiative: Initiative) -> None:
    """Give problem-solving by police a free place: one an intervention names, else the worst.

    Without analysis of crime it is sometimes any place.
    """
    initiative.place = None
    if initiative.lead == Lead.POLICE and initiative.kind == Kind.PROBLEM_SOLVING:
        hood = initiative.neighbourhood
        taken = [i.place for i in hood.initiatives if i.is_active]
        asked = [place for place in dosed_places(model, hood) if place not in taken]
        if asked:
            initiative.place = asked[0]
            return
        group, stream = model.parameters.act, Decision.PROBLEM_PLACE
        event = event_id(initiative.key, 0, model.draws.stream(stream, model.week))
        missed = (1 - group.problem_precision) * (1 - group.analysis_gain * hood.analysis)
        if model.draws.below(event_uniform(event, 0), missed):
            any_place = hood.places[choice(event, 1, len(hood.places))]
            if any_place not in taken:
                initiative.place = any_place
                return
        weight = group.problem_calls
        worst = worst_places(hood.places, lambda place: place.knowledge + weight * place.called)
        free = [place for place in worst if place not in taken]
        initiative.place = free[0] if free else None
