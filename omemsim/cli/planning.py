"""What `--dry-run` says of studies that run scenarios in pairs: runs, time, disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from omemsim.cli.frame import Frame
from omemsim.cli.words import Words, engine_of
from omemsim.present.text import counted

if TYPE_CHECKING:
    from omemsim.inputs.scenario import Scenario
    from omemsim.study.design import Point
    from omemsim.study.precision import Until

__all__ = ["tell_comparison", "tell_parts"]


def tell_comparison(
    frame: Frame,
    scenarios: Mapping[str, Scenario],
    *,
    replicates: int,
    sets: Sequence[Point] = (),
    until: Until | None = None,
) -> None:
    """Say what a comparison would run, and run nothing.

    Parameters
    ----------
    frame : the command.
    scenarios : by strategy name.
    replicates : not asked where ``until`` is given.
    sets : parameter sets of the range beside it; none if empty.
    until : says how many replicates there are: at most, if a precision ends it.
    """
    from omemsim.study.compare import tasks_left
    from omemsim.study.uncertain import TOWNS, left_over

    if until is not None:
        replicates = _fitting(until, frame.words, scenarios)
    with frame.store() as kept:
        sizes, found = tasks_left(kept, scenarios, replicates=replicates)
        over, more = left_over(kept, scenarios, sets) if sets else ([], 0)
    most = "at most " * (until is not None)
    what = f"{len(scenarios)} strategies, {most}{counted(replicates, 'replicate')}"
    if sets:
        what += f", and {len(sets)} parameter sets in {TOWNS} towns"
    _tell(what, frame, scenarios, parts=[sizes, over], kept=found + more)


def tell_parts(
    frame: Frame,
    scenarios: Mapping[str, Scenario],
    *,
    baseline: str,
    replicates: int,
    what: str,
) -> None:
    """Say what a study in parts (`study.switched_off`) would run, and run nothing.

    Parameters
    ----------
    frame : the command.
    scenarios : by name, switched ones among them.
    baseline : one of these names.
    replicates : of each.
    what : is run, in words: the sentence begins with it.
    """
    from omemsim.study.switched_off import left_in_parts

    with frame.store() as kept:
        parts, found = left_in_parts(kept, scenarios, baseline=baseline, replicates=replicates)
    _tell(f"{what}, {counted(replicates, 'replicate')}", frame, scenarios, parts=parts, kept=found)


def _fitting(until: Until, words: Words, scenarios: Mapping[str, Scenario]) -> int:
    """Return the replicates at most: as many as are asked for, and as fit in a time."""
    from omemsim.study.run_times import pace_of

    if until.seconds is None:
        return until.most
    scenario = next(iter(scenarios.values()))
    pace = pace_of(scenario)
    each = pace.spin_up(scenario) + len(scenarios) * pace.run(scenario)
    fit = int(until.seconds * engine_of(words).processes / each)
    return min(until.most, max(fit, until.first))  # the first batch is finished in any case


def _tell(
    what: str,
    frame: Frame,
    scenarios: Mapping[str, Scenario],
    *,
    parts: Sequence[Sequence[int]],
    kept: int,
) -> None:
    from omemsim.study.cost_estimate import estimate_tasks
    from omemsim.study.run_times import pace_of

    if not any(parts):
        frame.tell(f"{what}: nothing to run, all {kept:,} runs are in the store.")
        return
    scenario = next(iter(scenarios.values()))
    workers = engine_of(frame.words).processes
    told = estimate_tasks(parts, scenario, pace_of(scenario), workers=workers, kept=kept)
    frame.tell(f"{what}: {told.text()}")
