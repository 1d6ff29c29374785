"""Where in the space of parameters a model is not ruled out, and points drawn there.

A point is ruled out by a wave if the emulators of that wave, all their uncertainty counted, put
it further than the cutoff from what was observed. A region is what no wave rules out. Its share
of the whole space is estimated in steps, each from points in a box around what the step before
left, so that a millionth can be found as well as a tenth.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.calibration.emulator import Emulator
from omemsim.analysis.calibration.targets import CUTOFF, Target

__all__ = ["Region", "Rule", "Sample", "apart", "implausible", "nearest_worst", "sampled"]

Floats = NDArray[np.float64]

CANDIDATES = 1 << 14  # points looked at in a step
CHUNK = 4096  # of them at a time
STEPS = 6  # boxes, each around what is left of the one before
ENOUGH = 400  # points left in a step that need no smaller box
WIDER = 0.1  # of a box's width, on each side: the region may reach past the points found
WALKS = 40  # steps of a random walk through a region too thin for boxes


@dataclass(frozen=True)
class Rule:
    """What one wave rules out.

    Attributes
    ----------
    targets, emulators : in the same order.
    noise : by target, the variance of one run's reading at one point over replicates.
    cutoff : implausibility from which a point is ruled out.
    misses : how many targets a point may miss: 0 looks at the largest implausibility, 1 at the
        second largest.
    """

    targets: tuple[Target, ...]
    emulators: tuple[Emulator, ...]
    noise: tuple[float, ...]
    cutoff: float = CUTOFF
    misses: int = 0

    def implausibility(self, points: Floats) -> Floats:
        """Return the implausibility that counts, (m,), of points (m, d) in the unit cube."""
        each = zip(self.targets, self.emulators, self.noise, strict=True)
        rows = [
            implausible(target, *emulator.predict(points), noise)
            for target, emulator, noise in each
        ]
        return nearest_worst(np.array(rows), self.misses)


def implausible(target: Target, mean: Floats, variance: Floats, noise: float) -> Floats:
    """Return how many standard deviations a reading is from what was observed.

    What may explain the distance is counted: how well the mean is known, the model's discrepancy
    and the observation's error; and, where one town was observed, the noise that it had.

    Parameters
    ----------
    target : what was observed, its error and the model's discrepancy.
    mean : (m,), of the reading, in the target's unit.
    variance : (m,), of that mean: how well it is known.
    noise : variance of one run's reading.
    """
    known = noise * target.of_one_town + target.discrepancy**2 + target.error**2
    return np.asarray(np.abs(mean - target.observed) / np.sqrt(variance + known))


def nearest_worst(rows: Floats, misses: int) -> Floats:
    """Return the largest of each column but for the ``misses`` largest; (targets, m) to (m,)."""
    kept = min(misses, len(rows) - 1)
    return np.asarray(np.sort(rows, axis=0)[-1 - kept])


@dataclass(frozen=True)
class Region:
    """What no wave rules out, in the unit cube of ``d`` parameters."""

    d: int
    rules: tuple[Rule, ...] = field(default=())

    def implausibility(self, points: Floats) -> Floats:
        """Return the largest implausibility over waves, (m,); 0 before the first."""
        worst = np.zeros(len(points))
        for first in range(0, len(points), CHUNK):
            part = points[first : first + CHUNK]
            rows = [rule.implausibility(part) for rule in self.rules]
            worst[first : first + CHUNK] = np.max([np.zeros(len(part)), *rows], axis=0)
        return worst

    def holds(self, points: Floats) -> NDArray[np.bool_]:
        """Say of each point whether no wave rules it out, (m,)."""
        left = np.arange(len(points))
        for rule in reversed(self.rules):  # the last rules out most
            parts = [left[i : i + CHUNK] for i in range(0, left.size, CHUNK)]
            kept = [part[rule.implausibility(points[part]) <= rule.cutoff] for part in parts]
            left = np.concatenate([np.empty(0, int), *kept])
        found = np.zeros(len(points), bool)
        found[left] = True
        return found


@dataclass(frozen=True)
class Sample:
    """Points of a region, and its share of the unit cube (0 if none was found)."""

    points: Floats
    volume: float


def sampled(region: Region, seed: int, seeds: Floats | None = None) -> Sample:
    """Return points spread evenly over a region, and its share of the cube.

    Parameters
    ----------
    region : of d parameters.
    seed : the same number gives the same points.
    seeds : points (k, d) known to be in the region, from which it is walked through if boxes
        find too few.
    """
    low, high = np.zeros(region.d), np.ones(region.d)
    found, volume = np.empty((0, region.d)), 0.0
    for step in range(STEPS):
        drawn = low + (high - low) * _sobol(region.d, [seed, step])
        inside = drawn[region.holds(drawn)]
        if not len(inside):
            break
        found, volume = inside, float(np.prod(high - low)) * len(inside) / len(drawn)
        if len(found) >= ENOUGH:
            return Sample(found, volume)
        low, high = _box(found)
    known = [x for x in (found, seeds) if x is not None and len(x)]
    if not known:
        return Sample(found, 0.0)
    return Sample(_walked(region, np.concatenate(known), seed), volume)


def _sobol(d: int, seed: Sequence[int]) -> Floats:
    from scipy.stats import qmc

    name = "rng" if "rng" in inspect.signature(qmc.Sobol).parameters else "seed"
    more: dict[str, Any] = {name: np.random.default_rng(seed)}
    return np.asarray(qmc.Sobol(d, **more).random(CANDIDATES))


def _box(points: Floats) -> tuple[Floats, Floats]:
    """Return the ends of a box around points, a little wider, within the cube."""
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.maximum(WIDER * (high - low), 0.01)
    return np.maximum(low - room, 0), np.minimum(high + room, 1)


def _walked(region: Region, known: Floats, seed: int) -> Floats:
    """Return points of a random walk in the region, begun at known ones (Metropolis)."""
    rng = np.random.default_rng([seed, STEPS])
    at = known[rng.integers(len(known), size=ENOUGH)]
    steps = np.maximum(known.std(axis=0), 0.01)
    kept = [at]
    for _ in range(WALKS):
        tried = at + rng.normal(0, 0.6, at.shape) * steps
        is_in = ((tried >= 0) & (tried <= 1)).all(axis=1)
        is_in[is_in] = region.holds(tried[is_in])
        at = np.where(is_in[:, np.newaxis], tried, at)
        kept.append(at)
    return np.unique(np.concatenate(kept[WALKS // 2 :]), axis=0)


def apart(points: Floats, n: int, taken: Floats) -> NDArray[np.int64]:
    """Return rows of n points, each as far as can be from those before it (maximin).

    Parameters
    ----------
    points : (m, d), to choose from.
    n : how many; all where there are no more.
    taken : points (k, d) that are there already, at least one.
    """
    if len(points) <= n:
        return np.arange(len(points))
    gap = np.full(len(points), np.inf)
    for one in taken:
        gap = np.minimum(gap, ((points - one) ** 2).sum(axis=1))
    chosen: list[int] = []
    for _ in range(n):
        chosen.append(int(np.argmax(gap)))
        gap = np.minimum(gap, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return np.array(chosen)
