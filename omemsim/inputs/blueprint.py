"""What a town is built from, whether drawn or read from a table."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["BUSINESSES", "MOVING", "SHARE_15_PLUS", "VISITORS", "Between", "Blueprint"]

# A town's defaults.
SHARE_15_PLUS = 0.83  # residents 15 or older, of residents of all ages; practice.md
VISITORS = 0.3  # people present per resident beside residents; assumed
BUSINESSES = 30.0  # per 1,000 residents; assumed
MOVING = 0.125  # households that move in a year; census 2021, mean of Toronto's neighbourhoods


@dataclass(frozen=True)
class Between:
    """The ends between which recorded crime is, a year per 1,000 residents, float64 (N,) each.

    They differ where a table has a cell without a number, or one such as <5.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """Neighbourhoods before anybody lives in them; all arrays have one row each (N).

    Attributes
    ----------
    name : the town's name.
    ids, names : identifier (as text) and display name of each neighbourhood.
    residents : int64 (N,), simulated residents 15+, at least 1.
    population : float64 (N,), residents of all ages they stand for at the town's scale.
    deprivation : float64 (N,), in [0, 1], 0 the best off; sets residents' precursors.
    visitors : float64 (N,), people present per resident beside residents, >= 0.
    businesses : float64 (N,), businesses per 1,000 residents, >= 0.
    moving : float64 (N,), share of households that move in a year, in [0, 1].
    xy : float64 (N, 2), centre in metres.
    area : float64 (N,), km2.
    adjacency : int32 (M, 2), pairs of row numbers, each pair once.
    violence, property : float64 (N,), recorded crimes a year per 1,000 residents of all
        ages that the spin-up has to reach; None for a synthetic town.
    between : the ends of recorded crime of all kinds that the table has; None if they are known.
    minority, indigenous : float64 (N,), share of residents of a visible minority, and of Indigenous
        residents, in [0, 1]; None where the table does not say: the parameters then do.
    calls : float64 (N,), public calls a year per 1,000 residents, reported beside the
        model's own; None where the table has none.
    polygons : one list of rings (each float64 (V, 2), in the file's own coordinates) per
        neighbourhood, or None: the map then draws cells.
    coverage : share of all recorded violence, and of all recorded property crime, that the
        table's offences make up; the spin-up fits coverage x the model's to the table's.
    scale : real residents one simulated resident stands for (1 = all of them).
    notes : what was imputed, dropped or assumed, one sentence each.
    """

    name: str
    ids: list[str]
    names: list[str]
    residents: NDArray[np.int64]
    population: NDArray[np.float64]
    deprivation: NDArray[np.float64]
    visitors: NDArray[np.float64]
    businesses: NDArray[np.float64]
    moving: NDArray[np.float64]
    xy: NDArray[np.float64]
    area: NDArray[np.float64]
    adjacency: NDArray[np.int32]
    violence: NDArray[np.float64] | None = None
    property: NDArray[np.float64] | None = None
    calls: NDArray[np.float64] | None = None
    between: Between | None = None
    minority: NDArray[np.float64] | None = None
    indigenous: NDArray[np.float64] | None = None
    polygons: list[list[NDArray[np.float64]]] | None = None
    coverage: tuple[float, float] = (1.0, 1.0)
    scale: float = 1.0
    notes: list[str] = field(default_factory=list)
