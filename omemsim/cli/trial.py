"""`omemsim trial`: a randomised trial of your own, what it would find, and the true effect."""

from __future__ import annotations

import argparse
import math
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.cli.again import command, word_for, written
from omemsim.cli.frame import Frame, say
from omemsim.cli.words import Words, choice_of, engine_of, read_words
from omemsim.inputs.config import CALLS_ONLY, OF_EVIDENCE
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.analysis.evidence.runs import EvidenceRuns
    from omemsim.analysis.evidence.trial_design import TrialDesign
    from omemsim.analysis.evidence.trial_results import TrialWindow
    from omemsim.study.store import Store

__all__ = ["trial"]


def trial(args: argparse.Namespace) -> int:
    """Run a trial in many towns; 1 if some failed."""
    from omemsim.analysis.evidence.runs import run_evidence
    from omemsim.analysis.evidence.trial_results import plan_trial

    words = read_words(args)
    _refuse(words)
    design, replicates = _design(words), words.whole("replicates")
    town = choice_of(words, "town", OF_EVIDENCE)
    # Calls only where nobody says, so that nothing is done beside what is tried.
    strategy = words.chosen.get("strategy", CALLS_ONLY)
    engine = engine_of(words)
    work = plan_trial(
        design, town=town, strategy=strategy, overrides=words.overrides, replicates=replicates
    )
    first = _first(words, design, town)
    frame = Frame(args, words, (*first, *written("trial", {"replicates": replicates})))
    with frame.opened() as (out, kept):
        if out is not None:
            _begin(frame, kept, work)
        run_evidence(work, kept, engine=engine, confirm=frame.tell_left)
        if out is None:
            return 0
        _finish(design, work, out, frame, replicates)
        frame.end(out, (*first, *written("trial", {"replicates": 2 * replicates})))
    return frame.failed(list(work.failures.values()), "town")


def _refuse(words: Words) -> None:
    from omemsim.analysis.evidence.trial_results import trial_words_problems

    if words.names:
        raise InputError(
            f"`omemsim trial` takes no bare word, here {words.names[0]!r}. "
            f"Did you mean what={words.names[0]}?"
        )
    if problems := trial_words_problems(words.overrides):
        raise InputError(*problems)


def _design(words: Words) -> TrialDesign:
    from omemsim.analysis.evidence.trial_design import TrialDesign

    return TrialDesign(**{item.name: words.value(item.name) for item in fields(TrialDesign)})


def _words_of(design: TrialDesign) -> list[str]:
    """Return the words that say the design again."""
    return written("trial", {item.name: getattr(design, item.name) for item in fields(design)})


def _first(words: Words, design: TrialDesign, town: str | None) -> tuple[str, ...]:
    """Return the command but for its replicates."""
    strategy = word_for("strategy", words.chosen.get("strategy"))
    chosen = [*word_for("town", town), *strategy, *words.overrides]
    return command("trial", *_words_of(design), *chosen)


def _begin(frame: Frame, kept: Store, work: EvidenceRuns) -> None:
    frame.begin(kept, {}, work.members())


def _finish(
    design: TrialDesign, work: EvidenceRuns, out: Path, frame: Frame, replicates: int
) -> None:
    from omemsim.analysis.evidence.trial_results import (
        delivered_in,
        found_in,
        hours_in,
        towns_csv,
        trial_csv,
        trial_text,
    )
    from omemsim.analysis.evidence.trial_weeks import (
        displacement_csv,
        displacement_in,
        displacement_text,
        weeks_csv,
        weeks_in,
    )
    from omemsim.figures.trial import save_trial_figure
    from omemsim.figures.trial_weeks import save_weeks_figure
    from omemsim.study.series_files import write_whole

    found: list[TrialWindow] = found_in(design, work)
    by_week, around = weeks_in(design, work), displacement_in(design, work)
    arrived = _arrived(design, delivered_in(work), *hours_in(work))
    spill = displacement_text(around)
    say(_said(design, work, replicates), arrived, trial_text(design, found))
    if spill:
        say("", spill)
    what = "trial.csv, trial_weeks.csv, trial_displacement.csv, trial_towns.csv and two figures"
    with frame.saved(out, what, work.scenario, design=design):
        write_whole(out / "trial.csv", trial_csv(design, found).encode())
        write_whole(out / "trial_towns.csv", towns_csv(found).encode())
        write_whole(out / "trial_weeks.csv", weeks_csv(design, by_week).encode())
        if around:
            write_whole(out / "trial_displacement.csv", displacement_csv(design, around).encode())
        save_weeks_figure(design, by_week, work.scenario, out)
        save_trial_figure(design, found, work.scenario, out)


def _said(design: TrialDesign, work: EvidenceRuns, replicates: int) -> str:
    """Return what was tried, in a few lines."""
    return (
        f"Town {work.scenario.town.name}, {replicates} replicates: "
        f"{design.what.replace('_', ' ')} at dose {design.dose:g} {_where(design)},\n"
        f"for {design.weeks} weeks after a baseline of {design.baseline}, followed for "
        f"{design.follow}; hours {design.hours}; outcome {design.outcome.replace('_', ' ')}."
    )


def _where(design: TrialDesign) -> str:
    """Return to whom the dose went."""
    if design.units == "places" and design.place_names:
        return f"at {design.places}, each beside the place closest in recorded crime"
    how = {
        "random": "drawn at random",
        "pairs": "one of each pair matched by baseline",
        "worst": "those with the worst baseline",
    }[design.assign]
    of = {
        "neighbourhoods": "neighbourhoods",
        "places": f"the {design.places.partition(':')[2]} places with most recorded crime in "
        f"{design.ranked} weeks",
        "groups": f"the group {design.group}",
    }[design.units]
    verb = "at" if design.units == "places" else "in"
    return f"{verb} {design.share:.0%} of {of}\n({how})"


def _arrived(design: TrialDesign, hours: float, one: float, other: float) -> str:
    """Say how much of a dose of hours became effective, and what the town had in all."""
    lines = []
    if not math.isnan(hours):
        whom = "at each treated place" if design.units == "places" else "per 1,000 residents"
        lines.append(
            f"Delivered while it lasted: {hours:.2g} effective hours a week {whom}, net of\n"
            "calls, other duties, fatigue and lack of skill."
        )
    if not math.isnan(one):
        lines.append(
            f"The whole town had {one:,.1f} effective hours a week on tactics with it, "
            f"{other:,.1f} without it."
        )
    return "\n".join([*lines, ""]) if lines else ""
