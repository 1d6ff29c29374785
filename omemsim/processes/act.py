"""Stage 5, act: proactive hours become visits, contacts, solved problems and stocks.

Hours after training, survey and Situation Tables go to interventions first, the rest is
split by the plan's shares; without reinvestment the hours freed since week 0 (yearly means)
are taken away before. An hour of fatigued officers does less; an hour of untrained or
unconvinced ones does less of every tactic that takes skill (`Tactic.use.takes_skill`):

    hours = (ordered + share x rest) x mean(1 - tired fatigue)
            x mean([untrained + (1 - untrained) skill] [reluctant + (1 - reluctant) adoption])

with means over officers weighted by their free hours, the last only for tactics that take skill.
Tactics that need people awake do less where they must be done by night (`shifts.waking_share`).

What visits do to places stands in `visits`, what is done at single places in `placed`, what money
and projects do there in `design`.

Stops are a Poisson number per place, of mean stops/visits_per_hour x visits x the share of the
neighbourhood's visit hours that is enforcement; each weighs on legitimacy with aimed_burden, or
with 1 as far as visits miss. Traffic work stops a Poisson number per place besides, of mean
traffic_stops hours/places, none of them aimed. Whom a stop meets: see `stopping`. Contacts are a
fixed number per hour, meet anybody alike, and add contact_gain (stranger + (1 - stranger)
relation_n) (1 - trust).
Officers who back up others shorten the calls of next week, all by the same share:

    backed_up = backup_saves backup / (backup + reactive)

Problem-solving takes opportunity away in `problems`. What other tactics build up are stocks in
[0, 1] (`wheel.STOCKS`): each follows its tactic's hours per 1,000 residents, h/(h + half);
``cohort`` follows early intervention over years. Tactics of the user's own feed the stocks and
add hours of contact and monitoring (`own_tactics`). Of monitoring at-risk groups, watch_offenders
of the hours meet ``watched`` residents an hour, by keyed rejection with weight propensity, and
mark them; the mark fades. The other hours look for the vulnerable (`vulnerable`).

Only visits, removed opportunity and design act on risk, at a place; all else goes through people.
Assumption: an hour of backup saves at most backup_saves hours of calls, of every kind alike.
Sources: Sherman 1990; Hinkle et al. 2020; Peyton et al. 2019.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import (
    Column,
    Double,
    Hash,
    Whole,
    choice,
    event_id,
    event_uniform,
    fade,
    kernel,
    literal_unroll,
    paired_sum,
    poisson,
    stream_of,
)
from omemsim.processes.context import AGE_SHARES
from omemsim.processes.design import DesignParameters, design_parameters, redesign
from omemsim.processes.own_tactics import (
    OwnDoses,
    build_own_doses,
    do_own_hours,
    fed,
    offer_own_hours,
    own_doses,
    own_hours_as,
)
from omemsim.processes.placed import give_to_places, rejoin, set_apart
from omemsim.processes.problems import ProblemParameters, problem_parameters, solve_problems
from omemsim.processes.shifts import NEEDS_PEOPLE, waking_share
from omemsim.processes.stopping import pick_stopped, stop_exposures
from omemsim.processes.visits import (
    VisitParameters,
    missed,
    share_enforcing,
    visit_parameters,
    visit_places,
)
from omemsim.processes.vulnerable import (
    VulnerableParameters,
    notice_vulnerable,
    vulnerable_parameters,
)
from omemsim.program import Stage
from omemsim.strategies import Strategy
from omemsim.town import EventTable, Table, Town
from omemsim.vocabulary.columns import LONG_AGO
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.random_numbers import Decision, Stream
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import STOCKS, Tactic

__all__ = ["STAGE", "SURE_PROPENSITY", "step"]

STOCK_NAMES = tuple(stock.name for stock in STOCKS.values())
READS = {
    "newcomers": "seat count",
    "neighbourhoods": "key residents first_resident places first_place capacity relation campaign "
    "ordered share lit own_share participants",
    "places": "key first_resident residents knowledge recorded",
    "residents": "trust propensity stop_exposure need recent boost household",
    "households": "boost",
    "officers": "proactive fatigue skill adoption",
    "initiatives": "is_active kind place momentum lead neighbourhood",
    "service": "free_mean free_before free_waking survey_hours table_taken reactive design_places "
    "extra_hours",
    "interventions": "count start end what neighbourhood place dose",
}
WRITES = {
    "neighbourhoods": f"hours burden {' '.join(STOCK_NAMES)} cohort own_hours own_dose",
    "places": "visits perceived accustomed removed designed dosed known_before",
    "residents": "contact monitored noticed is_referred is_helped",
    "service": "lost withdrawn unassigned backed_up places_designed",
    "interventions": "given",
}

_FOLLOWED = np.array([int(tactic) for tactic in STOCKS])  # whose hours each stock follows
MOST_STOPS = 30  # of a place in a week: what `poisson` caps its mean at
AIMED, UNAIMED = 0, 1  # numbers of a place's events: stops by enforcement, and by traffic work
IS_TAUGHT = np.array([tactic.use.takes_skill for tactic in Tactic])
SURE_PROPENSITY = 8.0  # propensity that is always recognized; those above are no likelier
TRIES = 100  # residents looked at to find an active offender: one in 18 is recognized
_ONE, _TACTICS = np.float32(1), len(Tactic)


class ActParameters(NamedTuple):
    """What `act` needs."""

    reinvests: np.bool_  # whether hours set free by falling calls are kept
    training: np.float64  # share of hours
    table_hours: np.float64  # police hours of a Situation Table's case
    tired: np.float64
    night_use: np.float64
    untrained: np.float64
    reluctant: np.float64
    backup_saves: np.float64
    visits: VisitParameters
    stops: np.float32  # residents stopped in a visit of enforcement
    stop_cost: np.float32  # trust
    most_exposed: np.float32  # to stops, of all residents
    aimed_burden: np.float64
    traffic_stops: np.float64  # residents stopped in an hour
    contacts: np.float64  # residents met in an hour
    contact_gain: np.float64
    stranger: np.float64
    problems: ProblemParameters
    watched: np.float64  # residents found in an hour
    watch_offenders: np.float64  # share of hours
    watch_kept: np.float32
    vulnerable: VulnerableParameters
    half: Annotated[NDArray[np.float64], len(STOCKS)]  # hours per 1,000 that half fill a stock
    pace: Annotated[NDArray[np.float32], len(STOCKS)]  # share of a stock's gap closed in a week
    cohort_pace: np.float32
    design: DesignParameters
    own: OwnDoses


def act_parameters(parameters: Parameters, strategy: Strategy) -> ActParameters:
    """Return what the stage needs."""
    group = parameters.act
    return fill(
        ActParameters,
        group,
        reinvests=strategy.reinvest,
        training=strategy.training,
        table_hours=parameters.partner.table_hours,
        visits=visit_parameters(group, strategy.precision),
        stops=group.stops / group.visits_per_hour,
        most_exposed=stop_exposures(parameters.people, AGE_SHARES).most,
        problems=problem_parameters(parameters),
        vulnerable=vulnerable_parameters(parameters),
        watch_kept=1 - decay(group.watch_memory),
        half=[getattr(group, f"{name}_half") for name in STOCK_NAMES],
        pace=[decay(getattr(group, f"{name}_memory")) for name in STOCK_NAMES],
        cohort_pace=decay(group.cohort_memory),
        design=design_parameters(group),
        own=own_doses(strategy.tactics),
    )


@kernel
def act(town: Town, p: ActParameters, week: Whole) -> None:
    """Turn hours into dose."""
    spend_hours(town, p, week)
    use_hours(town, p, week)
    redesign(town, p.design, week)


STAGE = Stage(act, ActParameters, act_parameters)
step = STAGE.step


@kernel
def spend_hours(town: Town, p: ActParameters, week: Whole) -> None:
    """Share out what hours there are, and scale them by what an hour of these officers does."""
    offered = split_hours(town, p)
    free = paired_sum(town.officers.proactive)
    kept = 1.0 - town.service.withdrawn[0] / max(free, 1e-12)
    awake = waking_share(town, offered, kept, p.night_use)
    do_hours(town.neighbourhoods, town.officers, offered, awake, p)
    give_to_places(town, offered, week)
    back_up(town.neighbourhoods, town.service, p)


@kernel
def use_hours(town: Town, p: ActParameters, week: Whole) -> None:
    """Do with the hours what each tactic does; what stays of other weeks fades."""
    set_apart(town.neighbourhoods, town.interventions, week)
    visit_places(town, p.visits, week)
    rejoin(town.neighbourhoods, town.interventions, week)
    stop_residents(town, week, p)
    stop_traffic(town, week, p)
    meet_residents(town, week, p)
    solve_problems(town, p.problems)
    watch_residents(town, week, p)
    notice_vulnerable(town, p.vulnerable, p.own, week)
    follow_hours(town.neighbourhoods, p)


@kernel
def split_hours(town: Town, p: ActParameters) -> Column:
    """Book what is taken away or lost before tactics; return the rest, float64 (N, tactics)."""
    hoods, service = town.neighbourhoods, town.service
    free = paired_sum(town.officers.proactive)
    freed = 0.0 if p.reinvests else service.free_mean[0] - service.free_before[0]
    kept = free - min(max(freed, 0.0), free)
    tables = p.table_hours * service.table_taken[0]
    service.lost[0] = min(kept, p.training * kept + service.survey_hours[0] + tables)
    usable = max(kept - service.lost[0] + service.extra_hours[0], 0.0)
    left = left_by_orders(hoods, usable)
    offered = share_out(hoods, usable, left)
    service.withdrawn[0] = free - kept
    used = paired_sum(offered.ravel()) + offer_own_hours(hoods, left)
    service.unassigned[0] = max(usable - used, 0.0)
    return offered


@kernel
def ordered_hours(hoods: Table, usable: Double) -> Column:
    """Return the hours that interventions ask for, scaled if there are not so many."""
    asked = paired_sum(hoods.ordered.ravel())
    scaled: Column = hoods.ordered * min(usable / max(asked, 1e-12), 1.0)
    return scaled


@kernel
def left_by_orders(hoods: Table, usable: Double) -> Double:
    """Return the hours that interventions leave for the plan's shares."""
    return max(usable - paired_sum(ordered_hours(hoods, usable).ravel()), 0.0)


@kernel
def share_out(hoods: Table, usable: Double, left: Double) -> Column:
    """Return the hours that interventions ask for, scaled if too many, and the plan's shares."""
    planned: Column = hoods.share * left
    return ordered_hours(hoods, usable) + planned


class Effect(NamedTuple):
    """The dose of a free hour, means over officers: 1 is a rested, skilled, convinced one."""

    rested: float
    able: float


@kernel
def effect_of_an_hour(officers: Table, p: ActParameters) -> Effect:
    """Return what fatigue, skill and conviction make of a free hour."""
    free = max(paired_sum(officers.proactive), 1e-12)
    rested, able = 0.0, 0.0
    for i in range(officers.proactive.size):
        share = officers.proactive[i] / free
        skilled = p.untrained + (1.0 - p.untrained) * np.float64(officers.skill[i])
        convinced = p.reluctant + (1.0 - p.reluctant) * np.float64(officers.adoption[i])
        rested += share * (1.0 - p.tired * np.float64(officers.fatigue[i]))
        able += share * (skilled * convinced)
    return Effect(rested, able)


@kernel
def do_hours(
    hoods: Table, officers: Table, offered: Column, awake: Double, p: ActParameters
) -> None:
    """Write effective hours; what any officer can do needs no OMEM skill.

    Parameters
    ----------
    offered : float64 (N, tactics), hours before all that makes them do less.
    awake : what an hour of tactics that need people awake does, 0 to 1 (`waking_share`).
    """
    effect = effect_of_an_hour(officers, p)
    for n in range(hoods.residents.size):
        for tactic in range(_TACTICS):
            does = effect.rested * effect.able if IS_TAUGHT[tactic] else effect.rested
            does *= awake if NEEDS_PEOPLE[tactic] else 1.0
            hoods.hours[n, tactic] = offered[n, tactic] * does
        do_own_hours(hoods, n, effect.rested * awake, effect.able, p.own)


@kernel
def back_up(hoods: Table, service: Table, p: ActParameters) -> None:
    """Shorten next week's calls by the hours of backup, against those that calls took."""
    hours = 0.0
    for n in range(hoods.residents.size):
        hours += hoods.hours[n, Tactic.BACKUP]
    at_calls = max(hours + service.reactive[0], 1e-12)
    service.backed_up[0] = p.backup_saves * hours / at_calls


@kernel
def stop_residents(town: Town, week: Whole, p: ActParameters) -> None:
    """Let enforcement stop residents at the places it visits; a stop costs trust."""
    hoods, places = town.neighbourhoods, town.places
    stream = stream_of(town.seed, Decision.STOP, week)
    u = np.empty(hoods.places.max())
    for n in range(hoods.places.size):
        share, stopped = share_enforcing(hoods.hours[n], p.visits), 0
        if share > 0.0:
            here = slice(hoods.first_place[n], hoods.first_place[n] + hoods.places[n])
            ask_stops(places.key[here], stream, AIMED, u)
            for k in range(hoods.places[n]):
                mean = np.float64(p.stops * places.visits[here.start + k]) * share
                stopped += stop_at(town, here.start + k, poisson(mean, u[k]), stream, AIMED, p)
        unaimed = (1.0 - p.aimed_burden) * missed(hoods.analysis[n], p.visits)
        hoods.burden[n] = (p.aimed_burden + unaimed) * stopped


@kernel
def stop_traffic(town: Town, week: Whole, p: ActParameters) -> None:
    """Let officers on traffic work stop residents anywhere; such a stop weighs in full."""
    hoods, places = town.neighbourhoods, town.places
    stream = stream_of(town.seed, Decision.STOP, week)
    u = np.empty(hoods.places.max())
    for n in range(hoods.places.size):
        mean = p.traffic_stops * hoods.hours[n, Tactic.TRAFFIC] / hoods.places[n]
        if mean > 0.0:
            here = slice(hoods.first_place[n], hoods.first_place[n] + hoods.places[n])
            ask_stops(places.key[here], stream, UNAIMED, u)
            for k in range(hoods.places[n]):
                stops = poisson(mean, u[k])
                hoods.burden[n] += stop_at(town, here.start + k, stops, stream, UNAIMED, p)


@kernel
def ask_stops(key: Column, stream: Stream, number: Whole, u: Column) -> None:
    """Write the uniform that says how many are stopped at each place: apart, so it vectorizes.

    Parameters
    ----------
    key : uint32 (places,), of a neighbourhood's places.
    stream : stream of the week's stops.
    number : of the event: stops by enforcement, or by traffic work.
    u : float64 (at least places,), written to.
    """
    for k in range(key.size):
        u[k] = event_uniform(event_id(key[k], number, stream.low, stream.high), 0)


@kernel
def stop_at(
    town: Town, place: Whole, stops: Whole, stream: Stream, number: Whole, p: ActParameters
) -> Whole:
    """Stop so many residents of a place, at most MOST_STOPS; return how many.

    Parameters
    ----------
    place : row.
    stops : drawn for it, 0 or more.
    stream, number : as for `ask_stops`.
    """
    places, residents = town.places, town.residents
    here = min(stops, MOST_STOPS)
    if here > 0:
        event = event_id(places.key[place], number, stream.low, stream.high)
        for k in range(here):
            who = pick_stopped(places, residents, place, event, k, p.most_exposed)
            residents.contact[who] -= p.stop_cost
    return here


@kernel
def whole_number(mean: Double, event: Hash) -> Whole:
    """Return a whole number of meetings of this mean."""
    whole = np.int64(mean)
    return whole + (event_uniform(event, 0) < mean - whole)


@kernel
def meet_residents(town: Town, week: Whole, p: ActParameters) -> None:
    """Let liaison and consultation officers meet residents; a positive contact adds trust."""
    hoods, residents = town.neighbourhoods, town.residents
    stream = stream_of(town.seed, Decision.CONTACT, week)
    for n in range(hoods.residents.size):
        event = event_id(hoods.key[n], 0, stream.low, stream.high)
        known = p.stranger + (1.0 - p.stranger) * np.float64(hoods.relation[n])
        gain = np.float32(p.contact_gain * known)
        hours = hoods.hours[n, Tactic.LIAISON] + hoods.hours[n, Tactic.CONSULTATION]
        hours += own_hours_as(hoods, n, p.own.contacts)
        for k in range(whole_number(p.contacts * hours, event)):
            who = hoods.first_resident[n] + choice(event, k + 1, hoods.residents[n])
            residents.contact[who] += gain * (_ONE - residents.trust[who])


@kernel
def watch_residents(town: Town, week: Whole, p: ActParameters) -> None:
    """Let officers who monitor at-risk groups find the most active offenders among them."""
    hoods, residents = town.neighbourhoods, town.residents
    stream = stream_of(town.seed, Decision.MONITOR, week)
    reset_newcomers(town.newcomers, residents)
    fade(residents.monitored, p.watch_kept)
    for n in range(hoods.residents.size):
        event = event_id(hoods.key[n], 0, stream.low, stream.high)
        hours = hoods.hours[n, Tactic.MONITOR_AT_RISK_GROUPS]
        hours += own_hours_as(hoods, n, p.own.monitoring)
        for k in range(whole_number(p.watched * p.watch_offenders * hours, event)):
            for t in range(TRIES):
                salt = 1 + 2 * (TRIES * k + t)
                who = hoods.first_resident[n] + choice(event, salt, hoods.residents[n])
                chance = np.float64(residents.propensity[who]) / SURE_PROPENSITY
                if event_uniform(event, salt + 1) < chance:
                    residents.monitored[who] = 1
                    break


@kernel
def reset_newcomers(newcomers: EventTable, residents: Table) -> None:
    """Nobody watches newcomers for what their predecessors did, or noticed them yet."""
    for row in range(newcomers.count[0]):
        residents.monitored[newcomers.seat[row]] = 0
        residents.noticed[newcomers.seat[row]] = LONG_AGO


@kernel
def follow_hours(hoods: Table, p: ActParameters) -> None:
    """Let the stocks follow their hours; the cohort grows up slowly."""
    build_own_doses(hoods, p.own)
    number = 0
    for name in literal_unroll(STOCK_NAMES):
        build(hoods, getattr(hoods, name), number, p)
        number += 1  # noqa: SIM113 - Numba unrolls names only, not enumerate's pairs
    for n in range(hoods.residents.size):
        hoods.cohort[n] += p.cohort_pace * (hoods.early[n] - hoods.cohort[n])


@kernel
def build(hoods: Table, stock: Column, number: Whole, p: ActParameters) -> None:
    """Let a stock follow its tactic's hours per 1,000 residents 15+; campaigns teach too."""
    tactic = _FOLLOWED[number]
    for n in range(stock.size):
        hours = 1000 * hoods.hours[n, tactic] / hoods.residents[n]
        target = hours / (hours + p.half[number])
        if tactic == Tactic.PUBLIC_EDUCATION:
            target = max(target, np.float64(hoods.campaign[n]))
        target += fed(hoods, n, number, p.own) * (1.0 - target)
        stock[n] += p.pace[number] * (target - stock[n])
