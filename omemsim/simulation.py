"""A town that lives under a scenario, for as many weeks as it is asked to."""

from __future__ import annotations

from collections.abc import Callable

from omemsim.inputs.lay import check_places, lay_schedule, resolve_clamps
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.own import check_source, function_at
from omemsim.processes import run_weeks
from omemsim.spin_up import spin_up
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.mechanisms import effective
from omemsim.vocabulary.random_numbers import replicate_seed
from omemsim.vocabulary.rates import weeks

__all__ = ["Simulation"]


class Simulation:
    """A town under a scenario: its strategy, its parameters, and what happens to it.

    Parameters
    ----------
    scenario : composed; its events and interventions are laid on the town, in place of any, and
        its clamps hold. Their weeks are the town's own, which are 0 after the spin-up.
    replicate : which random numbers, 0 to 2**31 - 1, the same under every strategy.
    start : a town to continue (it is changed); a new one is spun up if None.

    Attributes
    ----------
    config : the scenario.
    parameters : those in effect, mechanisms that are off taken out.
    blueprint : what the town was built from.
    town : all state, as columns.
    own : the user's own interventions, each with its function.
    last_week : the week after the scenario's years.
    """

    def __init__(self, scenario: Scenario, replicate: int, start: Town | None = None) -> None:
        self.config = scenario
        self.parameters = effective(scenario.parameters)
        for reference, digest in scenario.code.items():
            check_source(reference, digest)
        self.blueprint = blueprint_of(scenario.town)
        check_places(scenario, self.blueprint)
        self.town = start or spin_up(scenario, replicate)
        if scenario.noise_seed:  # the same town, and from now on other random numbers
            spun_up = replicate_seed(scenario.seed, replicate)
            self.town.seed = replicate_seed(spun_up, scenario.noise_seed)
        lay_schedule(self.town, scenario, self.blueprint)
        self.clamps = resolve_clamps(self.town, scenario, self.blueprint)
        self.own = [(item, function_at(item.do)) for item in scenario.strategy.own_interventions]
        self.last_week = self.town.week + weeks(scenario.years)

    def step(self) -> None:
        """Run one week: the fourteen stages of `omemsim.processes`, in order."""
        self.run_to(self.town.week + 1)

    def run_to(self, week: int) -> None:
        """Run up to a week of the town's own count.

        It stops in between only where the user's own interventions are called.
        """
        while self.town.week < week:
            now = self.town.week
            for item, function in self.own:
                if item.next_week(now) == now:
                    self._intervene(item.do, function)
            following = (item.next_week(now + 1) for item, _ in self.own)
            stop = min([week, *(one for one in following if one is not None)])
            run_weeks(self.town, self.parameters, self.config.strategy, stop - now, self.clamps)

    def _intervene(self, name: str, function: Callable[[Town], object]) -> None:
        """Give the town to a function of the user's own, and check what it left."""
        before = self.town.week, self.town.seed
        try:
            function(self.town)
        except Exception as error:
            error.add_note(f"In the intervention {name}, before week {before[0]}.")
            raise
        problems = self.town.out_of_bounds()
        if before != (self.town.week, self.town.seed):
            problems.append("the week or the seed of the town has changed, which it may not")
        if problems:
            where = f"The intervention {name}, before week {before[0]}"
            raise InputError(*(f"{where}: {problem}." for problem in problems))
