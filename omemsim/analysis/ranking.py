"""Which parameters decide how strategies compare: three sweeps, each over what the one before left.

1. Morris's screening over all uncertain parameters finds those that move the *difference*
   between strategies; most move all strategies alike, and do not matter to a choice.
2. Sobol's indices of those that survive divide up the variance of the difference.
3. Parameter sets drawn from all of them, each with its own towns and random numbers, say how much
   of the spread comes from parameters, initial town and chance, and how often each strategy is
   best.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.inputs.scenario import Scenario
from omemsim.present import csv
from omemsim.study.contrasts import FIRST, about
from omemsim.study.cost_estimate import CostEstimate, estimate, fitted
from omemsim.study.design import Design, design
from omemsim.study.engine import POOL, Engine
from omemsim.study.expand import Sweep
from omemsim.study.factor_importance import Driven, drivers_of
from omemsim.study.factors import Factor
from omemsim.study.indices import Morris, Sobol
from omemsim.study.noise import NoiseBudget, WorldShare, noise_budget, share_of_worlds
from omemsim.study.parameter_sets import range_of, uncertain
from omemsim.study.progress import Progress
from omemsim.study.run_times import Pace, pace_of
from omemsim.study.store import Store
from omemsim.study.sweep_results import Swept
from omemsim.study.sweep_sequence import SweepSequence
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import Parameters

__all__ = [
    "Ranking",
    "Sizes",
    "Stages",
    "all_factors",
    "estimates",
    "in_budget",
    "rank",
    "ranking_csv",
    "stages_of",
]

Floats = NDArray[np.float64]

PARTS = (0.5, 0.35, 0.15)  # of a budget: screening, indices, parameter sets
FEWEST_SETS = 4
RUNS_OF_A_TOWN = 2  # of a town: as few as can separate noise from the town
SEEDS = 100_000  # between the seeds of two parameter sets, so that they have no town in common


@dataclass(frozen=True)
class Sizes:
    """How much of each stage.

    Attributes
    ----------
    trajectories : of the screening, each a run per parameter and one more.
    survivors : parameters that go on to the second stage, at most.
    points : rows of the Sobol design, a power of 2, each a run per survivor and two more.
    worlds : parameter sets of the third stage.
    replicates : simulated towns of each point.
    """

    trajectories: int = 4
    survivors: int = 8
    points: int = 64
    worlds: int = 24
    replicates: int = 2


@dataclass(frozen=True)
class Stages:
    """What is studied: arms (the first is the baseline), factors, sizes, the outcome.

    What varies in the third stage beside the factors is the seed of the towns and of the noise.
    """

    arms: Mapping[str, Scenario]
    factors: tuple[Factor, ...]
    sizes: Sizes
    outcome: str

    @property
    def seed(self) -> int:
        """Return the seed of the designs."""
        return next(iter(self.arms.values())).seed

    def screening(self, n: int | None = None) -> Sweep:
        """Return the first stage, or what it would be with n trajectories."""
        made = design("morris", self.factors, n=n or self.sizes.trajectories, seed=self.seed)
        return Sweep(self.arms, made, self.sizes.replicates)

    def indices(self, names: Sequence[str], n: int | None = None) -> Sweep:
        """Return the second stage, of these parameters."""
        kept = [factor for factor in self.factors if factor.path in names]
        made = design("sobol", kept, n=n or self.sizes.points, seed=self.seed)
        return Sweep(self.arms, made, self.sizes.replicates)

    def parameter_sets(self, n: int | None = None) -> Sweep:
        """Return the third stage: parameter sets x seeds, each set with its own towns."""
        drawn = design("latin", self.factors, n=n or self.sizes.worlds, seed=self.seed).points
        points = [
            {**point, "seed": self.seed + SEEDS * (row + 1), "noise_seed": number}
            for row, point in enumerate(drawn)
            for number in range(1, RUNS_OF_A_TOWN + 1)
        ]
        return Sweep(self.arms, design("list", points=points), max(self.sizes.replicates, 2))


@dataclass(frozen=True)
class Ranking:
    """What a sensitivity study found.

    Attributes
    ----------
    stages : what was asked.
    screened : of the difference of each arm from the first, Morris's effects.
    by_outcome : the same for the outcome asked and the usual ones, each with its name.
    survivors : parameters that went on, the most influential first.
    driven : Sobol's indices of the same differences; empty if none survived.
    budgets : by difference, where its spread comes from.
    shares : by (title of the measure, arm), in how many parameter sets the arm beats the first.
    best : by arm, in which share of parameter sets it is the best of all on the outcome.
    failed : runs.
    """

    stages: Stages
    screened: tuple[Driven, ...]
    by_outcome: tuple[tuple[str, Driven], ...]
    survivors: tuple[str, ...]
    driven: tuple[Driven, ...]
    budgets: Mapping[str, NoiseBudget]
    shares: Mapping[tuple[str, str], WorldShare]
    best: Mapping[str, float]
    failed: int


def all_factors(scenario: Scenario) -> list[Factor]:
    """Return every uncertain parameter, from half to one and a half times its value."""
    parameters: Parameters = scenario.parameters
    return [
        Factor(item.path, *range_of(parameters, item), is_whole=item.type is int)
        for item in uncertain(parameters)
    ]


def stages_of(
    arms: Mapping[str, Scenario], factors: Sequence[Factor], sizes: Sizes, outcome: str
) -> Stages:
    """Return what is asked, checked.

    Parameters
    ----------
    arms : scenarios by name, the first the baseline.
    factors : what varies.
    sizes : how much of each stage.
    outcome : a number of a run's summary.

    Raises
    ------
    InputError
        If there are fewer than two arms or factors, or the outcome has no better direction.
    """
    problems = []
    if len(arms) < 2:
        problems.append("A ranking needs two strategies or more, as: present_practice omem.")
    if len(factors) < 2:
        problems.append("A ranking needs two parameters or more that vary.")
    if about(outcome).better not in ("lower", "higher"):
        problems.append(f"outcome = {outcome}: neither direction is better, so it ranks nothing.")
    if problems:
        raise InputError(*problems)
    return Stages(arms, tuple(factors), sizes, outcome)


def in_budget(stages: Stages, pace: Pace, *, workers: int, seconds: float) -> Stages:
    """Return the stages with as much in each as its part of a time allows.

    Parameters
    ----------
    stages : what is asked; all but how many trajectories, points and parameter sets stays.
    pace : of this machine, in seconds.
    workers : processes, at least 1.
    seconds : for all three stages.

    Raises
    ------
    InputError
        If not even the smallest stage fits.
    """
    names = [factor.path for factor in stages.factors][: stages.sizes.survivors]
    parts: list[tuple[Callable[[int], Sweep], int]] = [
        (stages.screening, 1),
        (lambda n: stages.indices(names, n), 2),
        (stages.parameter_sets, FEWEST_SETS),
    ]
    counts = []
    for (make, least), share in zip(parts, PARTS, strict=True):
        counts.append(_most(make, least, pace, workers=workers, seconds=share * seconds))
    sizes = dataclasses.replace(
        stages.sizes, trajectories=counts[0], points=counts[1], worlds=counts[2]
    )
    return dataclasses.replace(stages, sizes=sizes)


def _most(
    make: Callable[[int], Sweep], least: int, pace: Pace, *, workers: int, seconds: float
) -> int:
    """Return how many rows of a stage fit in so many seconds."""

    def redraw(n: int) -> Design:
        return dataclasses.replace(make(n).design, n=n)

    first = make(least)
    first = Sweep(first.arms, redraw(least), first.replicates)
    return fitted(first, pace, workers=workers, seconds=seconds, redraw=redraw).design.n


def estimates(stages: Stages, pace: Pace, *, workers: int) -> list[tuple[str, CostEstimate]]:
    """Return what each stage takes, as if nothing of it were in the store.

    Parameters
    ----------
    stages : what is asked.
    pace : of this machine, in seconds.
    workers : processes, at least 1.
    """
    names = [factor.path for factor in stages.factors][: stages.sizes.survivors]
    sweeps = {
        f"Screening of {len(stages.factors)} parameters": stages.screening(),
        f"Indices of {len(names)} survivors": stages.indices(names),
        f"{stages.sizes.worlds} parameter sets": stages.parameter_sets(),
    }
    return [(name, estimate(sweep, pace, workers=workers)) for name, sweep in sweeps.items()]


def rank(
    stages: Stages,
    kept: Store,
    *,
    engine: Engine = POOL,
    pace: Pace | None = None,
    command: tuple[str, ...] = (),
    progress: Progress = True,
    tell: Callable[[str], None] = lambda _: None,
) -> Ranking:
    """Run the three stages, taking from the store what it holds.

    Parameters
    ----------
    stages : from `stages_of`.
    kept : the store, open to write in; what it has is not run.
    engine : where the runs are made.
    pace : from a pilot; timed here if None.
    command : the words that ask again.
    progress : as for `dispatch.run_tasks`.
    tell : called with a line of text before each stage.
    """
    pace = pace_of(next(iter(stages.arms.values()))) if pace is None else pace
    runner = SweepSequence(kept, pace, engine, command, progress)

    def ran(sweep: Sweep, name: str) -> Swept:
        tell(f"{name}: {sweep.size:,} runs.")
        return runner.run(sweep)

    first = ran(stages.screening(), f"Screening of {len(stages.factors)} parameters")
    screened = _differences(first, stages.outcome)
    survivors = _survivors(screened, stages.sizes.survivors)
    driven: list[Driven] = []
    if len(survivors) > 1:
        second = ran(stages.indices(survivors), f"Indices of {len(survivors)} survivors")
        driven = _differences(second, stages.outcome)
    third = ran(stages.parameter_sets(), f"{stages.sizes.worlds} parameter sets")
    outcomes = [stages.outcome, *(x for x in FIRST if x in first.names and x != stages.outcome)]
    others = [(name, one) for name in outcomes for one in _differences(first, name)]
    return Ranking(
        stages,
        tuple(screened),
        tuple(others),
        tuple(survivors),
        tuple(driven),
        _budgets(third, stages.outcome),
        _shares(third, [name for name in outcomes if about(name).better]),
        _best(third, stages.outcome),
        runner.failed,
    )


def _differences(swept: Swept, name: str) -> list[Driven]:
    return [one for one in drivers_of(swept, name) if one.against is not None]


def _survivors(screened: Sequence[Driven], most: int) -> list[str]:
    """Return the parameters that move some difference more than noise would, the largest first.

    Each is judged by its part of the largest effect on the same difference.
    """
    scores: dict[str, float] = {}
    for one in screened:
        if isinstance(one.found, Morris):
            for name, part in one.found.influence().items():
                scores[name] = max(scores.get(name, 0.0), part)
    above = [name for name, score in scores.items() if score > 0]
    return sorted(above, key=lambda name: -scores[name])[:most]


def _by_set(swept: Swept, arm: str, name: str) -> Floats:
    """Return an outcome by (parameter set, town, run)."""
    values = swept.of(arm, name)
    return values.reshape(-1, RUNS_OF_A_TOWN, values.shape[1]).transpose(0, 2, 1)


def _budgets(swept: Swept, name: str) -> dict[str, NoiseBudget]:
    """Return where the spread of each difference, and of the first arm, comes from."""
    first, *others = swept.sweep.arms
    title = about(name).title
    values = {f"{title} under {first}": _by_set(swept, first, name)}
    for arm in others:
        change = _by_set(swept, arm, name) - _by_set(swept, first, name)
        values[f"{title} under {arm} less {first}"] = change
    budgets = {}
    for label, table in values.items():
        if np.isfinite(table).all(axis=(1, 2)).sum() > 1:
            budgets[label] = noise_budget(table, seed=0)
    return budgets


def _shares(swept: Swept, names: Sequence[str]) -> dict[tuple[str, str], WorldShare]:
    """Return in how many parameter sets each arm beats the first."""
    first, *others = swept.sweep.arms
    found = {}
    for name in names:
        base = _by_set(swept, first, name).mean(axis=(1, 2))
        for arm in others:
            mine = _by_set(swept, arm, name).mean(axis=(1, 2))
            found[about(name).title, arm] = share_of_worlds(mine, base, about(name).better)
    return found


def _best(swept: Swept, name: str) -> dict[str, float]:
    """Return in which share of parameter sets each arm is best on an outcome; ties go to all."""
    sign = 1 if about(name).better == "higher" else -1
    rows = np.array([_by_set(swept, arm, name).mean(axis=(1, 2)) for arm in swept.sweep.arms])
    rows = sign * rows[:, np.isfinite(rows).all(axis=0)]
    if not rows.size:
        return {}
    best = rows == rows.max(axis=0)
    return dict(zip(swept.sweep.arms, best.mean(axis=1).tolist(), strict=True))


COLUMNS = (
    *("outcome", "unit", "strategy", "baseline", "parameter", "low", "high"),
    *("mu_star", "mu_star_low", "mu_star_high", "noise_alone", "influence"),
    *("first", "first_low", "first_high", "total", "total_low", "total_high"),
)


def ranking_csv(found: Ranking) -> str:
    """Return a row per outcome, difference and parameter.

    ``influence`` is mu* as a part of the largest on the same difference, 0 where it is no more
    than noise gives; the last six columns are Sobol's, of the survivors and the outcome asked.
    """
    return csv.of_rows(COLUMNS, _rows(found))


def _rows(found: Ranking) -> Iterator[list[Any]]:
    ends = {factor.path: factor.ends() for factor in found.stages.factors}
    sobol = {one.arm: one.found for one in found.driven if isinstance(one.found, Sobol)}
    for name, one in found.by_outcome:
        if not isinstance(one.found, Morris):
            continue
        morris, influence = one.found, one.found.influence()
        for path in morris.ranked():
            star = morris.mu_star[path]
            cells = (star.value, star.low, star.high, morris.floor[path], influence[path])
            indices = _indices(sobol.get(one.arm) if name == found.stages.outcome else None, path)
            numbers = [f"{x:.6g}" for x in (*ends[path], *cells)]
            yield [name, one.unit, one.arm, one.against, path, *numbers, *indices]


def _indices(found: Sobol | None, path: str) -> list[str]:
    if found is None or path not in found.names:
        return [""] * 6
    pair = found.first[path], found.total[path]
    return [f"{x:.6g}" for one in pair for x in (one.value, one.low, one.high)]
