"""The search: generations of candidates, proposed by optuna and run by the study engine.

Optuna's NSGA-II (Deb et al. 2002, IEEE Transactions on Evolutionary Computation 6(2)) proposes a
generation at a time; its runs are kept in the store, by what they depend on. It is seeded, so the
same command proposes the same candidates, and a search that was stopped goes on where it was. The
first generation holds the mixes of named strategies, so that what is found is at least as good.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from omemsim.analysis.answers import answered, identity_of, numbers_answer
from omemsim.analysis.optimize import space
from omemsim.analysis.optimize.judged import Optimized, Tried, chosen_of, described
from omemsim.analysis.optimize.outcomes import OBJECTIVES, front_of, outcomes_of, robust
from omemsim.analysis.optimize.problem import Problem, World
from omemsim.inputs.scenario import Scenario
from omemsim.strategies import Strategy
from omemsim.study.engine import POOL, Engine
from omemsim.study.identity import identify
from omemsim.study.progress import Progress
from omemsim.study.runner import Answer, Request, Run
from omemsim.study.scenario_changes import with_changes
from omemsim.study.store import Store
from omemsim.study.tasks import Failure
from omemsim.vocabulary.errors import InputError, OmemError

if TYPE_CHECKING:
    from optuna.samplers import NSGAIISampler
    from optuna.study import Study

__all__ = ["needs_optuna", "optimize"]

MOST_RUNS = 24  # in one task
PREFIX = "front "  # of the names of numbers in the store
OVER_BUDGET = "over_budget"


def optimize(
    problem: Problem,
    store: Store,
    *,
    engine: Engine = POOL,
    progress: Progress = True,
    tell: Callable[[str], None] = lambda _: None,
) -> Optimized:
    """Search, choose, and judge, taking from the store what it holds.

    Parameters
    ----------
    problem : from `problem_of`.
    store : where runs are kept.
    engine : where they are made.
    progress : as for `dispatch.run_tasks`.
    tell : called with a line of text before each generation.

    Raises
    ------
    InputError
        If the extra is missing.
    OmemError
        If the baseline did not finish, or no candidate did.
    """
    study = _study(problem)  # first: what is missing is said before anything is run
    asks = _Asks(problem, store, engine, progress)
    sizes, base = problem.sizes, problem.baseline
    tell(f"Trying {len(problem.named)} named strategies in {sizes.found_in} worlds.")
    asks.ask(problem.named, problem.found_in)
    if not asks.is_whole(base):
        raise OmemError(f"The baseline {base} did not finish: {asks.failures[0].error}.")
    candidates: dict[str, Strategy] = {}
    scores: dict[str, list[float]] = {}
    for generation in range(sizes.generations):
        tell(
            f"Generation {generation + 1} of {sizes.generations}: {sizes.candidates} candidates "
            f"in {sizes.found_in} worlds."
        )
        new = _proposed(study, problem, generation)
        candidates |= {name: strategy for name, (_, strategy) in new.items()}
        asks.ask({x: problem.of(strategy) for x, (_, strategy) in new.items()}, problem.found_in)
        for name, (trial, _) in new.items():
            scores |= _told(study, trial, name, asks, problem)
    return _judge(problem, asks, candidates, scores, tell)


def _judge(
    problem: Problem,
    asks: _Asks,
    candidates: Mapping[str, Strategy],
    scores: Mapping[str, Sequence[float]],
    tell: Callable[[str], None],
) -> Optimized:
    """Choose from the front, and try the chosen in worlds that no choice has seen."""
    sizes = problem.sizes
    within = {name: each for name, each in scores.items() if asks.over(name) <= 0}
    if not within:
        raise OmemError(_nothing_found(problem, scores, asks))
    front = front_of(within)
    chosen = chosen_of({name: within[name] for name in front})
    arms = {name: problem.of(candidates[x]) for name, x in chosen.items()}
    tell(f"Judging {len(arms)} of {len(front)} on the front in {sizes.judged_in} other worlds.")
    tried = {x: Tried(dict(asks.values[x]), x in front) for x in (*problem.named, *scores)}
    asks.ask(arms | dict(problem.named), problem.judged_in)
    return Optimized(
        objectives=OBJECTIVES,
        baseline=problem.baseline,
        named=tuple(problem.named),
        tried=tried,
        chosen=chosen,
        strategies={x: described(candidates[one], x) for x, one in chosen.items()},
        judged={x: asks.values[x] for x in (*arms, *problem.named)},
        judged_in=range(sizes.found_in, len(problem.worlds)),
        sets=problem.sets,
        failures=asks.failures,
    )


def _nothing_found(problem: Problem, scores: Mapping[str, object], asks: _Asks) -> str:
    if scores and problem.budget is not None:
        least = min(asks.over(name) for name in scores) + problem.budget
        return (
            f"No candidate spends {problem.budget:g} CAD a resident and year or less; the least "
            f"was {least:.1f}. Most of it is the police's own: give budget= more."
        )
    return f"No candidate finished in every world: {asks.failures[0].error}."


class _Asks:
    """Asks the engine for outcomes, and keeps what it said."""

    def __init__(self, problem: Problem, store: Store, engine: Engine, progress: Progress) -> None:
        self.problem = problem
        self.how: dict[str, Any] = {"engine": engine, "progress": progress}
        self.store = store
        self.values: dict[str, dict[int, dict[str, float]]] = {}
        self.failures: list[Failure] = []

    def ask(self, arms: Mapping[str, Scenario], worlds: Sequence[World]) -> None:
        """Run scenarios in worlds; those that fail have no values there."""
        requests = {
            (name, world.town): _request(name, with_changes(arm, world.changes), world.town)
            for name, arm in arms.items()
            for world in worlds
        }
        values, failures = answered(requests, self.store, PREFIX, most=MOST_RUNS, **self.how)
        self.failures += failures.values()
        for name in arms:
            self.values.setdefault(name, {})
        for (name, town), numbers in values.items():
            self.values[name][town] = numbers

    def column(self, name: str, key: str) -> list[float]:
        """Return an outcome in each world of the search."""
        return [self.values[name][world.town][key] for world in self.problem.found_in]

    def is_whole(self, name: str) -> bool:
        """Return whether it finished in all worlds of the search."""
        return all(world.town in self.values[name] for world in self.problem.found_in)

    def over(self, name: str) -> float:
        """Return how much it spends beyond the budget, below 0 if it keeps to it."""
        if self.problem.budget is None:
            return -1.0
        return float(np.mean(self.column(name, "cost"))) - self.problem.budget


def _request(name: str, scenario: Scenario, town: int) -> Request:
    start, whole = identity_of(replace(scenario, strategy=replace(scenario.strategy, name="")))
    asked = {"reading": "front", "scenario": whole}
    names = {"town": scenario.town.name, "strategy": name}
    key = identify(asked, replicate=town, **names)
    text = f"{name}, world {town}"
    return Request(key, scenario, town, start, functools.partial(read_run, asked=text), text)


def read_run(run: Run, asked: str) -> Answer:
    """Return the objectives of a run (in a worker process)."""
    known = {PREFIX + key: value for key, value in outcomes_of(run.series).items()}
    return numbers_answer(known, asked)


# ---- optuna


def needs_optuna() -> Any:
    """Return optuna.

    Raises
    ------
    InputError
        If the extra is missing.
    """
    try:
        import optuna
    except ImportError:
        raise InputError(
            "`omemsim optimize` needs optuna: install the extra, as "
            "`pip install 'omemsim[optimize]'`."
        ) from None
    return optuna


def _sampler(problem: Problem) -> NSGAIISampler:
    import optuna

    return optuna.samplers.NSGAIISampler(
        population_size=problem.sizes.candidates,
        seed=problem.scenario.seed % 2**32,
        constraints_func=lambda trial: (trial.user_attrs[OVER_BUDGET],),
    )


def _study(problem: Problem) -> Study:
    """Return an empty study whose first candidates are the mixes of named strategies."""
    optuna = needs_optuna()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():  # that constraints_func is experimental is known
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = _sampler(problem)
    study: Study = optuna.create_study(directions=["minimize"] * len(OBJECTIVES), sampler=sampler)
    money = problem.scenario.strategy.money
    for scenario in problem.named.values():
        if scenario.strategy.mix and not scenario.strategy.tactics:
            study.enqueue_trial(space.numbers_of_strategy(scenario.strategy, money))
    return study


def _proposed(study: Study, problem: Problem, generation: int) -> dict[str, tuple[Any, Strategy]]:
    """Return a generation of candidates, each with optuna's trial of it."""
    found = {}
    for number in range(problem.sizes.candidates):
        trial = study.ask()
        numbers = {gene: trial.suggest_float(gene, 0.0, 1.0) for gene in space.genes()}
        name = f"candidate {generation * problem.sizes.candidates + number}"
        found[name] = (trial, space.candidate(problem.scenario.strategy, numbers, name))
    return found


def _told(
    study: Study, trial: Any, name: str, asks: _Asks, problem: Problem
) -> dict[str, list[float]]:
    """Tell optuna how a candidate did; return its scores, nothing if it failed."""
    from optuna.trial import TrialState

    if not asks.is_whole(name):
        trial.set_user_attr(OVER_BUDGET, 1.0)
        study.tell(trial, state=TrialState.FAIL)
        return {}
    base = problem.baseline
    scores = [
        robust(asks.column(name, one.key), asks.column(base, one.key), one.sign)
        for one in OBJECTIVES
    ]
    trial.set_user_attr(OVER_BUDGET, asks.over(name))
    study.tell(trial, scores)
    return {name: scores}
