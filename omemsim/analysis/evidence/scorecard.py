"""From numbers to verdicts: each pattern against its band, calibrate and hold out apart.

The value is the mean over simulated towns, with its 95% interval. The verdict is *inside* if the
whole interval lies in the band, *outside* if no part of it does, else *overlaps*. More replicates
narrow the interval, so that they can only take an *overlaps* away; with few of them a wide interval
touches a band easily, which is why the number of values inside their band is reported too.

A row that an input, another fitted row or the town's own table determines is *by construction*: to
meet it says nothing for the model, so it is no hit. To miss it does say something: the model
does not even return what was put in. So such a miss stays in the denominator, and a pass counts in
neither; the share of the rows that are not by construction is given beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from omemsim.analysis.evidence.patterns import ROLES, Pattern
from omemsim.analysis.evidence.runs import EvidenceRuns
from omemsim.analysis.evidence.survey import FEWEST
from omemsim.analysis.evidence.tactic_trials import TACTIC_TRIALS
from omemsim.study.statistics import Difference, mean_difference

__all__ = ["AIMS", "GOOD", "VERDICTS", "PatternScore", "Share", "comes_from", "score", "shares"]

VERDICTS = {
    "inside": "the whole interval lies in the band",
    "overlaps": "a part of the interval lies in the band",
    "outside": "no part of the interval lies in the band",
    "by construction": "an input, a fitted row or the town's own table determines it: counted only "
    "as a miss, if it lies outside",
    "not computed": "it cannot be computed in this town: not counted",
    "failed": "too few runs finished to say",
}
GOOD = ("inside", "overlaps")
AIMS = {"calibrate": 0.8, "hold out": 0.6}  # shares that the project sets out to reach


@dataclass(frozen=True)
class PatternScore:
    """The result of a pattern.

    Attributes
    ----------
    value : mean over replicates with its interval; n = 0 where there is none.
    zero : the same with every mechanism off; n = 0 where that was not run.
    against : inside, overlaps or outside, also where the row is by construction; else empty.
    verdict : one of `VERDICTS`.
    why : why it is by construction or not computed; else empty.
    """

    pattern: Pattern
    value: Difference
    zero: Difference
    against: str
    verdict: str
    why: str

    @property
    def is_in(self) -> bool:
        """Return whether the value itself lies in the band."""
        return self.pattern.low <= self.value.difference <= self.pattern.high

    @property
    def is_given_and_missed(self) -> bool:
        """Return whether it is by construction, and lies outside its band all the same."""
        return self.verdict == "by construction" and self.against == "outside"


@dataclass(frozen=True)
class Share:
    """How many rows of a role are met: ``good`` ones are inside or overlap.

    Attributes
    ----------
    counted : rows in the denominator, those that miss although by construction among them.
    given_and_missed : how many of them those are.
    in_band : rows that count and have the value itself in the band.
    """

    role: str
    good: int
    counted: int
    in_band: int
    given_and_missed: int = 0

    @property
    def share(self) -> float:
        """Return the share that is good; NaN if none is counted."""
        return self.good / self.counted if self.counted else math.nan

    @property
    def free(self) -> int:
        """Return how many counted rows are not by construction."""
        return self.counted - self.given_and_missed

    @property
    def share_of_free(self) -> float:
        """Return the share that is good of the rows that are not by construction; NaN if none."""
        return self.good / self.free if self.free else math.nan


def score(patterns: Sequence[Pattern], work: EvidenceRuns) -> list[PatternScore]:
    """Return the result of each pattern, in their order."""
    return [_score(pattern, work) for pattern in patterns]


def _score(pattern: Pattern, work: EvidenceRuns) -> PatternScore:
    value, zero = (_mean(pattern, work, variant) for variant in ("default", "zero"))
    against = placed(pattern, value)
    why = pattern.by_construction(work.scenario.town.kind)
    verdict = "by construction" if why else against
    if not against:
        failed = [x for cell, x in work.failures.items() if cell.needs == pattern.needs]
        verdict = "failed" if failed else "not computed"
        why = failed[0].error if failed else _why_not(pattern, work)
    return PatternScore(pattern, value, zero, against, verdict, why)


def _mean(pattern: Pattern, work: EvidenceRuns, variant: str) -> Difference:
    values = work.numbers(variant, pattern.needs, pattern.pattern)
    return mean_difference(values)


def placed(pattern: Pattern, value: Difference) -> str:
    """Return where the interval lies against the band: inside, overlaps, outside; else empty."""
    if value.n < 2:
        return ""
    if pattern.low <= value.low and value.high <= pattern.high:
        return "inside"
    return "overlaps" if value.low <= pattern.high and pattern.low <= value.high else "outside"


def _why_not(pattern: Pattern, work: EvidenceRuns) -> str:
    """Say why there is no number in two replicates or more."""
    hoods = work.scenario.town.neighbourhoods
    if pattern.pattern == "P3" and work.scenario.town.kind == "synthetic":
        return f"5% of {hoods} neighbourhoods is too few to measure; it needs {FEWEST} or more"
    return "fewer than two replicates have anything to compute it from"


def shares(scores: Sequence[PatternScore]) -> list[Share]:
    """Return for each role how many of its counted rows are met."""
    found = []
    for role in ROLES:
        mine = [x for x in scores if x.pattern.role == role]
        free = [x for x in mine if x.verdict == x.against != ""]
        missed = sum(x.is_given_and_missed for x in mine)
        good = sum(x.verdict in GOOD for x in free)
        found.append(Share(role, good, len(free) + missed, sum(x.is_in for x in free), missed))
    return found


def comes_from(one: PatternScore) -> str:
    """Say whether the pattern comes from mechanisms or is there without any; else empty.

    A pattern that is not there at all comes from nothing, and a trial whose band holds "no
    effect" needs neither.
    """
    if one.zero.n == 0 or one.against not in GOOD:
        return ""
    if one.pattern.needs in TACTIC_TRIALS and one.pattern.low <= 0 <= one.pattern.high:
        return ""
    is_there = placed(one.pattern, one.zero) in GOOD or (
        one.zero.n == 1 and one.pattern.low <= one.zero.difference <= one.pattern.high
    )
    return "initial conditions" if is_there else "mechanisms"
