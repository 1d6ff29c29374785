"""Stage 5, act: free hours become visits, contacts, solved problems and stocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.design import redesign, wear_out
from omemsim.reference.draws import choice, event_id, event_uniform
from omemsim.reference.own_tactics import build_own_doses, fed, own_hours_as
from omemsim.reference.placed import give_to_places
from omemsim.reference.problems import solve
from omemsim.reference.shifts import waking_share
from omemsim.reference.stopping import stopped_at
from omemsim.reference.visits import missing, notice, visit
from omemsim.reference.vulnerable import notice_vulnerable
from omemsim.vocabulary.columns import LONG_AGO
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.wheel import STOCKS, Tactic

if TYPE_CHECKING:
    from omemsim.reference.agents import Neighbourhood, Place
    from omemsim.reference.draws import Stream
    from omemsim.reference.model import ReferenceModel

__all__ = ["act", "how_many"]

MOST_STOPS = 30  # of a place in a week, by each kind of work
TRIES = 100  # residents looked at to find an active offender
SURELY_ACTIVE = 8.0  # propensity from which an offender who is looked at is always recognized


def act(model: ReferenceModel) -> None:
    """Stage 5: free hours become visits, contacts, solved problems and stocks."""
    spend_hours(model)
    back_up(model)
    stopping = model.draws.stream(Decision.STOP, model.week)
    meeting = model.draws.stream(Decision.CONTACT, model.week)
    watching = model.draws.stream(Decision.MONITOR, model.week)
    for hood in model.neighbourhoods:
        visit(model, hood)
        hood.burden = 0.0
        for place in hood.places:
            notice(model, place)
            stop(model, place, stopping)
            stop_traffic(model, place, stopping)
        meet(model, hood, meeting)
        solve(model, hood)
        watch(model, hood, watching)
        notice_vulnerable(model, hood)
        wear_out(model, hood)
        build_stocks(model, hood)
    redesign(model)


def spend_hours(model: ReferenceModel) -> None:
    """Give usable hours to what is ordered first, the rest by the plan's shares.

    Tired and unskilled officers do less with them.
    """
    group, service, officers = model.parameters.act, model.service, model.officers
    free = sum(officer.proactive for officer in officers)
    usable = keep_hours(model, free)
    asked = sum(sum(hood.ordered) for hood in model.neighbourhoods)
    ratio = min(1.0, usable / asked) if asked > 0 else 0.0
    rest = max(0.0, usable - asked * ratio)
    rested = convinced = 0.0
    for officer in officers:
        part = officer.proactive / max(free, 1e-12)
        rested += part * (1 - group.tired * officer.fatigue)
        skilled = group.untrained + (1 - group.untrained) * officer.skill
        convinced += part * skilled * (group.reluctant + (1 - group.reluctant) * officer.adoption)
    trained = rested * convinced
    given = []
    for hood in model.neighbourhoods:
        pairs = zip(hood.ordered, hood.share, strict=True)
        given.append([ordered * ratio + share * rest for ordered, share in pairs])
        hood.own_hours = [share * rest for share in hood.own_share]
    awake = waking_share(model, free, given)
    assigned = 0.0
    for hood, hours in zip(model.neighbourhoods, given, strict=True):
        assigned += sum(hours) + sum(hood.own_hours)
        hood.hours = [
            hours[tactic]
            * (trained if tactic.use.takes_skill else rested)
            * (1.0 if tactic.use.at_night else awake)
            for tactic in Tactic
        ]
        for k, mine in enumerate(model.strategy.tactics):
            hood.own_hours[k] *= (trained if mine.takes_skill else rested) * awake
    service.unassigned = max(0.0, usable - assigned)
    give_to_places(model, ratio, rested, trained, awake)


def back_up(model: ReferenceModel) -> None:
    """Let those who back up others make next week's calls shorter."""
    backup = sum(hood.hours[Tactic.BACKUP] for hood in model.neighbourhoods)
    part = backup / max(backup + model.service.reactive, 1e-12)
    model.service.backed_up = model.parameters.act.backup_saves * part


def keep_hours(model: ReferenceModel, free: float) -> float:
    """Return the hours left when freed ones are taken away, and training and meetings done."""
    service, strategy = model.service, model.strategy
    freed = 0.0 if strategy.reinvest else service.free_mean - service.free_before
    kept = free - min(max(freed, 0.0), free)
    service.withdrawn = free - kept
    tables = model.parameters.partner.table_hours * service.table_taken
    service.lost = min(kept, strategy.training * kept + service.survey_hours + tables)
    return max(0.0, kept - service.lost + service.extra_hours)


def stop(model: ReferenceModel, place: Place, stopping: Stream) -> None:
    """Let enforcement stop residents where it visits; a stop costs trust, and weighs on all.

    A stop that is not aimed at a place police know of weighs most.

    Parameters
    ----------
    stopping : stream of the week's stops.
    """
    group, hood = model.parameters.act, place.neighbourhood
    hours = hood.hours
    weighs = group.aimed_burden + (1 - group.aimed_burden) * missing(model, hood)
    enforcing = group.visits_per_hour * hours[Tactic.TARGETED_ENFORCEMENT]
    others = group.visits_per_hour * (hours[Tactic.PATROL] + hours[Tactic.DIRECTED_PATROL])
    others += group.traffic_visits * hours[Tactic.TRAFFIC]
    share = enforcing / max(enforcing + others, 1e-12)
    event = event_id(place.key, 0, stopping)
    in_a_visit = group.stops / group.visits_per_hour
    stops = model.draws.poisson(in_a_visit * place.visits * share, event_uniform(event, 0))
    for k in range(min(stops, MOST_STOPS)):
        who = stopped_at(model, place, event, k)
        who.contact -= group.stop_cost
        hood.burden += weighs


def stop_traffic(model: ReferenceModel, place: Place, stopping: Stream) -> None:
    """Let traffic work stop residents at any place; no such stop is aimed.

    Parameters
    ----------
    stopping : stream of the week's stops.
    """
    group, hood = model.parameters.act, place.neighbourhood
    mean = group.traffic_stops * hood.hours[Tactic.TRAFFIC] / len(hood.places)
    event = event_id(place.key, 1, stopping)
    for k in range(min(model.draws.poisson(mean, event_uniform(event, 0)), MOST_STOPS)):
        who = stopped_at(model, place, event, k)
        who.contact -= group.stop_cost
        hood.burden += 1.0


def meet(model: ReferenceModel, hood: Neighbourhood, meeting: Stream) -> None:
    """Let liaison and consultation meet residents; a contact with who is known adds most trust.

    Parameters
    ----------
    meeting : stream of the week's contacts.
    """
    group = model.parameters.act
    gain = group.contact_gain * (group.stranger + (1 - group.stranger) * hood.relation)
    hours = hood.hours[Tactic.LIAISON] + hood.hours[Tactic.CONSULTATION]
    meetings = group.contacts * (hours + own_hours_as(model, hood, "contacts"))
    event = event_id(hood.key, 0, meeting)
    for k in range(how_many(model, meetings, event)):
        who = hood.residents[choice(event, k + 1, len(hood.residents))]
        who.contact += gain * (1 - who.trust)


def how_many(model: ReferenceModel, mean: float, event: int) -> int:
    """Return the whole part of a mean, and one more with probability its fraction.

    Parameters
    ----------
    mean : 0 or more.
    event : identity of what is drawn for.
    """
    whole = model.draws.whole(mean)
    return whole + model.draws.below(event_uniform(event, 0), mean - whole)


def watch(model: ReferenceModel, hood: Neighbourhood, watching: Stream) -> None:
    """Let old marks of monitored residents fade, and officers mark active offenders.

    Parameters
    ----------
    watching : stream of the week's marks.
    """
    group, n = model.parameters.act, len(hood.residents)
    for resident in hood.residents:
        mark = 0.0 if resident.is_moved else resident.monitored
        resident.monitored = (1 - decay(group.watch_memory)) * mark
        if resident.is_moved:
            resident.noticed = LONG_AGO
    event = event_id(hood.key, 0, watching)
    hours = hood.hours[Tactic.MONITOR_AT_RISK_GROUPS] + own_hours_as(model, hood, "monitoring")
    meetings = group.watched * group.watch_offenders * hours
    for k in range(how_many(model, meetings, event)):
        for look in range(TRIES * k, TRIES * (k + 1)):
            who = hood.residents[choice(event, 2 * look + 1, n)]
            u = event_uniform(event, 2 * look + 2)
            if model.draws.below(u, who.propensity / SURELY_ACTIVE):
                who.monitored = 1.0
                break


def build_stocks(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Let stocks follow hours per 1,000 residents 15+, and the cohort early intervention."""
    group, per_head = model.parameters.act, 1000 / len(hood.residents)
    build_own_doses(model, hood)
    for tactic, declared in STOCKS.items():
        name, hours = declared.name, per_head * hood.hours[tactic]
        stock = getattr(hood, name)
        dose = hours / (hours + getattr(group, f"{name}_half"))
        if name == "education":
            dose = max(dose, hood.campaign)
        dose += fed(model, hood, name) * (1 - dose)
        pace = decay(getattr(group, f"{name}_memory"))
        setattr(hood, name, stock + pace * (dose - stock))
    hood.cohort += decay(group.cohort_memory) * (hood.early - hood.cohort)
