"""`omemsim loops`: what each loop does in the model, from low and from high capacity."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from omemsim.cli.ablate import one_strategy
from omemsim.cli.again import asked_by, command, word_for, written
from omemsim.cli.frame import Frame, say
from omemsim.cli.results import saving
from omemsim.cli.words import Words, choice_of, engine_of, is_of_strategy, read_words
from omemsim.inputs.config import CALLS_ONLY
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.inputs.scenario import Scenario

__all__ = ["loops"]

YEARS = "years=15"  # unless the words or a setting say how many


def loops(args: argparse.Namespace) -> int:
    """Start towns at both ends, cut each loop in turn; 1 if some runs failed.

    Raises
    ------
    InputError
        If a word is wrong, or the strategy has no tactics.
    """
    from omemsim.analysis.loops import loops as from_both_ends
    from omemsim.analysis.loops_text import in_words
    from omemsim.study.series_files import write_whole

    words = read_words(args)
    strategy = one_strategy(words, "loops")
    replicates = words.whole("replicates")
    sets = words.whole("worlds")
    engine = engine_of(words)
    if not any(word.startswith(("years=", "setting=")) for word in words.overrides):
        words.overrides.append(YEARS)
    police = _police(words, strategy)
    frame = Frame(args, words, _command(words, strategy, replicates, sets))
    with frame.out() as out, frame.store() as kept:
        found = from_both_ends(
            police,
            replicates=replicates,
            parameter_sets=sets,
            out=out,
            store=kept,
            # Every run of it is repeated by the whole.
            asked=asked_by(frame.command, alone=lambda *_: frame.text),
            engine=engine,
        )
        say(in_words(found))
        from omemsim.figures.loops import save_loops_figure

        with saving(out, "loops.csv, zone_moves.csv and the figure"):
            write_whole(out / "loops.csv", found.csv().encode())
            write_whole(out / "zone_moves.csv", found.moves_csv().encode())
            save_loops_figure(found, out)
        chosen = [*word_for("town", choice_of(words, "town")), *words.overrides]
        frame.end(out, command("ablate", *chosen, names=[strategy]))
    return frame.failed(found.comparison.failures)


def _police(words: Words, strategy: str | None) -> dict[str, Scenario]:
    """Return the scenarios with police tactics on and off, alike but for the strategy."""
    from omemsim.inputs.config import compose_scenario

    town, overrides = choice_of(words, "town"), words.overrides
    on = compose_scenario(town, strategy, overrides)
    # What is set of the strategy with tactics need not suit the one without.
    kept = [word for word in overrides if not is_of_strategy(word)]
    off = compose_scenario(town, CALLS_ONLY, kept)
    if on.strategy.name == off.strategy.name:
        raise InputError(
            f"{on.strategy.name} is what the loops are compared with: name a strategy that has "
            "tactics, as `omemsim loops omem`."
        )
    return {"on": on, "off": replace(on, strategy=off.strategy)}


def _command(words: Words, strategy: str | None, replicates: int, sets: int) -> tuple[str, ...]:
    """Return the command that makes the results again."""
    chosen = [f"{key}={value}" for key, value in words.chosen.items() if key != "strategy"]
    numbers = written("loops", {"replicates": replicates, "worlds": sets})
    return command("loops", *chosen, *numbers, *words.overrides, names=[strategy])
