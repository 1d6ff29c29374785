"""Stage 14, record: this week's counts go into each neighbourhood's year of records.

Records are rings of 52 weeks, column ``week % 52``. Reads: new_*. Writes: past_*.
"""

from __future__ import annotations

from operator import attrgetter

from omemsim.kernels import kernel
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.columns import HISTORY
from omemsim.vocabulary.parameters import Parameters

__all__ = ["step"]

KEPT = (
    *("violence", "household", "incidents", "crises", "calls", "officer_calls", "repeats"),
    *("recorded_violence", "recorded_property"),
)
past = attrgetter(*(f"past_{name}" for name in KEPT))
new = attrgetter(*(f"new_{name}" for name in KEPT))


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """File the week."""
    del parameters, strategy
    file(town.week % HISTORY, new(town.neighbourhoods), past(town.neighbourhoods))


@kernel
def file(column, counts, records):  # type: ignore[no-untyped-def]
    for k in range(len(counts)):
        for n in range(counts[k].size):
            records[k][n, column] = counts[k][n]
