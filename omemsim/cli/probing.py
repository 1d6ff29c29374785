"""`omemsim ablate` and `omemsim loops`: what each mechanism, and each loop, does in the model."""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.cli.keeping import allowed
from omemsim.cli.results import results_folder, saving, told_what_is_kept
from omemsim.cli.words import Words, choice_of, engine_of, is_of_strategy, read_words, word_for
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.inputs.config import Scenario

__all__ = ["ablate", "loops"]

MOST_REPLICATES = 100_000
MOST_WORLDS = 10_000
ON = "omem"  # whose mechanisms are looked at where nobody names a strategy
OFF = "reactive"  # no police tactics
YEARS = "years=15"  # what the loops get where nobody says


def ablate(args: argparse.Namespace) -> int:
    """Switch every mechanism off in turn and say what changes; 1 if some runs failed."""
    from omemsim.analysis.ablate import STARTS, Typed
    from omemsim.analysis.ablate import ablate as switch_off
    from omemsim.inputs.config import compose_scenario
    from omemsim.study.store import Store

    words = read_words(args)
    strategy = _strategy(words, "ablate")
    replicates = words.whole("replicates", 10, low=1, high=MOST_REPLICATES, unit="towns")
    engine = engine_of(words)
    only = tuple(name.strip() for name in words.own.get("only", "").split(",") if name.strip())
    start = words.own.get("from", STARTS[0])
    town = choice_of(words, "town")
    scenario = compose_scenario(town, strategy, words.overrides)
    named = {scenario.strategy.name: strategy}
    typed = Typed(town, named, tuple(words.overrides), strategy or "", start, only)
    command = typed.compare(replicates=replicates, baseline=scenario.strategy.name)
    with (
        results_folder(words, "ablate", study=command) as out,
        results_folder(words, "ablate", key="store") as folder,
        told_what_is_kept(folder),
        Store(folder, allowed(args)) as kept,
    ):
        found = switch_off(
            scenario,
            only=only,
            start=start,
            replicates=replicates,
            out=out,
            store=kept,
            words=typed,
            engine=engine,
        )
        _say(found.text())
        from omemsim.figures.ablation import save_ablation_figure

        with saving(out, "ablation.csv and the figure"):
            _write(out / "ablation.csv", found.csv())
            save_ablation_figure(found, out)
        following = [*word_for("town", town), f"replicates={2 * replicates}", *words.overrides]
        _where(out, ["omemsim", "ablate", *([strategy] if strategy else []), *following])
    return _failed(found.comparison.failures)


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
        again = [*([strategy] if strategy else []), *word_for("town", town), *words.overrides]
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
    named = [strategy] if strategy else []
    return shlex.join(["omemsim", "loops", *named, *chosen, *numbers, *words.overrides])


def _strategy(words: Words, command: str) -> str | None:
    """Return the one strategy that is named, bare or as strategy=; None is the setting's."""
    named = [*words.names, *([words.chosen["strategy"]] if "strategy" in words.chosen else [])]
    if len(named) > 1:
        raise InputError(
            f"One strategy at a time; these are {', '.join(named)}. "
            f"As `omemsim {command} {named[0]}`."
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
