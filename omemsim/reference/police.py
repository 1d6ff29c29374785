"""What police do: stages 3 (plan), 4 (respond), 5 (act), 12 (account) and 13 (learn)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.luck import choice, event_id, event_uniform, probability, uniform
from omemsim.reference.zones import last_weeks
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.rates import decay, per_week
from omemsim.vocabulary.wheel import CallType, Tactic, Zone

if TYPE_CHECKING:
    from omemsim.reference.agents import Call, Neighbourhood, Place
    from omemsim.reference.luck import Stream
    from omemsim.reference.model import ReferenceModel

__all__ = ["account", "act", "learn", "plan", "respond", "worst_places"]

PRIORITY = {
    CallType.VIOLENCE: 0,
    CallType.DISORDER: 1,
    CallType.HOUSEHOLD: 2,
    CallType.SERVICE: 3,
    CallType.THEFT: 4,
    CallType.BUSINESS: 4,
}
REFER_SALT = 3
MOST_STOPS = 30


def plan(model: ReferenceModel) -> None:
    """Stage 3: the strategy turns zones, calls and population into shares of hours."""
    weights = [weight(model, hood) for hood in model.neighbourhoods]
    total = sum(weights)
    for hood, part in zip(model.neighbourhoods, weights, strict=True):
        mix = model.strategy.mix.get(Zone(hood.zone).name.lower(), {})
        hood.share = [part / total * mix.get(tactic.name.lower(), 0.0) for tactic in Tactic]


def weight(model: ReferenceModel, hood: Neighbourhood) -> float:
    """Return a neighbourhood's weight in the strategy's allocation."""
    by = model.strategy.allocation.value
    if by == "equal":
        return 1.0
    if by == "calls":
        return last_weeks(hood.past_calls, model.week, model.strategy.window) + 1.0
    if by == "need":
        return hood.population * (len(Zone) - hood.zone)
    return hood.population


def respond(model: ReferenceModel) -> None:
    """Stage 4: last week's calls and the queue take officers' hours first."""
    group, service = model.parameters.respond, model.service
    for officer in model.officers:
        officer.proactive, officer.reactive = officer.offered, 0.0
    calls = model.queue + model.calls
    calls.sort(key=lambda c: (PRIORITY[CallType(c.type)], c.week, c.day, c.event))
    pool = sum(officer.offered for officer in model.officers)
    model.queue = []
    service.answered = service.closed = 0
    for call in calls:
        hours = getattr(group, f"hours_{CallType(call.type).name.lower()}")
        if hours <= pool:
            pool -= hours
            send_officers(model, call, hours)
            service.answered += 1
        else:
            keep_waiting(model, call)
    service.waiting = len(model.queue)
    tire(model)


def send_officers(model: ReferenceModel, call: Call, hours: float) -> None:
    """Answer a call: the nearest officer with hours left goes first, then the next."""
    number = call.place.neighbourhood.first_officer
    for _ in model.officers:
        officer = model.officers[number]
        taken = min(officer.proactive, hours)
        officer.proactive -= taken
        officer.reactive += taken
        hours -= taken
        if hours <= 0:
            break
        number = (number + 1) % len(model.officers)
    if call.caller is not None and still_there(call):
        call.caller.contact += model.parameters.respond.answered_well
        if call.type == CallType.DISORDER and model.luck.below(
            event_uniform(call.event, REFER_SALT), model.parameters.partner.refer
        ):
            call.caller.is_referred = True


def still_there(call: Call) -> bool:
    """Say whether the caller still lives where they called from, or someone else does."""
    return call.caller is not None and call.week >= call.caller.household.since_week


def keep_waiting(model: ReferenceModel, call: Call) -> None:
    """Let a call wait another week or close it; either costs the caller's trust."""
    group = model.parameters.respond
    if call.caller is not None and still_there(call):
        call.caller.contact -= group.waiting_cost
    if model.week - call.week < group.patience:
        model.queue.append(call)
    else:
        model.service.closed += 1


def tire(model: ReferenceModel) -> None:
    """Let officers tire above the cap and recover; add up the service's hours."""
    group, officers = model.parameters.respond, model.officers
    for officer in officers:
        over = max(0.0, officer.reactive / max(officer.offered, 1e-12) - group.busy_cap)
        fatigue = (1 - group.recovery) * officer.fatigue + group.tiring * over
        officer.fatigue = min(1.0, fatigue)
    model.service.offered = sum(officer.offered for officer in officers)
    model.service.reactive = sum(officer.reactive for officer in officers)


def act(model: ReferenceModel) -> None:
    """Stage 5: free hours become visits, contacts, solved problems, education."""
    spend_hours(model)
    stopping = model.luck.stream(Decision.STOP, model.week)
    meeting = model.luck.stream(Decision.CONTACT, model.week)
    for hood in model.neighbourhoods:
        visit(model, hood)
        for place in hood.places:
            notice(model, place)
            stop(model, place, stopping)
        meet(model, hood, meeting)
        solve(model, hood)
        build_stocks(model, hood)


def spend_hours(model: ReferenceModel) -> None:
    """Split usable hours by the plan's shares, scaled by fatigue and skill."""
    group, service, officers = model.parameters.act, model.service, model.officers
    free = sum(officer.proactive for officer in officers)
    service.lost = min(free, model.strategy.training * free + service.survey_hours)
    usable = free - service.lost
    planned = sum(sum(hood.share) for hood in model.neighbourhoods)
    service.unassigned = max(0.0, usable - usable * planned)
    rested = skilled = 0.0
    for officer in officers:
        part = officer.proactive / max(free, 1e-12)
        rested += part * (1 - group.tired * officer.fatigue)
        skilled += part * officer.skill * officer.adoption
    trained = rested * (group.untrained + (1 - group.untrained) * skilled)
    for hood in model.neighbourhoods:
        hood.hours = [share * usable * trained for share in hood.share]
        for tactic in (Tactic.PATROL, Tactic.TARGETED_ENFORCEMENT):
            hood.hours[tactic] = hood.share[tactic] * usable * rested


def worst_places(hood: Neighbourhood, most: int) -> list[Place]:
    """Return a neighbourhood's worst known places, worst first, ties by row."""
    return sorted(hood.places, key=lambda place: -place.knowledge)[:most]


def visit(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Send patrol everywhere alike, and the aimed part of enforcement to the worst places."""
    group, precision = model.parameters.act, model.strategy.precision
    aimed = group.visits_per_hour * hood.hours[Tactic.TARGETED_ENFORCEMENT]
    spread = group.visits_per_hour * hood.hours[Tactic.PATROL] + (1 - precision) * aimed
    for place in hood.places:
        place.visits = spread / len(hood.places)
    worst = worst_places(hood, max(1, round(group.worst_share * len(hood.places))))
    for place in worst:
        place.visits += precision * aimed / len(worst)


def notice(model: ReferenceModel, place: Place) -> None:
    """Let offenders notice visits, and get used to them."""
    group = model.parameters.act
    seen = place.visits / (place.visits + group.visits_half)
    place.perceived += decay(group.visits_memory) * (seen - place.perceived)
    place.accustomed += decay(group.accustom) * (place.perceived - place.accustomed)


def stop(model: ReferenceModel, place: Place, stopping: Stream) -> None:
    """Let enforcement stop residents where it visits; a stop costs trust."""
    group, hours = model.parameters.act, place.neighbourhood.hours
    enforcing, patrol = hours[Tactic.TARGETED_ENFORCEMENT], hours[Tactic.PATROL]
    share = enforcing / max(enforcing + patrol, 1e-12)
    event = event_id(place.key, 0, stopping)
    stops = model.luck.poisson(group.stops * place.visits * share, event_uniform(event, 0))
    for k in range(min(stops, MOST_STOPS)):
        who = place.residents[choice(event, k + 1, len(place.residents))]
        who.contact -= group.stop_cost


def meet(model: ReferenceModel, hood: Neighbourhood, meeting: Stream) -> None:
    """Let liaison and consultation meet residents; a positive contact adds trust."""
    group = model.parameters.act
    meetings = group.contacts * (hood.hours[Tactic.LIAISON] + hood.hours[Tactic.CONSULTATION])
    event = event_id(hood.key, 0, meeting)
    whole = int(meetings)
    one_more = model.luck.below(event_uniform(event, 0), meetings - whole)
    for k in range(whole + one_more):
        who = hood.residents[choice(event, k + 1, len(hood.residents))]
        who.contact += group.contact_gain * (1 - who.trust)


def solve(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Let removed opportunity grow back, and active initiatives remove more of it."""
    group = model.parameters.act
    for place in hood.places:
        place.removed *= 1 - decay(group.problem_decay)
    for initiative in hood.initiatives:
        if initiative.is_active and initiative.place is not None:
            gap = group.problem_effect * initiative.momentum - initiative.place.removed
            initiative.place.removed += decay(group.problem_onset) * max(0.0, gap)


def build_stocks(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Let education and mobilization follow their hours per 1,000 residents 15+."""
    group, per_head = model.parameters.act, 1000 / len(hood.residents)
    taught = per_head * hood.hours[Tactic.PUBLIC_EDUCATION]
    dose = taught / (taught + group.education_half)
    hood.education += decay(group.education_decay) * (dose - hood.education)
    rallied = per_head * hood.hours[Tactic.MOBILIZE_PARTNERS]
    dose = rallied / (rallied + group.mobilize_half)
    hood.mobilization += decay(group.mobilize_decay) * (dose - hood.mobilization)


def account(model: ReferenceModel) -> None:
    """Stage 12: what the week cost, by payer."""
    parameters, service = model.parameters, model.service
    population = sum(hood.population for hood in model.neighbourhoods)
    sworn = parameters.respond.sworn / 100_000 * population
    service.police_cost = per_week(parameters.account.officer) * sworn
    service.agency_cost = parameters.partner.cost * sum(a.caseload for a in model.agencies)


def learn(model: ReferenceModel) -> None:
    """Stage 13: officers gain skill and conviction, or are replaced."""
    group = model.parameters.learn
    trained = min(1.0, group.by_training * model.strategy.training)
    leaving = model.luck.stream(Decision.TURNOVER, model.week)
    p = probability(per_week(group.turnover))
    model.service.replaced = 0
    for officer in model.officers:
        officer.skill += trained * (1 - officer.skill)
        officer.adoption += group.by_doing * (officer.skill - officer.adoption)
        if model.luck.below(uniform(officer.key, leaving), p):
            officer.skill, officer.adoption = group.skill_start, group.adoption_start
            model.service.replaced += 1
