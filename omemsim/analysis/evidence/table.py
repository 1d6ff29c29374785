"""The scorecard as a table: `validation.csv` for programs, lines for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np

from omemsim.analysis.evidence.patterns import ROLES, read_patterns
from omemsim.analysis.evidence.runs import EvidenceRuns
from omemsim.analysis.evidence.scorecard import AIMS, GOOD, PatternScore, Share, comes_from, shares
from omemsim.present import csv, text
from omemsim.study.statistics import Difference

__all__ = [
    "COLUMNS",
    "interval",
    "more_numbers",
    "scorecard_csv",
    "scorecard_text",
    "shown",
    "summary",
]

COLUMNS = (
    *("pattern", "role", "town", "value", "low", "high", "band_low", "band_high", "verdict"),
    *("against_band", "n", "zero_value", "zero_low", "zero_high", "comes_from", "why"),
    *("what", "metric", "how", "source", "status"),
)


def scorecard_csv(scores: Sequence[PatternScore], town: str) -> str:
    """Return a row per pattern; a missing number is an empty cell."""
    return csv.of_records((_row(one, town) for one in scores), COLUMNS)


def _row(one: PatternScore, town: str) -> dict[str, object]:
    row = one.pattern
    return {
        "pattern": row.pattern,
        "role": row.role,
        "town": town,
        "value": csv.cell(one.value.difference),
        "low": csv.cell(one.value.low),
        "high": csv.cell(one.value.high),
        "band_low": row.low,
        "band_high": row.high,
        "verdict": one.verdict,
        "against_band": one.against,
        "n": one.value.n,
        "zero_value": csv.cell(one.zero.difference),
        "zero_low": csv.cell(one.zero.low),
        "zero_high": csv.cell(one.zero.high),
        "comes_from": comes_from(one),
        "why": one.why,
        "what": row.title,
        "metric": row.metric,
        "how": row.how,
        "source": row.source,
        "status": row.status,
    }


def shown(value: float) -> str:
    """Return a number in three digits, or none."""
    return text.figures(value, decimals=4)


def interval(value: Difference) -> str:
    """Return e.g. "0.27 [0.26, 0.28]"."""
    if not value.n:
        return "none"
    return text.bracketed(value.difference, value.low, value.high, shown)


def summary(scores: Sequence[PatternScore]) -> list[str]:
    """Return a sentence per role: how many counted rows are met, against the aim.

    Where rows miss although they are by construction, both shares are given: with them in the
    denominator, and of the other rows alone.
    """
    lines = []
    for found in shares(scores):
        if not found.counted:
            lines.append(f"{found.role}: no row counts.")
            continue
        lines.append(
            f"{found.role}: {found.good} of {found.counted} inside or overlapping "
            f"({found.share:.0%}; aim {AIMS[found.role]:.0%}); "
            f"{found.in_band} have the value itself in the band.{_without_given(found)}"
        )
    given = [x for x in scores if x.verdict == "by construction"]
    if given:
        hit = sum(x.against in GOOD for x in given)
        missed = len(given) - hit
        lines.append(
            f"by construction: {len(given)}; {hit} in their band, which count in no share, and "
            f"{missed} outside, which count as misses."
        )
    missing = [x.pattern.pattern for x in scores if not x.against]
    if missing:
        lines.append(f"not computed or failed: {', '.join(missing)}.")
    return lines


def _without_given(found: Share) -> str:
    """Return the share of the rows that are not by construction, where the two differ."""
    if not found.given_and_missed:
        return ""
    share = f" ({found.share_of_free:.0%})" if found.free else ""
    return (
        f" {found.given_and_missed} of the {found.counted} miss although they are by construction; "
        f"without these it is {found.good} of {found.free}{share}."
    )


def scorecard_text(scores: Sequence[PatternScore]) -> str:
    """Return a line per pattern, those held out apart, then the shares."""
    head = (
        f"{'':<5} {'value [95% interval]':<25} {'band':<14} {'verdict':<27} "
        f"{'all mechanisms off':<20} what"
    )
    lines = []
    for role in ROLES:
        rows = [x for x in scores if x.pattern.role == role]
        if rows:
            lines += [f"{role.capitalize()}:", head, *(_line(x) for x in rows), ""]
    lines += summary(scores)
    reasons = [f"{x.pattern.pattern} {x.verdict}: {x.why}." for x in scores if x.why]
    if reasons:
        lines += ["", *(y for x in reasons for y in textwrap.wrap(x, 100, subsequent_indent="  "))]
    return "\n".join(lines)


def _line(one: PatternScore) -> str:
    row = one.pattern
    verdict = one.verdict
    if verdict == "by construction":
        verdict = f"by construction ({one.against})"
    zero = shown(one.zero.difference) if one.zero.n else ""
    origin = {"mechanisms": " mechanisms", "initial conditions": " start"}.get(comes_from(one), "")
    band = f"{shown(row.low)} to {shown(row.high)}"
    return (
        f"{row.pattern:<5} {interval(one.value):<25} {band:<14} {verdict:<27} "
        f"{zero + origin:<20} {row.title}"
    )


def more_numbers(work: EvidenceRuns) -> list[tuple[str, str, float]]:
    """Return reading, name and mean of what trials measured beside the patterns."""
    rows, patterns = [], {row.pattern for row in read_patterns()}
    for needs in dict.fromkeys(cell.needs for cell in work.planned):
        for name in work.names(needs):
            values = work.numbers("default", needs, name)
            if values and name not in patterns:
                rows.append((needs, name, float(np.mean(values))))
    return rows
