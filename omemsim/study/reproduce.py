"""Run a kept run again from its kept config, and say whether its numbers are the same bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.inputs.config import scenario_from_dict
from omemsim.inputs.scenario import Scenario
from omemsim.run import spin_up
from omemsim.series import Series
from omemsim.study.identity import differences, environment
from omemsim.study.reader import Reader
from omemsim.study.series_files import unpack
from omemsim.study.switched_off import run_switched_off, switched_off
from omemsim.vocabulary.errors import InputError

__all__ = ["Again", "run_again", "scenario_of"]


@dataclass(frozen=True)
class Again:
    """A run that was repeated.

    Attributes
    ----------
    scalars : by measure, the kept value and that of now (None if there is none).
    series : names of the kept series, and whether each is the same; empty if none was kept.
    made_by : what differs from the code and environment that made it first, a line each.
    """

    scalars: dict[str, tuple[float, float | None]]
    series: dict[str, bool]
    made_by: list[str]

    @property
    def is_same(self) -> bool:
        """Say whether every bit is the same, and there was something to compare."""
        return (
            bool(self.scalars)
            and all(_same(was, now) for was, now in self.scalars.values())
            and all(self.series.values())
        )

    def different(self) -> list[str]:
        """Return the measures whose values differ."""
        return [name for name, (was, now) in self.scalars.items() if not _same(was, now)]


def _same(was: float, now: float | None) -> bool:
    return was == now  # kept numbers are finite, and SQLite keeps -0 as 0; all else is bits


def scenario_of(config: dict[str, Any]) -> Scenario:
    """Return the scenario of a kept config, also one with mechanisms off from week 0.

    Raises
    ------
    InputError
        If it is no scenario's, or no longer a right one.
    """
    if not {"town", "strategy", "parameters"} <= config.keys():
        raise InputError(
            "This belongs to a claim and cannot be repeated on its own: "
            f"`omemsim claims {config.get('claim', '')}` with another store= makes it again."
        )
    own = {key: value for key, value in config.items() if key != "off"}
    return switched_off(scenario_from_dict(own), config.get("off", ()))


def run_again(store: Reader, run_id: str) -> Again:
    """Run a kept run again, spin-up and all, and compare.

    Raises
    ------
    InputError
        If the run is not there, was not tried, or its config is no scenario's.
    """
    kept = store.kept(run_id)
    scenario = scenario_of(store.config_of(run_id))
    series = run_switched_off(scenario, kept.replicate, spin_up(scenario, kept.replicate))
    now = {name: float(value) for name, value in series.summary().items()}
    code, around = differences(kept.environment, environment())
    return Again(
        scalars={name: (value, now.get(name)) for name, value in store.scalars(run_id).items()},
        series=_series(store, run_id, series),
        made_by=[*code, *around],
    )


def _series(store: Reader, run_id: str, series: Series) -> dict[str, bool]:
    """Return whether each kept array is the same, bit for bit."""
    if not store.shard(run_id).is_file():
        return {}
    kept, now = unpack(store.shard(run_id))[0], series.to_arrays()
    return {name: _same_array(array, now.get(name)) for name, array in kept.items()}


def _same_array(was: NDArray[Any], now: NDArray[Any] | None) -> bool:
    if now is None:
        return False
    now = np.asarray(now)
    return was.dtype == now.dtype and was.shape == now.shape and was.tobytes() == now.tobytes()
