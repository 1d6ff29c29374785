"""`omemsim discover`: in which part of what the evidence leaves open a strategy does worse."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from omemsim.cli.again import command, word_for, written
from omemsim.cli.frame import Frame, say
from omemsim.cli.ledger import FILE, read_influence
from omemsim.cli.words import choice_of, engine_of, read_words
from omemsim.inputs.config import config_root, full_key, split_override, with_baseline
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.inputs.scenario import Scenario
    from omemsim.study.factors import Factor

__all__ = ["discover"]

VARY = "vary."
USUAL = 10  # parameters, the most influential, where nobody names any
WIDTH = 100
SIZES = ("points", "replicates", "outcome")


def discover(args: argparse.Namespace) -> int:
    """Run a strategy and a baseline over parameters, and find where it does worse.

    Raises
    ------
    InputError
        If no strategy is named, a word is wrong, or the extra is missing.
    """
    from omemsim.analysis.discover import (
        boxes_csv,
        discovered,
        discovery_text,
        needs_prim,
        sweep_for,
    )
    from omemsim.figures.boxes import save_boxes_figure
    from omemsim.study.contrasts import check_outcome
    from omemsim.study.expand import expand, study_of
    from omemsim.study.runner import Tally
    from omemsim.study.series_files import write_whole
    from omemsim.study.sweep import arms_of, run_sweep
    from omemsim.study.sweep_results import read_results

    needs_prim()
    varied = [word for word in args.words if word.startswith(VARY)]
    rest = [word for word in args.words if not word.startswith(VARY)]
    words = read_words(argparse.Namespace(**{**vars(args), "words": rest}))
    names = with_baseline(words.names)
    if len(names) != 2:
        raise InputError(
            "Name a strategy, or the baseline and a strategy, as `omemsim discover hot_spots omem`."
        )
    town = choice_of(words, "town")
    arms = arms_of(names, town=town, overrides=words.overrides)
    scenario = next(iter(arms.values()))
    outcome = words.text("outcome")
    check_outcome(outcome, scenario.record)
    factors = _factors(varied, words.overrides, scenario)
    sizes = {name: words.value(name) for name in SIZES}
    expanded = expand(
        sweep_for(arms, factors, points=words.whole("points"), replicates=words.whole("replicates"))
    )
    chosen = [*word_for("town", town), *varied, *words.overrides]
    asked = command("discover", *chosen, *written("discover", sizes), names=names)
    frame = Frame(args, words, asked)
    engine, again, tally = engine_of(words), frame.going_on(), Tally()
    with frame.out() as out, frame.store() as kept:
        run_sweep(expanded, kept, tally=tally, engine=engine, command=again)
        swept = read_results(expanded, kept, study_of(expanded, again).name)
        found = discovered(swept, outcome)
        say(*(textwrap.fill(x, WIDTH, subsequent_indent="  ") for x in discovery_text(found)))
        with frame.saved(out, "boxes.csv and the figure", arms):
            write_whole(out / "boxes.csv", boxes_csv(found).encode())
            save_boxes_figure(found, scenario, out)
        more = sizes | {"points": 2 * words.whole("points")}
        frame.end(out, command("discover", *chosen, *written("discover", more), names=names))
    return frame.failed(list(tally.failures.values()))


def _factors(varied: Sequence[str], overrides: Sequence[str], scenario: Scenario) -> list[Factor]:
    """Return what varies: what is named, or the parameters that matter most and are not set."""
    from omemsim.analysis.ranking import all_factors
    from omemsim.study.factors import factors_of

    fixed = {full_key(word.partition("=")[0]) for word in overrides}
    if not varied:
        _, influence = read_influence(config_root() / FILE)
        ranked = sorted(influence, key=lambda path: -influence[path].share)
        free = {one.path: one for one in all_factors(scenario) if one.path not in fixed}
        return [free[path] for path in ranked if path in free][:USUAL]
    problems: list[str] = []
    factors: list[Factor] = []
    for word in varied:
        key, text = split_override(word)
        try:
            factors += factors_of(key.removeprefix(VARY), text)
        except InputError as refused:
            problems += refused.problems
    problems += [
        f"{factor.path} is set and varied: do one of the two."
        for factor in factors
        if full_key(factor.path) in fixed
    ]
    if len(factors) < 2 and not problems:
        problems.append("A box is of two parameters or more: vary another one.")
    if problems:
        raise InputError(*problems)
    return factors
