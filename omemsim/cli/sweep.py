"""`omemsim sweep`: levers and uncertainties varied by a design, and what comes of it."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.cli.again import command, run_alone, word_for, written
from omemsim.cli.frame import Frame, say, say_beside
from omemsim.cli.words import Words, choice_of, engine_of, read_varied, seconds_of, varied_pair
from omemsim.present.shell import joined
from omemsim.present.text import counted
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.study.engine import Engine
    from omemsim.study.expand import Expanded, Sweep
    from omemsim.study.manifest import Member
    from omemsim.study.run_times import Pace
    from omemsim.study.runner import Tally
    from omemsim.study.store import Store

__all__ = ["sweep"]

FILES = (".csv", ".json")


@dataclass
class _Asked:
    """What the words say, and the words themselves: a command is written from them again."""

    words: Words
    varied: list[str]
    sweep: Sweep
    engine: Engine

    def command(self) -> tuple[str, ...]:
        """Return the command that makes the same sweep, its size spelt out."""
        own = self.words.own
        town = word_for("town", choice_of(self.words, "town"))
        design = self.words.text("design")
        rows = {} if design.endswith(FILES) or "points" not in own else {"points": own["points"]}
        sizes = {"design": design, **rows, "replicates": self.sweep.replicates}
        outcome = {"outcome": own["outcome"]} if "outcome" in own else {}
        said = written("sweep", sizes | outcome)
        overrides = self.words.overrides
        named = [*town, *self.varied, *said, *overrides]
        return command("sweep", *named, names=_strategies(self.words))

    def alone(self, member: Member) -> str:
        """Return a run and the command that repeats it alone."""
        town = choice_of(self.words, "town")
        is_named = _strategies(self.words) or member.arm
        changes = self.sweep.changes(member.point)
        values = [f"{path}={_typed(value)}" for path, value in changes.items()]
        kept = [word for word in self.words.overrides if word.partition("=")[0] not in changes]
        strategy = member.arm if is_named else None
        run = run_alone(town, strategy, member.replicate, [*kept, *values])
        where = f"{member.arm}, point {member.point}, replicate {member.replicate}"
        return f"{where}; repeat it alone: {joined(run)}"


def sweep(args: argparse.Namespace) -> int:
    """Run a design over arms and replicates; 1 if some runs failed."""
    from omemsim.study.cost_estimate import estimate
    from omemsim.study.expand import expand
    from omemsim.study.run_times import pace_of
    from omemsim.study.sweep import missing_of

    asked = _asked(args)
    expanded = expand(asked.sweep)
    frame = Frame(args, asked.words, asked.command())
    with frame.opened() as (out, kept):
        missing = missing_of(expanded, kept)
        pace = pace_of(next(iter(asked.sweep.arms.values()))) if missing else None
        if pace is not None:
            told = estimate(
                asked.sweep,
                pace,
                workers=asked.engine.processes,
                missing=missing,
                unlike=len(expanded.unlike()),
            )
            frame.tell(f"{_size(asked)}: {told.text()}")
        elif frame.is_dry:
            frame.tell(f"Nothing to run: all {len(expanded.members):,} runs are in the store.")
        if out is None:
            return 0
        with _going_on(asked) as tally:
            _run(asked, expanded, kept, tally, pace, frame)
        _end(asked, expanded, kept, tally, out, frame)
    return _failed(tally)


def _asked(args: argparse.Namespace) -> _Asked:
    """Return what the words ask for, with a budget's points or replicates chosen."""
    from omemsim.study.contrasts import check_outcome
    from omemsim.study.sweep_by_name import composed_sweep

    varied, words = read_varied(args)
    engine = engine_of(words)
    kind, points = _points(words, is_varied=bool(varied))
    sweep = composed_sweep(
        _strategies(words),
        vary=map(varied_pair, varied),
        kind=kind,
        points=points,
        replicates=words.whole("replicates"),
        town=choice_of(words, "town"),
        overrides=words.overrides,
        usual=lambda: _usual(words),
        tell=say_beside,
    )
    asked = _Asked(words, varied, sweep, engine)
    if "outcome" in words.own:
        check_outcome(words.own["outcome"], next(iter(sweep.arms.values())).record)
    if args.budget:
        _fit(asked, args.budget)
    return asked


def _points(words: Words, *, is_varied: bool) -> tuple[str, int | Path | None]:
    """Return the design's kind, and how many points there are or the file that has them."""
    kind = words.text("design")
    rows = words.value("points")
    if kind.lower().endswith(FILES):
        if rows is not None:
            raise InputError(f"design={kind} already gives all points: leave points= out.")
        return "list", Path(kind)
    if kind == "list":
        raise InputError("A list of points is a file: say design=my_points.csv (or .json).")
    if not is_varied:
        raise InputError(
            "Nothing varies. Name what varies and its range, such as "
            "vary.strategy.precision=0.2..0.9, "
            "vary.parameters.feel.pace=default (its declared bounds) or "
            "vary.strategy=omem,hot_spots; or name a file of points, as design=my_points.csv."
        )
    return kind, rows


def _strategies(words: Words) -> list[str]:
    chosen = [words.chosen["strategy"]] if "strategy" in words.chosen else []
    return [*words.names, *chosen]


def _usual(words: Words) -> list[str]:
    """Return the strategy where none is named: the one a run has by default."""
    strategy = choice_of(words, "strategy")
    if strategy is None:
        raise InputError("Name the strategies to sweep beside setting=, as `omemsim sweep omem`.")
    return [strategy]


def _fit(asked: _Asked, budget: str) -> None:
    """Choose the points or the replicates that fit in a time, and say so."""
    from omemsim.study.cost_estimate import in_time
    from omemsim.study.design import SAMPLED

    seconds, own = seconds_of(budget), asked.words.own
    sweep = asked.sweep
    kind = sweep.design.kind
    by_rows = kind in SAMPLED and "points" not in own
    if not by_rows and "replicates" in own:
        raise InputError(
            "--budget chooses points or replicates, and both are given (or the design has no "
            "points to choose): leave points= or replicates= out."
        )
    workers = asked.engine.processes
    asked.sweep = in_time(sweep, by_rows=by_rows, workers=workers, seconds=seconds)
    n = asked.sweep.design.n
    if by_rows:
        own["points"] = str(n)
    chosen = {"points": n} if by_rows else {"replicates": asked.sweep.replicates}
    (what,) = written("sweep", chosen)
    say_beside(f"--budget {budget}: {what} fits, {asked.sweep.size:,} runs.")


def _size(asked: _Asked) -> str:
    """Say how large the sweep is: points, strategies, replicates."""
    design = asked.sweep.design
    size = f"{len(design.points):,} points ({design.kind}, {len(design.factors)} factors)"
    arms = counted(len(asked.sweep.arms), "strategy", "strategies")
    return f"{size}, {arms}, {counted(asked.sweep.replicates, 'replicate')}"


@contextlib.contextmanager
def _going_on(asked: _Asked) -> Iterator[Tally]:
    """Give a tally; say, if the user stops what is done inside, how to go on."""
    from omemsim.study.runner import Tally

    tally = Tally()
    try:
        yield tally
    except KeyboardInterrupt as stop:
        done = tally.done + tally.reused
        size = f"{asked.sweep.replicates} replicates of {len(asked.sweep.design.points):,} points"
        stop.args = (
            f"{done:,} of {tally.total:,} runs ({size}) are kept. The same command continues from "
            "them, or `omemsim resume` (with the store's folder, if you named one).",
        )
        raise


def _run(
    asked: _Asked,
    expanded: Expanded,
    kept: Store,
    tally: Tally,
    pace: Pace | None,
    frame: Frame,
) -> None:
    from omemsim.study.sweep import run_sweep

    run_sweep(
        expanded,
        kept,
        tally=tally,
        pace=pace,
        engine=asked.engine,
        command=frame.going_on(),
        describe=asked.alone,
    )


def _end(
    asked: _Asked, expanded: Expanded, kept: Store, tally: Tally, out: Path, frame: Frame
) -> None:
    """Print what came out, write it, and say what to try next."""
    from omemsim.figures.swept import save_sweep_figures
    from omemsim.study.contrasts import FIRST
    from omemsim.study.expand import study_of
    from omemsim.study.factor_importance import drivers_of
    from omemsim.study.series_files import write_whole
    from omemsim.study.sweep_results import read_results

    name = study_of(expanded, ()).name
    found = read_results(expanded, kept, name)
    reused = f", {tally.reused:,} of them found in the store" if tally.reused else ""
    finished = f"{found.finished:,} of {len(expanded.members):,} runs finished{reused}."
    say(finished, "", found.text(asked.words.own.get("outcome")))
    main = found.main(asked.words.own.get("outcome"))
    for driven in drivers_of(found, main):
        say("", f"{driven.outcome}:", f"  {driven.in_words()}")
    what = "results.csv and the figures"
    with frame.saved(out, what, asked.sweep.arms, study=name, store=kept.folder):
        write_whole(out / "results.csv", found.csv().encode())
        outcomes = list(dict.fromkeys([main, *(x for x in FIRST if x in found.names)]))
        save_sweep_figures(found, outcomes, out)
    all_runs = f"All runs are in {kept.folder}{os.sep}, the study {name}."
    frame.end(out, _following(asked), all_runs)


def _following(asked: _Asked) -> tuple[str, ...]:
    """Return the command to try next: twice the replicates, of which those made are kept."""
    (mine,) = written("sweep", {"replicates": asked.sweep.replicates})
    (more,) = written("sweep", {"replicates": 2 * asked.sweep.replicates})
    return tuple(more if word == mine else word for word in asked.command())


def _failed(tally: Tally) -> int:
    """Say how many runs failed, if any, and how to repeat the first; return the exit code."""
    if not tally.failures:
        return 0
    first = next(iter(tally.failures.values()))
    say_beside(
        f"{len(tally.failures):,} runs failed; the same command tries them again. "
        f"The first: {first.error} ({first.description})"
    )
    return 1


def _typed(value: object) -> str:
    """Return a value as one types it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
