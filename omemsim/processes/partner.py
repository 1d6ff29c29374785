"""Stage 6, partner: agencies take cases within capacity; the rest waits.

Referrals come from officers (left by `respond`) and from people with an unresolved crisis
who ask for help with probability refer_self (1 + outreach mobilization). A case goes to
the sector of the person's largest precursor, in the catchment they live in. An agency
takes waiting cases by (week they began to wait, hash of the seat). While served, support
grows, and it fades slowly ever after:

    faded = 2^(-1/support_decay) support;  support' = faded + [served] treatment skill (1 - faded)

A case closes after service_weeks, waiting ends after give_up weeks, both when the person
moves away. Source: Heller 2014; practice.md. Assumption: capacity is fixed.

Reads: need, unresolved, is_referred, mobilization. Writes: case, agency, case_since,
support, agencies.caseload/waiting.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import draw, kernel, rows_of
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.parameters import Parameters, Partner
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.wheel import Sector

__all__ = ["NO_CASE", "SERVED", "WAITING", "step"]

NO_CASE, WAITING, SERVED = 0, 1, 2


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Close, refer, admit, serve."""
    del strategy
    group = parameters.partner
    close_cases(town, group)
    refer(town, group)
    admit(town)
    serve(town, group)


def close_cases(town: Town, group: Partner) -> None:
    """Close cases that are done, given up, or whose person has left."""
    residents = town.residents
    gone = rows_of(residents.is_moved)
    residents.support[gone] = 0
    cases = rows_of(residents.case)
    limit = np.where(residents.case[cases] == SERVED, group.service_weeks, group.give_up)
    over = (town.week - residents.case_since[cases] >= limit) | (residents.is_moved[cases] == 1)
    residents.case[cases[over]] = NO_CASE
    residents.agency[cases[over]] = -1


def refer(town: Town, group: Partner) -> None:
    """Put the referred and those who ask on the list of the agency for their main need."""
    residents = town.residents
    troubled = rows_of(residents.unresolved)
    new = residents.is_moved == 1  # the trouble, and the referral, were their predecessor's
    asks = troubled[(residents.case[troubled] == NO_CASE) & ~new[troubled]]
    draws = np.zeros(asks.size, np.float32)
    draw(residents.key[asks], stream(town.seed, Decision.SELF_REFER, town.week), draws)
    hood = town.places.neighbourhood[residents.place[asks]]
    p = group.refer_self * (1 + group.outreach * town.neighbourhoods.mobilization[hood])
    sent = rows_of(residents.is_referred)
    residents.is_referred[sent] = 0
    sent = sent[(residents.case[sent] == NO_CASE) & ~new[sent]]
    rows = np.union1d(sent, asks[draws < p])
    needs = np.stack([getattr(residents, sector.name.lower())[rows] for sector in Sector])
    hood = town.places.neighbourhood[residents.place[rows]]
    residents.agency[rows] = town.neighbourhoods.catchment[hood] * len(Sector) + needs.argmax(
        axis=0
    )
    residents.case[rows] = WAITING
    residents.case_since[rows] = town.week


def admit(town: Town) -> None:
    """Let each agency take as many waiting cases as it has room for, in order."""
    residents, agencies = town.residents, town.agencies
    cases = rows_of(residents.case)
    is_served = residents.case[cases] == SERVED
    served = np.bincount(residents.agency[cases[is_served]], minlength=len(agencies))
    rows = cases[~is_served]
    hashes = np.zeros(rows.size, np.float32)
    draw(residents.key[rows], stream(town.seed, Decision.REFER, town.week), hashes)
    agency = residents.agency[rows]
    order = np.lexsort((rows, hashes, residents.case_since[rows], agency))
    rows, agency = rows[order], agency[order]
    place_in_line = np.arange(rows.size) - np.searchsorted(agency, agency)
    taken = rows[place_in_line < (agencies.capacity - served)[agency]]
    residents.case[taken] = SERVED
    residents.case_since[taken] = town.week
    agencies.caseload[:] = served + np.bincount(residents.agency[taken], minlength=len(agencies))
    agencies.waiting[:] = np.bincount(agency, minlength=len(agencies)) - np.bincount(
        residents.agency[taken], minlength=len(agencies)
    )


def serve(town: Town, group: Partner) -> None:
    """Let support fade for all and grow for those served."""
    residents = town.residents
    fade(residents.support, np.float32(1 - decay(group.support_decay)))
    cases = rows_of(residents.case)
    rows = cases[residents.case[cases] == SERVED]
    gain: Any = np.float32(group.treatment) * town.agencies.skill[residents.agency[rows]]
    residents.support[rows] += gain * (1 - residents.support[rows])


@kernel
def fade(column, keep):  # type: ignore[no-untyped-def]
    for i in range(column.size):
        column[i] = column[i] * keep
