"""Stage 13, learn: training raises skill, skill that is used raises adoption; officers leave.

    skill'    = skill + by_training training (1 - skill)
    awareness drifts to 1 wherever there is training, at half-time aware_pace
    adoption' = adoption + by_doing (awareness' skill' - adoption)
An officer is replaced with p = 1 - exp(-turnover/52) and starts anew.

Source: seed 003 (training, awareness). Assumption: an officer who is more skilled than
convinced becomes convinced, one less skilled loses conviction.

Reads: strategy.training. Writes: officers.skill/awareness/adoption,
service.replaced.
"""

from __future__ import annotations

import numpy as np

from omemsim.kernels import draw, probability
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import decay, per_week

__all__ = ["step"]


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Train those who stay, replace those who leave."""
    group, officers = parameters.learn, town.officers
    trained = np.float32(group.by_training * strategy.training)
    officers.skill += np.minimum(trained, 1) * (1 - officers.skill)
    if strategy.training > 0:
        officers.awareness += np.float32(decay(group.aware_pace)) * (1 - officers.awareness)
    convinced = officers.awareness * officers.skill
    officers.adoption += np.float32(group.by_doing) * (convinced - officers.adoption)
    draws = np.zeros(len(officers), np.float32)
    draw(officers.key, stream(town.seed, Decision.TURNOVER, town.week), draws)
    new = draws < probability(np.float32(per_week(group.turnover)))
    officers.skill[new] = group.skill_start
    officers.adoption[new] = group.adoption_start
    officers.awareness[new] = group.aware_start
    town.service.replaced[0] = new.sum()
