"""A scenario: all that a run depends on, and what of it a spin-up depends on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from omemsim.recording import Recording
from omemsim.schedule import Clamp, Event
from omemsim.strategies import Strategy
from omemsim.vocabulary.parameters import Parameters, parameter

__all__ = ["OF_A_START", "Scenario", "TownConfig", "is_of_a_start", "parts_of_a_start"]


@dataclass(frozen=True)
class TownConfig:
    """Where a town comes from: drawn (``kind: synthetic``) or read (``kind: table``).

    ``columns`` says, for a table, which column of the file is which of ours; ``file``,
    ``adjacency`` and ``polygons`` are paths; ``sheet`` is one of a workbook, ``suppressed`` what a
    cell of crime without a number counts as, and ``totals`` "drop" or "keep" rows that are the sum
    of others; ``year`` picks rows of a table of many years, and
    ``since`` has recorded crime averaged over the years from then on; with ``shrink`` it is then
    pooled with what the table's other columns say of a neighbourhood (`omemsim.inputs.regression`).
    """

    name: str = "town"
    kind: str = "synthetic"
    residents: int = parameter(
        5000, "residents 15+", 1, 3_000_000, "chosen", "Simulated residents of a synthetic town."
    )
    neighbourhoods: int = parameter(
        10, "neighbourhoods", 1, 3000, "chosen", "Neighbourhoods of a synthetic town."
    )
    deprivation_spread: float = parameter(
        0.8,
        "share of the range",
        0,
        1,
        "assumed",
        "How far apart the best and worst off neighbourhoods of a synthetic town are.",
    )
    clustering: float = parameter(
        0.75,
        "index 0-1",
        0,
        1,
        "assumed; Toronto 2019: Moran's I of violence 0.5",
        "How alike neighbours are in deprivation and in visitors: 0 scattered, 1 sorted.",
    )
    visitor_spread: float = parameter(
        2.2,
        "log points",
        0,
        4,
        "derived: Toronto 2019, violence varies by 0.5 log points beside deprivation",
        "Standard deviation of the log of visitors per resident over a synthetic town.",
    )
    seed: int = parameter(0, "number", 0, 2**31 - 1, "chosen", "Which synthetic town is drawn.")
    file: str | None = None
    sheet: str | None = None
    suppressed: float | None = parameter(None, "crimes a year", 0, 1e6, "chosen", "What a cell of recorded crime without a number counts as; null: filled from the others.")  # type: ignore[arg-type]  # fmt: skip  # noqa: E501
    totals: str = "drop"
    columns: dict[str, Any] = field(default_factory=dict)
    adjacency: str | None = None
    polygons: str | None = None
    year: int | None = parameter(None, "year", 1900, 2100, "chosen", "Which year's rows to read.")  # type: ignore[arg-type]
    since: int | None = parameter(None, "year", 1900, 2100, "chosen", "First of the years, up to `year`, whose recorded crime is averaged; null: `year` alone.")  # type: ignore[arg-type]  # fmt: skip  # noqa: E501
    shrink: bool = False
    coverage_violence: float = parameter(
        1.0,
        "share",
        0.01,
        1,
        "the table's",
        "Share of all recorded violence that the table's offences make up.",
    )
    coverage_property: float = parameter(
        1.0,
        "share",
        0.01,
        1,
        "the table's",
        "Share of all recorded property crime that the table's offences make up.",
    )
    scale: float = parameter(
        1.0,
        "real residents per simulated resident",
        1,
        10_000,
        "chosen",
        "1 simulates everybody, 20 one resident in twenty.",
    )


@dataclass(frozen=True)
class Scenario:
    """All that a run depends on, the replicate aside.

    ``events`` happen to the town whatever the strategy, ``clamps`` hold columns of the state
    (`omemsim.schedule`). ``record`` says what is kept of it. ``setting`` is the name of the
    setting whose differences this holds. ``code`` is filled in: a digest of the source of each
    ``module:function`` of the user's own that a run depends on (`omemsim.own`).
    """

    setting: str = "none"
    town: TownConfig = field(default_factory=TownConfig)
    strategy: Strategy = field(default_factory=Strategy)
    parameters: Parameters = field(default_factory=Parameters)
    years: float = parameter(5.0, "years", 0.02, 100, "chosen", "Time simulated after the spin-up.")
    spin_up_years: float = parameter(
        3.0,
        "years",
        0.02,
        30,
        "assumed",
        "Time the town first runs under present practice.",
    )
    seed: int = parameter(
        0, "number", 0, 2**31 - 1, "chosen", "Seed of the random numbers of all replicates."
    )
    noise_seed: int = parameter(
        0,
        "number",
        0,
        2**31 - 1,
        "chosen",
        "Other random numbers for the same town from week 0 on; 0 continues those of its spin-up.",
    )
    events: list[Event] = field(default_factory=list)
    clamps: list[Clamp] = field(default_factory=list)
    record: Recording = field(default_factory=Recording)
    code: dict[str, str] = field(default_factory=dict)


# The parts of a scenario that `spin_up` reads: scenarios that are alike in them start from the same
# town of a replicate. A test holds it to them.
OF_A_START = ("town", "parameters", "spin_up_years", "seed")


def parts_of_a_start(scenario: Scenario) -> dict[str, Any]:
    """Return what a spin-up depends on, beside the replicate, by the part's name."""
    return {name: getattr(scenario, name) for name in OF_A_START}


def is_of_a_start(path: str) -> bool:
    """Return whether a spin-up depends on the value at a dotted key."""
    return path.split(".")[0] in OF_A_START
