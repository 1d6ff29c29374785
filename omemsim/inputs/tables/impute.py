"""What a table does not say, worked out from what it does; a note for each guess.

Most functions take the columns read so far, return one array (N,), and append a sentence to
``notes`` where they filled anything in; `split_crime` changes the columns in place.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from omemsim.inputs.blueprint import BUSINESSES, MOVING, SHARE_15_PLUS, VISITORS
from omemsim.inputs.tables.mapping import FIELDS
from omemsim.present.text import counted

__all__ = [
    *("businesses", "calls", "deprivation", "moving", "of_group", "residents_15", "visitors"),
    "split_crime",
]

VIOLENT_SHARE = 0.25
"""Of recorded crime, where a table does not tell the kinds apart (assumed)."""

_INDICATOR = "deprivation: "
"""Put before an indicator's column, which may have the name of one of our counts."""
Values = Mapping[str, NDArray[np.float64]]


def known(values: Values, name: str, *, notes: list[str]) -> NDArray[np.float64] | None:
    """Return a field without gaps, or None if the table has none or every cell is empty.

    An empty cell gets the median of the others; for a count that is the median rate per
    resident times the row's residents.

    Parameters
    ----------
    values : field -> (N,) of all fields read, counts as counts; NaN where a cell is empty.
    name : of the field; one that is not in `FIELDS` is no count.
    notes : gets a sentence where something was filled in.
    """
    column = values.get(name)
    if column is None:
        return None
    if np.isnan(column).all():
        notes.append(f"{name}: every cell is empty in the rows used.")
        return None
    if name not in FIELDS or not FIELDS[name].is_count:
        return _filled(column, what=name, notes=notes)
    rate = _filled(column / values["population"], what=f"{name} per resident", notes=notes)
    return rate * values["population"]


def _filled(values: NDArray[np.float64], *, what: str, notes: list[str]) -> NDArray[np.float64]:
    empty = np.isnan(values)
    if not empty.any():
        return values
    median = float(np.median(values[~empty]))
    notes.append(
        f"{what}: {counted(int(empty.sum()), 'empty cell')} given the median of the others, "
        f"{median:g}."
    )
    return np.where(empty, median, values)


def residents_15(values: Values, notes: list[str]) -> NDArray[np.float64]:
    """Return residents aged 15 and over, float64 (N,)."""
    population = values["population"]
    counted = known(values, "population_15", notes=notes)
    if counted is not None:
        return np.minimum(counted, population)
    children = _share(values, "pct_0_14", notes=notes)
    if children is not None:
        return population * (1 - children)
    notes.append(f"Residents aged 15 and over are taken as {SHARE_15_PLUS:.0%} of the population.")
    return population * SHARE_15_PLUS


def of_group(values: Values, name: str, notes: list[str]) -> NDArray[np.float64] | None:
    """Return the share of residents of a group, float64 (N,); None where the table has none.

    Parameters
    ----------
    values : as for `known`.
    name : "minority" or "indigenous".
    notes : gets a sentence where something was filled in.
    """
    return _share(values, name, notes=notes)


def split_crime(values: dict[str, NDArray[np.float64]], notes: list[str]) -> None:
    """Make violence and property of all crime, in place, where a table tells no kinds apart.

    Parameters
    ----------
    values : field -> (N,) of all fields read, counts as counts.
    notes : gets a sentence, at its beginning.
    """
    if "crime" in values and not {"violence", "property"} & values.keys():
        crime = values.pop("crime")
        values["violence"], values["property"] = VIOLENT_SHARE * crime, (1 - VIOLENT_SHARE) * crime
        notes.insert(
            0,
            f"ONLY ALL CRIME IS COUNTED, its kinds are not in the table: {VIOLENT_SHARE:.0%} of it "
            "is taken for violence everywhere (assumed), so severity tells no two places apart.",
        )


def moving(values: Values, notes: list[str]) -> NDArray[np.float64]:
    """Return the share who move in a year, in [0, 1], float64 (N,)."""
    share = _share(values, "moving", notes=notes)
    if share is not None:
        return share
    notes.append(f"moving: not in the table; {MOVING:.0%} a year is assumed everywhere.")
    return np.full(len(values["population"]), MOVING)


def visitors(values: Values, notes: list[str]) -> NDArray[np.float64]:
    """Return people present per resident beside residents, float64 (N,)."""
    counted = known(values, "visitors", notes=notes)
    if counted is not None:
        return counted / values["population"]
    notes.append(
        f"visitors: not in the table; {VISITORS:g} per resident is assumed everywhere, "
        "so rates of a centre with many visitors are put down to its residents."
    )
    return np.full(len(values["population"]), VISITORS)


def businesses(values: Values, notes: list[str]) -> NDArray[np.float64]:
    """Return businesses per 1,000 residents, float64 (N,)."""
    counted = known(values, "businesses", notes=notes)
    if counted is not None:
        return per_1000(counted, values)
    notes.append(f"businesses: not in the table; {BUSINESSES:g} per 1,000 residents are assumed.")
    return np.full(len(values["population"]), BUSINESSES)


def calls(values: Values, notes: list[str]) -> NDArray[np.float64] | None:
    """Return public calls a year per 1,000 residents, float64 (N,), or None."""
    counted = known(values, "calls", notes=notes)
    if counted is None:
        return None
    notes.append(
        "calls: read for zones and to compare with the model's own calls; no run is fitted to them."
    )
    return per_1000(counted, values)


def deprivation(
    values: Values, indicators: Values, *, weights: Mapping[str, float], notes: list[str]
) -> NDArray[np.float64]:
    """Return deprivation in [0, 1], 0 the best off, float64 (N,).

    Each indicator is z-scored over the neighbourhoods, the scores are averaged with their
    weights, and the average is ranked (ties share a rank). Without indicators the rank of
    recorded crime stands in.

    Parameters
    ----------
    values : as for `known`.
    indicators : column -> float64 (N,), NaN where empty.
    weights : by column of ``indicators``, not 0; negative where more is better off.
    notes : gets a sentence on what was left out or stands in.
    """
    scores = []
    for column, weight in weights.items():
        label = _INDICATOR + column
        values_of = known({label: indicators[column]}, label, notes=notes)
        if values_of is None or np.ptp(values_of) == 0 or values_of.std() == 0:
            notes.append(f"deprivation: {column!r} is the same everywhere and is left out.")
        else:
            scores.append(weight * (values_of - values_of.mean()) / values_of.std())
    if not scores:
        notes.append(
            "deprivation: no indicator in the table; recorded crime per resident is ranked "
            "instead, so this town cannot show how crime depends on deprivation."
        )
        counts = [values[name] for name in ("violence", "property", "crime") if name in values]
        return rank(np.sum(counts, axis=0) / values["population"])
    return rank(np.mean(scores, axis=0))


def rank(score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks from 0 (lowest) to 1; ties share the mean rank, one alone gets 0.5."""
    if len(score) == 1:
        return np.array([0.5])
    return np.asarray((rankdata(score) - 1) / (len(score) - 1), dtype=np.float64)


def per_1000(counts: NDArray[np.float64], values: Values) -> NDArray[np.float64]:
    """Return counts per 1,000 residents of all ages."""
    return counts / values["population"] * 1000


def _share(values: Values, name: str, *, notes: list[str]) -> NDArray[np.float64] | None:
    """Return a percentage as a share; a column that never passes 1 holds shares already."""
    per_cent = known(values, name, notes=notes)
    if per_cent is None:
        return None
    if per_cent.max() <= 1:
        notes.append(f"{name}: no value is above 1, so the column is read as shares, not per cent.")
        return per_cent
    return per_cent / 100
