"""Concentration at places: shares of events where there was more than one, and what chance gives.

A city publishes, if anything, how many intersections had an event, how many more than one, and
the most at one. The same four numbers are taken from the model's places, and everything is
computed from them, so that both sides are treated alike. What is not alike is the place: an
intersection's catchment is larger than one of the model's places, and a city moves events to
the nearest intersection, which puts several addresses on one.

Null: the same events distributed at random over equally likely places of the same neighbourhood, as
many as would make that number of places have an event (a city's file does not say how many
intersections had none; the model's are counted in the same way). Repeats also occur by
chance; the excess of the Gini index over the null's is concentration.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.vocabulary.errors import InputError

__all__ = ["COLUMNS", "Concentration", "concentration", "read_concentration", "tally"]

Floats = NDArray[np.float64]
MOST_PLACES = 10**7
COLUMNS = ("locations", "events", "max_at_one", "locations_repeat")


@dataclass(frozen=True)
class Concentration:
    """How a kind of event is spread over places, a whole town in a year.

    Attributes
    ----------
    events : number of them.
    repeated, repeated_by_chance : share of events at places with more than one; under the null.
    gini, gini_by_chance : over places with an event, the least that the four numbers allow.
    """

    kind: str
    events: float
    repeated: float
    repeated_by_chance: float
    gini: float
    gini_by_chance: float


def tally(at: NDArray[np.int64], neighbourhood: NDArray[np.int64], n: int) -> Floats:
    """Return the four numbers of `COLUMNS` by neighbourhood, (n, 4).

    Parameters
    ----------
    at : (P,), events at each place.
    neighbourhood : (P,), the place's.
    n : neighbourhoods.
    """
    most = np.zeros(n)
    np.maximum.at(most, neighbourhood, at)

    def summed(values: NDArray[Any]) -> Floats:
        weights = values.astype(float)
        return np.asarray(np.bincount(neighbourhood, weights=weights, minlength=n), float)

    return np.stack([summed(at > 0), summed(at), most, summed(at > 1)], axis=1)


def concentration(kind: str, tallies: Floats, *, seed: int = 0) -> Concentration:
    """Return the concentration of a kind of event.

    Parameters
    ----------
    kind : its name.
    tallies : (N, 4), as `COLUMNS`, a row per neighbourhood.
    seed : of the null's draws.
    """
    rng = np.random.default_rng(seed)
    drawn = np.stack([_by_chance(row[0], row[1], rng) for row in tallies])
    events = float(tallies[:, 1].sum())
    found = (_repeated(tallies), _repeated(drawn), _least_gini(tallies), _least_gini(drawn))
    return Concentration(kind, events, *found)


def _repeated(tallies: Floats) -> float:
    """Return the share of events at places with more than one; NaN without events."""
    locations, events, _, repeat = tallies.T
    return float(1 - (locations - repeat).sum() / events.sum()) if events.sum() else float("nan")


def _by_chance(locations: float, events: float, rng: np.random.Generator) -> Floats:
    """Return the four numbers of as many events distributed at random, (4,)."""
    number = _places_hit(locations, events)
    at = np.unique(rng.integers(number, size=int(events)), return_counts=True)[1]
    most = float(at.max()) if at.size else 0.0
    return np.array([at.size, at.sum(), most, (at > 1).sum()], float)


def _places_hit(locations: float, events: float) -> int:
    """Return of how many equally likely places so many events are expected to hit these."""
    low, high = max(int(locations), 1), MOST_PLACES
    while high - low > 1:
        middle = (low + high) // 2
        hit = -middle * np.expm1(events * np.log1p(-1 / middle))
        low, high = (middle, high) if hit <= locations else (low, middle)
    return low


def _least_gini(tallies: Floats) -> float:
    """Return the Gini index of the most even counts that have these numbers."""
    counts: list[float] = []
    for locations, events, most, repeat in tallies:
        alone = locations - repeat
        counts += [1.0] * int(alone)
        if repeat:
            rest = events - alone - most
            counts += [most, *([rest / max(repeat - 1, 1)] * int(repeat - 1))]
    ordered = np.sort(np.array(counts))
    n = ordered.size
    if not n or not ordered.sum():
        return float("nan")
    rank = np.arange(1, n + 1)
    return float((2 * rank - n - 1) @ ordered / (n * ordered.sum()))


def read_concentration(path: Path, ids: Sequence[str]) -> dict[str, Floats]:
    """Return the four numbers by neighbourhood, (N, 4), of each kind in a CSV.

    Its columns are ``id``, those of `COLUMNS`, and ``crime`` if it has several kinds; other
    rows than those of ``ids`` are left out.

    Raises
    ------
    InputError
        If a column is missing or a cell is not a number.
    """
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"places={path}: cannot read it ({error}).") from error
    missing = [name for name in ("id", *COLUMNS) if not rows or name not in rows[0]]
    if missing:
        raise InputError(
            f"places={path}: has no column {', '.join(missing)}. It needs id, "
            f"{', '.join(COLUMNS)}, and crime where it has several kinds."
        )
    place = {own: number for number, own in enumerate(ids)}
    found: dict[str, Floats] = {}
    for number, row in enumerate(rows, start=2):
        if row["id"].strip() in place:
            kind = found.setdefault(row.get("crime") or "events", np.zeros((len(ids), 4)))
            kind[place[row["id"].strip()]] += _numbers(path, number, row)
    return found


def _numbers(path: Path, line: int, row: dict[str, str]) -> list[float]:
    try:
        return [float(row[name]) for name in COLUMNS]
    except (TypeError, ValueError) as error:
        raise InputError(
            f"places={path}, row {line}: {', '.join(COLUMNS)} must be numbers ({error})."
        ) from error
