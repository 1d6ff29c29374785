"""Tables that can be read, but hold what no town has: odd rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from omemsim.present.text import figures, some

__all__ = ["alone", "implausible"]

Values = Mapping[str, NDArray[np.float64]]
MOST_CRIME = 1_000.0  # recorded a year per 1,000 residents: one each
USUAL = (35, 58)  # the same, of Ontario's metropolitan areas (Statistics Canada, 2022)
MOST_CALLS = 10_000.0  # a year per 1,000 residents: ten each


def implausible(values: Values, names: Sequence[str], notes: list[str]) -> None:
    """Note places with more recorded crime or calls than is plausible.

    Parameters
    ----------
    values : field -> (N,) of all fields read, counts as counts.
    names : display name of each row.
    notes : gets a sentence for each, at its beginning.
    """
    counts = [values[name] for name in ("violence", "property", "crime") if name in values]
    found = {"recorded crime": (np.sum(counts, axis=0), MOST_CRIME)}
    if "calls" in values:
        found["calls"] = (values["calls"], MOST_CALLS)
    for what, (count, most) in found.items():
        rate = 1000 * count / values["population"]
        odd: list[int] = np.flatnonzero(rate > most).tolist()
        if odd:
            shown = some(f"{names[i]} ({rate[i]:,.0f})" for i in odd)
            notes.insert(
                0,
                f"IMPLAUSIBLE: {what} above {most:,.0f} a year per 1,000 residents "
                f"in {shown}. Check columns and units; join places where few live.",
            )


def alone(values: Values, notes: list[str]) -> None:
    """Say of a table of one neighbourhood that it has nothing to compare with, and its rates.

    Parameters
    ----------
    values, notes : as for `implausible`.
    """
    people = values["population"]
    if len(people) != 1:
        return
    rates = {
        name: 1000 * float(values[name][0] / people[0])
        for name in ("violence", "property", "calls")
        if name in values
    }
    told = ", ".join(f"{name} {figures(rate)}" for name, rate in rates.items())
    low, high = USUAL
    notes.insert(
        0,
        "ONE NEIGHBOURHOOD: zones by recorded crime are relative to a table's mean, so one cannot "
        f"be compared. Its rates a year per 1,000 residents: {told}. Police of Ontario's "
        f"metropolitan areas recorded {low} to {high} crimes in 2022.",
    )
