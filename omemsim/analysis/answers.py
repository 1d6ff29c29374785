"""Numbers that are read of runs and kept in a store, under keys of all that they depend on.

Claims, patterns, hindcasts and searches share this: what identifies a scenario, the hash of the
sources that read a run, how numbers are packed, and how they are read back.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from omemsim.inputs.scenario import Scenario
from omemsim.study.engine import Engine
from omemsim.study.identity import content_hash
from omemsim.study.progress import Progress
from omemsim.study.runner import Answer, Request, batches, missing, run
from omemsim.study.scenario_changes import start_of
from omemsim.study.series_files import pack
from omemsim.study.store import Store
from omemsim.study.tasks import Failure

__all__ = ["answered", "identity_of", "numbers_answer", "numbers_kept", "source_hash"]

Named = TypeVar("Named")


def identity_of(scenario: Scenario) -> tuple[str, str]:
    """Return what identifies a scenario's start, and the whole of it."""
    start = start_of(scenario)
    rest = {x.name: getattr(scenario, x.name) for x in dataclasses.fields(scenario)}
    for name in ("town", "parameters"):
        del rest[name]
    return start, content_hash(f"{start} {rest}")


@functools.cache
def source_hash(*modules: ModuleType) -> str:
    """Return a hash of the code that reads a run; the model's own sources are in every key."""
    texts = [Path(str(module.__file__)).read_text(encoding="utf-8") for module in modules]
    return content_hash(texts)


def numbers_answer(numbers: Mapping[str, float], asked: str) -> Answer:
    """Return numbers as the runner keeps them.

    Parameters
    ----------
    numbers : by name.
    asked : which run it is, in words: it is kept with the numbers.
    """
    known = dict(numbers)
    return Answer(known, pack({}, {"asked": asked, "numbers": known}))


def answered(
    requests: Mapping[Named, Request],
    store: Store,
    prefix: str,
    *,
    most: int,
    engine: Engine,
    progress: Progress,
) -> tuple[dict[Named, dict[str, float]], dict[Named, Failure]]:
    """Run what the store lacks; return the numbers of each request, and why others have none.

    Parameters
    ----------
    requests : by what a study names a run.
    store : where the numbers are kept.
    prefix : what the names of a run's numbers begin with in the store; it is taken off.
    most : runs in one task.
    engine, progress : as for `dispatch.run_tasks`.
    """
    todo = batches(missing(requests.values(), store), most)
    failed = run(todo, store, unit_of=lambda *_: "", engine=engine, progress=progress)
    return numbers_kept(requests, store, failed, lambda _: prefix)


def numbers_kept(
    requests: Mapping[Named, Request],
    store: Store,
    failed: Mapping[str, Failure],
    prefix_of: Callable[[Named], str],
) -> tuple[dict[Named, dict[str, float]], dict[Named, Failure]]:
    """Return the numbers of each request that was answered, and why the others were not.

    Parameters
    ----------
    requests : by what a study names a run; all of them have been run or were in the store.
    store : where the numbers are kept.
    failed : by the id of a run that failed, why.
    prefix_of : what the names of a run's numbers begin with in the store; it is taken off.
    """
    values, failures = {}, {}
    for named, request in requests.items():
        run_id = request.key.run_id
        if run_id in failed:
            failures[named] = failed[run_id]
            continue
        prefix = prefix_of(named)
        scalars = store.scalars(run_id)
        values[named] = {name.removeprefix(prefix): x for name, x in scalars.items()}
    return values, failures
