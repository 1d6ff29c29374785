"""What was found: the front, the strategies chosen from it, and how they did where nobody chose."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from omemsim.analysis.optimize.outcomes import OBJECTIVES, Objective, front_of
from omemsim.inputs.strategy_file import strategy_file
from omemsim.language import ENGLISH
from omemsim.language.sentences import Frequency, Worlds, certain
from omemsim.present import csv, text
from omemsim.strategies import Strategy
from omemsim.study.noise import WorldShare, share_of_worlds
from omemsim.study.statistics import Difference, mean_difference
from omemsim.study.tasks import Failure

__all__ = [
    "BALANCED",
    "Compared",
    "Optimized",
    "Tried",
    "chosen_of",
    "described",
    "front_csv",
    "front_text",
    "plans_of",
]

BALANCED = "balanced"  # the name of the strategy that is not bad at anything
BETTER = {1: "lower", -1: "higher"}
WIDTH = 100


class Tried(NamedTuple):
    """The outcomes of a candidate by world, and whether no other candidate beats it."""

    outcomes: Mapping[int, Mapping[str, float]]
    is_front: bool


class Compared(NamedTuple):
    """A strategy less the baseline on one objective, in the worlds that no choice has seen."""

    difference: Difference
    share: WorldShare
    mean: float


@dataclass(frozen=True)
class Optimized:
    """What a search found.

    Attributes
    ----------
    objectives : what was weighed.
    baseline, named : the named strategies; the baseline is one of them.
    tried : every candidate and named strategy, in the worlds of the search.
    chosen : by the name of a chosen strategy, that of the candidate.
    strategies : the chosen ones.
    judged : outcomes of chosen and named strategies, by strategy and world, in the other worlds.
    judged_in : those worlds.
    sets : where the parameter sets are from.
    failures : what failed.
    """

    objectives: Sequence[Objective]
    baseline: str
    named: Sequence[str]
    tried: Mapping[str, Tried]
    chosen: Mapping[str, str]
    strategies: Mapping[str, Strategy]
    judged: Mapping[str, Mapping[int, Mapping[str, float]]]
    judged_in: Sequence[int]
    sets: str
    failures: Sequence[Failure]

    @cached_property
    def whole(self) -> list[int]:
        """Return the judged worlds in which all of them finished."""
        return [k for k in self.judged_in if all(k in each for each in self.judged.values())]

    def compared(self, name: str, objective: Objective) -> Compared:
        """Return how a judged strategy differs from the baseline."""
        mine, base = (
            np.array([self.judged[x][k][objective.key] for k in self.whole])
            for x in (name, self.baseline)
        )
        return Compared(
            difference=mean_difference(list(mine - base)),
            share=share_of_worlds(mine, base, BETTER[objective.sign]),
            mean=float(mine.mean()) if len(mine) else float("nan"),
        )

    def found(self, name: str, objective: Objective) -> float:
        """Return the mean of an outcome where candidates were tried; NaN where one failed."""
        worlds = self.tried[self.baseline].outcomes
        mine = self.tried[name].outcomes
        values = [mine[k][objective.key] for k in worlds if k in mine]
        return float(np.mean(values)) if len(values) == len(worlds) else float("nan")

    def holds(self) -> list[str]:
        """Return which of the judged strategies no other one beats in the other worlds."""
        return front_of(
            {
                x: [one.sign * self.compared(x, one).mean for one in self.objectives]
                for x in self.judged
            }
        )


def chosen_of(scores: Mapping[str, Sequence[float]]) -> dict[str, str]:
    """Return the candidates that a reader wants of a front, by the name each gets.

    The best at each objective, and the one that is worst at nothing: whose greatest loss, of the
    way from the best to the worst of the front, is the least. One that is chosen already is not
    chosen again.

    Parameters
    ----------
    scores : by candidate of the front, a number for each of `OBJECTIVES`, less is better.
    """
    names = sorted(scores, key=lambda name: (len(name), name))
    table = np.array([scores[name] for name in names], float)
    best, worst = table.min(axis=0), table.max(axis=0)
    loss = (table - best) / np.where(worst > best, worst - best, 1.0)
    order = {BALANCED: np.lexsort((loss.sum(axis=1), loss.max(axis=1)))}
    for column, objective in enumerate(OBJECTIVES):
        order[objective.plan] = np.lexsort((loss.sum(axis=1), table[:, column]))
    found: dict[str, str] = {}
    for plan, rows in order.items():
        first = names[int(rows[0])]
        if first not in found.values():
            found[plan] = first
    return found


def described(strategy: Strategy, plan: str) -> Strategy:
    """Return a chosen strategy with the name that it gets, and what it was chosen for."""
    best = {one.plan: f"the best one for: {one.title.lower()}" for one in OBJECTIVES}
    why = best.get(plan, "the one that is worst at nothing")
    return replace(strategy, name=plan, description=f"Found by a search, {why}.")


def plans_of(found: Optimized, command: str) -> Iterator[tuple[str, str]]:
    """Yield name and YAML text of each chosen strategy.

    Parameters
    ----------
    found : what a search found.
    command : that made it.
    """
    for name, strategy in found.strategies.items():
        notes = [f"Found by `{command}`."]
        if found.whole:
            notes.append(f"{_in_words(found, name)} Parameter sets: {found.sets}.")
        yield name, strategy_file(strategy, baseline=found.baseline, notes=notes)


def _in_words(found: Optimized, name: str) -> str:
    """Say how a chosen strategy did in the worlds that no choice has seen."""
    parts = []
    for one in found.objectives:
        compared = found.compared(name, one)
        times = certain(Frequency(compared.share.wins, compared.share.n, Worlds.PLAUSIBLE), ENGLISH)
        size = text.signed(compared.difference.difference)
        parts.append(f"{one.title.lower()} {size} {one.unit}, {times}")
    return f"Against {found.baseline} in towns that the search has not seen: {'; '.join(parts)}."


def front_text(found: Optimized) -> str:
    """Return what was found, in lines of at most 100 columns."""
    tried = [name for name in found.tried if name not in found.named]
    front = [name for name in tried if found.tried[name].is_front]
    lines = textwrap.wrap(
        f"{len(tried)} candidates finished; {len(front)} of them are on the front: no other "
        "candidate is better in one thing and worse in none. Those chosen, and named strategies, "
        f"in {len(found.whole)} worlds that no choice has seen, less {found.baseline}. Better in: "
        "in how many of these worlds.",
        WIDTH,
    )
    holds = found.holds() if found.whole else []
    for one in found.objectives:
        lines += ["", f"{one.title} ({one.unit}; {BETTER[one.sign]} is better)"]
        lines.append(_line("", "mean", "difference", "95% interval", "better in"))
        lines += [_row(found, name, one) for name in found.judged if found.whole]
    beaten = [name for name in found.strategies if name not in holds]
    lines.append("")
    if holds:
        lines += textwrap.wrap(f"None of these beats: {', '.join(holds)}.", WIDTH)
    if beaten:
        said = f"Found, but beaten by another one there: {', '.join(beaten)}."
        lines += textwrap.wrap(said, WIDTH)
    lines += textwrap.wrap(f"Parameter sets: {found.sets}.", WIDTH)
    return "\n".join(lines)


def _row(found: Optimized, name: str, one: Objective) -> str:
    compared = found.compared(name, one)
    mean = text.amount(compared.mean)
    if name == found.baseline:
        return _line(name, mean, "baseline")
    d = compared.difference
    ends = text.to(d.low, d.high, text.signed)
    times = f"{compared.share.wins} of {compared.share.n}"
    return _line(name, mean, text.signed(d.difference), ends, times)


def _line(*cells: str) -> str:
    name, mean, difference, interval, times = (*cells, "", "", "")[:5]
    return f"  {name:<22} {mean:>10} {difference:>11}  {interval:>22} {times:>10}".rstrip()


def front_csv(found: Optimized) -> str:
    """Return a row for each candidate and named strategy, with every objective.

    ``found_*`` is the mean where candidates were tried; ``judged_*``, ``difference_*`` with its
    ends and ``better_*`` (worlds in which it is better, of ``judged_in``) are of other worlds, and
    empty for those that were not judged there.
    """
    plans = {candidate: plan for plan, candidate in found.chosen.items()}
    rows = []
    for name, tried in found.tried.items():
        judged = name if name in found.judged else plans.get(name, "")
        kind = "named" if name in found.named else "candidate"
        row: dict[str, object] = {
            "name": name,
            "kind": kind,
            "is_front": "yes" if tried.is_front else "no",
            "plan": plans.get(name, ""),
            "judged_in": len(found.whole) if judged else 0,
        }
        for one in found.objectives:
            row |= _columns(found, name, judged if found.whole else "", one)
        rows.append(row)
    return csv.of_records(rows)


def _columns(found: Optimized, name: str, judged: str, one: Objective) -> dict[str, object]:
    keys = ("judged", "difference", "low", "high", "better")
    columns: dict[str, object] = {f"found_{one.key}": csv.cell(found.found(name, one))}
    if not judged:
        return columns | {f"{key}_{one.key}": "" for key in keys}
    compared = found.compared(judged, one)
    d = compared.difference
    cells = [csv.cell(x) for x in (compared.mean, d.difference, d.low, d.high)]
    return columns | dict(
        zip((f"{key}_{one.key}" for key in keys), [*cells, compared.share.wins], strict=True)
    )
