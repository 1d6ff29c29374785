"""`omemsim mixes`: the best mix found that depends on zones against the best that does not."""

from __future__ import annotations

import argparse

from omemsim.cli.again import command, word_for, written
from omemsim.cli.frame import Frame, say, say_beside
from omemsim.cli.words import choice_of, engine_of, read_words
from omemsim.inputs.config import OF_EVIDENCE
from omemsim.vocabulary.errors import InputError

__all__ = ["mixes"]

SIZES = ("mixes", "found_in", "judged_in")


def mixes(args: argparse.Namespace) -> int:
    """Search mixes of both kinds and judge the best of each; 1 if some runs failed.

    Raises
    ------
    InputError
        If a word does nothing here, or see `search_of`.
    """
    from omemsim.analysis.best_mix import Sizes, best_mix, found_csv, found_text, search_of
    from omemsim.study.series_files import write_whole

    words = read_words(args)
    if words.names or "strategy" in words.chosen:
        raise InputError("`omemsim mixes` takes no strategy: it searches for one.")
    town = choice_of(words, "town", OF_EVIDENCE)
    sizes = {name: words.whole(name) for name in SIZES}
    search = search_of(town, words.overrides, Sizes(**sizes))
    engine = engine_of(words)
    chosen = [*word_for("town", town), *words.overrides]
    frame = Frame(args, words, command("mixes", *chosen, *written("mixes", sizes)))
    with frame.out() as out, frame.store() as kept:
        found = best_mix(search, kept, engine=engine, tell=say_beside)
        say(found_text(found))
        with frame.saved(out, "mixes.csv", search.scenario):
            write_whole(out / "mixes.csv", found_csv(found).encode())
        more = sizes | {"mixes": 2 * sizes["mixes"]}
        frame.end(out, command("mixes", *chosen, *written("mixes", more)))
    return frame.failed(found.failures)
