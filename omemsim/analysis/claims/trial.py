"""Run the arms of claims: each run once, each start shared, every number kept.

A claim's arms run in four variants: ``default``; ``control``, its mechanism switched off;
``false``, the parameter set in which it should be false; and ``world``, under other parameters,
the same sets for every claim. The first three run on the same replicates, world w on replicate
w. Runs that start alike (town, parameters, seed, replicate) share one spin-up across claims,
and runs that are alike in all are made once and read for each claim.

A run's numbers are kept under a key of all they depend on: the scenario, the readings, the
sources of the model and of `readings`. So a stopped study continues where it was, and what has
changed is run again.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from omemsim.analysis.claims import readings as readings_module
from omemsim.analysis.claims.arithmetic import Name
from omemsim.analysis.claims.experiment import Experiment
from omemsim.analysis.claims.readings import Opening, Reading, number, opening_of, unit_of
from omemsim.inputs.config import (
    BASELINE,
    OF_EVIDENCE,
    compose_scenario,
    full_key,
    scenario_from_dict,
    scenario_to_dict,
)
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.schema import put
from omemsim.inputs.sources import blueprint_of
from omemsim.study.engine import POOL, Engine
from omemsim.study.identity import content_hash, identify
from omemsim.study.parameter_sets import draw_worlds, in_world
from omemsim.study.progress import Progress
from omemsim.study.run_times import Left, pace_of
from omemsim.study.runner import Answer, Batch, Request, Run, batches, missing, run
from omemsim.study.scenario_changes import start_of
from omemsim.study.series_files import pack
from omemsim.study.store import Store
from omemsim.study.tasks import Failure
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import weeks

__all__ = [
    "Cell",
    "Setup",
    "Work",
    "arm_scenarios",
    "identity_of",
    "plan_work",
    "run_work",
]

MOST_RUNS = 24  # in one task: few enough to lose little when stopped, enough to share a start


@dataclass(frozen=True)
class Setup:
    """What the command says: town, ``key=value`` words, how many replicates and worlds."""

    town: str = OF_EVIDENCE
    overrides: tuple[str, ...] = ()
    replicates: int = 8
    worlds: int = 10


class Cell(NamedTuple):
    """One run as a claim sees it; ``replicate`` is the world's number in variant ``world``."""

    claim: str
    variant: str
    arm: str
    replicate: int


@dataclass
class Work:
    """All cells of some claims, and what became of each.

    Attributes
    ----------
    asked : every cell.
    values : by finished cell, the number of each reading.
    failures : by cell that failed, why.
    reused : how many cells were answered from the store.
    """

    asked: dict[Cell, Request]
    values: dict[Cell, dict[str, float]] = dataclasses.field(default_factory=dict)
    failures: dict[Cell, Failure] = dataclasses.field(default_factory=dict)
    reused: int = 0

    def numbers(self, claim: str, variant: str, replicate: int) -> dict[Name, float]:
        """Return the readings of a replicate's finished arms, by (arm, reading).

        Parameters
        ----------
        claim : its name, as C8.
        variant : "default", "control", "false" or "world".
        replicate : of a world, its number.
        """
        return {
            (cell.arm, reading): value
            for cell, values in self._by_claim.get((claim, variant, replicate), [])
            for reading, value in values.items()
        }

    @functools.cached_property
    def _by_claim(self) -> dict[tuple[str, str, int], list[tuple[Cell, dict[str, float]]]]:
        found: dict[tuple[str, str, int], list[tuple[Cell, dict[str, float]]]] = {}
        for cell, values in self.values.items():
            found.setdefault((cell.claim, cell.variant, cell.replicate), []).append((cell, values))
        return found

    def failed(self, claim: str) -> list[tuple[Cell, Failure]]:
        """Return the failures of a claim."""
        return [(cell, failure) for cell, failure in self.failures.items() if cell.claim == claim]


def plan_work(experiments: Sequence[Experiment], setup: Setup) -> Work:
    """Return all cells of these experiments.

    Raises
    ------
    InputError
        If an arm does not compose, or a word says what is recorded.
    """
    problems: list[str] = []
    if any(word.startswith("record.") for word in setup.overrides):
        problems.append("record.*: claims read what they need of a run; leave it out.")
    composed: list[tuple[Experiment, dict[str, Scenario], set[str]]] = []
    for experiment in experiments:
        try:
            scenarios, pinned = arm_scenarios(experiment, setup)
            composed.append((experiment, scenarios, pinned))
        except InputError as refused:
            problems += refused.problems
    if problems:
        raise InputError(*problems)
    worlds = draw_worlds(Parameters(), worlds=setup.worlds)
    return Work({cell: asked for one in composed for cell, asked in _cells(*one, setup, worlds)})


def _cells(
    experiment: Experiment,
    scenarios: Mapping[str, Scenario],
    pinned: set[str],
    setup: Setup,
    worlds: Sequence[Mapping[str, float]],
) -> Iterator[tuple[Cell, Request]]:
    """Yield every run of a claim and what it asks; a world leaves alone what is set."""
    for variant, replicates, values in _variants(experiment, setup, worlds):
        kept = {k: v for k, v in values.items() if variant != "world" or k not in pinned}
        for arm, scenario in scenarios.items():
            varied = in_world(scenario, kept)
            start, whole = identity_of(varied)
            for replicate in replicates:
                cell = Cell(experiment.claim, variant, arm, replicate)
                yield cell, _request(cell, experiment, varied, start, whole)


def _variants(
    experiment: Experiment, setup: Setup, worlds: Sequence[Mapping[str, float]]
) -> Iterator[tuple[str, Sequence[int], Mapping[str, float]]]:
    """Yield variant, its replicates and the parameters that it sets."""
    control = {f"parameters.strength.{name}": 0.0 for name in experiment.mechanism}
    sets: dict[str, Mapping[str, float]] = {"control": control, "false": experiment.false_when}
    yield "default", range(setup.replicates), {}
    for variant, values in sets.items():
        if values:
            yield variant, range(setup.replicates), values
    yield from (("world", [number], world) for number, world in enumerate(worlds))


def arm_scenarios(experiment: Experiment, setup: Setup) -> tuple[dict[str, Scenario], set[str]]:
    """Return each arm's scenario, and the keys that the experiment or the words set.

    An arm's differences win over the command's words, and those over the setting.

    Raises
    ------
    InputError
        With every arm that does not compose.
    """
    said = {word.partition("=")[0] for word in setup.overrides}
    setting = {key: value for key, value in experiment.setting.items() if key not in said}
    scenarios, problems, keys = {}, [], set(said)
    for arm, differences in experiment.arms.items():
        changes = {**setting, **differences}
        keys |= changes.keys()
        try:
            scenarios[arm] = _composed(changes, setup)
        except InputError as refused:
            problems += [f"{experiment.claim}, arm {arm}: {text}" for text in refused.problems]
    if problems:
        raise InputError(*problems)
    return scenarios, keys


def _composed(changes: Mapping[str, Any], setup: Setup) -> Scenario:
    strategy = str(changes.get("strategy", BASELINE))
    data = _base(setup.town, strategy, setup.overrides)
    for key, value in changes.items():
        if key != "strategy":
            data = put(data, full_key(key), value)
    return scenario_from_dict(data)


@functools.lru_cache(maxsize=64)
def _base(town: str, strategy: str, overrides: tuple[str, ...]) -> dict[str, Any]:
    return scenario_to_dict(compose_scenario(town, strategy, overrides))


def _request(
    cell: Cell, experiment: Experiment, scenario: Scenario, start: str, whole: str
) -> Request:
    """Return what a cell asks, under the key of all that its answer depends on."""
    asked = {
        "claim": cell.claim,
        "variant": cell.variant,
        "arm": cell.arm,
        "scenario": whole,
        "readings": experiment.readings,
        "code": _code(),
    }
    names = {"town": scenario.town.name, "strategy": scenario.strategy.name}
    key = identify(asked, replicate=cell.replicate, **names)
    where = f"{cell.claim}, {cell.variant}, arm {cell.arm}, replicate {cell.replicate}"
    read = functools.partial(
        numbers_of, claim=cell.claim, readings=experiment.readings, asked=where
    )
    return Request(key, scenario, cell.replicate, start, read, where, whole)


def identity_of(scenario: Scenario) -> tuple[str, str]:
    """Return what names a scenario's start, and the whole of it."""
    start = start_of(scenario)
    rest = {x.name: getattr(scenario, x.name) for x in dataclasses.fields(scenario)}
    for name in ("town", "parameters"):
        del rest[name]
    return start, content_hash(f"{start} {rest}")


@functools.cache
def _code() -> str:
    """Return a hash of how numbers are read; the model's own sources are in every key."""
    return content_hash(Path(str(readings_module.__file__)).read_text(encoding="utf-8"))


def run_work(
    work: Work,
    store: Store,
    *,
    engine: Engine = POOL,
    progress: Progress = True,
    told: Callable[[Left], bool] = lambda _: True,
) -> None:
    """Answer every cell: from the store, else by running it; failures are kept apart.

    Parameters
    ----------
    work : from `plan_work`; it is filled in.
    store : where answers are kept; what it has is not run.
    engine : where the runs are made.
    progress : as for `dispatch.run_tasks`.
    told : called with the estimate before anything is run; False ends it there.
    """
    left = missing(work.asked.values(), store)
    work.reused = len(work.asked) - len(left)
    todo = batches(left, MOST_RUNS)
    if not told(_estimate(todo, kept=work.reused, cores=engine.processes)):
        return
    failed = run(todo, store, unit_of=_unit_of, engine=engine, progress=progress)
    for cell, asked in work.asked.items():
        run_id = asked.key.run_id
        if run_id in failed:
            work.failures[cell] = failed[run_id]
            continue
        prefix = f"{cell.claim} "
        scalars = store.scalars(run_id)
        work.values[cell] = {name.removeprefix(prefix): x for name, x in scalars.items()}


def _estimate(todo: Sequence[Batch], *, kept: int, cores: int) -> Left:
    if not todo:
        return Left(0, "run", 0, 0.0, kept, 0.0)
    starts = [batch.requests[0].scenario for batch in todo]
    runs = [requests[0].scenario for batch in todo for requests in batch.runs]
    pace = pace_of(starts[0])
    run_weeks = sum(weeks(scenario.years) for scenario in runs)
    seconds = sum(pace.spin_up(one) for one in starts) + sum(pace.run(one) for one in runs)
    return Left(len(runs), "run", len(starts), run_weeks / 52, kept, seconds / cores)


def _unit_of(request: Request, name: str) -> str:
    """Return the unit of a number of a cell: `C8 capacity` is no measure of the model's."""
    read: Any = request.read
    reading = name.removeprefix(f"{read.keywords['claim']} ")
    return unit_of(read.keywords["readings"][reading])


def numbers_of(run: Run, claim: str, readings: Mapping[str, Reading], asked: str) -> Answer:
    """Return what a claim's readings say of a run (in a worker process).

    Parameters
    ----------
    run : as the runner gives it.
    claim : its name; each number's name begins with it.
    readings : by name.
    asked : which run it is, in words: it is kept with the numbers.
    """
    series, opening = run.series, run.of_start(_opening)
    scalars = {f"{claim} {name}": number(x, series, opening) for name, x in readings.items()}
    return Answer(scalars, pack({}, {"asked": asked, "numbers": scalars}))


def _opening(scenario: Scenario, start: Town) -> Opening:
    return opening_of(start, blueprint_of(scenario.town))
