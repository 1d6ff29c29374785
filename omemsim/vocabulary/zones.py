"""How a zone is read off: lines between zones, and what moves a label over time.

Zones sort *places by need*. Nothing here changes a neighbourhood: the rule reads rates
and writes a label, and only a strategy reads the label.

The limits are a judgement (no source gives numbers) and therefore parameters, see
``parameters.ZoneLimits``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omemsim.vocabulary.parameters import ZoneLimits
from omemsim.vocabulary.wheel import Zone

__all__ = [
    "Indicators",
    "Labels",
    "RELATIVE_LINES",
    "label_by_lines",
    "move_zone",
    "one_axis_zone",
    "read_zone",
    "relative_zone",
]

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]


@dataclass(frozen=True, kw_only=True)
class Indicators:
    """What a zone is read from, one value per neighbourhood.

    Attributes
    ----------
    calls : public calls per 1,000 residents of all ages a year.
    n_calls : number of calls counted (for the Poisson margin).
    harm : crime as a multiple of ``harm_unit`` (see `read_zone`).
    n_harm : number of crimes counted.
    repeat : share of calls from an address that called within 30 days, in [0, 1].
    capacity, community_led, trust : in [0, 1].
    """

    calls: Floats
    n_calls: Floats
    harm: Floats
    n_harm: Floats
    repeat: Floats
    capacity: Floats
    community_led: Floats
    trust: Floats


def _classify(
    rate: Floats, limits: tuple[float, ...], *, count: Floats, margin: float, shift: float
) -> Labels:
    """Return 3 (below the first limit) to 0 (at or above the third).

    Each limit is moved, the way ``shift`` says, by ``margin`` of itself or by one Poisson
    standard deviation of the count the rate comes from, whichever is further.
    """
    error = rate / np.sqrt(np.maximum(count, 1))
    level = np.full(rate.shape, int(Zone.BLUE), np.int8)
    for limit in limits:
        level -= (rate >= limit + shift * np.maximum(error, margin * limit)).astype(np.int8)
    return level


def read_zone(
    seen: Indicators, limits: ZoneLimits, *, true_harm: bool, shift: float = 0.0
) -> Labels:
    """Return the zone of each neighbourhood, without memory.

    Parameters
    ----------
    seen : indicators over the window.
    limits : the lines between zones.
    true_harm : True if ``seen.harm`` is true incidents per 1,000 residents 15+ a year,
        False if recorded crime as a multiple of the reference mean.
    shift : 0 for the plain lines; -1 asks to be past each line by the margin on the safe
        side (moving up), +1 by the margin on the unsafe side (moving down). The margin is
        the larger of ``limits.margin`` and one Poisson standard deviation of the count.
    """
    harm_limits = (
        (limits.harm_low, limits.harm_mid, limits.harm_high)
        if true_harm
        else (limits.recorded_low, limits.recorded_mid, limits.recorded_high)
    )
    call_limits = (limits.calls_low, limits.calls_mid, limits.calls_high)
    how = {"margin": limits.margin, "shift": shift}
    need = np.minimum(
        _classify(seen.calls, call_limits, count=seen.n_calls, **how),
        _classify(seen.harm, harm_limits, count=seen.n_harm, **how),
    )
    soft = 1 + shift * limits.margin
    able = (seen.capacity * soft >= limits.capacity) & (
        seen.community_led * soft >= limits.community_led
    )
    zone = np.where((need == Zone.BLUE) & ~able, Zone.GREEN, need)
    repeats = (zone == Zone.GREEN) & (seen.repeat >= limits.repeat * soft)
    return np.where(repeats, Zone.AMBER, zone).astype(np.int8)


def move_zone(
    zone: Labels,
    weeks_past: NDArray[np.int32],
    *,
    window: Indicators,
    quarter: Indicators,
    limits: ZoneLimits,
    weeks: int,
    true_harm: bool,
) -> tuple[Labels, NDArray[np.int32]]:
    """Return new zones and the weeks each has now been past the line upwards.

    Up: one step, after ``limits.weeks_up`` weeks past the line by the margin, the last
    quarter alone also past the line; amber to green also needs trust. Down: at once to
    the label, when past the line by the margin.

    Parameters
    ----------
    zone : int8 (N,), as ``Zone``.
    weeks_past : int32 (N,), as this function last returned them.
    window : indicators over the window.
    quarter : the same over the last quarter.
    limits : the lines between zones.
    weeks : since zones were last read.
    true_harm : as for `read_zone`.
    """
    up = read_zone(window, limits, true_harm=true_harm, shift=-1)
    down = read_zone(window, limits, true_harm=true_harm, shift=+1)
    now = read_zone(quarter, limits, true_harm=true_harm)
    trusted = (zone != Zone.AMBER) | (window.trust >= limits.trust)
    better = (up > zone) & trusted
    past = np.where(better, weeks_past + weeks, 0).astype(np.int32)
    rises = better & (past >= limits.weeks_up) & (now > zone)
    new = np.where(rises, zone + 1, np.minimum(zone, down)).astype(np.int8)
    return new, np.where(new != zone, 0, past).astype(np.int32)


def label_by_lines(rate: Floats, lines: tuple[float, float, float]) -> Labels:
    """Return 3 (below the first line) to 0 (at or above the third), without any margin.

    Parameters
    ----------
    rate : (N,), in the unit of the lines.
    lines : increasing.
    """
    return _classify(rate, lines, count=np.ones_like(rate), margin=0, shift=0)


def one_axis_zone(calls: Floats, limits: ZoneLimits) -> Labels:
    """Return the label by calls alone, kept beside the zone to see how often they differ."""
    return label_by_lines(calls, (limits.calls_low, limits.calls_mid, limits.calls_high))


RELATIVE_LINES = np.array([-0.5, 0.5, 1.5])  # standard deviations from the town's mean


def relative_zone(calls: Floats) -> Labels:
    """Return the label by calls against the town's mean, in its standard deviations.

    It is 3 below the first of `RELATIVE_LINES`, and 0 from the third on.
    """
    deviation = (calls - calls.mean()) / max(float(calls.std()), 1e-9)
    low, middle, high = RELATIVE_LINES.tolist()
    return label_by_lines(deviation, (low, middle, high))
