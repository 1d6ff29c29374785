"""Stage 5, act: proactive hours become visits, contacts, solved problems and stocks.

Hours after training, survey and Situation Tables go to interventions first, the rest is
split by the plan's shares; without reinvestment the hours freed since week 0 (yearly means)
are taken away before. An hour of fatigued officers does less; an hour of untrained or
unconvinced ones does less of everything but patrol and enforcement:

    hours = share usable (1 - tired fatigue) [untrained + (1 - untrained) skill]
            [reluctant + (1 - reluctant) adoption]

What visits do to places stands in `visits`.

Stops are a Poisson number per place, of mean stops x visits x the share of the neighbourhood's
visit hours that is enforcement; each weighs on legitimacy with aimed_burden, or with 1 as far
as visits miss. Contacts are a fixed number per hour and add contact_gain (stranger + (1 -
stranger) relation_n) (1 - trust); both meet keyed residents. A problem-solving initiative at
momentum m takes opportunity away towards problem_effect m.
The other tactics are stocks in [0, 1] that follow hours per 1,000 residents h/(h + half), and
``cohort`` follows early intervention over years. Monitoring at-risk groups meets ``watched``
residents an hour, by keyed rejection with weight propensity, and marks them; the mark fades.
Money redesigns the worst places of the town (knowledge x (1 - designed)); design lasts with
half-life design_upkeep (neglect + (1 - neglect) capacity). A lighting project keeps its share
of a neighbourhood's places designed, the worst first.

Only visits, removed opportunity and design act on risk, at a place; all else goes through people.
Sources: Sherman 1990; Hinkle et al. 2020; Peyton et al. 2019.

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
    stream_of,
)
from omemsim.processes.respond import TRIES, TYPICAL_MOST, whole_share
from omemsim.processes.visits import missed, visit, worst_of, worst_places
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Act, Parameters
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.wheel import Kind, Tactic

__all__ = ["step", "worst_places"]

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
    offered = share_out(town, kept - lost)
    service.withdrawn[0] = free - kept
    service.lost[0] = lost
    service.unassigned[0] = max(kept - lost - offered.sum(), 0.0)
    rested, able = effect_of_an_hour(town, group, free)
    do_hours(offered, rested, able, town.neighbourhoods.hours)


def share_out(town: Town, usable: float) -> Any:
    """Return the hours that interventions ask for, scaled if too many, and the plan's shares."""
    hoods = town.neighbourhoods
    asked = hoods.ordered.sum()
    if asked == 0:
        return hoods.share * usable
    ordered = hoods.ordered * min(usable / asked, 1.0)
    return ordered + hoods.share * max(usable - ordered.sum(), 0.0)


def effect_of_an_hour(town: Town, group: Act, free: float) -> tuple[float, float]:
    """Return the dose of a free hour by rest, and by skill and conviction: means over officers."""
    officers = town.officers
    each = np.empty((3, len(officers)))  # weight, rest, and skill and conviction
    weigh_officers(
        (max(free, 1e-12), group.tired, group.untrained, group.reluctant),
        officers.proactive,
        officers.fatigue,
        officers.skill,
        officers.adoption,
        each,
    )
    return float(each[0] @ each[1]), float(each[0] @ each[2])


def stop(town: Town, group: Act, missing: Any) -> None:
    """Let enforcement stop residents at the places it visits; a stop costs trust."""
    hoods, places = town.neighbourhoods, town.places
    stop_residents(
        np.uint64(town.seed),
        town.week,
        hoods.first_place,
        hoods.places,
        hoods.hours,
        missing,
        (np.float32(group.stops), np.float32(group.stop_cost), group.aimed_burden),
        places.key,
        places.visits,
        places.first_resident,
        places.residents,
        town.residents.contact,
        hoods.burden,
    )


def meet(town: Town, group: Act) -> None:
    """Let liaison and consultation officers meet residents; a positive contact adds trust."""
    hoods = town.neighbourhoods
    meet_residents(
        np.uint64(town.seed),
        town.week,
        hoods.hours,
        (group.contacts, group.contact_gain, group.stranger),
        hoods.relation,
        hoods.key,
        hoods.first_resident,
        hoods.residents,
        town.residents.trust,
        town.residents.contact,
    )


def solve(town: Town, group: Act) -> None:
    """Let removed opportunity grow back, and active initiatives remove more of it."""
    rows = town.initiatives
    solve_problems(
        np.float32(1 - decay(group.problem_decay)),
        np.float32(decay(group.problem_onset)),
        np.float32(group.problem_effect),
        rows.is_active,
        rows.kind,
        rows.place,
        rows.momentum,
        town.places.removed,
    )


def watch(town: Town, group: Act) -> None:
    """Let officers who monitor at-risk groups find the most active offenders among them."""
    hoods, residents = town.neighbourhoods, town.residents
    watch_residents(
        np.uint64(town.seed),
        town.week,
        hoods.hours,
        (group.watched, np.float32(1 - decay(group.watch_memory))),
        hoods.key,
        hoods.first_resident,
        hoods.residents,
        residents.propensity,
        town.newcomers,
        residents.monitored,
    )


def redesign(town: Town, group: Act) -> None:
    """Let light and design decay where nobody keeps them up; money renews the worst places."""
    places, hoods, service = town.places, town.neighbourhoods, town.service
    care = group.design_neglect + (1 - group.design_neglect) * hoods.capacity
    keep = 0.5 ** (1 / (group.design_upkeep * care))
    wear(hoods.first_place, hoods.places, keep, places.designed)
    most = whole_share(service.design_places[0], town.week)
    service.places_designed[0] = 0
    if most > 0 or np.count_nonzero(hoods.lit):
        well_kept = places.designed >= WELL_KEPT
        if most > 0:
            renew(town, most)
        for n in np.flatnonzero(hoods.lit > 0):
            light(town, int(n))
        service.places_designed[0] = ((places.designed >= WELL_KEPT) & ~well_kept).sum()


def renew(town: Town, most: int) -> None:
    """Redesign the worst places of the town, as many as money pays for."""
    places = town.places
    score = places.knowledge * (1 - places.designed)
    worst = worst_of(score, most)
    places.designed[worst[score[worst] > 0]] = 1


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
    follow_hours(
        hoods.hours,
        hoods.residents,
        hoods.campaign,
        stock_rates(group),
        tuple(getattr(hoods, name) for name in STOCKS),
    )
    hoods.cohort += np.float32(decay(group.cohort_memory)) * (hoods.early - hoods.cohort)


@once
def stock_rates(group: Act) -> tuple[Any, Any, Any]:
    """Return by stock its tactic, its half and its weekly pace."""
    halves = [getattr(group, f"{name}_half") for name in STOCKS]
    paces = [decay(getattr(group, f"{name}_memory")) for name in STOCKS]
    return (
        np.array([int(tactic) for tactic in STOCKS.values()]),
        np.array(halves),
        np.array(paces, np.float32),
    )


@kernel
def weigh_officers(rates, proactive, fatigue, skill, adoption, each):  # type: ignore[no-untyped-def]
    """Write each officer's part of the free hours, and what their hour does."""
    free, tired, untrained, reluctant = rates
    for i in range(proactive.size):
        skilled = untrained + (1.0 - untrained) * np.float64(skill[i])
        convinced = reluctant + (1.0 - reluctant) * np.float64(adoption[i])
        each[0, i] = proactive[i] / free
        each[1, i] = 1.0 - tired * np.float64(fatigue[i])
        each[2, i] = skilled * convinced


@kernel
def do_hours(offered, rested, able, hours):  # type: ignore[no-untyped-def]
    """Write effective hours; patrol and enforcement need no OMEM skill."""
    for n in range(hours.shape[0]):
        for tactic in range(hours.shape[1]):
            is_taught = tactic != Tactic.PATROL and tactic != Tactic.TARGETED_ENFORCEMENT
            hours[n, tactic] = offered[n, tactic] * (rested * able if is_taught else rested)


@kernel
def stop_residents(  # type: ignore[no-untyped-def]
    seed,
    week,
    first,
    count,
    hours,
    missing,
    rates,
    key,
    visits,
    first_resident,
    residents,
    contact,
    burden,
):
    low, high = stream_of(seed, Decision.STOP, np.int64(week))
    stops, cost, aimed_burden = rates
    for n in range(first.size):
        aimed = hours[n, Tactic.TARGETED_ENFORCEMENT]
        enforcing = aimed / max(aimed + hours[n, Tactic.PATROL], 1e-12)
        stopped = 0
        for p in range(first[n], first[n] + count[n]):
            mean = np.float64(stops * visits[p]) * enforcing
            if mean > 0.0:
                event = event_id(key[p], 0, low, high)
                here = min(poisson(mean, event_uniform(event, 0)), MOST_STOPS)
                for k in range(here):
                    contact[first_resident[p] + choice(event, k + 1, residents[p])] -= cost
                stopped += here
        burden[n] = (aimed_burden + (1.0 - aimed_burden) * missing[n]) * stopped


@kernel
def _whole(meetings, event):  # type: ignore[no-untyped-def]
    """Return a whole number of meetings whose mean is ``meetings``."""
    whole = np.int64(meetings)
    return whole + (event_uniform(event, 0) < meetings - whole)


@kernel
def meet_residents(  # type: ignore[no-untyped-def]
    seed, week, hours, rates, relation, key, first, residents, trust, contact
):
    low, high = stream_of(seed, Decision.CONTACT, np.int64(week))
    contacts, most_gain, stranger = rates
    for n in range(first.size):
        event = event_id(key[n], 0, low, high)
        known = stranger + (1.0 - stranger) * np.float64(relation[n])
        gain = np.float32(most_gain * known)
        meetings = contacts * (hours[n, Tactic.LIAISON] + hours[n, Tactic.CONSULTATION])
        for k in range(_whole(meetings, event)):
            who = first[n] + choice(event, k + 1, residents[n])
            contact[who] += gain * (np.float32(1) - trust[who])


@kernel
def solve_problems(  # type: ignore[no-untyped-def]
    stays, onset, effect, is_active, kind, place, momentum, removed
):
    fade(removed, stays)
    for i in range(place.size):
        if is_active[i] and kind[i] == Kind.PROBLEM_SOLVING and place[i] >= 0:
            here = place[i]  # one initiative a place: see `organize.choose_places`
            gap = max(effect * momentum[i] - removed[here], np.float32(0))
            removed[here] += onset * gap


@kernel
def watch_residents(  # type: ignore[no-untyped-def]
    seed, week, hours, rates, key, first, residents, propensity, newcomers, monitored
):
    low, high = stream_of(seed, Decision.MONITOR, np.int64(week))
    watched, stays = rates
    for who in newcomers:
        monitored[who] = 0
    fade(monitored, stays)
    for n in range(first.size):
        event = event_id(key[n], 0, low, high)
        for k in range(_whole(watched * hours[n, Tactic.MONITOR_AT_RISK_GROUPS], event)):
            for t in range(TRIES):
                salt = 1 + 2 * (TRIES * k + t)
                who = first[n] + choice(event, salt, residents[n])
                if event_uniform(event, salt + 1) < np.float64(propensity[who]) / TYPICAL_MOST:
                    monitored[who] = 1
                    break


@kernel
def wear(first, count, keep, designed):  # type: ignore[no-untyped-def]
    for n in range(first.size):
        fade(designed[first[n] : first[n] + count[n]], keep[n])


@kernel
def follow_hours(hours, residents, campaign, rates, stocks):  # type: ignore[no-untyped-def]
    tactics, halves, paces = rates
    for s in range(len(stocks)):
        stock = stocks[s]
        for n in range(residents.size):
            given = 1000 * hours[n, tactics[s]] / residents[n]
            target = given / (given + halves[s])
            if tactics[s] == Tactic.PUBLIC_EDUCATION:
                target = max(target, np.float64(campaign[n]))
            stock[n] += paces[s] * (target - stock[n])
