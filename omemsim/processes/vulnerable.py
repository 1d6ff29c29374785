"""Finding the vulnerable, in stage 5: the other half of monitoring at-risk groups.

Officers meet ``reached`` residents an hour, by keyed rejection in the neighbourhood with weight

    (need^2 + recent victimization + min(recent episodes, 1)) / 3

where recent victimization is the larger of the person's and the dwelling's repeat boost above 1,
over that of a fresh victim. Who is met is referred to an agency (`referral`), counts as noticed for
a Situation Table (`situation`), and is put in touch with victim support, which helps recent victims
(`presence`). That is all: what it does to crime goes through agencies, Tables and victims' own
risk.

Sources: seed 000 (monitoring special, at-risk groups); Braga, Weisburd & Turchan 2018 for the other
half. Assumption: officers see need, victimization and crises as they are, and each counts alike.

`act` calls it, and says what is read and written.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omemsim.kernels import Double, Whole, choice, event_id, event_uniform, kernel, stream_of
from omemsim.processes.own_tactics import OwnDoses, own_hours_as
from omemsim.processes.stopping import TRIES
from omemsim.town import Table, Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import Tactic

__all__ = ["VulnerableParameters", "notice_vulnerable", "vulnerable_parameters"]

LEAST_BOOST = 1e-9  # no division by 0 where victims are not at higher risk again


class VulnerableParameters(NamedTuple):
    """What finding the vulnerable needs."""

    reached_share: np.float64  # residents in an hour of monitoring at-risk groups
    boosted: np.float64  # what a fresh victim's boost is above 1


def vulnerable_parameters(parameters: Parameters) -> VulnerableParameters:
    """Return what finding the vulnerable needs."""
    group = parameters.act
    return fill(
        VulnerableParameters,
        group,
        reached_share=group.reached * (1 - group.watch_offenders),
        boosted=max(parameters.offend.repeat - 1, LEAST_BOOST),
    )


@kernel
def notice_vulnerable(town: Town, p: VulnerableParameters, own: OwnDoses, week: Whole) -> None:
    """Find vulnerable residents, and bring them to agencies, Tables and victim support."""
    hoods, residents, homes = town.neighbourhoods, town.residents, town.households
    stream = stream_of(town.seed, Decision.VULNERABLE, week)
    for n in range(hoods.residents.size):
        event = event_id(hoods.key[n], 0, stream.low, stream.high)
        hours = hoods.hours[n, Tactic.MONITOR_AT_RISK_GROUPS]
        hours += own_hours_as(hoods, n, own.monitoring)
        mean = p.reached_share * hours
        whole = np.int64(mean)
        last = event_uniform(event, 0) < mean - whole
        for k in range(whole + last):
            for t in range(TRIES):
                salt = 1 + 2 * (TRIES * k + t)
                who = hoods.first_resident[n] + choice(event, salt, hoods.residents[n])
                if event_uniform(event, salt + 1) < vulnerability(residents, homes, who, p):
                    residents.noticed[who] = week
                    residents.is_referred[who] = 1
                    residents.is_helped[who] = 1
                    break


@kernel
def vulnerability(residents: Table, homes: Table, who: Whole, p: VulnerableParameters) -> Double:
    """Return how likely officers who look for the vulnerable are to stop at a resident, 0 to 1."""
    need = np.float64(residents.need[who])
    boost = max(residents.boost[who], homes.boost[residents.household[who]])
    victim = (np.float64(boost) - 1.0) / p.boosted
    return (need * need + victim + min(np.float64(residents.recent[who]), 1.0)) / 3.0
