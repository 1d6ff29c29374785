"""What a search is asked: where it begins, how much of it, in which worlds, under which budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from omemsim.analysis.optimize.outcomes import NEEDED, OBJECTIVES
from omemsim.inputs.config import BASELINE, compose_scenario, is_of_strategy
from omemsim.inputs.scenario import Scenario
from omemsim.recording import ALL
from omemsim.strategies import Strategy
from omemsim.study.contrasts import check_outcome
from omemsim.study.design import Point
from omemsim.study.shipped import NO, sets_for
from omemsim.vocabulary.errors import InputError

__all__ = ["NAMED", "Problem", "Sizes", "World", "problem_of"]

NAMED = (BASELINE, "random_patrol", "hot_spots", "omem", "omem_average_mix")


@dataclass(frozen=True)
class Sizes:
    """How much is searched.

    Attributes
    ----------
    candidates : in a generation, 4 or more.
    generations : 1 or more.
    found_in : worlds in which every candidate is tried.
    judged_in : other worlds, in which the chosen ones are, 2 or more.
    """

    candidates: int = 24
    generations: int = 12
    found_in: int = 4
    judged_in: int = 12


@dataclass(frozen=True)
class World:
    """A parameter set with a town: what of a scenario changes, and which replicate."""

    changes: Point
    town: int


@dataclass(frozen=True)
class Problem:
    """What is searched.

    Attributes
    ----------
    scenario : of the base strategy, whose hours, allocation and training all candidates have.
    named : scenarios of the named strategies, the baseline first.
    sizes : how much.
    worlds : those in which candidates are tried, then those in which the chosen are judged.
    budget : the most that may be spent, in CAD a resident and year; None for no limit.
    sets : where the parameter sets are from, or why there are none.
    """

    scenario: Scenario
    named: Mapping[str, Scenario]
    sizes: Sizes
    worlds: Sequence[World]
    budget: float | None
    sets: str

    @property
    def baseline(self) -> str:
        """Return the strategy that others are compared with."""
        return next(iter(self.named))

    @property
    def found_in(self) -> Sequence[World]:
        """Return the worlds of the search."""
        return self.worlds[: self.sizes.found_in]

    @property
    def judged_in(self) -> Sequence[World]:
        """Return the other worlds."""
        return self.worlds[self.sizes.found_in :]

    def parts(self) -> list[list[int]]:
        """Return how many runs each task has, at most: named, generations, chosen and named."""
        sizes, named = self.sizes, len(self.named)
        generation = [sizes.candidates] * sizes.found_in
        chosen = len(OBJECTIVES) + 1
        return [
            [named] * sizes.found_in,
            *([generation] * sizes.generations),
            [named + chosen] * sizes.judged_in,
        ]

    def of(self, strategy: Strategy) -> Scenario:
        """Return the scenario of a candidate."""
        return replace(self.scenario, strategy=strategy)


def problem_of(
    town: str | None,
    overrides: Sequence[str],
    sizes: Sizes,
    *,
    base: str = "omem",
    beside: Sequence[str] = (),
    budget: float | None = None,
    uncertainty: str | None = None,
) -> Problem:
    """Return what is to be searched.

    Parameters
    ----------
    town, overrides : as for `compose_scenario`.
    sizes : how much is searched.
    base : the strategy whose hours, allocation and training candidates have, and whose money is
        the most that they may spend.
    beside : strategies that are judged beside what is found, the baseline first; the usual ones if
        empty.
    budget : as of `Problem`.
    uncertainty : parameter sets, as for `study.shipped.sets_for`.

    Raises
    ------
    InputError
        If a scenario does not compose, or lacks what is weighed.
    """
    scenario = compose_scenario(town, base, overrides)
    for name in NEEDED:
        check_outcome(name, scenario.record)
    if scenario.record.neighbourhoods != [ALL]:
        raise InputError("record.neighbourhoods: the gap between neighbourhoods needs all of them.")
    own = scenario.strategy
    if own.tactics or own.interventions or own.own_interventions:
        raise InputError(
            f"base = {base}: has tactics or interventions of its own, which are no part of a mix."
        )
    if own.money <= 0:
        raise InputError(f"base = {base}: has no money to spend: set strategy.money above 0.")
    kept = [word for word in overrides if not is_of_strategy(word)]  # those have their own levers
    each = [compose_scenario(town, name, kept) for name in beside or NAMED]
    named = {one.strategy.name: one for one in each}
    sets = sets_for(uncertainty, scenario, overrides)
    usual = "the default parameters only"
    why = "as asked" if uncertainty == NO else f"since {sets.why_none}".rstrip(".")
    source = sets.source or f"{usual}, {why}"
    worlds = _worlds(sets.points, sizes, scenario.seed)
    return Problem(scenario, named, sizes, worlds, budget, source)


def _worlds(sets: Sequence[Point], sizes: Sizes, seed: int) -> list[World]:
    """Return as many worlds as are needed, each with a town of its own; sets in random order."""
    number = sizes.found_in + sizes.judged_in
    order = np.random.default_rng([seed, len(sets)]).permutation(len(sets))
    changes = [sets[order[k % len(sets)]] if sets else {} for k in range(number)]
    return [World(change, town) for town, change in enumerate(changes)]
