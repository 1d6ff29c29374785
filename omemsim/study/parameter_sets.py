"""Other parameter sets, drawn at random around those of a scenario.

Most parameters are assumed. Whether a finding holds in one set only, or in most of those that
could as well have been assumed, is asked by drawing sets: each parameter from half to one and
a half times its value, cut to its declared bounds, by Latin hypercube (McKay et al. 1979,
Technometrics 21(2)), so that each parameter's range is covered evenly.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from omemsim.inputs.schema import put, value_at
from omemsim.study.design import latin_column
from omemsim.vocabulary.parameters import Declaration, Parameters, declarations

if TYPE_CHECKING:
    from omemsim.inputs.scenario import Scenario

__all__ = ["LEFT_OUT", "World", "draw_worlds", "in_world", "range_of", "uncertain"]

World = dict[str, float]  # full key, as "parameters.organize.join", to its value

PREFIX = "parameters."
LEFT_OUT = ("zones", "assess", "account", "strength")  # labels, indices, prices, switches
LEAST, MOST = 0.5, 1.5  # times the scenario's value


def uncertain(parameters: Parameters) -> list[Declaration]:
    """Return the declarations of what is drawn.

    Left out are what somebody chose rather than assumed, counts (whole numbers that are no
    durations), and ranges without width.

    Parameters
    ----------
    parameters : those the ranges lie around; a parameter that is 0 has no range.
    """
    return [
        item
        for item in declarations(Parameters, PREFIX)
        if _group(item) not in LEFT_OUT
        and not item.source.startswith("chosen")
        and (item.type is float or item.unit == "weeks")
        and len(set(range_of(parameters, item))) == 2
    ]


def draw_worlds(
    parameters: Parameters,
    *,
    worlds: int,
    seed: int = 0,
    only: Sequence[str] | None = None,
) -> list[World]:
    """Return parameter sets, each a value for every uncertain parameter.

    A parameter's draws depend on its own key, ``seed`` and ``worlds``: drawing more or fewer
    parameters beside it does not change them.

    Parameters
    ----------
    parameters : the set that the worlds lie around.
    worlds : number of sets, 0 or more.
    seed : the same number gives the same worlds.
    only : full keys to draw, of those that are uncertain; None for all.
    """
    drawn: list[World] = [{} for _ in range(worlds)]
    for item in uncertain(parameters):
        if only is not None and item.path not in only:
            continue
        rng = np.random.default_rng([seed, worlds, zlib.crc32(item.path.encode())])
        shares = latin_column(worlds, rng)
        low, high = range_of(parameters, item)
        for world, share in zip(drawn, shares, strict=True):
            world[item.path] = _between(low, high, float(share), is_whole=item.type is int)
    return drawn


def in_world(scenario: Scenario, world: Mapping[str, float]) -> Scenario:
    """Return the scenario with a world's values; what the world does not name stays.

    Raises
    ------
    AttributeError
        If a key is no parameter.
    """
    for path, value in world.items():
        kind = type(value_at(scenario, path))
        scenario = put(scenario, path, kind(value))
    return scenario


def range_of(parameters: Parameters, item: Declaration) -> tuple[float, float]:
    """Return the ends of what a parameter may be in another world; the same twice if fixed."""
    value = float(value_at(parameters, item.path.removeprefix(PREFIX)))
    ends = sorted([LEAST * value, MOST * value])
    low, high = (min(max(end, item.low), item.high) for end in ends)
    if item.type is int:
        low, high = float(np.ceil(low)), float(np.floor(high))
    return (low, high) if low < high else (value, value)


def _group(item: Declaration) -> str:
    return item.path.removeprefix(PREFIX).split(".")[0]


def _between(low: float, high: float, share: float, *, is_whole: bool) -> float:
    """Return the value at this share of the range; whole numbers get equal parts of it."""
    if is_whole:
        return float(int(low + share * (high - low + 1)))
    return low + share * (high - low)
