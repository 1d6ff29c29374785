"""Compare strategies on the same towns, with common random numbers.

One task is one replicate: its town is spun up once, and every strategy starts from it. What the
store already holds is not run again. `Comparison` then answers from the store.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray

from omemsim.study.asked import FROM_PYTHON, Asked
from omemsim.study.comparison import Comparison, about
from omemsim.study.engine import POOL, Engine
from omemsim.study.identity import RunKey, identify, plain
from omemsim.study.manifest import Member, Study, named_after
from omemsim.study.precision import Known, Until, known, replicate_until
from omemsim.study.progress import Progress
from omemsim.study.provenance import write_provenance
from omemsim.study.reader import Reader
from omemsim.study.runner import MODEL, Answer, Request, Run, Simulator, batches, missing, run
from omemsim.study.scenario_changes import content_of, start_of
from omemsim.study.series_files import pack
from omemsim.study.shipped import NO, Sets, sets_for
from omemsim.study.store import Store
from omemsim.study.tasks import Failure
from omemsim.study.uncertain import no_range, run_over
from omemsim.vocabulary.errors import InputError, nearest

if TYPE_CHECKING:
    from omemsim.inputs.config import Choice
    from omemsim.inputs.scenario import Scenario

__all__ = [
    "Comparison",
    "begin",
    "compare",
    "compare_named",
    "keys_of",
    "opened",
    "summarized",
    "tasks_left",
    "until_precise",
]

STORE = Path("omemsim-results") / "store"
WHOLE = (
    "A comparison reads every measure of every neighbourhood, so record.measures, "
    "record.neighbourhoods and record.series have to stay as they are; record.every may be set. "
    "`omemsim sweep` records what you name."
)


def summarized(run: Run) -> Answer:
    """Return a run's summary and its packed series (in a worker process)."""
    series: Recorded = run.series
    scalars = {name: float(value) for name, value in series.summary().items()}
    return Answer(scalars, pack(series.to_arrays(), series.meta))


class Recorded(Protocol):
    """What this module needs of a run's series."""

    meta: dict[str, Any]

    def summary(self) -> dict[str, float]:
        """Return a number per measure."""

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the series as named arrays."""


def compare_named(
    strategies: Sequence[Choice],
    *,
    town: Choice | None = None,
    replicates: int = 10,
    overrides: Sequence[str] = (),
    baseline: str | None = None,
    out: str | Path | None = None,
    store: str | Path | Store | None = None,
    engine: Engine = POOL,
    progress: Progress = True,
    until: Until | None = None,
    uncertainty: Any = NO,
    asked: Asked = FROM_PYTHON,
) -> Comparison:
    """Compare strategies by name, as `omemsim.compare` does.

    Parameters
    ----------
    strategies : names, paths of YAML files or mappings, one or more; one alone is compared with
        the baseline.
    replicates : not asked where ``until`` is given.
    out : folder of ``comparison.csv`` and the provenance; None is the store's.
    store : the same, which may be given open: it is then left open.
    engine : where the runs are made.
    progress : as for `dispatch.run_tasks`.
    until : says how many replicates there are, by a precision or a time; None for ``replicates``.
    uncertainty : parameter sets that the strategies also run over, apart from the replicates: a
        file, a DataFrame, mappings, "shipped", or "no"; None takes the shipped ones where they
        suit (`shipped.sets_for`).
    asked : the command that asks for all this.
    town, overrides : as for `compose_scenarios`.
    the rest : as for `omemsim.compare`.
    """
    from omemsim.inputs.config import compose_scenarios, with_baseline

    chosen = with_baseline(strategies)
    scenarios = compose_scenarios(chosen, town=town, overrides=overrides)
    named = {scenario.strategy.name: scenario for scenario in scenarios}
    words = dict(zip(named, chosen, strict=True))
    sets = sets_for(uncertainty, scenarios[0], overrides)

    with opened(store if isinstance(store, Store) else Path(store or STORE)) as kept:

        def look(number: int) -> Comparison:
            return compare(
                named,
                replicates=number,
                out=Path(out or kept.folder),
                store=kept,
                engine=engine,
                baseline=_name_of(words, baseline),
                asked=asked,
                progress=progress,
                beside={"sets": list(sets.points)} if sets.points else {},
            )

        found = look(replicates) if until is None else until_precise(look, until)
        return _with_range(found, sets, named, asked, kept=kept, engine=engine, progress=progress)


def until_precise(run: Callable[[int], Comparison], until: Until) -> Comparison:
    """Return the comparison with as many replicates as ``until`` asks for.

    Parameters
    ----------
    run : compares on this many replicates; those in the store are not run again. A run that
        failed is tried again at every look.
    until : the precision, time and number to stop at; checked here.
    """
    until.check()
    looks: list[Comparison] = []

    def ask(n: int) -> tuple[list[Known], int]:
        look = run(n)
        looks.append(look)
        new = math.ceil((len(look.runs) - look.reused) / len(look.strategies))
        if until.precision is None:
            return [], new
        return [
            known(f"{about(measure).title.lower()} of {name}", difference, until.precision)
            for measure in until.measures
            for name, difference in look.differences(measure).items()
        ], new

    reached = replicate_until(ask, until)
    last = looks[-1]
    new = sum(len(look.runs) - look.reused for look in looks)
    return dataclasses.replace(last, reached=reached, reused=len(last.runs) - new)


def _with_range(
    found: Comparison,
    sets: Sets,
    scenarios: Mapping[str, Scenario],
    asked: Asked,
    *,
    kept: Store,
    engine: Engine,
    progress: Progress,
) -> Comparison:
    """Return the comparison with its strategies run over parameter sets, or why they were not."""
    if not sets.points:
        shows = f"`{asked.over_sets}` shows it." if asked.over_sets else "ask for it."
        reason = sets.why_none or shows
        return dataclasses.replace(found, no_range=no_range(reason))
    over = run_over(
        scenarios,
        sets.points,
        source=sets.source,
        baseline=found.baseline,
        kept=kept,
        engine=engine,
        command=asked.going_on,
        progress=progress,
    )
    return dataclasses.replace(found, over_sets=over)


def _name_of(words: Mapping[str, Choice], chosen: str | None) -> str | None:
    """Return the name of the strategy that a word (a name or a file) chose."""
    return next((name for name, word in words.items() if chosen == word), chosen)


def compare(
    scenarios: Mapping[str, Scenario],
    *,
    replicates: int,
    out: Path,
    store: Path | Store | None = None,
    engine: Engine = POOL,
    baseline: str | None = None,
    asked: Asked = FROM_PYTHON,
    progress: Progress = True,
    simulation: Simulator = MODEL,
    is_part: bool = False,
    beside: Mapping[str, Any] | None = None,
) -> Comparison:
    """Run every scenario on the same replicates and return what can be said of them.

    Parameters
    ----------
    scenarios : by strategy name, two or more.
    replicates : 0 to ``replicates`` - 1 are run, each with its own town and random numbers.
    out : folder for ``comparison.csv`` and ``provenance.json``.
    store : folder of the runs, or that store, open; ``out/store`` if None. What it has is not run.
    engine : where the runs are made.
    baseline : the strategy that others are subtracted from; the first if None.
    asked : the command that makes the comparison again.
    progress : as for `dispatch.run_tasks`.
    simulation : how towns are spun up and run.
    is_part : of a study that the store has been told of (`begin`).
    beside : what else the provenance states, as the parameter sets of a range.

    Raises
    ------
    InputError
        If an argument is wrong, a run finds its input wrong, or a folder cannot be written.
    OmemError
        If no strategy has a replicate in common with the baseline; the store has the reasons.
    """
    chosen = _check(scenarios, replicates=replicates, baseline=baseline)
    engine.check()
    keys = keys_of(scenarios, replicates)
    with opened(store or out / "store") as kept:
        if not is_part:
            begin(kept, scenarios, keys=keys, baseline=chosen, asked=asked)
        left = missing(_requests(scenarios, keys, asked), kept)
        failures = _run(left, kept, engine=engine, progress=progress, simulation=simulation)
        result = Comparison(
            list(scenarios),
            chosen,
            replicates,
            out,
            kept.folder,
            *_finished(kept, keys, failures),
            failures=list(failures.values()),
            reused=len(keys) - len(left),
        )
    result.check()
    write_provenance(out, asked.text, scenarios, **_said_of(result, scenarios), **(beside or {}))
    return result


def _said_of(comparison: Comparison, scenarios: Mapping[str, Scenario]) -> dict[str, object]:
    """Return what the provenance says of a comparison."""
    return {
        "baseline": comparison.baseline,
        "seeds": {name: scenario.seed for name, scenario in scenarios.items()},
        "replicates": comparison.replicates,
        "failed": [failure.description for failure in comparison.failures],
        "runs": {
            name: {r: comparison.runs[name, r].run_id for r in comparison.finished(name)}
            for name in comparison.strategies
        },
    }


def _run(
    left: Sequence[Request],
    kept: Store,
    *,
    engine: Engine,
    progress: Progress,
    simulation: Simulator,
) -> dict[str, Failure]:
    """Run what is left of a comparison into the store; return what failed, by run id."""
    return run(
        batches(left),
        kept,
        unit_of=lambda _, name: about(name).unit,
        engine=engine,
        progress=progress,
        simulation=simulation,
        stops_at_wrong_input=True,
    )


def tasks_left(
    kept: Reader, scenarios: Mapping[str, Scenario], *, replicates: int
) -> tuple[list[int], int]:
    """Return the runs of each task that `compare` would still do, and how many runs are kept.

    Parameters
    ----------
    kept : a store; it is only read.
    scenarios : by strategy name.
    replicates : 0 to ``replicates`` - 1 are counted.
    """
    keys = keys_of(scenarios, replicates)
    left = missing(_requests(scenarios, keys, FROM_PYTHON), kept)
    return [len(batch.requests) for batch in batches(left)], len(keys) - len(left)


def _finished(
    kept: Reader, keys: Mapping[tuple[str, int], RunKey], failures: Mapping[str, Failure]
) -> tuple[dict[tuple[str, int], RunKey], dict[tuple[str, int], dict[str, float]]]:
    """Return the keys and the scalars of the runs that are done."""
    runs = {pair: key for pair, key in keys.items() if key.run_id not in failures}
    return runs, {pair: kept.scalars(key.run_id) for pair, key in runs.items()}


def opened(store: Path | Store) -> contextlib.AbstractContextManager[Store]:
    """Return what gives the store: opened for this use, or as it is, and then left open."""
    return contextlib.nullcontext(store) if isinstance(store, Store) else Store(store)


def begin(
    kept: Store,
    scenarios: Mapping[str, Scenario],
    *,
    baseline: str,
    asked: Asked,
    keys: Mapping[tuple[str, int], RunKey],
) -> None:
    """Tell the store what a comparison asks for.

    Its name comes from its scenarios, so that more replicates of the same are the same study.

    Parameters
    ----------
    kept : the store, open to write in.
    scenarios : by strategy name.
    baseline : one of these names.
    asked : the command that asks again.
    keys : of all runs, one or more, by strategy name and replicate (`keys_of`).
    """
    replicates = 1 + max(replicate for _, replicate in keys)
    kind = asked.command[1] if asked.command else "compare"
    arms = {name: plain(scenario) for name, scenario in scenarios.items()}
    members = [Member(key.run_id, name, 0, replicate) for (name, replicate), key in keys.items()]
    design = {"arms": list(arms), "baseline": baseline, "replicates": replicates}
    kept.begin(Study(named_after(kind, [arms, baseline]), kind, asked.going_on, design, members))


def keys_of(scenarios: Mapping[str, Scenario], replicates: int) -> dict[tuple[str, int], RunKey]:
    """Return what every run is called; a table of neighbourhoods is read and checked here.

    Parameters
    ----------
    scenarios : by strategy name.
    replicates : 0 to ``replicates`` - 1 are named.
    """
    contents = {name: content_of(scenario.town) for name, scenario in scenarios.items()}
    return {
        (name, replicate): identify(
            scenario,
            replicate=replicate,
            town=scenario.town.name,
            strategy=name,
            content=contents[name],
        )
        for replicate in range(replicates)
        for name, scenario in scenarios.items()
    }


def _check(
    scenarios: Mapping[str, Scenario],
    *,
    replicates: int,
    baseline: str | None,
) -> str:
    """Return the baseline's name, or say everything that is wrong with the arguments."""
    problems = []
    if len(scenarios) < 2:
        problems.append("A comparison needs two strategies or more, as: present_practice omem.")
    if not all(scenario.record.is_whole for scenario in scenarios.values()):
        problems.append(WHOLE)
    if replicates < 1:
        problems.append(f"replicates = {replicates}: must be at least 1.")
    if baseline is not None and baseline not in scenarios:
        hint = nearest(baseline, scenarios)
        known = ", ".join(scenarios)
        problems.append(f"baseline = {baseline!r}: must be one of {known}.{hint}")
    if problems:
        raise InputError(*problems)
    return baseline if baseline is not None else next(iter(scenarios))


def _requests(
    scenarios: Mapping[str, Scenario], keys: Mapping[tuple[str, int], RunKey], asked: Asked
) -> list[Request]:
    """Return a request for every run of a comparison."""
    starts = {name: start_of(scenario) for name, scenario in scenarios.items()}
    return [
        Request(
            key,
            scenarios[name],
            replicate,
            starts[name],
            summarized,
            _describe(name, scenarios[name].town.name, replicate, asked),
        )
        for (name, replicate), key in keys.items()
    ]


def _describe(strategy: str, town: str, replicate: int, asked: Asked) -> str:
    return f"{strategy} in {town}, replicate {replicate}{asked.repeat(strategy, replicate)}"
