"""Hours and money: what each strategy of a comparison used, and where that differs.

A difference in outcomes between a strategy that uses all its hours and one that leaves a third of
them idle is in part a difference in how much work was done. So what was used stands beside every
headline. Costs are shown beside outcomes and never traded against them.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from omemsim.present.text import shortened

__all__ = [
    "COLUMNS",
    "LITTLE",
    "PARTS",
    "SPENT",
    "Effort",
    "Unlike",
    "effort_columns",
    "effort_lines",
    "efforts",
    "unequal",
    "unlike_baseline",
]

LITTLE = 0.02  # of the hours offered or of the baseline's money: from here on it is said (assumed)
OFFERED = "patrol_offered"
# Measures that together are the hours offered, and the head of their column.
PARTS = {
    "patrol_calls": "calls",
    "patrol_tactics": "tactics",
    "patrol_overhead": "overhead",
    "patrol_idle": "idle",
    "patrol_withdrawn": "taken away",
}
USED = ("patrol_calls", "patrol_tactics", "patrol_overhead")
SPENT = {
    "money_police": "police",
    "money_cases": "agencies' cases",
    "money_joint": "Tables, health teams",
    "money_projects": "projects",
}
COLUMNS = (
    *("hours_used", "baseline_hours_used", "hours_idle", "baseline_hours_idle"),
    *("money_spent", "baseline_money_spent"),
)
WIDTH = 100
DIGITS = 6  # of hours and CAD: a rounding error is no idle hour
NOTE = (
    "Means over all weeks of the last year. Overhead: training, the yearly survey, Situation "
    "Tables. Taken away: freed by fewer calls and not given back. Money is what was spent, not "
    "what was budgeted: seats nobody took and capacity nobody used cost nothing. The police cost "
    "the same whatever their hours are used for."
)


@dataclass(frozen=True)
class Effort:
    """What one strategy used, means over its replicates and the weeks of the last year.

    Attributes
    ----------
    offered : patrol hours a week.
    hours : by key of `PARTS`, hours a week; together they are ``offered``.
    money : by key of `SPENT`, CAD a week.
    """

    strategy: str
    offered: float
    hours: Mapping[str, float]
    money: Mapping[str, float]

    @property
    def used(self) -> float:
        """Return the hours a week on calls, tactics and what goes with them."""
        return sum(self.hours[name] for name in USED)

    @property
    def idle(self) -> float:
        """Return the hours a week that are offered and used for nothing."""
        return self.hours["patrol_idle"]

    @property
    def spent(self) -> float:
        """Return all money spent, CAD a week."""
        return sum(self.money.values())

    def share(self, hours: float) -> float:
        """Return hours as a share of those offered, 0 if none are."""
        return hours / self.offered if self.offered > 0 else 0.0


class Compared(Protocol):
    """What is needed of a comparison."""

    @property
    def strategies(self) -> Sequence[str]:
        """Return their names."""

    @property
    def baseline(self) -> str:
        """Return the one that others are compared with."""

    @property
    def scalars(self) -> Mapping[tuple[str, int], Mapping[str, float]]:
        """Return the numbers of each run, by strategy and replicate."""

    def finished(self, strategy: str) -> list[int]:
        """Return the replicates in which a strategy's run finished."""

    def measures(self) -> list[str]:
        """Return the measures that every finished run has."""


def efforts(comparison: Compared) -> list[Effort]:
    """Return what each strategy used, the baseline first; none if that was not recorded."""
    rest = [name for name in comparison.strategies if name != comparison.baseline]
    names = [x for x in (comparison.baseline, *rest) if comparison.finished(x)]
    wanted = (OFFERED, *PARTS, *SPENT)
    if not names or not set(wanted) <= set(comparison.measures()):
        return []
    return [_effort(comparison, name) for name in names]


def _effort(comparison: Compared, name: str) -> Effort:
    done = [comparison.scalars[name, r] for r in comparison.finished(name)]
    mean = {x: float(np.mean([one[x] for one in done])) for x in (OFFERED, *PARTS, *SPENT)}
    return Effort(name, mean[OFFERED], {x: mean[x] for x in PARTS}, {x: mean[x] for x in SPENT})


def effort_columns(comparison: Compared) -> dict[str, dict[str, float]]:
    """Return, by strategy, the values of `COLUMNS`: hours and CAD a week, NaN if not recorded."""
    found = efforts(comparison)
    nothing: dict[str, float] = dict.fromkeys(COLUMNS, math.nan)
    base = _columns(found[0], "baseline_") if found else {}
    known = {one.strategy: {**_columns(one, ""), **base} for one in found}
    return {name: known.get(name, nothing | base) for name in comparison.strategies}


def _columns(one: Effort, start: str) -> dict[str, float]:
    return {
        f"{start}hours_used": round(one.used, DIGITS),
        f"{start}hours_idle": round(one.idle, DIGITS),
        f"{start}money_spent": round(one.spent, DIGITS),
    }


def effort_lines(found: Sequence[Effort]) -> list[str]:
    """Return a line on hours and one on money for each strategy, and what differs; then a blank."""
    if not found:
        return []
    head = _row("Patrol hours", "a week", *PARTS.values(), "used in all")
    lines = [head, *(_hours_row(one) for one in found)]
    lines += ["", _row("Money spent, CAD a week", "in all", *SPENT.values(), wide=True)]
    lines += [_money_row(one) for one in found]
    lines += textwrap.wrap(NOTE, WIDTH)
    for sentence in unequal(found):
        lines += textwrap.wrap(sentence, WIDTH, subsequent_indent="  ")
    return [*lines, ""]


def _hours_row(one: Effort) -> str:
    shares = [one.share(one.hours[name]) for name in PARTS]
    cells = [f"{share:.0%}" for share in (*shares, one.share(one.used))]
    return _row(f"  {one.strategy}", f"{one.offered:,.0f}", *cells)


def _money_row(one: Effort) -> str:
    cells = [f"{one.money[name]:,.0f}" for name in SPENT]
    return _row(f"  {one.strategy}", f"{one.spent:,.0f}", *cells, wide=True)


def _row(name: str, first: str, *cells: str, wide: bool = False) -> str:
    widths = (10, 17, 22, 10) if wide else (9, 9, 10, 7, 12, 13)
    rest = "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
    return f"{shortened(name, 26):<26}{first:>11}{rest}"


@dataclass(frozen=True)
class Unlike:
    """Strategies whose hours in use, or money spent, are not the baseline's within `LITTLE`."""

    hours: Sequence[str]
    money: Sequence[str]


def unlike_baseline(found: Sequence[Effort]) -> Unlike:
    """Return which strategies do more or less than the baseline, the first of them."""
    if not found:
        return Unlike([], [])
    base, rest = found[0], found[1:]
    hours = [one.strategy for one in rest if _apart(one.used, base.used, base.offered)]
    money = [one.strategy for one in rest if _apart(one.spent, base.spent, base.spent)]
    return Unlike(hours, money)


def unequal(found: Sequence[Effort]) -> list[str]:
    """Say in words where hours used or money spent are not the baseline's, within `LITTLE`."""
    return [*_unequal_hours(found), *_unequal_money(found)] if found else []


def _unequal_hours(found: Sequence[Effort]) -> Iterator[str]:
    base = found[0]
    names = unlike_baseline(found).hours
    apart = [one for one in found if one.strategy in names]
    if not apart:
        return
    more = sum(one.used > base.used for one in apart)
    work = "more" if more == len(apart) else "less" if more == 0 else "more or less"
    told: dict[str, list[str]] = {}
    for one in (base, *apart):
        told.setdefault(_unused(one), []).append(one.strategy)
    each = "; ".join(_who(names, what) for what, names in told.items())
    yield f"Unequal hours: {each}. Part of the difference is that {work} work was done."


def _unused(one: Effort) -> str:
    """Return e.g. "31% of 148 patrol hours a week"; empty where all are used."""
    share = round(100 * (1 - one.share(one.used)))
    return f"{share}% of {one.offered:,.0f} patrol hours a week" if share else ""


def _who(names: Sequence[str], unused: str) -> str:
    who = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    s = "s" * (len(names) == 1)
    return f"{who} leave{s} {unused} unused" if unused else f"{who} use{s} all"


def _unequal_money(found: Sequence[Effort]) -> Iterator[str]:
    base = found[0]
    names = unlike_baseline(found).money
    apart = [one for one in found if one.strategy in names]
    if apart:
        told = "; ".join(_spends(one, base) for one in apart)
        yield f"Unequal money: against {base.strategy} (CAD {base.spent:,.0f} a week), {told}."


def _spends(one: Effort, base: Effort) -> str:
    change = one.spent - base.spent
    size = f"{abs(change) / base.spent:.1%} " if base.spent > 0 else ""
    return f"{one.strategy} spends {size}{'more' if change > 0 else 'less'} ({one.spent:,.0f})"


def _apart(one: float, other: float, whole: float) -> bool:
    return abs(one - other) > LITTLE * whole
