"""History matching: waves of runs that rule out parameters, until no more can be ruled out.

Of a wave's runs an emulator is made for each target (`emulator`); what it puts too far from what
was observed is ruled out (`region`); the next wave's points are drawn from what is left (Vernon,
Goldstein & Bower 2010, Bayesian Analysis 5(4); for models with luck Andrianakis et al. 2015, PLOS
Computational Biology 11(1)). It does not seek a best set. What it finds is which sets the
evidence leaves open, and it may find none: then the model or a band is wrong, and it says so.

The sets that are returned were run: their own runs, and no emulator's word, say that they fit.
A wave is a sweep, so that its runs are found in the store again; all else follows from them, and
a calibration that was killed goes on by the same command.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import inspect
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.calibration.emulator import FEWEST_FOR, fit_emulator
from omemsim.analysis.calibration.readings import NEEDED, observe
from omemsim.analysis.calibration.region import (
    Region,
    Rule,
    apart,
    implausible,
    nearest_worst,
    sampled,
)
from omemsim.analysis.calibration.targets import CUTOFF, Target, check_fitted
from omemsim.inputs.config import Scenario
from omemsim.measures import MEASURES
from omemsim.study.design import Point, design
from omemsim.study.engine import POOL, Engine
from omemsim.study.expand import Expanded, Sweep, expand, study_of
from omemsim.study.factors import Factor
from omemsim.study.pilot import Pace, duration, pace_of
from omemsim.study.plan import Estimate, estimate
from omemsim.study.progress import Progress
from omemsim.study.store import Store
from omemsim.study.sweep import Observe, Tally, run_sweep, simulate_observed
from omemsim.study.swept import read_results
from omemsim.vocabulary.errors import InputError, OmemError

__all__ = [
    "ENDS",
    "USUAL",
    "Calibrated",
    "Plan",
    "Ran",
    "Wave",
    "calibrate",
    "first_wave",
    "recording",
]

Floats = NDArray[np.float64]

# What is calibrated where nobody says: levels of crime and calls from half to twice their default,
# what police record as its declaration says, and guardianship from none to twice.
USUAL = {
    "parameters.offend.violence": "24..96",
    "parameters.offend.theft": "26..106",
    "parameters.offend.household": "33..132",
    "parameters.offend.business": "350..1400",
    "parameters.crisis.rate": "0.35..1.4",
    "parameters.reporting.recorded": "0.4..0.8",
    "parameters.reporting.service": "65..260",
    "parameters.offend.guardianship": "0..3",
}
FEWEST = 2  # replicates, of which the luck is known
STILL = 0.9  # of the volume before: what is left of it if a wave ruled out next to nothing
SURE = 0.1  # emulators' variance as a part of the rest: more runs would hardly rule out more
ENDS = {
    "empty": "No set is plausible: the model, a band or a range of a parameter is wrong.",
    "sure": "The emulators are much surer than the observations: more waves would not help.",
    "still": "The last wave ruled out next to nothing.",
    "waves": "All waves that were asked for are done; more may rule out more.",
    "budget": "The time is up: another wave would not have ended in it.",
}


@dataclass(frozen=True)
class Plan:
    """What is asked.

    Attributes
    ----------
    scenario : what is run, of which the factors are varied.
    factors : parameters, each with a range.
    targets : what the runs are held against.
    waves : at most.
    points : parameter sets in a wave.
    replicates : towns and lucks of each set, at least `FEWEST`.
    sets : of the result, at most.
    cutoff, misses : as in `region.Rule`.
    seconds : time at most; None for no limit.
    observe : what a run gives.
    """

    scenario: Scenario
    factors: tuple[Factor, ...]
    targets: tuple[Target, ...]
    waves: int = 5
    points: int = 96
    replicates: int = 4
    sets: int = 100
    cutoff: float = CUTOFF
    misses: int = 0
    seconds: float | None = None
    observe: Observe = observe

    def check(self) -> None:
        """Raise `InputError` with all that is wrong with it."""
        problems = [
            f"{factor}: only a number with a range can be calibrated, as {factor.path}=1..2."
            for factor in self.factors
            if factor.low is None or factor.high is None
        ]
        fewest = FEWEST_FOR * (len(self.factors) + 1)
        if self.points < fewest:
            problems.append(
                f"points = {self.points}: an emulator of {len(self.factors)} parameters needs at "
                f"least {fewest} in a wave."
            )
        if self.replicates < FEWEST:
            problems.append(
                f"replicates = {self.replicates}: at least {FEWEST} are needed to know luck."
            )
        if self.misses >= len(self.targets) > 0:
            problems.append(
                f"misses = {self.misses}: must be below the number of targets, {len(self.targets)}."
            )
        if not self.factors:
            problems.append("Nothing varies: name a parameter.")
        if problems:
            raise InputError(*problems)
        check_fitted(self.targets)

    def point(self, unit: Floats) -> Point:
        """Return the values at a point (d,) of the unit cube."""
        each = zip(self.factors, unit.tolist(), strict=True)
        return {factor.path: factor.at(share) for factor, share in each}


@dataclass(frozen=True)
class Ran:
    """One parameter set that was run.

    Attributes
    ----------
    unit : float (d,), the set in the unit cube.
    point : its values.
    readings : float (targets,), means over the replicates that finished; NaN without any.
    each : float (targets,), implausibility by its own runs.
    worst : the one that counts, infinite if a reading is missing.
    """

    wave: int
    unit: Floats
    point: Point
    readings: Floats
    each: Floats
    worst: float


@dataclass(frozen=True)
class Wave:
    """What a wave found.

    Attributes
    ----------
    number : 0, 1, ...
    ran : its sets.
    rule : what it rules out.
    volume : share of the whole space that is left after it.
    unsure : by target, the emulators' variance as a part of all other variance, over what is left.
    seconds : it took.
    """

    number: int
    ran: tuple[Ran, ...]
    rule: Rule
    volume: float
    unsure: tuple[float, ...]
    seconds: float


@dataclass(frozen=True)
class Calibrated:
    """What a calibration found.

    Attributes
    ----------
    why : a key of `ENDS`.
    sets : the plausible sets, by their own runs: no more than asked for, spread evenly.
    plausible : how many there are in all.
    wrongly : plausible sets that some wave's emulators rule out: how far they can be relied on.
    left : float (m, d), points of the region that is left, in the unit cube.
    failed : runs.
    """

    plan: Plan
    waves: tuple[Wave, ...]
    why: str
    sets: tuple[Ran, ...]
    plausible: int
    wrongly: int
    left: Floats
    failed: int = 0

    @property
    def ran(self) -> list[Ran]:
        """Return the sets of all waves."""
        return [one for wave in self.waves for one in wave.ran]

    @property
    def region(self) -> Region:
        """Return what no wave rules out."""
        return Region(len(self.plan.factors), tuple(wave.rule for wave in self.waves))


def recording(scenario: Scenario, targets: Sequence[Target]) -> Scenario:
    """Return the scenario with no more recorded than the targets read."""
    read = {target.reading for target in targets} | NEEDED
    names = [name for name in MEASURES if name in read]
    record = dataclasses.replace(scenario.record, measures=names, series=False)
    return dataclasses.replace(scenario, record=record)


def first_wave(plan: Plan, *, workers: int) -> tuple[Estimate, Pace]:
    """Return what one wave takes on this machine, and the pace it is told from."""
    pace = pace_of(plan.scenario)
    unit = _first(plan)
    return estimate(_sweep(plan, unit), pace, workers=workers), pace


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
    kept : where runs are kept and found again.
    pace : from a pilot; timed here if None.
    command : the words that ask again.
    progress : as for `engine.run_tasks`.
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
    study = _Study(plan, kept, engine, pace, command, progress, tell)
    begun = time.monotonic()
    waves: list[Wave] = []
    unit, volume, why = _first(plan), 1.0, "waves"
    left = unit
    while len(waves) < plan.waves:
        if study.is_too_long(unit, time.monotonic() - begun, waves):
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
    return _calibrated(plan, waves, why, left, study.failed)


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


def _sweep(plan: Plan, unit: Floats) -> Sweep:
    points = [plan.point(row) for row in unit]
    arms = {plan.scenario.strategy.name: plan.scenario}
    return Sweep(arms, design("list", points=points), plan.replicates)


@dataclass
class _Study:
    """Runs waves and keeps count."""

    plan: Plan
    kept: Store
    engine: Engine
    pace: Pace
    command: tuple[str, ...]
    progress: Progress
    tell: Callable[[str], None]
    failed: int = 0

    def is_too_long(self, unit: Floats, spent: float, waves: Sequence[Wave]) -> bool:
        """Return whether another wave would not end in time; what the store holds takes none."""
        if self.plan.seconds is None:
            return False
        expanded = self._expanded(unit)
        done = self.kept.done(list(expanded.unlike()))
        missing = [one for one in expanded.members if one.run_id not in done]
        workers = self.engine.processes
        seconds = estimate(expanded.sweep, self.pace, workers=workers, missing=missing).seconds
        if spent + seconds <= self.plan.seconds:
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
        self.tell(
            f"Wave {number + 1} of at most {self.plan.waves}: {len(unit):,} sets x "
            f"{self.plan.replicates} replicates."
        )
        values = self._run(unit)
        means, luck = _means(values)
        ran = _ran(self.plan, number, unit, means, luck)
        region = Region(unit.shape[1], tuple(wave.rule for wave in before))
        rule = _rule(self.plan, [*_all(before), *ran], region, luck)
        region = Region(region.d, (*region.rules, rule))
        fits = [one.unit for one in (*_all(before), *ran) if one.worst <= self.plan.cutoff]
        inside = np.array([x for x in fits if region.holds(x[np.newaxis])[0]])
        seed = self.plan.scenario.seed + number
        left = sampled(region, seed, inside if len(inside) else None)
        unsure = _unsure(rule, left.points)
        seconds = time.monotonic() - begun
        self.tell(_said(number, left.volume, ran, self.plan, seconds))
        return Wave(number, tuple(ran), rule, left.volume, unsure, seconds), left.points

    def _expanded(self, unit: Floats) -> Expanded:
        return expand(_sweep(self.plan, unit)).asking(_asked(self.plan.observe))

    def _run(self, unit: Floats) -> Floats:
        """Return the readings of a wave's runs, (sets, replicates, targets), NaN if missing."""
        expanded = self._expanded(unit)
        targets = self.plan.targets
        tally = Tally()
        run_sweep(
            expanded,
            self.kept,
            tally=tally,
            pace=self.pace,
            engine=self.engine,
            command=self.command,
            progress=self.progress,
            work=functools.partial(simulate_observed, observe=self.plan.observe),
            units={target.reading: target.unit for target in targets},
        )
        self.failed += len(tally.failures)
        found = read_results(expanded, self.kept, study_of(expanded, self.command).name)
        wanted = [target.reading for target in targets]
        _check_readings(wanted, found.names)
        places = [found.names.index(name) for name in wanted]
        return np.asarray(found.values[0][:, :, places])


def _asked(what: Observe) -> str:
    """Return what names a function that observes, with a hash of the file it stands in."""
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


def _means(values: Floats) -> tuple[Floats, Floats]:
    """Return means (sets, targets) and the variance of one run by luck (targets,), pooled."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0).sum(axis=1)
    means = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    squares = np.where(known, (values - means[:, np.newaxis]) ** 2, 0).sum(axis=(0, 1))
    freedom = np.maximum(count - 1, 0).sum(axis=0)
    if (freedom == 0).any():
        raise OmemError("Too few runs of this wave finished to know what is luck.")
    return means, np.asarray(squares / freedom)


def _ran(plan: Plan, number: int, unit: Floats, means: Floats, luck: Floats) -> list[Ran]:
    each = np.array(
        [
            implausible(target, means[:, k], np.full(len(unit), luck[k] / plan.replicates), luck[k])
            for k, target in enumerate(plan.targets)
        ]
    )
    worst = nearest_worst(np.nan_to_num(each, nan=math.inf), plan.misses)
    return [
        Ran(number, unit[i], plan.point(unit[i]), means[i], each[:, i], float(worst[i]))
        for i in range(len(unit))
    ]


def _rule(plan: Plan, ran: Sequence[Ran], before: Region, luck: Floats) -> Rule:
    """Return what a wave rules out, by emulators of all sets that were not ruled out before it."""
    points = np.array([one.unit for one in ran])
    kept = before.holds(points)
    points, readings = points[kept], np.array([one.readings for one in ran])[kept]
    emulators = []
    for k, target in enumerate(plan.targets):
        known = np.isfinite(readings[:, k])
        try:
            noise = float(luck[k]) / plan.replicates
            emulators.append(fit_emulator(points[known], readings[known, k], noise))
        except ValueError as error:
            raise OmemError(f"{target.name}: {error}; too many runs gave no number.") from error
    return Rule(plan.targets, tuple(emulators), tuple(luck.tolist()), plan.cutoff, plan.misses)


def _unsure(rule: Rule, points: Floats) -> tuple[float, ...]:
    """Return the emulators' mean variance as a part of the rest, by target."""
    if not len(points):
        return tuple(0.0 for _ in rule.targets)
    some = points[:: max(1, len(points) // 500)]
    each = zip(rule.targets, rule.emulators, rule.luck, strict=True)
    return tuple(
        float(
            emulator.predict(some)[1].mean()
            / (luck * x.of_one_town + x.discrepancy**2 + x.error**2)
        )
        for x, emulator, luck in each
    )


def _said(number: int, volume: float, ran: Sequence[Ran], plan: Plan, seconds: float) -> str:
    fit = sum(one.worst <= plan.cutoff for one in ran)
    return (
        f"Wave {number + 1}: {fit} of {len(ran)} sets fit; {_share(volume)} of the space is not "
        f"ruled out ({duration(seconds)})."
    )


def _share(volume: float) -> str:
    return f"{100 * volume:.2g}%" if volume > 0 else "nothing"


def _calibrated(
    plan: Plan, waves: Sequence[Wave], why: str, left: Floats, failed: int
) -> Calibrated:
    fitting = [one for one in _all(waves) if one.worst <= plan.cutoff]
    region = Region(len(plan.factors), tuple(wave.rule for wave in waves))
    wrongly = 0
    chosen: list[Ran] = []
    if fitting:
        units = np.array([one.unit for one in fitting])
        wrongly = int((~region.holds(units)).sum())
        best = int(np.argmin([one.worst for one in fitting]))
        rest = [i for i in range(len(fitting)) if i != best]
        others = apart(units[rest], plan.sets - 1, units[[best]])
        chosen = [fitting[best], *(fitting[rest[i]] for i in others.tolist())]
    return Calibrated(plan, tuple(waves), why, tuple(chosen), len(fitting), wrongly, left, failed)
