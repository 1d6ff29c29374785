"""`omemsim ablate` and `omemsim loops`: what each mechanism, and each loop, does in the model."""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.cli.keeping import allowed
from omemsim.cli.planning import tell_parts
from omemsim.cli.results import results_folder, saving, told_what_is_kept
from omemsim.cli.words import (
    Words,
    choice_of,
    engine_of,
    is_name,
    is_of_strategy,
    read_words,
    word_for,
)
from omemsim.present.text import counted
from omemsim.study.typed import bare, quoted
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.analysis.ablate import Typed
    from omemsim.inputs.config import Scenario
    from omemsim.study.engine import Engine
    from omemsim.study.store import Store

__all__ = ["ablate", "loops"]

MOST_REPLICATES = 100_000
MOST_WORLDS = 10_000
ON = "omem"  # whose mechanisms are looked at where nobody names a strategy
OFF = "reactive"  # no police tactics
YEARS = "years=15"  # what the loops get where nobody says


def ablate(args: argparse.Namespace) -> int:
    """Switch mechanisms off in turn and say what changes; 1 if some runs failed."""
    from omemsim.study.store import Store

    asked = _asked(args)
    if args.dry_run:
        asked.tell(args)
        return 0
    words, replicates = asked.words, asked.replicates
    command = asked.typed.compare(replicates=replicates, baseline=asked.scenario.strategy.name)
    with (
        results_folder(words, "ablate", study=command) as out,
        results_folder(words, "ablate", key="store") as folder,
        told_what_is_kept(folder),
        Store(folder, allowed(args)) as kept,
    ):
        failures = _of_headline(asked, out, kept) if asked.baseline else _alone(asked, out, kept)
        again = replace(asked.typed, only=())  # all, if some were chosen
        following = again.compare(replicates=2 * replicates, baseline="")
        _where(out, shlex.split(following))
    return _failed(failures)


@dataclass
class _Asked:
    """What the words of `ablate` ask for; without a baseline it is one strategy alone."""

    words: Words
    scenario: Scenario
    baseline: Scenario | None
    typed: Typed
    replicates: int
    engine: Engine

    @property
    def outcome(self) -> str:
        """Return the measure a headline is about."""
        return self.words.own.get("outcome", "victimization")

    def tell(self, args: argparse.Namespace) -> None:
        """Say how many runs there are, how long and how much disk they take."""
        from omemsim.analysis import ablate as alone
        from omemsim.analysis.headline import arms_of

        only, start = self.typed.only, self.typed.start
        if self.baseline is None:
            arms, first = alone.arms_of(self.scenario, only=only, start=start), self.scenario
            number, under = len(arms) - 1, f" under {first.strategy.name}"
        else:
            arms = arms_of(self.scenario, self.baseline, only=only, start=start)
            first, number = self.baseline, len(arms) // 2 - 1
            under = f", {self.scenario.strategy.name} against {first.strategy.name}"
        what = f"{counted(number, 'switch', 'switches')} off in turn{under}"
        name = first.strategy.name
        tell_parts(args, self.words, arms, baseline=name, replicates=self.replicates, what=what)


def _asked(args: argparse.Namespace) -> _Asked:
    from omemsim.analysis.ablate import STARTS, Typed
    from omemsim.inputs.config import BASELINE, compose_scenario
    from omemsim.study.contrasts import check_outcome

    against = args.against
    if against and not is_name(against, args):  # the next word sets a value
        args.words, against = [*args.words, against], ""
    words = read_words(args)
    strategy = _strategy(words, "ablate")
    replicates = words.whole("replicates", 10, low=1, high=MOST_REPLICATES, unit="towns")
    town, overrides = choice_of(words, "town"), words.overrides
    scenario = compose_scenario(town, strategy, overrides)
    named, said = {scenario.strategy.name: strategy}, []
    baseline = None
    if against is not None:
        other = against or BASELINE
        baseline = compose_scenario(town, other, overrides)
        named[baseline.strategy.name] = other
        said = [f"--against={other}"]
    if "outcome" in words.own:
        if baseline is None:
            raise InputError(
                "outcome= does nothing without --against: name a baseline, or leave it out."
            )
        check_outcome(words.own["outcome"], scenario.record)
        said.append(f"outcome={words.own['outcome']}")
    typed = Typed(
        town,
        named,
        tuple(overrides),
        strategy or "",
        words.own.get("from", STARTS[0]),
        words.listed("only", ""),
        tuple(said),
    )
    return _Asked(words, scenario, baseline, typed, replicates, engine_of(words))


def _alone(asked: _Asked, out: Path, kept: Store) -> Sequence[object]:
    """Say what each switch changes under one strategy; return the runs that failed."""
    from omemsim.analysis.ablate import ablate as switch_off

    found = switch_off(
        asked.scenario,
        only=asked.typed.only,
        start=asked.typed.start,
        replicates=asked.replicates,
        out=out,
        store=kept,
        words=asked.typed,
        engine=asked.engine,
    )
    _say(found.text())
    from omemsim.figures.ablation import save_ablation_figure

    with saving(out, "ablation.csv and the figure"):
        _write(out / "ablation.csv", found.csv())
        save_ablation_figure(found, out)
    return found.comparison.failures


def _of_headline(asked: _Asked, out: Path, kept: Store) -> Sequence[object]:
    """Say what a difference to a baseline rests on; return the runs that failed."""
    from omemsim.analysis.headline import headline

    assert asked.baseline is not None
    found = headline(
        asked.scenario,
        asked.baseline,
        only=asked.typed.only,
        start=asked.typed.start,
        outcome=asked.outcome,
        replicates=asked.replicates,
        out=out,
        store=kept,
        words=asked.typed,
        engine=asked.engine,
    )
    _say(found.text())
    from omemsim.figures.headline import save_headline_figure

    with saving(out, "headline.csv and the figure"):
        _write(out / "headline.csv", found.csv())
        save_headline_figure(found, out)
    return found.comparison.failures


def loops(args: argparse.Namespace) -> int:
    """Start towns at both ends, cut each loop in turn, and say where both ends survive."""
    from omemsim.analysis.loops import Typed, csv_of
    from omemsim.analysis.loops import loops as from_both_ends
    from omemsim.analysis.loops_text import in_words
    from omemsim.study.store import Store

    words = read_words(args)
    strategy = _strategy(words, "loops")
    replicates = words.whole("replicates", 5, low=1, high=MOST_REPLICATES, unit="towns")
    worlds = words.whole("worlds", 8, low=0, high=MOST_WORLDS, unit="parameter sets")
    engine = engine_of(words)
    if not any(word.startswith(("years=", "setting=")) for word in words.overrides):
        words.overrides.append(YEARS)
    police = _police(words, strategy)
    command = _loops_command(words, strategy, replicates, worlds)
    town = choice_of(words, "town")
    with (
        results_folder(words, "loops", study=command) as out,
        results_folder(words, "loops", key="store") as folder,
        told_what_is_kept(folder),
        Store(folder, allowed(args)) as kept,
    ):
        found = from_both_ends(
            police,
            replicates=replicates,
            worlds=worlds,
            out=out,
            store=kept,
            words=Typed(town, {}, tuple(words.overrides), command),
            engine=engine,
        )
        _say(in_words(found))
        from omemsim.figures.loops import save_loops_figure

        with saving(out, "loops.csv, zone_moves.csv and the figure"):
            _write(out / "loops.csv", csv_of(found.rows()))
            _write(out / "zone_moves.csv", csv_of(found.move_rows()))
            save_loops_figure(found, out)
        again = [*([bare(strategy)] if strategy else []), *word_for("town", town), *words.overrides]
        _where(out, ["omemsim", "ablate", *again])
    return _failed(found.comparison.failures)


def _police(words: Words, strategy: str | None) -> dict[str, Scenario]:
    """Return the scenarios with police tactics on and off, alike but for the strategy."""
    from omemsim.inputs.config import compose_scenario

    town, overrides = choice_of(words, "town"), words.overrides
    on = compose_scenario(town, strategy, overrides)
    # What is set of the strategy with tactics need not suit the one without.
    kept = [word for word in overrides if not is_of_strategy(word)]
    off = compose_scenario(town, OFF, kept)
    if on.strategy.name == off.strategy.name:
        raise InputError(
            f"{on.strategy.name} is what the loops are compared with: name a strategy that has "
            "tactics, as `omemsim loops omem`."
        )
    return {"on": on, "off": replace(on, strategy=off.strategy)}


def _loops_command(words: Words, strategy: str | None, replicates: int, worlds: int) -> str:
    chosen = [f"{key}={value}" for key, value in words.chosen.items() if key != "strategy"]
    numbers = [f"replicates={replicates}", f"worlds={worlds}"]
    named = [bare(strategy)] if strategy else []
    return shlex.join(["omemsim", "loops", *named, *chosen, *numbers, *words.overrides])


def _strategy(words: Words, command: str) -> str | None:
    """Return the one strategy that is named, bare or as strategy=; None is the setting's."""
    named = [*words.names, *([words.chosen["strategy"]] if "strategy" in words.chosen else [])]
    if len(named) > 1:
        raise InputError(
            f"One strategy at a time; these are {', '.join(named)}. "
            f"As `omemsim {command} {quoted(named[0])}`."
        )
    return named[0] if named else choice_of(words, "strategy", ON)


def _write(path: Path, text: str) -> None:
    from omemsim.study.shards import write_whole

    write_whole(path, text.encode())


def _say(text: str) -> None:
    """Print before anything is saved: a full disk then costs the files only."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def _failed(failures: Sequence[object]) -> int:
    """Say how many runs failed, if any; return the exit code."""
    if not failures:
        return 0
    first = getattr(failures[0], "error", "")
    print(f"{len(failures)} runs failed; the first: {first}", file=sys.stderr)
    return 1


def _where(out: Path, following: Sequence[str]) -> None:
    """Say where the results are and what to try next, as one would type it."""
    names = sorted(path.name for path in out.iterdir() if not path.name.startswith("."))
    tables = [name for name in names if not name.endswith((".png", ".svg"))]
    figures = sum(name.endswith(".png") for name in names)
    drawn = f" and {figures} figure{'s' * (figures != 1)} (.png, .svg)" if figures else ""
    print(f"\nResults are in {out}{os.sep}: {', '.join(tables)}{drawn}")
    print(f"Try next: {shlex.join(following)}")
