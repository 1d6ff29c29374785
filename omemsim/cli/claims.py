"""`omemsim claims`: run the experiments, print a verdict for each, write a table and a page."""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.cli.keeping import allowed
from omemsim.cli.results import results_folder, saving, told_what_is_kept, write_provenance
from omemsim.cli.words import Words, engine_of, read_words
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.analysis.claims import Experiment, Finding, Setup, Work
    from omemsim.analysis.claims.trial import Estimate
    from omemsim.study.engine import Engine
    from omemsim.study.manifest import Study
    from omemsim.study.store import Store

__all__ = ["claims"]

MOST = 10_000


def claims(args: argparse.Namespace) -> int:
    """Run claims as experiments and say which hold; 1 if for some too few runs finished."""
    from omemsim.analysis.claims import Setup, plan_work, read_experiments
    from omemsim.inputs.config import BASELINE, compose_scenario
    from omemsim.study.store import Store

    words = read_words(args)
    if "strategy" in words.chosen:
        raise InputError("strategy= does nothing here: each claim's file names its strategies.")
    engine = engine_of(words)
    if "town" not in words.chosen and any(w.startswith("setting=") for w in words.overrides):
        raise InputError("Claims run in a town you name: say town=city, say, beside setting=.")
    setup = Setup(
        town=words.chosen.get("town", "city"),
        overrides=tuple(words.overrides),
        replicates=words.whole("replicates", 8, low=2, high=MOST, unit="towns"),
        worlds=words.whole("worlds", 10, low=3, high=MOST, unit="parameter sets"),
    )
    base = compose_scenario(setup.town, BASELINE, setup.overrides)
    experiments = read_experiments(words.names)
    work = plan_work(experiments, setup)
    command = _command(words, setup)
    if args.dry_run:
        with (
            results_folder(words, "claims", key="store") as folder,
            Store(folder, allowed(args)) as kept,
        ):
            _run(work, kept, engine=engine, is_dry=True)
        return 0
    with (
        results_folder(words, "claims", study=command) as out,
        results_folder(words, "claims", key="store") as folder,
        told_what_is_kept(folder),
        Store(folder, allowed(args)) as kept,
    ):
        kept.begin(_study(work, experiments, command))
        _run(work, kept, engine=engine, is_dry=False)
        findings = _say(experiments, work, setup)
        with saving(out, "claims.csv, claims.md and claims.html"):
            write_provenance(out, command, base)
            _write(findings, out, setup, command)
        _where(out, findings, setup)
    return int(any(finding.verdict == "failed" for finding in findings))


def _command(words: Words, setup: Setup) -> str:
    """Return the command that makes the results again."""
    keys = [f"town={setup.town}", f"replicates={setup.replicates}", f"worlds={setup.worlds}"]
    return shlex.join(["omemsim", "claims", *words.names, *keys, *setup.overrides])


def _study(work: Work, experiments: Sequence[Experiment], command: str) -> Study:
    """Return the claims as a study; a cell's replicate is a world's number in some."""
    from omemsim.study.manifest import Member, Study, named_after

    members = [
        Member(
            asked.question.key.run_id, f"{cell.claim} {cell.variant} {cell.arm}", 0, cell.replicate
        )
        for cell, asked in work.asked.items()
    ]
    claims = [experiment.claim for experiment in experiments]
    name = named_after("claims", command)
    return Study(name, "claims", tuple(shlex.split(command)), {"claims": claims}, members)


def _run(work: Work, kept: Store, *, engine: Engine, is_dry: bool) -> None:
    from omemsim.analysis.claims import run_work

    def told(estimate: Estimate) -> bool:
        print(_estimated(estimate), file=sys.stdout if is_dry else sys.stderr, flush=True)
        return not is_dry

    run_work(work, kept, engine=engine, told=told)


def _estimated(estimate: Estimate) -> str:
    from omemsim.study.pilot import left_to_do

    return left_to_do(
        estimate.runs,
        "run",
        years=estimate.years,
        spin_ups=estimate.spin_ups,
        seconds=estimate.seconds,
        kept=estimate.kept,
    )


def _say(experiments: Sequence[Experiment], work: Work, setup: Setup) -> list[Finding]:
    """Judge every claim and print the table."""
    from omemsim.analysis.claims import claims_text, judge

    findings = [judge(experiment, work, setup) for experiment in experiments]
    with contextlib.suppress(OSError):
        print(
            f"Town {setup.town}, {setup.replicates} replicates, {setup.worlds} parameter sets.",
            "",
            claims_text(findings),
            sep="\n",
            flush=True,
        )
    return findings


def _write(findings: Sequence[Finding], out: Path, setup: Setup, command: str) -> None:
    from omemsim.analysis.claims import claims_csv, claims_markdown
    from omemsim.figures.claims_page import claims_page
    from omemsim.study.shards import write_whole

    page = claims_page(findings, setup, command=command)
    write_whole(out / "claims.csv", claims_csv(findings).encode())
    write_whole(out / "claims.md", claims_markdown(findings).encode())
    write_whole(out / "claims.html", page.encode())


def _where(out: Path, findings: Sequence[Finding], setup: Setup) -> None:
    names = sorted(path.name for path in out.iterdir() if not path.name.startswith("."))
    claim = findings[0].experiment.claim
    following = ["omemsim", "claims", claim, f"town={setup.town}", *setup.overrides]
    more = [f"replicates={2 * setup.replicates}", f"worlds={2 * setup.worlds}"]
    print(f"\nResults are in {out}{os.sep}: {', '.join(names)}")
    print(f"Try next: {shlex.join([*following, *more])}")
