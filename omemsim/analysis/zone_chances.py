"""How sure a zone is: it is read again in years that differ from the recorded one by chance alone.

Next year's counts are drawn from Poisson distributions around this year's, as if the underlying
rates stayed the same. Where a table only says between which numbers a count is, each year is drawn
around another number between them. This says nothing about recording practice, nor about real
change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omemsim.inputs.blueprint import Between
from omemsim.vocabulary.parameters import ZoneLimits
from omemsim.vocabulary.wheel import Zone
from omemsim.vocabulary.zones import Indicators, Labels, read_zone

__all__ = ["DRAWS", "Records", "zone_chances", "zones_of"]

Floats = NDArray[np.float64]
DRAWS = 2000  # redrawn years: the share's own standard error is then 0.011 at most
AT_ONCE = 200_000  # numbers drawn at once: a table may have thousands of rows


@dataclass(frozen=True)
class Records:
    """What zones are read from.

    Attributes
    ----------
    thousands : (N,), real residents of all ages, in thousands.
    recorded, calls : (N,), a year per 1,000 of them; None where the table has none.
    reference : recorded crime per 1,000 that a multiple is of.
    between : the ends between which recorded crime is known to be; None where it is known.
    """

    thousands: Floats
    recorded: Floats | None
    calls: Floats | None
    reference: float
    between: Between | None = None

    @property
    def multiple(self) -> Floats:
        """Return recorded crime as a multiple of the reference, (N,); NaN if none is recorded."""
        if self.recorded is None:
            return np.full(self.thousands.shape, np.nan)
        return np.asarray(self.recorded / self.reference)


def zones_of(records: Records, limits: ZoneLimits) -> Labels:
    """Return the zone of each neighbourhood, (N,)."""
    nothing = np.zeros_like(records.thousands)
    multiple = nothing if records.recorded is None else records.multiple
    return _zone(multiple, nothing if records.calls is None else records.calls, limits)


def zone_chances(records: Records, limits: ZoneLimits, *, seed: int) -> Floats:
    """Return the share of redrawn years with each zone, (4, N).

    Parameters
    ----------
    records : what zones are read from.
    limits : the lines between zones.
    seed : of the draws.
    """
    rng, spread = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    counted = np.zeros((len(Zone), records.thousands.size))
    each = max(AT_ONCE // records.thousands.size, 1)
    for first in range(0, DRAWS, each):
        shape = (min(each, DRAWS - first), records.thousands.size)
        recorded = _recorded(records, shape, spread)
        multiple, calls = (
            np.zeros(shape) if rate is None else _redrawn(rate, records.thousands, shape, rng)
            for rate in (recorded, records.calls)
        )
        again = _zone(multiple / records.reference, calls, limits)
        counted += np.stack([(again == zone).sum(axis=0) for zone in Zone])
    return counted / DRAWS


def _recorded(records: Records, shape: tuple[int, int], rng: np.random.Generator) -> Floats | None:
    """Return the underlying rates: where one is only known to lie between ends, another a year."""
    between = records.between
    if records.recorded is None or between is None:
        return records.recorded
    drawn = rng.uniform(between.low, between.high, shape)
    return np.where(between.low < between.high, drawn, records.recorded)


def _redrawn(
    rate: Floats, thousands: Floats, shape: tuple[int, int], rng: np.random.Generator
) -> Floats:
    """Return the rates of other years, whose expected counts are those of this one."""
    return np.asarray(rng.poisson(rate * thousands, shape) / thousands)


def _zone(multiple: Floats, calls: Floats, limits: ZoneLimits) -> Labels:
    """Return the zone by crime and calls alone; capacity unknown, hence never blue."""
    unknown = np.zeros_like(multiple)
    seen = Indicators(
        calls=calls,
        n_calls=unknown,
        harm=multiple,
        n_harm=unknown,
        repeat=unknown,
        capacity=unknown,
        community_led=unknown,
        trust=unknown,
    )
    return read_zone(seen, limits, true_harm=False)
