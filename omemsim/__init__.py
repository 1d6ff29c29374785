"""omemsim: how a town's neighbourhoods move across the four OMEM zones, week by week.

>>> import omemsim as om
>>> series = om.run(town="small", strategy="omem", years=5, replicate=0)
>>> series.plot().savefig("run.png")
>>> print(om.compare("omem", town="small", replicates=5).text())  # with present practice

docs/python.md shows each function. Nothing heavy is imported until it is used, so that
``omemsim --help`` answers at once.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeAlias

if TYPE_CHECKING:
    import pandas as pd

    from omemsim.analysis.calibration.named import Calibration
    from omemsim.analysis.diagnose import Diagnosis
    from omemsim.analysis.named import Trial, Validation
    from omemsim.analysis.ranking_named import Sensitivity
    from omemsim.inputs.config import Choice
    from omemsim.inputs.given import Asked, Scenario
    from omemsim.inputs.own_tactics import tactic
    from omemsim.measures import measure
    from omemsim.own import keyed
    from omemsim.series import Series
    from omemsim.study.asked import Asked as Repeated
    from omemsim.study.comparison import Comparison
    from omemsim.study.engine import Engine
    from omemsim.study.precision import Until
    from omemsim.study.progress import Progress
    from omemsim.study.sweep_results import Swept
    from omemsim.vocabulary.errors import InputError, OmemError

    # A name, a YAML file, or a mapping that holds what such a file does.
    Named = str | os.PathLike[str] | Mapping[str, Any] | None
    Arm: TypeAlias = str | os.PathLike[str] | Mapping[str, Any] | Scenario
    # A mapping of keys to values, or a setting, by its name or YAML file.
    Parameters = Mapping[str, Any] | pd.Series[Any] | str | os.PathLike[str] | None
    # A file of them, or a row each with a column per key.
    Sets = str | os.PathLike[str] | pd.DataFrame | Sequence[Mapping[str, Any]] | None
    # Words as on the command line, or a mapping of keys to values.
    Overrides = Sequence[str] | Mapping[str, Any]

    __version__: str

__all__ = [
    "Calibration",
    "Comparison",
    "Diagnosis",
    "InputError",
    "OmemError",
    "Scenario",
    "Sensitivity",
    "Series",
    "Swept",
    "Trial",
    "Validation",
    "__version__",
    "calibrate",
    "compare",
    "diagnose",
    "keyed",
    "measure",
    "run",
    "sensitivity",
    "sweep",
    "tactic",
    "trial",
    "validate",
]

MOST_REPLICATES = 1_000_000
MOST_WORKERS = 1024
USUAL_REPLICATES = 10  # of a comparison
# Where the classes are that studies take, return and raise, and what code of one's own is written
# with: imported on first use.
ELSEWHERE = {
    "Calibration": "omemsim.analysis.calibration.named",
    "Comparison": "omemsim.study.comparison",
    "Diagnosis": "omemsim.analysis.diagnose",
    "InputError": "omemsim.vocabulary.errors",
    "OmemError": "omemsim.vocabulary.errors",
    "Scenario": "omemsim.inputs.given",
    "Sensitivity": "omemsim.analysis.ranking_named",
    "Series": "omemsim.series",
    "Swept": "omemsim.study.sweep_results",
    "Trial": "omemsim.analysis.named",
    "Validation": "omemsim.analysis.named",
    "keyed": "omemsim.own",
    "measure": "omemsim.measures",
    "tactic": "omemsim.inputs.own_tactics",
}


def run(
    scenario: Scenario | None = None,
    *,
    town: Named = None,
    strategy: Named = None,
    years: float | None = None,
    replicate: int = 0,
    parameters: Parameters = None,
    record: Mapping[str, Any] | None = None,
    overrides: Overrides = (),
    measures: Sequence[Any] = (),
    interventions: Sequence[Any] = (),
    tactics: Sequence[Any] = (),
) -> Series:
    """Run a town under a strategy.

    Parameters
    ----------
    scenario : an `om.Scenario`; what is said beside it wins over it.
    town, strategy : a name (``omemsim describe towns``, ``... strategies``), a YAML file, or a
        mapping that holds what such a file does; None is the setting's, and ``small`` and
        ``present_practice`` where there is none.
    years : time simulated after the spin-up; None is the setting's, and 5 where there is none.
    replicate : which simulated town and random numbers; the same number gives the same ones under
        every strategy.
    parameters : changed ones, as ``{"offend.violence": 60}``, a mapping or a pandas Series; or a
        setting, by its name or YAML file.
    record : what is recorded, as ``{"every": 4, "measures": ["trust"]}``.
    overrides : any other keys: a mapping, or ``key=value`` words as on the command line.
    measures : of one's own, recorded beside the model's: functions that `measure` declares, or text
        ``module:function``, or names that other packages offer.
    interventions : of one's own: functions, or text ``module:function``, that are given the town
        before every week; or ``{"do": function, "from": 26, "to": 52, "every": 4}``.
    tactics : of one's own, which the strategy's mix may name: what `tactic` returns, or mappings of
        its arguments. Those that other packages offer need not be given.

    Raises
    ------
    InputError
        If a name, key or value is wrong; the message says what is allowed.
    """
    from omemsim.inputs import arguments
    from omemsim.inputs.config import compose_scenario
    from omemsim.inputs.given import asked
    from omemsim.run import run_scenario

    said = asked(
        scenario,
        town=town,
        strategy=strategy,
        years=years,
        parameters=parameters,
        record=record,
        overrides=overrides,
        more=arguments.whole(0, MOST_REPLICATES, replicate=replicate),
    ).with_code(measures, ["all"], interventions, tactics)
    return run_scenario(compose_scenario(said.town, said.strategy, said.words), int(replicate))


def compare(
    *strategies: Arm,
    scenario: Scenario | None = None,
    town: Named = None,
    years: float | None = None,
    parameters: Parameters = None,
    record: Mapping[str, Any] | None = None,
    overrides: Overrides = (),
    measures: Sequence[Any] = (),
    interventions: Sequence[Any] = (),
    tactics: Sequence[Any] = (),
    replicates: int | None = None,
    precision: float | None = None,
    precise: str | Sequence[str] | None = None,
    budget: str | float | None = None,
    baseline: str | None = None,
    uncertainty: Sets = "no",
    out: str | Path | None = None,
    store: str | Path | None = None,
    workers: int | None = None,
    progress: Progress = True,
) -> Comparison:
    """Run strategies on the same towns with common random numbers and compare them in pairs.

    Parameters
    ----------
    *strategies : names, YAML files, mappings as such a file holds, or `om.Scenario` that differ in
        their strategy alone; one alone is compared with ``present_practice``.
    replicates : simulated towns that each strategy runs in; None is 10. With ``precision`` or
        ``budget``, at most as many.
    precision : half the 95% interval that is wanted, as a share of the baseline's mean; replicates
        are added until all differences are known as precisely.
    precise : measures whose differences have to be; None is victimization.
    budget : time after which none are added, as "30min", or in seconds.
    baseline : the name of the one that others are subtracted from; the first if None.
    uncertainty : parameter sets to show a range over: "shipped" (towns small, city and toronto), a
        file, a DataFrame, mappings, or "no"; None takes the shipped ones where they suit.
    out : folder of ``comparison.csv`` and provenance; the store if None.
    store : folder where runs are kept and found again; None is the command line's,
        `omemsim-results/store` in the current folder.
    workers : processes; all cores if None.
    progress : whether a bar on standard error shows how far it is, or a function that is given the
        runs done, all runs, and those that failed.
    the rest : as for `omemsim.run`, of all strategies.

    Raises
    ------
    InputError
        If a name, key or value is wrong; the message says what is allowed.
    """
    more = [*_whole(1, replicates=replicates), *_told(progress), *_name(baseline=baseline)]
    said = {"years": years, "parameters": parameters, "record": record, "overrides": overrides}
    arms, asked = _arms(strategies, scenario, more, town=town, **said)
    engine = _engine(workers)
    until = _until(precision, precise, replicates, budget, engine)
    asked = asked.with_code(measures, ["all"], interventions, tactics)
    places = {"out": out, "store": store, "engine": engine, "progress": progress}
    number = int(replicates or USUAL_REPLICATES)
    return _compare(arms, asked, number, until, places, baseline=baseline, uncertainty=uncertainty)


def _compare(
    arms: Sequence[Choice],
    asked: Asked,
    replicates: int,
    until: Until | None,
    places: Mapping[str, Any],
    *,
    baseline: Any,
    uncertainty: Any,
) -> Comparison:
    """Compare strategies, and keep the command that does it again."""
    from omemsim.inputs.arguments import as_text
    from omemsim.inputs.config import with_baseline
    from omemsim.study.compare import compare_named

    named = with_baseline(arms)
    is_text = isinstance(uncertainty, str | os.PathLike)
    words: dict[str, Any] = {
        "town": asked.town,
        "overrides": asked.words,
        "replicates": replicates,
        "until": until,
        "baseline": as_text(baseline),
        "uncertainty": as_text(uncertainty) if is_text else uncertainty,
    }
    return compare_named(named, **words, **places, asked=_again(named, words))


def _again(named: Sequence[Choice], words: Mapping[str, Any]) -> Repeated:
    """Return the command that makes a comparison again, if words can say it."""
    from omemsim.cli.again import compose_comparison
    from omemsim.study.asked import FROM_PYTHON

    each = [*named, *(words[key] for key in ("town", "uncertainty") if words[key] is not None)]
    texts = [one for one in named if isinstance(one, str)]
    if len(texts) < len(named) or not all(isinstance(one, str) for one in each):
        return FROM_PYTHON
    return compose_comparison(texts, **words)


def sweep(
    *strategies: Arm,
    vary: Mapping[str, Any] | None = None,
    design: str = "latin",
    points: SupportsIndex | Sets = None,
    replicates: int | None = None,
    scenario: Scenario | None = None,
    town: Named = None,
    years: float | None = None,
    parameters: Parameters = None,
    record: Mapping[str, Any] | None = None,
    overrides: Overrides = (),
    measures: Sequence[Any] = (),
    interventions: Sequence[Any] = (),
    tactics: Sequence[Any] = (),
    budget: str | float | None = None,
    store: str | Path | None = None,
    workers: int | None = None,
    progress: Progress = True,
) -> Swept:
    """Vary levers and parameters by a design and return what came out, as `omemsim sweep`.

    Parameters
    ----------
    *strategies : as for `compare`, one or more; each is run at every point.
    vary : by key, a range as (2, 20), values as [1, 2, 3] (or an array, a pandas Series, a range),
        or "default", its declared bounds (of a group, as ``parameters.feel``, all of them). With
        the key ``strategy`` here or in the points, no strategy is named.
    design : latin, sobol, morris, grid or zip.
    points : how many; or themselves, without ``vary`` and ``design``: a file (.csv, .json),
        mappings of key to value, or a DataFrame with a column per key.
    replicates : simulated towns, the same at every point; None is 1.
    budget : time, as "30min" or in seconds, that chooses how many points, or else replicates.
    measures : recorded beside what a sweep records: names, or one's own as for `run`.
    store, workers, progress : as for `compare`.
    the rest : as for `omemsim.run`, of all strategies.

    Returns
    -------
    Swept
        ``.table()`` is tidy, ``.values`` (arms, points, replicates, numbers), ``.text()`` readable.

    Raises
    ------
    InputError
        If a name, key or value is wrong; the message says what is allowed.
    """
    from omemsim.study.sweep import RECORDED
    from omemsim.study.sweep_by_name import sweep_by_name

    more = [*_whole(1, replicates=replicates), *_told(progress)]
    said = {"years": years, "parameters": parameters, "record": record, "overrides": overrides}
    arms, asked = _arms(strategies, scenario, more, town=town, **said)
    asked = asked.with_code(measures, RECORDED, interventions, tactics)
    number = None if replicates is None else int(replicates)
    places: dict[str, Any] = {"store": store, "engine": _engine(workers), "progress": progress}
    sizes: dict[str, Any] = {"points": points, "replicates": number, "seconds": _seconds(budget)}
    chosen: dict[str, Any] = {"town": asked.town, "overrides": asked.words}
    return sweep_by_name(arms, vary=vary, kind=design, **sizes, **chosen, **places)


def calibrate(
    *,
    vary: Mapping[str, Any] | None = None,
    targets: str | Sequence[str] = (),
    discrepancy: float | None = None,
    budget: str | float | None = None,
    store: str | Path | None = None,
    workers: int | None = None,
    progress: Progress = True,
    scenario: Scenario | None = None,
    town: Named = None,
    strategy: Named = None,
    parameters: Parameters = None,
    overrides: Overrides = (),
    **sizes: int,
) -> Calibration:
    """Find the parameter sets that agree with the evidence, as `omemsim calibrate`.

    Parameters
    ----------
    vary : by parameter, as ``offend.violence``, what it varies over, as for `sweep`; None is the
        usual eight.
    targets : rows of `validate` to fit, as "P5b"; empty for all that may be fitted.
    discrepancy : how far a correct model may be from what was observed, as a share of it; None is
        0.05.
    budget : time, as "2h" or in seconds; no wave is begun that would end after it.
    store, workers, progress : as for `compare`.
    scenario, parameters, overrides : as for `run`.
    town, strategy : as for `run`; ``city``, ``present_practice`` where nobody and no setting says.
    **sizes : what is not as usual: ``waves``, ``points``, ``replicates``, ``sets``, ``fresh`` and
        ``misses``, as in `omemsim.analysis.calibration.Sizes`.

    Returns
    -------
    Calibration
        ``.sets`` are the plausible sets, as ``uncertainty=`` takes them, ``.best`` the best one, as
        ``parameters=`` does; ``.table()`` has all that were run, ``.text()`` is readable.

    Raises
    ------
    InputError
        If a name, key or value is wrong; the message says what is allowed.
    """
    from omemsim.analysis.calibration.named import calibrate_named

    said = {"town": town, "strategy": strategy, "parameters": parameters, "overrides": overrides}
    asked = _of_evidence(scenario, _told(progress), said)

    return calibrate_named(
        vary,
        targets=targets,
        discrepancy=discrepancy,
        sizes=sizes,
        seconds=_seconds(budget),
        town=asked.town,
        strategy=asked.strategy,
        overrides=asked.words,
        store=store,
        engine=_engine(workers),
        progress=progress,
    )


def sensitivity(
    *strategies: Arm,
    vary: Mapping[str, Any] | None = None,
    outcome: str = "victimization",
    budget: str | float | None = None,
    store: str | Path | None = None,
    workers: int | None = None,
    progress: Progress = True,
    scenario: Scenario | None = None,
    town: Named = None,
    years: float | None = None,
    parameters: Parameters = None,
    overrides: Overrides = (),
    **sizes: int,
) -> Sensitivity:
    """Find which parameters decide how strategies compare, as `omemsim sensitivity`.

    Parameters
    ----------
    *strategies : as for `compare`, two or more; the first is the baseline.
    vary : what varies, as for `sweep`; None is every uncertain parameter, from half to one and a
        half times its value.
    outcome : the outcome by which strategies are ranked.
    budget : time, as "1h" or in seconds, that chooses trajectories, points and worlds.
    store, workers, progress : as for `compare`.
    scenario, town, parameters, overrides : as for `run`.
    years : time simulated after the spin-up; None is the scenario's, and 2 where there is none.
    **sizes : what is not as usual: ``trajectories``, ``survivors``, ``points``, ``worlds`` and
        ``replicates``, as in `omemsim.analysis.ranking.Sizes`.

    Returns
    -------
    Sensitivity
        ``.survivors`` are the parameters that decide, ``.best`` says how often each strategy is the
        best; ``.table()`` is a pandas table, ``.text()`` a readable one.

    Raises
    ------
    InputError
        If a name, key or value is wrong; the message says what is allowed.
    """
    from omemsim.analysis.ranking_named import rank_named

    said = {"town": town, "years": years, "parameters": parameters, "overrides": overrides}
    arms, asked = _arms(strategies, scenario, _told(progress), **said)

    return rank_named(
        arms,
        vary=vary,
        outcome=outcome,
        sizes=sizes,
        seconds=_seconds(budget),
        town=asked.town,
        overrides=asked.words,
        store=store,
        engine=_engine(workers),
        progress=progress,
    )


def validate(
    *patterns: str,
    town: Named = None,
    strategy: Named = None,
    replicates: int = 4,
    zero: bool = True,
    scenario: Scenario | None = None,
    parameters: Parameters = None,
    overrides: Overrides = (),
    store: str | Path | None = None,
    workers: int | None = None,
    progress: Progress = True,
) -> Validation:
    """Hold the model against what is known of real towns, as `omemsim validate`.

    Parameters
    ----------
    *patterns : their names, as "P5b"; all if none is named.
    town, strategy : as for `run`; ``city``, ``present_practice`` where nobody and no setting says.
    replicates : simulated towns, each with random numbers of its own, at least 2.
    zero : whether the same is also computed with all mechanisms off.
    scenario, parameters, overrides : as for `run`.
    store, workers, progress : as for `compare`.

    Returns
    -------
    Validation
        ``.table()`` is a pandas table with a row per pattern, ``.text()`` a readable one.

    Raises
    ------
    InputError
        If a name, key or value is wrong; the message says what is allowed.
    """
    from omemsim.analysis.evidence import ValidationPlan
    from omemsim.analysis.named import validate_named

    more = [*_whole(2, replicates=replicates), *_told(progress)]
    said = {"town": town, "strategy": strategy, "parameters": parameters, "overrides": overrides}
    asked = _of_evidence(scenario, more, said)
    plan = ValidationPlan(asked.town, asked.strategy, asked.words, int(replicates), bool(zero))
    return validate_named(patterns, plan, store=store, engine=_engine(workers), progress=progress)


def trial(
    *,
    town: Named = None,
    strategy: Named = None,
    replicates: int = 10,
    scenario: Scenario | None = None,
    parameters: Parameters = None,
    overrides: Overrides = (),
    store: str | Path | None = None,
    workers: int | None = None,
    progress: Progress = True,
    **design: Any,
) -> Trial:
    """Run a randomised trial of one's own in many towns, as `omemsim trial`.

    Parameters
    ----------
    town : as for `run`; ``city`` where nobody and no setting says.
    strategy : as for `run`; ``reactive`` where nobody says, so that nothing is done beside what is
        tried.
    replicates : simulated towns, each with random numbers of its own, at least 2.
    scenario, parameters, overrides : as for `run`.
    store, workers, progress : as for `compare`.
    **design : what is not as usual: ``what`` (a tactic or project), ``dose``, ``units``, ``share``,
        ``assign``, ``baseline``, ``weeks``, ``follow`` (weeks), ``outcome``, ``hours``; for
        ``units="places"`` also ``places`` (``"worst:20"``, or a list of ids as ``["3/12"]``),
        ``window`` (weeks) and ``radius`` (metres); for ``units="groups"`` ``group``; as in
        `omemsim.analysis.evidence.trial_design.TrialDesign`.

    Returns
    -------
    Trial
        ``.table()`` has a row per window, ``.towns()`` one per window and town, ``.weeks()`` one
        per zone and week, ``.displacement()`` one per window; ``.text()``.

    Raises
    ------
    InputError
        If a name, key or value is wrong; the message says what is allowed.
    """
    from omemsim.analysis.named import trial_named
    from omemsim.inputs.config import CALLS_ONLY

    more = [*_whole(2, replicates=replicates), *_told(progress)]
    said = {"town": town, "strategy": strategy, "parameters": parameters, "overrides": overrides}
    asked = _of_evidence(scenario, more, said, usual=CALLS_ONLY)
    return trial_named(
        design,
        town=asked.town,
        strategy=asked.strategy or CALLS_ONLY,
        overrides=list(asked.words),
        replicates=int(replicates),
        store=store,
        engine=_engine(workers),
        progress=progress,
    )


def diagnose(
    table: str | os.PathLike[str] | pd.DataFrame | None = None,
    *,
    town: Named = None,
    parameters: Parameters = None,
    overrides: Overrides = (),
    severity: Mapping[str, float] | None = None,
    fit: bool = False,
    progress: bool = True,
) -> Diagnosis:
    """Read the zone of each neighbourhood off a table, as `omemsim diagnose`.

    Parameters
    ----------
    table : a CSV file, a DataFrame, or one of GeoPandas; None is the town's own.
    town : a name, YAML file or mapping of a town that is read from a table.
    parameters : of the lines between zones, as ``{"zones.recorded_high": 2.5}``.
    overrides : ``town.*`` keys, as which column is which: ``{"town.columns.violence": "assault"}``
        or ``["town.columns.violence=assault"]``.
    severity : weights of the second label, by severity, that differ from the usual ones, as
        ``{"violence": 120, "property": 50}``; also ``visitors`` and ``small``
        (`omemsim.analysis.severity.Severity`). The usual weights are from memory, not verified.
    fit : whether to run the table's town a few times, to see how the model fits the table.
    progress : whether to show how far those runs are.

    Returns
    -------
    Diagnosis
        ``.rows`` has one of each neighbourhood; ``.text()`` is readable, ``.table()`` tidy;
        ``.fit`` is how the model fits, if that was asked for.

    Raises
    ------
    InputError
        If the table cannot be read; the message says where and why.
    """
    from omemsim.analysis.diagnose import idle_keys
    from omemsim.analysis.named import diagnose_named
    from omemsim.inputs.arguments import check
    from omemsim.inputs.given import asked

    nothing = ["Name a table or a town, as om.diagnose('neighbourhoods.csv')."]
    missing = nothing if table is None and town is None else []
    words = {"parameters": parameters, "overrides": overrides}
    said = asked(None, town=town, **words, more=missing, has_years=False)
    check(idle_keys(word.partition("=")[0] for word in said.words))
    return diagnose_named(table, said.town, list(said.words), severity, fit=fit, progress=progress)


def _arms(
    strategies: Sequence[Any], scenario: Scenario | None, more: Sequence[str], **said: Any
) -> tuple[list[Choice], Asked]:
    """Return the strategies of a study, and what is asked for all of them."""
    from omemsim.inputs.given import arms_asked, asked

    return arms_asked(strategies, lambda wrong: asked(scenario, **said, more=[*more, *wrong]))


def _of_evidence(
    scenario: Scenario | None,
    more: Sequence[str],
    said: Mapping[str, Any],
    usual: str | None = None,
) -> Asked:
    """Return what is asked of a study of the evidence; what nobody says is usual for those."""
    from omemsim.inputs.config import BASELINE, OF_EVIDENCE
    from omemsim.inputs.given import asked

    given = asked(scenario, **said, more=more, has_years=False)
    return given.usual(town=OF_EVIDENCE, strategy=usual or BASELINE)


def _whole(low: int, *, replicates: int | None) -> list[str]:
    """Return what is wrong with a number of replicates."""
    from omemsim.inputs import arguments

    is_given = replicates is not None or low > 1
    return arguments.whole(low, MOST_REPLICATES, replicates=replicates) if is_given else []


def _told(progress: object) -> list[str]:
    """Return what is wrong with what is to be told of progress."""
    from omemsim.inputs import arguments

    return arguments.progress_problems(progress)


def _name(**chosen: object) -> list[str]:
    """Return what is wrong with a name that need not be given."""
    return [
        f"{key} = {word!r}: must be the name of one of the strategies, or its YAML file."
        for key, word in chosen.items()
        if not (word is None or isinstance(word, str | os.PathLike))
    ]


def _seconds(budget: str | float | None) -> float | None:
    """Return a time in seconds."""
    from omemsim.inputs import arguments

    return None if budget is None else arguments.seconds_of(budget)


def _until(
    precision: float | None,
    precise: str | Sequence[str] | None,
    replicates: int | None,
    budget: str | float | None,
    engine: Engine,
) -> Until | None:
    """Return when to stop adding replicates; None if a number of them is all that is said."""
    from omemsim.inputs import arguments
    from omemsim.study.precision import Until, until_asked

    lonely = "precise does nothing without precision: add it, as precision=0.02."
    is_lonely = precise is not None and precision is None
    arguments.check(arguments.finite(precision=precision), [lonely] if is_lonely else [])
    if precision is None and budget is None:
        return None
    measures = [precise] if isinstance(precise, str) else precise or Until.measures
    return until_asked(
        None if precision is None else float(precision),
        measures,
        None if replicates is None else int(replicates),
        seconds=_seconds(budget),
        processes=engine.processes,
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
