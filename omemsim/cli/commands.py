"""The commands, one function each: from the words typed to files and a readable summary."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omemsim.cli.ablate import ablate
from omemsim.cli.again import asked_comparison, command, run_alone, word_for, written
from omemsim.cli.calibrate import calibrate
from omemsim.cli.claims import claims
from omemsim.cli.classroom import class_
from omemsim.cli.describe_strategy import describe_strategies
from omemsim.cli.diagnose import diagnose
from omemsim.cli.discover import discover
from omemsim.cli.frame import Frame, say, say_beside
from omemsim.cli.hindcast import hindcast
from omemsim.cli.loops import loops
from omemsim.cli.mixes import mixes
from omemsim.cli.new import new
from omemsim.cli.optimize import optimize
from omemsim.cli.planning import tell_comparison
from omemsim.cli.reporting import check_report, write_report
from omemsim.cli.results import saving
from omemsim.cli.sensitivity import sensitivity
from omemsim.cli.store import export, reproduce, resume, status
from omemsim.cli.sweep import sweep
from omemsim.cli.trial import trial
from omemsim.cli.validate import validate
from omemsim.cli.words import (
    Words,
    choice_of,
    engine_of,
    is_of_strategy,
    read_words,
    until_of,
)
from omemsim.inputs.config import BASELINE, OF_EVIDENCE, with_baseline
from omemsim.present import text
from omemsim.vocabulary.errors import InputError, nearest

if TYPE_CHECKING:
    from omemsim.inputs.scenario import Scenario
    from omemsim.series import Series
    from omemsim.study.comparison import Comparison
    from omemsim.study.precision import Until

__all__ = [
    "ablate",
    "mixes",
    "bench",
    "calibrate",
    "claims",
    "class_",
    "compare",
    "demo",
    "describe",
    "diagnose",
    "discover",
    "export",
    "hindcast",
    "loops",
    "new",
    "optimize",
    "reproduce",
    "resume",
    "run",
    "selftest",
    "sensitivity",
    "sweep",
    "status",
    "trial",
    "validate",
]

WIDTH = 100
DEMO = (BASELINE, "hot_spots", "omem")


def run(args: argparse.Namespace) -> int:
    """Run one scenario once; write its series and figures."""
    from omemsim.inputs.config import compose_scenario

    words = read_words(args)
    _no_names(words, "run", "town", "strategy")
    replicate = words.whole("replicate")
    town, strategy = choice_of(words, "town"), choice_of(words, "strategy")
    scenario = compose_scenario(town, strategy, words.overrides)
    say_beside(f"Running {scenario.strategy.name}. {_setting(scenario)}")
    frame = Frame(args, words, run_alone(town, strategy, replicate, words.overrides))
    with frame.out() as out:
        from omemsim.run import run_scenario

        series = run_scenario(scenario, replicate)
        say(_setting(scenario), _summary(series))
        with frame.saved(out, "series.csv and the figures", scenario):
            from omemsim.study.series_files import write_whole

            write_whole(out / "series.csv", series.to_frame().to_csv(index=False).encode())
        if scenario.record.is_whole:
            from omemsim.figures import save_series_figures  # late: it takes a second

            with saving(out, "some or all figures"):
                save_series_figures(series, out)
        mine = "omem" if strategy in (None, BASELINE) else strategy
        # A value of the strategy need not suit the baseline.
        kept = [word for word in words.overrides if not is_of_strategy(word)]
        frame.end(out, command("compare", *word_for("town", town), *kept, names=[mine]))
    return 0


def compare(args: argparse.Namespace) -> int:
    """Compare strategies on the same towns, with common random numbers.

    Raises
    ------
    InputError
        If no strategy is named, or one with ``strategy=``; or a word is wrong.
    """
    words = read_words(args)
    if "strategy" in words.chosen:
        raise InputError(
            "Name the strategies without 'strategy=', as `omemsim compare hot_spots omem`."
        )
    names = with_baseline(words.names)
    if len(names) < 2:
        raise InputError(
            f"Name a strategy or more, as `omemsim compare omem`; one is compared with {BASELINE}. "
            f"There are: {', '.join(_strategies())}."
        )
    until = until_of(args, words)
    check_report(words)
    chosen = [*word_for("town", choice_of(words, "town")), f"strategy={words.names[-1]}"]
    return _compare(args, words, names, command("run", *chosen, *words.overrides), until)


def demo(args: argparse.Namespace) -> int:
    """Compare three strategies in a small town and say in words what came out.

    Raises
    ------
    InputError
        If a strategy is chosen, or a word is wrong.
    """
    words = read_words(args)
    _no_names(words, "demo", "town")
    if "strategy" in words.chosen:
        raise InputError(
            f"The demo compares {', '.join(DEMO)}; for others, `omemsim compare hot_spots omem`."
        )
    # What was set for the small town need not suit the city.
    is_own = any(word.startswith("town.") for word in words.overrides)
    town = choice_of(words, "town", "small" if is_own else OF_EVIDENCE)
    more = written("compare", {"replicates": 2 * words.keys["replicates"].default})
    chosen = [*word_for("town", town), *more, *words.overrides]
    return _compare(args, words, DEMO, command("compare", *chosen, names=DEMO))


def describe(args: argparse.Namespace) -> int:
    """Print what there is: parameters, measures, strategies, towns, columns, the week.

    Raises
    ------
    InputError
        If no topic is named, or one that there is not.
    """
    from omemsim.cli.describe import ONE_STRATEGY, TOPICS

    words = read_words(args)
    if words.names[:1] == [ONE_STRATEGY]:
        again = command("describe", names=words.names)
        describe_strategies(Frame(args, words, again), words.names[1:])
        return 0
    if "out" in words.own:
        raise InputError("out= does nothing here: only `omemsim describe strategy NAME` draws.")
    problems = [
        f"There is nothing called {name!r} to describe.{nearest(name, TOPICS)}"
        for name in words.names
        if name not in TOPICS
    ]
    if problems or not words.names:
        raise InputError(
            *problems,
            f"Topics: {', '.join(TOPICS)}; as `omemsim describe strategies`. "
            f"`omemsim describe {ONE_STRATEGY} omem` draws one.",
        )
    print("\n\n".join(TOPICS[name]() for name in dict.fromkeys(words.names)))
    return 0


def selftest(args: argparse.Namespace) -> int:
    """Check that everybody's random numbers are their own."""
    _no_names(read_words(args), "selftest")
    from omemsim.analysis.selftest import same_random_numbers

    return same_random_numbers()


def bench(args: argparse.Namespace) -> int:
    """Race the model against its plain Mesa twin and the floor.

    Raises
    ------
    InputError
        If a part is named that there is not.
    """
    words = read_words(args)
    _no_names(words, "bench", "residents")
    residents = words.whole("residents")
    only = words.listed("only")
    from omemsim.analysis.bench import PARTS, main

    problems = [
        f"only = {name!r}: must be of {', '.join(PARTS)}.{nearest(name, PARTS)}"
        for name in only
        if name not in PARTS
    ]
    if problems:
        raise InputError(*problems)
    return main(residents=residents, json=args.json, only=only)


def _compare(
    args: argparse.Namespace,
    words: Words,
    strategies: Sequence[str],
    following: Sequence[str],
    until: Until | None = None,
) -> int:
    """Run what the store lacks; print what came out, then write the table and the figures."""
    from omemsim.inputs.config import compose_scenarios

    name, replicates = args.command.name, words.whole("replicates")
    engine = engine_of(words)
    town, overrides = choice_of(words, "town"), words.overrides
    scenarios = compose_scenarios(strategies, town=town, overrides=overrides)
    uncertainty = _uncertainty(words, name, until)
    said: dict[str, Any] = {
        "town": town,
        "overrides": overrides,
        "replicates": replicates,
        "baseline": words.own.get("baseline"),
        "until": until,
        "uncertainty": uncertainty,
    }
    places = [f"out={words.own['out']}"] if "out" in words.own else ()
    asked = asked_comparison(strategies, scenarios, **said, places=places)
    frame = Frame(args, words, asked.command)
    if frame.is_dry:
        _plan(frame, scenarios, replicates, until, uncertainty)
        return 0
    names = ", ".join(scenario.strategy.name for scenario in scenarios)
    say_beside(f"Comparing {names} with common random numbers. {_setting(scenarios[0])}")
    from omemsim.study.compare import compare_named

    with frame.out() as out, frame.store() as kept:
        comparison = compare_named(
            strategies, **said, out=out, store=kept, engine=engine, asked=asked
        )
        told = comparison.text(), *_assumptions(scenarios[0]), "", comparison.in_words()
        say(_setting(scenarios[0]), *told)
        _save(comparison, frame, out)
        frame.end(out, following)
    return 0


def _save(comparison: Comparison, frame: Frame, out: Path) -> None:
    """Write the table, the figures and the report."""
    with saving(out, "comparison.csv and the figures"):
        comparison.write_csv()
        if comparison.over_sets is not None:
            _worlds(comparison, out, is_told="uncertainty" in frame.words.own)
    from omemsim.figures import save_comparison_figures

    with saving(out, "some or all figures"):
        save_comparison_figures(comparison, out)
    write_report(frame, comparison, out)


def _plan(
    frame: Frame,
    scenarios: Sequence[Scenario],
    replicates: int,
    until: Until | None,
    uncertainty: str | None,
) -> None:
    """Say what a comparison would run, and run nothing."""
    from omemsim.study.shipped import sets_for

    sets = sets_for(uncertainty, scenarios[0], frame.words.overrides)
    named = {scenario.strategy.name: scenario for scenario in scenarios}
    tell_comparison(frame, named, replicates=replicates, sets=sets.points, until=until)


def _uncertainty(words: Words, name: str, until: Until | None) -> str | None:
    """Return which parameter sets to run over: none unasked where time is short."""
    from omemsim.study.shipped import NO

    is_quick = name != "compare" or (until is not None and until.seconds is not None)
    return words.own.get("uncertainty", NO if is_quick else None)


def _worlds(comparison: Comparison, out: Path, *, is_told: bool) -> None:
    """Write and draw in how many plausible sets each strategy is better; print it if asked."""
    from omemsim.figures.plausible import save_sets_figure
    from omemsim.study.contrasts import FIRST
    from omemsim.study.plausible import over, worlds_csv, worlds_in_words
    from omemsim.study.series_files import write_whole

    assert comparison.over_sets is not None
    found = over(comparison.over_sets, FIRST)
    told = worlds_in_words(found, comparison.baseline)
    head = "In how many parameter sets is it better?"
    if is_told:
        say("", head, *(textwrap.fill(x, WIDTH, subsequent_indent="  ") for x in told))
    write_whole(out / "worlds.csv", worlds_csv(found, comparison.baseline).encode())
    save_sets_figure(found, comparison, out)


def _setting(scenario: Scenario) -> str:
    """Say in a line what was simulated: town, year, scale, time."""
    town = scenario.town
    parts = [f"Town {town.name}"]
    if town.kind == "table":
        parts.append(f"file {town.file}")
        parts.append(f"year {town.year or 'latest'}")
    parts.append(f"scale {town.scale:g}")
    years = f"{scenario.years:g} year{'s' if scenario.years != 1 else ''}"
    parts.append(f"{years} after a spin-up of {scenario.spin_up_years:g}")
    return f"{', '.join(parts)}."


def _assumptions(scenario: Scenario) -> list[str]:
    """Return the notes of the town as lines, none if it has no notes."""
    from omemsim.inputs.sources import blueprint_of

    notes = [
        textwrap.fill(note, WIDTH, initial_indent="  ", subsequent_indent="    ")
        for note in dict.fromkeys(blueprint_of(scenario.town).notes)
    ]
    return ["", "Assumptions", *notes] if notes else []


def _strategies() -> list[str]:
    from omemsim.inputs.config import choices

    return choices("strategy")


def _no_names(words: Words, name: str, *keys: str) -> None:
    """Refuse bare words; ``keys`` are what the first may have been meant for."""
    from omemsim.inputs.config import choices

    if not words.names:
        return
    word = words.names[0]
    known = {choice: key for key in keys for choice in choices(key)}
    is_file = word.lower().endswith((".yaml", ".yml"))
    near = [] if is_file else get_close_matches(word, known, n=1, cutoff=0.5)
    meant = [f"{known[x]}={x}" for x in near] or [f"{key}={word}" for key in keys]
    hint = f" Did you mean {' or '.join(meant)}?" if meant else ""
    raise InputError(f"`omemsim {name}` takes no bare word, here {word!r}.{hint}")


def _summary(series: Series) -> str:
    """Return the last year of a run, a line per measure."""
    values = series.summary()
    lines = []
    if "share_red" in values:  # every neighbourhood's zone is recorded
        shares = [f"{zone} {100 * values[f'share_{zone}']:.0f}%" for zone in ZONES]
        lines = [f"Neighbourhoods by zone in the last year: {', '.join(shares)}.", ""]
    for name in series.values:
        if "zone" not in name:  # the mean of labels says nothing
            measure = series.measure(name)
            lines.append(f"  {measure.title:<44} {text.amount(values[name]):>12} {measure.unit}")
    notes = [f"Note: {note}" for note in series.meta.get("notes", [])]
    return "\n".join([*lines, "", *notes]).rstrip()


ZONES = ("red", "amber", "green", "blue")
