"""`omemsim validate`: the model against what is known of real towns, good and bad."""

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
from omemsim.cli.words import Words, choice_of, engine_of, read_words, word_for
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.analysis.evidence import Pattern, Plan, Score, Work
    from omemsim.analysis.evidence.work import Estimate
    from omemsim.study.engine import Engine
    from omemsim.study.manifest import Study
    from omemsim.study.store import Store

__all__ = ["estimated", "validate"]

MOST = 10_000
PRESENT = "reactive"  # calls only: the service that the defaults were calibrated with


def validate(args: argparse.Namespace) -> int:
    """Compute every pattern from runs and judge it; 1 if for some too few runs finished."""
    from omemsim.analysis.evidence import Plan, plan_work, read_patterns
    from omemsim.study.store import Store

    words = read_words(args)
    plan = Plan(
        town=choice_of(words, "town", "city"),
        strategy=words.chosen.get("strategy", choice_of(words, "strategy", PRESENT)),
        overrides=tuple(words.overrides),
        replicates=words.whole("replicates", 4, low=2, high=MOST, unit="towns"),
        with_zero=_yes_or_no(words, "zero"),
    )
    engine = engine_of(words)
    patterns = read_patterns(words.names)
    work = plan_work(patterns, plan)
    command = _command(words, plan)
    if args.dry_run:
        with (
            results_folder(words, "validate", key="store") as folder,
            Store(folder, allowed(args)) as kept,
        ):
            _run(work, kept, engine=engine, is_dry=True)
        return 0
    with (
        results_folder(words, "validate", study=command) as out,
        results_folder(words, "validate", key="store") as folder,
        told_what_is_kept(folder),
        Store(folder, allowed(args)) as kept,
    ):
        kept.begin(_study(work, patterns, command))
        _run(work, kept, engine=engine, is_dry=False)
        scores = _say(patterns, work, plan)
        with saving(out, "validation.csv, validation.html and the figure"):
            write_provenance(out, command, work.scenario)
            _write(scores, work, out, plan, command)
        _where(out, scores, plan)
    return int(any(one.verdict == "failed" for one in scores))


def _yes_or_no(words: Words, key: str) -> bool:
    text = words.own.get(key, "yes")
    if text not in ("yes", "no"):
        raise InputError(f"{key} = {text!r}: must be yes or no.")
    return text == "yes"


def _command(words: Words, plan: Plan) -> str:
    """Return the command that makes the results again."""
    strategy = [] if plan.strategy == PRESENT else word_for("strategy", plan.strategy)
    keys = [*word_for("town", plan.town), *strategy, f"replicates={plan.replicates}"]
    keys += [] if plan.with_zero else ["zero=no"]
    return shlex.join(["omemsim", "validate", *words.names, *keys, *plan.overrides])


def _study(work: Work, patterns: Sequence[Pattern], command: str) -> Study:
    from omemsim.study.manifest import Member, Study, named_after

    members = [
        Member(asked.key.run_id, f"{cell.variant} {cell.needs}", 0, cell.replicate)
        for cell, asked in work.asked.items()
    ]
    design = {"patterns": [pattern.pattern for pattern in patterns]}
    name = named_after("validate", command)
    return Study(name, "validate", tuple(shlex.split(command)), design, members)


def _run(work: Work, kept: Store, *, engine: Engine, is_dry: bool) -> None:
    from omemsim.analysis.evidence import run_work

    def told(estimate: Estimate) -> bool:
        print(estimated(estimate), file=sys.stdout if is_dry else sys.stderr, flush=True)
        return not is_dry

    run_work(work, kept, engine=engine, told=told)


def estimated(estimate: Estimate) -> str:
    """Return in words what is left to do."""
    from omemsim.study.pilot import left_to_do

    return left_to_do(
        estimate.answers,
        "reading",
        years=estimate.years,
        spin_ups=estimate.spin_ups,
        seconds=estimate.seconds,
        kept=estimate.kept,
    )


def _say(patterns: Sequence[Pattern], work: Work, plan: Plan) -> list[Score]:
    """Judge every pattern and print the scorecard."""
    from omemsim.analysis.evidence import score, scorecard_text
    from omemsim.analysis.evidence.table import more_numbers, shown

    scores = score(patterns, work)
    town = work.scenario.town
    head = f"Town {town.name}, scale {town.scale:g}, {plan.replicates} replicates."
    beside = [f"  {needs}: {name} {shown(x)}" for needs, name, x in more_numbers(work)]
    with contextlib.suppress(OSError):
        print(head, "", scorecard_text(scores), sep="\n")
        if beside:
            print("", "Measured beside (means; changes as shares):", *beside, sep="\n")
        sys.stdout.flush()
    return scores


def _write(scores: Sequence[Score], work: Work, out: Path, plan: Plan, command: str) -> None:
    from omemsim.analysis.evidence import scorecard_csv
    from omemsim.figures.evidence import save_evidence_figure
    from omemsim.figures.evidence_page import evidence_page
    from omemsim.study.shards import write_whole

    town = work.scenario.town.name
    write_whole(out / "validation.csv", scorecard_csv(scores, town).encode())
    page = evidence_page(scores, work, replicates=plan.replicates, command=command)
    write_whole(out / "validation.html", page.encode())
    save_evidence_figure(scores, work.scenario, out, replicates=plan.replicates)


def _where(out: Path, scores: Sequence[Score], plan: Plan) -> None:
    names = sorted(path.name for path in out.iterdir() if not path.name.startswith("."))
    missed = [x.pattern.pattern for x in scores if x.verdict == "outside"]
    following = ["omemsim", "validate", *missed[:1], *word_for("town", plan.town)]
    more = [f"replicates={2 * plan.replicates}", *plan.overrides]
    print(f"\nResults are in {out}{os.sep}: {', '.join(names)}")
    print(f"Try next: {shlex.join([*following, *more])}")
