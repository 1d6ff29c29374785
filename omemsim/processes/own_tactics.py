"""Tactics of the user's own, a part of stages 3, 5 and 7: their hours, dose, and what they feed.

Of the hours that are left after what interventions order, a tactic k of the user's own gets its
share in the zone's mix, as the model's tactics do. Its dose follows its hours h_k per 1,000
residents 15+ and fades with its own half-life:

    dose_k' = dose_k + pace_k (h_k/(h_k + half_k) - dose_k)

A stock of the model whose target is t then grows towards t + fed (1 - t), with

    fed = 1 - product over k of (1 - strength_k dose_k')

so it fades with the half-life of that stock once the dose has. What hours do at once (contacts,
monitoring, finding leaders) is done by h_k strength_k hours more. Without such tactics all of this
adds 0. None feeds a channel that acts on risk (`vocabulary.own_tactics.DIRECT`).

`plan`, `act` and `organize` call it, and say what is read and written. Assumption: tactics that
feed a stock add up as independent chances do, so that a dose never exceeds its greatest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import Column, Double, Whole, kernel, paired_sum
from omemsim.town import Table
from omemsim.vocabulary.own_tactics import BY_DOSE, ROOM_FOR, OwnTactic
from omemsim.vocabulary.rates import decay

__all__ = [
    "OwnDoses",
    "build_own_doses",
    "do_own_hours",
    "fed",
    "offer_own_hours",
    "own_doses",
    "own_hours_as",
    "strengths",
]

_ROOM = ROOM_FOR


class OwnDoses(NamedTuple):
    """What `act` needs of tactics of the user's own; those that there are not feed nothing."""

    takes_skill: Annotated[NDArray[np.uint8], ROOM_FOR]  # 1 or 0
    half: Annotated[NDArray[np.float64], ROOM_FOR]  # hours per 1,000 that give half a dose
    pace: Annotated[NDArray[np.float64], ROOM_FOR]  # share of the dose's gap closed in a week
    strength: Annotated[NDArray[np.float64], (ROOM_FOR, len(BY_DOSE))]  # by the stock that is fed
    contacts: Annotated[NDArray[np.float64], ROOM_FOR]  # hours of liaison in an hour
    monitoring: Annotated[NDArray[np.float64], ROOM_FOR]  # hours of monitoring at-risk groups


def own_doses(tactics: Sequence[OwnTactic]) -> OwnDoses:
    """Return what the stage needs of at most `ROOM_FOR` tactics."""
    many = len(tactics)
    half, pace = np.ones(ROOM_FOR), np.ones(ROOM_FOR)
    takes_skill = np.ones(ROOM_FOR, np.uint8)
    half[:many] = [one.half for one in tactics]
    pace[:many] = [decay(one.memory) for one in tactics]
    takes_skill[:many] = [one.takes_skill for one in tactics]
    return OwnDoses(
        takes_skill=takes_skill,
        half=half,
        pace=pace,
        strength=np.stack([strengths(tactics, channel) for channel in BY_DOSE], axis=1),
        contacts=strengths(tactics, "contacts"),
        monitoring=strengths(tactics, "monitoring"),
    )


def strengths(tactics: Sequence[OwnTactic], channel: str) -> NDArray[np.float64]:
    """Return how strongly each tactic feeds a channel, (ROOM_FOR,)."""
    found = np.zeros(ROOM_FOR)
    found[: len(tactics)] = [one.channels.get(channel, 0.0) for one in tactics]
    return found


@kernel
def offer_own_hours(hoods: Table, left: Double) -> Double:
    """Write the planned shares of the hours that are left; return their sum."""
    for n in range(hoods.residents.size):
        for k in range(_ROOM):
            hoods.own_hours[n, k] = hoods.own_share[n, k] * left
    return paired_sum(hoods.own_hours.ravel())


@kernel
def do_own_hours(hoods: Table, n: Whole, rested: Double, able: Double, p: OwnDoses) -> None:
    """Scale the hours of a neighbourhood by what fatigue, skill and conviction make of them."""
    for k in range(_ROOM):
        hoods.own_hours[n, k] *= rested * able if p.takes_skill[k] == 1 else rested


@kernel
def own_hours_as(hoods: Table, n: Whole, strength: Column) -> Double:
    """Return the hours that a neighbourhood's own tactics do of what a channel names."""
    hours = 0.0
    for k in range(_ROOM):
        hours += hoods.own_hours[n, k] * strength[k]
    return hours


@kernel
def build_own_doses(hoods: Table, p: OwnDoses) -> None:
    """Let the doses follow their hours per 1,000 residents 15+."""
    for n in range(hoods.residents.size):
        for k in range(_ROOM):
            hours = 1000 * hoods.own_hours[n, k] / hoods.residents[n]
            gap = hours / (hours + p.half[k]) - np.float64(hoods.own_dose[n, k])
            hoods.own_dose[n, k] += p.pace[k] * gap


@kernel
def fed(hoods: Table, n: Whole, number: Whole, p: OwnDoses) -> Double:
    """Return how far the doses of a neighbourhood move a stock's target towards 1."""
    kept = 1.0
    for k in range(_ROOM):
        kept *= 1.0 - p.strength[k, number] * np.float64(hoods.own_dose[n, k])
    return 1.0 - kept
