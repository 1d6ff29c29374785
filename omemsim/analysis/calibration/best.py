"""One best parameter set, for users who need a single town to run and not the whole region.

The sets that came nearest by their own runs, and those that the emulators think nearest, are all
run again in new towns, used in no wave; the one whose largest implausibility is least is taken.
The nearest of many is so in part by chance, so what is reported of it comes from yet other runs,
beside the defaults in the same towns with the same random numbers. No emulator takes part in the
choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.calibration.plan import Best, Plan, Wave
from omemsim.analysis.calibration.region import Rule, apart, implausible, nearest_worst
from omemsim.inputs.schema import put, value_at
from omemsim.study.design import Point
from omemsim.study.factors import Factor

__all__ = ["TRIED", "find_best", "foretold", "means_of", "overlay", "runs_of_best"]

Floats = NDArray[np.float64]
RunPoints = Callable[[Sequence[Point], int], Floats]  # points, replicates -> readings

TRIED = 8  # sets that the best is chosen from: half by their own runs, half by the emulators
SEEDS = 1_000_000  # between the seeds of the waves, of the choice and of what is told
DIGITS = 4  # of a value that is written for people: the same that is run
LOOKED_AT = 1 << 13
PARENTS, CHILDREN = 512, 8  # of a search in the emulators
WIDTHS = (0.1, 0.05, 0.02, 0.01)  # of a parameter's range, by which it is narrowed


def runs_of_best(plan: Plan) -> int:
    """Return how many runs it takes at most."""
    return (TRIED + 2) * plan.fresh


def find_best(plan: Plan, waves: Sequence[Wave], left: Floats, run: RunPoints) -> Best:
    """Return the best set.

    Parameters
    ----------
    plan : what is asked.
    waves : all that were run, one at least.
    left : points (m, d) that no wave rules out; may be none.
    run : runs points and returns readings (points, replicates, targets), NaN where there is none.
    """
    tried = _tried(plan, waves, left)
    noise = np.array(waves[-1].rule.noise)
    means = means_of(run(_seeded(plan, tried, 1), plan.fresh))
    _, worst = plan.implausibility(means, noise, plan.fresh)
    chosen = tried[int(np.argmin(worst))]
    both = [chosen, {factor.path: _usual(plan, factor) for factor in plan.factors}]
    told = run(_seeded(plan, both, 2), plan.fresh)
    each, worst = plan.implausibility(means_of(told), noise, plan.fresh)
    return Best(
        point=chosen,
        readings=told[0],
        usual=told[1],
        each=each[:, 0],
        usual_each=each[:, 1],
        worst=float(worst[0]),
        usual_worst=float(worst[1]),
        tried=len(tried),
    )


def means_of(values: Floats) -> Floats:
    """Return means over replicates of (sets, replicates, targets); NaN where no run gave any."""
    known = np.isfinite(values)
    total, count = np.where(known, values, 0).sum(axis=1), known.sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _seeded(plan: Plan, points: Sequence[Point], number: int) -> list[Point]:
    """Return the points with new towns, used in no wave."""
    return [{**point, "seed": plan.scenario.seed + number * SEEDS} for point in points]


def _tried(plan: Plan, waves: Sequence[Wave], left: Floats) -> list[Point]:
    """Return the sets that the best is chosen from, as they are written for people."""
    ran = sorted((one for wave in waves for one in wave.ran), key=lambda one: one.worst)
    near = np.array([one.unit for one in ran[: TRIED // 2]])
    thought = foretold(plan, waves[-1].rule, np.concatenate([near, left[:LOOKED_AT]]))
    others = thought[apart(thought, TRIED - len(near) - 1, thought[:1])]
    units = [*near, thought[0], *others]
    points = [_written(plan, unit) for unit in units]
    return [point for i, point in enumerate(points) if point not in points[:i]]


def foretold(plan: Plan, rule: Rule, known: Floats) -> Floats:
    """Return the points that emulators put nearest to the targets, the nearest first.

    Their own uncertainty is left out: with it a point of which nothing is known is near to all.

    Parameters
    ----------
    plan : gives the seed and the number d of parameters.
    rule : whose emulators foretell.
    known : points (k, d) of the unit cube to begin with, beside random ones.
    """
    rng = np.random.default_rng([plan.scenario.seed, LOOKED_AT])
    points = np.concatenate([known, rng.random((LOOKED_AT, len(plan.factors)))])
    points = points[np.argsort(_off(rule, points))[:PARENTS]]
    for width in WIDTHS:
        moved = np.repeat(points, CHILDREN, axis=0)
        moved = np.clip(moved + rng.normal(0, width, moved.shape), 0, 1)
        points = np.concatenate([points, moved])
        points = points[np.argsort(_off(rule, points))[:PARENTS]]
    return points


def _off(rule: Rule, points: Floats) -> Floats:
    each = zip(rule.targets, rule.emulators, rule.noise, strict=True)
    rows = [
        implausible(target, emulator.mean(points), np.zeros(len(points)), noise)
        for target, emulator, noise in each
    ]
    return nearest_worst(np.array(rows), rule.misses)


def _written(plan: Plan, unit: Floats) -> Point:
    """Return the values at a point of the unit cube, in as many digits as one writes."""
    each = zip(plan.factors, plan.point(unit).values(), strict=True)
    return {factor.path: _short(factor, value) for factor, value in each}


def _short(factor: Factor, value: Any) -> Any:
    if factor.is_whole:
        return value
    low, high = factor.ends()
    return min(max(float(f"{value:.{DIGITS}g}"), low), high)


def _usual(plan: Plan, factor: Factor) -> Any:
    value = float(value_at(plan.scenario, factor.path))
    return int(value) if factor.is_whole else value


def overlay(best: Best, *, name: str, about: Mapping[str, str]) -> str:
    """Return the best set as a setting: a file of differences, for ``setting=FILE``.

    Parameters
    ----------
    best : the set.
    name : of the setting.
    about : lines of its head, by their title.
    """
    import yaml

    tree: dict[str, Any] = {}
    for path, value in best.point.items():
        tree = put(tree, path, value)
    head = "".join(f"# {title}: {text}\n" for title, text in about.items())
    content = {"name": name, "description": "The best set of a calibration.", **tree}
    return head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
