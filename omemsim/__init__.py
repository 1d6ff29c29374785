"""omemsim: how a town's neighbourhoods move across the four OMEM zones, week by week.

>>> import omemsim as om
>>> series = om.run(town="small", strategy="omem", years=5, replicate=0)
>>> series.plot().savefig("run.png")
>>> print(om.compare("omem", town="small", replicates=5).text())  # with present practice

Nothing heavy is imported until it is used, so that ``omemsim --help`` answers at once.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omemsim.analysis.diagnose import Diagnosis
    from omemsim.analysis.named import Trial, Validation
    from omemsim.measures import measure
    from omemsim.own import keyed
    from omemsim.series import Series
    from omemsim.study.comparison import Comparison
    from omemsim.study.engine import Engine
    from omemsim.study.sweep_results import Swept

    __version__: str

__all__ = [
    "Comparison",
    "Diagnosis",
    "Series",
    "Swept",
    "Trial",
    "Validation",
    "__version__",
    "compare",
    "diagnose",
    "keyed",
    "measure",
    "run",
    "sweep",
    "trial",
    "validate",
]

MOST_REPLICATES = 1_000_000
MOST_WORKERS = 1024
# Where the classes are that studies return, and what code of one's own is written with: imported
# on first use.
ELSEWHERE = {
    "Series": "omemsim.series",
    "Comparison": "omemsim.study.comparison",
    "Diagnosis": "omemsim.analysis.diagnose",
    "Trial": "omemsim.analysis.named",
    "Validation": "omemsim.analysis.named",
    "Swept": "omemsim.study.sweep_results",
    "keyed": "omemsim.own",
    "measure": "omemsim.measures",
}


def run(
    *,
    town: str | None = None,
    strategy: str | None = None,
    years: float = 5,
    replicate: int = 0,
    overrides: Sequence[str] = (),
    measures: Sequence[Any] = (),
    interventions: Sequence[Any] = (),
) -> Series:
    """Run a town under a strategy.

    Parameters
    ----------
    town, strategy : a name (``omemsim describe towns``, ``... strategies``) or a YAML file; None is
        the setting's, and ``small`` and ``present_practice`` where there is none.
    years : time simulated after the spin-up.
    replicate : which simulated town and random numbers; the same number gives the same ones under
        every strategy.
    overrides : ``key=value`` words, as on the command line.
    measures : of one's own, recorded beside the model's: functions that `measure` declares, or text
        ``module:function``, or names that other packages offer.
    interventions : of one's own: functions, or text ``module:function``, that are given the town
        before every week; or ``{"do": function, "from": 26, "to": 52, "every": 4}``.

    Raises
    ------
    InputError
        If a name, key or value is wrong; the message says what is allowed.
    """
    from omemsim.inputs.arguments import (
        as_text,
        check,
        finite,
        names,
        overrides_problems,
        whole,
    )

    own = {"years": "years", "town": "town", "strategy": "strategy"}
    check(
        names(town=town, strategy=strategy),
        finite(years=years),
        whole(0, MOST_REPLICATES, replicate=replicate),
        overrides_problems(overrides, **own),
    )
    from omemsim.inputs.config import compose_scenario
    from omemsim.run import run_scenario

    own_code = _own_words(measures, ["all"], interventions, overrides)
    words = [f"years={years}", *overrides, *own_code]
    return run_scenario(compose_scenario(as_text(town), as_text(strategy), words), int(replicate))


def compare(
    *strategies: str,
    town: str | None = None,
    replicates: int = 10,
    years: float = 5,
    overrides: Sequence[str] = (),
    measures: Sequence[Any] = (),
    interventions: Sequence[Any] = (),
    baseline: str | None = None,
    out: str | Path | None = None,
    store: str | Path | None = None,
    workers: int | None = None,
    uncertainty: str | Path | None = "no",
) -> Comparison:
    """Run strategies on the same towns with common random numbers and compare them in pairs.

    Parameters
    ----------
    *strategies : names from ``omemsim describe strategies`` or paths of YAML files; one alone is
        compared with ``present_practice``.
    town : a name from ``omemsim describe towns`` or the path of a YAML file; None is the
        setting's, and ``small`` where there is none.
    replicates : simulated towns that each strategy runs in, each with its own random numbers.
    years : time simulated after the spin-up.
    overrides : ``key=value`` words for all strategies, as on the command line.
    measures, interventions : of one's own, as for `run`, of all strategies; what one does alone
        stands in its YAML file, under ``own_interventions``.
    baseline : the strategy others are subtracted from; the first if None, which is
        ``present_practice`` where one strategy is named.
    out : folder of ``comparison.csv`` and provenance; the store if None.
    store : folder where runs are kept and found again by the next call; None is that of the
        command line, `omemsim-results/store` in the current folder.
    workers : processes; all cores if None.
    uncertainty : parameter sets to show a range over: "shipped" (towns small, city and
        toronto), a file, or "no"; None takes the shipped ones where they suit, as the command
        line does.

    Returns
    -------
    Comparison
        ``.table()`` is a pandas table, ``.text()`` a readable one.

    Raises
    ------
    InputError
        If a name, key or value is wrong; the message says what is allowed.
    """
    _check_study(
        strategies, overrides, town=town, baseline=baseline, replicates=replicates, years=years
    )
    from omemsim.inputs.arguments import as_text

    own = _own_words(measures, ["all"], interventions, overrides)
    words = {
        "town": as_text(town),
        "overrides": [f"years={years}", *overrides, *own],
        "replicates": int(replicates),
        "baseline": as_text(baseline),
        "uncertainty": as_text(uncertainty),
    }
    return _compare(strategies, words, _engine(workers), out=out, store=store)


def _compare(
    strategies: Sequence[str], words: Mapping[str, Any], engine: Engine, **places: Any
) -> Comparison:
    """Compare strategies by what the words say, and keep the command that does it again."""
    from omemsim.cli.again import compose_comparison
    from omemsim.inputs.config import with_baseline
    from omemsim.study.compare import compare_named

    named = with_baseline([os.fspath(strategy) for strategy in strategies])
    asked = compose_comparison(named, **words)
    return compare_named(named, **words, **places, engine=engine, asked=asked)


def sweep(
    *strategies: str,
    vary: Mapping[str, Any] | None = None,
    design: str = "latin",
    points: Any = None,
    replicates: int = 1,
    town: str | None = None,
    years: float | None = None,
    overrides: Sequence[str] = (),
    measures: Sequence[Any] = (),
    interventions: Sequence[Any] = (),
    store: str | Path | None = None,
    workers: int | None = None,
) -> Swept:
    """Vary levers and parameters by a design and return what came out, as `omemsim sweep`.

    Parameters
    ----------
    *strategies : names or YAML files; each is run at every point.
    vary : by key, a range as (2, 20), values as [1, 2, 3] (or an array, a pandas Series, a range),
        or "default", its declared bounds (of a group, as ``parameters.feel``, all of them). Where
        the key ``strategy`` is among them, or in the points, no strategy is named.
    design : latin, sobol, morris, grid or zip.
    points : how many; or the points themselves, without ``vary`` and ``design``: a file (.csv,
        .json), mappings of key to value, or a DataFrame with a column per key.
    replicates : simulated towns, each with its own random numbers; the same at every point.
    years : time simulated after the spin-up; None is the setting's, and 5 where there is none.
    town, overrides, store, workers : as for `compare`.
    measures : recorded beside what a sweep records: names, or one's own as for `run`.
    interventions : of one's own, as for `run`, of all strategies.

    Returns
    -------
    Swept
        ``.values`` is (arms, points, replicates, numbers), ``.csv()`` a tidy table, ``.text()`` a
        readable one; `omemsim.study.factor_importance` tells what drives an outcome.

    Raises
    ------
    InputError
        If a name, key or value is wrong; the message says what is allowed.
    """
    _check_study(strategies, overrides, town=town, replicates=replicates, years=years)
    from omemsim.inputs.arguments import as_text
    from omemsim.study.sweep import RECORDED
    from omemsim.study.sweep_by_name import sweep_by_name

    words = [*([] if years is None else [f"years={years}"]), *overrides]
    words += _own_words(measures, RECORDED, interventions, overrides)

    return sweep_by_name(
        [os.fspath(strategy) for strategy in strategies],
        vary=vary,
        kind=design,
        points=points,
        replicates=int(replicates),
        town=as_text(town),
        overrides=words,
        store=store,
        engine=_engine(workers),
    )


def validate(
    *patterns: str,
    town: str | None = None,
    strategy: str | None = None,
    replicates: int = 4,
    zero: bool = True,
    overrides: Sequence[str] = (),
    store: str | Path | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> Validation:
    """Hold the model against what is known of real towns, as `omemsim validate`.

    Parameters
    ----------
    *patterns : their names, as "P5b"; all if none is named.
    town, strategy : names or YAML files; None is the setting's, and ``city`` and ``reactive`` where
        there is none.
    replicates : towns and lucks, at least 2.
    zero : whether the same is also computed with all mechanisms off.
    progress : whether a bar on standard error shows how far it is.
    overrides, store, workers : as for `compare`.

    Returns
    -------
    Validation
        ``.table()`` is a pandas table with a row per pattern, ``.text()`` a readable one.

    Raises
    ------
    InputError
        If a name, key or value is wrong; the message says what is allowed.
    """
    _check_evidence(overrides, replicates, town=town, strategy=strategy)
    from omemsim.analysis.evidence import Plan
    from omemsim.analysis.named import validate_named
    from omemsim.inputs.config import CALLS_ONLY, OF_EVIDENCE

    plan = Plan(
        _usual(town, OF_EVIDENCE, overrides),
        _usual(strategy, CALLS_ONLY, overrides),
        tuple(overrides),
        int(replicates),
        bool(zero),
    )
    return validate_named(patterns, plan, store=store, engine=_engine(workers), progress=progress)


def trial(
    *,
    town: str | None = None,
    strategy: str | None = None,
    replicates: int = 10,
    overrides: Sequence[str] = (),
    store: str | Path | None = None,
    workers: int | None = None,
    progress: bool = True,
    **design: Any,
) -> Trial:
    """Run a randomised trial of one's own in many towns, as `omemsim trial`.

    Parameters
    ----------
    town, strategy : names or YAML files; None is the setting's town, and ``city`` where there is
        none, and ``reactive``.
    replicates : towns and lucks, at least 2.
    progress : whether a bar on standard error shows how far it is.
    overrides, store, workers : as for `compare`.
    **design : what is not as usual: ``what`` (a tactic or project), ``dose``, ``units``, ``share``,
        ``assign``, ``baseline``, ``weeks``, ``follow`` (weeks) and ``outcome``, as in
        `omemsim.analysis.evidence.field.Design`.

    Returns
    -------
    Trial
        ``.table()`` has a row per window, ``.towns()`` one per window and town; ``.text()``.

    Raises
    ------
    InputError
        If a name, key or value is wrong; the message says what is allowed.
    """
    _check_evidence(overrides, replicates, town=town, strategy=strategy)
    from omemsim.analysis.named import trial_named
    from omemsim.inputs.arguments import as_text
    from omemsim.inputs.config import CALLS_ONLY, OF_EVIDENCE

    return trial_named(
        design,
        town=_usual(town, OF_EVIDENCE, overrides),
        strategy=as_text(strategy) or CALLS_ONLY,
        overrides=list(overrides),
        replicates=int(replicates),
        store=store,
        engine=_engine(workers),
        progress=progress,
    )


def diagnose(
    table: str | Path | None = None, *, town: str | None = None, overrides: Sequence[str] = ()
) -> Diagnosis:
    """Read the zone of each neighbourhood off a table, as `omemsim diagnose`; nothing is run.

    Parameters
    ----------
    table : a CSV file; None is the town's own.
    town : a name or YAML file of a town that is read from a table.
    overrides : ``town.*`` words, as which column is which: ``town.columns.violence=assault``.

    Returns
    -------
    Diagnosis
        ``.rows`` has one of each neighbourhood; ``.text()`` is readable, ``.csv()`` tidy.

    Raises
    ------
    InputError
        If the table cannot be read; the message says where and why.
    """
    from omemsim.analysis.named import diagnose_named
    from omemsim.inputs.arguments import as_text, check, names, overrides_problems

    check(names(table=table, town=town), overrides_problems(overrides, town="town"))
    if table is None and town is None:
        check(["Name a table or a town, as om.diagnose('neighbourhoods.csv')."])
    return diagnose_named(as_text(table), as_text(town), list(overrides))


def _check_evidence(overrides: Sequence[str], replicates: int, **names: str | None) -> None:
    """Raise `InputError` with all that is wrong with what studies of the evidence are given."""
    from omemsim.inputs import arguments

    arguments.check(
        arguments.names(**names),
        arguments.whole(2, MOST_REPLICATES, replicates=replicates),
        arguments.overrides_problems(overrides, town="town", strategy="strategy"),
    )


def _usual(name: str | None, usual: str, overrides: Sequence[str]) -> str | None:
    """Return a name, or the usual one where there is neither a name nor a setting."""
    if name is not None or any(word.startswith("setting=") for word in overrides):
        return None if name is None else os.fspath(name)
    return usual


def _own_words(
    measures: Sequence[Any],
    beside: Sequence[str],
    interventions: Sequence[Any],
    overrides: Sequence[str],
) -> list[str]:
    """Return the words for code of the user's own; the parameters are those of `arguments`."""
    from omemsim.inputs.arguments import interventions_word, measures_word

    recorded = measures_word(measures, beside, overrides)
    return [*recorded, *interventions_word(interventions, overrides)]


def _check_study(
    strategies: Sequence[str],
    overrides: Sequence[str],
    *,
    replicates: int,
    years: float | None,
    **names: str | None,
) -> None:
    """Raise `InputError` with all that is wrong with what studies of many runs are given."""
    from omemsim.inputs import arguments

    arguments.check(
        arguments.names(**names),
        *(arguments.named(strategy=strategy) for strategy in strategies),
        arguments.whole(1, MOST_REPLICATES, replicates=replicates),
        arguments.finite(years=years),
        arguments.overrides_problems(overrides, years="years", town="town", strategy="*strategies"),
    )


def _engine(workers: int | None) -> Engine:
    """Return where a study is made: in this many processes of this machine, all cores if None."""
    from omemsim.inputs import arguments
    from omemsim.study.engine import Engine

    if workers is not None:
        arguments.check(arguments.whole(1, MOST_WORKERS, workers=workers))
    return Engine(workers=None if workers is None else int(workers))


def __getattr__(name: str) -> Any:
    """Return the version, or what stands in `ELSEWHERE`; looked up when it is first asked for."""
    if name == "__version__":
        return _version()
    if name not in ELSEWHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(ELSEWHERE[name]), name)


def _version() -> str:
    """Return the installed package's version: pyproject.toml is the only place that states it."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("omemsim")
    except PackageNotFoundError:  # a copy of the sources that nobody installed
        return "0+unknown"


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """The package, where `run` stays the function although a submodule has its name.

    The import system, when it loads ``omemsim/run.py``, would put that module in the function's
    place. As a module of a class of its own the package says itself how it is pickled, which a
    function that uses it needs to reach another process (joblib, Dask): by its name.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name == "run" and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __reduce__(self) -> tuple[Callable[[str], ModuleType], tuple[str]]:
        return importlib.import_module, (self.__name__,)


sys.modules[__name__].__class__ = _Package
