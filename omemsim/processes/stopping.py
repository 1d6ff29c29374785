"""Whom police stop: the group a resident belongs to, and how readily police stop one of it.

    group         visible minority with the neighbourhood's share of residents, Indigenous with
                  its share, else other; drawn by itself: it goes with nothing else of a person
    stop_exposure = by age and by group, as stopped_<age or group> says, of mean 1 in a town of
                  the default shares
    who           of the residents of a place, likelier the higher the exposure (keyed rejection)

This is a model of how people are treated by police, never of what they do: group moves neither
propensity, need nor anything else of a resident, and the number of stops follows from police
hours alone. What follows for trust is read out, not put in.

Sources: Foster, Jacobs & Siu 2016 (Ottawa's traffic stops by perceived race, 2013-2015); BJS
Police-Public Contact Survey 2018 (by age); census 2021 (shares).
Assumption: one ratio for all visible minorities, and the same at stops of every kind.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import Hash, Single, Whole, choice, event_uniform, kernel
from omemsim.town import Table
from omemsim.vocabulary.parameters import People
from omemsim.vocabulary.wheel import Group

__all__ = [
    "AGE_STARTS",
    "StopExposures",
    "group_of",
    "past_stops",
    "pick_stopped",
    "stop_exposures",
]

AGE_STARTS = np.array([15.0, 25.0, 45.0, 65.0])  # years: where the age groups begin
AGE_MIDDLES = np.array([20.0, 35.0, 55.0, 75.0])  # of each; of the oldest, assumed

TRIES = 30  # residents looked at to find whom police stop; the last is stopped anyhow


class StopExposures(NamedTuple):
    """How readily police stop residents, each of mean 1 over a town of the default shares."""

    by_age: NDArray[np.float64]  # in the order of the age groups
    by_group: NDArray[np.float64]  # in the order of `Group`

    @property
    def most(self) -> float:
        """The greatest exposure that anybody has."""
        return float(np.float32(self.by_age.max()) * np.float32(self.by_group.max()))


def stop_exposures(people: People, age_shares: NDArray[np.float64]) -> StopExposures:
    """Return how readily police stop residents by age and by group.

    Parameters
    ----------
    people : the parameters.
    age_shares : float64 (4,), of residents by age group, of sum 1.
    """
    ages = np.array([people.stopped_young, 1.0, people.stopped_middle, people.stopped_old])
    groups = np.array([1.0, people.stopped_minority, people.stopped_indigenous])
    other = max(1.0 - people.minority - people.indigenous, 0.0)
    shares = np.array([other, people.minority, people.indigenous])
    by_group = groups / (groups @ shares / shares.sum())
    return StopExposures(ages / (ages @ age_shares), by_group)


def past_stops(by_age: NDArray[np.float64], half_life: float) -> NDArray[np.float64]:
    """Return how many years of usual stops each age group still feels, float64 (4,).

    Everybody was young once: a person has been stopped since 15 as readily as the age of the time
    says, and what a stop left halves with the years since.

    Parameters
    ----------
    by_age : float64 (4,), exposure by age group, of mean 1.
    half_life : years, above 0.
    """
    ends = np.append(AGE_STARTS[1:], np.inf)
    felt = np.zeros(AGE_STARTS.size)
    for start, end, exposure in zip(AGE_STARTS, ends, by_age, strict=True):
        first = np.maximum(AGE_MIDDLES - start, 0.0)  # years since the span began, and ended
        last = np.maximum(AGE_MIDDLES - end, 0.0)
        felt += (
            exposure
            * half_life
            / np.log(2)
            * (0.5 ** (last / half_life) - 0.5 ** (first / half_life))
        )
    return felt


@kernel
def group_of(u: Single, minority: Single, indigenous: Single) -> Whole:
    """Return the group at a quantile: visible minorities first, then Indigenous residents."""
    if u < minority:
        return np.int64(Group.VISIBLE_MINORITY)
    if u < minority + indigenous:
        return np.int64(Group.INDIGENOUS)
    return np.int64(Group.OTHER)


@kernel
def pick_stopped(
    places: Table, residents: Table, place: Whole, event: Hash, number: Whole, most: Single
) -> Whole:
    """Return the resident of a place whom officers stop, likelier the higher their exposure.

    Parameters
    ----------
    place : row.
    event : identity of the place's stops.
    number : of the stop among them, from 0.
    most : the greatest exposure that anybody has.
    """
    who = places.first_resident[place]
    for t in range(TRIES):
        salt = 1 + 2 * (TRIES * number + t)
        who = places.first_resident[place] + choice(event, salt, places.residents[place])
        chance = np.float64(residents.stop_exposure[who]) / np.float64(most)
        if event_uniform(event, salt + 1) < chance:
            break
    return who
