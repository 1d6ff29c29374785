"""`OmemModel`: the town as a Mesa model. One step is one week."""

from __future__ import annotations

from typing import Any, Literal

import mesa

from omemsim.agents import AgencyAgent, NeighbourhoodAgent, OfficerAgent, Residents
from omemsim.inputs.arguments import as_text, check, names, overrides_problems, plain_value
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.seeds import replicate_of
from omemsim.measures import MEASURES, Measure, declared, recorded_measures
from omemsim.recording import Recording
from omemsim.simulation import Simulation
from omemsim.town import Town

__all__ = ["OmemModel"]


def _measures(recording: Recording) -> dict[str, Measure]:
    """Return all measures of the model by name, and those of the user's own that are recorded."""
    mine = {name: declared(name) for name in recorded_measures(recording) if name not in MEASURES}
    return {**MEASURES, **{name: one for name, one in mine.items() if one is not None}}


class OmemModel(mesa.Model):
    """A town under a strategy, for those who work in Mesa.

    ``model.config`` is the composed scenario, ``model.town`` holds all state as columns;
    ``model.agents`` are neighbourhoods, agencies and officers; ``model.residents`` are rows,
    not agents. The scenario's events and interventions are laid on the town, in place of any, and
    its clamps hold: their weeks are the town's own, which are 0 after the spin-up, also where
    ``start`` is a later town.

    Parameters
    ----------
    town, strategy : names of configs, as on the command line; None is a run's default.
    replicate : which random numbers, 0 to 2**31 - 1; a number gives the same ones under every
        strategy. By default ("rng") it follows Mesa: ``rng`` if that is given, else the iteration
        of `mesa.batch_run`, else 0. A number overrides both, so that ``iterations=3`` of one
        replicate are three equal runs. None draws a fresh one. ``model.replicate`` is the one it
        has.
    overrides : ``key=value`` words, as on the command line; for `mesa.batch_run`, a list of such
        lists.
    scenario : instead of names, a composed scenario.
    start : a town to continue (it is changed); a new one is spun up if None.
    rng : seed of Mesa's own generators, from which nothing in the core draws, and the replicate
        where that is left to it: a whole number k is replicate k, any other seed that NumPy takes
        (a larger number, a sequence, a SeedSequence, a Generator) is hashed to one. Equal seeds
        give equal runs.
    collect : whether the DataCollector takes every measure after every week.
    """

    def __init__(
        self,
        town: str | None = None,
        strategy: str | None = None,
        replicate: int | Literal["rng"] | None = "rng",
        overrides: tuple[str, ...] = (),
        *,
        scenario: Scenario | None = None,
        start: Town | None = None,
        rng: Any = None,
        collect: bool = True,
    ) -> None:
        check(names(town=town, strategy=strategy), overrides_problems(overrides))
        self.replicate = replicate_of(replicate, rng)
        super().__init__(rng=self.replicate if rng is None else plain_value(rng))
        self.config = scenario or compose_scenario(as_text(town), as_text(strategy), overrides)
        self.simulation = Simulation(self.config, self.replicate, start)
        self.town = self.simulation.town
        for kind, table in (
            (NeighbourhoodAgent, self.town.neighbourhoods),
            (AgencyAgent, self.town.agencies),
            (OfficerAgent, self.town.officers),
        ):
            kind.create_agents(self, len(table), list(range(len(table))))
        # Mesa 3.3 would keep every model that has agents for ever; ids are given by now.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        self.residents = Residents(self.town)
        self.collects = collect
        self.datacollector = mesa.DataCollector(
            model_reporters={
                name: (lambda model, read=measure.read: read(model.town, 1))
                for name, measure in _measures(self.config.record).items()
            }
        )

    def step(self) -> None:
        """Run one week: the fourteen stages of `omemsim.processes`, in order."""
        self.run_to(self.town.week + 1)
        if self.collects:
            self.datacollector.collect(self)

    def run_to(self, week: int) -> None:
        """Run up to a week of the town's own count, without a look in between."""
        self.simulation.run_to(week)
        self.running = self.town.week < self.simulation.last_week

    def close(self) -> None:
        """Let go of the agents, so that the model is freed at once."""
        self.remove_all_agents()
