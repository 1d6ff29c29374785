"""A sweep by names and key=value pairs, as one asks for it in Python."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from omemsim.study.design import design, read_points
from omemsim.study.engine import POOL, Engine
from omemsim.study.expand import Sweep, expand, study_of
from omemsim.study.factors import factors_of
from omemsim.study.progress import Progress
from omemsim.study.store import Store
from omemsim.study.sweep import arms_of, run_sweep
from omemsim.study.swept import Swept, read_results

__all__ = ["sweep_named"]


def sweep_named(
    strategies: Sequence[str],
    *,
    vary: Mapping[str, Any] | None = None,
    kind: str = "latin",
    points: int | str | Path | Sequence[Mapping[str, Any]] | None = None,
    replicates: int = 1,
    town: str | None = None,
    overrides: Sequence[str] = (),
    store: str | Path | None = None,
    engine: Engine = POOL,
    progress: Progress = True,
) -> Swept:
    """Run what the store lacks of a sweep; the parameters are those of `omemsim.sweep`.

    Raises
    ------
    InputError
        If a name, key or value is wrong.
    OmemError
        If no run finished.
    """
    arms = arms_of(strategies, town=town, overrides=overrides)
    if points is None or isinstance(points, int):
        factors = [x for key, value in (vary or {}).items() for x in factors_of(key, _text(value))]
        made = design(kind, factors, n=points, seed=next(iter(arms.values())).seed)
    else:
        each, note = read_points(Path(points)) if isinstance(points, str | Path) else (points, "")
        if note and progress is True:  # where it may be said, as the progress is
            print(note, file=sys.stderr)
        made = design("list", points=each)
    asked = expand(Sweep(arms, made, replicates))
    with Store(Path(store or Path("omemsim-results") / "store")) as kept:
        run_sweep(asked, kept, engine=engine, progress=progress)
        return read_results(asked, kept, study_of(asked, ()).name)


def _text(value: Any) -> str:
    """Return what varies as the command line has it: (2, 20) is a range, a list are values."""
    if isinstance(value, tuple) and len(value) == 2:
        return f"{value[0]}..{value[1]}"
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
