"""`OmemModel`: the town as a Mesa model. One step is one week."""

from __future__ import annotations

import random
from typing import Any

import mesa

from omemsim.agents import AgencyAgent, NeighbourhoodAgent, OfficerAgent, Residents
from omemsim.inputs.build import build
from omemsim.inputs.config import Scenario, compose_scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.measures import MEASURES
from omemsim.processes import run_week
from omemsim.town import Town
from omemsim.vocabulary.luck import replicate_seed
from omemsim.vocabulary.mechanisms import effective

__all__ = ["OmemModel"]


class OmemModel(mesa.Model):
    """A town under a strategy, for those who work in Mesa.

    Parameters
    ----------
    town, strategy : names of configs, as on the command line.
    replicate : which luck, the same under every strategy; None draws a fresh one and keeps
        it in ``model.replicate``.
    overrides : ``key=value`` words, as on the command line.
    scenario : instead of names, a composed scenario.
    start : a town to go on from (it is changed); drawn anew if None.
    rng : seed of Mesa's own generators only; nothing in the core draws from them.

    ``model.town`` holds all state as columns; ``model.agents`` are neighbourhoods, agencies
    and officers; ``model.residents`` are rows, not agents.
    """

    def __init__(
        self,
        town: str = "small",
        strategy: str = "reactive",
        replicate: int | None = 0,
        overrides: tuple[str, ...] = (),
        *,
        scenario: Scenario | None = None,
        start: Town | None = None,
        rng: Any = None,
    ) -> None:
        self.replicate = random.SystemRandom().getrandbits(31) if replicate is None else replicate
        super().__init__(rng=self.replicate if rng is None else rng)
        self.scenario = scenario or compose_scenario(town, strategy, overrides)
        self.parameters = effective(self.scenario.parameters)
        self.blueprint = blueprint_of(self.scenario.town)
        self.town = start or build(
            self.blueprint,
            self.parameters,
            replicate_seed(self.scenario.seed, self.replicate),
        )
        for kind, table in (
            (NeighbourhoodAgent, self.town.neighbourhoods),
            (AgencyAgent, self.town.agencies),
            (OfficerAgent, self.town.officers),
        ):
            kind.create_agents(self, len(table), list(range(len(table))))
        self.residents = Residents(self.town)
        self.datacollector = mesa.DataCollector(
            model_reporters={
                name: (lambda model, read=measure.read: read(model.town, 1))
                for name, measure in MEASURES.items()
            }
        )

    def step(self) -> None:
        """Run one week: the fourteen stages of `omemsim.processes`, in order."""
        run_week(self.town, self.parameters, self.scenario.strategy)

    def close(self) -> None:
        """Let go of the agents, so that the model can be freed.

        Mesa 3.3 keeps every model that has agents in a class-level dict.
        """
        self.remove_all_agents()
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
