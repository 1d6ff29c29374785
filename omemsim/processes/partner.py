"""Stage 6, partner: agencies take cases within capacity; the rest waits.

Who becomes a case says `referral`. A closed agency drops its cases and takes none. An agency
triages: it takes waiting cases by urgency, then by the hash of the seat. Urgency is weeks of
waiting, and ``triage`` weeks more while a crisis is unresolved; since that is longer than anybody
waits, people in a crisis come first, and within both classes those who have waited longest. While
served, support grows, and it fades slowly ever after:

    faded = 2^(-1/support_decay) support;  support' = faded + [served] treatment skill (1 - faded)

A case closes after service_weeks, waiting ends after give_up weeks, both when the person
moves away. Money for casework and social development adds capacity. Relations with police and
local services drift, at half-times relation_pace and services_pace, to

    relation -> relation_start + (1 - relation_start) relation_built
                min(1, max(mean mobilization of the catchment, 1 if a Table meets)
                       (1 + backed (support of council and board - 1/2)))
    services -> services_level + services_assets assets_n + services_brought mobilization_n

The Situation Table (`situation`) meets last. Source: Heller 2014; Sharkey et al. 2017;
practice.md; Sands, Elsom & Colgate 2015 (triage).
"""

from __future__ import annotations

import math
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import (
    FIXED,
    Column,
    Single,
    Whole,
    fade,
    kernel,
    rows_of,
    sort,
    stream_of,
    uniform,
)
from omemsim.processes.referral import NO_CASE, SERVED, WAITING, Cases, refer, urgency
from omemsim.processes.situation import SECTORS, meet
from omemsim.program import Stage
from omemsim.strategies import Strategy, TableLead
from omemsim.town import Table, Town
from omemsim.vocabulary.parameters import Parameters, Partner
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import Sector

__all__ = ["NO_CASE", "SERVED", "STAGE", "WAITING", "services_without_help", "step"]

READS = {
    "newcomers": "seat count",
    "neighbourhoods": "key first_resident residents catchment mobilization social_momentum assets "
    "analysis",
    "places": "key neighbourhood knowledge",
    "households": "children first_resident residents",
    "initiatives": "is_active neighbourhood place",
    "residents": "key household place age income housing addictions family need is_moved "
    "unresolved risk recent noticed",
    "agencies": "is_open capacity skill funded outreach",
    "service": "table_cases council",
}
WRITES = {
    "neighbourhoods": "services table_place",
    "residents": "case agency case_since support table_week is_referred is_resolved",
    "agencies": "caseload waiting relation",
    "service": "table_age acute table_taken table_lowered",
}

ROW = np.int64(2**32 - 1)  # the lower half of a whole number


class PartnerParameters(NamedTuple):
    """What `partner` needs. A pace is the share of a gap that closes in a week."""

    service_weeks: np.int64
    give_up: np.int64
    triage: np.int64  # weeks
    refer_self: np.float32
    outreach: np.float32
    organized: np.float32
    need_found: np.float64
    schools: np.float64
    support_kept: np.float32
    treatment: np.float32
    relation_start: np.float64
    relation_built: np.float64
    relation_pace: np.float32
    services_level: np.float32
    services_assets: np.float32
    services_brought: np.float32
    services_pace: np.float32
    acute: np.float32
    table_rest: np.int64
    table_lowers: np.float64
    table_young: np.float64
    learning_rate: np.float64  # of Tables, per week
    table_support: np.float32
    noticed_acute: np.float32  # episodes from which a noticed resident comes
    table_noticed: np.int64
    table_misjudged: np.float64
    analysis_gain: np.float64
    table_family: np.float64
    family_support: np.float32
    table_places: np.float64
    backed: np.float64
    mismatch: np.float64
    may_lead: Annotated[NDArray[np.uint8], len(Sector)]  # 1 for sectors that lead their own cases


def partner_parameters(parameters: Parameters, strategy: Strategy) -> PartnerParameters:
    """Return what the stage needs; who is left out of the Table leads no case."""
    group = parameters.partner
    absent = [name.upper() for name in strategy.table_absent]
    is_matched = strategy.table_lead is TableLead.MATCHED
    return fill(
        PartnerParameters,
        group,
        triage=int(group.triage),
        noticed_acute=group.acute * (1 - group.table_early),
        analysis_gain=parameters.act.analysis_gain,
        family_support=group.table_family * group.table_support,
        support_kept=1 - decay(group.support_decay),
        relation_pace=decay(group.relation_pace),
        services_pace=decay(group.services_pace),
        learning_rate=math.log(2) / group.table_learns,
        may_lead=[is_matched and sector.name not in absent for sector in Sector],
    )


def services_without_help(group: Partner, assets: Any) -> Any:
    """Return the local services that residents' mean assets (N,) sustain by themselves."""
    level, per_unit = np.float32(group.services_level), np.float32(group.services_assets)
    return np.minimum(level + per_unit * assets, np.float32(1))


@kernel
def partner(town: Town, p: PartnerParameters, week: int) -> None:
    """Serve, close, refer, admit, and meet."""
    reset_newcomers(town.newcomers, town.residents, week - p.table_rest)
    unsettled = rows_of(town.residents.unresolved)
    cases = continue_cases(town, p, week)
    refer(town, unsettled, cases, p, week)
    take_in_order(town, cases, p, week)
    build_relations(town, p)
    follow_services(town.neighbourhoods, p)
    meet(town, unsettled, p, week)


STAGE = Stage(partner, PartnerParameters, partner_parameters)
step = STAGE.step


@kernel
def reset_newcomers(newcomers: Table, residents: Table, rested: Whole) -> None:
    """Close the cases of those who left; newcomers have no support, and can come to a Table."""
    for row in range(newcomers.count[0]):
        i = newcomers.seat[row]
        residents.case[i], residents.agency[i] = NO_CASE, -1
        residents.support[i] = 0
        residents.table_week[i] = rested


@kernel
def continue_cases(town: Town, p: PartnerParameters, week: int) -> Cases:
    """Close cases that are done, given up, or whose agency has closed; count and list the others.

    Support fades for all, and grows for those served. Once over all cases, and without branches
    where nobody can predict them: most cases share no cache line with the one before.
    """
    residents, agencies = town.residents, town.agencies
    case, agency, since = residents.case, residents.agency, residents.case_since
    cases, more_weeks = no_cases(town, p), p.give_up - p.service_weeks
    agencies.caseload[:] = 0
    fade(residents.support, p.support_kept)
    found = np.int64(0)
    for i in rows_of(case):
        a, wait, is_waiting = agency[i], week - since[i], np.int64(case[i] == WAITING)
        is_over = wait >= p.service_weeks + is_waiting * more_weeks
        if is_over or agencies.is_open[a] == 0:
            case[i], agency[i] = NO_CASE, -1
            continue
        agencies.caseload[a] += 1 - is_waiting
        cases.line[a, is_waiting * urgency(residents, i, week, p)] += is_waiting
        cases.waiting[found] = i
        found += is_waiting
        serve(residents, i, agencies.skill[a], np.float32(1 - is_waiting), p)
    cases.number[0] = found
    return cases


@kernel
def no_cases(town: Town, p: PartnerParameters) -> Cases:
    """Return a list without cases, with room for everybody."""
    agencies, everybody = town.agencies.capacity.size, town.residents.case.size
    line = np.zeros((agencies, p.give_up + p.triage + 1), np.int64)
    return Cases(np.empty(everybody, np.int64), np.zeros(1, np.int64), line)


@kernel
def serve(residents: Table, i: Whole, skill: Single, share: Single, p: PartnerParameters) -> None:
    """Let support grow by a share of what a week of service adds: 1, or 0 for who only waits."""
    support = residents.support
    support[i] += p.treatment * share * skill * (np.float32(1) - support[i])


@kernel
def take_in_order(town: Town, cases: Cases, p: PartnerParameters, week: int) -> None:
    """Let each agency take as many waiting cases as it has room for, in order.

    Whose case is urgent enough to be surely taken is told by counts of urgencies; only the last
    ones, equally urgent, are put in order by their hashes. Nobody has waited longer than give_up
    weeks: `continue_cases` ran first.
    """
    take(town, cases, share_room(town.agencies, cases.line), p, week)


class Turn(NamedTuple):
    """How far the lines of agencies move, int64 (A,) each."""

    urgency: Column  # in weeks, from which people are surely taken
    left: Column  # how many more are, of those whose urgency is a week less


@kernel
def share_room(agencies: Table, line: Column) -> Turn:
    """Fill the agencies' room from their lines, the most urgent first.

    Money buys whole cases; fractions add up down the list of agencies.
    """
    caseload, funded = agencies.caseload, agencies.funded
    turn = Turn(np.empty(caseload.size, np.int64), np.empty(caseload.size, np.int64))
    paid = bought = 0.0
    for a in range(caseload.size):
        paid += funded[a]
        room = agencies.capacity[a] + np.int64(np.floor(paid) - bought)
        bought = np.floor(paid)
        left = max(room * agencies.is_open[a] - caseload[a], 0)
        in_line = line[a].sum()
        taken = min(left, in_line)
        caseload[a] += taken
        agencies.waiting[a] = in_line - taken
        least = line[a].size
        while least > 0 and line[a, least - 1] <= left:
            least -= 1
            left -= line[a, least]
        turn.urgency[a], turn.left[a] = least, left
    return turn


@kernel
def take(town: Town, cases: Cases, turn: Turn, p: PartnerParameters, week: int) -> None:
    """Serve whose case is urgent enough; of the next, those with the least hashes, then rows."""
    residents = town.residents
    agency = residents.agency
    stream = stream_of(town.seed, Decision.REFER, week)
    waiting = cases.waiting[: cases.number[0]]
    next_ones = np.empty(waiting.size, np.int64)  # the hash in the upper half, the row in the lower
    found = 0
    for i in waiting:
        a, urgent = agency[i], urgency(residents, i, week, p)
        if urgent >= turn.urgency[a]:
            admit(town, i, p, week)
        elif urgent == turn.urgency[a] - 1 and turn.left[a] > 0:
            whole = np.int64(uniform(residents.key[i], stream.low, stream.high) * FIXED)
            next_ones[found] = (whole << 32) | i
            found += 1
    sort(next_ones[:found])
    for hash_and_row in next_ones[:found]:
        i = hash_and_row & ROW
        if turn.left[agency[i]] > 0:
            turn.left[agency[i]] -= 1
            admit(town, i, p, week)


@kernel
def admit(town: Town, i: Whole, p: PartnerParameters, week: int) -> None:
    """Serve a resident from this week on."""
    residents = town.residents
    residents.case[i], residents.case_since[i] = SERVED, week
    serve(residents, i, town.agencies.skill[residents.agency[i]], np.float32(1), p)


@kernel
def build_relations(town: Town, p: PartnerParameters) -> None:
    """Let relations drift to what mobilization of the catchment, or a Table, builds."""
    hoods, relation = town.neighbourhoods, town.agencies.relation
    meets = 1.0 if town.service.table_cases[0] > 0 else 0.0
    backing = 1 + p.backed * (town.service.council[0] - 0.5)
    groups = relation.size // SECTORS
    total, count = np.zeros(groups), np.zeros(groups)
    for n in range(hoods.catchment.size):
        total[hoods.catchment[n]] += hoods.mobilization[n]
        count[hoods.catchment[n]] += 1
    for a in range(relation.size):
        c = a // SECTORS
        push = min(max(total[c] / max(count[c], 1.0), meets) * backing, 1.0)
        target = p.relation_start + (1 - p.relation_start) * (p.relation_built * push)
        relation[a] += p.relation_pace * (target - relation[a])


@kernel
def sustained(assets: Single, level: Single, per_unit: Single) -> Single:
    """Return the local services that a neighbourhood's assets sustain: `services_without_help`."""
    return np.minimum(level + per_unit * assets, np.float32(1))


@kernel
def follow_services(hoods: Table, p: PartnerParameters) -> None:
    """Let services drift to what assets sustain and mobilization brings."""
    services = hoods.services
    for n in range(services.size):
        target = sustained(hoods.assets[n], p.services_level, p.services_assets)
        target += p.services_brought * hoods.mobilization[n]
        services[n] += p.services_pace * (min(target, np.float32(1)) - services[n])
