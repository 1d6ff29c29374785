"""The commands, one function each: words in, files and a readable end out."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.cli.words import Words, read_words, results_folder
from omemsim.vocabulary.errors import InputError, nearest

if TYPE_CHECKING:
    from omemsim.series import Series
    from omemsim.study.compare import Comparison

__all__ = ["bench", "compare", "demo", "describe", "diagnose", "run", "selftest"]

MOST_REPLICATES = 1_000_000
DEMO = ("reactive", "hot_spots", "omem")


def run(args: argparse.Namespace) -> int:
    """Run one scenario once; write its series and figures."""
    from omemsim.inputs.config import compose_scenario

    words = read_words(args)
    _no_names(words, "run", "strategy")
    replicate = words.whole("replicate", 0, low=0, high=MOST_REPLICATES, unit="number")
    town, strategy = words.chosen.get("town", "small"), words.chosen.get("strategy", "omem")
    scenario = compose_scenario(town, strategy, words.overrides)
    with results_folder(words, "run") as out:
        from omemsim.figures import save_series_figures
        from omemsim.run import run_scenario
        from omemsim.study.shards import write_whole

        series = run_scenario(scenario, replicate)
        write_whole(out / "series.csv", series.to_frame().to_csv(index=False).encode())
        save_series_figures(series, out)
        print(_summary(series))
        _where(out, f"omemsim compare reactive {strategy} town={town}")
    return 0


def compare(args: argparse.Namespace) -> int:
    """Compare strategies on the same towns with the same luck."""
    words = read_words(args)
    if "strategy" in words.chosen:
        raise InputError(
            "Name the strategies without 'strategy=', as `omemsim compare reactive omem`."
        )
    if len(words.names) < 2:
        raise InputError(
            "Name at least two strategies, as `omemsim compare reactive omem`. "
            f"There are: {', '.join(_strategies())}."
        )
    comparison, out = _compare(words, words.names, command="compare")
    print(comparison.text(), _in_words(comparison), sep="\n\n")
    _where(out, f"omemsim run strategy={words.names[-1]} {_town_word(words)}")
    return 0


def demo(args: argparse.Namespace) -> int:
    """Compare three strategies in a small town and say in words what came out."""
    words = read_words(args)
    _no_names(words, "demo", "town")
    comparison, out = _compare(words, DEMO, command="demo")
    print(comparison.text(), _in_words(comparison), sep="\n\n")
    _where(out, "omemsim compare reactive hot_spots omem town=city replicates=20")
    return 0


def diagnose(args: argparse.Namespace) -> int:
    """Read a table of neighbourhoods and print the zone of each."""
    from omemsim.analysis.diagnose import diagnose as read_zones
    from omemsim.inputs.config import compose_scenario
    from omemsim.inputs.tables import read_blueprint
    from omemsim.study.shards import write_whole

    words = read_words(args)
    if len(words.names) > 1:
        raise InputError(f"One table at a time; these are {len(words.names)}.")
    overrides = [*(f"town.file={name}" for name in words.names), *words.overrides]
    if not overrides and "town" not in words.chosen:
        raise InputError("Name a table, as `omemsim diagnose neighbourhoods.csv`.")
    scenario = compose_scenario(words.chosen.get("town", "table"), "reactive", overrides)
    blueprint = read_blueprint(scenario.town)
    with results_folder(words, "diagnose") as out:
        diagnosis = read_zones(blueprint, scenario.parameters.zones)
        write_whole(out / "diagnosis.csv", diagnosis.csv().encode())
        print(diagnosis.text())
        _where(out, f"omemsim compare reactive omem {_table_words(words)}")
    return 0


def describe(args: argparse.Namespace) -> int:
    """Print what there is: parameters, measures, strategies, towns, columns, the week."""
    from omemsim.cli.describe import TOPICS

    words = read_words(args)
    problems = [
        f"There is nothing called {name!r} to describe.{nearest(name, TOPICS)}"
        for name in words.names
        if name not in TOPICS
    ]
    if problems or not words.names:
        raise InputError(
            *problems, f"Topics: {', '.join(TOPICS)}; as `omemsim describe strategies`."
        )
    print("\n\n".join(TOPICS[name]() for name in words.names))
    return 0


def selftest(args: argparse.Namespace) -> int:
    """Check that luck belongs to its owner."""
    _no_names(read_words(args), "selftest", "")
    from omemsim.analysis.selftest import same_luck

    return same_luck()


def bench(args: argparse.Namespace) -> int:
    """Race the model against its plain Mesa twin and the floor."""
    words = read_words(args)
    _no_names(words, "bench", "residents")
    residents = words.whole("residents", 100_000, low=100, high=3_000_000, unit="residents 15+")
    from omemsim.analysis.bench import main

    return main(residents=residents, json=args.json) or 0


def _compare(words: Words, strategies: Sequence[str], *, command: str) -> tuple[Comparison, Path]:
    """Run what the store lacks; write the table and the figures."""
    replicates = words.whole("replicates", 10, low=1, high=MOST_REPLICATES, unit="towns")
    workers = words.whole("workers", 0, low=1, high=1024, unit="processes") or None
    from omemsim.study.compare import compare_named

    with results_folder(words, command) as out, results_folder(words, command, key="store") as kept:
        comparison = compare_named(
            strategies,
            town=words.chosen.get("town", "small"),
            replicates=replicates,
            overrides=words.overrides,
            baseline=words.own.get("baseline"),
            out=out,
            store=kept,
            workers=workers,
        )
        from omemsim.figures import save_comparison_figures

        comparison.write_csv()
        save_comparison_figures(comparison, out)
    return comparison, out


def _strategies() -> list[str]:
    from omemsim.inputs.config import choices

    return choices("strategy")


def _no_names(words: Words, command: str, key: str) -> None:
    if words.names:
        hint = f" Did you mean {key}={words.names[0]}?" if key else ""
        raise InputError(f"`omemsim {command}` takes no bare word, here {words.names[0]!r}.{hint}")


def _summary(series: Series) -> str:
    """Return the last year of a run, a line per measure."""
    from omemsim.measures import MEASURES

    values = series.summary()
    shares = [f"{zone} {100 * values[f'share_{zone}']:.0f}%" for zone in ZONES]
    lines = [f"Neighbourhoods by zone in the last year: {', '.join(shares)}.", ""]
    for name, measure in MEASURES.items():
        if name in values and "zone" not in name:  # the mean of labels says nothing
            lines.append(f"  {measure.title:<44} {_number(values[name]):>12} {measure.unit}")
    notes = [f"Note: {note}" for note in series.meta.get("notes", [])]
    return "\n".join([*lines, "", *notes]).rstrip()


def _number(value: float) -> str:
    decimals = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 3
    return f"{round(value, decimals) + 0.0:,.{decimals}f}"  # + 0.0 makes -0 a 0


ZONES = ("red", "amber", "green", "blue")


def _in_words(comparison: Comparison) -> str:
    """Say for each strategy what is better, what is worse and what cannot be told."""
    from omemsim.figures.compared import contrasts
    from omemsim.figures.forest import in_words, verdict

    table = comparison.table()
    rows = contrasts(table[table["measure"].isin(IN_WORDS)])
    lines = [f"In plain words, compared with {comparison.baseline} (95% interval in brackets):"]
    for name in dict.fromkeys(row.strategy for row in rows):
        lines.append(f"  {name}")
        for word in ("better", "worse", "cannot tell"):
            told = [row for row in rows if row.strategy == name and verdict(row) == word]
            if told and word == "cannot tell":
                lines.append(f"    cannot tell: {', '.join(row.measure.lower() for row in told)}")
            elif told:
                parts = [f"{row.measure.lower()} {in_words(row)}" for row in told]
                lines.append(f"    {word}: {'; '.join(parts)}")
    return "\n".join(lines)


IN_WORDS = ("victimization", "public_calls", "fear", "trust", "capacity", "share_red")


def _town_word(words: Words) -> str:
    return f"town={words.chosen.get('town', 'small')}"


def _table_words(words: Words) -> str:
    named = [f"town.file={name}" for name in words.names]
    return " ".join([f"town={words.chosen.get('town', 'table')}", *named, *words.overrides])


def _where(out: Path, following: str) -> None:
    """Say where the results are and what to try next."""
    names = sorted(path.name for path in out.iterdir() if not path.name.startswith("."))
    tables = [name for name in names if not name.endswith((".png", ".svg"))]
    figures = sum(name.endswith(".png") for name in names)
    drawn = f" and {figures} figures (.png, .svg)" if figures else ""
    print(f"\nResults are in {out}{os.sep}: {', '.join(tables)}{drawn}")
    print(f"Try next: {following}")
