"""`omemsim optimize`: strategies for victims, trust, equity and cost; none beats another."""

from __future__ import annotations

import argparse
import dataclasses
from typing import TYPE_CHECKING

from omemsim.cli.again import command, word_for, written
from omemsim.cli.frame import Frame, say, say_beside
from omemsim.cli.words import choice_of, engine_of, read_words
from omemsim.inputs.config import OF_EVIDENCE
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.analysis.optimize.problem import Problem
    from omemsim.study.engine import Engine

__all__ = ["optimize"]

SIZES = ("candidates", "generations", "found_in", "judged_in")
CHOICES = ("base", "beside", "budget", "uncertainty")


def optimize(args: argparse.Namespace) -> int:
    """Search, judge, and write a file for each strategy that is chosen; 1 if some runs failed.

    Raises
    ------
    InputError
        If a word does nothing here, the extra is missing, or see `problem_of`.
    """
    from omemsim.analysis.optimize import (
        Sizes,
        front_csv,
        front_text,
        needs_optuna,
        plans_of,
        problem_of,
    )
    from omemsim.analysis.optimize import optimize as search
    from omemsim.figures.front import save_front_figure
    from omemsim.study.series_files import write_whole

    needs_optuna()
    words = read_words(args)
    if words.names or "strategy" in words.chosen:
        raise InputError(
            "`omemsim optimize` takes no strategy: it searches for one. Those to judge beside it "
            "are beside=hot_spots,omem; the one it begins from is base=omem."
        )
    town = choice_of(words, "town", OF_EVIDENCE)
    sizes = {name: words.whole(name) for name in SIZES}
    problem = problem_of(
        town,
        words.overrides,
        Sizes(**sizes),
        base=words.text("base"),
        beside=words.listed("beside"),
        budget=words.number("budget"),
        uncertainty=words.own.get("uncertainty"),
    )
    engine = engine_of(words)
    said = {name: words.value(name) for name in CHOICES if name in words.own}
    chosen = [*word_for("town", town), *words.overrides, *written("optimize", said)]
    frame = Frame(args, words, command("optimize", *chosen, *written("optimize", sizes)))
    if not frame.tell(f"At most {_cost(problem, engine)}"):
        return 0
    with frame.out() as out, frame.store() as kept:
        found = search(
            problem,
            kept,
            engine=engine,
            tell=say_beside,
        )
        say(front_text(found))
        with frame.saved(out, "front.csv, the strategies and the figure", problem.scenario):
            write_whole(out / "front.csv", front_csv(found).encode())
            for name, content in plans_of(found, frame.text):
                write_whole(out / f"{name}.yaml", content.encode())
            save_front_figure(found, problem.scenario, dataclasses.asdict(problem.sizes), out)
        plans = [str(out / f"{name}.yaml") for name in list(found.strategies)[:2]]
        frame.end(out, command("compare", *word_for("town", town), names=[found.baseline, *plans]))
    return frame.failed(found.failures)


def _cost(problem: Problem, engine: Engine) -> str:
    """Say what a search takes at most: runs, time, disk."""
    from omemsim.study.cost_estimate import estimate_tasks
    from omemsim.study.run_times import pace_of

    record = dataclasses.replace(problem.scenario.record, series=False)  # only numbers are kept
    scenario = dataclasses.replace(problem.scenario, record=record)
    told = estimate_tasks(
        problem.parts(), scenario, pace_of(scenario), workers=engine.processes, kept=0
    )
    return told.text()
