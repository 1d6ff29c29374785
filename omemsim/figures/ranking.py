"""The figures of a sensitivity study: what decides the difference, and how sure it is."""

from __future__ import annotations

from pathlib import Path

from omemsim.analysis.ranking import Ranking
from omemsim.figures.budget import noise_figure, parameter_sets_figure
from omemsim.figures.page import write
from omemsim.figures.provenance import provenance_of
from omemsim.figures.swept import drivers_figure
from omemsim.present.text import counted

__all__ = ["save_ranking_figures"]


def save_ranking_figures(found: Ranking, out: Path) -> list[Path]:
    """Write the figures of a ranking into ``out``: PNG and SVG of each."""
    line = _provenance(found)
    paths: list[Path] = []
    for one in found.screened:
        paths += write(drivers_figure(one, line), out, f"screening-{one.name}")
    for one in found.driven:
        paths += write(drivers_figure(one, line), out, f"indices-{one.name}")
    if found.budgets:
        paths += write(noise_figure(found.budgets, provenance=line), out, "noise")
    if found.shares:
        first = next(iter(found.stages.arms))
        page = parameter_sets_figure(found.shares, baseline=first, provenance=line)
        paths += write(page, out, "parameter-sets")
    return paths


def _provenance(found: Ranking) -> str:
    stages = found.stages
    scenario = next(iter(stages.arms.values()))
    sizes = stages.sizes
    return provenance_of(
        scenario,
        counted(scenario.years, "year"),
        f"{len(stages.factors)} parameters",
        f"{sizes.trajectories} trajectories, {sizes.points} rows, {sizes.worlds} parameter sets",
    )
