"""Local hazards, in stage 1: a derelict building, a rowdy venue. They come up, last, are defused.

In each neighbourhood and week one comes up with probability hazard_rate. It raises offending there
by hazard_size, and loses half of that in hazard_memory weeks by itself. Where officers monitor
hazards and residents are vigilant, part of them is defused:

    hazard' = kept (1 - hazard_defused foresight_n vigilance_n) hazard + hazard_size [one comes up]

`offend` multiplies rates with (1 + hazard_n)/(1 + usual), usual = hazard_rate hazard_size/(1 -
kept), the mean where nobody defuses any: base rates mean what they meant.

Source: seed 000 (police point out potential risks and encourage people to deal with them).
Assumption: hazards come up alike everywhere, and act on the whole neighbourhood.

`context` calls it, and says what is read and written.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omemsim.kernels import Whole, kernel, stream_of, uniform
from omemsim.town import Town
from omemsim.vocabulary.parameters import Context
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.records import fill

__all__ = ["HazardParameters", "hazard_parameters", "meet_hazards", "usual_hazard"]


class HazardParameters(NamedTuple):
    """What hazards need."""

    hazard_rate: np.float32
    hazard_size: np.float64
    hazard_kept: np.float64  # share that a week leaves
    hazard_defused: np.float64


def hazard_parameters(group: Context) -> HazardParameters:
    """Return what hazards need."""
    return fill(HazardParameters, group, hazard_kept=1 - decay(group.hazard_memory))


def usual_hazard(group: Context) -> float:
    """Return the mean rise of offending by hazards where nobody defuses any."""
    return float(group.hazard_rate * group.hazard_size / decay(group.hazard_memory))


@kernel
def meet_hazards(town: Town, p: HazardParameters, week: Whole) -> None:
    """Let hazards fade, be defused and come up."""
    hoods = town.neighbourhoods
    stream = stream_of(town.seed, Decision.HAZARD, week)
    for n in range(hoods.key.size):
        met = p.hazard_defused * np.float64(hoods.foresight[n]) * np.float64(hoods.vigilance[n])
        left = p.hazard_kept * (1.0 - met) * np.float64(hoods.hazard[n])
        comes_up = uniform(hoods.key[n], stream.low, stream.high) < p.hazard_rate
        hoods.hazard[n] = left + (p.hazard_size if comes_up else 0.0)
