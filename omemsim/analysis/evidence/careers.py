"""Offenders as police and courts see them: how far they go, and who comes again.

Journeys are from home to where the crime happened, of residents; an outsider's home is not known.
Who offends again is asked as courts ask it: everybody with an offence in an index year, by how many
they had before it, followed from it on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.evidence.event_log import EventLog, Events
from omemsim.inputs.scenario import Scenario
from omemsim.simulation import Simulation
from omemsim.town import Town
from omemsim.vocabulary.rates import DAYS_PER_WEEK, WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Crime

__all__ = [
    "FOLLOWED",
    "PAST",
    "PROPERTY",
    "careers",
    "journeys",
    "median_journey",
    "offence_counts",
    "offends_again",
    "violence_is_nearer",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PROPERTY = (Crime.THEFT, Crime.HOUSEHOLD, Crime.BUSINESS)
PAST, FOLLOWED = 3, 3  # years before the index year that count as past, years after an offence
TOP = 0.1  # of those with an index offence, by past ones
FEW = 1  # past offences of those they are compared with, at most
CAREER_WEEKS = (PAST + 1 + FOLLOWED) * WEEKS_PER_YEAR
NAN = float("nan")


def journeys(town: Town, crimes: Events) -> Floats:
    """Return how far from home each crime was, km (E,); NaN for outsiders.

    Parameters
    ----------
    town : its places stand still, so any week's will do.
    crimes : with their offenders.
    """
    places, km = town.places, np.full(crimes.offender.size, NAN)
    known = crimes.offender >= 0
    at = town.residents.place[crimes.offender[known] % len(town.residents)]
    to = crimes.place[known]
    km[known] = np.hypot(places.x[at] - places.x[to], places.y[at] - places.y[to]) / 1000
    return km


def median_journey(town: Town, crimes: Events, kinds: tuple[Crime, ...] = tuple(Crime)) -> float:
    """Return the median journey of residents' crimes of some types, km; NaN if there is none.

    Parameters
    ----------
    town, crimes : as for `journeys`.
    kinds : types of crime that count.
    """
    km = journeys(town, crimes)[np.isin(crimes.kind, kinds)]
    km = km[np.isfinite(km)]
    return float(np.median(km)) if km.size else NAN


def violence_is_nearer(town: Town, crimes: Events) -> float:
    """Return the median journey of violence over that of property crime (Andresen et al. 2014)."""
    further = median_journey(town, crimes, PROPERTY)
    return median_journey(town, crimes, (Crime.VIOLENCE,)) / further if further > 0 else NAN


def offence_counts(offender: Ints) -> Ints:
    """Return how many offences each resident has who has one; outsiders are left out.

    Parameters
    ----------
    offender : person of each offence, -1 an outsider.
    """
    return np.asarray(np.unique(offender[offender >= 0], return_counts=True)[1], np.int64)


def offends_again(person: Ints, day: Ints, *, index: tuple[int, int], follow: int) -> float:
    """Return how much oftener those with most past offences offend again than those with few.

    The tenth of persons with an offence in the index window that had most before it, against those
    who had none or one: shares with another offence in time, one over the other. Where the tenth
    ends among persons with equal pasts, these count in proportion.

    Parameters
    ----------
    person : of each offence (E,).
    day : of each offence (E,).
    index : first day of the window, and the day after its last.
    follow : days in which another offence counts, from the first in the window on.
    """
    inside = (day >= index[0]) & (day < index[1])
    persons = np.unique(person[inside])
    if not persons.size:
        return NAN
    at = np.minimum(np.searchsorted(persons, person), persons.size - 1)
    mine = persons[at] == person
    first = np.full(persons.size, index[1])
    np.minimum.at(first, at[inside & mine], day[inside & mine])
    after = day - first[at]
    past = np.bincount(at[mine & (after < 0)], minlength=persons.size)
    again = np.bincount(at[mine & (after > 0) & (after <= follow)], minlength=persons.size) > 0
    few = again[past <= FEW]
    if not few.any():
        return NAN
    return _share_of_top(past, again) / float(few.mean())


def _share_of_top(past: Ints, again: NDArray[np.bool_]) -> float:
    """Return the share that offends again among the tenth with most past offences."""
    wanted = TOP * past.size
    bar = np.sort(past)[::-1][int(np.ceil(wanted)) - 1]
    above, level = again[past > bar], again[past == bar]
    return float((above.sum() + (wanted - above.size) * level.mean()) / wanted)


def careers(scenario: Scenario, start: Town, replicate: int) -> dict[str, float]:
    """Return how past offending predicts more of it, of offences cleared and of all.

    Courts know of offences that were cleared (Pedneault et al. 2024); of all offences the town
    knows. Residents who moved away or in meanwhile are left out.

    Parameters
    ----------
    scenario : the town and what the police do.
    start : the town in week 0; it is left as it is.
    replicate : which random numbers, that of ``start``.
    """
    years = PAST + 1 + FOLLOWED
    model = Simulation(replace(scenario, years=float(years)), replicate, start.copy())
    log = EventLog(model.town, recorded=model.parameters.reporting.recorded)
    for _ in range(years * WEEKS_PER_YEAR):
        model.step()
        log.note(model.town)
    crimes, arrests = log.events(), log.arrests_of()
    year = DAYS_PER_WEEK * WEEKS_PER_YEAR
    index = (PAST * year, (PAST + 1) * year)
    cleared = _stayed(model.town, arrests[:, 0]), arrests[:, 1]
    everything = _stayed(model.town, crimes.offender), crimes.day
    return {
        name: offends_again(
            person[person >= 0], day[person >= 0], index=index, follow=FOLLOWED * year
        )
        for name, (person, day) in (("P44", cleared), ("P44 of all crimes", everything))
    }


def _stayed(town: Town, person: Any) -> Ints:
    """Return these persons, with -1 for outsiders and those whose seat is another's by now."""
    size = len(town.residents)
    seat, tenancy = person % size, person // size
    stays = (person >= 0) & (town.residents.tenancy[seat] == tenancy)
    return np.asarray(np.where(stays, person, -1), np.int64)
