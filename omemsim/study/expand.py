"""From a sweep to its runs: arms x points x replicates, each with its id, before any of them runs.

Runs whose town, parameters, seed and time of spin-up are the same start from one spin-up per
replicate: `Expanded.starts` says which. Replicates come first to last, so that a sweep that is
stopped has some of every point.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from omemsim.inputs.lay import check_places
from omemsim.inputs.scenario import Scenario, is_of_a_start
from omemsim.inputs.sources import blueprint_of
from omemsim.study.design import Design, Point
from omemsim.study.factors import STRATEGY
from omemsim.study.identity import RunKey, content_hash
from omemsim.study.manifest import Member, Study, named_after
from omemsim.study.scenario_changes import Keys, start_of, with_changes
from omemsim.vocabulary.errors import InputError

__all__ = ["Expanded", "Sweep", "expand", "starts_of", "study_of"]

MOST_TOLD = 10  # problems


@dataclass(frozen=True)
class Sweep:
    """What is asked: every arm at every point of the design, in every replicate.

    Attributes
    ----------
    arms : by name of strategy. Where the design varies ``strategy``, each point has one of them.
    design : its factors and points.
    replicates : simulated towns, the same ones for every arm and point.
    """

    arms: Mapping[str, Scenario]
    design: Design
    replicates: int = 1

    @property
    def size(self) -> int:
        """Return the number of runs."""
        each = 1 if STRATEGY in self.design.names else len(self.arms)
        return each * len(self.design.points) * self.replicates

    def cells(self) -> Iterator[tuple[str, int]]:
        """Yield arm and number of every point, without the replicates."""
        for number, point in enumerate(self.design.points):
            names = [point[STRATEGY]] if STRATEGY in point else list(self.arms)
            yield from ((arm, number) for arm in names)

    def changes(self, number: int) -> Point:
        """Return what a point sets in a scenario."""
        point = self.design.points[number]
        return {path: value for path, value in point.items() if path != STRATEGY}


@dataclass(frozen=True)
class Expanded:
    """All runs of a sweep.

    Attributes
    ----------
    sweep : what was asked.
    members : every run: replicate by replicate, point by point, arm by arm.
    starts : by arm and point, what its spin-up depends on, beside the replicate.
    keys : what writes an arm's keys.
    asked : what is asked of the runs beside their summary, empty if nothing is.
    """

    sweep: Sweep
    members: list[Member]
    starts: dict[tuple[str, int], str]
    keys: Mapping[str, Keys] = field(repr=False)
    asked: str = ""

    def asking(self, what: str) -> Expanded:
        """Return the same runs with other ids: of them something else is kept than a summary.

        Parameters
        ----------
        what : names what is asked, and the code that answers.
        """
        members = [replace(one, run_id=content_hash([one.run_id, what])) for one in self.members]
        return replace(self, members=members, asked=what)

    def unlike(self) -> dict[str, Member]:
        """Return the first member of each run: points may be alike, as in a Sobol layout."""
        first: dict[str, Member] = {}
        for member in self.members:
            first.setdefault(member.run_id, member)
        return first

    def key(self, member: Member) -> RunKey:
        """Return the key a run is kept under."""
        return self.keys[member.arm].key(
            member.run_id, member.replicate, self.sweep.changes(member.point)
        )


def expand(sweep: Sweep) -> Expanded:
    """Return the runs of a sweep, about 0.3 ms each point and arm.

    Raises
    ------
    InputError
        With the points whose values are refused, or a name that the town does not know.
    """
    for scenario in sweep.arms.values():
        check_places(scenario, blueprint_of(scenario.town))
    keys = {arm: Keys(scenario, arm) for arm, scenario in sweep.arms.items()}
    problems: dict[str, str] = {}
    cells: list[tuple[str, int, list[str]]] = []
    for arm, number in sweep.cells():
        changes = sweep.changes(number)
        try:
            ids = keys[arm].ids(with_changes(sweep.arms[arm], changes), range(sweep.replicates))
            cells.append((arm, number, ids))
        except InputError as refused:
            for text in refused.problems:
                problems.setdefault(text, f"Point {number} ({arm}): {text}")
    _refuse(problems)
    members = [
        Member(ids[replicate], arm, number, replicate)
        for replicate in range(sweep.replicates)
        for arm, number, ids in cells
    ]
    return Expanded(sweep, members, starts_of(sweep), keys)


def _refuse(problems: Mapping[str, str]) -> None:
    """Raise `InputError` with the first problems, each with the first point that has it."""
    if not problems:
        return
    left = len(problems) - MOST_TOLD
    more = [f"And {left:,} more. Nothing was run."] if left > 0 else []
    raise InputError(*list(problems.values())[:MOST_TOLD], *more)


def starts_of(sweep: Sweep) -> dict[tuple[str, int], str]:
    """Return, by arm and point, what the spin-up depends on beside the replicate."""
    bases = {arm: start_of(scenario) for arm, scenario in sweep.arms.items()}
    points = [_start(sweep.changes(number)) for number in range(len(sweep.design.points))]
    return {(arm, number): bases[arm] + points[number] for arm, number in sweep.cells()}


def _start(changes: Point) -> str:
    needed = {path: value for path, value in changes.items() if is_of_a_start(path)}
    return json.dumps(needed, sort_keys=True) if needed else ""


def study_of(expanded: Expanded, command: tuple[str, ...]) -> Study:
    """Return what the store keeps of a sweep; more replicates are the same study, extended."""
    sweep = expanded.sweep
    asked: dict[str, Any] = {
        "design": sweep.design.kind,
        "factors": [str(factor) for factor in sweep.design.factors],
        "arms": list(sweep.arms),
        "seed": sweep.design.seed,
        "rows": sweep.design.n,
        "base": {arm: content_hash(keys.config) for arm, keys in expanded.keys.items()},
    }
    points = list(sweep.design.points)
    kind = command[1] if command else "sweep"
    name = named_after(
        kind, [asked, _digest(points), *([expanded.asked] if expanded.asked else [])]
    )
    known = {**asked, "replicates": sweep.replicates, "points": points}
    return Study(name, kind, command, known, expanded.members)


def _digest(points: list[Point]) -> str:
    return content_hash("\n".join(map(functools.partial(json.dumps, sort_keys=True), points)))
