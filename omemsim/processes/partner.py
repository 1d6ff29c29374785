"""Stage 6, partner: agencies take cases within capacity; the rest waits.

Who becomes a case says `referral`. A closed agency drops its cases and takes none. An agency
takes waiting cases by (week they began to wait, hash of the seat). While served, support grows,
and it fades slowly ever after:

    faded = 2^(-1/support_decay) support;  support' = faded + [served] treatment skill (1 - faded)

A case closes after service_weeks, waiting ends after give_up weeks, both when the person
moves away. Money for casework and social development adds capacity. Relations with police
drift to 1 where partners are mobilized or a Table meets, else to where they started. Local
services drift, at half-time services_pace, to

    services_level + services_assets assets_n + services_brought mobilization_n

The Situation Table (`situation`) meets last. Source: Heller 2014; Sharkey et al. 2017;
practice.md.

Reads: newcomers, mobilization, assets, funded, is_open. Writes: case, agency, case_since,
support, services, agencies.caseload/waiting/relation, service.table_*.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import FIXED, fade, kernel, list_set, single, stream_of, uniform
from omemsim.processes import referral, situation
from omemsim.processes.referral import NO_CASE, SERVED, WAITING
from omemsim.processes.situation import SECTORS
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Parameters, Partner
from omemsim.vocabulary.rates import decay

__all__ = ["NO_CASE", "SERVED", "WAITING", "services_without_help", "step"]

ROW = np.int64(2**32 - 1)  # the lower half of a whole number


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Close, refer, admit, serve."""
    group = parameters.partner
    rows = np.concatenate((close_cases(town, group), referral.refer(town, group)))
    serve(town, group, rows)
    situation.meet(town, parameters, strategy)


def close_cases(town: Town, group: Partner) -> Any:
    """Close cases that are done, given up, or whose person has left; return rows of the others."""
    residents = town.residents
    return close(
        town.week,
        (group.service_weeks, group.give_up, group.table_rest),
        (residents.case, residents.agency, residents.case_since),
        town.agencies.is_open,
        (town.newcomers.seat, residents.support, residents.table_week),
    )


def serve(town: Town, group: Partner, rows: Any) -> None:
    """Take waiting cases, help those served, and build relations and local services."""
    residents, agencies, hoods = town.residents, town.agencies, town.neighbourhoods
    serve_cases(
        (np.uint64(town.seed), np.int64(town.week)),
        rates(group),
        rows,
        (residents.case, residents.agency, residents.case_since),
        (residents.key, residents.support),
        (agencies.capacity, agencies.funded, agencies.is_open),
        (agencies.caseload, agencies.waiting),
        (agencies.skill, agencies.relation),
        (hoods.catchment, hoods.mobilization, hoods.assets, hoods.services),
        town.service.table_cases,
    )


def services_without_help(group: Partner, assets: Any) -> Any:
    """Return the local services that residents' mean assets (N,) sustain by themselves."""
    return sustained(assets, *single(group, "services_level", "services_assets"))


@once
def rates(group: Partner) -> tuple[Any, ...]:
    """Return the longest wait; what help, sharing and mobilization do, and their paces."""
    sources = single(group, "services_level", "services_assets", "services_brought")
    return (
        int(group.give_up),
        (np.float32(1 - decay(group.support_decay)), np.float32(group.treatment)),
        (
            float(group.relation_start),
            float(group.relation_built),
            np.float32(decay(group.relation_pace)),
        ),
        (*sources, np.float32(decay(group.services_pace))),
    )


@kernel
def serve_cases(  # type: ignore[no-untyped-def]
    now, rates, rows, cases, people, means, counts, partners, hoods, table_cases
):
    """Admit, help, and let relations and services follow."""
    give_up, helping, sharing, bringing = rates
    key, support = people
    skill, relation = partners
    catchment, mobilization, assets, services = hoods
    take_in_order(now, give_up, rows, cases, key, means, counts)
    support_cases(helping, skill, rows, cases[0], cases[1], support)
    meets = 1.0 if table_cases[0] > 0 else 0.0
    relate(sharing, meets, catchment, mobilization, relation)
    follow(bringing, assets, mobilization, services)


@kernel
def forget(fresh, cases, rested):  # type: ignore[no-untyped-def]
    """Close the cases of those who left; newcomers have no support, and can come to a Table."""
    newcomers, support, table_week = fresh
    case, agency, _ = cases
    for i in newcomers:
        case[i], agency[i] = NO_CASE, -1
        support[i] = 0
        table_week[i] = rested


@kernel
def close(week, limits, cases, is_open, fresh):  # type: ignore[no-untyped-def]
    """Close cases; return the rows of those that stay open."""
    case, agency, since = cases
    service_weeks, give_up, table_rest = limits
    forget(fresh, cases, week - table_rest)
    rows = np.empty(case.size + 1, np.int64)
    count = 0
    for i in rows[: list_set(case[: case.size & ~7].view(np.uint64), case, rows)]:
        limit = service_weeks if case[i] == SERVED else give_up
        if week - since[i] >= limit or is_open[agency[i]] == 0:
            case[i], agency[i] = NO_CASE, -1
        else:
            rows[count] = i  # never ahead of the row that is read
            count += 1
    return rows[:count].copy()


@kernel
def take_in_order(now, give_up, rows, cases, key, means, counts):  # type: ignore[no-untyped-def]
    """Let each agency take as many waiting cases as it has room for, in order.

    Who has waited long enough to be surely taken is told by counts of waits; only the last
    ones, who waited equally long, are put in order by their hashes. Nobody has waited longer
    than give_up weeks: `close` ran first.
    """
    n = means[0].size
    line = np.zeros((n, give_up + 1), np.int64)  # who waits, by agency and weeks of waiting
    waits = np.empty(rows.size, np.int64)
    found = count_waits(rows, cases, now[1], counts[0], line, waits)
    surely, left = np.zeros(n, np.int64), np.zeros(n, np.int64)
    share_places(line, means, counts, surely, left)
    take(now, waits[:found], cases, key, surely, left)


@kernel
def count_waits(rows, cases, week, served, line, waits):  # type: ignore[no-untyped-def]
    """Count who is served and who waits how long; list those who wait, and return how many.

    Without branches: which of both a case is, nobody can predict.
    """
    case, agency, since = cases
    served[:] = 0
    found = np.int64(0)
    for i in rows:
        is_waiting = np.int64(case[i] == WAITING)
        served[agency[i]] += 1 - is_waiting
        line[agency[i], is_waiting * (week - since[i])] += is_waiting
        waits[found] = i
        found += is_waiting
    return found


@kernel
def share_places(line, means, counts, surely, left):  # type: ignore[no-untyped-def]
    """Find the wait from which each agency surely takes people, and places left for the next.

    Money buys whole cases; fractions add up down the list of agencies.
    """
    capacity, funded, is_open = means
    caseload, waiting = counts
    paid = bought = 0.0
    for a in range(capacity.size):
        paid += funded[a]
        places = (capacity[a] + np.int64(np.floor(paid) - bought)) * is_open[a]
        bought = np.floor(paid)
        left[a] = max(places - caseload[a], 0)
        in_line = line[a].sum()
        taken = min(left[a], in_line)
        caseload[a] += taken
        waiting[a] = in_line - taken
        surely[a] = line.shape[1]
        while surely[a] > 0 and line[a, surely[a] - 1] <= left[a]:
            surely[a] -= 1
            left[a] -= line[a, surely[a]]


@kernel
def take(now, waits, cases, key, surely, left):  # type: ignore[no-untyped-def]
    """Serve who has waited long enough; of the next, those with the least hashes, then rows."""
    seed, week = now
    case, agency, since = cases
    low, high = stream_of(seed, Decision.REFER, week)
    next_ones = np.empty(waits.size, np.int64)  # the hash in the upper half, the row in the lower
    found = 0
    for i in waits:
        a, wait = agency[i], week - since[i]
        if wait >= surely[a]:
            case[i], since[i] = SERVED, week
        elif wait == surely[a] - 1 and left[a] > 0:
            whole = np.int64(uniform(key[i], low, high) * FIXED)
            next_ones[found] = (whole << 32) | i
            found += 1
    for hash_and_row in np.sort(next_ones[:found]):
        i = hash_and_row & ROW
        if left[agency[i]] > 0:
            left[agency[i]] -= 1
            case[i], since[i] = SERVED, week


@kernel
def support_cases(helping, skill, rows, case, agency, support):  # type: ignore[no-untyped-def]
    """Let support fade for all, and grow for those served."""
    keep, treatment = helping
    fade(support, keep)
    for i in rows:
        gain = treatment if case[i] == SERVED else np.float32(0)
        support[i] += gain * skill[agency[i]] * (np.float32(1) - support[i])


@kernel
def relate(sharing, meets, catchment, mobilization, relation):  # type: ignore[no-untyped-def]
    """Let relations drift to what mobilization of the catchment, or a Table, builds."""
    start, built, pace = sharing
    groups = relation.size // SECTORS
    total, count = np.zeros(groups), np.zeros(groups)
    for n in range(catchment.size):
        total[catchment[n]] += mobilization[n]
        count[catchment[n]] += 1
    for a in range(relation.size):
        c = a // SECTORS
        push = max(total[c] / max(count[c], 1.0), meets)
        target = start + (1 - start) * (built * push)
        relation[a] += pace * (target - relation[a])


@kernel
def sustained(assets, level, per_unit):  # type: ignore[no-untyped-def]
    return np.minimum(level + per_unit * assets, np.float32(1))


@kernel
def follow(bringing, assets, mobilization, services):  # type: ignore[no-untyped-def]
    """Let services drift to what assets sustain and mobilization brings."""
    level, per_unit, brought, pace = bringing
    for n in range(services.size):
        target = sustained(assets[n], level, per_unit) + brought * mobilization[n]
        services[n] += pace * (min(target, np.float32(1)) - services[n])
