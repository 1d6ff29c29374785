"""Add replicates until differences are known precisely enough, or until time or number ends.

After each batch one looks at the intervals and stops or goes on. Such repeated looks cost
coverage: one stops sooner where the spread happens to be underestimated, so that a 95% interval
at the moment of stopping covers a little less than 95% of the time. What decides is the
interval's *width*, never whether it excludes 0, so differences are not made to look real
(Chow & Robbins 1965, Annals of Mathematical Statistics 36(2): the coverage tends to the nominal
one as the width asked for gets smaller). No stop before `FEWEST` replicates, and sizes that grow
towards the one estimated to be enough, keep the loss small: 0.93 to 0.94 is measured for normal
differences, 0.87 for exponential ones (tests/statistical/test_precision.py).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scipy import stats

from omemsim.present.text import counted, duration
from omemsim.study.rare_events import unseen_share
from omemsim.study.statistics import Difference
from omemsim.vocabulary.errors import InputError, nearest

__all__ = ["FEWEST", "Known", "Reached", "Until", "known", "replicate_until", "until_asked"]

FEWEST = 10  # replicates before it may stop, however narrow the interval
LEVEL = 0.95
MOST = 1000  # replicates, where a precision is asked for and nobody says how many
MOST_IN_TIME = 1_000_000  # where only the time is limited
NARROWEST, WIDEST = 0.0001, 1.0  # precision, as a share of the baseline's mean


@dataclass(frozen=True)
class Until:
    """When to stop adding replicates.

    Attributes
    ----------
    precision : half the width of the 95% interval of the mean difference that is wanted, as a
        share of the baseline's mean, 0.0001 to 1; None to go on until time or number ends.
    measures : whose differences have to be that precise, of every strategy.
    most : replicates at most.
    seconds : time at most, from the first batch on; None for no limit. The batch under way is
        finished, and none is begun that would not fit by the time that the last one took.
    first : replicates of the first batch, from which time is estimated.
    """

    precision: float | None = None
    measures: tuple[str, ...] = ("victimization",)
    most: int = MOST
    seconds: float | None = None
    first: int = FEWEST

    def check(self) -> None:
        """Check all of it.

        Raises
        ------
        InputError
            If a measure is unknown or the precision is out of bounds.
        """
        from omemsim.measures import OUTCOME_UNITS, known_measures

        names = [*known_measures(), *OUTCOME_UNITS]
        problems = [
            f"precise = {name!r}: no such measure.{nearest(name, names)} See `omemsim describe "
            "measures`."
            for name in self.measures
            if name not in names
        ]
        if self.precision is not None and not NARROWEST <= self.precision <= WIDEST:
            problems.append(
                f"precision = {self.precision:g}: must be from {NARROWEST:g} to {WIDEST:g} (share "
                "of the baseline's mean), as precision=0.02."
            )
        if problems:
            raise InputError(*problems)


def until_asked(
    precision: float | None,
    measures: Sequence[str],
    most: int | None,
    *,
    seconds: float | None,
    processes: int,
) -> Until:
    """Return when to stop, checked, with what is usual where nobody says.

    Parameters
    ----------
    precision, measures, seconds : as of `Until`.
    most : replicates at most; None for what is usual.
    processes : that run at once: a budget's first batch is no more than keeps them busy.

    Raises
    ------
    InputError
        If a measure is unknown or the precision is out of bounds.
    """
    usual = MOST_IN_TIME if precision is None else MOST
    first = FEWEST if seconds is None else max(2, min(FEWEST, processes))
    until = Until(precision, tuple(measures), most or usual, seconds, first)
    until.check()
    return until


@dataclass(frozen=True)
class Known:
    """How precisely one difference is known.

    ``half`` is half the width of its interval and ``wanted`` what is asked for, both as shares
    of the baseline's mean; ``more`` is the number of replicates still needed by the spread of
    those there are (0 if precise; infinite if there is no telling: if the baseline's mean is 0,
    or all replicates differ ``alike``, as by nothing, so that no spread is seen).
    """

    what: str
    n: int
    half: float
    wanted: float
    more: float
    alike: bool = False

    @property
    def is_precise(self) -> bool:
        """Return whether the interval is narrow enough and made of enough replicates."""
        return self.n >= FEWEST and self.half <= self.wanted


def known(what: str, found: Difference, precision: float) -> Known:
    """Return how precisely a difference is known, and what it would take to know it better.

    Parameters
    ----------
    what : names the difference, in words.
    found : over the replicates that there are.
    precision : asked for: half the interval's width as a share of the baseline's mean, above 0.
    """
    if found.is_constant:
        return Known(what, found.n, math.inf, precision, math.inf, alike=True)
    if found.n < 2:
        return Known(what, found.n, math.inf, precision, FEWEST - found.n)
    width = (found.high - found.low) / 2
    base = abs(found.baseline_mean)
    if base == 0:
        return Known(what, found.n, math.inf, precision, math.inf)
    half = width / base
    missing = max(FEWEST - found.n, 0)
    if half > precision:
        missing = max(missing, _needed(half, found.n, precision) - found.n, 1)
    return Known(what, found.n, half, precision, missing)


def _needed(half: float, n: int, wanted: float) -> int:
    """Return the replicates whose Student interval would be as narrow as wanted."""
    error = half / float(stats.t.ppf((1 + LEVEL) / 2, n - 1)) * math.sqrt(n)
    size = n
    for _ in range(20):  # Student's factor depends on the size, but hardly
        before, factor = size, float(stats.t.ppf((1 + LEVEL) / 2, max(size - 1, 1)))
        size = math.ceil((factor * error / wanted) ** 2)
        if size == before:
            break
    return size


@dataclass(frozen=True)
class Reached:
    """Where it ended: the differences as they are known, and why there.

    ``why`` is ``precise``, ``replicates`` (the most asked for) or ``budget`` (the time);
    ``per_replicate`` are seconds, of the last batch.
    """

    until: Until
    n: int
    looks: int
    why: str
    found: tuple[Known, ...]
    per_replicate: float

    def in_words(self, *, runs_each: int) -> str:
        """Return a sentence or two; ``runs_each`` is the number of runs in a replicate."""
        if self.until.precision is None:
            return f"Stopped after {counted(self.n, 'replicate')}: the {self._limit()}."
        names = ", ".join(self.until.measures)
        asked = f"{100 * self.until.precision:g}% of the baseline's mean"
        if self.why == "precise":
            return (
                f"Precise enough after {counted(self.n, 'replicate')} and "
                f"{counted(self.looks, 'look')}: the 95% interval of every difference in "
                f"{names} is at most ±{asked}."
            )
        worst = max(self.found, key=lambda x: (x.more, x.half))
        start = f"Cannot tell yet, after {counted(self.n, 'replicate')} (the {self._limit()}):"
        if worst.alike:
            return (
                f"{start} the difference in {worst.what} is the same, or none, in all of them, "
                "which shows no spread. Another one may occur in up to about "
                f"{unseen_share(worst.n):.0%} of replicates."
            )
        if math.isinf(worst.more):
            return f"{start} the baseline's mean of {worst.what} is 0, which has no share of it."
        if math.isinf(worst.half):
            return f"{start} {worst.what} has no interval. {self._more(worst, runs_each)}"
        return (
            f"{start} the difference in {worst.what} is known to ±{100 * worst.half:.2g}%, and "
            f"±{asked} was asked for. {self._more(worst, runs_each)}"
        )

    def _limit(self) -> str:
        if self.why == "budget":
            return f"budget of {duration(self.until.seconds or 0)} is used up"
        return "most that were asked for"

    def _more(self, worst: Known, runs_each: int) -> str:
        more = int(worst.more)
        span = duration(more * self.per_replicate)
        took = f", about {span}" if self.per_replicate > 0 else ""
        return (
            f"About {more * runs_each:,} more runs are needed ({counted(more, 'replicate')}{took})."
        )


def replicate_until(
    ask: Callable[[int], tuple[Sequence[Known], int]],
    until: Until,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Reached:
    """Call ``ask`` with growing numbers of replicates until it is enough.

    Parameters
    ----------
    ask : has replicates 0 to n - 1 run, those in a store not again, and returns what is known
        (empty if ``until`` asks for no precision) and how many replicates it had to run.
    until : the precision, time and number to stop at.
    clock : returns seconds.
    """
    begun = clock()
    size, looks, each = min(until.first, until.most), 0, 0.0
    while True:
        start = clock()
        found, new = ask(size)
        looks, end = looks + 1, clock()
        each = (end - start) / new if new else each
        fits = _fits(until, left=(until.seconds or 0) - (end - begun), each=each)
        why = _why_stop(found, until, done=size, fits=fits)
        if why:
            return Reached(until, size, looks, why, tuple(found), each)
        size = int(min(_next_size(found, until, size), size + fits))


def _fits(until: Until, *, left: float, each: float) -> float:
    """Return how many replicates the time that is left is enough for."""
    if until.seconds is None:
        return math.inf
    if left <= 0:
        return 0
    return left // each if each > 0 else until.first  # all were in the store: none was timed


def _why_stop(found: Sequence[Known], until: Until, *, done: int, fits: float) -> str:
    if until.precision is not None and all(one.is_precise for one in found):
        return "precise"
    if done >= until.most:
        return "replicates"
    return "budget" if fits < 1 else ""


def _next_size(found: Sequence[Known], until: Until, done: int) -> int:
    """Return the next number: what seems enough, at least a tenth more, at most twice as many."""
    wanted = max((one.more for one in found), default=math.inf)
    step = min(max(wanted, math.ceil(done / 10), 1), max(done, FEWEST))
    return min(done + int(step), until.most)
