"""`omemsim sensitivity`: which parameters decide how strategies compare."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.cli.again import command, word_for
from omemsim.cli.frame import Frame, say
from omemsim.cli.words import Words, choice_of, engine_of, read_words, seconds_of
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.analysis.ranking import Ranking, Sizes, Stages
    from omemsim.inputs.scenario import Scenario
    from omemsim.study.engine import Engine
    from omemsim.study.factors import Factor
    from omemsim.study.run_times import Pace

__all__ = ["sensitivity"]

VARY = "vary."
WIDTH = 100
TOLD = 10  # parameters in the text
YEARS = "years=2"  # where nobody says
SIZED = ("trajectories", "points", "worlds")  # what a budget chooses


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
        said = [f"{name}={value}" for name, value in sizes.items()]
        town = word_for("town", choice_of(self.words, "town"))
        outcome = f"outcome={self.stages.outcome}"
        named = [*town, *self.varied, *said, outcome, *self.words.overrides]
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
            tell=lambda line: print(line, file=sys.stderr, flush=True),
        )
        _end(asked, found, out, frame)
    return int(found.failed > 0)


def _asked(args: argparse.Namespace) -> _Asked:
    from omemsim.analysis.ranking import in_budget, stages_of
    from omemsim.study.contrasts import check_outcome
    from omemsim.study.run_times import pace_of
    from omemsim.study.sweep import arms_of

    varied = [word for word in args.words if word.startswith(VARY)]
    rest = [word for word in args.words if not word.startswith(VARY)]
    words = read_words(argparse.Namespace(**{**vars(args), "words": rest}))
    if len(words.names) < 2:
        raise InputError(
            "Name two strategies or more, as `omemsim sensitivity present_practice omem`."
        )
    if not any(word.partition("=")[0] == "years" for word in words.overrides):
        words.overrides.append(YEARS)
    engine = engine_of(words)
    arms = arms_of(words.names, town=choice_of(words, "town"), overrides=words.overrides)
    first = next(iter(arms.values()))
    outcome = words.text("outcome")
    check_outcome(outcome, first.record)
    factors = _factors(varied, words, first)
    stages = stages_of(arms, factors, _sizes(words), outcome)
    pace = pace_of(first)
    if args.budget:
        given = [name for name in SIZED if name in words.own]
        if given:
            raise InputError(f"--budget chooses {', '.join(SIZED)}: leave {given[0]}= out.")
        seconds = seconds_of(args.budget)
        stages = in_budget(stages, pace, workers=engine.processes, seconds=seconds)
    return _Asked(words, varied, stages, engine, pace)


def _sizes(words: Words) -> Sizes:
    from omemsim.analysis.ranking import Sizes

    return Sizes(**{item.name: words.whole(item.name) for item in dataclasses.fields(Sizes)})


def _factors(varied: list[str], words: Words, scenario: Scenario) -> list[Factor]:
    """Return what varies; every uncertain parameter that is not set if nothing is named."""
    from omemsim.analysis.ranking import all_factors
    from omemsim.inputs.config import full_key, split_override
    from omemsim.study.factors import factors_of

    fixed = {full_key(word.partition("=")[0]) for word in words.overrides}
    if not varied:
        every = all_factors(scenario)
        return [factor for factor in every if factor.path not in fixed]
    factors: list[Factor] = []
    for word in varied:
        key, text = split_override(word)
        factors += factors_of(key.removeprefix(VARY), text)
    clash = [factor.path for factor in factors if factor.path in fixed]
    if clash:
        raise InputError(*(f"{path} is set and varied: do one of the two." for path in clash))
    return factors


def _sizes_told(asked: _Asked) -> list[str]:
    from omemsim.analysis.ranking import estimates

    parts = estimates(asked.stages, asked.pace, workers=asked.engine.processes)
    return [f"{name}: {told.text()}" for name, told in parts]


def _end(asked: _Asked, found: Ranking, out: Path, frame: Frame) -> None:
    """Print what was found, write it, and say what to try next."""
    from omemsim.analysis.ranking import ranking_csv
    from omemsim.figures.ranking import save_ranking_figures
    from omemsim.study.series_files import write_whole

    say(*(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in _text(found)))
    with frame.saved(out, "sensitivity.csv and the figures", asked.stages.arms):
        write_whole(out / "sensitivity.csv", ranking_csv(found).encode())
        save_ranking_figures(found, out)
    frame.end(out, _following(asked, found))


def _text(found: Ranking) -> Iterator[str]:
    from omemsim.study.indices import Morris, short_name

    for one in found.screened:
        if isinstance(one.found, Morris):
            yield f"Screening, {one.outcome} ({one.unit}):"
            yield f"  {one.in_words()}"
            clear = one.found.above_luck()[:TOLD]
            yield from (f"    {short_name(x)} {one.found.mu_star[x].value:.3g}" for x in clear)
    if not found.survivors:
        yield "No parameter moves a difference more than noise does: the choice depends on none."
    for one in found.driven:
        yield f"Indices, {one.outcome}: {one.in_words()}"
    for label, budget in found.budgets.items():
        yield budget.in_words(label.lower())
    first = next(iter(found.stages.arms))
    for (measure, arm), share in found.shares.items():
        yield share.in_words(arm, first, measure.lower())
    told = ", ".join(f"{arm} in {share:.0%}" for arm, share in found.best.items())
    yield f"Best of all on {found.stages.outcome}: {told} of parameter sets (ties count for each)."


def _following(asked: _Asked, found: Ranking) -> tuple[str, ...]:
    """Return the command to try next: what decides, calibrated; or more trajectories."""
    if found.survivors:
        town = word_for("town", choice_of(asked.words, "town"))
        return command("calibrate", *found.survivors[:8], *town, "--dry-run")
    mine = f"trajectories={asked.stages.sizes.trajectories}"
    more = f"trajectories={2 * asked.stages.sizes.trajectories}"
    return tuple(more if word == mine else word for word in asked.command())
