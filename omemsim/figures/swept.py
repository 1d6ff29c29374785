"""The figures of a sweep: what drives the outcome, and how often an arm is better."""

from __future__ import annotations

from pathlib import Path

from omemsim.figures.budget import parameter_sets_figure
from omemsim.figures.page import Page, write
from omemsim.figures.provenance import provenance_of
from omemsim.figures.sensitivity import morris_figure, sobol_figure
from omemsim.present.text import counted
from omemsim.study.factor_importance import Driven, drivers_of, worlds_of
from omemsim.study.indices import Sobol
from omemsim.study.sweep_results import Swept

__all__ = ["drivers_figure", "save_sweep_figures"]


def save_sweep_figures(swept: Swept, outcomes: list[str], out: Path) -> list[Path]:
    """Write into ``out`` what the design allows; the indices are of the first outcome.

    Parameters
    ----------
    swept : finished runs; a Sobol or Morris design gives indices, a sample gives shares of
        parameter sets.
    outcomes : names of numbers a run leaves, one at least.
    out : folder for PNGs and SVGs.
    """
    line = _provenance(swept)
    paths: list[Path] = []
    for driven in drivers_of(swept, outcomes[0]):
        paths += write(drivers_figure(driven, line), out, f"drivers-{driven.name}")
    if shares := worlds_of(swept, outcomes):
        first = next(iter(swept.sweep.arms))
        page = parameter_sets_figure(shares, baseline=first, provenance=line)
        paths += write(page, out, "parameter-sets")
    return paths


def drivers_figure(driven: Driven, line: str) -> Page:
    """Return the figure of Sobol's or Morris's indices; ``line`` says where they are from."""
    if isinstance(driven.found, Sobol):
        return sobol_figure(driven.found, outcome=driven.outcome, provenance=line)
    return morris_figure(driven.found, outcome=driven.outcome, unit=driven.unit, provenance=line)


def _provenance(swept: Swept) -> str:
    scenario = next(iter(swept.sweep.arms.values()))
    design = swept.sweep.design
    return provenance_of(
        scenario,
        counted(scenario.years, "year"),
        f"{len(design.points):,} points ({design.kind}) × {swept.sweep.replicates}",
        f"{swept.finished:,} runs",
    )
