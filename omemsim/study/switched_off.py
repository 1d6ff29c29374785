"""Scenarios in which mechanisms are off from week 0 only, and many of them compared.

A mechanism that is off during the spin-up too changes the town that the scenario starts from.
Switched off in week 0, it shows what it contributes from the same start on, and all share one
spin-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omemsim.inputs.scenario import Scenario
from omemsim.study.asked import FROM_PYTHON, Asked
from omemsim.study.compare import (
    Comparison,
    begin,
    compare,
    keys_of,
    opened,
    tasks_left,
)
from omemsim.study.engine import POOL, Engine
from omemsim.study.progress import Progress, Silent, told
from omemsim.study.reader import Reader
from omemsim.study.runner import MODEL
from omemsim.study.store import Store

if TYPE_CHECKING:
    from omemsim.series import Series
    from omemsim.town import Town

__all__ = [
    "SWITCHED_OFF",
    "SwitchedOff",
    "compare_in_parts",
    "left_in_parts",
    "off_from_birth",
    "switched_off",
]

AT_ONCE = 16  # runs of a task: what a kill may cost, against a spin-up for each task


@dataclass(frozen=True)
class SwitchedOff(Scenario):
    """A scenario whose mechanisms ``off`` (names of `vocabulary.mechanisms`) end in week 0.

    ``parameters`` are those of the spin-up, which is why it is shared with the full model's;
    ``off`` counts in the run's id, so the store does not take it for the full model.
    """

    off: tuple[str, ...] = ()

    def running(self) -> Scenario:
        """Return the scenario as it runs from week 0 on."""
        values: dict[str, Any] = {x.name: getattr(self, x.name) for x in fields(Scenario)}
        return off_from_birth(Scenario(**values), self.off)


def off_from_birth(scenario: Scenario, off: Iterable[str]) -> Scenario:
    """Return the scenario with these mechanisms off, in its spin-up too."""
    none: dict[str, Any] = dict.fromkeys(off, 0.0)
    strength = replace(scenario.parameters.strength, **none)
    return replace(scenario, parameters=replace(scenario.parameters, strength=strength))


def switched_off(scenario: Scenario, off: Iterable[str]) -> Scenario:
    """Return the scenario with these mechanisms off from week 0; itself if there are none."""
    names = tuple(off)
    if not names:
        return scenario
    return SwitchedOff(**{x.name: getattr(scenario, x.name) for x in fields(Scenario)}, off=names)


def run_switched_off(scenario: Scenario, replicate: int, start: Town) -> Series:
    """Run a scenario from ``start``, which is left as it is; its meta says what is off.

    Parameters
    ----------
    scenario : a `SwitchedOff` one runs with its mechanisms off; others as they are.
    replicate : which random numbers, that of ``start``.
    start : the town in week 0.
    """
    from omemsim.run import run_scenario

    if not isinstance(scenario, SwitchedOff):
        return run_scenario(scenario, replicate, start=start)
    series = run_scenario(scenario.running(), replicate, start=start)
    series.meta["off_from_week_0"] = list(scenario.off)
    return series


SWITCHED_OFF = MODEL._replace(run=run_switched_off)


def compare_in_parts(
    scenarios: Mapping[str, Scenario],
    *,
    baseline: str,
    replicates: int,
    out: Path,
    store: Path | Store,
    asked: Asked = FROM_PYTHON,
    engine: Engine = POOL,
    progress: Progress = True,
    at_once: int = AT_ONCE,
) -> Comparison:
    """Compare many scenarios, a part at a time, so that a stop costs the runs of a part.

    Parameters
    ----------
    scenarios : by name, `SwitchedOff` ones among them.
    at_once : how many a part holds beside the baseline, at least 1.
    the rest : as for `omemsim.study.compare.compare`.
    """
    total = replicates * len(scenarios)
    fixed: dict[str, Any] = {
        "baseline": baseline,
        "replicates": replicates,
        "out": out,
        "asked": asked,
        "engine": engine,
        "simulation": SWITCHED_OFF,
    }
    with opened(store) as kept, told(total, progress) as tell:
        keys = keys_of(scenarios, replicates)
        begin(kept, scenarios, keys=keys, baseline=baseline, asked=asked)
        fixed |= {"store": kept, "is_part": True}
        done = replicates
        for names in _parts(scenarios, baseline, at_once):
            part = {name: scenarios[name] for name in [baseline, *names]}
            compare(part, **fixed, progress=_passed_on(tell))
            done += replicates * len(names)
            tell.add(done - tell.done, failed=0)  # what the store held is done, too
        return compare(scenarios, **fixed, progress=False)  # gathers what is in the store


def _parts(scenarios: Iterable[str], baseline: str, at_once: int) -> Iterator[list[str]]:
    """Yield the names of each part, without the baseline, which is in all of them."""
    others = [name for name in scenarios if name != baseline]
    for first in range(0, len(others), at_once):
        yield others[first : first + at_once]


def left_in_parts(
    kept: Reader,
    scenarios: Mapping[str, Scenario],
    *,
    baseline: str,
    replicates: int,
) -> tuple[list[list[int]], int]:
    """Return the runs of each task of each part still to be done, and how many runs are kept.

    Parameters
    ----------
    kept : a store; it is only read.
    scenarios : by name.
    baseline : one of these names; it is in the first part.
    replicates : 0 to ``replicates`` - 1 are counted.
    """
    parts, found = [], 0
    for number, names in enumerate(_parts(scenarios, baseline, AT_ONCE)):
        part = names if number else [baseline, *names]
        sizes, kept_here = tasks_left(
            kept, {name: scenarios[name] for name in part}, replicates=replicates
        )
        parts.append(sizes)
        found += kept_here
    return parts, found


def _passed_on(tell: Silent) -> Progress:
    """Return a function that adds a part's progress to that of the whole."""
    before = [0, 0]

    def pass_on(done: int, total: int, failed: int) -> None:
        del total
        tell.add(done - before[0], failed=failed - before[1])
        before[:] = done, failed

    return pass_on
