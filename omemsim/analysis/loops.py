"""Do both ends of the wheel sustain themselves? Identical towns from low and high capacity.

The same spun-up town, with the same random numbers, is pushed to the bottom and to the top of
capacity for half a year and then let go: efficacy, fear, participation and leaders found are held,
the precursors are not touched. A neighbourhood that ends up in different states, depending on where
it came from, has two stable states. This is asked with proactive tactics on (a strategy) and off
(`reactive`, which answers calls and assigns no free hour), with all four loops and with each cut in
turn from week 0, and over random parameter sets (`study.parameter_sets`). What comes out is
reported; nothing is tuned for it.

The noise floor: how often zones move in a town whose risk is constant, because all that moves
rates is held as it was in week 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omemsim.present import csv
from omemsim.schedule import Clamp
from omemsim.study.asked import FROM_PYTHON, Asked
from omemsim.study.engine import POOL, Engine
from omemsim.study.parameter_sets import draw_worlds, in_world
from omemsim.study.statistics import student_interval
from omemsim.study.switched_off import compare_in_parts, switched_off
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Zone

if TYPE_CHECKING:
    from omemsim.inputs.scenario import Scenario
    from omemsim.series import Series
    from omemsim.study.comparison import Comparison
    from omemsim.study.progress import Progress
    from omemsim.study.store import Store

__all__ = [
    "ALL",
    "HELD_WEEKS",
    "KEPT",
    "LOOPS",
    "MOVES",
    "OUTCOMES",
    "SHARE",
    "STARTS",
    "STEADY",
    "LoopArm",
    "Fate",
    "Loops",
    "MoveRow",
    "LoopRow",
    "arms",
    "as_it_is",
    "constant_risk",
    "end_of",
    "fate_of",
    "loops",
    "mean_of",
    "moves_of",
    "of_arm",
    "share_interval",
]

Floats = NDArray[np.float64]

# Each loop and the mechanisms that cut it (docs/model.md).
LOOPS: dict[str, tuple[str, ...]] = {
    "demand trap": ("demand_trap",),
    "fear gate": ("fear_gate", "fear_of_crime", "fear_of_disorder"),
    "capacity": ("ties", "community_lead", "guardianship", "efficacy_calms"),
    "complacency": ("complacency", "foresight"),
}
DEMAND_TRAP = "demand trap"  # without it, the hours that fewer calls set free are not used either
ALL = ""  # no loop is off
STARTS = ("low", "high")
HELD_WEEKS = 26
# Where residents are held, from one end of the columns nearly to the other.
PUSHED: dict[str, dict[str, float]] = {
    "low": {"efficacy": 0.1, "fear": 0.9, "takes_part": 0.0, "is_found": 0.0},
    "high": {"efficacy": 0.9, "fear": 0.1, "takes_part": 1.0, "is_found": 1.0},
}
MEANS = ("efficacy", "fear")  # which neighbourhoods keep as their residents' means
KEPT = 0.25  # of the gap at release that has to be left for two states; assumed
FEWEST_YEARS = 2

# All that moves the rates of crime, disorder and calls, and what labels are read off.
CONSTANT: dict[str, tuple[str, ...]] = {
    "residents": (
        *("income", "housing", "addictions", "family", "need", "assets", "propensity"),
        *("exposure", "trust_anchor", "is_leader", "trust", "fear", "efficacy", "vigilance"),
        *("boost", "takes_part", "is_found", "recent", "unresolved", "support", "monitored"),
        "wary",
    ),
    "households": ("protection", "in_watch", "boost"),
    "places": ("perceived", "accustomed", "removed", "designed", "triggered"),
    "neighbourhoods": (
        *("assets", "shock", "trust", "fear", "efficacy", "vigilance", "participants", "leaders"),
        *("momentum", "watch_momentum", "community_momentum", "community_led", "capacity"),
    ),
}
# Mechanisms that move the same, and that no column holds: off from week 0.
UNHELD = ("season", "custody", "relapse", "remembered_risk", "drift", "hazards")
LABELS = {"true_zone": "true zone", "zone": "zone police see", "call_zone": "one-axis zone"}
MOVES = ("upgrades", "relapses")
STEADY = "constant risk"

SHARE = "share of neighbourhoods"
SETS = "parameter sets"
OUTCOMES = {
    "gap_at_release": "index 0-1",
    "gap_at_two_thirds": "index 0-1",
    "gap_at_end": "index 0-1",
    "gap_kept": "share of the gap at release",
    "half_closed": "weeks after release",
    "gap_kept_here": SHARE,
    "zones_apart": SHARE,
    "both_ends": SHARE,
    "red_and_blue": SHARE,
}


@dataclass(frozen=True)
class LoopArm:
    """A kind of run: police tactics "on" or "off", a loop that is off ("" none), a start."""

    police: str
    loop: str = ALL
    start: str = ""

    def name(self, parameter_set: int | None = None) -> str:
        """Return what its scenario is called."""
        parts = [f"police {self.police}"]
        parts += [f"without {self.loop}"] * (self.loop != ALL)
        parts += [f"from {self.start}"] * bool(self.start)
        parts += [f"parameter set {parameter_set}"] * (parameter_set is not None)
        return ", ".join(parts)


@dataclass(frozen=True)
class Fate:
    """What became of a pair of starts; all arrays (N,), a value per neighbourhood.

    ``released``, ``later`` and ``end`` are gaps in capacity, high start minus low: when last
    held, at two thirds of the time, over the last year. ``low`` and ``high`` are true zones.
    ``half_closed`` is when the town's mean gap was first half of what it was when last held, in
    weeks after; the rest of the run if it never was.
    """

    released: Floats
    later: Floats
    end: Floats
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    half_closed: float

    def outcomes(self) -> dict[str, float]:
        """Return a number per name in `OUTCOMES`."""
        released = float(self.released.mean())
        is_kept = self.end >= KEPT * np.maximum(self.released, 1e-12)
        apart = (self.low <= Zone.AMBER) & (self.high >= Zone.GREEN)
        ends = (self.low == Zone.RED) & (self.high == Zone.BLUE)
        numbers = (
            released,
            self.later.mean(),
            self.end.mean(),
            self.end.mean() / released if released > 0 else 0.0,
            self.half_closed,
            is_kept.mean(),
            apart.mean(),
            (apart & is_kept).mean(),
            (ends & is_kept).mean(),
        )
        return {name: float(value) for name, value in zip(OUTCOMES, numbers, strict=True)}


@dataclass(frozen=True)
class LoopRow:
    """A line of loops.csv; ``of`` says what ``n`` counts: replicates or parameter sets."""

    police: str
    strategy: str
    loop_off: str
    outcome: str
    unit: str
    value: float
    low: float
    high: float
    n: int
    of: str


@dataclass(frozen=True)
class MoveRow:
    """A line of zone_moves.csv."""

    town: str
    label: str
    move: str
    unit: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Loops:
    """The results of the study of loops.

    Attributes
    ----------
    strategies : "on" and "off" to the strategy's name.
    found : (police, loop off) to the outcomes of each replicate, in order.
    over_sets : police to the outcomes under each parameter set that finished.
    asked : number of parameter sets requested.
    moves : town to label to move to a value per replicate, per neighbourhood and year.
    comparison : of the runs with the scenario's own parameters.
    """

    strategies: dict[str, str]
    found: dict[tuple[str, str], list[dict[str, float]]]
    over_sets: dict[str, list[dict[str, float]]]
    asked: int
    moves: dict[str, dict[str, dict[str, list[float]]]]
    comparison: Comparison

    def rows(self) -> list[LoopRow]:
        """Return the lines of loops.csv."""
        own = [row for (police, loop) in self.found for row in self._rows_of(police, loop)]
        return own + [row for police in self.over_sets for row in self._rows_over_sets(police)]

    def _rows_of(self, police: str, loop: str) -> Iterator[LoopRow]:
        each = self.found[police, loop]
        for outcome, unit in OUTCOMES.items():
            value, low, high = mean_of(
                [x[outcome] for x in each], most=1 if unit == SHARE else None
            )
            head = (police, self.strategies[police], loop or "none", outcome, unit)
            yield LoopRow(*head, value, low, high, len(each), "replicates")

    def _rows_over_sets(self, police: str) -> Iterator[LoopRow]:
        each = self.over_sets[police]
        head = (police, self.strategies[police], "none")
        for outcome in ("both_ends", "red_and_blue"):
            yes = sum(x[outcome] > 0 for x in each)
            value, low, high = share_interval(yes, len(each))
            unit = "share of parameter sets with such a neighbourhood"
            yield LoopRow(*head, f"{outcome}_anywhere", unit, value, low, high, len(each), SETS)
            value, low, high = mean_of([x[outcome] for x in each], most=1)
            yield LoopRow(*head, outcome, SHARE, value, low, high, len(each), SETS)

    def csv(self) -> str:
        """Return the rows as CSV text."""
        return csv.of_dataclasses(LoopRow, self.rows())

    def moves_csv(self) -> str:
        """Return the moves of labels as CSV text."""
        return csv.of_dataclasses(MoveRow, self.move_rows())

    def move_rows(self) -> list[MoveRow]:
        """Return the lines of zone_moves.csv."""
        unit = "moves per neighbourhood per year"
        return [
            MoveRow(town, label, move, unit, *mean_of(values, most=np.inf), len(values))
            for town, labels in self.moves.items()
            for label, kinds in labels.items()
            for move, values in kinds.items()
        ]


def loops(
    police: Mapping[str, Scenario],
    *,
    replicates: int,
    out: Path,
    store: Path | Store,
    parameter_sets: int = 0,
    asked: Asked = FROM_PYTHON,
    engine: Engine = POOL,
    progress: Progress = True,
) -> Loops:
    """Run every pair of starts, the parameter sets and the noise floor; return what came out.

    Parameters
    ----------
    police : "on" and "off" to a scenario: alike but for the strategy.
    parameter_sets : number of random ones, one replicate each, all loops on.
    replicates, out, store, asked, engine, progress : as in `study.compare.compare`.

    Raises
    ------
    InputError
        If the time is too short to tell, or a folder cannot be written.
    OmemError
        If no run of a part finished.
    """
    _check(police["on"])
    shared: dict[str, Any] = {"out": out, "store": store, "asked": asked}
    shared |= {"engine": engine, "progress": progress}
    named = {arm.name(): of_arm(police[arm.police], arm) for arm in arms()}
    named[STEADY] = constant_risk(police["on"])
    first = next(iter(named))
    others = _of_sets(police, parameter_sets)
    drawn: dict[str, list[dict[str, float]]] = {}
    if others:  # first, so that the provenance left in the folder is that of the main runs
        kept = compare_in_parts(others, baseline=next(iter(others)), replicates=1, **shared)
        drawn = {name: _fates_over_sets(kept, name, parameter_sets) for name in police}
    comparison = compare_in_parts(named, baseline=first, replicates=replicates, **shared)
    pairs = dict.fromkeys((arm.police, arm.loop) for arm in arms() if arm.start)
    return Loops(
        strategies={name: scenario.strategy.name for name, scenario in police.items()},
        found={pair: _fates(comparison, *pair) for pair in pairs},
        over_sets=drawn,
        asked=parameter_sets,
        moves=_moves(comparison, police),
        comparison=comparison,
    )


def _check(scenario: Scenario) -> None:
    if scenario.years < FEWEST_YEARS:
        raise InputError(
            f"years = {scenario.years:g}: must be {FEWEST_YEARS} or more, since the town is held "
            f"for {HELD_WEEKS} weeks and then needs time to go its own way (15 is usual)."
        )


def arms() -> list[LoopArm]:
    """Return every kind of run: pairs of starts, and for each police the town as it is."""
    pairs = [
        LoopArm(police, loop, start)
        for police in ("on", "off")
        for loop in (ALL, *LOOPS)
        for start in STARTS
    ]
    return [*pairs, LoopArm("on"), LoopArm("off")]


def of_arm(scenario: Scenario, arm: LoopArm) -> Scenario:
    """Return the scenario of an arm: its loop off from week 0, its start held for a while."""
    if arm.loop == DEMAND_TRAP:
        scenario = replace(scenario, strategy=replace(scenario.strategy, reinvest=False))
    if arm.start:
        scenario = replace(scenario, clamps=[*scenario.clamps, *_held(arm.start)])
    return switched_off(scenario, LOOPS[arm.loop] if arm.loop else ())


def _held(start: str) -> list[Clamp]:
    """Return what holds a town at one end until it is let go."""
    residents = PUSHED[start]
    columns = {f"residents.{name}": value for name, value in residents.items()}
    columns |= {f"neighbourhoods.{name}": residents[name] for name in MEANS}
    return [Clamp(column=name, to=HELD_WEEKS, value=value) for name, value in columns.items()]


def constant_risk(scenario: Scenario) -> Scenario:
    """Return the scenario in which nothing that moves rates moves: what is left is chance."""
    clamps = [
        Clamp(column=f"{table}.{name}") for table, names in CONSTANT.items() for name in names
    ]
    return switched_off(replace(scenario, clamps=[*scenario.clamps, *clamps]), UNHELD)


def as_it_is(police: str) -> str:
    """Return the name of the runs of a town that nobody pushes."""
    return LoopArm(police).name()


def _of_sets(police: Mapping[str, Scenario], number: int) -> dict[str, Scenario]:
    """Return the scenarios of all parameter sets: both starts, police on and off."""
    drawn = draw_worlds(police["on"].parameters, worlds=number)
    return {
        LoopArm(name, ALL, start).name(k): of_arm(
            in_world(scenario, values), LoopArm(name, ALL, start)
        )
        for k, values in enumerate(drawn)
        for name, scenario in police.items()
        for start in STARTS
    }


def _fates(comparison: Comparison, police: str, loop: str) -> list[dict[str, float]]:
    """Return the outcomes of each replicate of which both starts finished."""
    names = [LoopArm(police, loop, start).name() for start in STARTS]
    both = sorted(set.intersection(*(set(comparison.finished(name)) for name in names)))
    return [fate_of(*(comparison.series(x, r) for x in names)).outcomes() for r in both]


def _fates_over_sets(comparison: Comparison, police: str, number: int) -> list[dict[str, float]]:
    found = []
    for k in range(number):
        names = [LoopArm(police, ALL, start).name(k) for start in STARTS]
        if all(comparison.finished(name) for name in names):
            found.append(fate_of(*(comparison.series(name, 0) for name in names)).outcomes())
    return found


def fate_of(low: Series, high: Series) -> Fate:
    """Return what became of a town from its two starts."""
    gap = high.values["capacity"] - low.values["capacity"]
    weeks = low.weeks
    held = max(int(np.searchsorted(weeks, HELD_WEEKS, side="right")) - 1, 0)
    last = weeks > weeks[-1] - WEEKS_PER_YEAR
    two_thirds = 2 * weeks[-1] / 3
    later = (weeks > two_thirds - WEEKS_PER_YEAR / 2) & (weeks <= two_thirds + WEEKS_PER_YEAR / 2)
    return Fate(
        released=gap[held],
        later=gap[later].mean(axis=0),
        end=gap[last].mean(axis=0),
        low=end_of(low.values["true_zone"][last]),
        high=end_of(high.values["true_zone"][last]),
        half_closed=_half_closed(weeks[held:], gap[held:].mean(axis=1)),
    )


def _half_closed(weeks: NDArray[np.int64], gap: Floats) -> float:
    """Return weeks from the first record to the first at which the gap is half of it."""
    below = np.flatnonzero(gap <= gap[0] / 2)
    return float((weeks[below[0]] if below.size else weeks[-1]) - weeks[0])


def end_of(zones: Floats) -> NDArray[np.int64]:
    """Return each neighbourhood's median zone, the lower for a tie, (N,); zones are (T, N)."""
    return np.quantile(zones, 0.5, axis=0, method="lower").astype(np.int64)


def _moves(
    comparison: Comparison, police: Mapping[str, Scenario]
) -> dict[str, dict[str, dict[str, list[float]]]]:
    towns = {STEADY: STEADY}
    towns |= {scenario.strategy.name: as_it_is(name) for name, scenario in police.items()}
    return {
        town: _moves_in([comparison.series(name, r) for r in comparison.finished(name)])
        for town, name in towns.items()
    }


def _moves_in(runs: Sequence[Series]) -> dict[str, dict[str, list[float]]]:
    each = {label: [moves_of(run, label) for run in runs] for label in LABELS}
    return {
        label: {move: [pair[k] for pair in pairs] for k, move in enumerate(MOVES)}
        for label, pairs in each.items()
    }


def moves_of(series: Series, label: str) -> tuple[float, float]:
    """Return upgrades and relapses per neighbourhood and year, after the first year.

    A move over two zones counts as one. In the first year a strategy's start shows.
    """
    late = series.weeks >= WEEKS_PER_YEAR
    steps = np.diff(series.values[label][late], axis=0)
    years = (series.weeks[late][-1] - series.weeks[late][0]) / WEEKS_PER_YEAR
    total = max(steps.shape[1] * years, 1e-12)
    return float((steps > 0).sum() / total), float((steps < 0).sum() / total)


def mean_of(values: Sequence[float], *, most: float | None = None) -> tuple[float, float, float]:
    """Return the mean and the ends of its 95% interval.

    ``most`` is the most that a value can be where the least is 0, as 1 for a share; the
    interval then stays between them. None for no bounds.
    """
    array = np.asarray(values, float)
    if not array.size:
        return np.nan, np.nan, np.nan
    low, high = (float(end) for end in student_interval(array))
    if most is not None:
        low, high = max(low, 0.0), min(high, most)  # NaN, for one replicate, stays NaN
    return float(array.mean()), low, high


def share_interval(yes: int, n: int) -> tuple[float, float, float]:
    """Return a share and Wilson's 95% interval of it (Wilson 1927, JASA 22); NaN for none."""
    if n == 0:
        return np.nan, np.nan, np.nan
    z, p = 1.959964, yes / n
    middle, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low, high = ((middle + side * half) / (1 + z**2 / n) for side in (-1, 1))
    return p, max(float(low), 0.0), min(float(high), 1.0)
