"""What tests of single stages set by hand in a town, and parameters that differ from the usual."""

from dataclasses import replace
from typing import Any

import numpy as np

from omemsim.inputs.build import build, draw_blueprint
from omemsim.inputs.scenario import TownConfig
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters

NOBODY = np.zeros(0, np.int64)


def changed(**groups: dict[str, Any]) -> Parameters:
    """Return the default parameters, but for some."""
    parameters = Parameters()
    for name, values in groups.items():
        parameters = replace(parameters, **{name: replace(getattr(parameters, name), **values)})
    return parameters


def nobody_moves(town: Town) -> None:
    town.neighbourhoods.moving[:] = 0
    town.residents.is_moved[:] = 0
    town.newcomers.replace(seat=NOBODY)


def no_custody(town: Town) -> None:
    town.custody.replace(resident=NOBODY, until=NOBODY)
    nobody_moves(town)


def two_catchments() -> Town:
    """Return a new town of three neighbourhoods; the last has agencies of its own."""
    parameters = changed(partner={"catchment": 1000.0})
    config = TownConfig(residents=1500, neighbourhoods=3)
    town = build(draw_blueprint(config), parameters, 0)
    assert town.neighbourhoods.catchment.tolist() == [0, 0, 1] or len(town.agencies) == 14
    return town


def give_calls(town: Town, **columns: Any) -> None:
    size = len(next(iter(columns.values())))
    default = {name: np.zeros(size) for name in town.calls.columns()}
    default["event"] = np.arange(1, size + 1)
    town.calls.replace(**{**default, **{k: np.array(v) for k, v in columns.items()}})
    town.queue.replace(**{name: np.zeros(0) for name in town.queue.columns()})
