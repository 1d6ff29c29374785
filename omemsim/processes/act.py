"""Stage 5, act: proactive hours become visits, contacts, solved problems and stocks.

Hours after training, survey and Situation Tables are split by the plan's shares; without
reinvestment the hours freed since week 0 (yearly means) are taken away first. An hour of
fatigued officers does less; an hour of untrained ones does less of everything but patrol and
enforcement:

    hours = share usable (1 - tired fatigue) [untrained + (1 - untrained) skill adoption]

Visits: ``precision`` of targeted enforcement goes evenly to the worst known places of the
neighbourhood, the rest and all patrol evenly to every place. Deterrence, per place:

    seen       = visits / (visits + visits_half)
    perceived' = perceived + (1 - 2^(-1/memory)) (seen - perceived)
    accustomed'= accustomed + (1 - 2^(-1/accustom)) (perceived' - accustomed)

`offend` reads perceived - accustomed share of it, so a constant dose wears off. Stops are a
Poisson number per place, of mean stops x visits x the share of the neighbourhood's visit
hours that is enforcement; contacts are a fixed number per hour and add contact_gain (1 -
trust); both meet keyed residents. A
problem-solving initiative at momentum m takes opportunity away towards problem_effect m.
The other tactics are stocks in [0, 1] that follow hours per 1,000 residents h/(h + half);
crime analysis aims visits that would miss, monitoring of crime reduction moves visits on from
places that are used to them, and ``cohort`` follows early intervention over years. Monitoring
at-risk groups meets ``watched`` residents an hour, by keyed rejection with weight propensity,
and marks them; the mark fades. Money redesigns the worst places of the town (knowledge x (1 -
designed)); design lasts with half-life design_upkeep (neglect + (1 - neglect) capacity).

Only visits, removed opportunity and design act on risk, at a place; all else goes through people.
Sources: Sherman 1990; Sorg et al. 2013; Hinkle et al. 2020; Peyton et al. 2019.

Reads: share, officers, knowledge, initiatives. Writes: hours, visits, perceived, accustomed,
removed, designed, the stocks, monitored, service.lost/unassigned/withdrawn; leaves contact.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import (
    choice,
    event_id,
    event_uniform,
    fade,
    kernel,
    poisson,
    rows_of,
)
from omemsim.processes.respond import whole_share
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.parameters import Act, Parameters
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.wheel import Tactic

__all__ = ["step", "worst_places"]

UNTAUGHT = [Tactic.PATROL, Tactic.TARGETED_ENFORCEMENT]  # need no OMEM skill
MOST_STOPS = 30
TYPICAL_MOST = 8.0  # propensity that is always recognized; those above are no likelier
TRIES = 30  # residents looked at to find an active offender
# Stocks of a neighbourhood, and the tactic whose hours they follow.
STOCKS = {
    "analysis": Tactic.CRIME_ANALYSIS,
    "rotation": Tactic.MONITOR_CRIME_REDUCTION,
    "upkeep": Tactic.MONITOR_CRIME_PREVENTION,
    "mobilization": Tactic.MOBILIZE_PARTNERS,
    "education": Tactic.PUBLIC_EDUCATION,
    "early": Tactic.EARLY_INTERVENTION,
    "voice": Tactic.CONSULTATION,
    "foresight": Tactic.MONITOR_HAZARDS,
}


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Turn hours into dose."""
    spend_hours(town, parameters, strategy)
    visit(town, parameters.act, strategy)
    stop(town, parameters.act)
    meet(town, parameters.act)
    solve(town, parameters.act)
    watch(town, parameters.act)
    redesign(town, parameters.act)
    build_stocks(town, parameters.act)


def spend_hours(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Split usable hours by the plan's shares, and scale them by skill and fatigue."""
    group, officers, service = parameters.act, town.officers, town.service
    free = officers.proactive.sum()
    freed = 0.0 if strategy.reinvest else service.free_mean[0] - service.free_before[0]
    kept = free - min(max(freed, 0.0), free)
    tables = parameters.partner.table_hours * service.table_taken[0]
    lost = min(kept, strategy.training * kept + service.survey_hours[0] + tables)
    offered = town.neighbourhoods.share * (kept - lost)
    service.withdrawn[0] = free - kept
    service.lost[0] = lost
    service.unassigned[0] = max(kept - lost - offered.sum(), 0.0)
    weight = officers.proactive / max(free, 1e-12)
    rested = weight @ (1 - group.tired * officers.fatigue.astype(float))
    skilled = weight @ (officers.skill.astype(float) * officers.adoption)
    effect = np.full(len(Tactic), rested * (group.untrained + (1 - group.untrained) * skilled))
    effect[UNTAUGHT] = rested
    town.neighbourhoods.hours[:] = offered * effect


def worst_places(knowledge: Any, first: int, count: int, most: int) -> Any:
    """Return the rows of a neighbourhood's worst known places, worst first, ties by row."""
    order = np.argsort(-knowledge[first : first + count], kind="stable")
    return first + order[:most]


def visit(town: Town, group: Act, strategy: Strategy) -> None:
    """Send officers to places, and let offenders notice."""
    places, hoods = town.places, town.neighbourhoods
    visits = group.visits_per_hour * hoods.hours[:, Tactic.TARGETED_ENFORCEMENT]
    missing = (1 - strategy.precision) * (1 - group.analysis_gain * hoods.analysis.astype(float))
    precision = 1 - missing
    spread = group.visits_per_hour * hoods.hours[:, Tactic.PATROL] + (1 - precision) * visits
    places.visits[:] = (spread / hoods.places)[places.neighbourhood]
    most = np.maximum(np.rint(group.worst_share * hoods.places), 1).astype(np.int64)
    aim(
        hoods.first_place,
        hoods.places,
        most,
        (precision * visits / most).astype(np.float32),
        places.knowledge * (1 - hoods.rotation[places.neighbourhood] * places.accustomed),
        places.visits,
    )
    seen = places.visits / (places.visits + np.float32(group.visits_half))
    places.perceived += np.float32(decay(group.visits_memory)) * (seen - places.perceived)
    gap = places.perceived - places.accustomed
    places.accustomed += np.float32(decay(group.accustom)) * gap


def stop(town: Town, group: Act) -> None:
    """Let enforcement stop residents at the places it visits; a stop costs trust."""
    hoods, places = town.neighbourhoods, town.places
    hours = hoods.hours[:, [Tactic.TARGETED_ENFORCEMENT, Tactic.PATROL]]
    enforcing = hours[:, 0] / np.maximum(hours.sum(axis=1), 1e-12)
    mean = group.stops * places.visits * enforcing[places.neighbourhood]
    rows = np.flatnonzero(mean > 0)
    stop_residents(
        mean[rows],
        places.key[rows],
        places.first_resident[rows],
        places.residents[rows],
        stream(town.seed, Decision.STOP, town.week),
        np.float32(-group.stop_cost),
        town.residents.contact,
    )


def meet(town: Town, group: Act) -> None:
    """Let liaison and consultation officers meet residents; a positive contact adds trust."""
    hoods = town.neighbourhoods
    hours = hoods.hours[:, Tactic.LIAISON] + hoods.hours[:, Tactic.CONSULTATION]
    meet_residents(
        group.contacts * hours,
        hoods.key,
        hoods.first_resident,
        hoods.residents,
        stream(town.seed, Decision.CONTACT, town.week),
        np.float32(group.contact_gain),
        town.residents.trust,
        town.residents.contact,
    )


def solve(town: Town, group: Act) -> None:
    """Let removed opportunity grow back, and active initiatives remove more of it."""
    removed, initiatives = town.places.removed, town.initiatives
    removed *= np.float32(1 - decay(group.problem_decay))
    rows = np.flatnonzero((initiatives.is_active == 1) & (initiatives.place >= 0))
    place = initiatives.place[rows]  # one initiative a place: see `organize.choose_places`
    target = np.float32(group.problem_effect) * initiatives.momentum[rows]
    gap = np.maximum(target - removed[place], 0)
    removed[place] += np.float32(decay(group.problem_onset)) * gap


def watch(town: Town, group: Act) -> None:
    """Let officers who monitor at-risk groups find the most active offenders among them."""
    hoods, residents = town.neighbourhoods, town.residents
    residents.monitored[rows_of(residents.is_moved)] = 0
    fade(residents.monitored, np.float32(1 - decay(group.watch_memory)))
    watch_residents(
        group.watched * hoods.hours[:, Tactic.MONITOR_AT_RISK_GROUPS],
        hoods.key,
        hoods.first_resident,
        hoods.residents,
        stream(town.seed, Decision.MONITOR, town.week),
        residents.propensity,
        residents.monitored,
    )


def redesign(town: Town, group: Act) -> None:
    """Let light and design decay where nobody keeps them up; money renews the worst places."""
    places, hoods = town.places, town.neighbourhoods
    care = group.design_neglect + (1 - group.design_neglect) * hoods.capacity
    keep = (0.5 ** (1 / (group.design_upkeep * care))).astype(np.float32)
    places.designed *= keep[places.neighbourhood]
    most = whole_share(town.service.design_places[0], town.week)
    if most == 0:
        return
    score = places.knowledge * (1 - places.designed)
    worst = worst_places(score, 0, len(places), most)
    places.designed[worst[score[worst] > 0]] = 1


def build_stocks(town: Town, group: Act) -> None:
    """Let the stocks follow their hours per 1,000 residents 15+; the cohort grows up slowly."""
    hoods = town.neighbourhoods
    for name, tactic in STOCKS.items():
        stock = getattr(hoods, name)
        half, memory = getattr(group, f"{name}_half"), getattr(group, f"{name}_memory")
        hours = 1000 * hoods.hours[:, tactic] / hoods.residents
        stock += np.float32(decay(memory)) * ((hours / (hours + half)) - stock)
    hoods.cohort += np.float32(decay(group.cohort_memory)) * (hoods.early - hoods.cohort)


@kernel
def aim(first, count, most, share, knowledge, visits):  # type: ignore[no-untyped-def]
    for n in range(first.size):
        if share[n] > 0.0:
            rows = slice(first[n], first[n] + count[n])
            _add_to_worst(most[n], share[n], knowledge[rows], visits[rows])


@kernel
def _add_to_worst(most, share, knowledge, visits):  # type: ignore[no-untyped-def]
    """Add visits to the most known places, ties by row: the same ones as `worst_places`."""
    bar, at_bar = np.float32(np.inf), -1  # the last place taken
    for _ in range(most):
        best, where = np.float32(-1), -1
        for p in range(knowledge.size):
            later = knowledge[p] < bar or (knowledge[p] == bar and p > at_bar)
            if later and knowledge[p] > best:
                best, where = knowledge[p], p
        visits[where] += share
        bar, at_bar = best, where


@kernel
def stop_residents(mean, key, first, residents, luck, cost, contact):  # type: ignore[no-untyped-def]
    for p in range(mean.size):
        event = event_id(key[p], 0, luck[0], luck[1])
        for k in range(min(poisson(mean[p], event_uniform(event, 0)), MOST_STOPS)):
            contact[first[p] + choice(event, k + 1, residents[p])] += cost


@kernel
def watch_residents(meetings, key, first, residents, luck, propensity, monitored):  # type: ignore[no-untyped-def]
    for n in range(meetings.size):
        event = event_id(key[n], 0, luck[0], luck[1])
        whole = np.int64(meetings[n])
        last = event_uniform(event, 0) < meetings[n] - whole
        for k in range(whole + last):
            for t in range(TRIES):
                salt = 1 + 2 * (TRIES * k + t)
                who = first[n] + choice(event, salt, residents[n])
                if event_uniform(event, salt + 1) < np.float64(propensity[who]) / TYPICAL_MOST:
                    monitored[who] = 1
                    break


@kernel
def meet_residents(meetings, key, first, residents, luck, gain, trust, contact):  # type: ignore[no-untyped-def]
    for n in range(meetings.size):
        event = event_id(key[n], 0, luck[0], luck[1])
        whole = np.int64(meetings[n])
        last = event_uniform(event, 0) < meetings[n] - whole
        for k in range(whole + last):
            who = first[n] + choice(event, k + 1, residents[n])
            contact[who] += gain * (np.float32(1) - trust[who])
