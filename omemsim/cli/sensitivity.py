"""`omemsim sensitivity`: which parameters decide how strategies compare."""

from __future__ import annotations

import argparse
import dataclasses
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.cli.again import command, word_for, written
from omemsim.cli.frame import Frame, say, say_beside
from omemsim.cli.words import Words, choice_of, engine_of, read_varied, seconds_of, varied_pair
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.analysis.ranking import Ranking, Stages
    from omemsim.study.engine import Engine
    from omemsim.study.run_times import Pace

__all__ = ["sensitivity"]

WIDTH = 100


@dataclass
class _Asked:
    """What the words say, and the words themselves."""

    words: Words
    varied: list[str]
    stages: Stages
    engine: Engine
    pace: Pace

    def command(self) -> tuple[str, ...]:
        """Return the command that makes the same study, its sizes spelt out."""
        sizes = dataclasses.asdict(self.stages.sizes)
        said = written("sensitivity", sizes | {"outcome": self.stages.outcome})
        town = word_for("town", choice_of(self.words, "town"))
        named = [*town, *self.varied, *said, *self.words.overrides]
        return command("sensitivity", *named, names=self.words.names)


def sensitivity(args: argparse.Namespace) -> int:
    """Screen, share out the variance, sample parameter sets; 1 if some runs failed."""
    from omemsim.analysis.ranking import rank

    asked = _asked(args)
    frame = Frame(args, asked.words, asked.command())
    if not frame.tell(*_sizes_told(asked)):
        return 0
    with frame.out() as out, frame.store() as kept:
        found = rank(
            asked.stages,
            kept,
            engine=asked.engine,
            pace=asked.pace,
            command=frame.going_on(),
            tell=say_beside,
        )
        _end(asked, found, out, frame)
    return int(found.failed > 0)


def _asked(args: argparse.Namespace) -> _Asked:
    from omemsim.analysis.ranking import Sizes, in_budget
    from omemsim.analysis.ranking_named import (
        budget_problems,
        stages_named,
        with_years,
    )
    from omemsim.study.run_times import pace_of

    varied, words = read_varied(args)
    if len(words.names) < 2:
        raise InputError(
            "Name two strategies or more, as `omemsim sensitivity present_practice omem`."
        )
    words.overrides = with_years(words.overrides)
    engine = engine_of(words)
    sizes = {item.name: words.whole(item.name) for item in dataclasses.fields(Sizes)}
    stages = stages_named(
        words.names,
        vary=map(varied_pair, varied),
        town=choice_of(words, "town"),
        overrides=words.overrides,
        outcome=words.text("outcome"),
        sizes=Sizes(**sizes),
    )
    pace = pace_of(next(iter(stages.arms.values())))
    if args.budget:
        if problems := budget_problems(words.own, "--budget"):
            raise InputError(*problems)
        seconds = seconds_of(args.budget)
        stages = in_budget(stages, pace, workers=engine.processes, seconds=seconds)
    return _Asked(words, varied, stages, engine, pace)


def _sizes_told(asked: _Asked) -> list[str]:
    from omemsim.analysis.ranking import estimates

    parts = estimates(asked.stages, asked.pace, workers=asked.engine.processes)
    return [f"{name}: {told.text()}" for name, told in parts]


def _end(asked: _Asked, found: Ranking, out: Path, frame: Frame) -> None:
    """Print what was found, write it, and say what to try next."""
    from omemsim.analysis.ranking import ranking_csv
    from omemsim.analysis.ranking_named import ranking_text
    from omemsim.figures.ranking import save_ranking_figures
    from omemsim.study.series_files import write_whole

    say(*(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in ranking_text(found)))
    with frame.saved(out, "sensitivity.csv and the figures", asked.stages.arms):
        write_whole(out / "sensitivity.csv", ranking_csv(found).encode())
        save_ranking_figures(found, out)
    frame.end(out, _following(asked, found))


def _following(asked: _Asked, found: Ranking) -> tuple[str, ...]:
    """Return the command to try next: what decides, calibrated; or more trajectories."""
    if found.survivors:
        town = word_for("town", choice_of(asked.words, "town"))
        return command("calibrate", *found.survivors[:8], *town, "--dry-run")
    mine = f"trajectories={asked.stages.sizes.trajectories}"
    more = f"trajectories={2 * asked.stages.sizes.trajectories}"
    return tuple(more if word == mine else word for word in asked.command())
