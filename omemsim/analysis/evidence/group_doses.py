"""Doses that go to single residents: what is done with the treated members of a group each week.

A dose enters where the model has that process already, for these residents alone:

    liaison                  ``dose`` effective hours a week per 1,000 members: contacts with them
    monitor_at_risk_groups   the same hours: each finds `act.watched` of them, who are marked
    casework                 ``dose`` referrals a week per 1,000 members to the agencies
    target_hardening         ``dose`` is the share of their dwellings protected in a year

Whoever moves in after the trial began is no member. Hours are of the police; those that are moved
come out of the hours of everything else (`field`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.evidence.trial_design import LIAISON, MONITORING, TrialDesign
from omemsim.schedule import Work
from omemsim.simulation import Simulation
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

__all__ = ["dose_members"]

Rows = NDArray[np.int64]
STREAM = 1202


def dose_members(model: Simulation, design: TrialDesign, members: Rows, replicate: int) -> None:
    """Do this week's work with some residents, before the week is run.

    Parameters
    ----------
    model : its town is changed.
    design : what is done, and the dose.
    members : rows of the residents who are treated and still live there.
    replicate : which random numbers; each week has its own.
    """
    if not members.size or design.dose <= 0:
        return
    town, act = model.town, model.parameters.act
    rng = np.random.default_rng([STREAM, replicate, town.week + 2**20])
    what, thousands = Work[design.what.upper()], members.size / 1000
    residents = town.residents
    if what == LIAISON:
        who = rng.choice(members, rng.poisson(act.contacts * design.dose * thousands))
        hood = town.places.neighbourhood[residents.place[who]]
        known = act.stranger + (1 - act.stranger) * town.neighbourhoods.relation[hood]
        gain = act.contact_gain * known * (1 - residents.trust[who])
        np.add.at(residents.contact, who, gain.astype(np.float32))
    elif what == MONITORING:
        who = rng.choice(members, rng.poisson(act.watched * design.dose * thousands))
        residents.monitored[who] = 1
    elif what == Work.CASEWORK:
        many = min(rng.poisson(design.dose * thousands), members.size)
        residents.is_referred[rng.choice(members, many, replace=False)] = 1
    else:
        dwellings = np.unique(residents.household[members])
        drawn = rng.random(dwellings.size) < -np.expm1(-design.dose / WEEKS_PER_YEAR)
        town.households.protection[dwellings[drawn]] = 1
