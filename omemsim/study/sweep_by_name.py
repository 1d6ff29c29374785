"""A sweep by names and keys: the one entry point for Python and the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from omemsim.inputs.arguments import check, plain_value, whole
from omemsim.inputs.config import Choice
from omemsim.study.compare import STORE
from omemsim.study.cost_estimate import in_time
from omemsim.study.design import MOST_POINTS, SAMPLED, Point, design, points_of
from omemsim.study.engine import POOL, Engine
from omemsim.study.expand import Sweep, expand, study_of
from omemsim.study.factors import STRATEGY, Factor, factors_and_problems, set_too
from omemsim.study.progress import Progress, teller
from omemsim.study.store import Store
from omemsim.study.sweep import arms_of, run_sweep
from omemsim.study.sweep_results import Swept, read_results
from omemsim.vocabulary.errors import InputError

__all__ = ["composed_sweep", "sweep_by_name"]

USUAL_KIND = "latin"


def sweep_by_name(
    strategies: Sequence[Choice],
    *,
    vary: Mapping[str, Any] | None = None,
    kind: str = USUAL_KIND,
    points: Any = None,
    replicates: int | None = None,
    seconds: float | None = None,
    town: Choice | None = None,
    overrides: Sequence[str] = (),
    store: str | Path | None = None,
    engine: Engine = POOL,
    progress: Progress = True,
) -> Swept:
    """Run what the store lacks of a sweep, as `omemsim.sweep` does.

    Parameters
    ----------
    kind : the design: latin, sobol, morris, grid, zip or list.
    replicates : None for one, or for as many as a time allows.
    seconds : that the sweep may take, which choose how many points there are where ``points`` does
        not say, else how many replicates; None for no limit.
    town, overrides : as for `compose_scenarios`; ``years`` among the words.
    engine : where the runs are made.
    progress : as for `dispatch.run_tasks`.
    the rest : as for `omemsim.sweep`.

    Raises
    ------
    InputError
        If a name, key or value is wrong.
    OmemError
        If no run finished.
    """
    if vary is not None and not isinstance(vary, Mapping):
        example = "{'strategy.precision': (0.2, 0.9), 'years': [1, 5]}"
        raise InputError(f"vary = {vary!r}: must map keys to ranges or values, as {example}.")
    sweep = composed_sweep(
        strategies,
        vary=(vary or {}).items(),
        kind=kind,
        points=points,
        replicates=replicates or 1,
        town=town,
        overrides=overrides,
        usual=_none_named,
        tell=teller(progress),
    )
    if seconds is not None:
        by_rows = points is None and kind in SAMPLED
        if not by_rows and replicates is not None:
            raise InputError(
                "budget chooses points or replicates, and both are given (or the design has no "
                "points to choose): leave points or replicates out."
            )
        sweep = in_time(sweep, by_rows=by_rows, workers=engine.processes, seconds=seconds)
    asked = expand(sweep)
    with Store(Path(store or STORE)) as kept:
        run_sweep(asked, kept, engine=engine, progress=progress)
        return read_results(asked, kept, study_of(asked, ()).name)


def _none_named() -> Sequence[str]:
    raise InputError("Name a strategy or more, as om.sweep('omem', vary={...}).")


def composed_sweep(
    strategies: Sequence[Choice],
    *,
    vary: Iterable[tuple[str, Any]],
    kind: str = USUAL_KIND,
    points: Any = None,
    replicates: int = 1,
    town: Choice | None,
    overrides: Sequence[str],
    usual: Callable[[], Sequence[str]],
    tell: Callable[[str], object] = str,
) -> Sweep:
    """Return the sweep that is asked for, all of it checked but its points' values (`expand`).

    Parameters
    ----------
    strategies : names, files or mappings.
    vary : keys, and what each varies over, as `factors_of` takes them.
    kind : of the design.
    points : how many; the points themselves, as `points_of` takes them; None is a usual number.
    replicates : at least 1.
    town, overrides : as of `compose_scenarios`.
    usual : says which strategies are meant where nobody chooses any, or raises.
    tell : what is done with a note on what was taken of a file of points; nothing, if left out.

    Raises
    ------
    InputError
        With all that is wrong with what varies, else with the strategies, else with the design.
    """
    number = plain_value(points)
    given = None if number is None or isinstance(number, int | float) else points_of(points, tell)
    if number is not None and given is None:
        check(whole(1, MOST_POINTS, points=number))
    factors = _factors(vary, overrides, given, kind)
    chosen = _chosen(factors)
    if chosen and strategies:
        named = ", ".join(map(str, strategies))
        raise InputError(
            f"Strategies are named ({named}), and varied ({', '.join(chosen)}) with the key "
            "strategy: do one of the two."
        )
    arms = arms_of(chosen or list(strategies) or usual(), town=town, overrides=overrides)
    if given is not None:
        return Sweep(arms, design("list", points=given), replicates)
    seed = next(iter(arms.values())).seed
    return Sweep(arms, design(kind, factors, n=number, seed=seed), replicates)


def _factors(
    vary: Iterable[tuple[str, Any]],
    overrides: Sequence[str],
    points: Sequence[Point] | None,
    kind: str,
) -> list[Factor]:
    """Return what varies, of given points too; raise `InputError` with all that is wrong."""
    pairs = list(vary)
    factors, problems = factors_and_problems(pairs)
    if points is not None:
        problems += _beside_points([str(key) for key, _ in pairs], kind)
        factors = list(design("list", points=points).factors)
    problems += set_too(factors, overrides)
    if problems:
        raise InputError(*problems)
    return factors


def _beside_points(keys: Sequence[str], kind: str) -> list[str]:
    """Return what is wrong with what is said beside given points."""
    problems = []
    if keys:
        problems.append(
            f"The points are given, so nothing else varies, and {', '.join(keys)} would have no "
            "part in it: leave vary out, or set the key in every point."
        )
    if kind not in (USUAL_KIND, "list"):
        problems.append(f"design = {kind!r}: the points are given, so leave design out.")
    return problems


def _chosen(factors: Sequence[Factor]) -> list[str]:
    """Return the strategies that a factor chooses from; none where the strategy does not vary."""
    names = [value for one in factors if one.path == STRATEGY for value in one.values]
    if wrong := [name for name in names if not isinstance(name, str)]:
        raise InputError(f"strategy = {wrong[0]!r}: must be a name, or the path of a YAML file.")
    return names
