"""Stage 14, record: this week's counts go into each neighbourhood's year of records.

Records are rings of 52 weeks, column ``week % 52``. Reads: new_*. Writes: past_*.
"""

from __future__ import annotations

from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.columns import HISTORY
from omemsim.vocabulary.parameters import Parameters

__all__ = ["step"]

KEPT = (
    "violence",
    "household",
    "incidents",
    "crises",
    "calls",
    "officer_calls",
    "repeats",
    "recorded_violence",
    "recorded_property",
)


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """File the week."""
    del parameters, strategy
    places = town.neighbourhoods
    for name in KEPT:
        getattr(places, f"past_{name}")[:, town.week % HISTORY] = getattr(places, f"new_{name}")
