"""What drives the outcome of a sampled sweep, and how often one strategy beats another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omemsim.study.contrasts import about
from omemsim.study.indices import Morris, Sobol, morris_analysis, sobol_analysis
from omemsim.study.noise import WorldShare, share_of_worlds
from omemsim.study.sweep_results import Swept

__all__ = ["Driven", "drivers_of", "worlds_of"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Driven:
    """The indices of an outcome of one arm or, with ``against``, of its difference from another.

    Attributes
    ----------
    outcome : in plain words, as in a sentence.
    unit : of the outcome.
    """

    arm: str
    against: str | None
    outcome: str
    unit: str
    found: Sobol | Morris

    @property
    def name(self) -> str:
        """Return what files about it are called."""
        return self.arm if self.against is None else f"{self.arm}-less-{self.against}"

    def in_words(self) -> str:
        """Return what drives it, as a sentence or two."""
        return self.found.in_words(self.outcome)


def drivers_of(swept: Swept, name: str) -> list[Driven]:
    """Return what drives an outcome in each arm, and the difference of each arm from the first.

    The difference tells which factors decide how much better one strategy is than another: a
    factor may drive both and not their difference. Of another design than Sobol's or Morris's,
    or where fewer than two of its rows are whole, there is none.
    """
    if swept.sweep.design.kind not in ("sobol", "morris"):
        return []
    title, unit = about(name).title.lower(), about(name).unit
    first, *others = swept.sweep.arms
    asked: list[tuple[str, str | None, str, Floats]]
    asked = [(arm, None, f"{title} under {arm}", swept.of(arm, name)) for arm in (first, *others)]
    base = swept.of(first, name)
    asked += [
        (arm, first, f"{title} under {arm} less {first}", swept.of(arm, name) - base)
        for arm in others
    ]
    return [
        Driven(arm, against, outcome, unit, found)
        for arm, against, outcome, values in asked
        if (found := _analysed(swept, values)) is not None
    ]


def _analysed(swept: Swept, values: Floats) -> Sobol | Morris | None:
    design = swept.sweep.design
    if design.unit is None:
        return None
    try:
        if design.kind == "sobol":
            return sobol_analysis(values, n=design.n, names=design.names, seed=design.seed)
        return morris_analysis(values, points=design.unit, names=design.names, seed=design.seed)
    except ValueError:  # fewer than two rows, or trajectories, are whole
        return None


def worlds_of(swept: Swept, names: Sequence[str]) -> dict[tuple[str, str], WorldShare]:
    """Return in which share of a sample's points each arm beats the first, by title and arm.

    A world is a point: what is compared is the mean over its replicates. Only of outcomes that
    have a better direction, and of a sample of points: a Latin hypercube, or the blocks A and B
    of a Sobol design (the other blocks repeat their values; a grid or a list is no sample).
    """
    design = swept.sweep.design
    sampled = {"latin": len(design.points), "sobol": 2 * design.n}.get(design.kind, 0)
    if not sampled:
        return {}
    first, *others = swept.sweep.arms
    return {
        (about(name).title, arm): share
        for name in names
        if about(name).better in ("lower", "higher")
        for arm in others
        for share in _share(swept, arm, first, name, sampled)
    }


def _share(swept: Swept, arm: str, first: str, name: str, sampled: int) -> Iterator[WorldShare]:
    one, other = (swept.of(x, name)[:sampled].mean(axis=1) for x in (arm, first))
    found = share_of_worlds(one, other, about(name).better)
    if found.ties < found.n:  # where all are equal there is nothing to beat
        yield found
