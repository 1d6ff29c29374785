"""Run a sweep: a request for each run that the store lacks, in batches of about a second.

All else is the runner's: a batch's runs are grouped by the town they start from, and a worker
keeps the last few towns it spun up. A run that fails is kept as a failure, and the others go on.
A batch whose process dies is run again one run at a time, so that one costs one.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from omemsim.inputs.config import Choice, compose_scenarios
from omemsim.inputs.scenario import Scenario
from omemsim.measures import MEASURES, OUTCOME_UNITS, declared
from omemsim.recording import ALL
from omemsim.study.contrasts import HEADLINES, about
from omemsim.study.engine import POOL, Engine
from omemsim.study.expand import Expanded, study_of
from omemsim.study.manifest import Member
from omemsim.study.progress import Progress
from omemsim.study.run_times import Pace, pace_of
from omemsim.study.runner import (
    MODEL,
    Answer,
    Batch,
    Request,
    Run,
    Simulator,
    Tally,
    batches_of_time,
    not_kept,
    run,
)
from omemsim.study.scenario_changes import with_changes
from omemsim.study.series_files import pack
from omemsim.study.store import Store

__all__ = [
    "Observe",
    "RECORDED",
    "arms_of",
    "missing_of",
    "observed",
    "requests_of",
    "run_sweep",
    "summarized",
]

# What a sweep records where nobody says: the numbers a comparison leads with.
RECORDED = (*(name for name in HEADLINES if name in MEASURES), "zone")


Read = Callable[[Run], Answer]
Observe = Callable[[Scenario, int, Any], Mapping[str, float]]  # scenario, replicate, start


def arms_of(
    strategies: Sequence[Choice], *, town: Choice | None = None, overrides: Sequence[str] = ()
) -> dict[str, Scenario]:
    """Return the scenarios of a sweep by the word that chose the strategy, or by its name.

    Where the words say nothing of it, `RECORDED` is recorded and no series is kept.

    Parameters
    ----------
    strategies : names, files, or mappings, which go by their names.
    town, overrides : as for `compose_scenario`.
    """
    said = {word.partition("=")[0] for word in overrides}
    scenarios = compose_scenarios(strategies, town=town, overrides=overrides)
    return {
        word if isinstance(word, str) else scenario.strategy.name: dataclasses.replace(
            scenario, record=_record(scenario, said)
        )
        for word, scenario in zip(strategies, scenarios, strict=True)
    }


def _record(scenario: Scenario, said: set[str]) -> Any:
    record = scenario.record
    if "record.measures" not in said and record.measures == [ALL]:
        record = dataclasses.replace(record, measures=list(RECORDED))
    return record if "record.series" in said else dataclasses.replace(record, series=False)


def missing_of(expanded: Expanded, kept: Store) -> list[Member]:
    """Return the runs that the store does not hold; of points that are alike, the first."""
    unlike = expanded.unlike()
    return [unlike[run_id] for run_id in not_kept(unlike, kept)]


def requests_of(
    expanded: Expanded, members: Sequence[Member], read: Read | None = None
) -> list[Request]:
    """Return a request for each of a sweep's runs.

    Parameters
    ----------
    expanded : from `expand`.
    members : some of its runs.
    read : what is read of a run; `summarized` if None.
    """
    arms = expanded.sweep.arms
    cells = {(one.arm, one.point) for one in members}
    changed = {
        (arm, point): functools.partial(with_changes, arms[arm], expanded.sweep.changes(point))
        for arm, point in cells
    }
    return [
        Request(
            expanded.key(one),
            changed[one.arm, one.point],
            one.replicate,
            expanded.starts[one.arm, one.point],
            summarized if read is None else read,
            _describe(one),
        )
        for one in members
    ]


def run_sweep(
    expanded: Expanded,
    kept: Store,
    *,
    tally: Tally | None = None,
    pace: Pace | None = None,
    engine: Engine = POOL,
    command: tuple[str, ...] = (),
    describe: Callable[[Member], str] | None = None,
    progress: Progress = True,
    read: Read | None = None,
    units: Mapping[str, str] | None = None,
    simulation: Simulator = MODEL,
) -> Tally:
    """Run what the store lacks.

    Parameters
    ----------
    expanded : from `expand`.
    kept : the store, open to write in; what it has is not run.
    tally : filled in as runs end, for whoever wants to know after Ctrl-C.
    pace : from a pilot; timed here if None and there are runs to divide.
    engine : where the runs are made.
    command : the words that ask again.
    describe : says which run it is, and how to repeat it alone.
    progress : as for `dispatch.run_tasks`.
    read : what is read of a run; `summarized` if None.
    units : of the numbers that are no measures and that ``read`` gives beside them.
    simulation : how towns are spun up and run.

    Raises
    ------
    InputError
        If the store cannot be written.
    """
    tally = Tally() if tally is None else tally
    engine.check()
    kept.begin(study_of(expanded, command))
    left = missing_of(expanded, kept)
    tally.total = len(expanded.unlike())
    tally.reused = tally.total - len(left)
    if not left:
        return tally
    engine.compile(progress)
    work = _batches(expanded, requests_of(expanded, left, read), pace, engine)
    members = {one.run_id: one for one in left}
    known = units or {}
    run(
        work,
        kept,
        unit_of=lambda _, name: known.get(name) or _unit(name),
        engine=engine,
        progress=progress,
        simulation=simulation,
        describe=None if describe is None else lambda x: describe(members[x.key.run_id]),
        tally=tally,
    )
    return tally


def _batches(
    expanded: Expanded, requests: Sequence[Request], pace: Pace | None, engine: Engine
) -> list[Batch]:
    first = next(iter(expanded.sweep.arms.values()))  # stands for all in how long a run takes
    pace = pace_of(first) if pace is None else pace
    times = {"spin_up": pace.spin_up(first), "run": pace.run(first)}
    return batches_of_time(requests, **times, workers=engine.processes)


def _describe(member: Member) -> str:
    return f"{member.arm}, point {member.point}, replicate {member.replicate}"


def _unit(name: str) -> str:
    """Return the unit of a number of a run; of one that is no measure nothing is known."""
    return about(name).unit if declared(name) or name in OUTCOME_UNITS else "number"


def summarized(run: Run) -> Answer:
    """Return a run's summary, and its packed series if the scenario asks for it (in a worker)."""
    scalars = {name: float(value) for name, value in run.series.summary().items()}
    if not run.scenario.record.series:
        return Answer(scalars)
    return Answer(scalars, pack(run.series.to_arrays(), run.series.meta))


def observed(run: Run, observe: Observe) -> Answer:
    """Return the numbers that ``observe`` gives of a run, and no series (in a worker process).

    Parameters
    ----------
    observe : a function of (scenario, replicate, start) that a new process can import; it runs
        the scenario from the start, and leaves that as it is.
    """
    numbers = observe(run.scenario, run.replicate, run.start)
    return Answer({name: float(value) for name, value in numbers.items()})
