"""Stage 5, act: proactive hours become visits, contacts, solved problems and stocks.

Hours after training, survey and Situation Tables go to interventions first, the rest is
split by the plan's shares; without reinvestment the hours freed since week 0 (yearly means)
are taken away before. An hour of
fatigued officers does less; an hour of untrained or unconvinced ones does less of everything
but patrol and enforcement:

    hours = share usable (1 - tired fatigue) [untrained + (1 - untrained) skill]
            [reluctant + (1 - reluctant) adoption]

Visits: ``precision`` of targeted enforcement goes evenly to the worst known places of the
neighbourhood, the rest and all patrol evenly to every place. Deterrence, per place:

    seen       = visits / (visits + visits_half)
    perceived' = perceived + (1 - 2^(-1/memory)) (seen - perceived)
    accustomed'= accustomed + (1 - 2^(-1/accustom)) (perceived' - accustomed)

`offend` reads perceived - accustomed share of it, so a constant dose wears off. Stops are a
Poisson number per place, of mean stops x visits x the share of the neighbourhood's visit
hours that is enforcement; each weighs on legitimacy with aimed_burden, or with 1 as far as
visits miss. Contacts are a fixed number per hour and add contact_gain (stranger + (1 -
stranger) relation_n) (1 - trust); both meet keyed residents. A problem-solving initiative at
momentum m takes opportunity away towards problem_effect m.
The other tactics are stocks in [0, 1] that follow hours per 1,000 residents h/(h + half);
crime analysis aims visits that would miss, monitoring of crime reduction moves visits on from
places that are used to them, and ``cohort`` follows early intervention over years. Monitoring
at-risk groups meets ``watched`` residents an hour, by keyed rejection with weight propensity,
and marks them; the mark fades. Money redesigns the worst places of the town (knowledge x (1 -
designed)); design lasts with half-life design_upkeep (neglect + (1 - neglect) capacity). A
lighting project keeps its share of a neighbourhood's places designed, the worst first.

Only visits, removed opportunity and design act on risk, at a place; all else goes through people.
Sources: Sherman 1990; Sorg et al. 2013; Hinkle et al. 2020; Peyton et al. 2019.

Reads: share, officers, knowledge, initiatives. Writes: hours, visits, perceived, accustomed,
removed, designed, the stocks, monitored, burden, service.lost/unassigned/withdrawn/
places_designed; leaves contact.
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
)
from omemsim.processes.respond import TRIES, TYPICAL_MOST, whole_share
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.parameters import Act, Parameters
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.wheel import Kind, Tactic

__all__ = ["step", "worst_places"]

UNTAUGHT = [Tactic.PATROL, Tactic.TARGETED_ENFORCEMENT]  # need no OMEM skill
MOST_STOPS = 30
WELL_KEPT = 0.5  # light and design that a project keeps up rather than builds anew
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
    missing = missed(town, parameters.act, strategy)
    visit(town, parameters.act, missing)
    stop(town, parameters.act, missing)
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
    ordered = town.neighbourhoods.ordered * _ratio(kept - lost, town.neighbourhoods.ordered.sum())
    rest = max(kept - lost - ordered.sum(), 0.0)
    offered = ordered + town.neighbourhoods.share * rest
    service.withdrawn[0] = free - kept
    service.lost[0] = lost
    service.unassigned[0] = max(kept - lost - offered.sum(), 0.0)
    weight = officers.proactive / max(free, 1e-12)
    rested = weight @ (1 - group.tired * officers.fatigue.astype(float))
    skilled = group.untrained + (1 - group.untrained) * officers.skill.astype(float)
    convinced = group.reluctant + (1 - group.reluctant) * officers.adoption.astype(float)
    effect = np.full(len(Tactic), rested * (weight @ (skilled * convinced)))
    effect[UNTAUGHT] = rested
    town.neighbourhoods.hours[:] = offered * effect


def _ratio(pool: float, asked: float) -> float:
    """Return which part of the hours asked for the pool can give."""
    return min(pool / asked, 1.0) if asked > 0 else 0.0


def worst_places(knowledge: Any, first: int, count: int, most: int) -> Any:
    """Return the rows of a neighbourhood's worst known places, worst first, ties by row."""
    order = np.argsort(-knowledge[first : first + count], kind="stable")
    return first + order[:most]


def missed(town: Town, group: Act, strategy: Strategy) -> Any:
    """Return the share of aimed visits that miss the worst places, float64 (N,)."""
    analysis = town.neighbourhoods.analysis.astype(float)
    return (1 - strategy.precision) * (1 - group.analysis_gain * analysis)


def visit(town: Town, group: Act, missing: Any) -> None:
    """Send officers to places, and let offenders notice."""
    places, hoods = town.places, town.neighbourhoods
    visits = group.visits_per_hour * hoods.hours[:, Tactic.TARGETED_ENFORCEMENT]
    precision = 1 - missing
    spread = group.visits_per_hour * hoods.hours[:, Tactic.PATROL] + (1 - precision) * visits
    places.visits[:] = (spread / hoods.places)[places.neighbourhood]
    most = np.maximum(np.rint(group.worst_share * hoods.places), 1).astype(np.int64)
    used = np.float32(group.rotation_gain) * hoods.rotation
    aim(
        hoods.first_place,
        hoods.places,
        most,
        (precision * visits / most).astype(np.float32),
        places.knowledge * (1 - used[places.neighbourhood] * places.accustomed),
        places.visits,
    )
    seen = places.visits / (places.visits + np.float32(group.visits_half))
    places.perceived += np.float32(decay(group.visits_memory)) * (seen - places.perceived)
    gap = places.perceived - places.accustomed
    places.accustomed += np.float32(decay(group.accustom)) * gap


def stop(town: Town, group: Act, missing: Any) -> None:
    """Let enforcement stop residents at the places it visits; a stop costs trust."""
    hoods, places = town.neighbourhoods, town.places
    hours = hoods.hours[:, [Tactic.TARGETED_ENFORCEMENT, Tactic.PATROL]]
    enforcing = hours[:, 0] / np.maximum(hours.sum(axis=1), 1e-12)
    mean = group.stops * places.visits * enforcing[places.neighbourhood]
    rows = np.flatnonzero(mean > 0)
    stopped = np.zeros(rows.size, np.int64)
    stop_residents(
        mean[rows],
        places.key[rows],
        places.first_resident[rows],
        places.residents[rows],
        stream(town.seed, Decision.STOP, town.week),
        np.float32(-group.stop_cost),
        town.residents.contact,
        stopped,
    )
    weight = group.aimed_burden + (1 - group.aimed_burden) * missing
    stops = np.bincount(places.neighbourhood[rows], stopped, minlength=len(hoods))
    hoods.burden[:] = weight * stops


def meet(town: Town, group: Act) -> None:
    """Let liaison and consultation officers meet residents; a positive contact adds trust."""
    hoods = town.neighbourhoods
    hours = hoods.hours[:, Tactic.LIAISON] + hoods.hours[:, Tactic.CONSULTATION]
    known = group.stranger + (1 - group.stranger) * hoods.relation.astype(float)
    meet_residents(
        group.contacts * hours,
        hoods.key,
        hoods.first_resident,
        hoods.residents,
        stream(town.seed, Decision.CONTACT, town.week),
        (group.contact_gain * known).astype(np.float32),
        town.residents.trust,
        town.residents.contact,
    )


def solve(town: Town, group: Act) -> None:
    """Let removed opportunity grow back, and active initiatives remove more of it."""
    removed, initiatives = town.places.removed, town.initiatives
    removed *= np.float32(1 - decay(group.problem_decay))
    solving = (initiatives.is_active == 1) & (initiatives.kind == Kind.PROBLEM_SOLVING)
    rows = np.flatnonzero(solving & (initiatives.place >= 0))
    place = initiatives.place[rows]  # one initiative a place: see `organize.choose_places`
    target = np.float32(group.problem_effect) * initiatives.momentum[rows]
    gap = np.maximum(target - removed[place], 0)
    removed[place] += np.float32(decay(group.problem_onset)) * gap


def watch(town: Town, group: Act) -> None:
    """Let officers who monitor at-risk groups find the most active offenders among them."""
    hoods, residents = town.neighbourhoods, town.residents
    residents.monitored[town.newcomers] = 0
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
    well_kept = places.designed >= WELL_KEPT
    most = whole_share(town.service.design_places[0], town.week)
    if most > 0:
        score = places.knowledge * (1 - places.designed)
        worst = worst_places(score, 0, len(places), most)
        places.designed[worst[score[worst] > 0]] = 1
    for n in np.flatnonzero(hoods.lit > 0):
        light(town, int(n))
    town.service.places_designed[0] = ((places.designed >= WELL_KEPT) & ~well_kept).sum()


def light(town: Town, n: int) -> None:
    """Keep up what is designed in a neighbourhood, and add worst places to a project's share."""
    places, hoods = town.places, town.neighbourhoods
    rows = slice(hoods.first_place[n], hoods.first_place[n] + hoods.places[n])
    designed = places.designed[rows]
    designed[designed >= WELL_KEPT] = 1
    wanted = max(np.rint(hoods.lit[n] * hoods.places[n]), 1)
    missing = int(wanted - (designed == 1).sum())
    if missing > 0:
        order = worst_places(places.knowledge, rows.start, designed.size, designed.size)
        places.designed[order[places.designed[order] < WELL_KEPT][:missing]] = 1


def build_stocks(town: Town, group: Act) -> None:
    """Let the stocks follow their hours per 1,000 residents 15+; the cohort grows up slowly."""
    hoods = town.neighbourhoods
    for name, tactic in STOCKS.items():
        stock = getattr(hoods, name)
        half, memory = getattr(group, f"{name}_half"), getattr(group, f"{name}_memory")
        hours = 1000 * hoods.hours[:, tactic] / hoods.residents
        target = hours / (hours + half)
        if name == "education":
            target = np.maximum(target, hoods.campaign)
        stock += np.float32(decay(memory)) * (target - stock)
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
def stop_residents(mean, key, first, residents, luck, cost, contact, stopped):  # type: ignore[no-untyped-def]
    for p in range(mean.size):
        event = event_id(key[p], 0, luck[0], luck[1])
        stopped[p] = min(poisson(mean[p], event_uniform(event, 0)), MOST_STOPS)
        for k in range(stopped[p]):
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
            contact[who] += gain[n] * (np.float32(1) - trust[who])
