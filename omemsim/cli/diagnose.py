"""The command that reads a table: zones on a screen, files for those who decide, and the fit."""

from __future__ import annotations

import argparse
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

from omemsim.cli.again import command, written
from omemsim.cli.frame import Frame, say, say_beside
from omemsim.cli.words import Words, engine_of, read_words
from omemsim.inputs.config import BASELINE
from omemsim.vocabulary.errors import InputError, OmemError

if TYPE_CHECKING:
    from omemsim.analysis.diagnose import Diagnosis
    from omemsim.inputs.blueprint import Blueprint
    from omemsim.inputs.scenario import Scenario

__all__ = ["diagnose"]

WIDTH = 100
LARGE = 200_000  # residents; a run of more, at full size, takes minutes


def diagnose(args: argparse.Namespace) -> int:
    """Read a table of neighbourhoods: the zone of each, and whether the model fits them.

    Raises
    ------
    InputError
        If the town is no table, or a word does nothing here.
    """
    from omemsim.analysis.diagnose import diagnose as read_zones
    from omemsim.analysis.diagnose import table_of
    from omemsim.analysis.severity import BOUNDS, severity_of
    from omemsim.inputs.config import compose_scenario

    words = read_words(args)
    _check_table_words(words)
    chosen = [f"town={words.chosen.get('town', 'table')}"]
    chosen += [*(f"town.file={name}" for name in words.names), *words.overrides]
    scenario = compose_scenario("table", BASELINE, chosen)
    if args.write_mapping:
        from omemsim.cli.mapping import write_mapping

        write_mapping(scenario.town)
    blueprint = table_of(scenario)
    weights = {key: words.value(f"severity.{key}") for key in BOUNDS}
    diagnosis = read_zones(blueprint, scenario.parameters.zones, severity=severity_of(weights))
    said = {f"severity.{key}": x for key, x in weights.items() if f"severity.{key}" in words.own}
    said |= {key: words.value(key) for key in ("fit", "language") if key in words.own}
    frame = Frame(args, words, command("diagnose", *chosen, *written("diagnose", said)))
    with frame.out() as out:
        say(diagnosis.text())
        diagnosis = _with_fit(diagnosis, scenario, words)
        with frame.saved(out, "the tables, the cards and the maps", scenario):
            from omemsim.figures.diagnosis import save_diagnosis  # late: it takes a second

            missing = save_diagnosis(
                diagnosis, out, language=words.text("language"), command=frame.text
            )
        following = command("compare", *chosen, *_scale(blueprint), names=["omem"])
        frame.end(out, following, *missing)
    return 0


def _with_fit(diagnosis: Diagnosis, scenario: Scenario, words: Words) -> Diagnosis:
    """Run the table's town, unless fit= or its size says no, and say how the model fits it."""
    from omemsim.analysis.city_fit_runs import LARGEST, RUNS, city_fit, scenario_of_fit
    from omemsim.analysis.diagnosis_words import fit_words, starts_words
    from omemsim.language import ENGLISH

    places, fit = len(diagnosis.rows), words.text("fit")
    if fit == "no":
        return diagnosis
    if fit == "auto" and places > LARGEST:
        say(f"Whether the model fits was not tried, with {places:,} neighbourhoods: add fit=yes.")
        return diagnosis
    small = scenario_of_fit(scenario, diagnosis.blueprint)
    told = f"1:{small.town.scale:g}" if small.town.scale > 1 else "full size"
    line = f"Does the model fit? Running the town {RUNS} times for a year ({told})."
    say_beside(line)
    try:
        engine = engine_of(words)
        found = city_fit(small, diagnosis.blueprint, diagnosis.rows, engine=engine)
    except OmemError as error:  # the zones stand without it
        say(f"Whether the model fits could not be tried: {error}")
        return diagnosis
    except KeyboardInterrupt as stop:
        stop.args = ("With fit=no the zones are written without running the model.",)
        raise
    sentences = [*fit_words(found, ENGLISH), *starts_words(found, ENGLISH)]
    say("", "Does the model fit your city?", *(_filled(line) for line in sentences))
    return replace(diagnosis, fit=found)


def _filled(line: str) -> str:
    return textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _check_table_words(words: Words) -> None:
    """Refuse more or less than one table, and words that diagnose could only ignore."""
    from omemsim.analysis.diagnose import idle_keys

    if len(words.names) > 1:
        raise InputError(f"One table at a time; these are {len(words.names)}.")
    keys = [*words.chosen, *(word.partition("=")[0] for word in words.overrides)]
    problems = idle_keys(keys)
    if words.names and words.names[0].lower().endswith((".yaml", ".yml")):
        problems.append(f"{words.names[0]!r} is no table. Did you mean town={words.names[0]}?")
    if not words.names and not keys:
        problems.append("Name a table, as `omemsim diagnose neighbourhoods.csv`.")
    if problems:
        raise InputError(*problems)


def _scale(blueprint: Blueprint) -> list[str]:
    """Return the word that makes a run of a large table quick."""
    is_large = blueprint.scale == 1 and blueprint.population.sum() > LARGE
    return ["town.scale=20"] if is_large else []
