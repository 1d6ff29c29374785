"""Stage 5, act: proactive hours become visits, contacts, solved problems and stocks.

Hours after training, survey and Situation Tables go to interventions first, the rest is
split by the plan's shares; without reinvestment the hours freed since week 0 (yearly means)
are taken away before. An hour of fatigued officers does less; an hour of untrained or
unconvinced ones does less of everything but what any officer can do (`wheel.UNTAUGHT`):

    hours = share usable (1 - tired fatigue) [untrained + (1 - untrained) skill]
            [reluctant + (1 - reluctant) adoption]

What visits do to places stands in `visits`.

Stops are a Poisson number per place, of mean stops x visits x the share of the neighbourhood's
visit hours that is enforcement; each weighs on legitimacy with aimed_burden, or with 1 as far
as visits miss. Traffic work stops a Poisson number per place besides, of mean traffic_stops
hours/places, none of them aimed. Contacts are a fixed number per hour and add contact_gain
(stranger + (1 - stranger) relation_n) (1 - trust); all of these meet keyed residents. Officers who
back up others shorten the calls of next week, all by the same share:

    backed_up = backup_saves backup / (backup + reactive)

A problem-solving initiative at momentum m takes opportunity away towards problem_effect m.
The other tactics are stocks in [0, 1] that follow hours per 1,000 residents h/(h + half), and
``cohort`` follows early intervention over years. Monitoring at-risk groups meets ``watched``
residents an hour, by keyed rejection with weight propensity, and marks them; the mark fades.
Money redesigns the worst places of the town (knowledge x (1 - designed)); design lasts with
half-life design_upkeep (neglect + (1 - neglect) capacity). A lighting project keeps its share
of a neighbourhood's places designed, the worst first.

Only visits, removed opportunity and design act on risk, at a place; all else goes through people.
Assumption: an hour of backup saves at most backup_saves hours of calls, of every kind alike.
Sources: Sherman 1990; Hinkle et al. 2020; Peyton et al. 2019.

Reads: share, officers, knowledge, recorded, initiatives. Writes: hours, visits, perceived,
accustomed, removed, designed, the stocks, monitored, burden, service.lost/unassigned/withdrawn/
backed_up/places_designed; leaves contact.
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
    paired_sum,
    poisson,
    single,
    stream_of,
)
from omemsim.processes.respond import TRIES, TYPICAL_MOST, whole_share
from omemsim.processes.visits import (
    enforcing,
    missed,
    visit_places,
    visit_rates,
    worst_of,
    worst_places,
)
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Act, Parameters
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.wheel import UNTAUGHT, Kind, Tactic

__all__ = ["step", "worst_places"]

MOST_STOPS = 30
AIMED, UNAIMED = 0, 1  # numbers of a place's events: stops by enforcement, and by traffic work
IS_TAUGHT = np.array([tactic not in UNTAUGHT for tactic in Tactic])
HALF = np.float32(0.5)
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
    back_up(town, parameters.act)
    use_hours(town, parameters.act, strategy.precision)
    redesign(town, parameters.act)


def spend_hours(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Split usable hours by the plan's shares, and scale them by skill and fatigue."""
    hoods, service = town.neighbourhoods, town.service
    split_hours(
        claims(parameters, strategy),
        effect_of_an_hour(town, parameters.act),
        town.officers.proactive,
        (service.free_mean, service.free_before, service.survey_hours, service.table_taken),
        (service.withdrawn, service.lost, service.unassigned),
        (hoods.ordered, hoods.share, hoods.hours),
    )


def back_up(town: Town, group: Act) -> None:
    """Shorten next week's calls by the hours of backup, against those that calls took."""
    hours = town.neighbourhoods.hours[:, Tactic.BACKUP].sum()
    at_calls = hours + town.service.reactive[0]
    town.service.backed_up[0] = group.backup_saves * hours / max(at_calls, 1e-12)


@once
def claims(parameters: Parameters, strategy: Strategy) -> tuple[bool, float, float]:
    """Return whether freed hours are kept, and what training and a Table case take."""
    return strategy.reinvest, float(strategy.training), float(parameters.partner.table_hours)


def effect_of_an_hour(town: Town, group: Act) -> tuple[float, float]:
    """Return the dose of a free hour by rest, and by skill and conviction: means over officers."""
    officers = town.officers
    each = np.empty((3, len(officers)))  # weight, rest, and skill and conviction
    weigh_officers(
        (float(group.tired), float(group.untrained), float(group.reluctant)),
        officers.proactive,
        officers.fatigue,
        officers.skill,
        officers.adoption,
        each,
    )
    return float(each[0] @ each[1]), float(each[0] @ each[2])


def use_hours(town: Town, group: Act, precision: float) -> None:
    """Let officers visit, stop, meet, solve and watch; stocks follow their hours."""
    hoods, places, residents = town.neighbourhoods, town.places, town.residents
    rows = town.initiatives
    do_tactics(
        (np.uint64(town.seed), np.int64(town.week)),
        doses(group),
        1 - precision,
        (hoods.hours, hoods.key, hoods.first_resident, hoods.residents),
        (hoods.first_place, hoods.places, hoods.relation, hoods.campaign, hoods.burden),
        tuple([getattr(hoods, name) for name in STOCKS]),
        hoods.cohort,
        (places.key, places.first_resident, places.residents),
        (places.knowledge, places.recorded),
        (places.visits, places.perceived, places.accustomed, places.removed),
        (rows.is_active, rows.kind, rows.place, rows.momentum),
        (residents.trust, residents.contact, residents.propensity, residents.monitored),
        town.newcomers,
    )


@once
def doses(group: Act) -> tuple[tuple[Any, ...], ...]:
    """Return what hours do: visits, stops, contacts, solved problems, watching, stocks."""
    return (
        visit_rates(group),
        (
            *single(group, "stops", "stop_cost"),
            (float(group.aimed_burden), float(group.traffic_stops)),
        ),
        (float(group.contacts), float(group.contact_gain), float(group.stranger)),
        (
            np.float32(1 - decay(group.problem_decay)),
            np.float32(decay(group.problem_onset)),
            np.float32(group.problem_effect),
        ),
        (float(group.watched), np.float32(1 - decay(group.watch_memory))),
        stock_rates(group),
    )


def stock_rates(group: Act) -> tuple[Any, Any, Any, Any]:
    """Return by stock its tactic, its half and its weekly pace; and the pace of the cohort."""
    halves = [getattr(group, f"{name}_half") for name in STOCKS]
    paces = [decay(getattr(group, f"{name}_memory")) for name in STOCKS]
    return (
        np.array([int(tactic) for tactic in STOCKS.values()]),
        np.array(halves, float),
        np.array(paces, np.float32),
        np.float32(decay(group.cohort_memory)),
    )


def redesign(town: Town, group: Act) -> None:
    """Let light and design decay where nobody keeps them up; money renews the worst places."""
    places, hoods, service = town.places, town.neighbourhoods, town.service
    keep = np.power(HALF, turns_over(care(group), hoods.capacity))
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


@once
def care(group: Act) -> tuple[np.float32, ...]:
    """Return the half-life of design, its share where nobody cares, and the rest."""
    neglect = group.design_neglect
    return np.float32(group.design_upkeep), np.float32(neglect), np.float32(1 - neglect)


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


@kernel
def weigh_officers(rates, proactive, fatigue, skill, adoption, each):  # type: ignore[no-untyped-def]
    """Write each officer's part of the free hours, and what their hour does."""
    tired, untrained, reluctant = rates
    free = max(paired_sum(proactive), 1e-12)
    for i in range(proactive.size):
        skilled = untrained + (1.0 - untrained) * np.float64(skill[i])
        convinced = reluctant + (1.0 - reluctant) * np.float64(adoption[i])
        each[0, i] = proactive[i] / free
        each[1, i] = 1.0 - tired * np.float64(fatigue[i])
        each[2, i] = skilled * convinced


@kernel
def split_hours(claims, effect, proactive, known, booked, hours):  # type: ignore[no-untyped-def]
    """Book what is taken away or lost before tactics, and write the effective hours of each."""
    reinvest, training, table_hours = claims
    free_mean, free_before, survey_hours, table_taken = known
    withdrawn, lost, unassigned = booked
    ordered, share, effective = hours
    free = paired_sum(proactive)
    freed = 0.0 if reinvest else free_mean[0] - free_before[0]
    kept = free - min(max(freed, 0.0), free)
    tables = table_hours * table_taken[0]
    lost[0] = min(kept, training * kept + survey_hours[0] + tables)
    offered = share_out(kept - lost[0], ordered, share)
    withdrawn[0] = free - kept
    unassigned[0] = max(kept - lost[0] - paired_sum(offered.ravel()), 0.0)
    do_hours(offered, effect, effective)


@kernel
def share_out(usable, ordered, share):  # type: ignore[no-untyped-def]
    """Return the hours that interventions ask for, scaled if too many, and the plan's shares."""
    asked = paired_sum(ordered.ravel())
    if asked == 0:
        return share * usable
    scaled = ordered * min(usable / asked, 1.0)
    return scaled + share * max(usable - paired_sum(scaled.ravel()), 0.0)


@kernel
def do_hours(offered, effect, hours):  # type: ignore[no-untyped-def]
    """Write effective hours; what any officer can do needs no OMEM skill."""
    rested, able = effect
    for n in range(hours.shape[0]):
        for tactic in range(hours.shape[1]):
            does = rested * able if IS_TAUGHT[tactic] else rested
            hours[n, tactic] = offered[n, tactic] * does


@kernel
def do_tactics(  # type: ignore[no-untyped-def]
    now,
    doses,
    not_precise,
    hoods,
    near,
    stocks,
    cohort,
    places,
    known,
    risks,
    initiatives,
    people,
    newcomers,
):
    """Do with the hours what each tactic does; what stays of other weeks fades."""
    visiting, stopping, meeting, solving, watching, building = doses
    hours, _, _, residents = hoods
    first_place, count, relation, campaign, burden = near
    trust, contact, propensity, monitored = people
    analysis, rotation = stocks[0], stocks[1]
    missing = missed(not_precise, visiting[0], analysis)
    rows = first_place, count
    visit_places(visiting, hours, missing, rotation, rows, known, risks)
    shares = np.empty(rows[0].size)
    for n in range(shares.size):
        shares[n] = enforcing(visiting, hours[n])
    aimed = shares, missing, risks[0]
    stop_residents(now, stopping, aimed, rows, places, contact, burden)
    stop_traffic(now, stopping, hours, rows, places, contact, burden)
    meet_residents(now, meeting, hoods, relation, trust, contact)
    solve_problems(solving, initiatives, risks[3])
    watch_residents(now, watching, hoods, propensity, newcomers, monitored)
    follow_hours(building, hours, residents, campaign, stocks, cohort)


@kernel
def stop_residents(  # type: ignore[no-untyped-def]
    now, rates, aimed, rows, places, contact, burden
):
    """Let enforcement stop residents at the places it visits; a stop costs trust."""
    luck = stream_of(now[0], Decision.STOP, now[1])
    stops, cost, (aimed_burden, _) = rates
    share, missing, visits = aimed
    first, count = rows
    for n in range(first.size):
        stopped = 0
        for p in range(first[n], first[n] + count[n]):
            mean = np.float64(stops * visits[p]) * share[n]
            stopped += stop_at(p, mean, (luck, AIMED), cost, places, contact)
        burden[n] = (aimed_burden + (1.0 - aimed_burden) * missing[n]) * stopped


@kernel
def stop_traffic(  # type: ignore[no-untyped-def]
    now, rates, hours, rows, places, contact, burden
):
    """Let officers on traffic work stop residents anywhere; such a stop weighs in full."""
    luck = stream_of(now[0], Decision.STOP, now[1])
    _, cost, (_, stops) = rates
    first, count = rows
    for n in range(first.size):
        mean = stops * hours[n, Tactic.TRAFFIC] / count[n]
        for p in range(first[n], first[n] + count[n]):
            burden[n] += stop_at(p, mean, (luck, UNAIMED), cost, places, contact)


@kernel
def stop_at(p, mean, luck, cost, places, contact):  # type: ignore[no-untyped-def]
    """Stop residents of a place, a Poisson number of this mean; return how many."""
    (low, high), kind = luck
    key, first_resident, residents = places
    if mean <= 0.0:
        return 0
    event = event_id(key[p], kind, low, high)
    here = min(poisson(mean, event_uniform(event, 0)), MOST_STOPS)
    for k in range(here):
        contact[first_resident[p] + choice(event, k + 1, residents[p])] -= cost
    return here


@kernel
def _whole(meetings, event):  # type: ignore[no-untyped-def]
    """Return a whole number of meetings whose mean is ``meetings``."""
    whole = np.int64(meetings)
    return whole + (event_uniform(event, 0) < meetings - whole)


@kernel
def meet_residents(now, rates, hoods, relation, trust, contact):  # type: ignore[no-untyped-def]
    """Let liaison and consultation officers meet residents; a positive contact adds trust."""
    low, high = stream_of(now[0], Decision.CONTACT, now[1])
    contacts, most_gain, stranger = rates
    hours, key, first, residents = hoods
    for n in range(first.size):
        event = event_id(key[n], 0, low, high)
        known = stranger + (1.0 - stranger) * np.float64(relation[n])
        gain = np.float32(most_gain * known)
        meetings = contacts * (hours[n, Tactic.LIAISON] + hours[n, Tactic.CONSULTATION])
        for k in range(_whole(meetings, event)):
            who = first[n] + choice(event, k + 1, residents[n])
            contact[who] += gain * (np.float32(1) - trust[who])


@kernel
def solve_problems(rates, initiatives, removed):  # type: ignore[no-untyped-def]
    """Let removed opportunity grow back, and active initiatives remove more of it."""
    stays, onset, effect = rates
    is_active, kind, place, momentum = initiatives
    fade(removed, stays)
    for i in range(place.size):
        if is_active[i] and kind[i] == Kind.PROBLEM_SOLVING and place[i] >= 0:
            here = place[i]  # one initiative a place: see `organize.choose_places`
            gap = max(effect * momentum[i] - removed[here], np.float32(0))
            removed[here] += onset * gap


@kernel
def watch_residents(now, rates, hoods, propensity, newcomers, monitored):  # type: ignore[no-untyped-def]
    """Let officers who monitor at-risk groups find the most active offenders among them."""
    low, high = stream_of(now[0], Decision.MONITOR, now[1])
    watched, stays = rates
    hours, key, first, residents = hoods
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
def turns_over(care, capacity):  # type: ignore[no-untyped-def]
    """Return how many half-lives of design pass in a week in each neighbourhood."""
    upkeep, neglected, cared_for = care
    turns = np.empty_like(capacity)
    for n in range(capacity.size):
        turns[n] = np.float32(1) / (upkeep * (neglected + cared_for * capacity[n]))
    return turns


@kernel
def wear(first, count, keep, designed):  # type: ignore[no-untyped-def]
    for n in range(first.size):
        fade(designed[first[n] : first[n] + count[n]], keep[n])


@kernel
def follow_hours(rates, hours, residents, campaign, stocks, cohort):  # type: ignore[no-untyped-def]
    """Let the stocks follow their hours per 1,000 residents 15+; the cohort grows up slowly."""
    tactics, halves, paces, grown = rates
    for s in range(len(stocks)):
        stock, tactic = stocks[s], tactics[s]
        for n in range(residents.size):
            given = 1000 * hours[n, tactic] / residents[n]
            target = given / (given + halves[s])
            if tactic == Tactic.PUBLIC_EDUCATION:
                target = max(target, np.float64(campaign[n]))
            stock[n] += paces[s] * (target - stock[n])
            if tactic == Tactic.EARLY_INTERVENTION:
                cohort[n] += grown * (stock[n] - cohort[n])
