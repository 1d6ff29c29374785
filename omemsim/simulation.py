"""A town that lives under a scenario, for as many weeks as it is asked to."""

from __future__ import annotations

from omemsim.inputs.lay import check_places, lay_schedule, resolve_clamps
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.own import check_source
from omemsim.processes import run_weeks
from omemsim.spin_up import spin_up
from omemsim.town import Town
from omemsim.vocabulary.luck import replicate_seed
from omemsim.vocabulary.mechanisms import effective
from omemsim.vocabulary.rates import weeks

__all__ = ["Simulation"]


class Simulation:
    """A town under a scenario: its strategy, its parameters, and what befalls it.

    Parameters
    ----------
    scenario : composed; its events and interventions are laid on the town, in place of any, and
        its clamps hold. Their weeks are the town's own, which are 0 after the spin-up.
    replicate : which luck, 0 to 2**31 - 1, the same under every strategy.
    start : a town to go on from (it is changed); spun up anew if None.

    Attributes
    ----------
    config : the scenario.
    parameters : those in effect, mechanisms that are off taken out.
    blueprint : what the town was built from.
    town : all state, as columns.
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
        if scenario.luck:  # the same town, and from now on another luck
            spun_up = replicate_seed(scenario.seed, replicate)
            self.town.seed = replicate_seed(spun_up, scenario.luck)
        lay_schedule(self.town, scenario, self.blueprint)
        self.clamps = resolve_clamps(self.town, scenario, self.blueprint)
        self.last_week = self.town.week + weeks(scenario.years)

    def step(self) -> None:
        """Run one week: the fourteen stages of `omemsim.processes`, in order."""
        self.run_to(self.town.week + 1)

    def run_to(self, week: int) -> None:
        """Run up to a week of the town's own count, without a look in between."""
        ahead = week - self.town.week
        run_weeks(self.town, self.parameters, self.config.strategy, ahead, self.clamps)
