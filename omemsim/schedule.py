"""What happens or is done at certain weeks and places: events, interventions, clamps.

An *event* befalls the town whatever the strategy; an *intervention* is chosen and stacks on a
strategy; a *clamp* holds a column of the state, so that an experiment can cut a loop. All are
data of a scenario; weeks count from the scenario's start, and ``to`` is the week after the last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from omemsim.vocabulary.parameters import parameter
from omemsim.vocabulary.wheel import Tactic

__all__ = ["FOREVER", "Clamp", "Event", "Happening", "Intervention", "Work"]

FOREVER = 5200  # weeks: a hundred years, the longest run


class Happening(IntEnum):
    """What an event is; ``size`` is a share of the usual rate or an index from 0 to 1."""

    CRIME = 0
    ECONOMIC = 1
    LEGITIMACY = 2
    BUDGET_CUT = 3
    AGENCY_CLOSING = 4
    CAMPAIGN = 5


# What an intervention does: any tactic, by its number, or one of three projects.
Work = IntEnum("Work", [(t.name, t.value) for t in Tactic] + [("LIGHTING", 15), ("TARGET_HARDENING", 16), ("CASEWORK", 17)])  # fmt: skip  # noqa: E501


@dataclass(frozen=True)
class Event:
    """Something that befalls the town.

    ``size`` by kind: crime, rise of offending where nobody is vigilant (share); economic,
    deprivation added; legitimacy, least grievance while it lasts; budget_cut, share of patrol
    hours taken away; agency_closing, none (``sector`` says which agencies); campaign, least
    dose of public education. ``where`` empty is everywhere.
    """

    what: Happening = Happening.CRIME
    where: list[str] = field(default_factory=list)
    from_: int = parameter(0, "week", 0, FOREVER, "chosen", "First week.")
    to: int = parameter(FOREVER, "week", 0, FOREVER, "chosen", "Week after the last.")
    size: float = parameter(0.3, "share or index", 0, 5, "chosen", "How strong.")
    sector: str = ""


@dataclass(frozen=True)
class Intervention:
    """Something done at certain places for a time, beside the strategy's mix.

    ``dose`` by kind: a tactic, hours a week per 1,000 residents 15+, taken from the free hours
    before the mix; lighting, share of the neighbourhood's places kept in good light and
    design; target_hardening, share of dwellings protected in a year, whatever their means;
    casework, cases per 1,000 residents 15+ added to the agencies of the catchment. Projects
    are paid beside the strategy's money and booked (`project_cost`, `agency_cost`).
    """

    what: Work = Work.LIGHTING  # type: ignore[attr-defined]
    where: list[str] = field(default_factory=list)
    from_: int = parameter(0, "week", 0, FOREVER, "chosen", "First week.")
    to: int = parameter(FOREVER, "week", 0, FOREVER, "chosen", "Week after the last.")
    dose: float = parameter(0.5, "by kind", 0, 1000, "chosen", "How much.")


@dataclass(frozen=True)
class Clamp:
    """A column that an experiment holds, right after the stage that writes it.

    ``column`` is ``table.column``. With neither ``value`` nor ``add`` or ``times`` given it is
    held as it was when the clamp began; ``value`` holds it at a number; ``add`` and ``times`` hold
    it at what it was then, plus a number or times one, cut to the column's bounds. ``where`` is as in
    interventions and holds the rows of those neighbourhoods only.
    """

    column: str = ""
    where: list[str] = field(default_factory=list)
    from_: int = parameter(0, "week", 0, FOREVER, "chosen", "First week.")
    to: int = parameter(FOREVER, "week", 0, FOREVER, "chosen", "Week after the last.")
    value: float | None = None
    add: float = 0.0
    times: float = 1.0
