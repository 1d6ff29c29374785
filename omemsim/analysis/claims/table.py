"""Results of claims as a table: `claims.csv` for programs, lines for a terminal, Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from omemsim.analysis.claims.verdict import VERDICTS, Finding
from omemsim.present import csv, text
from omemsim.study.statistics import Difference

__all__ = [
    "COLUMNS",
    "claims_csv",
    "claims_markdown",
    "claims_text",
    "counts",
    "interval",
    "shown",
    "words",
]

COLUMNS = (
    *("claim", "seed", "verdict", "effect", "unit", "low", "high", "n"),
    *("control_effect", "control_low", "control_high", "depends_on"),
    *("false_effect", "false_low", "false_high", "is_false_there", "worlds_share", "worlds_n"),
    *("claimed", "smallest", "kind", "mechanism", "through", "found", "problems", "question"),
)


def claims_csv(findings: Sequence[Finding]) -> str:
    """Return a row per claim; a missing number is an empty cell."""
    return csv.of_records((_row(finding) for finding in findings), COLUMNS)


def _row(finding: Finding) -> dict[str, object]:
    claim = finding.experiment
    return {
        "claim": claim.claim,
        "seed": claim.seed,
        "verdict": finding.verdict,
        "effect": csv.cell(finding.default.difference),
        "unit": claim.unit,
        "low": csv.cell(finding.default.low),
        "high": csv.cell(finding.default.high),
        "n": finding.default.n,
        "control_effect": csv.cell(finding.control.difference),
        "control_low": csv.cell(finding.control.low),
        "control_high": csv.cell(finding.control.high),
        "depends_on": finding.depends_on,
        "false_effect": csv.cell(finding.false.difference),
        "false_low": csv.cell(finding.false.low),
        "false_high": csv.cell(finding.false.high),
        "is_false_there": ("yes" if finding.is_false_there else "no") if finding.false.n else "",
        "worlds_share": csv.cell(finding.set_share),
        "worlds_n": finding.set_effects.size,
        "claimed": claim.claimed.text,
        "smallest": claim.smallest,
        "kind": claim.kind,
        "mechanism": " ".join(claim.mechanism),
        "through": " ".join(claim.through),
        "found": finding.found,
        "problems": " ".join(finding.problems),
        "question": claim.asks,
    }


def words(finding: Finding) -> str:
    """Return the verdict as it is said: "depends on organize.join"."""
    return f"{finding.verdict} {finding.depends_on}".strip()


def shown(value: float) -> str:
    """Return a number with its sign, in three digits."""
    return text.figures(value, sign=True)


def interval(effect: Difference) -> str:
    """Return e.g. "+0.12 [+0.05, +0.19]"."""
    if not effect.n:
        return "none"
    return text.bracketed(effect.difference, effect.low, effect.high, shown)


def counts(findings: Sequence[Finding]) -> str:
    """Return e.g. "12 claims: 5 emerges, 4 assumed, 3 does not"."""
    found = Counter(finding.verdict for finding in findings)
    each = ", ".join(f"{found[word]} {word}" for word in VERDICTS if found[word])
    return f"{text.counted(len(findings), 'claim')}: {each}."


def claims_text(findings: Sequence[Finding]) -> str:
    """Return a line per claim, the runs that failed under it, and the count of verdicts."""
    head = f"{'claim':<6} {'verdict':<38} {'effect [95% interval]':<34} {'control':<11} question"
    lines = [head]
    for finding in findings:
        claim = finding.experiment
        control = shown(finding.control.difference) if finding.control.n else "none"
        lines.append(
            f"{claim.claim:<6} {words(finding):<38} {interval(finding.default):<34} "
            f"{control:<11} {claim.asks}"
        )
        lines += [f"       {problem}" for problem in finding.problems]
    return "\n".join([*lines, "", counts(findings)])


def claims_markdown(findings: Sequence[Finding]) -> str:
    """Return the table to put into a document."""
    head = (
        *("claim", "question", "verdict", "effect [95% interval]", "without its mechanism"),
        *("unit", "claimed", "where it should be false", "other sets on the claimed side"),
    )
    rows: list[tuple[str, ...]] = [head, ("---",) * len(head)]
    for finding in findings:
        claim, share = finding.experiment, finding.set_share
        rows.append(
            (
                *(f"{claim.claim} ({claim.seed})", claim.asks, words(finding)),
                *(interval(finding.default), interval(finding.control)),
                *(claim.unit, _claimed(finding), _where_false(finding)),
                f"{share:.0%} of {finding.set_effects.size}"
                if finding.set_effects.size
                else "none",
            )
        )
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return f"{counts(findings)}\n\n{table}\n"


def _claimed(finding: Finding) -> str:
    claim = finding.experiment
    return claim.claimed.text + (f", by {claim.smallest:g} or more" if claim.smallest else "")


def _where_false(finding: Finding) -> str:
    if not finding.false.n:
        return "by definition nowhere"
    return (
        f"{shown(finding.false.difference)}: {'false' if finding.is_false_there else 'still true'}"
    )
