"""Which town a page carries: a table's is scaled down to what a browser runs well, and has a map.

Its shares stay as they are; one simulated resident stands for more real ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from omemsim.figures.maps import Ground, cells, polygons
from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.config import compose_scenarios
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of

__all__ = ["RESIDENTS", "outlines_of", "scenarios_of"]

RESIDENTS = 8_000  # to which a table's town is scaled down
ACROSS = 1000  # units of a map's longer side: whole numbers are exact enough to draw


def scenarios_of(strategies: Sequence[str], town: str) -> list[Scenario]:
    """Return one scenario per strategy in the town that a page carries.

    Parameters
    ----------
    strategies, town : names or paths.

    Raises
    ------
    InputError
        See `inputs.config.compose_scenarios`, and the table's own problems.
    """
    scenarios = list(compose_scenarios(strategies, town=town))
    config = scenarios[0].town
    if config.kind != "table":
        return scenarios
    blueprint = blueprint_of(config)
    scale = float(blueprint.scale * blueprint.residents.sum() / RESIDENTS)
    if scale <= config.scale:
        return scenarios
    smaller = replace(config, scale=float(f"{scale:.4g}"))
    return [replace(scenario, town=smaller) for scenario in scenarios]


def outlines_of(blueprint: Blueprint) -> dict[str, Any]:
    """Return the map of a town, in plain JSON types, x to the right and y downwards.

    Parameters
    ----------
    blueprint : its polygons are simplified and projected; without any, each is a square.

    Returns
    -------
    {"box": width and height, "paths": the outline of each of N neighbourhoods as of SVG,
    "centres": [x, y] of each, "sizes": about how wide each is}
    """
    ground = cells(blueprint.xy) if blueprint.polygons is None else polygons(blueprint.polygons)
    left, bottom, right, top = ground.box
    unit = ACROSS / max(right - left, (top - bottom) * ground.stretch)
    by = np.array([unit, -unit * ground.stretch])
    corner = np.array([left, top])
    many = range(len(ground.paths))
    return {
        "box": [round((right - left) * unit), round((top - bottom) * ground.stretch * unit)],
        "paths": [_path(ground, number, corner, by) for number in many],
        "centres": np.rint((ground.centres - corner) * by).astype(int).tolist(),
        "sizes": np.rint(ground.sizes * unit).astype(int).tolist(),
    }


def _path(ground: Ground, number: int, corner: Any, by: Any) -> str:
    """Return a neighbourhood's rings as a path: where each begins, then steps of whole units."""
    parts = []
    for ring in ground.rings(number):
        points = np.rint((ring - corner) * by).astype(int)
        steps = np.diff(points, axis=0)
        steps = steps[np.any(steps != 0, axis=1)]
        if len(steps) > 2:
            moves = " ".join(f"{x} {y}" for x, y in steps.tolist()).replace(" -", "-")
            parts.append(f"M{points[0, 0]} {points[0, 1]}l{moves}z")
    return "".join(parts)
