"""A run: a pure function of (scenario, replicate). Start reading here.

From here: run.py -> simulation.py -> processes/__init__.py -> one process -> town.py.
"""

from __future__ import annotations

import numpy as np

from omemsim.inputs.lay import recorded_rows
from omemsim.inputs.scenario import Scenario
from omemsim.measures import recorder_of
from omemsim.series import Series, origin
from omemsim.simulation import Simulation
from omemsim.spin_up import spin_up
from omemsim.town import Town

__all__ = ["run_scenario", "spin_up"]


def run_scenario(scenario: Scenario, replicate: int, start: Town | None = None) -> Series:
    """Run a composed scenario and return its series; a pure function of its arguments.

    Parameters
    ----------
    scenario : composed.
    replicate : which random numbers, 0 to 2**31 - 1, the same under every strategy.
    start : a town to run from, which is left as it is; None spins one up.
    """
    begin = None if start is None else start.copy()
    simulation = Simulation(scenario, replicate, begin)
    town, blueprint = simulation.town, simulation.blueprint
    rows = recorded_rows(scenario.record, blueprint)
    recorder = recorder_of(scenario.record, town, last_week=simulation.last_week, rows=rows)
    for week in recorder.stops:
        simulation.run_to(int(week))
        recorder.record(town)
    kept = np.arange(len(town.neighbourhoods)) if rows is None else rows
    return Series(
        weeks=recorder.weeks,
        ids=[blueprint.ids[row] for row in kept],
        names=[blueprint.names[row] for row in kept],
        population=town.neighbourhoods.population[kept],
        residents=town.neighbourhoods.residents[kept],
        values=recorder.values,
        meta=origin(scenario, blueprint, replicate=replicate),
        town=recorder.town,
    )
