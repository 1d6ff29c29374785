"""The line at the foot of a figure: which version, town and runs its numbers are from."""

from __future__ import annotations

from omemsim import __version__
from omemsim.figures.ink import plain
from omemsim.inputs.scenario import Scenario

__all__ = ["provenance_line", "provenance_of", "version_line"]


def provenance_line(town: str, *parts: str, version: str = __version__) -> str:
    """Return the version, the town and what else is said of the runs, in one line.

    Parameters
    ----------
    town : its name.
    *parts : what else is said, in this order.
    version : of the package that made the runs.
    """
    return " · ".join([f"omemsim {version}", f"town {plain(town)}", *parts])


def version_line() -> str:
    """Return the version alone, for a figure that no run is behind."""
    return f"omemsim {__version__}"


def provenance_of(scenario: Scenario, *parts: str) -> str:
    """Return the line of runs of a scenario: the town first, the seed last."""
    return provenance_line(scenario.town.name, *parts, f"seed {scenario.seed}")
