"""History matching: waves of runs that rule out parameters, until no more can be ruled out.

Of a wave's runs an emulator is made for each target (`emulator`); what it puts too far from what
was observed is ruled out (`region`); the next wave's points are drawn from what is left (Vernon,
Goldstein & Bower 2010, Bayesian Analysis 5(4); for stochastic models Andrianakis et al. 2015, PLOS
Computational Biology 11(1)). It does not seek a best set. What it finds is which sets the
evidence leaves open, and it may find none: then the model or a band is wrong, and it says so.

The sets that are returned were run: their own runs, and no emulator's word, say that they fit.
A wave is a sweep, so that its runs are found in the store again; all else follows from them, and
a calibration that was killed goes on by the same command.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.calibration.best import find_best, foretold, means_of, runs_of_best
from omemsim.analysis.calibration.emulator import fit_emulator
from omemsim.analysis.calibration.plan import Best, Calibrated, Plan, Ran, Wave
from omemsim.analysis.calibration.readings import Observed
from omemsim.analysis.calibration.region import Region, Rule, apart, sampled
from omemsim.present import text
from omemsim.present.text import duration
from omemsim.study.cost_estimate import CostEstimate, estimate
from omemsim.study.design import Point, design
from omemsim.study.engine import POOL, Engine
from omemsim.study.expand import Expanded, Sweep, expand
from omemsim.study.progress import Progress
from omemsim.study.run_times import Pace, pace_of
from omemsim.study.store import Store
from omemsim.study.sweep import Observe, missing_of, observed
from omemsim.study.sweep_sequence import SweepSequence
from omemsim.vocabulary.errors import InputError, OmemError

__all__ = ["calibrate", "first_wave", "whole"]

Floats = NDArray[np.float64]

STILL = 0.9  # of the volume before: what is left of it if a wave ruled out next to nothing
SURE = 0.1  # emulators' variance as a part of the rest: more runs would hardly rule out more
SEARCHES = 2  # waves that look for the least implausible sets where none is plausible
LEAST_TIMED = 5.0  # seconds of a wave from which it is learnt how long the next will take


def first_wave(plan: Plan, *, workers: int) -> tuple[CostEstimate, Pace]:
    """Return how long one wave takes on this machine, and the pace this is estimated from."""
    pace = pace_of(plan.scenario)
    return estimate(_sweep(plan, _points(plan, _first(plan))), pace, workers=workers), pace


def whole(plan: Plan, wave: CostEstimate) -> float:
    """Return the seconds of all waves and of the best set, from those of one wave."""
    each = wave.seconds / (plan.points * plan.replicates)
    return plan.waves * wave.seconds + runs_of_best(plan) * each


def calibrate(
    plan: Plan,
    kept: Store,
    *,
    engine: Engine = POOL,
    pace: Pace | None = None,
    command: tuple[str, ...] = (),
    progress: Progress = True,
    tell: Callable[[str], None] = lambda _: None,
) -> Calibrated:
    """Run waves until nothing more can be ruled out.

    Parameters
    ----------
    plan : what is asked.
    kept : where runs are kept and found again.
    engine : where the runs are made.
    pace : from a pilot; timed here if None.
    command : the words that ask again.
    progress : as for `dispatch.run_tasks`.
    tell : is told a line before and after each wave.

    Raises
    ------
    InputError
        If the plan is wrong, or its time too short for a wave.
    OmemError
        If too few runs of a wave finished.
    """
    plan.check()
    pace = pace_of(plan.scenario) if pace is None else pace
    study = _Study(plan, SweepSequence(kept, pace, engine, command, progress), tell)
    waves: list[Wave] = []
    unit, volume, why = _first(plan), 1.0, "waves"
    left = unit
    while len(waves) < plan.waves:
        if study.is_too_long(unit, waves):
            why = "budget"
            break
        wave, left = study.wave(waves, unit)
        waves.append(wave)
        if found := _end(plan, waves, volume):
            why = found
            break
        volume = wave.volume
        taken = np.array([one.unit for one in _all(waves)])
        unit = left[apart(left, plan.points, taken)]
    if why == "empty":
        study.search(waves)
    best = study.best(waves, left)
    return _calibrated(plan, waves, why, left, best, study.runner.failed)


def _first(plan: Plan) -> Floats:
    made = design("latin", plan.factors, n=plan.points, seed=plan.scenario.seed)
    return np.asarray(made.unit)


def _all(waves: Sequence[Wave]) -> Iterator[Ran]:
    for wave in waves:
        yield from wave.ran


def _end(plan: Plan, waves: Sequence[Wave], before: float) -> str:
    """Return why there need be no other wave, empty if there should be one.

    While there are fewer plausible sets than are wanted, another wave finds some.
    """
    if waves[-1].volume == 0:
        return "empty"
    if sum(one.worst <= plan.cutoff for one in _all(waves)) < plan.sets:
        return ""
    if max(waves[-1].unsure) < SURE:
        return "sure"
    return "still" if len(waves) > 1 and waves[-1].volume > STILL * before else ""


def _points(plan: Plan, unit: Floats) -> list[Point]:
    return [plan.point(row) for row in unit]


def _sweep(plan: Plan, points: Sequence[Point], replicates: int | None = None) -> Sweep:
    arms = {plan.scenario.strategy.name: plan.scenario}
    return Sweep(arms, design("list", points=points), replicates or plan.replicates)


@dataclass
class _Study:
    """Runs waves and keeps count of time.

    ``slower`` is how much longer runs take than the pilot says: other work, and reading them.
    """

    plan: Plan
    runner: SweepSequence
    tell: Callable[[str], None]
    slower: float = 1.0

    def __post_init__(self) -> None:
        self.begun = time.monotonic()

    def takes(self, points: Sequence[Point], replicates: int) -> tuple[float, float]:
        """Return the seconds of what the store lacks of these points, and of any one run."""
        expanded = self._expanded(_sweep(self.plan, points, replicates))
        missing = missing_of(expanded, self.runner.kept)
        workers = self.runner.engine.processes
        both = (
            estimate(expanded.sweep, self.runner.pace, workers=workers, missing=some).seconds
            for some in (missing, expanded.members)
        )
        left, whole_wave = (self.slower * seconds for seconds in both)
        return left, whole_wave / len(expanded.members)

    def is_too_long(self, unit: Floats, waves: Sequence[Wave]) -> bool:
        """Return whether another wave would not end in time; what the store holds takes none."""
        if self.plan.seconds is None:
            return False
        seconds, each = self.takes(_points(self.plan, unit), self.plan.replicates)
        last = each * runs_of_best(self.plan) if waves else 0
        spent = time.monotonic() - self.begun
        if spent + seconds + last <= self.plan.seconds:
            return False
        if not waves:
            raise InputError(
                f"budget: {duration(self.plan.seconds)} is too little: the first wave takes about "
                f"{duration(seconds)}. Give more time, or fewer points= or replicates=."
            )
        return True

    def wave(self, before: Sequence[Wave], unit: Floats) -> tuple[Wave, Floats]:
        """Return a wave and points of what is left after it."""
        begun = time.monotonic()
        number = len(before)
        region = Region(unit.shape[1], tuple(wave.rule for wave in before))
        ran, rule = self._ruled(before, unit, region)
        region = Region(region.d, (*region.rules, rule))
        fits = [one.unit for one in (*_all(before), *ran) if one.worst <= self.plan.cutoff]
        inside = np.array([x for x in fits if region.holds(x[np.newaxis])[0]])
        seed = self.plan.scenario.seed + number
        left = sampled(region, seed, inside if len(inside) else None)
        unsure = _unsure(rule, left.points)
        seconds = time.monotonic() - begun
        self.tell(_said(number, left.volume, ran, self.plan, seconds))
        return Wave(number, tuple(ran), rule, left.volume, unsure, seconds), left.points

    def _ruled(
        self, before: Sequence[Wave], unit: Floats, region: Region
    ) -> tuple[list[Ran], Rule]:
        """Run a wave's points; return them and what the emulators of all in a region rule out."""
        number = len(before)
        values = self._of_wave(number, _points(self.plan, unit))
        noise = _noise(values)
        ran = _ran(self.plan, number, unit, means_of(values), noise)
        return ran, _rule(self.plan, [*_all(before), *ran], region, noise)

    def search(self, waves: list[Wave]) -> None:
        """Look, where nothing is plausible, for what is least implausible; add waves of it.

        Their points are those that the emulators put nearest to the targets, so they say no more
        of the space than that nothing of it is left.
        """
        for _ in range(min(SEARCHES, self.plan.waves - len(waves))):
            begun = time.monotonic()
            near = foretold(self.plan, waves[-1].rule, np.array([x.unit for x in _all(waves)]))
            unit = near[apart(near, self.plan.points, near[:1])]
            if self.is_too_long(unit, waves):
                return
            self.tell("Nothing is left; the next sets are the least implausible ones.")
            ran, rule = self._ruled(waves, unit, Region(unit.shape[1]))
            seconds = time.monotonic() - begun
            self.tell(_said(len(waves), 0.0, ran, self.plan, seconds))
            unsure = tuple(0.0 for _ in rule.targets)
            waves.append(Wave(len(waves), tuple(ran), rule, 0.0, unsure, seconds))

    def _of_wave(self, number: int, points: Sequence[Point]) -> Floats:
        """Run the points of a wave; say before it how long all will take, and learn from it."""
        plan = self.plan
        seconds, each = self.takes(points, plan.replicates)
        more = (plan.waves - number - 1) * plan.points * plan.replicates + runs_of_best(plan)
        self.tell(
            f"Wave {number + 1} of at most {plan.waves}: {len(points):,} sets x "
            f"{plan.replicates} replicates, {_time_of(seconds)}; at most "
            f"{duration(seconds + more * each)} to the end."
        )
        begun = time.monotonic()
        values = self.run(points, plan.replicates)
        if seconds > LEAST_TIMED:
            self.slower *= (time.monotonic() - begun) / seconds
        return values

    def best(self, waves: Sequence[Wave], left: Floats) -> Best:
        """Return the best set, from runs of no wave."""
        self.tell(f"The best set: {runs_of_best(self.plan):,} runs in towns of no wave.")
        return find_best(self.plan, waves, left, self._if_any)

    def _if_any(self, points: Sequence[Point], replicates: int) -> Floats:
        """Return readings as `run` does, none where no run finished: the waves stay worth it."""
        try:
            return self.run(points, replicates)
        except InputError:
            raise
        except OmemError:
            return np.full((len(points), replicates, len(self.plan.targets)), np.nan)

    def _expanded(self, sweep: Sweep) -> Expanded:
        return expand(sweep).asking(_asked(self.plan.observed))

    def run(self, points: Sequence[Point], replicates: int) -> Floats:
        """Return the readings of points, (points, replicates, targets), NaN if missing."""
        observe, targets = self.plan.observed, self.plan.targets
        found = self.runner.run(
            _sweep(self.plan, points, replicates),
            asked=_asked(observe),
            read=functools.partial(observed, observe=observe),
            units={target.reading: target.unit for target in targets},
        )
        wanted = [target.reading for target in targets]
        _check_readings(wanted, found.names)
        places = [found.names.index(name) for name in wanted]
        return np.asarray(found.values[0][:, :, places])


def _asked(what: Observe) -> str:
    """Return what names a question: its own name, else the function and a hash of its file."""
    if isinstance(what, Observed):
        return what.name
    path = Path(inspect.getsourcefile(what) or "")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return f"{what.__module__}.{what.__qualname__}+{digest}"


def _check_readings(wanted: Sequence[str], names: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in names]
    if missing:
        raise OmemError(
            f"No run gave {', '.join(missing)}. Is the town too small for it, or the reading's "
            f"name wrong? Runs give: {', '.join(names)}."
        )


def _noise(values: Floats) -> Floats:
    """Return the variance of one run by chance (targets,), pooled over sets."""
    count = np.isfinite(values).sum(axis=1)
    squares = np.nansum((values - means_of(values)[:, np.newaxis]) ** 2, axis=(0, 1))
    freedom = np.maximum(count - 1, 0).sum(axis=0)
    if (freedom == 0).any():
        raise OmemError("Too few runs of this wave finished to estimate their noise.")
    return np.asarray(squares / freedom)


def _ran(plan: Plan, number: int, unit: Floats, means: Floats, noise: Floats) -> list[Ran]:
    each, worst = plan.implausibility(means, noise, plan.replicates)
    points = _points(plan, unit)
    return [
        Ran(number, unit[i], points[i], means[i], each[:, i], float(worst[i]))
        for i in range(len(unit))
    ]


def _rule(plan: Plan, ran: Sequence[Ran], before: Region, noise: Floats) -> Rule:
    """Return what a wave rules out, by emulators of all sets that were not ruled out before it."""
    points = np.array([one.unit for one in ran])
    kept = before.holds(points)
    points, readings = points[kept], np.array([one.readings for one in ran])[kept]
    emulators = []
    for k, target in enumerate(plan.targets):
        known = np.isfinite(readings[:, k])
        try:
            variance = float(noise[k]) / plan.replicates
            emulators.append(fit_emulator(points[known], readings[known, k], variance))
        except ValueError as error:
            raise OmemError(f"{target.name}: {error}; too many runs gave no number.") from error
    return Rule(plan.targets, tuple(emulators), tuple(noise.tolist()), plan.cutoff, plan.misses)


def _unsure(rule: Rule, points: Floats) -> tuple[float, ...]:
    """Return the emulators' mean variance as a part of the rest, by target."""
    if not len(points):
        return tuple(0.0 for _ in rule.targets)
    some = points[:: max(1, len(points) // 500)]
    each = zip(rule.targets, rule.emulators, rule.noise, strict=True)
    return tuple(
        float(
            emulator.predict(some)[1].mean()
            / (noise * x.of_one_town + x.discrepancy**2 + x.error**2)
        )
        for x, emulator, noise in each
    )


def _said(number: int, volume: float, ran: Sequence[Ran], plan: Plan, seconds: float) -> str:
    fit = sum(one.worst <= plan.cutoff for one in ran)
    left = text.small_share(volume)
    return (
        f"Wave {number + 1}: {fit} of {len(ran)} sets fit; {left} of the space is left "
        f"({duration(seconds)})."
    )


def _time_of(seconds: float) -> str:
    return f"about {duration(seconds)}" if seconds else "all in the store"


def _calibrated(
    plan: Plan, waves: Sequence[Wave], why: str, left: Floats, best: Best, failed: int
) -> Calibrated:
    fitting = [one for one in _all(waves) if one.worst <= plan.cutoff]
    region = Region(len(plan.factors), tuple(wave.rule for wave in waves))
    wrongly = 0
    chosen: list[Ran] = []
    if fitting:
        units = np.array([one.unit for one in fitting])
        wrongly = int((~region.holds(units)).sum())
        first = int(np.argmin([one.worst for one in fitting]))
        rest = [i for i in range(len(fitting)) if i != first]
        others = apart(units[rest], plan.sets - 1, units[[first]])
        chosen = [fitting[first], *(fitting[rest[i]] for i in others.tolist())]
    return Calibrated(
        plan, tuple(waves), why, tuple(chosen), len(fitting), wrongly, left, best, failed
    )
