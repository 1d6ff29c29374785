"""A calibration by names and numbers: the one entry point for Python and the command line."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omemsim import labelled
from omemsim.analysis.calibration.best import overlay
from omemsim.analysis.calibration.plan import USUAL, Calibrated, Plan, recording
from omemsim.analysis.calibration.table import (
    best_text,
    calibration_csv,
    calibration_text,
    plausible_json,
    unmet,
)
from omemsim.analysis.calibration.targets import DISCREPANCY, Target, choose
from omemsim.analysis.calibration.waves import calibrate
from omemsim.inputs.arguments import check, finite, sizes_given
from omemsim.inputs.config import Choice, compose_scenario, parameter_key
from omemsim.inputs.scenario import Scenario
from omemsim.present.text import counted
from omemsim.study.compare import STORE
from omemsim.study.engine import Engine
from omemsim.study.factors import Factor, factors_and_problems, set_too
from omemsim.study.identity import environment
from omemsim.study.progress import Progress, teller
from omemsim.study.series_files import write_whole
from omemsim.study.store import Store
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = [
    "BEST",
    "BOUNDS",
    "SETS",
    "Calibration",
    "Sizes",
    "calibrate_named",
    "plan_named",
    "write_calibration",
]

SETS, BEST = "plausible.json", "best.yaml"
POINTS_EACH = 12  # parameter sets in a wave for each parameter, where nobody says
FROM_PYTHON = "om.calibrate(...)"


@dataclass(frozen=True)
class Sizes:
    """How much of everything; see `Plan`.

    Attributes
    ----------
    waves : at most.
    points : parameter sets in a wave; None for `POINTS_EACH` for each parameter.
    replicates : simulated towns of each set.
    sets : of the result, at most.
    fresh : new towns on which the best set is chosen and reported.
    misses : targets that a plausible set may miss.
    """

    waves: int = 6
    points: int | None = None
    replicates: int = 4
    sets: int = 100
    fresh: int = 8
    misses: int = 0


BOUNDS = {  # of each size: least, most, and what it counts
    "waves": (1, 50, "waves"),
    "points": (2, 100_000, "sets in a wave"),
    "replicates": (2, 100_000, "towns"),
    "sets": (1, 100_000, "sets of the result"),
    "fresh": (2, 100_000, "towns the best set is told by"),
    "misses": (0, 1000, "targets that a set may miss"),
}


def plan_named(
    vary: Iterable[tuple[str, Any]],
    *,
    town: Choice | None,
    strategy: Choice | None,
    overrides: Sequence[str],
    targets: Sequence[str] = (),
    discrepancy: float | None = None,
    sizes: Sizes | None = None,
    seconds: float | None = None,
) -> Plan:
    """Return what is asked, all of it checked.

    Parameters
    ----------
    vary : keys, with or without ``parameters.``, and what each varies over, as `factors_of` takes
        it; the usual eight (`USUAL`) if there is none.
    town, strategy, overrides : as for `compose_scenario`.
    targets : names of rows of the evidence; empty for all that may be fitted.
    discrepancy : the model's, standard deviation as a share of what was observed, 0 to 1; None for
        what is usual.
    sizes : None for what is usual.
    seconds : time at most; None for no limit.

    Raises
    ------
    InputError
        With all that is wrong with what is set, else with what varies, else with the rest.
    """
    told = [word for word in overrides if word.startswith(("record.", "years="))]
    if told:
        raise InputError(
            f"{told[0]}: a calibration records what its targets need, for as long as they need; "
            "leave it out."
        )
    factors = _factors(list(vary) or list(USUAL.items()), overrides)
    scenario = compose_scenario(town, strategy, overrides)
    chosen = _targets(scenario, targets, discrepancy)
    size = Sizes() if sizes is None else sizes
    rest = dataclasses.asdict(size) | {"points": size.points or POINTS_EACH * len(factors)}
    plan = Plan(recording(scenario, chosen), tuple(factors), tuple(chosen), seconds=seconds, **rest)
    plan.check()
    return plan


def _factors(vary: Iterable[tuple[str, Any]], overrides: Sequence[str]) -> list[Factor]:
    """Return what varies; raise `InputError` with all that is wrong with it."""
    factors, problems = factors_and_problems((parameter_key(str(key)), x) for key, x in vary)
    names = [factor.path for factor in factors]
    twice = [x for x in dict.fromkeys(names) if names.count(x) > 1]
    problems += [f"{x} varies twice: say it once." for x in twice]
    check([*problems, *set_too(factors, overrides, "calibrated")])
    return factors


def _targets(scenario: Scenario, names: Sequence[str], discrepancy: float | None) -> list[Target]:
    share = DISCREPANCY if discrepancy is None else discrepancy
    if not 0 <= share <= 1:
        raise InputError(
            f"discrepancy = {share:g}: must be from 0 to 1 (standard deviation, as a share "
            "of what was observed), as discrepancy=0.05."
        )
    return choose(scenario, names, share)


@dataclass(frozen=True, repr=False)
class Calibration:
    """What a calibration found: which parameter sets agree with the evidence.

    Attributes
    ----------
    found : the waves, the plausible sets and the best one, with all that was read of them.
    """

    found: Calibrated

    def __repr__(self) -> str:
        """Say what it is in a line."""
        found = self.found
        return (
            f"<Calibration: town {found.plan.scenario.town.name}, "
            f"{counted(len(found.plan.factors), 'parameter')} against "
            f"{counted(len(found.plan.targets), 'target')}; {found.plausible:,} of "
            f"{counted(len(found.ran), 'set')} plausible>"
        )

    def text(self) -> str:
        """Return the waves, targets, ranges and the best set as plain text."""
        return f"{calibration_text(self.found)}\n\n{best_text(self.found)}"

    def csv(self) -> str:
        """Return a row per set that was run as CSV text."""
        return calibration_csv(self.found)

    def table(self) -> pd.DataFrame:
        """Return a row per set that was run: its values, readings and implausibility."""
        return labelled.frame_of(self.csv())

    def to_xarray(self) -> xr.Dataset:
        """Return the sets that were run as an `xarray.Dataset`, with the extra ``xarray``."""
        frame = self.table()
        frame.insert(0, "set", range(len(frame)))
        units = {target.name: target.unit for target in self.found.plan.targets}
        return labelled.dataset_of(frame, ["set"], units=units)

    @property
    def sets(self) -> pd.DataFrame:
        """Return the plausible sets, a column per parameter: as ``uncertainty=`` takes them."""
        paths = [factor.path for factor in self.found.plan.factors]
        rows = [[one.point[path] for path in paths] for one in self.found.sets]
        return labelled.frame(paths, rows)

    @property
    def best(self) -> dict[str, Any]:
        """Return the best set, keys to values: as ``parameters=`` takes it."""
        return dict(self.found.best.point)

    @property
    def unmet(self) -> list[str]:
        """Return the targets that no set meets, even alone."""
        return unmet(self.found)

    def write(self, folder: str | Path) -> None:
        """Write ``calibration.csv``, ``plausible.json`` and ``best.yaml`` into a folder."""
        out = Path(folder)
        out.mkdir(parents=True, exist_ok=True)
        write_calibration(self.found, out, FROM_PYTHON)


def write_calibration(found: Calibrated, out: Path, made_by: str) -> None:
    """Write all sets, the plausible ones and the best one.

    Parameters
    ----------
    found : of a calibration.
    out : a folder that is there.
    made_by : what makes them again, told in the files.
    """
    write_whole(out / "calibration.csv", calibration_csv(found).encode())
    text = plausible_json(found, command=made_by, environment=environment())
    write_whole(out / SETS, text.encode())
    best = overlay(found.best, name=out.name, about=_about(found, made_by))
    write_whole(out / BEST, best.encode())


def _about(found: Calibrated, made_by: str) -> dict[str, str]:
    """Return the head of the best set's file."""
    best, cutoff = found.best, found.plan.cutoff
    verdict = (
        "plausible" if best.worst <= cutoff else "not plausible, the least implausible there is"
    )
    return {
        "Made by": made_by,
        "Use": "omemsim validate town=... setting=THIS FILE",
        "Targets": ", ".join(target.name for target in found.plan.targets),
        "Largest implausibility": f"{best.worst:.3g} of at most {cutoff:g} ({verdict}), from runs "
        "outside the waves",
    }


def calibrate_named(
    vary: Mapping[str, Any] | None,
    *,
    targets: Any = (),
    discrepancy: float | None = None,
    sizes: Mapping[str, Any],
    store: str | Path | None,
    engine: Engine,
    progress: Progress = True,
    **asked: Any,
) -> Calibration:
    """Rule out parameter sets in waves, as `omemsim.calibrate` does.

    Parameters
    ----------
    vary : by key, what it varies over; None for the usual parameters.
    targets : names of rows of the evidence, or one of them.
    discrepancy : as for `plan_named`.
    sizes : by name, of `Sizes`, what is not as usual.
    store : folder where runs are kept and found again; None is the command line's.
    engine : where the runs are made.
    progress : as for `dispatch.run_tasks`; True also tells of each wave on standard error.
    **asked : what else `plan_named` takes.

    Raises
    ------
    InputError
        If a name, key or value is wrong.
    """
    if vary is not None and not isinstance(vary, Mapping):
        raise InputError(
            f"vary = {vary!r}: must map parameters to ranges, as {{'offend.violence': (24, 96)}}."
        )
    check(finite(discrepancy=discrepancy))
    names = [targets] if isinstance(targets, str) else list(targets)
    plan = plan_named(
        (vary or {}).items(),
        targets=names,
        discrepancy=None if discrepancy is None else float(discrepancy),
        sizes=Sizes(**sizes_given(sizes, BOUNDS, "A calibration")),
        **asked,
    )
    engine.check()
    with Store(Path(store or STORE)) as kept:
        tell = teller(progress)
        return Calibration(calibrate(plan, kept, engine=engine, progress=progress, tell=tell))
