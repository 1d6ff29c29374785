"""The units of a trial: which neighbourhoods, places or residents are treated, and who is compared.

Neighbourhoods are treated as `field.assign` says. Places are either named, and then each is
compared with the untreated place whose recorded crime was closest (matched pairs), or the
``worst:K`` of the whole town by crime recorded over the last ``window`` weeks of the baseline: that
pool is split at random, or one of each pair of neighbours in the ranking is treated, as trials of
hot spots do (Braga & Weisburd 2022). Groups of residents are split the same way.

The catchment of places are the near ones (`places.near`), or all within ``radius`` metres, that
are neither treated nor controls; control places have one, too. Of residents it is those who live
at the same places. Elsewhere is whoever is neither treated nor in the catchment of those who are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.evidence.tactic_trials import near_places
from omemsim.analysis.evidence.trial_design import AGES, FEWEST, TrialDesign, worst_count
from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.lay import places_of
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError

__all__ = [
    "TrialUnits",
    "catchment_of",
    "member_rows",
    "split",
    "units_of_group",
    "units_of_places",
]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class TrialUnits:
    """Which rows are what; rows are neighbourhoods, places or residents.

    Attributes
    ----------
    treated, control : the units compared.
    catchment, control_catchment : near the treated, and near controls but not near the treated.
    elsewhere : neither treated nor in the catchment of the treated.
    """

    treated: Bools
    control: Bools
    catchment: Bools
    control_catchment: Bools

    @property
    def elsewhere(self) -> Bools:
        """Return which rows are neither treated nor near to those that are."""
        return ~self.treated & ~self.catchment

    def zones(self) -> dict[str, Bools]:
        """Return the rows of each zone by its name."""
        return {
            "treated": self.treated,
            "catchment": self.catchment,
            "elsewhere": self.elsewhere,
            "control": self.control,
            "control catchment": self.control_catchment,
        }


def split(order: Rows, design: TrialDesign, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Return which of some units are treated, and which are controls.

    Parameters
    ----------
    order : rows of the pool, the worst first.
    design : how they are assigned (``assign``), and the share that is treated.
    rng : of the draw.
    """
    if design.assign == "pairs":
        pairs = order[: order.size // 2 * 2].reshape(-1, 2)
        first = rng.integers(2, size=len(pairs))
        at = np.arange(len(pairs))
        return pairs[at, first], pairs[at, 1 - first]
    many = min(max(round(design.share * order.size), 1), order.size - 1)
    drawn = order if design.assign == "worst" else rng.permutation(order)
    return drawn[:many], drawn[many:]


def units_of_places(
    design: TrialDesign,
    town: Town,
    recorded: Floats,
    blueprint: Blueprint,
    rng: np.random.Generator,
) -> TrialUnits:
    """Return the units of a trial at places.

    Parameters
    ----------
    design : the trial.
    town : at the end of the baseline.
    recorded : (places,), crimes recorded in the last ``window`` weeks of the baseline.
    blueprint : knows the names of neighbourhoods.
    rng : of the draw.

    Raises
    ------
    InputError
        If the town lacks the places.
    """
    many = worst_count(design.places)
    if many is None:
        treated = places_of(design.place_names, town, blueprint)
        control = _matched(treated, recorded, near_places(town, _flags(treated, len(town.places))))
    else:
        if many > len(town.places):
            raise InputError(
                f"places = {design.places!r}: the town has {len(town.places)} places in all."
            )
        order = np.argsort(-recorded, kind="stable")[:many]
        treated, control = split(order, design, rng)
    return _with_catchments(town, treated, control, design.radius)


def _matched(treated: Rows, recorded: Floats, near: Bools) -> Rows:
    """Return for each named place the free one closest in recorded crime, the worst first."""
    free = ~near
    free[treated] = False
    chosen = []
    for row in treated[np.argsort(-recorded[treated], kind="stable")]:
        rows = np.flatnonzero(free)
        if rows.size:
            best = int(rows[np.argmin(np.abs(recorded[rows] - recorded[row]))])
            free[best] = False
            chosen.append(best)
    return np.array(chosen, np.int64)


def _flags(rows: Rows, size: int) -> Bools:
    flags = np.zeros(size, bool)
    flags[rows] = True
    return flags


def _with_catchments(town: Town, treated: Rows, control: Rows, radius: float) -> TrialUnits:
    size = len(town.places)
    mine, other = _flags(treated, size), _flags(control, size)
    around = catchment_of(town, mine, radius) & ~other
    beside = catchment_of(town, other, radius) & ~mine & ~around
    return TrialUnits(mine, other, around, beside)


def catchment_of(town: Town, places: Bools, radius: float) -> Bools:
    """Return which places are near to some, and none of them.

    Parameters
    ----------
    town : it is only read.
    places : bool (places,).
    radius : metres; 0 takes the nearest places (`places.near`).
    """
    if radius <= 0:
        return near_places(town, places)
    x, y = (np.asarray(axis, float) for axis in (town.places.x, town.places.y))
    near = np.zeros(places.size, bool)
    for row in np.flatnonzero(places):
        near |= np.hypot(x - x[row], y - y[row]) <= radius
    return near & ~places


def member_rows(design: TrialDesign, town: Town, hit_week: Rows, acute: float) -> Rows:
    """Return the rows of the residents of a group.

    Parameters
    ----------
    design : whose ``group`` it is.
    town : at the end of the baseline.
    hit_week : (residents,), week of the baseline in which each last was a victim, -1 never.
    acute : recent episodes from which a risk is acutely elevated.
    """
    kind, _, value = design.group.partition(":")
    residents = town.residents
    if kind == "age":
        return np.flatnonzero(residents.age == AGES.index(value))
    if kind == "victims":
        since = design.baseline - int(value)
        return np.flatnonzero(hit_week >= max(since, 0))
    return np.flatnonzero((residents.recent >= acute) & (residents.is_moved == 0))


def units_of_group(
    design: TrialDesign, town: Town, members: Rows, before: Floats, rng: np.random.Generator
) -> TrialUnits:
    """Return the units of a trial with residents.

    Parameters
    ----------
    design : the trial.
    town : at the end of the baseline.
    members : rows of the group.
    before : (residents,), the baseline's outcome.
    rng : of the draw.

    Raises
    ------
    InputError
        If the group is too small for a trial.
    """
    if members.size < FEWEST:
        raise InputError(
            f"group = {design.group!r}: {members.size} residents are in it when the trial begins, "
            f"and a trial needs {FEWEST}; take a larger town or another group."
        )
    order = rng.permutation(members)  # of equals anybody may come first
    order = order[np.argsort(-before[order], kind="stable")]
    treated, control = split(order, design, rng)
    size = len(town.residents)
    mine, other = _flags(treated, size), _flags(control, size)
    around = _neighbours(town.residents.place, mine) & ~mine & ~other
    beside = _neighbours(town.residents.place, other) & ~mine & ~other & ~around
    return TrialUnits(mine, other, around, beside)


def _neighbours(place: NDArray[Any], some: Bools) -> Bools:
    """Return which residents live at a place of some."""
    there = np.zeros(int(place.max()) + 1, bool)
    there[place[some]] = True
    return np.asarray(there[place])
