"""`omemsim discover`: in which part of what the evidence leaves open a strategy does worse."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.analysis.assumptions import read_influence, shipped_study
from omemsim.cli.again import command, word_for, written
from omemsim.cli.frame import Frame, say
from omemsim.cli.words import Words, choice_of, engine_of, read_varied, varied_pair
from omemsim.inputs.config import keys_of, with_baseline
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.analysis.discover import Discovery
    from omemsim.inputs.scenario import Scenario
    from omemsim.study.engine import Engine
    from omemsim.study.expand import Expanded
    from omemsim.study.factors import Factor
    from omemsim.study.manifest import Member
    from omemsim.study.run_times import Pace

__all__ = ["discover"]

USUAL = 10  # parameters, the most influential, where nobody names any
WIDTH = 100
SIZES = ("points", "replicates", "outcome")


@dataclass(frozen=True)
class _Asked:
    """What the words say.

    Attributes
    ----------
    names : the baseline and the strategy, as they were typed.
    chosen : the words that chose all but the sizes.
    """

    words: Words
    names: Sequence[str]
    chosen: Sequence[str]
    arms: Mapping[str, Scenario]
    factors: Sequence[Factor]

    def command(self, **more: int) -> tuple[str, ...]:
        """Return the command that makes the same study, its sizes spelt out or changed."""
        sizes = {name: self.words.value(name) for name in SIZES} | more
        return command("discover", *self.chosen, *written("discover", sizes), names=self.names)


def discover(args: argparse.Namespace) -> int:
    """Run a strategy and a baseline over parameters, and find where it does worse.

    Raises
    ------
    InputError
        If no strategy is named, a word is wrong, or the extra is missing.
    """
    from omemsim.analysis.discover import discovered, needs_prim, sweep_for
    from omemsim.study.expand import expand, study_of
    from omemsim.study.run_times import pace_of
    from omemsim.study.runner import Tally
    from omemsim.study.sweep import missing_of, run_sweep
    from omemsim.study.sweep_results import read_results

    needs_prim()
    asked = _asked(args)
    words = asked.words
    sizes = {name: words.whole(name) for name in ("points", "replicates")}
    expanded = expand(sweep_for(asked.arms, asked.factors, **sizes))
    frame = Frame(args, words, asked.command())
    engine, again, tally = engine_of(words), frame.going_on(), Tally()
    with frame.opened() as (out, kept):
        missing = missing_of(expanded, kept)
        pace = pace_of(next(iter(asked.arms.values()))) if missing else None
        frame.tell(_cost(expanded, missing, pace, engine))
        if out is None:
            return 0
        run_sweep(expanded, kept, tally=tally, pace=pace, engine=engine, command=again)
        swept = read_results(expanded, kept, study_of(expanded, again).name)
        _end(asked, discovered(swept, words.text("outcome")), out, frame)
    return frame.failed(list(tally.failures.values()))


def _asked(args: argparse.Namespace) -> _Asked:
    from omemsim.study.contrasts import check_outcome
    from omemsim.study.sweep import arms_of

    varied, words = read_varied(args)
    names = with_baseline(words.names)
    if len(names) != 2:
        raise InputError(
            "Name a strategy, or the baseline and a strategy, as `omemsim discover hot_spots omem`."
        )
    town = choice_of(words, "town")
    arms = arms_of(names, town=town, overrides=words.overrides)
    scenario = next(iter(arms.values()))
    check_outcome(words.text("outcome"), scenario.record)
    factors = _factors(varied, words.overrides, scenario)
    return _Asked(words, names, [*word_for("town", town), *varied, *words.overrides], arms, factors)


def _cost(expanded: Expanded, missing: Sequence[Member], pace: Pace | None, engine: Engine) -> str:
    """Say what is still to be run: runs, time, disk."""
    from omemsim.study.cost_estimate import estimate

    if pace is None:
        return f"Nothing to run: all {len(expanded.members):,} runs are in the store."
    unlike = len(expanded.unlike())
    workers = engine.processes
    told = estimate(expanded.sweep, pace, workers=workers, missing=missing, unlike=unlike)
    return told.text()


def _end(asked: _Asked, found: Discovery, out: Path, frame: Frame) -> None:
    """Print what was found, write it, and say what to try next."""
    from omemsim.analysis.discover import boxes_csv, discovery_text
    from omemsim.figures.boxes import save_boxes_figure
    from omemsim.study.series_files import write_whole

    say(*(textwrap.fill(x, WIDTH, subsequent_indent="  ") for x in discovery_text(found)))
    with frame.saved(out, "boxes.csv and the figure", asked.arms):
        write_whole(out / "boxes.csv", boxes_csv(found).encode())
        save_boxes_figure(found, next(iter(asked.arms.values())), out)
    frame.end(out, asked.command(points=2 * asked.words.whole("points")))


def _factors(varied: Sequence[str], overrides: Sequence[str], scenario: Scenario) -> list[Factor]:
    """Return what varies: what is named, or the parameters that matter most and are not set."""
    from omemsim.analysis.ranking import all_factors
    from omemsim.study.factors import factors_and_problems, set_too

    if not varied:
        fixed = keys_of(overrides)
        influence = read_influence(shipped_study()).influence
        ranked = sorted(influence, key=lambda path: -influence[path].share)
        free = {one.path: one for one in all_factors(scenario) if one.path not in fixed}
        return [free[path] for path in ranked if path in free][:USUAL]
    factors, problems = factors_and_problems(map(varied_pair, varied))
    problems += set_too(factors, overrides)
    if len(factors) < 2 and not problems:
        problems.append("A box is of two parameters or more: vary another one.")
    if problems:
        raise InputError(*problems)
    return factors
