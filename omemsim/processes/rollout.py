"""From a pilot to its roll-out, in stage 3: what the pilot did decides.

Before week ``rollout`` the mix applies to pilot neighbourhoods, drawn by their keys. From then on,
each quarter, rollout_step more of the neighbourhoods get it if public calls of the last year
against those of the year before week 0 have fallen in the pilot, against the neighbourhoods that it
does not apply to, by rollout_needs of them; at -1 whatever the pilot did. Where nothing is left to
compare with, nothing more has to be shown.

    fall = 1 - (calls/before in the pilot) / (calls/before in the others)

Source: seed 003 (test on a smaller scale, learn, and apply any successes). Assumption: police judge
by calls, which they count, and take regression to the mean and chance for effects.

`plan` calls it, and says what is read and written.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omemsim.kernels import Column, Double, Whole, kernel, stream_of, uniform
from omemsim.strategies import Strategy
from omemsim.town import Table, Town
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.records import fill

__all__ = ["RolloutParameters", "roll_out", "rollout_parameters"]

QUARTER = 13  # weeks
WHATEVER = -1.0  # what the pilot has to show if nothing


class RolloutParameters(NamedTuple):
    """What a roll-out needs."""

    pilot: np.float64  # share of neighbourhoods before the roll-out
    rollout: np.int64  # week
    rollout_needs: np.float64  # fall of calls
    rollout_step: np.float64  # share of neighbourhoods a quarter


def rollout_parameters(strategy: Strategy) -> RolloutParameters:
    """Return what a roll-out needs."""
    return fill(RolloutParameters, strategy)


@kernel
def roll_out(town: Town, p: RolloutParameters, week: Whole) -> Column:
    """Decide how far the mix applies; return the place of neighbourhoods in line, float32 (N,).

    It applies to those whose place is below `service.covered`.
    """
    hoods, service = town.neighbourhoods, town.service
    stream = stream_of(town.seed, Decision.PILOT, 0)
    place = np.empty(hoods.key.size, np.float32)
    for n in range(place.size):
        place[n] = uniform(hoods.key[n], stream.low, stream.high)
        if week == 0:
            hoods.calls_at_start[n] = hoods.past_calls[n].sum()
    if week < p.rollout:
        service.covered[0] = p.pilot
    elif (week - p.rollout) % QUARTER == 0:
        if week == p.rollout and week <= 0:
            service.covered[0] = p.pilot
        is_shown = p.rollout_needs <= WHATEVER
        if is_shown or fall(hoods, place, p.pilot, service.covered[0]) >= p.rollout_needs:
            service.covered[0] = min(service.covered[0] + p.rollout_step, 1.0)
    return place


@kernel
def fall(hoods: Table, place: Column, pilot: Double, covered: Double) -> Double:
    """Return by which share calls fell in the pilot, against where the mix does not apply."""
    now = before = now_elsewhere = before_elsewhere = 0.0
    for n in range(place.size):
        if place[n] >= np.float32(covered):
            now_elsewhere += hoods.past_calls[n].sum()
            before_elsewhere += hoods.calls_at_start[n]
        elif place[n] < np.float32(pilot):
            now += hoods.past_calls[n].sum()
            before += hoods.calls_at_start[n]
    if now_elsewhere == 0 or before == 0 or before_elsewhere == 0:
        return 1.0
    return 1.0 - (now / before) / (now_elsewhere / before_elsewhere)
