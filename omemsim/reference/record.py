"""Stage 14, record: this week's counts go into each neighbourhood's year of records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.vocabulary.columns import HISTORY

if TYPE_CHECKING:
    from omemsim.reference.model import ReferenceModel

__all__ = ["record"]

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


def record(model: ReferenceModel) -> None:
    """Stage 14: this week's counts go into each neighbourhood's year of records."""
    for hood in model.neighbourhoods:
        for name in KEPT:
            getattr(hood, f"past_{name}")[model.week % HISTORY] = getattr(hood, f"new_{name}")
