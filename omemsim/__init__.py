"""omemsim: how a town's neighbourhoods move across the four OMEM zones, week by week.

>>> import omemsim as om
>>> series = om.run(town="small", strategy="omem", years=5, replicate=0)
>>> series.plot().savefig("run.png")
>>> print(om.compare("reactive", "omem", town="small", replicates=5).text())

Nothing heavy is imported until it is used, so that ``omemsim --help`` answers at once.
"""

from __future__ import annotations

import functools
import operator
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omemsim.run import run
    from omemsim.series import Series
    from omemsim.study.compare import Comparison
    from omemsim.study.swept import Swept

__all__ = ["Comparison", "Series", "__version__", "compare", "run", "sweep"]

__version__ = "0.1.0"

MOST_REPLICATES = 1_000_000
MOST_WORKERS = 1024


def compare(
    *strategies: str,
    town: str | None = None,
    replicates: int = 10,
    years: float = 5,
    overrides: Sequence[str] = (),
    baseline: str | None = None,
    out: str | Path | None = None,
    store: str | Path | None = None,
    workers: int | None = None,
    uncertainty: str | Path | None = "no",
) -> Comparison:
    """Run strategies on the same towns with the same luck and compare them in pairs.

    Parameters
    ----------
    *strategies : names from ``omemsim describe strategies`` or paths of YAML files.
    town : a name from ``omemsim describe towns`` or the path of a YAML file; None is the
        setting's, and ``small`` where there is none.
    replicates : towns (and lucks) each strategy is run on.
    years : time simulated after the spin-up.
    overrides : ``key=value`` words for all strategies, as on the command line.
    baseline : the strategy others are subtracted from; the first if None.
    out : folder of ``comparison.csv`` and provenance; the store if None.
    store : folder where runs are kept and found again by the next call; None is that of the
        command line, `omemsim-results/store` in the current folder.
    workers : processes; all cores if None.
    uncertainty : parameter sets to show a range over: "shipped" (towns small and city), a file, or
        "no"; None takes the shipped ones where they suit, as the command line does.

    Returns
    -------
    Comparison
        ``.table()`` is a pandas table, ``.text()`` a readable one.

    Raises
    ------
    InputError
        If a name, key or value is wrong; the message says what is allowed.
    """
    _check(
        *_names(**{k: v for k, v in {"town": town, "baseline": baseline}.items() if v is not None}),
        *(problem for strategy in strategies for problem in _names(strategy=strategy)),
        *_whole(1, MOST_REPLICATES, replicates=replicates),
        *([] if workers is None else _whole(1, MOST_WORKERS, workers=workers)),
        *_overrides(overrides, years="years", town="town", strategy="*strategies"),
    )
    from omemsim.study.compare import compare_named
    from omemsim.study.engine import Engine

    return compare_named(
        [os.fspath(strategy) for strategy in strategies],
        town=None if town is None else os.fspath(town),
        replicates=int(replicates),
        overrides=[f"years={years}", *overrides],
        baseline=None if baseline is None else os.fspath(baseline),
        out=out,
        store=store,
        engine=Engine(workers=workers),
        uncertainty=None if uncertainty is None else os.fspath(uncertainty),
    )


def sweep(
    *strategies: str,
    vary: Mapping[str, Any] | None = None,
    design: str = "latin",
    points: int | str | Path | Sequence[Mapping[str, Any]] | None = None,
    replicates: int = 1,
    town: str | None = None,
    years: float = 5,
    overrides: Sequence[str] = (),
    store: str | Path | None = None,
    workers: int | None = None,
) -> Swept:
    """Vary levers and parameters by a design and return what came out, as `omemsim sweep`.

    Parameters
    ----------
    *strategies : names or YAML files; each is run at every point.
    vary : by key, a range as (2, 20), values as [1, 2, 3], or "default", its declared bounds (of a
        group, as ``parameters.feel``, all of them).
    design : latin, sobol, morris, grid or zip.
    points : how many; or the points themselves, as a file (.csv, .json) or as mappings of key to
        value, and then ``vary`` and ``design`` are left out.
    replicates : towns and lucks, the same ones at every point.
    town, years, overrides, store, workers : as for `compare`.

    Returns
    -------
    Swept
        ``.values`` is (arms, points, replicates, numbers), ``.csv()`` a tidy table, ``.text()`` a
        readable one; `omemsim.study.drivers` tells what drives an outcome.

    Raises
    ------
    InputError
        If a name, key or value is wrong; the message says what is allowed.
    """
    _check(
        *(problem for strategy in strategies for problem in _names(strategy=strategy)),
        *([] if town is None else _names(town=town)),
        *_whole(1, MOST_REPLICATES, replicates=replicates),
        *([] if workers is None else _whole(1, MOST_WORKERS, workers=workers)),
        *_overrides(overrides, years="years", town="town", strategy="*strategies"),
        *([] if strategies else ["Name a strategy or more, as om.sweep('omem', vary={...})."]),
    )
    from omemsim.study.engine import Engine
    from omemsim.study.sweep_named import sweep_named

    return sweep_named(
        [os.fspath(strategy) for strategy in strategies],
        vary=vary,
        kind=design,
        points=points,
        replicates=replicates,
        town=None if town is None else os.fspath(town),
        overrides=[f"years={years}", *overrides],
        store=store,
        engine=Engine(workers=workers),
    )


def _check(*problems: str) -> None:
    """Raise all problems at once, if there are any."""
    from omemsim.vocabulary.errors import InputError

    if problems:
        raise InputError(*problems)


def _names(**chosen: Any) -> list[str]:
    """Return what is wrong with names of towns and strategies, or paths of their files."""
    problems = []
    for key, word in chosen.items():
        if isinstance(word, list | tuple):
            shown = ", ".join(map(repr, word))
            problems.append(f"{key} = {word!r}: name them one by one, not in a list, as ({shown}).")
        elif not isinstance(word, str | os.PathLike):
            problems.append(
                f"{key} = {word!r}: must be a name in quotes, or the path of a YAML file."
            )
    return problems


def _whole(low: int, high: int, **values: Any) -> list[str]:
    """Return what is wrong with whole numbers."""
    problems = []
    for key, value in values.items():
        try:
            is_within = not isinstance(value, bool) and low <= operator.index(value) <= high
        except TypeError:
            is_within = False
        if not is_within:
            problems.append(f"{key} = {value!r}: must be a whole number from {low:,} to {high:,}.")
    return problems


def _overrides(overrides: Any, **arguments: str) -> list[str]:
    """Return what is wrong with key=value words; ``arguments`` are keys with one of their own."""
    example = "overrides=['town.scale=20', 'seed=3']"
    if not isinstance(overrides, list | tuple) or not all(isinstance(w, str) for w in overrides):
        return [f"overrides = {overrides!r}: must be a list of key=value words, as {example}."]
    keys = [word.partition("=")[0] for word in overrides]
    own = [
        f"{key}= is in overrides, and the argument {arguments[key]} says it too: set it there."
        for key in dict.fromkeys(keys)
        if key in arguments
    ]
    twice = [f"{key}= is given twice in overrides." for key in set(keys) if keys.count(key) > 1]
    return own + sorted(twice)


def _checked(run: Callable[..., Series]) -> Callable[..., Series]:
    """Return the function with its arguments checked: what a person may get wrong."""

    @functools.wraps(run)
    def checked(*positional: Any, **arguments: Any) -> Series:
        named = {key: arguments.get(key) for key in ("town", "strategy")}
        given = {key: word for key, word in named.items() if word is not None}
        _check(
            *_names(**given),
            *_whole(0, MOST_REPLICATES, replicate=arguments.get("replicate", 0)),
            *_overrides(
                arguments.get("overrides", ()), years="years", town="town", strategy="strategy"
            ),
        )
        return run(*positional, **arguments | {key: os.fspath(word) for key, word in given.items()})

    return checked


class _Face(ModuleType):
    """The package as people use it: ``run``, ``Series`` and ``Comparison`` on first use.

    ``run`` is a property because the import system, when it loads the submodule of that
    name, would put the module in the function's place.
    """

    @property
    def run(self) -> Any:
        from omemsim.run import run

        return _checked(run)

    @run.setter
    def run(self, module: ModuleType) -> None:
        """Leave the function where it is."""

    @property
    def Series(self) -> Any:
        from omemsim.series import Series

        return Series

    @property
    def Comparison(self) -> Any:
        from omemsim.study.compare import Comparison

        return Comparison


sys.modules[__name__].__class__ = _Face
