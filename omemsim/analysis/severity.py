"""Zones by harm: recorded crime weighted by how severe it is, over residents and visitors.

A count takes an assault and a stolen parcel alike, so that a place with much violence can be green
while a mall is red. Weighted crime is that of each kind times its weight, per 1,000 people present:
residents, and visitors where they are many, since those who can be victims there are not only those
who live there. The label has the lines of recorded crime, as multiples of the town's mean.

The default weights are **from memory, not verified**, and fit for a sensitivity only: they are what
the mix of offences that police usually record (assumed) would weigh by the Crime Severity Index of
Statistics Canada. A user who has the index's own weights gives those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import ZoneLimits
from omemsim.vocabulary.wheel import Zone
from omemsim.vocabulary.zones import Labels, label_by_lines

__all__ = ["BOUNDS", "Severity", "SeverityLabels", "severity_labels", "severity_of"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Severity:
    """How severe a kind of crime is, and who is present; all are the user's to set.

    Attributes
    ----------
    violence, property : weight of a recorded crime, >= 0; only their ratio matters to a label.
    visitors : people present per resident beside residents, from which they are people at risk too.
    small : residents of all ages under which a place is called small: a few crimes move its rate.
    """

    violence: float = 90.0
    property: float = 60.0
    visitors: float = 0.5
    small: float = 1000.0


# From and to, and the unit, of what a user may set.
BOUNDS = {
    "violence": (0.0, 10_000.0, "weight"),
    "property": (0.0, 10_000.0, "weight"),
    "visitors": (0.0, 1_000.0, "visitors per resident"),
    "small": (0.0, 1e6, "residents"),
}


def severity_of(given: Mapping[str, float] | None) -> Severity:
    """Return the severity that a user's values make of the usual one.

    Raises
    ------
    InputError
        With every key that is none, and every value out of its bounds.
    """
    problems = []
    for key, value in (given or {}).items():
        if key not in BOUNDS:
            problems.append(f"severity: there is no {key!r}. There are: {', '.join(BOUNDS)}.")
            continue
        low, high, unit = BOUNDS[key]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not low <= value <= high:
            problems.append(
                f"severity.{key} = {value!r}: must be a number from {low:g} to {high:g} ({unit})."
            )
    if problems:
        raise InputError(*problems)
    return Severity(**{key: float(value) for key, value in (given or {}).items()})


@dataclass(frozen=True)
class SeverityLabels:
    """Weighted crime of each neighbourhood, (N,) each.

    Attributes
    ----------
    multiple : of the mean of the town, per person present.
    zone : as `Zone`; never blue, since records do not say what residents can do.
    with_visitors, is_small : whether visitors count there, and whether it is a small place.
    """

    multiple: Floats
    zone: Labels
    with_visitors: NDArray[np.bool_]
    is_small: NDArray[np.bool_]


def severity_labels(
    violence: Floats,
    property_crime: Floats,
    *,
    population: Floats,
    visitors: Floats,
    limits: ZoneLimits,
    severity: Severity,
) -> SeverityLabels:
    """Return the label of each neighbourhood by severity-weighted crime.

    Parameters
    ----------
    violence, property_crime : (N,), recorded a year per 1,000 residents of all ages.
    population : (N,), residents of all ages, > 0.
    visitors : (N,), people present per resident beside residents, >= 0.
    limits : whose lines for recorded crime are used.
    severity : weights, and what counts as many visitors and as small.
    """
    weighed = severity.violence * violence + severity.property * property_crime
    many = visitors >= severity.visitors
    present = population * np.where(many, 1 + visitors, 1.0)
    rate = weighed * population / present
    mean = float(np.average(rate, weights=present))
    multiple = rate / mean if mean > 0 else np.zeros_like(rate)
    lines = (limits.recorded_low, limits.recorded_mid, limits.recorded_high)
    zone = np.minimum(label_by_lines(multiple, lines), int(Zone.GREEN)).astype(np.int8)
    return SeverityLabels(multiple, zone, many, population < severity.small)
