"""What a class can let happen to the whole town: events of the model, of sizes that one notices."""

from __future__ import annotations

from dataclasses import dataclass

from omemsim.schedule import Happening

__all__ = ["SHOCKS", "Shock"]


@dataclass(frozen=True)
class Shock:
    """An event everywhere: ``what`` and ``size`` as in `schedule.Event`, for so many weeks.

    Sizes and spans are chosen for teaching: no source gives them.
    """

    name: str
    what: int
    size: float
    weeks: int


SHOCKS = (
    Shock("crime", int(Happening.CRIME), 0.5, 26),
    Shock("economic", int(Happening.ECONOMIC), 0.15, 104),
    Shock("legitimacy", int(Happening.LEGITIMACY), 0.5, 13),
    Shock("budget_cut", int(Happening.BUDGET_CUT), 0.2, 52),
    Shock("campaign", int(Happening.CAMPAIGN), 0.6, 26),
)
