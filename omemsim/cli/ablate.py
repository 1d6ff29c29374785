"""`omemsim ablate`: what each mechanism contributes, and what a headline depends on."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omemsim.cli.again import Ablation, written
from omemsim.cli.frame import Frame, say
from omemsim.cli.planning import tell_parts
from omemsim.cli.results import saving
from omemsim.cli.words import (
    Words,
    choice_of,
    engine_of,
    is_name,
    read_words,
)
from omemsim.present.shell import quoted
from omemsim.present.text import counted
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.inputs.scenario import Scenario
    from omemsim.study.engine import Engine
    from omemsim.study.store import Store
    from omemsim.study.tasks import Failure

__all__ = ["ablate", "one_strategy"]

ON = "omem"  # whose mechanisms are looked at where nobody names a strategy


def ablate(args: argparse.Namespace) -> int:
    """Switch mechanisms off in turn and say what changes; 1 if some runs failed."""
    asked = _asked(args)
    frame = Frame(args, asked.words, asked.ablation.asked().command)
    if frame.is_dry:
        asked.tell(frame)
        return 0
    with frame.out() as out, frame.store() as kept:
        failures = _of_headline(asked, out, kept) if asked.baseline else _alone(asked, out, kept)
        # All of them, if some were chosen.
        frame.end(out, asked.ablation.words((), 2 * asked.ablation.replicates))
    return frame.failed(failures)


@dataclass
class _Asked:
    """What the words of `ablate` ask for; without a baseline it is one strategy alone."""

    words: Words
    scenario: Scenario
    baseline: Scenario | None
    ablation: Ablation
    start: str
    engine: Engine

    @property
    def outcome(self) -> str:
        """Return the measure a headline is about."""
        return self.words.text("outcome")

    def options(self, out: Path, kept: Store) -> dict[str, Any]:
        """Return what both studies are given: which switches, how many runs, where and how."""
        return {
            "only": self.ablation.only,
            "start": self.start,
            "replicates": self.ablation.replicates,
            "out": out,
            "store": kept,
            "asked": self.ablation.asked(),
            "engine": self.engine,
        }

    def tell(self, frame: Frame) -> None:
        """Say how many runs there are, how long and how much disk they take."""
        from omemsim.analysis import ablate as alone
        from omemsim.analysis.headline import arms_of

        only, start = self.ablation.only, self.start
        if self.baseline is None:
            arms, first = alone.arms_of(self.scenario, only=only, start=start), self.scenario
            number, under = len(arms) - 1, f" under {first.strategy.name}"
        else:
            arms = arms_of(self.scenario, self.baseline, only=only, start=start)
            first, number = self.baseline, len(arms) // 2 - 1
            under = f", {self.scenario.strategy.name} against {first.strategy.name}"
        what = f"{counted(number, 'switch', 'switches')} off in turn{under}"
        name = first.strategy.name
        replicates = self.ablation.replicates
        tell_parts(frame, arms, baseline=name, replicates=replicates, what=what)


def _asked(args: argparse.Namespace) -> _Asked:
    from omemsim.analysis.ablate import STARTS
    from omemsim.inputs.config import BASELINE, compose_scenario
    from omemsim.study.contrasts import check_outcome

    against = args.against
    if against and not is_name(against, args):  # the next word sets a value
        args.words, against = [*args.words, against], ""
    words = read_words(args)
    strategy = one_strategy(words, "ablate")
    replicates = words.whole("replicates")
    town, overrides = choice_of(words, "town"), words.overrides
    scenario = compose_scenario(town, strategy, overrides)
    named, said = [scenario.strategy.name], []
    baseline = None
    if against is not None:
        other = against or BASELINE
        baseline = compose_scenario(town, other, overrides)
        named.append(baseline.strategy.name)
        said = [f"--against={other}"]
    if "outcome" in words.own:
        if baseline is None:
            raise InputError(
                "outcome= does nothing without --against: name a baseline, or leave it out."
            )
        check_outcome(words.own["outcome"], scenario.record)
        said += written("ablate", {"outcome": words.text("outcome")})
    start = words.text("from")
    ablation = Ablation(
        town,
        tuple(named),
        tuple(overrides),
        strategy,
        None if start == STARTS[0] else start,
        words.listed("only"),
        tuple(said),
        replicates,
    )
    return _Asked(words, scenario, baseline, ablation, start, engine_of(words))


def _alone(asked: _Asked, out: Path, kept: Store) -> Sequence[Failure]:
    """Say what each switch changes under one strategy; return the runs that failed."""
    from omemsim.analysis.ablate import ablate as switch_off

    found = switch_off(asked.scenario, **asked.options(out, kept))
    say(found.text())
    from omemsim.figures.ablation import save_ablation_figure

    _write(found, "ablation.csv", save_ablation_figure, out)
    return found.comparison.failures


def _of_headline(asked: _Asked, out: Path, kept: Store) -> Sequence[Failure]:
    """Say what a difference from a baseline depends on; return the runs that failed."""
    from omemsim.analysis.headline import headline

    assert asked.baseline is not None
    options = asked.options(out, kept)
    found = headline(asked.scenario, asked.baseline, outcome=asked.outcome, **options)
    say(found.text())
    from omemsim.figures.headline import save_headline_figure

    _write(found, "headline.csv", save_headline_figure, out)
    return found.comparison.failures


def _write(found: Any, table: str, draw: Callable[[Any, Path], object], out: Path) -> None:
    """Write what was found as a table, and draw it beside."""
    from omemsim.study.series_files import write_whole

    with saving(out, f"{table} and the figure"):
        write_whole(out / table, found.csv().encode())
        draw(found, out)


def one_strategy(words: Words, name: str) -> str | None:
    """Return the one strategy that is named, bare or as strategy=; None is the setting's.

    Raises
    ------
    InputError
        If more than one is named.
    """
    named = [*words.names, *([words.chosen["strategy"]] if "strategy" in words.chosen else [])]
    if len(named) > 1:
        raise InputError(
            f"One strategy at a time; these are {', '.join(named)}. "
            f"As `omemsim {name} {quoted(named[0])}`."
        )
    return named[0] if named else choice_of(words, "strategy", ON)
