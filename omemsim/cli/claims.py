"""`omemsim claims`: run the experiments, print a verdict for each, write a table and a page."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.cli.again import command, word_for, written
from omemsim.cli.frame import Frame, say
from omemsim.cli.words import Words, engine_of, read_words
from omemsim.inputs.config import OF_EVIDENCE
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.analysis.claims import ClaimRuns, Experiment, Finding, Setup
    from omemsim.study.store import Store

__all__ = ["claims"]


def claims(args: argparse.Namespace) -> int:
    """Run claims as experiments and say which hold; 1 if for some too few runs finished.

    Raises
    ------
    InputError
        If a word does nothing here, or see `plan_claims`.
    """
    from omemsim.analysis.claims import Setup, plan_claims, read_experiments, run_claims
    from omemsim.inputs.config import BASELINE, compose_scenario, has_setting

    words = read_words(args)
    if "strategy" in words.chosen:
        raise InputError("strategy= does nothing here: each claim's file names its strategies.")
    engine = engine_of(words)
    if "town" not in words.chosen and has_setting(words.overrides):
        raise InputError("Name a town for the claims beside setting=, for instance town=city.")
    setup = Setup(
        town=words.chosen.get("town", OF_EVIDENCE),
        overrides=tuple(words.overrides),
        replicates=words.whole("replicates"),
        parameter_sets=words.whole("worlds"),
        uncertainty=words.own.get("uncertainty"),
    )
    base = compose_scenario(setup.town, BASELINE, setup.overrides)
    experiments = read_experiments(words.names)
    work = plan_claims(experiments, setup)
    frame = Frame(args, words, _command(words, setup))
    with frame.opened() as (out, kept):
        if out is not None:
            _begin(frame, kept, work, experiments)
        run_claims(work, kept, engine=engine, confirm=frame.tell_left)
        if out is None:
            return 0
        findings = _say(experiments, work, setup)
        with frame.saved(out, "claims.csv, claims.md and claims.html", base):
            _write(findings, out, setup, frame.text)
        frame.end(out, _following(findings, setup))
    return int(any(finding.verdict == "failed" for finding in findings))


def _command(words: Words, setup: Setup) -> tuple[str, ...]:
    """Return the command that makes the results again."""
    sizes = written("claims", _sizes(setup, 1))
    return command(
        "claims", *word_for("town", setup.town), *sizes, *setup.overrides, names=words.names
    )


def _sizes(setup: Setup, times: int) -> dict[str, object]:
    """Return the command's own values, the numbers so many times as large."""
    sizes: dict[str, object] = {
        "replicates": times * setup.replicates,
        "worlds": times * setup.parameter_sets,
    }
    return sizes | ({} if setup.uncertainty is None else {"uncertainty": setup.uncertainty})


def _begin(frame: Frame, kept: Store, work: ClaimRuns, experiments: Sequence[Experiment]) -> None:
    """Note the runs in the store; the replicate of some is the number of a parameter set."""
    from omemsim.study.manifest import Member

    members = [
        Member(asked.key.run_id, f"{cell.claim} {cell.variant} {cell.arm}", 0, cell.replicate)
        for cell, asked in work.requests.items()
    ]
    claims = [experiment.claim for experiment in experiments]
    frame.begin(kept, {"claims": claims}, members)


def _say(experiments: Sequence[Experiment], work: ClaimRuns, setup: Setup) -> list[Finding]:
    """Judge every claim and print the table."""
    from omemsim.analysis.claims import claims_text, judge
    from omemsim.analysis.claims.runs import other_sets

    findings = [judge(experiment, work, setup) for experiment in experiments]
    _, source = other_sets(setup)
    head = f"Town {setup.town}, {setup.replicates} replicates. Other parameter sets: {source}."
    say(head, "", claims_text(findings))
    return findings


def _write(findings: Sequence[Finding], out: Path, setup: Setup, command: str) -> None:
    from omemsim.analysis.claims import claims_csv, claims_markdown
    from omemsim.figures.claims_html import claims_page
    from omemsim.study.series_files import write_whole

    page = claims_page(findings, setup, command=command)
    write_whole(out / "claims.csv", claims_csv(findings).encode())
    write_whole(out / "claims.md", claims_markdown(findings).encode())
    write_whole(out / "claims.html", page.encode())


def _following(findings: Sequence[Finding], setup: Setup) -> tuple[str, ...]:
    """Return the command to try next: the first claim with twice as many of all."""
    more = written("claims", _sizes(setup, 2))
    chosen = [f"town={setup.town}", *setup.overrides, *more]
    return command("claims", *chosen, names=[findings[0].experiment.claim])
