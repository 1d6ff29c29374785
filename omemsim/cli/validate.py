"""`omemsim validate`: the model against what is known of real towns, good and bad."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.cli.again import command, word_for, written
from omemsim.cli.frame import Frame, say
from omemsim.cli.words import Words, choice_of, engine_of, read_words
from omemsim.inputs.config import BASELINE, OF_EVIDENCE

if TYPE_CHECKING:
    from omemsim.analysis.evidence import EvidenceRuns, Pattern, PatternScore, ValidationPlan
    from omemsim.study.store import Store

__all__ = ["validate"]


def validate(args: argparse.Namespace) -> int:
    """Compute every pattern from runs and judge it; 1 if for some too few runs finished."""
    from omemsim.analysis.evidence import (
        ValidationPlan,
        plan_validation,
        read_patterns,
        run_evidence,
    )

    words = read_words(args)
    plan = ValidationPlan(
        town=choice_of(words, "town", OF_EVIDENCE),
        strategy=choice_of(words, "strategy", BASELINE),
        overrides=tuple(words.overrides),
        replicates=words.whole("replicates"),
        with_zero=words.is_yes("zero"),
    )
    engine = engine_of(words)
    patterns = read_patterns(words.names)
    work = plan_validation(patterns, plan)
    frame = Frame(args, words, _command(words, plan))
    with frame.opened() as (out, kept):
        if out is not None:
            _begin(frame, kept, work, patterns)
        run_evidence(work, kept, engine=engine, confirm=frame.tell_left)
        if out is None:
            return 0
        scores = _say(patterns, work, plan)
        with frame.saved(out, "validation.csv, validation.html and the figure", work.scenario):
            _write(scores, work, out, plan, frame.text)
        frame.end(out, _following(scores, plan))
    return int(any(one.verdict == "failed" for one in scores))


def _command(words: Words, plan: ValidationPlan) -> tuple[str, ...]:
    """Return the command that makes the results again."""
    return command("validate", *_words_of(plan, plan.replicates), names=words.names)


def _words_of(plan: ValidationPlan, replicates: int) -> list[str]:
    """Return the words that say the plan again, with so many replicates."""
    strategy = [] if plan.strategy == BASELINE else word_for("strategy", plan.strategy)
    values = {"replicates": replicates} | ({} if plan.with_zero else {"zero": False})
    chosen = [*word_for("town", plan.town), *strategy]
    return [*chosen, *written("validate", values), *plan.overrides]


def _begin(frame: Frame, kept: Store, work: EvidenceRuns, patterns: Sequence[Pattern]) -> None:
    names = [pattern.pattern for pattern in patterns]
    frame.begin(kept, {"patterns": names}, work.members())


def _say(
    patterns: Sequence[Pattern], work: EvidenceRuns, plan: ValidationPlan
) -> list[PatternScore]:
    """Judge every pattern and print the scorecard."""
    from omemsim.analysis.evidence import score, scorecard_text
    from omemsim.analysis.evidence.table import more_numbers, shown

    scores = score(patterns, work)
    town = work.scenario.town
    head = f"Town {town.name}, scale {town.scale:g}, {plan.replicates} replicates."
    beside = [f"  {needs}: {name} {shown(x)}" for needs, name, x in more_numbers(work)]
    more = ["", "Also measured (means; changes as shares):", *beside] if beside else []
    say(head, "", scorecard_text(scores), *more)
    return scores


def _write(
    scores: Sequence[PatternScore],
    work: EvidenceRuns,
    out: Path,
    plan: ValidationPlan,
    command: str,
) -> None:
    from omemsim.analysis.evidence import scorecard_csv
    from omemsim.figures.evidence import save_evidence_figure
    from omemsim.figures.evidence_html import evidence_page
    from omemsim.study.series_files import write_whole

    town = work.scenario.town.name
    write_whole(out / "validation.csv", scorecard_csv(scores, town).encode())
    page = evidence_page(scores, work, replicates=plan.replicates, command=command)
    write_whole(out / "validation.html", page.encode())
    save_evidence_figure(scores, work.scenario, out, replicates=plan.replicates)


def _following(scores: Sequence[PatternScore], plan: ValidationPlan) -> tuple[str, ...]:
    """Return the command to try next: a pattern that is missed, with twice the replicates."""
    missed = [x.pattern.pattern for x in scores if x.verdict == "outside"]
    return command("validate", *_words_of(plan, 2 * plan.replicates), names=missed[:1])
