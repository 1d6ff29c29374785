"""What a calibration is asked, and what it found: no more than data."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.calibration.emulator import FEWEST_FOR
from omemsim.analysis.calibration.readings import SURVEY, Observed
from omemsim.analysis.calibration.region import Region, Rule, implausible, nearest_worst
from omemsim.analysis.calibration.targets import CUTOFF, Target, check_fitted
from omemsim.inputs.scenario import Scenario
from omemsim.study.design import Point
from omemsim.study.factors import Factor
from omemsim.study.sweep import Observe
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

__all__ = [
    "ENDS",
    "USUAL",
    "Best",
    "Calibrated",
    "Plan",
    "Ran",
    "Wave",
    "observed_by",
    "recording",
]

Floats = NDArray[np.float64]

# What is calibrated where nobody says: levels of crime and calls from half to twice their default,
# what police record as its declaration says, and guardianship from none to twice.
USUAL = {
    "parameters.offend.violence": "28..114",
    "parameters.offend.theft": "33..132",
    "parameters.offend.household": "12..48",
    "parameters.offend.business": "350..1400",
    "parameters.crisis.rate": "0.35..1.4",
    "parameters.reporting.recorded": "0.4..0.8",
    "parameters.reporting.service": "65..260",
    "parameters.offend.guardianship": "0..2",
}
FEWEST = 2  # replicates, of which the noise is known
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
    targets : what the runs are compared with.
    waves : at most.
    points : parameter sets in a wave.
    replicates : simulated towns of each set, at least `FEWEST`.
    sets : of the result, at most.
    fresh : new towns, of no wave, on which the best set is chosen and reported, `FEWEST` or more.
    cutoff, misses : as in `region.Rule`.
    seconds : time at most; None for no limit.
    observe : what is read of a town; None reads what the targets need.
    """

    scenario: Scenario
    factors: tuple[Factor, ...]
    targets: tuple[Target, ...]
    waves: int = 5
    points: int = 96
    replicates: int = 4
    sets: int = 100
    fresh: int = 8
    cutoff: float = CUTOFF
    misses: int = 0
    seconds: float | None = None
    observe: Observe | None = None

    def check(self) -> None:
        """Check all of it.

        Raises
        ------
        InputError
            With everything that is wrong.
        """
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
        problems += [
            f"{name} = {value}: at least {FEWEST} are needed to estimate the noise."
            for name, value in (("replicates", self.replicates), ("fresh", self.fresh))
            if value < FEWEST
        ]
        if self.misses >= len(self.targets) > 0:
            problems.append(
                f"misses = {self.misses}: must be below the number of targets, {len(self.targets)}."
            )
        if not self.factors:
            problems.append("Nothing varies: name a parameter.")
        if problems:
            raise InputError(*problems)
        check_fitted(self.targets, self.scenario.town.kind)

    @property
    def observed(self) -> Observe:
        """Return what is read of a town."""
        return observed_by(self.targets) if self.observe is None else self.observe

    def point(self, unit: Floats) -> Point:
        """Return the values at a point (d,) of the unit cube."""
        each = zip(self.factors, unit.tolist(), strict=True)
        return {factor.path: factor.at(share) for factor, share in each}

    def implausibility(self, means: Floats, noise: Floats, runs: int) -> tuple[Floats, Floats]:
        """Return how far sets are from the targets by their own runs.

        Parameters
        ----------
        means : (sets, targets), each over ``runs``; NaN where there is none.
        noise : (targets,), variance of one run.
        runs : that each mean is over, 1 or more.

        Returns
        -------
        Implausibility (targets, sets), and the one that counts (sets,), infinite if one is missing.
        """
        rows = [
            implausible(target, means[:, k], np.full(len(means), noise[k] / runs), noise[k])
            for k, target in enumerate(self.targets)
        ]
        each = np.array(rows)
        return each, nearest_worst(np.nan_to_num(each, nan=np.inf), self.misses)


def observed_by(targets: Sequence[Target]) -> Observed:
    """Return what is read of a town so that all targets are known."""
    return Observed(tuple(sorted({x.needs for x in targets}, key=lambda x: (x != SURVEY, x))))


def recording(scenario: Scenario, targets: Sequence[Target]) -> Scenario:
    """Return the scenario as long as its readings, so that its cost is estimated correctly.

    What is recorded of a run is left at the least: the readings look at the town themselves.
    """
    record = dataclasses.replace(scenario.record, measures=["victimization"], series=False)
    years = max(observed_by(targets).weeks, 1) / WEEKS_PER_YEAR
    return dataclasses.replace(scenario, record=record, years=years)


@dataclass(frozen=True)
class Ran:
    """One parameter set that was run.

    Attributes
    ----------
    wave : its number, 0, 1, ...
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
class Best:
    """The set whose largest implausibility is least, by runs of no wave.

    Attributes
    ----------
    point : its values.
    readings, usual : float (fresh, targets), of the set and of the defaults, in the same towns with
        the same random numbers, by which nothing was chosen; NaN where a run gave no number.
    each, usual_each : float (targets,), implausibility by these.
    worst, usual_worst : the ones that count.
    tried : sets it was chosen from, by runs of their own.
    """

    point: Point
    readings: Floats
    usual: Floats
    each: Floats
    usual_each: Floats
    worst: float
    usual_worst: float
    tried: int


@dataclass(frozen=True)
class Calibrated:
    """What a calibration found.

    Attributes
    ----------
    plan, waves : what was asked, and the waves that were run.
    why : a key of `ENDS`.
    sets : the plausible sets, by their own runs: no more than asked for, spread evenly.
    plausible : how many there are in all.
    wrongly : plausible sets that some wave's emulators rule out: how far they can be relied on.
    left : float (m, d), points of the region that is left, in the unit cube.
    best : the one set to take where one is needed.
    failed : runs.
    """

    plan: Plan
    waves: tuple[Wave, ...]
    why: str
    sets: tuple[Ran, ...]
    plausible: int
    wrongly: int
    left: Floats
    best: Best
    failed: int = 0

    @property
    def ran(self) -> list[Ran]:
        """Return the sets of all waves."""
        return [one for wave in self.waves for one in wave.ran]

    @property
    def region(self) -> Region:
        """Return what no wave rules out."""
        return Region(len(self.plan.factors), tuple(wave.rule for wave in self.waves))
