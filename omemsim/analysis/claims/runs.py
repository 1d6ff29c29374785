"""Run the arms of claims: each run once, each start shared, every number kept.

A claim's arms run in four variants: ``default``; ``control``, its mechanism switched off;
``false``, the parameter set in which it should be false; and ``parameter set``, under other
parameters, the same sets for every claim. The first three run on the same replicates, set k on
replicate k. Runs that start alike (town, parameters, seed, replicate) share one spin-up across
claims, and identical runs are made once and read for each claim.

A run's numbers are kept under a key of all they depend on: the scenario, the readings, the
sources of the model and of `readings`. So a stopped study continues where it was, and what has
changed is run again.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from omemsim.analysis.answers import identity_of, numbers_answer, numbers_kept, source_hash
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
from omemsim.study.identity import identify
from omemsim.study.parameter_sets import draw_worlds, in_world
from omemsim.study.progress import Progress
from omemsim.study.run_times import Left, pace_of
from omemsim.study.runner import Answer, Batch, Request, Run, batches, missing, run
from omemsim.study.shipped import sets_for
from omemsim.study.store import Store
from omemsim.study.tasks import Failure
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, weeks

__all__ = [
    "PARAMETER_SET",
    "ClaimRun",
    "Setup",
    "ClaimRuns",
    "arm_scenarios",
    "other_sets",
    "plan_claims",
    "run_claims",
]

PARAMETER_SET = "parameter set"  # the variant of runs under other parameters
MOST_RUNS = 24  # in one task: few enough to lose little when stopped, enough to share a start


@dataclass(frozen=True)
class Setup:
    """What the command says: town, ``key=value`` words, how many replicates and parameter sets.

    ``uncertainty`` says which other sets: ``shipped``, ``no`` (drawn around the defaults), a file,
    or None, those that a calibration left of this town where they suit, else drawn.
    """

    town: str = OF_EVIDENCE
    overrides: tuple[str, ...] = ()
    replicates: int = 8
    parameter_sets: int = 10
    uncertainty: str | None = None


class ClaimRun(NamedTuple):
    """One run as a claim sees it; in variant `PARAMETER_SET`, ``replicate`` is the set's number."""

    claim: str
    variant: str
    arm: str
    replicate: int


@dataclass
class ClaimRuns:
    """All runs of some claims, and what became of each.

    Attributes
    ----------
    requests : by run, what it asks.
    values : by finished run, the number of each reading.
    failures : by run that failed, why.
    reused : how many runs were in the store already.
    """

    requests: dict[ClaimRun, Request]
    values: dict[ClaimRun, dict[str, float]] = dataclasses.field(default_factory=dict)
    failures: dict[ClaimRun, Failure] = dataclasses.field(default_factory=dict)
    reused: int = 0

    def numbers(self, claim: str, variant: str, replicate: int) -> dict[Name, float]:
        """Return the readings of a replicate's finished arms, by (arm, reading).

        Parameters
        ----------
        claim : its name, as C8.
        variant : "default", "control", "false" or `PARAMETER_SET`.
        replicate : of a parameter set, its number.
        """
        return {
            (cell.arm, reading): value
            for cell, values in self._by_claim.get((claim, variant, replicate), [])
            for reading, value in values.items()
        }

    @functools.cached_property
    def _by_claim(self) -> dict[tuple[str, str, int], list[tuple[ClaimRun, dict[str, float]]]]:
        found: dict[tuple[str, str, int], list[tuple[ClaimRun, dict[str, float]]]] = {}
        for cell, values in self.values.items():
            found.setdefault((cell.claim, cell.variant, cell.replicate), []).append((cell, values))
        return found

    def failed(self, claim: str) -> list[tuple[ClaimRun, Failure]]:
        """Return the failures of a claim."""
        return [(cell, failure) for cell, failure in self.failures.items() if cell.claim == claim]


def plan_claims(experiments: Sequence[Experiment], setup: Setup) -> ClaimRuns:
    """Return all runs of these experiments.

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
    sets, _ = other_sets(setup)
    return ClaimRuns({cell: asked for one in composed for cell, asked in _cells(*one, setup, sets)})


def other_sets(setup: Setup) -> tuple[Sequence[Mapping[str, float]], str]:
    """Return the other parameter sets that every claim is tested under, and where they are from.

    The sets that a calibration left are not ruled out by the evidence; sets drawn around the
    defaults may be, and are taken only where no calibration suits. A file may hold fewer sets than
    are asked for. Its sets lie far apart, the first ones too.

    Raises
    ------
    InputError
        If a file cannot be read or does not fit, or shipped sets are asked for elsewhere.
    """
    scenario = compose_scenario(setup.town, BASELINE, setup.overrides)
    found = sets_for(setup.uncertainty, scenario, setup.overrides)
    if found.points:
        chosen = found.points[: setup.parameter_sets]
        return chosen, f"{len(chosen)} of {found.source}"
    drawn = draw_worlds(Parameters(), worlds=setup.parameter_sets)
    return drawn, f"{len(drawn)} sets drawn from half to one and a half times the defaults"


def _cells(
    experiment: Experiment,
    scenarios: Mapping[str, Scenario],
    pinned: set[str],
    setup: Setup,
    sets: Sequence[Mapping[str, float]],
) -> Iterator[tuple[ClaimRun, Request]]:
    """Yield every run of a claim and its request; drawn sets leave alone what the claim sets."""
    for variant, replicates, values in _variants(experiment, setup, sets):
        kept = {k: v for k, v in values.items() if variant != PARAMETER_SET or k not in pinned}
        for arm, scenario in scenarios.items():
            varied = in_world(scenario, kept)
            start, whole = identity_of(varied)
            for replicate in replicates:
                cell = ClaimRun(experiment.claim, variant, arm, replicate)
                yield cell, _request(cell, experiment, varied, start, whole)


def _variants(
    experiment: Experiment, setup: Setup, sets: Sequence[Mapping[str, float]]
) -> Iterator[tuple[str, Sequence[int], Mapping[str, float]]]:
    """Yield variant, its replicates and the parameters that it sets."""
    control = {f"parameters.strength.{name}": 0.0 for name in experiment.mechanism}
    fixed: dict[str, Mapping[str, float]] = {"control": control, "false": experiment.false_when}
    yield "default", range(setup.replicates), {}
    for variant, values in fixed.items():
        if values:
            yield variant, range(setup.replicates), values
    yield from ((PARAMETER_SET, [number], values) for number, values in enumerate(sets))


def arm_scenarios(experiment: Experiment, setup: Setup) -> tuple[dict[str, Scenario], set[str]]:
    """Return each arm's scenario, and the keys that the experiment or the words set.

    An arm's differences override the command's words, which override the setting.

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
    cell: ClaimRun, experiment: Experiment, scenario: Scenario, start: str, whole: str
) -> Request:
    """Return what a run asks, under the key of all that its answer depends on."""
    asked = {
        "claim": cell.claim,
        "variant": cell.variant,
        "arm": cell.arm,
        "scenario": whole,
        "readings": experiment.readings,
        "code": source_hash(readings_module),
    }
    names = {"town": scenario.town.name, "strategy": scenario.strategy.name}
    key = identify(asked, replicate=cell.replicate, **names)
    where = f"{cell.claim}, {cell.variant}, arm {cell.arm}, replicate {cell.replicate}"
    read = functools.partial(
        numbers_of, claim=cell.claim, readings=experiment.readings, asked=where
    )
    return Request(key, scenario, cell.replicate, start, read, where, whole)


def run_claims(
    work: ClaimRuns,
    store: Store,
    *,
    engine: Engine = POOL,
    progress: Progress = True,
    confirm: Callable[[Left], bool] = lambda _: True,
) -> None:
    """Take every run from the store, or make it; failures are kept apart.

    Parameters
    ----------
    work : from `plan_claims`; it is filled in.
    store : where answers are kept; what it has is not run.
    engine : where the runs are made.
    progress : as for `dispatch.run_tasks`.
    confirm : called with the estimate before anything is run; False ends it there.
    """
    left = missing(work.requests.values(), store)
    work.reused = len(work.requests) - len(left)
    todo = batches(left, MOST_RUNS)
    if not confirm(_estimate(todo, kept=work.reused, cores=engine.processes)):
        return
    failed = run(todo, store, unit_of=_unit_of, engine=engine, progress=progress)
    values, failures = numbers_kept(work.requests, store, failed, lambda cell: f"{cell.claim} ")
    work.values |= values
    work.failures |= failures


def _estimate(todo: Sequence[Batch], *, kept: int, cores: int) -> Left:
    if not todo:
        return Left(0, "run", 0, 0.0, kept, 0.0)
    starts = [batch.requests[0].scenario for batch in todo]
    runs = [requests[0].scenario for batch in todo for requests in batch.runs]
    pace = pace_of(starts[0])
    run_weeks = sum(weeks(scenario.years) for scenario in runs)
    seconds = sum(pace.spin_up(one) for one in starts) + sum(pace.run(one) for one in runs)
    return Left(len(runs), "run", len(starts), run_weeks / WEEKS_PER_YEAR, kept, seconds / cores)


def _unit_of(request: Request, name: str) -> str:
    """Return the unit of a number of a run: `C8 capacity` is not a measure of the model."""
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
    return numbers_answer(scalars, asked)


def _opening(scenario: Scenario, start: Town) -> Opening:
    return opening_of(start, blueprint_of(scenario.town))
