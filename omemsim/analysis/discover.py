"""Where a strategy fails: scenario discovery (Bryant & Lempert 2010; Lempert et al. 2006).

A strategy and a baseline run at many points of what the evidence leaves open, in the same towns. At
some the strategy does worse. The patient rule induction method (PRIM; Friedman & Fisher 1999,
Statistics and Computing 9(2); of the EMA workbench, Kwakkel 2017) finds *boxes*, ranges of a few
parameters within which most of these points lie. Two numbers say how good a box is: its *density*,
the share of its points at which the strategy does worse, and its *coverage*, the share of all such
points that it holds. Both look better where a box was found than elsewhere, so every third point is
held back from finding, and the numbers that are told are those of these.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from omemsim import labelled
from omemsim.inputs.scenario import Scenario
from omemsim.present import csv, text
from omemsim.study.contrasts import about
from omemsim.study.design import design
from omemsim.study.expand import Sweep
from omemsim.study.factors import Factor
from omemsim.study.indices import short_name
from omemsim.study.sweep_results import Swept
from omemsim.vocabulary.errors import InputError

__all__ = [
    "Box",
    "Discovery",
    "Limit",
    "Points",
    "boxes_csv",
    "boxes_of",
    "discovered",
    "discovery_text",
    "held_back",
    "inside",
    "needs_prim",
    "sweep_for",
]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

HELD_BACK = 3  # one point in so many is held back from finding
FEWEST = 5  # points at which it does worse, before a box is looked for
MOST_BOXES = 3
DENSITY = 0.5  # of a box where it is found, at least: it fails there more often than not
HARDLY = 0.05  # of the balance of density and coverage, that a limit must be worth; assumed
CHANCE = 0.05  # of a limit or a box, beyond which it is left out


class Points(NamedTuple):
    """What was tried: values of the factors, (P, K), and whether the strategy did worse, (P,)."""

    names: Sequence[str]
    values: Floats
    is_worse: Flags


class Limit(NamedTuple):
    """The range of one parameter in a box, and the whole range that was tried."""

    path: str
    low: float
    high: float
    least: float
    most: float

    @property
    def is_open_below(self) -> bool:
        """Return whether nothing below is left out: the box begins at the least that was tried."""
        return self.low <= self.least

    @property
    def is_open_above(self) -> bool:
        """Return whether nothing above is: it ends at the most."""
        return self.high >= self.most


class Tally(NamedTuple):
    """How many points lie in a box, at how many of them it does worse, and at how many in all."""

    points: int
    worse: int
    worse_in_all: int

    @property
    def density(self) -> float:
        """Return the share of the box's points at which it does worse; NaN if it has none."""
        return self.worse / self.points if self.points else float("nan")

    @property
    def coverage(self) -> float:
        """Return the share of points at which it does worse that lie in the box."""
        return self.worse / self.worse_in_all if self.worse_in_all else float("nan")


@dataclass(frozen=True)
class Box:
    """Ranges within which a strategy mostly does worse.

    Attributes
    ----------
    limits : those that are narrower than what was tried, the narrowest first.
    found : of the points it was found among.
    held : of the points that were held back.
    """

    limits: Sequence[Limit]
    found: Tally
    held: Tally

    def in_words(self) -> str:
        """Return e.g. "offend: near at least 0.71 and respond: sworn at most 120"."""
        return " and ".join(map(_limit_words, self.limits))


@dataclass(frozen=True)
class Discovery:
    """Where a strategy does worse than the baseline on an outcome.

    Attributes
    ----------
    points : all that finished, in their order.
    boxes : the best first; each is looked for among points that lie in none before it.
    failed : points at which a run failed.
    """

    strategy: str
    baseline: str
    outcome: str
    points: Points
    boxes: Sequence[Box]
    failed: int


def sweep_for(
    arms: Mapping[str, Scenario], factors: Sequence[Factor], *, points: int, replicates: int
) -> Sweep:
    """Return the runs: both strategies at points of a Latin hypercube, in the same towns.

    Parameters
    ----------
    arms : the baseline, then the strategy, alike in all else.
    factors : what varies.
    points, replicates : how many points, and towns at each.

    Raises
    ------
    InputError
        If something varies that is no number, or is no parameter.
    """
    problems = [
        f"vary.{factor.path}: boxes are ranges of numbers: give two ends, as LOW..HIGH."
        for factor in factors
        if factor.values
    ]
    if problems:
        raise InputError(*problems)
    seed = next(iter(arms.values())).seed
    return Sweep(arms, design("latin", factors, n=points, seed=seed), replicates)


def discovered(swept: Swept, outcome: str) -> Discovery:
    """Return where the strategy does worse than the baseline.

    Parameters
    ----------
    swept : finished runs of `sweep_for`.
    outcome : a number of a run's summary that is better one way.

    Raises
    ------
    InputError
        If neither way is better, or the extra is missing.
    """
    better = about(outcome).better
    if not better:
        raise InputError(f"outcome = {outcome!r}: neither more nor less of it is better.")
    baseline, strategy = swept.sweep.arms
    change = (swept.of(strategy, outcome) - swept.of(baseline, outcome)).mean(axis=1)
    finished = np.isfinite(change)
    names = list(swept.sweep.design.names)
    rows = [[float(point[x]) for x in names] for point in swept.sweep.design.points]
    is_worse = change > 0 if better == "lower" else change < 0
    points = Points(names, np.array(rows)[finished], is_worse[finished])
    failed = int((~finished).sum())
    return Discovery(strategy, baseline, outcome, points, boxes_of(points), failed)


def held_back(number: int) -> Flags:
    """Return which of so many points are held back from finding."""
    return np.asarray(np.arange(number) % HELD_BACK == HELD_BACK - 1)


def boxes_of(points: Points) -> list[Box]:
    """Return the boxes that hold most points at which the strategy does worse.

    Parameters
    ----------
    points : of which some are held back; two columns at least.
    """
    is_held = held_back(len(points.values))
    left = ~is_held
    boxes: list[Box] = []
    for _ in range(MOST_BOXES):
        if min(points.is_worse[left].sum(), (~points.is_worse[left]).sum()) < FEWEST:
            break
        limits = _found(points, left)
        mine = inside(points, limits)
        found = _tally(points, mine, left)
        if not limits or not _is_box(found, points.is_worse[left]):
            break
        boxes.append(Box(limits, _tally(points, mine, ~is_held), _tally(points, mine, is_held)))
        left &= ~mine
    return boxes


def inside(points: Points, limits: Sequence[Limit]) -> Flags:
    """Return which points lie within all limits, (P,)."""
    rows = np.ones(len(points.values), bool)
    for limit in limits:
        column = points.values[:, list(points.names).index(limit.path)]
        rows &= (column >= limit.low) & (column <= limit.high)
    return rows


def _tally(points: Points, mine: Flags, among: Flags) -> Tally:
    worse = points.is_worse & among
    return Tally(int((mine & among).sum()), int((mine & worse).sum()), int(worse.sum()))


def _is_box(found: Tally, is_worse: Flags) -> bool:
    """Return whether a box fails more often than not, and more often than chance would."""
    if found.points == 0 or found.density < DENSITY:
        return False
    usual = float(is_worse.mean())
    return bool(stats.binomtest(found.worse, found.points, usual, "greater").pvalue < CHANCE)


def _found(points: Points, rows: Flags) -> list[Limit]:
    """Return the limits of PRIM's box of the best balance of density and coverage."""
    among = points._replace(values=points.values[rows], is_worse=points.is_worse[rows])
    columns = [f"x{number}" for number in range(len(points.names))]
    box = _peeled(labelled.frame(columns, among.values.tolist()), among.is_worse)
    steps = [
        _limits(points, among, ends[columns].to_numpy(float), _likely(chances, columns))
        for ends, chances in zip(box.box_lims, box.qp, strict=True)
    ]
    return _pruned(among, max(steps, key=lambda limits: _balance(among, limits)))


def _pruned(points: Points, limits: list[Limit]) -> list[Limit]:
    """Return the limits without those that hardly matter: few are remembered, and hold elsewhere.

    The one that costs the least balance goes first, as long as that is less than `HARDLY`.
    """
    while len(limits) > 1:
        fewer = [[x for x in limits if x is not one] for one in limits]
        best = max(fewer, key=lambda left: _balance(points, left))
        if _balance(points, best) < _balance(points, limits) - HARDLY:
            break
        limits = best
    return limits


def _balance(points: Points, limits: Sequence[Limit]) -> float:
    """Return the harmonic mean of density and coverage.

    It is worked out here: the workbench's own table of steps has its columns mixed up in some of
    its versions.
    """
    tally = _tally(points, inside(points, limits), np.ones(len(points.values), bool))
    return 2 * tally.worse / max(tally.points + tally.worse_in_all, 1)


def _likely(chances: Mapping[str, Sequence[float]], columns: Sequence[str]) -> list[float]:
    """Return how likely a limit as good comes about at random, for each parameter.

    Of two ends it is the less likely one; 1 where a parameter has no limit.
    """
    each = ([x for x in chances.get(name, ()) if x >= 0] for name in columns)
    return [min(known, default=1.0) for known in each]


def _limits(points: Points, among: Points, ends: Floats, likely: Sequence[float]) -> list[Limit]:
    """Return a step's limits that are no chance; an end of what was seen is the end of all."""
    limits = []
    for number, path in enumerate(points.names):
        if likely[number] >= CHANCE:
            continue
        seen, whole = among.values[:, number], points.values[:, number]
        least, most = float(whole.min()), float(whole.max())
        low, high = float(ends[0, number]), float(ends[1, number])
        low, high = (least if low <= seen.min() else low), (most if high >= seen.max() else high)
        limits.append(Limit(path, low, high, least, most))
    return sorted(limits, key=lambda x: (x.high - x.low) / max(x.most - x.least, 1e-12))


def needs_prim() -> Any:
    """Return PRIM of the EMA workbench.

    Raises
    ------
    InputError
        If the extra is missing.
    """
    with warnings.catch_warnings():  # it tells of other extras of its own, which nothing here needs
        warnings.simplefilter("ignore")
        try:
            from ema_workbench.analysis import prim
        except ImportError:
            raise InputError(
                "`omemsim discover` needs the EMA workbench: install the extra, as "
                "`pip install 'omemsim[optimize]'`."
            ) from None
    return prim


def _peeled(table: Any, is_worse: Flags) -> Any:
    prim = needs_prim()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return prim.Prim(table, is_worse, threshold=0.0).find_box()


# ---- words and tables


def _limit_words(limit: Limit) -> str:
    name = short_name(limit.path)
    if limit.is_open_below:
        return f"{name} at most {text.figures(limit.high)}"
    if limit.is_open_above:
        return f"{name} at least {text.figures(limit.low)}"
    return f"{name} from {text.to(limit.low, limit.high)}"


def discovery_text(found: Discovery) -> list[str]:
    """Return what was found, a paragraph each."""
    points = found.points
    worse, number = int(points.is_worse.sum()), len(points.values)
    title = about(found.outcome).title.lower()
    told = [
        f"{found.strategy} does worse than {found.baseline} on {title} at {worse} of {number} "
        f"points of {text.counted(len(points.names), 'parameter')}."
        + (f" At {found.failed} more a run failed." if found.failed else "")
    ]
    for rank, box in enumerate(found.boxes, 1):
        held = box.held
        told.append(
            f"Box {rank}: {box.in_words()}. Of the points held back it holds {held.points}, and "
            f"{found.strategy} does worse at {held.worse} of these (density "
            f"{text.whole_percent(held.density)}%): {held.worse} of all {held.worse_in_all} at "
            f"which it does (coverage {text.whole_percent(held.coverage)}%). Where the box was "
            f"found: {text.whole_percent(box.found.density)}% and "
            f"{text.whole_percent(box.found.coverage)}%."
        )
    if not found.boxes:
        told.append(_no_box(worse, number))
    return told


def _no_box(worse: int, number: int) -> str:
    """Say why there is no box."""
    found_among = number * (HELD_BACK - 1) / HELD_BACK
    if worse * found_among / max(number, 1) < FEWEST:
        return "These are too few to look for a range of parameters that holds them."
    if (number - worse) * found_among / number < FEWEST:
        return "This is nearly everywhere, so no range of parameters sets it apart."
    return (
        "No range of a few parameters holds these points: they are spread over all ranges alike, "
        "as where the difference is mostly chance. More replicates, or other parameters, may show "
        "one."
    )


COLUMNS = (
    *("box", "parameter", "low", "high", "tried_low", "tried_high"),
    *("held_points", "held_worse", "held_worse_in_all", "density", "coverage"),
    *("found_density", "found_coverage"),
)


def boxes_csv(found: Discovery) -> str:
    """Return a row for each limit of each box; density and coverage are of points held back."""
    rows = [
        dict(
            zip(
                COLUMNS,
                (
                    *(rank, limit.path, *map(csv.cell, limit[1:])),
                    *box.held,
                    *map(csv.cell, (box.held.density, box.held.coverage)),
                    *map(csv.cell, (box.found.density, box.found.coverage)),
                ),
                strict=True,
            )
        )
        for rank, box in enumerate(found.boxes, 1)
        for limit in box.limits
    ]
    return csv.of_records(rows, COLUMNS)
